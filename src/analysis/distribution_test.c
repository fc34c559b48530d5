// SPDX-License-Identifier: LGPL-3.0-or-later
//
// distribution_test.c: the check values of docs/detectors 7, tails, huge sizes and agreement of
// ways.
#include <math.h>

#include "analysis/analysis.h"
#include "analysis/special.h"
#include "unit.h"

void test_normal_check_values(void)
{
    CHECK_NEAR(analysis_normal_quantile(.95), 1.644853627, 1e-9);
    CHECK_NEAR(analysis_normal_quantile(.975), 1.959963985, 1e-9);
    CHECK_NEAR(analysis_normal_quantile(.995), 2.575829304, 1e-9);
    CHECK_NEAR(analysis_normal_quantile(.999), 3.090232306, 1e-9);
    CHECK_NEAR(analysis_normal_cdf(-8), 6.220960574e-16, 1e-9);
    for (double p = 1e-14; p < 0.999999; p = p * 1.7 < 0.4 ? p * 1.7 : p + 0.013)
        CHECK_NEAR(analysis_normal_cdf(analysis_normal_quantile(p)), p, 2e-14);
}

void test_student_check_values(void)
{
    CHECK_NEAR(analysis_student_two_sided(-2.5, 13), 0.02658878281, 1e-9);
    CHECK_NEAR(analysis_student_two_sided(0, 7), 1, 1e-15);
    // df 1 is the Cauchy law: P(|T| > t) = 1 - 2 atan(t)/pi.
    for (double t = 0.01; t < 100; t *= 3)
        CHECK_NEAR(analysis_student_two_sided(t, 1), 2 / M_PI * atan(1 / t), 1e-13);
    CHECK_EQUAL(analysis_student_two_sided(1e200, 5), 0);
}

void test_gamma_check_values(void)
{
    CHECK_NEAR(analysis_gamma_lower(2.25, 3 / 1.5), 0.5210555272, 1e-9);
    CHECK_NEAR(analysis_gamma_lower(.5, .01), 0.1124629160, 1e-9);
    CHECK_NEAR(analysis_gamma_upper(4, 15.507 / 2), 0.05000521928, 1e-9);
    CHECK_NEAR(analysis_gamma_lower(46, 3.548333631 / .0777), 0.5, 1e-9);
    for (double x = 0.1; x < 60; x *= 1.5) {
        CHECK_NEAR(analysis_gamma_lower(7.3, x) + analysis_gamma_upper(7.3, x), 1, 1e-14);
        CHECK_NEAR(analysis_gamma_upper(1, x), exp(-x), 1e-13);
    }
}

void test_poisson_check_values(void)
{
    CHECK_NEAR(analysis_poisson_cdf(20, 17.69), 0.7550141680, 1e-9);
    CHECK_EQUAL(analysis_poisson_quantile(.95, 17.69), 25);
    CHECK_EQUAL(analysis_poisson_quantile(.95, 0), 0);
    CHECK_EQUAL(analysis_poisson_quantile(.999, 1e-11), 0);
    CHECK_NEAR(analysis_poisson_upper(3, 1e-11), 1e-33 / 6, 1e-9);
    CHECK_NEAR(analysis_poisson_cdf(0, 4), 0.018315638889, 1e-10);
}

void test_negative_binomial_check_values(void)
{
    CHECK_NEAR(analysis_negative_binomial_cdf(10, 3.7, .4), 0.8986177265, 1e-9);
    CHECK_EQUAL(analysis_negative_binomial_quantile(.95, 3.7, .4), 13);
    CHECK_NEAR(analysis_negative_binomial_cdf(14, 57.5, 6.0 / 7), 0.9213205808, 1e-9);
    CHECK_NEAR(analysis_negative_binomial_cdf(15, 57.5, 6.0 / 7), 0.9519621684, 1e-9);
    CHECK_EQUAL(analysis_negative_binomial_quantile(.95, 0.5, 6.0 / 7), 1);
    // A huge size is the Poisson law.
    CHECK_NEAR(analysis_negative_binomial_cdf(20, 17.69e9, 1 / (1 + 1e-9)), 0.7550141680, 1e-6);
}

// The two ways to a quantile and a tail (running sum, incomplete function) give one answer.
void test_count_laws_agree(void)
{
    for (double mean = 0.05; mean < 3000; mean *= 1.9)
        for (double phi = 1.0001; phi < 40; phi = 1 + (phi - 1) * 7) {
            double size = mean / (phi - 1), probability = 1 / phi;
            double x = analysis_negative_binomial_quantile(.995, size, probability);
            CHECK(analysis_negative_binomial_cdf(x, size, probability) >= .995 - 1e-12);
            CHECK(x == 0 || analysis_negative_binomial_cdf(x - 1, size, probability) < .995);
            for (double y = 1; y < 3 * mean + 20; y = floor(y * 2.3))
                CHECK_NEAR(analysis_negative_binomial_upper(y, size, probability),
                           analysis_beta_upper(size, y, probability), 2e-11);
            x = analysis_poisson_quantile(.995, mean);
            CHECK(analysis_poisson_cdf(x, mean) >= .995 - 1e-12);
            CHECK(x == 0 || analysis_poisson_cdf(x - 1, mean) < .995);
        }
}

// A quantile asked at the very value of a cdf gives that count, not the next one.
void test_quantile_fuzz(void)
{
    for (double x = 0; x < 30; x += 1) {
        CHECK_EQUAL(analysis_poisson_quantile(analysis_poisson_cdf(x, 11.3), 11.3), x);
        double q = analysis_negative_binomial_cdf(x, 5.5, .31);
        CHECK_EQUAL(analysis_negative_binomial_quantile(q, 5.5, .31), x);
    }
}

void test_gamma_derivatives(void)
{
    CHECK_NEAR(special_digamma(1), -0.57721566490153286, 1e-14);
    CHECK_NEAR(special_digamma(0.1), -10.423754940411076, 1e-14);
    CHECK_NEAR(special_trigamma(1), 1.6449340668482264, 1e-14);
    CHECK_NEAR(special_trigamma(0.5), 4.9348022005446793, 1e-14);
    // Differences are sums of reciprocals.
    CHECK_NEAR(special_digamma(13.25) - special_digamma(11.25), 1 / 11.25 + 1 / 12.25, 1e-13);
    CHECK_NEAR(special_trigamma(11.25) - special_trigamma(12.25), 1 / (11.25 * 11.25), 1e-12);
}
