// SPDX-License-Identifier: LGPL-3.0-or-later
//
// forecast_regression.c: forecasts by a negative binomial autoregression, path by path.
//
//     ln mean(t) = b0 + b1 ln(y(t-1) + 1) + b2 ln(mean of y(t-2)..y(t-4) + 1) + season
//     y(t)       ~ negative binomial, variance mean + mean^2 / size
//
// The log-linear count autoregression of Fokianos, Tjoestheim 2011 (J Multivar Anal 102:563), with
// pairs of sine and cosine for the season. Fitted as a quasi-Poisson regression (glm.c), whose
// coefficients hold whatever the spread; `size` is the one at which Pearson's statistic equals its
// degrees of freedom. A forecast more than one period ahead has no formula: PATHS futures are
// drawn, each with its own coefficients from their normal law, and their order statistics are the
// bounds.
//
// Lags and season are each left out where the fit is as good without: quasi-AIC, deviance over the
// full model's dispersion plus twice the coefficients (Burnham, Anderson 2002). A clean season and
// its own lags say the same, and together they would say nothing.
//
// Widths: the same is done from earlier periods, PAST of them, and each value's place among its
// paths noted. The level at which the paths' own intervals would have held `level` of the values is
// the level at which the bounds are read.
//
// A path may not run away: coefficients of the lags are drawn again while they add up to more than
// LAGS_SUM_MOST, and a mean is held below ten times the largest value seen and ten more.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/chance.h"
#include "analysis/forecast.h"
#include "analysis/glm.h"
#include "base/memory.h"

enum {
    PATHS = 2000,
    PAST = 40,
    PAST_PATHS = 200,
    LAGS = 4,
    WAYS_MOST = 28,
    DRAWS_MOST = 20,
    RISEN_LEAST = 4
};
// What lags may add up to: more runs away, less swings to and fro as no epidemic does.
static const double LAGS_SUM_MOST = 1.02, LAGS_SUM_LEAST = -0.25;
static const double SIZE_MOST = 1e9; // beyond, the law is Poisson's

struct regression {
    double *value; // gaps bridged
    size_t count;
    int season, pairs, lags, columns; // lags: 2, or 0
    double beta[FORECAST_COLUMNS_MOST];
    double root[FORECAST_COLUMNS_MOST * FORECAST_COLUMNS_MOST]; // of beta's covariance
    bool is_spread;                                             // root holds
    double size, most;                                          // `most` of a mean
    double deviance, dispersion;
};

// The columns of period t, whose predecessors are before[0..LAGS-1], the last one first.
static void fill_columns(const struct regression *model, double t, const double before[LAGS],
                         double *column)
{
    column[0] = 1;
    if (model->lags > 0) {
        column[1] = log1p(before[0]);
        column[2] = log1p((before[1] + before[2] + before[3]) / 3);
    }
    forecast_harmonics(t, model->season, model->pairs, column + 1 + model->lags);
}

static double mean_of(const struct regression *model, const double *beta, const double *column)
{
    double eta = 0;
    for (int i = 0; i < model->columns; i++)
        eta += beta[i] * column[i];
    return fmin(exp(fmin(eta, 100)), model->most);
}

// The size at which the sum of (y - mu)^2 / (mu + mu^2/size) is `freedom`, by halving.
static double find_size(const double *y, const double *mu, size_t rows, double freedom)
{
    double low = log(1e-3), high = log(SIZE_MOST);
    for (int step = 0; step < 60; step++) {
        double size = exp((low + high) / 2), sum = 0;
        for (size_t i = 0; i < rows; i++)
            sum += (y[i] - mu[i]) * (y[i] - mu[i]) / (mu[i] + mu[i] * mu[i] / size);
        if (sum > freedom)
            high = (low + high) / 2;
        else
            low = (low + high) / 2;
    }
    return exp((low + high) / 2);
}

