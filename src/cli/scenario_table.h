// SPDX-License-Identifier: GPL-3.0-or-later
//
// scenario_table.h: places and the travel between them, from two CSV files.
//
//     places    place,population[,exposed][,infectious][,recovered]       one row a place
//     travel    from,to,share            share of their time that residents of `from` spend in `to`
//
// A share from a place to itself may be left out: it is what the others leave.
#ifndef LEVEE_CLI_SCENARIO_TABLE_H
#define LEVEE_CLI_SCENARIO_TABLE_H

#include "base/csv.h"
#include "base/fault.h"
#include "cli/names.h"

struct scenario_table {
    struct csv_text places_text, travel_text;
    struct names places;
    // By place.
    double *population, *exposed, *infectious, *recovered;
    double *travel; // places.count^2, NULL: nobody travels
};

// `travel_path` may be NULL. The caller closes the table also after a fault.
enum fault_code scenario_table_read(struct scenario_table *table, const char *places_path,
                                    const char *travel_path, struct fault *fault);
void scenario_table_close(struct scenario_table *table);

#endif
