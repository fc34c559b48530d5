// SPDX-License-Identifier: LGPL-3.0-or-later
//
// digits.h: the decimal digits of a value as it is written.
//
// Of the folder only. Digits come from the decimal text of a value (15 significant ones at most,
// all that a double surely keeps), never from logarithms.
#ifndef LEVEE_ANALYSIS_DIGITS_H
#define LEVEE_ANALYSIS_DIGITS_H

#include <stdint.h>

enum { DIGITS_DECIMALS_MOST = 6 };

// Decimals with which a finite value is written, 0..DIGITS_DECIMALS_MOST.
int digits_count_decimals(double value);
// |value| in units of its last decimal: 12.5 with 2 decimals is 1250. |value| <= 1e15; what would
// not fit below 1e18 is cut there.
uint64_t digits_scale(double value, int decimals);
// The first `count` digits (1 or 2) of a value above 0; with two, a value of one digit gets a 0.
int digits_first(uint64_t scaled, int count);

#endif
