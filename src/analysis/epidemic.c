// SPDX-License-Identifier: LGPL-3.0-or-later
//
// epidemic.c: SEIR in places linked by travel, for "what if": not a forecast.
//
//     susceptible --force--> exposed --1/latent--> infectious --1/infectious--> recovered
//
//     P(i,j)     share of their time that residents of i spend in j
//     met(j)     = sum over i of P(i,j) I(i) / sum over i of P(i,j) N(i)      infectious among
//                                                                            those who are in j
//     force(i)   = beta sum over j of P(i,j) met(j),   beta = reproduction / infectious_days
//
// Residents are infected where they are, and keep their home (Keeling, Rohani 2008, 7.2; the form
// for commuters of Sattenspiel, Dietz 1995). With a measure from day m on, beta is times
// contact_factor and what P has off its diagonal times travel_factor, the rest being spent at home.
//
// Deterministic: Runge-Kutta of fourth order, STEPS a day. Stochastic: within a step of a day/STEPS
// each one moves on with probability 1 - exp(-rate step), so the numbers that do are binomial
// (Bailey 1957, chain binomial); people come in whole numbers, so the start is rounded. Each path
// has its own stream of chance and each day's bounds are order statistics of the paths.
//
// It does not do: ages, behaviour that answers to the numbers, births, deaths, immunity that fades.
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "analysis/chance.h"
#include "base/memory.h"

enum { STEPS = 4 };
enum state { SUSCEPTIBLE, EXPOSED, INFECTIOUS, RECOVERED, ONSET, STATES };
static const double SHARE_TOLERANCE = 1e-6;

bool analysis_check_epidemic(const struct analysis_epidemic *epidemic)
{
    const struct analysis_epidemic *e = epidemic;
    bool is_good = e->place_count >= 1 && e->days >= 1 && e->reproduction >= 0 &&
                   isfinite(e->reproduction) && e->latent_days > 0 && isfinite(e->latent_days) &&
                   e->infectious_days > 0 && isfinite(e->infectious_days) &&
                   e->contact_factor >= 0 && e->contact_factor <= 1 && e->travel_factor >= 0 &&
                   e->travel_factor <= 1;
    for (size_t i = 0; is_good && i < e->place_count; i++) {
        double sick = e->exposed[i] + e->infectious[i] + e->recovered[i], sum = 0;
        is_good = e->population[i] > 0 && e->population[i] <= 1e15 && e->exposed[i] >= 0 &&
                  e->infectious[i] >= 0 && e->recovered[i] >= 0 && sick <= e->population[i];
        for (size_t j = 0; is_good && e->travel != NULL && j < e->place_count; j++) {
            double share = e->travel[i * e->place_count + j];
            is_good = share >= 0 && share <= 1;
            sum += share;
        }
        is_good = is_good && (e->travel == NULL || fabs(sum - 1) <= SHARE_TOLERANCE);
    }
    return is_good;
}

struct epidemic_work {
    const struct analysis_epidemic *epidemic;
    double beta;
    double factor;                       // of travel
    double *state, *start, *slope, *sum; // STATES x place_count each
    double *met, *force;                 // place_count each
};

// The share of time that residents of i spend in j, under the measure of the day.
static double share_of(const struct epidemic_work *work, size_t i, size_t j)
{
    const struct analysis_epidemic *e = work->epidemic;
    if (e->travel == NULL)
        return i == j;
    if (i != j)
        return e->travel[i * e->place_count + j] * work->factor;
    double home = e->travel[i * e->place_count + i];
    return home + (1 - home) * (1 - work->factor);
}

static void find_force(const struct epidemic_work *work, const double *state)
{
    size_t places = work->epidemic->place_count;
    for (size_t j = 0; j < places; j++) {
        double infectious = 0, present = 0;
        for (size_t i = 0; i < places; i++) {
            double share = share_of(work, i, j);
            infectious += share * state[INFECTIOUS * places + i];
            present += share * work->epidemic->population[i];
        }
        work->met[j] = present > 0 ? infectious / present : 0;
    }
    for (size_t i = 0; i < places; i++) {
        work->force[i] = 0;
        for (size_t j = 0; j < places; j++)
            work->force[i] += work->beta * share_of(work, i, j) * work->met[j];
    }
}

static void find_slope(const struct epidemic_work *work, const double *state, double *slope)
{
    const struct analysis_epidemic *e = work->epidemic;
    size_t places = e->place_count;
    find_force(work, state);
    for (size_t i = 0; i < places; i++) {
        double infected = work->force[i] * state[SUSCEPTIBLE * places + i];
        double onset = state[EXPOSED * places + i] / e->latent_days;
        double over = state[INFECTIOUS * places + i] / e->infectious_days;
        slope[SUSCEPTIBLE * places + i] = -infected;
        slope[EXPOSED * places + i] = infected - onset;
        slope[INFECTIOUS * places + i] = onset - over;
        slope[RECOVERED * places + i] = over;
        slope[ONSET * places + i] = onset;
    }
}

static void step_smoothly(struct epidemic_work *work, double step)
{
    static const double part[4] = {0, 0.5, 0.5, 1}, weight[4] = {1, 2, 2, 1};
    size_t size = STATES * work->epidemic->place_count;
    for (size_t k = 0; k < size; k++) {
        work->start[k] = work->state[k];
        work->sum[k] = work->slope[k] = 0;
    }
    for (int stage = 0; stage < 4; stage++) {
        for (size_t k = 0; k < size; k++)
            work->state[k] = work->start[k] + part[stage] * step * work->slope[k];
        find_slope(work, work->state, work->slope);
        for (size_t k = 0; k < size; k++)
            work->sum[k] += weight[stage] * work->slope[k];
    }
    for (size_t k = 0; k < size; k++)
        work->state[k] = fmax(0, work->start[k] + step / 6 * work->sum[k]);
}

