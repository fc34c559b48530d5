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
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "disk.h"
#include "ledger/ledger.h"
#include "store/command.h"
#include "store/found.h"
#include "store/store.h"
#include "vault/vault.h"

enum { COMMANDS = 256, GROUPS = 12, GROUP = 6, OPERATIONS = 320, LAST_STEPS = 40 };
#define SESSION_TIME INT64_C(1595372400000000)

struct sent { // a command, by its number
    bool is_acknowledged;
    int64_t sequence;
};
enum session_fate { SESSION_OPEN, SESSION_ENDED, SESSION_UNKNOWN };
struct session {
    char token[VAULT_TOKEN_SIZE];
    enum session_fate fate;
};

static struct {
    struct sent sent[COMMANDS];
    int sent_count;
    struct session session[GROUPS];
    int session_count;
    int waiting_count;
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    const char *lie; // see disk_lie
    char folder[128];
    char trouble[256];
} life = {.mutex = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};

// The store's own unlink, rename and fsync reach the simulated disk.
int unlink(const char *path)
{
    disk_unlink(path);
    return unlinkat(AT_FDCWD, path, 0);
}

int rename(const char *from, const char *to)
{
    if (access(from, F_OK) != 0)
        return -1;
    if (!disk_rename(from, to)) {
        errno = EIO;
        return -1;
    }
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int fsync(int file)
{
    char link[64], path[300];
    struct stat status = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    bool is_folder = fstat(file, &status) == 0 && S_ISDIR(status.st_mode);
    if (!is_folder || strncmp(path, life.folder, strlen(life.folder)) != 0)
        return 0; // The folder above: it is there in every life.
    errno = EIO;
    return disk_sync_folder(path) ? 0 : -1;
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

// Opens a session, and ends every other one: the vault writes while the writer thread does.
static void sign_in(struct vault *vault, int number)
{
    struct fault fault = {0};
    struct session *session = &life.session[number];
    if (vault_open_session(vault, 1 + number, SESSION_TIME, session->token, &fault) != FAULT_NONE)
        return;
    life.session_count = number + 1;
    session->fate = SESSION_OPEN;
    if (number % 2 == 0)
        return;
    enum fault_code code = vault_end_session(vault, span_from(session->token), &fault);
    session->fate = code == FAULT_NONE ? SESSION_ENDED : SESSION_UNKNOWN;
}

static bool sessions_are_right(struct vault *vault)
{
    for (int i = 0; i < life.session_count; i++) {
        struct fault fault = {0};
        int64_t account = 0;
        unsigned char hash[VAULT_SESSION_SIZE];
        const struct session *session = &life.session[i];
        enum fault_code code = vault_find_session(vault, span_from(session->token), SESSION_TIME,
                                                  &account, hash, &fault);
        if (session->fate == SESSION_OPEN && (code != FAULT_NONE || account != 1 + i))
            return note("a session that was opened is lost", &fault);
        if (session->fate == SESSION_ENDED && code != FAULT_DENIED)
            return note("a session that was ended is open again", &fault);
    }
    return true;
}

static void write_until_dead(struct store *store)
{
    for (int group = 0; group < GROUPS && !disk_is_dead(); group++) {
        int count = 1 + disk_random_below(GROUP);
        for (int i = 0; i < count; i++)
            send(store, life.sent_count++);
        sign_in(store_vault(store), group);
        wait_for_answers();
    }
}

// ---- After the cut

static void reboot(void);

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

// *cuts: the power goes a few times more.
static bool is_well_after(int64_t *cuts)
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
        reboot();
        *cuts += 1;
    }
    if (!state_is_behind())
        return false;
    if (open_store(&store, &fault) != FAULT_NONE)
        return note("the store does not open", &fault);
    bool is_good =
        ledger_is_whole() && entries_are_right(1) && sessions_are_right(store_vault(store));
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

static void show_name(const char *name, bool is_there)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", life.folder, name);
    if (!is_there) {
        unlinkat(AT_FDCWD, path, 0);
        return;
    }
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file >= 0)
        close(file);
}

// The power comes back, and the real folder shows what the simulated disk holds.
static void reboot(void)
{
    disk_reboot();
    disk_for_each_name(show_name);
}

static void forget_name(const char *name, bool is_there)
{
    (void)is_there;
    show_name(name, false);
}

