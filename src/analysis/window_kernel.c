// SPDX-License-Identifier: LGPL-3.0-or-later
//
// window_kernel.c: the sums of RKI and Bayes, and RKI's judgement, for eight neighbouring points.
//
// Compiled once a level of the machine (wide.h). A point depends on its rows alone, which all
// points of a run have at the same distances. A year's rows are neighbours, and the sums of so many
// neighbours from every point on come by doubling, whatever the number:
//
//     width 9    s2[i] = x[i] + x[i+1]    s4[i] = s2[i] + s2[i+2]
//                s9[i] = s4[i] + s4[i+4] + x[i+8]
//
// Where the years lie close together one such row of sums serves them all: a point takes from it
// what begins at each year's first row. Counts are added as they are, not as differences to one of
// them: their sums are then exact, and a mean that is a whole number is that number, on which the
// table below hangs. The order of adding is the same for every point, so that a point's bits do not
// hang on its place in a chunk. Where a row is missing the known ones are added one by one.
//
// Spread is wanted only where a mean is above 20, by a second round over the rows, of squares of
// differences to the mean.
#include "analysis/wide_kernels.h"
#include "analysis/wide_sink.h"

enum { VALUES = WINDOW_CHUNK + WINDOW_SPREAD + WINDOW_WIDTH_MOST + 4 * WIDE };
// Written before it is read.
#define WINDOW_BUFFER(name, count)                                                                 \
    __attribute__((uninitialized, aligned(sizeof(wide)))) double name[count]

struct window_sums {
    wide sum, known; // known: values that are there
};

WIDE_INLINE wide load(const double *x, size_t count)
{
    return count == WIDE ? wide_load(x) : wide_load_some(x, count);
}

// The sums of `width` neighbours from each of `count` values of x on, all of which are there to be
// read. `sum` has room for VALUES.
static void sum_neighbours(const double *x, size_t width, size_t count, double *sum)
{
    WINDOW_BUFFER(value, VALUES);
    size_t all = count + width - 1, length = 1;
    assert(width > 0 && all + 3 * WIDE <= VALUES);
    memcpy(value, x, all * sizeof *value);
    memset(value + all, 0, 3 * WIDE * sizeof *value);
    const double *from = value;
    for (size_t i = 0; i < all + WIDE && width == 1; i += WIDE)
        wide_store(sum + i, wide_load(value + i));
    for (int bit = 62 - __builtin_clzll(width); bit >= 0; bit--, from = sum) {
        size_t half = length, is_odd = width >> bit & 1;
        length = 2 * length + is_odd;
        for (size_t i = 0; i < all + 2 * WIDE - length; i += WIDE) {
            wide pair = wide_load(from + i) + wide_load(from + i + half);
            if (is_odd)
                pair += wide_load(value + i + length - 1);
            wide_store(sum + i, pair);
        }
    }
}

// The sum of all rows of each of `count` <= WINDOW_CHUNK points; NaN or infinite where one of them
// is. `total` has room for VALUES.
static void sum_rows(const struct window_rows *rows, const double *x, size_t count, double *total)
{
    WINDOW_BUFFER(sum, VALUES);
    memset(total, 0, (count + WIDE) * sizeof *total);
    size_t last = rows->years == 0 ? 0 : (rows->years - 1) * rows->width;
    size_t spread = (size_t)(rows->offset[last] - rows->offset[0]);
    bool is_shared = spread <= WINDOW_SPREAD;
    for (size_t year = 0; year < rows->years; year++) {
        int32_t offset = rows->offset[year * rows->width];
        if (year == 0 || !is_shared)
            sum_neighbours(x + offset, rows->width, is_shared ? count + spread : count, sum);
        const double *from = is_shared ? sum + (offset - rows->offset[0]) : sum;
        for (size_t t = 0; t < count; t += WIDE)
            wide_store(total + t, wide_load(total + t) + wide_load(from + t));
    }
    if (rows->recent == 0)
        return;
    sum_neighbours(x - rows->recent, rows->recent, count, sum);
    for (size_t t = 0; t < count; t += WIDE)
        wide_store(total + t, wide_load(total + t) + wide_load(sum + t));
}

// Of eight points with the sums `total`: those of the known rows, and how many these are.
WIDE_INLINE struct window_sums add_known(const struct window_rows *rows, const double *x,
                                         size_t count, wide total)
{
    wide sum = {0}, known = {0};
    if (wide_is_finite(total))
        return (struct window_sums){total, wide_from((double)rows->count)};
    for (size_t i = 0; i < rows->count; i++) {
        wide value = load(x + rows->offset[i], count);
        wide_mask is_known = wide_finite(value);
        sum += wide_where(is_known, value);
        known += wide_where(is_known, wide_from(1));
    }
    return (struct window_sums){wide_select(wide_finite(total), total, sum), known};
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
    wide_mask is_large = mean > wide_from(RKI_TABLE_MOST), is_small = mean > wide_from(0);
    wide upper = wide_look_up(rki_table, wide_where(is_small & ~is_large, mean));
    if (!wide_any(is_large))
        return upper;
    wide spread = measure_spread(rows, x, count, mean, known);
    return wide_select(is_large, mean + wide_from(2) * spread, upper);
}

