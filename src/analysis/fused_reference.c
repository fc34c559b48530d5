// SPDX-License-Identifier: LGPL-3.0-or-later
//
// fused_reference.c: the fused detector by its plain formulas, one series and one point at a time.
//
// The test's oracle for fused_kernel.c: scalars, the C library's exp, log and lgamma, full matrices
// and no shared work between points. What the two share is the plan (options, basis) and the
// constants. Kept close to the text of docs/methods.md; slow on purpose.
//
// The gamma functions cancel badly for counts beyond some 10^7; there Stirling's formula takes
// over, as the difference of two of them would be rounding.
#include <stdlib.h>
#include <string.h>

#include "analysis/fused.h"
#include "base/memory.h"

enum { P = FUSED_PARAMETERS_MOST };

// One series as seen from point k.
struct view {
    const struct fused_plan *plan;
    const double *basis; // as seen from k
    const double *y;     // NaN: not known
    size_t first, k;
    bool is_count;
};

static bool view_knows(const struct view *view, size_t row)
{
    return row <= view->k && fused_knows(view->y, view->first, view->k - row);
}

static double view_value(const struct view *view, size_t row)
{
    double y = view->y[view->k - row];
    return view->plan->kind == FUSED_KIND_COUNT && y < 0 ? 0 : y;
}

struct fit {
    bool is_there, is_held;
    double known, whole[P], part[P], variance, spread, lever;
};

static double predict(const struct view *view, const double *coefficient, size_t row)
{
    const double *x = view->basis + row * view->plan->parameters;
    double eta = 0;
    for (size_t p = 0; p < view->plan->parameters; p++)
        eta += coefficient[p] * x[p];
    return view->is_count ? exp(fmin(fmax(eta, FUSED_ETA_LEAST), FUSED_ETA_MOST)) : eta;
}

// Solves gram * step = gradient by Cholesky; *ret_lever is x' gram^-1 x at the judged point.
static void solve(size_t n, double gram[P][P], double *step, const double *x, double *ret_lever)
{
    double v[P];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = gram[i][j];
            for (size_t m = 0; m < j; m++)
                sum -= gram[i][m] * gram[j][m];
            bool is_sound = sum > gram[i][i] * FUSED_PIVOT_LEAST && sum > 1e-280;
            gram[i][j] = i > j ? sum / gram[j][j] : is_sound ? sqrt(sum) : INFINITY;
        }
    *ret_lever = 0;
    for (size_t i = 0; i < n; i++) {
        v[i] = x[i];
        for (size_t m = 0; m < i; m++) {
            step[i] -= gram[i][m] * step[m];
            v[i] -= gram[i][m] * v[m];
        }
        step[i] /= gram[i][i];
        v[i] /= gram[i][i];
        *ret_lever += v[i] * v[i];
    }
    for (size_t i = n; i-- > 0;) {
        for (size_t m = i + 1; m < n; m++)
            step[i] -= gram[m][i] * step[m];
        step[i] /= gram[i][i];
    }
}

// One Newton step from `at` on the rows from `newest` on, into `to`; returns its largest part.
static double newton(const struct view *view, size_t newest, const double *at, double *to,
                     double *ret_pearson, double *ret_lever)
{
    const struct fused_plan *plan = view->plan;
    size_t n = plan->parameters;
    double gram[P][P] = {{0}}, step[P] = {0}, largest = 0;
    *ret_pearson = 0;
    for (size_t row = newest; row <= plan->rows; row++) {
        if (!view_knows(view, row))
            continue;
        const double *x = view->basis + row * n;
        double mu = predict(view, at, row), weight = view->is_count ? mu : 1;
        double residual = view_value(view, row) - mu;
        *ret_pearson += residual * residual / weight;
        for (size_t i = 0; i < n; i++) {
            step[i] += residual * x[i];
            for (size_t j = 0; j <= i; j++)
                gram[i][j] += weight * x[i] * x[j];
        }
    }
    for (size_t i = 1; i < n && view->is_count; i++) {
        gram[i][i] += FUSED_RIDGE;
        step[i] -= FUSED_RIDGE * at[i];
    }
    solve(n, gram, step, view->basis, ret_lever);
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(step[i]));
    double scale = view->is_count && largest > FUSED_STEP_MOST ? FUSED_STEP_MOST / largest : 1;
    for (size_t i = 0; i < n; i++)
        to[i] = at[i] + scale * step[i];
    return largest;
}

