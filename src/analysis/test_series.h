// SPDX-License-Identifier: LGPL-3.0-or-later
//
// test_series.h: the worked examples' series A of docs/detectors 0, and one judgement of a series.
//
// For the tests of this folder.
#ifndef LEVEE_ANALYSIS_TEST_SERIES_H
#define LEVEE_ANALYSIS_TEST_SERIES_H

#include <stdio.h>
#include <string.h>

#include "analysis/analysis.h"
#include "unit.h"

enum { TEST_POINTS = 320 };

struct test_result {
    uint16_t outcome[TEST_POINTS];
    double column[ANALYSIS_COLUMNS][TEST_POINTS];
};

// A[t], t counted from 1.
static inline double test_series_a(int t)
{
    return 4 + (7 * t * t + 5 * t + t / 3) % 10 + (t == 66 ? 20 : t == 170 ? 12 : 0);
}

// Judges by a method with settings such as "k=1 h=3"; the chart begins at `chart_from` (from 0).
static inline void test_judge(const char *method, const char *settings, const double *value,
                              size_t count, int frequency, size_t chart_from,
                              struct test_result *result)
{
    const struct analysis_detector *detector = analysis_find_detector(method);
    double option[ANALYSIS_OPTIONS_MAX];
    char copy[256], *rest = copy, *word;
    size_t row = 0;
    memset(result, 0, sizeof *result);
    if (!CHECK(detector != NULL && count <= TEST_POINTS))
        return;
    analysis_default_options(detector, option);
    snprintf(copy, sizeof copy, "%s", settings);
    while (copy[0] != '\0' && (word = strsep(&rest, " ")) != NULL) {
        char *name = strsep(&word, "=");
        CHECK_EQUAL(analysis_set_option(detector, name, word, option, &row), ANALYSIS_OPTION_TAKEN);
    }
    CHECK(analysis_check_options(detector, option, frequency));
    struct analysis_panel panel = {.series_count = 1,
                                   .point_count = count,
                                   .stride = count,
                                   .value = value,
                                   .frequency = frequency,
                                   .from = 0,
                                   .to = count,
                                   .chart_from = chart_from};
    struct analysis_output output = {.outcome = result->outcome};
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        output.column[column] = result->column[column];
    CHECK(detector->batch(&panel, option, &output));
}

#endif
