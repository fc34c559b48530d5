// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ears_reference.c: EARS C1, C2 and C3 straight from the formulas of docs/detectors 4, one point at
// a time; the oracle of ears.c.
//
// It shares no arithmetic with the fast form: moments by Welford's recurrence, each point on its
// own, C3's past excesses computed anew for each day.
#include "analysis/analysis_priv.h"
#include "analysis/ears.h"

// Mean and spread of the window of `baseline` values that ends `lag` points before x; NaN where it
// has a gap.
static void measure(const double *x, const double *option, size_t lag, double *ret_mean,
                    double *ret_sigma)
{
    int baseline = (int)option[EARS_BASELINE];
    const double *from = x - baseline - lag;
    double mean = 0, squares = 0;
    for (int i = 0; i < baseline; i++) {
        double difference = from[i] - mean;
        mean += difference / (i + 1);
        squares += difference * (from[i] - mean);
    }
    double sigma = sqrt(squares / (baseline - 1));
    *ret_mean = mean;
    *ret_sigma = sigma < option[EARS_MIN_SIGMA] ? option[EARS_MIN_SIGMA] : sigma;
}

// max(0, a), NaN staying NaN.
static double above_zero(double a)
{
    return a <= 0 ? 0 : a;
}

static double excess_at(const double *x, const double *option)
{
    double mean, sigma;
    measure(x, option, EARS_LAG, &mean, &sigma);
    return above_zero((x[0] - mean) / sigma - 1);
}

static void judge_point(enum ears_chart chart, const double *x, const double *option,
                        struct analysis_point *point)
{
    double z = analysis_normal_quantile(1 - option[EARS_ALPHA]), mean, sigma;
    measure(x, option, chart == EARS_C1 ? 0 : EARS_LAG, &mean, &sigma);
    double upper = mean + z * sigma, score = (x[0] - mean) / (z * sigma);
    if (chart == EARS_C3) {
        double excess = excess_at(x - 1, option) + excess_at(x - 2, option);
        upper = above_zero(x[0] + sigma * (z - excess));
        score = excess / z;
    }
    point_set(point, ANALYSIS_EXPECTED, mean);
    point_set(point, ANALYSIS_UPPER, upper);
    point_set(point, ANALYSIS_SCORE, score);
    if (isnan(x[0]))
        point_give_up(point, ANALYSIS_REASON_MISSING);
    else if (isnan(upper))
        point_give_up(point, isnan(mean) ? ANALYSIS_REASON_BASELINE : ANALYSIS_REASON_RANGE);
    else
        point->outcome |= ANALYSIS_JUDGED | (x[0] > upper ? ANALYSIS_ALARM : 0);
}

static bool refer(enum ears_chart chart, const struct analysis_panel *panel, const double *option,
                  const struct analysis_output *output)
{
    size_t reach = (size_t)option[EARS_BASELINE] + (chart == EARS_C1 ? 0 : EARS_LAG) +
                   (chart == EARS_C3 ? EARS_MEMORY : 0);
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t t = panel->from; t < panel->to; t++) {
            struct analysis_point point = {0};
            const double *x = panel->value + s * panel->stride + t;
            if (t < panel_first(panel, s))
                point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
            else if (t >= panel_first(panel, s) + reach)
                judge_point(chart, x, option, &point);
            else
                point_give_up(&point, isnan(*x) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
            output_store(output, s * panel->stride + t, &point);
        }
    return true;
}

bool ears_refer_c1(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output)
{
    return refer(EARS_C1, panel, option, output);
}

bool ears_refer_c2(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output)
{
    return refer(EARS_C2, panel, option, output);
}

bool ears_refer_c3(const struct analysis_panel *panel, const double *option,
                   const struct analysis_output *output)
{
    return refer(EARS_C3, panel, option, output);
}
