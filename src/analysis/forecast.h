// SPDX-License-Identifier: LGPL-3.0-or-later
//
// forecast.h: what the two ways to a forecast share.
//
// Of the folder only. A way fills the results, within what forecast.c has checked: at least
// ANALYSIS_FORECAST_LEAST values reported, not all of them equal.
#ifndef LEVEE_ANALYSIS_FORECAST_H
#define LEVEE_ANALYSIS_FORECAST_H

#include "analysis/analysis.h"

// Pairs of sine and cosine that stand for a season, and columns of a regression, at most.
enum { FORECAST_PAIRS_MOST = 3, FORECAST_COLUMNS_MOST = 3 + 2 * FORECAST_PAIRS_MOST };
// Past forecasts behind the widths: fewer say too little, more are too long ago.
enum { FORECAST_PAST_LEAST = 20, FORECAST_PAST_MOST = 400 };

bool forecast_by_smoothing(const double *value, size_t count,
                           const struct analysis_forecast_options *options,
                           struct analysis_forecast *ret_forecast,
                           struct analysis_forecast_fit *fit);
bool forecast_by_regression(const double *value, size_t count,
                            const struct analysis_forecast_options *options,
                            struct analysis_forecast *ret_forecast,
                            struct analysis_forecast_fit *fit);

// The season that so many values can carry: two seasons at least; else 0.
int forecast_season(const struct analysis_forecast_options *options, size_t count);
// Columns cos, sin, cos 2, .. of period t; their number is twice the pairs.
int forecast_pairs(int season);
void forecast_harmonics(double t, int season, int pairs, double *ret_column);
// The level that `share` of `count` sizes, sorted, lie within, counted as if one more were the next
// (Vovk, Gammerman, Shafer 2005: conformal prediction); the largest where that is beyond them all.
double forecast_size_at(const double *sorted, size_t count, double share);
void forecast_sort(double *value, size_t count);
// Factors a symmetric positive definite matrix in place: its lower triangle becomes L, a = L L'.
// Rows are `size` long. False where it is not positive definite.
bool forecast_factor(double *a, int size);

#endif
