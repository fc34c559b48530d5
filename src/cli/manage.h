// SPDX-License-Identifier: GPL-3.0-or-later
//
// manage.h: what init, import, query, backup and restore share.
//
// Owns: a sentence on stderr, a percentage on a terminal, a passphrase, an actor by name.
#ifndef LEVEE_CLI_MANAGE_H
#define LEVEE_CLI_MANAGE_H

#include "base/fault.h"
#include "base/span.h"

struct store;
struct store_actor;

enum { MANAGE_PASSPHRASE_SIZE = 512 };

// Writes a sentence to stderr.
#define manage_say(key, ...)                                                                       \
    manage_say_with((key), (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})
void manage_say_with(enum text_key key, const struct text_argument *argument);
// Shows progress in place when stderr is a terminal. `context` is not read.
void manage_progress(void *context, int64_t done, int64_t total);
// Reads the passphrase from the first line of `path`, or asks for it when `path` is NULL.
enum fault_code manage_read_passphrase(const char *path, char buffer[MANAGE_PASSPHRASE_SIZE],
                                       struct span *ret_passphrase, struct fault *fault);
// The account's actor; NULL: the program itself.
enum fault_code manage_find_actor(struct store *store, const char *account,
                                  struct store_actor *ret_actor, struct fault *fault);

#endif
