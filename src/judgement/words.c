// SPDX-License-Identifier: GPL-3.0-or-later
//
// words.c: chooses the sentences and fills them.
//
// The order of an explanation is always the same: what was seen, what was expected, the rule, what
// it costs to look and not to look, what the detectors beside it say. A sentence never says that an
// office reported zero when our copy of its feed may have stood still.
#include "judgement/words.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "judgement/pack_say.h"

enum { PERCENT_FROM = 20 }; // below, a record is shown as counts only

json_t *words_span(enum time_frequency frequency, int64_t count)
{
    static const struct {
        enum time_frequency frequency;
        enum text_key one, many;
    } table[] = {
        {TIME_DAILY, TEXT_SPAN_DAY, TEXT_SPAN_DAYS},
        {TIME_WEEKLY, TEXT_SPAN_WEEK, TEXT_SPAN_WEEKS},
        {TIME_MONTHLY, TEXT_SPAN_MONTH, TEXT_SPAN_MONTHS},
        {TIME_QUARTERLY, TEXT_SPAN_QUARTER, TEXT_SPAN_QUARTERS},
        {TIME_YEARLY, TEXT_SPAN_YEAR, TEXT_SPAN_YEARS},
    };
    size_t row = 0;
    while (row + 1 < sizeof table / sizeof table[0] && table[row].frequency != frequency)
        row++;
    return count == 1 ? say_with(table[row].one, (json_t *[SAY_ARGUMENTS]){NULL})
                      : say_with(table[row].many, (json_t *[SAY_ARGUMENTS]){json_integer(count)});
}

json_t *words_period(enum time_frequency frequency, int32_t period)
{
    char text[24];
    time_write_period(frequency, period, text, sizeof text);
    return json_string(text);
}

static json_t *pack_names(const struct pack_words *words)
{
    return say_names(words->zh, words->en);
}

static enum time_frequency frequency_of(const struct words_series *series)
{
    return series->indicator->declared->frequency;
}

static json_t *place_of(const struct words_series *series)
{
    return say_row_names(series->detail, "division");
}

static json_t *indicator_of(const struct words_series *series)
{
    return pack_names(&series->indicator->declared->label);
}

static const struct pack_rule *rule_of(const struct words_series *series,
                                       const struct judge_reach *reach)
{
    return reach->cause == JUDGE_RULE ? &series->indicator->declared->rules[reach->index] : NULL;
}

json_t *words_title(const struct words_series *series, const struct words_finding *finding)
{
    const struct judge_outcome *outcome = finding->outcome;
    const struct pack_rule *rule = rule_of(series, &outcome->reach);
    json_t *place = place_of(series), *indicator = indicator_of(series);
    if (rule != NULL && rule->kind == PACK_FIRST_AFTER_QUIET)
        return outcome->since_rise > 0
                   ? say(TEXT_NOTICE_TITLE_FIRST, place, indicator,
                         words_span(frequency_of(series), (int64_t)outcome->since_rise))
                   : say(TEXT_NOTICE_TITLE_FIRST_EVER, place, indicator);
    if (rule != NULL)
        return say(TEXT_NOTICE_TITLE_SUM, place, indicator, say_number(outcome->sum),
                   words_span(frequency_of(series), rule->periods));
    if (outcome->reach.cause == JUDGE_BAND)
        return say(TEXT_NOTICE_TITLE_BAND, place, indicator, say_number(finding->value),
                   pack_names(&series->indicator->declared->unit),
                   pack_names(&series->indicator->declared->bands[outcome->reach.index].label));
    return say(TEXT_NOTICE_TITLE_DETECTOR, place, indicator, say_number(finding->value));
}

// What was seen, by what decided.
static json_t *seen(const struct words_series *series, const struct words_finding *finding)
{
    const struct judge_outcome *outcome = finding->outcome;
    const struct pack_rule *rule = rule_of(series, &outcome->reach);
    json_t *place = place_of(series), *indicator = indicator_of(series);
    json_t *value = say_number(finding->value);
    json_t *period = words_period(frequency_of(series), finding->period);
    if (rule != NULL && rule->kind == PACK_FIRST_AFTER_QUIET)
        return outcome->since_rise > 0
                   ? say(TEXT_NOTICE_SEEN_FIRST, place, indicator, value, period,
                         words_span(frequency_of(series), (int64_t)outcome->since_rise))
                   : say(TEXT_NOTICE_SEEN_FIRST_EVER, place, indicator, value, period);
    if (rule != NULL && finding->is_doubt_open && finding->doubt_period == finding->period) {
        json_decref(value);
        return say(TEXT_NOTICE_SEEN_SUM_BELIEVED, place, indicator, period,
                   say_number(outcome->sum), words_span(frequency_of(series), rule->periods));
    }
    if (rule != NULL)
        return say(TEXT_NOTICE_SEEN_SUM, place, indicator, value, period, say_number(outcome->sum),
                   words_span(frequency_of(series), rule->periods));
    if (outcome->reach.cause == JUDGE_BAND)
        return say(TEXT_NOTICE_SEEN_BAND, place, indicator, value,
                   pack_names(&series->indicator->declared->unit), period,
                   pack_names(&series->indicator->declared->bands[outcome->reach.index].label));
    return say(TEXT_NOTICE_SEEN_VALUE, place, indicator, value, period);
}

