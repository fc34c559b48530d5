// SPDX-License-Identifier: GPL-3.0-or-later
//
// disk.c: inodes, a folder and a queue of pending writes.
//
// An inode holds its current and its durable bytes and the writes between the two. A folder is what
// stands before a name's last slash; it maps names to inodes twice, current and durable; unlinking
// and making a name anew gives another inode, as it does on a disk. Where a sync also syncs the
// folder, it does so as SQLite's own unix VFS does: on the first sync of a WAL or journal that was
// opened with O_CREAT, and on an unlink that asks for it.
//
// Locks and shared memory are kept per inode, so that a writer and a reader in one process stand to
// each other as two processes would. One lock is held in every method, for the sake of programs
// with threads; it is also their memory barrier. Shared memory does not survive a power cut: the
// first to open the real one truncates it. The disk takes its memory from the C library, so that
// memory_fail_after does not reach it.
#include "disk.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_priv.h"

struct disk disk;

static struct {
    struct name name[NAMES];
    int name_count;
    struct bytes bytes[INODES];
    int inode_count;
} saved;

// ---- The lock

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

int disk_hold(void)
{
    return pthread_mutex_lock(&mutex);
}

void disk_let_go(const int *held)
{
    (void)held;
    pthread_mutex_unlock(&mutex);
}

// ---- Chance, the cut and the faults

uint64_t disk_random(void)
{
    HOLD_DISK;
    disk.random ^= disk.random << 13;
    disk.random ^= disk.random >> 7;
    disk.random ^= disk.random << 17;
    return disk.random;
}

int disk_random_below(int limit)
{
    assert(limit > 0);
    return (int)((disk_random() >> 16) % (uint64_t)limit);
}

void disk_lie(const char *lie)
{
    disk.lie = lie;
}

// True when this sync is one of those that do nothing. A folder's is called "/".
bool disk_is_lie(const char *path)
{
    return disk.lie != NULL && strncmp(path, disk.lie, strlen(disk.lie)) == 0;
}

int64_t disk_operations(void)
{
    HOLD_DISK;
    return disk.operations;
}

void disk_cut_after(int64_t count)
{
    HOLD_DISK;
    disk.cut_in = count;
}

void disk_kill(void)
{
    HOLD_DISK;
    disk.is_dead = true;
}

bool disk_is_dead(void)
{
    HOLD_DISK;
    return disk.is_dead;
}

void disk_fail_after(enum disk_fault fault, int64_t count)
{
    HOLD_DISK;
    disk.fault = count == 0 ? DISK_SOUND : fault;
    disk.fail_in = count;
    disk.has_failed = false;
}

bool disk_has_failed(void)
{
    return disk.has_failed;
}

// True when the operation that is about to happen is the one at which the power goes.
bool disk_is_cut(void)
{
    disk.operations++;
    if (!disk.is_dead && disk.cut_in > 0 && --disk.cut_in == 0)
        disk.is_dead = true;
    return disk.is_dead;
}

static bool is_filling(void)
{
    return disk.fault == DISK_FULL_ONCE || disk.fault == DISK_FULL_ALWAYS;
}

// A full disk can still be read.
static bool is_failing(bool is_reading)
{
    if (disk.fault == DISK_SOUND || (is_reading && is_filling()))
        return false;
    if (disk.fail_in > 1) {
        disk.fail_in--;
        return false;
    }
    disk.has_failed = true;
    if (disk.fault == DISK_FAIL_ONCE || disk.fault == DISK_FULL_ONCE)
        disk.fault = DISK_SOUND;
    return true;
}

// ---- Bytes

static void grow(struct bytes *bytes, int64_t size)
{
    if (size > bytes->room) {
        int64_t room = size * 2 + 65536;
        bytes->data = realloc(bytes->data, (size_t)room);
        assert(bytes->data != NULL);
        memset(bytes->data + bytes->room, 0, (size_t)(room - bytes->room));
        bytes->room = room;
    }
    if (size > bytes->size)
        bytes->size = size;
}

static void cut_to(struct bytes *bytes, int64_t size)
{
    if (size >= bytes->size)
        return;
    memset(bytes->data + size, 0, (size_t)(bytes->size - size));
    bytes->size = size;
}

