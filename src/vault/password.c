// SPDX-License-Identifier: GPL-3.0-or-later
//
// password.c: passwords as Argon2id hashes, and how many guesses a day reach them.
//
// A sign-in counts as failed before it is tried, and is forgiven when it succeeds: so parallel
// guesses cannot pass the limit together, and a power cut between forgets no guess. The count goes
// back by one and not to zero, since the true user's success says nothing about the other guesses.
//
//     name known      count under the name          hash of the account
//     name unknown    count under one of 1024       hash of the decoy, made at the same cost
//                     buckets ("?17")
//
// Both ways read, write and hash alike, so that neither words nor time tell which names exist. The
// buckets bound the table: 1024 rows and one an account.
//
// A hash made at a lower cost than the present one is made anew when its password is next given.
// Passwords are compared as bytes; normalising them is the page's part.
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "vault/vault_priv.h"
#include "vault_sql.h"

enum { BUCKETS = 1024 };

struct cost {
    unsigned long long passes;
    size_t memory;
};
static const struct cost costs[] = {
    [VAULT_COST_FULL] = {3, 64 * 1024 * 1024},
    [VAULT_COST_LOW] = {1, 1024 * 1024},
};

static bool is_name(struct span name)
{
    if (name.size < 1 || name.size > VAULT_NAME_SIZE)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && strchr("._-", c) == NULL)
            return false;
        if (c == '\0')
            return false;
    }
    return true;
}

static size_t character_count(struct span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += (text.data[i] & 0xC0) != 0x80;
    return count;
}

// ---- Hashing, outside of the vault's lock

// Waits for one of the places; FAULT_BUSY: too many wait already.
static enum fault_code begin_hash(struct vault *vault, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    pthread_mutex_lock(&vault->hash_lock);
    if (vault->hash_count == VAULT_HASHES && vault->waiting_count == VAULT_HASHES_WAITING) {
        code = fault_set(fault, FAULT_BUSY, TEXT_VAULT_TOO_MANY_WAIT, {0});
    } else {
        vault->waiting_count++;
        while (vault->hash_count == VAULT_HASHES)
            pthread_cond_wait(&vault->hash_ended, &vault->hash_lock);
        vault->waiting_count--;
        vault->hash_count++;
    }
    pthread_mutex_unlock(&vault->hash_lock);
    return code;
}

static void end_hash(struct vault *vault)
{
    pthread_mutex_lock(&vault->hash_lock);
    assert(vault->hash_count > 0);
    vault->hash_count--;
    pthread_cond_signal(&vault->hash_ended);
    pthread_mutex_unlock(&vault->hash_lock);
}

