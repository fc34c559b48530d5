// SPDX-License-Identifier: GPL-3.0-or-later
//
// lindi.c: counts by a binomial law around a rate, cash by a line with a little noise.
//
// Chance is a parameter: each draw is a hash of (seed, stream, county, period, draw) by the
// finalizer of splitmix64 (Steele, Lea and Flood 2014), so there is no state and no order. Poisson
// variates by multiplying uniforms (Knuth, TAOCP 2, 3.4.1); the rates here are small.
#include "demo/lindi.h"

#include <assert.h>
#include <math.h>

#include "base/time.h"

enum { STREAM_WAGES = 1, STREAM_CASH = 2 };

struct county {
    double wages_rate;   // messages on a working day in a quiet time
    int rise_day;        // day of July 2020 on which messages begin to rise; 0: never
    double rise_a_day;   // in parts of the quiet rate
    double cash;         // cover in January 2020
    double cash_a_month; // its change a month
};

static const struct county counties[DEMO_COUNTIES] = {
    {3.0, 0, 0, 0.55, -0.004}, {2.4, 0, 0, 0.50, 0.002},      {2.0, 13, 0.45, 0.47, -0.042},
    {1.6, 0, 0, 0.51, -0.006}, {1.8, 13, 0.45, 0.49, -0.043}, {1.2, 0, 0, 0.42, 0.000},
    {1.4, 0, 0, 0.60, -0.008}, {1.1, 0, 0, 0.46, -0.003},
};

static uint64_t mix(uint64_t value)
{
    value += UINT64_C(0x9E3779B97F4A7C15);
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

// Uniform in (0, 1].
static double draw(uint64_t seed, int stream, int county, int32_t period, int index)
{
    uint64_t value = mix(seed ^ mix((uint64_t)stream << 32 | (uint64_t)county));
    value = mix(value ^ mix((uint64_t)(uint32_t)period << 16 | (uint64_t)index));
    return ((double)(value >> 11) + 1.0) * 0x1p-53;
}

int64_t demo_lindi_wages(uint64_t seed, int county, int32_t day)
{
    assert(county >= 0 && county < DEMO_COUNTIES);
    const struct county *row = &counties[county];
    double rate = row->wages_rate * (time_weekday(day) > 5 ? 0.7 : 1.0);
    int32_t rise =
        time_day_from_date((struct time_date){2020, 7, row->rise_day > 0 ? row->rise_day : 1});
    if (row->rise_day > 0 && day > rise)
        rate *= fmin(1.0 + row->rise_a_day * (day - rise), 3.6);
    // Trials of a chance of at most 0.6 each: calmer than Poisson's law, so that a quiet county is
    // quiet to the eye as well.
    int trials = (int)ceil(rate / 0.6);
    int64_t count = 0;
    for (int i = 0; i < trials; i++)
        count += draw(seed, STREAM_WAGES, county, day, i) <= rate / trials;
    return count;
}

int64_t demo_lindi_cash(uint64_t seed, int county, int32_t month)
{
    assert(county >= 0 && county < DEMO_COUNTIES);
    const struct county *row = &counties[county];
    int32_t months = month - 12 * (2020 - 1970);
    double noise = 0.02 * (draw(seed, STREAM_CASH, county, month, 0) - 0.5);
    double cover = row->cash + row->cash_a_month * (months > 0 ? months : 0) + noise;
    return llround(100.0 * fmax(cover, 0.02));
}

int64_t demo_lindi_wage_cover(uint64_t seed, int county, int32_t month)
{
    const double wages = 0.08; // of the monthly outflow
    return llround(0.1 * (double)demo_lindi_cash(seed, county, month) / wages);
}
