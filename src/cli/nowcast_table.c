// SPDX-License-Identifier: GPL-3.0-or-later
//
// nowcast_table.c: reads reports and lays them out as triangles.
//
// A header is recognised in both languages. A file with a column time whose other columns are all
// whole numbers is wide.
#include "cli/nowcast_table.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/time.h"

enum column { COLUMN_SERIES, COLUMN_TIME, COLUMN_REPORTED, COLUMN_DELAY, COLUMN_COUNT, COLUMNS };
static const double COUNT_MOST = 1e15;

// What the first line says.
struct header {
    int at[COLUMNS]; // the field of a column, -1: none
    int64_t *delay;  // wide: by field
    bool is_wide;
};

static int find_column(struct span name)
{
    static const char *const known[COLUMNS][3] = {{"series", "序列", "division"},
                                                  {"time", "时间", "onset"},
                                                  {"reported", "报告时间", "report"},
                                                  {"delay", "延迟", "lag"},
                                                  {"count", "病例数", "value"}};
    for (int column = 0; column < COLUMNS; column++)
        for (int i = 0; i < 3; i++)
            if (span_is(name, known[column][i]))
                return column;
    return -1;
}

static enum fault_code read_header(struct nowcast_table *table, const struct csv_reader *reader,
                                   struct header *header, struct fault *fault)
{
    bool is_number = true;
    if (reader->field_count == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_FILE_EMPTY);
    header->delay = memory_allocate(reader->field_count * sizeof *header->delay);
    if (header->delay == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (int i = 0; i < COLUMNS; i++)
        header->at[i] = -1;
    for (size_t i = 0; i < reader->field_count; i++) {
        struct span name = span_trim(reader->field[i]);
        int column = find_column(name);
        if (column >= 0 && header->at[column] >= 0)
            return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_COLUMN_TWICE, text_span(name));
        if (column >= 0)
            header->at[column] = (int)i;
        is_number = is_number &&
                    (i == 0 || (span_to_integer(name, &header->delay[i]) && header->delay[i] >= 0 &&
                                header->delay[i] <= NOWCAST_DELAY_MOST));
        header->delay[0] = -1;
        for (size_t k = 1; is_number && k < i; k++)
            if (header->delay[k] == header->delay[i])
                return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_COLUMN_TWICE, text_span(name));
        if (column < 0 && i > 0 && !is_number)
            return fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_COLUMN_UNKNOWN, text_span(name));
    }
    if (header->at[COLUMN_TIME] < 0)
        return fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_COLUMN_MISSING, text_string("time"));
    header->is_wide = is_number && reader->field_count > 1 && header->at[COLUMN_TIME] == 0;
    table->has_report = header->at[COLUMN_REPORTED] >= 0;
    if (!header->is_wide && header->at[COLUMN_COUNT] < 0)
        return fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_COLUMN_MISSING, text_string("count"));
    if (!header->is_wide && table->has_report == (header->at[COLUMN_DELAY] >= 0))
        return fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_COLUMN_EITHER);
    return FAULT_NONE;
}

// Reads a time in the way in which the file's first one was written.
static bool read_moment(struct nowcast_table *table, struct span text, bool is_first, int32_t *ret)
{
    enum time_frequency written = TIME_DAILY;
    int64_t number = 0;
    if (time_read_period(text, &written, ret) && (is_first || !table->is_number)) {
        if (is_first)
            table->written = (char)written;
        return table->written == (char)written;
    }
    if (!is_first && !table->is_number)
        return false;
    table->is_number = true;
    if (text.size > 9 || !span_to_integer(text, &number))
        return false;
    *ret = (int32_t)number;
    return true;
}

static enum fault_code read_count(struct span text, int64_t line, double *ret_count,
                                  struct fault *fault)
{
    *ret_count = 0;
    if (text.size == 0 || span_is(text, "NA"))
        return FAULT_NONE;
    if (!span_to_real(text, ret_count) || fabs(*ret_count) > COUNT_MOST)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_VALUE_MALFORMED, text_integer(line),
                         text_span(text));
    return FAULT_NONE;
}

