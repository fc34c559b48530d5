// SPDX-License-Identifier: GPL-3.0-or-later
//
// rebuild.c: `levee rebuild`: the state from the ledger alone, and both digests.
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/manage.h"
#include "cli/program.h"
#include "store/store.h"

static const struct cli_option table[] = {
    {"data", "DIR", TEXT_MANAGE_OPTION_DATA},
    {NULL},
};

int cli_run_rebuild(int argc, char **argv)
{
    struct cli_reader reader = {argc, argv, table, TEXT_REBUILD_USAGE};
    const char *folder = PROGRAM_FOLDER, *value = NULL;
    struct fault fault = {0};
    char before[65] = "", after[65] = "";
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_ARGUMENT)
            return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        if (at < 0)
            return cli_exit(at);
        folder = value;
    }
    if (store_rebuild(folder, before, after, &fault) != FAULT_NONE)
        return cli_fail(&fault);
    printf("before %s\nafter  %s\n", before, after);
    if (strcmp(before, after) == 0)
        return 0;
    fprintf(stderr, "levee: %s\n", cli_say(TEXT_REBUILD_DIFFERS));
    return fault_exit_code(FAULT_CORRUPT);
}
