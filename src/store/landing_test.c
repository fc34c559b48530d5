// SPDX-License-Identifier: GPL-3.0-or-later
//
// landing_test.c: readings written as differences come back as they were; bytes that are no rows
// are found.
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/store_priv.h"
#include "unit.h"

// A table of blocks, read as the program reads its own.
struct table {
    struct database database;
    sqlite3_stmt *statement;
};

static void open_table(struct table *table)
{
    *table = (struct table){0};
    CHECK_EQUAL(sqlite3_open(":memory:", &table->database.connection), SQLITE_OK);
    sqlite3_exec(table->database.connection,
                 "CREATE TABLE landing (batch INTEGER, last_series INTEGER, last_period INTEGER, "
                 "rows BLOB, PRIMARY KEY (batch, last_series, last_period)) WITHOUT ROWID",
                 NULL, NULL, NULL);
    CHECK_EQUAL(sqlite3_prepare_v2(table->database.connection, state_sql[STATE_SQL_WALK_LANDED], -1,
                                   &table->statement, NULL),
                SQLITE_OK);
}

static void close_table(struct table *table)
{
    sqlite3_finalize(table->statement);
    sqlite3_close(table->database.connection);
}

static void keep_block(struct table *table, struct span rows, int64_t series, int32_t period)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(table->database.connection, "INSERT INTO landing VALUES (1, ?1, ?2, ?3)", -1,
                       &statement, NULL);
    sqlite3_bind_int64(statement, 1, series);
    sqlite3_bind_int64(statement, 2, period);
    sqlite3_bind_blob64(statement, 3, rows.data, rows.size, SQLITE_STATIC);
    CHECK_EQUAL(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
}

// Every block of a payload goes into the table, as apply.c does it. Returns the rows in all.
static size_t keep_payload(struct table *table, const unsigned char *bytes, size_t size)
{
    struct landing_payload payload = {.left = {(const char *)bytes, size}};
    while (payload.left.size > 0 && CHECK(landing_take_block(&payload)))
        keep_block(table, payload.rows, payload.last.series, payload.last.period);
    return payload.count;
}

static int64_t chance(int64_t below)
{
    return (int64_t)(((uint64_t)rand() << 31 | (uint64_t)rand()) % (uint64_t)below);
}

enum { COUNT = 4000 };

// Rows whose steps are as small and as big as they can be.
static void make_rows(struct ordered_row *rows, int round)
{
    static const int64_t values[] = {0, 1, -1, 63, 64, 999, INT64_MIN, INT64_MIN + 1, INT64_MAX};
    struct ordered_row row = {.series = 1, .period = INT32_MIN};
    for (int i = 0; i < COUNT; i++) {
        int64_t step = 1 + chance(round % 2 == 0 ? 3 : 3000000);
        bool is_same = chance(10) < round % 10 && INT32_MAX - row.period > step;
        if (is_same)
            row.period += (int32_t)step;
        else
            row.series += i == COUNT - 1 ? INT64_MAX - row.series : step;
        if (!is_same)
            row.period = i % 5 == 0 ? INT32_MIN : i % 7 == 0 ? INT32_MAX : (int32_t)chance(20000);
        row.value_scaled = values[chance(9)];
        rows[i] = row;
    }
}

static bool is_same(const struct landing_row *row, const struct ordered_row *wanted)
{
    return row->series == wanted->series && row->period == wanted->period &&
           row->value_scaled == wanted->value_scaled;
}

void test_landing_rows_come_back(void)
{
    static struct ordered_row rows[COUNT];
    static unsigned char bytes[LANDING_PAYLOAD_SIZE(COUNT)];
    struct fault fault = {0};
    for (int round = 0; round < 20; round++) {
        struct table table;
        struct landing_walk walk;
        make_rows(rows, round);
        size_t size = landing_write(rows, COUNT, bytes);
        open_table(&table);
        CHECK_EQUAL(keep_payload(&table, bytes, size), COUNT);
        // From a row on, from between two rows, and from behind the last.
        int from = round == 0 ? 0 : (int)chance(COUNT);
        int64_t series = rows[from].series;
        int32_t period = rows[from].period - (rows[from].period > INT32_MIN && from % 2 == 0);
        from -= from > 0 && rows[from - 1].series == series && rows[from - 1].period == period;
        CHECK_EQUAL(
            landing_begin(&walk, &table.database, table.statement, 1, series, period, &fault),
            FAULT_NONE);
        int at = from;
        for (; at < COUNT && walk.is_row && is_same(&walk.row, &rows[at]); at++)
            CHECK_EQUAL(landing_next(&walk, &fault), FAULT_NONE);
        CHECK_EQUAL(at, COUNT);
        CHECK(!walk.is_row);
        close_table(&table);
    }
}

