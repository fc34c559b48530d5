// SPDX-License-Identifier: LGPL-3.0-or-later
//
// reporting_reference.c: the chance of a silence straight from docs/detectors 16; the oracle of
// reporting.c.
//
// For every period the silence is walked back to the last report, and the window before it counted.
#include "analysis/reporting.h"

// The share of the phase of period t among the periods from..to-1.
static double share_of(const double *x, const double *option, size_t first, size_t from, size_t to,
                       size_t t)
{
    size_t cycle = (size_t)option[REPORTING_CYCLE];
    double reported = 0, count = 0;
    for (size_t i = from; i < to; i++) {
        if ((i - first) % cycle != (t - first) % cycle)
            continue;
        reported += !isnan(x[i]);
        count += 1;
    }
    return reporting_share(reported, count);
}

static void judge_point(const double *x, const double *option, size_t first, size_t t,
                        struct analysis_point *point)
{
    size_t window = (size_t)option[REPORTING_WINDOW], silent = 0;
    while (t + 1 - silent > first && isnan(x[t - silent]))
        silent++;
    // The periods before the silence; of a period with a report, those before the silence before
    // it.
    size_t end = t + 1 - silent;
    if (silent == 0) {
        end = t;
        while (end > first && isnan(x[end - 1]))
            end--;
    }
    size_t from = end < first + window ? first : end - window;
    if (silent > 0 && end == first) {
        point_give_up(point, ANALYSIS_REASON_BASELINE);
        return;
    }
    double chance = 1;
    for (size_t i = t + 1 - silent; i <= t; i++)
        chance *= 1 - share_of(x, option, first, from, end, i);
    point_set(point, ANALYSIS_EXPECTED, share_of(x, option, first, from, end, t));
    point_set(point, ANALYSIS_PVALUE, chance);
    point_set(point, ANALYSIS_SCORE, log(fmax(chance, 1e-300)) / log(option[REPORTING_ALPHA]));
    chart_close(point, (double)silent, chance < option[REPORTING_ALPHA]);
}

bool reporting_refer(const struct analysis_panel *panel, const double *option,
                     const struct analysis_output *output)
{
    size_t start = reporting_start(option, panel->frequency);
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t t = panel->from; t < panel->to; t++) {
            struct analysis_point point = {0};
            const double *x = panel->value + s * panel->stride;
            size_t first = panel_first(panel, s);
            if (t < first)
                point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
            else if (t < first + chart_baseline(panel, s, start))
                point_give_up(&point,
                              isnan(x[t]) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
            else
                judge_point(x, option, first, t, &point);
            output_store(output, s * panel->stride + t, &point);
        }
    return true;
}
