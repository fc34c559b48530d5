// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_kernel.c: sums counts along a chain of zones, 64 bytes of lanes at once.
//
// Compiled once a level of the machine (wide.h). A lane is a window of a replicate. The chain is
// walked step by step; inside a step rows are added and nothing is compared. At its end the sums,
// which are the largest of the step, are held against bounds that no zone of the step can exceed
// without its score exceeding the level sought (scan_search.c). So nearly all zones cost an
// addition and no comparison. Integers only: every level gives the same numbers.
//
// Lanes are uint16_t where no replicate can have more cases than that holds, else uint32_t: half
// the bytes are twice the speed, since the second cache is the limit. Up to four vectors stay in
// registers; a longer row is walked again for each further four.
#include "analysis/scan.h"
#include "analysis/wide_kernels.h"

enum { VECTORS_MOST = 4, VECTOR_SIZE = 64 };
typedef uint16_t narrow_lanes __attribute__((vector_size(64)));
typedef uint32_t broad_lanes __attribute__((vector_size(64)));

#ifdef __AVX512BW__
#define IS_ANY_ABOVE_NARROW(a, b) (_mm512_cmpgt_epu16_mask((__m512i)(a), (__m512i)(b)) != 0)
#define IS_ANY_ABOVE_BROAD(a, b) (_mm512_cmpgt_epu32_mask((__m512i)(a), (__m512i)(b)) != 0)
#else
WIDE_INLINE bool is_any_set(wide_mask mask)
{
    return (mask[0] | mask[1] | mask[2] | mask[3] | mask[4] | mask[5] | mask[6] | mask[7]) != 0;
}
#define IS_ANY_ABOVE_NARROW(a, b) is_any_set((wide_mask)((a) > (b)))
#define IS_ANY_ABOVE_BROAD(a, b) is_any_set((wide_mask)((a) > (b)))
#endif

// `vectors` is a constant to each caller, which unrolls the loops over it. `offset` is in bytes.
#define DEFINE_WALK(name, lanes, IS_ANY_ABOVE)                                                     \
    WIDE_INLINE void name(const struct scan_walk *walk, size_t offset, const size_t vectors)       \
    {                                                                                              \
        lanes sum[VECTORS_MOST] = {{0}};                                                           \
        const char *count = (const char *)walk->count + offset;                                    \
        size_t at = 0, stride = walk->row_size;                                                    \
        for (size_t step = 0; step < walk->step_count; step++) {                                   \
            for (size_t end = walk->until[step]; at < end; at++) {                                 \
                const char *row = count + (walk->place[at] & ~SCAN_CUT) * stride;                  \
                for (size_t v = 0; v < vectors; v++)                                               \
                    sum[v] += *(const lanes *)(row + v * VECTOR_SIZE);                             \
            }                                                                                      \
            bool is_hit = false;                                                                   \
            for (size_t v = 0; v < vectors; v++) {                                                 \
                size_t lane = step * stride + offset + v * VECTOR_SIZE;                            \
                *(lanes *)((char *)walk->sum + lane) = sum[v];                                     \
                is_hit |=                                                                          \
                    IS_ANY_ABOVE(sum[v], *(const lanes *)((const char *)walk->least + lane));      \
            }                                                                                      \
            walk->is_hit[step] |= is_hit;                                                          \
        }                                                                                          \
    }
DEFINE_WALK(walk_narrow, narrow_lanes, IS_ANY_ABOVE_NARROW)
DEFINE_WALK(walk_broad, broad_lanes, IS_ANY_ABOVE_BROAD)

#define WALK_ALL(walk)                                                                             \
    do {                                                                                           \
        for (; vectors >= VECTORS_MOST; vectors -= VECTORS_MOST) {                                 \
            walk(at, offset, VECTORS_MOST);                                                        \
            offset += VECTORS_MOST * VECTOR_SIZE;                                                  \
        }                                                                                          \
        if (vectors == 3)                                                                          \
            walk(at, offset, 3);                                                                   \
        if (vectors == 2)                                                                          \
            walk(at, offset, 2);                                                                   \
        if (vectors == 1)                                                                          \
            walk(at, offset, 1);                                                                   \
    } while (0)

void WIDE_NAME(scan_walk_chain)(const struct scan_walk *at)
{
    size_t vectors = at->row_size / VECTOR_SIZE, offset = 0;
    if (at->is_narrow)
        WALK_ALL(walk_narrow);
    else
        WALK_ALL(walk_broad);
}
