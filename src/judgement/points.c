// SPDX-License-Identifier: GPL-3.0-or-later
//
// points.c: the points of a series as known at an instant, with what was expected and who alarms.
//
// Expected, upper and alarms come from the same functions as a scan's (judge.c), over the same
// believed values, so the page shows what the scan saw: a reading that is not believed is a gap to
// every method until it is answered. The methods and their options are those that the pack declared
// as of the instant.
//
//     value        as known at the instant          value_then   as first known
//     is_believed  false while doubted, and for a figure that was found under another date
#include <assert.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/memory.h"
#include "judgement/judge.h"
#include "judgement/judgement_priv.h"
#include "judgement/newest.h"

enum { VERSIONS = 32 }; // of one reading

struct points {
    const struct query_context *context;
    const json_t *detail; // a row of series_detail
    json_t *doubts;
    json_t *methods; // as the pack declared them
    enum time_frequency frequency;
    int32_t from; // ordinal of point 0: the first report
    size_t count;
    double *value;
    int64_t *batch;
    unsigned char *belief;
    double *other;
    int64_t *other_batch;
    struct judge_alarm *alarm[JUDGE_METHODS];
    size_t method_count;
    size_t shown; // the method whose expected and upper are given
    int64_t last_batch;
    int64_t last_known_at;
};

static void *take(struct points *points, size_t size, struct fault *fault)
{
    void *memory = arena_allocate(points->context->arena, size);
    if (memory == NULL)
        fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    return memory;
}

static enum fault_code load_values(struct points *points, struct fault *fault)
{
    struct store_reader *reader = points->context->reader;
    int64_t series = json_integer_or(points->detail, "id", 0);
    int32_t last = 0;
    enum fault_code code =
        readings_span(reader, series, &points->from, &last, &points->count, fault);
    if (code != FAULT_NONE || points->count == 0)
        return code;
    if (last - points->from >= LIMIT_SERIES_POINTS)
        points->from = last - LIMIT_SERIES_POINTS + 1;
    points->count = (size_t)(last - points->from) + 1;
    points->value = take(points, points->count * sizeof *points->value, fault);
    points->batch = take(points, points->count * sizeof *points->batch, fault);
    points->belief = take(points, points->count, fault);
    points->other = take(points, points->count * sizeof *points->other, fault);
    points->other_batch = take(points, points->count * sizeof *points->other_batch, fault);
    if (fault->code != FAULT_NONE)
        return fault->code;
    code = readings_load(reader, series, points->from, last, points->value, points->batch, fault);
    for (size_t i = 0; i < points->count; i++)
        points->belief[i] = points->batch[i] != 0 ? ANALYSIS_BELIEVED : ANALYSIS_UNREPORTED;
    return code;
}

static enum fault_code load_doubts(struct points *points, struct fault *fault)
{
    enum fault_code code =
        newest_query(points->context->reader, QUERY_DOUBTS_OF_SERIES, "series",
                     json_integer_or(points->detail, "id", 0), &points->doubts, fault);
    size_t i = 0;
    json_t *doubt = NULL;
    json_array_foreach(points->doubts, i, doubt)
    {
        int64_t at = json_integer_or(doubt, "period", 0) - points->from;
        if (at < 0 || (size_t)at >= points->count)
            continue;
        if (json_is_true(json_object_get(doubt, "is_open")))
            points->belief[at] = ANALYSIS_DOUBTED;
        else if (span_is(json_text_or(doubt, "answer", ""), "withdrawn"))
            points->belief[at] = ANALYSIS_UNREPORTED;
    }
    return code;
}

// The methods and the second source, as the pack declared them; both may be absent.
static enum fault_code load_declared(struct points *points, struct fault *fault)
{
    json_t *rows = NULL, *series = NULL, *row = NULL;
    struct store_reader *reader = points->context->reader;
    enum fault_code code =
        newest_query_text(reader, QUERY_INDICATOR_DECLARED, "code",
                          json_string_value(json_object_get(points->detail, "code")), &rows, fault);
    const json_t *declared = json_array_get(rows, 0);
    const char *other = json_string_value(json_object_get(declared, "other"));
    points->methods = json_incref(json_object_get(json_object_get(declared, "body"), "methods"));
    if (code == FAULT_NONE && other != NULL && points->count > 0)
        code = newest_query_text(reader, QUERY_SERIES_OF_CODE, "code", other, &series, fault);
    size_t i = 0;
    json_array_foreach(series, i, row)
    {
        bool holds = json_integer_or(row, "low", 0) <= json_integer_or(points->detail, "low", 0) &&
                     json_integer_or(points->detail, "high", 0) <= json_integer_or(row, "high", 0);
        if (code == FAULT_NONE && holds &&
            json_equal(json_object_get(row, "origin"), json_object_get(points->detail, "origin"))) {
            code = readings_load(reader, json_integer_or(row, "id", 0), points->from,
                                 points->from + (int32_t)points->count - 1, points->other,
                                 points->other_batch, fault);
            break;
        }
    }
    json_decref(series);
    json_decref(rows);
    return code;
}

