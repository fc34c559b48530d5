// SPDX-License-Identifier: GPL-3.0-or-later
//
// ledger_test.c: groups, savepoints, reading back, proofs from the stored tree.
#include "test_ledger.h"

void test_ledger_begins_with_its_genesis(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct ledger_entry entry = {0};
    struct ledger *ledger = test_create(test_path("genesis.db"));
    CHECK_EQUAL(test_size(ledger), 1);
    CHECK_EQUAL(ledger_read_entry(ledger, 0, &arena, &entry, &fault), FAULT_NONE);
    CHECK(span_is(entry.type, "ledger.created"));
    CHECK(span_is(entry.body,
                  "{\"identity\":\"01020300000000000000000000000000\",\"kind\":\"replay\","
                  "\"ledger\":\"21\",\"public_key\":"
                  "\"ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c\"}"));
    CHECK_EQUAL(ledger_id(ledger), 21000);
    CHECK(ledger_public_key(ledger)[0] == 0xea && ledger_identity(ledger)[1] == 2);
    CHECK(span_is(ledger_kind(ledger), "replay"));
    ledger_close(ledger);
    struct ledger_birth again = {
        .path = test_path("genesis.db"), .ledger_id = 5000, .kind = "live"};
    CHECK_EQUAL(ledger_create(&again, &fault), FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_LEDGER_EXISTS);
    arena_reset(&arena);
}

void test_ledger_keeps_what_was_committed(void)
{
    struct arena arena = {0};
    struct fault fault = {0}, missing = {0};
    struct ledger_entry entry = {0};
    const char *path = test_path("kept.db");
    struct ledger *ledger = test_create(path);
    test_append_group(ledger, 1, 3);
    ledger_close(ledger);
    ledger = test_open(path, true);
    test_append_group(ledger, 4, 5);
    struct ledger *reader = test_open(path, false);
    CHECK_EQUAL(test_size(reader), 9);
    for (int i = 1; i < 9; i++) {
        char body[64];
        snprintf(body, sizeof body, "{\"number\":%d}", i);
        CHECK_EQUAL(ledger_read_entry(reader, i, &arena, &entry, &fault), FAULT_NONE);
        CHECK(span_is(entry.body, body) && entry.time == 2000 + i && entry.sequence == i);
        CHECK(entry.ledger_id == 21000 && entry.payload.size == 2);
    }
    CHECK_EQUAL(ledger_read_entry(reader, 9, &arena, &entry, &missing), FAULT_MISSING);
    ledger_close(reader);
    ledger_close(ledger);
    arena_reset(&arena);
}

void test_readers_see_only_what_is_committed(void)
{
    struct fault fault = {0};
    const char *path = test_path("seen.db");
    struct ledger *ledger = test_create(path);
    struct ledger *reader = test_open(path, false);
    CHECK_EQUAL(ledger_begin(ledger, &fault), FAULT_NONE);
    CHECK_EQUAL(test_append(ledger, 1, &fault), FAULT_NONE);
    CHECK_EQUAL(test_size(ledger), 2);
    CHECK_EQUAL(test_size(reader), 1);
    CHECK_EQUAL(ledger_commit(ledger, &fault), FAULT_NONE);
    CHECK_EQUAL(test_size(reader), 2);
    CHECK_EQUAL(ledger_checkpoint_wal(ledger, &fault), FAULT_NONE);
    CHECK_EQUAL(test_size(reader), 2);
    ledger_close(reader);
    ledger_close(ledger);
}

static struct ledger_hash root_of(struct ledger *ledger)
{
    return ledger_tree_root(&ledger->tree);
}

// The tree in memory, the stored nodes and the entries must agree after every kind of ending.
static void check_whole(struct ledger *ledger)
{
    struct fault fault = {0};
    struct ledger_hash stored, memory = root_of(ledger);
    CHECK_EQUAL(ledger_read_root(ledger, test_size(ledger), &stored, &fault), FAULT_NONE);
    CHECK(ledger_hash_equal(&stored, &memory));
}

