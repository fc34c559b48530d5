// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_fixture_test.c: what the unit tests of the store share.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/store_fixture.h"
#include "unit.h"

const char *fixture_folder(void)
{
    static char folder[128];
    snprintf(folder, sizeof folder, "%s/store", unit_folder());
    return folder;
}

static enum fault_code emit_and_refuse(struct command *command, struct fault *fault)
{
    enum fault_code code = fixture_emit(command, fault);
    if (code != FAULT_NONE)
        return code;
    return fault_set(fault, FAULT_INVALID, TEXT_STORE_UNIT_UNKNOWN, text_integer(1));
}

static enum fault_code sleep_a_little(struct command *command, struct fault *fault)
{
    (void)command, (void)fault;
    usleep(200000);
    return FAULT_NONE;
}

// The shortest slice of folding there is.
static enum fault_code fold_a_little(struct command *command, struct fault *fault)
{
    bool is_done = false;
    enum fault_code code = fold_slice(command->store, 0, true, &is_done, fault);
    json_object_set_new(command->answer, "is_done", json_boolean(is_done));
    return code;
}

static const struct command_row commands[] = {
    FIXTURE_EMIT,
    {"test.emit_and_refuse",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_UNIT_ADD,
     {{"code", COMMAND_TEXT, 20, true}},
     emit_and_refuse},
    {"test.fold",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_UNIT_ADD,
     {{NULL}},
     fold_a_little,
     {{"is_done", COMMAND_BOOLEAN, 0, true}}},
    {"test.sleep", ROLE_SYSTEM, TEXT_STORE_WHAT_UNIT_ADD, {{NULL}}, sleep_a_little},
};

struct store_options fixture_options(void)
{
    return (struct store_options){.folder = fixture_folder(),
                                  .commands = commands,
                                  .command_count = sizeof commands / sizeof commands[0]};
}

static void say(const struct fault *fault)
{
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    printf("# %s:%d %s\n", fault->file, fault->line, sentence);
}

struct store *fixture_reopen(void)
{
    struct store_options options = fixture_options();
    struct store *store = NULL;
    struct fault fault = {0};
    if (!CHECK_EQUAL(store_open(&options, &store, &fault), FAULT_NONE)) {
        say(&fault);
        _exit(1);
    }
    return store;
}

struct store *fixture_open(enum store_kind kind)
{
    struct store_birth birth = {
        .kind = kind, .division_code = "210000", .name = "辽宁", .time = FIXTURE_TIME};
    struct fault fault = {0};
    if (!CHECK_EQUAL(store_create(fixture_folder(), &birth, &fault), FAULT_NONE)) {
        say(&fault);
        _exit(1);
    }
    return fixture_reopen();
}

void fixture_close(struct store *store)
{
    CHECK(fixture_is_rebuilt_alike(store));
}

int fixture_run(struct store *store, const char *name, json_t *body)
{
    struct fault fault = {0};
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    enum fault_code code = store_run_command(store, &request, NULL, &fault);
    json_decref(body);
    if (code != FAULT_NONE)
        say(&fault);
    return code == FAULT_NONE ? 0 : (int)fault.key;
}

void fixture_done(void *context, const struct command_result *result)
{
    struct fixture_waiter *waiter = context;
    pthread_mutex_lock(&waiter->mutex);
    waiter->has_ended = true;
    waiter->code = result->code;
    waiter->key = result->code == FAULT_NONE ? 0 : result->fault->key;
    waiter->sequence = json_integer_or(result->answer, "sequence", 0);
    pthread_cond_signal(&waiter->cond);
    pthread_mutex_unlock(&waiter->mutex);
}

void fixture_post(struct store *store, const char *name, json_t *body,
                  struct fixture_waiter *waiter)
{
    struct fault fault = {0};
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    *waiter = (struct fixture_waiter){.mutex = PTHREAD_MUTEX_INITIALIZER,
                                      .cond = PTHREAD_COND_INITIALIZER};
    CHECK_EQUAL(store_post_command(store, &request, fixture_done, waiter, &fault), FAULT_NONE);
    json_decref(body);
}

