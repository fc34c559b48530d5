// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_axis.c: finds out which periods the times of a file are, and lays the rows out on them.
//
// A file says 2020-07-22; whether that is a day, a week named by its first day, or a month is seen
// from all of its times together. With g the smallest distance between two of them in days:
//
//     g < 28, every distance a multiple of 7        weeks
//     g >= 28, all on one day of the month          months; 3 months apart quarters, 12 years
//     else                                          days
//
// --frequency settles it where the times do not (365, 52, 12, 4 or 1). Bare numbers are taken as
// they are. Positions between the first and the last period that no row names are gaps; a series
// begins with its own first row.
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "cli/judge_table.h"

enum { DAYS_OF_WEEK = 7, DAYS_OF_MONTH_LEAST = 28 };

static int compare_moments(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

static int month_number(int32_t day)
{
    struct time_date date = time_date_from_day(day);
    return date.year * 12 + date.month - 1;
}

// The period that the sorted, distinct days are spaced by; see above.
static char infer_period(const int32_t *day, size_t count)
{
    bool is_weekly = count > 1, is_monthly = count > 1;
    int gap_least = INT_MAX, months = 0;
    int day_of_month = time_date_from_day(day[0]).day;
    for (size_t i = 1; i < count; i++) {
        int gap = day[i] - day[i - 1];
        gap_least = gap < gap_least ? gap : gap_least;
        is_weekly = is_weekly && gap % DAYS_OF_WEEK == 0;
        is_monthly = is_monthly && time_date_from_day(day[i]).day == day_of_month;
        int apart = month_number(day[i]) - month_number(day[i - 1]);
        months = months == 0                           ? apart
                 : months % 12 == 0 && apart % 12 == 0 ? 12
                 : months % 3 == 0 && apart % 3 == 0   ? 3
                                                       : 1;
    }
    if (is_monthly && gap_least >= DAYS_OF_MONTH_LEAST)
        return months % 12 == 0 ? TIME_YEARLY : months % 3 == 0 ? TIME_QUARTERLY : TIME_MONTHLY;
    return is_weekly && gap_least < DAYS_OF_MONTH_LEAST ? TIME_WEEKLY : TIME_DAILY;
}

static const struct {
    char period;
    int frequency;
} frequencies[] = {{TIME_DAILY, 365},
                   {TIME_WEEKLY, 52},
                   {TIME_MONTHLY, 12},
                   {TIME_QUARTERLY, 4},
                   {TIME_YEARLY, 1}};
enum { FREQUENCY_COUNT = sizeof frequencies / sizeof frequencies[0] };

// Decides period and frequency of dates and written periods.
static enum fault_code settle_period(struct judge_table *table, const int32_t *moment, size_t count,
                                     struct fault *fault)
{
    struct judge_axis *axis = &table->axis;
    int asked = axis->frequency;
    axis->period =
        axis->written == TIME_DAILY && asked == 0 ? infer_period(moment, count) : axis->written;
    for (int i = 0; i < FREQUENCY_COUNT; i++) {
        if (asked != 0 && axis->written == TIME_DAILY && frequencies[i].frequency == asked)
            axis->period = frequencies[i].period;
        if (frequencies[i].period == axis->period)
            axis->frequency = frequencies[i].frequency;
    }
    if (asked != 0 && axis->frequency != asked)
        return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_FREQUENCY_TIMES, text_integer(asked),
                         text_span(table->row[0].time));
    return FAULT_NONE;
}

// Positions are counted from the axis' origin: weeks of dates from the first date's weekday on, so
// that a week may begin on any day.
static int64_t position_of(const struct judge_axis *axis, int32_t moment)
{
    if (axis->kind == JUDGE_AXIS_NUMBER || axis->written != TIME_DAILY)
        return moment - axis->origin;
    if (axis->period == TIME_WEEKLY) {
        int64_t days = moment - axis->origin;
        return (days - (days < 0 ? DAYS_OF_WEEK - 1 : 0)) / DAYS_OF_WEEK;
    }
    return time_period_from_day((enum time_frequency)axis->period, moment) - axis->origin;
}

