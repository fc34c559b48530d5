// SPDX-License-Identifier: LGPL-3.0-or-later
//
// farrington_test.c: the worked examples of docs/detectors 2.5 and 3.4, by the fast and the plain
// form.
//
// The series A and C are those of docs/detectors 0; k = 170 there is point 169 here.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/analysis.h"
#include "unit.h"

enum { POINTS = 320, K = 169 };
static double series_a[POINTS], series_c[POINTS], series_z[POINTS], population[POINTS];
static struct analysis_point point;

static void make_series(void)
{
    for (int t = 1; t <= POINTS; t++) {
        series_a[t - 1] = 4 + (7 * t * t + 5 * t + t / 3) % 10;
        series_c[t - 1] = (420 - t) / 16 + (5 * t * t + 2 * t) % 7;
        series_z[t - 1] = 0;
        population[t - 1] = 1000 + 5 * t;
    }
    series_a[65] += 20;
    series_a[169] += 12;
    series_c[169] += 15;
}

// Judges point K with options "name=value ..." by batch (fast) or reference.
static void judge(const char *method, const double *value, const char *settings, bool is_fast)
{
    const struct analysis_detector *detector = analysis_find_detector(method);
    double option[ANALYSIS_OPTIONS_MAX], column[ANALYSIS_COLUMNS][POINTS];
    char copy[256], *rest = copy, *word;
    size_t row;
    uint16_t outcome[POINTS] = {0};
    analysis_default_options(detector, option);
    snprintf(copy, sizeof copy, "%s", settings);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *name = strsep(&word, "=");
        CHECK_EQUAL(analysis_set_option(detector, name, word, option, &row), ANALYSIS_OPTION_TAKEN);
    }
    CHECK(analysis_check_options(detector, option, 52));
    struct analysis_panel panel = {.series_count = 1,
                                   .point_count = POINTS,
                                   .stride = POINTS,
                                   .value = value,
                                   .population = population,
                                   .frequency = 52,
                                   .from = K,
                                   .to = K + 1};
    struct analysis_output output = {.outcome = outcome};
    for (int i = 0; i < ANALYSIS_COLUMNS; i++)
        output.column[i] = column[i];
    memset(column, 0, sizeof column);
    CHECK((is_fast ? detector->batch : detector->reference)(&panel, option, &output));
    point.outcome = outcome[K];
    for (int i = 0; i < ANALYSIS_COLUMNS; i++)
        point.column[i] = column[i][K];
    CHECK((point.outcome & ANALYSIS_JUDGED) != 0);
}

#define COLUMN(name) point.column[ANALYSIS_##name]
#define IS(flag) ((point.outcome & ANALYSIS_##flag) != 0)
#define PLAIN "b=3 w=2 alpha=0.05 limit_cases=0"

static void check_farrington(bool is_fast)
{
    make_series();
    judge("farrington", series_a, PLAIN, is_fast);
    CHECK_NEAR(COLUMN(UPPER), 15.53055126, 1e-9);
    CHECK_NEAR(COLUMN(EXPECTED), 7.142938269, 1e-9);
    CHECK_NEAR(COLUMN(PHI), 1.804666051, 1e-9);
    CHECK_NEAR(COLUMN(SCORE), 1.771309876, 1e-9);
    CHECK_NEAR(COLUMN(QUANTILE_PROB), 0.9993749516, 1e-9);
    CHECK(IS(ALARM) && !IS(TREND));
    judge("farrington", series_a, PLAIN " power=1/2", is_fast);
    CHECK_NEAR(COLUMN(UPPER), 16.25935377, 1e-9);
    judge("farrington", series_a, PLAIN " power=none", is_fast);
    CHECK_NEAR(COLUMN(UPPER), 14.41067491, 1e-9);
    judge("farrington", series_a, PLAIN " reweight=0 trend=0", is_fast);
    CHECK_NEAR(COLUMN(UPPER), 23.36199050, 1e-9);
    CHECK(!IS(ALARM));
    judge("farrington", series_c, PLAIN, is_fast);
    CHECK(IS(TREND) && IS(ALARM));
    CHECK_NEAR(COLUMN(TREND_COEF), -0.002707486962, 1e-9);
    CHECK_NEAR(COLUMN(UPPER), 28.21740126, 1e-9);
    CHECK_NEAR(COLUMN(SCORE), 1.454349586, 1e-9);
    judge("farrington", series_c, PLAIN " power=1/2", is_fast);
    CHECK_NEAR(COLUMN(UPPER), 28.70720261, 1e-9);
    judge("farrington", series_c, PLAIN " power=none", is_fast);
    CHECK_NEAR(COLUMN(UPPER), 27.38050033, 1e-9);
}

static void check_zero_baseline(bool is_fast)
{
    make_series();
    memcpy(series_z + 166, (double[]){1, 1, 2, 3}, 4 * sizeof(double));
    judge("farrington", series_z, "b=3 w=2 alpha=0.05", is_fast);
    CHECK_NEAR(COLUMN(EXPECTED), 1.026187963e-11, 1e-9);
    CHECK_NEAR(COLUMN(UPPER), 0.002722297405, 1e-9);
    CHECK_NEAR(COLUMN(SCORE), 1102.010385, 1e-9);
    CHECK(IS(ALARM));
    judge("farrington", series_z, "b=3 w=2 alpha=0.05 power=1/2", is_fast);
    CHECK_NEAR(COLUMN(UPPER), 0.9839242890, 1e-9);
    judge("farrington", series_z, "b=3 w=2 alpha=0.05 power=none", is_fast);
    CHECK_NEAR(COLUMN(UPPER), 6.355117627e-06, 1e-9);
}

