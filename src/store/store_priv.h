// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_priv.h: what the files of src/store share. Nobody else includes it, tests excepted.
//
// Owns: the shape of an open store.
//
//     store.c       create, open, close, facts       writer.c    the queue and the thread
//     found.c       a folder becomes a store
//     state.c       state.db: make, catch up          command.c   one command: check, run, answer
//     connection.c  SQL functions, authorizer         apply.c     what an entry does to state
//     reader.c      the pool of readers               follow.c    chain and deadlines
//     query.c       run a named query                 socket.c    other processes
//     query_write.c   ... as the web's JSON           readings.c  batches land
//     digest.c      the digest, rebuild               landing.c   ... and wait in blocks
//                                                     fold.c      rows into BLOBs
//                                                     values.c    readings are read
//
// Threads: `struct writer`, the writer's connection and the ledger belong to the writer thread once
// it runs; the atomics of struct store are what others may look at; each reader is used by one
// thread at a time.
#ifndef LEVEE_STORE_PRIV_H
#define LEVEE_STORE_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/limits.h"
#include "database/database.h"
#include "ledger/ledger.h"
#include "state_sql.h"
#include "store/command.h"
#include "store/query.h"
#include "store/readings.h"
#include "store/sql_table.h"
#include "store/store.h"

enum {
    STORE_NAME_SIZE = 256,
    APPLY_PARAMETERS = 32,
};

// ---- connection.c: one connection to state.db ------------------------------------------------

// Under whose rules a statement is prepared. The authorizer looks only then.
enum store_authority { AUTHORITY_STORE, AUTHORITY_APPLY, AUTHORITY_QUERY };

// A connection with the SQL functions of query.h. The writer has one, each reader has one.
struct store_reader {
    struct store *store;
    struct database database;
    enum store_authority authority;
    struct store_actor actor;
    int64_t as_of;
    int64_t sequence;    // newest entry that this snapshot shows
    int64_t deadline_ms; // of the machine's steady clock; 0: none
    bool is_writer;
    bool is_busy;      // given to somebody (pool)
    bool is_in_memory; // known_at_max was read in this snapshot
    int64_t known_at_max;
    sqlite3_stmt *query[QUERY_NAMES];
    sqlite3_stmt *sorted[QUERY_SORT_STATEMENTS + 1];
};

// Opens state.db. `mode` as in database.h. Registers functions and authorizer.
enum fault_code connection_open(struct store *store, enum database_mode mode,
                                struct store_reader *connection, struct fault *fault);
void connection_close(struct store_reader *connection);
// Prepares under an authority. `words` names the statement in a fault.
enum fault_code connection_prepare(struct store_reader *connection, enum store_authority authority,
                                   const char *sql, sqlite3_stmt **ret_statement,
                                   struct fault *fault);
int64_t steady_ms(void);

// ---- apply.c: what entries do to state -------------------------------------------------------

enum apply_source {
    APPLY_SEQUENCE,
    APPLY_TIME,
    APPLY_ACTOR_POST,
    APPLY_DIVISION,
    APPLY_COMMAND_ID,
    APPLY_PART,
    APPLY_PARTS,
    APPLY_PAYLOAD,
    APPLY_BLOCK_SERIES, // of its last row
    APPLY_BLOCK_PERIOD,
    APPLY_BLOCK_ROWS,
    APPLY_FIELD, // of the body, by name
};
struct vault;
struct apply_prepared {
    sqlite3_stmt *statement;
    int parameter_count;
    struct {
        enum apply_source source;
        const char *field; // into the statement's text
    } parameter[APPLY_PARAMETERS];
};

// Finds the rows of sql_applies for an entry: *ret_count may be 0.
const struct apply_row *apply_find(struct span type, int form, int *ret_count);
// Applies one entry and notes its command. Inside a transaction of the writer's connection.
enum fault_code apply_entry(struct store *store, const struct entry_view *entry,
                            struct arena *arena, struct fault *fault);
void apply_close(struct store *store);
// Makes an entry_view of a stored entry; the body is to be released with json_decref.
enum fault_code apply_view(const struct ledger_entry *entry, struct entry_view *ret_view,
                           struct fault *fault);

// ---- state.c ---------------------------------------------------------------------------------

