// SPDX-License-Identifier: GPL-3.0-or-later
//
// request.c: one request from its first line to its end.
//
// Idea: everything that can be refused is refused at the head, before a byte of the body is read;
// the library then closes the connection, so that what follows cannot be taken for a request. The
// order of the checks is the order of request_open: ambiguity, size, route, sign-in, role, origin.
// "Not there" comes before "not signed in" for paths only: a path is in the documents anyway.
//
// A write is taken only from our own pages: Origin must be the Host that was asked, or
// Sec-Fetch-Site must say same-origin. One of the two must be there. (SameSite=Strict and the
// Content-Type stand behind it.)
//
// Invariants: body_size <= route->body_limit; a parked request has exactly one waker.
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "web/web_priv.h"

enum {
    HEAD_ALLOWED_MS = 10 * 1000,
    ANSWER_ALLOWED_MS = 5 * 60 * 1000, // 20 MiB at 64 kB/s
    BODY_FIRST_SIZE = 4096,
};

void *web_request_begin(void *context, const char *target, struct MHD_Connection *connection)
{
    struct web_server *server = context;
    size_t size = strlen(target);
    size_t kept = size < LIMIT_HTTP_TARGET_SIZE ? size : LIMIT_HTTP_TARGET_SIZE;
    struct web_request *request = memory_allocate(sizeof *request + kept + 1);
    if (request == NULL)
        return NULL;
    memcpy(request->target, target, kept);
    request->server = server;
    request->connection = connection;
    request->target_begin = target;
    request->target_end = target + size;
    struct span rest = {request->target, kept};
    request->path = span_cut(&rest, '?');
    request->query = rest;
    request->language = TEXT_ENGLISH;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    request->client = info == NULL ? NULL : info->socket_context;
    web_client_begin(request->client);
    atomic_fetch_add(&server->in_flight, 1);
    return request;
}

