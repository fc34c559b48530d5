// SPDX-License-Identifier: LGPL-3.0-or-later
//
// calendar.c: special days by bisection.
#include "analysis/calendar.h"

enum analysis_day_kind analysis_kind_of_day(const struct analysis_calendar *calendar, int32_t day)
{
    size_t low = 0, high = calendar == NULL ? 0 : calendar->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calendar->special[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = calendar != NULL && low < calendar->count && calendar->special[low].day == day;
    return is_found ? calendar->special[low].kind : ANALYSIS_DAY_USUAL;
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
