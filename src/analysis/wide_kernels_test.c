// SPDX-License-Identifier: LGPL-3.0-or-later
//
// wide_kernels_test.c: every level of the machine gives the same bits, and its exp is good.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/wide_kernels.h"
#include "unit.h"

enum { POINTS = 100, REACH = 20, ROWS = 60, GROUPS = 3 };

static uint64_t state = 88172645463325252u;
static double random_unit(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) * 0x1p-53;
}

void test_wide_levels_ears(void)
{
    double x[REACH + POINTS + WIDE];
    for (int i = 0; i < REACH + POINTS + WIDE; i++)
        x[i] = i % 31 == 30 ? ANALYSIS_MISSING : random_unit() * (i % 7 == 0 ? 1e6 : 3);
    size_t count = 0;
    const struct wide_kernels *kernels = wide_kernels_all(&count);
    for (int chart = EARS_C1; chart <= EARS_C3; chart++) {
        double upper[2][POINTS], expected[2][POINTS], score[2][POINTS];
        uint16_t outcome[2][POINTS];
        struct ears_plan plan = {7, chart == EARS_C1 ? 0 : EARS_LAG, 0.1, 3.09};
        for (size_t level = 0; level < count; level++) {
            int at = level > 0;
            struct ears_sink sink = {outcome[at], expected[at], upper[at], score[at]};
            kernels[level].ears_judge_chunk((enum ears_chart)chart, &plan, x + REACH, POINTS - 3,
                                            &sink);
            size_t size = (POINTS - 3) * sizeof(double);
            CHECK(at == 0 || memcmp(upper[0], upper[1], size) == 0);
            CHECK(at == 0 || memcmp(expected[0], expected[1], size) == 0);
            CHECK(at == 0 || memcmp(score[0], score[1], size) == 0);
            CHECK(at == 0 || memcmp(outcome[0], outcome[1], size / 4) == 0);
        }
    }
}

// With the bound alone a shorter way is taken, where all is known: it says the same to the bit.
void test_wide_levels_ears_bound_alone(void)
{
    double x[REACH + POINTS + WIDE], whole[POINTS], expected[POINTS], upper[POINTS];
    uint16_t outcome[2][POINTS];
    for (int i = 0; i < REACH + POINTS + WIDE; i++)
        x[i] = i / 8 % 3 == 2 ? 5 : floor(random_unit() * 9);
    x[REACH + 40] = ANALYSIS_MISSING;
    x[REACH + 60] = INFINITY;
    x[REACH + 61] = -INFINITY;
    x[REACH + 80] = 1e308;
    size_t count = 0, alarms = 0;
    const struct wide_kernels *kernels = wide_kernels_all(&count);
    struct ears_plan plan = {EARS_USUAL, 0, 0, 1.5};
    for (size_t level = 0; level < count; level++) {
        struct ears_sink all = {outcome[0], expected, whole, NULL};
        struct ears_sink bound = {outcome[1], NULL, upper, NULL};
        kernels[level].ears_judge_chunk(EARS_C1, &plan, x + REACH, POINTS - 3, &all);
        kernels[level].ears_judge_chunk(EARS_C1, &plan, x + REACH, POINTS - 3, &bound);
        CHECK(memcmp(whole, upper, (POINTS - 3) * sizeof *upper) == 0);
        CHECK(memcmp(outcome[0], outcome[1], (POINTS - 3) * sizeof *outcome[0]) == 0);
        for (int i = 0; i < POINTS - 3; i++)
            alarms += (outcome[1][i] & ANALYSIS_ALARM) != 0;
    }
    CHECK(alarms > 0);
}

void test_wide_levels_fit(void)
{
    static double y[ROWS * WIDE], known[ROWS * WIDE], log_y[ROWS * WIDE], log_start[ROWS * WIDE];
    static double power[ROWS * WIDE], time[ROWS], memory[WIDE * (5 * ROWS + 4 * GROUPS) + 8];
    int32_t index[ROWS], group_start[GROUPS + 1] = {0, 10, 30, ROWS - 1};
    for (int i = 0; i < ROWS * WIDE; i++) {
        y[i] = floor(random_unit() * random_unit() * 40);
        known[i] = random_unit() < 0.9;
        y[i] *= known[i];
        log_y[i] = y[i] > 0 ? log(y[i]) : 0;
        log_start[i] = log(y[i] + 0.1);
        power[i] = pow(y[i], 2.0 / 3);
    }
    for (int i = 0; i < ROWS - 1; i++) {
        index[i] = i - (ROWS - 1);
        time[i] = index[i];
    }
    struct season_baseline baseline = {ROWS - 1, index, time, GROUPS, group_start, -ROWS};
    struct grouped_series series = {y, known, log_y, log_start, power, NULL};
    const int64_t wanted[WIDE] = {1, 1, 1, 1, 1, 1, 1, 0};
    double slope[WIDE] = {0}, phi[WIDE] = {0};
    size_t count = 0;
    const struct wide_kernels *kernels = wide_kernels_all(&count);
    for (size_t level = 0; level < count; level++) {
        struct grouped_fit fit;
        int64_t is_changed[WIDE];
        memset(memory, 0, sizeof memory);
        grouped_fit_place(&fit, ROWS, GROUPS,
                          (double *)(((uintptr_t)memory + 63) & ~(uintptr_t)63));
        kernels[level].fit_begin(&fit, &baseline, &series, ROWS - 1);
        kernels[level].fit_run(&fit, &baseline, &series, ROWS - 1, true, wanted);
        kernels[level].fit_weigh(&fit, &baseline, &series, ROWS - 1, 1, true, is_changed);
        kernels[level].fit_run(&fit, &baseline, &series, ROWS - 1, true, wanted);
        if (level == 0) {
            memcpy(slope, fit.slope, sizeof slope);
            memcpy(phi, fit.phi_raw, sizeof phi);
        }
        CHECK(fit.is_converged[0] != 0 && fit.is_doubtful[0] == 0 && fit.slope[0] != 0);
        CHECK(memcmp(slope, fit.slope, 7 * sizeof(double)) == 0);
        CHECK(memcmp(phi, fit.phi_raw, 7 * sizeof(double)) == 0);
    }
}

