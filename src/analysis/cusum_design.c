// SPDX-License-Identifier: LGPL-3.0-or-later
//
// cusum_design.c: how long a CUSUM runs before it alarms, and the k and h that give wanted lengths.
//
// Page 1954, Biometrika 41:100; docs/detectors 10. From a start u the run length for normal
// observations of mean mu and variance 1 solves
//
//     L(u) = 1 + L(0) Phi(k - u - mu) + integral from 0 to h of L(v) phi(v + k - u - mu) dv
//
// The integral by Gauss and Legendre's rule with NODES points makes it a linear system for L(0) and
// L at the nodes, solved by elimination. h then is the root of ARL(0) = wanted for a given k, and k
// the root of ARL(2 k) = wanted when out of control: both functions are monotone and are bracketed,
// then closed in on by false position with the Illinois correction.
#include "analysis/cusum.h"

enum { NODES = 50, ORDER = NODES + 1, STEPS_MOST = 100 };
static const double K_LEAST = 0.1, K_MOST = 6, H_LEAST = 1e-4, H_MOST = 24;
static const double LENGTH_MOST = 1e12;

// A decreasing or increasing function of one number, with what else it needs.
struct curve {
    double (*at)(const struct curve *curve, double x);
    double k;      // of the run length by h
    double wanted; // the value whose place is sought
    double arl;    // in control, for the run length by k
};

// Nodes and weights of Gauss and Legendre on 0..1, by Newton's method on the polynomial.
static void place_nodes(double *node, double *weight)
{
    for (int i = 0; i < NODES; i++) {
        double x = cos(3.14159265358979323846 * (i + 0.75) / (NODES + 0.5)), slope = 1;
        for (int round = 0; round < 20; round++) {
            double value = x, before = 1;
            for (int n = 2; n <= NODES; n++) {
                double next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
                before = value;
                value = next;
            }
            slope = NODES * (x * value - before) / (x * x - 1);
            x -= value / slope;
        }
        node[i] = (1 - x) / 2;
        weight[i] = 1 / ((1 - x * x) * slope * slope);
    }
}

// Solves a x = b in place by elimination with row pivoting; b becomes x.
static void solve(double a[ORDER][ORDER], double *b)
{
    for (int step = 0; step < ORDER; step++) {
        int best = step;
        for (int i = step + 1; i < ORDER; i++)
            best = fabs(a[i][step]) > fabs(a[best][step]) ? i : best;
        for (int j = 0; j < ORDER; j++) {
            double held = a[step][j];
            a[step][j] = a[best][j];
            a[best][j] = held;
        }
        double held = b[step];
        b[step] = b[best];
        b[best] = held;
        for (int i = step + 1; i < ORDER; i++) {
            double factor = a[i][step] / a[step][step];
            for (int j = step; j < ORDER; j++)
                a[i][j] -= factor * a[step][j];
            b[i] -= factor * b[step];
        }
    }
    for (int i = ORDER - 1; i >= 0; i--) {
        for (int j = i + 1; j < ORDER; j++)
            b[i] -= a[i][j] * b[j];
        b[i] /= a[i][i];
    }
}

double analysis_cusum_run_length(double k, double h, double mu)
{
    assert(h > 0);
    double node[NODES], weight[NODES], matrix[ORDER][ORDER], length[ORDER];
    place_nodes(node, weight);
    for (int i = 0; i < ORDER; i++) {
        double u = i == 0 ? 0 : h * node[i - 1];
        length[i] = 1;
        matrix[i][0] = (i == 0) - analysis_normal_cdf(k - u - mu);
        for (int j = 1; j < ORDER; j++) {
            double z = h * node[j - 1] + k - u - mu;
            double density = 0.39894228040143267794 * exp(-z * z / 2);
            matrix[i][j] = (i == j) - h * weight[j - 1] * density;
        }
    }
    solve(matrix, length);
    return length[0];
}

// Where the curve has the wanted value between low and high; the nearer end where it has it not.
static double find_place(const struct curve *curve, double low, double high)
{
    double at_low = curve->at(curve, low) - curve->wanted;
    double at_high = curve->at(curve, high) - curve->wanted;
    if (at_low * at_high > 0)
        return fabs(at_low) < fabs(at_high) ? low : high;
    int side = 0;
    double x = low;
    for (int step = 0; step < STEPS_MOST && high - low > 1e-12 * high; step++) {
        double next = (low * at_high - high * at_low) / (at_high - at_low);
        // False position creeps where the curve is steep: now and then a half.
        x = step % 4 == 3 || !(next > low && next < high) ? (low + high) / 2 : next;
        double value = curve->at(curve, x) - curve->wanted;
        if (value == 0)
            break;
        if (value * at_high > 0) {
            high = x;
            at_high = value;
            at_low = side == 1 ? at_low / 2 : at_low;
            side = 1;
        } else {
            low = x;
            at_low = value;
            at_high = side == -1 ? at_high / 2 : at_high;
            side = -1;
        }
    }
    return x;
}

// The logarithm of the run length in control: nearly straight in h. Where the length is beyond what
// the system can tell, it is beyond every wanted one.
static double length_by_h(const struct curve *curve, double h)
{
    double length = analysis_cusum_run_length(curve->k, h, 0);
    return length >= 1 && length < LENGTH_MOST ? log(length) : log(LENGTH_MOST);
}

static double find_h(double k, double arl)
{
    struct curve curve = {.at = length_by_h, .k = k, .wanted = log(arl)};
    // A bound of h where lengths still are finite: they grow like exp(2 k h).
    double most = 10 / k + log(arl) / (2 * k) + 2;
    return find_place(&curve, H_LEAST, most < H_MOST ? most : H_MOST);
}

static double length_by_k(const struct curve *curve, double k)
{
    return analysis_cusum_run_length(k, find_h(k, curve->arl), 2 * k);
}

void analysis_cusum_design(double arl, double arl_shifted, double *k, double *ret_h)
{
    assert(arl > 1);
    if (isfinite(arl_shifted)) {
        struct curve curve = {.at = length_by_k, .wanted = arl_shifted, .arl = arl};
        *k = find_place(&curve, K_LEAST, K_MOST);
    }
    *ret_h = find_h(*k, arl);
}

void cusum_choose_bounds(const double *option, double *ret_k, double *ret_h)
{
    *ret_k = option[CUSUM_K];
    *ret_h = option[CUSUM_H];
    if (isfinite(option[CUSUM_ARL]))
        analysis_cusum_design(option[CUSUM_ARL], option[CUSUM_ARL_SHIFTED], ret_k, ret_h);
}
