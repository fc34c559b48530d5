// SPDX-License-Identifier: GPL-3.0-or-later
//
// figures.h: the real figures of the replay, day by day, as they were reported.
//
// Owns: reading demo/epidemic.csv, which the program carries inside. A line there says what a
// source's rows carry for a division from a day on; a figure is the difference of a day's row from
// the row before it. So a source's first row of a division gives no figure (Fushun's row of 17
// April is not a case), a day without a row gives none, and a withdrawal is a negative figure.
// Nothing is mended here: the feed's zero of 25 July 2020 is a zero.
#ifndef LEVEE_DEMO_FIGURES_H
#define LEVEE_DEMO_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum { DEMO_FIGURES = 32 }; // 14 cities and one province, twice over for safety

struct demo_figure {
    struct span division; // "210200"; lives as long as the program
    bool is_second;       // the second source (province), else the city feed
    int64_t value;        // new cases of the day
};

// The figures of one day, in order of source and division. Fills at most DEMO_FIGURES places and
// returns how many.
int demo_figures_read(int32_t day, struct demo_figure ret_figures[DEMO_FIGURES]);
// A file that the program carries inside ("acts.csv"); it must be there.
struct span demo_file(const char *name);
// Cuts the next line off *rest and its cells into `cells`; returns how many, 0 at the end.
int demo_read_cells(struct span *rest, struct span *cells, int capacity);

#endif
