// SPDX-License-Identifier: GPL-3.0-or-later
//
// web_priv.h: what the files of src/web share.
//
// A request's life, on the threads of the library's pool unless said otherwise:
//
//     request_begin     the request line is there: the target is copied
//     request_handle    head: guard, route, session, limits     (refused here: connection closes)
//     request_handle    body, piece by piece, up to the route's limit
//     request_handle    all there: route->run
//                         run sets an answer, or parks the request (suspends the connection) and
//                         somebody else (writer thread, work thread) sets it and wakes the request
//     request_handle    woken: the answer is handed to the library
//     request_end       the library is done with it; everything is freed
//
// Locks, none held while another is taken: clients.c, cache.c, session.c, live.c, work.c, imports.
#ifndef LEVEE_WEB_WEB_PRIV_H
#define LEVEE_WEB_WEB_PRIV_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "store/command.h"
#include "store/query.h"
#include "store/store.h"
#include "vault/vault.h"
#include "web/guard.h"
#include "web/web.h"

struct web_cache;
struct web_clients;
struct web_imports;
struct web_live;
struct web_proofs;
struct web_request;
struct web_routes;
struct web_sessions;
struct web_work;

struct web_server {
    struct web_options options;
    struct MHD_Daemon *daemon;
    char address[128];
    struct web_cache *cache;
    struct web_clients *clients;
    struct web_imports *imports;
    struct web_live *live;
    struct web_proofs *proofs;
    struct web_routes *routes;
    struct web_sessions *sessions;
    struct web_work *work;
    _Atomic int64_t sequence;    // the newest announced
    _Atomic int in_flight;       // requests begun and not ended
    _Atomic int64_t bodies_size; // bytes of bodies being received
    _Atomic int command_count;   // sent to the writer and not yet answered
    _Atomic bool is_stopping;
};

// ---- Routes (route.c) ------------------------------------------------------------------------

enum web_access { WEB_PUBLIC, WEB_VIEWER, WEB_OFFICER, WEB_ADMINISTRATOR };

enum web_method { WEB_GET, WEB_POST, WEB_DELETE, WEB_METHODS };

enum { WEB_CAPTURES = 4 };

// One row of the table. `path` may hold {name} for one segment, with text behind it.
struct web_route {
    enum web_method method;
    const char *path;
    enum web_access access;
    size_t body_limit;
    const char *body_type; // the Content-Type that a body must have; NULL: there is no body
    enum text_key what;
    void (*run)(struct web_request *request);
    enum query_name query;             // routes made from the query table
    const struct command_row *command; // routes made from the command table
};

enum fault_code web_routes_open(const struct store *store, struct web_routes **ret_routes,
                                struct fault *fault);
void web_routes_close(struct web_routes *routes);
// Finds the row and notes the captures. NULL: none; *ret_allowed then says in bits 1 << method
// which methods the path has.
const struct web_route *web_routes_find(const struct web_routes *routes, enum web_method method,
                                        struct web_request *request, unsigned *ret_allowed);
size_t web_routes_count(const struct web_routes *routes);
const struct web_route *web_routes_at(const struct web_routes *routes, size_t index);
const char *web_method_name(enum web_method method);

// ---- Requests (request.c) --------------------------------------------------------------------

enum web_stage { WEB_HEAD, WEB_BODY, WEB_RUNNING, WEB_PARKED, WEB_WOKEN, WEB_ANSWERED };

struct web_session {
    bool is_known;
    struct store_actor actor;
    unsigned char id[VAULT_SESSION_SIZE]; // how the vault names it; never the token
};

struct web_request {
    struct web_server *server;
    struct MHD_Connection *connection;
    struct web_client *client;
    const struct web_route *route;
    enum web_method method;
    enum web_stage stage;
    enum text_language language;
    bool accepts_gzip;
    bool is_parked;    // was ever; written on the pool thread only
    bool is_endless;   // live events: sending may take for ever
    int64_t since_ms;  // when its head was there
    struct span path;  // of target, as sent
    struct span query; // behind the question mark, as sent
    struct {
        struct span name; // of the pattern
        struct span text; // as sent
    } capture[WEB_CAPTURES];
    int capture_count;
    struct web_session session;
    struct arena arena;
    char *body;
    size_t body_size, body_capacity;
    size_t body_counted; // of server->bodies_size
    // The answer; for a parked request set by whoever wakes it.
    struct MHD_Response *response;
    unsigned status;
    struct web_cached *cached; // whose response it is; NULL: the request's own
    struct span result;        // of a command: its answer as JSON, in the arena
    struct fault fault;
    void (*finish)(struct web_request *request); // run on the pool thread after waking, may be NULL
    void *job;                                   // of the route; freed by its finish
    const char *target_begin, *target_end;       // in the library's buffer
    char target[];                               // a copy, NUL-closed
};

