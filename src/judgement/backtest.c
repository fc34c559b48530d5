// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest.c: walks through history once and counts.
//
// Invariants: nothing behind `at` is read when `at` is judged; a method is handed a panel that ends
// there. Doubted values count for a rule (up at once) and are missing from a method's baseline, as
// in the scan; the judged value itself is always handed over.
//
// Work is one array of firings a subject and one of values, taken from the heap for the replay.
#include "judgement/backtest.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "pack/pack.h"

struct replay {
    const struct backtest_series *series;
    const struct backtest_subject *subjects;
    size_t subject_count;
    struct backtest_tally *tallies;
    const struct backtest_watch *watch;
    unsigned char *fired; // subject_count rows of series->count
    bool *held;           // per subject: its rule held at the period before
    double *value;        // what a method sees
};

static double sum_of(const struct analysis_history *history, size_t from, size_t count)
{
    double sum = 0;
    for (size_t i = from; i < from + count && i < history->count; i++)
        sum += history->belief[i] == ANALYSIS_UNREPORTED ? 0 : history->value[i];
    return sum;
}

bool backtest_rule_holds(const struct pack_rule *rule, const struct analysis_history *history,
                         size_t at)
{
    assert(at < history->count);
    if (rule->kind == PACK_FIRST_AFTER_QUIET)
        return analysis_is_first_case(history, at, (size_t)rule->quiet);
    assert(rule->kind == PACK_SUM_REACHES);
    size_t periods = (size_t)rule->periods;
    size_t from = at + 1 < periods ? 0 : at + 1 - periods;
    return history->belief[at] != ANALYSIS_UNREPORTED &&
           sum_of(history, from, at + 1 - from) >= rule->at_least;
}

// Whether a rule that holds has only just begun to. The first case is a moment by itself.
static bool is_firing(const struct pack_rule *rule, bool holds, bool *held)
{
    bool held_before = *held;
    *held = holds && rule->kind == PACK_SUM_REACHES;
    return holds && !held_before;
}

void backtest_count_rule(const struct pack_rule *rule, const struct analysis_history *history,
                         size_t at, size_t *ret_fired, size_t *ret_came_true)
{
    size_t fired = 0;
    size_t came_true = 0;
    bool held = false;
    for (size_t i = 0; i < at && i < history->count; i++) {
        if (!is_firing(rule, backtest_rule_holds(rule, history, i), &held))
            continue;
        fired++;
        came_true += rule->cluster_periods > 0 &&
                     sum_of(history, i, (size_t)rule->cluster_periods) >= rule->cluster_at_least;
    }
    assert(came_true <= fired);
    *ret_fired = fired;
    *ret_came_true = came_true;
}

// ---- one period ----

// Judges period `at` by a method. False: no memory.
static bool judge_method(struct replay *replay, const struct pack_detector *detector,
                         const struct analysis_history *history, size_t at, uint16_t *outcome)
{
    for (size_t i = 0; i <= at; i++) {
        bool is_usable = i == at ? history->belief[i] != ANALYSIS_UNREPORTED
                                 : history->belief[i] == ANALYSIS_BELIEVED;
        replay->value[i] = is_usable ? history->value[i] : ANALYSIS_MISSING;
        // A count's withdrawal is no count: the methods that want one see a gap.
        if (detector->analysis->is_count && is_usable && history->value[i] < 0)
            replay->value[i] = ANALYSIS_MISSING;
    }
    uint32_t first = (uint32_t)history->first;
    struct analysis_panel panel = {.series_count = 1,
                                   .point_count = at + 1,
                                   .stride = at + 1,
                                   .value = replay->value,
                                   .first = &first,
                                   .frequency = replay->series->frequency,
                                   .from = at,
                                   .to = at + 1};
    struct analysis_output output = {.outcome = outcome};
    return detector->analysis->batch(&panel, detector->settings, &output);
}

static enum fault_code judge_period(struct replay *replay, const struct analysis_history *history,
                                    size_t at, uint16_t *outcome, struct fault *fault)
{
    assert(history->count > at);
    for (size_t i = 0; i < replay->subject_count; i++) {
        const struct backtest_subject *subject = &replay->subjects[i];
        bool is_fired = false;
        bool is_judged = history->belief[at] != ANALYSIS_UNREPORTED;
        if (subject->rule != NULL) {
            is_fired = is_firing(subject->rule, backtest_rule_holds(subject->rule, history, at),
                                 &replay->held[i]);
        } else {
            outcome[at] = 0;
            if (!judge_method(replay, subject->detector, history, at, outcome))
                return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
            is_judged = (outcome[at] & ANALYSIS_JUDGED) != 0;
            is_fired = is_judged && (outcome[at] & ANALYSIS_ALARM) != 0;
        }
        replay->tallies[i].judged += is_judged;
        replay->tallies[i].fired += is_fired;
        replay->fired[i * replay->series->count + at] = is_fired;
        if (is_fired && replay->watch != NULL)
            replay->watch->fired(replay->watch->context, i, at, history->value[at]);
    }
    return FAULT_NONE;
}

