// SPDX-License-Identifier: GPL-3.0-or-later
//
// declare.h: tells a store which indicators the packs bring.
#ifndef LEVEE_JUDGEMENT_DECLARE_H
#define LEVEE_JUDGEMENT_DECLARE_H

#include "base/fault.h"
#include "pack/pack.h"
#include "store/store.h"

// Sends indicator.declare for every indicator of the packs that the store does not have yet, by its
// code. What it has stays as it is. Safe to call at each start.
enum fault_code judgement_declare(struct store *store, const struct pack_set *packs,
                                  struct fault *fault);

#endif
