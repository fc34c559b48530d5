// SPDX-License-Identifier: GPL-3.0-or-later
//
// notice.c: the life of a notice, step by step, each a command that refuses with a reason.
//
//     take over   the actor's post becomes the owner; rings end
//     judge       upheld | changed to a level | not upheld, with a reason; then a new deadline runs
//     raise       up at once, by anyone in whose scope it stands
//     ask lower   the owner asks the division above; it is rung and finds it on its list
//     lower       after the quiet periods; from orange on by a division above only
//     close       came true | did not happen after action | false alarm | unclear
//
// "One level up" is about places, not ranks: the actor's scope must hold the notice's division and
// more. So nobody at the place itself can talk a notice down, and nobody below can withhold it.
#include <assert.h>

#include "base/time.h"
#include "judgement/judgement_priv.h"
#include "pack/pack.h"

static enum fault_code load(struct command *command, enum matter_step step, json_t **ret_notice,
                            struct fault *fault)
{
    enum fault_code code =
        matter_load(command, QUERY_NOTICE_FOR_COMMAND, "notice", command_integer(command, "notice"),
                    TEXT_NOTICE_UNKNOWN, ret_notice, fault);
    return code == FAULT_NONE ? matter_check_step(*ret_notice, "notice", step, fault) : code;
}

static bool is_above(const struct command *command, const json_t *notice)
{
    return command->actor.role == ROLE_SYSTEM ||
           matter_is_above(&command->actor, json_integer_or(notice, "low", 0),
                           json_integer_or(notice, "high", 0));
}

// From orange on, whatever brings a notice down is decided by a division above its own.
static enum fault_code check_one_level_up(const struct command *command, const json_t *notice,
                                          struct fault *fault)
{
    int64_t level = json_integer_or(notice, "level", 0);
    if (level < PACK_ORANGE || is_above(command, notice))
        return FAULT_NONE;
    struct span zh = json_text_or(notice, "above_zh", "");
    struct span en = json_text_or(notice, "above_en", "");
    return fault_set(fault, FAULT_DENIED,
                     level >= PACK_RED ? TEXT_NOTICE_ONE_LEVEL_UP_RED
                                       : TEXT_NOTICE_ONE_LEVEL_UP_ORANGE,
                     text_names(zh, en));
}

static enum fault_code check_level(int64_t level, struct fault *fault)
{
    if (level >= PACK_BLUE && level <= PACK_RED)
        return FAULT_NONE;
    return fault_set(fault, FAULT_INVALID, TEXT_NOTICE_LEVEL_WRONG, text_integer(level));
}

static json_t *post_of(const struct command *command)
{
    return command->actor.post == 0 ? json_null() : json_integer(command->actor.post);
}

static enum fault_code emit(struct command *command, const char *type, const json_t *notice,
                            json_t *body, struct fault *fault)
{
    return matter_emit(command, type, json_integer_or(notice, "division", 0), body, NULL, fault);
}

enum fault_code notice_run_take_over(struct command *command, struct fault *fault)
{
    json_t *notice = NULL, *who = NULL, *body = NULL;
    enum fault_code code = load(command, MATTER_TAKE_OVER, &notice, fault);
    if (code == FAULT_NONE && command->actor.post == 0)
        code = fault_set(fault, FAULT_DENIED, TEXT_NOTICE_NO_POST);
    if (code == FAULT_NONE && !span_is(json_text_or(notice, "state", ""), "raised") &&
        json_integer_or(notice, "post", 0) == command->actor.post)
        code = fault_set(fault, FAULT_BUSY, TEXT_NOTICE_ALREADY_YOURS);
    if (code == FAULT_NONE)
        code = matter_load(command, QUERY_UNIT_POST, "unit", command->actor.unit,
                           TEXT_MATTER_POST_UNKNOWN, &who, fault);
    if (code != FAULT_NONE)
        goto out;
    bool is_response = span_is(json_text_or(notice, "state", ""), "in_response");
    body = json_pack("{s:O, s:I, s:I, s:s, s:o}", "notice", json_object_get(notice, "id"), "unit",
                     (json_int_t)command->actor.unit, "post", (json_int_t)command->actor.post,
                     "state", is_response ? "in_response" : "taken_over", "what",
                     say(TEXT_STEP_TAKEN_OVER, say_row_names(who, "unit")));
    code = emit(command, "notice.taken_over", notice, body, fault);
out:
    json_decref(notice);
    json_decref(who);
    return code;
}

