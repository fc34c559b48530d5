// SPDX-License-Identifier: GPL-3.0-or-later
//
// query.h: how anything is read: a named query is a file, and a file with a path is an API
// endpoint.
//
// src/MODULE/query/NAME.sql, header lines first, then one SELECT:
//
//     -- path: /notices/{id}          or none: for commands and C code only
//     -- what: One notice.
//     -- who: viewer                  viewer officer administrator system
//     -- param: id id required        kinds: text integer time id boolean period
//     -- column: id id                kinds: id text integer real boolean time json
//     -- order: level desc, id        the key by which pages go: columns, not NULL, unique together
//     -- sort: deadline: deadline_at, id   another order, asked for by sort=deadline or -deadline;
//                                     its columns may be NULL, which comes last
//     -- limit: 4096                  most rows of one page; LIMIT_QUERY_ROWS when absent
//     -- then: notice_finish          C function that finishes the rows (struct query_finisher)
//     SELECT ... FROM visible_notice WHERE id = :id
//
// tools/sql_compile holds the file to its header when the program is built: columns by name and in
// order, parameters, nothing but visible_ views (and json_each), and makes `enum query_name`
// (QUERY_ and the file's name in capitals) and the table. A query with `order:` is wrapped there:
// the keyset condition, ORDER BY and LIMIT are added, so the file itself has none of them; every
// such query takes the standard parameters `after` and `limit`, and `sort` where it has a sort.
//
// Functions a query or view may call: as_of() reader_low() reader_high() reader_account()
// reader_post() reader_unit() reader_division() reader_role() (0 viewer .. 3 system), and SQLite's
// own. A read takes a second at most.
#ifndef LEVEE_STORE_QUERY_H
#define LEVEE_STORE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/span.h"
#include "query_names.h" // enum query_name, made from src/*/query/*.sql
#include "store/store.h"

struct arena;
struct store_reader;

enum query_kind {
    QUERY_ID, // integer in C, "21-4711" outside
    QUERY_TEXT,
    QUERY_INTEGER,
    QUERY_REAL,
    QUERY_BOOLEAN, // 0 or 1 in SQL
    QUERY_TIME,    // int64 microseconds in C, RFC 3339 outside
    QUERY_JSON,    // JSON text in SQL
    QUERY_PERIOD,  // parameters only: period text
};

enum { QUERY_PARAMETERS = 16, QUERY_COLUMNS = 48, QUERY_KEYS = 4, QUERY_SORTS = 8 };
// What a NULL counts as in a sort: greater than every value.
#define QUERY_LAST_NUMBER INT64_C(9000000000000000)
#define QUERY_LAST_TEXT "\xF4\x8F\xBF\xBF"

struct query_parameter {
    const char *name;
    enum query_kind kind;
    bool is_required;
};
struct query_column {
    const char *name;
    enum query_kind kind;
};

// Another order of a list.
struct query_sort {
    const char *name;
    int column[QUERY_KEYS]; // by index; `count` of them
    int count;
    int place;          // of its prepared statements in a reader
    const char *sql[2]; // as it is declared, and turned round
};

// One query, as its header says. Lists are closed by a NULL name.
struct query_row {
    const char *name;
    const char *module;
    const char *path; // NULL: none
    const char *what;
    enum store_role who;
    const char *then; // NULL: none
    int limit;
    struct query_parameter parameter[QUERY_PARAMETERS + 1];
    struct query_column column[QUERY_COLUMNS + 1];
    int order[QUERY_KEYS]; // columns of the key, by index; order_count of them
    int order_count;
    struct query_sort sort[QUERY_SORTS + 1];
    const char *sql;
};

// A snapshot that is being read: scope, as-of time and connection. One thread at a time.
// In a command: command->reader.
enum fault_code store_reader_open(struct store *store, const struct store_actor *actor,
                                  int64_t as_of, struct store_reader **ret_reader,
                                  struct fault *fault);
// A new snapshot under the same scope and as-of time, for whoever reads longer than LIMIT_READ_MS:
// what holds in one snapshot need not hold across two. After a fault the reader can only be closed.
enum fault_code store_reader_renew(struct store_reader *reader, struct fault *fault);
void store_reader_close(struct store_reader *reader); // NULL is allowed
enum fault_code store_reader_query(struct store_reader *reader, enum query_name name,
                                   const json_t *parameters, json_t **ret_rows,
                                   struct fault *fault);
const struct store_actor *store_reader_actor(const struct store_reader *reader);
int64_t store_reader_as_of(const struct store_reader *reader); // never 0
int64_t store_reader_sequence(const struct store_reader *reader);
struct store *store_reader_store(const struct store_reader *reader);

// What a finisher gets beside the rows.
struct query_context {
    struct store_reader *reader;
    const struct query_row *row;
    const json_t *parameters; // normalised: ids and times are integers; NULL: none were given
    struct arena *arena;
};
// Finishes rows in place: fills columns that the SQL left NULL, may drop or add rows. It must leave
// exactly the declared columns, in C form.
struct query_finisher {
    const char *name; // as in `then:`
    enum fault_code (*finish)(const struct query_context *context, json_t *rows,
                              struct fault *fault);
};

// Runs a query for an actor as of an instant (0: now). The caller owns *ret_rows, an array of
// objects in C form. Checks who may: FAULT_DENIED. Parameters are checked by kind: FAULT_INVALID
// names the one that is wrong. FAULT_BUSY: it took more than a second, or all readers are busy.
enum fault_code store_query(struct store *store, enum query_name name,
                            const struct store_actor *actor, int64_t as_of,
                            const json_t *parameters, json_t **ret_rows, struct fault *fault);
// The same as the web's answer {"rows":[..],"next":..,"as_of":..,"sequence":..}, written into
// `arena`: ids and times as text. `parameters` may hold text for any kind (a query string) and the
// standard `after` and `limit`.
enum fault_code store_query_write(struct store *store, enum query_name name,
                                  const struct store_actor *actor, int64_t as_of,
                                  const json_t *parameters, struct arena *arena,
                                  struct span *ret_answer, struct fault *fault);

// The table, in order of enum query_name.
const struct query_row *query_row_at(enum query_name name);
int query_row_count(void);
// By name ("notices") or by path as asked ("/notices/21-4711"): *ret_parameters (borrowed
// strings in an object the caller owns) gets what stands at the braces. False: no such query.
bool query_find(struct span name, enum query_name *ret_name);
bool query_find_path(struct span path, enum query_name *ret_name, json_t **ret_parameters);
// Writes an id as people see it, "21-4711", and reads it (or a bare integer). False: malformed or
// of another ledger.
size_t store_write_id(const struct store *store, int64_t id, char *buffer, size_t size);
bool store_read_id(const struct store *store, struct span text, int64_t *ret_id);

#endif
