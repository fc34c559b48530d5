// SPDX-License-Identifier: GPL-3.0-or-later
//
// record.c: what becomes of a scan's findings: the commands scan.record and scan.finish.
//
// They run on the writer thread and see the state as it is. For one field, indicator, division and
// origin there is one open notice or none, never two:
//
//     level, none open      raised, joined to a situation or opening one; or held back by the
//     budget level, one open       higher: up at once, with a shorter deadline if that is due
//     sooner
//                           new period: new evidence, or the reason why the level is held
//                           quiet long enough: below orange it falls by itself, and one that nobody
//                           took over is closed at the end; from orange on the level above decides
//     doubt                 kept and marked, once a reading
//     answer                the doubt ends, and with it its question
//
// Doing a finding twice does it once: every branch looks at what is there first.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/time.h"
#include "judgement/judgement_priv.h"
#include "pack/pack.h"

enum { BUDGET_SPARES_FROM = PACK_ORANGE }; // orange and red are never held back

struct recorder {
    struct command *command;
    json_t *held_back; // field -> rows
    int64_t signals, raised, updated, doubted, answered, held_count;
};

static json_t *field_of(const json_t *finding, const char *name)
{
    return json_object_get(finding, name);
}

static int64_t number_of(const json_t *finding, const char *name)
{
    return json_integer_or(finding, name, 0);
}

static const char *text_of(const json_t *finding, const char *name)
{
    const char *text = json_string_value(json_object_get(finding, name));
    return text == NULL ? "" : text;
}

// A query by the four that name a notice; *ret_row NULL when there is none.
static enum fault_code find_by_key(struct recorder *recorder, enum query_name query,
                                   const json_t *finding, json_t **ret_rows, struct fault *fault)
{
    json_t *parameters =
        json_pack("{s:O, s:O, s:O, s:O}", "field", field_of(finding, "field"), "indicator",
                  field_of(finding, "indicator"), "division", field_of(finding, "division"),
                  "origin", field_of(finding, "origin"));
    enum fault_code code = command_query(recorder->command, query, parameters, ret_rows, fault);
    json_decref(parameters);
    return code;
}

// The deadline of a level, computed once: NULL where the pack gives none.
static json_t *deadline_of(const struct recorder *recorder, const json_t *finding, int64_t level)
{
    int64_t hours = json_integer_value(json_array_get(field_of(finding, "hours"), (size_t)level));
    return hours <= 0 ? json_null() : json_integer(recorder->command->time + hours * TIME_HOUR);
}

static json_t *deadline_rule_of(const json_t *finding, int64_t level)
{
    char text[160];
    snprintf(text, sizeof text, "%s deadlines.%s", text_of(finding, "pack"),
             pack_level_name((enum pack_level)level));
    return json_string(text);
}

static json_t *first_sentence(const json_t *finding)
{
    return json_incref(json_array_get(field_of(finding, "explanation"), 0));
}

// --- Raising ------------------------------------------------------------------------------------

static enum fault_code is_over_budget(struct recorder *recorder, const json_t *finding,
                                      bool *ret_is_over, struct fault *fault)
{
    int64_t budget = number_of(finding, "budget");
    *ret_is_over = false;
    if (budget <= 0 || number_of(finding, "level") >= BUDGET_SPARES_FROM)
        return FAULT_NONE;
    json_t *rows = NULL;
    json_t *parameters =
        json_pack("{s:O, s:O, s:O, s:I}", "field", field_of(finding, "field"), "division",
                  field_of(finding, "division"), "origin", field_of(finding, "origin"), "since",
                  (json_int_t)(recorder->command->time - 7 * TIME_DAY));
    enum fault_code code =
        command_query(recorder->command, QUERY_NOTICES_RAISED_COUNT, parameters, &rows, fault);
    *ret_is_over = json_integer_or(json_array_get(rows, 0), "count", 0) >= budget;
    json_decref(rows);
    json_decref(parameters);
    return code;
}

