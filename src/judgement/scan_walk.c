// SPDX-License-Identifier: GPL-3.0-or-later
//
// scan_walk.c: the bulk of a scan: all series of one indicator, at memory speed.
//
//     readings_walk ──► row ──► nothing new: forgotten
//                          └──► copied into the chunk, believed or not ──► full: judged on all
//                          cores
//
// Where the pack holds a second source against ours, our sums are taken in a walk of their own
// before, and doubts that the new sums answer are answered first: only then is anything new
// doubted. A figure that went missing is found again where our sum of one of the next periods is
// exactly what the second source had for it; from then on our feed is known to be that many periods
// late.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "judgement/backtest.h"
#include "judgement/scan_priv.h"

static enum fault_code full(struct fault *fault)
{
    return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
}

static bool is_new(const struct scan *scan, int64_t batch)
{
    size_t low = 0, high = scan->batch_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scan->batch[middle] == batch)
            return true;
        if (scan->batch[middle] < batch)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

// --- What is known before the walk --------------------------------------------------------------

static double number_of(const json_t *row, const char *field, bool *ret_is_there)
{
    double value = 0;
    bool is_there = span_to_real(json_text_or(row, field, ""), &value);
    if (ret_is_there != NULL)
        *ret_is_there = is_there;
    return is_there ? value : 0;
}

static enum fault_code load_doubts(struct scan_walk *walk, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code =
        scan_query(walk->scan, QUERY_DOUBTS_OF_INDICATOR,
                   json_pack("{s:s}", "indicator", walk->indicator.declared->code), &rows, fault);
    if (code != FAULT_NONE)
        return code;
    walk->known_count = json_array_size(rows);
    walk->known = memory_allocate((walk->known_count + 1) * sizeof *walk->known);
    for (size_t i = 0; walk->known != NULL && i < walk->known_count; i++) {
        const json_t *row = json_array_get(rows, i);
        struct scan_known_doubt *doubt = &walk->known[i];
        enum time_frequency frequency;
        *doubt = (struct scan_known_doubt){
            .series = json_integer_or(row, "series", 0),
            .id = json_integer_or(row, "id", 0),
            .question = json_integer_or(row, "question", 0),
            .division = json_integer_or(row, "division", 0),
            .period = (int32_t)json_integer_or(row, "period", 0),
            .value = number_of(row, "value", NULL),
            .is_open = json_is_true(json_object_get(row, "is_open")),
            .is_withdrawn = span_is(json_text_or(row, "answer", ""), "withdrawn"),
        };
        doubt->other = number_of(row, "other_value", &doubt->has_other);
        time_read_period(json_text_or(row, "moved_to", ""), &frequency, &doubt->moved_to);
    }
    json_decref(rows);
    return walk->known == NULL ? full(fault) : FAULT_NONE;
}

static enum fault_code load_open_notices(struct scan_walk *walk, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code =
        scan_query(walk->scan, QUERY_NOTICES_OPEN,
                   json_pack("{s:s}", "indicator", walk->indicator.declared->code), &rows, fault);
    if (code != FAULT_NONE)
        return code;
    walk->open_count = json_array_size(rows);
    walk->open = memory_allocate((walk->open_count + 1) * sizeof *walk->open);
    for (size_t i = 0; walk->open != NULL && i < walk->open_count; i++) {
        const json_t *row = json_array_get(rows, i);
        walk->open[i] = (struct scan_open_notice){json_integer_or(row, "series", 0),
                                                  (int)json_integer_or(row, "level", 0),
                                                  (int32_t)json_integer_or(row, "level_period", 0),
                                                  (int32_t)json_integer_or(row, "first_period", 0)};
    }
    json_decref(rows);
    return walk->open == NULL ? full(fault) : FAULT_NONE;
}

// --- The second source --------------------------------------------------------------------------

