// SPDX-License-Identifier: LGPL-3.0-or-later
//
// calibration.c: a score becomes the probability that its period is labelled.
//
// Isotonic: of all functions that never fall, the one with the least squared error; found by
// pooling neighbours that are out of order (Ayer, Brunk, Ewing, Reid, Silverman 1955). Equal scores
// are one point. The result is steps; a new score takes the step that begins at or below it.
//
//     share   |          ____        bound    the lowest score of a step
//             |    _____|            below the first bound the first step holds
//             |___|
//             +---------------- score
//
// Logistic: p = 1 / (1 + exp(-(a + b x))), x the score less its mean over its standard deviation,
// by Newton's method with halved steps (Lin, Lin, Weng 2007, Mach Learn 68:267), on Platt's targets
// (N1 + 1)/(N1 + 2) and 1/(N0 + 2) in place of 1 and 0, so that separated scores have a fit.
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/evaluation_priv.h"
#include "base/memory.h"

enum { ITERATIONS_MOST = 100 };
static const double RIDGE = 1e-10, GRADIENT_DONE = 1e-9, STEP_LEAST = 1e-10;

struct pair {
    double score;
    bool is_event;
};

static int compare_pairs(const void *a, const void *b)
{
    double left = ((const struct pair *)a)->score, right = ((const struct pair *)b)->score;
    return (left > right) - (left < right);
}

// Pools the sorted pairs into steps. `weight` has a place for each pair.
static void pool(struct analysis_calibration *fit, const struct pair *pair, double *weight)
{
    size_t steps = 0;
    for (size_t i = 0; i < fit->count;) {
        double total = 0, hits = 0;
        fit->bound[steps] = pair[i].score;
        for (; i < fit->count && pair[i].score == fit->bound[steps]; i++) {
            total++;
            hits += pair[i].is_event;
        }
        fit->probability[steps] = hits / total;
        weight[steps++] = total;
        while (steps > 1 && fit->probability[steps - 2] >= fit->probability[steps - 1]) {
            double both = weight[steps - 2] + weight[steps - 1];
            fit->probability[steps - 2] = (fit->probability[steps - 2] * weight[steps - 2] +
                                           fit->probability[steps - 1] * weight[steps - 1]) /
                                          both;
            weight[steps - 2] = both;
            steps--;
        }
    }
    fit->step_count = steps;
}

static bool fit_steps(struct analysis_calibration *fit, struct pair *pair)
{
    size_t size = (fit->count + 1) * sizeof(double);
    double *weight = memory_take(size);
    fit->bound = memory_take(size);
    fit->probability = memory_take(size);
    bool is_complete = weight != NULL && fit->bound != NULL && fit->probability != NULL;
    if (is_complete) {
        qsort(pair, fit->count, sizeof *pair, compare_pairs);
        pool(fit, pair, weight);
    }
    memory_free(weight);
    return is_complete;
}

static double linear_of(const struct analysis_calibration *fit, double score)
{
    return fit->intercept + fit->slope * ((score - fit->center) / fit->scale);
}

// ln(1 + exp(-z)) without overflow.
static double log_loss(double z)
{
    return z > 0 ? log1p(exp(-z)) : log1p(exp(z)) - z;
}

static double logistic_of(double z)
{
    return z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z));
}

static double target_of(const struct analysis_calibration *fit, bool is_event)
{
    double hits = (double)fit->hits, misses = (double)(fit->count - fit->hits);
    return is_event ? (hits + 1) / (hits + 2) : 1 / (misses + 2);
}

// Minus the log likelihood of the targets.
static double loss_of(const struct analysis_calibration *fit, const struct pair *pair)
{
    double loss = 0;
    for (size_t i = 0; i < fit->count; i++) {
        double z = linear_of(fit, pair[i].score), target = target_of(fit, pair[i].is_event);
        loss += target * log_loss(z) + (1 - target) * log_loss(-z);
    }
    return loss;
}

// Mean and standard deviation of the scores, by Welford.
static void standardise(struct analysis_calibration *fit, const struct pair *pair)
{
    double mean = 0, sum = 0;
    for (size_t i = 0; i < fit->count; i++) {
        double apart = pair[i].score - mean;
        mean += apart / (double)(i + 1);
        sum += apart * (pair[i].score - mean);
    }
    fit->center = mean;
    fit->scale = sum > 0 && isfinite(sum) ? sqrt(sum / (double)fit->count) : 1;
}