static void hold_back(struct recorder *recorder, const json_t *finding)
{
    const char *field = text_of(finding, "field");
    json_t *rows = json_object_get(recorder->held_back, field);
    if (rows == NULL) {
        rows = json_array();
        json_object_set_new(recorder->held_back, field, rows);
    }
    json_array_append_new(
        rows, json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "indicator",
                        field_of(finding, "indicator"), "division", field_of(finding, "division"),
                        "series", field_of(finding, "series"), "origin",
                        field_of(finding, "origin"), "period", field_of(finding, "period"), "level",
                        field_of(finding, "level"), "rule", field_of(finding, "rule")));
    recorder->held_count++;
}

// A new notice joins the situation of its event, or opens one.
static enum fault_code join_situation(struct recorder *recorder, const json_t *finding,
                                      int64_t notice, struct fault *fault)
{
    json_t *rows = NULL, *body = NULL;
    int64_t days = number_of(finding, "event_days");
    int64_t division = number_of(finding, "division");
    json_t *parameters =
        json_pack("{s:O, s:O, s:O, s:O, s:I}", "event", field_of(finding, "event"), "origin",
                  field_of(finding, "origin"), "division", field_of(finding, "division"), "is_leaf",
                  field_of(finding, "is_leaf"), "since",
                  (json_int_t)(recorder->command->time - (days > 0 ? days : 14) * TIME_DAY));
    enum fault_code code =
        command_query(recorder->command, QUERY_SITUATION_NEAR, parameters, &rows, fault);
    json_decref(parameters);
    int64_t situation = json_integer_or(json_array_get(rows, 0), "id", 0);
    json_decref(rows);
    if (code != FAULT_NONE)
        return code;
    json_t *title = say(TEXT_SITUATION_TITLE, json_incref(field_of(finding, "place")),
                        json_incref(field_of(finding, "event_label")));
    if (situation != 0) {
        json_decref(title);
        body = json_pack(
            "{s:I, s:I, s:o}", "situation", (json_int_t)situation, "notice", (json_int_t)notice,
            "what", say(TEXT_STEP_SITUATION_JOINED, json_incref(field_of(finding, "event_label"))));
        return matter_emit(recorder->command, "situation.joined", division, body, NULL, fault);
    }
    body =
        json_pack("{s:O, s:O, s:O, s:I, s:o, s:o}", "event", field_of(finding, "event"), "field",
                  field_of(finding, "field"), "origin", field_of(finding, "origin"), "notice",
                  (json_int_t)notice, "title", title, "what",
                  say(TEXT_STEP_SITUATION_OPENED, json_incref(field_of(finding, "event_label"))));
    return matter_emit(recorder->command, "situation.opened", division, body, NULL, fault);
}

// Parent, children and owner of a notice to be raised, as fields of `body`.
static enum fault_code add_kin_and_owner(struct recorder *recorder, const json_t *finding,
                                         json_t *body, struct fault *fault)
{
    json_t *above = NULL, *below = NULL, *duty = NULL, *children = json_array();
    enum fault_code code = find_by_key(recorder, QUERY_NOTICE_ABOVE, finding, &above, fault);
    if (code == FAULT_NONE && !json_is_true(field_of(finding, "is_leaf")))
        code = find_by_key(recorder, QUERY_NOTICES_BELOW, finding, &below, fault);
    if (code == FAULT_NONE)
        code = matter_find_duty(recorder->command, text_of(finding, "field"),
                                field_of(finding, "roles"), number_of(finding, "division"), false,
                                &duty, fault);
    for (size_t i = 0; i < json_array_size(below); i++)
        json_array_append(children, json_object_get(json_array_get(below, i), "id"));
    json_object_set_new(body, "children", children);
    if (json_array_size(above) > 0)
        json_object_set(body, "parent", json_object_get(json_array_get(above, 0), "id"));
    if (duty != NULL) {
        json_object_set(body, "unit", json_object_get(duty, "unit"));
        json_object_set(body, "post", json_object_get(duty, "post"));
        json_object_set(body, "role", json_object_get(duty, "role"));
    }
    json_decref(above);
    json_decref(below);
    json_decref(duty);
    return code;
}

