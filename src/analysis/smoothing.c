// SPDX-License-Identifier: LGPL-3.0-or-later
//
// smoothing.c: additive exponential smoothing; formulas in smoothing.h.
//
// The fit minimises the sum of squared one-step errors. That surface is flat near its lowest point
// and has ridges, so derivatives bring little: from the best of a coarse grid each constant is
// moved by a step, kept where the sum falls, the step halved where none does (Hooke, Jeeves 1961).
// A step of 1/1024 ends it: closer, the data do not tell the constants apart.
//
// A missing value moves time alone: level and slope go on, the season's place moves.
#include "analysis/smoothing.h"

#include <assert.h>
#include <math.h>

enum { START_LINE = 10, CONSTANTS = 3, ROUNDS_MOST = 200 };
static const double STEP_FIRST = 0.125, STEP_LAST = 1.0 / 1024;

size_t smoothing_first(int period)
{
    return (size_t)period;
}

size_t smoothing_start_size(int period, size_t count)
{
    if (period >= 2)
        return 2 * (size_t)period;
    return count >= START_LINE + 2 ? START_LINE : count > 6 ? count - 2 : 4;
}

// The value at i of the start; a missing one by that of the other season, or by the last before it,
// or the next behind it.
static double bridge(const double *value, size_t count, size_t period, size_t i)
{
    if (isfinite(value[i]))
        return value[i];
    size_t other = period < 2 ? i : i < period ? i + period : i - period;
    if (other < count && isfinite(value[other]))
        return value[other];
    for (size_t back = i; back-- > 0;)
        if (isfinite(value[back]))
            return value[back];
    for (size_t next = i + 1; next < count; next++)
        if (isfinite(value[next]))
            return value[next];
    return 0;
}

// The line a + b x through y at x = first, first+1, ..
static void fit_line(const double *y, size_t count, double first, double *ret_a, double *ret_b)
{
    double mean = 0, across = 0, square = 0, middle = ((double)count - 1) / 2;
    for (size_t i = 0; i < count; i++)
        mean += y[i] / (double)count;
    for (size_t i = 0; i < count; i++) {
        across += ((double)i - middle) * (y[i] - mean);
        square += ((double)i - middle) * ((double)i - middle);
    }
    *ret_b = square > 0 ? across / square : 0;
    *ret_a = mean - *ret_b * (middle + first);
}

// Level, slope and season from the first two seasons.
static void start_season(struct smoothing *smoothing, const double *value)
{
    size_t period = (size_t)smoothing->period, count = 2 * period, half = period / 2;
    double trend[SMOOTHING_PERIOD_MOST + 1], sum[SMOOTHING_PERIOD_MOST] = {0};
    int seen[SMOOTHING_PERIOD_MOST] = {0};
    size_t trends = count - 2 * half;
    for (size_t i = 0; i < trends; i++) {
        double total = 0;
        for (size_t k = 0; k <= 2 * half; k++) {
            bool is_end = period % 2 == 0 && (k == 0 || k == 2 * half);
            total += bridge(value, count, period, i + k) * (is_end ? 0.5 : 1);
        }
        trend[i] = total / (double)period;
        size_t place = (i + half) % period;
        sum[place] += bridge(value, count, period, i + half) - trend[i];
        seen[place]++;
    }
    fit_line(trend, trends, 1, &smoothing->level, &smoothing->slope);
    double mean = 0;
    for (size_t i = 0; i < period; i++)
        mean += sum[i] / seen[i] / (double)period;
    for (size_t i = 0; i < period; i++)
        smoothing->season[i] = sum[i] / seen[i] - mean;
}

static void start_line(struct smoothing *smoothing, const double *value, size_t size)
{
    double y[START_LINE];
    assert(size <= START_LINE);
    for (size_t i = 0; i < size; i++)
        y[i] = bridge(value, size, 0, i);
    // Ten values of noise have a slope of their own; a half of it is the better guess.
    fit_line(y, size, 1, &smoothing->level, &smoothing->slope);
    double middle = smoothing->level + smoothing->slope * ((double)size + 1) / 2;
    smoothing->slope /= 2;
    smoothing->level = middle - smoothing->slope * ((double)size + 1) / 2;
}

bool smoothing_start(struct smoothing *smoothing, const double *value, size_t count)
{
    int period = smoothing->period;
    assert(period == 0 || (period >= 2 && period <= SMOOTHING_PERIOD_MOST));
    size_t size = smoothing_start_size(period, count), reported = 0;
    if (count < size || count < 4)
        return false;
    for (size_t i = 0; i < size; i++)
        reported += isfinite(value[i]);
    if (reported < 2)
        return false;
    smoothing->place = 0;
    if (period == 0)
        start_line(smoothing, value, size);
    else
        start_season(smoothing, value);
    return true;
}

// phi + phi^2 + .. + phi^n
static double damped_sum(double damping, size_t n)
{
    if (damping >= 1)
        return (double)n;
    return damping * (1 - pow(damping, (double)n)) / (1 - damping);
}

