// SPDX-License-Identifier: LGPL-3.0-or-later
//
// grouped_kernel.c: iteratively reweighted least squares where the design is groups and one trend.
//
// Compiled once a level of the machine (wide.h). The equations are those of glm.c (docs/detectors
// 1-3). What makes this form fast and as exact:
//
// The design matrix is one column of ones a group, disjoint and so orthogonal, and one column of
// times. The normal equations have the form of an arrow,
//
//     | S_1             T_1 |        S_g = sum of W in group g
//     |     S_2         T_2 |        T_g = sum of W t
//     |         ...     ... |
//     | T_1 T_2 ...     Q   |
//
// and taking each group's weighted mean out of t and z solves them in one pass over the rows:
//
//     b   =  sum W (t - tbar_g)(z - zbar_g)  /  sum W (t - tbar_g)^2
//     a_g =  zbar_g - b tbar_g
//     leverage of a row   W ( 1/S_g + (t - tbar_g)^2 / sum W (t - tbar_g)^2 )
//     spread at k (t = 0) 1/S_last + tbar_last^2 / sum W (t - tbar_g)^2
//
// Every difference is taken before it is squared, so nothing cancels, and groups of weight 1e-16
// beside groups of weight 1 do no harm: they never meet in one sum. That is where a Cholesky factor
// of the normal equations fails. Where the trend itself is barely determined, or a sum is not
// finite, the lane is marked doubtful and glm.c decides.
//
// Lanes stop each at its own iteration: a mask of active lanes guards every store, so that a lane's
// numbers never depend on its neighbours. Per row and iteration there is one exponential, one
// division and no logarithm: ln y is taken once a value, ln mu is eta, and a deviance near zero,
// where y (ln y - eta) - (y - mu) would cancel, comes from its series in the residual r,
//
//     mu ((1+r) ln(1+r) - r)  =  mu r^2 (1/2 - r/6 + r^2/12 - r^3/20 + ...)
#include "analysis/grouped_fit.h"
#include "analysis/wide_kernels.h"

#include <float.h>

enum { ITERATIONS_MOST = 25 };
static const double DEVIANCE_TOLERANCE = 1e-8;
// |r| below which the series is good to 1e-13.
static const double SERIES_MOST = 1e-3;
static const double LOG_EPSILON = -36.04365338911715; // ln of the smallest mean
// Shares of a sum of squares below this are left to glm.c, which knows the rank.
static const double SHARE_LEAST = 1e-20;

// Half the deviance of a row over its prior weight.
WIDE_INLINE wide deviance_of(wide y, wide log_y, wide eta, wide mu, wide residual)
{
    eta = wide_select(eta > wide_from(LOG_EPSILON), eta, wide_from(LOG_EPSILON));
    wide plain = y * (log_y - eta) - (y - mu), r = residual;
    wide series = mu * r * r * (0.5 - r * (1.0 / 6 - r * (1.0 / 12 - r * 0.05)));
    wide_mask is_near = (r < wide_from(SERIES_MOST)) & (r > wide_from(-SERIES_MOST));
    return wide_select(is_near, series, plain);
}

