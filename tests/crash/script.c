// SPDX-License-Identifier: GPL-3.0-or-later
//
// script.c: the random life. All choices come from the disk's seed, so that a life can be repeated.
#include "script.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "disk.h"

static const char path[] = "/ledger.db";
enum { PAYLOAD_MAX = 20000, LOG_SIZE = 200 * 1024 };

// ---- The signer: a key from a fixed seed

static unsigned char secret[crypto_sign_SECRETKEYBYTES];

static enum fault_code sign(void *context, struct span bytes,
                            unsigned char ret_signature[LEDGER_SIGNATURE_SIZE], struct fault *fault)
{
    (void)context, (void)fault;
    crypto_sign_detached(ret_signature, NULL, (const unsigned char *)bytes.data, bytes.size,
                         secret);
    return FAULT_NONE;
}

static struct ledger_signer make_signer(void)
{
    struct ledger_signer signer = {.sign = sign};
    const unsigned char seed[crypto_sign_SEEDBYTES] = {7};
    crypto_sign_seed_keypair(signer.public_key, secret, seed);
    return signer;
}

// ---- The writer's acts

enum fault_code script_open(const struct script *script, struct ledger **ret_ledger,
                            struct fault *fault)
{
    struct ledger_options options = {
        .path = path, .is_writer = true, .vfs = DISK_VFS, .log_size = LOG_SIZE};
    struct ledger *ledger = NULL;
    enum fault_code code = ledger_open(&options, &ledger, fault);
    if (code != FAULT_NONE)
        return code;
    if (script->planted == SCRIPT_NORMAL)
        sqlite3_exec(ledger->database.connection, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
    *ret_ledger = ledger;
    return FAULT_NONE;
}

enum fault_code script_create(struct script *script, struct fault *fault)
{
    struct ledger_signer signer = make_signer();
    struct ledger_birth birth = {
        .path = path, .ledger_id = 21000, .kind = "drill", .time = 1, .vfs = DISK_VFS};
    memcpy(birth.public_key, signer.public_key, LEDGER_KEY_SIZE);
    enum fault_code code = ledger_create(&birth, fault);
    if (code != FAULT_NONE)
        return code;
    script->is_created = true;
    script->acknowledged = script->attempted = 1; // The genesis; its leaf is not compared.
    return FAULT_NONE;
}

static enum fault_code append(struct script *script, struct ledger *ledger, struct fault *fault)
{
    static char payload[PAYLOAD_MAX];
    int64_t sequence = 0;
    char body[64];
    // Mostly small, now and then over several pages.
    int size = disk_random_below(disk_random_below(20) == 0 ? PAYLOAD_MAX : 700);
    for (int i = 0; i < size; i += 16)
        payload[i] = (char)disk_random();
    snprintf(body, sizeof body, "{\"chance\":%d}", disk_random_below(1 << 30));
    struct ledger_entry draft = {.time = 1 + script->attempted,
                                 .node = 21000,
                                 .actor = 3,
                                 .type = span_from("test.noted"),
                                 .form = 1,
                                 .part = 1,
                                 .parts = 1,
                                 .body = span_from(body),
                                 .payload = {payload, (size_t)size}};
    enum fault_code code = ledger_append_entry(ledger, &draft, &sequence, fault);
    if (code != FAULT_NONE)
        return code;
    assert(sequence < SCRIPT_ENTRIES);
    return ledger_read_leaf(ledger, sequence, &script->leaf[sequence], fault);
}

// A command: a savepoint, some entries, kept or undone.
static enum fault_code run_command(struct script *script, struct ledger *ledger,
                                   struct fault *fault)
{
    int count = 1 + disk_random_below(3);
    enum fault_code code = ledger_savepoint(ledger, fault);
    for (int i = 0; i < count && code == FAULT_NONE; i++)
        code = append(script, ledger, fault);
    if (code != FAULT_NONE)
        return code;
    return disk_random_below(5) == 0 ? ledger_rollback_to(ledger, fault)
                                     : ledger_release(ledger, fault);
}

enum fault_code script_append_group(struct script *script, struct ledger *ledger,
                                    struct fault *fault)
{
    int count = 1 + disk_random_below(5);
    enum fault_code code = ledger_begin(ledger, fault);
    if (code != FAULT_NONE)
        return code;
    for (int i = 0; i < count && code == FAULT_NONE; i++)
        code = run_command(script, ledger, fault);
    script->attempted = script->acknowledged;
    if (code == FAULT_NONE) {
        int64_t size = (int64_t)ledger->tree.size;
        script->attempted = size;
        code = ledger_commit(ledger, fault);
        if (code == FAULT_NONE || script->planted == SCRIPT_BELIEVING)
            script->acknowledged = size;
    } else {
        ledger_abort(ledger);
    }
    script->group_count += code == FAULT_NONE;
    return code;
}

static enum fault_code reopen(struct script *script, struct ledger **ledger, struct fault *fault)
{
    ledger_close(*ledger);
    *ledger = NULL;
    return script_open(script, ledger, fault);
}

enum fault_code script_act(struct script *script, struct ledger **ledger, struct fault *fault)
{
    struct ledger_signer signer = make_signer();
    switch (disk_random_below(16)) {
    case 0:
    case 1: return ledger_checkpoint_wal(*ledger, fault);
    case 2: return ledger_make_checkpoint(*ledger, &signer, script->acknowledged, fault);
    case 3: return reopen(script, ledger, fault);
    default: return script_append_group(script, *ledger, fault);
    }
}

enum fault_code script_run(struct script *script, int group_limit, struct fault *fault)
{
    struct ledger *ledger = NULL;
    disk_lie(script->planted == SCRIPT_LYING ? "" : NULL);
    enum fault_code code = script->is_created ? FAULT_NONE : script_create(script, fault);
    if (code == FAULT_NONE)
        code = script_open(script, &ledger, fault);
    while (code == FAULT_NONE && script->group_count < group_limit)
        code = script_act(script, &ledger, fault);
    ledger_close(ledger);
    return code;
}

// ---- What is left

enum script_outcome script_check(struct script *script, struct ledger *ledger, struct fault *fault)
{
    struct ledger_report report = {0};
    struct ledger_audit_options options = {.path = path, .vfs = DISK_VFS};
    if (ledger_audit(&options, &report, fault) != FAULT_NONE)
        return SCRIPT_CORRUPT;
    int64_t size = report.entry_count;
    if (size != script->acknowledged && size != script->attempted)
        return SCRIPT_LOST;
    for (int64_t i = 0; i < size; i++) {
        struct ledger_hash leaf;
        if (ledger_read_leaf(ledger, i, &leaf, fault) != FAULT_NONE)
            return SCRIPT_CORRUPT;
        if (i > 0 && !ledger_hash_equal(&leaf, &script->leaf[i]))
            return SCRIPT_LOST;
    }
    enum script_outcome outcome = size == script->acknowledged ? SCRIPT_WHOLE : SCRIPT_WITH_LAST;
    script->acknowledged = script->attempted = size;
    return outcome;
}
