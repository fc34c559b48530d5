// SPDX-License-Identifier: LGPL-3.0-or-later
//
// harmonic.c: fits the seasonal mean of CUSUM and GLR: Poisson or negative binomial regression.
//
// t counts from the series' first point. Where in the year that lies does not matter: another
// origin turns each pair of coefficients and leaves the mean as it is.
//
// One fit is the iteration of glm.c, from the same start to the same end, by normal equations in
// passes over eight rows at once (harmonic_kernel.c). Where a column is nearly a sum of the others
// or a number is not finite, glm.c does it again by its factor.
//
// The dispersion, where it is estimated, in turns with the mean: from a Poisson fit on, the size
// theta = 1/alpha by Newton's method on its likelihood given the means, then the means given theta,
// until the likelihood stands still. Where counts are less dispersed than Poisson's theta has no
// finite estimate; it is left where 24 steps from the moments' estimate take it, as in the
// published software, and alpha is then of the order of 1e-6. The sums of digamma and its like over
// whole counts are sums over the steps below them: with N_j the number of counts above j,
//
//     sum psi(theta + y) - psi(theta)  =  sum over j of N_j / (theta + j)
#include "analysis/harmonic.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analysis/glm.h"
#include "analysis/special.h"
#include "analysis/wide_kernels.h"
#include "base/memory.h"

enum { ROUNDS_MOST = 25, STEPS_MOST = 24, ITERATIONS_MOST = 25, COUNT_MOST = 1024 };
static const double DEVIANCE_TOLERANCE = 1e-8; // of glm.c
// The part of a column that no other explains, squared, below which normal equations lose digits
// that matter.
static const double PIVOT_LEAST = 1e-5;
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

// What a fit works in: rows of a usable count each.
struct harmonic_work {
    struct glm_problem problem;
    struct glm_fit fit;
    struct harmonic_rows rows;
    double *mu, *start; // of the round before, for the dispersion
    double *above;      // N_j for j below `largest`; NULL where a count is not whole, or too large
    size_t largest;
};

static void fill_row(const struct harmonic_model *model, const double *turn, double t, double *x,
                     size_t rows)
{
    size_t column = 1;
    x[0] = 1;
    if (model->is_trended)
        x[rows * column++] = t;
    for (int s = 0; s < 2 * model->harmonics; s++)
        x[rows * column++] = turn[s];
}

// Cosines and sines of the phases of a year that the first `count` periods meet.
static void fill_turns(const struct harmonic_model *model, size_t count, double *turn)
{
    for (size_t phase = 0; phase < (size_t)model->frequency && phase < count; phase++)
        for (int s = 1; s <= model->harmonics; s++) {
            double angle = TURN * s * ((double)phase + 1) / model->frequency;
            *turn++ = cos(angle);
            *turn++ = sin(angle);
        }
}

// Solves the normal equations of a pass (Cholesky). False where they say too little.
static bool solve(double *cross, size_t columns, double *ret_beta)
{
    size_t width = columns + 1;
    for (size_t j = 0; j < columns; j++) {
        double *row = cross + j * width, whole = row[j];
        for (size_t k = 0; k <= j; k++) {
            for (size_t i = 0; i < k; i++)
                row[k] -= row[i] * cross[k * width + i];
            if (k < j)
                row[k] /= cross[k * width + k];
        }
        if (!(row[j] > PIVOT_LEAST * whole))
            return false;
        row[j] = sqrt(row[j]);
        for (size_t i = 0; i < j; i++)
            row[columns] -= row[i] * cross[i * width + columns];
        row[columns] /= row[j];
    }
    for (size_t j = columns; j-- > 0;) {
        ret_beta[j] = cross[j * width + columns];
        for (size_t k = j + 1; k < columns; k++)
            ret_beta[j] -= cross[k * width + j] * ret_beta[k];
        ret_beta[j] /= cross[j * width + j];
    }
    return true;
}

