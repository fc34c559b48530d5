// SPDX-License-Identifier: LGPL-3.0-or-later
//
// trend_fit.c: the regression behind a trend's breaks.
//
// With T the date, s(t) = 1 from T on, r(t) = s(t) (t - T)/(n1 - 1) a ramp from 0 to 1 over the n1
// periods since, and u years:
//
//     eta(t) = a + b u + season(t) + L s(t) + R r(t) + s(t) (C cos 2 pi u + D sin 2 pi u)
//     E y = exp(eta), Var y = phi E y   where no value is below 0;   else   E y = eta, Var y = phi
//
//     season    one harmonic from 1.5 years of baseline on, a second from 3 years on (monthly and
//               finer); weekdays where periods are days
//     b         with a season, from 2 years on; without one, from 10 points on
//
// Robust. After the first fit a value whose standardised residual is beyond 2.58 gets the weight
// (2.58 / residual)^2, as Noufaily 2013 does it for baselines, and the model is fitted again. The
// weights take 3 % off the dispersion of well-behaved data, which is given back.
//
// Autocorrelation of what is left: with r1, r2 at lags 1 and 2 (with (1 + 3 r) columns/n added for
// their bias) and a decay d = r2/r1, which a wave under independent noise has larger than r1
// itself,
//
//     g = 1 + 2 r1 / (1 - d),    r1 in 0..0.9, d in r1..0.9; d = r1 while r1 < 2/sqrt(n)
//
// all variances grow by g, and freedom shrinks by as much. For r2 = r1^2, (1 + r1)/(1 - r1).
//
// The dispersion is never below what rounding alone gives, unit^2/12: a series that always says 7
// is not known more exactly than that.
#include "analysis/trend.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/calendar.h"

static const double YEAR_DAYS = 365.2425, TURN = 6.283185307179586;
static const double SEASON_YEARS = 1.5, TREND_YEARS = 2, SECOND_YEARS = 3;
static const double OUTLIER = 2.58, OUTLIER_SHARE = 0.97, CORRELATION_MOST = 0.9;
enum { TREND_POINTS = 10, DAILY = 365, WEEKDAYS = CALENDAR_WEEKDAYS, FINE = 12 };

size_t trend_fit_size(size_t rows)
{
    return rows * (3 + TREND_COLUMNS_MOST) + glm_size(rows, TREND_COLUMNS_MOST);
}

void trend_fit_place(struct trend_fit *fit, size_t rows, double *memory)
{
    *fit = (struct trend_fit){.x = memory};
    fit->prior = fit->x + rows * TREND_COLUMNS_MOST;
    fit->offset = fit->prior + rows;
    fit->residual = fit->offset + rows;
    // The arrays of the regression are placed for each model, within the same room.
    fit->glm.mu = fit->residual + rows;
}

bool trend_has_season(const struct analysis_panel *panel, const struct trend_points *points)
{
    return panel->frequency > 1 && points->years_before >= SEASON_YEARS;
}

bool trend_has_trend(const struct analysis_panel *panel, const struct trend_points *points)
{
    return trend_has_season(panel, points) ? points->years_before >= TREND_YEARS
                                           : points->before >= TREND_POINTS;
}

// Years since the panel's first point: by the calendar where there is one, which 53 weeks and leap
// days then do not shift.
static double year_of(const struct analysis_panel *panel, size_t at)
{
    if (panel->day != NULL)
        return (panel->day[at] - panel->day[0]) / YEAR_DAYS;
    return (double)at / (panel->frequency > 0 ? panel->frequency : 1);
}

static int weekday_of(const struct analysis_panel *panel, size_t at)
{
    return panel->day != NULL ? calendar_habit(panel->calendar, panel->day[at])
                              : (int)(at % WEEKDAYS);
}

// Days off have a column of their own where there were enough of them before the date; else each
// goes by its weekday.
static bool has_days_off(const struct analysis_panel *panel, const struct trend_points *points)
{
    size_t count = 0;
    if (panel->calendar == NULL || panel->day == NULL)
        return false;
    for (size_t i = 0; i < points->before; i++)
        count += weekday_of(panel, points->at[i]) == CALENDAR_OFF;
    return count >= WEEKDAYS;
}