void test_the_tree_goes_back_with_a_savepoint(void)
{
    struct fault fault = {0};
    struct ledger *ledger = test_create(test_path("savepoint.db"));
    for (int before = 0; before < 9; before++)
        for (int undone = 0; undone < 9; undone++) {
            CHECK_EQUAL(ledger_begin(ledger, &fault), FAULT_NONE);
            for (int i = 0; i < before; i++)
                CHECK_EQUAL(test_append(ledger, i, &fault), FAULT_NONE);
            struct ledger_hash wanted = root_of(ledger);
            int64_t size = test_size(ledger);
            CHECK_EQUAL(ledger_savepoint(ledger, &fault), FAULT_NONE);
            for (int i = 0; i < undone; i++)
                CHECK_EQUAL(test_append(ledger, 100 + i, &fault), FAULT_NONE);
            CHECK_EQUAL(ledger_savepoint(ledger, &fault), FAULT_NONE);
            CHECK_EQUAL(test_append(ledger, 200, &fault), FAULT_NONE);
            CHECK_EQUAL(ledger_release(ledger, &fault), FAULT_NONE);
            CHECK_EQUAL(ledger_rollback_to(ledger, &fault), FAULT_NONE);
            struct ledger_hash back = root_of(ledger);
            CHECK(ledger_hash_equal(&back, &wanted) && test_size(ledger) == size);
            CHECK_EQUAL(test_append(ledger, 300, &fault), FAULT_NONE);
            CHECK_EQUAL(ledger_commit(ledger, &fault), FAULT_NONE);
            CHECK_EQUAL(test_size(ledger), size + 1);
            check_whole(ledger);
        }
    ledger_close(ledger);
}

void test_an_aborted_group_leaves_nothing(void)
{
    struct fault fault = {0};
    struct ledger *ledger = test_create(test_path("aborted.db"));
    test_append_group(ledger, 1, 6);
    struct ledger_hash wanted = root_of(ledger);
    CHECK_EQUAL(ledger_begin(ledger, &fault), FAULT_NONE);
    CHECK_EQUAL(test_append(ledger, 7, &fault), FAULT_NONE);
    CHECK_EQUAL(ledger_savepoint(ledger, &fault), FAULT_NONE);
    CHECK_EQUAL(test_append(ledger, 8, &fault), FAULT_NONE);
    ledger_abort(ledger);
    ledger_abort(ledger);
    struct ledger_hash back = root_of(ledger);
    CHECK(ledger_hash_equal(&back, &wanted) && test_size(ledger) == 7);
    test_append_group(ledger, 7, 1);
    check_whole(ledger);
    ledger_close(ledger);
}

void test_a_refused_draft_leaves_its_group_whole(void)
{
    struct fault fault = {0}, refused = {0}, own = {0};
    struct ledger *ledger = test_create(test_path("refused.db"));
    struct ledger_entry draft = {.type = span_from("test.noted"), .form = 0, .part = 1, .parts = 1};
    int64_t sequence = -1;
    CHECK_EQUAL(ledger_begin(ledger, &fault), FAULT_NONE);
    CHECK_EQUAL(test_append(ledger, 1, &fault), FAULT_NONE);
    CHECK_EQUAL(ledger_append_entry(ledger, &draft, &sequence, &refused), FAULT_INVALID);
    draft.form = 1;
    draft.type = span_from("ledger.created");
    CHECK_EQUAL(ledger_append_entry(ledger, &draft, &sequence, &own), FAULT_INVALID);
    CHECK_EQUAL(sequence, -1);
    CHECK_EQUAL(ledger_commit(ledger, &fault), FAULT_NONE);
    CHECK_EQUAL(test_size(ledger), 2);
    check_whole(ledger);
    ledger_close(ledger);
}

