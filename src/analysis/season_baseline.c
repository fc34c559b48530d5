// SPDX-License-Identifier: LGPL-3.0-or-later
//
// season_baseline.c: which past points a point is compared with, and in which seasonal group.
//
// docs/detectors 2.1, 2.6, 3.1, 3.6. A point k has one reference point a year, ref_0 = k, ref_1, ..
// ref_b, with a window of w points on each side. With one period the windows of past years are the
// baseline. With p periods every point from the oldest window on belongs to a group: the windows to
// the last, and the gap between two windows, in p - 1 runs of nearly equal length, to the others:
//
//          ref_2                    ref_1                    k
//     [w w w w w]1 1 1 2 2 2 3 3[w w w w w]1 1 1 2 2 2 3 3[w w w]      p = 4
//      4 4 4 4 4                  4 4 4 4 4               ^ excluded: the points just before k
//
// Index form: ref_i = k - frequency i, the same for all k, so the rows are found once. Date form:
// ref_i is the same calendar day i years earlier (29 February gives 1 March), for weeks moved to
// the nearest day with k's weekday; gaps then differ from year to year.
//
// Crowded runs: where a gap holds fewer points than runs, the published software gives the runs of
// length 0 their neighbours, one before another, and the last of them keeps both: the gap's last
// point and the next window's first belong to group p - 1. Monthly series with ten periods do this.
//
// farrington (1996) takes the windows only, and its trend counts rows in either form; the flexible
// method's trend in date form counts days over the first spacing of the baseline.
#include "analysis/season.h"

enum { DAYS_OF_WEEK = 7 };

size_t season_row_most(const struct season_plan *plan)
{
    size_t window = 2 * (size_t)plan->w + 1;
    // A calendar year holds up to two points more than the frequency says (weeks 53, days 366).
    size_t year = (size_t)plan->frequency + 2;
    size_t past = (size_t)plan->b * (plan->periods > 1 ? (year > window ? year : window) : window);
    return past + window;
}

size_t season_baseline_size(const struct season_plan *plan)
{
    size_t rows = season_row_most(plan);
    size_t words = rows + (rows & 1) + (size_t)plan->periods + 2 + ((size_t)plan->periods & 1);
    return rows * sizeof(double) + words * sizeof(int32_t);
}

void season_baseline_place(struct season_baseline *baseline, const struct season_plan *plan,
                           void *memory)
{
    size_t rows = season_row_most(plan);
    *baseline = (struct season_baseline){.time = memory};
    baseline->index = (int32_t *)(baseline->time + rows);
    baseline->group_start = baseline->index + rows + (rows & 1);
}

// The same calendar day so many years earlier; civil dates after Hinnant (2013), years from 1
// March.
static int32_t years_earlier(int32_t day, int32_t years)
{
    int32_t shifted = day + 719468, era = shifted / 146097;
    int32_t of_era = shifted - era * 146097;
    int32_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    // Days since 1 March of that year: 29 February is its last, and the same number in a shorter
    // year is the 1 March after it.
    int32_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t year = year_of_era + era * 400 - years;
    int32_t target_era = year / 400, target = year - target_era * 400;
    return target_era * 146097 + 365 * target + target / 4 - target / 100 + of_year - 719468;
}

static int32_t distance(int32_t a, int32_t b)
{
    return a > b ? a - b : b - a;
}

