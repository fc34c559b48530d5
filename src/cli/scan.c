// SPDX-License-Identifier: GPL-3.0-or-later
//
// scan.c: `levee scan`: judges everything that has landed since the last scan, and says what came
// of it.
//
//     levee scan [--data DIR] [--packs DIR]
//
// The same scan that `levee serve` runs after each batch; for a store that is not served, or from a
// timer. stdout: one line a count, name and number divided by a tab. Exit 0 also when there was
// nothing new.
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "judgement/scan.h"

enum { OPTION_DATA, OPTION_PACKS };

static const struct cli_option options[] = {
    {"data", "DIR", TEXT_SCAN_OPTION_DATA},
    {"packs", "DIR", TEXT_SCAN_OPTION_PACKS},
    {NULL},
};

static void write_counts(const struct judgement_scan_counts *counts)
{
    const struct {
        const char *name;
        int64_t count;
    } table[] = {{"batches", counts->batches},   {"series", counts->series},
                 {"signals", counts->signals},   {"raised", counts->raised},
                 {"updated", counts->updated},   {"doubted", counts->doubted},
                 {"answered", counts->answered}, {"held_back", counts->held_back}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        printf("%s\t%" PRId64 "\n", table[i].name, table[i].count);
}

int cli_run_scan(int argc, char **argv)
{
    struct program_request request = {.folder = PROGRAM_FOLDER};
    struct cli_reader reader = {argc, argv, options, TEXT_SCAN_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_ARGUMENT)
            return cli_refuse("scan", TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        if (at < 0)
            return cli_exit(at);
        if (at == OPTION_DATA)
            request.folder = value;
        else
            request.packs_folder = value;
    }
    struct program program = {0};
    struct judgement_scan_counts counts = {0};
    struct fault fault = {0};
    enum fault_code code = program_open(&request, &program, &fault);
    if (code == FAULT_NONE)
        code = judgement_scan(program.store, &program.packs, 0, &counts, &fault);
    program_close(&program);
    if (code != FAULT_NONE)
        return cli_fail(&fault);
    write_counts(&counts);
    return 0;
}