static enum fault_code raise_notice(struct recorder *recorder, const json_t *finding,
                                    struct fault *fault)
{
    static const char *const copied[] = {"field",       "indicator",    "series",         "origin",
                                         "pack",        "rule",         "event",          "period",
                                         "level",       "title",        "record",         "plan",
                                         "explanation", "quiet_needed", "division_parent"};
    int64_t level = number_of(finding, "level"), notice = 0;
    bool is_over = false;
    enum fault_code code = is_over_budget(recorder, finding, &is_over, fault);
    if (code != FAULT_NONE)
        return code;
    if (is_over) {
        hold_back(recorder, finding);
        return FAULT_NONE;
    }
    json_t *body = json_object();
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        json_object_set(body, copied[i], field_of(finding, copied[i]));
    json_object_set_new(body, "deadline_at", deadline_of(recorder, finding, level));
    json_object_set_new(body, "deadline_rule", deadline_rule_of(finding, level));
    json_object_set_new(body, "what",
                        say(TEXT_STEP_RAISED, say_level(level), first_sentence(finding)));
    code = add_kin_and_owner(recorder, finding, body, fault);
    if (code != FAULT_NONE) {
        json_decref(body);
        return code;
    }
    code = matter_emit(recorder->command, "notice.raised", number_of(finding, "division"), body,
                       &notice, fault);
    if (code == FAULT_NONE)
        code = join_situation(recorder, finding, notice, fault);
    recorder->raised++;
    return code;
}

// --- Changing -----------------------------------------------------------------------------------

// What the timeline says of this update: the new level, why it is held, or the new evidence.
static json_t *what_changed(const json_t *finding, int64_t level, int64_t level_before)
{
    if (level > level_before)
        return say(TEXT_STEP_LEVEL_UP, say_level(level_before), say_level(level),
                   first_sentence(finding));
    json_t *held = field_of(finding, "held");
    if (held != NULL)
        return say(TEXT_STEP_HELD, json_incref(held));
    return say(TEXT_STEP_EVIDENCE, first_sentence(finding));
}

// The record shown first is that of the rule which gave the level: where the level stands, the one
// that stood first stays first, with its new counts.
static void lead_with_standing_rule(json_t *body, const json_t *open)
{
    json_t *standing = json_array_get(json_object_get(open, "record"), 0);
    json_t *records = json_copy(json_object_get(body, "record"));
    for (size_t i = 1; i < json_array_size(records); i++) {
        json_t *record = json_array_get(records, i);
        if (!json_equal(json_object_get(record, "rule"), json_object_get(standing, "rule")))
            continue;
        json_incref(record);
        json_array_remove(records, i);
        json_array_insert_new(records, 0, record);
        break;
    }
    json_object_set_new(body, "record", records);
}

static enum fault_code update_notice(struct recorder *recorder, const json_t *finding,
                                     const json_t *open, struct fault *fault)
{
    static const char *const copied[] = {"period", "title", "explanation", "record",
                                         "plan",   "held",  "quiet",       "quiet_needed"};
    int64_t before = number_of(open, "level"), level = number_of(finding, "level");
    bool is_up = level > before;
    if (!is_up)
        level = before;
    json_t *body = json_pack("{s:O, s:I, s:I, s:b}", "notice", json_object_get(open, "id"), "level",
                             (json_int_t)level, "level_before", (json_int_t)before, "is_up", is_up);
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        if (field_of(finding, copied[i]) != NULL)
            json_object_set(body, copied[i], field_of(finding, copied[i]));
    // Without a rule that fired, the words of the last one that did still say why the notice
    // stands.
    bool has_fired = number_of(finding, "level") > 0;
    if (!has_fired)
        json_object_set(body, "title", json_object_get(open, "title"));
    if (!is_up)
        lead_with_standing_rule(body, open);
    json_t *deadline = is_up ? deadline_of(recorder, finding, level) : json_null();
    int64_t standing = json_integer_or(open, "deadline_at", TIME_NEVER);
    if (json_is_integer(deadline) &&
        (json_integer_value(deadline) < standing || standing <= recorder->command->time)) {
        json_object_set(body, "deadline_at", deadline);
        json_object_set_new(body, "deadline_rule", deadline_rule_of(finding, level));
    }
    json_decref(deadline);
    json_object_set_new(body, "what", what_changed(finding, level, before));
    recorder->updated++;
    return matter_emit(recorder->command, "notice.updated", number_of(finding, "division"), body,
                       NULL, fault);
}