static void regress(const struct view *view, struct fit *fit)
{
    const struct fused_plan *plan = view->plan;
    double sum = 0, held = 0, pearson = 0, lever = 0;
    *fit = (struct fit){0};
    for (size_t row = FUSED_LAG; row <= plan->rows; row++) {
        if (!view_knows(view, row))
            continue;
        fit->known++;
        held += row >= plan->hold + FUSED_LAG;
        sum += view_value(view, row);
    }
    double least = fmax(FUSED_YEARS_LEAST * plan->frequency, 3 * (double)plan->parameters);
    double mean = sum / fmax(fit->known, 1);
    fit->is_there = fit->known >= least;
    fit->is_held = held >= least;
    fit->whole[0] = view->is_count ? log(fmax(mean, 0.01)) : mean;
    for (size_t row = FUSED_LAG; row <= plan->rows; row++)
        if (view_knows(view, row))
            fit->variance += pow(view_value(view, row) - mean, 2) / fmax(fit->known - 1, 1);
    for (int i = 0; i < FUSED_ITERATIONS_MOST && fit->is_there; i++) {
        double at[P], largest;
        memcpy(at, fit->whole, sizeof at);
        largest = newton(view, FUSED_LAG, at, fit->whole, &pearson, &fit->lever);
        fit->spread = pearson / fmax(fit->known - (double)plan->parameters, 1);
        newton(view, plan->hold + FUSED_LAG, at, fit->part, &pearson, &lever);
        if (view->is_count ? largest < FUSED_STEP_DONE : i > 0)
            break;
    }
    if (!fit->is_held)
        memcpy(fit->part, fit->whole, sizeof fit->part);
}

// The predictions of the parts, and the state of those that move.
struct mixture {
    double mean[FUSED_PARTS], spread[FUSED_PARTS], share[FUSED_PARTS];
};
struct levels {
    double seen, part, whole, seen_known, local, local_known, taught;
    double error[FUSED_PARTS], scored[FUSED_PARTS], log_share[FUSED_PARTS];
};

static void absorb(const struct view *view, const struct fit *fit, size_t row,
                   struct levels *levels)
{
    bool is_known = view_knows(view, row);
    double y = is_known ? view_value(view, row) : 0;
    levels->seen = FUSED_DRIFT_KEEP * levels->seen + y;
    levels->part = FUSED_DRIFT_KEEP * levels->part + is_known * predict(view, fit->part, row);
    levels->whole = FUSED_DRIFT_KEEP * levels->whole + is_known * predict(view, fit->whole, row);
    levels->seen_known = FUSED_DRIFT_KEEP * levels->seen_known + is_known;
    levels->local = FUSED_LOCAL_KEEP * levels->local + y;
    levels->local_known = FUSED_LOCAL_KEEP * levels->local_known + is_known;
    levels->taught += is_known;
}

static void mix(const struct view *view, const struct fit *fit, const struct levels *levels,
                double mu, double sum, struct mixture *mix)
{
    bool is_count = view->is_count;
    double floor_of_count = is_count ? 0.5 / fmax(fit->known, 1) : -INFINITY;
    double local = levels->local / fmax(levels->local_known, 1e-9), total = 0, top = -INFINITY;
    local = is_count ? fmax(local, FUSED_LOCAL_LEAST) : local;
    mu = fmax(mu, floor_of_count);
    double base = FUSED_DRIFT_PRIOR * mu + 1, phi = fmax(fit->spread, FUSED_PHI_LEAST);
    mix->mean[FUSED_SEASON] = mu;
    mix->mean[FUSED_DRIFT] =
        is_count ? fmax(mu * (levels->seen + base) / (sum + base), floor_of_count)
                 : mu + (levels->seen - sum) / (levels->seen_known + FUSED_DRIFT_PRIOR);
    mix->mean[FUSED_LOCAL] = local;
    double prior[FUSED_PARTS] = {0}, weight[FUSED_PARTS] = {0};
    prior[FUSED_SEASON] = prior[FUSED_DRIFT] =
        is_count ? phi * (1 + mu * fit->lever) : fit->spread * (1 + fit->lever);
    prior[FUSED_LOCAL] = is_count ? FUSED_LOCAL_PHI : fit->variance;
    weight[FUSED_SEASON] = 1;
    weight[FUSED_DRIFT] = FUSED_DRIFT_WEIGHT;
    weight[FUSED_LOCAL] = FUSED_LOCAL_WEIGHT;
    for (int i = 0; i < FUSED_PARTS; i++) {
        bool is_there = fit->is_there || i == FUSED_LOCAL;
        double least = is_count ? FUSED_PHI_LEAST : local * local * 1e-18 + 1e-280;
        double spread = (weight[i] * prior[i] + levels->error[i]) / (weight[i] + levels->scored[i]);
        mix->mean[i] = is_there ? mix->mean[i] : local;
        mix->spread[i] = is_there ? fmax(spread, least) : least;
        mix->share[i] = is_there ? levels->log_share[i] : -INFINITY;
        top = fmax(top, mix->share[i]);
    }
    for (int i = 0; i < FUSED_PARTS; i++) {
        mix->share[i] = exp(mix->share[i] - top);
        mix->share[i] = mix->share[i] > 1e-9 ? mix->share[i] : 0;
        total += mix->share[i];
    }
    for (int i = 0; i < FUSED_PARTS; i++)
        mix->share[i] /= total;
}

