// SPDX-License-Identifier: LGPL-3.0-or-later
//
// wide.h: eight doubles at once, in the compiler's vector extension.
//
// Owns the two vector types of this folder and the few operations that C has no sign for. A wide is
// one AVX-512 register, two AVX2 or four SSE2 registers, as the function's clone allows: functions
// that compute in wides carry WIDE_CLONES, and the loader takes the form that the machine can run.
// All clones give the same bits: no contraction (-ffp-contract=off), no reordering, and a wide's
// lanes never meet.
//
// A comparison gives a wide_mask, all ones where it holds; wide_select takes
// the one or the other value by it. Helpers are inlined always, because a wide must not pass
// between functions whose clones hold it in different registers.
#ifndef LEVEE_ANALYSIS_WIDE_H
#define LEVEE_ANALYSIS_WIDE_H

#include <stdint.h>
#include <string.h>

enum { WIDE = 8 };
typedef double wide __attribute__((vector_size(64)));
typedef int64_t wide_mask __attribute__((vector_size(64)));
typedef uint16_t wide_word __attribute__((vector_size(16)));

#define WIDE_INLINE static inline __attribute__((always_inline))
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE_CLONES
#endif

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

WIDE_INLINE int wide_any(wide_mask mask)
{
    int64_t any = 0;
    for (int lane = 0; lane < WIDE; lane++)
        any |= mask[lane];
    return any != 0;
}

#endif
