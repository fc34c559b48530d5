// SPDX-License-Identifier: GPL-3.0-or-later
//
// life.c: the store under test, what is asked of it, and the checks. See life.h.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "ledger/ledger.h"
#include "life.h"
#include "store/store_emit.h"

struct life life = {.mutex = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};

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

bool life_note(const char *what, const struct fault *fault)
{
    char sentence[200] = "";
    if (fault != NULL && fault->code != FAULT_NONE)
        fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    if (life.trouble[0] == '\0')
        snprintf(life.trouble, sizeof life.trouble, "%s: %s", what, sentence);
    return false;
}

// ---- The store under test

static const struct command_row commands[] = {
    FIXTURE_EMIT,
};

enum fault_code life_open_store(struct store **ret_store, struct fault *fault)
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
    sent->fault = result->code == FAULT_NONE ? (struct fault){0} : *result->fault;
    sent->sequence = json_integer_or(result->answer, "sequence", 0);
    life.waiting_count--;
    pthread_cond_signal(&life.answered);
    pthread_mutex_unlock(&life.mutex);
}

// Sends command `number`; the same number has the same id.
void life_send(struct store *store, int number)
{
    struct fault fault = {0};
    char code[16];
    snprintf(code, sizeof code, "U%d", number);
    struct command_request request = {.name = "test.emit", .actor = store_system_actor()};
    while (request.body == NULL) // The asker's memory is not what is tried.
        request.body = json_pack("{s:s}", "code", code);
    memset(request.id, 0xC0, sizeof request.id);
    memcpy(request.id, &number, sizeof number);
    pthread_mutex_lock(&life.mutex);
    life.waiting_count++;
    pthread_mutex_unlock(&life.mutex);
    if (store_post_command(store, &request, answer, &life.sent[number], &fault) != FAULT_NONE) {
        pthread_mutex_lock(&life.mutex);
        life.waiting_count--;
        life.sent[number].fault = fault;
        pthread_mutex_unlock(&life.mutex);
    }
    json_decref(request.body);
}

void life_wait_for_answers(void)
{
    pthread_mutex_lock(&life.mutex);
    while (life.waiting_count > 0)
        pthread_cond_wait(&life.answered, &life.mutex);
    pthread_mutex_unlock(&life.mutex);
}

// Opens a session, and ends every other one: the vault writes while the writer thread does.
void life_sign_in(struct vault *vault, int number)
{
    struct fault fault = {0};
    struct session *session = &life.session[number];
    if (vault_open_session(vault, 1 + number, LIFE_SESSION_TIME, session->token, &fault) !=
        FAULT_NONE)
        return;
    life.session_count = number + 1;
    session->fate = SESSION_OPEN;
    if (number % 2 == 0)
        return;
    enum fault_code code = vault_end_session(vault, span_from(session->token), &fault);
    session->fate = code == FAULT_NONE ? SESSION_ENDED : SESSION_UNKNOWN;
}

bool life_sessions_are_right(struct vault *vault)
{
    for (int i = 0; i < life.session_count; i++) {
        struct fault fault = {0};
        int64_t account = 0;
        unsigned char hash[VAULT_SESSION_SIZE];
        const struct session *session = &life.session[i];
        enum fault_code code = vault_find_session(vault, span_from(session->token),
                                                  LIFE_SESSION_TIME, &account, hash, &fault);
        if (session->fate == SESSION_OPEN && (code != FAULT_NONE || account != 1 + i))
            return life_note("a session that was opened is lost", &fault);
        if (session->fate == SESSION_ENDED && code != FAULT_DENIED)
            return life_note("a session that was ended is open again", &fault);
    }
    return true;
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

bool life_state_is_behind(void)
{
    int64_t applied = read_applied(), size = 0;
    struct fault fault = {0};
    struct ledger *ledger = open_ledger(&fault);
    bool is_good =
        ledger != NULL && ledger_read_size(ledger, &size, &fault) == FAULT_NONE && applied <= size;
    bool is_there = ledger != NULL;
    ledger_close(ledger);
    if (!is_there)
        return life_note("the ledger does not open", &fault);
    if (!is_good)
        snprintf(life.trouble, sizeof life.trouble,
                 "the state is ahead of the ledger: next %lld, entries %lld", (long long)applied,
                 (long long)size);
    return is_good;
}

bool life_ledger_is_whole(void)
{
    char path[160];
    struct fault fault = {0};
    struct ledger_report report = {0};
    snprintf(path, sizeof path, "%s/ledger.db", life.folder);
    struct ledger_audit_options options = {.path = path};
    return ledger_audit(&options, &report, &fault) == FAULT_NONE ||
           life_note("the ledger is not whole", &fault);
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
    if (number >= 0 && number < LIFE_COMMANDS) {
        const struct sent *sent = &life.sent[number];
        count[number]++;
        if (sent->is_acknowledged && sent->sequence != entry->sequence)
            life_note("an acknowledged entry stands elsewhere", NULL);
    }
    json_decref(body);
    return FAULT_NONE;
}

// Every acknowledged command has one entry; every other has `most` at most.
bool life_entries_are_right(int most)
{
    int count[LIFE_COMMANDS] = {0};
    struct fault fault = {0};
    struct ledger *ledger = open_ledger(&fault);
    if (ledger == NULL ||
        ledger_for_each(ledger, 0, INT64_MAX, count_command, count, &fault) != FAULT_NONE)
        life_note("the ledger cannot be read", &fault);
    ledger_close(ledger);
    for (int i = 0; i < life.sent_count; i++) {
        if (life.sent[i].is_acknowledged && count[i] != 1)
            life_note("an acknowledged command is lost or has acted twice", NULL);
        if (count[i] > most)
            life_note("a command has acted twice", NULL);
    }
    return life.trouble[0] == '\0';
}

bool life_rebuilds_alike(struct store *store)
{
    struct fault fault = {0};
    char now[65] = "", before[65] = "", after[65] = "";
    enum fault_code code = store_digest(store, now, &fault);
    store_close(store);
    if (code == FAULT_NONE)
        code = store_rebuild(life.folder, before, after, &fault);
    return (code == FAULT_NONE && strcmp(now, before) == 0 && strcmp(now, after) == 0) ||
           life_note("the state that is built anew is another", &fault);
}

// ---- Lives

void life_show_name(const char *name, bool is_there)
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
void life_reboot(void)
{
    disk_reboot();
    disk_for_each_name(life_show_name);
}

static void forget_name(const char *name, bool is_there)
{
    (void)is_there;
    life_show_name(name, false);
}

// Before the disk forgets its names.
void life_forget_folder(void)
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

void life_begin(void)
{
    disk_lie(life.lie);
    memset(life.sent, 0, sizeof life.sent);
    life.sent_count = life.waiting_count = life.session_count = 0;
    life.trouble[0] = '\0';
}

enum fault_code life_found(struct fault *fault)
{
    struct store_birth birth = {.kind = STORE_REPLAY, .division_code = "210000", .time = 1};
    return store_create(life.folder, &birth, fault);
}

void life_set_folder(void)
{
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(life.folder, sizeof life.folder, "%s/levee-crash-store-%d", memory, (int)getpid());
    disk_set_root(life.folder);
}
