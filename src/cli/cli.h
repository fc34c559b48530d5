// SPDX-License-Identifier: GPL-3.0-or-later
//
// cli.h: what every subcommand of `levee` shares: its table row, its options, its way to fail.
//
// A subcommand is one file src/cli/NAME.c with one function cli_run_NAME, declared below, and one
// row in the table of main.c. Its options are a table too, from which both the reading and the help
// come. Results go to stdout, everything else to stderr, in the language of LC_ALL, LC_MESSAGES or
// LANG (the first that is set; zh is Chinese, all else English).
//
//     int cli_run_thing(int argc, char **argv)             argv[0] is "thing"
//     {
//         static const struct cli_option table[] = {
//             {"store", "DIR", TEXT_CLI_OPTION_STORE},     --store DIR or --store=DIR
//             {"force", NULL, TEXT_CLI_OPTION_FORCE},      --force
//             {NULL},
//         };
//         struct cli_reader reader = {argc, argv, table, TEXT_THING_USAGE};
//         const char *value = NULL;
//         for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
//             if (at < 0 && at != CLI_ARGUMENT)
//                 return cli_exit(at);
//             ...                                          at: a row of the table, or CLI_ARGUMENT
//         }
//
// Exit codes: 0 done; 64 the command line is wrong; else fault_exit_code of the fault.
#ifndef LEVEE_CLI_CLI_H
#define LEVEE_CLI_CLI_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/text.h"

struct cli_command {
    const char *name;
    enum text_key summary; // one line for `levee --help`
    int (*run)(int argc, char **argv);
};

struct cli_option {
    const char *name;      // without the dashes; NULL closes the table
    const char *value;     // what stands for its value in the help; NULL: a switch
    enum text_key summary; // one line
};

struct cli_reader {
    int argc;
    char **argv;
    const struct cli_option *table;
    enum text_key usage; // the head of the help: usage lines and what the command does
    int at;              // arguments read so far, argv[0] included
    bool is_plain;       // "--" was seen: only arguments follow
};

enum {
    CLI_END = -1,      // nothing is left
    CLI_ARGUMENT = -2, // *ret_value is an argument that is no option ("-" included)
    CLI_WRONG = -3,    // not an option, or its value is missing; the sentence is written
    CLI_HELP = -4,     // --help or -h; the help is written to stdout
    CLI_EXIT_USAGE = 64,
};

// The language of the messages, from the environment.
enum text_language cli_language(void);
// Reads the next option or argument. Returns its row in the table (*ret_value: its value, NULL for
// a switch) or one of the above. *ret_value points into argv.
int cli_next(struct cli_reader *reader, const char **ret_value);
// The exit code for CLI_WRONG and CLI_HELP.
int cli_exit(int outcome);
// Writes the usage text and the options to stdout.
void cli_write_help(enum text_key usage, const struct cli_option *table);
// Writes the fault's sentence to stderr and returns its exit code.
int cli_fail(const struct fault *fault);
// Writes a sentence about a wrong command line to stderr and returns CLI_EXIT_USAGE. `command` is
// argv[0]; the sentence is followed by where the help is.
#define cli_refuse(command, key, ...)                                                              \
    cli_refuse_with((command), (key), (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})
int cli_refuse_with(const char *command, enum text_key key, const struct text_argument *argument);
// A sentence in the reader's language, valid until the next call. For help, headings and progress.
const char *cli_say(enum text_key key);

#endif
