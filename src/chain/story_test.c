// SPDX-License-Identifier: GPL-3.0-or-later
//
// story_test.c: one bad week on a real store, morning by morning.
//
// The city's feed has 1, 2, 9, 0, 12, 14, 6, 8 from 22 July on, the second source 1, 2, 9, 13, 14,
// 6, 8; Tieling has 1 under the 26th. A morning brings the day before.
#include <stdio.h>
#include <string.h>

#include "chain/chain_fixture.h"
#include "unit.h"

// Mornings 23 to 30 July.
static const int64_t dalian[] = {1, 2, 9, 0, 12, 14, 6, 8};
static const int64_t tieling[] = {0, 0, 0, 0, 1, 0, 0, 0};
static const int64_t second[] = {1, 2, 9, 13, 14, 6, 8, 5};

static void turn(struct province *province, int from, int to)
{
    for (int day = from; day <= to; day++)
        province_morning(province, day, dalian[day - 23], tieling[day - 23], second[day - 23]);
}

static json_t *notice_of(struct province *province, int64_t id, int64_t as_of)
{
    json_t *rows = province_ask(province, "province", QUERY_NOTICE,
                                json_pack("{s:I}", "id", (json_int_t)id), as_of);
    CHECK_EQUAL(json_array_size(rows), 1);
    return rows;
}

static const json_t *at(const json_t *rows, size_t index, const char *field)
{
    return json_object_get(json_array_get(rows, index), field);
}

static json_t *points(struct province *province, enum watch watch, const char *from, int64_t as_of)
{
    return province_ask(
        province, "province", QUERY_SERIES_POINTS,
        json_pack("{s:I, s:s}", "id", (json_int_t)province->series[watch], "from", from), as_of);
}

void test_story_levels(void)
{
    static const int levels[] = {1, 2, 3, 3, 3, 3, 3, 4};
    struct province province;
    province_open(&province);
    CHECK_EQUAL(province_notice(&province, CASES_DALIAN), 0);
    int64_t notice = 0;
    for (int day = 23; day <= 30; day++) {
        turn(&province, day, day);
        CHECK_EQUAL(province_level(&province, CASES_DALIAN), levels[day - 23]);
        if (notice == 0)
            notice = province_notice(&province, CASES_DALIAN);
        CHECK_EQUAL(province_notice(&province, CASES_DALIAN), notice);
    }
    CHECK_EQUAL(province_level(&province, CASES_TIELING), 1);
    province_scan(&province);
    CHECK_EQUAL(province.counts.batches, 0);
    CHECK_EQUAL(province.counts.raised, 0);
    province_close(&province);
}

void test_story_first_case_in_words(void)
{
    struct province province;
    province_open(&province);
    turn(&province, 23, 23);
    json_t *rows = notice_of(&province, province_notice(&province, CASES_DALIAN), 0);
    CHECK_TEXT(province_sentence(at(rows, 0, "title")),
               "Dalian: first rise in 111 days (New confirmed cases)");
    CHECK_TEXT(province_sentence(json_array_get(at(rows, 0, "explanation"), 0)),
               "Dalian had 1 on 2020-07-22 (New confirmed cases): the first rise in 111 days.");
    const json_t *record = json_array_get(at(rows, 0, "record"), 0);
    CHECK_EQUAL(json_integer_or(record, "fired", -1), 1);
    CHECK_EQUAL(json_integer_or(record, "came_true", -1), 0);
    CHECK_TEXT(province_sentence(json_array_get(json_object_get(record, "keys"), 0)),
               "This rule fired 1 times in Liaoning; 0 became a cluster of 10.");
    CHECK_TEXT(province_sentence(at(rows, 0, "lead_time")),
               "No lead time claimed: there is no dated and sourced event to hold it against.");
    CHECK_EQUAL(json_array_size(at(rows, 0, "seen_above")), 2);
    CHECK_TEXT(row_text(rows, 0, "unit_en"), "210200-health");
    CHECK_EQUAL(row_integer(rows, 0, "deadline_at") - row_integer(rows, 0, "raised_at"),
                24 * TIME_HOUR);
    CHECK(json_array_size(at(rows, 0, "plan")) > 0);
    json_decref(rows);
    province_close(&province);
}

