// SPDX-License-Identifier: GPL-3.0-or-later
//
// import.c: `levee import readings FILE`: a table of readings, whole or not at all.
//
// Mistakes go to stderr, one a line, with line, column, value, reason and remedy; then nothing is
// imported and the exit code is 65. When a server holds the store, the parts go over its socket.
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/manage.h"
#include "cli/program.h"
#include "store/import.h"
#include "store/store.h"

enum {
    OPTION_DATA,
    OPTION_INDICATOR,
    OPTION_SIMULATED,
    OPTION_SOURCE,
    OPTION_KNOWN_AT,
    OPTION_AS,
    OPTION_DRY_RUN
};

static const struct cli_option table[] = {
    {"data", "DIR", TEXT_MANAGE_OPTION_DATA},
    {"indicator", "CODE", TEXT_IMPORT_OPTION_INDICATOR},
    {"simulated", NULL, TEXT_IMPORT_OPTION_SIMULATED},
    {"source", "TEXT", TEXT_IMPORT_OPTION_SOURCE},
    {"known-at", "TIME", TEXT_IMPORT_OPTION_KNOWN_AT},
    {"as", "ACCOUNT", TEXT_IMPORT_OPTION_AS},
    {"dry-run", NULL, TEXT_IMPORT_OPTION_DRY_RUN},
    {NULL},
};

struct request {
    const char *folder, *account, *path;
    struct import_options options;
};

static void write_mistakes(const struct import *import)
{
    size_t shown = import->mistake_count < LIMIT_IMPORT_MISTAKES ? import->mistake_count
                                                                 : LIMIT_IMPORT_MISTAKES;
    for (size_t i = 0; i < shown; i++) {
        const struct import_mistake *mistake = &import->mistakes[i];
        char sentence[LIMIT_TEXT_SIZE], where[64];
        import_write_mistake(mistake, cli_language(), sentence, sizeof sentence);
        struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {
            text_integer(mistake->line), text_integer(mistake->column), {0}};
        // The sentence may be longer than an argument holds: it is written behind the place.
        text_write(TEXT_IMPORT_MISTAKE, cli_language(), argument, where, sizeof where);
        fprintf(stderr, "%s %s\n", where, sentence);
    }
    manage_say(TEXT_IMPORT_REFUSED, text_integer((int64_t)import->mistake_count),
               text_integer((int64_t)shown));
}

static void report(void *context, size_t done, size_t total)
{
    manage_progress(context, (int64_t)done, (int64_t)total);
}

static enum fault_code run(struct store *store, const struct request *request,
                           struct csv_text *text, bool *ret_is_good, struct fault *fault)
{
    struct arena arena = {0};
    struct import import = {0};
    struct store_actor actor = {0};
    struct readings_progress progress = {.report = report};
    char batch[64] = "";
    enum fault_code code = manage_find_actor(store, request->account, &actor, fault);
    if (code == FAULT_NONE)
        code = import_read(store, &actor, text, &request->options, &arena, &import, fault);
    if (code != FAULT_NONE)
        goto out;
    *ret_is_good = import.mistake_count == 0;
    if (!*ret_is_good) {
        write_mistakes(&import);
    } else if (request->options.is_rehearsal) {
        manage_say(TEXT_IMPORT_CHECKED, text_integer((int64_t)import.row_count),
                   text_integer((int64_t)import.series_count),
                   text_integer((int64_t)import.new_series_count));
    } else {
        code = import_land(store, &actor, &request->options, &import, &progress, fault);
        if (code == FAULT_NONE) {
            store_write_id(store, import.batch, batch, sizeof batch);
            manage_say(TEXT_IMPORT_DONE, text_integer((int64_t)import.row_count),
                       text_integer((int64_t)import.series_count), text_string(batch));
        }
    }
out:
    import_end(&import);
    arena_reset(&arena);
    return code;
}

static int import_file(const struct request *request)
{
    struct fault fault = {0};
    struct program program = {0};
    struct program_request open = {.folder = request->folder};
    struct csv_text text = {0};
    bool is_good = true;
    enum fault_code code = csv_read_file(request->path, &text, &fault);
    if (code == FAULT_NONE)
        code = program_open(&open, &program, &fault);
    if (code == FAULT_NONE)
        code = run(program.store, request, &text, &is_good, &fault);
    program_close(&program);
    csv_free(&text);
    if (code != FAULT_NONE)
        return cli_fail(&fault);
    return is_good ? 0 : fault_exit_code(FAULT_INVALID);
}

int cli_run_import(int argc, char **argv)
{
    struct cli_reader reader = {argc, argv, table, TEXT_IMPORT_USAGE};
    struct request request = {.folder = PROGRAM_FOLDER};
    const char *value = NULL, *what = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at < 0 && at != CLI_ARGUMENT)
            return cli_exit(at);
        if (at == CLI_ARGUMENT && what == NULL && strcmp(value, "readings") == 0)
            what = value;
        else if (at == CLI_ARGUMENT && what != NULL && request.path == NULL)
            request.path = value;
        else if (at == CLI_ARGUMENT)
            return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        if (at == OPTION_KNOWN_AT &&
            !time_read_instant(span_from(value), &request.options.known_at))
            return cli_refuse(argv[0], TEXT_BASE_DATE_MALFORMED, text_string(value));
        request.folder = at == OPTION_DATA ? value : request.folder;
        request.account = at == OPTION_AS ? value : request.account;
        request.options.indicator = at == OPTION_INDICATOR ? value : request.options.indicator;
        request.options.source = at == OPTION_SOURCE ? value : request.options.source;
        request.options.is_simulated |= at == OPTION_SIMULATED;
        request.options.is_rehearsal |= at == OPTION_DRY_RUN;
    }
    if (request.path == NULL)
        return cli_refuse(argv[0], TEXT_MANAGE_ARGUMENT_MISSING,
                          text_string(what == NULL ? "readings" : "FILE"));
    request.options.note = request.path;
    return import_file(&request);
}
