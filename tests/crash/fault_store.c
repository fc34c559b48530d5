// SPDX-License-Identifier: GPL-3.0-or-later
//
// fault_store.c: each disk operation and each allocation of a whole store's life fails in turn.
//
// usage: fault_store [--step N] [--from K] [--seed S]          every N-th one (1), from the K-th on
//
// A life: a store that is founded is opened, given a few commands and sign-ins, and closed. In the
// k-th life, k = 1, 2, ... until one passes without meeting it, the k-th read, write, sync,
// truncation, opening or unlink fails, once or from then on; or a write finds the disk full; or the
// k-th allocation of levee, jansson and SQLite together finds no memory. Demanded:
//
//     a command that meets it    is refused with FAULT_FULL or FAULT_IO (never a crash, never
//                                acknowledged and lost)
//     full disk, no memory       the store goes on by itself once there is room again
//     a failed write or sync     it has stopped, and goes on after it was opened anew
//     afterwards                 the audit is content, every acknowledged command and session is
//                                there once, the state that is built anew is the same; all this
//                                after a power cut, too
//
// Under the sanitizers it is also the test that no refusal leaks. That it can fail is part of it: a
// disk that takes a failed write for done must be found.
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "begin.h"
#include "life.h"

enum { GROUPS = 3, GROUP = 3, NO_MEMORY = DISK_FULL_ALWAYS + 1 };

struct tally {
    int64_t lives, full, io, harmless, bad;
};

// ---- SQLite's allocations pass the counter, too (jansson's do anyhow: base/json.c) -------------

// SQLite asks how large a piece is: its size stands before it.
static void *allocate_for_sqlite(int size)
{
    int64_t *piece = memory_allocate((size_t)size + sizeof *piece * 2);
    if (piece == NULL)
        return NULL;
    piece[0] = size;
    return piece + 2;
}

static void free_for_sqlite(void *pointer)
{
    memory_free(pointer == NULL ? NULL : (int64_t *)pointer - 2);
}

static void *resize_for_sqlite(void *pointer, int size)
{
    int64_t *piece = memory_resize((int64_t *)pointer - 2, (size_t)size + sizeof *piece * 2);
    if (piece == NULL)
        return NULL;
    piece[0] = size;
    return piece + 2;
}

static int size_for_sqlite(void *pointer)
{
    return pointer == NULL ? 0 : (int)((int64_t *)pointer - 2)[0];
}

static int round_for_sqlite(int size)
{
    return (size + 7) & ~7;
}

