// SPDX-License-Identifier: GPL-3.0-or-later
//
// backup.c: ledger and vault into one file and back.
//
//     offset  size  what                     little-endian
//     0       16    "levee backup 1\n" 0x00
//     16      8     size of the ledger
//     24      8     size of the vault
//     32            ledger.db, with what stood in its WAL
//     ..            the vault under the passphrase (vault.h, vault_backup)
//
// Nothing in the container is trusted: the ledger is audited from its first entry to the signed
// head that must cover all of them, the vault is authenticated by its passphrase, and the key in
// the vault must be the one that the ledger names. So a part that was exchanged is found, too.
//
// To change the format: a new number in the first line; readers take the old ones as long as there
// are backups of them.
#include "store/backup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/found.h"
#include "store/store_priv.h"
#include "vault/vault.h"

static const char magic[16] = "levee backup 1\n";
enum { HEAD_SIZE = 32, COPY_SIZE = 1024 * 1024 };

struct copy {
    const struct backup_progress *progress;
    int64_t done, total;
    char *buffer;
};

static enum fault_code read_fault(const char *path, struct fault *fault)
{
    return fault_set(fault, FAULT_IO, TEXT_BASE_FILE_UNREADABLE, text_string(path),
                     text_string(strerror(errno)));
}

static enum fault_code write_fault(const char *path, struct fault *fault)
{
    return fault_set(fault, errno == ENOSPC ? FAULT_FULL : FAULT_IO, TEXT_BASE_FILE_UNWRITABLE,
                     text_string(path), text_string(strerror(errno)));
}

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = write(file, bytes, size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        size -= (size_t)count;
    }
    return true;
}

// Copies `size` bytes from where both files stand.
static enum fault_code copy_bytes(struct copy *copy, int from, const char *from_path, int to,
                                  const char *to_path, int64_t size, struct fault *fault)
{
    while (size > 0) {
        ssize_t count = read(from, copy->buffer, size < COPY_SIZE ? (size_t)size : COPY_SIZE);
        if (count == 0)
            errno = ENODATA; // Shorter than it was a moment ago, or than it says.
        if (count <= 0)
            return read_fault(from_path, fault);
        if (!write_all(to, copy->buffer, (size_t)count))
            return write_fault(to_path, fault);
        size -= count;
        copy->done += count;
        if (copy->progress != NULL && copy->progress->report != NULL)
            copy->progress->report(copy->progress->context, copy->done, copy->total);
    }
    return FAULT_NONE;
}

static enum fault_code open_to_read(const char *path, int *ret_file, int64_t *ret_size,
                                    struct fault *fault)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0) {
        if (file >= 0)
            close(file);
        return read_fault(path, fault);
    }
    *ret_file = file;
    *ret_size = status.st_size;
    return FAULT_NONE;
}

// ---- Writing ---------------------------------------------------------------------------------

static void put_size(char *bytes, int64_t size)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)((uint64_t)size >> (8 * i));
}

static int64_t get_size(const char *bytes)
{
    uint64_t size = 0;
    for (int i = 7; i >= 0; i--)
        size = size << 8 | (unsigned char)bytes[i];
    return (int64_t)size;
}

static enum fault_code write_container(const char *path, const char *ledger_path,
                                       const char *vault_path,
                                       const struct backup_progress *progress, struct fault *fault)
{
    int ledger = -1, vault = -1, to = -1;
    int64_t ledger_size = 0, vault_size = 0;
    char head[HEAD_SIZE];
    struct copy copy = {.progress = progress, .buffer = memory_allocate(COPY_SIZE)};
    enum fault_code code = open_to_read(ledger_path, &ledger, &ledger_size, fault);
    if (code == FAULT_NONE)
        code = open_to_read(vault_path, &vault, &vault_size, fault);
    if (code == FAULT_NONE && copy.buffer == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE) {
        to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        code = to < 0 ? write_fault(path, fault) : FAULT_NONE;
    }
    if (code != FAULT_NONE)
        goto out;
    copy.total = ledger_size + vault_size;
    memcpy(head, magic, sizeof magic);
    put_size(head + 16, ledger_size);
    put_size(head + 24, vault_size);
    if (!write_all(to, head, sizeof head))
        code = write_fault(path, fault);
    if (code == FAULT_NONE)
        code = copy_bytes(&copy, ledger, ledger_path, to, path, ledger_size, fault);
    if (code == FAULT_NONE)
        code = copy_bytes(&copy, vault, vault_path, to, path, vault_size, fault);
    if (code == FAULT_NONE && fsync(to) != 0)
        code = write_fault(path, fault);
    if (code == FAULT_NONE)
        code = store_sync_folder_of(path, fault); // Its name must survive as well as the file.
out:
    if (to >= 0)
        close(to);
    if (code != FAULT_NONE && to >= 0)
        unlink(path);
    if (ledger >= 0)
        close(ledger);
    if (vault >= 0)
        close(vault);
    memory_free(copy.buffer);
    return code;
}

