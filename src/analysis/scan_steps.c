// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_steps.c: cuts chains into steps and bounds them.
//
// Bounds are a table over the expected number, by the upper bits of its double: PARTS of an octave
// apart, so that a number finds its row by a shift. A row holds the bound at its lower end.
//
// A step is made as long as the last window's count, with DEVIATIONS standard deviations above what
// is expected, stays under the bound: then it is rarely hit. The last window is the tightest in
// proportion. Where counts are bytes a step ends, zone or no zone, before more is expected in it
// than a byte holds for sure (128 and eleven standard deviations); should chance ever pass that,
// the kernel says so and the search is done again with wider lanes.
#include <assert.h>
#include <string.h>

#include "analysis/scan_steps.h"
#include "base/memory.h"

enum {
    PARTS = 512, // of an octave in the table of bounds; 0.2 % apart
    RUN = 16,    // rows between two looks whether the bound rises at all
};
static const double DEVIATIONS = 2.6;
static const double BYTE_EXPECTED_MOST = 128;

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

// The largest number from `cases` on whose score is not above the level.
static double raise(double cases, double expected, double level, double total)
{
    cases = fmax(cases, floor(expected));
    while (cases < total && scan_score(cases + 1, expected, total) <= level)
        cases++;
    return cases;
}

bool scan_build_bounds(struct scan_bounds *bounds, double level, double total)
{
    // A score of one case is about -1 - ln(expected): below here it is above the level.
    bounds->base = index_of(fmin(exp(-level - 2), total));
    bounds->count = (size_t)(index_of(total) - bounds->base) + 1;
    bounds->least = memory_take(bounds->count * sizeof *bounds->least);
    if (bounds->least == NULL)
        return false;
    double cases = 0; // it never falls from one row to the next
    for (size_t from = 0; from < bounds->count; from += RUN) {
        size_t to = from + RUN < bounds->count ? from + RUN : bounds->count;
        double low = raise(cases, expected_of(bounds->base + from), level, total);
        double high = raise(low, expected_of(bounds->base + to - 1), level, total);
        cases = low;
        for (size_t i = from; i < to; i++) {
            if (low < high)
                cases = raise(cases, expected_of(bounds->base + i), level, total);
            bounds->least[i] = (uint32_t)cases;
        }
    }
    return true;
}

void scan_free_bounds(struct scan_bounds *bounds)
{
    memory_free(bounds->least);
    *bounds = (struct scan_bounds){0};
}

uint32_t scan_find_bound(const struct scan_bounds *bounds, double expected)
{
    uint64_t index = index_of(expected);
    if (index < bounds->base)
        return 0; // one case is enough for a closer look
    size_t at = (size_t)(index - bounds->base);
    return bounds->least[at < bounds->count ? at : bounds->count - 1];
}

bool scan_fits_bytes(const struct scan_table *table)
{
    double most = 0;
    for (size_t place = 0; place < table->place_count; place++)
        most = fmax(most, table->expected[(place + 1) * table->window_count - 1]);
    return most <= BYTE_EXPECTED_MOST;
}

static size_t least_size(enum scan_lanes lanes)
{
    return SCAN_WINDOWS * scan_lane_size(lanes == SCAN_BROAD ? SCAN_BROAD : SCAN_NARROW);
}

static bool grow(struct scan_steps *steps, size_t size)
{
    if (steps->count < steps->capacity)
        return true;
    size_t larger = steps->capacity * 2 + 1024;
    void *least = memory_take(larger * size + SCAN_ROW_STEP);
    uint32_t *until = memory_resize(steps->until, larger * sizeof *until);
    steps->until = until != NULL ? until : steps->until;
    double *before = memory_resize(steps->before, larger * SCAN_WINDOWS * sizeof *before);
    steps->before = before != NULL ? before : steps->before;
    if (until == NULL || least == NULL || before == NULL) {
        memory_free(least);
        return false;
    }
    if (steps->count > 0)
        memcpy(scan_align(least), steps->least, steps->count * size);
    memory_free(steps->least_memory);
    steps->least_memory = least;
    steps->least = scan_align(least);
    steps->capacity = larger;
    return true;
}

// What is being cut: a chunk of windows.
struct cut {
    const struct scan_table *table;
    const struct scan_bounds *bounds;
    enum scan_lanes lanes;
    size_t first, count, span; // windows; lanes of a replicate
};

