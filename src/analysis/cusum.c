// SPDX-License-Identifier: LGPL-3.0-or-later
//
// cusum.c: the cumulative sum of counts, one-sided.
//
// Rossi, Lampugnani, Marchi 1999, Stat Med 18:2111. docs/detectors 10. With m the reference mean of
// the period and s the standardised count:
//
//     C_0 = 0,   C_t = max(0, C_{t-1} + s_t - k),   alarm  C_t >= h
//
//     standard    (x - m)/sqrt m                     rossi   (x - 3m + 2 sqrt(x m))/(2 sqrt m)
//     anscombe    1.5 (x^(2/3) - m^(2/3))/m^(1/6)    anscombe2, negbin, none: docs
//
// m is the mean of the baseline, or from a Poisson regression on one pair of harmonics, or given
// (target). The bound reported is the count that would have raised the alarm. A gap leaves C as it
// is; there is no reset after an alarm unless asked for.
//
// All transforms are (u(x) - shift)/scale with constants of m, worked out once for each phase of
// the year, rossi's that and sqrt x; what is left for each point is a multiplication and at most
// two roots. The step below and the one for eight series (chart_kernel.c) do the same operations in
// the same order.
#include <string.h>

#include "analysis/cusum.h"
#include "analysis/season.h"
#include "analysis/wide_kernels.h"
#include "base/memory.h"

struct cusum_state {
    struct chart_head head;
    struct cusum_plan plan;
    enum cusum_mean mean;
    int frequency;
    bool is_offset;
    double target;         // infinite: the baseline's
    double total, counted; // of the baseline: sum of counts; periods, or population
    double sum;            // C
    size_t phases;         // levels in use
    // Levels by phase, then, for a regression, the baseline's counts and population.
    double memory[];
};

static size_t phase_count(const double *option, int frequency)
{
    return option[CUSUM_MEAN] == CUSUM_GLM && frequency > 0 ? (size_t)frequency : 1;
}

static struct cusum_level *levels_of(struct cusum_state *state)
{
    return (struct cusum_level *)state->memory;
}

static double *counts_of(struct cusum_state *state)
{
    return state->memory + state->phases * CUSUM_LEVEL_FIELDS;
}

static size_t size_of(const double *option, int frequency, size_t baseline)
{
    size_t kept = option[CUSUM_MEAN] == CUSUM_GLM ? 2 * baseline : 0;
    return sizeof(struct cusum_state) +
           (phase_count(option, frequency) * CUSUM_LEVEL_FIELDS + kept) * sizeof(double);
}

size_t cusum_start(const double *option, int frequency)
{
    size_t baseline = (size_t)option[CUSUM_BASELINE];
    if (isfinite(option[CUSUM_TARGET]))
        return 0;
    if (option[CUSUM_MEAN] == CUSUM_GLM && baseline < (size_t)frequency)
        return (size_t)frequency;
    return baseline;
}

static void begin(void *memory, const double *option, int frequency)
{
    struct cusum_state *state = memory;
    state->plan = (struct cusum_plan){.transform = (enum cusum_transform)option[CUSUM_TRANSFORM],
                                      .alpha_nb = option[CUSUM_ALPHA_NB],
                                      .is_reset = option[CUSUM_RESET] != 0};
    cusum_choose_bounds(option, &state->plan.k, &state->plan.h);
    state->mean = (enum cusum_mean)option[CUSUM_MEAN];
    state->frequency = frequency;
    state->is_offset = option[CUSUM_POPULATION_OFFSET] != 0;
    state->target = option[CUSUM_TARGET];
    state->phases = phase_count(option, frequency);
}

static void learn(void *memory, double value, double population)
{
    struct cusum_state *state = memory;
    size_t at = state->head.seen - 1;
    if (state->mean == CUSUM_GLM) {
        counts_of(state)[at] = value;
        counts_of(state)[state->head.baseline + at] = population;
    }
    double part = state->is_offset ? population : 1;
    if (!isfinite(value) || !isfinite(part))
        return;
    state->total += value;
    state->counted += part;
}

static struct cusum_level level_of(double mean, double shift, double scale, double upper_shift)
{
    return (struct cusum_level){mean, shift, scale, upper_shift, 1 / scale};
}

struct cusum_level cusum_level_of(const struct cusum_plan *plan, double mean)
{
    bool is_anscombe =
        plan->transform == TRANSFORM_ANSCOMBE || plan->transform == TRANSFORM_ANSCOMBE2;
    double cube = is_anscombe ? cbrt(mean) : 0, sixth = sqrt(cube), root = sqrt(mean);
    switch (plan->transform) {
    case TRANSFORM_STANDARD: return level_of(mean, mean, root, mean);
    case TRANSFORM_ROSSI: return level_of(mean, 3 * mean, 2 * root, 5 * mean);
    case TRANSFORM_ANSCOMBE: return level_of(mean, cube * cube, 2.0 / 3 * sixth, cube * cube);
    case TRANSFORM_ANSCOMBE2:
        return level_of(mean, cube * cube - 1 / (9 * cube), 2.0 / 3 * sixth,
                        cube * cube - cube / 9);
    case TRANSFORM_NEGBIN:
        return level_of(mean, mean, sqrt(mean + plan->alpha_nb * mean * mean), mean);
    default: return level_of(mean, 0, 1, 0);
    }
}

