// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster_lay.c: lays cases out on places x periods and computes how many are expected.
//
// Periods. Cases without times make one period. Else they are summed to --period, or to what they
// are written in; a file written more coarsely than that is refused, since nothing says on which
// day of a month a case was. The study runs from the first to the last case unless --from and --to
// say otherwise.
//
// Population. A row is the population at the middle of the time it names, or at all times if it
// names none. Between two rows it is taken to change evenly, before the first and after the last
// to stay. With strata s (age, sex) the expected cases are standardised indirectly:
//
//     expected(i, t) = sum over s of  cases(s) x people(i, s, t) / people(s)
//
// cases(s) and people(s) summed over the study. One stratum: proportional to the population.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "cli/cluster.h"

static const double CASES_MOST = 2147483647;

// Whether periods of `kind` fit into those of `into`.
static bool is_nested(char kind, char into)
{
    static const char order[] = {TIME_DAILY, TIME_MONTHLY, TIME_QUARTERLY, TIME_YEARLY};
    if (kind == into || (kind == TIME_DAILY && into == TIME_WEEKLY))
        return true;
    const char *from = memchr(order, kind, sizeof order), *to = memchr(order, into, sizeof order);
    return from != NULL && to != NULL && from <= to;
}

// The position of a time on the axis, before its origin is taken off.
static int32_t moment_of(const struct cluster_table *table, struct cluster_time time)
{
    if (time.kind == table->period)
        return time.moment;
    int32_t day = time_period_first_day((enum time_frequency)time.kind, time.moment);
    return time_period_from_day((enum time_frequency)table->period, day);
}

// The middle of a time in days, or the number.
static double middle_of(struct cluster_time time)
{
    if (time.kind == CLUSTER_NUMBER || time.kind == CLUSTER_TIMELESS)
        return time.moment;
    enum time_frequency kind = (enum time_frequency)time.kind;
    return 0.5 * ((double)time_period_first_day(kind, time.moment) +
                  (double)time_period_last_day(kind, time.moment));
}

static enum fault_code check_time(const struct cluster_table *table, enum cluster_file file,
                                  const struct cluster_row *row, struct fault *fault)
{
    const struct cluster_row *first = &table->cases.row[0];
    bool is_number = first->time.kind == CLUSTER_NUMBER;
    bool is_alike = (row->time.kind == CLUSTER_NUMBER) == is_number &&
                    (row->time.kind == CLUSTER_TIMELESS) == (first->time.kind == CLUSTER_TIMELESS);
    if (file == CLUSTER_CASES && row->time.kind == CLUSTER_TIMELESS && !is_alike)
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_TIME_MISSING,
                         text_string(table->path[file]), text_integer(row->line));
    if (first->time.kind != CLUSTER_TIMELESS && row->time.kind != CLUSTER_TIMELESS && !is_alike)
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_TIME_MIXED,
                         text_string(table->path[file]), text_integer(row->line),
                         text_span(row->time_text), text_span(first->time_text));
    if (file == CLUSTER_CASES && row->time.kind != CLUSTER_TIMELESS && !is_number &&
        !is_nested(row->time.kind, table->period))
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_TIME_COARSE,
                         text_string(table->path[file]), text_integer(row->line),
                         text_span(row->time_text));
    return FAULT_NONE;
}

// Reads --from or --to as a moment of the axis.
static enum fault_code read_end(const struct cluster_table *table, const char *text,
                                int32_t *moment, struct fault *fault)
{
    enum time_frequency kind = TIME_DAILY;
    int64_t number = 0;
    struct cluster_time time = {0};
    if (text == NULL)
        return FAULT_NONE;
    if (table->period == CLUSTER_NUMBER) {
        if (span_to_integer(span_from(text), &number) && number > -1000000000 &&
            number < 1000000000) {
            *moment = (int32_t)number;
            return FAULT_NONE;
        }
    } else if (table->period != CLUSTER_TIMELESS &&
               time_read_period(span_from(text), &kind, &time.moment)) {
        time.kind = (char)kind;
        if (is_nested(time.kind, table->period)) {
            *moment = moment_of(table, time);
            return FAULT_NONE;
        }
    }
    return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_RANGE_MALFORMED, text_string(text));
}

