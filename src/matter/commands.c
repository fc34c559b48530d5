// SPDX-License-Identifier: GPL-3.0-or-later
//
// commands.c: what can be done with any matter: hand it over, add a measure, finish it, ring,
// answer.
//
// The table at the end is the list; help and the API description are made from it.
#include <assert.h>

#include "matter/matter.h"
#include "matter/say.h"

static enum fault_code load_unit_post(struct command *command, json_t **ret_who,
                                      struct fault *fault)
{
    json_t *parameters = json_object(), *rows = NULL;
    json_object_set(parameters, "unit", json_object_get(command->body, "unit"));
    if (command_has(command, "post"))
        json_object_set(parameters, "post", json_object_get(command->body, "post"));
    enum fault_code code = command_query(command, QUERY_UNIT_POST, parameters, &rows, fault);
    if (code == FAULT_NONE && json_array_size(rows) == 0)
        code = fault_set(fault, FAULT_INVALID, TEXT_MATTER_POST_UNKNOWN);
    if (code == FAULT_NONE)
        *ret_who = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    json_decref(parameters);
    return code;
}

// A matter goes to another post, inside the giver's scope or up to a division above the matter's.
static enum fault_code run_hand_over(struct command *command, struct fault *fault)
{
    json_t *matter = NULL, *who = NULL, *body = NULL;
    int64_t id = command_integer(command, "matter");
    enum fault_code code = matter_load(command, QUERY_MATTER_FOR_COMMAND, "matter", id,
                                       TEXT_MATTER_UNKNOWN, &matter, fault);
    if (code == FAULT_NONE)
        code = matter_check_step(matter, json_string_value(json_object_get(matter, "kind")),
                                 MATTER_HAND_OVER, fault);
    if (code == FAULT_NONE)
        code = load_unit_post(command, &who, fault);
    if (code == FAULT_NONE && json_integer_or(who, "post", 0) == json_integer_or(matter, "post", 0))
        code = fault_set(fault, FAULT_INVALID, TEXT_MATTER_SAME_POST);
    if (code != FAULT_NONE)
        goto out;
    body =
        json_pack("{s:I, s:O, s:O, s:O, s:o}", "matter", (json_int_t)id, "unit",
                  json_object_get(who, "unit"), "post", json_object_get(who, "post"), "reason",
                  json_object_get(command->body, "reason"), "what",
                  say(TEXT_STEP_HANDED_OVER, say_row_names(who, "unit"), say_row_names(who, "post"),
                      json_incref(json_object_get(command->body, "reason"))));
    code = matter_emit(command, "matter.handed_over", json_integer_or(matter, "division", 0), body,
                       NULL, fault);
out:
    json_decref(matter);
    json_decref(who);
    return code;
}

static enum fault_code run_measure_add(struct command *command, struct fault *fault)
{
    json_t *situation = NULL, *who = NULL, *body = NULL;
    int64_t due_at = command_integer(command, "due_at");
    enum fault_code code = matter_load(command, QUERY_SITUATION_FOR_COMMAND, "situation",
                                       command_integer(command, "situation"),
                                       TEXT_SITUATION_UNKNOWN, &situation, fault);
    if (code == FAULT_NONE && due_at <= command->time)
        code = fault_set(fault, FAULT_INVALID, TEXT_MATTER_DUE_IN_PAST);
    if (code == FAULT_NONE)
        code = load_unit_post(command, &who, fault);
    if (code != FAULT_NONE)
        goto out;
    json_t *text = json_object_get(command->body, "text");
    body = json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:I, s:s, s:o, s:o}", "situation",
                     json_object_get(situation, "id"), "field", json_object_get(situation, "field"),
                     "origin", json_object_get(situation, "origin"), "unit",
                     json_object_get(who, "unit"), "post", json_object_get(who, "post"), "text",
                     text, "due_at", (json_int_t)due_at, "deadline_rule", "set by hand", "title",
                     say(TEXT_MEASURE_TITLE, json_incref(text)), "what",
                     say(TEXT_STEP_MEASURE_ADDED, say_row_names(who, "unit"), json_incref(text),
                         say_time(due_at)));
    code = matter_emit(command, "measure.added", json_integer_or(situation, "division", 0), body,
                       NULL, fault);
out:
    json_decref(situation);
    json_decref(who);
    return code;
}

