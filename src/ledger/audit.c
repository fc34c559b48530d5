// SPDX-License-Identifier: GPL-3.0-or-later
//
// audit.c: a ledger file read from end to end by somebody who trusts nothing but a key.
//
// In one read transaction, and up to the first damage:
//
//     definition    the tables and triggers are those of ledger.sql, no more and no fewer
//     entries       hashed and held against the stored tree (walk.c); sequence and ledger id fit;
//                   ledger.created stands at 0 only, ledger.continued names the tree before it
//     births        table birth lists exactly those entries
//     checkpoints   each has a good signature by the key of its time, and the root which the
//     entries
//                   give at its size; none reaches past the end
//     held          the auditor's own key is the ledger's, and his checkpoint is one of this tree
//     pages         SQLite's integrity_check, for damage that reaches no entry
//
// What this finds and what not: every flipped bit that reaches an entry, a node or a checkpoint,
// and every edit by somebody who cannot sign. Who holds the signing key can write another history;
// then the checkpoint in somebody else's hands is what tells (held). A file put back from a backup
// is whole; again only a held checkpoint knows better.
//
// A sentence names the damage; nothing is repaired here. A walk keeps the WAL from being emptied
// while it runs.
#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "ledger/ledger_priv.h"
#include "ledger_sql.h"

enum { PROGRESS_COUNT = 4096 }; // entries between two calls of progress

struct audit {
    const struct ledger_audit_options *options;
    struct ledger ledger; // its facts are those at the place where the walk stands
    struct ledger_walk walk;
    struct ledger_checkpoint held; // size 0: none
    sqlite3_stmt *checkpoints;
    int64_t checkpoint_size; // of the next checkpoint, INT64_MAX: no more
    sqlite3_stmt *births;
    int64_t birth; // the next row of table birth, INT64_MAX: no more
    struct ledger_report report;
};

// ---- Definition

static bool is_same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
    for (int i = 0; i < 2; i++) {
        const char *left = (const char *)sqlite3_column_text(a, i);
        const char *right = (const char *)sqlite3_column_text(b, i);
        if (left == NULL || right == NULL || strcmp(left, right) != 0)
            return false;
    }
    return true;
}

// Compares the definitions with those that the schema makes in an empty database in memory.
static enum fault_code check_definition(struct audit *audit, struct fault *fault)
{
    struct database pattern = {0}, *file = &audit->ledger.database;
    sqlite3_stmt *wanted = NULL, *found = NULL;
    bool is_wanted = true, is_found = true, is_same = true;
    enum fault_code code =
        ledger_open_database(":memory:", "memdb", DATABASE_CREATOR, &pattern, fault);
    if (code == FAULT_NONE)
        code = database_run_script(&pattern, LEDGER_SQL_SCHEMA, fault);
    if (code == FAULT_NONE)
        code = database_prepare(&pattern, LEDGER_SQL_READ_DEFINITION, &wanted, fault);
    if (code == FAULT_NONE)
        code = database_prepare(file, LEDGER_SQL_READ_DEFINITION, &found, fault);
    while (code == FAULT_NONE && is_same && is_wanted) {
        code = database_step(&pattern, wanted, &is_wanted, fault);
        if (code == FAULT_NONE)
            code = database_step(file, found, &is_found, fault);
        is_same = code == FAULT_NONE && is_wanted == is_found &&
                  (!is_wanted || is_same_row(wanted, found));
    }
    if (code == FAULT_NONE && !is_same)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_DEFINITION_DIFFERS,
                         text_string(file->path));
    if (found != NULL)
        sqlite3_reset(found);
    database_close(&pattern);
    return code;
}

// ---- Births

static enum fault_code next_birth(struct audit *audit, struct fault *fault)
{
    bool is_row = false;
    enum fault_code code = database_step(&audit->ledger.database, audit->births, &is_row, fault);
    if (code == FAULT_NONE)
        audit->birth = is_row ? sqlite3_column_int64(audit->births, 0) : INT64_MAX;
    return code;
}

// A continuation names the tree before it, which is the one just walked without its last entry.
static bool continues(struct audit *audit, const struct ledger_entry *entry,
                      const struct ledger_birth_facts *facts)
{
    struct fault ignored = {0};
    json_t *body = NULL;
    if (json_read(entry->body, &body, &ignored) != FAULT_NONE)
        return false;
    int64_t size = json_integer_or(body, "from_size", -1);
    json_decref(body);
    return size == entry->sequence && facts->ledger_id == audit->ledger.facts.ledger_id + 1;
}

