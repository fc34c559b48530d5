// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_labels.c: labels become events on the grid of the series.
//
// Three forms, one result. A column of the series' file with 0, 1 or nothing; a file series,time
// that names the labelled periods; a file series,from,to[,peak] that names whole events, both ends
// included. In the first two an event is a run of labelled periods; a period that has no row, or
// whose label is not known, belongs to the run when labelled ones stand on both sides.
//
//     row      x   x   x       x   x          label   1 2 3, event 1 from 1 to 4 ..
//     label    0   1   1   -   1   0          periods without a row, or with an empty label, that
//     event    .   1   1   1   1   .          are in no event are unknown: neither event nor quiet
//
// The peak is the largest value of the event, the first of equal ones, unless the file says it. A
// series that the labels' file does not name was quiet throughout. Events are sorted by series and
// time, so that overlaps are found, and everything is linear in cells and n log n in events.
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/compare.h"

enum column { COLUMN_SERIES, COLUMN_TIME, COLUMN_FROM, COLUMN_TO, COLUMN_PEAK, COLUMNS };
static const uint32_t PEAK_NONE = UINT32_MAX;

// An event of the file, with the line on which it stands.
struct named {
    struct analysis_event event;
    int64_t line;
};

struct reading {
    const struct judge_table *table;
    const char *path;
    int at[COLUMNS];
    uint32_t *last; // per series: the position behind its last row
    struct named *named;
    size_t count, capacity;
};

static int find_column(struct span name)
{
    static const char *const known[COLUMNS][2] = {
        {"series", "序列"}, {"time", "时间"}, {"from", "开始"}, {"to", "结束"}, {"peak", "高峰"}};
    for (int column = 0; column < COLUMNS; column++)
        if (span_is(name, known[column][0]) || span_is(name, known[column][1]))
            return column;
    return -1;
}

static enum fault_code read_header(struct reading *reading, const struct csv_reader *reader,
                                   struct fault *fault)
{
    for (int column = 0; column < COLUMNS; column++)
        reading->at[column] = -1;
    for (size_t i = 0; i < reader->field_count; i++) {
        struct span name = span_trim(reader->field[i]);
        int column = find_column(name);
        if (column < 0 || reading->at[column] >= 0)
            return fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_COLUMN,
                             text_string(reading->path), text_span(name));
        reading->at[column] = (int)i;
    }
    const int *at = reading->at;
    bool is_timed = at[COLUMN_TIME] >= 0;
    bool is_spanned = at[COLUMN_FROM] >= 0 && at[COLUMN_TO] >= 0;
    if (at[COLUMN_SERIES] < 0 || is_timed == is_spanned ||
        (is_timed && (at[COLUMN_FROM] >= 0 || at[COLUMN_TO] >= 0 || at[COLUMN_PEAK] >= 0)))
        return fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_HEAD,
                         text_string(reading->path));
    return FAULT_NONE;
}

static enum fault_code read_position(const struct reading *reading, struct span text, int64_t line,
                                     int64_t *ret_position, struct fault *fault)
{
    if (!judge_table_place(reading->table, text, ret_position))
        return fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_TIME, text_string(reading->path),
                         text_integer(line), text_span(text),
                         text_span(reading->table->row[0].time));
    return FAULT_NONE;
}

