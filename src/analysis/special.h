// SPDX-License-Identifier: LGPL-3.0-or-later
//
// special.h: probability masses with real arguments, from which the incomplete functions are built.
//
// Of the folder only; the public part of the special functions stands in analysis.h.
#ifndef LEVEE_ANALYSIS_SPECIAL_H
#define LEVEE_ANALYSIS_SPECIAL_H

// exp(-mean) mean^x / Gamma(x+1) for real x >= 0, mean >= 0.
double special_poisson_mass(double x, double mean);
// Gamma(n+1)/(Gamma(x+1) Gamma(n-x+1)) p^x q^(n-x) for real 0 <= x <= n, p + q = 1.
double special_binomial_mass(double x, double n, double p, double q);
// The derivative of ln Gamma(x), and its derivative, for x > 0; relative accuracy about 1e-15.
double special_digamma(double x);
double special_trigamma(double x);

#endif
