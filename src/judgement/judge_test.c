// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_test.c: levels, quiet periods and doubts of one series, on arrays one can read.
#include "judgement/judge.h"

#include <string.h>

#include "base/arena.h"
#include "judgement/words.h"
#include "unit.h"

enum { POINTS = 64 };

struct example {
    struct arena arena;
    struct judge_indicator indicator;
    double value[POINTS];
    unsigned char belief[POINTS];
    struct judge_series series;
};

static int32_t day(int month, int of_month)
{
    return time_day_from_date((struct time_date){2020, month, of_month});
}

// Zeros up to 21 July 2020, then `count` values; the indicator is the shipped epidemic.cases.
static void make(struct example *example, const double *values, size_t count)
{
    struct pack_set packs;
    struct fault fault = {0};
    *example = (struct example){0};
    CHECK_EQUAL(pack_load_shipped(&example->arena, &packs, &fault), FAULT_NONE);
    example->indicator.declared =
        pack_set_find_indicator(&packs, "epidemic.cases", &example->indicator.pack);
    size_t quiet = 40;
    for (size_t i = 0; i < quiet + count; i++) {
        example->value[i] = i < quiet ? 0 : values[i - quiet];
        example->belief[i] = ANALYSIS_BELIEVED;
    }
    example->series = (struct judge_series){.value = example->value,
                                            .belief = example->belief,
                                            .count = quiet + count,
                                            .from = day(7, 22) - (int32_t)quiet};
}

static struct judge_outcome judge(struct example *example, size_t fresh)
{
    struct judge_outcome outcome = {0};
    struct judge_scratch *scratch = judge_scratch_make(POINTS);
    CHECK(judge_series(&example->indicator, &example->series, fresh, scratch, &outcome));
    judge_scratch_free(scratch);
    return outcome;
}

void test_judge_ladder(void)
{
    static const double week[] = {1, 2, 9, 0, 12, 14, 6};
    static const int levels[] = {1, 2, 3, 3, 3, 3, 3};
    for (size_t count = 1; count <= 7; count++) {
        struct example example;
        make(&example, week, count);
        struct judge_outcome outcome = judge(&example, 1);
        CHECK_EQUAL(outcome.reach.level, levels[count - 1]);
        CHECK_EQUAL(outcome.reach.cause, JUDGE_RULE);
        arena_reset(&example.arena);
    }
}

void test_judge_zeros_reach_nothing(void)
{
    static const double week[] = {0, 0, 0};
    struct example example;
    make(&example, week, 3);
    struct judge_outcome outcome = judge(&example, 3);
    CHECK_EQUAL(outcome.reach.level, 0);
    CHECK_EQUAL(outcome.reach.cause, JUDGE_NOTHING);
    CHECK_EQUAL(outcome.since_rise, 0);
    arena_reset(&example.arena);
}

// Several fresh periods: the worst of them decides, though the newest is zero.
void test_judge_worst_of_the_fresh(void)
{
    static const double week[] = {1, 0};
    struct example example;
    make(&example, week, 2);
    struct judge_outcome outcome = judge(&example, 2);
    CHECK_EQUAL(outcome.reach.level, 1);
    CHECK_EQUAL(outcome.last.level, 0);
    CHECK_EQUAL(outcome.at, example.series.count - 2);
    arena_reset(&example.arena);
}

void test_judge_quiet_counts_after_the_level_only(void)
{
    static const double week[] = {1, 0, 0, 0, 0};
    struct example example;
    make(&example, week, 5);
    example.series.level = 2;
    example.series.level_period = day(7, 23);
    struct judge_outcome outcome = judge(&example, 1);
    CHECK_EQUAL(outcome.quiet, 3); // 24, 25, 26 July
    example.belief[example.series.count - 2] = ANALYSIS_DOUBTED;
    CHECK_EQUAL(judge(&example, 1).quiet, 1);
    example.belief[example.series.count - 2] = ANALYSIS_UNREPORTED;
    CHECK_EQUAL(judge(&example, 1).quiet, 1);
    arena_reset(&example.arena);
}

