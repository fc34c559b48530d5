// SPDX-License-Identifier: GPL-3.0-or-later
//
// guard.h: requests that two readers could understand differently are refused.
//
// Smuggling lives on such requests: a proxy sees one request where we see two. RFC 9112 allows a
// server to be lenient in places; here it is not (sections 2.2, 3.2, 5.1, 5.2, 6.1, 6.3).
// libmicrohttpd 0.9.75 accepts among others two Content-Length, Content-Length beside
// Transfer-Encoding, a space before the colon, a folded line (whose text it joins to the name), a
// NUL, a bare LF. What it has parsed no longer shows the last three. But it parses in place, so
// they show in memory: on the wire a head is
//
//     VERSION CR LF NAME ":" [blanks] VALUE CR LF NAME ":" ...
//
// and the parser has put NUL on ":" , CR and LF. So in memory each name must begin two bytes behind
// the end of what stands before it, and each value must end at two NULs. Anything else was not
// written that way and is refused. The rule is tied to that layout: should another version of the
// library lay out its memory differently, every request would be refused and every test would fail.
//
// Owns nothing; pure.
#ifndef LEVEE_WEB_GUARD_H
#define LEVEE_WEB_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "base/span.h"

struct guard_head {
    const char *version; // as the library hands it out, in its buffer
    struct span name[LIMIT_HTTP_HEADERS];
    struct span value[LIMIT_HTTP_HEADERS];
    int count;
    size_t size;       // of names and values
    bool is_too_large; // more than LIMIT_HTTP_HEADERS, or more than LIMIT_HTTP_HEAD_SIZE
};

// Notes one header line, in order.
void guard_add(struct guard_head *head, struct span name, struct span value);
// True when the lines lie in memory as an unambiguous head does.
bool guard_is_plain(const struct guard_head *head);
// True when every name is a token, every value free of controls, and framing is said at most once
// and in one way: one Host, at most one Content-Length, no Transfer-Encoding but one "chunked"
// without Content-Length.
bool guard_is_sound(const struct guard_head *head);
// True when a target is an absolute path of printable ASCII without a fragment.
bool guard_is_target(struct span target);

#endif