void test_there_is_one_writer(void)
{
    struct fault fault = {0};
    const char *path = test_path("writer.db");
    struct ledger *ledger = test_create(path), *second = NULL;
    struct ledger_options options = {.path = path, .is_writer = true};
    CHECK_EQUAL(ledger_open(&options, &second, &fault), FAULT_BUSY);
    CHECK(second == NULL);
    ledger_close(ledger);
}

void test_sql_cannot_change_an_entry(void)
{
    static const char *const attempts[] = {
        "UPDATE entry SET bytes = x'00' WHERE sequence = 1",
        "DELETE FROM entry WHERE sequence = 3",
        "INSERT OR REPLACE INTO entry VALUES (1, x'00')",
        "INSERT INTO entry VALUES (9, x'00')",
        "UPDATE node SET hash = zeroblob(32)",
        "DELETE FROM node",
        "INSERT OR REPLACE INTO node VALUES (2, zeroblob(32))",
        "DELETE FROM checkpoint",
        "DELETE FROM birth",
        "UPDATE birth SET sequence = 1",
    };
    struct ledger *ledger = test_create(test_path("sql.db"));
    test_append_group(ledger, 1, 3);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        if (i != 7) // A delete of no row fires no trigger.
            unit_check(sqlite3_exec(ledger->database.connection, attempts[i], NULL, NULL, NULL) !=
                           SQLITE_OK,
                       __FILE__, __LINE__, "SQL may: %s", attempts[i]);
    CHECK_EQUAL(test_size(ledger), 4);
    check_whole(ledger);
    ledger_close(ledger);
}

struct seen {
    int64_t next;
    int64_t stop;
};

static enum fault_code see(void *context, const struct ledger_entry *entry, struct fault *fault)
{
    struct seen *seen = context;
    CHECK_EQUAL(entry->sequence, seen->next);
    seen->next++;
    return entry->sequence == seen->stop
               ? fault_set(fault, FAULT_DENIED, TEXT_BASE_MEMORY_FULL, {0})
               : FAULT_NONE;
}

void test_a_walk_passes_slices_and_stops_on_a_fault(void)
{
    struct fault fault = {0};
    struct seen all = {.next = 0, .stop = -1}, some = {.next = 1000, .stop = 1500};
    struct ledger *ledger = test_create(test_path("walk.db"));
    test_append_group(ledger, 1, 2 * LEDGER_SLICE_COUNT + 7);
    CHECK_EQUAL(ledger_for_each(ledger, 0, INT64_MAX, see, &all, &fault), FAULT_NONE);
    CHECK_EQUAL(all.next, 2 * LEDGER_SLICE_COUNT + 8);
    CHECK_EQUAL(ledger_for_each(ledger, 1000, 9999, see, &some, &fault), FAULT_DENIED);
    CHECK_EQUAL(some.next, 1501);
    struct seen none = {.next = 5, .stop = -1};
    fault = (struct fault){0};
    CHECK_EQUAL(ledger_for_each(ledger, 5, 5, see, &none, &fault), FAULT_NONE);
    CHECK_EQUAL(none.next, 5);
    ledger_close(ledger);
}

