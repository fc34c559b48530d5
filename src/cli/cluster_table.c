// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster_table.c: places, cases and population as rows, from tidy CSV or SaTScan's files.
//
// Idea. Both kinds of file give the same cells, by column; what a cell must be is decided once. A
// file whose name ends in .cas, .pop or .geo is SaTScan's, any other is CSV with a header, whose
// columns are known in both languages and stand in any order:
//
//     places       place, latitude and longitude or x and y, parent
//     cases        place, cases, [time], [stratum]
//     population   place, population, [time], [stratum]
//
// Other columns are let be: such files come from elsewhere. Places are read first, so that a case
// at an unknown place is named with its line.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "cli/cluster.h"

enum column {
    COLUMN_PLACE,
    COLUMN_TIME,
    COLUMN_VALUE,
    COLUMN_STRATUM,
    COLUMN_LATITUDE,
    COLUMN_LONGITUDE,
    COLUMN_X,
    COLUMN_Y,
    COLUMN_PARENT,
    COLUMNS
};
enum { NAMES_MOST = 5 };
static const double CASES_MOST = 2147483647, POPULATION_MOST = 1e15;

static const char *const column_names[CLUSTER_FILES][COLUMNS][NAMES_MOST] = {
    [CLUSTER_CASES] = {[COLUMN_PLACE] = {"place", "division", "地点", "区划"},
                       [COLUMN_TIME] = {"time", "period", "date", "时间", "日期"},
                       [COLUMN_VALUE] = {"cases", "count", "value", "病例", "数值"},
                       [COLUMN_STRATUM] = {"stratum", "分层"}},
    [CLUSTER_POPULATION] = {[COLUMN_PLACE] = {"place", "division", "地点", "区划"},
                            [COLUMN_TIME] = {"time", "period", "date", "时间", "日期"},
                            [COLUMN_VALUE] = {"population", "人口"},
                            [COLUMN_STRATUM] = {"stratum", "分层"}},
    [CLUSTER_PLACES] = {[COLUMN_PLACE] = {"place", "division", "地点", "区划"},
                        [COLUMN_LATITUDE] = {"latitude", "纬度"},
                        [COLUMN_LONGITUDE] = {"longitude", "经度"},
                        [COLUMN_X] = {"x"},
                        [COLUMN_Y] = {"y"},
                        [COLUMN_PARENT] = {"parent", "上级"}},
};
static const char *const suffix[CLUSTER_FILES] = {".cas", ".pop", ".geo"};

// A row of any of the files; what is not there has no data.
struct cells {
    struct span cell[COLUMNS];
    int64_t line;
};

// One file being read, of either kind.
struct source {
    enum cluster_file file;
    const char *path;
    bool is_satscan, is_cartesian;
    struct csv_reader csv;
    struct cluster_satscan satscan;
    int at[COLUMNS]; // field of a column, -1: none
};

static bool ends_in(const char *path, const char *end)
{
    size_t size = strlen(path), end_size = strlen(end);
    return size > end_size && strcmp(path + size - end_size, end) == 0;
}

static enum fault_code read_header(struct source *source, struct fault *fault)
{
    enum fault_code code = csv_next(&source->csv, fault);
    if (code != FAULT_NONE)
        return code;
    if (source->csv.field_count == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_FILE_EMPTY, text_string(source->path));
    for (int column = 0; column < COLUMNS; column++) {
        source->at[column] = -1;
        for (int name = 0; name < NAMES_MOST; name++)
            for (size_t i = 0; i < source->csv.field_count; i++) {
                const char *known = column_names[source->file][column][name];
                if (known != NULL && source->at[column] < 0 &&
                    span_is(span_trim(source->csv.field[i]), known))
                    source->at[column] = (int)i;
            }
    }
    static const int needed[] = {COLUMN_PLACE, COLUMN_VALUE};
    for (int i = 0; i < 2; i++) {
        const char *name = column_names[source->file][needed[i]][0];
        if (name != NULL && source->at[needed[i]] < 0)
            return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_COLUMN_MISSING,
                             text_string(source->path), text_string(name));
    }
    return FAULT_NONE;
}

