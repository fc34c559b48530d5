// SPDX-License-Identifier: GPL-3.0-or-later
//
// newest.c: finishes the lists: a series' newest figure, a city's change, the distance to a line,
// the figures that are due.
//
// Figures live in BLOBs and not in rows, so no SQL can show them: each function here goes over the
// rows of one page and fills what the SQL left empty. Real and simulated never meet in one row.
#include "judgement/newest.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "judgement/judgement_priv.h"

enum {
    LINE_SERIES = 1000, // series that are held against a line: one page of them
    LINE_BACK = 7,      // periods behind a figure that is not believed, for one that is
    RISE_DAYS = 366,    // in which the last rise of a calm place is looked for
    HELD_DAYS = 7,      // for which a figure that was due stays to be seen
};

enum fault_code newest_query(struct store_reader *reader, enum query_name name,
                             const char *parameter, int64_t value, json_t **ret_rows,
                             struct fault *fault)
{
    json_t *parameters = json_pack("{s:I}", parameter, (json_int_t)value);
    enum fault_code code = store_reader_query(reader, name, parameters, ret_rows, fault);
    json_decref(parameters);
    return code;
}

enum fault_code newest_query_text(struct store_reader *reader, enum query_name name,
                                  const char *parameter, const char *value, json_t **ret_rows,
                                  struct fault *fault)
{
    json_t *parameters = json_pack("{s:s}", parameter, value);
    enum fault_code code = store_reader_query(reader, name, parameters, ret_rows, fault);
    json_decref(parameters);
    return code;
}

enum time_frequency newest_frequency(const json_t *row)
{
    struct span text = json_text_or(row, "frequency", "D");
    return text.size == 1 ? (enum time_frequency)text.data[0] : TIME_DAILY;
}

enum fault_code newest_load(struct store_reader *reader, int64_t series,
                            struct newest_figure *ret_figure, struct fault *fault)
{
    struct newest_figure figure = {0};
    int32_t first = 0;
    size_t count = 0;
    json_t *rows = NULL;
    enum fault_code code = readings_span(reader, series, &first, &figure.period, &count, fault);
    if (code == FAULT_NONE && count > 0)
        code = readings_load(reader, series, figure.period, figure.period, &figure.value,
                             &figure.batch, fault);
    if (code == FAULT_NONE && count > 0)
        code = newest_query(reader, QUERY_BATCH_KNOWN, "batch", figure.batch, &rows, fault);
    if (code == FAULT_NONE && json_array_size(rows) > 0) {
        const json_t *row = json_array_get(rows, 0);
        struct span zh = json_text_or(row, "source_zh", ""), en = json_text_or(row, "source", "");
        figure.is_there = true;
        figure.known_at = json_integer_or(row, "known_at", 0);
        snprintf(figure.source_zh, sizeof figure.source_zh, "%.*s", (int)zh.size, zh.data);
        snprintf(figure.source_en, sizeof figure.source_en, "%.*s", (int)en.size, en.data);
    }
    json_decref(rows);
    if (code == FAULT_NONE)
        *ret_figure = figure;
    return code;
}

static json_t *period_text(enum time_frequency frequency, int32_t period)
{
    char text[24];
    time_write_period(frequency, period, text, sizeof text);
    return json_string(text);
}

// Fills last_period, last_value and last_known_at.
static enum fault_code fill_last(struct store_reader *reader, json_t *row,
                                 struct newest_figure *ret_figure, struct fault *fault)
{
    enum fault_code code = newest_load(reader, json_integer_or(row, "id", 0), ret_figure, fault);
    if (code != FAULT_NONE || !ret_figure->is_there)
        return code;
    json_object_set_new(row, "last_period", period_text(newest_frequency(row), ret_figure->period));
    json_object_set_new(row, "last_value", json_real(ret_figure->value));
    json_object_set_new(row, "last_known_at", json_integer(ret_figure->known_at));
    return FAULT_NONE;
}

enum fault_code series_list_finish(const struct query_context *context, json_t *rows,
                                   struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    struct newest_figure figure;
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(rows, i, row)
    {
        if (code == FAULT_NONE)
            code = fill_last(context->reader, row, &figure, fault);
    }
    return code;
}

