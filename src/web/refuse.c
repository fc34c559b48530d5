// SPDX-License-Identifier: GPL-3.0-or-later
//
// refuse.c: refusals where no answer of ours can be queued: our own words, written to the socket.
//
// Three things end a connection without a request that we could answer:
//
//     what came is no request, or its head is too large      the library refuses by itself
//     a head or a body takes too long                        the sweep of clients.c
//     a body ends before its length                          request.c
//
// The library's refusals are pages of its own, without our headers and in one language, and version
// 0.9.75 has no option for them. But it hands each to MHD_queue_response, which it calls like
// anybody else, through the dynamic linker. So that function is defined here: whoever calls it is
// the library, because our own answers go to the true one (web_queue_response). Ours writes the
// refusal itself and says no, upon which the library closes. Where a version binds its own calls
// otherwise, its own page is sent and tests/api/malformed_test.py says so.
//
// A refusal is one small write that a new socket takes at once; what the client has sent
// meanwhile is read away, because closing over unread bytes would take the refusal from it again.
// Where the language is not known yet, the sentence stands in both.
//
// Invariant: at most one answer is written for a request; whoever turns the client's `turn` from
// CLIENT_READING writes it (clients.c).
#include <assert.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/log.h"
#include "web/web_priv.h"

enum { HEAD_SIZE = 2048, DRAIN_SIZE = 1024 * 1024, BOTH_SIZE = 2 * LIMIT_TEXT_SIZE };

typedef enum MHD_Result queue_function(struct MHD_Connection *connection, unsigned status,
                                       struct MHD_Response *response);

static const struct refusal {
    unsigned status;
    const char *phrase, *code;
    enum text_key key;
} refusals[] = {
    {400, "Bad Request", "invalid", TEXT_WEB_MALFORMED},
    {408, "Request Timeout", "busy", TEXT_WEB_SLOW},
    {413, "Content Too Large", "full", TEXT_WEB_CONTENT_LARGE},
    {414, "URI Too Long", "full", TEXT_WEB_HEAD_LARGE},
    {431, "Request Header Fields Too Large", "full", TEXT_WEB_HEAD_LARGE},
    {505, "HTTP Version Not Supported", "invalid", TEXT_WEB_VERSION},
};

static const struct refusal *find_refusal(unsigned status)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (refusals[i].status == status)
            return &refusals[i];
    return &refusals[0];
}

// The sentence in `language`, or in both.
static const char *write_sentence(enum text_key key, int language, char both[BOTH_SIZE])
{
    if (language != WEB_LANGUAGE_UNKNOWN)
        return text_sentence(key, (enum text_language)language);
    snprintf(both, BOTH_SIZE, "%s %s", text_sentence(key, TEXT_CHINESE),
             text_sentence(key, TEXT_ENGLISH));
    return both;
}

static size_t write_head(const struct refusal *refusal, bool is_behind_tls, int language,
                         size_t body_size, char head[HEAD_SIZE])
{
    static const char *const languages[] = {[TEXT_CHINESE] = "zh-CN", [TEXT_ENGLISH] = "en"};
    char date[64], headers[HEAD_SIZE / 2];
    struct tm now;
    time_t seconds = time(NULL);
    gmtime_r(&seconds, &now);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &now);
    web_headers_write(is_behind_tls, headers, sizeof headers);
    int size =
        snprintf(head, HEAD_SIZE,
                 "HTTP/1.1 %u %s\r\nDate: %s\r\nConnection: close\r\nContent-Length: %zu\r\n"
                 "Content-Type: application/json; charset=utf-8\r\nContent-Language: %s\r\n"
                 "Cache-Control: no-store\r\n%s\r\n",
                 refusal->status, refusal->phrase, date, body_size,
                 language == WEB_LANGUAGE_UNKNOWN ? "zh-CN, en" : languages[language], headers);
    assert(size > 0 && size < HEAD_SIZE);
    return (size_t)size;
}

void web_refuse_socket(int descriptor, unsigned status, bool is_behind_tls, int language)
{
    char drain[4096]; // looked at by nobody
    const struct refusal *refusal = find_refusal(status);
    struct arena arena = {NULL, 0, 0};
    char head[HEAD_SIZE], both[BOTH_SIZE];
    json_t *value = json_pack("{s:{s:s,s:s,s:s,s:{}}}", "error", "code", refusal->code, "key",
                              text_name(refusal->key), "text",
                              write_sentence(refusal->key, language, both), "arguments");
    struct span body = json_write(value, &arena);
    size_t size = write_head(refusal, is_behind_tls, language, body.size, head);
    char *answer = arena_allocate(&arena, size + body.size);
    if (answer != NULL && body.data != NULL) {
        memcpy(answer, head, size);
        memcpy(answer + size, body.data, body.size);
        (void)send(descriptor, answer, size + body.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        (void)shutdown(descriptor, SHUT_WR);
        for (ssize_t sum = 0, got = 1; got > 0 && sum < DRAIN_SIZE; sum += got)
            got = recv(descriptor, drain, sizeof drain, MSG_DONTWAIT);
    }
    json_decref(value);
    arena_reset(&arena);
}

static queue_function *true_function(void)
{
    union {
        void *object;
        queue_function *function;
    } door = {.object = dlsym(RTLD_NEXT, "MHD_queue_response")};
    assert(door.function != NULL);
    return door.function;
}

enum MHD_Result web_queue_response(struct MHD_Connection *connection, unsigned status,
                                   struct MHD_Response *response)
{
    static _Atomic(queue_function *) function;
    queue_function *found = atomic_load(&function);
    if (found == NULL) {
        found = true_function();
        atomic_store(&function, found);
    }
    return found(connection, status, response);
}

// The library's own call.
enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                                   struct MHD_Response *response)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    (void)response;
    if (info != NULL && info->socket_context != NULL) {
        const char *wanted =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept-Language");
        int language = wanted == NULL ? WEB_LANGUAGE_UNKNOWN : (int)text_language_from(wanted);
        web_client_refuse(info->socket_context, status, language);
    }
    return MHD_NO;
}
