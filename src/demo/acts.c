// SPDX-License-Identifier: GPL-3.0-or-later
//
// acts.c: what is pinned and recorded beside the figures, on the morning on which it became known.
//
// acts.csv holds public acts and later findings, each with its source, and the dated events against
// which a lead time may be claimed; instructions.csv holds invented instructions to offices of
// Lindi, with the morning on which each was given and on which it was reported as carried out;
// typed.csv the figures that counties of Lindi have typed before the story opens;
// answers.csv says, from the feed itself, why a figure of its past that two sources disputed
// stands.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "demo/demo_priv.h"
#include "demo/figures.h"
#include "demo/lindi.h"
#include "demo/sender.h"

enum { MINUTE_KNOWN = 6 * 60 + 50 };

// Cells of a row of acts.csv, and of instructions.csv.
enum {
    ACT_KNOWN,
    ACT_TIME,
    ACT_DIVISION,
    ACT_KIND,
    ACT_ZH,
    ACT_EN,
    ACT_WHO_ZH,
    ACT_WHO_EN,
    ACT_SOURCE_ZH,
    ACT_SOURCE_EN,
    ACT_DAY_ZH,
    ACT_DAY_EN,
    ACT_CELLS
};
enum { GIVEN, DONE, UNIT, DUE, TEXT_ZH, TEXT_EN, INSTRUCTION_CELLS };
enum { TYPED_DAY, TYPED_DIVISION, TYPED_INDICATOR, TYPED_PERIOD, TYPED_MINUTES, TYPED_CELLS };
enum { ANSWERED, ANSWER_DIVISION, ANSWER_PERIOD, ANSWER, REASON_ZH, REASON_EN, ANSWER_CELLS };

static json_t *text_of(struct span span)
{
    return json_stringn(span.data == NULL ? "" : span.data, span.size);
}

int64_t demo_instant(struct span text)
{
    char buffer[48];
    int64_t instant = 0;
    assert(text.size < sizeof buffer - 7);
    memcpy(buffer, text.data, text.size);
    memcpy(buffer + text.size, "+08:00", sizeof "+08:00");
    bool is_read = time_read_instant(span_from(buffer), &instant);
    assert(is_read);
    return instant;
}

static enum fault_code pin_act(struct store *store, int64_t number, const struct span *cell,
                               int64_t division, struct fault *fault)
{
    static const struct span nothing;
    json_t *body = json_pack(
        "{s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "division", (json_int_t)division, "kind",
        text_of(cell[ACT_KIND]), "act_at", (json_int_t)demo_instant(cell[ACT_TIME]), "day_text_zh",
        text_of(cell[ACT_DAY_ZH]), "day_text_en", text_of(cell[ACT_DAY_EN]), "act_zh",
        text_of(cell[ACT_ZH]), "act_en", text_of(cell[ACT_EN]), "source_zh",
        text_of(cell[ACT_SOURCE_ZH]), "source_en", text_of(cell[ACT_SOURCE_EN]));
    if (cell[ACT_WHO_ZH].size > 0) {
        json_object_set_new(body, "authority_zh", text_of(cell[ACT_WHO_ZH]));
        json_object_set_new(body, "authority_en", text_of(cell[ACT_WHO_EN]));
    }
    return demo_send(store, "official_act.pin", number, body, nothing, fault);
}

// A dated event: the only thing against which a lead time may be claimed.
static enum fault_code record_event(struct store *store, int64_t number, const struct span *cell,
                                    int64_t division, struct fault *fault)
{
    static const struct span nothing;
    struct span day = {cell[ACT_TIME].data, sizeof "2020-07-22" - 1};
    json_t *body =
        json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "division", (json_int_t)division,
                  "field", "epidemic", "kind", text_of(cell[ACT_KIND]), "day", text_of(day),
                  "text_zh", text_of(cell[ACT_ZH]), "text_en", text_of(cell[ACT_EN]), "source_zh",
                  text_of(cell[ACT_SOURCE_ZH]), "source_en", text_of(cell[ACT_SOURCE_EN]));
    return demo_send(store, "event.record", number, body, nothing, fault);
}

static enum fault_code land_acts(struct store *store, int64_t known_at, const json_t *divisions,
                                 struct fault *fault)
{
    struct span rest = demo_file("acts.csv"), cell[ACT_CELLS];
    enum fault_code code = FAULT_NONE;
    (void)span_cut(&rest, '\n');
    for (int64_t number = 1;
         code == FAULT_NONE && demo_read_cells(&rest, cell, ACT_CELLS) == ACT_CELLS; number++) {
        if (demo_instant(cell[ACT_KNOWN]) != known_at)
            continue;
        int64_t division = demo_find_id(divisions, "code", cell[ACT_DIVISION]);
        bool is_act = span_is(cell[ACT_KIND], "official") || span_is(cell[ACT_KIND], "finding");
        code = is_act ? pin_act(store, number, cell, division, fault)
                      : record_event(store, number, cell, division, fault);
    }
    return code;
}

