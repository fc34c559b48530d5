// SPDX-License-Identifier: GPL-3.0-or-later
//
// pin.c: what is pinned beside our own judgement, always with its source.
//
// Official acts (the legal warning, a grading of areas, a published notice) are another mark than a
// notice and never set its level. Dated events are what a lead time may be claimed against. An
// instruction from above is counted until it was carried out.
#include <assert.h>

#include "base/time.h"
#include "judgement/judgement_priv.h"

static bool is_one_of(struct span word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_is(word, words[i]))
            return true;
    return false;
}

static enum fault_code check_division(struct command *command, struct fault *fault)
{
    json_t *place = NULL;
    enum fault_code code =
        matter_load(command, QUERY_DIVISION_PLACE, "division", command_integer(command, "division"),
                    TEXT_MATTER_DIVISION_UNKNOWN, &place, fault);
    if (code == FAULT_NONE && json_is_false(json_object_get(place, "is_inside")))
        code = fault_set(fault, FAULT_DENIED, TEXT_PIN_OUTSIDE);
    json_decref(place);
    return code;
}

enum fault_code pin_run_act(struct command *command, struct fault *fault)
{
    static const char *const kinds[] = {"official", "finding", "definition"};
    static const char *const day_texts[] = {"day_text_zh", "day_text_en"};
    struct span kind =
        command_has(command, "kind") ? command_text(command, "kind") : span_from("official");
    int64_t act_at = command_integer(command, "act_at");
    enum fault_code code = check_division(command, fault);
    if (code == FAULT_NONE && !is_one_of(kind, kinds, sizeof kinds / sizeof kinds[0]))
        code = fault_set(fault, FAULT_INVALID, TEXT_PIN_ACT_KIND, text_span(kind));
    if (code == FAULT_NONE && act_at > command->time)
        code = fault_set(fault, FAULT_INVALID, TEXT_PIN_IN_FUTURE);
    if (code != FAULT_NONE)
        return code;
    json_t *body = json_copy(command->body);
    json_object_set_new(body, "kind", json_stringn(kind.data, kind.size));
    for (size_t i = 0; i < sizeof day_texts / sizeof day_texts[0]; i++)
        if (!command_has(command, day_texts[i]))
            json_object_set_new(body, day_texts[i], say_time(act_at));
    return matter_emit(command, "official_act.pinned", command_integer(command, "division"), body,
                       NULL, fault);
}

enum fault_code pin_run_event(struct command *command, struct fault *fault)
{
    static const char *const kinds[] = {"onset", "report", "outcome", "gap"};
    struct span kind = command_text(command, "kind"), day = command_text(command, "day");
    enum time_frequency frequency;
    int32_t ordinal = 0;
    enum fault_code code = check_division(command, fault);
    if (code == FAULT_NONE && !is_one_of(kind, kinds, sizeof kinds / sizeof kinds[0]))
        code = fault_set(fault, FAULT_INVALID, TEXT_PIN_EVENT_KIND, text_span(kind));
    if (code == FAULT_NONE &&
        (!time_read_period(day, &frequency, &ordinal) || frequency != TIME_DAILY))
        code = fault_set(fault, FAULT_INVALID, TEXT_BASE_DATE_MALFORMED, text_span(day));
    if (code != FAULT_NONE)
        return code;
    return matter_emit(command, "event.recorded", command_integer(command, "division"),
                       json_copy(command->body), NULL, fault);
}

// With `instruction`: that one was carried out. Without: a new one, to a unit, with a deadline.
enum fault_code pin_run_instruction(struct command *command, struct fault *fault)
{
    json_t *body = NULL, *who = NULL, *row = NULL;
    static const char *const needed[] = {"unit", "text_zh", "text_en", "due_at"};
    enum fault_code code = FAULT_NONE;
    int64_t division = 0;
    if (command_has(command, "instruction")) {
        code = matter_load(command, QUERY_INSTRUCTION_FOR_COMMAND, "instruction",
                           command_integer(command, "instruction"), TEXT_PIN_INSTRUCTION_UNKNOWN,
                           &row, fault);
        if (code == FAULT_NONE && json_is_true(json_object_get(row, "is_done")))
            code = fault_set(fault, FAULT_BUSY, TEXT_PIN_INSTRUCTION_DONE);
        division = json_integer_or(row, "division", 0);
    } else {
        for (size_t i = 0; i < sizeof needed / sizeof needed[0] && code == FAULT_NONE; i++)
            if (!command_has(command, needed[i]))
                code = fault_set(fault, FAULT_INVALID, TEXT_BASE_JSON_FIELD_MISSING,
                                 text_string(needed[i]));
        if (code == FAULT_NONE)
            code = matter_load(command, QUERY_UNIT_POST, "unit", command_integer(command, "unit"),
                               TEXT_MATTER_POST_UNKNOWN, &who, fault);
        division = json_integer_or(who, "division", 0);
    }
    if (code == FAULT_NONE) {
        body = json_copy(command->body);
        code = matter_emit(command, "instruction.recorded", division, body, NULL, fault);
    }
    json_decref(who);
    json_decref(row);
    return code;
}
