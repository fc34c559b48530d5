// SPDX-License-Identifier: LGPL-3.0-or-later
//
// stream.c: one series, one more point at a time, with the numbers of `batch`.
//
// Idea: a stream keeps just as much past as the method looks back on and hands it to the detector's
// own batch as a panel of one series whose last point is judged. So there is one arithmetic, and no
// second way to be wrong. The past lies in a buffer of twice its length: points are added behind,
// and when the buffer is full the newest half moves to the front.
//
//     | struct | value 2H | population 2H | columns 2H each | day 2H | outcome 2H |   H = reach + 1
//                [....past....k]                                                    used <= 2H
//
// A chart (chart.h) runs on from point to point: there the stream holds its state in place of the
// past and steps it, as its batch does.
//
//     | struct | state |
//
// The memory holds no pointer into itself, so a copy is a snapshot; a calendar is the caller's.
#include <string.h>

#include "analysis/chart.h"

struct analysis_stream {
    const struct analysis_detector *detector;
    double option[ANALYSIS_OPTIONS_MAX];
    int frequency;
    bool is_dated;
    const struct analysis_calendar *calendar;
    size_t reach; // points looked back on
    size_t used;
    double buffer[];
};

enum { POINT_SIZE = (2 + ANALYSIS_COLUMNS) * sizeof(double) + sizeof(int32_t) + sizeof(uint16_t) };

// Points before the judged one that a method may need: its start, and where it goes by calendar
// years two points a year more than the frequency says, and the few of the recent sum.
static size_t reach_of(const struct analysis_detector *detector, const double *option,
                       int frequency)
{
    if (detector->reach != NULL)
        return detector->reach(option, frequency);
    size_t reach = detector->start(option, frequency);
    if (detector->is_seasonal && frequency > 0)
        reach += 2 * (reach / (size_t)frequency + 1) + 4;
    for (size_t i = 0; i < detector->option_count; i++)
        if (strcmp(detector->option[i].name, "limit_period") == 0 && (size_t)option[i] > reach)
            reach = (size_t)option[i];
    return reach;
}

size_t analysis_stream_size(const struct analysis_detector *detector, const double *option,
                            int frequency)
{
    if (detector->stream != NULL)
        return sizeof(struct analysis_stream) +
               detector->stream->size(option, frequency, detector->start(option, frequency));
    size_t points = 2 * (reach_of(detector, option, frequency) + 1);
    return sizeof(struct analysis_stream) + points * POINT_SIZE;
}

struct analysis_stream *analysis_stream_begin(void *memory,
                                              const struct analysis_detector *detector,
                                              const double *option, int frequency, bool is_dated)
{
    assert(memory != NULL && detector != NULL);
    struct analysis_stream *stream = memory;
    *stream = (struct analysis_stream){
        .detector = detector,
        .frequency = frequency,
        .is_dated = is_dated,
        .reach = detector->stream != NULL ? detector->start(option, frequency)
                                          : reach_of(detector, option, frequency),
    };
    memcpy(stream->option, option, sizeof stream->option);
    if (detector->stream != NULL)
        chart_begin(detector->stream, stream->buffer, option, frequency, stream->reach);
    return stream;
}

void analysis_stream_follow(struct analysis_stream *stream,
                            const struct analysis_calendar *calendar)
{
    assert(stream->is_dated);
    stream->calendar = calendar;
}

static bool add_to_window(struct analysis_stream *stream, double value, double population,
                          int32_t day, struct analysis_point *ret_point)
{
    size_t room = 2 * (stream->reach + 1);
    double *values = stream->buffer, *populations = values + room, *columns = populations + room;
    int32_t *days = (int32_t *)(columns + ANALYSIS_COLUMNS * room);
    uint16_t *outcomes = (uint16_t *)(days + room);
    if (stream->used == room) {
        size_t from = room - stream->reach;
        memmove(values, values + from, stream->reach * sizeof *values);
        memmove(populations, populations + from, stream->reach * sizeof *populations);
        memmove(days, days + from, stream->reach * sizeof *days);
        stream->used = stream->reach;
    }
    size_t at = stream->used++;
    assert(at < room);
    values[at] = value;
    populations[at] = population;
    days[at] = day;
    struct analysis_panel panel = {
        .series_count = 1,
        .point_count = at + 1,
        .stride = at + 1,
        .value = values,
        .population = populations,
        .day = stream->is_dated ? days : NULL,
        .calendar = stream->calendar,
        .frequency = stream->frequency,
        .from = at,
        .to = at + 1,
    };
    // The outputs have the panel's shape, of which only the last place is written.
    struct analysis_output output = {.outcome = outcomes};
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        output.column[column] = columns + (size_t)column * room;
    if (!stream->detector->batch(&panel, stream->option, &output))
        return false;
    *ret_point = (struct analysis_point){.outcome = outcomes[at]};
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        if (stream->detector->columns >> column & outcomes[at] >> column & 1)
            ret_point->column[column] = output.column[column][at];
    return true;
}

bool analysis_stream_add(struct analysis_stream *stream, double value, double population,
                         int32_t day, struct analysis_point *ret_point)
{
    if (stream->detector->stream != NULL)
        return chart_add(stream->detector->stream, stream->buffer, value, population, ret_point);
    return add_to_window(stream, value, population, day, ret_point);
}
