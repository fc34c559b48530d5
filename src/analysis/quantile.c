// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quantile.c: inverses of the gamma law and of Student's t, to about 1e-13 relative.
//
// Gamma: a start by Wilson and Hilferty (1931), or for a small shape by the first term of the power
// series, then Halley's rule on whichever tail is the small one, held inside a bracket that each
// step narrows. Student's t: the bracket alone, halved; nobody asks for it by the million.
//
// It does not do: probabilities of 0 and 1, whose answers are no numbers.
#include <assert.h>
#include <float.h>
#include <math.h>

#include "analysis/analysis.h"
#include "analysis/special.h"

enum { STEPS_MOST = 200 };

static double gamma_start(double p, double shape)
{
    double z = analysis_normal_quantile(p), ninth = 1 / (9 * shape);
    double root = 1 - ninth + z * sqrt(ninth);
    double start = shape * root * root * root;
    double series = exp((log(p) + lgamma(shape + 1)) / shape);
    return shape < 1 || root <= 0.2 ? fmax(series, DBL_MIN) : start;
}

double analysis_gamma_quantile(double p, double shape)
{
    assert(p > 0 && p < 1 && shape > 0);
    double x = gamma_start(p, shape), low = 0, high = INFINITY;
    for (int step = 0; step < STEPS_MOST; step++) {
        // What is too much below, on the tail that keeps its digits.
        double excess =
            p < 0.5 ? analysis_gamma_lower(shape, x) - p : 1 - p - analysis_gamma_upper(shape, x);
        if (excess < 0)
            low = x;
        else
            high = x;
        double density = shape / x * special_poisson_mass(shape, x);
        double newton = excess / density;
        double next = x - newton / fmax(0.5, 1 - newton / 2 * ((shape - 1) / x - 1));
        // Converged is asked first: at the answer itself the bracket has closed on one side.
        if (fabs(next - x) <= 4 * DBL_EPSILON * x)
            return next;
        if (!(next > low && next < high))
            next = isinf(high) ? 2 * x : (low + high) / 2;
        x = next;
    }
    return x;
}

double analysis_student_bound(double p, double df)
{
    assert(p > 0 && p < 1 && df > 0);
    double low = 0, high = 1;
    while (high < 1e300 && analysis_student_two_sided(high, df) > p)
        high *= 2;
    for (int step = 0; step < STEPS_MOST && high - low > DBL_EPSILON * high; step++) {
        double middle = (low + high) / 2;
        if (analysis_student_two_sided(middle, df) > p)
            low = middle;
        else
            high = middle;
    }
    return high;
}
