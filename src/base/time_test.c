// SPDX-License-Identifier: GPL-3.0-or-later
//
// time_test.c: dates, ISO weeks, periods and local time. The day-by-day comparison with Python's
// calendar is in tests/api (T-18); here are the corners.
#include <string.h>

#include "base/time.h"
#include "unit.h"

static const char *period(enum time_frequency frequency, int32_t ordinal)
{
    static char buffer[16];
    time_write_period(frequency, ordinal, buffer, sizeof buffer);
    return buffer;
}

void test_days_and_dates_are_inverse(void)
{
    for (int32_t day = -200000; day < 200000; day += 13) {
        struct time_date date = time_date_from_day(day);
        CHECK_EQUAL(time_day_from_date(date), day);
        CHECK(time_is_date(date));
    }
    CHECK_EQUAL(time_day_from_date((struct time_date){2020, 7, 22}), 18465);
    CHECK(!time_is_date((struct time_date){2021, 2, 29}));
}

void test_weeks_of_long_years(void)
{
    int year = 0;
    CHECK_EQUAL(time_iso_week(time_day_from_date((struct time_date){2020, 12, 31}), &year), 53);
    CHECK_EQUAL(time_iso_week(time_day_from_date((struct time_date){2021, 1, 3}), &year), 53);
    CHECK_EQUAL(year, 2020);
    enum time_frequency frequency = TIME_DAILY;
    int32_t a = 0, b = 0;
    CHECK(time_read_period(span_from("2020-W53"), &frequency, &a) && frequency == TIME_WEEKLY);
    CHECK(time_read_period(span_from("2021-W01"), &frequency, &b) && b == a + 1);
    CHECK(!time_read_period(span_from("2021-W53"), &frequency, &b));
}

void test_periods_read_and_write(void)
{
    static const char *const texts[] = {"2020-07-22", "2020-W30", "2020-07",
                                        "2020-Q3",    "2020",     "1969-12-31"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        enum time_frequency frequency = TIME_DAILY;
        int32_t ordinal = 0;
        CHECK(time_read_period(span_from(texts[i]), &frequency, &ordinal));
        CHECK_TEXT(period(frequency, ordinal), texts[i]);
        CHECK_EQUAL(time_period_from_day(frequency, time_period_first_day(frequency, ordinal)),
                    ordinal);
        CHECK_EQUAL(time_period_from_day(frequency, time_period_last_day(frequency, ordinal)),
                    ordinal);
    }
    static const char *const wrong[] = {"2020-13",    "2020-7-2",    "2020-Q5", "20200722",
                                        "2020-02-30", "2020-07-22 ", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        enum time_frequency frequency = TIME_DAILY;
        int32_t ordinal = 0;
        CHECK(!time_read_period(span_from(wrong[i]), &frequency, &ordinal));
    }
}

void test_local_time(void)
{
    char buffer[40];
    int64_t instant = 0;
    CHECK(time_read_instant(span_from("2020-07-23T07:00:00+08:00"), &instant));
    time_write_instant(instant, buffer, sizeof buffer);
    CHECK_TEXT(buffer, "2020-07-23T07:00:00+08:00");
    CHECK_EQUAL(time_local_day(instant), 18466);
    CHECK_EQUAL(time_from_local(18466, 7 * 60), instant);
    CHECK(time_read_instant(span_from("2020-07-22T23:00Z"), &instant));
    CHECK_EQUAL(time_local_day(instant), 18466);
    CHECK(!time_read_instant(span_from("2020-07-22T25:00Z"), &instant));
    CHECK_EQUAL(
        time_local_offset_s(time_from_local(time_day_from_date((struct time_date){1988, 7, 1}), 0)),
        32400);
}
