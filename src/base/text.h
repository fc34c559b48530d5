// SPDX-License-Identifier: LGPL-3.0-or-later
//
// text.h: sentences by key, in two languages, written when somebody reads.
//
// Owns: the catalogue of text/*.text, compiled into text_keys.h (a number a name) and a table. Code
// raises a key and arguments; no sentence stands in code. A placeholder {name} takes the argument
// of that name, in the order in which the catalogue's key line lists the names.
//
//     text/ledger.text            ledger.locked holder
//                                 zh 存证日志正被 {holder} 占用……
//                                 en The ledger is in use by {holder}. ...
//     code                        TEXT_LEDGER_LOCKED, text_string(holder)
#ifndef LEVEE_BASE_TEXT_H
#define LEVEE_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/span.h"
#include "text_keys.h" // enum text_key, made from text/*.text

enum text_language { TEXT_CHINESE, TEXT_ENGLISH, TEXT_LANGUAGES };

enum text_argument_kind {
    TEXT_ARGUMENT_NONE,
    TEXT_ARGUMENT_STRING,
    TEXT_ARGUMENT_NAMES,
    TEXT_ARGUMENT_INTEGER,
    TEXT_ARGUMENT_REAL
};

struct text_argument {
    enum text_argument_kind kind;
    int64_t integer;
    double real;
    char string[LIMIT_TEXT_ARGUMENT_SIZE];  // of NAMES: in Chinese
    char english[LIMIT_TEXT_ARGUMENT_SIZE]; // of NAMES only
};

// Arguments. Strings are copied; one that is too long is cut at a character and closed with "…".
struct text_argument text_string(const char *string);
struct text_argument text_span(struct span span);
// A name in both languages: the sentence takes the one of its own language.
struct text_argument text_names(struct span zh, struct span en);
struct text_argument text_integer(int64_t value);
struct text_argument text_real(double value);

// Writes the sentence of `key` with its arguments in their places, NUL-closed, cut at `size`.
// `argument` may be NULL when the key has no parameters; it has LIMIT_TEXT_ARGUMENTS places
// otherwise.
void text_write(enum text_key key, enum text_language language,
                const struct text_argument *argument, char *buffer, size_t size);
// The bare sentence, placeholders and all.
const char *text_sentence(enum text_key key, enum text_language language);
// The dotted name of a key ("ledger.locked"), and back. text_find_key returns false for an unknown
// name.
const char *text_name(enum text_key key);
bool text_find_key(struct span name, enum text_key *ret_key);
// The name of parameter `index` of a key, NULL when it has fewer.
const char *text_parameter(enum text_key key, int index);
// The language of a POSIX locale ("zh_CN.UTF-8") or of an Accept-Language header; English when
// unknown.
enum text_language text_language_from(const char *locale);

#endif