void *web_request_begin(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result web_request_handle(void *context, struct MHD_Connection *connection,
                                   const char *path, const char *method, const char *version,
                                   const char *data, size_t *data_size, void **request);
void web_request_end(void *context, struct MHD_Connection *connection, void **request,
                     enum MHD_RequestTerminationCode outcome);
// Suspends; the route's run must return at once after it has handed the request over. `finish` runs
// on a pool thread after web_request_wake.
void web_request_park(struct web_request *request, void (*finish)(struct web_request *request));
void web_request_wake(struct web_request *request);
const char *web_request_header(const struct web_request *request, const char *name);
// The body as one JSON object. The caller owns *ret_body.
enum fault_code web_request_read_json(struct web_request *request, json_t **ret_body,
                                      struct fault *fault);
// Decodes %XX (and + in a query) into `arena`. FAULT_INVALID: malformed, a control, or no UTF-8.
enum fault_code web_decode(struct span text, bool is_query, struct arena *arena,
                           struct span *ret_text, struct fault *fault);
// Captures and query parameters as one object of texts; `as_of` is taken out into *ret_as_of (0:
// not given). FAULT_INVALID: a parameter twice or malformed. The caller owns *ret_parameters.
enum fault_code web_request_parameters(struct web_request *request, json_t **ret_parameters,
                                       int64_t *ret_as_of, struct fault *fault);

// ---- Answers (answer.c) ----------------------------------------------------------------------

// Each sets the request's answer; the last one stands. Bytes are copied.
void web_answer(struct web_request *request, unsigned status, const char *type, struct span bytes);
void web_answer_json(struct web_request *request, unsigned status, json_t *body); // stolen
void web_answer_fault(struct web_request *request, const struct fault *fault);
// A fault with a status other than its code's: 401, 405, 413, 429, 503.
void web_answer_fault_as(struct web_request *request, unsigned status, const struct fault *fault);
void web_answer_missing(struct web_request *request);
// The status of a fault that the route gives no other.
unsigned web_status_of(enum fault_code code);
void web_answer_header(struct web_request *request, const char *name, const char *value);
// The page: the caller adds its own policy.
void web_answer_page(struct web_request *request, struct span bytes);
// The lines that every answer has, each with its line end, closed by NUL.
void web_headers_write(bool is_behind_tls, char *buffer, size_t size);
// An answer without end, made by the caller; the request takes it over.
void web_answer_stream(struct web_request *request, struct MHD_Response *response,
                       const char *type);
// A response of `bytes` (taken over, freed with memory_free) with the headers that all answers
// have; NULL: no memory. For the cache and the files of the page.
struct MHD_Response *web_response(const struct web_server *server, const char *type, void *bytes,
                                  size_t size);
// The same over bytes that stay for ever.
struct MHD_Response *web_response_of(const struct web_server *server, const char *type,
                                     struct span bytes);
void web_response_header(struct MHD_Response *response, const char *name, const char *value);
#define web_refuse(request, status, kind, key, ...)                                                \
    do {                                                                                           \
        struct fault refusal = {.code = FAULT_NONE};                                               \
        (void)fault_set(&refusal, (kind), (key), __VA_ARGS__);                                     \
        web_answer_fault_as((request), (status), &refusal);                                        \
    } while (0)

// ---- The rest, each with its file ------------------------------------------------------------

// clients.c: connections, their limits and their clocks.
struct web_client;
enum fault_code web_clients_open(bool counts_addresses, struct web_clients **ret_clients,
                                 struct fault *fault);
void web_clients_close(struct web_clients *clients);
enum MHD_Result web_clients_admit(void *context, const struct sockaddr *address, socklen_t size);
void web_clients_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                        enum MHD_ConnectionNotificationCode code);
// From now on the connection has `allowed_ms` until this is called again; 0: no bound.
void web_client_expect(struct web_client *client, int64_t allowed_ms);
// The same for a body that began at `since_ms` (web_clock_ms) and has brought `size` bytes so far.
void web_client_received(struct web_client *client, int64_t since_ms, size_t size);
// From `web_client_speaks` on a refusal knows its language; until then both are written.
enum { WEB_LANGUAGE_UNKNOWN = -1 };
void web_client_speaks(struct web_client *client, enum text_language language);
// A request has begun; its answer is about to be queued; it is over. False: the client was refused
// meanwhile, and nothing may be written any more.
void web_client_begin(struct web_client *client);
bool web_client_answer(struct web_client *client);
void web_client_end(struct web_client *client);
// Writes a refusal (refuse.c) to a client that has no answer yet. The connection must then close.
void web_client_refuse(struct web_client *client, unsigned status, int language);
// What the throttle knows a client by: its address.
uint64_t web_client_address(const struct web_client *client);
bool web_clients_are_many(const struct web_clients *clients);
int64_t web_clock_ms(void);

