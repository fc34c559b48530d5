// SPDX-License-Identifier: GPL-3.0-or-later
//
// duty.c: the duty table: field x role x division -> unit and post, and the deputy.
//
// A duty that names a field stands before one for every field ('*'); the division's own before that
// of the division above. So a city without a labour office of its own is answered for by the
// province's, and a hole in the table is never silent: it shows as a matter without an owner.
#include <assert.h>

#include "matter/matter.h"

enum fault_code matter_find_duty(struct command *command, const char *field, const json_t *roles,
                                 int64_t division, bool is_above, json_t **ret_duty,
                                 struct fault *fault)
{
    assert(json_is_array(roles));
    enum fault_code code = FAULT_NONE;
    *ret_duty = NULL;
    for (size_t i = 0; i < json_array_size(roles) && *ret_duty == NULL && code == FAULT_NONE; i++) {
        json_t *rows = NULL;
        json_t *parameters =
            json_pack("{s:s, s:O, s:I, s:b}", "field", field, "role", json_array_get(roles, i),
                      "division", (json_int_t)division, "is_above", is_above);
        code = command_query(command, QUERY_DUTY_FOR, parameters, &rows, fault);
        if (code == FAULT_NONE && json_array_size(rows) > 0)
            *ret_duty = json_incref(json_array_get(rows, 0));
        json_decref(rows);
        json_decref(parameters);
    }
    return code;
}

// A post must be one of its unit; a division must be one of ours.
static enum fault_code check_unit_post(struct command *command, const char *unit, const char *post,
                                       struct fault *fault)
{
    json_t *rows = NULL;
    json_t *parameters = json_pack("{s:I, s:I}", "unit", (json_int_t)command_integer(command, unit),
                                   "post", (json_int_t)command_integer(command, post));
    enum fault_code code = command_query(command, QUERY_UNIT_POST, parameters, &rows, fault);
    if (code == FAULT_NONE && json_array_size(rows) == 0)
        code = fault_set(fault, FAULT_INVALID, TEXT_MATTER_POST_UNKNOWN);
    json_decref(rows);
    json_decref(parameters);
    return code;
}

enum fault_code duty_run_assign(struct command *command, struct fault *fault)
{
    json_t *place = NULL;
    int64_t division = command_integer(command, "division");
    enum fault_code code = matter_load(command, QUERY_DIVISION_PLACE, "division", division,
                                       TEXT_MATTER_DIVISION_UNKNOWN, &place, fault);
    if (code == FAULT_NONE)
        code = check_unit_post(command, "unit", "post", fault);
    if (code == FAULT_NONE && command_has(command, "deputy_post")) {
        if (!command_has(command, "deputy_unit"))
            code = fault_set(fault, FAULT_INVALID, TEXT_BASE_JSON_FIELD_MISSING,
                             text_string("deputy_unit"));
        else
            code = check_unit_post(command, "deputy_unit", "deputy_post", fault);
    }
    if (code == FAULT_NONE)
        code =
            matter_emit(command, "duty.assigned", division, json_copy(command->body), NULL, fault);
    json_decref(place);
    return code;
}
