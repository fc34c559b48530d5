// SPDX-License-Identifier: GPL-3.0-or-later
//
// database_test.c: the settings hold, and one writer is one.
#include "database/database.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

enum { CREATE_TABLE, INSERT, COUNT, JOURNAL_MODE, SYNCHRONOUS, MMAP, CHECKPOINT_PAGES, SQL_COUNT };
static const char *const sql[SQL_COUNT] = {
    "CREATE TABLE thing (number INTEGER PRIMARY KEY) STRICT",
    "INSERT INTO thing VALUES (NULL)",
    "SELECT count(*) FROM thing",
    "SELECT journal_mode = 'wal' FROM pragma_journal_mode",
    "SELECT synchronous FROM pragma_synchronous",
    "SELECT mmap_size FROM pragma_mmap_size",
    "PRAGMA wal_autocheckpoint",
};

static struct database_options options_for(const char *name, enum database_mode mode)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", unit_folder(), name);
    return (struct database_options){
        .path = path, .mode = mode, .sql = sql, .sql_count = SQL_COUNT};
}

static int64_t integer(struct database *database, int index)
{
    struct fault fault = {0};
    int64_t value = -1;
    CHECK_EQUAL(database_read_integer(database, index, -2, &value, &fault), FAULT_NONE);
    return value;
}

void test_database_settings_hold(void)
{
    struct fault fault = {0};
    struct database writer = {0}, reader = {0};
    struct database_options options = options_for("settings.db", DATABASE_CREATOR);
    CHECK_EQUAL(database_open(&options, &writer, &fault), FAULT_NONE);
    CHECK_EQUAL(integer(&writer, JOURNAL_MODE), 1);
    CHECK_EQUAL(integer(&writer, SYNCHRONOUS), 3);
    CHECK_EQUAL(integer(&writer, CHECKPOINT_PAGES), 0);
    CHECK_EQUAL(database_run(&writer, CREATE_TABLE, &fault), FAULT_NONE);
    CHECK_EQUAL(database_run(&writer, INSERT, &fault), FAULT_NONE);
    options = options_for("settings.db", DATABASE_READER);
    CHECK_EQUAL(database_open(&options, &reader, &fault), FAULT_NONE);
    CHECK_EQUAL(integer(&reader, COUNT), 1);
    CHECK(database_run(&reader, INSERT, &fault) != FAULT_NONE);
    CHECK_EQUAL(integer(&reader, COUNT), 1);
    database_close(&reader);
    database_close(&writer);
    database_close(&writer);
}

void test_database_has_one_writer(void)
{
    struct fault fault = {0}, second = {0};
    struct database writer = {0}, other = {0};
    struct database_options options = options_for("one.db", DATABASE_CREATOR);
    CHECK_EQUAL(database_open(&options, &writer, &fault), FAULT_NONE);
    options.mode = DATABASE_WRITER;
    CHECK_EQUAL(database_open(&options, &other, &second), FAULT_BUSY);
    CHECK_EQUAL(second.key, TEXT_DATABASE_LOCKED);
    database_close(&writer);
    second = (struct fault){0};
    CHECK_EQUAL(database_open(&options, &other, &second), FAULT_NONE);
    database_close(&other);
}

void test_database_that_is_missing_or_no_database(void)
{
    struct fault fault = {0}, second = {0};
    struct database database = {0};
    struct database_options options = options_for("absent.db", DATABASE_READER);
    CHECK_EQUAL(database_open(&options, &database, &fault), FAULT_MISSING);
    FILE *file = fopen(options.path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("not a database\n", file);
    fclose(file);
    int64_t value = 0;
    enum fault_code code = database_open(&options, &database, &second);
    if (code == FAULT_NONE)
        code = database_read_integer(&database, COUNT, 0, &value, &second);
    CHECK_EQUAL(code, FAULT_CORRUPT);
    database_close(&database);
}
