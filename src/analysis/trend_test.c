// SPDX-License-Identifier: LGPL-3.0-or-later
//
// trend_test.c: breaks are found where they are planted, as what they are, and where none is, no
// oftener than the level says.
//
// Seeds are fixed: the rates below are those of these series, with room for 1,000 draws.
#include <stdlib.h>
#include <string.h>

#include "analysis/planted.h"
#include "unit.h"

enum { SERIES = 300, POINTS = 470, SINCE = 260, SINCE_SHORT = 300 };
static double value[SERIES * POINTS];
static struct analysis_break breaks[SERIES * ANALYSIS_BREAKS];

enum plant { PLANT_NONE, PLANT_LEVEL, PLANT_SLOPE, PLANT_SEASON, PLANT_SPREAD };

// Weekly counts about `mean` with season and growth; the break begins at SINCE.
static double make_count(enum plant plant, size_t t, size_t end, double mean, double dispersion)
{
    bool is_after = t >= SINCE;
    double year = (double)t / 52, swing = 0.4;
    if (is_after && plant == PLANT_SEASON)
        swing = 0.8;
    double eta = log(mean) + 0.05 * year + swing * cos(6.283185307 * year);
    if (is_after && plant == PLANT_LEVEL)
        eta += log(1.4);
    if (is_after && plant == PLANT_SLOPE)
        eta += log(1.8) * (double)(t - SINCE) / (double)(end - 1 - SINCE);
    if (is_after && plant == PLANT_SPREAD)
        dispersion *= 4;
    return planted_count(exp(eta), dispersion);
}

static struct analysis_panel make_panel(enum plant plant, size_t series, size_t end, double mean,
                                        double dispersion)
{
    for (size_t s = 0; s < series; s++)
        for (size_t t = 0; t < end; t++)
            value[s * POINTS + t] = make_count(plant, t, end, mean, dispersion);
    return (struct analysis_panel){.series_count = series,
                                   .point_count = end,
                                   .stride = POINTS,
                                   .value = value,
                                   .frequency = 52,
                                   .from = SINCE,
                                   .to = end};
}

static double rate(size_t series, enum analysis_break_kind kind, double level, double *ret_tested)
{
    double tested = 0, hit = 0;
    for (size_t s = 0; s < series; s++) {
        const struct analysis_break *one = &breaks[s * ANALYSIS_BREAKS + kind];
        tested += one->is_tested;
        hit += one->is_tested && one->p <= level;
    }
    *ret_tested = tested;
    return tested > 0 ? hit / tested : 0;
}

// A break is found in at least `least` of 100 series, corrected for all others, and is what was
// planted: other kinds stay rare.
static void check_planted(enum plant plant, enum analysis_break_kind kind, double least,
                          double truth)
{
    enum { COUNT = 60 };
    planted_seed(100 + plant);
    struct analysis_panel panel = make_panel(plant, COUNT, POINTS, 30, 2);
    CHECK(analysis_find_breaks(&panel, 0, breaks));
    double found = 0, others = 0, inside = 0;
    for (size_t s = 0; s < COUNT; s++) {
        const struct analysis_break *one = &breaks[s * ANALYSIS_BREAKS];
        found += one[kind].q <= 0.05;
        inside += one[kind].low <= truth && truth <= one[kind].high;
        for (int other = 0; other < ANALYSIS_BREAKS; other++)
            others += other != (int)kind && one[other].q <= 0.05;
    }
    unit_check(found >= least * COUNT, __FILE__, __LINE__, "kind %d found in %.0f of %d", kind,
               found, COUNT);
    unit_check(others <= 0.15 * COUNT, __FILE__, __LINE__, "kind %d: %.0f others", kind, others);
    unit_check(inside >= 0.85 * COUNT, __FILE__, __LINE__, "kind %d: truth inside %.0f of %d", kind,
               inside, COUNT);
}

