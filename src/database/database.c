// SPDX-License-Identifier: GPL-3.0-or-later
//
// database.c: the settings, and why each of them.
//
// Durability. `synchronous=EXTRA` is set before `journal_mode=WAL`: the switch itself writes the
// file's header under a rollback journal, and only EXTRA syncs the directory after that journal is
// unlinked. With FULL, a journal that comes back after a power cut undoes the switch and the WAL is
// dropped with everything acknowledged in it. With NORMAL a commit is not synced at all. Both are
// shown by tests/crash.
//
// A failed write or sync. After a failed fsync the kernel may hold pages that are marked clean and
// are not on disk; a second fsync then succeeds and means nothing. So a writer whose write or sync
// failed never writes again (`has_failed`): its owner closes it and opens it anew, and opening
// moves the whole WAL into the file by fresh writes with a sync of their own, before anything else
// is written. A full disk is not such a failure: SQLite sees it before the sync and undoes the
// group.
//
// The length of the WAL. A sync of a file that grows also writes where its new blocks are, and
// takes half as long again as one of a file that is overwritten. So a WAL that is put to use is
// made as long as it will get, once, by zeros behind its end, and is never cut while the writer
// lives: when it has been moved into the file, the next commit begins at its start. Zeros do not go
// on from a frame's salts and checksums, so they are never read as frames. They are never written
// over bytes that were frames, either: of a WAL that was moved and then zeroed from its start, a
// power cut may leave the old head and the first of the old frames, which would be put over newer
// pages. tests/crash cut the power in the middle of all this, and found that.
//
// One writer. flock on PATH-lock, which is never unlinked. Readers open read-only, with query_only
// and without the checkpoint at closing.
//
// Invariants: a statement handed out is reset and has no bindings; after database_close every
// pointer is NULL. Not here: transactions, which belong to the modules.
#include "database/database.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"

enum {
    BUSY_WAIT_MS = 2000,
    LOG_FRAME_SIZE = 4096 + 24, // a page and its head
    LENGTHENING_SIZE = 1024 * 1024,
    LOG_SHARE = 32, // a WAL that has taken so small a part of its length is worth it
};

static const char settings_all[] = "PRAGMA mmap_size = 0;"
                                   "PRAGMA cell_size_check = ON;"
                                   "PRAGMA foreign_keys = ON;"
                                   "PRAGMA trusted_schema = OFF;"
                                   "PRAGMA temp_store = MEMORY;"
                                   "PRAGMA wal_autocheckpoint = 0;";
static const char settings_writer[] = "PRAGMA synchronous = EXTRA;"
                                      "PRAGMA journal_mode = WAL;"
                                      "PRAGMA secure_delete = ON;";
static const char settings_reader[] = "PRAGMA query_only = ON;";
static const char settings_uncached[] = "PRAGMA cache_size = 0;";

// A reader, too, needs to make a file: the memory that those who have the WAL open share.
static bool can_write_beside(const struct database *database)
{
    char folder[LIMIT_PATH_SIZE];
    file_folder_of(database->path, folder, sizeof folder);
    return access(folder, W_OK) == 0;
}

// The files of the log are made when they are first needed, and SQLite does not say why it could
// not: a file without a name is tried in their folder.
static bool has_room_beside(const struct database *database)
{
    char folder[LIMIT_PATH_SIZE];
    file_folder_of(database->path, folder, sizeof folder);
    int file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0)
        return file_code(errno) != FAULT_FULL;
    close(file);
    return true;
}

