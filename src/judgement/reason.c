// SPDX-License-Identifier: GPL-3.0-or-later
//
// reason.c: why an act was done.
//
// A person writes a reason in one language, in the field `reason`, and it is shown as it was
// written. Who can write it in both, as the replay does, gives `reason_zh` and `reason_en`, and
// each reader sees his own. The two never stand in one text.
#include <assert.h>

#include "judgement/judgement_priv.h"

enum fault_code reason_check(const struct command *command, struct fault *fault)
{
    bool is_one = command_has(command, "reason");
    bool is_zh = command_has(command, "reason_zh"), is_en = command_has(command, "reason_en");
    if (is_zh != is_en || is_one == is_zh)
        return fault_set(fault, FAULT_INVALID, TEXT_REASON_NEEDED);
    return FAULT_NONE;
}

json_t *reason_of(const struct command *command)
{
    json_t *reason = json_object_get(command->body, "reason");
    assert(reason == NULL || !command_has(command, "reason_zh"));
    return reason != NULL ? json_incref(reason) : say_row_names(command->body, "reason");
}