void test_trend_finds_level(void)
{
    check_planted(PLANT_LEVEL, ANALYSIS_BREAK_LEVEL, 0.95, 1.4);
}

void test_trend_finds_slope(void)
{
    check_planted(PLANT_SLOPE, ANALYSIS_BREAK_SLOPE, 0.95, 1.8);
}

void test_trend_finds_season(void)
{
    check_planted(PLANT_SEASON, ANALYSIS_BREAK_SEASON, 0.95, exp(0.8));
}

void test_trend_finds_spread(void)
{
    check_planted(PLANT_SPREAD, ANALYSIS_BREAK_SPREAD, 0.95, 4);
}

// Where nothing broke: each kind at its level, and next to nothing once corrected.
void test_trend_keeps_its_level(void)
{
    static const struct {
        double mean, dispersion;
    } cases[] = {{20, 1}, {20, 5}, {1, 1}, {200, 10}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        planted_seed(i);
        struct analysis_panel panel =
            make_panel(PLANT_NONE, SERIES, SINCE_SHORT + 30, cases[i].mean, cases[i].dispersion);
        CHECK(analysis_find_breaks(&panel, 0, breaks));
        size_t broken = 0;
        for (int kind = 0; kind < ANALYSIS_BREAKS; kind++) {
            double tested = 0, hit = rate(SERIES, (enum analysis_break_kind)kind, 0.05, &tested);
            CHECK_EQUAL(tested, SERIES);
            // 5 % of 300, and three standard deviations of that.
            unit_check(hit <= 0.088, __FILE__, __LINE__, "case %d kind %d: rate %.3f", (int)i, kind,
                       hit);
        }
        for (size_t k = 0; k < SERIES * ANALYSIS_BREAKS; k++)
            broken += breaks[k].q <= 0.05;
        unit_check(broken <= 1, __FILE__, __LINE__, "case %d: %d broken", (int)i, (int)broken);
    }
}

// Waves make neighbours alike; what looks like a break then must not be one too often.
void test_trend_bears_waves(void)
{
    planted_seed(7);
    for (size_t s = 0; s < SERIES; s++) {
        double wave = 0;
        for (size_t t = 0; t < POINTS; t++) {
            wave = 0.5 * wave + planted_normal();
            value[s * POINTS + t] = wave - 1;
        }
    }
    struct analysis_panel panel = {.series_count = SERIES,
                                   .point_count = 330,
                                   .stride = POINTS,
                                   .value = value,
                                   .frequency = 52,
                                   .from = SINCE,
                                   .to = 330};
    CHECK(analysis_find_breaks(&panel, 0, breaks));
    double tested = 0;
    CHECK(rate(SERIES, ANALYSIS_BREAK_LEVEL, 0.05, &tested) <= 0.10);
    CHECK_EQUAL(tested, SERIES);
    CHECK(!breaks[ANALYSIS_BREAK_LEVEL].is_ratio && breaks[ANALYSIS_BREAK_SPREAD].is_ratio);
}

static bool is_finite(const struct analysis_break *one)
{
    return isfinite(one->size) && isfinite(one->low) && isfinite(one->high) &&
           isfinite(one->before) && isfinite(one->after) && isfinite(one->p) && isfinite(one->q) &&
           isfinite(one->certain) && one->p >= 0 && one->p <= 1 && one->q <= 1;
}

static double make_awkward(int kind, size_t t)
{
    switch (kind) {
    case 0: return 0;
    case 1: return t < SINCE ? 7 : 9;
    case 2: return 7;
    case 3: return t == 3 ? 5 : 0;
    case 4: return t < SINCE ? planted_count(30, 1) : 0;
    case 5: return t < SINCE ? 0 : planted_count(30, 1);
    case 6: return 1e15 - (double)(t % 3);
    case 7: return t % 2 ? 1e15 : -1e15;
    case 8: return planted_unit() < 0.3 ? ANALYSIS_MISSING : planted_count(3, 1);
    case 9: return t % 9 == 0 ? INFINITY : -5 + planted_unit();
    case 10: return t == 0 ? 4 : ANALYSIS_MISSING;
    case 11: return exp((double)t / 20);
    case 12: return t < SINCE - 4 ? ANALYSIS_MISSING : planted_count(9, 1);
    case 13: return planted_unit() * 1e-6;
    default: return t % 2 ? 1e15 : 0;
    }
}

