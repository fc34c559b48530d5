// SPDX-License-Identifier: LGPL-3.0-or-later
//
// special.c: the normal law, incomplete gamma and incomplete beta, to about 1e-13 relative
// (1e-11 where a parameter exceeds 1e5 and the argument lies near the mean).
//
// Idea. The textbook prefactors x^a (1-x)^b / B(a,b) and x^a exp(-x) / Gamma(a) lose all digits for
// large a, because three numbers of size 1e7 are subtracted to give one of size 1. Loader (2000),
// "Fast and accurate computation of binomial probabilities", writes them as a saddle point:
//
//     Poisson mass   =  exp( -delta(x) - D(x, mean) ) / sqrt(2 pi x)
//     D(x, m)        =  x ln(x/m) + m - x                       deviance, >= 0, small near the mean
//     delta(x)       =  ln x! - ln( sqrt(2 pi x) (x/e)^x )      error of Stirling's formula
//
// so that only small numbers are subtracted. With real x these masses are the prefactors:
//
//     x^a e^-x / Gamma(a+1)       =  Poisson mass of a at mean x
//     x^a (1-x)^b / B(a,b)        =  a b / (a+b)  *  binomial mass of a in a+b at x
//
// What remains are continued fractions: DLMF 8.17.22 (beta), 8.9.2 (gamma), and the power series
// DLMF 8.7.1 (gamma, x < a+1). Each is used on its own side of the mean, and the other side is one
// minus it: the small tail is always the one that is computed. Continued fractions are evaluated
// front to back by Lentz's rule; the number of steps grows as the root of the largest argument.
//
// It does not do: derivatives, complex or negative arguments.
#include "analysis/special.h"

#include <assert.h>
#include <math.h>

#include "analysis/analysis.h"

enum {
    // Steps of a series or fraction: about 20 roots of the largest argument that occurs (1e9).
    STEPS_MAX = 1000000
};
static const double TWO_PI = 6.283185307179586477;
static const double TINY = 1e-300;

// delta(x) above, for x >= 0. Asymptotic series from 15 on (next term below 2e-17 relative to 1);
// below, delta(x) = delta(x+1) + (x + 1/2) ln((x+1)/x) - 1 leads up to there.
static double stirling_error(double x)
{
    assert(x > 0);
    double sum = 0;
    while (x < 15) {
        sum += (x + 0.5) * log1p(1 / x) - 1;
        x += 1;
    }
    double s = 1 / (x * x);
    double series =
        1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188))));
    return sum + series / x;
}

// D(x, m). Near the mean by the series in v = (x-m)/(x+m):
// x ln(x/m) + m - x = (x-m) v + 2 x sum_{j>=1} v^(2j+1)/(2j+1).
static double deviance(double x, double m)
{
    assert(x > 0 && m > 0);
    double difference = x - m;
    if (fabs(difference) >= 0.1 * (x + m))
        return x * log(x / m) + m - x;
    double v = difference / (x + m), square = v * v, power = 2 * x * v, sum = difference * v;
    for (int j = 1; j < 40; j++) {
        power *= square;
        double next = sum + power / (2 * j + 1);
        if (next == sum)
            break;
        sum = next;
    }
    return sum;
}

double special_poisson_mass(double x, double mean)
{
    assert(x >= 0 && mean >= 0);
    if (mean == 0)
        return x == 0 ? 1 : 0;
    if (x == 0)
        return exp(-mean);
    return exp(-stirling_error(x) - deviance(x, mean)) / sqrt(TWO_PI * x);
}

double special_binomial_mass(double x, double n, double p, double q)
{
    assert(x >= 0 && x <= n);
    double rest = n - x;
    if (p == 0)
        return x == 0 ? 1 : 0;
    if (q == 0)
        return rest == 0 ? 1 : 0;
    if (x == 0)
        return exp(n * (p < 0.5 ? log1p(-p) : log(q)));
    if (rest == 0)
        return exp(n * (q < 0.5 ? log1p(-q) : log(p)));
    double exponent = stirling_error(n) - stirling_error(x) - stirling_error(rest) -
                      deviance(x, n * p) - deviance(rest, n * q);
    return exp(exponent) * sqrt(n / (TWO_PI * x * rest));
}

// P(a, x) by its power series, good for x < a + 1.
static double gamma_series(double a, double x)
{
    double term = 1, sum = 1;
    for (int i = 1; i < STEPS_MAX && term > sum * 1e-17; i++) {
        term *= x / (a + i);
        sum += term;
    }
    return sum * special_poisson_mass(a, x);
}

// Q(a, x) by the continued fraction x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - ..)), for x >= a + 1.
static double gamma_fraction(double a, double x)
{
    double b = x + 1 - a, c = 1 / TINY, d = 1 / b, fraction = d;
    for (int i = 1; i < STEPS_MAX; i++) {
        double numerator = -i * (i - a);
        b += 2;
        d = numerator * d + b;
        c = b + numerator / c;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = fabs(c) < TINY ? TINY : c;
        double step = c * d;
        fraction *= step;
        if (fabs(step - 1) < 4e-16)
            break;
    }
    return fraction * a * special_poisson_mass(a, x);
}