// Which field of SaTScan's line is which column; the covariates together are the stratum.
static enum fault_code read_satscan(struct source *source, struct cells *cells, struct fault *fault)
{
    static const int order[CLUSTER_FILES][3] = {{COLUMN_PLACE, COLUMN_VALUE, COLUMN_TIME},
                                                {COLUMN_PLACE, COLUMN_TIME, COLUMN_VALUE},
                                                {COLUMN_PLACE, COLUMN_LATITUDE, COLUMN_LONGITUDE}};
    struct cluster_satscan *reader = &source->satscan;
    bool is_read = cluster_satscan_next(reader);
    size_t least = source->file == CLUSTER_CASES ? 2 : 3;
    size_t most = source->file == CLUSTER_PLACES ? 3 : CLUSTER_FIELDS_MOST;
    cells->line = reader->line;
    if (is_read && reader->field_count == 0)
        return FAULT_NONE;
    if (!is_read || reader->field_count < least || reader->field_count > most)
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_FIELDS, text_string(source->path),
                         text_integer(reader->line), text_integer((int64_t)reader->field_count),
                         text_string(suffix[source->file]));
    for (size_t i = 0; i < 3 && i < reader->field_count; i++)
        cells->cell[order[source->file][i]] = reader->field[i];
    cells->cell[COLUMN_STRATUM] = cluster_satscan_join(reader, 3);
    if (source->file == CLUSTER_PLACES && source->is_cartesian) {
        cells->cell[COLUMN_X] = reader->field[1];
        cells->cell[COLUMN_Y] = reader->field[2];
        cells->cell[COLUMN_LATITUDE] = cells->cell[COLUMN_LONGITUDE] = (struct span){NULL, 0};
    }
    return FAULT_NONE;
}

// Reads the next row; cell[COLUMN_PLACE].data is NULL at the end.
static enum fault_code read_cells(struct source *source, struct cells *cells, struct fault *fault)
{
    *cells = (struct cells){0};
    if (source->is_satscan)
        return read_satscan(source, cells, fault);
    enum fault_code code = csv_next(&source->csv, fault);
    cells->line = source->csv.line;
    for (int column = 0; column < COLUMNS && code == FAULT_NONE && source->csv.field_count > 0;
         column++)
        if (source->at[column] >= 0)
            cells->cell[column] = span_trim(source->csv.field[source->at[column]]);
    return code;
}

// A number of a cell, refused with file, line and value.
static enum fault_code read_number(const struct source *source, const struct cells *cells,
                                   int column, double most, enum text_key key, double *ret_value,
                                   struct fault *fault)
{
    if (!span_to_real(cells->cell[column], ret_value) || fabs(*ret_value) > most)
        return fault_set(fault, FAULT_INVALID, key, text_string(source->path),
                         text_integer(cells->line), text_span(cells->cell[column]));
    return FAULT_NONE;
}

static enum fault_code read_location(struct cluster_table *table, const struct source *source,
                                     const struct cells *cells, struct cluster_place *place,
                                     struct fault *fault)
{
    bool is_geographic = cells->cell[COLUMN_LATITUDE].data != NULL;
    int first = is_geographic ? COLUMN_LATITUDE : COLUMN_X;
    int second = is_geographic ? COLUMN_LONGITUDE : COLUMN_Y;
    if (cells->cell[first].data == NULL || cells->cell[second].data == NULL)
        return FAULT_NONE;
    table->has_coordinates = true;
    table->is_geographic = is_geographic;
    enum fault_code code = read_number(
        source, cells, first, is_geographic ? 90 : 1e15,
        is_geographic ? TEXT_CLUSTER_LATITUDE : TEXT_CLUSTER_COORDINATE, &place->first, fault);
    if (code != FAULT_NONE)
        return code;
    return read_number(source, cells, second, is_geographic ? 180 : 1e15,
                       is_geographic ? TEXT_CLUSTER_LONGITUDE : TEXT_CLUSTER_COORDINATE,
                       &place->second, fault);
}

static enum fault_code add_place(struct cluster_table *table, const struct source *source,
                                 const struct cells *cells, struct fault *fault)
{
    struct cluster_place place = {.line = cells->line, .parent = cells->cell[COLUMN_PARENT]};
    uint32_t index = 0;
    bool is_new = false;
    enum fault_code code = read_location(table, source, cells, &place, fault);
    if (code != FAULT_NONE)
        return code;
    table->has_parents = table->has_parents || place.parent.data != NULL;
    if (!memory_grow((void **)&table->place, table->places.count, &table->place_capacity,
                     sizeof *table->place) ||
        !names_add(&table->places, cells->cell[COLUMN_PLACE], &index, &is_new))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    if (!is_new)
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_PLACE_TWICE, text_string(source->path),
                         text_integer(cells->line), text_span(cells->cell[COLUMN_PLACE]),
                         text_integer(table->place[index].line));
    table->place[index] = place;
    return FAULT_NONE;
}

static enum fault_code read_time(const struct source *source, const struct cells *cells,
                                 struct cluster_row *row, struct fault *fault)
{
    struct span text = cells->cell[COLUMN_TIME];
    enum time_frequency frequency = TIME_DAILY;
    int64_t number = 0;
    row->time_text = text;
    if (text.data == NULL)
        return FAULT_NONE;
    if (source->is_satscan && cluster_satscan_time(text, &row->time))
        return FAULT_NONE;
    if (!source->is_satscan && time_read_period(text, &frequency, &row->time.moment)) {
        row->time.kind = (char)frequency;
        return FAULT_NONE;
    }
    if (!source->is_satscan && text.size <= 9 && span_to_integer(text, &number)) {
        row->time = (struct cluster_time){CLUSTER_NUMBER, (int32_t)number};
        return FAULT_NONE;
    }
    return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_TIME_MALFORMED, text_string(source->path),
                     text_integer(cells->line), text_span(text));
}

