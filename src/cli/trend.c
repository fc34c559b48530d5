// SPDX-License-Identifier: GPL-3.0-or-later
//
// trend.c: `levee trend`: what broke since a date, in many series, as one ranked list.
//
//     levee trend FILE.csv --since T [--to T] [--years N] [--level Q] [--all]
//                 [--format csv|json] [--frequency N]
//
// A Unix filter without a store. It stands by itself and not under `levee quality`: what has
// changed in the world and what is wrong with the figures are two questions, with other inputs (a
// date here, where the values come from there) and other readers. One row out for each break, the
// largest that is certain first, with a sentence in the reader's language.
//
// Exit codes: 0 also when nothing broke (a note on stderr says over how many tests); 64 the command
// line; 65 the file's contents; 66 no such file; 73 too large.
#include <stdio.h>

#include "base/memory.h"
#include "cli/commands.h"
#include "cli/filter.h"
#include "cli/sheet.h"

// Format and frequency stand where filter_read has them.
enum {
    OPTION_FORMAT = FILTER_FORMAT,
    OPTION_FREQUENCY = FILTER_FREQUENCY,
    OPTION_SINCE,
    OPTION_TO,
    OPTION_YEARS,
    OPTION_LEVEL,
    OPTION_CALENDAR,
    OPTION_ALL
};
enum { YEARS_MOST = 1000, RATIO_LEAST = 3, WORDS_SIZE = 1024, SIZE_SIZE = 64 };

static const struct cli_option options[] = {
    {"format", "csv|json", TEXT_JUDGE_HELP_FORMAT},
    {"frequency", "N", TEXT_JUDGE_HELP_FREQUENCY},
    {"since", "T", TEXT_TREND_HELP_SINCE},
    {"to", "T", TEXT_TREND_HELP_TO},
    {"years", "N", TEXT_TREND_HELP_YEARS},
    {"level", "Q", TEXT_TREND_HELP_LEVEL},
    {"calendar", "china|FILE", TEXT_CALENDAR_HELP},
    {"all", NULL, TEXT_TREND_HELP_ALL},
    {NULL},
};

struct request {
    struct filter filter; // its `from` is the date
    double years;         // 0: all
    double level;
    bool is_all;
};

static const char *const columns[] = {"rank", "series",  "what",   "size",  "low",
                                      "high", "measure", "before", "after", "p",
                                      "q",    "certain", "reason", "words"};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

// A kind's name, and its sentence for a fall and for a rise.
static const struct {
    const char *name;
    enum text_key key[2];
} kinds[ANALYSIS_BREAKS] = {
    [ANALYSIS_BREAK_LEVEL] = {"level", {TEXT_TREND_LEVEL_DOWN, TEXT_TREND_LEVEL_UP}},
    [ANALYSIS_BREAK_SLOPE] = {"slope", {TEXT_TREND_SLOPE_DOWN, TEXT_TREND_SLOPE_UP}},
    [ANALYSIS_BREAK_SEASON] = {"season", {TEXT_TREND_SEASON_DOWN, TEXT_TREND_SEASON_UP}},
    [ANALYSIS_BREAK_SPREAD] = {"spread", {TEXT_TREND_SPREAD_DOWN, TEXT_TREND_SPREAD_UP}},
};

static const char *reason_of(const struct analysis_break *one)
{
    if (one->is_tested)
        return "";
    return one->reason == ANALYSIS_REASON_SHORT    ? "short"
           : one->reason == ANALYSIS_REASON_NO_FIT ? "no_fit"
                                                   : "range";
}

// A size as people say it: +40 %, from threefold on × 3.2; +12.5 where sizes are differences.
static void write_size(const struct analysis_break *one, double size, char *words)
{
    if (!one->is_ratio)
        snprintf(words, SIZE_SIZE, "%+.3g", size);
    else if (size >= RATIO_LEAST)
        snprintf(words, SIZE_SIZE, "× %.3g", size);
    else
        snprintf(words, SIZE_SIZE, "%+.3g %%", (size - 1) * 100);
}

static void write_words(const struct judge_table *table, const char *since, uint32_t at,
                        const struct analysis_break *one, char *words, size_t size)
{
    char amount[SIZE_SIZE], low[SIZE_SIZE], high[SIZE_SIZE], range[2 * SIZE_SIZE + 8];
    words[0] = '\0';
    if (!one->is_tested)
        return;
    write_size(one, one->size, amount);
    write_size(one, one->low, low);
    write_size(one, one->high, high);
    snprintf(range, sizeof range, "%s – %s", low, high);
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {
        text_span(table->series[at / ANALYSIS_BREAKS]), text_string(since), text_string(amount),
        text_string(range)};
    bool is_up = one->size >= (one->is_ratio ? 1 : 0);
    text_write(kinds[at % ANALYSIS_BREAKS].key[is_up], cli_language(), argument, words, size);
}

