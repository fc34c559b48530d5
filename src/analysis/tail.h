// SPDX-License-Identifier: LGPL-3.0-or-later
//
// tail.h: what the forms of the tail detector share: options, sizes, and the probability of a
// deviation among sorted earlier ones.
//
// Of the folder only. docs/detectors 17.
#ifndef LEVEE_ANALYSIS_TAIL_H
#define LEVEE_ANALYSIS_TAIL_H

#include "analysis/chart.h"

enum {
    TAIL_DEPTH,
    TAIL_MEMORY,
    TAIL_BASELINE,
    TAIL_SHARE,
    TAIL_ALPHA,
    TAIL_TWO_SIDED,
    TAIL_OPTIONS
};
enum { TAIL_DEPTH_MOST = 3660, TAIL_MEMORY_MOST = 8000, TAIL_DEPTH_UNKNOWN = 26 };
static const double TAIL_VALUE_MOST = 1e15; // what a panel may hold
static const double TAIL_SHAPE_MOST = 0.5;  // of the Pareto law: beyond it there is no variance

// Values that the moving level is the mean of: those of a year, where the option does not say.
static inline size_t tail_depth(const double *option, int frequency)
{
    if (isfinite(option[TAIL_DEPTH]))
        return (size_t)option[TAIL_DEPTH];
    return frequency > 0 ? (size_t)frequency : TAIL_DEPTH_UNKNOWN;
}

// A deviation from the level, in the direction that is asked about.
static inline double tail_deviation(const double *option, double value, double level)
{
    return option[TAIL_TWO_SIDED] != 0 ? fabs(value - level) : value - level;
}

// The logarithm of the probability of a deviation of x or more, with `count` >= 2 earlier ones,
// rising. Below the start of the tail it is counted, above it extrapolated.
double tail_log_probability(const double *sorted, size_t count, double share, double x);

size_t tail_start(const double *option, int frequency);
bool tail_judge(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output);
bool tail_refer(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output);

#endif
