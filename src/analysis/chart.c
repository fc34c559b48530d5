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

static void store_outside(const struct analysis_panel *panel, size_t series,
                          const struct analysis_output *output)
{
    struct analysis_point point = {0};
    point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
    for (size_t t = panel->from; t < panel->to && t < panel_first(panel, series); t++)
        output_store(output, series * panel->stride + t, &point);
}

void chart_sink_place(struct chart_sink *sink, const struct analysis_output *output, size_t at,
                      size_t stride)
{
    for (size_t lane = 0; lane < WIDE; lane++) {
        sink->outcome[lane] = output->outcome + at + lane * stride;
        for (int column = 0; column < ANALYSIS_COLUMNS; column++) {
            sink->is_wanted[column] = output->column[column] != NULL;
            if (sink->is_wanted[column])
                sink->column[column][lane] = output->column[column] + at + lane * stride;
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

// Judges up to eight series; `state` is memory for as many states.
static bool run_block(const struct chart_job *job, size_t series, char *memory, size_t size)
{
    const struct analysis_panel *panel = job->panel;
    size_t end = series + WIDE < panel->series_count ? series + WIDE : panel->series_count;
    bool is_wide = is_even(job, series), is_complete = true;
    void *state[WIDE];
    size_t middle = panel->to;
    for (size_t s = series; s < end && is_complete; s++) {
        size_t first = panel_first(panel, s), baseline = chart_baseline(panel, s, job->start);
        state[s - series] = memory + (s - series) * size;
        store_outside(panel, s, job->output);
        chart_begin(job->method, state[s - series], job->option, panel->frequency, baseline);
        ((struct chart_head *)state[s - series])->is_upper_wanted =
            job->output->column[ANALYSIS_UPPER] != NULL;
        // The first step is run alone too: it settles a chart without baseline.
        is_wide = is_wide && job->method->is_wide(state[s - series]);
        if (is_wide)
            middle = first + baseline + 1 < panel->to ? first + baseline + 1 : panel->to;
        is_complete =
            run_series(job->method, state[s - series], panel, s, first, middle, job->output);
    }
    if (is_complete && is_wide && middle < panel->to)
        is_complete = job->method->eight(state, panel, series, middle, job->output);
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
