// SPDX-License-Identifier: GPL-3.0-or-later
//
// bench_ledger.c: durable appends a second, beside what the disk allows in the same run.
//
// usage: bench_ledger [FOLDER] [ENTRIES]      FOLDER stands on the disk that is measured; else
//                                             BENCH_FOLDER, else /var/tmp (never memory, as /tmp
//                                             may be)
//
// The physical limit of durable commits is the rate at which the disk syncs: here 4 KiB written and
// fdatasync, one after another, on a file in the same folder, measured before and after. A group of
// g entries shares one sync, so its limit is g times that rate. Entries have 300 bytes of body.
// Then ENTRIES (100,000) are appended in groups of 1,024, and reading, auditing and proving are
// timed on them; auditing has SHA-256 over the same bytes as its yardstick.
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "ledger/ledger.h"

enum { BODY_SIZE = 300, BIG_GROUP = 1024, PROOFS = 2000 };
static const double duration_s = 2;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void row(const char *name, double value, const char *unit, const char *yardstick,
                double yardstick_value)
{
    printf("%s\t%.4g\t%s\t%s\t%.4g\n", name, value, unit, yardstick, yardstick_value);
}

static void stop(const struct fault *fault)
{
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    fprintf(stderr, "bench_ledger: %s\n", sentence);
    exit(fault_exit_code(fault->code));
}

// Syncs a second: 4 KiB appended and made durable, again and again.
static double measure_syncs(const char *folder)
{
    static char page[4096];
    char path[512];
    snprintf(path, sizeof path, "%s/sync", folder);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    double start = seconds(), now = start;
    int count = 0;
    while (file >= 0 && (now = seconds()) < start + duration_s) {
        if (write(file, page, sizeof page) != (ssize_t)sizeof page || fdatasync(file) != 0)
            break;
        count++;
    }
    if (file >= 0)
        close(file);
    unlink(path);
    return count / (now - start);
}

static void append_group(struct ledger *ledger, int count)
{
    static char body[BODY_SIZE];
    struct fault fault = {0};
    memset(body, 'x', sizeof body);
    memcpy(body, "{\"text\":\"", 9);
    memcpy(body + sizeof body - 2, "\"}", 2);
    struct ledger_entry draft = {.time = 1,
                                 .node = 21000,
                                 .type = span_from("bench.noted"),
                                 .form = 1,
                                 .part = 1,
                                 .parts = 1,
                                 .body = {body, sizeof body}};
    int64_t sequence = 0;
    enum fault_code code = ledger_begin(ledger, &fault);
    for (int i = 0; i < count && code == FAULT_NONE; i++)
        code = ledger_append_entry(ledger, &draft, &sequence, &fault);
    if (code == FAULT_NONE)
        code = ledger_commit(ledger, &fault);
    if (code != FAULT_NONE)
        stop(&fault);
}

// Entries a second in groups of `group`; the WAL is emptied as an idle writer would.
static double measure_appends(struct ledger *ledger, int group)
{
    struct fault fault = {0};
    double start = seconds(), now = start;
    int64_t count = 0;
    while ((now = seconds()) < start + duration_s) {
        append_group(ledger, group);
        count += group;
    }
    if (ledger_checkpoint_wal(ledger, &fault) != FAULT_NONE)
        stop(&fault);
    return (double)count / (now - start);
}

static enum fault_code count_entry(void *context, const struct ledger_entry *entry,
                                   struct fault *fault)
{
    (void)entry, (void)fault;
    ++*(int64_t *)context;
    return FAULT_NONE;
}

static double measure_hashing(int64_t entries)
{
    char bytes[82 + 11 + BODY_SIZE] = {0};
    double start = seconds();
    for (int64_t i = 0; i < 2 * entries; i++) { // A leaf and about one node an entry.
        bytes[18 + i % 8] = (char)i;
        ledger_hash_leaf((struct span){bytes, i % 2 == 0 ? sizeof bytes : 64});
    }
    return (double)entries / (seconds() - start);
}

static void measure_reading(const char *path, int64_t size)
{
    struct fault fault = {0};
    struct ledger *reader = NULL;
    struct ledger_options options = {.path = path};
    struct ledger_report report = {0};
    int64_t count = 0;
    double start = seconds();
    if (ledger_audit(&(struct ledger_audit_options){.path = path}, &report, &fault) != FAULT_NONE)
        stop(&fault);
    row("ledger: audit", (double)report.entry_count / (seconds() - start), "entries/s",
        "SHA-256 of the same bytes", measure_hashing(size));
    if (ledger_open(&options, &reader, &fault) != FAULT_NONE)
        stop(&fault);
    start = seconds();
    if (ledger_for_each(reader, 0, size, count_entry, &count, &fault) != FAULT_NONE)
        stop(&fault);
    row("ledger: read and check all entries", (double)count / (seconds() - start), "entries/s", "",
        0);
    start = seconds();
    for (int i = 0; i < PROOFS; i++) {
        struct ledger_proof proof;
        int64_t sequence = (int64_t)randombytes_uniform((uint32_t)size);
        if (ledger_prove_inclusion(reader, sequence, size, &proof, &fault) != FAULT_NONE)
            stop(&fault);
    }
    row("ledger: inclusion proof", (seconds() - start) / PROOFS * 1e6, "us", "", 0);
    ledger_close(reader);
}

int main(int argc, char **argv)
{
    static const int groups[] = {1, 16, 64};
    char folder[400], path[420], name[64];
    struct fault fault = {0};
    struct ledger *ledger = NULL;
    int64_t entries = argc > 2 ? strtoll(argv[2], NULL, 10) : 100000, size = 0;
    const char *disk = argc > 1 ? argv[1] : getenv("BENCH_FOLDER");
    snprintf(folder, sizeof folder, "%s/bench-ledger-XXXXXX", disk != NULL ? disk : "/var/tmp");
    if (sodium_init() < 0 || mkdtemp(folder) == NULL)
        return 74;
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    struct ledger_birth birth = {.path = path, .ledger_id = 21000, .kind = "drill", .time = 1};
    struct ledger_options options = {.path = path, .is_writer = true};
    if (ledger_create(&birth, &fault) != FAULT_NONE ||
        ledger_open(&options, &ledger, &fault) != FAULT_NONE)
        stop(&fault);
    double before = measure_syncs(folder), rate[3];
    for (int i = 0; i < 3; i++)
        rate[i] = measure_appends(ledger, groups[i]);
    double syncs = (before + measure_syncs(folder)) / 2;
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "ledger: durable appends, groups of %d", groups[i]);
        row(name, rate[i], "entries/s", "4 KiB and fdatasync, a group each", syncs * groups[i]);
    }
    double start = seconds();
    for (int64_t count = 0; count < entries; count += BIG_GROUP) {
        append_group(ledger, BIG_GROUP);
        if (count / BIG_GROUP % 16 == 15 && ledger_checkpoint_wal(ledger, &fault) != FAULT_NONE)
            stop(&fault);
    }
    row("ledger: durable appends, groups of 1024", (double)entries / (seconds() - start),
        "entries/s", "", 0);
    if (ledger_read_size(ledger, &size, &fault) != FAULT_NONE)
        stop(&fault);
    ledger_close(ledger);
    measure_reading(path, size);
    unlink(path);
    snprintf(path, sizeof path, "%s/ledger.db-lock", folder);
    unlink(path);
    rmdir(folder);
    return 0;
}