// The command line that gives the page's numbers: the series' table (/series/{id}/table as CSV,
// saved under this name), through the same detector.
static json_t *judge_line(const struct query_context *context, const json_t *row)
{
    char id[48], options[400] = "";
    const json_t *method = json_array_get(json_object_get(row, "methods"), 0), *option = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(method, "options"), i, option)
    {
        size_t used = strlen(options);
        snprintf(options + used, sizeof options - used, " --option %s=%s",
                 json_string_value(json_object_get(option, "name")),
                 json_string_value(json_object_get(option, "value")));
    }
    if (method == NULL)
        return json_null();
    store_write_id(store_reader_store(context->reader), json_integer_or(row, "id", 0), id,
                   sizeof id);
    return json_sprintf("levee judge series-%s.csv --method %s%s", id,
                        json_string_value(json_object_get(method, "name")), options);
}

enum fault_code series_one_finish(const struct query_context *context, json_t *rows,
                                  struct fault *fault)
{
    json_t *row = json_array_get(rows, 0);
    if (row == NULL)
        return FAULT_NONE;
    struct newest_figure figure;
    enum fault_code code = fill_last(context->reader, row, &figure, fault);
    if (code != FAULT_NONE)
        return code;
    if (figure.is_there) {
        json_object_set_new(row, "source_zh", json_string(figure.source_zh));
        json_object_set_new(row, "source_en", json_string(figure.source_en));
    }
    if (!json_is_array(json_object_get(row, "methods")))
        json_object_set_new(row, "methods", json_array());
    json_object_set_new(row, "judge", judge_line(context, row));
    return FAULT_NONE;
}

// True when the reading of a period is not believed as of the reader's instant.
static enum fault_code is_doubted(struct store_reader *reader, int64_t series, int32_t period,
                                  bool *ret_is_doubted, struct fault *fault)
{
    json_t *rows = NULL, *row = NULL;
    size_t i = 0;
    enum fault_code code =
        newest_query(reader, QUERY_DOUBTS_OF_SERIES, "series", series, &rows, fault);
    *ret_is_doubted = false;
    json_array_foreach(rows, i, row)
    {
        if (json_integer_or(row, "period", 0) == period &&
            json_is_true(json_object_get(row, "is_open")))
            *ret_is_doubted = true;
    }
    json_decref(rows);
    return code;
}

// The newest day on which a count was above zero, up to a year back: since then it is calm.
static enum fault_code add_last_rise(struct store_reader *reader,
                                     const struct newest_figure *figure, json_t *row,
                                     struct fault *fault)
{
    double value[RISE_DAYS];
    int64_t batch[RISE_DAYS];
    json_t *detail = NULL;
    int64_t series = json_integer_or(row, "series", 0);
    int32_t from = figure->period - RISE_DAYS + 1;
    enum fault_code code =
        newest_query(reader, QUERY_SERIES_DETAIL, "series", series, &detail, fault);
    bool is_daily = newest_frequency(json_array_get(detail, 0)) == TIME_DAILY;
    json_decref(detail);
    if (code != FAULT_NONE || !is_daily)
        return code;
    code = readings_load(reader, series, from, figure->period, value, batch, fault);
    for (int32_t i = RISE_DAYS - 1; code == FAULT_NONE && i >= 0; i--) {
        if (batch[i] == 0 || value[i] <= 0)
            continue;
        json_object_set_new(row, "last_rise", period_text(TIME_DAILY, from + i));
        break;
    }
    return code;
}

enum fault_code overview_divisions_finish(const struct query_context *context, json_t *rows,
                                          struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(rows, i, row)
    {
        int64_t series = json_integer_or(row, "series", 0);
        struct newest_figure figure = {0};
        bool is_doubtful = false;
        if (code == FAULT_NONE && series != 0)
            code = newest_load(context->reader, series, &figure, fault);
        if (code == FAULT_NONE && figure.is_there)
            code = is_doubted(context->reader, series, figure.period, &is_doubtful, fault);
        if (code == FAULT_NONE && figure.is_there)
            code = add_last_rise(context->reader, &figure, row, fault);
        if (code != FAULT_NONE || !figure.is_there)
            continue;
        json_object_set_new(row, "is_believed", json_boolean(!is_doubtful));
        json_object_set_new(row, "new_count",
                            json_sprintf("%s%.6g", figure.value > 0 ? "+" : "", figure.value));
    }
    return code;
}

