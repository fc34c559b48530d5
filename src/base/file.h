// SPDX-License-Identifier: LGPL-3.0-or-later
//
// file.h: what files on a disk have in common, whoever writes them: why they could not be written,
// and names that survive a power cut.
//
// A new, renamed or removed name is durable when its folder was synced, not when its file was.
// Reading and writing itself stays where the format is.
#ifndef LEVEE_BASE_FILE_H
#define LEVEE_BASE_FILE_H

#include <stddef.h>
#include <string.h>

#include "base/fault.h"

// The fault of a file or folder that could not be written, with `reason` of errno.h in words.
#define file_unwritable(fault, path, reason)                                                       \
    fault_set((fault), file_code(reason), TEXT_BASE_FILE_UNWRITABLE, text_string(path),            \
              text_string(strerror(reason)))
// FAULT_FULL where there is no room, on the disk or under the owner's quota; else FAULT_IO.
enum fault_code file_code(int reason);

// Writes the folder in which `path` stands into `folder`, cut at `size`; "." where it names none. A
// slash at its end is no folder.
void file_folder_of(const char *path, char *folder, size_t size);
// Makes the names in a folder durable. FAULT_IO, FAULT_FULL.
enum fault_code file_sync_folder(const char *folder, struct fault *fault);
// The same for the folder in which `path` stands.
enum fault_code file_sync_folder_of(const char *path, struct fault *fault);

#endif