enum fault_code database_fault(struct database *database, int result, struct fault *fault)
{
    assert(result != SQLITE_OK && result != SQLITE_ROW && result != SQLITE_DONE);
    const char *words = database->connection == NULL ? sqlite3_errstr(result)
                                                     : sqlite3_errmsg(database->connection);
    struct text_argument path = text_string(database->path), reason = text_string(words);
    switch (result & 0xff) {
    case SQLITE_FULL: return fault_set(fault, FAULT_FULL, TEXT_DATABASE_DISK_FULL, path);
    case SQLITE_NOMEM: return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fault_set(fault, FAULT_BUSY, TEXT_DATABASE_BUSY, path);
    case SQLITE_ERROR: // The statements are ours and tested: a table they name is not there.
    case SQLITE_SCHEMA:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
        return fault_set(fault, FAULT_CORRUPT, TEXT_DATABASE_CORRUPT, path, reason);
    case SQLITE_TOOBIG: return fault_set(fault, FAULT_FULL, TEXT_DATABASE_ROW_TOO_BIG, path);
    case SQLITE_INTERRUPT: return fault_set(fault, FAULT_BUSY, TEXT_DATABASE_BUSY, path);
    default: break;
    }
    if ((result & 0xff) == SQLITE_CANTOPEN && !database->is_writer && !can_write_beside(database))
        return fault_set(fault, FAULT_IO, TEXT_DATABASE_FOLDER_READ_ONLY, path);
    if ((result & 0xff) == SQLITE_CANTOPEN && !has_room_beside(database))
        return fault_set(fault, FAULT_FULL, TEXT_DATABASE_DISK_FULL, path);
    database->has_failed = database->is_writer && (result & 0xff) != SQLITE_READONLY;
    if (result == SQLITE_IOERR_NOMEM)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    return fault_set(fault, FAULT_IO, TEXT_DATABASE_IO, path, reason);
}

static enum fault_code check_file(const struct database_options *options, struct fault *fault)
{
    if (options->vfs != NULL || options->mode == DATABASE_CREATOR ||
        access(options->path, F_OK) == 0)
        return FAULT_NONE;
    if (errno == ENOENT)
        return fault_set(fault, FAULT_MISSING, TEXT_DATABASE_MISSING, text_string(options->path));
    return fault_set(fault, FAULT_IO, TEXT_BASE_FILE_UNREADABLE, text_string(options->path),
                     text_string(strerror(errno)));
}

// A new file is for its owner alone; SQLite gives the WAL and the shared memory the same mode.
static enum fault_code make_file(const char *path, struct fault *fault)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return file_unwritable(fault, path, errno);
    close(file);
    return FAULT_NONE;
}

static enum fault_code take_lock(struct database *database, struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 8];
    snprintf(path, sizeof path, "%s-lock", database->path);
    database->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (database->lock_file < 0)
        return file_unwritable(fault, path, errno);
    if (flock(database->lock_file, LOCK_EX | LOCK_NB) == 0)
        return FAULT_NONE;
    return fault_set(fault, FAULT_BUSY, TEXT_DATABASE_LOCKED, text_string(database->path));
}

static int configure(struct database *database, const struct database_options *options)
{
    sqlite3 *connection = database->connection;
    static const int switches[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    };
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        sqlite3_db_config(connection, switches[i][0], switches[i][1], NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !database->is_writer, NULL);
    sqlite3_extended_result_codes(connection, 1);
    sqlite3_busy_timeout(connection, BUSY_WAIT_MS);
    sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(connection, SQLITE_LIMIT_WORKER_THREADS, 0);
    if (options->row_size_max > 0)
        sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, options->row_size_max);
    int result = sqlite3_exec(connection, settings_all, NULL, NULL, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(connection, database->is_writer ? settings_writer : settings_reader,
                              NULL, NULL, NULL);
    if (result == SQLITE_OK && options->mode == DATABASE_UNCACHED)
        result = sqlite3_exec(connection, settings_uncached, NULL, NULL, NULL);
    return result;
}

