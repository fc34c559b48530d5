// SPDX-License-Identifier: GPL-3.0-or-later
//
// store.h: one data folder: who writes it, who reads it, what time it is there.
//
// Owns: the life of a store. A folder holds ledger.db (kept), vault.db (may be erased) and state.db
// (a function of the ledger, may be thrown away), a `lock` file that names its holder, and a
// `socket` over which other processes reach the holder. Whoever opens the folder first holds it and
// runs the writer thread (writer.c); everybody after that is a client: its queries read state.db
// directly, its commands go over the socket. Callers need not know which of the two they are.
//
//     levee serve ── store_open ── holder ── writer thread ──► ledger.db, state.db
//     levee import ─ store_open ── client ── socket ──┘
//
// A store has a kind. Live: business time is the machine's clock. Replay and drill: business time
// stands still until an entry moves it: time.advanced, or in a replay that is served an act of a
// person, which comes as long after the entry before it as really passed; a drill also has no vault
// and no way out.
//
// Invariants: state is never ahead of the ledger on disk; an accepted command is on disk before
// anybody hears of it; the same command id never acts twice.
//
// A store may be used by many threads at once. Its commands (command.h), queries (query.h) and
// readings (readings.h) have headers of their own.
#ifndef LEVEE_STORE_STORE_H
#define LEVEE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"
#include "base/time.h"

struct chain_row;
struct command_row;
struct query_finisher;
struct store;
struct vault;

enum store_kind { STORE_LIVE, STORE_REPLAY, STORE_DRILL };

// Who may: each includes those before it. ROLE_SYSTEM is the program itself (chain, deadlines,
// scans, a local command of the owner of the folder).
enum store_role { ROLE_VIEWER, ROLE_OFFICER, ROLE_ADMINISTRATOR, ROLE_SYSTEM };

// On whose behalf something is asked or done. The scope is an interval of positions in the tree of
// divisions as it stands now: a division is in scope when low <= its low and its high <= high.
// Absent account, post or unit: 0.
struct store_actor {
    int64_t account;
    int64_t post;
    int64_t unit;
    enum store_role role;
    int64_t division;
    int64_t low, high;
};

// What must be known to found a store.
struct store_birth {
    enum store_kind kind;
    const char *division_code; // "210000": the division whose office this is
    const char *name;          // what people call the store; may be NULL
    int64_t time;              // business time at the start; 0: the machine's clock
};

// What follows a deadline: when business time reaches `due_at` of a row of `query`, the writer runs
// `command` with the row as its body, in the order of the rows. The query takes the parameter
// `until` (time) and gives the columns `id` and `due_at`; a row must vanish or move on by what the
// command does. Each (id, due_at) is run once, even when late and even across a crash.
struct store_due {
    int query;           // enum query_name
    const char *command; // NULL: there are no deadlines
};

// Everything a program gives to a store. The tables live as long as the store. The store's own
// commands (store_commands.c) need not be listed.
struct store_options {
    const char *folder;
    struct time_clock clock; // zeroed: the machine's
    const struct command_row *commands;
    size_t command_count;
    const struct chain_row *chain;
    size_t chain_count;
    const struct query_finisher *finishers; // every `then:` of a query's header must be here
    size_t finisher_count;
    struct store_due due;
    // Called on the writer thread after each durable group, with the newest sequence; for live
    // events and ports. Must not block. May be NULL.
    void (*changed)(void *context, int64_t sequence);
    void *changed_context;
    bool must_hold;       // FAULT_BUSY naming the holder instead of becoming its client
    bool runs_on;         // a replay's day runs on with the clock when people act: see command.c
    bool must_not_settle; // leave chain and deadlines alone (rebuild, backup, tests)
};

// Founds a store in `folder`, which must be absent or empty: ledger, vault (live and replay),
// state, entry 0 ledger.created, then the
// office and its division. All or nothing, also across a power cut (found.h). FAULT_INVALID: the
// folder is not empty.
enum fault_code store_create(const char *folder, const struct store_birth *birth,
                             struct fault *fault);
// Opens it, as holder or as client. As holder: brings state up to the ledger (a state that is
// absent, damaged, of another ledger or of another schema is built anew), clears away batches that
// never ended, runs the follow-ups that a crash cut off, starts the writer. FAULT_MISSING: no store
// there; FAULT_CORRUPT: the ledger is not what was written.
enum fault_code store_open(const struct store_options *options, struct store **ret_store,
                           struct fault *fault);
// Finishes what is queued, commits, empties the WALs, gives up the lock. NULL is allowed.
void store_close(struct store *store);

bool store_is_holder(const struct store *store);
const char *store_folder(const struct store *store);
enum store_kind store_kind_of(const struct store *store);
const char *store_name_of(const struct store *store);
// The ledger's id (ledger/ledger.h), shown as the "21" of "21-4711".
int64_t store_ledger_id(const struct store *store);
// The same as text, "21" or "21.1". Returns the length.
size_t store_write_ledger(const struct store *store, char *buffer, size_t size);
// The store's own division, by its row id and code.
int64_t store_division(const struct store *store);
const char *store_division_code(const struct store *store);
// Business time: live, the machine's clock (never before the newest entry); else as set by entries.
int64_t store_business_time(struct store *store);
// The newest sequence that readers see.
int64_t store_sequence(struct store *store);
// The vault that the holder has open: the web signs people in through it, from any thread. NULL: a
// client, or a drill.
struct vault *store_vault(struct store *store);
// Sets the password of an account (account.add). FAULT_DENIED: this process has no vault.
enum fault_code store_set_password(struct store *store, struct span account_name,
                                   struct span password, struct fault *fault);
// The actor that stands for the program itself, with the whole tree as scope.
struct store_actor store_system_actor(void);
// The actor of a named account (its scope as the tree stands now). FAULT_MISSING: no such account.
enum fault_code store_find_actor(struct store *store, struct span account_name,
                                 struct store_actor *ret_actor, struct fault *fault);
// The same for an account's id.
enum fault_code store_find_actor_by_id(struct store *store, int64_t account,
                                       struct store_actor *ret_actor, struct fault *fault);

// The digest of the state: SHA-256 over the typed rows of all its tables in key order, readings
// folded first. As hexadecimal. The same ledger gives the same digest. It takes as long as the
// state is large (1 s for 100 million readings and more), on the caller's time: the writer only
// folds, in slices between others' commands. FAULT_BUSY: readings come in faster than they fold.
enum fault_code store_digest(struct store *store, char ret_digest[65], struct fault *fault);
// Throws the state away and builds it from the ledger alone. Both digests are of folded states;
// `ret_before` is empty when there was no readable state. The store must not be held.
enum fault_code store_rebuild(const char *folder, char ret_before[65], char ret_after[65],
                              struct fault *fault);

#endif
