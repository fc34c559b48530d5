// SPDX-License-Identifier: LGPL-3.0-or-later
//
// fused_density.h: in eights, what a mixture of predictions says of a value, and what an outbreak
// does.
//
// A prediction is a mean and a spread. Counts: negative binomial, variance = mean x spread, spread
// above 1. Amounts: normal, variance = spread. Densities are logarithms and leave out what depends
// on the value alone, which cancels wherever two of them meet.
//
// The negative binomial of size r = mean / (spread - 1), after Loader (2000), holds for counts of 1
// as of 10^15, where the difference of gamma functions would be nothing but rounding:
//
//     ln f(y) = c(y) - [ m h(u) - (m+r) h(v) ] - ln((y+r)/r) / 2 + d(y+r) - d(r)
//     u = (y-m)/m,  v = (y-m)/(m+r),  h(u) = (1+u) ln(1+u) - u,
//     d(x) = ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi)/2      (Stirling's remainder)
//
// Included by kernels only.
#ifndef LEVEE_ANALYSIS_FUSED_DENSITY_H
#define LEVEE_ANALYSIS_FUSED_DENSITY_H

#include "analysis/fused.h"

// h(u) for u >= -1; near 0 by its series u^2/2 - u^3/6 + u^4/12 - ...
WIDE_INLINE wide fused_bend(wide u)
{
    wide one = wide_at_least(1 + u, wide_from(1e-300));
    wide plain = one * wide_log(one) - u;
    wide s = u * (-1.0 / 90) + 1.0 / 72;
    s = u * -s + 1.0 / 56;
    s = u * -s + 1.0 / 42;
    s = u * -s + 1.0 / 30;
    s = u * -s + 1.0 / 20;
    s = u * -s + 1.0 / 12;
    s = u * -s + 1.0 / 6;
    s = u * -s + 1.0 / 2;
    wide_mask is_near = (u < wide_from(0.03)) & (u > wide_from(-0.03));
    return wide_select(is_near, u * u * s, plain);
}

// Stirling's remainder for x >= 8.
WIDE_INLINE wide fused_remainder_large(wide x)
{
    wide inverse = 1 / x, square = inverse * inverse;
    return inverse *
           (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680))));
}

// x (x+1) ... (x+7) = Gamma(x+8) / Gamma(x).
WIDE_INLINE wide fused_rising(wide x)
{
    wide pair = x * (x + 7);
    return pair * (pair + 6) * (pair + 10) * (pair + 12);
}

// d(a) - d(b) - ln(a/b)/2 for a >= b > 0. What is below 8 is raised by 8:
//     d(x) - ln(x)/2 = d(x+8) + (x+7.5) ln(x+8) - 8 - x ln x - ln (Gamma(x+8)/Gamma(x))
WIDE_INLINE wide fused_remainder_step(wide a, wide b)
{
    const wide eight = wide_from(8), zero = wide_from(0);
    wide_mask is_small_a = a < eight, is_small_b = b < eight;
    wide raised_a = wide_select(is_small_a, a + 8, a), raised_b = wide_select(is_small_b, b + 8, b);
    wide step = fused_remainder_large(raised_a) - fused_remainder_large(raised_b);
    wide log_a = wide_log(a), log_b = wide_log(b);
    if (!wide_any(is_small_b)) // the same bits as below
        return step + -0.5 * log_a - -0.5 * log_b;
    wide own_a = (a + 7.5) * wide_log(raised_a) - 8 - a * log_a;
    wide own_b = (b + 7.5) * wide_log(raised_b) - 8 - b * log_b;
    wide rising =
        wide_select(is_small_a, fused_rising(wide_select(is_small_a, a, eight)), zero + 1) /
        wide_select(is_small_b, fused_rising(wide_select(is_small_b, b, eight)), zero + 1);
    step += wide_select(is_small_a, own_a, -0.5 * log_a);
    return step - wide_select(is_small_b, own_b, -0.5 * log_b) - wide_log(rising);
}

WIDE_INLINE wide fused_count_density(wide y, wide mean, wide spread)
{
    wide size = mean / (spread - 1), all = mean + size, apart = y - mean;
    wide distance = mean * fused_bend(apart / mean) - all * fused_bend(apart / all);
    return fused_remainder_step(y + size, size) - distance;
}

WIDE_INLINE wide fused_amount_density(wide y, wide mean, wide spread)
{
    wide apart = y - mean;
    return -0.5 * (wide_log(spread) + apart * apart / spread);
}

