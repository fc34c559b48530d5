// SPDX-License-Identifier: GPL-3.0-or-later
//
// command.c: POST /api/v1/commands/NAME: into the writer's queue, answered after the durable
// commit.
//
// The header Idempotency-Key (a UUID made by the sender) is the command's id: sent twice, it acts
// once and gets the same answer. No thread waits: the connection is suspended until the writer
// calls back. The answer, a few dozen bytes, is written out there and then: JSON values are not
// shared between threads.
//
//     200 the answer        400, 403, 404 refused        409 not now: it would clash
//     503 the queue is full (send it again with the same key)       507 no room on the disk
//
// A command that is too large for one piece of the writer's time (divisions.load) is sent in parts
// by a work thread, with a body as large as an import's.
//
// Under overload commands are shed first: only LIMIT_HTTP_COMMANDS are on their way at once, and
// the rest get 503 at once, so that who is admitted does not wait long, memory stays bounded, and
// signing in and reading go on. Nothing that was admitted is shed.
#include <assert.h>
#include <string.h>

#include "web/web_priv.h"

bool web_read_key(struct span text, unsigned char ret_key[WEB_KEY_SIZE])
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    unsigned char any = 0;
    if (text.size != sizeof form - 1)
        return false;
    for (size_t i = 0, digit = 0; form[i] != '\0'; i++) {
        char c = text.data[i];
        if (form[i] == '-') {
            if (c != '-')
                return false;
            continue;
        }
        int value = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (value < 0)
            return false;
        ret_key[digit / 2] =
            (unsigned char)(digit % 2 == 0 ? value << 4 : ret_key[digit / 2] | value);
        any |= (unsigned char)value;
        digit++;
    }
    return any != 0; // zeros would ask for a new id each time
}

static json_t *write_id(const struct store *store, json_t *value)
{
    char text[64];
    if (!json_is_integer(value))
        return json_incref(value);
    store_write_id(store, json_integer_value(value), text, sizeof text);
    return json_string(text);
}

static json_t *write_value(const struct store *store, enum command_kind kind, json_t *value)
{
    char text[64];
    json_t *list = NULL, *one = NULL;
    size_t index = 0;
    switch (kind) {
    case COMMAND_ID: return write_id(store, value);
    case COMMAND_IDS:
        list = json_array();
        json_array_foreach(value, index, one) json_array_append_new(list, write_id(store, one));
        return list;
    case COMMAND_TIME:
        if (!json_is_integer(value))
            break;
        time_write_instant(json_integer_value(value), text, sizeof text);
        return json_string(text);
    case COMMAND_TEXT:
    case COMMAND_INTEGER:
    case COMMAND_REAL_TEXT:
    case COMMAND_PERIOD:
    case COMMAND_BOOLEAN:
    case COMMAND_JSON: break;
    }
    return json_incref(value);
}

// What the command added, in the form that everything has outside: ids as 21-4711, times as RFC
// 3339.
static struct span write_answer(struct web_request *request, const json_t *answer)
{
    const struct command_row *row = request->route->command;
    json_t *outside = json_copy((json_t *)(uintptr_t)answer); // its values are only read
    for (int i = 0; row != NULL && i < COMMAND_ANSWERS && row->answer[i].name != NULL; i++) {
        json_t *value = json_object_get(outside, row->answer[i].name);
        if (value != NULL)
            json_object_set_new(
                outside, row->answer[i].name,
                write_value(request->server->options.store, row->answer[i].kind, value));
    }
    struct span text = json_write(outside, &request->arena);
    json_decref(outside);
    return text;
}

// On the writer thread: takes what is borrowed and wakes the request.
static void take_result(void *context, const struct command_result *result)
{
    struct web_request *request = context;
    atomic_fetch_sub(&request->server->command_count, 1);
    if (result->code == FAULT_NONE)
        request->result = write_answer(request, result->answer);
    else
        request->fault = *result->fault;
    web_request_wake(request);
}

static void answer_command(struct web_request *request)
{
    if (request->fault.code != FAULT_NONE)
        web_answer_fault(request, &request->fault);
    else
        web_answer(request, 200, "application/json; charset=utf-8", request->result);
}

static void answer_refused(struct web_request *request)
{
    web_answer_fault_as(request, 503, &request->fault);
}

void web_command_send(struct web_request *request, const struct command_request *command,
                      void (*finish)(struct web_request *request))
{
    struct fault fault = {.code = FAULT_NONE};
    _Atomic int *count = &request->server->command_count;
    int room = LIMIT_HTTP_COMMANDS + (request->session.is_known ? 0 : LIMIT_HTTP_COMMANDS_RINGS);
    if (atomic_fetch_add(count, 1) >= room) {
        atomic_fetch_sub(count, 1);
        web_refuse(request, 503, FAULT_BUSY, TEXT_WEB_BUSY);
        return;
    }
    web_request_park(request, finish);
    enum fault_code code =
        store_post_command(request->server->options.store, command, take_result, request, &fault);
    if (code == FAULT_NONE)
        return;
    // Nobody else will wake it.
    atomic_fetch_sub(count, 1);
    request->fault = fault;
    if (code == FAULT_BUSY || code == FAULT_FULL)
        request->finish = answer_refused;
    web_request_wake(request);
}

// ---- Commands that are sent in parts ---------------------------------------------------------

// On a work thread: the body is large, and each part waits for the disk.
static void run_in_parts(void *context)
{
    struct web_request *request = context;
    const struct command_request *command = request->job;
    json_t *answer = NULL;
    if (store_run_command(request->server->options.store, command, &answer, &request->fault) ==
        FAULT_NONE)
        request->result = write_answer(request, answer);
    json_decref(answer);
    web_request_wake(request);
}

static void answer_parts(struct web_request *request)
{
    struct command_request *command = request->job;
    json_decref(command->body);
    answer_command(request);
}

// Takes the body over.
static void send_in_parts(struct web_request *request, const struct command_request *command)
{
    struct command_request *kept = arena_allocate(&request->arena, sizeof *kept);
    if (kept == NULL) {
        json_decref(command->body);
        web_refuse(request, 503, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        return;
    }
    *kept = *command;
    request->job = kept;
    web_request_park(request, answer_parts);
    if (web_work_post(request->server->work, run_in_parts, request, &request->fault) != FAULT_NONE)
        web_request_wake(request);
}

void web_command_run(struct web_request *request)
{
    struct fault fault = {.code = FAULT_NONE};
    struct command_request command = {
        .name = request->route->command->name,
        .actor = request->session.actor,
    };
    if (!web_read_key(span_from(web_request_header(request, "Idempotency-Key")), command.id)) {
        web_refuse(request, 400, FAULT_INVALID, TEXT_WEB_KEY);
        return;
    }
    if (web_request_read_json(request, &command.body, &fault) != FAULT_NONE) {
        web_answer_fault(request, &fault);
        return;
    }
    if (request->route->command->send != NULL) {
        send_in_parts(request, &command);
        return;
    }
    web_command_send(request, &command, answer_command);
    json_decref(command.body);
}
