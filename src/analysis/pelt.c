// SPDX-License-Identifier: LGPL-3.0-or-later
//
// pelt.c: a change of level in the last periods, by cutting the window before each point anew.
//
// docs/detectors 14; the cutting itself is pelt_cut.c. For each point k the known values of its
// window, k included, are cut into segments. With tau the last cut:
//
//     window   |.........................| tau |......k|
//               mean before the last cut         mean since
//     expected  = the one                  mu0 = the other
//     score     = (C(both together) - C(one) - C(other)) / beta
//     alarm     the level rose (two-sided: changed) within the last `recent` periods
//
// Without such a cut expected and mu0 are the mean of the segment that k is in, and the score is 0.
// Changes further back are the business of whoever looks at the whole series; here they only shape
// the baseline.
#include <string.h>

#include "analysis/chart.h"
#include "analysis/pelt.h"
#include "base/memory.h"

struct pelt_work {
    double *memory;
    double *value, *sorted;
    size_t *at; // the period of each value, as its distance from k
    struct pelt_problem problem;
    struct pelt_cuts cuts;
};

size_t pelt_start(const double *option, int frequency)
{
    (void)frequency;
    return (size_t)option[PELT_WINDOW] - 1;
}

static bool take_work(struct pelt_work *work, const double *option)
{
    size_t places = (size_t)option[PELT_WINDOW] + 1;
    enum { ARRAYS = 10 };
    static_assert(sizeof(size_t) <= sizeof(double), "an index fits where a double does");
    double *memory = memory_allocate(ARRAYS * places * sizeof *memory);
    *work = (struct pelt_work){.memory = memory};
    if (memory == NULL)
        return false;
    work->value = memory;
    work->sorted = memory + places;
    work->at = (size_t *)(memory + 2 * places);
    work->problem.sums =
        (struct pelt_sums){memory + 3 * places, memory + 4 * places, memory + 5 * places};
    work->cuts =
        (struct pelt_cuts){memory + 6 * places, (size_t *)(memory + 7 * places),
                           (size_t *)(memory + 8 * places), (size_t *)(memory + 9 * places)};
    work->problem.cost = (enum pelt_cost)option[PELT_COST];
    work->problem.segment = (size_t)option[PELT_SEGMENT];
    return true;
}

// Gathers the known values of the window that ends with x[0], and their running sums. Returns the
// mean that the sums are less of.
static double gather(struct pelt_work *work, const double *x, const double *option)
{
    struct pelt_problem *problem = &work->problem;
    size_t window = (size_t)option[PELT_WINDOW], count = 0;
    double mean = 0;
    for (size_t back = window; back-- > 0;) {
        double value = x[-(ptrdiff_t)back];
        if (!isfinite(value))
            continue;
        work->value[count] = value;
        work->at[count++] = back;
        mean += (value - mean) / (double)count;
    }
    problem->count = count;
    double origin = problem->cost == PELT_POISSON ? 0 : mean;
    problem->sums.y[0] = problem->sums.square[0] = problem->sums.product[0] = 0;
    for (size_t i = 0; i < count; i++) {
        double y = work->value[i] - origin;
        problem->sums.y[i + 1] = problem->sums.y[i] + y;
        problem->sums.square[i + 1] = problem->sums.square[i] + y * y;
        problem->sums.product[i + 1] = problem->sums.product[i] + (double)(i + 1) * y;
    }
    return origin;
}

// Penalty and variance; false where the values have no spread at all, and so no change.
static bool settle_problem(struct pelt_work *work, const double *option)
{
    struct pelt_problem *problem = &work->problem;
    static const double parameters[] = {1, 2, 1, 2};
    double bayes = (parameters[problem->cost] + 1) * log((double)problem->count);
    problem->penalty = isfinite(option[PELT_PENALTY]) ? option[PELT_PENALTY] : bayes;
    problem->variance = isfinite(option[PELT_VARIANCE])
                            ? option[PELT_VARIANCE]
                            : pelt_robust_variance(work->value, problem->count, work->sorted);
    return problem->variance > 0 && isfinite(problem->variance);
}

static double mean_of(const struct pelt_work *work, double origin, size_t from, size_t to)
{
    return origin + (work->problem.sums.y[to] - work->problem.sums.y[from]) / (double)(to - from);
}

static void judge_cuts(const struct pelt_work *work, const double *option, double origin,
                       struct analysis_point *point)
{
    const struct pelt_problem *problem = &work->problem;
    size_t n = problem->count, tau = work->cuts.last[n];
    double since = mean_of(work, origin, tau, n), before = since, score = 0;
    bool is_alarm = false;
    if (tau > 0) {
        size_t first = work->cuts.last[tau];
        double earlier = mean_of(work, origin, first, tau);
        bool is_change = since > earlier || (option[PELT_TWO_SIDED] != 0 && since < earlier);
        is_alarm = is_change && work->at[tau] < (size_t)option[PELT_RECENT];
        if (is_alarm) {
            before = earlier;
            score = (pelt_cost_of(problem, first, n) - pelt_cost_of(problem, first, tau) -
                     pelt_cost_of(problem, tau, n)) /
                    problem->penalty;
        }
    }
    point_set(point, ANALYSIS_EXPECTED, before);
    point_set(point, ANALYSIS_MU0, since);
    point_set(point, ANALYSIS_SCORE, score);
    // Periods since the last change of level, the judged one included; 0: none in the window.
    chart_close(point, tau > 0 ? (double)work->at[tau] + 1 : 0, is_alarm);
}

static void judge_point(struct pelt_work *work, const double *x, const double *option,
                        void (*cut)(const struct pelt_problem *, struct pelt_cuts *),
                        struct analysis_point *point)
{
    if (!isfinite(x[0])) {
        point_give_up(point, isnan(x[0]) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_RANGE);
        return;
    }
    double origin = gather(work, x, option), least = 0;
    for (size_t i = 0; i < work->problem.count; i++)
        least = work->value[i] < least ? work->value[i] : least;
    if (work->problem.count < 2 * work->problem.segment) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
        return;
    }
    if (work->problem.cost == PELT_POISSON && least < 0) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    if (settle_problem(work, option))
        cut(&work->problem, &work->cuts);
    else
        work->cuts.last[work->problem.count] = 0;
    judge_cuts(work, option, origin, point);
}

static bool judge(const struct analysis_panel *panel, const double *option,
                  void (*cut)(const struct pelt_problem *, struct pelt_cuts *),
                  const struct analysis_output *output)
{
    size_t start = pelt_start(option, panel->frequency);
    bool is_complete = true;
#pragma omp parallel if (panel->series_count > 1) reduction(&& : is_complete)
    {
        struct pelt_work work;
        is_complete = take_work(&work, option);
#pragma omp for schedule(static)
        for (size_t s = 0; s < panel->series_count; s++)
            for (size_t t = panel->from; t < panel->to && is_complete; t++) {
                struct analysis_point point = {0};
                const double *x = panel->value + s * panel->stride + t;
                if (t < panel_first(panel, s))
                    point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
                else if (t < panel_first(panel, s) + start)
                    point_give_up(&point,
                                  isnan(*x) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
                else
                    judge_point(&work, x, option, cut, &point);
                output_store(output, s * panel->stride + t, &point);
            }
        memory_free(work.memory);
    }
    return is_complete;
}

bool pelt_judge(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output)
{
    return judge(panel, option, pelt_cut, output);
}

bool pelt_refer(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output)
{
    return judge(panel, option, pelt_cut_plainly, output);
}
