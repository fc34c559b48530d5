// SPDX-License-Identifier: GPL-3.0-or-later
//
// found.c: founds a small live store for the tests over HTTP.
//
// usage: api_found FOLDER PASSWORD
//
// The province 210000 with its cities Dalian and Shenyang, and an account for each kind of reader: all
// with the same password. It is a test's helper and is not installed.
#include <stdio.h>

#include "base/fault.h"
#include "store/command.h"
#include "store/store.h"

static int say(const char *what, const struct fault *fault)
{
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    fprintf(stderr, "api_found: %s: %s\n", what, sentence);
    return 1;
}

static enum fault_code run(struct store *store, const char *name, json_t *body,
                           struct fault *fault)
{
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    enum fault_code code = store_run_command(store, &request, NULL, fault);
    json_decref(body);
    return code;
}

static json_t *division(const char *code, const char *parent, int level, const char *name)
{
    return json_pack("{s:s,s:s,s:i,s:s,s:s}", "code", code, "parent", parent, "level", level,
                     "name_zh", name, "name_en", name);
}

static enum fault_code fill(struct store *store, const char *password, struct fault *fault)
{
    static const char *const account[][3] = {
        {"admin", "210000", "administrator"}, {"leader", "210000", "viewer"},
        {"dalian", "210200", "officer"},      {"shenyang", "210100", "officer"},
        {"guessed", "210100", "officer"},
    };
    json_t *rows = json_pack("[o,o,o]", division("210000", "", 1, "Liaoning"),
                             division("210200", "210000", 2, "Dalian"),
                             division("210100", "210000", 2, "Shenyang"));
    enum fault_code code = run(store, "divisions.load", json_pack("{s:o}", "rows", rows), fault);
    for (size_t i = 0; code == FAULT_NONE && i < sizeof account / sizeof account[0]; i++) {
        code = run(store, "account.add",
                   json_pack("{s:s,s:s,s:s}", "name", account[i][0], "division", account[i][1],
                             "role", account[i][2]),
                   fault);
        if (code == FAULT_NONE)
            code = store_set_password(store, span_from(account[i][0]), span_from(password), fault);
    }
    return code;
}

int main(int argc, char **argv)
{
    struct fault fault = {.code = FAULT_NONE};
    struct store *store = NULL;
    if (argc != 3)
        return 64;
    struct store_birth birth = {.kind = STORE_LIVE, .division_code = "210000", .name = "test"};
    struct store_options options = {.folder = argv[1], .must_hold = true, .must_not_settle = true};
    if (store_create(argv[1], &birth, &fault) != FAULT_NONE ||
        store_open(&options, &store, &fault) != FAULT_NONE)
        return say(argv[1], &fault);
    enum fault_code code = fill(store, argv[2], &fault);
    store_close(store);
    return code == FAULT_NONE ? 0 : say("fill", &fault);
}
