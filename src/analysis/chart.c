// SPDX-License-Identifier: LGPL-3.0-or-later
//
// chart.c: walks charts over a panel, eight series at a time where a method can.
//
// A chart's numbers hang on everything since its beginning, so a panel that is judged from a later
// point on is run through from there all the same; only what was asked for is stored.
#include <string.h>

#include "analysis/chart.h"
#include "base/memory.h"

void chart_begin(const struct chart_method *method, void *state, const double *option,
                 int frequency, size_t baseline)
{
    struct chart_head *head = state;
    memset(state, 0, method->size(option, frequency, baseline));
    head->baseline = baseline;
    head->is_upper_wanted = true;
    method->begin(state, option, frequency);
}

bool chart_add(const struct chart_method *method, void *state, double value, double population,
               struct analysis_point *point)
{
    struct chart_head *head = state;
    *point = (struct analysis_point){0};
    if (head->seen == 0 && head->baseline == 0 && !method->settle(state))
        return false;
    if (head->seen++ >= head->baseline) {
        method->step(state, value, population, point);
        return true;
    }
    method->learn(state, value, population);
    point_give_up(point, isnan(value) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
    return head->seen < head->baseline || method->settle(state);
}

// Judges points from..to-1 of one series, as far as they are asked for.
static bool run_series(const struct chart_method *method, void *state,
                       const struct analysis_panel *panel, size_t series, size_t from, size_t to,
                       const struct analysis_output *output)
{
    for (size_t t = from; t < to; t++) {
        struct analysis_point point;
        size_t at = series * panel->stride + t;
        double population = panel->population == NULL ? ANALYSIS_MISSING : panel->population[at];
        if (!chart_add(method, state, panel->value[at], population, &point))
            return false;
        if (t >= panel->from)
            output_store(output, at, &point);
    }
    return true;
}

void chart_sink_place(struct chart_sink *sink, const struct analysis_output *output,
                      const struct analysis_panel *panel, size_t series, size_t from)
{
    size_t at = series * panel->stride + from;
    bool is_last = series + 2 * WIDE > panel->series_count || panel->to < CHART_JUMP_LEAST;
    sink->jump = is_last ? 0 : WIDE * panel->stride - panel->to;
    for (size_t lane = 0; lane < WIDE; lane++) {
        size_t begin = at + lane * panel->stride;
        sink->outcome[lane] = output->outcome + begin;
        for (int column = 0; column < ANALYSIS_COLUMNS; column++) {
            sink->is_wanted[column] = output->column[column] != NULL;
            if (sink->is_wanted[column])
                sink->column[column][lane] = output->column[column] + begin;
        }
    }
}

struct chart_job {
    const struct chart_method *method;
    const struct analysis_panel *panel;
    const double *option;
    size_t start;
    const struct analysis_output *output;
};

// True when the eight series from `series` on begin together and are asked for from there.
static bool is_even(const struct chart_job *job, size_t series)
{
    const struct analysis_panel *panel = job->panel;
    size_t first = panel_first(panel, series);
    if (job->method->eight == NULL || series + WIDE > panel->series_count ||
        panel->from > first + chart_baseline(panel, series, job->start))
        return false;
    for (size_t i = 1; i < WIDE; i++)
        if (panel_first(panel, series + i) != first)
            return false;
    return true;
}

// Learns the baseline of eight series that begin together, point by point, so that the series'
// sums, each of which waits for itself, go side by side; and settles them.
static bool learn_eight(const struct chart_job *job, size_t series, void *const state[WIDE],
                        size_t from, size_t to)
{
    const struct analysis_panel *panel = job->panel;
    bool is_complete = true;
    for (size_t t = from; t < to; t++)
        for (size_t lane = 0; lane < WIDE; lane++) {
            size_t at = (series + lane) * panel->stride + t;
            ((struct chart_head *)state[lane])->seen++;
            job->method->learn(state[lane], panel->value[at],
                               panel->population == NULL ? ANALYSIS_MISSING
                                                         : panel->population[at]);
        }
    size_t asked = panel->from > from ? panel->from : from;
    for (size_t lane = 0; lane < WIDE; lane++) {
        size_t at = (series + lane) * panel->stride + asked;
        output_store_short(job->output, panel->value, at, to > asked ? to - asked : 0);
        is_complete = is_complete && job->method->settle(state[lane]);
    }
    return is_complete;
}

// Judges up to eight series; `memory` holds as many states.
static bool run_block(const struct chart_job *job, size_t series, char *memory, size_t size)
{
    const struct analysis_panel *panel = job->panel;
    size_t end = series + WIDE < panel->series_count ? series + WIDE : panel->series_count;
    bool is_wide = is_even(job, series), is_complete = true;
    void *state[WIDE];
    for (size_t s = series; s < end; s++) {
        state[s - series] = memory + (s - series) * size;
        size_t begin = panel_first(panel, s);
        output_store_outside(job->output, s * panel->stride, panel->from,
                             begin < panel->to ? begin : panel->to);
        chart_begin(job->method, state[s - series], job->option, panel->frequency,
                    chart_baseline(panel, s, job->start));
        ((struct chart_head *)state[s - series])->is_upper_wanted =
            job->output->column[ANALYSIS_UPPER] != NULL;
        is_wide = is_wide && job->method->is_wide(state[s - series]);
    }
    size_t first = panel_first(panel, series);
    size_t middle = first + chart_baseline(panel, series, job->start);
    if (is_wide && middle < panel->to)
        return learn_eight(job, series, state, first, middle) &&
               job->method->eight(state, panel, series, middle, job->output);
    for (size_t s = series; s < end && is_complete; s++)
        is_complete = run_series(job->method, state[s - series], panel, s, panel_first(panel, s),
                                 panel->to, job->output);
    return is_complete;
}

bool chart_judge(const struct chart_method *method, const struct analysis_panel *panel,
                 const double *option, size_t start, const struct analysis_output *output)
{
    assert(panel->from <= panel->to && panel->to <= panel->point_count);
    struct chart_job job = {method, panel, option, start, output};
    size_t blocks = (panel->series_count + WIDE - 1) / WIDE, size = 0;
    for (size_t series = 0; series < panel->series_count; series++) {
        size_t wanted =
            method->size(option, panel->frequency, chart_baseline(panel, series, start));
        size = wanted > size ? wanted : size;
    }
    size = (size + 63) / 64 * 64;
    bool is_complete = true;
    if (blocks == 0)
        return true;
#pragma omp parallel if (blocks > 1) reduction(&& : is_complete)
    {
        char *memory = memory_take(WIDE * size);
        is_complete = memory != NULL;
#pragma omp for schedule(static)
        for (size_t block = 0; block < blocks; block++)
            if (is_complete)
                is_complete = run_block(&job, block * WIDE, memory, size);
        memory_free(memory);
    }
    return is_complete;
}
