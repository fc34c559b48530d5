// SPDX-License-Identifier: GPL-3.0-or-later
//
// crash_ledger.c: the power goes at a random operation of a ledger's life, 2,000 times and more.
//
// usage: crash_ledger [--cuts N] [--seed S]          N cuts under each of the two models of a disk
//        crash_ledger --replay SEED [--ordered 1]    one life again, with its faults written out
//
// A life (script.h) runs on the simulated disk (disk.h) until the power goes at one of its first
// OPERATIONS writes, truncations, syncs and unlinks. Then the disk comes back with pending writes
// kept, dropped, torn or garbled, and with unlinks and new names lost unless their folder was
// synced. In half of the lives the power goes again, once or twice, while the ledger is being
// opened.
//
// Demanded: the ledger opens; every acknowledged entry is there, byte for byte; of the one group
// that was not acknowledged, all or nothing is there; the audit finds the tree, the checkpoints and
// the pages whole; another group can be appended. A file that was cut before ledger_create returned
// may be no ledger yet, and then ledger_create makes it one.
//
// That the test can fail is part of it: with synchronous=NORMAL and on a disk that lies about
// syncs, it must find losses.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "begin.h"
#include "disk.h"
#include "script.h"

enum { OPERATIONS = 400, GROUPS = 60, PLANTED_CUTS = 300 };

struct tally {
    int64_t cuts, lost, corrupt, with_last, unborn, entries;
    uint64_t bad_seed; // of the first life that ended badly
};

static void say(const char *what, const struct fault *fault)
{
    char sentence[LIMIT_TEXT_SIZE] = "";
    if (fault->code != FAULT_NONE)
        fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    printf("# %s: %s\n", what, sentence);
}

// Opens the ledger after a cut, with the power going again up to twice on the way.
static enum fault_code recover(struct script *script, struct ledger **ret_ledger,
                               struct fault *fault)
{
    int more_cuts = disk_random_below(4) - 1; // -1 and 0: none.
    for (; more_cuts > 0; more_cuts--) {
        struct fault ignored = {0};
        struct ledger *ledger = NULL;
        disk_cut_after(1 + disk_random_below(25));
        script_open(script, &ledger, &ignored);
        disk_kill();
        ledger_close(ledger);
        disk_reboot();
    }
    return script_open(script, ret_ledger, fault);
}

// One life. Returns what is left of it.
static enum script_outcome live(struct script *script, enum disk_model model, uint64_t seed,
                                struct tally *tally, struct fault *fault)
{
    struct ledger *ledger = NULL;
    struct fault death = {0};
    *script = (struct script){.planted = script->planted};
    disk_reset(model, seed);
    disk_cut_after(1 + disk_random_below(OPERATIONS));
    script_run(script, GROUPS, &death);
    disk_kill();
    disk_reboot();
    tally->entries += script->acknowledged;
    enum fault_code code = recover(script, &ledger, fault);
    if (code != FAULT_NONE && !script->is_created) {
        // Not yet a ledger: making it must go through now.
        struct fault making = {0};
        tally->unborn++;
        *fault = (struct fault){0};
        code = script_run(script, 3, &making);
        if (code == FAULT_NONE)
            code = script_open(script, &ledger, fault);
    }
    if (code != FAULT_NONE)
        return SCRIPT_CORRUPT;
    if (!script->is_created) { // Made whole, though ledger_create never said so.
        script->is_created = true;
        script->acknowledged = script->attempted = 1;
    }
    enum script_outcome outcome = script_check(script, ledger, fault);
    if (outcome == SCRIPT_WHOLE || outcome == SCRIPT_WITH_LAST) {
        if (script_append_group(script, ledger, fault) != FAULT_NONE ||
            script_check(script, ledger, fault) != SCRIPT_WHOLE)
            outcome = SCRIPT_CORRUPT;
    }
    ledger_close(ledger);
    return outcome;
}

