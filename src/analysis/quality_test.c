// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quality_test.c: each question is asked where its cause is planted, with the right place, and no
// oftener than the level says where none is.
#include <string.h>

#include "analysis/planted.h"
#include "unit.h"

enum { SERIES = 40, POINTS = 156, CELLS = SERIES * POINTS };
static double value[CELLS], before[CELLS];
static int32_t known[CELLS], ready[POINTS];
static uint32_t parent[SERIES];

static struct analysis_panel panel;
static struct analysis_quality_data data;
static struct analysis_quality_options options;
static struct analysis_questions questions;

// Counts of a province's divisions: means from 8 to 300, seasonal, over-dispersed.
static void make_honest(uint64_t seed)
{
    planted_seed(seed);
    for (size_t s = 0; s < SERIES; s++)
        for (size_t t = 0; t < POINTS; t++) {
            double mean = 8 * exp(0.09 * (double)s) * (1 + 0.3 * sin((double)t * 0.12083));
            value[s * POINTS + t] = planted_count(mean, 1.5);
        }
    for (size_t t = 0; t < POINTS; t++)
        ready[t] = (int32_t)(18000 + 7 * t);
    panel = (struct analysis_panel){.series_count = SERIES,
                                    .point_count = POINTS,
                                    .stride = POINTS,
                                    .value = value,
                                    .frequency = 52,
                                    .to = POINTS};
    data = (struct analysis_quality_data){.panel = &panel};
    analysis_default_quality(&options);
}

static void make_known(void)
{
    for (size_t s = 0; s < SERIES; s++)
        for (size_t t = 0; t < POINTS; t++)
            known[s * POINTS + t] = ready[t] + (int32_t)(planted_unit() * 4);
    data.known_day = known;
    data.ready_day = ready;
}

static const struct analysis_question *find(enum analysis_question_kind kind, uint32_t series)
{
    for (size_t i = 0; i < questions.count; i++)
        if (questions.question[i].kind == kind && questions.question[i].series == series)
            return &questions.question[i];
    return NULL;
}

// Asks, and demands that only this one question comes of it.
static const struct analysis_question *ask_one(enum analysis_question_kind kind, uint32_t series)
{
    analysis_free_questions(&questions);
    CHECK(analysis_ask_quality(&data, &options, &questions));
    const struct analysis_question *found = find(kind, series);
    unit_check(found != NULL, __FILE__, __LINE__, "question %d about series %d is not asked", kind,
               (int)series);
    for (size_t i = 0; i < questions.count; i++) {
        const struct analysis_question *one = &questions.question[i];
        unit_check(one == found, __FILE__, __LINE__, "question %d about series %d is asked, q %g",
                   one->kind, (int)one->series, one->q);
    }
    static const struct analysis_question none;
    return found != NULL ? found : &none;
}

static void close_questions(void)
{
    analysis_free_questions(&questions);
}

// 100 honest panels of 40 series, with everything given: the chance of any needless question in one
// is the level, 5 %; the tests are discrete or bounds, so less is to be expected.
void test_quality_honest(void)
{
    size_t panels = 0, asked = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        make_honest(seed);
        make_known();
        options.target = 100;
        for (size_t i = 0; i < CELLS; i++)
            before[i] = planted_unit() < 0.1 ? value[i] + (planted_unit() < 0.5 ? 1 : -1) : NAN;
        data.first_value = before;
        CHECK(analysis_ask_quality(&data, &options, &questions));
        CHECK(questions.look_count > 5 * SERIES);
        panels += questions.count > 0;
        asked += questions.count;
        close_questions();
    }
    unit_check(panels <= 11, __FILE__, __LINE__, "%d of 100 honest panels are asked about (%d)",
               (int)panels, (int)asked);
}

void test_quality_gaps(void)
{
    make_honest(1);
    for (size_t t = 40; t < 52; t++)
        value[3 * POINTS + t] = ANALYSIS_MISSING;
    value[3 * POINTS + 80] = ANALYSIS_MISSING;
    const struct analysis_question *one = ask_one(ANALYSIS_ASK_MISSING, 3);
    CHECK_EQUAL(one->from, 40);
    CHECK_EQUAL(one->to, 52);
    CHECK_NEAR(one->count, 13, 0);
    make_honest(1);
    for (size_t t = 150; t < POINTS; t++)
        value[5 * POINTS + t] = ANALYSIS_MISSING;
    one = ask_one(ANALYSIS_ASK_ENDED, 5);
    CHECK_EQUAL(one->from, 150);
    CHECK_NEAR(one->count, 6, 0);
    close_questions();
}