static json_t *rounded(double value)
{
    return say_number(round(value * 100) / 100);
}

// What was expected, by what decided.
static json_t *expected(const struct words_series *series, const struct words_finding *finding)
{
    const struct judge_reach *reach = &finding->outcome->reach;
    const struct pack_indicator *declared = series->indicator->declared;
    const struct pack_rule *rule = rule_of(series, reach);
    if (rule != NULL && rule->kind == PACK_FIRST_AFTER_QUIET)
        return say(TEXT_NOTICE_EXPECTED_ZERO, words_span(frequency_of(series), rule->quiet));
    if (rule != NULL)
        return say(TEXT_NOTICE_EXPECTED_SUM, say_number(rule->at_least),
                   words_span(frequency_of(series), rule->periods));
    if (reach->cause == JUDGE_BAND) {
        const struct pack_band *band = &declared->bands[reach->index];
        if (isinf(band->from))
            return say(TEXT_NOTICE_EXPECTED_BAND_BELOW, say_number(band->until));
        if (isinf(band->until))
            return say(TEXT_NOTICE_EXPECTED_BAND_FROM, say_number(band->from));
        return say(TEXT_NOTICE_EXPECTED_BAND, say_number(band->from), say_number(band->until));
    }
    const struct judge_alarm *alarm = &finding->outcome->alarm[reach->index];
    char name[64];
    return say(TEXT_NOTICE_EXPECTED_DETECTOR,
               json_string(pack_say_method(declared->detectors[reach->index].method, name)),
               rounded(alarm->expected), rounded(alarm->upper));
}

// What the detectors say of the newest period: those that alarm, and those that are silent.
static void add_detectors(json_t *list, const struct words_series *series,
                          const struct words_finding *finding)
{
    const struct pack_indicator *declared = series->indicator->declared;
    char names[2][160] = {"", ""}; // silent, alarming
    for (size_t i = 0; i < declared->detector_count; i++) {
        const struct judge_alarm *alarm = &finding->outcome->alarm[i];
        char *into = names[alarm->is_alarm], name[64];
        size_t used = strlen(into);
        if (alarm->is_judged)
            snprintf(into + used, sizeof names[0] - used, "%s%s", used == 0 ? "" : ", ",
                     pack_say_method(declared->detectors[i].method, name));
    }
    if (names[1][0] != '\0')
        json_array_append_new(list, say(TEXT_NOTICE_DETECTORS_ALARM, json_string(names[1])));
    if (names[0][0] != '\0' && finding->level_before > 0)
        json_array_append_new(list, say(TEXT_NOTICE_DETECTORS_SILENT, json_string(names[0])));
}

json_t *words_explanation(const struct words_series *series, const struct words_finding *finding)
{
    const struct pack_rule *rule = rule_of(series, &finding->outcome->reach);
    json_t *list = json_array();
    if (finding->outcome->reach.cause == JUDGE_NOTHING) {
        json_array_append_new(list, say(TEXT_NOTICE_SEEN_VALUE, place_of(series),
                                        indicator_of(series), say_number(finding->value_last),
                                        words_period(frequency_of(series), finding->last_period)));
    } else {
        json_array_append_new(list, seen(series, finding));
        json_array_append_new(list, expected(series, finding));
    }
    if (rule != NULL)
        json_array_append_new(list, say(TEXT_NOTICE_RULE, pack_names(&rule->label)));
    if (rule != NULL && rule->kind == PACK_FIRST_AFTER_QUIET)
        json_array_append_new(list, say_with(TEXT_NOTICE_COST, (json_t *[SAY_ARGUMENTS]){NULL}));
    add_detectors(list, series, finding);
    return list;
}

json_t *words_held(const struct words_series *series, const struct words_finding *finding)
{
    int64_t quiet = (int64_t)finding->outcome->quiet;
    int64_t needed = series->indicator->pack->lowering.quiet;
    if (finding->level_before == 0 || finding->outcome->reach.level > finding->level_before)
        return NULL;
    if (finding->is_doubt_open)
        return say(TEXT_NOTICE_HELD_NOT_BELIEVED,
                   words_period(frequency_of(series), finding->doubt_period),
                   say_level(finding->level_before));
    if (finding->outcome->last.level >= finding->level_before)
        return NULL;
    if (quiet < needed)
        return say(TEXT_NOTICE_HELD_QUIET, say_level(finding->level_before), json_integer(quiet),
                   words_span(frequency_of(series), needed));
    return say(TEXT_NOTICE_HELD_ASK, say_level(finding->level_before),
               words_span(frequency_of(series), quiet));
}

