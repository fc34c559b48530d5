// SPDX-License-Identifier: LGPL-3.0-or-later
//
// shewhart_reference.c: Shewhart's charts straight from the formulas of docs/detectors 13; the
// oracle of shewhart.c.
//
// No state: for every point the baseline is measured anew and the run rules look back over the
// series themselves.
#include "analysis/shewhart.h"

struct shewhart_view {
    const struct analysis_panel *panel;
    const double *option;
    size_t base, from, chart; // of the series in memory; its baseline from..chart-1
    double centre, spread;
};

static double part_at(const struct shewhart_view *view, size_t t)
{
    bool has_parts = view->option[SHEWHART_POPULATION_OFFSET] != 0 ||
                     view->option[SHEWHART_CHART] == SHEWHART_SHARES;
    return has_parts ? view->panel->population[view->base + t] : 1;
}

static bool is_there(const struct shewhart_view *view, size_t t)
{
    return isfinite(view->panel->value[view->base + t]) && isfinite(part_at(view, t));
}

static double rate_at(const struct shewhart_view *view, size_t t)
{
    return view->panel->value[view->base + t] / part_at(view, t);
}

static double sigma_at(const struct shewhart_view *view, size_t t)
{
    double c = view->centre, e = part_at(view, t);
    if (view->option[SHEWHART_CHART] == SHEWHART_INDIVIDUALS)
        return view->spread;
    if (view->option[SHEWHART_CHART] == SHEWHART_SHARES)
        return sqrt(c * (1 - c) / e);
    return sqrt(c / e) *
           (view->option[SHEWHART_CHART] == SHEWHART_OVERDISPERSED ? view->spread : 1);
}

static void measure(struct shewhart_view *view)
{
    double total = 0, parts = 0, ranges = 0, count = 0;
    size_t last = SIZE_MAX, end = view->chart < view->panel->to ? view->chart : view->panel->to;
    for (size_t t = view->from; t < end; t++)
        if (is_there(view, t)) {
            total += view->panel->value[view->base + t];
            parts += part_at(view, t);
        }
    view->centre =
        isfinite(view->option[SHEWHART_TARGET]) ? view->option[SHEWHART_TARGET] : total / parts;
    for (size_t t = view->from; t < end; t++) {
        if (!is_there(view, t))
            continue;
        double scale[2] = {1, 1};
        if (view->option[SHEWHART_CHART] == SHEWHART_OVERDISPERSED && last != SIZE_MAX) {
            scale[0] = sqrt(view->centre / part_at(view, last));
            scale[1] = sqrt(view->centre / part_at(view, t));
        }
        if (last != SIZE_MAX) {
            ranges += fabs((rate_at(view, t) - view->centre) / scale[1] -
                           (rate_at(view, last) - view->centre) / scale[0]);
            count += 1;
        }
        last = t;
    }
    view->spread = isfinite(view->option[SHEWHART_SIGMA]) ? view->option[SHEWHART_SIGMA]
                   : count > 0                            ? ranges / count / SHEWHART_D2
                                                          : ANALYSIS_MISSING;
}

static double standardised(const struct shewhart_view *view, size_t t)
{
    double sigma = sigma_at(view, t);
    return sigma > 0 ? (rate_at(view, t) - view->centre) / sigma : 0;
}

// Rules 2 to 4 at point t, counted over the last values that are there.
static bool holds(const struct shewhart_view *view, size_t t, double sign)
{
    size_t seen = 0, beyond2 = 0, beyond1 = 0, beyond0 = 0;
    for (size_t i = t + 1; i-- > view->chart && seen < 8;) {
        if (!is_there(view, i))
            continue;
        double z = sign * standardised(view, i);
        seen++;
        beyond2 += seen <= 3 && z > 2;
        beyond1 += seen <= 5 && z > 1;
        beyond0 += z > 0;
    }
    return beyond2 >= 2 || beyond1 >= 4 || beyond0 >= 8;
}

static void judge_point(const struct shewhart_view *view, size_t t, struct analysis_point *point)
{
    double value = view->panel->value[view->base + t], part = part_at(view, t);
    if (isnan(value) || isnan(part)) {
        point_give_up(point, ANALYSIS_REASON_MISSING);
        return;
    }
    double limit = view->option[SHEWHART_LIMIT], sigma = sigma_at(view, t);
    double upper = part * (view->centre + limit * sigma), expected = part * view->centre;
    double lower = part * (view->centre - limit * sigma);
    if (!isfinite(upper)) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
        return;
    }
    if (view->option[SHEWHART_CHART] == SHEWHART_EXACT)
        upper = analysis_poisson_quantile(1 - analysis_normal_upper(limit), expected);
    if (view->option[SHEWHART_CHART] != SHEWHART_INDIVIDUALS)
        lower = fmax(lower, 0);
    point_set(point, ANALYSIS_EXPECTED, expected);
    point_set(point, ANALYSIS_UPPER, upper);
    if (!isfinite(value)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    bool is_two_sided = view->option[SHEWHART_TWO_SIDED] != 0;
    bool is_alarm = value > upper || (is_two_sided && value < lower);
    if (view->option[SHEWHART_RULES] != 0)
        is_alarm = is_alarm || holds(view, t, 1) || (is_two_sided && holds(view, t, -1));
    if (upper > expected)
        point_set(point, ANALYSIS_SCORE, (value - expected) / (upper - expected));
    chart_close(point, standardised(view, t), is_alarm);
}

bool shewhart_refer(const struct analysis_panel *panel, const double *option,
                    const struct analysis_output *output)
{
    size_t start = shewhart_start(option, panel->frequency);
    for (size_t s = 0; s < panel->series_count; s++) {
        size_t first = panel_first(panel, s);
        struct shewhart_view view = {.panel = panel,
                                     .option = option,
                                     .base = s * panel->stride,
                                     .from = first,
                                     .chart = first + chart_baseline(panel, s, start)};
        measure(&view);
        for (size_t t = panel->from; t < panel->to; t++) {
            struct analysis_point point = {0};
            if (t < first)
                point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
            else if (t < view.chart)
                point_give_up(&point, isnan(panel->value[view.base + t]) ? ANALYSIS_REASON_MISSING
                                                                         : ANALYSIS_REASON_SHORT);
            else
                judge_point(&view, t, &point);
            output_store(output, view.base + t, &point);
        }
    }
    return true;
}
