// SPDX-License-Identifier: LGPL-3.0-or-later
//
// plausibility.c: is a figure improbably low after what came just before it?
//
// A feed that fails often says 0, and a 0 in the middle of a rise is what an honest eye stumbles
// over. The yardstick is deliberately plain, so that it can be said in one sentence to whoever is
// asked: if the mean of the last three believed values m still held, how many of 100 such days
// would bring so low a figure?
//
//      1  2  9 | 0         m = 4      P(X <= 0) = exp(-4) = 0.018     "about 2 of 100 such days"
//
// Poisson, because nothing is known about spread from three values; real counts spread more, so the
// answer is a question to the feed's keeper and never a correction. It only speaks after a rise:
// zeros among zeros, or the end of a slow decline, are no surprise.
#include "analysis/analysis_priv.h"

bool analysis_probability_low(const double *believed, size_t count, double value,
                              double *ret_probability)
{
    assert(believed != NULL || count == 0);
    if (count < ANALYSIS_LOW_VALUES || !(value >= 0) || !isfinite(value))
        return false;
    double sum = 0;
    for (size_t i = count - ANALYSIS_LOW_VALUES; i < count; i++) {
        if (!(believed[i] >= 0) || !isfinite(believed[i]))
            return false;
        sum += believed[i];
    }
    *ret_probability = analysis_poisson_cdf(value, sum / ANALYSIS_LOW_VALUES);
    return true;
}

bool analysis_is_improbably_low(const double *believed, size_t count, double value, double limit)
{
    assert(limit >= 0 && limit <= 1);
    double probability = 1;
    if (!analysis_probability_low(believed, count, value, &probability))
        return false;
    bool is_rise = believed[count - 1] > believed[count - ANALYSIS_LOW_VALUES];
    return is_rise && probability < limit;
}
