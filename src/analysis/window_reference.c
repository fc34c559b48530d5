// SPDX-License-Identifier: LGPL-3.0-or-later
//
// window_reference.c: RKI and Bayes straight from the formulas of docs/detectors 8 and 9, one point
// at a time; the oracle of rki.c and bayes.c.
//
// It shares no arithmetic with the fast forms: in index form the rows are counted out anew for each
// point, moments go by Welford's recurrence over the known values.
#include "analysis/window.h"
#include "base/memory.h"

struct moments {
    double count, sum, mean, squares;
};

static void add_value(struct moments *moments, double value)
{
    if (!isfinite(value))
        return;
    moments->count += 1;
    moments->sum += value;
    double step = value - moments->mean;
    moments->mean += step / moments->count;
    moments->squares += step * (value - moments->mean);
}

// False: too little lies before the point.
static bool measure(const struct analysis_panel *panel, const double *option, size_t series,
                    size_t k, int32_t *offset, struct moments *ret_moments)
{
    const double *x = panel->value + series * panel->stride;
    size_t first = panel_first(panel, series), count = 0;
    long b = (long)option[WINDOW_B], w = (long)option[WINDOW_W], f = panel->frequency;
    *ret_moments = (struct moments){0};
    if (panel->day != NULL && b > 0) {
        count = window_find_rows(option, panel, k, offset);
        for (size_t i = 0; i < count; i++)
            if ((long)k + offset[i] < (long)first)
                return false;
        for (size_t i = 0; i < count; i++)
            add_value(ret_moments, x[(long)k + offset[i]]);
        return count > 0;
    }
    if ((long)k - (long)first < b * f + w)
        return false;
    for (long i = 1; i <= b; i++)
        for (long t = (long)k - f * i - w; t <= (long)k - f * i + w; t++)
            add_value(ret_moments, x[t]);
    for (long t = (long)k - w; t < (long)k && option[WINDOW_CURRENT_YEAR] != 0; t++)
        add_value(ret_moments, x[t]);
    return true;
}

static void judge_rki(const struct moments *moments, double y, struct analysis_point *point)
{
    double mean = moments->sum / moments->count;
    double upper = mean + 2 * sqrt(moments->squares / (moments->count - 1));
    if (!(mean > RKI_TABLE_MOST))
        upper = rki_table[mean > 0 ? (int)floor(mean) : 0];
    if (moments->count < 2) {
        point_give_up(point, isnan(y) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_BASELINE);
        return;
    }
    point_set(point, ANALYSIS_EXPECTED, mean);
    point_set(point, ANALYSIS_UPPER, upper);
    if (!isfinite(y) || !isfinite(upper)) {
        point_give_up(point, isnan(y) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_RANGE);
        return;
    }
    if (upper > mean)
        point_set(point, ANALYSIS_SCORE, (y - mean) / (upper - mean));
    point->outcome |= ANALYSIS_JUDGED | (y > upper ? ANALYSIS_ALARM : 0);
}

static void judge_bayes(const struct moments *moments, double alpha, double y,
                        struct analysis_point *point)
{
    double size = moments->sum + 0.5, probability = moments->count / (moments->count + 1);
    if (moments->count < 1 || moments->sum < 0) {
        point_give_up(point, isnan(y) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_BASELINE);
        return;
    }
    double expected = size * (1 - probability) / probability;
    double upper = analysis_negative_binomial_quantile(1 - alpha, size, probability);
    point_set(point, ANALYSIS_EXPECTED, expected);
    point_set(point, ANALYSIS_UPPER, upper);
    if (!isfinite(y) || y < 0) {
        point_give_up(point, isnan(y) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_RANGE);
        return;
    }
    if (upper > expected)
        point_set(point, ANALYSIS_SCORE, (y - expected) / (upper - expected));
    point_set(point, ANALYSIS_PVALUE, analysis_negative_binomial_upper(y, size, probability));
    point->outcome |= ANALYSIS_JUDGED | (y > upper ? ANALYSIS_ALARM : 0);
}

static bool refer(bool is_bayes, const struct analysis_panel *panel, const double *option,
                  const struct analysis_output *output)
{
    int32_t *offset = memory_allocate((window_row_most(option) + 1) * sizeof *offset);
    if (offset == NULL)
        return false;
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t k = panel->from; k < panel->to; k++) {
            struct analysis_point point = {0};
            struct moments moments = {0};
            double y = panel->value[s * panel->stride + k];
            if (k < panel_first(panel, s))
                point_give_up(&point, ANALYSIS_REASON_OUTSIDE);
            else if (!measure(panel, option, s, k, offset, &moments))
                point_give_up(&point, isnan(y) ? ANALYSIS_REASON_MISSING : ANALYSIS_REASON_SHORT);
            else if (is_bayes)
                judge_bayes(&moments, option[WINDOW_ALPHA], y, &point);
            else
                judge_rki(&moments, y, &point);
            output_store(output, s * panel->stride + k, &point);
        }
    memory_free(offset);
    return true;
}

bool rki_refer(const struct analysis_panel *panel, const double *option,
               const struct analysis_output *output)
{
    return refer(false, panel, option, output);
}

bool bayes_refer(const struct analysis_panel *panel, const double *option,
                 const struct analysis_output *output)
{
    return refer(true, panel, option, output);
}
