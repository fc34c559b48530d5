// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan.h: what the parts of the scan statistic share: chains of zones, the table of counts, chance.
//
// Of the folder only. The public face is "Clusters in space and time" in analysis.h.
//
//     scan.c             checks the input, runs the parts, gives p-values to what was found
//     scan_circles.c     chains of circles           scan_tree.c    chains of division-tree zones
//     scan_observed.c    the clusters of the observed counts
//     scan_deal.c        deals the cases anew for a replicate        scan_chance.c    its chance
//     scan_search.c      the highest score of each replicate         scan_steps.c     its bounds
//     scan_kernel.c      its inner loop
//     scan_reference.c   the same by the plain formula: the test's oracle
//
// A chain is a list of places in the order in which they join a zone that grows; a mark at a place
// says that a zone ends with it. So zones that lie one in the other share one walk:
//
//     chain    7 | 3   9 | 2 |          the zones {7}, {7,3,9} and {7,3,9,2}
//              ^cut      ^cut ^cut      (3 and 9 are equally far from 7 and join together)
//
// The table holds, place by place, the cases and the expected cases of the last 1, 2, .. periods,
// summed: a cylinder's count is then the sum of one column over the zone's places. A purely spatial
// scan has one column, all periods together.
#ifndef LEVEE_ANALYSIS_SCAN_H
#define LEVEE_ANALYSIS_SCAN_H

#include <math.h>

#include "analysis/analysis.h"

#define SCAN_CUT 0x80000000u
// Cases in all, at most: counts are held as int32_t.
#define SCAN_CASES_MOST 2147483647.0
// Equal scores reached by sums in another order differ by rounding only.
#define SCAN_TOLERANCE 1e-9

struct scan_chain {
    uint32_t *place; // SCAN_CUT is set where a zone ends; so it is at the last one
    uint32_t length;
    uint32_t center; // the circle's centre or the first node
};

struct scan_zones {
    struct scan_chain *chain;
    size_t chain_count;
    uint64_t length; // of all chains
    uint64_t zone_count;
};

struct scan_table {
    size_t place_count, window_count;
    double total;     // cases in all, C
    double *expected; // place_count x window_count, summed over the last 1.. periods; C in all
    int32_t *cases;   // the observed ones, same shape
    double *share;    // per place, of the population
};

// The log likelihood ratio of a zone with `cases` of `total` and `expected` of them expected; 0
// unless it has more than expected. log1p keeps the digits where the zone is a small part of many.
static inline double scan_score(double cases, double expected, double total)
{
    if (cases <= expected)
        return 0;
    double excess = cases - expected, rest = total - cases;
    double score = cases * log1p(excess / expected);
    return rest > 0 ? score + rest * log1p(-excess / (total - expected)) : score;
}

// False when no zone with these figures can have a score above `level`: for u > -1 and
// h(u) = (1+u) ln(1+u) - u, h(u) <= u^2/2 where u >= 0 and h(u) <= u^2 where u < 0, so that
// score = mu h(x/mu) + (C-mu) h(-x/(C-mu)) <= x^2/(2 mu) + x^2/(C-mu), x the excess.
static inline bool scan_may_exceed(double cases, double expected, double total, double level)
{
    double excess = cases - expected, outside = total - expected;
    return excess > 0 &&
           excess * excess * (outside + 2 * expected) > level * 2 * expected * outside;
}

// Builds the chains. Returns ANALYSIS_SCAN_DONE, _MEMORY, _LARGE or _PARENT (*ret_place).
enum analysis_scan_fault scan_build_circles(const struct analysis_scan *scan, const double *share,
                                            struct scan_zones *zones);
enum analysis_scan_fault scan_build_tree(const struct analysis_scan *scan, const double *share,
                                         struct scan_zones *zones, size_t *ret_place);
void scan_free_zones(struct scan_zones *zones);
// Zones and table of a scan, as analysis_find_clusters makes them; for tests and measurements.
enum analysis_scan_fault scan_prepare(const struct analysis_scan *scan, struct scan_zones *zones,
                                      struct scan_table *table, size_t *ret_place);
void scan_release(struct scan_zones *zones, struct scan_table *table);
// Adds a chain that takes over `place`, shortened to its last cut; one without a cut is freed.
void scan_add_chain(struct scan_zones *zones, uint32_t *place, size_t length, uint32_t center);

// A zone that was found: the first `length` places of a chain, the last `window` + 1 periods.
struct scan_find {
    double score;
    size_t chain;
    uint32_t length;
    uint32_t window;
    double cases, expected;
};
// Finds the best zones, each without a place of those before it, at most find_most of them, scores
// above 0. False: no memory.
bool scan_find_observed(const struct scan_zones *zones, const struct scan_table *table,
                        size_t find_most, struct scan_find *find, size_t *ret_count);

// Scores each of `replicate_count` replicates: the highest of all zones, 0 where none has more
// cases than expected. False: no memory.
bool scan_search_replicates(const struct analysis_scan *scan, const struct scan_zones *zones,
                            const struct scan_table *table, double *ret_best);
