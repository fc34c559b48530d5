// SPDX-License-Identifier: GPL-3.0-or-later
//
// detector.c: holds the methods and options of a pack to the table of the analysis library.
//
// The library owns names, kinds and ranges of options; this file only asks it and puts its answer
// into words. A detector that passes gets its settings: all options, defaults filled in, ready for
// batch and stream.
#include <assert.h>
#include <stdio.h>

#include "analysis/analysis.h"
#include "pack/pack_priv.h"

static int count_per_year(enum time_frequency frequency)
{
    switch (frequency) {
    case TIME_DAILY: return 365;
    case TIME_WEEKLY: return 52;
    case TIME_MONTHLY: return 12;
    case TIME_QUARTERLY: return 4;
    default: return 1;
    }
}

static void list_methods(char *buffer, size_t size)
{
    size_t count = 0;
    size_t at = 0;
    const struct analysis_detector *detectors = analysis_detectors(&count);
    for (size_t i = 0; i < count; i++) {
        int written =
            snprintf(buffer + at, size - at, "%s%s", at > 0 ? ", " : "", detectors[i].name);
        at += written > 0 && (size_t)written < size - at ? (size_t)written : 0;
    }
}

static void set_option(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_detector *detector, const struct pack_entry *entry,
                       const struct pack_option *option, double *settings)
{
    const struct analysis_detector *analysis = detector->analysis;
    char known[LIMIT_TEXT_ARGUMENT_SIZE] = "";
    size_t row = 0;
    size_t at = 0;
    int line = entry == NULL ? place->line : entry->line;
    enum analysis_option_fault outcome =
        analysis_set_option(analysis, option->name, option->value, settings, &row);
    if (outcome == ANALYSIS_OPTION_TAKEN)
        return;
    if (outcome == ANALYSIS_OPTION_UNKNOWN) {
        for (size_t i = 0; i < analysis->option_count; i++) {
            int written = snprintf(known + at, sizeof known - at, "%s%s", at > 0 ? ", " : "",
                                   analysis->option[i].name);
            at += written > 0 && (size_t)written < sizeof known - at ? (size_t)written : 0;
        }
        pack_note(reader, line, TEXT_PACK_OPTION_UNKNOWN, text_string(detector->method),
                  text_string(option->name), text_string(known));
        return;
    }
    const struct analysis_option *wanted = &analysis->option[row];
    for (size_t i = 0; i < ANALYSIS_CHOICES_MAX && wanted->kind == ANALYSIS_OPTION_CHOICE &&
                       wanted->choice[i] != NULL;
         i++) {
        int written =
            snprintf(known + at, sizeof known - at, "%s%s", at > 0 ? ", " : "", wanted->choice[i]);
        at += written > 0 && (size_t)written < sizeof known - at ? (size_t)written : 0;
    }
    if (wanted->kind != ANALYSIS_OPTION_CHOICE)
        snprintf(known, sizeof known, "%g ... %g", wanted->least, wanted->most);
    pack_note(reader, line, TEXT_PACK_OPTION_VALUE, text_string(detector->method),
              text_string(option->name), text_string(option->value), text_string(known));
}

void pack_check_detector(struct pack_reader *reader, const struct pack_place *place,
                         const struct pack_value *table, void *thing)
{
    struct pack_detector *detector = thing;
    if (detector->method[0] == '\0')
        return;
    detector->analysis = analysis_find_detector(detector->method);
    if (detector->analysis == NULL) {
        char known[LIMIT_TEXT_ARGUMENT_SIZE] = "";
        list_methods(known, sizeof known);
        pack_note(reader, pack_line_of(place, table, "method"), TEXT_PACK_METHOD_UNKNOWN,
                  text_string(detector->method), text_string(known));
        return;
    }
    double *settings = pack_take(reader, ANALYSIS_OPTIONS_MAX * sizeof *settings);
    const struct pack_entry *options = pack_entry_find(table, "options");
    if (settings == NULL)
        return;
    analysis_default_options(detector->analysis, settings);
    for (size_t i = 0; i < detector->option_count; i++)
        set_option(reader, place, detector,
                   pack_entry_find(&options->value, detector->options[i].name),
                   &detector->options[i], settings);
    detector->settings = settings;
}

void pack_check_options_together(struct pack_reader *reader, const struct pack_place *place,
                                 const struct pack_value *list,
                                 const struct pack_indicator *indicator)
{
    for (size_t i = 0; i < indicator->detector_count; i++) {
        const struct pack_detector *detector = &indicator->detectors[i];
        if (detector->settings == NULL ||
            analysis_check_options(detector->analysis, detector->settings,
                                   count_per_year(indicator->frequency)))
            continue;
        struct pack_place at = pack_place_below(place, &list->entries[i]);
        pack_note(reader, at.line, TEXT_PACK_OPTIONS_TOGETHER, pack_place_text(&at),
                  text_string(detector->method));
    }
}
