// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_observed.c: the clusters of the observed counts: the best zone, then the best without any of
// its places, and so on.
//
// Idea. Each chain's best zone is found once. When a cluster is taken, a chain that holds one of
// its places at position p is of use only up to p, since every longer zone holds that place too;
// only chains whose best zone was longer than that are looked at again. Of equal scores (to 1e-9)
// the first chain counts, so that sets which several centres share come once and always by the same
// centre.
#include <assert.h>

#include "analysis/scan.h"
#include "base/memory.h"

// Adds a place's row to the sums, and counts the windows in which they may pass `level`.
static size_t add_place(const struct scan_table *table, uint32_t place, double *cases,
                        double *expected, double level)
{
    const int32_t *case_row = table->cases + place * table->window_count;
    const double *expected_row = table->expected + place * table->window_count;
    double total = table->total;
    int64_t count = 0;
    for (size_t window = 0; window < table->window_count; window++) {
        cases[window] += case_row[window];
        expected[window] += expected_row[window];
        double excess = cases[window] - expected[window], outside = total - expected[window];
        double left = excess * excess * (outside + 2 * expected[window]);
        count += (excess > 0) & (left > level * 2 * expected[window] * outside);
    }
    return (size_t)count;
}

// The best zone among the first `length` places of a chain. `sums` has room for two rows.
static struct scan_find find_best(const struct scan_zones *zones, const struct scan_table *table,
                                  size_t chain, uint32_t length, double *sums)
{
    struct scan_find best = {.chain = chain};
    double *cases = sums, *expected = sums + table->window_count;
    for (size_t i = 0; i < 2 * table->window_count; i++)
        sums[i] = 0;
    for (uint32_t i = 0; i < length; i++) {
        uint32_t place = zones->chain[chain].place[i];
        size_t hopeful = add_place(table, place & ~SCAN_CUT, cases, expected, best.score);
        if ((place & SCAN_CUT) == 0 || hopeful == 0)
            continue;
        for (size_t window = 0; window < table->window_count; window++) {
            if (!scan_may_exceed(cases[window], expected[window], table->total, best.score))
                continue;
            double score = scan_score(cases[window], expected[window], table->total);
            if (score > best.score)
                best = (struct scan_find){score,         chain,           i + 1, (uint32_t)window,
                                          cases[window], expected[window]};
        }
    }
    return best;
}

// How much of the chain lies before the first place that is taken.
static uint32_t usable_length(const struct scan_chain *chain, const bool *is_taken)
{
    uint32_t length = 0;
    while (length < chain->length && !is_taken[chain->place[length] & ~SCAN_CUT])
        length++;
    return length;
}

// Brings up to date the best of every chain whose zone has met a taken place. False: no memory.
static bool refresh(const struct scan_zones *zones, const struct scan_table *table,
                    const bool *is_taken, bool is_first, struct scan_find *best)
{
    bool is_complete = true;
#pragma omp parallel if (zones->length * table->window_count > 100000)
    {
        double *sums = memory_take(2 * table->window_count * sizeof *sums);
#pragma omp for schedule(dynamic, 16)
        for (size_t i = 0; i < zones->chain_count; i++) {
            uint32_t length = usable_length(&zones->chain[i], is_taken);
            if (sums != NULL && (is_first || best[i].length > length))
                best[i] = find_best(zones, table, i, length, sums);
        }
        if (sums == NULL)
#pragma omp atomic write
            is_complete = false;
        memory_free(sums);
    }
    return is_complete;
}

bool scan_find_observed(const struct scan_zones *zones, const struct scan_table *table,
                        size_t find_most, struct scan_find *find, size_t *ret_count)
{
    struct scan_find *best = memory_allocate((zones->chain_count + 1) * sizeof *best);
    bool *is_taken = memory_allocate(table->place_count * sizeof *is_taken);
    bool is_complete = best != NULL && is_taken != NULL;
    size_t count = 0;
    while (is_complete && count < find_most) {
        is_complete = refresh(zones, table, is_taken, count == 0, best);
        double highest = 0;
        size_t first = 0;
        for (size_t i = 0; i < zones->chain_count; i++)
            highest = best[i].score > highest ? best[i].score : highest;
        if (highest == 0 || !is_complete)
            break;
        while (best[first].score < highest * (1 - SCAN_TOLERANCE))
            first++;
        find[count++] = best[first];
        const struct scan_chain *chain = &zones->chain[first];
        for (uint32_t i = 0; i < best[first].length; i++)
            is_taken[chain->place[i] & ~SCAN_CUT] = true;
    }
    memory_free(best);
    memory_free(is_taken);
    *ret_count = count;
    return is_complete;
}
