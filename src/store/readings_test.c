// SPDX-License-Identifier: GPL-3.0-or-later
//
// readings_test.c: what was known when, folded or not; conflicts; periods and their places.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_fixture.h"
#include "unit.h"

static int64_t land(struct store *store, int64_t known_at, const struct reading *rows, size_t count)
{
    struct store_actor system = store_system_actor();
    struct reading_batch batch = {.known_at = known_at, .source = "test"};
    struct fault fault = {0};
    int64_t id = 0;
    CHECK_EQUAL(readings_land(store, &system, &batch, rows, count, NULL, &id, &fault), FAULT_NONE);
    return id;
}

static struct store_reader *open_reader(struct store *store, int64_t as_of)
{
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    struct fault fault = {0};
    CHECK_EQUAL(store_reader_open(store, &system, as_of, &reader, &fault), FAULT_NONE);
    return reader;
}

// The value of one period as of an instant; NAN where there is none.
static double value_at(struct store *store, int64_t series, int32_t period, int64_t as_of)
{
    struct fault fault = {0};
    struct store_reader *reader = open_reader(store, as_of);
    double value = 0;
    int64_t batch = 0;
    CHECK_EQUAL(readings_load(reader, series, period, period, &value, &batch, &fault), FAULT_NONE);
    store_reader_close(reader);
    return batch == 0 ? (double)NAN : value;
}

// The same value for people to read; "-" where there is none.
static const char *seen(struct store *store, int64_t series, int32_t period, int64_t as_of)
{
    static char text[32];
    double value = value_at(store, series, period, as_of);
    snprintf(text, sizeof text, isnan(value) ? "-" : "%g", value);
    return text;
}

static void fold_everything(struct store *store)
{
    char digest[65];
    struct fault fault = {0};
    CHECK_EQUAL(store_digest(store, digest, &fault), FAULT_NONE);
}

enum { DAY = 18465 }; // 2020-07-22

static void check_corrections(struct store *store, int64_t series)
{
    const int64_t t = FIXTURE_TIME;
    CHECK_TEXT(seen(store, series, DAY, t - 1), "-");
    CHECK_TEXT(seen(store, series, DAY, t), "3");
    CHECK_TEXT(seen(store, series, DAY, t + 9), "3");
    CHECK_TEXT(seen(store, series, DAY, t + 10), "5");
    CHECK_TEXT(seen(store, series, DAY, t + 15), "4"); // landed last, known in between
    CHECK_TEXT(seen(store, series, DAY, t + 20), "-"); // withdrawn
    CHECK_TEXT(seen(store, series, DAY, t + 30), "6");
    CHECK_TEXT(seen(store, series, DAY + 1, t + 30), "8");
    CHECK_TEXT(seen(store, series, DAY + 2, t + 30), "-");
}

void test_readings_as_of_folded_or_not(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    fixture_load_cities(store);
    int64_t series = fixture_series(store, fixture_indicator(store, "D", 0), 2);
    const int64_t t = FIXTURE_TIME;
    struct reading first[] = {{series, 8, DAY + 1}, {series, 3, DAY}};
    struct reading five = {series, 5, DAY}, none = {series, READING_WITHDRAWN, DAY};
    struct reading six = {series, 6, DAY}, four = {series, 4, DAY};
    land(store, t, first, 2);
    land(store, t + 10, &five, 1);
    land(store, t + 20, &none, 1);
    land(store, t + 30, &six, 1);
    land(store, t + 15, &four, 1);
    check_corrections(store, series);
    fold_everything(store);
    check_corrections(store, series);
    // Folded and unfolded together: a correction of what is folded.
    struct reading seven = {series, 7, DAY};
    land(store, t + 40, &seven, 1);
    check_corrections(store, series);
    CHECK_TEXT(seen(store, series, DAY, t + 40), "7");
    struct reading_version versions[8];
    size_t count = 0;
    struct fault fault = {0};
    struct store_reader *reader = open_reader(store, t + 100);
    CHECK_EQUAL(readings_history(reader, series, DAY, versions, 8, &count, &fault), FAULT_NONE);
    CHECK_EQUAL(count, 6);
    CHECK_EQUAL(versions[3].is_withdrawn, 1);
    CHECK_NEAR(versions[5].value, 7, 0);
    CHECK_EQUAL(versions[4].until_time, t + 40);
    store_reader_close(reader);
    fixture_close(store);
}

