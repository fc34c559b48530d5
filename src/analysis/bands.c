// SPDX-License-Identifier: LGPL-3.0-or-later
//
// bands.c: static bands: a value that meets a fixed bound has the level of the strongest one it
// met.
//
//      red     ------------------  4          above = 1: met when value >= bound
//      orange  ------------------  3          above = 0: the ladder hangs down, value <= bound
//      yellow  ------------------  2
//      blue    ------------------  1
//
// A colour whose bound is not set (its option's default, beyond every number) does not exist. The
// upper column is the weakest bound that exists, the score the level, the alarm level >= 1. There
// is no past in it: the first point can be judged.
#include "analysis/analysis_priv.h"

enum { BAND_ABOVE, BAND_BLUE, BAND_YELLOW, BAND_ORANGE, BAND_RED, BAND_COLOURS = 4 };

int analysis_level_of_band(double value, const double *bound, size_t count, bool is_above)
{
    int level = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(bound[i]) && (is_above ? value >= bound[i] : value <= bound[i]))
            level = (int)i + 1;
    return level;
}

static void judge_point(double value, const double *option, struct analysis_point *point)
{
    const double *bound = &option[BAND_BLUE];
    for (int i = BAND_COLOURS - 1; i >= 0; i--)
        if (isfinite(bound[i]))
            point_set(point, ANALYSIS_UPPER, bound[i]);
    if (isnan(value)) {
        point_give_up(point, ANALYSIS_REASON_MISSING);
        return;
    }
    int level = analysis_level_of_band(value, bound, BAND_COLOURS, option[BAND_ABOVE] != 0);
    point_set(point, ANALYSIS_SCORE, level);
    point->outcome |= ANALYSIS_JUDGED | (level > 0 ? ANALYSIS_ALARM : 0);
}

bool bands_judge(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output)
{
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t t = panel->from; t < panel->to; t++) {
            struct analysis_point point = {0};
            if (t < panel_first(panel, s))
                point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
            else
                judge_point(panel->value[s * panel->stride + t], option, &point);
            output_store(output, s * panel->stride + t, &point);
        }
    return true;
}
