// SPDX-License-Identifier: GPL-3.0-or-later
//
// vault.h: what must stay secret, and what may be erased.
//
// Owns: vault.db: the key that signs checkpoints, the accounts' passwords (as Argon2id hashes), the
// sessions (as hashes of their tokens) and the count of failed sign-ins. Nothing of it is ever in
// an entry, and nothing of it can be read back out: the vault signs, checks and finds.
//
//     sign in     vault_check_password  ->  account  ->  vault_open_session  ->  token (a cookie)
//     request     vault_find_session(token)  ->  account
//     sign out    vault_end_session(token), vault_end_account(account)
//
// Time here is the machine's (security time), never the store's business time, and is a parameter.
// A `struct vault` may be used by many threads at once. A password is hashed outside of its lock;
// at most VAULT_HASHES run at once (64 MiB each), VAULT_HASHES_WAITING wait, and further ones are
// told FAULT_BUSY.
//
// Not here: who may do what (store), second factors, and the sealing of petitions.
#ifndef LEVEE_VAULT_H
#define LEVEE_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"

struct vault;

enum {
    VAULT_KEY_SIZE = 32,       // an Ed25519 public key
    VAULT_SIGNATURE_SIZE = 64, // an Ed25519 signature
    VAULT_SESSION_SIZE = 32,   // the hash of a token: names a session without opening it
    VAULT_TOKEN_SIZE = 44,     // 256 bits as base64url, with its NUL
    VAULT_NAME_SIZE = 64,      // the longest account name: a-z, 0-9, '.', '_', '-'
    VAULT_PASSWORD_CHARACTERS_MIN = 15,
    VAULT_PASSWORD_SIZE_MAX = 512, // bytes; 128 characters of four
    VAULT_FAILURES_PER_DAY = 100,  // failed sign-ins an account that reach the hash
    VAULT_HASHES = 3,
    VAULT_HASHES_WAITING = 32,
};

enum vault_cost {
    VAULT_COST_FULL, // Argon2id, 3 passes over 64 MiB
    VAULT_COST_LOW,  // 1 pass over 1 MiB: tests and replays only
};

// ---- Opening

// Makes the file (mode 0600) with a new signing key, durably, and closes it. A file that a power
// cut left empty is completed. FAULT_INVALID: a vault is there already.
enum fault_code vault_create(const char *path, const char *vfs, int64_t now, struct fault *fault);
// Opens the vault for reading and writing, one process at a time. FAULT_MISSING, FAULT_BUSY,
// FAULT_CORRUPT as database_open. The caller closes *ret_vault, when no thread uses it any more.
enum fault_code vault_open(const char *path, const char *vfs, enum vault_cost cost,
                           struct vault **ret_vault, struct fault *fault);
void vault_close(struct vault *vault); // NULL is allowed

// ---- The signing key

void vault_public_key(struct vault *vault, unsigned char ret_key[VAULT_KEY_SIZE]);
// Ed25519 over `bytes` with the newest key. `context` is the struct vault: the form that
// struct ledger_signer wants.
enum fault_code vault_sign(void *context, struct span bytes,
                           unsigned char ret_signature[VAULT_SIGNATURE_SIZE], struct fault *fault);
// Makes a new key, which signs from now on; the old ones stay. The ledger must be told
// (ledger_continue).
enum fault_code vault_rotate_key(struct vault *vault, int64_t now,
                                 unsigned char ret_key[VAULT_KEY_SIZE], struct fault *fault);

// ---- Passwords

// Sets or replaces the password of account `account`, whose name is `name`, and ends its sessions.
// FAULT_INVALID: a name or password outside the limits above.
enum fault_code vault_set_password(struct vault *vault, struct span name, int64_t account,
                                   struct span password, struct fault *fault);
// The account whose password this is. FAULT_DENIED: unknown name or wrong password, in the same
// words and the same time. FAULT_BUSY: VAULT_FAILURES_PER_DAY failures today under this name, or
// too many sign-ins wait.
enum fault_code vault_check_password(struct vault *vault, struct span name, struct span password,
                                     int64_t now, int64_t *ret_account, struct fault *fault);
// Removes a password and ends the account's sessions. No such name: FAULT_NONE.
enum fault_code vault_remove_password(struct vault *vault, struct span name, struct fault *fault);

// ---- Sessions: 256 bits of chance, idle for 30 minutes at most, 12 hours in all

enum fault_code vault_open_session(struct vault *vault, int64_t account, int64_t now,
                                   char ret_token[VAULT_TOKEN_SIZE], struct fault *fault);
// FAULT_DENIED: no such session, or it has ended. Its use is noted once a minute. A clock that went
// back by more than five minutes ends it.
enum fault_code vault_find_session(struct vault *vault, struct span token, int64_t now,
                                   int64_t *ret_account,
                                   unsigned char ret_session[VAULT_SESSION_SIZE],
                                   struct fault *fault);
// The same without noting a use: for what asks on a reader's behalf while he may be away.
enum fault_code vault_watch_session(struct vault *vault, struct span token, int64_t now,
                                    int64_t *ret_account,
                                    unsigned char ret_session[VAULT_SESSION_SIZE],
                                    struct fault *fault);
enum fault_code vault_end_session(struct vault *vault, struct span token, struct fault *fault);
enum fault_code vault_end_account(struct vault *vault, int64_t account, struct fault *fault);

// ---- Backup: the whole vault under a passphrase (Argon2id, XChaCha20-Poly1305)

// Writes a copy to `path`, which must not exist, durably. FAULT_INVALID: the passphrase is too
// short.
enum fault_code vault_backup(struct vault *vault, struct span passphrase, const char *path,
                             struct fault *fault);
// The same of the vault in the file `vault_path`, which another process may have open: it is read
// by itself, and nobody waits.
enum fault_code vault_backup_file(const char *vault_path, struct span passphrase, const char *path,
                                  struct fault *fault);
// Writes the vault in backup `path` to `target`, which must not exist, durably, without its
// sessions. FAULT_DENIED: the passphrase is wrong or the backup was changed.
enum fault_code vault_restore(const char *path, struct span passphrase, const char *target,
                              struct fault *fault);

#endif
