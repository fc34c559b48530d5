// SPDX-License-Identifier: LGPL-3.0-or-later
//
// fault.c: records the first fault, and nothing after it.
//
// Invariant: a fault whose code is not FAULT_NONE has a file, a line and a key.
#include "base/fault.h"

#include <assert.h>
#include <string.h>

enum fault_code fault_record(struct fault *fault, enum fault_code code, const char *file, int line,
                             enum text_key key, const struct text_argument *argument)
{
    assert(fault != NULL);
    assert(code != FAULT_NONE);
    if (fault->code != FAULT_NONE)
        return fault->code;
    fault->code = code;
    fault->file = file;
    fault->line = line;
    fault->key = key;
    memcpy(fault->argument, argument, sizeof fault->argument);
    return code;
}

void fault_write(const struct fault *fault, enum text_language language, char *buffer, size_t size)
{
    assert(fault->code != FAULT_NONE);
    text_write(fault->key, language, fault->argument, buffer, size);
}

int fault_exit_code(enum fault_code code)
{
    static const int exit_code[] = {
        [FAULT_NONE] = 0,  [FAULT_INVALID] = 65, [FAULT_MISSING] = 66, [FAULT_DENIED] = 77,
        [FAULT_BUSY] = 75, [FAULT_FULL] = 73,    [FAULT_CORRUPT] = 76, [FAULT_IO] = 74,
    };
    assert((size_t)code < sizeof exit_code / sizeof exit_code[0]);
    return exit_code[code];
}
