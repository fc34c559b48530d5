// SPDX-License-Identifier: LGPL-3.0-or-later
//
// outlook_memory_test.c: the reproduction number, nowcast, forecast and scenario when each of their
// allocations fails in turn: they say so, leak nothing, and work the next time.
#include <math.h>

#include "analysis/analysis.h"
#include "base/memory.h"
#include "unit.h"

enum { POINTS = 60, AHEAD = 3, ALLOCATIONS_MOST = 400 };
static double value[POINTS];

static bool reproduce(void)
{
    static struct analysis_reproduction result[POINTS];
    struct analysis_panel panel = {
        .series_count = 1, .point_count = POINTS, .stride = POINTS, .value = value, .to = POINTS};
    return analysis_estimate_reproduction(
        &panel, NULL, &(struct analysis_reproduction_options){4.7, 2.9, 5, 5, 7, 12}, result);
}

static bool refer(void)
{
    static struct analysis_reproduction result[POINTS];
    struct analysis_panel panel = {
        .series_count = 1, .point_count = POINTS, .stride = POINTS, .value = value, .to = POINTS};
    return analysis_refer_reproduction(
        &panel, NULL, &(struct analysis_reproduction_options){4.7, 2.9, 5, 5, 7, 12}, result);
}

static bool grow(void)
{
    struct analysis_growth growth;
    return analysis_estimate_growth(value, POINTS, 0.95, &growth);
}

static bool nowcast(void)
{
    struct analysis_nowcast now[6];
    return analysis_make_nowcast(&(struct analysis_triangle){6, 3, value},
                                 &(struct analysis_nowcast_options){0, 0, 0.95}, now, NULL);
}

static bool forecast(enum analysis_forecast_method method)
{
    struct analysis_forecast ahead[AHEAD];
    struct analysis_forecast_fit fit;
    struct analysis_forecast_options options = {method, 7, AHEAD, 0.95, true, true, 1};
    return analysis_make_forecast(value, POINTS, &options, ahead, &fit);
}

static bool smooth(void)
{
    return forecast(ANALYSIS_FORECAST_ETS);
}

static bool regress(void)
{
    return forecast(ANALYSIS_FORECAST_NB);
}

static bool play(void)
{
    struct analysis_epidemic_day day[AHEAD];
    static const double people = 100, sick = 2, none = 0;
    return analysis_run_epidemic(&(struct analysis_epidemic){.place_count = 1,
                                                             .population = &people,
                                                             .exposed = &none,
                                                             .infectious = &sick,
                                                             .recovered = &none,
                                                             .reproduction = 2,
                                                             .latent_days = 3,
                                                             .infectious_days = 5,
                                                             .days = AHEAD,
                                                             .contact_factor = 1,
                                                             .travel_factor = 1,
                                                             .paths = 3},
                                 NULL, NULL, day);
}

void test_outlook_without_memory(void)
{
    static bool (*const run[])(void) = {reproduce, refer, grow, nowcast, smooth, regress, play};
    for (int t = 0; t < POINTS; t++)
        value[t] = 20 + (t * 7 % 11);
    for (size_t i = 0; i < sizeof run / sizeof run[0]; i++) {
        CHECK(run[i]());
        int failed = 0;
        for (uint64_t n = 1; n < ALLOCATIONS_MOST; n++) {
            memory_fail_after(n);
            bool is_done = run[i]();
            bool has_failed = memory_has_failed();
            memory_fail_after(0);
            CHECK(is_done == !has_failed);
            if (!has_failed)
                break;
            failed++;
        }
        unit_check(failed > 0, __FILE__, __LINE__, "function %zu takes memory", i);
        CHECK(run[i]());
    }
}
