// SPDX-License-Identifier: LGPL-3.0-or-later
//
// shewhart.c: Shewhart's control charts: individuals, counts, rates, shares, Laney's, run rules.
//
// Shewhart 1931; Western Electric 1956; Laney 2002. docs/detectors 13. The baseline gives a centre
// c (a value, or a rate when there is a population e_t) and the spread of a single period:
//
//     individuals     sigma = mean |x_t - x_{t-1}| / 1.128
//     counts          sigma_t = sqrt(c/e_t)                          upper = e_t (c + L sigma_t)
//     exact           upper = smallest U with P(X > U; c e_t) <= 1 - Phi(L)
//     shares          sigma_t = sqrt(c (1-c)/e_t)
//     overdispersed   sigma_t = s_z sqrt(c/e_t),  s_z = mean |z_t - z_{t-1}| / 1.128,
//                     z_t = (x_t/e_t - c)/sqrt(c/e_t) over the baseline
//
//     alarm           x_t > upper; two-sided also below e_t max(0, c - L sigma_t), for individuals
//                     without the 0; with rules also 2 of 3 beyond 2 sigma, 4 of 5 beyond 1 sigma,
//                     8 in a row, all on one side
//
// Moving ranges are of neighbours among the values that are there: a gap is skipped.
#include <string.h>

#include "analysis/shewhart.h"

struct shewhart_state {
    struct chart_head head;
    enum shewhart_chart chart;
    double limit, tail; // L, 1 - Phi(L)
    bool is_two_sided, has_rules, has_parts;
    double target, sigma;  // infinite: the baseline's
    double centre, spread; // spread: sigma of individuals, s_z of Laney's chart
    struct shewhart_runs runs;
    size_t kept;     // values of the baseline that are there
    double memory[]; // they, each with its population
};

static size_t size_of(const double *option, int frequency, size_t baseline)
{
    (void)option;
    (void)frequency;
    return sizeof(struct shewhart_state) + 2 * baseline * sizeof(double);
}

size_t shewhart_start(const double *option, int frequency)
{
    (void)frequency;
    bool needs_sigma = option[SHEWHART_CHART] == SHEWHART_INDIVIDUALS ||
                       option[SHEWHART_CHART] == SHEWHART_OVERDISPERSED;
    bool is_given =
        isfinite(option[SHEWHART_TARGET]) && (!needs_sigma || isfinite(option[SHEWHART_SIGMA]));
    return is_given ? 0 : (size_t)option[SHEWHART_BASELINE];
}

static void begin(void *memory, const double *option, int frequency)
{
    (void)frequency;
    struct shewhart_state *state = memory;
    state->chart = (enum shewhart_chart)option[SHEWHART_CHART];
    state->limit = option[SHEWHART_LIMIT];
    state->tail = analysis_normal_upper(state->limit);
    state->is_two_sided = option[SHEWHART_TWO_SIDED] != 0;
    state->has_rules = option[SHEWHART_RULES] != 0;
    state->has_parts = option[SHEWHART_POPULATION_OFFSET] != 0 || state->chart == SHEWHART_SHARES;
    state->target = option[SHEWHART_TARGET];
    state->sigma = option[SHEWHART_SIGMA];
}

static void learn(void *memory, double value, double population)
{
    struct shewhart_state *state = memory;
    double part = state->has_parts ? population : 1;
    if (!isfinite(value) || !isfinite(part))
        return;
    state->memory[2 * state->kept] = value;
    state->memory[2 * state->kept++ + 1] = part;
}

// The mean moving range of the baseline's rates, each over `scale` of its population, times 1/d2.
static double measure_ranges(const struct shewhart_state *state)
{
    double before = 0, sum = 0;
    for (size_t i = 0; i < state->kept; i++) {
        double value = state->memory[2 * i], part = state->memory[2 * i + 1];
        double z = value / part;
        if (state->chart == SHEWHART_OVERDISPERSED)
            z = (z - state->centre) / sqrt(state->centre / part);
        sum += i > 0 ? fabs(z - before) : 0;
        before = z;
    }
    return state->kept < 2 ? ANALYSIS_MISSING : sum / (double)(state->kept - 1) / SHEWHART_D2;
}

