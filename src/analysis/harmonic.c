// SPDX-License-Identifier: LGPL-3.0-or-later
//
// harmonic.c: the seasonal mean behind CUSUM and GLR: a Poisson regression on sines and cosines.
//
//     ln mean(t) = b0 [+ b1 t] + sum over s of  c_s cos(2 pi s t/f) + d_s sin(2 pi s t/f)
//
// t counts from the series' first point. Where in the year that lies does not matter: another
// origin turns each pair of coefficients and leaves the mean as it is. Fitted by glm.c.
#include "analysis/cusum.h"
#include "analysis/glm.h"
#include "base/memory.h"

static const double TURN = 6.283185307179586;

static size_t column_count(int harmonics, bool is_trended)
{
    return 1 + (size_t)is_trended + 2 * (size_t)harmonics;
}

double harmonic_predictor(const double *beta, double t, int frequency, int harmonics,
                          bool is_trended)
{
    double eta = beta[0];
    size_t column = 1;
    if (is_trended)
        eta += beta[column++] * t;
    for (int s = 1; s <= harmonics; s++, column += 2) {
        double angle = TURN * s * t / frequency;
        eta += beta[column] * cos(angle) + beta[column + 1] * sin(angle);
    }
    return eta;
}

static bool is_usable(const double *y, const double *population, size_t i)
{
    return isfinite(y[i]) && y[i] >= 0 &&
           (population == NULL || (isfinite(population[i]) && population[i] > 0));
}

bool harmonic_fit(const double *y, const double *population, size_t count, int frequency,
                  int harmonics, bool is_trended, double *beta, bool *ret_is_fitted)
{
    size_t columns = column_count(harmonics, is_trended), rows = 0, row = 0;
    assert(columns <= HARMONIC_COLUMNS_MOST && (harmonics == 0 || frequency > 0));
    for (size_t i = 0; i < count; i++)
        rows += is_usable(y, population, i);
    *ret_is_fitted = false;
    if (rows == 0)
        return true;
    double *memory = memory_allocate((rows * (columns + 3) + glm_size(rows, columns)) * sizeof *y);
    if (memory == NULL)
        return false;
    double *response = memory + rows * columns, *prior = response + rows, *offset = prior + rows;
    for (size_t i = 0; i < count; i++) {
        if (!is_usable(y, population, i))
            continue;
        double t = (double)i + 1, unit[HARMONIC_COLUMNS_MOST] = {0};
        // Column by column: the predictor of a unit vector.
        for (size_t column = 0; column < columns; column++) {
            unit[column] = 1;
            memory[column * rows + row] =
                harmonic_predictor(unit, t, frequency, harmonics, is_trended);
            unit[column] = 0;
        }
        response[row] = y[i];
        prior[row] = 1;
        offset[row++] = population == NULL ? 0 : log(population[i]);
    }
    struct glm_problem problem = {rows, columns, response, memory, prior, offset};
    struct glm_fit fit;
    glm_place(&fit, rows, columns, offset + rows);
    *ret_is_fitted = glm_run(&problem, &fit);
    for (size_t column = 0; column < columns; column++) {
        beta[column] = fit.beta[column];
        *ret_is_fitted = *ret_is_fitted && isfinite(beta[column]);
    }
    memory_free(memory);
    return true;
}