static enum fault_code settle_axis(struct cluster_table *table,
                                   const struct cluster_request *request, struct fault *fault)
{
    const struct cluster_rows *cases = &table->cases;
    int32_t least = 0, most = 0;
    table->period = cases->count == 0 ? CLUSTER_TIMELESS : cases->row[0].time.kind;
    if (table->period != CLUSTER_TIMELESS && table->period != CLUSTER_NUMBER &&
        request->period != 0)
        table->period = request->period;
    enum fault_code code = FAULT_NONE;
    for (size_t i = 0; i < cases->count && code == FAULT_NONE; i++) {
        code = check_time(table, CLUSTER_CASES, &cases->row[i], fault);
        if (code != FAULT_NONE || table->period == CLUSTER_TIMELESS)
            continue;
        int32_t moment = moment_of(table, cases->row[i].time);
        least = i == 0 || moment < least ? moment : least;
        most = i == 0 || moment > most ? moment : most;
    }
    for (size_t i = 0; i < table->population.count && code == FAULT_NONE && cases->count > 0; i++)
        code = check_time(table, CLUSTER_POPULATION, &table->population.row[i], fault);
    if (code == FAULT_NONE)
        code = read_end(table, request->from, &least, fault);
    if (code == FAULT_NONE)
        code = read_end(table, request->to, &most, fault);
    if (code != FAULT_NONE)
        return code;
    if (least > most)
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_RANGE_EMPTY);
    int64_t periods = (int64_t)most - least + 1;
    if (periods > LIMIT_JUDGE_CELLS / (int64_t)table->places.count)
        return fault_set(fault, FAULT_FULL, TEXT_CLUSTER_SPAN_LARGE, text_integer(periods),
                         text_integer((int64_t)table->places.count),
                         text_integer(LIMIT_JUDGE_CELLS));
    table->origin = least;
    table->period_count = (size_t)periods;
    return FAULT_NONE;
}

// The position of a case in the study; false where it lies outside.
static bool position_of(const struct cluster_table *table, const struct cluster_row *row,
                        size_t *ret_position)
{
    *ret_position = 0;
    if (table->period == CLUSTER_TIMELESS)
        return true;
    int64_t position = (int64_t)moment_of(table, row->time) - table->origin;
    *ret_position = (size_t)position;
    return position >= 0 && position < (int64_t)table->period_count;
}

// Counts the cases of each cell and stratum.
static enum fault_code count_cases(struct cluster_table *table, double *of_stratum,
                                   struct fault *fault)
{
    double all = 0;
    for (size_t i = 0; i < table->cases.count; i++) {
        const struct cluster_row *row = &table->cases.row[i];
        size_t position = 0;
        if (!position_of(table, row, &position)) {
            table->left_out++;
            continue;
        }
        table->case_count[row->place * table->period_count + position] += row->value;
        of_stratum[row->stratum] += row->value;
        all += row->value;
        if (all > CASES_MOST)
            return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_CASES_MANY,
                             text_string(table->path[CLUSTER_CASES]), text_integer(row->line),
                             text_integer((int64_t)CASES_MOST));
    }
    return FAULT_NONE;
}

static int compare_rows(const void *a, const void *b)
{
    const struct cluster_row *left = a, *right = b;
    if (left->place != right->place)
        return left->place < right->place ? -1 : 1;
    if (left->stratum != right->stratum)
        return left->stratum < right->stratum ? -1 : 1;
    double from = middle_of(left->time), to = middle_of(right->time);
    if (from != to)
        return from < to ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

// Population rows of one place and stratum, in order of time.
struct group {
    const struct cluster_row *row;
    size_t count;
};

static bool next_group(const struct cluster_rows *rows, struct group *group)
{
    const struct cluster_row *end = rows->row + rows->count;
    group->row = group->row == NULL ? rows->row : group->row + group->count;
    group->count = 0;
    while (group->row + group->count < end && group->row[group->count].place == group->row->place &&
           group->row[group->count].stratum == group->row->stratum)
        group->count++;
    return group->count > 0;
}

// The population of a group at a period; `at` moves on with the periods.
static double people_at(const struct cluster_table *table, const struct group *group,
                        size_t position, size_t *at)
{
    const struct cluster_row *row = group->row;
    if (table->period == CLUSTER_TIMELESS) {
        double sum = 0;
        for (size_t i = 0; i < group->count; i++)
            sum += row[i].value;
        return sum / (double)group->count;
    }
    struct cluster_time time = {table->period, (int32_t)(table->origin + (int64_t)position)};
    double middle = middle_of(time);
    while (*at + 1 < group->count && middle_of(row[*at + 1].time) <= middle)
        ++*at;
    double from = middle_of(row[*at].time);
    if (middle <= from || *at + 1 == group->count || row[*at].time.kind == CLUSTER_TIMELESS)
        return row[*at].value;
    double share = (middle - from) / (middle_of(row[*at + 1].time) - from);
    return row[*at].value + share * (row[*at + 1].value - row[*at].value);
}

static enum fault_code check_groups(struct cluster_table *table, struct fault *fault)
{
    struct cluster_rows *rows = &table->population;
    qsort(rows->row, rows->count, sizeof *rows->row, compare_rows);
    for (size_t i = 1; i < rows->count; i++) {
        const struct cluster_row *one = &rows->row[i - 1], *next = &rows->row[i];
        if (one->place == next->place && one->stratum == next->stratum &&
            middle_of(one->time) == middle_of(next->time))
            return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_PEOPLE_TWICE,
                             text_string(table->path[CLUSTER_POPULATION]), text_integer(next->line),
                             text_span(table->places.name[next->place]), text_integer(one->line));
    }
    return FAULT_NONE;
}

