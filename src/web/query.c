// SPDX-License-Identifier: GPL-3.0-or-later
//
// query.c: GET /api/v1/PATH for every query that has a path, and its list as CSV.
//
// A query's answer comes from the cache when the same reader, the same target and the same sequence
// were there before; else it is read on this pool thread (a second at most, store/query.h) and put
// there. The reader's scope comes from the session. A path that ends in a name, "/notices/{id}",
// answers 404 when there is no row: whether it is absent or out of scope looks the same.
//
// Export: what a list shows, page after page, as RFC 4180 CSV with a byte order mark (spreadsheets
// in Chinese Windows need it). A cell that a spreadsheet could take for a formula is preceded by an
// apostrophe: first character = + - @ TAB CR or a full-width = + - @, numbers excepted.
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "web/web_priv.h"

static const char type_json[] = "application/json; charset=utf-8";

static bool is_known_etag(const struct web_request *request, const char *etag)
{
    const char *wanted = web_request_header(request, "If-None-Match");
    return wanted != NULL && strstr(wanted, etag) != NULL;
}

static void answer_cached(struct web_request *request, struct web_cached *cached)
{
    bool is_known = is_known_etag(request, web_cached_etag(cached));
    request->cached = cached;
    request->response = web_cached_response(cached, request->accepts_gzip, is_known);
    request->status = is_known ? 304 : 200;
}

// True when the pattern ends in a brace: a thing, not a list.
static bool is_thing(const struct web_route *route)
{
    return route->path[strlen(route->path) - 1] == '}';
}

static enum fault_code read_answer(struct web_request *request, struct span *ret_answer,
                                   struct fault *fault)
{
    json_t *parameters = NULL;
    int64_t as_of = 0;
    enum fault_code code = web_request_parameters(request, &parameters, &as_of, fault);
    if (code == FAULT_NONE)
        code = store_query_write(request->server->options.store, request->route->query,
                                 &request->session.actor, as_of, parameters, &request->arena,
                                 ret_answer, fault);
    json_decref(parameters);
    return code;
}

// A fault of a reader who could not be served now is 503; of one who asked wrongly, its own.
static void answer_fault(struct web_request *request, const struct fault *fault)
{
    if (fault->code == FAULT_MISSING)
        web_answer_missing(request);
    else if (fault->code == FAULT_BUSY)
        web_answer_fault_as(request, 503, fault);
    else
        web_answer_fault(request, fault);
}

void web_query_run(struct web_request *request)
{
    struct web_server *server = request->server;
    struct fault fault = {.code = FAULT_NONE};
    struct web_cache_key key = {
        .actor = request->session.actor,
        .sequence = store_sequence(server->options.store),
        .minute = store_business_time(server->options.store) / TIME_MINUTE,
        .route = request->route,
        .target = span_from(request->target),
    };
    struct web_cached *cached = web_cache_find(server->cache, &key);
    if (cached != NULL) {
        answer_cached(request, cached);
        return;
    }
    struct span answer = {NULL, 0};
    if (read_answer(request, &answer, &fault) != FAULT_NONE) {
        answer_fault(request, &fault);
        return;
    }
    if (is_thing(request->route) && span_starts(answer, "{\"rows\":[]")) {
        web_answer_missing(request);
        return;
    }
    cached = web_cache_put(server->cache, server, &key, type_json, answer);
    if (cached != NULL)
        answer_cached(request, cached);
    else
        web_answer(request, 200, type_json, answer);
}

// ---- CSV -------------------------------------------------------------------------------------

struct export
{
    struct web_request *request;
    const struct query_row *query;
    char *text;
    size_t size, capacity;
    bool is_full;
};

static void put_bytes(struct export *export, const char *data, size_t size)
{
    if (export->is_full)
        return;
    if (export->size + size > export->capacity) {
        size_t capacity = export->capacity == 0 ? 65536 : export->capacity * 2;
        while (capacity < export->size + size)
            capacity *= 2;
        char *moved = memory_resize(export->text, capacity);
        if (moved == NULL) {
            export->is_full = true;
            return;
        }
        export->text = moved;
        export->capacity = capacity;
    }
    memcpy(export->text + export->size, data, size);
    export->size += size;
}