// The point whose day is nearest to `day`, at or before k; the days rise.
static int32_t nearest_point(const int32_t *days, int32_t k, int32_t day)
{
    int32_t low = 0, high = k;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (days[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && distance(days[low - 1], day) < distance(days[low], day))
        low--;
    return low;
}

int32_t season_reference_index(const struct season_plan *plan, size_t k, int32_t years)
{
    if (plan->day == NULL)
        return -plan->frequency * years;
    int32_t day = years_earlier(plan->day[k], years), at = (int32_t)k;
    // The nearest point is the nearest day of k's weekday, since points of weeks are 7 days apart.
    if (day < plan->day[0] - DAYS_OF_WEEK / 2)
        return 1;
    return nearest_point(plan->day, at, day) - at;
}

// Points between the windows of reference points i and i - 1.
static int32_t gap_after(const struct season_plan *plan, const int32_t *reference, int32_t i)
{
    return reference[i - 1] - reference[i] - 2 * plan->w - 1;
}

struct season_run {
    int32_t from, to; // indices, `to` excluded
};

// The points of the last group about reference point i: its window, less what crowded runs take.
static struct season_run window_run(const struct season_plan *plan, const int32_t *reference,
                                    int32_t i)
{
    int32_t parts = plan->periods - 1;
    struct season_run run = {reference[i] - plan->w, reference[i] + plan->w + 1};
    if (parts > 0 && i < plan->b && gap_after(plan, reference, i + 1) < parts)
        run.from++;
    if (parts > 0 && i > 0 && gap_after(plan, reference, i) == 0)
        run.to--;
    return run;
}

// The points of another group behind the window of reference point i.
static struct season_run gap_run(const struct season_plan *plan, const int32_t *reference,
                                 int32_t i, int32_t group)
{
    int32_t parts = plan->periods - 1, gap = gap_after(plan, reference, i);
    int32_t behind = reference[i] + plan->w + 1;
    if (gap < parts) {
        if (group == parts - 1)
            return (struct season_run){behind + gap - 1, behind + gap + 1};
        return (struct season_run){behind + group, behind + group + (group < gap - 1)};
    }
    int32_t length = gap / parts, longer = gap % parts;
    int32_t from = behind + group * length + (group < longer ? group : longer);
    return (struct season_run){from, from + length + (group < longer)};
}

// Adds the rows of one group, oldest year first. The last group is the windows; group g of the
// others is run g of each gap, the first (gap mod parts) runs one longer.
static void gather_group(struct season_baseline *baseline, const struct season_plan *plan,
                         const int32_t *reference, int32_t group)
{
    bool is_window = group == plan->periods - 1;
    for (int32_t i = plan->b; i >= (is_window ? 0 : 1); i--) {
        struct season_run run =
            is_window ? window_run(plan, reference, i) : gap_run(plan, reference, i, group);
        for (int32_t index = run.from; index < run.to; index++)
            if (index < -plan->exclude && index < 0)
                baseline->index[baseline->row_count++] = index;
    }
}

static void fill_time(struct season_baseline *baseline, const struct season_plan *plan, size_t k)
{
    int32_t oldest = 0, second = 0;
    for (int32_t i = 0; i < baseline->row_count; i++)
        if (baseline->index[i] < oldest)
            oldest = baseline->index[i];
    for (int32_t i = 0; i < baseline->row_count; i++)
        if (baseline->index[i] > oldest && baseline->index[i] < second)
            second = baseline->index[i];
    const int32_t *day = plan->day == NULL ? NULL : plan->day + k;
    for (int32_t i = 0; i < baseline->row_count; i++)
        baseline->time[i] =
            plan->is_flexible && day != NULL
                ? (double)(day[baseline->index[i]] - day[0]) / (double)(day[second] - day[oldest])
                : baseline->index[i];
}

bool season_baseline_find(struct season_baseline *baseline, const struct season_plan *plan,
                          size_t k)
{
    assert(plan->b >= 1 && plan->b <= SEASON_YEARS_MOST);
    int32_t reference[SEASON_YEARS_MOST + 1];
    for (int32_t i = 0; i <= plan->b; i++) {
        reference[i] = season_reference_index(plan, k, i);
        if (i > 0 && reference[i] >= reference[i - 1])
            return false;
    }
    baseline->oldest = reference[plan->b] - plan->w;
    if (plan->day != NULL && baseline->oldest + (int64_t)k < 0)
        return false;
    baseline->row_count = 0;
    baseline->group_count = plan->periods;
    for (int32_t group = 0; group < plan->periods; group++) {
        baseline->group_start[group] = baseline->row_count;
        gather_group(baseline, plan, reference, group);
    }
    baseline->group_start[plan->periods] = baseline->row_count;
    assert((size_t)baseline->row_count <= season_row_most(plan));
    fill_time(baseline, plan, k);
    return baseline->row_count > 1;
}