static double deviance_of(const double *y, const double *mu, size_t rows)
{
    double sum = 0;
    for (size_t i = 0; i < rows; i++)
        sum += 2 * (y[i] > 0 ? y[i] * log(y[i] / mu[i]) - (y[i] - mu[i]) : mu[i]);
    return sum;
}

// The root of the coefficients' covariance, its elements by polarisation of glm_spread.
static bool find_root(struct regression *model, const struct glm_problem *problem,
                      const struct glm_fit *fit, double dispersion)
{
    int size = model->columns;
    double single[FORECAST_COLUMNS_MOST];
    for (int i = 0; i < size; i++) {
        double v[FORECAST_COLUMNS_MOST] = {0};
        v[i] = 1;
        single[i] = glm_spread(problem, fit, v);
        for (int j = 0; j <= i; j++) {
            v[j] = 1;
            double both = j == i ? 4 * single[i] : glm_spread(problem, fit, v);
            model->root[i * size + j] = dispersion * (both - single[i] - single[j]) / 2;
            v[j] = j == i ? 1 : 0;
        }
    }
    return forecast_factor(model->root, size);
}

static void fill_problem(const struct regression *model, const double *value, size_t rows,
                         double *memory)
{
    double *x = memory, *y = memory + (size_t)model->columns * rows, *prior = y + rows;
    for (size_t t = LAGS, row = 0; t < model->count; t++) {
        if (!isfinite(value[t]))
            continue;
        double column[FORECAST_COLUMNS_MOST], before[LAGS];
        for (int k = 0; k < LAGS; k++)
            before[k] = model->value[t - 1 - (size_t)k];
        fill_columns(model, (double)t, before, column);
        for (int i = 0; i < model->columns; i++)
            x[(size_t)i * rows + row] = column[i];
        y[row] = value[t];
        prior[row++] = 1;
    }
}

// *ret_is_fitted false: too few rows or no convergence. Returns false without memory.
static bool fit_regression(struct regression *model, const double *value, bool *ret_is_fitted)
{
    size_t rows = 0, risen = 0;
    for (size_t t = LAGS; t < model->count; t++) {
        rows += isfinite(value[t]);
        risen += value[t] > 0;
    }
    model->columns = 1 + model->lags + 2 * model->pairs;
    size_t columns = (size_t)model->columns;
    *ret_is_fitted = false;
    // A handful of periods with cases tells no coefficients apart.
    if (rows < columns + 3 || (columns > 1 && risen < RISEN_LEAST * columns))
        return true;
    double *memory =
        memory_allocate((rows * (columns + 3) + glm_size(rows, columns)) * sizeof *memory);
    if (memory == NULL)
        return false;
    fill_problem(model, value, rows, memory);
    double *y = memory + columns * rows, *prior = y + rows, *offset = prior + rows;
    struct glm_problem problem = {rows, columns, y, memory, prior, offset};
    struct glm_fit fit;
    glm_place(&fit, rows, columns, offset + rows);
    if (glm_run(&problem, &fit) && fit.is_converged && rows > fit.rank) {
        model->dispersion = fmax(glm_dispersion(&problem, &fit, NULL), 1);
        model->deviance = deviance_of(y, fit.mu, rows);
        memcpy(model->beta, fit.beta, columns * sizeof *model->beta);
        model->size = find_size(y, fit.mu, rows, (double)(rows - fit.rank));
        model->is_spread =
            fit.rank == columns && find_root(model, &problem, &fit, model->dispersion);
        *ret_is_fitted = true;
        for (size_t i = 0; i < columns; i++)
            *ret_is_fitted = *ret_is_fitted && isfinite(model->beta[i]);
    }
    memory_free(memory);
    return true;
}

static bool has_steady_lags(const struct regression *model, const double *beta)
{
    return model->lags == 0 || (beta[1] + beta[2] <= LAGS_SUM_MOST &&
                                beta[1] + beta[2] >= LAGS_SUM_LEAST && beta[1] >= LAGS_SUM_LEAST);
}

