// SPDX-License-Identifier: LGPL-3.0-or-later
//
// shewhart.h: what the forms of the Shewhart charts share: the options, and the run rules.
//
// Of the folder only. docs/detectors 13.
#ifndef LEVEE_ANALYSIS_SHEWHART_H
#define LEVEE_ANALYSIS_SHEWHART_H

#include "analysis/chart.h"

// Places of the options, in the order of the table in detectors.c.
enum {
    SHEWHART_CHART,
    SHEWHART_LIMIT,
    SHEWHART_TWO_SIDED,
    SHEWHART_RULES,
    SHEWHART_BASELINE,
    SHEWHART_TARGET,
    SHEWHART_SIGMA,
    SHEWHART_POPULATION_OFFSET,
    SHEWHART_OPTIONS
};
enum shewhart_chart {
    SHEWHART_INDIVIDUALS,   // XmR: sigma from moving ranges
    SHEWHART_COUNTS,        // c chart; u chart with a population
    SHEWHART_EXACT,         // the same with the exact Poisson limit
    SHEWHART_SHARES,        // p chart: the value is a number out of the population
    SHEWHART_OVERDISPERSED, // u' chart of Laney
};

// The mean moving range of two normal values over their standard deviation.
#define SHEWHART_D2 1.128

// Standardised values of the last periods, newest last.
enum { SHEWHART_RUN = 8 };
struct shewhart_runs {
    double z[SHEWHART_RUN];
    size_t count;
};
void shewhart_runs_add(struct shewhart_runs *runs, double z);
// True when one of the Western Electric rules 2 to 4 holds on the side of `sign` (1 or -1).
bool shewhart_runs_hold(const struct shewhart_runs *runs, double sign);

size_t shewhart_start(const double *option, int frequency);
bool shewhart_judge(const struct analysis_panel *panel, const double *option,
                    const struct analysis_output *output);
bool shewhart_refer(const struct analysis_panel *panel, const double *option,
                    const struct analysis_output *output);

#endif