static enum fault_code give_instruction(struct store *store, int64_t number,
                                        const struct span *cell, struct fault *fault)
{
    static const struct span nothing;
    json_t *units = NULL;
    enum fault_code code = demo_ask(store, QUERY_UNIT_BY_CODE,
                                    json_pack("{s:o}", "code", text_of(cell[UNIT])), &units, fault);
    if (code == FAULT_NONE) {
        json_t *body = json_pack("{s:O, s:I, s:o, s:o}", "unit",
                                 json_object_get(json_array_get(units, 0), "id"), "due_at",
                                 (json_int_t)demo_instant(cell[DUE]), "text_zh",
                                 text_of(cell[TEXT_ZH]), "text_en", text_of(cell[TEXT_EN]));
        code = demo_send(store, "instruction.record", number, body, nothing, fault);
    }
    json_decref(units);
    return code;
}

static enum fault_code finish_instruction(struct store *store, int64_t number,
                                          const struct span *cell, struct fault *fault)
{
    static const struct span nothing;
    json_t *rows = NULL;
    enum fault_code code = demo_ask(store, QUERY_REPLAY_INSTRUCTION, NULL, &rows, fault);
    if (code == FAULT_NONE) {
        int64_t id = demo_find_id(rows, "text_zh", cell[TEXT_ZH]);
        code = demo_send(store, "instruction.record", number,
                         json_pack("{s:I}", "instruction", (json_int_t)id), nothing, fault);
    }
    json_decref(rows);
    return code;
}

static bool is_day(struct span text, int32_t day)
{
    enum time_frequency frequency;
    int32_t ordinal = 0;
    return time_read_period(text, &frequency, &ordinal) && ordinal == day;
}

static enum fault_code land_instructions(struct store *store, int32_t day, struct fault *fault)
{
    struct span rest = demo_file("instructions.csv"), cell[INSTRUCTION_CELLS];
    enum fault_code code = FAULT_NONE;
    (void)span_cut(&rest, '\n');
    for (int64_t number = 2;
         code == FAULT_NONE && demo_read_cells(&rest, cell, INSTRUCTION_CELLS) == INSTRUCTION_CELLS;
         number += 2) {
        if (is_day(cell[GIVEN], day))
            code = give_instruction(store, number, cell, fault);
        else if (is_day(cell[DONE], day))
            code = finish_instruction(store, number + 1, cell, fault);
    }
    return code;
}

// The question that is open about a figure; 0: none.
static int64_t find_question(const json_t *rows, const struct span *cell)
{
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        struct span division = json_text_or(row, "division", "");
        if (span_equal(division, cell[ANSWER_DIVISION]) &&
            span_equal(json_text_or(row, "period", ""), cell[ANSWER_PERIOD]))
            return json_integer_or(row, "question", 0);
    }
    return 0;
}

enum fault_code demo_answer_questions(struct store *store, int32_t day, struct fault *fault)
{
    static const struct span nothing;
    struct span rest = demo_file("answers.csv"), cell[ANSWER_CELLS];
    enum fault_code code = FAULT_NONE;
    (void)span_cut(&rest, '\n');
    for (int64_t number = 1;
         code == FAULT_NONE && demo_read_cells(&rest, cell, ANSWER_CELLS) == ANSWER_CELLS;
         number++) {
        json_t *rows = NULL;
        if (!is_day(cell[ANSWERED], day))
            continue;
        code = demo_ask(store, QUERY_REPLAY_QUESTION, NULL, &rows, fault);
        int64_t question = find_question(rows, cell);
        json_decref(rows);
        if (code == FAULT_NONE && question != 0)
            code = demo_send(store, "reading.answer", number,
                             json_pack("{s:I, s:o, s:o, s:o}", "question", (json_int_t)question,
                                       "answer", text_of(cell[ANSWER]), "reason_zh",
                                       text_of(cell[REASON_ZH]), "reason_en",
                                       text_of(cell[REASON_EN])),
                             nothing, fault);
    }
    return code;
}

// Lindi's scope, in the name of one of its offices.
static enum fault_code find_office(struct store *store, int64_t unit, int64_t post,
                                   struct store_actor *ret_actor, struct fault *fault)
{
    enum fault_code code = store_find_actor(store, span_from("lindi"), ret_actor, fault);
    ret_actor->account = 0;
    ret_actor->unit = unit;
    ret_actor->post = post;
    return code;
}

