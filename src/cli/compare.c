// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare.c: `levee compare`: methods side by side on labelled data.
//
//     levee compare FILE.csv --method [NAME=]M [--method ...] [--option NAME.k=v ...]
//                   [--label COLUMN | --labels FILE] [--split T|SHARE] [--budget ALARMS_A_YEAR]
//                   [--calibration isotonic|logistic] [--from T] [--to T] [--detail] [--curve]
//                   [--format csv|json] [--plot FILE.svg] [--frequency N]
//
// A Unix filter without a store. Each method's threshold is set on the part before the split, where
// it keeps the declared budget of false alarms, and so is the map from score to probability; both
// are judged on the part after it. One row a method; --curve writes the trade-off instead.
//
// Exit codes: 0; 64 the command line; 65 a file's contents, also when nothing in it is labelled; 66
// no such file; 73 too large; 74 the picture cannot be written.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/judge.h"

enum {
    OPTION_METHOD = FILTER_OPTION_COUNT,
    OPTION_OPTION,
    OPTION_LABEL,
    OPTION_LABELS,
    OPTION_SPLIT,
    OPTION_BUDGET,
    OPTION_CALIBRATION,
    OPTION_DETAIL,
    OPTION_CURVE
};
enum { SETTINGS_MOST = 64 };
static const double BUDGET_MOST = 366;

static const struct cli_option options[] = {
    {"format", "csv|json", TEXT_JUDGE_HELP_FORMAT},
    {"frequency", "N", TEXT_JUDGE_HELP_FREQUENCY},
    {"from", "T", TEXT_COMPARE_HELP_FROM},
    {"to", "T", TEXT_COMPARE_HELP_TO},
    {"plot", "FILE.svg", TEXT_FILTER_HELP_PLOT},
    {"method", "[NAME=]M", TEXT_COMPARE_HELP_METHOD},
    {"option", "NAME.K=V", TEXT_COMPARE_HELP_OPTION},
    {"label", "COLUMN", TEXT_COMPARE_HELP_LABEL},
    {"labels", "FILE", TEXT_COMPARE_HELP_LABELS},
    {"split", "T|SHARE", TEXT_COMPARE_HELP_SPLIT},
    {"budget", "N", TEXT_COMPARE_HELP_BUDGET},
    {"calibration", "isotonic|logistic", TEXT_COMPARE_HELP_CALIBRATION},
    {"detail", NULL, TEXT_COMPARE_HELP_DETAIL},
    {"curve", NULL, TEXT_COMPARE_HELP_CURVE},
    {NULL},
};

// Options are set once the methods are known, which may stand behind them.
struct settings {
    const char *setting[SETTINGS_MOST];
    int count;
};

static struct compare_method *find_method(struct compare_request *request, struct span name)
{
    for (size_t i = 0; i < request->method_count; i++)
        if (span_equal(request->method[i].name, name))
            return &request->method[i];
    return NULL;
}

static int add_method(struct compare_request *request, const char *value)
{
    struct span rest = span_from(value), name = span_cut(&rest, '=');
    const char *method = strchr(value, '=') == NULL ? value : rest.data;
    if (name.size == 0 || memchr(name.data, '.', name.size) != NULL)
        return cli_refuse("compare", TEXT_COMPARE_NAME_MALFORMED, text_string(value));
    const struct analysis_detector *detector = analysis_find_detector(method);
    if (detector == NULL)
        return cli_refuse("compare", TEXT_JUDGE_METHOD_UNKNOWN, text_string(method));
    if (find_method(request, name) != NULL)
        return cli_refuse("compare", TEXT_COMPARE_METHOD_TWICE, text_span(name),
                          text_string(detector->name));
    if (request->method_count == COMPARE_METHODS_MOST)
        return cli_refuse("compare", TEXT_COMPARE_METHODS_MANY, text_integer(COMPARE_METHODS_MOST));
    struct compare_method *added = &request->method[request->method_count++];
    added->name = name;
    added->detector = detector;
    analysis_default_options(detector, added->option);
    return 0;
}

static int set_options(struct compare_request *request, const struct settings *settings)
{
    for (int i = 0; i < settings->count; i++) {
        const char *setting = settings->setting[i];
        struct span value = span_from(setting), key = span_cut(&value, '=');
        struct span option = key, name = span_cut(&option, '.');
        if (strchr(setting, '=') == NULL || name.size == 0 || option.size == 0)
            return cli_refuse("compare", TEXT_COMPARE_OPTION_MALFORMED, text_string(setting));
        struct compare_method *method = find_method(request, name);
        if (method == NULL)
            return cli_refuse("compare", TEXT_COMPARE_OPTION_METHOD, text_string(setting),
                              text_span(name));
        int code = judge_set_option("compare", method->detector, option.data, method->option);
        if (code != 0)
            return code;
    }
    return 0;
}

