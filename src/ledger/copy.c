// SPDX-License-Identifier: GPL-3.0-or-later
//
// copy.c: a ledger's entries up to a signed head, in a file of their own.
//
// The copy is made entry by entry, not page by page: the ledger only grows, so a slice of it can be
// read at any time, in a short read transaction of its own, while the writer appends. What is read
// is checked against its leaf on the way; the copy's own tree is grown from the bytes that were
// read, and its root must be the one that was signed. So a copy that was made is a copy that was
// verified.
//
//     source   entry 0 .. size-1 | size .. (goes on growing)        checkpoints up to size
//     copy     entry 0 .. size-1                                    the same ones
//
// The copy is durable when its last group is; a copy that was cut off has no checkpoint over its
// last entry and is taken for none (ledger_audit).
#include <assert.h>

#include "ledger/ledger_priv.h"
#include "ledger_sql.h"

enum { GROUP_ENTRIES = 8 * LEDGER_SLICE_COUNT };

static enum fault_code append_copy(void *context, const struct ledger_entry *entry,
                                   struct fault *fault)
{
    return ledger_append_stored(context, entry, fault);
}

// The checkpoints up to `size`, into the open group.
static enum fault_code copy_checkpoints(struct ledger *source, int64_t size, struct ledger *copy,
                                        struct fault *fault)
{
    sqlite3_stmt *from = NULL, *to = NULL;
    bool is_row = true, is_done = false;
    enum fault_code code =
        database_prepare(&source->database, LEDGER_SQL_WALK_CHECKPOINTS, &from, fault);
    while (code == FAULT_NONE && is_row) {
        code = database_step(&source->database, from, &is_row, fault);
        if (code != FAULT_NONE || !is_row || sqlite3_column_int64(from, 0) > size)
            break;
        code = database_prepare(&copy->database, LEDGER_SQL_INSERT_CHECKPOINT, &to, fault);
        if (code != FAULT_NONE)
            break;
        sqlite3_bind_int64(to, 1, sqlite3_column_int64(from, 0));
        sqlite3_bind_text64(to, 2, (const char *)sqlite3_column_text(from, 1),
                            (sqlite3_uint64)sqlite3_column_bytes(from, 1), SQLITE_STATIC,
                            SQLITE_UTF8);
        code = database_step(&copy->database, to, &is_done, fault);
    }
    if (from != NULL)
        sqlite3_reset(from);
    return code;
}

// The copy's root is the one that the checkpoint over its entries signs.
static enum fault_code check_root(const struct ledger *copy, const struct ledger_checkpoint *head,
                                  struct fault *fault)
{
    struct ledger_hash root = ledger_tree_root(&copy->tree);
    if ((int64_t)copy->tree.size == head->size && ledger_hash_equal(&root, &head->root))
        return FAULT_NONE;
    return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_CHECKPOINT_DIFFERS, text_integer(0),
                     text_integer(head->size - 1), text_string(copy->database.path));
}

static enum fault_code copy_entries(struct ledger *source, int64_t size, struct ledger *copy,
                                    void (*report)(void *context, int64_t done, int64_t total),
                                    void *context, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (int64_t at = 0; at < size && code == FAULT_NONE;) {
        int64_t to = size - at > GROUP_ENTRIES ? at + GROUP_ENTRIES : size;
        if (at > 0)
            code = ledger_begin(copy, fault);
        if (code == FAULT_NONE)
            code = ledger_for_each(source, at, to, append_copy, copy, fault);
        if (code == FAULT_NONE && to == size)
            code = copy_checkpoints(source, size, copy, fault);
        if (code == FAULT_NONE)
            code = ledger_commit(copy, fault);
        at = to;
        if (report != NULL)
            report(context, at, size);
    }
    return code;
}

enum fault_code ledger_copy(struct ledger *source, const struct ledger_checkpoint *head,
                            const char *path,
                            void (*report)(void *context, int64_t done, int64_t total),
                            void *context, struct fault *fault)
{
    struct ledger copy = {.facts = source->facts};
    assert(head->size > 0);
    enum fault_code code =
        ledger_open_database(path, NULL, DATABASE_CREATOR, &copy.database, fault);
    if (code != FAULT_NONE)
        return code;
    code = ledger_check_version(&copy.database, true, fault);
    if (code == FAULT_NONE)
        code = ledger_begin(&copy, fault);
    if (code == FAULT_NONE)
        code = database_run_script(&copy.database, LEDGER_SQL_SCHEMA, fault);
    if (code == FAULT_NONE)
        code = copy_entries(source, head->size, &copy, report, context, fault);
    if (code == FAULT_NONE)
        code = check_root(&copy, head, fault);
    if (code == FAULT_NONE)
        code = database_checkpoint(&copy.database, fault);
    ledger_abort(&copy);
    arena_reset(&copy.arena);
    database_close(&copy.database);
    return code;
}
