// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest_test.c: the records of real history: four first cases in Liaoning, and the labelled
// weeks.
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/backtest_table.h"
#include "judgement/backtest.h"
#include "pack/pack.h"
#include "unit.h"

enum { METHODS = 4, FIRINGS_MAX = 1024 };

struct firing {
    struct span series;
    int32_t period;
    size_t subject;
};

struct run {
    const struct backtest_table *table;
    size_t series;
    struct firing firing[FIRINGS_MAX];
    size_t count;
};

static enum fault_code know(void *context, size_t at, struct analysis_history *ret_history,
                            struct fault *fault)
{
    (void)fault;
    const struct run *run = context;
    size_t row = run->series * run->table->period_count;
    *ret_history = (struct analysis_history){.value = run->table->value + row,
                                             .belief = run->table->belief + row,
                                             .count = at + 1,
                                             .first = run->table->first[run->series]};
    return FAULT_NONE;
}

static void note_firing(void *context, size_t subject, size_t at, double value)
{
    (void)value;
    struct run *run = context;
    if (CHECK(run->count < FIRINGS_MAX))
        run->firing[run->count++] = (struct firing){run->table->series[run->series],
                                                    run->table->from + (int32_t)at, subject};
}

static void replay_all(struct run *run, size_t from, size_t to,
                       const struct backtest_subject *subjects, size_t count,
                       struct backtest_tally *tallies)
{
    const struct backtest_table *table = run->table;
    struct fault fault = {0};
    struct backtest_watch watch = {note_firing, run};
    for (run->series = 0; run->series < table->series_count; run->series++) {
        struct backtest_series series = {.count = table->period_count,
                                         .from = from,
                                         .to = to,
                                         .frequency = table->frequency == TIME_DAILY ? 365 : 52,
                                         .know = know,
                                         .context = run,
                                         .label = table->label + run->series * table->period_count};
        CHECK(backtest_replay(&series, subjects, count, tallies, &watch, &fault) == FAULT_NONE);
    }
}

void test_four_first_cases_in_liaoning_and_no_cluster(void)
{
    const char *path = unit_shared("data/03_epidemic/cn_liaoning_city_daily_2020.csv");
    static struct run run;
    struct backtest_table table = {0};
    struct backtest_tally tally = {0};
    struct arena arena = {0};
    struct pack_set set = {0};
    struct fault fault = {0};
    size_t to = 0;
    if (path == NULL)
        SKIP("the reference data is not here");
    CHECK(pack_load_shipped(&arena, &set, &fault) == FAULT_NONE);
    const struct pack_indicator *cases = pack_set_find_indicator(&set, "epidemic.cases", NULL);
    if (!CHECK(backtest_table_read(&table, path, TIME_DAILY, &fault) == FAULT_NONE) ||
        !CHECK(cases != NULL))
        return;
    CHECK_EQUAL(table.series_count, 14);
    CHECK(table.skipped > 0);
    CHECK(backtest_table_find(&table, "2020-06-30", true, &to));
    struct backtest_subject subject = {.rule = &cases->rules[0]};
    run.table = &table;
    replay_all(&run, 0, to, &subject, 1, &tally);
    static const struct {
        const char *city;
        const char *day;
    } wanted[] = {{"210100", "2020-05-10"},
                  {"210100", "2020-06-14"},
                  {"210200", "2020-04-02"},
                  {"210600", "2020-03-01"}};
    CHECK_EQUAL(tally.fired, 4);
    CHECK_EQUAL(tally.came_true, 0);
    CHECK_EQUAL(tally.undecided, 0);
    CHECK_EQUAL(tally.series, 14);
    for (size_t i = 0; i < 4 && i < run.count; i++) {
        char day[16];
        time_write_period(TIME_DAILY, run.firing[i].period, day, sizeof day);
        CHECK_TEXT(day, wanted[i].day);
        CHECK(span_is(run.firing[i].series, wanted[i].city));
    }
    backtest_table_close(&table);
    arena_reset(&arena);
}

// Fushun's feed begins on 17 April with a total of 7: a first row, not seven cases that day.
void test_first_row_of_a_feed_is_no_case(void)
{
    const char *path = unit_shared("data/03_epidemic/cn_liaoning_city_daily_2020.csv");
    struct backtest_table table = {0};
    struct fault fault = {0};
    size_t point = 0;
    if (path == NULL)
        SKIP("the reference data is not here");
    if (!CHECK(backtest_table_read(&table, path, TIME_DAILY, &fault) == FAULT_NONE))
        return;
    CHECK(backtest_table_find(&table, "2020-04-17", false, &point));
    size_t fushun = table.series_count;
    for (size_t i = 0; i < table.series_count; i++)
        if (span_is(table.series[i], "210400"))
            fushun = i;
    if (!CHECK(fushun < table.series_count))
        return;
    CHECK_EQUAL(table.belief[fushun * table.period_count + point], ANALYSIS_UNREPORTED);
    CHECK(table.first[fushun] > point);
    for (size_t i = table.first[fushun]; i < table.period_count; i++)
        CHECK(table.value[fushun * table.period_count + i] <= 0);
    backtest_table_close(&table);
}