static enum fault_code run_measure_finish(struct command *command, struct fault *fault)
{
    json_t *matter = NULL, *body = NULL;
    int64_t id = command_integer(command, "measure");
    struct span state = command_text(command, "state");
    bool is_done = span_is(state, "done");
    enum fault_code code = matter_load(command, QUERY_MATTER_FOR_COMMAND, "matter", id,
                                       TEXT_MATTER_UNKNOWN, &matter, fault);
    if (code == FAULT_NONE && !is_done && !span_is(state, "dropped"))
        code = fault_set(fault, FAULT_INVALID, TEXT_MEASURE_STATE_WRONG, text_span(state));
    if (code == FAULT_NONE)
        code = matter_check_step(matter, json_string_value(json_object_get(matter, "kind")),
                                 MATTER_FINISH, fault);
    if (code != FAULT_NONE)
        goto out;
    json_t *reason = json_object_get(command->body, "reason");
    body = json_pack("{s:I, s:s, s:O, s:o}", "measure", (json_int_t)id, "state",
                     is_done ? "done" : "dropped", "reason", reason, "what",
                     is_done ? say(TEXT_STEP_MEASURE_DONE, json_incref(reason))
                             : say(TEXT_STEP_MEASURE_DROPPED, json_incref(reason)));
    code = matter_emit(command, "measure.finished", json_integer_or(matter, "division", 0), body,
                       NULL, fault);
out:
    json_decref(matter);
    return code;
}

const struct command_row matter_command_table[] = {
    {"matter.hand_over",
     ROLE_OFFICER,
     TEXT_COMMAND_HAND_OVER,
     {{"matter", COMMAND_ID, 0, true},
      {"unit", COMMAND_ID, 0, true},
      {"post", COMMAND_ID, 0, false},
      {"reason", COMMAND_TEXT, 1000, true}},
     run_hand_over},
    {"measure.add",
     ROLE_OFFICER,
     TEXT_COMMAND_MEASURE_ADD,
     {{"situation", COMMAND_ID, 0, true},
      {"text", COMMAND_TEXT, 1000, true},
      {"unit", COMMAND_ID, 0, true},
      {"post", COMMAND_ID, 0, false},
      {"due_at", COMMAND_TIME, 0, true}},
     run_measure_add},
    {"measure.finish",
     ROLE_OFFICER,
     TEXT_COMMAND_MEASURE_FINISH,
     {{"measure", COMMAND_ID, 0, true},
      {"state", COMMAND_TEXT, 16, true},
      {"reason", COMMAND_TEXT, 1000, true}},
     run_measure_finish},
    {"duty.assign",
     ROLE_ADMINISTRATOR,
     TEXT_COMMAND_DUTY_ASSIGN,
     {{"field", COMMAND_TEXT, 64, true},
      {"role", COMMAND_TEXT, 64, true},
      {"division", COMMAND_ID, 0, true},
      {"unit", COMMAND_ID, 0, true},
      {"post", COMMAND_ID, 0, true},
      {"deputy_unit", COMMAND_ID, 0, false},
      {"deputy_post", COMMAND_ID, 0, false}},
     duty_run_assign},
    {"ring.start",
     ROLE_SYSTEM,
     TEXT_COMMAND_RING_START,
     {{"matter", COMMAND_ID, 0, true},
      {"step", COMMAND_INTEGER, 1000, true},
      {"why", COMMAND_TEXT, 32, false}},
     ring_run_start},
    {"ring.record",
     ROLE_SYSTEM,
     TEXT_COMMAND_RING_RECORD,
     {{"ring", COMMAND_ID, 0, true},
      {"port", COMMAND_TEXT, 64, true},
      {"outcome", COMMAND_TEXT, 200, true}},
     ring_run_record},
    {"ring.acknowledge",
     ROLE_OFFICER,
     TEXT_COMMAND_RING_ACKNOWLEDGE,
     {{"ring", COMMAND_ID, 0, true}, {"token", COMMAND_TEXT, 64, false}},
     ring_run_acknowledge},
    {"deadline.pass",
     ROLE_SYSTEM,
     TEXT_COMMAND_DEADLINE_PASS,
     {{"id", COMMAND_ID, 0, true},
      {"due_at", COMMAND_TIME, 0, true},
      {"matter", COMMAND_ID, 0, true},
      {"kind", COMMAND_TEXT, 16, true},
      {"step", COMMAND_INTEGER, 1000, true}},
     ring_run_deadline},
};
const size_t matter_command_count = sizeof matter_command_table / sizeof matter_command_table[0];