// True when the moment begins a period of the axis, as its first one does.
static bool is_on_axis(const struct judge_axis *axis, int32_t moment)
{
    if (axis->written != TIME_DAILY || axis->kind == JUDGE_AXIS_NUMBER)
        return true;
    if (axis->period == TIME_WEEKLY)
        return (moment - axis->origin) % DAYS_OF_WEEK == 0;
    if (axis->period == TIME_DAILY)
        return true;
    return time_date_from_day(moment).day == axis->day_of_period + 1;
}

static int32_t day_of_position(const struct judge_axis *axis, size_t position)
{
    int32_t at = (int32_t)(axis->origin + (int64_t)position);
    if (axis->written != TIME_DAILY)
        return time_period_first_day((enum time_frequency)axis->written, at);
    if (axis->period == TIME_WEEKLY)
        return (int32_t)(axis->origin + (int64_t)position * DAYS_OF_WEEK);
    return time_period_first_day((enum time_frequency)axis->period, at) + axis->day_of_period;
}

static enum fault_code settle_axis(struct judge_table *table, struct fault *fault)
{
    struct judge_axis *axis = &table->axis;
    int32_t *moment = memory_allocate(table->row_count * sizeof *moment);
    if (moment == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t i = 0; i < table->row_count; i++)
        moment[i] = table->row[i].moment;
    qsort(moment, table->row_count, sizeof *moment, compare_moments);
    size_t count = 1;
    for (size_t i = 1; i < table->row_count; i++)
        if (moment[i] != moment[count - 1])
            moment[count++] = moment[i];
    int32_t least = moment[0], most = moment[count - 1];
    enum fault_code code = FAULT_NONE;
    if (axis->kind == JUDGE_AXIS_PERIOD)
        code = settle_period(table, moment, count, fault);
    memory_free(moment);
    if (code != FAULT_NONE)
        return code;
    bool is_calendar = axis->kind == JUDGE_AXIS_PERIOD && axis->written == TIME_DAILY;
    axis->origin = least;
    if (is_calendar && axis->period != TIME_WEEKLY && axis->period != TIME_DAILY) {
        axis->day_of_period = time_date_from_day(least).day - 1;
        axis->origin = time_period_from_day((enum time_frequency)axis->period, least);
    }
    int64_t positions = position_of(axis, most) + 1;
    if (positions * (int64_t)table->series_count > LIMIT_JUDGE_CELLS)
        return fault_set(fault, FAULT_FULL, TEXT_JUDGE_SPAN_LARGE, text_integer(positions),
                         text_integer((int64_t)table->series_count),
                         text_integer(LIMIT_JUDGE_CELLS));
    axis->position_count = (size_t)positions;
    return FAULT_NONE;
}

// True when two rows of one period are a value and its correction.
static bool is_correction(const struct judge_table *table, size_t a, size_t b)
{
    return table->source != NULL && table->source[a].known_at != JUDGE_KNOWN_NEVER &&
           table->source[b].known_at != JUDGE_KNOWN_NEVER &&
           table->source[a].known_at != table->source[b].known_at;
}

static enum fault_code place_rows(struct judge_table *table, struct fault *fault)
{
    size_t stride = table->axis.position_count;
    for (size_t i = 0; i < table->row_count; i++) {
        struct judge_row *row = &table->row[i];
        if (!is_on_axis(&table->axis, row->moment))
            return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_TIME_OFF_AXIS,
                             text_integer(row->line), text_span(row->time));
        row->moment = (int32_t)position_of(&table->axis, row->moment);
        size_t at = row->series * stride + (size_t)row->moment;
        size_t held = table->row_at[at] - (table->row_at[at] != 0);
        if (table->row_at[at] != 0 && is_correction(table, held, i)) {
            if (table->source[i].known_at < table->source[held].known_at)
                continue;
        } else if (table->row_at[at] != 0)
            return fault_set(fault, FAULT_INVALID, TEXT_JUDGE_TIME_TWICE, text_integer(row->line),
                             text_span(table->series[row->series]), text_span(row->time),
                             text_integer(table->row[held].line));
        table->row_at[at] = (uint32_t)i + 1;
        table->value[at] = row->value;
        if (table->population != NULL)
            table->population[at] = row->population;
        if (table->imported != NULL)
            table->imported[at] = row->imported;
        if ((uint32_t)row->moment < table->first[row->series])
            table->first[row->series] = (uint32_t)row->moment;
    }
    return FAULT_NONE;
}

