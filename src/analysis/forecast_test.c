// SPDX-License-Identifier: LGPL-3.0-or-later
//
// forecast_test.c: intervals that hold what they promise on series whose making is known, and
// series that no forecast can be made of.
#include <math.h>
#include <stdio.h>

#include "analysis/analysis.h"
#include "analysis/chance.h"
#include "unit.h"

enum { POINTS = 200, AHEAD = 8, ROUNDS = 80 };

// Makers of a series of POINTS + AHEAD values.
static void make_counts(struct chance *chance, double *value)
{
    double level = 3 + 60 * chance_uniform(chance), size = 4 + 30 * chance_uniform(chance);
    for (int t = 0; t < POINTS + AHEAD; t++) {
        double mean = level * exp(0.5 * sin(2 * M_PI * t / 52));
        value[t] = chance_poisson(chance, mean * chance_gamma(chance, size) / size);
    }
}

// An epidemic that wanders: growth is a random walk pulled back to none.
static void make_waves(struct chance *chance, double *value)
{
    double log_mean = 3, growth = 0;
    for (int t = 0; t < POINTS + AHEAD; t++) {
        growth = 0.8 * growth + 0.06 * chance_normal(chance);
        log_mean += growth - 0.05 * (log_mean - 3);
        double size = 20, mean = exp(log_mean);
        value[t] = chance_poisson(chance, mean * chance_gamma(chance, size) / size);
    }
}

static void make_months(struct chance *chance, double *value)
{
    double level = 100, slope = 0.2;
    for (int t = 0; t < POINTS + AHEAD; t++) {
        level += slope + 2 * chance_normal(chance);
        value[t] = level + 15 * cos(2 * M_PI * t / 12) + 4 * chance_normal(chance);
    }
}

static void cover(const char *name, void (*make)(struct chance *, double *),
                  struct analysis_forecast_options options, double least, double most)
{
    double hit = 0, inner = 0, all = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct chance chance = chance_begin(11, (uint64_t)round);
        double value[POINTS + AHEAD];
        struct analysis_forecast forecast[AHEAD];
        struct analysis_forecast_fit fit;
        make(&chance, value);
        CHECK(analysis_make_forecast(value, POINTS, &options, forecast, &fit));
        for (int h = 0; h < AHEAD; h++) {
            CHECK_EQUAL(forecast[h].reason, ANALYSIS_FORECAST_GIVEN);
            double actual = value[POINTS + h];
            hit += forecast[h].lower <= actual && actual <= forecast[h].upper;
            inner += forecast[h].inner_lower <= actual && actual <= forecast[h].inner_upper;
            all += 1;
        }
    }
    printf("# %s: 95 %% holds %.3f, 50 %% holds %.3f of %g\n", name, hit / all, inner / all, all);
    unit_check(hit / all > least && hit / all < most, __FILE__, __LINE__, "%s: 95 %% holds %g",
               name, hit / all);
    unit_check(inner / all > 0.42 && inner / all < 0.65, __FILE__, __LINE__, "%s: 50 %% holds %g",
               name, inner / all);
}

void test_forecast_covers_counts(void)
{
    cover("ets counts", make_counts,
          (struct analysis_forecast_options){ANALYSIS_FORECAST_ETS, 52, AHEAD, 0.95, true, true, 1},
          0.91, 0.99);
    cover("nb counts", make_counts,
          (struct analysis_forecast_options){ANALYSIS_FORECAST_NB, 52, AHEAD, 0.95, true, true, 1},
          0.91, 0.99);
}

void test_forecast_covers_waves(void)
{
    cover("ets waves", make_waves,
          (struct analysis_forecast_options){ANALYSIS_FORECAST_ETS, 0, AHEAD, 0.95, true, true, 1},
          0.90, 0.99);
    cover("nb waves", make_waves,
          (struct analysis_forecast_options){ANALYSIS_FORECAST_NB, 0, AHEAD, 0.95, true, true, 1},
          0.90, 0.99);
}