// The fit by passes. False where it is not sure of itself.
static bool run_passes(struct harmonic_work *work)
{
    double cross[HARMONIC_COLUMNS_MOST * (HARMONIC_COLUMNS_MOST + 1)];
    const struct wide_kernels *kernels = wide_kernels_find();
    struct harmonic_rows *rows = &work->rows;
    rows->alpha = work->problem.alpha;
    double before = kernels->harmonic_pass(rows, NULL, work->problem.start, cross);
    for (int i = 0; i < ITERATIONS_MOST; i++) {
        if (!solve(cross, rows->columns, work->fit.beta))
            return false;
        double now = kernels->harmonic_pass(rows, work->fit.beta, NULL, cross);
        if (!isfinite(now))
            return false;
        if (fabs(now - before) / (0.1 + fabs(now)) < DEVIANCE_TOLERANCE)
            break;
        before = now;
    }
    work->fit.rank = rows->columns;
    return true;
}

static bool run_fit(struct harmonic_work *work)
{
    if (run_passes(work))
        return true;
    if (!glm_run(&work->problem, &work->fit))
        return false;
    for (size_t i = 0; i < work->problem.rows; i++)
        work->rows.eta[i] = log(work->fit.mu[i]);
    return true;
}

// Notes how many counts are above each number.
static void count_above(struct harmonic_work *work, double *above)
{
    const double *y = work->problem.y;
    size_t rows = work->problem.rows;
    memset(above, 0, COUNT_MOST * sizeof *above);
    work->largest = 0;
    for (size_t i = 0; i < rows; i++) {
        if (!(y[i] < COUNT_MOST && y[i] == floor(y[i])))
            return;
        above[(size_t)y[i]] += 1;
        work->largest = y[i] > (double)work->largest ? (size_t)y[i] : work->largest;
    }
    double left = 0;
    for (size_t j = work->largest + 1; j-- > 0;) {
        double here = above[j];
        above[j] = left;
        left += here;
    }
    work->above = above;
}

// Score and information of the size, but for what hangs on the counts' digamma alone.
static void add_means(const struct harmonic_work *work, double size, double *score,
                      double *information)
{
    enum { PRODUCTS = 8 };
    const double *y = work->problem.y, *mu = work->mu;
    double product = 1;
    for (size_t i = 0; i < work->problem.rows; i++) {
        double whole = size + mu[i], share = 1 / whole, part = (y[i] + size) * share;
        *score += 1 - part;
        *information += (2 - part) * share;
        product *= whole;
        if (i % PRODUCTS == PRODUCTS - 1) {
            *score -= log(product);
            product = 1;
        }
    }
    *score -= log(product);
}

// The size that makes the counts likeliest, given their means.
static double find_size(const struct harmonic_work *work)
{
    const double *y = work->problem.y, *mu = work->mu;
    size_t rows = work->problem.rows;
    double squares = 0, change = 1, count = (double)rows;
    for (size_t i = 0; i < rows; i++)
        squares += (y[i] / mu[i] - 1) * (y[i] / mu[i] - 1);
    double size = count / squares;
    for (int step = 0; step < STEPS_MOST && fabs(change) > STEP_LEAST; step++) {
        size = fabs(size);
        double score = count * log(size), information = -count / size;
        add_means(work, size, &score, &information);
        for (size_t j = 0; j < work->largest && work->above != NULL; j++) {
            double share = 1 / (size + (double)j);
            score += work->above[j] * share;
            information += work->above[j] * share * share;
        }
        if (work->above == NULL) {
            double digamma = special_digamma(size), trigamma = special_trigamma(size);
            for (size_t i = 0; i < rows; i++) {
                score += special_digamma(size + y[i]) - digamma;
                information += trigamma - special_trigamma(size + y[i]);
            }
        }
        change = score / information;
        size += change;
    }
    return size;
}

// The log likelihood but for what the counts alone add to it.
static double likelihood(const struct harmonic_work *work, double size)
{
    const double *y = work->problem.y, *mu = work->mu;
    size_t rows = work->problem.rows;
    double sum = (double)rows * size * log(size);
    for (size_t i = 0; i < rows; i++)
        sum += y[i] * work->start[i] - (size + y[i]) * log(size + mu[i]);
    for (size_t j = 0; j < work->largest && work->above != NULL; j++)
        sum += work->above[j] * log(size + (double)j);
    for (size_t i = 0; i < rows && work->above == NULL; i++)
        sum += lgamma(size + y[i]) - lgamma(size);
    return sum;
}

// The means of the last fit, and their logarithms.
static void keep_means(struct harmonic_work *work)
{
    memcpy(work->mu, work->fit.mu, work->problem.rows * sizeof(double));
    memcpy(work->start, work->rows.eta, work->problem.rows * sizeof(double));
}

