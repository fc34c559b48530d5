// SPDX-License-Identifier: GPL-3.0-or-later
//
// belief.c: can a reading be believed?
//
// Two reasons to doubt, both declared in the pack:
//
//   improbably low   after a rise, P(X <= value) under the last three believed values is below the
//                    pack's limit: after 1, 2, 9 a zero has exp(-4), about 2 of 100 such days
//   sources differ   the sum of our readings in the second source's division is not what that
//   source
//                    has, by more than the tolerance; nor what it had `lag` periods before, where
//                    our feed is already known to be that late
//
// A dispute is about a sum; it falls on the readings that can bear it: when we have too little, on
// series that were rising, when we have too much, on series that report anything. A doubt changes
// no number. It keeps the reading out of baselines and lets no level fall, until it is answered.
#include <assert.h>
#include <math.h>

#include "judgement/judge.h"

static size_t believed_before(const struct judge_series *series, size_t at, double *before)
{
    size_t count = 0;
    double newest_first[JUDGE_BEFORE];
    for (size_t i = at; i > 0 && count < JUDGE_BEFORE; i--)
        if (series->belief[i - 1] == ANALYSIS_BELIEVED)
            newest_first[count++] = series->value[i - 1];
    for (size_t i = 0; i < count; i++)
        before[i] = newest_first[count - 1 - i];
    return count;
}

static bool is_disputed(const struct pack_plausibility *rule, const struct judge_rival *rival,
                        double value, const double *before, size_t before_count)
{
    if (rival == NULL || !rival->is_known)
        return false;
    if (fabs(rival->sum - rival->value) <= rule->tolerance)
        return false;
    if (rival->is_late_known && fabs(rival->sum - rival->value_late) <= rule->tolerance)
        return false;
    if (rival->sum > rival->value)
        return value > 0;
    double rise = 0;
    for (size_t i = 0; i < before_count; i++)
        rise += before[i];
    return rise > 0;
}

bool judge_is_doubted(const struct judge_indicator *indicator, const struct judge_series *series,
                      size_t at, const struct judge_rival *rival, struct judge_doubt *ret_doubt)
{
    assert(at < series->count);
    struct judge_doubt doubt = {0};
    const struct pack_indicator *declared = indicator->declared;
    if (series->belief[at] == ANALYSIS_UNREPORTED)
        return false;
    doubt.before_count = believed_before(series, at, doubt.before);
    int32_t day = time_period_last_day(declared->frequency, series->from + (int32_t)at);
    double value = series->value[at];
    for (size_t i = 0; i < declared->plausibility_count; i++) {
        const struct pack_plausibility *rule = &declared->plausibility[i];
        if (!pack_basis_holds(&rule->basis, day))
            continue;
        if (rule->kind == PACK_IMPROBABLY_LOW)
            doubt.is_low |=
                analysis_is_improbably_low(doubt.before, doubt.before_count, value, rule->limit);
        else
            doubt.is_disputed |= is_disputed(rule, rival, value, doubt.before, doubt.before_count);
    }
    if (!doubt.is_low && !doubt.is_disputed)
        return false;
    if (doubt.is_low)
        (void)!analysis_probability_low(doubt.before, doubt.before_count, value,
                                        &doubt.probability);
    if (rival != NULL && rival->is_known) {
        doubt.other = rival->value;
        doubt.is_still = doubt.is_low && value == 0 && rival->sum == 0 && rival->value > 0;
    }
    *ret_doubt = doubt;
    return true;
}
