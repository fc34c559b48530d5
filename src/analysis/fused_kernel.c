// SPDX-License-Identifier: LGPL-3.0-or-later
//
// fused_kernel.c: the fused detector's arithmetic for one point of eight series.
//
// Compiled once a level of the machine (wide.h). Steps, in docs/methods.md's order:
//
//     regress     the season's log-linear regression by Newton's method; one pass over the rows an
//                 iteration, the sums noted at the border of the held-out year, so that the
//                 regression without that year is one more Newton step and no pass
//     replay      through the held-out year, oldest first: levels, predictions of each part from
//                 what lay FUSED_LAG rows before, log scores, the score that would have been given
//     conclude    the judged point: mixture, evidence, threshold, bound
//
// A lane that has converged keeps its coefficients while others go on, so a lane's numbers never
// depend on its neighbours. Rows before a series' beginning are not known and add exact zeros, so
// they do not depend either on how much of the past is in memory.
#include "analysis/fused_density.h"
#include "analysis/wide_kernels.h"

struct fused_sums {
    wide gram[FUSED_GRAM_MOST]; // lower triangle by rows
    wide gradient[FUSED_PARAMETERS_MOST];
    wide pearson;
};

struct fused_regression {
    wide_mask is_count, is_there, is_held; // usable; usable without the held-out year
    wide known;                            // values it rests on
    wide whole[FUSED_PARAMETERS_MOST], part[FUSED_PARAMETERS_MOST]; // part: without that year
    wide variance;      // of the values about their mean; amounts only
    wide spread, lever; // dispersion or variance; x' (X'WX)^-1 x at the judged point
};

WIDE_INLINE wide predict(const struct fused_block *block, const wide *coefficient,
                         wide_mask is_count, size_t row)
{
    size_t parameters = block->plan->parameters;
    const double *x = block->basis + row * parameters;
    wide eta = coefficient[0];
    for (size_t p = 1; p < parameters; p++)
        eta += coefficient[p] * x[p];
    wide held = wide_at_least(eta, wide_from(FUSED_ETA_LEAST));
    held = wide_select(held < wide_from(FUSED_ETA_MOST), held, wide_from(FUSED_ETA_MOST));
    return wide_select(is_count, wide_exp(held), eta);
}

// The mean of a row; where the regression is its level alone, `level` is that for all rows.
WIDE_INLINE wide mean_of(const struct fused_block *block, const wide *coefficient,
                         wide_mask is_count, size_t row, const bool is_flat, wide level)
{
    return is_flat ? level : predict(block, coefficient, is_count, row);
}

// Adds rows oldest..newest, oldest first.
static void add_rows(const struct fused_block *block, size_t k, size_t oldest, size_t newest,
                     const wide *coefficient, wide_mask is_count, struct fused_sums *sum)
{
    size_t parameters = block->plan->parameters;
    for (size_t row = oldest; row >= newest; row--) {
        const double *x = block->basis + row * parameters;
        wide mu = predict(block, coefficient, is_count, row);
        wide scale = wide_select(is_count, mu, wide_from(1));
        wide known = wide_load(block->known + WIDE * (k - row)), weight = scale * known;
        wide residual = known * (wide_load(block->y + WIDE * (k - row)) - mu);
        sum->pearson += residual * residual / scale;
        for (size_t p = 0; p < parameters; p++) {
            wide part = weight * x[p];
            sum->gradient[p] += residual * x[p];
            for (size_t q = 0; q <= p; q++)
                sum->gram[p * (p + 1) / 2 + q] += part * x[q];
        }
    }
}

