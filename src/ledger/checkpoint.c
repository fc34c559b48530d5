// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint.c: a head is signed only over what the disk holds.
//
// Once a root over a wrong hash is signed, nobody can repair it: a public certificate log was lost
// to one flipped bit in a leaf hash between hashing and signing. So before signing:
//
//     1. The system is asked to drop its cached pages of ledger.db and its WAL.
//     2. Another connection, opened for this and without a cache, reads the newest checkpoint,
//     whose
//        signature and root must hold, and every entry since, hashing each again (walk.c).
//     3. The root that comes out must be the root that the writer carries in memory.
//     4. The signature is checked with the public key before it is stored.
//
// A difference is FAULT_CORRUPT, names the entry where it can, and nothing is signed. Dropping the
// cache is a request which the system may leave undone for single pages; with a VFS of a test's own
// it is not made.
#include <assert.h>
#include <string.h>

#include "ledger/ledger_priv.h"
#include "ledger_sql.h"

// What is read again at once, while the writer waits: about 5 ms of hashing.
enum { SLICE_ENTRIES = 512, SLICE_SIZE = 1024 * 1024 };

enum fault_code ledger_read_checkpoint(struct ledger *ledger, int64_t size_max, struct arena *arena,
                                       struct span *ret_note, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&ledger->database, LEDGER_SQL_READ_CHECKPOINT, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, size_max);
    code = database_step(&ledger->database, statement, &is_row, fault);
    if (code == FAULT_NONE && !is_row)
        code = fault_set(fault, FAULT_MISSING, TEXT_LEDGER_CHECKPOINT_MISSING, {0});
    if (code == FAULT_NONE) {
        const char *text = (const char *)sqlite3_column_text(statement, 1);
        size_t size = (size_t)sqlite3_column_bytes(statement, 1);
        char *note = text == NULL ? NULL : arena_allocate(arena, size + 1);
        if (note == NULL)
            code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
        else
            *ret_note = (struct span){memcpy(note, text, size), size};
    }
    sqlite3_reset(statement);
    return code;
}

// The newest checkpoint and the tree under it; of none, the empty tree.
static enum fault_code read_signed_tree(struct ledger *ledger, struct ledger_tree *ret_tree,
                                        struct fault *fault)
{
    struct arena arena = {0};
    struct span note = {0};
    struct fault missing = {0};
    struct ledger_birth_facts facts = {0};
    struct ledger_checkpoint checkpoint = {0};
    enum fault_code code = ledger_read_checkpoint(ledger, INT64_MAX, &arena, &note, &missing);
    if (code == FAULT_MISSING) {
        *ret_tree = (struct ledger_tree){0};
        return FAULT_NONE;
    }
    if (code != FAULT_NONE) {
        *fault = missing;
        return code;
    }
    // The key of that time: what the newest birth entry under the checkpoint named.
    struct span rest = note;
    int64_t size = 0;
    span_cut(&rest, '\n');
    if (!span_to_integer(span_cut(&rest, '\n'), &size))
        size = 0;
    code = ledger_read_facts_before(ledger, size, &facts, fault);
    if (code == FAULT_NONE)
        code = ledger_open_checkpoint(note, facts.public_key, &checkpoint, fault);
    arena_reset(&arena);
    if (code == FAULT_NONE)
        code = ledger_read_tree(ledger, checkpoint.size, ret_tree, fault);
    if (code != FAULT_NONE)
        return code;
    struct ledger_hash root = ledger_tree_root(ret_tree);
    if (ledger_hash_equal(&root, &checkpoint.root))
        return FAULT_NONE;
    return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_CHECKPOINT_DIFFERS, text_integer(0),
                     text_integer(checkpoint.size - 1), text_string(ledger->database.path));
}

