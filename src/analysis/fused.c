// SPDX-License-Identifier: LGPL-3.0-or-later
//
// fused.c: the fused detector over a panel: its plan, and blocks of eight series.
//
// One score from three baselines: the whole past's trend and season, the same moved to the level of
// the last half year, and the level of the last weeks. They are mixed by how well each foretold the
// last year from what lay before it; the score is the log odds that outbreak cases are among those
// of the period. docs/methods.md has the formulas, the papers and what was tried.
//
//     fused_plan     options -> rows looked back on, basis of the regression      shared
//     fused_kernel   one point of eight series                                    eight lanes
//     this file      dealing series into lanes, what is a count, what is stored
//
// The score of a point needs those of the two points before it, so two more are computed ahead of
// `from`; what is carried beyond them would not show (a stale score is compared with one period, an
// outbreak has two). Nothing else is carried, so a stream that holds rows + 2 points gives the same
// bits.
#include <string.h>

#include "analysis/calendar.h"
#include "analysis/wide_kernels.h"
#include "base/memory.h"

enum { AHEAD = 2, COUNT_LANES = WIDE, WEEKDAYS = CALENDAR_WEEKDAYS };
static const double TURN = 6.283185307179586;

static bool has_weekdays(int32_t frequency)
{
    return frequency >= 364 && frequency <= 366;
}

static size_t harmonics_of(int32_t frequency)
{
    return frequency >= 5 ? 2 : frequency >= 3 ? 1 : 0;
}

static struct fused_plan read_plan(const double *option, int frequency, bool is_dated,
                                   bool has_calendar)
{
    assert(frequency >= 1);
    size_t hold = (size_t)frequency;
    hold = hold < FUSED_HOLD_LEAST ? FUSED_HOLD_LEAST : hold;
    hold = hold > FUSED_HOLD_MOST ? FUSED_HOLD_MOST : hold;
    size_t rows = (size_t)option[FUSED_B] * (size_t)frequency, least = hold + FUSED_WARM;
    rows = rows > FUSED_ROWS_MOST ? FUSED_ROWS_MOST : rows;
    least += (size_t)2 * FUSED_LAG;
    double period = frequency;
    if (is_dated && frequency == 52)
        period = 365.25 / WEEKDAYS;
    if (is_dated && has_weekdays(frequency))
        period = 365.25;
    has_calendar = has_calendar && is_dated && has_weekdays(frequency);
    return (struct fused_plan){
        .rows = rows < least ? least : rows,
        .hold = hold,
        .parameters = 2 + 2 * harmonics_of(frequency) +
                      (has_weekdays(frequency) ? WEEKDAYS - 1 : 0) + has_calendar,
        .has_calendar = has_calendar,
        .frequency = frequency,
        .period = period,
        .budget = option[FUSED_BUDGET],
        .kind = (enum fused_kind)option[FUSED_KIND],
        .side = (enum fused_side)option[FUSED_SIDE],
        .alert = fused_score_at(FUSED_ALERT_RATE),
    };
}

double fused_score_at(double rate)
{
    assert(rate > 0 && rate < 1);
    return FUSED_TAIL_START + FUSED_TAIL_SLOPE * sqrt(-log(rate));
}

static void fill_basis(const struct fused_plan *plan, double *basis, double *over)
{
    size_t harmonics = harmonics_of(plan->frequency);
    for (size_t row = 0; row <= plan->rows; row++) {
        double *x = basis + row * plan->parameters;
        *x++ = 1;
        *x++ = -(double)row / (double)plan->rows;
        for (size_t i = 1; i <= harmonics; i++) {
            *x++ = cos(TURN * (double)(i * row) / plan->period);
            *x++ = -sin(TURN * (double)(i * row) / plan->period);
        }
        for (size_t i = 3; i <= 4; i++) {
            *over++ = cos(TURN * (double)(i * row) / plan->period);
            *over++ = -sin(TURN * (double)(i * row) / plan->period);
        }
        for (size_t day = 1; day < WEEKDAYS && has_weekdays(plan->frequency); day++)
            *x++ = row % WEEKDAYS == day;
        if (plan->has_calendar)
            *x = 0;
    }
}

// The days' habits, once for all series and judged days.
static void fill_habits(const struct fused_plan *plan, const struct analysis_panel *panel,
                        unsigned char *habit)
{
    size_t past = plan->rows + AHEAD;
    for (size_t t = panel->from > past ? panel->from - past : 0; t < panel->to; t++)
        habit[t] = (unsigned char)calendar_habit(panel->calendar, panel->day[t]);
}

