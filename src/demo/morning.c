// SPDX-License-Identifier: GPL-3.0-or-later
//
// morning.c: one morning of the replay: what became known lands, then everything is judged.
//
//     06:50 known    feed: rows of yesterday, 14 cities      real       one batch
//                    second source: the province             real       one batch
//                    petition.wages, 8 counties of Lindi     simulated  one batch
//                    finance.cash_cover, on the 20th: the month before  simulated
//                    finance.wage_cover, on the 25th: the month before, but June 2020, which
//                    the counties are to type themselves        simulated
//                    acts, findings and instructions (acts.c)
//     07:00 now      scan; then replay.finish
//
// The first morning also brings what Lindi knows of 2019, so that a year can be compared. All ids
// are made from the day: a morning that was cut off is taken up where it stopped.
#include <assert.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/time.h"
#include "demo/demo_priv.h"
#include "demo/figures.h"
#include "demo/lindi.h"
#include "demo/sender.h"
#include "judgement/scan.h"
#include "pack/pack.h"
#include "store/query.h"
#include "store/readings.h"

enum {
    MINUTE_KNOWN = 6 * 60 + 50,
    MINUTE_MORNING = 7 * 60,
    CASH_DAY = 20,
    WAGE_COVER_DAY = 25,
    ROWS = 4096,
    TRIES = 25
};

static int32_t birth_day(void)
{
    return time_day_from_date((struct time_date){2020, 1, 22});
}

// Judging begins when the first wave is over: what offices did in it is not known, and nobody's
// acts are made up. Its figures are there, as they became known, for baselines and records.
static int32_t first_judged_day(void)
{
    return time_day_from_date((struct time_date){2020, 2, 24});
}

int64_t demo_birth_time(void)
{
    return time_from_local(birth_day(), MINUTE_MORNING);
}

int64_t demo_opening_time(void)
{
    return time_from_local(time_day_from_date((struct time_date){2020, 7, 22}), MINUTE_MORNING);
}

// One morning while it is made.
struct morning {
    struct store *store;
    int32_t day; // the local day of the morning
    int64_t known_at;
    uint64_t seed;
    json_t *series;    // rows of query replay_series
    json_t *divisions; // rows of query replay_division
    struct reading row[ROWS];
    size_t count;
};

static bool is_text(const json_t *row, const char *field, struct span text)
{
    const json_t *value = json_object_get(row, field);
    return span_equal(text, (struct span){json_string_value(value), json_string_length(value)});
}

// Adds a reading of the series of `watch` in a division, where there is one.
static void add_reading(struct morning *morning, enum demo_watch watch, struct span division,
                        int32_t period, int64_t value)
{
    struct span indicator = span_from(demo_watch_indicator[watch]);
    size_t index;
    json_t *row;
    json_array_foreach(morning->series, index, row)
    {
        if (!is_text(row, "indicator", indicator) || !is_text(row, "division", division))
            continue;
        assert(morning->count < ROWS);
        morning->row[morning->count++] =
            (struct reading){.series = json_integer_value(json_object_get(row, "id")),
                             .period = period,
                             .value_scaled = value};
    }
}

// Where the figures of `watch` come from, in words.
static void find_source(enum demo_watch watch, struct arena *arena, struct reading_batch *batch)
{
    struct span rest = demo_file("batches.csv"), cell[3];
    while (demo_read_cells(&rest, cell, 3) == 3) {
        if (span_is(cell[0], demo_watch_indicator[watch])) {
            batch->source = span_to_string(cell[1], arena);
            batch->source_zh = span_to_string(cell[2], arena);
        }
    }
}

