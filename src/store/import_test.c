// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_test.c: tidy and wide tables, and every mistake by line, column, value and reason.
#include "store/import.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "store/store_fixture.h"
#include "unit.h"

static struct arena arena;

static enum fault_code read(struct store *store, const char *csv,
                            const struct import_options *options, struct import *ret_import,
                            struct fault *fault)
{
    struct store_actor system = store_system_actor();
    struct csv_text text = {0};
    size_t size = strlen(csv);
    char *copy = memory_allocate(size + 1);
    memcpy(copy, csv, size);
    CHECK_EQUAL(csv_decode(copy, size, &text, fault), FAULT_NONE);
    enum fault_code code = import_read(store, &system, &text, options, &arena, ret_import, fault);
    csv_free(&text);
    return code;
}

static void check_import(struct store *store, const char *csv, const char *indicator,
                         size_t row_count)
{
    struct store_actor system = store_system_actor();
    struct import_options options = {.indicator = indicator, .source = "test"};
    struct import import = {0};
    struct fault fault = {0};
    CHECK_EQUAL(read(store, csv, &options, &import, &fault), FAULT_NONE);
    CHECK_EQUAL(import.mistake_count, 0);
    CHECK_EQUAL(import.row_count, row_count);
    CHECK_EQUAL(import_land(store, &system, &options, &import, NULL, &fault), FAULT_NONE);
    import_end(&import);
}

static double value_of(struct store *store, int64_t indicator, int64_t division, int32_t period)
{
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    struct fault fault = {0};
    double value = -1;
    int64_t batch = 0;
    int64_t series = fixture_series(store, indicator, division);
    CHECK_EQUAL(store_reader_open(store, &system, 0, &reader, &fault), FAULT_NONE);
    CHECK_EQUAL(readings_load(reader, series, period, period, &value, &batch, &fault), FAULT_NONE);
    store_reader_close(reader);
    return batch == 0 ? -1 : value;
}

enum { DAY = 18465 }; // 2020-07-22

void test_import_tidy_and_wide(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    fixture_load_cities(store);
    int64_t indicator = fixture_indicator(store, "D", 1);
    check_import(store,
                 "indicator,division,period,value\n"
                 "test.D1,210200,2020-07-22,3.0\n"
                 "test.D1,210200,2020-07-22,3\n" // The same again is harmless.
                 "test.D1,210100,2020-07-22,-4.5\n",
                 NULL, 2);
    CHECK_NEAR(value_of(store, indicator, 2, DAY), 3, 0);
    CHECK_NEAR(value_of(store, indicator, 4, DAY), -4.5, 0);
    check_import(store,
                 "日期,210200,210100\n"
                 "2020-07-23,5,\n"
                 "2020-07-24,6,7\n",
                 "test.D1", 3);
    CHECK_NEAR(value_of(store, indicator, 2, DAY + 1), 5, 0);
    CHECK_NEAR(value_of(store, indicator, 4, DAY + 1), -1, 0);
    CHECK_NEAR(value_of(store, indicator, 4, DAY + 2), 7, 0);
    arena_reset(&arena);
    fixture_close(store);
}

void test_import_names_every_mistake(void)
{
    static const struct {
        int line, column;
        enum text_key key;
        const char *value;
    } wanted[] = {
        {2, 1, TEXT_STORE_IMPORT_DIVISION, "219999"},
        {3, 2, TEXT_STORE_IMPORT_PERIOD, "2020-7-22"},
        {4, 2, TEXT_STORE_IMPORT_FREQUENCY, "2020-07"},
        {5, 3, TEXT_STORE_IMPORT_VALUE, "1,000"},
        {6, 3, TEXT_STORE_IMPORT_DECIMALS, "1.25"},
        {7, 3, TEXT_STORE_IMPORT_VALUE, ""},
        {9, 0, TEXT_STORE_IMPORT_CONFLICT, "210200"},
    };
    struct store *store = fixture_open(STORE_REPLAY);
    struct import_options options = {.indicator = "test.D1", .source = "test"};
    struct import import = {0};
    struct fault fault = {0};
    char sentence[LIMIT_TEXT_SIZE];
    fixture_load_cities(store);
    fixture_indicator(store, "D", 1);
    int64_t before = store_sequence(store);
    CHECK_EQUAL(read(store,
                     "division,period,value\n"
                     "219999,2020-07-22,1\n"
                     "210200,2020-7-22,1\n"
                     "210200,2020-07,1\n"
                     "210200,2020-07-22,\"1,000\"\n"
                     "210200,2020-07-22,1.25\n"
                     "210200,2020-07-22,\n"
                     "210200,2020-07-22,1\n"
                     "210200,2020-07-22,2\n",
                     &options, &import, &fault),
                FAULT_NONE);
    CHECK_EQUAL(import.mistake_count, 7);
    for (size_t i = 0; i < 7 && i < import.mistake_count; i++) {
        CHECK_EQUAL(import.mistakes[i].line, wanted[i].line);
        CHECK_EQUAL(import.mistakes[i].column, wanted[i].column);
        CHECK_EQUAL(import.mistakes[i].key, wanted[i].key);
        CHECK_TEXT(import.mistakes[i].value.string, wanted[i].value);
    }
    import_write_mistake(&import.mistakes[6], TEXT_ENGLISH, sentence, sizeof sentence);
    CHECK(strstr(sentence, "Line 8 ") != NULL);
    import_end(&import);
    fault = (struct fault){0};
    CHECK_EQUAL(read(store, "a,b\n1,2\n", &options, &import, &fault), FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_IMPORT_COLUMNS);
    CHECK_EQUAL(store_sequence(store), before);
    arena_reset(&arena);
    fixture_close(store);
}