static enum fault_code add_row(struct nowcast_table *table, struct nowcast_row row,
                               struct fault *fault)
{
    if (!memory_grow((void **)&table->row, table->row_count, &table->row_capacity,
                     sizeof *table->row))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    table->row[table->row_count++] = row;
    return FAULT_NONE;
}

// When a case of the row was reported: by its own time, or by its delay.
static enum fault_code read_delay(struct nowcast_table *table, const struct csv_reader *reader,
                                  const struct header *header, struct nowcast_row *row,
                                  struct fault *fault)
{
    struct span text =
        span_trim(reader->field[header->at[table->has_report ? COLUMN_REPORTED : COLUMN_DELAY]]);
    int64_t delay = -1;
    int32_t reported = 0;
    if (table->has_report) {
        if (!read_moment(table, text, false, &reported))
            return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_TIME_MALFORMED,
                             text_integer(row->line), text_span(text));
        delay = (int64_t)reported - row->time;
    } else if (!span_to_integer(text, &delay)) {
        delay = -1;
    }
    if (delay < 0 || delay > NOWCAST_DELAY_MOST)
        return fault_set(
            fault, FAULT_INVALID,
            table->has_report ? TEXT_NOWCAST_REPORT_BEFORE : TEXT_NOWCAST_DELAY_MALFORMED,
            text_integer(row->line), text_span(text), text_integer(NOWCAST_DELAY_MOST));
    row->delay = (int32_t)delay;
    return FAULT_NONE;
}

static enum fault_code read_row(struct nowcast_table *table, const struct csv_reader *reader,
                                const struct header *header, bool is_first, struct fault *fault)
{
    struct nowcast_row row = {.line = reader->line};
    struct span time = span_trim(reader->field[header->at[COLUMN_TIME]]), name = span_from("");
    bool is_new = false;
    if (is_first)
        table->first_time = time;
    if (!read_moment(table, time, is_first, &row.time))
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_TIME_MALFORMED, text_integer(row.line),
                         text_span(time));
    if (header->at[COLUMN_SERIES] >= 0)
        name = span_trim(reader->field[header->at[COLUMN_SERIES]]);
    if (!names_add(&table->series, name, &row.series, &is_new))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    enum fault_code code = FAULT_NONE;
    if (!header->is_wide) {
        code = read_delay(table, reader, header, &row, fault);
        if (code == FAULT_NONE)
            code = read_count(span_trim(reader->field[header->at[COLUMN_COUNT]]), row.line,
                              &row.count, fault);
        // Rows without cases are kept too: they say which periods there are.
        return code == FAULT_NONE ? add_row(table, row, fault) : code;
    }
    for (size_t i = 1; i < reader->field_count && code == FAULT_NONE; i++) {
        row.delay = (int32_t)header->delay[i];
        code = read_count(span_trim(reader->field[i]), row.line, &row.count, fault);
        if (row.count == 0 && i > 1)
            continue;
        if (code == FAULT_NONE)
            code = add_row(table, row, fault);
    }
    return code;
}

enum fault_code nowcast_table_read(struct nowcast_table *table, const char *path,
                                   struct fault *fault)
{
    assert(table->row == NULL);
    struct csv_reader reader = {0};
    struct header header = {0};
    bool is_first = true;
    enum fault_code code = csv_read_file(path, &table->text, fault);
    if (code != FAULT_NONE)
        return code;
    csv_open(&reader, &table->text);
    code = csv_next(&reader, fault);
    if (code == FAULT_NONE)
        code = read_header(table, &reader, &header, fault);
    while (code == FAULT_NONE) {
        code = csv_next(&reader, fault);
        if (code != FAULT_NONE || reader.field_count == 0)
            break;
        code = read_row(table, &reader, &header, is_first, fault);
        is_first = false;
    }
    if (code == FAULT_NONE && table->row_count == 0)
        code = fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_FILE_EMPTY);
    memory_free(header.delay);
    csv_close(&reader);
    return code;
}

