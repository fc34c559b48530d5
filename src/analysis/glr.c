// SPDX-License-Identifier: LGPL-3.0-or-later
//
// glr.c: generalised likelihood ratio charts for Poisson and negative binomial counts, and LR.
//
// Hoehle, Paul 2008, CSDA 52:4357; Lai 1995. docs/detectors 11. With mu_i the means without a
// change, a change at period j multiplies them by e^kappa, kappa >= 0:
//
//     Poisson   l_j = X ln(X/M) - (X - M) if X > M, else 0;     X = sum x_i, M = sum mu_i, i = j..n
//     NB        l_j = max over kappa of  sum kappa x_i + (x_i + 1/a) ln((1 + a mu_i)/(1 + a mu_i
//     e^kappa)) G_n = max over j of l_j;   alarm G_n >= limit;   then all is forgotten and begins
//     anew LR        theta given: C_n = max(0, C_{n-1} + z), z with kappa = theta; alarm C_n >
//     limit
//
// Which starts j matter. l_j as a function of kappa is concave and 0 at 0, and of two starts j < j'
// the difference is the segment j..j'-1, concave too, with slope W(j..j'-1) at 0,
// W = sum (x - mu)/(1 + a mu). Where that is <= 0 the later start is at least as good for every
// kappa, now and for good. So only starts are kept whose W rises from each to the next: a stack.
//
// Poisson without a window needs fewer still: for every kappa the best start minimises
// kappa X(j-1) - (e^kappa - 1) M(j-1), so it is a corner of the lower convex hull of those points
// (Ward, Dimitriou, Alexander 2023 found the same for gamma-ray bursts). The hull is kept as the
// stack grows, and a period costs a handful of logarithms.
//
//     stack   start j   X(j-1)  M(j-1)  W(j-1)  kappa         oldest first
//     span    x_i, mu_i of the last GLR_SPAN periods          NB alone
//
// QUIRK. The published software seeks kappa by Newton's method from what it found for the start
// before, in no bounds; where counts are many times their means it runs away and takes 0. So that
// numbers can be checked against it, search = published does as it does: first the true maximum is
// found as above, then tried whether that search would find it too, and only where it would not the
// whole search is done its way. search = safe leaves that out.
//
// Sums begin anew whenever one start is left, so that no digits are lost in a long quiet.
#include <string.h>

#include "analysis/glr.h"
#include "analysis/season.h"
#include "analysis/wide_kernels.h"

struct glr_sums {
    double x, mu, w; // X, M, W up to and including a period
};

struct glr_candidate {
    size_t at; // periods before it since the restart
    struct glr_sums before;
    double kappa; // of the last time it was asked
};

enum { NEWTON_MOST = 60 };

struct glr_state {
    struct chart_head head;
    double option[GLR_OPTIONS];
    struct harmonic_model model;
    int frequency;
    bool is_poisson, is_lr;
    bool is_searching; // for the bound: what is tried leaves no trace
    size_t seen;       // periods since the restart, gaps left out
    struct glr_sums now;
    double sum;                                    // C of LR
    struct glr_sums past[GLR_MIN_WINDOW_MOST + 1]; // sums after the last periods, newest at seen
    size_t oldest, count;                          // of the stack
    size_t span_used;
    size_t phases;
    struct glr_candidate stack[GLR_SPAN];
    double x[2 * GLR_SPAN + WIDE], mu[2 * GLR_SPAN + WIDE];
    // Linear predictors (with a trend) or means by phase; the baseline's counts and population.
    double memory[];
};

static size_t phases_of(const double *option, int frequency)
{
    return option[GLR_HARMONICS] > 0 && frequency > 0 ? (size_t)frequency : 1;
}

static size_t size_of(const double *option, int frequency, size_t baseline)
{
    return sizeof(struct glr_state) +
           (phases_of(option, frequency) + 2 * baseline) * sizeof(double);
}

