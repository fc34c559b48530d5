// SPDX-License-Identifier: GPL-3.0-or-later
//
// title.c: the title of a situation, a sentence made of what stands as of the instant.
//
//     Dalian: 12 cases in 4 days, level orange held; the figure of 2020-07-25 is not believed
//     |       |                   |                  |
//     place   what changed        level              what is in doubt; who else; how long it lasts
//
// A situation is titled by its worst open notice. Where notices of the same indicator stand within
// one level of the worst in several divisions, it is a matter of all of these: the title then names
// the division around them and their number. Notices far below the worst are named behind it
// ("also in Tieling"). A title is never stored: a past view has the title of its day.
#include <assert.h>
#include <math.h>

#include "base/time.h"
#include "judgement/judgement_priv.h"
#include "judgement/newest.h"
#include "judgement/words.h"

enum { SUM_PERIODS = 14, ALSO = 3, NEAR_LEVELS = 1 };

struct titling {
    struct store_reader *reader;
    json_t *row;   // of the situation; borrowed
    json_t *parts; // rows of situation_parts, the worst first
    const json_t *worst;
    size_t spread; // divisions with the worst's indicator, within NEAR_LEVELS of its level
};

static bool is_same_matter(const struct titling *titling, const json_t *part)
{
    return json_is_true(json_object_get(part, "is_open")) &&
           json_equal(json_object_get(part, "indicator"),
                      json_object_get(titling->worst, "indicator"));
}

static bool is_near(const struct titling *titling, const json_t *part)
{
    return is_same_matter(titling, part) && json_integer_or(part, "level", 0) + NEAR_LEVELS >=
                                                json_integer_or(titling->worst, "level", 0);
}

static json_t *argument_of(const json_t *part, const char *name)
{
    const json_t *arguments = json_object_get(json_object_get(part, "title"), "arguments");
    json_t *value = json_object_get(arguments, name);
    return value == NULL ? json_string("") : json_incref(value);
}

static bool has_title(const json_t *part, enum text_key key)
{
    return span_is(json_text_or(json_object_get(part, "title"), "key", ""), text_name(key));
}

// The believed sum from the notice's first period to its newest. *ret_periods 0: it is not asked
// for, because the notice is of one period only or older than SUM_PERIODS.
static enum fault_code load_sum(const struct titling *titling, double *ret_sum,
                                int64_t *ret_periods, struct fault *fault)
{
    const json_t *worst = titling->worst;
    double value[SUM_PERIODS];
    int64_t batch[SUM_PERIODS];
    int32_t from = (int32_t)json_integer_or(worst, "first_period", 0);
    int32_t to = (int32_t)json_integer_or(worst, "period", 0);
    int64_t series = json_integer_or(worst, "series", 0);
    json_t *doubts = NULL, *doubt = NULL;
    *ret_sum = 0;
    *ret_periods = to - from + 1;
    if (*ret_periods < 2 || *ret_periods > SUM_PERIODS) {
        *ret_periods = 0;
        return FAULT_NONE;
    }
    enum fault_code code = readings_load(titling->reader, series, from, to, value, batch, fault);
    if (code == FAULT_NONE)
        code =
            newest_query(titling->reader, QUERY_DOUBTS_OF_SERIES, "series", series, &doubts, fault);
    for (int32_t i = 0; code == FAULT_NONE && i <= to - from; i++)
        *ret_sum += batch[i] == 0 ? 0 : value[i];
    size_t k = 0;
    json_array_foreach(doubts, k, doubt)
    {
        int64_t at = json_integer_or(doubt, "period", 0) - from;
        if (at >= 0 && at <= to - from && json_is_true(json_object_get(doubt, "is_open")))
            *ret_sum -= batch[at] == 0 ? 0 : value[at];
    }
    json_decref(doubts);
    return code;
}

static json_t *say_places(int64_t level, size_t count)
{
    json_t *number = json_integer((json_int_t)count);
    if (level == PACK_CITY)
        return say(TEXT_PLACES_CITIES, number);
    return level == PACK_COUNTY ? say(TEXT_PLACES_COUNTIES, number)
                                : say(TEXT_PLACES_TOWNSHIPS, number);
}

