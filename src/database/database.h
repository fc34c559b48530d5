// SPDX-License-Identifier: GPL-3.0-or-later
//
// database.h: one SQLite file, opened the careful way.
//
// Owns: the settings under which every file of levee is opened, prepared statements by number, and
// the translation of SQLite's result codes into faults. The ledger, the vault and the store each
// hold their own files through it, so that a setting is made in one place.
//
// Settings, in this order (the order matters, see database.c): synchronous=EXTRA, then
// journal_mode=WAL, no automatic WAL checkpoint, no memory map, cell_size_check, secure_delete,
// foreign_keys, defensive, no double-quoted strings, no extensions, schema not trusted, small
// limits. A writer holds the lock file PATH-lock as long as it is open; a reader never checkpoints,
// not even when it is the last to close (SQLite before 3.51.3 can damage a file when two
// connections write or checkpoint at once).
//
// A `struct database` is used by one thread at a time. It holds no SQL: the module's table, made by
// tools/sql_table from its *.sql files, is a parameter, and a statement is prepared at first use.
#ifndef LEVEE_DATABASE_H
#define LEVEE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/limits.h"

enum database_mode {
    DATABASE_READER,   // the file exists; nothing is ever written
    DATABASE_WRITER,   // the file exists; takes the lock file
    DATABASE_CREATOR,  // as a writer, but the file is made when it is absent
    DATABASE_UNCACHED, // a reader without a page cache: what it reads comes from the file
};

struct database_options {
    const char *path;
    const char *vfs; // NULL: the system's. Tests inject faults through their own.
    enum database_mode mode;
    const char *const *sql; // the module's statements
    int sql_count;          // at most LIMIT_DATABASE_STATEMENTS
    int row_size_max;       // bytes of the longest row; 0: SQLite's own limit
};

struct database {
    sqlite3 *connection; // NULL: closed
    const char *const *sql;
    int sql_count;
    int lock_file; // descriptor of PATH-lock, -1 without
    bool is_writer;
    bool has_failed; // a write or sync failed: what the kernel holds is unknown (database.c)
    int64_t
        log_size; // what database_lengthen_log is to make of the WAL, set by the owner; 0: nothing
    int64_t log_used; // bytes of the WAL in use after the newest commit (a writer's)
    sqlite3_stmt *statement[LIMIT_DATABASE_STATEMENTS];
    char path[LIMIT_PATH_SIZE];
};

// Opens a file. On a fault *ret_database is closed. FAULT_MISSING: there is no such file;
// FAULT_BUSY: another process writes it; FAULT_CORRUPT: it is not an SQLite file.
enum fault_code database_open(const struct database_options *options, struct database *ret_database,
                              struct fault *fault);
// Closes it; a writer first moves the WAL into the file, unless a write has failed. Safe on a
// zeroed or closed database.
void database_close(struct database *database);

// Statement `index`, prepared, reset, without bindings. It stays owned by the database.
enum fault_code database_prepare(struct database *database, int index, sqlite3_stmt **ret_statement,
                                 struct fault *fault);
// Steps once: *ret_is_row says whether a row stands there. A statement at its end, or with a fault,
// is reset.
enum fault_code database_step(struct database *database, sqlite3_stmt *statement, bool *ret_is_row,
                              struct fault *fault);
// Prepares and runs statement `index`, which takes no parameters and whose rows do not matter.
enum fault_code database_run(struct database *database, int index, struct fault *fault);
// Runs statement `index` as a script of several statements (a schema).
enum fault_code database_run_script(struct database *database, int index, struct fault *fault);
// Runs statement `index` without parameters and reads the integer in its first row; NULL or no row
// gives `otherwise`.
enum fault_code database_read_integer(struct database *database, int index, int64_t otherwise,
                                      int64_t *ret_value, struct fault *fault);

// Moves what is committed from the WAL into the file and empties the WAL (TRUNCATE). Only the
// writer may ask. Readers that still need the WAL are not waited for: then it stays, and
// FAULT_NONE.
enum fault_code database_checkpoint(struct database *database, struct fault *fault);

// Asks the system to drop its cached pages of the file and its WAL, so that the next read comes
// from the disk. Pages that are not yet written stay.
void database_drop_cache(const char *path);

// Moves what it can without waiting for anybody, and keeps the WAL's file: the next writer begins
// at its start, and a commit that overwrites is synced faster than one that lengthens a file
// (PASSIVE).
enum fault_code database_move_log(struct database *database, struct fault *fault);

// Makes the WAL log_size long, once it is in use; between transactions. To be called
// before each: it is nothing then, but once. FAULT_IO: its sync failed.
enum fault_code database_lengthen_log(struct database *database, struct fault *fault);

// The fault of an SQLite result code, with the file's path and SQLite's own words.
enum fault_code database_fault(struct database *database, int result, struct fault *fault);

#endif