size_t glr_start(const double *option, int frequency)
{
    size_t baseline = (size_t)option[GLR_BASELINE];
    if (isfinite(option[GLR_TARGET]))
        return 0;
    return option[GLR_HARMONICS] > 0 && baseline < (size_t)frequency ? (size_t)frequency : baseline;
}

static void begin(void *memory, const double *option, int frequency)
{
    struct glr_state *state = memory;
    memcpy(state->option, option, sizeof state->option);
    state->frequency = frequency;
    state->phases = phases_of(option, frequency);
    state->is_lr = isfinite(option[GLR_THETA]);
    state->model = (struct harmonic_model){.frequency = frequency,
                                           .harmonics = (int)option[GLR_HARMONICS],
                                           .is_trended = option[GLR_TREND] != 0,
                                           .alpha = option[GLR_ALPHA_NB]};
}

static void learn(void *memory, double value, double population)
{
    struct glr_state *state = memory;
    double *kept = state->memory + state->phases;
    kept[state->head.seen - 1] = value;
    kept[state->head.baseline + state->head.seen - 1] = population;
}

static bool settle(void *memory)
{
    struct glr_state *state = memory;
    struct harmonic_model *model = &state->model;
    const double *y = state->memory + state->phases;
    bool is_offset = state->option[GLR_POPULATION_OFFSET] != 0;
    if (isfinite(state->option[GLR_TARGET])) {
        model->is_fitted = state->option[GLR_TARGET] > 0;
        model->is_trended = false;
        model->alpha = isinf(model->alpha) ? 0 : model->alpha;
        state->phases = 1;
        state->memory[0] = state->option[GLR_TARGET];
    } else if (!harmonic_fit(model, y, is_offset ? y + state->head.baseline : NULL,
                             state->head.baseline)) {
        return false;
    }
    for (size_t phase = 0; phase < state->phases && !isfinite(state->option[GLR_TARGET]); phase++) {
        double eta = harmonic_season(model, (double)phase + 1);
        state->memory[phase] = model->is_trended ? eta : season_model_mu0(eta);
    }
    state->is_poisson = model->alpha < GLR_ALPHA_LEAST;
    return true;
}

struct glr_starts glr_starts_of(const double *option, bool is_poisson, long n)
{
    long least = (long)option[GLR_MIN_WINDOW];
    bool is_windowed = isfinite(option[GLR_WINDOW]);
    long first = is_windowed ? n - (long)option[GLR_WINDOW] : n - GLR_WINDOW_MOST;
    struct glr_starts starts = {first < 1 ? 1 : first, n - least + 1};
    if (is_poisson && is_windowed)
        starts.last = n - least;
    if (is_poisson && !is_windowed) {
        starts.first = 1;
        starts.last = n < least ? 0 : n;
    }
    return starts;
}

static struct glr_candidate *candidate_at(struct glr_state *state, size_t i)
{
    return &state->stack[(state->oldest + i) % GLR_SPAN];
}

// True when the middle of three corners lies on or above the line between the outer ones.
static bool is_within(const struct glr_sums *a, const struct glr_sums *b, const struct glr_sums *c)
{
    return (b->x - a->x) * (c->mu - a->mu) >= (c->x - a->x) * (b->mu - a->mu);
}

// Lets the start after `at` periods in, and drops those that it makes pointless.
static void push_start(struct glr_state *state, size_t at, bool is_hull)
{
    struct glr_sums before = state->past[at % (GLR_MIN_WINDOW_MOST + 1)];
    while (state->count > 0 && candidate_at(state, state->count - 1)->before.w >= before.w)
        state->count--;
    while (is_hull && state->count > 1 &&
           is_within(&candidate_at(state, state->count - 2)->before,
                     &candidate_at(state, state->count - 1)->before, &before))
        state->count--;
    if (state->count == GLR_SPAN) {
        state->oldest++;
        state->count--;
    }
    *candidate_at(state, state->count++) = (struct glr_candidate){.at = at, .before = before};
}