static json_t *record_of(const struct words_series *series, const struct pack_rule *rule,
                         struct words_count counted, int32_t before)
{
    json_t *region = say_row_names(series->region, "name"), *sentence = NULL;
    json_t *count = json_integer((json_int_t)counted.fired);
    json_t *hits = json_integer((json_int_t)counted.came_true);
    json_t *size = say_number(rule->cluster_at_least);
    if (counted.fired == 0) {
        json_decref(count);
        json_decref(hits);
        json_decref(size);
        sentence = say(TEXT_NOTICE_RECORD_NONE, region);
    } else if (counted.fired < PERCENT_FROM) {
        sentence = say(TEXT_NOTICE_RECORD, count, region, hits, size);
    } else {
        size_t percent = (100 * counted.came_true + counted.fired / 2) / counted.fired;
        sentence = say(TEXT_NOTICE_RECORD_PERCENT, count, region, hits, size,
                       json_integer((json_int_t)percent));
    }
    return json_pack("{s:s, s:o, s:o, s:I, s:I, s:[o]}", "rule", rule->code, "before",
                     words_period(frequency_of(series), before), "label", pack_names(&rule->label),
                     "fired", (json_int_t)counted.fired, "came_true", (json_int_t)counted.came_true,
                     "keys", sentence);
}

json_t *words_records(const struct words_series *series, const struct pack_rule *decisive,
                      const struct words_count *counts, int32_t before)
{
    const struct pack_indicator *declared = series->indicator->declared;
    json_t *list = json_array();
    for (size_t i = 0; i < declared->rule_count; i++) {
        const struct pack_rule *rule = &declared->rules[i];
        if (rule->cluster_periods == 0)
            continue;
        if (rule == decisive)
            json_array_insert_new(list, 0, record_of(series, rule, counts[i], before));
        else
            json_array_append_new(list, record_of(series, rule, counts[i], before));
    }
    return list;
}

json_t *words_plan(const struct judge_indicator *indicator, int level)
{
    assert(level > PACK_NONE && level < PACK_LEVELS);
    json_t *list = json_array();
    const struct pack_plan *plan = &indicator->pack->plan[level];
    for (size_t i = 0; i < plan->step_count; i++)
        json_array_append_new(list, pack_names(&plan->steps[i]));
    return list;
}

const char *words_rule(const struct judge_indicator *indicator, const struct judge_reach *reach)
{
    switch (reach->cause) {
    case JUDGE_RULE: return indicator->declared->rules[reach->index].code;
    case JUDGE_BAND: return "band";
    case JUDGE_DETECTOR: return indicator->declared->detectors[reach->index].method;
    case JUDGE_NOTHING: break;
    }
    return "none";
}

// "1, 2, 9"
static json_t *list_before(const struct judge_doubt *doubt)
{
    char text[120] = "";
    for (size_t i = 0; i < doubt->before_count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%.6g", i == 0 ? "" : ", ", doubt->before[i]);
    }
    return json_string(text);
}

json_t *words_doubt(const struct words_series *series, int32_t period, double value, double sum,
                    const struct judge_doubt *doubt)
{
    json_t *list = json_array(), *reason = NULL;
    int64_t chance = (int64_t)llround(doubt->probability * 100);
    json_t *of_hundred = chance < 1
                             ? say_with(TEXT_DOUBT_UNDER_ONE, (json_t *[SAY_ARGUMENTS]){NULL})
                             : json_integer(chance);
    if (doubt->is_low && value == 0 && doubt->is_disputed)
        reason = say(TEXT_DOUBT_ZERO_DISPUTED, list_before(doubt), json_incref(of_hundred),
                     say_number(doubt->other));
    else if (doubt->is_low && value == 0)
        reason = say(TEXT_DOUBT_ZERO, list_before(doubt), json_incref(of_hundred));
    else if (doubt->is_low)
        reason =
            say(TEXT_DOUBT_LOW, list_before(doubt), say_number(value), json_incref(of_hundred));
    json_decref(of_hundred);
    if (reason != NULL)
        json_array_append_new(list, reason);
    if (doubt->is_disputed && !(doubt->is_low && value == 0))
        json_array_append_new(list,
                              say(TEXT_DOUBT_DISPUTED, say_number(sum), say_number(doubt->other)));
    if (doubt->is_still)
        json_array_append_new(
            list, say(TEXT_DOUBT_FEED_STILL, words_period(frequency_of(series), period)));
    return list;
}