struct state_cursor {
    int64_t applied; // the next sequence to apply
    int64_t chain;   // the next sequence whose follow-ups are to be run
    int64_t time;    // of the newest entry
    int64_t fold;    // a fold goes up to this completion; 0: none is under way
};
// Opens the writer's connection to a state that fits the ledger, making or remaking it where it is
// absent, damaged, foreign or of another schema, and applies what it lacks.
enum fault_code state_open(struct store *store, struct fault *fault);
// Where the state on disk stands.
enum fault_code state_read_cursor(struct store *store, struct fault *fault);
enum fault_code state_write_cursor(struct store *store, struct fault *fault);
// Reads the office's facts into the store.
enum fault_code state_read_office(struct store_reader *reader, struct fault *fault);
enum fault_code state_apply_from_ledger(struct store *store, struct fault *fault);
void state_remove(const char *folder);

// ---- reader.c --------------------------------------------------------------------------------

struct reader_pool {
    pthread_mutex_t mutex;
    pthread_cond_t is_free;
    struct store_reader reader[LIMIT_READERS];
    int open_count;
};
void reader_pool_init(struct reader_pool *pool);
void reader_pool_close(struct reader_pool *pool);

// ---- query.c ---------------------------------------------------------------------------------

struct query_run {
    struct store_reader *reader;
    const struct query_row *row;
    sqlite3_stmt *statement;
    json_t *normalised; // parameters in C form; only where the query has a finisher
    int limit;
    const struct query_sort *sort; // NULL: the query's own order
    bool is_turned;
    const int *key; // columns of the order that is taken
    int key_count;
};
// Checks and binds parameters. The statement is reset by query_end.
enum fault_code query_begin(struct store_reader *reader, enum query_name name,
                            const json_t *parameters, struct query_run *ret_run,
                            struct fault *fault);
enum fault_code query_step(struct query_run *run, bool *ret_is_row, struct fault *fault);
void query_end(struct query_run *run);
// The row under the statement, in C form; NULL: no memory, or a json column holds none.
json_t *query_row_object(const struct query_run *run);
// All rows, finished. *ret_next (may be NULL) gets the next page's cursor, in arena, or stays NULL.
enum fault_code query_rows(struct query_run *run, struct arena *arena, json_t **ret_rows,
                           const char **ret_next, struct fault *fault);
// The cursor of the row under the statement, in `arena`; NULL when it is full.
const char *query_cursor(const struct query_run *run, struct arena *arena);
enum fault_code query_check_role(const struct query_row *row, const struct store_actor *actor,
                                 struct fault *fault);
const struct query_finisher *query_find_finisher(const struct store *store, const char *name);

// ---- writer.c, command.c, follow.c -----------------------------------------------------------

struct job {
    struct job *next;
    const struct command_row *row;
    json_t *body; // shared with the sender
    char *payload;
    size_t payload_size;
    struct store_actor actor;
    unsigned char id[COMMAND_ID_SIZE];
    int64_t cause; // of a follow-up: the sequence of its cause; 0: none
    void (*done)(void *context, const struct command_result *result);
    void *context;
    json_t *answer;
    struct fault fault;
};

struct writer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t has_work;
    struct job pool[LIMIT_QUEUE_COMMANDS];
    struct job *free, *first, *last;
    bool is_running, is_stopping;
    // The rest belongs to the writer thread.
    struct arena arena;      // one group's memory
    bool has_folded;         // in the open group
    bool is_group_lost;      // a file failed under the open group
    int64_t last_cause;      // the newest entry that has follow-ups; -1: none
    int64_t due_checked_ms;  // steady time of the last look at the deadlines
    int64_t due_checked;     // and how far state had come
    int64_t held_at;         // how far state had come when settling was put off; -1: it was not
    bool is_state_behind;    // the ledger committed and the state did not
    int64_t day_time;        // a replay that runs on: a time that entries set,
    int64_t day_since;       // and the clock's instant that stands for it
    int64_t longest_hold_ms; // of one command, since the store was opened
    bool is_head_wanted;     // somebody waits for a signed head
    bool is_signing;         // a head is being signed, in slices
    int64_t checkpoint_ms;   // steady time of the last signed head
    int64_t checkpoint_size; // and the entries it covers
    int unfolded_count;      // batches completed since the last fold, about
    struct fault stopped;    // why nothing can be written any more
};

