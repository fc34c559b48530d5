// SPDX-License-Identifier: GPL-3.0-or-later
//
// vault_priv.h: what the files of src/vault share. Nobody else includes it.
//
// Owns: the shape of an open vault, and the one way to run a statement on it.
//
//     vault.c      opening, the signing key        session.c    tokens
//     password.c   Argon2id, throttle              backup.c     the vault under a passphrase
//
// Whoever touches `database` or `secret` holds `lock`.
#ifndef LEVEE_VAULT_PRIV_H
#define LEVEE_VAULT_PRIV_H

#include <pthread.h>

#include "base/limits.h"
#include "database/database.h"
#include "vault/vault.h"

struct vault {
    pthread_mutex_t lock;
    struct database database;
    unsigned char *secret; // Ed25519 secret key in guarded memory, readable only while it signs
    unsigned char public_key[VAULT_KEY_SIZE];
    enum vault_cost cost;
    pthread_mutex_t hash_lock; // of the two counts below
    pthread_cond_t hash_ended;
    int hash_count;
    int waiting_count;
};

// A value bound to a parameter: bytes when is_blob, text when `text.data` is set, a number
// otherwise.
struct vault_value {
    int64_t number;
    struct span text;
    bool is_blob;
};

// Prepares statement `index`, binds `count` values from parameter 1 on, and steps once. A row stays
// readable until the statement is used again; *ret_statement may be NULL where none is wanted.
enum fault_code vault_run(struct vault *vault, int index, const struct vault_value *value,
                          int count, sqlite3_stmt **ret_statement, bool *ret_is_row,
                          struct fault *fault);
// A transaction around several statements: vault_end commits when code is FAULT_NONE, otherwise
// rolls back and returns `code`.
enum fault_code vault_begin(struct vault *vault, struct fault *fault);
enum fault_code vault_end(struct vault *vault, enum fault_code code, struct fault *fault);

enum fault_code vault_open_database(const char *path, const char *vfs, enum database_mode mode,
                                    struct database *ret_database, struct fault *fault);
// FAULT_INVALID: made by a newer levee, or made already where a new file is wanted; FAULT_MISSING:
// not made yet where a vault is wanted.
enum fault_code vault_check_version(struct database *database, bool is_new_wanted,
                                    struct fault *fault);
// Makes sure that the decoy has the present cost (password.c).
enum fault_code vault_renew_decoy(struct vault *vault, struct fault *fault);

#endif
