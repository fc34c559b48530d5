// SPDX-License-Identifier: GPL-3.0-or-later
//
// crash_store.c: the power goes while a whole store writes its three files.
//
// usage: crash_store [--cuts N] [--seed S]
//
// The real store (store_create, store_open, commands posted to its writer thread, groups, WAL
// checkpoints, catching up, rebuilding) runs on the simulated disk of disk.h, which stands in for
// the system's VFS; unlink is caught too, as the store throws its state away with it. Each life is
// cut at a random operation, in part while the store is being founded or opened again. The folder
// on the real disk holds the lock, the socket and empty files only.
//
// Demanded after each cut, in this order:
//
//     the state on disk is not ahead of the ledger on disk
//     the store opens; the audit finds the ledger whole; every acknowledged entry is there
//     commands that were not answered are sent again under their old ids: each has acted once
//     throwing the state away and building it anew gives the same digest
//
// A life that is cut while the store is founded acknowledged nothing, and owes nothing. The writer
// is a thread of its own, so a seed repeats the disk's choices but not the order of threads. That
// the test can fail is part of it: on a disk that lies about syncs it must find losses.
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "disk.h"
#include "ledger/ledger.h"
#include "store/command.h"
#include "store/store.h"

enum { COMMANDS = 256, GROUPS = 24, GROUP = 6, OPERATIONS = 500, FOUNDING_OPERATIONS = 200 };

struct sent { // a command, by its number
    bool is_acknowledged;
    int64_t sequence;
};

static struct {
    struct sent sent[COMMANDS];
    int sent_count;
    int waiting_count;
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    bool is_lying;
    char folder[128];
    char trouble[256];
} life = {.mutex = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};

// The store's own unlink reaches the simulated disk.
int unlink(const char *path)
{
    disk_unlink(path);
    return unlinkat(AT_FDCWD, path, 0);
}

static bool note(const char *what, const struct fault *fault)
{
    char sentence[200] = "";
    if (fault != NULL && fault->code != FAULT_NONE)
        fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    if (life.trouble[0] == '\0')
        snprintf(life.trouble, sizeof life.trouble, "%s: %s", what, sentence);
    return false;
}

// ---- The store under test

static enum fault_code add_unit(struct command *command, struct fault *fault)
{
    struct entry_draft draft = {.type = "unit.added",
                                .form = 1,
                                .division = 1,
                                .body = json_pack("{s:O, s:s, s:s}", "code",
                                                  json_object_get(command->body, "code"), "name_zh",
                                                  "测试", "name_en", "test")};
    return command_emit(command, &draft, NULL, fault);
}

static const struct command_row commands[] = {
    {"test.add_unit",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_UNIT_ADD,
     {{"code", COMMAND_TEXT, 20, true}},
     add_unit},
};

static enum fault_code open_store(struct store **ret_store, struct fault *fault)
{
    struct store_options options = {.folder = life.folder,
                                    .commands = commands,
                                    .command_count = sizeof commands / sizeof commands[0],
                                    .must_hold = true};
    return store_open(&options, ret_store, fault);
}

static void answer(void *context, const struct command_result *result)
{
    struct sent *sent = context;
    pthread_mutex_lock(&life.mutex);
    sent->is_acknowledged = result->code == FAULT_NONE;
    sent->sequence = json_integer_or(result->answer, "sequence", 0);
    life.waiting_count--;
    pthread_cond_signal(&life.answered);
    pthread_mutex_unlock(&life.mutex);
}

// Sends command `number`; the same number has the same id.
static void send(struct store *store, int number)
{
    struct fault fault = {0};
    char code[16];
    snprintf(code, sizeof code, "U%d", number);
    struct command_request request = {.name = "test.add_unit",
                                      .body = json_pack("{s:s}", "code", code),
                                      .actor = store_system_actor()};
    memset(request.id, 0xC0, sizeof request.id);
    memcpy(request.id, &number, sizeof number);
    pthread_mutex_lock(&life.mutex);
    life.waiting_count++;
    pthread_mutex_unlock(&life.mutex);
    if (store_post_command(store, &request, answer, &life.sent[number], &fault) != FAULT_NONE) {
        pthread_mutex_lock(&life.mutex);
        life.waiting_count--;
        pthread_mutex_unlock(&life.mutex);
    }
    json_decref(request.body);
}

