// SPDX-License-Identifier: LGPL-3.0-or-later
//
// fused_test.c: what the fused detector alone promises; that its three forms agree is held by
// detectors_test.c.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "unit.h"

enum { POINTS = 400 };

static uint64_t state = 4711;
static double random_unit(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-53;
}

static double random_count(double mean)
{
    double count = 0, product = random_unit();
    for (; product > exp(-mean); count++)
        product *= random_unit();
    return count;
}

struct judged {
    uint16_t outcome[POINTS];
    double column[ANALYSIS_COLUMNS][POINTS];
};

static void judge(const double *value, int frequency, const char *name, const char *setting,
                  struct judged *judged)
{
    const struct analysis_detector *detector = analysis_find_detector("fused");
    double option[ANALYSIS_OPTIONS_MAX];
    size_t row;
    memset(judged, 0, sizeof *judged);
    analysis_default_options(detector, option);
    if (name != NULL)
        CHECK_EQUAL(analysis_set_option(detector, name, setting, option, &row),
                    ANALYSIS_OPTION_TAKEN);
    struct analysis_panel panel = {.series_count = 1,
                                   .point_count = POINTS,
                                   .stride = POINTS,
                                   .value = value,
                                   .frequency = frequency,
                                   .to = POINTS};
    struct analysis_output output = {.outcome = judged->outcome};
    for (int i = 0; i < ANALYSIS_COLUMNS; i++)
        output.column[i] = judged->column[i];
    CHECK(detector->batch(&panel, option, &output));
}

static void make_counts(double *value, double mean)
{
    for (int t = 0; t < POINTS; t++)
        value[t] = random_count(mean * (1 + 0.5 * sin(6.283185307 * t / 52)));
}

void test_fused_raises_one_alarm_for_one_rise(void)
{
    static struct judged judged;
    double value[POINTS];
    make_counts(value, 10);
    value[390] = 24;
    value[391] = 8;
    judge(value, 52, NULL, NULL, &judged);
    CHECK((judged.outcome[390] & ANALYSIS_ALARM) != 0);
    CHECK((judged.outcome[391] & ANALYSIS_ALARM) == 0);
}

// Two periods, each somewhat high, say together what neither says alone.
void test_fused_takes_two_periods_together(void)
{
    static struct judged judged;
    double value[POINTS];
    for (int t = 0; t < POINTS; t++)
        value[t] = 9 + t % 3;
    value[390] = 16;
    value[391] = 17;
    judge(value, 52, NULL, NULL, &judged);
    double together = judged.column[ANALYSIS_SCORE][391];
    value[390] = 10;
    judge(value, 52, NULL, NULL, &judged);
    CHECK(together > judged.column[ANALYSIS_SCORE][391] + 1);
}

void test_fused_bound_is_where_the_alarm_begins(void)
{
    static struct judged judged;
    double value[POINTS];
    make_counts(value, 6);
    judge(value, 52, NULL, NULL, &judged);
    double upper = judged.column[ANALYSIS_UPPER][395];
    CHECK(upper > judged.column[ANALYSIS_EXPECTED][395]);
    for (int more = -1; more <= 1; more++) {
        value[395] = floor(upper) + more;
        judge(value, 52, NULL, NULL, &judged);
        CHECK_EQUAL((judged.outcome[395] & ANALYSIS_ALARM) != 0, value[395] > upper);
    }
}

// A short series is judged by the local level, and the outcome says so.
void test_fused_falls_back_on_a_short_series(void)
{
    static struct judged judged;
    double value[POINTS];
    for (int t = 0; t < POINTS; t++)
        value[t] = t < 300 ? ANALYSIS_MISSING : 4 + t % 2;
    judge(value, 52, NULL, NULL, &judged);
    CHECK_EQUAL(judged.outcome[299] & ANALYSIS_JUDGED, 0);
    CHECK_EQUAL(analysis_reason_of(judged.outcome[299]), ANALYSIS_REASON_MISSING);
    CHECK_EQUAL(judged.outcome[304] & ANALYSIS_JUDGED, 0);
    CHECK_EQUAL(analysis_reason_of(judged.outcome[304]), ANALYSIS_REASON_BASELINE);
    CHECK((judged.outcome[350] & ANALYSIS_JUDGED) != 0);
    CHECK_EQUAL(judged.outcome[350] & ANALYSIS_TREND, 0);
    CHECK_EQUAL(analysis_reason_of(judged.outcome[350]), ANALYSIS_REASON_SHORT);
    CHECK_NEAR(judged.column[ANALYSIS_EXPECTED][350], 4.5, 0.1);
}

