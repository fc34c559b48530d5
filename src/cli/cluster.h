// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster.h: what the parts of `levee cluster` share: the request, the tables read, the writing.
//
//     cluster.c          the command line, the call, notes and faults
//     cluster_table.c    the three files as rows: tidy CSV, or SaTScan's .cas, .pop and .geo
//     cluster_satscan.c  lines and times of the latter
//     cluster_lay.c      rows laid out on places x periods; expected cases from the population
//     cluster_write.c    CSV and JSON          cluster_plot.c    the picture
#ifndef LEVEE_CLI_CLUSTER_H
#define LEVEE_CLI_CLUSTER_H

#include "analysis/analysis.h"
#include "base/csv.h"
#include "cli/names.h"

enum cluster_file { CLUSTER_CASES, CLUSTER_POPULATION, CLUSTER_PLACES, CLUSTER_FILES };

// How a time is written: enum time_frequency, a bare number, or not at all.
enum { CLUSTER_NUMBER = 'N', CLUSTER_TIMELESS = 0 };
struct cluster_time {
    char kind;
    int32_t moment; // the period's ordinal, or the number
};

struct cluster_place {
    int64_t line;
    double first, second; // latitude and longitude, or x and y
    struct span parent;   // empty: a root
};

// A row of cases or of population.
struct cluster_row {
    int64_t line;
    struct span time_text;
    struct cluster_time time;
    uint32_t place, stratum;
    double value;
};
struct cluster_rows {
    struct cluster_row *row;
    size_t count, capacity;
};

struct cluster_request {
    const char *path[CLUSTER_FILES];
    const char *plot;
    const char *from, *to;
    char period; // enum time_frequency to sum cases to; 0: as written
    bool is_json;
    bool is_cartesian;         // .geo holds x and y
    int is_prospective;        // -1: not said
    int is_tree;               // -1: not said
    size_t window_most;        // 0: half the study
    struct analysis_scan scan; // options that are the library's
};

struct cluster_table {
    const char *path[CLUSTER_FILES];
    struct csv_text text[CLUSTER_FILES];
    struct names places, strata;
    struct cluster_place *place; // beside places.name
    size_t place_capacity;
    bool has_coordinates, is_geographic, has_parents;
    struct cluster_rows cases, population;
    // Laid out, places x periods.
    char period; // of the axis
    int32_t origin;
    size_t period_count;
    double *case_count, *expected, *people, *coordinate;
    uint32_t *parent;
    size_t left_out;  // cases before --from or after --to
    size_t unpeopled; // places without population
};

// Reads the three files. Faults name file, line, value and remedy. The caller closes the table
// also after a fault.
enum fault_code cluster_table_read(struct cluster_table *table,
                                   const struct cluster_request *request, struct fault *fault);
// Lays the rows out and computes what is expected.
enum fault_code cluster_table_lay_out(struct cluster_table *table,
                                      const struct cluster_request *request, struct fault *fault);
void cluster_table_close(struct cluster_table *table);
// Writes a period of the axis as text.
void cluster_write_period(const struct cluster_table *table, size_t position, char *buffer,
                          size_t size);

// SaTScan's files: fields divided by blanks, names with blanks in quotes, no header.
enum { CLUSTER_FIELDS_MOST = 32 };
struct cluster_satscan {
    struct span field[CLUSTER_FIELDS_MOST];
    size_t field_count; // 0: no line is left
    int64_t line;
    char *at, *end; // the reader's own
};
void cluster_satscan_open(struct cluster_satscan *reader, struct csv_text *text);
// Reads the next line that is not empty. False: more than CLUSTER_FIELDS_MOST fields, or a quote
// that is not closed.
bool cluster_satscan_next(struct cluster_satscan *reader);
// Brings fields `from` on together, single blanks between them.
struct span cluster_satscan_join(struct cluster_satscan *reader, size_t from);
// 2020, 2020/7, 2020/7/22, 2020-07-22, 7/22/2020, or a bare number.
bool cluster_satscan_time(struct span text, struct cluster_time *ret_time);

void cluster_write(const struct cluster_request *request, const struct cluster_table *table,
                   const struct analysis_scan *scan, const struct analysis_clusters *clusters);
enum fault_code cluster_plot(const char *path, const struct cluster_table *table,
                             const struct analysis_scan *scan,
                             const struct analysis_clusters *clusters, struct fault *fault);

#endif