// Sums of one group of rows; leaves W in fit->weight and adds to the sums about the group's means.
WIDE_INLINE void sum_group(struct grouped_fit *fit, const struct season_baseline *baseline,
                           int32_t group, bool is_trended, wide_mask active, wide *time_square,
                           wide *product)
{
    int32_t from = baseline->group_start[group], to = baseline->group_start[group + 1];
    wide total = wide_from(0), time_sum = total, response_sum = total;
    for (int32_t i = from; i < to; i++) {
        wide w = wide_load(fit->prior + WIDE * i) * wide_load(fit->mu + WIDE * i);
        wide z = wide_load(fit->predictor + WIDE * i) + wide_load(fit->residual + WIDE * i);
        total += w;
        response_sum += w * z;
        if (is_trended)
            time_sum += w * wide_from(baseline->time[i]);
        wide_store(fit->weight + WIDE * i,
                   wide_select(active, w, wide_load(fit->weight + WIDE * i)));
    }
    wide_mask is_empty = total <= wide_from(0);
    wide divisor = wide_select(is_empty, wide_from(1), total);
    wide time_mean = time_sum / divisor, response_mean = response_sum / divisor;
    for (int32_t i = from; i < to && is_trended; i++) {
        wide w = wide_load(fit->prior + WIDE * i) * wide_load(fit->mu + WIDE * i);
        wide z = wide_load(fit->predictor + WIDE * i) + wide_load(fit->residual + WIDE * i);
        wide apart = wide_from(baseline->time[i]) - time_mean, part = w * apart;
        *time_square += part * apart;
        *product += part * (z - response_mean);
    }
    double *at[] = {fit->total + WIDE * group, fit->time_mean + WIDE * group,
                    fit->response_mean + WIDE * group};
    wide_store(at[0], wide_select(active, total, wide_load(at[0])));
    wide_store(at[1], wide_select(active, time_mean, wide_load(at[1])));
    wide_store(at[2], wide_select(active, response_mean, wide_load(at[2])));
}

WIDE_INLINE void solve(struct grouped_fit *fit, const struct season_baseline *baseline,
                       bool is_trended, wide_mask active)
{
    wide time_square = wide_from(0), product = wide_from(0), slope = wide_from(0);
    for (int32_t group = 0; group < baseline->group_count; group++)
        sum_group(fit, baseline, group, is_trended, active, &time_square, &product);
    if (is_trended)
        slope = wide_select(time_square > wide_from(0), product / time_square, wide_from(0));
    for (int32_t group = 0; group < baseline->group_count; group++) {
        wide intercept = wide_load(fit->response_mean + WIDE * group) -
                         slope * wide_load(fit->time_mean + WIDE * group);
        wide before = wide_load(fit->intercept + WIDE * group);
        wide_store(fit->intercept + WIDE * group, wide_select(active, intercept, before));
    }
    wide_store(fit->slope, wide_select(active, slope, wide_load(fit->slope)));
    wide_store(fit->time_square, wide_select(active, time_square, wide_load(fit->time_square)));
}

// New means from the coefficients; returns the deviance.
WIDE_INLINE wide update(struct grouped_fit *fit, const struct season_baseline *baseline,
                        const struct grouped_series *series, size_t k, wide_mask active)
{
    wide deviance = wide_from(0), slope = wide_load(fit->slope);
    for (int32_t group = 0; group < baseline->group_count; group++) {
        wide intercept = wide_load(fit->intercept + WIDE * group);
        for (int32_t i = baseline->group_start[group]; i < baseline->group_start[group + 1]; i++) {
            size_t at = WIDE * (k - (size_t)-baseline->index[i]);
            wide predictor = intercept + slope * wide_from(baseline->time[i]), eta = predictor;
            if (series->offset != NULL)
                eta += wide_load(series->offset + at);
            wide mu = wide_exp(eta), y = wide_load(series->y + at);
            mu = wide_select(mu > wide_from(DBL_EPSILON), mu, wide_from(DBL_EPSILON));
            wide residual = (y - mu) / mu;
            deviance += wide_load(fit->prior + WIDE * i) *
                        deviance_of(y, wide_load(series->log_y + at), eta, mu, residual);
            double *row[] = {fit->predictor + WIDE * i, fit->mu + WIDE * i,
                             fit->residual + WIDE * i};
            wide_store(row[0], wide_select(active, predictor, wide_load(row[0])));
            wide_store(row[1], wide_select(active, mu, wide_load(row[1])));
            wide_store(row[2], wide_select(active, residual, wide_load(row[2])));
        }
    }
    return deviance * 2;
}

