// SPDX-License-Identifier: LGPL-3.0-or-later
//
// planted.h: random series from a fixed seed, for the tests that plant something in them.
//
// Of the tests only. The same seed gives the same series on every machine.
#ifndef LEVEE_ANALYSIS_PLANTED_H
#define LEVEE_ANALYSIS_PLANTED_H

#include <math.h>
#include <stdint.h>

#include "analysis/analysis.h"

static uint64_t planted_state = 88172645463325252u;

static inline void planted_seed(uint64_t seed)
{
    planted_state = 88172645463325252u + seed * 2654435761u;
}

static inline double planted_unit(void)
{
    planted_state ^= planted_state << 13;
    planted_state ^= planted_state >> 7;
    planted_state ^= planted_state << 17;
    return (double)(planted_state >> 11) * 0x1p-53;
}

static inline double planted_normal(void)
{
    return analysis_normal_quantile(fmin(fmax(planted_unit(), 1e-12), 1 - 1e-12));
}

// A count of that mean whose variance is `dispersion` times the mean.
static inline double planted_count(double mean, double dispersion)
{
    double u = fmin(fmax(planted_unit(), 1e-12), 1 - 1e-12);
    return dispersion <= 1
               ? analysis_poisson_quantile(u, mean)
               : analysis_negative_binomial_quantile(u, mean / (dispersion - 1), 1 / dispersion);
}

#endif
