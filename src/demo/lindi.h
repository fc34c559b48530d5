// SPDX-License-Identifier: GPL-3.0-or-later
//
// lindi.h: made-up figures of a made-up city.
//
// Owns: the generator of everything simulated in the replay. Lindi (临堤市, 219900) does not exist;
// nothing from here may land in a batch that is not marked simulated, nor in a real division. A
// figure depends on seed, county and period alone, so that any order of asking gives the same.
//
// The story it tells: in July, messages about unpaid wages rise in two counties, whose treasury
// cash has been running down since spring and covers wages until September.
#ifndef LEVEE_DEMO_LINDI_H
#define LEVEE_DEMO_LINDI_H

#include <stdint.h>

enum { DEMO_COUNTIES = 8 }; // codes 219901 .. 219908

// Messages about unpaid wages on a day (petition.wages); `county` is 0 .. 7.
int64_t demo_lindi_wages(uint64_t seed, int county, int32_t day);
// Treasury cash cover at the end of a month (finance.cash_cover), in hundredths: end-of-month cash
// over the average monthly outflow. `month` is an ordinal of base/time.h.
int64_t demo_lindi_cash(uint64_t seed, int county, int32_t month);
// Months of wages that the same cash covers (finance.wage_cover), in tenths.
int64_t demo_lindi_wage_cover(uint64_t seed, int county, int32_t month);

#endif
