// SPDX-License-Identifier: LGPL-3.0-or-later
//
// evaluation.c: thresholds, ratings and the trade-off curve of evaluation.h.
//
// Idea: everything is counted cell by cell from one question, what a cell is in this range: quiet,
// a period of an event that begins in the range, or neither. The curve sorts the scored cells once
// and walks the threshold down: an alarm in a quiet cell adds one to the false ones, an alarm in an
// event may be its first, and then only that event's terms of the sums change.
#include "analysis/evaluation.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/evaluation_priv.h"
#include "base/memory.h"

static const uint32_t POINT_NONE = UINT32_MAX;

enum evaluation_cell evaluation_cell_of(const struct analysis_scored *scored, size_t series,
                                        size_t point, const struct analysis_event **ret_event)
{
    const struct analysis_labels *labels = scored->labels;
    uint32_t label = labels->label[series * labels->stride + point];
    *ret_event = NULL;
    if (label == ANALYSIS_LABEL_QUIET)
        return EVALUATION_QUIET;
    if (label == ANALYSIS_LABEL_UNKNOWN)
        return EVALUATION_NEITHER;
    const struct analysis_event *event = &labels->event[label - 1];
    assert(label - 1 < labels->event_count && event->series == series);
    assert(point >= event->from && point < event->to);
    if (event->from < scored->from)
        return EVALUATION_NEITHER;
    *ret_event = event;
    return EVALUATION_EVENT;
}

static void check_range(const struct analysis_scored *scored)
{
    assert(scored->from <= scored->to && scored->to <= scored->labels->point_count);
    assert(scored->labels->frequency > 0);
}

// From point a to point b, in days where they are known.
static double distance(const struct analysis_labels *labels, size_t a, size_t b)
{
    if (labels->day == NULL)
        return (double)b - (double)a;
    return (double)labels->day[b] - (double)labels->day[a];
}

// The point behind the event's last one in the range.
static size_t end_of(const struct analysis_scored *scored, const struct analysis_event *event)
{
    return event->to < scored->to ? event->to : scored->to;
}

static bool begins_in(const struct analysis_scored *scored, const struct analysis_event *event)
{
    return event->from >= scored->from && event->from < scored->to;
}

static int compare_falling(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left < right) - (left > right);
}

bool analysis_set_threshold(const struct analysis_scored *scored, double budget,
                            struct analysis_threshold *ret_threshold)
{
    const struct analysis_labels *labels = scored->labels;
    const struct analysis_event *event = NULL;
    check_range(scored);
    assert(budget >= 0);
    size_t count = 0;
    double *quiet =
        memory_take((labels->series_count * (scored->to - scored->from) + 1) * sizeof *quiet);
    if (quiet == NULL)
        return false;
    for (size_t series = 0; series < labels->series_count; series++)
        for (size_t point = scored->from; point < scored->to; point++) {
            double score = scored->score[series * labels->stride + point];
            if (isfinite(score) &&
                evaluation_cell_of(scored, series, point, &event) == EVALUATION_QUIET)
                quiet[count++] = score;
        }
    qsort(quiet, count, sizeof *quiet, compare_falling);
    double allowed = floor(budget * (double)count / labels->frequency);
    ret_threshold->quiet_count = (double)count;
    ret_threshold->allowed = fmin(allowed, (double)count);
    if (count == 0)
        ret_threshold->threshold = INFINITY;
    else if (allowed >= (double)count)
        ret_threshold->threshold = -INFINITY;
    else
        ret_threshold->threshold = quiet[(size_t)allowed];
    memory_free(quiet);
    return true;
}

// Counts the cells of one series.
static void rate_cells(const struct analysis_scored *scored, double threshold, size_t series,
                       struct analysis_rating *rating)
{
    const struct analysis_event *event = NULL;
    for (size_t point = scored->from; point < scored->to; point++) {
        enum evaluation_cell cell = evaluation_cell_of(scored, series, point, &event);
        if (cell == EVALUATION_NEITHER)
            continue;
        double score = scored->score[series * scored->labels->stride + point];
        bool is_judged = isfinite(score), is_alarm = is_judged && score > threshold;
        rating->period_count++;
        rating->judged_count += is_judged;
        rating->alarm_count += is_alarm;
        if (cell == EVALUATION_QUIET) {
            rating->quiet_count += is_judged;
            rating->false_count += is_alarm;
        } else {
            rating->event_period_count++;
            rating->event_period_hits += is_alarm;
        }
    }
}

