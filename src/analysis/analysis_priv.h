// SPDX-License-Identifier: LGPL-3.0-or-later
//
// analysis_priv.h: what the detectors of this folder share: rows of a panel, results of a point.
//
// Of the folder only. A result is collected in a struct analysis_point and stored once: a column
// that is not finite is not known, and that is the only place where NaN and infinity are stopped.
#ifndef LEVEE_ANALYSIS_ANALYSIS_PRIV_H
#define LEVEE_ANALYSIS_ANALYSIS_PRIV_H

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/analysis.h"

// The tables' functions, one pair a method.
bool bands_judge(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output);
bool ears_judge_c1(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output);
bool ears_judge_c2(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output);
bool ears_judge_c3(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output);
bool ears_refer_c1(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output);
bool ears_refer_c2(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output);
bool ears_refer_c3(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output);

static inline size_t panel_first(const struct analysis_panel *panel, size_t series)
{
    return panel->first == NULL ? 0 : panel->first[series];
}

static inline uint16_t outcome_without(enum analysis_reason reason)
{
    return (uint16_t)(reason << ANALYSIS_REASON_SHIFT);
}

// Notes a column's value where it is finite.
static inline void point_set(struct analysis_point *point, enum analysis_column column,
                             double value)
{
    if (isfinite(value)) {
        point->column[column] = value;
        point->outcome |= (uint16_t)(1u << column);
    }
}

// Closes a point without a result: what is known of it stays, the reason is noted.
static inline void point_give_up(struct analysis_point *point, enum analysis_reason reason)
{
    assert(reason != ANALYSIS_REASON_NONE);
    point->outcome &= (uint16_t) ~(ANALYSIS_JUDGED | ANALYSIS_ALARM);
    point->outcome |= outcome_without(reason);
}

static inline void output_store(const struct analysis_output *output, size_t at,
                                const struct analysis_point *point)
{
    assert((point->outcome & ANALYSIS_JUDGED) != 0 ||
           analysis_reason_of(point->outcome) != ANALYSIS_REASON_NONE);
    output->outcome[at] = point->outcome;
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        if (output->column[column] != NULL)
            output->column[column][at] = point->column[column];
}

// Stores the points from..to-1 of a series that lie before its first one.
static inline void output_store_outside(const struct analysis_output *output, size_t base,
                                        size_t from, size_t to)
{
    struct analysis_point point = {0};
    point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
    for (size_t t = from; t < to; t++)
        output_store(output, base + t, &point);
}

// Stores `count` points of `value` from `at` on that have no result for lack of a past.
static inline void output_store_short(const struct analysis_output *output, const double *value,
                                      size_t at, size_t count)
{
    for (size_t i = at; i < at + count; i++)
        output->outcome[i] =
            outcome_without(isnan(value[i]) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        if (output->column[column] != NULL)
            memset(output->column[column] + at, 0, count * sizeof(double));
}

// Stores those of the points from..to-1 of a series that come before point `start`, the first that
// can have a result. Returns the first that is left.
static inline size_t output_skip(const struct analysis_output *output,
                                 const struct analysis_panel *panel, size_t series, size_t from,
                                 size_t to, size_t start)
{
    size_t first = panel_first(panel, series), base = series * panel->stride;
    size_t middle = first < to ? first : to, end = start < to ? start : to;
    output_store_outside(output, base, from, middle);
    from = from > middle ? from : middle;
    if (from >= end)
        return from;
    output_store_short(output, panel->value, base + from, end - from);
    return end;
}

#endif