static void write_break(struct sheet *sheet, const struct judge_table *table, const char *since,
                        size_t rank, uint32_t at, const struct analysis_break *one)
{
    char words[WORDS_SIZE];
    const double missing = ANALYSIS_MISSING;
    bool is_tested = one->is_tested;
    write_words(table, since, at, one, words, sizeof words);
    sheet_number(sheet, rank > 0 ? (double)rank : missing);
    sheet_span(sheet, table->series[at / ANALYSIS_BREAKS]);
    sheet_word(sheet, kinds[at % ANALYSIS_BREAKS].name);
    sheet_number(sheet, is_tested ? one->size : missing);
    sheet_number(sheet, is_tested ? one->low : missing);
    sheet_number(sheet, is_tested ? one->high : missing);
    sheet_word(sheet, !is_tested ? "" : one->is_ratio ? "ratio" : "difference");
    sheet_number(sheet, is_tested ? one->before : missing);
    sheet_number(sheet, is_tested ? one->after : missing);
    sheet_number(sheet, is_tested ? one->p : missing);
    sheet_number(sheet, is_tested ? one->q : missing);
    sheet_number(sheet, is_tested ? one->certain : missing);
    sheet_word(sheet, reason_of(one));
    sheet_span(sheet, span_from(words));
}

// Writes what broke; with --all the rest too, which has no rank.
static void write_breaks(const struct request *request, const struct judge_table *table,
                         size_t since, const struct analysis_break *breaks, const uint32_t *order,
                         size_t broken)
{
    struct sheet sheet = {0};
    char time[FILTER_TIME_SIZE];
    size_t count = table->series_count * ANALYSIS_BREAKS, tested = 0;
    for (size_t i = 0; i < count; i++)
        tested += breaks[i].is_tested;
    judge_table_write_time(table, since, time, sizeof time);
    sheet_open(&sheet, request->filter.is_json, "trend");
    sheet_option(&sheet, "level", request->level);
    sheet_option(&sheet, "years", request->years);
    sheet_option(&sheet, "tests", (double)tested);
    sheet_head(&sheet, columns, COLUMN_COUNT);
    for (size_t i = 0; i < (request->is_all ? count : broken); i++)
        write_break(&sheet, table, time, i < broken ? i + 1 : 0, order[i], &breaks[order[i]]);
    sheet_close(&sheet);
    if (tested == 0)
        filter_note(TEXT_TREND_NOTHING_TESTED, text_string(time));
    else if (broken == 0)
        filter_note(TEXT_TREND_NOTHING_BROKE, text_string(time),
                    text_integer((int64_t)table->series_count), text_integer((int64_t)tested));
}

static int find(const struct request *request, struct judge_table *table,
                const struct analysis_calendar *calendar)
{
    size_t since = 0, end = 0, broken = 0, count = table->series_count * ANALYSIS_BREAKS;
    struct fault fault = {.code = FAULT_NONE};
    int code = filter_range(&request->filter, table, &since, &end);
    if (code != 0)
        return code;
    if (request->years > 0 && table->axis.frequency == 0)
        return cli_refuse("trend", TEXT_TREND_YEARS_UNKNOWN);
    struct analysis_panel panel = {.series_count = table->series_count,
                                   .point_count = table->axis.position_count,
                                   .stride = table->axis.position_count,
                                   .value = table->value,
                                   .first = table->first,
                                   .day = table->day,
                                   .calendar = calendar,
                                   .frequency = table->axis.frequency,
                                   .from = since,
                                   .to = end};
    struct analysis_break *breaks = memory_take(count * sizeof *breaks);
    uint32_t *order = memory_take(count * sizeof *order);
    if (breaks == NULL || order == NULL ||
        !analysis_find_breaks(&panel, (int)request->years, breaks) ||
        !analysis_rank_breaks(breaks, count, request->level, order, &broken)) {
        fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        code = cli_fail(&fault);
    } else {
        write_breaks(request, table, since, breaks, order, broken);
    }
    memory_free(breaks);
    memory_free(order);
    return code;
}

static int read_option(struct request *request, int option, const char *value)
{
    if (option == OPTION_SINCE)
        request->filter.from = value;
    else if (option == OPTION_TO)
        request->filter.to = value;
    else if (option == OPTION_YEARS)
        return filter_number(&request->filter, "years", value, 0, YEARS_MOST, true,
                             &request->years);
    else if (option == OPTION_LEVEL)
        return filter_number(&request->filter, "level", value, 1e-12, 1, false, &request->level);
    else if (option == OPTION_CALENDAR)
        request->filter.calendar = value;
    else if (option == OPTION_ALL)
        request->is_all = true;
    else
        return filter_read(&request->filter, option, value);
    return 0;
}

int cli_run_trend(int argc, char **argv)
{
    struct request request = {.filter = {.command = "trend"}, .level = 0.05};
    struct judge_table table = {0};
    struct cli_reader reader = {argc, argv, options, TEXT_TREND_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&request, at, value);
        if (code != 0)
            return code;
    }
    if (request.filter.from == NULL)
        return cli_refuse("trend", TEXT_TREND_SINCE_MISSING);
    int code = filter_load(&request.filter, false, &table);
    struct calendar_table calendar = {.special = NULL};
    if (code == 0)
        code = filter_calendar(&request.filter, &table, &calendar);
    if (code == 0)
        code = find(&request, &table, &calendar.view);
    calendar_table_close(&calendar);
    judge_table_close(&table);
    return code;
}
