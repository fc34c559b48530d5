// SPDX-License-Identifier: LGPL-3.0-or-later
//
// chart_kernel.c: CUSUM and EWMA for eight series at once.
//
// Compiled once a level of the machine (wide.h). A chart hangs on its own past, so neighbouring
// points of one series cannot be done together; series can. Eight values of each of eight series
// are loaded, turned so that a wide holds one period of all eight, stepped through, and turned
// back:
//
//     series 0   a0 a1 .. a7           period 0   a0 b0 .. h0
//     series 1   b0 b1 .. b7   turn    period 1   a1 b1 .. h1     step, step, ...     turn
//     ...                      --->    ...                                            --->
//
// Each step does what cusum.c and ewma.c do for one series, operation by operation.
#include <math.h>

#include "analysis/wide_kernels.h"
#include "analysis/wide_sink.h"

enum { ROUND = WIDE }; // periods in a round

// The results of a round: a wide a period until they are turned. Each is written before it is read;
// clearing it first would cost as much as the judging.
enum round_slot { SLOT_EXPECTED, SLOT_UPPER, SLOT_SCORE, SLOT_STATISTIC, SLOTS };
struct round_result {
    wide slot[SLOTS][ROUND];
    wide_mask word[ROUND];
};
#define ROUND_RESULT(name) __attribute__((uninitialized)) struct round_result name

// Exchanges rows and columns of eight wides, in three steps of pairs.
WIDE_INLINE void turn(wide *row)
{
    const wide_mask low1 = {0, 8, 2, 10, 4, 12, 6, 14}, high1 = {1, 9, 3, 11, 5, 13, 7, 15};
    const wide_mask low2 = {0, 1, 8, 9, 4, 5, 12, 13}, high2 = {2, 3, 10, 11, 6, 7, 14, 15};
    const wide_mask low4 = {0, 1, 2, 3, 8, 9, 10, 11}, high4 = {4, 5, 6, 7, 12, 13, 14, 15};
    for (int i = 0; i < WIDE; i += 2) {
        wide a = row[i], b = row[i + 1];
        row[i] = __builtin_shuffle(a, b, low1);
        row[i + 1] = __builtin_shuffle(a, b, high1);
    }
    for (int i = 0; i < WIDE; i++) {
        if (i & 2)
            continue;
        wide a = row[i], b = row[i + 2];
        row[i] = __builtin_shuffle(a, b, low2);
        row[i + 2] = __builtin_shuffle(a, b, high2);
    }
    for (int i = 0; i < WIDE / 2; i++) {
        wide a = row[i], b = row[i + 4];
        row[i] = __builtin_shuffle(a, b, low4);
        row[i + 4] = __builtin_shuffle(a, b, high4);
    }
}

// Loads a round of `count` periods from `at` on and turns it; periods behind them are 0.
WIDE_INLINE void load_round(const double *const *value, size_t at, size_t count, wide *row)
{
    for (int lane = 0; lane < WIDE; lane++)
        row[lane] =
            count == ROUND ? wide_load(value[lane] + at) : wide_load_some(value[lane] + at, count);
    turn(row);
}

WIDE_INLINE void store_column(const struct chart_sink *sink, enum analysis_column column, size_t at,
                              size_t count, wide *row)
{
    if (!sink->is_wanted[column])
        return;
    turn(row);
    for (int lane = 0; lane < WIDE; lane++)
        wide_put(sink->column[column][lane], at, row[lane], count);
}

WIDE_INLINE void store_round(const struct chart_sink *sink, size_t at, size_t count,
                             struct round_result *result)
{
    turn((wide *)result->word);
    for (int lane = 0; lane < WIDE; lane++)
        wide_put_words(sink->outcome[lane], at, result->word[lane], count);
    store_column(sink, ANALYSIS_EXPECTED, at, count, result->slot[SLOT_EXPECTED]);
    store_column(sink, ANALYSIS_UPPER, at, count, result->slot[SLOT_UPPER]);
    store_column(sink, ANALYSIS_SCORE, at, count, result->slot[SLOT_SCORE]);
    store_column(sink, ANALYSIS_STATISTIC, at, count, result->slot[SLOT_STATISTIC]);
    // Columns that the method does not know are 0.
    for (int column = 0; column < ANALYSIS_COLUMNS; column++) {
        if (!sink->is_wanted[column] || column <= ANALYSIS_SCORE || column == ANALYSIS_STATISTIC)
            continue;
        for (int lane = 0; lane < WIDE; lane++)
            wide_put(sink->column[column][lane], at, wide_from(0), count);
    }
}

// The smallest whole number not below a. Beyond 2^51 every number is whole.
WIDE_INLINE wide ceiling(wide a)
{
    const wide shift = wide_from(0x1.8p52);
    wide near = (a + shift) - shift;
    near += wide_where(near < a, wide_from(1));
    return wide_select((a > wide_from(-0x1p51)) & (a < wide_from(0x1p51)), near, a);
}

