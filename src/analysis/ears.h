// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ears.h: what the fast and the plain form of EARS share: the options' places and the windows.
#ifndef LEVEE_ANALYSIS_EARS_H
#define LEVEE_ANALYSIS_EARS_H

#include <stddef.h>
#include <stdint.h>

enum { EARS_BASELINE, EARS_MIN_SIGMA, EARS_ALPHA };
enum ears_chart { EARS_C1, EARS_C2, EARS_C3 };
enum {
    EARS_BASELINE_LEAST = 3,
    EARS_BASELINE_MOST = 365,
    EARS_LAG = 2,    // days that C2 and C3 leave between window and day
    EARS_MEMORY = 2, // days whose excess C3 adds
};

enum {
    // Points at a time: the buffers of C3 hold 16 KB, which the nearest cache has.
    EARS_CHUNK = 1024,
    // Values that are called for before they are needed: 2 KB, well inside the nearest cache.
    EARS_AHEAD = 256,
    EARS_USUAL = 7, // the baseline of the papers, which has loops of its own
};

// A buffer that is written before it is read; clearing it first would cost as much as the judging.
#define EARS_BUFFER(name, count) __attribute__((uninitialized)) double name[count]

struct ears_plan {
    size_t baseline;
    size_t lag; // points between the window's end and the point
    double min_sigma;
    double z;
};

// Where the results of a series' points go; each moves along with the point.
struct ears_sink {
    uint16_t *outcome;
    double *expected, *upper, *score;
};

#endif
