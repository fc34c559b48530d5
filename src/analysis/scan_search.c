// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_search.c: the highest score of every replicate, exactly, at an addition a zone.
//
// Idea. Only a replicate's highest score is wanted, and it is nearly always above some level that a
// few replicates have shown. The score rises with the cases c and falls with the expected mu, so
//
//     least(mu) = the largest whole number c with score(c, mu) <= level
//
// is one table of whole numbers. A step is a run of a chain's zones; within it no zone has more
// cases than the last and none is expected to have fewer than the first:
//
//     chain   ....|  first zone  ....  last zone |....        a step
//                    mu_first          c_last
//
//     c_last <= least(mu_first)   =>   no zone of the step has a score above the level
//
// So one comparison settles a step, for all windows side by side (scan_kernel.c). A step is made as
// long as its last zone, with 2.2 standard deviations above what is expected, stays under the
// bound: some ten to sixty zones. In the few steps that are hit, the hit windows are gone through
// zone by zone with the score itself. A replicate in which nothing passes the level is done again
// with a lower one. So the level decides only how long it takes: the result is the maximum itself,
// the same bits whatever the level, the number of threads and the machine's vectors.
//
// Memory. Lanes are windows; with few windows several replicates stand side by side in a row (a
// pack). A batch of packs is worked through block by block of chains, so that a pack's counts
// (place x lanes x 2 bytes, 4 where there are many cases) stay in the second cache while a block is
// searched, and the block's bounds, the same for all replicates, are made once a batch. Threads
// share out the blocks.
#include <assert.h>
#include <omp.h>
#include <string.h>

#include "analysis/scan.h"
#include "analysis/wide_kernels.h"
#include "base/memory.h"

enum {
    LANES_USUAL = 64,  // two vectors of uint16_t
    BLOCK_CHAINS = 16, // with 120 steps of 128 bytes each, 250 KB of bounds
    VECTOR_SIZE = 64,
    PILOT = 16,
    PARTS = 512, // of an octave in the table of bounds; 0.2 % apart
    LEVELS = 4,
};
static const size_t BATCH_SIZE = 96 * 1024 * 1024; // bytes of counts
static const double DEVIATIONS = 2.2;
static const double EXPECTED_LEAST = 0x1p-40; // below it one case is enough for a closer look
static const double LEVEL_SHARES[LEVELS] = {0.95, 0.6, 0.3, 0};
static const double PILOT_LEVEL = 8;

struct search {
    const struct analysis_scan *scan;
    const struct scan_zones *zones;
    const struct scan_table *table;
    struct scan_dealer *dealer;
    double *best;      // per replicate
    size_t per_pack;   // replicates side by side in a row
    size_t lane_count; // lanes of a row, some of them idle
    size_t row_size;   // bytes
    bool is_narrow;    // lanes of uint16_t
    bool is_overfull;  // a replicate had more cases than such a lane holds
    uint32_t *number;  // the replicates of this run
    size_t count;
    double level;
    char *rows; // of the batch: pack_count x places
    size_t pack_count, pack_most;
    size_t done, chains_done; // for the caller's progress: replicates; chains of this batch
};

// What no count may exceed at a level, by the expected number.
struct bounds {
    uint32_t *least;
    size_t count;
    uint64_t base; // of the index
};

// The steps of a block of chains.
struct steps {
    size_t count, capacity;
    size_t first[BLOCK_CHAINS + 1];
    uint32_t *until;
    void *least, *least_memory; // a row a step; the first is aligned
    double *before;             // per window, expected in the chain before the step
};

struct worker {
    struct bounds bounds;
    struct steps steps;
    uint32_t *dealt;
    double *expected;       // per window, along a chain
    char *sum, *sum_memory; // a row a step; the first is aligned
    unsigned char *is_hit;
    size_t step_room; // of the last two
    double *best;     // per replicate of the batch
};

static uint64_t index_of(double expected)
{
    uint64_t bits;
    memcpy(&bits, &expected, sizeof bits);
    return bits / (UINT64_C(1) << 52) * PARTS +
           (bits % (UINT64_C(1) << 52)) / ((UINT64_C(1) << 52) / PARTS);
}

