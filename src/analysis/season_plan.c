// SPDX-License-Identifier: LGPL-3.0-or-later
//
// season_plan.c: reads the options of both Farrington methods into one plan.
//
// The 1996 method is the flexible one with one period, no recent points, weights from 1 on, the
// delta threshold, a two-sided alpha and a trend tested at 0.05; what differs beyond that asks
// is_flexible (season_threshold.c, season_baseline.c).
#include "analysis/season.h"

struct season_plan season_plan_farrington(const double *option, int frequency, const int32_t *day)
{
    struct season_plan plan = {
        .b = (int32_t)option[FARRINGTON_B],
        .w = (int32_t)option[FARRINGTON_W],
        .periods = 1,
        .exclude = (int32_t)option[FARRINGTON_W],
        .frequency = frequency,
        .is_reweighted = option[FARRINGTON_REWEIGHT] != 0,
        .is_trended = option[FARRINGTON_TREND] != 0,
        .weights_threshold = 1,
        .trend_p = 0.05,
        .alpha = option[FARRINGTON_ALPHA],
        .z = analysis_normal_quantile(1 - option[FARRINGTON_ALPHA] / 2),
        .power = (enum season_power)option[FARRINGTON_POWER],
        .threshold = THRESHOLD_DELTA,
        .limit_cases = option[FARRINGTON_LIMIT_CASES],
        .limit_period = (int32_t)option[FARRINGTON_LIMIT_PERIOD],
        .day = day,
    };
    return plan;
}

struct season_plan season_plan_flexible(const double *option, int frequency, const int32_t *day)
{
    struct season_plan plan = {
        .is_flexible = true,
        .b = (int32_t)option[FLEXIBLE_B],
        .w = (int32_t)option[FLEXIBLE_W],
        .periods = (int32_t)option[FLEXIBLE_PERIODS],
        .exclude = (int32_t)option[FLEXIBLE_EXCLUDE_RECENT],
        .frequency = frequency,
        .is_reweighted = option[FLEXIBLE_REWEIGHT] != 0,
        .is_trended = option[FLEXIBLE_TREND] != 0,
        .is_offset = option[FLEXIBLE_POPULATION_OFFSET] != 0,
        .weights_threshold = option[FLEXIBLE_WEIGHTS_THRESHOLD],
        .trend_p = option[FLEXIBLE_TREND_P],
        .alpha = option[FLEXIBLE_ALPHA],
        .z = analysis_normal_quantile(1 - option[FLEXIBLE_ALPHA]),
        .power = (enum season_power)option[FLEXIBLE_POWER],
        .threshold = (enum season_threshold)option[FLEXIBLE_THRESHOLD],
        .limit_cases = option[FLEXIBLE_LIMIT_CASES],
        .limit_period = (int32_t)option[FLEXIBLE_LIMIT_PERIOD],
        .day = day,
    };
    return plan;
}

bool season_plan_is_sound(const struct season_plan *plan)
{
    int32_t gap = plan->frequency - 2 * plan->w - 1;
    if (plan->frequency < 1 || gap < 0)
        return false;
    return plan->periods == 1 || gap >= plan->periods - (2 * plan->w + 1);
}
