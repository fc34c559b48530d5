// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ears.c: EARS C1, C2 and C3, eight points of a series at once.
//
// Hutwagner, Thompson, Seeman, Treadwell 2003, J Urban Health 80:i89; Fricker, Hegler, Dunfee 2008.
// docs/methods 4. With B the baseline's length, s = max(sd, min_sigma), z the normal quantile of
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
// Idea. There is no season and no state: a point depends on its window alone. So a wide holds eight
// neighbouring points of one series, and the windows' sums are B loads, each one point further on:
//
//     sum of 8 windows  =  x[t-B .. t-B+7] + x[t-B+1 .. t-B+8] + ... + x[t-1 .. t+6]
//
// Sums are taken of differences to the window's first value, so that a constant window, of whatever
// value, has exactly that mean and no spread. The deviations are squared in a second round over the
// same B loads, so no digits cancel. The loads hit the nearest cache: the series is read from
// memory once, a chunk at a time, into a buffer whose end is padded, so that no load passes the
// series' end.
//
// Degenerate input. A gap (NaN) in a window makes its sums NaN: the bound is not known, reason
// BASELINE. A constant window has s = min_sigma; at 0 the bound of C1 and C2 is the mean itself,
// and C3 has none where an excess is 0/0 (reason RANGE) or is 0 where a past excess was x/0.
#include "analysis/ears.h"

#include "analysis/analysis_priv.h"
#include "analysis/wide.h"

enum {
    CHUNK = 1024, // points at a time: with the buffers of C3 24 KB, which the nearest cache holds
    REACH_MOST = EARS_BASELINE_MOST + EARS_LAG + EARS_MEMORY,
};

struct ears_plan {
    size_t baseline;
    size_t lag; // points between the window's end and the point
    double min_sigma;
    double z;
};

struct ears_moments {
    wide mean;
    wide sigma; // never below min_sigma; NaN where the window has a gap
};

// Moments of the windows of eight neighbouring points; `x` is the first of the eight.
WIDE_INLINE struct ears_moments measure(const struct ears_plan *plan, const double *x)
{
    const double *from = x - plan->baseline - plan->lag;
    wide origin = wide_load(from), sum = wide_from(0);
    for (size_t j = 1; j < plan->baseline; j++)
        sum += wide_load(from + j) - origin;
    wide mean = origin + sum / wide_from((double)plan->baseline);
    wide first = origin - mean, squares = first * first;
    for (size_t j = 1; j < plan->baseline; j++) {
        wide difference = wide_load(from + j) - mean;
        squares += difference * difference;
    }
    wide sigma = wide_sqrt(squares * wide_from(1 / (double)(plan->baseline - 1)));
    wide least = wide_from(plan->min_sigma);
    return (struct ears_moments){mean, wide_select(sigma < least, least, sigma)};
}

// Where the results of a series' points go; each moves along with the point.
struct ears_sink {
    uint16_t *outcome;
    double *expected, *upper, *score;
};

// Writes the first `count` of eight values, 0 where not known. Nowhere if `to` is NULL.
WIDE_INLINE void put(double *to, size_t at, wide value, wide_mask is_known, size_t count)
{
    if (to == NULL)
        return;
    value = wide_select(is_known, value, wide_from(0));
    if (count >= WIDE)
        wide_store(to + at, value);
    else
        memcpy(to + at, &value, count * sizeof(double));
}

WIDE_INLINE void put_eight(const struct ears_sink *sink, size_t at, size_t count, wide value,
                           wide mean, wide upper, wide score)
{
    const wide_mask none = {0};
    wide_mask is_mean = mean == mean, is_upper = upper == upper;
    wide_mask is_score = score - score == wide_from(0), is_value = value == value;
    wide_mask word = (is_mean & (none + (1 << ANALYSIS_EXPECTED))) |
                     (is_upper & (none + (1 << ANALYSIS_UPPER))) |
                     (is_score & (none + (1 << ANALYSIS_SCORE)));
    word |= is_value & is_upper & (none + ANALYSIS_JUDGED);
    word |= (value > upper) & (none + ANALYSIS_ALARM);
    wide_mask reason = (none + ANALYSIS_REASON_RANGE) & is_mean;
    reason |= (none + ANALYSIS_REASON_BASELINE) & ~is_mean;
    reason &= ~is_upper & is_value;
    reason |= (none + ANALYSIS_REASON_MISSING) & ~is_value;
    wide_word words = __builtin_convertvector(word | (reason << ANALYSIS_REASON_SHIFT), wide_word);
    memcpy(sink->outcome + at, &words, (count >= WIDE ? WIDE : count) * sizeof(uint16_t));
    put(sink->expected, at, mean, is_mean, count);
    put(sink->upper, at, upper, is_upper, count);
    put(sink->score, at, score, is_score, count);
}

