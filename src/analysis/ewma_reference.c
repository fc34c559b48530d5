// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ewma_reference.c: the EWMA chart straight from the formulas of docs/detectors 12; the oracle of
// ewma.c.
//
// Means by plain sums, spread by a second pass, the limit in the textbook's closed form wherever
// one variance holds throughout; only for rates, whose variance changes, as the sum that it stands
// for.
#include "analysis/ewma.h"

struct ewma_target {
    double mean, variance; // of a single value
    bool is_per_person;    // the variance is that over the population
};

static double rate_at(const struct analysis_panel *panel, const double *option, size_t at)
{
    double part = option[EWMA_POPULATION_OFFSET] != 0 ? panel->population[at] : 1;
    return panel->value[at] / part;
}

static struct ewma_target find_target(const struct analysis_panel *panel, const double *option,
                                      size_t from, size_t to)
{
    bool is_offset = option[EWMA_POPULATION_OFFSET] != 0;
    double total = 0, counted = 0, rates = 0, count = 0, squares = 0;
    for (size_t at = from; at < to; at++) {
        double part = is_offset ? panel->population[at] : 1;
        if (!isfinite(panel->value[at]) || !isfinite(part))
            continue;
        total += panel->value[at];
        counted += part;
        rates += rate_at(panel, option, at);
        count += 1;
    }
    for (size_t at = from; at < to; at++) {
        double step = rate_at(panel, option, at) - rates / count;
        if (isfinite(panel->value[at]) && isfinite(step))
            squares += step * step;
    }
    struct ewma_target target = {total / counted,
                                 count < 2 ? ANALYSIS_MISSING : squares / (count - 1), false};
    if (isfinite(option[EWMA_TARGET]))
        target.mean = option[EWMA_TARGET];
    if (option[EWMA_SPREAD] == SPREAD_POISSON)
        target.variance = target.mean >= 0 ? target.mean : ANALYSIS_MISSING;
    target.is_per_person = is_offset && option[EWMA_SPREAD] == SPREAD_POISSON;
    if (isfinite(option[EWMA_SIGMA])) {
        target.variance = option[EWMA_SIGMA] * option[EWMA_SIGMA];
        target.is_per_person = false;
    }
    return target;
}

// The chart's past: its level, the values that entered it, and their weighted variance.
struct ewma_past {
    double level, steps, sum;
};

static void judge_point(const double *option, const struct ewma_target *target, double value,
                        double part, struct ewma_past *past, struct analysis_point *point)
{
    double lambda = option[EWMA_LAMBDA], before = past->level, x = value / part;
    if (!isfinite(target->mean) || !isfinite(target->variance)) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
        return;
    }
    point_set(point, ANALYSIS_EXPECTED, target->mean * part);
    double next = lambda * x + (1 - lambda) * before;
    if (option[EWMA_REFLECT] != 0)
        next = fmax(next, target->mean);
    double single = target->is_per_person ? target->variance / part : target->variance;
    double sum = pow(1 - lambda, 2) * past->sum + lambda * lambda * single;
    double variance = single * lambda / (2 - lambda);
    if (option[EWMA_STEADY] == 0)
        variance =
            target->is_per_person ? sum : variance * (1 - pow(1 - lambda, 2 * (past->steps + 1)));
    double reach = option[EWMA_LIMIT] * sqrt(variance), distance = next - target->mean;
    if (!isfinite(value) || !isfinite(next) || !isfinite(reach)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    // A distance of rounding is none.
    if (fabs(distance) < 1e-13 * fabs(target->mean))
        distance = 0;
    bool is_below = option[EWMA_TWO_SIDED] != 0 && distance < -reach;
    point_set(point, ANALYSIS_UPPER,
              part * (target->mean + reach - (1 - lambda) * before) / lambda);
    if (reach > 0)
        point_set(point, ANALYSIS_SCORE,
                  (option[EWMA_TWO_SIDED] != 0 ? fabs(distance) : distance) / reach);
    chart_close(point, next, distance > reach || is_below);
    *past = (struct ewma_past){next, past->steps + 1, sum};
}

bool ewma_refer(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output)
{
    size_t start = ewma_start(option, panel->frequency);
    for (size_t s = 0; s < panel->series_count; s++) {
        size_t first = panel_first(panel, s), base = s * panel->stride;
        size_t end = first + chart_baseline(panel, s, start);
        size_t seen = end < panel->to ? end : panel->to;
        struct ewma_target target =
            find_target(panel, option, base + (first < seen ? first : seen), base + seen);
        struct ewma_past past = {.level = target.mean};
        for (size_t t = 0; t < panel->to; t++) {
            struct analysis_point point = {0};
            size_t at = base + t;
            double part = option[EWMA_POPULATION_OFFSET] != 0 ? panel->population[at] : 1;
            bool is_missing = isnan(panel->value[at]);
            if (t < first)
                point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
            else if (t < end)
                point_give_up(&point, is_missing ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
            else if (is_missing || isnan(part))
                point_give_up(&point, ANALYSIS_REASON_MISSING);
            else
                judge_point(option, &target, panel->value[at], part, &past, &point);
            if (t >= panel->from)
                output_store(output, at, &point);
        }
    }
    return true;
}
