// SPDX-License-Identifier: LGPL-3.0-or-later
//
// season.h: what both Farrington methods are made of: options, baseline, threshold.
//
// Of the folder only. The fast form (farrington.c, grouped_fit.c) and the plain form
// (farrington_reference.c, glm.c) share this: they differ in how they fit the model, not in what it
// is fitted to nor in what is said about its result.
#ifndef LEVEE_ANALYSIS_SEASON_H
#define LEVEE_ANALYSIS_SEASON_H

#include "analysis/analysis_priv.h"

// Places of the options, in the order of the tables in detectors.c.
enum {
    FARRINGTON_B,
    FARRINGTON_W,
    FARRINGTON_REWEIGHT,
    FARRINGTON_ALPHA,
    FARRINGTON_TREND,
    FARRINGTON_POWER,
    FARRINGTON_LIMIT_CASES,
    FARRINGTON_LIMIT_PERIOD,
    FARRINGTON_OPTIONS
};
enum {
    FLEXIBLE_B,
    FLEXIBLE_W,
    FLEXIBLE_REWEIGHT,
    FLEXIBLE_WEIGHTS_THRESHOLD,
    FLEXIBLE_ALPHA,
    FLEXIBLE_TREND,
    FLEXIBLE_TREND_P,
    FLEXIBLE_PERIODS,
    FLEXIBLE_EXCLUDE_RECENT,
    FLEXIBLE_THRESHOLD,
    FLEXIBLE_POWER,
    FLEXIBLE_LIMIT_CASES,
    FLEXIBLE_LIMIT_PERIOD,
    FLEXIBLE_POPULATION_OFFSET,
    FLEXIBLE_OPTIONS
};
enum season_power { POWER_TWO_THIRDS, POWER_HALF, POWER_NONE };
enum season_threshold { THRESHOLD_DELTA, THRESHOLD_NB, THRESHOLD_MUAN };

enum { SEASON_YEARS_MOST = 20, SEASON_TREND_YEARS = 3 };

// The options of either method, read.
struct season_plan {
    bool is_flexible;
    int32_t b, w;
    int32_t periods; // groups; 1: none
    int32_t exclude; // points before k kept out
    int32_t frequency;
    bool is_reweighted, is_trended, is_offset;
    double weights_threshold;
    double trend_p;
    double alpha, z;
    enum season_power power;
    enum season_threshold threshold;
    double limit_cases;
    int32_t limit_period;
    const int32_t *day; // NULL: index form
};

struct season_plan season_plan_farrington(const double *option, int frequency, const int32_t *day);
struct season_plan season_plan_flexible(const double *option, int frequency, const int32_t *day);
// True when windows do not overlap and the groups fit between them (docs/detectors 3.1).
bool season_plan_is_sound(const struct season_plan *plan);

// The rows of the baseline of one point k, ordered by group, oldest first within a group.
//
//     row      0 1 2 ...          | group_start[1] ...      | ...
//     index    points k + index, index < 0
//     time     the trend's covariate, 0 at k
struct season_baseline {
    int32_t row_count;
    int32_t *index;
    double *time;
    int32_t group_count;  // groups 0 .. group_count-1; k belongs to the last
    int32_t *group_start; // group_count + 1
    int32_t oldest;       // the oldest point looked back on, as an index below 0
};

// The most rows a baseline of the plan can have.
size_t season_row_most(const struct season_plan *plan);
// Memory that season_baseline_place needs, in bytes.
size_t season_baseline_size(const struct season_plan *plan);
// Lays an empty baseline out in `memory`, aligned for double.
void season_baseline_place(struct season_baseline *baseline, const struct season_plan *plan,
                           void *memory);
// Finds the rows for point k (counted from the panel's first). In index form they do not depend on
// k. False when the panel's own days do not reach back far enough.
bool season_baseline_find(struct season_baseline *baseline, const struct season_plan *plan,
                          size_t k);

// The reference point so many years before k, as an index relative to k, by the plan's frequency or
// days; 1 where the days do not reach it.
int32_t season_reference_index(const struct season_plan *plan, size_t k, int32_t years);

// What a fitted model says about point k.
struct season_model {
    double eta;     // linear predictor at k, offset included
    double phi_raw; // Pearson dispersion, may be below 1
    double spread;  // variance of eta at k over the dispersion, x' V x
    double disp;    // dispersion behind the standard error (flexible; see docs/detectors 3.3 b)
    double slope, slope_spread; // the slope and its variance over the dispersion
    double freedom;             // degrees of freedom of the dispersion
    bool has_trend;
};

// Judges value y with the model; `recent` is the sum of the last limit_period values, y included.
void season_judge(const struct season_plan *plan, const struct season_model *model, double y,
                  double recent, struct analysis_point *point);
// The sum behind "recent": points k-limit_period+1 .. k that exist and are known.
double season_recent_sum(const struct season_plan *plan, const double *value, size_t first,
                         size_t k);

// True when the slope changes nothing over the time looked back on: what is left of it is rounding,
// and a test of rounding against rounding would keep or drop the trend by chance.
static inline bool season_model_is_flat(const struct season_model *model, int32_t oldest)
{
    return fabs(model->slope * oldest) < 1e-10;
}

// exp(eta), held at the smallest mean that the fit knows.
static inline double season_model_mu0(double eta)
{
    double mu = exp(eta);
    return mu > 2.220446049250313e-16 ? mu : 2.220446049250313e-16;
}

// The plain form's work space, for one thread, and its judgement of one point
// (farrington_reference.c).
struct season_reference;
struct season_reference *season_reference_take(const struct season_plan *plan);
void season_reference_free(struct season_reference *work);
void season_reference_judge(const struct season_plan *plan, struct season_reference *work,
                            const struct analysis_panel *panel, size_t series, size_t k,
                            struct analysis_point *point);

bool farrington_judge(const struct analysis_panel *panel, const double *option,
                      const struct analysis_output *output);
bool farrington_refer(const struct analysis_panel *panel, const double *option,
                      const struct analysis_output *output);
bool flexible_judge(const struct analysis_panel *panel, const double *option,
                    const struct analysis_output *output);
bool flexible_refer(const struct analysis_panel *panel, const double *option,
                    const struct analysis_output *output);

#endif
