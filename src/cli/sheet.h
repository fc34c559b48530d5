// SPDX-License-Identifier: GPL-3.0-or-later
//
// sheet.h: a table of results on standard output, as CSV or as JSON.
//
//     sheet_open(&sheet, is_json, "cori");       JSON: {"method":"cori","options":{
//     sheet_option(&sheet, "window", 7);               "window":7
//     sheet_head(&sheet, columns, count);              },"rows":[             CSV: the columns
//     sheet_span(..); sheet_number(..); ..             {"time":"2020-07-26",..}    a line
//     sheet_close(&sheet);                             ]}
//
// Cells come in the order of the columns; a row ends with its last one. What is not known is an
// empty cell, in JSON null. Numbers are the shortest that read back to the same double.
#ifndef LEVEE_CLI_SHEET_H
#define LEVEE_CLI_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct sheet {
    bool is_json;
    const char *const *column;
    size_t column_count, at;
    size_t option_count, row_count;
};

void sheet_open(struct sheet *sheet, bool is_json, const char *method);
void sheet_option(struct sheet *sheet, const char *name, double value);
void sheet_head(struct sheet *sheet, const char *const *column, size_t count);
void sheet_span(struct sheet *sheet, struct span text);
// A word of ours, "" for not known.
void sheet_word(struct sheet *sheet, const char *word);
// A number; what is not finite is not known.
void sheet_number(struct sheet *sheet, double value);
void sheet_close(struct sheet *sheet);

#endif
