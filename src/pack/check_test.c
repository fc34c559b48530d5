// SPDX-License-Identifier: GPL-3.0-or-later
//
// check_test.c: every kind of mistake is found, alone, and at its line.
//
// A right pack is written once; each case changes one place of it. The line that is wanted is that
// of the changed place, plus `below`.
#include <stdio.h>
#include <string.h>

#include "pack/pack_priv.h"
#include "unit.h"

static const char right[] =
    "-- a comment { with = \"brackets\" }\n"
    "local note = [[ several\n"
    "lines return { }]]\n"
    "local STEPS = {\n"
    "  { zh = \"做\", en = \"do\" },\n"
    "}\n"
    "return {\n"
    "  name = \"sample\", version = 3, field = \"sample\",\n"
    "  label = { zh = \"样例\", en = \"Sample\" },\n"
    "  effective_from = \"2020-01-01\",\n"
    "  sources = {\n"
    "    { code = \"law\", cite = { zh = \"法\", en = \"Law\" }, effective_from = \"2020-02-01\" "
    "},\n"
    "    { code = \"own\", default = true, cite = { zh = \"默认\", en = \"Default\" } },\n"
    "  },\n"
    "  line = { label = { zh = \"线\", en = \"Line\" }, indicator = \"sample.a\",\n"
    "    holds = \"at_most\", figure = 5, source = \"own\" },\n"
    "  deadlines = { source = \"own\",\n"
    "    blue = 24,\n"
    "    yellow = 12,\n"
    "    orange = 4, red = 2 },\n"
    "  lowering = { quiet = 14, source = \"law\" },\n"
    "  budget = { notices_per_week = 2, source = \"own\" },\n"
    "  owners = { province = { \"health\" },\n"
    "    city = { \"health\", \"risk_office\" } },\n"
    "  plan = { blue = STEPS, yellow = STEPS,\n"
    "    orange = STEPS, red = STEPS },\n"
    "  indicators = {\n"
    "    { code = \"sample.a\", label = { zh = \"甲\", en = \"A\" }, unit = { zh = \"件\", en = "
    "\"items\" },\n"
    "      frequency = \"D\", direction = \"up\", aggregation = \"sum\", reported_by = \"city\",\n"
    "      decimals = 0,\n"
    "      bands = {\n"
    "        { from = 10, to = 20, level = \"blue\", label = { zh = \"多\", en = \"many\" }, "
    "source = \"own\" },\n"
    "        { from = 20, level = \"red\", label = { zh = \"极多\", en = \"most\" }, source = "
    "\"own\" },\n"
    "      },\n"
    "      rules = {\n"
    "        { code = \"first\", kind = \"first_after_quiet\", quiet = 14, level = \"blue\",\n"
    "          label = { zh = \"首\", en = \"First\" }, source = \"own\" },\n"
    "        { code = \"some\", kind = \"sum_reaches\", periods = 7, at_least = 3,\n"
    "          level = \"yellow\", label = { zh = \"若干\", en = \"Some\" }, source = \"own\" },\n"
    "      },\n"
    "      detectors = {\n"
    "        { method = \"ears-c1\", source = \"own\", options = {\n"
    "          baseline = 7 } },\n"
    "      },\n"
    "      plausibility = {\n"
    "        { kind = \"improbably_low\", limit = 0.05, source = \"own\" },\n"
    "        { kind = \"sources_differ\", other = \"sample.b\", source = \"own\" },\n"
    "      } },\n"
    "    { code = \"sample.b\", label = { zh = \"乙\", en = \"B\" }, unit = { zh = \"件\", en = "
    "\"items\" },\n"
    "      frequency = \"D\", direction = \"up\", aggregation = \"sum\", reported_by = "
    "\"province\",\n"
    "      second = true },\n"
    "    { code = \"sample.c\", label = { zh = \"丙\", en = \"C\" }, unit = { zh = \"%\", en = "
    "\"%\" },\n"
    "      frequency = \"D\", direction = \"both\", aggregation = \"none\", reported_by = "
    "\"city\",\n"
    "      formula = \"sample.a / (sample.a + 2) * 100\" },\n"
    "  },\n"
    "}\n";