static int begin_sqlite(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void end_sqlite(void *context)
{
    (void)context;
}

static void count_sqlite(void)
{
    static const sqlite3_mem_methods methods = {
        allocate_for_sqlite, free_for_sqlite, resize_for_sqlite, size_for_sqlite,
        round_for_sqlite,    begin_sqlite,    end_sqlite,        NULL,
    };
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

// ---- A life -----------------------------------------------------------------------------------

static void arm(int kind, int64_t k)
{
    if (kind == NO_MEMORY)
        memory_fail_after((uint64_t)k);
    else
        disk_fail_after((enum disk_fault)kind, k);
}

// True when the fault has come.
static bool disarm(int kind)
{
    bool has_come = kind == NO_MEMORY ? memory_has_failed() : disk_has_failed();
    memory_fail_after(0);
    disk_fail_after(DISK_SOUND, 0);
    return has_come;
}

static bool is_full_kind(int kind)
{
    return kind == NO_MEMORY || kind == DISK_FULL_ONCE || kind == DISK_FULL_ALWAYS;
}

static void ask(struct store *store, int count)
{
    for (int i = 0; i < count; i++)
        life_send(store, life.sent_count++);
    life_sign_in(store_vault(store), life.session_count);
    life_wait_for_answers();
}

// The codes of what was refused say what happened.
static void check_refusals(int kind, struct tally *tally)
{
    for (int i = 0; i < life.sent_count; i++) {
        enum fault_code code = life.sent[i].fault.code;
        tally->full += code == FAULT_FULL;
        tally->io += code == FAULT_IO;
        if (code != FAULT_NONE && code != FAULT_FULL && code != FAULT_IO)
            life_note("a command is refused for a wrong reason", &life.sent[i].fault);
        if (code == FAULT_IO && kind == NO_MEMORY)
            life_note("no memory is taken for a broken disk", NULL);
    }
}

// What the store does once the disk is sound and there is memory.
static void go_on(struct store *store, int kind)
{
    int first = life.sent_count;
    bool has_stopped = false;
    for (int i = 0; i < first; i++)
        has_stopped |= life.sent[i].fault.code == FAULT_IO;
    ask(store, GROUP);
    for (int i = first; i < life.sent_count; i++) {
        bool is_acknowledged = life.sent[i].is_acknowledged;
        if (!is_acknowledged && !has_stopped && life.sent[i].fault.code != FAULT_IO)
            life_note("there is room again, but the store does not go on", NULL);
        if (!is_acknowledged && is_full_kind(kind) && !has_stopped)
            life_note("a full disk or memory has stopped the store", NULL);
    }
}

// Opens what is left, sends again what was refused, and looks at everything.
static void check_all(void)
{
    struct fault fault = {0};
    struct store *store = NULL;
    if (!life_state_is_behind())
        return;
    if (life_open_store(&store, &fault) != FAULT_NONE) {
        life_note("the store does not open", &fault);
        return;
    }
    if (life_ledger_is_whole() && life_entries_are_right(1) &&
        life_sessions_are_right(store_vault(store))) {
        for (int i = 0; i < life.sent_count; i++)
            if (!life.sent[i].is_acknowledged)
                life_send(store, i);
        life_wait_for_answers();
        for (int i = 0; i < life.sent_count; i++)
            if (!life.sent[i].is_acknowledged)
                life_note("a command that is sent again is refused", NULL);
        life_entries_are_right(1);
    }
    life_rebuilds_alike(store);
}

// False: the life met no fault, so that k is past the last one.
static bool live(int kind, int64_t k, struct tally *tally)
{
    struct fault fault = {0};
    struct store *store = NULL;
    life_begin();
    arm(kind, k);
    enum fault_code code = life_open_store(&store, &fault);
    for (int i = 0; i < GROUPS && code == FAULT_NONE; i++)
        ask(store, GROUP);
    bool has_come = disarm(kind);
    if (code != FAULT_NONE && code != FAULT_FULL && code != FAULT_IO)
        life_note("the store does not open, for a wrong reason", &fault);
    check_refusals(kind, tally);
    if (code == FAULT_NONE)
        go_on(store, kind);
    tally->harmless += has_come && code == FAULT_NONE && life.sent_count > 0;
    if (k % 2 == 0)
        disk_kill();
    store_close(store);
    if (k % 2 == 0)
        life_reboot();
    check_all();
    return has_come;
}

static bool prepare(uint64_t seed)
{
    struct fault fault = {0};
    disk_reset(DISK_ORDERED, seed);
    life_begin();
    if (life_found(&fault) != FAULT_NONE)
        return life_note("it is not founded", &fault);
    disk_kill();
    life_reboot();
    disk_save();
    return true;
}

static struct tally try_all(int kind, int64_t from, int64_t step, uint64_t seed)
{
    struct tally tally = {0};
    bool goes_on = true;
    for (int64_t k = from; goes_on; k += step) {
        disk_load(DISK_ORDERED, seed + (uint64_t)k);
        disk_for_each_name(life_show_name);
        goes_on = live(kind, k, &tally);
        tally.lives++;
        if (life.trouble[0] != '\0' && ++tally.bad <= 3)
            printf("# at %lld: %s\n", (long long)k, life.trouble);
    }
    life_forget_folder();
    return tally;
}

// Signs out again and again while one allocation after the other of it fails, with the writer idle
// so that each number is the same allocation every time: a session that was ended is ended.
static bool sign_outs_are_true(uint64_t seed, int *ret_count)
{
    enum { ALLOCATIONS_MOST = 1000 };
    struct fault fault = {0};
    struct store *store = NULL;
    bool has_come = true, is_true = true;
    disk_load(DISK_ORDERED, seed);
    disk_for_each_name(life_show_name);
    life_begin();
    if (life_open_store(&store, &fault) != FAULT_NONE)
        return life_note("the store does not open", &fault);
    int k = 1;
    for (; has_come && is_true && k < ALLOCATIONS_MOST; k++) {
        struct session session = {.fate = SESSION_OPEN};
        struct vault *vault = store_vault(store);
        unsigned char hash[VAULT_SESSION_SIZE];
        int64_t account = 0;
        is_true = vault_open_session(vault, k, LIFE_SESSION_TIME, session.token, &fault) == 0;
        memory_fail_after((uint64_t)k);
        enum fault_code ended = vault_end_session(vault, span_from(session.token), &fault);
        has_come = memory_has_failed();
        memory_fail_after(0);
        enum fault_code found = vault_find_session(vault, span_from(session.token),
                                                   LIFE_SESSION_TIME, &account, hash, &fault);
        is_true &= ended == FAULT_NONE ? found == FAULT_DENIED
                                       : ended == FAULT_FULL && found == FAULT_NONE;
        fault = (struct fault){0};
    }
    store_close(store);
    life_forget_folder();
    *ret_count = k - 1;
    return is_true && !has_come && k > 2;
}

int main(int argc, char **argv)
{
    static const struct {
        int kind;
        const char *name;
        int steps; // as dear as the others together
    } kinds[] = {{DISK_FAIL_ONCE, "one disk operation fails", 1},
                 {DISK_FAIL_ALWAYS, "all disk operations fail from one on", 1},
                 {DISK_FULL_ONCE, "the disk is full for one write", 1},
                 {DISK_FULL_ALWAYS, "the disk is full from one write on", 1},
                 {NO_MEMORY, "one allocation fails", 7}};
    int64_t step = 1, from = 1, seed = 1;
    int failed = 0;
    const struct crash_option options[] = {
        {"--step", &step}, {"--from", &from}, {"--seed", &seed}, {NULL, NULL}};
    int code = crash_begin(argc, argv, options);
    if (code != 0)
        return code;
    count_sqlite();
    disk_register(true);
    life_set_folder();
    if (!prepare(seed))
        printf("# %s\n", life.trouble);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct tally tally = try_all(kinds[i].kind, from, step * kinds[i].steps, seed);
        printf("# %s: %lld lives, commands refused: %lld FAULT_FULL, %lld FAULT_IO; %lld lives "
               "ended badly\n",
               kinds[i].name, (long long)tally.lives, (long long)tally.full, (long long)tally.io,
               (long long)tally.bad);
        printf("%sok - a whole store, %s: refused in the right words, nothing lost, it goes on\n",
               tally.bad == 0 && tally.lives > 3 ? "" : "not ", kinds[i].name);
        failed += tally.bad > 0 || tally.lives <= 3;
    }
    int count = 0;
    bool is_true = sign_outs_are_true(seed, &count);
    printf("%sok - each allocation of signing out fails: refused, or the session is over (%d)\n",
           is_true ? "" : "not ", count);
    failed += !is_true;
    return failed > 0;
}
