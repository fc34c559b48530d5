// SPDX-License-Identifier: GPL-3.0-or-later
//
// throttle.h: how often somebody may fail to sign in.
//
// Two clocks run for each failed sign-in: that of the account's name (10 at once, then three an
// hour: 82 a day) and that of the address (30 at once, then two a minute). A success costs nothing.
// An address from which the account was signed in before has an account clock of its own, so that
// strangers' failures cannot lock its owner out: the vault lets 100 failures a day reach the hash,
// and strangers use up 82 of them.
//
// The clocks are kept in memory as generic cell rates (ITU-T I.371): one instant each, in a table
// under a secret hash, the longest unused giving way. Pure but for the table: time is a parameter.
#ifndef LEVEE_WEB_THROTTLE_H
#define LEVEE_WEB_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/span.h"

struct throttle_clock {
    uint64_t key; // 0: unused
    int64_t until_ms;
    int64_t used_ms;
};

struct throttle {
    uint64_t secret[2];
    struct throttle_clock clock[LIMIT_HTTP_THROTTLES];
    struct throttle_clock trusted[LIMIT_HTTP_THROTTLES]; // pairs of account and address
};

// May this try reach the hash? `address` 0: unknown, not counted. *ret_wait_s: when to come again.
bool throttle_admit(struct throttle *throttle, struct span account, uint64_t address,
                    int64_t now_ms, int64_t *ret_wait_s);
void throttle_note(struct throttle *throttle, struct span account, uint64_t address,
                   bool is_success, int64_t now_ms);

#endif
