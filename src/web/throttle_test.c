// SPDX-License-Identifier: GPL-3.0-or-later
//
// throttle_test.c: guesses are few, and guessing locks nobody out.
#include <string.h>

#include "unit.h"
#include "web/throttle.h"

static const int64_t minute = 60 * 1000, day = 24 * 60 * minute;
static struct throttle throttle;

// Guesses once a second for a day from `addresses` sources; returns how many were admitted.
static int guess_for_a_day(int addresses)
{
    int admitted = 0;
    int64_t wait = 0;
    for (int64_t now = 0; now < day; now += 1000) {
        uint64_t address = 1000 + (uint64_t)(now / 1000 % addresses);
        if (!throttle_admit(&throttle, span_from("dalian"), address, now, &wait))
            continue;
        admitted++;
        throttle_note(&throttle, span_from("dalian"), address, false, now);
    }
    return admitted;
}

void test_throttle_bounds_guesses_at_one_account(void)
{
    memset(&throttle, 0, sizeof throttle);
    int from_one = guess_for_a_day(1);
    CHECK(from_one > 10 && from_one <= 82);
    memset(&throttle, 0, sizeof throttle);
    int from_many = guess_for_a_day(200);
    CHECK(from_many > 10 && from_many <= 82);
}

void test_throttle_bounds_one_address(void)
{
    memset(&throttle, 0, sizeof throttle);
    int admitted = 0;
    int64_t wait = 0;
    char name[2] = "a";
    for (int i = 0; i < 1000; i++) {
        name[0] = (char)('!' + i % 90);
        if (throttle_admit(&throttle, span_from(name), 7, i, &wait))
            admitted++;
        throttle_note(&throttle, span_from(name), 7, false, i);
    }
    CHECK_EQUAL(admitted, 30);
    CHECK(wait > 0);
}

void test_throttle_is_no_lock_out(void)
{
    int64_t wait = 0;
    memset(&throttle, 0, sizeof throttle);
    throttle_note(&throttle, span_from("dalian"), 5, true, 0);
    for (int i = 0; i < 100; i++)
        throttle_note(&throttle, span_from("dalian"), 100 + (uint64_t)i, false, i);
    CHECK(!throttle_admit(&throttle, span_from("dalian"), 300, 200, &wait));
    CHECK(throttle_admit(&throttle, span_from("dalian"), 5, 200, &wait));
    CHECK_EQUAL(wait, 0);
}

void test_throttle_lets_go(void)
{
    int64_t wait = 0;
    memset(&throttle, 0, sizeof throttle);
    for (int i = 0; i < 10; i++)
        throttle_note(&throttle, span_from("x"), 0, false, 0);
    CHECK(!throttle_admit(&throttle, span_from("x"), 0, 0, &wait));
    CHECK_EQUAL(wait, 20 * 60);
    CHECK(throttle_admit(&throttle, span_from("x"), 0, 20 * minute, &wait));
}
