// SPDX-License-Identifier: GPL-3.0-or-later
//
// scenario_table.c: reads places and travel; every figure that cannot be is named with its line.
//
// Headers are recognised in both languages. Other columns are let be: such files come from
// elsewhere.
#include "cli/scenario_table.h"

#include <assert.h>

#include "base/limits.h"
#include "base/memory.h"

enum { PLACE, POPULATION, EXPOSED, INFECTIOUS, RECOVERED, PLACE_COLUMNS };
enum { FROM, TO, SHARE, TRAVEL_COLUMNS };
static const double PEOPLE_MOST = 1e12, SHARE_TOLERANCE = 1e-9;

static const char *const place_column[PLACE_COLUMNS][2] = {{"place", "地点"},
                                                           {"population", "人口"},
                                                           {"exposed", "潜伏"},
                                                           {"infectious", "传染"},
                                                           {"recovered", "康复"}};
static const char *const travel_column[TRAVEL_COLUMNS][2] = {
    {"from", "来自"}, {"to", "前往"}, {"share", "比例"}};

// Finds `count` columns in the first line; the first `needed` must be there.
static enum fault_code read_header(struct csv_reader *reader, const char *const column[][2],
                                   int count, int needed, int *ret_at, struct fault *fault)
{
    enum fault_code code = csv_next(reader, fault);
    for (int i = 0; i < count; i++)
        ret_at[i] = -1;
    for (size_t field = 0; code == FAULT_NONE && field < reader->field_count; field++)
        for (int i = 0; i < count; i++) {
            struct span name = span_trim(reader->field[field]);
            if (!span_is(name, column[i][0]) && !span_is(name, column[i][1]))
                continue;
            if (ret_at[i] >= 0)
                return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_COLUMN_TWICE, text_span(name));
            ret_at[i] = (int)field;
        }
    for (int i = 0; code == FAULT_NONE && i < needed; i++)
        if (ret_at[i] < 0)
            return fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_COLUMN_MISSING,
                             text_string(column[i][0]));
    return code;
}

static enum fault_code read_people(const struct csv_reader *reader, int at, double *ret_people,
                                   struct fault *fault)
{
    *ret_people = 0;
    if (at < 0)
        return FAULT_NONE;
    struct span text = span_trim(reader->field[at]);
    if (text.size > 0 &&
        (!span_to_real(text, ret_people) || *ret_people < 0 || *ret_people > PEOPLE_MOST))
        return fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_PEOPLE_MALFORMED,
                         text_integer(reader->line), text_span(text));
    return FAULT_NONE;
}

static enum fault_code add_place(struct scenario_table *table, const struct csv_reader *reader,
                                 const int *at, struct fault *fault)
{
    double *const *column[] = {&table->population, &table->exposed, &table->infectious,
                               &table->recovered};
    struct span name = span_trim(reader->field[at[PLACE]]);
    uint32_t place = 0;
    bool is_new = false;
    if (name.size == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_PLACE_EMPTY,
                         text_integer(reader->line));
    if (table->places.count == LIMIT_SCENARIO_PLACES)
        return fault_set(fault, FAULT_FULL, TEXT_SCENARIO_PLACES_MANY,
                         text_integer(LIMIT_SCENARIO_PLACES));
    if (!names_add(&table->places, name, &place, &is_new))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    if (!is_new)
        return fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_PLACE_TWICE,
                         text_integer(reader->line), text_span(name));
    double sick = 0;
    for (int i = 0; i < 4; i++) {
        enum fault_code code = read_people(reader, at[POPULATION + i], &(*column[i])[place], fault);
        if (code != FAULT_NONE)
            return code;
        sick += i == 0 ? 0 : (*column[i])[place];
    }
    if (table->population[place] <= 0)
        return fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_POPULATION_ZERO,
                         text_integer(reader->line), text_span(name));
    if (sick > table->population[place])
        return fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_SICK_MANY, text_integer(reader->line),
                         text_span(name), text_real(sick), text_real(table->population[place]));
    return FAULT_NONE;
}

