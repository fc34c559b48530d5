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
// Who writes goes on meanwhile. It is asked, over its socket where it is another process, to sign
// what there is, and does so in slices; everything else is read here, by connections of our own
// that hold nobody: the ledger up to that head (ledger_copy), the vault as it stands. At the end
// the container is opened again as a restore would.
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
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/found.h"
#include "store/store_priv.h"
#include "vault/vault.h"

static const char magic[16] = "levee backup 1\n";
enum {
    HEAD_SIZE = 32,
    COPY_SIZE = 1024 * 1024,
    HEAD_WAIT_MS = 60000, // for the writer to sign; a million entries take about 10 s
    HEAD_POLL_US = 20000,
};

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
            return file_unwritable(fault, to_path, errno);
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
                                       const char *vault_path, struct fault *fault)
{
    int ledger = -1, vault = -1, to = -1;
    int64_t ledger_size = 0, vault_size = 0;
    char head[HEAD_SIZE];
    struct copy copy = {.buffer = memory_allocate(COPY_SIZE)};
    enum fault_code code = open_to_read(ledger_path, &ledger, &ledger_size, fault);
    if (code == FAULT_NONE)
        code = open_to_read(vault_path, &vault, &vault_size, fault);
    if (code == FAULT_NONE && copy.buffer == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE) {
        to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        code = to < 0 ? file_unwritable(fault, path, errno) : FAULT_NONE;
    }
    if (code != FAULT_NONE)
        goto out;
    copy.total = ledger_size + vault_size;
    memcpy(head, magic, sizeof magic);
    put_size(head + 16, ledger_size);
    put_size(head + 24, vault_size);
    if (!write_all(to, head, sizeof head))
        code = file_unwritable(fault, path, errno);
    if (code == FAULT_NONE)
        code = copy_bytes(&copy, ledger, ledger_path, to, path, ledger_size, fault);
    if (code == FAULT_NONE)
        code = copy_bytes(&copy, vault, vault_path, to, path, vault_size, fault);
    if (code == FAULT_NONE && fsync(to) != 0)
        code = file_unwritable(fault, path, errno);
    if (code == FAULT_NONE)
        code = file_sync_folder_of(path, fault); // Its name must survive as well as the file.
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

// ---- The work folder --------------------------------------------------------------------------

static const char *const work_names[] = {
    "ledger.db",    "ledger.db-wal", "ledger.db-shm", "ledger.db-lock", "vault.db",
    "vault.db-wal", "vault.db-shm",  "vault.db-lock", "vault.backup",
};

// Where copies stand until they are in the container; in the data folder, since that is as well
// guarded as they must be.
struct work {
    char folder[LIMIT_PATH_SIZE + 16];
    char ledger[LIMIT_PATH_SIZE + 48], vault[LIMIT_PATH_SIZE + 48], packed[LIMIT_PATH_SIZE + 48];
    int lock; // the folder, locked
};

static void empty_work(const struct work *work)
{
    char path[LIMIT_PATH_SIZE + 48];
    for (size_t i = 0; i < sizeof work_names / sizeof work_names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", work->folder, work_names[i]);
        unlink(path);
    }
}

static enum fault_code begin_work(const char *folder, struct work *work, struct fault *fault)
{
    store_path(folder, "backup", work->folder);
    snprintf(work->ledger, sizeof work->ledger, "%s/ledger.db", work->folder);
    snprintf(work->vault, sizeof work->vault, "%s/vault.db", work->folder);
    snprintf(work->packed, sizeof work->packed, "%s/vault.backup", work->folder);
    if (mkdir(work->folder, 0700) != 0 && errno != EEXIST)
        return file_unwritable(fault, work->folder, errno);
    work->lock = open(work->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (work->lock < 0)
        return file_unwritable(fault, work->folder, errno);
    if (flock(work->lock, LOCK_EX | LOCK_NB) != 0)
        return fault_set(fault, FAULT_BUSY, TEXT_STORE_BACKUP_BUSY, text_string(folder));
    empty_work(work); // Left by a backup that was cut off.
    return FAULT_NONE;
}

static void end_work(struct work *work, enum fault_code code)
{
    if (work->lock < 0)
        return;
    if (code != FAULT_BUSY) {
        empty_work(work);
        rmdir(work->folder);
    }
    close(work->lock);
}

// ---- The head ---------------------------------------------------------------------------------

// The newest signed head, opened with the key that the ledger names.
static enum fault_code read_head_of(struct ledger *ledger, struct ledger_checkpoint *ret_head,
                                    struct fault *fault)
{
    struct arena arena = {0};
    struct span note = {0};
    struct fault missing = {0};
    enum fault_code code = ledger_read_checkpoint(ledger, INT64_MAX, &arena, &note, &missing);
    if (code == FAULT_NONE)
        code = ledger_open_checkpoint(note, ledger_public_key(ledger), ret_head, fault);
    else if (code == FAULT_MISSING)
        *ret_head = (struct ledger_checkpoint){0}; // None is signed yet.
    else
        *fault = missing;
    arena_reset(&arena);
    return code == FAULT_MISSING ? FAULT_NONE : code;
}

// Asks the one who writes to sign what there is, and waits until it has. It does so in slices, in
// between the commands of others.
static enum fault_code wait_for_head(struct store *store, struct ledger *ledger,
                                     struct ledger_checkpoint *ret_head, struct fault *fault)
{
    struct command_request request = {.name = "ledger.sign", .actor = store_system_actor()};
    json_t *answer = NULL;
    enum fault_code code = store_run_command(store, &request, &answer, fault);
    int64_t wanted = json_integer_or(answer, "sequence", 0) + 1;
    int64_t until = steady_ms() + HEAD_WAIT_MS;
    json_decref(answer);
    while (code == FAULT_NONE) {
        code = read_head_of(ledger, ret_head, fault);
        if (code != FAULT_NONE || ret_head->size >= wanted)
            break;
        if (steady_ms() > until)
            code = fault_set(fault, FAULT_BUSY, TEXT_STORE_HEAD_UNSIGNED,
                             text_integer(ret_head->size), text_integer(wanted));
        usleep(HEAD_POLL_US);
    }
    return code;
}

// ---- Making and checking ----------------------------------------------------------------------

static enum fault_code check_parts(const char *ledger_path, const char *vault_path,
                                   struct fault *fault);
static enum fault_code unpack(const char *path, const char *ledger_path, const char *vault_path,
                              const struct backup_progress *progress, struct fault *fault);

// Opens the container as a restore would, and looks at all of it.
static enum fault_code check_container(const char *path, const struct work *work,
                                       struct span passphrase, struct fault *fault)
{
    empty_work(work);
    enum fault_code code = unpack(path, work->ledger, work->packed, NULL, fault);
    if (code == FAULT_NONE)
        code = vault_restore(work->packed, passphrase, work->vault, fault);
    if (code == FAULT_NONE)
        code = check_parts(work->ledger, work->vault, fault);
    return code;
}

static enum fault_code make_container(struct store *store, const char *path, struct work *work,
                                      struct span passphrase,
                                      const struct backup_progress *progress, struct fault *fault)
{
    char ledger_path[LIMIT_PATH_SIZE + 16], vault_path[LIMIT_PATH_SIZE + 16];
    struct ledger *ledger = NULL;
    struct ledger_checkpoint head = {0};
    store_path(store->folder, "ledger.db", ledger_path);
    store_path(store->folder, "vault.db", vault_path);
    struct ledger_options options = {.path = ledger_path};
    enum fault_code code = vault_backup_file(vault_path, passphrase, work->packed, fault);
    if (code == FAULT_NONE)
        code = ledger_open(&options, &ledger, fault);
    if (code == FAULT_NONE)
        code = wait_for_head(store, ledger, &head, fault);
    if (code == FAULT_NONE)
        code = ledger_copy(ledger, &head, work->ledger, progress == NULL ? NULL : progress->report,
                           progress == NULL ? NULL : progress->context, fault);
    ledger_close(ledger);
    if (code == FAULT_NONE)
        code = write_container(path, work->ledger, work->packed, fault);
    if (code != FAULT_NONE)
        return code;
    code = check_container(path, work, passphrase, fault);
    if (code != FAULT_NONE)
        unlink(path);
    return code;
}

enum fault_code backup_write(const char *folder, const char *path, struct span passphrase,
                             const struct backup_progress *progress, struct fault *fault)
{
    struct store_options options = {.folder = folder, .must_not_settle = true};
    struct store *store = NULL;
    struct work work = {.lock = -1};
    if (access(path, F_OK) == 0) {
        errno = EEXIST;
        return file_unwritable(fault, path, errno);
    }
    enum fault_code code = store_open(&options, &store, fault);
    if (code != FAULT_NONE)
        return code;
    if (store->kind == STORE_DRILL)
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_BACKUP_OF_DRILL, text_string(folder));
    if (code == FAULT_NONE)
        code = begin_work(folder, &work, fault);
    if (code == FAULT_NONE)
        code = make_container(store, path, &work, passphrase, progress, fault);
    end_work(&work, code);
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
        return file_unwritable(fault, path, errno);
    enum fault_code code = copy_bytes(copy, from, from_path, to, path, size, fault);
    if (code == FAULT_NONE && fsync(to) != 0)
        code = file_unwritable(fault, path, errno);
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

// The ledger is whole and signed to its end, and names the vault's key.
static enum fault_code check_parts(const char *ledger_path, const char *vault_path,
                                   struct fault *fault)
{
    struct ledger_options options = {.path = ledger_path};
    struct ledger *ledger = NULL;
    struct vault *vault = NULL;
    unsigned char key[VAULT_KEY_SIZE];
    enum fault_code code = check_ledger(ledger_path, fault);
    if (code == FAULT_NONE)
        code = ledger_open(&options, &ledger, fault);
    if (code == FAULT_NONE)
        code = vault_open(vault_path, NULL, VAULT_COST_LOW, &vault, fault);
    if (code == FAULT_NONE) {
        vault_public_key(vault, key);
        if (memcmp(key, ledger_public_key(ledger), sizeof key) != 0)
            code = fault_set(fault, FAULT_CORRUPT, TEXT_STORE_BACKUP_MIXED, {0});
    }
    vault_close(vault);
    ledger_close(ledger);
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
        code = check_parts(ledger_path, vault_path, fault);
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
