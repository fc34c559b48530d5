// SPDX-License-Identifier: GPL-3.0-or-later
//
// speed.c: times the detectors on one core, and what the machine could do at most.
//
//     speed_analysis seasonal METHOD SERIES POINTS FIRST < VALUES > RESULTS   [option=value ...]
//         VALUES: SERIES x POINTS numbers, series after series. Judges the points from FIRST on
//         (from 0), repeatedly for two seconds; best time a point in microseconds to stderr.
//         RESULTS: one line a point, "upper score pvalue", "-" where not known.
//         Of a chart the statistic stands in place of the bound, and the chart begins at FIRST.
//     speed_analysis bandwidth METHOD MILLIONS
//         A method over so many million values in memory, beside memcpy of as many in the same run:
//         "values a second, copied values a second", on one core and on all.
//     speed_analysis floor ROWS
//         Microseconds for ROWS rows of one exponential and one division: what a fit cannot go
//         below.
//
// It is started by bench/analysis/run, which compares and writes the table.
#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/analysis.h"
#include "analysis/wide.h"

// Seconds: of this thread's own work when it works alone, so that a busy machine does not show; of
// the wall when several threads share the work.
static double now_s(int threads)
{
    struct timespec time;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double *take(size_t count)
{
    double *memory = aligned_alloc(64, (count * sizeof(double) + 63) / 64 * 64);
    if (memory == NULL)
        exit(73);
    memset(memory, 0, count * sizeof(double));
    return memory;
}

static int run_seasonal(int argc, char **argv)
{
    const struct analysis_detector *detector = analysis_find_detector(argv[2]);
    size_t series = strtoull(argv[3], NULL, 10), points = strtoull(argv[4], NULL, 10), row;
    double option[ANALYSIS_OPTIONS_MAX], *value = take(series * points), best = INFINITY;
    assert(detector != NULL);
    analysis_default_options(detector, option);
    for (int i = 6; i < argc; i++) {
        char *at = argv[i], *name = strsep(&at, "=");
        if (analysis_set_option(detector, name, at, option, &row) != ANALYSIS_OPTION_TAKEN)
            return 64;
    }
    for (size_t i = 0; i < series * points; i++)
        if (scanf("%lf", &value[i]) != 1)
            return 65;
    struct analysis_panel panel = {.series_count = series,
                                   .point_count = points,
                                   .stride = points,
                                   .value = value,
                                   .frequency = 52,
                                   .from = strtoull(argv[5], NULL, 10),
                                   .to = points};
    struct analysis_output output = {.outcome = calloc(series * points, sizeof(uint16_t))};
    bool is_likelihood = strcmp(argv[2], "glr") == 0;
    enum analysis_column wanted[] = {is_likelihood ? ANALYSIS_STATISTIC : ANALYSIS_UPPER,
                                     ANALYSIS_SCORE, ANALYSIS_PVALUE};
    // What the other side gives: the regressions' scores and p-values too, else the bound alone.
    int columns = detector->columns >> ANALYSIS_PHI & 1 ? 3 : 1;
    for (int i = 0; i < columns; i++)
        output.column[wanted[i]] = take(series * points);
    panel.chart_from = panel.from;
    omp_set_num_threads(1);
    for (double end = now_s(1) + 2; now_s(1) < end;) {
        double start = now_s(1);
        if (!detector->batch(&panel, option, &output))
            return 73;
        best = fmin(best, now_s(1) - start);
    }
    fprintf(stderr, "%.6g\n", 1e6 * best / (double)(series * (panel.to - panel.from)));
    for (size_t s = 0; s < series; s++)
        for (size_t t = panel.from; t < panel.to; t++)
            for (int i = 0; i < 3; i++) {
                size_t at = s * points + t;
                if (output.column[wanted[i]] != NULL && output.outcome[at] >> wanted[i] & 1)
                    printf("%.15g%c", output.column[wanted[i]][at], i == 2 ? '\n' : ' ');
                else
                    printf("-%c", i == 2 ? '\n' : ' ');
            }
    return 0;
}

// Copies in slices, one a thread.
static double time_copy(double *to, const double *from, size_t count, int threads)
{
    double start = now_s(threads);
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int i = 0; i < threads; i++) {
        size_t begin = count / (size_t)threads * (size_t)i;
        size_t end = i + 1 == threads ? count : begin + count / (size_t)threads;
        memcpy(to + begin, from + begin, (end - begin) * sizeof(double));
    }
    return now_s(threads) - start;
}

static int run_bandwidth(char **argv)
{
    enum { POINTS = 1000, ROUNDS = 3 };
    size_t series = strtoull(argv[3], NULL, 10) * 1000, count = series * POINTS;
    const struct analysis_detector *detector = analysis_find_detector(argv[2]);
    double option[ANALYSIS_OPTIONS_MAX], *value = take(count), *upper = take(count);
    uint16_t *outcome = (uint16_t *)take(count / 4 + 1);
    uint64_t state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        value[i] = (double)(state >> 60);
    }
    analysis_default_options(detector, option);
    struct analysis_panel panel = {.series_count = series,
                                   .point_count = POINTS,
                                   .stride = POINTS,
                                   .value = value,
                                   .frequency = 52,
                                   .to = POINTS};
    struct analysis_output output = {.outcome = outcome, .column = {[ANALYSIS_UPPER] = upper}};
    for (int threads = 1; threads <= omp_get_num_procs(); threads += omp_get_num_procs() - 1) {
        double copied = INFINITY, judged = INFINITY;
        for (int round = 0; round < ROUNDS; round++) {
            copied = fmin(copied, time_copy(upper, value, count, threads));
            omp_set_num_threads(threads);
            double start = now_s(threads);
            if (!detector->batch(&panel, option, &output))
                return 73;
            judged = fmin(judged, now_s(threads) - start);
        }
        printf("%d %.6g %.6g\n", threads, (double)count / judged, (double)count / copied);
        if (omp_get_num_procs() == 1)
            break;
    }
    return 0;
}

static double run_rows(const double *from, size_t rows)
{
    wide sum = wide_from(0);
    for (size_t i = 0; i < rows; i++) {
        wide mu = wide_exp(wide_load(from + WIDE * (i & 255)));
        sum += (wide_from(3) - mu) / mu;
    }
    return sum[0];
}

static int run_floor(char **argv)
{
    size_t rows = strtoull(argv[2], NULL, 10);
    double *from = take(256 * WIDE), best = INFINITY, sum = 0;
    for (size_t i = 0; i < 256 * WIDE; i++)
        from[i] = (double)(i % 17) / 8;
    for (int round = 0; round < 200; round++) {
        double start = now_s(1);
        sum += run_rows(from, rows);
        best = fmin(best, now_s(1) - start);
    }
    printf("%.6g\n", isfinite(sum) ? 1e6 * best / WIDE : 0);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 6 && strcmp(argv[1], "seasonal") == 0)
        return run_seasonal(argc, argv);
    if (argc == 4 && strcmp(argv[1], "bandwidth") == 0)
        return run_bandwidth(argv);
    if (argc == 3 && strcmp(argv[1], "floor") == 0)
        return run_floor(argv);
    fprintf(stderr, "speed_analysis is started by bench/analysis/run\n");
    return 64;
}