static bool add_to(struct cluster_rows *rows, const struct cluster_row *row)
{
    if (!memory_grow((void **)&rows->row, rows->count, &rows->capacity, sizeof *rows->row))
        return false;
    rows->row[rows->count++] = *row;
    return true;
}

static enum fault_code add_row(struct cluster_table *table, const struct source *source,
                               const struct cells *cells, struct fault *fault)
{
    bool is_cases = source->file == CLUSTER_CASES, is_new = false;
    struct cluster_row row = {.line = cells->line};
    struct span value = cells->cell[COLUMN_VALUE];
    if (!names_find(&table->places, cells->cell[COLUMN_PLACE], &row.place))
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_PLACE_UNKNOWN,
                         text_string(source->path), text_integer(cells->line),
                         text_span(cells->cell[COLUMN_PLACE]),
                         text_string(table->path[CLUSTER_PLACES]));
    enum fault_code code = read_time(source, cells, &row, fault);
    if (code != FAULT_NONE)
        return code;
    if (!span_to_real(value, &row.value) || row.value < 0 ||
        (is_cases && row.value != floor(row.value)))
        return fault_set(fault, FAULT_INVALID,
                         is_cases ? TEXT_CLUSTER_CASES_MALFORMED : TEXT_CLUSTER_PEOPLE_MALFORMED,
                         text_string(source->path), text_integer(cells->line), text_span(value));
    if (row.value > (is_cases ? CASES_MOST : POPULATION_MOST))
        return fault_set(fault, FAULT_INVALID,
                         is_cases ? TEXT_CLUSTER_CASES_LARGE : TEXT_CLUSTER_PEOPLE_LARGE,
                         text_string(source->path), text_integer(cells->line), text_span(value));
    if (!names_add(&table->strata, cells->cell[COLUMN_STRATUM], &row.stratum, &is_new) ||
        !add_to(is_cases ? &table->cases : &table->population, &row))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    return FAULT_NONE;
}

static enum fault_code read_rows(struct cluster_table *table, struct source *source,
                                 struct fault *fault)
{
    struct cells cells = {0};
    size_t count = 0;
    for (;; count++) {
        enum fault_code code = read_cells(source, &cells, fault);
        if (code == FAULT_NONE && cells.cell[COLUMN_PLACE].data == NULL)
            break;
        if (code == FAULT_NONE && cells.cell[COLUMN_PLACE].size == 0)
            code = fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_PLACE_EMPTY,
                             text_string(source->path), text_integer(cells.line));
        if (code == FAULT_NONE)
            code = source->file == CLUSTER_PLACES ? add_place(table, source, &cells, fault)
                                                  : add_row(table, source, &cells, fault);
        if (code != FAULT_NONE)
            return code;
    }
    // No case at all is an answer; no place and no population is a mistake.
    if (count == 0 && source->file != CLUSTER_CASES)
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_FILE_EMPTY, text_string(source->path));
    return FAULT_NONE;
}

enum fault_code cluster_table_read(struct cluster_table *table,
                                   const struct cluster_request *request, struct fault *fault)
{
    static const enum cluster_file order[] = {CLUSTER_PLACES, CLUSTER_POPULATION, CLUSTER_CASES};
    enum fault_code code = FAULT_NONE;
    assert(table->place == NULL);
    for (int i = 0; i < CLUSTER_FILES && code == FAULT_NONE; i++) {
        struct source source = {.file = order[i], .path = request->path[order[i]]};
        source.is_satscan = ends_in(source.path, suffix[source.file]);
        source.is_cartesian = request->is_cartesian;
        table->path[source.file] = source.path;
        code = csv_read_file(source.path, &table->text[source.file], fault);
        if (code != FAULT_NONE)
            break;
        if (source.is_satscan) {
            cluster_satscan_open(&source.satscan, &table->text[source.file]);
        } else {
            csv_open(&source.csv, &table->text[source.file]);
            code = read_header(&source, fault);
        }
        if (code == FAULT_NONE)
            code = read_rows(table, &source, fault);
        if (!source.is_satscan)
            csv_close(&source.csv);
    }
    return code;
}

void cluster_table_close(struct cluster_table *table)
{
    for (int i = 0; i < CLUSTER_FILES; i++)
        csv_free(&table->text[i]);
    names_free(&table->places);
    names_free(&table->strata);
    memory_free(table->place);
    memory_free(table->cases.row);
    memory_free(table->population.row);
    memory_free(table->case_count);
    memory_free(table->expected);
    memory_free(table->people);
    memory_free(table->coordinate);
    memory_free(table->parent);
    *table = (struct cluster_table){0};
}