// Before the disk forgets its names.
static void forget_folder(void)
{
    static const char *const locks[] = {"ledger.db-lock", "state.db-lock", "vault.db-lock", "lock",
                                        "socket"};
    char path[300];
    disk_for_each_name(forget_name);
    for (int depth = 1; depth >= 0; depth--) {
        const char *place = depth == 0 ? "" : "/founding";
        for (size_t i = 0; i < sizeof locks / sizeof locks[0]; i++) {
            snprintf(path, sizeof path, "%s%s/%s", life.folder, place, locks[i]);
            unlinkat(AT_FDCWD, path, 0);
        }
        snprintf(path, sizeof path, "%s%s", life.folder, place);
        rmdir(path);
    }
}

static void begin_life(void)
{
    disk_lie(life.lie);
    memset(life.sent, 0, sizeof life.sent);
    life.sent_count = life.waiting_count = life.session_count = 0;
    life.trouble[0] = '\0';
}

static enum fault_code found(struct fault *fault)
{
    struct store_birth birth = {.kind = STORE_REPLAY, .division_code = "210000", .time = 1};
    return store_create(life.folder, &birth, fault);
}

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
    begin_life();
    disk_cut_after(cut);
    enum fault_code code = found(&fault);
    *ret_operations = disk_operations();
    if (cut == 0)
        return code == FAULT_NONE || note("it is not founded", &fault);
    disk_kill();
    reboot();
    // A command that had ended well founded a store; one that had not may have, at its last step.
    enum fault_code again = found(&second);
    if (again != FAULT_NONE && second.key != TEXT_STORE_FOLDER_NOT_EMPTY)
        return note("it cannot be founded again", &second);
    if (code == FAULT_NONE && again == FAULT_NONE)
        return note("a store that was founded is gone", NULL);
    fault = (struct fault){0};
    if (open_store(&store, &fault) != FAULT_NONE)
        return note("what was founded does not open", &fault);
    for (int i = 0; i < GROUP; i++)
        send(store, life.sent_count++);
    wait_for_answers();
    for (int i = 0; i < GROUP; i++)
        if (!life.sent[i].is_acknowledged)
            note("what was founded takes no command", NULL);
    return entries_are_right(1) && rebuilds_alike(store);
}

// Cut at every `step`-th operation from `from` on; a negative `from` counts from the end.
static struct tally found_lives(enum disk_model model, int64_t from, int64_t step, uint64_t seed)
{
    struct tally tally = {0};
    int64_t operations = 0;
    disk_reset(model, seed);
    count(&tally, live_founding(0, &tally.operations), "founding without a cut", seed);
    forget_folder();
    from = from < 0 ? tally.operations + 1 + from : from;
    for (int64_t cut = from; cut <= tally.operations; cut += step) {
        disk_reset(model, seed + (uint64_t)cut);
        count(&tally, live_founding(cut, &operations), "founding", seed + (uint64_t)cut);
        tally.cuts++;
        forget_folder();
    }
    return tally;
}

// True: nothing is lost.
static bool live(int64_t *cuts)
{
    struct fault fault = {0};
    struct store *store = NULL;
    begin_life();
    disk_cut_after(1 + disk_random_below(OPERATIONS));
    if (open_store(&store, &fault) == FAULT_NONE)
        write_until_dead(store);
    disk_kill();
    store_close(store);
    reboot();
    *cuts += 1;
    return is_well_after(cuts);
}

static struct tally write_lives(enum disk_model model, int64_t cuts, uint64_t seed)
{
    struct tally tally = {0};
    struct fault fault = {0};
    disk_reset(model, seed);
    count(&tally, found(&fault) == FAULT_NONE || note("it is not founded", &fault), "founding",
          seed);
    disk_kill();
    reboot();
    disk_save();
    for (uint64_t i = seed; tally.cuts < cuts; i++) {
        disk_load(model, i);
        disk_for_each_name(show_name);
        count(&tally, live(&tally.cuts), "writing", i);
    }
    forget_folder();
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

static void set_folder(void)
{
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(life.folder, sizeof life.folder, "%s/levee-crash-store-%d", memory, (int)getpid());
    disk_set_root(life.folder);
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
        set_folder();
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
    set_folder();
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
    int64_t cuts = 1000;
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
    int failed = run_models(cuts, seed);
    printf(
        "%sok - power cuts, three files: nothing acknowledged is lost, state follows the ledger, "
        "nothing is half founded\n",
        failed == 0 ? "" : "not ");
    failed += find_planted(seed);
    return failed > 0;
}