static bool settle(void *memory)
{
    struct shewhart_state *state = memory;
    struct chart_moments moments = {0};
    double total = 0, parts = 0;
    for (size_t i = 0; i < state->kept; i++) {
        chart_moments_add(&moments, state->memory[2 * i]);
        total += state->memory[2 * i];
        parts += state->memory[2 * i + 1];
    }
    state->centre = state->has_parts ? total / parts : moments.mean;
    if (state->kept == 0)
        state->centre = ANALYSIS_MISSING;
    if (isfinite(state->target))
        state->centre = state->target;
    state->spread = isfinite(state->sigma) ? state->sigma : measure_ranges(state);
    return true;
}

void shewhart_runs_add(struct shewhart_runs *runs, double z)
{
    memmove(runs->z, runs->z + 1, (SHEWHART_RUN - 1) * sizeof *runs->z);
    runs->z[SHEWHART_RUN - 1] = z;
    runs->count += runs->count < SHEWHART_RUN;
}

bool shewhart_runs_hold(const struct shewhart_runs *runs, double sign)
{
    static const struct {
        size_t of, beyond;
        double distance;
    } rules[] = {{3, 2, 2}, {5, 4, 1}, {8, 8, 0}};
    for (size_t rule = 0; rule < sizeof rules / sizeof rules[0]; rule++) {
        size_t beyond = 0;
        for (size_t i = 0; i < rules[rule].of && i < runs->count; i++)
            beyond += sign * runs->z[SHEWHART_RUN - 1 - i] > rules[rule].distance;
        if (beyond >= rules[rule].beyond)
            return true;
    }
    return false;
}

// The standard deviation of a period's rate; NaN where the chart has none.
static double find_sigma(const struct shewhart_state *state, double part)
{
    double centre = state->centre;
    switch (state->chart) {
    case SHEWHART_INDIVIDUALS: return state->spread;
    case SHEWHART_SHARES: return sqrt(centre * (1 - centre) / part);
    case SHEWHART_OVERDISPERSED: return state->spread * sqrt(centre / part);
    default: return sqrt(centre / part);
    }
}

static void step(void *memory, double value, double population, struct analysis_point *point)
{
    struct shewhart_state *state = memory;
    double part = state->has_parts ? population : 1, centre = state->centre;
    if (isnan(value) || isnan(part)) {
        point_give_up(point, ANALYSIS_REASON_MISSING);
        return;
    }
    double sigma = find_sigma(state, part), upper = part * (centre + state->limit * sigma);
    if (!isfinite(sigma) || !isfinite(upper)) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
        return;
    }
    if (state->chart == SHEWHART_EXACT)
        upper = analysis_poisson_quantile(1 - state->tail, centre * part);
    point_set(point, ANALYSIS_EXPECTED, part * centre);
    point_set(point, ANALYSIS_UPPER, upper);
    double x = value / part, lower = part * (centre - state->limit * sigma);
    double z = sigma > 0 ? (x - centre) / sigma : 0;
    if (!isfinite(x) || !isfinite(z)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    if (lower < 0 && state->chart != SHEWHART_INDIVIDUALS)
        lower = 0;
    shewhart_runs_add(&state->runs, z);
    bool is_alarm = value > upper || (state->is_two_sided && value < lower);
    if (state->has_rules)
        is_alarm = is_alarm || shewhart_runs_hold(&state->runs, 1) ||
                   (state->is_two_sided && shewhart_runs_hold(&state->runs, -1));
    if (upper > part * centre)
        point_set(point, ANALYSIS_SCORE, (value - part * centre) / (upper - part * centre));
    chart_close(point, z, is_alarm);
}

const struct chart_method shewhart_method = {size_of, begin, learn, settle, step, NULL, NULL};

bool shewhart_judge(const struct analysis_panel *panel, const double *option,
                    const struct analysis_output *output)
{
    return chart_judge(&shewhart_method, panel, option, shewhart_start(option, panel->frequency),
                       output);
}
