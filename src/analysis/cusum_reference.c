// SPDX-License-Identifier: LGPL-3.0-or-later
//
// cusum_reference.c: CUSUM straight from the formulas of docs/detectors 10; the oracle of cusum.c.
//
// It keeps no state and no constants: for each series the whole baseline is read anew and the
// transforms and bounds stand as they are written in the docs.
#include "analysis/cusum.h"

static double standardise(enum cusum_transform transform, double x, double m, double alpha)
{
    switch (transform) {
    case TRANSFORM_STANDARD: return (x - m) / sqrt(m);
    case TRANSFORM_ROSSI: return (x - 3 * m + 2 * sqrt(x * m)) / (2 * sqrt(m));
    case TRANSFORM_ANSCOMBE: return 1.5 * (pow(x, 2.0 / 3) - pow(m, 2.0 / 3)) / pow(m, 1.0 / 6);
    case TRANSFORM_ANSCOMBE2:
        return (pow(x, 2.0 / 3) - (pow(m, 2.0 / 3) - pow(m, -1.0 / 3) / 9)) /
               (2.0 / 3 * pow(m, 1.0 / 6));
    case TRANSFORM_NEGBIN: return (x - m) / sqrt(m + alpha * m * m);
    default: return x;
    }
}

static double bound_of(enum cusum_transform transform, double a, double m, double alpha, double h,
                       double sum)
{
    double base = 2.0 / 3 * pow(m, 1.0 / 6) * a + pow(m, 2.0 / 3), upper = 0;
    switch (transform) {
    case TRANSFORM_STANDARD: upper = ceil(m + a * sqrt(m)); break;
    case TRANSFORM_ROSSI:
        upper = 2 * a * sqrt(m) + 5 * m - 2 * sqrt(4 * m * m + 2 * a * pow(m, 1.5));
        break;
    case TRANSFORM_ANSCOMBE: upper = base < 0 ? 0 : pow(base, 1.5); break;
    case TRANSFORM_ANSCOMBE2:
        base -= pow(m, 1.0 / 3) / 9;
        upper = base < 0 ? 0 : pow(base, 1.5);
        break;
    case TRANSFORM_NEGBIN: upper = m + a * sqrt(m + alpha * m * m); break;
    default: upper = h - sum; break;
    }
    return upper > 0 ? upper : 0;
}

// The mean of a period, times population where that counts.
struct mean_source {
    const struct analysis_panel *panel;
    const double *option;
    size_t series, first, baseline;
    double rate;
    struct harmonic_model model;
};

static bool find_source(struct mean_source *source)
{
    const struct analysis_panel *panel = source->panel;
    const double *option = source->option, *y = panel->value + source->series * panel->stride;
    bool is_offset = option[CUSUM_POPULATION_OFFSET] != 0;
    const double *population =
        is_offset ? panel->population + source->series * panel->stride : NULL;
    size_t end = source->first + source->baseline;
    double total = 0, counted = 0;
    end = end < panel->to ? end : panel->to;
    for (size_t t = source->first; t < end; t++) {
        double part = is_offset ? population[t] : 1;
        if (!isfinite(y[t]) || !isfinite(part))
            continue;
        total += y[t];
        counted += part;
    }
    source->rate = isfinite(option[CUSUM_TARGET]) ? option[CUSUM_TARGET] : total / counted;
    source->model = (struct harmonic_model){.frequency = panel->frequency, .harmonics = 1};
    if (isfinite(option[CUSUM_TARGET]) || option[CUSUM_MEAN] != CUSUM_GLM || end <= source->first)
        return true;
    return harmonic_fit(&source->model, y + source->first,
                        is_offset ? population + source->first : NULL, end - source->first);
}

static double mean_at(const struct mean_source *source, size_t t)
{
    double m = source->rate;
    if (!isfinite(source->option[CUSUM_TARGET]) && source->option[CUSUM_MEAN] == CUSUM_GLM)
        m = source->model.is_fitted
                ? fmax(exp(harmonic_season(&source->model, (double)(t - source->first) + 1)),
                       2.220446049250313e-16)
                : ANALYSIS_MISSING;
    if (source->option[CUSUM_POPULATION_OFFSET] != 0)
        m *= source->panel->population[source->series * source->panel->stride + t];
    return m;
}

static void judge_point(const double *option, double k, double h, double x, double m, double *sum,
                        struct analysis_point *point)
{
    enum cusum_transform transform = (enum cusum_transform)option[CUSUM_TRANSFORM];
    bool is_none = transform == TRANSFORM_NONE;
    double alpha = option[CUSUM_ALPHA_NB];
    if (!isfinite(m) || (m <= 0 && !is_none)) {
        if (m == 0)
            point_set(point, ANALYSIS_UPPER, 0);
        point_give_up(point, isnan(m) ? ANALYSIS_REASON_BASELINE : ANALYSIS_REASON_RANGE);
        return;
    }
    point_set(point, ANALYSIS_EXPECTED, m);
    if (!isfinite(x) || (x < 0 && !is_none)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    double next = fmax(0, *sum + standardise(transform, x, m, alpha) - k);
    point_set(point, ANALYSIS_UPPER, bound_of(transform, h + k - *sum, m, alpha, h, next));
    point_set(point, ANALYSIS_SCORE, next / h);
    chart_close(point, next, next >= h);
    *sum = next >= h && option[CUSUM_RESET] != 0 ? 0 : next;
}

bool cusum_refer(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output)
{
    size_t start = cusum_start(option, panel->frequency);
    double k = 0, h = 0;
    cusum_choose_bounds(option, &k, &h);
    for (size_t s = 0; s < panel->series_count; s++) {
        size_t first = panel_first(panel, s);
        double sum = 0;
        struct mean_source source = {panel, option, s, first, chart_baseline(panel, s, start)};
        if (!find_source(&source))
            return false;
        for (size_t t = 0; t < panel->to; t++) {
            struct analysis_point point = {0};
            size_t at = s * panel->stride + t;
            double x = panel->value[at];
            bool is_missing = isnan(x) || (option[CUSUM_POPULATION_OFFSET] != 0 && t >= first &&
                                           isnan(panel->population[at]));
            if (t < first)
                point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
            else if (t < first + source.baseline)
                point_give_up(&point, isnan(x) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
            else if (is_missing)
                point_give_up(&point, ANALYSIS_REASON_MISSING);
            else
                judge_point(option, k, h, x, mean_at(&source, t), &sum, &point);
            if (t >= panel->from)
                output_store(output, at, &point);
        }
    }
    return true;
}
