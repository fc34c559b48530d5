// SPDX-License-Identifier: GPL-3.0-or-later
//
// ledger.c: opening, groups and appending.
//
// A group is one SQLite transaction, one fsync. A command inside it is a savepoint. The right edge
// of the Merkle tree lives in memory beside the transaction and goes back with it:
//
//     begin            saved[0] = tree           BEGIN IMMEDIATE
//     savepoint        saved[n] = tree           SAVEPOINT command
//     append           tree grows                INSERT entry, its leaf, the subtrees it completes
//     rollback_to      tree = saved[n]           ROLLBACK TO command, RELEASE command
//     commit           saved is dropped          COMMIT: WAL frames, then fsync
//     abort, fault     tree = saved[0]           ROLLBACK
//
// Invariants: outside a group the tree in memory is the tree on disk; saved_count is 0 outside a
// group and 1 + open savepoints inside; a group in which a statement failed is lost and can only be
// aborted, since SQLite may have undone more than that statement.
//
// Not here: who may write what. The two entries of the ledger's own are written here alone.
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "ledger/ledger_priv.h"
#include "ledger_sql.h"

static const char type_created[] = "ledger.created";
static const char type_continued[] = "ledger.continued";
enum { OWN_FORM = 1 };

// ---- Opening

enum fault_code ledger_check_version(struct database *database, bool is_new_wanted,
                                     struct fault *fault)
{
    int64_t version = 0;
    struct text_argument path = text_string(database->path);
    enum fault_code code =
        database_read_integer(database, LEDGER_SQL_READ_VERSION, 0, &version, fault);
    if (code != FAULT_NONE)
        return code;
    if (version > LEDGER_SCHEMA_VERSION)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_NEWER, path, text_integer(version),
                         text_integer(LEDGER_SCHEMA_VERSION));
    if (version == 0 && !is_new_wanted)
        return fault_set(fault, FAULT_MISSING, TEXT_LEDGER_UNFINISHED, path);
    if (version != 0 && is_new_wanted)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_EXISTS, path);
    return FAULT_NONE;
}

// Reads where the ledger ends and what its newest birth entry says.
static enum fault_code load(struct ledger *ledger, struct fault *fault)
{
    struct database *database = &ledger->database;
    int64_t last = -1, last_position = -1, birth = -1;
    struct ledger_entry entry = {0};
    enum fault_code code = ledger_check_version(database, false, fault);
    if (code == FAULT_NONE)
        code = database_read_integer(database, LEDGER_SQL_READ_LAST_SEQUENCE, -1, &last, fault);
    if (code == FAULT_NONE)
        code = database_read_integer(database, LEDGER_SQL_READ_LAST_POSITION, -1, &last_position,
                                     fault);
    if (code == FAULT_NONE)
        code = database_read_integer(database, LEDGER_SQL_READ_LAST_BIRTH, -1, &birth, fault);
    if (code == FAULT_NONE && (last < 0 || birth < 0 || birth > last ||
                               last_position + 1 != ledger_node_count((uint64_t)last + 1)))
        code = fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_TAIL_DAMAGED, text_integer(last + 1),
                         text_integer(last_position + 1), text_string(database->path));
    if (code == FAULT_NONE)
        code = ledger_read_entry(ledger, birth, &ledger->arena, &entry, fault);
    if (code == FAULT_NONE)
        code = ledger_read_facts(&entry, &ledger->facts, fault);
    if (code == FAULT_NONE && database->is_writer)
        code = ledger_read_tree(ledger, last + 1, &ledger->tree, fault);
    arena_reset(&ledger->arena);
    return code;
}

// A reader sees all of its first look in one snapshot, even while the writer commits.
static enum fault_code load_in_snapshot(struct ledger *ledger, struct fault *fault)
{
    enum fault_code code = database_run(&ledger->database, LEDGER_SQL_BEGIN_READING, fault);
    if (code != FAULT_NONE)
        return code;
    code = load(ledger, fault);
    struct fault ignored = {0}; // The first fault stands.
    enum fault_code end_code =
        database_run(&ledger->database, LEDGER_SQL_COMMIT, code == FAULT_NONE ? fault : &ignored);
    return code != FAULT_NONE ? code : end_code;
}

