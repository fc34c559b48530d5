// SPDX-License-Identifier: GPL-3.0-or-later
//
// svg.h: what the commands' pictures have in common: the file, words, the steps of an axis.
//
// A picture is one plain SVG file: no script, no font and no file besides itself.
#ifndef LEVEE_CLI_SVG_H
#define LEVEE_CLI_SVG_H

#include <stdio.h>

#include "base/fault.h"

// Makes the file and begins a white picture of that size in pixels. NULL: FAULT_IO is noted.
FILE *svg_open(const char *path, double width, double height, struct fault *fault);
// Writes text; `attributes` stand in its tag, "" for none.
void svg_text(FILE *file, double x, double y, const char *attributes, struct span text);
// Ends the picture and closes the file. FAULT_IO: it could not be written whole.
enum fault_code svg_close(FILE *file, const char *path, struct fault *fault);
// 1, 2 or 5 times a power of ten, so that no more than about `ticks` steps make up the span > 0.
double svg_step(double span, int ticks);

#endif
