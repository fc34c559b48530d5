// SPDX-License-Identifier: GPL-3.0-or-later
//
// query_write.c: the answer to a query as the web sends it, written straight into an arena.
//
//     {"rows":[{"id":"21-4711","raised_at":"2020-07-22T07:00:00+08:00",..},..],
//      "next":"5b..."|null,"as_of":"..","sequence":4711}
//
// A query without a finisher goes from SQLite's columns to bytes with nothing in between; one with
// a finisher makes its rows as JSON values first. Both write a value by the kind of its column, so
// that the answer does not depend on the way.
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "store/store_priv.h"

// Bytes that grow in an arena. What was outgrown stays there until the arena is reset.
struct output {
    struct arena *arena;
    char *data;
    size_t size, space;
    bool is_full;
};

static void put(struct output *output, const char *bytes, size_t size)
{
    if (output->size + size > output->space && !output->is_full) {
        size_t space = output->space == 0 ? 16 * 1024 : output->space;
        while (space < output->size + size)
            space *= 2;
        char *data = arena_allocate(output->arena, space);
        if (data != NULL && output->size > 0)
            memcpy(data, output->data, output->size);
        output->is_full = data == NULL;
        output->data = data == NULL ? output->data : data;
        output->space = data == NULL ? output->space : space;
    }
    if (output->is_full)
        return;
    memcpy(output->data + output->size, bytes, size);
    output->size += size;
}

static void put_string(struct output *output, const char *string)
{
    put(output, string, strlen(string));
}

static void put_quoted(struct output *output, const char *text, size_t size)
{
    size_t from = 0;
    put(output, "\"", 1);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        char escape[8];
        put(output, text + from, i - from);
        if (c == '"' || c == '\\')
            snprintf(escape, sizeof escape, "\\%c", c);
        else
            snprintf(escape, sizeof escape, "\\u%04x", c);
        put_string(output, escape);
        from = i + 1;
    }
    if (size > from)
        put(output, text + from, size - from);
    put(output, "\"", 1);
}

static void put_integer(struct output *output, int64_t value)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%" PRId64, value);
    put(output, text, (size_t)size);
}

static void put_real(struct output *output, double value)
{
    char text[40];
    assert(isfinite(value)); // No NaN leaves a module.
    snprintf(text, sizeof text, "%.15g", value);
    double back = 0;
    if (!span_to_real(span_from(text), &back) || back != value)
        snprintf(text, sizeof text, "%.17g", value);
    put_string(output, text);
}

// A whole number by its kind: an id or a time becomes text.
static void put_whole(struct output *output, const struct store *store, enum query_kind kind,
                      int64_t value)
{
    char text[64];
    size_t size = 0;
    if (kind == QUERY_ID && value == 0) {
        put_string(output, "null");
    } else if (kind == QUERY_ID) {
        size = store_write_id(store, value, text, sizeof text);
        put_quoted(output, text, size);
    } else if (kind == QUERY_TIME) {
        size = time_write_instant(value, text, sizeof text);
        put_quoted(output, text, size);
    } else if (kind == QUERY_BOOLEAN) {
        put_string(output, value != 0 ? "true" : "false");
    } else {
        put_integer(output, value);
    }
}

static void put_column(struct output *output, const struct query_run *run, int column)
{
    sqlite3_stmt *statement = run->statement;
    enum query_kind kind = run->row->column[column].kind;
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        put_string(output, "null");
    } else if (kind == QUERY_TEXT) {
        const char *text = (const char *)sqlite3_column_text(statement, column);
        put_quoted(output, text, (size_t)sqlite3_column_bytes(statement, column));
    } else if (kind == QUERY_JSON) {
        const char *text = (const char *)sqlite3_column_text(statement, column);
        put(output, text, (size_t)sqlite3_column_bytes(statement, column));
    } else if (kind == QUERY_REAL) {
        put_real(output, sqlite3_column_double(statement, column));
    } else {
        put_whole(output, run->reader->store, kind, sqlite3_column_int64(statement, column));
    }
}

static void put_json(struct output *output, const json_t *value)
{
    size_t size = json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
    char *text = arena_allocate(output->arena, size + 1);
    output->is_full |= text == NULL;
    if (text == NULL)
        return;
    json_dumpb(value, text, size, JSON_COMPACT | JSON_ENCODE_ANY);
    put(output, text, size);
}

