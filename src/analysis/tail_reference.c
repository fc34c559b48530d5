// SPDX-License-Identifier: LGPL-3.0-or-later
//
// tail_reference.c: the tail's probability straight from docs/detectors 17; the oracle of tail.c.
//
// For every period the usable values before it are gathered anew, every deviation worked out from
// its own mean, all sorted. The fit is written with the excesses as they are.
#include <stdlib.h>

#include "analysis/tail.h"
#include "base/memory.h"

static int compare_rising(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double mean_before(const double *y, size_t at, size_t depth)
{
    double sum = 0;
    for (size_t i = at - depth; i < at; i++)
        sum += y[i];
    return sum / (double)depth;
}

static double probability_of(const double *sorted, size_t count, double share, double x)
{
    size_t peaks = (size_t)(share * (double)count), below = 0;
    peaks = peaks < 1 ? 1 : peaks;
    double start = sorted[count - 1 - peaks], sum = x - start, squares = (x - start) * (x - start);
    for (size_t i = 0; i < count; i++)
        below += sorted[i] < x;
    if (x <= start)
        return (double)(count + 1 - below) / (double)(count + 1);
    for (size_t i = count - peaks; i < count; i++) {
        sum += sorted[i] - start;
        squares += (sorted[i] - start) * (sorted[i] - start);
    }
    double size = (double)peaks + 1, mean = sum / size, variance = squares / size - mean * mean;
    double shape = variance > 0 ? 0.5 * (1 - mean * mean / variance) : 0;
    shape = fmin(fmax(shape, 0), TAIL_SHAPE_MOST);
    double scale = mean * (1 - shape), rate = (double)peaks / (double)count;
    return shape < 1e-9 ? rate * exp(-(x - start) / scale)
                        : rate * pow(1 + shape * (x - start) / scale, -1 / shape);
}

// Judges the value y[at]; y are the usable values up to it.
static void judge_point(const double *y, size_t at, const double *option, size_t depth,
                        double *deviation, struct analysis_point *point)
{
    size_t most = (size_t)option[TAIL_MEMORY];
    size_t all = at > depth ? at - depth : 0, count = all < most ? all : most;
    if (count < 2 || (double)count * option[TAIL_SHARE] < 1) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
        return;
    }
    for (size_t i = 0; i < count; i++)
        deviation[i] =
            tail_deviation(option, y[at - count + i], mean_before(y, at - count + i, depth));
    qsort(deviation, count, sizeof *deviation, compare_rising);
    double level = mean_before(y, at, depth), x = tail_deviation(option, y[at], level);
    double chance = probability_of(deviation, count, option[TAIL_SHARE], x);
    point_set(point, ANALYSIS_EXPECTED, level);
    point_set(point, ANALYSIS_PVALUE, chance);
    point_set(point, ANALYSIS_SCORE, log(chance) / log(option[TAIL_ALPHA]));
    chart_close(point, x, chance < option[TAIL_ALPHA]);
}

static void refer_series(const struct analysis_panel *panel, const double *option, size_t series,
                         double *y, double *deviation, const struct analysis_output *output)
{
    const double *x = panel->value + series * panel->stride;
    size_t first = panel_first(panel, series), count = 0;
    size_t depth = tail_depth(option, panel->frequency);
    size_t baseline = chart_baseline(panel, series, tail_start(option, panel->frequency));
    for (size_t t = 0; t < panel->to; t++) {
        struct analysis_point point = {0};
        bool is_usable = t >= first && fabs(x[t]) <= TAIL_VALUE_MOST;
        if (is_usable)
            y[count] = x[t];
        if (t < first)
            point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
        else if (t < first + baseline)
            point_give_up(&point, isnan(x[t]) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
        else if (!is_usable)
            point_give_up(&point, isnan(x[t]) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_RANGE);
        else if (t >= panel->from)
            judge_point(y, count, option, depth, deviation, &point);
        count += is_usable;
        if (t >= panel->from)
            output_store(output, series * panel->stride + t, &point);
    }
}

bool tail_refer(const struct analysis_panel *panel, const double *option,
                const struct analysis_output *output)
{
    double *y = memory_allocate((panel->point_count + 1) * sizeof *y);
    double *deviation = memory_allocate((panel->point_count + 1) * sizeof *deviation);
    bool is_complete = y != NULL && deviation != NULL;
    for (size_t s = 0; is_complete && s < panel->series_count; s++)
        refer_series(panel, option, s, y, deviation, output);
    memory_free(y);
    memory_free(deviation);
    return is_complete;
}
