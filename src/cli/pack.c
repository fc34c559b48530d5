// SPDX-License-Identifier: GPL-3.0-or-later
//
// pack.c: `levee pack check FILE...` and `levee pack show FILE`.
//
// check writes one line a mistake, "FILE:LINE: sentence with remedy", for all files, and ends with
// 65 when there is any. show lists what a pack declares, with the source of each figure, for the
// official who has to confirm it.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "pack/pack.h"

enum { INDENT_STEP = 2 };

#define say(indent, key, ...)                                                                      \
    say_with((indent), (key), (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})

static void say_with(int indent, enum text_key key, const struct text_argument *argument)
{
    char sentence[LIMIT_TEXT_SIZE];
    text_write(key, cli_language(), argument, sentence, sizeof sentence);
    printf("%*s%s\n", indent * INDENT_STEP, "", sentence);
}

static const char *pick_string(struct pack_words words)
{
    return cli_language() == TEXT_CHINESE ? words.zh : words.en;
}

static struct text_argument pick(struct pack_words words)
{
    return text_string(pick_string(words));
}

static struct text_argument level_text(enum pack_level level)
{
    return text_string(pack_level_name(level));
}

// ---- check ----

static void write_mistakes(const char *path, const struct pack_report *report)
{
    char sentence[LIMIT_TEXT_SIZE];
    for (size_t i = 0; i < report->count; i++) {
        const struct pack_mistake *mistake = &report->mistake[i];
        text_write(mistake->key, cli_language(), mistake->argument, sentence, sizeof sentence);
        fprintf(stderr, "%s:%d: %s\n", path, mistake->line, sentence);
    }
    if (report->dropped == 0)
        return;
    struct text_argument count[LIMIT_TEXT_ARGUMENTS] = {text_integer((int64_t)report->dropped)};
    text_write(TEXT_PACK_MISTAKES_DROPPED, cli_language(), count, sentence, sizeof sentence);
    fprintf(stderr, "%s: %s\n", path, sentence);
}

// Checks one file. The exit code; *ret_pack is NULL when there are mistakes.
static int check_file(const char *path, struct arena *arena, const struct pack **ret_pack)
{
    struct fault fault = {.code = FAULT_NONE};
    struct span source = {NULL, 0};
    struct pack_report *report = arena_allocate(arena, sizeof *report);
    *ret_pack = NULL;
    if (report == NULL)
        fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    else if (pack_read_file(path, arena, &source, &fault) == FAULT_NONE)
        pack_check(path, source, arena, report, ret_pack, &fault);
    if (fault.code != FAULT_NONE)
        return cli_fail(&fault);
    write_mistakes(path, report);
    return report->count == 0 ? 0 : fault_exit_code(FAULT_INVALID);
}

static int run_check(const char *path)
{
    struct arena arena = {0};
    const struct pack *pack = NULL;
    int code = check_file(path, &arena, &pack);
    if (pack != NULL) {
        size_t rules = 0;
        for (size_t i = 0; i < pack->indicator_count; i++)
            rules += pack->indicators[i].rule_count;
        say(0, TEXT_PACK_IS_RIGHT, text_string(path), text_string(pack->name),
            text_integer((int64_t)pack->indicator_count), text_integer((int64_t)rules));
    }
    arena_reset(&arena);
    return code;
}

// ---- show ----

// A citation is longer than an argument of a sentence may be.
static void show_basis(int indent, const struct pack_basis *basis)
{
    printf("%*s  %s %s (%s)\n", indent * INDENT_STEP, "", cli_say(TEXT_PACK_SHOW_SOURCE),
           pick_string(basis->source->cite), basis->source->code);
}

static struct text_argument day_text(int32_t day)
{
    char buffer[16];
    if (day == INT32_MIN || day == INT32_MAX)
        return text_string(cli_say(TEXT_PACK_SHOW_ALWAYS));
    time_write_period(TIME_DAILY, day, buffer, sizeof buffer);
    return text_string(buffer);
}

// An end of a band: infinity is said as what it is.
static struct text_argument end_text(double value)
{
    return isfinite(value) ? text_real(value) : text_string(value < 0 ? "-∞" : "+∞");
}

