// SPDX-License-Identifier: LGPL-3.0-or-later
//
// holt_winters.c: exceedance of a forecast by exponential smoothing with trend and season.
//
// Holt 1957; Winters 1960; Hyndman, Koehler, Ord, Snyder 2008. docs/detectors 15. With level l,
// slope b, seasonal parts s of period p, damping d:
//
//     f = l + d b + s_{t-p},   e = y - f
//     l' = A (y - s_{t-p}) + (1-A)(l + d b),   b' = B (l' - l) + (1-B) d b
//     s_t = C (y - l') + (1-C) s_{t-p}
//     U = f + z_{1-alpha} sd,   alarm y > U
//
// sd is that of all one-step errors so far, mean removed, divisor n - 1. Counts are worked on as
// sqrt(y + 3/8) or ln(y + 1) and bounds transformed back. After an alarm the model learns min(y, U)
// and not y, else the outbreak becomes the norm. A gap is taken as the forecast.
//
//     points   |<-- season 1 -->|<-- season 2 -->| ... |  chart
//               begin: both seasons;  errors from season 2 on, to the baseline's end
//
// The constants are the options', or, with fit = 1, those that make the sum of squared errors of
// the baseline least: steps along each axis, halved until they are below 1/512.
#include <string.h>

#include "analysis/holt_winters.h"

struct holt_state {
    struct chart_head head;
    struct holt_constants constants;
    enum holt_scale scale;
    bool is_fitted, is_clipped, is_ready;
    double alpha, z;
    size_t period;
    double level, slope;
    struct chart_moments errors;
    double memory[]; // seasonal parts by phase, a copy for trying, the baseline
};

static size_t size_of(const double *option, int frequency, size_t baseline)
{
    return sizeof(struct holt_state) +
           (2 * holt_period(option, frequency) + baseline) * sizeof(double);
}

size_t holt_start(const double *option, int frequency)
{
    size_t least = 2 * holt_period(option, frequency), baseline = (size_t)option[HOLT_BASELINE];
    least = least < HOLT_LINE ? HOLT_LINE : least;
    return baseline < least ? least : baseline;
}

static void begin(void *memory, const double *option, int frequency)
{
    struct holt_state *state = memory;
    state->constants = (struct holt_constants){option[HOLT_LEVEL], option[HOLT_TREND],
                                               option[HOLT_SEASON], option[HOLT_DAMPING]};
    state->scale = (enum holt_scale)option[HOLT_SCALE];
    state->is_fitted = option[HOLT_FIT] != 0;
    state->is_clipped = option[HOLT_CLIP] != 0;
    state->alpha = option[HOLT_ALPHA];
    state->z = analysis_normal_quantile(1 - option[HOLT_ALPHA]);
    state->period = holt_period(option, frequency);
}

static double *baseline_of(struct holt_state *state)
{
    return state->memory + 2 * state->period;
}

static void learn(void *memory, double value, double population)
{
    (void)population;
    struct holt_state *state = memory;
    double x = isfinite(value) ? holt_to_scale(state->scale, value) : ANALYSIS_MISSING;
    baseline_of(state)[state->head.seen - 1] = x;
}

// A line through y[0..count-1] at 1, 2, ...: its value at 0 and slope.
static void lay_line(const double *y, size_t count, double *ret_level, double *ret_slope)
{
    double middle = ((double)count + 1) / 2, mean = 0, product = 0, square = 0;
    for (size_t i = 0; i < count; i++)
        mean += y[i] / (double)count;
    for (size_t i = 0; i < count; i++) {
        double step = (double)i + 1 - middle;
        product += step * (y[i] - mean);
        square += step * step;
    }
    *ret_slope = square > 0 ? product / square : 0;
    *ret_level = mean - *ret_slope * middle;
}

// The value of a phase, from the other season where this one has none.
static double value_at(const double *y, size_t period, size_t t)
{
    double other = y[t < period ? t + period : t - period];
    return isnan(y[t]) ? other : y[t];
}

// The centred moving average of length p about t; of an even p its ends weigh half.
static double average_about(const double *y, size_t period, size_t t)
{
    size_t half = period / 2;
    double sum = 0;
    for (size_t i = t - half; i <= t + half; i++) {
        bool is_end = period % 2 == 0 && (i == t - half || i == t + half);
        sum += (is_end ? 0.5 : 1) * value_at(y, period, i);
    }
    return sum / (double)period;
}

// Season by season what is left of the moving averages, for the phases t mod p; the middle of both
// seasons has them, p or p + 1 of them.
bool holt_begin(const double *y, size_t period, double *ret_level, double *ret_slope,
                double *season)
{
    if (period == 1) {
        season[0] = 0;
        lay_line(y, HOLT_LINE, ret_level, ret_slope);
        return isfinite(*ret_level);
    }
    size_t half = period / 2, count = 2 * period - 2 * half;
    double middle = ((double)count + 1) / 2, mean = 0, product = 0, square = 0, total = 0;
    for (size_t phase = 0; phase < period; phase++)
        season[phase] = 0;
    for (size_t i = 0; i < count; i++) {
        double trend = average_about(y, period, i + half), step = (double)i + 1 - middle;
        // A phase that occurs twice, as in a season of odd length, counts by its mean.
        double weight = count > period && (i == 0 || i == count - 1) ? 0.5 : 1;
        mean += trend / (double)count;
        product += step * trend;
        square += step * step;
        season[(i + half) % period] += weight * (value_at(y, period, i + half) - trend);
    }
    for (size_t phase = 0; phase < period; phase++)
        total += season[phase] / (double)period;
    for (size_t phase = 0; phase < period; phase++)
        season[phase] -= total;
    *ret_slope = product / square;
    *ret_level = mean - *ret_slope * middle;
    return isfinite(*ret_level) && isfinite(*ret_slope);
}

