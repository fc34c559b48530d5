// SPDX-License-Identifier: GPL-3.0-or-later
//
// scan.h: looks at every series that has something new and says what follows.
//
// One call a morning, after the morning's batches have landed; or after any batch. It reads the
// folded readings of each indicator that a pack declares, in bulk; decides what cannot be believed
// and what earlier doubts the new data answer; runs rules, bands and detectors on the rest, on all
// cores; and sends what it found, in parts, as commands. What is a notice, an update or held back
// by the alarm budget is decided there, on the writer thread, by the state as it is then: so a scan
// that is repeated, or cut off and run again, raises nothing twice.
#ifndef LEVEE_JUDGEMENT_SCAN_H
#define LEVEE_JUDGEMENT_SCAN_H

#include <stdint.h>

#include "base/fault.h"
#include "pack/pack.h"
#include "store/store.h"

struct judgement_scan_counts {
    int64_t batches; // completed since the last scan; 0: nothing was done
    int64_t series;  // looked at, because they have something new
    int64_t signals;
    int64_t raised;
    int64_t updated;
    int64_t doubted;
    int64_t answered;
    int64_t held_back;
};

// Scans what became complete since the last scan, as known at `as_of` (0: now). Packs that the
// store has not met in their present version are declared to it first. *ret_counts may be NULL.
enum fault_code judgement_scan(struct store *store, const struct pack_set *packs, int64_t as_of,
                               struct judgement_scan_counts *ret_counts, struct fault *fault);

#endif
