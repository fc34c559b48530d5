// SPDX-License-Identifier: LGPL-3.0-or-later
//
// calendar_test.c: days off and worked weekends: found, learnt, and the same in all three forms.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/calendar.h"
#include "analysis/planted.h"
#include "unit.h"

enum { SERIES = 3, YEARS = 3, POINTS = 365 * YEARS, FROM = POINTS - 90, SPECIAL_MOST = 400 };
static const int32_t start = 16801; // 2016-01-01, a Friday

static double value[SERIES * POINTS];
static int32_t day[POINTS];
static struct analysis_special_day special[SPECIAL_MOST];
static struct analysis_calendar calendar;

// Three days off in every forty; the Saturday before them is worked.
static void make_calendar(void)
{
    calendar = (struct analysis_calendar){special, 0};
    for (int32_t t = 0; t < POINTS; t++) {
        day[t] = start + t;
        bool is_before =
            t % 40 >= 13 && t % 40 < 20 && calendar_weekday(day[t]) == CALENDAR_SATURDAY;
        if (t % 40 >= 20 && t % 40 < 23)
            special[calendar.count++] = (struct analysis_special_day){day[t], ANALYSIS_DAY_OFF};
        else if (is_before)
            special[calendar.count++] = (struct analysis_special_day){day[t], ANALYSIS_DAY_WORKED};
    }
}

// Counts that fall to half at the weekend and are threefold on days off.
static struct analysis_panel make_panel(uint64_t seed)
{
    make_calendar();
    planted_seed(seed);
    for (size_t s = 0; s < SERIES; s++)
        for (size_t t = 0; t < POINTS; t++) {
            int habit = calendar_habit(&calendar, day[t]);
            double mean = habit == CALENDAR_OFF                                    ? 90
                          : habit == CALENDAR_SATURDAY || habit == CALENDAR_SUNDAY ? 15
                                                                                   : 30;
            value[s * POINTS + t] = planted_count(mean, 1.2);
        }
    return (struct analysis_panel){.series_count = SERIES,
                                   .point_count = POINTS,
                                   .stride = POINTS,
                                   .value = value,
                                   .day = day,
                                   .calendar = &calendar,
                                   .frequency = 365,
                                   .from = FROM,
                                   .to = POINTS};
}

struct judged {
    uint16_t outcome[SERIES * POINTS];
    double upper[SERIES * POINTS], score[SERIES * POINTS];
};

static struct analysis_output output_of(struct judged *judged)
{
    memset(judged, 0, sizeof *judged);
    return (struct analysis_output){
        .outcome = judged->outcome,
        .column = {[ANALYSIS_UPPER] = judged->upper, [ANALYSIS_SCORE] = judged->score}};
}

// By the default options; `by` is one of the detector's forms.
static void judge(bool (*by)(const struct analysis_panel *, const double *,
                             const struct analysis_output *),
                  const struct analysis_panel *panel, struct judged *judged)
{
    double option[ANALYSIS_OPTIONS_MAX];
    struct analysis_output output = output_of(judged);
    analysis_default_options(analysis_find_detector("fused"), option);
    CHECK(by(panel, option, &output));
}

static int count_alarms(const struct judged *judged)
{
    int count = 0;
    for (size_t at = 0; at < SERIES * POINTS; at++)
        count += (judged->outcome[at] & ANALYSIS_ALARM) != 0;
    return count;
}