static bool is_formula(struct span text)
{
    static const char *const signs[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                        "\n", "＝", "＋", "－", "＠"};
    double number = 0;
    if (span_to_real(text, &number))
        return false;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (span_starts(text, signs[i]))
            return true;
    return false;
}

static void put_cell(struct export *export, struct span text)
{
    bool is_quoted = false;
    for (size_t i = 0; i < text.size; i++)
        is_quoted |= strchr(",\"\r\n;\t", text.data[i]) != NULL;
    bool is_guarded = is_formula(text);
    if (is_quoted)
        put_bytes(export, "\"", 1);
    if (is_guarded)
        put_bytes(export, "'", 1);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"')
            put_bytes(export, "\"", 1);
        put_bytes(export, text.data + i, 1);
    }
    if (is_quoted)
        put_bytes(export, "\"", 1);
}

static void put_value(struct export *export, const json_t *value)
{
    if (value == NULL || json_is_null(value))
        return;
    if (json_is_string(value)) {
        put_cell(export, (struct span){json_string_value(value), json_string_length(value)});
        return;
    }
    struct span text = json_write(value, &export->request->arena);
    if (text.data == NULL)
        export->is_full = true;
    else
        put_cell(export, text);
}

static void put_names(struct export *export)
{
    for (int i = 0; export->query->column[i].name != NULL; i++) {
        put_bytes(export, ",", i > 0);
        put_cell(export, span_from(export->query->column[i].name));
    }
    put_bytes(export, "\r\n", 2);
}

static void put_rows(struct export *export, const json_t *rows)
{
    for (size_t at = 0; at < json_array_size(rows); at++) {
        const json_t *row = json_array_get(rows, at);
        for (int i = 0; export->query->column[i].name != NULL; i++) {
            put_bytes(export, ",", i > 0);
            put_value(export, json_object_get(row, export->query->column[i].name));
        }
        put_bytes(export, "\r\n", 2);
    }
}

// Reads page after page. `parameters` carries `after` from one to the next.
static enum fault_code export_pages(struct export *export, json_t *parameters, int64_t as_of,
                                    struct fault *fault)
{
    struct web_request *request = export->request;
    size_t row_count = 0;
    json_object_del(parameters, "limit");
    for (;;) {
        struct span text = {NULL, 0};
        json_t *page = NULL;
        enum fault_code code = store_query_write(request->server->options.store,
                                                 request->route->query, &request->session.actor,
                                                 as_of, parameters, &request->arena, &text, fault);
        if (code == FAULT_NONE)
            code = json_read(text, &page, fault);
        if (code != FAULT_NONE)
            return code;
        const json_t *rows = json_object_get(page, "rows");
        put_rows(export, rows);
        row_count += json_array_size(rows);
        json_t *next = json_incref(json_object_get(page, "next"));
        json_decref(page);
        arena_reset(&request->arena);
        if (!json_is_string(next) || export->is_full) {
            json_decref(next);
            break;
        }
        json_object_set_new(parameters, "after", next);
        if (row_count >= LIMIT_HTTP_EXPORT_ROWS)
            return fault_set(fault, FAULT_FULL, TEXT_WEB_EXPORT_LARGE,
                             text_integer(LIMIT_HTTP_EXPORT_ROWS));
    }
    return export->is_full ? fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL) : FAULT_NONE;
}

void web_export_run(struct web_request *request)
{
    struct fault fault = {.code = FAULT_NONE};
    struct export export = {.request = request, .query = query_row_at(request->route->query)};
    json_t *parameters = NULL;
    int64_t as_of = 0;
    if (web_request_parameters(request, &parameters, &as_of, &fault) == FAULT_NONE) {
        put_bytes(&export, "\xEF\xBB\xBF", 3);
        put_names(&export);
        (void)export_pages(&export, parameters, as_of, &fault);
    }
    json_decref(parameters);
    if (fault.code != FAULT_NONE) {
        answer_fault(request, &fault);
    } else {
        web_answer(request, 200, "text/csv; charset=utf-8",
                   (struct span){export.text, export.size});
        web_answer_header(request, "Content-Disposition", "attachment; filename=\"levee.csv\"");
    }
    memory_free(export.text);
}