// Fits means and dispersion in turns, from the Poisson fit on.
static bool fit_dispersion(struct harmonic_work *work)
{
    double freedom = (double)work->problem.rows - (double)work->fit.rank;
    double scale = sqrt(2 * fmax(1, freedom)), change = 1;
    keep_means(work);
    double size = find_size(work), now = likelihood(work, size), before = now + 2 * scale;
    work->problem.start = work->start;
    for (int round = 0; round < ROUNDS_MOST; round++) {
        if (!(isfinite(size) && size > 0))
            return false;
        if (fabs(before - now) / scale + fabs(change) <= CHANGE_LEAST)
            break;
        work->problem.alpha = 1 / size;
        if (!run_fit(work))
            return false;
        // By the means from before this fit, as in the published software.
        double next = find_size(work);
        change = size - next;
        size = next;
        keep_means(work);
        before = now;
        now = likelihood(work, size);
    }
    work->problem.alpha = 1 / size;
    return isfinite(size) && size > 0;
}

// True when the counts have a finite fit; then the model has it.
static bool fit_rows(struct harmonic_model *model, struct harmonic_work *work)
{
    bool is_estimated = isinf(model->alpha);
    work->problem.alpha = is_estimated ? 0 : model->alpha;
    bool is_fitted = run_fit(work);
    if (is_fitted && is_estimated) {
        is_fitted = fit_dispersion(work);
        model->alpha = is_fitted ? work->problem.alpha : 0;
    }
    for (size_t column = 0; column < work->problem.columns; column++) {
        model->beta[column] = work->fit.beta[column];
        is_fitted = is_fitted && isfinite(work->fit.beta[column]);
    }
    return is_fitted;
}

// Fills the rows from the usable counts.
static void fill_rows(const struct harmonic_model *model, const double *y, const double *population,
                      size_t count, const double *turn, double *x, double *response, double *prior,
                      double *offset, size_t rows)
{
    size_t row = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_usable(y, population, i))
            continue;
        size_t phase = model->harmonics > 0 ? i % (size_t)model->frequency : 0;
        fill_row(model, turn + 2 * phase * (size_t)model->harmonics, (double)i + 1, x + row, rows);
        response[row] = y[i];
        prior[row] = 1;
        offset[row++] = population == NULL ? 0 : log(population[i]);
    }
    assert(row == rows);
}

bool harmonic_fit(struct harmonic_model *model, const double *y, const double *population,
                  size_t count)
{
    static const double one[WIDE] = {1, 1, 1, 1, 1, 1, 1, 1};
    size_t columns = 1 + (size_t)model->is_trended + 2 * (size_t)model->harmonics, rows = 0;
    size_t turns = 2 * (size_t)model->harmonics * (size_t)model->frequency;
    assert(columns <= HARMONIC_COLUMNS_MOST && (model->harmonics == 0 || model->frequency > 0));
    for (size_t i = 0; i < count; i++)
        rows += is_usable(y, population, i);
    model->is_fitted = false;
    if (rows == 0)
        return true;
    size_t size = turns + COUNT_MOST + rows * (columns + 7) + glm_size(rows, columns);
    double *turn = memory_take(size * sizeof *turn);
    if (turn == NULL)
        return false;
    double *above = turn + turns, *x = above + COUNT_MOST, *response = x + rows * columns;
    double *prior = response + rows, *offset = prior + rows, *log_y = offset + rows;
    double *eta = log_y + rows, *mu = eta + rows, *start = mu + rows;
    fill_turns(model, count, turn);
    fill_rows(model, y, population, count, turn, x, response, prior, offset, rows);
    struct harmonic_work work = {
        .problem = {rows, columns, response, x, prior, offset}, .mu = mu, .start = start};
    glm_place(&work.fit, rows, columns, start + rows);
    work.rows = (struct harmonic_rows){.rows = rows,
                                       .columns = columns,
                                       .y = response,
                                       .x = x,
                                       .offset = population == NULL ? NULL : offset,
                                       .one = one,
                                       .log_y = log_y,
                                       .mu = work.fit.mu,
                                       .eta = eta};
    if (isinf(model->alpha))
        count_above(&work, above);
    model->is_fitted = fit_rows(model, &work);
    memory_free(turn);
    return true;
}
