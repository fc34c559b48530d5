// SPDX-License-Identifier: GPL-3.0-or-later
//
// crash_store.c: the power goes while a whole store writes its three files.
//
// usage: crash_store [--cuts N] [--seed S]          N cuts under each model (1000)
//
// The real store (store_create, store_open, commands posted to its writer thread, groups, WAL
// checkpoints, signed heads, catching up, rebuilding) runs on the simulated disk of disk.h, which
// stands in for the system's VFS; unlink, rename and fsync are caught too, as the store makes,
// moves and throws away files with them. The folder on the real disk holds the lock, the socket and
// empty files only, and is made to show the same names after each cut.
//
// Two kinds of lives, under both models of a folder:
//
//     founding   cut at each of its operations in turn. After it a store can be founded there, or
//                is there as a whole
//     writing    from a copy of a founded store: opened, given commands, cut at a random operation,
//                and cut again, up to twice, while it is opened
//
// Demanded after each cut, in this order:
//
//     the state on disk is not ahead of the ledger on disk
//     the store opens; the audit finds the ledger whole; every acknowledged entry is there
//     commands that were not answered are sent again under their old ids: each has acted once
//     throwing the state away and building it anew gives the same digest
//
// The writer is a thread of its own, so a seed repeats the disk's choices but not the order of
// threads. That the test can fail is part of it: disks that leave out one sync or another must be
// found to lose something.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "begin.h"
#include "life.h"

enum { GROUPS = 12, GROUP = 6, OPERATIONS = 320, LAST_STEPS = 40 };

static void write_until_dead(struct store *store)
{
    for (int group = 0; group < GROUPS && !disk_is_dead(); group++) {
        int count = 1 + disk_random_below(GROUP);
        for (int i = 0; i < count; i++)
            life_send(store, life.sent_count++);
        life_sign_in(store_vault(store), group);
        life_wait_for_answers();
    }
}

// *cuts: the power goes a few times more.
static bool is_well_after(int64_t *cuts)
{
    struct fault fault = {0};
    struct store *store = NULL;
    if (!life_state_is_behind())
        return false;
    for (int more_cuts = disk_random_below(3); more_cuts > 0; more_cuts--) {
        struct fault ignored = {0};
        disk_cut_after(1 + disk_random_below(60));
        life_open_store(&store, &ignored);
        disk_kill();
        store_close(store);
        store = NULL;
        life_reboot();
        *cuts += 1;
    }
    if (!life_state_is_behind())
        return false;
    if (life_open_store(&store, &fault) != FAULT_NONE)
        return life_note("the store does not open", &fault);
    bool is_good = life_ledger_is_whole() && life_entries_are_right(1) &&
                   life_sessions_are_right(store_vault(store));
    for (int i = 0; i < life.sent_count; i++)
        if (!life.sent[i].is_acknowledged)
            life_send(store, i);
    life_wait_for_answers();
    for (int i = 0; i < life.sent_count; i++)
        if (!life.sent[i].is_acknowledged)
            is_good = life_note("a command that is sent again is refused", NULL);
    is_good = is_good && life_entries_are_right(1);
    return life_rebuilds_alike(store) && is_good;
}

// ---- Lives

struct tally {
    int64_t cuts, lives, acknowledged, bad, operations;
};

static void count(struct tally *tally, bool is_good, const char *what, uint64_t seed)
{
    tally->lives++;
    for (int i = 0; i < life.sent_count; i++)
        tally->acknowledged += life.sent[i].is_acknowledged;
    if (!is_good && ++tally->bad == 1 && life.lie == NULL)
        printf("# %s, seed %llu: %s\n", what, (unsigned long long)seed, life.trouble);
}

// A founding whose `cut`-th operation is the last (0: none is). False: something is half done.
static bool live_founding(int64_t cut, int64_t *ret_operations)
{
    struct fault fault = {0}, second = {0};
    struct store *store = NULL;
    life_begin();
    disk_cut_after(cut);
    enum fault_code code = life_found(&fault);
    *ret_operations = disk_operations();
    if (cut == 0)
        return code == FAULT_NONE || life_note("it is not founded", &fault);
    disk_kill();
    life_reboot();
    // A command that had ended well founded a store; one that had not may have, at its last step.
    enum fault_code again = life_found(&second);
    if (again != FAULT_NONE && second.key != TEXT_STORE_FOLDER_NOT_EMPTY)
        return life_note("it cannot be founded again", &second);
    if (code == FAULT_NONE && again == FAULT_NONE)
        return life_note("a store that was founded is gone", NULL);
    fault = (struct fault){0};
    if (life_open_store(&store, &fault) != FAULT_NONE)
        return life_note("what was founded does not open", &fault);
    for (int i = 0; i < GROUP; i++)
        life_send(store, life.sent_count++);
    life_wait_for_answers();
    for (int i = 0; i < GROUP; i++)
        if (!life.sent[i].is_acknowledged)
            life_note("what was founded takes no command", NULL);
    return life_entries_are_right(1) && life_rebuilds_alike(store);
}

