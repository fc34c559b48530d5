// SPDX-License-Identifier: GPL-3.0-or-later
//
// ring.c: who is rung, in which order, and for how long nobody else is.
//
// A ring is one attempt to reach one post. When it is not acknowledged in time its deadline passes,
// and the chain starts the next step:
//
//     step 1  the owner            step 3  the deputy        step 5, 6 ..  the level above that,
//     step 2  the owner again      step 4  the level above                 up to the store's own
//
// A step that has nobody (no deputy, no owner) is skipped at once. Two more reasons ring the level
// above at once (step 4): the owner's deadline has passed, or lowering is asked for. What goes out
// over which port is src/ports' business: it reads the query ring_pending and reports by
// ring.record.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "matter/matter.h"
#include "matter/say.h"

enum { STEP_OWNER = 1, STEP_AGAIN, STEP_DEPUTY, STEP_ABOVE, STEP_LAST = 9 };

// Minutes until the next step, by level of the matter; a question has level 0 and two hours in all.
static const int minutes_by_level[] = {30, 120, 60, 15, 10};
static const char ladder_version[] = "ring@1";

struct target {
    int step;
    const char *why;
    int64_t division, unit, post;
};

static void take_duty(struct target *target, const json_t *duty, const char *unit, const char *post)
{
    target->division = json_integer_or(duty, "division", 0);
    target->unit = json_integer_or(duty, unit, 0);
    target->post = json_integer_or(duty, post, 0);
}

// The duty of the matter's role in its own division (`from` is 0); above a division its risk
// office, which holds every owner to the deadline, and where there is none the same role.
static enum fault_code find_duty(struct command *command, const json_t *matter, int64_t from,
                                 json_t **ret_duty, struct fault *fault)
{
    const char *role = json_string_value(json_object_get(matter, "role"));
    if (role == NULL)
        role = "risk_office";
    json_t *roles = from == 0 ? json_pack("[s, s]", role, "risk_office")
                              : json_pack("[s, s]", "risk_office", role);
    const char *field = json_string_value(json_object_get(matter, "field"));
    int64_t division = from == 0 ? json_integer_or(matter, "division", 0) : from;
    enum fault_code code =
        matter_find_duty(command, field, roles, division, from != 0, ret_duty, fault);
    json_decref(roles);
    return code;
}

// Fills the target of target->step, moving up where a step has nobody. post 0: nobody is left.
static enum fault_code find_target(struct command *command, const json_t *matter,
                                   struct target *target, struct fault *fault)
{
    json_t *duty = NULL;
    enum fault_code code = FAULT_NONE;
    if (target->step <= STEP_AGAIN) {
        target->why = target->step == STEP_OWNER ? "owner" : "owner_again";
        take_duty(target, matter, "unit", "post");
        if (target->post == 0)
            target->step = STEP_DEPUTY;
    }
    if (target->post == 0 && target->step == STEP_DEPUTY) {
        target->why = "deputy";
        code = find_duty(command, matter, 0, &duty, fault);
        if (duty != NULL)
            take_duty(target, duty, "deputy_unit", "deputy_post");
        if (target->post == 0) {
            target->step = STEP_ABOVE;
            target->why = "level_above";
        }
    }
    int64_t division = json_integer_or(matter, "division", 0);
    for (int step = STEP_ABOVE;
         code == FAULT_NONE && target->post == 0 && step <= target->step && division != 0; step++) {
        json_decref(duty);
        code = find_duty(command, matter, division, &duty, fault);
        division = json_integer_or(duty, "division", 0);
        if (step == target->step && duty != NULL)
            take_duty(target, duty, "unit", "post");
    }
    json_decref(duty);
    return code;
}

static enum fault_code emit_ring(struct command *command, const json_t *matter,
                                 const struct target *target, struct fault *fault)
{
    static const struct {
        const char *why;
        enum text_key key;
    } steps[] = {{"owner", TEXT_STEP_RING_OWNER},     {"owner_again", TEXT_STEP_RING_OWNER_AGAIN},
                 {"deputy", TEXT_STEP_RING_DEPUTY},   {"level_above", TEXT_STEP_RING_LEVEL_ABOVE},
                 {"overdue", TEXT_STEP_RING_OVERDUE}, {"asked", TEXT_STEP_RING_ASKED}};
    size_t row = 0;
    while (row + 1 < sizeof steps / sizeof steps[0] && strcmp(steps[row].why, target->why) != 0)
        row++;
    int64_t level = json_integer_or(matter, "level", 0);
    assert(level >= 0 && level < (int64_t)(sizeof minutes_by_level / sizeof minutes_by_level[0]));
    char token[17];
    for (int i = 0; i < 8; i++)
        snprintf(token + 2 * i, 3, "%02x", command->id[i]);
    json_t *who = NULL;
    enum fault_code code = matter_load(command, QUERY_UNIT_POST, "unit", target->unit,
                                       TEXT_MATTER_POST_UNKNOWN, &who, fault);
    if (code != FAULT_NONE)
        return code;
    json_t *body =
        json_pack("{s:I, s:i, s:s, s:I, s:I, s:I, s:I, s:s, s:s, s:o}", "matter",
                  (json_int_t)json_integer_or(matter, "id", 0), "step", target->step, "why",
                  target->why, "division", (json_int_t)target->division, "unit",
                  (json_int_t)target->unit, "post", (json_int_t)target->post, "due_at",
                  (json_int_t)(command->time + minutes_by_level[level] * TIME_MINUTE), "rule",
                  ladder_version, "token", token, "what",
                  say_with(steps[row].key, (json_t *[SAY_ARGUMENTS]){say_row_names(who, "unit")}));
    json_decref(who);
    return matter_emit(command, "ring.started", json_integer_or(matter, "division", 0), body, NULL,
                       fault);
}