bool fused_plan_open(struct fused_plan *plan, const struct analysis_panel *panel,
                     const double *option)
{
    *plan = read_plan(option, panel->frequency, panel->day != NULL,
                      panel->calendar != NULL && panel->calendar->count > 0);
    size_t rows = plan->rows + 1, habits = plan->has_calendar ? panel->to : 0;
    double *basis =
        memory_take(rows * (plan->parameters + FUSED_OVERTONES) * sizeof *basis + habits);
    plan->memory = basis;
    if (basis == NULL)
        return false;
    double *over = basis + rows * plan->parameters;
    unsigned char *habit = (unsigned char *)(over + rows * FUSED_OVERTONES);
    fill_basis(plan, basis, over);
    if (plan->has_calendar)
        fill_habits(plan, panel, habit);
    plan->basis = basis;
    plan->overtones = over;
    plan->habit = habit;
    return true;
}

void fused_plan_close(struct fused_plan *plan)
{
    memory_free(plan->memory);
}

size_t fused_room_size(const struct fused_plan *plan)
{
    return plan->has_calendar ? (plan->rows + 1) * plan->parameters : 1;
}

const double *fused_basis_at(const struct fused_plan *plan, const struct analysis_panel *panel,
                             size_t k, double *room)
{
    if (!plan->has_calendar)
        return plan->basis;
    size_t parameters = plan->parameters, rows = k < plan->rows ? k : plan->rows;
    int today = plan->habit[k];
    if (today == CALENDAR_OFF)
        today = calendar_weekday(panel->day[k]);
    memcpy(room, plan->basis, (rows + 1) * parameters * sizeof *room);
    for (size_t row = 0; row <= rows; row++) {
        double *weekday = room + (row + 1) * parameters - WEEKDAYS;
        int habit = plan->habit[k - row];
        int back = (today - habit + WEEKDAYS) % WEEKDAYS;
        for (int day = 1; day < WEEKDAYS; day++)
            weekday[day - 1] = habit != CALENDAR_OFF && back == day;
        weekday[WEEKDAYS - 1] = habit == CALENDAR_OFF;
    }
    return room;
}

size_t fused_start(const double *option, int frequency)
{
    (void)option;
    (void)frequency;
    return FUSED_LAG + FUSED_KNOWN_LEAST - 1;
}

size_t fused_reach(const double *option, int frequency)
{
    return read_plan(option, frequency, false, false).rows + AHEAD;
}

// What all blocks share, and what one thread owns.
struct fused_job {
    const struct fused_plan *plan;
    const struct analysis_panel *panel;
    const struct analysis_output *output;
    size_t low, begin; // the first point that is read; that is computed
};
struct fused_work {
    struct fused_block block;
    int64_t last_amount[WIDE]; // the newest point that is no whole number from 0 on; -1: none
    double *basis;             // room for that of a day
};

static void load_block(const struct fused_job *job, struct fused_work *work, size_t block)
{
    const struct analysis_panel *panel = job->panel;
    for (int lane = 0; lane < WIDE; lane++) {
        size_t series = block * WIDE + (size_t)lane;
        bool is_there = series < panel->series_count;
        const double *value = panel->value + (is_there ? series * panel->stride : 0);
        for (size_t t = job->low; t < panel->to; t++) {
            size_t at = WIDE * (t - job->low) + (size_t)lane;
            bool is_known =
                series < panel->series_count && fused_knows(value, panel_first(panel, series), t);
            double y = is_known ? value[t] : 0;
            // What the caller insists are counts is not negative.
            work->block.y[at] = job->plan->kind == FUSED_KIND_COUNT && y < 0 ? 0 : y;
            work->block.known[at] = is_known;
        }
        work->last_amount[lane] = -1;
    }
}

// A series is one of counts while every value that the judgement looks back on is a whole number
// from 0 on: decided anew at each point, by what lies before it.
static void tell_kinds(const struct fused_job *job, struct fused_work *work, size_t k)
{
    const struct fused_plan *plan = job->plan;
    size_t from = k == job->begin - job->low ? 0 : k;
    for (int lane = 0; lane < WIDE; lane++) {
        for (size_t t = from; t <= k; t++) {
            double y = work->block.y[WIDE * t + (size_t)lane];
            if (y < 0 || y != floor(y))
                work->last_amount[lane] = (int64_t)t;
        }
        bool is_count = work->last_amount[lane] < (int64_t)k - (int64_t)plan->rows;
        if (k <= plan->rows)
            is_count = work->last_amount[lane] < 0;
        if (plan->kind != FUSED_KIND_AUTO)
            is_count = plan->kind == FUSED_KIND_COUNT;
        work->block.is_count[lane] = is_count ? -1 : 0;
    }
}