// Imports `csv` under `key`; returns its batch, 0 when it was refused.
static int64_t import_once(struct store *store, const char *key, const char *csv)
{
    struct store_actor system = store_system_actor();
    struct import_options options = {
        .indicator = "test.D0", .source = "test", .key = span_from(key)};
    struct import import = {0};
    struct fault fault = {0};
    CHECK_EQUAL(read(store, csv, &options, &import, &fault), FAULT_NONE);
    int64_t batch = import_land(store, &system, &options, &import, NULL, &fault) == FAULT_NONE
                        ? import.batch
                        : 0;
    import_end(&import);
    arena_reset(&arena);
    return batch;
}

static int64_t landed_under(struct store *store, const char *key, unsigned char id[COMMAND_ID_SIZE])
{
    struct fault fault = {0};
    int64_t batch = -1;
    CHECK_EQUAL(import_find(store, span_from(key), id, &batch, &fault), FAULT_NONE);
    return batch;
}

void test_import_lands_once_under_its_key(void)
{
    static const char csv[] = "division,period,value\n210200,2020-07-22,1\n";
    unsigned char id[COMMAND_ID_SIZE], other[COMMAND_ID_SIZE];
    struct store *store = fixture_open(STORE_REPLAY);
    fixture_load_cities(store);
    fixture_series(store, fixture_indicator(store, "D", 0), 2);
    CHECK_EQUAL(landed_under(store, "a", id), 0);
    int64_t batch = import_once(store, "a", csv);
    int64_t sequence = store_sequence(store);
    CHECK(batch > 0);
    CHECK_EQUAL(import_once(store, "a", csv), batch);
    CHECK_EQUAL(import_once(store, "a", "division,period,value\n210200,2020-07-23,7\n"), batch);
    CHECK_EQUAL(store_sequence(store), sequence);
    store_close(store);
    store = fixture_reopen(); // A restart forgets nothing.
    CHECK_EQUAL(landed_under(store, "a", id), batch);
    CHECK_EQUAL(import_once(store, "a", csv), batch);
    CHECK(import_once(store, "b", csv) > batch);
    // An attempt of two parts that was cut short after the first: the next goes under another id.
    CHECK_EQUAL(landed_under(store, "c", id), 0);
    struct fault fault = {0};
    unsigned char payload[LANDING_PAYLOAD_SIZE(1)];
    size_t size = landing_write(
        &(struct ordered_row){.series = 1, .period = DAY, .value_scaled = 5}, 1, payload);
    struct command_request request = {.name = "readings.land",
                                      .payload = {(const char *)payload, size},
                                      .actor = store_system_actor()};
    memcpy(request.id, id, sizeof id);
    request.body = json_pack("{s:i, s:i, s:I, s:b, s:s, s:s, s:s, s:i, s:i}", "batch", 0,
                             "division", 1, "known_at", FIXTURE_TIME, "is_simulated", 0, "source",
                             "x", "source_zh", "x", "note", "", "part", 1, "parts", 2);
    CHECK_EQUAL(store_run_command(store, &request, NULL, &fault), FAULT_NONE);
    json_decref(request.body);
    store_close(store);
    store = fixture_reopen();
    CHECK_EQUAL(landed_under(store, "c", other), 0);
    CHECK(memcmp(id, other, sizeof id) != 0);
    batch = import_once(store, "c", csv);
    CHECK(batch > 0);
    CHECK_EQUAL(import_once(store, "c", csv), batch);
    fixture_close(store);
}