// What changed: how far it spread, how much there is, or what one figure shows.
static enum fault_code say_what(const struct titling *titling, json_t **ret_what,
                                struct fault *fault)
{
    const json_t *worst = titling->worst;
    double sum = 0;
    int64_t periods = 0;
    if (titling->spread > 1) {
        json_t *places = say_places(json_integer_or(worst, "division_level", 0), titling->spread);
        bool is_down = span_is(json_text_or(worst, "direction", ""), "down");
        *ret_what = is_down
                        ? say(TEXT_SITUATION_SPREAD_DOWN, say_row_names(worst, "indicator"), places)
                        : say(TEXT_SITUATION_SPREAD_UP, say_row_names(worst, "indicator"), places);
        return FAULT_NONE;
    }
    json_t *indicator = say_row_names(worst, "indicator");
    enum fault_code code = FAULT_NONE;
    if (has_title(worst, TEXT_NOTICE_TITLE_FIRST)) {
        *ret_what = say(TEXT_SITUATION_FIRST, argument_of(worst, "span"), indicator,
                        json_incref(json_object_get(worst, "value")));
    } else if (has_title(worst, TEXT_NOTICE_TITLE_SUM)) {
        code = load_sum(titling, &sum, &periods, fault);
        *ret_what = say(TEXT_SITUATION_SUM, indicator,
                        periods > 0 ? say_number(sum) : argument_of(worst, "sum"),
                        say_row_names(worst, "unit"),
                        periods > 0 ? words_span(newest_frequency(worst), periods)
                                    : argument_of(worst, "span"));
    } else if (has_title(worst, TEXT_NOTICE_TITLE_BAND)) {
        *ret_what = say(TEXT_SITUATION_BAND, indicator, argument_of(worst, "value"),
                        say_row_names(worst, "unit"), argument_of(worst, "label"));
    } else {
        *ret_what = say(TEXT_SITUATION_HIGH, indicator, argument_of(worst, "value"));
    }
    return code;
}

// The level's word where it says more than the mark beside the title; NULL: it does not.
static json_t *say_level_part(const struct titling *titling)
{
    const json_t *worst = titling->worst;
    int64_t at = json_integer_or(worst, "level_period", 0);
    if (titling->spread > 1)
        return NULL;
    if (json_is_true(json_object_get(worst, "is_held")))
        return say(TEXT_SITUATION_LEVEL_HELD, say_level(json_integer_or(worst, "level", 0)));
    bool is_up = at == json_integer_or(worst, "period", 0) &&
                 at != json_integer_or(worst, "first_period", 0);
    return is_up ? say(TEXT_SITUATION_LEVEL_UP, say_level(json_integer_or(worst, "level", 0)))
                 : NULL;
}

// Divisions with the same indicator, far below the worst; NULL: there are none.
static json_t *say_also(const struct titling *titling)
{
    json_t *places = json_array(), *part = NULL;
    size_t i = 0;
    json_array_foreach(titling->parts, i, part)
    {
        if (is_same_matter(titling, part) && !is_near(titling, part) &&
            json_array_size(places) < ALSO)
            json_array_append_new(places, say_row_names(part, "division"));
    }
    if (json_array_size(places) > 0)
        return say(TEXT_SITUATION_ALSO, places);
    json_decref(places);
    return NULL;
}

// How long something lasts in the division of a part, where the event has such a series: the
// earliest end so far stays.
static enum fault_code take_cover(const struct titling *titling, const json_t *part,
                                  json_t **ret_cover, int32_t *until, struct fault *fault)
{
    json_t *rows = NULL;
    json_t *parameters = json_pack(
        "{s:O, s:O, s:O}", "event", json_object_get(titling->row, "event"), "origin",
        json_object_get(titling->row, "origin"), "division", json_object_get(part, "division"));
    enum fault_code code =
        store_reader_query(titling->reader, QUERY_SITUATION_COVERS, parameters, &rows, fault);
    struct newest_figure figure = {0};
    const json_t *row = json_array_get(rows, 0);
    if (code == FAULT_NONE && row != NULL)
        code = newest_load(titling->reader, json_integer_or(row, "id", 0), &figure, fault);
    int32_t end = figure.period + (int32_t)floor(fmin(fmax(figure.value, 0), 1200));
    if (code == FAULT_NONE && figure.is_there && (*ret_cover == NULL || end < *until)) {
        char text[24];
        time_write_period(newest_frequency(row), end, text, sizeof text);
        json_decref(*ret_cover);
        *ret_cover = say(TEXT_SITUATION_COVERS, say_row_names(row, "covers"), json_string(text));
        *until = end;
    }
    json_decref(parameters);
    json_decref(rows);
    return code;
}

