// SPDX-License-Identifier: LGPL-3.0-or-later
//
// ears.h: what the fast and the plain form of EARS share: the options' places and the windows.
#ifndef LEVEE_ANALYSIS_EARS_H
#define LEVEE_ANALYSIS_EARS_H

enum { EARS_BASELINE, EARS_MIN_SIGMA, EARS_ALPHA };
enum ears_chart { EARS_C1, EARS_C2, EARS_C3 };
enum {
    EARS_BASELINE_LEAST = 3,
    EARS_BASELINE_MOST = 365,
    EARS_LAG = 2,    // days that C2 and C3 leave between window and day
    EARS_MEMORY = 2, // days whose excess C3 adds
};

#endif
