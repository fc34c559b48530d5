// SPDX-License-Identifier: GPL-3.0-or-later
//
// kill_found.c: whoever founds a store is killed (SIGKILL) at each call that changes the disk.
//
// usage: kill_found [--step N]          every N-th call (1)
//
// A child founds a store in a folder on a real file system; its N-th call of open, write, truncate,
// sync, rename, mkdir, unlink or rmdir, SQLite's included, is its last: the functions of the C
// library are caught below. Then the folder is looked at:
//
//     nothing was founded    it can be founded now, and the store opens
//     a store was founded    it opens
//
// The same for a store restored from a backup, and for one that is thrown away. Nothing in between
// is allowed, nor a folder that nobody can found any more. That the test can fail is part of it: a
// founding that gives the ledger its name first must be found.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "begin.h"
#include "store/backup.h"
#include "store/command.h"
#include "store/found.h"
#include "store/store.h"
#include "vault/vault.h"

static long calls_left; // 0: nobody is killed
static char top[128], folder[160], backup[160], trouble[400];
static const char passphrase[] = "correct horse battery staple";

static void step(void)
{
    if (calls_left > 0 && --calls_left == 0)
        kill(getpid(), SIGKILL);
}

// The call is made, and then the process dies; or it dies before it, with the call before.
#define CAUGHT(type, name, parameters, arguments)                                                  \
    type name parameters                                                                           \
    {                                                                                              \
        static type(*real) parameters;                                                             \
        if (real == NULL)                                                                          \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                                             \
        type result = real arguments;                                                              \
        step();                                                                                    \
        return result;                                                                             \
    }
CAUGHT(ssize_t, write, (int file, const void *bytes, size_t size), (file, bytes, size))
CAUGHT(ssize_t, pwrite, (int file, const void *bytes, size_t size, off_t at),
       (file, bytes, size, at))
CAUGHT(int, ftruncate, (int file, off_t size), (file, size))
CAUGHT(int, fsync, (int file), (file))
CAUGHT(int, fdatasync, (int file), (file))
CAUGHT(int, rename, (const char *from, const char *to), (from, to))
CAUGHT(int, unlink, (const char *path), (path))
CAUGHT(int, rmdir, (const char *path), (path))
CAUGHT(int, mkdir, (const char *path, mode_t mode), (path, mode))

static bool note(const char *what, const struct fault *fault)
{
    char sentence[300] = "";
    if (fault != NULL && fault->code != FAULT_NONE)
        fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    if (trouble[0] == '\0')
        snprintf(trouble, sizeof trouble, "%s: %s", what, sentence);
    return false;
}

// ---- What is done, and cut off ----------------------------------------------------------------

static enum fault_code found(struct fault *fault)
{
    struct store_birth birth = {.kind = STORE_REPLAY, .division_code = "210000", .time = 1};
    return store_create(folder, &birth, fault);
}

static enum fault_code restore(struct fault *fault)
{
    return backup_read(backup, folder, span_from(passphrase), NULL, fault);
}

static enum fault_code unmake(struct fault *fault)
{
    return store_unmake(folder, fault);
}

// The planted fault: the ledger gets its name before the vault. Only the two renames are cut off.
static enum fault_code found_ledger_first(struct fault *fault)
{
    static const char *const names[] = {"ledger.db", "vault.db"};
    struct store_birth birth = {.kind = STORE_REPLAY, .division_code = "210000", .time = 1};
    struct store_founding founding = {.lock = -1};
    long calls = calls_left;
    calls_left = 0;
    enum fault_code code = store_begin_founding(folder, &founding, fault);
    if (code == FAULT_NONE)
        code = store_create(founding.place, &birth, fault);
    calls_left = calls;
    for (int i = 0; i < 2 && code == FAULT_NONE; i++) {
        char from[LIMIT_PATH_SIZE + 16], to[LIMIT_PATH_SIZE + 16];
        snprintf(from, sizeof from, "%s/%s", founding.place, names[i]);
        snprintf(to, sizeof to, "%s/%s", founding.folder, names[i]);
        if (rename(from, to) != 0)
            exit(1);
    }
    return code;
}

struct act {
    const char *name;
    enum fault_code (*run)(struct fault *fault);
    bool is_on_store; // it begins with a store in the folder
    long calls_apart; // Argon2 is dear where a backup is opened
};

