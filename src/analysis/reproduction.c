// SPDX-License-Identifier: LGPL-3.0-or-later
//
// reproduction.c: the reproduction number by sliding windows (Cori, Ferguson, Fraser, Cauchemez
// 2013, Am J Epidemiol 178:1505).
//
//     w(s)       probability that a serial interval lasts s periods
//     Lambda(t)  = sum over s of w(s) I(t-s)          what the cases so far can infect at t
//     posterior  Gamma(shape a0 + sum of local I, scale 1/(1/b0 + sum of Lambda)), sums over the
//                window; a0 = (prior mean/sd)^2, b0 = prior sd^2/mean
//
// Idea. A window costs next to nothing but its quantiles: sums over windows follow from running
// sums, and Lambda is added up interval by interval, so that the inner loop runs over time without
// a dependence. A gamma quantile costs a microsecond each; seven a window would be all of the work.
// At a fixed probability the quantile of Gamma(A, 1) is A (1 + u h(u)), u = 1/sqrt(A), with h
// smooth down to u = 0 (h(0) = z, Cornish and Fisher). So h is interpolated at Chebyshev's points
// on pieces of 0 < u <= 1/2, once a process (0.4 ms), and a window evaluates seven polynomials
// side by side. Shapes below 4 are inverted as they are. The two inner loops are compiled once more
// for machines with AVX2; both forms give the same bits.
//
// Running sums of whole numbers are exact; those of Lambda are made anew for each window, so that a
// wave of millions does not take the digits from the quiet months behind it.
//
// It does not do: uncertainty of the serial interval itself; under-reporting that changes.
#include "analysis/reproduction.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "analysis/special.h"
#include "base/memory.h"

enum { PIECES = 4, DEGREE = 11, LANES = 8, TABLE_LEAST = 4, UNROLLED = 4, REMEMBERED_MOST = 400 };
static_assert((int)LANES >= (int)ANALYSIS_REPRODUCTION_QUANTILES, "a lane a quantile");
static const double TABLE_WIDTH = 0.5 / PIECES; // u = 1/sqrt(TABLE_LEAST) at the end
static const double NEGLIGIBLE = 1e-17;

const double analysis_reproduction_probability[ANALYSIS_REPRODUCTION_QUANTILES] = {
    0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975};

// Coefficients of h on each piece, of powers of the place in -1..1; lane q belongs to quantile q.
struct quantile_curve {
    double coefficient[PIECES][DEGREE + 1][LANES];
};

struct reproduction_plan {
    const struct analysis_reproduction_options *options;
    double *weight; // w(0..weight_count-1); beyond it all are negligible
    double *mean;   // sum of s w(s) up to each s, over all point_count
    size_t weight_count, point_count;
    const struct quantile_curve *curve;
    void (*read_curve)(const struct quantile_curve *curve, double shape, double *ret_quantile);
    void (*add_infectivity)(const double *weight, size_t weight_count, const double *cases,
                            size_t count, double *infectivity);
};

bool analysis_check_reproduction(const struct analysis_reproduction_options *options)
{
    return isfinite(options->interval_mean) && options->interval_mean > 1 &&
           isfinite(options->interval_sd) && options->interval_sd > 0 &&
           isfinite(options->prior_mean) && options->prior_mean > 0 &&
           isfinite(options->prior_sd) && options->prior_sd > 0 && options->window >= 1 &&
           options->cases_least >= 0;
}

void analysis_discretise_interval(double mean, double sd, size_t count, double *ret_weight)
{
    assert(mean > 1 && sd > 0);
    double shape = (mean - 1) / sd * ((mean - 1) / sd), scale = sd / (mean - 1) * sd;
    double lower[3] = {0}, longer[3] = {0}; // the cdf of both shapes at s-2, s-1, s
    for (size_t s = 0; s < count; s++) {
        double at = (double)s;
        // What is left beyond here is rounding.
        if (longer[0] >= 1 - 1e-15) {
            ret_weight[s] = 0;
            continue;
        }
        lower[2] = analysis_gamma_lower(shape, at / scale);
        // F of shape a + 1 follows from that of a (DLMF 8.8.5) by the mass between them.
        longer[2] = fmax(0, lower[2] - special_poisson_mass(shape, at / scale));
        double weight = at * lower[2] + (at - 2) * lower[0] - 2 * (at - 1) * lower[1] +
                        shape * scale * (2 * longer[1] - longer[0] - longer[2]);
        ret_weight[s] = weight > 0 ? weight : 0;
        for (int i = 0; i < 2; i++) {
            lower[i] = lower[i + 1];
            longer[i] = longer[i + 1];
        }
    }
}

