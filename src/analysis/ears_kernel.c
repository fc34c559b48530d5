// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ears_kernel.c: EARS for eight neighbouring points of a series at once.
//
// Compiled once a level of the machine (wide.h). The formulas stand in ears.c.
//
// Idea. There is no season and no state: a point depends on its window alone. So a wide holds eight
// neighbouring points of one series, and the windows' sums are B loads, each one point further on:
//
//     sum of 8 windows  =  x[t-B .. t-B+7] + x[t-B+1 .. t-B+8] + ... + x[t-1 .. t+6]
//
// One round over them gives sum and squares, of differences d to the window's first value x0:
//
//     mean = x0 + D/B,   SS = sum d^2 - D^2/B,   D = sum d
//
// That difference is safe, as one of two large sums would not be: x0 is in the window, so its own
// term bounds SS >= (x0 - mean)^2 = (D/B)^2, and sum d^2 = SS + D^2/B <= (B+1) SS: at most a factor
// B+1 of rounding is lost, whatever the values. And a constant window, of any value, has d = 0: its
// mean is exactly that value and its spread exactly zero, where alarms hang on strict equality.
#include <math.h>
#include <stdbool.h>

#include "analysis/ears.h"
#include "analysis/wide_kernels.h"
#include "analysis/wide_sink.h"

// What is the same for every point, spread over a wide once.
struct ears_wides {
    wide share, freedom, least, z; // 1/B, 1/(B-1), min_sigma, z
};

struct ears_moments {
    wide mean;
    wide sigma; // never below min_sigma; NaN where the window has a gap
};

WIDE_INLINE struct ears_wides spread_plan(const struct ears_plan *plan)
{
    return (struct ears_wides){wide_from(1 / (double)plan->baseline),
                               wide_from(1 / (double)(plan->baseline - 1)),
                               wide_from(plan->min_sigma), wide_from(plan->z)};
}

// Closes the moments: `sum` and `squares` are of differences to `origin`.
WIDE_INLINE struct ears_moments close_moments(const struct ears_wides *wides, wide origin, wide sum,
                                              wide squares)
{
    wide shift = sum * wides->share, mean = origin + shift;
    squares -= shift * sum;
    return (struct ears_moments){mean,
                                 wide_at_least(wide_sqrt(squares * wides->freedom), wides->least)};
}

// Moments of the windows of eight neighbouring points; `x` is the first of the eight.
WIDE_INLINE struct ears_moments measure(const struct ears_plan *plan,
                                        const struct ears_wides *wides, const double *x)
{
    const double *from = x - plan->baseline - plan->lag;
    wide origin = wide_load(from), step = wide_load(from + 1) - origin;
    wide sum = step, squares = step * step;
    for (size_t j = 2; j < plan->baseline; j++) {
        step = wide_load(from + j) - origin;
        sum += step;
        squares += step * step;
    }
    return close_moments(wides, origin, sum, squares);
}

// The same for C1's usual window of seven, whose values from `from` on are first and next.
WIDE_INLINE struct ears_moments measure_usual(const struct ears_wides *wides, const double *from,
                                              wide first, wide next)
{
    wide step[EARS_USUAL] = {
        first,
        WIDE_STEP(from, first, next, 1),
        WIDE_STEP(from, first, next, 2),
        WIDE_STEP(from, first, next, 3),
        WIDE_STEP(from, first, next, 4),
        WIDE_STEP(from, first, next, 5),
        WIDE_STEP(from, first, next, 6),
    };
    wide sum = step[1] - first, squares = sum * sum;
    for (size_t j = 2; j < EARS_USUAL; j++) {
        step[j] -= first;
        sum += step[j];
        squares += step[j] * step[j];
    }
    return close_moments(wides, first, sum, squares);
}

// The score is excess over reach: how far of the way from the mean to the bound.
WIDE_INLINE void put_eight(const struct ears_sink *sink, size_t at, size_t count, wide value,
                           wide mean, wide upper, wide excess, wide reach)
{
    const wide_mask none = {0};
    wide_mask is_mean = mean == mean, is_upper = upper == upper;
    wide nothing = wide_from(0);
    wide_mask is_score = excess - excess == nothing;
    is_score &= reach > nothing;
    wide_mask is_value = value == value;
    wide_mask word = (is_mean & (none + (1 << ANALYSIS_EXPECTED))) |
                     (is_upper & (none + (1 << ANALYSIS_UPPER))) |
                     (is_score & (none + (1 << ANALYSIS_SCORE)));
    word |= is_value & is_upper & (none + ANALYSIS_JUDGED);
    word |= (value > upper) & (none + ANALYSIS_ALARM);
    wide_mask reason = (none + ANALYSIS_REASON_RANGE) & is_mean;
    reason |= (none + ANALYSIS_REASON_BASELINE) & ~is_mean;
    reason &= ~is_upper & is_value;
    reason |= (none + ANALYSIS_REASON_MISSING) & ~is_value;
    wide_put_words(sink->outcome, at, word | (reason << ANALYSIS_REASON_SHIFT), count);
    wide_put(sink->expected, at, wide_select(is_mean, mean, nothing), count);
    wide_put(sink->upper, at, wide_select(is_upper, upper, nothing), count);
    if (sink->score != NULL)
        wide_put(sink->score, at, wide_select(is_score, excess / reach, nothing), count);
}

