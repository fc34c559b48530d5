// SPDX-License-Identifier: LGPL-3.0-or-later
//
// glr_reference.c: the likelihood ratio charts straight from the formulas of docs/detectors 11; the
// oracle of glr.c.
//
// Every start in the window is tried for every period, kappa found by bisection of the slope; the
// bound is left to the definition too: the count is raised until the chart alarms. The model of the
// baseline is the same.
#include "analysis/glr.h"
#include "base/memory.h"

struct glr_view {
    const double *option;
    struct harmonic_model model;
    bool is_poisson;
    double *x, *mu; // since the restart, gaps left out
    long n;
    double sum; // C of LR
};

static double slope_at(const struct glr_view *view, long start, double kappa)
{
    double sum = 0, alpha = view->model.alpha;
    for (long i = start - 1; i < view->n; i++) {
        double mean = view->mu[i] * exp(kappa);
        sum += (view->x[i] - mean) / (1 + alpha * mean);
    }
    return sum;
}

static double gain_at(const struct glr_view *view, long start, double kappa)
{
    double sum = 0, alpha = view->model.alpha;
    for (long i = start - 1; i < view->n; i++) {
        double mean = view->mu[i];
        sum += kappa * view->x[i] +
               (view->x[i] + 1 / alpha) * log((1 + alpha * mean) / (1 + alpha * mean * exp(kappa)));
    }
    return sum;
}

static double maximum_of(const struct glr_view *view, long start)
{
    double x = 0, mu = 0, low = 0, high = 1;
    for (long i = start - 1; i < view->n; i++) {
        x += view->x[i];
        mu += view->mu[i];
    }
    if (view->is_poisson)
        return glr_poisson(x, mu);
    if (slope_at(view, start, 0) <= 0)
        return 0;
    while (slope_at(view, start, high) > 0)
        high *= 2;
    for (int step = 0; step < 60 && high - low > 1e-10 * high; step++) {
        double middle = (low + high) / 2;
        if (slope_at(view, start, middle) > 0)
            low = middle;
        else
            high = middle;
    }
    return gain_at(view, start, (low + high) / 2);
}

// As the published software searches, from the kappa of the start before on.
static double published_of(const struct glr_view *view, long start, double *kappa)
{
    double change = 1, alpha = view->model.alpha;
    for (int step = 0; step < GLR_NEWTON_MOST && fabs(change) > GLR_NEWTON_END &&
                       *kappa > GLR_NEWTON_LEAST && *kappa < 700;
         step++) {
        double curve = 0;
        for (long i = start - 1; i < view->n; i++) {
            double mean = view->mu[i] * exp(*kappa);
            curve += mean * (alpha * view->x[i] + 1) / pow(1 + alpha * mean, 2);
        }
        change = slope_at(view, start, *kappa) / curve;
        *kappa += change;
    }
    *kappa = *kappa > 0 && *kappa < 700 ? *kappa : 0;
    return gain_at(view, start, *kappa);
}

static double statistic_of(const struct glr_view *view, bool is_published)
{
    struct glr_starts starts = glr_starts_of(view->option, view->is_poisson, view->n);
    double best = 0, kappa = GLR_NEWTON_START;
    is_published = is_published && !view->is_poisson;
    for (long start = starts.first; start <= starts.last && is_published; start++)
        best = fmax(best, published_of(view, start, &kappa));
    if (is_published)
        return best;
    for (long start = starts.first; start <= starts.last; start++)
        best = fmax(best, maximum_of(view, start));
    return best;
}

// The smallest whole count that alarms, by bisection between one that does not and one that does.
static double bound_of(struct glr_view *view)
{
    struct glr_starts starts = glr_starts_of(view->option, view->is_poisson, view->n);
    double kept = view->x[view->n - 1], low = -1, high = 1, limit = view->option[GLR_LIMIT];
    if (starts.first > starts.last)
        return ANALYSIS_MISSING;
    bool is_there = true;
    for (view->x[view->n - 1] = high; statistic_of(view, false) < limit && is_there;) {
        is_there = high < GLR_COUNT_MOST;
        high = fmin(2 * high, GLR_COUNT_MOST);
        view->x[view->n - 1] = high;
    }
    while (is_there && high - low > 1) {
        double middle = view->x[view->n - 1] = floor((low + high) / 2);
        if (middle <= low || middle >= high)
            break;
        if (statistic_of(view, false) >= limit)
            high = middle;
        else
            low = middle;
    }
    view->x[view->n - 1] = kept;
    return is_there ? high : ANALYSIS_MISSING;
}