// A value that a finisher has left, by the kind of its column.
static void put_value(struct output *output, const struct store *store, enum query_kind kind,
                      const json_t *value)
{
    if (value == NULL || json_is_null(value))
        put_string(output, "null");
    else if (json_is_integer(value) && kind != QUERY_JSON && kind != QUERY_REAL)
        put_whole(output, store, kind, json_integer_value(value));
    else if (kind == QUERY_REAL && json_is_number(value))
        put_real(output, json_number_value(value));
    else
        put_json(output, value);
}

static void put_names(struct output *output, const struct query_row *row, int column)
{
    put(output, column == 0 ? "{\"" : ",\"", 2);
    put_string(output, row->column[column].name);
    put(output, "\":", 2);
}

static enum fault_code put_direct(struct output *output, struct query_run *run,
                                  const char **ret_next, struct fault *fault)
{
    bool is_row = true;
    int count = 0;
    enum fault_code code = query_step(run, &is_row, fault);
    while (code == FAULT_NONE && is_row && count < run->limit) {
        const char *cursor = NULL;
        put(output, ",", count++ == 0 ? 0 : 1);
        for (int i = 0; run->row->column[i].name != NULL; i++) {
            put_names(output, run->row, i);
            put_column(output, run, i);
        }
        put(output, "}", 1);
        if (count == run->limit && run->row->order_count > 0)
            cursor = query_cursor(run, output->arena);
        code = query_step(run, &is_row, fault);
        if (code == FAULT_NONE && is_row)
            *ret_next = cursor;
    }
    if (code == FAULT_NONE && is_row && run->row->order_count == 0)
        code = fault_set(fault, FAULT_FULL, TEXT_STORE_ROWS_TOO_MANY, text_string(run->row->name),
                         text_integer(run->limit));
    return code;
}

static enum fault_code put_finished(struct output *output, struct query_run *run,
                                    const char **ret_next, struct fault *fault)
{
    json_t *rows = NULL, *row = NULL;
    size_t index = 0;
    enum fault_code code = query_rows(run, output->arena, &rows, ret_next, fault);
    json_array_foreach(rows, index, row)
    {
        put(output, ",", index == 0 ? 0 : 1);
        for (int i = 0; run->row->column[i].name != NULL; i++) {
            put_names(output, run->row, i);
            put_value(output, run->reader->store, run->row->column[i].kind,
                      json_object_get(row, run->row->column[i].name));
        }
        put(output, "}", 1);
    }
    json_decref(rows);
    return code;
}

static void put_tail(struct output *output, const struct store_reader *reader, const char *next)
{
    put_string(output, "],\"next\":");
    if (next == NULL)
        put_string(output, "null");
    else
        put_quoted(output, next, strlen(next));
    put_string(output, ",\"as_of\":");
    put_whole(output, reader->store, QUERY_TIME, reader->as_of);
    put_string(output, ",\"sequence\":");
    put_integer(output, reader->sequence);
    put(output, "}", 1);
}

enum fault_code store_query_write(struct store *store, enum query_name name,
                                  const struct store_actor *actor, int64_t as_of,
                                  const json_t *parameters, struct arena *arena,
                                  struct span *ret_answer, struct fault *fault)
{
    struct store_reader *reader = NULL;
    struct query_run run = {0};
    struct output output = {.arena = arena};
    const char *next = NULL;
    enum fault_code code = query_check_role(query_row_at(name), actor, fault);
    if (code == FAULT_NONE)
        code = store_reader_open(store, actor, as_of, &reader, fault);
    if (code == FAULT_NONE)
        code = query_begin(reader, name, parameters, &run, fault);
    if (code != FAULT_NONE)
        goto out;
    put_string(&output, "{\"rows\":[");
    code = run.row->then == NULL ? put_direct(&output, &run, &next, fault)
                                 : put_finished(&output, &run, &next, fault);
    put_tail(&output, reader, next);
    if (code == FAULT_NONE && output.is_full)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE)
        *ret_answer = (struct span){output.data, output.size};
    query_end(&run);
out:
    store_reader_close(reader);
    return code;
}
