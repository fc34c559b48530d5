// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_deal.c: deals all cases anew on the cells, multinomially, each cell by what is expected of
// it.
//
// First how many of the C cases fall into the windows at all (binomial; the others are of no use to
// any zone), then those, one of two ways, chosen by the input alone:
//
//     few cases a cell     each case by Walker's alias table (Walker 1977, ACM TOMS 3:253; built as
//                          by Vose 1991, IEEE TSE 17:972): one word of chance, one look-up
//     many cases a cell    the cells are halved and halved again, the cases split by binomial
//                          numbers: 2 x cells numbers however many cases
//
// Both give the multinomial law. A cell without expectation never gets a case.
#include <assert.h>

#include "analysis/scan.h"
#include "base/memory.h"

enum { CASES_A_CELL = 8, DEPTH_MOST = 64 };

struct alias {
    uint32_t keep;  // of 2^32: the cell itself, else the other
    uint32_t other; // a cell
};

struct scan_dealer {
    uint32_t cases;
    size_t cell_count;
    double inside;       // probability that a case falls into the windows
    double *until;       // cell_count + 1: sums of the cells' expectations
    struct alias *alias; // NULL: by halving
};

// The expectation of a cell: what its window adds to the one before it.
static double expectation(const struct scan_table *table, size_t cell)
{
    double all = table->expected[cell];
    double before = cell % table->window_count == 0 ? 0 : table->expected[cell - 1];
    return all > before ? all - before : 0;
}

static uint32_t likeliest(const struct scan_dealer *dealer)
{
    size_t best = 0;
    const double *until = dealer->until;
    for (size_t i = 1; i < dealer->cell_count; i++)
        if (until[i + 1] - until[i] > until[best + 1] - until[best])
            best = i;
    return (uint32_t)best;
}

static bool build_alias(struct scan_dealer *dealer)
{
    size_t count = dealer->cell_count, small_count = 0, large_count = 0;
    double scale = (double)count / dealer->until[count];
    double *left = memory_take(count * sizeof *left);
    uint32_t *small = memory_take(count * sizeof *small);
    uint32_t *large = memory_take(count * sizeof *large);
    dealer->alias = memory_take(count * sizeof *dealer->alias);
    bool is_built = left != NULL && small != NULL && large != NULL && dealer->alias != NULL;
    for (size_t i = 0; is_built && i < count; i++) {
        left[i] = (dealer->until[i + 1] - dealer->until[i]) * scale;
        if (left[i] < 1)
            small[small_count++] = (uint32_t)i;
        else
            large[large_count++] = (uint32_t)i;
    }
    while (is_built && small_count > 0 && large_count > 0) {
        uint32_t less = small[--small_count], more = large[large_count - 1];
        dealer->alias[less] = (struct alias){(uint32_t)(left[less] * 0x1p32), more};
        left[more] -= 1 - left[less];
        if (left[more] < 1) {
            large_count--;
            small[small_count++] = more;
        }
    }
    // What is left is 1 but for rounding, or nothing where every case belongs elsewhere.
    while (is_built && small_count > 0) {
        uint32_t cell = small[--small_count];
        dealer->alias[cell] = left[cell] < 0.5 ? (struct alias){0, likeliest(dealer)}
                                               : (struct alias){UINT32_MAX, cell};
    }
    while (is_built && large_count > 0) {
        uint32_t cell = large[--large_count];
        dealer->alias[cell] = (struct alias){UINT32_MAX, cell};
    }
    memory_free(left);
    memory_free(small);
    memory_free(large);
    return is_built;
}

struct scan_dealer *scan_dealer_open(const struct scan_table *table)
{
    assert(table->total >= 1 && table->total <= SCAN_CASES_MOST);
    struct scan_dealer *dealer = memory_allocate(sizeof *dealer);
    if (dealer == NULL)
        return NULL;
    dealer->cases = (uint32_t)table->total;
    dealer->cell_count = table->place_count * table->window_count;
    dealer->until = memory_take((dealer->cell_count + 1) * sizeof *dealer->until);
    if (dealer->until == NULL) {
        memory_free(dealer);
        return NULL;
    }
    dealer->until[0] = 0;
    for (size_t i = 0; i < dealer->cell_count; i++)
        dealer->until[i + 1] = dealer->until[i] + expectation(table, i);
    double all = dealer->until[dealer->cell_count];
    dealer->inside = all < table->total * (1 - 1e-12) ? all / table->total : 1;
    bool is_alias =
        all > 0 && dealer->cases * dealer->inside < CASES_A_CELL * (double)dealer->cell_count;
    if (is_alias && !build_alias(dealer)) {
        scan_dealer_close(dealer);
        return NULL;
    }
    return dealer;
}

void scan_dealer_close(struct scan_dealer *dealer)
{
    if (dealer == NULL)
        return;
    memory_free(dealer->until);
    memory_free(dealer->alias);
    memory_free(dealer);
}

struct part {
    size_t from, to;
    uint32_t cases;
};

static void halve(const struct scan_dealer *dealer, struct scan_chance *chance, uint32_t cases,
                  uint32_t *count)
{
    struct part stack[DEPTH_MOST] = {{0, dealer->cell_count, cases}};
    size_t depth = 1;
    while (depth > 0) {
        struct part part = stack[--depth];
        while (part.cases > 0 && part.to - part.from > 1) {
            size_t middle = part.from + (part.to - part.from) / 2;
            double whole = dealer->until[part.to] - dealer->until[part.from];
            double share = (dealer->until[middle] - dealer->until[part.from]) / whole;
            uint32_t left = scan_chance_binomial(chance, part.cases, share > 1 ? 1 : share);
            assert(depth < DEPTH_MOST);
            stack[depth++] = (struct part){middle, part.to, part.cases - left};
            part = (struct part){part.from, middle, left};
        }
        if (part.cases > 0)
            count[part.from] += part.cases;
    }
}

double scan_dealer_most(const struct scan_dealer *dealer)
{
    double mean = dealer->cases * dealer->inside, deviation = sqrt(mean * (1 - dealer->inside));
    return fmin(dealer->cases, mean + 10 * deviation + 10);
}

uint32_t scan_dealer_deal(const struct scan_dealer *dealer, uint64_t seed, uint64_t replicate,
                          uint32_t *count)
{
    struct scan_chance chance;
    scan_chance_begin(&chance, seed, replicate);
    uint32_t cases = scan_chance_binomial(&chance, dealer->cases, dealer->inside);
    if (dealer->alias == NULL) {
        halve(dealer, &chance, cases, count);
        return cases;
    }
    for (uint32_t i = 0; i < cases; i++) {
        unsigned __int128 product =
            (unsigned __int128)scan_chance_next(&chance) * dealer->cell_count;
        uint32_t cell = (uint32_t)(product >> 64), rest = (uint32_t)((uint64_t)product >> 32);
        struct alias alias = dealer->alias[cell];
        count[rest < alias.keep ? cell : alias.other]++;
    }
    return cases;
}
