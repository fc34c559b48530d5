// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quality_values.c: do the values of one series move as counted things do.
//
//     negative   values below zero in a series of which no more than a twentieth are
//     smooth     whole numbers whose (n-1) s^2/m is in the lower tail of chi2, n-1 degrees of
//                freedom: they scatter less than independent events do. From 12 values on, mean 3
//                or more; `size` s^2/m. It is meant for counts of events: a stock (people employed,
//                debt) moves little from period to period, but over time rarely so little
//     repeated   the longest run of one value (zero excepted) of n: L in a row have the chance
//                (n - L + 1) P^(L-1), P the share of neighbours that are equal outside the run, for
//                whole numbers v at least 1/(2 sqrt(pi v)), that of two draws of a Poisson law
//     zeros      three zeros or more straight after three values of mean m: by a negative binomial
//                of the series' local dispersion f the first zero has the chance f^(-m/(f-1)),
//                times the places where it could have been
//     target     values in the 5 % above a target against those in the 5 % below: a fair coin,
//                two-sided; from 10 values on
//
// A series that rises and next to never falls is a running total: smooth, repeated and zeros do not
// apply to it.
//
// The local dispersion is the mean of (a-b)^2/(a+b) over neighbours a, b: a slow change of the mean
// does not enter it.
#include "analysis/quality.h"

#include "analysis/digits.h"

enum { SMOOTH_LEAST = 12, SMOOTH_MEAN = 3, RUN_LEAST = 4, ZERO_RUN = 3, TARGET_LEAST = 10 };
enum { TOTAL_STEPS = 50 };
static const double NEGATIVE_SHARE = 0.05, TARGET_REACH = 0.05, PI = 3.141592653589793;

static struct analysis_question about(enum analysis_question_kind kind, size_t series, size_t from,
                                      size_t to)
{
    return (struct analysis_question){
        .kind = kind, .series = (uint32_t)series, .from = (uint32_t)from, .to = (uint32_t)to};
}

// True when the values rise over all and next to never fall: one step in 50, as a correction.
static bool is_running_total(const double *value, size_t points)
{
    double before = ANALYSIS_MISSING, first = ANALYSIS_MISSING, steps = 0, falls = 0;
    for (size_t t = 0; t < points; t++) {
        if (!isfinite(value[t]))
            continue;
        first = isfinite(first) ? first : value[t];
        steps += isfinite(before);
        falls += value[t] < before;
        before = value[t];
    }
    return before > first && falls * TOTAL_STEPS <= steps;
}

static void look_for_negative(struct quality_list *list, size_t series)
{
    const double *value = quality_series(list, series);
    size_t points = list->data->panel->point_count, at = points;
    double below = 0, count = 0;
    for (size_t t = 0; t < points; t++) {
        count += isfinite(value[t]);
        if (!(value[t] < 0) || !isfinite(value[t]))
            continue;
        below += 1;
        // The place is that of the lowest.
        at = at == points || value[t] < value[at] ? t : at;
    }
    if (below == 0 || below > fmax(1, count * NEGATIVE_SHARE) || count < 2 * ZERO_RUN)
        return;
    struct analysis_question question = about(ANALYSIS_ASK_NEGATIVE, series, at, at + 1);
    question.count = below;
    question.total = count;
    question.size = value[at];
    quality_note_fact(list, &question);
}

static void look_for_smoothness(struct quality_list *list, size_t series, int decimals)
{
    const double *value = quality_series(list, series);
    size_t points = list->data->panel->point_count;
    double count = 0, mean = 0, square = 0;
    for (size_t t = 0; t < points; t++) {
        if (!isfinite(value[t]))
            continue;
        if (value[t] < 0)
            return;
        double apart = value[t] - mean;
        count += 1;
        mean += apart / count;
        square += apart * (value[t] - mean);
    }
    if (decimals > 0 || count < SMOOTH_LEAST || mean < SMOOTH_MEAN)
        return;
    struct analysis_question question = about(ANALYSIS_ASK_SMOOTH, series, 0, points);
    question.count = question.total = count;
    question.size = square / (count - 1) / mean;
    question.expected = 1;
    question.p = analysis_gamma_lower((count - 1) / 2, square / mean / 2);
    quality_note_test(list, question);
}