WIDE_INLINE wide above_zero(wide a)
{
    return wide_where(a > wide_from(0), a);
}

// x^(2/3) lane by lane; 0 where x is below 0 or NaN, which is refused anyway.
WIDE_INLINE wide two_thirds(wide x)
{
    for (int lane = 0; lane < WIDE; lane++) {
        double cube = x[lane] > 0 ? cbrt(x[lane]) : 0;
        x[lane] = cube * cube;
    }
    return x;
}

WIDE_INLINE wide cusum_transform_of(enum cusum_transform transform, wide x, const wide *level)
{
    wide u = x;
    if (transform == TRANSFORM_ROSSI)
        u = x + wide_from(2) * wide_sqrt(x * level[0]);
    if (transform == TRANSFORM_ANSCOMBE || transform == TRANSFORM_ANSCOMBE2)
        u = two_thirds(x);
    return (u - level[1]) / level[2];
}

WIDE_INLINE wide cusum_upper_of(enum cusum_transform transform, const wide *level, wide lack,
                                wide left)
{
    wide upper = left, base = level[3] + lack * level[2];
    if (transform == TRANSFORM_STANDARD)
        upper = ceiling(base);
    if (transform == TRANSFORM_ROSSI) {
        wide square = level[0] * level[0], half = level[2] * level[0];
        upper = base - wide_from(2) * wide_sqrt(wide_from(4) * square + lack * half);
    }
    if (transform == TRANSFORM_ANSCOMBE || transform == TRANSFORM_ANSCOMBE2)
        upper = base * wide_sqrt(base);
    if (transform == TRANSFORM_NEGBIN)
        upper = base;
    return above_zero(upper);
}

// The word of a step: what is known, judged and wrong, as masks.
WIDE_INLINE wide_mask word_of(wide value, wide_mask is_based, wide_mask is_judged,
                              wide_mask is_bound, wide_mask is_score, wide_mask is_alarm,
                              wide_mask reason_unbased)
{
    wide_mask is_value = value == value;
    wide_mask word = wide_bits(is_based & is_value, 1 << ANALYSIS_EXPECTED) |
                     wide_bits(is_bound & is_judged, 1 << ANALYSIS_UPPER) |
                     wide_bits(is_score & is_judged, 1 << ANALYSIS_SCORE) |
                     wide_bits(is_judged, ANALYSIS_JUDGED) |
                     wide_bits(is_judged & is_alarm, ANALYSIS_ALARM);
    wide_mask reason = wide_bits(is_based, ANALYSIS_REASON_RANGE) | (~is_based & reason_unbased);
    reason = (reason & is_value & ~is_judged) | wide_bits(~is_value, ANALYSIS_REASON_MISSING);
    return word | (reason << ANALYSIS_REASON_SHIFT);
}

WIDE_INLINE wide cusum_step(const struct cusum_plan *plan, enum cusum_transform transform,
                            const wide *level, wide value, wide before, int at,
                            struct round_result *result)
{
    wide nothing = wide_from(0), h = wide_from(plan->h);
    bool is_none = transform == TRANSFORM_NONE;
    wide_mask is_mean = wide_finite(level[0]), is_based = is_mean, is_judged = wide_finite(value);
    if (!is_none) {
        is_based &= level[0] > nothing;
        is_judged &= value >= nothing;
    }
    is_judged &= is_based;
    wide lack = wide_from(plan->h + plan->k) - before;
    wide sum =
        above_zero(before + (cusum_transform_of(transform, value, level) - wide_from(plan->k)));
    wide upper = cusum_upper_of(transform, level, lack, h - sum), score = sum / h;
    wide_mask is_alarm = sum >= h, is_bound = wide_finite(upper), is_score = wide_finite(score);
    wide_mask reason = wide_bits(level[0] != level[0], ANALYSIS_REASON_BASELINE) |
                       wide_bits(level[0] == level[0], ANALYSIS_REASON_RANGE);
    wide_mask is_void = (level[0] == nothing) & ~is_based & (value == value);
    result->word[at] = word_of(value, is_based, is_judged, is_bound, is_score, is_alarm, reason) |
                       wide_bits(is_void, 1 << ANALYSIS_UPPER);
    result->slot[SLOT_EXPECTED][at] = wide_where(is_based & (value == value), level[0]);
    result->slot[SLOT_UPPER][at] = wide_where(is_judged & is_bound, upper);
    result->slot[SLOT_SCORE][at] = wide_where(is_judged & is_score, score);
    result->slot[SLOT_STATISTIC][at] = wide_where(is_judged, sum);
    if (plan->is_reset)
        sum = wide_where(~is_alarm, sum);
    return wide_select(is_judged, sum, before);
}

