// SPDX-License-Identifier: GPL-3.0-or-later
//
// options.c: reads a subcommand's options from its table and says what is wrong with them.
//
// Idea: one table row an option, so that help and reading cannot drift apart. Long options only,
// "--name value" or "--name=value"; "--" ends them; "-" alone is an argument (stdin). An option may
// stand before or after arguments and may be given again: what that means is the command's affair.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum text_language cli_language(void)
{
    static const char *const variable[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variable / sizeof variable[0]; i++) {
        const char *value = getenv(variable[i]);
        if (value != NULL && value[0] != '\0')
            return text_language_from(value);
    }
    return TEXT_ENGLISH;
}

const char *cli_say(enum text_key key)
{
    return text_sentence(key, cli_language());
}

int cli_refuse_with(const char *command, enum text_key key, const struct text_argument *argument)
{
    char sentence[LIMIT_TEXT_SIZE];
    text_write(key, cli_language(), argument, sentence, sizeof sentence);
    fprintf(stderr, "levee: %s\n", sentence);
    struct text_argument name[LIMIT_TEXT_ARGUMENTS] = {text_string(command)};
    text_write(TEXT_CLI_SEE_HELP, cli_language(), name, sentence, sizeof sentence);
    fprintf(stderr, "%s\n", sentence);
    return CLI_EXIT_USAGE;
}

int cli_fail(const struct fault *fault)
{
    assert(fault->code != FAULT_NONE);
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, cli_language(), sentence, sizeof sentence);
    fprintf(stderr, "levee: %s\n", sentence);
    return fault_exit_code(fault->code);
}

int cli_exit(int outcome)
{
    assert(outcome == CLI_WRONG || outcome == CLI_HELP);
    return outcome == CLI_HELP ? 0 : CLI_EXIT_USAGE;
}

void cli_write_help(enum text_key usage, const struct cli_option *table)
{
    printf("%s\n\n%s\n", cli_say(usage), cli_say(TEXT_CLI_OPTIONS));
    for (const struct cli_option *option = table; option->name != NULL; option++) {
        char head[64];
        snprintf(head, sizeof head, "--%s%s%s", option->name, option->value == NULL ? "" : " ",
                 option->value == NULL ? "" : option->value);
        printf("  %-22s  %s\n", head, cli_say(option->summary));
    }
    printf("  %-22s  %s\n", "--help", cli_say(TEXT_CLI_OPTION_HELP));
}

// Takes the value of `option`: behind "=", or the next argument.
static int take_value(struct cli_reader *reader, int row, const char *equals,
                      const char **ret_value)
{
    const struct cli_option *option = &reader->table[row];
    if (option->value == NULL) {
        *ret_value = NULL;
        if (equals == NULL)
            return row;
        cli_refuse(reader->argv[0], TEXT_CLI_OPTION_NO_VALUE, text_string(option->name));
        return CLI_WRONG;
    }
    if (equals != NULL) {
        *ret_value = equals + 1;
        return row;
    }
    if (reader->at < reader->argc) {
        *ret_value = reader->argv[reader->at++];
        return row;
    }
    cli_refuse(reader->argv[0], TEXT_CLI_OPTION_VALUE, text_string(option->name),
               text_string(option->value));
    return CLI_WRONG;
}

int cli_next(struct cli_reader *reader, const char **ret_value)
{
    assert(reader->argc >= 1 && reader->table != NULL);
    if (reader->at == 0)
        reader->at = 1;
    if (reader->at < reader->argc && !reader->is_plain &&
        strcmp(reader->argv[reader->at], "--") == 0) {
        reader->is_plain = true;
        reader->at++;
    }
    if (reader->at >= reader->argc)
        return CLI_END;
    const char *word = reader->argv[reader->at++];
    if (reader->is_plain || word[0] != '-' || word[1] == '\0') {
        *ret_value = word;
        return CLI_ARGUMENT;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        cli_write_help(reader->usage, reader->table);
        return CLI_HELP;
    }
    const char *equals = strchr(word, '=');
    struct span name = {word + 2, equals != NULL ? (size_t)(equals - word) - 2 : strlen(word) - 2};
    for (int row = 0; word[1] == '-' && reader->table[row].name != NULL; row++)
        if (span_is(name, reader->table[row].name))
            return take_value(reader, row, equals, ret_value);
    cli_refuse(reader->argv[0], TEXT_CLI_OPTION_UNKNOWN, text_string(word));
    return CLI_WRONG;
}
