// SPDX-License-Identifier: GPL-3.0-or-later
//
// query.c: runs a named query: parameters by kind, rows by kind, pages by key.
//
// Parameters come as JSON values of their kind or, from a query string, as text; both are turned
// into the same value before they are bound. What is unknown, missing or of the wrong kind is
// refused by name.
//
// Pages. tools/sql_compile.c has wrapped a query that has an order: it takes :after_1.. (the key of
// the last row of the page before) and :limit. A cursor is that key: a JSON array, in hexadecimal.
// One row more than the limit is asked for, to know whether there is a next page.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "store/store_priv.h"

static enum fault_code refuse(const struct query_parameter *parameter, struct fault *fault)
{
    static const char *const kinds[] = {
        [QUERY_ID] = "id, 21-4711",
        [QUERY_TEXT] = "text",
        [QUERY_INTEGER] = "integer",
        [QUERY_REAL] = "number",
        [QUERY_BOOLEAN] = "true, false",
        [QUERY_TIME] = "2020-07-22T07:00:00+08:00",
        [QUERY_JSON] = "JSON",
        [QUERY_PERIOD] = "2020-07-22, 2020-W30, 2020-07, 2020-Q3, 2020",
    };
    return fault_set(fault, FAULT_INVALID, TEXT_STORE_PARAMETER_INVALID,
                     text_string(parameter->name), text_string(kinds[parameter->kind]));
}

// An integer of the parameter's kind. False: it is none.
static bool read_whole(const struct store *store, const struct query_parameter *parameter,
                       const json_t *value, int64_t *ret_value)
{
    if (json_is_integer(value)) {
        *ret_value = json_integer_value(value);
        return parameter->kind != QUERY_BOOLEAN || *ret_value == 0 || *ret_value == 1;
    }
    if (json_is_boolean(value)) {
        *ret_value = json_is_true(value);
        return parameter->kind == QUERY_BOOLEAN;
    }
    if (!json_is_string(value))
        return false;
    struct span text = {json_string_value(value), json_string_length(value)};
    switch (parameter->kind) {
    case QUERY_ID: return store_read_id(store, text, ret_value);
    case QUERY_TIME: return time_read_instant(text, ret_value) || span_to_integer(text, ret_value);
    case QUERY_BOOLEAN:
        *ret_value = span_is(text, "true") || span_is(text, "1");
        return *ret_value || span_is(text, "false") || span_is(text, "0");
    default: return span_to_integer(text, ret_value);
    }
}

static bool is_fitting_text(const struct query_parameter *parameter, struct span text)
{
    enum time_frequency frequency = TIME_DAILY;
    int32_t ordinal = 0;
    if (parameter->kind == QUERY_PERIOD)
        return time_read_period(text, &frequency, &ordinal);
    return text.size <= LIMIT_TEXT_SIZE && span_is_text(text);
}

static enum fault_code bind(struct query_run *run, const struct query_parameter *parameter,
                            const json_t *value, struct fault *fault)
{
    char name[80];
    snprintf(name, sizeof name, ":%s", parameter->name);
    int at = sqlite3_bind_parameter_index(run->statement, name); // 0: only the finisher reads it
    json_t *normal = NULL;
    if (parameter->kind == QUERY_TEXT || parameter->kind == QUERY_PERIOD) {
        struct span text = {json_string_value(value), json_string_length(value)};
        if (!json_is_string(value) || !is_fitting_text(parameter, text))
            return refuse(parameter, fault);
        int result = at == 0 ? SQLITE_OK
                             : sqlite3_bind_text64(run->statement, at, text.data, text.size,
                                                   SQLITE_TRANSIENT, SQLITE_UTF8);
        if (result != SQLITE_OK)
            return database_fault(&run->reader->database, result, fault);
        normal = run->normalised == NULL ? NULL : json_stringn(text.data, text.size);
    } else {
        int64_t whole = 0;
        if (!read_whole(run->reader->store, parameter, value, &whole))
            return refuse(parameter, fault);
        if (at > 0)
            sqlite3_bind_int64(run->statement, at, whole);
        normal = run->normalised == NULL ? NULL : json_integer(whole);
    }
    if (normal != NULL)
        json_object_set_new(run->normalised, parameter->name, normal);
    return FAULT_NONE;
}