static enum fault_code read_row(struct reading *reading, const struct csv_reader *reader,
                                struct fault *fault)
{
    const int *at = reading->at;
    bool is_timed = at[COLUMN_TIME] >= 0;
    struct span name = span_trim(reader->field[at[COLUMN_SERIES]]);
    struct span from_text = span_trim(reader->field[at[is_timed ? COLUMN_TIME : COLUMN_FROM]]);
    struct span to_text = is_timed ? from_text : span_trim(reader->field[at[COLUMN_TO]]);
    struct span peak_text =
        at[COLUMN_PEAK] < 0 ? (struct span){0} : span_trim(reader->field[at[COLUMN_PEAK]]);
    int64_t from = 0, to = 0, peak = PEAK_NONE, line = reader->line;
    uint32_t series = 0;
    if (!judge_table_find_series(reading->table, name, &series))
        return fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_SERIES,
                         text_string(reading->path), text_integer(line), text_span(name));
    enum fault_code code = read_position(reading, from_text, line, &from, fault);
    if (code == FAULT_NONE)
        code = read_position(reading, to_text, line, &to, fault);
    if (code == FAULT_NONE && peak_text.size > 0)
        code = read_position(reading, peak_text, line, &peak, fault);
    if (code != FAULT_NONE)
        return code;
    if (to < from)
        return fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_TURNED,
                         text_string(reading->path), text_integer(line), text_span(from_text),
                         text_span(to_text));
    int64_t first = reading->table->first[series], last = reading->last[series];
    if (from >= last || to < first)
        return fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_OUTSIDE,
                         text_string(reading->path), text_integer(line), text_span(from_text),
                         text_span(name));
    if (peak_text.size > 0 && (peak < from || peak > to || peak < first || peak >= last))
        return fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_PEAK, text_string(reading->path),
                         text_integer(line), text_span(peak_text));
    if (!memory_grow((void **)&reading->named, reading->count, &reading->capacity,
                     sizeof *reading->named))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    from = from < first ? first : from;
    to = to >= last ? last - 1 : to;
    reading->named[reading->count++] =
        (struct named){{series, (uint32_t)from, (uint32_t)to + 1, (uint32_t)peak}, line};
    return FAULT_NONE;
}

static int compare_named(const void *a, const void *b)
{
    const struct named *left = a, *right = b;
    if (left->event.series != right->event.series)
        return left->event.series < right->event.series ? -1 : 1;
    if (left->event.from != right->event.from)
        return left->event.from < right->event.from ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

// Reads the labels' file; what is named comes sorted.
static enum fault_code read_file(struct reading *reading, struct fault *fault)
{
    struct csv_text text = {0};
    struct csv_reader reader = {0};
    enum fault_code code = csv_read_file(reading->path, &text, fault);
    if (code != FAULT_NONE)
        return code;
    csv_open(&reader, &text);
    code = csv_next(&reader, fault);
    if (code == FAULT_NONE && reader.field_count == 0)
        code =
            fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_HEAD, text_string(reading->path));
    if (code == FAULT_NONE)
        code = read_header(reading, &reader, fault);
    while (code == FAULT_NONE) {
        code = csv_next(&reader, fault);
        if (code != FAULT_NONE || reader.field_count == 0)
            break;
        code = read_row(reading, &reader, fault);
    }
    if (code == FAULT_NONE && reading->count > 0)
        qsort(reading->named, reading->count, sizeof *reading->named, compare_named);
    csv_close(&reader);
    csv_free(&text);
    return code;
}

static enum fault_code add_event(struct compare_labels *labels, struct analysis_event event,
                                 struct fault *fault)
{
    size_t count = labels->labels.event_count;
    if (!memory_grow((void **)&labels->event, count, &labels->event_capacity,
                     sizeof *labels->event))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    labels->event[count] = event;
    labels->labels.event_count = count + 1;
    return FAULT_NONE;
}

// The grid says for each cell 0 quiet, 1 labelled, unknown. Runs of labelled cells become events.
static enum fault_code join_runs(struct compare_labels *labels, const struct judge_table *table,
                                 struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    size_t points = table->axis.position_count;
    for (uint32_t series = 0; code == FAULT_NONE && series < table->series_count; series++) {
        const uint32_t *label = labels->label + series * points;
        struct analysis_event event = {.series = series, .peak = PEAK_NONE};
        for (uint32_t t = 0; code == FAULT_NONE && t < points; t++) {
            if (label[t] == 1) {
                event.from = event.to == 0 ? t : event.from;
                event.to = t + 1;
            } else if (label[t] == ANALYSIS_LABEL_QUIET && event.to != 0) {
                code = add_event(labels, event, fault);
                event.to = 0;
            }
        }
        if (code == FAULT_NONE && event.to != 0)
            code = add_event(labels, event, fault);
    }
    return code;
}

static enum fault_code take_events(struct compare_labels *labels, const struct reading *reading,
                                   struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (size_t i = 0; code == FAULT_NONE && i < reading->count; i++) {
        const struct named *one = &reading->named[i];
        if (i > 0 && one[-1].event.series == one->event.series &&
            one[-1].event.to > one->event.from)
            code = fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_OVERLAP,
                             text_string(reading->path), text_integer(one->line),
                             text_integer(one[-1].line));
        else
            code = add_event(labels, one->event, fault);
    }
    return code;
}

