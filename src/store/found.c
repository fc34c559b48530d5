// SPDX-License-Identifier: GPL-3.0-or-later
//
// found.c: the place, the move, the leftovers.
//
// A folder is a store when it holds ledger.db (store.c looks for nothing else). So everything is
// made in FOLDER/founding, and the ledger's rename is the instant of birth:
//
//     FOLDER/founding/…            made, filled, closed; WALs are empty
//     rename vault.db, state.db    sync FOLDER
//     rename ledger.db             sync FOLDER            ── a store from here
//     remove founding
//
// The place lies inside the folder, not beside it: the folder may be a mount point, or its parent
// not ours to write.
//
// Leftovers are what a cut before the birth leaves: `founding` and, while it stands, the files of a
// store other than ledger.db. Files of any other name are never removed, and a folder that holds
// something but no `founding` is refused. A `founding` beside a ledger.db is what a cut after the
// birth leaves; it means nothing and is removed at the next opening.
//
// Unmaking a store is the same backwards: `founding` is made, then ledger.db goes; the rest is
// leftovers.
//
// The lock is flock on the folder itself; the kernel gives it up with its holder.
#include "store/found.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store_priv.h"

static const char place_name[] = "founding";
enum { PLACE_DEPTH = 3 }; // A founding inside a founding (the replay's) is the deepest.

// ---- What a folder holds ---------------------------------------------------------------------

// The files of a store; the ledger is not among them.
static const char *const parts[] = {
    "vault.db",     "vault.db-wal",   "vault.db-shm",  "vault.db-lock", "state.db",
    "state.db-wal", "state.db-shm",   "state.db-lock", "ledger.db-wal", "ledger.db-shm",
    "lock",         "ledger.db-lock", "socket",
};
enum { PARTS = sizeof parts / sizeof parts[0] };

struct content {
    bool has_ledger, has_place, has_other;
};

static enum fault_code look(const char *folder, struct content *ret_content, struct fault *fault)
{
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return fault_set(fault, FAULT_IO, TEXT_BASE_FILE_UNREADABLE, text_string(folder),
                         text_string(strerror(errno)));
    *ret_content = (struct content){0};
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        bool is_ledger = strcmp(name, "ledger.db") == 0, is_place = strcmp(name, place_name) == 0;
        ret_content->has_ledger |= is_ledger;
        ret_content->has_place |= is_place;
        ret_content->has_other |= !is_ledger && !is_place;
    }
    closedir(directory);
    return FAULT_NONE;
}

bool store_has_leftovers(const char *folder)
{
    struct content content = {0};
    struct fault ignored = {0}; // A folder that cannot be read is said by whoever opens it.
    return look(folder, &content, &ignored) == FAULT_NONE && content.has_place &&
           !content.has_ledger;
}

// Removes what is in the place. What cannot be removed stays, and whoever needs the name says so.
static void empty_place(const char *place, int depth)
{
    char path[LIMIT_PATH_SIZE + 300];
    DIR *directory = depth < PLACE_DEPTH ? opendir(place) : NULL;
    if (directory == NULL)
        return;
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", place, entry->d_name);
        if (strcmp(entry->d_name, place_name) == 0) {
            empty_place(path, depth + 1);
            rmdir(path);
        } else {
            unlink(path);
        }
    }
    closedir(directory);
}

// The place itself stays: while it stands, what is beside it is known to be leftovers.
static void remove_leftovers(const struct store_founding *founding)
{
    char path[LIMIT_PATH_SIZE + 16];
    for (int i = 0; i < PARTS; i++) {
        store_path(founding->folder, parts[i], path);
        unlink(path);
    }
    empty_place(founding->place, 0);
}

void store_remove_place(const char *folder)
{
    char place[LIMIT_PATH_SIZE + 16];
    store_path(folder, place_name, place);
    if (access(place, F_OK) != 0)
        return;
    empty_place(place, 0);
    rmdir(place);
}

// ---- Founding --------------------------------------------------------------------------------

static enum fault_code make_folder(const char *folder, struct fault *fault)
{
    if (mkdir(folder, 0700) == 0)
        return file_sync_folder_of(folder, fault);
    return errno == EEXIST ? FAULT_NONE : file_unwritable(fault, folder, errno);
}

