// SPDX-License-Identifier: LGPL-3.0-or-later
//
// tail_test.c: the tail detector against a worked example, on quiet streams with heavy tails, and
// where something is planted.
#include "analysis/tail.h"

#include "analysis/planted.h"
#include "base/memory.h"
#include "test_series.h"

// Computed outside from docs/detectors 17.
void test_tail_example(void)
{
    double value[30];
    struct test_result result;
    for (int t = 1; t <= 30; t++)
        value[t - 1] = 4 + (7 * t * t + 5 * t + t / 3) % 10 + (t == 30 ? 20 : 0);
    static const struct {
        int at;
        double level, deviation, p;
    } wanted[] = {{25, 8.5, 4.5, 0.09081674476690055},
                  {26, 7.25, 3.75, 0.36363636363636365},
                  {27, 7.75, 3.25, 0.6363636363636364},
                  {28, 9.5, 4.5, 0.11395656494618461},
                  {29, 7.75, 16.25, 0.015815823700459832}};
    const struct analysis_detector *detector = analysis_find_detector("tail");
    double option[ANALYSIS_OPTIONS_MAX];
    analysis_default_options(detector, option);
    option[TAIL_DEPTH] = 4;
    option[TAIL_MEMORY] = 10;
    option[TAIL_BASELINE] = 6;
    option[TAIL_SHARE] = 0.2;
    struct analysis_panel panel = {
        .series_count = 1, .point_count = 30, .stride = 30, .value = value, .to = 30};
    struct analysis_output output = {.outcome = result.outcome};
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        output.column[column] = result.column[column];
    CHECK(detector->batch(&panel, option, &output));
    CHECK_EQUAL(analysis_reason_of(result.outcome[9]), ANALYSIS_REASON_SHORT);
    CHECK((result.outcome[10] & ANALYSIS_JUDGED) != 0);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        int at = wanted[i].at;
        CHECK_NEAR(result.column[ANALYSIS_EXPECTED][at], wanted[i].level, 1e-14);
        CHECK_NEAR(result.column[ANALYSIS_STATISTIC][at], wanted[i].deviation, 1e-14);
        CHECK_NEAR(result.column[ANALYSIS_PVALUE][at], wanted[i].p, 1e-12);
        CHECK_NEAR(result.column[ANALYSIS_SCORE][at], log(wanted[i].p) / log(0.001), 1e-12);
        CHECK((result.outcome[at] & ANALYSIS_ALARM) == 0);
    }
}

// Student's law with three degrees of freedom: a normal law would alarm at 2 % of these.
static double draw_heavy(void)
{
    double squares = 0;
    for (int i = 0; i < 3; i++) {
        double one = planted_normal();
        squares += one * one;
    }
    return planted_normal() / sqrt(squares / 3);
}

void test_tail_keeps_its_rate(void)
{
    enum { POINTS = 60000 };
    double *value = memory_allocate(POINTS * sizeof *value), option[ANALYSIS_OPTIONS_MAX];
    uint16_t *outcome = memory_allocate(POINTS * sizeof *outcome);
    const struct analysis_detector *detector = analysis_find_detector("tail");
    analysis_default_options(detector, option);
    planted_seed(3);
    for (int t = 0; t < POINTS; t++)
        value[t] = 100 + draw_heavy();
    struct analysis_panel panel = {.series_count = 1,
                                   .point_count = POINTS,
                                   .stride = POINTS,
                                   .value = value,
                                   .frequency = 288,
                                   .to = POINTS};
    CHECK(detector->batch(&panel, option, &(struct analysis_output){.outcome = outcome}));
    int alarms = 0, judged = 0;
    for (int t = 0; t < POINTS; t++) {
        alarms += (outcome[t] & ANALYSIS_ALARM) != 0;
        judged += (outcome[t] & ANALYSIS_JUDGED) != 0;
    }
    CHECK_EQUAL(judged, POINTS - 488);
    unit_check(alarms > 30 && alarms < 100, __FILE__, __LINE__, "%d alarms of 60", alarms);
    memory_free(value);
    memory_free(outcome);
}

// A jump and a fall are found at once, on any scale; a constant series is judged and quiet.
void test_tail_finds_jumps(void)
{
    double value[TEST_POINTS];
    struct test_result result;
    for (int scale = -6; scale <= 6; scale += 6) {
        planted_seed(9);
        for (int t = 0; t < TEST_POINTS; t++)
            value[t] = (50 + planted_normal() +
                        (t == 300   ? 40
                         : t == 310 ? -40
                                    : 0)) *
                       pow(10, scale);
        test_judge("tail", "depth=20 baseline=200", value, TEST_POINTS, 0, 0, &result);
        CHECK((result.outcome[300] & ANALYSIS_ALARM) != 0);
        CHECK((result.outcome[299] & ANALYSIS_ALARM) == 0);
        CHECK(result.column[ANALYSIS_PVALUE][310] < 0.01);
        test_judge("tail", "depth=20 baseline=200 two_sided=0", value, TEST_POINTS, 0, 0, &result);
        CHECK((result.outcome[300] & ANALYSIS_ALARM) != 0);
        CHECK(result.column[ANALYSIS_PVALUE][310] > 0.99);
    }
    for (int t = 0; t < TEST_POINTS; t++)
        value[t] = t == 310 ? 8 : 7;
    test_judge("tail", "depth=20 baseline=200", value, TEST_POINTS, 0, 0, &result);
    CHECK(result.column[ANALYSIS_PVALUE][300] == 1);
    CHECK((result.outcome[310] & ANALYSIS_ALARM) != 0);
    CHECK((result.outcome[315] & ANALYSIS_ALARM) == 0);
}

// However far away: no less than what the past can say.
void test_tail_bound(void)
{
    double sorted[4000];
    for (int i = 0; i < 4000; i++)
        sorted[i] = 0;
    CHECK_NEAR(exp(tail_log_probability(sorted, 4000, 0.02, 1e15)), 2.7968587153853108e-06, 1e-9);
    CHECK_NEAR(exp(tail_log_probability(sorted, 200, 0.02, 1e-9)), 0.0004960628287400625, 1e-9);
    CHECK_NEAR(exp(tail_log_probability(sorted, 200, 0.02, 0)), 1, 0);
}
