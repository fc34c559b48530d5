// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge.h: what a pack says about one series, as known and as believed. Pure: no store, no clock.
//
// Owns: the level that one period reaches, how many quiet periods stand behind it, whether a
// reading can be believed, and how often a rule was right before. The scan calls it for every
// series that has something new; the page of a series calls the same functions, so that both say
// the same.
//
//     points  0 1 2 ... from ....... at (the newest period)
//             |<----- history ----->|
//     level of a period = the worst of its rules, its band and its alarms that carry a level
//     quiet             = periods up to `at`, all reported and believed, below the notice's level
//
// Up at once: a doubted value counts for what it shows. Down slowly: only quiet periods lower, and
// a silent detector lowers nothing, because it has learned from the very rise it is to judge.
#ifndef LEVEE_JUDGEMENT_JUDGE_H
#define LEVEE_JUDGEMENT_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/analysis.h"
#include "base/fault.h"
#include "pack/pack.h"

enum { JUDGE_METHODS = 8, JUDGE_BEFORE = 3 };

// A pack's indicator and its pack.
struct judge_indicator {
    const struct pack *pack;
    const struct pack_indicator *declared;
};

// One series. Arrays have `count` places; the newest period is the last one. Borrowed.
struct judge_series {
    const double *value;         // 0 where nothing is reported
    const unsigned char *belief; // enum analysis_belief
    size_t count;
    size_t first;         // the first reported period
    int32_t from;         // ordinal of point 0
    int level;            // of its open notice; 0: none
    int32_t level_period; // ordinal at which it was reached: quiet counts after it only
};

enum judge_cause { JUDGE_NOTHING, JUDGE_RULE, JUDGE_BAND, JUDGE_DETECTOR };

// What one period reaches, and by which of the pack's rules, bands or detectors.
struct judge_reach {
    int level;
    enum judge_cause cause;
    size_t index;
};

// What one detector says about one period. Columns are 0 where not judged.
struct judge_alarm {
    bool is_judged;
    bool is_alarm;
    double expected;
    double upper;
};

struct judge_outcome {
    size_t at;                // the newest of the fresh periods that reaches the highest level
    struct judge_reach reach; // of `at`
    struct judge_reach last;  // of the newest period
    size_t quiet;             // as above, at most the pack's number
    int fall_to;              // the highest level reached in the quiet periods
    size_t since_rise;        // periods from the last value above 0 before `at` to `at`; 0: none
    double sum;               // of the rule that decided, at `at`
    struct judge_alarm alarm[JUDGE_METHODS]; // at the newest period
};

// Memory for one thread. `point_count` is the longest series it will see.
struct judge_scratch;
struct judge_scratch *judge_scratch_make(size_t point_count); // NULL: no memory
void judge_scratch_free(struct judge_scratch *scratch);

// Judges the newest `fresh` periods (at least 1). False: no memory.
bool judge_series(const struct judge_indicator *indicator, const struct judge_series *series,
                  size_t fresh, struct judge_scratch *scratch, struct judge_outcome *ret_outcome);
// Runs one method over the points from..to-1; alarms[i] belongs to point from + i. False: no
// memory.
bool judge_method_points(const struct judge_indicator *indicator,
                         const struct pack_detector *method, const struct judge_series *series,
                         size_t from, size_t to, struct judge_scratch *scratch,
                         struct judge_alarm *alarms);

// --- Belief -------------------------------------------------------------------------------------

// What a second source has for the division around a series: its value, and the sum of ours there.
struct judge_rival {
    bool is_known; // it has a value for the period
    double value;
    double sum;        // of the readings of all series in its division, for the period
    double value_late; // its value `lag` periods before, where our feed is known to be late
    bool is_late_known;
};

struct judge_doubt {
    bool is_low;      // improbably low after a rise
    bool is_disputed; // by the second source
    bool is_still;    // nothing changed in the whole division: our copy of the feed stood still
    double probability;
    double other;
    double before[JUDGE_BEFORE]; // the believed values just before, oldest first
    size_t before_count;
};

// Can the reading of point `at` be believed? `rival` may be NULL. True: it is doubted.
bool judge_is_doubted(const struct judge_indicator *indicator, const struct judge_series *series,
                      size_t at, const struct judge_rival *rival, struct judge_doubt *ret_doubt);

#endif