// --- The line that must hold --------------------------------------------------------------------

struct line {
    double figure;
    bool is_at_least;
    bool is_there;
    int64_t series; // the worst
    double value;
    int32_t period;
};

static void take_if_worse(struct line *line, int64_t series, const struct newest_figure *figure)
{
    bool is_worse = !line->is_there ||
                    (line->is_at_least ? figure->value < line->value : figure->value > line->value);
    if (!is_worse)
        return;
    line->is_there = true;
    line->series = series;
    line->value = figure->value;
    line->period = figure->period;
}

// The newest figure that is believed, at most LINE_BACK periods behind the newest reported.
static enum fault_code load_believed(struct store_reader *reader, int64_t series,
                                     struct newest_figure *ret_figure, struct fault *fault)
{
    bool is_doubtful = true;
    enum fault_code code = newest_load(reader, series, ret_figure, fault);
    for (int i = 0; code == FAULT_NONE && ret_figure->is_there && i <= LINE_BACK; i++) {
        code = is_doubted(reader, series, ret_figure->period, &is_doubtful, fault);
        if (code != FAULT_NONE || !is_doubtful)
            break;
        ret_figure->period--;
        code = readings_load(reader, series, ret_figure->period, ret_figure->period,
                             &ret_figure->value, &ret_figure->batch, fault);
        ret_figure->is_there = ret_figure->batch != 0;
    }
    ret_figure->is_there = ret_figure->is_there && !is_doubtful;
    return code;
}

static enum fault_code find_worst(struct store_reader *reader, const char *indicator,
                                  struct span origin, struct line *line, struct fault *fault)
{
    json_t *rows = NULL, *row = NULL;
    size_t i = 0;
    enum fault_code code =
        newest_query_text(reader, QUERY_SERIES_OF_CODE, "code", indicator, &rows, fault);
    json_array_foreach(rows, i, row)
    {
        struct newest_figure figure = {0};
        int64_t series = json_integer_or(row, "id", 0);
        if (code != FAULT_NONE || i >= LINE_SERIES ||
            !span_equal(json_text_or(row, "origin", ""), origin))
            continue;
        code = load_believed(reader, series, &figure, fault);
        if (code == FAULT_NONE && figure.is_there)
            take_if_worse(line, series, &figure);
    }
    json_decref(rows);
    return code;
}

// A difference of two decimal figures without the noise of binary ones.
static double rounded(double difference)
{
    return round(difference * 1e6) / 1e6;
}

// The unit's names, as the pack declared them.
static enum fault_code add_unit(struct store_reader *reader, const char *indicator,
                                json_t *distance, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code =
        newest_query_text(reader, QUERY_INDICATOR_DECLARED, "code", indicator, &rows, fault);
    const json_t *body = json_object_get(json_array_get(rows, 0), "body");
    if (code == FAULT_NONE && body != NULL)
        json_object_set_new(distance, "unit", say_row_names(body, "unit"));
    json_decref(rows);
    return code;
}

// The change of a series against an earlier period; null where nothing was reported then.
static enum fault_code load_change(struct store_reader *reader, const struct line *line,
                                   int32_t periods, json_t **ret_change, struct fault *fault)
{
    double before = 0;
    int64_t batch = 0;
    enum fault_code code = readings_load(reader, line->series, line->period - periods,
                                         line->period - periods, &before, &batch, fault);
    if (code == FAULT_NONE)
        *ret_change = batch == 0 ? json_null() : json_real(rounded(line->value - before));
    return code;
}

static int32_t periods_a_year(enum time_frequency frequency)
{
    switch (frequency) {
    case TIME_DAILY: return 365;
    case TIME_WEEKLY: return 52;
    case TIME_MONTHLY: return 12;
    case TIME_QUARTERLY: return 4;
    case TIME_YEARLY: return 1;
    }
    return 1;
}