static void wait_for_answers(void)
{
    pthread_mutex_lock(&life.mutex);
    while (life.waiting_count > 0)
        pthread_cond_wait(&life.answered, &life.mutex);
    pthread_mutex_unlock(&life.mutex);
}

static void write_until_dead(struct store *store)
{
    for (int group = 0; group < GROUPS && !disk_is_dead(); group++) {
        int count = 1 + disk_random_below(GROUP);
        for (int i = 0; i < count; i++)
            send(store, life.sent_count++);
        wait_for_answers();
    }
}

// ---- After the cut

static int64_t read_applied(void)
{
    char path[160];
    sqlite3 *connection = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t applied = -1;
    snprintf(path, sizeof path, "%s/state.db", life.folder);
    if (sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        if (sqlite3_prepare_v2(connection, "SELECT applied FROM local_cursor", -1, &statement,
                               NULL) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW)
            applied = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    sqlite3_close(connection);
    return applied; // The next sequence to apply; -1: no state, which is never ahead.
}

static struct ledger *open_ledger(struct fault *fault)
{
    char path[160];
    struct ledger *ledger = NULL;
    snprintf(path, sizeof path, "%s/ledger.db", life.folder);
    struct ledger_options options = {.path = path};
    return ledger_open(&options, &ledger, fault) == FAULT_NONE ? ledger : NULL;
}

static bool state_is_behind(void)
{
    int64_t applied = read_applied(), size = 0;
    struct fault fault = {0};
    struct ledger *ledger = open_ledger(&fault);
    bool is_good =
        ledger != NULL && ledger_read_size(ledger, &size, &fault) == FAULT_NONE && applied <= size;
    bool is_there = ledger != NULL;
    ledger_close(ledger);
    if (!is_there)
        return note("the ledger does not open", &fault);
    if (!is_good)
        snprintf(life.trouble, sizeof life.trouble,
                 "the state is ahead of the ledger: next %lld, entries %lld", (long long)applied,
                 (long long)size);
    return is_good;
}

static bool ledger_is_whole(void)
{
    char path[160];
    struct fault fault = {0};
    struct ledger_report report = {0};
    snprintf(path, sizeof path, "%s/ledger.db", life.folder);
    struct ledger_audit_options options = {.path = path};
    return ledger_audit(&options, &report, &fault) == FAULT_NONE ||
           note("the ledger is not whole", &fault);
}

// Counts the entries of each command, and checks where the acknowledged ones stand.
static enum fault_code count_command(void *context, const struct ledger_entry *entry,
                                     struct fault *fault)
{
    int *count = context;
    json_t *body = NULL;
    if (!span_is(entry->type, "unit.added") || json_read(entry->body, &body, fault) != FAULT_NONE)
        return fault->code;
    const char *code = json_string_value(json_object_get(body, "code"));
    int number = code == NULL ? -1 : (int)strtol(code + 1, NULL, 10);
    if (number >= 0 && number < COMMANDS) {
        const struct sent *sent = &life.sent[number];
        count[number]++;
        if (sent->is_acknowledged && sent->sequence != entry->sequence)
            note("an acknowledged entry stands elsewhere", NULL);
    }
    json_decref(body);
    return FAULT_NONE;
}

// Every acknowledged command has one entry; every other has `most` at most.
static bool entries_are_right(int most)
{
    int count[COMMANDS] = {0};
    struct fault fault = {0};
    struct ledger *ledger = open_ledger(&fault);
    if (ledger == NULL ||
        ledger_for_each(ledger, 0, INT64_MAX, count_command, count, &fault) != FAULT_NONE)
        note("the ledger cannot be read", &fault);
    ledger_close(ledger);
    for (int i = 0; i < life.sent_count; i++) {
        if (life.sent[i].is_acknowledged && count[i] != 1)
            note("an acknowledged command is lost or has acted twice", NULL);
        if (count[i] > most)
            note("a command has acted twice", NULL);
    }
    return life.trouble[0] == '\0';
}

static bool rebuilds_alike(struct store *store)
{
    struct fault fault = {0};
    char now[65] = "", before[65] = "", after[65] = "";
    enum fault_code code = store_digest(store, now, &fault);
    store_close(store);
    if (code == FAULT_NONE)
        code = store_rebuild(life.folder, before, after, &fault);
    return (code == FAULT_NONE && strcmp(now, before) == 0 && strcmp(now, after) == 0) ||
           note("the state that is built anew is another", &fault);
}

static bool is_well_after(void)
{
    struct fault fault = {0};
    struct store *store = NULL;
    if (!state_is_behind())
        return false;
    for (int more_cuts = disk_random_below(3); more_cuts > 0; more_cuts--) {
        struct fault ignored = {0};
        disk_cut_after(1 + disk_random_below(60));
        open_store(&store, &ignored);
        disk_kill();
        store_close(store);
        store = NULL;
        disk_reboot();
    }
    if (!state_is_behind())
        return false;
    if (open_store(&store, &fault) != FAULT_NONE)
        return note("the store does not open", &fault);
    bool is_good = ledger_is_whole() && entries_are_right(1);
    for (int i = 0; i < life.sent_count; i++)
        if (!life.sent[i].is_acknowledged)
            send(store, i);
    wait_for_answers();
    for (int i = 0; i < life.sent_count; i++)
        if (!life.sent[i].is_acknowledged)
            is_good = note("a command that is sent again is refused", NULL);
    is_good = is_good && entries_are_right(1);
    return rebuilds_alike(store) && is_good;
}

// ---- Lives

static void forget_folder(void)
{
    static const char *const names[] = {"ledger.db", "ledger.db-lock", "state.db", "state.db-lock",
                                        "vault.db",  "vault.db-lock",  "lock",     "socket"};
    char path[160];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", life.folder, names[i]);
        unlinkat(AT_FDCWD, path, 0);
    }
    rmdir(life.folder);
}

