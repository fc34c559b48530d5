// SPDX-License-Identifier: GPL-3.0-or-later
//
// check.c: what no single field of a table shows: fields of another kind, bands that overlap, rules
// that can never decide, dates that leave no day.
//
// Each check is named by a shape (shape.c) and runs after the fields of its table have been read.
// Fields that could not be read hold their defaults; a check passes those over, because their own
// mistake is noted already. Methods are checked in detector.c, what holds the pack together in
// check_pack.c.
#include <string.h>

#include "pack/pack_priv.h"

// Notes a field that a kind needs and has not, or has and cannot use.
static void want_field(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_value *table, const char *name, bool is_wanted)
{
    const struct pack_entry *entry = pack_entry_find(table, name);
    if ((entry != NULL) == is_wanted)
        return;
    struct pack_place at = {place, name, 0, entry == NULL ? place->line : entry->line};
    pack_note(reader, at.line, is_wanted ? TEXT_PACK_FIELD_MISSING : TEXT_PACK_FIELD_IDLE,
              pack_place_text(&at));
}

static bool is_given(const struct pack_value *table, const char *name)
{
    return pack_entry_find(table, name) != NULL;
}

void pack_settle_basis(struct pack_reader *reader, const struct pack_place *place,
                       struct pack_basis *basis)
{
    const struct pack *pack = reader->pack;
    // Dates that are wrong in the source itself are noted there, once.
    if (basis->source != NULL && basis->source->from_day < basis->source->until_day) {
        if (basis->from_day == INT32_MIN)
            basis->from_day = basis->source->from_day;
        if (basis->until_day == INT32_MAX)
            basis->until_day = basis->source->until_day;
    }
    if (basis->from_day < pack->from_day)
        basis->from_day = pack->from_day;
    if (basis->until_day > pack->until_day)
        basis->until_day = pack->until_day;
    if (basis->from_day < basis->until_day || pack->from_day >= pack->until_day)
        return;
    pack_note(reader, place->line, TEXT_PACK_DATES, pack_place_text(place));
    basis->until_day = basis->from_day;
}

static bool is_overlapping(const struct pack_basis *a, const struct pack_basis *b)
{
    return a->from_day < b->until_day && b->from_day < a->until_day;
}

void pack_check_source(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_value *table, void *thing)
{
    const struct pack_source *source = thing;
    const struct pack *pack = reader->pack;
    if (source->from_day >= source->until_day)
        pack_note(reader, place->line, TEXT_PACK_DATES, pack_place_text(place));
    // Its own place in the list is not counted yet, so all that are counted stand before it.
    for (size_t i = 0; i < pack->source_count && source->code[0] != '\0'; i++)
        if (&pack->sources[i] != source && strcmp(pack->sources[i].code, source->code) == 0)
            pack_note(reader, pack_line_of(place, table, "code"), TEXT_PACK_TWICE,
                      pack_place_text(place), text_string(source->code));
}

void pack_check_band(struct pack_reader *reader, const struct pack_place *place,
                     const struct pack_value *table, void *thing)
{
    struct pack_band *band = thing;
    if (!is_given(table, "from") && !is_given(table, "to"))
        want_field(reader, place, table, "from", true);
    if (band->from < band->until)
        return;
    pack_note(reader, pack_line_of(place, table, "to"), TEXT_PACK_BAND_EMPTY,
              pack_place_text(place), text_real(band->from), text_real(band->until));
}

void pack_check_rule(struct pack_reader *reader, const struct pack_place *place,
                     const struct pack_value *table, void *thing)
{
    const struct pack_rule *rule = thing;
    if (rule->kind == PACK_RULE_KINDS)
        return;
    bool is_sum = rule->kind == PACK_SUM_REACHES;
    want_field(reader, place, table, "quiet", !is_sum);
    want_field(reader, place, table, "periods", is_sum);
    want_field(reader, place, table, "at_least", is_sum);
}

void pack_check_plausibility(struct pack_reader *reader, const struct pack_place *place,
                             const struct pack_value *table, void *thing)
{
    const struct pack_plausibility *check = thing;
    if (check->kind == PACK_PLAUSIBILITY_KINDS)
        return;
    bool is_low = check->kind == PACK_IMPROBABLY_LOW;
    want_field(reader, place, table, "limit", is_low);
    want_field(reader, place, table, "other", !is_low);
    if (is_low)
        want_field(reader, place, table, "tolerance", false);
}

void pack_check_deadlines(struct pack_reader *reader, const struct pack_place *place,
                          const struct pack_value *table, void *thing)
{
    const struct pack_deadlines *deadlines = thing;
    for (enum pack_level level = PACK_YELLOW; level <= PACK_RED; level++) {
        int lower = deadlines->hours[level - 1];
        int hours = deadlines->hours[level];
        if (hours > lower && lower > 0)
            pack_note(reader, pack_line_of(place, table, pack_level_name(level)),
                      TEXT_PACK_DEADLINE_ORDER, text_string(pack_level_name(level)),
                      text_integer(hours), text_string(pack_level_name(level - 1)),
                      text_integer(lower));
    }
}