// refuse.c: what is said where no answer can be queued.
void web_refuse_socket(int descriptor, unsigned status, bool is_behind_tls, int language);
enum MHD_Result web_queue_response(struct MHD_Connection *connection, unsigned status,
                                   struct MHD_Response *response);

// cache.c: answers kept ready.
struct web_cache_key {
    struct store_actor actor;
    int64_t sequence;
    int64_t minute; // of business time, where no instant was asked for
    const struct web_route *route;
    struct span target;
};
struct web_cached;
enum fault_code web_cache_open(struct web_cache **ret_cache, struct fault *fault);
void web_cache_close(struct web_cache *cache);
// A hit is held until web_cache_release. NULL: a miss.
struct web_cached *web_cache_find(struct web_cache *cache, const struct web_cache_key *key);
// Puts an answer in and returns it, held. NULL: no memory.
struct web_cached *web_cache_put(struct web_cache *cache, const struct web_server *server,
                                 const struct web_cache_key *key, const char *type,
                                 struct span bytes);
void web_cache_release(struct web_cache *cache, struct web_cached *cached);
const char *web_cached_etag(const struct web_cached *cached);
// The response for this client: 200 plain, 200 gzip, or 304.
struct MHD_Response *web_cached_response(struct web_cached *cached, bool is_gzip, bool is_known);

// session.c: who is asking.
enum fault_code web_sessions_open(const struct web_options *options,
                                  struct web_sessions **ret_sessions, struct fault *fault);
void web_sessions_close(struct web_sessions *sessions);
// Fills request->session from its cookie.
void web_sessions_identify(struct web_sessions *sessions, struct web_request *request);
// Whether the session of `token` is still open; asking is no use of it.
bool web_sessions_holds(struct web_sessions *sessions, const char *token);
// The token of the request's cookie; NULL: none, or none that could be one.
const char *web_session_token(const struct web_request *request);
void web_session_run_open(struct web_request *request);
void web_session_run_show(struct web_request *request);
void web_session_run_close(struct web_request *request);

// query.c, command.c, live.c, page.c, import.c, document.c: the routes.
void web_query_run(struct web_request *request);
void web_export_run(struct web_request *request);
void web_command_run(struct web_request *request);
// Reads a UUID in its usual form, 8-4-4-4-12 hexadecimal digits; zeros are none (they would ask for
// a new id each time).
enum { WEB_KEY_SIZE = COMMAND_ID_SIZE };
bool web_read_key(struct span text, unsigned char ret_key[WEB_KEY_SIZE]);
// Parks the request and sends the command; `finish` finds request->result or request->fault. A full
// queue is answered with 503.
void web_command_send(struct web_request *request, const struct command_request *command,
                      void (*finish)(struct web_request *request));
void web_entry_run(struct web_request *request);
void web_ring_show_run(struct web_request *request);
void web_ring_answer_run(struct web_request *request);
void web_live_run(struct web_request *request);
void web_document_run(struct web_request *request);
// What a route of our own answers, as a JSON schema (document_own.c); {} where nothing is said.
json_t *web_document_own(const struct web_route *route);
void web_health_run(struct web_request *request);
void web_page_run(struct web_request *request);
void web_import_preview_run(struct web_request *request);
void web_import_start_run(struct web_request *request);
void web_import_show_run(struct web_request *request);

enum fault_code web_proofs_open(const struct store *store, struct web_proofs **ret_proofs,
                                struct fault *fault);
void web_proofs_close(struct web_proofs *proofs);
enum fault_code web_imports_open(struct store *store, struct web_imports **ret_imports,
                                 struct fault *fault);
void web_imports_close(struct web_imports *imports);
enum fault_code web_live_open(struct web_server *server, struct web_live **ret_live,
                              struct fault *fault);
void web_live_wake(struct web_live *live);
void web_live_close(struct web_live *live);

// work.c: threads for what takes long and is not the disk: hashing a password, reading an import.
enum fault_code web_work_open(int thread_count, struct web_work **ret_work, struct fault *fault);
// FAULT_BUSY: the queue is full.
enum fault_code web_work_post(struct web_work *work, void (*run)(void *context), void *context,
                              struct fault *fault);
void web_work_close(struct web_work *work); // after what is queued is done

#endif
