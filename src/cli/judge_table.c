// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_table.c: reads the rows of a file and finds out what its columns and series are.
//
// Idea: one pass. The header decides between tidy and wide; each cell becomes a judge_row; series
// names are found by a hash table. What the times mean together (weeks? months?) is decided when
// all are read: judge_axis.c.
//
// A header is recognised in both languages: series 序列, time 时间, value 数值, population 人口,
// imported 输入, known_at 获知时间, parent 上级, label 标签 (where the command takes them; a label
// may have another name). A tidy table has series, time and value; anything else whose first column
// is time is wide.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "cli/judge_table.h"

enum judge_column {
    COLUMN_SERIES,
    COLUMN_TIME,
    COLUMN_VALUE,
    COLUMN_POPULATION,
    COLUMN_IMPORTED,
    COLUMN_KNOWN,
    COLUMN_PARENT,
    COLUMN_LABEL,
    COLUMNS
};
enum { SLOTS_LEAST = 64 };
static const double VALUE_MOST = 1e15;

struct judge_header {
    int at[COLUMNS];   // the field that holds the column, -1: none
    struct span *name; // wide: the series' names by field
};

static bool takes_column(const struct judge_table *table, int column)
{
    if (column == COLUMN_IMPORTED)
        return table->takes_imported;
    if (column == COLUMN_LABEL)
        return table->label_column != NULL && strcmp(table->label_column, "label") == 0;
    return table->takes_sources || (column != COLUMN_KNOWN && column != COLUMN_PARENT);
}

static int find_column(const struct judge_table *table, struct span name)
{
    static const char *const known[COLUMNS][2] = {
        {"series", "序列"},   {"time", "时间"},         {"value", "数值"},  {"population", "人口"},
        {"imported", "输入"}, {"known_at", "获知时间"}, {"parent", "上级"}, {"label", "标签"}};
    for (int column = 0; column < COLUMNS; column++)
        if (takes_column(table, column) &&
            (span_is(name, known[column][0]) || span_is(name, known[column][1])))
            return column;
    return table->label_column != NULL && span_is(name, table->label_column) ? COLUMN_LABEL : -1;
}

static uint64_t hash_of(struct span name)
{
    uint64_t hash = 14695981039346656037u; // FNV-1a
    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ (unsigned char)name.data[i]) * 1099511628211u;
    return hash ^ hash >> 32;
}

static bool rehash(struct judge_table *table)
{
    size_t count = table->slot_count == 0 ? SLOTS_LEAST : table->slot_count * 2;
    uint32_t *slot = memory_allocate(count * sizeof *slot);
    if (slot == NULL)
        return false;
    for (size_t i = 0; i < table->series_count; i++) {
        size_t at = hash_of(table->series[i]) & (count - 1);
        while (slot[at] != 0)
            at = (at + 1) & (count - 1);
        slot[at] = (uint32_t)i + 1;
    }
    memory_free(table->slot);
    table->slot = slot;
    table->slot_count = count;
    return true;
}

bool judge_table_find_series(const struct judge_table *table, struct span name,
                             uint32_t *ret_series)
{
    if (table->slot_count == 0)
        return false;
    size_t at = hash_of(name) & (table->slot_count - 1);
    for (; table->slot[at] != 0; at = (at + 1) & (table->slot_count - 1))
        if (span_equal(table->series[table->slot[at] - 1], name)) {
            *ret_series = table->slot[at] - 1;
            return true;
        }
    return false;
}

// The index of the series of that name, added when new.
static bool intern_series(struct judge_table *table, struct span name, uint32_t *ret_series)
{
    if (table->series_count * 2 >= table->slot_count && !rehash(table))
        return false;
    if (judge_table_find_series(table, name, ret_series))
        return true;
    size_t at = hash_of(name) & (table->slot_count - 1);
    while (table->slot[at] != 0)
        at = (at + 1) & (table->slot_count - 1);
    if (!memory_grow((void **)&table->series, table->series_count, &table->series_capacity,
                     sizeof *table->series))
        return false;
    table->series[table->series_count++] = name;
    table->slot[at] = (uint32_t)table->series_count;
    *ret_series = (uint32_t)table->series_count - 1;
    return true;
}

// An empty cell and NA are missing.
static bool read_value(struct span text, double *ret_value)
{
    if (text.size == 0 || span_is(text, "NA")) {
        *ret_value = ANALYSIS_MISSING;
        return true;
    }
    return span_to_real(text, ret_value) && fabs(*ret_value) <= VALUE_MOST;
}

// A whole number that is short enough to be a moment.
static bool read_number(struct span text, int32_t *ret_moment)
{
    int64_t number = 0;
    if (text.size > 9 || !span_to_integer(text, &number))
        return false;
    *ret_moment = (int32_t)number;
    return true;
}

