// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest_table.c: reads rows, sorts them by series and period, and lays them out.
//
// Sorting stands in for a table of names: rows of one series come together, in order of time, which
// is also what differences of totals need.
#include "cli/backtest_table.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "base/memory.h"

enum column { COLUMN_SERIES, COLUMN_TIME, COLUMN_VALUE, COLUMN_TOTAL, COLUMN_OUTBREAK, COLUMNS };

enum { NAMES_MAX = 7 };

// Earlier names win: a file with both a date and a clock time is read by its date.
static const char *const column_names[COLUMNS][NAMES_MAX] = {
    {"series", "division", "city_code", "序列", "区划"},
    {"date", "period", "time", "day", "日期", "时期", "时间"},
    {"value", "count", "数值"},
    {"total", "confirmed", "累计"},
    {"outbreak", "暴发"},
};

struct header {
    int at[COLUMNS]; // field of the column, -1: none
    bool is_division;
};

static struct header read_header(const struct csv_reader *reader)
{
    struct header header = {.at = {-1, -1, -1, -1, -1}};
    for (int column = 0; column < COLUMNS; column++)
        for (int name = 0; name < NAMES_MAX && column_names[column][name] != NULL; name++)
            for (size_t i = 0; i < reader->field_count && header.at[column] < 0; i++)
                if (span_is(span_trim(reader->field[i]), column_names[column][name]))
                    header.at[column] = (int)i;
    if (header.at[COLUMN_SERIES] >= 0) {
        struct span name = span_trim(reader->field[header.at[COLUMN_SERIES]]);
        header.is_division = !span_is(name, "series") && !span_is(name, "序列");
    }
    return header;
}

static bool is_number(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!isdigit((unsigned char)text.data[i]))
            return false;
    return text.size > 0;
}

// Reads a period; a date stands for the period of `frequency` that holds it. The first row of a
// file settles a frequency of 0.
static bool read_time(struct span text, int *frequency, int32_t *ret_period)
{
    enum time_frequency written = TIME_DAILY;
    int32_t ordinal = 0;
    if (!time_read_period(text, &written, &ordinal))
        return false;
    if (*frequency == 0)
        *frequency = (int)written;
    if ((int)written != *frequency && written == TIME_DAILY)
        ordinal = time_period_from_day((enum time_frequency) * frequency, ordinal);
    else if ((int)written != *frequency)
        return false;
    *ret_period = ordinal;
    return true;
}

static enum fault_code read_value(struct span text, int64_t line, double *ret_value,
                                  struct fault *fault)
{
    static const double value_most = 1e15;
    double value = ANALYSIS_MISSING;
    if (text.size == 0 || span_is(text, "NA")) {
        *ret_value = ANALYSIS_MISSING;
        return FAULT_NONE;
    }
    if (!span_to_real(text, &value) || value > value_most || value < -value_most)
        return fault_set(fault, FAULT_INVALID, TEXT_BACKTEST_VALUE, text_integer(line),
                         text_span(text));
    *ret_value = value;
    return FAULT_NONE;
}

static bool add_row(struct backtest_table *table, const struct backtest_row *row)
{
    if (!memory_grow((void **)&table->row, table->row_count, &table->row_capacity,
                     sizeof *table->row))
        return false;
    table->row[table->row_count++] = *row;
    return true;
}

static struct span cell(const struct csv_reader *reader, int at)
{
    return at < 0 ? (struct span){NULL, 0} : span_trim(reader->field[at]);
}

static enum fault_code read_row(struct backtest_table *table, const struct csv_reader *reader,
                                const struct header *header, int *frequency, struct fault *fault)
{
    struct backtest_row row = {.series = cell(reader, header->at[COLUMN_SERIES]),
                               .line = reader->line,
                               .label = span_is(cell(reader, header->at[COLUMN_OUTBREAK]), "1")};
    struct span time = cell(reader, header->at[COLUMN_TIME]);
    int at = header->at[COLUMN_VALUE] >= 0 ? header->at[COLUMN_VALUE] : header->at[COLUMN_TOTAL];
    if (header->is_division && !is_number(row.series)) {
        table->skipped++;
        return FAULT_NONE;
    }
    if (!read_time(time, frequency, &row.period))
        return fault_set(fault, FAULT_INVALID, TEXT_BACKTEST_TIME, text_integer(reader->line),
                         text_span(time));
    enum fault_code code = read_value(cell(reader, at), reader->line, &row.value, fault);
    if (code == FAULT_NONE && !add_row(table, &row))
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    return code;
}