static struct trend_columns choose_columns(const struct analysis_panel *panel,
                                           const struct trend_points *points, bool has_slope,
                                           bool has_season)
{
    struct trend_columns column = {
        .count = 1, .trend = -1, .annual = -1, .slope = -1, .season = -1};
    bool is_seasonal = trend_has_season(panel, points);
    if (trend_has_trend(panel, points))
        column.trend = column.count++;
    if (is_seasonal) {
        column.annual = column.count;
        column.count += panel->frequency >= FINE && points->years_before >= SECOND_YEARS ? 4 : 2;
    }
    if (panel->frequency == DAILY && points->before >= 4 * WEEKDAYS)
        column.count += WEEKDAYS - 1 + has_days_off(panel, points);
    column.level = column.count++;
    if (has_slope)
        column.slope = column.count++;
    if (has_season) {
        assert(is_seasonal);
        column.season = column.count;
        column.count += 2;
    }
    assert(column.count <= TREND_COLUMNS_MOST);
    return column;
}

static void fill_design(struct trend_fit *fit, const struct analysis_panel *panel,
                        const struct trend_points *points)
{
    const struct trend_columns *column = &fit->column;
    size_t rows = points->rows, periods = panel->to - panel->from;
    double since = year_of(panel, panel->from);
    memset(fit->x, 0, rows * (size_t)column->count * sizeof *fit->x);
    for (size_t i = 0; i < rows; i++) {
        double year = year_of(panel, points->at[i]), *x = fit->x + i;
        bool is_after = i >= points->before;
        x[0] = 1;
        if (column->trend >= 0)
            x[(size_t)column->trend * rows] = year - since;
        int next = column->trend >= 0 ? 2 : 1;
        if (column->annual >= 0) {
            bool is_fine = panel->frequency >= FINE && points->years_before >= SECOND_YEARS;
            for (int harmonic = 1; harmonic <= (is_fine ? 2 : 1); harmonic++) {
                x[(size_t)next++ * rows] = cos(TURN * harmonic * year);
                x[(size_t)next++ * rows] = sin(TURN * harmonic * year);
            }
        }
        int weekday = weekday_of(panel, points->at[i]);
        if (weekday == CALENDAR_OFF && next + CALENDAR_OFF > column->level)
            weekday = calendar_weekday(panel->day[points->at[i]]);
        if (weekday > 0 && next < column->level)
            x[(size_t)(next + weekday - 1) * rows] = 1;
        if (!is_after)
            continue;
        x[(size_t)column->level * rows] = 1;
        if (column->slope >= 0)
            x[(size_t)column->slope * rows] =
                (double)(points->at[i] - panel->from) / (double)(periods - 1);
        if (column->season >= 0) {
            x[(size_t)column->season * rows] = cos(TURN * year);
            x[(size_t)(column->season + 1) * rows] = sin(TURN * year);
        }
    }
}

// Anscombe's residual for counts, symmetric where Pearson's is skewed.
static double spread_of(const struct trend_fit *fit, size_t i)
{
    double y = fit->problem.y[i], mu = fit->glm.mu[i];
    double room = sqrt(fit->dispersion * fmax(1 - fit->glm.hat[i], 1e-6));
    if (fit->problem.is_linear)
        return (y - mu) / room;
    double root = cbrt(y), sixth = sqrt(cbrt(mu));
    return 1.5 * (root * root / sixth - sqrt(mu)) / room;
}

static void measure_residuals(struct trend_fit *fit)
{
    for (size_t i = 0; i < fit->problem.rows; i++) {
        double mu = fit->glm.mu[i], variance = fit->problem.is_linear ? 1 : mu;
        // The leverage of an outlier is that of its weight; without weights it is near it.
        double hat = fmin(fit->glm.hat[i], 0.99);
        fit->residual[i] = (fit->problem.y[i] - mu) / sqrt(variance * (1 - hat));
    }
}

