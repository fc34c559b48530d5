// SPDX-License-Identifier: GPL-3.0-or-later
//
// declare.c: the indicators of the packs become entries, each once.
//
// An indicator must be in the state before a reading of it can land, so a new store is told of all
// of them when it is first served. Its code is its name for good; a pack that changes what a code
// means needs a new code.
#include "judgement/declare.h"

#include <assert.h>

#include "store/command.h"
#include "store/query.h"

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

static enum fault_code is_known(struct store *store, const char *indicator, bool *ret_is_known,
                                struct fault *fault)
{
    struct store_actor actor = store_system_actor();
    json_t *parameters = json_pack("{s:s}", "code", indicator), *rows = NULL;
    enum fault_code code =
        store_query(store, QUERY_INDICATOR_BY_CODE, &actor, 0, parameters, &rows, fault);
    if (code == FAULT_NONE)
        *ret_is_known = json_array_size(rows) > 0;
    json_decref(parameters);
    json_decref(rows);
    return code;
}

static enum fault_code declare(struct store *store, const struct pack *pack,
                               const struct pack_indicator *indicator, struct fault *fault)
{
    char frequency[2] = {(char)indicator->frequency, '\0'};
    struct command_request request = {
        .name = "indicator.declare",
        .actor = store_system_actor(),
        .body = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:{s:s, s:s}}",
                          "pack", pack->name, "code", indicator->code, "field", pack->field, "unit",
                          indicator->unit.zh, "frequency", frequency, "direction",
                          direction_of(indicator), "aggregation", aggregation_of(indicator),
                          "decimals", indicator->decimals, "name_zh", indicator->label.zh,
                          "name_en", indicator->label.en, "detail", "unit_zh", indicator->unit.zh,
                          "unit_en", indicator->unit.en),
    };
    enum fault_code code = store_run_command(store, &request, NULL, fault);
    json_decref(request.body);
    return code;
}

enum fault_code judgement_declare(struct store *store, const struct pack_set *packs,
                                  struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    assert(store != NULL && packs != NULL);
    for (size_t i = 0; i < packs->count; i++) {
        const struct pack *pack = packs->packs[i];
        for (size_t k = 0; code == FAULT_NONE && k < pack->indicator_count; k++) {
            bool has_it = false;
            code = is_known(store, pack->indicators[k].code, &has_it, fault);
            if (code == FAULT_NONE && !has_it)
                code = declare(store, pack, &pack->indicators[k], fault);
        }
    }
    return code;
}
