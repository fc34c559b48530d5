// SPDX-License-Identifier: GPL-3.0-or-later
//
// declare.c: tells a new replay store which indicators there are and which series it will get.
//
// The indicators are those of the packs; the series are the divisions for which this replay has
// figures: real ones in Liaoning's cities and the province, invented ones in Lindi's counties. A
// series says which of the two it is, and so does every batch that lands in it.
#include <assert.h>
#include <string.h>

#include "demo/demo_priv.h"
#include "demo/figures.h"
#include "demo/lindi.h"
#include "demo/sender.h"
#include "judgement/declare.h"
#include "pack/pack.h"

const char *const demo_watch_indicator[DEMO_WATCHES] = {
    [DEMO_FEED] = "epidemic.cases",           [DEMO_SECOND] = "epidemic.cases.second",
    [DEMO_WAGES] = "petition.wages",          [DEMO_CASH] = "finance.cash_cover",
    [DEMO_WAGE_COVER] = "finance.wage_cover",
};

bool demo_is_simulated(enum demo_watch watch)
{
    return watch == DEMO_WAGES || watch == DEMO_CASH || watch == DEMO_WAGE_COVER;
}

// Does the replay have figures of `watch` for this row of divisions.csv?
static bool is_watched(enum demo_watch watch, const struct span *division)
{
    bool is_fictional = span_is(division[5], "1");
    if (watch == DEMO_FEED)
        return span_is(division[2], "2") && !is_fictional;
    if (watch == DEMO_SECOND)
        return span_is(division[2], "1");
    return span_is(division[2], "3") && is_fictional;
}

// Adds the series of `watch`, all in one command.
static enum fault_code add_series(struct store *store, enum demo_watch watch,
                                  const json_t *divisions, struct fault *fault)
{
    static const struct span nothing;
    struct span rest = demo_file("divisions.csv"), cell[6];
    json_t *rows = json_array(), *indicators = NULL;
    (void)span_cut(&rest, '\n');
    while (demo_read_cells(&rest, cell, 6) == 6)
        if (is_watched(watch, cell))
            json_array_append_new(rows,
                                  json_pack("{s:I}", "division",
                                            (json_int_t)demo_find_id(divisions, "code", cell[0])));
    enum fault_code code =
        demo_ask(store, QUERY_INDICATOR_BY_CODE,
                 json_pack("{s:s}", "code", demo_watch_indicator[watch]), &indicators, fault);
    if (code == FAULT_NONE) {
        int64_t indicator =
            json_integer_value(json_object_get(json_array_get(indicators, 0), "id"));
        code = demo_send(store, "series.add", 0,
                         json_pack("{s:I, s:b, s:O}", "indicator", (json_int_t)indicator,
                                   "is_simulated", demo_is_simulated(watch), "rows", rows),
                         nothing, fault);
    }
    json_decref(rows);
    json_decref(indicators);
    return code;
}

enum fault_code demo_declare(struct store *store, const struct pack_set *packs,
                             const json_t *divisions, struct fault *fault)
{
    enum fault_code code = judgement_declare(store, packs, fault);
    for (int watch = 0; watch < DEMO_WATCHES && code == FAULT_NONE; watch++)
        if (pack_set_find_indicator(packs, demo_watch_indicator[watch], NULL) != NULL)
            code = add_series(store, (enum demo_watch)watch, divisions, fault);
    return code;
}

enum fault_code demo_ask(struct store *store, enum query_name name, json_t *parameters,
                         json_t **ret_rows, struct fault *fault)
{
    struct store_actor actor = store_system_actor();
    enum fault_code code = store_query(store, name, &actor, 0, parameters, ret_rows, fault);
    json_decref(parameters);
    return code;
}

int64_t demo_find_id(const json_t *rows, const char *field, struct span text)
{
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row)
    {
        const json_t *value = json_object_get(row, field);
        if (span_equal(text, (struct span){json_string_value(value), json_string_length(value)}))
            return json_integer_value(json_object_get(row, "id"));
    }
    return 0;
}
