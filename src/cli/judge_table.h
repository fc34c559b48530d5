// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_table.h: a CSV file as series on one axis of periods, ready for a detector.
//
// Owns: reading `series,time,value[,population][,imported]` (tidy, columns in any order) or a wide
// table (first column time, each further column a series), and laying it out as an analysis_panel.
// Each row of the file remembers its time and value as they were written, so that they can be given
// back. A command may take further columns: imported; known_at and parent; a label.
//
//     file rows ----> struct judge_row (any order) ----> grid: series x positions on the axis
//                                                        row_at = 1 + row's index, 0: a gap
#ifndef LEVEE_CLI_JUDGE_TABLE_H
#define LEVEE_CLI_JUDGE_TABLE_H

#include "analysis/analysis.h"
#include "base/csv.h"

struct judge_row {
    struct span time, value_text; // as written, in the text
    double value, population;     // ANALYSIS_MISSING where empty or NA
    double imported;              // 0 where empty
    int64_t line;
    uint32_t series;
    int32_t moment; // day, ordinal or bare number; position on the axis once laid out
};

// Where a row's value comes from, beside it.
struct judge_source {
    struct span parent; // the series that this one is a part of; empty: none
    int64_t known_at;   // when it became known; JUDGE_KNOWN_NEVER: not given
};
#define JUDGE_KNOWN_NEVER INT64_MIN

// What a row's label says.
enum judge_label { JUDGE_LABEL_QUIET, JUDGE_LABEL_EVENT, JUDGE_LABEL_UNKNOWN };

enum judge_axis_kind { JUDGE_AXIS_NONE, JUDGE_AXIS_NUMBER, JUDGE_AXIS_PERIOD };

// What a position of the axis means.
struct judge_axis {
    enum judge_axis_kind kind;
    char written; // how the file writes periods: enum time_frequency (dates: D)
    char period;  // what they are: D, W, M, Q or Y; a weekly series of dates is written D, period W
    int frequency;     // periods a year; 0: bare numbers without --frequency
    int day_of_period; // of dates: weekday offset or day of the month less one
    int64_t origin;    // moment of position 0
    size_t position_count;
};

struct judge_table {
    struct csv_text text;
    struct judge_row *row;
    size_t row_count, row_capacity;
    struct span *series; // names, in order of first appearance
    size_t series_count, series_capacity;
    uint32_t *slot; // open addressing: 1 + series index
    size_t slot_count;
    bool has_population;
    bool takes_imported; // set beforehand: a column `imported` is known, how many of the value
    bool has_imported;   // were infected elsewhere
    bool takes_sources;  // set beforehand: the columns known_at and parent are known, and a value
                         // may come again with a later known_at: the latest stands in the grid
    bool has_known_at, has_parent;
    struct judge_source *source; // a row; NULL without takes_sources
    size_t source_capacity;
    const char *label_column; // set beforehand: this column, where it is there, says 0 or 1
    bool has_label;
    unsigned char *label; // a row, enum judge_label; NULL without label_column
    size_t label_capacity;
    bool is_wide;
    struct judge_axis axis;
    // The grid, series_count x axis.position_count; made by judge_table_lay_out.
    double *value, *population, *imported;
    uint32_t *row_at;
    uint32_t *first; // per series, position of its first row
    int32_t *day;    // per position, for periods with a calendar (days, weeks, months); else NULL
};

// Reads the file ("-": standard input). `frequency` > 0: times that are whole numbers are bare
// numbers with so many periods a year, and dates are periods of that frequency. Faults name line
// and remedy. The caller closes the table also after a fault.
enum fault_code judge_table_read(struct judge_table *table, const char *path, int frequency,
                                 struct fault *fault);
// Refuses values below zero, for methods on counts.
enum fault_code judge_table_check_counts(const struct judge_table *table, const char *method,
                                         struct fault *fault);
// Fills the grid and the axis.
enum fault_code judge_table_lay_out(struct judge_table *table, struct fault *fault);
// The position of a time given on the command line; clamped to the axis' ends. `is_end`: the
// position behind it. False when it is not written like the file's times.
bool judge_table_find(const struct judge_table *table, const char *time, bool is_end,
                      size_t *ret_position);
// The position of the period that holds a time, also before the axis (negative) or behind it. False
// when it is not written like the file's times.
bool judge_table_place(const struct judge_table *table, struct span time, int64_t *ret_position);
// Writes the time of a position, also of one behind the last, as the file writes times.
void judge_table_write_time(const struct judge_table *table, size_t position, char *buffer,
                            size_t size);
// The first day of a position, also of one behind the last. Not for bare numbers.
int32_t judge_table_day(const struct judge_table *table, size_t position);
// The index of the series of that name. False: there is none.
bool judge_table_find_series(const struct judge_table *table, struct span name,
                             uint32_t *ret_series);
void judge_table_close(struct judge_table *table);

#endif
