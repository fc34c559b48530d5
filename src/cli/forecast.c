// SPDX-License-Identifier: GPL-3.0-or-later
//
// forecast.c: `levee forecast`: the next periods of a CSV file's series, with two intervals.
//
//     levee forecast FILE.csv [--method ets|nb] [--ahead N] [--season P] [--level P] [--amounts]
//                    [--to T] [--plot FILE.svg]
//
// Each series is forecast from its own last value on, or from --to: what lies behind that is not
// looked at, so that a forecast can be held against what came. The frequency of the file decides
// the season unless --season does: days have the week, weeks and months the year.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/commands.h"
#include "cli/curve.h"
#include "cli/filter.h"
#include "cli/manage.h"
#include "cli/sheet.h"

enum {
    OPTION_METHOD = FILTER_OPTION_COUNT,
    OPTION_AHEAD,
    OPTION_SEASON,
    OPTION_LEVEL,
    OPTION_AMOUNTS,
    OPTION_UNCALIBRATED,
    OPTION_SEED
};
enum { AHEAD_MOST = 366, NOTES_MOST = 8, PLOT_PAST = 120 };

static const struct cli_option options[] = {
    FILTER_OPTIONS,
    {"method", "ets|nb", TEXT_FORECAST_HELP_METHOD},
    {"ahead", "N", TEXT_FORECAST_HELP_AHEAD},
    {"season", "P", TEXT_FORECAST_HELP_SEASON},
    {"level", "P", TEXT_NOWCAST_HELP_LEVEL},
    {"amounts", NULL, TEXT_FORECAST_HELP_AMOUNTS},
    {"uncalibrated", NULL, TEXT_FORECAST_HELP_UNCALIBRATED},
    {"seed", "N", TEXT_FORECAST_HELP_SEED},
    {NULL},
};
static const char *const columns[] = {"series",  "time",  "ahead", "median", "lower50",
                                      "upper50", "lower", "upper", "reason"};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };
static const char *const reason_name[] = {[ANALYSIS_FORECAST_GIVEN] = "",
                                          [ANALYSIS_FORECAST_SHORT] = "short",
                                          [ANALYSIS_FORECAST_NO_FIT] = "no_fit"};

struct request {
    struct filter filter;
    struct analysis_forecast_options options;
    bool is_season_given;
};

static int read_option(struct request *request, int option, const char *value)
{
    struct filter *filter = &request->filter;
    struct analysis_forecast_options *o = &request->options;
    double number = 0;
    int code = 0;
    if (option == OPTION_METHOD) {
        if (strcmp(value, "ets") != 0 && strcmp(value, "nb") != 0)
            return cli_refuse(filter->command, TEXT_FORECAST_METHOD_UNKNOWN, text_string(value));
        o->method = value[0] == 'n' ? ANALYSIS_FORECAST_NB : ANALYSIS_FORECAST_ETS;
    }
    if (option == OPTION_AHEAD) {
        code = filter_number(filter, "ahead", value, 1, AHEAD_MOST, true, &number);
        o->ahead = (size_t)number;
    }
    if (option == OPTION_SEASON) {
        code = filter_number(filter, "season", value, 0, FILTER_FREQUENCY_MOST, true, &number);
        o->season = (int)number;
        request->is_season_given = true;
    }
    if (option == OPTION_SEED) {
        code = filter_number(filter, "seed", value, 0, 1e15, true, &number);
        o->seed = (uint64_t)number;
    }
    if (option == OPTION_LEVEL)
        code = filter_number(filter, "level", value, 0.51, 0.999, false, &o->level);
    if (option == OPTION_AMOUNTS)
        o->is_count = false;
    if (option == OPTION_UNCALIBRATED)
        o->is_calibrated = false;
    return code != 0 ? code : filter_read(filter, option, value);
}

// Days have the week; a season of a year needs at least a value a quarter.
static int season_of(int frequency)
{
    return frequency == 365 || frequency == 366 ? 7 : frequency >= 4 ? frequency : 0;
}

