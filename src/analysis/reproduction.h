// SPDX-License-Identifier: LGPL-3.0-or-later
//
// reproduction.h: what the fast form and the reference of the reproduction number share.
//
// Of the folder only. The two differ in how they add up and in how they invert the gamma law; which
// windows are withheld, and why, is decided once, here.
#ifndef LEVEE_ANALYSIS_REPRODUCTION_H
#define LEVEE_ANALYSIS_REPRODUCTION_H

#include "analysis/analysis.h"

// A series as the windows see it.
struct reproduction_series {
    size_t count;
    size_t first_case;    // `count` when there is none
    double interval_mean; // of the truncated interval: the sum of s w(s)
    const uint32_t *gaps; // per period, gaps among the periods 0..t
    size_t reach;         // periods before a window in which a gap bears on it
};

// Notes why the window start..end is withheld; false when it has no numbers at all.
bool reproduction_settle(const struct reproduction_series *series,
                         const struct analysis_reproduction_options *options, size_t end,
                         struct analysis_reproduction *ret_result);
// Periods before a window that bear on it: the mean and two standard deviations.
size_t reproduction_reach(const struct analysis_reproduction_options *options);
// A value that was reported and can be one.
static inline bool reproduction_is_case_count(double value)
{
    return value >= 0 && value <= 1e18;
}

#endif