enum fault_code fixture_wait(struct fixture_waiter *waiter)
{
    pthread_mutex_lock(&waiter->mutex);
    while (!waiter->has_ended)
        pthread_cond_wait(&waiter->cond, &waiter->mutex);
    pthread_mutex_unlock(&waiter->mutex);
    return waiter->code;
}

int fixture_count(struct store *store, enum query_name name)
{
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    json_t *rows = NULL;
    if (store_query(store, name, &system, 0, NULL, &rows, &fault) != FAULT_NONE) {
        say(&fault);
        return -1;
    }
    int count = (int)json_array_size(rows);
    json_decref(rows);
    return count;
}

json_t *fixture_tree(void)
{
    static const char *const rows[][4] = {
        {"210000", "", "辽宁", "Liaoning"},        {"210200", "210000", "大连", "Dalian"},
        {"210202", "210200", "中山", "Zhongshan"}, {"210100", "210000", "沈阳", "Shenyang"},
        {"210102", "210100", "和平", "Heping"},
    };
    json_t *tree = json_array();
    for (int i = 0; i < 5; i++)
        json_array_append_new(tree, json_pack("{s:s, s:s, s:i, s:s, s:s}", "code", rows[i][0],
                                              "parent", rows[i][1], "level",
                                              i == 0       ? 1
                                              : i % 2 == 1 ? 2
                                                           : 3,
                                              "name_zh", rows[i][2], "name_en", rows[i][3]));
    return tree;
}

void fixture_load_cities(struct store *store)
{
    CHECK_EQUAL(fixture_run(store, "divisions.load", json_pack("{s:o}", "rows", fixture_tree())),
                0);
}

static int64_t run_for(struct store *store, const char *name, json_t *body, const char *field)
{
    struct fault fault = {0};
    json_t *answer = NULL;
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    if (!CHECK_EQUAL(store_run_command(store, &request, &answer, &fault), FAULT_NONE))
        say(&fault);
    json_t *value = json_object_get(answer, field);
    int64_t result = json_integer_value(json_is_array(value) ? json_array_get(value, 0) : value);
    json_decref(answer);
    json_decref(body);
    return result;
}

int64_t fixture_indicator(struct store *store, const char *frequency, int decimals)
{
    char code[32];
    snprintf(code, sizeof code, "test.%s%d", frequency, decimals);
    return run_for(store, "indicator.declare",
                   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "pack", "test",
                             "code", code, "field", "epidemic", "unit", "case", "frequency",
                             frequency, "direction", "up", "aggregation", "sum", "decimals",
                             decimals, "name_zh", "测试", "name_en", "test"),
                   "indicator");
}

int64_t fixture_series_row(struct store *store, int64_t indicator, json_t *row)
{
    return run_for(store, "series.add",
                   json_pack("{s:I, s:b, s:[o]}", "indicator", (json_int_t)indicator,
                             "is_simulated", 0, "rows", row),
                   "series");
}

int64_t fixture_series(struct store *store, int64_t indicator, int64_t division)
{
    return fixture_series_row(store, indicator,
                              json_pack("{s:I}", "division", (json_int_t)division));
}

bool fixture_is_rebuilt_alike(struct store *store)
{
    char before[65] = "", after[65] = "";
    struct fault fault = {0};
    store_close(store);
    if (!CHECK_EQUAL(store_rebuild(fixture_folder(), before, after, &fault), FAULT_NONE))
        say(&fault);
    return strlen(before) == 64 && CHECK_TEXT(before, after);
}

static int die(void *context)
{
    (void)context;
    kill(getpid(), SIGKILL);
    return 1;
}

void fixture_die_before_state_commit(struct store *store)
{
    sqlite3_commit_hook(store->state.database.connection, die, NULL);
}