void test_wide_levels_windows(void)
{
    double x[REACH + POINTS], sum[2][POINTS], known[2][POINTS], upper[2][POINTS];
    static const int32_t offset[] = {-19, -18, -17, -5, -4, -3, -2, -1};
    struct window_rows rows = {sizeof offset / sizeof offset[0], offset, -19, 1, 3, 5};
    uint16_t outcome[2][POINTS];
    for (int i = 0; i < REACH + POINTS; i++)
        x[i] = i % 31 == 30 ? ANALYSIS_MISSING : floor(random_unit() * (i > 50 ? 80 : 9));
    size_t count = 0;
    const struct wide_kernels *kernels = wide_kernels_all(&count);
    for (size_t level = 0; level < count; level++) {
        int at = level > 0;
        struct window_sink sink = {outcome[at], NULL, upper[at], NULL};
        kernels[level].rki_judge_chunk(&rows, x + REACH, POINTS - 3, &sink);
        kernels[level].window_sum_chunk(&rows, x + REACH, POINTS - 3, sum[at], known[at]);
        size_t size = (POINTS - 3) * sizeof(double);
        CHECK(at == 0 || memcmp(upper[0], upper[1], size) == 0);
        CHECK(at == 0 || memcmp(outcome[0], outcome[1], size / 4) == 0);
        CHECK(at == 0 || memcmp(sum[0], sum[1], size) == 0);
        CHECK(at == 0 || memcmp(known[0], known[1], size) == 0);
    }
}

// Eight series of counts, with gaps, and places for what is said about them.
static double counts[WIDE][POINTS];
static uint16_t words[2][WIDE][POINTS];
static double bounds[2][WIDE][POINTS], sums[2][WIDE][POINTS];

static bool is_whole;
static struct chart_sink place_sink(int at, const double **value)
{
    struct chart_sink sink = {0};
    sink.is_wanted[ANALYSIS_UPPER] = true;
    sink.is_wanted[ANALYSIS_STATISTIC] = is_whole;
    for (int lane = 0; lane < WIDE; lane++) {
        value[lane] = counts[lane];
        sink.outcome[lane] = words[at][lane];
        sink.column[ANALYSIS_UPPER][lane] = bounds[at][lane];
        sink.column[ANALYSIS_STATISTIC][lane] = sums[at][lane];
    }
    return sink;
}

static void check_levels(size_t level)
{
    if (level == 0)
        return;
    CHECK(memcmp(words[0], words[1], sizeof words[0]) == 0);
    CHECK(memcmp(bounds[0], bounds[1], sizeof bounds[0]) == 0);
    CHECK(memcmp(sums[0], sums[1], sizeof sums[0]) == 0);
}

static void check_charts(void)
{
    const double *value[WIDE];
    double level_of[CUSUM_LEVEL_FIELDS * WIDE];
    for (int i = 0; i < WIDE * POINTS; i++)
        counts[i / POINTS][i % POINTS] =
            i % 37 == 36 ? ANALYSIS_MISSING : floor(random_unit() * random_unit() * 20);
    size_t count = 0;
    const struct wide_kernels *kernels = wide_kernels_all(&count);
    for (int transform = TRANSFORM_STANDARD; transform <= TRANSFORM_NONE; transform++) {
        struct cusum_plan plan = {1, 3, (enum cusum_transform)transform, 0.1, false};
        struct cusum_level one = cusum_level_of(&plan, 3.7);
        const double field[] = {one.mean, one.shift, one.scale, one.upper_shift, one.inverse};
        for (int i = 0; i < CUSUM_LEVEL_FIELDS * WIDE; i++)
            level_of[i] = field[i / WIDE];
        for (size_t level = 0; level < count; level++) {
            struct cusum_lanes lanes = {.level = level_of, .phases = 1};
            struct chart_sink sink = place_sink(level > 0, value);
            kernels[level].cusum_run(&plan, &lanes, value, POINTS - 3, &sink);
            check_levels(level);
        }
    }
    for (size_t level = 0; level < count; level++) {
        struct ewma_plan plan = {0.2, 3, true, false, false};
        struct ewma_lanes lanes = {{0}};
        struct chart_sink sink = place_sink(level > 0, value);
        for (int lane = 0; lane < WIDE; lane++) {
            lanes.mean[lane] = lanes.level[lane] = 5 + 0.1 * lane;
            lanes.spread[lane] = 7;
        }
        kernels[level].ewma_run(&plan, &lanes, value, POINTS - 3, &sink);
        check_levels(level);
    }
}

