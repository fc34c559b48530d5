// SPDX-License-Identifier: GPL-3.0-or-later
//
// demo_priv.h: what the files of this folder share.
//
// Owns: the list of what the replay watches, and small steps of reading its tables.
#ifndef LEVEE_DEMO_DEMO_PRIV_H
#define LEVEE_DEMO_DEMO_PRIV_H

#include "base/json.h"
#include "demo/demo.h"
#include "store/query.h"

// What the replay has figures for. Each is a series in each of its divisions; a row whose indicator
// no pack declares is left out.
enum demo_watch { DEMO_FEED, DEMO_SECOND, DEMO_WAGES, DEMO_CASH, DEMO_WAGE_COVER, DEMO_WATCHES };
extern const char *const demo_watch_indicator[DEMO_WATCHES];

// The instant of "2020-07-23T09:14", local.
int64_t demo_instant(struct span text);
// Pins and records what became known on the morning of `day`, by 06:50.
enum fault_code demo_pin_acts(struct store *store, int32_t day, const json_t *divisions,
                              struct fault *fault);
// Answers the questions about figures of the past that the feed itself answers (answers.csv).
enum fault_code demo_answer_questions(struct store *store, int32_t day, struct fault *fault);
// Is it a watch of Lindi's, invented?
bool demo_is_simulated(enum demo_watch watch);
// The offices of Lindi take over and uphold what was raised there the morning before, and type the
// figures that typed.csv has for the day.
enum fault_code demo_act_in_lindi(struct store *store, int32_t day, uint64_t seed,
                                  const json_t *series, struct fault *fault);
// Asks a query as the system. `parameters` is taken over; the caller owns *ret_rows.
enum fault_code demo_ask(struct store *store, enum query_name name, json_t *parameters,
                         json_t **ret_rows, struct fault *fault);
// The `id` of the row whose `field` is `text`; 0: there is none.
int64_t demo_find_id(const json_t *rows, const char *field, struct span text);
// Declares the packs' indicators and adds the series. `divisions`: rows of query replay_division.
enum fault_code demo_declare(struct store *store, const struct pack_set *packs,
                             const json_t *divisions, struct fault *fault);

#endif
