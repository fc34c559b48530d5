// SPDX-License-Identifier: GPL-3.0-or-later
//
// ports.h: every way out of levee, in one table, and nothing leaves by another.
//
// A ring (src/matter) must reach a post. Each port named in DATA/ports.json gets it: the thread
// here reads the rings that a port has not sent yet (query ring_pending), sends, and records what
// became of it (command ring.record). So the cursor is an entry: after a crash nothing is lost, and
// what was sent but not recorded is sent again. Sending comes after the commit, never inside it.
//
//     {"ports": [{"name": "duty-desk", "kind": "webhook", "url": "https://desk.example/levee"},
//                {"name": "phone", "kind": "command", "argv": ["/usr/local/bin/call", "--json"]},
//                {"name": "paper", "kind": "file", "path": "rings.jsonl"}]}
//
// A message is one JSON object: ring, kind, level, origin, title_zh, title_en, why_zh, why_en,
// due_at and link. The link, URL/r/TOKEN, opens a page with one button that acknowledges.
//
//     webhook    POST over https (http to this machine only), no redirect, no proxy; "timeout_s":
//     10 command    argv as it stands, no shell, the message on its standard input; killed at its
//     timeout file       one line appended and synced; a relative path lies in the data folder
//     recorder   in a replay or drill every port is replaced by this one: the message goes to
//                DATA/recorded.jsonl, and the entry says "recorded". Nothing leaves.
//
// A failure is tried again after 5 s, 10 s, 20 s .. 10 min, eight times in all, and is then
// recorded as failed: the ladder of the ring goes on by its own clock anyway.
#ifndef LEVEE_PORTS_PORTS_H
#define LEVEE_PORTS_PORTS_H

#include <stdbool.h>

#include "base/fault.h"

struct ports;
struct store;

struct ports_options {
    struct store *store; // outlives the ports
    const char *url;     // how people reach the page, closed by a slash
};

// Reads the table and starts the thread. FAULT_INVALID names what is wrong in ports.json.
enum fault_code ports_start(const struct ports_options *options, struct ports **ret_ports,
                            struct fault *fault);
// Something was committed: look for rings. Any thread; does not block.
void ports_wake(struct ports *ports);
// How many ways out there are.
int ports_count(const struct ports *ports);
// Ends what is being sent and stops. NULL is allowed.
void ports_stop(struct ports *ports);

#endif