static void put(struct bytes *bytes, int64_t at, const unsigned char *data, int64_t size)
{
    grow(bytes, at + size);
    memcpy(bytes->data + at, data, (size_t)size);
}

static void copy(struct bytes *target, const struct bytes *source)
{
    cut_to(target, 0);
    if (source->size > 0)
        put(target, 0, source->data, source->size);
}

// ---- Inodes

static void add_change(struct inode *inode, int64_t at, int64_t size, const void *data)
{
    if (inode->change_count == inode->change_room) {
        inode->change_room = inode->change_room * 2 + 16;
        inode->change = realloc(inode->change, (size_t)inode->change_room * sizeof *inode->change);
        assert(inode->change != NULL);
    }
    struct change *change = &inode->change[inode->change_count++];
    *change = (struct change){.at = at, .size = size};
    if (data != NULL) {
        change->data = calloc(1, (size_t)size);
        assert(change->data != NULL);
        memcpy(change->data, data, (size_t)size);
    }
}

static void drop_changes(struct inode *inode)
{
    for (int i = 0; i < inode->change_count; i++)
        free(inode->change[i].data);
    inode->change_count = 0;
}

static void make_durable(struct inode *inode)
{
    for (int i = 0; i < inode->change_count; i++) {
        const struct change *change = &inode->change[i];
        if (change->data == NULL)
            cut_to(&inode->durable, change->at);
        else
            put(&inode->durable, change->at, change->data, change->size);
    }
    drop_changes(inode);
}

static void forget_shm(struct inode *inode)
{
    for (int i = 0; i < SHM_REGIONS; i++) {
        free(inode->shm[i]);
        inode->shm[i] = NULL;
    }
}

// The buffers stay for the next disk.
static void forget_inode(struct inode *inode)
{
    drop_changes(inode);
    forget_shm(inode);
    cut_to(&inode->current, 0);
    cut_to(&inode->durable, 0);
    *inode = (struct inode){.current = inode->current,
                            .durable = inode->durable,
                            .change = inode->change,
                            .change_room = inode->change_room};
}

// What a power cut makes of one write: kept, dropped, some sectors, garbage in some.
static void tear(struct inode *inode, const struct change *change)
{
    int fate = disk_random_below(4);
    int64_t end = change->at + change->size;
    if (fate == 0)
        return;
    for (int64_t at = change->at; at < end;) {
        int64_t next = (at / SECTOR_SIZE + 1) * SECTOR_SIZE;
        next = next > end ? end : next;
        bool is_kept = fate == 1 || (fate == 2 ? disk_random_below(2) : disk_random_below(8)) != 0;
        if (is_kept)
            put(&inode->durable, at, change->data + (at - change->at), next - at);
        else if (disk_random_below(50) == 0)
            for (int64_t i = at; i < next; i++) {
                unsigned char garbage = (unsigned char)disk_random();
                put(&inode->durable, i, &garbage, 1);
            }
        at = next;
    }
}

static void settle(struct inode *inode)
{
    for (int i = 0; i < inode->change_count; i++) {
        const struct change *change = &inode->change[i];
        if (change->data != NULL)
            tear(inode, change);
        else if (disk_random_below(2) == 1)
            cut_to(&inode->durable, change->at);
    }
    drop_changes(inode);
    copy(&inode->current, &inode->durable);
}

static void begin_again(enum disk_model model, uint64_t seed)
{
    for (int i = 0; i < disk.inode_count; i++) {
        assert(disk.inode[i].handle_count == 0);
        forget_inode(&disk.inode[i]);
    }
    disk.name_count = disk.inode_count = 0;
    disk.cut_in = disk.fail_in = disk.operations = 0;
    disk.fault = DISK_SOUND;
    disk.is_dead = disk.has_failed = false;
    disk.lie = NULL;
    disk.model = model;
    disk.random = seed * UINT64_C(0x9E3779B97F4A7C15) + UINT64_C(88172645463325252);
    for (int i = 0; i < 8; i++)
        disk_random();
}

void disk_reset(enum disk_model model, uint64_t seed)
{
    begin_again(model, seed);
}

