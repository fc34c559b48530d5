// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest_table.h: a CSV file as series on one axis of periods, with what was known to be an
// outbreak.
//
// Owns: reading, for `levee backtest`, a table with one row a series and period. Columns are found
// by name, in any order; those that are not known are passed over:
//
//     series    series, division, city_code        序列, 区划
//     time      date, period, time, day            日期, 时期, 时间
//     value     value, count                       数值            the period's own figure
//     total     total, confirmed                   累计            instead: the sum since the
//     beginning outbreak  outbreak                           暴发            1 in a known outbreak
//
// Of totals, a figure is the difference from the row before; a series' first row gives none, and a
// period without a row is not reported. A column of division codes may hold rows that belong to no
// division ("imported"): those whose code is no number are skipped and counted.
#ifndef LEVEE_CLI_BACKTEST_TABLE_H
#define LEVEE_CLI_BACKTEST_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/csv.h"
#include "base/time.h"

struct backtest_row {
    struct span series;
    int32_t period;
    double value;
    unsigned char label;
    int64_t line;
};

struct backtest_table {
    struct csv_text text;
    struct backtest_row *row; // sorted by series and period
    size_t row_count, row_capacity;
    enum time_frequency frequency;
    bool has_label;
    size_t skipped; // rows of no division
    // The grid, series_count x period_count; point 0 is the period `from`.
    int32_t from;
    size_t series_count, period_count;
    struct span *series;
    double *value;
    unsigned char *belief; // enum analysis_belief
    unsigned char *label;
    size_t *first; // per series, its first reported point
};

// Reads figures. `frequency` 0: as the times are written. FAULT_INVALID names line and remedy. The
// caller closes the table, also after a fault.
enum fault_code backtest_table_read(struct backtest_table *table, const char *path, int frequency,
                                    struct fault *fault);
// Reads dated events: rows of series and time only, sorted; no grid. A date falls into the period
// of `frequency` that holds it.
enum fault_code backtest_table_read_events(struct backtest_table *table, const char *path,
                                           enum time_frequency frequency, struct fault *fault);
// The point of a period written on the command line, clamped to the axis; `is_end`: the one behind
// it. False when it is not a period of the table's frequency.
bool backtest_table_find(const struct backtest_table *table, const char *period, bool is_end,
                         size_t *ret_point);
void backtest_table_close(struct backtest_table *table);

#endif