// Its own count of memory costs SQLite a mutex with every allocation, and nobody asks for it.
static void configure_library(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_connection(const struct database_options *options, sqlite3 **ret_connection)
{
    static pthread_once_t is_configured = PTHREAD_ONCE_INIT;
    pthread_once(&is_configured, configure_library);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= options->mode == DATABASE_READER || options->mode == DATABASE_UNCACHED
                 ? SQLITE_OPEN_READONLY
                 : SQLITE_OPEN_READWRITE;
    flags |= options->mode == DATABASE_CREATOR ? SQLITE_OPEN_CREATE : 0;
    return sqlite3_open_v2(options->path, ret_connection, flags, options->vfs);
}

static int note_log(void *context, sqlite3 *connection, const char *schema, int frames)
{
    (void)connection, (void)schema;
    ((struct database *)context)->log_used = (int64_t)frames * LOG_FRAME_SIZE;
    return SQLITE_OK;
}

enum fault_code database_open(const struct database_options *options, struct database *ret_database,
                              struct fault *fault)
{
    assert(options->sql_count > 0 && options->sql_count <= LIMIT_DATABASE_STATEMENTS);
    assert(options->path != NULL && options->sql != NULL);
    struct database *database = ret_database;
    *database =
        (struct database){.sql = options->sql, .sql_count = options->sql_count, .lock_file = -1};
    database->is_writer = options->mode == DATABASE_WRITER || options->mode == DATABASE_CREATOR;
    enum fault_code code = FAULT_NONE;
    size_t size = strlen(options->path);
    if (size >= sizeof database->path)
        return fault_set(fault, FAULT_INVALID, TEXT_DATABASE_PATH_TOO_LONG,
                         text_string(options->path), text_integer(LIMIT_PATH_SIZE - 1));
    memcpy(database->path, options->path, size + 1);
    code = check_file(options, fault);
    if (code != FAULT_NONE)
        goto out;
    if (database->is_writer && options->vfs == NULL)
        code = take_lock(database, fault);
    if (code == FAULT_NONE && options->mode == DATABASE_CREATOR && options->vfs == NULL)
        code = make_file(options->path, fault);
    if (code != FAULT_NONE)
        goto out;
    if (database->is_writer && options->vfs == NULL)
        database_drop_cache(options->path);
    int result = open_connection(options, &database->connection);
    if (result == SQLITE_OK)
        result = configure(database, options);
    if (result != SQLITE_OK) {
        code = database_fault(database, result, fault);
        goto out;
    }
    // What an earlier writer left in the WAL goes into the file before anything new is written.
    if (database->is_writer) {
        sqlite3_wal_hook(database->connection, note_log, database);
        code = database_checkpoint(database, fault);
    }
out:
    if (code != FAULT_NONE)
        database_close(database);
    return code;
}

void database_close(struct database *database)
{
    for (int i = 0; i < database->sql_count; i++) {
        sqlite3_finalize(database->statement[i]);
        database->statement[i] = NULL;
    }
    if (database->connection != NULL) {
        if (database->has_failed)
            sqlite3_db_config(database->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        int result = sqlite3_close(database->connection);
        assert(result == SQLITE_OK);
        (void)result;
    }
    if (database->path[0] != '\0' && database->lock_file >= 0)
        close(database->lock_file);
    database->connection = NULL;
    database->lock_file = -1;
}

enum fault_code database_prepare(struct database *database, int index, sqlite3_stmt **ret_statement,
                                 struct fault *fault)
{
    assert(index >= 0 && index < database->sql_count);
    assert(database->connection != NULL);
    sqlite3_stmt **statement = &database->statement[index];
    if (*statement == NULL) {
        int result = sqlite3_prepare_v3(database->connection, database->sql[index], -1,
                                        SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (result != SQLITE_OK)
            return database_fault(database, result, fault);
    }
    sqlite3_reset(*statement);
    sqlite3_clear_bindings(*statement);
    *ret_statement = *statement;
    return FAULT_NONE;
}

enum fault_code database_step(struct database *database, sqlite3_stmt *statement, bool *ret_is_row,
                              struct fault *fault)
{
    if (database->has_failed)
        return fault_set(fault, FAULT_IO, TEXT_DATABASE_STOPPED, text_string(database->path));
    int result = sqlite3_step(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        enum fault_code code = database_fault(database, result, fault);
        sqlite3_reset(statement);
        return code;
    }
    if (result == SQLITE_DONE)
        sqlite3_reset(statement);
    *ret_is_row = result == SQLITE_ROW;
    return FAULT_NONE;
}

enum fault_code database_run(struct database *database, int index, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = true;
    enum fault_code code = database_prepare(database, index, &statement, fault);
    while (code == FAULT_NONE && is_row)
        code = database_step(database, statement, &is_row, fault);
    return code;
}

enum fault_code database_run_script(struct database *database, int index, struct fault *fault)
{
    assert(index >= 0 && index < database->sql_count);
    int result = sqlite3_exec(database->connection, database->sql[index], NULL, NULL, NULL);
    return result == SQLITE_OK ? FAULT_NONE : database_fault(database, result, fault);
}

enum fault_code database_read_integer(struct database *database, int index, int64_t otherwise,
                                      int64_t *ret_value, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = database_prepare(database, index, &statement, fault);
    if (code == FAULT_NONE)
        code = database_step(database, statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    *ret_value = is_row && sqlite3_column_type(statement, 0) == SQLITE_INTEGER
                     ? sqlite3_column_int64(statement, 0)
                     : otherwise;
    sqlite3_reset(statement);
    return FAULT_NONE;
}

void database_drop_cache(const char *path)
{
    static const char *const ends[] = {"", "-wal"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char name[LIMIT_PATH_SIZE + 8];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        int file = open(name, O_RDONLY | O_CLOEXEC);
        if (file < 0)
            continue;
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        close(file);
    }
}

static enum fault_code checkpoint(struct database *database, int mode, struct fault *fault)
{
    assert(database->is_writer);
    if (database->has_failed)
        return fault_set(fault, FAULT_IO, TEXT_DATABASE_STOPPED, text_string(database->path));
    int result = sqlite3_wal_checkpoint_v2(database->connection, NULL, mode, NULL, NULL);
    if (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY)
        return FAULT_NONE;
    return database_fault(database, result, fault);
}

enum fault_code database_checkpoint(struct database *database, struct fault *fault)
{
    return checkpoint(database, SQLITE_CHECKPOINT_TRUNCATE, fault);
}

enum fault_code database_move_log(struct database *database, struct fault *fault)
{
    enum fault_code code = checkpoint(database, SQLITE_CHECKPOINT_PASSIVE, fault);
    database->log_used = 0; // Where a reader holds it, the next commit tells how long it still is.
    return code;
}

// A full disk is no fault here: the WAL then grows as it goes, or meets the full disk itself.
enum fault_code database_lengthen_log(struct database *database, struct fault *fault)
{
    static const char zeros[LENGTHENING_SIZE];
    sqlite3_file *log = NULL;
    sqlite3_int64 at = 0;
    assert(database->is_writer && sqlite3_get_autocommit(database->connection));
    if (database->log_size == 0 || database->log_used < database->log_size / LOG_SHARE)
        return FAULT_NONE;
    int result =
        sqlite3_file_control(database->connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    assert(result == SQLITE_OK && log != NULL && log->pMethods != NULL); // It holds a commit.
    result = log->pMethods->xFileSize(log, &at);
    while (result == SQLITE_OK && at < database->log_size) {
        int64_t left = database->log_size - at;
        int size = left < LENGTHENING_SIZE ? (int)left : LENGTHENING_SIZE;
        result = log->pMethods->xWrite(log, zeros, size, at);
        at += size;
    }
    if (result == SQLITE_OK)
        result = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
    database->log_size = 0;
    if (result == SQLITE_OK || (result & 0xff) == SQLITE_FULL)
        return FAULT_NONE;
    return database_fault(database, result, fault);
}