static void step_by_chance(struct epidemic_work *work, double step, struct chance *chance)
{
    const struct analysis_epidemic *e = work->epidemic;
    size_t places = e->place_count;
    double *state = work->state;
    double onset_chance = -expm1(-step / e->latent_days);
    double over_chance = -expm1(-step / e->infectious_days);
    find_force(work, state);
    for (size_t i = 0; i < places; i++) {
        double infected = chance_binomial(chance, state[SUSCEPTIBLE * places + i],
                                          -expm1(-step * work->force[i]));
        double onset = chance_binomial(chance, state[EXPOSED * places + i], onset_chance);
        double over = chance_binomial(chance, state[INFECTIOUS * places + i], over_chance);
        state[SUSCEPTIBLE * places + i] -= infected;
        state[EXPOSED * places + i] += infected - onset;
        state[INFECTIOUS * places + i] += onset - over;
        state[RECOVERED * places + i] += over;
        state[ONSET * places + i] += onset;
    }
}

// Whole people, where they come one by one; never more than live there.
static void begin(struct epidemic_work *work, bool is_whole)
{
    const struct analysis_epidemic *e = work->epidemic;
    size_t places = e->place_count;
    for (size_t i = 0; i < places; i++) {
        double left = is_whole ? fmax(1, floor(e->population[i] + 0.5)) : e->population[i];
        const double given[3] = {e->exposed[i], e->infectious[i], e->recovered[i]};
        for (int k = 0; k < 3; k++) {
            double part = fmin(is_whole ? floor(given[k] + 0.5) : given[k], left);
            work->state[(size_t)(EXPOSED + k) * places + i] = part;
            left -= part;
        }
        work->state[SUSCEPTIBLE * places + i] = left;
        work->state[ONSET * places + i] = 0;
    }
}

// One path, or the smooth course where `chance` is NULL: adds each day's state to `day`, and notes
// the onsets of place i on a day in onset[(day * places + i) * paths].
static void run_course(struct epidemic_work *work, struct chance *chance, size_t path,
                       struct analysis_epidemic_day *day, double *onset)
{
    const struct analysis_epidemic *e = work->epidemic;
    size_t places = e->place_count, paths = e->paths == 0 ? 1 : e->paths;
    begin(work, chance != NULL);
    for (size_t d = 0; d < e->days; d++) {
        bool is_measured = d >= e->measure_day;
        work->beta = e->reproduction / e->infectious_days * (is_measured ? e->contact_factor : 1);
        work->factor = is_measured ? e->travel_factor : 1;
        for (size_t i = 0; i < places; i++)
            work->state[ONSET * places + i] = 0;
        for (int step = 0; step < STEPS; step++)
            if (chance == NULL)
                step_smoothly(work, 1.0 / STEPS);
            else
                step_by_chance(work, 1.0 / STEPS, chance);
        for (size_t i = 0; i < places; i++) {
            struct analysis_epidemic_day *at = &day[d * places + i];
            at->susceptible += work->state[SUSCEPTIBLE * places + i] / (double)paths;
            at->exposed += work->state[EXPOSED * places + i] / (double)paths;
            at->infectious += work->state[INFECTIOUS * places + i] / (double)paths;
            at->recovered += work->state[RECOVERED * places + i] / (double)paths;
            at->onset += work->state[ONSET * places + i] / (double)paths;
            if (onset != NULL)
                onset[(d * places + i) * paths + path] = work->state[ONSET * places + i];
        }
    }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void bound_onsets(const struct analysis_epidemic *e, double *onset,
                         struct analysis_epidemic_day *day)
{
    for (size_t k = 0; k < e->days * e->place_count; k++) {
        if (e->paths == 0) {
            day[k].onset_lower = day[k].onset_upper = day[k].onset;
            continue;
        }
        double *path = onset + k * e->paths, last = (double)(e->paths - 1);
        qsort(path, e->paths, sizeof *path, compare);
        day[k].onset_lower = path[(size_t)floor(0.025 * last)];
        day[k].onset_upper = path[(size_t)ceil(0.975 * last)];
    }
}

bool analysis_run_epidemic(const struct analysis_epidemic *epidemic,
                           void (*report)(void *context, size_t done), void *context,
                           struct analysis_epidemic_day *ret_day)
{
    const struct analysis_epidemic *e = epidemic;
    assert(analysis_check_epidemic(e));
    size_t size = STATES * e->place_count;
    double *memory = memory_allocate((4 * size + 2 * e->place_count) * sizeof *memory);
    double *onset =
        e->paths == 0 ? NULL : memory_take(e->days * e->place_count * e->paths * sizeof *onset);
    bool is_complete = memory != NULL && (e->paths == 0 || onset != NULL);
    if (is_complete) {
        struct epidemic_work work = {.epidemic = e,
                                     .state = memory,
                                     .start = memory + size,
                                     .slope = memory + 2 * size,
                                     .sum = memory + 3 * size,
                                     .met = memory + 4 * size,
                                     .force = memory + 4 * size + e->place_count};
        for (size_t k = 0; k < e->days * e->place_count; k++)
            ret_day[k] = (struct analysis_epidemic_day){0};
        if (e->paths == 0)
            run_course(&work, NULL, 0, ret_day, NULL);
        for (size_t path = 0; path < e->paths; path++) {
            struct chance chance = chance_begin(e->seed, path);
            run_course(&work, &chance, path, ret_day, onset);
            if (report != NULL)
                report(context, path + 1);
        }
        bound_onsets(e, onset, ret_day);
    }
    memory_free(memory);
    memory_free(onset);
    return is_complete;
}