// The start y + 0.1; returns its deviance.
WIDE_INLINE wide start(struct grouped_fit *fit, const struct season_baseline *baseline,
                       const struct grouped_series *series, size_t k)
{
    wide deviance = wide_from(0);
    for (int32_t i = 0; i < baseline->row_count; i++) {
        size_t at = WIDE * (k - (size_t)-baseline->index[i]);
        wide y = wide_load(series->y + at), mu = y + 0.1;
        wide eta = wide_load(series->log_start + at), residual = (y - mu) / mu;
        deviance += wide_load(fit->prior + WIDE * i) *
                    deviance_of(y, wide_load(series->log_y + at), eta, mu, residual);
        if (series->offset != NULL)
            eta -= wide_load(series->offset + at);
        wide_store(fit->predictor + WIDE * i, eta);
        wide_store(fit->mu + WIDE * i, mu);
        wide_store(fit->residual + WIDE * i, residual);
    }
    return deviance * 2;
}

static void iterate(struct grouped_fit *fit, const struct season_baseline *baseline,
                    const struct grouped_series *series, size_t k, bool is_trended,
                    const int64_t *is_wanted)
{
    wide_mask active, converged = {0};
    memcpy(&active, is_wanted, sizeof active);
    active = active != 0;
    wide_mask wanted = active, is_finite = active;
    wide before = start(fit, baseline, series, k);
    for (int i = 0; i < ITERATIONS_MOST && wide_any(active); i++) {
        solve(fit, baseline, is_trended, active);
        wide now = update(fit, baseline, series, k, active);
        is_finite = (active & (now < wide_from(1e300))) | (~active & is_finite);
        wide change = wide_select(now > before, now - before, before - now);
        wide_mask is_done = change < DEVIANCE_TOLERANCE * (0.1 + now);
        converged |= active & is_done;
        active &= ~is_done & is_finite;
        before = now;
    }
    wide_mask doubtful = wanted & ~is_finite;
    memcpy(fit->is_converged, &converged, sizeof converged);
    memcpy(fit->is_doubtful, &doubtful, sizeof doubtful);
}

// Dispersions, rank, and whether the trend is determined well enough to be trusted.
static void measure(struct grouped_fit *fit, const struct season_baseline *baseline,
                    bool is_trended)
{
    wide pearson = wide_from(0), plain = pearson, between = pearson, all = pearson;
    wide rank = wide_from(is_trended), least = wide_from(INFINITY);
    wide counted = wide_load(fit->counted), none = wide_from(0);
    for (int32_t i = 0; i < baseline->row_count; i++) {
        wide residual = wide_load(fit->residual + WIDE * i), square = residual * residual;
        pearson += wide_load(fit->weight + WIDE * i) * square;
        plain += wide_load(fit->prior + WIDE * i) * square;
    }
    for (int32_t group = 0; group < baseline->group_count; group++) {
        wide total = wide_load(fit->total + WIDE * group);
        wide mean = wide_load(fit->time_mean + WIDE * group);
        wide_mask is_there = total > none;
        rank += wide_select(is_there, wide_from(1), none);
        between += total * mean * mean;
        all += total;
        least = wide_select(is_there & (total < least), total, least);
    }
    wide square = wide_load(fit->time_square), freedom = counted - rank;
    wide_mask doubtful = least < SHARE_LEAST * all;
    if (is_trended)
        doubtful |= ~(square > SHARE_LEAST * (between + square));
    doubtful |= ~(pearson < wide_from(1e300)) | ~(plain < wide_from(1e300));
    wide_mask before;
    memcpy(&before, fit->is_doubtful, sizeof before);
    doubtful |= before;
    memcpy(fit->is_doubtful, &doubtful, sizeof doubtful);
    wide_mask is_free = freedom > none;
    freedom = wide_select(is_free, freedom, wide_from(1));
    wide_store(fit->phi_raw, wide_select(is_free, pearson / freedom, wide_from(-1)));
    wide_store(fit->disp, wide_select(is_free, plain / freedom, wide_from(-1)));
    wide_store(fit->rank, rank);
}