// Down, slowly: only after enough quiet periods, and never by itself from orange on.
static enum fault_code lower_notice(struct recorder *recorder, const json_t *finding,
                                    const json_t *open, struct fault *fault)
{
    int64_t before = number_of(open, "level"), level = number_of(finding, "fall_to");
    bool is_closed = level == 0 && span_is(json_text_or(open, "state", ""), "raised");
    if (level == 0)
        level = PACK_BLUE;
    if (!is_closed && level >= before)
        return FAULT_NONE;
    json_t *quiet = json_incref(field_of(finding, "quiet")), *body = NULL;
    recorder->updated++;
    if (is_closed)
        body = json_pack("{s:O, s:s, s:o}", "notice", json_object_get(open, "id"), "outcome",
                         "unclear", "what", say(TEXT_STEP_CLOSED_QUIET, quiet));
    else
        body = json_pack("{s:O, s:I, s:I, s:o}", "notice", json_object_get(open, "id"), "level",
                         (json_int_t)level, "level_before", (json_int_t)before, "what",
                         say(TEXT_STEP_LOWERED_QUIET, say_level(before), say_level(level), quiet));
    return matter_emit(recorder->command, is_closed ? "notice.closed" : "notice.lowered",
                       number_of(finding, "division"), body, NULL, fault);
}

static enum fault_code record_level(struct recorder *recorder, const json_t *finding,
                                    struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code = find_by_key(recorder, QUERY_NOTICE_OPEN_OF, finding, &rows, fault);
    const json_t *open = json_array_get(rows, 0);
    if (code != FAULT_NONE)
        return code;
    if (open == NULL) {
        if (number_of(finding, "level") > 0)
            code = raise_notice(recorder, finding, fault);
    } else if (number_of(finding, "level") > number_of(open, "level") ||
               number_of(finding, "period") > number_of(open, "period")) {
        bool is_quiet = number_of(finding, "quiet") >= number_of(finding, "quiet_needed") &&
                        number_of(open, "level") < PACK_ORANGE;
        code = update_notice(recorder, finding, open, fault);
        if (code == FAULT_NONE && is_quiet)
            code = lower_notice(recorder, finding, open, fault);
    }
    json_decref(rows);
    return code;
}

// --- Doubts and signals -------------------------------------------------------------------------

static enum fault_code record_doubt(struct recorder *recorder, const json_t *finding,
                                    struct fault *fault)
{
    static const char *const copied[] = {"series", "indicator",   "field", "origin",
                                         "period", "period_text", "value", "reason",
                                         "place",  "other_value", "roles"};
    json_t *rows = NULL;
    json_t *parameters = json_pack("{s:O, s:O}", "series", field_of(finding, "series"), "period",
                                   field_of(finding, "period"));
    enum fault_code code =
        command_query(recorder->command, QUERY_DOUBT_OF_READING, parameters, &rows, fault);
    bool is_there = json_array_size(rows) > 0;
    json_decref(parameters);
    json_decref(rows);
    if (code != FAULT_NONE || is_there)
        return code;
    json_t *body = json_object();
    for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++)
        if (field_of(finding, copied[i]) != NULL)
            json_object_set(body, copied[i], field_of(finding, copied[i]));
    recorder->doubted++;
    return matter_emit(recorder->command, "reading.doubted", number_of(finding, "division"), body,
                       NULL, fault);
}

