// SPDX-License-Identifier: LGPL-3.0-or-later
//
// holt_winters.h: what the forms of the exponential smoothing forecast share.
//
// Of the folder only. docs/detectors 15.
#ifndef LEVEE_ANALYSIS_HOLT_WINTERS_H
#define LEVEE_ANALYSIS_HOLT_WINTERS_H

#include "analysis/chart.h"

// Places of the options, in the order of the table in detectors.c.
enum {
    HOLT_LEVEL,
    HOLT_TREND,
    HOLT_SEASON,
    HOLT_DAMPING,
    HOLT_FIT,
    HOLT_PERIOD,
    HOLT_SCALE,
    HOLT_ALPHA,
    HOLT_CLIP,
    HOLT_BASELINE,
    HOLT_OPTIONS
};
enum holt_scale { HOLT_PLAIN, HOLT_ROOT, HOLT_LOGARITHM };
enum { HOLT_LINE = 4 }; // values that the line of a series without season is laid through

struct holt_constants {
    double level, trend, season, damping;
};

// To the scale on which the model is additive, NaN where the value has none; and back.
static inline double holt_to_scale(enum holt_scale scale, double y)
{
    if (scale == HOLT_ROOT)
        return y >= 0 ? sqrt(y + 0.375) : ANALYSIS_MISSING;
    if (scale == HOLT_LOGARITHM)
        return y >= 0 ? log(y + 1) : ANALYSIS_MISSING;
    return y;
}

static inline double holt_from_scale(enum holt_scale scale, double x)
{
    if (scale == HOLT_ROOT)
        return x > 0 ? x * x - 0.375 : -0.375;
    return scale == HOLT_LOGARITHM ? exp(x) - 1 : x;
}

// A spread of rounding is none.
static inline double holt_spread(double sd, double ahead)
{
    return sd > 1e-12 * fabs(ahead) ? sd : 0;
}

// Periods of a season: of the option, or a year's.
static inline size_t holt_period(const double *option, int frequency)
{
    return isfinite(option[HOLT_PERIOD]) ? (size_t)option[HOLT_PERIOD]
           : frequency > 0               ? (size_t)frequency
                                         : 1;
}

// Level, slope and seasonal parts before period p + 1 (without season: before the first), from the
// first two seasons of y. False where a phase is missing in both.
bool holt_begin(const double *y, size_t period, double *ret_level, double *ret_slope,
                double *season);
size_t holt_start(const double *option, int frequency);
bool holt_judge(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output);
bool holt_refer(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output);

#endif
