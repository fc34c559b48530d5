// SPDX-License-Identifier: LGPL-3.0-or-later
//
// reproduction_test.c: the worked examples of docs/outlook.md, the fast form against the reference,
// what is withheld and why, and input that no epidemic makes.
#include <math.h>
#include <string.h>

#include "analysis/analysis.h"
#include "unit.h"

enum { POINTS = 15, LONG = 400 };
static const double example[POINTS] = {1, 2, 3, 5, 8, 6, 9, 12, 14, 11, 13, 16, 12, 9, 10};
static const struct analysis_reproduction_options usual = {4.7, 2.9, 5, 5, 7, 0};

static void estimate(const double *value, const double *imported, size_t count,
                     const struct analysis_reproduction_options *options,
                     struct analysis_reproduction *result)
{
    struct analysis_panel panel = {
        .series_count = 1, .point_count = count, .stride = count, .value = value, .to = count};
    CHECK(analysis_estimate_reproduction(&panel, imported, options, result));
}

void test_serial_interval_example(void)
{
    static const double wanted[] = {0,
                                    0.05650078689,
                                    0.1780742743,
                                    0.1854180059,
                                    0.1557344076,
                                    0.1207513652,
                                    0.0897176447,
                                    0.06490841852};
    static const double other[] = {
        0, 0.2331721254, 0.3585794003, 0.1981108285, 0.1033426554, 0.05290517525, 0.02682146195};
    double weight[POINTS], sum = 0;
    analysis_discretise_interval(4.7, 2.9, POINTS, weight);
    for (int s = 0; s < 8; s++)
        CHECK_NEAR(weight[s], wanted[s], 1e-9);
    for (int s = 0; s < POINTS; s++)
        sum += weight[s];
    CHECK_NEAR(sum, 0.9900484368, 1e-9);
    analysis_discretise_interval(2.6, 1.5, 7, weight);
    for (int s = 0; s < 7; s++)
        CHECK_NEAR(weight[s], other[s], 1e-9);
}

void test_reproduction_example(void)
{
    struct analysis_reproduction result[POINTS];
    estimate(example, NULL, POINTS, &usual, result);
    CHECK_EQUAL(result[6].reason, ANALYSIS_REPRODUCTION_START);
    CHECK(!result[6].is_known);
    CHECK_NEAR(result[7].mean, 3.574905291, 1e-9);
    CHECK_NEAR(result[7].sd, 0.5270910292, 1e-9);
    CHECK_NEAR(result[7].quantile[0], 2.617279977, 1e-9);
    CHECK_NEAR(result[7].quantile[ANALYSIS_REPRODUCTION_MEDIAN], 3.549033818, 1e-9);
    CHECK_NEAR(result[7].quantile[6], 4.679515316, 1e-9);
    CHECK_NEAR(result[14].mean, 1.304195653, 1e-9);
    CHECK_NEAR(result[14].sd, 0.1406350341, 1e-9);
    CHECK_NEAR(result[14].quantile[0], 1.043188179, 1e-9);
    CHECK_NEAR(result[14].quantile[3], 1.299144129, 1e-9);
    CHECK_NEAR(result[14].quantile[6], 1.593906283, 1e-9);
}

void test_reproduction_imported(void)
{
    static const double imported[POINTS] = {1, 1, 0, 1, 0, 1};
    struct analysis_reproduction result[POINTS];
    struct analysis_reproduction_options options = usual;
    options.window = 4;
    estimate(example, imported, POINTS, &options, result);
    CHECK_NEAR(result[4].mean, 6.533579630, 1e-9);
    CHECK_EQUAL(result[4].cases, 16);
    options.window = 7;
    estimate(example, imported, POINTS, &options, result);
    CHECK_NEAR(result[11].mean, 1.935857096, 1e-9);
    CHECK_NEAR(result[11].sd, 0.2150952329, 1e-9);
}