// One command of an office, under an id made of `number`. `body` is taken over.
static enum fault_code act(struct store *store, const struct store_actor *office, int64_t number,
                           const char *name, json_t *body, struct fault *fault)
{
    struct command_request request = {.name = name, .body = body, .actor = *office};
    if (body == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    store_derive_id(store, number, name, request.id);
    enum fault_code code = store_run_command(store, &request, NULL, fault);
    json_decref(body);
    return code;
}

// One notice of Lindi: taken over and upheld by the office that was rung.
static enum fault_code uphold(struct store *store, const json_t *row, struct fault *fault)
{
    struct store_actor office;
    int64_t notice = json_integer_or(row, "id", 0);
    enum fault_code code = find_office(store, json_integer_or(row, "unit", 0),
                                       json_integer_or(row, "post", 0), &office, fault);
    // A notice whose level has risen since it was upheld is upheld anew.
    int64_t number = json_integer_or(row, "sequence", 0);
    if (code == FAULT_NONE && span_is(json_text_or(row, "state", ""), "raised"))
        code = act(store, &office, number, "notice.take_over",
                   json_pack("{s:I}", "notice", (json_int_t)notice), fault);
    if (code == FAULT_NONE)
        code =
            act(store, &office, number, "notice.judge",
                json_pack("{s:I, s:s, s:s, s:s}", "notice", (json_int_t)notice, "verdict", "upheld",
                          "reason_zh", text_sentence(TEXT_DEMO_LINDI_REASON, TEXT_CHINESE),
                          "reason_en", text_sentence(TEXT_DEMO_LINDI_REASON, TEXT_ENGLISH)),
                fault);
    return code;
}

// One line of typed.csv: the county's finance office types a figure.
static enum fault_code type_figure(struct store *store, uint64_t seed, const json_t *series,
                                   int64_t number, const struct span *cell, struct fault *fault)
{
    struct store_actor office;
    char unit_code[32], value[24];
    json_t *units = NULL, *posts = NULL, *row = NULL;
    size_t index = 0;
    int64_t id = 0, minutes = 0;
    enum time_frequency frequency;
    int32_t month = 0;
    bool is_read = time_read_period(cell[TYPED_PERIOD], &frequency, &month) &&
                   span_to_integer(cell[TYPED_MINUTES], &minutes);
    assert(is_read && span_is(cell[TYPED_INDICATOR], demo_watch_indicator[DEMO_WAGE_COVER]));
    json_array_foreach(series, index, row)
    {
        if (span_equal(json_text_or(row, "indicator", ""), cell[TYPED_INDICATOR]) &&
            span_equal(json_text_or(row, "division", ""), cell[TYPED_DIVISION]))
            id = json_integer_or(row, "id", 0);
    }
    snprintf(unit_code, sizeof unit_code, "%.*s-finance", (int)cell[TYPED_DIVISION].size,
             cell[TYPED_DIVISION].data);
    int county = cell[TYPED_DIVISION].data[5] - '1';
    snprintf(value, sizeof value, "%.1f", 0.1 * (double)demo_lindi_wage_cover(seed, county, month));
    enum fault_code code =
        demo_ask(store, QUERY_UNIT_BY_CODE, json_pack("{s:s}", "code", unit_code), &units, fault);
    int64_t unit = json_integer_or(json_array_get(units, 0), "id", 0);
    if (code == FAULT_NONE)
        code = demo_ask(store, QUERY_UNIT_POST, json_pack("{s:I}", "unit", (json_int_t)unit),
                        &posts, fault);
    if (code == FAULT_NONE)
        code = find_office(store, unit, json_integer_or(json_array_get(posts, 0), "post", 0),
                           &office, fault);
    if (code == FAULT_NONE)
        code = act(store, &office, number, "readings.type",
                   json_pack("{s:I, s:o, s:s, s:I}", "series", (json_int_t)id, "period",
                             text_of(cell[TYPED_PERIOD]), "value", value, "minutes",
                             (json_int_t)minutes),
                   fault);
    json_decref(units);
    json_decref(posts);
    return code;
}

static enum fault_code type_figures(struct store *store, int32_t day, uint64_t seed,
                                    const json_t *series, struct fault *fault)
{
    struct span rest = demo_file("typed.csv"), cell[TYPED_CELLS];
    enum fault_code code = FAULT_NONE;
    (void)span_cut(&rest, '\n');
    for (int64_t number = 1;
         code == FAULT_NONE && demo_read_cells(&rest, cell, TYPED_CELLS) == TYPED_CELLS; number++)
        if (is_day(cell[TYPED_DAY], day))
            code = type_figure(store, seed, series, number, cell, fault);
    return code;
}

enum fault_code demo_act_in_lindi(struct store *store, int32_t day, uint64_t seed,
                                  const json_t *series, struct fault *fault)
{
    json_t *rows = NULL, *row;
    size_t index;
    enum fault_code code = demo_ask(store, QUERY_REPLAY_LINDI, NULL, &rows, fault);
    json_array_foreach(rows, index, row)
    {
        if (code == FAULT_NONE)
            code = uphold(store, row, fault);
    }
    json_decref(rows);
    return code == FAULT_NONE ? type_figures(store, day, seed, series, fault) : code;
}

enum fault_code demo_pin_acts(struct store *store, int32_t day, const json_t *divisions,
                              struct fault *fault)
{
    enum fault_code code = land_acts(store, time_from_local(day, MINUTE_KNOWN), divisions, fault);
    return code != FAULT_NONE ? code : land_instructions(store, day, fault);
}