// Lands what was added, under an id of its own for the day.
static enum fault_code land(struct morning *morning, enum demo_watch watch, struct fault *fault)
{
    struct store_actor actor = store_system_actor();
    struct arena arena = {0};
    struct reading_batch batch = {.division = store_division(morning->store),
                                  .known_at = morning->known_at,
                                  .is_simulated = demo_is_simulated(watch)};
    size_t count = morning->count;
    morning->count = 0;
    if (count == 0)
        return FAULT_NONE;
    find_source(watch, &arena, &batch);
    store_derive_id(morning->store, morning->day, demo_watch_indicator[watch], batch.id);
    enum fault_code code =
        readings_land(morning->store, &actor, &batch, morning->row, count, NULL, NULL, fault);
    arena_reset(&arena);
    return code;
}

static enum fault_code land_figures(struct morning *morning, enum demo_watch watch,
                                    struct fault *fault)
{
    struct demo_figure figure[DEMO_FIGURES];
    int32_t yesterday = morning->day - 1;
    int count = demo_figures_read(yesterday, figure);
    for (int i = 0; i < count; i++)
        if (figure[i].is_second == (watch == DEMO_SECOND))
            add_reading(morning, watch, figure[i].division, yesterday, figure[i].value);
    return land(morning, watch, fault);
}

// The counties of Lindi are 219901 .. 219908.
static void add_lindi(struct morning *morning, enum demo_watch watch, int32_t period)
{
    for (int county = 0; county < DEMO_COUNTIES; county++) {
        char code[] = "219901";
        code[5] = (char)(code[5] + county);
        int64_t value = watch == DEMO_WAGES  ? demo_lindi_wages(morning->seed, county, period)
                        : watch == DEMO_CASH ? demo_lindi_cash(morning->seed, county, period)
                                             : demo_lindi_wage_cover(morning->seed, county, period);
        add_reading(morning, watch, span_from(code), period, value);
    }
}

// The month whose wage cover nobody fills in for the counties.
static int32_t month_of_the_counties(void)
{
    return time_period_from_day(TIME_MONTHLY, time_day_from_date((struct time_date){2020, 6, 1}));
}

static enum fault_code land_lindi(struct morning *morning, struct fault *fault)
{
    int32_t day = morning->day, month = time_period_from_day(TIME_MONTHLY, day);
    bool is_first = day == birth_day() + 1;
    // 2019 is known on the first morning: 387 days x 8 counties stay below ROWS.
    for (int32_t past = is_first ? time_day_from_date((struct time_date){2019, 1, 1}) : day - 1;
         past < day; past++)
        add_lindi(morning, DEMO_WAGES, past);
    enum fault_code code = land(morning, DEMO_WAGES, fault);
    for (int32_t past = month - 12; is_first && past < month; past++)
        add_lindi(morning, DEMO_CASH, past);
    if (time_date_from_day(day).day == CASH_DAY)
        add_lindi(morning, DEMO_CASH, month - 1);
    if (code == FAULT_NONE)
        code = land(morning, DEMO_CASH, fault);
    for (int32_t past = month - 12; is_first && past < month; past++)
        add_lindi(morning, DEMO_WAGE_COVER, past);
    if (time_date_from_day(day).day == WAGE_COVER_DAY && month - 1 != month_of_the_counties())
        add_lindi(morning, DEMO_WAGE_COVER, month - 1);
    return code != FAULT_NONE ? code : land(morning, DEMO_WAGE_COVER, fault);
}

static enum fault_code land_all(struct morning *morning, struct fault *fault)
{
    enum fault_code code = land_figures(morning, DEMO_FEED, fault);
    if (code == FAULT_NONE)
        code = land_figures(morning, DEMO_SECOND, fault);
    if (code == FAULT_NONE)
        code = land_lindi(morning, fault);
    if (code == FAULT_NONE)
        code = demo_answer_questions(morning->store, morning->day, fault);
    if (code == FAULT_NONE && morning->known_at < demo_opening_time())
        code =
            demo_act_in_lindi(morning->store, morning->day, morning->seed, morning->series, fault);
    return code != FAULT_NONE
               ? code
               : demo_pin_acts(morning->store, morning->day, morning->divisions, fault);
}

