// SPDX-License-Identifier: LGPL-3.0-or-later
//
// farrington.c: both Farrington methods over a panel, eight series at once.
//
// Farrington, Andrews, Beale, Catchpole 1996, JRSS-A 159:547; Noufaily, Enki, Farrington,
// Garthwaite, Andrews, Charlett 2013, Stat Med 32:1206. docs/detectors 2 and 3.
//
//     season_plan       the options of either method, one shape
//     season_baseline   which past points, in which seasonal group       shared by all series
//     grouped_fit       fit, weigh, refit                                 eight lanes
//     this file         who is fitted with a trend, whose trend is kept, who is doubtful
//     season_threshold  mean -> bound, score, alarm                       one series
//     season_reference  the plain form, for the doubtful
//
// Order. Series are sorted by their mean before they are dealt into blocks of eight: lanes of one
// block then need about the same number of iterations. A lane's numbers do not depend on its
// neighbours, nor on the thread that computes the block, so neither the order nor the number of
// threads shows in the result.
//
// A block first takes logarithms and powers of every value it will meet, once; counts below
// COUNT_TABLE come from a table. The same library functions fill both, so both give the same bits.
#include <stdlib.h>

#include "analysis/wide_kernels.h"
#include "base/memory.h"

enum {
    COUNT_TABLE = 1024,
    // Values from which a table of 1,024 counts pays for itself.
    TABLE_VALUES_LEAST = 8192,
    ALIGNMENT = 64,
    POINT_ARRAYS = 6,
};

struct count_row {
    double log_y, log_start, power;
};

// What all blocks share.
struct farrington_job {
    const struct season_plan *plan;
    const struct analysis_panel *panel;
    const struct analysis_output *output;
    size_t low; // the first point that any baseline can reach
    size_t *order;
    struct count_row *table; // NULL: too few values
};

// What one thread owns.
struct farrington_work {
    struct season_baseline baseline;
    bool is_baseline_found, is_baseline_there;
    struct grouped_series series; // of points from job->low on
    struct grouped_fit fit;
    struct season_reference *reference;
    double
        *critical; // |t| at which a trend becomes significant, by degrees of freedom; 0: not known
    size_t critical_count;
    void *baseline_memory, *point_memory, *fit_memory;
};

static struct count_row count_row_of(double y)
{
    double root = cbrt(y);
    return (struct count_row){y > 0 ? log(y) : 0, log(y + 0.1), root * root};
}