static enum fault_code make_hash(struct vault *vault, struct span password,
                                 char ret_hash[crypto_pwhash_STRBYTES], struct fault *fault)
{
    const struct cost *cost = &costs[vault->cost];
    enum fault_code code = begin_hash(vault, fault);
    if (code != FAULT_NONE)
        return code;
    if (crypto_pwhash_str_alg(ret_hash, password.data, password.size, cost->passes, cost->memory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    end_hash(vault);
    return code;
}

// ---- Credentials, under the vault's lock

struct credential {
    char hash[crypto_pwhash_STRBYTES];
    int64_t account; // 0: the decoy
};

static enum fault_code read_credential(struct vault *vault, struct span name,
                                       struct credential *ret_credential, bool *ret_is_found,
                                       struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    struct vault_value value[] = {{.text = name}};
    enum fault_code code =
        vault_run(vault, VAULT_SQL_READ_CREDENTIAL, value, 1, &statement, ret_is_found, fault);
    if (code != FAULT_NONE)
        return code;
    if (*ret_is_found) {
        snprintf(ret_credential->hash, sizeof ret_credential->hash, "%s",
                 (const char *)sqlite3_column_text(statement, 0));
        ret_credential->account = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    return FAULT_NONE;
}

static enum fault_code write_credential(struct vault *vault, struct span name, int64_t account,
                                        const char *hash, struct fault *fault)
{
    struct vault_value value[] = {{.text = name}, {.number = account}, {.text = span_from(hash)}};
    return vault_run(vault, VAULT_SQL_WRITE_CREDENTIAL, value, 3, NULL, NULL, fault);
}

enum fault_code vault_renew_decoy(struct vault *vault, struct fault *fault)
{
    const struct cost *cost = &costs[vault->cost];
    const struct span no_name = {"", 0};
    struct credential decoy = {0};
    unsigned char chance[32];
    bool is_found = false;
    enum fault_code code = read_credential(vault, no_name, &decoy, &is_found, fault);
    if (code != FAULT_NONE ||
        (is_found && crypto_pwhash_str_needs_rehash(decoy.hash, cost->passes, cost->memory) == 0))
        return code;
    randombytes_buf(chance, sizeof chance);
    code = make_hash(vault, (struct span){(char *)chance, sizeof chance}, decoy.hash, fault);
    if (code == FAULT_NONE)
        code = write_credential(vault, no_name, 0, decoy.hash, fault);
    return code;
}

enum fault_code vault_set_password(struct vault *vault, struct span name, int64_t account,
                                   struct span password, struct fault *fault)
{
    char hash[crypto_pwhash_STRBYTES];
    assert(account > 0);
    if (!is_name(name))
        return fault_set(fault, FAULT_INVALID, TEXT_VAULT_NAME_INVALID, text_span(name));
    if (password.size > VAULT_PASSWORD_SIZE_MAX ||
        character_count(password) < VAULT_PASSWORD_CHARACTERS_MIN)
        return fault_set(fault, FAULT_INVALID, TEXT_VAULT_PASSWORD_LENGTH,
                         text_integer(VAULT_PASSWORD_CHARACTERS_MIN));
    enum fault_code code = make_hash(vault, password, hash, fault);
    if (code != FAULT_NONE)
        return code;
    struct vault_value value[] = {{.number = account}};
    pthread_mutex_lock(&vault->lock);
    code = vault_begin(vault, fault);
    if (code == FAULT_NONE) {
        code = write_credential(vault, name, account, hash, fault);
        if (code == FAULT_NONE)
            code = vault_run(vault, VAULT_SQL_DELETE_ACCOUNT_SESSIONS, value, 1, NULL, NULL, fault);
        code = vault_end(vault, code, fault);
    }
    pthread_mutex_unlock(&vault->lock);
    return code;
}

enum fault_code vault_remove_password(struct vault *vault, struct span name, struct fault *fault)
{
    struct credential credential = {0};
    bool is_found = false;
    if (!is_name(name))
        return FAULT_NONE;
    pthread_mutex_lock(&vault->lock);
    enum fault_code code = vault_begin(vault, fault);
    if (code == FAULT_NONE) {
        code = read_credential(vault, name, &credential, &is_found, fault);
        struct vault_value account[] = {{.number = credential.account}}, key[] = {{.text = name}};
        if (code == FAULT_NONE && is_found)
            code =
                vault_run(vault, VAULT_SQL_DELETE_ACCOUNT_SESSIONS, account, 1, NULL, NULL, fault);
        if (code == FAULT_NONE)
            code = vault_run(vault, VAULT_SQL_DELETE_CREDENTIAL, key, 1, NULL, NULL, fault);
        code = vault_end(vault, code, fault);
    }
    pthread_mutex_unlock(&vault->lock);
    return code;
}

// ---- Signing in

// The name under which failures are counted: the account's own, or a bucket.
static struct span throttle_name(struct span name, bool is_known, char bucket[16])
{
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)name.data, name.size, NULL, 0);
    snprintf(bucket, 16, "?%d", (hash[0] << 8 | hash[1]) % BUCKETS);
    return is_known ? name : span_from(bucket);
}

// Reads the credential, or the decoy, and counts the attempt as failed.
static enum fault_code begin_attempt(struct vault *vault, struct span name, int64_t now,
                                     struct credential *ret_credential, bool *ret_is_known,
                                     struct fault *fault)
{
    char bucket[16];
    sqlite3_stmt *statement = NULL;
    bool is_known = false, is_row = false, is_decoy = false;
    int64_t day = now / TIME_DAY, count = 0;
    enum fault_code code = FAULT_NONE;
    if (is_name(name))
        code = read_credential(vault, name, ret_credential, &is_known, fault);
    if (code == FAULT_NONE && !is_known)
        code = read_credential(vault, (struct span){"", 0}, ret_credential, &is_decoy, fault);
    assert(code != FAULT_NONE || is_known || is_decoy);
    struct vault_value value[] = {{.text = throttle_name(name, is_known, bucket)}, {.number = day}};
    struct vault_value today[] = {{.number = day}};
    if (code == FAULT_NONE)
        code = vault_run(vault, VAULT_SQL_DELETE_OLD_FAILURES, today, 1, NULL, NULL, fault);
    if (code == FAULT_NONE)
        code = vault_run(vault, VAULT_SQL_COUNT_FAILURE, value, 2, &statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    count = is_row ? sqlite3_column_int64(statement, 0) : 0;
    // The row of RETURNING is taken; the statement ends with its next step.
    code = database_step(&vault->database, statement, &is_row, fault);
    if (code == FAULT_NONE && count > VAULT_FAILURES_PER_DAY)
        code = fault_set(fault, FAULT_BUSY, TEXT_VAULT_TOO_MANY_FAILURES, {0});
    if (code == FAULT_NONE)
        *ret_is_known = is_known;
    return code;
}

// Takes back the failure that was counted in advance, and renews a hash of a lower cost.
static enum fault_code end_attempt(struct vault *vault, struct span name,
                                   const struct credential *credential, const char *new_hash,
                                   struct fault *fault)
{
    struct vault_value value[] = {{.text = name}};
    enum fault_code code = vault_run(vault, VAULT_SQL_FORGIVE_FAILURE, value, 1, NULL, NULL, fault);
    if (code == FAULT_NONE && new_hash != NULL)
        code = write_credential(vault, name, credential->account, new_hash, fault);
    return code;
}

enum fault_code vault_check_password(struct vault *vault, struct span name, struct span password,
                                     int64_t now, int64_t *ret_account, struct fault *fault)
{
    const struct cost *cost = &costs[vault->cost];
    struct credential credential = {0};
    char new_hash[crypto_pwhash_STRBYTES];
    bool is_known = false, is_renewed = false;
    if (password.size > VAULT_PASSWORD_SIZE_MAX) // Nobody has such a password: cut, it is wrong.
        password.size = VAULT_PASSWORD_SIZE_MAX + 1;
    pthread_mutex_lock(&vault->lock);
    enum fault_code code = begin_attempt(vault, name, now, &credential, &is_known, fault);
    pthread_mutex_unlock(&vault->lock);
    if (code == FAULT_NONE)
        code = begin_hash(vault, fault);
    if (code != FAULT_NONE)
        return code;
    int result = crypto_pwhash_str_verify(credential.hash, password.data, password.size);
    end_hash(vault);
    if (result != 0 || !is_known)
        return fault_set(fault, FAULT_DENIED, TEXT_VAULT_SIGN_IN_REFUSED, {0});
    if (crypto_pwhash_str_needs_rehash(credential.hash, cost->passes, cost->memory) != 0) {
        code = make_hash(vault, password, new_hash, fault);
        is_renewed = code == FAULT_NONE;
    }
    pthread_mutex_lock(&vault->lock);
    if (code == FAULT_NONE)
        code = end_attempt(vault, name, &credential, is_renewed ? new_hash : NULL, fault);
    pthread_mutex_unlock(&vault->lock);
    if (code == FAULT_NONE)
        *ret_account = credential.account;
    return code;
}