// The first point of the event that alarms, or the point behind its last.
static size_t find_alarm(const struct analysis_scored *scored, const struct analysis_event *event,
                         double threshold)
{
    const double *score = scored->score + event->series * scored->labels->stride;
    size_t end = end_of(scored, event), point = event->from;
    while (point < end && !(isfinite(score[point]) && score[point] > threshold))
        point++;
    return point;
}

// The first event of a series, or of one behind it.
static size_t find_events(const struct analysis_labels *labels, size_t series)
{
    size_t low = 0, high = labels->event_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (labels->event[middle].series < series)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void analysis_rate_threshold(const struct analysis_scored *scored, double threshold,
                             uint32_t series, struct analysis_rating *ret_rating)
{
    const struct analysis_labels *labels = scored->labels;
    struct analysis_rating rating = {0};
    check_range(scored);
    assert(series == ANALYSIS_SERIES_ALL || series < labels->series_count);
    size_t first = series == ANALYSIS_SERIES_ALL ? 0 : series;
    size_t last = series == ANALYSIS_SERIES_ALL ? labels->series_count : first + 1;
    for (size_t s = first; s < last; s++)
        rate_cells(scored, threshold, s, &rating);
    double delay = 0, lead_found = 0, lead = 0, late = 0;
    for (size_t i = find_events(labels, first);
         i < labels->event_count && labels->event[i].series < last; i++) {
        const struct analysis_event *event = &labels->event[i];
        if (!begins_in(scored, event))
            continue;
        size_t alarm = find_alarm(scored, event, threshold), end = end_of(scored, event);
        double ahead = distance(labels, alarm, event->peak);
        rating.event_count++;
        lead += ahead;
        late += (double)(alarm - event->from) / (double)(end - event->from);
        if (alarm < end) {
            rating.found_count++;
            delay += distance(labels, event->from, alarm);
            lead_found += ahead;
        }
    }
    // 0 / 0 is NaN: a share of nothing.
    rating.false_rate = rating.false_count / rating.quiet_count;
    rating.false_a_year = rating.false_rate * labels->frequency;
    rating.precision = rating.event_period_hits / rating.alarm_count;
    rating.recall = rating.found_count / rating.event_count;
    rating.detection = rating.event_period_hits / rating.event_period_count;
    rating.delay = delay / rating.found_count;
    rating.lead_found = lead_found / rating.found_count;
    rating.lead = lead / rating.event_count;
    rating.timeliness = late / rating.event_count;
    *ret_rating = rating;
}

// --- The curve ----------------------------------------------------------------------------------

struct cell {
    double score;
    uint32_t event; // index, or POINT_NONE for a quiet one
    uint32_t point;
};

struct walk {
    const struct analysis_scored *scored;
    struct cell *cell;
    size_t cell_count, quiet_count;
    uint32_t *alarm; // per event: its first alarm so far, or the point behind its last
    double event_count, found_count;
    double lead, late, delay; // sums
    double false_count;
    struct analysis_trades trades;
    size_t capacity;
};

static int compare_cells(const void *a, const void *b)
{
    return compare_falling(&((const struct cell *)a)->score, &((const struct cell *)b)->score);
}

static bool gather_cells(struct walk *walk)
{
    const struct analysis_scored *scored = walk->scored;
    const struct analysis_labels *labels = scored->labels;
    const struct analysis_event *event = NULL;
    walk->cell =
        memory_take((labels->series_count * (scored->to - scored->from) + 1) * sizeof *walk->cell);
    walk->alarm = memory_take((labels->event_count + 1) * sizeof *walk->alarm);
    if (walk->cell == NULL || walk->alarm == NULL)
        return false;
    for (size_t series = 0; series < labels->series_count; series++)
        for (size_t point = scored->from; point < scored->to; point++) {
            double score = scored->score[series * labels->stride + point];
            enum evaluation_cell kind = evaluation_cell_of(scored, series, point, &event);
            if (!isfinite(score) || kind == EVALUATION_NEITHER)
                continue;
            walk->quiet_count += kind == EVALUATION_QUIET;
            walk->cell[walk->cell_count++] =
                (struct cell){score, event == NULL ? POINT_NONE : (uint32_t)(event - labels->event),
                              (uint32_t)point};
        }
    qsort(walk->cell, walk->cell_count, sizeof *walk->cell, compare_cells);
    return true;
}

// With no alarm at all.
static void begin_walk(struct walk *walk)
{
    const struct analysis_labels *labels = walk->scored->labels;
    for (size_t i = 0; i < labels->event_count; i++) {
        const struct analysis_event *event = &labels->event[i];
        if (!begins_in(walk->scored, event))
            continue;
        walk->alarm[i] = (uint32_t)end_of(walk->scored, event);
        walk->event_count++;
        walk->lead += distance(labels, walk->alarm[i], event->peak);
        walk->late++;
    }
}

// An alarm in an event: true when it is its first.
static bool hit_event(struct walk *walk, const struct cell *cell)
{
    const struct analysis_labels *labels = walk->scored->labels;
    const struct analysis_event *event = &labels->event[cell->event];
    size_t before = walk->alarm[cell->event], end = end_of(walk->scored, event);
    if (cell->point >= before)
        return false;
    bool is_new = before == end;
    walk->found_count += is_new;
    walk->lead += distance(labels, cell->point, before);
    walk->late -= (double)(before - cell->point) / (double)(end - event->from);
    walk->delay += distance(labels, event->from, cell->point) -
                   (is_new ? 0 : distance(labels, event->from, before));
    walk->alarm[cell->event] = cell->point;
    return true;
}

static bool add_trade(struct walk *walk, double threshold)
{
    struct analysis_trades *trades = &walk->trades;
    if (!memory_grow((void **)&trades->trade, trades->count, &walk->capacity,
                     sizeof *trades->trade))
        return false;
    double frequency = walk->scored->labels->frequency;
    trades->trade[trades->count++] = (struct analysis_trade){
        .threshold = threshold,
        .false_count = walk->false_count,
        .false_a_year =
            walk->quiet_count == 0 ? 0 : walk->false_count / (double)walk->quiet_count * frequency,
        .found_count = walk->found_count,
        .recall = walk->found_count / walk->event_count,
        .lead = walk->lead / walk->event_count,
        .timeliness = walk->late / walk->event_count,
        .delay = walk->delay / walk->found_count};
    return true;
}

static bool walk_down(struct walk *walk)
{
    if (!add_trade(walk, INFINITY))
        return false;
    for (size_t i = 0; i < walk->cell_count;) {
        double threshold = walk->cell[i].score;
        bool is_corner = false;
        // Equal scores alarm together.
        for (; i < walk->cell_count && walk->cell[i].score == threshold; i++) {
            if (walk->cell[i].event == POINT_NONE)
                walk->false_count++;
            else if (hit_event(walk, &walk->cell[i]))
                is_corner = true;
        }
        if (is_corner && !add_trade(walk, threshold))
            return false;
    }
    return true;
}

bool analysis_trace_trades(const struct analysis_scored *scored, struct analysis_trades *ret_trades)
{
    struct walk walk = {.scored = scored};
    check_range(scored);
    bool is_complete = gather_cells(&walk);
    if (is_complete) {
        begin_walk(&walk);
        is_complete = walk_down(&walk);
    }
    memory_free(walk.cell);
    memory_free(walk.alarm);
    if (!is_complete)
        analysis_free_trades(&walk.trades);
    *ret_trades = walk.trades;
    return is_complete;
}

const struct analysis_trade *analysis_find_trade(const struct analysis_trades *trades,
                                                 double false_a_year)
{
    assert(trades->count > 0 && false_a_year >= 0);
    size_t low = 0, high = trades->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (trades->trade[middle].false_a_year <= false_a_year)
            low = middle;
        else
            high = middle;
    }
    return &trades->trade[low];
}

void analysis_free_trades(struct analysis_trades *trades)
{
    memory_free(trades->trade);
    *trades = (struct analysis_trades){0};
}