// Nothing that comes in makes a number that is none; every frequency, with and without a calendar.
void test_trend_awkward(void)
{
    enum { KINDS = 15 };
    static const int frequencies[] = {0, 1, 4, 12, 52, 365};
    static int32_t day[POINTS];
    planted_seed(3);
    for (size_t s = 0; s < KINDS; s++)
        for (size_t t = 0; t < POINTS; t++)
            value[s * POINTS + t] = make_awkward((int)s, t);
    for (size_t i = 0; i < sizeof frequencies / sizeof frequencies[0]; i++)
        for (size_t from = 0; from <= 300; from += 20) {
            for (size_t t = 0; t < POINTS; t++)
                day[t] = (int32_t)(18000 + t * 365 / (size_t)fmax(frequencies[i], 1));
            struct analysis_panel panel = {.series_count = KINDS,
                                           .point_count = 300,
                                           .stride = POINTS,
                                           .value = value,
                                           .day = from % 40 == 0 ? day : NULL,
                                           .frequency = frequencies[i],
                                           .from = from,
                                           .to = 300};
            CHECK(analysis_find_breaks(&panel, from % 3 == 0 ? 3 : 0, breaks));
            for (int k = 0; k < KINDS * ANALYSIS_BREAKS; k++)
                unit_check(is_finite(&breaks[k]), __FILE__, __LINE__,
                           "series %d kind %d from %d frequency %d", k / ANALYSIS_BREAKS,
                           k % ANALYSIS_BREAKS, (int)from, frequencies[i]);
        }
}

// The sides of a series that falls to nothing, and of one that comes from nothing.
void test_trend_to_and_from_nothing(void)
{
    planted_seed(5);
    for (size_t t = 0; t < POINTS; t++) {
        value[t] = make_awkward(4, t);
        value[POINTS + t] = make_awkward(5, t);
    }
    struct analysis_panel panel = {.series_count = 2,
                                   .point_count = 280,
                                   .stride = POINTS,
                                   .value = value,
                                   .frequency = 52,
                                   .from = SINCE,
                                   .to = 280};
    CHECK(analysis_find_breaks(&panel, 0, breaks));
    const struct analysis_break *fallen = &breaks[ANALYSIS_BREAK_LEVEL];
    const struct analysis_break *risen = &breaks[ANALYSIS_BREAKS + ANALYSIS_BREAK_LEVEL];
    CHECK(fallen->is_tested && fallen->q < 1e-6 && fallen->high < 0.1 && fallen->after == 0);
    CHECK(risen->is_tested && risen->q < 1e-6 && risen->low > 10 && risen->before == 0);
}

void test_trend_ranking(void)
{
    struct analysis_break row[5] = {{.is_tested = true, .q = 0.01, .certain = 0.2},
                                    {.is_tested = false, .q = 1},
                                    {.is_tested = true, .q = 0.04, .certain = 0.9},
                                    {.is_tested = true, .q = 0.5},
                                    {.is_tested = true, .q = 0.2}};
    uint32_t order[5];
    size_t broken = 0;
    CHECK(analysis_rank_breaks(row, 5, 0.05, order, &broken));
    CHECK_EQUAL(broken, 2);
    CHECK_EQUAL(order[0], 2);
    CHECK_EQUAL(order[1], 0);
    CHECK_EQUAL(order[2], 4);
    CHECK_EQUAL(order[3], 3);
    CHECK_EQUAL(order[4], 1);
}
