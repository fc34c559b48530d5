// SPDX-License-Identifier: GPL-3.0-or-later
//
// state.c: state.db is made, recognised and brought up to the ledger.
//
// State is a function of the ledger, of the schema and of the apply files. Which ones it was made
// of stands in it (local_text "made_of"); when that does not fit, or the file is damaged, or it
// knows more than the ledger, it is thrown away and built from entry 0. So there is no migration of
// a state, and no repair.
//
// It is written with synchronous=NORMAL: a power cut may take its newest commits, never its order.
// Each of its commits comes after the ledger's, so what is lost there is applied again at opening.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/store_priv.h"

enum { MADE_OF_SIZE = 2 * (LEDGER_IDENTITY_SIZE + LEDGER_HASH_SIZE) + 1 };

void store_path(const char *folder, const char *name, char path[LIMIT_PATH_SIZE + 16])
{
    snprintf(path, LIMIT_PATH_SIZE + 16, "%s/%s", folder, name);
}

struct ledger_hash store_hash(struct span bytes)
{
    return ledger_hash_leaf(bytes);
}

void state_remove(const char *folder)
{
    static const char *const names[] = {"state.db", "state.db-wal", "state.db-shm",
                                        "state.db-journal"};
    char path[LIMIT_PATH_SIZE + 16];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        store_path(folder, names[i], path);
        unlink(path);
    }
}

// Chains the texts' hashes, so that no two sets of texts run together.
static struct ledger_hash add_text(struct ledger_hash hash, const char *text)
{
    unsigned char both[2 * LEDGER_HASH_SIZE];
    struct ledger_hash own = store_hash(span_from(text));
    memcpy(both, hash.bytes, LEDGER_HASH_SIZE);
    memcpy(both + LEDGER_HASH_SIZE, own.bytes, LEDGER_HASH_SIZE);
    return store_hash((struct span){(const char *)both, sizeof both});
}

static struct ledger_hash hash_of_texts;

static void hash_texts(void)
{
    struct ledger_hash hash = {{0}};
    for (int i = 0; i < sql_schema_count; i++)
        hash = add_text(hash, sql_schema[i]);
    for (int i = 0; i < sql_statement_count; i++)
        hash = add_text(hash, sql_statements[i].sql);
    hash_of_texts = hash;
}

static void write_made_of(const struct store *store, char text[MADE_OF_SIZE])
{
    static pthread_once_t is_hashed = PTHREAD_ONCE_INIT; // The texts are those of the program.
    pthread_once(&is_hashed, hash_texts);
    struct ledger_hash hash = hash_of_texts;
    size_t at = 0;
    for (int i = 0; i < LEDGER_IDENTITY_SIZE; i++, at += 2)
        snprintf(text + at, 3, "%02x", store->identity[i]);
    for (int i = 0; i < LEDGER_HASH_SIZE; i++, at += 2)
        snprintf(text + at, 3, "%02x", hash.bytes[i]);
    assert(at + 1 == MADE_OF_SIZE);
}

static enum fault_code write_text(struct store_reader *state, const char *name, const char *value,
                                  struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&state->database, STATE_SQL_WRITE_TEXT, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
    return database_step(&state->database, statement, &is_row, fault);
}

enum fault_code state_write_cursor(struct store *store, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&store->state.database, STATE_SQL_WRITE_CURSOR, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, store->cursor.applied);
    sqlite3_bind_int64(statement, 2, store->cursor.chain);
    sqlite3_bind_int64(statement, 3, store->cursor.time);
    sqlite3_bind_int64(statement, 4, store->cursor.fold);
    return database_step(&store->state.database, statement, &is_row, fault);
}

enum fault_code state_read_cursor(struct store *store, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&store->state.database, STATE_SQL_READ_CURSOR, &statement, fault);
    if (code == FAULT_NONE)
        code = database_step(&store->state.database, statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    if (!is_row)
        return fault_set(fault, FAULT_CORRUPT, TEXT_STORE_STATE_FOREIGN, {0});
    store->cursor = (struct state_cursor){.applied = sqlite3_column_int64(statement, 0),
                                          .chain = sqlite3_column_int64(statement, 1),
                                          .time = sqlite3_column_int64(statement, 2),
                                          .fold = sqlite3_column_int64(statement, 3)};
    sqlite3_reset(statement);
    return FAULT_NONE;
}

static enum fault_code make_tables(struct store *store, struct fault *fault)
{
    char made_of[MADE_OF_SIZE], ledger[24];
    struct store_reader *state = &store->state;
    enum fault_code code = database_run(&state->database, STATE_SQL_BEGIN, fault);
    for (int i = 0; i < sql_schema_count && code == FAULT_NONE; i++) {
        int result = sqlite3_exec(state->database.connection, sql_schema[i], NULL, NULL, NULL);
        if (result != SQLITE_OK)
            code = database_fault(&state->database, result, fault);
    }
    write_made_of(store, made_of);
    snprintf(ledger, sizeof ledger, "%" PRId64, store->ledger_id);
    if (code == FAULT_NONE)
        code = write_text(state, "made_of", made_of, fault);
    if (code == FAULT_NONE)
        code = write_text(state, "ledger", ledger, fault);
    store->cursor = (struct state_cursor){0};
    if (code == FAULT_NONE)
        code = state_write_cursor(store, fault);
    if (code == FAULT_NONE)
        code = database_run(&state->database, STATE_SQL_COMMIT, fault);
    return code;
}

