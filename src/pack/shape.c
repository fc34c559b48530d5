// SPDX-License-Identifier: GPL-3.0-or-later
//
// shape.c: what a pack may hold, as tables: the grammar of packs and the list in docs/packs.md.
//
// A row says a field's name, kind, place in its struct, whether it must be there, and its range. To
// add a field: a member in pack.h, a row here, a paragraph in docs/packs.md (a test compares the
// two). Rows are read in order; sources come before everything that cites one.
#include <math.h>
#include <stddef.h>

#include "pack/pack_priv.h"

#define AT(type, member) offsetof(struct type, member)
#define REQUIRED .is_required = true
#define BETWEEN(least, most) .low = (least), .high = (most)
#define LIST(type, member, number, of)                                                             \
    PACK_FIELD_LIST, AT(type, member), .count_offset = AT(type, number), .shape = (of)
#define BASIS(type)                                                                                \
    {"source", PACK_FIELD_SOURCE, AT(type, basis.source), REQUIRED},                               \
        {"effective_from", PACK_FIELD_FROM, AT(type, basis.from_day)},                             \
        {"effective_to", PACK_FIELD_UNTIL, AT(type, basis.until_day)},                             \
    {                                                                                              \
        NULL                                                                                       \
    }
#define HAS_BASIS(type) .has_basis = true, .basis_offset = AT(type, basis)

static const struct pack_choice choices_level[] = {
    {"none", PACK_NONE},     {"blue", PACK_BLUE}, {"yellow", PACK_YELLOW},
    {"orange", PACK_ORANGE}, {"red", PACK_RED},   {NULL},
};

static const struct pack_choice choices_division[] = {
    {"province", PACK_PROVINCE},
    {"city", PACK_CITY},
    {"county", PACK_COUNTY},
    {"township", PACK_TOWNSHIP},
    {NULL},
};

static const struct pack_choice choices_frequency[] = {
    {"D", TIME_DAILY},     {"W", TIME_WEEKLY}, {"M", TIME_MONTHLY},
    {"Q", TIME_QUARTERLY}, {"Y", TIME_YEARLY}, {NULL},
};

static const struct pack_choice choices_direction[] = {
    {"up", PACK_UP_IS_BAD},
    {"down", PACK_DOWN_IS_BAD},
    {"both", PACK_BOTH_ARE_BAD},
    {NULL},
};

static const struct pack_choice choices_aggregation[] = {
    {"none", PACK_AGGREGATION_NONE},
    {"sum", PACK_AGGREGATION_SUM},
    {"mean", PACK_AGGREGATION_MEAN},
    {NULL},
};

static const struct pack_choice choices_rule[] = {
    {"first_after_quiet", PACK_FIRST_AFTER_QUIET},
    {"sum_reaches", PACK_SUM_REACHES},
    {NULL},
};

static const struct pack_choice choices_plausibility[] = {
    {"improbably_low", PACK_IMPROBABLY_LOW},
    {"sources_differ", PACK_SOURCES_DIFFER},
    {NULL},
};

static const struct pack_choice choices_side[] = {
    {"at_most", PACK_AT_MOST},
    {"at_least", PACK_AT_LEAST},
    {NULL},
};

// The codes of the duty table. The value of a role is its row.
const struct pack_choice pack_choice_roles[] = {
    {"health", 0},    {"finance", 1},     {"petition", 2},    {"labour", 3},
    {"emergency", 4}, {"risk_office", 5}, {"feed_keeper", 6}, {NULL},
};

static const struct pack_field fields_source[] = {
    {"code", PACK_FIELD_CODE, AT(pack_source, code), REQUIRED},
    {"cite", PACK_FIELD_WORDS, AT(pack_source, cite), REQUIRED},
    {"address", PACK_FIELD_TEXT, AT(pack_source, address)},
    {"default", PACK_FIELD_BOOLEAN, AT(pack_source, is_default)},
    {"effective_from", PACK_FIELD_FROM, AT(pack_source, from_day)},
    {"effective_to", PACK_FIELD_UNTIL, AT(pack_source, until_day)},
    {NULL},
};
static const struct pack_shape shape_source = {sizeof(struct pack_source), fields_source,
                                               .check = pack_check_source};

