// SPDX-License-Identifier: GPL-3.0-or-later
//
// filter.h: what commands that take a CSV file and give a table have in common: their file, format,
// range and picture.
//
// A command's table of options begins with FILTER_OPTIONS; filter_read takes those rows and the
// file's name, the rest is the command's own.
#ifndef LEVEE_CLI_FILTER_H
#define LEVEE_CLI_FILTER_H

#include "cli/calendar_table.h"
#include "cli/cli.h"
#include "cli/curve.h"
#include "cli/judge_table.h"

struct filter {
    const char *command;
    const char *path;      // "-": standard input
    const char *from, *to; // NULL: not given
    const char *plot;      // NULL: no picture
    const char *calendar;  // "china" or a file; NULL: none. The command's own option
    bool is_json;
    int frequency; // 0: not given
};

enum { FILTER_FORMAT, FILTER_FREQUENCY, FILTER_FROM, FILTER_TO, FILTER_PLOT, FILTER_OPTION_COUNT };
#define FILTER_OPTIONS                                                                             \
    {"format", "csv|json", TEXT_JUDGE_HELP_FORMAT}, {"frequency", "N", TEXT_JUDGE_HELP_FREQUENCY}, \
        {"from", "T", TEXT_FILTER_HELP_FROM}, {"to", "T", TEXT_FILTER_HELP_TO},                    \
    {                                                                                              \
        "plot", "FILE.svg", TEXT_FILTER_HELP_PLOT                                                  \
    }

enum { FILTER_FREQUENCY_MOST = 366, FILTER_TIME_SIZE = 40 };

// Takes one option of FILTER_OPTIONS or CLI_ARGUMENT. Returns 0 or an exit code.
int filter_read(struct filter *filter, int option, const char *value);
// Reads a number least..most (whole, if wanted). Returns 0, or an exit code with the sentence said.
int filter_number(const struct filter *filter, const char *option, const char *value, double least,
                  double most, bool is_whole, double *ret_number);
// Reads the file into a grid; counts: no value below zero. The caller closes the table in any case.
// Returns 0 or an exit code.
int filter_load(const struct filter *filter, bool is_count, struct judge_table *table);
// Loads the calendar that was asked for; where the file has no days it is left out with a remark.
// The caller closes it in any case. Returns 0 or an exit code.
int filter_calendar(const struct filter *filter, const struct judge_table *table,
                    struct calendar_table *calendar);
// The positions of --from and --to. Returns 0 or an exit code.
int filter_range(const struct filter *filter, const struct judge_table *table, size_t *ret_from,
                 size_t *ret_to);
// What a panel's labels need: point 0 of the panel is position `from` of the table.
struct filter_place {
    const struct judge_table *table;
    size_t from;
};
// The time of a point, as the file has it: `label` of a struct curve_panel, context a filter_place.
void filter_label(const void *context, size_t at, char buffer[CURVE_LABEL_SIZE]);
// Says on stderr a sentence that is a remark, not a failure.
#define filter_note(key, ...)                                                                      \
    filter_note_with((key), (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})
void filter_note_with(enum text_key key, const struct text_argument *argument);

#endif
