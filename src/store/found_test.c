// SPDX-License-Identifier: GPL-3.0-or-later
//
// found_test.c: whose files a founding touches. That it is all or nothing is shown by tests/crash.
#include "store/found.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_fixture.h"
#include "unit.h"

static const char *path_of(const char *name)
{
    static char path[2][256];
    static int next;
    next = (next + 1) % 2;
    snprintf(path[next], sizeof path[next], "%s/store/%s", unit_folder(), name);
    return path[next];
}

static void write_file(const char *name)
{
    FILE *file = fopen(path_of(name), "w");
    if (CHECK(file != NULL))
        fclose(file);
}

static bool is_there(const char *name)
{
    return access(path_of(name), F_OK) == 0;
}

static enum fault_code found(struct fault *fault)
{
    struct store_birth birth = {.kind = STORE_REPLAY, .division_code = "210000", .time = 1};
    *fault = (struct fault){0};
    return store_create(fixture_folder(), &birth, fault);
}

void test_found_refuses_what_is_not_its_own(void)
{
    struct fault fault = {0};
    mkdir(fixture_folder(), 0700);
    write_file("letter.txt");
    CHECK_EQUAL(found(&fault), FAULT_INVALID);
    CHECK_EQUAL(fault.key, TEXT_STORE_FOLDER_NOT_EMPTY);
    CHECK(is_there("letter.txt") && !is_there("founding"));
    unlink(path_of("letter.txt"));
    write_file("vault.db"); // Without a founding it is somebody's vault.
    CHECK_EQUAL(found(&fault), FAULT_INVALID);
    CHECK(is_there("vault.db"));
}

void test_found_clears_its_leftovers_and_nothing_else(void)
{
    struct fault fault = {0};
    struct store *store = NULL;
    struct store_options options = {.folder = fixture_folder()};
    mkdir(fixture_folder(), 0700);
    mkdir(path_of("founding"), 0700);
    write_file("founding/ledger.db");
    write_file("vault.db");
    write_file("ports.json");
    CHECK_EQUAL(store_open(&options, &store, &fault), FAULT_MISSING);
    CHECK_EQUAL(fault.key, TEXT_STORE_FOUNDING_CUT_OFF);
    CHECK_EQUAL(found(&fault), FAULT_NONE);
    CHECK(is_there("ports.json") && is_there("ledger.db") && !is_there("founding"));
    fixture_close(fixture_reopen());
}

void test_found_by_one_at_a_time(void)
{
    struct fault fault = {0}, second = {0};
    struct store_founding founding = {.lock = -1}, other = {.lock = -1};
    CHECK_EQUAL(store_begin_founding(fixture_folder(), &founding, &fault), FAULT_NONE);
    CHECK_EQUAL(store_begin_founding(fixture_folder(), &other, &second), FAULT_BUSY);
    CHECK_EQUAL(second.key, TEXT_STORE_FOUNDING_BUSY);
    store_abandon_founding(&other); // Has nothing to give up.
    store_abandon_founding(&founding);
    CHECK(!is_there("founding"));
}

void test_found_unmakes_a_store_and_makes_another(void)
{
    struct fault fault = {0};
    store_close(fixture_open(STORE_REPLAY));
    write_file("ports.json");
    CHECK_EQUAL(store_unmake(fixture_folder(), &fault), FAULT_NONE);
    CHECK(!is_there("ledger.db"));
    CHECK_EQUAL(found(&fault), FAULT_NONE);
    CHECK(is_there("ports.json") && is_there("ledger.db"));
    fixture_close(fixture_reopen());
}