// By the whole way, and by the short one that the bound alone allows.
void test_wide_levels_charts(void)
{
    for (int i = 0; i < 2; i++) {
        is_whole = i == 0;
        check_charts();
    }
}

void test_wide_levels_ratio(void)
{
    double x[REACH + WIDE] = {0}, mu[REACH + WIDE] = {0}, gain = 0, first = 0, second = 0;
    for (int i = 0; i < REACH; i++) {
        mu[i] = 1 + 5 * random_unit();
        x[i] = floor(random_unit() * 20);
    }
    size_t count = 0;
    const struct wide_kernels *kernels = wide_kernels_all(&count);
    for (size_t level = 0; level < count; level++) {
        struct glr_slopes slopes = kernels[level].glr_slopes(x, mu, REACH, 0.3, 1.5);
        double value = kernels[level].glr_gain(x, mu, REACH, 0.3, log(1.5), 1.5);
        CHECK(level == 0 || (value == gain && slopes.first == first && slopes.second == second));
        gain = value;
        first = slopes.first;
        second = slopes.second;
    }
}

// At every level the same bits, and those of the formulas.
void test_wide_levels_harmonic(void)
{
    enum { COLUMNS = 3, ROWS_USED = ROWS - 3 };
    static const double one[WIDE] = {1, 1, 1, 1, 1, 1, 1, 1};
    double x[COLUMNS * ROWS_USED], y[ROWS_USED], log_y[ROWS_USED], mu[ROWS_USED], eta[ROWS_USED];
    double cross[2][COLUMNS * (COLUMNS + 1)] = {{0}}, beta[COLUMNS] = {1.2, 0.3, -0.2};
    double deviance[2] = {0}, plain = 0, product = 0;
    for (int i = 0; i < ROWS_USED; i++) {
        x[i] = 1;
        x[ROWS_USED + i] = cos(0.3 * i);
        x[2 * ROWS_USED + i] = sin(0.3 * i);
        y[i] = floor(random_unit() * random_unit() * 12);
        log_y[i] = y[i] > 0 ? log(y[i]) : 0;
        double mean = exp(beta[0] + beta[1] * cos(0.3 * i) + beta[2] * sin(0.3 * i));
        plain += 2 * (y[i] > 0 ? y[i] * log(y[i] / mean) - (y[i] - mean) : mean);
        product += mean * cos(0.3 * i) * sin(0.3 * i);
    }
    struct harmonic_rows rows = {ROWS_USED, COLUMNS, y, x, NULL, one, 0, log_y, mu, eta};
    size_t count = 0;
    const struct wide_kernels *kernels = wide_kernels_all(&count);
    for (int alpha = 0; alpha < 2; alpha++)
        for (size_t level = 0; level < count; level++) {
            int at = level > 0;
            rows.alpha = 0.2 * alpha;
            deviance[at] = kernels[level].harmonic_pass(&rows, beta, NULL, cross[at]);
            CHECK(at == 0 || memcmp(cross[0], cross[1], sizeof cross[0]) == 0);
            CHECK(at == 0 || deviance[0] == deviance[1]);
            if (alpha == 0) {
                CHECK_NEAR(deviance[at], plain, 1e-11);
                CHECK_NEAR(cross[at][2 * (COLUMNS + 1) + 1], product, 1e-12);
            }
        }
}

void test_wide_log(void)
{
    double worst = 0, one[WIDE];
    for (int i = 0; i < 200000; i++) {
        double x[WIDE], l[WIDE];
        for (int lane = 0; lane < WIDE; lane++)
            x[lane] = exp((random_unit() - 0.5) * (i % 2 == 0 ? 1300 : 2));
        wide_store(l, wide_log(wide_load(x)));
        for (int lane = 0; lane < WIDE; lane++)
            worst = fmax(worst, fabs(l[lane] - log(x[lane])) / fmax(fabs(log(x[lane])), 1e-3));
    }
    CHECK(worst < 5e-16);
    wide_store(one, wide_log(wide_from(1)));
    CHECK(one[0] == 0);
}

void test_wide_exp(void)
{
    double worst = 0;
    for (int i = 0; i < 200000; i++) {
        double x[WIDE], e[WIDE];
        for (int lane = 0; lane < WIDE; lane++)
            x[lane] = (random_unit() - 0.5) * (i % 2 == 0 ? 1300 : 40);
        wide_store(e, wide_exp(wide_load(x)));
        for (int lane = 0; lane < WIDE; lane++)
            worst = fmax(worst, fabs(e[lane] / exp(x[lane]) - 1));
    }
    CHECK(worst < 5e-16);
}