void test_story_zero_is_not_believed(void)
{
    struct province province;
    province_open(&province);
    turn(&province, 23, 26);
    json_t *rows = notice_of(&province, province_notice(&province, CASES_DALIAN), 0);
    CHECK_EQUAL(row_integer(rows, 0, "level"), 3);
    CHECK_TEXT(province_sentence(at(rows, 0, "held")),
               "The figure for 2020-07-25 is not believed; the level stays orange until it is "
               "answered.");
    const json_t *question = json_array_get(at(rows, 0, "questions"), 0);
    const json_t *reason = json_object_get(question, "reason");
    CHECK_TEXT(province_sentence(json_array_get(reason, 0)),
               "Not believed: after 1, 2, 9 a zero comes on about 2 of 100 such days; a second "
               "source has +13.");
    CHECK_TEXT(province_sentence(json_array_get(reason, 1)),
               "On 2020-07-25 our copy of the feed stood still: nothing moved anywhere. It is no "
               "report of zero from any place.");
    json_decref(rows);
    rows = province_ask(&province, "feed", QUERY_TODAY, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    CHECK_TEXT(row_text(rows, 0, "kind"), "question");
    CHECK_TEXT(row_text(rows, 0, "action"), "reading.answer");
    CHECK_EQUAL(row_integer(rows, 0, "deadline_at") - store_business_time(province.store),
                2 * TIME_HOUR);
    json_decref(rows);
    rows = points(&province, CASES_DALIAN, "2020-07-22", 0);
    CHECK_EQUAL(json_array_size(rows), 4);
    CHECK(json_is_false(at(rows, 3, "is_believed")));
    CHECK(json_is_true(at(rows, 2, "is_believed")));
    CHECK_NEAR(json_real_value(at(rows, 3, "other_value")), 13, 1e-12);
    CHECK_EQUAL(json_array_size(at(rows, 3, "alarms")), 0);
    json_decref(rows);
    rows = province_ask(&province, "province", QUERY_OVERVIEW_FOOT, NULL, 0);
    CHECK_EQUAL(row_integer(rows, 0, "not_believed"), 1);
    json_decref(rows);
    province_close(&province);
}

void test_story_missing_day_is_found(void)
{
    struct province province;
    province_open(&province);
    turn(&province, 23, 26);
    int64_t then = store_business_time(province.store);
    turn(&province, 27, 27);
    json_t *rows = notice_of(&province, province_notice(&province, CASES_DALIAN), 0);
    const json_t *question = json_array_get(at(rows, 0, "questions"), 0);
    CHECK_TEXT(json_string_value(json_object_get(question, "state")), "answered");
    CHECK_TEXT(province_sentence(json_array_get(json_object_get(question, "answered"), 0)),
               "Explained: the second source's 13 of 2020-07-25 stand in our feed under 2020-07-26 "
               "(here 12). Our copy of the feed stood still; the dates are corrected.");
    json_decref(rows);
    rows = points(&province, CASES_DALIAN, "2020-07-25", 0);
    CHECK(json_is_true(at(rows, 0, "is_corrected")));
    CHECK(json_is_false(at(rows, 0, "is_believed")));
    CHECK_TEXT(json_string_value(json_object_get(at(rows, 0, "doubt"), "moved_to")), "2020-07-26");
    json_decref(rows);
    rows = points(&province, CASES_DALIAN, "2020-07-25", then);
    CHECK_EQUAL(json_array_size(rows), 1);
    CHECK(json_is_false(at(rows, 0, "is_corrected")));
    CHECK(json_is_null(json_object_get(at(rows, 0, "doubt"), "moved_to")));
    json_decref(rows);
    rows = province_ask(&province, "feed", QUERY_TODAY, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 0);
    json_decref(rows);
    province_close(&province);
}

static bool alarms(const json_t *rows, size_t index, const char *method)
{
    const json_t *list = at(rows, index, "alarms");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), method) == 0)
            return true;
    return false;
}