void test_quality_times(void)
{
    make_honest(11);
    make_known();
    options.due_days = 5;
    for (size_t t = 20; t < 40; t++)
        known[7 * POINTS + t] = ready[t] + 9;
    const struct analysis_question *one = ask_one(ANALYSIS_ASK_LATE, 7);
    CHECK_NEAR(one->count, 20, 0);
    CHECK_NEAR(one->size, 9, 0);
    make_honest(11);
    make_known();
    known[8 * POINTS + 100] = ready[100] - 3;
    one = ask_one(ANALYSIS_ASK_EARLY, 8);
    CHECK_EQUAL(one->from, 100);
    make_honest(11);
    make_known();
    for (size_t t = 120; t < POINTS; t++)
        known[9 * POINTS + t] += 4;
    one = ask_one(ANALYSIS_ASK_SLOWER, 9);
    CHECK(one->size > one->expected + 3);
    make_honest(11);
    make_known();
    for (size_t t = 60; t < 72; t++)
        known[10 * POINTS + t] = ready[72] - 2;
    one = ask_one(ANALYSIS_ASK_BULK, 10);
    CHECK_EQUAL(one->from, 60);
    CHECK_EQUAL(one->to, 72);
    close_questions();
}

void test_quality_revisions(void)
{
    make_honest(3);
    for (size_t i = 0; i < CELLS; i++)
        before[i] = ANALYSIS_MISSING;
    for (size_t t = 0; t < 20; t++)
        before[4 * POINTS + t] = value[4 * POINTS + t] + 3;
    data.first_value = before;
    const struct analysis_question *one = ask_one(ANALYSIS_ASK_REVISED, 4);
    CHECK_NEAR(one->count, 0, 0);
    CHECK_NEAR(one->total, 20, 0);
    CHECK_NEAR(one->p, 2 * 0x1p-20, 1e-9);
    close_questions();
}

void test_quality_digits(void)
{
    // Every third value is rounded to a 0 or 5.
    make_honest(4);
    for (size_t t = 0; t < POINTS; t += 3)
        value[30 * POINTS + t] = 5 * nearbyint(value[30 * POINTS + t] / 5);
    analysis_free_questions(&questions);
    CHECK(analysis_ask_quality(&data, &options, &questions));
    const struct analysis_question *one = find(ANALYSIS_ASK_HEAPED, 30);
    CHECK(one != NULL && one->size > 0.35);
    // A hand that likes the seven.
    make_honest(4);
    for (size_t t = 0; t < POINTS; t += 3)
        value[31 * POINTS + t] += 7 - fmod(value[31 * POINTS + t], 10);
    one = ask_one(ANALYSIS_ASK_LAST_DIGIT, 31);
    CHECK_NEAR(one->expected, 7, 0);
    close_questions();
}

// First digits: amounts over five orders obey the law, the same with made-up first digits do not.
void test_quality_benford(void)
{
    for (int is_made_up = 0; is_made_up < 2; is_made_up++) {
        make_honest(5);
        for (size_t i = 0; i < CELLS; i++) {
            double amount = floor(exp(planted_unit() * 11.512925) * 100);
            if (is_made_up && planted_unit() < 0.3) {
                double head = pow(10, floor(log10(amount)));
                amount = floor((1 + floor(planted_unit() * 9)) * head + fmod(amount, head));
            }
            value[i] = amount;
        }
        analysis_free_questions(&questions);
        CHECK(analysis_ask_quality(&data, &options, &questions));
        CHECK_EQUAL(find(ANALYSIS_ASK_BENFORD, ANALYSIS_SERIES_NONE) != NULL, is_made_up);
    }
    close_questions();
}

void test_quality_values(void)
{
    make_honest(6);
    for (size_t t = 0; t < POINTS; t++)
        value[12 * POINTS + t] = 24 + (double)(t % 2) + (planted_unit() < 0.3 ? 1 : 0);
    analysis_free_questions(&questions);
    CHECK(analysis_ask_quality(&data, &options, &questions));
    const struct analysis_question *one = find(ANALYSIS_ASK_SMOOTH, 12);
    CHECK(one != NULL && one->size < 0.05);
    make_honest(6);
    for (size_t t = 70; t < 77; t++)
        value[25 * POINTS + t] = 61;
    one = ask_one(ANALYSIS_ASK_REPEATED, 25);
    CHECK_EQUAL(one->from, 70);
    CHECK_EQUAL(one->to, 77);
    CHECK_NEAR(one->size, 61, 0);
    make_honest(6);
    for (size_t t = 90; t < 96; t++)
        value[20 * POINTS + t] = 0;
    one = ask_one(ANALYSIS_ASK_ZEROS, 20);
    CHECK_EQUAL(one->from, 90);
    CHECK_NEAR(one->count, 6, 0);
    make_honest(6);
    value[2 * POINTS + 33] = -4;
    one = ask_one(ANALYSIS_ASK_NEGATIVE, 2);
    CHECK_EQUAL(one->from, 33);
    close_questions();
}

