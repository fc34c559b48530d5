// SPDX-License-Identifier: LGPL-3.0-or-later
//
// charts_test.c: the worked examples of docs/detectors 10, 12 and 13, and degenerate baselines.
#include <math.h>

#include "analysis/test_series.h"

static double value[TEST_POINTS];
static struct test_result result;

// The example series of docs/detectors 11.
static const double example[12] = {2, 1, 3, 0, 4, 2, 5, 7, 6, 3, 2, 4};

static void judge_a(const char *settings)
{
    for (int t = 1; t <= TEST_POINTS; t++)
        value[t - 1] = test_series_a(t);
    test_judge("cusum", settings, value, 172, 52, 160, &result);
}

static void check_sums(const double *sum, int from)
{
    for (int t = from; t <= 172; t++)
        CHECK_NEAR(result.column[ANALYSIS_STATISTIC][t - 1], sum[t - from], 1e-9);
}

static void check_alarms(int from, int to)
{
    for (int t = 161; t <= 172; t++)
        CHECK_EQUAL((result.outcome[t - 1] & ANALYSIS_ALARM) != 0, t >= from && t <= to);
}

void test_cusum_example(void)
{
    judge_a("transform=standard");
    check_sums((const double[]){0.2655824197, 4.012717958, 4.626455690, 3.847572174}, 169);
    static const double upper[12] = {18, 18, 18, 18, 18, 18, 18, 18, 18, 17, 7, 5};
    for (int i = 0; i < 12; i++)
        CHECK(result.column[ANALYSIS_UPPER][160 + i] == upper[i]);
    CHECK(result.column[ANALYSIS_EXPECTED][160] == 8.25);
    check_alarms(170, 172);
    judge_a("");
    check_sums((const double[]){0.2046115017, 3.376313708, 3.896452526, 3.114729444}, 169);
    CHECK_NEAR(result.column[ANALYSIS_UPPER][160], 18.79953481, 1e-9);
    CHECK_NEAR(result.column[ANALYSIS_UPPER][169], 18.09518342, 1e-9);
    CHECK_NEAR(result.column[ANALYSIS_UPPER][171], 6.583760238, 1e-9);
    judge_a("transform=anscombe");
    check_sums((const double[]){0.1825708814, 3.119241905, 3.604973210, 2.822285240}, 169);
    CHECK_NEAR(result.column[ANALYSIS_UPPER][160], 19.36058547, 1e-9);
    judge_a("transform=negbin");
    check_sums((const double[]){2.503596708, 2.687748297, 1.841035391}, 170);
    check_alarms(170, 171);
}

void test_cusum_glm_example(void)
{
    judge_a("mean=glm");
    CHECK_NEAR(result.column[ANALYSIS_EXPECTED][160], 8.236261460, 1e-9);
    CHECK_NEAR(result.column[ANALYSIS_EXPECTED][171], 8.482808029, 1e-9);
    CHECK_NEAR(result.column[ANALYSIS_UPPER][160], 18.77771953, 1e-9);
}

void test_cusum_run_lengths(void)
{
    CHECK_NEAR(analysis_cusum_run_length(0.5, 4, 0), 335.3675776, 1e-9);
    CHECK_NEAR(analysis_cusum_run_length(0.5, 4, 1), 8.383202130, 1e-9);
    CHECK_NEAR(analysis_cusum_run_length(1.04, 2.26, 0), 531.4282302, 1e-9);
    CHECK_NEAR(analysis_cusum_run_length(1.04, 2.26, 2.08), 2.911928342, 1e-9);
    static const struct {
        double arl, arl_shifted, k, h;
    } rows[] = {{500, 7, 0.5935917999, 3.800798495},
                {500, 3, 1.014215544, 2.289821757},
                {350, 5, 0.7033357974, 3.018789638}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double k = 0, h = 0;
        analysis_cusum_design(rows[i].arl, rows[i].arl_shifted, &k, &h);
        CHECK_NEAR(k, rows[i].k, 1e-8);
        CHECK_NEAR(h, rows[i].h, 1e-8);
    }
    double k = 0.5, h = 0;
    analysis_cusum_design(500, INFINITY, &k, &h);
    CHECK_NEAR(h, 4.389129742, 1e-9);
}

void test_cusum_degenerate(void)
{
    memset(value, 0, sizeof value);
    value[40] = 3;
    test_judge("cusum", "", value, 60, 0, 0, &result);
    CHECK_EQUAL(analysis_reason_of(result.outcome[40]), ANALYSIS_REASON_RANGE);
    CHECK_EQUAL(analysis_reason_of(result.outcome[25]), ANALYSIS_REASON_SHORT);
    for (int t = 0; t < 60; t++)
        value[t] = t < 26 ? ANALYSIS_MISSING : 4;
    test_judge("cusum", "", value, 60, 0, 0, &result);
    CHECK_EQUAL(analysis_reason_of(result.outcome[40]), ANALYSIS_REASON_BASELINE);
    // A gap leaves the sum as it is.
    for (int t = 0; t < 60; t++)
        value[t] = t == 42 ? ANALYSIS_MISSING : t < 40 ? 4 : 9;
    test_judge("cusum", "", value, 60, 0, 0, &result);
    double step = result.column[ANALYSIS_STATISTIC][40];
    CHECK_EQUAL(analysis_reason_of(result.outcome[42]), ANALYSIS_REASON_MISSING);
    CHECK_NEAR(result.column[ANALYSIS_STATISTIC][43], 3 * step, 1e-12);
}

