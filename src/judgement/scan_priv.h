// SPDX-License-Identifier: GPL-3.0-or-later
//
// scan_priv.h: what the files of a scan share: scan.c (order), scan_walk.c (bulk), scan_say.c
// (words).
//
// One struct scan a call, one struct scan_walk an indicator. The walk leaves notes: plain structs
// about series of which something is to be said. Only for these are names looked up and sentences
// made, so that a hundred thousand quiet series cost their reading and judging alone.
#ifndef LEVEE_JUDGEMENT_SCAN_PRIV_H
#define LEVEE_JUDGEMENT_SCAN_PRIV_H

#include "base/json.h"
#include "judgement/judge.h"
#include "judgement/scan.h"
#include "judgement/words.h"
#include "store/command.h"
#include "store/readings.h"

enum {
    SCAN_TRAIL = 7,          // fresh periods that are judged one by one; more: only the newest
    SCAN_RIVAL_PERIODS = 32, // how far back a second source is held against ours
    SCAN_LATE_PERIODS = 3,   // how late a missing figure may come and still be known as such
    // Of one command, about 12 ms of the writer: a finding weighs 1 (a notice raised: 2 ms), and
    // the signals of one entry 1 for each 64 rows.
    SCAN_PART_WEIGHT = 6,
    SCAN_SIGNAL_ROWS = 256,
    SCAN_ROWS_WEIGHT = 64,
    SCAN_CHUNK_SERIES = 4096,
    SCAN_CHUNK_POINTS = 4096 * 626, // twelve years of weeks, 20 MiB
};

struct scan {
    struct store *store;
    const struct pack_set *packs;
    struct store_reader *reader;
    int64_t *batch; // complete since the last scan, rising
    size_t batch_count;
    int64_t through;
    json_t *findings; // of the part that is being filled
    size_t weight;    // and what they weigh
    json_t *place;    // the store's own division
    struct judgement_scan_counts counts;
};

// A second source, and our own sums in its division, for the newest SCAN_RIVAL_PERIODS periods.
struct scan_rival {
    int64_t low, high;
    bool is_simulated;
    bool has_value[SCAN_RIVAL_PERIODS];
    double value[SCAN_RIVAL_PERIODS];
    double sum[SCAN_RIVAL_PERIODS];
    int lag; // periods by which our feed is known to be late; 0: not known
};

struct scan_known_doubt {
    int64_t series;
    int64_t id;
    int64_t question;
    int64_t division;
    int32_t period;
    double value;
    double other;
    bool has_other;
    bool is_open;
    bool is_withdrawn;
    int32_t moved_to; // resolved by the second source in this scan, or before; 0: not
};

struct scan_open_notice {
    int64_t series;
    int level;
    int32_t level_period;
    int32_t first_period; // that raised it
};

struct scan_place {
    int64_t series;
    int64_t low, high;
};

// What is to be said: a doubt, the answer to one, a level.
struct scan_new_doubt {
    int64_t series;
    int32_t period;
    double value;
    struct judge_doubt doubt;
    double sum;
};
struct scan_answer {
    const struct scan_known_doubt *doubt;
    bool is_changed; // a later report replaced the figure; else it was found under moved_to
    double value;    // the new figure, or what stands under moved_to
    double sum;      // ours under moved_to
};
struct scan_note {
    int64_t series;
    bool is_simulated;
    int level_before;     // of its open notice
    int32_t first_period; // that raised the open notice
    bool is_doubt_open;   // about one of the newest SCAN_TRAIL periods
    int32_t doubt_period; // the newest such
    int32_t from;         // ordinal of point 0
    size_t count;
    double value_at, value_last;
    struct judge_outcome outcome;
};

struct scan_item {
    int64_t series;
    bool is_simulated;
    bool is_doubt_open;
    int32_t doubt_period;
    size_t offset, count, fresh;
    int32_t from;
    struct scan_open_notice open; // level 0: none
};

struct scan_walk {
    struct scan *scan;
    struct judge_indicator indicator;
    int64_t indicator_id;
    int decimals;
    int32_t from, to; // ordinals
    struct scan_known_doubt *known;
    size_t known_count;
    struct scan_open_notice *open;
    size_t open_count;
    struct scan_place *place;
    size_t place_count;
    struct scan_rival *rival;
    size_t rival_count;
    double *value; // the chunk
    unsigned char *belief;
    struct scan_item *item;
    struct judge_outcome *outcome;
    size_t item_count, point_count;
    struct scan_new_doubt *doubt;
    size_t doubt_count, doubt_space;
    struct scan_answer *answer;
    size_t answer_count, answer_space;
    struct scan_note *note;
    size_t note_count, note_space;
    size_t series_count;
};

// scan_walk.c: reads and judges all series of the walk's indicator; fills doubt, answer and note.
enum fault_code scan_walk_run(struct scan_walk *walk, struct fault *fault);
void scan_walk_free(struct scan_walk *walk);
// How often each rule of the indicator fired before `period` in all series of an origin, and came
// true: one walk for all of them. `counts` has a place for each rule and is set.
enum fault_code scan_count_records(struct scan_walk *walk, bool is_simulated, int32_t period,
                                   struct words_count *counts, struct fault *fault);
// scan_say.c: turns what the walk left into findings and sends them.
enum fault_code scan_say_all(struct scan_walk *walk, struct fault *fault);
// scan.c: adds a finding (taken over) to the part, sends the part when it is full.
enum fault_code scan_add(struct scan *scan, json_t *finding, struct fault *fault);
// One query of the scan's reader. The caller owns *ret_rows.
enum fault_code scan_query(struct scan *scan, enum query_name name, json_t *parameters,
                           json_t **ret_rows, struct fault *fault);

#endif