// The same by the plain formula, zone by zone, on one core.
bool scan_refer_replicates(const struct analysis_scan *scan, const struct scan_zones *zones,
                           const struct scan_table *table, double *ret_best);

// Chance: Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), a function of key and counter, so that a
// replicate's stream depends on nothing but the seed and its number.
enum { SCAN_CHANCE_BLOCKS = 64, SCAN_CHANCE_WORDS = 2 * SCAN_CHANCE_BLOCKS };
struct scan_chance {
    uint32_t key[2];
    uint64_t stream; // the upper half of the counter
    uint64_t block;  // its lower half
    size_t used;     // words taken of `word`
    uint64_t word[SCAN_CHANCE_WORDS];
};
void scan_chance_begin(struct scan_chance *chance, uint64_t seed, uint64_t stream);
void scan_chance_refill(struct scan_chance *chance);
// The next 64 bits.
static inline uint64_t scan_chance_next(struct scan_chance *chance)
{
    if (chance->used == SCAN_CHANCE_WORDS)
        scan_chance_refill(chance);
    return chance->word[chance->used++];
}
// Uniform in 0..1, both ends excluded.
static inline double scan_chance_uniform(struct scan_chance *chance)
{
    return ((double)(scan_chance_next(chance) >> 12) + 0.5) * 0x1p-52;
}
// A binomial number of `count` trials with 0 <= probability <= 1.
uint32_t scan_chance_binomial(struct scan_chance *chance, uint32_t count, double probability);

// Deals the cases on the cells (place x window period, the last period first), with what lies
// before the windows as one more cell whose cases are left out.
struct scan_dealer;
struct scan_dealer *scan_dealer_open(const struct scan_table *table);
void scan_dealer_close(struct scan_dealer *dealer);
// The most cases that a replicate has in the windows, but for one chance in 10^20.
double scan_dealer_most(const struct scan_dealer *dealer);
// Adds a replicate's cases to `count`, zeroed, place_count x window_count, not yet summed over
// periods. Returns how many there are.
uint32_t scan_dealer_deal(const struct scan_dealer *dealer, uint64_t seed, uint64_t replicate,
                          uint32_t *count);

// How a lane holds a count; sums of bytes are uint16_t.
enum scan_lanes { SCAN_BYTES, SCAN_NARROW, SCAN_BROAD }; // uint8_t, uint16_t, uint32_t

enum {
    SCAN_WINDOWS =
        16, // lanes that share a bound row; so many windows, or fewer of several replicates
    SCAN_ROW_STEP = 64, // what a row of lanes is a multiple of, in bytes
};

// A vector of sums of which some are above their bounds at a step's end.
struct scan_hit {
    uint32_t even, odd;    // a bit a lane; lanes that are no bytes all stand in `even`
    uint32_t step, offset; // of the vector in the row, in bytes
    // The sums before the step, in the order of the bits; odd lanes of bytes from 64 on.
    _Alignas(64) unsigned char before[128];
};

// One walk of the kernel along a chain: sums rows of lanes and compares at the end of each step.
// Rows of counts are row_size bytes, a multiple of SCAN_ROW_STEP and aligned to it.
struct scan_walk {
    const uint32_t *place; // of the chain
    const uint32_t *until; // per step, the position behind its last place
    const void *least;     // SCAN_WINDOWS bounds a step, of a sum's type: a sum above is a hit
    const void *count;     // a row a place
    size_t step_count, row_size;
    enum scan_lanes lanes;
    struct scan_hit *hit; // room for scan_hits_most(); filled
    size_t hit_count;     // out
    bool is_full;         // out: a step's byte could not hold its sum, so that the walk is void
};
static inline uint64_t scan_hit_bits(const struct scan_hit *hit)
{
    return hit->even | (uint64_t)hit->odd << 32;
}
// A vector has at least 16 bytes.
static inline size_t scan_hits_most(size_t step_count, size_t row_size)
{
    return step_count * (row_size / 16);
}
static inline size_t scan_lane_size(enum scan_lanes lanes)
{
    return (size_t)1 << lanes;
}
static inline uint32_t scan_lane(const void *rows, enum scan_lanes lanes, size_t at)
{
    return lanes == SCAN_BYTES    ? ((const uint8_t *)rows)[at]
           : lanes == SCAN_NARROW ? ((const uint16_t *)rows)[at]
                                  : ((const uint32_t *)rows)[at];
}
static inline void scan_set_lane(void *rows, enum scan_lanes lanes, size_t at, uint32_t value)
{
    if (lanes == SCAN_BYTES)
        ((uint8_t *)rows)[at] = (uint8_t)value;
    else if (lanes == SCAN_NARROW)
        ((uint16_t *)rows)[at] = (uint16_t)value;
    else
        ((uint32_t *)rows)[at] = value;
}

#endif
