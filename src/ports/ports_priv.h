// SPDX-License-Identifier: GPL-3.0-or-later
//
// ports_priv.h: what the files of src/ports share: a port, its message, its ways to send.
#ifndef LEVEE_PORTS_PORTS_PRIV_H
#define LEVEE_PORTS_PORTS_PRIV_H

#include "base/arena.h"
#include "base/json.h"
#include "base/limits.h"
#include "ports/ports.h"

enum { PORT_NAME_SIZE = 48, PORT_ARGUMENTS = 16, PORT_ALLOWED_MS = 10 * 1000 };

struct port;

// One kind of port. `send` returns FAULT_NONE when the message has arrived as far as this side can
// know; it is bounded by port->allowed_ms.
struct port_kind {
    const char *name;
    enum fault_code (*send)(const struct port *port, struct span message, struct fault *fault);
    const char *outcome; // what is recorded when it was sent
};

struct port {
    char name[PORT_NAME_SIZE];
    const struct port_kind *kind;
    const char *target; // url, or path
    int allowed_ms;     // PORT_ALLOWED_MS, or as the table says
    const char *argument[PORT_ARGUMENTS + 1];
};

extern const struct port_kind port_recorder;

// table.c: reads ports.json (text; empty: none) into `ports`. Strings live in `arena`; relative
// paths are taken from `folder`. With is_recorded every port becomes a recorder, and where none is
// named there is one called "recorder".
enum fault_code ports_read(struct span text, const char *folder, bool is_recorded,
                           struct arena *arena, struct port ports[LIMIT_PORTS], int *ret_count,
                           struct fault *fault);
// message.c: the message of a row of the query ring_pending, as one line without a line feed. `id`
// is the ring's as people see it.
struct span port_message(const json_t *row, const char *id, const char *url, struct arena *arena);
// Writes {"key", "arguments"} as a sentence, cut at `size`.
void port_write_sentence(const json_t *sentence, enum text_language language, char *buffer,
                         size_t size);

// The kinds, one file each.
enum fault_code port_send_webhook(const struct port *port, struct span message,
                                  struct fault *fault);
enum fault_code port_send_command(const struct port *port, struct span message,
                                  struct fault *fault);
enum fault_code port_send_file(const struct port *port, struct span message, struct fault *fault);

#endif
