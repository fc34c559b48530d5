// SPDX-License-Identifier: GPL-3.0-or-later
//
// backup.c: `levee backup FILE` and `levee restore FILE`: ledger and vault into one file and back.
#include "store/backup.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/manage.h"
#include "cli/program.h"
#include "store/store.h"

enum { OPTION_DATA, OPTION_PASSPHRASE };

static const struct cli_option table[] = {
    {"data", "DIR", TEXT_MANAGE_OPTION_DATA},
    {"passphrase-file", "FILE", TEXT_MANAGE_OPTION_PASSPHRASE},
    {NULL},
};

struct request {
    const char *folder, *passphrase_path, *path;
};

// Reads the command line; -1: go on, otherwise the exit code.
static int read_request(int argc, char **argv, enum text_key usage, struct request *request)
{
    struct cli_reader reader = {argc, argv, table, usage};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at < 0 && at != CLI_ARGUMENT)
            return cli_exit(at);
        if (at == CLI_ARGUMENT && request->path != NULL)
            return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        request->path = at == CLI_ARGUMENT ? value : request->path;
        request->folder = at == OPTION_DATA ? value : request->folder;
        request->passphrase_path = at == OPTION_PASSPHRASE ? value : request->passphrase_path;
    }
    if (request->path == NULL)
        return cli_refuse(argv[0], TEXT_MANAGE_ARGUMENT_MISSING, text_string("FILE"));
    if (request->folder == NULL)
        return cli_refuse(argv[0], TEXT_MANAGE_OPTION_MISSING, text_string("data"));
    return -1;
}

int cli_run_backup(int argc, char **argv)
{
    struct request request = {.folder = PROGRAM_FOLDER};
    struct backup_progress progress = {.report = manage_progress};
    struct fault fault = {0};
    struct span passphrase = {0};
    struct stat status = {0};
    char buffer[MANAGE_PASSPHRASE_SIZE];
    int outcome = read_request(argc, argv, TEXT_BACKUP_USAGE, &request);
    if (outcome >= 0)
        return outcome;
    enum fault_code code =
        manage_read_passphrase(request.passphrase_path, buffer, &passphrase, &fault);
    if (code == FAULT_NONE)
        code = backup_write(request.folder, request.path, passphrase, &progress, &fault);
    explicit_bzero(buffer, sizeof buffer);
    if (code != FAULT_NONE)
        return cli_fail(&fault);
    stat(request.path, &status);
    manage_say(TEXT_BACKUP_DONE, text_string(request.path), text_integer(status.st_size));
    return 0;
}

static enum fault_code say_restored(const char *folder, struct fault *fault)
{
    struct program program = {0};
    struct program_request open = {.folder = folder, .must_hold = true};
    char ledger[64] = "";
    enum fault_code code = program_open(&open, &program, fault);
    if (code == FAULT_NONE) {
        store_write_ledger(program.store, ledger, sizeof ledger);
        manage_say(TEXT_RESTORE_DONE, text_string(folder), text_string(ledger));
    }
    program_close(&program);
    return code;
}

int cli_run_restore(int argc, char **argv)
{
    struct request request = {.folder = NULL};
    struct backup_progress progress = {.report = manage_progress};
    struct fault fault = {0};
    struct span passphrase = {0};
    char buffer[MANAGE_PASSPHRASE_SIZE];
    int outcome = read_request(argc, argv, TEXT_RESTORE_USAGE, &request);
    if (outcome >= 0)
        return outcome;
    enum fault_code code =
        manage_read_passphrase(request.passphrase_path, buffer, &passphrase, &fault);
    if (code == FAULT_NONE)
        code = backup_read(request.path, request.folder, passphrase, &progress, &fault);
    explicit_bzero(buffer, sizeof buffer);
    if (code == FAULT_NONE)
        code = say_restored(request.folder, &fault);
    return code == FAULT_NONE ? 0 : cli_fail(&fault);
}