enum fault_code judge_table_lay_out(struct judge_table *table, struct fault *fault)
{
    assert(table->row_count > 0 && table->value == NULL);
    enum fault_code code = settle_axis(table, fault);
    if (code != FAULT_NONE)
        return code;
    const struct judge_axis *axis = &table->axis;
    size_t cells = table->series_count * axis->position_count;
    table->value = memory_allocate(cells * sizeof *table->value);
    table->row_at = memory_allocate(cells * sizeof *table->row_at);
    table->first = memory_allocate(table->series_count * sizeof *table->first);
    if (table->has_population)
        table->population = memory_allocate(cells * sizeof *table->population);
    if (table->has_imported)
        table->imported = memory_allocate(cells * sizeof *table->imported);
    bool is_dated = axis->kind == JUDGE_AXIS_PERIOD && axis->frequency >= 12;
    if (is_dated)
        table->day = memory_allocate(axis->position_count * sizeof *table->day);
    if (table->value == NULL || table->row_at == NULL || table->first == NULL ||
        (table->has_population && table->population == NULL) ||
        (table->has_imported && table->imported == NULL) || (is_dated && table->day == NULL))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t i = 0; i < cells; i++) {
        table->value[i] = ANALYSIS_MISSING;
        if (table->population != NULL)
            table->population[i] = ANALYSIS_MISSING;
    }
    for (size_t i = 0; i < table->series_count; i++)
        table->first[i] = UINT32_MAX;
    for (size_t i = 0; is_dated && i < axis->position_count; i++)
        table->day[i] = day_of_position(axis, i);
    return place_rows(table, fault);
}

// *ret_is_between: the time is a day inside a period, not its own.
static bool find_place(const struct judge_axis *axis, struct span time, int64_t *ret_position,
                       bool *ret_is_between)
{
    enum time_frequency written = TIME_DAILY;
    int64_t number = 0;
    int32_t moment = 0;
    *ret_is_between = false;
    if (axis->kind == JUDGE_AXIS_NUMBER) {
        if (!span_to_integer(time, &number) || number < -1000000000 || number > 1000000000)
            return false;
        *ret_position = number - axis->origin;
        return true;
    }
    if (!time_read_period(time, &written, &moment) || (char)written != axis->written)
        return false;
    *ret_position = position_of(axis, moment);
    *ret_is_between = !is_on_axis(axis, moment);
    return true;
}

bool judge_table_place(const struct judge_table *table, struct span time, int64_t *ret_position)
{
    bool is_between = false;
    return find_place(&table->axis, time, ret_position, &is_between);
}

bool judge_table_find(const struct judge_table *table, const char *time, bool is_end,
                      size_t *ret_position)
{
    bool is_between = false;
    int64_t position = 0, last = (int64_t)table->axis.position_count;
    if (!find_place(&table->axis, span_from(time), &position, &is_between))
        return false;
    // A day inside a period: the period that begins after it, unless it ends the range.
    position += is_end || is_between;
    *ret_position = (size_t)(position < 0 ? 0 : position > last ? last : position);
    return true;
}

void judge_table_write_time(const struct judge_table *table, size_t position, char *buffer,
                            size_t size)
{
    const struct judge_axis *axis = &table->axis;
    if (axis->kind == JUDGE_AXIS_NUMBER) {
        snprintf(buffer, size, "%lld", (long long)(axis->origin + (int64_t)position));
        return;
    }
    enum time_frequency written = (enum time_frequency)axis->written;
    time_write_period(written, time_period_from_day(written, day_of_position(axis, position)),
                      buffer, size);
}

int32_t judge_table_day(const struct judge_table *table, size_t position)
{
    assert(table->axis.kind == JUDGE_AXIS_PERIOD);
    return day_of_position(&table->axis, position);
}
