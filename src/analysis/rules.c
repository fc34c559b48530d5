// SPDX-License-Identifier: LGPL-3.0-or-later
//
// rules.c: the named rules of a pack: first case after quiet, sum reaches, down slowly.
//
// The three together make a level that goes up at once and down slowly:
//
//     value    0 0 0 0 1 0 . 0 ? 0 0 0 0 0 0       .  not reported     ?  doubted
//     quiet    1 2 3 4 0 1 0 1 0 1 2 3 4 5 6       periods in a row; a gap or a doubt breaks it
//     level    0 0 0 0 1 1 1 1 1 1 1 1 0 0 0       falls after 4 quiet ones
//
// So silence never lowers a level: a source that stops reporting, or reports what nobody believes,
// holds it up. A doubted figure may raise, since believing too late costs more than asking in vain.
#include "analysis/analysis_priv.h"

static bool is_quiet(const struct analysis_history *history, size_t at)
{
    return history->belief[at] == ANALYSIS_BELIEVED && history->value[at] <= history->quiet_most;
}

size_t analysis_count_quiet(const struct analysis_history *history, size_t at)
{
    assert(at <= history->count);
    size_t count = 0;
    while (count < at && is_quiet(history, at - count - 1))
        count++;
    return count;
}

bool analysis_is_first_case(const struct analysis_history *history, size_t at, size_t quiet)
{
    assert(at < history->count);
    if (history->belief[at] == ANALYSIS_UNREPORTED || at <= history->first)
        return false;
    return history->value[at] > history->quiet_most && analysis_count_quiet(history, at) >= quiet;
}

// What a period adds to a sum.
static double value_at(const struct analysis_history *history, size_t at)
{
    return history->belief[at] == ANALYSIS_UNREPORTED || isnan(history->value[at])
               ? 0
               : history->value[at];
}

int analysis_level_reached(const struct analysis_history *history, size_t at,
                           const struct analysis_step *step, size_t count, size_t *ret_step)
{
    assert(at < history->count);
    int level = 0;
    for (size_t i = 0; i < count; i++) {
        assert(step[i].periods >= 1);
        double sum = 0;
        for (size_t k = 0; k < step[i].periods && k <= at; k++)
            sum += value_at(history, at - k);
        if (sum >= step[i].sum && step[i].level > level) {
            level = step[i].level;
            if (ret_step != NULL)
                *ret_step = i;
        }
    }
    return level;
}

int analysis_level_held(const struct analysis_history *history, size_t at, int level_before,
                        int reached, size_t quiet)
{
    assert(at < history->count);
    if (reached >= level_before)
        return reached;
    return analysis_count_quiet(history, at + 1) >= quiet ? reached : level_before;
}