// Settles now, the first period and the longest delay. A row reported after a now that was not
// asked for is refused.
static enum fault_code settle(struct nowcast_table *table, const char *now, size_t delay_most,
                              int32_t *ret_now, struct fault *fault)
{
    int32_t last = INT32_MIN, first = INT32_MAX, longest = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct nowcast_row *row = &table->row[i];
        int32_t seen = row->time + (table->has_report ? row->delay : 0);
        first = row->time < first ? row->time : first;
        last = seen > last ? seen : last;
    }
    if (now != NULL && !read_moment(table, span_from(now), false, &last))
        return fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_NOW_MALFORMED, text_string(now),
                         text_span(table->first_time));
    if (last < first)
        return fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_NOW_EARLY, text_string(now),
                         text_span(table->first_time));
    for (size_t i = 0; i < table->row_count; i++) {
        const struct nowcast_row *row = &table->row[i];
        if (row->count == 0)
            continue;
        if (now == NULL && (int64_t)row->time + row->delay > last)
            return fault_set(fault, FAULT_INVALID, TEXT_NOWCAST_REPORT_LATE,
                             text_integer(row->line), text_real(row->count),
                             text_integer(row->delay));
        if ((int64_t)row->time + row->delay <= last && row->delay > longest)
            longest = row->delay;
    }
    table->delay_most = delay_most > 0 ? delay_most : (size_t)longest;
    table->origin = first;
    table->period_count = (size_t)((int64_t)last - first + 1);
    *ret_now = last;
    return FAULT_NONE;
}

enum fault_code nowcast_table_lay_out(struct nowcast_table *table, const char *now,
                                      size_t delay_most, struct fault *fault)
{
    assert(table->row_count > 0 && table->count == NULL);
    int32_t last = 0;
    enum fault_code code = settle(table, now, delay_most, &last, fault);
    if (code != FAULT_NONE)
        return code;
    size_t delays = table->delay_most + 1;
    double cells = (double)table->series.count * (double)table->period_count * (double)delays;
    if (cells > LIMIT_JUDGE_CELLS)
        return fault_set(fault, FAULT_FULL, TEXT_NOWCAST_LARGE,
                         text_integer((int64_t)table->period_count), text_integer((int64_t)delays),
                         text_integer((int64_t)table->series.count),
                         text_integer(LIMIT_JUDGE_CELLS));
    table->count = memory_allocate((size_t)cells * sizeof *table->count);
    if (table->count == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t i = 0; i < table->row_count; i++) {
        const struct nowcast_row *row = &table->row[i];
        if ((int64_t)row->time + row->delay > last) {
            table->later_rows += row->count != 0;
            continue;
        }
        size_t period = (size_t)((int64_t)row->time - table->origin);
        size_t delay = (size_t)row->delay < delays ? (size_t)row->delay : delays - 1;
        table->count[(row->series * table->period_count + period) * delays + delay] += row->count;
    }
    for (size_t i = 0; i < (size_t)cells; i++)
        if (table->count[i] < 0) {
            table->count[i] = 0;
            table->negative_cells++;
        }
    return FAULT_NONE;
}

void nowcast_table_write_time(const struct nowcast_table *table, size_t period,
                              char buffer[NOWCAST_TIME_SIZE])
{
    int32_t moment = (int32_t)((int64_t)table->origin + (int64_t)period);
    if (table->is_number)
        snprintf(buffer, NOWCAST_TIME_SIZE, "%d", moment);
    else
        time_write_period((enum time_frequency)table->written, moment, buffer, NOWCAST_TIME_SIZE);
}

bool nowcast_table_find(const struct nowcast_table *table, const char *time, size_t *ret_period)
{
    struct nowcast_table copy = *table; // read_moment settles nothing on a table that was read
    int32_t moment = 0;
    if (!read_moment(&copy, span_from(time), false, &moment))
        return false;
    int64_t period = (int64_t)moment - table->origin, last = (int64_t)table->period_count;
    *ret_period = (size_t)(period < 0 ? 0 : period > last ? last : period);
    return true;
}

void nowcast_table_close(struct nowcast_table *table)
{
    csv_free(&table->text);
    names_free(&table->series);
    memory_free(table->row);
    memory_free(table->count);
    *table = (struct nowcast_table){0};
}
