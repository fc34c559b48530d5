// SPDX-License-Identifier: LGPL-3.0-or-later
//
// nowcast.c: what will still be reported for the last periods: chain ladder on reverse hazards.
//
//     delay d      0   1   2   3
//     t = 1       10   6   3   1      g(d)  of those reported within d periods, the share with
//     delay d t = 2       12   8   4   2      F(d)  share of all that is reported within d: the
//     product of
//     ...                                   1 - g(j) over the delays j > d still to come
//     t = 5       11   8   -   -      estimate = reported so far / F; "-" lies behind now
//     t = 6       13   -   -   -
//
// Lawless 1994, Can J Stat 22:15; Mack 1993, ASTIN Bull 23:213; Hoehle, an der Heiden 2014,
// Biometrics 70:993.
//
// The interval is one for what is missing, to which the reported ones are added, so it never lies
// below what is known. KNOWN: given n reported, missing ~ NB(n + 1/2, F), Jeffreys' prior on the
// period's mean. Where the rows' own factors scatter more than that law allows (Mack's variance v
// is above the mean m of the missing), NB with mean m and variance v. ESTIMATED: F itself ~ Beta
// from the counts by delay, so the missing are beta negative binomial; it takes the short rows of
// the triangle as if they were whole and so leans towards completeness.
//
// Where nothing is reported yet and next to nothing would be, there is no estimate: 0/0 is not 0.
//
// It does not do: delays that differ by weekday; the window takes care of those that drift.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/analysis.h"
#include "base/memory.h"

static const double COMPLETENESS_LEAST = 0.05; // below, no report says nothing
static const double SUM_MEAN_MOST = 1e5; // beta negative binomial: masses are added up to here
static const double PRIOR_CELL = 0.1;    // of each delay, in interval ESTIMATED

// The triangle as sums, and what is estimated of the delays.
struct ladder {
    size_t rows, delays; // delays: 0..delays-1
    const double *count;
    double *hazard;   // g(d)
    double *share;    // F(d)
    double *scatter;  // s2(j): of the factors from j to j+1
    double *base;     // sum of C(j) over the rows that show both j and j+1
    double *by_delay; // n(d) over all known cells
    size_t window;
};

static double cell_of(const struct ladder *ladder, size_t row, size_t delay)
{
    double count = ladder->count[row * ladder->delays + delay];
    return count > 0 && count <= 1e18 ? count : 0;
}

static double reported_within(const struct ladder *ladder, size_t row, size_t delay)
{
    double sum = 0;
    for (size_t d = 0; d <= delay; d++)
        sum += cell_of(ladder, row, d);
    return sum;
}

// The rows that show delay d: first..last-1, the last `window` of them.
static void rows_of(const struct ladder *ladder, size_t delay, size_t *ret_first, size_t *ret_last)
{
    *ret_last = ladder->rows > delay ? ladder->rows - delay : 0;
    *ret_first = ladder->window > 0 && *ret_last > ladder->window ? *ret_last - ladder->window : 0;
}

static void estimate_delays(struct ladder *ladder)
{
    size_t first, last;
    for (size_t d = 0; d < ladder->delays; d++) {
        double at = 0, within = 0;
        rows_of(ladder, d, &first, &last);
        for (size_t row = first; row < last; row++) {
            at += cell_of(ladder, row, d);
            within += reported_within(ladder, row, d);
        }
        ladder->by_delay[d] = at;
        ladder->hazard[d] = d == 0 ? 1 : within > 0 ? at / within : 0;
    }
    double share = 1;
    for (size_t d = ladder->delays; d-- > 0;) {
        ladder->share[d] = share;
        share *= 1 - ladder->hazard[d];
    }
}

// Mack's s2 for the step from each delay to the next; where fewer than two rows show it, that of
// the step before.
static void estimate_scatter(struct ladder *ladder)
{
    size_t first, last;
    for (size_t j = 0; j + 1 < ladder->delays; j++) {
        double sum = 0, factor = 1 / (1 - ladder->hazard[j + 1]);
        size_t rows = 0;
        rows_of(ladder, j + 1, &first, &last);
        for (size_t row = first; row < last && isfinite(factor); row++) {
            double before = reported_within(ladder, row, j);
            ladder->base[j] += before;
            if (before <= 0)
                continue;
            double miss = (before + cell_of(ladder, row, j + 1)) / before - factor;
            sum += before * miss * miss;
            rows++;
        }
        ladder->scatter[j] = rows >= 2 ? sum / (double)(rows - 1)
                             : j > 0   ? ladder->scatter[j - 1]
                                       : 0;
    }
}

// Mack's variance of the total of a row of which `reported` are known up to `delay`.
static double mack_variance(const struct ladder *ladder, double reported, size_t delay)
{
    double sum = 0, reached = reported, total = reported / ladder->share[delay];
    for (size_t j = delay; j + 1 < ladder->delays; j++) {
        double factor = 1 / (1 - ladder->hazard[j + 1]);
        if (ladder->base[j] > 0 && reached > 0)
            sum += ladder->scatter[j] / (factor * factor) * (1 / reached + 1 / ladder->base[j]);
        reached *= factor;
    }
    return total * total * sum;
}