// The same for eight points of which all is known, where neither mean nor score is wanted. False:
// it is not so, and nothing is written. The distance to the bound tells: it is finite only if value
// and bound are, and whatever went into them; below zero it is an alarm.
WIDE_INLINE bool put_known_eight(const struct ears_sink *sink, size_t at, wide value, wide upper,
                                 wide reach)
{
    const wide_word none = {0};
    wide nothing = wide_from(0), distance = upper - value;
    if (!wide_is_finite(distance))
        return false;
    wide_word word = none + (1 << ANALYSIS_EXPECTED | 1 << ANALYSIS_UPPER | ANALYSIS_JUDGED);
    word |= wide_word_where(wide_pack_above(reach, nothing), 1 << ANALYSIS_SCORE);
    word |= wide_word_where(wide_pack_above(nothing, distance), ANALYSIS_ALARM);
    memcpy(sink->outcome + at, &word, sizeof word);
    wide_put(sink->upper, at, upper, WIDE);
    return true;
}

// C1 or C2 for the first `count` of eight points.
WIDE_INLINE void judge_mean(const struct ears_plan *plan, const struct ears_wides *wides,
                            const double *x, size_t at, size_t count, const struct ears_sink *sink)
{
    struct ears_moments moments = measure(plan, wides, x + at);
    wide value = wide_load(x + at), reach = wides->z * moments.sigma;
    put_eight(sink, at, count, value, moments.mean, moments.mean + reach, value - moments.mean,
              reach);
}

// C1 and C2 over `count` points from x on.
WIDE_INLINE void judge_means(const struct ears_plan *plan, const double *x, size_t count,
                             const struct ears_sink *sink)
{
    struct ears_wides wides = spread_plan(plan);
    size_t t = 0;
    for (; t + WIDE <= count; t += WIDE)
        judge_mean(plan, &wides, x, t, WIDE, sink);
    if (t < count)
        judge_mean(plan, &wides, x, t, count - t, sink);
}

// C1 over `count` points from x on, with the usual window and no columns but the bound. Each value
// is loaded once; the sink is copied, because what is written might lie in the caller's.
WIDE_INLINE void judge_usual(const struct ears_plan *plan, const double *x, size_t count,
                             const struct ears_sink *given)
{
    struct ears_wides wides = spread_plan(plan);
    struct ears_sink sink = *given;
    wide first = wide_load(x - EARS_USUAL), next;
    size_t t = 0;
    for (; t + WIDE <= count; t += WIDE, first = next) {
        const double *from = x + t - EARS_USUAL;
        __builtin_prefetch(x + t + EARS_AHEAD);
        next = wide_load(from + WIDE);
        wide value = WIDE_STEP(from, first, next, EARS_USUAL);
        struct ears_moments moments = measure_usual(&wides, from, first, next);
        wide reach = wides.z * moments.sigma, upper = moments.mean + reach;
        if (!put_known_eight(&sink, t, value, upper, reach))
            put_eight(&sink, t, WIDE, value, moments.mean, upper, value - moments.mean, reach);
    }
    if (t < count)
        judge_mean(plan, &wides, x, t, count - t, &sink);
}

// max(0, a), NaN staying NaN.
WIDE_INLINE wide above_zero(wide a)
{
    return wide_select(a <= wide_from(0), wide_from(0), a);
}

// C3 over `count` points from x on; the windows of the two points before are looked at too.
WIDE_INLINE void judge_excess(const struct ears_plan *plan, const double *x, size_t count,
                              const struct ears_sink *sink)
{
    EARS_BUFFER(excess, EARS_MEMORY + EARS_CHUNK + WIDE);
    EARS_BUFFER(sigma, EARS_MEMORY + EARS_CHUNK + WIDE);
    struct ears_wides wides = spread_plan(plan);
    for (size_t t = 0; t < count + EARS_MEMORY; t += WIDE) {
        struct ears_moments moments = measure(plan, &wides, x + t - EARS_MEMORY);
        wide statistic = (wide_load(x + t - EARS_MEMORY) - moments.mean) / moments.sigma;
        wide_store(excess + t, above_zero(statistic - 1));
        wide_store(sigma + t, moments.sigma);
    }
    for (size_t t = 0; t < count; t += WIDE) {
        wide value = wide_load(x + t), z = wides.z;
        wide before = wide_load(excess + t), last = wide_load(excess + t + 1);
        wide upper = above_zero(value + wide_load(sigma + t + EARS_MEMORY) * (z - before - last));
        struct ears_moments moments = measure(plan, &wides, x + t);
        put_eight(sink, t, count - t < WIDE ? count - t : WIDE, value, moments.mean, upper,
                  before + last, z);
    }
}

// The usual baseline gets loops of known length.
void WIDE_NAME(ears_judge_chunk)(enum ears_chart chart, const struct ears_plan *plan,
                                 const double *x, size_t count, const struct ears_sink *sink)
{
    assert(count <= EARS_CHUNK);
    struct ears_plan usual = {EARS_USUAL, plan->lag, plan->min_sigma, plan->z};
    bool is_usual = plan->baseline == EARS_USUAL;
    if (chart == EARS_C3)
        judge_excess(plan, x, count, sink);
    else if (is_usual && chart == EARS_C1 && sink->expected == NULL && sink->score == NULL)
        judge_usual(&usual, x, count, sink);
    else if (is_usual)
        judge_means(&usual, x, count, sink);
    else
        judge_means(plan, x, count, sink);
}
