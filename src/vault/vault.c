// SPDX-License-Identifier: GPL-3.0-or-later
//
// vault.c: opening, and the signing key.
//
// The key is an Ed25519 seed of 32 random bytes, stored as it is: who reads vault.db can sign. So
// the file has mode 0600, lies apart from ledger.db in backups (backup.c) and never leaves by any
// function of vault.h. In memory the secret key stands in pages of its own (sodium_malloc: guarded,
// locked against swapping), closed to reading except while it signs. SQLite's own page cache holds
// the seed for a moment at opening; it is released at once, though not overwritten.
//
// Invariants: the public key is the one that belongs to `secret`; every statement runs under
// `lock`; a failed transaction leaves nothing.
#include "vault/vault_priv.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/memory.h"
#include "vault_sql.h"

static_assert(VAULT_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "the key is Ed25519's");
static_assert(VAULT_SIGNATURE_SIZE == crypto_sign_BYTES, "the signature is Ed25519's");
enum { SCHEMA_VERSION = 1 };

// ---- Statements

// A value that could not be copied is left NULL, and "WHERE token = NULL" finds nothing without a
// word: what is not bound is not run.
static int bind(sqlite3_stmt *statement, int at, const struct vault_value *value)
{
    struct span text = value->text;
    if (text.data == NULL)
        return sqlite3_bind_int64(statement, at, value->number);
    if (value->is_blob)
        return sqlite3_bind_blob64(statement, at, text.data, text.size, SQLITE_TRANSIENT);
    return sqlite3_bind_text64(statement, at, text.data, text.size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

enum fault_code vault_run(struct vault *vault, int index, const struct vault_value *value,
                          int count, sqlite3_stmt **ret_statement, bool *ret_is_row,
                          struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = database_prepare(&vault->database, index, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    assert(sqlite3_bind_parameter_count(statement) == count);
    for (int i = 0; i < count; i++) {
        int result = bind(statement, i + 1, &value[i]);
        if (result != SQLITE_OK)
            return database_fault(&vault->database, result, fault);
    }
    code = database_step(&vault->database, statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    if (ret_statement != NULL)
        *ret_statement = statement;
    else
        sqlite3_reset(statement);
    if (ret_is_row != NULL)
        *ret_is_row = is_row;
    return FAULT_NONE;
}

enum fault_code vault_begin(struct vault *vault, struct fault *fault)
{
    return vault_run(vault, VAULT_SQL_BEGIN, NULL, 0, NULL, NULL, fault);
}

enum fault_code vault_end(struct vault *vault, enum fault_code code, struct fault *fault)
{
    if (code == FAULT_NONE)
        code = vault_run(vault, VAULT_SQL_COMMIT, NULL, 0, NULL, NULL, fault);
    sqlite3 *connection = vault->database.connection;
    if (code != FAULT_NONE && !sqlite3_get_autocommit(connection))
        sqlite3_exec(connection, vault_sql[VAULT_SQL_ROLLBACK], NULL, NULL, NULL);
    return code;
}

// ---- Opening

enum fault_code vault_open_database(const char *path, const char *vfs, enum database_mode mode,
                                    struct database *ret_database, struct fault *fault)
{
    struct database_options options = {
        .path = path, .vfs = vfs, .mode = mode, .sql = vault_sql, .sql_count = VAULT_SQL_COUNT};
    if (sodium_init() < 0)
        return fault_set(fault, FAULT_IO, TEXT_VAULT_NO_CHANCE, {0});
    return database_open(&options, ret_database, fault);
}

enum fault_code vault_check_version(struct database *database, bool is_new_wanted,
                                    struct fault *fault)
{
    int64_t version = 0;
    struct text_argument path = text_string(database->path);
    enum fault_code code =
        database_read_integer(database, VAULT_SQL_READ_VERSION, 0, &version, fault);
    if (code != FAULT_NONE)
        return code;
    if (version > SCHEMA_VERSION)
        return fault_set(fault, FAULT_INVALID, TEXT_VAULT_NEWER, path, text_integer(version));
    if (version == 0 && !is_new_wanted)
        return fault_set(fault, FAULT_MISSING, TEXT_VAULT_UNFINISHED, path);
    if (version != 0 && is_new_wanted)
        return fault_set(fault, FAULT_INVALID, TEXT_VAULT_EXISTS, path);
    return FAULT_NONE;
}

static enum fault_code insert_key(struct vault *vault, int64_t now, struct fault *fault)
{
    unsigned char seed[crypto_sign_SEEDBYTES];
    randombytes_buf(seed, sizeof seed);
    struct vault_value value[] = {{.text = {(char *)seed, sizeof seed}, .is_blob = true},
                                  {.number = now}};
    enum fault_code code = vault_run(vault, VAULT_SQL_INSERT_KEY, value, 2, NULL, NULL, fault);
    sodium_memzero(seed, sizeof seed);
    return code;
}

enum fault_code vault_create(const char *path, const char *vfs, int64_t now, struct fault *fault)
{
    struct vault vault = {0};
    enum fault_code code = vault_open_database(path, vfs, DATABASE_CREATOR, &vault.database, fault);
    if (code != FAULT_NONE)
        return code;
    code = vault_check_version(&vault.database, true, fault);
    if (code != FAULT_NONE)
        goto out;
    code = vault_begin(&vault, fault);
    if (code != FAULT_NONE)
        goto out;
    code = database_run_script(&vault.database, VAULT_SQL_SCHEMA, fault);
    if (code == FAULT_NONE)
        code = insert_key(&vault, now, fault);
    code = vault_end(&vault, code, fault);
    if (code == FAULT_NONE)
        code = database_checkpoint(&vault.database, fault);
out:
    database_close(&vault.database);
    return code;
}

// Takes the newest seed into guarded memory.
static enum fault_code load_key(struct vault *vault, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        vault_run(vault, VAULT_SQL_READ_KEY, NULL, 0, &statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    if (!is_row || sqlite3_column_bytes(statement, 0) != crypto_sign_SEEDBYTES) {
        sqlite3_reset(statement);
        return fault_set(fault, FAULT_CORRUPT, TEXT_VAULT_KEY_MISSING,
                         text_string(vault->database.path));
    }
    sodium_mprotect_readwrite(vault->secret);
    crypto_sign_seed_keypair(vault->public_key, vault->secret, sqlite3_column_blob(statement, 0));
    sodium_mprotect_noaccess(vault->secret);
    sqlite3_reset(statement);
    sqlite3_db_release_memory(vault->database.connection);
    return FAULT_NONE;
}

enum fault_code vault_open(const char *path, const char *vfs, enum vault_cost cost,
                           struct vault **ret_vault, struct fault *fault)
{
    struct vault *vault = memory_allocate(sizeof *vault);
    if (vault == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    pthread_mutex_init(&vault->lock, NULL);
    pthread_mutex_init(&vault->hash_lock, NULL);
    pthread_cond_init(&vault->hash_ended, NULL);
    vault->cost = cost;
    enum fault_code code = vault_open_database(path, vfs, DATABASE_WRITER, &vault->database, fault);
    if (code == FAULT_NONE)
        code = vault_check_version(&vault->database, false, fault);
    if (code == FAULT_NONE) {
        vault->secret = sodium_malloc(crypto_sign_SECRETKEYBYTES);
        if (vault->secret == NULL)
            code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    }
    if (code == FAULT_NONE)
        code = load_key(vault, fault);
    if (code == FAULT_NONE)
        code = vault_renew_decoy(vault, fault);
    if (code == FAULT_NONE)
        *ret_vault = vault;
    else
        vault_close(vault);
    return code;
}

void vault_close(struct vault *vault)
{
    if (vault == NULL)
        return;
    assert(vault->hash_count == 0 && vault->waiting_count == 0);
    database_close(&vault->database);
    sodium_free(vault->secret); // Overwrites it.
    pthread_cond_destroy(&vault->hash_ended);
    pthread_mutex_destroy(&vault->hash_lock);
    pthread_mutex_destroy(&vault->lock);
    memory_free(vault);
}

// ---- The signing key

void vault_public_key(struct vault *vault, unsigned char ret_key[VAULT_KEY_SIZE])
{
    pthread_mutex_lock(&vault->lock);
    memcpy(ret_key, vault->public_key, VAULT_KEY_SIZE);
    pthread_mutex_unlock(&vault->lock);
}

enum fault_code vault_sign(void *context, struct span bytes,
                           unsigned char ret_signature[VAULT_SIGNATURE_SIZE], struct fault *fault)
{
    struct vault *vault = context;
    pthread_mutex_lock(&vault->lock);
    sodium_mprotect_readonly(vault->secret);
    int result = crypto_sign_detached(ret_signature, NULL, (const unsigned char *)bytes.data,
                                      bytes.size, vault->secret);
    sodium_mprotect_noaccess(vault->secret);
    // A fault in the arithmetic can give the key away: a bad signature never leaves.
    if (result == 0)
        result = crypto_sign_verify_detached(ret_signature, (const unsigned char *)bytes.data,
                                             bytes.size, vault->public_key);
    pthread_mutex_unlock(&vault->lock);
    if (result == 0)
        return FAULT_NONE;
    memset(ret_signature, 0, VAULT_SIGNATURE_SIZE);
    return fault_set(fault, FAULT_CORRUPT, TEXT_VAULT_SIGNATURE_BAD, {0});
}

enum fault_code vault_rotate_key(struct vault *vault, int64_t now,
                                 unsigned char ret_key[VAULT_KEY_SIZE], struct fault *fault)
{
    pthread_mutex_lock(&vault->lock);
    enum fault_code code = insert_key(vault, now, fault);
    if (code == FAULT_NONE)
        code = load_key(vault, fault);
    if (code == FAULT_NONE)
        memcpy(ret_key, vault->public_key, VAULT_KEY_SIZE);
    pthread_mutex_unlock(&vault->lock);
    return code;
}
