// SPDX-License-Identifier: LGPL-3.0-or-later
//
// text_number.h: the number of a sentence, made from its name alone.
//
// Owns one function, shared by the compiler of the catalogue and its reader. A number that depends on the
// name only stays the same when sentences come and go: code that does not use them need not be compiled
// again. FNV-1a (Fowler, Noll, Vo), 31 bits; tools/text_compile refuses two names with one number.
#ifndef LEVEE_BASE_TEXT_NUMBER_H
#define LEVEE_BASE_TEXT_NUMBER_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t text_number(const char *name, size_t size)
{
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)name[i]) * UINT32_C(16777619);
    return hash & UINT32_C(0x7FFFFFFF);
}

#endif
