// SPDX-License-Identifier: GPL-3.0-or-later
//
// demo_priv.h: what the files of this folder share.
//
// Owns: the list of what the replay watches, and small steps of reading its tables.
#ifndef LEVEE_DEMO_DEMO_PRIV_H
#define LEVEE_DEMO_DEMO_PRIV_H

#include "base/json.h"
#include "demo/demo.h"

// What the replay has figures for. Each is a series in each of its divisions; a row whose indicator
// no pack declares is left out.
enum demo_watch { DEMO_FEED, DEMO_SECOND, DEMO_WAGES, DEMO_CASH, DEMO_WATCHES };
extern const char *const demo_watch_indicator[DEMO_WATCHES];

// The instant of "2020-07-23T09:14", local.
int64_t demo_instant(struct span text);
// Declares the packs' indicators and adds the series.
enum fault_code demo_declare(struct store *store, const struct pack_set *packs,
                             struct fault *fault);

#endif
