// SPDX-License-Identifier: GPL-3.0-or-later
//
// scan_say.c: turns what a walk left into findings: answers first, then doubts, signals and levels.
//
// A finding is a JSON object with everything its command needs, the sentences included; the command
// (record.c) decides by the state what becomes of it. Levels go worst first, so that the alarm
// budget is spent on the worst.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "judgement/scan_priv.h"
#include "judgement/words.h"

// The records of all rules as of one period. Most notes of a scan are of the same period, so the
// last ones are kept.
struct speaker {
    struct scan_walk *walk;
    struct words_count *counts; // a place for each rule
    bool is_counted, is_simulated;
    int32_t period;
};

static enum time_frequency frequency_of(const struct scan_walk *walk)
{
    return walk->indicator.declared->frequency;
}

static json_t *decimal(double value, int decimals)
{
    char text[48];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    return json_string(text);
}

static enum fault_code load_detail(struct scan_walk *walk, int64_t series, json_t **ret_detail,
                                   struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code =
        scan_query(walk->scan, QUERY_SERIES_DETAIL,
                   json_pack("{s:I}", "series", (json_int_t)series), &rows, fault);
    if (code == FAULT_NONE && json_array_size(rows) == 0)
        code = fault_set(fault, FAULT_MISSING, TEXT_SERIES_UNKNOWN, text_integer(series));
    if (code == FAULT_NONE)
        *ret_detail = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return code;
}

static json_t *roles_of(const struct pack *pack, int64_t division_level, const char *first)
{
    json_t *roles = json_array();
    if (first != NULL)
        json_array_append_new(roles, json_string(first));
    if (division_level > PACK_NO_DIVISION && division_level < PACK_DIVISIONS)
        for (size_t i = 0; i < pack->owners[division_level].role_count; i++)
            json_array_append_new(roles, json_string(pack->owners[division_level].roles[i]));
    json_array_append_new(roles, json_string("risk_office"));
    return roles;
}

// The part of a finding that says which series it is about.
static json_t *begin(const struct scan_walk *walk, const char *kind, const json_t *detail)
{
    char pack[96];
    snprintf(pack, sizeof pack, "%s@%d", walk->indicator.pack->name, walk->indicator.pack->version);
    return json_pack("{s:s, s:O, s:s, s:s, s:O, s:O, s:s, s:o}", "kind", kind, "series",
                     json_object_get(detail, "id"), "indicator", walk->indicator.declared->code,
                     "field", walk->indicator.pack->field, "division",
                     json_object_get(detail, "division"), "origin",
                     json_object_get(detail, "origin"), "pack", pack, "place",
                     say_row_names(detail, "division"));
}

static enum fault_code say_answer(struct scan_walk *walk, const struct scan_answer *answer,
                                  struct fault *fault)
{
    json_t *detail = NULL;
    const struct scan_known_doubt *doubt = answer->doubt;
    enum fault_code code = load_detail(walk, doubt->series, &detail, fault);
    if (code != FAULT_NONE)
        return code;
    json_t *finding = begin(walk, "answer", detail);
    json_decref(detail);
    json_object_set_new(finding, "doubt", json_integer(doubt->id));
    json_t *why = NULL;
    if (answer->is_changed) {
        why = say(TEXT_DOUBT_CHANGED, words_period(frequency_of(walk), doubt->period),
                  say_number(answer->value));
        json_object_set_new(finding, "value", decimal(answer->value, walk->decimals));
    } else {
        why = say(TEXT_DOUBT_MOVED, words_period(frequency_of(walk), doubt->period),
                  say_number(doubt->other), words_period(frequency_of(walk), doubt->moved_to),
                  say_number(answer->value));
        json_object_set_new(finding, "moved_to", words_period(frequency_of(walk), doubt->moved_to));
    }
    json_object_set_new(finding, "answered", json_pack("[o]", why));
    return scan_add(walk->scan, finding, fault);
}

