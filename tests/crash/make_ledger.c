// SPDX-License-Identifier: GPL-3.0-or-later
//
// make_ledger.c: makes a small ledger for tests that look at it from outside.
//
// usage: make_ledger FOLDER ENTRIES      writes FOLDER/ledger.db, a checkpoint after each 7 entries
//
// Bodies hold the number and some Chinese text, payloads grow up to two pages; types, posts,
// divisions, parts and command ids all vary, so that a reader of the bytes meets every field.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

enum { CHECKPOINT_ENTRIES = 7, PAYLOAD_MAX = 9000 };
static unsigned char secret[crypto_sign_SECRETKEYBYTES];

static enum fault_code sign(void *context, struct span bytes,
                            unsigned char ret_signature[LEDGER_SIGNATURE_SIZE], struct fault *fault)
{
    (void)context, (void)fault;
    crypto_sign_detached(ret_signature, NULL, (const unsigned char *)bytes.data, bytes.size,
                         secret);
    return FAULT_NONE;
}

static enum fault_code append(struct ledger *ledger, int number, struct fault *fault)
{
    static char payload[PAYLOAD_MAX];
    static const char *const types[] = {"notice.raised", "readings.landed", "a"};
    char body[128];
    int64_t sequence = 0;
    memset(payload, number, sizeof payload);
    snprintf(body, sizeof body, "{\"number\":%d,\"text\":\"大连市\"}", number);
    struct ledger_entry draft = {.time = INT64_C(1595458800000000) + number,
                                 .node = number % 2 == 0 ? 21000 : 2102000,
                                 .actor = number % 5,
                                 .division = number,
                                 .type = span_from(types[number % 3]),
                                 .form = 1 + number % 300,
                                 .part = 1 + number % 2,
                                 .parts = 2,
                                 .body = span_from(body),
                                 .payload = {payload, (size_t)(number * 37 % PAYLOAD_MAX)}};
    memset(draft.command_id, 255 - number % 256, sizeof draft.command_id);
    enum fault_code code = ledger_begin(ledger, fault);
    if (code == FAULT_NONE)
        code = ledger_append_entry(ledger, &draft, &sequence, fault);
    if (code == FAULT_NONE)
        code = ledger_commit(ledger, fault);
    return code;
}

int main(int argc, char **argv)
{
    char path[512], sentence[LIMIT_TEXT_SIZE];
    struct fault fault = {0};
    struct ledger *ledger = NULL;
    struct ledger_signer signer = {.sign = sign};
    const unsigned char seed[crypto_sign_SEEDBYTES] = {1, 2, 3};
    if (argc != 3 || sodium_init() < 0)
        return 64;
    snprintf(path, sizeof path, "%s/ledger.db", argv[1]);
    struct ledger_birth birth = {
        .path = path, .ledger_id = 21000, .identity = {5, 6, 7}, .kind = "replay", .time = 1};
    crypto_sign_seed_keypair(birth.public_key, secret, seed);
    memcpy(signer.public_key, birth.public_key, sizeof signer.public_key);
    struct ledger_options options = {.path = path, .is_writer = true};
    enum fault_code code = ledger_create(&birth, &fault);
    if (code == FAULT_NONE)
        code = ledger_open(&options, &ledger, &fault);
    int count = (int)strtol(argv[2], NULL, 10);
    for (int i = 1; i < count && code == FAULT_NONE; i++) {
        code = append(ledger, i, &fault);
        if (code == FAULT_NONE && i % CHECKPOINT_ENTRIES == 0)
            code = ledger_make_checkpoint(ledger, &signer, 1000 + i, &fault);
    }
    ledger_close(ledger);
    if (code == FAULT_NONE)
        return 0;
    fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
    fprintf(stderr, "make_ledger: %s\n", sentence);
    return fault_exit_code(code);
}
