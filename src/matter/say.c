// SPDX-License-Identifier: GPL-3.0-or-later
//
// say.c: fills a sentence's arguments by the names that the catalogue gives them.
//
// Invariant: a key gets as many values as it has parameters; one too many or too few is our bug.
#include "matter/say.h"

#include <assert.h>
#include <math.h>

#include "base/time.h"

json_t *say_with(enum text_key key, json_t **values)
{
    json_t *arguments = json_object();
    for (int i = 0; i < SAY_ARGUMENTS; i++) {
        const char *name = text_parameter(key, i);
        if (name == NULL) {
            assert(values[i] == NULL);
            break;
        }
        if (json_object_set_new(arguments, name, values[i]) != 0) {
            for (int left = i + 1; left < SAY_ARGUMENTS; left++)
                json_decref(values[left]);
            json_decref(arguments);
            return NULL;
        }
    }
    return json_pack("{s:s, s:o}", "key", text_name(key), "arguments", arguments);
}

json_t *say_names(const char *zh, const char *en)
{
    return json_pack("{s:s, s:s}", "zh", zh, "en", en);
}

json_t *say_row_names(const json_t *row, const char *prefix)
{
    char field[64];
    snprintf(field, sizeof field, "%s_zh", prefix);
    const char *zh = json_string_value(json_object_get(row, field));
    snprintf(field, sizeof field, "%s_en", prefix);
    const char *en = json_string_value(json_object_get(row, field));
    return say_names(zh == NULL ? "" : zh, en == NULL ? "" : en);
}

json_t *say_level(int64_t level)
{
    static const enum text_key key[] = {TEXT_LEVEL_NONE, TEXT_LEVEL_BLUE, TEXT_LEVEL_YELLOW,
                                        TEXT_LEVEL_ORANGE, TEXT_LEVEL_RED};
    assert(level >= 0);
    assert(level < (int64_t)(sizeof key / sizeof key[0]));
    return say(key[level]);
}

json_t *say_number(double value)
{
    assert(isfinite(value));
    if (value == floor(value) && fabs(value) < 1e15)
        return json_integer((int64_t)value);
    char text[40];
    snprintf(text, sizeof text, "%.4g", value);
    return json_string(text);
}

json_t *say_time(int64_t instant)
{
    char text[40];
    time_write_instant(instant, text, sizeof text);
    return json_string(text);
}
