// SPDX-License-Identifier: LGPL-3.0-or-later
//
// grouped_fit.h: the quasi-Poisson regression of both Farrington methods for eight series at once.
//
// Of the folder only. Each lane of a wide is one series; all share the rows, groups and times of
// one baseline. The model is  eta = a_group + b time [+ offset].
#ifndef LEVEE_ANALYSIS_GROUPED_FIT_H
#define LEVEE_ANALYSIS_GROUPED_FIT_H

#include "analysis/season.h"
#include "analysis/wide.h"

// Eight series from their first point on, what each row needs of a value taken once. Arrays of
// WIDE doubles a point, each starting on a multiple of 64 bytes.
struct grouped_series {
    double *y;         // the value, 0 where it is not known
    double *is_known;  // 1 or 0
    double *log_y;     // ln y, 0 where y is 0
    double *log_start; // ln(y + 0.1)
    double *power;     // y^(2/3)
    double *offset;    // ln population; NULL: none
};

// The fit and its work space. Row arrays have WIDE doubles a row of the baseline, group arrays WIDE
// a group.
struct grouped_fit {
    // Rows.
    double *predictor; // a_group + b time
    double *mu;
    double *residual; // (y - mu)/mu
    double *weight;   // working weights, before the last update
    double *prior;
    // Groups, by those weights.
    double *total;     // sum of weights, 0: the group has no row
    double *time_mean; // weighted mean of the time
    double *intercept;
    double *response_mean;
    // Lanes.
    double slope[WIDE], time_square[WIDE]; // of the time within groups
    double phi_raw[WIDE], disp[WIDE];
    double counted[WIDE], rank[WIDE]; // known rows; groups with any, and the trend
    double largest[WIDE];             // value of the baseline
    int64_t is_converged[WIDE];
    int64_t is_doubtful[WIDE]; // not to be trusted: let the plain form decide
};

// Doubles that grouped_fit_place needs; its memory starts on a multiple of 64 bytes.
size_t grouped_fit_size(size_t row_most, size_t group_most);
void grouped_fit_place(struct grouped_fit *fit, size_t row_most, size_t group_most, double *memory);

// x' V x at point k, the variance of the predictor over the dispersion.
double grouped_fit_spread(const struct grouped_fit *fit, const struct season_baseline *baseline,
                          int lane, bool is_trended);

#endif