enum fault_code ledger_open(const struct ledger_options *options, struct ledger **ret_ledger,
                            struct fault *fault)
{
    assert(options->path != NULL);
    struct ledger *ledger = memory_allocate(sizeof *ledger);
    if (ledger == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    ledger->vfs = options->vfs;
    enum fault_code code = ledger_open_database(
        options->path, options->vfs, options->is_writer ? DATABASE_WRITER : DATABASE_READER,
        &ledger->database, fault);
    ledger->database.log_size = options->log_size;
    if (code == FAULT_NONE)
        code = load_in_snapshot(ledger, fault);
    if (code == FAULT_NONE)
        *ret_ledger = ledger;
    else
        ledger_close(ledger);
    return code;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    if (ledger->saved_count > 0)
        ledger_abort(ledger);
    database_close(&ledger->database);
    arena_reset(&ledger->arena);
    memory_free(ledger);
}

int64_t ledger_id(const struct ledger *ledger)
{
    assert(ledger->facts.ledger_id > 0);
    return ledger->facts.ledger_id;
}

const unsigned char *ledger_public_key(const struct ledger *ledger)
{
    return ledger->facts.public_key;
}

const unsigned char *ledger_identity(const struct ledger *ledger)
{
    return ledger->facts.identity;
}

struct span ledger_kind(const struct ledger *ledger)
{
    return span_from(ledger->facts.kind);
}

// ---- Appending

static enum fault_code insert_blob(struct database *database, int index, int64_t key,
                                   struct span bytes, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = database_prepare(database, index, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, key);
    sqlite3_bind_blob64(statement, 2, bytes.data, bytes.size, SQLITE_STATIC);
    return database_step(database, statement, &is_row, fault);
}

static enum fault_code insert_nodes(struct ledger *ledger, const struct ledger_hash *leaf,
                                    struct fault *fault)
{
    struct ledger_hash made[LEDGER_LEVELS];
    int64_t position = ledger_node_count(ledger->tree.size);
    int count = ledger_tree_append(&ledger->tree, leaf, made);
    enum fault_code code = FAULT_NONE;
    for (int i = 0; i < count && code == FAULT_NONE; i++) {
        struct span bytes = {(const char *)made[i].bytes, LEDGER_HASH_SIZE};
        code = insert_blob(&ledger->database, LEDGER_SQL_INSERT_NODE, position + i, bytes, fault);
    }
    assert(position + count == ledger_node_count(ledger->tree.size));
    return code;
}

static enum fault_code check_group(struct ledger *ledger, struct fault *fault)
{
    assert(ledger->saved_count > 0);
    if (!ledger->is_lost)
        return FAULT_NONE;
    return fault_set(fault, FAULT_IO, TEXT_LEDGER_GROUP_LOST, {0});
}

static enum fault_code append(struct ledger *ledger, const struct ledger_entry *entry,
                              int64_t *ret_sequence, struct fault *fault)
{
    struct span bytes = {0};
    assert(entry->sequence == (int64_t)ledger->tree.size);
    enum fault_code code = ledger_encode_entry(entry, &ledger->arena, &bytes, fault);
    if (code != FAULT_NONE)
        goto out; // Refused before anything was written: the group stands.
    code = insert_blob(&ledger->database, LEDGER_SQL_INSERT_ENTRY, entry->sequence, bytes, fault);
    struct ledger_hash leaf = ledger_hash_leaf(bytes);
    if (code == FAULT_NONE)
        code = insert_nodes(ledger, &leaf, fault);
    ledger->is_lost = code != FAULT_NONE;
    if (code == FAULT_NONE)
        *ret_sequence = entry->sequence;
out:
    arena_rewind(&ledger->arena);
    return code;
}

enum fault_code ledger_append_entry(struct ledger *ledger, const struct ledger_entry *draft,
                                    int64_t *ret_sequence, struct fault *fault)
{
    enum fault_code code = check_group(ledger, fault);
    if (code != FAULT_NONE)
        return code;
    if (span_is(draft->type, type_created) || span_is(draft->type, type_continued))
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_FIELD_INVALID, text_string("type"),
                         text_span(draft->type));
    struct ledger_entry entry = *draft;
    entry.ledger_id = ledger->facts.ledger_id;
    entry.sequence = (int64_t)ledger->tree.size;
    return append(ledger, &entry, ret_sequence, fault);
}

// ---- Groups

enum fault_code ledger_begin(struct ledger *ledger, struct fault *fault)
{
    assert(ledger->database.is_writer && ledger->saved_count == 0);
    enum fault_code code = database_lengthen_log(&ledger->database, fault);
    if (code == FAULT_NONE)
        code = database_run(&ledger->database, LEDGER_SQL_BEGIN, fault);
    if (code != FAULT_NONE)
        return code;
    ledger->saved[0] = ledger->tree;
    ledger->saved_count = 1;
    ledger->is_lost = false;
    return FAULT_NONE;
}