static const struct pack_field fields_band[] = {
    {"from", PACK_FIELD_REAL, AT(pack_band, from)},
    {"to", PACK_FIELD_REAL, AT(pack_band, until)},
    {"level", PACK_FIELD_CHOICE, AT(pack_band, level), REQUIRED, .choices = choices_level},
    {"label", PACK_FIELD_WORDS, AT(pack_band, label), REQUIRED},
    BASIS(pack_band),
};
static void begin_band(void *thing)
{
    struct pack_band *band = thing;
    band->from = -HUGE_VAL;
    band->until = HUGE_VAL;
}
static const struct pack_shape shape_band = {sizeof(struct pack_band), fields_band, begin_band,
                                             pack_check_band, HAS_BASIS(pack_band)};

static const struct pack_field fields_detector[] = {
    {"method", PACK_FIELD_CODE, AT(pack_detector, method), REQUIRED},
    {"level", PACK_FIELD_CHOICE, AT(pack_detector, level), .choices = choices_level},
    {"options", PACK_FIELD_OPTIONS, AT(pack_detector, options),
     .count_offset = AT(pack_detector, option_count)},
    BASIS(pack_detector),
};
static const struct pack_shape shape_detector = {sizeof(struct pack_detector), fields_detector,
                                                 .check = pack_check_detector,
                                                 HAS_BASIS(pack_detector)};

// Kept in the rule itself, so its place in there is 0.
static const struct pack_field fields_cluster[] = {
    {"periods", PACK_FIELD_INTEGER, AT(pack_rule, cluster_periods), REQUIRED, BETWEEN(1, 366)},
    {"at_least", PACK_FIELD_REAL, AT(pack_rule, cluster_at_least), REQUIRED, BETWEEN(1, 1e9)},
    {NULL},
};
static const struct pack_shape shape_cluster = {sizeof(struct pack_rule), fields_cluster};

static const struct pack_field fields_rule[] = {
    {"code", PACK_FIELD_CODE, AT(pack_rule, code), REQUIRED},
    {"kind", PACK_FIELD_CHOICE, AT(pack_rule, kind), REQUIRED, .choices = choices_rule},
    {"quiet", PACK_FIELD_INTEGER, AT(pack_rule, quiet), BETWEEN(1, 366)},
    {"periods", PACK_FIELD_INTEGER, AT(pack_rule, periods), BETWEEN(1, 366)},
    {"at_least", PACK_FIELD_REAL, AT(pack_rule, at_least)},
    {"level", PACK_FIELD_CHOICE, AT(pack_rule, level), REQUIRED, .choices = choices_level + 1},
    {"label", PACK_FIELD_WORDS, AT(pack_rule, label), REQUIRED},
    {"cluster", PACK_FIELD_TABLE, 0, .shape = &shape_cluster},
    BASIS(pack_rule),
};
static void begin_rule(void *thing)
{
    struct pack_rule *rule = thing;
    rule->kind = PACK_RULE_KINDS; // Until it is read.
}
static const struct pack_shape shape_rule = {sizeof(struct pack_rule), fields_rule, begin_rule,
                                             pack_check_rule, HAS_BASIS(pack_rule)};

static const struct pack_field fields_plausibility[] = {
    {"kind", PACK_FIELD_CHOICE, AT(pack_plausibility, kind), REQUIRED,
     .choices = choices_plausibility},
    {"limit", PACK_FIELD_REAL, AT(pack_plausibility, limit), BETWEEN(0.0001, 0.5)},
    {"other", PACK_FIELD_CODE, AT(pack_plausibility, other)},
    {"tolerance", PACK_FIELD_REAL, AT(pack_plausibility, tolerance), BETWEEN(0, 1e15)},
    BASIS(pack_plausibility),
};
static void begin_plausibility(void *thing)
{
    struct pack_plausibility *check = thing;
    check->kind = PACK_PLAUSIBILITY_KINDS; // Until it is read.
}
static const struct pack_shape shape_plausibility = {
    sizeof(struct pack_plausibility), fields_plausibility, begin_plausibility,
    pack_check_plausibility, HAS_BASIS(pack_plausibility)};

