// SPDX-License-Identifier: GPL-3.0-or-later
//
// follow_test.c: follow-ups run once, whatever happens in between; deadlines pass in order, once.
//
// The chain here: a unit whose code begins with "c" is followed by test.follow, which adds a post;
// one whose code begins with "r" by the same command, which then refuses. A deadline is a post
// whose code is "due": the query is the store's own list of posts, given a due_at by the test's
// query.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_fixture.h"
#include "unit.h"

static int die_at; // the follow-up at which the process kills itself; 0: never

static enum fault_code make(const struct entry_view *cause, json_t **ret_body, struct fault *fault)
{
    (void)fault;
    struct span code = json_text_or(cause->body, "code", "");
    if (code.data[0] == 'c' || code.data[0] == 'r')
        *ret_body = json_pack("{s:I, s:s%}", "unit", (json_int_t)cause->sequence, "code", code.data,
                              code.size);
    return FAULT_NONE;
}

static enum fault_code follow(struct command *command, struct fault *fault)
{
    static int count;
    if (++count == die_at)
        kill(getpid(), SIGKILL);
    if (command_text(command, "code").data[0] == 'r')
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_ROLE_UNKNOWN, text_string("r"));
    struct entry_draft draft = {.type = "post.added",
                                .form = 1,
                                .division = 1,
                                .body = json_pack("{s:O, s:O, s:s, s:s}", "unit",
                                                  json_object_get(command->body, "unit"), "code",
                                                  json_object_get(command->body, "code"), "name_zh",
                                                  "a", "name_en", "a")};
    return command_emit(command, &draft, NULL, fault);
}

static const struct command_row commands[] = {
    FIXTURE_EMIT,
    {"test.follow",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_POST_ADD,
     {{"unit", COMMAND_ID, 0, true}, {"code", COMMAND_TEXT, 20, true}},
     follow},
};
static const struct chain_row chain[] = {{"unit.added", 1, "test.follow", make}};

static struct store *open_chained(void)
{
    struct store_options options = {.folder = fixture_folder(),
                                    .commands = commands,
                                    .command_count = 2,
                                    .chain = chain,
                                    .chain_count = 1};
    struct store *store = NULL;
    struct fault fault = {0};
    if (!CHECK_EQUAL(store_open(&options, &store, &fault), FAULT_NONE))
        _exit(1);
    return store;
}

static int count_posts(struct store *store)
{
    return fixture_count(store, QUERY_POSTS);
}

static void wait_until(struct store *store, int posts)
{
    for (int i = 0; i < 200 && count_posts(store) < posts; i++)
        usleep(10000);
    usleep(30000); // One too many would show by now.
}

void test_follow_ups_run_once(void)
{
    store_close(fixture_open(STORE_REPLAY));
    struct store *store = open_chained();
    fixture_run(store, "test.emit", json_pack("{s:s}", "code", "c1"));
    fixture_run(store, "test.emit", json_pack("{s:s}", "code", "x1"));
    fixture_run(store, "test.emit", json_pack("{s:s}", "code", "c2"));
    wait_until(store, 2);
    CHECK_EQUAL(count_posts(store), 2);
    int64_t sequence = store_sequence(store);
    store_close(store);
    // Opened again, and with a state built from nothing: nothing is repeated.
    store = open_chained();
    usleep(50000);
    CHECK_EQUAL(store_sequence(store), sequence);
    store_close(store);
    state_remove(fixture_folder());
    store = open_chained();
    usleep(50000);
    CHECK_EQUAL(store_sequence(store), sequence);
    fixture_close(store);
}

void test_follow_up_that_is_refused_is_closed(void)
{
    store_close(fixture_open(STORE_REPLAY));
    struct store *store = open_chained();
    int64_t before = store_sequence(store);
    fixture_run(store, "test.emit", json_pack("{s:s}", "code", "r1"));
    for (int i = 0; i < 200 && store_sequence(store) < before + 2; i++)
        usleep(10000);
    CHECK_EQUAL(store_sequence(store), before + 2); // The unit, and followup.closed.
    CHECK_EQUAL(count_posts(store), 0);
    store_close(store);
    state_remove(fixture_folder());
    store = open_chained();
    usleep(50000);
    CHECK_EQUAL(store_sequence(store), before + 2);
    fixture_close(store);
}

// Killed between cause and follow-up: after the restart it has run, once.
void test_follow_up_survives_a_crash(void)
{
    store_close(fixture_open(STORE_REPLAY));
    pid_t child = fork();
    if (child == 0) {
        die_at = 2;
        struct store *store = open_chained();
        for (int i = 0; i < 5; i++) {
            char code[8];
            snprintf(code, sizeof code, "c%d", i);
            fixture_run(store, "test.emit", json_pack("{s:s}", "code", code));
        }
        usleep(3000000);
        _exit(1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    struct store *store = open_chained();
    int units = fixture_count(store, QUERY_UNITS);
    CHECK(units >= 2);
    wait_until(store, units);
    CHECK_EQUAL(count_posts(store), units);
    fixture_close(store);
}