static enum fault_code read_places(struct scenario_table *table, const char *path,
                                   struct fault *fault)
{
    struct csv_reader reader = {0};
    int at[PLACE_COLUMNS];
    enum fault_code code = csv_read_file(path, &table->places_text, fault);
    if (code != FAULT_NONE)
        return code;
    csv_open(&reader, &table->places_text);
    code = read_header(&reader, place_column, PLACE_COLUMNS, EXPOSED, at, fault);
    while (code == FAULT_NONE) {
        code = csv_next(&reader, fault);
        if (code != FAULT_NONE || reader.field_count == 0)
            break;
        code = add_place(table, &reader, at, fault);
    }
    if (code == FAULT_NONE && table->places.count == 0)
        code = fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_FILE_EMPTY);
    csv_close(&reader);
    return code;
}

static enum fault_code add_share(struct scenario_table *table, const struct csv_reader *reader,
                                 const int *at, struct fault *fault)
{
    uint32_t end[2] = {0};
    double share = 0;
    for (int i = 0; i < 2; i++) {
        struct span name = span_trim(reader->field[at[FROM + i]]);
        if (!names_find(&table->places, name, &end[i]))
            return fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_PLACE_UNKNOWN,
                             text_integer(reader->line), text_span(name));
    }
    struct span text = span_trim(reader->field[at[SHARE]]);
    if (!span_to_real(text, &share) || share < 0 || share > 1)
        return fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_SHARE_MALFORMED,
                         text_integer(reader->line), text_span(text));
    // What is spent at home follows from the rest.
    if (end[0] != end[1])
        table->travel[end[0] * table->places.count + end[1]] += share;
    return FAULT_NONE;
}

static enum fault_code read_travel(struct scenario_table *table, const char *path,
                                   struct fault *fault)
{
    struct csv_reader reader = {0};
    int at[TRAVEL_COLUMNS];
    size_t count = table->places.count;
    table->travel = memory_allocate(count * count * sizeof *table->travel);
    if (table->travel == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    enum fault_code code = csv_read_file(path, &table->travel_text, fault);
    if (code != FAULT_NONE)
        return code;
    csv_open(&reader, &table->travel_text);
    code = read_header(&reader, travel_column, TRAVEL_COLUMNS, TRAVEL_COLUMNS, at, fault);
    while (code == FAULT_NONE) {
        code = csv_next(&reader, fault);
        if (code != FAULT_NONE || reader.field_count == 0)
            break;
        code = add_share(table, &reader, at, fault);
    }
    for (size_t i = 0; code == FAULT_NONE && i < count; i++) {
        double away = 0;
        for (size_t j = 0; j < count; j++)
            away += table->travel[i * count + j];
        if (away > 1 + SHARE_TOLERANCE)
            code = fault_set(fault, FAULT_INVALID, TEXT_SCENARIO_SHARE_SUM,
                             text_span(table->places.name[i]), text_real(away));
        table->travel[i * count + i] = away < 1 ? 1 - away : 0;
    }
    csv_close(&reader);
    return code;
}

enum fault_code scenario_table_read(struct scenario_table *table, const char *places_path,
                                    const char *travel_path, struct fault *fault)
{
    assert(table->population == NULL);
    table->population =
        memory_allocate(4 * (LIMIT_SCENARIO_PLACES + 1) * sizeof *table->population);
    if (table->population == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    table->exposed = table->population + LIMIT_SCENARIO_PLACES + 1;
    table->infectious = table->exposed + LIMIT_SCENARIO_PLACES + 1;
    table->recovered = table->infectious + LIMIT_SCENARIO_PLACES + 1;
    enum fault_code code = read_places(table, places_path, fault);
    if (code == FAULT_NONE && travel_path != NULL)
        code = read_travel(table, travel_path, fault);
    return code;
}

void scenario_table_close(struct scenario_table *table)
{
    csv_free(&table->places_text);
    csv_free(&table->travel_text);
    names_free(&table->places);
    memory_free(table->population);
    memory_free(table->travel);
    *table = (struct scenario_table){0};
}