enum fault_code ring_run_start(struct command *command, struct fault *fault)
{
    json_t *matter = NULL;
    enum fault_code code =
        matter_load(command, QUERY_MATTER_FOR_COMMAND, "matter", command_integer(command, "matter"),
                    TEXT_MATTER_UNKNOWN, &matter, fault);
    if (code != FAULT_NONE || json_is_false(json_object_get(matter, "is_open")))
        goto out;
    struct target target = {.step = (int)command_integer(command, "step"), .why = "level_above"};
    if (command_has(command, "why") && !span_is(command_text(command, "why"), "owner"))
        target.why = json_string_value(json_object_get(command->body, "why"));
    if (target.step <= STEP_LAST)
        code = find_target(command, matter, &target, fault);
    if (code == FAULT_NONE && target.post != 0)
        code = emit_ring(command, matter, &target, fault);
out:
    json_decref(matter);
    return code;
}

enum fault_code ring_run_record(struct command *command, struct fault *fault)
{
    json_t *ring = NULL;
    enum fault_code code =
        matter_load(command, QUERY_RING_FOR_COMMAND, "ring", command_integer(command, "ring"),
                    TEXT_RING_UNKNOWN, &ring, fault);
    if (code == FAULT_NONE)
        code = matter_emit(command, "ring.sent", json_integer_or(ring, "division", 0),
                           json_copy(command->body), NULL, fault);
    json_decref(ring);
    return code;
}

// A message's token opens its ring to whoever holds it; else the ring must be in the actor's scope.
static enum fault_code load_ring(struct command *command, bool is_free, json_t **ret_ring,
                                 struct fault *fault)
{
    int64_t id = command_integer(command, "ring");
    if (!is_free)
        return matter_load(command, QUERY_RING_FOR_COMMAND, "ring", id, TEXT_RING_UNKNOWN, ret_ring,
                           fault);
    json_t *parameters = json_pack("{s:I}", "ring", (json_int_t)id), *rows = NULL;
    enum fault_code code =
        command_query_freely(command, QUERY_RING_FOR_COMMAND, parameters, &rows, fault);
    if (code == FAULT_NONE && json_array_size(rows) == 0)
        code = fault_set(fault, FAULT_MISSING, TEXT_RING_UNKNOWN, text_integer(id));
    if (code == FAULT_NONE)
        *ret_ring = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    json_decref(parameters);
    return code;
}

// The unit that was rung may answer, and whoever holds the message's token.
static enum fault_code check_answerer(struct command *command, const json_t *ring,
                                      struct fault *fault)
{
    if (json_integer_or(ring, "unit", 0) == command->actor.unit && command->actor.unit != 0)
        return FAULT_NONE;
    json_t *rows = NULL, *parameters = json_pack("{s:O}", "ring", json_object_get(ring, "id"));
    enum fault_code code = FAULT_NONE;
    bool is_right = false;
    if (command_has(command, "token")) {
        code = command_query_freely(command, QUERY_RING_TOKEN, parameters, &rows, fault);
        is_right =
            code == FAULT_NONE && span_equal(command_text(command, "token"),
                                             json_text_or(json_array_get(rows, 0), "token", ""));
    }
    if (code == FAULT_NONE && !is_right)
        code = fault_set(fault, FAULT_DENIED, TEXT_RING_NOT_YOURS);
    json_decref(rows);
    json_decref(parameters);
    return code;
}

enum fault_code ring_run_acknowledge(struct command *command, struct fault *fault)
{
    json_t *ring = NULL, *body = NULL;
    enum fault_code code = load_ring(command, command_has(command, "token"), &ring, fault);
    if (code == FAULT_NONE)
        code = check_answerer(command, ring, fault);
    if (code == FAULT_NONE && !json_is_true(json_object_get(ring, "is_waiting")))
        code = fault_set(fault, FAULT_BUSY, TEXT_RING_ENDED);
    if (code != FAULT_NONE)
        goto out;
    body =
        json_pack("{s:I, s:O, s:o}", "ring", (json_int_t)command_integer(command, "ring"), "matter",
                  json_object_get(ring, "matter"), "what", say(TEXT_STEP_RING_ACKNOWLEDGED));
    code = matter_emit(command, "ring.acknowledged", json_integer_or(ring, "division", 0), body,
                       NULL, fault);
out:
    json_decref(ring);
    return code;
}

enum fault_code ring_run_deadline(struct command *command, struct fault *fault)
{
    json_t *matter = NULL, *body = NULL;
    bool is_ring = span_is(command_text(command, "kind"), "ring");
    enum fault_code code =
        matter_load(command, QUERY_MATTER_FOR_COMMAND, "matter", command_integer(command, "matter"),
                    TEXT_MATTER_UNKNOWN, &matter, fault);
    if (code != FAULT_NONE)
        goto out;
    int64_t late = (command->time - command_integer(command, "due_at")) / TIME_MINUTE;
    body = json_pack(
        "{s:I, s:I, s:s, s:I, s:I, s:o}", "deadline", (json_int_t)command_integer(command, "id"),
        "matter", (json_int_t)command_integer(command, "matter"), "kind", is_ring ? "ring" : "act",
        "step", (json_int_t)command_integer(command, "step"), "due_at",
        (json_int_t)command_integer(command, "due_at"), "what",
        is_ring ? say(TEXT_STEP_RING_UNANSWERED) : say(TEXT_STEP_OVERDUE, json_integer(late)));
    code = matter_emit(command, "deadline.passed", json_integer_or(matter, "division", 0), body,
                       NULL, fault);
out:
    json_decref(matter);
    return code;
}