void test_readings_same_value_again_is_harmless(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    fixture_load_cities(store);
    int64_t series = fixture_series(store, fixture_indicator(store, "D", 0), 2);
    struct reading twice[] = {{series, 3, DAY}, {series, 3, DAY}};
    int64_t batch = land(store, FIXTURE_TIME, twice, 2);
    land(store, FIXTURE_TIME + 5, twice, 1);
    for (int i = 0; i < 2; i++) {
        struct fault fault = {0};
        struct store_reader *reader = open_reader(store, FIXTURE_TIME + 10);
        double value = 0;
        int64_t from_batch = 0;
        CHECK_EQUAL(readings_load(reader, series, DAY, DAY, &value, &from_batch, &fault),
                    FAULT_NONE);
        CHECK_EQUAL(from_batch, batch);
        store_reader_close(reader);
        fold_everything(store);
    }
    fixture_close(store);
}

void test_readings_conflict_names_both_rows(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct store_actor system = store_system_actor();
    fixture_load_cities(store);
    int64_t series = fixture_series(store, fixture_indicator(store, "D", 0), 2);
    struct reading rows[] = {{series, 3, DAY}, {series, 3, DAY + 1}, {series, 4, DAY}};
    struct reading_batch batch = {.source = "test"};
    struct fault fault = {0};
    int64_t before = store_sequence(store);
    CHECK_EQUAL(readings_land(store, &system, &batch, rows, 3, NULL, NULL, &fault), FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_READINGS_CONFLICT);
    CHECK_EQUAL(fault.argument[0].integer, 1);
    CHECK_EQUAL(fault.argument[1].integer, 3);
    batch.is_simulated = true;
    fault = (struct fault){0};
    CHECK_EQUAL(readings_land(store, &system, &batch, rows, 1, NULL, NULL, &fault), FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_READINGS_ORIGIN);
    CHECK_EQUAL(store_sequence(store), before);
    fixture_close(store);
}

// A batch of several parts is seen at once; sent again under its id it is the same batch.
void test_readings_batch_of_many_parts(void)
{
    enum { COUNT = 3 * LIMIT_BATCH_PART_ROWS + 17 };
    struct store *store = fixture_open(STORE_REPLAY);
    struct store_actor system = store_system_actor();
    fixture_load_cities(store);
    int64_t series = fixture_series(store, fixture_indicator(store, "D", 1), 2);
    struct reading *rows = calloc(COUNT, sizeof *rows);
    for (int i = 0; i < COUNT; i++)
        rows[i] = (struct reading){series, i, DAY - i};
    struct reading_batch batch = {.source = "test", .id = {9, 9, 9}};
    struct fault fault = {0};
    int64_t first = 0, second = 0;
    CHECK_EQUAL(readings_land(store, &system, &batch, rows, COUNT, NULL, &first, &fault),
                FAULT_NONE);
    int64_t sequence = store_sequence(store);
    CHECK_EQUAL(readings_land(store, &system, &batch, rows, COUNT, NULL, &second, &fault),
                FAULT_NONE);
    CHECK_EQUAL(first, second);
    CHECK_EQUAL(store_sequence(store), sequence);
    for (int round = 0; round < 2; round++) {
        int32_t from = 0, to = 0;
        size_t count = 0;
        struct store_reader *reader = open_reader(store, 0);
        CHECK_EQUAL(readings_span(reader, series, &from, &to, &count, &fault), FAULT_NONE);
        CHECK_EQUAL(from, DAY - COUNT + 1);
        CHECK_EQUAL(to, DAY);
        CHECK_EQUAL(count, COUNT);
        store_reader_close(reader);
        CHECK_TEXT(seen(store, series, DAY - 12345, 0), "1234.5");
        fold_everything(store);
    }
    free(rows);
    fixture_close(store);
}

static bool fold_a_little(struct store *store)
{
    struct command_request request = {.name = "test.fold", .actor = store_system_actor()};
    struct fault fault = {0};
    json_t *answer = NULL;
    CHECK_EQUAL(store_run_command(store, &request, &answer, &fault), FAULT_NONE);
    bool is_done = json_is_true(json_object_get(answer, "is_done"));
    json_decref(answer);
    return is_done;
}

