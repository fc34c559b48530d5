// SPDX-License-Identifier: GPL-3.0-or-later
//
// disk_folder.c: the names on the simulated disk: made, renamed, unlinked, synced.
//
// A folder is what stands before a name's last slash. A name maps to an inode twice, current and
// durable; a rename that is not durable ties its two names together, so that a power cut takes both
// or neither.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "disk_priv.h"

void disk_set_root(const char *path)
{
    snprintf(disk.root, sizeof disk.root, "%s", path);
}

static const char *under_root(const char *path)
{
    size_t size = strlen(disk.root);
    if (size > 0 && strncmp(path, disk.root, size) == 0 && path[size] == '/')
        return path + size + 1;
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

struct name *disk_find_name(const char *path)
{
    const char *text = under_root(path);
    for (int i = 0; i < disk.name_count; i++)
        if (strcmp(disk.name[i].text, text) == 0)
            return &disk.name[i];
    assert(disk.name_count < NAMES && strlen(text) < NAME_SIZE);
    struct name *name = &disk.name[disk.name_count++];
    *name = (struct name){.current = -1, .durable = -1, .moved_to = -1};
    snprintf(name->text, sizeof name->text, "%s", text);
    return name;
}

static bool stands_in(const struct name *name, const char *folder, size_t size)
{
    const char *slash = strrchr(name->text, '/');
    size_t own = slash == NULL ? 0 : (size_t)(slash - name->text);
    return own == size && memcmp(name->text, folder, size) == 0;
}

// Of a rename that is not durable: it comes and goes with its source.
bool disk_is_target(const struct name *name)
{
    for (int i = 0; i < disk.name_count; i++)
        if (disk.name[i].moved_to >= 0 && &disk.name[disk.name[i].moved_to] == name)
            return true;
    return false;
}

void disk_make_name_durable(struct name *name)
{
    name->durable = name->current;
    if (name->moved_to >= 0)
        disk.name[name->moved_to].durable = disk.name[name->moved_to].current;
    name->moved_to = -1;
}

// The names of one folder, and the other half of every rename into it; or, where a journal keeps
// the order of things, all of them.
static void sync_folder(const char *folder, size_t size)
{
    if (disk_is_lie("/"))
        return;
    for (int i = 0; i < disk.name_count; i++) {
        struct name *name = &disk.name[i];
        bool is_there =
            disk.model == DISK_ORDERED || stands_in(name, folder, size) ||
            (name->moved_to >= 0 && stands_in(&disk.name[name->moved_to], folder, size));
        if (is_there)
            disk_make_name_durable(name);
    }
}

void disk_sync_folder_of(const struct name *name)
{
    const char *slash = strrchr(name->text, '/');
    sync_folder(name->text, slash == NULL ? 0 : (size_t)(slash - name->text));
}

bool disk_sync_folder(const char *path)
{
    HOLD_DISK;
    const char *folder = strcmp(path, disk.root) == 0 ? "" : under_root(path);
    if (disk.is_dead || disk_is_cut())
        return false;
    sync_folder(folder, strlen(folder));
    return true;
}

bool disk_rename(const char *from, const char *to)
{
    HOLD_DISK;
    struct name *source = disk_find_name(from), *target = disk_find_name(to);
    if (disk.is_dead || source->current < 0)
        return false;
    target->current = source->current;
    source->current = -1;
    source->moved_to = (int)(target - disk.name);
    return !disk_is_cut();
}

void disk_for_each_name(void (*visit)(const char *path, bool is_there))
{
    for (int i = 0; i < disk.name_count; i++)
        visit(disk.name[i].text, disk.name[i].current >= 0);
}
