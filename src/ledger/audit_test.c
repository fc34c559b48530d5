// SPDX-License-Identifier: GPL-3.0-or-later
//
// audit_test.c: flipped bits are found and located, and so is what an insider with the file does.
#include <fcntl.h>
#include <unistd.h>

#include "test_ledger.h"

enum { FILE_SIZE_MAX = 1 << 20 };
static unsigned char original[FILE_SIZE_MAX];
static size_t original_size;

// A ledger of `count` entries with a checkpoint after every third, closed; its bytes in `original`.
static void make_file(const char *path, int count)
{
    struct fault fault = {0};
    struct ledger *ledger = test_create(path);
    for (int i = 1; i < count; i++) {
        test_append_group(ledger, i, 1);
        if (i % 3 == 0)
            CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    }
    ledger_close(ledger);
    FILE *file = fopen(path, "rb");
    original_size = fread(original, 1, sizeof original, file);
    CHECK(original_size > 0 && original_size < sizeof original);
    fclose(file);
}

static void flip(const char *path, size_t bit)
{
    int file = open(path, O_WRONLY);
    unsigned char byte = (unsigned char)(original[bit / 8] ^ 1 << bit % 8);
    CHECK_EQUAL(pwrite(file, &byte, 1, (off_t)(bit / 8)), 1);
    close(file);
}

static void restore(const char *path, size_t bit)
{
    int file = open(path, O_WRONLY);
    CHECK_EQUAL(pwrite(file, &original[bit / 8], 1, (off_t)(bit / 8)), 1);
    close(file);
}

void test_a_whole_ledger_passes(void)
{
    struct fault fault = {0};
    struct ledger_report report = {0};
    char *path = test_path("whole.db");
    make_file(path, 8);
    CHECK_EQUAL(test_audit(path, &report, &fault), FAULT_NONE);
    CHECK(report.entry_count == 8 && report.checkpoint_count == 2 && report.signed_size == 7);
    CHECK_EQUAL(report.ledger_id, 21000);
}

// Every bit of every entry's bytes, in the file itself, is found, and the entry is named.
void test_every_bit_of_every_entry_is_found_and_located(void)
{
    enum { ENTRIES = 3 };
    char *path = test_path("entries.db");
    struct ledger_report report = {0};
    struct arena arena = {0};
    make_file(path, ENTRIES);
    struct ledger *ledger = test_open(path, false);
    int flips = 0;
    for (int64_t sequence = 0; sequence < ENTRIES; sequence++) {
        struct fault fault = {0};
        struct ledger_entry entry = {0};
        struct span bytes = {0};
        CHECK_EQUAL(ledger_read_entry(ledger, sequence, &arena, &entry, &fault), FAULT_NONE);
        CHECK_EQUAL(ledger_encode_entry(&entry, &arena, &bytes, &fault), FAULT_NONE);
        unsigned char *at = memmem(original, original_size, bytes.data, bytes.size);
        CHECK(at != NULL);
        for (size_t i = 0; i < bytes.size * 8; i++, flips++) {
            struct fault found = {0};
            size_t bit = (size_t)(at - original) * 8 + i;
            flip(path, bit);
            enum fault_code code = test_audit(path, &report, &found);
            unit_check(code == FAULT_CORRUPT && found.argument[0].integer == sequence &&
                           found.key == TEXT_LEDGER_NAMED_DAMAGED,
                       __FILE__, __LINE__, "bit %zu of entry %d: %s", i, (int)sequence,
                       test_fault_name(&found));
            restore(path, bit);
        }
    }
    printf("# %d flips, all found and located\n", flips);
    ledger_close(ledger);
    arena_reset(&arena);
}

// Bits of the whole file, pages, cells, schema and free space: found, or of no consequence.
void test_bits_of_the_whole_file_are_found_or_harmless(void)
{
    char *path = test_path("file.db");
    struct ledger_report whole = {0};
    struct fault fault = {0};
    const char *step_text = getenv("LEVEE_FLIP_STEP");
    size_t step = step_text == NULL ? 211 : (size_t)strtoul(step_text, NULL, 10);
    make_file(path, 12);
    CHECK_EQUAL(test_audit(path, &whole, &fault), FAULT_NONE);
    int found_count = 0, harmless_count = 0;
    for (size_t bit = 0; bit < original_size * 8; bit += step) {
        struct fault found = {0};
        struct ledger_report report = {0};
        flip(path, bit);
        enum fault_code code = test_audit(path, &report, &found);
        if (code == FAULT_NONE)
            unit_check(report.entry_count == whole.entry_count &&
                           ledger_hash_equal(&report.root, &whole.root) &&
                           report.checkpoint_count == whole.checkpoint_count,
                       __FILE__, __LINE__, "bit %zu changes what is read, unseen", bit);
        else
            unit_check(code == FAULT_CORRUPT || found.key == TEXT_LEDGER_NEWER ||
                           found.key == TEXT_LEDGER_UNFINISHED || found.key == TEXT_DATABASE_IO,
                       __FILE__, __LINE__, "bit %zu: %s", bit, test_fault_name(&found));
        code == FAULT_NONE ? harmless_count++ : found_count++;
        restore(path, bit);
    }
    CHECK(found_count > 0);
    printf("# %d found, %d in places that hold nothing\n", found_count, harmless_count);
}