static const struct pack_plausibility *second_source_of(const struct pack_indicator *declared)
{
    for (size_t i = 0; i < declared->plausibility_count; i++)
        if (declared->plausibility[i].kind == PACK_SOURCES_DIFFER)
            return &declared->plausibility[i];
    return NULL;
}

static enum fault_code load_places(struct scan_walk *walk, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code =
        scan_query(walk->scan, QUERY_SERIES_OF_CODE,
                   json_pack("{s:s}", "code", walk->indicator.declared->code), &rows, fault);
    if (code != FAULT_NONE)
        return code;
    walk->place_count = json_array_size(rows);
    walk->place = memory_allocate((walk->place_count + 1) * sizeof *walk->place);
    for (size_t i = 0; walk->place != NULL && i < walk->place_count; i++) {
        const json_t *row = json_array_get(rows, i);
        walk->place[i] =
            (struct scan_place){json_integer_or(row, "id", 0), json_integer_or(row, "low", 0),
                                json_integer_or(row, "high", 0)};
    }
    json_decref(rows);
    return walk->place == NULL ? full(fault) : FAULT_NONE;
}

static enum fault_code load_rivals(struct scan_walk *walk, const char *code_of_other,
                                   struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code = scan_query(walk->scan, QUERY_SERIES_OF_CODE,
                                      json_pack("{s:s}", "code", code_of_other), &rows, fault);
    if (code != FAULT_NONE)
        return code;
    walk->rival_count = json_array_size(rows);
    walk->rival = memory_allocate((walk->rival_count + 1) * sizeof *walk->rival);
    if (walk->rival == NULL)
        code = full(fault);
    for (size_t i = 0; code == FAULT_NONE && i < walk->rival_count; i++) {
        const json_t *row = json_array_get(rows, i);
        struct scan_rival *rival = &walk->rival[i];
        int64_t batches[SCAN_RIVAL_PERIODS];
        rival->low = json_integer_or(row, "low", 0);
        rival->high = json_integer_or(row, "high", 0);
        rival->is_simulated = span_is(json_text_or(row, "origin", ""), "simulated");
        code = readings_load(walk->scan->reader, json_integer_or(row, "id", 0),
                             walk->to - SCAN_RIVAL_PERIODS + 1, walk->to, rival->value, batches,
                             fault);
        for (size_t k = 0; code == FAULT_NONE && k < SCAN_RIVAL_PERIODS; k++)
            rival->has_value[k] = batches[k] != 0;
    }
    json_decref(rows);
    return code;
}