enum verdict { VERDICT_UPHELD, VERDICT_CHANGED, VERDICT_NOT_UPHELD };

static enum fault_code read_verdict(const struct command *command, enum verdict *ret_verdict,
                                    struct fault *fault)
{
    static const char *const words[] = {"upheld", "changed", "not_upheld"};
    struct span verdict = command_text(command, "verdict");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (span_is(verdict, words[i])) {
            *ret_verdict = (enum verdict)i;
            return FAULT_NONE;
        }
    return fault_set(fault, FAULT_INVALID, TEXT_NOTICE_VERDICT_WRONG, text_span(verdict));
}

// The level after the judgement, and whether the actor may bring it there.
static enum fault_code read_judged_level(const struct command *command, const json_t *notice,
                                         enum verdict verdict, int64_t *ret_level,
                                         struct fault *fault)
{
    int64_t before = json_integer_or(notice, "level", 0), level = before;
    enum fault_code code = FAULT_NONE;
    if (verdict == VERDICT_CHANGED && !command_has(command, "level"))
        return fault_set(fault, FAULT_INVALID, TEXT_NOTICE_CHANGED_NEEDS_LEVEL);
    if (verdict == VERDICT_CHANGED) {
        level = command_integer(command, "level");
        code = check_level(level, fault);
    }
    if (code == FAULT_NONE && verdict == VERDICT_CHANGED && level == before)
        code = fault_set(fault, FAULT_INVALID, TEXT_NOTICE_CHANGED_NEEDS_LEVEL);
    if (code == FAULT_NONE && (verdict == VERDICT_NOT_UPHELD || level < before))
        code = check_one_level_up(command, notice, fault);
    *ret_level = level;
    return code;
}

static json_t *say_verdict(const struct command *command, enum verdict verdict, int64_t before,
                           int64_t level)
{
    if (verdict == VERDICT_UPHELD)
        return say(TEXT_STEP_UPHELD, reason_of(command));
    if (verdict == VERDICT_CHANGED)
        return say(TEXT_STEP_CHANGED, say_level(before), say_level(level), reason_of(command));
    return say(TEXT_STEP_NOT_UPHELD, reason_of(command));
}

// Once judged, the response has as long again as the level's deadline gave for the judgement: until
// then its owner reports, asks to lower, or closes.
static json_t *response_deadline(const struct command *command, int64_t level, json_t **ret_rule)
{
    static const int64_t hours[PACK_LEVELS] = {0, 168, 72, 48, 24};
    *ret_rule = json_string("judgement@1 response");
    return json_integer(command->time + hours[level] * TIME_HOUR);
}