// Reads a time by the file's own way of writing, which its first row fixes.
static enum fault_code read_time(struct judge_table *table, int frequency, struct judge_row *row,
                                 struct fault *fault)
{
    struct judge_axis *axis = &table->axis;
    enum time_frequency written = TIME_DAILY;
    int32_t moment = 0;
    enum judge_axis_kind kind = JUDGE_AXIS_NONE;
    bool is_bare = axis->kind == JUDGE_AXIS_NUMBER || (axis->kind == JUDGE_AXIS_NONE && frequency);
    if (is_bare && read_number(row->time, &moment))
        kind = JUDGE_AXIS_NUMBER;
    else if (time_read_period(row->time, &written, &moment))
        kind = JUDGE_AXIS_PERIOD;
    else if (read_number(row->time, &moment))
        kind = JUDGE_AXIS_NUMBER;
    if (kind == JUDGE_AXIS_NONE)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_TIME_MALFORMED, text_integer(row->line),
                         text_span(row->time));
    if (axis->kind == JUDGE_AXIS_NONE) {
        axis->kind = kind;
        axis->written = (char)written;
    }
    if (axis->kind != kind || axis->written != (char)written)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_TIME_MIXED, text_integer(row->line),
                         text_span(row->time), text_span(table->row[0].time));
    row->moment = moment;
    return FAULT_NONE;
}

static enum fault_code add_row(struct judge_table *table, struct judge_row row, struct span name,
                               struct fault *fault)
{
    if (name.size == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_SERIES_EMPTY, text_integer(row.line));
    if (!read_value(row.value_text, &row.value))
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_VALUE_MALFORMED, text_integer(row.line),
                         text_span(row.value_text));
    if (!intern_series(table, name, &row.series) ||
        !memory_grow((void **)&table->row, table->row_count, &table->row_capacity,
                     sizeof *table->row))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    table->row[table->row_count++] = row;
    return FAULT_NONE;
}

// Notes beside the row about to be added when it became known and whose part it is.
static enum fault_code read_source(struct judge_table *table, const struct csv_reader *reader,
                                   const struct judge_header *header, struct fault *fault)
{
    struct judge_source source = {.known_at = JUDGE_KNOWN_NEVER};
    if (!memory_grow((void **)&table->source, table->row_count, &table->source_capacity,
                     sizeof *table->source))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    if (header->at[COLUMN_PARENT] >= 0)
        source.parent = reader->field[header->at[COLUMN_PARENT]];
    if (header->at[COLUMN_KNOWN] >= 0) {
        struct span text = span_trim(reader->field[header->at[COLUMN_KNOWN]]);
        if (text.size > 0 && !time_read_instant(text, &source.known_at))
            return fault_set(fault, FAULT_INVALID, TEXT_QUALITY_KNOWN_MALFORMED,
                             text_integer(reader->line), text_span(text));
    }
    table->source[table->row_count] = source;
    return FAULT_NONE;
}

// Notes beside the row about to be added what its label says.
static enum fault_code read_label(struct judge_table *table, const struct csv_reader *reader,
                                  const struct judge_header *header, struct fault *fault)
{
    unsigned char label = JUDGE_LABEL_UNKNOWN;
    if (!memory_grow((void **)&table->label, table->row_count, &table->label_capacity, 1))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    if (header->at[COLUMN_LABEL] >= 0) {
        struct span text = span_trim(reader->field[header->at[COLUMN_LABEL]]);
        if (span_is(text, "0") || span_is(text, "1"))
            label = text.data[0] == '1' ? JUDGE_LABEL_EVENT : JUDGE_LABEL_QUIET;
        else if (text.size > 0 && !span_is(text, "NA"))
            return fault_set(fault, FAULT_INVALID, TEXT_COMPARE_LABEL_MALFORMED,
                             text_integer(reader->line), text_string(table->label_column),
                             text_span(text));
    }
    table->label[table->row_count] = label;
    return FAULT_NONE;
}

static enum fault_code read_tidy_row(struct judge_table *table, const struct csv_reader *reader,
                                     const struct judge_header *header, int frequency,
                                     struct fault *fault)
{
    struct judge_row row = {.line = reader->line, .population = ANALYSIS_MISSING};
    row.time = reader->field[header->at[COLUMN_TIME]];
    row.value_text = span_trim(reader->field[header->at[COLUMN_VALUE]]);
    enum fault_code code = read_time(table, frequency, &row, fault);
    if (code != FAULT_NONE)
        return code;
    if (header->at[COLUMN_POPULATION] >= 0) {
        struct span text = span_trim(reader->field[header->at[COLUMN_POPULATION]]);
        if (!read_value(text, &row.population) || row.population < 0)
            return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_POPULATION_MALFORMED,
                             text_integer(row.line), text_span(text));
        // Nobody lives there, or nobody knows how many: no rate either way.
        if (row.population == 0)
            row.population = ANALYSIS_MISSING;
    }
    if (header->at[COLUMN_IMPORTED] >= 0) {
        struct span text = span_trim(reader->field[header->at[COLUMN_IMPORTED]]);
        if (!read_value(text, &row.imported) || row.imported < 0)
            return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_IMPORTED_MALFORMED,
                             text_integer(row.line), text_span(text));
        if (isnan(row.imported))
            row.imported = 0;
    }
    if (table->takes_sources) {
        code = read_source(table, reader, header, fault);
        if (code != FAULT_NONE)
            return code;
    }
    if (table->label_column != NULL) {
        code = read_label(table, reader, header, fault);
        if (code != FAULT_NONE)
            return code;
    }
    return add_row(table, row, reader->field[header->at[COLUMN_SERIES]], fault);
}

