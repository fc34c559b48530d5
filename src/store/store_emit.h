// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_emit.h: the one command that tests of the store give: test.emit {code}, a unit of that
// code.
//
// In a file of its own, so that programs that cut the power give the same as the unit tests.
#ifndef LEVEE_STORE_EMIT_H
#define LEVEE_STORE_EMIT_H

#include "store/command.h"

enum fault_code fixture_emit(struct command *command, struct fault *fault);

#define FIXTURE_EMIT                                                                               \
    {                                                                                              \
        "test.emit", ROLE_SYSTEM, TEXT_STORE_WHAT_UNIT_ADD, {{"code", COMMAND_TEXT, 20, true}},    \
            fixture_emit                                                                           \
    }

#endif
