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
#include "pack/pack.h"

const char *const demo_watch_indicator[DEMO_WATCHES] = {
    [DEMO_FEED] = "epidemic.cases",
    [DEMO_SECOND] = "epidemic.cases.second",
    [DEMO_WAGES] = "petition.wages",
    [DEMO_CASH] = "finance.cash_cover",
};

static bool is_simulated(enum demo_watch watch)
{
    return watch == DEMO_WAGES || watch == DEMO_CASH;
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

static const char *direction_of(const struct pack_indicator *indicator)
{
    static const char *const words[] = {
        [PACK_UP_IS_BAD] = "up", [PACK_DOWN_IS_BAD] = "down", [PACK_BOTH_ARE_BAD] = "both"};
    return words[indicator->direction];
}

static const char *aggregation_of(const struct pack_indicator *indicator)
{
    static const char *const words[] = {[PACK_AGGREGATION_NONE] = "none",
                                        [PACK_AGGREGATION_SUM] = "sum",
                                        [PACK_AGGREGATION_MEAN] = "mean"};
    return words[indicator->aggregation];
}

static enum fault_code declare_indicators(struct demo_sender *sender, const struct pack *pack,
                                          struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (size_t i = 0; i < pack->indicator_count && code == FAULT_NONE; i++) {
        const struct pack_indicator *row = &pack->indicators[i];
        char frequency[2] = {(char)row->frequency, '\0'};
        json_t *body = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:{s:s, s:s}}",
                                 "pack", pack->name, "code", row->code, "field", pack->field,
                                 "unit", row->unit.zh, "frequency", frequency, "direction",
                                 direction_of(row), "aggregation", aggregation_of(row), "decimals",
                                 row->decimals, "name_zh", row->label.zh, "name_en", row->label.en,
                                 "detail", "unit_zh", row->unit.zh, "unit_en", row->unit.en);
        code = demo_sender_send(sender, "indicator.declare", body, NULL, fault);
    }
    return code;
}

static enum fault_code add_series(struct demo_sender *sender, enum demo_watch watch,
                                  struct fault *fault)
{
    struct span rest = demo_file("divisions.csv"), cell[6];
    enum fault_code code = FAULT_NONE;
    (void)span_cut(&rest, '\n');
    while (code == FAULT_NONE && demo_read_cells(&rest, cell, 6) == 6) {
        if (!is_watched(watch, cell))
            continue;
        json_t *body =
            json_pack("{s:s, s:s%, s:b}", "indicator", demo_watch_indicator[watch], "division",
                      cell[0].data, (int)cell[0].size, "is_simulated", is_simulated(watch));
        code = demo_sender_send(sender, "series.add", body, NULL, fault);
    }
    return code;
}

enum fault_code demo_declare(struct store *store, const struct pack_set *packs, struct fault *fault)
{
    struct demo_sender sender;
    demo_sender_open(&sender, store);
    enum fault_code code = FAULT_NONE;
    for (size_t i = 0; i < packs->count && code == FAULT_NONE; i++)
        code = declare_indicators(&sender, packs->packs[i], fault);
    for (int watch = 0; watch < DEMO_WATCHES && code == FAULT_NONE; watch++)
        if (pack_set_find_indicator(packs, demo_watch_indicator[watch], NULL) != NULL)
            code = add_series(&sender, (enum demo_watch)watch, fault);
    if (code == FAULT_NONE)
        code = demo_sender_wait(&sender, fault);
    demo_sender_close(&sender);
    return code;
}
