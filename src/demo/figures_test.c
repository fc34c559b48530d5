// SPDX-License-Identifier: GPL-3.0-or-later
//
// figures_test.c: the replay's real figures are those of the record, faults included.
#include <string.h>

#include "base/time.h"
#include "demo/figures.h"
#include "demo/lindi.h"
#include "unit.h"

enum { NOTHING = -9999 };

static int32_t day_of(int month, int day)
{
    return time_day_from_date((struct time_date){2020, month, day});
}

static int64_t figure(const char *division, bool is_second, int32_t day)
{
    struct demo_figure figures[DEMO_FIGURES];
    int count = demo_figures_read(day, figures);
    for (int i = 0; i < count; i++)
        if (span_is(figures[i].division, division) && figures[i].is_second == is_second)
            return figures[i].value;
    return NOTHING;
}

void test_figures_of_the_wave(void)
{
    static const int64_t feed[] = {1, 2, 9, 0, 12, 14, 6, 8, 5, 11, 8, 3, 8, 2, 0, 3};
    static const int64_t second[] = {1, 2, 9, 13, 14, 6, 8};
    int64_t sum = 0;
    for (int i = 0; i < 16; i++) {
        CHECK_EQUAL(figure("210200", false, day_of(7, 22) + i), feed[i]);
        sum += feed[i];
    }
    CHECK_EQUAL(sum, 92);
    for (int i = 0; i < 7; i++)
        CHECK_EQUAL(figure("210000", true, day_of(7, 22) + i), second[i]);
    CHECK_EQUAL(figure("211200", false, day_of(7, 26)), 1);
}

void test_last_rise_was_111_days_before(void)
{
    int32_t day = day_of(7, 21);
    while (figure("210200", false, day) <= 0)
        day--;
    CHECK_EQUAL(day, day_of(4, 2));
    CHECK_EQUAL(day_of(7, 22) - day, 111);
    CHECK_EQUAL(figure("210200", false, day_of(4, 7)), -2);
}

void test_first_rows_are_no_cases(void)
{
    CHECK_EQUAL(figure("210400", false, day_of(4, 16)), NOTHING);
    CHECK_EQUAL(figure("210400", false, day_of(4, 17)), NOTHING);
    CHECK_EQUAL(figure("210400", false, day_of(4, 18)), 0);
    CHECK_EQUAL(figure("210300", false, day_of(2, 1)), NOTHING);
    CHECK_EQUAL(figure("210300", false, day_of(2, 2)), 0);
    CHECK_EQUAL(figure("210200", false, day_of(12, 9)), NOTHING);
}

// Counted here by hand: a case after 14 quiet days of rows, before the wave.
void test_first_case_rule_fired_four_times(void)
{
    static const char *const city[] = {"210100", "210200", "210300", "210400", "210500",
                                       "210600", "210700", "210800", "210900", "211000",
                                       "211100", "211200", "211300", "211400"};
    int fired = 0;
    for (int i = 0; i < 14; i++) {
        int quiet = 0;
        for (int32_t day = day_of(1, 22); day < day_of(7, 22); day++) {
            int64_t value = figure(city[i], false, day);
            fired += value > 0 && quiet >= 14;
            quiet = value == 0 ? quiet + 1 : 0;
        }
    }
    CHECK_EQUAL(fired, 4);
}

void test_lindi_is_the_same_for_the_same_seed(void)
{
    int64_t quiet = 0, loud = 0, other = 0;
    for (int32_t day = day_of(6, 1); day < day_of(6, 29); day++) {
        CHECK_EQUAL(demo_lindi_wages(7, 2, day), demo_lindi_wages(7, 2, day));
        quiet += demo_lindi_wages(7, 2, day);
        loud += demo_lindi_wages(7, 2, day + 42);
        other += demo_lindi_wages(8, 2, day) != demo_lindi_wages(7, 2, day);
    }
    CHECK(loud > 2 * quiet);
    CHECK(other > 5);
}

void test_lindi_cash_runs_short_in_two_counties(void)
{
    for (int county = 0; county < DEMO_COUNTIES; county++) {
        int64_t june = demo_lindi_cash(7, county, 12 * 50 + 5);
        CHECK((june < 30) == (county == 2 || county == 4));
    }
}
