// SPDX-License-Identifier: LGPL-3.0-or-later
//
// wide.h: eight doubles at once, in the compiler's vector extension.
//
// Owns the vector types of this folder and the few operations that C has no sign for. A wide is one
// AVX-512 register, two AVX2 or four SSE2 registers. Files that compute in wides (*_kernel.c) are
// compiled once for each level of the machine, with names of their own (WIDE_NAME), and
// wide_kernels.c takes the set that runs best here. (A target_clones attribute would not do: the
// compiler splits vectors into scalars before it makes the clones.)
//
// All levels give the same bits: no contraction (-ffp-contract=off), no reordering, and a wide's
// lanes never meet.
//
// A comparison gives a wide_mask, all ones where it holds; wide_select takes the one or the other
// value by it. Helpers are inlined always: a wide is never passed between functions.
#ifndef LEVEE_ANALYSIS_WIDE_H
#define LEVEE_ANALYSIS_WIDE_H

#include <stdint.h>
#include <string.h>
#ifdef __AVX512DQ__
#include <immintrin.h>
#endif

enum { WIDE = 8, WIDE_ALL = 0xFF }; // lanes; and one bit for each
typedef double wide __attribute__((vector_size(64)));
typedef int64_t wide_mask __attribute__((vector_size(64)));
typedef uint64_t wide_count __attribute__((vector_size(64)));
typedef uint16_t wide_word __attribute__((vector_size(16)));

#define WIDE_INLINE static inline __attribute__((always_inline))
// The name of a function at the level for which this file is being compiled.
#define WIDE_PASTE(name, level) name##_##level
#define WIDE_PASTE_VALUE(name, level) WIDE_PASTE(name, level)
#define WIDE_NAME(name) WIDE_PASTE_VALUE(name, WIDE_LEVEL)

WIDE_INLINE wide wide_load(const double *from)
{
    wide a;
    memcpy(&a, from, sizeof a);
    return a;
}

WIDE_INLINE void wide_store(double *to, wide a)
{
    memcpy(to, &a, sizeof a);
}

WIDE_INLINE wide wide_from(double a)
{
    return (wide){a, a, a, a, a, a, a, a};
}

WIDE_INLINE wide wide_sqrt(wide a)
{
    for (int lane = 0; lane < WIDE; lane++)
        a[lane] = __builtin_sqrt(a[lane]);
    return a;
}

WIDE_INLINE wide wide_select(wide_mask mask, wide a, wide b)
{
    return (wide)((mask & (wide_mask)a) | (~mask & (wide_mask)b));
}

// a, or `least` where a is less; NaN stays NaN.
WIDE_INLINE wide wide_at_least(wide a, wide least)
{
#ifdef __AVX512DQ__
    return (wide)_mm512_max_pd((__m512d)least, (__m512d)a);
#else
    return wide_select(a < least, least, a);
#endif
}

// True when no lane is infinite or NaN.
WIDE_INLINE int wide_is_finite(wide a)
{
#ifdef __AVX512DQ__
    return _mm512_fpclass_pd_mask((__m512d)a, 0x99) == 0;
#else
    wide_mask is_finite = a - a == wide_from(0);
    int64_t all = -1;
    for (int lane = 0; lane < WIDE; lane++)
        all &= is_finite[lane];
    return all != 0;
#endif
}

// The eight values from the place `at` + `step` on (0..8, a constant): `first` are those from `at`
// on, `next` the eight behind. From registers where one instruction does it: a load that crosses a
// cache line waits for both, eight times a line, and that is most of the time when values come
// from memory.
#ifdef __AVX512DQ__
#define WIDE_STEP(at, first, next, step)                                                           \
    ((void)(at), (wide)_mm512_alignr_epi64((__m512i)(next), (__m512i)(first), (step)))
#else
#define WIDE_STEP(at, first, next, step) ((void)(first), (void)(next), wide_load((at) + (step)))
#endif

// exp by Cody and Waite: x = n ln 2 + r, |r| <= ln 2 / 2, exp(r) by its Taylor polynomial of degree
// 13 (error below 5e-18), n into the exponent. About 1 ulp. x is held in -700..700.
WIDE_INLINE wide wide_exp(wide x)
{
    const wide shift = wide_from(0x1.8p52), high = wide_from(6.93147180369123816490e-01);
    const wide low = wide_from(1.90821492927058770002e-10);
    x = wide_select(x > wide_from(-700), x, wide_from(-700));
    x = wide_select(x < wide_from(700), x, wide_from(700));
    wide moved = x * wide_from(1.44269504088896338700) + shift;
    wide n = moved - shift;
    wide r = (x - n * high) - n * low, square = r * r, fourth = square * square;
    wide p01 = r + 1, p23 = r * (1.0 / 6) + 0.5;
    wide p45 = r * (1.0 / 120) + 1.0 / 24, p67 = r * (1.0 / 5040) + 1.0 / 720;
    wide p89 = r * (1.0 / 362880) + 1.0 / 40320;
    wide p1011 = r * (1.0 / 39916800) + 1.0 / 3628800;
    wide p1213 = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;
    wide low_half = p01 + square * p23 + fourth * (p45 + square * p67);
    wide high_half = p89 + square * p1011 + fourth * p1213;
    wide result = low_half + fourth * fourth * high_half;
    return (wide)((wide_mask)result + ((wide_mask)moved << 52));
}

