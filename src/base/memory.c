// SPDX-License-Identifier: LGPL-3.0-or-later
//
// memory.c: counted allocation with a switch that makes the N-th one fail.
//
// Idea: every allocation passes one counter, so that a test can walk through all of them and fail
// each in turn. The counter is atomic; the switch is for single-threaded tests. No pooling: arenas
// do that. Blocks of several MiB ask for large pages: a file's rows are touched once each, and then
// every page of 4 KiB is a fault that costs more than filling it.
#include "base/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { SMALL_PAGE_SIZE = 4096, LARGE_SIZE = 8 * 1024 * 1024, FIRST_PLACES = 64 };

static _Atomic uint64_t allocation_count;
static _Atomic uint64_t fail_countdown;
static _Atomic bool has_failed;

static int is_failing(void)
{
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    if (atomic_load_explicit(&fail_countdown, memory_order_relaxed) == 0)
        return 0;
    if (atomic_fetch_sub_explicit(&fail_countdown, 1, memory_order_relaxed) != 1)
        return 0;
    atomic_store(&has_failed, true);
    return 1;
}

// A wish: where the system knows no large pages, nothing changes.
static void *prefer_large_pages(void *pointer, size_t size)
{
    if (pointer == NULL || size < LARGE_SIZE)
        return pointer;
    uintptr_t start =
        ((uintptr_t)pointer + SMALL_PAGE_SIZE - 1) / SMALL_PAGE_SIZE * SMALL_PAGE_SIZE;
    uintptr_t end = ((uintptr_t)pointer + size) / SMALL_PAGE_SIZE * SMALL_PAGE_SIZE;
    (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
    return pointer;
}

void *memory_allocate(size_t size)
{
    assert(size > 0);
    return is_failing() ? NULL : prefer_large_pages(calloc(1, size), size);
}

void *memory_take(size_t size)
{
    assert(size > 0);
    return is_failing() ? NULL : malloc(size);
}

void *memory_resize(void *pointer, size_t size)
{
    assert(size > 0);
    return is_failing() ? NULL : prefer_large_pages(realloc(pointer, size), size);
}

bool memory_grow(void **array, size_t count, size_t *capacity, size_t size)
{
    assert(count <= *capacity && size > 0);
    if (count < *capacity)
        return true;
    size_t larger = *capacity == 0 ? FIRST_PLACES : *capacity * 2;
    void *moved = memory_resize(*array, larger * size);
    if (moved == NULL)
        return false;
    *array = moved;
    *capacity = larger;
    return true;
}

void memory_free(void *pointer)
{
    free(pointer);
}

void memory_fail_after(uint64_t countdown)
{
    atomic_store(&has_failed, false);
    atomic_store(&fail_countdown, countdown);
}

bool memory_has_failed(void)
{
    return atomic_load(&has_failed);
}

uint64_t memory_allocation_count(void)
{
    return atomic_load(&allocation_count);
}
