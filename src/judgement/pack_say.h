// SPDX-License-Identifier: GPL-3.0-or-later
//
// pack_say.h: what pages and queries need of a pack, as JSON that an entry can hold.
//
// Owns the shape of the body of pack.declared.1:
//
//     {label_zh, label_en, quiet, line: {zh, en, indicator, figure, holds},
//      indicators: [{code, zh, en, unit_zh, unit_en, event, event_zh, event_en, other, is_second,
//                    due_hours, methods: [{name, zh, en, options: [{name, value}]}]}]}
//
// A page of the past is shown with the pack of its day; no query needs the packs in memory.
#ifndef LEVEE_JUDGEMENT_PACK_SAY_H
#define LEVEE_JUDGEMENT_PACK_SAY_H

#include "base/json.h"
#include "pack/pack.h"

// The caller owns the result; NULL when there is no memory.
json_t *pack_say(const struct pack *pack);
// "ears-c1" as it is shown: "EARS C1". Returns `text`.
char *pack_say_method(const char *name, char text[64]);

#endif
