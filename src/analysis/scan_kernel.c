// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_kernel.c: sums counts along a chain of zones, a vector of lanes at once.
//
// Compiled once a level of the machine (wide.h). A lane is a window of a replicate. The chain is
// walked step by step; inside a step rows are added and nothing is compared. At its end the sums,
// which are the largest of the step, are held against bounds that no zone of the step can exceed
// without its score exceeding the level sought (scan_search.c). So nearly all zones cost an
// addition and no comparison. Integers only: every level gives the same numbers.
//
// Counts are bytes where they fit: a byte is a quarter of what a uint32_t costs, since the second
// cache is the limit. A step's bytes are added up with saturation and then go into two sums of
// uint16_t, even lanes and odd ones apart:
//
//     step    255 at most in each lane     b0 b1 b2 b3 ...       a 255 at a step's end: is_full
//     even    sum & 0xFF                   b0    b2
//     odd     sum >> 8                     b1    b3
//
// The bounds are those of sixteen lanes, the same for all replicates of a row (scan_steps.h).
#include "analysis/scan.h"
#include "analysis/wide_kernels.h"

#if defined(__AVX512BW__)
#define VECTOR_SIZE 64
enum { VECTORS_MOST = 4 };
#elif defined(__AVX2__)
#define VECTOR_SIZE 32
enum { VECTORS_MOST = 2 };
#else
#define VECTOR_SIZE 16
enum { VECTORS_MOST = 2 };
#endif
#ifdef __SSE2__
#include <immintrin.h>
#endif
typedef uint8_t byte_lanes __attribute__((vector_size(VECTOR_SIZE)));
typedef uint16_t narrow_lanes __attribute__((vector_size(VECTOR_SIZE)));
typedef uint32_t broad_lanes __attribute__((vector_size(VECTOR_SIZE)));

WIDE_INLINE byte_lanes add_saturated(byte_lanes a, byte_lanes b)
{
#if defined(__AVX512BW__)
    return (byte_lanes)_mm512_adds_epu8((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (byte_lanes)_mm256_adds_epu8((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (byte_lanes)_mm_adds_epu8((__m128i)a, (__m128i)b);
#else
    byte_lanes sum = a + b;
    return sum | (byte_lanes)(sum < a);
#endif
}

WIDE_INLINE byte_lanes larger_of(byte_lanes a, byte_lanes b)
{
#if defined(__AVX512BW__)
    return (byte_lanes)_mm512_max_epu8((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (byte_lanes)_mm256_max_epu8((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (byte_lanes)_mm_max_epu8((__m128i)a, (__m128i)b);
#else
    byte_lanes is_larger = (byte_lanes)(a > b);
    return (a & is_larger) | (b & ~is_larger);
#endif
}

// The part of a bound row, which repeats every `period` bytes (16, 32 or 64, a constant), that
// belongs to the vector at `offset` of a row.
WIDE_INLINE narrow_lanes load_bound(const void *row, size_t offset, const size_t period)
{
    narrow_lanes bound;
    const char *from = (const char *)row + offset % period;
    if (period >= VECTOR_SIZE) {
        memcpy(&bound, from, sizeof bound);
        return bound;
    }
#if defined(__AVX512BW__)
    if (period == 16)
        return (narrow_lanes)_mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)row));
    return (narrow_lanes)_mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)row));
#elif defined(__AVX2__)
    return (narrow_lanes)_mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)row));
#else
    return (narrow_lanes){0}; // no vector is shorter than a bound
#endif
}

#ifdef __AVX512BW__
// Masks stay 32 bits wide here: gcc 12 spills one that is widened as four bytes and reads eight.
#define ABOVE_NARROW(a, b) _mm512_cmpgt_epu16_mask((__m512i)(a), (__m512i)(b))
#define ABOVE_BROAD(a, b) _mm512_cmpgt_epu32_mask((__m512i)(a), (__m512i)(b))
#else
typedef uint64_t words __attribute__((vector_size(VECTOR_SIZE)));
WIDE_INLINE bool is_any_set(words signs)
{
    uint64_t all = 0;
    for (int i = 0; i < (int)(VECTOR_SIZE / sizeof(uint64_t)); i++)
        all |= signs[i];
    return all != 0;
}
// A bit a lane in which a is above b.
#define DEFINE_ABOVE(name, lanes, lane)                                                            \
    WIDE_INLINE uint32_t name(lanes a, lanes b)                                                    \
    {                                                                                              \
        lanes signs = (lanes)(a > b);                                                              \
        uint32_t above = 0;                                                                        \
        if (!is_any_set((words)signs))                                                             \
            return 0;                                                                              \
        for (int i = 0; i < (int)(VECTOR_SIZE / sizeof(lane)); i++)                                \
            above |= (uint32_t)(signs[i] & 1) << i;                                                \
        return above;                                                                              \
    }
DEFINE_ABOVE(ABOVE_NARROW, narrow_lanes, uint16_t)
DEFINE_ABOVE(ABOVE_BROAD, broad_lanes, uint32_t)
#endif

WIDE_INLINE struct scan_hit *note_hit(struct scan_walk *walk, size_t step, size_t offset,
                                      uint32_t even, uint32_t odd)
{
    struct scan_hit *hit = &walk->hit[walk->hit_count++];
    hit->step = (uint32_t)step;
    hit->offset = (uint32_t)offset;
    hit->even = even;
    hit->odd = odd;
    return hit;
}

