// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quality_levels.c: is the whole the sum of its parts.
//
// Each period in which a series and all of its parts have a value is compared: it differs where
//
//     |whole - sum of parts| > tolerance max(|whole|, |sum|) + roundings
//
// roundings being half a unit for each figure where they are written with decimals, and 0 for
// whole numbers. Where parts are missing and no figure is negative, what is there must not exceed
// the whole. `size` is the largest difference (whole less sum), at `from`; `expected` the sum
// there. Only for figures that add up: counts and amounts, not rates or prices.
#include <stdlib.h>

#include "analysis/quality.h"
#include "base/memory.h"

struct part {
    uint32_t parent, series;
};

static int compare_parts(const void *a, const void *b)
{
    const struct part *left = a, *right = b;
    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    return (left->series > right->series) - (left->series < right->series);
}

// The sum of the parts at a period. *ret_is_whole: none is missing.
static double sum_parts(const struct quality_list *list, const struct part *part, size_t count,
                        size_t t, bool *ret_is_whole, bool *ret_is_negative)
{
    double sum = 0;
    *ret_is_whole = true;
    for (size_t i = 0; i < count; i++) {
        double value = quality_series(list, part[i].series)[t];
        *ret_is_whole = *ret_is_whole && isfinite(value);
        *ret_is_negative = *ret_is_negative || value < 0;
        sum += isfinite(value) ? value : 0;
    }
    return sum;
}

static void compare_whole(struct quality_list *list, const struct part *part, size_t count)
{
    const double *value = quality_series(list, part[0].parent);
    int decimals = quality_count_decimals(list, part[0].parent);
    for (size_t i = 0; i < count; i++) {
        int own = quality_count_decimals(list, part[i].series);
        decimals = own > decimals ? own : decimals;
    }
    double room = decimals > 0 ? (double)(count + 1) / 2 * pow(10, -decimals) : 0;
    struct analysis_question question = {
        .kind = ANALYSIS_ASK_LEVELS, .series = part[0].parent, .other = part[0].series};
    for (size_t t = 0; t < list->data->panel->point_count; t++) {
        bool is_whole = true, is_negative = value[t] < 0;
        double sum = sum_parts(list, part, count, t, &is_whole, &is_negative);
        if (!isfinite(value[t]) || (!is_whole && is_negative))
            continue;
        double apart = value[t] - sum;
        double limit = list->options->tolerance * fmax(fabs(value[t]), fabs(sum)) + room;
        question.total += 1;
        if (is_whole ? !(fabs(apart) > limit) : !(-apart > limit))
            continue;
        question.count += 1;
        if (question.count > 1 && fabs(apart) <= fabs(question.size))
            continue;
        question.size = apart;
        question.expected = sum;
        question.from = (uint32_t)t;
        question.to = (uint32_t)t + 1;
    }
    if (question.count > 0)
        quality_note_fact(list, &question);
}

bool quality_look_at_levels(struct quality_list *list)
{
    const uint32_t *parent = list->data->parent;
    size_t series_count = list->data->panel->series_count, count = 0;
    if (parent == NULL)
        return true;
    struct part *part = memory_take((series_count + 1) * sizeof *part);
    if (part == NULL)
        return false;
    for (size_t series = 0; series < series_count; series++)
        if (parent[series] != ANALYSIS_SERIES_NONE)
            part[count++] = (struct part){parent[series], (uint32_t)series};
    qsort(part, count, sizeof *part, compare_parts);
    for (size_t from = 0, to = 0; from < count; from = to) {
        while (to < count && part[to].parent == part[from].parent)
            to++;
        compare_whole(list, part + from, to - from);
    }
    memory_free(part);
    return true;
}
