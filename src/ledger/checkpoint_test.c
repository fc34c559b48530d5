// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_test.c: signed heads, their text, and what must keep one from being signed.
#include "test_ledger.h"

static struct span newest(struct ledger *ledger, struct arena *arena)
{
    struct fault fault = {0};
    struct span note = {0};
    CHECK_EQUAL(ledger_read_checkpoint(ledger, INT64_MAX, arena, &note, &fault), FAULT_NONE);
    return note;
}

void test_a_checkpoint_is_a_signed_note(void)
{
    struct arena arena = {0};
    struct fault fault = {0}, none = {0};
    struct span note = {0};
    struct ledger_checkpoint checkpoint = {0};
    struct ledger_hash root;
    struct ledger *ledger = test_create(test_path("note.db"));
    CHECK_EQUAL(ledger_read_checkpoint(ledger, INT64_MAX, &arena, &note, &none), FAULT_MISSING);
    test_append_group(ledger, 1, 4);
    CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    note = newest(ledger, &arena);
    CHECK(span_starts(note, "levee/21/01020300000000000000000000000000\n5\n"));
    static const char lines[] = "\nledger 21\ntime 5000\nhash SHA-256\nsignature Ed25519\n\n"
                                "\xE2\x80\x94 levee/21/0102";
    CHECK(memmem(note.data, note.size, lines, sizeof lines - 1) != NULL);
    CHECK_EQUAL(ledger_open_checkpoint(note, ledger_public_key(ledger), &checkpoint, &fault),
                FAULT_NONE);
    CHECK_EQUAL(ledger_read_root(ledger, 5, &root, &fault), FAULT_NONE);
    CHECK(ledger_hash_equal(&root, &checkpoint.root));
    CHECK(checkpoint.size == 5 && checkpoint.time == 5000 && checkpoint.ledger_id == 21000);
    CHECK_EQUAL(checkpoint.identity[2], 3);
    ledger_close(ledger);
    arena_reset(&arena);
}

void test_no_changed_byte_of_a_note_is_accepted(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct ledger_checkpoint checkpoint = {0};
    struct ledger *ledger = test_create(test_path("changed.db"));
    CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    struct span note = newest(ledger, &arena);
    char *copy = arena_allocate(&arena, note.size);
    for (size_t i = 0; i < note.size * 8; i++) {
        struct fault ignored = {0};
        memcpy(copy, note.data, note.size);
        copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
        // The line feed that closes the signature's line may be anything but part of it.
        if (i / 8 != note.size - 1)
            unit_check(ledger_open_checkpoint((struct span){copy, note.size},
                                              ledger_public_key(ledger), &checkpoint,
                                              &ignored) != FAULT_NONE,
                       __FILE__, __LINE__, "bit %zu may change", i);
    }
    for (size_t size = 0; size + 1 < note.size; size++) {
        struct fault ignored = {0};
        CHECK(ledger_open_checkpoint((struct span){note.data, size}, ledger_public_key(ledger),
                                     &checkpoint, &ignored) != FAULT_NONE);
    }
    unsigned char other[LEDGER_KEY_SIZE] = {1};
    struct fault ignored = {0};
    CHECK_EQUAL(ledger_open_checkpoint(note, other, &checkpoint, &ignored), FAULT_CORRUPT);
    ledger_close(ledger);
    arena_reset(&arena);
}

void test_a_note_keeps_its_meaning_under_a_witness(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct ledger_checkpoint checkpoint = {0};
    struct ledger *ledger = test_create(test_path("witness.db"));
    CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    struct span note = newest(ledger, &arena);
    char *more = arena_print(&arena, "%.*s\xE2\x80\x94 example.com/witness YWJjZGVmZ2g=\n",
                             (int)note.size, note.data);
    CHECK_EQUAL(
        ledger_open_checkpoint(span_from(more), ledger_public_key(ledger), &checkpoint, &fault),
        FAULT_NONE);
    ledger_close(ledger);
    arena_reset(&arena);
}

void test_keys_are_written_and_read(void)
{
    char text[LEDGER_KEY_TEXT_SIZE];
    unsigned char key[LEDGER_KEY_SIZE];
    struct ledger *ledger = test_create(test_path("key.db"));
    size_t size = ledger_write_key(ledger, text, sizeof text);
    CHECK_EQUAL(size, strlen(text));
    CHECK(ledger_read_key(span_from(text), key));
    CHECK(memcmp(key, ledger_public_key(ledger), sizeof key) == 0);
    for (size_t i = 0; i < size; i++) {
        text[i] ^= 1;
        unit_check(!ledger_read_key(span_from(text), key), __FILE__, __LINE__,
                   "a key with byte %zu changed is read", i);
        text[i] ^= 1;
    }
    CHECK(!ledger_read_key(span_from(""), key) && !ledger_read_key(span_from("++"), key));
    ledger_close(ledger);
}

void test_checkpoints_follow_one_another(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span note = {0};
    struct ledger *ledger = test_create(test_path("follow.db"));
    for (int i = 0; i < 20; i++) {
        test_append_group(ledger, i, i % 5);
        CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
        CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    }
    struct ledger_report report = {0};
    ledger_close(ledger);
    CHECK_EQUAL(test_audit(test_path("follow.db"), &report, &fault), FAULT_NONE);
    CHECK_EQUAL(report.entry_count, 41);
    CHECK_EQUAL(report.checkpoint_count, 17);
    CHECK_EQUAL(report.signed_size, 41);
    ledger = test_open(test_path("follow.db"), false);
    CHECK_EQUAL(ledger_read_checkpoint(ledger, 3, &arena, &note, &fault), FAULT_NONE);
    CHECK(memmem(note.data, note.size, "\n2\n", 3) != NULL);
    ledger_close(ledger);
    arena_reset(&arena);
}

