// SPDX-License-Identifier: LGPL-3.0-or-later
//
// distribution.c: Student, Poisson and negative binomial: cdf, upper tail, quantile.
//
//     NB(size s, prob p)   P(X=x) = Gamma(x+s)/(Gamma(s) x!) p^s (1-p)^x     P(X<=x) = I_p(s, x+1)
//     Poisson(mu)          P(X=x) = e^-mu mu^x / x!                          P(X<=x) = Q(x+1, mu)
//
// Idea. Small means, by far the most frequent here, need no incomplete function: masses follow from
// each other by a ratio, so the cdf is a running sum that starts at P(X=0). Beyond SUM_MEAN_MAX, or
// where P(X=0) is too small to carry digits, the quantile starts from the normal approximation with
// Cornish and Fisher's correction for skewness, is bracketed from there, and the last steps are
// walked by masses.
//
// A discrete quantile is the smallest whole x with cdf(x) >= q (1 - 64 eps): so that q = cdf(x) up
// to rounding gives x and not x + 1 (docs/detectors 0). A sum of n positive terms is good to n eps,
// which n <= 10 SUM_MEAN_MAX keeps well below what separates two counts in practice.
#include <assert.h>
#include <float.h>
#include <math.h>

#include "analysis/analysis.h"
#include "analysis/special.h"

enum { SUM_MEAN_MAX = 300, WALK_MOST = 64 };
static const double EXACT_MEAN_MAX = 1e9; // beyond, a nearly symmetric law is taken as normal
static const double SUM_START_MIN = 1e-250;
static const double FUZZ = 1 - 64 * DBL_EPSILON;

double analysis_student_two_sided(double t, double df)
{
    assert(df > 0);
    double square = t * t;
    if (isinf(square))
        return 0;
    // Of the two forms the one whose argument is not near 1, where digits would be lost.
    return square < df ? analysis_beta_upper(0.5, df / 2, square / (df + square))
                       : analysis_beta_lower(df / 2, 0.5, df / (df + square));
}

// A law on the whole numbers by its mass at 0 and the ratio of neighbours,
// P(x+1)/P(x) = (slope x + offset)/(x + 1): Poisson has slope 0, offset mu; the negative binomial
// slope 1-p, offset size (1-p).
struct count_law {
    double mean, deviation, skewness;
    double slope, offset;
    double size, probability; // probability 0: Poisson
};

static struct count_law law_of_poisson(double mu)
{
    double deviation = sqrt(mu);
    return (struct count_law){mu, deviation, mu > 0 ? 1 / deviation : 0, 0, mu, 0, 0};
}

static struct count_law law_of_negative_binomial(double size, double probability)
{
    double failure = 1 - probability, mean = size * failure / probability;
    double deviation = sqrt(mean / probability);
    double skewness = mean > 0 ? (1 + failure) / sqrt(size * failure) : 0;
    return (struct count_law){mean,           deviation, skewness,   failure,
                              size * failure, size,      probability};
}

static double cdf_of(const struct count_law *law, double x)
{
    if (law->probability == 0)
        return analysis_gamma_upper(x + 1, law->mean);
    return analysis_beta_lower(law->size, x + 1, law->probability);
}

static double mass_of(const struct count_law *law, double x)
{
    if (law->probability == 0)
        return special_poisson_mass(x, law->mean);
    double n = law->size + x;
    return law->size / n * special_binomial_mass(law->size, n, law->probability, law->slope);
}

static double mass_at_zero(const struct count_law *law)
{
    if (law->probability == 0)
        return exp(-law->mean);
    double failure = law->slope;
    return exp(law->size * (failure < 0.5 ? log1p(-failure) : log(law->probability)));
}

static bool is_summable(const struct count_law *law, double *ret_mass)
{
    if (law->mean > SUM_MEAN_MAX)
        return false;
    *ret_mass = mass_at_zero(law);
    return *ret_mass > SUM_START_MIN;
}

// The quantile by a running sum of masses from P(X=0) on.
static double quantile_by_sum(const struct count_law *law, double mass, double target)
{
    double sum = mass, x = 0;
    // Bound: beyond the mean masses fall at least geometrically, so the sum reaches the target or
    // stops growing.
    while (sum < target) {
        mass *= (law->slope * x + law->offset) / (x + 1);
        x += 1;
        if (sum + mass == sum && x > law->mean)
            break;
        sum += mass;
    }
    return x;
}