// Stirling's remainder: ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi)/2.
static double remainder_of(double x)
{
    if (x > 1e4)
        return 1 / (12 * x) - 1 / (360 * x * x * x);
    return lgamma(x) - (x - 0.5) * log(x) + x - 0.9189385332046727;
}

// (1+u) ln(1+u) - u, u >= -1.
static double bend(double u)
{
    if (fabs(u) < 1e-3)
        return u * u * (1.0 / 2 - u / 6 + u * u / 12 - u * u * u / 20);
    return (u > -1 ? (1 + u) * log1p(u) : 0) - u;
}

// Less what depends on y alone (fused_density.h).
static double log_density(double y, double mean, double spread, bool is_count)
{
    if (!is_count)
        return -0.5 * (log(spread) + (y - mean) * (y - mean) / spread);
    double size = mean / (spread - 1), all = mean + size;
    return all * bend((y - mean) / all) - mean * bend((y - mean) / mean) -
           0.5 * log((y + size) / size) + remainder_of(y + size) - remainder_of(size);
}

static double variance_of(const struct mixture *mix, int part, bool is_count)
{
    return is_count ? mix->mean[part] * mix->spread[part] : mix->spread[part];
}

// The likelihood of y by the mixture, `raise` being 0 (no outbreak), 1 (above) or -1 (below);
// logarithms are taken from `base`.
static double likelihood(const struct view *view, const struct mixture *mix, double y, int raise,
                         double base)
{
    double sum = 0;
    for (int i = 0; i < FUSED_PARTS; i++) {
        double mean = mix->mean[i];
        double more = FUSED_SHARE * sqrt(variance_of(mix, i, view->is_count));
        if (mix->share[i] == 0)
            continue;
        if (raise == 1)
            mean += more;
        if (raise == -1)
            mean = view->is_count ? mean * mean / (mean + more) : mean - more;
        double density = log_density(y, mean, mix->spread[i], view->is_count);
        sum += mix->share[i] * exp(fmax(fmin(density - base, 700), -700));
    }
    return sum;
}

static double ratio_of(const struct view *view, const struct mixture *mix, double y,
                       enum fused_side side)
{
    double base = -INFINITY, with = 0;
    for (int i = 0; i < FUSED_PARTS; i++)
        if (mix->share[i] > 0)
            base = fmax(base, log_density(y, mix->mean[i], mix->spread[i], view->is_count));
    if (side != FUSED_BELOW)
        with += likelihood(view, mix, y, 1, base);
    if (side != FUSED_ABOVE)
        with += likelihood(view, mix, y, -1, base);
    with *= side == FUSED_BOTH ? 0.5 : 1;
    double ratio = with / likelihood(view, mix, y, 0, base);
    return fmax(fmin(ratio, FUSED_NOW_MOST), FUSED_NOW_LEAST);
}

static double idle_of(const struct view *view, const struct mixture *mix)
{
    double variance = 0;
    for (int i = 0; i < FUSED_PARTS; i++)
        variance += mix->share[i] * variance_of(mix, i, view->is_count);
    return view->is_count ? exp(-FUSED_SHARE * sqrt(variance)) : 0;
}

