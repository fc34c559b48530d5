// SPDX-License-Identifier: GPL-3.0-or-later
//
// nowcast.c: `levee nowcast`: what the last periods will come to once all reports are in.
//
//     levee nowcast FILE.csv [--now T] [--delay D] [--window N] [--level P] [--interval K]
//                   [--from T] [--format csv|json] [--plot FILE.svg]
//
// A row a period: reported so far, the share that is reported by now, the estimate and its
// interval.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "analysis/analysis.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/curve.h"
#include "cli/filter.h"
#include "cli/nowcast_table.h"
#include "cli/sheet.h"

enum {
    OPTION_FORMAT,
    OPTION_FROM,
    OPTION_PLOT,
    OPTION_NOW,
    OPTION_DELAY,
    OPTION_WINDOW,
    OPTION_LEVEL,
    OPTION_INTERVAL
};

static const struct cli_option options[] = {
    {"format", "csv|json", TEXT_JUDGE_HELP_FORMAT},
    {"from", "T", TEXT_FILTER_HELP_FROM},
    {"plot", "FILE.svg", TEXT_FILTER_HELP_PLOT},
    {"now", "T", TEXT_NOWCAST_HELP_NOW},
    {"delay", "D", TEXT_NOWCAST_HELP_DELAY},
    {"window", "N", TEXT_NOWCAST_HELP_WINDOW},
    {"level", "P", TEXT_NOWCAST_HELP_LEVEL},
    {"interval", "KIND", TEXT_NOWCAST_HELP_INTERVAL},
    {NULL},
};
static const char *const interval_name[] = {[ANALYSIS_NOWCAST_AUTO] = "auto",
                                            [ANALYSIS_NOWCAST_KNOWN] = "known",
                                            [ANALYSIS_NOWCAST_ESTIMATED] = "estimated"};
static const char *const reason_name[] = {[ANALYSIS_NOWCAST_GIVEN] = "",
                                          [ANALYSIS_NOWCAST_COMPLETE] = "complete",
                                          [ANALYSIS_NOWCAST_NOTHING] = "nothing"};
static const char *const columns[] = {"series", "time",   "reported", "completeness", "estimate",
                                      "lower",  "median", "upper",    "reason"};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

struct request {
    struct filter filter;
    struct analysis_nowcast_options options;
    const char *now;
    size_t delay_most;
};

static int read_option(struct request *request, int option, const char *value)
{
    struct filter *filter = &request->filter;
    double number = 0;
    int code = 0;
    if (option == OPTION_FORMAT || option == CLI_ARGUMENT)
        return filter_read(filter, option == OPTION_FORMAT ? (int)FILTER_FORMAT : option, value);
    if (option == OPTION_FROM)
        filter->from = value;
    if (option == OPTION_PLOT)
        filter->plot = value;
    if (option == OPTION_NOW)
        request->now = value;
    if (option == OPTION_LEVEL)
        return filter_number(filter, "level", value, 0.01, 0.999, false, &request->options.level);
    if (option == OPTION_DELAY) {
        code = filter_number(filter, "delay", value, 1, NOWCAST_DELAY_MOST, true, &number);
        request->delay_most = (size_t)number;
    }
    if (option == OPTION_WINDOW) {
        code = filter_number(filter, "window", value, 1, 36600, true, &number);
        request->options.window = (size_t)number;
    }
    if (option == OPTION_INTERVAL) {
        for (int i = 0; i <= ANALYSIS_NOWCAST_ESTIMATED; i++)
            if (strcmp(value, interval_name[i]) == 0) {
                request->options.interval = (enum analysis_nowcast_interval)i;
                return 0;
            }
        return cli_refuse(filter->command, TEXT_NOWCAST_INTERVAL_UNKNOWN, text_string(value));
    }
    return code;
}

static void write_rows(const struct request *request, const struct nowcast_table *table,
                       const struct analysis_nowcast *now, size_t from)
{
    struct sheet sheet;
    sheet_open(&sheet, request->filter.is_json, "nowcast");
    sheet_option(&sheet, "delay", (double)table->delay_most);
    sheet_option(&sheet, "window", (double)request->options.window);
    sheet_option(&sheet, "level", request->options.level);
    sheet_head(&sheet, columns, COLUMN_COUNT);
    for (size_t series = 0; series < table->series.count; series++)
        for (size_t t = from; t < table->period_count; t++) {
            const struct analysis_nowcast *one = &now[series * table->period_count + t];
            bool is_known = one->reason != ANALYSIS_NOWCAST_NOTHING;
            char time[NOWCAST_TIME_SIZE];
            nowcast_table_write_time(table, t, time);
            sheet_span(&sheet, table->series.name[series]);
            sheet_word(&sheet, time);
            sheet_number(&sheet, one->reported);
            sheet_number(&sheet, one->completeness);
            sheet_number(&sheet, is_known ? one->estimate : ANALYSIS_MISSING);
            sheet_number(&sheet, is_known ? one->lower : ANALYSIS_MISSING);
            sheet_number(&sheet, is_known ? one->median : ANALYSIS_MISSING);
            sheet_number(&sheet, is_known ? one->upper : ANALYSIS_MISSING);
            sheet_word(&sheet, reason_name[one->reason]);
        }
    sheet_close(&sheet);
}

