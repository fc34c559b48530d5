// SPDX-License-Identifier: LGPL-3.0-or-later
//
// glm.c: iteratively reweighted least squares, quasi-Poisson with log link, by Householder QR.
//
// docs/detectors 1; McCullagh, Nelder 1989, chapter 2. Each iteration solves a weighted least
// squares problem for z = eta - offset + (y - mu)/mu with weights W = prior mu:
//
//     sqrt(W) X = Q R        columns left to right; one whose norm, once the earlier ones are
//                            removed, falls below 1e-11 of what it was goes last and is dropped
//     R beta = Q' sqrt(W) z
//
// What is remembered, and must not be mixed otherwise: mu is taken after the last update, W and the
// factor before it. The numbers of the published software depend on it in the fourth digit.
#include "analysis/glm.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "analysis/analysis.h"

enum { ITERATIONS_MOST = 25, HALVINGS_MOST = 25 };
static const double RANK_TOLERANCE = 1e-11;
static const double DEVIANCE_TOLERANCE = 1e-8;

size_t glm_size(size_t rows, size_t columns)
{
    return rows * (5 + columns) + columns * (3 + columns);
}

void glm_place(struct glm_fit *fit, size_t rows, size_t columns, double *memory)
{
    *fit = (struct glm_fit){.mu = memory};
    fit->weight = fit->mu + rows;
    fit->hat = fit->weight + rows;
    fit->eta = fit->hat + rows;
    fit->z = fit->eta + rows;
    fit->q = fit->z + rows;
    fit->beta = fit->q + rows * columns;
    fit->beta_before = fit->beta + columns;
    fit->r = fit->beta_before + columns;
    fit->pivot = (size_t *)(fit->r + columns * columns);
    static_assert(sizeof(size_t) <= sizeof(double), "a pivot fits where a double does");
}

static double deviance(const struct glm_problem *problem, const struct glm_fit *fit)
{
    double sum = 0;
    for (size_t i = 0; i < problem->rows; i++) {
        double y = problem->y[i], mu = fit->mu[i];
        double part = y > 0 ? y * log(y / mu) - (y - mu) : mu, alpha = problem->alpha;
        if (alpha > 0)
            part = (y > 0 ? y * log(y / mu) : 0) -
                   (y + 1 / alpha) * log((1 + alpha * y) / (1 + alpha * mu));
        if (problem->is_linear)
            part = (y - mu) * (y - mu) / 2;
        if (problem->prior[i] > 0)
            sum += problem->prior[i] * part;
    }
    return 2 * sum;
}

// Weights and times are moderate, so squares neither overflow nor vanish.
static double norm_below(const double *column, size_t from, size_t rows)
{
    double sum = 0;
    for (size_t i = from; i < rows; i++)
        sum += column[i] * column[i];
    return sqrt(sum);
}

// Turns column `step` of q from row `step` down into a Householder vector, applies it to the
// columns after it and to z, and notes that row of R.
static void reflect(size_t rows, size_t columns, size_t step, struct glm_fit *fit)
{
    double *column = fit->q + step * rows, norm = norm_below(column, step, rows);
    if (norm == 0)
        return;
    double alpha = column[step] > 0 ? -norm : norm;
    column[step] -= alpha;
    double square = 0;
    for (size_t i = step; i < rows; i++)
        square += column[i] * column[i];
    for (size_t j = step + 1; j <= columns; j++) {
        double *other = j < columns ? fit->q + j * rows : fit->z, dot = 0;
        for (size_t i = step; i < rows; i++)
            dot += column[i] * other[i];
        dot *= 2 / square;
        for (size_t i = step; i < rows; i++)
            other[i] -= dot * column[i];
    }
    for (size_t j = step; j < columns; j++)
        fit->r[step * columns + j] = j == step ? alpha : fit->q[j * rows + step];
}

static void swap_columns(struct glm_fit *fit, size_t rows, size_t columns, size_t step)
{
    // The dropped column goes last and the ones between move up; their part of R above goes along.
    for (size_t j = step; j + 1 < columns; j++) {
        for (size_t i = 0; i < rows; i++) {
            double held = fit->q[j * rows + i];
            fit->q[j * rows + i] = fit->q[(j + 1) * rows + i];
            fit->q[(j + 1) * rows + i] = held;
        }
        for (size_t i = 0; i < step; i++) {
            double held = fit->r[i * columns + j];
            fit->r[i * columns + j] = fit->r[i * columns + j + 1];
            fit->r[i * columns + j + 1] = held;
        }
        size_t held = fit->pivot[j];
        fit->pivot[j] = fit->pivot[j + 1];
        fit->pivot[j + 1] = held;
    }
}

