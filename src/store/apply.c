// SPDX-License-Identifier: GPL-3.0-or-later
//
// apply.c: what an entry does to the state: runs apply/TYPE.FORM.sql with the entry bound to it.
//
// A statement's parameters are looked up once, when it is first prepared:
//
//     :sequence :time :actor_post :division :command_id :part :parts :payload      from the head
//     :last_series :last_period :rows     of a block of the payload ("-- blocks: readings")
//     :anything                           the body's top-level field of that name
//
// A field that the body lacks is NULL; true and false are 1 and 0; objects and arrays are bound as
// JSON text. An entry without an apply file is a mistake of ours and refused, so that no entry can
// be forgotten when the state is built again.
//
// A statement over blocks runs once for each block of the payload. Rows and blocks are drawn in
// landing.c.
#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "store/store_priv.h"

static_assert(LANDING_PAYLOAD_SIZE(LIMIT_BATCH_PART_ROWS) <= LIMIT_ENTRY_PAYLOAD_SIZE,
              "a part of a batch must fit an entry");

const struct apply_row *apply_find(struct span type, int form, int *ret_count)
{
    int low = 0, high = sql_apply_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        struct span name = span_from(sql_applies[middle].type);
        size_t common = name.size < type.size ? name.size : type.size;
        int order = memcmp(name.data, type.data, common);
        if (order == 0)
            order = (name.size > type.size) - (name.size < type.size);
        if (order == 0)
            order = sql_applies[middle].form - form;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    int count = 0;
    while (low + count < sql_apply_count && sql_applies[low + count].form == form &&
           span_is(type, sql_applies[low + count].type))
        count++;
    *ret_count = count;
    return &sql_applies[low];
}

static enum apply_source source_of(const char *name, bool is_per_block)
{
    static const struct {
        const char *name;
        enum apply_source source;
    } known[] = {
        {"sequence", APPLY_SEQUENCE},
        {"time", APPLY_TIME},
        {"actor_post", APPLY_ACTOR_POST},
        {"division", APPLY_DIVISION},
        {"command_id", APPLY_COMMAND_ID},
        {"part", APPLY_PART},
        {"parts", APPLY_PARTS},
        {"payload", APPLY_PAYLOAD},
        {"last_series", APPLY_BLOCK_SERIES},
        {"last_period", APPLY_BLOCK_PERIOD},
        {"rows", APPLY_BLOCK_ROWS},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0 &&
            (is_per_block || known[i].source < APPLY_BLOCK_SERIES))
            return known[i].source;
    return APPLY_FIELD;
}

static enum fault_code prepare(struct store *store, int index, struct apply_prepared **ret_prepared,
                               struct fault *fault)
{
    struct apply_prepared *prepared = &store->apply[index];
    *ret_prepared = prepared;
    if (prepared->statement != NULL)
        return FAULT_NONE;
    const struct apply_statement *row = &sql_statements[index];
    enum fault_code code =
        connection_prepare(&store->state, AUTHORITY_APPLY, row->sql, &prepared->statement, fault);
    if (code != FAULT_NONE)
        return code;
    prepared->parameter_count = sqlite3_bind_parameter_count(prepared->statement);
    assert(prepared->parameter_count <= APPLY_PARAMETERS);
    for (int i = 0; i < prepared->parameter_count; i++) {
        const char *name = sqlite3_bind_parameter_name(prepared->statement, i + 1) + 1;
        prepared->parameter[i].field = name;
        prepared->parameter[i].source = source_of(name, row->is_per_block);
    }
    return FAULT_NONE;
}

