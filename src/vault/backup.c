// SPDX-License-Identifier: GPL-3.0-or-later
//
// backup.c: the whole vault as one sealed file.
//
//     offset   size   field
//          0      8   "levee-v1"
//          8     16   salt of Argon2id (4 passes, 256 MiB)
//         24     24   nonce
//         48   rest   XChaCha20-Poly1305 of the database's bytes, the first 48 bytes authenticated
//         too
//
// The key is Argon2id of the passphrase and the salt, at the cost that is meant for recovery keys.
// The passphrase must be as long as a password. A vault is small (keys, an account a row), so it is
// sealed in one piece; VAULT_SIZE_MAX bounds it. The file is written, synced and its folder synced
// before anything is reported.
//
// To change the format: a new first word, and this one is still read.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "vault/vault_priv.h"
#include "vault_sql.h"

static const unsigned char first_word[8] = {'l', 'e', 'v', 'e', 'e', '-', 'v', '1'};
enum {
    AT_SALT = 8,
    AT_NONCE = AT_SALT + crypto_pwhash_SALTBYTES,
    AT_SEALED = AT_NONCE + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    KEY_SIZE = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    PASSES = 4,
    MEMORY = 256 * 1024 * 1024,
    VAULT_SIZE_MAX = 64 * 1024 * 1024, // 100,000 accounts x 300 bytes, twice
};
static_assert(AT_SEALED == 48, "the head is as drawn above");

static enum fault_code make_key(struct span passphrase, const unsigned char *salt,
                                unsigned char **ret_key, struct fault *fault)
{
    unsigned char *key = sodium_malloc(KEY_SIZE);
    if (key != NULL && crypto_pwhash(key, KEY_SIZE, passphrase.data, passphrase.size, salt, PASSES,
                                     MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0) {
        *ret_key = key;
        return FAULT_NONE;
    }
    sodium_free(key);
    return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
}

// ---- Files

static enum fault_code write_file(const char *path, const unsigned char *bytes, size_t size,
                                  struct fault *fault)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return file_unwritable(fault, path, errno);
    ssize_t written = 0;
    for (size_t at = 0; at < size && written >= 0; at += (size_t)written)
        written = write(file, bytes + at, size - at);
    enum fault_code code =
        written >= 0 && fsync(file) == 0 ? FAULT_NONE : file_unwritable(fault, path, errno);
    close(file);
    if (code == FAULT_NONE)
        code = file_sync_folder_of(path, fault);
    return code;
}

static enum fault_code read_file(const char *path, unsigned char **ret_bytes, size_t *ret_size,
                                 struct fault *fault)
{
    struct stat status;
    unsigned char *bytes = NULL;
    enum fault_code code = FAULT_NONE;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0)
        code =
            fault_set(fault, errno == ENOENT ? FAULT_MISSING : FAULT_IO, TEXT_BASE_FILE_UNREADABLE,
                      text_string(path), text_string(strerror(errno)));
    if (code == FAULT_NONE &&
        (status.st_size < AT_SEALED + TAG_SIZE || status.st_size > VAULT_SIZE_MAX))
        code = fault_set(fault, FAULT_DENIED, TEXT_VAULT_BACKUP_REFUSED, text_string(path));
    size_t size = code == FAULT_NONE ? (size_t)status.st_size : 0;
    if (code == FAULT_NONE && (bytes = memory_allocate(size)) == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE && pread(file, bytes, size, 0) != (ssize_t)size)
        code = fault_set(fault, FAULT_IO, TEXT_BASE_FILE_UNREADABLE, text_string(path),
                         text_string(strerror(errno)));
    if (file >= 0)
        close(file);
    if (code == FAULT_NONE) {
        *ret_bytes = bytes;
        *ret_size = size;
    } else {
        memory_free(bytes);
    }
    return code;
}

// ---- Sealing

static enum fault_code seal(const unsigned char *bytes, size_t size, struct span passphrase,
                            const char *path, struct fault *fault)
{
    unsigned char *key = NULL, *sealed = memory_allocate(AT_SEALED + size + TAG_SIZE);
    if (sealed == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    memcpy(sealed, first_word, sizeof first_word);
    randombytes_buf(sealed + AT_SALT, AT_SEALED - AT_SALT);
    enum fault_code code = make_key(passphrase, sealed + AT_SALT, &key, fault);
    if (code == FAULT_NONE) {
        unsigned long long sealed_size = 0;
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + AT_SEALED, &sealed_size, bytes, size,
                                                   sealed, AT_SEALED, NULL, sealed + AT_NONCE, key);
        assert(sealed_size == size + TAG_SIZE);
        code = write_file(path, sealed, AT_SEALED + (size_t)sealed_size, fault);
    }
    sodium_free(key);
    memory_free(sealed);
    return code;
}

