// SPDX-License-Identifier: GPL-3.0-or-later
//
// firings.c: the firings of a rule one by one, behind the counts of a record.
//
// The same walk and the same functions as the record of a notice (scan_walk.c), in the reader's
// scope and as of the instant asked for: a past view lists what was known then. `before` leaves out
// what fired from that period on, so that a notice is not part of its own record. The list is
// newest first; FIRINGS are kept, because a rule that fires more often says nothing.
#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/time.h"
#include "judgement/backtest.h"
#include "judgement/judgement_priv.h"
#include "judgement/newest.h"
#include "pack/pack.h"

enum { FIRINGS = 1000 };

struct firing {
    int64_t series;
    int32_t period;
    double value, reached;
    bool is_decided; // the cluster's periods are over
};

struct firings {
    struct pack_rule rule;
    enum time_frequency frequency;
    int32_t before; // ordinal
    bool is_simulated, is_any_origin;
    unsigned char *belief;
    struct firing *list;
    size_t count;
};

static double reached_at(const struct firings *firings, const struct readings_row *row, size_t at,
                         bool *ret_is_decided)
{
    double sum = 0;
    size_t periods = (size_t)firings->rule.cluster_periods;
    for (size_t i = at; i < at + periods && i < row->count; i++)
        sum += row->batches[i] == 0 ? 0 : row->values[i];
    size_t last = row->count;
    while (last > 0 && row->batches[last - 1] == 0)
        last--;
    *ret_is_decided = at + periods <= last || sum >= firings->rule.cluster_at_least;
    return sum;
}

static enum fault_code take_row(void *context, const struct readings_row *row, struct fault *fault)
{
    (void)fault;
    struct firings *firings = context;
    size_t first = row->count;
    bool held = false;
    if (!firings->is_any_origin && row->is_simulated != firings->is_simulated)
        return FAULT_NONE;
    for (size_t i = row->count; i > 0; i--) {
        firings->belief[i - 1] = row->batches[i - 1] != 0 ? ANALYSIS_BELIEVED : ANALYSIS_UNREPORTED;
        if (row->batches[i - 1] != 0)
            first = i - 1;
    }
    struct analysis_history history = {
        .value = row->values, .belief = firings->belief, .count = row->count, .first = first};
    for (size_t at = first; at < row->count; at++) {
        int32_t period = row->from + (int32_t)at;
        bool holds = backtest_rule_holds(&firings->rule, &history, at);
        bool is_new = holds && !held;
        held = holds && firings->rule.kind == PACK_SUM_REACHES;
        if (!is_new || period >= firings->before || firings->count == FIRINGS)
            continue;
        struct firing *firing = &firings->list[firings->count++];
        *firing =
            (struct firing){.series = row->series, .period = period, .value = row->values[at]};
        firing->reached = reached_at(firings, row, at, &firing->is_decided);
    }
    return FAULT_NONE;
}

static int newest_first(const void *a, const void *b)
{
    const struct firing *left = a, *right = b;
    if (left->period != right->period)
        return left->period < right->period ? 1 : -1;
    return (left->series > right->series) - (left->series < right->series);
}

// The rule as the pack declared it; false: it declares none of that code.
static bool read_rule(const json_t *rules, struct span code, struct pack_rule *ret_rule)
{
    const json_t *rule = NULL;
    size_t i = 0;
    for (; i < json_array_size(rules); i++) {
        rule = json_array_get(rules, i);
        if (span_equal(json_text_or(rule, "code", ""), code))
            break;
    }
    if (i == json_array_size(rules))
        return false;
    int periods = (int)json_integer_or(rule, "periods", 1);
    bool is_sum = json_is_true(json_object_get(rule, "is_sum"));
    *ret_rule = (struct pack_rule){
        .kind = is_sum ? PACK_SUM_REACHES : PACK_FIRST_AFTER_QUIET,
        .quiet = periods,
        .periods = periods,
        .cluster_periods = (int)json_integer_or(rule, "cluster_periods", 0),
    };
    return span_to_real(json_text_or(rule, "at_least", ""), &ret_rule->at_least) &&
           span_to_real(json_text_or(rule, "cluster_at_least", ""), &ret_rule->cluster_at_least);
}

