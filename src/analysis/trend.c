// SPDX-License-Identifier: LGPL-3.0-or-later
//
// trend.c: what broke since a date: level, slope, season or spread, each with size and certainty.
//
// Four questions to the regression of trend_fit.c, from the richest model down, so that each is
// asked with what was found before it still in the model:
//
//     season   F test of the two columns of the change; when p > 0.05 they are left out
//     slope    t test of the ramp; when p > 0.05 it is left out
//     level    t test of the step at the date
//     spread   the dispersion after against before, from the residuals of what is left:
//              ln ratio has variance (kurtosis - 1)(1 + g)/2 (1/n0' + 1/n1'), g the widening, n'
//              less the columns spent (Layard 1973, J Am Stat Assoc 68:195; Bonett 2006); kurtosis
//              pooled over both sides, at least the normal 3
//
// Where one side has too few events for a regression (under 5 in units of the dispersion), only the
// level is asked about: given the sum of both sides, that of one side is binomial. With a season
// and less than a year since the date, the sum before is over the same part of the years.
//
// Segmented regression: Wagner, Soumerai, Zhang, Ross-Degnan 2002, J Clin Pharm Ther 27:299.
#include "analysis/trend.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis_priv.h"
#include "analysis/digits.h"
#include "base/memory.h"

enum { BEFORE_LEAST = 8, AFTER_LEAST = 3, SLOPE_LEAST = 6, SPREAD_LEAST = 12 };
static const double KEPT_LEVEL = 0.05, INTERVAL_ALPHA = 0.05, EVENTS_LEAST = 5, EVENTS_MOST = 1e6;
// What a sum over a series keeps of its largest value.
static const double PRECISION = 1e-12;
static const double EXPONENT_MOST = 30, NORMAL_KURTOSIS = 3;

// exp of a difference of logarithms, held where a number stays readable.
static double ratio_of(double logarithm)
{
    return exp(fmin(fmax(logarithm, -EXPONENT_MOST), EXPONENT_MOST));
}

