// SPDX-License-Identifier: GPL-3.0-or-later
//
// options_test.c: the option reader takes every form it promises and refuses every other.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "unit.h"

static const struct cli_option table[] = {
    {"store", "DIR", TEXT_CLI_OPTION_HELP},
    {"force", NULL, TEXT_CLI_OPTION_HELP},
    {NULL},
};

// Reads `words` (closed by NULL) and returns the outcomes as letters: S and F the options, a an
// argument, ? wrong, h help.
static const char *outcomes(char **words, const char **ret_last)
{
    static char letters[16];
    struct cli_reader reader = {.argv = words, .table = table, .usage = TEXT_CLI_VERSION_USAGE};
    while (words[reader.argc] != NULL)
        reader.argc++;
    int count = 0, at;
    while ((at = cli_next(&reader, ret_last)) != CLI_END && count < 15) {
        letters[count++] = at == 0              ? 'S'
                           : at == 1            ? 'F'
                           : at == CLI_ARGUMENT ? 'a'
                           : at == CLI_WRONG    ? '?'
                                                : 'h';
        if (at == CLI_WRONG || at == CLI_HELP)
            break;
    }
    letters[count] = '\0';
    return letters;
}

void test_options_forms(void)
{
    const char *last = NULL;
    CHECK_TEXT(outcomes((char *[]){"x", NULL}, &last), "");
    CHECK_TEXT(outcomes((char *[]){"x", "--store", "a", "b", "--force", NULL}, &last), "SaF");
    CHECK_TEXT(outcomes((char *[]){"x", "--store=a=b", NULL}, &last), "S");
    CHECK_TEXT(last, "a=b");
    CHECK_TEXT(outcomes((char *[]){"x", "--store=", NULL}, &last), "S");
    CHECK_TEXT(last, "");
    CHECK_TEXT(outcomes((char *[]){"x", "-", "--", "--force", "--", NULL}, &last), "aaa");
    CHECK_TEXT(last, "--");
}

void test_options_refused(void)
{
    const char *last = NULL;
    CHECK(freopen("/dev/null", "w", stderr) != NULL);
    CHECK_TEXT(outcomes((char *[]){"x", "--store", NULL}, &last), "?");
    CHECK_TEXT(outcomes((char *[]){"x", "--force=1", NULL}, &last), "?");
    CHECK_TEXT(outcomes((char *[]){"x", "--stor", "a", NULL}, &last), "?");
    CHECK_TEXT(outcomes((char *[]){"x", "-f", NULL}, &last), "?");
    CHECK_TEXT(outcomes((char *[]){"x", "-store", NULL}, &last), "?");
}

void test_language_of_environment(void)
{
    setenv("LC_ALL", "zh_CN.UTF-8", 1);
    CHECK_EQUAL(cli_language(), TEXT_CHINESE);
    setenv("LC_ALL", "", 1);
    unsetenv("LC_MESSAGES");
    setenv("LANG", "zh_CN.GB18030", 1);
    CHECK_EQUAL(cli_language(), TEXT_CHINESE);
    setenv("LC_ALL", "C", 1);
    CHECK_EQUAL(cli_language(), TEXT_ENGLISH);
}
