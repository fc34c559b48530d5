// SPDX-License-Identifier: GPL-3.0-or-later
//
// read.c: entries and nodes read back, never without a check.
//
// An entry that is handed out has been hashed again and compared with its leaf, has the sequence it
// was asked for, and has an id. A long walk is cut into slices of LEDGER_SLICE_COUNT entries, each
// a read transaction of its own, so that the WAL can be emptied meanwhile: what was committed never
// changes, so the slices fit together.
//
// Not here: whether the tree is whole (audit.c).
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/json.h"
#include "ledger/ledger_priv.h"
#include "ledger_sql.h"

enum fault_code ledger_open_database(const char *path, const char *vfs, enum database_mode mode,
                                     struct database *ret_database, struct fault *fault)
{
    struct database_options options = {.path = path,
                                       .vfs = vfs,
                                       .mode = mode,
                                       .sql = ledger_sql,
                                       .sql_count = LEDGER_SQL_COUNT,
                                       .row_size_max = LEDGER_ENTRY_SIZE + 1024};
    return database_open(&options, ret_database, fault);
}

// Binds `key` to statement `index`, steps, and gives the BLOB of its first column; is_row false:
// there is none. The bytes are valid until the statement is reset.
static enum fault_code read_blob(struct ledger *ledger, int index, int64_t key,
                                 sqlite3_stmt **ret_statement, bool *ret_is_row,
                                 struct span *ret_bytes, struct fault *fault)
{
    enum fault_code code = database_prepare(&ledger->database, index, ret_statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(*ret_statement, 1, key);
    code = database_step(&ledger->database, *ret_statement, ret_is_row, fault);
    if (code == FAULT_NONE && *ret_is_row)
        *ret_bytes = (struct span){sqlite3_column_blob(*ret_statement, 0),
                                   (size_t)sqlite3_column_bytes(*ret_statement, 0)};
    return code;
}

enum fault_code ledger_read_node(struct ledger *ledger, int64_t position,
                                 struct ledger_hash *ret_hash, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    struct span bytes = {0};
    enum fault_code code =
        read_blob(ledger, LEDGER_SQL_READ_NODE, position, &statement, &is_row, &bytes, fault);
    if (code != FAULT_NONE)
        return code;
    if (!is_row || bytes.size != LEDGER_HASH_SIZE)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_NODE_MISSING, text_integer(position),
                         text_string(ledger->database.path));
    else
        memcpy(ret_hash->bytes, bytes.data, LEDGER_HASH_SIZE);
    sqlite3_reset(statement);
    return code;
}

enum fault_code ledger_read_leaf(struct ledger *ledger, int64_t sequence,
                                 struct ledger_hash *ret_hash, struct fault *fault)
{
    assert(sequence >= 0);
    return ledger_read_node(ledger, ledger_node_position(0, (uint64_t)sequence), ret_hash, fault);
}

enum fault_code ledger_read_tree(struct ledger *ledger, int64_t size, struct ledger_tree *ret_tree,
                                 struct fault *fault)
{
    struct ledger_tree tree = {.size = (uint64_t)size};
    for (int level = 0; level < LEDGER_LEVELS; level++) {
        if ((tree.size >> level & 1) == 0)
            continue;
        int64_t position = ledger_node_position(level, (tree.size >> level) - 1);
        enum fault_code code = ledger_read_node(ledger, position, &tree.hash[level], fault);
        if (code != FAULT_NONE)
            return code;
    }
    *ret_tree = tree;
    return FAULT_NONE;
}

enum fault_code ledger_read_size(struct ledger *ledger, int64_t *ret_size, struct fault *fault)
{
    if (ledger->database.is_writer) {
        *ret_size = (int64_t)ledger->tree.size;
        return FAULT_NONE;
    }
    int64_t last = -1;
    enum fault_code code =
        database_read_integer(&ledger->database, LEDGER_SQL_READ_LAST_SEQUENCE, -1, &last, fault);
    if (code == FAULT_NONE)
        *ret_size = last + 1;
    return code;
}

// Decodes bytes that stand at `sequence` and checks them against their leaf.
static enum fault_code check_entry(struct ledger *ledger, int64_t sequence, struct span bytes,
                                   struct ledger_entry *ret_entry, struct fault *fault)
{
    struct ledger_hash leaf, hash = ledger_hash_leaf(bytes);
    struct ledger_entry entry = {0};
    struct fault decoding = {0}; // A damaged entry is named by its sequence, not by a field.
    enum fault_code code = ledger_read_leaf(ledger, sequence, &leaf, fault);
    if (code != FAULT_NONE)
        return code;
    if (!ledger_hash_equal(&hash, &leaf) ||
        ledger_decode_entry(bytes, &entry, &decoding) != FAULT_NONE || entry.sequence != sequence)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_DAMAGED, text_integer(sequence),
                         text_string(ledger->database.path));
    *ret_entry = entry;
    return FAULT_NONE;
}

