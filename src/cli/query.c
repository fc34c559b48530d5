// SPDX-License-Identifier: GPL-3.0-or-later
//
// query.c: `levee query`: asks a named query and prints its answer, as the web would give it.
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/manage.h"
#include "cli/program.h"
#include "store/query.h"
#include "store/store.h"

enum { OPTION_DATA, OPTION_AS, OPTION_AS_OF };

static const struct cli_option table[] = {
    {"data", "DIR", TEXT_MANAGE_OPTION_DATA},
    {"as", "ACCOUNT", TEXT_QUERY_OPTION_AS},
    {"as-of", "TIME", TEXT_QUERY_OPTION_AS_OF},
    {NULL},
};

struct request {
    const char *folder, *account, *name;
    int64_t as_of;
    json_t *parameters;
};

static int list(void)
{
    for (int i = 0; i < query_row_count(); i++) {
        const struct query_row *row = query_row_at((enum query_name)i);
        printf("%-28s %-30s %s\n", row->name, row->path == NULL ? "-" : row->path, row->what);
    }
    return 0;
}

static int ask(const struct request *request)
{
    struct fault fault = {0};
    struct program program = {0};
    struct program_request open = {.folder = request->folder};
    struct store_actor actor = {0};
    struct arena arena = {0};
    struct span answer = {0};
    enum query_name name = 0;
    enum fault_code code = FAULT_NONE;
    if (!query_find(span_from(request->name), &name))
        code =
            fault_set(&fault, FAULT_MISSING, TEXT_STORE_QUERY_UNKNOWN, text_string(request->name));
    if (code == FAULT_NONE)
        code = program_open(&open, &program, &fault);
    if (code == FAULT_NONE)
        code = manage_find_actor(program.store, request->account, &actor, &fault);
    if (code == FAULT_NONE)
        code = store_query_write(program.store, name, &actor, request->as_of, request->parameters,
                                 &arena, &answer, &fault);
    if (code == FAULT_NONE)
        printf("%.*s\n", (int)answer.size, answer.data);
    arena_reset(&arena);
    program_close(&program);
    return code == FAULT_NONE ? 0 : cli_fail(&fault);
}

// NAME first, then PARAMETER=VALUE. False: neither.
static bool take_argument(struct request *request, const char *word)
{
    const char *equals = strchr(word, '=');
    if (request->name == NULL) {
        request->name = word;
        return equals == NULL;
    }
    if (equals == NULL)
        return false;
    json_object_setn_new_nocheck(request->parameters, word, (size_t)(equals - word),
                                 json_string(equals + 1));
    return true;
}

static int read_arguments(struct cli_reader *reader, struct request *request)
{
    const char *value = NULL;
    for (int at = cli_next(reader, &value); at != CLI_END; at = cli_next(reader, &value)) {
        if (at == CLI_ARGUMENT && !take_argument(request, value))
            return cli_refuse(reader->argv[0], TEXT_QUERY_MALFORMED, text_string(value));
        if (at < 0 && at != CLI_ARGUMENT)
            return cli_exit(at);
        if (at == OPTION_AS_OF && !time_read_instant(span_from(value), &request->as_of))
            return cli_refuse(reader->argv[0], TEXT_BASE_DATE_MALFORMED, text_string(value));
        request->folder = at == OPTION_DATA ? value : request->folder;
        request->account = at == OPTION_AS ? value : request->account;
    }
    return request->name == NULL ? list() : ask(request);
}

int cli_run_query(int argc, char **argv)
{
    struct cli_reader reader = {argc, argv, table, TEXT_QUERY_USAGE};
    struct request request = {.folder = PROGRAM_FOLDER, .parameters = json_object()};
    int code = read_arguments(&reader, &request);
    json_decref(request.parameters);
    return code;
}
