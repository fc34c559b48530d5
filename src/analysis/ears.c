// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ears.c: EARS C1, C2 and C3, eight points of a series at once.
//
// Hutwagner, Thompson, Seeman, Treadwell 2003, J Urban Health 80:i89; Fricker, Hegler, Dunfee 2008.
// docs/detectors 4. With B the baseline's length, s = max(sd, min_sigma), z the normal quantile of
// 1 - alpha:
//
//     C1   |<---- B ---->| k               U = mean + z s
//     C2   |<---- B ---->| . . k           U = mean + z s
//     C3   the window of C2;               U = max(0, y_k + s_k (z - e(k-1) - e(k-2)))
//          e(j) = max(0, (y_j - mean_j)/s_j - 1), each with its own window
//
// C3 is as the published software has it (y_k stands where the paper has the mean): with s_k > 0 it
// alarms exactly when y_k > 0 and the two excesses sum to more than z.
//
// The arithmetic is in ears_kernel.c. This file walks over the series and decides what can be
// judged: chunks in place, the last points, behind which eight more are not there to be read, from
// a padded copy.
#include <string.h>

#include "analysis/analysis_priv.h"
#include "analysis/ears.h"
#include "analysis/wide_kernels.h"

enum {
    TAIL = 2 * WIDE, // points at most that are judged from a padded copy
    REACH_MOST = EARS_BASELINE_MOST + EARS_LAG + EARS_MEMORY,
};

static double *moved(double *column, size_t at)
{
    return column == NULL ? NULL : column + at;
}

// Points from t on that can be judged where they lie: eight more are there to be read behind them.
static size_t direct_count(const struct analysis_panel *panel, size_t t)
{
    size_t left = panel->to - t, room = panel->point_count - t;
    room = room > WIDE ? (room - WIDE) / WIDE * WIDE : 0;
    left = left < room ? left : room;
    return left < EARS_CHUNK ? left : EARS_CHUNK;
}

static void judge_series(enum ears_chart chart, const struct ears_plan *plan,
                         const struct analysis_panel *panel, size_t series,
                         const struct analysis_output *output)
{
    EARS_BUFFER(tail, REACH_MOST + TAIL + WIDE);
    size_t reach = plan->baseline + plan->lag + (chart == EARS_C3 ? EARS_MEMORY : 0);
    size_t base = series * panel->stride, start = panel_first(panel, series) + reach;
    size_t t = output_skip(output, panel, series, panel->from, panel->to, start);
    for (size_t count; t < panel->to; t += count) {
        const double *from = panel->value + base + t;
        count = direct_count(panel, t);
        if (count == 0) {
            count = panel->to - t < TAIL ? panel->to - t : TAIL;
            memcpy(tail, from - reach, (reach + count) * sizeof(double));
            for (size_t i = 0; i < WIDE; i++)
                tail[reach + count + i] = ANALYSIS_MISSING;
            from = tail + reach;
        }
        struct ears_sink sink = {output->outcome + base + t,
                                 moved(output->column[ANALYSIS_EXPECTED], base + t),
                                 moved(output->column[ANALYSIS_UPPER], base + t),
                                 moved(output->column[ANALYSIS_SCORE], base + t)};
        wide_kernels_find()->ears_judge_chunk(chart, plan, from, count, &sink);
    }
}

static bool judge(enum ears_chart chart, const struct analysis_panel *panel, const double *option,
                  const struct analysis_output *output)
{
    assert(panel->from <= panel->to && panel->to <= panel->point_count);
    struct ears_plan plan = {(size_t)option[EARS_BASELINE], chart == EARS_C1 ? 0 : EARS_LAG,
                             option[EARS_MIN_SIGMA],
                             analysis_normal_quantile(1 - option[EARS_ALPHA])};
    assert(plan.baseline >= EARS_BASELINE_LEAST && plan.baseline <= EARS_BASELINE_MOST);
#pragma omp parallel for schedule(static) if (panel->series_count > 1)
    for (size_t series = 0; series < panel->series_count; series++)
        judge_series(chart, &plan, panel, series, output);
    return true;
}

bool ears_judge_c1(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output)
{
    return judge(EARS_C1, panel, option, output);
}

bool ears_judge_c2(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output)
{
    return judge(EARS_C2, panel, option, output);
}

bool ears_judge_c3(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output)
{
    return judge(EARS_C3, panel, option, output);
}