// Fills `expected` and `people`; of_stratum holds the cases, all_people room for as many sums.
static void expect_cases(struct cluster_table *table, const double *of_stratum, double *all_people)
{
    double cases = 0;
    for (size_t i = 0; i < table->strata.count; i++)
        cases += of_stratum[i];
    for (int pass = 0; pass < 2; pass++)
        for (struct group group = {0}; next_group(&table->population, &group);) {
            uint32_t stratum = group.row->stratum;
            double *expected = table->expected + group.row->place * table->period_count;
            double rate = cases == 0 ? 1 : of_stratum[stratum] / all_people[stratum];
            size_t at = 0;
            for (size_t period = 0; period < table->period_count; period++) {
                double people = people_at(table, &group, period, &at);
                if (pass == 0) {
                    all_people[stratum] += people;
                    table->people[group.row->place] += people;
                } else if (all_people[stratum] > 0) {
                    expected[period] += rate * people;
                }
            }
        }
    // Divided once, so that a population that stays is given back as it was.
    for (size_t i = 0; i < table->places.count; i++)
        table->people[i] /= (double)table->period_count;
}

// Every case needs people among whom it can be.
static enum fault_code check_cases(struct cluster_table *table, const double *all_people,
                                   struct fault *fault)
{
    double people = 0;
    for (size_t i = 0; i < table->places.count; i++) {
        people += table->people[i];
        table->unpeopled += table->people[i] == 0;
    }
    for (size_t i = 0; i < table->cases.count; i++) {
        const struct cluster_row *row = &table->cases.row[i];
        size_t position = 0;
        if (row->value == 0 || !position_of(table, row, &position))
            continue;
        if (table->expected[row->place * table->period_count + position] > 0 &&
            all_people[row->stratum] > 0)
            continue;
        bool is_place = table->people[row->place] == 0;
        return fault_set(fault, FAULT_INVALID,
                         is_place ? TEXT_CLUSTER_PEOPLE_NONE : TEXT_CLUSTER_PEOPLE_NONE_THEN,
                         text_string(table->path[CLUSTER_CASES]), text_integer(row->line),
                         text_span(table->places.name[row->place]),
                         text_string(table->path[CLUSTER_POPULATION]));
    }
    return people > 0 ? FAULT_NONE
                      : fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_PEOPLE_ZERO,
                                  text_string(table->path[CLUSTER_POPULATION]));
}

static enum fault_code place_places(struct cluster_table *table, struct fault *fault)
{
    for (size_t i = 0; i < table->places.count; i++) {
        const struct cluster_place *place = &table->place[i];
        table->coordinate[2 * i] = place->first;
        table->coordinate[2 * i + 1] = place->second;
        table->parent[i] = ANALYSIS_NO_PLACE;
        if (place->parent.size == 0)
            continue;
        if (!names_find(&table->places, place->parent, &table->parent[i]))
            return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_PARENT_UNKNOWN,
                             text_string(table->path[CLUSTER_PLACES]), text_integer(place->line),
                             text_span(place->parent));
    }
    return FAULT_NONE;
}

static bool take_grid(struct cluster_table *table)
{
    size_t cells = table->places.count * table->period_count;
    table->case_count = memory_allocate(cells * sizeof *table->case_count);
    table->expected = memory_allocate(cells * sizeof *table->expected);
    table->people = memory_allocate(table->places.count * sizeof *table->people);
    table->coordinate = memory_allocate(2 * table->places.count * sizeof *table->coordinate);
    table->parent = memory_allocate(table->places.count * sizeof *table->parent);
    return table->case_count != NULL && table->expected != NULL && table->people != NULL &&
           table->coordinate != NULL && table->parent != NULL;
}

enum fault_code cluster_table_lay_out(struct cluster_table *table,
                                      const struct cluster_request *request, struct fault *fault)
{
    assert(table->places.count > 0 && table->case_count == NULL);
    double *sums = NULL, *of_stratum = NULL, *all_people = NULL;
    enum fault_code code = settle_axis(table, request, fault);
    if (code != FAULT_NONE)
        return code;
    sums = memory_allocate(2 * table->strata.count * sizeof *sums);
    if (sums == NULL || !take_grid(table)) {
        memory_free(sums);
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    }
    of_stratum = sums;
    all_people = sums + table->strata.count;
    code = place_places(table, fault);
    if (code == FAULT_NONE)
        code = count_cases(table, of_stratum, fault);
    if (code == FAULT_NONE)
        code = check_groups(table, fault);
    if (code == FAULT_NONE) {
        expect_cases(table, of_stratum, all_people);
        code = check_cases(table, all_people, fault);
    }
    memory_free(sums);
    return code;
}

void cluster_write_period(const struct cluster_table *table, size_t position, char *buffer,
                          size_t size)
{
    assert(size > 16 && position < table->period_count);
    int64_t moment = table->origin + (int64_t)position;
    buffer[0] = '\0';
    if (table->period == CLUSTER_NUMBER) {
        snprintf(buffer, size, "%lld", (long long)moment);
    } else if (table->period != CLUSTER_TIMELESS) {
        time_write_period((enum time_frequency)table->period, (int32_t)moment, buffer, size);
    }
}
