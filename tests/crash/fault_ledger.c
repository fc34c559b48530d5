// SPDX-License-Identifier: GPL-3.0-or-later
//
// fault_ledger.c: each read, write, sync, opening and unlink of a ledger's life fails in turn, once
// and for ever; each write finds the disk full.
//
// usage: fault_ledger [--groups N] [--seed S]
//
// For the k-th operation, k = 1, 2, ... until a life passes without meeting it:
//
//     the fault      comes back as FAULT_IO or FAULT_FULL (never as success, never as a crash), or
//     is
//                    of no consequence
//     FAULT_IO       the writer has stopped: it refuses the next group though the disk is sound
//     again FAULT_FULL     the writer goes on by itself once there is room readers        read
//     every acknowledged entry, while the writer is stopped or the disk is full afterwards     the
//     ledger opens, nothing acknowledged is lost, the audit is content; a power
//                    cut after that changes nothing
//
// The last line is the hard one: after a sync that failed the machine holds writes that no later
// sync will write (disk.h). That the test can fail is part of it: a writer that goes on after a
// failed sync must be found to lose entries.
#include <stdio.h>
#include <string.h>

#include "begin.h"
#include "disk.h"
#include "script.h"

struct tally {
    int64_t lives, io, full, harmless, failed;
};

static struct script script;
static int group_limit = 8;
static enum script_planted planted;
static char trouble[512];

static void note(const char *what, const struct fault *fault)
{
    char sentence[300] = "";
    if (fault->code != FAULT_NONE)
        fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    if (trouble[0] == '\0')
        snprintf(trouble, sizeof trouble, "%s (%s)", what, sentence);
}

static bool readers_read(void)
{
    struct fault fault = {0};
    struct ledger *reader = NULL;
    struct ledger_options options = {.path = "/ledger.db", .vfs = DISK_VFS};
    struct arena arena = {0};
    struct ledger_entry entry = {0};
    enum fault_code code = ledger_open(&options, &reader, &fault);
    for (int64_t i = 0; i < script.acknowledged && code == FAULT_NONE; i++)
        code = ledger_read_entry(reader, i, &arena, &entry, &fault);
    arena_reset(&arena);
    ledger_close(reader);
    if (code != FAULT_NONE)
        note("a reader cannot read", &fault);
    return code == FAULT_NONE;
}

// What the writer does with its handle after the fault.
static bool behaves(struct ledger *ledger, enum disk_fault kind, enum fault_code code)
{
    struct fault fault = {0};
    bool is_full = code == FAULT_FULL;
    if (kind == DISK_FULL_ALWAYS && script.is_created && ledger != NULL && !readers_read())
        return false;
    disk_fail_after(DISK_SOUND, 0);
    if (ledger == NULL)
        return true;
    if (!readers_read())
        return false;
    enum fault_code next = script_append_group(&script, ledger, &fault);
    if (is_full && next != FAULT_NONE)
        note("there is room again, but the writer does not go on", &fault);
    if (!is_full && next == FAULT_NONE && ledger->database.has_failed)
        note("the writer goes on after a failure", &fault);
    // A fault that only reading met does not stop the writer, and need not.
    return is_full ? next == FAULT_NONE : next == FAULT_NONE || next == FAULT_IO;
}

// Opens, checks, and lets the power go: straight away, then after one more group, then not.
static bool ends_well(void)
{
    for (int round = 0; round < 3; round++) {
        struct fault fault = {0};
        struct ledger *ledger = NULL;
        if (script_open(&script, &ledger, &fault) != FAULT_NONE) {
            note(round == 0 ? "it does not open again" : "it does not open after a power cut",
                 &fault);
            return false;
        }
        enum script_outcome outcome = script_check(&script, ledger, &fault);
        bool is_good = outcome == SCRIPT_WHOLE || outcome == SCRIPT_WITH_LAST;
        if (!is_good)
            note(outcome == SCRIPT_LOST ? "an acknowledged entry is lost" : "it is corrupt",
                 &fault);
        if (is_good && round > 0 && script_append_group(&script, ledger, &fault) != FAULT_NONE) {
            note("it takes no further group", &fault);
            is_good = false;
        }
        if (round < 2)
            disk_kill();
        ledger_close(ledger);
        if (round < 2)
            disk_reboot();
        if (!is_good)
            return false;
    }
    return true;
}