// ---- What is found afterwards -----------------------------------------------------------------

static bool opens(void)
{
    struct store_options options = {.folder = folder, .must_hold = true, .must_not_settle = true};
    struct store *store = NULL;
    struct fault fault = {0};
    char digest[65] = "";
    enum fault_code code = store_open(&options, &store, &fault);
    if (code == FAULT_NONE)
        code = store_digest(store, digest, &fault);
    store_close(store);
    return code == FAULT_NONE || note("the store does not open", &fault);
}

static bool is_whole(void)
{
    char path[200];
    struct fault fault = {0};
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    if (access(path, F_OK) != 0 && found(&fault) != FAULT_NONE)
        return note("it cannot be founded again", &fault);
    if (!opens())
        return false;
    snprintf(path, sizeof path, "%s/founding", folder);
    return access(path, F_OK) != 0 || note("leftovers stay", NULL);
}

static void clear_folder(void)
{
    struct fault ignored = {0};
    struct store_founding founding = {.lock = -1};
    store_unmake(folder, &ignored);
    if (store_begin_founding(folder, &founding, &ignored) == FAULT_NONE)
        store_abandon_founding(&founding);
    rmdir(folder);
}

// Runs the act in a child that dies at its `call`-th call. False: it came to its end.
static bool is_killed(const struct act *act, long call)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct fault fault = {0};
        calls_left = call;
        enum fault_code code = act->run(&fault);
        calls_left = 0;
        _exit(code == FAULT_NONE ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        exit(1);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
        note("it failed by itself", NULL);
    return WIFSIGNALED(status);
}

static long try_all(const struct act *act, long step, long *ret_bad)
{
    long kills = 0, bad = 0;
    bool goes_on = true;
    for (long call = 1; goes_on && trouble[0] == '\0'; call += step * act->calls_apart) {
        struct fault fault = {0};
        if (act->is_on_store && found(&fault) != FAULT_NONE)
            note("it is not founded", &fault);
        goes_on = is_killed(act, call);
        kills += goes_on;
        if (!is_whole()) {
            printf("# %s, killed at call %ld: %s\n", act->name, call, trouble);
            bad++;
        }
        clear_folder();
    }
    *ret_bad = bad;
    return kills;
}

static bool make_backup(void)
{
    struct fault fault = {0};
    bool is_made = found(&fault) == FAULT_NONE &&
                   backup_write(folder, backup, span_from(passphrase), NULL, &fault) == FAULT_NONE;
    clear_folder();
    return is_made || note("there is no backup", &fault);
}

int main(int argc, char **argv)
{
    static const struct act acts[] = {{"founding a store", found, false, 1},
                                      {"restoring a backup", restore, false, 9},
                                      {"throwing a store away", unmake, true, 1}};
    static const struct act planted = {"planted: the ledger first", found_ledger_first, false, 1};
    int64_t step_size = 1;
    long failed = 0, bad = 0;
    const struct crash_option options[] = {{"--step", &step_size}, {NULL, NULL}};
    int code = crash_begin(argc, argv, options);
    if (code != 0 || step_size < 1)
        return code != 0 ? code : 64;
    // A killed process loses nothing that the kernel holds, so memory does for a disk.
    snprintf(top, sizeof top, "%s/levee-kill-found-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(top) == NULL)
        return 1;
    snprintf(folder, sizeof folder, "%s/store", top);
    snprintf(backup, sizeof backup, "%s/backup", top);
    if (!make_backup())
        printf("# %s\n", trouble);
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        long kills = try_all(&acts[i], step_size, &bad);
        bool is_good = bad == 0 && trouble[0] == '\0' && kills > 0;
        printf("%sok - killed at each step of %s: nothing is half done (%ld kills)\n",
               is_good ? "" : "not ", acts[i].name, kills);
        failed += !is_good;
    }
    trouble[0] = '\0';
    long kills = try_all(&planted, 1, &bad);
    printf("# planted: found at kill %ld\n", kills);
    printf("%sok - kills find a store that is founded ledger first\n", bad > 0 ? "" : "not ");
    unlink(backup);
    rmdir(top);
    return failed > 0 || bad == 0;
}
