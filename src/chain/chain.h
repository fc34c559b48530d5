// SPDX-License-Identifier: GPL-3.0-or-later
//
// chain.h: which entry makes which command follow: the whole loop in one table.
#ifndef LEVEE_CHAIN_CHAIN_H
#define LEVEE_CHAIN_CHAIN_H

#include <stddef.h>

#include "store/command.h"

extern const struct chain_row chain_table[];
extern const size_t chain_count;
// What runs when a deadline is due.
extern const struct store_due chain_due;

#endif