// What the figures rest on, where that is less than it seems.
static void note_table(const struct nowcast_table *table)
{
    if (table->later_rows > 0)
        filter_note(TEXT_NOWCAST_NOTE_LATER, text_integer((int64_t)table->later_rows));
    if (table->negative_cells > 0)
        filter_note(TEXT_NOWCAST_NOTE_NEGATIVE, text_integer((int64_t)table->negative_cells));
    if (table->period_count <= table->delay_most)
        filter_note(TEXT_NOWCAST_NOTE_SHORT, text_integer((int64_t)table->period_count),
                    text_integer((int64_t)table->delay_most));
    if (table->delay_most == 0)
        filter_note(TEXT_NOWCAST_NOTE_NO_DELAY);
}

struct place {
    const struct nowcast_table *table;
    size_t from;
};

static void label(const void *context, size_t at, char buffer[CURVE_LABEL_SIZE])
{
    const struct place *place = context;
    static_assert((int)CURVE_LABEL_SIZE >= (int)NOWCAST_TIME_SIZE, "a time fits");
    nowcast_table_write_time(place->table, place->from + at, buffer);
}

static enum fault_code draw(const struct request *request, const struct nowcast_table *table,
                            const struct analysis_nowcast *now, size_t from, struct fault *fault)
{
    enum { LINES = 4 };
    struct curve_panel panel[CURVE_PANELS_MOST];
    struct place place = {table, from};
    size_t shown =
        table->series.count < CURVE_PANELS_MOST ? table->series.count : CURVE_PANELS_MOST;
    size_t count = table->period_count - from;
    double *memory = memory_allocate(shown * LINES * count * sizeof *memory + 1);
    if (memory == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t s = 0; s < shown && count > 0; s++) {
        double *line = memory + s * LINES * count;
        for (size_t i = 0; i < count; i++) {
            const struct analysis_nowcast *one = &now[s * table->period_count + from + i];
            bool is_known = one->reason != ANALYSIS_NOWCAST_NOTHING;
            line[i] = one->reported;
            line[count + i] = is_known ? one->median : ANALYSIS_MISSING;
            line[2 * count + i] = is_known ? one->lower : ANALYSIS_MISSING;
            line[3 * count + i] = is_known ? one->upper : ANALYSIS_MISSING;
        }
        panel[s] = (struct curve_panel){.name = table->series.name[s],
                                        .count = count,
                                        .observed = line,
                                        .is_bars = true,
                                        .line = line + count,
                                        .lower = line + 2 * count,
                                        .upper = line + 3 * count,
                                        .reference = ANALYSIS_MISSING,
                                        .label = label,
                                        .context = &place};
    }
    char caption[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_real(request->options.level * 100)};
    text_write(TEXT_NOWCAST_PLOT_CAPTION, cli_language(), argument, caption, sizeof caption);
    enum fault_code code = curve_write(request->filter.plot, cli_say(TEXT_NOWCAST_PLOT_TITLE),
                                       caption, panel, count > 0 ? shown : 0, fault);
    memory_free(memory);
    if (code == FAULT_NONE && shown < table->series.count)
        filter_note(TEXT_FILTER_PLOT_CUT, text_integer((int64_t)shown));
    return code;
}

static int estimate(const struct request *request, const struct nowcast_table *table)
{
    struct fault fault = {.code = FAULT_NONE};
    size_t from = 0, cells = table->series.count * table->period_count;
    if (request->filter.from != NULL && !nowcast_table_find(table, request->filter.from, &from))
        return cli_refuse("nowcast", TEXT_JUDGE_RANGE_MALFORMED, text_string(request->filter.from),
                          text_span(table->first_time));
    struct analysis_nowcast *now = memory_allocate(cells * sizeof *now);
    bool is_complete = now != NULL;
    for (size_t s = 0; is_complete && s < table->series.count; s++) {
        struct analysis_triangle triangle = {table->period_count, table->delay_most,
                                             table->count +
                                                 s * table->period_count * (table->delay_most + 1)};
        is_complete = analysis_make_nowcast(&triangle, &request->options,
                                            now + s * table->period_count, NULL);
    }
    enum fault_code code = FAULT_NONE;
    if (!is_complete) {
        code = fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    } else {
        write_rows(request, table, now, from);
        note_table(table);
        if (request->filter.plot != NULL)
            code = draw(request, table, now, from, &fault);
    }
    memory_free(now);
    return code == FAULT_NONE ? 0 : cli_fail(&fault);
}

int cli_run_nowcast(int argc, char **argv)
{
    struct request request = {.filter.command = "nowcast", .options = {.level = 0.95}};
    struct cli_reader reader = {argc, argv, options, TEXT_NOWCAST_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&request, at, value);
        if (code != 0)
            return code;
    }
    if (request.filter.path == NULL)
        return cli_refuse("nowcast", TEXT_JUDGE_FILE_MISSING);
    struct fault fault = {.code = FAULT_NONE};
    struct nowcast_table table = {0};
    int code = 0;
    if (nowcast_table_read(&table, request.filter.path, &fault) != FAULT_NONE ||
        nowcast_table_lay_out(&table, request.now, request.delay_most, &fault) != FAULT_NONE)
        code = cli_fail(&fault);
    else
        code = estimate(&request, &table);
    nowcast_table_close(&table);
    return code;
}
