// SPDX-License-Identifier: GPL-3.0-or-later
//
// names.c: the table behind names.h: FNV-1a, linear probing, half full at most.
#include "cli/names.h"

#include <assert.h>

#include "base/memory.h"

enum { SLOTS_LEAST = 64 };

static size_t hash_of(struct span name, size_t slot_count)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ (unsigned char)name.data[i]) * 1099511628211u;
    return (hash ^ hash >> 32) & (slot_count - 1);
}

// The slot that holds the name, or the free one where it would stand.
static size_t seek(const struct names *names, struct span name)
{
    size_t at = hash_of(name, names->slot_count);
    while (names->slot[at] != 0 && !span_equal(names->name[names->slot[at] - 1], name))
        at = (at + 1) & (names->slot_count - 1);
    return at;
}

bool names_find(const struct names *names, struct span name, uint32_t *ret_index)
{
    size_t at = names->slot_count == 0 ? 0 : seek(names, name);
    if (names->slot_count == 0 || names->slot[at] == 0)
        return false;
    *ret_index = names->slot[at] - 1;
    return true;
}

static bool widen(struct names *names)
{
    size_t count = names->slot_count == 0 ? SLOTS_LEAST : names->slot_count * 2;
    uint32_t *slot = memory_allocate(count * sizeof *slot);
    if (slot == NULL)
        return false;
    memory_free(names->slot);
    names->slot = slot;
    names->slot_count = count;
    for (size_t i = 0; i < names->count; i++)
        slot[seek(names, names->name[i])] = (uint32_t)i + 1;
    return true;
}

bool names_add(struct names *names, struct span name, uint32_t *ret_index, bool *ret_is_new)
{
    assert(names->count < UINT32_MAX);
    *ret_is_new = !names_find(names, name, ret_index);
    if (!*ret_is_new)
        return true;
    if (names->count * 2 >= names->slot_count && !widen(names))
        return false;
    if (!memory_grow((void **)&names->name, names->count, &names->capacity, sizeof *names->name))
        return false;
    size_t at = seek(names, name);
    names->name[names->count] = name;
    names->slot[at] = (uint32_t)++names->count;
    *ret_index = names->slot[at] - 1;
    return true;
}

void names_free(struct names *names)
{
    memory_free(names->name);
    memory_free(names->slot);
    *names = (struct names){0};
}