static double expected_of(uint64_t index)
{
    uint64_t bits =
        index / PARTS * (UINT64_C(1) << 52) + index % PARTS * ((UINT64_C(1) << 52) / PARTS);
    double expected;
    memcpy(&expected, &bits, sizeof expected);
    return expected;
}

static bool build_bounds(struct bounds *bounds, double level, double total)
{
    bounds->base = index_of(EXPECTED_LEAST);
    bounds->count = (size_t)(index_of(total) - bounds->base) + 1;
    bounds->least = memory_take(bounds->count * sizeof *bounds->least);
    if (bounds->least == NULL)
        return false;
    double cases = 0; // it never falls from one row to the next
    for (size_t i = 0; i < bounds->count; i++) {
        double expected = expected_of(bounds->base + i);
        cases = cases < floor(expected) ? floor(expected) : cases;
        while (cases < total && scan_score(cases + 1, expected, total) <= level)
            cases++;
        bounds->least[i] = (uint32_t)cases;
    }
    return true;
}

static inline uint32_t find_bound(const struct bounds *bounds, double expected)
{
    if (expected < EXPECTED_LEAST)
        return 0;
    size_t at = (size_t)(index_of(expected) - bounds->base);
    return bounds->least[at < bounds->count ? at : bounds->count - 1];
}

// The first address from `memory` on that is a multiple of a vector.
static void *align(void *memory)
{
    uintptr_t at = (uintptr_t)memory;
    return (char *)memory + (VECTOR_SIZE - at % VECTOR_SIZE) % VECTOR_SIZE;
}

static bool grow_steps(const struct search *search, struct steps *steps)
{
    if (steps->count < steps->capacity)
        return true;
    size_t larger = steps->capacity * 2 + 1024;
    void *least = memory_take(larger * search->row_size + VECTOR_SIZE);
    uint32_t *until = memory_resize(steps->until, larger * sizeof *until);
    steps->until = until != NULL ? until : steps->until;
    double *before =
        memory_resize(steps->before, larger * search->table->window_count * sizeof *before);
    steps->before = before != NULL ? before : steps->before;
    if (until == NULL || least == NULL || before == NULL) {
        memory_free(least);
        return false;
    }
    if (steps->count > 0)
        memcpy(align(least), steps->least, steps->count * search->row_size);
    memory_free(steps->least_memory);
    steps->least_memory = least;
    steps->least = align(least);
    steps->capacity = larger;
    return true;
}

// Opens a step; the bounds are set when its first zone is met.
static bool open_step(const struct search *search, struct steps *steps, const double *expected)
{
    size_t windows = search->table->window_count;
    if (!grow_steps(search, steps))
        return false;
    memcpy(steps->before + steps->count * windows, expected, windows * sizeof *expected);
    return true;
}

// Returns the bound of the last window, which is the tightest in proportion.
static uint32_t set_bounds(const struct search *search, struct steps *steps,
                           const struct bounds *bounds, const double *expected)
{
    size_t windows = search->table->window_count, first = steps->count * search->lane_count;
    uint32_t bound = 0, most = search->is_narrow ? UINT16_MAX : UINT32_MAX;
    for (size_t lane = 0; lane < search->lane_count; lane++)
        scan_set_lane(steps->least, search->is_narrow, first + lane, most);
    for (size_t window = 0; window < windows; window++) {
        bound = find_bound(bounds, expected[window]);
        for (size_t i = 0; i < search->per_pack; i++)
            scan_set_lane(steps->least, search->is_narrow, first + i * windows + window,
                          bound < most ? bound : most);
    }
    return bound;
}

// Cuts a chain into steps.
static bool add_chain(const struct search *search, const struct scan_chain *chain,
                      struct worker *worker)
{
    const struct scan_table *table = search->table;
    struct steps *steps = &worker->steps;
    size_t windows = table->window_count;
    double *expected = worker->expected;
    bool is_open = false, is_set = false;
    uint32_t bound = 0;
    for (size_t i = 0; i < windows; i++)
        expected[i] = 0;
    for (uint32_t i = 0; i < chain->length; i++) {
        const double *row = table->expected + (chain->place[i] & ~SCAN_CUT) * windows;
        if (!is_open && !open_step(search, steps, expected))
            return false;
        is_open = true;
        for (size_t window = 0; window < windows; window++)
            expected[window] += row[window];
        if ((chain->place[i] & SCAN_CUT) == 0)
            continue;
        if (!is_set) {
            bound = set_bounds(search, steps, &worker->bounds, expected);
            is_set = true;
        }
        // Would the next place still fit?
        bool is_last = i + 1 == chain->length;
        size_t next_place = is_last ? 0 : chain->place[i + 1] & ~SCAN_CUT;
        double next = expected[windows - 1] + table->expected[next_place * windows + windows - 1];
        if (is_last || next + DEVIATIONS * sqrt(next) > bound) {
            steps->until[steps->count++] = i + 1;
            is_open = is_set = false;
        }
    }
    assert(!is_open);
    return true;
}

