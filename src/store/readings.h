// SPDX-License-Identifier: GPL-3.0-or-later
//
// readings.h: numbers by series and period: how they land and how they are read.
//
// A series is an indicator in a division (and an origin). A reading is its value for one period,
// held exactly: value_scaled / 10^decimals of the indicator. Readings come in batches; a batch says
// where they come from, whether they are real or simulated, and when they became known. A batch of
// any size lands in parts of LIMIT_BATCH_PART_ROWS and becomes visible at once with its last part;
// one that never ends is never seen and is cleared away.
//
// Inside, readings wait in blocks first (table landing) and are folded later, in idle moments,
// into one BLOB of doubles and one of batch numbers per series and year (0: never reported). What
// they replace is kept with its from and until. Both functions below read folded and unfolded
// readings together, so nobody sees the difference:
//
//     series 4711, 2020   value  [ 0.0 | 3.0 | 5.0 |  .. ]    one double per period of the year
//                         batch  [   0 | 812 | 977 |  .. ]    which batch brought it
//
// As of an instant t, a reading counts when its batch was known at t (known_at <= t) and complete.
// Of two that count, the one known later stands; the same value again changes nothing.
#ifndef LEVEE_STORE_READINGS_H
#define LEVEE_STORE_READINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/time.h"
#include "store/command.h"
#include "store/store.h"

// A reading that says "there is no value any more" (withdrawn).
#define READING_WITHDRAWN INT64_MIN

struct reading {
    int64_t series;
    int64_t value_scaled;
    int32_t period; // ordinal of the series' frequency (base/time.h)
};

struct reading_batch {
    int64_t division;   // home of the batch: the smallest that holds all its series
    int64_t known_at;   // 0: business time
    bool is_simulated;  // origin
    const char *source; // who says so; may be NULL
    const char *source_zh;
    const char *note;                  // a file's name, a remark; may be NULL
    unsigned char id[COMMAND_ID_SIZE]; // command id of the first part; zeros: a new one
};

struct readings_progress {
    void (*report)(void *context, size_t done, size_t total); // may be NULL
    void *context;
};

// Lands a batch: sorts and checks it, sends its parts, returns when the last one is durable.
// FAULT_INVALID: two different values for one series and period (both rows are named), or an
// unknown series. *ret_batch (may be NULL) is the batch's id.
enum fault_code readings_land(struct store *store, const struct store_actor *actor,
                              const struct reading_batch *batch, const struct reading *rows,
                              size_t count, const struct readings_progress *progress,
                              int64_t *ret_batch, struct fault *fault);
// The same inside a command, for at most LIMIT_BATCH_PART_ROWS rows; part of the command.
enum fault_code readings_emit(struct command *command, const struct reading_batch *batch,
                              const struct reading *rows, size_t count, int64_t *ret_batch,
                              struct fault *fault);

// Loads the values of periods from..to (ordinals, both included; to - from < LIMIT_SERIES_POINTS)
// as of the reader's instant. values[i] and batches[i] belong to period from + i; missing:
// batches[i] is 0 and values[i] is 0. `batches` may be NULL only if the caller needs no missing
// marks.
enum fault_code readings_load(struct store_reader *reader, int64_t series, int32_t from, int32_t to,
                              double *values, int64_t *batches, struct fault *fault);
// First and last period that has a value; *ret_count 0: none.
enum fault_code readings_span(struct store_reader *reader, int64_t series, int32_t *ret_first,
                              int32_t *ret_last, size_t *ret_count, struct fault *fault);

// All versions of one reading, oldest first: what was known when. Fills at most `capacity`.
struct reading_version {
    double value;
    bool is_withdrawn;
    int64_t batch;
    int64_t from_time; // known_at of its batch
    int64_t until_time;
};
enum fault_code readings_history(struct store_reader *reader, int64_t series, int32_t period,
                                 struct reading_version *versions, size_t capacity,
                                 size_t *ret_count, struct fault *fault);

// Walks over all series of an indicator in the reader's scope, in order of id, at memory speed:
// periods from..to as above. `each` gets arrays that are valid during the call; a fault it returns
// ends the walk. A series is read in one snapshot; between two the walk renews the reader when half
// of its time is over, and goes on by id. `each` must not walk or renew itself. Doubtful values are not told apart here: that is the judgement's knowledge.
struct readings_row {
    int64_t series;
    int64_t division;
    bool is_simulated;
    int32_t from;
    size_t count;
    const double *values;
    const int64_t *batches;
};
enum fault_code readings_walk(struct store_reader *reader, int64_t indicator, int32_t from,
                              int32_t to,
                              enum fault_code (*each)(void *context, const struct readings_row *row,
                                                      struct fault *fault),
                              void *context, struct fault *fault);

#endif
