// SPDX-License-Identifier: GPL-3.0-or-later
//
// nowcast_table.h: a CSV file as reporting triangles, one a series.
//
// Owns: reading the three ways in which such data are kept, and laying them out for
// analysis_make_nowcast:
//
//     [series,]time,reported,count    tidy, by the period in which cases were reported
//     [series,]time,delay,count       tidy, by delay in periods
//     time,0,1,2,..                   wide: a column a delay, one series; blank behind now
//
// Rows of the same cell are added up, so corrections may be negative. "Now" is the latest period of
// the file (by `reported`: the latest report) or the one asked for; what was reported after a now
// that was asked for is left out and counted, after one that was not it is refused, because then
// either a time is mistyped or the file is older than its reports.
#ifndef LEVEE_CLI_NOWCAST_TABLE_H
#define LEVEE_CLI_NOWCAST_TABLE_H

#include "base/csv.h"
#include "base/fault.h"
#include "cli/names.h"

enum { NOWCAST_DELAY_MOST = 3660, NOWCAST_TIME_SIZE = 40 };

struct nowcast_row {
    uint32_t series;
    int32_t time, delay;
    int64_t line;
    double count;
};

struct nowcast_table {
    struct csv_text text;
    struct nowcast_row *row;
    size_t row_count, row_capacity;
    struct names series;
    bool is_number;  // times are bare numbers
    char written;    // else: enum time_frequency
    bool has_report; // the file says when cases were reported
    struct span first_time;
    // Made by nowcast_table_lay_out: series x periods x (delay_most + 1), see analysis.h.
    double *count;
    size_t period_count, delay_most;
    int32_t origin;
    size_t later_rows;     // left out: reported after the now that was asked for
    size_t negative_cells; // set to 0
};

// Reads the file ("-": standard input). The caller closes the table also after a fault.
enum fault_code nowcast_table_read(struct nowcast_table *table, const char *path,
                                   struct fault *fault);
// Fills the triangles. `now`: NULL or a time as the file writes them; `delay_most`: longer delays
// count as this one, 0: the longest of the file.
enum fault_code nowcast_table_lay_out(struct nowcast_table *table, const char *now,
                                      size_t delay_most, struct fault *fault);
void nowcast_table_write_time(const struct nowcast_table *table, size_t period,
                              char buffer[NOWCAST_TIME_SIZE]);
// The period of a time, clamped to the triangle. False: not written as the file's times.
bool nowcast_table_find(const struct nowcast_table *table, const char *time, size_t *ret_period);
void nowcast_table_close(struct nowcast_table *table);

#endif