static enum fault_code check_birth(struct audit *audit, const struct ledger_entry *entry,
                                   struct fault *fault)
{
    bool is_created = span_is(entry->type, "ledger.created"),
         is_continued = span_is(entry->type, "ledger.continued");
    struct ledger_birth_facts facts = {0};
    struct fault reading = {0};
    if (!is_created && !is_continued)
        return entry->sequence != audit->birth
                   ? FAULT_NONE
                   : fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_BIRTH_DAMAGED,
                               text_integer(entry->sequence),
                               text_string(audit->ledger.database.path));
    if (is_created != (entry->sequence == 0) || entry->sequence != audit->birth ||
        ledger_read_facts(entry, &facts, &reading) != FAULT_NONE ||
        (is_continued && !continues(audit, entry, &facts)))
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_BIRTH_DAMAGED,
                         text_integer(entry->sequence), text_string(audit->ledger.database.path));
    audit->ledger.facts = facts;
    return next_birth(audit, fault);
}

// ---- Checkpoints

static enum fault_code next_checkpoint(struct audit *audit, struct fault *fault)
{
    bool is_row = false;
    enum fault_code code =
        database_step(&audit->ledger.database, audit->checkpoints, &is_row, fault);
    if (code == FAULT_NONE)
        audit->checkpoint_size = is_row ? sqlite3_column_int64(audit->checkpoints, 0) : INT64_MAX;
    return code;
}

static enum fault_code check_checkpoint(struct audit *audit, struct fault *fault)
{
    struct ledger_checkpoint checkpoint = {0};
    struct fault opening = {0};
    struct text_argument path = text_string(audit->ledger.database.path);
    struct ledger_hash root = ledger_tree_root(&audit->walk.tree);
    struct span note = {(const char *)sqlite3_column_text(audit->checkpoints, 1),
                        (size_t)sqlite3_column_bytes(audit->checkpoints, 1)};
    if (ledger_open_checkpoint(note, audit->ledger.facts.public_key, &checkpoint, &opening) !=
            FAULT_NONE ||
        checkpoint.size != audit->checkpoint_size ||
        checkpoint.ledger_id != audit->ledger.facts.ledger_id ||
        memcmp(checkpoint.identity, audit->ledger.facts.identity, LEDGER_IDENTITY_SIZE) != 0)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_CHECKPOINT_DAMAGED,
                         text_integer(audit->checkpoint_size), path);
    if (!ledger_hash_equal(&checkpoint.root, &root))
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_CHECKPOINT_DIFFERS,
                         text_integer(audit->report.signed_size),
                         text_integer(audit->checkpoint_size - 1), path);
    audit->report.signed_size = audit->checkpoint_size;
    audit->report.checkpoint_count++;
    return next_checkpoint(audit, fault);
}

static enum fault_code check_held(struct audit *audit, struct fault *fault)
{
    struct ledger_hash root = ledger_tree_root(&audit->walk.tree);
    if (ledger_hash_equal(&audit->held.root, &root))
        return FAULT_NONE;
    return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_HELD_DIFFERS, text_integer(audit->held.size),
                     text_string(audit->ledger.database.path));
}

// ---- The whole

static enum fault_code check_entry(struct audit *audit, const struct ledger_entry *entry,
                                   struct fault *fault)
{
    int64_t size = entry->sequence + 1;
    enum fault_code code = check_birth(audit, entry, fault);
    if (code == FAULT_NONE && entry->ledger_id != audit->ledger.facts.ledger_id)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_NAMED_DAMAGED,
                         text_integer(entry->sequence), text_span(entry->type),
                         text_string(audit->ledger.database.path));
    if (code == FAULT_NONE && audit->checkpoint_size == size)
        code = check_checkpoint(audit, fault);
    if (code == FAULT_NONE && audit->held.size == size)
        code = check_held(audit, fault);
    return code;
}

static enum fault_code check_entries(struct audit *audit, int64_t size, struct fault *fault)
{
    const struct ledger_audit_options *options = audit->options;
    struct ledger_entry entry = {0};
    bool is_entry = true;
    enum fault_code code =
        ledger_walk_begin(&audit->walk, &audit->ledger, &(struct ledger_tree){0}, fault);
    while (code == FAULT_NONE) {
        code = ledger_walk_next(&audit->walk, &is_entry, &entry, fault);
        if (code != FAULT_NONE || !is_entry)
            break;
        code = check_entry(audit, &entry, fault);
        if (options->progress != NULL && audit->walk.tree.size % PROGRESS_COUNT == 0)
            options->progress(options->context, (int64_t)audit->walk.tree.size, size);
    }
    ledger_walk_end(&audit->walk);
    return code;
}