// An alarm is a score above the threshold; the bound was found by a search and is held to that.
static double hold_bound(double upper, double value, bool is_alarm, enum fused_side side)
{
    if (side != FUSED_ABOVE)
        return upper;
    if (is_alarm && !(upper < value))
        return value - fabs(value) * 1e-12;
    return !is_alarm && upper < value ? value : upper;
}

static void store_lane(const struct fused_job *job, const struct fused_work *work, int lane,
                       size_t series, size_t t)
{
    const struct fused_block *block = &work->block;
    const struct analysis_panel *panel = job->panel;
    size_t at = series * panel->stride + t, first = panel_first(panel, series);
    struct analysis_point point = {.outcome = ANALYSIS_JUDGED};
    if (!fused_knows(panel->value + series * panel->stride, first, t)) {
        point_give_up(&point, t < first ? ANALYSIS_REASON_OUTSIDE : ANALYSIS_REASON_MISSING);
    } else if (block->taught[lane] < FUSED_KNOWN_LEAST) {
        bool is_short = t < first + FUSED_LAG + FUSED_KNOWN_LEAST - 1;
        point_give_up(&point, is_short ? ANALYSIS_REASON_SHORT : ANALYSIS_REASON_BASELINE);
    } else if (!isfinite(block->fresh[lane])) {
        point_give_up(&point, ANALYSIS_REASON_RANGE);
    } else {
        bool is_alarm = block->fresh[lane] > block->threshold[lane];
        point.outcome |= is_alarm ? ANALYSIS_ALARM : 0;
        point_set(&point, ANALYSIS_EXPECTED, block->expected[lane]);
        point_set(&point, ANALYSIS_UPPER,
                  hold_bound(block->upper[lane], panel->value[at], is_alarm, job->plan->side));
        point_set(&point, ANALYSIS_SCORE, block->fresh[lane]);
        point_set(&point, ANALYSIS_MU0, block->mean[lane]);
        if (block->is_count[lane] != 0)
            point_set(&point, ANALYSIS_PHI, block->variance[lane] / block->expected[lane]);
        if (block->is_seasonal[lane] != 0) {
            point.outcome |= ANALYSIS_TREND;
            point_set(&point, ANALYSIS_TREND_COEF, block->slope[lane]);
        } else {
            point.outcome |= outcome_without(ANALYSIS_REASON_SHORT);
        }
    }
    output_store(job->output, at, &point);
}

static void judge_block(const struct fused_job *job, struct fused_work *work, size_t block)
{
    const struct analysis_panel *panel = job->panel;
    const struct wide_kernels *kernels = wide_kernels_find();
    load_block(job, work, block);
    fused_block_forget(&work->block);
    for (size_t t = job->begin; t < panel->to; t++) {
        tell_kinds(job, work, t - job->low);
        work->block.basis = fused_basis_at(job->plan, panel, t, work->basis);
        kernels->fused_judge_point(&work->block, t - job->low);
        for (int lane = 0; lane < WIDE && t >= panel->from; lane++)
            if (block * WIDE + (size_t)lane < panel->series_count)
                store_lane(job, work, lane, block * WIDE + (size_t)lane, t);
    }
}

static bool judge_all(const struct fused_job *job)
{
    size_t blocks = (job->panel->series_count + WIDE - 1) / WIDE;
    size_t cells = WIDE * (job->panel->to - job->low);
    bool is_complete = true;
#pragma omp parallel if (blocks > 1)
    {
        struct fused_work work = {.block = {.plan = job->plan}};
        double *memory = memory_allocate((2 * cells + fused_room_size(job->plan)) * sizeof *memory);
        work.block.y = memory;
        work.block.known = memory == NULL ? NULL : memory + cells;
        work.basis = memory == NULL ? NULL : memory + 2 * cells;
#pragma omp for schedule(dynamic)
        for (size_t block = 0; block < blocks; block++) {
            if (memory != NULL) {
                judge_block(job, &work, block);
            } else {
#pragma omp atomic write
                is_complete = false;
            }
        }
        memory_free(memory);
    }
    return is_complete;
}

bool fused_judge(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output)
{
    if (panel->to <= panel->from || panel->series_count == 0)
        return true;
    struct fused_plan plan;
    if (!fused_plan_open(&plan, panel, option))
        return false;
    struct fused_job job = {.plan = &plan, .panel = panel, .output = output};
    job.begin = panel->from < AHEAD ? 0 : panel->from - AHEAD;
    job.low = job.begin < plan.rows ? 0 : job.begin - plan.rows;
    bool is_complete = judge_all(&job);
    fused_plan_close(&plan);
    return is_complete;
}
