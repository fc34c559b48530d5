// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_circles.c: the circles around each place, as a chain for each centre.
//
// Kulldorff 1997, Commun Stat Theory Methods 26:1481. All places are sorted by their distance from
// the centre; equally far ones join together, so the answer does not hang on the order of the
// input. The chain ends where the population's share or the radius would be passed: what is behind
// is further away and only adds.
//
// Distances on the earth go by the haversine on a sphere of 6371.0088 km (IUGG mean radius), which
// is exact for near places; the square of half the chord sorts them, no arc is taken. Distances
// that differ by less than a billionth count as equal.
#include <assert.h>
#include <string.h>

#include "analysis/scan.h"
#include "base/limits.h"
#include "base/memory.h"

static const double TIE = 2e-9; // of squares
static const double RADIANS = 3.14159265358979323846 / 180;

struct neighbor {
    double square; // of the distance; geographic: of half the chord, radius 1
    uint32_t place;
};

static double square_between(const struct analysis_scan *scan, size_t a, size_t b)
{
    const double *from = scan->coordinate + 2 * a, *to = scan->coordinate + 2 * b;
    if (!scan->is_geographic)
        return (from[0] - to[0]) * (from[0] - to[0]) + (from[1] - to[1]) * (from[1] - to[1]);
    double north = sin((to[0] - from[0]) * RADIANS / 2),
           east = sin((to[1] - from[1]) * RADIANS / 2);
    return north * north + cos(from[0] * RADIANS) * cos(to[0] * RADIANS) * east * east;
}

double analysis_scan_distance(const struct analysis_scan *scan, size_t a, size_t b)
{
    assert(a < scan->place_count && b < scan->place_count);
    double square = square_between(scan, a, b);
    if (!scan->is_geographic)
        return sqrt(square);
    return 2 * ANALYSIS_EARTH_KM * asin(sqrt(square < 1 ? square : 1));
}

// The radius as a square of square_between.
static double square_of_radius(const struct analysis_scan *scan)
{
    if (!scan->is_geographic)
        return scan->radius_most * scan->radius_most;
    double angle = scan->radius_most / (2 * ANALYSIS_EARTH_KM);
    return angle < 90 * RADIANS ? sin(angle) * sin(angle) : INFINITY;
}

// Sorts by distance, keeping the order of equally far ones, which is that of the places: runs of
// one, two, four .. are merged from one half of the memory into the other. Returns where it ended
// up.
static struct neighbor *sort_neighbors(struct neighbor *from, struct neighbor *to, size_t count)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t middle = start + width < count ? start + width : count;
            size_t end = middle + width < count ? middle + width : count;
            size_t left = start, right = middle, at = start;
            while (left < middle && right < end) {
                bool is_right = from[right].square < from[left].square;
                to[at++] = from[is_right ? right : left];
                right += is_right;
                left += !is_right;
            }
            memcpy(to + at, from + left, (middle - left) * sizeof *to);
            memcpy(to + at + (middle - left), from + right, (end - right) * sizeof *to);
        }
        struct neighbor *sorted = to;
        to = from;
        from = sorted;
    }
    return from;
}

// Writes the chain of a centre to `place`; returns its length up to the last cut. `neighbor` has
// room for all places twice.
static size_t grow_circle(const struct analysis_scan *scan, const double *share, size_t center,
                          struct neighbor *neighbor, uint32_t *place)
{
    size_t count = scan->place_count, length = 0, within = 0;
    double limit = square_of_radius(scan) * (1 + TIE), sum = 0;
    for (size_t i = 0; i < count; i++) {
        double square = square_between(scan, center, i);
        if (square <= limit)
            neighbor[within++] = (struct neighbor){square, (uint32_t)i};
    }
    neighbor = sort_neighbors(neighbor, neighbor + count, within);
    for (size_t i = 0; i < within; i++) {
        sum += share[neighbor[i].place];
        if (sum > scan->share_most * (1 + SCAN_TOLERANCE))
            break;
        bool is_tied = i + 1 < within &&
                       neighbor[i + 1].square - neighbor[i].square <= TIE * neighbor[i + 1].square;
        place[i] = neighbor[i].place | (is_tied ? 0 : SCAN_CUT);
        if (!is_tied)
            length = i + 1;
    }
    return length;
}

void scan_add_chain(struct scan_zones *zones, uint32_t *place, size_t length, uint32_t center)
{
    if (length == 0) {
        memory_free(place);
        return;
    }
    assert((place[length - 1] & SCAN_CUT) != 0);
    for (size_t i = 0; i < length; i++)
        zones->zone_count += (place[i] & SCAN_CUT) != 0;
    zones->length += length;
    zones->chain[zones->chain_count++] = (struct scan_chain){place, (uint32_t)length, center};
}

void scan_free_zones(struct scan_zones *zones)
{
    for (size_t i = 0; i < zones->chain_count; i++)
        memory_free(zones->chain[i].place);
    memory_free(zones->chain);
    *zones = (struct scan_zones){0};
}

// Builds the chains of `count` centres from `first` on, each into a slot of its own.
static bool build_slice(const struct analysis_scan *scan, const double *share, size_t first,
                        size_t count, struct scan_chain *slot)
{
    bool is_built = true;
    // Few places are done before a second thread is awake.
#pragma omp parallel if (count * scan->place_count > 20000)
    {
        struct neighbor *neighbor = memory_take(2 * scan->place_count * sizeof *neighbor);
        uint32_t *place = memory_take(scan->place_count * sizeof *place);
#pragma omp for schedule(dynamic, 4)
        for (size_t i = 0; i < count; i++) {
            size_t length = 0;
            uint32_t *kept = NULL;
            if (neighbor != NULL && place != NULL) {
                length = grow_circle(scan, share, first + i, neighbor, place);
                kept = memory_take((length + 1) * sizeof *kept);
            }
            if (kept != NULL)
                memcpy(kept, place, length * sizeof *kept);
            slot[i] = (struct scan_chain){kept, kept != NULL ? (uint32_t)length : 0,
                                          (uint32_t)(first + i)};
        }
        memory_free(neighbor);
        memory_free(place);
    }
    for (size_t i = 0; i < count; i++)
        is_built = is_built && slot[i].place != NULL;
    return is_built;
}

enum analysis_scan_fault scan_build_circles(const struct analysis_scan *scan, const double *share,
                                            struct scan_zones *zones)
{
    enum { SLICE = 256 }; // centres between two looks at the limit
    struct scan_chain slot[SLICE];
    zones->chain = memory_allocate(scan->place_count * sizeof *zones->chain);
    if (zones->chain == NULL)
        return ANALYSIS_SCAN_MEMORY;
    for (size_t first = 0; first < scan->place_count; first += SLICE) {
        size_t left = scan->place_count - first, count = left < SLICE ? left : SLICE;
        bool is_built = build_slice(scan, share, first, count, slot);
        for (size_t i = 0; i < count; i++)
            scan_add_chain(zones, slot[i].place, slot[i].length, slot[i].center);
        if (!is_built)
            return ANALYSIS_SCAN_MEMORY;
        if (zones->length > LIMIT_SCAN_PLACES)
            return ANALYSIS_SCAN_LARGE;
    }
    return ANALYSIS_SCAN_DONE;
}
