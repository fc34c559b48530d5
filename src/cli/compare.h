// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare.h: what the parts of `levee compare` share.
//
//     compare.c          the command line, the call, notes
//     compare_labels.c   labels as events on the grid: a column of the file, or a file of their own
//     compare_run.c      the methods' scores, tuned before the split and rated after it
//     compare_write.c    the table, and the curve as rows        compare_plot.c    the picture
//
//     from                    split                      to
//     |  threshold, calibration  |  what is judged       |
//
// What lies before `from` serves as baseline alone.
#ifndef LEVEE_CLI_COMPARE_H
#define LEVEE_CLI_COMPARE_H

#include "analysis/analysis.h"
#include "analysis/evaluation.h"
#include "cli/filter.h"

// Colours and dashes of the picture that are told apart.
enum { COMPARE_METHODS_MOST = 8 };

struct compare_method {
    struct span name; // as the user calls it: the method's, or NAME of NAME=METHOD
    const struct analysis_detector *detector;
    double option[ANALYSIS_OPTIONS_MAX];
};

struct compare_request {
    struct filter filter;
    struct compare_method method[COMPARE_METHODS_MOST];
    size_t method_count;
    const char *label_column; // NULL: "label", where labels do not have a file
    const char *labels_path;  // NULL: labels are a column
    const char *split;        // a time or a share
    double budget;            // false alarms a year of one series
    enum analysis_calibration_kind calibration;
    bool is_detailed, is_curve;
};

// Labels on the grid of the table. `labels` points into the rest.
struct compare_labels {
    struct analysis_labels labels;
    uint32_t *label;
    struct analysis_event *event;
    size_t event_capacity;
    int32_t *day;
};

// What came of one method in one series, or in all.
struct compare_rating {
    struct analysis_rating rating;
    struct analysis_brier brier; // NaN where no event lies before the split
};
struct compare_result {
    struct analysis_threshold threshold;
    struct compare_rating all;
    struct compare_rating *series; // a series, with --detail; else NULL
    struct analysis_trades trades;
};

struct compare_span {
    size_t from, split, to; // positions
};

// Reads the labels file or the column, and lays events out. The caller closes in any case.
enum fault_code compare_labels_read(struct compare_labels *labels,
                                    const struct compare_request *request,
                                    const struct judge_table *table, struct fault *fault);
void compare_labels_close(struct compare_labels *labels);

// Runs every method; `result` has method_count places. The caller frees in any case.
enum fault_code compare_run(const struct compare_request *request, const struct judge_table *table,
                            const struct compare_labels *labels, struct compare_span span,
                            struct compare_result *result, struct fault *fault);
void compare_free_results(struct compare_result *result, size_t count);

void compare_write(const struct compare_request *request, const struct judge_table *table,
                   struct compare_span span, const struct compare_result *result);
void compare_write_curve(const struct compare_request *request,
                         const struct compare_result *result);
// `is_in_days`: leads are in days, else in periods.
enum fault_code compare_plot(const struct compare_request *request, bool is_in_days,
                             const struct compare_result *result, struct fault *fault);

#endif