// Sets a method's options from what the pack declared. False: the method is none of ours.
static bool set_method(const json_t *method, struct pack_detector *ret_detector, double *settings)
{
    const char *name = json_string_value(json_object_get(method, "name"));
    ret_detector->analysis = name == NULL ? NULL : analysis_find_detector(name);
    if (ret_detector->analysis == NULL)
        return false;
    analysis_default_options(ret_detector->analysis, settings);
    json_t *option = NULL;
    size_t i = 0, row = 0;
    json_array_foreach(json_object_get(method, "options"), i, option)
    {
        if (analysis_set_option(ret_detector->analysis,
                                json_string_value(json_object_get(option, "name")),
                                json_string_value(json_object_get(option, "value")), settings,
                                &row) != ANALYSIS_OPTION_TAKEN)
            return false;
    }
    ret_detector->method = name;
    ret_detector->settings = settings;
    return true;
}

static enum fault_code run_methods(struct points *points, struct fault *fault)
{
    struct pack_indicator declared = {.frequency = points->frequency};
    struct judge_indicator indicator = {.declared = &declared};
    struct judge_series series = {.value = points->value,
                                  .belief = points->belief,
                                  .count = points->count,
                                  .from = points->from};
    struct judge_scratch *scratch = judge_scratch_make(points->count);
    enum fault_code code = FAULT_NONE;
    if (scratch == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    struct span wanted = json_text_or(points->context->parameters, "method", "");
    json_t *method = NULL;
    size_t i = 0;
    json_array_foreach(points->methods, i, method)
    {
        double settings[ANALYSIS_OPTIONS_MAX];
        struct pack_detector detector = {0};
        if (code != FAULT_NONE || points->method_count == JUDGE_METHODS ||
            !set_method(method, &detector, settings))
            continue;
        struct judge_alarm *alarms = take(points, points->count * sizeof *alarms, fault);
        if (alarms == NULL ||
            !judge_method_points(&indicator, &detector, &series, 0, points->count, scratch, alarms))
            code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        if (wanted.size > 0 && span_is(wanted, detector.method))
            points->shown = points->method_count;
        points->alarm[points->method_count++] = alarms;
    }
    judge_scratch_free(scratch);
    return code;
}

static const json_t *doubt_of(const struct points *points, int32_t period)
{
    json_t *doubt = NULL;
    const json_t *newest = NULL;
    size_t i = 0;
    json_array_foreach(points->doubts, i, doubt)
    {
        if (json_integer_or(doubt, "period", 0) == period)
            newest = doubt;
    }
    return newest;
}

static enum fault_code find_known_at(struct points *points, int64_t batch, struct fault *fault)
{
    if (batch == points->last_batch)
        return FAULT_NONE;
    json_t *rows = NULL;
    enum fault_code code =
        newest_query(points->context->reader, QUERY_BATCH_KNOWN, "batch", batch, &rows, fault);
    points->last_batch = batch;
    points->last_known_at = json_integer_or(json_array_get(rows, 0), "known_at", 0);
    json_decref(rows);
    return code;
}

// What was first known of a period, and whether that has been replaced since.
static enum fault_code find_first(const struct points *points, int32_t period, double *ret_first,
                                  bool *ret_is_replaced, struct fault *fault)
{
    struct reading_version version[VERSIONS];
    size_t count = 0;
    enum fault_code code =
        readings_history(points->context->reader, json_integer_or(points->detail, "id", 0), period,
                         version, VERSIONS, &count, fault);
    if (code == FAULT_NONE && count > 0) {
        *ret_first = version[0].value;
        *ret_is_replaced = count > 1;
    }
    return code;
}

static json_t *alarms_at(const struct points *points, size_t at)
{
    json_t *list = json_array();
    for (size_t i = 0; i < points->method_count; i++)
        if (points->alarm[i][at].is_alarm)
            json_array_append(list, json_object_get(json_array_get(points->methods, i), "name"));
    return list;
}

static json_t *real_or_null(bool is_there, double value)
{
    return is_there ? json_real(value) : json_null();
}

static enum fault_code add_point(struct points *points, size_t at, json_t *rows,
                                 struct fault *fault)
{
    int32_t period = points->from + (int32_t)at;
    bool is_there = points->batch[at] != 0, is_replaced = false;
    double first = points->value[at];
    enum fault_code code = FAULT_NONE;
    if (is_there)
        code = find_known_at(points, points->batch[at], fault);
    if (code == FAULT_NONE && is_there)
        code = find_first(points, period, &first, &is_replaced, fault);
    if (code != FAULT_NONE)
        return code;
    char text[24], day[24];
    const json_t *doubt = doubt_of(points, period);
    bool is_moved = json_is_string(json_object_get(doubt, "moved_to"));
    const struct judge_alarm *alarm =
        points->method_count == 0 ? NULL : &points->alarm[points->shown][at];
    time_write_period(points->frequency, period, text, sizeof text);
    time_write_period(TIME_DAILY, time_period_first_day(points->frequency, period), day,
                      sizeof day);
    json_t *row = json_pack(
        "{s:s, s:s, s:o, s:o, s:o, s:O, s:b, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "period", text,
        "day", day, "value", real_or_null(is_there, points->value[at]), "known_at",
        is_there ? json_integer(points->last_known_at) : json_null(), "batch",
        is_there ? json_integer(points->batch[at]) : json_null(), "origin",
        json_object_get(points->detail, "origin"), "is_believed",
        points->belief[at] != ANALYSIS_DOUBTED && !is_moved, "doubt",
        doubt == NULL ? json_null() : json_copy((json_t *)(uintptr_t)doubt), "is_corrected",
        is_moved || is_replaced, "value_then", real_or_null(is_there, first), "expected",
        real_or_null(alarm != NULL && alarm->is_judged, alarm == NULL ? 0 : alarm->expected),
        "upper", real_or_null(alarm != NULL && alarm->is_judged, alarm == NULL ? 0 : alarm->upper),
        "alarms", alarms_at(points, at), "other_value",
        real_or_null(points->other_batch[at] != 0, points->other[at]));
    if (row == NULL || json_array_append_new(rows, row) != 0)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    return FAULT_NONE;
}

// A bound of the page in the series' own frequency; `otherwise` where it is not given.
static enum fault_code read_bound(const struct points *points, const char *name, int32_t otherwise,
                                  int32_t *ret_period, struct fault *fault)
{
    enum time_frequency frequency;
    struct span text = json_text_or(points->context->parameters, name, "");
    *ret_period = otherwise;
    if (text.size == 0)
        return FAULT_NONE;
    int32_t ordinal = 0;
    if (!time_read_period(text, &frequency, &ordinal))
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_DATE_MALFORMED, text_span(text));
    *ret_period =
        time_period_from_day(points->frequency, time_period_first_day(frequency, ordinal));
    return FAULT_NONE;
}