static enum fault_code finish_field(struct store_reader *reader, json_t *row, struct fault *fault)
{
    const json_t *declared = json_object_get(row, "line");
    const char *indicator = json_string_value(json_object_get(declared, "indicator"));
    struct line line = {.is_at_least = span_is(json_text_or(declared, "holds", ""), "at_least")};
    json_t *detail = NULL, *change = NULL;
    if (indicator == NULL || !span_to_real(json_text_or(declared, "figure", ""), &line.figure))
        return FAULT_NONE;
    enum fault_code code =
        find_worst(reader, indicator, json_text_or(row, "origin", ""), &line, fault);
    if (code != FAULT_NONE || !line.is_there)
        return code;
    code = newest_query(reader, QUERY_SERIES_DETAIL, "series", line.series, &detail, fault);
    if (code != FAULT_NONE)
        return code;
    const json_t *series = json_array_get(detail, 0);
    double distance = line.is_at_least ? line.value - line.figure : line.figure - line.value;
    json_object_set_new(row, "series", json_integer(line.series));
    json_object_set_new(row, "distance",
                        json_pack("{s:f, s:f, s:f, s:b, s:o, s:o}", "value", line.value, "figure",
                                  line.figure, "distance", rounded(distance), "is_held",
                                  distance >= 0, "place", say_row_names(series, "division"),
                                  "period", period_text(newest_frequency(series), line.period)));
    code = add_unit(reader, indicator, json_object_get(row, "distance"), fault);
    if (code == FAULT_NONE)
        code = load_change(reader, &line, 1, &change, fault);
    if (code == FAULT_NONE) {
        json_object_set_new(row, "change_period", change);
        code = load_change(reader, &line, periods_a_year(newest_frequency(series)), &change, fault);
    }
    if (code == FAULT_NONE)
        json_object_set_new(row, "change_year", change);
    json_decref(detail);
    return code;
}

enum fault_code overview_fields_finish(const struct query_context *context, json_t *rows,
                                       struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach(rows, i, row)
    {
        if (code == FAULT_NONE)
            code = finish_field(context->reader, row, fault);
    }
    return code;
}

// --- Figures that are due -----------------------------------------------------------------------

// Fills a row with the period it is about; its figure is due `due_hours` after the period's end.
static void set_due(json_t *row, enum time_frequency frequency, int32_t period)
{
    int64_t end = time_from_local(time_period_last_day(frequency, period) + 1, 0);
    json_object_set_new(row, "period", period_text(frequency, period));
    json_object_set_new(row, "due_at",
                        json_integer(end + json_integer_or(row, "due_hours", 0) * TIME_HOUR));
}

// The oldest period that is over and not reported; where there is none, the newest figure for
// HELD_DAYS after it became known, so that it can be seen and typed anew. False: neither.
static enum fault_code fill_due(struct store_reader *reader, json_t *row, bool *ret_is_due,
                                struct fault *fault)
{
    struct newest_figure figure = {0};
    enum time_frequency frequency = newest_frequency(row);
    enum fault_code code = newest_load(reader, json_integer_or(row, "series", 0), &figure, fault);
    int64_t now = store_reader_as_of(reader);
    int32_t today = time_local_day(now);
    int32_t period =
        figure.is_there ? figure.period + 1 : time_period_from_day(frequency, today) - 1;
    bool is_open = time_period_last_day(frequency, period) < today;
    bool is_held = !is_open && figure.is_there && figure.known_at > now - HELD_DAYS * TIME_DAY;
    *ret_is_due = code == FAULT_NONE && (is_open || is_held);
    if (!*ret_is_due)
        return code;
    set_due(row, frequency, is_held ? figure.period : period);
    if (is_held) {
        char text[48];
        snprintf(text, sizeof text, "%.*f", (int)json_integer_or(row, "decimals", 0), figure.value);
        json_object_set_new(row, "value", json_string(text));
        json_object_set_new(row, "is_held", json_true());
        json_object_set_new(row, "known_at", json_integer(figure.known_at));
        json_object_set_new(row, "source_zh", json_string(figure.source_zh));
        json_object_set_new(row, "source_en", json_string(figure.source_en));
    }
    return FAULT_NONE;
}

enum fault_code today_due_finish(const struct query_context *context, json_t *rows,
                                 struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (size_t i = json_array_size(rows); i > 0 && code == FAULT_NONE; i--) {
        bool is_due = false;
        code = fill_due(context->reader, json_array_get(rows, i - 1), &is_due, fault);
        if (code == FAULT_NONE && !is_due)
            json_array_remove(rows, i - 1);
    }
    return code;
}
