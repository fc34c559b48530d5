// SPDX-License-Identifier: LGPL-3.0-or-later
//
// chart_round.h: eight periods of eight series: how the chart kernels read, turn and write them.
//
// Of chart_kernel.c only, compiled once a level of the machine (wide.h).
//
// A round whose sixty-four values are all ordinary (round_is_usual) and of which the bound alone is
// wanted is written the short way: every point is judged, so its word is the same for a whole
// series but for the alarm. The alarms of a round are one number of 64 bits, a byte a period, and
// turned as such:
//
//     byte i   period i, bit l = series l     turn_bits     byte l   series l, bit i = period i
#ifndef LEVEE_ANALYSIS_CHART_ROUND_H
#define LEVEE_ANALYSIS_CHART_ROUND_H

#include "analysis/chart.h"
#include "analysis/wide_sink.h"

enum {
    ROUND = WIDE,      // periods in a round
    ROUND_AHEAD = 128, // periods that are called for before they are needed: 1 KB a series
};

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

// --- The short way ------------------------------------------------------------------------------

// Magnitudes between which nothing that a chart computes can overflow or vanish, squares and
// quotients included; outside of them a chart goes the long way. Sums grow longer.
#define ROUND_VALUE_MOST 1e30
#define ROUND_VALUE_LEAST 1e-30
#define ROUND_SUM_MOST 1e200

// Negative where a lane is below 0, above `most`, or NaN: by the bits, which rise with the number.
WIDE_INLINE wide_mask round_misfit(wide a, double most)
{
    wide_count bits = (wide_count)a;
    return (wide_mask)(bits | ((wide_count)wide_from(most) - bits));
}

// The same without regard to the sign.
WIDE_INLINE wide_mask round_misfit_size(wide a, double most)
{
    const wide_count none = {0};
    return (wide_mask)((wide_count)wide_from(most) - ((wide_count)a & (none + INT64_MAX)));
}

// True when only the bound is wanted, or not even that.
WIDE_INLINE bool sink_is_short(const struct chart_sink *sink)
{
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        if (sink->is_wanted[column] && column != ANALYSIS_UPPER)
            return false;
    return true;
}

WIDE_INLINE uint64_t turn_bits(uint64_t bits)
{
    uint64_t swap = (bits ^ (bits >> 7)) & 0x00AA00AA00AA00AAu;
    bits ^= swap ^ (swap << 7);
    swap = (bits ^ (bits >> 14)) & 0x0000CCCC0000CCCCu;
    bits ^= swap ^ (swap << 14);
    swap = (bits ^ (bits >> 28)) & 0x00000000F0F0F0F0u;
    return bits ^ swap ^ (swap << 28);
}

// Writes the words of a round in which all is judged: those of the series, and the alarms.
WIDE_INLINE void store_short_words(const struct chart_sink *sink, size_t at, const uint16_t *word,
                                   uint64_t alarms)
{
    const wide_word none = {0};
    alarms = turn_bits(alarms);
    for (int lane = 0; lane < WIDE; lane++) {
        wide_word words = none + word[lane];
        words |= wide_word_where((uint8_t)(alarms >> 8 * lane), ANALYSIS_ALARM);
        memcpy(sink->outcome[lane] + at, &words, sizeof words);
    }
}

// Calls for what is read and written ROUND_AHEAD periods on; behind the end that is the beginning
// of the eight series that come next.
WIDE_INLINE void call_ahead(const struct chart_sink *sink, const double *const *value, size_t at,
                            size_t count)
{
    size_t ahead = at + ROUND_AHEAD;
    if (ahead >= count && sink->jump == 0)
        return;
    if (ahead >= count)
        ahead += sink->jump;
    for (int lane = 0; lane < WIDE; lane++) {
        __builtin_prefetch(value[lane] + ahead);
        __builtin_prefetch(sink->outcome[lane] + ahead, 1);
        if (sink->is_wanted[ANALYSIS_UPPER])
            __builtin_prefetch(sink->column[ANALYSIS_UPPER][lane] + ahead, 1);
    }
}

#endif