static int read_option(struct compare_request *request, struct settings *settings, int option,
                       const char *value)
{
    const char *const kinds[] = {"isotonic", "logistic"};
    if (option == OPTION_METHOD)
        return add_method(request, value);
    if (option == OPTION_OPTION) {
        if (settings->count == SETTINGS_MOST)
            return cli_refuse("compare", TEXT_JUDGE_OPTION_MANY, text_integer(SETTINGS_MOST));
        settings->setting[settings->count++] = value;
    }
    if (option == OPTION_LABEL)
        request->label_column = value;
    if (option == OPTION_LABELS)
        request->labels_path = value;
    if (option == OPTION_SPLIT)
        request->split = value;
    if (option == OPTION_BUDGET)
        return filter_number(&request->filter, "budget", value, 0, BUDGET_MOST, false,
                             &request->budget);
    if (option == OPTION_CALIBRATION) {
        if (strcmp(value, kinds[0]) != 0 && strcmp(value, kinds[1]) != 0)
            return cli_refuse("compare", TEXT_COMPARE_CALIBRATION_UNKNOWN, text_string(value));
        request->calibration = strcmp(value, kinds[0]) == 0 ? ANALYSIS_CALIBRATE_ISOTONIC
                                                            : ANALYSIS_CALIBRATE_LOGISTIC;
    }
    if (option == OPTION_DETAIL)
        request->is_detailed = true;
    if (option == OPTION_CURVE)
        request->is_curve = true;
    return filter_read(&request->filter, option, value);
}

static int check_request(const struct compare_request *request)
{
    if (request->filter.path == NULL)
        return cli_refuse("compare", TEXT_JUDGE_FILE_MISSING);
    if (request->method_count == 0)
        return cli_refuse("compare", TEXT_COMPARE_METHOD_MISSING);
    if (request->label_column != NULL && request->labels_path != NULL)
        return cli_refuse("compare", TEXT_COMPARE_LABELS_TWICE);
    if (request->labels_path != NULL && strcmp(request->labels_path, "-") == 0 &&
        strcmp(request->filter.path, "-") == 0)
        return cli_refuse("compare", TEXT_COMPARE_STANDARD_TWICE);
    if (request->is_curve && request->is_detailed)
        return cli_refuse("compare", TEXT_COMPARE_CURVE_DETAIL);
    return 0;
}

// What a method needs of the file.
static int check_method(const struct compare_method *method, const struct judge_table *table)
{
    int frequency = table->axis.frequency;
    if (!analysis_check_options(method->detector, method->option, frequency))
        return cli_refuse("compare", TEXT_JUDGE_OPTIONS_TOGETHER,
                          text_string(method->detector->name), text_integer(frequency));
    if (analysis_uses_population(method->detector, method->option) && !table->has_population)
        return cli_refuse("compare", TEXT_JUDGE_POPULATION_MISSING);
    struct fault fault = {.code = FAULT_NONE};
    if (method->detector->is_count &&
        judge_table_check_counts(table, method->detector->name, &fault) != FAULT_NONE)
        return cli_fail(&fault);
    return 0;
}

// A share of the range, written 0.6 or 60%.
static bool read_share(const char *text, double *ret_share)
{
    struct span span = span_from(text);
    bool is_percent = span.size > 0 && span.data[span.size - 1] == '%';
    span.size -= is_percent;
    if ((!is_percent && strchr(text, '.') == NULL) || !span_to_real(span, ret_share))
        return false;
    *ret_share /= is_percent ? 100 : 1;
    return *ret_share >= 0 && *ret_share <= 1;
}

static int settle_split(const struct compare_request *request, const struct judge_table *table,
                        struct compare_span *span)
{
    double share = 0;
    char from[FILTER_TIME_SIZE], last[FILTER_TIME_SIZE];
    if (read_share(request->split, &share))
        span->split = span->from + (size_t)lround(share * (double)(span->to - span->from));
    else if (!judge_table_find(table, request->split, false, &span->split))
        return cli_refuse("compare", TEXT_COMPARE_SPLIT_MALFORMED, text_string(request->split),
                          text_span(table->row[0].time));
    // The curve needs no tuning, and so no part to tune on.
    bool is_tuned = span->split > span->from || (request->is_curve && span->split == span->from);
    if (is_tuned && span->split < span->to)
        return 0;
    judge_table_write_time(table, span->from, from, sizeof from);
    judge_table_write_time(table, span->to - (span->to > span->from), last, sizeof last);
    return cli_refuse("compare", TEXT_COMPARE_SPLIT_EMPTY, text_string(request->split),
                      text_string(from), text_string(last));
}