enum fault_code notice_run_judge(struct command *command, struct fault *fault)
{
    json_t *notice = NULL, *body = NULL, *rule = NULL;
    enum verdict verdict = VERDICT_UPHELD;
    int64_t level = 0;
    enum fault_code code = load(command, MATTER_JUDGE, &notice, fault);
    if (code == FAULT_NONE)
        code = reason_check(command, fault);
    if (code == FAULT_NONE)
        code = read_verdict(command, &verdict, fault);
    if (code == FAULT_NONE)
        code = read_judged_level(command, notice, verdict, &level, fault);
    if (code != FAULT_NONE)
        goto out;
    bool is_upheld = verdict != VERDICT_NOT_UPHELD;
    json_t *verdict_word = json_object_get(command->body, "verdict");
    json_t *judged =
        json_pack("{s:O, s:o, s:o, s:o}", "verdict", verdict_word, "reason", reason_of(command),
                  "time", say_time(command->time), "post", post_of(command));
    json_t *deadline = is_upheld ? response_deadline(command, level, &rule) : json_null();
    int64_t before = json_integer_or(notice, "level", 0);
    body = json_pack("{s:O, s:O, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "notice",
                     json_object_get(notice, "id"), "verdict", verdict_word, "reason",
                     reason_of(command), "state", is_upheld ? "in_response" : "not_upheld", "level",
                     (json_int_t)level, "level_before", (json_int_t)before, "judged", judged,
                     "deadline_at", deadline, "deadline_rule", rule == NULL ? json_null() : rule,
                     "what", say_verdict(command, verdict, before, level));
    code = emit(command, "notice.judged", notice, body, fault);
out:
    json_decref(notice);
    return code;
}

enum fault_code notice_run_raise(struct command *command, struct fault *fault)
{
    static const char *const kept[] = {"period", "title", "explanation", "record",
                                       "plan",   "quiet", "quiet_needed"};
    json_t *notice = NULL, *body = NULL;
    int64_t level = command_integer(command, "level");
    enum fault_code code = load(command, MATTER_CHANGE, &notice, fault);
    if (code == FAULT_NONE)
        code = check_level(level, fault);
    int64_t before = json_integer_or(notice, "level", 0);
    if (code == FAULT_NONE && level <= before)
        code = fault_set(fault, FAULT_INVALID, TEXT_NOTICE_NOT_HIGHER);
    if (code != FAULT_NONE)
        goto out;
    body = json_pack(
        "{s:O, s:I, s:I, s:b, s:o, s:o}", "notice", json_object_get(notice, "id"), "level",
        (json_int_t)level, "level_before", (json_int_t)before, "is_up", 1, "reason",
        reason_of(command), "what",
        say(TEXT_STEP_RAISED_BY_HAND, say_level(before), say_level(level), reason_of(command)));
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        json_object_set(body, kept[i], json_object_get(notice, kept[i]));
    code = emit(command, "notice.updated", notice, body, fault);
out:
    json_decref(notice);
    return code;
}

// What both ways down demand: a lower level, no open doubt, enough quiet periods.
static enum fault_code check_lowering(const struct command *command, const json_t *notice,
                                      struct fault *fault)
{
    int64_t level = command_integer(command, "level");
    enum fault_code code = check_level(level, fault);
    if (code == FAULT_NONE && level >= json_integer_or(notice, "level", 0))
        code = fault_set(fault, FAULT_INVALID, TEXT_NOTICE_NOT_LOWER);
    if (code == FAULT_NONE && json_integer_or(notice, "doubt_count", 0) > 0)
        code = fault_set(fault, FAULT_BUSY, TEXT_NOTICE_DOUBT_OPEN);
    int64_t quiet = json_integer_or(notice, "quiet", 0);
    int64_t needed = json_integer_or(notice, "quiet_needed", 0);
    if (code == FAULT_NONE && quiet < needed)
        code = fault_set(fault, FAULT_BUSY, TEXT_NOTICE_QUIET_SHORT, text_integer(quiet),
                         text_integer(needed));
    return code;
}