// Cut at every `step`-th operation from `from` on; a negative `from` counts from the end.
static struct tally found_lives(enum disk_model model, int64_t from, int64_t step, uint64_t seed)
{
    struct tally tally = {0};
    int64_t operations = 0;
    disk_reset(model, seed);
    count(&tally, live_founding(0, &tally.operations), "founding without a cut", seed);
    life_forget_folder();
    from = from < 0 ? tally.operations + 1 + from : from;
    for (int64_t cut = from; cut <= tally.operations; cut += step) {
        disk_reset(model, seed + (uint64_t)cut);
        count(&tally, live_founding(cut, &operations), "founding", seed + (uint64_t)cut);
        tally.cuts++;
        life_forget_folder();
    }
    return tally;
}

// True: nothing is lost.
static bool live(int64_t *cuts)
{
    struct fault fault = {0};
    struct store *store = NULL;
    life_begin();
    disk_cut_after(1 + disk_random_below(OPERATIONS));
    if (life_open_store(&store, &fault) == FAULT_NONE)
        write_until_dead(store);
    disk_kill();
    store_close(store);
    life_reboot();
    *cuts += 1;
    return is_well_after(cuts);
}

static struct tally write_lives(enum disk_model model, int64_t cuts, uint64_t seed)
{
    struct tally tally = {0};
    struct fault fault = {0};
    disk_reset(model, seed);
    count(&tally, life_found(&fault) == FAULT_NONE || life_note("it is not founded", &fault),
          "founding", seed);
    disk_kill();
    life_reboot();
    disk_save();
    for (uint64_t i = seed; tally.cuts < cuts; i++) {
        disk_load(model, i);
        disk_for_each_name(life_show_name);
        count(&tally, live(&tally.cuts), "writing", i);
    }
    life_forget_folder();
    return tally;
}

static int64_t run(enum disk_model model, const char *name, int64_t cuts, uint64_t seed)
{
    // Half of the steps under each model, and the last ones under both: there it is born.
    struct tally founding = found_lives(model, model == DISK_STRICT ? 1 : 2, 2, seed);
    struct tally birth = found_lives(model, -LAST_STEPS, 1, seed + 1000);
    int64_t found_cuts = founding.cuts + birth.cuts, bad = founding.bad + birth.bad;
    struct tally writing = write_lives(model, cuts > found_cuts ? cuts - found_cuts : 1, seed);
    printf("# %s: %lld cuts while it is founded (of %lld operations), %lld ended badly\n", name,
           (long long)found_cuts, (long long)founding.operations, (long long)bad);
    printf("# %s: %lld cuts while it writes (%lld lives), %lld acknowledged commands, %lld lives "
           "ended badly\n",
           name, (long long)writing.cuts, (long long)writing.lives, (long long)writing.acknowledged,
           (long long)writing.bad);
    return bad + writing.bad;
}

// A process of its own for each model: they have nothing in common. Returns how many failed.
static int run_models(int64_t cuts, uint64_t seed)
{
    static const struct {
        enum disk_model model;
        const char *name;
    } models[] = {{DISK_STRICT, "strict folder"}, {DISK_ORDERED, "ordered journal"}};
    int failed = 0, status = 0;
    pid_t child[2];
    for (int i = 0; i < 2; i++) {
        child[i] = fork();
        if (child[i] != 0)
            continue;
        life_set_folder();
        _exit(run(models[i].model, models[i].name, cuts, seed) > 0 ? 1 : 0);
    }
    for (int i = 0; i < 2; i++)
        failed += child[i] < 0 || waitpid(child[i], &status, 0) != child[i] || status != 0;
    return failed;
}

// Each of these disks leaves out some syncs, and must be found to lose something.
static int find_planted(uint64_t seed)
{
    static const struct {
        const char *lie, *name;
        bool is_founding;
    } planted[] = {
        {"", "every sync", false},
        {"ledger.db-wal", "the sync of the ledger's log", false},
        {"vault.db-wal", "the sync of the vault's log", false},
        {"", "every sync, of a founding", true},
        {"/", "the syncs of folders, of a founding", true},
        {"founding/ledger.db", "the syncs of the new ledger, of a founding", true},
    };
    int missed = 0;
    life_set_folder();
    for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++) {
        struct tally tally = {0};
        life.lie = planted[i].lie;
        for (uint64_t more = 0; tally.bad == 0 && more < 6; more++)
            tally = planted[i].is_founding
                        ? found_lives(DISK_STRICT, -LAST_STEPS / 2, 1, seed + 100 * more)
                        : write_lives(DISK_STRICT, 20, seed + 100 * more);
        life.lie = NULL;
        printf("# planted: a disk without %s: %lld of %lld lives ended badly\n", planted[i].name,
               (long long)tally.bad, (long long)tally.lives);
        printf("%sok - power cuts, three files, find a disk without %s\n",
               tally.bad > 0 ? "" : "not ", planted[i].name);
        missed += tally.bad == 0;
    }
    return missed;
}

int main(int argc, char **argv)
{
    int64_t cuts = 1000, seed = 1;
    const struct crash_option options[] = {{"--cuts", &cuts}, {"--seed", &seed}, {NULL, NULL}};
    int code = crash_begin(argc, argv, options);
    if (code != 0)
        return code;
    disk_register(true);
    int failed = run_models(cuts, seed);
    printf(
        "%sok - power cuts, three files: nothing acknowledged is lost, state follows the ledger, "
        "nothing is half founded\n",
        failed == 0 ? "" : "not ");
    failed += find_planted(seed);
    return failed > 0;
}
