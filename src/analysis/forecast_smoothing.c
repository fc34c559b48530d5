// SPDX-License-Identifier: LGPL-3.0-or-later
//
// forecast_smoothing.c: forecasts by exponential smoothing (smoothing.h).
//
// Counts are smoothed as sqrt(y + 3/8) (Anscombe 1948), where their spread does not depend on their
// size; amounts as they are. Up to four models are fitted: with and without a damped trend, with
// and without a season. A season of up to SEASON_SMOOTHED periods is smoothed along; a longer one
// (weeks of the year) would have more states than data, so two pairs of sine and cosine are taken
// out beforehand. The model with the least AIC on the errors that all of them made is taken:
// n ln(mean e^2) + 2 constants.
//
// Widths. The model's own variance holds where its errors are independent and alike. So its past is
// asked: at each earlier period the forecast `ahead` is made from the state of that time, its error
// put in units of the model's deviation, and the size that `level` of them stay within takes the
// place of the normal quantile. A long way ahead has few independent errors: there the factor of
// the longest way with enough of them is used.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/forecast.h"
#include "analysis/smoothing.h"
#include "base/memory.h"

enum { SEASON_SMOOTHED = 24, CANDIDATES = 4, WAYS_MOST = 64 };
static const double DAMPING = 0.95, SHARE_LEAST = 0.6;

struct smoothing_model {
    struct smoothing_fit fit;
    int season, pairs; // pairs > 0: the season was taken out beforehand
    double beta[1 + 2 * FORECAST_PAIRS_MOST];
    double *rest; // values on their scale, less that season
    int constants;
    double criterion;
};

static double to_scale(const struct analysis_forecast_options *options, double value)
{
    if (!isfinite(value) || fabs(value) > 1e18)
        return ANALYSIS_MISSING;
    return options->is_count ? sqrt(value + 0.375) : value;
}

static double from_scale(const struct analysis_forecast_options *options, double value)
{
    if (!options->is_count)
        return value;
    return value <= 0 ? 0 : fmax(0, floor(value * value - 0.375 + 0.5));
}

// The season's share of period t.
static double season_at(const struct smoothing_model *model, size_t t)
{
    double column[2 * FORECAST_PAIRS_MOST], sum = 0;
    if (model->pairs == 0)
        return 0;
    forecast_harmonics((double)t, model->season, model->pairs, column);
    for (int i = 0; i < 2 * model->pairs; i++)
        sum += model->beta[1 + i] * column[i];
    return sum;
}

// Least squares of the values on a constant and the pairs. False: no solution.
static bool take_season(struct smoothing_model *model, const double *scaled, size_t count)
{
    enum { SIZE_MOST = 1 + 2 * FORECAST_PAIRS_MOST };
    int size = 1 + 2 * model->pairs;
    double square[SIZE_MOST * SIZE_MOST] = {0}, across[SIZE_MOST] = {0}, column[SIZE_MOST] = {1};
    for (size_t t = 0; t < count; t++) {
        if (!isfinite(scaled[t]))
            continue;
        forecast_harmonics((double)t, model->season, model->pairs, column + 1);
        for (int i = 0; i < size; i++) {
            across[i] += column[i] * scaled[t];
            for (int j = 0; j <= i; j++)
                square[i * size + j] += column[i] * column[j];
        }
    }
    if (!forecast_factor(square, size))
        return false;
    for (int i = 0; i < size; i++) {
        for (int k = 0; k < i; k++)
            across[i] -= square[i * size + k] * across[k];
        across[i] /= square[i * size + i];
    }
    for (int i = size; i-- > 0;) {
        for (int k = i + 1; k < size; k++)
            across[i] -= square[k * size + i] * across[k];
        across[i] /= square[i * size + i];
    }
    memcpy(model->beta, across, (size_t)size * sizeof *across);
    for (size_t t = 0; t < count; t++)
        model->rest[t] = scaled[t] - season_at(model, t);
    return true;
}

// Mean squared error from period `from` on, with the constants that were found.
static double judge_from(const struct smoothing_model *model, size_t count, size_t from,
                         double *ret_errors)
{
    struct smoothing smoothing = {.constants = model->fit.smoothing.constants,
                                  .period = model->fit.smoothing.period};
    double squares = 0, errors = 0;
    if (!smoothing_start(&smoothing, model->rest, count))
        return INFINITY;
    for (size_t t = smoothing_first(smoothing.period); t < count; t++) {
        double error = model->rest[t] - smoothing_forecast(&smoothing, 1);
        if (t >= from && isfinite(error)) {
            squares += error * error;
            errors += 1;
        }
        smoothing_add(&smoothing, model->rest[t]);
    }
    *ret_errors = errors;
    return errors > 0 ? squares / errors : INFINITY;
}

static bool fit_model(struct smoothing_model *model, const double *scaled, size_t count, int season,
                      bool is_trended, size_t from)
{
    int period = season > 0 && season <= SEASON_SMOOTHED ? season : 0;
    model->season = season;
    model->pairs = season > SEASON_SMOOTHED ? forecast_pairs(season) : 0;
    memcpy(model->rest, scaled, count * sizeof *scaled);
    if (model->pairs > 0 && !take_season(model, scaled, count))
        return false;
    struct smoothing_constants held = {-1, is_trended ? -1 : 0, -1, is_trended ? DAMPING : 0};
    if (!smoothing_fit(model->rest, count, period, &held, &model->fit))
        return false;
    model->constants = 1 + is_trended + (period > 0) + 2 * model->pairs;
    double errors = 0, mean = judge_from(model, count, from, &errors);
    if (!isfinite(mean) || errors <= model->constants + 1)
        return false;
    model->criterion = errors * log(fmax(mean, 1e-300)) + 2 * model->constants;
    return true;
}

