// SPDX-License-Identifier: LGPL-3.0-or-later
//
// pelt.h: change points by dynamic programming: what the pruned and the plain form share.
//
// Of the folder only. docs/detectors 14. The cost of cutting y[1..t] is
//
//     F(0) = -beta,   F(t) = min over s, t - s >= least, of F(s) + C(y[s+1..t]) + beta
//
// and the cuts are found by walking last(t), that s (ties: the smallest), back from n.
#ifndef LEVEE_ANALYSIS_PELT_H
#define LEVEE_ANALYSIS_PELT_H

#include "analysis/analysis_priv.h"

// Places of the options, in the order of the table in detectors.c.
enum {
    PELT_COST,
    PELT_WINDOW,
    PELT_PENALTY,
    PELT_SEGMENT,
    PELT_RECENT,
    PELT_TWO_SIDED,
    PELT_VARIANCE,
    PELT_OPTIONS
};
enum pelt_cost { PELT_MEAN, PELT_MEAN_VARIANCE, PELT_POISSON, PELT_SLOPE };
enum { PELT_WINDOW_MOST = 1000 };

// Running sums over y[1..t], place t: of y, y^2, t y; all less `origin` but for the Poisson cost.
struct pelt_sums {
    double *y, *square, *product;
};

struct pelt_problem {
    enum pelt_cost cost;
    size_t count;          // n
    size_t segment;        // least length of a segment
    double penalty;        // beta
    double variance;       // of the mean and slope costs
    struct pelt_sums sums; // count + 1 places each
};

// Work space and result: count + 1 places each.
struct pelt_cuts {
    double *cost;   // F
    size_t *last;   // last(t)
    size_t *start;  // the starts still in the running
    size_t *expiry; // by start: the last t at which it must be tried
};

// C(y[from+1..to]).
double pelt_cost_of(const struct pelt_problem *problem, size_t from, size_t to);
// Fills cuts->cost and cuts->last; F(n) is infinite where n is less than a segment.
void pelt_cut(const struct pelt_problem *problem, struct pelt_cuts *cuts);
void pelt_cut_plainly(const struct pelt_problem *problem, struct pelt_cuts *cuts);
// The variance of y about its level, by the median of its differences: a few jumps do not show.
// `work` has `count` places.
double pelt_robust_variance(const double *y, size_t count, double *work);

size_t pelt_start(const double *option, int frequency);
bool pelt_judge(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output);
bool pelt_refer(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output);

#endif
