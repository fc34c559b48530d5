// SPDX-License-Identifier: LGPL-3.0-or-later
//
// json.c: jansson with the strict flags, and faults that name the field.
//
// Invariant: what json_write gives, json_read takes, and gives the same value.
#include "base/json.h"

#include <assert.h>

#include "base/arena.h"
#include "base/memory.h"

static _Thread_local bool has_lost_memory;

static void *allocate(size_t size)
{
    void *piece = memory_take(size > 0 ? size : 1);
    has_lost_memory |= piece == NULL;
    return piece;
}

// Before main, so that nothing of jansson's was allocated otherwise.
__attribute__((constructor)) static void take_over_allocation(void)
{
    json_set_alloc_funcs(allocate, memory_free);
}

void json_watch_memory(void)
{
    has_lost_memory = false;
}

bool json_has_lost_memory(void)
{
    return has_lost_memory;
}

enum { GUESS_SIZE = 256 };

static int depth_of(struct span text)
{
    int depth = 0, deepest = 0;
    bool is_string = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (is_string && c == '\\')
            i++;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '{' || c == '['))
            depth++;
        else if (!is_string && (c == '}' || c == ']'))
            depth--;
        if (depth > deepest)
            deepest = depth;
    }
    return deepest;
}

enum fault_code json_read(struct span text, json_t **ret_value, struct fault *fault)
{
    json_error_t error = {.line = 1, .column = 1, .text = "too deep"};
    json_t *value = NULL;
    bool had_lost_memory = has_lost_memory;
    has_lost_memory = false;
    if (depth_of(text) <= LIMIT_JSON_DEPTH)
        value = json_loadb(text.data == NULL ? "" : text.data, text.size,
                           JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    bool is_lost = has_lost_memory; // jansson's own error code does not always say so.
    has_lost_memory |= had_lost_memory;
    if (value == NULL && is_lost)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (value == NULL)
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_JSON_MALFORMED, text_integer(error.line),
                         text_integer(error.column), text_string(error.text));
    *ret_value = value;
    return FAULT_NONE;
}

struct span json_write(const json_t *value, struct arena *arena)
{
    const size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY;
    // Most values fit the first guess, and then one walk over them is enough. 0: no memory to sort
    // the names.
    char *bytes = arena_allocate(arena, GUESS_SIZE);
    size_t size = bytes == NULL ? 0 : json_dumpb(value, bytes, GUESS_SIZE, flags);
    if (size > GUESS_SIZE) {
        bytes = arena_allocate(arena, size + 1);
        size_t written = bytes == NULL ? 0 : json_dumpb(value, bytes, size, flags);
        assert(written == 0 || written == size);
        size = written;
    }
    return size == 0 ? (struct span){NULL, 0} : (struct span){bytes, size};
}

static enum fault_code read_field(const json_t *object, const char *field, const json_t **ret_value,
                                  struct fault *fault)
{
    const json_t *value = json_object_get(object, field);
    if (value == NULL || json_is_null(value))
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_JSON_FIELD_MISSING, text_string(field));
    *ret_value = value;
    return FAULT_NONE;
}

enum fault_code json_read_text(const json_t *object, const char *field, struct span *ret_value,
                               struct fault *fault)
{
    const json_t *value = NULL;
    enum fault_code code = read_field(object, field, &value, fault);
    if (code != FAULT_NONE)
        return code;
    if (!json_is_string(value))
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_JSON_FIELD_TYPE, text_string(field),
                         text_string("text"));
    *ret_value = (struct span){json_string_value(value), json_string_length(value)};
    return FAULT_NONE;
}

enum fault_code json_read_integer(const json_t *object, const char *field, int64_t *ret_value,
                                  struct fault *fault)
{
    const json_t *value = NULL;
    enum fault_code code = read_field(object, field, &value, fault);
    if (code != FAULT_NONE)
        return code;
    if (!json_is_integer(value))
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_JSON_FIELD_TYPE, text_string(field),
                         text_string("integer"));
    *ret_value = json_integer_value(value);
    return FAULT_NONE;
}

struct span json_text_or(const json_t *object, const char *field, const char *otherwise)
{
    const json_t *value = json_object_get(object, field);
    if (value == NULL || !json_is_string(value))
        return span_from(otherwise);
    return (struct span){json_string_value(value), json_string_length(value)};
}

int64_t json_integer_or(const json_t *object, const char *field, int64_t otherwise)
{
    const json_t *value = json_object_get(object, field);
    return value != NULL && json_is_integer(value) ? json_integer_value(value) : otherwise;
}
