// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_search.c: the highest score of every replicate, exactly, at less than an addition a zone.
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
// So one comparison settles a step, for all windows side by side (scan_kernel.c); scan_steps.c cuts
// the steps. In the few that are hit, the hit windows are gone through zone by zone with the score
// itself. A replicate in which nothing passes the level is done again with a lower one. So the
// level decides only how long it takes: the result is the maximum itself, the same bits whatever
// the level, the number of threads, the width of the counts and the machine's vectors.
//
// Memory. A row holds a place's counts in up to SCAN_WINDOWS windows of several replicates:
//
//     rows    group 0:  chunk 0: place 0, 1, ..   chunk 1: place 0, 1, ..      group 1: ..
//     row     replicate 0: window 0..15 | replicate 1: window 0..15 | ..
//             (closer where there are 8 windows or fewer)
//
// Lanes are bytes while no place is expected to have more than these hold. A group's chunk stays in
// the second cache while a block of chains is walked; the block's steps, the same for all
// replicates, are made once a batch of groups. Threads share out blocks and chunks.
#include <assert.h>
#include <omp.h>
#include <string.h>

#include "analysis/scan_steps.h"
#include "analysis/wide_kernels.h"
#include "base/memory.h"

enum {
    BLOCK_CHAINS = 64,
    BLOCKS_LEAST = 32,       // so that threads find enough to share
    GROUP_SIZE = 600 * 1024, // bytes of a group's chunk, of a second cache of 1 MiB
    GROUP_VECTORS = 4,       // of SCAN_ROW_STEP bytes in a row, at most
    BYTE_MOST = UINT8_MAX,
    PILOT = 16,
    LEVELS = 4,
};
static const size_t BATCH_SIZE = 96 * 1024 * 1024; // bytes of counts
static const double LEVEL_SHARES[LEVELS] = {0.95, 0.6, 0.3, 0};
static const double PILOT_LEVEL = 8;

struct search {
    const struct analysis_scan *scan;
    const struct scan_zones *zones;
    const struct scan_table *table;
    struct scan_dealer *dealer;
    double *best; // per replicate
    enum scan_lanes lanes;
    bool is_overfull;   // a replicate had more cases than such lanes hold
    size_t span;        // lanes of a replicate
    size_t chunk_count; // of windows
    size_t row_size;    // bytes
    size_t per_group;   // replicates side by side in a row
    uint32_t *number;   // the replicates of this run
    size_t count;
    double level;
    struct scan_bounds bounds;
    char *rows; // of the batch: group_count x chunk_count x places
    size_t group_count, group_most;
    size_t block; // chains
    size_t done,
        chains_done; // for the caller's progress: replicates; chains x chunks of this batch
};

struct worker {
    struct scan_steps steps;
    uint32_t *dealt;
    void *hit_memory;
    struct scan_hit *hit; // the first is aligned
    size_t hit_room;      // steps of a chain
    double *best;         // per replicate of the batch
};

static size_t chunk_size(const struct search *search)
{
    return search->table->place_count * search->row_size;
}

static char *chunk_rows(const struct search *search, size_t group, size_t chunk)
{
    return search->rows + (group * search->chunk_count + chunk) * chunk_size(search);
}

// Goes through the zones of a hit step in one lane of the row with the score itself.
static double search_lane(const struct search *search, const struct scan_walk *walk, size_t step,
                          size_t lane, size_t window, uint32_t cases, double expected, double best)
{
    const struct scan_table *table = search->table;
    size_t windows = table->window_count, lanes = walk->row_size / scan_lane_size(walk->lanes);
    uint32_t bound = scan_step_bound(walk->least, walk->lanes, step, lane % SCAN_WINDOWS);
    for (size_t i = step == 0 ? 0 : walk->until[step - 1]; i < walk->until[step]; i++) {
        size_t place = walk->place[i] & ~SCAN_CUT;
        cases += scan_lane(walk->count, walk->lanes, place * lanes + lane);
        expected += table->expected[place * windows + window];
        if (cases <= bound || (walk->place[i] & SCAN_CUT) == 0 ||
            !scan_may_exceed(cases, expected, table->total, best) ||
            cases <= scan_find_bound(&search->bounds, expected))
            continue;
        double score = scan_score(cases, expected, table->total);
        best = score > best ? score : best;
    }
    return best;
}

// The hit lanes of one vector; `before` is what was expected before each step of the chain.
static void search_hit(const struct search *search, const struct scan_walk *walk,
                       const struct scan_hit *hit, size_t chunk, const double *before, double *best)
{
    bool is_byte = walk->lanes == SCAN_BYTES;
    enum scan_lanes sums = walk->lanes == SCAN_BROAD ? SCAN_BROAD : SCAN_NARROW;
    for (uint64_t above = scan_hit_bits(hit); above != 0; above &= above - 1) {
        size_t bit = (size_t)__builtin_ctzll(above);
        size_t lane = hit->offset / scan_lane_size(walk->lanes);
        lane += is_byte ? 2 * (bit % 32) + bit / 32 : bit;
        size_t replicate = lane / search->span, own = lane % search->span;
        best[replicate] = search_lane(search, walk, hit->step, lane, chunk * SCAN_WINDOWS + own,
                                      scan_lane(hit->before, sums, bit),
                                      before[hit->step * SCAN_WINDOWS + own], best[replicate]);
    }
}

