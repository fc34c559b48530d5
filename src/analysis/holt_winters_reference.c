// SPDX-License-Identifier: LGPL-3.0-or-later
//
// holt_winters_reference.c: the forecast in its error form, the oracle of holt_winters.c.
//
// The same model written as ETS has it: level, slope and season each move by a share of the error,
//
//     l' = l + d b + A e,   b' = d b + A B e,   s' = s + C (1-A) e
//
// with the beginning and the fitted constants shared; errors are kept and measured by two passes.
#include "analysis/holt_winters.h"
#include "base/memory.h"

struct holt_view {
    const double *option;
    struct holt_constants constants;
    enum holt_scale scale;
    size_t period;
    double level, slope;
    double *season, *error;
    size_t error_count;
};

// Goes on by a period whose value, on the scale, is y; NaN: missing. Returns the forecast.
static double advance(struct holt_view *view, size_t t, double y, double *ret_error)
{
    const struct holt_constants *constants = &view->constants;
    double *season = &view->season[t % view->period];
    double ahead = view->level + constants->damping * view->slope + *season;
    double e = isnan(y) ? 0 : y - ahead;
    view->level += constants->damping * view->slope + constants->level * e;
    view->slope = constants->damping * view->slope + constants->level * constants->trend * e;
    *season += constants->season * (1 - constants->level) * e;
    *ret_error = e;
    return ahead;
}

static double deviation_of(const struct holt_view *view)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < view->error_count; i++)
        mean += view->error[i] / (double)view->error_count;
    for (size_t i = 0; i < view->error_count; i++)
        squares += (view->error[i] - mean) * (view->error[i] - mean);
    return view->error_count < 2 ? ANALYSIS_MISSING
                                 : sqrt(squares / (double)(view->error_count - 1));
}

static void judge_point(struct holt_view *view, size_t t, double value,
                        struct analysis_point *point)
{
    double sd = deviation_of(view), y = ANALYSIS_MISSING, error = 0;
    struct holt_view before = *view;
    double kept = view->season[t % view->period];
    if (isfinite(value))
        y = holt_to_scale(view->scale, value);
    if (!isfinite(sd) || !isfinite(view->level + view->slope + kept)) {
        point_give_up(point, isnan(value) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_BASELINE);
        return;
    }
    double ahead = advance(view, t, y, &error);
    sd = holt_spread(sd, ahead);
    double bound = ahead + analysis_normal_quantile(1 - view->option[HOLT_ALPHA]) * sd;
    double expected = holt_from_scale(view->scale, ahead);
    double upper = holt_from_scale(view->scale, bound);
    point_set(point, ANALYSIS_EXPECTED, expected);
    point_set(point, ANALYSIS_UPPER, upper);
    if (isnan(y) || !isfinite(upper)) {
        point_give_up(point, isnan(value) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_RANGE);
        return;
    }
    bool is_alarm = y > bound + 1e-9 * fabs(bound);
    if (upper > expected)
        point_set(point, ANALYSIS_SCORE, (value - expected) / (upper - expected));
    if (sd > 0)
        point_set(point, ANALYSIS_PVALUE, analysis_normal_upper(error / sd));
    point->outcome |= (uint16_t)(ANALYSIS_JUDGED | (is_alarm ? ANALYSIS_ALARM : 0));
    if (is_alarm && view->option[HOLT_CLIP] != 0) {
        *view = before;
        view->season[t % view->period] = kept;
        advance(view, t, bound, &error);
    }
    view->error[view->error_count++] = error;
}

static void begin_series(struct holt_view *view, const double *y, size_t baseline)
{
    double error = 0;
    view->error_count = 0;
    if (baseline < 2 * view->period || baseline < HOLT_LINE ||
        !holt_begin(y, view->period, &view->level, &view->slope, view->season)) {
        view->level = ANALYSIS_MISSING;
        return;
    }
    for (size_t t = view->period == 1 ? 0 : view->period; t < baseline; t++) {
        advance(view, t, y[t], &error);
        if (!isnan(y[t]))
            view->error[view->error_count++] = error;
    }
}

bool holt_refer(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output)
{
    struct holt_view view = {.option = option,
                             .constants = {option[HOLT_LEVEL], option[HOLT_TREND],
                                           option[HOLT_SEASON], option[HOLT_DAMPING]},
                             .scale = (enum holt_scale)option[HOLT_SCALE],
                             .period = holt_period(option, panel->frequency)};
    size_t start = holt_start(option, panel->frequency);
    double *y = memory_allocate((2 * panel->to + view.period + 1) * sizeof *y);
    if (y == NULL)
        return false;
    view.season = y + panel->to;
    view.error = view.season + view.period;
    for (size_t s = 0; s < panel->series_count; s++) {
        size_t first = panel_first(panel, s), end = first + chart_baseline(panel, s, start);
        const double *x = panel->value + s * panel->stride;
        for (size_t t = first; t < end && t < panel->to; t++)
            y[t - first] = isfinite(x[t]) ? holt_to_scale(view.scale, x[t]) : ANALYSIS_MISSING;
        if (end < panel->to)
            begin_series(&view, y, end - first);
        for (size_t t = 0; t < panel->to; t++) {
            struct analysis_point point = {0};
            if (t < first)
                point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
            else if (t < end)
                point_give_up(&point,
                              isnan(x[t]) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
            else
                judge_point(&view, t - first, x[t], &point);
            if (t >= panel->from)
                output_store(output, s * panel->stride + t, &point);
        }
    }
    memory_free(y);
    return true;
}