// ---- What an insider may do to the file between heads (without the signing key)

static void expect(const char *what, const char *sql, enum text_key wanted, int64_t place)
{
    struct fault fault = {0};
    struct ledger_report report = {0};
    char *path = test_path("tampered.db");
    remove(path);
    make_file(path, 12);
    struct ledger *ledger = test_open(path, true);
    test_tamper(ledger, sql);
    ledger_close(ledger);
    enum fault_code code = test_audit(path, &report, &fault);
    unit_check(code == FAULT_CORRUPT && fault.key == wanted &&
                   (place < 0 || fault.argument[0].integer == place),
               __FILE__, __LINE__, "%s: %s at %d", what, test_fault_name(&fault),
               (int)fault.argument[0].integer);
}

void test_an_insider_with_the_file_is_found(void)
{
    expect("edit",
           "UPDATE entry SET bytes = CAST(substr(bytes,1,30) || x'01' || "
           "substr(bytes,32) AS BLOB) "
           "WHERE sequence = 5",
           TEXT_LEDGER_NAMED_DAMAGED, 5);
    expect("delete one", "DELETE FROM entry WHERE sequence = 5", TEXT_LEDGER_ENTRY_GONE, 5);
    expect("swap two",
           "UPDATE entry SET sequence = 1000 WHERE sequence = 5;"
           "UPDATE entry SET sequence = 5 WHERE sequence = 6;"
           "UPDATE entry SET sequence = 6 WHERE sequence = 1000",
           TEXT_LEDGER_NAMED_DAMAGED, 5);
    expect("insert", "INSERT INTO entry SELECT 12, bytes FROM entry WHERE sequence = 5",
           TEXT_LEDGER_NAMED_DAMAGED, 12);
    expect("cut the entries", "DELETE FROM entry WHERE sequence > 9", TEXT_LEDGER_ENTRY_GONE, 10);
    expect("cut entries and nodes",
           "DELETE FROM entry WHERE sequence > 7; DELETE FROM node WHERE position > 14",
           TEXT_LEDGER_TRUNCATED, 8);
    expect("change a leaf", "UPDATE node SET hash = zeroblob(32) WHERE position = 4",
           TEXT_LEDGER_LEAF_DAMAGED, 3);
    expect("change a subtree", "UPDATE node SET hash = zeroblob(32) WHERE position = 6",
           TEXT_LEDGER_NODE_DAMAGED, 0);
    expect("delete a node", "DELETE FROM node WHERE position = 6", TEXT_LEDGER_NODE_DAMAGED, 0);
    expect("change a checkpoint", "UPDATE checkpoint SET note = replace(note, '5000', '5001')",
           TEXT_LEDGER_CHECKPOINT_DAMAGED, 4);
    expect("move a checkpoint", "UPDATE checkpoint SET size = 5 WHERE size = 4",
           TEXT_LEDGER_CHECKPOINT_DAMAGED, 5);
    expect("drop a trigger", "DROP TRIGGER entry_delete", TEXT_LEDGER_DEFINITION_DIFFERS, -1);
    expect("add a trigger", "CREATE TRIGGER mine AFTER INSERT ON entry BEGIN SELECT 1; END",
           TEXT_LEDGER_DEFINITION_DIFFERS, -1);
    expect("add a birth", "INSERT INTO birth VALUES (3)", TEXT_LEDGER_BIRTH_DAMAGED, 3);
    expect("delete the birth", "DELETE FROM birth", TEXT_LEDGER_BIRTH_DAMAGED, 0);
}