// Signs everything, with the writer stopped.
static enum fault_code sign(struct store *store, struct fault *fault)
{
    struct ledger_signer signer = {.sign = vault_sign, .context = store->vault};
    vault_public_key(store->vault, signer.public_key);
    return ledger_make_checkpoint(store->ledger, &signer, store->cursor.time, fault);
}

// A copy of the ledger as one file, whatever still stands in its WAL and whoever reads it.
static enum fault_code copy_ledger(const char *from_path, const char *path, struct fault *fault)
{
    sqlite3 *from = NULL, *to = NULL;
    sqlite3_backup *backup = NULL;
    unlink(path); // Left by a backup that was cut off.
    int result = sqlite3_open_v2(from_path, &from, SQLITE_OPEN_READONLY, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (result == SQLITE_OK) {
        backup = sqlite3_backup_init(to, "main", from, "main");
        result = backup == NULL ? sqlite3_errcode(to) : sqlite3_backup_step(backup, -1);
        sqlite3_backup_finish(backup);
    }
    sqlite3_close(from);
    sqlite3_close(to);
    if (result == SQLITE_DONE)
        return FAULT_NONE;
    return fault_set(fault, result == SQLITE_FULL ? FAULT_FULL : FAULT_IO,
                     TEXT_BASE_FILE_UNWRITABLE, text_string(path),
                     text_string(sqlite3_errstr(result)));
}

enum fault_code backup_write(const char *folder, const char *path, struct span passphrase,
                             const struct backup_progress *progress, struct fault *fault)
{
    struct store_options options = {.folder = folder, .must_hold = true, .must_not_settle = true};
    struct store *store = NULL;
    char ledger_path[LIMIT_PATH_SIZE + 16], vault_path[LIMIT_PATH_SIZE + 16];
    char copy_path[LIMIT_PATH_SIZE + 16];
    if (access(path, F_OK) == 0) {
        errno = EEXIST;
        return write_fault(path, fault);
    }
    enum fault_code code = store_open(&options, &store, fault);
    if (code != FAULT_NONE)
        return code;
    store_path(folder, "ledger.db", ledger_path);
    store_path(folder, "ledger.backup", copy_path);
    store_path(folder, "vault.backup", vault_path);
    // Nobody writes from here on; the lock is held until the end.
    listener_stop(store);
    writer_stop(store);
    if (store->vault == NULL)
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_BACKUP_OF_DRILL, text_string(folder));
    if (code == FAULT_NONE)
        code = sign(store, fault);
    if (code == FAULT_NONE)
        code = copy_ledger(ledger_path, copy_path, fault);
    if (code == FAULT_NONE) {
        unlink(vault_path); // Left by a backup that was cut off.
        code = vault_backup(store->vault, passphrase, vault_path, fault);
    }
    if (code == FAULT_NONE)
        code = write_container(path, copy_path, vault_path, progress, fault);
    unlink(copy_path);
    unlink(vault_path);
    store_close(store);
    return code;
}

// ---- Reading ---------------------------------------------------------------------------------

static enum fault_code read_head(int file, const char *path, int64_t size, int64_t *ret_ledger_size,
                                 int64_t *ret_vault_size, struct fault *fault)
{
    char head[HEAD_SIZE];
    if (size < HEAD_SIZE || read(file, head, sizeof head) != HEAD_SIZE ||
        memcmp(head, magic, sizeof magic) != 0)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_BACKUP_NONE, text_string(path));
    int64_t ledger_size = get_size(head + 16), vault_size = get_size(head + 24);
    if (ledger_size <= 0 || vault_size <= 0 || ledger_size > size || vault_size > size ||
        ledger_size + vault_size + HEAD_SIZE != size)
        return fault_set(fault, FAULT_CORRUPT, TEXT_STORE_BACKUP_CUT, text_string(path));
    *ret_ledger_size = ledger_size;
    *ret_vault_size = vault_size;
    return FAULT_NONE;
}

static enum fault_code extract(struct copy *copy, int from, const char *from_path, const char *path,
                               int64_t size, struct fault *fault)
{
    int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return write_fault(path, fault);
    enum fault_code code = copy_bytes(copy, from, from_path, to, path, size, fault);
    if (code == FAULT_NONE && fsync(to) != 0)
        code = write_fault(path, fault);
    close(to);
    return code;
}