static enum fault_code bind_parameters(struct query_run *run, const json_t *parameters,
                                       struct fault *fault)
{
    const char *name = NULL;
    json_t *value = NULL;
    enum fault_code code = FAULT_NONE;
    json_object_foreach((json_t *)parameters, name, value)
    {
        const struct query_parameter *parameter = run->row->parameter;
        while (parameter->name != NULL && strcmp(parameter->name, name) != 0)
            parameter++;
        bool is_paging = strcmp(name, "after") == 0 || strcmp(name, "limit") == 0 ||
                         (strcmp(name, "sort") == 0 && run->row->sort[0].name != NULL);
        if (parameter->name == NULL && !is_paging)
            return fault_set(fault, FAULT_INVALID, TEXT_STORE_PARAMETER_UNKNOWN, text_string(name),
                             text_string(run->row->name));
    }
    for (const struct query_parameter *parameter = run->row->parameter;
         parameter->name != NULL && code == FAULT_NONE; parameter++) {
        value = json_object_get(parameters, parameter->name);
        if (value != NULL && !json_is_null(value))
            code = bind(run, parameter, value, fault);
        else if (parameter->is_required)
            code = fault_set(fault, FAULT_INVALID, TEXT_STORE_PARAMETER_MISSING,
                             text_string(parameter->name), text_string(run->row->name));
    }
    return code;
}

static enum fault_code bind_limit(struct query_run *run, const json_t *parameters,
                                  struct fault *fault)
{
    static const struct query_parameter parameter = {"limit", QUERY_INTEGER, false};
    const json_t *value = json_object_get(parameters, "limit");
    int64_t limit = run->row->limit;
    if (value != NULL && (!read_whole(run->reader->store, &parameter, value, &limit) || limit < 1))
        return refuse(&parameter, fault);
    run->limit = limit < run->row->limit ? (int)limit : run->row->limit;
    int at = sqlite3_bind_parameter_index(run->statement, ":limit");
    if (at > 0)
        sqlite3_bind_int64(run->statement, at, (int64_t)run->limit + 1);
    return FAULT_NONE;
}

// "deadline" or "-deadline"; absent or empty: the query's own order.
static enum fault_code find_sort(struct query_run *run, const json_t *parameters,
                                 struct fault *fault)
{
    struct span wanted = json_text_or(parameters, "sort", "");
    const json_t *value = json_object_get(parameters, "sort");
    char known[LIMIT_TEXT_ARGUMENT_SIZE] = "";
    size_t size = 0;
    run->key = run->row->order;
    run->key_count = run->row->order_count;
    if (value == NULL || json_is_null(value) || (json_is_string(value) && wanted.size == 0))
        return FAULT_NONE;
    run->is_turned = span_starts(wanted, "-");
    struct span name = {wanted.data + run->is_turned, wanted.size - run->is_turned};
    for (const struct query_sort *sort = run->row->sort; sort->name != NULL; sort++) {
        if (json_is_string(value) && span_is(name, sort->name)) {
            run->sort = sort;
            run->key = sort->column;
            run->key_count = sort->count;
            return FAULT_NONE;
        }
        int more =
            snprintf(known + size, sizeof known - size, "%s%s", size == 0 ? "" : ", ", sort->name);
        size += more > 0 && size + (size_t)more < sizeof known ? (size_t)more : 0;
    }
    return fault_set(fault, FAULT_INVALID, TEXT_STORE_SORT_UNKNOWN, text_span(wanted),
                     text_string(known));
}

// The prepared statement of the order that is taken.
static enum fault_code take_statement(struct query_run *run, enum query_name name,
                                      struct fault *fault)
{
    struct store_reader *reader = run->reader;
    sqlite3_stmt **place = run->sort == NULL ? &reader->query[name]
                                             : &reader->sorted[run->sort->place + run->is_turned];
    const char *sql = run->sort == NULL ? run->row->sql : run->sort->sql[run->is_turned];
    enum fault_code code = FAULT_NONE;
    if (*place == NULL)
        code = connection_prepare(reader, AUTHORITY_QUERY, sql, place, fault);
    run->statement = *place;
    return code;
}

