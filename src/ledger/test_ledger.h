// SPDX-License-Identifier: GPL-3.0-or-later
//
// test_ledger.h: a small ledger to test on. Included by the tests of this folder only.
//
// Entry 0 is the genesis, entry i > 0 is "test.noted" with {"number":i} and a payload of two bytes.
// The signing key comes from a seed of sevens, so that every run signs the same bytes.
#ifndef LEVEE_TEST_LEDGER_H
#define LEVEE_TEST_LEDGER_H

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_priv.h"
#include "unit.h"

static unsigned char test_secret[crypto_sign_SECRETKEYBYTES];

static inline enum fault_code test_sign(void *context, struct span bytes,
                                        unsigned char ret_signature[LEDGER_SIGNATURE_SIZE],
                                        struct fault *fault)
{
    (void)context, (void)fault;
    crypto_sign_detached(ret_signature, NULL, (const unsigned char *)bytes.data, bytes.size,
                         test_secret);
    return FAULT_NONE;
}

static inline struct ledger_signer test_signer(void)
{
    struct ledger_signer signer = {.sign = test_sign};
    unsigned char seed[crypto_sign_SEEDBYTES];
    memset(seed, 7, sizeof seed);
    crypto_sign_seed_keypair(signer.public_key, test_secret, seed);
    return signer;
}

// The fault's name for a failed check's words; "nothing" where there is none.
static inline const char *test_fault_name(const struct fault *fault)
{
    return fault->code == FAULT_NONE ? "nothing" : text_name(fault->key);
}

static inline char *test_path(const char *name)
{
    static char path[4][256];
    static int next;
    char *result = path[next++ % 4];
    snprintf(result, sizeof path[0], "%s/%s", unit_folder(), name);
    return result;
}

static inline struct ledger *test_open(const char *path, bool is_writer)
{
    struct fault fault = {0};
    struct ledger *ledger = NULL;
    struct ledger_options options = {.path = path, .is_writer = is_writer};
    if (!unit_check(ledger_open(&options, &ledger, &fault) == FAULT_NONE, __FILE__, __LINE__,
                    "%s does not open: %s, %s", path, test_fault_name(&fault),
                    fault.argument[1].string))
        exit(1);
    return ledger;
}

static inline struct ledger *test_create(const char *path)
{
    struct fault fault = {0};
    struct ledger_signer signer = test_signer();
    struct ledger_birth birth = {
        .path = path, .ledger_id = 21000, .identity = {1, 2, 3}, .kind = "replay", .time = 1000};
    memcpy(birth.public_key, signer.public_key, LEDGER_KEY_SIZE);
    CHECK_EQUAL(ledger_create(&birth, &fault), FAULT_NONE);
    return test_open(path, true);
}

static inline int64_t test_size(struct ledger *ledger)
{
    struct fault fault = {0};
    int64_t size = -1;
    CHECK_EQUAL(ledger_read_size(ledger, &size, &fault), FAULT_NONE);
    return size;
}

// Appends one entry to the open group and checks the sequence that it gets.
static inline enum fault_code test_append(struct ledger *ledger, int number, struct fault *fault)
{
    char body[64];
    int64_t sequence = -1, size = test_size(ledger);
    snprintf(body, sizeof body, "{\"number\":%d}", number);
    struct ledger_entry draft = {.time = 2000 + number,
                                 .node = 21000,
                                 .actor = 1,
                                 .type = span_from("test.noted"),
                                 .form = 1,
                                 .part = 1,
                                 .parts = 1,
                                 .body = span_from(body),
                                 .payload = {"\0x", 2}};
    enum fault_code code = ledger_append_entry(ledger, &draft, &sequence, fault);
    CHECK_EQUAL(sequence, code == FAULT_NONE ? size : -1);
    return code;
}

static inline void test_append_group(struct ledger *ledger, int from, int count)
{
    struct fault fault = {0};
    CHECK_EQUAL(ledger_begin(ledger, &fault), FAULT_NONE);
    for (int i = 0; i < count; i++)
        CHECK_EQUAL(test_append(ledger, from + i, &fault), FAULT_NONE);
    CHECK_EQUAL(ledger_commit(ledger, &fault), FAULT_NONE);
}

static inline enum fault_code test_checkpoint(struct ledger *ledger, struct fault *fault)
{
    struct ledger_signer signer = test_signer();
    return ledger_make_checkpoint(ledger, &signer, 5000, fault);
}

// Runs SQL on the ledger as somebody would who opens the file with SQLite: without the triggers.
static inline void test_tamper(struct ledger *ledger, const char *sql)
{
    char *words = NULL;
    sqlite3 *connection = ledger->database.connection;
    sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    int result = sqlite3_exec(connection, sql, NULL, NULL, &words);
    unit_check(result == SQLITE_OK, __FILE__, __LINE__, "%s: %s", sql, words);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
}

static inline enum fault_code test_audit(const char *path, struct ledger_report *ret_report,
                                         struct fault *fault)
{
    struct ledger_audit_options options = {.path = path};
    return ledger_audit(&options, ret_report, fault);
}

#endif
