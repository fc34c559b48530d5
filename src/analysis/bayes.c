// SPDX-License-Identifier: LGPL-3.0-or-later
//
// bayes.c: the Bayesian predictive bound of Hoehle 2007, Comput Stat 22:571, and Riebler 2004.
//
// docs/detectors 9. With S the sum of the n known rows (window.h) and Jeffreys' prior Gamma(1/2, 0)
// on the mean, the next count is negative binomial of size S + 1/2 and probability n/(n+1):
//
//     U = its 1 - alpha quantile,  expected (S + 1/2)/n,  alarm y > U
//
//     Bayes 1   b = 0, w = 6, current_year = 1
//     Bayes 2   b = 1, w = 6, current_year = 1
//     Bayes 3   b = 2, w = 4, current_year = 0
//
// Speed. A bound depends on S and n alone. Sums come eight points at a time (window_kernel.c), and
// each thread remembers the bounds of whole sums below MEMO with all rows known: on the counts of
// surveillance that is nearly every point.
#include "analysis/wide_kernels.h"
#include "base/memory.h"

enum { MEMO = 4096, MEMO_POINTS_LEAST = 64 };

struct bayes_job {
    const struct analysis_panel *panel;
    const struct analysis_output *output;
    double alpha;
    double *memo; // bound by sum, 0: not known yet (a bound of 0 is found anew)
};

static double find_bound(double alpha, double sum, double known)
{
    return analysis_negative_binomial_quantile(1 - alpha, sum + 0.5, known / (known + 1));
}

static double remember_bound(const struct bayes_job *job, double sum, double known, size_t rows)
{
    bool is_kept =
        job->memo != NULL && known == (double)rows && sum < MEMO && sum == (double)(int32_t)sum;
    if (!is_kept)
        return find_bound(job->alpha, sum, known);
    double *place = &job->memo[(int32_t)sum];
    if (*place == 0)
        *place = find_bound(job->alpha, sum, known);
    return *place;
}

static void judge_point(const struct bayes_job *job, size_t at, double sum, double known,
                        size_t rows)
{
    struct analysis_point point = {0};
    double y = job->panel->value[at];
    if (known < 1 || !(sum >= 0)) {
        point_give_up(&point, isnan(y) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_BASELINE);
        output_store(job->output, at, &point);
        return;
    }
    double expected = (sum + 0.5) / known, upper = remember_bound(job, sum, known, rows);
    point_set(&point, ANALYSIS_EXPECTED, expected);
    point_set(&point, ANALYSIS_UPPER, upper);
    if (!isfinite(y) || y < 0) {
        point_give_up(&point, isnan(y) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_RANGE);
    } else {
        if (upper > expected)
            point_set(&point, ANALYSIS_SCORE, (y - expected) / (upper - expected));
        if (job->output->column[ANALYSIS_PVALUE] != NULL)
            point_set(&point, ANALYSIS_PVALUE,
                      analysis_negative_binomial_upper(y, sum + 0.5, known / (known + 1)));
        point.outcome |=
            (1u << ANALYSIS_PVALUE) | ANALYSIS_JUDGED | (y > upper ? ANALYSIS_ALARM : 0);
    }
    output_store(job->output, at, &point);
}

static void judge_run(const struct bayes_job *job, const struct window_run *run, size_t series)
{
    const struct analysis_panel *panel = job->panel;
    size_t t = window_skip_short(run, panel, series, job->output), base = series * panel->stride;
    double sum[WINDOW_CHUNK], known[WINDOW_CHUNK];
    for (size_t count; t < run->to; t += count) {
        count = run->to - t < WINDOW_CHUNK ? run->to - t : WINDOW_CHUNK;
        wide_kernels_find()->window_sum_chunk(&run->rows, panel->value + base + t, count, sum,
                                              known);
        for (size_t i = 0; i < count; i++)
            judge_point(job, base + t + i, sum[i], known[i], run->rows.count);
    }
}

bool bayes_judge(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output)
{
    struct window_runs runs;
    bool is_complete = window_runs_find(&runs, option, panel);
    size_t points = panel->series_count * (panel->to - panel->from);
#pragma omp parallel if (panel->series_count > 1 && is_complete)
    {
        struct bayes_job job = {panel, output, option[WINDOW_ALPHA], NULL};
        // Without memory for it nothing is remembered, and all comes out the same.
        if (points >= MEMO_POINTS_LEAST)
            job.memo = memory_allocate(MEMO * sizeof *job.memo);
#pragma omp for schedule(static)
        for (size_t series = 0; series < panel->series_count; series++)
            for (size_t i = 0; i < (is_complete ? runs.count : 0); i++)
                judge_run(&job, &runs.run[i], series);
        memory_free(job.memo);
    }
    window_runs_free(&runs);
    return is_complete;
}
