// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quality_copies.c: the same run of values in two series, or twice in one.
//
// Idea. Each window of 8 values in a row is hashed; equal hashes are put side by side by sorting,
// compared value by value, and grown to both ends. So all pairs of series at all shifts are
// compared in the time that the sorting takes.
//
//     series a    . . 5 17 9 31 8 44 12 60 . .        window  hash, series, place
//     series b    . . . . 5 17 9 31 8 44 12 60        window  same hash: shift 2
//
// Runs of small numbers agree by chance. A value v has the information ln(n / n_v), n_v of the n
// values of its series being v; a value equal to the one before it has none, so constants and zeros
// weigh nothing. A run with information I (the smaller one of its two sides) that was found among M
// pairs of windows has the chance M exp(-I) at most: M is series x windows / 2 for the same periods
// and windows^2 / 2 for shifted ones. Windows with less than half of ln(windows) are not hashed.
// One question a series at most, about the run with the smallest chance. A series and its own part
// are not compared: with one part reporting they are equal by rights. Nor is a series with itself
// at fewer than 8 periods' distance.
//
// `count` is the length of the run, `total` the values of the series, `size` how many periods
// earlier the run stands in the other one (negative: later).
#include <stdlib.h>
#include <string.h>

#include "analysis/quality.h"
#include "base/memory.h"

enum { WINDOW = 8, PAIRS_MOST = 16 };

struct window {
    uint64_t hash;
    uint32_t series, at;
};

struct search {
    struct quality_list *list;
    double *information; // running sums, points + 1 a series
    struct window *window;
    size_t window_count; // those that are hashed
    double all_windows;
    struct analysis_question *best; // a series; count 0: none
};

static int compare_values(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static size_t count_equal(const double *sorted, size_t count, double value)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < count && sorted[end] == value)
        end++;
    return end - low;
}

// Running sums of the information of a series' values, and its windows counted.
static void weigh_series(struct search *search, size_t series, double *sorted)
{
    size_t points = search->list->data->panel->point_count, count = 0, run = 0;
    const double *value = quality_series(search->list, series);
    double *sum = search->information + series * (points + 1);
    for (size_t t = 0; t < points; t++)
        if (isfinite(value[t]))
            sorted[count++] = value[t];
    qsort(sorted, count, sizeof *sorted, compare_values);
    sum[0] = 0;
    for (size_t t = 0; t < points; t++) {
        bool is_new = isfinite(value[t]) && (t == 0 || value[t] != value[t - 1]);
        sum[t + 1] = sum[t];
        if (is_new)
            sum[t + 1] += log((double)count / (double)count_equal(sorted, count, value[t]));
        run = isfinite(value[t]) ? run + 1 : 0;
        search->all_windows += run >= WINDOW;
    }
}

static double informed(const struct search *search, size_t series, size_t from, size_t to)
{
    const double *sum = search->information + series * (search->list->data->panel->point_count + 1);
    return sum[to] - sum[from];
}

static uint64_t hash_window(const double *value)
{
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < WINDOW; i++) {
        double held = value[i] == 0 ? 0 : value[i];
        uint64_t bits;
        memcpy(&bits, &held, sizeof bits);
        hash = (hash ^ bits) * 1099511628211u;
        hash ^= hash >> 29;
    }
    return hash;
}

static int compare_windows(const void *a, const void *b)
{
    const struct window *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    if (left->series != right->series)
        return left->series < right->series ? -1 : 1;
    return (left->at > right->at) - (left->at < right->at);
}

// Hashes the windows that could pass (`window` NULL: counts them). Returns how many.
static size_t hash_series(struct search *search, size_t series, struct window *window)
{
    size_t points = search->list->data->panel->point_count, run = 0, count = 0;
    const double *value = quality_series(search->list, series);
    double least = log(fmax(search->all_windows, 2));
    for (size_t t = 0; t < points; t++) {
        run = isfinite(value[t]) ? run + 1 : 0;
        size_t from = t + 1 - WINDOW;
        if (run < WINDOW || informed(search, series, from, t + 1) < least / 2)
            continue;
        if (window != NULL)
            window[count] =
                (struct window){hash_window(value + from), (uint32_t)series, (uint32_t)from};
        count++;
    }
    return count;
}

static bool is_kin(const struct search *search, uint32_t a, uint32_t b)
{
    const uint32_t *parent = search->list->data->parent;
    return parent != NULL && (parent[a] == b || parent[b] == a);
}

