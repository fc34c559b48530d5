// SPDX-License-Identifier: LGPL-3.0-or-later
//
// rki.c: the three methods of the Robert Koch Institute, by their options one.
//
// docs/detectors 8. With m the mean of the rows (window.h) and sd their standard deviation:
//
//     m > 20    U = m + 2 sd
//     else      U = T[floor(m)], the upper 95 % limit for a Poisson mean of Crow and Gardner 1959
//     alarm     y > U
//
//     RKI 1   b = 0, w = 6, current_year = 1      6 values
//     RKI 2   b = 1, w = 6, current_year = 1     19 values
//     RKI 3   b = 2, w = 4, current_year = 0     18 values
//
// The bound jumps where m passes 20: from 30.0 to 20 + 2 sd. T is a published table and not the
// exact limit (3.689 at 0). Missing values are left out; fewer than two left give no result.
//
// The arithmetic is in window_kernel.c; this file walks over runs and series.
#include "analysis/wide_kernels.h"

const double rki_table[WIDE_TABLE] = {
    3.285,  5.323,  6.686,  8.102,  9.598,  11.177, 12.817, 13.765, 14.921, 16.768, 17.633,
    19.050, 20.335, 21.364, 22.945, 23.762, 25.400, 26.306, 27.735, 28.966, 30.017,
};

static double *moved(double *column, size_t at)
{
    return column == NULL ? NULL : column + at;
}

static void judge_run(const struct window_run *run, const struct analysis_panel *panel,
                      size_t series, const struct analysis_output *output)
{
    size_t t = window_skip_short(run, panel, series, output), at = series * panel->stride + t;
    for (size_t count; t < run->to; t += count, at += count) {
        struct window_sink sink = {
            output->outcome + at, moved(output->column[ANALYSIS_EXPECTED], at),
            moved(output->column[ANALYSIS_UPPER], at), moved(output->column[ANALYSIS_SCORE], at)};
        count = run->to - t < WINDOW_CHUNK ? run->to - t : WINDOW_CHUNK;
        wide_kernels_find()->rki_judge_chunk(&run->rows, panel->value + at, count, &sink);
    }
}

bool rki_judge(const struct analysis_panel *panel, const double *option,
               const struct analysis_output *output)
{
    struct window_runs runs;
    bool is_complete = window_runs_find(&runs, option, panel);
    if (is_complete) {
#pragma omp parallel for schedule(static) if (panel->series_count > 1)
        for (size_t series = 0; series < panel->series_count; series++)
            for (size_t i = 0; i < runs.count; i++)
                judge_run(&runs.run[i], panel, series, output);
    }
    window_runs_free(&runs);
    return is_complete;
}
