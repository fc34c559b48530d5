// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest_store.c: one reader a period: the store as it was on that morning.
//
// A day's asking takes some 50 us, so a year of 100 series is two seconds; nothing is kept between
// two mornings, because what was known then is exactly what the store can say.
#include "judgement/backtest_store.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "pack/pack.h"
#include "store/query.h"
#include "store/readings.h"

enum { MORNING_MINUTE = 7 * 60, EVENTS_MAX = 256 };

struct morning_walk {
    const struct backtest_store *request;
    int64_t series;
    int64_t division;
    int32_t from; // period of point 0
    size_t count;
    double *value;
    int64_t *batch;
    unsigned char *belief;
    size_t event[EVENTS_MAX];
    size_t event_count;
};

static int count_per_year(enum time_frequency frequency)
{
    switch (frequency) {
    case TIME_DAILY: return 365;
    case TIME_WEEKLY: return 52;
    case TIME_MONTHLY: return 12;
    case TIME_QUARTERLY: return 4;
    default: return 1;
    }
}

static int64_t morning_after(enum time_frequency frequency, int32_t period)
{
    return time_from_local(time_period_last_day(frequency, period) + 1, MORNING_MINUTE);
}

static enum fault_code mark_doubts(struct morning_walk *walk, struct store_reader *reader,
                                   size_t count, struct fault *fault)
{
    json_t *rows = NULL;
    json_t *parameters = json_pack("{s:I}", "series", (json_int_t)walk->series);
    enum fault_code code =
        store_reader_query(reader, QUERY_DOUBTS_OF_SERIES, parameters, &rows, fault);
    for (size_t i = 0; code == FAULT_NONE && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        int64_t point = json_integer_or(row, "period", INT64_MIN / 2) - walk->from;
        if (point >= 0 && point < (int64_t)count && json_is_true(json_object_get(row, "is_open")) &&
            walk->belief[point] != ANALYSIS_UNREPORTED)
            walk->belief[point] = ANALYSIS_DOUBTED;
    }
    json_decref(rows);
    json_decref(parameters);
    return code;
}

static enum fault_code know(void *context, size_t at, struct analysis_history *ret_history,
                            struct fault *fault)
{
    struct morning_walk *walk = context;
    struct store_reader *reader = NULL;
    size_t count = at + 1;
    bool is_last = count == walk->count;
    assert(at < walk->count);
    // What came of it all is asked as of now.
    int64_t as_of =
        is_last ? 0 : morning_after(walk->request->indicator->frequency, walk->from + (int32_t)at);
    enum fault_code code =
        store_reader_open(walk->request->store, &walk->request->actor, as_of, &reader, fault);
    if (code == FAULT_NONE)
        code = readings_load(reader, walk->series, walk->from, walk->from + (int32_t)at,
                             walk->value, walk->batch, fault);
    for (size_t i = 0; code == FAULT_NONE && i < count; i++)
        walk->belief[i] = walk->batch[i] == 0 ? ANALYSIS_UNREPORTED : ANALYSIS_BELIEVED;
    if (code == FAULT_NONE)
        code = mark_doubts(walk, reader, count, fault);
    store_reader_close(reader);
    size_t first = 0;
    while (first + 1 < count && walk->belief[first] == ANALYSIS_UNREPORTED)
        first++;
    *ret_history = (struct analysis_history){
        .value = walk->value, .belief = walk->belief, .count = count, .first = first};
    return code;
}

static enum fault_code find_events(struct morning_walk *walk, struct store_reader *reader,
                                   struct fault *fault)
{
    enum time_frequency frequency = walk->request->indicator->frequency;
    json_t *rows = NULL;
    json_t *parameters = json_pack("{s:I, s:s}", "division", (json_int_t)walk->division, "field",
                                   walk->request->field);
    enum fault_code code =
        store_reader_query(reader, QUERY_EVENTS_FOR_BACKTEST, parameters, &rows, fault);
    walk->event_count = 0;
    for (size_t i = 0; code == FAULT_NONE && i < json_array_size(rows); i++) {
        enum time_frequency written = TIME_DAILY;
        int32_t day = 0;
        struct span text = json_text_or(json_array_get(rows, i), "day", "");
        if (!time_read_period(text, &written, &day) || written != TIME_DAILY)
            continue;
        int64_t point = (int64_t)time_period_from_day(frequency, day) - walk->from;
        if (point >= 0 && point < (int64_t)walk->count && walk->event_count < EVENTS_MAX)
            walk->event[walk->event_count++] = (size_t)point;
    }
    json_decref(rows);
    json_decref(parameters);
    return code;
}

