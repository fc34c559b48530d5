// SPDX-License-Identifier: LGPL-3.0-or-later
//
// epidemic_test.c: what must hold of any SEIR: nobody is lost, the final size, growth, travel.
#include <math.h>
#include <string.h>

#include "analysis/analysis.h"
#include "unit.h"

enum { DAYS = 400 };
static const double population[3] = {1e6, 5e5, 2e5}, none[3] = {0}, sick[3] = {10, 0, 0};
static const double travel[9] = {0.9, 0.08, 0.02, 0.1, 0.85, 0.05, 0.05, 0.05, 0.9};
static struct analysis_epidemic_day day[DAYS * 3];

static struct analysis_epidemic usual(void)
{
    return (struct analysis_epidemic){.place_count = 3,
                                      .population = population,
                                      .exposed = none,
                                      .infectious = sick,
                                      .recovered = none,
                                      .travel = travel,
                                      .reproduction = 2.5,
                                      .latent_days = 3,
                                      .infectious_days = 5,
                                      .days = DAYS,
                                      .measure_day = DAYS,
                                      .contact_factor = 1,
                                      .travel_factor = 1};
}

void test_epidemic_loses_nobody(void)
{
    struct analysis_epidemic epidemic = usual();
    CHECK(analysis_check_epidemic(&epidemic));
    for (size_t paths = 0; paths <= 5; paths += 5) {
        epidemic.paths = paths;
        CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, day));
        for (int d = 0; d < DAYS; d++)
            for (int i = 0; i < 3; i++) {
                const struct analysis_epidemic_day *at = &day[d * 3 + i];
                CHECK_NEAR(at->susceptible + at->exposed + at->infectious + at->recovered,
                           population[i], 1e-9);
                CHECK(at->onset_lower <= at->onset_upper && at->onset >= 0);
            }
    }
}

// One place: the share z that is infected in the end solves z = 1 - exp(-R z).
void test_epidemic_final_size(void)
{
    struct analysis_epidemic epidemic = usual();
    epidemic.place_count = 1;
    epidemic.travel = NULL;
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, day));
    double z = 0.9;
    for (int i = 0; i < 100; i++)
        z = 1 - exp(-2.5 * z);
    CHECK_NEAR(1 - day[DAYS - 1].susceptible / population[0], z, 1e-4);
    // Early on it grows by the larger root of (r + 1/3)(r + 1/5) = 2.5/15.
    double b = 1.0 / 3 + 1.0 / 5, r = (-b + sqrt(b * b + 4 * 1.5 / 15)) / 2;
    CHECK_NEAR(log(day[40].infectious / day[30].infectious) / 10, r, 0.01);
    epidemic.reproduction = 0.8;
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, day));
    CHECK(day[DAYS - 1].recovered < 60);
}

void test_epidemic_travel_carries_it(void)
{
    struct analysis_epidemic epidemic = usual();
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, day));
    CHECK(day[(DAYS - 1) * 3 + 2].recovered > 1e5);
    double open = day[60 * 3 + 2].infectious;
    epidemic.measure_day = 0;
    epidemic.travel_factor = 0.1;
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, day));
    CHECK(day[60 * 3 + 2].infectious < open / 2);
    epidemic.travel_factor = 0;
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, day));
    CHECK_EQUAL(day[(DAYS - 1) * 3 + 2].recovered, 0);
    epidemic.travel = NULL;
    static struct analysis_epidemic_day alone[DAYS * 3];
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, alone));
    CHECK_NEAR(day[100 * 3].infectious, alone[100 * 3].infectious, 1e-9);
    // A measure brings the number below 1: what grew falls.
    epidemic = usual();
    epidemic.measure_day = 50;
    epidemic.contact_factor = 0.3;
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, day));
    CHECK(day[49 * 3].infectious > day[30 * 3].infectious &&
          day[90 * 3].infectious < day[60 * 3].infectious);
}

// The paths' mean is near the smooth course, their bounds hold it, and a seed is a seed.
void test_epidemic_by_chance(void)
{
    static struct analysis_epidemic_day again[DAYS * 3], smooth[DAYS * 3];
    double many[3] = {2000, 1000, 400};
    struct analysis_epidemic epidemic = usual();
    epidemic.infectious = many;
    epidemic.days = 60;
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, smooth));
    epidemic.paths = 40;
    epidemic.seed = 5;
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, day));
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, again));
    CHECK(memcmp(day, again, 60 * 3 * sizeof *day) == 0);
    CHECK_NEAR(day[30 * 3].infectious, smooth[30 * 3].infectious, 0.15);
    CHECK(day[10 * 3].onset_lower < smooth[10 * 3].onset &&
          smooth[10 * 3].onset < day[10 * 3].onset_upper * 1.1);
    epidemic.seed = 6;
    CHECK(analysis_run_epidemic(&epidemic, NULL, NULL, again));
    CHECK(memcmp(day, again, 60 * 3 * sizeof *day) != 0);
}

void test_epidemic_refuses(void)
{
    struct analysis_epidemic epidemic = usual();
    epidemic.latent_days = 0;
    CHECK(!analysis_check_epidemic(&epidemic));
    epidemic = usual();
    epidemic.infectious = population;
    epidemic.exposed = sick;
    CHECK(!analysis_check_epidemic(&epidemic));
    epidemic = usual();
    double wrong[9] = {0.9, 0.2, 0, 0, 1, 0, 0, 0, 1};
    epidemic.travel = wrong;
    CHECK(!analysis_check_epidemic(&epidemic));
    epidemic = usual();
    epidemic.reproduction = ANALYSIS_MISSING;
    CHECK(!analysis_check_epidemic(&epidemic));
}