void test_ewma_example(void)
{
    static const double level[12] = {2.7,         2.19,        2.433,       1.7031,
                                     2.39217,     2.274519,    3.0921633,   4.26451431,
                                     4.785160017, 4.249612012, 3.574728408, 3.702309886};
    test_judge("ewma", "lambda=0.3 limit=2.7 target=3 sigma=1.5", example, 12, 0, 0, &result);
    for (int t = 1; t <= 12; t++) {
        CHECK_NEAR(result.column[ANALYSIS_STATISTIC][t - 1], level[t - 1], 1e-9);
        CHECK_EQUAL((result.outcome[t - 1] & ANALYSIS_ALARM) != 0, t == 9);
    }
    // The limit of the average follows from the score: U_1, U_2, U_8, U_12.
    static const struct {
        int t;
        double limit;
    } rows[] = {{1, 4.215}, {2, 4.483096507}, {8, 4.698510923}, {12, 4.701177322}};
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(3 + (level[rows[i].t - 1] - 3) / result.column[ANALYSIS_SCORE][rows[i].t - 1],
                   rows[i].limit, 1e-8);
    // The bound is the value that brings the average to its limit.
    CHECK_NEAR(result.column[ANALYSIS_UPPER][1], 2.7 + (4.483096507 - 2.7) / 0.3, 1e-9);
}

// A constant series, of a value that no double holds exactly, never alarms.
void test_charts_constant(void)
{
    for (int t = 0; t < 100; t++)
        value[t] = 0.1;
    static const char *const methods[] = {"ewma", "shewhart"};
    for (int i = 0; i < 2; i++) {
        test_judge(methods[i], "", value, 100, 0, 0, &result);
        for (int t = 26; t < 100; t++)
            CHECK((result.outcome[t] & (ANALYSIS_JUDGED | ANALYSIS_ALARM)) == ANALYSIS_JUDGED);
    }
    value[90] = 0.1000001;
    test_judge("ewma", "", value, 100, 0, 0, &result);
    CHECK((result.outcome[90] & ANALYSIS_ALARM) != 0);
}

// Baseline and chart are the same twelve values, written twice.
static void judge_twice(const char *settings)
{
    for (int t = 0; t < 24; t++)
        value[t] = example[t % 12];
    test_judge("shewhart", settings, value, 24, 0, 12, &result);
}

void test_shewhart_example(void)
{
    judge_twice("");
    CHECK_NEAR(result.column[ANALYSIS_EXPECTED][12], 3.25, 1e-12);
    CHECK_NEAR(result.column[ANALYSIS_UPPER][12], 9.052707930, 1e-9);
    CHECK_NEAR(result.column[ANALYSIS_STATISTIC][19], (7 - 3.25) / 1.934235977, 1e-9);
    judge_twice("chart=counts");
    CHECK_NEAR(result.column[ANALYSIS_UPPER][12], 8.658326913, 1e-9);
    judge_twice("chart=exact");
    // The smallest U with P(X > U) <= P(Z > 3).
    double upper = result.column[ANALYSIS_UPPER][12], tail = analysis_normal_upper(3);
    CHECK(analysis_poisson_upper(upper + 1, 3.25) <= tail);
    CHECK(analysis_poisson_upper(upper, 3.25) > tail);
}

void test_shewhart_rates(void)
{
    static const double x[8] = {4, 6, 5, 9, 4, 6, 5, 9};
    static const double e[8] = {100, 120, 90, 110, 100, 120, 90, 110};
    static const double rate[4] = {0.1288565737, 0.1226082242, 0.1327357517, 0.1255192030};
    static const double z[4] = {-0.7171371656, -0.3273268354, -0.06299407883, 1.082625476};
    uint16_t outcome[8];
    double upper[8], statistic[8], option[ANALYSIS_OPTIONS_MAX];
    size_t row = 0;
    const struct analysis_detector *detector = analysis_find_detector("shewhart");
    struct analysis_panel panel = {.series_count = 1,
                                   .point_count = 8,
                                   .stride = 8,
                                   .value = x,
                                   .population = e,
                                   .to = 8,
                                   .chart_from = 4};
    struct analysis_output output = {
        .outcome = outcome, .column = {[ANALYSIS_UPPER] = upper, [ANALYSIS_STATISTIC] = statistic}};
    analysis_default_options(detector, option);
    analysis_set_option(detector, "population_offset", "1", option, &row);
    analysis_set_option(detector, "chart", "counts", option, &row);
    CHECK(detector->batch(&panel, option, &output));
    for (int i = 0; i < 4; i++) {
        CHECK_NEAR(upper[4 + i], e[i] * rate[i], 1e-9);
        CHECK_NEAR(statistic[4 + i], z[i], 1e-8);
    }
    analysis_set_option(detector, "chart", "overdispersed", option, &row);
    CHECK(detector->batch(&panel, option, &output));
    double mean = 0.05714285714;
    CHECK_NEAR(upper[4] / 100, mean + 0.5318447524 * (rate[0] - mean), 1e-8);
}

void test_shewhart_run_rules(void)
{
    static const double z[] = {0,  2.1, 0,  2.1, 0,  1.1, 1.1, 1.1, 1.1, 0,
                               -1, .1,  .1, .1,  .1, .1,  .1,  .1,  .1,  0};
    static const bool wanted[] = {0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    test_judge("shewhart", "target=0 sigma=1 rules=1", z, 20, 0, 0, &result);
    for (int t = 0; t < 20; t++)
        unit_check(((result.outcome[t] & ANALYSIS_ALARM) != 0) == wanted[t], __FILE__, __LINE__,
                   "period %d", t);
}
