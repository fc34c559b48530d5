// SPDX-License-Identifier: LGPL-3.0-or-later
//
// glm.h: the regression of docs/detectors 1, quasi-Poisson or negative binomial, for any design;
// beside it the linear one, for values that may be negative.
//
// Of the folder only. The plain form: Householder QR as LINPACK has it, with the limited pivoting
// that decides which columns count. It is the oracle of grouped_fit.c, and does its work where that
// one meets a fit it does not trust.
#ifndef LEVEE_ANALYSIS_GLM_H
#define LEVEE_ANALYSIS_GLM_H

#include <stdbool.h>
#include <stddef.h>

enum { GLM_COLUMNS_MOST = 104 }; // intercept, trend, 100 groups, and to spare

// Rows with prior weight 0 take no part. Columns are stored one after the other: x[j * rows + i].
// alpha > 0: the response is negative binomial of variance mu + alpha mu^2, in place of Poisson.
struct glm_problem {
    size_t rows, columns;
    const double *y, *x, *prior, *offset;
    double alpha;
    const double *start; // the linear predictor to start from; NULL: ln(y + 0.1), or with alpha ln
                         // y and ln 1/6 for 0
    bool is_linear; // identity link and constant variance: weighted least squares
};

// All arrays from one block of glm_size doubles.
struct glm_fit {
    double *mu;     // fitted means, after the last update
    double *weight; // working weights, before it
    double *hat;    // leverage by those weights
    double *eta, *beta, *beta_before, *z, *q, *r;
    size_t *pivot; // columns in the order of the factor
    size_t rank;
    double counted; // rows with prior weight above 0
    bool is_converged;
};

size_t glm_size(size_t rows, size_t columns);
// Places the arrays of a fit in `memory`, aligned for double.
void glm_place(struct glm_fit *fit, size_t rows, size_t columns, double *memory);
// At most 25 iterations. False when no finite fit exists at all.
bool glm_run(const struct glm_problem *problem, struct glm_fit *fit);
// The dispersion: sum of W r^2 over (counted - rank), W the working weights, r the working
// residuals (linear: of prior r^2); with `weight` other than NULL that takes W's place. NaN without
// degrees of freedom.
double glm_dispersion(const struct glm_problem *problem, const struct glm_fit *fit,
                      const double *weight);
// v' (X' W X)^-1 v for a vector over the columns; dropped columns count as absent.
double glm_spread(const struct glm_problem *problem, const struct glm_fit *fit, const double *v);

#endif