enum fault_code ledger_read_entry(struct ledger *ledger, int64_t sequence, struct arena *arena,
                                  struct ledger_entry *ret_entry, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    struct span bytes = {0};
    enum fault_code code =
        read_blob(ledger, LEDGER_SQL_READ_ENTRY, sequence, &statement, &is_row, &bytes, fault);
    if (code != FAULT_NONE)
        return code;
    if (!is_row)
        return fault_set(fault, FAULT_MISSING, TEXT_LEDGER_ENTRY_MISSING, text_integer(sequence));
    char *copy = arena_allocate(arena, bytes.size);
    if (copy == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    else if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    sqlite3_reset(statement);
    if (code == FAULT_NONE)
        code = check_entry(ledger, sequence, (struct span){copy, bytes.size}, ret_entry, fault);
    return code;
}

// Visits the entries of one slice. *ret_next is the sequence after the last one visited.
static enum fault_code visit_slice(struct ledger *ledger, int64_t from, int64_t to,
                                   enum fault_code (*visit)(void *context,
                                                            const struct ledger_entry *entry,
                                                            struct fault *fault),
                                   void *context, int64_t *ret_next, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = true;
    int64_t next = from;
    enum fault_code code =
        database_prepare(&ledger->database, LEDGER_SQL_WALK_ENTRIES, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, from);
    sqlite3_bind_int64(statement, 2, to);
    while ((code = database_step(&ledger->database, statement, &is_row, fault)) == FAULT_NONE &&
           is_row) {
        struct ledger_entry entry = {0};
        struct span bytes = {sqlite3_column_blob(statement, 1),
                             (size_t)sqlite3_column_bytes(statement, 1)};
        code = check_entry(ledger, next, bytes, &entry, fault);
        if (code == FAULT_NONE)
            code = visit(context, &entry, fault);
        if (code != FAULT_NONE)
            break;
        next++;
    }
    sqlite3_reset(statement);
    *ret_next = next;
    return code;
}

enum fault_code ledger_for_each(struct ledger *ledger, int64_t from, int64_t to,
                                enum fault_code (*visit)(void *context,
                                                         const struct ledger_entry *entry,
                                                         struct fault *fault),
                                void *context, struct fault *fault)
{
    assert(from >= 0 && visit != NULL);
    int64_t size = 0;
    enum fault_code code = ledger_read_size(ledger, &size, fault);
    if (to > size)
        to = size;
    while (code == FAULT_NONE && from < to) {
        int64_t end = to - from > LEDGER_SLICE_COUNT ? from + LEDGER_SLICE_COUNT : to;
        int64_t next = from;
        code = visit_slice(ledger, from, end, visit, context, &next, fault);
        if (code == FAULT_NONE && next != end)
            code = fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_DAMAGED, text_integer(next),
                             text_string(ledger->database.path));
        from = end;
    }
    return code;
}

enum fault_code ledger_read_facts_before(struct ledger *ledger, int64_t size,
                                         struct ledger_birth_facts *ret_facts, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    struct arena arena = {0};
    struct ledger_entry entry = {0};
    enum fault_code code =
        database_prepare(&ledger->database, LEDGER_SQL_READ_BIRTH_BEFORE, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, size);
    code = database_step(&ledger->database, statement, &is_row, fault);
    if (code == FAULT_NONE && !is_row)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_BIRTH_DAMAGED, text_integer(0),
                         text_string(ledger->database.path));
    int64_t sequence = code == FAULT_NONE ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_reset(statement);
    if (code == FAULT_NONE)
        code = ledger_read_entry(ledger, sequence, &arena, &entry, fault);
    if (code == FAULT_NONE)
        code = ledger_read_facts(&entry, ret_facts, fault);
    arena_reset(&arena);
    return code;
}

static bool read_hex(const json_t *body, const char *field, unsigned char *ret_bytes, size_t size)
{
    struct span text = json_text_or(body, field, "");
    size_t written = 0;
    return sodium_hex2bin(ret_bytes, size, text.data, text.size, NULL, &written, NULL) == 0 &&
           written == size && text.size == 2 * size;
}

enum fault_code ledger_read_facts(const struct ledger_entry *entry,
                                  struct ledger_birth_facts *ret_facts, struct fault *fault)
{
    struct ledger_birth_facts facts = {0};
    struct fault reading = {0};
    json_t *body = NULL;
    int64_t none = 0;
    bool is_good = json_read(entry->body, &body, &reading) == FAULT_NONE;
    struct span kind = is_good ? json_text_or(body, "kind", "") : span_from("");
    is_good = is_good && read_hex(body, "identity", facts.identity, sizeof facts.identity) &&
              read_hex(body, "public_key", facts.public_key, sizeof facts.public_key) &&
              ledger_read_id(json_text_or(body, "ledger", ""), &facts.ledger_id, &none) &&
              facts.ledger_id == entry->ledger_id && none == -1 && kind.size > 0 &&
              kind.size <= LEDGER_KIND_SIZE;
    if (is_good)
        memcpy(facts.kind, kind.data, kind.size);
    json_decref(body);
    if (reading.code == FAULT_FULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (!is_good)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_MALFORMED, text_string("body"));
    *ret_facts = facts;
    return FAULT_NONE;
}
