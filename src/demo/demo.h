// SPDX-License-Identifier: GPL-3.0-or-later
//
// demo.h: the replay: one bad week of 2020, morning by morning as it was then known.
//
// Owns: founding a replay store and turning its mornings. The store is one of kind replay and
// nothing else in the program knows of a demo: readings land in batches, are scanned and judged as
// in service, deadlines pass, and the record behind an alarm is what this store has counted.
//
//     demo_found     divisions, offices, posts, duties, accounts, indicators, series
//     replay.next    business time moves to the next morning, 07:00 (a command: anybody in the
//     demo) demo_morning   what became known by then lands; then everything is judged
//
// A morning of day M brings the rows of day M - 1, known at 06:50 (demo/SOURCES.md). Real figures
// stand in real cities, invented ones in Lindi, in batches of their own.
//
// Invariants: a morning is done once, however often it is asked for and wherever it was cut off:
// all that it lands has ids made from the day. It does not run on the writer thread.
#ifndef LEVEE_DEMO_DEMO_H
#define LEVEE_DEMO_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"
#include "base/time.h"
#include "store/command.h"

struct pack_set;
struct store;

// The accounts of the replay: all have the same password, which is no secret.
#define DEMO_PASSWORD "levee-demo-2020"
enum { DEMO_ACCOUNTS = 8, DEMO_SEED = 20200722 };

struct demo_account {
    struct span name;     // "dalian"
    struct span words[2]; // what it is for, by enum text_language
};

// replay.next, replay.found, replay.finish.
extern const struct command_row demo_command_table[];
extern const size_t demo_command_count;

// When a replay store is born: 22 January 2020, 07:00.
int64_t demo_birth_time(void);
// The morning on which the replay opens: 22 July 2020, 07:00.
int64_t demo_opening_time(void);
// Fills a store that was just founded; the caller holds it. `seed` is of the invented figures.
enum fault_code demo_found(struct store *store, const struct pack_set *packs, int64_t seed,
                           struct fault *fault);
// Moves business time to the next morning, *ret_time (where another process serves the store, this
// one's own view of the time lags behind). The caller calls demo_morning next. FAULT_DENIED: no
// replay; FAULT_BUSY: this morning is not finished; FAULT_INVALID: the last day of the figures.
enum fault_code demo_next(struct store *store, int64_t *ret_time, struct fault *fault);
// Finishes the morning of business time: lands, judges, notes that it is done. Nothing when it is
// done already. FAULT_DENIED: the store is no replay.
enum fault_code demo_morning(struct store *store, const struct pack_set *packs,
                             struct fault *fault);
// The mornings up to and including the one of `until`; `report` (may be NULL) is told each.
enum fault_code demo_mornings(struct store *store, const struct pack_set *packs, int64_t until,
                              void (*report)(void *context, int64_t done, int64_t total),
                              void *context, struct fault *fault);
// The accounts, in the order in which they are shown. Returns how many.
int demo_accounts(struct demo_account ret_accounts[DEMO_ACCOUNTS]);

#endif