// A slice of steps 1 to 3 of the head comment: what it has read is in writer->reread.
// *ret_is_done: all of it, and it is what the writer carries.
static enum fault_code read_again(struct ledger *writer, bool *ret_is_done, struct fault *fault)
{
    struct ledger fresh = {0};
    struct ledger_walk walk = {0};
    struct ledger_entry entry = {0};
    if (writer->vfs == NULL)
        database_drop_cache(writer->database.path);
    enum fault_code code = ledger_open_database(writer->database.path, writer->vfs,
                                                DATABASE_UNCACHED, &fresh.database, fault);
    if (code != FAULT_NONE)
        return code;
    if (!writer->has_reread) {
        code = read_signed_tree(&fresh, &writer->reread, fault);
        writer->signed_size = (int64_t)writer->reread.size;
    }
    writer->has_reread = code == FAULT_NONE;
    if (code == FAULT_NONE)
        code = ledger_walk_begin(&walk, &fresh, &writer->reread, fault);
    bool is_entry = true;
    size_t bytes = 0;
    for (int count = 0;
         code == FAULT_NONE && is_entry && count < SLICE_ENTRIES && bytes < SLICE_SIZE; count++) {
        code = ledger_walk_next(&walk, &is_entry, &entry, fault);
        bytes += entry.body.size + entry.payload.size;
    }
    ledger_walk_end(&walk);
    database_close(&fresh.database);
    if (code != FAULT_NONE)
        return code;
    writer->reread = walk.tree;
    struct ledger_hash found = ledger_tree_root(&walk.tree),
                       carried = ledger_tree_root(&writer->tree);
    bool is_at_end = walk.tree.size >= writer->tree.size;
    if ((!is_entry && !is_at_end) || walk.tree.size > writer->tree.size ||
        (is_at_end && !ledger_hash_equal(&found, &carried)))
        return fault_set(
            fault, FAULT_CORRUPT, TEXT_LEDGER_MEMORY_DIFFERS, text_integer(writer->signed_size),
            text_integer((int64_t)writer->tree.size - 1), text_string(writer->database.path));
    *ret_is_done = is_at_end;
    return FAULT_NONE;
}

static enum fault_code sign(const struct ledger *ledger, const struct ledger_signer *signer,
                            int64_t time, char note[LEDGER_NOTE_SIZE], struct fault *fault)
{
    struct ledger_checkpoint checkpoint = {.ledger_id = ledger->facts.ledger_id,
                                           .size = (int64_t)ledger->tree.size,
                                           .time = time,
                                           .root = ledger_tree_root(&ledger->tree)};
    struct ledger_checkpoint check = {0};
    unsigned char signature[LEDGER_SIGNATURE_SIZE] = {0};
    memcpy(checkpoint.identity, ledger->facts.identity, LEDGER_IDENTITY_SIZE);
    size_t size = ledger_write_note(&checkpoint, note, LEDGER_NOTE_SIZE);
    enum fault_code code =
        signer->sign(signer->context, (struct span){note, size}, signature, fault);
    if (code != FAULT_NONE)
        return code;
    note[size++] = '\n';
    size += ledger_write_signature(&checkpoint, signer->public_key, signature, note + size,
                                   LEDGER_NOTE_SIZE - size);
    // The pair: what is signed can be read, with the key that the ledger itself names.
    return ledger_open_checkpoint((struct span){note, size}, ledger->facts.public_key, &check,
                                  fault);
}

static enum fault_code store(struct ledger *ledger, const char *note, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = ledger_begin(ledger, fault);
    if (code != FAULT_NONE)
        return code;
    code = database_prepare(&ledger->database, LEDGER_SQL_INSERT_CHECKPOINT, &statement, fault);
    if (code == FAULT_NONE) {
        sqlite3_bind_int64(statement, 1, (int64_t)ledger->tree.size);
        sqlite3_bind_text(statement, 2, note, -1, SQLITE_STATIC);
        code = database_step(&ledger->database, statement, &is_row, fault);
    }
    if (code == FAULT_NONE)
        code = ledger_commit(ledger, fault);
    else
        ledger_abort(ledger);
    return code;
}

enum fault_code ledger_advance_checkpoint(struct ledger *ledger, const struct ledger_signer *signer,
                                          int64_t time, bool *ret_is_signed, struct fault *fault)
{
    assert(ledger->database.is_writer && ledger->saved_count == 0);
    assert(time >= 0 && ledger->tree.size > 0);
    char note[LEDGER_NOTE_SIZE] = {0};
    bool is_done = false;
    *ret_is_signed = false;
    enum fault_code code = read_again(ledger, &is_done, fault);
    if (code == FAULT_NONE && !is_done)
        return code;
    ledger->has_reread = false; // The next signing begins with this checkpoint.
    if (code == FAULT_NONE && ledger->signed_size < (int64_t)ledger->tree.size) {
        code = sign(ledger, signer, time, note, fault);
        if (code == FAULT_NONE)
            code = store(ledger, note, fault);
    }
    *ret_is_signed = code == FAULT_NONE;
    return code;
}

enum fault_code ledger_make_checkpoint(struct ledger *ledger, const struct ledger_signer *signer,
                                       int64_t time, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    bool is_signed = false;
    ledger->has_reread = false;
    while (code == FAULT_NONE && !is_signed)
        code = ledger_advance_checkpoint(ledger, signer, time, &is_signed, fault);
    return code;
}
