// SPDX-License-Identifier: LGPL-3.0-or-later
//
// nowcast_test.c: the worked example of docs/outlook.md, coverage on triangles that were made with
// known delays, and triangles that say nothing.
#include <math.h>
#include <stdio.h>

#include "analysis/analysis.h"
#include "analysis/chance.h"
#include "unit.h"

static const double example[6 * 4] = {10, 6, 3, 1, 12, 8, 4, 2, 9,  7, 2, 1,
                                      14, 9, 5, 0, 11, 8, 0, 0, 13, 0, 0, 0};

static void check_rows(enum analysis_nowcast_interval interval, const double wanted[3][3])
{
    struct analysis_triangle triangle = {6, 3, example};
    struct analysis_nowcast now[6];
    CHECK(analysis_make_nowcast(&triangle, &(struct analysis_nowcast_options){interval, 0, 0.95},
                                now, NULL));
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(now[3 + i].lower, wanted[i][0]);
        CHECK_EQUAL(now[3 + i].median, wanted[i][1]);
        CHECK_EQUAL(now[3 + i].upper, wanted[i][2]);
    }
}

void test_nowcast_example(void)
{
    struct analysis_triangle triangle = {6, 3, example};
    struct analysis_nowcast now[6];
    double hazard[4];
    CHECK(analysis_make_nowcast(&triangle, &(struct analysis_nowcast_options){0, 0, 0.95}, now,
                                hazard));
    CHECK_NEAR(hazard[1], 0.4042553191, 1e-9);
    CHECK_NEAR(hazard[2], 0.1573033708, 1e-9);
    CHECK_NEAR(hazard[3], 0.06153846154, 1e-9);
    CHECK_NEAR(now[5].completeness, 0.4711377554, 1e-9);
    CHECK_NEAR(now[3].estimate, 29.83606557, 1e-9);
    CHECK_NEAR(now[4].estimate, 24.02513661, 1e-9);
    CHECK_NEAR(now[5].estimate, 27.59277908, 1e-9);
    CHECK_EQUAL(now[2].reason, ANALYSIS_NOWCAST_COMPLETE);
    CHECK_EQUAL(now[2].upper, 19);
    // Mack's variance stays below the mean here, so AUTO is KNOWN.
    CHECK(!now[5].is_overdispersed);
    static const double known[3][3] = {{28, 30, 33}, {20, 24, 30}, {19, 28, 41}};
    static const double estimated[3][3] = {{28, 29, 32}, {19, 22, 28}, {16, 24, 36}};
    check_rows(ANALYSIS_NOWCAST_AUTO, known);
    check_rows(ANALYSIS_NOWCAST_KNOWN, known);
    check_rows(ANALYSIS_NOWCAST_ESTIMATED, estimated);
}

// Behind now nothing is read, whatever stands there.
void test_nowcast_reads_nothing_behind_now(void)
{
    double count[6 * 4];
    struct analysis_nowcast a[6], b[6];
    struct analysis_nowcast_options options = {0, 0, 0.95};
    for (int i = 0; i < 24; i++)
        count[i] = i / 4 + i % 4 > 5 ? 999 : example[i];
    CHECK(analysis_make_nowcast(&(struct analysis_triangle){6, 3, example}, &options, a, NULL));
    CHECK(analysis_make_nowcast(&(struct analysis_triangle){6, 3, count}, &options, b, NULL));
    for (int t = 0; t < 6; t++) {
        CHECK_EQUAL(a[t].reported, b[t].reported);
        CHECK_EQUAL(a[t].upper, b[t].upper);
    }
}

// 600 triangles of 60 days: Poisson or overdispersed counts around a wave, delays that are
// geometric or wander from day to day. The 95 % interval of the last six days must hold the truth
// in 90..99 %.
static double cover(uint64_t seed, double size, double wander, double *ret_bias)
{
    enum { DAYS = 60, DELAYS = 11, ROUNDS = 600 };
    static double count[DAYS * DELAYS];
    struct analysis_nowcast now[DAYS];
    double hit = 0, all = 0, error = 0, total = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct chance chance = chance_begin(seed, (uint64_t)round);
        double truth[DAYS];
        for (int t = 0; t < DAYS; t++) {
            double mean = 40 * exp(0.8 * sin(t / 9.0 + round));
            mean *= size > 0 ? chance_gamma(&chance, size) / size : 1;
            double stay = 0.55 * exp(wander * chance_normal(&chance)), left = 1;
            truth[t] = 0;
            for (int d = 0; d < DELAYS; d++) {
                double share = d == DELAYS - 1 ? left : left * (1 - fmin(stay, 0.9));
                left -= share;
                count[t * DELAYS + d] = chance_poisson(&chance, mean * share);
                truth[t] += count[t * DELAYS + d];
            }
        }
        CHECK(analysis_make_nowcast(&(struct analysis_triangle){DAYS, DELAYS - 1, count},
                                    &(struct analysis_nowcast_options){0, 0, 0.95}, now, NULL));
        for (int t = DAYS - 6; t < DAYS; t++) {
            hit += now[t].lower <= truth[t] && truth[t] <= now[t].upper;
            all += 1;
            error += now[t].estimate - truth[t];
            total += truth[t];
        }
    }
    *ret_bias = error / total;
    printf("# 95 %% holds %.3f of %g\n", hit / all, all);
    return hit / all;
}

