// SPDX-License-Identifier: LGPL-3.0-or-later
//
// memory.h: the only door to the heap.
//
// Owns: process-lifetime and caller-owned allocations, counted. Everything that lives for one unit
// of work comes from an arena instead (arena.h). Out of memory at start is a crash with a sentence;
// later it is NULL, and the caller raises FAULT_FULL. A test makes the N-th allocation fail.
#ifndef LEVEE_BASE_MEMORY_H
#define LEVEE_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Returns `size` zeroed bytes, or NULL when there are none. The caller frees them with memory_free.
__attribute__((malloc)) void *memory_allocate(size_t size);
// The same without zeroing them, for who fills them at once.
__attribute__((malloc)) void *memory_take(size_t size);
// Like realloc: moves `pointer` to `size` bytes; NULL leaves the old block as it was.
void *memory_resize(void *pointer, size_t size);
// Makes room in *array, which has *capacity places of `size` bytes, for one more than `count`:
// twice as many places where they are all taken. False: there is no memory, and nothing has
// changed.
bool memory_grow(void **array, size_t count, size_t *capacity, size_t size);
// Frees what those above returned; NULL is allowed.
void memory_free(void *pointer);
// Makes the `countdown`-th allocation from now fail, once; 0 turns it off. For tests.
void memory_fail_after(uint64_t countdown);
// True when the allocation that the last memory_fail_after named has failed. For tests.
bool memory_has_failed(void);
// Allocations made so far by this process.
uint64_t memory_allocation_count(void);

#endif
