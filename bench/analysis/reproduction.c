// SPDX-License-Identifier: GPL-3.0-or-later
//
// reproduction.c: times the reproduction number on one core.
//
//     speed_reproduction SERIES POINTS < VALUES > RESULTS
//         VALUES: SERIES x POINTS numbers, series after series. Estimates every window of seven,
//         repeatedly for two seconds; microseconds a window to stderr: the fast form, the fast form
//         series by series (a call each), and the plain reference.
//         RESULTS: one line a window, "mean q025 q975".
//
// It is started by bench/analysis/rt, which compares and writes the table.
#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "analysis/analysis.h"

enum { WINDOW = 7 };
static const struct analysis_reproduction_options options = {4.7, 2.9, 5, 5, WINDOW, 12};
typedef bool estimate_function(const struct analysis_panel *, const double *,
                               const struct analysis_reproduction_options *,
                               struct analysis_reproduction *);

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// Microseconds a window, the best of the rounds of two seconds; `calls`: into how many the series
// are split.
static double measure(estimate_function *estimate, const struct analysis_panel *panel, size_t calls,
                      struct analysis_reproduction *result)
{
    double best = INFINITY;
    for (double end = now_s() + 2; now_s() < end;) {
        double start = now_s();
        for (size_t call = 0; call < calls; call++) {
            struct analysis_panel part = *panel;
            part.series_count = panel->series_count / calls;
            part.value += call * part.series_count * panel->stride;
            if (!estimate(&part, NULL, &options, result + call * part.series_count * panel->stride))
                exit(73);
        }
        best = fmin(best, now_s() - start);
    }
    return 1e6 * best / (double)(panel->series_count * (panel->to - panel->from));
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "speed_reproduction is started by bench/analysis/rt\n");
        return 64;
    }
    size_t series = strtoull(argv[1], NULL, 10), points = strtoull(argv[2], NULL, 10);
    double *value = calloc(series * points, sizeof *value);
    struct analysis_reproduction *result = calloc(series * points, sizeof *result);
    assert(value != NULL && result != NULL && points > WINDOW);
    for (size_t i = 0; i < series * points; i++)
        if (scanf("%lf", &value[i]) != 1)
            return 65;
    omp_set_num_threads(1);
    struct analysis_panel panel = {.series_count = series,
                                   .point_count = points,
                                   .stride = points,
                                   .value = value,
                                   .from = WINDOW,
                                   .to = points};
    double plain = measure(analysis_refer_reproduction, &panel, 1, result);
    double single = measure(analysis_estimate_reproduction, &panel, series, result);
    double fast = measure(analysis_estimate_reproduction, &panel, 1, result);
    fprintf(stderr, "%.6g %.6g %.6g\n", fast, single, plain);
    for (size_t s = 0; s < series; s++)
        for (size_t t = WINDOW; t < points; t++) {
            const struct analysis_reproduction *at = &result[s * points + t];
            if (at->is_known)
                printf("%.15g %.15g %.15g\n", at->mean, at->quantile[0], at->quantile[6]);
            else
                printf("- - -\n");
        }
    return 0;
}
