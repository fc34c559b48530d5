// SPDX-License-Identifier: GPL-3.0-or-later
//
// find.c: looks things up in a loaded pack.
//
// A pack has a handful of each thing, so everything is found by walking. Nothing here changes a
// pack.
#include <assert.h>
#include <string.h>

#include "pack/pack.h"

const struct pack_indicator *pack_find_indicator(const struct pack *pack, const char *code)
{
    assert(pack != NULL && code != NULL);
    for (size_t i = 0; i < pack->indicator_count; i++)
        if (strcmp(pack->indicators[i].code, code) == 0)
            return &pack->indicators[i];
    return NULL;
}

const struct pack_indicator *pack_set_find_indicator(const struct pack_set *set, const char *code,
                                                     const struct pack **ret_pack)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct pack_indicator *indicator = pack_find_indicator(set->packs[i], code);
        if (indicator == NULL)
            continue;
        if (ret_pack != NULL)
            *ret_pack = set->packs[i];
        return indicator;
    }
    return NULL;
}

const struct pack *pack_set_find(const struct pack_set *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->packs[i]->name, name) == 0)
            return set->packs[i];
    return NULL;
}

bool pack_basis_holds(const struct pack_basis *basis, int32_t day)
{
    assert(basis->from_day <= basis->until_day);
    return basis->from_day <= day && day < basis->until_day;
}

enum pack_level pack_band_level(const struct pack_indicator *indicator, double value, int32_t day,
                                const struct pack_band **ret_band)
{
    assert(indicator != NULL);
    const struct pack_band *found = NULL;
    for (size_t i = 0; i < indicator->band_count && found == NULL; i++) {
        const struct pack_band *band = &indicator->bands[i];
        if (band->from <= value && value < band->until && pack_basis_holds(&band->basis, day))
            found = band;
    }
    if (ret_band != NULL)
        *ret_band = found;
    return found == NULL ? PACK_NONE : found->level;
}

const char *pack_level_name(enum pack_level level)
{
    static const char *const name[PACK_LEVELS] = {"none", "blue", "yellow", "orange", "red"};
    assert(level < PACK_LEVELS);
    return name[level];
}

const char *pack_division_name(enum pack_division division)
{
    static const char *const name[PACK_DIVISIONS] = {"none", "province", "city", "county",
                                                     "township"};
    assert(division < PACK_DIVISIONS);
    return name[division];
}
