// SPDX-License-Identifier: LGPL-3.0-or-later
//
// wide_kernels.c: which set of kernels this machine runs.
//
// The processor is asked each time, which costs a load and a test; nothing is remembered, so that
// there is no state to share between threads.
#include "analysis/wide_kernels.h"

#define KERNELS(level)                                                                             \
    {                                                                                              \
#level, ears_judge_chunk_##level, grouped_fit_begin_##level, grouped_fit_run_##level,      \
            grouped_fit_weigh_##level, rki_judge_chunk_##level, window_sum_chunk_##level,          \
            cusum_run_##level, ewma_run_##level, glr_slopes_##level, glr_gain_##level,             \
            harmonic_pass_##level, scan_walk_chain_##level, fused_judge_point_##level              \
    }

static const struct wide_kernels kernels[] = {
#ifdef WIDE_LEVELS_X86
    KERNELS(v4),
    KERNELS(v3),
#endif
    KERNELS(base),
};
enum { KERNELS_COUNT = sizeof kernels / sizeof kernels[0] };

static size_t first_usable(void)
{
#ifdef WIDE_LEVELS_X86
    if (__builtin_cpu_supports("x86-64-v4"))
        return 0;
    if (__builtin_cpu_supports("x86-64-v3"))
        return 1;
#endif
    return KERNELS_COUNT - 1;
}

const struct wide_kernels *wide_kernels_find(void)
{
    return &kernels[first_usable()];
}

const struct wide_kernels *wide_kernels_all(size_t *ret_count)
{
    size_t first = first_usable();
    *ret_count = KERNELS_COUNT - first;
    return &kernels[first];
}
