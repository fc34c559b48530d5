// SPDX-License-Identifier: GPL-3.0-or-later
//
// rt.c: `levee rt`: the reproduction number of a CSV file's series by sliding windows.
//
//     levee rt FILE.csv --mean M --sd S [--window N] [--cases N] [--all] [--detail] [--plot
//     FILE.svg]
//
// Mean and deviation of the serial interval have no default: they are the disease's, and the answer
// turns on them. A window that holds too little, or begins too early, has no number but a reason,
// and the newest one of each series is said in words on standard error: that is what people look
// for. Beside the number stands growth by regression, which needs no serial interval.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/commands.h"
#include "cli/curve.h"
#include "cli/filter.h"
#include "cli/sheet.h"

enum {
    OPTION_MEAN = FILTER_OPTION_COUNT,
    OPTION_SD,
    OPTION_WINDOW,
    OPTION_CASES,
    OPTION_PRIOR_MEAN,
    OPTION_PRIOR_SD,
    OPTION_ALL,
    OPTION_DETAIL
};
enum { NOTES_MOST = 8 };
static const double LEVEL = 0.95;

static const struct cli_option options[] = {
    FILTER_OPTIONS,
    {"mean", "M", TEXT_RT_HELP_MEAN},
    {"sd", "S", TEXT_RT_HELP_SD},
    {"window", "N", TEXT_RT_HELP_WINDOW},
    {"cases", "N", TEXT_RT_HELP_CASES},
    {"prior-mean", "R", TEXT_RT_HELP_PRIOR_MEAN},
    {"prior-sd", "S", TEXT_RT_HELP_PRIOR_SD},
    {"all", NULL, TEXT_RT_HELP_ALL},
    {"detail", NULL, TEXT_RT_HELP_DETAIL},
    {NULL},
};

struct request {
    struct filter filter;
    struct analysis_reproduction_options options;
    bool is_all, is_detailed;
};

static const char *const columns[] = {"series",
                                      "time",
                                      "window_start",
                                      "cases",
                                      "mean",
                                      "sd",
                                      "lower",
                                      "median",
                                      "upper",
                                      "growth",
                                      "growth_lower",
                                      "growth_upper",
                                      "doubling",
                                      "doubling_lower",
                                      "doubling_upper",
                                      "reason",
                                      "q05",
                                      "q25",
                                      "q75",
                                      "q95"};
enum { DETAILS = 4, COLUMN_COUNT = sizeof columns / sizeof columns[0] };

static const char *const reason_name[] = {[ANALYSIS_REPRODUCTION_GIVEN] = "",
                                          [ANALYSIS_REPRODUCTION_START] = "start",
                                          [ANALYSIS_REPRODUCTION_EARLY] = "early",
                                          [ANALYSIS_REPRODUCTION_FEW] = "few",
                                          [ANALYSIS_REPRODUCTION_GAP] = "gap"};

static bool is_shown(const struct request *request, const struct analysis_reproduction *result)
{
    return result->is_known && (request->is_all || result->reason == ANALYSIS_REPRODUCTION_GIVEN);
}

static double doubling(double rate)
{
    return rate > 0 ? log(2) / rate : ANALYSIS_MISSING;
}

static void write_growth(struct sheet *sheet, bool is_known, const struct analysis_growth *growth)
{
    const double missing = ANALYSIS_MISSING;
    sheet_number(sheet, is_known ? growth->rate : missing);
    sheet_number(sheet, is_known ? growth->lower : missing);
    sheet_number(sheet, is_known ? growth->upper : missing);
    sheet_number(sheet, is_known ? doubling(growth->rate) : missing);
    sheet_number(sheet, is_known ? doubling(growth->upper) : missing);
    sheet_number(sheet, is_known ? doubling(growth->lower) : missing);
}

static void write_row(const struct request *request, const struct judge_table *table,
                      struct sheet *sheet, size_t series, size_t position,
                      const struct analysis_reproduction *result)
{
    size_t window = request->options.window, at = series * table->axis.position_count + position;
    char start[FILTER_TIME_SIZE] = "";
    bool is_known = is_shown(request, result), is_growing = false;
    struct analysis_growth growth = {0};
    if (position + 1 >= window)
        judge_table_write_time(table, position + 1 - window, start, sizeof start);
    // Growth is withheld for the same reasons: from few cases it says as little.
    if (is_known && position + 1 >= window)
        is_growing =
            analysis_estimate_growth(table->value + at + 1 - window, window, LEVEL, &growth);
    double quantile[ANALYSIS_REPRODUCTION_QUANTILES];
    for (int i = 0; i < ANALYSIS_REPRODUCTION_QUANTILES; i++)
        quantile[i] = is_known ? result->quantile[i] : ANALYSIS_MISSING;
    sheet_span(sheet, table->series[series]);
    sheet_span(sheet, table->row[table->row_at[at] - 1].time);
    sheet_word(sheet, start);
    sheet_number(sheet, result->cases);
    sheet_number(sheet, is_known ? result->mean : ANALYSIS_MISSING);
    sheet_number(sheet, is_known ? result->sd : ANALYSIS_MISSING);
    sheet_number(sheet, quantile[0]);
    sheet_number(sheet, quantile[ANALYSIS_REPRODUCTION_MEDIAN]);
    sheet_number(sheet, quantile[6]);
    write_growth(sheet, is_growing, &growth);
    sheet_word(sheet, reason_name[result->reason]);
    if (request->is_detailed) {
        static const int shown[DETAILS] = {1, 2, 4, 5};
        for (int i = 0; i < DETAILS; i++)
            sheet_number(sheet, quantile[shown[i]]);
    }
}

