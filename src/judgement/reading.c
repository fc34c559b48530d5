// SPDX-License-Identifier: GPL-3.0-or-later
//
// reading.c: a reading that is not believed is asked about, and answered; figures typed by hand.
//
// The question goes to the keeper of the feed (else to the risk office), with two hours. Answers:
// kept (it is right after all), corrected (with the right value, which lands as a new reading of
// the same period; the old one is kept beside it), withdrawn (there is no value). From then on the
// reading is believed again, or gone; until then it lowers nothing and enters no baseline.
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/time.h"
#include "judgement/judgement_priv.h"
#include "pack/pack.h"
#include "store/readings.h"

enum { QUESTION_HOURS = 2 };

// Follows reading.doubted by the chain.
enum fault_code reading_run_ask(struct command *command, struct fault *fault)
{
    json_t *doubt = NULL, *duty = NULL, *body = NULL;
    enum fault_code code =
        matter_load(command, QUERY_DOUBT_FOR_COMMAND, "doubt", command_integer(command, "doubt"),
                    TEXT_QUESTION_UNKNOWN, &doubt, fault);
    if (code != FAULT_NONE || json_integer_or(doubt, "question", 0) != 0 ||
        json_is_false(json_object_get(doubt, "is_open")))
        goto out;
    code = matter_find_duty(command, json_string_value(json_object_get(doubt, "field")),
                            json_object_get(command->body, "roles"),
                            json_integer_or(doubt, "division", 0), false, &duty, fault);
    if (code != FAULT_NONE)
        goto out;
    json_t *place = json_object_get(command->body, "place");
    body = json_pack(
        "{s:O, s:O, s:O, s:O, s:O, s:I, s:s, s:o, s:o}", "doubt", json_object_get(doubt, "id"),
        "field", json_object_get(doubt, "field"), "origin", json_object_get(doubt, "origin"),
        "series", json_object_get(doubt, "series"), "period", json_object_get(doubt, "period"),
        "deadline_at", (json_int_t)(command->time + QUESTION_HOURS * TIME_HOUR), "deadline_rule",
        "judgement@1 question", "title",
        say(TEXT_QUESTION_TITLE, json_incref(place), json_incref(json_object_get(doubt, "value")),
            json_incref(json_object_get(doubt, "period_text"))),
        "what",
        say(TEXT_STEP_QUESTION_ASKED,
            json_incref(json_array_get(json_object_get(doubt, "reason"), 0))));
    if (duty != NULL) {
        json_object_set(body, "unit", json_object_get(duty, "unit"));
        json_object_set(body, "post", json_object_get(duty, "post"));
        json_object_set(body, "role", json_object_get(duty, "role"));
    }
    code = matter_emit(command, "question.asked", json_integer_or(doubt, "division", 0), body, NULL,
                       fault);
out:
    json_decref(doubt);
    json_decref(duty);
    return code;
}

// A decimal text as value x 10^decimals. False: too many digits behind the point, or no number.
static bool scale_value(struct span text, int64_t decimals, int64_t *ret_scaled)
{
    double value = 0, factor = pow(10, (double)decimals);
    if (!span_to_real(text, &value) || fabs(value) * factor > 9e15)
        return false;
    double scaled = round(value * factor);
    if (fabs(scaled - value * factor) > 1e-6)
        return false;
    *ret_scaled = (int64_t)scaled;
    return true;
}

static enum fault_code land_value(struct command *command, const json_t *series, int32_t period,
                                  int64_t scaled, const char *note, struct fault *fault)
{
    struct reading reading = {
        .series = json_integer_or(series, "id", 0), .value_scaled = scaled, .period = period};
    struct reading_batch batch = {
        .division = json_integer_or(series, "division", 0),
        .known_at = command->time,
        .is_simulated = span_is(json_text_or(series, "origin", ""), "simulated"),
        .source = "typed by the office",
        .source_zh = "本级填报",
        .note = note,
    };
    return readings_emit(command, &batch, &reading, 1, NULL, fault);
}

enum answer { ANSWER_KEPT, ANSWER_CORRECTED, ANSWER_WITHDRAWN, ANSWERS };

static enum fault_code read_answer(const struct command *command, enum answer *ret_answer,
                                   struct fault *fault)
{
    static const char *const words[ANSWERS] = {"kept", "corrected", "withdrawn"};
    struct span text = command_text(command, "answer");
    int answer = 0;
    while (answer < ANSWERS && !span_is(text, words[answer]))
        answer++;
    if (answer == ANSWERS)
        return fault_set(fault, FAULT_INVALID, TEXT_READING_ANSWER_WRONG, text_span(text));
    if (answer == ANSWER_CORRECTED && !command_has(command, "value"))
        return fault_set(fault, FAULT_INVALID, TEXT_READING_VALUE_MISSING);
    if (answer != ANSWER_CORRECTED && command_has(command, "value"))
        return fault_set(fault, FAULT_INVALID, TEXT_READING_VALUE_UNWANTED);
    *ret_answer = (enum answer)answer;
    return FAULT_NONE;
}