enum fault_code writer_start(struct store *store, struct fault *fault);
void writer_stop(struct store *store);
enum fault_code writer_post(struct store *store, const struct command_request *request,
                            void (*done)(void *context, const struct command_result *result),
                            void *context, struct fault *fault);
// Runs jobs as one group: all of it, durable, on the writer thread (or before it runs).
void writer_run_group(struct store *store, struct job **jobs, int count);
// Runs one command by name, as the program itself, before the writer runs or on its thread.
enum fault_code writer_run_now(struct store *store, const char *name, json_t *body,
                               json_t **ret_answer, struct fault *fault);

// Runs one job inside the open group; the outcome is in job->fault and job->answer.
void command_run_job(struct store *store, struct job *job);
// Loses the group when the state's transaction is gone: SQLite that finds no memory for a
// statement, even one that only reads, gives up the transaction that it stands in, and with it what
// the jobs before have written; the ledger would keep their entries.
enum fault_code command_check_transaction(struct store *store, struct fault *fault);
enum fault_code command_find(const struct store *store, const char *name,
                             const struct store_actor *actor, const struct command_row **ret_row,
                             struct fault *fault);
bool command_has_acted(struct store *store, const unsigned char id[COMMAND_ID_SIZE]);
// The answer of a command whose first entry is `first` (0: none); `added` is taken.
json_t *command_make_answer(const struct store *store, int64_t first, json_t *added);
// Checks a body by the row's fields and rebuilds it in the form that they promise.
enum fault_code command_check_body(const struct store *store, const struct command_row *row,
                                   const json_t *given, json_t **ret_body, struct fault *fault);
// divisions.c: divisions.load, on the sender's thread; its parts; the end of one that never ended.
enum fault_code divisions_send(struct store *store, const struct command_request *request,
                               json_t **ret_answer, struct fault *fault);
enum fault_code divisions_land(struct command *command, struct fault *fault);
enum fault_code divisions_drop(struct command *command, struct fault *fault);
// digest.c: folds readings for a few milliseconds; the answer says whether any are left.
enum fault_code digest_fold(struct command *command, struct fault *fault);
extern const struct command_row store_commands[];
extern const size_t store_command_total;

// Runs a bounded number of follow-ups and due deadlines. *ret_is_done: nothing is left to do now.
void follow_settle(struct store *store, bool *ret_is_done);
bool follow_is_cause(const struct store *store, struct span type, int form);
// Where the chain goes on after the state was built from nothing.
enum fault_code follow_find_cursor(struct store *store, struct fault *fault);

// ---- socket.c --------------------------------------------------------------------------------

struct listener;
enum fault_code listener_start(struct store *store, struct fault *fault);
void listener_stop(struct store *store);
enum fault_code client_run_command(struct store *store, const struct command_request *request,
                                   json_t **ret_answer, struct fault *fault);
void client_close(struct store *store);

// ---- order.c: rows of readings in order of series and period ---------------------------------

struct ordered_row {
    int64_t series;
    int64_t value_scaled;
    int32_t period;
    uint32_t index; // where it came from: a row's number, a file's line
};
// Rows of one series and period stay in the order in which they came. False: no memory.
bool order_rows(struct ordered_row *rows, size_t count);

// ---- landing.c: readings that wait to be folded ----------------------------------------------

enum {
    LANDING_ROW_SIZE = 25, // at most: series 10, period 5, value 10
    LANDING_BLOCK_HEAD_SIZE = 2,
    // A block that is shortened begins with a row that is written whole.
    LANDING_REST_SIZE = LIMIT_LANDING_BLOCK_SIZE + LANDING_ROW_SIZE,
};
// A block's head costs less than a byte a row, that of a block of one row two.
#define LANDING_PAYLOAD_SIZE(count) ((count) * (LANDING_ROW_SIZE + 1) + LANDING_BLOCK_HEAD_SIZE)

struct landing_row {
    int64_t series;
    int64_t value_scaled;
    int32_t period;
};
bool landing_is_before(const struct landing_row *a, int64_t series, int32_t period);
void landing_put(unsigned char *bytes, uint64_t value, int size); // little-endian

// Rows in order, none twice, series above 0, as the payload of an entry: at most
// LANDING_PAYLOAD_SIZE(count) bytes. Returns how many.
size_t landing_write(const struct ordered_row *rows, size_t count, unsigned char *bytes);

