// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge.c: `levee judge`: a detector as a Unix filter, without store or database.
//
//     levee judge FILE.csv --method M [--option k=v ...] [--format csv|json] [--frequency N]
//                 [--from T] [--to T] [--detail] [--plot FILE.svg]
//
// The same table of detectors that scans use, on a file or on standard input: whoever doubts a
// number on the page can have it here. One row out for each row in (from..to), series by series in
// the order in which the file names them, time given back as it was written.
//
// Exit codes: 0 also when nothing could be judged (a note on stderr says why); 64 the command line;
// 65 the file's contents; 66 no such file; 73 too large.
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/commands.h"
#include "cli/judge.h"

enum { OPTION_METHOD = FILTER_OPTION_COUNT, OPTION_OPTION, OPTION_CALENDAR, OPTION_DETAIL };
enum { SETTINGS_MAX = 32 };

static const struct cli_option options[] = {
    {"format", "csv|json", TEXT_JUDGE_HELP_FORMAT},
    {"frequency", "N", TEXT_JUDGE_HELP_FREQUENCY},
    {"from", "T", TEXT_JUDGE_HELP_FROM}, // here it also ends the charts' baseline
    {"to", "T", TEXT_JUDGE_HELP_TO},
    {"plot", "FILE.svg", TEXT_FILTER_HELP_PLOT},
    {"method", "M", TEXT_JUDGE_HELP_METHOD},
    {"option", "K=V", TEXT_JUDGE_HELP_OPTION},
    {"calendar", "china|FILE", TEXT_CALENDAR_HELP},
    {"detail", NULL, TEXT_JUDGE_HELP_DETAIL},
    {NULL},
};

// Options are set once the method is known, which may stand behind them.
struct judge_settings {
    const char *method;
    const char *setting[SETTINGS_MAX];
    int setting_count;
};

// Applies --method and every --option. Returns 0 or an exit code.
static int settle_method(struct judge_request *request, const struct judge_settings *settings)
{
    if (settings->method == NULL)
        return cli_refuse("judge", TEXT_JUDGE_METHOD_MISSING);
    request->detector = analysis_find_detector(settings->method);
    if (request->detector == NULL)
        return cli_refuse("judge", TEXT_JUDGE_METHOD_UNKNOWN, text_string(settings->method));
    analysis_default_options(request->detector, request->option);
    for (int i = 0; i < settings->setting_count; i++) {
        int code =
            judge_set_option("judge", request->detector, settings->setting[i], request->option);
        if (code != 0)
            return code;
    }
    return 0;
}

static int read_option(struct judge_request *request, struct judge_settings *settings, int option,
                       const char *value)
{
    if (option == OPTION_METHOD)
        settings->method = value;
    else if (option == OPTION_CALENDAR)
        request->filter.calendar = value;
    else if (option == OPTION_DETAIL)
        request->is_detailed = true;
    else if (option != OPTION_OPTION)
        return filter_read(&request->filter, option, value);
    else if (settings->setting_count == SETTINGS_MAX)
        return cli_refuse("judge", TEXT_JUDGE_OPTION_MANY, text_integer(SETTINGS_MAX));
    else
        settings->setting[settings->setting_count++] = value;
    return 0;
}

// What the file's times decide: frequency, range, and whether the options can work on them.
static int settle_range(struct judge_request *request, const struct judge_table *table,
                        size_t *ret_from, size_t *ret_to)
{
    int frequency = table->axis.frequency;
    if (analysis_needs_frequency(request->detector, request->option) && frequency == 0)
        return cli_refuse("judge", TEXT_JUDGE_FREQUENCY_MISSING,
                          text_string(request->detector->name));
    if (!analysis_check_options(request->detector, request->option, frequency))
        return cli_refuse("judge", TEXT_JUDGE_OPTIONS_TOGETHER,
                          text_string(request->detector->name), text_integer(frequency));
    if (analysis_uses_population(request->detector, request->option) && !table->has_population)
        return cli_refuse("judge", TEXT_JUDGE_POPULATION_MISSING);
    return filter_range(&request->filter, table, ret_from, ret_to);
}