// A detector is given a gap where a reading is not believed.
void test_judge_methods_see_no_doubted_value(void)
{
    static const double week[] = {1, 2, 9, 0, 12};
    struct example example;
    make(&example, week, 5);
    CHECK(judge(&example, 1).alarm[0].is_alarm); // C1: 12 > 11.92
    CHECK_NEAR(judge(&example, 1).alarm[0].upper, 11.919, 1e-3);
    example.belief[example.series.count - 2] = ANALYSIS_DOUBTED;
    struct judge_alarm alarm = judge(&example, 1).alarm[0];
    CHECK(!alarm.is_alarm || alarm.upper < 11.9 || alarm.upper > 12);
    arena_reset(&example.arena);
}

void test_judge_doubts_a_zero_after_a_rise(void)
{
    static const double week[] = {1, 2, 9, 0};
    struct example example;
    struct judge_doubt doubt;
    make(&example, week, 4);
    size_t at = example.series.count - 1;
    struct judge_rival rival = {.is_known = true, .value = 13, .sum = 0};
    CHECK(judge_is_doubted(&example.indicator, &example.series, at, &rival, &doubt));
    CHECK(doubt.is_low);
    CHECK(doubt.is_disputed);
    CHECK(doubt.is_still);
    CHECK_NEAR(doubt.probability, 0.0183156389, 1e-6);
    CHECK_EQUAL(doubt.before_count, 3);
    CHECK(judge_is_doubted(&example.indicator, &example.series, at, NULL, &doubt));
    CHECK(!doubt.is_disputed);
    CHECK(!doubt.is_still);
    arena_reset(&example.arena);
}

void test_judge_believes_zeros_after_zeros(void)
{
    static const double week[] = {0, 0};
    struct example example;
    struct judge_doubt doubt;
    make(&example, week, 2);
    struct judge_rival rival = {.is_known = true, .value = 2, .sum = 0}; // cases from abroad
    CHECK(!judge_is_doubted(&example.indicator, &example.series, example.series.count - 1, &rival,
                            &doubt));
    arena_reset(&example.arena);
}

// A feed that is known to be a day late is held against the day before.
void test_judge_late_feed_is_no_dispute(void)
{
    static const double week[] = {1, 2, 9, 0, 12, 14};
    struct example example;
    struct judge_doubt doubt;
    make(&example, week, 6);
    struct judge_rival rival = {.is_known = true, .value = 6, .sum = 14};
    size_t at = example.series.count - 1;
    CHECK(judge_is_doubted(&example.indicator, &example.series, at, &rival, &doubt));
    rival.is_late_known = true;
    rival.value_late = 14;
    CHECK(!judge_is_doubted(&example.indicator, &example.series, at, &rival, &doubt));
    arena_reset(&example.arena);
}

static const char *key_of(const json_t *sentence)
{
    return json_string_value(json_object_get(sentence, "key"));
}

void test_words_of_a_record(void)
{
    struct example example;
    static const double week[] = {1};
    make(&example, week, 1);
    json_t *region = json_pack("{s:s, s:s}", "name_zh", "辽宁省", "name_en", "Liaoning");
    struct words_series words = {&example.indicator, NULL, region};
    const struct pack_rule *rule = &example.indicator.declared->rules[1];
    static const struct {
        size_t fired, came_true;
        const char *key;
    } cases[] = {{0, 0, "notice.record_none"},
                 {4, 0, "notice.record"},
                 {19, 3, "notice.record"},
                 {20, 3, "notice.record_percent"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct words_count counts[8] = {[1] = {cases[i].fired, cases[i].came_true}};
        json_t *record = words_records(&words, rule, counts, day(7, 22));
        const json_t *row = json_array_get(record, 0);
        CHECK_TEXT(key_of(json_array_get(json_object_get(row, "keys"), 0)), cases[i].key);
        CHECK_EQUAL(json_integer_value(json_object_get(row, "fired")), cases[i].fired);
        // The rule that decided comes first, every other rule behind it.
        CHECK_TEXT(json_string_value(json_object_get(row, "rule")), rule->code);
        CHECK_EQUAL(json_array_size(record), example.indicator.declared->rule_count);
        json_decref(record);
    }
    json_decref(region);
    arena_reset(&example.arena);
}

void test_words_of_a_span(void)
{
    json_t *one = words_span(TIME_WEEKLY, 1), *many = words_span(TIME_MONTHLY, 3);
    CHECK_TEXT(key_of(one), "span.week");
    CHECK_TEXT(key_of(many), "span.months");
    json_decref(one);
    json_decref(many);
}
