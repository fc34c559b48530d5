// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_emit_test.c: see store_emit.h.
#include "store/store_emit.h"

enum fault_code fixture_emit(struct command *command, struct fault *fault)
{
    struct entry_draft draft = {.type = "unit.added",
                                .form = 1,
                                .division = 1,
                                .body = json_pack("{s:O, s:s, s:s}", "code",
                                                  json_object_get(command->body, "code"), "name_zh",
                                                  "测试", "name_en", "test")};
    return command_emit(command, &draft, NULL, fault);
}