const char *web_request_header(const struct web_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result collect(void *context, enum MHD_ValueKind kind, const char *name,
                               size_t name_size, const char *value, size_t value_size)
{
    (void)kind;
    guard_add(context, (struct span){name, name_size}, (struct span){value, value_size});
    return MHD_YES;
}

static bool read_method(struct web_request *request, const char *method)
{
    for (int i = 0; i < WEB_METHODS; i++) {
        if (strcmp(method, web_method_name((enum web_method)i)) == 0) {
            request->method = (enum web_method)i;
            return true;
        }
    }
    request->method = WEB_GET;
    return strcmp(method, "HEAD") == 0;
}

// "http://host:port" or "https://host:port" against the Host header.
static bool is_own_origin(const char *origin, const char *host)
{
    const char *behind = strstr(origin, "://");
    return behind != NULL && host != NULL && strcasecmp(behind + 3, host) == 0;
}

static bool is_from_own_page(const struct web_request *request)
{
    const char *origin = web_request_header(request, "Origin");
    const char *site = web_request_header(request, "Sec-Fetch-Site");
    if (origin == NULL && site == NULL)
        return false;
    if (site != NULL && strcmp(site, "same-origin") != 0)
        return false;
    return origin == NULL || is_own_origin(origin, web_request_header(request, "Host"));
}

static void refuse_method(struct web_request *request, unsigned allowed)
{
    char list[64];
    snprintf(list, sizeof list, "%s%s%s", allowed >> WEB_GET & 1 ? "GET, HEAD, " : "",
             allowed >> WEB_POST & 1 ? "POST, " : "", allowed >> WEB_DELETE & 1 ? "DELETE, " : "");
    list[strlen(list) - strlen(", ")] = '\0';
    web_refuse(request, 405, FAULT_INVALID, TEXT_WEB_METHOD, text_string(list));
    web_answer_header(request, "Allow", list);
}

static bool has_wanted_type(const struct web_request *request)
{
    const char *type = web_request_header(request, "Content-Type");
    size_t size = strlen(request->route->body_type);
    return type != NULL && strncasecmp(type, request->route->body_type, size) == 0 &&
           (type[size] == '\0' || type[size] == ';' || type[size] == ' ');
}

// What the head says of the body. False: refused.
static bool check_body(struct web_request *request)
{
    const char *length = web_request_header(request, "Content-Length");
    int64_t size = 0;
    if (length != NULL && !span_to_integer(span_trim(span_from(length)), &size)) {
        web_refuse(request, 400, FAULT_INVALID, TEXT_WEB_AMBIGUOUS);
        return false;
    }
    if (size > (int64_t)request->route->body_limit) {
        web_refuse(request, 413, FAULT_FULL, TEXT_WEB_BODY_LARGE,
                   text_integer((int64_t)request->route->body_limit));
        return false;
    }
    // The library takes a bare LF for the end of a chunk, which a proxy may not: no chunks here.
    if (web_request_header(request, "Transfer-Encoding") != NULL) {
        web_refuse(request, 411, FAULT_INVALID, TEXT_WEB_LENGTH);
        return false;
    }
    if (size > 0 && request->route->body_type != NULL && !has_wanted_type(request)) {
        web_refuse(request, 415, FAULT_INVALID, TEXT_WEB_BODY_TYPE,
                   text_string(request->route->body_type));
        return false;
    }
    return true;
}

static bool check_access(struct web_request *request)
{
    static const enum store_role wanted[] = {
        [WEB_PUBLIC] = ROLE_VIEWER,
        [WEB_VIEWER] = ROLE_VIEWER,
        [WEB_OFFICER] = ROLE_OFFICER,
        [WEB_ADMINISTRATOR] = ROLE_ADMINISTRATOR,
    };
    web_sessions_identify(request->server->sessions, request);
    if (request->route->access == WEB_PUBLIC)
        return true;
    if (!request->session.is_known) {
        web_refuse(request, 401, FAULT_DENIED, TEXT_WEB_SIGN_IN_FIRST);
        return false;
    }
    if (request->session.actor.role < wanted[request->route->access]) {
        web_refuse(request, 403, FAULT_DENIED, TEXT_WEB_ROLE);
        return false;
    }
    return true;
}

// A full house says so at once: what changes something or takes long is shed, signing in and
// reading go on in the room that is left.
static bool check_load(struct web_request *request)
{
    bool is_stopping = atomic_load(&request->server->is_stopping);
    const struct web_route *route = request->route;
    bool is_heavy = route->command != NULL || route->run == web_export_run ||
                    route->run == web_import_preview_run || route->run == web_import_start_run;
    if (!is_stopping && !(is_heavy && web_clients_are_many(request->server->clients)))
        return true;
    web_refuse(request, 503, FAULT_BUSY, is_stopping ? TEXT_WEB_STOPPING : TEXT_WEB_BUSY);
    return false;
}

// Checks the head. Leaves an answer where it is refused.
static void open_request(struct web_request *request, const char *method, const char *version)
{
    struct guard_head head = {.version = version};
    MHD_get_connection_values_n(request->connection, MHD_HEADER_KIND, collect, &head);
    const char *wanted = web_request_header(request, "Accept-Language");
    request->language = text_language_from(wanted);
    web_client_speaks(request->client, request->language);
    const char *coding = web_request_header(request, "Accept-Encoding");
    request->accepts_gzip = coding != NULL && strstr(coding, "gzip") != NULL;
    size_t target_size = strlen(request->target);
    if (head.is_too_large || target_size >= LIMIT_HTTP_TARGET_SIZE) {
        web_refuse(request, head.is_too_large ? 431 : 414, FAULT_FULL, TEXT_WEB_HEAD_LARGE);
        return;
    }
    bool is_plain = request->target_begin == method + strlen(method) + 1 &&
                    version == request->target_end + 1 && guard_is_plain(&head);
    struct span target = {request->target, target_size};
    if (!is_plain || !guard_is_sound(&head) || !guard_is_target(target)) {
        web_refuse(request, 400, FAULT_INVALID, TEXT_WEB_AMBIGUOUS);
        return;
    }
    if (strcmp(version, "HTTP/1.0") != 0 && web_request_header(request, "Host") == NULL) {
        web_refuse(request, 400, FAULT_INVALID, TEXT_WEB_HOST);
        return;
    }
    unsigned allowed = 0;
    bool is_method = read_method(request, method);
    request->route = web_routes_find(request->server->routes, request->method, request, &allowed);
    if (allowed == 0) {
        web_answer_missing(request);
        return;
    }
    if (!is_method || request->route == NULL) {
        refuse_method(request, allowed);
        return;
    }
    if (!check_load(request) || !check_access(request))
        return;
    if (request->method != WEB_GET && !is_from_own_page(request)) {
        web_refuse(request, 403, FAULT_DENIED, TEXT_WEB_ORIGIN);
        return;
    }
    (void)check_body(request);
}

static bool append_body(struct web_request *request, const char *data, size_t size)
{
    struct web_server *server = request->server;
    if (size > request->route->body_limit - request->body_size) {
        web_refuse(request, 413, FAULT_FULL, TEXT_WEB_BODY_LARGE,
                   text_integer((int64_t)request->route->body_limit));
        return false;
    }
    size_t wanted = request->body_size + size;
    if (wanted > request->body_capacity) {
        size_t capacity = request->body_capacity == 0 ? BODY_FIRST_SIZE : request->body_capacity;
        while (capacity < wanted)
            capacity *= 2;
        size_t more = capacity - request->body_counted;
        int64_t before = atomic_fetch_add(&server->bodies_size, (int64_t)more);
        request->body_counted += more;
        char *moved = before + (int64_t)more > LIMIT_HTTP_BODIES_SIZE
                          ? NULL
                          : memory_resize(request->body, capacity);
        if (moved == NULL) {
            web_refuse(request, 503, FAULT_BUSY, TEXT_WEB_BUSY);
            return false;
        }
        request->body = moved;
        request->body_capacity = capacity;
    }
    memcpy(request->body + request->body_size, data, size);
    request->body_size = wanted;
    return true;
}

void web_request_park(struct web_request *request, void (*finish)(struct web_request *request))
{
    assert(request->stage == WEB_RUNNING);
    request->finish = finish;
    request->is_parked = true;
    request->stage = WEB_PARKED;
    MHD_suspend_connection(request->connection);
}

void web_request_wake(struct web_request *request)
{
    assert(request->stage == WEB_PARKED);
    request->stage = WEB_WOKEN;
    MHD_resume_connection(request->connection);
}

static enum MHD_Result send_answer(struct web_request *request)
{
    assert(request->response != NULL);
    request->stage = WEB_ANSWERED;
    if (!web_client_answer(request->client))
        return MHD_NO; // refused meanwhile, for being slow
    if (request->cached == NULL && web_clients_are_many(request->server->clients))
        web_answer_header(request, "Connection", "close"); // its place is wanted
    web_client_expect(request->client, request->is_endless ? 0 : ANSWER_ALLOWED_MS);
    return web_queue_response(request->connection, request->status, request->response);
}

// Of a request refused at its head: may what follows on this connection still be trusted? The
// library closes when it gets an answer before the body, or before it knows that there is none.
static bool must_close(const struct web_request *request)
{
    const char *length = web_request_header(request, "Content-Length");
    bool has_body = (length != NULL && strcmp(length, "0") != 0) ||
                    web_request_header(request, "Transfer-Encoding") != NULL;
    return has_body || request->status == 400 || request->status == 414 || request->status == 431;
}

// The whole request is there: the route acts on it.
static enum MHD_Result run_request(struct web_request *request)
{
    request->stage = WEB_RUNNING;
    web_client_expect(request->client, 0);
    request->route->run(request);
    // A parked request may be awake again by now; only its waker's answer counts, in the next call.
    return request->is_parked ? MHD_YES : send_answer(request);
}

enum MHD_Result web_request_handle(void *context, struct MHD_Connection *connection,
                                   const char *path, const char *method, const char *version,
                                   const char *data, size_t *data_size, void **holder)
{
    (void)context;
    (void)connection;
    (void)path;
    struct web_request *request = *holder;
    if (request == NULL)
        return MHD_NO; // no memory at its beginning: the connection is closed
    switch (request->stage) {
    case WEB_HEAD:
        request->stage = WEB_BODY;
        request->since_ms = web_clock_ms();
        web_client_received(request->client, request->since_ms, 0);
        open_request(request, method, version);
        return request->response != NULL && must_close(request) ? send_answer(request) : MHD_YES;
    case WEB_BODY:
        if (request->response != NULL)
            return send_answer(request); // refused at the head, and there is no body
        if (*data_size == 0)
            return run_request(request);
        if (!append_body(request, data, *data_size))
            return send_answer(request);
        web_client_received(request->client, request->since_ms, request->body_size);
        *data_size = 0;
        return MHD_YES;
    case WEB_WOKEN:
        if (request->finish != NULL)
            request->finish(request);
        return send_answer(request);
    case WEB_RUNNING:
    case WEB_PARKED:
    case WEB_ANSWERED: break;
    }
    return MHD_YES;
}

void web_request_end(void *context, struct MHD_Connection *connection, void **holder,
                     enum MHD_RequestTerminationCode outcome)
{
    struct web_server *server = context;
    struct web_request *request = *holder;
    (void)connection;
    if (request == NULL)
        return;
    bool is_cut = outcome == MHD_REQUEST_TERMINATED_CLIENT_ABORT ||
                  outcome == MHD_REQUEST_TERMINATED_READ_ERROR;
    if (is_cut && request->stage == WEB_BODY)
        web_client_refuse(request->client, 400, (int)request->language);
    web_client_end(request->client);
    if (request->cached != NULL)
        web_cache_release(server->cache, request->cached);
    else if (request->response != NULL)
        MHD_destroy_response(request->response);
    web_client_expect(request->client, HEAD_ALLOWED_MS);
    arena_reset(&request->arena);
    atomic_fetch_sub(&server->bodies_size, (int64_t)request->body_counted);
    memory_free(request->body);
    memory_free(request);
    *holder = NULL;
    atomic_fetch_sub(&server->in_flight, 1);
}

enum fault_code web_request_read_json(struct web_request *request, json_t **ret_body,
                                      struct fault *fault)
{
    json_t *body = NULL;
    struct span text = {request->body, request->body_size};
    if (text.size == 0)
        text = span_from("{}");
    enum fault_code code = json_read(text, &body, fault);
    if (code != FAULT_NONE)
        return code;
    if (!json_is_object(body)) {
        json_decref(body);
        return fault_set(fault, FAULT_INVALID, TEXT_WEB_BODY_OBJECT);
    }
    *ret_body = body;
    return FAULT_NONE;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum fault_code web_decode(struct span text, bool is_query, struct arena *arena,
                           struct span *ret_text, struct fault *fault)
{
    char *decoded = arena_allocate(arena, text.size + 1);
    if (decoded == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            int high = i + 2 < text.size ? digit_of(text.data[i + 1]) : -1;
            int low = high >= 0 ? digit_of(text.data[i + 2]) : -1;
            if (low < 0)
                return fault_set(fault, FAULT_INVALID, TEXT_WEB_ENCODING, text_span(text));
            c = (char)(high * 16 + low);
            i += 2;
        } else if (is_query && c == '+') {
            c = ' ';
        }
        if ((unsigned char)c < 0x20 || c == 0x7F)
            return fault_set(fault, FAULT_INVALID, TEXT_WEB_ENCODING, text_span(text));
        decoded[size++] = c;
    }
    if (!span_is_text((struct span){decoded, size}))
        return fault_set(fault, FAULT_INVALID, TEXT_WEB_ENCODING, text_span(text));
    *ret_text = (struct span){decoded, size};
    return FAULT_NONE;
}

static enum fault_code put_parameter(struct web_request *request, json_t *parameters,
                                     struct span name, struct span text, struct fault *fault)
{
    struct span key = {NULL, 0}, value = {NULL, 0};
    enum fault_code code = web_decode(name, true, &request->arena, &key, fault);
    if (code == FAULT_NONE)
        code = web_decode(text, true, &request->arena, &value, fault);
    if (code != FAULT_NONE)
        return code;
    // Decoded bytes are NUL-closed: the arena gives zeros and web_decode leaves one of them.
    if (key.size == 0 || json_object_get(parameters, key.data) != NULL)
        return fault_set(fault, FAULT_INVALID, TEXT_WEB_PARAMETER_TWICE, text_span(key));
    json_object_set_new(parameters, key.data, json_stringn(value.data, value.size));
    return FAULT_NONE;
}

enum fault_code web_request_parameters(struct web_request *request, json_t **ret_parameters,
                                       int64_t *ret_as_of, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    json_t *parameters = json_object();
    for (int i = 0; code == FAULT_NONE && i < request->capture_count; i++)
        code = put_parameter(request, parameters, request->capture[i].name,
                             request->capture[i].text, fault);
    struct span rest = request->query;
    while (code == FAULT_NONE && rest.size > 0) {
        struct span value = span_cut(&rest, '&');
        struct span name = span_cut(&value, '=');
        if (name.size > 0)
            code = put_parameter(request, parameters, name, value, fault);
    }
    int64_t as_of = 0;
    struct span instant = json_text_or(parameters, "as_of", "");
    if (code == FAULT_NONE && instant.size > 0 && !time_read_instant(instant, &as_of))
        code = fault_set(fault, FAULT_INVALID, TEXT_WEB_INSTANT, text_span(instant));
    if (code != FAULT_NONE) {
        json_decref(parameters);
        return code;
    }
    json_object_del(parameters, "as_of");
    *ret_parameters = parameters;
    *ret_as_of = as_of;
    return FAULT_NONE;
}
