// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ears_test.c: the worked examples of docs/detectors 4, and what degenerate windows give.
#include <math.h>

#include "analysis/analysis.h"
#include "unit.h"

enum { POINTS_MAX = 64 };
static uint16_t outcome[POINTS_MAX];
static double upper[POINTS_MAX];

static void judge(const char *method, const double *value, size_t count, double min_sigma)
{
    const struct analysis_detector *detector = analysis_find_detector(method);
    double option[ANALYSIS_OPTIONS_MAX];
    analysis_default_options(detector, option);
    option[1] = min_sigma;
    struct analysis_panel panel = {
        .series_count = 1, .point_count = count, .stride = count, .value = value, .to = count};
    struct analysis_output output = {.outcome = outcome, .column = {[ANALYSIS_UPPER] = upper}};
    CHECK(detector->batch(&panel, option, &output));
    CHECK((outcome[detector->start(option, 0) - 1] & ANALYSIS_JUDGED) == 0);
}

static const double example[16] = {3, 5, 4, 6, 2, 4, 5, 7, 3, 12, 15, 4, 0, 6, 5, 9};
// The bounds of the worked example; t counts from 1.
static const double bound_c1[9] = {8.299792580, 9.669681658, 9.738361191, 15.79836130, 21.93593252,
                                   21.35216639, 22.81178206, 22.84224786, 22.66892492};
static const double bound_c3[5] = {0, 0, 15.56364498, 14.01218148, 19.30036087};

void test_ears_c1_example(void)
{
    judge("ears-c1", example, 16, 0);
    for (int t = 8; t <= 16; t++) {
        CHECK_NEAR(upper[t - 1], bound_c1[t - 8], 1e-9);
        CHECK_EQUAL((outcome[t - 1] & ANALYSIS_ALARM) != 0, t == 10);
    }
}

void test_ears_c2_example(void)
{
    judge("ears-c2", example, 16, 0);
    for (int t = 10; t <= 16; t++) {
        CHECK_NEAR(upper[t - 1], bound_c1[t - 10], 1e-9);
        CHECK_EQUAL((outcome[t - 1] & ANALYSIS_ALARM) != 0, t == 10 || t == 11);
    }
}

void test_ears_c3_example(void)
{
    judge("ears-c3", example, 16, 0);
    for (int t = 12; t <= 16; t++) {
        CHECK_NEAR(upper[t - 1], bound_c3[t - 12], 1e-9);
        CHECK_EQUAL((outcome[t - 1] & ANALYSIS_ALARM) != 0, t == 12);
    }
}

void test_ears_zeros_then_cases(void)
{
    const double value[16] = {[12] = 1, [14] = 2};
    judge("ears-c1", value, 16, 0);
    CHECK_EQUAL(upper[12], 0);
    CHECK((outcome[12] & ANALYSIS_ALARM) != 0);
    CHECK_NEAR(upper[13], 1.310855168, 1e-9);
    CHECK((outcome[14] & ANALYSIS_ALARM) != 0);
    CHECK_NEAR(upper[15], 2.859953205, 1e-9);
    judge("ears-c3", value, 16, 0);
    for (int t = 12; t <= 16; t++) {
        CHECK((outcome[t - 1] & ANALYSIS_JUDGED) == 0);
        CHECK_EQUAL(analysis_reason_of(outcome[t - 1]), ANALYSIS_REASON_RANGE);
        CHECK_EQUAL(upper[t - 1], 0);
    }
    judge("ears-c1", value, 16, 0.5);
    CHECK_NEAR(upper[12], 1.545116153, 1e-9);
    judge("ears-c3", value, 16, 0.5);
    static const double floor_half[5] = {0.9799819923, 1.979981992, 0.4799819923, 2.479981992, 0};
    for (int t = 12; t <= 16; t++)
        CHECK_NEAR(upper[t - 1], floor_half[t - 12], 1e-9);
}

// A constant series, of a value that no double holds exactly, never alarms.
void test_ears_constant(void)
{
    double value[POINTS_MAX];
    for (int t = 0; t < POINTS_MAX; t++)
        value[t] = 0.1;
    judge("ears-c1", value, POINTS_MAX, 0);
    for (int t = 7; t < POINTS_MAX; t++) {
        CHECK(upper[t] == 0.1);
        CHECK((outcome[t] & (ANALYSIS_JUDGED | ANALYSIS_ALARM)) == ANALYSIS_JUDGED);
    }
}

void test_ears_gap(void)
{
    double value[POINTS_MAX];
    for (int t = 0; t < POINTS_MAX; t++)
        value[t] = t % 5;
    value[20] = ANALYSIS_MISSING;
    judge("ears-c1", value, POINTS_MAX, 0);
    CHECK_EQUAL(analysis_reason_of(outcome[20]), ANALYSIS_REASON_MISSING);
    for (int t = 21; t <= 27; t++)
        CHECK_EQUAL(analysis_reason_of(outcome[t]), ANALYSIS_REASON_BASELINE);
    CHECK((outcome[28] & ANALYSIS_JUDGED) != 0);
}