static const struct scan_place *find_place(const struct scan_walk *walk, int64_t series)
{
    size_t low = 0, high = walk->place_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (walk->place[middle].series == series)
            return &walk->place[middle];
        if (walk->place[middle].series < series)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static struct scan_rival *find_rival(struct scan_walk *walk, int64_t series, bool is_simulated)
{
    const struct scan_place *place = find_place(walk, series);
    for (size_t i = 0; place != NULL && i < walk->rival_count; i++) {
        struct scan_rival *rival = &walk->rival[i];
        if (rival->is_simulated == is_simulated && rival->low <= place->low &&
            place->high <= rival->high)
            return rival;
    }
    return NULL;
}

static enum fault_code add_to_sums(void *context, const struct readings_row *row,
                                   struct fault *fault)
{
    (void)fault;
    struct scan_walk *walk = context;
    struct scan_rival *rival = find_rival(walk, row->series, row->is_simulated);
    for (size_t i = 0; rival != NULL && i < row->count; i++)
        if (row->batches[i] != 0)
            rival->sum[row->from + (int32_t)i - (walk->to - SCAN_RIVAL_PERIODS + 1)] +=
                row->values[i];
    return FAULT_NONE;
}

// Looks for the missing figure of an open doubt in our sums of the next periods.
static void find_missing(const struct scan_walk *walk, struct scan_rival *rival, double tolerance,
                         struct scan_known_doubt *doubt)
{
    int32_t start = walk->to - SCAN_RIVAL_PERIODS + 1;
    for (int32_t late = 1; late <= SCAN_LATE_PERIODS; late++) {
        int32_t at = doubt->period + late - start;
        if (at < 0 || at >= SCAN_RIVAL_PERIODS)
            continue;
        if (rival->sum[at] > 0 && fabs(rival->sum[at] - doubt->other) <= tolerance) {
            doubt->moved_to = doubt->period + late;
            rival->lag = late;
            return;
        }
    }
}

static enum fault_code meet_second_source(struct scan_walk *walk, struct fault *fault)
{
    const struct pack_plausibility *rule = second_source_of(walk->indicator.declared);
    if (rule == NULL)
        return FAULT_NONE;
    enum fault_code code = load_places(walk, fault);
    if (code == FAULT_NONE)
        code = load_rivals(walk, rule->other, fault);
    if (code == FAULT_NONE && walk->rival_count > 0)
        code = readings_walk(walk->scan->reader, walk->indicator_id,
                             walk->to - SCAN_RIVAL_PERIODS + 1, walk->to, add_to_sums, walk, fault);
    for (size_t i = 0; code == FAULT_NONE && i < walk->known_count; i++) {
        struct scan_known_doubt *doubt = &walk->known[i];
        struct scan_rival *rival = find_rival(walk, doubt->series, false);
        if (rival == NULL)
            rival = find_rival(walk, doubt->series, true);
        if (rival == NULL)
            continue;
        if (doubt->is_open && doubt->has_other)
            find_missing(walk, rival, rule->tolerance, doubt);
        else if (doubt->moved_to > doubt->period)
            rival->lag = doubt->moved_to - doubt->period;
    }
    return code;
}

// What the second source says about a period; false where it says nothing.
static bool take_rival(const struct scan_walk *walk, const struct scan_rival *rival, int32_t period,
                       struct judge_rival *ret_rival)
{
    int32_t at = period - (walk->to - SCAN_RIVAL_PERIODS + 1);
    if (rival == NULL || at < 0 || at >= SCAN_RIVAL_PERIODS)
        return false;
    *ret_rival = (struct judge_rival){
        .is_known = rival->has_value[at], .value = rival->value[at], .sum = rival->sum[at]};
    int32_t late = at - rival->lag;
    if (rival->lag > 0 && late >= 0 && rival->has_value[late]) {
        ret_rival->is_late_known = true;
        ret_rival->value_late = rival->value[late];
    }
    return true;
}

// --- The walk -----------------------------------------------------------------------------------

static enum fault_code judge_chunk(struct scan_walk *walk, struct fault *fault)
{
    bool is_full = false;
    size_t longest = 0;
    for (size_t i = 0; i < walk->item_count; i++)
        if (walk->item[i].count > longest)
            longest = walk->item[i].count;
#pragma omp parallel if (walk->item_count > 64) reduction(| : is_full)
    {
        struct judge_scratch *scratch = judge_scratch_make(longest);
        is_full = scratch == NULL;
#pragma omp for schedule(dynamic, 64)
        for (size_t i = 0; i < walk->item_count; i++) {
            const struct scan_item *item = &walk->item[i];
            struct judge_series series = {
                .value = walk->value + item->offset,
                .belief = walk->belief + item->offset,
                .count = item->count,
                .from = item->from,
                .level = item->open.level,
                .level_period = item->open.level_period,
            };
            if (scratch != NULL)
                is_full |= !judge_series(&walk->indicator, &series, item->fresh, scratch,
                                         &walk->outcome[i]);
        }
        judge_scratch_free(scratch);
    }
    return is_full ? full(fault) : FAULT_NONE;
}

static bool has_alarm(const struct scan_walk *walk, const struct judge_outcome *outcome)
{
    for (size_t i = 0; i < walk->indicator.declared->detector_count; i++)
        if (outcome->alarm[i].is_alarm)
            return true;
    return false;
}

static enum fault_code end_chunk(struct scan_walk *walk, struct fault *fault)
{
    enum fault_code code = walk->item_count == 0 ? FAULT_NONE : judge_chunk(walk, fault);
    for (size_t i = 0; code == FAULT_NONE && i < walk->item_count; i++) {
        const struct scan_item *item = &walk->item[i];
        const struct judge_outcome *outcome = &walk->outcome[i];
        if (outcome->reach.level == 0 && item->open.level == 0 && !has_alarm(walk, outcome))
            continue;
        if (!memory_grow((void **)&walk->note, walk->note_count, &walk->note_space,
                         sizeof *walk->note))
            return full(fault);
        walk->note[walk->note_count++] = (struct scan_note){
            .series = item->series,
            .is_simulated = item->is_simulated,
            .level_before = item->open.level,
            .first_period = item->open.first_period,
            .is_doubt_open = item->is_doubt_open,
            .doubt_period = item->doubt_period,
            .from = item->from,
            .count = item->count,
            .value_at = walk->value[item->offset + outcome->at],
            .value_last = walk->value[item->offset + item->count - 1],
            .outcome = *outcome,
        };
    }
    walk->item_count = walk->point_count = 0;
    return code;
}

static enum fault_code add_answer(struct scan_walk *walk, const struct scan_answer *answer,
                                  struct fault *fault)
{
    if (!memory_grow((void **)&walk->answer, walk->answer_count, &walk->answer_space,
                     sizeof *walk->answer))
        return full(fault);
    walk->answer[walk->answer_count++] = *answer;
    return FAULT_NONE;
}

// The first known doubt about a series; they are sorted by series.
static size_t first_known(const struct scan_walk *walk, int64_t series)
{
    size_t low = 0, high = walk->known_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (walk->known[middle].series < series)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// An open doubt about one of the newest periods is what holds a level today; an older one only
// keeps its period from being quiet.
static void note_open_doubt(struct scan_item *item, size_t at)
{
    int32_t period = item->from + (int32_t)at;
    if (item->count - at > SCAN_TRAIL || (item->is_doubt_open && period < item->doubt_period))
        return;
    item->is_doubt_open = true;
    item->doubt_period = period;
}

// Sets what earlier doubts make of the series, and answers those that the new data answer.
static enum fault_code meet_known_doubts(struct scan_walk *walk, struct scan_item *item,
                                         struct fault *fault)
{
    double *value = walk->value + item->offset;
    unsigned char *belief = walk->belief + item->offset;
    enum fault_code code = FAULT_NONE;
    for (size_t i = first_known(walk, item->series); code == FAULT_NONE && i < walk->known_count;
         i++) {
        const struct scan_known_doubt *doubt = &walk->known[i];
        int32_t at = doubt->period - item->from;
        if (doubt->series != item->series)
            break;
        if (at < 0 || (size_t)at >= item->count)
            continue;
        int32_t moved = doubt->moved_to - item->from;
        if (doubt->is_withdrawn) {
            belief[at] = ANALYSIS_UNREPORTED;
        } else if (doubt->is_open && value[at] != doubt->value) {
            struct scan_answer answer = {.doubt = doubt, .is_changed = true, .value = value[at]};
            code = add_answer(walk, &answer, fault);
        } else if (doubt->is_open && doubt->moved_to > doubt->period) {
            bool is_there = (size_t)moved < item->count;
            struct scan_rival *rival = find_rival(walk, item->series, item->is_simulated);
            struct judge_rival there = {0};
            take_rival(walk, rival, doubt->moved_to, &there);
            struct scan_answer answer = {
                .doubt = doubt, .value = is_there ? value[moved] : 0, .sum = there.sum};
            code = add_answer(walk, &answer, fault);
        } else if (doubt->is_open) {
            belief[at] = ANALYSIS_DOUBTED;
            note_open_doubt(item, (size_t)at);
        }
    }
    return code;
}

static bool is_known_doubt(const struct scan_walk *walk, int64_t series, int32_t period)
{
    for (size_t i = first_known(walk, series);
         i < walk->known_count && walk->known[i].series == series; i++)
        if (walk->known[i].period == period)
            return true;
    return false;
}

// Judges whether the fresh readings can be believed, oldest first: one that is not is no baseline
// for the next.
static enum fault_code doubt_fresh(struct scan_walk *walk, struct scan_item *item,
                                   struct fault *fault)
{
    struct judge_series series = {.value = walk->value + item->offset,
                                  .belief = walk->belief + item->offset,
                                  .count = item->count,
                                  .from = item->from};
    struct scan_rival *rival = find_rival(walk, item->series, item->is_simulated);
    for (size_t at = item->count - item->fresh; at < item->count; at++) {
        struct judge_rival there = {0};
        struct judge_doubt doubt;
        int32_t period = item->from + (int32_t)at;
        bool has_rival = take_rival(walk, rival, period, &there);
        if (is_known_doubt(walk, item->series, period) ||
            !judge_is_doubted(&walk->indicator, &series, at, has_rival ? &there : NULL, &doubt))
            continue;
        if (!memory_grow((void **)&walk->doubt, walk->doubt_count, &walk->doubt_space,
                         sizeof *walk->doubt))
            return full(fault);
        walk->doubt[walk->doubt_count++] =
            (struct scan_new_doubt){item->series, period, series.value[at], doubt, there.sum};
        walk->belief[item->offset + at] = ANALYSIS_DOUBTED;
        note_open_doubt(item, at);
    }
    return FAULT_NONE;
}

static struct scan_open_notice find_open(const struct scan_walk *walk, int64_t series)
{
    size_t low = 0, high = walk->open_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (walk->open[middle].series == series)
            return walk->open[middle];
        if (walk->open[middle].series < series)
            low = middle + 1;
        else
            high = middle;
    }
    return (struct scan_open_notice){.series = series};
}

// The newest periods that are new since the last scan; 0: none. A whole history that lands at once
// is judged by its newest period alone.
static size_t count_fresh(const struct scan *scan, const struct readings_row *row, size_t first,
                          size_t last)
{
    size_t fresh = 0, seen = 0;
    for (size_t i = last + 1; i > first && seen < SCAN_TRAIL + 1; i--) {
        seen++;
        if (row->batches[i - 1] != 0 && is_new(scan, row->batches[i - 1]))
            fresh = seen;
    }
    return fresh > SCAN_TRAIL ? 1 : fresh;
}

static enum fault_code take_row(void *context, const struct readings_row *row, struct fault *fault)
{
    struct scan_walk *walk = context;
    size_t first = 0, end = row->count;
    while (end > 0 && row->batches[end - 1] == 0)
        end--;
    while (first < end && row->batches[first] == 0)
        first++;
    size_t fresh = end == 0 ? 0 : count_fresh(walk->scan, row, first, end - 1);
    if (fresh == 0)
        return FAULT_NONE;
    size_t count = end - first;
    enum fault_code code = FAULT_NONE;
    if (walk->item_count == SCAN_CHUNK_SERIES || walk->point_count + count > SCAN_CHUNK_POINTS)
        code = end_chunk(walk, fault);
    if (code != FAULT_NONE)
        return code;
    assert(count <= SCAN_CHUNK_POINTS);
    struct scan_item *item = &walk->item[walk->item_count++];
    *item = (struct scan_item){
        .series = row->series,
        .is_simulated = row->is_simulated,
        .offset = walk->point_count,
        .count = count,
        .fresh = fresh,
        .from = row->from + (int32_t)first,
        .open = find_open(walk, row->series),
    };
    walk->point_count += count;
    walk->series_count++;
    memcpy(walk->value + item->offset, row->values + first, count * sizeof *row->values);
    for (size_t i = 0; i < count; i++)
        walk->belief[item->offset + i] =
            row->batches[first + i] != 0 ? ANALYSIS_BELIEVED : ANALYSIS_UNREPORTED;
    if (walk->indicator.declared->plausibility_count == 0)
        return FAULT_NONE;
    code = meet_known_doubts(walk, item, fault);
    return code == FAULT_NONE ? doubt_fresh(walk, item, fault) : code;
}

enum fault_code scan_walk_run(struct scan_walk *walk, struct fault *fault)
{
    walk->value = memory_allocate(SCAN_CHUNK_POINTS * sizeof *walk->value);
    walk->belief = memory_allocate(SCAN_CHUNK_POINTS);
    walk->item = memory_allocate(SCAN_CHUNK_SERIES * sizeof *walk->item);
    walk->outcome = memory_allocate(SCAN_CHUNK_SERIES * sizeof *walk->outcome);
    if (walk->value == NULL || walk->belief == NULL || walk->item == NULL || walk->outcome == NULL)
        return full(fault);
    enum fault_code code = load_doubts(walk, fault);
    if (code == FAULT_NONE)
        code = load_open_notices(walk, fault);
    if (code == FAULT_NONE)
        code = meet_second_source(walk, fault);
    if (code == FAULT_NONE)
        code = readings_walk(walk->scan->reader, walk->indicator_id, walk->from, walk->to, take_row,
                             walk, fault);
    return code == FAULT_NONE ? end_chunk(walk, fault) : code;
}

void scan_walk_free(struct scan_walk *walk)
{
    memory_free(walk->known);
    memory_free(walk->open);
    memory_free(walk->place);
    memory_free(walk->rival);
    memory_free(walk->value);
    memory_free(walk->belief);
    memory_free(walk->item);
    memory_free(walk->outcome);
    memory_free(walk->doubt);
    memory_free(walk->answer);
    memory_free(walk->note);
}

// --- Records ------------------------------------------------------------------------------------

struct record_walk {
    const struct pack_indicator *declared;
    bool is_simulated;
    int32_t period;
    unsigned char *belief;
    struct words_count *counts;
};

static enum fault_code add_to_record(void *context, const struct readings_row *row,
                                     struct fault *fault)
{
    (void)fault;
    struct record_walk *record = context;
    if (row->is_simulated != record->is_simulated)
        return FAULT_NONE;
    size_t first = row->count;
    for (size_t i = 0; i < row->count; i++) {
        record->belief[i] = row->batches[i] != 0 ? ANALYSIS_BELIEVED : ANALYSIS_UNREPORTED;
        if (row->batches[i] != 0 && first == row->count)
            first = i;
    }
    int32_t at = record->period - row->from;
    if (at <= 0 || first == row->count)
        return FAULT_NONE;
    struct analysis_history history = {
        .value = row->values, .belief = record->belief, .count = row->count, .first = first};
    for (size_t i = 0; i < record->declared->rule_count; i++) {
        size_t fired = 0, came_true = 0;
        if (record->declared->rules[i].cluster_periods == 0)
            continue;
        backtest_count_rule(&record->declared->rules[i], &history, (size_t)at, &fired, &came_true);
        record->counts[i].fired += fired;
        record->counts[i].came_true += came_true;
    }
    return FAULT_NONE;
}

enum fault_code scan_count_records(struct scan_walk *walk, bool is_simulated, int32_t period,
                                   struct words_count *counts, struct fault *fault)
{
    struct record_walk record = {walk->indicator.declared, is_simulated, period, NULL, counts};
    for (size_t i = 0; i < record.declared->rule_count; i++)
        counts[i] = (struct words_count){0, 0};
    record.belief = memory_allocate((size_t)(walk->to - walk->from + 1));
    if (record.belief == NULL)
        return full(fault);
    enum fault_code code = readings_walk(walk->scan->reader, walk->indicator_id, walk->from,
                                         walk->to, add_to_record, &record, fault);
    memory_free(record.belief);
    return code;
}
