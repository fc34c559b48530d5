// SPDX-License-Identifier: LGPL-3.0-or-later
//
// csv.c: cuts text into rows and fields.
//
// Idea: one pass, no copy. A closing line feed is put behind the text, so that the scan for the end
// of a field needs no bound: it stops at a separator, line end or quote.
//
//     field    = quoted / plain           then separator, line feed, or carriage return + line feed
//     plain    = bytes other than quote, separator, line feed, carriage return
//     quoted   = " (any byte but ", or "")* "        "" becomes " by moving what follows it down
//
// Invariants: at <= end; *end is a line feed of ours; spans of a row never overlap.
#include "base/csv.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

void csv_free(struct csv_text *text)
{
    memory_free(text->data);
    *text = (struct csv_text){0};
}

static char find_separator(const char *at, const char *end)
{
    static const char candidate[] = {',', '\t', ';'};
    size_t count[3] = {0}, best = 0;
    bool is_quoted = false;
    for (; at < end && (is_quoted || *at != '\n'); at++) {
        if (*at == '"')
            is_quoted = !is_quoted;
        for (int i = 0; i < 3 && !is_quoted; i++)
            count[i] += *at == candidate[i];
    }
    for (size_t i = 1; i < 3; i++)
        if (count[i] > count[best])
            best = i;
    return candidate[best];
}

void csv_open(struct csv_reader *reader, struct csv_text *text)
{
    assert(text->data != NULL && text->start <= text->size);
    *reader = (struct csv_reader){
        .at = text->data + text->start, .end = text->data + text->size, .line_next = 1};
    *reader->end = '\n';
    reader->separator = find_separator(reader->at, reader->end);
}

void csv_close(struct csv_reader *reader)
{
    memory_free(reader->field);
    *reader = (struct csv_reader){0};
}

static bool push_field(struct csv_reader *reader, const char *data, size_t size)
{
    if (!memory_grow((void **)&reader->field, reader->field_count, &reader->capacity,
                     sizeof *reader->field))
        return false;
    reader->field[reader->field_count++] = (struct span){data, size};
    return true;
}

static enum fault_code refuse(const struct csv_reader *reader, enum text_key key,
                              struct fault *fault)
{
    return fault_set(fault, FAULT_INVALID, key, text_integer(reader->line_next),
                     text_integer((int64_t)reader->field_count + 1));
}

// Reads a quoted field whose opening quote stands at `at`. Returns what stands behind the closing
// quote, NULL where there is none.
static char *read_quoted(struct csv_reader *reader, char *at, struct span *ret_field)
{
    assert(*at == '"');
    char *start = at + 1, *to = start;
    for (at = start; at < reader->end;) {
        char *quote = memchr(at, '"', (size_t)(reader->end - at));
        if (quote == NULL)
            return NULL;
        size_t size = (size_t)(quote - at);
        for (const char *c = at; (c = memchr(c, '\n', (size_t)(quote - c))) != NULL; c++)
            reader->line_next++;
        if (to != at)
            memmove(to, at, size);
        to += size;
        if (quote[1] != '"' || quote + 1 == reader->end) {
            *ret_field = (struct span){start, (size_t)(to - start)};
            return quote + 1;
        }
        *to++ = '"';
        at = quote + 2;
    }
    return NULL;
}

// Reads the fields of one row from reader->at to its line's end.
static enum fault_code read_row(struct csv_reader *reader, struct fault *fault)
{
    const char separator = reader->separator;
    char *at = reader->at;
    for (;;) {
        struct span field = {at, 0};
        if (*at == '"') {
            int64_t line = reader->line_next;
            at = read_quoted(reader, at, &field);
            if (at == NULL) {
                reader->line_next = line;
                return refuse(reader, TEXT_CSV_QUOTE_OPEN, fault);
            }
        } else {
            while (*at != separator && *at != '\n' && *at != '\r' && *at != '"')
                at++;
            field.size = (size_t)(at - field.data);
            if (*at == '"')
                return refuse(reader, TEXT_CSV_QUOTE_STRAY, fault);
        }
        if (*at != separator && *at != '\n' && *at != '\r')
            return refuse(reader, TEXT_CSV_QUOTE_AFTER, fault);
        if (*at == '\r' && at[1] != '\n')
            return refuse(reader, TEXT_CSV_CARRIAGE, fault);
        if (!push_field(reader, field.data, field.size))
            return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        if (*at != separator)
            break;
        at++;
    }
    at += *at == '\r';
    reader->line_next++;
    // The closing line feed is ours: a text that ends without one ends there.
    reader->at = at < reader->end ? at + 1 : reader->end;
    return FAULT_NONE;
}

enum fault_code csv_next(struct csv_reader *reader, struct fault *fault)
{
    assert(reader->at <= reader->end);
    reader->field_count = 0;
    while (reader->at < reader->end && (*reader->at == '\n' || *reader->at == '\r')) {
        if (*reader->at == '\r' && reader->at[1] != '\n')
            return refuse(reader, TEXT_CSV_CARRIAGE, fault);
        reader->at += *reader->at == '\r' && reader->at + 1 < reader->end ? 2 : 1;
        reader->line_next++;
    }
    if (reader->at >= reader->end)
        return FAULT_NONE;
    reader->line = reader->line_next;
    enum fault_code code = read_row(reader, fault);
    if (code != FAULT_NONE)
        return code;
    if (reader->width == 0)
        reader->width = reader->field_count;
    if (reader->field_count != reader->width)
        return fault_set(fault, FAULT_INVALID, TEXT_CSV_WIDTH, text_integer(reader->line),
                         text_integer((int64_t)reader->width),
                         text_integer((int64_t)reader->field_count));
    return FAULT_NONE;
}