static enum fault_code seal_database(sqlite3 *connection, struct span passphrase, const char *path,
                                     struct fault *fault)
{
    sqlite3_int64 size = 0;
    unsigned char *bytes = sqlite3_serialize(connection, "main", &size, 0);
    if (bytes == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    enum fault_code code = seal(bytes, (size_t)size, passphrase, path, fault);
    sodium_memzero(bytes, (size_t)size);
    sqlite3_free(bytes);
    return code;
}

static enum fault_code check_passphrase(struct span passphrase, struct fault *fault)
{
    if (passphrase.size >= VAULT_PASSWORD_CHARACTERS_MIN)
        return FAULT_NONE;
    return fault_set(fault, FAULT_INVALID, TEXT_VAULT_PASSWORD_LENGTH,
                     text_integer(VAULT_PASSWORD_CHARACTERS_MIN));
}

enum fault_code vault_backup(struct vault *vault, struct span passphrase, const char *path,
                             struct fault *fault)
{
    enum fault_code code = check_passphrase(passphrase, fault);
    if (code != FAULT_NONE)
        return code;
    pthread_mutex_lock(&vault->lock);
    code = seal_database(vault->database.connection, passphrase, path, fault);
    pthread_mutex_unlock(&vault->lock);
    return code;
}

enum fault_code vault_backup_file(const char *vault_path, struct span passphrase, const char *path,
                                  struct fault *fault)
{
    struct database database = {0};
    enum fault_code code = check_passphrase(passphrase, fault);
    if (code == FAULT_NONE)
        code = vault_open_database(vault_path, NULL, DATABASE_READER, &database, fault);
    if (code != FAULT_NONE)
        return code;
    code = vault_check_version(&database, false, fault);
    if (code == FAULT_NONE)
        code = seal_database(database.connection, passphrase, path, fault);
    database_close(&database);
    return code;
}

static enum fault_code unseal(const char *path, unsigned char *sealed, size_t size,
                              struct span passphrase, unsigned char *ret_bytes, size_t *ret_size,
                              struct fault *fault)
{
    unsigned char *key = NULL;
    unsigned long long open_size = 0;
    enum fault_code code = make_key(passphrase, sealed + AT_SALT, &key, fault);
    if (code != FAULT_NONE)
        return code;
    if (memcmp(sealed, first_word, sizeof first_word) != 0 ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(ret_bytes, &open_size, NULL, sealed + AT_SEALED,
                                                   size - AT_SEALED, sealed, AT_SEALED,
                                                   sealed + AT_NONCE, key) != 0)
        code = fault_set(fault, FAULT_DENIED, TEXT_VAULT_BACKUP_REFUSED, text_string(path));
    sodium_free(key);
    if (code == FAULT_NONE)
        *ret_size = (size_t)open_size;
    return code;
}

// A session that was open when the copy was made must not open anything now.
static enum fault_code forget_sessions(const char *path, struct fault *fault)
{
    struct vault vault = {0};
    enum fault_code code = vault_open_database(path, NULL, DATABASE_WRITER, &vault.database, fault);
    if (code != FAULT_NONE)
        return code;
    code = vault_run(&vault, VAULT_SQL_DELETE_ALL_SESSIONS, NULL, 0, NULL, NULL, fault);
    database_close(&vault.database);
    return code;
}

enum fault_code vault_restore(const char *path, struct span passphrase, const char *target,
                              struct fault *fault)
{
    unsigned char *sealed = NULL, *bytes = NULL;
    size_t size = 0, open_size = 0;
    if (sodium_init() < 0)
        return fault_set(fault, FAULT_IO, TEXT_VAULT_NO_CHANCE, {0});
    enum fault_code code = read_file(path, &sealed, &size, fault);
    if (code != FAULT_NONE)
        return code;
    bytes = memory_allocate(size);
    if (bytes == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE)
        code = unseal(path, sealed, size, passphrase, bytes, &open_size, fault);
    if (code == FAULT_NONE)
        code = write_file(target, bytes, open_size, fault);
    if (bytes != NULL)
        sodium_memzero(bytes, size);
    memory_free(bytes);
    memory_free(sealed);
    if (code == FAULT_NONE)
        code = forget_sessions(target, fault);
    return code;
}