// A payload that is read block by block, from {.left = payload} on.
struct landing_payload {
    struct span left;
    struct span rows;               // of the block taken last
    struct landing_row first, last; // of what was taken so far
    size_t count;
};
// False: what stands there is no block, or its rows do not follow those before them.
bool landing_take_block(struct landing_payload *payload);

// The rows of one batch in their order. `statement` is walk_landed of state.sql and stays with the
// caller, who resets it; rows are valid until then.
struct landing_walk {
    struct database *database;
    sqlite3_stmt *statement;
    int64_t batch;
    const char *block, *row_at; // where the block and `row` begin
    const char *at, *end;       // what is left of the block after `row`
    bool is_row;                // false: the end
    struct landing_row row;
};
// Stands on the first row that is not before (series, period), or at the end.
enum fault_code landing_begin(struct landing_walk *walk, struct database *database,
                              sqlite3_stmt *statement, int64_t batch, int64_t series,
                              int32_t period, struct fault *fault);
enum fault_code landing_next(struct landing_walk *walk, struct fault *fault);
// The row at hand and what follows it in its block, as a block of its own: written to `bytes`,
// which has room for LANDING_REST_SIZE.
struct landing_rest {
    bool is_whole; // It is what stands there already, or nothing is left: nothing was written.
    size_t size;
    int64_t last_series;
    int32_t last_period;
};
struct landing_rest landing_rest(const struct landing_walk *walk, unsigned char *bytes);

// ---- fold.c, values.c ------------------------------------------------------------------------

// Folds for about `budget_ms`. *ret_is_done: nothing is left that should be folded now. `is_all`:
// everything, not only when it is worth it.
enum fault_code fold_slice(struct store *store, int budget_ms, bool is_all, bool *ret_is_done,
                           struct fault *fault);

// One reading's versions, oldest first, and the rule by which a new one joins them: kept before
// the first that was known later; dropped when the one before it says the same; of two known at one
// instant the later to come stands.
struct version {
    double value;
    bool is_withdrawn;
    int64_t batch;
    int64_t known_at;
};
enum { VERSIONS = 512 };
struct version_list {
    struct version version[VERSIONS];
    int count;
    bool is_changed;
};
// False: the list is full.
bool version_insert(struct version_list *list, const struct version *version);

// Adds the newest version as it stands, without the rule.
void version_append(struct version_list *list, const struct version *version);

// Where a period stands in its series' BLOBs.
struct reading_place {
    int year;
    int index;
};
struct reading_place reading_place_of(enum time_frequency frequency, int32_t period);
int32_t reading_period_of(enum time_frequency frequency, struct reading_place place);
int reading_places(enum time_frequency frequency); // of one year
double reading_value(int64_t value_scaled, int decimals);

// ---- The store -------------------------------------------------------------------------------

struct store {
    struct store_options options;
    char folder[LIMIT_PATH_SIZE];
    int lock_file;
    bool is_holder;
    enum store_kind kind;
    char name[STORE_NAME_SIZE];
    char division_code[16];
    int64_t division;
    int64_t ledger_id;
    unsigned char identity[LEDGER_IDENTITY_SIZE];
    struct vault *vault;             // holder of a live store or replay; NULL otherwise
    _Atomic int64_t newest_time;     // of the newest durable entry
    _Atomic int64_t newest_sequence; // that readers see
    struct reader_pool pool;
    // Holder only.
    struct ledger *ledger;
    struct store_reader state; // the writer's connection
    struct state_cursor cursor;
    struct apply_prepared *apply; // one a row of sql_statements, prepared when first needed
    struct writer *writer;
    struct listener *listener;
    // Client only.
    pthread_mutex_t client_mutex;
    int client_socket; // -1: not connected
};

// found.c: removes what a founding that was cut off after the birth has left beside the store.
void store_remove_place(const char *folder);
// The path of a file in the store's folder.
void store_path(const char *folder, const char *name, char path[LIMIT_PATH_SIZE + 16]);
// SHA-256 of `bytes`, by way of the ledger.
struct ledger_hash store_hash(struct span bytes);
void store_make_id(unsigned char ret_id[COMMAND_ID_SIZE]);

#endif
