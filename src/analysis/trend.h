// SPDX-License-Identifier: LGPL-3.0-or-later
//
// trend.h: a series about a date as a regression with breaks at the date.
//
// Of the folder only. trend_fit.c makes and fits the model; trend.c asks it four questions.
#ifndef LEVEE_ANALYSIS_TREND_H
#define LEVEE_ANALYSIS_TREND_H

#include "analysis/analysis.h"
#include "analysis/glm.h"

// Intercept, trend, two harmonics, six weekdays, days off, step, ramp, change of the season.
enum { TREND_COLUMNS_MOST = 17 };

// The points of one series that take part, those before the date first.
struct trend_points {
    double *y;
    uint32_t *at; // the point of the panel
    size_t rows, before;
    double years_before, years_after; // from the first point to the date, from it to the end
    bool is_ratio;                    // log link
    double rounding;                  // variance of a value by its being written in decimals
};

// Where the columns of the breaks stand; -1: not in the model. Two columns of season.
struct trend_columns {
    int count, trend, annual, level, slope, season;
};

struct trend_fit {
    struct trend_columns column;
    struct glm_problem problem;
    struct glm_fit glm;
    double *x, *prior, *offset;
    double *residual;  // Pearson, of the unweighted values, over the root of 1 - hat
    double dispersion; // phi, or the variance of a linear model; above 0
    double widening;   // of variances by the autocorrelation that is left, at least 1
    double freedom;    // of the dispersion, by as many values as are worth an independent one
};

// Doubles that trend_fit_place needs for so many rows.
size_t trend_fit_size(size_t rows);
void trend_fit_place(struct trend_fit *fit, size_t rows, double *memory);
// Fits the model with the breaks asked for (the step always), twice: the second time with outliers
// weighed down. False: no finite fit, or no freedom left.
bool trend_fit_run(struct trend_fit *fit, const struct analysis_panel *panel,
                   const struct trend_points *points, bool has_slope, bool has_season);
// True when the model has a trend, an annual swing.
bool trend_has_trend(const struct analysis_panel *panel, const struct trend_points *points);
bool trend_has_season(const struct analysis_panel *panel, const struct trend_points *points);
// The covariance of two coefficients, dispersion and autocorrelation included.
double trend_covariance(const struct trend_fit *fit, int a, int b);

#endif
