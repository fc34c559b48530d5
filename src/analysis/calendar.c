// SPDX-License-Identifier: LGPL-3.0-or-later
//
// calendar.c: special days by bisection.
#include "analysis/calendar.h"

#include <stdlib.h>

static int compare_day(const void *key, const void *element)
{
    int32_t day = *(const int32_t *)key;
    const struct analysis_special_day *special = element;
    return (day > special->day) - (day < special->day);
}

enum analysis_day_kind analysis_kind_of_day(const struct analysis_calendar *calendar, int32_t day)
{
    if (calendar == NULL || calendar->count == 0)
        return ANALYSIS_DAY_USUAL;
    const struct analysis_special_day *found =
        bsearch(&day, calendar->special, calendar->count, sizeof *calendar->special, compare_day);
    return found == NULL ? ANALYSIS_DAY_USUAL : found->kind;
}

int calendar_weekday(int32_t day)
{
    return (day % CALENDAR_WEEKDAYS + CALENDAR_WEEKDAYS) % CALENDAR_WEEKDAYS;
}

int calendar_habit(const struct analysis_calendar *calendar, int32_t day)
{
    int weekday = calendar_weekday(day);
    switch (analysis_kind_of_day(calendar, day)) {
    case ANALYSIS_DAY_OFF: return CALENDAR_OFF;
    case ANALYSIS_DAY_WORKED:
        return weekday == CALENDAR_SATURDAY ? CALENDAR_FRIDAY
               : weekday == CALENDAR_SUNDAY ? CALENDAR_MONDAY
                                            : weekday;
    default: return weekday;
    }
}
