// SPDX-License-Identifier: LGPL-3.0-or-later
//
// exceedance_test.c: the worked examples of docs/detectors 14 to 16.
#include <math.h>

#include "analysis/pelt.h"
#include "analysis/test_series.h"

static struct test_result result;
static double value[TEST_POINTS];

static const double quarters[16] = {10, 14, 8, 25, 11, 15, 9, 28, 13, 16, 10, 30, 12, 19, 11, 33};

// With its own start from the first two years the forecasts of the third year on leave the sum of
// squares of the example, of which the second year's four forecasts are given.
void test_holt_winters_example(void)
{
    static const double second[4] = {10.5125, 14.498375, 9.00353625, 26.10704304};
    double squares = 0;
    test_judge("holt-winters", "level=0.3 slope=0.1 season=0.2 damping=1 clip=0 baseline=8",
               quarters, 16, 4, 0, &result);
    for (int t = 4; t < 16; t++) {
        double expected = t < 8 ? second[t - 4] : result.column[ANALYSIS_EXPECTED][t];
        squares += (quarters[t] - expected) * (quarters[t] - expected);
    }
    CHECK_NEAR(squares, 31.23891141, 1e-8);
    CHECK_EQUAL(analysis_reason_of(result.outcome[7]), ANALYSIS_REASON_SHORT);
}

void test_holt_winters_constant(void)
{
    for (int t = 0; t < 60; t++)
        value[t] = 4;
    value[50] = 5;
    test_judge("holt-winters", "period=7", value, 60, 0, 0, &result);
    for (int t = 26; t < 50; t++)
        CHECK((result.outcome[t] & (ANALYSIS_JUDGED | ANALYSIS_ALARM)) == ANALYSIS_JUDGED);
    CHECK((result.outcome[50] & ANALYSIS_ALARM) != 0);
    // What alarmed did not enter: the next value is no alarm, and another rise is.
    CHECK((result.outcome[51] & ANALYSIS_ALARM) == 0);
}

// Fitted constants never do worse on the baseline than those they start from.
void test_holt_winters_fit(void)
{
    double spread[2] = {0, 0};
    for (int t = 0; t < 200; t++)
        value[t] = 20 + t / 4.0 + 5 * sin(t * 0.8975979) + (t * 7919 % 13) / 6.0;
    for (int fit = 0; fit < 2; fit++) {
        test_judge("holt-winters",
                   fit ? "period=7 level=0.9 fit=1 baseline=100"
                       : "period=7 level=0.9 fit=0 baseline=100",
                   value, 200, 0, 0, &result);
        spread[fit] = result.column[ANALYSIS_UPPER][100] - result.column[ANALYSIS_EXPECTED][100];
    }
    CHECK(spread[1] > 0 && spread[1] < spread[0]);
}

enum { STEPS = 15 };
static const double steps[STEPS] = {3, 4, 2, 3, 5, 9, 11, 8, 10, 9, 12, 4, 3, 5, 4};

static void cut(enum pelt_cost cost, size_t segment, double penalty, double variance,
                const size_t *wanted, size_t count, double total)
{
    double sum[3][STEPS + 1] = {{0}}, cost_by[STEPS + 1];
    size_t last[STEPS + 1], start[STEPS + 1], expiry[STEPS + 1];
    for (int i = 0; i < STEPS; i++) {
        sum[0][i + 1] = sum[0][i] + steps[i];
        sum[1][i + 1] = sum[1][i] + steps[i] * steps[i];
        sum[2][i + 1] = sum[2][i] + (i + 1) * steps[i];
    }
    struct pelt_problem problem = {cost,    STEPS,    segment,
                                   penalty, variance, {sum[0], sum[1], sum[2]}};
    struct pelt_cuts cuts = {cost_by, last, start, expiry};
    for (int plain = 0; plain < 2; plain++) {
        if (plain)
            pelt_cut_plainly(&problem, &cuts);
        else
            pelt_cut(&problem, &cuts);
        CHECK_NEAR(cost_by[STEPS], total, 1e-9);
        size_t at = STEPS;
        for (size_t i = count; i-- > 0;) {
            at = last[at];
            CHECK_EQUAL(at, wanted[i]);
        }
        CHECK_EQUAL(last[at], 0);
    }
}

void test_pelt_example(void)
{
    double work[STEPS], bayes = log(STEPS), v = pelt_robust_variance(steps, STEPS, work);
    static const size_t two[] = {5, 11}, three[] = {5, 10, 11};
    CHECK_NEAR(v, 4.396205520, 1e-9);
    cut(PELT_POISSON, 1, 2 * bayes, 1, two, 2, -344.8593844);
    cut(PELT_POISSON, 1, 3 * bayes, 1, two, 2, -339.4432840);
    cut(PELT_MEAN, 1, 2 * bayes, v, two, 2, 14.93422316);
    cut(PELT_MEAN_VARIANCE, 2, 3 * bayes, 1, two, 2, 59.78518203);
    cut(PELT_MEAN, 1, 2 * bayes, 1, three, 3, 28.64830121);
}

void test_pelt_detector(void)
{
    for (int t = 0; t < 120; t++)
        value[t] = (t * 7919 % 5) + (t >= 80 ? 9 : 0);
    test_judge("pelt", "window=40 recent=8", value, 120, 0, 0, &result);
    int first = 0, alarms = 0;
    for (int t = 39; t < 120; t++) {
        bool is_alarm = (result.outcome[t] & ANALYSIS_ALARM) != 0;
        first = is_alarm && alarms++ == 0 ? t : first;
    }
    // Three periods make a segment, of which the first may still be a low one; the alarm lasts
    // until the change lies 8 periods back.
    CHECK(first == 81 || first == 82);
    CHECK_EQUAL(alarms, 88 - first);
    CHECK(result.column[ANALYSIS_STATISTIC][84] == 5);
    CHECK_NEAR(result.column[ANALYSIS_EXPECTED][84], 2, 0.05);
    memset(value, 0, sizeof value);
    test_judge("pelt", "window=40", value, 60, 0, 0, &result);
    CHECK((result.outcome[50] & (ANALYSIS_JUDGED | ANALYSIS_ALARM)) == ANALYSIS_JUDGED);
}

void test_reporting(void)
{
    for (int t = 0; t < 100; t++)
        value[t] = t >= 80 && t < 84 ? ANALYSIS_MISSING : 1;
    test_judge("reporting", "", value, 100, 0, 0, &result);
    for (int t = 56; t < 100; t++)
        CHECK_EQUAL((result.outcome[t] & ANALYSIS_ALARM) != 0, t >= 80 && t < 84);
    // (56 + 1/2)/57 of the periods bring a report.
    CHECK_NEAR(result.column[ANALYSIS_PVALUE][81], pow(0.5 / 57, 2), 1e-12);
    CHECK(result.column[ANALYSIS_STATISTIC][83] == 4 && result.column[ANALYSIS_STATISTIC][84] == 0);
    // No reports at weekends: with the cycle a weekend is no silence, a Monday is.
    for (int t = 0; t < 100; t++)
        value[t] = t % 7 >= 5 || t == 91 ? ANALYSIS_MISSING : 1;
    test_judge("reporting", "cycle=7 alpha=0.1", value, 100, 0, 0, &result);
    for (int t = 56; t < 100; t++)
        CHECK_EQUAL((result.outcome[t] & ANALYSIS_ALARM) != 0, t == 91);
}