static enum fault_code say_doubt(struct scan_walk *walk, const struct scan_new_doubt *doubt,
                                 struct fault *fault)
{
    json_t *detail = NULL;
    enum fault_code code = load_detail(walk, doubt->series, &detail, fault);
    if (code != FAULT_NONE)
        return code;
    struct words_series words = {&walk->indicator, detail, walk->scan->place};
    json_t *finding = begin(walk, "doubt", detail);
    json_object_set_new(finding, "period", json_integer(doubt->period));
    json_object_set_new(finding, "period_text", words_period(frequency_of(walk), doubt->period));
    json_object_set_new(finding, "value", decimal(doubt->value, walk->decimals));
    if (doubt->doubt.is_disputed)
        json_object_set_new(finding, "other_value", decimal(doubt->doubt.other, walk->decimals));
    json_object_set_new(
        finding, "reason",
        words_doubt(&words, doubt->period, doubt->value, doubt->sum, &doubt->doubt));
    json_object_set_new(finding, "roles",
                        roles_of(walk->indicator.pack, json_integer_or(detail, "division_level", 0),
                                 "feed_keeper"));
    json_decref(detail);
    return scan_add(walk->scan, finding, fault);
}

static enum fault_code say_signals(struct scan_walk *walk, struct fault *fault)
{
    json_t *rows = json_array();
    enum fault_code code = FAULT_NONE;
    const struct pack_indicator *declared = walk->indicator.declared;
    for (size_t i = 0; code == FAULT_NONE && i < walk->note_count; i++) {
        const struct scan_note *note = &walk->note[i];
        for (size_t k = 0; k < declared->detector_count; k++) {
            const struct judge_alarm *alarm = &note->outcome.alarm[k];
            if (!alarm->is_alarm)
                continue;
            json_array_append_new(rows, json_pack("{s:I, s:i, s:s, s:o, s:o, s:o}", "series",
                                                  (json_int_t)note->series, "period",
                                                  note->from + (int)note->count - 1, "method",
                                                  declared->detectors[k].method, "value",
                                                  decimal(note->value_last, walk->decimals),
                                                  "expected", decimal(alarm->expected, 2), "upper",
                                                  decimal(alarm->upper, 2)));
        }
        bool is_last = i + 1 == walk->note_count;
        if (json_array_size(rows) >= SCAN_SIGNAL_ROWS || (is_last && json_array_size(rows) > 0)) {
            code = scan_add(walk->scan, json_pack("{s:s, s:o}", "kind", "signals", "rows", rows),
                            fault);
            rows = json_array();
        }
    }
    json_decref(rows);
    return code;
}

static enum fault_code count_records(struct speaker *speaker, const struct scan_note *note,
                                     struct fault *fault)
{
    // What the open notice is about is no record of it: what fired before it was raised is.
    int32_t period =
        note->level_before > 0 ? note->first_period : note->from + (int32_t)note->outcome.at;
    if (speaker->is_counted && speaker->period == period &&
        speaker->is_simulated == note->is_simulated)
        return FAULT_NONE;
    speaker->period = period;
    speaker->is_simulated = note->is_simulated;
    enum fault_code code =
        scan_count_records(speaker->walk, note->is_simulated, period, speaker->counts, fault);
    speaker->is_counted = code == FAULT_NONE;
    return code;
}

static bool keeps_records(const struct pack_indicator *declared)
{
    for (size_t i = 0; i < declared->rule_count; i++)
        if (declared->rules[i].cluster_periods > 0)
            return true;
    return false;
}

static void add_event(const struct scan_walk *walk, json_t *finding)
{
    const struct pack_indicator *declared = walk->indicator.declared;
    bool is_own = declared->event[0] == '\0';
    const struct pack_words *label = is_own ? &declared->label : &declared->event_label;
    json_object_set_new(finding, "event", json_string(is_own ? declared->code : declared->event));
    json_object_set_new(finding, "event_label", say_names(label->zh, label->en));
    json_object_set_new(finding, "event_days", json_integer(declared->event_days));
}

