// SPDX-License-Identifier: LGPL-3.0-or-later
//
// reproduction_reference.c: the reproduction number by its plain formulas, and growth by
// regression.
//
// Each window adds up its own cases and its own infectiousness, every interval counted, and inverts
// the gamma law seven times. Slow, and the yardstick of reproduction.c.
#include <assert.h>
#include <math.h>

#include "analysis/glm.h"
#include "analysis/reproduction.h"
#include "base/memory.h"

// What the cases before period t can infect at t.
static double infectivity_at(const double *value, const double *weight, size_t t)
{
    double sum = 0;
    for (size_t s = 1; s <= t; s++)
        if (reproduction_is_case_count(value[t - s]))
            sum += weight[s] * value[t - s];
    return sum;
}

static double local_at(const double *value, const double *imported, size_t t)
{
    if (t == 0 || !reproduction_is_case_count(value[t]))
        return 0;
    return value[t] - (imported == NULL || !(imported[t] > 0) ? 0 : fmin(imported[t], value[t]));
}

static void refer_window(const double *value, const double *imported, const double *weight,
                         const struct reproduction_series *series,
                         const struct analysis_reproduction_options *options, size_t end,
                         struct analysis_reproduction *result)
{
    double infectivity = 0, ratio = options->prior_mean / options->prior_sd;
    *result = (struct analysis_reproduction){.cases = 0};
    for (size_t i = 0; i < options->window && i <= end; i++) {
        result->cases += local_at(value, imported, end - i);
        infectivity += infectivity_at(value, weight, end - i);
    }
    if (!reproduction_settle(series, options, end, result))
        return;
    double shape = ratio * ratio + result->cases;
    double scale =
        1 / (options->prior_mean / (options->prior_sd * options->prior_sd) + infectivity);
    result->is_known = true;
    result->mean = shape * scale;
    result->sd = sqrt(shape) * scale;
    for (int i = 0; i < ANALYSIS_REPRODUCTION_QUANTILES; i++)
        result->quantile[i] =
            scale * analysis_gamma_quantile(analysis_reproduction_probability[i], shape);
}

bool analysis_refer_reproduction(const struct analysis_panel *panel, const double *imported,
                                 const struct analysis_reproduction_options *options,
                                 struct analysis_reproduction *ret_result)
{
    assert(analysis_check_reproduction(options));
    size_t points = panel->point_count;
    if (points == 0)
        return true;
    double *weight = memory_allocate(points * (sizeof *weight + sizeof(uint32_t)));
    if (weight == NULL)
        return false;
    uint32_t *gaps = (uint32_t *)(weight + points);
    analysis_discretise_interval(options->interval_mean, options->interval_sd, points, weight);
    for (size_t s = 0; s < panel->series_count; s++) {
        size_t first = panel->first == NULL ? 0 : panel->first[s], at = s * panel->stride + first;
        struct reproduction_series series = {.count = points - first,
                                             .first_case = points,
                                             .gaps = gaps,
                                             .reach = reproduction_reach(options)};
        for (size_t t = 0; t < series.count; t++) {
            bool is_reported = reproduction_is_case_count(panel->value[at + t]);
            gaps[t] = (t == 0 ? 0 : gaps[t - 1]) + !is_reported;
            series.interval_mean += (double)t * weight[t];
            if (is_reported && panel->value[at + t] > 0 && t < series.first_case)
                series.first_case = t;
        }
        for (size_t t = panel->from; t < panel->to; t++)
            if (t < first)
                ret_result[s * panel->stride + t] =
                    (struct analysis_reproduction){.reason = ANALYSIS_REPRODUCTION_START};
            else
                refer_window(panel->value + at, imported == NULL ? NULL : imported + at, weight,
                             &series, options, t - first, &ret_result[s * panel->stride + t]);
    }
    memory_free(weight);
    return true;
}

bool analysis_estimate_growth(const double *value, size_t count, double level,
                              struct analysis_growth *ret_growth)
{
    assert(level > 0 && level < 1);
    size_t rows = 0;
    double cases = 0;
    for (size_t t = 0; t < count; t++)
        if (reproduction_is_case_count(value[t])) {
            rows++;
            cases += value[t];
        }
    if (rows < 3 || cases < 1)
        return false;
    double *memory = memory_allocate((5 * rows + glm_size(rows, 2)) * sizeof *memory);
    if (memory == NULL)
        return false;
    double *x = memory, *y = memory + 2 * rows, *prior = y + rows, *offset = prior + rows;
    for (size_t t = 0, row = 0; t < count; t++) {
        if (!reproduction_is_case_count(value[t]))
            continue;
        x[row] = 1;
        x[rows + row] = (double)t - (double)(count - 1) / 2;
        prior[row] = 1;
        y[row++] = value[t];
    }
    struct glm_problem problem = {rows, 2, y, x, prior, offset};
    struct glm_fit fit;
    glm_place(&fit, rows, 2, offset + rows);
    bool is_fitted = glm_run(&problem, &fit) && fit.is_converged && fit.rank == 2;
    if (is_fitted) {
        double dispersion = fmax(glm_dispersion(&problem, &fit, NULL), 1);
        double half = analysis_student_bound(1 - level, (double)rows - 2) *
                      sqrt(dispersion * glm_spread(&problem, &fit, (double[]){0, 1}));
        is_fitted = isfinite(half) && isfinite(fit.beta[1]);
        if (is_fitted)
            *ret_growth =
                (struct analysis_growth){fit.beta[1], fit.beta[1] - half, fit.beta[1] + half};
    }
    memory_free(memory);
    return is_fitted;
}
