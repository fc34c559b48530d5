// SPDX-License-Identifier: LGPL-3.0-or-later
//
// evaluation_priv.h: what a cell is in a range, for the parts of the evaluation. Of this folder
// only.
#ifndef LEVEE_ANALYSIS_EVALUATION_PRIV_H
#define LEVEE_ANALYSIS_EVALUATION_PRIV_H

#include "analysis/evaluation.h"

enum evaluation_cell {
    EVALUATION_QUIET,
    EVALUATION_EVENT,  // of an event that begins in the range
    EVALUATION_NEITHER // its label is unknown, or its event began before the range
};
// *ret_event is the event for EVALUATION_EVENT, else NULL.
enum evaluation_cell evaluation_cell_of(const struct analysis_scored *scored, size_t series,
                                        size_t point, const struct analysis_event **ret_event);

#endif
