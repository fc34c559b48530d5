// SPDX-License-Identifier: GPL-3.0-or-later
//
// script.h: a random life of a ledger on the simulated disk, and what may be left of it.
//
// The script uses the ledger as its writer does: groups of commands, each a savepoint that is kept
// or undone, commits, WAL checkpoints when idle, signed heads, closing and opening again. It stops
// at the first fault. What was acknowledged, and the one group that was not, are remembered;
// afterwards the file is held against that memory.
#ifndef LEVEE_CRASH_SCRIPT_H
#define LEVEE_CRASH_SCRIPT_H

#include "ledger/ledger_priv.h"

enum { SCRIPT_ENTRIES = 4096 };

enum script_planted { // faults that the test must find
    SCRIPT_SOUND,
    SCRIPT_NORMAL,    // PRAGMA synchronous = NORMAL behind the ledger's back
    SCRIPT_LYING,     // a disk whose syncs do nothing
    SCRIPT_BELIEVING, // a writer that takes a failed commit for done
};

struct script {
    struct ledger_hash leaf[SCRIPT_ENTRIES]; // of every entry acknowledged or attempted
    int64_t acknowledged;                    // entries whose commit returned
    int64_t attempted;                       // with those of the group that did not
    bool is_created;                         // ledger_create returned
    int group_count;
    enum script_planted planted;
};

enum script_outcome {
    SCRIPT_WHOLE,     // everything acknowledged is there, and nothing else
    SCRIPT_WITH_LAST, // and the unacknowledged group, whole
    SCRIPT_LOST,      // an acknowledged entry is gone, or another stands in its place
    SCRIPT_CORRUPT,   // the audit finds damage, or the file does not open
};

// Lives until `group_limit` groups are committed or a fault comes. Returns that fault's code; the
// ledger is closed.
enum fault_code script_run(struct script *script, int group_limit, struct fault *fault);
// Opens the writer on the path of the script. The caller closes *ret_ledger.
enum fault_code script_open(const struct script *script, struct ledger **ret_ledger,
                            struct fault *fault);
// Makes the file. Then one act of the life after another: a group, a WAL checkpoint, a signed head,
// closing and opening again (*ledger is NULL where that fails).
enum fault_code script_create(struct script *script, struct fault *fault);
enum fault_code script_act(struct script *script, struct ledger **ledger, struct fault *fault);
// One more group on an open ledger.
enum fault_code script_append_group(struct script *script, struct ledger *ledger,
                                    struct fault *fault);
// Holds the open ledger's entries, and an audit of its file, against the script's memory; then
// takes what is there for acknowledged.
enum script_outcome script_check(struct script *script, struct ledger *ledger, struct fault *fault);

#endif
