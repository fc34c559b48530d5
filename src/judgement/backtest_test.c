// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest_test.c: firings, clusters, outbreaks, leads; what was not known then is not used.
#include <stdio.h>
#include <string.h>

#include "judgement/backtest.h"
#include "pack/pack.h"
#include "unit.h"

enum { POINTS = 120 };

struct story {
    double value[POINTS];
    double value_last[POINTS]; // as known at the end
    unsigned char belief[POINTS];
    unsigned char label[POINTS];
    size_t count;
    size_t asked_most; // the last period that was asked for before the end
};

static enum fault_code know(void *context, size_t at, struct analysis_history *ret_history,
                            struct fault *fault)
{
    (void)fault;
    struct story *story = context;
    bool is_last = at + 1 == story->count;
    *ret_history = (struct analysis_history){.value = is_last ? story->value_last : story->value,
                                             .belief = story->belief,
                                             .count = at + 1};
    return FAULT_NONE;
}

static void tell(struct story *story, const double *value, size_t count)
{
    memset(story, 0, sizeof *story);
    story->count = count;
    for (size_t i = 0; i < count; i++) {
        story->value[i] = story->value_last[i] = value[i];
        story->belief[i] = ANALYSIS_BELIEVED;
    }
}

static struct backtest_series series_of(struct story *story)
{
    return (struct backtest_series){.count = story->count,
                                    .to = story->count,
                                    .frequency = 365,
                                    .know = know,
                                    .context = story};
}

static const struct pack_rule first_case = {
    .kind = PACK_FIRST_AFTER_QUIET, .quiet = 3, .cluster_periods = 4, .cluster_at_least = 5};
static const struct pack_rule three_in_two = {
    .kind = PACK_SUM_REACHES, .periods = 2, .at_least = 3};

static struct backtest_tally replay(const struct backtest_series *series,
                                    const struct pack_rule *rule,
                                    const struct pack_detector *detector)
{
    struct backtest_subject subject = {rule, detector};
    struct backtest_tally tally = {0};
    struct fault fault = {0};
    CHECK(backtest_replay(series, &subject, 1, &tally, NULL, &fault) == FAULT_NONE);
    return tally;
}

void test_first_cases_and_clusters_are_counted(void)
{
    //                             *           *                 *
    static const double value[] = {0, 0, 0, 1, 0, 0, 0, 2, 3, 0, 0, 0, 0, 1};
    struct story story;
    tell(&story, value, 14);
    struct backtest_series series = series_of(&story);
    struct backtest_tally tally = replay(&series, &first_case, NULL);
    CHECK_EQUAL(tally.fired, 3);
    CHECK_EQUAL(tally.came_true, 1); // 2 + 3 + 0 + 0
    CHECK_EQUAL(tally.undecided, 1); // the last one has one period of four
    CHECK_EQUAL(tally.judged, 14);
    size_t fired = 9;
    size_t came_true = 9;
    struct analysis_history history = {.value = value, .belief = story.belief, .count = 14};
    backtest_count_rule(&first_case, &history, 13, &fired, &came_true);
    CHECK_EQUAL(fired, 2); // The period itself is not its own record.
    CHECK_EQUAL(came_true, 1);
}

void test_unreported_period_is_not_quiet(void)
{
    static const double value[] = {0, 0, 0, 0, 1, 0, 0, 0, 1};
    struct story story;
    tell(&story, value, 9);
    story.belief[2] = ANALYSIS_UNREPORTED;
    struct backtest_series series = series_of(&story);
    CHECK_EQUAL(replay(&series, &first_case, NULL).fired, 1);
}

void test_sum_fires_when_it_is_reached_and_not_again(void)
{
    static const double value[] = {0, 1, 2, 2, 2, 0, 0, 3, 3, 0, 3};
    struct story story;
    tell(&story, value, 11);
    struct backtest_series series = series_of(&story);
    struct backtest_tally tally = replay(&series, &three_in_two, NULL);
    CHECK_EQUAL(tally.fired, 2); // at 2, and at 7; 10 follows 9, where 3 + 0 still held
    CHECK_EQUAL(tally.came_true, 0);
}

