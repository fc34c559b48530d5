// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quality_digits.c: do the digits of the figures fall as those of counted things do.
//
//     heaped       values that end in 0 or 5 against a fifth: exact binomial tail; `size` the
//     share.
//                  From 20 values on, median 30 units or more, standard deviation 3 units or more
//     last digit   each of ten against a tenth: chi2, 9 degrees of freedom; from 50 values on,
//                  standard deviation 6 units or more; `size` the share of the commonest digit
//     Benford      first digits of a series, and of all series together; `size` the MAD. From 300
//                  values on that span three orders of magnitude (1 % to 99 %). Asked about only
//                  where both MAD > 0.015 and chi2 say so: chi2 alone grows with the number of
//                  values, MAD alone is above 0.015 by chance up to some 700 of them
//
// A unit is the last decimal that the series is written with. A value equal to the one before it
// is not counted again. With whole numbers Benford starts at 10: below, there is no room for ten
// first digits to be even-handed. Why the least spreads: of a bell of standard deviation s the
// share that ends in 0 or 5 is off by up to 2 exp(-2 (pi s/5)^2), 0.2 % at 3 units; last digits
// by 2 exp(-2 (pi s/10)^2), 0.2 % at 6.
//
// Neighbours in time share their first digit, so n values are worth fewer: with a the share of
// neighbours that agree, c the share that would by chance and r = (a - c)/(1 - c), n (1-r)/(1+r).
#include "analysis/quality.h"

#include "analysis/digits.h"
#include "base/memory.h"

enum { HEAP_LEAST = 20, LAST_LEAST = 50, BENFORD_LEAST = 300, MEDIAN_LEAST = 30, TENS = 10 };
enum { HEAP_SPREAD = 3, LAST_SPREAD = 6, HALF_DECADES = 42, SPAN_HALF_DECADES = 6 };
static const double CONFORMITY_MOST = 0.015, HEAP_SHARE = 0.2;

struct digit_count {
    double last[10], first[9];
    double mean, square, values;       // of what is scaled, by Welford
    double above_median_least;         // values of MEDIAN_LEAST units or more
    double pairs, agreeing;            // neighbours with the same first digit
    double order[HALF_DECADES], large; // positive values by order of magnitude, and how many
};

// Orders of magnitude in half decades, from a millionth up.
static int order_of(double value)
{
    int order = 0;
    for (double bound = 1e-6; order < HALF_DECADES - 1 && value >= bound; bound *= sqrt(10))
        order++;
    return order;
}

static void count_digits(const struct quality_list *list, size_t series, int decimals,
                         struct digit_count *count)
{
    const double *value = quality_series(list, series);
    double before = ANALYSIS_MISSING;
    int first_before = 0;
    for (size_t t = 0; t < list->data->panel->point_count; t++) {
        if (!isfinite(value[t]) || value[t] == before)
            continue;
        before = value[t];
        uint64_t scaled = digits_scale(value[t], decimals);
        double apart = (double)scaled - count->mean;
        count->values += 1;
        count->mean += apart / count->values;
        count->square += apart * ((double)scaled - count->mean);
        count->last[scaled % 10] += 1;
        count->above_median_least += scaled >= MEDIAN_LEAST;
        if (value[t] <= 0 || scaled == 0 || (decimals == 0 && value[t] < TENS)) {
            first_before = 0;
            continue;
        }
        int first = digits_first(scaled, 1);
        count->pairs += first_before > 0;
        count->agreeing += first_before == first;
        first_before = first;
        count->first[first - 1] += 1;
        count->order[order_of(value[t])] += 1;
        count->large += 1;
    }
}

// True when the values from the 1st to the 99th of a hundred span three orders of magnitude.
static bool spans_orders(const struct digit_count *count)
{
    int low = 0, high = HALF_DECADES - 1;
    double below = 0, above = 0;
    while (low < high && (below += count->order[low]) < count->large / 100)
        low++;
    while (high > low && (above += count->order[high]) < count->large / 100)
        high--;
    return high - low >= SPAN_HALF_DECADES;
}

static void test_benford(struct quality_list *list, uint32_t series,
                         const struct digit_count *count)
{
    struct analysis_digit_fit fit;
    if (count->large < BENFORD_LEAST || !spans_orders(count) ||
        !analysis_fit_digits(ANALYSIS_DIGIT_FIRST, count->first, &fit))
        return;
    double chance = 0, agreeing = count->pairs > 0 ? count->agreeing / count->pairs : 0;
    for (int i = 0; i < 9; i++)
        chance += count->first[i] / fit.total * (count->first[i] / fit.total);
    double r = chance < 1 ? fmin(fmax((agreeing - chance) / (1 - chance), 0), 0.99) : 0;
    double p = analysis_gamma_upper(4, fit.chi_square * (1 - r) / (1 + r) / 2);
    int most = 0;
    for (int i = 1; i < 9; i++)
        most = fit.z[i] > fit.z[most] ? i : most;
    quality_note_test(list,
                      (struct analysis_question){.kind = ANALYSIS_ASK_BENFORD,
                                                 .series = series,
                                                 .to = (uint32_t)list->data->panel->point_count,
                                                 .count = count->first[most],
                                                 .total = fit.total,
                                                 .size = fit.mad,
                                                 .expected = most + 1,
                                                 .p = fit.mad > CONFORMITY_MOST ? p : 1});
}

static void test_last_digits(struct quality_list *list, size_t series,
                             const struct digit_count *count)
{
    double deviation = count->values > 1 ? sqrt(count->square / (count->values - 1)) : 0;
    if (count->values < HEAP_LEAST || deviation < HEAP_SPREAD ||
        count->above_median_least < count->values / 2)
        return;
    double heaped = count->last[0] + count->last[5];
    struct analysis_question question = {
        .kind = ANALYSIS_ASK_HEAPED,
        .series = (uint32_t)series,
        .to = (uint32_t)list->data->panel->point_count,
        .count = heaped,
        .total = count->values,
        .size = heaped / count->values,
        .expected = HEAP_SHARE,
        .p = analysis_binomial_upper(heaped, count->values, HEAP_SHARE)};
    quality_note_test(list, question);
    struct analysis_digit_fit fit;
    if (count->values < LAST_LEAST || deviation < LAST_SPREAD ||
        !analysis_fit_digits(ANALYSIS_DIGIT_LAST, count->last, &fit))
        return;
    int most = 0;
    for (int i = 1; i < 10; i++)
        most = count->last[i] > count->last[most] ? i : most;
    question.kind = ANALYSIS_ASK_LAST_DIGIT;
    question.count = count->last[most];
    question.size = count->last[most] / count->values;
    question.expected = most;
    question.p = fit.p;
    quality_note_test(list, question);
}

void quality_look_at_digits(struct quality_list *list, size_t series, int decimals)
{
    struct digit_count count = {0};
    count_digits(list, series, decimals, &count);
    test_last_digits(list, series, &count);
    test_benford(list, (uint32_t)series, &count);
}

bool quality_look_at_panel_digits(struct quality_list *list)
{
    struct digit_count *count = memory_allocate(sizeof *count);
    if (count == NULL)
        return false;
    for (size_t series = 0; series < list->data->panel->series_count; series++)
        count_digits(list, series, quality_count_decimals(list, series), count);
    if (list->data->panel->series_count > 1)
        test_benford(list, ANALYSIS_SERIES_NONE, count);
    memory_free(count);
    return true;
}