static int compare_rows(const void *a, const void *b)
{
    const struct backtest_row *left = a;
    const struct backtest_row *right = b;
    size_t size = left->series.size < right->series.size ? left->series.size : right->series.size;
    int order = size == 0 ? 0 : memcmp(left->series.data, right->series.data, size);
    if (order != 0)
        return order;
    if (left->series.size != right->series.size)
        return left->series.size < right->series.size ? -1 : 1;
    if (left->period != right->period)
        return left->period < right->period ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

// Reads the file's rows, sorted. *ret_is_total: values are sums since the beginning.
static enum fault_code read_rows(struct backtest_table *table, const char *path, bool is_figures,
                                 int *frequency, bool *ret_is_total, struct fault *fault)
{
    struct csv_reader reader = {0};
    enum fault_code code = csv_read_file(path, &table->text, fault);
    if (code != FAULT_NONE)
        return code;
    csv_open(&reader, &table->text);
    struct header header = {0};
    code = csv_next(&reader, fault);
    if (code != FAULT_NONE)
        goto out;
    header = read_header(&reader);
    if (header.at[COLUMN_SERIES] < 0 || header.at[COLUMN_TIME] < 0 ||
        (is_figures && header.at[COLUMN_VALUE] < 0 && header.at[COLUMN_TOTAL] < 0)) {
        code = fault_set(fault, FAULT_INVALID, TEXT_BACKTEST_COLUMNS, text_string(path));
        goto out;
    }
    table->has_label = header.at[COLUMN_OUTBREAK] >= 0;
    *ret_is_total = header.at[COLUMN_VALUE] < 0;
    if (!is_figures)
        header.at[COLUMN_VALUE] = header.at[COLUMN_TOTAL] = -1;
    while ((code = csv_next(&reader, fault)) == FAULT_NONE && reader.field_count > 0) {
        code = read_row(table, &reader, &header, frequency, fault);
        if (code != FAULT_NONE)
            goto out;
    }
    if (table->row_count > 0)
        qsort(table->row, table->row_count, sizeof *table->row, compare_rows);
out:
    csv_close(&reader);
    return code;
}

static bool is_next_series(const struct backtest_table *table, size_t row)
{
    return row == 0 || !span_equal(table->row[row - 1].series, table->row[row].series);
}

// Turns totals into figures, from the last row of a series back to its first.
static void take_differences(struct backtest_table *table)
{
    for (size_t i = table->row_count; i-- > 0;)
        table->row[i].value = is_next_series(table, i)
                                  ? ANALYSIS_MISSING
                                  : table->row[i].value - table->row[i - 1].value;
}

static enum fault_code lay_out(struct backtest_table *table, struct fault *fault)
{
    int32_t last = INT32_MIN;
    table->from = INT32_MAX;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct backtest_row *row = &table->row[i];
        table->series_count += is_next_series(table, i);
        table->from = row->period < table->from ? row->period : table->from;
        last = row->period > last ? row->period : last;
        if (!is_next_series(table, i) && table->row[i - 1].period == row->period)
            return fault_set(fault, FAULT_INVALID, TEXT_BACKTEST_TWICE, text_integer(row->line),
                             text_span(row->series));
    }
    table->period_count = (size_t)((int64_t)last - table->from + 1);
    if (table->series_count * table->period_count > LIMIT_BACKTEST_POINTS)
        return fault_set(fault, FAULT_FULL, TEXT_BACKTEST_LARGE,
                         text_integer(LIMIT_BACKTEST_POINTS));
    size_t points = table->series_count * table->period_count;
    table->series = memory_allocate(table->series_count * sizeof *table->series);
    table->value = memory_allocate(points * sizeof *table->value);
    table->belief = memory_allocate(points);
    table->label = memory_allocate(points);
    table->first = memory_allocate(table->series_count * sizeof *table->first);
    if (table->series == NULL || table->value == NULL || table->belief == NULL ||
        table->label == NULL || table->first == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    size_t series = 0;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct backtest_row *row = &table->row[i];
        if (is_next_series(table, i)) {
            series += i > 0;
            table->series[series] = row->series;
            table->first[series] = table->period_count;
        }
        size_t at = (size_t)(row->period - table->from);
        size_t point = series * table->period_count + at;
        table->label[point] = row->label;
        if (row->value != row->value)
            continue; // Missing.
        table->value[point] = row->value;
        table->belief[point] = ANALYSIS_BELIEVED;
        if (at < table->first[series])
            table->first[series] = at;
    }
    return FAULT_NONE;
}

enum fault_code backtest_table_read(struct backtest_table *table, const char *path, int frequency,
                                    struct fault *fault)
{
    bool is_total = false;
    enum fault_code code = read_rows(table, path, true, &frequency, &is_total, fault);
    if (code != FAULT_NONE)
        return code;
    if (table->row_count == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_BACKTEST_EMPTY, text_string(path));
    table->frequency = (enum time_frequency)frequency;
    if (is_total)
        take_differences(table);
    return lay_out(table, fault);
}

enum fault_code backtest_table_read_events(struct backtest_table *table, const char *path,
                                           enum time_frequency frequency, struct fault *fault)
{
    int settled = (int)frequency;
    bool is_total = false;
    table->frequency = frequency;
    return read_rows(table, path, false, &settled, &is_total, fault);
}

bool backtest_table_find(const struct backtest_table *table, const char *period, bool is_end,
                         size_t *ret_point)
{
    int frequency = (int)table->frequency;
    int32_t ordinal = 0;
    if (!read_time(span_from(period), &frequency, &ordinal))
        return false;
    int64_t point = (int64_t)ordinal - table->from + (is_end ? 1 : 0);
    if (point < 0)
        point = 0;
    if (point > (int64_t)table->period_count)
        point = (int64_t)table->period_count;
    *ret_point = (size_t)point;
    return true;
}

void backtest_table_close(struct backtest_table *table)
{
    memory_free(table->row);
    memory_free(table->series);
    memory_free(table->value);
    memory_free(table->belief);
    memory_free(table->label);
    memory_free(table->first);
    csv_free(&table->text);
    *table = (struct backtest_table){0};
}
