// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_test.c: commands, scope, as-of, repeats, rollback, crash and rebuild of a whole store.
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_fixture.h"
#include "store/store_priv.h"
#include "unit.h"

void test_store_is_founded_and_opened(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    CHECK(store_is_holder(store));
    CHECK_EQUAL(store_kind_of(store), STORE_REPLAY);
    CHECK_TEXT(store_division_code(store), "210000");
    CHECK_EQUAL(store_ledger_id(store), 21000);
    CHECK_EQUAL(store_business_time(store), FIXTURE_TIME);
    CHECK_EQUAL(store_division(store), 1);
    fixture_close(store);
}

void test_store_refuses_a_folder_that_is_not_empty(void)
{
    struct fault fault = {0};
    struct store_birth birth = {.kind = STORE_LIVE, .division_code = "210000"};
    CHECK_EQUAL(store_create(fixture_folder(), &birth, &fault), FAULT_NONE);
    CHECK_EQUAL(store_create(fixture_folder(), &birth, &fault), FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_FOLDER_NOT_EMPTY);
}

void test_store_names_its_holder(void)
{
    struct store *store = fixture_open(STORE_REPLAY), *second = NULL;
    struct fault fault = {0};
    struct store_options options = {.folder = fixture_folder(), .must_hold = true};
    CHECK_EQUAL(store_open(&options, &second, &fault), FAULT_BUSY);
    CHECK_EQUAL(fault.key, TEXT_STORE_HELD);
    CHECK(strstr(fault.argument[1].string, "unit_store") != NULL);
    fixture_close(store);
}

void test_store_same_command_id_acts_once(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct fault fault = {0};
    json_t *first = NULL, *second = NULL;
    json_t *body = json_pack("{s:s, s:s, s:s, s:s}", "code", "u", "division", "210000", "name_zh",
                             "卫", "name_en", "h");
    struct command_request request = {.name = "unit.add",
                                      .body = body,
                                      .actor = store_system_actor(),
                                      .id = {1, 2, 3, 4, 5, 6, 7, 8, 9}};
    CHECK_EQUAL(store_run_command(store, &request, &first, &fault), FAULT_NONE);
    int64_t sequence = store_sequence(store);
    CHECK_EQUAL(store_run_command(store, &request, &second, &fault), FAULT_NONE);
    CHECK_EQUAL(store_sequence(store), sequence);
    CHECK(json_equal(first, second));
    CHECK_EQUAL(fixture_count(store, QUERY_UNITS), 1);
    json_decref(first);
    json_decref(second);
    json_decref(body);
    fixture_close(store);
}

void test_store_checks_fields(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    CHECK_EQUAL(fixture_run(store, "unit.add", json_pack("{s:s}", "code", "u")),
                TEXT_STORE_FIELD_MISSING);
    CHECK_EQUAL(fixture_run(store, "unit.add",
                            json_pack("{s:s, s:s, s:s, s:s, s:i}", "code", "u", "division",
                                      "210000", "name_zh", "a", "name_en", "b", "size", 1)),
                TEXT_STORE_FIELD_UNKNOWN);
    CHECK_EQUAL(fixture_run(store, "unit.add",
                            json_pack("{s:i, s:s, s:s, s:s}", "code", 7, "division", "210000",
                                      "name_zh", "a", "name_en", "b")),
                TEXT_STORE_FIELD_INVALID);
    CHECK_EQUAL(fixture_run(store, "unit.add",
                            json_pack("{s:s, s:s, s:s, s:s}", "code", "u", "division", "999999",
                                      "name_zh", "a", "name_en", "b")),
                TEXT_STORE_DIVISION_UNKNOWN);
    CHECK_EQUAL(fixture_run(store, "no.such", NULL), TEXT_STORE_COMMAND_UNKNOWN);
    CHECK_EQUAL(fixture_count(store, QUERY_UNITS), 0);
    fixture_close(store);
}

void test_store_refuses_by_role(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct fault fault = {0};
    struct store_actor officer = store_system_actor();
    officer.role = ROLE_OFFICER;
    struct command_request request = {.name = "unit.add", .actor = officer};
    CHECK_EQUAL(store_run_command(store, &request, NULL, &fault), FAULT_DENIED);
    CHECK_EQUAL(fault.key, TEXT_STORE_COMMAND_DENIED);
    fixture_close(store);
}