// Factors sqrt(W) X and solves for beta. fit->weight holds W, fit->z the working response.
static void solve(const struct glm_problem *problem, struct glm_fit *fit)
{
    size_t rows = problem->rows, columns = problem->columns, left = columns;
    double norm_before[GLM_COLUMNS_MOST];
    memset(fit->r, 0, columns * columns * sizeof(double));
    for (size_t j = 0; j < columns; j++) {
        fit->pivot[j] = j;
        for (size_t i = 0; i < rows; i++)
            fit->q[j * rows + i] = sqrt(fit->weight[i]) * problem->x[j * rows + i];
        norm_before[j] = norm_below(fit->q + j * rows, 0, rows);
    }
    for (size_t i = 0; i < rows; i++)
        fit->z[i] *= sqrt(fit->weight[i]);
    size_t step = 0;
    for (; step < left && step < rows; step++) {
        while (step < left && norm_below(fit->q + step * rows, step, rows) <=
                                  RANK_TOLERANCE * norm_before[fit->pivot[step]]) {
            swap_columns(fit, rows, columns, step);
            left--;
        }
        if (step < left)
            reflect(rows, columns, step, fit);
    }
    fit->rank = left < rows ? left : rows;
    memset(fit->beta, 0, columns * sizeof(double));
    for (size_t j = fit->rank; j-- > 0;) {
        double sum = fit->z[j];
        for (size_t k = j + 1; k < fit->rank; k++)
            sum -= fit->r[j * columns + k] * fit->beta[fit->pivot[k]];
        fit->beta[fit->pivot[j]] = sum / fit->r[j * columns + j];
    }
}

static void predict(const struct glm_problem *problem, struct glm_fit *fit)
{
    for (size_t i = 0; i < problem->rows; i++) {
        double eta = problem->offset[i];
        for (size_t j = 0; j < problem->columns; j++)
            eta += problem->x[j * problem->rows + i] * fit->beta[j];
        fit->eta[i] = eta;
        fit->mu[i] = problem->is_linear ? eta : fmax(exp(eta), DBL_EPSILON);
    }
}

double glm_spread(const struct glm_problem *problem, const struct glm_fit *fit, const double *v)
{
    // |u|^2 with R' u = v over the columns that count.
    double u[GLM_COLUMNS_MOST], sum = 0;
    for (size_t j = 0; j < fit->rank; j++) {
        u[j] = v[fit->pivot[j]];
        for (size_t k = 0; k < j; k++)
            u[j] -= fit->r[k * problem->columns + j] * u[k];
        u[j] /= fit->r[j * problem->columns + j];
        sum += u[j] * u[j];
    }
    return sum;
}

static void measure_leverage(const struct glm_problem *problem, struct glm_fit *fit)
{
    double v[GLM_COLUMNS_MOST];
    for (size_t i = 0; i < problem->rows; i++) {
        for (size_t j = 0; j < problem->columns; j++)
            v[j] = problem->x[j * problem->rows + i];
        fit->hat[i] = fit->weight[i] * glm_spread(problem, fit, v);
        if (fit->hat[i] > 1 - 10 * DBL_EPSILON)
            fit->hat[i] = 1;
    }
}

bool glm_run(const struct glm_problem *problem, struct glm_fit *fit)
{
    assert(problem->rows > 0 && problem->columns > 0);
    assert(problem->columns <= GLM_COLUMNS_MOST);
    fit->counted = 0;
    fit->is_converged = false;
    for (size_t i = 0; i < problem->rows; i++) {
        double y = problem->y[i];
        fit->mu[i] = problem->alpha == 0 ? y + 0.1 : y > 0 ? y : 1.0 / 6;
        if (problem->start != NULL)
            fit->mu[i] = fmax(exp(problem->start[i]), DBL_EPSILON);
        fit->eta[i] = problem->start != NULL ? problem->start[i] : log(fit->mu[i]);
        if (problem->is_linear)
            fit->mu[i] = fit->eta[i] = y;
        fit->counted += problem->prior[i] > 0;
    }
    double before = deviance(problem, fit);
    for (int iteration = 0; iteration < ITERATIONS_MOST && !fit->is_converged; iteration++) {
        memcpy(fit->beta_before, fit->beta, problem->columns * sizeof(double));
        for (size_t i = 0; i < problem->rows; i++) {
            double slope = problem->is_linear ? 1 : fit->mu[i];
            fit->weight[i] = problem->prior[i] * slope;
            if (problem->alpha > 0)
                fit->weight[i] /= 1 + problem->alpha * fit->mu[i];
            fit->z[i] = fit->eta[i] - problem->offset[i] + (problem->y[i] - fit->mu[i]) / slope;
        }
        solve(problem, fit);
        predict(problem, fit);
        double now = deviance(problem, fit);
        for (int i = 0; i < HALVINGS_MOST && !isfinite(now) && iteration > 0; i++) {
            for (size_t j = 0; j < problem->columns; j++)
                fit->beta[j] = (fit->beta[j] + fit->beta_before[j]) / 2;
            predict(problem, fit);
            now = deviance(problem, fit);
        }
        if (!isfinite(now))
            return false;
        fit->is_converged = fabs(now - before) / (0.1 + fabs(now)) < DEVIANCE_TOLERANCE;
        before = now;
    }
    measure_leverage(problem, fit);
    return true;
}

double glm_dispersion(const struct glm_problem *problem, const struct glm_fit *fit,
                      const double *weight)
{
    double sum = 0;
    for (size_t i = 0; i < problem->rows; i++) {
        double w = weight == NULL ? fit->weight[i] : weight[i];
        double residual = (problem->y[i] - fit->mu[i]) / (problem->is_linear ? 1 : fit->mu[i]);
        if (w > 0)
            sum += w * residual * residual;
    }
    double freedom = fit->counted - (double)fit->rank;
    return freedom > 0 ? sum / freedom : ANALYSIS_MISSING;
}
