// SPDX-License-Identifier: LGPL-3.0-or-later
//
// embed.c: levee's detectors in a program of one's own.
//
// Reads weekly counts from standard input, one number a line, and writes the weeks of the last year
// that alarm, with the bound. All weeks are judged in one call; the memory is the caller's.
//
//     cc -std=c17 embed.c $(pkg-config --cflags --libs levee_analysis) -o embed
//     grep ^south weeks.csv | cut -d, -f3 | ./embed
#include <stdio.h>

#include <levee/analysis.h>

enum { WEEKS_MOST = 5200, WEEKS_A_YEAR = 52 };

int main(void)
{
    static double value[WEEKS_MOST], upper[WEEKS_MOST];
    static uint16_t outcome[WEEKS_MOST];
    size_t count = 0, row;
    while (count < WEEKS_MOST && scanf("%lf", &value[count]) == 1)
        count++;

    const struct analysis_detector *detector = analysis_find_detector("farrington-flexible");
    double option[ANALYSIS_OPTIONS_MAX];
    analysis_default_options(detector, option);
    if (analysis_set_option(detector, "b", "4", option, &row) != ANALYSIS_OPTION_TAKEN ||
        !analysis_check_options(detector, option, WEEKS_A_YEAR)) {
        fprintf(stderr, "these options do not work together\n");
        return 64;
    }

    struct analysis_panel panel = {
        .series_count = 1,
        .point_count = count,
        .stride = count,
        .value = value,
        .frequency = WEEKS_A_YEAR,
        .from = count > WEEKS_A_YEAR ? count - WEEKS_A_YEAR : 0,
        .to = count,
    };
    struct analysis_output output = {.outcome = outcome, .column = {[ANALYSIS_UPPER] = upper}};
    if (!detector->batch(&panel, option, &output)) {
        fprintf(stderr, "no memory\n");
        return 73;
    }
    for (size_t week = panel.from; week < panel.to; week++)
        if (outcome[week] & ANALYSIS_ALARM)
            printf("week %zu: %g cases, bound %g\n", week + 1, value[week], upper[week]);
    return 0;
}