// Walks a chain of the block in one group's chunk. False: the lanes were too small.
static bool search_chain(const struct search *search, size_t chain, size_t chunk, size_t group,
                         size_t in_block, struct worker *worker)
{
    const struct scan_steps *steps = &worker->steps;
    size_t first = steps->first[in_block];
    enum scan_lanes sums = search->lanes == SCAN_BROAD ? SCAN_BROAD : SCAN_NARROW;
    struct scan_walk walk = {.place = search->zones->chain[chain].place,
                             .until = steps->until + first,
                             .least =
                                 (char *)steps->least + first * SCAN_WINDOWS * scan_lane_size(sums),
                             .count = chunk_rows(search, group, chunk),
                             .hit = worker->hit,
                             .step_count = steps->first[in_block + 1] - first,
                             .row_size = search->row_size,
                             .lanes = search->lanes};
    wide_kernels_find()->scan_walk_chain(&walk);
    for (size_t i = 0; i < walk.hit_count; i++)
        search_hit(search, &walk, &walk.hit[i], chunk, steps->before + first * SCAN_WINDOWS,
                   worker->best + group * search->per_group);
    return !walk.is_full;
}

// Searches a block of chains in a chunk of all groups of the batch. False: no memory.
static bool search_block(struct search *search, size_t first, size_t chunk, struct worker *worker)
{
    size_t left = search->zones->chain_count - first;
    size_t count = left < search->block ? left : search->block;
    struct scan_steps *steps = &worker->steps;
    bool is_held = true;
    if (!scan_build_steps(steps, search->zones, search->table, &search->bounds, search->lanes,
                          chunk, first, count))
        return false;
    if (steps->most > worker->hit_room) {
        memory_free(worker->hit_memory);
        worker->hit_room = 0;
        size_t hits = scan_hits_most(steps->most, search->row_size);
        worker->hit_memory = memory_take(hits * sizeof *worker->hit + SCAN_ROW_STEP);
        if (worker->hit_memory == NULL)
            return false;
        worker->hit = scan_align(worker->hit_memory);
        worker->hit_room = steps->most;
    }
    for (size_t group = 0; group < search->group_count; group++)
        for (size_t i = 0; i < count; i++)
            is_held &= search_chain(search, first + i, chunk, group, i, worker);
    if (!is_held)
#pragma omp atomic write
        search->is_overfull = true;
    return true;
}

// Sums a replicate over its last 1, 2, .. periods into its lanes of the rows. False: a lane cannot
// hold it. `lanes` is a constant to each caller.
static inline __attribute__((always_inline)) bool lay_rows(const struct search *search,
                                                           const uint32_t *dealt, size_t group,
                                                           size_t first, enum scan_lanes lanes)
{
    size_t windows = search->table->window_count, width = search->row_size / scan_lane_size(lanes);
    uint32_t largest = 0;
    for (size_t place = 0; place < search->table->place_count; place++) {
        uint32_t sum = 0;
        for (size_t chunk = 0; chunk < search->chunk_count; chunk++) {
            char *rows = chunk_rows(search, group, chunk);
            size_t from = chunk * SCAN_WINDOWS, left = windows - from;
            for (size_t i = 0; i < left && i < SCAN_WINDOWS; i++) {
                sum += dealt[place * windows + from + i];
                scan_set_lane(rows, lanes, place * width + first + i, sum);
            }
        }
        largest = sum > largest ? sum : largest;
    }
    return lanes != SCAN_BYTES || largest < BYTE_MOST;
}

// Deals a group's replicates. False: one of them has more cases than the lanes hold.
static bool deal_group(const struct search *search, size_t group, size_t first, size_t count,
                       uint32_t *dealt)
{
    const struct scan_table *table = search->table;
    size_t cells = table->place_count * table->window_count;
    bool is_held = true;
    memset(chunk_rows(search, group, 0), 0, search->chunk_count * chunk_size(search));
    for (size_t i = 0; i < count; i++) {
        memset(dealt, 0, cells * sizeof *dealt);
        uint32_t all =
            scan_dealer_deal(search->dealer, search->scan->seed, search->number[first + i], dealt);
        size_t lane = i * search->span;
        is_held &= search->lanes == SCAN_BROAD || all <= UINT16_MAX;
        is_held &= search->lanes == SCAN_BYTES ? lay_rows(search, dealt, group, lane, SCAN_BYTES)
                   : search->lanes == SCAN_NARROW
                       ? lay_rows(search, dealt, group, lane, SCAN_NARROW)
                       : lay_rows(search, dealt, group, lane, SCAN_BROAD);
    }
    return is_held;
}