enum fault_code notice_run_ask_lower(struct command *command, struct fault *fault)
{
    json_t *notice = NULL, *body = NULL;
    int64_t level = command_integer(command, "level");
    enum fault_code code = load(command, MATTER_CHANGE, &notice, fault);
    if (code == FAULT_NONE)
        code = check_level(level, fault);
    if (code == FAULT_NONE && level >= json_integer_or(notice, "level", 0))
        code = fault_set(fault, FAULT_INVALID, TEXT_NOTICE_NOT_LOWER);
    if (code == FAULT_NONE && is_above(command, notice))
        code = fault_set(fault, FAULT_INVALID, TEXT_NOTICE_LOWER_YOURSELF);
    if (code == FAULT_NONE && json_integer_or(notice, "division_parent", 0) == 0)
        code = fault_set(fault, FAULT_INVALID, TEXT_NOTICE_NOBODY_ABOVE);
    if (code != FAULT_NONE)
        goto out;
    json_t *above = json_object_get(notice, "division_parent");
    json_t *asked = json_pack("{s:I, s:o, s:o, s:O, s:o}", "level", (json_int_t)level, "reason",
                              reason_of(command), "time", say_time(command->time), "division",
                              above, "post", post_of(command));
    body = json_pack("{s:O, s:I, s:o, s:O, s:o, s:o}", "notice", json_object_get(notice, "id"),
                     "level", (json_int_t)level, "reason", reason_of(command), "above", above,
                     "asked", asked, "what",
                     say(TEXT_STEP_ASKED_LOWER, say_row_names(notice, "above"), say_level(level),
                         reason_of(command)));
    code = emit(command, "lowering.asked", notice, body, fault);
out:
    json_decref(notice);
    return code;
}

enum fault_code notice_run_lower(struct command *command, struct fault *fault)
{
    json_t *notice = NULL, *body = NULL;
    int64_t level = command_integer(command, "level");
    enum fault_code code = load(command, MATTER_CHANGE, &notice, fault);
    if (code == FAULT_NONE)
        code = check_one_level_up(command, notice, fault);
    if (code == FAULT_NONE)
        code = check_lowering(command, notice, fault);
    if (code != FAULT_NONE)
        goto out;
    int64_t before = json_integer_or(notice, "level", 0);
    body = json_pack(
        "{s:O, s:I, s:I, s:o, s:o}", "notice", json_object_get(notice, "id"), "level",
        (json_int_t)level, "level_before", (json_int_t)before, "reason", reason_of(command), "what",
        say(TEXT_STEP_LOWERED, say_level(before), say_level(level), reason_of(command)));
    code = emit(command, "notice.lowered", notice, body, fault);
out:
    json_decref(notice);
    return code;
}

enum fault_code notice_run_close(struct command *command, struct fault *fault)
{
    static const struct {
        const char *word;
        enum text_key key;
    } outcomes[] = {{"came_true", TEXT_OUTCOME_CAME_TRUE},
                    {"did_not_happen_after_action", TEXT_OUTCOME_DID_NOT_HAPPEN},
                    {"false_alarm", TEXT_OUTCOME_FALSE_ALARM},
                    {"unclear", TEXT_OUTCOME_UNCLEAR}};
    json_t *notice = NULL, *body = NULL;
    size_t outcome = 0;
    enum fault_code code = load(command, MATTER_CLOSE, &notice, fault);
    while (outcome < 4 && !span_is(command_text(command, "outcome"), outcomes[outcome].word))
        outcome++;
    if (code == FAULT_NONE && outcome == 4)
        code = fault_set(fault, FAULT_INVALID, TEXT_NOTICE_OUTCOME_WRONG,
                         text_span(command_text(command, "outcome")));
    bool is_upheld = !span_is(json_text_or(notice, "state", ""), "not_upheld");
    if (code == FAULT_NONE && is_upheld)
        code = check_one_level_up(command, notice, fault);
    if (code != FAULT_NONE)
        goto out;
    body = json_pack("{s:O, s:s, s:o, s:o}", "notice", json_object_get(notice, "id"), "outcome",
                     outcomes[outcome].word, "reason", reason_of(command), "what",
                     say(TEXT_STEP_CLOSED,
                         say_with(outcomes[outcome].key, (json_t *[SAY_ARGUMENTS]){NULL}),
                         reason_of(command)));
    code = emit(command, "notice.closed", notice, body, fault);
out:
    json_decref(notice);
    return code;
}
