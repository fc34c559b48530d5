// SPDX-License-Identifier: GPL-3.0-or-later
//
// duty_test.c: who may, who is rung, what is refused and with which sentence.
#include <string.h>

#include "chain/chain_fixture.h"
#include "unit.h"

static int64_t raise_to_orange(struct province *province)
{
    province_open(province);
    province_morning(province, 23, 1, 0, 1);
    province_morning(province, 24, 2, 0, 2);
    province_morning(province, 25, 9, 0, 9);
    return province_notice(province, CASES_DALIAN);
}

static json_t *change(int64_t notice, int64_t level)
{
    return json_pack("{s:I, s:I, s:s}", "notice", (json_int_t)notice, "level", (json_int_t)level,
                     "reason", "because");
}

static json_t *judge(int64_t notice, const char *verdict)
{
    return json_pack("{s:I, s:s, s:s}", "notice", (json_int_t)notice, "verdict", verdict, "reason",
                     "because");
}

// Upheld, with a reason in one language, in both, or none where NULL.
static json_t *uphold(int64_t notice, const char *reason, const char *zh, const char *en)
{
    return json_pack("{s:I, s:s, s:s*, s:s*, s:s*}", "notice", (json_int_t)notice, "verdict",
                     "upheld", "reason", reason, "reason_zh", zh, "reason_en", en);
}

static json_t *end(int64_t notice, const char *outcome)
{
    return json_pack("{s:I, s:s, s:s}", "notice", (json_int_t)notice, "outcome", outcome, "reason",
                     "because");
}

static json_t *one(int64_t notice)
{
    return json_pack("{s:I}", "notice", (json_int_t)notice);
}

void test_duty_life_of_a_notice(void)
{
    struct province province;
    int64_t notice = raise_to_orange(&province);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.close", end(notice, "came_true")),
                TEXT_MATTER_STATE_RAISED);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.take_over", one(notice)), -1);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.take_over", one(notice)),
                TEXT_NOTICE_ALREADY_YOURS);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.close", end(notice, "came_true")),
                TEXT_MATTER_STATE_TAKEN_OVER);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.judge", judge(notice, "maybe")),
                TEXT_NOTICE_VERDICT_WRONG);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.judge", judge(notice, "changed")),
                TEXT_NOTICE_CHANGED_NEEDS_LEVEL);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.judge", judge(notice, "upheld")), -1);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.judge", judge(notice, "upheld")),
                TEXT_MATTER_STATE_IN_RESPONSE);
    CHECK_EQUAL(province_run(&province, "province", "notice.close", end(notice, "perhaps")),
                TEXT_NOTICE_OUTCOME_WRONG);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.close", end(notice, "came_true")),
                TEXT_NOTICE_ONE_LEVEL_UP_ORANGE);
    CHECK_EQUAL(province_run(&province, "province", "notice.close", end(notice, "came_true")), -1);
    CHECK_EQUAL(province_run(&province, "province", "notice.raise", change(notice, 4)),
                TEXT_MATTER_STATE_CLOSED);
    CHECK_EQUAL(province_notice(&province, CASES_DALIAN), 0);
    json_t *rows = province_ask(&province, "province", QUERY_NOTICE_TIMELINE,
                                json_pack("{s:I}", "id", (json_int_t)notice), 0);
    bool has_closed = false;
    for (size_t i = 0; i < json_array_size(rows); i++)
        has_closed |= strcmp(row_text(rows, i, "type"), "notice.closed") == 0;
    CHECK(has_closed);
    json_decref(rows);
    province_close(&province);
}