static bool measure_dispersion(struct trend_fit *fit, const struct trend_points *points)
{
    double freedom = fit->glm.counted - (double)fit->glm.rank, mean = 0;
    if (freedom < 2)
        return false;
    double phi = glm_dispersion(&fit->problem, &fit->glm, NULL);
    for (size_t i = 0; i < points->rows; i++)
        mean += fit->glm.mu[i] / (double)points->rows;
    double least = points->rounding / (points->is_ratio ? mean : 1);
    fit->dispersion = fmax(phi, least);
    fit->freedom = freedom;
    return isfinite(fit->dispersion) && fit->dispersion > 0;
}

// The correlation of weighed residuals `lag` periods apart, over pairs that are both there.
static double correlate(const struct trend_fit *fit, const struct trend_points *points, size_t lag)
{
    double product = 0, square = 0, pairs = 0;
    size_t rows = points->rows;
    for (size_t i = 0; i < rows; i++) {
        double weighed = fit->residual[i] * sqrt(fit->prior[i]);
        square += weighed * weighed;
        if (i < lag || points->at[i] != points->at[i - lag] + lag)
            continue;
        product += weighed * fit->residual[i - lag] * sqrt(fit->prior[i - lag]);
        pairs += 1;
    }
    if (!(square > 0) || pairs == 0)
        return 0;
    double rho = product / pairs / (square / (double)rows);
    return rho + (1 + 3 * fmax(rho, 0)) * (double)fit->glm.rank / (double)rows;
}

static void measure_widening(struct trend_fit *fit, const struct trend_points *points)
{
    double first = fmin(fmax(correlate(fit, points, 1), 0), CORRELATION_MOST), decay = first;
    if (first > 2 / sqrt((double)points->rows))
        decay = fmin(fmax(correlate(fit, points, 2) / first, first), CORRELATION_MOST);
    fit->widening = 1 + 2 * first / (1 - decay);
    fit->freedom = fmax(fit->freedom / fit->widening, 2);
}

bool trend_fit_run(struct trend_fit *fit, const struct analysis_panel *panel,
                   const struct trend_points *points, bool has_slope, bool has_season)
{
    assert(points->before > 0 && points->rows > points->before);
    fit->column = choose_columns(panel, points, has_slope, has_season);
    fit->problem = (struct glm_problem){.rows = points->rows,
                                        .columns = (size_t)fit->column.count,
                                        .y = points->y,
                                        .x = fit->x,
                                        .prior = fit->prior,
                                        .offset = fit->offset,
                                        .is_linear = !points->is_ratio};
    glm_place(&fit->glm, points->rows, fit->problem.columns, fit->residual + points->rows);
    fill_design(fit, panel, points);
    for (size_t i = 0; i < points->rows; i++) {
        fit->prior[i] = 1;
        fit->offset[i] = 0;
    }
    if (!glm_run(&fit->problem, &fit->glm) || !fit->glm.is_converged ||
        !measure_dispersion(fit, points))
        return false;
    bool is_weighed = false;
    for (size_t i = 0; i < points->rows; i++) {
        double spread = fabs(spread_of(fit, i));
        if (spread > OUTLIER) {
            fit->prior[i] = OUTLIER * OUTLIER / (spread * spread);
            is_weighed = true;
        }
    }
    if (is_weighed && (!glm_run(&fit->problem, &fit->glm) || !fit->glm.is_converged ||
                       !measure_dispersion(fit, points)))
        return false;
    fit->dispersion /= OUTLIER_SHARE;
    measure_residuals(fit);
    measure_widening(fit, points);
    return true;
}

double trend_covariance(const struct trend_fit *fit, int a, int b)
{
    assert(a >= 0 && a < fit->column.count && b >= 0 && b < fit->column.count);
    double v[TREND_COLUMNS_MOST] = {0};
    v[a] = 1;
    double spread = glm_spread(&fit->problem, &fit->glm, v);
    if (b != a) {
        double own = spread, other[TREND_COLUMNS_MOST] = {0};
        other[b] = 1;
        v[b] = 1;
        spread = (glm_spread(&fit->problem, &fit->glm, v) - own -
                  glm_spread(&fit->problem, &fit->glm, other)) /
                 2;
    }
    return spread * fit->dispersion * fit->widening;
}