void test_store_rolls_back_one_command_of_a_group(void)
{
    // Three commands in one group; the middle one emits and is then refused.
    struct store *store = fixture_open(STORE_REPLAY);
    struct fixture_waiter waiter[3];
    int64_t before = store_sequence(store);
    fixture_post(store, "test.emit", json_pack("{s:s}", "code", "a"), &waiter[0]);
    fixture_post(store, "test.emit_and_refuse", json_pack("{s:s}", "code", "b"), &waiter[1]);
    fixture_post(store, "test.emit", json_pack("{s:s}", "code", "c"), &waiter[2]);
    CHECK_EQUAL(fixture_wait(&waiter[0]), FAULT_NONE);
    CHECK_EQUAL(fixture_wait(&waiter[1]), FAULT_INVALID);
    CHECK_EQUAL(fixture_wait(&waiter[2]), FAULT_NONE);
    CHECK_EQUAL(store_sequence(store), before + 2);
    CHECK_EQUAL(fixture_count(store, QUERY_UNITS), 2);
    CHECK(fixture_is_rebuilt_alike(store));
}

void test_store_queue_is_bounded(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct fault fault = {0};
    static struct fixture_waiter waiter[LIMIT_QUEUE_COMMANDS + 8];
    int refused = 0, count = 0;
    struct fixture_waiter slow;
    fixture_post(store, "test.sleep", NULL, &slow);
    for (int i = 0; i < LIMIT_QUEUE_COMMANDS + 8; i++) {
        struct command_request request = {.name = "state.fold", .actor = store_system_actor()};
        fault = (struct fault){0};
        waiter[i] = (struct fixture_waiter){.mutex = PTHREAD_MUTEX_INITIALIZER,
                                            .cond = PTHREAD_COND_INITIALIZER};
        if (store_post_command(store, &request, fixture_done, &waiter[count], &fault) !=
            FAULT_NONE) {
            CHECK_EQUAL(fault.code, FAULT_BUSY);
            refused++;
        } else {
            count++;
        }
    }
    CHECK(refused >= 8);
    CHECK_EQUAL(fixture_wait(&slow), FAULT_NONE);
    for (int i = 0; i < count; i++)
        fixture_wait(&waiter[i]);
    CHECK_EQUAL(fixture_run(store, "test.emit", json_pack("{s:s}", "code", "a")), 0);
    fixture_close(store);
}

void test_store_scope_hides_other_cities(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct store_actor dalian = {0};
    struct fault fault = {0};
    fixture_load_cities(store);
    CHECK_EQUAL(fixture_run(store, "account.add",
                            json_pack("{s:s, s:s, s:s}", "name", "dalian", "division", "210200",
                                      "role", "officer")),
                0);
    CHECK_EQUAL(store_find_actor(store, span_from("dalian"), &dalian, &fault), FAULT_NONE);
    CHECK_EQUAL(dalian.role, ROLE_OFFICER);
    json_t *rows = NULL;
    CHECK_EQUAL(store_query(store, QUERY_DIVISIONS, &dalian, 0, NULL, &rows, &fault), FAULT_NONE);
    CHECK_EQUAL(json_array_size(rows), 2); // 210200 and its county, not Shenyang.
    CHECK_TEXT(json_string_value(json_object_get(json_array_get(rows, 0), "code")), "210200");
    json_decref(rows);
    // Nor the series of another city, by list or by id.
    int64_t indicator = fixture_indicator(store, "D", 0);
    int64_t own = fixture_series(store, indicator, 2), other = fixture_series(store, indicator, 4);
    struct store_reader *reader = NULL;
    double values[4];
    int64_t batches[4];
    CHECK_EQUAL(store_reader_open(store, &dalian, 0, &reader, &fault), FAULT_NONE);
    CHECK_EQUAL(readings_load(reader, own, 0, 3, values, batches, &fault), FAULT_NONE);
    CHECK_EQUAL(readings_load(reader, other, 0, 3, values, batches, &fault), FAULT_MISSING);
    store_reader_close(reader);
    struct reading row = {.series = other, .period = 1, .value_scaled = 1};
    struct reading_batch batch = {.source = "x"};
    fault = (struct fault){0};
    CHECK_EQUAL(readings_land(store, &dalian, &batch, &row, 1, NULL, NULL, &fault), FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_READINGS_SERIES);
    fixture_close(store);
}