// Sizes that stand in the normal quantile's place for one way ahead: of one half and of `level`.
struct width {
    double inner, outer;
};

// The errors of the past, `ahead` periods ahead, in units of `deviation` x root of the spread.
static size_t past_errors(const struct smoothing_model *model, size_t count, size_t ahead,
                          double deviation, double *error)
{
    struct smoothing smoothing = {.constants = model->fit.smoothing.constants,
                                  .period = model->fit.smoothing.period};
    size_t found = 0, first = smoothing_start_size(smoothing.period, count);
    size_t from = count > FORECAST_PAST_MOST + ahead ? count - FORECAST_PAST_MOST - ahead : 0;
    if (!smoothing_start(&smoothing, model->rest, count))
        return 0;
    double unit = deviation * sqrt(smoothing_spread(&smoothing, ahead));
    for (size_t t = smoothing_first(smoothing.period); t + ahead <= count; t++) {
        double miss = model->rest[t + ahead - 1] - smoothing_forecast(&smoothing, ahead);
        if (t >= first && t >= from && isfinite(miss) && unit > 0 && found < FORECAST_PAST_MOST)
            error[found++] = fabs(miss) / unit;
        smoothing_add(&smoothing, model->rest[t]);
    }
    return found;
}

static bool find_widths(const struct smoothing_model *model, size_t count,
                        const struct analysis_forecast_options *options, double deviation,
                        struct width *width, size_t *ret_past)
{
    struct width own = {analysis_normal_quantile(0.75),
                        analysis_normal_quantile((1 + options->level) / 2)};
    double *error = memory_take(FORECAST_PAST_MOST * sizeof *error);
    *ret_past = 0;
    if (error == NULL)
        return false;
    for (size_t h = 1; h <= options->ahead; h++) {
        struct width *at = &width[h - 1];
        *at = h == 1 ? own : width[h - 2];
        if (!options->is_calibrated || h > WAYS_MOST)
            continue;
        size_t past = past_errors(model, count, h, deviation, error);
        // Errors `h` ahead overlap: about one in h is a new one.
        if (past < FORECAST_PAST_LEAST || (h > 1 && past < h * FORECAST_PAST_LEAST / 2))
            continue;
        forecast_sort(error, past);
        // A long quiet before a rise would make the widths vanish: never below a part of the
        // model's own.
        at->inner = fmax(forecast_size_at(error, past, 0.5), own.inner * SHARE_LEAST);
        at->outer = fmax(forecast_size_at(error, past, options->level), own.outer * SHARE_LEAST);
        // Twenty errors cannot show what one in twenty does: then the wider of the two.
        if ((double)past * (1 - options->level) < 2)
            at->outer = fmax(at->outer, own.outer);
        *ret_past = h == 1 ? past : *ret_past;
    }
    memory_free(error);
    return true;
}

static void fill(const struct smoothing_model *model, size_t count,
                 const struct analysis_forecast_options *options, double deviation,
                 const struct width *width, struct analysis_forecast *forecast)
{
    for (size_t h = 1; h <= options->ahead; h++) {
        double at = smoothing_forecast(&model->fit.smoothing, h) + season_at(model, count + h - 1);
        double unit = deviation * sqrt(smoothing_spread(&model->fit.smoothing, h));
        forecast[h - 1] = (struct analysis_forecast){
            .median = from_scale(options, at),
            .lower = from_scale(options, at - width[h - 1].outer * unit),
            .upper = from_scale(options, at + width[h - 1].outer * unit),
            .inner_lower = from_scale(options, at - width[h - 1].inner * unit),
            .inner_upper = from_scale(options, at + width[h - 1].inner * unit)};
    }
}

bool forecast_by_smoothing(const double *value, size_t count,
                           const struct analysis_forecast_options *options,
                           struct analysis_forecast *ret_forecast,
                           struct analysis_forecast_fit *fit)
{
    int season = forecast_season(options, count);
    size_t from = smoothing_start_size(season <= SEASON_SMOOTHED ? season : 0, count);
    struct smoothing_model *model = memory_allocate(2 * sizeof *model);
    double *memory = memory_allocate((3 * count + 1) * sizeof *memory);
    struct width *width = memory_allocate(options->ahead * sizeof *width);
    bool is_complete = model != NULL && memory != NULL && width != NULL, is_fitted = false;
    for (size_t t = 0; is_complete && t < count; t++)
        memory[t] = to_scale(options, value[t]);
    if (is_complete) {
        model[0].rest = memory + count;
        model[1].rest = memory + 2 * count;
        model[0].criterion = INFINITY;
    }
    for (int i = 0; is_complete && i < CANDIDATES; i++) {
        // model[0] is the best so far, model[1] the one tried.
        if ((i & 1) != 0 && season == 0)
            continue;
        if (fit_model(&model[1], memory, count, (i & 1) != 0 ? season : 0, (i & 2) != 0, from) &&
            model[1].criterion < model[0].criterion) {
            struct smoothing_model better = model[1];
            model[1] = model[0];
            model[0] = better;
            is_fitted = true;
        }
    }
    if (is_fitted) {
        double errors = (double)model->fit.errors;
        double deviation = sqrt(model->fit.squares / fmax(1, errors - model->constants));
        is_complete = find_widths(model, count, options, deviation, width, &fit->calibrated);
        fit->season = model->season;
        fill(model, count, options, deviation, width, ret_forecast);
    }
    for (size_t h = 0; is_complete && !is_fitted && h < options->ahead; h++)
        ret_forecast[h] = (struct analysis_forecast){.reason = ANALYSIS_FORECAST_NO_FIT};
    memory_free(model);
    memory_free(memory);
    memory_free(width);
    return is_complete;
}
