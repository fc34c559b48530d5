// SPDX-License-Identifier: LGPL-3.0-or-later
//
// log.h: what a running server writes about itself: one line an event, on stderr.
//
//     2026-11-24T07:30:00+08:00 port.send code=io key=ports.failed at=webhook.c:63 port="desk" ...
//
// Owns: the form of the line: instant, event, name=value pairs. There is no free text: an event is
// a literal, a value is a number or a text that is quoted and escaped (controls, quotes, line
// feeds), so that nothing from outside can make up a line. No person's data goes here: no password,
// token, cookie, content of an entry. Lines are written whole and may come from any thread.
#ifndef LEVEE_BASE_LOG_H
#define LEVEE_BASE_LOG_H

#include "base/fault.h"

// One event with up to four arguments, named as in the format "port ring" (words parted by a
// blank).
#define log_event(event, names, ...)                                                               \
    log_write((event), (names), (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})
void log_write(const char *event, const char *names, const struct text_argument *argument);
// A fault: its code, key, place and arguments by name.
void log_fault(const char *event, const struct fault *fault);

#endif
