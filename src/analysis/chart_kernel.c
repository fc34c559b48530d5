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

#include "analysis/chart_round.h"
#include "analysis/wide_kernels.h"

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

// Roots of whole numbers, as wide_sqrt gives them.
static const double root_table[WIDE_TABLE] = {
    0,
    1,
    1.4142135623730951,
    1.7320508075688772,
    2,
    2.23606797749979,
    2.449489742783178,
    2.6457513110645907,
    2.8284271247461903,
    3,
    3.1622776601683795,
    3.3166247903554,
    3.4641016151377544,
    3.605551275463989,
    3.7416573867739413,
    3.872983346207417,
    4,
    4.123105625617661,
    4.242640687119285,
    4.358898943540674,
    4.47213595499958,
    4.58257569495584,
    4.69041575982343,
    4.795831523312719,
};

// `is_small`, a constant of each call: x is a whole number of the table.
WIDE_INLINE wide cusum_transform_of(enum cusum_transform transform, wide x, bool is_small,
                                    const wide *level)
{
    wide u = x;
    if (transform == TRANSFORM_ANSCOMBE || transform == TRANSFORM_ANSCOMBE2)
        u = two_thirds(x);
    wide sum = (u - level[1]) * level[4];
    if (transform == TRANSFORM_ROSSI)
        sum += is_small ? wide_look_up(root_table, x) : wide_sqrt(x);
    return sum;
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

// The sum after a value, and the bound before it.
WIDE_INLINE wide cusum_move(const struct cusum_plan *plan, enum cusum_transform transform,
                            const wide *level, wide value, bool is_small, wide before,
                            wide *ret_upper)
{
    wide lack = wide_from(plan->h + plan->k) - before;
    wide step = cusum_transform_of(transform, value, is_small, level) - wide_from(plan->k);
    wide sum = above_zero(before + step);
    *ret_upper = cusum_upper_of(transform, level, lack, wide_from(plan->h) - sum);
    return sum;
}

WIDE_INLINE wide cusum_step(const struct cusum_plan *plan, enum cusum_transform transform,
                            const wide *level, wide value, wide before, int at,
                            struct round_result *result)
{
    wide nothing = wide_from(0), h = wide_from(plan->h), upper;
    bool is_none = transform == TRANSFORM_NONE;
    wide_mask is_mean = wide_finite(level[0]), is_based = is_mean, is_judged = wide_finite(value);
    if (!is_none) {
        is_based &= level[0] > nothing;
        is_judged &= value >= nothing;
    }
    is_judged &= is_based;
    wide sum = cusum_move(plan, transform, level, value, false, before, &upper), score = sum / h;
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

struct cusum_walk {
    struct cusum_plan plan;
    const double *level; // by phase
    size_t phases, phase;
    wide sum;
};

// The level of this period, and on to the next.
WIDE_INLINE void take_level(struct cusum_walk *walk, wide *level)
{
    const double *from = walk->level + walk->phase * CUSUM_LEVEL_FIELDS * WIDE;
    for (int field = 0; field < CUSUM_LEVEL_FIELDS; field++)
        level[field] = wide_load(from + field * WIDE);
    walk->phase = walk->phase + 1 == walk->phases ? 0 : walk->phase + 1;
}

// The periods of a round by the short way; returns its alarms. `is_small` is a constant of each
// call.
WIDE_INLINE uint64_t cusum_steps_short(struct cusum_walk *walk, enum cusum_transform transform,
                                       const wide *row, bool is_small, wide *ret_upper)
{
    uint64_t alarms = 0;
    wide h = wide_from(walk->plan.h);
    for (int i = 0; i < ROUND; i++) {
        __attribute__((uninitialized)) wide level[CUSUM_LEVEL_FIELDS];
        take_level(walk, level);
        wide sum =
            cusum_move(&walk->plan, transform, level, row[i], is_small, walk->sum, &ret_upper[i]);
        alarms |= (uint64_t)wide_pack_reached(sum, h) << 8 * i;
        walk->sum = walk->plan.is_reset ? wide_where(~(sum >= h), sum) : sum;
    }
    return alarms;
}

// True when all values of a round are whole and have their root in the table. By the bits: a chain
// of comparisons would wait for each other.
WIDE_INLINE bool round_is_small(const wide *row)
{
    const wide shift = wide_from(0x1.8p52);
    wide_mask misfit = {0}, uneven = {0};
    for (int i = 0; i < ROUND; i++) {
        misfit |= round_misfit(row[i], WIDE_TABLE - 1);
        uneven |= (wide_mask)((row[i] + shift) - shift) ^ (wide_mask)row[i];
    }
    return wide_pack(misfit) == 0 && !wide_any(uneven);
}

// True when all values of a round are numbers of an ordinary size.
WIDE_INLINE bool round_is_moderate(const wide *row)
{
    wide_mask misfit = {0};
    for (int i = 0; i < ROUND; i++)
        misfit |= round_misfit(row[i], ROUND_VALUE_MOST);
    return wide_pack(misfit) == 0;
}

// A round by the short way; false, and nothing done, where a value or a sum is out of the ordinary.
WIDE_INLINE bool cusum_round_short(struct cusum_walk *walk, enum cusum_transform transform,
                                   const wide *row, const struct chart_sink *sink, size_t at)
{
    static const uint16_t known =
        1 << ANALYSIS_EXPECTED | 1 << ANALYSIS_UPPER | 1 << ANALYSIS_SCORE | ANALYSIS_JUDGED;
    static const uint16_t word[WIDE] = {known, known, known, known, known, known, known, known};
    bool is_small = WIDE_LOOKS_UP_FAST && transform == TRANSFORM_ROSSI && round_is_small(row);
    if (!is_small && !round_is_moderate(row))
        return false;
    if (wide_pack(round_misfit(walk->sum, ROUND_SUM_MOST)) != 0)
        return false;
    __attribute__((uninitialized)) wide upper[ROUND];
    uint64_t alarms = is_small ? cusum_steps_short(walk, transform, row, true, upper)
                               : cusum_steps_short(walk, transform, row, false, upper);
    store_short_words(sink, at, word, alarms);
    store_column(sink, ANALYSIS_UPPER, at, ROUND, upper);
    return true;
}

WIDE_INLINE void cusum_round(struct cusum_walk *walk, enum cusum_transform transform,
                             const wide *row, const struct chart_sink *sink, size_t at,
                             size_t count)
{
    ROUND_RESULT(result);
    for (int i = 0; i < ROUND; i++) {
        __attribute__((uninitialized)) wide level[CUSUM_LEVEL_FIELDS];
        take_level(walk, level);
        walk->sum = cusum_step(&walk->plan, transform, level, row[i], walk->sum, i, &result);
    }
    store_round(sink, at, count, &result);
}

// True when the means allow the short way.
WIDE_INLINE bool cusum_is_short(const struct cusum_lanes *lanes, const struct chart_sink *sink)
{
    wide_mask misfit = {0};
    for (size_t phase = 0; phase < lanes->phases; phase++) {
        wide mean = wide_load(lanes->level + phase * CUSUM_LEVEL_FIELDS * WIDE);
        misfit |= round_misfit(mean, ROUND_VALUE_MOST) | (mean < wide_from(ROUND_VALUE_LEAST));
    }
    return sink_is_short(sink) && wide_pack(misfit) == 0;
}

// One round after another; the transform is a constant of each call.
WIDE_INLINE void run_cusum(const struct cusum_plan *plan, enum cusum_transform transform,
                           struct cusum_lanes *lanes, const double *const *value, size_t count,
                           const struct chart_sink *sink)
{
    struct cusum_walk walk = {*plan, lanes->level, lanes->phases, lanes->phase,
                              wide_load(lanes->sum)};
    bool is_short = cusum_is_short(lanes, sink);
    for (size_t at = 0; at < count; at += ROUND) {
        size_t part = count - at < ROUND ? count - at : ROUND;
        __attribute__((uninitialized)) wide row[ROUND];
        call_ahead(sink, value, at, count);
        if (part == ROUND)
            load_round(value, at, ROUND, row);
        else
            load_round(value, at, part, row);
        if (part < ROUND)
            cusum_round(&walk, transform, row, sink, at, part);
        else if (!is_short || !cusum_round_short(&walk, transform, row, sink, at))
            cusum_round(&walk, transform, row, sink, at, ROUND);
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

struct ewma_walk {
    struct ewma_plan plan;
    wide mean, spread;    // of a single value: mean and variance
    wide level, variance; // E and V
    wide reach, bound;    // of the short way: L sqrt V, and above the mean
    bool is_still;        // V changes no more
};

// V after one more value.
WIDE_INLINE wide ewma_widen(const struct ewma_plan *plan, wide spread, wide variance)
{
    if (plan->is_steady)
        return wide_from(plan->lambda / (2 - plan->lambda)) * spread;
    return wide_from(plan->lambda * plan->lambda) * spread +
           wide_from((1 - plan->lambda) * (1 - plan->lambda)) * variance;
}

// E after one more value.
WIDE_INLINE wide ewma_move(const struct ewma_walk *walk, wide value)
{
    wide next = walk->level + wide_from(walk->plan.lambda) * (value - walk->level);
    return walk->plan.is_reflecting ? wide_select(next > walk->mean, next, walk->mean) : next;
}

WIDE_INLINE void ewma_step(struct ewma_walk *walk, wide value, int at, struct round_result *result)
{
    const struct ewma_plan *plan = &walk->plan;
    const wide nothing = {0};
    wide mean = walk->mean, before = walk->level;
    wide_mask is_based = wide_finite(mean) & wide_finite(walk->spread);
    wide_mask is_judged = is_based & wide_finite(value);
    wide next = ewma_move(walk, value), wider = ewma_widen(plan, walk->spread, walk->variance);
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
    walk->level = wide_select(is_judged, next, before);
    walk->variance = wide_select(is_judged, wider, walk->variance);
}

// The periods of a round by the short way. `is_still` is a constant of each call.
WIDE_INLINE uint64_t ewma_steps_short(struct ewma_walk *walk, const wide *row, bool is_still,
                                      wide *ret_upper)
{
    uint64_t alarms = 0;
    for (int i = 0; i < ROUND; i++) {
        if (!is_still) {
            walk->variance = ewma_widen(&walk->plan, walk->spread, walk->variance);
            walk->reach = wide_from(walk->plan.limit) * wide_sqrt(walk->variance);
            walk->bound = walk->mean + walk->reach;
        }
        wide before = walk->level;
        walk->level = ewma_move(walk, row[i]);
        wide distance = walk->level - walk->mean;
        ret_upper[i] = before + (walk->bound - before) / wide_from(walk->plan.lambda);
        unsigned alarm = wide_pack_above(distance, walk->reach);
        if (walk->plan.is_two_sided)
            alarm |= wide_pack_above(-walk->reach, distance);
        alarms |= (uint64_t)alarm << 8 * i;
    }
    return alarms;
}

// A round by the short way; false, and nothing done, where a value is out of the ordinary. V comes
// to rest after some dozens of periods, to the last bit: from there on no root is left.
WIDE_INLINE bool ewma_round_short(struct ewma_walk *walk, const uint16_t *word, const wide *row,
                                  const struct chart_sink *sink, size_t at)
{
    wide_mask misfit = round_misfit_size(walk->level, ROUND_SUM_MOST);
    for (int i = 0; i < ROUND; i++)
        misfit |= round_misfit_size(row[i], ROUND_VALUE_MOST);
    if (wide_pack(misfit) != 0)
        return false;
    __attribute__((uninitialized)) wide upper[ROUND];
    uint64_t alarms = walk->is_still ? ewma_steps_short(walk, row, true, upper)
                                     : ewma_steps_short(walk, row, false, upper);
    if (!walk->is_still)
        walk->is_still =
            wide_pack(ewma_widen(&walk->plan, walk->spread, walk->variance) != walk->variance) == 0;
    store_short_words(sink, at, word, alarms);
    store_column(sink, ANALYSIS_UPPER, at, ROUND, upper);
    return true;
}

// True when mean and variance allow the short way, in which `ret_word` is said of all points: a
// series without spread has no score.
WIDE_INLINE bool ewma_is_short(const struct ewma_walk *walk, const struct chart_sink *sink,
                               uint16_t *ret_word)
{
    wide nothing = wide_from(0);
    wide_mask misfit = round_misfit_size(walk->mean, ROUND_VALUE_MOST) |
                       round_misfit(walk->spread, ROUND_VALUE_MOST) |
                       round_misfit(walk->variance, ROUND_VALUE_MOST);
    wide_mask is_spread = walk->spread > nothing;
    misfit |= is_spread & (walk->spread < wide_from(ROUND_VALUE_LEAST));
    misfit |= ~is_spread & (walk->variance > nothing);
    unsigned spread = wide_pack(is_spread);
    for (int lane = 0; lane < WIDE; lane++)
        ret_word[lane] = (uint16_t)(1 << ANALYSIS_EXPECTED | 1 << ANALYSIS_UPPER | ANALYSIS_JUDGED |
                                    (spread >> lane & 1) << ANALYSIS_SCORE);
    return sink_is_short(sink) && wide_pack(misfit) == 0;
}

WIDE_INLINE void ewma_round(struct ewma_walk *walk, const wide *row, const struct chart_sink *sink,
                            size_t at, size_t count)
{
    ROUND_RESULT(result);
    for (int i = 0; i < ROUND; i++)
        ewma_step(walk, row[i], i, &result);
    store_round(sink, at, count, &result);
}

void WIDE_NAME(ewma_run)(const struct ewma_plan *plan, struct ewma_lanes *lanes,
                         const double *const *value, size_t count, const struct chart_sink *sink)
{
    struct ewma_walk walk = {
        .plan = *plan,
        .mean = wide_load(lanes->mean),
        .spread = wide_load(lanes->spread),
        .level = wide_load(lanes->level),
        .variance = wide_load(lanes->variance),
    };
    uint16_t word[WIDE];
    bool is_short = ewma_is_short(&walk, sink, word);
    for (size_t at = 0; at < count; at += ROUND) {
        size_t part = count - at < ROUND ? count - at : ROUND;
        __attribute__((uninitialized)) wide row[ROUND];
        call_ahead(sink, value, at, count);
        if (part == ROUND)
            load_round(value, at, ROUND, row);
        else
            load_round(value, at, part, row);
        if (part < ROUND)
            ewma_round(&walk, row, sink, at, part);
        else if (!is_short || !ewma_round_short(&walk, word, row, sink, at))
            ewma_round(&walk, row, sink, at, ROUND);
    }
}