// Fills a bound row by what is expected, or, with nothing, so that no count is above. Returns the
// bound of the last window.
static uint32_t set_bounds(const struct cut *cut, struct scan_steps *steps, const double *expected)
{
    enum scan_lanes sums = cut->lanes == SCAN_BROAD ? SCAN_BROAD : SCAN_NARROW;
    uint32_t bound = 0, most = sums == SCAN_NARROW ? UINT16_MAX : UINT32_MAX;
    uint32_t row[SCAN_WINDOWS];
    for (size_t lane = 0; lane < cut->span; lane++) {
        bool is_window = expected != NULL && lane < cut->count;
        uint32_t own = is_window ? scan_find_bound(cut->bounds, expected[lane]) : most;
        bound = is_window ? own : bound;
        row[lane] = own < most ? own : most;
    }
    for (size_t lane = 0; lane < SCAN_WINDOWS; lane++) {
        bool is_odd = lane % 2 != 0;
        size_t place = cut->lanes == SCAN_BYTES ? is_odd * (SCAN_WINDOWS / 2) + lane / 2 : lane;
        scan_set_lane(steps->least, sums, steps->count * SCAN_WINDOWS + place,
                      row[lane % cut->span]);
    }
    return bound;
}

static bool cut_chain(const struct cut *cut, const struct scan_chain *chain,
                      struct scan_steps *steps)
{
    size_t windows = cut->table->window_count, last = cut->count - 1;
    const double *table = cut->table->expected + cut->first;
    double expected[SCAN_WINDOWS] = {0}, opened = 0;
    bool is_open = false, is_set = false;
    uint32_t bound = 0;
    for (uint32_t i = 0; i < chain->length; i++) {
        if (!is_open && !grow(steps, least_size(cut->lanes)))
            return false;
        if (!is_open)
            memcpy(steps->before + steps->count * SCAN_WINDOWS, expected, sizeof expected);
        opened = is_open ? opened : expected[last];
        is_open = true;
        const double *row = table + (chain->place[i] & ~SCAN_CUT) * windows;
        for (size_t window = 0; window < cut->count; window++)
            expected[window] += row[window];
        if ((chain->place[i] & SCAN_CUT) != 0 && !is_set) {
            bound = set_bounds(cut, steps, expected);
            is_set = true;
        }
        bool is_end = i + 1 == chain->length;
        if (!is_end) {
            // Would the next place still fit?
            double next =
                expected[last] + table[(chain->place[i + 1] & ~SCAN_CUT) * windows + last];
            double room = bound - next;
            is_end = is_set && (room <= 0 || DEVIATIONS * DEVIATIONS * next > room * room);
            is_end |= cut->lanes == SCAN_BYTES && next - opened > BYTE_EXPECTED_MOST;
        }
        if (!is_end)
            continue;
        if (!is_set)
            set_bounds(cut, steps, NULL);
        steps->until[steps->count++] = i + 1;
        is_open = is_set = false;
    }
    assert(!is_open);
    return true;
}

bool scan_build_steps(struct scan_steps *steps, const struct scan_zones *zones,
                      const struct scan_table *table, const struct scan_bounds *bounds,
                      enum scan_lanes lanes, size_t chunk, size_t first, size_t count)
{
    size_t before = chunk * SCAN_WINDOWS, left = table->window_count - before;
    struct cut cut = {table, bounds, lanes, before, left, scan_span(table->window_count)};
    assert(before < table->window_count && first + count <= zones->chain_count);
    cut.count = left < SCAN_WINDOWS ? left : SCAN_WINDOWS;
    if (count >= steps->chain_capacity) {
        size_t *larger = memory_resize(steps->first, (count + 1) * sizeof *larger);
        if (larger == NULL)
            return false;
        steps->first = larger;
        steps->chain_capacity = count + 1;
    }
    steps->count = steps->most = 0;
    steps->chain_count = count;
    for (size_t i = 0; i < count; i++) {
        steps->first[i] = steps->count;
        if (!cut_chain(&cut, &zones->chain[first + i], steps))
            return false;
        size_t own = steps->count - steps->first[i];
        steps->most = own > steps->most ? own : steps->most;
    }
    steps->first[count] = steps->count;
    return true;
}

void scan_free_steps(struct scan_steps *steps)
{
    memory_free(steps->first);
    memory_free(steps->until);
    memory_free(steps->least_memory);
    memory_free(steps->before);
    *steps = (struct scan_steps){0};
}
