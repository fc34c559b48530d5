// SPDX-License-Identifier: LGPL-3.0-or-later
//
// wide_sink.h: how kernels write eight results: values, words, and only some of the eight at an
// end.
//
// Of the folder only, for files that are compiled once a level of the machine (wide.h). Callers
// with eight results say so by a constant, which makes a write one store.
#ifndef LEVEE_ANALYSIS_WIDE_SINK_H
#define LEVEE_ANALYSIS_WIDE_SINK_H

#include "analysis/analysis.h"
#include "analysis/wide.h"

// The first `count` of eight values from `from` on; the others are 0. Nothing behind them is read.
WIDE_INLINE wide wide_load_some(const double *from, size_t count)
{
    wide a = {0};
    memcpy(&a, from, count * sizeof(double));
    return a;
}

// Writes the first `count` of eight values. Nowhere if `to` is NULL.
WIDE_INLINE void wide_put(double *to, size_t at, wide value, size_t count)
{
    if (to != NULL)
        memcpy(to + at, &value, count * sizeof(double));
}

WIDE_INLINE void wide_put_words(uint16_t *to, size_t at, wide_mask word, size_t count)
{
    wide_word words = __builtin_convertvector(word, wide_word);
    memcpy(to + at, &words, count * sizeof(uint16_t));
}

// Eight words: `bits` where the lane's bit of `pack` (wide_pack) is set, else 0.
WIDE_INLINE wide_word wide_word_where(unsigned pack, uint16_t bits)
{
#ifdef __AVX512DQ__
    return (wide_word)_mm_maskz_set1_epi16((__mmask8)pack, (short)bits);
#else
    const wide_word bit = {1, 2, 4, 8, 16, 32, 64, 128}, none = {0};
    return (wide_word)(((none + (uint8_t)pack) & bit) == bit) & (none + bits);
#endif
}

// All ones where a lane is neither infinite nor NaN.
WIDE_INLINE wide_mask wide_finite(wide a)
{
    return a - a == wide_from(0);
}

// The value where the mask holds, else 0.
WIDE_INLINE wide wide_where(wide_mask mask, wide a)
{
    return (wide)(mask & (wide_mask)a);
}

// `bits` where the mask holds, else 0.
WIDE_INLINE wide_mask wide_bits(wide_mask mask, int64_t bits)
{
    const wide_mask none = {0};
    return mask & (none + bits);
}

#endif
