// SPDX-License-Identifier: GPL-3.0-or-later
//
// init.c: `levee init`: founds the store of an office in an empty folder.
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/manage.h"
#include "cli/program.h"
#include "store/store.h"

enum { OPTION_DATA, OPTION_DIVISION, OPTION_NAME };

static const struct cli_option table[] = {
    {"data", "DIR", TEXT_MANAGE_OPTION_DATA},
    {"division", "CODE", TEXT_INIT_OPTION_DIVISION},
    {"name", "NAME", TEXT_INIT_OPTION_NAME},
    {NULL},
};

static int found(const char *folder, const struct store_birth *birth)
{
    struct fault fault = {0};
    struct program program = {0};
    struct program_request request = {.folder = folder, .must_hold = true};
    char ledger[64] = "";
    enum fault_code code = store_create(folder, birth, &fault);
    if (code == FAULT_NONE)
        code = program_open(&request, &program, &fault);
    if (code == FAULT_NONE) {
        store_write_ledger(program.store, ledger, sizeof ledger);
        manage_say(TEXT_INIT_DONE, text_string(folder), text_string(ledger));
    }
    program_close(&program);
    return code == FAULT_NONE ? 0 : cli_fail(&fault);
}

int cli_run_init(int argc, char **argv)
{
    struct cli_reader reader = {argc, argv, table, TEXT_INIT_USAGE};
    struct store_birth birth = {.kind = STORE_LIVE};
    const char *folder = PROGRAM_FOLDER, *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_ARGUMENT)
            return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        if (at < 0)
            return cli_exit(at);
        folder = at == OPTION_DATA ? value : folder;
        birth.division_code = at == OPTION_DIVISION ? value : birth.division_code;
        birth.name = at == OPTION_NAME ? value : birth.name;
    }
    if (birth.division_code == NULL)
        return cli_refuse(argv[0], TEXT_MANAGE_OPTION_MISSING, text_string("division"));
    return found(folder, &birth);
}