static json_t *joined(json_t *first, json_t *second, enum text_key key)
{
    if (first == NULL || second == NULL)
        return first == NULL ? second : first;
    return say_with(key, (json_t *[SAY_ARGUMENTS]){first, second});
}

// Where the title says it is; in several divisions, the one around them, which the row then names.
static enum fault_code find_place(struct titling *titling, struct fault *fault)
{
    json_t *part = NULL, *rows = NULL;
    int64_t low = json_integer_or(titling->worst, "low", 0);
    int64_t high = json_integer_or(titling->worst, "high", 0);
    size_t i = 0;
    json_array_foreach(titling->parts, i, part)
    {
        if (!is_near(titling, part))
            continue;
        titling->spread++;
        low = json_integer_or(part, "low", 0) < low ? json_integer_or(part, "low", 0) : low;
        high = json_integer_or(part, "high", 0) > high ? json_integer_or(part, "high", 0) : high;
    }
    json_t *parameters = json_pack("{s:I, s:I}", "low", (json_int_t)low, "high", (json_int_t)high);
    enum fault_code code =
        store_reader_query(titling->reader, QUERY_DIVISION_AROUND, parameters, &rows, fault);
    const json_t *place = json_array_get(rows, 0);
    if (code == FAULT_NONE && place != NULL) {
        json_object_set(titling->row, "division", json_object_get(place, "id"));
        json_object_set(titling->row, "division_code", json_object_get(place, "code"));
        json_object_set(titling->row, "division_zh", json_object_get(place, "name_zh"));
        json_object_set(titling->row, "division_en", json_object_get(place, "name_en"));
    }
    json_decref(parameters);
    json_decref(rows);
    return code;
}

static enum fault_code make_title(struct titling *titling, struct fault *fault)
{
    json_t *what = NULL, *cover = NULL, *part = NULL, *doubt = NULL;
    int32_t until = 0;
    size_t i = 0;
    enum fault_code code = find_place(titling, fault);
    if (code == FAULT_NONE)
        code = say_what(titling, &what, fault);
    json_array_foreach(titling->parts, i, part)
    {
        if (code == FAULT_NONE && is_near(titling, part))
            code = take_cover(titling, part, &cover, &until, fault);
    }
    if (json_is_string(json_object_get(titling->worst, "doubt")))
        doubt =
            say(TEXT_SITUATION_NOT_BELIEVED, json_incref(json_object_get(titling->worst, "doubt")));
    what = joined(what, say_level_part(titling), TEXT_SITUATION_WITH);
    what = joined(what, doubt, TEXT_SITUATION_AND);
    what = joined(what, say_also(titling), TEXT_SITUATION_AND);
    what = joined(what, cover, TEXT_SITUATION_AND);
    if (code != FAULT_NONE) {
        json_decref(what);
        return code;
    }
    json_object_set_new(titling->row, "title",
                        say(TEXT_SITUATION_TITLE, say_row_names(titling->row, "division"), what));
    return FAULT_NONE;
}

// One row of a query of situations: with the columns id, event, origin, worst, is_open and the
// division's. A closed situation keeps the words of its worst notice.
static enum fault_code finish_row(struct store_reader *reader, json_t *row, struct fault *fault)
{
    struct titling titling = {.reader = reader, .row = row};
    enum fault_code code = newest_query(reader, QUERY_SITUATION_PARTS, "situation",
                                        json_integer_or(row, "id", 0), &titling.parts, fault);
    titling.worst = json_array_get(titling.parts, 0);
    if (code == FAULT_NONE && titling.worst != NULL) {
        if (json_is_true(json_object_get(titling.worst, "is_open")))
            code = make_title(&titling, fault);
        else
            json_object_set(row, "title", json_object_get(row, "worst"));
    }
    json_decref(titling.parts);
    return code;
}

enum fault_code situation_title_finish(const struct query_context *context, json_t *rows,
                                       struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    size_t i = 0;
    json_t *row = NULL;
    assert(context->reader != NULL);
    json_array_foreach(rows, i, row)
    {
        if (code == FAULT_NONE)
            code = finish_row(context->reader, row, fault);
    }
    return code;
}