// The row of query replay; FAULT_DENIED when the store is no replay.
static enum fault_code read_replay(struct store *store, json_t **ret_row, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code = demo_ask(store, QUERY_REPLAY, NULL, &rows, fault);
    if (code == FAULT_NONE && json_array_size(rows) == 0)
        code = fault_set(fault, FAULT_DENIED, TEXT_DEMO_NO_REPLAY, {0});
    if (code == FAULT_NONE)
        *ret_row = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return code;
}

enum fault_code demo_next(struct store *store, int64_t *ret_time, struct fault *fault)
{
    static const struct span nothing;
    json_t *answer = NULL;
    enum fault_code code =
        demo_send_for(store, "replay.next", 0, json_object(), nothing, &answer, fault);
    if (code == FAULT_NONE)
        *ret_time = json_integer_or(answer, "time", store_business_time(store));
    json_decref(answer);
    return code;
}

static enum fault_code make_morning(struct morning *morning, const struct pack_set *packs,
                                    struct fault *fault)
{
    static const struct span nothing;
    enum fault_code code =
        demo_ask(morning->store, QUERY_REPLAY_SERIES, NULL, &morning->series, fault);
    if (code == FAULT_NONE)
        code = demo_ask(morning->store, QUERY_REPLAY_DIVISION, NULL, &morning->divisions, fault);
    if (code == FAULT_NONE)
        code = land_all(morning, fault);
    if (code == FAULT_NONE && morning->day >= first_judged_day())
        code = judgement_scan(morning->store, packs, 0, NULL, fault);
    if (code == FAULT_NONE)
        code = demo_send(morning->store, "replay.finish", morning->day,
                         json_pack("{s:i}", "day", (int)morning->day), nothing, fault);
    json_decref(morning->series);
    json_decref(morning->divisions);
    return code;
}

static enum fault_code try_morning(struct store *store, const struct pack_set *packs,
                                   struct fault *fault)
{
    json_t *row = NULL;
    enum fault_code code = read_replay(store, &row, fault);
    if (code != FAULT_NONE || json_is_true(json_object_get(row, "is_ready"))) {
        json_decref(row);
        return code;
    }
    struct morning *morning = memory_allocate(sizeof *morning);
    if (morning == NULL) {
        json_decref(row);
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    }
    morning->store = store;
    morning->day = (int32_t)json_integer_value(json_object_get(row, "day_number"));
    morning->known_at = time_from_local(morning->day, MINUTE_KNOWN);
    morning->seed = (uint64_t)json_integer_value(json_object_get(row, "seed"));
    json_decref(row);
    code = make_morning(morning, packs, fault);
    memory_free(morning);
    return code;
}

// "Later" is what a machine says that has other things to do: then it is tried again, which
// repeats nothing.
enum fault_code demo_morning(struct store *store, const struct pack_set *packs, struct fault *fault)
{
    const struct timespec pause = {0, 200 * 1000 * 1000};
    enum fault_code code = FAULT_BUSY;
    for (int i = 0; i < TRIES && code == FAULT_BUSY; i++) {
        struct fault trouble = {.code = FAULT_NONE};
        code = try_morning(store, packs, &trouble);
        if (code == FAULT_BUSY && i + 1 < TRIES)
            nanosleep(&pause, NULL);
        else if (code != FAULT_NONE)
            *fault = trouble;
    }
    return code;
}

enum fault_code demo_mornings(struct store *store, const struct pack_set *packs, int64_t until,
                              void (*report)(void *context, int64_t done, int64_t total),
                              void *context, struct fault *fault)
{
    int64_t start = store_business_time(store), time = 0;
    enum fault_code code = demo_morning(store, packs, fault);
    while (code == FAULT_NONE && store_business_time(store) < until) {
        code = demo_next(store, &time, fault);
        if (code == FAULT_NONE)
            code = demo_morning(store, packs, fault);
        if (code == FAULT_NONE && report != NULL)
            report(context, (store_business_time(store) - start) / TIME_DAY,
                   (until - start) / TIME_DAY);
    }
    return code;
}
