// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_write.c: writes judged rows as CSV or JSON.
//
//     series,time,value,expected,upper,score,alarm[,mu0,phi,trend_coef,trend,pvalue,quantile_prob,
//                                                  statistic,reason]
//
// time and value stand as the file had them. What is not known is empty (JSON: null), the alarm of
// a row without result too. Numbers are the shortest that read back to the same double. Columns
// that a method never gives are left out of the detail.
#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "cli/judge.h"
#include "cli/output.h"

enum judge_field_kind { FIELD_NUMBER, FIELD_FLAG, FIELD_REASON };

struct judge_field {
    const char *name;
    enum judge_field_kind kind;
    unsigned source; // the column, or the flag's bit
    bool is_detail;
};

static const struct judge_field fields[] = {
    {"expected", FIELD_NUMBER, ANALYSIS_EXPECTED, false},
    {"upper", FIELD_NUMBER, ANALYSIS_UPPER, false},
    {"score", FIELD_NUMBER, ANALYSIS_SCORE, false},
    {"alarm", FIELD_FLAG, ANALYSIS_ALARM, false},
    {"mu0", FIELD_NUMBER, ANALYSIS_MU0, true},
    {"phi", FIELD_NUMBER, ANALYSIS_PHI, true},
    {"trend_coef", FIELD_NUMBER, ANALYSIS_TREND_COEF, true},
    {"trend", FIELD_FLAG, ANALYSIS_TREND, true},
    {"pvalue", FIELD_NUMBER, ANALYSIS_PVALUE, true},
    {"quantile_prob", FIELD_NUMBER, ANALYSIS_QUANTILE_PROB, true},
    {"statistic", FIELD_NUMBER, ANALYSIS_STATISTIC, true},
    {"reason", FIELD_REASON, 0, true},
};
enum { FIELD_COUNT = sizeof fields / sizeof fields[0] };

static const char *const reason_name[] = {
    [ANALYSIS_REASON_NONE] = "",
    [ANALYSIS_REASON_OUTSIDE] = "outside",
    [ANALYSIS_REASON_SHORT] = "short",
    [ANALYSIS_REASON_MISSING] = "missing",
    [ANALYSIS_REASON_BASELINE] = "baseline",
    [ANALYSIS_REASON_NO_FIT] = "no_fit",
    [ANALYSIS_REASON_RANGE] = "range",
};

static const char *reason_of(uint16_t outcome)
{
    enum analysis_reason reason = analysis_reason_of(outcome);
    assert((size_t)reason < sizeof reason_name / sizeof reason_name[0]);
    return reason == ANALYSIS_REASON_NONE && (outcome & ANALYSIS_SILENCED) ? "few"
                                                                           : reason_name[reason];
}

static bool is_given(const struct judge_request *request, const struct judge_field *field)
{
    unsigned columns = request->detector->columns;
    if (!field->is_detail || field->kind == FIELD_REASON)
        return !field->is_detail || request->is_detailed;
    unsigned column = field->kind == FIELD_FLAG ? ANALYSIS_TREND_COEF : field->source;
    return request->is_detailed && (columns >> column & 1) != 0;
}

// What a field says about a point, "" where it is not known; reasons come without their quotes.
static const char *say_field(const struct judge_request *request, const struct judge_field *field,
                             const struct analysis_output *output, size_t at, char *buffer)
{
    uint16_t outcome = output->outcome[at];
    if (field->kind == FIELD_REASON)
        return reason_of(outcome);
    if (field->kind == FIELD_FLAG) {
        if ((outcome & ANALYSIS_JUDGED) == 0)
            return "";
        bool is_set = (outcome & field->source) != 0;
        return request->filter.is_json ? (is_set ? "true" : "false") : is_set ? "1" : "0";
    }
    if ((outcome >> field->source & 1) == 0)
        return "";
    double value = output->column[field->source][at];
    if (isinf(value)) // mu0 only; JSON has no word for it
        return request->filter.is_json ? "" : "Inf";
    return output_number(value, buffer);
}

static void write_csv_row(const struct judge_request *request, const struct judge_table *table,
                          const struct analysis_output *output, size_t at)
{
    const struct judge_row *row = &table->row[table->row_at[at] - 1];
    char buffer[OUTPUT_NUMBER_SIZE];
    output_csv_text(stdout, table->series[row->series]);
    putchar(',');
    output_csv_text(stdout, row->time);
    putchar(',');
    output_csv_text(stdout, row->value_text);
    for (int i = 0; i < FIELD_COUNT; i++)
        if (is_given(request, &fields[i]))
            printf(",%s", say_field(request, &fields[i], output, at, buffer));
    putchar('\n');
}

static void write_json_row(const struct judge_request *request, const struct judge_table *table,
                           const struct analysis_output *output, size_t at)
{
    const struct judge_row *row = &table->row[table->row_at[at] - 1];
    char buffer[OUTPUT_NUMBER_SIZE];
    fputs("{\"series\":", stdout);
    output_json_text(stdout, table->series[row->series]);
    fputs(",\"time\":", stdout);
    output_json_text(stdout, row->time);
    fputs(",\"value\":", stdout);
    fputs(isnan(row->value) ? "null" : output_number(row->value, buffer), stdout);
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (!is_given(request, &fields[i]))
            continue;
        const char *said = say_field(request, &fields[i], output, at, buffer);
        const char *quote = fields[i].kind == FIELD_REASON && said[0] != '\0' ? "\"" : "";
        printf(",\"%s\":%s%s%s", fields[i].name, quote, said[0] == '\0' ? "null" : said, quote);
    }
    putchar('}');
}

static void write_csv_head(const struct judge_request *request)
{
    fputs("series,time,value", stdout);
    for (int i = 0; i < FIELD_COUNT; i++)
        if (is_given(request, &fields[i]))
            printf(",%s", fields[i].name);
    putchar('\n');
}

static void write_json_head(const struct judge_request *request)
{
    char buffer[OUTPUT_NUMBER_SIZE];
    printf("{\"method\":\"%s\",\"options\":{", request->detector->name);
    for (size_t i = 0; i < request->detector->option_count; i++) {
        const struct analysis_option *option = &request->detector->option[i];
        printf("%s\"%s\":", i > 0 ? "," : "", option->name);
        if (option->kind == ANALYSIS_OPTION_CHOICE)
            printf("\"%s\"", option->choice[(int)request->option[i]]);
        else if (!isfinite(request->option[i]) && option->choice[0] != NULL)
            printf("\"%s\"", option->choice[0]);
        else
            fputs(isfinite(request->option[i]) ? output_number(request->option[i], buffer) : "null",
                  stdout);
    }
    fputs("},\"rows\":[", stdout);
}

void judge_write(const struct judge_request *request, const struct judge_table *table,
                 const struct analysis_output *output, size_t from, size_t to)
{
    assert(from <= to && to <= table->axis.position_count);
    bool is_first = true;
    if (request->filter.is_json)
        write_json_head(request);
    else
        write_csv_head(request);
    for (size_t series = 0; series < table->series_count; series++)
        for (size_t position = from; position < to; position++) {
            size_t at = series * table->axis.position_count + position;
            if (table->row_at[at] == 0)
                continue;
            if (request->filter.is_json) {
                fputs(is_first ? "\n" : ",\n", stdout);
                write_json_row(request, table, output, at);
            } else {
                write_csv_row(request, table, output, at);
            }
            is_first = false;
        }
    if (request->filter.is_json)
        fputs("\n]}\n", stdout);
}