// The same for level, trend and two harmonics. Products of harmonics are sums of harmonics, so that
// fifteen sums make the 21 of the triangle (unfold_year): w, wt, wt^2, then w and wt times the
// two harmonics, then w times the third and the fourth.
WIDE_INLINE void add_year_rows(const struct fused_block *block, size_t k, size_t oldest,
                               size_t newest, const wide *coefficient, wide_mask is_count,
                               const bool is_flat, struct fused_sums *sums)
{
    struct fused_sums sum = *sums;
    wide level = predict(block, coefficient, is_count, 0);
    for (size_t row = oldest; row >= newest; row--) {
        const double *x = block->basis + row * FUSED_YEAR_PARAMETERS;
        const double *over = block->plan->overtones + row * FUSED_OVERTONES;
        wide mu = mean_of(block, coefficient, is_count, row, is_flat, level);
        wide scale = wide_select(is_count, mu, wide_from(1));
        wide known = wide_load(block->known + WIDE * (k - row)), weight = scale * known;
        wide residual = known * (wide_load(block->y + WIDE * (k - row)) - mu);
        wide trend = weight * x[1];
        sum.pearson += residual * residual / scale;
        sum.gradient[0] += residual;
        sum.gram[0] += weight;
        sum.gram[1] += trend;
        sum.gram[2] += trend * x[1];
        sum.gradient[1] += residual * x[1];
#pragma GCC unroll 4
        for (size_t i = 0; i < FUSED_OVERTONES; i++) {
            sum.gradient[2 + i] += residual * x[2 + i];
            sum.gram[3 + i] += weight * x[2 + i];
            sum.gram[7 + i] += trend * x[2 + i];
            sum.gram[11 + i] += weight * over[i];
        }
    }
    *sums = sum;
}

// The triangle from the fifteen sums. With c(i) = cos(i a) and s(i) = -sin(i a):
// 2 c(i) c(j) = c(j-i) + c(j+i), 2 s(i) s(j) = c(j-i) - c(j+i), 2 c(i) s(j) = s(j+i) + s(j-i).
static void unfold_year(struct fused_sums *sums)
{
    wide from[15], *to = sums->gram;
    memcpy(from, sums->gram, sizeof from);
    const wide *c1 = from + 3, *s1 = from + 4, *c2 = from + 5, *s2 = from + 6;
    const wide *c3 = from + 11, *s3 = from + 12, *c4 = from + 13, *s4 = from + 14;
    for (int i = 0; i < FUSED_OVERTONES; i++) {
        wide *row = to + (i + 2) * (i + 3) / 2;
        row[0] = from[3 + i];
        row[1] = from[7 + i];
    }
    to[5] = 0.5 * (from[0] + *c2);
    to[8] = 0.5 * *s2;
    to[9] = 0.5 * (from[0] - *c2);
    to[12] = 0.5 * (*c1 + *c3);
    to[13] = 0.5 * (*s3 - *s1);
    to[14] = 0.5 * (from[0] + *c4);
    to[17] = 0.5 * (*s1 + *s3);
    to[18] = 0.5 * (*c1 - *c3);
    to[19] = 0.5 * *s4;
    to[20] = 0.5 * (from[0] - *c4);
}

// The Cholesky factor in place. A pivot that cancels to nothing leaves its parameter out: an
// infinite diagonal, by which everything of it becomes 0.
static void factor(wide *gram, size_t parameters)
{
    for (size_t p = 0; p < parameters; p++) {
        wide *row = gram + p * (p + 1) / 2;
        for (size_t q = 0; q <= p; q++) {
            const wide *other = gram + q * (q + 1) / 2;
            wide sum = row[q], whole = row[p];
            for (size_t i = 0; i < q; i++)
                sum -= row[i] * other[i];
            if (q < p) {
                row[q] = sum / other[q];
                continue;
            }
            wide_mask is_sound = (sum > whole * FUSED_PIVOT_LEAST) & (sum > wide_from(1e-280));
            row[p] = wide_select(is_sound, wide_sqrt(wide_select(is_sound, sum, wide_from(1))),
                                 wide_from(INFINITY));
        }
    }
}