// False: no memory, or a real number, which has no place in an entry.
static bool bind_json(sqlite3_stmt *statement, int at, const json_t *value, struct arena *arena)
{
    if (value == NULL || json_is_null(value))
        return sqlite3_bind_null(statement, at) == SQLITE_OK;
    if (json_is_integer(value))
        return sqlite3_bind_int64(statement, at, json_integer_value(value)) == SQLITE_OK;
    if (json_is_boolean(value))
        return sqlite3_bind_int(statement, at, json_is_true(value)) == SQLITE_OK;
    if (json_is_string(value))
        return sqlite3_bind_text64(statement, at, json_string_value(value),
                                   json_string_length(value), SQLITE_STATIC,
                                   SQLITE_UTF8) == SQLITE_OK;
    struct span text = json_is_real(value) ? (struct span){0} : json_write(value, arena);
    return text.data != NULL && sqlite3_bind_text64(statement, at, text.data, text.size,
                                                    SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
}

static bool bind_entry(const struct apply_prepared *prepared, const struct entry_view *entry,
                       struct arena *arena)
{
    sqlite3_stmt *statement = prepared->statement;
    bool is_bound = true;
    for (int i = 0; i < prepared->parameter_count && is_bound; i++) {
        int at = i + 1, result = SQLITE_OK;
        switch (prepared->parameter[i].source) {
        case APPLY_SEQUENCE: result = sqlite3_bind_int64(statement, at, entry->sequence); break;
        case APPLY_TIME: result = sqlite3_bind_int64(statement, at, entry->time); break;
        case APPLY_ACTOR_POST: result = sqlite3_bind_int64(statement, at, entry->actor_post); break;
        case APPLY_DIVISION: result = sqlite3_bind_int64(statement, at, entry->division); break;
        case APPLY_PART: result = sqlite3_bind_int(statement, at, entry->part); break;
        case APPLY_PARTS: result = sqlite3_bind_int(statement, at, entry->parts); break;
        case APPLY_COMMAND_ID:
            result =
                sqlite3_bind_blob(statement, at, entry->command_id, COMMAND_ID_SIZE, SQLITE_STATIC);
            break;
        case APPLY_PAYLOAD:
            result = sqlite3_bind_blob64(statement, at, entry->payload.data, entry->payload.size,
                                         SQLITE_STATIC);
            break;
        case APPLY_FIELD:
            is_bound = bind_json(statement, at,
                                 json_object_get(entry->body, prepared->parameter[i].field), arena);
            break;
        case APPLY_BLOCK_SERIES:
        case APPLY_BLOCK_PERIOD:
        case APPLY_BLOCK_ROWS: break;
        }
        is_bound = is_bound && result == SQLITE_OK;
    }
    return is_bound;
}

static enum fault_code step(struct store *store, sqlite3_stmt *statement, const char *path,
                            struct fault *fault)
{
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (result == SQLITE_DONE || result == SQLITE_ROW)
        return FAULT_NONE;
    // A constraint or a wrong type: the command and its apply file do not fit each other.
    int kind = result & 0xff;
    if (kind == SQLITE_CONSTRAINT || kind == SQLITE_MISMATCH || kind == SQLITE_ERROR)
        return fault_set(fault, FAULT_CORRUPT, TEXT_STORE_APPLY_FAILED, text_string(path),
                         text_string(sqlite3_errmsg(store->state.database.connection)));
    return database_fault(&store->state.database, result, fault);
}

static enum fault_code run_blocks(struct store *store, const struct apply_prepared *prepared,
                                  const struct entry_view *entry, const char *path,
                                  struct fault *fault)
{
    struct landing_payload payload = {.left = entry->payload};
    int at[3] = {0};
    for (int i = 0; i < prepared->parameter_count; i++)
        if (prepared->parameter[i].source >= APPLY_BLOCK_SERIES &&
            prepared->parameter[i].source <= APPLY_BLOCK_ROWS)
            at[prepared->parameter[i].source - APPLY_BLOCK_SERIES] = i + 1;
    assert(at[0] > 0 && at[1] > 0 && at[2] > 0); // tools/sql_compile.c has seen to it.
    enum fault_code code = FAULT_NONE;
    while (payload.left.size > 0 && code == FAULT_NONE) {
        if (!landing_take_block(&payload))
            return fault_set(fault, FAULT_CORRUPT, TEXT_STORE_APPLY_FAILED, text_string(path),
                             text_string("payload"));
        sqlite3_bind_int64(prepared->statement, at[0], payload.last.series);
        sqlite3_bind_int64(prepared->statement, at[1], payload.last.period);
        sqlite3_bind_blob64(prepared->statement, at[2], payload.rows.data, payload.rows.size,
                            SQLITE_STATIC);
        code = step(store, prepared->statement, path, fault);
    }
    return code;
}

// Why an entry could not be bound: a real number is in it, or there was no memory.
static enum fault_code refuse_binding(const struct entry_view *entry, const char *path,
                                      struct fault *fault)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(entry->body, name, value) if (json_is_real(value)) return fault_set(
        fault, FAULT_CORRUPT, TEXT_STORE_APPLY_FAILED, text_string(path), text_string(name));
    return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
}