// Makes the step towards the minimum, halved until the loss falls. False: nothing is left to gain.
static bool step_down(struct analysis_calibration *fit, const struct pair *pair, double *loss)
{
    double g0 = 0, g1 = 0, h00 = RIDGE, h01 = 0, h11 = RIDGE;
    for (size_t i = 0; i < fit->count; i++) {
        double x = (pair[i].score - fit->center) / fit->scale;
        double p = logistic_of(linear_of(fit, pair[i].score));
        double apart = p - target_of(fit, pair[i].is_event);
        g0 += apart;
        g1 += apart * x;
        h00 += p * (1 - p);
        h01 += p * (1 - p) * x;
        h11 += p * (1 - p) * x * x;
    }
    double determinant = h00 * h11 - h01 * h01;
    if (fmax(fabs(g0), fabs(g1)) < GRADIENT_DONE * (double)fit->count || !(determinant > 0))
        return false;
    double d0 = -(h11 * g0 - h01 * g1) / determinant, d1 = -(h00 * g1 - h01 * g0) / determinant;
    struct analysis_calibration held = *fit;
    for (double step = 1; step > STEP_LEAST; step /= 2) {
        fit->intercept = held.intercept + step * d0;
        fit->slope = held.slope + step * d1;
        double now = loss_of(fit, pair);
        if (now < *loss) {
            *loss = now;
            return true;
        }
    }
    *fit = held;
    return false;
}

static void fit_curve(struct analysis_calibration *fit, const struct pair *pair)
{
    double hits = (double)fit->hits, misses = (double)(fit->count - fit->hits);
    standardise(fit, pair);
    fit->intercept = log((hits + 1) / (misses + 1));
    double loss = loss_of(fit, pair);
    for (int i = 0; i < ITERATIONS_MOST && step_down(fit, pair, &loss); i++)
        continue;
}

// The scored periods of the range as pairs; also the base rate.
static struct pair *gather(const struct analysis_scored *scored, struct analysis_calibration *fit)
{
    const struct analysis_labels *labels = scored->labels;
    const struct analysis_event *event = NULL;
    double periods = 0, labelled = 0;
    struct pair *pair =
        memory_take((labels->series_count * (scored->to - scored->from) + 1) * sizeof *pair);
    for (size_t series = 0; pair != NULL && series < labels->series_count; series++)
        for (size_t point = scored->from; point < scored->to; point++) {
            double score = scored->score[series * labels->stride + point];
            enum evaluation_cell cell = evaluation_cell_of(scored, series, point, &event);
            if (cell == EVALUATION_NEITHER)
                continue;
            bool is_event = cell == EVALUATION_EVENT;
            periods++;
            labelled += is_event;
            if (!isfinite(score))
                continue;
            fit->hits += is_event;
            pair[fit->count++] = (struct pair){score, is_event};
        }
    fit->base_rate = periods > 0 ? labelled / periods : 0;
    return pair;
}

bool analysis_calibrate(const struct analysis_scored *scored, enum analysis_calibration_kind kind,
                        struct analysis_calibration *ret_calibration)
{
    struct analysis_calibration fit = {.kind = kind, .scale = 1};
    assert(scored->from <= scored->to && scored->to <= scored->labels->point_count);
    struct pair *pair = gather(scored, &fit);
    bool is_complete = pair != NULL;
    if (is_complete && kind == ANALYSIS_CALIBRATE_ISOTONIC)
        is_complete = fit_steps(&fit, pair);
    else if (is_complete)
        fit_curve(&fit, pair);
    memory_free(pair);
    if (!is_complete)
        analysis_free_calibration(&fit);
    *ret_calibration = fit;
    return is_complete;
}

double analysis_probability(const struct analysis_calibration *calibration, double score)
{
    if (!isfinite(score) || calibration->count == 0)
        return calibration->base_rate;
    if (calibration->kind == ANALYSIS_CALIBRATE_LOGISTIC)
        return logistic_of(linear_of(calibration, score));
    size_t low = 0, high = calibration->step_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (calibration->bound[middle] <= score)
            low = middle;
        else
            high = middle;
    }
    return calibration->probability[low];
}

void analysis_free_calibration(struct analysis_calibration *calibration)
{
    memory_free(calibration->bound);
    memory_free(calibration->probability);
    calibration->bound = NULL;
    calibration->probability = NULL;
    calibration->step_count = 0;
    calibration->count = 0;
}
