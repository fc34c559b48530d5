// SPDX-License-Identifier: GPL-3.0-or-later
//
// quality_table.h: what a file says about its values' origin, as the quality check takes it.
//
// Owns the arrays beside the grid of a judge_table: when each value was first known, what it was
// then, when its period was over, and of which series each is a part.
#ifndef LEVEE_CLI_QUALITY_TABLE_H
#define LEVEE_CLI_QUALITY_TABLE_H

#include "cli/judge_table.h"

struct quality_table {
    struct analysis_panel panel;
    struct analysis_quality_data data;
    // Behind `data`; NULL where the file does not say.
    int32_t *known_day, *ready_day;
    double *first_value;
    uint32_t *parent;
};

// Fills the arrays from a table that is laid out, read with takes_sources. FAULT_INVALID names line
// and remedy. The caller closes it also after a fault, and keeps the table meanwhile.
enum fault_code quality_table_fill(struct quality_table *quality, const struct judge_table *table,
                                   struct fault *fault);
void quality_table_close(struct quality_table *quality);

#endif
