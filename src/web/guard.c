// SPDX-License-Identifier: GPL-3.0-or-later
//
// guard.c: the checks of guard.h, each a loop over the head.
//
// Invariant: nothing outside the library's buffer is read. A line end and the empty line that
// closes the head stand behind the last value, so the four bytes behind it are the buffer's.
#include "web/guard.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

enum { VERSION_SIZE = 8, LINE_END_SIZE = 2, BLANKS_MAX = 64 };

void guard_add(struct guard_head *head, struct span name, struct span value)
{
    head->size += name.size + value.size + 4;
    if (head->count >= LIMIT_HTTP_HEADERS || head->size > LIMIT_HTTP_HEAD_SIZE) {
        head->is_too_large = true;
        return;
    }
    head->name[head->count] = name;
    head->value[head->count] = value;
    head->count++;
}

// Blanks alone may stand between the NUL on the colon and the value.
static bool is_joined(struct span name, struct span value)
{
    const char *colon = name.data + name.size;
    uintptr_t from = (uintptr_t)colon, to = (uintptr_t)value.data;
    if (to <= from || to - from > BLANKS_MAX || *colon != '\0')
        return false;
    for (const char *c = colon + 1; c < value.data; c++)
        if (*c != ' ' && *c != '\t')
            return false;
    return true;
}

bool guard_is_plain(const struct guard_head *head)
{
    assert(head->version != NULL);
    const char *end = head->version + VERSION_SIZE;
    for (int i = 0; i < head->count; i++) {
        struct span name = head->name[i], value = head->value[i];
        if (name.size == 0 || value.data == NULL)
            return false;
        if ((uintptr_t)name.data != (uintptr_t)end + LINE_END_SIZE || !is_joined(name, value))
            return false;
        end = value.data + value.size;
        if (end[0] != '\0' || end[1] != '\0')
            return false;
    }
    // The empty line, as it came or already overwritten.
    return (end[2] == '\0' || end[2] == '\r') && (end[3] == '\0' || end[3] == '\n');
}

static bool is_token(struct span name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_word && (c == '\0' || strchr(others, c) == NULL))
            return false;
    }
    return name.size > 0;
}

static bool is_free_of_controls(struct span value)
{
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static bool is_named(struct span name, const char *wanted)
{
    return name.size == strlen(wanted) && strncasecmp(name.data, wanted, name.size) == 0;
}

bool guard_is_sound(const struct guard_head *head)
{
    int host_count = 0, length_count = 0, coding_count = 0;
    for (int i = 0; i < head->count; i++) {
        struct span name = head->name[i], value = span_trim(head->value[i]);
        if (!is_token(name) || !is_free_of_controls(head->value[i]))
            return false;
        host_count += is_named(name, "Host");
        length_count += is_named(name, "Content-Length");
        if (!is_named(name, "Transfer-Encoding"))
            continue;
        coding_count++;
        if (!is_named(value, "chunked"))
            return false;
    }
    return host_count <= 1 && length_count + coding_count <= 1;
}

bool guard_is_target(struct span target)
{
    if (target.size == 0 || target.data[0] != '/' || span_starts(target, "//"))
        return false;
    for (size_t i = 0; i < target.size; i++) {
        char c = target.data[i];
        if (c <= 0x20 || c >= 0x7F || strchr("#\\<>\"^`{|}", c) != NULL)
            return false;
    }
    return true;
}
