// SPDX-License-Identifier: GPL-3.0-or-later
//
// disk_priv.h: what disk.c and disk_folder.c share: the one disk, its lock and its names.
#ifndef LEVEE_CRASH_DISK_PRIV_H
#define LEVEE_CRASH_DISK_PRIV_H

#include <sqlite3.h>

#include "disk.h"

enum {
    NAMES = 64,
    INODES = 256,
    NAME_SIZE = 64,
    SECTOR_SIZE = 512,
    SHM_REGIONS = 32,
    SHM_SLOTS = SQLITE_SHM_NLOCK,
};

struct bytes {
    unsigned char *data;
    int64_t size;
    int64_t room;
};

struct change { // a write, or a truncation where data is NULL
    int64_t at, size;
    unsigned char *data;
};

struct inode {
    struct bytes current, durable;
    struct change *change;
    int change_count, change_room;
    int handle_count;
    int shared_count; // of the file lock
    const void *reserved, *exclusive;
    unsigned char *shm[SHM_REGIONS];
    int shm_shared[SHM_SLOTS];
    const void *shm_exclusive[SHM_SLOTS];
};

struct name {
    char text[NAME_SIZE];
    int current, durable; // inodes, -1: none
    int moved_to;         // the name to which a rename that is not durable moved it; -1: none
};

struct handle {
    sqlite3_file base;
    struct inode *inode;
    const struct name *name; // under which it was opened
    int lock;
    bool syncs_folder;
    bool has_shm;
    unsigned shm_shared, shm_exclusive;
};

struct disk {
    enum disk_model model;
    struct name name[NAMES];
    int name_count;
    struct inode inode[INODES];
    int inode_count;
    uint64_t random;
    int64_t cut_in, fail_in;
    enum disk_fault fault;
    bool is_dead, has_failed;
    const char *lie; // NULL: honest
    int64_t operations;
    char root[NAME_SIZE * 2];
};
extern struct disk disk;

// HOLD_DISK keeps the lock to the end of the function.
int disk_hold(void);
void disk_let_go(const int *held);
#define HOLD_DISK __attribute__((cleanup(disk_let_go), unused)) int held = disk_hold()

// True when the operation that is about to happen is the one at which the power goes.
bool disk_is_cut(void);
// True when this sync is one of those that do nothing. A folder's is called "/".
bool disk_is_lie(const char *path);

// disk_folder.c. The name of a path, made when it was never there.
struct name *disk_find_name(const char *path);
void disk_sync_folder_of(const struct name *name);
void disk_make_name_durable(struct name *name);
// Of a rename that is not durable: it comes and goes with its source.
bool disk_is_target(const struct name *name);

#endif