void test_duty_one_level_up(void)
{
    struct province province;
    int64_t notice = raise_to_orange(&province);
    struct store_actor dalian = province_actor(&province, "dalian");
    struct command_request request = {
        .name = "notice.lower", .body = change(notice, 1), .actor = dalian};
    struct fault fault = {0};
    char sentence[LIMIT_TEXT_SIZE];
    CHECK_EQUAL(store_run_command(province.store, &request, NULL, &fault), FAULT_DENIED);
    fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
    CHECK_TEXT(sentence,
               "Lowering, not upholding or closing an orange notice is decided one level up "
               "(Liaoning). Ask the level above.");
    json_decref(request.body);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.judge", judge(notice, "not_upheld")),
                TEXT_NOTICE_ONE_LEVEL_UP_ORANGE);
    CHECK_EQUAL(province_run(&province, "leader", "notice.lower", change(notice, 1)),
                TEXT_STORE_COMMAND_DENIED);
    // The level above decides, but not before the quiet periods have passed.
    CHECK_EQUAL(province_run(&province, "province", "notice.lower", change(notice, 1)),
                TEXT_NOTICE_QUIET_SHORT);
    CHECK_EQUAL(province_run(&province, "province", "notice.ask_lower", change(notice, 1)),
                TEXT_NOTICE_LOWER_YOURSELF);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.ask_lower", change(notice, 3)),
                TEXT_NOTICE_NOT_LOWER);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.ask_lower", change(notice, 1)), -1);
    json_t *rows = province_ask(&province, "province", QUERY_TODAY, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    CHECK_TEXT(row_text(rows, 0, "action"), "notice.lower");
    json_decref(rows);
    CHECK_EQUAL(province_run(&province, "province", "notice.judge", judge(notice, "not_upheld")),
                -1);
    CHECK_EQUAL(province_notice(&province, CASES_DALIAN), 0);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.close", end(notice, "false_alarm")), -1);
    province_close(&province);
}

void test_duty_up_at_once_down_slowly(void)
{
    struct province province;
    province_open(&province);
    province_morning(&province, 23, 1, 0, 1);
    int64_t notice = province_notice(&province, CASES_DALIAN);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.raise", change(notice, 9)),
                TEXT_STORE_FIELD_INVALID);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.raise", change(notice, 1)),
                TEXT_NOTICE_NOT_HIGHER);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.raise", change(notice, 2)), -1);
    CHECK_EQUAL(province_level(&province, CASES_DALIAN), 2);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.lower", change(notice, 1)),
                TEXT_NOTICE_QUIET_SHORT);
    // Seven more days: the sum of the week is 0 again, the level stays; after fourteen it falls.
    for (int day = 24; day <= 31; day++)
        province_morning(&province, day, 0, 0, 0);
    CHECK_EQUAL(province_level(&province, CASES_DALIAN), 2);
    for (int day = 1; day <= 6; day++) {
        province_advance(&province, 8, day, 7 * 60);
        province_land(&province, CASES_DALIAN, province_day(8, day) - 1, 0);
        province_scan(&province);
    }
    CHECK_EQUAL(province_notice(&province, CASES_DALIAN), 0); // nobody took it over: closed
    province_close(&province);
}

