// SPDX-License-Identifier: GPL-3.0-or-later
//
// commands.c: the commands of a replay.
//
// replay.next is what key N sends: it moves business time and nothing else, because a command may
// take 20 ms of the writer and a morning takes longer. Whoever holds the store then calls
// demo_morning, which says replay.finish when all has landed and was judged; until then replay.next
// is refused, so that no morning is skipped.
#include <assert.h>

#include "base/time.h"
#include "demo/demo.h"
#include "store/command.h"

// The row of query replay as this command sees it; NULL in *ret_row: no replay.
static enum fault_code read_replay(struct command *command, json_t **ret_row, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code = command_query(command, QUERY_REPLAY, NULL, &rows, fault);
    if (code == FAULT_NONE && json_array_size(rows) == 0)
        code = fault_set(fault, FAULT_DENIED, TEXT_DEMO_NO_REPLAY, {0});
    if (code == FAULT_NONE)
        *ret_row = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return code;
}

static enum fault_code run_next(struct command *command, struct fault *fault)
{
    json_t *row = NULL;
    enum fault_code code = read_replay(command, &row, fault);
    if (code != FAULT_NONE)
        return code;
    if (!json_is_true(json_object_get(row, "is_ready")))
        code = fault_set(fault, FAULT_BUSY, TEXT_DEMO_MORNING_UNFINISHED, {0});
    else if (json_is_true(json_object_get(row, "is_last")))
        code = fault_set(fault, FAULT_INVALID, TEXT_DEMO_LAST_DAY, {0});
    if (code == FAULT_NONE) {
        int64_t next = json_integer_value(json_object_get(row, "next_time"));
        assert(next > command->time);
        command->time = next;
        struct entry_draft draft = {.type = "time.advanced",
                                    .form = 1,
                                    .division = store_division(command->store),
                                    .body = json_pack("{s:I}", "time", (json_int_t)next)};
        code = command_emit(command, &draft, NULL, fault);
        json_object_set_new(command->answer, "time", json_integer(next));
    }
    json_decref(row);
    return code;
}

static enum fault_code run_found(struct command *command, struct fault *fault)
{
    struct entry_draft draft = {
        .type = "replay.founded",
        .form = 1,
        .division = store_division(command->store),
        .body = json_pack("{s:I}", "seed", (json_int_t)command_integer(command, "seed"))};
    if (store_kind_of(command->store) != STORE_REPLAY) {
        json_decref(draft.body);
        return fault_set(fault, FAULT_DENIED, TEXT_DEMO_NO_REPLAY, {0});
    }
    return command_emit(command, &draft, NULL, fault);
}

static enum fault_code run_finish(struct command *command, struct fault *fault)
{
    struct entry_draft draft = {
        .type = "replay.morning",
        .form = 1,
        .division = store_division(command->store),
        .body = json_pack("{s:I}", "day", (json_int_t)command_integer(command, "day"))};
    return command_emit(command, &draft, NULL, fault);
}

const struct command_row demo_command_table[] = {
    {"replay.next",
     ROLE_VIEWER,
     TEXT_DEMO_NEXT_WHAT,
     {{NULL}},
     run_next,
     {{"time", COMMAND_TIME, 0, true}}},
    {"replay.found",
     ROLE_SYSTEM,
     TEXT_DEMO_FOUND_WHAT,
     {{"seed", COMMAND_INTEGER, 0, true}},
     run_found},
    {"replay.finish",
     ROLE_SYSTEM,
     TEXT_DEMO_FINISH_WHAT,
     {{"day", COMMAND_INTEGER, 0, true}},
     run_finish},
};
const size_t demo_command_count = sizeof demo_command_table / sizeof demo_command_table[0];