// The values of a series that count, and the position behind the last.
static const double *values_of(const struct judge_table *table, size_t series, size_t to,
                               size_t *ret_count, size_t *ret_end)
{
    const double *value = table->value + series * table->axis.position_count;
    size_t first = table->first[series], end = to;
    while (end > first && !isfinite(value[end - 1]))
        end--;
    *ret_end = end;
    *ret_count = end > first ? end - first : 0;
    return value + (end > first ? first : 0);
}

static bool forecast_all(const struct request *request, const struct judge_table *table, size_t to,
                         struct analysis_forecast *forecast)
{
    bool is_complete = true;
    size_t done = 0;
#pragma omp parallel for schedule(dynamic)
    for (size_t s = 0; s < table->series_count; s++) {
        struct analysis_forecast_fit fit;
        size_t count = 0, end = 0;
        const double *value = values_of(table, s, to, &count, &end);
        struct analysis_forecast_options one = request->options;
        one.seed += s; // a stream a series
        bool is_made = analysis_make_forecast(value, count, &one, forecast + s * one.ahead, &fit);
#pragma omp critical
        {
            is_complete = is_complete && is_made;
            manage_progress(NULL, (int64_t)++done, (int64_t)table->series_count);
        }
    }
    return is_complete;
}

static void write_rows(const struct request *request, const struct judge_table *table, size_t to,
                       const struct analysis_forecast *forecast)
{
    struct sheet sheet;
    const struct analysis_forecast_options *o = &request->options;
    size_t notes = 0;
    sheet_open(&sheet, request->filter.is_json, o->method == ANALYSIS_FORECAST_NB ? "nb" : "ets");
    sheet_option(&sheet, "ahead", (double)o->ahead);
    sheet_option(&sheet, "season", o->season);
    sheet_option(&sheet, "level", o->level);
    sheet_head(&sheet, columns, COLUMN_COUNT);
    for (size_t s = 0; s < table->series_count; s++) {
        size_t count = 0, end = 0;
        values_of(table, s, to, &count, &end);
        for (size_t h = 0; h < o->ahead; h++) {
            const struct analysis_forecast *at = &forecast[s * o->ahead + h];
            bool is_given = at->reason == ANALYSIS_FORECAST_GIVEN;
            char time[FILTER_TIME_SIZE];
            judge_table_write_time(table, end + h, time, sizeof time);
            sheet_span(&sheet, table->series[s]);
            sheet_word(&sheet, time);
            sheet_number(&sheet, (double)h + 1);
            sheet_number(&sheet, is_given ? at->median : ANALYSIS_MISSING);
            sheet_number(&sheet, is_given ? at->inner_lower : ANALYSIS_MISSING);
            sheet_number(&sheet, is_given ? at->inner_upper : ANALYSIS_MISSING);
            sheet_number(&sheet, is_given ? at->lower : ANALYSIS_MISSING);
            sheet_number(&sheet, is_given ? at->upper : ANALYSIS_MISSING);
            sheet_word(&sheet, reason_name[at->reason]);
        }
        if (forecast[s * o->ahead].reason != ANALYSIS_FORECAST_GIVEN && notes++ < NOTES_MOST)
            filter_note(forecast[s * o->ahead].reason == ANALYSIS_FORECAST_SHORT
                            ? TEXT_FORECAST_NOTE_SHORT
                            : TEXT_FORECAST_NOTE_NO_FIT,
                        text_span(table->series[s]), text_integer((int64_t)count),
                        text_integer(ANALYSIS_FORECAST_LEAST));
    }
    sheet_close(&sheet);
}

// The last values and the forecast behind them, in LINES arrays of `size` each.
enum {
    LINE_OBSERVED,
    LINE_MEDIAN,
    LINE_LOWER,
    LINE_UPPER,
    LINE_INNER_LOWER,
    LINE_INNER_UPPER,
    LINES
};
static void fill_lines(const struct analysis_forecast *forecast, size_t ahead, const double *past,
                       size_t past_count, double *line, size_t size)
{
    for (size_t i = 0; i < LINES * size; i++)
        line[i] = ANALYSIS_MISSING;
    for (size_t i = 0; i < past_count; i++)
        line[i] = past[i];
    for (size_t h = 0; h < ahead && forecast[h].reason == ANALYSIS_FORECAST_GIVEN; h++) {
        const double value[LINES] = {ANALYSIS_MISSING,        forecast[h].median,
                                     forecast[h].lower,       forecast[h].upper,
                                     forecast[h].inner_lower, forecast[h].inner_upper};
        for (int k = LINE_MEDIAN; k < LINES; k++)
            line[(size_t)k * size + past_count + h] = value[k];
    }
}

