// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quality.h: what the parts of the quality check share: the list that questions are put on.
//
// Of the folder only. quality.c puts the parts together; each part looks at one thing and notes
// every test it makes, so that the correction counts those that found nothing too.
#ifndef LEVEE_ANALYSIS_QUALITY_H
#define LEVEE_ANALYSIS_QUALITY_H

#include "analysis/analysis_priv.h"

struct quality_list {
    const struct analysis_quality_data *data;
    const struct analysis_quality_options *options;
    struct analysis_question *question;
    size_t count, capacity, look_count;
    bool is_full; // no memory was left for one
};

// A plain fact is asked about at once.
void quality_note_fact(struct quality_list *list, const struct analysis_question *question);
// A test counts as a look; it is kept where its own p could pass.
void quality_note_test(struct quality_list *list, struct analysis_question question);

static inline const double *quality_series(const struct quality_list *list, size_t series)
{
    return list->data->panel->value + series * list->data->panel->stride;
}

// One value's smallest unit: the most decimals that the series is written with.
int quality_count_decimals(const struct quality_list *list, size_t series);

// The parts. Each takes the list and one series, or all.
void quality_look_at_times(struct quality_list *list, size_t series);
void quality_look_at_digits(struct quality_list *list, size_t series, int decimals);
bool quality_look_at_panel_digits(struct quality_list *list);
void quality_look_at_values(struct quality_list *list, size_t series, int decimals);
bool quality_look_for_copies(struct quality_list *list);
bool quality_look_at_levels(struct quality_list *list);

#endif