// ln of a positive, finite, normal x: x = 2^n m, m in sqrt(1/2)..sqrt(2), ln m = 2 artanh s with
// s = (m-1)/(m+1), |s| < 0.1716, by its series up to s^23 (error below 1e-18). About 1 ulp, ln 1 =
// 0.
WIDE_INLINE wide wide_log(wide x)
{
    const wide_mask none = {0}, exponent = none + 0x7FF, fraction = none + 0xFFFFFFFFFFFFFll;
    wide_mask bits = (wide_mask)x, power = ((bits >> 52) & exponent) - 1023;
    wide m = (wide)((bits & fraction) | (none + 0x3FF0000000000000ll));
    wide_mask is_large = m > wide_from(1.4142135623730951);
    m = wide_select(is_large, m * wide_from(0.5), m);
    power -= is_large;
    wide n = __builtin_convertvector(power, wide), s = (m - 1) / (m + 1), square = s * s;
    wide series = square * (1.0 / 23) + 1.0 / 21;
    series = series * square + 1.0 / 19;
    series = series * square + 1.0 / 17;
    series = series * square + 1.0 / 15;
    series = series * square + 1.0 / 13;
    series = series * square + 1.0 / 11;
    series = series * square + 1.0 / 9;
    series = series * square + 1.0 / 7;
    series = series * square + 1.0 / 5;
    series = series * square + 1.0 / 3;
    wide twice = s + s, low = n * wide_from(1.90821492927058770002e-10);
    return n * wide_from(6.93147180369123816490e-01) + (twice + (twice * square * series + low));
}

// One bit a lane, set where the mask's number is negative: where it holds.
WIDE_INLINE unsigned wide_pack(wide_mask mask)
{
#ifdef __AVX512DQ__
    return _mm512_movepi64_mask((__m512i)mask);
#else
    unsigned bits = 0;
    for (int lane = 0; lane < WIDE; lane++)
        bits |= (unsigned)((uint64_t)mask[lane] >> 63) << lane;
    return bits;
#endif
}

// The same of a >= b, and of a > b.
WIDE_INLINE unsigned wide_pack_reached(wide a, wide b)
{
#ifdef __AVX512DQ__
    return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GE_OQ);
#else
    return wide_pack(a >= b);
#endif
}

WIDE_INLINE unsigned wide_pack_above(wide a, wide b)
{
#ifdef __AVX512DQ__
    return _mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_GT_OQ);
#else
    return wide_pack(a > b);
#endif
}

WIDE_INLINE int wide_any(wide_mask mask)
{
#ifdef __AVX512DQ__
    return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#else
    int64_t any = 0;
    for (int lane = 0; lane < WIDE; lane++)
        any |= mask[lane];
    return any != 0;
#endif
}

// The entries of a table of WIDE_TABLE numbers, each place a number of 0 or more and less than
// that, of which the whole part counts.
enum { WIDE_TABLE = 24 };
WIDE_INLINE wide wide_look_up(const double *table, wide place)
{
#ifdef __AVX512DQ__
    __m512i at = _mm512_cvttpd_epi64((__m512d)place);
    __m512d low = _mm512_permutex2var_pd(_mm512_loadu_pd(table), at, _mm512_loadu_pd(table + 8));
    __m512d high = _mm512_permutexvar_pd(at, _mm512_loadu_pd(table + 16));
    __mmask8 is_high = _mm512_cmp_pd_mask((__m512d)place, _mm512_set1_pd(16), _CMP_GE_OQ);
    return (wide)_mm512_mask_blend_pd(is_high, low, high);
#else
    wide entry = {0};
    for (int lane = 0; lane < WIDE; lane++)
        entry[lane] = table[(int)place[lane]];
    return entry;
#endif
}

// True when a look-up costs less than a root.
#ifdef __AVX512DQ__
#define WIDE_LOOKS_UP_FAST true
#else
#define WIDE_LOOKS_UP_FAST false
#endif

#endif
