// SPDX-License-Identifier: GPL-3.0-or-later
//
// digest.c: one number for a whole state, and the proof that it can be built again.
//
// The digest is over what the state says, not over file pages: for each table but local_..., in
// order of its name, its name and then its rows in key order, each value with its type:
//
//     'T' name 0x00   'R'   'N' | 'I' 8 bytes | 'F' 8 bytes | 'S' size text | 'B' size bytes   ...
//
// Integers and sizes are 8 bytes, little-endian. The bytes are cut into blocks of 64 KiB that are
// chained: h = H(h || block).
//
// Readings are folded first, so that it does not matter when the writer was idle. That is asked of
// the writer a slice at a time, as a command among others, until nothing waits:
//
//     state.fold ─► state.fold ─► .. ─► nothing is left ─► snapshot ─► all folded? ─► digest
//                                                              ▲            no │
//                                                              └── state.fold ◄┘
//
// The digest itself is made of a snapshot, through a reader, by whoever asked: nobody waits for it.
// This one read may last longer than LIMIT_READ_MS; the WAL grows meanwhile by what is written.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/store_priv.h"

enum { BLOCK_SIZE = 64 * 1024, FOLD_MS = 8 };

struct digest {
    size_t size; // used in block, the chained hash at its start included
    unsigned char block[LEDGER_HASH_SIZE + BLOCK_SIZE];
};

static void close_block(struct digest *digest)
{
    struct ledger_hash hash = store_hash((struct span){(const char *)digest->block, digest->size});
    memcpy(digest->block, hash.bytes, LEDGER_HASH_SIZE);
    digest->size = LEDGER_HASH_SIZE;
}

static void add(struct digest *digest, const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    while (size > 0) {
        size_t space = sizeof digest->block - digest->size;
        size_t count = size < space ? size : space;
        memcpy(digest->block + digest->size, from, count);
        digest->size += count;
        from += count;
        size -= count;
        if (digest->size == sizeof digest->block)
            close_block(digest);
    }
}

static void add_tagged(struct digest *digest, char tag, uint64_t value)
{
    unsigned char bytes[9] = {(unsigned char)tag};
    for (int i = 0; i < 8; i++)
        bytes[1 + i] = (unsigned char)(value >> (8 * i));
    add(digest, bytes, sizeof bytes);
}

static void add_value(struct digest *digest, sqlite3_stmt *statement, int column)
{
    double real = 0;
    uint64_t bits = 0;
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        add_tagged(digest, 'I', (uint64_t)sqlite3_column_int64(statement, column));
        return;
    case SQLITE_FLOAT:
        real = sqlite3_column_double(statement, column);
        memcpy(&bits, &real, sizeof bits);
        add_tagged(digest, 'F', bits);
        return;
    case SQLITE_TEXT:
    case SQLITE_BLOB: {
        bool is_text = sqlite3_column_type(statement, column) == SQLITE_TEXT;
        const void *bytes = sqlite3_column_blob(statement, column);
        size_t size = (size_t)sqlite3_column_bytes(statement, column);
        add_tagged(digest, is_text ? 'S' : 'B', size);
        add(digest, bytes, size);
        return;
    }
    default: add(digest, "N", 1);
    }
}

static enum fault_code add_table(struct store_reader *reader, const struct digest_row *row,
                                 struct digest *digest, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = true;
    enum fault_code code = connection_prepare(reader, AUTHORITY_STORE, row->sql, &statement, fault);
    add(digest, "T", 1);
    add(digest, row->table, strlen(row->table) + 1);
    while (code == FAULT_NONE && is_row) {
        code = database_step(&reader->database, statement, &is_row, fault);
        if (code != FAULT_NONE || !is_row)
            continue;
        add(digest, "R", 1);
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            add_value(digest, statement, i);
    }
    sqlite3_finalize(statement);
    return code;
}

static enum fault_code make_digest(struct store_reader *reader, char ret_digest[65],
                                   struct fault *fault)
{
    struct digest *digest = memory_allocate(sizeof *digest);
    if (digest == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    digest->size = LEDGER_HASH_SIZE;
    enum fault_code code = FAULT_NONE;
    for (int i = 0; i < sql_digest_count && code == FAULT_NONE; i++)
        code = add_table(reader, &sql_digests[i], digest, fault);
    close_block(digest);
    for (int i = 0; i < LEDGER_HASH_SIZE && code == FAULT_NONE; i++)
        snprintf(ret_digest + 2 * i, 3, "%02x", digest->block[i]);
    memory_free(digest);
    return code;
}

enum fault_code digest_fold(struct command *command, struct fault *fault)
{
    bool is_done = false;
    enum fault_code code = fold_slice(command->store, FOLD_MS, true, &is_done, fault);
    json_object_set_new(command->answer, "is_done", json_boolean(is_done));
    return code;
}

// Asks for slices until nothing is left, *slices of them at most.
static enum fault_code fold_all(struct store *store, int *slices, struct fault *fault)
{
    struct command_request request = {.name = "state.fold", .actor = store_system_actor()};
    enum fault_code code = FAULT_NONE;
    bool is_done = false;
    while (code == FAULT_NONE && !is_done && *slices > 0) {
        json_t *answer = NULL;
        code = store_run_command(store, &request, &answer, fault);
        is_done = json_is_true(json_object_get(answer, "is_done"));
        json_decref(answer);
        *slices -= 1;
    }
    return code;
}

// A digest of what the reader sees, unless readings wait there that came in after the last slice.
static enum fault_code try_digest(struct store_reader *reader, bool *ret_is_made,
                                  char ret_digest[65], struct fault *fault)
{
    int64_t waiting = 0;
    enum fault_code code =
        database_read_integer(&reader->database, STATE_SQL_COUNT_UNFOLDED, 0, &waiting, fault);
    *ret_is_made = code == FAULT_NONE && waiting == 0;
    reader->deadline_ms = 0;
    return *ret_is_made ? make_digest(reader, ret_digest, fault) : code;
}

enum fault_code store_digest(struct store *store, char ret_digest[65], struct fault *fault)
{
    struct store_actor system = store_system_actor();
    enum fault_code code = FAULT_NONE;
    bool is_made = false;
    int slices = LIMIT_DIGEST_SLICES;
    while (code == FAULT_NONE && !is_made && slices > 0) {
        struct store_reader *reader = NULL;
        code = fold_all(store, &slices, fault);
        if (code == FAULT_NONE)
            code = store_reader_open(store, &system, 0, &reader, fault);
        if (code == FAULT_NONE)
            code = try_digest(reader, &is_made, ret_digest, fault);
        store_reader_close(reader);
    }
    if (code == FAULT_NONE && !is_made)
        code = fault_set(fault, FAULT_BUSY, TEXT_STORE_DIGEST_BUSY, {0});
    return code;
}

static enum fault_code open_and_digest(const char *folder, char ret_digest[65], struct fault *fault)
{
    struct store_options options = {.folder = folder, .must_hold = true, .must_not_settle = true};
    struct store *store = NULL;
    enum fault_code code = store_open(&options, &store, fault);
    if (code == FAULT_NONE)
        code = store_digest(store, ret_digest, fault);
    store_close(store);
    return code;
}

enum fault_code store_rebuild(const char *folder, char ret_before[65], char ret_after[65],
                              struct fault *fault)
{
    ret_before[0] = '\0';
    enum fault_code code = open_and_digest(folder, ret_before, fault);
    if (code != FAULT_NONE)
        return code;
    state_remove(folder);
    return open_and_digest(folder, ret_after, fault);
}