static struct tally run(enum disk_model model, enum script_planted planted, int64_t cuts,
                        uint64_t seed)
{
    static struct script script;
    struct tally tally = {0};
    script.planted = planted;
    for (; tally.cuts < cuts; tally.cuts++) {
        struct fault fault = {0};
        uint64_t life = seed + (uint64_t)tally.cuts;
        enum script_outcome outcome = live(&script, model, life, &tally, &fault);
        tally.with_last += outcome == SCRIPT_WITH_LAST;
        tally.lost += outcome == SCRIPT_LOST;
        tally.corrupt += outcome == SCRIPT_CORRUPT;
        bool is_bad = outcome == SCRIPT_LOST || outcome == SCRIPT_CORRUPT;
        if (is_bad && tally.bad_seed == 0) {
            tally.bad_seed = life;
            if (planted == SCRIPT_SOUND)
                say("the first bad life", &fault);
        }
    }
    return tally;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int check_sound(enum disk_model model, const char *name, int64_t cuts, uint64_t seed)
{
    double start = seconds();
    struct tally tally = run(model, SCRIPT_SOUND, cuts, seed);
    double duration = seconds() - start;
    bool is_good = tally.lost == 0 && tally.corrupt == 0;
    printf("# %s: %lld cuts in %.1f s (%.0f a second), %lld acknowledged entries, %lld lives with "
           "losses, %lld corrupt, %lld kept the unacknowledged group whole, %lld before birth\n",
           name, (long long)tally.cuts, duration, (double)tally.cuts / duration,
           (long long)tally.entries, (long long)tally.lost, (long long)tally.corrupt,
           (long long)tally.with_last, (long long)tally.unborn);
    if (!is_good)
        printf("# replay: crash_ledger --replay %llu%s\n", (unsigned long long)tally.bad_seed,
               model == DISK_ORDERED ? " --ordered 1" : "");
    printf("%sok - power cuts, %s: nothing acknowledged is lost, nothing is corrupt\n",
           is_good ? "" : "not ", name);
    return is_good ? 0 : 1;
}

static int check_planted(enum disk_model model, enum script_planted planted, const char *name,
                         uint64_t seed)
{
    struct tally tally = run(model, planted, PLANTED_CUTS, seed);
    printf("# planted: %s: %lld of %d lives with losses, %lld corrupt\n", name,
           (long long)tally.lost, PLANTED_CUTS, (long long)tally.corrupt);
    printf("%sok - power cuts find a planted fault: %s\n",
           tally.lost + tally.corrupt > 0 ? "" : "not ", name);
    return tally.lost + tally.corrupt > 0 ? 0 : 1;
}

static int replay(enum disk_model model, uint64_t seed)
{
    static struct script script;
    struct tally tally = {0};
    struct fault fault = {0};
    enum script_outcome outcome = live(&script, model, seed, &tally, &fault);
    static const char *const names[] = {"whole", "whole, with the last group", "LOST", "CORRUPT"};
    say(names[outcome], &fault);
    printf("# %lld acknowledged, %lld attempted, in %d groups\n", (long long)script.acknowledged,
           (long long)script.attempted, script.group_count);
    return outcome == SCRIPT_LOST || outcome == SCRIPT_CORRUPT;
}

int main(int argc, char **argv)
{
    int64_t cuts = 2000, seed = 1, life = 0, is_ordered = 0;
    const struct crash_option options[] = {{"--cuts", &cuts},
                                           {"--seed", &seed},
                                           {"--replay", &life},
                                           {"--ordered", &is_ordered},
                                           {NULL, NULL}};
    int code = crash_begin(argc, argv, options);
    if (code != 0)
        return code;
    disk_register(false);
    uint64_t first = (uint64_t)seed;
    if (life != 0)
        return replay(is_ordered != 0 ? DISK_ORDERED : DISK_STRICT, (uint64_t)life);
    int failed = check_sound(DISK_STRICT, "strict folder", cuts, first);
    failed += check_sound(DISK_ORDERED, "ordered journal", cuts, first);
    failed += check_planted(DISK_STRICT, SCRIPT_NORMAL, "synchronous=NORMAL, strict folder", first);
    failed +=
        check_planted(DISK_ORDERED, SCRIPT_NORMAL, "synchronous=NORMAL, ordered journal", first);
    failed += check_planted(DISK_STRICT, SCRIPT_LYING, "a disk that lies about syncs", first);
    return failed > 0;
}
