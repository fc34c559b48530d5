// SPDX-License-Identifier: GPL-3.0-or-later
//
// quality.c: `levee quality`: the questions that figures raise about themselves.
//
//     levee quality FILE.csv [--due DAYS] [--target X] [--tolerance S] [--missing S] [--level Q]
//                   [--format csv|json] [--frequency N]
//
// A Unix filter without a store: series in, one table of questions out, each with its place, its
// evidence and a sentence in the reader's language. A question is no verdict: a crisis makes
// figures jump, and a quiet county honestly reports nothing. It is about figures and the offices
// that report them, never about persons.
//
// Exit codes: 0 also when something is asked, or nothing (a note on stderr says over how many
// looks); 64 the command line; 65 the file's contents; 66 no such file; 73 too large.
#include <stdio.h>

#include "base/memory.h"
#include "cli/commands.h"
#include "cli/filter.h"
#include "cli/quality_table.h"
#include "cli/sheet.h"

// Format and frequency stand where filter_read has them.
enum {
    OPTION_FORMAT = FILTER_FORMAT,
    OPTION_FREQUENCY = FILTER_FREQUENCY,
    OPTION_DUE,
    OPTION_TARGET,
    OPTION_TOLERANCE,
    OPTION_MISSING,
    OPTION_LEVEL
};
enum { DUE_MOST = 3660, WORDS_SIZE = 1024, ARGUMENTS = LIMIT_TEXT_ARGUMENTS };

static const struct cli_option options[] = {
    {"format", "csv|json", TEXT_JUDGE_HELP_FORMAT},  {"frequency", "N", TEXT_JUDGE_HELP_FREQUENCY},
    {"due", "DAYS", TEXT_QUALITY_HELP_DUE},          {"target", "X", TEXT_QUALITY_HELP_TARGET},
    {"tolerance", "S", TEXT_QUALITY_HELP_TOLERANCE}, {"missing", "S", TEXT_QUALITY_HELP_MISSING},
    {"level", "Q", TEXT_QUALITY_HELP_LEVEL},         {NULL},
};

static const char *const columns[] = {"question", "series", "other",    "from", "to", "count",
                                      "total",    "size",   "expected", "p",    "q",  "words"};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

// --- Words --------------------------------------------------------------------------------------

// What a sentence's arguments are taken from.
enum argument {
    ARGUMENT_SERIES,
    ARGUMENT_OTHER,
    ARGUMENT_FROM,
    ARGUMENT_PLACE, // from, or from - to
    ARGUMENT_COUNT,
    ARGUMENT_TOTAL,
    ARGUMENT_REST,  // total less count
    ARGUMENT_SHARE, // count/total
    ARGUMENT_SIZE,
    ARGUMENT_PERCENT, // size in %
    ARGUMENT_EXPECTED,
    ARGUMENT_SHIFT
};