// What is said of a point that is judged, but for the alarm and the score.
enum { KNOWN = 1 << ANALYSIS_EXPECTED | 1 << ANALYSIS_UPPER | ANALYSIS_JUDGED };

// Judges eight points of which neither mean nor score is wanted, where all rows and values are
// there. False: it is not so, and nothing is written.
WIDE_INLINE bool judge_rki_known(const struct window_rows *rows, const double *x, size_t at,
                                 wide total, const struct window_sink *sink)
{
    const wide_word none = {0};
    wide value = wide_load(x + at), known = wide_from((double)rows->count), mean = total / known;
    if (!wide_is_finite(total - value))
        return false;
    wide upper = find_bound(rows, x + at, WIDE, mean, known);
    if (!wide_is_finite(upper))
        return false;
    wide_word word = none + KNOWN;
    word |= wide_word_where(wide_pack_above(value, upper), ANALYSIS_ALARM);
    word |= wide_word_where(wide_pack_above(upper, mean), 1 << ANALYSIS_SCORE);
    memcpy(sink->outcome + at, &word, sizeof word);
    wide_put(sink->upper, at, upper, WIDE);
    return true;
}

// The same where besides no mean is large, which the sums tell: `most` is the table's last mean
// times the number of rows. The table is above each mean of its own, so there is always a score.
WIDE_INLINE bool judge_rki_small(wide known, wide most, const double *x, size_t at, wide total,
                                 const struct window_sink *sink)
{
    const wide_word none = {0};
    wide value = wide_load(x + at), mean = total / known;
    wide_mask is_small = (total >= wide_from(0)) & (total <= most) & wide_finite(value);
    if (wide_pack(is_small) != WIDE_ALL)
        return false;
    wide upper = wide_look_up(rki_table, mean);
    wide_word word = none + (KNOWN | 1 << ANALYSIS_SCORE);
    word |= wide_word_where(wide_pack_above(value, upper), ANALYSIS_ALARM);
    memcpy(sink->outcome + at, &word, sizeof word);
    wide_put(sink->upper, at, upper, WIDE);
    return true;
}

// Judges the first `count` of eight points.
WIDE_INLINE void judge_rki(const struct window_rows *rows, const double *x, size_t at, size_t count,
                           wide total, const struct window_sink *sink)
{
    struct window_sums sums = add_known(rows, x + at, count, total);
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

// The sink is copied, because what is written might lie in the caller's.
void WIDE_NAME(rki_judge_chunk)(const struct window_rows *rows, const double *x, size_t count,
                                const struct window_sink *given)
{
    WINDOW_BUFFER(total, VALUES);
    const struct window_sink sink = *given;
    bool is_short = rows->count >= 2 && sink.expected == NULL && sink.score == NULL;
    wide known = wide_from((double)rows->count), most = known * wide_from(RKI_TABLE_MOST);
    size_t t = 0;
    assert(count <= WINDOW_CHUNK);
    sum_rows(rows, x, count, total);
    for (; t + WIDE <= count; t += WIDE) {
        wide sum = wide_load(total + t);
        __builtin_prefetch(x + t + WINDOW_AHEAD);
        if (sink.upper != NULL)
            __builtin_prefetch(sink.upper + t + WINDOW_AHEAD, 1);
        if (is_short && judge_rki_small(known, most, x, t, sum, &sink))
            continue;
        if (!is_short || !judge_rki_known(rows, x, t, sum, &sink))
            judge_rki(rows, x, t, WIDE, sum, &sink);
    }
    if (t < count)
        judge_rki(rows, x, t, count - t, wide_load(total + t), &sink);
}

void WIDE_NAME(window_sum_chunk)(const struct window_rows *rows, const double *x, size_t count,
                                 double *sum, double *known)
{
    WINDOW_BUFFER(total, VALUES);
    assert(count <= WINDOW_CHUNK);
    sum_rows(rows, x, count, total);
    for (size_t t = 0; t < count; t += WIDE) {
        wide of_rows = wide_load(total + t);
        size_t part = count - t < WIDE ? count - t : WIDE;
        struct window_sums sums = part == WIDE ? add_known(rows, x + t, WIDE, of_rows)
                                               : add_known(rows, x + t, part, of_rows);
        wide_put(sum, t, sums.sum, part);
        wide_put(known, t, sums.known, part);
    }
}