void disk_save(void)
{
    memcpy(saved.name, disk.name, sizeof saved.name);
    saved.name_count = disk.name_count;
    saved.inode_count = disk.inode_count;
    for (int i = 0; i < disk.inode_count; i++) {
        assert(disk.inode[i].handle_count == 0 && disk.inode[i].change_count == 0);
        copy(&saved.bytes[i], &disk.inode[i].current);
    }
    for (int i = 0; i < disk.name_count; i++) {
        saved.name[i].durable = saved.name[i].current;
        saved.name[i].moved_to = -1;
    }
}

void disk_load(enum disk_model model, uint64_t seed)
{
    begin_again(model, seed);
    memcpy(disk.name, saved.name, sizeof saved.name);
    disk.name_count = saved.name_count;
    disk.inode_count = saved.inode_count;
    for (int i = 0; i < saved.inode_count; i++) {
        copy(&disk.inode[i].current, &saved.bytes[i]);
        copy(&disk.inode[i].durable, &saved.bytes[i]);
    }
}

void disk_reboot(void)
{
    HOLD_DISK;
    for (int i = 0; i < disk.name_count; i++) {
        if (disk_random_below(2) == 1 && !disk_is_target(&disk.name[i]))
            disk_make_name_durable(&disk.name[i]);
    }
    for (int i = 0; i < disk.name_count; i++) {
        disk.name[i].current = disk.name[i].durable;
        disk.name[i].moved_to = -1;
    }
    for (int i = 0; i < disk.inode_count; i++) {
        assert(disk.inode[i].handle_count == 0);
        settle(&disk.inode[i]);
        forget_shm(&disk.inode[i]);
    }
    disk.is_dead = false;
    disk.cut_in = 0;
}

void disk_drop_cache(void)
{
    HOLD_DISK;
    for (int i = 0; i < disk.inode_count; i++) {
        struct inode *inode = &disk.inode[i];
        copy(&inode->current, &inode->durable);
        for (int k = 0; k < inode->change_count; k++)
            if (inode->change[k].data == NULL)
                cut_to(&inode->current, inode->change[k].at);
            else
                put(&inode->current, inode->change[k].at, inode->change[k].data,
                    inode->change[k].size);
    }
}

// ---- Files: reading and writing

static int close_file(sqlite3_file *file)
{
    HOLD_DISK;
    struct handle *handle = (struct handle *)file;
    handle->inode->handle_count--;
    return SQLITE_OK;
}

static int read_file(sqlite3_file *file, void *buffer, int size, sqlite3_int64 at)
{
    HOLD_DISK;
    const struct bytes *bytes = &((struct handle *)file)->inode->current;
    if (disk.is_dead || is_failing(true))
        return SQLITE_IOERR_READ;
    int64_t there = bytes->size - at;
    there = there < 0 ? 0 : there > size ? size : there;
    if (there > 0)
        memcpy(buffer, bytes->data + at, (size_t)there);
    memset((char *)buffer + there, 0, (size_t)(size - there));
    return there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
    HOLD_DISK;
    struct inode *inode = ((struct handle *)file)->inode;
    bool is_full = is_filling();
    if (disk.is_dead)
        return SQLITE_IOERR_WRITE;
    if (is_failing(false))
        return is_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    add_change(inode, at, size, data);
    if (disk_is_cut())
        return SQLITE_IOERR_WRITE;
    put(&inode->current, at, data, size);
    return SQLITE_OK;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    HOLD_DISK;
    struct inode *inode = ((struct handle *)file)->inode;
    if (disk.is_dead || is_failing(false))
        return SQLITE_IOERR_TRUNCATE;
    add_change(inode, size, 0, NULL);
    if (disk_is_cut())
        return SQLITE_IOERR_TRUNCATE;
    cut_to(&inode->current, size);
    return SQLITE_OK;
}

static int sync_file(sqlite3_file *file, int flags)
{
    HOLD_DISK;
    struct handle *handle = (struct handle *)file;
    (void)flags;
    if (disk.is_dead || disk_is_cut())
        return SQLITE_IOERR_FSYNC;
    if (is_failing(false)) {
        drop_changes(handle->inode);
        return SQLITE_IOERR_FSYNC;
    }
    if (disk_is_lie(handle->name->text))
        return SQLITE_OK;
    make_durable(handle->inode);
    if (handle->syncs_folder || disk.model == DISK_ORDERED)
        disk_sync_folder_of(handle->name);
    handle->syncs_folder = false;
    return SQLITE_OK;
}