static void look_for_run(struct quality_list *list, size_t series, int decimals)
{
    const double *value = quality_series(list, series);
    size_t points = list->data->panel->point_count, run = 0, longest = 0, at = 0;
    double count = 0, pairs = 0, equal = 0;
    for (size_t t = 0; t < points; t++) {
        if (!isfinite(value[t])) {
            run = 0;
            continue;
        }
        bool is_pair = t > 0 && isfinite(value[t - 1]);
        count += 1;
        pairs += is_pair;
        equal += is_pair && value[t] == value[t - 1];
        run = value[t] == 0 ? 0 : is_pair && value[t] == value[t - 1] ? run + 1 : 1;
        if (run > longest) {
            longest = run;
            at = t + 1 - run;
        }
    }
    if (longest < RUN_LEAST)
        return;
    double in_run = (double)longest - 1, outside = fmax(pairs - in_run, 0);
    double chance = (fmax(equal - in_run, 0) + 1) / (outside + 2);
    if (decimals == 0)
        chance = fmax(chance, fmin(0.5 / sqrt(PI * fabs(value[at])), 0.5));
    struct analysis_question question = about(ANALYSIS_ASK_REPEATED, series, at, at + longest);
    question.count = (double)longest;
    question.total = count;
    question.size = value[at];
    question.p = fmin(1, (count - (double)longest + 1) * pow(chance, in_run));
    quality_note_test(list, question);
}

// The mean of the three values before t, where they are all there.
static bool mean_before(const double *value, size_t t, double *ret_mean)
{
    if (t < ZERO_RUN)
        return false;
    double sum = value[t - 1] + value[t - 2] + value[t - 3];
    *ret_mean = sum / ZERO_RUN;
    return isfinite(sum) && sum > 0;
}

static double local_dispersion(const double *value, size_t points)
{
    double sum = 0, pairs = 0;
    for (size_t t = 1; t < points; t++) {
        double both = value[t] + value[t - 1], apart = value[t] - value[t - 1];
        if (!isfinite(both) || both <= 0 || value[t] == 0 || value[t - 1] == 0)
            continue;
        sum += apart * apart / both;
        pairs += 1;
    }
    return fmax(pairs > 0 ? sum / pairs : 1, 1 + 1e-6);
}

static void look_for_zeros(struct quality_list *list, size_t series, int decimals)
{
    const double *value = quality_series(list, series);
    size_t points = list->data->panel->point_count, at = points, length = 0;
    double places = 0, mean = 0, most = 0;
    for (size_t t = 0; t < points; t++) {
        if (value[t] < 0)
            return;
        if (!mean_before(value, t, &mean) || value[t - 1] == 0)
            continue;
        places += 1;
        size_t end = t;
        while (end < points && value[end] == 0)
            end++;
        if (end - t >= ZERO_RUN && mean > most) {
            most = mean;
            at = t;
            length = end - t;
        }
    }
    if (at == points || decimals > 0)
        return;
    double dispersion = local_dispersion(value, points);
    struct analysis_question question = about(ANALYSIS_ASK_ZEROS, series, at, at + length);
    question.count = (double)length;
    question.total = places;
    question.size = most;
    question.p = fmin(1, places * exp(-most * log(dispersion) / (dispersion - 1)));
    quality_note_test(list, question);
}

static void look_at_target(struct quality_list *list, size_t series)
{
    const double *value = quality_series(list, series);
    size_t points = list->data->panel->point_count;
    double target = list->options->target, reach = fabs(target) * TARGET_REACH;
    double above = 0, below = 0;
    if (!isfinite(target) || target == 0)
        return;
    for (size_t t = 0; t < points; t++) {
        above += value[t] >= target && value[t] <= target + reach;
        below += value[t] < target && value[t] >= target - reach;
    }
    double total = above + below, more = fmax(above, below);
    if (total < TARGET_LEAST)
        return;
    struct analysis_question question = about(ANALYSIS_ASK_TARGET, series, 0, points);
    question.count = above;
    question.total = total;
    question.size = target;
    question.expected = total / 2;
    question.p = fmin(1, 2 * analysis_binomial_upper(more, total, 0.5));
    quality_note_test(list, question);
}

void quality_look_at_values(struct quality_list *list, size_t series, int decimals)
{
    look_for_negative(list, series);
    if (!is_running_total(quality_series(list, series), list->data->panel->point_count)) {
        look_for_smoothness(list, series, decimals);
        look_for_run(list, series, decimals);
        look_for_zeros(list, series, decimals);
    }
    look_at_target(list, series);
}
