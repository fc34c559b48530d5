// SPDX-License-Identifier: LGPL-3.0-or-later
//
// arena.c: bump allocation in a chain of blocks.
//
// Invariants: the newest block is first; a block's used bytes never exceed its size; every pointer
// handed out is aligned to max_align_t. Large requests get a block of their own, so small ones keep
// theirs.
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) char bytes[];
};

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    size_t limit = arena->size_limit == 0 ? (size_t)LIMIT_ARENA_SIZE : arena->size_limit;
    if (size > limit || arena->size + size > limit)
        return NULL;
    struct arena_block *block = memory_allocate(sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    block->next = arena->first;
    arena->first = block;
    arena->size += size;
    return block;
}

void *arena_allocate(struct arena *arena, size_t size)
{
    assert(arena != NULL);
    const size_t alignment = _Alignof(max_align_t);
    if (size > (size_t)LIMIT_ARENA_SIZE)
        return NULL;
    size = (size + alignment) / alignment * alignment; // Never 0, so that pointers differ.
    struct arena_block *block = arena->first;
    if (block == NULL || block->size - block->used < size)
        block =
            add_block(arena, size > LIMIT_ARENA_BLOCK_SIZE ? size : (size_t)LIMIT_ARENA_BLOCK_SIZE);
    if (block == NULL)
        return NULL;
    void *result = block->bytes + block->used;
    block->used += size;
    assert(block->used <= block->size);
    return result;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int size = vsnprintf(NULL, 0, format, list);
    va_end(list);
    assert(size >= 0);
    char *result = arena_allocate(arena, (size_t)size + 1);
    if (result == NULL)
        return NULL;
    va_start(list, format);
    vsnprintf(result, (size_t)size + 1, format, list);
    va_end(list);
    return result;
}

void arena_reset(struct arena *arena)
{
    assert(arena != NULL);
    while (arena->first != NULL) {
        struct arena_block *block = arena->first;
        arena->first = block->next;
        memory_free(block);
    }
    arena->size = 0;
}

void arena_rewind(struct arena *arena)
{
    assert(arena != NULL);
    struct arena_block *kept = NULL, *next = NULL;
    for (struct arena_block *block = arena->first; block != NULL; block = next) {
        next = block->next;
        if (kept == NULL && block->size == LIMIT_ARENA_BLOCK_SIZE)
            kept = block;
        else
            memory_free(block);
    }
    arena->first = kept;
    arena->size = 0;
    if (kept == NULL)
        return;
    memset(kept->bytes, 0, kept->used);
    kept->used = 0;
    kept->next = NULL;
    arena->size = kept->size;
}