void test_store_divisions_change_with_dates(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    json_t *rows = NULL;
    fixture_load_cities(store);
    int64_t before = store_business_time(store);
    CHECK_EQUAL(
        fixture_run(store, "time.advance", json_pack("{s:I}", "time", FIXTURE_TIME + TIME_DAY)), 0);
    CHECK_EQUAL(store_business_time(store), FIXTURE_TIME + TIME_DAY);
    CHECK_EQUAL(fixture_run(store, "time.advance", json_pack("{s:I}", "time", FIXTURE_TIME)),
                TEXT_STORE_TIME_BACKWARDS);
    json_t *tree = fixture_tree();
    json_object_set_new(json_array_get(tree, 1), "name_en", json_string("Dairen"));
    CHECK_EQUAL(fixture_run(store, "divisions.load", json_pack("{s:o}", "rows", tree)), 0);
    CHECK_EQUAL(store_query(store, QUERY_DIVISIONS, &system, 0, NULL, &rows, &fault), FAULT_NONE);
    CHECK_TEXT(json_string_value(json_object_get(json_array_get(rows, 1), "name_en")), "Dairen");
    CHECK_EQUAL(json_integer_or(json_array_get(rows, 1), "id", 0), 2);
    json_decref(rows);
    CHECK_EQUAL(store_query(store, QUERY_DIVISIONS, &system, before, NULL, &rows, &fault),
                FAULT_NONE);
    CHECK_TEXT(json_string_value(json_object_get(json_array_get(rows, 1), "name_en")), "Dalian");
    json_decref(rows);
    CHECK(fixture_is_rebuilt_alike(store));
}

static int64_t fake_now;

static int64_t read_fake(void *context)
{
    (void)context;
    return fake_now;
}

// The time at which a person's act comes, `later` after the last one on the fake clock.
static int64_t act_after(struct store *store, int64_t later, const char *code,
                         const struct store_actor *actor)
{
    struct fault fault = {0};
    struct command_request request = {.name = "unit.add", .actor = *actor};
    fake_now += later;
    request.id[0] = (unsigned char)code[0];
    request.id[1] = (unsigned char)code[1];
    request.body = json_pack("{s:s, s:i, s:s, s:s}", "code", code, "division", 1, "name_zh", "测试",
                             "name_en", "test");
    CHECK_EQUAL(store_run_command(store, &request, NULL, &fault), FAULT_NONE);
    json_decref(request.body);
    return store_business_time(store) - FIXTURE_TIME;
}

void test_store_replays_day_runs_on(void)
{
    struct store_options options = fixture_options();
    struct fault fault = {0};
    struct store_actor person = store_system_actor();
    struct store_actor system = store_system_actor();
    struct store *store = fixture_open(STORE_REPLAY);
    fixture_load_cities(store);
    store_close(store);
    options.clock.read = read_fake;
    options.runs_on = true;
    fake_now = FIXTURE_TIME;
    person.role = ROLE_ADMINISTRATOR;
    CHECK_EQUAL(store_open(&options, &store, &fault), FAULT_NONE);
    CHECK_EQUAL(act_after(store, 0, "a1", &system), 0);
    CHECK_EQUAL(act_after(store, 125 * TIME_SECOND, "a2", &person), 125 * TIME_SECOND);
    CHECK_EQUAL(act_after(store, 60 * TIME_SECOND, "a3", &system), 125 * TIME_SECOND);
    CHECK_EQUAL(act_after(store, 0, "a4", &person), 185 * TIME_SECOND);
    // Seven in the morning and seventeen hours: the day does not turn by itself.
    CHECK_EQUAL(act_after(store, 3 * TIME_DAY, "a5", &person), 17 * TIME_HOUR - 1);
    CHECK(fixture_is_rebuilt_alike(store));
}

