// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge.c: levels, quiet periods and alarms of one series.
//
// The level of a period is the worst of what its rules, band and alarms give. Detectors run only
// over the periods that are asked for: the fresh ones, and those that must be quiet before a notice
// falls. They never see what is not believed: a doubted reading is a gap to them.
#include "judgement/judge.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "judgement/backtest.h"

struct judge_scratch {
    size_t point_count;
    double *value;
    int32_t *day;
    uint16_t *outcome;
    double *expected;
    double *upper;
    struct judge_alarm *alarm; // JUDGE_METHODS runs of point_count
};

struct judge_scratch *judge_scratch_make(size_t point_count)
{
    struct judge_scratch *scratch = memory_allocate(sizeof *scratch);
    if (scratch == NULL)
        return NULL;
    scratch->point_count = point_count;
    scratch->value = memory_allocate(point_count * sizeof *scratch->value);
    scratch->day = memory_allocate(point_count * sizeof *scratch->day);
    scratch->outcome = memory_allocate(point_count * sizeof *scratch->outcome);
    scratch->expected = memory_allocate(point_count * sizeof *scratch->expected);
    scratch->upper = memory_allocate(point_count * sizeof *scratch->upper);
    scratch->alarm = memory_allocate(JUDGE_METHODS * point_count * sizeof *scratch->alarm);
    if (scratch->value != NULL && scratch->day != NULL && scratch->outcome != NULL &&
        scratch->expected != NULL && scratch->upper != NULL && scratch->alarm != NULL)
        return scratch;
    judge_scratch_free(scratch);
    return NULL;
}

void judge_scratch_free(struct judge_scratch *scratch)
{
    if (scratch == NULL)
        return;
    memory_free(scratch->value);
    memory_free(scratch->day);
    memory_free(scratch->outcome);
    memory_free(scratch->expected);
    memory_free(scratch->upper);
    memory_free(scratch->alarm);
    memory_free(scratch);
}

static int periods_per_year(enum time_frequency frequency)
{
    switch (frequency) {
    case TIME_DAILY: return 365;
    case TIME_WEEKLY: return 52;
    case TIME_MONTHLY: return 12;
    case TIME_QUARTERLY: return 4;
    case TIME_YEARLY: return 1;
    }
    return 1;
}

static int32_t day_of(const struct judge_indicator *indicator, const struct judge_series *series,
                      size_t at)
{
    return time_period_last_day(indicator->declared->frequency, series->from + (int32_t)at);
}

bool judge_method_points(const struct judge_indicator *indicator,
                         const struct pack_detector *method, const struct judge_series *series,
                         size_t from, size_t to, struct judge_scratch *scratch,
                         struct judge_alarm *alarms)
{
    assert(to <= series->count && series->count <= scratch->point_count);
    assert(from < to);
    for (size_t i = 0; i < to; i++) {
        bool is_usable = series->belief[i] == ANALYSIS_BELIEVED &&
                         (!method->analysis->is_count || series->value[i] >= 0);
        scratch->value[i] = is_usable ? series->value[i] : ANALYSIS_MISSING;
        scratch->day[i] =
            time_period_first_day(indicator->declared->frequency, series->from + (int32_t)i);
    }
    uint32_t first = (uint32_t)series->first;
    struct analysis_panel panel = {
        .series_count = 1,
        .point_count = to,
        .stride = to,
        .value = scratch->value,
        .first = &first,
        .day = method->analysis->is_seasonal ? scratch->day : NULL,
        .frequency = periods_per_year(indicator->declared->frequency),
        .from = from,
        .to = to,
    };
    struct analysis_output output = {.outcome = scratch->outcome};
    output.column[ANALYSIS_EXPECTED] = scratch->expected;
    output.column[ANALYSIS_UPPER] = scratch->upper;
    if (!method->analysis->batch(&panel, method->settings, &output))
        return false;
    for (size_t i = from; i < to; i++) {
        uint16_t outcome = scratch->outcome[i];
        alarms[i - from] = (struct judge_alarm){
            .is_judged = (outcome & ANALYSIS_JUDGED) != 0,
            .is_alarm = (outcome & ANALYSIS_ALARM) != 0,
            .expected = outcome & 1u << ANALYSIS_EXPECTED ? scratch->expected[i] : 0,
            .upper = outcome & 1u << ANALYSIS_UPPER ? scratch->upper[i] : 0,
        };
    }
    return true;
}

static void take_if_worse(struct judge_reach *reach, int level, enum judge_cause cause,
                          size_t index)
{
    if (level > reach->level)
        *reach = (struct judge_reach){level, cause, index};
}