// One round after another; the transform is a constant of each call.
WIDE_INLINE void run_cusum(const struct cusum_plan *given, enum cusum_transform transform,
                           struct cusum_lanes *lanes, const double *const *value, size_t count,
                           const struct chart_sink *sink)
{
    struct cusum_plan plan = *given;
    size_t phase = lanes->phase;
    wide sum = wide_load(lanes->sum);
    for (size_t at = 0; at < count; at += ROUND) {
        size_t part = count - at < ROUND ? count - at : ROUND;
        ROUND_RESULT(result);
        __attribute__((uninitialized)) wide row[ROUND];
        if (part == ROUND)
            load_round(value, at, ROUND, row);
        else
            load_round(value, at, part, row);
        for (int i = 0; i < ROUND; i++) {
            const double *from = lanes->level + phase * CUSUM_LEVEL_FIELDS * WIDE;
            const wide level[] = {wide_load(from), wide_load(from + WIDE),
                                  wide_load(from + 2 * WIDE), wide_load(from + 3 * WIDE)};
            sum = cusum_step(&plan, transform, level, row[i], sum, i, &result);
            phase = phase + 1 == lanes->phases ? 0 : phase + 1;
        }
        if (part == ROUND)
            store_round(sink, at, ROUND, &result);
        else
            store_round(sink, at, part, &result);
    }
}

void WIDE_NAME(cusum_run)(const struct cusum_plan *plan, struct cusum_lanes *lanes,
                          const double *const *value, size_t count, const struct chart_sink *sink)
{
    switch (plan->transform) {
    case TRANSFORM_STANDARD: run_cusum(plan, TRANSFORM_STANDARD, lanes, value, count, sink); break;
    case TRANSFORM_ROSSI: run_cusum(plan, TRANSFORM_ROSSI, lanes, value, count, sink); break;
    case TRANSFORM_ANSCOMBE:
    case TRANSFORM_ANSCOMBE2: run_cusum(plan, TRANSFORM_ANSCOMBE, lanes, value, count, sink); break;
    case TRANSFORM_NEGBIN: run_cusum(plan, TRANSFORM_NEGBIN, lanes, value, count, sink); break;
    default: run_cusum(plan, TRANSFORM_NONE, lanes, value, count, sink); break;
    }
}

WIDE_INLINE void ewma_step(const struct ewma_plan *plan, const wide *lane, wide value, int at,
                           wide *level, wide *variance, struct round_result *result)
{
    const wide nothing = {0};
    wide mean = lane[0], spread = lane[1], before = *level;
    wide_mask is_based = wide_finite(mean) & wide_finite(spread);
    wide_mask is_judged = is_based & wide_finite(value);
    wide next = before + wide_from(plan->lambda) * (value - before);
    if (plan->is_reflecting)
        next = wide_select(next > mean, next, mean);
    wide wider = wide_from(plan->lambda * plan->lambda) * spread +
                 wide_from((1 - plan->lambda) * (1 - plan->lambda)) * *variance;
    if (plan->is_steady)
        wider = wide_from(plan->lambda / (2 - plan->lambda)) * spread;
    wide reach = wide_from(plan->limit) * wide_sqrt(wider), distance = next - mean;
    wide upper = before + (mean + reach - before) / wide_from(plan->lambda);
    wide_mask is_alarm = distance > reach;
    if (plan->is_two_sided) {
        is_alarm |= distance < -reach;
        distance = wide_select(distance < nothing, -distance, distance);
    }
    wide score = distance / reach;
    wide_mask is_bound = wide_finite(upper), is_score = (reach > nothing) & wide_finite(score);
    wide_mask reason = wide_bits(~is_based, ANALYSIS_REASON_BASELINE);
    is_judged &= wide_finite(next) & wide_finite(reach);
    result->word[at] = word_of(value, is_based, is_judged, is_bound, is_score, is_alarm, reason);
    result->slot[SLOT_EXPECTED][at] = wide_where(is_based & (value == value), mean);
    result->slot[SLOT_UPPER][at] = wide_where(is_judged & is_bound, upper);
    result->slot[SLOT_SCORE][at] = wide_where(is_judged & is_score, score);
    result->slot[SLOT_STATISTIC][at] = wide_where(is_judged, next);
    *level = wide_select(is_judged, next, before);
    *variance = wide_select(is_judged, wider, *variance);
}

void WIDE_NAME(ewma_run)(const struct ewma_plan *given, struct ewma_lanes *lanes,
                         const double *const *value, size_t count, const struct chart_sink *sink)
{
    struct ewma_plan plan = *given;
    const wide lane[] = {wide_load(lanes->mean), wide_load(lanes->spread)};
    wide level = wide_load(lanes->level), variance = wide_load(lanes->variance);
    for (size_t at = 0; at < count; at += ROUND) {
        size_t part = count - at < ROUND ? count - at : ROUND;
        ROUND_RESULT(result);
        __attribute__((uninitialized)) wide row[ROUND];
        if (part == ROUND)
            load_round(value, at, ROUND, row);
        else
            load_round(value, at, part, row);
        for (int i = 0; i < ROUND; i++)
            ewma_step(&plan, lane, row[i], i, &level, &variance, &result);
        if (part == ROUND)
            store_round(sink, at, ROUND, &result);
        else
            store_round(sink, at, part, &result);
    }
}