// Forward, in place: L v = b.
static void forward(const wide *gram, size_t parameters, wide *v)
{
    for (size_t p = 0; p < parameters; p++) {
        const wide *row = gram + p * (p + 1) / 2;
        for (size_t q = 0; q < p; q++)
            v[p] -= row[q] * v[q];
        v[p] /= row[p];
    }
}

// coefficient += the Newton step of the sums, held to FUSED_STEP_MOST for counts, where `active`.
// The sums' gram becomes its factor. Returns the largest part of the step.
static wide step(const struct fused_plan *plan, struct fused_sums *sums, wide_mask is_count,
                 wide_mask active, wide *coefficient)
{
    size_t parameters = plan->parameters;
    wide ridge = wide_select(is_count, wide_from(FUSED_RIDGE), wide_from(0));
    wide *v = sums->gradient, largest = wide_from(0);
    for (size_t p = 1; p < parameters; p++) {
        sums->gram[p * (p + 3) / 2] += ridge;
        v[p] -= ridge * coefficient[p];
    }
    factor(sums->gram, parameters);
    forward(sums->gram, parameters, v);
    for (size_t p = parameters; p-- > 0;) {
        for (size_t q = p + 1; q < parameters; q++)
            v[p] -= sums->gram[q * (q + 1) / 2 + p] * v[q];
        v[p] /= sums->gram[p * (p + 3) / 2];
        largest = wide_at_least(wide_select(v[p] < wide_from(0), -v[p], v[p]), largest);
    }
    wide_mask is_long = is_count & (largest > wide_from(FUSED_STEP_MOST));
    wide scale = wide_select(is_long, FUSED_STEP_MOST / largest, wide_from(1));
    for (size_t p = 0; p < parameters; p++)
        coefficient[p] = wide_select(active, coefficient[p] + scale * v[p], coefficient[p]);
    return largest;
}

// The sums of all rows at `coefficient` in *all, and those without the held-out year in *part.
// is_flat: all coefficients but the level are 0.
static void sum_rows(const struct fused_block *block, size_t k, const wide *coefficient,
                     wide_mask is_count, bool is_flat, struct fused_sums *all,
                     struct fused_sums *part)
{
    const struct fused_plan *plan = block->plan;
    size_t oldest = k < plan->rows ? k : plan->rows, border = plan->hold + FUSED_LAG;
    bool is_year = plan->parameters == FUSED_YEAR_PARAMETERS;
    memset(all, 0, sizeof *all);
    for (int half = 0; half < 2; half++) {
        size_t newest = half == 0 ? border : FUSED_LAG, from = half == 0 ? oldest : border - 1;
        from = from < oldest ? from : oldest;
        if (from >= newest && is_year && is_flat)
            add_year_rows(block, k, from, newest, coefficient, is_count, true, all);
        else if (from >= newest && is_year)
            add_year_rows(block, k, from, newest, coefficient, is_count, false, all);
        else if (from >= newest)
            add_rows(block, k, from, newest, coefficient, is_count, all);
        if (half == 0)
            *part = *all;
    }
    if (is_year) {
        unfold_year(all);
        unfold_year(part);
    }
}

// How many values there are and which lanes can have a regression; the start: their mean.
static void open_regression(const struct fused_block *block, size_t k,
                            struct fused_regression *found)
{
    const struct fused_plan *plan = block->plan;
    size_t oldest = k < plan->rows ? k : plan->rows, border = plan->hold + FUSED_LAG;
    wide known = wide_from(0), held = known, sum = known;
    for (size_t row = oldest; row >= FUSED_LAG && row <= oldest; row--) {
        wide is_known = wide_load(block->known + WIDE * (k - row));
        known += is_known;
        if (row >= border)
            held += is_known;
        sum += wide_load(block->y + WIDE * (k - row));
    }
    wide least = wide_from(FUSED_YEARS_LEAST * (double)plan->frequency);
    least = wide_at_least(least, wide_from(3 * (double)plan->parameters));
    memset(found, 0, sizeof *found);
    memcpy(&found->is_count, block->is_count, sizeof found->is_count);
    found->known = known;
    found->is_there = known >= least;
    found->is_held = held >= least;
    wide mean = sum / wide_at_least(known, wide_from(1));
    found->whole[0] =
        wide_select(found->is_count, wide_log(wide_at_least(mean, wide_from(0.01))), mean);
    if (!wide_any(~found->is_count))
        return;
    for (size_t row = oldest; row >= FUSED_LAG && row <= oldest; row--) {
        wide apart = wide_load(block->y + WIDE * (k - row)) - mean;
        found->variance += wide_load(block->known + WIDE * (k - row)) * apart * apart;
    }
    found->variance /= wide_at_least(known - 1, wide_from(1));
}