void test_store_pages_go_by_key(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    struct arena arena = {0};
    struct span answer = {0};
    json_t *page = NULL, *parameters = json_object();
    fixture_load_cities(store);
    int seen = 0;
    for (int i = 0; i < 10; i++) {
        json_object_set_new(parameters, "limit", json_string("2"));
        CHECK_EQUAL(store_query_write(store, QUERY_DIVISIONS, &system, 0, parameters, &arena,
                                      &answer, &fault),
                    FAULT_NONE);
        CHECK_EQUAL(json_read(answer, &page, &fault), FAULT_NONE);
        seen += (int)json_array_size(json_object_get(page, "rows"));
        json_t *next = json_object_get(page, "next");
        if (json_is_string(next))
            json_object_set(parameters, "after", next);
        bool is_last = !json_is_string(next);
        json_decref(page);
        if (is_last)
            break;
    }
    CHECK_EQUAL(seen, 5);
    json_object_set_new(parameters, "after", json_string("7b7d"));
    CHECK_EQUAL(
        store_query_write(store, QUERY_DIVISIONS, &system, 0, parameters, &arena, &answer, &fault),
        FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_CURSOR_INVALID);
    json_decref(parameters);
    arena_reset(&arena);
    fixture_close(store);
}

void test_store_parameters_are_checked(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    json_t *rows = NULL, *parameters = json_pack("{s:s}", "level", "x");
    CHECK_EQUAL(store_query(store, QUERY_DIVISIONS, &system, 0, parameters, &rows, &fault),
                FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_PARAMETER_INVALID);
    json_decref(parameters);
    fault = (struct fault){0};
    parameters = json_pack("{s:i}", "leve", 1);
    CHECK_EQUAL(store_query(store, QUERY_DIVISIONS, &system, 0, parameters, &rows, &fault),
                FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_PARAMETER_UNKNOWN);
    json_decref(parameters);
    fault = (struct fault){0};
    CHECK_EQUAL(store_query(store, QUERY_SERIES_BY_ID, &system, 0, NULL, &rows, &fault),
                FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_PARAMETER_MISSING);
    fixture_close(store);
}

void test_store_authorizer_refuses(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    struct fault fault = {0};
    static const struct {
        enum store_authority authority;
        const char *sql;
    } refused[] = {
        {AUTHORITY_QUERY, "SELECT name FROM account"},
        {AUTHORITY_QUERY, "SELECT a.name FROM visible_unit u, account a"},
        {AUTHORITY_QUERY, "SELECT sql FROM sqlite_schema"},
        {AUTHORITY_QUERY, "DELETE FROM unit"},
        {AUTHORITY_QUERY, "SELECT id FROM visible_unit WHERE id = (SELECT max(id) FROM account)"},
        {AUTHORITY_QUERY, "PRAGMA query_only = OFF"},
        {AUTHORITY_QUERY, "ATTACH 'x' AS y"},
        {AUTHORITY_APPLY, "INSERT INTO unit (id) VALUES (random())"},
        {AUTHORITY_APPLY, "INSERT INTO unit (id) VALUES (as_of())"},
        {AUTHORITY_APPLY, "INSERT INTO unit (id, code) VALUES (1, datetime('now'))"},
        {AUTHORITY_APPLY, "DROP TABLE unit"},
        {AUTHORITY_APPLY, "DELETE FROM sqlite_schema"},
        {AUTHORITY_APPLY, "UPDATE unit SET id = round(1.5)"},
    };
    CHECK_EQUAL(store_reader_open(store, &system, 0, &reader, &fault), FAULT_NONE);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        sqlite3_stmt *statement = NULL;
        fault = (struct fault){0};
        enum fault_code code =
            connection_prepare(reader, refused[i].authority, refused[i].sql, &statement, &fault);
        unit_check(code != FAULT_NONE, __FILE__, __LINE__, "%s was allowed", refused[i].sql);
        sqlite3_finalize(statement);
    }
    sqlite3_stmt *statement = NULL;
    fault = (struct fault){0};
    CHECK_EQUAL(connection_prepare(reader, AUTHORITY_QUERY,
                                   "SELECT u.id, count(*) FROM visible_unit u GROUP BY 1",
                                   &statement, &fault),
                FAULT_NONE);
    sqlite3_finalize(statement);
    store_reader_close(reader);
    fixture_close(store);
}