static enum fault_code record_answer(struct recorder *recorder, const json_t *finding,
                                     struct fault *fault)
{
    json_t *doubt = NULL;
    enum fault_code code =
        matter_load(recorder->command, QUERY_DOUBT_FOR_COMMAND, "doubt",
                    number_of(finding, "doubt"), TEXT_QUESTION_UNKNOWN, &doubt, fault);
    if (code == FAULT_NONE && json_is_true(json_object_get(doubt, "is_open"))) {
        json_t *answered = field_of(finding, "answered");
        json_t *body =
            json_pack("{s:O, s:s, s:O, s:s, s:o}", "doubt", field_of(finding, "doubt"), "answer",
                      "corrected", "answered", answered, "by", "later_data", "what",
                      say(TEXT_STEP_ANSWERED_BY_DATA, json_incref(json_array_get(answered, 0))));
        json_object_set(body, "question", json_object_get(doubt, "question"));
        if (field_of(finding, "value") != NULL)
            json_object_set(body, "value", field_of(finding, "value"));
        if (field_of(finding, "moved_to") != NULL)
            json_object_set(body, "moved_to", field_of(finding, "moved_to"));
        code = matter_emit(recorder->command, "reading.answered", number_of(finding, "division"),
                           body, NULL, fault);
        recorder->answered++;
    }
    json_decref(doubt);
    return code;
}

static enum fault_code record_signals(struct recorder *recorder, const json_t *finding,
                                      struct fault *fault)
{
    json_t *rows = field_of(finding, "rows");
    recorder->signals += (int64_t)json_array_size(rows);
    return matter_emit(recorder->command, "signal.raised", store_division(recorder->command->store),
                       json_pack("{s:O}", "rows", rows), NULL, fault);
}

static enum fault_code emit_held_back(struct recorder *recorder, struct fault *fault)
{
    const char *field = NULL;
    json_t *rows = NULL;
    enum fault_code code = FAULT_NONE;
    json_object_foreach(recorder->held_back, field, rows)
    {
        if (code == FAULT_NONE)
            code = matter_emit(recorder->command, "notice.held_back",
                               store_division(recorder->command->store),
                               json_pack("{s:s, s:O}", "field", field, "rows", rows), NULL, fault);
    }
    return code;
}

enum fault_code record_run(struct command *command, struct fault *fault)
{
    static const struct {
        const char *kind;
        enum fault_code (*record)(struct recorder *, const json_t *, struct fault *);
    } kinds[] = {{"level", record_level},
                 {"doubt", record_doubt},
                 {"answer", record_answer},
                 {"signals", record_signals}};
    struct recorder recorder = {.command = command, .held_back = json_object()};
    json_t *findings = json_object_get(command->body, "findings"), *finding = NULL;
    enum fault_code code = FAULT_NONE;
    size_t i = 0;
    json_array_foreach(findings, i, finding)
    {
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0] && code == FAULT_NONE; k++)
            if (span_is(json_text_or(finding, "kind", ""), kinds[k].kind))
                code = kinds[k].record(&recorder, finding, fault);
    }
    if (code == FAULT_NONE)
        code = emit_held_back(&recorder, fault);
    json_object_set_new(command->answer, "signals", json_integer(recorder.signals));
    json_object_set_new(command->answer, "raised", json_integer(recorder.raised));
    json_object_set_new(command->answer, "updated", json_integer(recorder.updated));
    json_object_set_new(command->answer, "doubted", json_integer(recorder.doubted));
    json_object_set_new(command->answer, "answered", json_integer(recorder.answered));
    json_object_set_new(command->answer, "held_back", json_integer(recorder.held_count));
    json_decref(recorder.held_back);
    return code;
}

enum fault_code record_run_finish(struct command *command, struct fault *fault)
{
    return matter_emit(command, "scan.finished", store_division(command->store),
                       json_copy(command->body), NULL, fault);
}

enum fault_code record_run_declare(struct command *command, struct fault *fault)
{
    return matter_emit(command, "pack.declared", store_division(command->store),
                       json_copy(command->body), NULL, fault);
}
