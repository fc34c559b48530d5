// SPDX-License-Identifier: LGPL-3.0-or-later
//
// fault.h: what went wrong, where, and in which words.
//
// Three kinds of trouble, three answers: our own bug -> assert; the world fails or the input is bad
// -> a fault. The code says what a caller can do about it; the key and arguments say it to a
// person, in the catalogue's two languages, when somebody reads. The first fault stands: fault_set
// on a fault that is already set changes nothing, so callers pass it up unchanged.
//
//     code = fault_set(fault, FAULT_BUSY, TEXT_LEDGER_LOCKED, text_string(holder)); goto out;
#ifndef LEVEE_BASE_FAULT_H
#define LEVEE_BASE_FAULT_H

#include "base/text.h"

// A code exists only because some caller acts differently on it. The exit code and the HTTP status
// of each stand beside it: see fault_exit_code and src/web.
enum fault_code {
    FAULT_NONE,
    FAULT_INVALID, // the input is wrong: exit 65, HTTP 400 (or 422)
    FAULT_MISSING, // there is no such thing, or it may not be seen: exit 66, HTTP 404
    FAULT_DENIED,  // the reader may not: exit 77, HTTP 403
    FAULT_BUSY,    // later: exit 75, HTTP 409 or 503
    FAULT_FULL,    // a limit, the disk or memory is full: exit 73, HTTP 413 or 507
    FAULT_CORRUPT, // stored bytes are not what was written: exit 76, HTTP 500
    FAULT_IO,      // the world failed: exit 74, HTTP 500
};

struct fault {
    enum fault_code code;
    int line;
    const char *file;
    enum text_key key;
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS];
};

#define fault_set(fault, code, key, ...)                                                           \
    fault_record((fault), (code), __FILE__, __LINE__, (key),                                       \
                 (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})

// Records the first fault and returns `code`. `argument` has LIMIT_TEXT_ARGUMENTS places; unused
// ones are zero. Called through fault_set only.
enum fault_code fault_record(struct fault *fault, enum fault_code code, const char *file, int line,
                             enum text_key key, const struct text_argument *argument);
// Writes the fault's sentence in `language` into `buffer`, cut at `size`.
void fault_write(const struct fault *fault, enum text_language language, char *buffer, size_t size);
// The sysexits-like code with which a command ends on this fault.
int fault_exit_code(enum fault_code code);

#endif