static int size_file(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    HOLD_DISK;
    *ret_size = ((struct handle *)file)->inode->current.size;
    return disk.is_dead ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

// ---- Files: locks

static int lock_file(sqlite3_file *file, int level)
{
    HOLD_DISK;
    struct handle *handle = (struct handle *)file;
    struct inode *inode = handle->inode;
    if (level <= handle->lock)
        return SQLITE_OK;
    if (inode->exclusive != NULL && inode->exclusive != handle)
        return SQLITE_BUSY;
    if (handle->lock == SQLITE_LOCK_NONE)
        inode->shared_count++;
    if (level >= SQLITE_LOCK_RESERVED) {
        if (inode->reserved != NULL && inode->reserved != handle)
            return SQLITE_BUSY;
        inode->reserved = handle;
        handle->lock = SQLITE_LOCK_RESERVED;
    }
    if (level == SQLITE_LOCK_EXCLUSIVE) {
        if (inode->shared_count > 1)
            return SQLITE_BUSY;
        inode->exclusive = handle;
    }
    handle->lock = level;
    return SQLITE_OK;
}

static int unlock_file(sqlite3_file *file, int level)
{
    HOLD_DISK;
    struct handle *handle = (struct handle *)file;
    struct inode *inode = handle->inode;
    if (handle->lock <= level)
        return SQLITE_OK;
    inode->exclusive = inode->exclusive == handle ? NULL : inode->exclusive;
    inode->reserved = inode->reserved == handle ? NULL : inode->reserved;
    if (level == SQLITE_LOCK_NONE)
        inode->shared_count--;
    handle->lock = level;
    return SQLITE_OK;
}

static int check_lock(sqlite3_file *file, int *ret_is_reserved)
{
    HOLD_DISK;
    *ret_is_reserved = ((struct handle *)file)->inode->reserved != NULL;
    return SQLITE_OK;
}

static int control_file(sqlite3_file *file, int operation, void *argument)
{
    (void)file, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *file)
{
    (void)file;
    return 4096;
}

static int characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; // What the unix VFS says by default.
}

// ---- Files: shared memory

static int map_shm(sqlite3_file *file, int region, int size, int is_extending,
                   void volatile **ret_memory)
{
    HOLD_DISK;
    struct handle *handle = (struct handle *)file;
    assert(region < SHM_REGIONS);
    *ret_memory = NULL;
    if (disk.is_dead)
        return SQLITE_IOERR_SHMMAP;
    handle->has_shm = true;
    unsigned char **memory = &handle->inode->shm[region];
    if (*memory == NULL && is_extending)
        *memory = calloc(1, (size_t)size);
    *ret_memory = *memory;
    return SQLITE_OK;
}

static int lock_shm(sqlite3_file *file, int first, int count, int flags)
{
    HOLD_DISK;
    struct handle *handle = (struct handle *)file;
    struct inode *inode = handle->inode;
    bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (int i = first; i < first + count && (flags & SQLITE_SHM_LOCK) != 0; i++) {
        int others = inode->shm_shared[i] - (int)(handle->shm_shared >> i & 1);
        bool is_held = inode->shm_exclusive[i] != NULL && inode->shm_exclusive[i] != handle;
        if (is_held || (is_exclusive && others > 0))
            return SQLITE_BUSY;
    }
    for (int i = first; i < first + count; i++) {
        unsigned bit = 1u << i;
        if ((flags & SQLITE_SHM_LOCK) != 0 && is_exclusive) {
            inode->shm_exclusive[i] = handle;
            handle->shm_exclusive |= bit;
        } else if ((flags & SQLITE_SHM_LOCK) != 0 && (handle->shm_shared & bit) == 0) {
            inode->shm_shared[i]++;
            handle->shm_shared |= bit;
        } else if ((flags & SQLITE_SHM_UNLOCK) != 0) {
            inode->shm_shared[i] -= (handle->shm_shared & bit) != 0;
            if ((handle->shm_exclusive & bit) != 0)
                inode->shm_exclusive[i] = NULL;
            handle->shm_shared &= ~bit;
            handle->shm_exclusive &= ~bit;
        }
    }
    return SQLITE_OK;
}

