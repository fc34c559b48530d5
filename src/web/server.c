// SPDX-License-Identifier: GPL-3.0-or-later
//
// server.c: opens the listener, starts the library's threads, and ends both in good order.
//
// The socket is ours: so a taken port is told apart from every other trouble, port 0 can be asked
// what it became, and the backlog is known. The library runs POOL_THREADS threads with epoll. A
// query holds its thread for a second at worst, so there are more threads than processors.
//
// Ending: no new connection; requests get 503; live events end; what was accepted is finished, ten
// seconds at most; then the library is stopped.
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "web/web_priv.h"

enum {
    POOL_THREADS = 4,
    BACKLOG = 512,
    IDLE_TIMEOUT_S = 60,
    MEMORY_SIZE = LIMIT_HTTP_HEAD_SIZE + 48 * 1024, // a connection: head, and what is being sent
    STOP_ALLOWED_MS = 10 * 1000,
    STOP_STEP_MS = 5,
};

// Splits "host:port" or "[host]:port". The host may be an address only: names are not looked up.
static bool read_listen(const char *listen, struct sockaddr_storage *ret_address,
                        socklen_t *ret_size)
{
    char host[64] = "";
    const char *colon = strrchr(listen, ':');
    int64_t port = 0;
    if (colon == NULL || !span_to_integer(span_from(colon + 1), &port) || port < 0 || port > 65535)
        return false;
    size_t size = (size_t)(colon - listen);
    bool is_bracketed = size > 2 && listen[0] == '[' && colon[-1] == ']';
    const char *first = is_bracketed ? listen + 1 : listen;
    size -= is_bracketed ? 2 : 0;
    if (size >= sizeof host)
        return false;
    memcpy(host, first, size);
    memset(ret_address, 0, sizeof *ret_address);
    struct sockaddr_in *four = (struct sockaddr_in *)(void *)ret_address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)ret_address;
    if (is_bracketed && inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        *ret_size = sizeof *six;
        return true;
    }
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)port);
    *ret_size = sizeof *four;
    return !is_bracketed && inet_pton(AF_INET, host, &four->sin_addr) == 1;
}

static enum fault_code open_socket(const char *listen_text, int *ret_socket, struct fault *fault)
{
    struct sockaddr_storage address;
    socklen_t size = 0;
    if (!read_listen(listen_text, &address, &size))
        return fault_set(fault, FAULT_INVALID, TEXT_WEB_LISTEN_MALFORMED, text_string(listen_text));
    int descriptor = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    if (descriptor >= 0)
        (void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, size) != 0 ||
        listen(descriptor, BACKLOG) != 0) {
        int reason = errno;
        if (descriptor >= 0)
            close(descriptor);
        if (reason == EADDRINUSE)
            return fault_set(fault, FAULT_BUSY, TEXT_WEB_PORT_TAKEN, text_string(listen_text));
        return fault_set(fault, FAULT_IO, TEXT_WEB_LISTEN_FAILED, text_string(listen_text),
                         text_string(strerror(reason)));
    }
    *ret_socket = descriptor;
    return FAULT_NONE;
}

static void note_address(struct web_server *server, int descriptor)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    char host[64] = "", port[16] = "";
    (void)getsockname(descriptor, (struct sockaddr *)&address, &size);
    (void)getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                      NI_NUMERICHOST | NI_NUMERICSERV);
    bool is_six = address.ss_family == AF_INET6;
    snprintf(server->address, sizeof server->address, "http://%s%s%s:%s/", is_six ? "[" : "", host,
             is_six ? "]" : "", port);
}

// The library decodes in place, which loses what was sent; we decode ourselves (request.c).
static size_t keep_encoded(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

// The library is not told to be strict with clients: it would close without a word over a blank in
// the target and send a page of its own where Host is missing. The guard refuses both.
static enum fault_code start_daemon(struct web_server *server, int descriptor, struct fault *fault)
{
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, web_clients_admit,
        server->clients, web_request_handle, server, //
        MHD_OPTION_LISTEN_SOCKET, descriptor,        //
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)POOL_THREADS, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)LIMIT_HTTP_CONNECTIONS, //
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)MEMORY_SIZE,                                    //
        MHD_OPTION_URI_LOG_CALLBACK, web_request_begin, server, //
        MHD_OPTION_UNESCAPE_CALLBACK, keep_encoded, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        web_request_end, server, MHD_OPTION_NOTIFY_CONNECTION, web_clients_notify, server->clients,
        MHD_OPTION_END);
    if (server->daemon != NULL)
        return FAULT_NONE;
    close(descriptor);
    return fault_set(fault, FAULT_IO, TEXT_WEB_THREADS);
}

static void free_server(struct web_server *server)
{
    web_work_close(server->work);
    web_live_close(server->live);
    web_imports_close(server->imports);
    web_proofs_close(server->proofs);
    web_sessions_close(server->sessions);
    web_routes_close(server->routes);
    web_cache_close(server->cache);
    web_clients_close(server->clients);
    memory_free(server);
}

enum fault_code web_start(const struct web_options *options, struct web_server **ret_server,
                          struct fault *fault)
{
    int descriptor = -1;
    struct web_server *server = memory_allocate(sizeof *server);
    if (server == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    server->options = *options;
    atomic_store(&server->sequence, store_sequence(options->store));
    enum fault_code code = web_clients_open(!options->is_behind_tls, &server->clients, fault);
    if (code == FAULT_NONE)
        code = web_cache_open(&server->cache, fault);
    if (code == FAULT_NONE)
        code = web_routes_open(options->store, &server->routes, fault);
    if (code == FAULT_NONE)
        code = web_sessions_open(options, &server->sessions, fault);
    if (code == FAULT_NONE)
        code = web_proofs_open(options->store, &server->proofs, fault);
    if (code == FAULT_NONE)
        code = web_imports_open(options->store, &server->imports, fault);
    if (code == FAULT_NONE)
        code = web_live_open(server, &server->live, fault);
    if (code == FAULT_NONE)
        code = web_work_open(LIMIT_HTTP_WORK_THREADS, &server->work, fault);
    if (code == FAULT_NONE)
        code = open_socket(options->listen, &descriptor, fault);
    if (code == FAULT_NONE) {
        note_address(server, descriptor);
        code = start_daemon(server, descriptor, fault);
    }
    if (code != FAULT_NONE) {
        free_server(server);
        return code;
    }
    *ret_server = server;
    return FAULT_NONE;
}

const char *web_address(const struct web_server *server)
{
    return server->address;
}

void web_announce(struct web_server *server, int64_t sequence)
{
    atomic_store(&server->sequence, sequence);
    web_live_wake(server->live);
}

int web_stop(struct web_server *server)
{
    if (server == NULL)
        return 0;
    atomic_store(&server->is_stopping, true);
    int descriptor = MHD_quiesce_daemon(server->daemon);
    if (descriptor >= 0)
        close(descriptor);
    web_live_wake(server->live);
    int64_t until = web_clock_ms() + STOP_ALLOWED_MS;
    int left = atomic_load(&server->in_flight);
    while (left > 0 && web_clock_ms() < until) {
        nanosleep(&(struct timespec){0, STOP_STEP_MS * 1000000L}, NULL);
        left = atomic_load(&server->in_flight);
    }
    // The work threads hold requests; they end before the library does.
    web_work_close(server->work);
    server->work = NULL;
    MHD_stop_daemon(server->daemon);
    free_server(server);
    return left;
}