void test_a_rotated_key_signs_on(void)
{
    struct fault fault = {0};
    struct ledger_report report = {0};
    char *path = test_path("rotated.db");
    unsigned char identity[LEDGER_IDENTITY_SIZE] = {9}, key[LEDGER_KEY_SIZE], seed[32] = {5};
    struct ledger *ledger = test_create(path);
    CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    test_append_group(ledger, 1, 2);
    crypto_sign_seed_keypair(key, test_secret, seed);
    CHECK_EQUAL(ledger_continue(ledger, "live", 6000, identity, key, &fault), FAULT_NONE);
    struct ledger_signer signer = {.sign = test_sign};
    memcpy(signer.public_key, key, sizeof key);
    CHECK_EQUAL(ledger_make_checkpoint(ledger, &signer, 7000, &fault), FAULT_NONE);
    test_append_group(ledger, 4, 2);
    CHECK_EQUAL(ledger_make_checkpoint(ledger, &signer, 8000, &fault), FAULT_NONE);
    ledger_close(ledger);
    CHECK_EQUAL(test_audit(path, &report, &fault), FAULT_NONE);
    CHECK_EQUAL(report.checkpoint_count, 3);
    CHECK_EQUAL(report.ledger_id, 21001);
}

// ---- What keeps a head from being signed

static int64_t checkpoint_count(struct ledger *ledger)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(ledger->database.connection, "SELECT count(*) FROM checkpoint", -1,
                       &statement, NULL);
    sqlite3_step(statement);
    int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return count;
}

// A bit that flips in memory between appending and signing: in each place where it can matter.
void test_a_bit_flipped_in_memory_is_not_signed(void)
{
    struct fault fault = {0};
    struct ledger *ledger = test_create(test_path("memory.db"));
    CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    for (int flip = 0; flip < 24; flip++) {
        struct fault refused = {0};
        CHECK_EQUAL(ledger_begin(ledger, &fault), FAULT_NONE);
        for (int i = 0; i < 6; i++) {
            CHECK_EQUAL(test_append(ledger, i, &fault), FAULT_NONE);
            // The tree holds leaf hashes that will be hashed into later nodes: the cache that
            // flips.
            int level = __builtin_ctzll(ledger->tree.size);
            if (i == flip % 6)
                ledger->tree.hash[level].bytes[flip] ^= (unsigned char)(1 << flip % 8);
        }
        CHECK_EQUAL(ledger_commit(ledger, &fault), FAULT_NONE);
        CHECK_EQUAL(test_checkpoint(ledger, &refused), FAULT_CORRUPT);
        CHECK_EQUAL(checkpoint_count(ledger), 1);
        CHECK(refused.argument[0].kind == TEXT_ARGUMENT_INTEGER);
        ledger_close(ledger);
        remove(test_path("memory.db"));
        ledger = test_create(test_path("memory.db"));
        CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    }
    ledger_close(ledger);
}

void test_an_entry_that_changed_on_disk_is_named_and_not_signed(void)
{
    struct fault fault = {0};
    for (int sequence = 1; sequence < 8; sequence++) {
        struct fault refused = {0};
        char sql[160];
        remove(test_path("disk.db"));
        struct ledger *ledger = test_create(test_path("disk.db"));
        CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
        test_append_group(ledger, 1, 7);
        snprintf(sql, sizeof sql,
                 "UPDATE entry SET bytes = CAST(substr(bytes,1,95) || x'58' || "
                 "substr(bytes,97) AS BLOB) WHERE "
                 "sequence = %d",
                 sequence);
        test_tamper(ledger, sql);
        CHECK_EQUAL(test_checkpoint(ledger, &refused), FAULT_CORRUPT);
        CHECK_EQUAL(refused.argument[0].integer, sequence);
        CHECK_EQUAL(refused.key, TEXT_LEDGER_NAMED_DAMAGED);
        CHECK_TEXT(refused.argument[1].string, "test.noted");
        CHECK_EQUAL(checkpoint_count(ledger), 1);
        ledger_close(ledger);
    }
}

static enum fault_code sign_badly(void *context, struct span bytes,
                                  unsigned char ret_signature[LEDGER_SIGNATURE_SIZE],
                                  struct fault *fault)
{
    test_sign(context, bytes, ret_signature, fault);
    ret_signature[17] ^= 4;
    return FAULT_NONE;
}

static enum fault_code sign_never(void *context, struct span bytes,
                                  unsigned char ret_signature[LEDGER_SIGNATURE_SIZE],
                                  struct fault *fault)
{
    (void)context, (void)bytes, (void)ret_signature;
    return fault_set(fault, FAULT_DENIED, TEXT_BASE_MEMORY_FULL, {0});
}

void test_a_signer_that_fails_leaves_no_checkpoint(void)
{
    struct fault bad = {0}, never = {0}, fault = {0};
    struct ledger *ledger = test_create(test_path("signer.db"));
    struct ledger_signer signer = test_signer();
    signer.sign = sign_badly;
    CHECK_EQUAL(ledger_make_checkpoint(ledger, &signer, 5000, &bad), FAULT_CORRUPT);
    signer.sign = sign_never;
    CHECK_EQUAL(ledger_make_checkpoint(ledger, &signer, 5000, &never), FAULT_DENIED);
    CHECK_EQUAL(checkpoint_count(ledger), 0);
    CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    CHECK_EQUAL(checkpoint_count(ledger), 1);
    ledger_close(ledger);
}