// Kept in the indicator itself.
static const struct pack_field fields_event[] = {
    {"code", PACK_FIELD_CODE, AT(pack_indicator, event), REQUIRED},
    {"label", PACK_FIELD_WORDS, AT(pack_indicator, event_label), REQUIRED},
    {"days", PACK_FIELD_INTEGER, AT(pack_indicator, event_days), REQUIRED, BETWEEN(1, 366)},
    {NULL},
};
static const struct pack_shape shape_event = {sizeof(struct pack_indicator), fields_event};

static const struct pack_field fields_indicator[] = {
    {"code", PACK_FIELD_CODE, AT(pack_indicator, code), REQUIRED},
    {"label", PACK_FIELD_WORDS, AT(pack_indicator, label), REQUIRED},
    {"unit", PACK_FIELD_WORDS, AT(pack_indicator, unit), REQUIRED},
    {"frequency", PACK_FIELD_CHOICE, AT(pack_indicator, frequency), REQUIRED,
     .choices = choices_frequency},
    {"direction", PACK_FIELD_CHOICE, AT(pack_indicator, direction), REQUIRED,
     .choices = choices_direction},
    {"aggregation", PACK_FIELD_CHOICE, AT(pack_indicator, aggregation), REQUIRED,
     .choices = choices_aggregation},
    {"reported_by", PACK_FIELD_CHOICE, AT(pack_indicator, reported_by), REQUIRED,
     .choices = choices_division},
    {"decimals", PACK_FIELD_INTEGER, AT(pack_indicator, decimals), BETWEEN(0, 9)},
    {"due_hours", PACK_FIELD_INTEGER, AT(pack_indicator, due_hours), BETWEEN(1, 8784)},
    {"event", PACK_FIELD_TABLE, 0, .shape = &shape_event},
    {"covers", PACK_FIELD_WORDS, AT(pack_indicator, covers)},
    {"second", PACK_FIELD_BOOLEAN, AT(pack_indicator, is_second)},
    {"formula", PACK_FIELD_TEXT, AT(pack_indicator, formula_text)},
    {"bands", LIST(pack_indicator, bands, band_count, &shape_band)},
    {"detectors", LIST(pack_indicator, detectors, detector_count, &shape_detector)},
    {"rules", LIST(pack_indicator, rules, rule_count, &shape_rule)},
    {"plausibility", LIST(pack_indicator, plausibility, plausibility_count, &shape_plausibility)},
    {NULL},
};
static void begin_indicator(void *thing)
{
    struct pack_indicator *indicator = thing;
    indicator->frequency = TIME_DAILY;
}
static const struct pack_shape shape_indicator = {sizeof(struct pack_indicator), fields_indicator,
                                                  begin_indicator, pack_check_indicator};

static const struct pack_field fields_deadlines[] = {
    {"blue", PACK_FIELD_INTEGER, AT(pack_deadlines, hours[PACK_BLUE]), REQUIRED, BETWEEN(1, 8784)},
    {"yellow", PACK_FIELD_INTEGER, AT(pack_deadlines, hours[PACK_YELLOW]), REQUIRED,
     BETWEEN(1, 8784)},
    {"orange", PACK_FIELD_INTEGER, AT(pack_deadlines, hours[PACK_ORANGE]), REQUIRED,
     BETWEEN(1, 8784)},
    {"red", PACK_FIELD_INTEGER, AT(pack_deadlines, hours[PACK_RED]), REQUIRED, BETWEEN(1, 8784)},
    BASIS(pack_deadlines),
};
static const struct pack_shape shape_deadlines = {sizeof(struct pack_deadlines), fields_deadlines,
                                                  .check = pack_check_deadlines,
                                                  HAS_BASIS(pack_deadlines)};

static const struct pack_field fields_lowering[] = {
    {"quiet", PACK_FIELD_INTEGER, AT(pack_lowering, quiet), REQUIRED, BETWEEN(1, 366)},
    BASIS(pack_lowering),
};
static const struct pack_shape shape_lowering = {sizeof(struct pack_lowering), fields_lowering,
                                                 HAS_BASIS(pack_lowering)};

