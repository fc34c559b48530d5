// SPDX-License-Identifier: GPL-3.0-or-later
//
// walk.c: entries and nodes read front to back, one held against the other.
//
// Two cursors run in step: after each entry stand, in table node, its leaf and the subtrees that it
// completes (merkle.c). The entry is hashed, the tree grown by it, and what the growth makes is
// compared with what is stored. At the first difference the walk says what is damaged:
//
//     the entry           its parent agrees with the stored leaf, not with the bytes
//     the stored leaf     its parent agrees with the bytes
//     entry or leaf       the leaf has no parent yet: the entry is named
//     a stored subtree    the entries below it are whole
//     a page              SQLite cannot read on: the first entry that cannot be read is named
//
// A walk is one read transaction, so that it sees one state of the file. Not here: whether the
// hashes are those that were signed (audit.c).
#include <assert.h>
#include <string.h>

#include "ledger/ledger_priv.h"
#include "ledger_sql.h"

enum fault_code ledger_walk_begin(struct ledger_walk *walk, struct ledger *ledger,
                                  const struct ledger_tree *tree, struct fault *fault)
{
    struct database *database = &ledger->database;
    *walk = (struct ledger_walk){.ledger = ledger, .tree = *tree};
    enum fault_code code =
        database_prepare(database, LEDGER_SQL_WALK_ENTRIES, &walk->entries, fault);
    if (code == FAULT_NONE)
        code = database_prepare(database, LEDGER_SQL_WALK_NODES, &walk->nodes, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(walk->entries, 1, (int64_t)tree->size);
    sqlite3_bind_int64(walk->entries, 2, INT64_MAX);
    sqlite3_bind_int64(walk->nodes, 1, ledger_node_count(tree->size));
    return FAULT_NONE;
}

void ledger_walk_end(struct ledger_walk *walk)
{
    if (walk->entries != NULL)
        sqlite3_reset(walk->entries);
    if (walk->nodes != NULL)
        sqlite3_reset(walk->nodes);
}

// The type as the bytes have it, for a sentence about an entry that may be damaged.
static struct text_argument type_of(struct span bytes)
{
    size_t size = bytes.size > LEDGER_HEAD_SIZE ? (unsigned char)bytes.data[3] : 0;
    bool is_plain = size > 0 && size <= LEDGER_TYPE_SIZE && size <= bytes.size - LEDGER_HEAD_SIZE;
    for (size_t i = 0; is_plain && i < size; i++)
        is_plain = bytes.data[LEDGER_HEAD_SIZE + i] > ' ' && bytes.data[LEDGER_HEAD_SIZE + i] < 127;
    return is_plain ? text_span((struct span){bytes.data + LEDGER_HEAD_SIZE, size})
                    : text_string("?");
}

// Steps a cursor; a page that SQLite cannot read is damage at the entry that would come next.
static enum fault_code step(struct ledger_walk *walk, sqlite3_stmt *cursor, bool *ret_is_row,
                            struct fault *fault)
{
    struct fault reading = {0};
    enum fault_code code = database_step(&walk->ledger->database, cursor, ret_is_row, &reading);
    if (code == FAULT_CORRUPT)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_PAGE_DAMAGED,
                         text_integer((int64_t)walk->tree.size), reading.argument[0],
                         reading.argument[1]);
    if (code != FAULT_NONE)
        *fault = reading;
    return code;
}