static enum fault_code unpack(const char *path, const char *ledger_path, const char *vault_path,
                              const struct backup_progress *progress, struct fault *fault)
{
    int file = -1;
    int64_t size = 0, ledger_size = 0, vault_size = 0;
    struct copy copy = {.progress = progress, .buffer = memory_allocate(COPY_SIZE)};
    enum fault_code code = open_to_read(path, &file, &size, fault);
    if (code == FAULT_NONE && copy.buffer == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE)
        code = read_head(file, path, size, &ledger_size, &vault_size, fault);
    copy.total = ledger_size + vault_size;
    if (code == FAULT_NONE)
        code = extract(&copy, file, path, ledger_path, ledger_size, fault);
    if (code == FAULT_NONE)
        code = extract(&copy, file, path, vault_path, vault_size, fault);
    if (file >= 0)
        close(file);
    memory_free(copy.buffer);
    return code;
}

// Begins the next generation: its id, an identity of its own, a key that no copy has.
static enum fault_code begin_generation(const char *ledger_path, struct vault *vault,
                                        struct fault *fault)
{
    struct ledger_options options = {.path = ledger_path, .is_writer = true};
    struct ledger *ledger = NULL;
    struct arena arena = {0};
    struct ledger_entry last = {0};
    struct time_clock clock = time_clock_machine();
    unsigned char identity[LEDGER_IDENTITY_SIZE], key[VAULT_KEY_SIZE];
    char kind[16] = "";
    int64_t size = 0;
    ssize_t count = getrandom(identity, sizeof identity, 0);
    assert(count == (ssize_t)sizeof identity);
    (void)count;
    enum fault_code code = ledger_open(&options, &ledger, fault);
    if (code == FAULT_NONE)
        code = ledger_read_size(ledger, &size, fault);
    if (code == FAULT_NONE)
        code = ledger_read_entry(ledger, size - 1, &arena, &last, fault);
    vault_public_key(vault, key);
    if (code == FAULT_NONE && memcmp(key, ledger_public_key(ledger), sizeof key) != 0)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_STORE_BACKUP_MIXED, {0});
    if (code == FAULT_NONE)
        code = vault_rotate_key(vault, time_now(&clock), key, fault);
    if (code == FAULT_NONE) {
        struct span span = ledger_kind(ledger);
        snprintf(kind, sizeof kind, "%.*s", (int)span.size, span.data);
        int64_t now = strcmp(kind, "live") == 0 ? time_now(&clock) : last.time;
        code =
            ledger_continue(ledger, kind, now > last.time ? now : last.time, identity, key, fault);
    }
    arena_reset(&arena);
    ledger_close(ledger);
    return code;
}

static enum fault_code check_ledger(const char *ledger_path, struct fault *fault)
{
    struct ledger_audit_options options = {.path = ledger_path};
    struct ledger_report report = {0};
    enum fault_code code = ledger_audit(&options, &report, fault);
    if (code == FAULT_NONE && report.signed_size != report.entry_count)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_STORE_BACKUP_UNSIGNED,
                         text_integer(report.signed_size), text_integer(report.entry_count));
    return code;
}

static enum fault_code restore_into(const char *path, const char *place, struct span passphrase,
                                    const struct backup_progress *progress, struct fault *fault)
{
    char ledger_path[LIMIT_PATH_SIZE + 16], vault_path[LIMIT_PATH_SIZE + 16];
    char packed_path[LIMIT_PATH_SIZE + 16];
    struct vault *vault = NULL;
    store_path(place, "ledger.db", ledger_path);
    store_path(place, "vault.db", vault_path);
    store_path(place, "vault.backup", packed_path);
    enum fault_code code = unpack(path, ledger_path, packed_path, progress, fault);
    if (code == FAULT_NONE)
        code = vault_restore(packed_path, passphrase, vault_path, fault);
    if (code == FAULT_NONE)
        code = check_ledger(ledger_path, fault);
    if (code == FAULT_NONE)
        code = vault_open(vault_path, NULL, VAULT_COST_LOW, &vault, fault);
    if (code == FAULT_NONE)
        code = begin_generation(ledger_path, vault, fault);
    vault_close(vault);
    return code;
}

enum fault_code backup_read(const char *path, const char *folder, struct span passphrase,
                            const struct backup_progress *progress, struct fault *fault)
{
    struct store_founding founding = {.lock = -1};
    enum fault_code code = store_begin_founding(folder, &founding, fault);
    if (code != FAULT_NONE)
        return code;
    code = restore_into(path, founding.place, passphrase, progress, fault);
    if (code == FAULT_NONE)
        code = store_end_founding(&founding, fault);
    else
        store_abandon_founding(&founding);
    return code;
}
