// SPDX-License-Identifier: LGPL-3.0-or-later
//
// window_test.c: the worked examples of docs/detectors 8 and 9, and what degenerate rows give.
#include <math.h>

#include "analysis/test_series.h"

static double value[TEST_POINTS];
static struct test_result result;

static void check_a(const char *method, const char *settings, double factor, double mean,
                    double upper)
{
    for (int t = 1; t <= TEST_POINTS; t++)
        value[t - 1] = factor * test_series_a(t);
    test_judge(method, settings, value, TEST_POINTS, 52, 0, &result);
    CHECK_NEAR(result.column[ANALYSIS_EXPECTED][169], mean, 1e-9);
    CHECK_NEAR(result.column[ANALYSIS_UPPER][169], upper, 1e-9);
    CHECK((result.outcome[169] & ANALYSIS_ALARM) != 0);
}

void test_rki_example(void)
{
    check_a("rki", "b=0 w=6 current_year=1", 1, 9.5, 16.768);
    check_a("rki", "b=1 w=6 current_year=1", 1, 8.631578947, 14.921);
    check_a("rki", "", 1, 8.777777778, 14.921);
    check_a("rki", "", 4, 35.11111111, 82.04480095);
}

void test_bayes_example(void)
{
    check_a("bayes", "", 1, 57.5 / 6, 15);
    check_a("bayes", "b=1", 1, 164.5 / 19, 14);
    check_a("bayes", "b=2 w=4 current_year=0", 1, 158.5 / 18, 14);
}

void test_window_zeros(void)
{
    memset(value, 0, sizeof value);
    test_judge("rki", "", value, TEST_POINTS, 52, 0, &result);
    CHECK(result.column[ANALYSIS_UPPER][200] == 3.285);
    test_judge("bayes", "", value, TEST_POINTS, 52, 0, &result);
    CHECK(result.column[ANALYSIS_UPPER][200] == 1);
    CHECK((result.outcome[200] & (ANALYSIS_JUDGED | ANALYSIS_ALARM)) == ANALYSIS_JUDGED);
}

// Gaps are left out of the rows; with too few left there is no result, and the reason says so.
void test_window_gaps(void)
{
    for (int t = 0; t < TEST_POINTS; t++)
        value[t] = t % 3 == 0 ? ANALYSIS_MISSING : 4;
    test_judge("rki", "b=0 w=6 current_year=1", value, 60, 0, 0, &result);
    CHECK(result.column[ANALYSIS_EXPECTED][40] == 4);
    CHECK_EQUAL(analysis_reason_of(result.outcome[42]), ANALYSIS_REASON_MISSING);
    test_judge("rki", "b=0 w=2 current_year=1", value, 60, 0, 0, &result);
    CHECK_EQUAL(analysis_reason_of(result.outcome[41]), ANALYSIS_REASON_BASELINE);
    CHECK_EQUAL(analysis_reason_of(result.outcome[1]), ANALYSIS_REASON_SHORT);
    for (int t = 20; t < 30; t++)
        value[t] = ANALYSIS_MISSING;
    test_judge("bayes", "", value, 60, 0, 0, &result);
    CHECK_EQUAL(analysis_reason_of(result.outcome[31]), ANALYSIS_REASON_BASELINE);
    CHECK((result.outcome[32] & ANALYSIS_JUDGED) != 0);
    value[45] = INFINITY;
    test_judge("bayes", "", value, 60, 0, 0, &result);
    CHECK_EQUAL(analysis_reason_of(result.outcome[45]), ANALYSIS_REASON_RANGE);
}