// FAULT_MISSING, FAULT_CORRUPT or FAULT_INVALID: this state is none of ours.
static enum fault_code recognise(struct store *store, struct fault *fault)
{
    char made_of[MADE_OF_SIZE];
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    int64_t size = 0;
    write_made_of(store, made_of);
    enum fault_code code = connection_open(store, DATABASE_WRITER, &store->state, fault);
    if (code == FAULT_NONE)
        code = database_prepare(&store->state.database, STATE_SQL_READ_TEXT, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_text(statement, 1, "made_of", -1, SQLITE_STATIC);
    code = database_step(&store->state.database, statement, &is_row, fault);
    bool is_ours = code == FAULT_NONE && is_row &&
                   strcmp((const char *)sqlite3_column_text(statement, 0), made_of) == 0;
    sqlite3_reset(statement);
    if (code == FAULT_NONE && !is_ours)
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_STATE_FOREIGN, {0});
    if (code == FAULT_NONE)
        code = state_read_cursor(store, fault);
    if (code == FAULT_NONE)
        code = ledger_read_size(store->ledger, &size, fault);
    if (code == FAULT_NONE && store->cursor.applied > size)
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_STATE_FOREIGN, {0});
    return code;
}

struct catch_up {
    struct store *store;
    struct arena arena;
};

static enum fault_code apply_stored(void *context, const struct ledger_entry *entry,
                                    struct fault *fault)
{
    struct catch_up *catch_up = context;
    struct entry_view view = {0};
    enum fault_code code = apply_view(entry, &view, fault);
    if (code != FAULT_NONE)
        return code;
    code = apply_entry(catch_up->store, &view, &catch_up->arena, fault);
    json_decref(view.body);
    arena_reset(&catch_up->arena);
    catch_up->store->cursor.applied = entry->sequence + 1;
    catch_up->store->cursor.time = entry->time;
    return code;
}

static enum fault_code apply_slice(struct store *store, int64_t to, struct fault *fault)
{
    struct catch_up catch_up = {.store = store};
    struct state_cursor before = store->cursor;
    struct database *database = &store->state.database;
    enum fault_code code = database_run(database, STATE_SQL_BEGIN, fault);
    if (code != FAULT_NONE)
        return code;
    code = ledger_for_each(store->ledger, before.applied, to, apply_stored, &catch_up, fault);
    if (code == FAULT_NONE)
        code = state_write_cursor(store, fault);
    if (code == FAULT_NONE)
        code = database_run(database, STATE_SQL_COMMIT, fault);
    if (code != FAULT_NONE) {
        if (!sqlite3_get_autocommit(database->connection))
            sqlite3_exec(database->connection, state_sql[STATE_SQL_ROLLBACK], NULL, NULL, NULL);
        store->cursor = before;
    }
    arena_reset(&catch_up.arena);
    return code;
}

enum fault_code state_apply_from_ledger(struct store *store, struct fault *fault)
{
    int64_t size = 0;
    enum fault_code code = ledger_read_size(store->ledger, &size, fault);
    for (int slices = 1; code == FAULT_NONE && store->cursor.applied < size; slices++) {
        int64_t to = store->cursor.applied + LIMIT_CATCH_UP_ENTRIES;
        code = apply_slice(store, to < size ? to : size, fault);
        if (code == FAULT_NONE && slices % 8 == 0)
            code = database_checkpoint(&store->state.database, fault);
    }
    assert(code != FAULT_NONE || store->cursor.applied == size);
    return code;
}

enum fault_code state_open(struct store *store, struct fault *fault)
{
    struct fault first = {0};
    store->apply = memory_allocate(sizeof *store->apply * (size_t)(sql_statement_count + 1));
    if (store->apply == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    enum fault_code code = recognise(store, &first);
    bool is_new = code == FAULT_MISSING || code == FAULT_CORRUPT || code == FAULT_INVALID;
    if (is_new) {
        connection_close(&store->state);
        state_remove(store->folder);
        code = connection_open(store, DATABASE_CREATOR, &store->state, fault);
        if (code == FAULT_NONE)
            code = make_tables(store, fault);
    } else if (code != FAULT_NONE) {
        *fault = first;
    }
    if (code == FAULT_NONE)
        code = state_apply_from_ledger(store, fault);
    if (code == FAULT_NONE && is_new)
        code = follow_find_cursor(store, fault);
    return code;
}

enum fault_code state_read_office(struct store_reader *reader, struct fault *fault)
{
    static const char *const kinds[] = {"live", "replay", "drill"};
    struct store *store = reader->store;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&reader->database, STATE_SQL_READ_OFFICE, &statement, fault);
    if (code == FAULT_NONE)
        code = database_step(&reader->database, statement, &is_row, fault);
    if (code != FAULT_NONE || !is_row)
        return code;
    const char *kind = (const char *)sqlite3_column_text(statement, 0);
    for (int i = 0; i < 3; i++)
        if (strcmp(kind, kinds[i]) == 0)
            store->kind = (enum store_kind)i;
    snprintf(store->division_code, sizeof store->division_code, "%s",
             (const char *)sqlite3_column_text(statement, 1));
    snprintf(store->name, sizeof store->name, "%s",
             (const char *)sqlite3_column_text(statement, 2));
    store->division = sqlite3_column_int64(statement, 3);
    sqlite3_reset(statement);
    return FAULT_NONE;
}