static const struct {
    const char *from;
    const char *to;
    enum text_key key;
    int below;
    size_t others; // mistakes that follow from this one
} cases[] = {
    {"version = 3", "version = 3 +", TEXT_PACK_LUA, 0},
    {"version = 3", "version = io.x", TEXT_PACK_LUA, 0},
    {"version = 3, ", "", TEXT_PACK_FIELD_MISSING, -1},
    {"version = 3", "version = 3.5", TEXT_PACK_WANTED_INTEGER, 0},
    {"version = 3", "version = 0", TEXT_PACK_RANGE, 0},
    {"version = 3", "version = \"3\"", TEXT_PACK_WANTED_INTEGER, 0},
    {"version = 3", "version = 3, verson = 3", TEXT_PACK_FIELD_NEAR, 0},
    {"version = 3", "version = 3, colour = 3", TEXT_PACK_FIELD_UNKNOWN, 0},
    {"version = 3", "version = 3, [4] = 3", TEXT_PACK_FIELD_UNKNOWN, 0},
    {"version = 3", "version = 3, version = 4", TEXT_PACK_FIELD_TWICE, 0},
    {"version = 3", "version = 3, phone = 1", TEXT_PACK_PERSON, 0},
    {"name = \"sample\"", "name = \"Sample\"", TEXT_PACK_WANTED_CODE, 0},
    {"\"Sample\"", "\"\"", TEXT_PACK_WANTED_TEXT, 0},
    {"zh = \"样例\", ", "", TEXT_PACK_FIELD_MISSING, 0},
    {"{ zh = \"样例\", en = \"Sample\" }", "\"Sample\"", TEXT_PACK_WANTED_WORDS, 0},
    {"\"2020-01-01\"", "\"2020-1-1\"", TEXT_PACK_WANTED_DATE, 0},
    {"\"2020-01-01\"", "\"2020-02-30\"", TEXT_PACK_WANTED_DATE, 0},
    {"\"2020-01-01\",", "\"2020-01-01\", effective_to = \"2019-01-01\",", TEXT_PACK_DATES, 0},
    {"effective_from = \"2020-02-01\"",
     "effective_from = \"2020-02-01\",\n effective_to = \"2020-01-20\"", TEXT_PACK_DATES, 0},
    {"default = true", "default = \"yes\"", TEXT_PACK_WANTED_BOOLEAN, 0},
    {"code = \"own\"", "code = \"law\"", TEXT_PACK_TWICE, 0},
    {"{ code = \"own\",", "code = { \"own\",", TEXT_PACK_LIST_HOLE, 0},
    {"figure = 5, source = \"own\"", "figure = 5, source = \"none\"", TEXT_PACK_SOURCE_UNKNOWN, 0},
    {"figure = 5, source = \"own\"", "figure = 5", TEXT_PACK_FIELD_MISSING, -1},
    {"figure = 5", "figure = \"5\"", TEXT_PACK_WANTED_NUMBER, 0},
    {"figure = 5", "figure = 1/0", TEXT_PACK_WANTED_NUMBER, 0},
    {"\"at_most\"", "\"below\"", TEXT_PACK_CHOICE, 0},
    {"indicator = \"sample.a\"", "indicator = \"sample.x\"", TEXT_PACK_INDICATOR_UNKNOWN, 0},
    {"yellow = 12", "yellow = 48", TEXT_PACK_DEADLINE_ORDER, 0},
    {"{ quiet = 14, source = \"law\" }", "14", TEXT_PACK_WANTED_TABLE, 0},
    {"{ quiet = 14, source", "{ quiet = 14, effective_to = \"2020-01-20\", source", TEXT_PACK_DATES,
     0},
    {"quiet = 14, source = \"law\"", "quiet = 1400, source = \"law\"", TEXT_PACK_RANGE, 0},
    {"\"risk_office\"", "\"sheriff\"", TEXT_PACK_CHOICE, 0},
    {"\"risk_office\"", "\"health\"", TEXT_PACK_TWICE, 0},
    {"city = { \"health\", \"risk_office\" }", "county = { \"health\" }", TEXT_PACK_OWNER_MISSING,
     -1},
    {"{ \"health\", \"risk_office\" }", "{}", TEXT_PACK_WANTED_LIST, 0},
    {"red = STEPS", "red = {}", TEXT_PACK_WANTED_LIST, 0},
    {"{ zh = \"做\", en = \"do\" },\n}", "{ zh = \"做\", en = \"do\", ex = \"x\" },\n}",
     TEXT_PACK_FIELD_NEAR, 0},
    {"{ code = \"sample.a\"", "{ code = \"other.a\"", TEXT_PACK_CODE_PREFIX, 0, 2},
    {"code = \"sample.c\"", "code = \"sample.b\"", TEXT_PACK_TWICE, 0},
    {"decimals = 0", "decimals = 12", TEXT_PACK_RANGE, 0},
    {"to = 20", "to = 21", TEXT_PACK_BAND_OVERLAP, 1},
    {"from = 10, to = 20", "from = 10, to = 10", TEXT_PACK_BAND_EMPTY, 0},
    {"from = 10, to = 20, ", "from = -5, to = -9, ", TEXT_PACK_BAND_EMPTY, 0},
    {"{ from = 20, level", "{ level", TEXT_PACK_FIELD_MISSING, 0, 1},
    {"level = \"blue\", label = { zh = \"多\"", "level = \"pink\", label = { zh = \"多\"",
     TEXT_PACK_CHOICE, 0},
    {"quiet = 14, level", "level", TEXT_PACK_FIELD_MISSING, 0},
    {"quiet = 14, level", "quiet = 14, periods = 7, level", TEXT_PACK_FIELD_IDLE, 0},
    {"kind = \"sum_reaches\"", "kind = \"sum\"", TEXT_PACK_CHOICE, 0},
    {"code = \"some\"", "code = \"first\"", TEXT_PACK_TWICE, 0},
    {"      },\n      detectors",
     "        { code = \"more\", kind = \"sum_reaches\", periods = 7, at_least = 3, level = "
     "\"blue\",\n"
     "          label = { zh = \"更多\", en = \"More\" }, source = \"own\" },\n      },\n      "
     "detectors",
     TEXT_PACK_RULE_IDLE, 0},
    {"\"ears-c1\"", "\"ears-c9\"", TEXT_PACK_METHOD_UNKNOWN, 0},
    {"baseline = 7", "baselines = 7", TEXT_PACK_OPTION_UNKNOWN, 0},
    {"baseline = 7", "baseline = 7.5", TEXT_PACK_OPTION_VALUE, 0},
    {"baseline = 7", "baseline = 1", TEXT_PACK_OPTION_VALUE, 0},
    {"baseline = 7", "baseline = {}", TEXT_PACK_WANTED_OPTION, 0},
    {"limit = 0.05", "limit = 5", TEXT_PACK_RANGE, 0},
    {"limit = 0.05", "other = \"sample.b\"", TEXT_PACK_FIELD_MISSING, 0, 1},
    {"other = \"sample.b\"", "other = \"sample.z\"", TEXT_PACK_INDICATOR_UNKNOWN, 0},
    {"other = \"sample.b\"", "other = \"sample.a\"", TEXT_PACK_OTHER_UNLIKE, 0},
    {"reported_by = \"province\",\n      second = true },",
     "reported_by = \"province\",\n      second = true, rules = { { code = \"x\", kind = "
     "\"first_after_quiet\", quiet = 3,\n level = \"blue\", label = { zh = \"x\", en = \"x\" }, "
     "source = \"own\" } } },",
     TEXT_PACK_SECOND_RAISES, 1},
    {"+ 2) * 100", "+ 2 * 100", TEXT_PACK_FORMULA, 0},
    {"+ 2) * 100", "^ 2) * 100", TEXT_PACK_FORMULA, 0},
    {"sample.a / (", "sample.q / (", TEXT_PACK_INDICATOR_UNKNOWN, 0},
    {"sample.a / (", "sample.c / (", TEXT_PACK_FORMULA_CIRCLE, 0},
    {"\"D\", direction = \"both\"", "\"M\", direction = \"both\"", TEXT_PACK_FORMULA_FREQUENCY, 1},
    {"formula =", "event = { code = \"x\", days = 3,\n label = 1 }, formula =",
     TEXT_PACK_WANTED_WORDS, 1},
    {"quiet = 14, level", "cluster = { periods = 14 }, quiet = 14, level", TEXT_PACK_FIELD_MISSING,
     0},
};