static bool add_block(const struct search *search, size_t first, size_t count,
                      struct worker *worker)
{
    struct steps *steps = &worker->steps;
    size_t most = 0;
    steps->count = 0;
    for (size_t i = 0; i < count; i++) {
        steps->first[i] = steps->count;
        if (!add_chain(search, &search->zones->chain[first + i], worker))
            return false;
        size_t own = steps->count - steps->first[i];
        most = own > most ? own : most;
    }
    steps->first[count] = steps->count;
    if (most <= worker->step_room)
        return true;
    memory_free(worker->sum_memory);
    memory_free(worker->is_hit);
    worker->sum_memory = memory_take(most * search->row_size + VECTOR_SIZE);
    worker->is_hit = memory_take(most);
    worker->sum = align(worker->sum_memory);
    worker->step_room = worker->sum_memory != NULL && worker->is_hit != NULL ? most : 0;
    return worker->step_room > 0;
}

// Goes through the zones of a hit step in one lane with the score itself.
static double search_lane(const struct search *search, const struct scan_walk *walk, size_t step,
                          size_t lane, double expected, double best)
{
    const struct scan_table *table = search->table;
    size_t windows = table->window_count, window = lane % windows, lanes = search->lane_count;
    bool is_narrow = search->is_narrow;
    size_t from = step == 0 ? 0 : walk->until[step - 1];
    uint32_t cases = step == 0 ? 0 : scan_lane(walk->sum, is_narrow, (step - 1) * lanes + lane);
    for (size_t i = from; i < walk->until[step]; i++) {
        size_t place = walk->place[i] & ~SCAN_CUT;
        cases += scan_lane(walk->count, is_narrow, place * lanes + lane);
        expected += table->expected[place * windows + window];
        if ((walk->place[i] & SCAN_CUT) == 0 ||
            !scan_may_exceed(cases, expected, table->total, best))
            continue;
        double score = scan_score(cases, expected, table->total);
        best = score > best ? score : best;
    }
    return best;
}

static void search_chain(const struct search *search, size_t chain, size_t first_step,
                         size_t step_count, const char *count, struct worker *worker, double *best)
{
    size_t windows = search->table->window_count, lanes = search->lane_count;
    const struct steps *steps = &worker->steps;
    struct scan_walk walk = {.place = search->zones->chain[chain].place,
                             .until = steps->until + first_step,
                             .least = (char *)steps->least + first_step * search->row_size,
                             .count = count,
                             .sum = worker->sum,
                             .is_hit = worker->is_hit,
                             .step_count = step_count,
                             .row_size = search->row_size,
                             .is_narrow = search->is_narrow};
    memset(worker->is_hit, 0, step_count);
    wide_kernels_find()->scan_walk_chain(&walk);
    for (size_t step = 0; step < step_count; step++) {
        if (!worker->is_hit[step])
            continue;
        const double *before = steps->before + (first_step + step) * windows;
        for (size_t lane = 0; lane < search->per_pack * windows; lane++)
            if (scan_lane(walk.sum, search->is_narrow, step * lanes + lane) >
                scan_lane(walk.least, search->is_narrow, step * lanes + lane))
                best[lane / windows] = search_lane(search, &walk, step, lane,
                                                   before[lane % windows], best[lane / windows]);
    }
}