static void regress(const struct fused_block *block, size_t k, struct fused_regression *found)
{
    const struct fused_plan *plan = block->plan;
    struct fused_sums all, part;
    open_regression(block, k, found);
    wide_mask active = found->is_there, is_count = found->is_count;
    for (int i = 0; i < FUSED_ITERATIONS_MOST && wide_any(active); i++) {
        wide at[FUSED_PARAMETERS_MOST];
        memcpy(at, found->whole, sizeof at);
        sum_rows(block, k, at, is_count, i == 0, &all, &part);
        wide largest = step(plan, &all, is_count, active, found->whole);
        wide_mask is_last = active & is_count & (largest < wide_from(FUSED_STEP_DONE));
        if (i > 0) // amounts are fitted by one step; the second pass measures the spread
            is_last |= active & ~is_count;
        if (i == FUSED_ITERATIONS_MOST - 1)
            is_last = active;
        active &= ~is_last;
        if (!wide_any(is_last))
            continue;
        // The year's regression, the spread and the lever of the lanes that end here.
        step(plan, &part, is_count, is_last, at);
        wide freedom = wide_at_least(found->known - (double)plan->parameters, wide_from(1));
        wide spread = all.pearson / freedom, lever = wide_from(0), x[FUSED_PARAMETERS_MOST];
        for (size_t p = 0; p < plan->parameters; p++) {
            x[p] = wide_from(block->basis[p]);
            found->part[p] = wide_select(is_last & found->is_held, at[p], found->part[p]);
        }
        forward(all.gram, plan->parameters, x);
        for (size_t p = 0; p < plan->parameters; p++)
            lever += x[p] * x[p];
        found->spread = wide_select(is_last, spread, found->spread);
        found->lever = wide_select(is_last, lever, found->lever);
    }
    for (size_t p = 0; p < plan->parameters; p++)
        found->part[p] = wide_select(found->is_held, found->part[p], found->whole[p]);
}

// What has been learnt from the rows gone through so far.
struct fused_replay {
    wide seen, part, whole, seen_known; // fading sums of values and of both regressions' means
    wide local, local_known, taught;
    wide error[FUSED_PARTS], scored[FUSED_PARTS]; // squared errors over the mean, their number
    wide log_share[FUSED_PARTS];
    wide now, score;      // of the row before
    wide alerts, periods; // scores above the alert, and of how many
};

static void begin_replay(struct fused_replay *replay)
{
    memset(replay, 0, sizeof *replay);
    for (int part = 0; part < FUSED_PARTS; part++)
        replay->log_share[part] = wide_from(FUSED_LOG_SHARE[part]);
    replay->now = wide_from(1);
    replay->score = wide_from(-1e9);
}

// Row `row` teaches the moving levels.
static void absorb(const struct fused_block *block, size_t k, const struct fused_regression *found,
                   size_t row, struct fused_replay *replay)
{
    wide y = wide_load(block->y + WIDE * (k - row));
    wide known = wide_load(block->known + WIDE * (k - row));
    wide part = known * predict(block, found->part, found->is_count, row);
    wide whole = known * predict(block, found->whole, found->is_count, row);
    replay->seen = FUSED_DRIFT_KEEP * replay->seen + y;
    replay->part = FUSED_DRIFT_KEEP * replay->part + part;
    replay->whole = FUSED_DRIFT_KEEP * replay->whole + whole;
    replay->seen_known = FUSED_DRIFT_KEEP * replay->seen_known + known;
    replay->local = FUSED_LOCAL_KEEP * replay->local + y;
    replay->local_known = FUSED_LOCAL_KEEP * replay->local_known + known;
    replay->taught += known;
}