static bool bind_key(sqlite3_stmt *statement, int index, const json_t *value)
{
    char name[24];
    snprintf(name, sizeof name, ":after_%d", index + 1);
    int at = sqlite3_bind_parameter_index(statement, name);
    if (at > 0 && json_is_integer(value))
        return sqlite3_bind_int64(statement, at, json_integer_value(value)) == SQLITE_OK;
    if (at > 0 && json_is_real(value))
        return sqlite3_bind_double(statement, at, json_real_value(value)) == SQLITE_OK;
    return at > 0 && json_is_string(value) &&
           sqlite3_bind_text64(statement, at, json_string_value(value), json_string_length(value),
                               SQLITE_TRANSIENT, SQLITE_UTF8) == SQLITE_OK;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum fault_code bind_cursor(struct query_run *run, const json_t *parameters,
                                   struct fault *fault)
{
    const json_t *value = json_object_get(parameters, "after");
    if (value == NULL || json_is_null(value))
        return FAULT_NONE;
    char bytes[2048];
    struct span text = {json_string_value(value), json_string_length(value)};
    struct fault ignored = {0}; // What matters is that it is no cursor.
    json_t *cursor = NULL;
    bool is_cursor = json_is_string(value) && text.size % 2 == 0 && text.size / 2 <= sizeof bytes;
    for (size_t i = 0; is_cursor && i < text.size / 2; i++) {
        int high = digit_of(text.data[2 * i]), low = digit_of(text.data[2 * i + 1]);
        is_cursor = high >= 0 && low >= 0;
        bytes[i] = (char)(high * 16 + low);
    }
    is_cursor = is_cursor && run->key_count > 0 &&
                json_read((struct span){bytes, text.size / 2}, &cursor, &ignored) == FAULT_NONE;
    // The cursor of a sort is named after it: it is a place in that order and in no other.
    const json_t *key =
        run->sort == NULL
            ? cursor
            : json_object_get(cursor, json_string_value(json_object_get(parameters, "sort")));
    is_cursor = is_cursor && json_is_array(key) && json_array_size(key) == (size_t)run->key_count;
    for (int i = 0; is_cursor && i < run->key_count; i++)
        is_cursor = bind_key(run->statement, i, json_array_get(key, (size_t)i));
    json_decref(cursor);
    if (!is_cursor)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_CURSOR_INVALID, text_span(text));
    return FAULT_NONE;
}

enum fault_code query_begin(struct store_reader *reader, enum query_name name,
                            const json_t *parameters, struct query_run *ret_run,
                            struct fault *fault)
{
    assert((int)name >= 0 && (int)name < sql_query_count);
    struct query_run *run = ret_run;
    *run = (struct query_run){.reader = reader, .row = &sql_queries[name]};
    enum fault_code code = find_sort(run, parameters, fault);
    if (code == FAULT_NONE)
        code = take_statement(run, name, fault);
    if (code != FAULT_NONE)
        return code;
    // A query that is asked again by its own finisher would find its statement in use.
    assert(!sqlite3_stmt_busy(run->statement));
    if (run->row->then != NULL)
        run->normalised = json_object();
    code = bind_parameters(run, parameters, fault);
    if (code == FAULT_NONE)
        code = bind_limit(run, parameters, fault);
    if (code == FAULT_NONE)
        code = bind_cursor(run, parameters, fault);
    if (code != FAULT_NONE)
        query_end(run);
    return code;
}

enum fault_code query_step(struct query_run *run, bool *ret_is_row, struct fault *fault)
{
    int result = sqlite3_step(run->statement);
    *ret_is_row = result == SQLITE_ROW;
    if (result == SQLITE_ROW || result == SQLITE_DONE)
        return FAULT_NONE;
    if (result == SQLITE_INTERRUPT)
        return fault_set(fault, FAULT_BUSY, TEXT_STORE_READ_TOO_LONG, text_string(run->row->name),
                         text_integer(LIMIT_READ_MS / 1000));
    return database_fault(&run->reader->database, result, fault);
}

void query_end(struct query_run *run)
{
    if (run->statement != NULL) {
        sqlite3_reset(run->statement);
        sqlite3_clear_bindings(run->statement);
    }
    json_decref(run->normalised);
    run->normalised = NULL;
}

static json_t *column_value(sqlite3_stmt *statement, int column, enum query_kind kind)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return json_null();
    const char *text = NULL;
    size_t size = 0;
    switch (kind) {
    case QUERY_ID:
    case QUERY_INTEGER:
    case QUERY_TIME: return json_integer(sqlite3_column_int64(statement, column));
    case QUERY_REAL: return json_real(sqlite3_column_double(statement, column));
    case QUERY_BOOLEAN: return json_boolean(sqlite3_column_int(statement, column));
    case QUERY_JSON:
        text = (const char *)sqlite3_column_text(statement, column);
        size = (size_t)sqlite3_column_bytes(statement, column);
        return json_loadb(text, size, JSON_DECODE_ANY, NULL);
    case QUERY_TEXT:
    case QUERY_PERIOD: break;
    }
    text = (const char *)sqlite3_column_text(statement, column);
    size = (size_t)sqlite3_column_bytes(statement, column);
    return json_stringn(text, size);
}

