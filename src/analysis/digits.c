// SPDX-License-Identifier: LGPL-3.0-or-later
//
// digits.c: digits of values, and how far their counts are from a law.
//
// Benford 1938; Nigrini 2012, Benford's Law. With N digits, n(d) of them d, and the law P(d):
//
//     chi2 = sum (n(d) - N P(d))^2 / (N P(d))      MAD = mean |n(d)/N - P(d)|
//     z(d) = max(|n(d)/N - P(d)| - 1/(2N), 0) / sqrt(P(d) (1 - P(d)) / N)
//
// First digit log10(1 + 1/d); first two the same with d = 10..99; second digit the sum of those
// over the first; last digit 1/10. Chi2 grows with N, MAD does not: Nigrini's bounds of conformity
// are on MAD.
#include "analysis/digits.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"

static const double LARGEST_SCALED = 1e18;

int digits_count_decimals(double value)
{
    assert(isfinite(value));
    if (value == floor(value))
        return 0;
    char text[32];
    snprintf(text, sizeof text, "%.15g", value);
    const char *point = strchr(text, '.'), *exponent = strchr(text, 'e');
    int decimals = 0;
    if (point != NULL)
        decimals = (int)(exponent != NULL ? exponent - point : (long)strlen(point)) - 1;
    if (exponent != NULL)
        decimals -= (int)strtol(exponent + 1, NULL, 10);
    return decimals < 0 ? 0 : decimals > DIGITS_DECIMALS_MOST ? DIGITS_DECIMALS_MOST : decimals;
}

uint64_t digits_scale(double value, int decimals)
{
    assert(isfinite(value) && decimals >= 0 && decimals <= DIGITS_DECIMALS_MOST);
    double scaled = fabs(value);
    for (int i = 0; i < decimals; i++)
        scaled *= 10;
    return (uint64_t)fmin(nearbyint(scaled), LARGEST_SCALED);
}

int digits_first(uint64_t scaled, int count)
{
    assert(scaled > 0 && (count == 1 || count == 2));
    uint64_t most = count == 1 ? 10 : 100;
    while (scaled >= most)
        scaled /= 10;
    return (int)(count == 2 && scaled < 10 ? scaled * 10 : scaled);
}

static int law_size(enum analysis_digit_law law)
{
    return law == ANALYSIS_DIGIT_FIRST ? 9 : law == ANALYSIS_DIGIT_TWO ? 90 : 10;
}

// The law's probability of its `at`-th digit.
static double law_probability(enum analysis_digit_law law, int at)
{
    if (law == ANALYSIS_DIGIT_LAST)
        return 0.1;
    if (law != ANALYSIS_DIGIT_SECOND)
        return log10(1 + 1.0 / (at + (law == ANALYSIS_DIGIT_FIRST ? 1 : 10)));
    double sum = 0;
    for (int first = 1; first <= 9; first++)
        sum += log10(1 + 1.0 / (10 * first + at));
    return sum;
}

// Nigrini 2012, chapter 7.
static int rate_conformity(enum analysis_digit_law law, double mad)
{
    static const double bound[][3] = {[ANALYSIS_DIGIT_FIRST] = {0.006, 0.012, 0.015},
                                      [ANALYSIS_DIGIT_SECOND] = {0.008, 0.010, 0.012},
                                      [ANALYSIS_DIGIT_TWO] = {0.0012, 0.0018, 0.0022}};
    int rate = 0;
    while (law != ANALYSIS_DIGIT_LAST && rate < 3 && mad >= bound[law][rate])
        rate++;
    return rate;
}

bool analysis_fit_digits(enum analysis_digit_law law, const double *count,
                         struct analysis_digit_fit *ret_fit)
{
    int size = law_size(law);
    struct analysis_digit_fit fit = {0};
    for (int i = 0; i < size; i++) {
        assert(count[i] >= 0);
        fit.total += count[i];
    }
    if (fit.total == 0)
        return false;
    for (int i = 0; i < size; i++) {
        double probability = law_probability(law, i), expected = fit.total * probability;
        double apart = fabs(count[i] / fit.total - probability);
        fit.chi_square += (count[i] - expected) * (count[i] - expected) / expected;
        fit.mad += apart / size;
        fit.z[i] = fmax(apart - 1 / (2 * fit.total), 0) /
                   sqrt(probability * (1 - probability) / fit.total);
    }
    fit.p = analysis_gamma_upper((size - 1) / 2.0, fit.chi_square / 2);
    fit.conformity = rate_conformity(law, fit.mad);
    *ret_fit = fit;
    return true;
}

double analysis_binomial_upper(double k, double n, double probability)
{
    assert(k >= 0 && k <= n);
    assert(probability >= 0 && probability <= 1);
    return k == 0 ? 1 : analysis_beta_lower(k, n - k + 1, probability);
}
