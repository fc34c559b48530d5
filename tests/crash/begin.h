// SPDX-License-Identifier: GPL-3.0-or-later
//
// begin.h: how these programs begin: numbers from its command line, lines that are seen as
// they are written, the library of hashes.
#ifndef LEVEE_CRASH_BEGIN_H
#define LEVEE_CRASH_BEGIN_H

#include <stdint.h>

struct crash_option {
    const char *name; // "--cuts"
    int64_t *value;
};

// Reads pairs of a name and a number. 0, or the code to end with: 64, wrong command line; 1, no
// library. The table ends with a row without a name.
int crash_begin(int argc, char **argv, const struct crash_option *options);

#endif