WIDE_INLINE wide fused_density(wide y, wide mean, wide spread, wide_mask is_count)
{
    if (!wide_any(~is_count))
        return fused_count_density(y, mean, spread);
    wide amount = fused_amount_density(y, mean, wide_select(is_count, wide_from(1), spread));
    if (!wide_any(is_count))
        return amount;
    wide count = fused_count_density(wide_select(is_count, y, wide_from(1)),
                                     wide_select(is_count, mean, wide_from(1)),
                                     wide_select(is_count, spread, wide_from(2)));
    return wide_select(is_count, count, amount);
}

// The parts' predictions of one value.
struct fused_mixture {
    wide mean[FUSED_PARTS], spread[FUSED_PARTS];
    wide share[FUSED_PARTS]; // of the parts, sum 1
    wide_mask is_count;
};

WIDE_INLINE wide fused_variance(const struct fused_mixture *mixture, int part)
{
    return wide_select(mixture->is_count, mixture->mean[part] * mixture->spread[part],
                       mixture->spread[part]);
}

// The mean with an outbreak's share of cases; below: as many times lower as it would be higher
// (amounts: as much).
WIDE_INLINE wide fused_raised(const struct fused_mixture *mixture, int part, bool is_below)
{
    wide mean = mixture->mean[part], more = FUSED_SHARE * wide_sqrt(fused_variance(mixture, part));
    if (!is_below)
        return mean + more;
    wide divided = mean * mean / wide_select(mixture->is_count, mean + more, wide_from(1));
    return wide_select(mixture->is_count, divided, mean - more);
}

// Densities of y by part. Returns the largest of the parts that have a share.
WIDE_INLINE wide fused_part_densities(const struct fused_mixture *mixture, wide y, wide *density)
{
    wide largest = wide_from(-1e300);
    for (int part = 0; part < FUSED_PARTS; part++) {
        density[part] =
            fused_density(y, mixture->mean[part], mixture->spread[part], mixture->is_count);
        wide_mask has_share = mixture->share[part] > wide_from(0);
        largest = wide_at_least(wide_select(has_share, density[part], largest), largest);
    }
    return largest;
}

// The likelihood of y with an outbreak's cases over that without, by the mixture. `density` and
// `largest` are what fused_part_densities gave for y.
WIDE_INLINE wide fused_ratio(const struct fused_mixture *mixture, wide y, const wide *density,
                             wide largest, enum fused_side side)
{
    wide without = wide_from(0), with = wide_from(0);
    for (int part = 0; part < FUSED_PARTS; part++) {
        wide share = mixture->share[part];
        without += share * wide_exp(density[part] - largest);
        wide found = wide_from(0);
        if (!wide_any(share > wide_from(0)))
            continue;
        for (int below = side == FUSED_BELOW; below <= (side != FUSED_ABOVE); below++) {
            wide raised = fused_density(y, fused_raised(mixture, part, below),
                                        mixture->spread[part], mixture->is_count);
            found += wide_exp(wide_select(share > wide_from(0), raised - largest, wide_from(-700)));
        }
        with += share * found;
    }
    if (side == FUSED_BOTH)
        with *= 0.5;
    wide ratio = with / without;
    ratio = wide_select(ratio < wide_from(FUSED_NOW_MOST), ratio, wide_from(FUSED_NOW_MOST));
    return wide_at_least(ratio, wide_from(FUSED_NOW_LEAST));
}

// The likelihood that an outbreak under way has no case in this period, over that without outbreak:
// that part of the ratio tells of no case now.
WIDE_INLINE wide fused_idle(const struct fused_mixture *mixture)
{
    wide variance = wide_from(0);
    for (int part = 0; part < FUSED_PARTS; part++)
        variance += mixture->share[part] * fused_variance(mixture, part);
    return wide_select(mixture->is_count, wide_exp(-FUSED_SHARE * wide_sqrt(variance)),
                       wide_from(0));
}

// Log odds that outbreak cases are among those of this period: an outbreak of two periods, begun
// now or in the period before (whose likelihood ratio is `before`).
WIDE_INLINE wide fused_evidence(wide now, wide before, wide idle)
{
    wide begun = FUSED_PRIOR * (1 + before), excess = now - idle;
    wide present = begun * wide_at_least(excess, wide_from(FUSED_NOW_LEAST));
    wide absent = 1 + begun * wide_select(excess > wide_from(0), idle, now);
    return wide_log(present / absent);
}

// The ratio that gives just this evidence.
WIDE_INLINE wide fused_ratio_at(wide evidence, wide before, wide idle)
{
    wide begun = FUSED_PRIOR * (1 + before);
    return idle + wide_exp(evidence) * (1 + begun * idle) / begun;
}

// Evidence that is no larger than that of the period before is nothing new.
WIDE_INLINE wide fused_freshen(wide score, wide before)
{
    return wide_select(before >= score, score - FUSED_STALE, score);
}

#endif
