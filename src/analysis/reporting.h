// SPDX-License-Identifier: LGPL-3.0-or-later
//
// reporting.h: what the forms of the reporting detector share: the options.
//
// Of the folder only. docs/detectors 16.
#ifndef LEVEE_ANALYSIS_REPORTING_H
#define LEVEE_ANALYSIS_REPORTING_H

#include "analysis/chart.h"

enum { REPORTING_WINDOW, REPORTING_CYCLE, REPORTING_ALPHA, REPORTING_OPTIONS };
enum { REPORTING_CYCLE_MOST = 366, REPORTING_WINDOW_MOST = 3660 };

// The share of periods that bring a report, `reported` of `count` having done so.
static inline double reporting_share(double reported, double count)
{
    return (reported + 0.5) / (count + 1);
}

size_t reporting_start(const double *option, int frequency);
bool reporting_judge(const struct analysis_panel *panel, const double *option,
                     const struct analysis_output *output);
bool reporting_refer(const struct analysis_panel *panel, const double *option,
                     const struct analysis_output *output);

#endif
