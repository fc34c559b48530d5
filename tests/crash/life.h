// SPDX-License-Identifier: GPL-3.0-or-later
//
// life.h: a store on the simulated disk: what was asked of it, and whether all of it is there.
//
// Owns: one life at a time: a store in a folder, the commands and sessions that were asked of it
// and what was answered. crash_store.c takes its power, fault_store.c its disk and memory. The real
// store runs on the disk of disk.h, which stands in for the system's VFS; unlink, rename and fsync
// are caught too, as the store makes, moves and throws away files with them. The folder on the real
// disk holds the lock, the socket and empty files only.
#ifndef LEVEE_CRASH_LIFE_H
#define LEVEE_CRASH_LIFE_H

#include <pthread.h>

#include "disk.h"
#include "store/store.h"
#include "vault/vault.h"

enum { LIFE_COMMANDS = 256, LIFE_SESSIONS = 32 };
#define LIFE_SESSION_TIME INT64_C(1595372400000000) // when sessions are opened and looked for

struct sent { // a command, by its number
    bool is_acknowledged;
    struct fault fault; // why it was refused
    int64_t sequence;
};
enum session_fate { SESSION_OPEN, SESSION_ENDED, SESSION_UNKNOWN };
struct session {
    char token[VAULT_TOKEN_SIZE];
    enum session_fate fate;
};

struct life {
    struct sent sent[LIFE_COMMANDS];
    int sent_count;
    struct session session[LIFE_SESSIONS];
    int session_count;
    int waiting_count;
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    const char *lie; // see disk_lie
    char folder[128];
    char trouble[256];
};
extern struct life life;

// Chooses the folder of this process; once.
void life_set_folder(void);
// Forgets what was asked. The disk stays.
void life_begin(void);
// Notes the first trouble; false.
bool life_note(const char *what, const struct fault *fault);
enum fault_code life_found(struct fault *fault);
enum fault_code life_open_store(struct store **ret_store, struct fault *fault);
// Sends command `number` without waiting; the same number has the same id.
void life_send(struct store *store, int number);
void life_wait_for_answers(void);
// Opens session `number`, and ends it when the number is odd.
void life_sign_in(struct vault *vault, int number);
// The power comes back, and the real folder shows the names that the simulated disk holds.
void life_reboot(void);
void life_show_name(const char *name, bool is_there);
// Empties the real folder, before the disk forgets its names.
void life_forget_folder(void);

// Each notes what is wrong.
bool life_state_is_behind(void); // the state on disk is not ahead of the ledger on disk
bool life_ledger_is_whole(void);
// Every acknowledged command has one entry; every other has `most` at most.
bool life_entries_are_right(int most);
bool life_sessions_are_right(struct vault *vault);
// Closes the store; the state that is built anew is the same.
bool life_rebuilds_alike(struct store *store);

#endif
