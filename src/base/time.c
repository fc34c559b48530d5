// SPDX-License-Identifier: LGPL-3.0-or-later
//
// time.c: the arithmetic behind time.h.
//
// Ordinals: day = days since 1970-01-01; week = weeks since Monday 1969-12-29; month =
// 12*(year-1970)+month-1; quarter and year likewise. Reading is strict: fixed widths, real dates,
// nothing after the end.
#include "base/time.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_machine(void *context)
{
    (void)context;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * TIME_SECOND + now.tv_nsec / 1000;
}

struct time_clock time_clock_machine(void)
{
    return (struct time_clock){read_machine, NULL};
}

int64_t time_now(const struct time_clock *clock)
{
    assert(clock != NULL && clock->read != NULL);
    return clock->read(clock->context);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    assert(b > 0);
    return a / b - (a % b < 0);
}

int32_t time_day_from_date(struct time_date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = floor_divide(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int32_t)(era * 146097 + day_of_era - 719468);
}

struct time_date time_date_from_day(int32_t day)
{
    int64_t shifted = (int64_t)day + 719468;
    int64_t era = floor_divide(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct time_date date = {
        .year = (int)(year_of_era + era * 400 + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
    return date;
}

bool time_is_date(struct time_date date)
{
    if (date.year < 0 || date.year > 9999 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > 31)
        return false;
    struct time_date again = time_date_from_day(time_day_from_date(date));
    return again.month == date.month && again.day == date.day;
}

int time_weekday(int32_t day)
{
    int64_t since_monday = (int64_t)day + 3; // 1970-01-01 was a Thursday.
    return (int)(since_monday - floor_divide(since_monday, 7) * 7) + 1;
}

int time_iso_week(int32_t day, int *ret_year)
{
    int32_t thursday = day - time_weekday(day) + 4;
    int year = time_date_from_day(thursday).year;
    int32_t first = time_day_from_date((struct time_date){year, 1, 1});
    *ret_year = year;
    return (thursday - first) / 7 + 1;
}

// Summer time in China, IANA tzdata "PRC": first and last UTC second of each summer.
static const struct {
    int64_t from_s, until_s;
} summers[] = {
    {515527200, 527014800}, {545162400, 558464400}, {577216800, 589914000},
    {608666400, 621968400}, {640116000, 653418000}, {671565600, 684867600},
};

int time_local_offset_s(int64_t instant)
{
    int64_t second = floor_divide(instant, TIME_SECOND);
    for (size_t i = 0; i < sizeof summers / sizeof summers[0]; i++)
        if (second >= summers[i].from_s && second < summers[i].until_s)
            return 32400;
    return 28800;
}

int32_t time_local_day(int64_t instant)
{
    return (int32_t)floor_divide(instant + time_local_offset_s(instant) * TIME_SECOND, TIME_DAY);
}

int64_t time_from_local(int32_t day, int minute_of_day)
{
    int64_t local = day * TIME_DAY + minute_of_day * TIME_MINUTE;
    int64_t instant = local - 28800 * TIME_SECOND;
    return local - time_local_offset_s(instant) * TIME_SECOND;
}

int32_t time_period_from_day(enum time_frequency frequency, int32_t day)
{
    struct time_date date = time_date_from_day(day);
    switch (frequency) {
    case TIME_DAILY: return day;
    case TIME_WEEKLY: return (int32_t)floor_divide((int64_t)day + 3, 7);
    case TIME_MONTHLY: return (date.year - 1970) * 12 + date.month - 1;
    case TIME_QUARTERLY: return (date.year - 1970) * 4 + (date.month - 1) / 3;
    case TIME_YEARLY: return date.year - 1970;
    }
    assert(!"a frequency");
    return 0;
}

int32_t time_period_first_day(enum time_frequency frequency, int32_t ordinal)
{
    int per_year = frequency == TIME_MONTHLY ? 12 : frequency == TIME_QUARTERLY ? 4 : 1;
    if (frequency == TIME_DAILY)
        return ordinal;
    if (frequency == TIME_WEEKLY)
        return ordinal * 7 - 3;
    int year = (int)floor_divide(ordinal, per_year);
    int month = (ordinal - year * per_year) * (12 / per_year) + 1;
    return time_day_from_date((struct time_date){1970 + year, month, 1});
}

int32_t time_period_last_day(enum time_frequency frequency, int32_t ordinal)
{
    return time_period_first_day(frequency, ordinal + 1) - 1;
}

// Reads `width` digits at *at. False when they are not there.
static bool read_digits(struct span *at, size_t width, int *ret_value)
{
    if (at->size < width)
        return false;
    int value = 0;
    for (size_t i = 0; i < width; i++) {
        if (at->data[i] < '0' || at->data[i] > '9')
            return false;
        value = value * 10 + (at->data[i] - '0');
    }
    *at = (struct span){at->data + width, at->size - width};
    *ret_value = value;
    return true;
}

static bool read_letter(struct span *at, char letter)
{
    if (at->size == 0 || at->data[0] != letter)
        return false;
    *at = (struct span){at->data + 1, at->size - 1};
    return true;
}

static bool read_week(int year, struct span rest, int32_t *ret_ordinal)
{
    int week = 0, iso_year = 0;
    if (!read_digits(&rest, 2, &week) || rest.size != 0 || week < 1 || week > 53)
        return false;
    int32_t first = time_day_from_date((struct time_date){year, 1, 4});
    int32_t day = first - time_weekday(first) + 1 + (week - 1) * 7;
    if (time_iso_week(day, &iso_year) != week || iso_year != year)
        return false;
    *ret_ordinal = time_period_from_day(TIME_WEEKLY, day);
    return true;
}

static bool read_date(struct span *rest, int32_t *ret_day)
{
    struct time_date date = {0};
    if (!read_digits(rest, 4, &date.year) || !read_letter(rest, '-') ||
        !read_digits(rest, 2, &date.month) || !read_letter(rest, '-') ||
        !read_digits(rest, 2, &date.day) || !time_is_date(date))
        return false;
    *ret_day = time_day_from_date(date);
    return true;
}

bool time_read_period(struct span text, enum time_frequency *ret_frequency, int32_t *ret_ordinal)
{
    struct span rest = text;
    int year = 0, number = 0;
    if (text.size == 10 && read_date(&rest, ret_ordinal)) {
        *ret_frequency = TIME_DAILY;
        return true;
    }
    rest = text;
    if (!read_digits(&rest, 4, &year))
        return false;
    if (rest.size == 0) {
        *ret_frequency = TIME_YEARLY;
        *ret_ordinal = year - 1970;
        return true;
    }
    if (!read_letter(&rest, '-'))
        return false;
    if (read_letter(&rest, 'W')) {
        *ret_frequency = TIME_WEEKLY;
        return read_week(year, rest, ret_ordinal);
    }
    bool is_quarter = read_letter(&rest, 'Q');
    if (!is_quarter)
        (void)read_letter(&rest, 'M');
    int most = is_quarter ? 4 : 12;
    if (!read_digits(&rest, is_quarter ? 1 : 2, &number) || rest.size != 0 || number < 1 ||
        number > most)
        return false;
    *ret_frequency = is_quarter ? TIME_QUARTERLY : TIME_MONTHLY;
    *ret_ordinal = (year - 1970) * most + number - 1;
    return true;
}

size_t time_write_period(enum time_frequency frequency, int32_t ordinal, char *buffer, size_t size)
{
    int32_t day = time_period_first_day(frequency, ordinal);
    struct time_date date = time_date_from_day(day);
    int year = 0, written = 0;
    if (frequency == TIME_DAILY)
        written = snprintf(buffer, size, "%04d-%02d-%02d", date.year, date.month, date.day);
    else if (frequency == TIME_WEEKLY) {
        int week = time_iso_week(day, &year);
        written = snprintf(buffer, size, "%04d-W%02d", year, week);
    } else if (frequency == TIME_MONTHLY)
        written = snprintf(buffer, size, "%04d-%02d", date.year, date.month);
    else if (frequency == TIME_QUARTERLY)
        written = snprintf(buffer, size, "%04d-Q%d", date.year, (date.month - 1) / 3 + 1);
    else
        written = snprintf(buffer, size, "%04d", date.year);
    assert(written > 0);
    return (size_t)written;
}

size_t time_write_instant(int64_t instant, char *buffer, size_t size)
{
    int offset_s = time_local_offset_s(instant);
    int64_t local = instant + offset_s * TIME_SECOND;
    int32_t day = (int32_t)floor_divide(local, TIME_DAY);
    int second = (int)((local - day * TIME_DAY) / TIME_SECOND);
    struct time_date date = time_date_from_day(day);
    int written =
        snprintf(buffer, size, "%04d-%02d-%02dT%02d:%02d:%02d+%02d:00", date.year, date.month,
                 date.day, second / 3600, second / 60 % 60, second % 60, offset_s / 3600);
    assert(written > 0);
    return (size_t)written;
}

static bool read_offset(struct span *rest, int *ret_offset_s)
{
    int hours = 0, minutes = 0;
    if (read_letter(rest, 'Z')) {
        *ret_offset_s = 0;
        return true;
    }
    int sign = read_letter(rest, '+') ? 1 : read_letter(rest, '-') ? -1 : 0;
    if (sign == 0 || !read_digits(rest, 2, &hours) || !read_letter(rest, ':') ||
        !read_digits(rest, 2, &minutes))
        return false;
    *ret_offset_s = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

bool time_read_instant(struct span text, int64_t *ret_instant)
{
    int32_t day = 0;
    int hour = 0, minute = 0, second = 0, offset_s = 0;
    if (!read_date(&text, &day))
        return false;
    if (text.size == 0) {
        *ret_instant = time_from_local(day, 0);
        return true;
    }
    if (!read_letter(&text, 'T') || !read_digits(&text, 2, &hour) || !read_letter(&text, ':') ||
        !read_digits(&text, 2, &minute))
        return false;
    if (read_letter(&text, ':') && !read_digits(&text, 2, &second))
        return false;
    if (!read_offset(&text, &offset_s) || text.size != 0 || hour > 23 || minute > 59 || second > 59)
        return false;
    *ret_instant = day * TIME_DAY + (hour * 3600 + minute * 60 + second - offset_s) * TIME_SECOND;
    return true;
}