static enum fault_code say_level_of(struct speaker *speaker, const struct scan_note *note,
                                    struct fault *fault)
{
    struct scan_walk *walk = speaker->walk;
    const struct pack *pack = walk->indicator.pack;
    const struct judge_outcome *outcome = &note->outcome;
    json_t *detail = NULL, *record = NULL, *hours = json_array();
    enum fault_code code = load_detail(walk, note->series, &detail, fault);
    const struct pack_rule *rule = outcome->reach.cause == JUDGE_RULE
                                       ? &walk->indicator.declared->rules[outcome->reach.index]
                                       : NULL;
    struct words_series words = {&walk->indicator, detail, walk->scan->place};
    if (code == FAULT_NONE && keeps_records(walk->indicator.declared))
        code = count_records(speaker, note, fault);
    if (code == FAULT_NONE)
        record = words_records(&words, rule, speaker->counts, speaker->period);
    if (code != FAULT_NONE)
        goto out;
    int level =
        outcome->reach.level > note->level_before ? outcome->reach.level : note->level_before;
    struct words_finding said = {
        .outcome = outcome,
        .period = note->from + (int32_t)outcome->at,
        .last_period = note->from + (int32_t)note->count - 1,
        .value = note->value_at,
        .value_last = note->value_last,
        .level = level,
        .level_before = note->level_before,
        .is_doubt_open = note->is_doubt_open,
        .doubt_period = note->doubt_period,
    };
    for (int i = 0; i < PACK_LEVELS; i++)
        json_array_append_new(hours, json_integer(pack->deadlines.hours[i]));
    json_t *finding = begin(walk, "level", detail), *held = words_held(&words, &said);
    add_event(walk, finding);
    json_object_set(finding, "division_parent", json_object_get(detail, "division_parent"));
    json_object_set_new(
        finding, "is_leaf",
        json_boolean(json_equal(json_object_get(detail, "low"), json_object_get(detail, "high"))));
    json_object_set_new(finding, "rule",
                        json_string(words_rule(&walk->indicator, &outcome->reach)));
    json_object_set_new(finding, "period", json_integer(said.last_period));
    json_object_set_new(finding, "level", json_integer(outcome->reach.level));
    json_object_set_new(finding, "title", words_title(&words, &said));
    json_object_set_new(finding, "explanation", words_explanation(&words, &said));
    json_object_set_new(finding, "record", json_incref(record));
    json_object_set_new(finding, "plan", words_plan(&walk->indicator, level));
    json_object_set_new(finding, "hours", json_incref(hours));
    json_object_set_new(finding, "roles",
                        roles_of(pack, json_integer_or(detail, "division_level", 0), NULL));
    json_object_set_new(finding, "quiet", json_integer((json_int_t)outcome->quiet));
    json_object_set_new(finding, "quiet_needed", json_integer(pack->lowering.quiet));
    json_object_set_new(finding, "fall_to", json_integer(outcome->fall_to));
    json_object_set_new(finding, "budget", json_integer(pack->budget.notices_per_week));
    if (held != NULL)
        json_object_set_new(finding, "held", held);
    code = scan_add(walk->scan, finding, fault);
out:
    json_decref(detail);
    json_decref(record);
    json_decref(hours);
    return code;
}

static int worst_first(const void *a, const void *b)
{
    const struct scan_note *left = a, *right = b;
    if (left->outcome.reach.level != right->outcome.reach.level)
        return right->outcome.reach.level - left->outcome.reach.level;
    return (left->series > right->series) - (left->series < right->series);
}

enum fault_code scan_say_all(struct scan_walk *walk, struct fault *fault)
{
    size_t rule_count = walk->indicator.declared->rule_count;
    struct speaker speaker = {.walk = walk};
    enum fault_code code = FAULT_NONE;
    speaker.counts = memory_allocate((rule_count + 1) * sizeof *speaker.counts);
    if (speaker.counts == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t i = 0; code == FAULT_NONE && i < walk->answer_count; i++)
        code = say_answer(walk, &walk->answer[i], fault);
    for (size_t i = 0; code == FAULT_NONE && i < walk->doubt_count; i++)
        code = say_doubt(walk, &walk->doubt[i], fault);
    if (code == FAULT_NONE)
        code = say_signals(walk, fault);
    if (walk->note_count > 0)
        qsort(walk->note, walk->note_count, sizeof *walk->note, worst_first);
    bool is_second = walk->indicator.declared->is_second;
    for (size_t i = 0; code == FAULT_NONE && i < walk->note_count && !is_second; i++)
        if (walk->note[i].outcome.reach.level > 0 || walk->note[i].level_before > 0)
            code = say_level_of(&speaker, &walk->note[i], fault);
    memory_free(speaker.counts);
    return code;
}
