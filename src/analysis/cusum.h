// SPDX-License-Identifier: LGPL-3.0-or-later
//
// cusum.h: what the forms of CUSUM share: options, and what a reference mean is turned into once.
//
// Of the folder only. docs/detectors 10.
#ifndef LEVEE_ANALYSIS_CUSUM_H
#define LEVEE_ANALYSIS_CUSUM_H

#include "analysis/chart.h"
#include "analysis/harmonic.h"

// Places of the options, in the order of the table in detectors.c.
enum {
    CUSUM_K,
    CUSUM_H,
    CUSUM_MEAN,
    CUSUM_TRANSFORM,
    CUSUM_ALPHA_NB,
    CUSUM_ARL,
    CUSUM_ARL_SHIFTED,
    CUSUM_RESET,
    CUSUM_BASELINE,
    CUSUM_TARGET,
    CUSUM_POPULATION_OFFSET,
    CUSUM_OPTIONS
};
enum cusum_mean { CUSUM_AVERAGE, CUSUM_GLM };
enum cusum_transform {
    TRANSFORM_STANDARD,
    TRANSFORM_ROSSI,
    TRANSFORM_ANSCOMBE,
    TRANSFORM_ANSCOMBE2,
    TRANSFORM_NEGBIN,
    TRANSFORM_NONE
};

// s = (x - shift) inverse, inverse = 1/scale; rossi that + sqrt x, anscombe with x^(2/3) for x.
// Backwards by scale from upper_shift.
struct cusum_level {
    double mean, shift, scale, upper_shift, inverse;
};

struct cusum_plan {
    double k, h;
    enum cusum_transform transform;
    double alpha_nb;
    bool is_reset;
};

// Eight charts on their way: levels by phase, each field of eight lanes side by side.
struct cusum_lanes {
    double *level;
    size_t phases, phase;
    double sum[WIDE];
};
enum { CUSUM_LEVEL_FIELDS = sizeof(struct cusum_level) / sizeof(double) };

struct cusum_level cusum_level_of(const struct cusum_plan *plan, double mean);
// k and h, those of the options or what their run lengths ask for.
void cusum_choose_bounds(const double *option, double *ret_k, double *ret_h);
size_t cusum_start(const double *option, int frequency);
bool cusum_judge(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output);
bool cusum_refer(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output);

#endif