json_t *query_row_object(const struct query_run *run)
{
    json_t *object = json_object();
    for (int i = 0; run->row->column[i].name != NULL && object != NULL; i++) {
        json_t *value = column_value(run->statement, i, run->row->column[i].kind);
        if (value == NULL ||
            json_object_set_new_nocheck(object, run->row->column[i].name, value) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

// A column of the key as it is compared.
static json_t *key_value(const struct query_run *run, int column)
{
    int type = sqlite3_column_type(run->statement, column);
    if (type == SQLITE_NULL) {
        assert(run->sort != NULL); // The columns of an order are never NULL (query.h).
        return run->row->column[column].kind == QUERY_TEXT ? json_string(QUERY_LAST_TEXT)
                                                           : json_integer(QUERY_LAST_NUMBER);
    }
    return column_value(run->statement, column,
                        type == SQLITE_INTEGER ? QUERY_INTEGER
                        : type == SQLITE_FLOAT ? QUERY_REAL
                                               : QUERY_TEXT);
}

const char *query_cursor(const struct query_run *run, struct arena *arena)
{
    json_t *key = json_array();
    for (int i = 0; i < run->key_count; i++)
        json_array_append_new(key, key_value(run, run->key[i]));
    if (run->sort != NULL)
        key = json_pack("{s+:o}", run->is_turned ? "-" : "", run->sort->name, key);
    struct span text = json_write(key, arena);
    char *cursor = text.data == NULL ? NULL : arena_allocate(arena, 2 * text.size + 1);
    for (size_t i = 0; i < text.size && cursor != NULL; i++)
        snprintf(cursor + 2 * i, 3, "%02x", (unsigned char)text.data[i]);
    json_decref(key);
    return cursor;
}

const struct query_finisher *query_find_finisher(const struct store *store, const char *name)
{
    for (size_t i = 0; i < store->options.finisher_count; i++)
        if (strcmp(store->options.finishers[i].name, name) == 0)
            return &store->options.finishers[i];
    return NULL;
}

static enum fault_code finish(struct query_run *run, struct arena *arena, json_t *rows,
                              struct fault *fault)
{
    const struct query_finisher *finisher = query_find_finisher(run->reader->store, run->row->then);
    if (finisher == NULL)
        return fault_set(fault, FAULT_CORRUPT, TEXT_STORE_FINISHER_MISSING,
                         text_string(run->row->then), text_string(run->row->name));
    struct query_context context = {
        .reader = run->reader, .row = run->row, .parameters = run->normalised, .arena = arena};
    return finisher->finish(&context, rows, fault);
}

enum fault_code query_rows(struct query_run *run, struct arena *arena, json_t **ret_rows,
                           const char **ret_next, struct fault *fault)
{
    json_t *rows = json_array();
    bool is_row = true;
    int count = 0;
    enum fault_code code = query_step(run, &is_row, fault);
    while (code == FAULT_NONE && is_row && count < run->limit) {
        json_t *object = query_row_object(run);
        const char *cursor = NULL;
        count++;
        if (object == NULL || json_array_append_new(rows, object) != 0)
            code = fault_set(fault, FAULT_CORRUPT, TEXT_STORE_ROW_MALFORMED,
                             text_string(run->row->name), text_integer(count));
        if (code == FAULT_NONE && ret_next != NULL && count == run->limit && run->key_count > 0)
            cursor = query_cursor(run, arena);
        if (code == FAULT_NONE)
            code = query_step(run, &is_row, fault);
        if (code == FAULT_NONE && is_row && cursor != NULL)
            *ret_next = cursor;
    }
    if (code == FAULT_NONE && is_row && run->row->order_count == 0)
        code = fault_set(fault, FAULT_FULL, TEXT_STORE_ROWS_TOO_MANY, text_string(run->row->name),
                         text_integer(run->limit));
    sqlite3_reset(run->statement);
    if (code == FAULT_NONE && run->row->then != NULL)
        code = finish(run, arena, rows, fault);
    if (code == FAULT_NONE)
        *ret_rows = rows;
    else
        json_decref(rows);
    return code;
}

enum fault_code store_reader_query(struct store_reader *reader, enum query_name name,
                                   const json_t *parameters, json_t **ret_rows, struct fault *fault)
{
    struct query_run run = {0};
    struct arena arena = {0};
    enum fault_code code = query_begin(reader, name, parameters, &run, fault);
    if (code != FAULT_NONE)
        return code;
    code = query_rows(&run, &arena, ret_rows, NULL, fault);
    query_end(&run);
    arena_reset(&arena);
    return code;
}

enum fault_code query_check_role(const struct query_row *row, const struct store_actor *actor,
                                 struct fault *fault)
{
    if (actor->role >= row->who)
        return FAULT_NONE;
    return fault_set(fault, FAULT_DENIED, TEXT_STORE_QUERY_DENIED, text_string(row->name));
}

enum fault_code store_query(struct store *store, enum query_name name,
                            const struct store_actor *actor, int64_t as_of,
                            const json_t *parameters, json_t **ret_rows, struct fault *fault)
{
    struct store_reader *reader = NULL;
    enum fault_code code = query_check_role(query_row_at(name), actor, fault);
    if (code == FAULT_NONE)
        code = store_reader_open(store, actor, as_of, &reader, fault);
    if (code == FAULT_NONE)
        code = store_reader_query(reader, name, parameters, ret_rows, fault);
    store_reader_close(reader);
    return code;
}