size_t reproduction_reach(const struct analysis_reproduction_options *options)
{
    double reach = ceil(options->interval_mean + 2 * options->interval_sd);
    return reach < 1e6 ? (size_t)reach : 1000000;
}

bool reproduction_settle(const struct reproduction_series *series,
                         const struct analysis_reproduction_options *options, size_t end,
                         struct analysis_reproduction *ret_result)
{
    if (end < options->window) {
        ret_result->reason = ANALYSIS_REPRODUCTION_START;
        return false;
    }
    size_t start = end - options->window + 1;
    size_t before = start > series->reach ? start - series->reach : 0;
    uint32_t gaps = series->gaps[end] - (before == 0 ? 0 : series->gaps[before - 1]);
    // As the published software: no number before one serial interval has passed at all.
    bool is_known = (double)(end + 1) > series->interval_mean && gaps == 0;
    if (gaps > 0)
        ret_result->reason = ANALYSIS_REPRODUCTION_GAP;
    else if (series->first_case <= end &&
             (!is_known || (double)start < (double)series->first_case + options->interval_mean))
        ret_result->reason = ANALYSIS_REPRODUCTION_EARLY;
    else if (!is_known || ret_result->cases < options->cases_least)
        ret_result->reason = ANALYSIS_REPRODUCTION_FEW;
    return is_known;
}

// The coefficients of one piece and one quantile: h at Chebyshev's points, its Chebyshev series,
// and that in powers, T(k+1) = 2 x T(k) - T(k-1).
static void fit_piece(struct quantile_curve *curve, int piece, int lane)
{
    const double pi = 3.14159265358979323846;
    double probability = analysis_reproduction_probability[lane], value[DEGREE + 1];
    double power[3][DEGREE + 2] = {{0}}; // of T(k-1), T(k), T(k+1)
    for (int i = 0; i <= DEGREE; i++) {
        double x = cos(pi * (i + 0.5) / (DEGREE + 1));
        double u = TABLE_WIDTH * (piece + 0.5 + 0.5 * x), shape = 1 / (u * u);
        value[i] = (analysis_gamma_quantile(probability, shape) / shape - 1) / u;
    }
    power[1][0] = 1;
    for (int k = 0; k <= DEGREE; k++) {
        double sum = 0;
        for (int i = 0; i <= DEGREE; i++)
            sum += value[i] * cos(pi * k * (i + 0.5) / (DEGREE + 1));
        sum *= (k == 0 ? 1.0 : 2.0) / (DEGREE + 1);
        for (int i = 0; i <= DEGREE; i++) {
            curve->coefficient[piece][i][lane] += sum * power[1][i];
            double shifted = i == 0 ? 0 : power[1][i - 1];
            power[2][i] = k == 0 ? shifted : 2 * shifted - power[0][i];
        }
        for (int i = 0; i <= DEGREE; i++) {
            power[0][i] = power[1][i];
            power[1][i] = power[2][i];
        }
    }
}

// The curve, which is a constant: made by whoever asks first.
static const struct quantile_curve *find_curve(void)
{
    static struct quantile_curve curve;
    static atomic_bool is_made;
    if (!atomic_load_explicit(&is_made, memory_order_acquire)) {
#pragma omp critical(reproduction_curve)
        if (!atomic_load_explicit(&is_made, memory_order_relaxed)) {
            for (int piece = 0; piece < PIECES; piece++)
                for (int lane = 0; lane < ANALYSIS_REPRODUCTION_QUANTILES; lane++)
                    fit_piece(&curve, piece, lane);
            atomic_store_explicit(&is_made, true, memory_order_release);
        }
    }
    return &curve;
}

#define ALWAYS static inline __attribute__((always_inline))
static_assert(DEGREE % 2 == 1, "odd and even powers go in pairs");

