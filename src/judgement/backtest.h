// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest.h: what a rule or a method would have said, period by period, and what came of it.
//
// Owns: the replay of history for the records behind notices. Pure: history comes from the caller,
// as it was known at each period; what came of a firing is looked up in the history as known at the
// end.
//
//     at = from        from+1        ...        to-1
//      know(at)        know(at+1)               know(to-1)       what was known then, and no more
//      fired?          fired?                   fired?           rule or method, judged at `at`
//      alone
//                      |<- cluster_periods ->|                   came true: their sum, as known at
//                      last
//
// A sum rule fires where it is reached and was not at the period before. A method fires at each
// alarm. Records are counts: a percentage is given only from BACKTEST_PERCENT_LEAST firings on, a
// lead only against an event with a date (or a labelled outbreak), never against a cluster of our
// own making.
#ifndef LEVEE_JUDGEMENT_BACKTEST_H
#define LEVEE_JUDGEMENT_BACKTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/analysis.h"
#include "base/fault.h"

struct pack_detector;
struct pack_rule;

enum {
    BACKTEST_PERCENT_LEAST = 20, // firings from which on a share says something
    BACKTEST_LEADS = 256,        // leads kept for the median
    BACKTEST_REACH = 28          // periods around an event in which a firing has to do with it
};

// What is replayed: one of the two.
struct backtest_subject {
    const struct pack_rule *rule;
    const struct pack_detector *detector;
};

struct backtest_series {
    size_t count;    // periods in all
    size_t open;     // of them, those at the end that are not over yet
    size_t from, to; // judge the periods from..to-1
    int frequency;   // periods a year, for the seasonal methods
    // Gives the history as known when period `at` had just ended: count is at + 1 (or more: what
    // lies behind is not looked at). Called with rising `at`, and at last with count - 1; the
    // arrays stay valid until the next call.
    enum fault_code (*know)(void *context, size_t at, struct analysis_history *ret_history,
                            struct fault *fault);
    void *context;
    const unsigned char *label; // per period: 1 in a known outbreak; NULL: nobody labelled it
    const size_t *event;        // periods of dated events, rising
    size_t event_count;
};

struct backtest_lead {
    size_t count;                 // events or outbreaks that a firing has to do with
    size_t kept;                  // of them in `lead`
    int32_t lead[BACKTEST_LEADS]; // rising; see below
};

// Counts, over all series that were added.
struct backtest_tally {
    size_t series;
    size_t judged; // periods in which it could say something
    size_t fired;
    size_t came_true;   // became a cluster, as the rule declares it
    size_t undecided;   // the cluster's periods are not over yet
    size_t in_outbreak; // fired inside a labelled outbreak
    size_t outbreaks;   // labelled outbreaks: runs of labelled periods
    size_t missed;      // of them without a firing inside
    size_t events;
    // Periods from an outbreak's first period to the first firing inside it, negated: 0 at best.
    struct backtest_lead outbreak_lead;
    // Periods from the moment at which the firing was known, the period after it, to the event's
    // period; < 0: after it. Of the firings within BACKTEST_REACH of an event the earliest counts.
    struct backtest_lead event_lead;
};

// Called for each firing, in order; may be NULL.
struct backtest_watch {
    void (*fired)(void *context, size_t subject, size_t at, double value);
    void *context;
};

// Replays one series for all subjects and adds to tallies[0..subject_count-1], which begin as
// zeros. FAULT_FULL: no memory; else what `know` returned.
enum fault_code backtest_replay(const struct backtest_series *series,
                                const struct backtest_subject *subjects, size_t subject_count,
                                struct backtest_tally *tallies, const struct backtest_watch *watch,
                                struct fault *fault);
// The record of one rule over one history as it stands, before period `at`: how often it fired and
// how many of those became a cluster. For the record line of a notice.
void backtest_count_rule(const struct pack_rule *rule, const struct analysis_history *history,
                         size_t at, size_t *ret_fired, size_t *ret_came_true);
// True when the rule holds at period `at`.
bool backtest_rule_holds(const struct pack_rule *rule, const struct analysis_history *history,
                         size_t at);
// The lead in the middle (the lower of two). False: there is none.
bool backtest_median(const struct backtest_lead *lead, int32_t *ret_lead);

#endif
