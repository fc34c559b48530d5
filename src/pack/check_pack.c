// SPDX-License-Identifier: GPL-3.0-or-later
//
// check_pack.c: what holds a pack together: codes that are used once, references that lead
// somewhere, formulas without circles, and somebody who answers at every level.
//
// Runs last, over the whole pack and its table, whatever mistakes there were before. An item that
// could not be read has empty codes and counts of 0, and is passed over.
#include <assert.h>
#include <string.h>

#include "pack/pack_priv.h"

// One entry of a list, for messages about it.
static struct pack_place item_place(const struct pack_place *place, const struct pack_value *table,
                                    const char *list, size_t index)
{
    const struct pack_entry *entry = pack_entry_find(table, list);
    assert(entry != NULL && index < entry->value.entry_count);
    return pack_place_below(place, &entry->value.entries[index]);
}

static void check_codes(struct pack_reader *reader, const struct pack_place *place,
                        const struct pack_value *table, const struct pack *pack)
{
    const char *seen[LIMIT_PACK_ITEMS];
    size_t count = 0;
    for (size_t i = 0; i < pack->indicator_count; i++) {
        struct pack_place at = item_place(place, table, "indicators", i);
        const struct pack_indicator *indicator = &pack->indicators[i];
        const struct pack_value *item =
            &pack_entry_find(table, "indicators")->value.entries[i].value;
        for (size_t j = 0; j < i && indicator->code[0] != '\0'; j++)
            if (strcmp(pack->indicators[j].code, indicator->code) == 0)
                pack_note(reader, pack_line_of(&at, item, "code"), TEXT_PACK_TWICE,
                          pack_place_text(&at), text_string(indicator->code));
        for (size_t j = 0; j < indicator->rule_count; j++) {
            const struct pack_entry *rules = pack_entry_find(item, "rules");
            const struct pack_entry *rule = &rules->value.entries[j];
            const char *code = indicator->rules[j].code;
            bool is_twice = false;
            for (size_t k = 0; k < count; k++)
                is_twice = is_twice || strcmp(seen[k], code) == 0;
            if (code[0] == '\0')
                continue;
            if (is_twice)
                pack_note(reader, pack_line_of(&at, &rule->value, "code"), TEXT_PACK_TWICE,
                          text_string("rules"), text_string(code));
            else if (count < LIMIT_PACK_ITEMS)
                seen[count++] = code;
        }
    }
}

// Notes a code that no indicator of this pack has. True when there is one.
static bool want_indicator(struct pack_reader *reader, const struct pack *pack, int line,
                           const char *code, const struct pack_indicator **ret_indicator)
{
    const struct pack_indicator *found = code[0] == '\0' ? NULL : pack_find_indicator(pack, code);
    if (found == NULL && code[0] != '\0')
        pack_note(reader, line, TEXT_PACK_INDICATOR_UNKNOWN, text_string(code));
    *ret_indicator = found;
    return found != NULL;
}

static void check_others(struct pack_reader *reader, const struct pack_value *item,
                         const struct pack *pack, const struct pack_indicator *indicator)
{
    const struct pack_entry *list = pack_entry_find(item, "plausibility");
    for (size_t i = 0; i < indicator->plausibility_count; i++) {
        const struct pack_plausibility *check = &indicator->plausibility[i];
        const struct pack_indicator *other = NULL;
        const struct pack_entry *entry = &list->value.entries[i];
        int line = entry->line;
        if (entry->value.kind == PACK_VALUE_TABLE &&
            pack_entry_find(&entry->value, "other") != NULL)
            line = pack_entry_find(&entry->value, "other")->line;
        if (check->kind != PACK_SOURCES_DIFFER ||
            !want_indicator(reader, pack, line, check->other, &other))
            continue;
        bool is_same_level = other->reported_by == indicator->reported_by;
        if (other == indicator || other->frequency != indicator->frequency ||
            other->reported_by > indicator->reported_by ||
            (!is_same_level && indicator->aggregation != PACK_AGGREGATION_SUM))
            pack_note(reader, line, TEXT_PACK_OTHER_UNLIKE, text_string(indicator->code),
                      text_string(other->code));
    }
}

