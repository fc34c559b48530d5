// SPDX-License-Identifier: GPL-3.0-or-later
//
// pack_say.c: writes a pack's declarations as JSON (the shape stands in pack_say.h).
#include "judgement/pack_say.h"

#include <ctype.h>
#include <stdio.h>

char *pack_say_method(const char *name, char text[64])
{
    size_t size = 0;
    for (const char *c = name; *c != '\0' && size + 1 < 64; c++)
        text[size++] = (char)(*c == '-' ? ' ' : toupper((unsigned char)*c));
    text[size] = '\0';
    return text;
}

static json_t *say_methods(const struct pack_indicator *indicator)
{
    json_t *methods = json_array();
    for (size_t i = 0; i < indicator->detector_count; i++) {
        const struct pack_detector *detector = &indicator->detectors[i];
        json_t *options = json_array();
        char name[64];
        pack_say_method(detector->method, name);
        for (size_t k = 0; k < detector->option_count; k++)
            json_array_append_new(options,
                                  json_pack("{s:s, s:s}", "name", detector->options[k].name,
                                            "value", detector->options[k].value));
        json_array_append_new(methods, json_pack("{s:s, s:s, s:s, s:o}", "name", detector->method,
                                                 "zh", name, "en", name, "options", options));
    }
    return methods;
}

// Entries hold no real numbers: figures are decimal text.
static json_t *figure(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.12g", value);
    return json_string(text);
}

static json_t *say_rules(const struct pack_indicator *indicator)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < indicator->rule_count; i++) {
        const struct pack_rule *rule = &indicator->rules[i];
        bool is_sum = rule->kind == PACK_SUM_REACHES;
        json_array_append_new(rules, json_pack("{s:s, s:s, s:s, s:b, s:i, s:o, s:i, s:i, s:o}",
                                               "code", rule->code, "zh", rule->label.zh, "en",
                                               rule->label.en, "is_sum", is_sum, "periods",
                                               is_sum ? rule->periods : rule->quiet, "at_least",
                                               figure(rule->at_least), "level", (int)rule->level,
                                               "cluster_periods", rule->cluster_periods,
                                               "cluster_at_least", figure(rule->cluster_at_least)));
    }
    return rules;
}

static json_t *say_indicator(const struct pack_indicator *indicator)
{
    bool has_event = indicator->event[0] != '\0';
    const struct pack_words *event = has_event ? &indicator->event_label : &indicator->label;
    const char *other = NULL;
    for (size_t i = 0; i < indicator->plausibility_count; i++)
        if (indicator->plausibility[i].kind == PACK_SOURCES_DIFFER)
            other = indicator->plausibility[i].other;
    json_t *said = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:i, s:i, s:o, s:o}", "code",
        indicator->code, "zh", indicator->label.zh, "en", indicator->label.en, "unit_zh",
        indicator->unit.zh, "unit_en", indicator->unit.en, "event",
        has_event ? indicator->event : indicator->code, "event_zh", event->zh, "event_en",
        event->en, "other", other, "is_second", indicator->is_second, "due_hours",
        indicator->due_hours, "methods", say_methods(indicator), "rules", say_rules(indicator));
    if (indicator->covers.zh[0] != '\0') {
        json_object_set_new(said, "covers_zh", json_string(indicator->covers.zh));
        json_object_set_new(said, "covers_en", json_string(indicator->covers.en));
    }
    return said;
}

json_t *pack_say(const struct pack *pack)
{
    json_t *indicators = json_array(), *line = NULL;
    for (size_t i = 0; i < pack->indicator_count; i++)
        json_array_append_new(indicators, say_indicator(&pack->indicators[i]));
    line =
        json_pack("{s:s, s:s, s:s, s:o, s:s}", "zh", pack->line.label.zh, "en", pack->line.label.en,
                  "indicator", pack->line.indicator, "figure", figure(pack->line.figure), "holds",
                  pack->line.holds == PACK_AT_LEAST ? "at_least" : "at_most");
    return json_pack("{s:i, s:s, s:s, s:i, s:o, s:o}", "version", pack->version, "label_zh",
                     pack->label.zh, "label_en", pack->label.en, "quiet", pack->lowering.quiet,
                     "line", line, "indicators", indicators);
}