// ---- what came of it ----

static void add_lead(struct backtest_lead *leads, int32_t lead)
{
    leads->count++;
    if (leads->kept == BACKTEST_LEADS)
        return;
    size_t at = leads->kept++;
    for (; at > 0 && leads->lead[at - 1] > lead; at--)
        leads->lead[at] = leads->lead[at - 1];
    leads->lead[at] = lead;
}

bool backtest_median(const struct backtest_lead *lead, int32_t *ret_lead)
{
    if (lead->kept == 0)
        return false;
    *ret_lead = lead->lead[(lead->kept - 1) / 2];
    return true;
}

static void count_clusters(const struct pack_rule *rule, const unsigned char *fired,
                           const struct backtest_series *series,
                           const struct analysis_history *last, struct backtest_tally *tally)
{
    size_t periods = (size_t)rule->cluster_periods, over = series->count - series->open;
    for (size_t i = series->from; i < series->to && periods > 0; i++) {
        if (!fired[i])
            continue;
        bool is_cluster = sum_of(last, i, periods) >= rule->cluster_at_least;
        tally->came_true += is_cluster;
        tally->undecided += !is_cluster && i + periods > over;
    }
}

static void count_outbreaks(const unsigned char *fired, const struct backtest_series *series,
                            struct backtest_tally *tally)
{
    for (size_t i = series->from; i < series->to; i++) {
        if (!series->label[i])
            continue;
        // An outbreak that began before the judged periods is one that nobody could have met early.
        size_t begin = i;
        bool is_cut = i == series->from && i > 0 && series->label[i - 1];
        size_t first_fired = series->count;
        for (; i < series->to && series->label[i]; i++) {
            tally->in_outbreak += fired[i];
            if (fired[i] && first_fired == series->count)
                first_fired = i;
        }
        if (is_cut)
            continue;
        tally->outbreaks++;
        tally->missed += first_fired == series->count;
        if (first_fired < series->count)
            add_lead(&tally->outbreak_lead, -(int32_t)(first_fired - begin));
    }
}

// The first firing within BACKTEST_REACH periods before an event, else the first one after it.
static void count_events(const unsigned char *fired, const struct backtest_series *series,
                         struct backtest_tally *tally)
{
    for (size_t i = 0; i < series->event_count; i++) {
        size_t event = series->event[i];
        if (event < series->from || event >= series->to)
            continue;
        tally->events++;
        size_t at = event < series->from + BACKTEST_REACH ? series->from : event - BACKTEST_REACH;
        size_t end =
            event + BACKTEST_REACH + 1 < series->to ? event + BACKTEST_REACH + 1 : series->to;
        while (at < end && !fired[at])
            at++;
        // What period `at` says is known when it is over: one period later.
        if (at < end)
            add_lead(&tally->event_lead, (int32_t)((int64_t)event - (int64_t)at - 1));
    }
}

static void count_outcomes(struct replay *replay, const struct analysis_history *last)
{
    const struct backtest_series *series = replay->series;
    for (size_t i = 0; i < replay->subject_count; i++) {
        const unsigned char *fired = replay->fired + i * series->count;
        struct backtest_tally *tally = &replay->tallies[i];
        tally->series++;
        if (replay->subjects[i].rule != NULL)
            count_clusters(replay->subjects[i].rule, fired, series, last, tally);
        if (series->label != NULL)
            count_outbreaks(fired, series, tally);
        count_events(fired, series, tally);
        assert(tally->came_true <= tally->fired && tally->missed <= tally->outbreaks);
    }
}

enum fault_code backtest_replay(const struct backtest_series *series,
                                const struct backtest_subject *subjects, size_t subject_count,
                                struct backtest_tally *tallies, const struct backtest_watch *watch,
                                struct fault *fault)
{
    assert(series->from <= series->to && series->to <= series->count);
    assert(series->open <= series->count);
    enum fault_code code = FAULT_NONE;
    struct analysis_history history = {0};
    struct replay replay = {series, subjects, subject_count, tallies, watch, NULL, NULL, NULL};
    replay.fired = memory_allocate(subject_count * series->count + 1);
    replay.held = memory_allocate(subject_count * sizeof *replay.held + 1);
    replay.value = memory_allocate((series->count + 1) * sizeof *replay.value);
    uint16_t *outcome = memory_allocate((series->count + 1) * sizeof *outcome);
    if (replay.fired == NULL || replay.held == NULL || replay.value == NULL || outcome == NULL) {
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        goto out;
    }
    for (size_t at = series->from; at < series->to; at++) {
        code = series->know(series->context, at, &history, fault);
        if (code == FAULT_NONE)
            code = judge_period(&replay, &history, at, outcome, fault);
        if (code != FAULT_NONE)
            goto out;
    }
    if (series->count > 0) {
        code = series->know(series->context, series->count - 1, &history, fault);
        if (code != FAULT_NONE)
            goto out;
        count_outcomes(&replay, &history);
    }
out:
    memory_free(replay.fired);
    memory_free(replay.held);
    memory_free(replay.value);
    memory_free(outcome);
    return code;
}