// The spread of a moving part: its own errors, beginning from `prior` with `weight`.
WIDE_INLINE wide learnt(const struct fused_replay *replay, int part, wide prior, double weight)
{
    return (weight * prior + replay->error[part]) / (weight + replay->scored[part]);
}

// The predictions for a row with mean `mu` by the regression, whose means so far sum to `sum`.
static void mix(const struct fused_regression *found, const struct fused_replay *replay, wide mu,
                wide sum, struct fused_mixture *mixture)
{
    wide_mask is_count = found->is_count;
    wide floor = wide_select(is_count, 0.5 / wide_at_least(found->known, wide_from(1)),
                             wide_from(-INFINITY));
    mixture->is_count = is_count;
    wide local = replay->local / wide_at_least(replay->local_known, wide_from(1e-9));
    local = wide_at_least(
        local, wide_select(is_count, wide_from(FUSED_LOCAL_LEAST), wide_from(-INFINITY)));
    mixture->mean[FUSED_SEASON] = wide_at_least(mu, floor);
    mu = mixture->mean[FUSED_SEASON];
    wide base = FUSED_DRIFT_PRIOR * mu + 1;
    wide times = mu * (replay->seen + base) / (sum + base);
    wide plus = mu + (replay->seen - sum) / (replay->seen_known + FUSED_DRIFT_PRIOR);
    mixture->mean[FUSED_DRIFT] = wide_select(is_count, wide_at_least(times, floor), plus);
    mixture->mean[FUSED_LOCAL] = local;
    wide phi = wide_at_least(found->spread, wide_from(FUSED_PHI_LEAST));
    wide tiny = local * local * 1e-18 + 1e-280;
    wide season =
        wide_select(is_count, phi * (1 + mu * found->lever), found->spread * (1 + found->lever));
    wide prior = wide_select(is_count, wide_from(FUSED_LOCAL_PHI), found->variance);
    mixture->spread[FUSED_SEASON] = season;
    mixture->spread[FUSED_DRIFT] = learnt(replay, FUSED_DRIFT, season, FUSED_DRIFT_WEIGHT);
    mixture->spread[FUSED_LOCAL] = learnt(replay, FUSED_LOCAL, prior, FUSED_LOCAL_WEIGHT);
    wide total = wide_from(0), top = wide_from(-1e300);
    for (int part = 0; part < FUSED_PARTS; part++) {
        wide_mask is_there =
            found->is_there | (part == FUSED_LOCAL ? ~(wide_mask){0} : (wide_mask){0});
        mixture->mean[part] = wide_select(is_there, mixture->mean[part], local);
        wide least = wide_select(is_count, wide_from(FUSED_PHI_LEAST), tiny);
        mixture->spread[part] =
            wide_at_least(wide_select(is_there, mixture->spread[part], least), least);
        mixture->share[part] = wide_select(is_there, replay->log_share[part], wide_from(-1e300));
        top = wide_at_least(mixture->share[part], top);
    }
    for (int part = 0; part < FUSED_PARTS; part++) {
        wide share = wide_exp(mixture->share[part] - top);
        share = wide_select(share > wide_from(1e-9), share, wide_from(0));
        mixture->share[part] = share;
        total += share;
    }
    for (int part = 0; part < FUSED_PARTS; part++)
        mixture->share[part] /= total;
}

