// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_write.c: the table of methods, and the curve as rows.
//
// A row a method, its series empty; with --detail one a series below it, at the method's one
// threshold. A cell is empty where there is nothing to say: a precision without an alarm, a recall
// without an event. Columns are explained in docs/compare.md.
#include "cli/compare.h"
#include "cli/sheet.h"

static const char *const columns[] = {"method",       "series",          "split",
                                      "threshold",    "years",           "events",
                                      "found",        "alarms",          "false_alarms",
                                      "false_a_year", "precision",       "recall",
                                      "detection",    "delay",           "lead",
                                      "lead_found",   "timeliness",      "judged",
                                      "brier",        "reliability",     "resolution",
                                      "uncertainty",  "within_variance", "within_covariance"};
static const char *const curve_columns[] = {"method", "threshold", "false_alarms", "false_a_year",
                                            "events", "found",     "recall",       "delay",
                                            "lead",   "timeliness"};
enum {
    COLUMN_COUNT = sizeof columns / sizeof columns[0],
    CURVE_COLUMN_COUNT = sizeof curve_columns / sizeof curve_columns[0]
};

static void open_sheet(struct sheet *sheet, const struct compare_request *request)
{
    sheet_open(sheet, request->filter.is_json, "compare");
    sheet_option(sheet, "budget", request->budget);
}

static void write_row(struct sheet *sheet, struct span method, struct span series,
                      const char *split, double threshold, double frequency,
                      const struct compare_rating *one)
{
    const struct analysis_rating *rating = &one->rating;
    const struct analysis_brier *brier = &one->brier;
    const double number[] = {threshold,
                             rating->quiet_count / frequency,
                             rating->event_count,
                             rating->found_count,
                             rating->alarm_count,
                             rating->false_count,
                             rating->false_a_year,
                             rating->precision,
                             rating->recall,
                             rating->detection,
                             rating->delay,
                             rating->lead,
                             rating->lead_found,
                             rating->timeliness,
                             rating->judged_count / rating->period_count,
                             brier->score,
                             brier->reliability,
                             brier->resolution,
                             brier->uncertainty,
                             brier->within_variance,
                             brier->within_covariance};
    sheet_span(sheet, method);
    sheet_span(sheet, series);
    sheet_word(sheet, split);
    for (size_t i = 0; i < sizeof number / sizeof number[0]; i++)
        sheet_number(sheet, number[i]);
}

void compare_write(const struct compare_request *request, const struct judge_table *table,
                   struct compare_span span, const struct compare_result *result)
{
    struct sheet sheet = {0};
    char split[FILTER_TIME_SIZE];
    judge_table_write_time(table, span.split, split, sizeof split);
    open_sheet(&sheet, request);
    sheet_head(&sheet, columns, COLUMN_COUNT);
    for (size_t i = 0; i < request->method_count; i++) {
        struct span name = request->method[i].name;
        double threshold = result[i].threshold.threshold, frequency = table->axis.frequency;
        write_row(&sheet, name, (struct span){0}, split, threshold, frequency, &result[i].all);
        for (size_t s = 0; result[i].series != NULL && s < table->series_count; s++)
            write_row(&sheet, name, table->series[s], split, threshold, frequency,
                      &result[i].series[s]);
    }
    sheet_close(&sheet);
}

void compare_write_curve(const struct compare_request *request, const struct compare_result *result)
{
    struct sheet sheet = {0};
    open_sheet(&sheet, request);
    sheet_head(&sheet, curve_columns, CURVE_COLUMN_COUNT);
    for (size_t i = 0; i < request->method_count; i++)
        for (size_t k = 0; k < result[i].trades.count; k++) {
            const struct analysis_trade *trade = &result[i].trades.trade[k];
            const double number[] = {trade->threshold,    trade->false_count,
                                     trade->false_a_year, result[i].all.rating.event_count,
                                     trade->found_count,  trade->recall,
                                     trade->delay,        trade->lead,
                                     trade->timeliness};
            sheet_span(&sheet, request->method[i].name);
            for (size_t n = 0; n < sizeof number / sizeof number[0]; n++)
                sheet_number(&sheet, number[n]);
        }
    sheet_close(&sheet);
}
