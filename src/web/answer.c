// SPDX-License-Identifier: GPL-3.0-or-later
//
// answer.c: what goes back: status, headers, body; a fault becomes a sentence here.
//
// Every answer of ours has the same set of headers (reliability: hardening 6). JSON may be shown by
// a browser that was sent to it, so it gets a policy too, one that allows nothing. The page's own
// policy is in page.c. HSTS goes out only when a proxy speaks TLS for us: over plain HTTP it means
// nothing.
//
//     {"error": {"code": "missing", "key": "web.missing", "text": "...", "arguments": {...}}}
//
// Where the library would refuse by itself, before it calls us, refuse.c speaks for it.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "web/web_priv.h"

static const char *const headers[][2] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
};
static const char policy[] = "default-src 'none'; base-uri 'none'; form-action 'none'; "
                             "frame-ancestors 'none'; require-trusted-types-for 'script'";

static const char hsts[] = "max-age=31536000; includeSubDomains";

void web_headers_write(bool is_behind_tls, char *buffer, size_t size)
{
    size_t used = (size_t)snprintf(buffer, size, "Content-Security-Policy: %s\r\n%s%s%s", policy,
                                   is_behind_tls ? "Strict-Transport-Security: " : "",
                                   is_behind_tls ? hsts : "", is_behind_tls ? "\r\n" : "");
    for (size_t i = 0; i < sizeof headers / sizeof headers[0] && used < size; i++)
        used += (size_t)snprintf(buffer + used, size - used, "%s: %s\r\n", headers[i][0],
                                 headers[i][1]);
    assert(used < size);
}

void web_response_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (response != NULL)
        (void)MHD_add_response_header(response, name, value);
}

static void add_headers(const struct web_server *server, struct MHD_Response *response,
                        const char *type)
{
    web_response_header(response, "Content-Type", type);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        web_response_header(response, headers[i][0], headers[i][1]);
    if (server->options.is_behind_tls)
        web_response_header(response, "Strict-Transport-Security", hsts);
}

struct MHD_Response *web_response(const struct web_server *server, const char *type, void *bytes,
                                  size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(size, bytes, memory_free);
    if (response == NULL)
        memory_free(bytes);
    else
        add_headers(server, response, type);
    return response;
}

struct MHD_Response *web_response_of(const struct web_server *server, const char *type,
                                     struct span bytes)
{
    union {
        const char *from;
        void *to;
    } door = {.from = bytes.data}; // the library only reads; its parameter lacks the const
    struct MHD_Response *response =
        MHD_create_response_from_buffer(bytes.size, door.to, MHD_RESPMEM_PERSISTENT);
    if (response != NULL)
        add_headers(server, response, type);
    return response;
}

static void set_answer(struct web_request *request, unsigned status, const char *type,
                       struct span bytes)
{
    static const char none[] = "{\"error\":{\"code\":\"full\",\"key\":\"base.memory_full\"}}";
    assert(request->cached == NULL);
    if (request->response != NULL)
        MHD_destroy_response(request->response);
    char *copy = memory_allocate(bytes.size + 1);
    if (copy != NULL && bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    request->status = copy == NULL ? 503 : status;
    request->response = copy == NULL
                            ? web_response_of(request->server, "application/json", span_from(none))
                            : web_response(request->server, type, copy, bytes.size);
    web_answer_header(request, "Cache-Control", "no-store");
}

void web_answer(struct web_request *request, unsigned status, const char *type, struct span bytes)
{
    set_answer(request, status, type, bytes);
    web_answer_header(request, "Content-Security-Policy", policy);
    if (request->status == 503)
        web_answer_header(request, "Retry-After", "1");
}

void web_answer_page(struct web_request *request, struct span bytes)
{
    set_answer(request, 200, "text/html; charset=utf-8", bytes);
}

void web_answer_stream(struct web_request *request, struct MHD_Response *response, const char *type)
{
    assert(request->response == NULL);
    add_headers(request->server, response, type);
    request->response = response;
    request->status = 200;
    request->is_endless = true;
    web_answer_header(request, "Cache-Control", "no-store");
    web_answer_header(request, "Content-Security-Policy", policy);
}

void web_answer_header(struct web_request *request, const char *name, const char *value)
{
    assert(request->cached == NULL);
    web_response_header(request->response, name, value);
}

void web_answer_json(struct web_request *request, unsigned status, json_t *body)
{
    struct span text = json_write(body, &request->arena);
    json_decref(body);
    web_answer(request, status, "application/json; charset=utf-8", text);
}

unsigned web_status_of(enum fault_code code)
{
    static const unsigned status[] = {
        [FAULT_NONE] = 500, [FAULT_INVALID] = 400, [FAULT_MISSING] = 404, [FAULT_DENIED] = 403,
        [FAULT_BUSY] = 409, [FAULT_FULL] = 507,    [FAULT_CORRUPT] = 500, [FAULT_IO] = 500,
    };
    assert((size_t)code < sizeof status / sizeof status[0]);
    return status[code];
}

static json_t *write_argument(const struct text_argument *argument)
{
    switch (argument->kind) {
    case TEXT_ARGUMENT_STRING: return json_string(argument->string);
    case TEXT_ARGUMENT_NAMES:
        return json_pack("{s:s, s:s}", "zh", argument->string, "en", argument->english);
    case TEXT_ARGUMENT_INTEGER: return json_integer(argument->integer);
    case TEXT_ARGUMENT_REAL: return json_real(argument->real);
    case TEXT_ARGUMENT_NONE: break;
    }
    return json_null();
}

void web_answer_fault_as(struct web_request *request, unsigned status, const struct fault *fault)
{
    static const char *const name[] = {
        [FAULT_INVALID] = "invalid", [FAULT_MISSING] = "missing", [FAULT_DENIED] = "denied",
        [FAULT_BUSY] = "busy",       [FAULT_FULL] = "full",       [FAULT_CORRUPT] = "corrupt",
        [FAULT_IO] = "io",
    };
    assert(fault->code != FAULT_NONE);
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, request->language, sentence, sizeof sentence);
    json_t *arguments = json_object();
    for (int i = 0; i < LIMIT_TEXT_ARGUMENTS && text_parameter(fault->key, i) != NULL; i++)
        json_object_set_new(arguments, text_parameter(fault->key, i),
                            write_argument(&fault->argument[i]));
    json_t *body = json_pack("{s:{s:s,s:s,s:s,s:o}}", "error", "code",
                             status == 401 ? "session" : name[fault->code], "key",
                             text_name(fault->key), "text", sentence, "arguments", arguments);
    web_answer_json(request, status, body);
    web_answer_header(request, "Content-Language",
                      request->language == TEXT_CHINESE ? "zh-CN" : "en");
    web_answer_header(request, "Vary", "Accept-Language");
}

void web_answer_fault(struct web_request *request, const struct fault *fault)
{
    web_answer_fault_as(request, web_status_of(fault->code), fault);
}

// The same bytes for what is not there and for what this reader may not see.
void web_answer_missing(struct web_request *request)
{
    web_refuse(request, 404, FAULT_MISSING, TEXT_WEB_MISSING);
}
