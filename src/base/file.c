// SPDX-License-Identifier: LGPL-3.0-or-later
//
// file.c: faults of files, and folders that are synced.
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum fault_code file_code(int reason)
{
    return reason == ENOSPC || reason == EDQUOT ? FAULT_FULL : FAULT_IO;
}

void file_folder_of(const char *path, char *folder, size_t size)
{
    assert(path != NULL && path[0] != '\0' && size > 1);
    snprintf(folder, size, "%s", path);
    size_t end = strlen(folder);
    while (end > 1 && folder[end - 1] == '/')
        folder[--end] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        snprintf(folder, size, ".");
    else
        slash[slash == folder] = '\0';
}

enum fault_code file_sync_folder(const char *folder, struct fault *fault)
{
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = file >= 0 && fsync(file) == 0;
    enum fault_code code = is_synced ? FAULT_NONE : file_unwritable(fault, folder, errno);
    if (file >= 0)
        close(file);
    return code;
}

enum fault_code file_sync_folder_of(const char *path, struct fault *fault)
{
    char folder[PATH_MAX];
    file_folder_of(path, folder, sizeof folder);
    return file_sync_folder(folder, fault);
}
