// SPDX-License-Identifier: LGPL-3.0-or-later
//
// time.h: instants, civil dates, ISO weeks and periods.
//
// Owns: the arithmetic of time. An instant is int64_t microseconds since 1970-01-01T00:00Z. A day
// is int32_t days since 1970-01-01 in the proleptic Gregorian calendar. A period is a day, an ISO
// week, a month, a quarter or a year, held as (frequency, ordinal): the ordinal counts periods
// since the one that holds 1970-01-01, so that neighbours differ by one, 53-week years included.
// Nothing here reads a clock: the clock is a parameter (struct time_clock), so that a replay and a
// test give the same bytes.
//
// Civil days follow Howard Hinnant, "chrono-compatible low-level date algorithms" (2013); ISO weeks
// follow ISO 8601:2004, 2.2.10 (week 1 holds the first Thursday). Local time is Asia/Shanghai,
// UTC+8 without daylight saving since 1992; 1986-1991 summer time is in the table of time.c (IANA
// tzdata, PRC rules).
#ifndef LEVEE_BASE_TIME_H
#define LEVEE_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define TIME_SECOND INT64_C(1000000)
#define TIME_MINUTE (60 * TIME_SECOND)
#define TIME_HOUR (60 * TIME_MINUTE)
#define TIME_DAY (24 * TIME_HOUR)
// Later than every instant that is stored; "still holds" in temporal rows.
#define TIME_NEVER INT64_C(9000000000000000)

enum time_frequency {
    TIME_DAILY = 'D',
    TIME_WEEKLY = 'W',
    TIME_MONTHLY = 'M',
    TIME_QUARTERLY = 'Q',
    TIME_YEARLY = 'Y'
};

struct time_date {
    int year;
    int month; // 1..12
    int day;   // 1..31
};

// A clock: `read` returns the instant now. time_clock_machine() is the machine's.
struct time_clock {
    int64_t (*read)(void *context);
    void *context;
};
struct time_clock time_clock_machine(void);
int64_t time_now(const struct time_clock *clock);

int32_t time_day_from_date(struct time_date date);
struct time_date time_date_from_day(int32_t day);
bool time_is_date(struct time_date date);
// Monday 1 .. Sunday 7.
int time_weekday(int32_t day);
// The ISO week of a day: *ret_year is the ISO year, the result its week, 1..53.
int time_iso_week(int32_t day, int *ret_year);
// The local (Asia/Shanghai) day of an instant, and the instant at which a local day and minute
// begin.
int32_t time_local_day(int64_t instant);
int64_t time_from_local(int32_t day, int minute_of_day);
// Seconds to add to UTC for local time at an instant: 28800, or 32400 in the summers of 1986-1991.
int time_local_offset_s(int64_t instant);

// The ordinal of the period of `frequency` that holds `day`; its first day; its last day.
int32_t time_period_from_day(enum time_frequency frequency, int32_t day);
int32_t time_period_first_day(enum time_frequency frequency, int32_t ordinal);
int32_t time_period_last_day(enum time_frequency frequency, int32_t ordinal);
// Reads 2020-07-22, 2020-W30, 2020-07 (or 2020-M07), 2020-Q3, 2020. False on anything else.
bool time_read_period(struct span text, enum time_frequency *ret_frequency, int32_t *ret_ordinal);
// Writes a period in the same forms. Returns the length.
size_t time_write_period(enum time_frequency frequency, int32_t ordinal, char *buffer, size_t size);
// Writes an instant as RFC 3339 with the local offset, "2020-07-23T07:00:00+08:00". Returns the
// length.
size_t time_write_instant(int64_t instant, char *buffer, size_t size);
// Reads "2020-07-23T07:00:00+08:00" (or Z, or without seconds); a bare date is local midnight.
bool time_read_instant(struct span text, int64_t *ret_instant);

#endif