static enum fault_code check_end(struct audit *audit, struct fault *fault)
{
    int64_t size = (int64_t)audit->walk.tree.size;
    struct text_argument path = text_string(audit->ledger.database.path);
    int64_t promised = audit->held.size;
    if (audit->checkpoint_size != INT64_MAX && audit->checkpoint_size > promised)
        promised = audit->checkpoint_size;
    if (size == 0)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_GONE, text_integer(0), path);
    if (promised > size)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_TRUNCATED, text_integer(size),
                         text_integer(promised), path);
    if (audit->checkpoint_size != INT64_MAX)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_CHECKPOINT_DAMAGED,
                         text_integer(audit->checkpoint_size), path);
    if (audit->birth != INT64_MAX)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_BIRTH_DAMAGED,
                         text_integer(audit->birth), path);
    const unsigned char *key = audit->options->public_key;
    if (key != NULL && memcmp(key, audit->ledger.facts.public_key, LEDGER_KEY_SIZE) != 0)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_KEY_DIFFERS, path);
    return FAULT_NONE;
}

static enum fault_code check_pages(struct audit *audit, struct fault *fault)
{
    struct database *database = &audit->ledger.database;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = database_prepare(database, LEDGER_SQL_CHECK_PAGES, &statement, fault);
    if (code == FAULT_NONE)
        code = database_step(database, statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    const char *words = is_row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (words == NULL || strcmp(words, "ok") != 0)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_PAGES_DAMAGED,
                         text_string(words == NULL ? "?" : words), text_string(database->path));
    sqlite3_reset(statement);
    return code;
}

static enum fault_code begin(struct audit *audit, int64_t *ret_size, struct fault *fault)
{
    struct database *database = &audit->ledger.database;
    int64_t last = -1;
    enum fault_code code = database_run(database, LEDGER_SQL_BEGIN_READING, fault);
    if (code == FAULT_NONE)
        code = ledger_check_version(database, false, fault);
    if (code == FAULT_NONE)
        code = check_definition(audit, fault);
    if (code == FAULT_NONE)
        code = database_read_integer(database, LEDGER_SQL_READ_LAST_SEQUENCE, -1, &last, fault);
    if (code == FAULT_NONE)
        code = database_prepare(database, LEDGER_SQL_WALK_CHECKPOINTS, &audit->checkpoints, fault);
    if (code == FAULT_NONE)
        code = database_prepare(database, LEDGER_SQL_WALK_BIRTHS, &audit->births, fault);
    if (code == FAULT_NONE)
        code = next_checkpoint(audit, fault);
    if (code == FAULT_NONE)
        code = next_birth(audit, fault);
    *ret_size = last + 1;
    return code;
}

// Opens the auditor's checkpoint with the auditor's key, or with the one that the ledger names.
static enum fault_code open_held(struct audit *audit, struct fault *fault)
{
    const struct ledger_audit_options *options = audit->options;
    struct ledger_birth_facts facts = {0};
    enum fault_code code = FAULT_NONE;
    if (options->held_note.size == 0)
        return FAULT_NONE;
    if (options->public_key == NULL)
        code = ledger_read_facts_before(&audit->ledger, INT64_MAX, &facts, fault);
    if (code == FAULT_NONE)
        code = ledger_open_checkpoint(options->held_note,
                                      options->public_key == NULL ? facts.public_key
                                                                  : options->public_key,
                                      &audit->held, fault);
    return code;
}

enum fault_code ledger_audit(const struct ledger_audit_options *options,
                             struct ledger_report *ret_report, struct fault *fault)
{
    struct audit audit = {.options = options};
    struct fault reading = {0};
    int64_t size = 0;
    enum fault_code code = ledger_open_database(options->path, options->vfs, DATABASE_READER,
                                                &audit.ledger.database, &reading);
    if (code == FAULT_NONE)
        code = begin(&audit, &size, &reading);
    if (code == FAULT_NONE)
        code = open_held(&audit, &reading);
    if (code == FAULT_NONE)
        code = check_entries(&audit, size, &reading);
    if (code == FAULT_NONE)
        code = check_end(&audit, &reading);
    if (code == FAULT_NONE)
        code = check_pages(&audit, &reading);
    database_close(&audit.ledger.database);
    // SQLite's own words about a page say "restore"; here the reader also learns how far it was
    // whole.
    if (code == FAULT_CORRUPT && reading.key == TEXT_DATABASE_CORRUPT)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_FILE_DAMAGED,
                         text_integer((int64_t)audit.walk.tree.size), reading.argument[0],
                         reading.argument[1]);
    if (code != FAULT_NONE) {
        *fault = reading;
        return code;
    }
    audit.report.ledger_id = audit.ledger.facts.ledger_id;
    audit.report.entry_count = (int64_t)audit.walk.tree.size;
    audit.report.root = ledger_tree_root(&audit.walk.tree);
    *ret_report = audit.report;
    return FAULT_NONE;
}