static const struct {
    const char *name;
    enum text_key key;
    enum argument argument[ARGUMENTS];
} kinds[ANALYSIS_QUESTIONS] = {
    [ANALYSIS_ASK_MISSING] = {"missing",
                              TEXT_QUALITY_ASK_MISSING,
                              {ARGUMENT_SERIES, ARGUMENT_COUNT, ARGUMENT_TOTAL, ARGUMENT_PLACE}},
    [ANALYSIS_ASK_ENDED] = {"ended",
                            TEXT_QUALITY_ASK_ENDED,
                            {ARGUMENT_SERIES, ARGUMENT_FROM, ARGUMENT_COUNT}},
    [ANALYSIS_ASK_LATE] = {"late",
                           TEXT_QUALITY_ASK_LATE,
                           {ARGUMENT_SERIES, ARGUMENT_SHARE, ARGUMENT_EXPECTED, ARGUMENT_SIZE}},
    [ANALYSIS_ASK_SLOWER] = {"slower",
                             TEXT_QUALITY_ASK_SLOWER,
                             {ARGUMENT_SERIES, ARGUMENT_FROM, ARGUMENT_SIZE, ARGUMENT_EXPECTED}},
    [ANALYSIS_ASK_EARLY] = {"early",
                            TEXT_QUALITY_ASK_EARLY,
                            {ARGUMENT_SERIES, ARGUMENT_SHARE, ARGUMENT_FROM}},
    [ANALYSIS_ASK_BULK] = {"bulk",
                           TEXT_QUALITY_ASK_BULK,
                           {ARGUMENT_SERIES, ARGUMENT_COUNT, ARGUMENT_PLACE}},
    [ANALYSIS_ASK_REVISED] = {"revised",
                              TEXT_QUALITY_ASK_REVISED,
                              {ARGUMENT_SERIES, ARGUMENT_TOTAL, ARGUMENT_COUNT, ARGUMENT_REST}},
    [ANALYSIS_ASK_NEGATIVE] = {"negative",
                               TEXT_QUALITY_ASK_NEGATIVE,
                               {ARGUMENT_SERIES, ARGUMENT_SHARE, ARGUMENT_FROM, ARGUMENT_SIZE}},
    [ANALYSIS_ASK_HEAPED] = {"heaped",
                             TEXT_QUALITY_ASK_HEAPED,
                             {ARGUMENT_SERIES, ARGUMENT_PERCENT, ARGUMENT_TOTAL}},
    [ANALYSIS_ASK_LAST_DIGIT] = {"last_digit",
                                 TEXT_QUALITY_ASK_LAST_DIGIT,
                                 {ARGUMENT_SERIES, ARGUMENT_PERCENT, ARGUMENT_TOTAL,
                                  ARGUMENT_EXPECTED}},
    [ANALYSIS_ASK_BENFORD] = {"benford",
                              TEXT_QUALITY_ASK_BENFORD,
                              {ARGUMENT_SERIES, ARGUMENT_TOTAL, ARGUMENT_SIZE, ARGUMENT_EXPECTED}},
    [ANALYSIS_ASK_SMOOTH] = {"smooth",
                             TEXT_QUALITY_ASK_SMOOTH,
                             {ARGUMENT_SERIES, ARGUMENT_TOTAL, ARGUMENT_PERCENT}},
    [ANALYSIS_ASK_REPEATED] = {"repeated",
                               TEXT_QUALITY_ASK_REPEATED,
                               {ARGUMENT_SERIES, ARGUMENT_SIZE, ARGUMENT_COUNT, ARGUMENT_PLACE}},
    [ANALYSIS_ASK_ZEROS] = {"zeros",
                            TEXT_QUALITY_ASK_ZEROS,
                            {ARGUMENT_SERIES, ARGUMENT_SIZE, ARGUMENT_COUNT, ARGUMENT_PLACE}},
    [ANALYSIS_ASK_COPIED] = {"copied",
                             TEXT_QUALITY_ASK_COPIED,
                             {ARGUMENT_SERIES, ARGUMENT_PLACE, ARGUMENT_OTHER, ARGUMENT_SHIFT}},
    [ANALYSIS_ASK_TARGET] = {"target",
                             TEXT_QUALITY_ASK_TARGET,
                             {ARGUMENT_SERIES, ARGUMENT_SIZE, ARGUMENT_COUNT, ARGUMENT_REST}},
    [ANALYSIS_ASK_LEVELS] = {"levels",
                             TEXT_QUALITY_ASK_LEVELS,
                             {ARGUMENT_SERIES, ARGUMENT_SHARE, ARGUMENT_FROM, ARGUMENT_SIZE}},
};

static struct text_argument name_of(const struct judge_table *table, uint32_t series)
{
    return series == ANALYSIS_SERIES_NONE ? text_string(cli_say(TEXT_QUALITY_ALL_SERIES))
                                          : text_span(table->series[series]);
}

static struct text_argument say_shift(double periods)
{
    char words[LIMIT_TEXT_ARGUMENT_SIZE];
    struct text_argument argument[ARGUMENTS] = {
        text_integer((int64_t)(periods < 0 ? -periods : periods))};
    text_write(periods == 0  ? TEXT_QUALITY_SHIFT_NONE
               : periods > 0 ? TEXT_QUALITY_SHIFT_EARLIER
                             : TEXT_QUALITY_SHIFT_LATER,
               cli_language(), argument, words, sizeof words);
    return text_string(words);
}

static struct text_argument say_place(const struct judge_table *table,
                                      const struct analysis_question *question)
{
    char from[FILTER_TIME_SIZE], to[FILTER_TIME_SIZE], words[2 * FILTER_TIME_SIZE + 8];
    judge_table_write_time(table, question->from, from, sizeof from);
    judge_table_write_time(table, question->to - 1, to, sizeof to);
    snprintf(words, sizeof words, question->to > question->from + 1 ? "%s – %s" : "%s", from, to);
    return text_string(words);
}

static struct text_argument say_number(double value, int digits, const char *unit)
{
    char words[64];
    snprintf(words, sizeof words, "%.*g%s", digits, value, unit);
    return text_string(words);
}

static struct text_argument say_argument(const struct judge_table *table,
                                         const struct analysis_question *question,
                                         enum argument argument)
{
    char words[FILTER_TIME_SIZE];
    switch (argument) {
    case ARGUMENT_SERIES: return name_of(table, question->series);
    case ARGUMENT_OTHER: return name_of(table, question->other);
    case ARGUMENT_FROM:
        judge_table_write_time(table, question->from, words, sizeof words);
        return text_string(words);
    case ARGUMENT_PLACE: return say_place(table, question);
    case ARGUMENT_COUNT: return text_integer((int64_t)question->count);
    case ARGUMENT_TOTAL: return text_integer((int64_t)question->total);
    case ARGUMENT_REST: return text_integer((int64_t)(question->total - question->count));
    case ARGUMENT_SHARE:
        snprintf(words, sizeof words, "%.0f/%.0f", question->count, question->total);
        return text_string(words);
    case ARGUMENT_SIZE: return say_number(question->size, 4, "");
    case ARGUMENT_PERCENT: return say_number(question->size * 100, 3, " %");
    case ARGUMENT_EXPECTED: return say_number(question->expected, 3, "");
    case ARGUMENT_SHIFT: return say_shift(question->size);
    }
    return text_string("");
}