static void draw_coefficients(const struct regression *model, struct chance *chance, double *beta)
{
    int size = model->columns;
    for (int draw = 0; draw < DRAWS_MOST; draw++) {
        double normal[FORECAST_COLUMNS_MOST];
        for (int i = 0; i < size; i++) {
            beta[i] = model->beta[i];
            normal[i] = model->is_spread ? chance_normal(chance) : 0;
            for (int j = 0; j <= i && model->is_spread; j++)
                beta[i] += model->root[i * size + j] * normal[j];
        }
        if (!model->is_spread || has_steady_lags(model, beta))
            return;
    }
    memcpy(beta, model->beta, (size_t)size * sizeof *beta);
}

// Draws the `ahead` periods from `origin` on, `paths` times: drawn[h * paths + path].
static void draw_paths(const struct regression *model, size_t origin, size_t ahead, size_t paths,
                       uint64_t seed, double *drawn)
{
    for (size_t path = 0; path < paths; path++) {
        struct chance chance = chance_begin(seed, origin * PATHS + path);
        double beta[FORECAST_COLUMNS_MOST], before[LAGS];
        draw_coefficients(model, &chance, beta);
        for (int k = 0; k < LAGS; k++)
            before[k] = model->value[origin - 1 - (size_t)k];
        for (size_t h = 0; h < ahead; h++) {
            double column[FORECAST_COLUMNS_MOST];
            fill_columns(model, (double)(origin + h), before, column);
            double mean = mean_of(model, beta, column);
            if (model->size < SIZE_MOST / 2)
                mean *= chance_gamma(&chance, model->size) / model->size;
            double next = chance_poisson(&chance, mean);
            memmove(before + 1, before, (LAGS - 1) * sizeof *before);
            before[0] = drawn[h * paths + path] = next;
        }
    }
}

// The best of: lags and season, season alone, lags alone, neither.
static bool choose_regression(struct regression *model, const double *value, bool *ret_is_fitted)
{
    struct regression tried = *model, best = *model;
    double least = INFINITY, dispersion = 0;
    *ret_is_fitted = false;
    for (int i = 0; i < 4; i++) {
        bool is_fitted = false;
        tried.lags = i % 2 == 0 ? 2 : 0;
        tried.pairs = i < 2 ? model->pairs : 0;
        if (i >= 2 && model->pairs == 0)
            break;
        if (!fit_regression(&tried, value, &is_fitted))
            return false;
        if (!is_fitted || !has_steady_lags(&tried, tried.beta))
            continue;
        dispersion = dispersion == 0 ? tried.dispersion : dispersion;
        double criterion = tried.deviance / dispersion + 2 * tried.columns;
        if (criterion < least) {
            least = criterion;
            best = tried;
            *ret_is_fitted = true;
        }
    }
    *model = best;
    return true;
}

static double order_at(const double *sorted, size_t count, double share)
{
    double place = share * (double)count - 0.5;
    return sorted[place <= 0 ? 0 : place >= (double)count - 1 ? count - 1 : (size_t)(place + 0.5)];
}