#define FLEXIBLE_PLAIN                                                                             \
    "b=3 w=2 trend_p=0.05 limit_cases=0 threshold=delta periods=1 exclude_recent=2"
#define FLEXIBLE_TEN "b=3 w=2 trend_p=0.05 limit_cases=0 periods=10 exclude_recent=26"

static void check_flexible_plain(bool is_fast)
{
    make_series();
    judge("farrington-flexible", series_a, FLEXIBLE_PLAIN, is_fast);
    CHECK_NEAR(COLUMN(EXPECTED), 7.142938269, 1e-9);
    CHECK_NEAR(COLUMN(UPPER), 13.83401779, 1e-9);
    CHECK_NEAR(COLUMN(SCORE), 2.220428212, 1e-9);
    CHECK_NEAR(COLUMN(PVALUE), 0.0004539927476, 1e-9);
    CHECK(!IS(TREND) && IS(ALARM));
    judge("farrington-flexible", series_a, FLEXIBLE_PLAIN " population_offset=1", is_fast);
    CHECK(IS(TREND));
    CHECK_NEAR(COLUMN(TREND_COEF), -0.005434753084, 1e-9);
    CHECK_NEAR(COLUMN(PHI), 4.742655183, 1e-9);
    CHECK_NEAR(COLUMN(EXPECTED), 6.656859632, 1e-9);
    CHECK_NEAR(COLUMN(UPPER), 18.08776731, 1e-9);
    CHECK_NEAR(COLUMN(PVALUE), 0.01715714680, 1e-9);
    judge("farrington-flexible", series_c, FLEXIBLE_PLAIN, is_fast);
    CHECK(IS(TREND));
    CHECK_NEAR(COLUMN(UPPER), 25.05144954, 1e-9);
    CHECK_NEAR(COLUMN(PVALUE), 0.0005820610580, 1e-9);
    judge("farrington-flexible", series_c, FLEXIBLE_PLAIN " reweight=0", is_fast);
    CHECK_NEAR(COLUMN(UPPER), 25.23927182, 1e-9);
    CHECK_NEAR(COLUMN(SCORE), 2.028166535, 1e-9);
}

static void check_flexible_ten(bool is_fast)
{
    make_series();
    judge("farrington-flexible", series_a, FLEXIBLE_TEN " threshold=delta", is_fast);
    CHECK_NEAR(COLUMN(EXPECTED), 6.995871095, 1e-9);
    CHECK_NEAR(COLUMN(PHI), 1.036327687, 1e-9);
    CHECK_NEAR(COLUMN(UPPER), 11.88646570, 1e-9);
    CHECK_NEAR(COLUMN(PVALUE), 4.318743782e-06, 1e-9);
    judge("farrington-flexible", series_a, FLEXIBLE_TEN " threshold=nb", is_fast);
    CHECK_EQUAL(COLUMN(UPPER), 12);
    CHECK_NEAR(COLUMN(SCORE), 1.994561749, 1e-9);
    CHECK_NEAR(COLUMN(PVALUE), 7.612249947e-06, 1e-9);
    judge("farrington-flexible", series_a, FLEXIBLE_TEN " threshold=muan", is_fast);
    CHECK_EQUAL(COLUMN(UPPER), 12);
    CHECK_NEAR(COLUMN(MU0), 7.421434460, 1e-9);
    CHECK_NEAR(COLUMN(PVALUE), 1.767617998e-05, 1e-9);
}

// All zero but y[118] = 1, y[170] = 4, t from 1: silenced, no bound, yet a score.
static void check_flexible_silenced(bool is_fast)
{
    make_series();
    series_z[117] = 1;
    series_z[169] = 4;
    judge("farrington-flexible", series_z,
          "b=3 w=2 trend_p=0.05 threshold=delta periods=1 exclude_recent=2", is_fast);
    CHECK(IS(SILENCED) && !IS(ALARM));
    CHECK((point.outcome >> ANALYSIS_UPPER & 1) == 0);
    CHECK((point.outcome >> ANALYSIS_EXPECTED & 1) == 0);
    CHECK_NEAR(COLUMN(SCORE), 3.362839620, 1e-9);
    CHECK_NEAR(COLUMN(PVALUE), 4.365612033e-05, 1e-9);
}

void test_farrington_examples_plain_form(void)
{
    check_farrington(false);
    check_zero_baseline(false);
}

void test_farrington_examples_fast_form(void)
{
    check_farrington(true);
    check_zero_baseline(true);
}

void test_flexible_examples_plain_form(void)
{
    check_flexible_plain(false);
    check_flexible_ten(false);
    check_flexible_silenced(false);
}

void test_flexible_examples_fast_form(void)
{
    check_flexible_plain(true);
    check_flexible_ten(true);
    check_flexible_silenced(true);
}