// What the value of a scored row says of each part, and of the detector itself.
static void score_row(const struct fused_block *block, size_t k,
                      const struct fused_regression *found, size_t row, struct fused_replay *replay)
{
    struct fused_mixture mixture;
    wide y = wide_load(block->y + WIDE * (k - row)), density[FUSED_PARTS];
    wide known = wide_load(block->known + WIDE * (k - row));
    wide_mask is_known = (known > wide_from(0)) & (replay->taught >= wide_from(FUSED_KNOWN_LEAST));
    wide mu = predict(block, found->part, found->is_count, row);
    mix(found, replay, mu, replay->part, &mixture);
    wide largest = fused_part_densities(&mixture, y, density);
    wide now = fused_ratio(&mixture, y, density, largest, block->plan->side);
    now = wide_select(is_known, now, wide_from(1));
    wide score = fused_evidence(now, replay->now, fused_idle(&mixture));
    wide fresh = fused_freshen(score, replay->score);
    wide one = wide_select(is_known, wide_from(1), wide_from(0));
    replay->periods += one;
    replay->alerts += wide_select(fresh > wide_from(block->plan->alert), one, wide_from(0));
    replay->now = now;
    replay->score = wide_select(is_known, score, wide_from(-1e9));
    for (int part = FUSED_SEASON + 1; part < FUSED_PARTS; part++) {
        wide gain = density[part] - density[FUSED_SEASON];
        gain = wide_at_least(gain, wide_from(-FUSED_GAIN_MOST));
        gain = wide_select(gain < wide_from(FUSED_GAIN_MOST), gain, wide_from(FUSED_GAIN_MOST));
        replay->log_share[part] += wide_select(is_known & found->is_held, gain, wide_from(0));
        wide apart = y - mixture.mean[part], error = apart * apart;
        error /= wide_select(found->is_count, mixture.mean[part], wide_from(1));
        wide most = FUSED_ERROR_MOST * mixture.spread[part];
        error = wide_select(error < most, error, most);
        replay->error[part] += wide_select(is_known, error, wide_from(0));
        replay->scored[part] += one;
    }
}

// The score from which an alarm is given: that of the budget, corrected by how the held-out year
// went, doubt standing for the theory.
static wide settle_threshold(const struct fused_plan *plan, const struct fused_replay *replay)
{
    wide expected = FUSED_ALERT_RATE * replay->periods;
    wide excess = (replay->alerts + FUSED_DOUBT) / (expected + FUSED_DOUBT);
    double rate = plan->budget / (double)plan->frequency;
    wide allowed = rate / excess;
    allowed =
        wide_select(allowed < wide_from(FUSED_RATE_MOST), allowed, wide_from(FUSED_RATE_MOST));
    return FUSED_TAIL_START + FUSED_TAIL_SLOPE * wide_sqrt(-wide_log(allowed));
}

// The value from which on the ratio reaches `target`. The logarithm of a part's ratio is nearly a
// straight line in the value, and that of the mixture runs from one such line to another: the
// secant, kept inside a bracket once there is one.
static wide find_bound(const struct fused_block *block, const struct fused_mixture *mixture,
                       wide target, wide middle, wide deviation)
{
    wide goal = wide_log(block->plan->side == FUSED_BOTH ? 2 * target : target);
    wide before = middle + deviation, y = middle + 3 * deviation, apart_before = wide_from(0);
    wide below = wide_from(-INFINITY), above = wide_from(INFINITY);
    below = wide_select(mixture->is_count, wide_from(0), below);
    wide_mask active = goal == goal;
    for (int i = 0; i < FUSED_SEARCH_MOST && wide_any(active); i++) {
        wide at = i == 0 ? before : y, density[FUSED_PARTS];
        wide largest = fused_part_densities(mixture, at, density);
        wide apart = wide_log(fused_ratio(mixture, at, density, largest, FUSED_ABOVE)) - goal;
        below = wide_select(apart < wide_from(0), wide_at_least(at, below), below);
        above = wide_select((apart >= wide_from(0)) & (at < above), at, above);
        if (i > 0) {
            wide rise = apart - apart_before, next = at - apart * (at - before) / rise;
            wide_mask is_bracketed = (below > wide_from(-1e300)) & (above < wide_from(1e300));
            wide_mask is_outside = ~((next >= below) & (next <= above));
            wide halved = wide_select(is_bracketed, (below + above) / 2, at + 2 * (at - before));
            next = wide_select(is_outside, halved, next);
            active &= ~((apart < wide_from(1e-11)) & (apart > wide_from(-1e-11)));
            before = wide_select(active, at, before);
            y = wide_select(active, next, y);
        }
        apart_before = apart;
    }
    return y;
}

