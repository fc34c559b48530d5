// SPDX-License-Identifier: LGPL-3.0-or-later
//
// pelt_cut.c: where a series is best cut into segments, exactly, by PELT.
//
// Killick, Fearnhead, Eckley 2012, JASA 107:1590. A start s is dropped when even without the
// penalty of another cut it is no better than the best: F(s) + C(y[s+1..t]) >= F(t) (their
// Theorem 3.1, with K = 0, right for costs that a cut never raises). With segments of at least
// `segment` values a better path needs room for its own, so s is tried until t + segment - 1 all
// the same.
//
//     mean               (Q - S^2/m)/v
//     mean and variance  m (ln 2 pi + ln max(Q/m - (S/m)^2, 1e-10) + 1)
//     Poisson            2 S (ln m - ln S), 0 if S = 0
//     slope              residual sum of squares of a line / v
//
// m values, S their sum, Q of their squares, from running sums. Those are of differences to the
// series' mean, so that Q - S^2/m keeps its digits.
#include <stdlib.h>
#include <string.h>

#include "analysis/pelt.h"

double pelt_cost_of(const struct pelt_problem *problem, size_t from, size_t to)
{
    const struct pelt_sums *sums = &problem->sums;
    double m = (double)(to - from), s = sums->y[to] - sums->y[from];
    assert(from < to);
    if (problem->cost == PELT_POISSON)
        return s > 0 ? 2 * s * (log(m) - log(s)) : 0;
    double spread = sums->square[to] - sums->square[from] - s * s / m;
    spread = spread > 0 ? spread : 0;
    if (problem->cost == PELT_MEAN_VARIANCE) {
        double variance = spread / m;
        return m * (1.83787706640934548356 + log(variance > 1e-10 ? variance : 1e-10) + 1);
    }
    if (problem->cost == PELT_SLOPE && m > 2) {
        double middle = ((double)(from + to) + 1) / 2, square = m * (m * m - 1) / 12;
        double product = sums->product[to] - sums->product[from] - middle * s;
        spread -= product * product / square;
        spread = spread > 0 ? spread : 0;
    }
    return spread / problem->variance;
}

void pelt_cut(const struct pelt_problem *problem, struct pelt_cuts *cuts)
{
    size_t count = 1;
    cuts->cost[0] = -problem->penalty;
    cuts->start[0] = 0;
    cuts->expiry[0] = SIZE_MAX;
    for (size_t t = 1; t <= problem->count; t++) {
        double best = INFINITY;
        size_t kept = 0, last = 0;
        for (size_t i = 0; i < count; i++) {
            size_t s = cuts->start[i];
            if (cuts->expiry[s] < t)
                continue;
            cuts->start[kept++] = s;
            if (t - s < problem->segment)
                continue;
            double cost = cuts->cost[s] + pelt_cost_of(problem, s, t) + problem->penalty;
            if (cost < best) {
                best = cost;
                last = s;
            }
        }
        count = kept;
        cuts->cost[t] = best;
        cuts->last[t] = last;
        for (size_t i = 0; i < count && isfinite(best); i++) {
            size_t s = cuts->start[i];
            if (cuts->expiry[s] == SIZE_MAX && t - s >= problem->segment &&
                cuts->cost[s] + pelt_cost_of(problem, s, t) >= best)
                cuts->expiry[s] = t + problem->segment - 1;
        }
        if (isfinite(best)) {
            cuts->start[count++] = t;
            cuts->expiry[t] = SIZE_MAX;
        }
    }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median_of(double *value, size_t count)
{
    qsort(value, count, sizeof *value, compare);
    return count % 2 == 1 ? value[count / 2] : (value[count / 2 - 1] + value[count / 2]) / 2;
}

// ( 1.4826 median |d - median d| / sqrt 2 )^2 of the differences d; where that is 0, as of mostly
// constant series, their variance, halved: a difference has twice that of a value.
double pelt_robust_variance(const double *y, size_t count, double *work)
{
    double mean = 0, squares = 0;
    if (count < 2)
        return 0;
    for (size_t i = 1; i < count; i++)
        work[i - 1] = y[i] - y[i - 1];
    double middle = median_of(work, count - 1);
    for (size_t i = 1; i < count; i++)
        work[i - 1] = fabs(y[i] - y[i - 1] - middle);
    double deviation = 1.4826 * median_of(work, count - 1) / 1.41421356237309504880;
    if (deviation > 0)
        return deviation * deviation;
    for (size_t i = 1; i < count; i++) {
        double d = y[i] - y[i - 1], step = d - mean;
        mean += step / (double)i;
        squares += step * (d - mean);
    }
    return count > 2 ? squares / (double)(count - 2) / 2 : 0;
}