// ---- indicators ----

static void check_bands(struct pack_reader *reader, const struct pack_place *place,
                        const struct pack_value *list, const struct pack_indicator *indicator)
{
    for (size_t i = 0; i < indicator->band_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct pack_band *a = &indicator->bands[j];
            const struct pack_band *b = &indicator->bands[i];
            if (a->from >= b->until || b->from >= a->until || !is_overlapping(&a->basis, &b->basis))
                continue;
            struct pack_place at = pack_place_below(place, &list->entries[i]);
            pack_note(reader, at.line, TEXT_PACK_BAND_OVERLAP, pack_place_text(&at),
                      text_integer((int64_t)j + 1));
        }
    }
}

// `strong` holds whenever `weak` does, and its level is no lower.
static bool is_shadowed(const struct pack_rule *weak, const struct pack_rule *strong)
{
    return weak->kind == PACK_SUM_REACHES && strong->kind == PACK_SUM_REACHES &&
           weak->level <= strong->level && weak->periods > 0 && weak->periods <= strong->periods &&
           weak->at_least >= strong->at_least && is_overlapping(&weak->basis, &strong->basis);
}

static void check_rules(struct pack_reader *reader, const struct pack_place *place,
                        const struct pack_value *list, const struct pack_indicator *indicator)
{
    for (size_t i = 0; i < indicator->rule_count; i++) {
        for (size_t j = 0; j < indicator->rule_count; j++) {
            const struct pack_rule *rule = &indicator->rules[i];
            const struct pack_rule *other = &indicator->rules[j];
            // Of two that say the same, the later one is the idle one.
            if (i == j || !is_shadowed(rule, other) || (is_shadowed(other, rule) && i < j))
                continue;
            struct pack_place at = pack_place_below(place, &list->entries[i]);
            pack_note(reader, at.line, TEXT_PACK_RULE_IDLE, pack_place_text(&at),
                      text_string(other->code));
            break;
        }
    }
}

static void sort_bands(const struct pack_indicator *indicator)
{
    // The list was made by this reader a moment ago and is nobody else's yet.
    struct pack_band *bands = (struct pack_band *)indicator->bands;
    for (size_t i = 1; i < indicator->band_count; i++)
        for (size_t j = i; j > 0 && bands[j].from < bands[j - 1].from; j--) {
            struct pack_band swapped = bands[j];
            bands[j] = bands[j - 1];
            bands[j - 1] = swapped;
        }
}

static void parse_formula(struct pack_reader *reader, const struct pack_place *place,
                          const struct pack_value *table, struct pack_indicator *indicator)
{
    if (indicator->formula_text[0] == '\0')
        return;
    size_t at = 0;
    bool is_full = false;
    struct pack_formula *formula =
        pack_formula_parse(span_from(indicator->formula_text), reader->arena, &at, &is_full);
    indicator->formula = formula;
    reader->is_full = reader->is_full || is_full;
    if (formula == NULL)
        pack_note(reader, pack_line_of(place, table, "formula"), TEXT_PACK_FORMULA,
                  text_string(indicator->code), text_integer((int64_t)at + 1),
                  text_string(indicator->formula_text));
}

void pack_check_indicator(struct pack_reader *reader, const struct pack_place *place,
                          const struct pack_value *table, void *thing)
{
    typedef void check(struct pack_reader *, const struct pack_place *, const struct pack_value *,
                       const struct pack_indicator *);
    static const struct {
        const char *name;
        check *run;
    } lists[] = {
        {"bands", check_bands}, {"rules", check_rules}, {"detectors", pack_check_options_together}};
    struct pack_indicator *indicator = thing;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const struct pack_entry *list = pack_entry_find(table, lists[i].name);
        if (list == NULL || list->value.kind != PACK_VALUE_TABLE)
            continue;
        struct pack_place at = pack_place_below(place, list);
        lists[i].run(reader, &at, &list->value, indicator);
    }
    sort_bands(indicator);
    parse_formula(reader, place, table, indicator);
    size_t raising = indicator->band_count + indicator->rule_count + indicator->detector_count;
    if (indicator->is_second && raising > 0)
        pack_note(reader, pack_line_of(place, table, "second"), TEXT_PACK_SECOND_RAISES,
                  text_string(indicator->code));
    // The reader's code prefix keeps packs apart: "epidemic.cases" belongs to field "epidemic".
    size_t size = strlen(reader->pack->field);
    if (size > 0 && indicator->code[0] != '\0' &&
        (strncmp(indicator->code, reader->pack->field, size) != 0 || indicator->code[size] != '.'))
        pack_note(reader, pack_line_of(place, table, "code"), TEXT_PACK_CODE_PREFIX,
                  text_string(indicator->code), text_string(reader->pack->field));
}