// Makes the sums count from the only start that is left.
static void rebase(struct glr_state *state)
{
    size_t least = (size_t)state->option[GLR_MIN_WINDOW];
    struct glr_sums base = candidate_at(state, 0)->before;
    if (state->count != 1 || base.mu == 0)
        return;
    candidate_at(state, 0)->before = (struct glr_sums){0};
    for (size_t back = 0; back <= least && back <= state->seen; back++) {
        struct glr_sums *past = &state->past[(state->seen - back) % (GLR_MIN_WINDOW_MOST + 1)];
        past->x -= base.x;
        past->mu -= base.mu;
        past->w -= base.w;
    }
    state->now.x -= base.x;
    state->now.mu -= base.mu;
    state->now.w -= base.w;
}

// Lets starts in and out before period `seen + 1`.
static void move_starts(struct glr_state *state)
{
    long n = (long)state->seen + 1;
    struct glr_starts starts = glr_starts_of(state->option, state->is_poisson, n);
    struct glr_starts before = glr_starts_of(state->option, state->is_poisson, n - 1);
    bool is_hull = state->is_poisson && !isfinite(state->option[GLR_WINDOW]);
    if (n == 1)
        before.last = 0;
    for (long start = before.last + 1; start <= starts.last; start++)
        push_start(state, (size_t)(start - 1), is_hull);
    while (state->count > 0 && candidate_at(state, 0)->at + 1 < (size_t)starts.first) {
        state->oldest++;
        state->count--;
    }
    rebase(state);
}

// The maximum over kappa of a segment's ratio, by Newton from the last kappa; 0 where the slope at
// 0 says that it falls from there on.
static double maximise(struct glr_state *state, struct glr_candidate *start, double x_sum,
                       double mu_sum)
{
    const struct wide_kernels *kernels = wide_kernels_find();
    double alpha = state->model.alpha, low = 0, high = INFINITY;
    size_t periods = state->seen - start->at + 1, from = state->span_used - periods + 1;
    double kappa = start->kappa > 0 ? start->kappa : x_sum > mu_sum ? log(x_sum / mu_sum) : 0.1;
    for (int step = 0; step < NEWTON_MOST; step++) {
        struct glr_slopes slopes =
            kernels->glr_slopes(state->x + from, state->mu + from, periods, alpha, exp(kappa));
        if (slopes.first > 0)
            low = kappa;
        else
            high = kappa;
        double change = slopes.first / slopes.second, next = kappa + change;
        if (fabs(change) <= 1e-8) {
            kappa = next;
            break;
        }
        // A step out of what is known already is halved into it.
        if (!(next > low && next < high))
            next = isinf(high) ? kappa + 1 : (low + high) / 2;
        kappa = next;
    }
    if (!state->is_searching)
        start->kappa = kappa;
    return kernels->glr_gain(state->x + from, state->mu + from, periods, alpha, kappa, exp(kappa));
}

// Newton's method as the published software has it, on the segment that begins after `at` periods.
// Not held in any bounds: where counts are far above their means it is thrown out beyond the root
// and back below zero, and ends there.
static double newton(const struct glr_state *state, size_t at, double kappa)
{
    const struct wide_kernels *kernels = wide_kernels_find();
    size_t periods = state->seen - at + 1, from = state->span_used - periods + 1;
    double change = 1;
    for (int step = 0; step < GLR_NEWTON_MOST && fabs(change) > GLR_NEWTON_END &&
                       kappa > GLR_NEWTON_LEAST && kappa < 700;
         step++) {
        struct glr_slopes slopes = kernels->glr_slopes(state->x + from, state->mu + from, periods,
                                                       state->model.alpha, exp(kappa));
        change = slopes.first / slopes.second;
        kappa += change;
    }
    return kappa > 0 && kappa < 700 ? kappa : 0;
}