static enum fault_code add_points(struct points *points, json_t *rows, struct fault *fault)
{
    int32_t last = points->from + (int32_t)points->count - 1, from = 0, to = 0;
    enum fault_code code = read_bound(points, "from", points->from, &from, fault);
    if (code == FAULT_NONE)
        code = read_bound(points, "to", last, &to, fault);
    if (from < points->from)
        from = points->from;
    if (to > last)
        to = last;
    for (int32_t period = from; period <= to && code == FAULT_NONE; period++)
        code = add_point(points, (size_t)(period - points->from), rows, fault);
    return code;
}

static enum fault_code begin(struct points *points, json_t *rows, json_t **ret_detail,
                             struct fault *fault)
{
    json_array_clear(rows);
    enum fault_code code =
        newest_query(points->context->reader, QUERY_SERIES_DETAIL, "series",
                     json_integer_or(points->context->parameters, "id", 0), ret_detail, fault);
    points->detail = json_array_get(*ret_detail, 0);
    if (code == FAULT_NONE) {
        points->frequency = newest_frequency(points->detail);
        code = load_values(points, fault);
    }
    return code == FAULT_NONE && points->count > 0 ? load_doubts(points, fault) : code;
}

enum fault_code series_points_finish(const struct query_context *context, json_t *rows,
                                     struct fault *fault)
{
    json_t *detail = NULL;
    struct points points = {.context = context};
    if (json_array_size(rows) == 0)
        return FAULT_NONE;
    enum fault_code code = begin(&points, rows, &detail, fault);
    if (code == FAULT_NONE && points.count > 0)
        code = load_declared(&points, fault);
    if (code == FAULT_NONE && points.count > 0)
        code = run_methods(&points, fault);
    if (code == FAULT_NONE && points.count > 0)
        code = add_points(&points, rows, fault);
    json_decref(detail);
    json_decref(points.doubts);
    json_decref(points.methods);
    return code;
}

enum fault_code series_table_finish(const struct query_context *context, json_t *rows,
                                    struct fault *fault)
{
    json_t *detail = NULL;
    struct points points = {.context = context};
    if (json_array_size(rows) == 0)
        return FAULT_NONE;
    enum fault_code code = begin(&points, rows, &detail, fault);
    for (size_t at = 0; code == FAULT_NONE && at < points.count; at++) {
        char text[24];
        time_write_period(points.frequency, points.from + (int32_t)at, text, sizeof text);
        json_array_append_new(
            rows,
            json_pack("{s:O, s:s, s:o}", "series", json_object_get(points.detail, "code"), "time",
                      text, "value",
                      real_or_null(points.belief[at] == ANALYSIS_BELIEVED, points.value[at])));
    }
    json_decref(detail);
    json_decref(points.doubts);
    return code;
}