static struct pack_report report;

static int count_lines(const char *text, const char *at)
{
    int line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

static const struct pack *check(const char *text, struct arena *arena)
{
    struct fault fault = {0};
    const struct pack *pack = NULL;
    CHECK(pack_check("sample.lua", span_from(text), arena, &report, &pack, &fault) == FAULT_NONE);
    return pack;
}

static void print_report(void)
{
    for (size_t i = 0; i < report.count; i++) {
        char sentence[LIMIT_TEXT_SIZE];
        text_write(report.mistake[i].key, TEXT_ENGLISH, report.mistake[i].argument, sentence,
                   sizeof sentence);
        printf("#   %d: %s: %s\n", report.mistake[i].line, text_name(report.mistake[i].key),
               sentence);
    }
}

void test_right_pack_has_no_mistake(void)
{
    struct arena arena = {0};
    const struct pack *pack = check(right, &arena);
    if (!CHECK(pack != NULL))
        print_report();
    if (pack == NULL)
        return;
    CHECK_EQUAL(pack->indicator_count, 3);
    CHECK_TEXT(pack->plan[PACK_RED].steps[0].en, "do");
    CHECK_TEXT(pack->plan[PACK_YELLOW].steps[0].zh, "做");
    CHECK_EQUAL(pack->owners[PACK_CITY].role_count, 2);
    CHECK_EQUAL(pack->owners[PACK_COUNTY].role_count, 0);
    CHECK_EQUAL(pack->deadlines.hours[PACK_RED], 2);
    // Of the law, in force a month later than the pack.
    CHECK(!pack_basis_holds(&pack->lowering.basis, 18262)); // 2020-01-01
    CHECK(pack_basis_holds(&pack->lowering.basis, 18293));  // 2020-02-01
    CHECK(pack_basis_holds(&pack->budget.basis, 18262));
    CHECK(!pack_basis_holds(&pack->budget.basis, 18261));
    arena_reset(&arena);
}

void test_every_mistake_is_found_at_its_line(void)
{
    int met = 0;
    static char text[2 * sizeof right];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arena arena = {0};
        const char *at = strstr(right, cases[i].from);
        if (!unit_check(at != NULL, __FILE__, __LINE__, "no \"%s\" in the text", cases[i].from))
            continue;
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - right), right, cases[i].to,
                 at + strlen(cases[i].from));
        const struct pack *pack = check(text, &arena);
        int line = count_lines(right, at) + cases[i].below;
        bool is_found = false;
        size_t others = 0;
        for (size_t j = 0; j < report.count; j++) {
            bool is_this = report.mistake[j].key == cases[i].key && report.mistake[j].line == line;
            is_found = is_found || is_this;
            // A name of a person is unknown here as well; a lost source leaves its references open.
            others += !is_this && report.mistake[j].key != TEXT_PACK_FIELD_UNKNOWN &&
                      report.mistake[j].key != TEXT_PACK_SOURCE_UNKNOWN;
        }
        if (!unit_check(pack == NULL && is_found && others == cases[i].others, __FILE__, __LINE__,
                        "case %zu, \"%s\": wanted %s in line %d", i, cases[i].to,
                        text_name(cases[i].key), line))
            print_report();
        size_t first = 0;
        while (cases[first].key != cases[i].key)
            first++;
        met += first == i;
        arena_reset(&arena);
    }
    printf("# %d kinds of mistakes\n", met);
}

