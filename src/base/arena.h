// SPDX-License-Identifier: LGPL-3.0-or-later
//
// arena.h: memory that lives as long as one unit of work.
//
// Owns: a chain of blocks, handed out front to back and given back together by arena_reset. Nothing
// in it is freed alone. A request, a command, an import slice each has one; a function that returns
// memory takes the arena it will live in. The ceiling is LIMIT_ARENA_SIZE: then arena_allocate
// returns NULL.
//
//     block    [header | used ............. | free ......]  ->  next block
#ifndef LEVEE_BASE_ARENA_H
#define LEVEE_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *first;
    size_t size;       // bytes taken from the heap
    size_t size_limit; // 0: LIMIT_ARENA_SIZE
};

// Returns `size` zeroed bytes aligned for any type, or NULL when the ceiling is met. `size` may be
// 0.
void *arena_allocate(struct arena *arena, size_t size);
// A NUL-closed string made as printf does; NULL when the ceiling is met.
__attribute__((format(printf, 2, 3))) char *arena_print(struct arena *arena, const char *format,
                                                        ...);
// Gives everything back; the arena is empty and usable again. Safe on a zeroed arena.
void arena_reset(struct arena *arena);
// Gives back all but one block of the usual size, for the next unit of work: as good as arena_reset
// to whoever allocates, without a way to the heap each time. arena_reset stands at the end of all.
void arena_rewind(struct arena *arena);

#endif
