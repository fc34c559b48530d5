// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.c: the program `levee`: a table of subcommands and nothing else.
//
// A subcommand is a row below and a file beside this one. `levee --help` is written from the table,
// in its order: first what a newcomer needs.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/commands.h"

static int run_help(int argc, char **argv);
static int run_version(int argc, char **argv);

// As a newcomer meets them: found, serve, feed, judge, prove, keep.
static const struct cli_command commands[] = {
    {"init", TEXT_INIT_SUMMARY, cli_run_init},
    {"serve", TEXT_SERVE_SUMMARY, cli_run_serve},
    {"demo", TEXT_DEMO_SUMMARY, cli_run_demo},
    {"import", TEXT_IMPORT_SUMMARY, cli_run_import},
    {"scan", TEXT_SCAN_SUMMARY, cli_run_scan},
    {"backtest", TEXT_BACKTEST_SUMMARY, cli_run_backtest},
    {"judge", TEXT_JUDGE_SUMMARY, cli_run_judge},
    {"compare", TEXT_COMPARE_SUMMARY, cli_run_compare},
    {"rt", TEXT_RT_SUMMARY, cli_run_rt},
    {"nowcast", TEXT_NOWCAST_SUMMARY, cli_run_nowcast},
    {"forecast", TEXT_FORECAST_SUMMARY, cli_run_forecast},
    {"scenario", TEXT_SCENARIO_SUMMARY, cli_run_scenario},
    {"trend", TEXT_TREND_SUMMARY, cli_run_trend},
    {"quality", TEXT_QUALITY_SUMMARY, cli_run_quality},
    {"cluster", TEXT_CLUSTER_SUMMARY, cli_run_cluster},
    {"query", TEXT_QUERY_SUMMARY, cli_run_query},
    {"ledger", TEXT_LEDGER_SUMMARY, cli_run_ledger},
    {"rebuild", TEXT_REBUILD_SUMMARY, cli_run_rebuild},
    {"backup", TEXT_BACKUP_SUMMARY, cli_run_backup},
    {"restore", TEXT_RESTORE_SUMMARY, cli_run_restore},
    {"pack", TEXT_PACK_SUMMARY, cli_run_pack},
    {"openapi", TEXT_OPENAPI_SUMMARY, cli_run_openapi},
    {"help", TEXT_CLI_HELP_SUMMARY, run_help},
    {"version", TEXT_CLI_VERSION_SUMMARY, run_version},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static const struct cli_command *find_command(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int refuse_command(const char *name)
{
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_string(name)};
    char sentence[LIMIT_TEXT_SIZE];
    text_write(TEXT_CLI_COMMAND_UNKNOWN, cli_language(), argument, sentence, sizeof sentence);
    fprintf(stderr, "levee: %s\n", sentence);
    return CLI_EXIT_USAGE;
}

// `levee help`, `levee help judge`.
static int run_help(int argc, char **argv)
{
    bool is_about_help = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    if (argc > 1 && !is_about_help) {
        const struct cli_command *command = find_command(argv[1]);
        if (command == NULL)
            return refuse_command(argv[1]);
        if (command->run != run_help)
            return command->run(2, (char *[]){argv[1], "--help", NULL});
    }
    printf("%s\n\n%s\n", cli_say(TEXT_CLI_ABOUT), cli_say(TEXT_CLI_COMMANDS));
    for (int i = 0; i < COMMAND_COUNT; i++)
        printf("  %-10s  %s\n", commands[i].name, cli_say(commands[i].summary));
    printf("\n%s\n", cli_say(TEXT_CLI_ABOUT_MORE));
    return 0;
}

static int run_version(int argc, char **argv)
{
    static const struct cli_option table[] = {{NULL}};
    struct cli_reader reader = {argc, argv, table, TEXT_CLI_VERSION_USAGE};
    const char *value = NULL;
    int outcome = cli_next(&reader, &value);
    if (outcome == CLI_ARGUMENT)
        return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
    if (outcome != CLI_END)
        return cli_exit(outcome);
    printf("levee %s\n", LEVEE_VERSION);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        run_help(1, argv);
        return CLI_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return run_help(argc - 1, argv + 1);
    if (strcmp(argv[1], "--version") == 0)
        return run_version(1, (char *[]){"version", NULL});
    const struct cli_command *command = find_command(argv[1]);
    int code = command == NULL ? refuse_command(argv[1]) : command->run(argc - 1, argv + 1);
    // What was written must have arrived: a full disk behind stdout is a failure, not a success.
    if (fflush(stdout) != 0 && code == 0) {
        struct fault fault = {.code = FAULT_NONE};
        file_unwritable(&fault, "stdout", errno);
        code = cli_fail(&fault);
    }
    return code;
}