// Proofs made from the stored nodes, for every place, checked by the pure functions.
void test_proofs_from_the_stored_tree(void)
{
    enum { SIZE = 70 };
    struct fault fault = {0};
    struct ledger_hash root[SIZE + 1], leaf;
    struct ledger_proof proof = {0};
    struct ledger *ledger = test_create(test_path("proofs.db"));
    test_append_group(ledger, 1, SIZE - 1);
    for (int64_t n = 1; n <= SIZE; n++)
        CHECK_EQUAL(ledger_read_root(ledger, n, &root[n], &fault), FAULT_NONE);
    for (int64_t n = 1; n <= SIZE; n++)
        for (int64_t m = 1; m <= n; m++) {
            CHECK_EQUAL(ledger_prove_consistency(ledger, m, n, &proof, &fault), FAULT_NONE);
            CHECK(ledger_verify_consistency((uint64_t)m, (uint64_t)n, &root[m], &root[n],
                                            proof.hash, (size_t)proof.count));
            CHECK_EQUAL(ledger_prove_inclusion(ledger, m - 1, n, &proof, &fault), FAULT_NONE);
            CHECK_EQUAL(ledger_read_leaf(ledger, m - 1, &leaf, &fault), FAULT_NONE);
            CHECK(ledger_verify_inclusion((uint64_t)m - 1, (uint64_t)n, &leaf, proof.hash,
                                          (size_t)proof.count, &root[n]));
        }
    static const int64_t bad[][2] = {{0, 71}, {-1, 5}, {5, 4}, {71, 71}};
    for (size_t i = 0; i < 4; i++) {
        struct fault first = {0}, second = {0};
        CHECK_EQUAL(ledger_prove_inclusion(ledger, bad[i][0], bad[i][1], &proof, &first),
                    FAULT_INVALID);
        CHECK_EQUAL(ledger_prove_consistency(ledger, bad[i][0], bad[i][1], &proof, &second),
                    FAULT_INVALID);
    }
    ledger_close(ledger);
}

void test_a_continued_ledger_bears_the_next_generation(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct ledger_entry entry = {0};
    const unsigned char identity[LEDGER_IDENTITY_SIZE] = {5}, key[LEDGER_KEY_SIZE] = {6};
    const char *path = test_path("continued.db");
    struct ledger *ledger = test_create(path);
    test_append_group(ledger, 1, 2);
    CHECK_EQUAL(ledger_continue(ledger, "drill", 5000, identity, key, &fault), FAULT_NONE);
    test_append_group(ledger, 3, 1);
    ledger_close(ledger);
    ledger = test_open(path, false);
    CHECK_EQUAL(ledger_id(ledger), 21001);
    CHECK(ledger_public_key(ledger)[0] == 6 && ledger_identity(ledger)[0] == 5);
    CHECK(span_is(ledger_kind(ledger), "drill"));
    CHECK_EQUAL(ledger_read_entry(ledger, 2, &arena, &entry, &fault), FAULT_NONE);
    CHECK_EQUAL(entry.ledger_id, 21000);
    CHECK_EQUAL(ledger_read_entry(ledger, 3, &arena, &entry, &fault), FAULT_NONE);
    CHECK(span_is(entry.type, "ledger.continued"));
    CHECK_EQUAL(ledger_read_entry(ledger, 4, &arena, &entry, &fault), FAULT_NONE);
    CHECK_EQUAL(entry.ledger_id, 21001);
    ledger_close(ledger);
    arena_reset(&arena);
}

void test_a_newer_or_unfinished_file_is_left_alone(void)
{
    struct fault newer = {0}, unfinished = {0}, fault = {0};
    const char *path = test_path("newer.db");
    struct ledger *ledger = test_create(path), *other = NULL;
    CHECK_EQUAL(
        sqlite3_exec(ledger->database.connection, "PRAGMA user_version = 2", NULL, NULL, NULL),
        SQLITE_OK);
    ledger_close(ledger);
    struct ledger_options options = {.path = path, .is_writer = true};
    CHECK_EQUAL(ledger_open(&options, &other, &newer), FAULT_INVALID);
    CHECK_EQUAL(newer.key, TEXT_LEDGER_NEWER);
    path = test_path("unfinished.db");
    fclose(fopen(path, "w"));
    options.path = path;
    CHECK_EQUAL(ledger_open(&options, &other, &unfinished), FAULT_MISSING);
    CHECK_EQUAL(unfinished.key, TEXT_LEDGER_UNFINISHED);
    struct ledger_birth birth = {.path = path, .ledger_id = 21000, .kind = "live"};
    CHECK_EQUAL(ledger_create(&birth, &fault), FAULT_NONE);
    CHECK(other == NULL);
}
