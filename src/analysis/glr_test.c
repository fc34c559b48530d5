// SPDX-License-Identifier: LGPL-3.0-or-later
//
// glr_test.c: the worked examples of docs/detectors 11.
//
// The examples have a mean of their own for each period, which no option gives: with a population
// of those means and a target of 1 they come out.
#include <math.h>

#include "analysis/test_series.h"

enum { COUNT = 12 };
static const double x[COUNT] = {2, 1, 3, 0, 4, 2, 5, 7, 6, 3, 2, 4};
static const double mu0[COUNT] = {2, 2, 2.2, 2.4, 2.6, 2.8, 3, 3, 3, 2.8, 2.6, 2.4};
static double statistic[COUNT], upper[COUNT];
static uint16_t outcome[COUNT];

static void judge(const char *settings, const double *wanted, int alarm)
{
    const struct analysis_detector *detector = analysis_find_detector("glr");
    double option[ANALYSIS_OPTIONS_MAX];
    char copy[128], *rest = copy, *word;
    size_t row = 0;
    analysis_default_options(detector, option);
    analysis_set_option(detector, "target", "1", option, &row);
    analysis_set_option(detector, "population_offset", "1", option, &row);
    snprintf(copy, sizeof copy, "%s", settings);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *name = strsep(&word, "=");
        CHECK_EQUAL(analysis_set_option(detector, name, word, option, &row), ANALYSIS_OPTION_TAKEN);
    }
    struct analysis_panel panel = {.series_count = 1,
                                   .point_count = COUNT,
                                   .stride = COUNT,
                                   .value = x,
                                   .population = mu0,
                                   .frequency = 52,
                                   .to = COUNT};
    struct analysis_output output = {
        .outcome = outcome, .column = {[ANALYSIS_UPPER] = upper, [ANALYSIS_STATISTIC] = statistic}};
    CHECK(detector->batch(&panel, option, &output));
    for (int i = 0; i < COUNT; i++) {
        CHECK_NEAR(statistic[i], wanted[i], 1e-9);
        CHECK_EQUAL((outcome[i] & ANALYSIS_ALARM) != 0, i + 1 == alarm);
    }
}

static const double poisson[COUNT] = {
    0,           0,           0.1304647849, 0,           0.3231316644, 0.03216309395, 0.5541281188,
    2.317766167, 3.476649250, 2.904881031,  2.170118215, 2.610365449};

void test_glr_poisson_example(void)
{
    static const double cases[COUNT] = {8, 8, 9, 9, 10, 10, 10, 10, 9, 7, 7, 9};
    judge("alpha_nb=0 limit=5", poisson, 0);
    for (int i = 0; i < COUNT; i++)
        CHECK(upper[i] == cases[i]);
    double restarted[COUNT];
    memcpy(restarted, poisson, sizeof restarted);
    restarted[9] = 0.006978614461;
    restarted[10] = 0;
    restarted[11] = 0.4433024951;
    judge("alpha_nb=0 limit=3", restarted, 9);
    static const double windowed[COUNT] = {
        0, 0, 0, 0, 0, 0.03216309395, 0.3662992364, 2.317766167, 3.476649250, 0, 0, 0.09392934076};
    judge("alpha_nb=0 limit=3 window=4 min_window=1", windowed, 9);
}

void test_lr_poisson_example(void)
{
    static const double wanted[COUNT] = {
        0, 0,           0, 0, 0.1725887222, 0, 0.4657359028, 2.317766167, 1.158883083, 0.4383246250,
        0, 0.3725887222};
    judge("alpha_nb=0 limit=2 theta=0.69314718055994530942", wanted, 8);
    CHECK_NEAR(upper[0], 5.770780164, 1e-9);
    CHECK_NEAR(upper[7], 6.541560327, 1e-9);
}

void test_glr_negative_binomial_example(void)
{
    static const double wanted[COUNT] = {0,
                                         0,
                                         0.08758065965,
                                         0,
                                         0.2014446940,
                                         0.02267140359,
                                         0.3226926057,
                                         1.311784082,
                                         1.967676123,
                                         1.666978999,
                                         1.246296095,
                                         1.525455062};
    judge("alpha_nb=0.2 limit=2", wanted, 0);
    static const double ratio[COUNT] = {0,
                                        0,
                                        0,
                                        0,
                                        0.1244334653,
                                        0,
                                        0.2811985916,
                                        1.311784082,
                                        0.6558920411,
                                        0.2814914434,
                                        0,
                                        0.2444672530};
    judge("alpha_nb=0.2 limit=1.2 theta=0.69314718055994530942", ratio, 8);
    CHECK_NEAR(upper[0], 5.559959348, 1e-9);
}

// With the mean and the dispersion estimated on series A, weeks 1 to 160.
void test_glr_estimated_example(void)
{
    static struct test_result result;
    double value[TEST_POINTS];
    for (int t = 1; t <= TEST_POINTS; t++)
        value[t - 1] = test_series_a(t);
    test_judge("glr", "limit=3", value, 172, 52, 160, &result);
    CHECK_NEAR(result.column[ANALYSIS_STATISTIC][169], 5.392990877, 1e-7);
    CHECK((result.outcome[169] & ANALYSIS_ALARM) != 0);
    test_judge("glr", "limit=3 alpha_nb=0", value, 172, 52, 160, &result);
    CHECK_NEAR(result.column[ANALYSIS_STATISTIC][160], 0.03436384412, 1e-8);
    CHECK_NEAR(result.column[ANALYSIS_STATISTIC][169], 7.487635093, 1e-8);
}

void test_glr_degenerate(void)
{
    static struct test_result result;
    double value[TEST_POINTS] = {0};
    value[150] = 3;
    test_judge("glr", "", value, 200, 52, 0, &result);
    for (int t = 104; t < 200; t++)
        CHECK_EQUAL(analysis_reason_of(result.outcome[t]), ANALYSIS_REASON_NO_FIT);
    test_judge("glr", "alpha_nb=0", value, 200, 52, 0, &result);
    CHECK((result.outcome[150] & ANALYSIS_ALARM) != 0);
    CHECK((result.outcome[149] & (ANALYSIS_ALARM | ANALYSIS_JUDGED)) == ANALYSIS_JUDGED);
}
