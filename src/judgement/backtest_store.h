// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest_store.h: a backtest on the readings of a store, each morning as it was then known.
//
// Owns: handing history to backtest.h. For every period the store is asked as of the morning after
// it (07:00 of the day after its last day): readings that had not come by then are not there,
// corrections made later are not made, doubts that were open then are doubts. What came of it is
// looked up as of now. Real and simulated series are never counted together.
#ifndef LEVEE_JUDGEMENT_BACKTEST_STORE_H
#define LEVEE_JUDGEMENT_BACKTEST_STORE_H

#include "base/time.h"
#include "judgement/backtest.h"
#include "store/store.h"

struct pack_indicator;

struct backtest_store {
    struct store *store;
    struct store_actor actor; // whose scope is replayed
    const char *field;        // of the pack: its events count
    const struct pack_indicator *indicator;
    bool is_simulated;
    int32_t from, to; // judge these periods, both included; INT32_MIN, INT32_MAX: all there are
    const struct backtest_subject *subjects;
    size_t subject_count;
    // Called before the first firing of a series: its division and the period of point 0. May be
    // NULL.
    void (*begin)(void *context, const char *division_zh, const char *division_en, int32_t period);
    void *begin_context;
};

// Adds to tallies[0..subject_count-1]. FAULT_FULL: a series is longer than LIMIT_SERIES_POINTS, or
// no memory.
enum fault_code backtest_replay_store(const struct backtest_store *request,
                                      struct backtest_tally *tallies,
                                      const struct backtest_watch *watch, struct fault *fault);

#endif
