// SPDX-License-Identifier: LGPL-3.0-or-later
//
// chance.c: normal, gamma, Poisson and binomial numbers from uniform ones.
//
// Normal: the inverse of its cdf, one uniform number each. Gamma: Marsaglia, Tsang 2000, ACM TOMS
// 26:363. Poisson and binomial: below a mean of SMALL the uniform number is walked down the masses;
// above, the sum is split by an order statistic, which is exact and takes log(mean) steps (Ahrens,
// Dieter 1974, Computing 12:223): the n-th of the Poisson process' times is a gamma number, the
// median of uniform numbers a beta one.
#include "analysis/chance.h"

#include <assert.h>

#include "analysis/analysis.h"

static const double SMALL = 16;
static const double NORMAL_FROM = 1e12; // a law so narrow that whole numbers do not show

double chance_normal(struct chance *chance)
{
    return analysis_normal_quantile(chance_uniform(chance));
}

double chance_gamma(struct chance *chance, double shape)
{
    assert(shape > 0);
    if (shape < 1)
        return chance_gamma(chance, shape + 1) * pow(chance_uniform(chance), 1 / shape);
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    // Bound: a draw is taken with probability above 0.95.
    for (;;) {
        double x = chance_normal(chance), v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        if (log(chance_uniform(chance)) < x * x / 2 + d - d * v + d * log(v))
            return d * v;
    }
}

double chance_poisson(struct chance *chance, double mean)
{
    assert(mean >= 0);
    double count = 0;
    if (mean > NORMAL_FROM)
        return fmax(0, floor(mean + sqrt(mean) * chance_normal(chance) + 0.5));
    while (mean > SMALL) {
        double step = floor(mean * 7 / 8), time = chance_gamma(chance, step);
        if (time > mean)
            return count + chance_binomial(chance, step - 1, mean / time);
        count += step;
        mean -= time;
    }
    double mass = exp(-mean), left = chance_uniform(chance), k = 0;
    while (left > mass && k < 1000) {
        left -= mass;
        k += 1;
        mass *= mean / k;
    }
    return count + k;
}

double chance_binomial(struct chance *chance, double count, double probability)
{
    assert(count >= 0 && probability >= 0 && probability <= 1);
    double found = 0;
    if (probability > 0.5)
        return count - chance_binomial(chance, count, 1 - probability);
    if (count * probability > NORMAL_FROM)
        return floor(count * probability +
                     sqrt(count * probability * (1 - probability)) * chance_normal(chance) + 0.5);
    while (count * probability > SMALL) {
        double middle = floor((count + 1) / 2);
        double a = chance_gamma(chance, middle), b = chance_gamma(chance, count + 1 - middle);
        double at = a / (a + b); // the middle one of `count` uniform numbers
        if (at <= probability) {
            found += middle;
            count -= middle;
            probability = (probability - at) / (1 - at);
        } else {
            count = middle - 1;
            probability /= at;
        }
    }
    if (probability >= 1)
        return found + count;
    double mass = exp(count * log1p(-probability)), left = chance_uniform(chance), k = 0;
    while (left > mass && k < count) {
        left -= mass;
        mass *= (count - k) / (k + 1) * probability / (1 - probability);
        k += 1;
    }
    return found + k;
}
