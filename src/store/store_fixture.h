// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_fixture.h: a small store for unit tests: founded, filled, asked, closed.
//
// Owns: one folder per test process and a few commands of its own (test.emit, ...). Cities of the
// tree: 1 = 210000, 2 = 210200 with 3 = 210202, 4 = 210100 with 5 = 210102.
#ifndef LEVEE_STORE_FIXTURE_H
#define LEVEE_STORE_FIXTURE_H

#include "store/store_emit.h"
#include "store/store_priv.h"

#define FIXTURE_TIME INT64_C(1595372400000000) // 2020-07-22T07:00:00+08:00

struct fixture_waiter {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool has_ended;
    enum fault_code code;
    enum text_key key;
    int64_t sequence;
};

const char *fixture_folder(void);
struct store_options fixture_options(void);
// Founds and opens a store; opens it again; closes it.
struct store *fixture_open(enum store_kind kind);
struct store *fixture_reopen(void);
void fixture_close(struct store *store);
// Runs a command as the program; 0 or the key of the fault. `body` is taken.
int fixture_run(struct store *store, const char *name, json_t *body);
// The same without waiting.
void fixture_post(struct store *store, const char *name, json_t *body,
                  struct fixture_waiter *waiter);
void fixture_done(void *context, const struct command_result *result);
enum fault_code fixture_wait(struct fixture_waiter *waiter);
// Rows that a query without parameters gives; -1: a fault.
int fixture_count(struct store *store, enum query_name name);
json_t *fixture_tree(void);
void fixture_load_cities(struct store *store);
int64_t fixture_indicator(struct store *store, const char *frequency, int decimals);
// A series of {division, stratum}; `row` is taken.
int64_t fixture_series_row(struct store *store, int64_t indicator, json_t *row);
int64_t fixture_series(struct store *store, int64_t indicator, int64_t division);
// Closes the store, throws its state away, builds it again; true when both digests are one.
bool fixture_is_rebuilt_alike(struct store *store);
// From now on the process kills itself when the state is about to commit.
void fixture_die_before_state_commit(struct store *store);

#endif