static const struct pack_field fields_budget[] = {
    {"notices_per_week", PACK_FIELD_INTEGER, AT(pack_budget, notices_per_week), REQUIRED,
     BETWEEN(1, 1000)},
    BASIS(pack_budget),
};
static const struct pack_shape shape_budget = {sizeof(struct pack_budget), fields_budget,
                                               HAS_BASIS(pack_budget)};

static const struct pack_field fields_line[] = {
    {"label", PACK_FIELD_WORDS, AT(pack_line, label), REQUIRED},
    {"indicator", PACK_FIELD_CODE, AT(pack_line, indicator), REQUIRED},
    {"holds", PACK_FIELD_CHOICE, AT(pack_line, holds), REQUIRED, .choices = choices_side},
    {"figure", PACK_FIELD_REAL, AT(pack_line, figure), REQUIRED},
    BASIS(pack_line),
};
static const struct pack_shape shape_line = {sizeof(struct pack_line), fields_line,
                                             HAS_BASIS(pack_line)};

static const struct pack_field fields_owners[] = {
    {"province", PACK_FIELD_ROLES, PACK_PROVINCE * sizeof(struct pack_owner)},
    {"city", PACK_FIELD_ROLES, PACK_CITY * sizeof(struct pack_owner)},
    {"county", PACK_FIELD_ROLES, PACK_COUNTY * sizeof(struct pack_owner)},
    {"township", PACK_FIELD_ROLES, PACK_TOWNSHIP * sizeof(struct pack_owner)},
    {NULL},
};
static const struct pack_shape shape_owners = {PACK_DIVISIONS * sizeof(struct pack_owner),
                                               fields_owners};

static const struct pack_field fields_plan[] = {
    {"blue", PACK_FIELD_STEPS, PACK_BLUE * sizeof(struct pack_plan), REQUIRED},
    {"yellow", PACK_FIELD_STEPS, PACK_YELLOW * sizeof(struct pack_plan), REQUIRED},
    {"orange", PACK_FIELD_STEPS, PACK_ORANGE * sizeof(struct pack_plan), REQUIRED},
    {"red", PACK_FIELD_STEPS, PACK_RED * sizeof(struct pack_plan), REQUIRED},
    {NULL},
};
static const struct pack_shape shape_plan = {PACK_LEVELS * sizeof(struct pack_plan), fields_plan};

static const struct pack_field fields_root[] = {
    {"name", PACK_FIELD_CODE, AT(pack, name), REQUIRED},
    {"version", PACK_FIELD_INTEGER, AT(pack, version), REQUIRED, BETWEEN(1, 1000000)},
    {"field", PACK_FIELD_CODE, AT(pack, field), REQUIRED},
    {"label", PACK_FIELD_WORDS, AT(pack, label), REQUIRED},
    {"effective_from", PACK_FIELD_FROM, AT(pack, from_day), REQUIRED},
    {"effective_to", PACK_FIELD_UNTIL, AT(pack, until_day)},
    {"sources", LIST(pack, sources, source_count, &shape_source), REQUIRED},
    {"owners", PACK_FIELD_TABLE, AT(pack, owners), REQUIRED, .shape = &shape_owners},
    {"deadlines", PACK_FIELD_TABLE, AT(pack, deadlines), REQUIRED, .shape = &shape_deadlines},
    {"lowering", PACK_FIELD_TABLE, AT(pack, lowering), REQUIRED, .shape = &shape_lowering},
    {"budget", PACK_FIELD_TABLE, AT(pack, budget), REQUIRED, .shape = &shape_budget},
    {"line", PACK_FIELD_TABLE, AT(pack, line), REQUIRED, .shape = &shape_line},
    {"plan", PACK_FIELD_TABLE, AT(pack, plan), REQUIRED, .shape = &shape_plan},
    {"indicators", LIST(pack, indicators, indicator_count, &shape_indicator), REQUIRED},
    {NULL},
};
const struct pack_shape pack_shape_root = {sizeof(struct pack), fields_root,
                                           .check = pack_check_root};
