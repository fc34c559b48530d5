// SPDX-License-Identifier: LGPL-3.0-or-later
//
// smoothing.h: additive exponential smoothing: Holt, Winters, with a damped trend if wanted.
//
// Of the folder only: the core that forecasts and the exceedance of a forecast have in common. The
// scale (sqrt of counts, logarithm) and what counts as an alarm are the caller's.
//
//     forecast   f = l + phi b + s               s: that of the same place one season ago
//     error      e = y - f
//     level      l' = al (y - s) + (1 - al)(l + phi b)  = l + phi b + al e
//     slope      b' = be (l' - l) + (1 - be) phi b      = phi b + al be e
//     season     s' = ga (y - l') + (1 - ga) s          = s + ga (1 - al) e
//
// In R's form (HoltWinters), damping phi = 1: Holt 1957, Winters 1960; variances Hyndman, Koehler,
// Ord, Snyder 2008, chapter 6. Damping: Gardner, McKenzie 1985.
#ifndef LEVEE_ANALYSIS_SMOOTHING_H
#define LEVEE_ANALYSIS_SMOOTHING_H

#include <stdbool.h>
#include <stddef.h>

enum { SMOOTHING_PERIOD_MOST = 366 };

struct smoothing_constants {
    double level, slope, season; // al, be, ga, 0..1
    double damping;              // phi, 0..1; 1: none
};

// A state and the constants that move it. Plain: a copy is a snapshot.
struct smoothing {
    struct smoothing_constants constants;
    int period; // of the season, >= 2; 0: none
    int place;  // in the season, of the next value
    double level, slope;
    double season[SMOOTHING_PERIOD_MOST];
};

// Values before the first that can be forecast, and values that the start is made of: the first two
// seasons (none: ten values, or all but two where there are fewer).
size_t smoothing_first(int period);
size_t smoothing_start_size(int period, size_t count);
// Sets level, slope and season at smoothing_first as R does: the start is decomposed by a centred
// moving average, a line through that gives level and slope, the rest the season. Without a season
// the line through the start itself. Missing values are bridged. `constants`, period: set
// beforehand. False when there are too few values (fewer than smoothing_start_size, or 4), or none
// reported in the start.
bool smoothing_start(struct smoothing *smoothing, const double *value, size_t count);
// The forecast `ahead` >= 1 periods.
double smoothing_forecast(const struct smoothing *smoothing, size_t ahead);
// Variance of that forecast's error in units of the one-step error's: 1 + sum of psi(j)^2.
double smoothing_spread(const struct smoothing *smoothing, size_t ahead);
// Takes in the next value; a missing one moves time alone.
void smoothing_add(struct smoothing *smoothing, double value);

// What a fit found.
struct smoothing_fit {
    struct smoothing smoothing; // the state behind the last value
    double squares;             // sum of e^2 over the forecast values
    size_t errors;              // how many they are
    double mean_error;
};
// Runs from the start to the end with the constants given.
bool smoothing_run(const double *value, size_t count, int period,
                   const struct smoothing_constants *constants, struct smoothing_fit *ret_fit);
// Finds the constants that make sum e^2 least: a coarse grid, then a search along the axes. What is
// negative in `held` is looked for, what is not is kept as it is; damping is always kept.
bool smoothing_fit(const double *value, size_t count, int period,
                   const struct smoothing_constants *held, struct smoothing_fit *ret_fit);

#endif