static double evidence(double now, double before, double idle)
{
    double begun = FUSED_PRIOR * (1 + before);
    return log(begun * fmax(now - idle, FUSED_NOW_LEAST) / (1 + begun * fmin(now, idle)));
}

// What one point's computation says.
struct finding {
    bool is_there, is_known;
    double now, idle, expected, variance, mean, slope, threshold;
    struct mixture mix;
};

struct held_year {
    double now, score, alerts, periods;
};

static void score_row(const struct view *view, const struct fit *fit, size_t row,
                      struct levels *levels, struct held_year *year)
{
    struct mixture now;
    bool is_known = view_knows(view, row) && levels->taught >= FUSED_KNOWN_LEAST;
    mix(view, fit, levels, predict(view, fit->part, row), levels->part, &now);
    if (!is_known) {
        year->now = 1;
        year->score = -1e9;
        return;
    }
    double y = view_value(view, row),
           base = log_density(y, now.mean[0], now.spread[0], view->is_count);
    double ratio = ratio_of(view, &now, y, view->plan->side);
    double score = evidence(ratio, year->now, idle_of(view, &now));
    year->alerts += score - (year->score >= score ? FUSED_STALE : 0) > view->plan->alert;
    year->periods++;
    year->now = ratio;
    year->score = score;
    for (int i = FUSED_DRIFT; i < FUSED_PARTS; i++) {
        double gain = log_density(y, now.mean[i], now.spread[i], view->is_count) - base;
        double apart = y - now.mean[i], scale = view->is_count ? now.mean[i] : 1;
        if (fit->is_held)
            levels->log_share[i] += fmin(fmax(gain, -FUSED_GAIN_MOST), FUSED_GAIN_MOST);
        levels->error[i] += fmin(apart * apart / scale, FUSED_ERROR_MOST * now.spread[i]);
        levels->scored[i]++;
    }
}

static void find(const struct view *view, struct finding *found)
{
    const struct fused_plan *plan = view->plan;
    size_t last = plan->hold + FUSED_LAG - 1;
    struct fit fit;
    struct levels levels = {0};
    struct held_year year = {.now = 1, .score = -1e9};
    regress(view, &fit);
    memcpy(levels.log_share, FUSED_LOG_SHARE, sizeof levels.log_share);
    for (size_t row = last + FUSED_WARM + FUSED_LAG; row >= FUSED_LAG; row--) {
        absorb(view, &fit, row, &levels);
        if (row - FUSED_LAG >= FUSED_LAG && row - FUSED_LAG <= last)
            score_row(view, &fit, row - FUSED_LAG, &levels, &year);
    }
    *found = (struct finding){.is_there = fit.is_there, .now = 1};
    mix(view, &fit, &levels, predict(view, fit.whole, 0), levels.whole, &found->mix);
    found->is_known = view_knows(view, 0) && levels.taught >= FUSED_KNOWN_LEAST;
    if (found->is_known)
        found->now = ratio_of(view, &found->mix, view_value(view, 0), plan->side);
    found->idle = idle_of(view, &found->mix);
    for (int i = 0; i < FUSED_PARTS; i++)
        found->expected += found->mix.share[i] * found->mix.mean[i];
    for (int i = 0; i < FUSED_PARTS; i++)
        found->variance += found->mix.share[i] * (variance_of(&found->mix, i, view->is_count) +
                                                  pow(found->mix.mean[i] - found->expected, 2));
    found->mean = found->mix.mean[FUSED_SEASON];
    found->slope = fit.whole[1] / (double)plan->rows;
    double excess = (year.alerts + FUSED_DOUBT) / (FUSED_ALERT_RATE * year.periods + FUSED_DOUBT);
    double rate = fmin(plan->budget / plan->frequency, FUSED_RATE_MOST) / excess;
    found->threshold = fused_score_at(fmin(rate, FUSED_RATE_MOST));
}