void test_forecast_covers_months(void)
{
    cover(
        "ets months", make_months,
        (struct analysis_forecast_options){ANALYSIS_FORECAST_ETS, 12, AHEAD, 0.95, false, true, 1},
        0.90, 0.99);
}

// The season is found and carried on: the forecast of a clean wave is that wave.
void test_forecast_follows_season(void)
{
    double value[POINTS];
    struct analysis_forecast forecast[12];
    struct analysis_forecast_fit fit;
    for (int season = 12; season <= 52; season += 40)
        for (int method = 0; method < 2; method++) {
            for (int t = 0; t < POINTS; t++)
                value[t] = floor(200 * exp(0.6 * sin(2 * M_PI * t / season)) + 0.5);
            struct analysis_forecast_options options = {
                (enum analysis_forecast_method)method, season, 12, 0.95, true, true, 1};
            CHECK(analysis_make_forecast(value, POINTS, &options, forecast, &fit));
            // The lags of a wave without noise carry it on as well as sine and cosine.
            CHECK(fit.season == season || method == ANALYSIS_FORECAST_NB);
            for (int h = 0; h < 12; h++)
                CHECK_NEAR(forecast[h].median,
                           200 * exp(0.6 * sin(2 * M_PI * (POINTS + h) / season)), 0.08);
        }
}

static void check_finite(const double *value, size_t count, bool is_count)
{
    for (int method = 0; method < 2; method++) {
        struct analysis_forecast forecast[30];
        struct analysis_forecast_fit fit;
        struct analysis_forecast_options options = {
            (enum analysis_forecast_method)method, 7, 30, 0.95, is_count, true, 1};
        if (!is_count && method == ANALYSIS_FORECAST_NB)
            continue;
        CHECK(analysis_make_forecast(value, count, &options, forecast, &fit));
        for (int h = 0; h < 30; h++) {
            CHECK(isfinite(forecast[h].median) && isfinite(forecast[h].lower) &&
                  isfinite(forecast[h].upper));
            CHECK(forecast[h].lower <= forecast[h].inner_lower &&
                  forecast[h].inner_upper <= forecast[h].upper);
            CHECK(!is_count || forecast[h].lower >= 0);
        }
    }
}

void test_forecast_of_odd_series(void)
{
    double value[POINTS];
    for (int t = 0; t < POINTS; t++)
        value[t] = 0;
    check_finite(value, POINTS, true);
    check_finite(value, 5, true);
    value[POINTS - 1] = 1;
    check_finite(value, POINTS, true);
    value[POINTS - 1] = 1e15;
    check_finite(value, POINTS, true);
    for (int t = 0; t < POINTS; t++)
        value[t] = 1e15 - t * 1e9;
    check_finite(value, POINTS, true);
    for (int t = 0; t < POINTS; t++)
        value[t] = t % 3 == 0 ? ANALYSIS_MISSING : t % 7 == 0 ? INFINITY : t;
    check_finite(value, POINTS, true);
    for (int t = 0; t < POINTS; t++)
        value[t] = exp2(t / 4.0);
    check_finite(value, POINTS, true);
    for (int t = 0; t < POINTS; t++)
        value[t] = t % 2 == 0 ? -1e15 : 1e15;
    check_finite(value, POINTS, false);
    check_finite(value, POINTS, true);
}

void test_forecast_of_quiet(void)
{
    double value[50] = {0};
    struct analysis_forecast forecast;
    struct analysis_forecast_fit fit;
    struct analysis_forecast_options options = {ANALYSIS_FORECAST_NB, 52, 1, 0.95, true, true, 1};
    CHECK(analysis_make_forecast(value, 50, &options, &forecast, &fit));
    CHECK_EQUAL(forecast.reason, ANALYSIS_FORECAST_GIVEN);
    CHECK_EQUAL(forecast.upper, 0);
    CHECK(analysis_make_forecast(value, 10, &options, &forecast, &fit));
    CHECK_EQUAL(forecast.upper, 1);
    CHECK(analysis_make_forecast(value, 9, &options, &forecast, &fit));
    CHECK_EQUAL(forecast.reason, ANALYSIS_FORECAST_SHORT);
}
