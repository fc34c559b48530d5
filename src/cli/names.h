// SPDX-License-Identifier: GPL-3.0-or-later
//
// names.h: names as numbers: each different name once, in the order in which they came.
//
// Owns the list and a table for looking it up (open addressing); the bytes stay the caller's.
#ifndef LEVEE_CLI_NAMES_H
#define LEVEE_CLI_NAMES_H

#include "base/span.h"

struct names {
    struct span *name;
    size_t count, capacity;
    uint32_t *slot; // 1 + index; 0: free
    size_t slot_count;
};

// The index of a name. False: it is not there.
bool names_find(const struct names *names, struct span name, uint32_t *ret_index);
// The same, added when new (*ret_is_new). False: no memory.
bool names_add(struct names *names, struct span name, uint32_t *ret_index, bool *ret_is_new);
void names_free(struct names *names);

#endif