// The bound. A mixture's ratio can reach `target` more than once, so the way the kernel searches is
// part of the definition: the secant, kept inside a bracket once there is one.
static double find_bound(const struct view *view, const struct finding *found, double target)
{
    if (view->plan->side == FUSED_BELOW)
        return INFINITY;
    double goal = log(view->plan->side == FUSED_BOTH ? 2 * target : target), apart_before = 0;
    double before = found->expected + sqrt(found->variance), y = before, next = 0;
    double below = view->is_count ? 0 : -INFINITY, above = INFINITY;
    for (int i = 0; i < FUSED_SEARCH_MOST; i++) {
        double apart = log(ratio_of(view, &found->mix, y, FUSED_ABOVE)) - goal;
        if (apart < 0)
            below = fmax(below, y);
        else
            above = fmin(above, y);
        if (i > 0 && fabs(apart) < 1e-11)
            return y;
        if (i == 0) {
            next = found->expected + 3 * sqrt(found->variance);
        } else {
            next = y - apart * (y - before) / (apart - apart_before);
            if (!(next >= below && next <= above))
                next =
                    isfinite(below) && isfinite(above) ? (below + above) / 2 : y + 2 * (y - before);
        }
        apart_before = apart;
        before = y;
        y = next;
    }
    return y;
}

static bool tell_kind(const struct view *view)
{
    bool is_count = true;
    for (size_t row = 0; row <= view->plan->rows; row++)
        if (view_knows(view, row)) {
            double y = view_value(view, row);
            is_count = is_count && y >= 0 && y == floor(y);
        }
    return view->plan->kind == FUSED_KIND_AUTO ? is_count : view->plan->kind == FUSED_KIND_COUNT;
}

// The three points that make a score: k and the two before it.
static void judge_point(const struct fused_plan *plan, const struct analysis_panel *panel,
                        size_t series, size_t k, double *room, struct analysis_point *point)
{
    struct finding found = {0};
    struct view view = {.plan = plan,
                        .y = panel->value + series * panel->stride,
                        .first = panel_first(panel, series)};
    double before = 1, score_before = -1e9, score = 0, fresh = 0, upper = 0;
    for (size_t t = k < 2 ? 0 : k - 2; t <= k; t++) {
        view.k = t;
        view.basis = fused_basis_at(plan, panel, t, room);
        view.is_count = tell_kind(&view);
        find(&view, &found);
        score = evidence(found.now, before, found.idle);
        fresh = score_before >= score ? score - FUSED_STALE : score;
        if (t < k) {
            score_before = found.is_known ? score : -1e9;
            before = found.now;
        }
    }
    if (!fused_knows(view.y, view.first, k)) {
        point_give_up(point, k < view.first ? ANALYSIS_REASON_OUTSIDE : ANALYSIS_REASON_MISSING);
    } else if (!found.is_known) {
        bool is_short = k < view.first + FUSED_LAG + FUSED_KNOWN_LEAST - 1;
        point_give_up(point, is_short ? ANALYSIS_REASON_SHORT : ANALYSIS_REASON_BASELINE);
    } else {
        double stale = fmin(score_before, found.threshold + FUSED_STALE);
        double goal = fmax(stale, found.threshold), begun = FUSED_PRIOR * (1 + before);
        upper =
            find_bound(&view, &found, found.idle + exp(goal) * (1 + begun * found.idle) / begun);
        point->outcome = ANALYSIS_JUDGED | (fresh > found.threshold ? ANALYSIS_ALARM : 0);
        point_set(point, ANALYSIS_EXPECTED, found.expected);
        point_set(point, ANALYSIS_UPPER, upper);
        point_set(point, ANALYSIS_SCORE, fresh);
        point_set(point, ANALYSIS_MU0, found.mean);
        if (view.is_count)
            point_set(point, ANALYSIS_PHI, found.variance / found.expected);
        if (found.is_there)
            point_set(point, ANALYSIS_TREND_COEF, found.slope);
        point->outcome |= found.is_there ? ANALYSIS_TREND : outcome_without(ANALYSIS_REASON_SHORT);
    }
}

bool fused_refer(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output)
{
    if (panel->to <= panel->from || panel->series_count == 0)
        return true;
    struct fused_plan plan;
    bool is_complete = fused_plan_open(&plan, panel, option);
    double *room = is_complete ? memory_allocate(fused_room_size(&plan) * sizeof *room) : NULL;
    is_complete = room != NULL;
    for (size_t series = 0; is_complete && series < panel->series_count; series++)
        for (size_t k = panel->from; k < panel->to; k++) {
            struct analysis_point point = {0};
            judge_point(&plan, panel, series, k, room, &point);
            output_store(output, series * panel->stride + k, &point);
        }
    memory_free(room);
    fused_plan_close(&plan);
    return is_complete;
}