// `vectors` is a constant to each caller, which unrolls the loops over it. `offset` is in bytes.
WIDE_INLINE void walk_bytes(struct scan_walk *walk, size_t offset, const size_t vectors)
{
    narrow_lanes even[VECTORS_MOST] = {{0}}, odd[VECTORS_MOST] = {{0}};
    byte_lanes most[VECTORS_MOST] = {{0}};
    const char *count = (const char *)walk->count + offset;
    size_t at = 0, stride = walk->row_size;
    for (size_t step = 0; step < walk->step_count; step++) {
        byte_lanes sum[VECTORS_MOST] = {{0}};
        for (size_t end = walk->until[step]; at < end; at++) {
            const char *row = count + (walk->place[at] & ~SCAN_CUT) * stride;
            for (size_t v = 0; v < vectors; v++)
                sum[v] = add_saturated(sum[v], *(const byte_lanes *)(row + v * VECTOR_SIZE));
        }
        const char *least = (const char *)walk->least + step * SCAN_WINDOWS * sizeof(uint16_t);
        narrow_lanes least_even = load_bound(least, 0, 16);
        narrow_lanes least_odd = load_bound(least + 16, 0, 16);
        for (size_t v = 0; v < vectors; v++) {
            most[v] = larger_of(sum[v], most[v]);
            even[v] += (narrow_lanes)sum[v] & 0xFF;
            odd[v] += (narrow_lanes)sum[v] >> 8;
            uint32_t above_even = ABOVE_NARROW(even[v], least_even);
            uint32_t above_odd = ABOVE_NARROW(odd[v], least_odd);
            if ((above_even | above_odd) == 0)
                continue;
            size_t own = offset + v * VECTOR_SIZE;
            struct scan_hit *hit = note_hit(walk, step, own, above_even, above_odd);
            narrow_lanes before = even[v] - ((narrow_lanes)sum[v] & 0xFF);
            memcpy(hit->before, &before, sizeof before);
            before = odd[v] - ((narrow_lanes)sum[v] >> 8);
            memcpy(hit->before + 64, &before, sizeof before);
        }
    }
    for (size_t v = 0; v < vectors; v++)
        for (size_t i = 0; i < VECTOR_SIZE; i++)
            walk->is_full |= most[v][i] == UINT8_MAX;
}

#define DEFINE_WALK(name, lanes, lane, ABOVE)                                                      \
    WIDE_INLINE void name(struct scan_walk *walk, size_t offset, const size_t vectors)             \
    {                                                                                              \
        lanes sum[VECTORS_MOST] = {{0}};                                                           \
        const char *count = (const char *)walk->count + offset;                                    \
        const size_t period = SCAN_WINDOWS * sizeof(lane);                                         \
        size_t at = 0, stride = walk->row_size;                                                    \
        for (size_t step = 0; step < walk->step_count; step++) {                                   \
            lanes before[VECTORS_MOST];                                                            \
            for (size_t v = 0; v < vectors; v++)                                                   \
                before[v] = sum[v];                                                                \
            for (size_t end = walk->until[step]; at < end; at++) {                                 \
                const char *row = count + (walk->place[at] & ~SCAN_CUT) * stride;                  \
                for (size_t v = 0; v < vectors; v++)                                               \
                    sum[v] += *(const lanes *)(row + v * VECTOR_SIZE);                             \
            }                                                                                      \
            const char *least = (const char *)walk->least + step * period;                         \
            for (size_t v = 0; v < vectors; v++) {                                                 \
                size_t own = offset + v * VECTOR_SIZE;                                             \
                uint32_t above = ABOVE(sum[v], (lanes)load_bound(least, own, period));             \
                if (above != 0)                                                                    \
                    memcpy(note_hit(walk, step, own, above, 0)->before, &before[v], VECTOR_SIZE);  \
            }                                                                                      \
        }                                                                                          \
    }
DEFINE_WALK(walk_narrow, narrow_lanes, uint16_t, ABOVE_NARROW)
DEFINE_WALK(walk_broad, broad_lanes, uint32_t, ABOVE_BROAD)

#define WALK_ALL(walk)                                                                             \
    do {                                                                                           \
        for (; vectors >= VECTORS_MOST; vectors -= VECTORS_MOST) {                                 \
            walk(at, offset, VECTORS_MOST);                                                        \
            offset += VECTORS_MOST * VECTOR_SIZE;                                                  \
        }                                                                                          \
        if (vectors == 3)                                                                          \
            walk(at, offset, VECTORS_MOST < 3 ? 1 : 3);                                            \
        if (vectors == 2)                                                                          \
            walk(at, offset, 2);                                                                   \
        if (vectors == 1)                                                                          \
            walk(at, offset, 1);                                                                   \
    } while (0)

void WIDE_NAME(scan_walk_chain)(struct scan_walk *at)
{
    size_t vectors = at->row_size / VECTOR_SIZE, offset = 0;
    at->hit_count = 0;
    at->is_full = false;
    if (at->lanes == SCAN_BYTES)
        WALK_ALL(walk_bytes);
    else if (at->lanes == SCAN_NARROW)
        WALK_ALL(walk_narrow);
    else
        WALK_ALL(walk_broad);
}