// Deals a pack's replicates and sums each over its last 1, 2, .. periods. False: one of them has
// more cases than a lane holds.
static bool deal_pack(const struct search *search, size_t first, size_t count, uint32_t *dealt,
                      char *rows)
{
    const struct scan_table *table = search->table;
    size_t windows = table->window_count, cells = table->place_count * windows;
    bool is_held = true;
    memset(rows, 0, table->place_count * search->row_size);
    for (size_t i = 0; i < count; i++) {
        memset(dealt, 0, cells * sizeof *dealt);
        uint32_t all =
            scan_dealer_deal(search->dealer, search->scan->seed, search->number[first + i], dealt);
        is_held = is_held && (!search->is_narrow || all <= UINT16_MAX);
        for (size_t place = 0; place < table->place_count; place++) {
            size_t lane = place * search->lane_count + i * windows;
            uint32_t sum = 0;
            for (size_t window = 0; window < windows; window++) {
                sum += dealt[place * windows + window];
                scan_set_lane(rows, search->is_narrow, lane + window, sum);
            }
        }
    }
    return is_held;
}

static size_t pack_size(const struct search *search)
{
    return search->table->place_count * search->row_size;
}

// Searches a block of chains in all packs of the batch.
static bool search_block(const struct search *search, size_t first, struct worker *worker)
{
    size_t left = search->zones->chain_count - first;
    size_t block = left < BLOCK_CHAINS ? left : BLOCK_CHAINS;
    if (!add_block(search, first, block, worker))
        return false;
    const size_t *step = worker->steps.first;
    for (size_t pack = 0; pack < search->pack_count; pack++)
        for (size_t i = 0; i < block; i++)
            search_chain(search, first + i, step[i], step[i + 1] - step[i],
                         search->rows + pack * pack_size(search), worker,
                         worker->best + pack * search->per_pack);
    return true;
}

static bool open_worker(const struct search *search, struct worker *worker)
{
    const struct scan_table *table = search->table;
    size_t windows = table->window_count;
    worker->dealt = memory_take(table->place_count * windows * sizeof(uint32_t));
    worker->expected = memory_take(windows * sizeof(double));
    worker->best = memory_take(search->pack_most * search->per_pack * sizeof(double));
    return worker->dealt != NULL && worker->expected != NULL && worker->best != NULL &&
           build_bounds(&worker->bounds, search->level, table->total);
}

static void close_worker(struct worker *worker)
{
    memory_free(worker->bounds.least);
    memory_free(worker->steps.until);
    memory_free(worker->steps.least_memory);
    memory_free(worker->steps.before);
    memory_free(worker->dealt);
    memory_free(worker->expected);
    memory_free(worker->best);
    memory_free(worker->sum_memory);
    memory_free(worker->is_hit);
    memory_free(worker);
}

// Tells the caller how far it is, in replicates; a batch advances chain by chain.
static void tell(struct search *search, size_t count, size_t chains)
{
    const struct analysis_scan *scan = search->scan;
#pragma omp critical(scan_progress)
    {
        search->chains_done += chains;
        size_t share = count * search->chains_done / (search->zones->chain_count + 1);
        if (scan->progress != NULL && search->done + share < scan->replicate_count)
            scan->progress(scan->progress_context, search->done + share, scan->replicate_count);
    }
}

// Takes over what a worker has found.
static void keep_best(struct search *search, size_t first, size_t count, const double *best)
{
#pragma omp critical(scan_best)
    for (size_t i = 0; i < count; i++) {
        double *known = &search->best[search->number[first + i]];
        if (best[i] > search->level && best[i] > *known)
            *known = best[i];
    }
}

// Searches `count` replicates from place `first` of the list on; every thread comes here with a
// worker of its own and takes packs to deal and blocks to search. False: its memory is out.
static bool search_batch(struct search *search, size_t first, size_t count, struct worker *worker,
                         bool is_open)
{
    size_t per_pack = search->per_pack;
#pragma omp single
    {
        search->pack_count = (count + per_pack - 1) / per_pack;
        search->chains_done = 0;
    }
#pragma omp for schedule(dynamic, 1)
    for (size_t pack = 0; pack < search->pack_count; pack++) {
        size_t done = pack * per_pack, left = count - done;
        if (is_open && !deal_pack(search, first + done, left < per_pack ? left : per_pack,
                                  worker->dealt, search->rows + pack * pack_size(search)))
#pragma omp atomic write
            search->is_overfull = true;
    }
    for (size_t i = 0; is_open && i < search->pack_count * per_pack; i++)
        worker->best[i] = search->level;
#pragma omp for schedule(dynamic, 1)
    for (size_t chain = 0; chain < search->zones->chain_count; chain += BLOCK_CHAINS) {
        is_open = is_open && search_block(search, chain, worker);
        tell(search, count, BLOCK_CHAINS);
    }
    if (is_open)
        keep_best(search, first, count, worker->best);
#pragma omp barrier
#pragma omp single
    search->done += count;
    return is_open;
}

