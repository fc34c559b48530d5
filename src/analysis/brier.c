// SPDX-License-Identifier: LGPL-3.0-or-later
//
// brier.c: the Brier score and what it is made of.
//
// With n probabilities p and outcomes o, 0 or 1, in bins k of n(k) each, P(k) and O(k) their means,
// O the mean of all:
//
//     score                mean of (p - o)^2
//     reliability          sum n(k)/n (P(k) - O(k))^2           0: what is said happens as often
//     resolution           sum n(k)/n (O(k) - O)^2              large: bins differ
//     uncertainty          O (1 - O)                            of always saying O
//     within_variance      1/n sum over bins of sum (p - P(k))^2
//     within_covariance    2/n sum over bins of sum (o - O(k)) (p - P(k))
//
//     score = reliability - resolution + uncertainty + within_variance - within_covariance
//
// The first three are Murphy's (1973), exact where all p of a bin are equal; the last two are what
// is lost by putting unequal ones together (Stephenson, Coelho, Jolliffe 2008). Sums run over the
// sorted probabilities: their order in the input does not matter.
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/evaluation_priv.h"
#include "base/memory.h"

enum { BINS_OF_CURVE = 10 };

struct told {
    double probability;
    unsigned char outcome;
};

static int compare_told(const void *a, const void *b)
{
    const struct told *left = a, *right = b;
    if (left->probability != right->probability)
        return left->probability < right->probability ? -1 : 1;
    return (left->outcome > right->outcome) - (left->outcome < right->outcome);
}

static bool same_bin(double a, double b, size_t bin_count)
{
    if (bin_count == 0)
        return a == b;
    double last = (double)bin_count - 1;
    return fmin(floor(a * (double)bin_count), last) == fmin(floor(b * (double)bin_count), last);
}

// Adds the terms of the bin told[0..count-1] to the sums.
static void add_bin(const struct told *told, size_t count, double outcome_mean,
                    struct analysis_brier *brier)
{
    double probability = 0, outcome = 0, size = (double)count;
    // From the first one, so that equal probabilities have exactly that mean.
    for (size_t i = 0; i < count; i++) {
        probability += told[i].probability - told[0].probability;
        outcome += told[i].outcome;
    }
    probability = told[0].probability + probability / size;
    outcome /= size;
    for (size_t i = 0; i < count; i++) {
        double apart = told[i].probability - probability;
        brier->score +=
            (told[i].probability - told[i].outcome) * (told[i].probability - told[i].outcome);
        brier->within_variance += apart * apart;
        brier->within_covariance += 2 * (told[i].outcome - outcome) * apart;
    }
    brier->reliability += size * (probability - outcome) * (probability - outcome);
    brier->resolution += size * (outcome - outcome_mean) * (outcome - outcome_mean);
}

static void decompose(const struct told *told, size_t count, size_t bin_count,
                      struct analysis_brier *brier)
{
    double outcomes = 0, all = (double)count;
    for (size_t i = 0; i < count; i++)
        outcomes += told[i].outcome;
    double mean = outcomes / all;
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && same_bin(told[i].probability, told[end].probability, bin_count))
            end++;
        add_bin(told + i, end - i, mean, brier);
        i = end;
    }
    // 0 / 0 is NaN: the score of nothing.
    brier->count = all;
    brier->score /= all;
    brier->reliability /= all;
    brier->resolution /= all;
    brier->within_variance /= all;
    brier->within_covariance /= all;
    brier->uncertainty = mean * (1 - mean);
}

bool analysis_decompose_brier(const double *probability, const unsigned char *outcome, size_t count,
                              size_t bin_count, struct analysis_brier *ret_brier)
{
    struct analysis_brier brier = {0};
    struct told *told = memory_take((count + 1) * sizeof *told);
    if (told == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        assert(probability[i] >= 0 && probability[i] <= 1 && outcome[i] <= 1);
        told[i] = (struct told){probability[i], outcome[i]};
    }
    qsort(told, count, sizeof *told, compare_told);
    decompose(told, count, bin_count, &brier);
    memory_free(told);
    *ret_brier = brier;
    return true;
}

bool analysis_rate_probability(const struct analysis_scored *scored,
                               const struct analysis_calibration *calibration, uint32_t series,
                               struct analysis_brier *ret_brier)
{
    const struct analysis_labels *labels = scored->labels;
    const struct analysis_event *event = NULL;
    assert(series == ANALYSIS_SERIES_ALL || series < labels->series_count);
    size_t first = series == ANALYSIS_SERIES_ALL ? 0 : series, count = 0;
    size_t last = series == ANALYSIS_SERIES_ALL ? labels->series_count : (size_t)series + 1;
    size_t most = (last - first) * (scored->to - scored->from) + 1;
    double *probability = memory_take(most * sizeof *probability);
    unsigned char *outcome = memory_take(most);
    bool is_complete = probability != NULL && outcome != NULL;
    for (size_t s = first; is_complete && s < last; s++)
        for (size_t point = scored->from; point < scored->to; point++) {
            enum evaluation_cell cell = evaluation_cell_of(scored, s, point, &event);
            if (cell == EVALUATION_NEITHER)
                continue;
            outcome[count] = cell == EVALUATION_EVENT;
            probability[count++] =
                analysis_probability(calibration, scored->score[s * labels->stride + point]);
        }
    size_t bins = calibration->kind == ANALYSIS_CALIBRATE_LOGISTIC ? BINS_OF_CURVE : 0;
    if (is_complete)
        is_complete = analysis_decompose_brier(probability, outcome, count, bins, ret_brier);
    memory_free(probability);
    memory_free(outcome);
    return is_complete;
}
