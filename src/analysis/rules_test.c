// SPDX-License-Identifier: LGPL-3.0-or-later
//
// rules_test.c: rules and plausibility, each as a line of periods and what must come of it.
#include <math.h>
#include <string.h>

#include "analysis/analysis.h"
#include "unit.h"

enum { PERIODS_MAX = 64 };
static double value[PERIODS_MAX];
static unsigned char belief[PERIODS_MAX];

// One character a period: a digit, '.' not reported, '?' a doubted 0, '!' a doubted 5.
static struct analysis_history read_line(const char *line)
{
    struct analysis_history history = {.value = value, .belief = belief, .count = strlen(line)};
    for (size_t i = 0; i < history.count; i++) {
        belief[i] = line[i] == '.'                     ? ANALYSIS_UNREPORTED
                    : line[i] == '?' || line[i] == '!' ? ANALYSIS_DOUBTED
                                                       : ANALYSIS_BELIEVED;
        value[i] = line[i] == '.'   ? ANALYSIS_MISSING
                   : line[i] == '?' ? 0
                   : line[i] == '!' ? 5
                                    : line[i] - '0';
    }
    while (history.first < history.count && belief[history.first] == ANALYSIS_UNREPORTED)
        history.first++;
    return history;
}

void test_first_case_after_quiet(void)
{
    static const struct {
        const char *line;
        size_t quiet;
        bool is_case; // at the last period
    } rows[] = {
        {"00000000000000"
         "1",
         14, true},
        {"0000000000000"
         "1",
         14, false},
        {"00000000000000"
         "0",
         14, false},
        {"0000000.000000"
         "1",
         14, false},
        {"0000000?000000"
         "1",
         14, false},
        {"00000001000000"
         "1",
         14, false},
        {"000!", 3, true},
        {"000?", 3, false},
        {"000.", 3, false},
        {"1", 0, false},
        {"..1", 0, false},
        {"01", 0, true},
        {"10001", 3, true},
        {"...0001", 3, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct analysis_history history = read_line(rows[i].line);
        unit_check(analysis_is_first_case(&history, history.count - 1, rows[i].quiet) ==
                       rows[i].is_case,
                   __FILE__, __LINE__, "%s, %d quiet", rows[i].line, (int)rows[i].quiet);
    }
}

void test_sum_reaches_ladder(void)
{
    static const struct analysis_step ladder[] = {{14, 1, 1}, {14, 3, 2}, {7, 8, 3}, {7, 50, 4}};
    static const struct {
        const char *line;
        int level;
        size_t step;
    } rows[] = {
        {"0000000", 0, 9}, {"1", 1, 0},
        {"12", 2, 1},      {"129", 3, 2},
        {"129.", 3, 2},    {"1290000000", 2, 1},
        {"9999999", 4, 3}, {"00!", 2, 1},
        {"...", 0, 9},     {"900000000000000", 0, 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct analysis_history history = read_line(rows[i].line);
        size_t step = 9;
        int level = analysis_level_reached(&history, history.count - 1, ladder, 4, &step);
        unit_check(level == rows[i].level && step == rows[i].step, __FILE__, __LINE__,
                   "%s gives level %d by step %d", rows[i].line, level, (int)step);
    }
}

void test_level_falls_slowly(void)
{
    static const struct analysis_step ladder[] = {{1, 1, 1}, {1, 5, 2}};
    static const char line[] = "0000150.0?000000";
    static const char want[] = "0000122222222000";
    struct analysis_history history = read_line(line);
    int level = 0;
    for (size_t at = 0; at < history.count; at++) {
        int reached = analysis_level_reached(&history, at, ladder, 2, NULL);
        level = analysis_level_held(&history, at, level, reached, 4);
        unit_check(level == want[at] - '0', __FILE__, __LINE__, "period %d has level %d", (int)at,
                   level);
    }
    history.quiet_most = 1;
    CHECK_EQUAL(analysis_count_quiet(&history, 5), 5);
}

void test_band_levels(void)
{
    static const double rising[4] = {10, 20, INFINITY, 40}, falling[3] = {1.2, 1.0, 0.8};
    CHECK_EQUAL(analysis_level_of_band(9.9, rising, 4, true), 0);
    CHECK_EQUAL(analysis_level_of_band(20, rising, 4, true), 2);
    CHECK_EQUAL(analysis_level_of_band(39, rising, 4, true), 2);
    CHECK_EQUAL(analysis_level_of_band(1e9, rising, 4, true), 4);
    CHECK_EQUAL(analysis_level_of_band(1.0, falling, 3, false), 2);
    CHECK_EQUAL(analysis_level_of_band(ANALYSIS_MISSING, falling, 3, false), 0);
}

void test_improbably_low(void)
{
    static const double rise[5] = {0, 0, 1, 2, 9}, flat[3] = {4, 4, 4}, zeros[3] = {0, 0, 0};
    double probability = 7;
    CHECK(analysis_probability_low(rise, 5, 0, &probability));
    CHECK_NEAR(probability, exp(-4), 1e-12);
    CHECK(analysis_is_improbably_low(rise, 5, 0, 0.05));
    CHECK(!analysis_is_improbably_low(rise, 5, 0, 0.01));
    CHECK(!analysis_is_improbably_low(rise, 5, 3, 0.05));
    CHECK(!analysis_is_improbably_low(flat, 3, 0, 0.05));
    CHECK(!analysis_is_improbably_low(zeros, 3, 0, 0.05));
    probability = 7;
    CHECK(!analysis_probability_low(rise, 2, 0, &probability));
    CHECK(!analysis_probability_low(NULL, 0, 0, &probability));
    CHECK(!analysis_probability_low(rise, 5, ANALYSIS_MISSING, &probability));
    CHECK(!analysis_probability_low(rise, 5, -1, &probability));
    const double gap[3] = {1, ANALYSIS_MISSING, 9};
    CHECK(!analysis_probability_low(gap, 3, 0, &probability));
    CHECK(probability == 7);
}