static enum fault_code read_wide_row(struct judge_table *table, const struct csv_reader *reader,
                                     const struct judge_header *header, int frequency,
                                     struct fault *fault)
{
    struct judge_row row = {.line = reader->line, .population = ANALYSIS_MISSING};
    row.time = reader->field[0];
    enum fault_code code = read_time(table, frequency, &row, fault);
    for (size_t i = 1; i < reader->field_count && code == FAULT_NONE; i++) {
        row.value_text = span_trim(reader->field[i]);
        code = add_row(table, row, header->name[i], fault);
    }
    return code;
}

static enum fault_code read_header(struct judge_table *table, const struct csv_reader *reader,
                                   struct judge_header *header, struct fault *fault)
{
    if (reader->field_count == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_FILE_EMPTY);
    header->name = memory_allocate(reader->field_count * sizeof *header->name);
    if (header->name == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    struct span stranger = {NULL, 0};
    for (int i = 0; i < COLUMNS; i++)
        header->at[i] = -1;
    for (size_t i = 0; i < reader->field_count; i++) {
        header->name[i] = span_trim(reader->field[i]);
        int column = find_column(table, header->name[i]);
        for (size_t j = 0; j < i; j++)
            if (span_equal(header->name[j], header->name[i]))
                return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_COLUMN_TWICE,
                                 text_span(header->name[i]));
        if (column >= 0)
            header->at[column] = (int)i;
        else if (stranger.data == NULL)
            stranger = header->name[i];
    }
    if (header->at[COLUMN_TIME] < 0)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_COLUMN_MISSING, text_string("time"));
    table->is_wide = header->at[COLUMN_SERIES] < 0;
    table->has_population = header->at[COLUMN_POPULATION] >= 0;
    table->has_imported = header->at[COLUMN_IMPORTED] >= 0;
    table->has_known_at = header->at[COLUMN_KNOWN] >= 0;
    table->has_parent = header->at[COLUMN_PARENT] >= 0;
    table->has_label = header->at[COLUMN_LABEL] >= 0;
    if (table->is_wide &&
        (header->at[COLUMN_TIME] != 0 || table->has_population || table->has_imported ||
         table->has_known_at || table->has_parent || table->has_label))
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_COLUMN_MISSING, text_string("series"));
    if (table->is_wide && reader->field_count < 2)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_COLUMN_MISSING, text_string("value"));
    if (!table->is_wide && header->at[COLUMN_VALUE] < 0)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_COLUMN_MISSING, text_string("value"));
    if (!table->is_wide && stranger.data != NULL)
        return fault_set(fault, FAULT_INVALID,
                         table->takes_sources          ? TEXT_QUALITY_COLUMN_UNKNOWN
                         : table->label_column != NULL ? TEXT_COMPARE_COLUMN_UNKNOWN
                                                       : TEXT_JUDGE_COLUMN_UNKNOWN,
                         text_span(stranger));
    return FAULT_NONE;
}

enum fault_code judge_table_read(struct judge_table *table, const char *path, int frequency,
                                 struct fault *fault)
{
    assert(table->row == NULL && frequency >= 0);
    struct csv_reader reader = {0};
    struct judge_header header = {0};
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
        code = table->is_wide ? read_wide_row(table, &reader, &header, frequency, fault)
                              : read_tidy_row(table, &reader, &header, frequency, fault);
    }
    if (code == FAULT_NONE && table->row_count == 0)
        code = fault_set(fault, FAULT_INVALID, TEXT_JUDGE_FILE_EMPTY);
    table->axis.frequency = frequency;
    memory_free(header.name);
    csv_close(&reader);
    return code;
}

enum fault_code judge_table_check_counts(const struct judge_table *table, const char *method,
                                         struct fault *fault)
{
    for (size_t i = 0; i < table->row_count; i++)
        if (table->row[i].value < 0)
            return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_VALUE_NEGATIVE,
                             text_integer(table->row[i].line), text_span(table->row[i].value_text),
                             text_string(method));
    return FAULT_NONE;
}

void judge_table_close(struct judge_table *table)
{
    csv_free(&table->text);
    memory_free(table->row);
    memory_free(table->series);
    memory_free(table->slot);
    memory_free(table->value);
    memory_free(table->population);
    memory_free(table->imported);
    memory_free(table->source);
    memory_free(table->label);
    memory_free(table->row_at);
    memory_free(table->first);
    memory_free(table->day);
    *table = (struct judge_table){0};
}
