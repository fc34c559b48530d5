// SPDX-License-Identifier: LGPL-3.0-or-later
//
// window.h: what RKI and Bayes share: the past values that a point is compared with.
//
// Of the folder only. docs/detectors 8 and 9. With w and b the two options,
//
//     current_year   points k-w .. k-1
//     i = 1 .. b     points ref_i - w .. ref_i + w, ref_i the same period i years before k
//
// In index form ref_i = k - frequency i, so the rows are the same for all k. In date form they go
// by the calendar and change a few times a year: neighbouring points with the same rows make a run.
// Runs belong to the panel; all its series share them.
#ifndef LEVEE_ANALYSIS_WINDOW_H
#define LEVEE_ANALYSIS_WINDOW_H

#include "analysis/season.h"
#include "analysis/wide.h"

// Places of the options, in the order of the tables in detectors.c; RKI ends before alpha.
enum { WINDOW_B, WINDOW_W, WINDOW_CURRENT_YEAR, WINDOW_ALPHA };

enum {
    // Points at a time. Longer chunks read memory in bursts, and wait for it in between.
    WINDOW_CHUNK = 192,
    // Points between the oldest and the newest year's rows up to which their sums are worked out in
    // one go.
    WINDOW_SPREAD = 512,
    WINDOW_WIDTH_MOST = 2 * 180 + 1,
    WINDOW_AHEAD = 256, // values that are called for before they are needed: 2 KB
};

// The rows of a point: `years` times `width` neighbours, oldest first, then the `recent` ones.
struct window_rows {
    size_t count;          // of all
    const int32_t *offset; // below 0, from the point judged
    int32_t oldest;        // the least of them
    size_t years, width, recent;
};

// Points from..to-1 of the panel with the same rows; no rows: the days do not reach back so far.
struct window_run {
    size_t from, to;
    struct window_rows rows;
};

struct window_runs {
    struct window_run *run;
    size_t count, capacity;
    int32_t *offset; // all rows of all runs
    size_t row_most; // of one point
};

// Where a series' results go; each moves along with the point. NULL: not wanted.
struct window_sink {
    uint16_t *outcome;
    double *expected, *upper, *score;
};

size_t window_start(const double *option, int frequency);
// True when the rows lie before the point and are two at least.
bool window_is_sound(const double *option, int frequency);
// The rows of point k into `offset` (window_row_most places); 0 when the days do not reach back.
size_t window_row_most(const double *option);
size_t window_find_rows(const double *option, const struct analysis_panel *panel, size_t k,
                        int32_t *offset);
// Finds the runs of the panel's points from..to. False: no memory. Freed either way by the caller.
bool window_runs_find(struct window_runs *runs, const double *option,
                      const struct analysis_panel *panel);
void window_runs_free(struct window_runs *runs);
// The part of a run that a series beginning at `first` can be judged on; what comes before it gets
// its reason. Returns the first point of that part.
size_t window_skip_short(const struct window_run *run, const struct analysis_panel *panel,
                         size_t series, const struct analysis_output *output);

bool rki_judge(const struct analysis_panel *panel, const double *option,
               const struct analysis_output *output);
bool rki_refer(const struct analysis_panel *panel, const double *option,
               const struct analysis_output *output);
bool bayes_judge(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output);
bool bayes_refer(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output);

// Upper 95 % limits for a Poisson mean of 0 .. 20: Crow, Gardner 1959, Biometrika 46:441.
enum { RKI_TABLE_MOST = 20 };
extern const double rki_table[WIDE_TABLE];

#endif