void test_calendar_tells_days(void)
{
    make_calendar();
    int32_t saturday = start + 1, sunday = saturday + 1;
    struct analysis_special_day own[] = {{saturday, ANALYSIS_DAY_WORKED},
                                         {sunday, ANALYSIS_DAY_WORKED},
                                         {sunday + 3, ANALYSIS_DAY_OFF},
                                         {sunday + 4, ANALYSIS_DAY_WORKED}};
    struct analysis_calendar few = {own, 4};
    CHECK_EQUAL(calendar_weekday(start), CALENDAR_FRIDAY);
    CHECK_EQUAL(calendar_weekday(-1), 6); // a Wednesday
    CHECK_EQUAL(calendar_habit(NULL, saturday), CALENDAR_SATURDAY);
    CHECK_EQUAL(calendar_habit(&few, saturday), CALENDAR_FRIDAY);
    CHECK_EQUAL(calendar_habit(&few, sunday), CALENDAR_MONDAY);
    CHECK_EQUAL(calendar_habit(&few, sunday + 3), CALENDAR_OFF);
    CHECK_EQUAL(calendar_habit(&few, sunday + 4), 0);
    CHECK_EQUAL(analysis_kind_of_day(&few, sunday + 2), ANALYSIS_DAY_USUAL);
    CHECK_EQUAL(analysis_kind_of_day(&few, saturday - 1), ANALYSIS_DAY_USUAL);
    CHECK_EQUAL(analysis_kind_of_day(&few, sunday + 5), ANALYSIS_DAY_USUAL);
}

void test_fused_learns_days_off(void)
{
    static struct judged with, without;
    struct analysis_panel panel = make_panel(7);
    const struct analysis_detector *fused = analysis_find_detector("fused");
    judge(fused->batch, &panel, &with);
    panel.calendar = NULL;
    judge(fused->batch, &panel, &without);
    // 18 days off and 3 worked Saturdays in 270 judged points.
    unit_check(count_alarms(&without) >= 6, __FILE__, __LINE__, "without: %d alarms",
               count_alarms(&without));
    unit_check(count_alarms(&with) <= 2, __FILE__, __LINE__, "with: %d alarms",
               count_alarms(&with));
}

void test_fused_with_calendar_in_all_forms(void)
{
    static struct judged batch, reference;
    struct analysis_panel panel = make_panel(8);
    const struct analysis_detector *fused = analysis_find_detector("fused");
    double option[ANALYSIS_OPTIONS_MAX];
    analysis_default_options(fused, option);
    panel.series_count = 1;
    panel.from = POINTS - 30;
    judge(fused->batch, &panel, &batch);
    judge(fused->reference, &panel, &reference);
    for (size_t t = panel.from; t < POINTS; t++) {
        CHECK_EQUAL(batch.outcome[t], reference.outcome[t]);
        CHECK_NEAR(batch.upper[t], reference.upper[t], 2e-7 * batch.upper[t]);
        CHECK_NEAR(batch.score[t], reference.score[t], 2e-7 * (1 + fabs(batch.score[t])));
    }
    void *memory = malloc(analysis_stream_size(fused, option, 365));
    struct analysis_stream *stream = analysis_stream_begin(memory, fused, option, 365, true);
    analysis_stream_follow(stream, &calendar);
    for (size_t t = 0; t < POINTS; t++) {
        struct analysis_point point;
        if (t < POINTS - 30 && t + 1500 < POINTS)
            continue; // looked back on by nobody
        CHECK(analysis_stream_add(stream, value[t], 1, day[t], &point));
        if (t >= panel.from)
            CHECK(point.outcome == batch.outcome[t] &&
                  point.column[ANALYSIS_UPPER] == batch.upper[t] &&
                  point.column[ANALYSIS_SCORE] == batch.score[t]);
    }
    free(memory);
}

// A week that ends in days off has not moved the level.
void test_trend_knows_days_off(void)
{
    struct analysis_break with[SERIES * ANALYSIS_BREAKS], without[SERIES * ANALYSIS_BREAKS];
    struct analysis_panel panel = make_panel(9);
    panel.from = 26 * 40 + 14; // six days, three of them off
    panel.to = panel.from + 9;
    CHECK(analysis_find_breaks(&panel, 0, with));
    panel.calendar = NULL;
    CHECK(analysis_find_breaks(&panel, 0, without));
    for (int s = 0; s < SERIES; s++) {
        const struct analysis_break *level = &with[s * ANALYSIS_BREAKS + ANALYSIS_BREAK_LEVEL];
        CHECK(level->is_tested && level->p > 0.01);
        CHECK(without[s * ANALYSIS_BREAKS + ANALYSIS_BREAK_LEVEL].p < level->p);
    }
}
