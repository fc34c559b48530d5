// SPDX-License-Identifier: GPL-3.0-or-later
//
// matter_test.c: the life cycle as a table, and sentences as JSON.
#include "matter/matter.h"

#include <string.h>

#include "matter/say.h"
#include "unit.h"

static bool may(const char *kind, const char *state, enum matter_step step)
{
    return matter_may(span_from(kind), span_from(state), step);
}

void test_matter_life_cycle(void)
{
    CHECK(may("notice", "raised", MATTER_TAKE_OVER));
    CHECK(may("notice", "raised", MATTER_JUDGE));
    CHECK(!may("notice", "raised", MATTER_CLOSE));
    CHECK(may("notice", "in_response", MATTER_CLOSE));
    CHECK(!may("notice", "in_response", MATTER_JUDGE));
    CHECK(may("notice", "not_upheld", MATTER_CLOSE));
    for (int step = 0; step < MATTER_STEPS; step++)
        CHECK(!may("notice", "closed", (enum matter_step)step));
    CHECK(may("question", "asked", MATTER_ANSWER));
    CHECK(!may("question", "answered", MATTER_ANSWER));
    CHECK(!may("measure", "planned", MATTER_ANSWER));
}

void test_matter_is_above(void)
{
    struct store_actor city = {.low = 10, .high = 19}, province = {.low = 1, .high = 99};
    CHECK(!matter_is_above(&city, 10, 19));
    CHECK(matter_is_above(&city, 12, 12));
    CHECK(matter_is_above(&province, 10, 19));
    CHECK(!matter_is_above(&city, 1, 99));
    CHECK(!matter_is_above(&city, 20, 29));
}

void test_say_names_arguments(void)
{
    json_t *sentence = say(TEXT_STEP_HANDED_OVER, say_names("卫健委", "Health"),
                           say_names("值班", "Duty"), json_string("leave"));
    const json_t *arguments = json_object_get(sentence, "arguments");
    CHECK_TEXT(json_string_value(json_object_get(sentence, "key")), "step.handed_over");
    CHECK_TEXT(json_string_value(json_object_get(json_object_get(arguments, "unit"), "en")),
               "Health");
    CHECK_TEXT(json_string_value(json_object_get(arguments, "reason")), "leave");
    CHECK_EQUAL(json_object_size(arguments), 3);
    json_decref(sentence);
    json_t *level = say_level(3);
    CHECK_TEXT(json_string_value(json_object_get(level, "key")), "level.orange");
    json_decref(level);
    json_t *number = say_number(12.0);
    CHECK(json_is_integer(number));
    json_decref(number);
    CHECK(say(TEXT_STEP_HANDED_OVER, json_null()) == NULL);
}