static void write_question(struct sheet *sheet, const struct judge_table *table,
                           const struct analysis_question *question)
{
    struct text_argument argument[ARGUMENTS] = {{.kind = TEXT_ARGUMENT_NONE}};
    char from[FILTER_TIME_SIZE], to[FILTER_TIME_SIZE], words[WORDS_SIZE];
    bool has_other = question->kind == ANALYSIS_ASK_COPIED;
    for (int i = 0; i < ARGUMENTS && text_parameter(kinds[question->kind].key, i) != NULL; i++)
        argument[i] = say_argument(table, question, kinds[question->kind].argument[i]);
    text_write(kinds[question->kind].key, cli_language(), argument, words, sizeof words);
    judge_table_write_time(table, question->from, from, sizeof from);
    judge_table_write_time(table, question->to - (question->to > question->from), to, sizeof to);
    sheet_word(sheet, kinds[question->kind].name);
    sheet_span(sheet, question->series == ANALYSIS_SERIES_NONE ? span_from("")
                                                               : table->series[question->series]);
    sheet_span(sheet, has_other ? table->series[question->other] : span_from(""));
    sheet_word(sheet, from);
    sheet_word(sheet, to);
    sheet_number(sheet, question->count);
    sheet_number(sheet, question->total);
    sheet_number(sheet, question->size);
    sheet_number(sheet, question->expected);
    sheet_number(sheet, question->is_tested ? question->p : ANALYSIS_MISSING);
    sheet_number(sheet, question->is_tested ? question->q : ANALYSIS_MISSING);
    sheet_span(sheet, span_from(words));
}

// --- The command --------------------------------------------------------------------------------

static void write_questions(const struct filter *filter,
                            const struct analysis_quality_options *quality,
                            const struct judge_table *table,
                            const struct analysis_questions *questions)
{
    struct sheet sheet = {0};
    sheet_open(&sheet, filter->is_json, "quality");
    sheet_option(&sheet, "level", quality->level);
    sheet_option(&sheet, "missing", quality->missing_share);
    sheet_option(&sheet, "tolerance", quality->tolerance);
    sheet_option(&sheet, "looks", (double)questions->look_count);
    sheet_head(&sheet, columns, COLUMN_COUNT);
    for (size_t i = 0; i < questions->count; i++)
        write_question(&sheet, table, &questions->question[i]);
    sheet_close(&sheet);
    if (questions->count == 0)
        filter_note(TEXT_QUALITY_NOTHING, text_integer((int64_t)table->series_count),
                    text_integer((int64_t)questions->look_count));
}

static int ask(const struct filter *filter, const struct analysis_quality_options *quality,
               struct judge_table *table)
{
    struct fault fault = {.code = FAULT_NONE};
    struct quality_table sources = {.parent = NULL};
    struct analysis_questions questions = {.question = NULL};
    enum fault_code code = quality_table_fill(&sources, table, &fault);
    if (code == FAULT_NONE && quality->due_days >= 0 && sources.known_day == NULL)
        code = fault_set(&fault, FAULT_INVALID, TEXT_QUALITY_KNOWN_MISSING);
    if (code == FAULT_NONE && !analysis_ask_quality(&sources.data, quality, &questions))
        code = fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    if (code == FAULT_NONE)
        write_questions(filter, quality, table, &questions);
    analysis_free_questions(&questions);
    quality_table_close(&sources);
    return code == FAULT_NONE ? 0 : cli_fail(&fault);
}

static int read_option(struct filter *filter, struct analysis_quality_options *quality, int option,
                       const char *value)
{
    if (option == OPTION_DUE)
        return filter_number(filter, "due", value, 0, DUE_MOST, true, &quality->due_days);
    if (option == OPTION_TARGET)
        return filter_number(filter, "target", value, -1e15, 1e15, false, &quality->target);
    if (option == OPTION_TOLERANCE)
        return filter_number(filter, "tolerance", value, 0, 1, false, &quality->tolerance);
    if (option == OPTION_MISSING)
        return filter_number(filter, "missing", value, 0, 1, false, &quality->missing_share);
    if (option == OPTION_LEVEL)
        return filter_number(filter, "level", value, 1e-12, 1, false, &quality->level);
    return filter_read(filter, option, value);
}

int cli_run_quality(int argc, char **argv)
{
    struct filter filter = {.command = "quality"};
    struct analysis_quality_options quality;
    struct judge_table table = {.takes_sources = true};
    struct cli_reader reader = {argc, argv, options, TEXT_QUALITY_USAGE};
    const char *value = NULL;
    analysis_default_quality(&quality);
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&filter, &quality, at, value);
        if (code != 0)
            return code;
    }
    int code = filter_load(&filter, false, &table);
    if (code == 0)
        code = ask(&filter, &quality, &table);
    judge_table_close(&table);
    return code;
}
