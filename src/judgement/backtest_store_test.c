// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest_store_test.c: a store is replayed as it was known on each morning, not as it is now.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "judgement/backtest_store.h"
#include "judgement/judgement.h"
#include "pack/pack.h"
#include "store/query.h"
#include "store/readings.h"
#include "unit.h"

enum { DAYS = 40 };

static int32_t first_day(void)
{
    return time_day_from_date((struct time_date){2020, 1, 1});
}

static void say(const struct fault *fault)
{
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    printf("# %s:%d %s\n", fault->file, fault->line, sentence);
}

// Sends a command as the program; gives the number in `field` of its answer. `body` is taken.
static int64_t send(struct store *store, const char *name, json_t *body, const char *field)
{
    struct fault fault = {0};
    json_t *answer = NULL;
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    if (!CHECK_EQUAL(store_run_command(store, &request, &answer, &fault), FAULT_NONE))
        say(&fault);
    json_t *value = json_object_get(answer, field);
    int64_t result = json_integer_value(json_is_array(value) ? json_array_get(value, 0) : value);
    json_decref(answer);
    json_decref(body);
    return result;
}

static struct store *open_store(int64_t *ret_series)
{
    char folder[256];
    snprintf(folder, sizeof folder, "%s/store", unit_folder());
    struct store_birth birth = {.kind = STORE_REPLAY,
                                .division_code = "210000",
                                .name = "test",
                                .time = time_from_local(first_day() + DAYS + 5, 420)};
    struct store_options options = {.folder = folder,
                                    .commands = judgement_command_table,
                                    .command_count = judgement_command_count,
                                    .finishers = judgement_finisher_table,
                                    .finisher_count = judgement_finisher_count,
                                    .must_not_settle = true};
    struct store *store = NULL;
    struct fault fault = {0};
    if (!CHECK_EQUAL(store_create(folder, &birth, &fault), FAULT_NONE) ||
        !CHECK_EQUAL(store_open(&options, &store, &fault), FAULT_NONE)) {
        say(&fault);
        _exit(1);
    }
    json_t *tree =
        json_pack("[{s:s, s:s, s:i, s:s, s:s}, {s:s, s:s, s:i, s:s, s:s}]", "code", "210000",
                  "parent", "", "level", 1, "name_zh", "辽宁", "name_en", "Liaoning", "code",
                  "210200", "parent", "210000", "level", 2, "name_zh", "大连", "name_en", "Dalian");
    send(store, "divisions.load", json_pack("{s:o}", "rows", tree), "sequence");
    int64_t indicator =
        send(store, "indicator.declare",
             json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "pack", "epidemic",
                       "code", "epidemic.cases", "field", "epidemic", "unit", "case", "frequency",
                       "D", "direction", "up", "aggregation", "sum", "decimals", 0, "name_zh",
                       "病例", "name_en", "cases"),
             "indicator");
    *ret_series = send(store, "series.add",
                       json_pack("{s:I, s:b, s:[{s:I}]}", "indicator", (json_int_t)indicator,
                                 "is_simulated", 0, "rows", "division", (json_int_t)2),
                       "series");
    return store;
}

static void land(struct store *store, int64_t series, int day, int64_t value, int known_day)
{
    struct store_actor actor = store_system_actor();
    struct fault fault = {0};
    struct reading_batch batch = {
        .division = 2, .known_at = time_from_local(first_day() + known_day, 410), .source = "test"};
    struct reading row = {series, value, first_day() + day};
    if (!CHECK_EQUAL(readings_land(store, &actor, &batch, &row, 1, NULL, NULL, &fault), FAULT_NONE))
        say(&fault);
}

static size_t fired_at[16];
static size_t fired_count;

static void note_firing(void *context, size_t subject, size_t at, double value)
{
    (void)context, (void)subject, (void)value;
    if (CHECK(fired_count < 16))
        fired_at[fired_count++] = at;
}

static void begin_series(void *context, const char *division_zh, const char *division_en,
                         int32_t period)
{
    (void)division_zh;
    CHECK_TEXT(division_en, "Dalian");
    CHECK_EQUAL(period, first_day());
    ++*(int *)context;
}

void test_store_is_replayed_as_it_was_known(void)
{
    int64_t series = 0;
    struct store *store = open_store(&series);
    static const struct pack_rule rule = {
        .kind = PACK_FIRST_AFTER_QUIET, .quiet = 5, .cluster_periods = 5, .cluster_at_least = 4};
    static const struct pack_indicator indicator = {.code = "epidemic.cases",
                                                    .frequency = TIME_DAILY};
    struct backtest_subject subject = {.rule = &rule};
    struct backtest_tally tally = {0};
    struct backtest_watch watch = {note_firing, NULL};
    struct fault fault = {0};
    int begun = 0;
    for (int day = 0; day < DAYS; day++)
        if (day != 30)
            land(store, series, day, day == 10 || day == 20 ? 1 : 0, day + 1);
    // Withdrawn two days later: it was a case on the morning of the 11th all the same.
    land(store, series, 10, 0, 12);
    // Three more of the 22nd become known a week later: what came of the 20th is a cluster.
    land(store, series, 22, 3, 30);
    // A case of the 30th that became known on the 38th was none on the morning of the 31st.
    land(store, series, 30, 1, 38);
    struct backtest_store request = {.store = store,
                                     .actor = store_system_actor(),
                                     .field = "epidemic",
                                     .indicator = &indicator,
                                     .from = INT32_MIN,
                                     .to = INT32_MAX,
                                     .subjects = &subject,
                                     .subject_count = 1,
                                     .begin = begin_series,
                                     .begin_context = &begun};
    if (!CHECK_EQUAL(backtest_replay_store(&request, &tally, &watch, &fault), FAULT_NONE))
        say(&fault);
    CHECK_EQUAL(begun, 1);
    CHECK_EQUAL(tally.series, 1);
    CHECK_EQUAL(tally.fired, 2);
    CHECK_EQUAL(fired_count, 2);
    CHECK_EQUAL(fired_at[0], 10);
    CHECK_EQUAL(fired_at[1], 20);
    CHECK_EQUAL(tally.came_true, 1);
    CHECK_EQUAL(tally.judged, DAYS - 1);
    // Only from the 15th on; and of the simulated series there are none.
    tally = (struct backtest_tally){0};
    request.from = first_day() + 15;
    CHECK_EQUAL(backtest_replay_store(&request, &tally, NULL, &fault), FAULT_NONE);
    CHECK_EQUAL(tally.fired, 1);
    tally = (struct backtest_tally){0};
    request.is_simulated = true;
    CHECK_EQUAL(backtest_replay_store(&request, &tally, NULL, &fault), FAULT_NONE);
    CHECK_EQUAL(tally.series, 0);
    store_close(store);
}