static enum fault_code take_folder(struct store_founding *founding, struct fault *fault)
{
    founding->lock = open(founding->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (founding->lock < 0)
        return file_unwritable(fault, founding->folder, errno);
    if (flock(founding->lock, LOCK_EX | LOCK_NB) != 0)
        return fault_set(fault, FAULT_BUSY, TEXT_STORE_FOUNDING_BUSY,
                         text_string(founding->folder));
    struct content content = {0};
    enum fault_code code = look(founding->folder, &content, fault);
    if (code == FAULT_NONE && (content.has_ledger || (content.has_other && !content.has_place)))
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_FOLDER_NOT_EMPTY,
                         text_string(founding->folder));
    return code;
}

static void end(struct store_founding *founding)
{
    if (founding->lock >= 0)
        close(founding->lock);
    founding->lock = -1;
}

enum fault_code store_begin_founding(const char *folder, struct store_founding *ret_founding,
                                     struct fault *fault)
{
    struct store_founding *founding = ret_founding;
    char path[LIMIT_PATH_SIZE + 16];
    *founding = (struct store_founding){.lock = -1};
    size_t size = strlen(folder);
    if (size == 0 || size + sizeof place_name + 1 >= sizeof founding->place)
        return fault_set(fault, FAULT_INVALID, TEXT_DATABASE_PATH_TOO_LONG, text_string(folder),
                         text_integer((int64_t)(LIMIT_PATH_SIZE - sizeof place_name) - 1));
    memcpy(founding->folder, folder, size + 1);
    store_path(folder, place_name, path);
    memcpy(founding->place, path, strlen(path) + 1);
    enum fault_code code = make_folder(folder, fault);
    if (code == FAULT_NONE)
        code = take_folder(founding, fault);
    if (code == FAULT_NONE && mkdir(founding->place, 0700) != 0 && errno != EEXIST)
        code = file_unwritable(fault, founding->place, errno);
    if (code == FAULT_NONE)
        remove_leftovers(founding);
    else
        end(founding);
    return code;
}

// A WAL that is not empty holds what its database lacks.
static enum fault_code check_closed(const char *path, struct fault *fault)
{
    char log[LIMIT_PATH_SIZE + 32];
    struct stat status = {0};
    snprintf(log, sizeof log, "%s-wal", path);
    if (stat(log, &status) == 0 && status.st_size > 0)
        return fault_set(fault, FAULT_IO, TEXT_STORE_FOUNDING_UNFINISHED, text_string(path));
    return FAULT_NONE;
}

// A drill has no vault, a restored store no state yet.
static enum fault_code move(const struct store_founding *founding, const char *name,
                            struct fault *fault)
{
    char from[LIMIT_PATH_SIZE + 16], to[LIMIT_PATH_SIZE + 16];
    store_path(founding->place, name, from);
    store_path(founding->folder, name, to);
    enum fault_code code = check_closed(from, fault);
    if (code == FAULT_NONE && rename(from, to) != 0 &&
        (errno != ENOENT || strcmp(name, "ledger.db") == 0))
        code = file_unwritable(fault, to, errno);
    return code;
}

enum fault_code store_end_founding(struct store_founding *founding, struct fault *fault)
{
    assert(founding->lock >= 0);
    enum fault_code code = move(founding, "vault.db", fault);
    if (code == FAULT_NONE)
        code = move(founding, "state.db", fault);
    if (code == FAULT_NONE)
        code = file_sync_folder(founding->folder, fault);
    if (code != FAULT_NONE) {
        store_abandon_founding(founding);
        return code;
    }
    code = move(founding, "ledger.db", fault);
    if (code != FAULT_NONE) {
        store_abandon_founding(founding);
        return code;
    }
    // The store is there. Where this sync fails it may still be lost: then it is said, and what is
    // there is left alone.
    code = file_sync_folder(founding->folder, fault);
    if (code == FAULT_NONE)
        store_remove_place(founding->folder);
    end(founding);
    return code;
}

void store_abandon_founding(struct store_founding *founding)
{
    if (founding->lock < 0)
        return;
    remove_leftovers(founding);
    rmdir(founding->place);
    end(founding);
}

enum fault_code store_unmake(const char *folder, struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 16];
    store_path(folder, place_name, path);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return file_unwritable(fault, path, errno);
    enum fault_code code = file_sync_folder(folder, fault);
    store_path(folder, "ledger.db", path);
    if (code == FAULT_NONE && unlink(path) != 0 && errno != ENOENT)
        code = file_unwritable(fault, path, errno);
    return code != FAULT_NONE ? code : file_sync_folder(folder, fault);
}
