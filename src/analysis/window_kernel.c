// SPDX-License-Identifier: LGPL-3.0-or-later
//
// window_kernel.c: the sums of RKI and Bayes, and RKI's judgement, for eight neighbouring points.
//
// Compiled once a level of the machine (wide.h). A point depends on its rows alone, which all eight
// points have at the same distances: so a sum of eight windows is one load a row. Counts are added
// as they are, not as differences to one of them: their sums are then exact, and a mean that is a
// whole number is that number, on which the table below hangs.
//
// Spread is wanted only where a mean is above 20, by a second round over the rows, of squares of
// differences to the mean.
#include "analysis/wide_kernels.h"
#include "analysis/wide_sink.h"

struct window_sums {
    wide sum, known; // known: values that are there
};

WIDE_INLINE wide load(const double *x, size_t count)
{
    return count == WIDE ? wide_load(x) : wide_load_some(x, count);
}

WIDE_INLINE struct window_sums add_rows(const struct window_rows *rows, const double *x,
                                        size_t count)
{
    wide sum = {0}, known = {0};
    for (size_t i = 0; i < rows->count; i++)
        sum += load(x + rows->offset[i], count);
    if (wide_is_finite(sum))
        return (struct window_sums){sum, wide_from((double)rows->count)};
    sum = wide_from(0);
    for (size_t i = 0; i < rows->count; i++) {
        wide value = load(x + rows->offset[i], count);
        wide_mask is_known = wide_finite(value);
        sum += wide_where(is_known, value);
        known += wide_where(is_known, wide_from(1));
    }
    return (struct window_sums){sum, known};
}

WIDE_INLINE wide measure_spread(const struct window_rows *rows, const double *x, size_t count,
                                wide mean, wide known)
{
    wide squares = {0};
    for (size_t i = 0; i < rows->count; i++) {
        wide step = load(x + rows->offset[i], count) - mean;
        step = wide_where(wide_finite(step), step);
        squares += step * step;
    }
    return wide_sqrt(squares / (known - 1));
}

WIDE_INLINE wide find_bound(const struct window_rows *rows, const double *x, size_t count,
                            wide mean, wide known)
{
    wide upper = {0};
    wide_mask is_large = mean > wide_from(RKI_TABLE_MOST);
    for (int lane = 0; lane < WIDE; lane++) {
        double m = mean[lane];
        upper[lane] = rki_table[m > 0 && m <= RKI_TABLE_MOST ? (int)m : 0];
    }
    if (!wide_any(is_large))
        return upper;
    wide spread = measure_spread(rows, x, count, mean, known);
    return wide_select(is_large, mean + wide_from(2) * spread, upper);
}

// Judges the first `count` of eight points.
WIDE_INLINE void judge_rki(const struct window_rows *rows, const double *x, size_t at, size_t count,
                           const struct window_sink *sink)
{
    struct window_sums sums = add_rows(rows, x + at, count);
    wide value = load(x + at, count), mean = sums.sum / sums.known;
    wide upper = find_bound(rows, x + at, count, mean, sums.known);
    wide_mask is_based = sums.known >= wide_from(2), is_bound = is_based & wide_finite(upper);
    wide_mask is_value = value == value, is_judged = is_bound & wide_finite(value);
    wide reach = upper - mean;
    wide_mask is_score = is_judged & (reach > wide_from(0));
    wide_mask word =
        wide_bits(is_based, 1 << ANALYSIS_EXPECTED) | wide_bits(is_bound, 1 << ANALYSIS_UPPER) |
        wide_bits(is_score, 1 << ANALYSIS_SCORE) | wide_bits(is_judged, ANALYSIS_JUDGED) |
        wide_bits(is_judged & (value > upper), ANALYSIS_ALARM);
    wide_mask reason =
        wide_bits(~is_based, ANALYSIS_REASON_BASELINE) | wide_bits(is_based, ANALYSIS_REASON_RANGE);
    reason = (reason & ~is_judged & is_value) | wide_bits(~is_value, ANALYSIS_REASON_MISSING);
    wide_put_words(sink->outcome, at, word | (reason << ANALYSIS_REASON_SHIFT), count);
    wide_put(sink->expected, at, wide_where(is_based, mean), count);
    wide_put(sink->upper, at, wide_where(is_bound, upper), count);
    if (sink->score != NULL)
        wide_put(sink->score, at, wide_where(is_score, (value - mean) / reach), count);
}

void WIDE_NAME(rki_judge_chunk)(const struct window_rows *rows, const double *x, size_t count,
                                const struct window_sink *sink)
{
    size_t t = 0;
    for (; t + WIDE <= count; t += WIDE)
        judge_rki(rows, x, t, WIDE, sink);
    if (t < count)
        judge_rki(rows, x, t, count - t, sink);
}

void WIDE_NAME(window_sum_chunk)(const struct window_rows *rows, const double *x, size_t count,
                                 double *sum, double *known)
{
    for (size_t t = 0; t < count; t += WIDE) {
        size_t part = count - t < WIDE ? count - t : WIDE;
        struct window_sums sums =
            part == WIDE ? add_rows(rows, x + t, WIDE) : add_rows(rows, x + t, part);
        wide_put(sum, t, sums.sum, part);
        wide_put(known, t, sums.known, part);
    }
}
