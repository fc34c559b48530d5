// SPDX-License-Identifier: LGPL-3.0-or-later
//
// span.h: a run of bytes that somebody else owns.
//
// Owns nothing: a span is a pointer and a size, valid as long as what it points into. Text spans
// are UTF-8 and not closed by a NUL. An empty span has size 0 and may have any pointer.
#ifndef LEVEE_BASE_SPAN_H
#define LEVEE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct span {
    const char *data;
    size_t size;
};

// A span over a string literal or any NUL-closed string; NULL gives the empty span.
struct span span_from(const char *string);
bool span_equal(struct span a, struct span b);
bool span_is(struct span a, const char *string);
bool span_starts(struct span a, const char *prefix);
// Without ASCII white space (and a byte order mark) at both ends.
struct span span_trim(struct span a);
// Cuts at the first `separator`: returns what stands before it and moves *rest behind it. When
// there is none, returns everything and leaves *rest empty.
struct span span_cut(struct span *rest, char separator);
// Reads all of `a` as a decimal integer with optional sign. False, *ret_value untouched, on
// anything else.
bool span_to_integer(struct span a, int64_t *ret_value);
// Reads all of `a` as a decimal number in the C locale (no hexadecimal, no inf, no nan).
bool span_to_real(struct span a, double *ret_value);
// True when `a` is well-formed UTF-8 without NUL, surrogates, overlong forms or bidirectional
// controls.
bool span_is_text(struct span a);
// The size of the longest beginning of `a` that is such text.
size_t span_text_size(struct span a);
// A NUL-closed copy in `arena`; NULL when the arena is full.
char *span_to_string(struct span a, struct arena *arena);

#endif