static double forecast(const struct holt_constants *constants, double level, double slope,
                       double season)
{
    return level + constants->damping * slope + season;
}

// Takes in a value; a missing one is the forecast.
static void update(const struct holt_constants *constants, double y, double *level, double *slope,
                   double *season)
{
    double damped = constants->damping * *slope, ahead = *level + damped;
    if (isnan(y)) {
        *level = ahead;
        *slope = damped;
        return;
    }
    double next = constants->level * (y - *season) + (1 - constants->level) * ahead;
    *slope = constants->trend * (next - *level) + (1 - constants->trend) * damped;
    *season = constants->season * (y - next) + (1 - constants->season) * *season;
    *level = next;
}

// Runs over the baseline from the beginning on; returns the sum of squared errors. `season` is
// where the seasonal parts end up.
static double run_baseline(struct holt_state *state, const struct holt_constants *constants,
                           double *season)
{
    const double *y = baseline_of(state);
    double sum = 0;
    state->is_ready = holt_begin(y, state->period, &state->level, &state->slope, season);
    state->errors = (struct chart_moments){0};
    for (size_t t = state->period == 1 ? 0 : state->period; t < state->head.baseline; t++) {
        double *part = &season[t % state->period];
        double error = y[t] - forecast(constants, state->level, state->slope, *part);
        if (!isnan(y[t])) {
            chart_moments_add(&state->errors, error);
            sum += error * error;
        }
        update(constants, y[t], &state->level, &state->slope, part);
    }
    return sum;
}

static void fit_constants(struct holt_state *state)
{
    double *trial = state->memory + state->period, step = 0.25;
    struct holt_constants best = state->constants;
    double least = run_baseline(state, &best, trial);
    while (step > 1.0 / 512) {
        bool is_better = false;
        for (int move = 0; move < 6; move++) {
            struct holt_constants next = best;
            double *place = move / 2 == 0   ? &next.level
                            : move / 2 == 1 ? &next.trend
                                            : &next.season;
            *place += move % 2 == 0 ? step : -step;
            *place = *place < 0 ? 0 : *place > 1 ? 1 : *place;
            double sum = run_baseline(state, &next, trial);
            if (sum < least * (1 - 1e-12)) {
                least = sum;
                best = next;
                is_better = true;
            }
        }
        step = is_better ? step : step / 2;
    }
    state->constants = best;
}

static bool settle(void *memory)
{
    struct holt_state *state = memory;
    size_t least = 2 * state->period < HOLT_LINE ? HOLT_LINE : 2 * state->period;
    state->is_ready = false;
    if (state->head.baseline < least)
        return true;
    if (state->is_fitted)
        fit_constants(state);
    run_baseline(state, &state->constants, state->memory);
    return true;
}

static void step(void *memory, double value, double population, struct analysis_point *point)
{
    (void)population;
    struct holt_state *state = memory;
    double *part = &state->memory[(state->head.seen - 1) % state->period];
    double sd = sqrt(chart_moments_variance(&state->errors));
    if (!state->is_ready || !isfinite(sd) || !isfinite(state->level + state->slope + *part)) {
        point_give_up(point, isnan(value) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_BASELINE);
        return;
    }
    double ahead = forecast(&state->constants, state->level, state->slope, *part);
    sd = holt_spread(sd, ahead);
    double bound = ahead + state->z * sd, upper = holt_from_scale(state->scale, bound);
    double expected = holt_from_scale(state->scale, ahead);
    double x = isfinite(value) ? holt_to_scale(state->scale, value) : ANALYSIS_MISSING;
    point_set(point, ANALYSIS_EXPECTED, expected);
    point_set(point, ANALYSIS_UPPER, upper);
    if (isnan(x) || !isfinite(upper)) {
        point_give_up(point, isnan(value) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_RANGE);
        update(&state->constants, ANALYSIS_MISSING, &state->level, &state->slope, part);
        return;
    }
    bool is_alarm = x > bound + 1e-9 * fabs(bound);
    if (upper > expected)
        point_set(point, ANALYSIS_SCORE, (value - expected) / (upper - expected));
    if (sd > 0)
        point_set(point, ANALYSIS_PVALUE, analysis_normal_upper((x - ahead) / sd));
    point->outcome |= (uint16_t)(ANALYSIS_JUDGED | (is_alarm ? ANALYSIS_ALARM : 0));
    if (is_alarm && state->is_clipped)
        x = bound;
    chart_moments_add(&state->errors, x - ahead);
    update(&state->constants, x, &state->level, &state->slope, part);
}

const struct chart_method holt_method = {size_of, begin, learn, settle, step, NULL, NULL};

bool holt_judge(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output)
{
    return chart_judge(&holt_method, panel, option, holt_start(option, panel->frequency), output);
}
