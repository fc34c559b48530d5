// SPDX-License-Identifier: LGPL-3.0-or-later
//
// tail.c: is a deviation improbable among the series' own earlier ones?
//
// docs/detectors 17. For streams of measurements whose errors follow no law that is known
// beforehand: the level is the mean of the last `depth` values, what the value is away from it is
// held against the last `memory` such deviations. Where the largest `share` of those begins, at u,
// a generalised Pareto law takes over (peaks over threshold: Pickands 1975; its fit by moments,
// Hosking, Wallis 1987; for streams with a moving level: Siffer, Fouque, Termier, Largouet 2017):
//
//     deviations  ....:::||||| u | |  |     |            x      k peaks above u of n, and x itself
//                  counted     |<-- Pareto law --->|
//
//     P = k/n (1 + xi (x-u)/sigma)^(-1/xi)
//
// The value itself counts among the peaks that the law is fitted to. So no past of n values makes
// anything less probable than about share / k^2, a constant series needs no case of its own, and
// scores of quiet and of wild series mean the same. Every value enters the past, an alarm too: what
// has happened once is not as surprising again.
#include "analysis/tail.h"

#include <string.h>

struct tail_state {
    struct chart_head head;
    double option[TAIL_OPTIONS];
    size_t depth, memory;
    size_t value_count, deviation_count; // since the beginning
    double place[]; // `depth` values by time; `memory` deviations by time; the same, rising
};

static size_t size_of(const double *option, int frequency, size_t baseline)
{
    (void)baseline;
    size_t places = tail_depth(option, frequency) + 2 * (size_t)option[TAIL_MEMORY];
    return sizeof(struct tail_state) + places * sizeof(double);
}

size_t tail_start(const double *option, int frequency)
{
    return tail_depth(option, frequency) + (size_t)option[TAIL_BASELINE];
}

static void begin(void *memory, const double *option, int frequency)
{
    struct tail_state *state = memory;
    memcpy(state->option, option, sizeof state->option);
    state->depth = tail_depth(option, frequency);
    state->memory = (size_t)option[TAIL_MEMORY];
}

// The first place of the rising deviations that is not below x.
static size_t find_place(const double *sorted, size_t count, double x)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double tail_log_probability(const double *sorted, size_t count, double share, double x)
{
    assert(count >= 2);
    size_t peaks = (size_t)(share * (double)count);
    peaks = peaks < 1 ? 1 : peaks;
    double start = sorted[count - 1 - peaks];
    if (x <= start)
        return log(1 - (double)find_place(sorted, count, x) / (double)(count + 1));
    // Moments of the excesses, x's own among them, in units of x's.
    double mean = 1, variance = 0, size = (double)peaks + 1, own = x - start;
    for (size_t i = count - peaks; i < count; i++)
        mean += (sorted[i] - start) / own;
    mean /= size;
    variance = (1 - mean) * (1 - mean);
    for (size_t i = count - peaks; i < count; i++) {
        double apart = (sorted[i] - start) / own - mean;
        variance += apart * apart;
    }
    variance /= size;
    double shape = variance > 0 ? (1 - mean * mean / variance) / 2 : 0;
    shape = fmin(fmax(shape, 0), TAIL_SHAPE_MOST);
    double scale = mean * (1 - shape), beyond = 1 / scale;
    return log((double)peaks / (double)count) -
           (shape < 1e-9 ? beyond : log1p(shape * beyond) / shape);
}

// The mean of the last `depth` values, oldest first.
static double level_of(const struct tail_state *state)
{
    double sum = 0;
    size_t oldest = state->value_count % state->depth;
    for (size_t i = oldest; i < state->depth; i++)
        sum += state->place[i];
    for (size_t i = 0; i < oldest; i++)
        sum += state->place[i];
    return sum / (double)state->depth;
}

// Lets a deviation into the past, and the oldest out.
static void keep_deviation(struct tail_state *state, double x)
{
    double *kept = state->place + state->depth, *sorted = kept + state->memory;
    size_t slot = state->deviation_count % state->memory, count = state->deviation_count;
    if (count >= state->memory) {
        count = state->memory;
        size_t old = find_place(sorted, count, kept[slot]);
        memmove(sorted + old, sorted + old + 1, (--count - old) * sizeof *sorted);
    }
    size_t at = find_place(sorted, count, x);
    memmove(sorted + at + 1, sorted + at, (count - at) * sizeof *sorted);
    sorted[at] = x;
    kept[slot] = x;
    state->deviation_count++;
}

static void enter(struct tail_state *state, double value)
{
    if (state->value_count >= state->depth)
        keep_deviation(state, tail_deviation(state->option, value, level_of(state)));
    state->place[state->value_count++ % state->depth] = value;
}

static void learn(void *memory, double value, double population)
{
    (void)population;
    if (fabs(value) <= TAIL_VALUE_MOST)
        enter(memory, value);
}

static bool settle(void *memory)
{
    (void)memory;
    return true;
}

static void step(void *memory, double value, double population, struct analysis_point *point)
{
    (void)population;
    struct tail_state *state = memory;
    const double *sorted = state->place + state->depth + state->memory;
    size_t count = state->deviation_count < state->memory ? state->deviation_count : state->memory;
    if (chart_refuse(value, point))
        return;
    if (fabs(value) > TAIL_VALUE_MOST) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    if (count < 2 || (double)count * state->option[TAIL_SHARE] < 1) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
    } else {
        double level = level_of(state), x = tail_deviation(state->option, value, level);
        double chance = tail_log_probability(sorted, count, state->option[TAIL_SHARE], x);
        double alpha = log(state->option[TAIL_ALPHA]);
        point_set(point, ANALYSIS_EXPECTED, level);
        point_set(point, ANALYSIS_PVALUE, exp(chance));
        point_set(point, ANALYSIS_SCORE, chance / alpha);
        chart_close(point, x, chance < alpha);
    }
    enter(state, value);
}

const struct chart_method tail_method = {size_of, begin, learn, settle, step, NULL, NULL};

bool tail_judge(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output)
{
    return chart_judge(&tail_method, panel, option, tail_start(option, panel->frequency), output);
}
