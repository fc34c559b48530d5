// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quality_times.c: is every period there, did it come when it should, and what became of it.
//
//     missing   periods without a value between the first and the last one, as a share; the place
//               is the longest gap
//     ended     no value in the newest periods while other series have some
//     late      known later than due_days after the period, as a share; `size` the mean delay of
//     those slower    delays of the newest quarter of the reports against those before it: Mann,
//     Whitney
//               1947, normal with ties; at least 8 on each side
//     early     known before the period was over
//     bulk      8 periods or more first known on one day, where the series else comes one by one
//     revised   corrections up against down: a fair coin, two-sided; at least 6 of them
//
// A delay is counted in days from the first day after the period.
#include "analysis/quality.h"

enum { SIDE_LEAST = 8, BULK_LEAST = 8, REVISED_LEAST = 6 };
// Delays beyond these count as equal in the comparison: a year early, three years late.
enum { DELAY_LEAST = -366, DELAY_MOST = 1096 };

static void look_for_gaps(struct quality_list *list, size_t series)
{
    const struct analysis_panel *panel = list->data->panel;
    const double *value = quality_series(list, series);
    size_t first = panel_first(panel, series), last = panel->point_count, missing = 0;
    while (last > first && !isfinite(value[last - 1]))
        last--;
    if (last < panel->point_count) {
        struct analysis_question ended = {.kind = ANALYSIS_ASK_ENDED,
                                          .series = (uint32_t)series,
                                          .from = (uint32_t)last,
                                          .to = (uint32_t)panel->point_count,
                                          .count = (double)(panel->point_count - last),
                                          .total = (double)(panel->point_count - first)};
        ended.size = ended.total > 0 ? ended.count / ended.total : 1;
        quality_note_fact(list, &ended);
    }
    size_t run = 0, longest = 0, at = first;
    for (size_t t = first; t < last; t++) {
        run = isfinite(value[t]) ? 0 : run + 1;
        missing += run > 0;
        if (run > longest) {
            longest = run;
            at = t + 1 - run;
        }
    }
    double share = last > first ? (double)missing / (double)(last - first) : 0;
    if (missing > 0 && share >= list->options->missing_share)
        quality_note_fact(list, &(struct analysis_question){.kind = ANALYSIS_ASK_MISSING,
                                                            .series = (uint32_t)series,
                                                            .from = (uint32_t)at,
                                                            .to = (uint32_t)(at + longest),
                                                            .count = (double)missing,
                                                            .total = (double)(last - first),
                                                            .size = share});
}

// The delay of a point that has a value and is known since when.
static bool delay_of(const struct quality_list *list, size_t series, size_t t, double *ret_delay)
{
    size_t at = series * list->data->panel->stride + t;
    if (!isfinite(list->data->panel->value[at]) ||
        list->data->known_day[at] == ANALYSIS_DAY_UNKNOWN)
        return false;
    *ret_delay = (double)list->data->known_day[at] - list->data->ready_day[t];
    return true;
}

// A share of the reports for which something holds, with its first and last place.
struct share {
    double count, total;
    size_t from, to;
};

static void add_to_share(struct share *share, bool is_so, size_t t)
{
    share->total += 1;
    if (!is_so)
        return;
    share->from = share->count == 0 ? t : share->from;
    share->to = t + 1;
    share->count += 1;
}

static void look_at_due_days(struct quality_list *list, size_t series)
{
    struct share early = {0}, late = {0};
    double delay = 0, sum = 0;
    for (size_t t = 0; t < list->data->panel->point_count; t++)
        if (delay_of(list, series, t, &delay)) {
            bool is_late = list->options->due_days >= 0 && delay > list->options->due_days;
            add_to_share(&early, delay < 0, t);
            add_to_share(&late, is_late, t);
            sum += is_late ? delay : 0;
        }
    struct analysis_question question = {.kind = ANALYSIS_ASK_EARLY,
                                         .series = (uint32_t)series,
                                         .from = (uint32_t)early.from,
                                         .to = (uint32_t)early.to,
                                         .count = early.count,
                                         .total = early.total};
    if (early.count > 0) {
        question.size = early.count / early.total;
        quality_note_fact(list, &question);
    }
    if (late.count > 0 && late.count / late.total >= list->options->missing_share)
        quality_note_fact(list, &(struct analysis_question){.kind = ANALYSIS_ASK_LATE,
                                                            .series = (uint32_t)series,
                                                            .from = (uint32_t)late.from,
                                                            .to = (uint32_t)late.to,
                                                            .count = late.count,
                                                            .total = late.total,
                                                            .size = sum / late.count,
                                                            .expected = list->options->due_days});
}

// How many delays of each length there are before the split, and from it on.
struct delays {
    double count[2][DELAY_MOST - DELAY_LEAST + 1];
    double total[2], sum[2];
};

