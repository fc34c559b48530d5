// SPDX-License-Identifier: LGPL-3.0-or-later
//
// json.h: JSON from outside, read strictly; the parser itself is jansson.
//
// Owns: the one place where bytes become JSON values and back. Duplicate names, trailing bytes,
// NUL, depth over LIMIT_JSON_DEPTH and non-UTF-8 are refused. Values are jansson's json_t:
// json_object_get and friends may be used directly; the getters below add the fault with the
// field's name. Everything written goes through json_write: compact, names sorted, so that the same
// value gives the same bytes.
#ifndef LEVEE_BASE_JSON_H
#define LEVEE_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/fault.h"
#include "base/span.h"

struct arena;

// jansson answers "no memory" in many small ways that are easily passed over: a field that is not
// set, a text that is not there. So its allocations are watched: whoever builds or reads a value
// that matters says json_watch_memory before, and asks json_has_lost_memory after; when that is
// true, parts of what was made on this thread since then may be missing.
void json_watch_memory(void);
bool json_has_lost_memory(void);

// Reads one JSON value. The caller owns *ret_value (json_decref). FAULT_INVALID names line and
// column; FAULT_FULL: no memory.
enum fault_code json_read(struct span text, json_t **ret_value, struct fault *fault);
// Writes `value` compactly with sorted names into `arena`. An empty span with NULL data: the arena
// is full.
struct span json_write(const json_t *value, struct arena *arena);
// Fields of an object. The strings live as long as the object. FAULT_INVALID names the field.
enum fault_code json_read_text(const json_t *object, const char *field, struct span *ret_value,
                               struct fault *fault);
enum fault_code json_read_integer(const json_t *object, const char *field, int64_t *ret_value,
                                  struct fault *fault);
// As above, but a missing or null field gives `otherwise`.
struct span json_text_or(const json_t *object, const char *field, const char *otherwise);
int64_t json_integer_or(const json_t *object, const char *field, int64_t otherwise);

#endif
