// SPDX-License-Identifier: LGPL-3.0-or-later
//
// text.c: finds a sentence and fills its placeholders.
//
// Invariants: the table's rows are sorted by name, so that a name is found by halving;
// tools/text_compile has checked that both languages use the same placeholders, so that nothing can
// be missing here.
#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text_number.h"
#include "base/text_table.h"

struct text_argument text_span(struct span span)
{
    struct text_argument argument = {.kind = TEXT_ARGUMENT_STRING};
    size_t size = span.size;
    bool is_cut = size >= sizeof argument.string;
    if (is_cut) {
        size = sizeof argument.string - 4;
        while (size > 0 && ((unsigned char)span.data[size] & 0xC0) == 0x80)
            size--;
    }
    if (size > 0)
        memcpy(argument.string, span.data, size);
    if (is_cut)
        memcpy(argument.string + size, "…", sizeof "…");
    return argument;
}

struct text_argument text_names(struct span zh, struct span en)
{
    struct text_argument argument = text_span(zh), other = text_span(en);
    argument.kind = TEXT_ARGUMENT_NAMES;
    memcpy(argument.english, other.string, sizeof argument.english);
    return argument;
}

struct text_argument text_string(const char *string)
{
    return text_span(span_from(string));
}

struct text_argument text_integer(int64_t value)
{
    return (struct text_argument){.kind = TEXT_ARGUMENT_INTEGER, .integer = value};
}

struct text_argument text_real(double value)
{
    return (struct text_argument){.kind = TEXT_ARGUMENT_REAL, .real = value};
}

// The row of a key, NULL when there is none.
static const struct text_row *find_row(enum text_key key)
{
    int low = 0, high = text_table_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (text_table[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < text_table_count && text_table[low].key == key ? &text_table[low] : NULL;
}

static void append(char *buffer, size_t size, size_t *at, struct span piece)
{
    size_t left = size - 1 - *at;
    if (piece.size > left)
        piece.size = left;
    if (piece.size > 0)
        memcpy(buffer + *at, piece.data, piece.size);
    *at += piece.size;
}

static void append_argument(const struct text_argument *argument, enum text_language language,
                            char *buffer, size_t size, size_t *at)
{
    char number[32] = "";
    if (argument->kind == TEXT_ARGUMENT_STRING || argument->kind == TEXT_ARGUMENT_NAMES) {
        bool is_english = argument->kind == TEXT_ARGUMENT_NAMES && language == TEXT_ENGLISH;
        append(buffer, size, at, span_from(is_english ? argument->english : argument->string));
        return;
    }
    if (argument->kind == TEXT_ARGUMENT_INTEGER)
        snprintf(number, sizeof number, "%" PRId64, argument->integer);
    if (argument->kind == TEXT_ARGUMENT_REAL)
        snprintf(number, sizeof number, "%.6g", argument->real);
    append(buffer, size, at, span_from(number));
}

static int find_parameter(const struct text_row *row, struct span name)
{
    for (int i = 0; i < LIMIT_TEXT_ARGUMENTS && row->parameter[i] != NULL; i++)
        if (span_is(name, row->parameter[i]))
            return i;
    return -1;
}

void text_write(enum text_key key, enum text_language language,
                const struct text_argument *argument, char *buffer, size_t size)
{
    const struct text_row *row = find_row(key);
    assert(row != NULL);
    assert(size > 0);
    struct span rest = span_from(row->sentence[language]);
    size_t at = 0;
    while (rest.size > 0) {
        const char *open = memchr(rest.data, '{', rest.size);
        if (open == NULL) {
            append(buffer, size, &at, rest);
            break;
        }
        append(buffer, size, &at, span_cut(&rest, '{'));
        int index = find_parameter(row, span_cut(&rest, '}'));
        if (index >= 0 && argument != NULL)
            append_argument(&argument[index], language, buffer, size, &at);
    }
    buffer[at] = '\0';
}

const char *text_sentence(enum text_key key, enum text_language language)
{
    const struct text_row *row = find_row(key);
    assert(row != NULL);
    return row->sentence[language];
}

const char *text_name(enum text_key key)
{
    const struct text_row *row = find_row(key);
    assert(row != NULL);
    return row->name;
}

bool text_find_key(struct span name, enum text_key *ret_key)
{
    const struct text_row *row = find_row((enum text_key)text_number(name.data, name.size));
    if (row == NULL || !span_is(name, row->name))
        return false;
    *ret_key = row->key;
    return true;
}

const char *text_parameter(enum text_key key, int index)
{
    const struct text_row *row = find_row(key);
    assert(row != NULL);
    assert(index >= 0 && index < 8);
    return row->parameter[index];
}

enum text_language text_language_from(const char *locale)
{
    return locale != NULL && strncmp(locale, "zh", 2) == 0 ? TEXT_CHINESE : TEXT_ENGLISH;
}
