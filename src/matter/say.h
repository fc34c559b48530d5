// SPDX-License-Identifier: GPL-3.0-or-later
//
// say.h: sentences that stand in entries: a key and arguments, written when somebody reads.
//
// Owns: how a sentence becomes JSON, {"key": "notice.first_case", "arguments": {"days": 111}}. The
// catalogue knows the names of the parameters; the caller gives the values in their order. A value
// is a number, a text, a pair of names {"zh", "en"}, or another sentence.
#ifndef LEVEE_MATTER_SAY_H
#define LEVEE_MATTER_SAY_H

#include <stdint.h>

#include "base/json.h"
#include "base/text.h"

enum { SAY_ARGUMENTS = 8 };

// A sentence. The values are taken over. NULL when there is no memory.
#define say(key, ...) say_with((key), (json_t *[SAY_ARGUMENTS]){__VA_ARGS__})
json_t *say_with(enum text_key key, json_t **values);
// A name in both languages.
json_t *say_names(const char *zh, const char *en);
// The names in the fields PREFIX_zh and PREFIX_en of a query's row.
json_t *say_row_names(const json_t *row, const char *prefix);
// A level's word, as a sentence of its own.
json_t *say_level(int64_t level);
// A number: an integer where it is one, else text of four digits (entries hold no floats).
json_t *say_number(double value);
// An instant as RFC 3339 text.
json_t *say_time(int64_t instant);

#endif