// True when the published search finds the root of the best start, whatever it found for the start
// before it: then its maximum is the true one.
static bool is_trusted(const struct glr_state *state, size_t at, size_t first, double root)
{
    double tolerance = 1e-4 * (1 + root);
    if (at == first)
        return fabs(newton(state, at, GLR_NEWTON_START) - root) < tolerance;
    double before = newton(state, at - 1, root);
    return fabs(newton(state, at, 0) - root) < tolerance &&
           fabs(newton(state, at, before) - root) < tolerance;
}

// The maximum that the published search finds: start after start, oldest first, each beginning at
// what the one before ended with.
static double search_as_published(const struct glr_state *state, const struct glr_starts *starts)
{
    const struct wide_kernels *kernels = wide_kernels_find();
    double best = 0, kappa = GLR_NEWTON_START, alpha = state->model.alpha;
    for (long start = starts->first; start <= starts->last; start++) {
        size_t at = (size_t)(start - 1), periods = state->seen - at + 1;
        size_t from = state->span_used - periods + 1;
        kappa = newton(state, at, kappa);
        double gain =
            kernels->glr_gain(state->x + from, state->mu + from, periods, alpha, kappa, exp(kappa));
        best = gain > best ? gain : best;
    }
    return best;
}

// G_n if the newest count were x.
static double value_of(struct glr_state *state, double x, double mu)
{
    const struct glr_candidate *winner = NULL;
    double best = 0, w = (x - mu) / (1 + state->model.alpha * mu);
    if (!state->is_poisson) {
        state->x[state->span_used] = x;
        state->mu[state->span_used] = mu;
    }
    for (size_t i = 0; i < state->count; i++) {
        struct glr_candidate *start = candidate_at(state, i);
        double x_sum = state->now.x + x - start->before.x;
        double mu_sum = state->now.mu + mu - start->before.mu, gain = 0;
        if (state->is_poisson)
            gain = glr_poisson(x_sum, mu_sum);
        else if (state->now.w + w > start->before.w)
            gain = maximise(state, start, x_sum, mu_sum);
        if (gain > best) {
            best = gain;
            winner = start;
        }
    }
    if (winner == NULL || state->is_poisson || state->is_searching ||
        state->option[GLR_SEARCH] == SEARCH_SAFE)
        return best;
    struct glr_starts starts = glr_starts_of(state->option, false, (long)state->seen + 1);
    if (is_trusted(state, winner->at, (size_t)starts.first - 1, winner->kappa))
        return best;
    return search_as_published(state, &starts);
}

