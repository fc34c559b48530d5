// SPDX-License-Identifier: GPL-3.0-or-later
//
// calendar_table.c: reads calendars.
#include "cli/calendar_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/memory.h"
#include "base/time.h"

extern const struct embed_file calendar_files[];

enum { DAY_SIZE = 24 };

// The text of the calendar: a shipped one is copied, as reading changes it in place.
static enum fault_code open_text(const char *name, struct csv_text *text, struct fault *fault)
{
    size_t length = strlen(name);
    for (const struct embed_file *file = calendar_files; file->name != NULL; file++) {
        if (strncmp(file->name, name, length) != 0 || strcmp(file->name + length, ".csv") != 0)
            continue;
        char *data = memory_allocate(file->bytes.size + 1);
        if (data == NULL)
            return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        memcpy(data, file->bytes.data, file->bytes.size);
        return csv_decode(data, file->bytes.size, text, fault);
    }
    return csv_read_file(name, text, fault);
}

static enum fault_code find_column(const struct csv_reader *reader, const char *name,
                                   size_t *ret_column, struct fault *fault)
{
    for (size_t i = 0; i < reader->field_count; i++)
        if (span_is(reader->field[i], name)) {
            *ret_column = i;
            return FAULT_NONE;
        }
    return fault_set(fault, FAULT_INVALID, TEXT_CALENDAR_COLUMN_MISSING, text_string(name));
}

static enum fault_code add_day(struct calendar_table *calendar, int64_t line, struct span date,
                               struct span kind, struct fault *fault)
{
    enum time_frequency frequency = TIME_DAILY;
    struct analysis_special_day special = {.kind = ANALYSIS_DAY_OFF};
    if (!time_read_period(date, &frequency, &special.day) || frequency != TIME_DAILY)
        return fault_set(fault, FAULT_INVALID, TEXT_CALENDAR_DATE_MALFORMED, text_integer(line),
                         text_span(date));
    if (span_is(kind, "worked"))
        special.kind = ANALYSIS_DAY_WORKED;
    else if (!span_is(kind, "off"))
        return fault_set(fault, FAULT_INVALID, TEXT_CALENDAR_KIND_UNKNOWN, text_integer(line),
                         text_span(kind));
    if (!memory_grow((void **)&calendar->special, calendar->count, &calendar->capacity,
                     sizeof *calendar->special))
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    calendar->special[calendar->count++] = special;
    return FAULT_NONE;
}

static int compare_days(const void *a, const void *b)
{
    const struct analysis_special_day *left = a, *right = b;
    return (left->day > right->day) - (left->day < right->day);
}

static enum fault_code settle(struct calendar_table *calendar, struct fault *fault)
{
    char day[DAY_SIZE];
    if (calendar->count > 0)
        qsort(calendar->special, calendar->count, sizeof *calendar->special, compare_days);
    for (size_t i = 1; i < calendar->count; i++)
        if (calendar->special[i].day == calendar->special[i - 1].day) {
            time_write_period(TIME_DAILY, calendar->special[i].day, day, sizeof day);
            return fault_set(fault, FAULT_INVALID, TEXT_CALENDAR_DAY_TWICE, text_string(day));
        }
    calendar->view = (struct analysis_calendar){calendar->special, calendar->count};
    return FAULT_NONE;
}

enum fault_code calendar_table_load(struct calendar_table *calendar, const char *name,
                                    struct fault *fault)
{
    struct csv_text text = {0};
    struct csv_reader reader = {0};
    size_t date = 0, kind = 0;
    *calendar = (struct calendar_table){.special = NULL};
    enum fault_code code = open_text(name, &text, fault);
    if (code != FAULT_NONE)
        return code;
    csv_open(&reader, &text);
    code = csv_next(&reader, fault);
    if (code == FAULT_NONE)
        code = find_column(&reader, "date", &date, fault);
    if (code == FAULT_NONE)
        code = find_column(&reader, "kind", &kind, fault);
    while (code == FAULT_NONE) {
        code = csv_next(&reader, fault);
        if (code != FAULT_NONE || reader.field_count == 0)
            break;
        code = add_day(calendar, reader.line, reader.field[date], reader.field[kind], fault);
    }
    if (code == FAULT_NONE)
        code = settle(calendar, fault);
    csv_close(&reader);
    csv_free(&text);
    return code;
}

void calendar_table_close(struct calendar_table *calendar)
{
    memory_free(calendar->special);
    *calendar = (struct calendar_table){.special = NULL};
}
