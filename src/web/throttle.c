// SPDX-License-Identifier: GPL-3.0-or-later
//
// throttle.c: see throttle.h. A clock stands at the instant until which its budget is spent.
#include "web/throttle.h"

#include <assert.h>
#include <stddef.h>

#include "web/hash.h"

struct rate {
    int64_t interval_ms;
    int burst;
};
enum rate_kind { OF_ACCOUNT, OF_ADDRESS, OF_PAIR };
static const struct rate rates[] = {
    [OF_ACCOUNT] = {20 * 60 * 1000, 10},
    [OF_ADDRESS] = {30 * 1000, 30},
    [OF_PAIR] = {20 * 60 * 1000, 10},
};

static uint64_t key_of(const struct throttle *throttle, enum rate_kind kind, struct span account,
                       uint64_t address)
{
    struct hash hash;
    hash_begin(&hash, throttle->secret);
    hash_word(&hash, (uint64_t)kind);
    hash_word(&hash, kind == OF_ACCOUNT ? 0 : address);
    hash_bytes(&hash, kind == OF_ADDRESS ? span_from("") : account);
    uint64_t key = hash_end(&hash);
    return key == 0 ? 1 : key;
}

static struct throttle_clock *find_clock(struct throttle_clock *table, uint64_t key)
{
    for (int i = 0; i < LIMIT_HTTP_THROTTLES; i++)
        if (table[i].key == key)
            return &table[i];
    return NULL;
}

static struct throttle_clock *take_clock(struct throttle_clock *table, uint64_t key)
{
    struct throttle_clock *clock = find_clock(table, key);
    if (clock != NULL)
        return clock;
    clock = &table[0];
    for (int i = 1; i < LIMIT_HTTP_THROTTLES && clock->key != 0; i++)
        if (table[i].key == 0 || table[i].used_ms < clock->used_ms)
            clock = &table[i];
    *clock = (struct throttle_clock){.key = key};
    return clock;
}

static int64_t wait_of(struct throttle *throttle, enum rate_kind kind, uint64_t key, int64_t now_ms)
{
    const struct throttle_clock *clock = find_clock(throttle->clock, key);
    if (clock == NULL)
        return 0;
    int64_t wait = clock->until_ms - now_ms - (rates[kind].burst - 1) * rates[kind].interval_ms;
    return wait > 0 ? wait : 0;
}

static enum rate_kind account_kind(struct throttle *throttle, struct span account, uint64_t address)
{
    uint64_t pair = key_of(throttle, OF_PAIR, account, address);
    return find_clock(throttle->trusted, pair) != NULL ? OF_PAIR : OF_ACCOUNT;
}

bool throttle_admit(struct throttle *throttle, struct span account, uint64_t address,
                    int64_t now_ms, int64_t *ret_wait_s)
{
    assert(now_ms >= 0);
    enum rate_kind kind = account_kind(throttle, account, address);
    int64_t wait = wait_of(throttle, kind, key_of(throttle, kind, account, address), now_ms);
    int64_t other = address == 0 ? 0
                                 : wait_of(throttle, OF_ADDRESS,
                                           key_of(throttle, OF_ADDRESS, account, address), now_ms);
    if (other > wait)
        wait = other;
    *ret_wait_s = (wait + 999) / 1000;
    return wait == 0;
}

static void spend(struct throttle *throttle, enum rate_kind kind, uint64_t key, int64_t now_ms)
{
    struct throttle_clock *clock = take_clock(throttle->clock, key);
    int64_t from = clock->until_ms > now_ms ? clock->until_ms : now_ms;
    clock->until_ms = from + rates[kind].interval_ms;
    clock->used_ms = now_ms;
}

void throttle_note(struct throttle *throttle, struct span account, uint64_t address,
                   bool is_success, int64_t now_ms)
{
    if (is_success) {
        uint64_t pair = key_of(throttle, OF_PAIR, account, address);
        take_clock(throttle->trusted, pair)->used_ms = now_ms;
        return;
    }
    enum rate_kind kind = account_kind(throttle, account, address);
    spend(throttle, kind, key_of(throttle, kind, account, address), now_ms);
    if (address != 0)
        spend(throttle, OF_ADDRESS, key_of(throttle, OF_ADDRESS, account, address), now_ms);
}