// What is left of a block is a block that reads on where it was cut.
void test_landing_a_shortened_block_reads_on(void)
{
    enum { FEW = 40 };
    static struct ordered_row rows[COUNT];
    unsigned char bytes[LANDING_PAYLOAD_SIZE(FEW)], rest_bytes[LANDING_REST_SIZE];
    struct fault fault = {0};
    make_rows(rows, 7);
    size_t size = landing_write(rows, FEW, bytes);
    for (int done = 0; done < FEW; done++) {
        struct table table, shortened;
        struct landing_walk walk;
        open_table(&table);
        open_table(&shortened);
        keep_payload(&table, bytes, size);
        CHECK_EQUAL(landing_begin(&walk, &table.database, table.statement, 1, 0, INT32_MIN, &fault),
                    FAULT_NONE);
        for (int i = 0; i < done; i++)
            landing_next(&walk, &fault);
        struct landing_rest rest = landing_rest(&walk, rest_bytes);
        CHECK_EQUAL(rest.is_whole, done == 0);
        if (!rest.is_whole) {
            CHECK(rest.size <= LANDING_REST_SIZE);
            CHECK_EQUAL(rest.last_series, rows[FEW - 1].series);
            CHECK_EQUAL(rest.last_period, rows[FEW - 1].period);
            keep_block(&shortened, (struct span){(const char *)rest_bytes, rest.size},
                       rest.last_series, rest.last_period);
            CHECK_EQUAL(landing_begin(&walk, &shortened.database, shortened.statement, 1, 0,
                                      INT32_MIN, &fault),
                        FAULT_NONE);
            int at = done;
            for (; walk.is_row && at < FEW && is_same(&walk.row, &rows[at]); at++)
                landing_next(&walk, &fault);
            CHECK_EQUAL(at, FEW);
        }
        close_table(&table);
        close_table(&shortened);
    }
}

void test_landing_refuses_what_is_no_block(void)
{
    static const struct {
        const char *what;
        const char *bytes;
        size_t size;
    } wrong[] = {
        {"no head", "\x03", 1},
        {"an empty block", "\0\0", 2},
        {"a block longer than the payload", "\x04\0\x03\x02\x02", 5},
        {"a block longer than any", "\xff\xff\x03\x02\x02", 5},
        {"a first row of the same series", "\x02\0\x02\x02", 4},
        {"a series that is not later", "\x03\0\x01\x02\x02", 5},
        {"a period that is not later", "\x05\0\x03\x02\x02\0\x02", 7},
        {"a row without its value", "\x02\0\x03\x02", 4},
        {"a number without its end", "\x03\0\x03\x02\x82", 5},
        {"a number longer than need be", "\x04\0\x03\x02\x82\0", 6},
        {"a number of more than 64 bits", "\x0c\0\x03\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03",
         14},
        {"a period out of range", "\x07\0\x03\xfe\xff\xff\xff\x1f\x02", 9},
        {"a series out of range",
         "\x19\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x02\x03\x02\x02\0\0\0\0\0\0\0\0\0\0",
         27},
        {"a block that goes back", "\x03\0\x05\x02\x02\x03\0\x05\x02\x02", 10},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct landing_payload payload = {.left = {wrong[i].bytes, wrong[i].size}};
        bool is_taken = true;
        while (is_taken && payload.left.size > 0)
            is_taken = landing_take_block(&payload);
        if (!CHECK(!is_taken))
            unit_check(false, __FILE__, __LINE__, "%s", wrong[i].what);
    }
    struct landing_payload sound = {.left = {"\x05\0\x05\x02\x02\x02\x04", 7}};
    CHECK(landing_take_block(&sound));
    CHECK_EQUAL(sound.count, 2);
    CHECK_EQUAL(sound.last.series, 2);
    CHECK_EQUAL(sound.last.period, 2);
    CHECK_EQUAL(sound.last.value_scaled, 2);
}

// A block in state.db that has been damaged stops the walk with its batch named.
void test_landing_walk_names_a_damaged_block(void)
{
    struct table table;
    struct landing_walk walk;
    struct fault fault = {0};
    open_table(&table);
    keep_block(&table, (struct span){"\x03\x02\x02\0", 4}, 1, 2);
    CHECK_EQUAL(landing_begin(&walk, &table.database, table.statement, 1, 0, INT32_MIN, &fault),
                FAULT_NONE);
    CHECK_EQUAL(landing_next(&walk, &fault), FAULT_CORRUPT);
    CHECK_EQUAL(fault.key, TEXT_STORE_BLOCK_MALFORMED);
    close_table(&table);
}
