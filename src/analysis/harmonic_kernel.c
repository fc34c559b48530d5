// SPDX-License-Identifier: LGPL-3.0-or-later
//
// harmonic_kernel.c: one pass of the regression behind CUSUM and GLR, eight rows at once.
//
// Compiled once a level of the machine (wide.h). The iteration is that of glm.c; harmonic.c walks
// it. A pass takes the coefficients to means, their deviance, and the normal equations of the next
// step, with W = mu/(1 + alpha mu) and z = eta - offset + (y - mu)/mu:
//
//     cross   row j:  sum W x_j x_0 .. sum W x_j x_j,  and at the place `columns`  sum W x_j z
//
// Per row there is one exponential and one or two divisions; the logarithms of the counts are taken
// once, in the first pass. A Poisson deviance near zero comes from its series in the residual, as
// in grouped_kernel.c. Lanes are added at the end, always in the same order.
#include <float.h>

#include "analysis/wide_kernels.h"
#include "analysis/wide_sink.h"

static const double SERIES_MOST = 1e-3;
static const double LOG_EPSILON = -36.04365338911715; // ln of the smallest mean

WIDE_INLINE wide at_most(wide a, wide most)
{
    return wide_select(a > most, most, a);
}

WIDE_INLINE wide floor_of(wide a, double least)
{
    return wide_select(a > wide_from(least), a, wide_from(least));
}

// Half the deviance of a row.
WIDE_INLINE wide deviance_of(wide y, wide log_y, wide eta, wide mu, wide residual, double alpha)
{
    wide apart = y * (log_y - floor_of(eta, LOG_EPSILON)), r = residual;
    if (alpha > 0) {
        wide a = wide_from(alpha), ratio = (1 + a * y) / (1 + a * mu);
        return apart - (y + wide_from(1 / alpha)) * wide_log(at_most(ratio, wide_from(DBL_MAX)));
    }
    wide series = mu * r * r * (0.5 - r * (1.0 / 6 - r * (1.0 / 12 - r * 0.05)));
    wide_mask is_near = (r < wide_from(SERIES_MOST)) & (r > wide_from(-SERIES_MOST));
    return wide_select(is_near, series, apart - (y - mu));
}

WIDE_INLINE wide load(const double *from, size_t count)
{
    return count == WIDE ? wide_load(from) : wide_load_some(from, count);
}

// The sums of a pass: deviance, then the rows of the normal equations one after the other.
enum { SUMS_MOST = 1 + HARMONIC_COLUMNS_MOST * (HARMONIC_COLUMNS_MOST + 3) / 2 };

// Adds `count` of eight rows from row i on. Rows behind the last are 0 throughout but for the mean,
// which has no weight there.
WIDE_INLINE void add_rows(const struct harmonic_rows *at, size_t columns, const double *beta,
                          const double *start, size_t i, size_t count, wide *sum)
{
    const wide nothing = {0};
    __attribute__((uninitialized)) wide x[HARMONIC_COLUMNS_MOST];
    wide y = load(at->y + i, count), eta = nothing, offset = nothing;
    wide there = count == WIDE ? wide_from(1) : load(at->one, count);
    if (at->offset != NULL)
        offset = load(at->offset + i, count);
    for (size_t j = 0; j < columns; j++)
        x[j] = load(at->x + j * at->rows + i, count);
    if (beta != NULL) {
        eta = offset;
        for (size_t j = 0; j < columns; j++)
            eta += x[j] * wide_from(beta[j]);
    } else if (start != NULL) {
        eta = load(start + i, count);
    } else {
        wide first = y + 0.1;
        if (at->alpha > 0)
            first = wide_select(y > nothing, floor_of(y, DBL_MIN), wide_from(1.0 / 6));
        eta = wide_log(first);
        wide log_y = wide_where(y > nothing, wide_log(floor_of(y, DBL_MIN)));
        wide_put(at->log_y, i, log_y, count);
    }
    wide mu = floor_of(wide_exp(eta), DBL_EPSILON), residual = (y - mu) / mu;
    wide weight = there * mu, z = eta - offset + residual;
    if (at->alpha > 0)
        weight /= 1 + at->alpha * mu;
    wide_put(at->mu, i, mu, count);
    wide_put(at->eta, i, floor_of(eta, LOG_EPSILON), count);
    sum[0] += there * deviance_of(y, load(at->log_y + i, count), eta, mu, residual, at->alpha);
    wide *to = sum + 1;
    for (size_t j = 0; j < columns; j++) {
        wide weighted = weight * x[j];
        for (size_t k = 0; k <= j; k++)
            *to++ += weighted * x[k];
        *to++ += weighted * z;
    }
}

WIDE_INLINE double add_lanes(wide a)
{
    double sum = 0;
    for (int lane = 0; lane < WIDE; lane++)
        sum += a[lane];
    return sum;
}

WIDE_INLINE double run_pass(const struct harmonic_rows *at, size_t columns, const double *beta,
                            const double *start, double *cross)
{
    __attribute__((uninitialized)) wide sum[SUMS_MOST];
    size_t used = 1 + columns * (columns + 3) / 2, i = 0;
    for (size_t place = 0; place < used; place++)
        sum[place] = wide_from(0);
    for (; i + WIDE <= at->rows; i += WIDE)
        add_rows(at, columns, beta, start, i, WIDE, sum);
    if (i < at->rows)
        add_rows(at, columns, beta, start, i, at->rows - i, sum);
    const wide *from = sum + 1;
    for (size_t j = 0; j < columns; j++) {
        for (size_t k = 0; k <= j; k++)
            cross[j * (columns + 1) + k] = add_lanes(*from++);
        cross[j * (columns + 1) + columns] = add_lanes(*from++);
    }
    return 2 * add_lanes(sum[0]);
}

// The usual model, a mean and one pair of harmonics, gets loops of known length.
double WIDE_NAME(harmonic_pass)(const struct harmonic_rows *at, const double *beta,
                                const double *start, double *cross)
{
    assert(at->rows > 0 && at->columns > 0 && at->columns <= HARMONIC_COLUMNS_MOST);
    return at->columns == 3 ? run_pass(at, 3, beta, start, cross)
                            : run_pass(at, at->columns, beta, start, cross);
}