enum fault_code reading_run_answer(struct command *command, struct fault *fault)
{
    static const enum text_key steps[ANSWERS] = {
        TEXT_STEP_ANSWERED_KEPT, TEXT_STEP_ANSWERED_CORRECTED, TEXT_STEP_ANSWERED_WITHDRAWN};
    json_t *matter = NULL, *doubt = NULL, *series = NULL, *body = NULL;
    enum answer answer = ANSWER_KEPT;
    int64_t scaled = READING_WITHDRAWN, question = command_integer(command, "question");
    enum fault_code code = matter_load(command, QUERY_MATTER_FOR_COMMAND, "matter", question,
                                       TEXT_QUESTION_UNKNOWN, &matter, fault);
    if (code == FAULT_NONE)
        code = matter_check_step(matter, json_string_value(json_object_get(matter, "kind")),
                                 MATTER_ANSWER, fault);
    if (code == FAULT_NONE)
        code = matter_load(command, QUERY_DOUBT_FOR_COMMAND, "question", question,
                           TEXT_QUESTION_UNKNOWN, &doubt, fault);
    if (code == FAULT_NONE)
        code = reason_check(command, fault);
    if (code == FAULT_NONE)
        code = read_answer(command, &answer, fault);
    if (code == FAULT_NONE)
        code =
            matter_load(command, QUERY_SERIES_DETAIL, "series", json_integer_or(doubt, "series", 0),
                        TEXT_SERIES_UNKNOWN, &series, fault);
    if (code == FAULT_NONE && answer == ANSWER_CORRECTED &&
        !scale_value(command_text(command, "value"), json_integer_or(series, "decimals", 0),
                     &scaled))
        code = fault_set(fault, FAULT_INVALID, TEXT_READING_VALUE_WRONG,
                         text_span(command_text(command, "value")),
                         text_integer(json_integer_or(series, "decimals", 0)));
    if (code == FAULT_NONE && answer != ANSWER_KEPT)
        code = land_value(command, series, (int32_t)json_integer_or(doubt, "period", 0), scaled,
                          "answer to a question", fault);
    if (code != FAULT_NONE)
        goto out;
    json_t *reason = reason_of(command);
    json_t *what = answer == ANSWER_CORRECTED
                       ? say(steps[answer], json_incref(json_object_get(command->body, "value")),
                             json_incref(reason))
                       : say_with(steps[answer], (json_t *[SAY_ARGUMENTS]){json_incref(reason)});
    body = json_pack("{s:I, s:O, s:O, s:o, s:s, s:[O], s:o}", "question", (json_int_t)question,
                     "doubt", json_object_get(doubt, "id"), "answer",
                     json_object_get(command->body, "answer"), "reason", reason, "by", "office",
                     "answered", what, "what", what);
    if (answer == ANSWER_CORRECTED)
        json_object_set(body, "value", json_object_get(command->body, "value"));
    code = matter_emit(command, "reading.answered", json_integer_or(doubt, "division", 0), body,
                       NULL, fault);
out:
    json_decref(matter);
    json_decref(doubt);
    json_decref(series);
    return code;
}

static enum fault_code read_period(const struct command *command, const json_t *series,
                                   int32_t *ret_period, struct fault *fault)
{
    enum time_frequency frequency;
    struct span text = command_text(command, "period");
    struct span wanted = json_text_or(series, "frequency", "D");
    if (!time_read_period(text, &frequency, ret_period) || (char)frequency != wanted.data[0])
        return fault_set(fault, FAULT_INVALID, TEXT_READING_PERIOD_WRONG, text_span(text));
    if (time_period_first_day(frequency, *ret_period) > time_local_day(command->time))
        return fault_set(fault, FAULT_INVALID, TEXT_READING_PERIOD_FUTURE, text_span(text));
    return FAULT_NONE;
}

enum fault_code reading_run_type(struct command *command, struct fault *fault)
{
    json_t *series = NULL, *body = NULL;
    int32_t period = 0;
    int64_t scaled = 0;
    enum fault_code code =
        matter_load(command, QUERY_SERIES_DETAIL, "series", command_integer(command, "series"),
                    TEXT_SERIES_UNKNOWN, &series, fault);
    if (code == FAULT_NONE)
        code = read_period(command, series, &period, fault);
    if (code == FAULT_NONE && !scale_value(command_text(command, "value"),
                                           json_integer_or(series, "decimals", 0), &scaled))
        code = fault_set(fault, FAULT_INVALID, TEXT_READING_VALUE_WRONG,
                         text_span(command_text(command, "value")),
                         text_integer(json_integer_or(series, "decimals", 0)));
    if (code == FAULT_NONE)
        code = land_value(command, series, period, scaled, "", fault);
    if (code != FAULT_NONE)
        goto out;
    int64_t minutes = command_has(command, "minutes") ? command_integer(command, "minutes") : 0;
    body = json_pack("{s:O, s:O, s:O, s:I}", "series", json_object_get(series, "id"), "period",
                     json_object_get(command->body, "period"), "value",
                     json_object_get(command->body, "value"), "minutes", (json_int_t)minutes);
    code = matter_emit(command, "figure.typed", json_integer_or(series, "division", 0), body, NULL,
                       fault);
out:
    json_decref(series);
    return code;
}