static void pass_barrier(sqlite3_file *file)
{
    (void)file;
    HOLD_DISK;
}

static int unmap_shm(sqlite3_file *file, int is_deleting)
{
    HOLD_DISK;
    struct handle *handle = (struct handle *)file;
    lock_shm(file, 0, SHM_SLOTS, SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED);
    handle->has_shm = false;
    if (is_deleting)
        forget_shm(handle->inode);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    2,         close_file,   read_file,  write_file,   truncate_file, sync_file,       size_file,
    lock_file, unlock_file,  check_lock, control_file, sector_size,   characteristics, map_shm,
    lock_shm,  pass_barrier, unmap_shm,  NULL,         NULL,
};

// ---- The VFS

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    HOLD_DISK;
    struct handle *handle = (struct handle *)file;
    (void)vfs;
    memset(handle, 0, sizeof *handle);
    assert(path != NULL);
    struct name *name = disk_find_name(path);
    if (disk.is_dead || is_failing(true) ||
        (name->current < 0 && (flags & SQLITE_OPEN_CREATE) == 0))
        return SQLITE_CANTOPEN;
    if (name->current < 0) {
        assert(disk.inode_count < INODES);
        name->current = disk.inode_count++;
    }
    handle->inode = &disk.inode[name->current];
    handle->name = name;
    handle->inode->handle_count++;
    handle->syncs_folder = (flags & SQLITE_OPEN_CREATE) != 0 &&
                           (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    handle->base.pMethods = &methods;
    if (ret_flags != NULL)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int is_synced)
{
    HOLD_DISK;
    (void)vfs;
    struct name *name = disk_find_name(path);
    if (disk.is_dead || is_failing(false))
        return SQLITE_IOERR_DELETE;
    if (name->current < 0)
        return SQLITE_IOERR_DELETE_NOENT;
    name->current = -1;
    if (disk_is_cut())
        return SQLITE_IOERR_DELETE;
    if (is_synced)
        disk_sync_folder_of(name);
    return SQLITE_OK;
}

void disk_unlink(const char *path)
{
    HOLD_DISK;
    if (!disk.is_dead)
        disk_find_name(path)->current = -1;
}

static int access_file(sqlite3_vfs *vfs, const char *path, int flags, int *ret_is_there)
{
    HOLD_DISK;
    (void)vfs;
    const struct name *name = disk_find_name(path);
    *ret_is_there = name->current >= 0;
    // The unix VFS takes an empty file for absent where it asks whether a journal is there.
    if (flags == SQLITE_ACCESS_EXISTS && name->current >= 0)
        *ret_is_there = disk.inode[name->current].current.size > 0;
    return disk.is_dead ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *path, int size, char *ret_path)
{
    (void)vfs;
    snprintf(ret_path, (size_t)size, "%s", path);
    return SQLITE_OK;
}

static int make_chance(sqlite3_vfs *vfs, int size, char *ret_bytes)
{
    HOLD_DISK;
    (void)vfs;
    for (int i = 0; i < size; i++)
        ret_bytes[i] = (char)disk_random();
    return size;
}

static int sleep_not(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int tell_time(sqlite3_vfs *vfs, double *ret_day)
{
    (void)vfs;
    *ret_day = 2459052.5; // 22 July 2020
    return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int size, char *ret_text)
{
    (void)vfs, (void)size, (void)ret_text;
    return 0;
}

void disk_register(bool is_default)
{
    static sqlite3_vfs vfs = {.iVersion = 1,
                              .szOsFile = sizeof(struct handle),
                              .mxPathname = 512,
                              .zName = DISK_VFS,
                              .xOpen = open_file,
                              .xDelete = delete_file,
                              .xAccess = access_file,
                              .xFullPathname = full_path,
                              .xRandomness = make_chance,
                              .xSleep = sleep_not,
                              .xCurrentTime = tell_time,
                              .xGetLastError = last_error};
    int result = sqlite3_vfs_register(&vfs, is_default);
    assert(result == SQLITE_OK);
    (void)result;
}
