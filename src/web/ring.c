// SPDX-License-Identifier: GPL-3.0-or-later
//
// ring.c: /api/v1/rings/{token}: what rings, and "I have it", by the token of a message.
//
// At three at night nobody signs in. The token that came with the message (src/ports) is the right
// to see this one ring's title and to acknowledge it, and no other right: what follows needs a
// session. A token that is unknown looks like an address that is not there. Acknowledging is the
// command ring.acknowledge, sent in the name of the post that was rung; doing it twice says that it
// has ended.
#include <string.h>

#include "web/web_priv.h"

enum { TOKEN_SIZE_MIN = 16, TOKEN_SIZE_MAX = 64 };

// The row of the token, with times as the page wants them. NULL: answered already.
static json_t *read_ring(struct web_request *request)
{
    struct store *store = request->server->options.store;
    struct store_actor actor = store_system_actor();
    struct fault fault = {.code = FAULT_NONE};
    struct span token = request->capture[0].text, text = {NULL, 0};
    json_t *answer = NULL;
    if (token.size < TOKEN_SIZE_MIN || token.size > TOKEN_SIZE_MAX ||
        memchr(token.data, '%', token.size) != NULL) {
        web_answer_missing(request);
        return NULL;
    }
    json_t *parameters = json_pack("{s:s%}", "token", token.data, token.size);
    enum fault_code code = store_query_write(store, QUERY_RING_BY_TOKEN, &actor, 0, parameters,
                                             &request->arena, &text, &fault);
    json_decref(parameters);
    if (code == FAULT_NONE)
        code = json_read(text, &answer, &fault);
    if (code != FAULT_NONE) {
        web_answer_fault(request, &fault);
        return NULL;
    }
    json_t *row = json_incref(json_array_get(json_object_get(answer, "rows"), 0));
    json_decref(answer);
    if (row == NULL)
        web_answer_missing(request);
    return row;
}

void web_ring_show_run(struct web_request *request)
{
    json_t *row = read_ring(request);
    if (row != NULL)
        web_answer_json(request, 200, row);
}

static void answer_ring(struct web_request *request)
{
    if (request->fault.code != FAULT_NONE)
        web_answer_fault(request, &request->fault);
    else
        web_ring_show_run(request);
}

static int64_t read_row_id(const struct web_request *request, const json_t *row, const char *field)
{
    int64_t id = 0;
    if (!store_read_id(request->server->options.store, json_text_or(row, field, ""), &id))
        return 0;
    return id;
}

void web_ring_answer_run(struct web_request *request)
{
    json_t *row = read_ring(request);
    if (row == NULL)
        return;
    struct store_actor actor = store_system_actor();
    actor.role = ROLE_OFFICER;
    actor.unit = read_row_id(request, row, "unit");
    actor.post = read_row_id(request, row, "post");
    struct command_request command = {
        .name = "ring.acknowledge",
        .body = json_pack("{s:O,s:s%}", "ring", json_object_get(row, "ring"), "token",
                          request->capture[0].text.data, request->capture[0].text.size),
        .actor = actor,
    };
    json_decref(row);
    web_command_send(request, &command, answer_ring);
    json_decref(command.body);
}