static enum fault_code run_statement(struct store *store, int index, const char *path,
                                     const struct entry_view *entry, struct arena *arena,
                                     struct fault *fault)
{
    struct apply_prepared *prepared = NULL;
    enum fault_code code = prepare(store, index, &prepared, fault);
    if (code != FAULT_NONE)
        return code;
    if (!bind_entry(prepared, entry, arena))
        code = refuse_binding(entry, path, fault);
    else if (sql_statements[index].is_per_block)
        code = run_blocks(store, prepared, entry, path, fault);
    else
        code = step(store, prepared->statement, path, fault);
    sqlite3_clear_bindings(prepared->statement); // They point into the entry.
    return code;
}

static enum fault_code note_command(struct store *store, const struct entry_view *entry,
                                    struct fault *fault)
{
    static const unsigned char none[COMMAND_ID_SIZE];
    if (memcmp(entry->command_id, none, sizeof none) == 0)
        return FAULT_NONE;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&store->state.database, STATE_SQL_NOTE_COMMAND, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_blob(statement, 1, entry->command_id, COMMAND_ID_SIZE, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, entry->sequence);
    return database_step(&store->state.database, statement, &is_row, fault);
}

enum fault_code apply_entry(struct store *store, const struct entry_view *entry,
                            struct arena *arena, struct fault *fault)
{
    int count = 0;
    assert(entry->part >= 1 && entry->part <= entry->parts);
    const struct apply_row *row = apply_find(entry->type, entry->form, &count);
    if (count == 0)
        return fault_set(fault, FAULT_CORRUPT, TEXT_STORE_APPLY_MISSING, text_span(entry->type),
                         text_integer(entry->form), text_integer(entry->sequence));
    enum fault_code code = note_command(store, entry, fault);
    for (int i = 0; i < count && code == FAULT_NONE; i++)
        for (int k = 0; k < row[i].count && code == FAULT_NONE; k++)
            code = run_statement(store, row[i].first + k, row[i].path, entry, arena, fault);
    return code;
}

void apply_close(struct store *store)
{
    for (int i = 0; store->apply != NULL && i < sql_statement_count; i++)
        sqlite3_finalize(store->apply[i].statement);
    memory_free(store->apply);
    store->apply = NULL;
}

enum fault_code apply_view(const struct ledger_entry *entry, struct entry_view *ret_view,
                           struct fault *fault)
{
    json_t *body = NULL;
    enum fault_code code = json_read(entry->body, &body, fault);
    if (code != FAULT_NONE)
        return code;
    *ret_view = (struct entry_view){.sequence = entry->sequence,
                                    .time = entry->time,
                                    .actor_post = entry->actor,
                                    .division = entry->division,
                                    .type = entry->type,
                                    .form = entry->form,
                                    .part = entry->part,
                                    .parts = entry->parts,
                                    .body = body,
                                    .payload = entry->payload};
    memcpy(ret_view->command_id, entry->command_id, COMMAND_ID_SIZE);
    return FAULT_NONE;
}
