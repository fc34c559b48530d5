// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ewma.h: what the forms of the EWMA chart share: options, and eight charts on their way.
//
// Of the folder only. docs/detectors 12.
#ifndef LEVEE_ANALYSIS_EWMA_H
#define LEVEE_ANALYSIS_EWMA_H

#include "analysis/chart.h"

// Places of the options, in the order of the table in detectors.c.
enum {
    EWMA_LAMBDA,
    EWMA_LIMIT,
    EWMA_TWO_SIDED,
    EWMA_STEADY,
    EWMA_REFLECT,
    EWMA_SPREAD,
    EWMA_BASELINE,
    EWMA_TARGET,
    EWMA_SIGMA,
    EWMA_POPULATION_OFFSET,
    EWMA_OPTIONS
};
enum ewma_spread { SPREAD_DEVIATION, SPREAD_POISSON };

struct ewma_plan {
    double lambda, limit;
    bool is_two_sided, is_steady, is_reflecting;
};

struct ewma_lanes {
    double mean[WIDE], spread[WIDE]; // of a single value: mean and variance
    double level[WIDE], variance[WIDE];
};

size_t ewma_start(const double *option, int frequency);
bool ewma_judge(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output);
bool ewma_refer(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output);

#endif