static enum fault_code add_row(const struct firings *firings, struct store_reader *reader,
                               const struct firing *firing, const json_t *model, json_t *rows,
                               struct fault *fault)
{
    json_t *detail = NULL, *row = json_copy((json_t *)(uintptr_t)model);
    char period[24];
    enum fault_code code =
        newest_query(reader, QUERY_SERIES_DETAIL, "series", firing->series, &detail, fault);
    const json_t *series = json_array_get(detail, 0);
    time_write_period(firings->frequency, firing->period, period, sizeof period);
    json_object_set_new(row, "period", json_string(period));
    json_object_set_new(row, "series", json_integer(firing->series));
    json_object_set(row, "division_zh", json_object_get(series, "division_zh"));
    json_object_set(row, "division_en", json_object_get(series, "division_en"));
    json_object_set_new(row, "value", json_real(firing->value));
    json_object_set_new(row, "reached", json_real(firing->reached));
    json_object_set_new(row, "needed", json_real(firings->rule.cluster_at_least));
    json_object_set_new(row, "came_true",
                        json_boolean(firings->rule.cluster_periods > 0 &&
                                     firing->reached >= firings->rule.cluster_at_least));
    json_object_set_new(row, "is_decided", json_boolean(firing->is_decided));
    json_array_append_new(rows, row);
    json_decref(detail);
    return code;
}

// Reads what is asked for; the walk's arrays are taken here.
static enum fault_code prepare(const struct query_context *context, const json_t *declared,
                               struct firings *firings, int32_t to, struct fault *fault)
{
    const json_t *body = json_object_get(declared, "body");
    struct span origin = json_text_or(context->parameters, "origin", "");
    struct span before = json_text_or(context->parameters, "before", "");
    enum time_frequency frequency;
    if (!read_rule(json_object_get(body, "rules"), json_text_or(context->parameters, "rule", ""),
                   &firings->rule))
        return fault_set(fault, FAULT_MISSING, TEXT_RULE_UNKNOWN,
                         text_span(json_text_or(context->parameters, "rule", "")));
    firings->is_any_origin = origin.size == 0;
    firings->is_simulated = span_is(origin, "simulated");
    firings->before = to + 1;
    if (before.size > 0 && (!time_read_period(before, &frequency, &firings->before) ||
                            frequency != firings->frequency))
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_DATE_MALFORMED, text_span(before));
    firings->belief = memory_allocate(LIMIT_SERIES_POINTS);
    firings->list = memory_allocate(FIRINGS * sizeof *firings->list);
    return firings->belief == NULL || firings->list == NULL
               ? fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL)
               : FAULT_NONE;
}

enum fault_code rule_record_finish(const struct query_context *context, json_t *rows,
                                   struct fault *fault)
{
    json_t *declared = NULL, *model = json_incref(json_array_get(rows, 0));
    struct firings firings = {.frequency = TIME_DAILY};
    if (model == NULL)
        return FAULT_NONE;
    json_array_clear(rows);
    enum fault_code code = newest_query_text(
        context->reader, QUERY_INDICATOR_DECLARED, "code",
        json_string_value(json_object_get(context->parameters, "indicator")), &declared, fault);
    if (code == FAULT_NONE)
        firings.frequency = newest_frequency(json_array_get(declared, 0));
    int32_t to = time_period_from_day(firings.frequency,
                                      time_local_day(store_reader_as_of(context->reader)));
    if (code == FAULT_NONE)
        code = prepare(context, json_array_get(declared, 0), &firings, to, fault);
    if (code == FAULT_NONE)
        code = readings_walk(context->reader, json_integer_or(model, "indicator_id", 0),
                             to - LIMIT_SERIES_POINTS + 1, to, take_row, &firings, fault);
    if (code == FAULT_NONE && firings.count > 1)
        qsort(firings.list, firings.count, sizeof *firings.list, newest_first);
    for (size_t i = 0; code == FAULT_NONE && i < firings.count; i++)
        code = add_row(&firings, context->reader, &firings.list[i], model, rows, fault);
    memory_free(firings.belief);
    memory_free(firings.list);
    json_decref(declared);
    json_decref(model);
    return code;
}