// The quantiles of Gamma(shape, 1) at all probabilities; odd and even powers apart, which halves
// the chain of operations that wait for each other.
ALWAYS void read_curve_body(const struct quantile_curve *curve, double shape, double *ret_quantile)
{
    double u = 1 / sqrt(shape), at = u / TABLE_WIDTH;
    int piece = at < PIECES ? (int)at : PIECES - 1;
    double x = 2 * (at - piece) - 1, square = x * x;
    const double(*coefficient)[LANES] = curve->coefficient[piece];
    double odd[LANES], even[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        odd[lane] = coefficient[DEGREE][lane];
        even[lane] = coefficient[DEGREE - 1][lane];
    }
    for (int k = DEGREE - 2; k > 0; k -= 2)
        for (int lane = 0; lane < LANES; lane++) {
            odd[lane] = odd[lane] * square + coefficient[k][lane];
            even[lane] = even[lane] * square + coefficient[k - 1][lane];
        }
    for (int lane = 0; lane < ANALYSIS_REPRODUCTION_QUANTILES; lane++)
        ret_quantile[lane] = shape * (1 + u * (even[lane] + x * odd[lane]));
}

// Four intervals at a time. Zeros stand before the cases and behind the weights.
ALWAYS void add_infectivity_body(const double *weight, size_t weight_count, const double *cases,
                                 size_t count, double *infectivity)
{
    for (size_t s = 1; s < weight_count; s += UNROLLED) {
        const double *w = weight + s;
        for (size_t t = 0; t < count; t++) {
            const double *before = cases + t - s;
            infectivity[t] +=
                (w[0] * before[0] + w[1] * before[-1]) + (w[2] * before[-2] + w[3] * before[-3]);
        }
    }
}

static void read_curve_base(const struct quantile_curve *curve, double shape, double *ret_quantile)
{
    read_curve_body(curve, shape, ret_quantile);
}

static void add_infectivity_base(const double *weight, size_t weight_count, const double *cases,
                                 size_t count, double *infectivity)
{
    add_infectivity_body(weight, weight_count, cases, count, infectivity);
}

#ifdef WIDE_LEVELS_X86
__attribute__((target("avx2"))) static void read_curve_v3(const struct quantile_curve *curve,
                                                          double shape, double *ret_quantile)
{
    read_curve_body(curve, shape, ret_quantile);
}

__attribute__((target("avx2"))) static void add_infectivity_v3(const double *weight,
                                                               size_t weight_count,
                                                               const double *cases, size_t count,
                                                               double *infectivity)
{
    add_infectivity_body(weight, weight_count, cases, count, infectivity);
}
#endif

// The same interval is asked about again and again, series by series and morning by morning, and
// costs five times the windows of one series: each thread remembers its last one.
static void discretise_remembered(double mean, double sd, size_t count, double *ret_weight)
{
    static _Thread_local struct {
        double mean, sd, weight[REMEMBERED_MOST];
        size_t count;
    } last;
    bool is_held = last.mean == mean && last.sd == sd && last.count >= count;
    if (count > REMEMBERED_MOST) {
        analysis_discretise_interval(mean, sd, count, ret_weight);
        return;
    }
    if (!is_held) {
        analysis_discretise_interval(mean, sd, count, last.weight);
        last.mean = mean;
        last.sd = sd;
        last.count = count;
    }
    memcpy(ret_weight, last.weight, count * sizeof *ret_weight);
}

static bool make_plan(struct reproduction_plan *plan,
                      const struct analysis_reproduction_options *options, size_t point_count)
{
    *plan = (struct reproduction_plan){.options = options, .point_count = point_count};
    plan->weight = memory_allocate((2 * point_count + UNROLLED) * sizeof *plan->weight);
    if (plan->weight == NULL)
        return false;
    plan->mean = plan->weight + point_count + UNROLLED;
    discretise_remembered(options->interval_mean, options->interval_sd, point_count, plan->weight);
    for (size_t s = 0; s < point_count; s++) {
        plan->mean[s] = (s == 0 ? 0 : plan->mean[s - 1]) + (double)s * plan->weight[s];
        if (plan->weight[s] > NEGLIGIBLE)
            plan->weight_count = s + 1;
    }
    plan->curve = find_curve();
    plan->read_curve = read_curve_base;
    plan->add_infectivity = add_infectivity_base;
#ifdef WIDE_LEVELS_X86
    if (__builtin_cpu_supports("avx2")) {
        plan->read_curve = read_curve_v3;
        plan->add_infectivity = add_infectivity_v3;
    }
#endif
    return true;
}

