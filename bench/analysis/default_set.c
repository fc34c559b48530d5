// SPDX-License-Identifier: GPL-3.0-or-later
//
// default_set.c: a country's weekly series through the methods that are meant to run by default.
//
//     default_set SERIES [SERIES ..]
//
// The default set for weekly counts with ten years behind them, each method with its own options:
//
//     the newest week          fused (or farrington-flexible)
//     the whole ten years      ears-c1, ears-c2, ears-c3, rki, cusum, ewma
//
// Of each point the outcome and the bound are wanted. A series is 522 weeks of counts: a level
// between 0.2 and 60, a season, spread beyond Poisson's in half of them, an outbreak now and then,
// one week in a hundred missing. Series are made in blocks of BLOCK, judged and forgotten, so that
// memory does not grow with their number; the making is not counted.
//
// One line a number of series: seconds of all methods by the wall clock, with fused and with
// farrington-flexible for the newest week, then each method's. All processors take part, or as many
// as OMP_NUM_THREADS says. It is started by bench/analysis/run.
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/analysis.h"

enum { WEEKS = 522, BLOCK = 16384, YEAR = 52 };

static const struct {
    const char *method;
    bool is_newest; // judges the last week alone
} set[] = {
    {"fused", true},    {"farrington-flexible", true},
    {"ears-c1", false}, {"ears-c2", false},
    {"ears-c3", false}, {"rki", false},
    {"cusum", false},   {"ewma", false},
};
enum { METHODS = sizeof set / sizeof set[0] };

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double draw(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) * 0x1p-53;
}

// A count of that mean and variance mean * spread: exact for small Poisson means, else near enough.
static double draw_count(double mean, double spread, uint64_t *state)
{
    if (mean > 12 || spread > 1) {
        double sum = draw(state) + draw(state) + draw(state) - 1.5;
        return fmax(0, floor(mean + 2 * sum * sqrt(mean * spread) + 0.5));
    }
    double product = draw(state), bound = exp(-mean), count = 0;
    for (; product > bound; count += 1)
        product *= draw(state);
    return count;
}

static void make_series(size_t series, double *value)
{
    uint64_t state = 88172645463325252u + 0x9E3779B97F4A7C15u * (series + 1);
    for (int i = 0; i < 8; i++)
        draw(&state);
    double level = 0.2 * exp(draw(&state) * log(300)), depth = 0.8 * draw(&state);
    double spread = series % 2 == 0 ? 1 : 1 + 2 * draw(&state), shape[YEAR], outbreak = 1;
    for (int week = 0; week < YEAR; week++)
        shape[week] = level * exp(depth * sin(6.283185307179586 * week / YEAR));
    for (int week = 0; week < WEEKS; week++) {
        double chance = draw(&state);
        outbreak = chance < 0.005 ? 3 : chance < 0.2 ? 1 : outbreak;
        value[week] = chance > 0.99 ? ANALYSIS_MISSING
                                    : draw_count(shape[week % YEAR] * outbreak, spread, &state);
    }
}

// Adds the seconds of each method to `seconds`. False: no memory.
static bool judge_all(size_t series_count, double *value, double *upper, uint16_t *outcome,
                      double *seconds)
{
    for (size_t begin = 0; begin < series_count; begin += BLOCK) {
        size_t count = series_count - begin < BLOCK ? series_count - begin : BLOCK;
#pragma omp parallel for schedule(static)
        for (size_t series = 0; series < count; series++)
            make_series(begin + series, value + series * WEEKS);
        for (int i = 0; i < METHODS; i++) {
            const struct analysis_detector *detector = analysis_find_detector(set[i].method);
            double option[ANALYSIS_OPTIONS_MAX];
            analysis_default_options(detector, option);
            struct analysis_panel panel = {.series_count = count,
                                           .point_count = WEEKS,
                                           .stride = WEEKS,
                                           .value = value,
                                           .frequency = YEAR,
                                           .from = set[i].is_newest ? WEEKS - 1 : 0,
                                           .to = WEEKS};
            struct analysis_output output = {.outcome = outcome,
                                             .column = {[ANALYSIS_UPPER] = upper}};
            double start = now_s();
            if (!detector->batch(&panel, option, &output))
                return false;
            seconds[i] += now_s() - start;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    size_t cells = (size_t)BLOCK * WEEKS;
    double *value = aligned_alloc(64, cells * sizeof *value);
    double *upper = aligned_alloc(64, cells * sizeof *upper);
    uint16_t *outcome = aligned_alloc(64, cells * sizeof *outcome);
    if (argc < 2 || value == NULL || upper == NULL || outcome == NULL)
        return argc < 2 ? 64 : 73;
    memset(upper, 0, cells * sizeof *upper);
    memset(outcome, 0, cells * sizeof *outcome);
    for (int i = 1; i < argc; i++) {
        double seconds[METHODS] = {0}, charts = 0;
        if (!judge_all(strtoull(argv[i], NULL, 10), value, upper, outcome, seconds))
            return 73;
        for (int method = 0; method < METHODS; method++)
            charts += set[method].is_newest ? 0 : seconds[method];
        printf("%s %d %.4g %.4g", argv[i], omp_get_max_threads(), charts + seconds[0],
               charts + seconds[1]);
        for (int method = 0; method < METHODS; method++)
            printf(" %s=%.4g", set[method].method, seconds[method]);
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