// Blocks that are folded in the middle keep the rest of their rows: at every moment each series has
// its values, in one place or the other.
void test_readings_wait_in_blocks_while_they_are_folded(void)
{
    enum { INDICATORS = 8, CITIES = 5, COUNT = INDICATORS * CITIES, DAYS = 29 };
    enum { BATCH_ROWS = COUNT * DAYS };
    struct store *store = fixture_open(STORE_REPLAY);
    struct store_actor system = store_system_actor();
    fixture_load_cities(store);
    struct reading *rows = calloc(BATCH_ROWS, sizeof *rows);
    struct fault fault = {0};
    int64_t series[COUNT], unit[COUNT]; // 1 as it is scaled
    int slices = 0;
    for (int i = 0; i < COUNT; i++) {
        unit[i] = i < CITIES ? 1 : 10 * unit[i - CITIES];
        series[i] =
            fixture_series(store, fixture_indicator(store, "D", i / CITIES), 1 + i % CITIES);
    }
    for (int round = 0; round < 2; round++) {
        struct reading_batch batch = {.source = "test", .known_at = FIXTURE_TIME + round};
        for (int at = 0; at < BATCH_ROWS; at++) { // Every second day is corrected.
            int i = at % COUNT;
            rows[at] = (struct reading){series[i], unit[i] * (1000 * round + i),
                                        DAY + at / COUNT * (1 + round)};
        }
        CHECK_EQUAL(readings_land(store, &system, &batch, rows, BATCH_ROWS, NULL, NULL, &fault),
                    FAULT_NONE);
    }
    do {
        for (int i = 0; i < COUNT; i++) {
            CHECK(value_at(store, series[i], DAY + 1, FIXTURE_TIME + 9) == i);
            CHECK(value_at(store, series[i], DAY + 2, FIXTURE_TIME + 9) == 1000 + i);
            CHECK(value_at(store, series[i], DAY + 2, FIXTURE_TIME) == i);
        }
        slices++;
    } while (!fold_a_little(store));
    CHECK(slices > 1); // The writer goes on by itself in idle moments.
    free(rows);
    fixture_close(store);
}