static struct analysis_history history_of(const struct judge_series *series)
{
    return (struct analysis_history){.value = series->value,
                                     .belief = series->belief,
                                     .count = series->count,
                                     .first = series->first};
}

// `alarm` has JUDGE_METHODS runs of `stride` places; `offset` is that of point `at` in each.
static struct judge_reach reach_of(const struct judge_indicator *indicator,
                                   const struct judge_series *series, size_t at,
                                   const struct judge_alarm *alarm, size_t stride, size_t offset)
{
    const struct pack_indicator *declared = indicator->declared;
    struct judge_reach reach = {0};
    struct analysis_history history = history_of(series);
    int32_t day = day_of(indicator, series, at);
    if (series->belief[at] == ANALYSIS_UNREPORTED)
        return reach;
    for (size_t i = 0; i < declared->rule_count; i++)
        if (pack_basis_holds(&declared->rules[i].basis, day) &&
            backtest_rule_holds(&declared->rules[i], &history, at))
            take_if_worse(&reach, declared->rules[i].level, JUDGE_RULE, i);
    const struct pack_band *band = NULL;
    int level = pack_band_level(declared, series->value[at], day, &band);
    if (band != NULL)
        take_if_worse(&reach, level, JUDGE_BAND, (size_t)(band - declared->bands));
    for (size_t i = 0; i < indicator->declared->detector_count; i++)
        if (alarm[i * stride + offset].is_alarm &&
            pack_basis_holds(&declared->detectors[i].basis, day))
            take_if_worse(&reach, declared->detectors[i].level, JUDGE_DETECTOR, i);
    return reach;
}

static void count_quiet(const struct judge_indicator *indicator, const struct judge_series *series,
                        const struct judge_alarm *alarm, size_t stride, size_t from,
                        struct judge_outcome *outcome)
{
    for (size_t at = series->count; at > from && series->level > 0; at--) {
        bool is_after = series->from + (int32_t)(at - 1) > series->level_period;
        if (!is_after || series->belief[at - 1] != ANALYSIS_BELIEVED)
            break;
        struct judge_reach reach =
            reach_of(indicator, series, at - 1, alarm, stride, at - 1 - from);
        if (reach.level >= series->level)
            break;
        outcome->quiet++;
        if (reach.level > outcome->fall_to)
            outcome->fall_to = reach.level;
    }
}

static void describe(const struct judge_indicator *indicator, const struct judge_series *series,
                     struct judge_outcome *outcome)
{
    for (size_t i = outcome->at; i > 0; i--)
        if (series->belief[i - 1] == ANALYSIS_BELIEVED && series->value[i - 1] > 0) {
            outcome->since_rise = outcome->at - (i - 1);
            break;
        }
    if (outcome->reach.cause != JUDGE_RULE)
        return;
    const struct pack_rule *rule = &indicator->declared->rules[outcome->reach.index];
    size_t periods = rule->kind == PACK_SUM_REACHES ? (size_t)rule->periods : 1;
    for (size_t i = 0; i < periods && i <= outcome->at; i++)
        if (series->belief[outcome->at - i] != ANALYSIS_UNREPORTED)
            outcome->sum += series->value[outcome->at - i];
}

bool judge_series(const struct judge_indicator *indicator, const struct judge_series *series,
                  size_t fresh, struct judge_scratch *scratch, struct judge_outcome *ret_outcome)
{
    assert(series->count > 0);
    assert(fresh >= 1);
    struct judge_outcome outcome = {.at = series->count - 1};
    size_t wanted = series->level > 0 ? (size_t)indicator->pack->lowering.quiet : 0;
    if (wanted < fresh)
        wanted = fresh;
    size_t from = wanted < series->count ? series->count - wanted : 0;
    size_t stride = series->count - from;
    for (size_t i = 0; i < indicator->declared->detector_count; i++)
        if (!judge_method_points(indicator, &indicator->declared->detectors[i], series, from,
                                 series->count, scratch, scratch->alarm + i * stride))
            return false;
    for (size_t i = 0; i < fresh && i < stride; i++) {
        size_t at = series->count - 1 - i;
        struct judge_reach reach =
            reach_of(indicator, series, at, scratch->alarm, stride, at - from);
        if (i == 0)
            outcome.last = outcome.reach = reach;
        else if (reach.level > outcome.reach.level) {
            outcome.reach = reach;
            outcome.at = at;
        }
    }
    for (size_t i = 0; i < indicator->declared->detector_count; i++)
        outcome.alarm[i] = scratch->alarm[i * stride + stride - 1];
    count_quiet(indicator, series, scratch->alarm, stride, from, &outcome);
    describe(indicator, series, &outcome);
    *ret_outcome = outcome;
    return true;
}
