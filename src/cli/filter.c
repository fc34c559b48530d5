// SPDX-License-Identifier: GPL-3.0-or-later
//
// filter.c: file, format, range and numbers of the commands that are filters.
#include "cli/filter.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int filter_number(const struct filter *filter, const char *option, const char *value, double least,
                  double most, bool is_whole, double *ret_number)
{
    double number = 0;
    if (!span_to_real(span_from(value), &number) || number < least || number > most ||
        (is_whole && number != floor(number)))
        return cli_refuse(
            filter->command, is_whole ? TEXT_FILTER_WHOLE_MALFORMED : TEXT_FILTER_NUMBER_MALFORMED,
            text_string(option), text_string(value), text_real(least), text_real(most));
    *ret_number = number;
    return 0;
}

int filter_read(struct filter *filter, int option, const char *value)
{
    double number = 0;
    int code = 0;
    if (option == FILTER_FORMAT) {
        if (strcmp(value, "csv") != 0 && strcmp(value, "json") != 0)
            return cli_refuse(filter->command, TEXT_JUDGE_FORMAT_UNKNOWN, text_string(value));
        filter->is_json = value[0] == 'j';
    }
    if (option == FILTER_FREQUENCY) {
        code = filter_number(filter, "frequency", value, 1, FILTER_FREQUENCY_MOST, true, &number);
        filter->frequency = (int)number;
    }
    if (option == FILTER_FROM)
        filter->from = value;
    if (option == FILTER_TO)
        filter->to = value;
    if (option == FILTER_PLOT)
        filter->plot = value;
    if (option == CLI_ARGUMENT) {
        if (filter->path != NULL)
            return cli_refuse(filter->command, TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        filter->path = value;
    }
    return code;
}

int filter_load(const struct filter *filter, bool is_count, struct judge_table *table)
{
    struct fault fault = {.code = FAULT_NONE};
    if (filter->path == NULL)
        return cli_refuse(filter->command, TEXT_JUDGE_FILE_MISSING);
    enum fault_code code = judge_table_read(table, filter->path, filter->frequency, &fault);
    for (size_t i = 0; code == FAULT_NONE && is_count && i < table->row_count; i++)
        if (table->row[i].value < 0)
            code = fault_set(&fault, FAULT_INVALID, TEXT_FILTER_VALUE_NEGATIVE,
                             text_integer(table->row[i].line), text_span(table->row[i].value_text));
    if (code == FAULT_NONE)
        code = judge_table_lay_out(table, &fault);
    return code == FAULT_NONE ? 0 : cli_fail(&fault);
}

int filter_calendar(const struct filter *filter, const struct judge_table *table,
                    struct calendar_table *calendar)
{
    struct fault fault = {.code = FAULT_NONE};
    *calendar = (struct calendar_table){.special = NULL};
    if (filter->calendar == NULL)
        return 0;
    if (calendar_table_load(calendar, filter->calendar, &fault) != FAULT_NONE)
        return cli_fail(&fault);
    if (table->day == NULL || table->axis.period != 'D') {
        filter_note(TEXT_CALENDAR_DAYS_WANTED, text_integer(table->axis.frequency));
        calendar->view.count = 0;
    }
    return 0;
}

int filter_range(const struct filter *filter, const struct judge_table *table, size_t *ret_from,
                 size_t *ret_to)
{
    *ret_from = 0;
    *ret_to = table->axis.position_count;
    if (filter->from != NULL && !judge_table_find(table, filter->from, false, ret_from))
        return cli_refuse(filter->command, TEXT_JUDGE_RANGE_MALFORMED, text_string(filter->from),
                          text_span(table->row[0].time));
    if (filter->to != NULL && !judge_table_find(table, filter->to, true, ret_to))
        return cli_refuse(filter->command, TEXT_JUDGE_RANGE_MALFORMED, text_string(filter->to),
                          text_span(table->row[0].time));
    if (*ret_from > *ret_to)
        *ret_from = *ret_to;
    return 0;
}

void filter_label(const void *context, size_t at, char buffer[CURVE_LABEL_SIZE])
{
    const struct filter_place *place = context;
    judge_table_write_time(place->table, place->from + at, buffer, CURVE_LABEL_SIZE);
}

void filter_note_with(enum text_key key, const struct text_argument *argument)
{
    char sentence[LIMIT_TEXT_SIZE];
    text_write(key, cli_language(), argument, sentence, sizeof sentence);
    fprintf(stderr, "levee: %s\n", sentence);
}