static void judge_ratio(struct glr_view *view, double x, double mu, struct analysis_point *point)
{
    double kappa = view->option[GLR_THETA], limit = view->option[GLR_LIMIT];
    double alpha = view->model.alpha, z = kappa * x - (exp(kappa) - 1) * mu;
    double upper = (limit - view->sum + (exp(kappa) - 1) * mu) / kappa;
    if (!view->is_poisson) {
        double r = log((1 + alpha * mu) / (1 + alpha * mu * exp(kappa)));
        z = kappa * x + (x + 1 / alpha) * r;
        upper = (limit - view->sum - r / alpha) / (kappa + r);
    }
    double sum = fmax(0, view->sum + z);
    point_set(point, ANALYSIS_UPPER, fmax(upper, 0));
    point_set(point, ANALYSIS_SCORE, sum / limit);
    chart_close(point, sum, sum > limit);
    view->sum = sum > limit ? 0 : sum;
}

static void judge_point(struct glr_view *view, double x, double mu, struct analysis_point *point)
{
    double limit = view->option[GLR_LIMIT];
    if (!view->model.is_fitted) {
        point_give_up(point, ANALYSIS_REASON_NO_FIT);
        return;
    }
    point_set(point, ANALYSIS_EXPECTED, mu);
    point_set(point, ANALYSIS_MU0, mu);
    if (!isfinite(x) || x < 0 || !isfinite(mu)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    if (isfinite(view->option[GLR_THETA])) {
        judge_ratio(view, x, mu, point);
        return;
    }
    view->x[view->n] = x;
    view->mu[view->n++] = mu;
    double best = statistic_of(view, view->option[GLR_SEARCH] == SEARCH_PUBLISHED);
    point_set(point, ANALYSIS_UPPER, bound_of(view));
    point_set(point, ANALYSIS_SCORE, best / limit);
    chart_close(point, best, best >= limit);
    if (best >= limit)
        view->n = 0;
}

static double mean_at(const struct glr_view *view, double t, double part)
{
    double eta = harmonic_season(&view->model, t);
    if (isfinite(view->option[GLR_TARGET]))
        return view->option[GLR_TARGET] * part;
    if (view->model.is_trended)
        eta += view->model.beta[1] * t;
    return fmax(exp(eta), 2.220446049250313e-16) * part;
}

static bool fit_baseline(struct glr_view *view, const struct analysis_panel *panel, size_t at,
                         size_t count)
{
    bool is_given = isfinite(view->option[GLR_TARGET]);
    view->model = (struct harmonic_model){.frequency = panel->frequency,
                                          .harmonics = (int)view->option[GLR_HARMONICS],
                                          .is_trended = view->option[GLR_TREND] != 0,
                                          .alpha = view->option[GLR_ALPHA_NB]};
    if (is_given) {
        view->model.alpha = isinf(view->model.alpha) ? 0 : view->model.alpha;
        view->model.is_fitted = view->option[GLR_TARGET] > 0;
        view->model.harmonics = 0;
    } else {
        bool is_offset = view->option[GLR_POPULATION_OFFSET] != 0;
        if (!harmonic_fit(&view->model, panel->value + at,
                          is_offset ? panel->population + at : NULL, count))
            return false;
    }
    view->is_poisson = view->model.alpha < GLR_ALPHA_LEAST;
    return true;
}

static bool refer_series(struct glr_view *view, const struct analysis_panel *panel, size_t series,
                         const struct analysis_output *output)
{
    size_t first = panel_first(panel, series), base = series * panel->stride;
    size_t end = first + chart_baseline(panel, series, glr_start(view->option, panel->frequency));
    bool is_offset = view->option[GLR_POPULATION_OFFSET] != 0;
    if (end < panel->to && !fit_baseline(view, panel, base + first, end - first))
        return false;
    for (size_t t = 0; t < panel->to; t++) {
        struct analysis_point point = {0};
        double x = panel->value[base + t], part = is_offset ? panel->population[base + t] : 1;
        if (t < first)
            point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
        else if (t < end)
            point_give_up(&point, isnan(x) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
        else if (isnan(x) || isnan(part))
            point_give_up(&point, ANALYSIS_REASON_MISSING);
        else
            judge_point(view, x, mean_at(view, (double)(t - first) + 1, part), &point);
        if (t >= panel->from)
            output_store(output, base + t, &point);
    }
    return true;
}

bool glr_refer(const struct analysis_panel *panel, const double *option,
               const struct analysis_output *output)
{
    double *memory = memory_allocate((2 * panel->to + 1) * sizeof *memory);
    bool is_complete = memory != NULL;
    for (size_t s = 0; s < panel->series_count && is_complete; s++) {
        struct glr_view view = {.option = option, .x = memory, .mu = memory + panel->to};
        is_complete = refer_series(&view, panel, s, output);
    }
    memory_free(memory);
    return is_complete;
}