// Reads the next row of table node. A row that is missing or has no hash gives is_good false.
static enum fault_code read_next_node(struct ledger_walk *walk, struct ledger_hash *ret_hash,
                                      bool *ret_is_good, struct fault *fault)
{
    bool is_row = false;
    enum fault_code code = step(walk, walk->nodes, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    *ret_is_good = is_row && sqlite3_column_bytes(walk->nodes, 0) == LEDGER_HASH_SIZE;
    if (*ret_is_good)
        memcpy(ret_hash->bytes, sqlite3_column_blob(walk->nodes, 0), LEDGER_HASH_SIZE);
    return FAULT_NONE;
}

// True when the parent of leaf `index` is stored and agrees with the hash of its bytes: then the
// stored leaf is what is damaged.
static bool parent_agrees(struct ledger_walk *walk, uint64_t index, const struct ledger_hash *leaf)
{
    struct fault ignored = {0};
    struct ledger_hash sibling, parent;
    int64_t sibling_at = ledger_node_position(0, index ^ 1),
            parent_at = ledger_node_position(1, index / 2);
    if (ledger_read_node(walk->ledger, sibling_at, &sibling, &ignored) != FAULT_NONE ||
        ledger_read_node(walk->ledger, parent_at, &parent, &ignored) != FAULT_NONE)
        return false;
    struct ledger_hash made = index % 2 == 0 ? ledger_hash_children(leaf, &sibling)
                                             : ledger_hash_children(&sibling, leaf);
    return ledger_hash_equal(&made, &parent);
}

static enum fault_code check_nodes(struct ledger_walk *walk, struct span bytes, struct fault *fault)
{
    struct ledger_hash made[LEDGER_LEVELS], stored = {{0}}, leaf = ledger_hash_leaf(bytes);
    uint64_t index = walk->tree.size;
    struct text_argument sequence = text_integer((int64_t)index),
                         path = text_string(walk->ledger->database.path);
    // The tree takes the entry only when all is well, so that a fault of SQLite names this entry.
    struct ledger_tree tree = walk->tree;
    int count = ledger_tree_append(&tree, &leaf, made);
    for (int level = 0; level < count; level++) {
        bool is_good = false;
        enum fault_code code = read_next_node(walk, &stored, &is_good, fault);
        if (code != FAULT_NONE)
            return code;
        if (is_good && ledger_hash_equal(&stored, &made[level]))
            continue;
        if (level > 0)
            return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_NODE_DAMAGED,
                             text_integer((int64_t)(index + 1 - (UINT64_C(1) << level))), sequence,
                             path);
        return fault_set(fault, FAULT_CORRUPT,
                         parent_agrees(walk, index, &leaf) ? TEXT_LEDGER_LEAF_DAMAGED
                                                           : TEXT_LEDGER_NAMED_DAMAGED,
                         sequence, type_of(bytes), path);
    }
    walk->tree = tree;
    return FAULT_NONE;
}

enum fault_code ledger_walk_next(struct ledger_walk *walk, bool *ret_is_entry,
                                 struct ledger_entry *ret_entry, struct fault *fault)
{
    bool is_row = false;
    int64_t wanted = (int64_t)walk->tree.size;
    enum fault_code code = step(walk, walk->entries, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    struct text_argument path = text_string(walk->ledger->database.path);
    if (!is_row) {
        // The nodes must end here too.
        struct ledger_hash hash;
        bool is_good = false;
        code = read_next_node(walk, &hash, &is_good, fault);
        if (code == FAULT_NONE && is_good)
            code =
                fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_GONE, text_integer(wanted), path);
        *ret_is_entry = false;
        return code;
    }
    if (sqlite3_column_int64(walk->entries, 0) != wanted)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_GONE, text_integer(wanted), path);
    struct span bytes = {sqlite3_column_blob(walk->entries, 1),
                         (size_t)sqlite3_column_bytes(walk->entries, 1)};
    code = check_nodes(walk, bytes, fault);
    if (code != FAULT_NONE)
        return code;
    struct fault decoding = {0};
    if (ledger_decode_entry(bytes, ret_entry, &decoding) != FAULT_NONE ||
        ret_entry->sequence != wanted) {
        walk->tree.size = (uint64_t)wanted;
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_NAMED_DAMAGED, text_integer(wanted),
                         type_of(bytes), path);
    }
    *ret_is_entry = true;
    return FAULT_NONE;
}