static bool open_worker(const struct search *search, struct worker *worker)
{
    const struct scan_table *table = search->table;
    worker->dealt = memory_take(table->place_count * table->window_count * sizeof(uint32_t));
    worker->best = memory_take(search->group_most * search->per_group * sizeof(double));
    return worker->dealt != NULL && worker->best != NULL;
}

static void close_worker(struct worker *worker)
{
    scan_free_steps(&worker->steps);
    memory_free(worker->dealt);
    memory_free(worker->best);
    memory_free(worker->hit_memory);
    memory_free(worker);
}

// Tells the caller how far it is, in replicates; a batch advances chain by chain.
static void tell(struct search *search, size_t count, size_t chains)
{
    const struct analysis_scan *scan = search->scan;
#pragma omp critical(scan_progress)
    {
        search->chains_done += chains;
        size_t all = search->chunk_count * (search->zones->chain_count + search->block);
        size_t share = count * search->chains_done / (all + 1);
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
// worker of its own and takes groups to deal and blocks to search. False: its memory is out.
static bool search_batch(struct search *search, size_t first, size_t count, struct worker *worker,
                         bool is_open)
{
    size_t per_group = search->per_group, chains = search->zones->chain_count;
    size_t blocks = (chains + search->block - 1) / search->block;
#pragma omp single
    {
        search->group_count = (count + per_group - 1) / per_group;
        search->chains_done = 0;
    }
#pragma omp for schedule(dynamic, 1)
    for (size_t group = 0; group < search->group_count; group++) {
        size_t done = group * per_group, left = count - done;
        if (is_open && !deal_group(search, group, first + done, left < per_group ? left : per_group,
                                   worker->dealt))
#pragma omp atomic write
            search->is_overfull = true;
    }
    for (size_t i = 0; is_open && i < search->group_count * per_group; i++)
        worker->best[i] = search->level;
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < blocks * search->chunk_count; i++) {
        is_open = is_open && search_block(search, i / search->chunk_count * search->block,
                                          i % search->chunk_count, worker);
        tell(search, count, search->block);
    }
    if (is_open)
        keep_best(search, first, count, worker->best);
#pragma omp barrier
#pragma omp single
    search->done += count;
    return is_open;
}

// Searches the listed replicates, all threads together. False: no memory.
static bool search_batches(struct search *search)
{
    size_t per_batch = search->group_most * search->per_group;
    bool is_complete = true;
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
    return is_complete;
}

// The shape of the rows: as many vectors as keep a group's chunk small, no more than there is to
// fill.
static void shape_rows(struct search *search)
{
    size_t per_vector = SCAN_ROW_STEP / scan_lane_size(search->lanes) / search->span;
    size_t fitting = GROUP_SIZE / (search->table->place_count * SCAN_ROW_STEP);
    size_t needed = (search->count + per_vector - 1) / per_vector;
    size_t vectors = fitting < GROUP_VECTORS ? fitting : GROUP_VECTORS;
    vectors = vectors < needed ? vectors : needed;
    vectors = vectors > 1 ? vectors : 1;
    search->row_size = vectors * SCAN_ROW_STEP;
    search->per_group = vectors * per_vector;
    size_t groups = (search->count + search->per_group - 1) / search->per_group;
    size_t room = BATCH_SIZE / (search->chunk_count * chunk_size(search)) + 1;
    search->group_most = groups < room ? groups : room;
}

// Searches the listed replicates at the level.
static bool search_run(struct search *search)
{
    shape_rows(search);
    size_t group_size = search->chunk_count * chunk_size(search);
    void *memory = memory_take(search->group_most * group_size + SCAN_ROW_STEP);
    bool is_complete =
        memory != NULL && scan_build_bounds(&search->bounds, search->level, search->table->total);
    if (is_complete) {
        search->rows = scan_align(memory);
        is_complete = search_batches(search);
    }
    scan_free_bounds(&search->bounds);
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
    size_t chains = search->zones->chain_count, pilot = count < PILOT ? count : PILOT;
    search->span = scan_span(windows);
    search->chunk_count = (windows + SCAN_WINDOWS - 1) / SCAN_WINDOWS;
    search->block = chains / BLOCKS_LEAST < BLOCK_CHAINS ? chains / BLOCKS_LEAST : BLOCK_CHAINS;
    search->block += search->block == 0;
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
        bool is_narrow = scan_dealer_most(search.dealer) <= UINT16_MAX;
        search.lanes = !is_narrow ? SCAN_BROAD : scan_fits_bytes(table) ? SCAN_BYTES : SCAN_NARROW;
        is_complete = search_all(&search);
        while (is_complete && search.is_overfull) {
            search.lanes++;
            is_complete = search_all(&search);
        }
    }
    scan_dealer_close(search.dealer);
    memory_free(search.number);
    return is_complete;
}
