// SPDX-License-Identifier: GPL-3.0-or-later
//
// disk.h: a disk in memory that can lose power, fail and fill up, as a VFS of SQLite.
//
// Owns: one disk with a few files in one folder and in folders under it. The code under test opens
// its files through the VFS "levee-disk" and does not know. Single-threaded; all chance comes from
// the seed.
//
//     what a program wrote            current   what a read gives
//     what a sync made safe           durable   what a power cut leaves for certain
//     what lies between               pending   a power cut keeps it, drops it, keeps some of its
//                                               sectors of 512 bytes, or leaves garbage in them
//
// A folder has the same two states: a file that was made, renamed or unlinked comes or goes at a
// power cut, unless its folder was synced. A rename is atomic: both names change or neither.
//
//     DISK_STRICT     only a sync of the folder makes its entries durable
//     DISK_ORDERED    any sync makes earlier changes of the folder durable too (ext4, xfs)
//
// A sync that fails leaves what was pending in memory for ever: reads give it, no later sync writes
// it, as Linux does (its pages are marked clean). disk_drop_cache forgets it.
#ifndef LEVEE_CRASH_DISK_H
#define LEVEE_CRASH_DISK_H

#include <stdbool.h>
#include <stdint.h>

#define DISK_VFS "levee-disk"

enum disk_model { DISK_STRICT, DISK_ORDERED };
enum disk_fault {
    DISK_SOUND,
    DISK_FAIL_ONCE,
    DISK_FAIL_ALWAYS,
    DISK_FULL_ONCE, // a write finds no room, a sync or an unlink fails as above; reads go on
    DISK_FULL_ALWAYS,
};

// Makes the VFS known to SQLite, as its default or by its name only. Once.
void disk_register(bool is_default);
// An empty disk.
void disk_reset(enum disk_model model, uint64_t seed);
// The folder whose path is cut off the files' paths; files elsewhere go by their last name.
void disk_set_root(const char *path);
// A disk whose syncs do nothing, or those of files whose path under the root begins with `lie`, or
// those of folders ("/"): the planted faults that a test of power cuts must find. "" is every sync;
// NULL: the disk is honest.
void disk_lie(const char *lie);
// Keeps the disk as it is, with every file closed and synced; makes it so again.
void disk_save(void);
void disk_load(enum disk_model model, uint64_t seed);
// Operations done since the last disk_reset or disk_load, as disk_cut_after counts them.
int64_t disk_operations(void);
// The power goes at the `count`-th write, truncation, sync or unlink from now; 0: never.
void disk_cut_after(int64_t count);
// The power goes now.
void disk_kill(void);
bool disk_is_dead(void);
// The power comes back; what was pending is decided. Every file must have been closed.
void disk_reboot(void);
// The `count`-th operation from now, for DISK_FAIL_ reads and openings included, fails; 0: none.
void disk_fail_after(enum disk_fault fault, int64_t count);
bool disk_has_failed(void);
// Unlinks a file without syncing the folder, as a program does that calls unlink by itself.
void disk_unlink(const char *path);
// Renames a file, as a program does; false: there is none, or the power is gone.
bool disk_rename(const char *from, const char *to);
// Syncs a folder, as a program does. False: the power is gone.
bool disk_sync_folder(const char *path);
// Calls `visit` for every name that was ever there, with its path under the root.
void disk_for_each_name(void (*visit)(const char *path, bool is_there));
// What the machine holds of files is forgotten, except what a sync could still write.
void disk_drop_cache(void);
// A number of the seed's sequence, and one below `limit`.
uint64_t disk_random(void);
int disk_random_below(int limit);

#endif