// Searches the listed replicates at the level.
static bool search_run(struct search *search)
{
    size_t packs = (search->count + search->per_pack - 1) / search->per_pack;
    size_t room = BATCH_SIZE / pack_size(search) + 1;
    search->pack_most = packs < room ? packs : room;
    size_t per_batch = search->pack_most * search->per_pack;
    void *memory = memory_take(search->pack_most * pack_size(search) + VECTOR_SIZE);
    bool is_complete = memory != NULL;
    if (memory == NULL)
        return false;
    search->rows = align(memory);
#pragma omp parallel if (search->zones->length * search->count > 100000)
    {
        struct worker *worker = memory_allocate(sizeof *worker);
        bool is_open = worker != NULL && open_worker(search, worker);
        for (size_t at = 0; at < search->count; at += per_batch) {
            size_t left = search->count - at, count = left < per_batch ? left : per_batch;
            is_open = search_batch(search, at, count, worker, is_open);
        }
        if (!is_open)
#pragma omp atomic write
            is_complete = false;
        if (worker != NULL)
            close_worker(worker);
    }
    memory_free(memory);
    return is_complete;
}

// Keeps in the list only the replicates in which nothing has passed the level.
static void keep_unknown(struct search *search)
{
    size_t kept = 0;
    for (size_t i = 0; i < search->count; i++)
        if (search->best[search->number[i]] == 0)
            search->number[kept++] = search->number[i];
    search->count = kept;
}

// Searches the replicates from..to-1: first at the level, then, those in which nothing passed it,
// at lower ones. At level 0 nothing passes only where the score is 0.
static bool search_range(struct search *search, size_t from, size_t to, double level)
{
    bool is_complete = true;
    search->count = to - from;
    for (size_t i = from; i < to; i++)
        search->number[i - from] = (uint32_t)i;
    for (int i = 0; i < LEVELS && search->count > 0 && is_complete; i++) {
        search->level = level * LEVEL_SHARES[i];
        is_complete = search_run(search);
        keep_unknown(search);
        if (search->level == 0)
            break;
    }
    return is_complete;
}

static bool search_all(struct search *search)
{
    size_t count = search->scan->replicate_count, windows = search->table->window_count;
    size_t pilot = count < PILOT ? count : PILOT;
    size_t lane_size = search->is_narrow ? sizeof(uint16_t) : sizeof(uint32_t);
    search->per_pack = windows <= LANES_USUAL / 2 ? LANES_USUAL / windows : 1;
    search->row_size =
        (search->per_pack * windows * lane_size + VECTOR_SIZE - 1) / VECTOR_SIZE * VECTOR_SIZE;
    search->lane_count = search->row_size / lane_size;
    search->is_overfull = false;
    search->done = 0;
    for (size_t i = 0; i < count; i++)
        search->best[i] = 0;
    // A few first: they show the level for the rest.
    bool is_complete = search_range(search, 0, pilot, PILOT_LEVEL);
    double least = INFINITY;
    for (size_t i = 0; i < pilot; i++)
        least = search->best[i] < least ? search->best[i] : least;
    return is_complete && search_range(search, pilot, count, least);
}

bool scan_search_replicates(const struct analysis_scan *scan, const struct scan_zones *zones,
                            const struct scan_table *table, double *ret_best)
{
    struct search search = {scan, zones, table, scan_dealer_open(table), ret_best};
    search.number = memory_take((scan->replicate_count + 1) * sizeof *search.number);
    bool is_complete = search.dealer != NULL && search.number != NULL;
    if (is_complete) {
        search.is_narrow = scan_dealer_most(search.dealer) <= UINT16_MAX;
        is_complete = search_all(&search);
        if (search.is_overfull) {
            search.is_narrow = false;
            is_complete = search_all(&search);
        }
    }
    scan_dealer_close(search.dealer);
    memory_free(search.number);
    return is_complete;
}
