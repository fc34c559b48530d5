// SPDX-License-Identifier: GPL-3.0-or-later
//
// matter.c: which step leads from which state, and what every command about a matter does first.
//
// The life cycle is a table: a row allows one step in one state. What is not there is refused, with
// a sentence that names the state.
#include "matter/matter.h"

#include <assert.h>
#include <inttypes.h>

struct transition {
    const char *kind;
    const char *state;
    enum matter_step step;
};

static const struct transition transitions[] = {
    {"notice", "raised", MATTER_TAKE_OVER},      {"notice", "raised", MATTER_JUDGE},
    {"notice", "raised", MATTER_CHANGE},         {"notice", "raised", MATTER_HAND_OVER},
    {"notice", "taken_over", MATTER_TAKE_OVER},  {"notice", "taken_over", MATTER_JUDGE},
    {"notice", "taken_over", MATTER_CHANGE},     {"notice", "taken_over", MATTER_HAND_OVER},
    {"notice", "in_response", MATTER_TAKE_OVER}, {"notice", "in_response", MATTER_CHANGE},
    {"notice", "in_response", MATTER_HAND_OVER}, {"notice", "in_response", MATTER_CLOSE},
    {"notice", "not_upheld", MATTER_CLOSE},      {"question", "asked", MATTER_ANSWER},
    {"question", "asked", MATTER_HAND_OVER},     {"measure", "planned", MATTER_FINISH},
    {"measure", "planned", MATTER_HAND_OVER},
};

bool matter_may(struct span kind, struct span state, enum matter_step step)
{
    assert(step < MATTER_STEPS);
    for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++)
        if (transitions[i].step == step && span_is(kind, transitions[i].kind) &&
            span_is(state, transitions[i].state))
            return true;
    return false;
}

enum fault_code matter_load(struct command *command, enum query_name query, const char *parameter,
                            int64_t id, enum text_key missing, json_t **ret_row,
                            struct fault *fault)
{
    json_t *parameters = json_pack("{s:I}", parameter, (json_int_t)id), *rows = NULL;
    char written[LIMIT_TEXT_ARGUMENT_SIZE];
    enum fault_code code = command_query(command, query, parameters, &rows, fault);
    if (code == FAULT_NONE && json_array_size(rows) == 0) {
        store_write_id(command->store, id, written, sizeof written);
        code = fault_set(fault, FAULT_MISSING, missing, text_string(written));
    }
    if (code == FAULT_NONE)
        *ret_row = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    json_decref(parameters);
    return code;
}

// The sentences that refuse a step, one a state: what it is, and what can still be done.
static enum text_key refusal_of(struct span state)
{
    static const struct {
        const char *state;
        enum text_key key;
    } table[] = {
        {"raised", TEXT_MATTER_STATE_RAISED},
        {"taken_over", TEXT_MATTER_STATE_TAKEN_OVER},
        {"in_response", TEXT_MATTER_STATE_IN_RESPONSE},
        {"not_upheld", TEXT_MATTER_STATE_NOT_UPHELD},
        {"closed", TEXT_MATTER_STATE_CLOSED},
        {"answered", TEXT_MATTER_STATE_ANSWERED},
        {"done", TEXT_MATTER_STATE_DONE},
        {"dropped", TEXT_MATTER_STATE_DONE},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (span_is(state, table[i].state))
            return table[i].key;
    return TEXT_MATTER_STATE_OTHER;
}

enum fault_code matter_check_step(const json_t *row, const char *kind, enum matter_step step,
                                  struct fault *fault)
{
    struct span state = json_text_or(row, "state", "");
    if (matter_may(span_from(kind), state, step))
        return FAULT_NONE;
    return fault_set(fault, FAULT_BUSY, refusal_of(state));
}

bool matter_is_above(const struct store_actor *actor, int64_t low, int64_t high)
{
    assert(low <= high);
    return actor->low <= low && high <= actor->high && (actor->low < low || high < actor->high);
}

enum fault_code matter_emit(struct command *command, const char *type, int64_t division,
                            json_t *body, int64_t *ret_sequence, struct fault *fault)
{
    if (body == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    struct entry_draft draft = {.type = type, .form = 1, .division = division, .body = body};
    return command_emit(command, &draft, ret_sequence, fault);
}
