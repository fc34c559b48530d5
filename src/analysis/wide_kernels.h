// SPDX-License-Identifier: LGPL-3.0-or-later
//
// wide_kernels.h: the functions that compute in wides, one set a level of the machine.
//
//     level   compiled for            machines
//     base    what the build asks     every one
//     v3      x86-64-v3 (AVX2)        about 2013 on
//     v4      x86-64-v4 (AVX-512)     servers from about 2017 on
//
// All sets give the same bits; the choice is speed alone.
#ifndef LEVEE_ANALYSIS_WIDE_KERNELS_H
#define LEVEE_ANALYSIS_WIDE_KERNELS_H

#include "analysis/cusum.h"
#include "analysis/ears.h"
#include "analysis/ewma.h"
#include "analysis/fused.h"
#include "analysis/glr.h"
#include "analysis/grouped_fit.h"
#include "analysis/harmonic.h"
#include "analysis/scan.h"
#include "analysis/wide.h"
#include "analysis/window.h"

// The signature of each kernel, once.
#define KERNEL_EARS_JUDGE_CHUNK(name)                                                              \
    void name(enum ears_chart chart, const struct ears_plan *plan, const double *x, size_t count,  \
              const struct ears_sink *sink)
#define KERNEL_FIT_BEGIN(name)                                                                     \
    void name(struct grouped_fit *fit, const struct season_baseline *baseline,                     \
              const struct grouped_series *series, size_t k)
#define KERNEL_FIT_RUN(name)                                                                       \
    void name(struct grouped_fit *fit, const struct season_baseline *baseline,                     \
              const struct grouped_series *series, size_t k, bool is_trended,                      \
              const int64_t *is_wanted)
#define KERNEL_FIT_WEIGH(name)                                                                     \
    void name(struct grouped_fit *fit, const struct season_baseline *baseline,                     \
              const struct grouped_series *series, size_t k, double threshold, bool is_trended,    \
              int64_t *ret_is_changed)
#define KERNEL_RKI_JUDGE_CHUNK(name)                                                               \
    void name(const struct window_rows *rows, const double *x, size_t count,                       \
              const struct window_sink *sink)
#define KERNEL_WINDOW_SUM_CHUNK(name)                                                              \
    void name(const struct window_rows *rows, const double *x, size_t count, double *sum,          \
              double *known)
#define KERNEL_CUSUM_RUN(name)                                                                     \
    void name(const struct cusum_plan *plan, struct cusum_lanes *lanes,                            \
              const double *const *value, size_t count, const struct chart_sink *sink)
#define KERNEL_EWMA_RUN(name)                                                                      \
    void name(const struct ewma_plan *plan, struct ewma_lanes *lanes, const double *const *value,  \
              size_t count, const struct chart_sink *sink)
#define KERNEL_GLR_SLOPES(name)                                                                    \
    struct glr_slopes name(const double *x, const double *mu, size_t count, double alpha,          \
                           double rise)
#define KERNEL_GLR_GAIN(name)                                                                      \
    double name(const double *x, const double *mu, size_t count, double alpha, double kappa,       \
                double rise)
#define KERNEL_HARMONIC_PASS(name)                                                                 \
    double name(const struct harmonic_rows *at, const double *beta, const double *start,           \
                double *cross)
#define KERNEL_SCAN_WALK_CHAIN(name) void name(struct scan_walk *at)
#define KERNEL_FUSED_JUDGE_POINT(name) void name(struct fused_block *block, size_t k)

struct wide_kernels {
    const char *level;
    // Judges `count` <= EARS_CHUNK points from x on; the windows lie before x, and WIDE more values
    // behind the last point may be read.
    KERNEL_EARS_JUDGE_CHUNK((*ears_judge_chunk));
    // Sets the prior weight of every known row to 1 and of every other to 0; counts and compares
    // them.
    KERNEL_FIT_BEGIN((*fit_begin));
    // Fits from the start y + 0.1 the lanes whose is_wanted is not 0; what the fit says of other
    // lanes is void.
    KERNEL_FIT_RUN((*fit_run));
    // Sets the prior weights from the Anscombe residuals of the fit just made. Tells for each lane
    // whether any weight changed.
    KERNEL_FIT_WEIGH((*fit_weigh));
    // Judges `count` points from x on by RKI; the rows lie before x.
    KERNEL_RKI_JUDGE_CHUNK((*rki_judge_chunk));
    // The sum of the rows of each of `count` points, and how many of them are known.
    KERNEL_WINDOW_SUM_CHUNK((*window_sum_chunk));
    // Steps eight charts over `count` periods; value[i] is series i's first.
    KERNEL_CUSUM_RUN((*cusum_run));
    KERNEL_EWMA_RUN((*ewma_run));
    // Slopes of a negative binomial segment's likelihood ratio at kappa = ln rise, and its value.
    KERNEL_GLR_SLOPES((*glr_slopes));
    KERNEL_GLR_GAIN((*glr_gain));
    // The deviance at the coefficients `beta` (NULL: at the linear predictors `start`, or at the
    // counts), and the normal equations of the next step.
    KERNEL_HARMONIC_PASS((*harmonic_pass));
    // Sums the rows of a chain step by step and notes where a sum is above its bound.
    KERNEL_SCAN_WALK_CHAIN((*scan_walk_chain));
    // Judges point k of the block's eight series: fills what the block calls out and carries on.
    KERNEL_FUSED_JUDGE_POINT((*fused_judge_point));
};

// The set for this machine.
const struct wide_kernels *wide_kernels_find(void);
// All sets that this machine can run, best first; *ret_count of them. For tests.
const struct wide_kernels *wide_kernels_all(size_t *ret_count);

#define WIDE_DECLARE(level)                                                                        \
    KERNEL_EARS_JUDGE_CHUNK(ears_judge_chunk_##level);                                             \
    KERNEL_FIT_BEGIN(grouped_fit_begin_##level);                                                   \
    KERNEL_FIT_RUN(grouped_fit_run_##level);                                                       \
    KERNEL_FIT_WEIGH(grouped_fit_weigh_##level);                                                   \
    KERNEL_RKI_JUDGE_CHUNK(rki_judge_chunk_##level);                                               \
    KERNEL_WINDOW_SUM_CHUNK(window_sum_chunk_##level);                                             \
    KERNEL_CUSUM_RUN(cusum_run_##level);                                                           \
    KERNEL_EWMA_RUN(ewma_run_##level);                                                             \
    KERNEL_GLR_SLOPES(glr_slopes_##level);                                                         \
    KERNEL_GLR_GAIN(glr_gain_##level);                                                             \
    KERNEL_HARMONIC_PASS(harmonic_pass_##level);                                                   \
    KERNEL_SCAN_WALK_CHAIN(scan_walk_chain_##level);                                               \
    KERNEL_FUSED_JUDGE_POINT(fused_judge_point_##level)
WIDE_DECLARE(base);
WIDE_DECLARE(v3);
WIDE_DECLARE(v4);

#endif