void test_what_became_known_later_is_not_used_then(void)
{
    static const double value[] = {0, 0, 0, 1, 0, 0, 0, 0, 0};
    struct story story;
    tell(&story, value, 9);
    story.value_last[3] = 0; // Withdrawn afterwards: it was a case that morning all the same.
    struct backtest_series series = series_of(&story);
    series.to = 8;
    CHECK_EQUAL(replay(&series, &first_case, NULL).fired, 1);
    story.value_last[4] = 9; // Added afterwards: it became a cluster.
    CHECK_EQUAL(replay(&series, &first_case, NULL).came_true, 1);
}

void test_method_sees_nothing_behind_its_period(void)
{
    const struct analysis_detector *analysis = analysis_find_detector("ears-c1");
    double settings[ANALYSIS_OPTIONS_MAX];
    double value[60];
    struct story story;
    if (!CHECK(analysis != NULL))
        return;
    analysis_default_options(analysis, settings);
    struct pack_detector detector = {.analysis = analysis, .settings = settings};
    for (int i = 0; i < 60; i++)
        value[i] = (i * 7 + 3) % 5;
    value[40] = 30;
    tell(&story, value, 60);
    struct backtest_series series = series_of(&story);
    series.to = 41;
    size_t fired = replay(&series, NULL, &detector).fired;
    CHECK(fired >= 1);
    for (int i = 41; i < 60; i++)
        story.value[i] = story.value_last[i] = 1000;
    CHECK_EQUAL(replay(&series, NULL, &detector).fired, fired);
    series.from = 40;
    CHECK_EQUAL(replay(&series, NULL, &detector).fired, 1);
    // A doubted 30 before it would have hidden it in the baseline.
    story.value[38] = 60;
    CHECK_EQUAL(replay(&series, NULL, &detector).fired, 0);
    story.belief[38] = ANALYSIS_DOUBTED;
    CHECK_EQUAL(replay(&series, NULL, &detector).judged + replay(&series, NULL, &detector).fired,
                0);
}

void test_outbreaks_are_met_or_missed(void)
{
    //                             0  1  2  3  4  5  6  7  8  9 10 11
    static const double value[] = {0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0, 0};
    static const unsigned char label[] = {0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1};
    struct story story;
    tell(&story, value, 12);
    struct backtest_series series = series_of(&story);
    series.label = label;
    struct backtest_tally tally = replay(&series, &three_in_two, NULL);
    int32_t lead = 9;
    CHECK_EQUAL(tally.fired, 2);
    CHECK_EQUAL(tally.in_outbreak, 1);
    CHECK_EQUAL(tally.outbreaks, 2);
    CHECK_EQUAL(tally.missed, 1);
    CHECK(backtest_median(&tally.outbreak_lead, &lead));
    CHECK_EQUAL(lead, -1); // A period after the outbreak's first.
}

void test_lead_is_claimed_against_events_only(void)
{
    static const double value[40] = {[10] = 3, [30] = 3};
    static const size_t event[] = {8, 13, 29};
    struct story story;
    tell(&story, value, 40);
    struct backtest_series series = series_of(&story);
    int32_t lead = 9;
    struct backtest_tally tally = replay(&series, &three_in_two, NULL);
    CHECK(!backtest_median(&tally.event_lead, &lead));
    CHECK(!backtest_median(&tally.outbreak_lead, &lead));
    series.event = event;
    series.event_count = 3;
    tally = replay(&series, &three_in_two, NULL);
    CHECK_EQUAL(tally.events, 3);
    CHECK_EQUAL(tally.event_lead.count, 3);
    // The firing of 10 is known at 11: three after the event of 8, two before that of 13, 18
    // before 29.
    CHECK_EQUAL(tally.event_lead.lead[0], -3);
    CHECK_EQUAL(tally.event_lead.lead[1], 2);
    CHECK_EQUAL(tally.event_lead.lead[2], 18);
    CHECK(backtest_median(&tally.event_lead, &lead));
    CHECK_EQUAL(lead, 2);
}

void test_empty_history_is_no_trouble(void)
{
    struct story story;
    tell(&story, NULL, 0);
    struct backtest_series series = series_of(&story);
    struct backtest_tally tally = replay(&series, &first_case, NULL);
    CHECK_EQUAL(tally.fired + tally.judged, 0);
}