// Narrows low < quantile <= high down to WALK_MOST steps, by halving.
static void narrow(const struct count_law *law, double target, double *low, double *high)
{
    while (*high - *low > WALK_MOST) {
        double middle = floor(*low + (*high - *low) / 2);
        if (cdf_of(law, middle) >= target)
            *high = middle;
        else
            *low = middle;
    }
}

// The quantile from the normal approximation: bracketed in steps of a fraction of the deviation,
// halved, and the rest walked by masses downward from the upper end.
static double quantile_by_search(const struct count_law *law, double q, double target)
{
    double z = q > 0 ? analysis_normal_quantile(fmin(q, 1 - DBL_EPSILON)) : -40;
    double start = law->mean + law->deviation * (z + law->skewness * (z * z - 1) / 6);
    double high = fmax(floor(start + 0.5), 0), step = fmax(floor(law->deviation / 16), 1);
    if (law->mean > EXACT_MEAN_MAX && law->skewness < 1e-3)
        return high;
    double low = -1;
    if (cdf_of(law, high) >= target) {
        for (low = high - step; low >= 0 && cdf_of(law, low) >= target; low -= step)
            high = low;
        low = fmax(low, -1);
    } else {
        for (low = high, high += step; cdf_of(law, high) < target; high += step)
            low = high;
    }
    narrow(law, target, &low, &high);
    double sum = cdf_of(law, high), mass = mass_of(law, high);
    while (high - 1 > low && sum - mass >= target) {
        sum -= mass;
        mass *= high / (law->slope * (high - 1) + law->offset);
        high -= 1;
    }
    return high;
}

static double quantile_of(const struct count_law *law, double q)
{
    assert(q >= 0 && q < 1);
    double mass = 0, target = q * FUZZ;
    return is_summable(law, &mass) ? quantile_by_sum(law, mass, target)
                                   : quantile_by_search(law, q, target);
}

// P(X >= x): a running sum up to x and then beyond it, so that a small tail keeps its digits.
static double upper_of(const struct count_law *law, double x)
{
    if (x <= 0)
        return 1;
    double mass = 0;
    if (x <= 2 * SUM_MEAN_MAX && is_summable(law, &mass)) {
        double below = 0;
        for (double i = 0; i < x; i += 1) {
            below += mass;
            mass *= (law->slope * i + law->offset) / (i + 1);
        }
        if (below < 0.5)
            return 1 - below;
        double tail = 0;
        for (double i = x; mass > tail * 1e-17; i += 1) {
            tail += mass;
            mass *= (law->slope * i + law->offset) / (i + 1);
        }
        return tail;
    }
    if (law->mean > EXACT_MEAN_MAX && law->skewness < 1e-3)
        return analysis_normal_upper((x - 0.5 - law->mean) / law->deviation);
    if (law->probability == 0)
        return analysis_gamma_lower(x, law->mean);
    return analysis_beta_upper(law->size, x, law->probability);
}

double analysis_poisson_cdf(double x, double mu)
{
    assert(mu >= 0);
    if (x < 0)
        return 0;
    return mu == 0 ? 1 : analysis_gamma_upper(floor(x) + 1, mu);
}

double analysis_poisson_upper(double x, double mu)
{
    assert(mu >= 0);
    struct count_law law = law_of_poisson(mu);
    return upper_of(&law, ceil(x));
}

double analysis_poisson_quantile(double q, double mu)
{
    assert(mu >= 0);
    struct count_law law = law_of_poisson(mu);
    return quantile_of(&law, q);
}

double analysis_negative_binomial_cdf(double x, double size, double probability)
{
    assert(size > 0 && probability > 0 && probability <= 1);
    if (x < 0)
        return 0;
    return probability == 1 ? 1 : analysis_beta_lower(size, floor(x) + 1, probability);
}

double analysis_negative_binomial_upper(double x, double size, double probability)
{
    assert(size > 0 && probability > 0 && probability <= 1);
    if (probability == 1)
        return x <= 0 ? 1 : 0;
    struct count_law law = law_of_negative_binomial(size, probability);
    return upper_of(&law, ceil(x));
}

double analysis_negative_binomial_quantile(double q, double size, double probability)
{
    assert(size > 0 && probability > 0 && probability <= 1);
    if (probability == 1)
        return 0;
    struct count_law law = law_of_negative_binomial(size, probability);
    return quantile_of(&law, q);
}