static void estimate_window(const struct reproduction_plan *plan, double infectivity,
                            struct analysis_reproduction *result)
{
    const struct analysis_reproduction_options *options = plan->options;
    double ratio = options->prior_mean / options->prior_sd;
    double shape = ratio * ratio + result->cases;
    double scale =
        1 / (options->prior_mean / (options->prior_sd * options->prior_sd) + infectivity);
    result->is_known = true;
    result->mean = shape * scale;
    result->sd = sqrt(shape) * scale;
    if (shape >= TABLE_LEAST)
        plan->read_curve(plan->curve, shape, result->quantile);
    for (int i = 0; i < ANALYSIS_REPRODUCTION_QUANTILES; i++)
        result->quantile[i] =
            scale * (shape >= TABLE_LEAST
                         ? result->quantile[i]
                         : analysis_gamma_quantile(analysis_reproduction_probability[i], shape));
}

// What one series needs while it is worked on.
struct reproduction_work {
    double *cases, *local, *infectivity;
    uint32_t *gaps;
};

static void read_series(const double *value, const double *imported, size_t count,
                        struct reproduction_work *work, struct reproduction_series *series)
{
    uint32_t gaps = 0;
    series->first_case = count;
    for (size_t t = 0; t < count; t++) {
        bool is_reported = reproduction_is_case_count(value[t]);
        double cases = is_reported ? value[t] : 0;
        double foreign = imported == NULL || !(imported[t] > 0) ? 0 : fmin(imported[t], cases);
        gaps += !is_reported;
        work->cases[t] = cases;
        // The cases of the first period were infected by none that is known.
        work->local[t] = t == 0 ? 0 : cases - foreign;
        work->gaps[t] = gaps;
        work->infectivity[t] = 0;
        if (cases > 0 && series->first_case == count)
            series->first_case = t;
    }
}

static void estimate_series(const struct reproduction_plan *plan, const double *value,
                            const double *imported, size_t count, size_t from, size_t to,
                            struct reproduction_work *work, struct analysis_reproduction *result)
{
    const struct analysis_reproduction_options *options = plan->options;
    struct reproduction_series series = {
        .count = count, .gaps = work->gaps, .reach = reproduction_reach(options)};
    read_series(value, imported, count, work, &series);
    series.interval_mean = plan->mean[count - 1];
    size_t intervals = plan->weight_count < count ? plan->weight_count : count;
    plan->add_infectivity(plan->weight, intervals, work->cases, count, work->infectivity);
    for (size_t end = from; end < to; end++) {
        double cases = 0, infectivity = 0;
        for (size_t i = 0; i < options->window && i <= end; i++) {
            cases += work->local[end - i];
            infectivity += work->infectivity[end - i];
        }
        result[end] = (struct analysis_reproduction){.cases = cases};
        if (reproduction_settle(&series, options, end, &result[end]))
            estimate_window(plan, infectivity, &result[end]);
    }
}

bool analysis_estimate_reproduction(const struct analysis_panel *panel, const double *imported,
                                    const struct analysis_reproduction_options *options,
                                    struct analysis_reproduction *ret_result)
{
    assert(analysis_check_reproduction(options) && panel->to <= panel->point_count);
    size_t points = panel->point_count;
    struct reproduction_plan plan;
    if (points == 0 || panel->series_count == 0)
        return true;
    bool is_complete = make_plan(&plan, options, points);
#pragma omp parallel if (panel->series_count > 1 && is_complete)
    {
        // Zeros before the cases, for intervals that reach back behind the first of them.
        size_t before = plan.weight_count + UNROLLED;
        double *memory = !is_complete ? NULL
                                      : memory_allocate((before + 3 * points) * sizeof *memory +
                                                        points * sizeof(uint32_t));
        double *cases = memory + (memory == NULL ? 0 : before);
        struct reproduction_work work = {cases, cases + points, cases + 2 * points,
                                         (uint32_t *)(cases + 3 * points)};
#pragma omp for schedule(static)
        for (size_t s = 0; s < panel->series_count; s++) {
            size_t first = panel->first == NULL ? 0 : panel->first[s],
                   at = s * panel->stride + first;
            size_t from = panel->from > first ? panel->from - first : 0;
            for (size_t t = panel->from; t < panel->to && t < first; t++)
                ret_result[s * panel->stride + t] =
                    (struct analysis_reproduction){.reason = ANALYSIS_REPRODUCTION_START};
            if (memory != NULL && panel->to > first)
                estimate_series(&plan, panel->value + at, imported == NULL ? NULL : imported + at,
                                points - first, from, panel->to - first, &work, ret_result + at);
        }
        if (memory == NULL) {
#pragma omp atomic write
            is_complete = false;
        }
        memory_free(memory);
    }
    memory_free(plan.weight);
    return is_complete;
}