void test_story_silent_methods_lower_nothing(void)
{
    struct province province;
    province_open(&province);
    turn(&province, 23, 29);
    json_t *rows = points(&province, CASES_DALIAN, "2020-07-22", 0);
    CHECK_EQUAL(json_array_size(rows), 7);
    CHECK(alarms(rows, 4, "ears-c1")); // 26 July
    CHECK(!alarms(rows, 5, "ears-c1"));
    CHECK(alarms(rows, 5, "ears-c2")); // 27 July
    CHECK(!alarms(rows, 6, "ears-c1"));
    CHECK(!alarms(rows, 6, "ears-c2"));
    CHECK_NEAR(json_real_value(at(rows, 4, "upper")), 11.919, 1e-3);
    CHECK_NEAR(json_real_value(at(rows, 4, "value")), 12, 1e-12);
    json_decref(rows);
    rows = notice_of(&province, province_notice(&province, CASES_DALIAN), 0);
    CHECK_EQUAL(row_integer(rows, 0, "level"), 3);
    const json_t *explanation = at(rows, 0, "explanation");
    CHECK_TEXT(province_sentence(json_array_get(explanation, json_array_size(explanation) - 1)),
               "Silent methods: EARS C1, EARS C2. The rise itself has lifted their "
               "baseline; silence lowers nothing.");
    json_decref(rows);
    province_close(&province);
}

void test_story_situation(void)
{
    struct province province;
    province_open(&province);
    turn(&province, 23, 27);
    json_t *rows = province_ask(&province, "province", QUERY_SITUATIONS, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    CHECK_EQUAL(json_array_size(at(rows, 0, "notices")), 2);
    CHECK_EQUAL(row_integer(rows, 0, "level"), 3);
    CHECK_EQUAL(row_integer(rows, 0, "division"), province.division[DALIAN]);
    CHECK(json_array_size(at(rows, 0, "clocks")) >= 2);
    int64_t situation = row_integer(rows, 0, "id");
    json_decref(rows);
    CHECK_EQUAL(
        province_run(&province, "province", "measure.add",
                     json_pack("{s:I, s:s, s:I, s:I}", "situation", (json_int_t)situation, "text",
                               "absence reports", "unit", (json_int_t)province.unit[DALIAN],
                               "due_at",
                               (json_int_t)(store_business_time(province.store) + TIME_DAY))),
        -1);
    rows = province_ask(&province, "province", QUERY_SITUATION,
                        json_pack("{s:I}", "id", (json_int_t)situation), 0);
    CHECK_EQUAL(json_array_size(at(rows, 0, "measures")), 1);
    json_decref(rows);
    rows = province_ask(&province, "province", QUERY_SITUATION_TIMELINE,
                        json_pack("{s:I}", "id", (json_int_t)situation), 0);
    CHECK(json_array_size(rows) > 10);
    json_decref(rows);
    // Tieling's office sees its own notice of the situation and nothing of Dalian's.
    rows = province_ask(&province, "tieling", QUERY_SITUATIONS, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    CHECK_EQUAL(row_integer(rows, 0, "level"), 1);
    CHECK_EQUAL(json_array_size(at(rows, 0, "notices")), 1);
    json_decref(rows);
    rows = province_ask(&province, "lindi", QUERY_SITUATIONS, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 0);
    json_decref(rows);
    province_close(&province);
}

// Unpaid wages: messages rise in two counties, cash cover falls in one: one situation, simulated.
void test_story_unpaid_wages(void)
{
    struct province province;
    province_open(&province);
    turn(&province, 23, 23);
    for (int32_t day = province_day(7, 1); day <= province_day(7, 22); day++) {
        province_land(&province, WAGES_EAST, day, 6);
        province_land(&province, WAGES_WEST, day, 6);
    }
    province_land(&province, CASH_EAST, 2020 * 12 + 5 - 1970 * 12, 15);
    province_scan(&province);
    json_t *rows = province_ask(&province, "lindi", QUERY_SITUATIONS, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    CHECK_TEXT(row_text(rows, 0, "event"), "unpaid_wages");
    CHECK_TEXT(row_text(rows, 0, "origin"), "simulated");
    CHECK_EQUAL(json_array_size(at(rows, 0, "notices")), 3);
    CHECK(json_is_null(at(rows, 0, "known_earlier")));
    CHECK_EQUAL(json_array_size(at(rows, 0, "official")), 0);
    json_decref(rows);
    rows = province_ask(&province, "province", QUERY_SITUATIONS, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 2);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *notices = at(rows, i, "notices");
        bool is_lindi = strcmp(row_text(rows, i, "origin"), "simulated") == 0;
        CHECK_EQUAL(json_array_size(notices), is_lindi ? 3 : 1);
    }
    json_decref(rows);
    province_close(&province);
}
