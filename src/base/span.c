// SPDX-License-Identifier: LGPL-3.0-or-later
//
// span.c: comparison, cutting, numbers and text checks on spans.
//
// Idea: one strict reading of numbers and text from outside, so that no caller has its own. Numbers
// go through strtoll and strtod on a bounded copy, after the characters have been checked: no
// locale of ours is ever set, so the C locale holds. UTF-8 is checked after Unicode 15, table 3-7.
#include "base/span.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { NUMBER_SIZE = 64 };

struct span span_from(const char *string)
{
    return (struct span){string, string == NULL ? 0 : strlen(string)};
}

bool span_equal(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool span_is(struct span a, const char *string)
{
    return span_equal(a, span_from(string));
}

bool span_starts(struct span a, const char *prefix)
{
    size_t size = strlen(prefix);
    return a.size >= size && memcmp(a.data, prefix, size) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span a)
{
    if (span_starts(a, "\xEF\xBB\xBF"))
        a = (struct span){a.data + 3, a.size - 3};
    while (a.size > 0 && is_blank(a.data[0]))
        a = (struct span){a.data + 1, a.size - 1};
    while (a.size > 0 && is_blank(a.data[a.size - 1]))
        a.size--;
    return a;
}

struct span span_cut(struct span *rest, char separator)
{
    assert(rest != NULL);
    const char *at = rest->size == 0 ? NULL : memchr(rest->data, separator, rest->size);
    struct span head = *rest;
    if (at == NULL) {
        *rest = (struct span){rest->data + rest->size, 0};
        return head;
    }
    head.size = (size_t)(at - rest->data);
    *rest = (struct span){at + 1, rest->size - head.size - 1};
    return head;
}

static bool copy_number(struct span a, const char *allowed, char *buffer)
{
    if (a.size == 0 || a.size >= NUMBER_SIZE)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (a.data[i] == '\0' || strchr(allowed, a.data[i]) == NULL)
            return false;
    memcpy(buffer, a.data, a.size);
    buffer[a.size] = '\0';
    return true;
}

bool span_to_integer(struct span a, int64_t *ret_value)
{
    char buffer[NUMBER_SIZE];
    char *end = NULL;
    if (!copy_number(a, "+-0123456789", buffer))
        return false;
    errno = 0;
    long long value = strtoll(buffer, &end, 10);
    if (errno != 0 || end == buffer || *end != '\0')
        return false;
    *ret_value = value;
    return true;
}

bool span_to_real(struct span a, double *ret_value)
{
    char buffer[NUMBER_SIZE];
    char *end = NULL;
    if (!copy_number(a, "+-0123456789.eE", buffer))
        return false;
    errno = 0;
    double value = strtod(buffer, &end);
    if ((errno == ERANGE && (value > 1.0 || value < -1.0)) || end == buffer || *end != '\0')
        return false;
    *ret_value = value;
    return true;
}

// Returns the length of the well-formed sequence at `at`, 0 when it is none; *ret_code is its code
// point.
static size_t read_code_point(const unsigned char *at, size_t left, uint32_t *ret_code)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = at[0] < 0x80 ? 1 : at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : at[0] >= 0xC2 ? 2 : 0;
    if (size == 0 || size > left || at[0] > 0xF4)
        return 0;
    uint32_t code = size == 1 ? at[0] : at[0] & (0xFFu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3Fu);
    }
    if (code < least[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *ret_code = code;
    return size;
}

// True when the eight bytes at `at` are all ASCII and none is zero.
static bool is_plain_ascii(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    const uint64_t high = 0x8080808080808080u, one = 0x0101010101010101u;
    return ((word | (word - one)) & high) == 0;
}

size_t span_text_size(struct span a)
{
    size_t i = 0;
    while (i < a.size) {
        if (a.size - i >= sizeof(uint64_t) && is_plain_ascii(a.data + i)) {
            i += sizeof(uint64_t);
            continue;
        }
        uint32_t code = 0;
        size_t size = read_code_point((const unsigned char *)a.data + i, a.size - i, &code);
        if (size == 0 || code == 0 || (code >= 0x202A && code <= 0x202E) ||
            (code >= 0x2066 && code <= 0x2069))
            break;
        i += size;
    }
    return i;
}

bool span_is_text(struct span a)
{
    return span_text_size(a) == a.size;
}

char *span_to_string(struct span a, struct arena *arena)
{
    char *copy = arena_allocate(arena, a.size + 1);
    if (copy == NULL)
        return NULL;
    if (a.size > 0)
        memcpy(copy, a.data, a.size);
    copy[a.size] = '\0';
    return copy;
}
