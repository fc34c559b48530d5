// SPDX-License-Identifier: GPL-3.0-or-later
//
// found.h: a data folder comes into being at one instant, or not at all.
//
// Owns: the place beside the final names in which a store is made, and the move that makes it the
// folder's store. Whoever founds (init, restore, the replay) makes everything in the place; a cut
// at any moment leaves either no store, and then the next founding clears the leftovers away by
// itself, or the whole one.
//
//     store_begin_founding ─► FOLDER/founding ─► make, open, fill, close ─► store_end_founding
#ifndef LEVEE_STORE_FOUND_H
#define LEVEE_STORE_FOUND_H

#include <stdbool.h>

#include "base/fault.h"
#include "base/limits.h"

struct store_founding {
    char folder[LIMIT_PATH_SIZE];
    char place[LIMIT_PATH_SIZE]; // where to make the store: an empty folder
    int lock;                    // the folder, locked; -1: nothing has begun
};

// Makes `folder` where it is absent, takes it for this founding, clears away what an earlier one
// that was cut off has left, and makes the place. FAULT_INVALID: the folder holds anything else;
// FAULT_BUSY: another process founds a store there. On a fault nothing is held.
enum fault_code store_begin_founding(const char *folder, struct store_founding *ret_founding,
                                     struct fault *fault);
// Moves the closed store from the place to the folder, durably, the ledger last: from that rename
// on, and not before, the folder is a store. Ends the founding, also on a fault, after which
// nothing of it is left unless the disk refuses that too.
enum fault_code store_end_founding(struct store_founding *founding, struct fault *fault);
// Gives a founding up and removes what was made. Safe when nothing has begun.
void store_abandon_founding(struct store_founding *founding);
// Throws a store away that nobody holds; the folder may be founded again, and files in it that are
// not the store's stay. A cut leaves the store, or a founding that was cut off.
enum fault_code store_unmake(const char *folder, struct fault *fault);
// True when the folder holds a founding that was cut off, and no store.
bool store_has_leftovers(const char *folder);

#endif
