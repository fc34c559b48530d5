// SPDX-License-Identifier: LGPL-3.0-or-later
//
// adjust.c: probabilities of many tests corrected for each other.
//
// With p(1) <= ... <= p(m) the sorted probabilities of m tests:
//
//     false discovery   q(i) = min over j >= i of m p(j) / j          Benjamini, Hochberg 1995
//     family            q(i) = max over j <= i of (m - j + 1) p(j)    Holm 1979
//
// each cut at 1. Missing entries were no tests: m does not count them.
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/analysis.h"
#include "base/memory.h"

struct adjust_test {
    double p;
    size_t at;
};

static int compare_tests(const void *a, const void *b)
{
    const struct adjust_test *left = a, *right = b;
    if (left->p != right->p)
        return left->p < right->p ? -1 : 1;
    return (left->at > right->at) - (left->at < right->at);
}

bool analysis_adjust(enum analysis_adjustment adjustment, const double *p, size_t count,
                     double *ret_q)
{
    assert(count == 0 || (p != NULL && ret_q != NULL));
    struct adjust_test *test = memory_take((count + 1) * sizeof *test);
    if (test == NULL)
        return false;
    size_t tests = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(p[i])) {
            assert(p[i] >= 0 && p[i] <= 1);
            test[tests++] = (struct adjust_test){p[i], i};
        }
        ret_q[i] = 1;
    }
    qsort(test, tests, sizeof *test, compare_tests);
    double held = adjustment == ANALYSIS_ADJUST_FAMILY ? 0 : 1;
    for (size_t i = 0; i < tests; i++) {
        if (adjustment == ANALYSIS_ADJUST_FAMILY) {
            held = fmax(held, fmin(1, (double)(tests - i) * test[i].p));
            ret_q[test[i].at] = held;
        } else {
            size_t from_top = tests - 1 - i;
            held = fmin(held, (double)tests * test[from_top].p / (double)(from_top + 1));
            ret_q[test[from_top].at] = held;
        }
    }
    memory_free(test);
    return true;
}
