// SPDX-License-Identifier: GPL-3.0-or-later
//
// ledger.h: what the files of `levee ledger` share.
//
// Owns: the request that the command line makes, and the ways to write its answer. ledger.c reads
// the command line, verifies and shows heads; ledger_proof.c makes and checks receipts, shows
// entries.
#ifndef LEVEE_CLI_LEDGER_H
#define LEVEE_CLI_LEDGER_H

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "ledger/ledger.h"

enum {
    // A receipt: an entry of 2 MiB as base64, and its hashes.
    CLI_LEDGER_RECEIPT_SIZE = 4 * 1024 * 1024,
};

struct cli_ledger_request {
    char path[LIMIT_PATH_SIZE];
    const char *argument; // SEQUENCE, NULL: none
    int64_t from;         // 0: none
    const char *proof, *held;
    bool is_json, has_key;
    unsigned char key[LEDGER_KEY_SIZE];
};

// The actions; each returns the exit code.
int cli_ledger_prove(struct cli_ledger_request *request);
int cli_ledger_show(struct cli_ledger_request *request);
// verify --proof.
int cli_ledger_check(struct cli_ledger_request *request);

// Opens the ledger read-only. The caller closes it.
enum fault_code cli_ledger_open(const struct cli_ledger_request *request,
                                struct ledger **ret_ledger, struct fault *fault);
// Reads a small text file into `arena`.
enum fault_code cli_ledger_read_text(const char *path, struct arena *arena, struct span *ret_text,
                                     struct fault *fault);
// Writes a line to stdout in the reader's language.
#define cli_ledger_say(key, ...)                                                                   \
    cli_ledger_say_with((key), (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})
void cli_ledger_say_with(enum text_key key, const struct text_argument *argument);
// Writes an object as one line to stdout and gives it back. The exit code.
int cli_ledger_write_json(json_t *object);
// Sets a field to bytes as hexadecimal digits.
void cli_ledger_set_hex(json_t *object, const char *field, const void *bytes, size_t size);

#endif
