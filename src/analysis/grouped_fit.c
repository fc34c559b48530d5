// SPDX-License-Identifier: LGPL-3.0-or-later
//
// grouped_fit.c: the memory of a grouped fit, and what is read off it lane by lane.
//
// The fit itself is in grouped_kernel.c.
#include "analysis/grouped_fit.h"

size_t grouped_fit_size(size_t row_most, size_t group_most)
{
    return WIDE * (5 * row_most + 4 * group_most);
}

void grouped_fit_place(struct grouped_fit *fit, size_t row_most, size_t group_most, double *memory)
{
    size_t rows = WIDE * row_most, groups = WIDE * group_most;
    *fit = (struct grouped_fit){.predictor = memory};
    fit->mu = memory + rows;
    fit->residual = memory + 2 * rows;
    fit->weight = memory + 3 * rows;
    fit->prior = memory + 4 * rows;
    fit->total = memory + 5 * rows;
    fit->time_mean = fit->total + groups;
    fit->intercept = fit->total + 2 * groups;
    fit->response_mean = fit->total + 3 * groups;
}

double grouped_fit_spread(const struct grouped_fit *fit, const struct season_baseline *baseline,
                          int lane, bool is_trended)
{
    assert(lane >= 0 && lane < WIDE);
    size_t last = WIDE * (size_t)(baseline->group_count - 1) + (size_t)lane;
    double spread = 1 / fit->total[last], mean = fit->time_mean[last];
    return is_trended ? spread + mean * mean / fit->time_square[lane] : spread;
}
