// SPDX-License-Identifier: LGPL-3.0-or-later
//
// fused.h: the fused detector's plan, and what its blocks of eight series hold.
//
// Of this folder only. docs/methods.md has the formulas under "fused"; this is their shape in
// memory.
//
//     fused_plan    options and frequency, read; the basis of the regression, shared by all series
//     fused_block   eight series side by side, the state carried from period to period, the answer
//
// Points looked back on from the judged one, k: row j is the point k - j.
//
//     row   rows ........ hold + FUSED_LAG ........... FUSED_LAG   2   1   0
//           [ regression                                       ]           k
//           [ regression of the held-out year ][ scored       ]  unknown
//
// The periods just before k (rows below FUSED_LAG) teach nothing: an outbreak begun there must not.
#ifndef LEVEE_ANALYSIS_FUSED_H
#define LEVEE_ANALYSIS_FUSED_H

#include "analysis/analysis_priv.h"
#include "analysis/wide.h"

// Places of the options, in the order of the table in detectors.c.
enum { FUSED_B, FUSED_BUDGET, FUSED_KIND, FUSED_SIDE, FUSED_OPTIONS };
enum fused_kind { FUSED_KIND_AUTO, FUSED_KIND_COUNT, FUSED_KIND_AMOUNT };
enum fused_side { FUSED_ABOVE, FUSED_BELOW, FUSED_BOTH };

// The baselines that are mixed.
enum fused_part {
    FUSED_SEASON, // level, trend and season over the whole past
    FUSED_DRIFT,  // the same, its level moved to that of the last half year
    FUSED_LOCAL,  // the level of the last weeks alone
    FUSED_PARTS
};

enum {
    FUSED_LAG = 3,          // the newest row that teaches
    FUSED_WARM = 26,        // rows that only warm the moving levels up
    FUSED_KNOWN_LEAST = 5,  // values that a local level needs
    FUSED_YEARS_LEAST = 2,  // years that a season needs
    FUSED_ROWS_MOST = 1500, // rows looked back on, at most
    FUSED_HOLD_LEAST = 24,  // rows held out, at least and
    FUSED_HOLD_MOST = 104,  // at most
    FUSED_ITERATIONS_MOST = 12,
    FUSED_SEARCH_MOST = 40,
    FUSED_PARAMETERS_MOST = 13,
    FUSED_YEAR_PARAMETERS = 6, // level, trend, two harmonics
    FUSED_OVERTONES = 4,       // the third and the fourth harmonic
    FUSED_GRAM_MOST = FUSED_PARAMETERS_MOST * (FUSED_PARAMETERS_MOST + 1) / 2,
};

static const double FUSED_PRIOR = 0.02;    // probability that an outbreak begins in a period
static const double FUSED_SHARE = 1.5;     // its cases a period, in standard deviations: 3 over 2
static const double FUSED_STALE = 5;       // log odds taken off evidence that does not grow
static const double FUSED_NOW_MOST = 1e80; // a likelihood ratio is held below
static const double FUSED_NOW_LEAST = 1e-12;
static const double FUSED_STEP_MOST = 2, FUSED_STEP_DONE = 1e-3;
static const double FUSED_RIDGE = 0.1; // precision of the prior on all but the level, log scale
static const double FUSED_PHI_LEAST = 1.0001;
static const double FUSED_ETA_LEAST = -20, FUSED_ETA_MOST = 40;
static const double FUSED_PIVOT_LEAST = 1e-10; // of the diagonal; below, a parameter is left out
static const double FUSED_DRIFT_KEEP = 1 - 1.0 / 26, FUSED_LOCAL_KEEP = 1 - 1.0 / 7;
static const double FUSED_DRIFT_PRIOR = 4; // periods' worth of "the level has not moved"
static const double FUSED_DRIFT_WEIGHT = 20, FUSED_LOCAL_WEIGHT = 4; // of the spread's prior
static const double FUSED_LOCAL_PHI = 1.5, FUSED_LOCAL_LEAST = 0.07; // half a case in 7 periods
static const double FUSED_ERROR_MOST = 9; // a squared error counts as at most so many variances
static const double FUSED_GAIN_MOST = 2;  // of one period's log score, either way
static const double FUSED_LOG_SHARE[FUSED_PARTS] = {-0.2231435513142097, -2.0, -3.5};
// The calibration: how often the score of the held-out year went above ALERT, against how often it
// should; DOUBT expected ones stand for the theory.
static const double FUSED_ALERT_RATE = 0.05, FUSED_DOUBT = 4;
// The score that a share `rate` of periods without an outbreak is above, by simulation:
//     TAIL_START + TAIL_SLOPE sqrt(-ln rate)
static const double FUSED_TAIL_START = -6.627, FUSED_TAIL_SLOPE = 2.526;
static const double FUSED_RATE_MOST = 0.5;

struct fused_plan {
    size_t rows, hold; // looked back on; held out to score the parts
    size_t parameters;
    bool has_calendar; // the last parameter is that of days off
    int32_t frequency;
    double period; // of the season, in points
    double budget; // false alarms a year
    enum fused_kind kind;
    enum fused_side side;
    double alert;        // the score that a share FUSED_ALERT_RATE of quiet periods is above
    const double *basis; // rows+1 times `parameters`: level, trend (0 at row 0), season, weekday
                         // and, with a calendar, 0: see fused_basis_at
    const double *overtones;    // rows+1 times FUSED_OVERTONES: harmonics 3 and 4, as in the basis
    const unsigned char *habit; // with a calendar: of each point that is looked at (calendar.h)
    void *memory;
};

// Reads the options and lays the basis for a panel. False: no memory. The caller closes it.
bool fused_plan_open(struct fused_plan *plan, const struct analysis_panel *panel,
                     const double *option);
void fused_plan_close(struct fused_plan *plan);
// The doubles of `room` below, at least 1.
size_t fused_room_size(const struct fused_plan *plan);
// The basis as seen from point k of the panel: the plan's own, or, with a calendar, `room` filled
// with rows 0..k: weekdays are those whose habits a day follows, counted back from that of k.
const double *fused_basis_at(const struct fused_plan *plan, const struct analysis_panel *panel,
                             size_t k, double *room);
// The score above which a share `rate` of quiet periods lies, 0 < rate < 1.
double fused_score_at(double rate);
size_t fused_start(const double *option, int frequency);
size_t fused_reach(const double *option, int frequency);

struct fused_block {
    const struct fused_plan *plan;
    const double *basis; // as seen from the point about to be judged
    double *y, *known;   // by point and lane: WIDE * point + lane; 0 where not known
    // In, for the point about to be judged.
    int64_t is_count[WIDE]; // all ones or 0
    // Carried on from the period before; set by fused_block_forget.
    double now[WIDE], score[WIDE];
    // Out.
    int64_t is_seasonal[WIDE]; // the regression took part
    double taught[WIDE];       // values that the local level knows
    double expected[WIDE], variance[WIDE], mean[WIDE], slope[WIDE], threshold[WIDE], upper[WIDE];
    double fresh[WIDE]; // the score given out: the evidence, lowered where it is stale
};

// As if an ordinary period without news had gone before.
static inline void fused_block_forget(struct fused_block *block)
{
    for (int lane = 0; lane < WIDE; lane++) {
        block->now[lane] = 1;
        block->score[lane] = -1e9;
    }
}

// Is the value of a point part of the series and reported? What is beyond the panel's promise is as
// if it were not.
static inline bool fused_knows(const double *value, size_t first, size_t point)
{
    return point >= first && fabs(value[point]) <= 1e15;
}

bool fused_judge(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output);
bool fused_refer(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output);

#endif