// Memory whose first double starts on a multiple of 64 bytes; *ret_memory is what is freed.
static double *take_aligned(size_t doubles, void **ret_memory)
{
    *ret_memory = memory_allocate(doubles * sizeof(double) + ALIGNMENT);
    if (*ret_memory == NULL)
        return NULL;
    return (double *)(((uintptr_t)*ret_memory + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
}

static void work_free(struct farrington_work *work)
{
    memory_free(work->baseline_memory);
    memory_free(work->point_memory);
    memory_free(work->fit_memory);
    memory_free(work->critical);
    season_reference_free(work->reference);
}

static bool work_take(struct farrington_work *work, const struct farrington_job *job)
{
    const struct season_plan *plan = job->plan;
    size_t rows = season_row_most(plan), groups = (size_t)plan->periods;
    size_t points = WIDE * (job->panel->to - job->low);
    *work = (struct farrington_work){.critical_count = rows};
    work->baseline_memory = memory_allocate(season_baseline_size(plan));
    double *fit = take_aligned(grouped_fit_size(rows, groups), &work->fit_memory);
    double *point = take_aligned(POINT_ARRAYS * points, &work->point_memory);
    work->critical = memory_allocate(rows * sizeof(double));
    work->reference = season_reference_take(plan);
    if (work->baseline_memory == NULL || fit == NULL || point == NULL || work->critical == NULL ||
        work->reference == NULL)
        return false;
    season_baseline_place(&work->baseline, plan, work->baseline_memory);
    grouped_fit_place(&work->fit, rows, groups, fit);
    work->series = (struct grouped_series){point,
                                           point + points,
                                           point + 2 * points,
                                           point + 3 * points,
                                           point + 4 * points,
                                           plan->is_offset ? point + 5 * points : NULL};
    return true;
}

// Lays one series into a lane.
static void load_series(const struct farrington_job *job, struct farrington_work *work, int lane,
                        size_t series)
{
    const struct analysis_panel *panel = job->panel;
    size_t base = series * panel->stride, first = panel_first(panel, series);
    for (size_t t = job->low; t < panel->to; t++) {
        size_t at = WIDE * (t - job->low) + (size_t)lane;
        double y = panel->value[base + t], log_population = 0;
        bool is_known = t >= first && !isnan(y);
        if (job->plan->is_offset) {
            is_known = is_known && !isnan(panel->population[base + t]);
            log_population = is_known ? log(panel->population[base + t]) : 0;
            work->series.offset[at] = log_population;
        }
        y = is_known ? y : 0;
        bool is_tabled = job->table != NULL && y < COUNT_TABLE && y == (double)(int32_t)y;
        struct count_row row = is_tabled ? job->table[(int32_t)y] : count_row_of(y);
        work->series.y[at] = y;
        work->series.is_known[at] = is_known;
        work->series.log_y[at] = row.log_y;
        work->series.log_start[at] = row.log_start;
        work->series.power[at] = row.power;
    }
}

// A lane without a series: nothing is known in it.
static void clear_lane(const struct farrington_job *job, struct farrington_work *work, int lane)
{
    for (size_t t = 0; t < job->panel->to - job->low; t++) {
        size_t at = WIDE * t + (size_t)lane;
        struct count_row row = count_row_of(0);
        work->series.y[at] = work->series.is_known[at] = 0;
        work->series.log_y[at] = row.log_y;
        work->series.log_start[at] = row.log_start;
        work->series.power[at] = row.power;
        if (work->series.offset != NULL)
            work->series.offset[at] = 0;
    }
}

// Eight lanes on their way through the steps of one point.
enum lane_state { LANE_IDLE, LANE_OPEN, LANE_FITTED, LANE_FAILED, LANE_NO_FIT, LANE_DOUBTFUL };
struct lanes {
    size_t series[WIDE];
    int count;
    enum lane_state state[WIDE];
    enum analysis_reason reason[WIDE]; // of an idle lane
    struct season_model model[WIDE];
};

static void describe(const struct season_plan *plan, const struct farrington_work *work,
                     size_t at_k, int lane, bool is_trended, struct season_model *model)
{
    const struct grouped_fit *fit = &work->fit;
    size_t last = WIDE * (size_t)(work->baseline.group_count - 1) + (size_t)lane;
    double offset =
        work->series.offset == NULL ? 0 : work->series.offset[WIDE * at_k + (size_t)lane];
    *model = (struct season_model){
        .eta = fit->intercept[last] + offset,
        .phi_raw = fit->phi_raw[lane],
        .spread = grouped_fit_spread(fit, &work->baseline, lane, is_trended),
        .disp = plan->is_reweighted ? fit->disp[lane] : fit->phi_raw[lane],
        .slope = is_trended ? fit->slope[lane] : 0,
        .slope_spread = is_trended ? 1 / fit->time_square[lane] : 0,
        .freedom = fit->counted[lane] - fit->rank[lane],
    };
}

// Takes over what the fit says about the lanes that were wanted; keeps in `wanted` those that go
// on.
static void settle(const struct season_plan *plan, const struct farrington_work *work,
                   struct lanes *lanes, size_t at_k, bool is_trended, bool is_first,
                   int64_t *wanted)
{
    const struct grouped_fit *fit = &work->fit;
    size_t last = WIDE * (size_t)(work->baseline.group_count - 1);
    bool must_converge = is_first && (is_trended || plan->is_flexible);
    for (int lane = 0; lane < WIDE; lane++) {
        if (wanted[lane] == 0)
            continue;
        if (fit->total[last + (size_t)lane] <= 0)
            lanes->state[lane] = LANE_FAILED;
        else if (fit->is_doubtful[lane])
            lanes->state[lane] = LANE_DOUBTFUL;
        else if (must_converge && !fit->is_converged[lane])
            lanes->state[lane] = LANE_NO_FIT;
        else if (fit->phi_raw[lane] < 0)
            lanes->state[lane] = LANE_FAILED;
        else
            lanes->state[lane] = LANE_FITTED;
        wanted[lane] = lanes->state[lane] == LANE_FITTED;
        if (wanted[lane])
            describe(plan, work, at_k, lane, is_trended, &lanes->model[lane]);
    }
}

// Fit, weigh, refit for the open lanes.
static void fit_lanes(const struct season_plan *plan, struct farrington_work *work,
                      struct lanes *lanes, size_t at_k, bool is_trended)
{
    const struct wide_kernels *kernels = wide_kernels_find();
    int64_t wanted[WIDE], is_changed[WIDE];
    bool is_any = false;
    for (int lane = 0; lane < WIDE; lane++)
        wanted[lane] = lanes->state[lane] == LANE_OPEN;
    kernels->fit_begin(&work->fit, &work->baseline, &work->series, at_k);
    kernels->fit_run(&work->fit, &work->baseline, &work->series, at_k, is_trended, wanted);
    settle(plan, work, lanes, at_k, is_trended, true, wanted);
    if (!plan->is_reweighted)
        return;
    kernels->fit_weigh(&work->fit, &work->baseline, &work->series, at_k, plan->weights_threshold,
                       is_trended, is_changed);
    for (int lane = 0; lane < WIDE; lane++) {
        if (wanted[lane] && work->fit.is_doubtful[lane])
            lanes->state[lane] = LANE_DOUBTFUL;
        // Without a large residual all weights are 1, and the refit would repeat the fit.
        wanted[lane] = wanted[lane] && is_changed[lane] && !work->fit.is_doubtful[lane];
        is_any = is_any || wanted[lane];
    }
    if (!is_any)
        return;
    kernels->fit_run(&work->fit, &work->baseline, &work->series, at_k, is_trended, wanted);
    settle(plan, work, lanes, at_k, is_trended, false, wanted);
}

// |t| with P(|T| > |t|) = p, by halving the logarithm.
static double critical_t(double p, double freedom)
{
    double low = 1e-9, high = 1e15;
    for (int i = 0; i < 120; i++) {
        double middle = sqrt(low * high);
        if (analysis_student_two_sided(middle, freedom) < p)
            high = middle;
        else
            low = middle;
    }
    return high;
}

// P(|T| > |t|) < trend_p, by a remembered bound where that is clear.
static bool is_significant(const struct season_plan *plan, struct farrington_work *work,
                           const struct season_model *model)
{
    double dispersion = plan->is_flexible ? model->disp : model->phi_raw;
    double error = sqrt(dispersion * model->slope_spread);
    if (!(error > 0))
        return model->slope != 0 && plan->trend_p > 0;
    double t = fabs(model->slope / error);
    size_t row = (size_t)model->freedom;
    assert(row < work->critical_count);
    if (plan->trend_p > 0 && work->critical[row] == 0)
        work->critical[row] = plan->trend_p < 1 ? critical_t(plan->trend_p, model->freedom) : 1e-7;
    double bound = work->critical[row];
    if (t > bound * (1 + 1e-9))
        return plan->trend_p > 0;
    if (t < bound * (1 - 1e-9) && plan->trend_p < 1)
        return false;
    return analysis_student_two_sided(t, model->freedom) < plan->trend_p;
}

// Fits the open lanes: with a trend where it is wanted and holds, else without.
static void model_lanes(const struct season_plan *plan, struct farrington_work *work,
                        struct lanes *lanes, size_t at_k)
{
    bool is_any = false;
    if (plan->is_trended && plan->b >= SEASON_TREND_YEARS) {
        fit_lanes(plan, work, lanes, at_k, true);
        for (int lane = 0; lane < WIDE; lane++) {
            struct season_model *model = &lanes->model[lane];
            if (lanes->state[lane] == LANE_FITTED &&
                season_model_mu0(model->eta) <= work->fit.largest[lane] &&
                !season_model_is_flat(model, work->baseline.oldest) &&
                is_significant(plan, work, model))
                model->has_trend = true;
            else if (lanes->state[lane] != LANE_IDLE && lanes->state[lane] != LANE_DOUBTFUL)
                lanes->state[lane] = LANE_OPEN;
        }
    }
    for (int lane = 0; lane < WIDE; lane++)
        is_any = is_any || lanes->state[lane] == LANE_OPEN;
    if (is_any)
        fit_lanes(plan, work, lanes, at_k, false);
}

// Which lanes can be judged at k, and why the others cannot.
static void open_lanes(const struct farrington_job *job, const struct farrington_work *work,
                       struct lanes *lanes, size_t k)
{
    const struct analysis_panel *panel = job->panel;
    for (int lane = 0; lane < WIDE; lane++) {
        lanes->state[lane] = LANE_IDLE;
        lanes->reason[lane] = ANALYSIS_REASON_NONE;
        if (lane >= lanes->count)
            continue;
        size_t series = lanes->series[lane], first = panel_first(panel, series);
        if (k < first)
            lanes->reason[lane] = ANALYSIS_REASON_OUTSIDE;
        else if (work->series.is_known[WIDE * (k - job->low) + (size_t)lane] == 0)
            lanes->reason[lane] = ANALYSIS_REASON_MISSING;
        else if (!work->is_baseline_there || (int64_t)k + work->baseline.oldest < (int64_t)first)
            lanes->reason[lane] = ANALYSIS_REASON_SHORT;
        else
            lanes->state[lane] = LANE_OPEN;
    }
}

static void store_lane(const struct farrington_job *job, struct farrington_work *work,
                       const struct lanes *lanes, int lane, size_t k)
{
    const struct analysis_panel *panel = job->panel;
    struct analysis_point point = {0};
    size_t series = lanes->series[lane], base = series * panel->stride;
    const struct season_model *model = &lanes->model[lane];
    bool is_doubtful =
        lanes->state[lane] == LANE_DOUBTFUL ||
        (lanes->state[lane] == LANE_FITTED && !(isfinite(model->eta) && isfinite(model->spread)));
    if (is_doubtful)
        season_reference_judge(job->plan, work->reference, panel, series, k, &point);
    else if (lanes->state[lane] == LANE_IDLE)
        point_give_up(&point, lanes->reason[lane]);
    else if (lanes->state[lane] == LANE_NO_FIT)
        point_give_up(&point, ANALYSIS_REASON_NO_FIT);
    else if (lanes->state[lane] == LANE_FAILED)
        point_give_up(&point, ANALYSIS_REASON_BASELINE);
    else
        season_judge(
            job->plan, model, panel->value[base + k],
            season_recent_sum(job->plan, panel->value + base, panel_first(panel, series), k),
            &point);
    output_store(job->output, base + k, &point);
}

static void judge_block(const struct farrington_job *job, struct farrington_work *work,
                        size_t block)
{
    const struct analysis_panel *panel = job->panel;
    struct lanes lanes = {0};
    for (int lane = 0; lane < WIDE; lane++) {
        size_t place = block * WIDE + (size_t)lane;
        if (place < panel->series_count) {
            lanes.series[lanes.count++] = job->order[place];
            load_series(job, work, lane, job->order[place]);
        } else {
            clear_lane(job, work, lane);
        }
    }
    for (size_t k = panel->from; k < panel->to; k++) {
        if (!work->is_baseline_found || job->plan->day != NULL) {
            work->is_baseline_there = season_baseline_find(&work->baseline, job->plan, k);
            work->is_baseline_found = true;
        }
        open_lanes(job, work, &lanes, k);
        bool is_open = false;
        for (int lane = 0; lane < lanes.count; lane++)
            is_open = is_open || lanes.state[lane] == LANE_OPEN;
        if (is_open)
            model_lanes(job->plan, work, &lanes, k - job->low);
        for (int lane = 0; lane < lanes.count; lane++)
            store_lane(job, work, &lanes, lane, k);
    }
}

struct series_mean {
    double mean;
    size_t series;
};

static int compare_means(const void *a, const void *b)
{
    const struct series_mean *left = a, *right = b;
    if (left->mean != right->mean)
        return left->mean < right->mean ? -1 : 1;
    return left->series < right->series ? -1 : 1;
}

// The series by rising mean of what their baselines can reach.
static bool sort_series(struct farrington_job *job)
{
    const struct analysis_panel *panel = job->panel;
    struct series_mean *rows = memory_allocate((panel->series_count + 1) * sizeof *rows);
    job->order = memory_allocate((panel->series_count + 1) * sizeof *job->order);
    if (rows == NULL || job->order == NULL) {
        memory_free(rows);
        return false;
    }
    for (size_t s = 0; s < panel->series_count; s++) {
        double sum = 0;
        for (size_t t = job->low; t < panel->to; t++) {
            double y = panel->value[s * panel->stride + t];
            sum += isnan(y) ? 0 : y;
        }
        rows[s] = (struct series_mean){sum, s};
    }
    qsort(rows, panel->series_count, sizeof *rows, compare_means);
    for (size_t s = 0; s < panel->series_count; s++)
        job->order[s] = rows[s].series;
    memory_free(rows);
    return true;
}

static bool job_begin(struct farrington_job *job)
{
    const struct season_plan *plan = job->plan;
    // In date form b years hold at most 2 points a year more than the frequency says.
    size_t reach = (size_t)(plan->b * (plan->frequency + 2) + plan->w + 4);
    job->low = job->panel->from > reach ? job->panel->from - reach : 0;
    size_t values = job->panel->series_count * (job->panel->to - job->low);
    if (values >= TABLE_VALUES_LEAST) {
        job->table = memory_allocate(COUNT_TABLE * sizeof *job->table);
        for (int y = 0; job->table != NULL && y < COUNT_TABLE; y++)
            job->table[y] = count_row_of(y);
    }
    return sort_series(job);
}

static bool judge(const struct season_plan *plan, const struct analysis_panel *panel,
                  const struct analysis_output *output)
{
    assert(panel->from <= panel->to && panel->to <= panel->point_count);
    assert(season_plan_is_sound(plan) && (!plan->is_offset || panel->population != NULL));
    struct farrington_job job = {.plan = plan, .panel = panel, .output = output};
    bool is_taken = job_begin(&job);
    size_t blocks =
        is_taken && panel->from < panel->to ? (panel->series_count + WIDE - 1) / WIDE : 0;
#pragma omp parallel if (blocks > 1)
    {
        struct farrington_work work;
        bool is_ready = blocks > 0 && work_take(&work, &job);
        if (blocks > 0 && !is_ready)
#pragma omp atomic write
            is_taken = false;
#pragma omp for schedule(dynamic)
        for (size_t block = 0; block < blocks; block++)
            if (is_ready)
                judge_block(&job, &work, block);
        if (blocks > 0)
            work_free(&work);
    }
    memory_free(job.order);
    memory_free(job.table);
    return is_taken;
}

bool farrington_judge(const struct analysis_panel *panel, const double *option,
                      const struct analysis_output *output)
{
    struct season_plan plan = season_plan_farrington(option, panel->frequency, panel->day);
    return judge(&plan, panel, output);
}

bool flexible_judge(const struct analysis_panel *panel, const double *option,
                    const struct analysis_output *output)
{
    struct season_plan plan = season_plan_flexible(option, panel->frequency, panel->day);
    return judge(&plan, panel, output);
}