void test_duty_rings_climb(void)
{
    static const char *const who[] = {"owner", "owner_again", "deputy", "level_above"};
    struct province province;
    province_open(&province);
    province_morning(&province, 23, 1, 0, 1);
    int64_t notice = province_notice(&province, CASES_DALIAN);
    int64_t ring = 0;
    for (int step = 0; step < 4; step++) {
        json_t *rows = province_ask(&province, "system", QUERY_RING_PENDING,
                                    json_pack("{s:s}", "port", "mail"), 0);
        if (!CHECK_EQUAL(json_array_size(rows), 1))
            break;
        CHECK_EQUAL(row_integer(rows, 0, "matter"), notice);
        CHECK_EQUAL(row_integer(rows, 0, "step"), step + 1);
        const json_t *why = json_object_get(json_array_get(rows, 0), "why");
        CHECK(strstr(json_string_value(json_object_get(why, "key")), who[step]) != NULL);
        int64_t expected = step < 2    ? province.post[DALIAN]
                           : step == 2 ? province.post[PORT]
                                       : province.post[PROVINCE];
        CHECK_EQUAL(row_integer(rows, 0, "post"), expected);
        ring = row_integer(rows, 0, "ring");
        CHECK_EQUAL(province_run(&province, "system", "ring.record",
                                 json_pack("{s:I, s:s, s:s}", "ring", (json_int_t)ring, "port",
                                           "mail", "outcome", "sent")),
                    -1);
        json_decref(rows);
        if (step < 3)
            province_advance(&province, 7, 23, 7 * 60 + 121 * (step + 1));
    }
    json_t *rows = province_ask(&province, "province", QUERY_TODAY, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    json_decref(rows);
    CHECK_EQUAL(province_run(&province, "tieling", "ring.acknowledge",
                             json_pack("{s:I}", "ring", (json_int_t)ring)),
                TEXT_RING_UNKNOWN);
    CHECK_EQUAL(province_run(&province, "dalian", "ring.acknowledge",
                             json_pack("{s:I}", "ring", (json_int_t)ring)),
                TEXT_RING_NOT_YOURS);
    rows = province_ask(&province, "system", QUERY_RING_TOKEN,
                        json_pack("{s:I}", "ring", (json_int_t)ring), 0);
    // Whoever holds the message may answer, whatever else it may see.
    CHECK_EQUAL(province_run(&province, "tieling", "ring.acknowledge",
                             json_pack("{s:I, s:s}", "ring", (json_int_t)ring, "token",
                                       row_text(rows, 0, "token"))),
                -1);
    json_decref(rows);
    CHECK_EQUAL(province_run(&province, "province", "ring.acknowledge",
                             json_pack("{s:I}", "ring", (json_int_t)ring)),
                TEXT_RING_ENDED);
    rows = province_ask(&province, "system", QUERY_RING_PENDING, json_pack("{s:s}", "port", "mail"),
                        0);
    CHECK_EQUAL(json_array_size(rows), 0);
    json_decref(rows);
    province_close(&province);
}

void test_duty_overdue_is_seen(void)
{
    struct province province;
    province_open(&province);
    province_morning(&province, 23, 1, 0, 1);
    province_advance(&province, 7, 24, 8 * 60);
    json_t *rows = province_ask(&province, "dalian", QUERY_NOTICES, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    CHECK(json_is_true(json_object_get(json_array_get(rows, 0), "is_overdue")));
    json_decref(rows);
    rows = province_ask(&province, "dalian", QUERY_TODAY, NULL, 0);
    CHECK_TEXT(row_text(rows, 0, "bucket"), "overdue");
    json_decref(rows);
    rows = province_ask(
        &province, "province", QUERY_NOTICE_TIMELINE,
        json_pack("{s:I}", "id", (json_int_t)province_notice(&province, CASES_DALIAN)), 0);
    int overdue = 0;
    for (size_t i = 0; i < json_array_size(rows); i++)
        overdue += strncmp(province_sentence(json_object_get(json_array_get(rows, i), "what")),
                           "The deadline passed", 19) == 0;
    CHECK_EQUAL(overdue, 1);
    json_decref(rows);
    province_close(&province);
}

void test_duty_hand_over_and_scope(void)
{
    struct province province;
    province_open(&province);
    province_morning(&province, 23, 1, 0, 1);
    int64_t notice = province_notice(&province, CASES_DALIAN);
    CHECK_EQUAL(province_run(&province, "tieling", "notice.take_over", one(notice)),
                TEXT_NOTICE_UNKNOWN);
    json_t *body = json_pack("{s:I, s:I, s:s}", "matter", (json_int_t)notice, "unit",
                             (json_int_t)province.unit[DALIAN], "reason", "x");
    CHECK_EQUAL(province_run(&province, "dalian", "matter.hand_over", body), TEXT_MATTER_SAME_POST);
    body = json_pack("{s:I, s:I, s:s}", "matter", (json_int_t)notice, "unit",
                     (json_int_t)province.unit[TIELING], "reason", "x");
    CHECK_EQUAL(province_run(&province, "province", "matter.hand_over", body), -1);
    // Its owner sees it, wherever that owner stands.
    json_t *rows = province_ask(&province, "tieling", QUERY_TODAY, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    json_decref(rows);
    province_close(&province);
}

static int64_t question_of(struct province *province)
{
    json_t *rows = province_ask(province, "feed", QUERY_TODAY, NULL, 0);
    int64_t id = row_integer(rows, 0, "id");
    json_decref(rows);
    return id;
}

static json_t *answer(int64_t question, const char *word, const char *value)
{
    json_t *body = json_pack("{s:I, s:s, s:s}", "question", (json_int_t)question, "answer", word,
                             "reason", "looked");
    if (value != NULL)
        json_object_set_new(body, "value", json_string(value));
    return body;
}

// A reason is one text as it was written, or two fields; never half of two, never both forms.
void test_duty_reason_in_one_language_or_in_both(void)
{
    struct province province;
    int64_t notice = raise_to_orange(&province);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.take_over", one(notice)), -1);
    const char *const wrong[][3] = {{NULL, NULL, NULL},
                                    {NULL, "属实", NULL},
                                    {NULL, NULL, "confirmed"},
                                    {"so", "属实", "confirmed"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_EQUAL(province_run(&province, "dalian", "notice.judge",
                                 uphold(notice, wrong[i][0], wrong[i][1], wrong[i][2])),
                    TEXT_REASON_NEEDED);
    CHECK_EQUAL(province_run(&province, "dalian", "notice.judge",
                             uphold(notice, NULL, "属实", "confirmed")),
                -1);
    json_t *rows = province_ask(&province, "province", QUERY_NOTICE,
                                json_pack("{s:I}", "id", (json_int_t)notice), 0);
    const json_t *reason =
        json_object_get(json_object_get(json_array_get(rows, 0), "judged"), "reason");
    CHECK_TEXT(json_string_value(json_object_get(reason, "zh")), "属实");
    CHECK_TEXT(json_string_value(json_object_get(reason, "en")), "confirmed");
    json_decref(rows);
    province_close(&province);
}

void test_duty_answer_a_question(void)
{
    struct province province;
    int64_t notice = raise_to_orange(&province);
    province_morning(&province, 26, 0, 0, 13);
    province_advance(&province, 7, 26, 7 * 60 + 20);
    int64_t question = question_of(&province);
    CHECK(question != 0);
    CHECK_EQUAL(province_run(&province, "feed", "reading.answer", answer(question, "no", NULL)),
                TEXT_READING_ANSWER_WRONG);
    CHECK_EQUAL(
        province_run(&province, "feed", "reading.answer", answer(question, "corrected", NULL)),
        TEXT_READING_VALUE_MISSING);
    CHECK_EQUAL(province_run(&province, "feed", "reading.answer", answer(question, "kept", "3")),
                TEXT_READING_VALUE_UNWANTED);
    CHECK_EQUAL(
        province_run(&province, "feed", "reading.answer", answer(question, "corrected", "1.5")),
        TEXT_READING_VALUE_WRONG);
    CHECK_EQUAL(province_run(&province, "feed", "reading.answer", answer(notice, "kept", NULL)),
                TEXT_MATTER_STATE_RAISED);
    CHECK_EQUAL(
        province_run(&province, "feed", "reading.answer", answer(question, "corrected", "12")), -1);
    CHECK_EQUAL(province_run(&province, "feed", "reading.answer", answer(question, "kept", NULL)),
                TEXT_MATTER_STATE_ANSWERED);
    json_t *rows =
        province_ask(&province, "province", QUERY_SERIES_POINTS,
                     json_pack("{s:I, s:s}", "id", (json_int_t)province.series[CASES_DALIAN],
                               "from", "2020-07-25"),
                     0);
    const json_t *point = json_array_get(rows, 0);
    CHECK_NEAR(json_real_value(json_object_get(point, "value")), 12, 1e-12);
    CHECK_NEAR(json_real_value(json_object_get(point, "value_then")), 0, 1e-12);
    CHECK(json_is_true(json_object_get(point, "is_corrected")));
    CHECK(json_is_true(json_object_get(point, "is_believed")));
    json_decref(rows);
    province_close(&province);
}

void test_duty_type_a_figure(void)
{
    struct province province;
    province_open(&province);
    json_int_t series = province.series[WAGES_EAST];
    CHECK_EQUAL(province_run(&province, "lindi", "readings.type",
                             json_pack("{s:I, s:s, s:s}", "series", series, "period", "2020-W30",
                                       "value", "3")),
                TEXT_READING_PERIOD_WRONG);
    CHECK_EQUAL(province_run(&province, "lindi", "readings.type",
                             json_pack("{s:I, s:s, s:s}", "series", series, "period", "2021-07-22",
                                       "value", "3")),
                TEXT_READING_PERIOD_FUTURE);
    CHECK_EQUAL(province_run(&province, "dalian", "readings.type",
                             json_pack("{s:I, s:s, s:s}", "series", series, "period", "2020-07-21",
                                       "value", "3")),
                TEXT_SERIES_UNKNOWN);
    CHECK_EQUAL(province_run(&province, "lindi", "readings.type",
                             json_pack("{s:I, s:s, s:s, s:i}", "series", series, "period",
                                       "2020-07-21", "value", "3", "minutes", 4)),
                -1);
    json_t *rows = province_ask(&province, "province", QUERY_OVERVIEW_FOOT, NULL, 0);
    CHECK_EQUAL(row_integer(rows, 0, "minutes_asked"), 4);
    json_decref(rows);
    rows = province_ask(&province, "lindi", QUERY_SERIES_LIST, NULL, 0);
    CHECK_TEXT(row_text(rows, 0, "origin"), "simulated");
    CHECK_TEXT(row_text(rows, 0, "last_period"), "2020-07-21");
    json_decref(rows);
    province_close(&province);
}

void test_duty_pins(void)
{
    struct province province;
    raise_to_orange(&province);
    json_int_t dalian = province.division[DALIAN], now = store_business_time(province.store);
    CHECK_EQUAL(province_run(&province, "province", "official_act.pin",
                             json_pack("{s:I, s:I, s:s, s:s, s:s, s:s}", "division", dalian,
                                       "act_at", now + 1, "act_zh", "x", "act_en", "x", "source_zh",
                                       "s", "source_en", "s")),
                TEXT_PIN_IN_FUTURE);
    CHECK_EQUAL(
        province_run(&province, "tieling", "official_act.pin",
                     json_pack("{s:I, s:I, s:s, s:s, s:s, s:s}", "division", dalian, "act_at", now,
                               "act_zh", "x", "act_en", "x", "source_zh", "s", "source_en", "s")),
        TEXT_PIN_OUTSIDE);
    CHECK_EQUAL(
        province_run(&province, "province", "official_act.pin",
                     json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "division", dalian,
                               "act_at", now, "day_text_zh", "周六傍晚", "day_text_en",
                               "Sat evening", "act_zh", "中风险", "act_en", "medium risk",
                               "source_zh", "通告", "source_en", "notice", "response_level", "IV")),
        -1);
    CHECK_EQUAL(
        province_run(&province, "province", "event.record",
                     json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "division", dalian,
                               "field", "epidemic", "kind", "onset", "day", "2020-07-09", "text_zh",
                               "发病", "text_en", "onset", "source_zh", "s", "source_en", "s")),
        -1);
    CHECK_EQUAL(province_run(&province, "province", "event.record",
                             json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "division",
                                       dalian, "field", "epidemic", "kind", "report", "day",
                                       "2020-07-22", "text_zh", "报告", "text_en", "report",
                                       "source_zh", "s", "source_en", "s")),
                -1);
    json_t *rows = province_ask(&province, "province", QUERY_SITUATIONS, NULL, 0);
    const json_t *row = json_array_get(rows, 0);
    CHECK_EQUAL(json_integer_or(json_object_get(row, "known_earlier"), "days", 0), 13);
    CHECK_TEXT(row_text(rows, 0, "response_level"), "IV");
    const json_t *official = json_object_get(row, "official");
    CHECK_EQUAL(json_array_size(official), 1);
    CHECK_TEXT(row_text(official, 0, "day_zh"), "周六傍晚");
    CHECK_TEXT(row_text(official, 0, "day_en"), "Sat evening");
    CHECK_TEXT(row_text(official, 0, "source_zh"), "通告");
    CHECK_TEXT(row_text(official, 0, "source_en"), "notice");
    CHECK_EQUAL(row_integer(rows, 0, "level"), 3);
    json_decref(rows);
    province_close(&province);
}

static json_t *finding(struct province *province, const char *indicator, int level, int period)
{
    json_t *sentence = json_pack("{s:s, s:{}}", "key", "notice.cost", "arguments");
    return json_pack(
        "{s:s, s:I, s:s, s:s, s:I, s:I, s:b, s:s, s:s, s:s, s:s, s:{s:s, s:s}, s:i, s:{s:s, s:s}, "
        "s:i, s:i, s:O, s:[o], s:[], s:[], s:[i, i, i, i, i], s:[s], s:i, s:i, s:i, s:i}",
        "kind", "level", "series", (json_int_t)province->series[CASES_DALIAN], "indicator",
        indicator, "field", "epidemic", "division", (json_int_t)province->division[DALIAN],
        "division_parent", (json_int_t)province->division[PROVINCE], "is_leaf", 0, "origin", "real",
        "pack", "epidemic@1", "rule", "test", "event", "epidemic", "event_label", "zh", "疫情",
        "en", "Epidemic", "event_days", 14, "place", "zh", "大连", "en", "Dalian", "period", period,
        "level", level, "title", sentence, "explanation", sentence, "record", "plan", "hours", 0,
        24, 12, 4, 2, "roles", "health", "quiet", 0, "quiet_needed", 14, "fall_to", 0, "budget", 2);
}

static void record(struct province *province, json_t *one_finding)
{
    CHECK_EQUAL(province_run(province, "system", "scan.record",
                             json_pack("{s:[o]}", "findings", one_finding)),
                -1);
}

// The budget is spent on the first two; the third is kept back and seen; orange always rings.
void test_duty_alarm_budget(void)
{
    struct province province;
    province_open(&province);
    for (int again = 0; again < 2; again++) { // the same findings twice: nothing twice
        record(&province, finding(&province, "epidemic.a", 1, 18000));
        record(&province, finding(&province, "epidemic.b", 2, 18000));
        record(&province, finding(&province, "epidemic.d", 3, 18000));
    }
    record(&province, finding(&province, "epidemic.c", 2, 18000));
    json_t *rows = province_ask(&province, "province", QUERY_NOTICES, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 3);
    json_decref(rows);
    rows = province_ask(&province, "province", QUERY_HELD_BACK, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 1);
    CHECK_TEXT(row_text(rows, 0, "indicator"), "epidemic.c");
    json_decref(rows);
    rows = province_ask(&province, "province", QUERY_OVERVIEW_FOOT, NULL, 0);
    CHECK_EQUAL(row_integer(rows, 0, "held_back"), 1);
    json_decref(rows);
    province_close(&province);
}

// A simulated finding neither meets a real notice nor its situation.
void test_duty_origins_never_meet(void)
{
    struct province province;
    province_open(&province);
    record(&province, finding(&province, "epidemic.a", 1, 18000));
    json_t *other = finding(&province, "epidemic.a", 2, 18001);
    json_object_set_new(other, "origin", json_string("simulated"));
    record(&province, other);
    json_t *rows = province_ask(&province, "province", QUERY_SITUATIONS, NULL, 0);
    CHECK_EQUAL(json_array_size(rows), 2);
    CHECK(strcmp(row_text(rows, 0, "origin"), row_text(rows, 1, "origin")) != 0);
    for (size_t i = 0; i < json_array_size(rows); i++)
        CHECK_EQUAL(json_array_size(json_object_get(json_array_get(rows, i), "notices")), 1);
    json_decref(rows);
    province_close(&province);
}
