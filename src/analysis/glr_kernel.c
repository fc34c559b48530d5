// SPDX-License-Identifier: LGPL-3.0-or-later
//
// glr_kernel.c: the sums of the negative binomial likelihood ratio over a segment, eight periods at
// once.
//
// Compiled once a level of the machine (wide.h). Behind the last period lie zeros, which add
// nothing: a period of x = 0 and mu = 0 has slope 0 and ratio 1. Lanes are added at the end, always
// in the same order.
#include "analysis/wide_kernels.h"
#include "analysis/wide_sink.h"

WIDE_INLINE double add_lanes(wide a)
{
    double sum = 0;
    for (int lane = 0; lane < WIDE; lane++)
        sum += a[lane];
    return sum;
}

struct glr_slopes WIDE_NAME(glr_slopes)(const double *x, const double *mu, size_t count,
                                        double alpha, double rise)
{
    wide first = {0}, second = {0}, one = wide_from(1), a = wide_from(alpha);
    for (size_t t = 0; t < count; t += WIDE) {
        wide value = wide_load(x + t), mean = wide_from(rise) * wide_load(mu + t);
        wide share = one / (one + a * mean);
        first += (value - mean) * share;
        second += mean * (a * value + one) * share * share;
    }
    return (struct glr_slopes){add_lanes(first), add_lanes(second)};
}

double WIDE_NAME(glr_gain)(const double *x, const double *mu, size_t count, double alpha,
                           double kappa, double rise)
{
    wide sum = {0}, one = wide_from(1), a = wide_from(alpha), size = wide_from(1 / alpha);
    for (size_t t = 0; t < count; t += WIDE) {
        wide value = wide_load(x + t), mean = wide_load(mu + t);
        wide ratio = (one + a * mean) / (one + a * mean * wide_from(rise));
        sum += wide_from(kappa) * value + (value + size) * wide_log(ratio);
    }
    return add_lanes(sum);
}