static int compare_ordered(const void *a, const void *b)
{
    const struct ordered_row *left = a, *right = b;
    if (left->series != right->series)
        return left->series < right->series ? -1 : 1;
    if (left->period != right->period)
        return left->period < right->period ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static int chance(int below);

void test_readings_order_agrees_with_comparing(void)
{
    enum { COUNT = 3000 };
    static struct ordered_row rows[COUNT], wanted[COUNT];
    static const int64_t lowest[] = {0, 1, -70000, INT64_MIN, INT64_MAX - 5000};
    for (int round = 0; round < 50; round++) {
        int count = round < 3 ? round : chance(COUNT), range = 1 + chance(5000);
        for (int i = 0; i < count; i++) {
            int64_t series = lowest[round % 5] + chance(range);
            series = round % 7 == 0 && i % 3 == 0 ? (int64_t)chance(9) << 40 : series;
            rows[i] = (struct ordered_row){
                .series = series, .period = chance(7000) - 3500, .index = (uint32_t)i};
            rows[i].period = round % 3 == 0 ? INT32_MIN + chance(20) : rows[i].period;
        }
        memcpy(wanted, rows, sizeof rows);
        qsort(wanted, (size_t)count, sizeof *wanted, compare_ordered);
        CHECK(order_rows(rows, (size_t)count));
        if (!CHECK(memcmp(rows, wanted, (size_t)count * sizeof *rows) == 0))
            return;
    }
}

// A batch whose last part never came is never seen, and is cleared away at the next opening.
void test_readings_incomplete_batch_is_cleared(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    fixture_load_cities(store);
    int64_t series = fixture_series(store, fixture_indicator(store, "D", 0), 2);
    unsigned char payload[LANDING_PAYLOAD_SIZE(1)];
    size_t size = landing_write(
        &(struct ordered_row){.series = series, .period = DAY, .value_scaled = 5}, 1, payload);
    struct fault fault = {0};
    json_t *body = json_pack("{s:i, s:i, s:I, s:b, s:s, s:s, s:s, s:i, s:i}", "batch", 0,
                             "division", 1, "known_at", FIXTURE_TIME, "is_simulated", 0, "source",
                             "x", "source_zh", "x", "note", "", "part", 1, "parts", 2);
    struct command_request request = {.name = "readings.land",
                                      .body = body,
                                      .payload = {(const char *)payload, size},
                                      .actor = store_system_actor()};
    json_t *answer = NULL;
    CHECK_EQUAL(store_run_command(store, &request, &answer, &fault), FAULT_NONE);
    CHECK_TEXT(seen(store, series, DAY, 0), "-");
    store_close(store);
    store = fixture_reopen();
    CHECK_TEXT(seen(store, series, DAY, 0), "-");
    // Its second part comes too late.
    json_object_set_new(body, "part", json_integer(2));
    json_object_set(body, "batch", json_object_get(answer, "sequence"));
    fault = (struct fault){0};
    CHECK_EQUAL(store_run_command(store, &request, NULL, &fault), FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_BATCH_CLOSED);
    json_decref(body);
    json_decref(answer);
    fixture_close(store);
}

void test_readings_places_of_periods(void)
{
    static const enum time_frequency frequencies[] = {TIME_DAILY, TIME_WEEKLY, TIME_MONTHLY,
                                                      TIME_QUARTERLY, TIME_YEARLY};
    for (int f = 0; f < 5; f++)
        for (int32_t day = -30000; day < 40000; day += 3) {
            int32_t period = time_period_from_day(frequencies[f], day);
            struct reading_place place = reading_place_of(frequencies[f], period);
            if (!CHECK_EQUAL(reading_period_of(frequencies[f], place), period))
                return;
            if (!CHECK(place.index < reading_places(frequencies[f])))
                return;
        }
}

// Random batches, folded at random moments, against a plain list of versions.
enum { SERIES = 3, PERIODS = 5, INSTANTS = 12, BATCHES = 40 };

// Chance that is the same everywhere (Knuth, MMIX).
static uint64_t chance_state = 4711;
static int chance(int below)
{
    chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((chance_state >> 33) % (uint64_t)below);
}

struct model {
    struct version_list list[SERIES][PERIODS];
};

static double model_value(const struct version_list *list, int64_t as_of)
{
    double value = NAN;
    for (int i = 0; i < list->count; i++)
        if (list->version[i].known_at <= as_of)
            value = list->version[i].is_withdrawn ? (double)NAN : list->version[i].value;
    return value;
}

static bool is_as_modelled(struct store *store, const struct model *model, const int64_t *series)
{
    bool is_same = true;
    for (int64_t t = 0; t < INSTANTS && is_same; t++)
        for (int s = 0; s < SERIES; s++)
            for (int p = 0; p < PERIODS; p++) {
                double got = value_at(store, series[s], DAY + p, FIXTURE_TIME + t);
                double wanted = model_value(&model->list[s][p], FIXTURE_TIME + t);
                is_same &= got == wanted || (isnan(got) && isnan(wanted));
            }
    return is_same;
}

struct walk_check {
    const struct model *model;
    const int64_t *series;
    int seen_count;
    bool is_same;
    struct store *store;
    struct store_reader *late; // NULL: in time
};

static enum fault_code check_walk(void *context, const struct readings_row *row,
                                  struct fault *fault)
{
    (void)fault;
    struct walk_check *check = context;
    for (int s = 0; s < SERIES; s++)
        for (int p = 0; p < PERIODS && check->series[s] == row->series; p++) {
            double wanted = model_value(&check->model->list[s][p], FIXTURE_TIME + 5);
            double got = row->batches[p] == 0 ? (double)NAN : row->values[p];
            check->is_same &= got == wanted || (isnan(got) && isnan(wanted));
        }
    check->seen_count++;
    if (check->late != NULL) {
        // Its time is up, and behind its back all rows move.
        check->late->deadline_ms = 1;
        fold_everything(check->store);
    }
    return FAULT_NONE;
}

void test_readings_agree_with_a_model(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    static struct model model;
    struct fault fault = {0};
    int64_t series[SERIES];
    fixture_load_cities(store);
    int64_t indicator = fixture_indicator(store, "D", 0);
    for (int i = 0; i < SERIES; i++)
        series[i] = fixture_series(store, indicator, 2 + i);
    for (int b = 0; b < BATCHES; b++) {
        struct reading rows[PERIODS];
        int64_t known_at = FIXTURE_TIME + chance(INSTANTS);
        int s = chance(SERIES), count = 0;
        for (int p = 0; p < PERIODS; p++)
            if (chance(2))
                rows[count++] = (struct reading){
                    series[s], chance(9) == 0 ? READING_WITHDRAWN : chance(3), DAY + p};
        if (count == 0)
            continue;
        int64_t batch = land(store, known_at, rows, (size_t)count);
        for (int i = 0; i < count; i++) {
            bool is_withdrawn = rows[i].value_scaled == READING_WITHDRAWN;
            struct version version = {.value = is_withdrawn ? 0 : (double)rows[i].value_scaled,
                                      .is_withdrawn = is_withdrawn,
                                      .batch = batch,
                                      .known_at = known_at};
            version_insert(&model.list[s][rows[i].period - DAY], &version);
        }
        if (chance(4) == 0)
            fold_everything(store);
        if (b % 5 == 0 && !CHECK(is_as_modelled(store, &model, series)))
            break;
    }
    CHECK(is_as_modelled(store, &model, series));
    struct walk_check check = {.model = &model, .series = series, .is_same = true};
    struct store_reader *reader = open_reader(store, FIXTURE_TIME + 5);
    CHECK_EQUAL(
        readings_walk(reader, indicator, DAY, DAY + PERIODS - 1, check_walk, &check, &fault),
        FAULT_NONE);
    store_reader_close(reader);
    CHECK_EQUAL(check.seen_count, SERIES);
    CHECK(check.is_same);
    fixture_close(store);
}

// A walk that lasts longer than a read may holds no old snapshot, and misses or doubles nothing.
void test_a_long_walk_renews_its_reader(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    static struct model model;
    struct fault fault = {0};
    int64_t series[SERIES], batch = 0;
    memset(&model, 0, sizeof model);
    fixture_load_cities(store);
    int64_t indicator = fixture_indicator(store, "D", 0);
    for (int i = 0; i < SERIES; i++)
        series[i] = fixture_series(store, indicator, 2 + i);
    for (int p = 0; p < PERIODS; p++) {
        struct reading rows[SERIES];
        for (int i = 0; i < SERIES; i++)
            rows[i] = (struct reading){series[i], 10 * i + p, DAY + p};
        batch = land(store, FIXTURE_TIME, rows, SERIES);
        for (int i = 0; i < SERIES; i++)
            version_insert(
                &model.list[i][p],
                &(struct version){.value = 10 * i + p, .batch = batch, .known_at = FIXTURE_TIME});
    }
    struct store_reader *reader = open_reader(store, FIXTURE_TIME + 5);
    int64_t before = store_reader_sequence(reader);
    land(store, FIXTURE_TIME + 1, &(struct reading){series[0], 0, DAY}, 1);
    struct walk_check check = {
        .model = &model, .series = series, .is_same = true, .store = store, .late = reader};
    reader->deadline_ms = steady_ms() + LIMIT_READ_MS;
    CHECK_EQUAL(
        readings_walk(reader, indicator, DAY, DAY + PERIODS - 1, check_walk, &check, &fault),
        FAULT_NONE);
    CHECK(store_reader_sequence(reader) > before);
    CHECK_EQUAL(check.seen_count, SERIES);
    CHECK(check.is_same);
    store_reader_close(reader);
    fixture_close(store);
}

struct stream {
    struct store *store;
    int64_t series;
    int count;
};

static void *land_stream(void *context)
{
    const struct stream *stream = context;
    for (int i = 0; i < stream->count; i++)
        land(stream->store, FIXTURE_TIME + i,
             &(struct reading){stream->series, i, DAY + i % PERIODS}, 1);
    return NULL;
}

// The writer folds a slice at a time, so that others' commands go in between; a digest is of a
// state in which nothing waits, whatever comes in meanwhile.
void test_a_digest_is_folded_first_in_slices(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct command_request request = {.name = "test.fold", .actor = store_system_actor()};
    struct fault fault = {0};
    static struct reading rows[40 * PERIODS];
    char first[65], second[65];
    bool is_done = false;
    int slices = 0;
    fixture_load_cities(store);
    int64_t indicator = fixture_indicator(store, "D", 0);
    for (int i = 0; i < 40 * PERIODS; i++)
        rows[i] = (struct reading){.period = DAY + i % PERIODS, .value_scaled = i};
    for (int i = 0; i < 40; i++) {
        json_t *row = json_pack("{s:i}", "division", 1 + i % 5);
        char stratum[8];
        snprintf(stratum, sizeof stratum, "s%d", i / 5);
        json_object_set_new(row, "stratum", json_string(stratum));
        int64_t series = fixture_series_row(store, indicator, row);
        for (int p = 0; p < PERIODS; p++)
            rows[i * PERIODS + p].series = series;
    }
    land(store, FIXTURE_TIME, rows, 40 * PERIODS);
    for (; !is_done && slices < 100; slices++) {
        json_t *answer = NULL;
        CHECK_EQUAL(store_run_command(store, &request, &answer, &fault), FAULT_NONE);
        is_done = json_is_true(json_object_get(answer, "is_done"));
        json_decref(answer);
    }
    CHECK(is_done && slices > 1);
    struct stream stream = {store, rows[0].series, 200};
    pthread_t thread;
    CHECK_EQUAL(pthread_create(&thread, NULL, land_stream, &stream), 0);
    for (int i = 0; i < 10; i++)
        CHECK_EQUAL(store_digest(store, first, &fault), FAULT_NONE);
    pthread_join(thread, NULL);
    CHECK_EQUAL(store_digest(store, first, &fault), FAULT_NONE);
    CHECK_EQUAL(store_digest(store, second, &fault), FAULT_NONE);
    CHECK_TEXT(first, second);
    fixture_close(store);
}