double analysis_gamma_lower(double a, double x)
{
    assert(a > 0 && x >= 0);
    if (x == 0)
        return 0;
    return x < a + 1 ? gamma_series(a, x) : 1 - gamma_fraction(a, x);
}

double analysis_gamma_upper(double a, double x)
{
    assert(a > 0 && x >= 0);
    if (x == 0)
        return 1;
    return x < a + 1 ? 1 - gamma_series(a, x) : gamma_fraction(a, x);
}

// I_x(a, b) by the continued fraction, good for x <= (a+1)/(a+b+2); y = 1 - x.
static double beta_fraction(double a, double b, double x, double y)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < TINY ? TINY : d);
    double fraction = d;
    for (int m = 1; m < STEPS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = fabs(c) < TINY ? TINY : c;
        fraction *= c * d;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = fabs(c) < TINY ? TINY : c;
        double step = c * d;
        fraction *= step;
        if (fabs(step - 1) < 4e-16)
            break;
    }
    return fraction * b / (a + b) * special_binomial_mass(a, a + b, x, y);
}

// Both halves at once: the one that is smaller by its fraction, the other as the rest.
static void beta_both(double a, double b, double x, double *ret_lower, double *ret_upper)
{
    assert(a > 0 && b > 0);
    double y = 1 - x;
    if (x <= 0 || y <= 0) {
        *ret_lower = x <= 0 ? 0 : 1;
    } else if (x <= (a + 1) / (a + b + 2)) {
        *ret_lower = beta_fraction(a, b, x, y);
    } else {
        *ret_upper = beta_fraction(b, a, y, x);
        *ret_lower = 1 - *ret_upper;
        return;
    }
    *ret_upper = 1 - *ret_lower;
}

double analysis_beta_lower(double a, double b, double x)
{
    double lower = 0, upper = 0;
    beta_both(a, b, x, &lower, &upper);
    return lower;
}

double analysis_beta_upper(double a, double b, double x)
{
    double lower = 0, upper = 0;
    beta_both(a, b, x, &lower, &upper);
    return upper;
}

double analysis_normal_cdf(double x)
{
    return 0.5 * erfc(-x * M_SQRT1_2);
}

double analysis_normal_upper(double x)
{
    return 0.5 * erfc(x * M_SQRT1_2);
}

// A ratio of polynomials of degree 7 by Horner's rule.
static double ratio(const double *numerator, const double *denominator, double r)
{
    double top = numerator[7], bottom = denominator[7];
    for (int i = 6; i >= 0; i--) {
        top = top * r + numerator[i];
        bottom = bottom * r + denominator[i];
    }
    return top / bottom;
}

// Wichura 1988, Applied Statistics 37:477, algorithm AS 241, PPND16: about 1 in 1e16.
double analysis_normal_quantile(double p)
{
    static const double a[8] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                1.9715909503065514427e3, 1.3731693765509461125e4,
                                4.5921953931549871457e4, 6.7265770927008700853e4,
                                3.3430575583588128105e4, 2.5090809287301226727e3};
    static const double b[8] = {1.0,
                                4.2313330701600911252e1,
                                6.8718700749205790830e2,
                                5.3941960214247511077e3,
                                2.1213794301586595867e4,
                                3.9307895800092710610e4,
                                2.8729085735721942674e4,
                                5.2264952788528545610e3};
    static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[8] = {1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9};
    static const double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[8] = {1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};
    assert(p > 0 && p < 1);
    double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return q * ratio(a, b, 0.180625 - q * q);
    double r = sqrt(-log(q < 0 ? p : 1 - p));
    double x = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
    return q < 0 ? -x : x;
}

// Up by the recurrence psi(x) = psi(x+1) - 1/x to where the asymptotic series in 1/x^2 (Abramowitz,
// Stegun 6.3.18, 6.4.12) is good to the last digit.
static const double SERIES_LEAST = 12;

double special_digamma(double x)
{
    assert(x > 0);
    double below = 0;
    for (; x < SERIES_LEAST; x += 1)
        below += 1 / x;
    double square = 1 / (x * x);
    double series =
        square *
        (1.0 / 12 -
         square *
             (1.0 / 120 -
              square * (1.0 / 252 -
                        square * (1.0 / 240 -
                                  square * (1.0 / 132 - square * (691.0 / 32760 - square / 12))))));
    return log(x) - 0.5 / x - series - below;
}

double special_trigamma(double x)
{
    assert(x > 0);
    double below = 0;
    for (; x < SERIES_LEAST; x += 1)
        below += 1 / (x * x);
    double square = 1 / (x * x);
    double series =
        square / x *
        (1.0 / 6 -
         square *
             (1.0 / 30 -
              square * (1.0 / 42 -
                        square * (1.0 / 30 - square * (5.0 / 66 - square * (691.0 / 2730 -
                                                                            square * 7 / 6))))));
    return below + 1 / x + square / 2 + series;
}