static void show_indicator(const struct pack_indicator *indicator)
{
    static const char *const aggregation[] = {"none", "sum", "mean"};
    char frequency[2] = {(char)indicator->frequency, '\0'};
    say(0, TEXT_PACK_SHOW_INDICATOR, pick(indicator->label), text_string(indicator->code),
        pick(indicator->unit));
    say(1, TEXT_PACK_SHOW_DETAILS, text_string(frequency),
        text_string(pack_division_name(indicator->reported_by)), text_integer(indicator->decimals),
        text_string(aggregation[indicator->aggregation]));
    if (indicator->is_second)
        say(1, TEXT_PACK_SHOW_SECOND);
    if (indicator->formula != NULL)
        say(1, TEXT_PACK_SHOW_FORMULA, text_string(indicator->formula_text));
    for (size_t i = 0; i < indicator->band_count; i++) {
        const struct pack_band *band = &indicator->bands[i];
        say(1, TEXT_PACK_SHOW_BAND, pick(band->label), end_text(band->from), end_text(band->until),
            level_text(band->level));
        show_basis(1, &band->basis);
    }
    for (size_t i = 0; i < indicator->rule_count; i++) {
        const struct pack_rule *rule = &indicator->rules[i];
        say(1, TEXT_PACK_SHOW_RULE, pick(rule->label), text_string(rule->code),
            level_text(rule->level));
        show_basis(1, &rule->basis);
    }
    for (size_t i = 0; i < indicator->detector_count; i++) {
        say(1, TEXT_PACK_SHOW_DETECTOR, text_string(indicator->detectors[i].method),
            level_text(indicator->detectors[i].level));
        show_basis(1, &indicator->detectors[i].basis);
    }
    for (size_t i = 0; i < indicator->plausibility_count; i++) {
        const struct pack_plausibility *check = &indicator->plausibility[i];
        if (check->kind == PACK_IMPROBABLY_LOW)
            say(1, TEXT_PACK_SHOW_LOW, text_real(check->limit));
        else
            say(1, TEXT_PACK_SHOW_DIFFER, text_string(check->other), text_real(check->tolerance));
        show_basis(1, &check->basis);
    }
}

static void show_owners(const struct pack *pack)
{
    for (enum pack_division division = PACK_PROVINCE; division < PACK_DIVISIONS; division++) {
        const struct pack_owner *owner = &pack->owners[division];
        char roles[LIMIT_TEXT_ARGUMENT_SIZE] = "";
        size_t at = 0;
        for (size_t i = 0; i < owner->role_count; i++) {
            int written =
                snprintf(roles + at, sizeof roles - at, "%s%s", i > 0 ? ", " : "", owner->roles[i]);
            at += written > 0 && (size_t)written < sizeof roles - at ? (size_t)written : 0;
        }
        if (owner->role_count > 0)
            say(1, TEXT_PACK_SHOW_OWNER, text_string(pack_division_name(division)),
                text_string(roles));
    }
}

static void show_pack(const struct pack *pack)
{
    say(0, TEXT_PACK_SHOW_HEAD, pick(pack->label), text_string(pack->name),
        text_integer(pack->version));
    say(1, TEXT_PACK_SHOW_VALID, day_text(pack->from_day),
        day_text(pack->until_day == INT32_MAX ? INT32_MAX : pack->until_day - 1));
    say(1, TEXT_PACK_SHOW_LINE, pick(pack->line.label), text_string(pack->line.indicator),
        text_string(pack->line.holds == PACK_AT_LEAST ? ">=" : "<="), text_real(pack->line.figure));
    show_basis(1, &pack->line.basis);
    say(1, TEXT_PACK_SHOW_LOWERING, text_integer(pack->lowering.quiet),
        text_integer(pack->budget.notices_per_week));
    show_basis(1, &pack->lowering.basis);
    show_basis(1, &pack->budget.basis);
    for (enum pack_level level = PACK_BLUE; level < PACK_LEVELS; level++)
        say(1, TEXT_PACK_SHOW_DEADLINE, level_text(level),
            text_integer(pack->deadlines.hours[level]));
    show_basis(1, &pack->deadlines.basis);
    show_owners(pack);
    for (enum pack_level level = PACK_BLUE; level < PACK_LEVELS; level++) {
        say(1, TEXT_PACK_SHOW_PLAN, level_text(level));
        for (size_t i = 0; i < pack->plan[level].step_count; i++)
            printf("    - %s\n", pick_string(pack->plan[level].steps[i]));
    }
    for (size_t i = 0; i < pack->indicator_count; i++)
        show_indicator(&pack->indicators[i]);
}

static int run_show(const char *path)
{
    struct arena arena = {0};
    const struct pack *pack = NULL;
    int code = check_file(path, &arena, &pack);
    if (pack != NULL)
        show_pack(pack);
    arena_reset(&arena);
    return code;
}

int cli_run_pack(int argc, char **argv)
{
    static const struct cli_option table[] = {{NULL}};
    struct cli_reader reader = {argc, argv, table, TEXT_PACK_USAGE};
    const char *action = NULL;
    const char *value = NULL;
    int file_count = 0;
    int code = 0;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at != CLI_ARGUMENT)
            return cli_exit(at);
        if (action == NULL) {
            action = value;
            if (strcmp(action, "check") != 0 && strcmp(action, "show") != 0)
                return cli_refuse(argv[0], TEXT_PACK_ACTION_MISSING);
            continue;
        }
        bool is_check = strcmp(action, "check") == 0;
        if (++file_count > 1 && !is_check)
            return cli_refuse(argv[0], TEXT_PACK_ONE_FILE);
        int outcome = is_check ? run_check(value) : run_show(value);
        code = code == 0 ? outcome : code;
    }
    return file_count == 0 ? cli_refuse(argv[0], TEXT_PACK_ACTION_MISSING) : code;
}
