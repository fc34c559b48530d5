// SPDX-License-Identifier: GPL-3.0-or-later
//
// pack_test.c: the shipped packs say what the story needs; formulas; folders; the manual's example.
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/analysis.h"
#include "pack/pack_priv.h"
#include "unit.h"

enum { JULY_22_2020 = 18465 };

static bool load_shipped(struct arena *arena, struct pack_set *set)
{
    struct fault fault = {0};
    return CHECK(pack_load_shipped(arena, set, &fault) == FAULT_NONE);
}

// The level that the rules of sums give to a run of days, the last of which is judged.
static enum pack_level sum_level(const struct pack_indicator *indicator, const double *day,
                                 int count)
{
    enum pack_level level = PACK_NONE;
    for (size_t i = 0; i < indicator->rule_count; i++) {
        const struct pack_rule *rule = &indicator->rules[i];
        double sum = 0;
        if (rule->kind != PACK_SUM_REACHES)
            continue;
        for (int j = count > rule->periods ? count - rule->periods : 0; j < count; j++)
            sum += day[j];
        if (sum >= rule->at_least && rule->level > level)
            level = rule->level;
    }
    return level;
}

void test_epidemic_ladder_climbs_as_the_story_says(void)
{
    struct arena arena = {0};
    struct pack_set set = {0};
    const struct pack *pack = NULL;
    if (!load_shipped(&arena, &set))
        return;
    const struct pack_indicator *cases = pack_set_find_indicator(&set, "epidemic.cases", &pack);
    if (!CHECK(cases != NULL))
        return;
    CHECK_TEXT(pack->name, "epidemic");
    CHECK(cases->rules[0].kind == PACK_FIRST_AFTER_QUIET);
    CHECK_EQUAL(cases->rules[0].quiet, 14);
    CHECK_EQUAL(cases->rules[0].level, PACK_BLUE);
    CHECK_EQUAL(cases->rules[0].cluster_periods, 14);
    CHECK_EQUAL(cases->rules[0].cluster_at_least, 10);
    // 22 July on, by reading date; a morning knows the days before it.
    static const double day[] = {1, 2, 9, 0, 12, 14, 6, 8};
    static const enum pack_level wanted[] = {PACK_NONE,   PACK_YELLOW, PACK_ORANGE, PACK_ORANGE,
                                             PACK_ORANGE, PACK_ORANGE, PACK_ORANGE, PACK_RED};
    for (int i = 0; i < 8; i++)
        CHECK_EQUAL(sum_level(cases, day, i + 1), wanted[i]);
    for (size_t i = 0; i < cases->rule_count; i++)
        CHECK(pack_basis_holds(&cases->rules[i].basis, JULY_22_2020));
    CHECK_EQUAL(pack->lowering.quiet, 14);
    CHECK_EQUAL(cases->detector_count, 3);
    CHECK_TEXT(cases->detectors[2].method, "ears-c3");
    CHECK(cases->detectors[0].analysis == analysis_find_detector("ears-c1"));
    CHECK_EQUAL(cases->detectors[0].level, PACK_NONE);
    CHECK(cases->plausibility[0].kind == PACK_IMPROBABLY_LOW);
    CHECK_NEAR(cases->plausibility[0].limit, 0.05, 1e-12);
    CHECK_TEXT(cases->plausibility[1].other, "epidemic.cases.second");
    arena_reset(&arena);
}

void test_cash_bands_are_half_open(void)
{
    struct arena arena = {0};
    struct pack_set set = {0};
    if (!load_shipped(&arena, &set))
        return;
    const struct pack_indicator *cash = pack_set_find_indicator(&set, "finance.cash_cover", NULL);
    if (!CHECK(cash != NULL))
        return;
    static const struct {
        double value;
        enum pack_level level;
        const char *label;
    } wanted[] = {{-1, PACK_ORANGE, "severe"}, {0.0999, PACK_ORANGE, "severe"},
                  {0.1, PACK_YELLOW, "tight"}, {0.29, PACK_YELLOW, "tight"},
                  {0.3, PACK_NONE, "safe"},    {0.7999, PACK_NONE, "safe"},
                  {0.8, PACK_BLUE, "idle"},    {40, PACK_BLUE, "idle"}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const struct pack_band *band = NULL;
        CHECK_EQUAL(pack_band_level(cash, wanted[i].value, JULY_22_2020, &band), wanted[i].level);
        CHECK(band != NULL && strcmp(band->label.en, wanted[i].label) == 0);
        CHECK(band != NULL && band->basis.source->is_default);
    }
    // Before the pack holds there is no band.
    CHECK_EQUAL(pack_band_level(cash, 0.05, 18000, NULL), PACK_NONE);
    arena_reset(&arena);
}

void test_wages_detector_looks_back_four_weeks(void)
{
    struct arena arena = {0};
    struct pack_set set = {0};
    if (!load_shipped(&arena, &set))
        return;
    const struct pack_indicator *wages = pack_set_find_indicator(&set, "petition.wages", NULL);
    if (!CHECK(wages != NULL))
        return;
    CHECK_TEXT(wages->detectors[0].method, "ears-c2");
    CHECK_EQUAL(wages->detectors[0].level, PACK_BLUE);
    for (size_t i = 0; i < wages->detectors[0].analysis->option_count; i++)
        if (strcmp(wages->detectors[0].analysis->option[i].name, "baseline") == 0)
            CHECK_EQUAL(wages->detectors[0].settings[i], 28);
    const struct pack_indicator *cash = pack_set_find_indicator(&set, "finance.cash_cover", NULL);
    CHECK(cash != NULL && strcmp(cash->event, wages->event) == 0);
    arena_reset(&arena);
}

