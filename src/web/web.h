// SPDX-License-Identifier: GPL-3.0-or-later
//
// web.h: the HTTP side of levee: access, queries, commands, live events, the embedded page.
//
// Owns: the listener and its threads, the route table, the answer cache, the sessions' cookie, the
// files of the page. It decides nothing: queries read, commands act through the writer's queue, and
// who may see what is the reader's scope, taken from the session and never from the request.
//
//     browser -> listener -> guard -> route -> session -> query   -> cache -> answer   (pool
//     thread)
//                                                      -> command -> queue .. answer   (suspended)
//                                                      -> work    .......... answer   (suspended)
//
// Invariants: no thread waits for the disk; every answer of ours carries the headers of answer.c;
// what is not in the route table is 404; what one may not see is the same 404, byte for byte.
// The HTTP library is libmicrohttpd, and only this folder includes it.
#ifndef LEVEE_WEB_WEB_H
#define LEVEE_WEB_WEB_H

#include <stdint.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/time.h"

struct store;
struct vault;
struct web_server;

struct web_options {
    struct store *store; // the writer's; outlives the server
    struct vault *vault; // credentials and sessions; outlives the server
    const char *listen;  // "127.0.0.1:8080" or "[::1]:8080"; port 0 takes a free one
    bool is_behind_tls;  // a proxy speaks TLS: cookie Secure and __Host-, addresses not counted
    struct time_clock security_clock; // by which sessions end; nothing: the machine's
};

// Starts listening and answering. FAULT_INVALID: the address is malformed; FAULT_BUSY: the port is
// taken (exit 75); FAULT_IO: the system refuses.
enum fault_code web_start(const struct web_options *options, struct web_server **ret_server,
                          struct fault *fault);
// The address to open in a browser, "http://127.0.0.1:8080/". Lives as long as the server.
const char *web_address(const struct web_server *server);
// Tells every listener of the live events that the ledger has grown to `sequence`. Any thread.
void web_announce(struct web_server *server, int64_t sequence);
// Refuses new connections, finishes what was accepted (ten seconds at most) and frees the server.
// Returns the number of requests that had to be cut off. NULL is allowed.
int web_stop(struct web_server *server);
// The OpenAPI 3.1 document of every route of a server of this store, in `language`. The caller owns
// *ret_document.
enum fault_code web_describe(const struct store *store, enum text_language language,
                             json_t **ret_document, struct fault *fault);

#endif