// A level that has moved is believed once it has foretold better for a while.
void test_fused_follows_a_level_that_moved(void)
{
    static struct judged judged;
    double value[POINTS];
    for (int t = 0; t < POINTS; t++)
        value[t] = random_count(t < 330 ? 5 : 30);
    judge(value, 52, NULL, NULL, &judged);
    CHECK(judged.column[ANALYSIS_EXPECTED][399] > 20);
    int alarms = 0;
    for (int t = 360; t < POINTS; t++)
        alarms += (judged.outcome[t] & ANALYSIS_ALARM) != 0;
    CHECK(alarms <= 2);
}

void test_fused_budget_orders_the_bounds(void)
{
    static struct judged few, many;
    double value[POINTS];
    make_counts(value, 8);
    judge(value, 52, "budget", "0.1", &few);
    judge(value, 52, "budget", "10", &many);
    for (int t = 120; t < POINTS; t++) {
        CHECK(few.column[ANALYSIS_UPPER][t] >= many.column[ANALYSIS_UPPER][t]);
        CHECK(few.column[ANALYSIS_SCORE][t] == many.column[ANALYSIS_SCORE][t]);
    }
}

// On a quiet series that the model fits, alarms come about as often as the budget allows.
void test_fused_budget_is_kept(void)
{
    enum { SERIES = 56 };
    static double value[SERIES * POINTS];
    static uint16_t outcome[SERIES * POINTS];
    const struct analysis_detector *detector = analysis_find_detector("fused");
    double option[ANALYSIS_OPTIONS_MAX];
    size_t row, alarms = 0, periods = 0;
    analysis_default_options(detector, option);
    CHECK_EQUAL(analysis_set_option(detector, "budget", "2", option, &row), ANALYSIS_OPTION_TAKEN);
    for (int series = 0; series < SERIES; series++)
        make_counts(value + series * POINTS, 12);
    struct analysis_panel panel = {.series_count = SERIES,
                                   .point_count = POINTS,
                                   .stride = POINTS,
                                   .value = value,
                                   .frequency = 52,
                                   .from = 210,
                                   .to = POINTS};
    CHECK(detector->batch(&panel, option, &(struct analysis_output){.outcome = outcome}));
    for (size_t at = 0; at < SERIES * POINTS; at++) {
        periods += at % POINTS >= 210;
        alarms += at % POINTS >= 210 && (outcome[at] & ANALYSIS_ALARM) != 0;
    }
    double allowed = 2.0 / 52 * (double)periods;
    unit_check((double)alarms > allowed / 2 && (double)alarms < allowed * 1.5, __FILE__, __LINE__,
               "%zu alarms where %.0f are allowed", alarms, allowed);
}

// Amounts below zero, and both sides.
void test_fused_judges_amounts(void)
{
    static struct judged judged;
    double value[POINTS];
    for (int t = 0; t < POINTS; t++)
        value[t] = -20 + random_unit() + random_unit();
    value[380] = -12.5;
    value[390] = -27.5;
    judge(value, 52, "side", "both", &judged);
    CHECK((judged.outcome[380] & ANALYSIS_ALARM) != 0);
    CHECK((judged.outcome[390] & ANALYSIS_ALARM) != 0);
    judge(value, 52, NULL, NULL, &judged);
    CHECK((judged.outcome[380] & ANALYSIS_ALARM) != 0);
    CHECK((judged.outcome[390] & ANALYSIS_ALARM) == 0);
}

// Very large counts, none at all, a single one.
void test_fused_extremes_are_judged(void)
{
    static struct judged judged;
    double value[POINTS];
    for (int t = 0; t < POINTS; t++)
        value[t] = 1e15 - floor(3e7 * random_unit());
    judge(value, 52, NULL, NULL, &judged);
    CHECK((judged.outcome[399] & ANALYSIS_JUDGED) != 0);
    CHECK_NEAR(judged.column[ANALYSIS_EXPECTED][399], 1e15, 1e-6);
    memset(value, 0, sizeof value);
    value[399] = 1;
    judge(value, 52, NULL, NULL, &judged);
    CHECK((judged.outcome[398] & ANALYSIS_ALARM) == 0);
    CHECK((judged.outcome[399] & ANALYSIS_JUDGED) != 0);
    CHECK(judged.column[ANALYSIS_EXPECTED][399] < 0.1);
}
