// SPDX-License-Identifier: LGPL-3.0-or-later
//
// calendar.h: which weekday's habits a day follows.
//
// Of this folder only. Weekdays are numbered from 1970-01-01, a Thursday: 0 Thursday, 1 Friday, 2
// Saturday, 3 Sunday, 4 Monday.
#ifndef LEVEE_ANALYSIS_CALENDAR_H
#define LEVEE_ANALYSIS_CALENDAR_H

#include "analysis/analysis.h"

enum {
    CALENDAR_WEEKDAYS = 7,
    CALENDAR_FRIDAY = 1,
    CALENDAR_SATURDAY = 2,
    CALENDAR_SUNDAY = 3,
    CALENDAR_MONDAY = 4,
    CALENDAR_OFF = 7 // a habit of its own
};

// The weekday of a day, 0..6.
int calendar_weekday(int32_t day);
// The weekday whose habits the day follows, or CALENDAR_OFF.
int calendar_habit(const struct analysis_calendar *calendar, int32_t day);

#endif
