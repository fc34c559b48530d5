// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_plot.c: the picture of `levee judge`: a panel a series with its values, what was expected,
// the band up to the bound, and the alarms.
//
// The band begins at zero, or at the lowest value below it: what lies in it is usual. A bound far
// above all values would flatten them; it is cut at twice the largest value or expectation.
#include <math.h>

#include "base/memory.h"
#include "cli/judge.h"

enum { POINTS_MOST = 400 }; // more would not be told apart; the last ones are drawn

enum { LINE_EXPECTED, LINE_FLOOR, LINE_UPPER, LINES };

struct drawing {
    double *line; // LINES x count
    bool *is_alarm;
    struct filter_place place;
};

static bool is_known(const struct analysis_output *output, enum analysis_column column, size_t at)
{
    return output->column[column] != NULL && (output->outcome[at] >> column & 1) != 0;
}

static void fill(const struct analysis_output *output, const double *value, size_t at, size_t count,
                 struct drawing *drawing)
{
    double most = 0, least = 0;
    for (size_t i = 0; i < count; i++) {
        double expected = is_known(output, ANALYSIS_EXPECTED, at + i)
                              ? output->column[ANALYSIS_EXPECTED][at + i]
                              : ANALYSIS_MISSING;
        drawing->line[LINE_EXPECTED * count + i] = expected;
        most = fmax(most, fmax(value[i], expected));
        least = fmin(least, fmin(value[i], expected));
        drawing->is_alarm[i] = (output->outcome[at + i] & ANALYSIS_ALARM) != 0;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_bound = is_known(output, ANALYSIS_UPPER, at + i);
        drawing->line[LINE_FLOOR * count + i] = least;
        drawing->line[LINE_UPPER * count + i] =
            is_bound ? fmin(output->column[ANALYSIS_UPPER][at + i], 2 * most) : ANALYSIS_MISSING;
    }
}

enum fault_code judge_draw(const struct judge_request *request, const struct judge_table *table,
                           const struct analysis_output *output, size_t from, size_t to,
                           struct fault *fault)
{
    struct curve_panel panel[CURVE_PANELS_MOST];
    struct drawing drawing[CURVE_PANELS_MOST];
    size_t count = to - from < POINTS_MOST ? to - from : POINTS_MOST, start = to - count;
    size_t shown =
        table->series_count < CURVE_PANELS_MOST ? table->series_count : CURVE_PANELS_MOST;
    if (count == 0)
        return FAULT_NONE;
    double *lines = memory_allocate(shown * LINES * count * sizeof *lines);
    bool *alarms = memory_allocate(shown * count * sizeof *alarms);
    enum fault_code code = FAULT_NONE;
    if (lines == NULL || alarms == NULL) {
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        goto out;
    }
    for (size_t s = 0; s < shown; s++) {
        size_t at = s * table->axis.position_count + start;
        double *line = lines + s * LINES * count;
        drawing[s] = (struct drawing){line, alarms + s * count, {table, start}};
        fill(output, table->value + at, at, count, &drawing[s]);
        panel[s] = (struct curve_panel){.name = table->series[s],
                                        .count = count,
                                        .observed = table->value + at,
                                        .is_marked = drawing[s].is_alarm,
                                        .line = line + LINE_EXPECTED * count,
                                        .lower = line + LINE_FLOOR * count,
                                        .upper = line + LINE_UPPER * count,
                                        .reference = ANALYSIS_MISSING,
                                        .label = filter_label,
                                        .context = &drawing[s].place};
    }
    char caption[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_string(request->detector->name)};
    text_write(TEXT_JUDGE_PLOT_CAPTION, cli_language(), argument, caption, sizeof caption);
    code = curve_write(request->filter.plot, cli_say(TEXT_JUDGE_PLOT_TITLE), caption, panel, shown,
                       fault);
    if (code == FAULT_NONE && shown < table->series_count)
        filter_note(TEXT_FILTER_PLOT_CUT, text_integer((int64_t)shown));
out:
    memory_free(lines);
    memory_free(alarms);
    return code;
}