static bool compute(const char *text, const double *operands, double *ret_value, size_t *ret_at)
{
    struct arena arena = {0};
    bool is_full = false;
    struct pack_formula *formula = pack_formula_parse(span_from(text), &arena, ret_at, &is_full);
    CHECK(!is_full);
    bool is_known = formula != NULL && pack_formula_value(formula, operands, ret_value);
    arena_reset(&arena);
    return is_known;
}

void test_formulas_keep_the_rules_of_arithmetic(void)
{
    const double operands[] = {6, 3, 2};
    double value = 0;
    size_t at = 0;
    static const struct {
        const char *text;
        double value;
    } wanted[] = {{"a.x", 6},
                  {"a.x / b.x * 100", 200},
                  {"a.x - b.x - c.x", 1},
                  {"a.x - (b.x - c.x)", 5},
                  {"a.x + b.x * c.x", 12},
                  {"-a.x + b.x", -3},
                  {"--2", 2},
                  {" ( 1.5 ) * 4 ", 6},
                  {"a.x * a.x", 36}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        CHECK(compute(wanted[i].text, operands, &value, &at));
        CHECK_NEAR(value, wanted[i].value, 1e-15);
    }
    value = 7;
    CHECK(!compute("a.x / (b.x - 3)", operands, &value, &at));
    CHECK(!compute("a.x", (const double[]){NAN}, &value, &at));
    CHECK_EQUAL(value, 7);
    static const char *const wrong[] = {"", "1 +", "(1", "1)", "a b", "1..2", "a ^ 2", "f(1)", "A"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        unit_check(!compute(wrong[i], operands, &value, &at), __FILE__, __LINE__, "\"%s\" taken",
                   wrong[i]);
    char deep[4096] = "";
    memset(deep, '(', 2000);
    CHECK(!compute(deep, operands, &value, &at));
    memset(deep, '-', 2000);
    CHECK(!compute(deep, operands, &value, &at));
    deep[0] = '1';
    for (int i = 0; i < 100; i++)
        memcpy(deep + 1 + 2 * i, "+1", 3);
    CHECK(!compute(deep, operands, &value, &at));
}

static void copy_file(const char *from, const char *folder, const char *name)
{
    char path[512];
    struct arena arena = {0};
    struct fault fault = {0};
    struct span source = {NULL, 0};
    CHECK(pack_read_file(from, &arena, &source, &fault) == FAULT_NONE);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (CHECK(file != NULL)) {
        CHECK(fwrite(source.data, 1, source.size, file) == source.size);
        fclose(file);
    }
    arena_reset(&arena);
}

void test_folder_refuses_packs_that_collide(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct pack_set set = {0};
    CHECK(pack_load_folder("packs", &arena, &set, &fault) == FAULT_NONE);
    CHECK(set.count >= 3);
    for (size_t i = 1; i < set.count; i++)
        CHECK(strcmp(set.packs[i - 1]->file, set.packs[i]->file) < 0);
    const char *folder = unit_folder();
    copy_file("packs/finance.lua", folder, "a.lua");
    copy_file("packs/finance.lua", folder, "b.lua");
    CHECK(pack_load_folder(folder, &arena, &set, &fault) == FAULT_INVALID);
    CHECK(fault.key == TEXT_PACK_COLLIDES);
    fault = (struct fault){0};
    CHECK(pack_load_folder("no/such/folder", &arena, &set, &fault) == FAULT_MISSING);
    fault = (struct fault){0};
    struct span source;
    CHECK(pack_read_file("no/such/file", &arena, &source, &fault) == FAULT_MISSING);
    arena_reset(&arena);
}

void test_pack_load_tells_the_first_line(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    const struct pack *pack = NULL;
    CHECK(pack_load("x.lua", span_from("return {\n  name = 1,\n}"), &arena, &pack, &fault) ==
          FAULT_INVALID);
    CHECK(fault.key == TEXT_PACK_MISTAKEN);
    CHECK_EQUAL(fault.argument[2].integer, 1);
    CHECK(pack == NULL);
    arena_reset(&arena);
}

// ---- the manual ----

static bool shows_field(struct span manual, const char *name)
{
    char quoted[80];
    snprintf(quoted, sizeof quoted, "`%s`", name);
    return memmem(manual.data, manual.size, quoted, strlen(quoted)) != NULL;
}

// Shapes below a shape; their depth is bounded by the grammar.
static void check_shape(struct span manual, const struct pack_shape *shape)
{
    for (const struct pack_field *field = shape->fields; field->name != NULL; field++) {
        unit_check(shows_field(manual, field->name), __FILE__, __LINE__,
                   "docs/packs.md says nothing of `%s`", field->name);
        if (field->shape != NULL)
            check_shape(manual, field->shape);
    }
}

void test_manual_is_true(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span manual = {NULL, 0};
    const struct pack *pack = NULL;
    if (!CHECK(pack_read_file("docs/packs.md", &arena, &manual, &fault) == FAULT_NONE))
        return;
    check_shape(manual, &pack_shape_root);
    const char *begin = memmem(manual.data, manual.size, "```lua\n", 7);
    if (!CHECK(begin != NULL))
        return;
    begin += 7;
    const char *end = memmem(begin, manual.size - (size_t)(begin - manual.data), "\n```", 4);
    if (!CHECK(end != NULL))
        return;
    static struct pack_report report;
    struct span example = {begin, (size_t)(end - begin) + 1};
    CHECK(pack_check("example", example, &arena, &report, &pack, &fault) == FAULT_NONE);
    for (size_t i = 0; i < report.count; i++)
        printf("# line %d: %s\n", report.mistake[i].line, text_name(report.mistake[i].key));
    CHECK(pack != NULL);
    arena_reset(&arena);
}