static void conclude(struct fused_block *block, size_t k, const struct fused_regression *found,
                     const struct fused_replay *replay)
{
    struct fused_mixture mixture;
    const struct fused_plan *plan = block->plan;
    wide y = wide_load(block->y + WIDE * k), density[FUSED_PARTS];
    wide_mask is_known = wide_load(block->known + WIDE * k) > wide_from(0);
    is_known &= replay->taught >= wide_from(FUSED_KNOWN_LEAST);
    mix(found, replay, predict(block, found->whole, found->is_count, 0), replay->whole, &mixture);
    wide expected = wide_from(0), variance = expected;
    for (int part = 0; part < FUSED_PARTS; part++)
        expected += mixture.share[part] * mixture.mean[part];
    for (int part = 0; part < FUSED_PARTS; part++) {
        wide apart = mixture.mean[part] - expected;
        variance += mixture.share[part] * (fused_variance(&mixture, part) + apart * apart);
    }
    wide largest = fused_part_densities(&mixture, y, density), idle = fused_idle(&mixture);
    wide before = wide_load(block->now), score_before = wide_load(block->score);
    wide now = fused_ratio(&mixture, y, density, largest, plan->side);
    wide score = fused_evidence(now, before, idle), fresh = fused_freshen(score, score_before);
    wide threshold = settle_threshold(plan, replay);
    // What is stale must be higher than the period before, or higher by all that is taken off it.
    wide stale =
        wide_select(score_before < threshold + FUSED_STALE, score_before, threshold + FUSED_STALE);
    wide target = fused_ratio_at(wide_at_least(stale, threshold), before, idle);
    wide upper = wide_from(INFINITY); // below: there is none
    if (plan->side != FUSED_BELOW)
        upper = find_bound(block, &mixture, target, expected, wide_sqrt(variance));
    memcpy(block->is_seasonal, &found->is_there, sizeof block->is_seasonal);
    wide_store(block->taught, replay->taught);
    wide_store(block->expected, expected);
    wide_store(block->variance, variance);
    wide_store(block->mean, mixture.mean[FUSED_SEASON]);
    wide_store(block->slope, -found->whole[1] * plan->basis[plan->parameters + 1]);
    wide_store(block->threshold, threshold);
    wide_store(block->upper, upper);
    wide_store(block->fresh, fresh);
    wide_store(block->now, wide_select(is_known, now, wide_from(1)));
    wide_store(block->score, wide_select(is_known, score, wide_from(-1e9)));
}

void WIDE_NAME(fused_judge_point)(struct fused_block *block, size_t k)
{
    struct fused_regression found;
    struct fused_replay replay;
    const struct fused_plan *plan = block->plan;
    regress(block, k, &found);
    begin_replay(&replay);
    size_t last = plan->hold + FUSED_LAG - 1, oldest = last + FUSED_WARM + FUSED_LAG;
    oldest = k < oldest ? k : oldest;
    for (size_t row = oldest; row >= FUSED_LAG && row <= oldest; row--) {
        absorb(block, k, &found, row, &replay);
        size_t ahead = row - FUSED_LAG;
        if (ahead >= FUSED_LAG && ahead <= last)
            score_row(block, k, &found, ahead, &replay);
    }
    conclude(block, k, &found, &replay);
}