// Early, few, a gap: withheld, each by its name; a number that is known stays beside the reason.
void test_reproduction_withheld(void)
{
    double value[40];
    struct analysis_reproduction result[40];
    struct analysis_reproduction_options options = {4.7, 2.9, 5, 5, 7, 12};
    for (int t = 0; t < 40; t++)
        value[t] = t < 10 ? 0 : t < 25 ? 4 : 1;
    estimate(value, NULL, 40, &options, result);
    // The first case is at 10: a window may begin at 14.7 at the earliest, so end at 21.
    CHECK_EQUAL(result[20].reason, ANALYSIS_REPRODUCTION_EARLY);
    CHECK(result[20].is_known);
    CHECK_EQUAL(result[21].reason, ANALYSIS_REPRODUCTION_GIVEN);
    CHECK_EQUAL(result[39].reason, ANALYSIS_REPRODUCTION_FEW);
    CHECK_EQUAL(result[39].cases, 7);
    value[30] = ANALYSIS_MISSING;
    estimate(value, NULL, 40, &options, result);
    CHECK_EQUAL(result[29].reason, ANALYSIS_REPRODUCTION_GIVEN);
    CHECK_EQUAL(result[30].reason, ANALYSIS_REPRODUCTION_GAP);
    CHECK(!result[30].is_known);
}

void test_reproduction_fast_is_reference(void)
{
    static double value[3][LONG], imported[3][LONG];
    static struct analysis_reproduction fast[3][LONG], plain[3][LONG];
    static const uint32_t first[3] = {0, 5, 0};
    for (int s = 0; s < 3; s++)
        for (int t = 0; t < LONG; t++) {
            double wave = exp(4 * sin(t / 40.0) - (s == 2 ? 4 : 0)) * (s == 1 ? 1e4 : 1);
            value[s][t] = floor(wave);
            imported[s][t] = s == 1 ? (t * 7) % 3 : 0;
        }
    value[0][200] = ANALYSIS_MISSING;
    value[0][250] = -3;
    value[0][300] = INFINITY;
    struct analysis_panel panel = {.series_count = 3,
                                   .point_count = LONG,
                                   .stride = LONG,
                                   .value = value[0],
                                   .first = first,
                                   .from = 3,
                                   .to = LONG - 1};
    for (int i = 0; i < 3; i++) {
        struct analysis_reproduction_options options = {
            i == 0 ? 1.2 : 14.9, i == 1 ? 0.01 : 3.9, 5, i == 2 ? 50 : 5, i == 2 ? 1 : 7, 12};
        CHECK(analysis_estimate_reproduction(&panel, imported[0], &options, fast[0]));
        CHECK(analysis_refer_reproduction(&panel, imported[0], &options, plain[0]));
        for (int s = 0; s < 3; s++)
            for (int t = 3; t < LONG - 1; t++) {
                const struct analysis_reproduction *a = &fast[s][t], *b = &plain[s][t];
                CHECK_EQUAL(a->reason, b->reason);
                CHECK_EQUAL(a->is_known, b->is_known);
                CHECK_NEAR(a->mean, b->mean, 1e-11);
                CHECK_NEAR(a->sd, b->sd, 1e-11);
                for (int q = 0; q < ANALYSIS_REPRODUCTION_QUANTILES; q++)
                    CHECK_NEAR(a->quantile[q], b->quantile[q], 1e-11);
            }
    }
}

