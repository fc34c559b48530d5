// SPDX-License-Identifier: GPL-3.0-or-later
//
// quality_table.c: known_at and parent of a file's rows as arrays beside its grid.
//
// A value that comes more than once with different known_at was corrected: the grid holds the
// latest, first_value the earliest. The day on which it was known is that of the earliest, in
// local time. A parent is a series of the same file, and one only.
#include "cli/quality_table.h"

#include <assert.h>

#include "base/memory.h"
#include "base/time.h"

static enum fault_code fill_parents(struct quality_table *quality, const struct judge_table *table,
                                    struct fault *fault)
{
    quality->parent = memory_take(table->series_count * sizeof *quality->parent);
    if (quality->parent == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t i = 0; i < table->series_count; i++)
        quality->parent[i] = ANALYSIS_SERIES_NONE;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct judge_row *row = &table->row[i];
        struct span name = table->source[i].parent;
        uint32_t parent = 0;
        if (name.size == 0)
            continue;
        if (!judge_table_find_series(table, name, &parent) || parent == row->series)
            return fault_set(fault, FAULT_INVALID, TEXT_QUALITY_PARENT_UNKNOWN,
                             text_integer(row->line), text_span(name));
        if (quality->parent[row->series] != ANALYSIS_SERIES_NONE &&
            quality->parent[row->series] != parent)
            return fault_set(fault, FAULT_INVALID, TEXT_QUALITY_PARENT_TWICE,
                             text_integer(row->line), text_span(table->series[row->series]),
                             text_span(name),
                             text_span(table->series[quality->parent[row->series]]));
        quality->parent[row->series] = parent;
    }
    return FAULT_NONE;
}

// The first row of each cell by known_at, and its value where a later one differs.
static void fill_first(struct quality_table *quality, const struct judge_table *table,
                       int64_t *known_at)
{
    size_t stride = table->axis.position_count;
    for (size_t i = 0; i < table->series_count * stride; i++) {
        known_at[i] = INT64_MAX;
        quality->known_day[i] = ANALYSIS_DAY_UNKNOWN;
        quality->first_value[i] = ANALYSIS_MISSING;
    }
    for (size_t i = 0; i < table->row_count; i++) {
        const struct judge_row *row = &table->row[i];
        size_t at = row->series * stride + (size_t)row->moment;
        int64_t known = table->source[i].known_at;
        if (known == JUDGE_KNOWN_NEVER || known >= known_at[at])
            continue;
        known_at[at] = known;
        quality->known_day[at] = time_local_day(known);
        quality->first_value[at] = row->value;
    }
}

static enum fault_code fill_known(struct quality_table *quality, const struct judge_table *table,
                                  struct fault *fault)
{
    size_t points = table->axis.position_count, cells = table->series_count * points;
    if (table->axis.kind != JUDGE_AXIS_PERIOD)
        return fault_set(fault, FAULT_INVALID, TEXT_QUALITY_KNOWN_UNDATED,
                         text_span(table->row[0].time));
    int64_t *known_at = memory_take(cells * sizeof *known_at);
    quality->known_day = memory_take(cells * sizeof *quality->known_day);
    quality->ready_day = memory_take(points * sizeof *quality->ready_day);
    quality->first_value = memory_take(cells * sizeof *quality->first_value);
    bool is_taken = known_at != NULL && quality->known_day != NULL && quality->ready_day != NULL &&
                    quality->first_value != NULL;
    if (is_taken) {
        fill_first(quality, table, known_at);
        for (size_t t = 0; t < points; t++)
            quality->ready_day[t] = judge_table_day(table, t + 1);
    }
    memory_free(known_at);
    return is_taken ? FAULT_NONE : fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
}

enum fault_code quality_table_fill(struct quality_table *quality, const struct judge_table *table,
                                   struct fault *fault)
{
    assert(table->value != NULL && quality->parent == NULL);
    enum fault_code code = FAULT_NONE;
    if (table->has_parent)
        code = fill_parents(quality, table, fault);
    if (table->has_known_at && code == FAULT_NONE)
        code = fill_known(quality, table, fault);
    quality->panel = (struct analysis_panel){.series_count = table->series_count,
                                             .point_count = table->axis.position_count,
                                             .stride = table->axis.position_count,
                                             .value = table->value,
                                             .first = table->first,
                                             .day = table->day,
                                             .frequency = table->axis.frequency,
                                             .to = table->axis.position_count};
    quality->data = (struct analysis_quality_data){.panel = &quality->panel,
                                                   .known_day = quality->known_day,
                                                   .ready_day = quality->ready_day,
                                                   .first_value = quality->first_value,
                                                   .parent = quality->parent};
    return code;
}

void quality_table_close(struct quality_table *quality)
{
    memory_free(quality->known_day);
    memory_free(quality->ready_day);
    memory_free(quality->first_value);
    memory_free(quality->parent);
    *quality = (struct quality_table){.parent = NULL};
}