// Mann and Whitney: pairs in which the newer report took longer, ties as a half.
static void compare_delays(struct quality_list *list, const struct delays *delays,
                           struct analysis_question question)
{
    double older = 0, above = 0, ties = 0, all = delays->total[0] + delays->total[1];
    double pairs = delays->total[0] * delays->total[1];
    for (int i = 0; i <= DELAY_MOST - DELAY_LEAST; i++) {
        double equal = delays->count[0][i] + delays->count[1][i];
        above += delays->count[1][i] * (older + delays->count[0][i] / 2);
        older += delays->count[0][i];
        ties += equal * equal * equal - equal;
    }
    double variance = pairs / 12 * (all + 1 - ties / (all * (all - 1)));
    if (!(variance > pairs * 1e-9))
        return;
    double z = (above - pairs / 2 - 0.5) / sqrt(variance);
    question.size = delays->sum[1] / delays->total[1];
    question.expected = delays->sum[0] / delays->total[0];
    question.p = analysis_normal_upper(z);
    quality_note_test(list, question);
}

static void look_at_delays(struct quality_list *list, size_t series)
{
    size_t reports = 0, points = list->data->panel->point_count, split = points, newer = 0;
    struct delays delays = {0};
    double delay = 0;
    for (size_t t = 0; t < points; t++)
        reports += delay_of(list, series, t, &delay);
    size_t wanted = reports / 4 > SIDE_LEAST ? reports / 4 : SIDE_LEAST;
    if (reports < wanted + SIDE_LEAST)
        return;
    while (newer < wanted)
        newer += delay_of(list, series, --split, &delay);
    for (size_t t = 0; t < points; t++)
        if (delay_of(list, series, t, &delay)) {
            double held = fmin(fmax(delay, DELAY_LEAST), DELAY_MOST);
            delays.count[t >= split][(int)held - DELAY_LEAST] += 1;
            delays.total[t >= split] += 1;
            delays.sum[t >= split] += delay;
        }
    compare_delays(list, &delays,
                   (struct analysis_question){.kind = ANALYSIS_ASK_SLOWER,
                                              .series = (uint32_t)series,
                                              .from = (uint32_t)split,
                                              .to = (uint32_t)points,
                                              .count = (double)newer,
                                              .total = (double)reports});
}

// Many periods that became known on one day, each within a run of reports.
static void look_for_bulk(struct quality_list *list, size_t series)
{
    const struct analysis_panel *panel = list->data->panel;
    const int32_t *known = list->data->known_day + series * panel->stride;
    double delay = 0, days = 0;
    struct share most = {0};
    int32_t held = ANALYSIS_DAY_UNKNOWN;
    struct share run = {0};
    for (size_t t = 0; t < panel->point_count; t++) {
        if (!delay_of(list, series, t, &delay))
            continue;
        if (known[t] != held) {
            run = (struct share){0};
            days += 1;
        }
        held = known[t];
        add_to_share(&run, true, t);
        if (run.count > most.count)
            most = run;
        most.total += 1;
        run.total = most.total;
    }
    if (most.count >= BULK_LEAST && days > 1 && most.total >= 2 * most.count)
        quality_note_fact(list, &(struct analysis_question){.kind = ANALYSIS_ASK_BULK,
                                                            .series = (uint32_t)series,
                                                            .from = (uint32_t)most.from,
                                                            .to = (uint32_t)most.to,
                                                            .count = most.count,
                                                            .total = most.total,
                                                            .size = most.count / most.total});
}

static void look_at_revisions(struct quality_list *list, size_t series)
{
    const struct analysis_panel *panel = list->data->panel;
    const double *value = quality_series(list, series);
    const double *before = list->data->first_value + series * panel->stride;
    struct share up = {0};
    for (size_t t = 0; t < panel->point_count; t++)
        if (isfinite(value[t]) && isfinite(before[t]) && value[t] != before[t])
            add_to_share(&up, value[t] > before[t], t);
    if (up.total < REVISED_LEAST)
        return;
    double more = fmax(up.count, up.total - up.count);
    quality_note_test(list, (struct analysis_question){
                                .kind = ANALYSIS_ASK_REVISED,
                                .series = (uint32_t)series,
                                .to = (uint32_t)panel->point_count,
                                .count = up.count,
                                .total = up.total,
                                .size = up.count / up.total,
                                .expected = 0.5,
                                .p = fmin(1, 2 * analysis_binomial_upper(more, up.total, 0.5))});
}

void quality_look_at_times(struct quality_list *list, size_t series)
{
    look_for_gaps(list, series);
    if (list->data->known_day != NULL) {
        look_at_due_days(list, series);
        look_at_delays(list, series);
        look_for_bulk(list, series);
    }
    if (list->data->first_value != NULL)
        look_at_revisions(list, series);
}