// For each way ahead the levels at which the bounds are read: of one half and of options->level.
static size_t find_levels(const struct regression *model, const double *value,
                          const struct analysis_forecast_options *options, double *drawn,
                          double *place, double (*level)[2])
{
    size_t ways = options->ahead < WAYS_MOST ? options->ahead : WAYS_MOST, used = 0;
    size_t least = LAGS + (size_t)model->columns;
    size_t past = model->count > least + ways ? model->count - least - ways : 0;
    past = past > PAST ? PAST : past;
    for (size_t h = 0; h < options->ahead; h++) {
        level[h][0] = 0.5;
        level[h][1] = options->level;
    }
    if (!options->is_calibrated || past < FORECAST_PAST_LEAST)
        return 0;
    // place[h * PAST + i]: how far from the middle the value lay among its paths, 0..1.
    size_t found[WAYS_MOST] = {0};
    for (size_t i = 0; i < past; i++) {
        size_t origin = model->count - ways - i;
        draw_paths(model, origin, ways, PAST_PATHS, options->seed, drawn);
        for (size_t h = 0; h < ways; h++) {
            double actual = value[origin + h], below = 0;
            if (!isfinite(actual))
                continue;
            for (size_t k = 0; k < PAST_PATHS; k++) {
                double at = drawn[h * PAST_PATHS + k];
                below += at < actual ? 1 : at == actual ? 0.5 : 0;
            }
            place[h * PAST + found[h]++] = fabs(2 * below / PAST_PATHS - 1);
        }
    }
    for (size_t h = 0; h < options->ahead; h++) {
        size_t way = h < ways ? h : ways - 1;
        if (found[way] < FORECAST_PAST_LEAST)
            continue;
        if (h < ways)
            forecast_sort(place + way * PAST, found[way]);
        level[h][0] = forecast_size_at(place + way * PAST, found[way], 0.5);
        double outer = forecast_size_at(place + way * PAST, found[way], options->level);
        // So few cannot show that a narrower interval would do.
        level[h][1] = fmin(fmax(outer, options->level), 1 - 1.0 / PATHS);
        used = found[0];
    }
    return used;
}

static void bridge_gaps(const double *value, size_t count, double *ret_value, double *ret_most)
{
    double last = 0;
    for (size_t t = 0; t < count && last == 0; t++)
        last = isfinite(value[t]) ? value[t] : 0;
    for (size_t t = 0; t < count; t++) {
        last = isfinite(value[t]) ? value[t] : last;
        ret_value[t] = last;
        *ret_most = fmax(*ret_most, last);
    }
}

static void read_paths(const struct analysis_forecast_options *options, double *drawn,
                       double (*level)[2], struct analysis_forecast *forecast)
{
    for (size_t h = 0; h < options->ahead; h++) {
        double *at = drawn + h * PATHS;
        forecast_sort(at, PATHS);
        forecast[h] =
            (struct analysis_forecast){.median = order_at(at, PATHS, 0.5),
                                       .lower = order_at(at, PATHS, (1 - level[h][1]) / 2),
                                       .upper = order_at(at, PATHS, (1 + level[h][1]) / 2),
                                       .inner_lower = order_at(at, PATHS, (1 - level[h][0]) / 2),
                                       .inner_upper = order_at(at, PATHS, (1 + level[h][0]) / 2)};
    }
}

bool forecast_by_regression(const double *value, size_t count,
                            const struct analysis_forecast_options *options,
                            struct analysis_forecast *ret_forecast,
                            struct analysis_forecast_fit *fit)
{
    struct regression model = {.count = count, .season = forecast_season(options, count)};
    size_t drawn_count = options->ahead * PATHS + WAYS_MOST * PAST;
    double *memory = memory_take((count + drawn_count) * sizeof *memory);
    double(*level)[2] = memory_take(options->ahead * sizeof *level);
    bool is_complete = memory != NULL && level != NULL, is_fitted = false;
    if (is_complete) {
        model.pairs = forecast_pairs(model.season);
        model.value = memory;
        bridge_gaps(value, count, model.value, &model.most);
        model.most = 10 * model.most + 10;
        is_complete = choose_regression(&model, value, &is_fitted);
    }
    if (is_complete && is_fitted) {
        double *drawn = memory + count, *place = drawn + options->ahead * PATHS;
        fit->season = model.pairs > 0 ? model.season : 0;
        fit->calibrated = find_levels(&model, value, options, drawn, place, level);
        draw_paths(&model, count, options->ahead, PATHS, options->seed, drawn);
        read_paths(options, drawn, level, ret_forecast);
    }
    for (size_t h = 0; is_complete && !is_fitted && h < options->ahead; h++)
        ret_forecast[h] = (struct analysis_forecast){.reason = ANALYSIS_FORECAST_NO_FIT};
    memory_free(memory);
    memory_free(level);
    return is_complete;
}
