// SPDX-License-Identifier: GPL-3.0-or-later
//
// backup.h: a store in one file, and a store out of it.
//
// A backup holds the ledger up to a signed head and the vault under a passphrase of its own; state
// is never in it, since it is made of the ledger. A restored store is another one: it gets the next
// generation of the ledger's id ("21.1"), a new identity and a new signing key, so that nothing
// that both copies write afterwards can be taken for the other's.
#ifndef LEVEE_STORE_BACKUP_H
#define LEVEE_STORE_BACKUP_H

#include "base/fault.h"
#include "base/span.h"

struct backup_progress {
    void (*report)(void *context, int64_t done, int64_t total); // may be NULL
    void *context;
};

// Has the head signed, writes the backup of the store in `folder` up to it to `path`, which must
// not exist, durably, and opens it again to check all of it. The store may be held by another
// process, which goes on writing and is not waited for. FAULT_BUSY: another backup is being made,
// or no head was signed in a minute; FAULT_INVALID: the passphrase is too short, or the store is a
// drill (it has no vault and is not backed up). `report` counts entries.
enum fault_code backup_write(const char *folder, const char *path, struct span passphrase,
                             const struct backup_progress *progress, struct fault *fault);
// Makes a store of the backup in `folder`, which must be absent or empty. Everything is checked
// before it counts: every entry, every subtree, the signed head over all of them, and that vault
// and ledger belong together. FAULT_CORRUPT: damaged or changed; FAULT_DENIED: wrong passphrase;
// FAULT_INVALID: not a backup. After a fault the folder is empty again.
enum fault_code backup_read(const char *path, const char *folder, struct span passphrase,
                            const struct backup_progress *progress, struct fault *fault);

#endif