// True when `from` is reached from itself by formulas. Bounded by the number of indicators.
static bool is_circular(const struct pack *pack, const struct pack_indicator *from,
                        const struct pack_indicator *at, size_t steps)
{
    if (at->formula == NULL || steps > pack->indicator_count)
        return steps > pack->indicator_count;
    for (size_t i = 0; i < pack_formula_operand_count(at->formula); i++) {
        const struct pack_indicator *operand =
            pack_find_indicator(pack, pack_formula_operand(at->formula, i));
        if (operand != NULL && (operand == from || is_circular(pack, from, operand, steps + 1)))
            return true;
    }
    return false;
}

static void check_formula(struct pack_reader *reader, int line, const struct pack *pack,
                          const struct pack_indicator *indicator)
{
    bool is_known = true;
    for (size_t i = 0;
         indicator->formula != NULL && i < pack_formula_operand_count(indicator->formula); i++) {
        const struct pack_indicator *operand = NULL;
        const char *code = pack_formula_operand(indicator->formula, i);
        if (!want_indicator(reader, pack, line, code, &operand))
            is_known = false;
        else if (operand->frequency != indicator->frequency)
            pack_note(reader, line, TEXT_PACK_FORMULA_FREQUENCY, text_string(indicator->code),
                      text_string(code));
    }
    if (indicator->formula != NULL && is_known && is_circular(pack, indicator, indicator, 0))
        pack_note(reader, line, TEXT_PACK_FORMULA_CIRCLE, text_string(indicator->code));
}

// Everybody from the division that reports up to the province answers for what it shows.
static void check_owners(struct pack_reader *reader, const struct pack_place *place,
                         const struct pack_value *table, const struct pack *pack)
{
    enum pack_division lowest = PACK_PROVINCE;
    for (size_t i = 0; i < pack->indicator_count; i++)
        if (pack->indicators[i].reported_by > lowest)
            lowest = pack->indicators[i].reported_by;
    const struct pack_entry *owners = pack_entry_find(table, "owners");
    if (owners == NULL || owners->value.kind != PACK_VALUE_TABLE)
        return;
    for (enum pack_division division = PACK_PROVINCE; division <= lowest; division++) {
        if (pack_entry_find(&owners->value, pack_division_name(division)) != NULL)
            continue;
        struct pack_place at = pack_place_below(place, owners);
        struct pack_place missing = {&at, pack_division_name(division), 0, at.line};
        pack_note(reader, at.line, TEXT_PACK_OWNER_MISSING, pack_place_text(&missing),
                  text_string(pack_division_name(division)));
    }
}

void pack_check_root(struct pack_reader *reader, const struct pack_place *place,
                     const struct pack_value *table, void *thing)
{
    const struct pack *pack = thing;
    assert(pack == reader->pack);
    if (pack->from_day >= pack->until_day)
        pack_note(reader, pack_line_of(place, table, "effective_to"), TEXT_PACK_DATES,
                  text_string("effective_to"));
    check_codes(reader, place, table, pack);
    check_owners(reader, place, table, pack);
    for (size_t i = 0; i < pack->indicator_count; i++) {
        const struct pack_entry *list = pack_entry_find(table, "indicators");
        const struct pack_entry *item = &list->value.entries[i];
        if (item->value.kind != PACK_VALUE_TABLE)
            continue;
        struct pack_place at = pack_place_below(place, item);
        check_others(reader, &item->value, pack, &pack->indicators[i]);
        check_formula(reader, pack_line_of(&at, &item->value, "formula"), pack,
                      &pack->indicators[i]);
    }
    const struct pack_entry *line = pack_entry_find(table, "line");
    const struct pack_indicator *indicator = NULL;
    if (line != NULL && line->value.kind == PACK_VALUE_TABLE)
        want_indicator(reader, pack, pack_line_of(place, &line->value, "indicator"),
                       pack->line.indicator, &indicator);
}
