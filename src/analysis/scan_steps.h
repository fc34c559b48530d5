// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_steps.h: chains cut into steps, each with what no count in it may exceed at a level.
//
// Of the folder only; scan_search.c says what steps are for. Windows go in chunks of SCAN_WINDOWS
// with steps of their own. A bound row has SCAN_WINDOWS lanes:
//
//     more than 8 windows   the chunk's windows in order, idle lanes at its end
//     8 or fewer            the windows, up to the next power of two, again and again
//
// Where counts are bytes it lists the even lanes first and then the odd ones, as the kernel's sums.
#ifndef LEVEE_ANALYSIS_SCAN_STEPS_H
#define LEVEE_ANALYSIS_SCAN_STEPS_H

#include "analysis/scan.h"

// The largest whole number whose score is not above a level, by the expected number.
struct scan_bounds {
    uint32_t *least;
    size_t count;
    uint64_t base; // of the index
};

// The steps of some chains in one chunk of windows.
struct scan_steps {
    size_t count, capacity;
    size_t chain_count, chain_capacity;
    size_t *first;              // chain_count + 1: of each chain
    uint32_t *until;            // the position in its chain behind a step's last place
    void *least, *least_memory; // a bound row a step; the first is aligned
    double *before;             // SCAN_WINDOWS a step: expected in the chain before it
    size_t most;                // of a chain
};

// The lanes of a replicate in a row: windows of a chunk, or the next power of two.
static inline size_t scan_span(size_t window_count)
{
    size_t span = 1;
    while (span < window_count && span < SCAN_WINDOWS)
        span *= 2;
    return span;
}

// Can a place's row hold what is expected, so that a step of one place or more does?
bool scan_fits_bytes(const struct scan_table *table);

// False: no memory. `total` cases in all.
bool scan_build_bounds(struct scan_bounds *bounds, double level, double total);
void scan_free_bounds(struct scan_bounds *bounds);
// Rises with `expected`; a score of so many cases is not above the level.
uint32_t scan_find_bound(const struct scan_bounds *bounds, double expected);

// Cuts chains first..first+count-1 anew for the windows of a chunk. False: no memory.
bool scan_build_steps(struct scan_steps *steps, const struct scan_zones *zones,
                      const struct scan_table *table, const struct scan_bounds *bounds,
                      enum scan_lanes lanes, size_t chunk, size_t first, size_t count);
void scan_free_steps(struct scan_steps *steps);

// The first address from `memory` on that is a multiple of SCAN_ROW_STEP.
static inline void *scan_align(void *memory)
{
    uintptr_t at = (uintptr_t)memory;
    return (char *)memory + (SCAN_ROW_STEP - at % SCAN_ROW_STEP) % SCAN_ROW_STEP;
}

// The bound of a lane of the row, 0..SCAN_WINDOWS-1, in the step.
static inline uint32_t scan_step_bound(const void *least, enum scan_lanes lanes, size_t step,
                                       size_t lane)
{
    size_t place = lanes == SCAN_BYTES ? lane % 2 * (SCAN_WINDOWS / 2) + lane / 2 : lane;
    return scan_lane(least, lanes == SCAN_BROAD ? SCAN_BROAD : SCAN_NARROW,
                     step * SCAN_WINDOWS + place);
}

#endif
