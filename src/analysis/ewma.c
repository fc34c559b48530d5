// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ewma.c: the exponentially weighted moving average chart.
//
// Roberts 1959, Technometrics 1:239; Lucas, Saccucci 1990. docs/detectors 12.
//
//     E_0 = m0,   E_t = E_{t-1} + lambda (x_t - E_{t-1})
//     V_0 = 0,    V_t = lambda^2 s + (1-lambda)^2 V_{t-1}       s the variance of a single value
//     U_t = m0 + L sqrt(V_t),   alarm  E_t > U_t
//
// With one s throughout V_t is the textbook's s lambda/(2-lambda) (1 - (1-lambda)^(2t)); written as
// a recurrence it also serves for rates, whose s changes with the population. The form of E_t above
// leaves a constant series exactly where it is, so that one without spread never alarms by
// rounding.
//
// m0 and s are those of the baseline, or given. A gap leaves E and V as they are. The bound
// reported is the value that would have raised the alarm. The step below and the one for eight
// series (chart_kernel.c) do the same operations in the same order.
#include "analysis/ewma.h"
#include "analysis/wide_kernels.h"

struct ewma_state {
    struct chart_head head;
    struct ewma_plan plan;
    enum ewma_spread kind;
    bool is_offset;
    double target, sigma;         // infinite: the baseline's
    struct chart_moments moments; // of the baseline's values, or rates
    double total, population;     // of rates
    double mean, spread;
    double level, variance; // E and V
};

static size_t size_of(const double *option, int frequency, size_t baseline)
{
    (void)option;
    (void)frequency;
    (void)baseline;
    return sizeof(struct ewma_state);
}

size_t ewma_start(const double *option, int frequency)
{
    (void)frequency;
    bool is_given = isfinite(option[EWMA_TARGET]) &&
                    (isfinite(option[EWMA_SIGMA]) || option[EWMA_SPREAD] == SPREAD_POISSON);
    return is_given ? 0 : (size_t)option[EWMA_BASELINE];
}

static void begin(void *memory, const double *option, int frequency)
{
    (void)frequency;
    struct ewma_state *state = memory;
    state->plan =
        (struct ewma_plan){option[EWMA_LAMBDA], option[EWMA_LIMIT], option[EWMA_TWO_SIDED] != 0,
                           option[EWMA_STEADY] != 0, option[EWMA_REFLECT] != 0};
    state->kind = (enum ewma_spread)option[EWMA_SPREAD];
    state->is_offset = option[EWMA_POPULATION_OFFSET] != 0;
    state->target = option[EWMA_TARGET];
    state->sigma = option[EWMA_SIGMA];
}

static void learn(void *memory, double value, double population)
{
    struct ewma_state *state = memory;
    double part = state->is_offset ? population : 1;
    if (!isfinite(value) || !isfinite(part))
        return;
    chart_moments_add(&state->moments, state->is_offset ? value / part : value);
    state->total += value;
    state->population += part;
}

static bool settle(void *memory)
{
    struct ewma_state *state = memory;
    double mean = state->is_offset ? state->total / state->population : state->moments.mean;
    if (state->moments.count == 0)
        mean = ANALYSIS_MISSING;
    state->mean = isfinite(state->target) ? state->target : mean;
    state->spread = chart_moments_variance(&state->moments);
    if (state->kind == SPREAD_POISSON)
        state->spread = state->mean >= 0 ? state->mean : ANALYSIS_MISSING;
    if (isfinite(state->sigma))
        state->spread = state->sigma * state->sigma;
    state->level = state->mean;
    return true;
}

static void step(void *memory, double value, double population, struct analysis_point *point)
{
    struct ewma_state *state = memory;
    const struct ewma_plan *plan = &state->plan;
    double part = state->is_offset ? population : 1, mean = state->mean, spread = state->spread;
    if (isnan(value) || isnan(part)) {
        point_give_up(point, ANALYSIS_REASON_MISSING);
        return;
    }
    if (!isfinite(mean) || !isfinite(spread)) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
        return;
    }
    point_set(point, ANALYSIS_EXPECTED, state->is_offset ? mean * part : mean);
    if (state->is_offset && state->kind == SPREAD_POISSON && !isfinite(state->sigma))
        spread /= part;
    double before = state->level, x = state->is_offset ? value / part : value;
    double next = before + plan->lambda * (x - before);
    if (plan->is_reflecting)
        next = next > mean ? next : mean;
    double wider = plan->lambda * plan->lambda * spread +
                   (1 - plan->lambda) * (1 - plan->lambda) * state->variance;
    if (plan->is_steady)
        wider = plan->lambda / (2 - plan->lambda) * spread;
    double reach = plan->limit * sqrt(wider), distance = next - mean;
    if (!isfinite(value) || !isfinite(next) || !isfinite(reach)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    double upper = before + (mean + reach - before) / plan->lambda;
    bool is_alarm = distance > reach || (plan->is_two_sided && distance < -reach);
    if (plan->is_two_sided)
        distance = distance < 0 ? -distance : distance;
    point_set(point, ANALYSIS_UPPER, state->is_offset ? upper * part : upper);
    if (reach > 0)
        point_set(point, ANALYSIS_SCORE, distance / reach);
    chart_close(point, next, is_alarm);
    state->level = next;
    state->variance = wider;
}

static bool is_wide(const void *memory)
{
    const struct ewma_state *state = memory;
    return !state->is_offset;
}

static bool judge_eight(void *const memory[WIDE], const struct analysis_panel *panel, size_t series,
                        size_t from, const struct analysis_output *output)
{
    const struct ewma_state *one = memory[0];
    struct ewma_lanes lanes;
    struct chart_sink sink;
    const double *value[WIDE];
    size_t at = series * panel->stride + from;
    chart_sink_place(&sink, output, panel, series, from);
    for (size_t lane = 0; lane < WIDE; lane++) {
        const struct ewma_state *state = memory[lane];
        value[lane] = panel->value + at + lane * panel->stride;
        lanes.mean[lane] = state->mean;
        lanes.spread[lane] = state->spread;
        lanes.level[lane] = state->level;
        lanes.variance[lane] = state->variance;
    }
    wide_kernels_find()->ewma_run(&one->plan, &lanes, value, panel->to - from, &sink);
    return true;
}

const struct chart_method ewma_method = {size_of, begin, learn, settle, step, is_wide, judge_eight};

bool ewma_judge(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output)
{
    return chart_judge(&ewma_method, panel, option, ewma_start(option, panel->frequency), output);
}
