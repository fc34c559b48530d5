// SPDX-License-Identifier: LGPL-3.0-or-later
//
// farrington_reference.c: both Farrington methods from the formulas of docs/detectors 2 and 3, one
// point at a time, with a design matrix and Householder QR; the oracle of farrington.c.
//
//     trend wanted?   fit 1 + t [+ groups], weigh, refit
//                     keep it if: 3 years, slope significant, mu0(k) <= largest baseline value
//     not kept        fit 1 [+ groups], weigh, refit
//
// "Weigh": points whose Anscombe residual exceeds the threshold get weight s^-2, all scaled so that
// the weights sum to the number of points. The refit starts afresh.
#include <float.h>
#include <string.h>

#include "analysis/glm.h"
#include "analysis/season.h"
#include "base/memory.h"

struct season_reference {
    struct season_baseline baseline;
    double *y, *time, *x, *prior, *offset, *memory;
    int32_t *group; // of each row, densely renumbered over the groups that are present
    size_t rows;
    int32_t group_count, group_of_k;
    double log_population_of_k;
};

void season_reference_free(struct season_reference *work)
{
    if (work == NULL)
        return;
    memory_free(work->baseline.time);
    memory_free(work->y);
    memory_free(work->group);
    memory_free(work);
}

struct season_reference *season_reference_take(const struct season_plan *plan)
{
    size_t rows = season_row_most(plan), columns = (size_t)plan->periods + 1;
    struct season_reference *work = memory_allocate(sizeof *work);
    if (work == NULL)
        return NULL;
    work->baseline.time = memory_allocate(season_baseline_size(plan));
    work->y = memory_allocate((rows * (4 + columns) + glm_size(rows, columns)) * sizeof(double));
    work->group = memory_allocate(rows * sizeof(int32_t));
    if (work->baseline.time == NULL || work->y == NULL || work->group == NULL) {
        season_reference_free(work);
        return NULL;
    }
    season_baseline_place(&work->baseline, plan, work->baseline.time);
    work->time = work->y + rows;
    work->prior = work->y + 2 * rows;
    work->offset = work->y + 3 * rows;
    work->x = work->y + 4 * rows;
    work->memory = work->x + rows * columns;
    return work;
}

// Takes the baseline's known rows; groups without any vanish. False when k's own group does.
static bool gather(struct season_reference *work, const struct season_plan *plan,
                   const double *value, const double *population, size_t k)
{
    const struct season_baseline *baseline = &work->baseline;
    work->rows = 0;
    work->group_count = 0;
    work->group_of_k = -1;
    for (int32_t group = 0; group < baseline->group_count; group++) {
        size_t before = work->rows;
        for (int32_t i = baseline->group_start[group]; i < baseline->group_start[group + 1]; i++) {
            size_t at = k - (size_t)-baseline->index[i];
            if (isnan(value[at]) || (plan->is_offset && isnan(population[at])))
                continue;
            work->y[work->rows] = value[at];
            work->time[work->rows] = baseline->time[i];
            work->offset[work->rows] = plan->is_offset ? log(population[at]) : 0;
            work->group[work->rows++] = work->group_count;
        }
        if (work->rows == before)
            continue;
        if (group == baseline->group_count - 1)
            work->group_of_k = work->group_count;
        work->group_count++;
    }
    work->log_population_of_k = plan->is_offset ? log(population[k]) : 0;
    return work->group_of_k >= 0;
}

// The design: 1 [, t], then one column for each group but the first.
static struct glm_problem build(struct season_reference *work, bool is_trended)
{
    size_t rows = work->rows, first = is_trended ? 2 : 1;
    size_t columns = first + (size_t)work->group_count - 1;
    memset(work->x, 0, rows * columns * sizeof(double));
    for (size_t i = 0; i < rows; i++) {
        work->x[i] = 1;
        if (is_trended)
            work->x[rows + i] = work->time[i];
        if (work->group[i] > 0)
            work->x[(first + (size_t)work->group[i] - 1) * rows + i] = 1;
    }
    return (struct glm_problem){rows, columns, work->y, work->x, work->prior, work->offset};
}

// Weights from the Anscombe residuals of the first fit. False when one is not a number.
static bool weigh(const struct season_plan *plan, struct season_reference *work,
                  const struct glm_fit *fit, double phi)
{
    double sum = 0;
    for (size_t i = 0; i < work->rows; i++) {
        double y = work->y[i], mu = fit->mu[i];
        double residual =
            1.5 * (pow(y, 2.0 / 3) * pow(mu, -1.0 / 6) - sqrt(mu)) / sqrt(phi * (1 - fit->hat[i]));
        if (isnan(residual))
            return false;
        work->prior[i] = residual > plan->weights_threshold ? 1 / (residual * residual) : 1;
        sum += work->prior[i];
    }
    for (size_t i = 0; i < work->rows; i++)
        work->prior[i] *= (double)work->rows / sum;
    return true;
}

static void describe(const struct season_plan *plan, const struct season_reference *work,
                     const struct glm_problem *problem, const struct glm_fit *fit, bool is_trended,
                     struct season_model *model)
{
    double v[GLM_COLUMNS_MOST] = {0};
    v[0] = 1; // t is 0 at k
    if (work->group_of_k > 0)
        v[(size_t)work->group_of_k + (is_trended ? 1 : 0)] = 1;
    *model = (struct season_model){.eta = work->log_population_of_k};
    for (size_t j = 0; j < problem->columns; j++)
        model->eta += v[j] * fit->beta[j];
    model->phi_raw = glm_dispersion(problem, fit, NULL);
    model->disp = plan->is_reweighted ? glm_dispersion(problem, fit, work->prior) : model->phi_raw;
    model->spread = glm_spread(problem, fit, v);
    model->slope = is_trended ? fit->beta[1] : 0;
}

