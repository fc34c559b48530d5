// SPDX-License-Identifier: LGPL-3.0-or-later
//
// harmonic.c: fits the seasonal mean of CUSUM and GLR: Poisson or negative binomial regression.
//
// t counts from the series' first point. Where in the year that lies does not matter: another
// origin turns each pair of coefficients and leaves the mean as it is. One fit is glm.c's.
//
// The dispersion, where it is estimated, in turns with the mean: from a Poisson fit on, the size
// theta = 1/alpha by Newton's method on its likelihood given the means, then the means given theta,
// until the likelihood stands still. Where counts are less dispersed than Poisson's theta has no
// finite estimate; it is left where 24 steps from the moments' estimate take it, as in the
// published software, and alpha is then of the order of 1e-6.
#include "analysis/harmonic.h"

#include <assert.h>
#include <math.h>

#include "analysis/glm.h"
#include "analysis/special.h"
#include "base/memory.h"

enum { ROUNDS_MOST = 25, STEPS_MOST = 24 };
static const double TURN = 6.283185307179586;
static const double STEP_LEAST = 1.220703125e-4; // the fourth root of the double's epsilon
static const double CHANGE_LEAST = 1e-8;

double harmonic_season(const struct harmonic_model *model, double t)
{
    double eta = model->beta[0];
    size_t column = model->is_trended ? 2 : 1;
    for (int s = 1; s <= model->harmonics; s++, column += 2) {
        double angle = TURN * s * t / model->frequency;
        eta += model->beta[column] * cos(angle) + model->beta[column + 1] * sin(angle);
    }
    return eta;
}

static bool is_usable(const double *y, const double *population, size_t i)
{
    return isfinite(y[i]) && y[i] >= 0 &&
           (population == NULL || (isfinite(population[i]) && population[i] > 0));
}

static void fill_row(const struct harmonic_model *model, double t, double *x, size_t rows)
{
    x[0] = 1;
    if (model->is_trended)
        x[rows] = t;
    for (int s = 1; s <= model->harmonics; s++) {
        size_t column = (model->is_trended ? 2u : 1u) + 2 * ((size_t)s - 1);
        double angle = TURN * s * t / model->frequency;
        x[column * rows] = cos(angle);
        x[(column + 1) * rows] = sin(angle);
    }
}

// The size that makes the counts likeliest, given their means.
static double find_size(const double *y, const double *mu, size_t rows)
{
    double squares = 0, change = 1;
    for (size_t i = 0; i < rows; i++)
        squares += (y[i] / mu[i] - 1) * (y[i] / mu[i] - 1);
    double size = (double)rows / squares;
    for (int step = 0; step < STEPS_MOST && fabs(change) > STEP_LEAST; step++) {
        double score = 0, information = 0;
        size = fabs(size);
        double digamma = special_digamma(size), trigamma = special_trigamma(size);
        for (size_t i = 0; i < rows; i++) {
            double whole = size + mu[i];
            score += special_digamma(size + y[i]) - digamma + log(size) + 1 - log(whole) -
                     (y[i] + size) / whole;
            information += trigamma - special_trigamma(size + y[i]) - 1 / size + 2 / whole -
                           (y[i] + size) / (whole * whole);
        }
        change = score / information;
        size += change;
    }
    return size;
}

static double likelihood(double size, const double *y, const double *mu, size_t rows)
{
    double sum = 0;
    for (size_t i = 0; i < rows; i++)
        sum += lgamma(size + y[i]) - lgamma(size) - lgamma(y[i] + 1) + size * log(size) +
               (y[i] > 0 ? y[i] * log(mu[i]) : 0) - (size + y[i]) * log(size + mu[i]);
    return sum;
}

// Fits means and dispersion in turns, from the Poisson fit in `fit` on; `mu` and `start` are work
// space of a row each.
static bool fit_dispersion(struct glm_problem *problem, struct glm_fit *fit, double *mu,
                           double *start)
{
    const double *y = problem->y;
    size_t rows = problem->rows;
    double freedom = (double)rows - (double)fit->rank;
    double scale = sqrt(2 * fmax(1, freedom)), change = 1;
    for (size_t i = 0; i < rows; i++)
        mu[i] = fit->mu[i];
    double size = find_size(y, mu, rows), now = likelihood(size, y, mu, rows);
    double before = now + 2 * scale;
    problem->start = start;
    for (int round = 0; round < ROUNDS_MOST; round++) {
        if (!(isfinite(size) && size > 0))
            return false;
        if (fabs(before - now) / scale + fabs(change) <= CHANGE_LEAST)
            break;
        problem->alpha = 1 / size;
        for (size_t i = 0; i < rows; i++)
            start[i] = log(mu[i]);
        if (!glm_run(problem, fit))
            return false;
        // By the means from before this fit, as in the published software.
        double next = find_size(y, mu, rows);
        change = size - next;
        size = next;
        for (size_t i = 0; i < rows; i++)
            mu[i] = fit->mu[i];
        before = now;
        now = likelihood(size, y, mu, rows);
    }
    problem->alpha = 1 / size;
    return isfinite(size) && size > 0;
}

// True when the counts, all in the rows of `problem`, have a finite fit; then the model has it.
static bool fit_rows(struct harmonic_model *model, struct glm_problem *problem, struct glm_fit *fit,
                     double *work)
{
    bool is_estimated = isinf(model->alpha);
    problem->alpha = is_estimated ? 0 : model->alpha;
    bool is_fitted = glm_run(problem, fit);
    if (is_fitted && is_estimated) {
        is_fitted = fit_dispersion(problem, fit, work, work + problem->rows);
        model->alpha = is_fitted ? problem->alpha : 0;
    }
    for (size_t column = 0; column < problem->columns; column++) {
        model->beta[column] = fit->beta[column];
        is_fitted = is_fitted && isfinite(fit->beta[column]);
    }
    return is_fitted;
}

bool harmonic_fit(struct harmonic_model *model, const double *y, const double *population,
                  size_t count)
{
    size_t columns = 1 + (size_t)model->is_trended + 2 * (size_t)model->harmonics;
    size_t rows = 0, row = 0;
    assert(columns <= HARMONIC_COLUMNS_MOST && (model->harmonics == 0 || model->frequency > 0));
    for (size_t i = 0; i < count; i++)
        rows += is_usable(y, population, i);
    model->is_fitted = false;
    if (rows == 0)
        return true;
    double *memory = memory_allocate((rows * (columns + 5) + glm_size(rows, columns)) * sizeof *y);
    if (memory == NULL)
        return false;
    double *response = memory + rows * columns, *prior = response + rows, *offset = prior + rows;
    for (size_t i = 0; i < count; i++) {
        if (!is_usable(y, population, i))
            continue;
        fill_row(model, (double)i + 1, memory + row, rows);
        response[row] = y[i];
        prior[row] = 1;
        offset[row++] = population == NULL ? 0 : log(population[i]);
    }
    struct glm_problem problem = {rows, columns, response, memory, prior, offset};
    struct glm_fit fit;
    glm_place(&fit, rows, columns, offset + 3 * rows);
    model->is_fitted = fit_rows(model, &problem, &fit, offset + rows);
    memory_free(memory);
    return true;
}
