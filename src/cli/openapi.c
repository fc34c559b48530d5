// SPDX-License-Identifier: GPL-3.0-or-later
//
// openapi.c: `levee openapi`: the description of the API, for programs and for the page's types.
#include <stdio.h>

#include "base/json.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "web/web.h"

int cli_run_openapi(int argc, char **argv)
{
    static const struct cli_option table[] = {{NULL}};
    struct cli_reader reader = {argc, argv, table, TEXT_OPENAPI_USAGE};
    const char *value = NULL;
    struct fault fault = {0};
    json_t *document = NULL;
    int outcome = cli_next(&reader, &value);
    if (outcome == CLI_ARGUMENT)
        return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
    if (outcome != CLI_END)
        return cli_exit(outcome);
    if (web_describe(NULL, cli_language(), &document, &fault) != FAULT_NONE)
        return cli_fail(&fault);
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(document);
    return 0;
}
