// SPDX-License-Identifier: GPL-3.0-or-later
//
// message.c: what a port sends: one JSON object in one line, sentences written in both languages.
//
// A sentence in state is {"key", "arguments"}; an argument is a number, a text, a pair of names
// {"zh", "en"}, or another sentence, which is written first. Depth is bounded: SENTENCE_DEPTH.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "ports/ports_priv.h"

enum { SENTENCE_DEPTH = 4 };

struct writing {
    enum text_language language;
    char *buffer;
    size_t size, at;
};

static void put(struct writing *writing, const char *bytes, size_t size)
{
    size_t left = writing->size - 1 - writing->at;
    if (size > left)
        size = left;
    memcpy(writing->buffer + writing->at, bytes, size);
    writing->at += size;
}

static void put_sentence(struct writing *writing, const json_t *sentence, int depth);

static void put_argument(struct writing *writing, const json_t *value, int depth)
{
    char number[32];
    const char *names[] = {[TEXT_CHINESE] = "zh", [TEXT_ENGLISH] = "en"};
    const json_t *name = json_object_get(value, names[writing->language]);
    if (json_is_string(value)) {
        put(writing, json_string_value(value), json_string_length(value));
    } else if (json_is_string(name)) {
        put(writing, json_string_value(name), json_string_length(name));
    } else if (json_is_integer(value)) {
        int size = snprintf(number, sizeof number, "%" PRId64, (int64_t)json_integer_value(value));
        put(writing, number, (size_t)size);
    } else if (json_is_real(value)) {
        int size = snprintf(number, sizeof number, "%.6g", json_real_value(value));
        put(writing, number, (size_t)size);
    } else if (json_is_object(value) && depth < SENTENCE_DEPTH) {
        put_sentence(writing, value, depth + 1);
    }
}

static void put_sentence(struct writing *writing, const json_t *sentence, int depth)
{
    enum text_key key;
    if (!text_find_key(json_text_or(sentence, "key", ""), &key))
        return;
    const json_t *arguments = json_object_get(sentence, "arguments");
    struct span rest = span_from(text_sentence(key, writing->language));
    while (rest.size > 0) {
        const char *open = memchr(rest.data, '{', rest.size);
        struct span piece = open == NULL ? rest : span_cut(&rest, '{');
        put(writing, piece.data, piece.size);
        if (open == NULL)
            break;
        struct span name = span_cut(&rest, '}');
        char field[64];
        snprintf(field, sizeof field, "%.*s", (int)name.size, name.data);
        put_argument(writing, json_object_get(arguments, field), depth);
    }
}

void port_write_sentence(const json_t *sentence, enum text_language language, char *buffer,
                         size_t size)
{
    struct writing writing = {.language = language, .buffer = buffer, .size = size};
    assert(size > 0);
    put_sentence(&writing, sentence, 0);
    // Cut at a character, not inside one.
    buffer[writing.at] = '\0';
    while (writing.at > 0 && !span_is_text((struct span){buffer, writing.at}))
        buffer[--writing.at] = '\0';
}

static void set_sentences(json_t *message, const json_t *row, const char *column)
{
    static const char *const language[] = {[TEXT_CHINESE] = "zh", [TEXT_ENGLISH] = "en"};
    char text[LIMIT_TEXT_SIZE / 2], name[32];
    for (int i = 0; i < TEXT_LANGUAGES; i++) {
        port_write_sentence(json_object_get(row, column), (enum text_language)i, text, sizeof text);
        snprintf(name, sizeof name, "%s_%s", column, language[i]);
        json_object_set_new(message, name, json_string(text));
    }
}

struct span port_message(const json_t *row, const char *id, const char *url, struct arena *arena)
{
    char due_at[40];
    time_write_instant(json_integer_or(row, "due_at", 0), due_at, sizeof due_at);
    struct span token = json_text_or(row, "token", "");
    const char *link = arena_print(arena, "%sr/%.*s", url, (int)token.size, token.data);
    json_t *message =
        json_pack("{s:s,s:O?,s:O?,s:O?,s:s,s:s}", "ring", id, "kind", json_object_get(row, "kind"),
                  "level", json_object_get(row, "level"), "origin", json_object_get(row, "origin"),
                  "due_at", due_at, "link", link == NULL ? "" : link);
    set_sentences(message, row, "title");
    set_sentences(message, row, "why");
    struct span text = json_write(message, arena);
    json_decref(message);
    assert(text.size <= LIMIT_PORT_MESSAGE_SIZE);
    return text;
}
