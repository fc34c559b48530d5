// SPDX-License-Identifier: GPL-3.0-or-later
//
// calendar_table.h: holidays and worked weekends for commands that judge days.
//
// Owns the calendars that the program carries inside (calendars/) and the reading of others:
//
//     date,kind                kind: off, a day off; worked, a weekend day that is worked
//     2020-06-25,off
//     2020-06-28,worked
//
// Further columns are not read. Rows come in any order.
#ifndef LEVEE_CLI_CALENDAR_TABLE_H
#define LEVEE_CLI_CALENDAR_TABLE_H

#include "analysis/analysis.h"
#include "base/csv.h"

struct calendar_table {
    struct analysis_special_day *special;
    size_t count, capacity;
    struct analysis_calendar view; // what the library reads
};

// Loads the calendar that comes with the program under that name ("china"), or the file of that
// path. The caller closes it, also after a fault: FAULT_INVALID names line and remedy,
// FAULT_MISSING, FAULT_IO, FAULT_FULL.
enum fault_code calendar_table_load(struct calendar_table *calendar, const char *name,
                                    struct fault *fault);
void calendar_table_close(struct calendar_table *calendar);

#endif