static int settle(const struct compare_request *request, const struct judge_table *table,
                  struct compare_span *span)
{
    int code = 0;
    if (table->axis.frequency == 0)
        return cli_refuse("compare", TEXT_COMPARE_FREQUENCY_MISSING);
    for (size_t i = 0; code == 0 && i < request->method_count; i++)
        code = check_method(&request->method[i], table);
    if (code == 0)
        code = filter_range(&request->filter, table, &span->from, &span->to);
    return code == 0 ? settle_split(request, table, span) : code;
}

// What a reader should know before believing the table.
static void write_notes(const struct compare_request *request, const struct judge_table *table,
                        const struct compare_labels *labels, struct compare_span span,
                        const struct compare_result *result)
{
    size_t before = 0, after = 0;
    char split[FILTER_TIME_SIZE];
    for (size_t i = 0; i < labels->labels.event_count; i++) {
        uint32_t from = labels->event[i].from;
        before += from >= span.from && from < span.split;
        after += from >= span.split && from < span.to;
    }
    judge_table_write_time(table, span.split, split, sizeof split);
    if (after == 0)
        filter_note(TEXT_COMPARE_NOTE_NONE_AFTER, text_string(split));
    if (request->is_curve)
        return;
    if (before == 0)
        filter_note(TEXT_COMPARE_NOTE_NONE_BEFORE, text_string(split));
    for (size_t i = 0; i < request->method_count; i++) {
        const struct analysis_threshold *one = &result[i].threshold;
        if (one->quiet_count == 0)
            filter_note(TEXT_COMPARE_NOTE_NO_SCORE, text_span(request->method[i].name),
                        text_string(split));
        else if (one->allowed == 0)
            filter_note(TEXT_COMPARE_NOTE_SMALL, text_span(request->method[i].name),
                        text_real(request->budget),
                        text_integer((int64_t)(one->quiet_count / table->axis.frequency)));
    }
}

static int compare(const struct compare_request *request, const struct judge_table *table)
{
    struct fault fault = {.code = FAULT_NONE};
    struct compare_labels labels = {0};
    struct compare_span span = {0};
    int code = settle(request, table, &span);
    if (code != 0)
        return code;
    struct compare_result *result = memory_allocate(request->method_count * sizeof *result);
    if (result == NULL)
        fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    else if (compare_labels_read(&labels, request, table, &fault) == FAULT_NONE &&
             compare_run(request, table, &labels, span, result, &fault) == FAULT_NONE &&
             request->filter.plot != NULL)
        compare_plot(request, labels.day != NULL, result, &fault);
    if (fault.code != FAULT_NONE) {
        code = cli_fail(&fault);
    } else {
        if (request->is_curve)
            compare_write_curve(request, result);
        else
            compare_write(request, table, span, result);
        write_notes(request, table, &labels, span, result);
    }
    compare_free_results(result, request->method_count);
    compare_labels_close(&labels);
    return code;
}

// Labels that stand in a column of the file: is it there?
static int check_column(const struct compare_request *request, const struct judge_table *table)
{
    if (request->labels_path != NULL || table->has_label)
        return 0;
    struct fault fault = {.code = FAULT_NONE};
    fault_set(&fault, FAULT_INVALID,
              table->is_wide ? TEXT_COMPARE_LABEL_WIDE : TEXT_COMPARE_LABEL_MISSING,
              text_string(table->label_column));
    return cli_fail(&fault);
}

int cli_run_compare(int argc, char **argv)
{
    struct compare_request request = {.filter.command = "compare", .split = "0.5", .budget = 1};
    struct settings settings = {0};
    struct cli_reader reader = {argc, argv, options, TEXT_COMPARE_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&request, &settings, at, value);
        if (code != 0)
            return code;
    }
    int code = check_request(&request);
    if (code == 0)
        code = set_options(&request, &settings);
    if (code != 0)
        return code;
    struct judge_table table = {.label_column =
                                    request.label_column == NULL ? "label" : request.label_column};
    code = filter_load(&request.filter, false, &table);
    if (code == 0)
        code = check_column(&request, &table);
    if (code == 0)
        code = compare(&request, &table);
    judge_table_close(&table);
    return code;
}
