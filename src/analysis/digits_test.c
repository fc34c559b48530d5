// SPDX-License-Identifier: LGPL-3.0-or-later
//
// digits_test.c: digits, their laws and the correction for many tests, against worked examples.
//
// The figures of the first three tests were computed outside from the formulas of docs/trends.
#include "analysis/digits.h"

#include <string.h>

#include "analysis/analysis.h"
#include "unit.h"

void test_digits_benford_example(void)
{
    const double count[9] = {40, 20, 10, 9, 8, 4, 5, 3, 1};
    struct analysis_digit_fit fit;
    CHECK(analysis_fit_digits(ANALYSIS_DIGIT_FIRST, count, &fit));
    CHECK_NEAR(fit.total, 100, 0);
    CHECK_NEAR(fit.chi_square, 8.990146722, 1e-9);
    CHECK_NEAR(fit.p, 0.3431278503, 1e-9);
    CHECK_NEAR(fit.mad, 0.02748833316, 1e-9);
    CHECK_NEAR(fit.z[0], 2.048590202, 1e-9);
    CHECK(fit.z[4] == 0);
    CHECK_EQUAL(fit.conformity, 3);
}

void test_digits_last_example(void)
{
    const double count[10] = {18, 7, 9, 8, 10, 22, 6, 7, 8, 5};
    struct analysis_digit_fit fit;
    CHECK(analysis_fit_digits(ANALYSIS_DIGIT_LAST, count, &fit));
    CHECK_NEAR(fit.chi_square, 27.6, 1e-12);
    CHECK_NEAR(fit.p, 0.001112223845, 1e-9);
    CHECK_NEAR(analysis_binomial_upper(40, 100, 0.2), 3.608420115e-06, 1e-9);
    CHECK_NEAR(analysis_binomial_upper(0, 100, 0.2), 1, 0);
    CHECK_NEAR(analysis_binomial_upper(3, 3, 0.5), 0.125, 1e-13);
}

// The laws themselves: counts in their proportion fit exactly, and are those that Benford names.
void test_digits_laws(void)
{
    const double first[9] = {0.3010299957,  0.1760912591,  0.1249387366,
                             0.09691001301, 0.07918124605, 0.06694678963,
                             0.05799194698, 0.05115252245, 0.04575749056};
    const double second[10] = {0.1196792686,  0.1138901034, 0.1088214990,  0.1043295602,
                               0.1003082023,  0.0966772358, 0.09337473578, 0.09035198927,
                               0.08757005358, 0.08499735206};
    double two[90];
    struct analysis_digit_fit fit;
    CHECK(analysis_fit_digits(ANALYSIS_DIGIT_FIRST, first, &fit));
    CHECK(fit.mad < 1e-9 && fit.conformity == 0);
    CHECK(analysis_fit_digits(ANALYSIS_DIGIT_SECOND, second, &fit));
    CHECK(fit.mad < 1e-9 && fit.conformity == 0);
    for (int i = 0; i < 90; i++)
        two[i] = 1;
    CHECK(analysis_fit_digits(ANALYSIS_DIGIT_TWO, two, &fit));
    CHECK_EQUAL(fit.conformity, 3);
    const double none[10] = {0};
    CHECK(!analysis_fit_digits(ANALYSIS_DIGIT_LAST, none, &fit));
}

// Digits are those that are written: no logarithm makes 1000 a 9.99.
void test_digits_written(void)
{
    CHECK_EQUAL(digits_count_decimals(12), 0);
    CHECK_EQUAL(digits_count_decimals(12.5), 1);
    CHECK_EQUAL(digits_count_decimals(0.07), 2);
    CHECK_EQUAL(digits_count_decimals(1e15), 0);
    CHECK_EQUAL(digits_count_decimals(1.5e-5), 6);
    CHECK_EQUAL(digits_count_decimals(1e-9), DIGITS_DECIMALS_MOST);
    CHECK_EQUAL(digits_count_decimals(-3.125), 3);
    CHECK_EQUAL(digits_scale(12.5, 2), 1250);
    CHECK_EQUAL(digits_scale(-0.29, 2), 29);
    CHECK_EQUAL(digits_scale(1e15, 0), 1000000000000000);
    CHECK(digits_scale(1e15, 6) <= 1000000000000000000u);
    double power = 1;
    for (int i = 0; i <= 15; i++, power *= 10) {
        CHECK_EQUAL(digits_first(digits_scale(power, 0), 1), 1);
        CHECK_EQUAL(digits_first(digits_scale(power, 0), 2), 10);
    }
    CHECK_EQUAL(digits_first(digits_scale(999999999999999, 0), 2), 99);
}

// The example of Benjamini and Hochberg 1995, section 4: fifteen tests of which four are found,
// where Holm finds three.
void test_adjust_example(void)
{
    const double p[16] = {0.0344, 0.0001, 0.0095,           0.0004, 0.0019, 0.0201, 0.0278, 0.0298,
                          0.0459, 0.3240, ANALYSIS_MISSING, 0.4262, 0.5719, 0.6528, 0.7590, 1};
    double q[16], held[16];
    int found = 0, family = 0;
    CHECK(analysis_adjust(ANALYSIS_ADJUST_FALSE_DISCOVERY, p, 16, q));
    CHECK(analysis_adjust(ANALYSIS_ADJUST_FAMILY, p, 16, held));
    for (int i = 0; i < 16; i++) {
        found += q[i] <= 0.05;
        family += held[i] <= 0.05;
        CHECK(q[i] <= held[i]);
    }
    CHECK_EQUAL(found, 4);
    CHECK_EQUAL(family, 3);
    CHECK_NEAR(q[1], 0.0015, 1e-12);
    CHECK_NEAR(q[2], 0.0095 * 15 / 4, 1e-12);
    CHECK_NEAR(held[4], 0.0019 * 13, 1e-12);
    CHECK(q[10] == 1 && held[10] == 1);
    CHECK(analysis_adjust(ANALYSIS_ADJUST_FAMILY, p, 0, held));
}