// Says why the newest window of a series has no number.
static void note_series(const struct request *request, const struct judge_table *table,
                        size_t series, size_t position, const struct analysis_reproduction *result)
{
    char time[FILTER_TIME_SIZE];
    judge_table_write_time(table, position, time, sizeof time);
    struct text_argument name = text_span(table->series[series]), when = text_string(time);
    if (result->reason == ANALYSIS_REPRODUCTION_START)
        filter_note(TEXT_RT_NOTE_START, name, when, text_integer((int64_t)request->options.window));
    if (result->reason == ANALYSIS_REPRODUCTION_EARLY)
        filter_note(TEXT_RT_NOTE_EARLY, name, when, text_real(request->options.interval_mean));
    if (result->reason == ANALYSIS_REPRODUCTION_FEW)
        filter_note(TEXT_RT_NOTE_FEW, name, when, text_real(result->cases),
                    text_real(request->options.cases_least));
    if (result->reason == ANALYSIS_REPRODUCTION_GAP)
        filter_note(TEXT_RT_NOTE_GAP, name, when);
}

static void write_rows(const struct request *request, const struct judge_table *table,
                       const struct analysis_reproduction *result, size_t from, size_t to)
{
    struct sheet sheet;
    const struct analysis_reproduction_options *o = &request->options;
    size_t notes = 0, stride = table->axis.position_count;
    sheet_open(&sheet, request->filter.is_json, "cori");
    sheet_option(&sheet, "mean", o->interval_mean);
    sheet_option(&sheet, "sd", o->interval_sd);
    sheet_option(&sheet, "window", (double)o->window);
    sheet_option(&sheet, "cases", o->cases_least);
    sheet_option(&sheet, "prior_mean", o->prior_mean);
    sheet_option(&sheet, "prior_sd", o->prior_sd);
    sheet_head(&sheet, columns, COLUMN_COUNT - (request->is_detailed ? 0 : DETAILS));
    for (size_t series = 0; series < table->series_count; series++) {
        size_t last = SIZE_MAX;
        for (size_t position = from; position < to; position++) {
            if (table->row_at[series * stride + position] == 0)
                continue;
            write_row(request, table, &sheet, series, position,
                      &result[series * stride + position]);
            last = position;
        }
        if (last != SIZE_MAX && result[series * stride + last].reason != 0 && notes++ < NOTES_MOST)
            note_series(request, table, series, last, &result[series * stride + last]);
    }
    sheet_close(&sheet);
    if (notes > NOTES_MOST)
        filter_note(TEXT_RT_NOTE_MORE, text_integer((int64_t)(notes - NOTES_MOST)));
}