// One interval after the other, at lengths that grow and shrink: what is remembered of the one
// before never shows.
void test_reproduction_intervals_in_turn(void)
{
    static const double interval[][2] = {{4.7, 2.9}, {2.6, 1.5}, {4.7, 1.5}, {4.7, 2.9}};
    static const size_t lengths[] = {9, POINTS, 12, POINTS};
    struct analysis_reproduction fast[POINTS], plain[POINTS];
    for (size_t i = 0; i < 16; i++) {
        struct analysis_reproduction_options options = usual;
        size_t count = lengths[i / 4];
        options.interval_mean = interval[i % 4][0];
        options.interval_sd = interval[i % 4][1];
        struct analysis_panel panel = {.series_count = 1,
                                       .point_count = count,
                                       .stride = count,
                                       .value = example,
                                       .to = count};
        estimate(example, NULL, count, &options, fast);
        CHECK(analysis_refer_reproduction(&panel, NULL, &options, plain));
        for (size_t t = 7; t < count; t++) {
            CHECK_EQUAL(fast[t].reason, plain[t].reason);
            if (fast[t].is_known)
                CHECK_NEAR(fast[t].mean, plain[t].mean, 1e-11 * plain[t].mean);
        }
    }
}

void test_reproduction_huge_and_none(void)
{
    double value[60] = {0};
    struct analysis_reproduction result[60];
    estimate(value, NULL, 60, &usual, result);
    for (int t = 0; t < 60; t++)
        CHECK(result[t].reason != ANALYSIS_REPRODUCTION_EARLY || !result[t].is_known);
    // Without cases there is the prior alone.
    CHECK_NEAR(result[59].mean, 5, 1e-12);
    for (int t = 0; t < 60; t++)
        value[t] = 1e15;
    estimate(value, NULL, 60, &usual, result);
    CHECK_NEAR(result[59].mean, 1, 1e-9);
    CHECK(result[59].quantile[0] < result[59].quantile[6]);
    for (int t = 8; t < 60; t++)
        CHECK(isfinite(result[t].mean) && isfinite(result[t].quantile[6]));
    struct analysis_reproduction_options options = usual;
    options.interval_sd = 0;
    CHECK(!analysis_check_reproduction(&options));
    options.interval_sd = ANALYSIS_MISSING;
    CHECK(!analysis_check_reproduction(&options));
    options = usual;
    options.interval_mean = 1;
    CHECK(!analysis_check_reproduction(&options));
}

void test_growth_of_a_doubling(void)
{
    struct analysis_growth growth = {0};
    double value[10];
    for (int t = 0; t < 10; t++)
        value[t] = 5 * exp2(t / 3.0);
    CHECK(analysis_estimate_growth(value, 10, 0.95, &growth));
    CHECK_NEAR(log(2) / growth.rate, 3, 1e-6);
    CHECK(growth.lower < growth.rate && growth.rate < growth.upper);
    // The interval of Poisson counts: 1.96 / sqrt(sum of mu (t - mean)^2) or a little more.
    CHECK(growth.lower > 0.1 && growth.upper < 0.4);
    value[3] = ANALYSIS_MISSING;
    CHECK(analysis_estimate_growth(value, 10, 0.95, &growth));
    CHECK_NEAR(log(2) / growth.rate, 3, 1e-6);
    memset(value, 0, sizeof value);
    CHECK(!analysis_estimate_growth(value, 10, 0.95, &growth));
    CHECK(!analysis_estimate_growth((double[]){3, 9}, 2, 0.95, &growth));
}

void test_gamma_quantile_inverts(void)
{
    CHECK_NEAR(analysis_gamma_quantile(.025, 46) * .0777, 2.616763615, 1e-9);
    CHECK_NEAR(analysis_gamma_quantile(.5, 46) * .0777, 3.548333631, 1e-9);
    CHECK_NEAR(analysis_gamma_quantile(.975, 46) * .0777, 4.678592097, 1e-9);
    for (double shape = 0.01; shape < 1e12; shape *= 3.7)
        for (double p = 0.001; p < 1; p += 0.0999) {
            double x = analysis_gamma_quantile(p, shape);
            CHECK(isfinite(x) && x >= 0);
            if (shape < 1e5 && x > 1e-300)
                CHECK_NEAR(analysis_gamma_lower(shape, x), p, 1e-11);
        }
    CHECK_NEAR(analysis_student_bound(0.05, 5), 2.570581836, 1e-9);
    CHECK_NEAR(analysis_student_bound(0.05, 1), 12.70620474, 1e-9);
}
