// SPDX-License-Identifier: LGPL-3.0-or-later
//
// pelt_reference.c: the same cutting with every start tried for every end; the oracle of the
// pruning in pelt_cut.c.
#include "analysis/pelt.h"

void pelt_cut_plainly(const struct pelt_problem *problem, struct pelt_cuts *cuts)
{
    cuts->cost[0] = -problem->penalty;
    for (size_t t = 1; t <= problem->count; t++) {
        cuts->cost[t] = INFINITY;
        cuts->last[t] = 0;
        for (size_t s = 0; s + problem->segment <= t; s++) {
            double cost = cuts->cost[s] + pelt_cost_of(problem, s, t) + problem->penalty;
            if (cost < cuts->cost[t]) {
                cuts->cost[t] = cost;
                cuts->last[t] = s;
            }
        }
    }
}