// C1 and C2 over `count` points from x on.
WIDE_INLINE void judge_mean(const struct ears_plan *plan, const double *x, size_t count,
                            const struct ears_sink *sink)
{
    for (size_t t = 0; t < count; t += WIDE) {
        struct ears_moments moments = measure(plan, x + t);
        wide value = wide_load(x + t), reach = wide_from(plan->z) * moments.sigma;
        put_eight(sink, t, count - t, value, moments.mean, moments.mean + reach,
                  (value - moments.mean) / reach);
    }
}

// max(0, a), NaN staying NaN.
WIDE_INLINE wide above_zero(wide a)
{
    return wide_select(a <= wide_from(0), wide_from(0), a);
}

// C3 over `count` points from x on; the windows of the two points before are looked at too.
WIDE_INLINE void judge_excess(const struct ears_plan *plan, const double *x, size_t count,
                              const struct ears_sink *sink)
{
    double excess[EARS_MEMORY + CHUNK + WIDE], sigma[CHUNK + EARS_MEMORY + WIDE];
    for (size_t t = 0; t < count + EARS_MEMORY; t += WIDE) {
        struct ears_moments moments = measure(plan, x + t - EARS_MEMORY);
        wide statistic = (wide_load(x + t - EARS_MEMORY) - moments.mean) / moments.sigma;
        wide_store(excess + t, above_zero(statistic - 1));
        wide_store(sigma + t, moments.sigma);
    }
    for (size_t t = 0; t < count; t += WIDE) {
        wide value = wide_load(x + t), z = wide_from(plan->z);
        wide before = wide_load(excess + t), last = wide_load(excess + t + 1);
        wide upper = above_zero(value + wide_load(sigma + t + EARS_MEMORY) * (z - before - last));
        struct ears_moments moments = measure(plan, x + t);
        put_eight(sink, t, count - t, value, moments.mean, upper, (before + last) / z);
    }
}

// One clone for each kind of machine; the usual baseline of 7 gets loops of known length.
WIDE_CLONES static void judge_chunk(enum ears_chart chart, const struct ears_plan *plan,
                                    const double *x, size_t count, const struct ears_sink *sink)
{
    assert(count <= CHUNK);
    if (chart == EARS_C3) {
        judge_excess(plan, x, count, sink);
    } else if (plan->baseline == 7) {
        struct ears_plan usual = {7, plan->lag, plan->min_sigma, plan->z};
        judge_mean(&usual, x, count, sink);
    } else {
        judge_mean(plan, x, count, sink);
    }
}

static double *moved(double *column, size_t at)
{
    return column == NULL ? NULL : column + at;
}

static void judge_series(enum ears_chart chart, const struct ears_plan *plan,
                         const struct analysis_panel *panel, size_t series,
                         const struct analysis_output *output)
{
    double buffer[REACH_MOST + CHUNK + WIDE];
    size_t reach = plan->baseline + plan->lag + (chart == EARS_C3 ? EARS_MEMORY : 0);
    size_t first = panel_first(panel, series), base = series * panel->stride, t = panel->from;
    const double *value = panel->value + base;
    for (; t < panel->to && t < first + reach; t++) {
        struct analysis_point point = {0};
        point_give_up(&point, t < first         ? ANALYSIS_REASON_OUTSIDE
                              : isnan(value[t]) ? ANALYSIS_REASON_MISSING
                                                : ANALYSIS_REASON_SHORT);
        output_store(output, base + t, &point);
    }
    for (size_t count; t < panel->to; t += count) {
        count = panel->to - t < CHUNK ? panel->to - t : CHUNK;
        memcpy(buffer, value + t - reach, (reach + count) * sizeof(double));
        for (size_t i = 0; i < WIDE; i++)
            buffer[reach + count + i] = ANALYSIS_MISSING;
        struct ears_sink sink = {output->outcome + base + t,
                                 moved(output->column[ANALYSIS_EXPECTED], base + t),
                                 moved(output->column[ANALYSIS_UPPER], base + t),
                                 moved(output->column[ANALYSIS_SCORE], base + t)};
        judge_chunk(chart, plan, buffer + reach, count, &sink);
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
#pragma omp parallel for schedule(static)
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