void test_all_mistakes_are_reported_by_line(void)
{
    struct arena arena = {0};
    check("return {\n name = 3,\n version = \"x\",\n field = {},\n label = 1,\n}", &arena);
    CHECK(report.count >= 12);
    for (size_t i = 1; i < report.count; i++)
        CHECK(report.mistake[i - 1].line <= report.mistake[i].line);
    CHECK_EQUAL(report.mistake[report.count - 1].line, 5);
    arena_reset(&arena);
}

void test_report_counts_what_it_cannot_hold(void)
{
    static char text[32768];
    struct arena arena = {0};
    size_t size = (size_t)snprintf(text, sizeof text, "return {");
    for (int i = 0; i < 300; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "wrong%d = 1,\n", i);
    snprintf(text + size, sizeof text - size, "}");
    check(text, &arena);
    CHECK_EQUAL(report.count, LIMIT_PACK_MISTAKES);
    CHECK(report.dropped >= 200);
    arena_reset(&arena);
}

void test_made_tables_have_the_line_of_what_holds_them(void)
{
    struct arena arena = {0};
    check("local t = {}\nfor i = 1, 3 do t[i] = { wrong = 1 } end\nreturn {\n sources = t,\n}",
          &arena);
    bool is_found = false;
    for (size_t i = 0; i < report.count; i++)
        is_found = is_found || (report.mistake[i].key == TEXT_PACK_FIELD_UNKNOWN &&
                                report.mistake[i].line == 4);
    if (!CHECK(is_found))
        print_report();
    arena_reset(&arena);
}

void test_long_texts_and_lists_are_refused(void)
{
    static char text[16384];
    struct arena arena = {0};
    size_t size = (size_t)snprintf(text, sizeof text, "return {\nlabel = { zh = \"");
    memset(text + size, 'x', LIMIT_PACK_TEXT_SIZE + 1);
    size += LIMIT_PACK_TEXT_SIZE + 1;
    size += (size_t)snprintf(text + size, sizeof text - size, "\" },\nsources = {");
    for (int i = 0; i <= LIMIT_PACK_ITEMS; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "{},");
    snprintf(text + size, sizeof text - size, "} }");
    check(text, &arena);
    bool is_text = false;
    bool is_list = false;
    for (size_t i = 0; i < report.count; i++) {
        is_text = is_text ||
                  (report.mistake[i].key == TEXT_PACK_TEXT_LONG && report.mistake[i].line == 2);
        is_list = is_list ||
                  (report.mistake[i].key == TEXT_PACK_LIST_LONG && report.mistake[i].line == 3);
    }
    CHECK(is_text && is_list);
    arena_reset(&arena);
}
