// SPDX-License-Identifier: LGPL-3.0-or-later
//
// window.c: finds the rows of RKI and Bayes, and the runs of points that share them.
//
// In index form there is one run. In date form each point's rows are found on their own and
// compared with those of the run before; a year of weeks has about six runs, a year of days four.
// Rows may overlap (w = 6 in a year of 12 months): a value then counts twice, as in the published
// software.
#include <string.h>

#include "analysis/window.h"
#include "base/memory.h"

size_t window_start(const double *option, int frequency)
{
    return (size_t)option[WINDOW_B] * (size_t)frequency + (size_t)option[WINDOW_W];
}

size_t window_row_most(const double *option)
{
    size_t b = (size_t)option[WINDOW_B], w = (size_t)option[WINDOW_W];
    return w + b * (2 * w + 1);
}

bool window_is_sound(const double *option, int frequency)
{
    double b = option[WINDOW_B], w = option[WINDOW_W];
    double rows = b * (2 * w + 1) + (option[WINDOW_CURRENT_YEAR] != 0 ? w : 0);
    return rows >= 2 && (b == 0 || frequency > w);
}

size_t window_find_rows(const double *option, const struct analysis_panel *panel, size_t k,
                        int32_t *offset)
{
    struct season_plan plan = {.frequency = panel->frequency, .day = panel->day};
    int32_t b = (int32_t)option[WINDOW_B], w = (int32_t)option[WINDOW_W], before = 0;
    size_t count = 0;
    for (int32_t i = b; i >= 1; i--) {
        int32_t reference = season_reference_index(&plan, k, i);
        if (reference + w >= 0 || (panel->day != NULL && reference - w + (int64_t)k < 0))
            return 0;
        assert(i == b || reference > before);
        before = reference;
        for (int32_t j = -w; j <= w; j++)
            offset[count++] = reference + j;
    }
    if (option[WINDOW_CURRENT_YEAR] != 0)
        for (int32_t j = -w; j <= -1; j++)
            offset[count++] = j;
    assert(count <= window_row_most(option));
    return count;
}

// Room for one more run and its rows.
static bool grow(struct window_runs *runs)
{
    if (runs->count < runs->capacity)
        return true;
    size_t larger = runs->capacity == 0 ? 8 : 2 * runs->capacity;
    struct window_run *run = memory_resize(runs->run, larger * sizeof *run);
    if (run != NULL)
        runs->run = run;
    int32_t *offset = memory_resize(runs->offset, larger * runs->row_most * sizeof *offset);
    if (offset != NULL)
        runs->offset = offset;
    if (run == NULL || offset == NULL)
        return false;
    runs->capacity = larger;
    return true;
}

// Closes the last run: its rows stand in their place of runs->offset.
static void add_run(struct window_runs *runs, size_t count, size_t from, size_t to)
{
    struct window_run *run = &runs->run[runs->count++];
    *run = (struct window_run){.from = from, .to = to, .rows = {.count = count}};
}

// The offsets move while runs are added, so pointers into them are set at the end.
static void place_rows(struct window_runs *runs, const double *option)
{
    size_t width = 2 * (size_t)option[WINDOW_W] + 1;
    assert(width <= WINDOW_WIDTH_MOST);
    for (size_t i = 0; i < runs->count; i++) {
        struct window_rows *rows = &runs->run[i].rows;
        rows->offset = runs->offset + i * runs->row_most;
        for (size_t row = 0; row < rows->count; row++)
            if (rows->offset[row] < rows->oldest)
                rows->oldest = rows->offset[row];
        rows->width = width;
        rows->years = rows->count / width;
        rows->recent = rows->count % width;
    }
}

bool window_runs_find(struct window_runs *runs, const double *option,
                      const struct analysis_panel *panel)
{
    *runs = (struct window_runs){.row_most = window_row_most(option)};
    for (size_t k = panel->from; k < panel->to; k++) {
        if (!grow(runs))
            return false;
        int32_t *offset = runs->offset + runs->count * runs->row_most;
        size_t count = window_find_rows(option, panel, k, offset);
        struct window_run *last = runs->count == 0 ? NULL : &runs->run[runs->count - 1];
        if (last != NULL && last->rows.count == count &&
            memcmp(offset - runs->row_most, offset, count * sizeof *offset) == 0)
            last->to = k + 1;
        else
            add_run(runs, count, k, k + 1);
        if (panel->day == NULL || option[WINDOW_B] == 0) {
            runs->run[0].to = panel->to;
            break;
        }
    }
    place_rows(runs, option);
    return true;
}

void window_runs_free(struct window_runs *runs)
{
    memory_free(runs->run);
    memory_free(runs->offset);
}

size_t window_skip_short(const struct window_run *run, const struct analysis_panel *panel,
                         size_t series, const struct analysis_output *output)
{
    size_t start = panel_first(panel, series) + (size_t)-run->rows.oldest;
    return output_skip(output, panel, series, run->from, run->to,
                       run->rows.count == 0 ? run->to : start);
}