// The smallest whole count with which the chart would have alarmed; NaN where none would.
static double find_upper(struct glr_state *state, double mu)
{
    double limit = state->option[GLR_LIMIT], low = -1, high = ceil(mu) + 1;
    while (value_of(state, high, mu) < limit) {
        if (high >= GLR_COUNT_MOST)
            return ANALYSIS_MISSING;
        low = high;
        high = 2 * high + 1 < GLR_COUNT_MOST ? 2 * high + 1 : GLR_COUNT_MOST;
    }
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        if (middle <= low || middle >= high)
            break;
        if (value_of(state, middle, mu) >= limit)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static void restart(struct glr_state *state)
{
    memset(state->x, 0, (state->span_used + 1) * sizeof *state->x);
    memset(state->mu, 0, (state->span_used + 1) * sizeof *state->mu);
    state->seen = state->count = state->oldest = state->span_used = 0;
    state->sum = 0;
    state->now = (struct glr_sums){0};
    memset(state->past, 0, sizeof state->past);
}

// Makes room for one more period; behind it stay eight zeros.
static void reserve_span(struct glr_state *state)
{
    if (state->is_poisson || state->span_used < 2 * GLR_SPAN)
        return;
    memmove(state->x, state->x + GLR_SPAN, GLR_SPAN * sizeof *state->x);
    memmove(state->mu, state->mu + GLR_SPAN, GLR_SPAN * sizeof *state->mu);
    memset(state->x + GLR_SPAN, 0, (GLR_SPAN + WIDE) * sizeof *state->x);
    memset(state->mu + GLR_SPAN, 0, (GLR_SPAN + WIDE) * sizeof *state->mu);
    state->span_used = GLR_SPAN;
}

static void add_period(struct glr_state *state, double x, double mu)
{
    state->now.x += x;
    state->now.mu += mu;
    state->now.w += (x - mu) / (1 + state->model.alpha * mu);
    state->seen++;
    state->past[state->seen % (GLR_MIN_WINDOW_MOST + 1)] = state->now;
    if (!state->is_poisson) {
        state->x[state->span_used] = x;
        state->mu[state->span_used++] = mu;
    }
}

static void step_ratio(struct glr_state *state, double x, double mu, struct analysis_point *point)
{
    double kappa = state->option[GLR_THETA], limit = state->option[GLR_LIMIT];
    double alpha = state->model.alpha, rise = exp(kappa), z = kappa * x - (rise - 1) * mu;
    double upper = (limit - state->sum + (rise - 1) * mu) / kappa;
    if (!state->is_poisson) {
        double r = log((1 + alpha * mu) / (1 + alpha * mu * rise));
        z = kappa * x + (x + 1 / alpha) * r;
        upper = (limit - state->sum - r / alpha) / (kappa + r);
    }
    double sum = state->sum + z > 0 ? state->sum + z : 0;
    if (!isfinite(sum)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    point_set(point, ANALYSIS_UPPER, upper > 0 ? upper : 0);
    point_set(point, ANALYSIS_SCORE, sum / limit);
    chart_close(point, sum, sum > limit);
    state->sum = sum > limit ? 0 : sum;
}

static void step(void *memory, double value, double population, struct analysis_point *point)
{
    struct glr_state *state = memory;
    double mu = state->memory[(state->head.seen - 1) % state->phases];
    bool is_offset = state->option[GLR_POPULATION_OFFSET] != 0;
    if (isnan(value) || (is_offset && isnan(population))) {
        point_give_up(point, ANALYSIS_REASON_MISSING);
        return;
    }
    if (state->model.is_trended)
        mu = season_model_mu0(mu + state->model.beta[1] * (double)state->head.seen);
    if (is_offset)
        mu *= population;
    if (!state->model.is_fitted) {
        point_give_up(point, ANALYSIS_REASON_NO_FIT);
        return;
    }
    point_set(point, ANALYSIS_EXPECTED, mu);
    point_set(point, ANALYSIS_MU0, mu);
    if (!isfinite(value) || value < 0 || !isfinite(mu)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    if (state->is_lr) {
        step_ratio(state, value, mu, point);
        return;
    }
    double limit = state->option[GLR_LIMIT];
    reserve_span(state);
    move_starts(state);
    double best = value_of(state, value, mu);
    if (state->count > 0 && state->head.is_upper_wanted) {
        state->is_searching = true;
        point_set(point, ANALYSIS_UPPER, find_upper(state, mu));
        state->is_searching = false;
    } else if (state->count > 0) {
        point->outcome |= 1u << ANALYSIS_UPPER;
    }
    if (!isfinite(best)) {
        point_give_up(point, ANALYSIS_REASON_RANGE);
        return;
    }
    point_set(point, ANALYSIS_SCORE, best / limit);
    chart_close(point, best, best >= limit);
    add_period(state, value, mu);
    if (best >= limit)
        restart(state);
}

const struct chart_method glr_method = {size_of, begin, learn, settle, step, NULL, NULL};

bool glr_judge(const struct analysis_panel *panel, const double *option,
               const struct analysis_output *output)
{
    return chart_judge(&glr_method, panel, option, glr_start(option, panel->frequency), output);
}
