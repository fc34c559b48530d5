// SPDX-License-Identifier: LGPL-3.0-or-later
//
// smoothing_test.c: the worked example of docs/outlook.md, R's own start, gaps, constant series.
#include "analysis/smoothing.h"

#include <math.h>

#include "unit.h"

static const double example[16] = {10, 14, 8, 25, 11, 15, 9, 28, 13, 16, 10, 30, 12, 19, 11, 33};
static const struct smoothing_constants usual = {0.3, 0.1, 0.2, 1};

void test_smoothing_example(void)
{
    static const double wanted[12] = {10.2,        14.664,      8.99888,     26.2333296,
                                      12.16244443, 16.66099148, 10.70822147, 28.01409608,
                                      13.92253229, 17.34408115, 12.11010411, 29.69086707};
    struct smoothing smoothing = {.constants = usual,
                                  .period = 4,
                                  .level = 14.25,
                                  .slope = 0.2,
                                  .season = {-4.25, -0.25, -6.25, 10.75}};
    double squares = 0, sum = 0, mean = 0;
    for (int t = 4; t < 16; t++) {
        CHECK_NEAR(smoothing_forecast(&smoothing, 1), wanted[t - 4], 1e-9);
        double error = example[t] - smoothing_forecast(&smoothing, 1);
        squares += error * error;
        sum += error;
        smoothing_add(&smoothing, example[t]);
    }
    CHECK_NEAR(squares, 28.07871216, 1e-9);
    CHECK_NEAR(smoothing.level, 19.40824655, 1e-9);
    CHECK_NEAR(smoothing.slope, 0.3887135695, 1e-9);
    CHECK_NEAR(smoothing.season[0], -4.289896740, 1e-9);
    CHECK_NEAR(smoothing.season[1], -0.06367016873, 1e-9);
    CHECK_NEAR(smoothing.season[3], 11.73863902, 1e-9);
    mean = sum / 12;
    double variance = (squares - 12 * mean * mean) / 11;
    CHECK_NEAR(variance, 2.252839058, 1e-9);
    static const double ahead[4] = {15.50706337, 20.12200352, 14.06997847, 32.70173984};
    static const double upper[4] = {18.44886358, 23.21984625, 17.34384658, 36.17081961};
    for (size_t h = 1; h <= 4; h++) {
        double forecast = smoothing_forecast(&smoothing, h);
        CHECK_NEAR(forecast, ahead[h - 1], 1e-9);
        CHECK_NEAR(forecast + 1.959963985 * sqrt(variance * smoothing_spread(&smoothing, h)),
                   upper[h - 1], 1e-8);
    }
}

void test_smoothing_start_as_r(void)
{
    struct smoothing_fit fit;
    struct smoothing smoothing = {.constants = usual, .period = 4};
    CHECK(smoothing_start(&smoothing, example, 16));
    static const double season[4] = {-3.8125, -0.3125, -6.3125, 10.4375};
    for (int i = 0; i < 4; i++)
        CHECK_NEAR(smoothing.season[i], season[i], 1e-12);
    CHECK_NEAR(smoothing_forecast(&smoothing, 1), 10.5125, 1e-12);
    CHECK(smoothing_run(example, 16, 4, &usual, &fit));
    CHECK_NEAR(fit.squares, 31.23891141, 1e-9);
    CHECK_EQUAL(fit.errors, 12);
}

// The search never ends above what any place of a fine grid gives by more than its own step.
void test_smoothing_fit_is_least(void)
{
    double value[120];
    for (int t = 0; t < 120; t++)
        value[t] =
            20 + 0.1 * t + 6 * sin(t * 2 * M_PI / 12) + (t * 7919 % 23) / 4.0 + 3 * sin(t / 7.0);
    struct smoothing_fit fit, other;
    CHECK(smoothing_fit(value, 120, 12, &(struct smoothing_constants){-1, -1, -1, 1}, &fit));
    for (double al = 0.02; al <= 1; al += 0.07)
        for (double be = 0; be <= 1; be += 0.07)
            for (double ga = 0; ga <= 1; ga += 0.07) {
                CHECK(smoothing_run(value, 120, 12, &(struct smoothing_constants){al, be, ga, 1},
                                    &other));
                CHECK(fit.squares <= other.squares * 1.001);
            }
    CHECK(smoothing_fit(value, 120, 12, &(struct smoothing_constants){-1, 0, 0, 0.9}, &other));
    CHECK_EQUAL(other.smoothing.constants.slope, 0);
    CHECK(other.squares >= fit.squares * 0.9);
}

void test_smoothing_of_little(void)
{
    struct smoothing_fit fit;
    double value[40];
    struct smoothing_constants held = {-1, -1, -1, 0.95};
    for (int t = 0; t < 40; t++)
        value[t] = 5;
    CHECK(smoothing_fit(value, 40, 12, &held, &fit));
    CHECK_EQUAL(fit.squares, 0);
    CHECK_NEAR(smoothing_forecast(&fit.smoothing, 9), 5, 1e-12);
    CHECK(!smoothing_fit(value, 23, 12, &held, &fit));
    CHECK(!smoothing_fit(value, 3, 0, &held, &fit));
    CHECK(smoothing_fit(value, 5, 0, &held, &fit));
    // Gaps: all but a few are missing; the numbers stay finite.
    for (int t = 0; t < 40; t++)
        value[t] = t % 5 == 0 ? 5 + t : __builtin_nan("");
    for (int period = 0; period <= 12; period += 4) {
        CHECK(smoothing_fit(value, 40, period, &held, &fit));
        CHECK(isfinite(smoothing_forecast(&fit.smoothing, 30)));
        CHECK(isfinite(smoothing_spread(&fit.smoothing, 30)));
    }
    for (int t = 0; t < 40; t++)
        value[t] = __builtin_nan("");
    CHECK(!smoothing_fit(value, 40, 0, &held, &fit));
}
