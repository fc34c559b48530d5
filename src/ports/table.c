// SPDX-License-Identifier: GPL-3.0-or-later
//
// table.c: the kinds of ports, and reading ports.json.
//
// The file is written by the administrator, so what is wrong in it is said with the port's name and
// the field's, at start, before anything is served. Names are unique: they are the cursor's key.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "ports/ports_priv.h"

enum { PORT_ALLOWED_S_MAX = 60 };

static const struct port_kind kinds[] = {
    {"webhook", port_send_webhook, "sent"},
    {"command", port_send_command, "sent"},
    {"file", port_send_file, "sent"},
};
const struct port_kind port_recorder = {"recorder", port_send_file, "recorded"};

static const struct port_kind *find_kind(struct span name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (span_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

// https anywhere, http to this machine only: a message carries a token.
static bool is_safe_url(struct span url)
{
    static const char *const allowed[] = {"https://", "http://127.0.0.1:", "http://127.0.0.1/",
                                          "http://[::1]:", "http://[::1]/"};
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (span_starts(url, allowed[i]))
            return true;
    return false;
}

static enum fault_code refuse(const char *name, const char *field, struct fault *fault)
{
    return fault_set(fault, FAULT_INVALID, TEXT_PORTS_FIELD, text_string(name), text_string(field));
}

static enum fault_code read_arguments(const json_t *object, struct arena *arena, struct port *port,
                                      struct fault *fault)
{
    const json_t *list = json_object_get(object, "argv");
    size_t count = json_array_size(list);
    if (count == 0 || count > PORT_ARGUMENTS)
        return refuse(port->name, "argv", fault);
    for (size_t i = 0; i < count; i++) {
        const char *word = json_string_value(json_array_get(list, i));
        if (word == NULL || (i == 0 && word[0] != '/'))
            return refuse(port->name, "argv", fault);
        port->argument[i] = span_to_string(span_from(word), arena);
        if (port->argument[i] == NULL)
            return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    }
    return FAULT_NONE;
}

static enum fault_code read_target(const json_t *object, const char *folder, struct arena *arena,
                                   struct port *port, struct fault *fault)
{
    bool is_webhook = port->kind->send == port_send_webhook;
    const char *field = is_webhook ? "url" : "path";
    struct span text = json_text_or(object, field, "");
    if (text.size == 0 || (is_webhook && !is_safe_url(text)))
        return refuse(port->name, field, fault);
    bool is_relative = !is_webhook && text.data[0] != '/';
    port->target = is_relative ? arena_print(arena, "%s/%.*s", folder, (int)text.size, text.data)
                               : span_to_string(text, arena);
    return port->target == NULL ? fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL) : FAULT_NONE;
}

static enum fault_code read_port(const json_t *object, const char *folder, struct arena *arena,
                                 struct port *port, struct fault *fault)
{
    struct span name = json_text_or(object, "name", "");
    if (name.size == 0 || name.size >= sizeof port->name)
        return refuse("?", "name", fault);
    memcpy(port->name, name.data, name.size);
    port->kind = find_kind(json_text_or(object, "kind", ""));
    if (port->kind == NULL)
        return refuse(port->name, "kind", fault);
    int64_t allowed_s = json_integer_or(object, "timeout_s", PORT_ALLOWED_MS / 1000);
    if (allowed_s < 1 || allowed_s > PORT_ALLOWED_S_MAX)
        return refuse(port->name, "timeout_s", fault);
    port->allowed_ms = (int)allowed_s * 1000;
    if (port->kind->send == port_send_command)
        return read_arguments(object, arena, port, fault);
    return read_target(object, folder, arena, port, fault);
}

static enum fault_code read_list(const json_t *list, const char *folder, struct arena *arena,
                                 struct port ports[LIMIT_PORTS], int *ret_count,
                                 struct fault *fault)
{
    size_t count = json_array_size(list);
    if (count > LIMIT_PORTS)
        return fault_set(fault, FAULT_INVALID, TEXT_PORTS_MANY, text_integer(LIMIT_PORTS));
    for (size_t i = 0; i < count; i++) {
        enum fault_code code = read_port(json_array_get(list, i), folder, arena, &ports[i], fault);
        if (code != FAULT_NONE)
            return code;
        for (size_t k = 0; k < i; k++)
            if (strcmp(ports[k].name, ports[i].name) == 0)
                return refuse(ports[i].name, "name", fault);
    }
    *ret_count = (int)count;
    return FAULT_NONE;
}

static enum fault_code record_instead(const char *folder, struct arena *arena,
                                      struct port ports[LIMIT_PORTS], int *count,
                                      struct fault *fault)
{
    const char *path = arena_print(arena, "%s/recorded.jsonl", folder);
    if (path == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    if (*count == 0)
        snprintf(ports[(*count)++].name, PORT_NAME_SIZE, "recorder");
    for (int i = 0; i < *count; i++) {
        ports[i].kind = &port_recorder;
        ports[i].target = path;
    }
    return FAULT_NONE;
}

enum fault_code ports_read(struct span text, const char *folder, bool is_recorded,
                           struct arena *arena, struct port ports[LIMIT_PORTS], int *ret_count,
                           struct fault *fault)
{
    json_t *table = NULL;
    int count = 0;
    enum fault_code code = FAULT_NONE;
    memset(ports, 0, LIMIT_PORTS * sizeof ports[0]);
    if (text.size > 0)
        code = json_read(text, &table, fault);
    if (code == FAULT_NONE && table != NULL && !json_is_array(json_object_get(table, "ports")))
        code = refuse("?", "ports", fault);
    if (code == FAULT_NONE && table != NULL)
        code = read_list(json_object_get(table, "ports"), folder, arena, ports, &count, fault);
    json_decref(table);
    if (code == FAULT_NONE && is_recorded)
        code = record_instead(folder, arena, ports, &count, fault);
    if (code == FAULT_NONE)
        *ret_count = count;
    return code;
}