// Two panels a series: the cases, and the number with its bands.
static int draw(const struct request *request, const struct judge_table *table,
                const struct analysis_reproduction *result, size_t from, size_t to)
{
    enum { LINES = 5 };
    static const int quantile_of_line[LINES] = {ANALYSIS_REPRODUCTION_MEDIAN, 0, 6, 2, 4};
    struct fault fault = {.code = FAULT_NONE};
    struct curve_panel panel[CURVE_PANELS_MOST];
    struct filter_place place = {table, from};
    size_t shown =
        table->series_count < CURVE_PANELS_MOST / 2 ? table->series_count : CURVE_PANELS_MOST / 2;
    size_t count = to - from, stride = table->axis.position_count;
    double *line = count == 0 ? NULL : memory_allocate(shown * LINES * count * sizeof *line);
    if (count == 0)
        return 0;
    if (line == NULL) {
        fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        return cli_fail(&fault);
    }
    for (size_t s = 0; s < shown; s++) {
        double *at = line + s * LINES * count;
        for (int k = 0; k < LINES; k++)
            for (size_t i = 0; i < count; i++) {
                const struct analysis_reproduction *one = &result[s * stride + from + i];
                at[(size_t)k * count + i] =
                    is_shown(request, one) ? one->quantile[quantile_of_line[k]] : ANALYSIS_MISSING;
            }
        panel[2 * s] = (struct curve_panel){.name = table->series[s],
                                            .count = count,
                                            .observed = table->value + s * stride + from,
                                            .is_bars = true,
                                            .reference = ANALYSIS_MISSING,
                                            .label = filter_label,
                                            .context = &place};
        panel[2 * s + 1] = (struct curve_panel){.name = span_from(cli_say(TEXT_RT_PLOT_NAME)),
                                                .count = count,
                                                .line = at,
                                                .lower = at + count,
                                                .upper = at + 2 * count,
                                                .inner_lower = at + 3 * count,
                                                .inner_upper = at + 4 * count,
                                                .reference = 1,
                                                .label = filter_label,
                                                .context = &place};
    }
    char caption[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {
        text_real(request->options.interval_mean), text_real(request->options.interval_sd),
        text_integer((int64_t)request->options.window)};
    text_write(TEXT_RT_PLOT_CAPTION, cli_language(), argument, caption, sizeof caption);
    enum fault_code code = curve_write(request->filter.plot, cli_say(TEXT_RT_PLOT_TITLE), caption,
                                       panel, 2 * shown, &fault);
    memory_free(line);
    if (code == FAULT_NONE && shown < table->series_count)
        filter_note(TEXT_FILTER_PLOT_CUT, text_integer((int64_t)shown));
    return code == FAULT_NONE ? 0 : cli_fail(&fault);
}

static int estimate(const struct request *request, const struct judge_table *table)
{
    struct fault fault = {.code = FAULT_NONE};
    size_t from = 0, to = 0, cells = table->series_count * table->axis.position_count;
    for (size_t i = 0; i < table->row_count; i++)
        if (table->row[i].imported > table->row[i].value) {
            fault_set(&fault, FAULT_INVALID, TEXT_RT_IMPORTED_LARGE,
                      text_integer(table->row[i].line), text_real(table->row[i].imported),
                      text_span(table->row[i].value_text));
            return cli_fail(&fault);
        }
    int code = filter_range(&request->filter, table, &from, &to);
    if (code != 0)
        return code;
    struct analysis_panel panel = {.series_count = table->series_count,
                                   .point_count = table->axis.position_count,
                                   .stride = table->axis.position_count,
                                   .value = table->value,
                                   .first = table->first,
                                   .from = from,
                                   .to = to};
    struct analysis_reproduction *result = memory_allocate(cells * sizeof *result);
    if (result == NULL ||
        !analysis_estimate_reproduction(&panel, table->imported, &request->options, result)) {
        fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        code = cli_fail(&fault);
    } else {
        write_rows(request, table, result, from, to);
        if (request->filter.plot != NULL)
            code = draw(request, table, result, from, to);
    }
    memory_free(result);
    return code;
}

static int read_option(struct request *request, int option, const char *value)
{
    struct analysis_reproduction_options *o = &request->options;
    const struct filter *filter = &request->filter;
    double number = (double)o->window;
    int code = 0;
    if (option == OPTION_MEAN)
        return filter_number(filter, "mean", value, 1.0001, 1e4, false, &o->interval_mean);
    if (option == OPTION_SD)
        return filter_number(filter, "sd", value, 1e-4, 1e4, false, &o->interval_sd);
    if (option == OPTION_CASES)
        return filter_number(filter, "cases", value, 0, 1e9, false, &o->cases_least);
    if (option == OPTION_PRIOR_MEAN)
        return filter_number(filter, "prior-mean", value, 1e-3, 1e3, false, &o->prior_mean);
    if (option == OPTION_PRIOR_SD)
        return filter_number(filter, "prior-sd", value, 1e-3, 1e3, false, &o->prior_sd);
    if (option == OPTION_WINDOW)
        code = filter_number(filter, "window", value, 1, 366, true, &number);
    if (option == OPTION_ALL)
        request->is_all = true;
    if (option == OPTION_DETAIL)
        request->is_detailed = true;
    o->window = (size_t)number;
    return code != 0 ? code : filter_read(&request->filter, option, value);
}

int cli_run_rt(int argc, char **argv)
{
    struct request request = {.filter.command = "rt", .options = {0, 0, 5, 5, 7, 12}};
    struct cli_reader reader = {argc, argv, options, TEXT_RT_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&request, at, value);
        if (code != 0)
            return code;
    }
    if (request.filter.path == NULL)
        return cli_refuse("rt", TEXT_JUDGE_FILE_MISSING);
    if (request.options.interval_mean == 0 || request.options.interval_sd == 0)
        return cli_refuse("rt", TEXT_RT_INTERVAL_MISSING);
    struct judge_table table = {.takes_imported = true};
    int code = filter_load(&request.filter, true, &table);
    if (code == 0)
        code = estimate(&request, &table);
    judge_table_close(&table);
    return code;
}
