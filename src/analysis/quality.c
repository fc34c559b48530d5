// SPDX-License-Identifier: LGPL-3.0-or-later
//
// quality.c: the questions that figures raise about themselves, put together and corrected.
//
//     quality_times.c     missing, ended, late, slower, early, in bulk, corrected one way
//     quality_digits.c    heaped, last digits, Benford
//     quality_values.c    negative, too smooth, repeated, abruptly zero, crowded at a target
//     quality_copies.c    the same run of values twice
//     quality_levels.c    the whole against the sum of its parts
//
// A fact (a gap, a sum that does not add up) is asked about wherever it is. What chance can bring
// about is tested, and asked about when q <= level, q by Benjamini and Hochberg over every look of
// the call: of the questions that somebody is sent to ask, an expected 5 % at most have no cause.
// Holm's correction would hold the chance of a single needless question at 5 %; over a province's
// thousands of series that leaves nothing to be found, and a needless question costs one answer.
#include "analysis/quality.h"

#include <assert.h>
#include <stdlib.h>

#include "analysis/digits.h"
#include "base/memory.h"

void analysis_default_quality(struct analysis_quality_options *ret_options)
{
    *ret_options = (struct analysis_quality_options){.level = 0.05,
                                                     .missing_share = 0.05,
                                                     .tolerance = 0.01,
                                                     .due_days = -1,
                                                     .target = ANALYSIS_MISSING};
}

void quality_note_fact(struct quality_list *list, const struct analysis_question *question)
{
    if (!memory_grow((void **)&list->question, list->count, &list->capacity,
                     sizeof *list->question)) {
        list->is_full = true;
        return;
    }
    assert(isfinite(question->size) && isfinite(question->expected));
    list->question[list->count++] = *question;
}

void quality_note_test(struct quality_list *list, struct analysis_question question)
{
    assert(question.p >= 0 && question.p <= 1);
    list->look_count++;
    question.is_tested = true;
    // q is never below p: what does not pass by itself cannot pass corrected.
    if (question.p <= list->options->level)
        quality_note_fact(list, &question);
}

int quality_count_decimals(const struct quality_list *list, size_t series)
{
    const double *value = quality_series(list, series);
    int most = 0;
    for (size_t t = 0; t < list->data->panel->point_count && most < DIGITS_DECIMALS_MOST; t++) {
        int decimals = isfinite(value[t]) ? digits_count_decimals(value[t]) : 0;
        most = decimals > most ? decimals : most;
    }
    return most;
}

static int compare_p(const void *a, const void *b)
{
    const struct analysis_question *left = a, *right = b;
    if (left->is_tested != right->is_tested)
        return left->is_tested - right->is_tested;
    if (left->p != right->p)
        return left->p < right->p ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (!left->is_tested && left->size != right->size)
        return left->size > right->size ? -1 : 1;
    return (left->series > right->series) - (left->series < right->series);
}

// Corrects the tests for all looks, of which only the smallest p are at hand, and drops what does
// not pass. The rest cannot change a q that passes: theirs are above the level.
static void correct(struct quality_list *list)
{
    if (list->count == 0)
        return;
    qsort(list->question, list->count, sizeof *list->question, compare_p);
    size_t facts = 0;
    while (facts < list->count && !list->question[facts].is_tested) {
        list->question[facts].p = 0;
        list->question[facts++].q = 0;
    }
    double held = 1;
    size_t kept = facts;
    for (size_t i = list->count; i-- > facts;) {
        struct analysis_question *question = &list->question[i];
        held = fmin(held, (double)list->look_count * question->p / (double)(i - facts + 1));
        question->q = held;
    }
    while (kept < list->count && list->question[kept].q <= list->options->level)
        kept++;
    list->count = kept;
}

bool analysis_ask_quality(const struct analysis_quality_data *data,
                          const struct analysis_quality_options *options,
                          struct analysis_questions *ret_questions)
{
    assert(data->known_day == NULL || data->ready_day != NULL);
    assert(options->level > 0 && options->level <= 1);
    struct quality_list list = {.data = data, .options = options};
    for (size_t series = 0; series < data->panel->series_count; series++) {
        int decimals = quality_count_decimals(&list, series);
        quality_look_at_times(&list, series);
        quality_look_at_digits(&list, series, decimals);
        quality_look_at_values(&list, series, decimals);
    }
    bool is_done = quality_look_at_panel_digits(&list) && quality_look_for_copies(&list) &&
                   quality_look_at_levels(&list) && !list.is_full;
    correct(&list);
    *ret_questions = (struct analysis_questions){
        .question = list.question, .count = list.count, .look_count = list.look_count};
    return is_done;
}

void analysis_free_questions(struct analysis_questions *questions)
{
    memory_free(questions->question);
    *questions = (struct analysis_questions){.question = NULL};
}