void WIDE_NAME(grouped_fit_begin)(struct grouped_fit *fit, const struct season_baseline *baseline,
                                  const struct grouped_series *series, size_t k)
{
    wide counted = wide_from(0), largest = counted;
    for (int32_t i = 0; i < baseline->row_count; i++) {
        size_t at = WIDE * (k - (size_t)-baseline->index[i]);
        wide known = wide_load(series->is_known + at), y = wide_load(series->y + at);
        counted += known;
        largest = wide_select(y > largest, y, largest);
        wide_store(fit->prior + WIDE * i, known);
    }
    wide_store(fit->counted, counted);
    wide_store(fit->largest, largest);
}

void WIDE_NAME(grouped_fit_weigh)(struct grouped_fit *fit, const struct season_baseline *baseline,
                                  const struct grouped_series *series, size_t k, double threshold,
                                  bool is_trended, int64_t *ret_is_changed)
{
    wide phi = wide_load(fit->phi_raw), square = wide_load(fit->time_square), sum = wide_from(0);
    phi = wide_select(phi > wide_from(1), phi, wide_from(1));
    wide_mask is_changed = {0}, is_number = is_changed == 0;
    for (int32_t group = 0; group < baseline->group_count; group++) {
        wide total = wide_load(fit->total + WIDE * group);
        wide share = 1 / wide_select(total > wide_from(0), total, wide_from(1));
        for (int32_t i = baseline->group_start[group]; i < baseline->group_start[group + 1]; i++) {
            size_t at = WIDE * (k - (size_t)-baseline->index[i]);
            wide hat = share, mu = wide_load(fit->mu + WIDE * i);
            if (is_trended) {
                wide apart =
                    wide_from(baseline->time[i]) - wide_load(fit->time_mean + WIDE * group);
                hat += apart * apart / square;
            }
            hat *= wide_load(fit->weight + WIDE * i);
            hat = wide_select(hat > wide_from(1 - 10 * DBL_EPSILON), wide_from(1), hat);
            wide root = wide_sqrt(mu), eta = wide_load(fit->predictor + WIDE * i);
            if (series->offset != NULL)
                eta += wide_load(series->offset + at);
            eta = wide_select(eta > wide_from(LOG_EPSILON), eta, wide_from(LOG_EPSILON));
            wide anscombe = 1.5 *
                            (wide_load(series->power + at) * wide_exp(eta * (-1.0 / 6)) - root) /
                            wide_sqrt(phi * (1 - hat));
            wide known = wide_load(series->is_known + at);
            wide_mask is_known = known > wide_from(0);
            wide_mask is_large = (anscombe > wide_from(threshold)) & is_known;
            is_number &= (anscombe - anscombe == wide_from(0)) | ~is_known;
            is_changed |= is_large;
            wide prior = wide_select(is_large, 1 / (anscombe * anscombe), known);
            sum += prior;
            wide_store(fit->prior + WIDE * i, prior);
        }
    }
    wide gamma = wide_load(fit->counted) / wide_select(sum > wide_from(0), sum, wide_from(1));
    for (int32_t i = 0; i < baseline->row_count; i++)
        wide_store(fit->prior + WIDE * i, gamma * wide_load(fit->prior + WIDE * i));
    wide_mask doubtful;
    memcpy(&doubtful, fit->is_doubtful, sizeof doubtful);
    doubtful |= ~is_number;
    memcpy(fit->is_doubtful, &doubtful, sizeof doubtful);
    memcpy(ret_is_changed, &is_changed, sizeof is_changed);
}

void WIDE_NAME(grouped_fit_run)(struct grouped_fit *fit, const struct season_baseline *baseline,
                                const struct grouped_series *series, size_t k, bool is_trended,
                                const int64_t *is_wanted)
{
    assert(baseline->row_count > 1 && baseline->group_count >= 1);
    iterate(fit, baseline, series, k, is_trended, is_wanted);
    measure(fit, baseline, is_trended);
}
