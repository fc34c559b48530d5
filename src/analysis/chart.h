// SPDX-License-Identifier: LGPL-3.0-or-later
//
// chart.h: detectors that run on from point to point: a baseline first, then a state.
//
//     points   |<--- baseline: learn --->| settle | step  step  step ...
//
// Of the folder only. CUSUM, EWMA, Shewhart, GLR, Holt-Winters and reporting are such. One driver
// (chart.c) walks over series for all of them, one state a series; a stream keeps that very state,
// so its bytes are the batch's. Where a method has a form for eight series side by side, it takes
// over from eight settled states and does the same operations in the same order, lane by lane.
//
// A state is plain memory without pointers into itself: it may be copied.
#ifndef LEVEE_ANALYSIS_CHART_H
#define LEVEE_ANALYSIS_CHART_H

#include "analysis/analysis_priv.h"
#include "analysis/wide.h"

// What every state begins with.
struct chart_head {
    size_t seen;     // points so far
    size_t baseline; // of them the baseline
    // Whether the bound is asked for: a method that must search for it spares itself that.
    bool is_upper_wanted;
};

struct chart_method {
    // Bytes of the state, chart_head included, for a baseline of so many points.
    size_t (*size)(const double *option, int frequency, size_t baseline);
    // The head is set and the rest 0.
    void (*begin)(void *state, const double *option, int frequency);
    void (*learn)(void *state, double value, double population);
    // The baseline is complete. False: no memory.
    bool (*settle)(void *state);
    void (*step)(void *state, double value, double population, struct analysis_point *point);
    // Steps of the panel's series `series` .. `series` + 7, settled, from point `from` on; false:
    // no memory. NULL: no such form. is_wide: the options allow it.
    bool (*is_wide)(const void *state);
    bool (*eight)(void *const state[WIDE], const struct analysis_panel *panel, size_t series,
                  size_t from, const struct analysis_output *output);
};

void chart_begin(const struct chart_method *method, void *state, const double *option,
                 int frequency, size_t baseline);
// Adds a point: learns from it or judges it. False: no memory.
bool chart_add(const struct chart_method *method, void *state, double value, double population,
               struct analysis_point *point);
// Judges a panel. `start` is the baseline where the panel names no beginning of the chart.
bool chart_judge(const struct chart_method *method, const struct analysis_panel *panel,
                 const double *option, size_t start, const struct analysis_output *output);

// The points of a series before its chart begins.
static inline size_t chart_baseline(const struct analysis_panel *panel, size_t series, size_t start)
{
    size_t first = panel_first(panel, series);
    return panel->chart_from > first ? panel->chart_from - first : start;
}

// Mean and spread of a baseline, by Welford's recurrence: a constant one has exactly its value and
// no spread.
struct chart_moments {
    double count, mean, squares;
};

static inline void chart_moments_add(struct chart_moments *moments, double value)
{
    double step = value - moments->mean;
    moments->count += 1;
    moments->mean += step / moments->count;
    moments->squares += step * (value - moments->mean);
}

// Variance, divisor count - 1; NaN for fewer than two values.
static inline double chart_moments_variance(const struct chart_moments *moments)
{
    return moments->count < 2 ? ANALYSIS_MISSING : moments->squares / (moments->count - 1);
}

// Notes a value that no chart can use; false where it is one that it can.
static inline bool chart_refuse(double value, struct analysis_point *point)
{
    if (isfinite(value))
        return false;
    point_give_up(point, isnan(value) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_RANGE);
    return true;
}

static inline void chart_close(struct analysis_point *point, double statistic, bool is_alarm)
{
    assert(isfinite(statistic));
    point->column[ANALYSIS_STATISTIC] = statistic;
    point->outcome |= (uint16_t)(ANALYSIS_JUDGED | (is_alarm ? ANALYSIS_ALARM : 0));
}

// Where the results of eight series go, each array from the first point on.
enum { CHART_JUMP_LEAST = 256 }; // points of a series from which a look at the next pays
struct chart_sink {
    uint16_t *outcome[WIDE];
    double *column[ANALYSIS_COLUMNS][WIDE];
    bool is_wanted[ANALYSIS_COLUMNS];
    // From a place behind the last point to the next eight series' first: what is computed next.
    // 0: there are none.
    size_t jump;
};
// For the eight series from `series` on, from point `from` on.
void chart_sink_place(struct chart_sink *sink, const struct analysis_output *output,
                      const struct analysis_panel *panel, size_t series, size_t from);

extern const struct chart_method cusum_method, ewma_method, glr_method, holt_method;
extern const struct chart_method reporting_method, shewhart_method, tail_method;

#endif