// The published package's alarms of weeks 20 to 208 (Farrington: from 160), counted: 57, 71, 77
// and 3.
void test_labelled_weeks_give_a_table_of_methods(void)
{
    const char *path = unit_shared("data/03_epidemic/rki_outbreak_labelled_weekly.csv");
    static const struct {
        const char *name, *from;
        size_t fired, inside, outbreaks, missed;
        int32_t lead;
    } wanted[METHODS] = {{"ears-c1", "2001-W20", 57, 11, 4, 0, 0},
                         {"ears-c2", "2001-W20", 71, 19, 4, 0, 0},
                         {"ears-c3", "2001-W20", 77, 22, 4, 0, -2},
                         {"farrington", "2004-W04", 3, 0, 0, 0, 0}};
    static struct run run;
    struct backtest_table table = {0};
    struct fault fault = {0};
    size_t to = 0;
    if (path == NULL)
        SKIP("the reference data is not here");
    if (!CHECK(backtest_table_read(&table, path, 0, &fault) == FAULT_NONE))
        return;
    CHECK(table.frequency == TIME_WEEKLY && table.has_label);
    CHECK_EQUAL(table.series_count, 7);
    CHECK(backtest_table_find(&table, "2004-W52", true, &to));
    run.table = &table;
    for (int i = 0; i < METHODS; i++) {
        double settings[ANALYSIS_OPTIONS_MAX];
        struct backtest_tally tally = {0};
        size_t from = 0;
        size_t row = 0;
        int32_t lead = 0;
        struct pack_detector detector = {.analysis = analysis_find_detector(wanted[i].name),
                                         .settings = settings};
        struct backtest_subject subject = {.detector = &detector};
        analysis_default_options(detector.analysis, settings);
        if (strcmp(wanted[i].name, "farrington") == 0) {
            analysis_set_option(detector.analysis, "b", "2", settings, &row);
            analysis_set_option(detector.analysis, "alpha", "0.01", settings, &row);
        }
        CHECK(backtest_table_find(&table, wanted[i].from, false, &from));
        replay_all(&run, from, to, &subject, 1, &tally);
        CHECK_EQUAL(tally.fired, wanted[i].fired);
        CHECK_EQUAL(tally.in_outbreak, wanted[i].inside);
        CHECK_EQUAL(tally.outbreaks, wanted[i].outbreaks);
        CHECK_EQUAL(tally.missed, wanted[i].missed);
        backtest_median(&tally.outbreak_lead, &lead);
        CHECK_EQUAL(lead, wanted[i].lead);
        printf("# %s: fired %zu, in labelled outbreaks %zu, outbreaks %zu, missed %zu, lead %d\n",
               wanted[i].name, tally.fired, tally.in_outbreak, tally.outbreaks, tally.missed, lead);
    }
    backtest_table_close(&table);
}

static enum fault_code read_text(const char *text, struct backtest_table *table)
{
    char path[512];
    struct fault fault = {0};
    snprintf(path, sizeof path, "%s/table.csv", unit_folder());
    FILE *file = fopen(path, "wb");
    if (!CHECK(file != NULL))
        return FAULT_IO;
    fputs(text, file);
    fclose(file);
    enum fault_code code = backtest_table_read(table, path, 0, &fault);
    return code;
}

void test_tables_are_refused_with_a_reason(void)
{
    static const struct {
        const char *text;
        enum fault_code code;
    } wanted[] = {
        {"series,date,value\na,2020-01-01,1\na,2020-01-02,\na,2020-01-03,NA\n", FAULT_NONE},
        {"序列,日期,数值\n甲,2020-01-01,1\n", FAULT_NONE},
        {"value,period,series\n3,2020-W01,a\n", FAULT_NONE},
        {"series,date\na,2020-01-01\n", FAULT_INVALID},
        {"series,date,value\n", FAULT_INVALID},
        {"series,date,value\na,2020-01-01,x\n", FAULT_INVALID},
        {"series,date,value\na,2020-13-01,1\n", FAULT_INVALID},
        {"series,date,value\na,2020-01-01,1\na,2020-01-01,2\n", FAULT_INVALID},
        {"series,date,value\na,2020-W01,1\na,2020-01,2\n", FAULT_INVALID},
        {"series,date,value\na,0001,1\na,9999,2\n", FAULT_NONE},
        {"series,date,value\na,0001-01-01,1\nb,9999-12-31,2\n", FAULT_FULL},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct backtest_table table = {0};
        enum fault_code code = read_text(wanted[i].text, &table);
        unit_check(code == wanted[i].code, __FILE__, __LINE__, "case %zu: %d", i, (int)code);
        backtest_table_close(&table);
    }
}

void test_totals_become_differences(void)
{
    struct backtest_table table = {0};
    CHECK(read_text("division,day,total\n1,2020-01-05,9\n1,2020-01-01,3\n1,2020-01-02,3\n"
                    "1,2020-01-04,7\nxx,2020-01-04,7\n",
                    &table) == FAULT_NONE);
    static const double value[] = {0, 0, 0, 4, 2};
    static const unsigned char belief[] = {ANALYSIS_UNREPORTED, ANALYSIS_BELIEVED,
                                           ANALYSIS_UNREPORTED, ANALYSIS_BELIEVED,
                                           ANALYSIS_BELIEVED};
    CHECK_EQUAL(table.series_count, 1);
    CHECK_EQUAL(table.skipped, 1);
    for (int i = 0; i < 5 && table.period_count == 5; i++) {
        CHECK(table.value[i] == value[i]);
        CHECK_EQUAL(table.belief[i], belief[i]);
    }
    CHECK_EQUAL(table.first[0], 1);
    backtest_table_close(&table);
}