// P of the trend by Student's t.
static double trend_pvalue(const struct season_plan *plan, const struct glm_problem *problem,
                           const struct glm_fit *fit, const struct season_model *model)
{
    double v[GLM_COLUMNS_MOST] = {0};
    v[1] = 1;
    double dispersion = plan->is_flexible ? model->disp : model->phi_raw;
    double error = sqrt(dispersion * glm_spread(problem, fit, v));
    if (!(error > 0))
        return model->slope != 0 ? 0 : 1;
    return analysis_student_two_sided(model->slope / error, fit->counted - (double)fit->rank);
}

enum fit_outcome { FIT_DONE, FIT_NOT_CONVERGED, FIT_IMPOSSIBLE };

// Fit, weigh, refit. *ret_pvalue is set with a trend only.
static enum fit_outcome fit_model(const struct season_plan *plan, struct season_reference *work,
                                  bool is_trended, struct season_model *model, double *ret_pvalue)
{
    struct glm_problem problem = build(work, is_trended);
    struct glm_fit fit;
    glm_place(&fit, problem.rows, problem.columns, work->memory);
    for (size_t i = 0; i < work->rows; i++)
        work->prior[i] = 1;
    if (!glm_run(&problem, &fit))
        return FIT_IMPOSSIBLE;
    if (!fit.is_converged && (is_trended || plan->is_flexible))
        return FIT_NOT_CONVERGED;
    double phi = glm_dispersion(&problem, &fit, NULL);
    if (isnan(phi))
        return FIT_IMPOSSIBLE;
    if (plan->is_reweighted && (!weigh(plan, work, &fit, fmax(phi, 1)) || !glm_run(&problem, &fit)))
        return FIT_IMPOSSIBLE;
    describe(plan, work, &problem, &fit, is_trended, model);
    if (isnan(model->phi_raw) || !isfinite(model->eta) || !isfinite(model->spread))
        return FIT_IMPOSSIBLE;
    if (is_trended)
        *ret_pvalue = trend_pvalue(plan, &problem, &fit, model);
    return FIT_DONE;
}

static double largest(const double *y, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = y[i] > most ? y[i] : most;
    return most;
}

static enum analysis_reason fit_point(const struct season_plan *plan, struct season_reference *work,
                                      struct season_model *model)
{
    double pvalue = 1;
    if (work->rows < 2)
        return ANALYSIS_REASON_BASELINE;
    if (plan->is_trended && plan->b >= SEASON_TREND_YEARS &&
        fit_model(plan, work, true, model, &pvalue) == FIT_DONE) {
        model->has_trend = pvalue < plan->trend_p &&
                           !season_model_is_flat(model, work->baseline.oldest) &&
                           season_model_mu0(model->eta) <= largest(work->y, work->rows);
        if (model->has_trend)
            return ANALYSIS_REASON_NONE;
    }
    enum fit_outcome outcome = fit_model(plan, work, false, model, &pvalue);
    return outcome == FIT_DONE            ? ANALYSIS_REASON_NONE
           : outcome == FIT_NOT_CONVERGED ? ANALYSIS_REASON_NO_FIT
                                          : ANALYSIS_REASON_BASELINE;
}

void season_reference_judge(const struct season_plan *plan, struct season_reference *work,
                            const struct analysis_panel *panel, size_t series, size_t k,
                            struct analysis_point *point)
{
    size_t first = panel_first(panel, series), base = series * panel->stride;
    const double *value = panel->value + base;
    const double *population = plan->is_offset ? panel->population + base : NULL;
    if (k < first) {
        point_give_up(point, ANALYSIS_REASON_OUTSIDE);
    } else if (isnan(value[k]) || (plan->is_offset && isnan(population[k]))) {
        point_give_up(point, ANALYSIS_REASON_MISSING);
    } else if (!season_baseline_find(&work->baseline, plan, k) ||
               (int64_t)k + work->baseline.oldest < (int64_t)first) {
        point_give_up(point, ANALYSIS_REASON_SHORT);
    } else if (!gather(work, plan, value, population, k)) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
    } else {
        struct season_model model = {0};
        enum analysis_reason reason = fit_point(plan, work, &model);
        if (reason == ANALYSIS_REASON_NONE)
            season_judge(plan, &model, value[k], season_recent_sum(plan, value, first, k), point);
        else
            point_give_up(point, reason);
    }
}

static bool refer(const struct season_plan *plan, const struct analysis_panel *panel,
                  const struct analysis_output *output)
{
    struct season_reference *work = season_reference_take(plan);
    for (size_t s = 0; work != NULL && s < panel->series_count; s++)
        for (size_t k = panel->from; k < panel->to; k++) {
            struct analysis_point point = {0};
            season_reference_judge(plan, work, panel, s, k, &point);
            output_store(output, s * panel->stride + k, &point);
        }
    season_reference_free(work);
    return work != NULL;
}

bool farrington_refer(const struct analysis_panel *panel, const double *option,
                      const struct analysis_output *output)
{
    struct season_plan plan = season_plan_farrington(option, panel->frequency, panel->day);
    return refer(&plan, panel, output);
}

bool flexible_refer(const struct analysis_panel *panel, const double *option,
                    const struct analysis_output *output)
{
    struct season_plan plan = season_plan_flexible(option, panel->frequency, panel->day);
    return refer(&plan, panel, output);
}