void test_quality_target(void)
{
    make_honest(7);
    options.target = 95;
    for (size_t t = 0; t < POINTS; t++) {
        double *at = &value[27 * POINTS + t];
        if (*at < 95 && *at >= 90.25)
            *at = 95 + floor(planted_unit() * 4);
    }
    const struct analysis_question *one = ask_one(ANALYSIS_ASK_TARGET, 27);
    CHECK(one->count == one->total && one->total >= 10);
    close_questions();
}

void test_quality_copies(void)
{
    // Another division's quarter, a year later; and one's own.
    make_honest(8);
    memcpy(&value[33 * POINTS + 100], &value[21 * POINTS + 48], 13 * sizeof(double));
    const struct analysis_question *one = ask_one(ANALYSIS_ASK_COPIED, 33);
    CHECK_EQUAL(one->other, 21);
    CHECK_EQUAL(one->from, 100);
    CHECK_EQUAL(one->to, 113);
    CHECK_NEAR(one->size, 52, 0);
    make_honest(8);
    memcpy(&value[35 * POINTS + 104], &value[35 * POINTS + 52], 12 * sizeof(double));
    one = ask_one(ANALYSIS_ASK_COPIED, 35);
    CHECK_EQUAL(one->other, 35);
    CHECK_NEAR(one->count, 12, 0);
    // A whole that has one part that reports is no copy.
    make_honest(8);
    memcpy(&value[0], &value[POINTS], POINTS * sizeof(double));
    for (size_t s = 0; s < SERIES; s++)
        parent[s] = ANALYSIS_SERIES_NONE;
    parent[1] = 0;
    data.parent = parent;
    analysis_free_questions(&questions);
    CHECK(analysis_ask_quality(&data, &options, &questions));
    CHECK_EQUAL(questions.count, 0);
    close_questions();
}

void test_quality_levels(void)
{
    make_honest(9);
    for (size_t s = 0; s < SERIES; s++)
        parent[s] = s == 0 || s > 10 ? ANALYSIS_SERIES_NONE : 0;
    for (size_t t = 0; t < POINTS; t++) {
        value[t] = 0;
        for (size_t s = 1; s <= 10; s++)
            value[t] += value[s * POINTS + t];
    }
    data.parent = parent;
    value[50] += 30;
    value[51] -= 12;
    value[52] += 1; // Within the tolerance.
    value[3 * POINTS + 60] = ANALYSIS_MISSING;
    const struct analysis_question *one = ask_one(ANALYSIS_ASK_LEVELS, 0);
    CHECK_NEAR(one->count, 2, 0);
    CHECK_NEAR(one->total, POINTS, 0);
    CHECK_NEAR(one->size, 30, 0);
    CHECK_EQUAL(one->from, 50);
    close_questions();
}

// Whatever comes in, what comes out is finite and in its place.
void test_quality_awkward(void)
{
    make_honest(10);
    make_known();
    for (size_t t = 0; t < POINTS; t++) {
        static const double odd[] = {0, -1, 1e15, -1e15, 1e-7, 0.1};
        value[0 * POINTS + t] = 0;
        value[1 * POINTS + t] = ANALYSIS_MISSING;
        value[2 * POINTS + t] = t == 77 ? 5 : ANALYSIS_MISSING;
        value[3 * POINTS + t] = t % 5 == 0 ? INFINITY : -INFINITY;
        value[4 * POINTS + t] = odd[t % 6];
        value[5 * POINTS + t] = 1e15;
        value[6 * POINTS + t] = -(double)t;
        value[7 * POINTS + t] = 0.001 * (double)(t % 7);
        known[8 * POINTS + t] = ANALYSIS_DAY_UNKNOWN;
        known[9 * POINTS + t] = t % 2 ? INT32_MAX : INT32_MIN + 1;
        before[8 * POINTS + t] = t % 2 ? INFINITY : 1e15;
    }
    data.first_value = before;
    for (size_t s = 0; s < SERIES; s++)
        parent[s] = s < 20 ? (uint32_t)(s / 2) : (uint32_t)s - 1;
    data.parent = parent;
    parent[0] = ANALYSIS_SERIES_NONE;
    for (size_t points = 0; points <= POINTS; points += 13) {
        panel.point_count = points;
        options.target = points % 2 ? 1e15 : 0;
        CHECK(analysis_ask_quality(&data, &options, &questions));
        for (size_t i = 0; i < questions.count; i++) {
            const struct analysis_question *one = &questions.question[i];
            CHECK(isfinite(one->count) && isfinite(one->total) && isfinite(one->size));
            CHECK(isfinite(one->expected) && one->p >= 0 && one->p <= 1 && one->q <= 1);
            CHECK(one->from <= one->to && one->to <= points);
            CHECK(one->series < SERIES || one->series == ANALYSIS_SERIES_NONE);
        }
        close_questions();
    }
}