static enum fault_code draw(const struct request *request, const struct judge_table *table,
                            size_t to, const struct analysis_forecast *forecast,
                            struct fault *fault)
{
    struct curve_panel panel[CURVE_PANELS_MOST];
    struct filter_place place[CURVE_PANELS_MOST];
    size_t ahead = request->options.ahead, size = PLOT_PAST + ahead;
    size_t shown =
        table->series_count < CURVE_PANELS_MOST ? table->series_count : CURVE_PANELS_MOST;
    double *memory = memory_allocate(shown * LINES * size * sizeof *memory);
    if (memory == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t s = 0; s < shown; s++) {
        size_t count = 0, end = 0;
        const double *value = values_of(table, s, to, &count, &end);
        size_t past = count < PLOT_PAST ? count : PLOT_PAST;
        double *line = memory + s * LINES * size;
        fill_lines(forecast + s * ahead, ahead, value + count - past, past, line, size);
        place[s] = (struct filter_place){table, end - past};
        panel[s] = (struct curve_panel){.name = table->series[s],
                                        .count = past + ahead,
                                        .observed = line,
                                        .line = line + LINE_MEDIAN * size,
                                        .lower = line + LINE_LOWER * size,
                                        .upper = line + LINE_UPPER * size,
                                        .inner_lower = line + LINE_INNER_LOWER * size,
                                        .inner_upper = line + LINE_INNER_UPPER * size,
                                        .reference = ANALYSIS_MISSING,
                                        .label = filter_label,
                                        .context = &place[s]};
    }
    char caption[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_real(request->options.level * 100)};
    text_write(TEXT_FORECAST_PLOT_CAPTION, cli_language(), argument, caption, sizeof caption);
    enum fault_code code = curve_write(request->filter.plot, cli_say(TEXT_FORECAST_PLOT_TITLE),
                                       caption, panel, shown, fault);
    memory_free(memory);
    if (code == FAULT_NONE && shown < table->series_count)
        filter_note(TEXT_FILTER_PLOT_CUT, text_integer((int64_t)shown));
    return code;
}

static int run(struct request *request, struct judge_table *table)
{
    struct fault fault = {.code = FAULT_NONE};
    size_t from = 0, to = 0;
    int code = filter_range(&request->filter, table, &from, &to);
    if (code != 0)
        return code;
    // What lies before --from is left out of the fit.
    for (size_t s = 0; s < table->series_count; s++)
        if (table->first[s] < from)
            table->first[s] = (uint32_t)from;
    if (!request->is_season_given)
        request->options.season = season_of(table->axis.frequency);
    struct analysis_forecast *forecast =
        memory_allocate(table->series_count * request->options.ahead * sizeof *forecast);
    enum fault_code trouble = FAULT_NONE;
    if (forecast == NULL || !forecast_all(request, table, to, forecast)) {
        trouble = fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    } else {
        write_rows(request, table, to, forecast);
        if (request->filter.plot != NULL)
            trouble = draw(request, table, to, forecast, &fault);
    }
    memory_free(forecast);
    return trouble == FAULT_NONE ? 0 : cli_fail(&fault);
}

int cli_run_forecast(int argc, char **argv)
{
    struct request request = {
        .filter.command = "forecast",
        .options = {.ahead = 8, .level = 0.95, .is_count = true, .is_calibrated = true, .seed = 1}};
    struct cli_reader reader = {argc, argv, options, TEXT_FORECAST_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&request, at, value);
        if (code != 0)
            return code;
    }
    if (!request.options.is_count && request.options.method == ANALYSIS_FORECAST_NB)
        return cli_refuse("forecast", TEXT_FORECAST_NB_AMOUNTS);
    struct judge_table table = {0};
    int code = filter_load(&request.filter, request.options.is_count, &table);
    if (code == 0)
        code = run(&request, &table);
    judge_table_close(&table);
    return code;
}