enum fault_code ledger_savepoint(struct ledger *ledger, struct fault *fault)
{
    assert(ledger->saved_count <= LEDGER_SAVEPOINTS);
    enum fault_code code = check_group(ledger, fault);
    if (code == FAULT_NONE)
        code = database_run(&ledger->database, LEDGER_SQL_SAVEPOINT, fault);
    if (code != FAULT_NONE)
        return code;
    ledger->saved[ledger->saved_count++] = ledger->tree;
    return FAULT_NONE;
}

enum fault_code ledger_release(struct ledger *ledger, struct fault *fault)
{
    assert(ledger->saved_count > 1);
    enum fault_code code = check_group(ledger, fault);
    if (code == FAULT_NONE)
        code = database_run(&ledger->database, LEDGER_SQL_RELEASE, fault);
    if (code == FAULT_NONE)
        ledger->saved_count--;
    return code;
}

enum fault_code ledger_rollback_to(struct ledger *ledger, struct fault *fault)
{
    assert(ledger->saved_count > 1);
    enum fault_code code = check_group(ledger, fault);
    if (code == FAULT_NONE)
        code = database_run(&ledger->database, LEDGER_SQL_ROLLBACK_TO, fault);
    if (code == FAULT_NONE)
        code = database_run(&ledger->database, LEDGER_SQL_RELEASE, fault);
    ledger->is_lost = code != FAULT_NONE;
    if (code == FAULT_NONE)
        ledger->tree = ledger->saved[--ledger->saved_count];
    return code;
}

// After a COMMIT that gave a fault: SQLite says "no memory" also when it found none behind the sync
// that made the group durable. What stands in the file decides; where that cannot be read, nobody
// writes any more. A failed write or sync is never looked behind.
static bool has_committed(struct ledger *ledger)
{
    struct fault ignored = {0};
    int64_t last = -1;
    if (ledger->database.has_failed || !sqlite3_get_autocommit(ledger->database.connection))
        return false;
    if (database_read_integer(&ledger->database, LEDGER_SQL_READ_LAST_SEQUENCE, -1, &last,
                              &ignored) == FAULT_NONE)
        return last + 1 == (int64_t)ledger->tree.size && ledger->tree.size > ledger->saved[0].size;
    ledger->database.has_failed = true;
    return false;
}

enum fault_code ledger_commit(struct ledger *ledger, struct fault *fault)
{
    assert(ledger->saved_count <= 1);
    struct fault own = {0};
    enum fault_code code = check_group(ledger, fault);
    if (code == FAULT_NONE) {
        code = database_run(&ledger->database, LEDGER_SQL_COMMIT, &own);
        if (code != FAULT_NONE && !has_committed(ledger))
            *fault = own;
        else
            code = FAULT_NONE;
    }
    if (code == FAULT_NONE)
        ledger->saved_count = 0;
    else
        ledger_abort(ledger);
    assert(sqlite3_get_autocommit(ledger->database.connection) || code != FAULT_NONE);
    return code;
}

void ledger_abort(struct ledger *ledger)
{
    if (ledger->saved_count == 0)
        return;
    sqlite3 *connection = ledger->database.connection;
    // What SQLite answers does not matter: it undid the group already, or does at closing.
    if (!sqlite3_get_autocommit(connection))
        sqlite3_exec(connection, ledger_sql[LEDGER_SQL_ROLLBACK], NULL, NULL, NULL);
    ledger->tree = ledger->saved[0];
    ledger->saved_count = 0;
    ledger->is_lost = false;
}

int64_t ledger_log_used(const struct ledger *ledger)
{
    return ledger->database.log_used;
}

enum fault_code ledger_checkpoint_wal(struct ledger *ledger, struct fault *fault)
{
    assert(ledger->saved_count == 0);
    return database_move_log(&ledger->database, fault);
}

// ---- The ledger's own entries

static enum fault_code insert_birth(struct ledger *ledger, int64_t sequence, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&ledger->database, LEDGER_SQL_INSERT_BIRTH, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, sequence);
    return database_step(&ledger->database, statement, &is_row, fault);
}

enum fault_code ledger_append_stored(struct ledger *ledger, const struct ledger_entry *entry,
                                     struct fault *fault)
{
    int64_t sequence = 0;
    assert(entry->sequence == (int64_t)ledger->tree.size);
    enum fault_code code = append(ledger, entry, &sequence, fault);
    if (code == FAULT_NONE &&
        (span_is(entry->type, type_created) || span_is(entry->type, type_continued)))
        code = insert_birth(ledger, sequence, fault);
    return code;
}

static void set_hex(json_t *body, const char *field, const unsigned char *bytes, size_t size)
{
    char hex[2 * LEDGER_HASH_SIZE + 1];
    assert(size <= LEDGER_HASH_SIZE);
    sodium_bin2hex(hex, sizeof hex, bytes, size);
    json_object_set_new(body, field, json_string(hex));
}