// Points of the judged periods; `from` and `to` of the request may lie outside the series.
static size_t clamp_point(int64_t period, const struct morning_walk *walk)
{
    int64_t point = period - walk->from;
    if (point < 0)
        return 0;
    return point > (int64_t)walk->count ? walk->count : (size_t)point;
}

static enum fault_code replay_series(struct morning_walk *walk, struct backtest_tally *tallies,
                                     const struct backtest_watch *watch, struct fault *fault)
{
    const struct backtest_store *request = walk->request;
    walk->value = memory_allocate(walk->count * sizeof *walk->value);
    walk->batch = memory_allocate(walk->count * sizeof *walk->batch);
    walk->belief = memory_allocate(walk->count);
    enum fault_code code = FAULT_NONE;
    if (walk->value == NULL || walk->batch == NULL || walk->belief == NULL) {
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        goto out;
    }
    struct backtest_series series = {.count = walk->count,
                                     .open = 1,
                                     .from = clamp_point(request->from, walk),
                                     .to = clamp_point((int64_t)request->to + 1, walk),
                                     .frequency = count_per_year(request->indicator->frequency),
                                     .know = know,
                                     .context = walk,
                                     .event = walk->event,
                                     .event_count = walk->event_count};
    if (series.from < series.to)
        code = backtest_replay(&series, request->subjects, request->subject_count, tallies, watch,
                               fault);
out:
    memory_free(walk->value);
    memory_free(walk->batch);
    memory_free(walk->belief);
    walk->value = NULL;
    walk->batch = NULL;
    walk->belief = NULL;
    return code;
}

// Finds what there is of one series, and replays it.
static enum fault_code visit_series(const struct backtest_store *request, const json_t *row,
                                    struct store_reader *reader, struct backtest_tally *tallies,
                                    const struct backtest_watch *watch, struct fault *fault)
{
    struct morning_walk walk = {.request = request,
                                .series = json_integer_or(row, "id", 0),
                                .division = json_integer_or(row, "division", 0)};
    int32_t last = 0;
    size_t reported = 0;
    bool is_simulated = span_is(json_text_or(row, "origin", ""), "simulated");
    if (is_simulated != request->is_simulated)
        return FAULT_NONE;
    enum fault_code code = readings_span(reader, walk.series, &walk.from, &last, &reported, fault);
    if (code != FAULT_NONE || reported == 0)
        return code;
    if ((int64_t)last - walk.from >= LIMIT_SERIES_POINTS)
        return fault_set(fault, FAULT_FULL, TEXT_BACKTEST_LARGE, text_integer(LIMIT_SERIES_POINTS));
    // One place more than there are periods: the last morning is not the present.
    walk.count = (size_t)(last - walk.from) + 2;
    code = find_events(&walk, reader, fault);
    if (code == FAULT_NONE && request->begin != NULL)
        request->begin(request->begin_context, json_text_or(row, "division_zh", "").data,
                       json_text_or(row, "division_en", "").data, walk.from);
    return code == FAULT_NONE ? replay_series(&walk, tallies, watch, fault) : code;
}

enum fault_code backtest_replay_store(const struct backtest_store *request,
                                      struct backtest_tally *tallies,
                                      const struct backtest_watch *watch, struct fault *fault)
{
    struct store_reader *reader = NULL;
    json_t *rows = NULL;
    json_t *parameters = json_pack("{s:s}", "code", request->indicator->code);
    enum fault_code code = store_query(request->store, QUERY_SERIES_OF_CODE, &request->actor, 0,
                                       parameters, &rows, fault);
    for (size_t i = 0; code == FAULT_NONE && i < json_array_size(rows); i++) {
        code = store_reader_open(request->store, &request->actor, 0, &reader, fault);
        if (code == FAULT_NONE)
            code = visit_series(request, json_array_get(rows, i), reader, tallies, watch, fault);
        store_reader_close(reader);
        reader = NULL;
    }
    json_decref(rows);
    json_decref(parameters);
    return code;
}