void test_store_state_that_is_damaged_or_foreign_is_built_again(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    char before[65], after[65], path[256];
    struct fault fault = {0};
    fixture_load_cities(store);
    CHECK_EQUAL(store_digest(store, before, &fault), FAULT_NONE);
    store_close(store);
    snprintf(path, sizeof path, "%s/state.db", fixture_folder());
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 4000; i++)
        fputs("this was a state once\n", file);
    fclose(file);
    store = fixture_reopen();
    CHECK_EQUAL(store_digest(store, after, &fault), FAULT_NONE);
    CHECK_TEXT(before, after);
    store_close(store);
    unlink(path);
    store = fixture_reopen();
    CHECK_EQUAL(store_digest(store, after, &fault), FAULT_NONE);
    CHECK_TEXT(before, after);
    fixture_close(store);
}

// A crash between the ledger's commit and the state's: the child is killed there, and what it had
// acknowledged (nothing) and made durable (the unit) must both hold.
void test_store_crash_between_ledger_and_state(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    store_close(store);
    pid_t child = fork();
    if (child == 0) {
        store = fixture_reopen();
        fixture_die_before_state_commit(store);
        fixture_run(store, "test.emit", json_pack("{s:s}", "code", "a"));
        _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    store = fixture_reopen();
    CHECK_EQUAL(fixture_count(store, QUERY_UNITS), 1);
    CHECK(fixture_is_rebuilt_alike(store));
}

void test_store_client_reaches_the_holder(void)
{
    // The child is made while no thread runs: one that holds a mutex would take it along for ever.
    struct store *store = fixture_open(STORE_REPLAY);
    store_close(store);
    int pipe_ends[2];
    CHECK_EQUAL(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char go = 0;
        if (read(pipe_ends[0], &go, 1) != 1)
            _exit(1);
        struct store *client = NULL;
        struct fault fault = {0};
        struct store_options options = fixture_options();
        int bad = store_open(&options, &client, &fault) != FAULT_NONE;
        bad |= !bad && store_is_holder(client);
        bad |= !bad && fixture_run(client, "test.emit", json_pack("{s:s}", "code", "a")) != 0;
        bad |= !bad && fixture_run(client, "test.emit", json_pack("{s:i}", "code", 1)) !=
                           TEXT_STORE_FIELD_INVALID;
        bad |= !bad && fixture_count(client, QUERY_UNITS) != 1;
        bad |= !bad && store_ledger_id(client) != 21000;
        store_close(client);
        _exit(bad);
    }
    store = fixture_reopen();
    CHECK_EQUAL(write(pipe_ends[1], "g", 1), 1);
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(fixture_count(store, QUERY_UNITS), 1);
    fixture_close(store);
}

static void count_slices(void *context, int64_t sequence)
{
    (void)sequence;
    atomic_fetch_add((_Atomic int *)context, 1);
}

// A slow command ends its slice: those behind it wait for it, but not for one another's commit.
void test_slow_command_ends_its_slice_and_is_counted(void)
{
    static _Atomic int slices;
    struct fixture_waiter slow, behind[3];
    struct store_options options = fixture_options();
    struct store *store = fixture_open(STORE_REPLAY);
    struct fault fault = {0};
    store_close(store);
    options.changed = count_slices;
    options.changed_context = &slices;
    options.must_not_settle = true;
    CHECK_EQUAL(store_open(&options, &store, &fault), FAULT_NONE);
    fixture_post(store, "test.sleep", NULL, &slow); // 200 ms: the others come meanwhile.
    for (int i = 0; i < 3; i++)
        fixture_post(store, "test.sleep", NULL, &behind[i]);
    CHECK_EQUAL(fixture_wait(&slow), FAULT_NONE);
    for (int i = 0; i < 3; i++)
        CHECK_EQUAL(fixture_wait(&behind[i]), FAULT_NONE);
    CHECK(store->writer->longest_hold_ms >= 200);
    fixture_close(store);
    CHECK(atomic_load(&slices) >= 4); // One a slice; the last is told after its answer.
}