// Marks the cells of the events with their numbers, and finds peaks that nobody gave.
static void number_events(struct compare_labels *labels, const struct judge_table *table)
{
    size_t points = table->axis.position_count;
    for (uint32_t i = 0; i < labels->labels.event_count; i++) {
        struct analysis_event *event = &labels->event[i];
        const double *value = table->value + event->series * points;
        bool is_given = event->peak != PEAK_NONE;
        if (!is_given)
            event->peak = event->from;
        for (uint32_t t = event->from; t < event->to; t++) {
            labels->label[event->series * points + t] = i + 1;
            if (!is_given && isfinite(value[t]) &&
                !(isfinite(value[event->peak]) && value[event->peak] >= value[t]))
                event->peak = t;
        }
    }
}

// Cells with a row are quiet (or what the column says), the others unknown.
static void lay_cells(struct compare_labels *labels, const struct judge_table *table,
                      bool is_column)
{
    size_t cells = table->series_count * table->axis.position_count;
    for (size_t i = 0; i < cells; i++) {
        uint32_t row = table->row_at[i];
        unsigned char said = row == 0 ? JUDGE_LABEL_UNKNOWN : JUDGE_LABEL_QUIET;
        if (row != 0 && is_column)
            said = table->label[row - 1];
        labels->label[i] = said == JUDGE_LABEL_QUIET   ? ANALYSIS_LABEL_QUIET
                           : said == JUDGE_LABEL_EVENT ? 1
                                                       : ANALYSIS_LABEL_UNKNOWN;
    }
}

static enum fault_code lay_file(struct compare_labels *labels, const struct judge_table *table,
                                const char *path, struct fault *fault)
{
    struct reading reading = {.table = table, .path = path};
    size_t points = table->axis.position_count;
    reading.last = memory_allocate(table->series_count * sizeof *reading.last);
    enum fault_code code =
        reading.last == NULL ? fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL) : FAULT_NONE;
    for (size_t i = 0; code == FAULT_NONE && i < table->row_count; i++) {
        const struct judge_row *row = &table->row[i];
        if ((uint32_t)row->moment >= reading.last[row->series])
            reading.last[row->series] = (uint32_t)row->moment + 1;
    }
    if (code == FAULT_NONE)
        code = read_file(&reading, fault);
    if (code == FAULT_NONE && reading.at[COLUMN_TIME] >= 0) {
        for (size_t i = 0; i < reading.count; i++)
            labels->label[reading.named[i].event.series * points + reading.named[i].event.from] = 1;
        code = join_runs(labels, table, fault);
    } else if (code == FAULT_NONE) {
        code = take_events(labels, &reading, fault);
    }
    memory_free(reading.last);
    memory_free(reading.named);
    return code;
}

enum fault_code compare_labels_read(struct compare_labels *labels,
                                    const struct compare_request *request,
                                    const struct judge_table *table, struct fault *fault)
{
    size_t points = table->axis.position_count;
    assert(labels->label == NULL && table->axis.frequency > 0);
    bool is_dated = table->axis.kind == JUDGE_AXIS_PERIOD;
    labels->label = memory_take(table->series_count * points * sizeof *labels->label);
    if (is_dated)
        labels->day = memory_take((points + 1) * sizeof *labels->day);
    if (labels->label == NULL || (is_dated && labels->day == NULL))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t t = 0; is_dated && t <= points; t++)
        labels->day[t] = judge_table_day(table, t);
    lay_cells(labels, table, request->labels_path == NULL);
    enum fault_code code = request->labels_path == NULL
                               ? join_runs(labels, table, fault)
                               : lay_file(labels, table, request->labels_path, fault);
    if (code != FAULT_NONE)
        return code;
    number_events(labels, table);
    labels->labels = (struct analysis_labels){.series_count = table->series_count,
                                              .point_count = points,
                                              .stride = points,
                                              .label = labels->label,
                                              .event = labels->event,
                                              .event_count = labels->labels.event_count,
                                              .day = labels->day,
                                              .frequency = table->axis.frequency};
    if (labels->labels.event_count == 0)
        return request->labels_path == NULL
                   ? fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABEL_NONE,
                               text_string(table->label_column))
                   : fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABELS_NONE,
                               text_string(request->labels_path));
    return FAULT_NONE;
}

void compare_labels_close(struct compare_labels *labels)
{
    memory_free(labels->label);
    memory_free(labels->event);
    memory_free(labels->day);
    *labels = (struct compare_labels){0};
}