// Says on stderr why nothing was judged, where that is so.
static void note_empty(const struct judge_request *request, const struct judge_table *table,
                       const struct analysis_output *output, size_t from, size_t to)
{
    size_t count = 0, stride = table->axis.position_count;
    for (size_t series = 0; series < table->series_count; series++)
        for (size_t at = series * stride + from; at < series * stride + to; at++) {
            if (table->row_at[at] != 0 && (output->outcome[at] & ANALYSIS_JUDGED) != 0)
                return;
            count += table->row_at[at] != 0;
        }
    filter_note(
        count == 0 ? TEXT_JUDGE_RANGE_EMPTY : TEXT_JUDGE_NOTHING_JUDGED,
        text_integer((int64_t)count), text_string(request->detector->name),
        text_integer((int64_t)request->detector->start(request->option, table->axis.frequency)));
}

static bool allocate_output(const struct judge_request *request, size_t cells,
                            struct analysis_output *output)
{
    output->outcome = memory_allocate(cells * sizeof *output->outcome);
    bool is_complete = output->outcome != NULL;
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        if (request->detector->columns >> column & 1) {
            output->column[column] = memory_allocate(cells * sizeof(double));
            is_complete = is_complete && output->column[column] != NULL;
        }
    return is_complete;
}

static void free_output(struct analysis_output *output)
{
    memory_free(output->outcome);
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        memory_free(output->column[column]);
}

static int judge_table(struct judge_request *request, struct judge_table *table,
                       const struct analysis_calendar *calendar)
{
    struct fault fault = {.code = FAULT_NONE};
    struct analysis_output output = {0};
    size_t from = 0, to = 0;
    int code = settle_range(request, table, &from, &to);
    if (code != 0)
        return code;
    struct analysis_panel panel = {
        .series_count = table->series_count,
        .point_count = table->axis.position_count,
        .stride = table->axis.position_count,
        .value = table->value,
        .population = table->population,
        .first = table->first,
        .day = table->day,
        .calendar = calendar,
        .frequency = table->axis.frequency,
        .from = from,
        .to = to,
        .chart_from = request->filter.from == NULL ? 0 : from,
    };
    if (!allocate_output(request, panel.series_count * panel.stride, &output) ||
        !request->detector->batch(&panel, request->option, &output)) {
        fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        code = cli_fail(&fault);
    } else {
        judge_write(request, table, &output, from, to);
        note_empty(request, table, &output, from, to);
        if (request->filter.plot != NULL &&
            judge_draw(request, table, &output, from, to, &fault) != FAULT_NONE)
            code = cli_fail(&fault);
    }
    free_output(&output);
    return code;
}

int cli_run_judge(int argc, char **argv)
{
    struct judge_request request = {.filter.command = "judge"};
    struct judge_settings settings = {0};
    struct cli_reader reader = {argc, argv, options, TEXT_JUDGE_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP)
            judge_write_methods();
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&request, &settings, at, value);
        if (code != 0)
            return code;
    }
    if (request.filter.path == NULL)
        return cli_refuse("judge", TEXT_JUDGE_FILE_MISSING);
    int code = settle_method(&request, &settings);
    if (code != 0)
        return code;
    struct judge_table table = {0};
    code = filter_load(&request.filter, false, &table);
    struct fault fault = {.code = FAULT_NONE};
    if (code == 0 && request.detector->is_count &&
        judge_table_check_counts(&table, request.detector->name, &fault) != FAULT_NONE)
        code = cli_fail(&fault);
    struct calendar_table calendar = {.special = NULL};
    if (code == 0)
        code = filter_calendar(&request.filter, &table, &calendar);
    if (code == 0)
        code = judge_table(&request, &table, &calendar.view);
    calendar_table_close(&calendar);
    judge_table_close(&table);
    return code;
}
