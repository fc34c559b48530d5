// SPDX-License-Identifier: LGPL-3.0-or-later
//
// forecast.c: a forecast with two intervals: checks, the series that need no model, and what the
// two ways share.
//
// A series of nothing but zeros, or of one value again and again, has no spread from which a width
// could be learnt. Zeros: the mean has Jeffreys' prior, so the next count is NB(1/2, n/(n+1)):
// after 50 quiet weeks one case next week is no wonder. Another constant count: NB(sum + 1/2,
// n/(n+1)) by the same sum. A constant amount: itself, without width.
#include "analysis/forecast.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const double TURN = 6.283185307179586;

int forecast_season(const struct analysis_forecast_options *options, size_t count)
{
    return options->season >= 2 && (size_t)options->season * 2 + 4 <= count ? options->season : 0;
}

int forecast_pairs(int season)
{
    int pairs = season < 2 ? 0 : season <= 7 ? (season - 1) / 2 : 2;
    return pairs < FORECAST_PAIRS_MOST ? pairs : FORECAST_PAIRS_MOST;
}

void forecast_harmonics(double t, int season, int pairs, double *ret_column)
{
    for (int k = 1; k <= pairs; k++) {
        double angle = TURN * k * fmod(t, season) / season;
        ret_column[2 * k - 2] = cos(angle);
        ret_column[2 * k - 1] = sin(angle);
    }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

void forecast_sort(double *value, size_t count)
{
    qsort(value, count, sizeof *value, compare);
}

double forecast_size_at(const double *sorted, size_t count, double share)
{
    assert(count > 0 && share > 0 && share < 1);
    size_t place = (size_t)ceil((double)(count + 1) * share);
    return sorted[place > count ? count - 1 : place - 1];
}

bool forecast_factor(double *a, int size)
{
    for (int j = 0; j < size; j++)
        for (int i = j; i < size; i++) {
            double sum = a[i * size + j];
            for (int k = 0; k < j; k++)
                sum -= a[i * size + k] * a[j * size + k];
            if (i == j && !(sum > 0))
                return false;
            a[i * size + j] = i == j ? sqrt(sum) : sum / a[j * size + j];
        }
    return true;
}

static void repeat(const struct analysis_forecast_options *options, double value, double total,
                   double reported, struct analysis_forecast *forecast)
{
    struct analysis_forecast same = {ANALYSIS_FORECAST_GIVEN, value, value, value, value, value};
    if (options->is_count) {
        double size = total + 0.5, probability = reported / (reported + 1), outer = options->level;
        same.median = analysis_negative_binomial_quantile(0.5, size, probability);
        same.lower = analysis_negative_binomial_quantile((1 - outer) / 2, size, probability);
        same.upper = analysis_negative_binomial_quantile((1 + outer) / 2, size, probability);
        same.inner_lower = analysis_negative_binomial_quantile(0.25, size, probability);
        same.inner_upper = analysis_negative_binomial_quantile(0.75, size, probability);
    }
    for (size_t h = 0; h < options->ahead; h++)
        forecast[h] = same;
}

bool analysis_make_forecast(const double *value, size_t count,
                            const struct analysis_forecast_options *options,
                            struct analysis_forecast *ret_forecast,
                            struct analysis_forecast_fit *ret_fit)
{
    assert(options->ahead >= 1 && options->level > 0 && options->level < 1 && options->season >= 0);
    size_t reported = 0, last = 0;
    double least = INFINITY, most = -INFINITY, total = 0;
    *ret_fit = (struct analysis_forecast_fit){0};
    for (size_t t = 0; t < count; t++) {
        if (!isfinite(value[t]) || fabs(value[t]) > 1e18)
            continue;
        reported++;
        last = t;
        total += value[t];
        least = fmin(least, value[t]);
        most = fmax(most, value[t]);
    }
    bool is_negative = options->is_count && least < 0;
    // A series that ended long ago is no ground for what comes next.
    if (reported < ANALYSIS_FORECAST_LEAST || is_negative ||
        count - last > ANALYSIS_FORECAST_LEAST) {
        for (size_t h = 0; h < options->ahead; h++)
            ret_forecast[h] = (struct analysis_forecast){.reason = ANALYSIS_FORECAST_SHORT};
        return true;
    }
    if (least == most) {
        repeat(options, least, total, (double)reported, ret_forecast);
        return true;
    }
    return options->method == ANALYSIS_FORECAST_NB
               ? forecast_by_regression(value, count, options, ret_forecast, ret_fit)
               : forecast_by_smoothing(value, count, options, ret_forecast, ret_fit);
}