// An insider who can hash writes entry 5 anew, and every node above it. He cannot sign.
static void rewrite_history(const char *path, struct ledger *ledger)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct ledger_tree tree = {0};
    sqlite3 *connection = ledger->database.connection;
    sqlite3_stmt *node = NULL, *bytes_now = NULL;
    (void)path;
    test_tamper(ledger,
                "DELETE FROM node; UPDATE entry SET bytes = CAST(substr(bytes,1,30) || x'01' || "
                "substr(bytes,32) AS BLOB) WHERE sequence = 5");
    sqlite3_prepare_v2(connection, "INSERT INTO node VALUES (?1, ?2)", -1, &node, NULL);
    sqlite3_prepare_v2(connection, "SELECT bytes FROM entry ORDER BY sequence", -1, &bytes_now,
                       NULL);
    while (sqlite3_step(bytes_now) == SQLITE_ROW) {
        struct ledger_hash made[LEDGER_LEVELS];
        struct span bytes = {sqlite3_column_blob(bytes_now, 0),
                             (size_t)sqlite3_column_bytes(bytes_now, 0)};
        struct ledger_hash leaf = ledger_hash_leaf(bytes);
        int64_t position = ledger_node_count(tree.size);
        int count = ledger_tree_append(&tree, &leaf, made);
        for (int i = 0; i < count; i++) {
            sqlite3_bind_int64(node, 1, position + i);
            sqlite3_bind_blob(node, 2, made[i].bytes, LEDGER_HASH_SIZE, SQLITE_STATIC);
            CHECK_EQUAL(sqlite3_step(node), SQLITE_DONE);
            sqlite3_reset(node);
        }
    }
    sqlite3_finalize(node);
    sqlite3_finalize(bytes_now);
    (void)fault;
    arena_reset(&arena);
}

void test_a_rewritten_history_does_not_fit_its_checkpoints(void)
{
    struct fault fault = {0}, held_fault = {0}, key_fault = {0};
    struct arena arena = {0};
    struct ledger_report report = {0};
    struct span held = {0};
    char *path = test_path("rewritten.db");
    make_file(path, 12);
    struct ledger *ledger = test_open(path, true);
    CHECK_EQUAL(ledger_read_checkpoint(ledger, INT64_MAX, &arena, &held, &fault), FAULT_NONE);
    rewrite_history(path, ledger);
    ledger_close(ledger);
    CHECK_EQUAL(test_audit(path, &report, &fault), FAULT_CORRUPT);
    CHECK_EQUAL(fault.key, TEXT_LEDGER_CHECKPOINT_DIFFERS);
    CHECK(fault.argument[0].integer == 4 && fault.argument[1].integer == 6);
    // He also throws the checkpoints away: only somebody who holds one can tell.
    ledger = test_open(path, true);
    test_tamper(ledger, "DELETE FROM checkpoint");
    ledger_close(ledger);
    struct ledger_audit_options options = {.path = path};
    fault = (struct fault){0};
    CHECK_EQUAL(ledger_audit(&options, &report, &fault), FAULT_NONE);
    options.held_note = held;
    CHECK_EQUAL(ledger_audit(&options, &report, &held_fault), FAULT_CORRUPT);
    CHECK_EQUAL(held_fault.key, TEXT_LEDGER_HELD_DIFFERS);
    unsigned char other[LEDGER_KEY_SIZE] = {1};
    options.held_note = (struct span){0};
    options.public_key = other;
    CHECK_EQUAL(ledger_audit(&options, &report, &key_fault), FAULT_CORRUPT);
    CHECK_EQUAL(key_fault.key, TEXT_LEDGER_KEY_DIFFERS);
    arena_reset(&arena);
}

void test_an_old_backup_is_told_by_a_held_checkpoint(void)
{
    struct fault fault = {0};
    struct arena arena = {0};
    struct ledger_report report = {0};
    struct span held = {0};
    char *path = test_path("backup.db");
    make_file(path, 12);
    struct ledger *ledger = test_open(path, true);
    CHECK_EQUAL(ledger_read_checkpoint(ledger, INT64_MAX, &arena, &held, &fault), FAULT_NONE);
    ledger_close(ledger);
    remove(path);
    make_file(path, 8);
    struct ledger_audit_options options = {.path = path, .held_note = held};
    CHECK_EQUAL(ledger_audit(&options, &report, &fault), FAULT_CORRUPT);
    CHECK_EQUAL(fault.key, TEXT_LEDGER_TRUNCATED);
    CHECK(fault.argument[0].integer == 8 && fault.argument[1].integer == 10);
    arena_reset(&arena);
}

void test_a_file_that_is_no_ledger(void)
{
    struct fault missing = {0}, garbage = {0}, cut = {0};
    struct ledger_report report = {0};
    char *path = test_path("none.db");
    CHECK_EQUAL(test_audit(path, &report, &missing), FAULT_MISSING);
    make_file(path, 12);
    CHECK_EQUAL(truncate(path, 3 * 4096), 0);
    CHECK_EQUAL(test_audit(path, &report, &cut), FAULT_CORRUPT);
    FILE *file = fopen(path, "wb");
    for (int i = 0; i < 1000; i++)
        fputs("no ledger\n", file);
    fclose(file);
    CHECK_EQUAL(test_audit(path, &report, &garbage), FAULT_CORRUPT);
    CHECK_EQUAL(garbage.key, TEXT_LEDGER_FILE_DAMAGED);
}