// True: nothing is lost, or the life was cut before there was anything to lose.
static bool live(enum disk_model model, uint64_t seed, int64_t *acknowledged, int64_t *unborn)
{
    struct fault fault = {0};
    struct store *store = NULL;
    struct store_birth birth = {.kind = STORE_REPLAY, .division_code = "210000", .time = 1};
    disk_reset(model, seed);
    disk_lie(life.is_lying);
    memset(life.sent, 0, sizeof life.sent);
    life.sent_count = life.waiting_count = 0;
    life.trouble[0] = '\0';
    bool is_cut_early = disk_random_below(8) == 0;
    if (is_cut_early)
        disk_cut_after(1 + disk_random_below(FOUNDING_OPERATIONS));
    enum fault_code code = store_create(life.folder, &birth, &fault);
    if (!is_cut_early)
        disk_cut_after(1 + disk_random_below(OPERATIONS));
    if (code == FAULT_NONE && open_store(&store, &fault) == FAULT_NONE)
        write_until_dead(store);
    disk_kill();
    store_close(store);
    disk_reboot();
    for (int i = 0; i < life.sent_count; i++)
        *acknowledged += life.sent[i].is_acknowledged;
    bool is_good = code != FAULT_NONE || is_well_after();
    *unborn += code != FAULT_NONE;
    forget_folder();
    return is_good;
}

static int64_t run(enum disk_model model, const char *name, int64_t cuts, uint64_t seed)
{
    int64_t bad = 0, acknowledged = 0, unborn = 0;
    for (int64_t i = 0; i < cuts; i++)
        if (!live(model, seed + (uint64_t)i, &acknowledged, &unborn) && ++bad == 1 &&
            !life.is_lying)
            printf("# seed %llu: %s\n", (unsigned long long)(seed + (uint64_t)i), life.trouble);
    printf(
        "# %s: %lld cuts, %lld acknowledged commands, %lld lives ended badly, %lld before birth\n",
        name, (long long)cuts, (long long)acknowledged, (long long)bad, (long long)unborn);
    return bad;
}

int main(int argc, char **argv)
{
    int64_t cuts = 150;
    uint64_t seed = 1;
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--cuts") == 0)
            cuts = (int64_t)strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
        else
            return 64;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (sodium_init() < 0)
        return 1;
    disk_register(true);
    snprintf(life.folder, sizeof life.folder, "/tmp/levee-crash-store-%d", (int)getpid());
    int64_t bad = run(DISK_STRICT, "strict folder", cuts, seed) +
                  run(DISK_ORDERED, "ordered journal", cuts, seed);
    printf(
        "%sok - power cuts, three files: nothing acknowledged is lost, state follows the ledger\n",
        bad == 0 ? "" : "not ");
    life.is_lying = true;
    int64_t found = run(DISK_STRICT, "planted: a disk that lies about syncs", 20, seed);
    printf("%sok - power cuts, three files, find a disk that lies about syncs\n",
           found > 0 ? "" : "not ");
    return bad > 0 || found == 0;
}
