// SPDX-License-Identifier: GPL-3.0-or-later
//
// words.h: a notice explains itself: titles, explanations and the words of doubts.
//
// Owns: which sentences say what was seen, what was expected, by which rule, how often that rule
// was right here, and what to do; and why a reading is not believed. All are keys with arguments
// (matter/say.h); the sentences stand in text/judgement.text. Pure: what it needs is handed in.
#ifndef LEVEE_JUDGEMENT_WORDS_H
#define LEVEE_JUDGEMENT_WORDS_H

#include "judgement/judge.h"
#include "matter/say.h"

// What is known of a series when sentences are made: a row of the query series_detail, and its
// pack.
struct words_series {
    const struct judge_indicator *indicator;
    const json_t *detail;
    const json_t *region; // a row of division_place: where records are counted
};

// How often a rule fired, and how often that became a cluster.
struct words_count {
    size_t fired, came_true;
};

// One period's finding.
struct words_finding {
    const struct judge_outcome *outcome;
    int32_t period; // of outcome->at
    int32_t last_period;
    double value; // at outcome->at
    double value_last;
    int level; // that the notice will have
    int level_before;
    bool is_doubt_open; // about one of the newest periods
    int32_t doubt_period;
};

// A span of time in words: 7 days, 3 weeks.
json_t *words_span(enum time_frequency frequency, int64_t count);
// A period as text.
json_t *words_period(enum time_frequency frequency, int32_t period);

json_t *words_title(const struct words_series *series, const struct words_finding *finding);
// A list. `record` is what words_record gave, or NULL.
json_t *words_explanation(const struct words_series *series, const struct words_finding *finding);
// Why the level does not fall: one sentence, or NULL when nothing holds it.
json_t *words_held(const struct words_series *series, const struct words_finding *finding);
// The records of the indicator's rules, counts[i] for rules[i]: that of `decisive` first (NULL:
// none is), then the others in the pack's order. Counts, and a percentage only from 20 on. A rule
// that declares no cluster has no record. `before`: the period up to which was counted.
json_t *words_records(const struct words_series *series, const struct pack_rule *decisive,
                      const struct words_count *counts, int32_t before);
// What to do at a level: the pack's steps, a list of names.
json_t *words_plan(const struct judge_indicator *indicator, int level);
// The code of the rule, band or detector that decided.
const char *words_rule(const struct judge_indicator *indicator, const struct judge_reach *reach);

// Why a reading is not believed: a list.
json_t *words_doubt(const struct words_series *series, int32_t period, double value, double sum,
                    const struct judge_doubt *doubt);

#endif