double smoothing_forecast(const struct smoothing *smoothing, size_t ahead)
{
    assert(ahead >= 1);
    double mean =
        smoothing->level + damped_sum(smoothing->constants.damping, ahead) * smoothing->slope;
    if (smoothing->period == 0)
        return mean;
    size_t place = ((size_t)smoothing->place + ahead - 1) % (size_t)smoothing->period;
    return mean + smoothing->season[place];
}

double smoothing_spread(const struct smoothing *smoothing, size_t ahead)
{
    const struct smoothing_constants *c = &smoothing->constants;
    double sum = 1;
    for (size_t j = 1; j < ahead; j++) {
        double psi = c->level * (1 + c->slope * damped_sum(c->damping, j));
        if (smoothing->period != 0 && j % (size_t)smoothing->period == 0)
            psi += c->season * (1 - c->level);
        sum += psi * psi;
    }
    return sum;
}

void smoothing_add(struct smoothing *smoothing, double value)
{
    const struct smoothing_constants *c = &smoothing->constants;
    double *season = smoothing->period == 0 ? NULL : &smoothing->season[smoothing->place];
    double error = isfinite(value) ? value - smoothing_forecast(smoothing, 1) : 0;
    double carried = c->damping * smoothing->slope;
    smoothing->level += carried + c->level * error;
    smoothing->slope = carried + c->level * c->slope * error;
    if (season != NULL) {
        *season += c->season * (1 - c->level) * error;
        smoothing->place = (smoothing->place + 1) % smoothing->period;
    }
}

bool smoothing_run(const double *value, size_t count, int period,
                   const struct smoothing_constants *constants, struct smoothing_fit *ret_fit)
{
    struct smoothing_fit *fit = ret_fit;
    double sum = 0;
    fit->smoothing.constants = *constants;
    fit->smoothing.period = period;
    fit->squares = 0;
    fit->errors = 0;
    if (!smoothing_start(&fit->smoothing, value, count))
        return false;
    for (size_t t = smoothing_first(period); t < count; t++) {
        if (isfinite(value[t])) {
            double error = value[t] - smoothing_forecast(&fit->smoothing, 1);
            fit->squares += error * error;
            sum += error;
            fit->errors++;
        }
        smoothing_add(&fit->smoothing, value[t]);
    }
    fit->mean_error = fit->errors > 0 ? sum / (double)fit->errors : 0;
    return isfinite(fit->squares) && fit->errors > 0;
}

// The sum of squares at a place of the search; infinite where there is none.
static double squares_at(const double *value, size_t count, int period,
                         const double place[CONSTANTS], double damping, struct smoothing_fit *fit)
{
    struct smoothing_constants constants = {place[0], place[1], place[2], damping};
    return smoothing_run(value, count, period, &constants, fit) ? fit->squares : INFINITY;
}

bool smoothing_fit(const double *value, size_t count, int period,
                   const struct smoothing_constants *held, struct smoothing_fit *ret_fit)
{
    static const double grid[CONSTANTS][4] = {
        {0.05, 0.2, 0.45, 0.8}, {0.02, 0.1, 0.3, -1}, {0.05, 0.2, 0.5, -1}};
    double kept[CONSTANTS] = {held->level, held->slope, period == 0 ? 0 : held->season};
    double best[CONSTANTS] = {0}, least = INFINITY, place[CONSTANTS];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            for (int k = 0; k < 4; k++) {
                int index[CONSTANTS] = {i, j, k};
                bool is_new = true;
                for (int n = 0; n < CONSTANTS; n++) {
                    place[n] = kept[n] >= 0 ? kept[n] : grid[n][index[n]];
                    is_new = is_new && place[n] >= 0 && (kept[n] < 0 || index[n] == 0);
                }
                double squares =
                    is_new ? squares_at(value, count, period, place, held->damping, ret_fit)
                           : INFINITY;
                if (squares < least) {
                    least = squares;
                    for (int n = 0; n < CONSTANTS; n++)
                        best[n] = place[n];
                }
            }
    double step = STEP_FIRST;
    for (int round = 0; round < ROUNDS_MOST && step >= STEP_LAST && isfinite(least); round++) {
        bool is_better = false;
        for (int n = 0; n < 2 * CONSTANTS; n++) {
            double before = best[n / 2], after = before + (n % 2 == 0 ? step : -step);
            if (kept[n / 2] >= 0 || after < 0 || after > 1)
                continue;
            best[n / 2] = after;
            double squares = squares_at(value, count, period, best, held->damping, ret_fit);
            if (squares < least) {
                least = squares;
                is_better = true;
            } else {
                best[n / 2] = before;
            }
        }
        step /= is_better ? 1 : 2;
    }
    return isfinite(least) &&
           squares_at(value, count, period, best, held->damping, ret_fit) == least;
}
