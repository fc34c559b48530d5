// SPDX-License-Identifier: GPL-3.0-or-later
//
// output.h: numbers and names as CSV and JSON take them, for commands that are filters.
#ifndef LEVEE_CLI_OUTPUT_H
#define LEVEE_CLI_OUTPUT_H

#include <stdio.h>

#include "base/span.h"

enum { OUTPUT_NUMBER_SIZE = 32 };

// The shortest decimal that reads back to the same double, in `buffer`; returns it.
const char *output_number(double value, char buffer[static OUTPUT_NUMBER_SIZE]);
// A name as a CSV cell, in quotes where it needs them.
void output_csv_text(FILE *file, struct span text);
// A name as a JSON string, quotes included.
void output_json_text(FILE *file, struct span text);
// A name as text of XML: & < > " escaped.
void output_xml_text(FILE *file, struct span text);

#endif