static void set_id(json_t *body, const char *field, int64_t id)
{
    char text[LEDGER_ID_TEXT_SIZE];
    ledger_write_id(id, -1, text, sizeof text);
    json_object_set_new(body, field, json_string(text));
}

// Appends a birth entry to the open group and notes it in table birth. `body` is stolen.
static enum fault_code append_birth(struct ledger *ledger, const char *type, int64_t time,
                                    const struct ledger_birth_facts *facts, json_t *body,
                                    struct fault *fault)
{
    struct arena arena = {0};
    int64_t sequence = 0;
    set_hex(body, "identity", facts->identity, sizeof facts->identity);
    set_hex(body, "public_key", facts->public_key, sizeof facts->public_key);
    set_id(body, "ledger", facts->ledger_id);
    json_object_set_new(body, "kind", json_string(facts->kind));
    struct ledger_entry entry = {.ledger_id = facts->ledger_id,
                                 .sequence = (int64_t)ledger->tree.size,
                                 .time = time,
                                 .node = facts->ledger_id,
                                 .type = span_from(type),
                                 .form = OWN_FORM,
                                 .part = 1,
                                 .parts = 1,
                                 .body = json_write(body, &arena)};
    enum fault_code code = append(ledger, &entry, &sequence, fault);
    if (code == FAULT_NONE)
        code = insert_birth(ledger, sequence, fault);
    arena_reset(&arena);
    json_decref(body);
    return code;
}

static bool set_kind(struct ledger_birth_facts *facts, const char *kind)
{
    size_t size = strlen(kind);
    if (size == 0 || size > LEDGER_KIND_SIZE)
        return false;
    memcpy(facts->kind, kind, size + 1);
    return true;
}

enum fault_code ledger_create(const struct ledger_birth *birth, struct fault *fault)
{
    struct ledger ledger = {.vfs = birth->vfs, .facts = {.ledger_id = birth->ledger_id}};
    assert(birth->ledger_id > 0);
    if (!set_kind(&ledger.facts, birth->kind))
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_FIELD_INVALID, text_string("kind"),
                         text_string(type_created));
    memcpy(ledger.facts.identity, birth->identity, LEDGER_IDENTITY_SIZE);
    memcpy(ledger.facts.public_key, birth->public_key, LEDGER_KEY_SIZE);
    enum fault_code code =
        ledger_open_database(birth->path, birth->vfs, DATABASE_CREATOR, &ledger.database, fault);
    if (code != FAULT_NONE)
        return code;
    code = ledger_check_version(&ledger.database, true, fault);
    if (code == FAULT_NONE)
        code = ledger_begin(&ledger, fault);
    if (code == FAULT_NONE)
        code = database_run_script(&ledger.database, LEDGER_SQL_SCHEMA, fault);
    if (code == FAULT_NONE)
        code =
            append_birth(&ledger, type_created, birth->time, &ledger.facts, json_object(), fault);
    if (code == FAULT_NONE)
        code = ledger_commit(&ledger, fault);
    if (code == FAULT_NONE)
        code = ledger_checkpoint_wal(&ledger, fault);
    ledger_abort(&ledger);
    database_close(&ledger.database);
    arena_reset(&ledger.arena);
    return code;
}

enum fault_code ledger_continue(struct ledger *ledger, const char *kind, int64_t time,
                                const unsigned char identity[LEDGER_IDENTITY_SIZE],
                                const unsigned char public_key[LEDGER_KEY_SIZE],
                                struct fault *fault)
{
    assert(ledger->saved_count == 0);
    struct ledger_birth_facts facts = {.ledger_id = ledger->facts.ledger_id + 1};
    if (!set_kind(&facts, kind) || ledger_generation(facts.ledger_id) == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_FIELD_INVALID, text_string("kind"),
                         text_string(type_continued));
    memcpy(facts.identity, identity, LEDGER_IDENTITY_SIZE);
    memcpy(facts.public_key, public_key, LEDGER_KEY_SIZE);
    struct ledger_hash root = ledger_tree_root(&ledger->tree);
    json_t *body = json_object();
    set_id(body, "from", ledger->facts.ledger_id);
    json_object_set_new(body, "from_size", json_integer((json_int_t)ledger->tree.size));
    set_hex(body, "from_root", root.bytes, sizeof root.bytes);
    enum fault_code code = ledger_begin(ledger, fault);
    if (code != FAULT_NONE) {
        json_decref(body);
        return code;
    }
    code = append_birth(ledger, type_continued, time, &facts, body, fault);
    if (code == FAULT_NONE)
        code = ledger_commit(ledger, fault);
    if (code == FAULT_NONE)
        ledger->facts = facts;
    else
        ledger_abort(ledger);
    return code;
}
