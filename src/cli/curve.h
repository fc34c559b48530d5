// SPDX-License-Identifier: GPL-3.0-or-later
//
// curve.h: panels with bars, dots, a line and bands over time, as one SVG file.
//
// The picture is plain: no script, no font and no file besides itself. Every panel has its own
// scale, which begins at zero where no value is below it, and its name over it.
//
//     name
//     |      ....        band of `lower`..`upper`, light; `inner_..`, darker
//     |   .-'----'-.     line
//     | ---------------  reference, dashed
//     |  | || |||        bars or dots: observed; marked ones are triangles
//     +---------------
//      first   middle   last
#ifndef LEVEE_CLI_CURVE_H
#define LEVEE_CLI_CURVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

enum { CURVE_PANELS_MOST = 24, CURVE_LABEL_SIZE = 40 };

// Arrays of `count`, what is not finite is not drawn; NULL: none.
struct curve_panel {
    struct span name;
    size_t count;
    const double *observed, *line, *lower, *upper, *inner_lower, *inner_upper;
    const bool *is_marked; // of the observed: stands out by shape and colour
    bool is_bars;
    double reference; // not finite: none
    // Writes the label of a place; `context` is the panel's.
    void (*label)(const void *context, size_t at, char buffer[CURVE_LABEL_SIZE]);
    const void *context;
};

// Writes the picture. `title` and `caption` are sentences in the reader's language. More panels
// than CURVE_PANELS_MOST are left out. FAULT_IO, FAULT_FULL.
enum fault_code curve_write(const char *path, const char *title, const char *caption,
                            const struct curve_panel *panel, size_t panel_count,
                            struct fault *fault);

#endif