static void note_run(struct search *search, const struct window *a, const struct window *b,
                     size_t length)
{
    double series = (double)search->list->data->panel->series_count;
    bool is_shifted = a->at != b->at;
    double pairs = search->all_windows * (is_shifted ? search->all_windows : series) / 2;
    double least = fmin(informed(search, a->series, a->at, a->at + length),
                        informed(search, b->series, b->at, b->at + length));
    double p = fmin(1, exp(fmin(log(fmax(pairs, 1)) - least, 0)));
    struct analysis_question *best = &search->best[b->series];
    if (best->count > 0 && best->p <= p)
        return;
    *best = (struct analysis_question){.kind = ANALYSIS_ASK_COPIED,
                                       .series = b->series,
                                       .other = a->series,
                                       .from = b->at,
                                       .to = (uint32_t)(b->at + length),
                                       .count = (double)length,
                                       .size = (double)b->at - (double)a->at,
                                       .p = p};
}

// Two windows of one hash: grown to the run that they are part of, unless that is known already.
static void compare_pair(struct search *search, const struct window *a, const struct window *b)
{
    size_t points = search->list->data->panel->point_count, length = 0;
    const double *left = quality_series(search->list, a->series);
    const double *right = quality_series(search->list, b->series);
    const struct analysis_question *best = &search->best[b->series];
    struct window from_a = *a, from_b = *b;
    if (a->series == b->series && b->at - a->at < WINDOW)
        return;
    if (is_kin(search, a->series, b->series) ||
        (best->count > 0 && best->other == a->series && b->at >= best->from && b->at < best->to &&
         best->size == (double)b->at - (double)a->at))
        return;
    for (; from_a.at > 0 && from_b.at > 0 && left[from_a.at - 1] == right[from_b.at - 1];
         from_a.at--)
        from_b.at--;
    while (from_a.at + length < points && from_b.at + length < points &&
           left[from_a.at + length] == right[from_b.at + length])
        length++;
    if (length >= WINDOW)
        note_run(search, &from_a, &from_b, length);
}

static void compare_windows_of(struct search *search)
{
    qsort(search->window, search->window_count, sizeof *search->window, compare_windows);
    for (size_t from = 0, to = 0; from < search->window_count; from = to) {
        while (to < search->window_count && search->window[to].hash == search->window[from].hash)
            to++;
        for (size_t i = from; i < to; i++)
            for (size_t j = i + 1; j < to && j <= i + PAIRS_MOST; j++)
                compare_pair(search, &search->window[i], &search->window[j]);
    }
}

bool quality_look_for_copies(struct quality_list *list)
{
    const struct analysis_panel *panel = list->data->panel;
    size_t points = panel->point_count, series_count = panel->series_count;
    struct search search = {.list = list};
    search.information = memory_take((series_count * (points + 1) + 1) * sizeof(double));
    search.best = memory_allocate((series_count + 1) * sizeof *search.best);
    double *sorted = memory_take((points + 1) * sizeof *sorted);
    bool is_done = search.information != NULL && search.best != NULL && sorted != NULL;
    for (size_t series = 0; is_done && series < series_count; series++)
        weigh_series(&search, series, sorted);
    for (size_t series = 0; is_done && series < series_count; series++)
        search.window_count += hash_series(&search, series, NULL);
    if (is_done)
        search.window = memory_take((search.window_count + 1) * sizeof *search.window);
    is_done = is_done && search.window != NULL;
    if (is_done) {
        size_t count = 0;
        for (size_t series = 0; series < series_count; series++)
            count += hash_series(&search, series, search.window + count);
        compare_windows_of(&search);
    }
    for (size_t series = 0; is_done && series < series_count; series++) {
        struct analysis_question *best = &search.best[series];
        double values = 0;
        for (size_t t = 0; t < points; t++)
            values += isfinite(quality_series(list, series)[t]);
        best->total = values;
        if (best->count == 0)
            *best = (struct analysis_question){
                .kind = ANALYSIS_ASK_COPIED, .series = (uint32_t)series, .p = 1};
        if (values >= WINDOW)
            quality_note_test(list, *best);
    }
    memory_free(search.window);
    memory_free(search.information);
    memory_free(search.best);
    memory_free(sorted);
    return is_done;
}
