// SPDX-License-Identifier: LGPL-3.0-or-later
//
// glr.h: what the forms of the likelihood ratio charts share: options, model, mean by period.
//
// Of the folder only. docs/detectors 11.
#ifndef LEVEE_ANALYSIS_GLR_H
#define LEVEE_ANALYSIS_GLR_H

#include "analysis/chart.h"
#include "analysis/harmonic.h"

// Places of the options, in the order of the table in detectors.c.
enum {
    GLR_LIMIT,
    GLR_HARMONICS,
    GLR_TREND,
    GLR_ALPHA_NB,
    GLR_CHANGE,
    GLR_MIN_WINDOW,
    GLR_WINDOW,
    GLR_THETA,
    GLR_BASELINE,
    GLR_TARGET,
    GLR_POPULATION_OFFSET,
    GLR_SEARCH,
    GLR_OPTIONS
};
enum glr_change { GLR_INTERCEPT };
enum glr_search { SEARCH_PUBLISHED, SEARCH_SAFE };

// The published software's Newton: where it begins, when it ends, below what it gives up.
enum { GLR_NEWTON_MOST = 1000 };
static const double GLR_NEWTON_START = 0.5, GLR_NEWTON_END = 1e-6, GLR_NEWTON_LEAST = -18;
// The largest count that a bound may be.
static const double GLR_COUNT_MOST = 1e15;

enum {
    GLR_SPAN = 1024, // periods that a change can lie back
    GLR_WINDOW_MOST = GLR_SPAN - 8,
    GLR_MIN_WINDOW_MOST = 60,
};
// Below this dispersion the negative binomial is taken as Poisson: they agree to all digits.
static const double GLR_ALPHA_LEAST = 1e-9;

// Where a GLR may start after n periods: first..last, counted from 1; no start where first > last.
struct glr_starts {
    long first, last;
};
struct glr_starts glr_starts_of(const double *option, bool is_poisson, long n);

// The log likelihood ratio of one Poisson segment of sum x and expected sum m.
static inline double glr_poisson(double x, double m)
{
    return x > m && m > 0 ? x * log(x / m) - (x - m) : 0;
}

// Sums over a segment, eight periods a step; `x` and `mu` are followed by 8 zeros.
struct glr_slopes {
    double first, second; // first derivative in kappa, and minus the second
};

size_t glr_start(const double *option, int frequency);
bool glr_judge(const struct analysis_panel *panel, const double *option,
               const struct analysis_output *output);
bool glr_refer(const struct analysis_panel *panel, const double *option,
               const struct analysis_output *output);

#endif