void test_nowcast_covers(void)
{
    double bias = 0, poisson = cover(1, 0, 0, &bias);
    unit_check(poisson > 0.93 && poisson < 0.985, __FILE__, __LINE__, "Poisson: %g", poisson);
    unit_check(fabs(bias) < 0.02, __FILE__, __LINE__, "bias %g", bias);
    double wild = cover(2, 8, 0.1, &bias);
    unit_check(wild > 0.90 && wild < 0.985, __FILE__, __LINE__, "wandering delays: %g", wild);
    unit_check(fabs(bias) < 0.05, __FILE__, __LINE__, "bias %g", bias);
}

void test_nowcast_of_nothing(void)
{
    double count[5 * 3] = {0};
    struct analysis_nowcast now[5];
    struct analysis_nowcast_options options = {0, 0, 0.95};
    struct analysis_triangle triangle = {5, 2, count};
    CHECK(analysis_make_nowcast(&triangle, &options, now, NULL));
    for (int t = 0; t < 5; t++)
        CHECK(now[t].estimate == 0 && now[t].upper >= 0 && isfinite(now[t].upper));
    // Everything comes two days late: today says nothing.
    for (int t = 0; t < 3; t++)
        count[t * 3 + 2] = 50;
    CHECK(analysis_make_nowcast(&triangle, &options, now, NULL));
    CHECK_EQUAL(now[4].reason, ANALYSIS_NOWCAST_NOTHING);
    CHECK_EQUAL(now[4].upper, 0);
    for (int i = 0; i < 15; i++)
        count[i] = i % 4 == 0 ? ANALYSIS_MISSING : i % 4 == 1 ? -5 : 1e15;
    for (int interval = 0; interval < 3; interval++) {
        options.interval = (enum analysis_nowcast_interval)interval;
        CHECK(analysis_make_nowcast(&triangle, &options, now, NULL));
        for (int t = 0; t < 5; t++)
            CHECK(isfinite(now[t].estimate) && isfinite(now[t].lower) && isfinite(now[t].upper) &&
                  now[t].lower <= now[t].upper);
    }
    // One row, one delay, and delays that no row has lived through.
    CHECK(analysis_make_nowcast(&(struct analysis_triangle){1, 0, (double[]){7}}, &options, now,
                                NULL));
    CHECK_EQUAL(now[0].estimate, 7);
    CHECK(analysis_make_nowcast(&(struct analysis_triangle){1, 2, (double[]){7, 0, 0}}, &options,
                                now, NULL));
    CHECK(isfinite(now[0].upper));
}

void test_chance_laws(void)
{
    struct chance chance = chance_begin(7, 0);
    static const double mean[] = {0.3, 5, 40, 900, 3e6};
    for (int i = 0; i < 5; i++) {
        double sum = 0, square = 0, binomial = 0, spread = 0, n = 4000;
        for (int k = 0; k < n; k++) {
            double x = chance_poisson(&chance, mean[i]);
            double y = chance_binomial(&chance, ceil(mean[i] * 3), 0.25);
            sum += x;
            square += (x - mean[i]) * (x - mean[i]);
            binomial += y;
            spread += (y - ceil(mean[i] * 3) / 4) * (y - ceil(mean[i] * 3) / 4);
        }
        CHECK(fabs(sum / n - mean[i]) < 5 * sqrt(mean[i] / n));
        CHECK_NEAR(square / n, mean[i], 0.2);
        double expected = ceil(mean[i] * 3) / 4;
        CHECK(fabs(binomial / n - expected) < 5 * sqrt(expected / n));
        CHECK_NEAR(spread / n, expected * 0.75, 0.2);
    }
    CHECK_EQUAL(chance_binomial(&chance, 10, 1), 10);
    CHECK_EQUAL(chance_binomial(&chance, 10, 0), 0);
    CHECK_EQUAL(chance_poisson(&chance, 0), 0);
}
