// SPDX-License-Identifier: LGPL-3.0-or-later
//
// harmonic.h: the seasonal mean behind CUSUM and GLR, fitted to a baseline of counts.
//
// Of the folder only.
//
//     ln mean(t) = b0 [+ b1 t] + sum over s of  c_s cos(2 pi s t/f) + d_s sin(2 pi s t/f)
#ifndef LEVEE_ANALYSIS_HARMONIC_H
#define LEVEE_ANALYSIS_HARMONIC_H

#include <stdbool.h>
#include <stddef.h>

enum { HARMONICS_MOST = 6, HARMONIC_COLUMNS_MOST = 2 + 2 * HARMONICS_MOST };

struct harmonic_model {
    int frequency, harmonics;
    bool is_trended;
    // Dispersion of the counts, variance = mean + alpha mean^2: 0 Poisson; infinite: to be
    // estimated by maximum likelihood (docs/detectors 11).
    double alpha;
    double beta[HARMONIC_COLUMNS_MOST]; // 1, [t,] cos 1, sin 1, ...
    bool is_fitted;                     // false: no finite fit exists
};

// What a pass of the fit reads and fills (harmonic_kernel.c).
struct harmonic_rows {
    size_t rows, columns;
    const double *y, *x, *offset; // column j of x from x + j * rows on; no offset: NULL
    const double *one;            // eight ones
    double alpha;
    double *log_y;    // filled by a pass without coefficients and start
    double *mu, *eta; // of every pass: the means and their logarithms
};

// Fits the model to y[0..count-1], t = 1, 2, ..., with offset ln(population) unless that is NULL.
// Values that are missing, infinite or below zero are left out. False: no memory.
bool harmonic_fit(struct harmonic_model *model, const double *y, const double *population,
                  size_t count);
// The linear predictor at t, without the trend's part; with it add beta[1] t.
double harmonic_season(const struct harmonic_model *model, double t);

#endif