// t with P(|T| > t) = alpha.
static double student_critical(double alpha, double freedom)
{
    double low = 0, high = 64;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (analysis_student_two_sided(middle, freedom) > alpha)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static void give_up(struct analysis_break *one, enum analysis_reason reason)
{
    *one = (struct analysis_break){.reason = reason, .q = 1, .p = 1};
}

// The end of the interval nearest to no change: logarithms of ratios, shares of `scale` of
// differences, as log1p so that both read alike.
static double nearest_to_none(double low, double high, double scale)
{
    double near = low > 0 ? low : high < 0 ? -high : 0;
    return scale > 0 ? log1p(near / scale) : near;
}

// --- Columns of the regression ------------------------------------------------------------------

// What a linear model's changes are measured against: its usual level, or its scatter.
static double scale_of(const struct trend_fit *fit)
{
    double mean = 0;
    for (size_t i = 0; i < fit->problem.rows; i++)
        mean += fabs(fit->glm.mu[i]) / (double)fit->problem.rows;
    return fmax(mean, sqrt(fit->dispersion));
}

// Size and interval of a coefficient with its standard error.
static void set_size(struct analysis_break *one, const struct trend_fit *fit, double size,
                     double error)
{
    double reach = error * student_critical(INTERVAL_ALPHA, fit->freedom);
    one->is_tested = true;
    one->is_ratio = !fit->problem.is_linear;
    one->size = one->is_ratio ? ratio_of(size) : size;
    one->low = one->is_ratio ? ratio_of(size - reach) : size - reach;
    one->high = one->is_ratio ? ratio_of(size + reach) : size + reach;
    one->certain = nearest_to_none(size - reach, size + reach, one->is_ratio ? 0 : scale_of(fit));
}

static double link_to_mean(const struct trend_fit *fit, double eta)
{
    return fit->problem.is_linear ? eta : ratio_of(eta);
}

// Tests one coefficient.
static void test_column(struct analysis_break *one, const struct trend_fit *fit, int column)
{
    double size = fit->glm.beta[column], error = sqrt(trend_covariance(fit, column, column));
    if (fit->glm.rank < fit->problem.columns || !(error > 0) || !isfinite(error)) {
        give_up(one, ANALYSIS_REASON_NO_FIT);
        return;
    }
    set_size(one, fit, size, error);
    one->p = analysis_student_two_sided(size / error, fit->freedom);
}

static void test_level(struct analysis_break *one, const struct trend_fit *fit, size_t before)
{
    test_column(one, fit, fit->column.level);
    // What was to be expected of the first period since, and what the model has for it.
    double eta = fit->glm.eta[before];
    one->after = link_to_mean(fit, eta);
    one->before = link_to_mean(fit, eta - fit->glm.beta[fit->column.level]);
}

static void test_slope(struct analysis_break *one, const struct trend_fit *fit)
{
    test_column(one, fit, fit->column.slope);
    double eta = fit->glm.eta[fit->problem.rows - 1];
    one->after = link_to_mean(fit, eta);
    one->before = link_to_mean(fit, eta - fit->glm.beta[fit->column.slope]);
}

// The swing of the year, as the distance from trough to peak.
static double swing(const struct trend_fit *fit, double cosine, double sine)
{
    double distance = 2 * hypot(cosine, sine);
    return fit->problem.is_linear ? distance : ratio_of(distance);
}

static void test_season(struct analysis_break *one, const struct trend_fit *fit)
{
    int c = fit->column.season, s = c + 1, annual = fit->column.annual;
    const double *beta = fit->glm.beta;
    double cc = trend_covariance(fit, c, c), ss = trend_covariance(fit, s, s);
    double cs = trend_covariance(fit, c, s), determinant = cc * ss - cs * cs;
    if (fit->glm.rank < fit->problem.columns || !(determinant > 0)) {
        give_up(one, ANALYSIS_REASON_NO_FIT);
        return;
    }
    double f = (beta[c] * beta[c] * ss - 2 * beta[c] * beta[s] * cs + beta[s] * beta[s] * cc) /
               (2 * determinant);
    // The change of the amplitude, with the error of the change along the season after.
    double before = hypot(beta[annual], beta[annual + 1]);
    double cosine = beta[annual] + beta[c], sine = beta[annual + 1] + beta[s];
    double after = hypot(cosine, sine);
    double u = after > 0 ? cosine / after : 1, v = after > 0 ? sine / after : 0;
    double error = sqrt(fmax(u * u * cc + 2 * u * v * cs + v * v * ss, 0));
    set_size(one, fit, 2 * (after - before), 2 * error);
    one->p = pow(1 + 2 * fmax(f, 0) / fit->freedom, -fit->freedom / 2);
    one->before = swing(fit, beta[annual], beta[annual + 1]);
    one->after = swing(fit, cosine, sine);
}

static void test_spread(struct analysis_break *one, const struct trend_fit *fit,
                        const struct trend_points *points)
{
    size_t rows = points->rows, before = points->before, after = rows - before;
    double spent_after = 1 + (fit->column.slope >= 0) + 2 * (fit->column.season >= 0);
    double spent_before = (double)fit->glm.rank - spent_after, phi[2] = {0}, fourth = 0;
    double freedom[2] = {(double)before - spent_before, (double)after - spent_after};
    if (before < SPREAD_LEAST || after < SPREAD_LEAST || freedom[0] < SPREAD_LEAST / 2.0 ||
        freedom[1] < SPREAD_LEAST / 2.0) {
        give_up(one, ANALYSIS_REASON_SHORT);
        return;
    }
    for (size_t i = 0; i < rows; i++)
        phi[i >= before] +=
            fit->residual[i] * fit->residual[i] / (double)(i >= before ? after : before);
    // A side that never moves has no dispersion to compare, only its roundings.
    double least = fit->dispersion * 1e-9;
    if (!(phi[0] > least) || !(phi[1] > least)) {
        give_up(one, ANALYSIS_REASON_RANGE);
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        double square = fit->residual[i] * fit->residual[i] / phi[i >= before];
        fourth += square * square / (double)rows;
    }
    // The squares of an autocorrelated series are correlated by the squares of its correlations.
    double error = sqrt((fmax(fourth, NORMAL_KURTOSIS) - 1) * (1 + fit->widening) / 2 *
                        (1 / freedom[0] + 1 / freedom[1]));
    double size = log(phi[1] / phi[0]);
    set_size(one, fit, size, error);
    one->p = analysis_student_two_sided(size / error, fit->freedom);
    one->is_ratio = true;
    double reach = error * student_critical(INTERVAL_ALPHA, fit->freedom);
    one->size = ratio_of(size);
    one->low = ratio_of(size - reach);
    one->high = ratio_of(size + reach);
    // As of standard deviations, which are on the scale of the values.
    one->certain = nearest_to_none(size - reach, size + reach, 0) / 2;
    one->before = phi[0];
    one->after = phi[1];
}

// --- Series -------------------------------------------------------------------------------------

// Sums over both sides and what they are worth. `widening` by the autocorrelation about the means.
struct sides {
    double sum[2], count[2], phi, widening;
};

// True when a point counts in the sums: with a season and less than a year since, only those of the
// same part of the year do.
static bool is_comparable(const struct analysis_panel *panel, const struct trend_points *points,
                          size_t at)
{
    size_t periods = panel->to - panel->from, year = (size_t)fmax(panel->frequency, 1);
    if (at >= panel->from || periods >= year || !trend_has_season(panel, points))
        return true;
    return (year - 1 - (panel->from - at - 1) % year) < periods;
}

static struct sides sum_sides(const struct analysis_panel *panel, const struct trend_points *points)
{
    struct sides sides = {.widening = 1};
    double square = 0, product = 0, before = 0;
    for (size_t i = 0; i < points->rows; i++) {
        int side = i >= points->before, is_counted = is_comparable(panel, points, points->at[i]);
        sides.sum[side] += is_counted ? points->y[i] : 0;
        sides.count[side] += is_counted;
    }
    double rows = sides.count[0] + sides.count[1], mean = (sides.sum[0] + sides.sum[1]) / rows;
    for (size_t i = 0; i < points->rows; i++) {
        int side = i >= points->before;
        double own = sides.sum[side] / fmax(sides.count[side], 1);
        bool is_counted = own > 0 && is_comparable(panel, points, points->at[i]);
        double residual = is_counted ? (points->y[i] - own) / sqrt(own) : 0;
        square += residual * residual;
        product += residual * before;
        before = residual;
    }
    double least = mean > 0 ? points->rounding / mean : 0;
    double rho = square > 0 ? fmin(fmax(product / square, 0), 0.9) : 0;
    sides.phi = fmax(square / fmax(rows - 2, 1), fmax(least, 1e-9));
    sides.widening = (1 + rho) / (1 - rho);
    return sides;
}

// Too few events on a side: the level alone, from sums.
static void test_sums(struct analysis_break *one, const struct sides *sides)
{
    // More events than a million say no more: every error is below a thousandth.
    const double *sum = sides->sum, *count = sides->count;
    double phi = fmax(sides->phi * sides->widening, (sum[0] + sum[1]) / EVENTS_MOST);
    double events[2] = {nearbyint(sum[0] / phi), nearbyint(sum[1] / phi)};
    double share = count[1] / (count[0] + count[1]), all = events[0] + events[1];
    if (!(sum[0] + sum[1] > 0) || all < 1 || count[0] < AFTER_LEAST) {
        give_up(one, ANALYSIS_REASON_RANGE);
        return;
    }
    double above = analysis_binomial_upper(events[1], all, share);
    double below = analysis_binomial_upper(events[0], all, 1 - share);
    double size = log((events[1] + 0.5) / (events[0] + 0.5) * count[0] / count[1]);
    double reach = analysis_normal_quantile(1 - INTERVAL_ALPHA / 2) *
                   sqrt(1 / (events[1] + 0.5) + 1 / (events[0] + 0.5));
    *one = (struct analysis_break){.is_tested = true,
                                   .is_ratio = true,
                                   .size = ratio_of(size),
                                   .low = ratio_of(size - reach),
                                   .high = ratio_of(size + reach),
                                   .before = sum[0] / count[0],
                                   .after = sum[1] / count[1],
                                   .p = fmin(1, 2 * fmin(above, below)),
                                   .q = 1};
    one->certain = nearest_to_none(size - reach, size + reach, 0);
}

static void test_series(struct trend_fit *fit, const struct analysis_panel *panel,
                        const struct trend_points *points, struct analysis_break *ret_break)
{
    struct sides sides = sum_sides(panel, points);
    size_t after = points->rows - points->before;
    bool has_slope = after >= SLOPE_LEAST && trend_has_trend(panel, points);
    bool has_season = points->years_after >= 1 && trend_has_season(panel, points);
    bool is_sparse =
        points->is_ratio && fmin(sides.sum[0], sides.sum[1]) < EVENTS_LEAST * sides.phi;
    if (is_sparse || !trend_fit_run(fit, panel, points, has_slope, has_season)) {
        if (points->is_ratio)
            test_sums(&ret_break[ANALYSIS_BREAK_LEVEL], &sides);
        for (int kind = points->is_ratio ? 1 : 0; kind < ANALYSIS_BREAKS; kind++)
            give_up(&ret_break[kind], ANALYSIS_REASON_NO_FIT);
        return;
    }
    if (has_season) {
        test_season(&ret_break[ANALYSIS_BREAK_SEASON], fit);
        has_season = ret_break[ANALYSIS_BREAK_SEASON].p <= KEPT_LEVEL;
    }
    bool is_fitted = has_season == (fit->column.season >= 0) ||
                     trend_fit_run(fit, panel, points, has_slope, false);
    if (has_slope && is_fitted) {
        test_slope(&ret_break[ANALYSIS_BREAK_SLOPE], fit);
        if (ret_break[ANALYSIS_BREAK_SLOPE].p > KEPT_LEVEL)
            is_fitted = trend_fit_run(fit, panel, points, false, has_season);
    }
    if (!is_fitted)
        return;
    test_level(&ret_break[ANALYSIS_BREAK_LEVEL], fit, points->before);
    test_spread(&ret_break[ANALYSIS_BREAK_SPREAD], fit, points);
}

// Takes the series' points of the baseline's years and since. False: too few.
static bool take_points(const struct analysis_panel *panel, size_t series, int years,
                        struct trend_points *points)
{
    const double *value = panel->value + series * panel->stride;
    size_t first = panel_first(panel, series), since = panel->from;
    size_t reach =
        years > 0 ? (size_t)years * (size_t)(panel->frequency > 0 ? panel->frequency : 1) : since;
    int decimals = 0;
    first = since > reach && since - reach > first ? since - reach : first;
    points->rows = points->before = 0;
    points->is_ratio = true;
    for (size_t t = first; t < panel->to; t++) {
        if (!isfinite(value[t]))
            continue;
        int written = digits_count_decimals(value[t]);
        decimals = written > decimals ? written : decimals;
        points->is_ratio = points->is_ratio && value[t] >= 0;
        points->y[points->rows] = value[t];
        points->at[points->rows++] = (uint32_t)t;
        points->before += t < since;
    }
    if (points->before < BEFORE_LEAST || points->rows - points->before < AFTER_LEAST)
        return false;
    double year = panel->frequency > 0 ? panel->frequency : 1;
    points->years_before = (double)(since - points->at[0]) / year;
    points->years_after = (double)(panel->to - since) / year;
    double largest = 0;
    for (size_t i = 0; i < points->rows; i++)
        largest = fmax(largest, fabs(points->y[i]));
    points->rounding = fmax(pow(10, -2.0 * decimals) / 12, pow(largest * PRECISION, 2));
    return true;
}

// Numbers that a sum of huge values has driven out of range are no result.
static void hold_finite(struct analysis_break *one)
{
    if (!isfinite(one->size) || !isfinite(one->low) || !isfinite(one->high) ||
        !isfinite(one->before) || !isfinite(one->after) || !isfinite(one->p) ||
        !isfinite(one->certain))
        give_up(one, ANALYSIS_REASON_RANGE);
}

static bool find_in_series(const struct analysis_panel *panel, size_t series, int years,
                           struct analysis_break *ret_break)
{
    size_t rows = panel->to > 0 ? panel->to : 1;
    double *memory = memory_take((rows + trend_fit_size(rows)) * sizeof *memory);
    struct trend_points points = {.y = memory, .at = memory_take(rows * sizeof *points.at)};
    bool is_done = memory != NULL && points.at != NULL;
    for (int kind = 0; kind < ANALYSIS_BREAKS; kind++)
        give_up(&ret_break[kind], ANALYSIS_REASON_SHORT);
    if (is_done && take_points(panel, series, years, &points)) {
        struct trend_fit fit;
        trend_fit_place(&fit, points.rows, memory + rows);
        test_series(&fit, panel, &points, ret_break);
    }
    for (int kind = 0; kind < ANALYSIS_BREAKS; kind++)
        hold_finite(&ret_break[kind]);
    memory_free(points.at);
    memory_free(memory);
    return is_done;
}

bool analysis_find_breaks(const struct analysis_panel *panel, int years,
                          struct analysis_break *ret_break)
{
    assert(panel->from <= panel->to && panel->to <= panel->point_count);
    assert(years >= 0);
    size_t count = panel->series_count * ANALYSIS_BREAKS;
    bool is_done = true;
#pragma omp parallel for schedule(dynamic) reduction(&& : is_done)
    for (size_t series = 0; series < panel->series_count; series++)
        is_done =
            find_in_series(panel, series, years, &ret_break[series * ANALYSIS_BREAKS]) && is_done;
    double *p = memory_take((count + 1) * sizeof *p);
    if (p == NULL || !is_done) {
        memory_free(p);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        p[i] = ret_break[i].is_tested ? ret_break[i].p : ANALYSIS_MISSING;
    is_done = analysis_adjust(ANALYSIS_ADJUST_FALSE_DISCOVERY, p, count, p);
    for (size_t i = 0; i < count && is_done; i++)
        ret_break[i].q = p[i];
    memory_free(p);
    return is_done;
}

// --- Ranking ------------------------------------------------------------------------------------

struct ranked_break {
    int class; // 0 broken, 1 tested, 2 not tested
    double key;
    uint32_t at;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked_break *left = a, *right = b;
    if (left->class != right->class)
        return left->class < right->class ? -1 : 1;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return (left->at > right->at) - (left->at < right->at);
}

bool analysis_rank_breaks(const struct analysis_break *breaks, size_t count, double level,
                          uint32_t *ret_order, size_t *ret_broken)
{
    assert(count <= UINT32_MAX);
    struct ranked_break *row = memory_take((count + 1) * sizeof *row);
    if (row == NULL)
        return false;
    *ret_broken = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_broken = breaks[i].is_tested && breaks[i].q <= level;
        row[i] = (struct ranked_break){.class = is_broken             ? 0
                                                : breaks[i].is_tested ? 1
                                                                      : 2,
                                       .key = is_broken ? -breaks[i].certain : breaks[i].q,
                                       .at = (uint32_t)i};
        *ret_broken += is_broken;
    }
    qsort(row, count, sizeof *row, compare_ranked);
    for (size_t i = 0; i < count; i++)
        ret_order[i] = row[i].at;
    memory_free(row);
    return true;
}
