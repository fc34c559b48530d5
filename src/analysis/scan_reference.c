// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_reference.c: the score of each replicate by the plain formula: every zone, every window, a
// logarithm each where there are more cases than expected.
//
// The test's oracle and the yardstick of speed. It deals the cases as the fast form does and shares
// nothing else with it but the formula of the score.
#include "analysis/scan.h"
#include "base/memory.h"

static double score_chain(const struct scan_chain *chain, const struct scan_table *table,
                          const uint32_t *count, size_t window)
{
    double best = 0, cases = 0, expected = 0;
    for (uint32_t i = 0; i < chain->length; i++) {
        size_t row = (chain->place[i] & ~SCAN_CUT) * table->window_count;
        expected += table->expected[row + window];
        for (size_t period = 0; period <= window; period++)
            cases += count[row + period];
        double score =
            (chain->place[i] & SCAN_CUT) != 0 ? scan_score(cases, expected, table->total) : 0;
        best = score > best ? score : best;
    }
    return best;
}

bool scan_refer_replicates(const struct analysis_scan *scan, const struct scan_zones *zones,
                           const struct scan_table *table, double *ret_best)
{
    size_t cells = table->place_count * table->window_count;
    struct scan_dealer *dealer = scan_dealer_open(table);
    uint32_t *count = memory_take(cells * sizeof *count);
    bool is_ready = dealer != NULL && count != NULL;
    for (size_t replicate = 0; is_ready && replicate < scan->replicate_count; replicate++) {
        for (size_t i = 0; i < cells; i++)
            count[i] = 0;
        scan_dealer_deal(dealer, scan->seed, replicate, count);
        ret_best[replicate] = 0;
        for (size_t i = 0; i < zones->chain_count; i++)
            for (size_t window = 0; window < table->window_count; window++) {
                double score = score_chain(&zones->chain[i], table, count, window);
                if (score > ret_best[replicate])
                    ret_best[replicate] = score;
            }
    }
    scan_dealer_close(dealer);
    memory_free(count);
    return is_ready;
}