static bool settle(void *memory)
{
    struct cusum_state *state = memory;
    struct harmonic_model model = {.frequency = state->frequency, .harmonics = 1};
    if (isfinite(state->target) || state->mean == CUSUM_AVERAGE) {
        double mean = isfinite(state->target) ? state->target : state->total / state->counted;
        for (size_t phase = 0; phase < state->phases; phase++)
            levels_of(state)[phase] = cusum_level_of(&state->plan, mean);
        return true;
    }
    const double *count = counts_of(state);
    const double *population = state->is_offset ? count + state->head.baseline : NULL;
    if (!harmonic_fit(&model, count, population, state->head.baseline))
        return false;
    for (size_t phase = 0; phase < state->phases; phase++) {
        double mean = season_model_mu0(harmonic_season(&model, (double)phase + 1));
        levels_of(state)[phase] =
            cusum_level_of(&state->plan, model.is_fitted ? mean : ANALYSIS_MISSING);
    }
    return true;
}

static double transform(const struct cusum_plan *plan, const struct cusum_level *level, double x)
{
    double u = x, root = plan->transform == TRANSFORM_ROSSI ? sqrt(x) : 0;
    if (plan->transform == TRANSFORM_ANSCOMBE || plan->transform == TRANSFORM_ANSCOMBE2) {
        double cube = cbrt(x);
        u = cube * cube;
    }
    return (u - level->shift) * level->inverse + root;
}

// The count that would have made the sum h, `lack` above k; where there is none, 0.
static double find_upper(const struct cusum_plan *plan, const struct cusum_level *level,
                         double lack, double sum)
{
    double upper = plan->h - sum, base = level->upper_shift + lack * level->scale;
    switch (plan->transform) {
    case TRANSFORM_STANDARD: upper = ceil(base); break;
    case TRANSFORM_ROSSI: {
        double square = level->mean * level->mean, half = level->scale * level->mean;
        upper = base - 2 * sqrt(4 * square + lack * half);
        break;
    }
    case TRANSFORM_ANSCOMBE:
    case TRANSFORM_ANSCOMBE2: upper = base * sqrt(base); break;
    case TRANSFORM_NEGBIN: upper = base; break;
    default: break;
    }
    return upper > 0 ? upper : 0;
}

static void step(void *memory, double value, double population, struct analysis_point *point)
{
    struct cusum_state *state = memory;
    const struct cusum_plan *plan = &state->plan;
    struct cusum_level level = levels_of(state)[(state->head.seen - 1) % state->phases];
    if (state->is_offset)
        level = cusum_level_of(plan, level.mean * population);
    if (isnan(value) || (state->is_offset && isnan(population))) {
        point_give_up(point, ANALYSIS_REASON_MISSING);
        return;
    }
    bool is_none = plan->transform == TRANSFORM_NONE;
    if (!isfinite(level.mean) || !(is_none || level.mean > 0)) {
        if (level.mean == 0)
            point_set(point, ANALYSIS_UPPER, 0);
        point_give_up(point, isnan(level.mean) ? ANALYSIS_REASON_BASELINE : ANALYSIS_REASON_RANGE);
        return;
    }
    point_set(point, ANALYSIS_EXPECTED, level.mean);
    if (!isfinite(value) || !(is_none || value >= 0)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    double before = state->sum, lack = plan->h + plan->k - before;
    double sum = before + (transform(plan, &level, value) - plan->k);
    sum = sum > 0 ? sum : 0;
    point_set(point, ANALYSIS_UPPER, find_upper(plan, &level, lack, sum));
    point_set(point, ANALYSIS_SCORE, sum / plan->h);
    chart_close(point, sum, sum >= plan->h);
    state->sum = plan->is_reset && sum >= plan->h ? 0 : sum;
}

static bool is_wide(const void *memory)
{
    const struct cusum_state *state = memory;
    return !state->is_offset;
}

static bool judge_eight(void *const memory[WIDE], const struct analysis_panel *panel, size_t series,
                        size_t from, const struct analysis_output *output)
{
    struct cusum_state *one = memory[0];
    struct cusum_lanes lanes = {.phases = one->phases, .phase = one->head.seen % one->phases};
    size_t size = one->phases * CUSUM_LEVEL_FIELDS * WIDE;
    const double *value[WIDE];
    struct chart_sink sink;
    size_t at = series * panel->stride + from;
    chart_sink_place(&sink, output, panel, series, from);
    lanes.level = memory_take(size * sizeof(double));
    if (lanes.level == NULL)
        return false;
    for (size_t lane = 0; lane < WIDE; lane++) {
        struct cusum_state *state = memory[lane];
        value[lane] = panel->value + at + lane * panel->stride;
        lanes.sum[lane] = state->sum;
        for (size_t i = 0; i < one->phases * CUSUM_LEVEL_FIELDS; i++)
            lanes.level[WIDE * i + lane] = state->memory[i];
    }
    wide_kernels_find()->cusum_run(&one->plan, &lanes, value, panel->to - from, &sink);
    memory_free(lanes.level);
    return true;
}

const struct chart_method cusum_method = {size_of, begin,   learn,      settle,
                                          step,    is_wide, judge_eight};

bool cusum_judge(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output)
{
    // Bounds from run lengths are found once, not for each series.
    double settled[CUSUM_OPTIONS];
    memcpy(settled, option, sizeof settled);
    cusum_choose_bounds(option, &settled[CUSUM_K], &settled[CUSUM_H]);
    settled[CUSUM_ARL] = INFINITY;
    return chart_judge(&cusum_method, panel, settled, cusum_start(option, panel->frequency),
                       output);
}