static double quantile_of(double probability, double mean, double variance)
{
    if (!(mean > 0))
        return 0;
    if (variance <= mean * (1 + 1e-9))
        return analysis_poisson_quantile(probability, mean);
    return analysis_negative_binomial_quantile(probability, mean * mean / (variance - mean),
                                               mean / variance);
}

// The beta negative binomial's quantile: masses added up from 0, by their ratio; a law with a long
// way to go by the negative binomial of the same mean and variance.
static double beta_quantile(double probability, double r, double p, double q)
{
    double mean = p > 1 ? r * q / (p - 1) : INFINITY;
    double log_mass = lgamma(r + p) + lgamma(p + q) - lgamma(r + p + q) - lgamma(p);
    if (!(mean < SUM_MEAN_MOST) || log_mass < -600) {
        double variance = r * (r + p - 1) * q * (q + p - 1) / ((p - 2) * (p - 1) * (p - 1));
        return p > 2 && isfinite(variance) ? quantile_of(probability, mean, variance) : INFINITY;
    }
    double mass = exp(log_mass), sum = mass, k = 0;
    // Bound: masses fall at least as k^-(p+1); a thousand means behind lies nothing.
    while (sum < probability * (1 - 1e-13) && k < 1000 * (mean + 100)) {
        mass *= (r + k) / (k + 1) * (k + q) / (r + p + k + q);
        sum += mass;
        k += 1;
    }
    return k;
}

static void fill_interval(const struct ladder *ladder,
                          const struct analysis_nowcast_options *options, size_t delay,
                          struct analysis_nowcast *now)
{
    double level[3] = {(1 - options->level) / 2, 0.5, (1 + options->level) / 2}, bound[3];
    double n = now->reported, share = ladder->share[delay];
    double missing = n * (1 - share) / share, variance = mack_variance(ladder, n, delay);
    double p = 0, q = 0;
    for (size_t d = 0; d < ladder->delays; d++)
        *(d <= delay ? &p : &q) += ladder->by_delay[d] + PRIOR_CELL;
    now->is_overdispersed = options->interval == ANALYSIS_NOWCAST_AUTO && variance > missing &&
                            isfinite(variance) && missing > 0;
    for (int i = 0; i < 3; i++) {
        bound[i] = INFINITY;
        if (options->interval == ANALYSIS_NOWCAST_ESTIMATED)
            bound[i] = beta_quantile(level[i], n + 1, p, q);
        else if (now->is_overdispersed)
            bound[i] = quantile_of(level[i], missing, variance);
        if (!isfinite(bound[i]))
            bound[i] = analysis_negative_binomial_quantile(level[i], n + 0.5, share);
    }
    now->lower = n + bound[0];
    now->median = n + bound[1];
    now->upper = n + bound[2];
}

static void fill_row(const struct ladder *ladder, const struct analysis_nowcast_options *options,
                     size_t row, struct analysis_nowcast *now)
{
    size_t passed = ladder->rows - 1 - row;
    size_t delay = passed < ladder->delays ? passed : ladder->delays - 1;
    double share = ladder->share[delay];
    *now = (struct analysis_nowcast){.reported = reported_within(ladder, row, delay),
                                     .completeness = share};
    if (delay == ladder->delays - 1) {
        now->reason = ANALYSIS_NOWCAST_COMPLETE;
        now->estimate = now->lower = now->median = now->upper = now->reported;
    } else if (!(share > 1e-12) || (now->reported == 0 && share < COMPLETENESS_LEAST)) {
        now->reason = ANALYSIS_NOWCAST_NOTHING;
    } else {
        now->estimate = now->reported / share;
        fill_interval(ladder, options, delay, now);
    }
}

bool analysis_make_nowcast(const struct analysis_triangle *triangle,
                           const struct analysis_nowcast_options *options,
                           struct analysis_nowcast *ret_nowcast, double *ret_hazard)
{
    assert(triangle->period_count >= 1 && options->level > 0 && options->level < 1);
    size_t delays = triangle->delay_most + 1;
    double *memory = memory_allocate(5 * delays * sizeof *memory);
    if (memory == NULL)
        return false;
    struct ladder ladder = {.rows = triangle->period_count,
                            .delays = delays,
                            .count = triangle->count,
                            .hazard = memory,
                            .share = memory + delays,
                            .scatter = memory + 2 * delays,
                            .base = memory + 3 * delays,
                            .by_delay = memory + 4 * delays,
                            .window = options->window};
    estimate_delays(&ladder);
    estimate_scatter(&ladder);
    for (size_t row = 0; row < ladder.rows; row++)
        fill_row(&ladder, options, row, &ret_nowcast[row]);
    if (ret_hazard != NULL)
        memcpy(ret_hazard, ladder.hazard, delays * sizeof *ret_hazard);
    memory_free(memory);
    return true;
}
