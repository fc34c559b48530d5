// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_help.c: the help on methods and options, written from the table of detectors.
//
// Idea: names, defaults and limits come from the library's table; only the words are ours, found in
// the catalogue by the name: judge.method_ears_c1, judge.option_min_sigma. A test demands that no
// method and no option goes without.
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/judge.h"

enum { NAME_SIZE = 80 };

// The key of that dotted name, dashes of a method's name read as low lines.
static enum text_key find_text(char *dotted)
{
    enum text_key key = TEXT_JUDGE_NO_WORDS;
    for (char *at = dotted; *at != '\0'; at++)
        if (*at == '-')
            *at = '_';
    text_find_key(span_from(dotted), &key);
    return key;
}

enum text_key judge_method_text(const char *method)
{
    char dotted[NAME_SIZE];
    snprintf(dotted, sizeof dotted, "judge.method_%s", method);
    return find_text(dotted);
}

enum text_key judge_option_text(const char *option)
{
    char dotted[NAME_SIZE];
    snprintf(dotted, sizeof dotted, "judge.option_%s", option);
    return find_text(dotted);
}

void judge_describe_option(const struct analysis_option *option, char *buffer, size_t size)
{
    assert(size > 0);
    buffer[0] = '\0';
    if (option->kind != ANALYSIS_OPTION_CHOICE) {
        snprintf(buffer, size, "%g..%g%s%s", option->least, option->most,
                 option->choice[0] == NULL ? "" : "|",
                 option->choice[0] == NULL ? "" : option->choice[0]);
        return;
    }
    size_t at = 0;
    for (int i = 0; i < ANALYSIS_CHOICES_MAX && option->choice[i] != NULL && at < size; i++)
        at += (size_t)snprintf(buffer + at, size - at, "%s%s", i > 0 ? "|" : "", option->choice[i]);
}

static void describe_default(const struct analysis_option *option, char *buffer, size_t size)
{
    if (option->kind == ANALYSIS_OPTION_CHOICE)
        snprintf(buffer, size, "%s", option->choice[(int)option->otherwise]);
    else if (isfinite(option->otherwise))
        snprintf(buffer, size, "%g", option->otherwise);
    else
        snprintf(buffer, size, "%s", option->choice[0] == NULL ? "-" : option->choice[0]);
}

void judge_write_methods(void)
{
    size_t count = 0;
    const struct analysis_detector *detector = analysis_detectors(&count);
    printf("\n%s\n", cli_say(TEXT_JUDGE_METHODS));
    for (size_t i = 0; i < count; i++, detector++) {
        printf("  %-20s  %s\n", detector->name, cli_say(judge_method_text(detector->name)));
        for (size_t k = 0; k < detector->option_count; k++) {
            const struct analysis_option *option = &detector->option[k];
            char takes[64], otherwise[32], head[112];
            judge_describe_option(option, takes, sizeof takes);
            describe_default(option, otherwise, sizeof otherwise);
            snprintf(head, sizeof head, "%s=%s (%s)", option->name, otherwise, takes);
            printf("    %-36s  %s\n", head, cli_say(judge_option_text(option->name)));
        }
    }
}