// One life whose k-th operation fails; then the writer is closed, or the power goes. False: it met
// no fault, so that k is past the last one.
static bool live(enum disk_fault kind, int64_t k, bool loses_power, uint64_t seed,
                 struct tally *tally)
{
    struct fault fault = {0};
    struct ledger *ledger = NULL;
    script = (struct script){.planted = planted};
    trouble[0] = '\0';
    disk_reset(DISK_STRICT, seed);
    disk_fail_after(kind, k);
    enum fault_code code = script_create(&script, &fault);
    if (code == FAULT_NONE)
        code = script_open(&script, &ledger, &fault);
    while (code == FAULT_NONE && script.group_count < group_limit)
        code = script_act(&script, &ledger, &fault);
    bool has_failed = disk_has_failed();
    bool is_good = code == FAULT_NONE || code == FAULT_IO || code == FAULT_FULL;
    if (!is_good)
        note("the fault is not one of the disk's", &fault);
    tally->io += code == FAULT_IO;
    tally->full += code == FAULT_FULL;
    tally->harmless += has_failed && code == FAULT_NONE;
    is_good = is_good && (code == FAULT_NONE || behaves(ledger, kind, code));
    disk_fail_after(DISK_SOUND, 0);
    if (loses_power)
        disk_kill();
    ledger_close(ledger);
    if (loses_power)
        disk_reboot();
    else
        disk_drop_cache(); // As database_open does on a real disk.
    if (is_good && !script.is_created) {
        struct fault making = {0};
        enum fault_code made = script_create(&script, &making);
        // Whole already, though ledger_create could not say so.
        if (made == FAULT_INVALID) {
            script.is_created = true;
            script.acknowledged = script.attempted = 1;
        } else if (made != FAULT_NONE) {
            is_good = false;
            note("it cannot be made anew", &making);
        }
    }
    is_good = is_good && ends_well();
    tally->failed += !is_good;
    tally->lives++;
    return has_failed;
}

static struct tally run(enum disk_fault kind, uint64_t seed)
{
    struct tally tally = {0};
    for (int64_t k = 2; live(kind, k / 2, k % 2 == 1, seed, &tally); k++)
        if (trouble[0] != '\0' && tally.failed == 1 && planted == SCRIPT_SOUND)
            printf("# operation %lld, seed %llu: %s\n", (long long)k / 2, (unsigned long long)seed,
                   trouble);
    return tally;
}

static int check(enum disk_fault kind, const char *name, uint64_t seed)
{
    struct tally tally = run(kind, seed);
    bool is_good = tally.failed == 0 && tally.lives > 20;
    printf(
        "# %s: %lld operations failed in turn, twice: %lld FAULT_IO, %lld FAULT_FULL, %lld of no "
        "consequence; %lld ended badly\n",
        name, ((long long)tally.lives - 1) / 2, (long long)tally.io, (long long)tally.full,
        (long long)tally.harmless, (long long)tally.failed);
    printf("%sok - disk faults, %s: no false acknowledgement, nothing lost\n",
           is_good ? "" : "not ", name);
    return is_good ? 0 : 1;
}

static int check_planted(uint64_t seed)
{
    planted = SCRIPT_BELIEVING;
    struct tally tally = run(DISK_FAIL_ONCE, seed);
    planted = SCRIPT_SOUND;
    printf("# planted: %lld of %lld lives ended badly\n", (long long)tally.failed,
           (long long)tally.lives);
    printf("%sok - disk faults find a writer that takes a failed commit for done\n",
           tally.failed > 0 ? "" : "not ");
    return tally.failed > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    int64_t seed = 1, groups = group_limit;
    const struct crash_option options[] = {{"--groups", &groups}, {"--seed", &seed}, {NULL, NULL}};
    int code = crash_begin(argc, argv, options);
    if (code != 0)
        return code;
    group_limit = (int)groups;
    disk_register(false);
    int failed = check(DISK_FAIL_ONCE, "one operation fails", seed);
    failed += check(DISK_FAIL_ALWAYS, "all operations fail from one on", seed);
    failed += check(DISK_FULL_ONCE, "the disk is full for one write", seed);
    failed += check(DISK_FULL_ALWAYS, "the disk is full from one write on", seed);
    failed += check_planted(seed);
    return failed > 0;
}
