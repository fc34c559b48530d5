// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge.h: what the parts of `levee judge` share: the request, and the writing of its results; and
// what other commands with methods share with it: options and their words.
#ifndef LEVEE_CLI_JUDGE_H
#define LEVEE_CLI_JUDGE_H

#include "cli/filter.h"

struct judge_request {
    struct filter filter;
    const struct analysis_detector *detector;
    double option[ANALYSIS_OPTIONS_MAX];
    bool is_detailed;
};

// Writes the rows whose positions are in from..to-1, series by series, to stdout.
void judge_write(const struct judge_request *request, const struct judge_table *table,
                 const struct analysis_output *output, size_t from, size_t to);
// Draws the positions from..to-1 of the first series: value, expected, bound and alarms. FAULT_IO,
// FAULT_FULL.
enum fault_code judge_draw(const struct judge_request *request, const struct judge_table *table,
                           const struct analysis_output *output, size_t from, size_t to,
                           struct fault *fault);

// Sets an option from "name=value". Returns 0, or an exit code with the sentence said for
// `command`.
int judge_set_option(const char *command, const struct analysis_detector *detector,
                     const char *setting, double *option);

// The words for a method and for one of its options; the help below is made of them.
enum text_key judge_method_text(const char *method);
enum text_key judge_option_text(const char *option);
// Writes the methods, their options and defaults to stdout.
void judge_write_methods(void);
// Describes what an option takes, as "1..20" or "delta|nb|muan", in `buffer`.
void judge_describe_option(const struct analysis_option *option, char *buffer, size_t size);

#endif
