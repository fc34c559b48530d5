// SPDX-License-Identifier: GPL-3.0-or-later
//
// command.h: how anything is changed: a row in a table and a C function.
//
// A command reads state through the named queries, refuses with a reason, or emits entries.
// Commands run one after another on the writer thread; many share one durable commit, but each is
// all or nothing. Its sender makes its id: the same id never acts twice, a repeat gets the first
// answer. A command may take 20 ms of the writer at most: what is larger lands in parts
// (readings.h, `send` below).
//
//     static enum fault_code close_notice(struct command *command, struct fault *fault)
//     {
//         int64_t notice = command_integer(command, "notice");   (the table says it is there)
//         ... command_query(command, QUERY_NOTICE_FOR_COMMAND, parameters, &rows, fault) ...
//         struct entry_draft draft = {.type = "notice.closed", .form = 1, .division = division,
//                                     .body = json_pack("{s:I, s:s}", "notice", notice, ...)};
//         return command_emit(command, &draft, NULL, fault);
//     }
//     {"notice.close", ROLE_OFFICER, TEXT_NOTICE_CLOSE,
//      {{"notice", COMMAND_ID, 0, true}, {"outcome", COMMAND_TEXT, 32, true}}, close_notice},
//
// What the writer does around it: checks who may, checks and normalises the body by the table,
// opens a savepoint, runs the function, applies each entry by its apply/TYPE.FORM.sql as it is
// emitted (a later query of the same command sees it), commits the group, then answers.
#ifndef LEVEE_STORE_COMMAND_H
#define LEVEE_STORE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/json.h"
#include "base/span.h"
#include "store/query.h"
#include "store/store.h"

enum { COMMAND_ID_SIZE = 16, COMMAND_FIELDS = 13, COMMAND_ANSWERS = 7 };

// Kinds of fields, and what the function finds in command->body afterwards.
enum command_kind {
    COMMAND_TEXT,      // text of at most `limit` bytes (0: 4,096), well-formed, not empty
    COMMAND_INTEGER,   // integer; `limit` > 0: 0..limit
    COMMAND_REAL_TEXT, // a decimal number as text ("12.50"), or a JSON number; becomes text
    COMMAND_TIME,      // RFC 3339 text or integer microseconds; becomes the integer
    COMMAND_PERIOD,    // "2020-07-22", "2020-W30", "2020-07", "2020-Q3", "2020"; stays text
    COMMAND_ID,        // "21-4711" (of this ledger) or an integer; becomes the integer
    COMMAND_BOOLEAN,
    COMMAND_JSON, // anything; `limit` bytes when written (0: LIMIT_COMMAND_BODY_SIZE)
    COMMAND_IDS,  // a list of ids; in answers only
};

struct command_field {
    const char *name; // NULL closes the list
    enum command_kind kind;
    int64_t limit;
    bool is_required;
};

struct command;
struct command_request;

struct command_row {
    const char *name; // "notice.close"
    enum store_role who;
    enum text_key what; // one sentence: help and the OpenAPI document
    struct command_field field[COMMAND_FIELDS];
    enum fault_code (*run)(struct command *command, struct fault *fault);
    // What it may add to {id, sequence}: nothing else. Ids and times are integers in
    // command->answer; outside they are written as everywhere (src/web/command.c).
    struct command_field answer[COMMAND_ANSWERS];
    // Instead of `run`: a command that is too large for one piece of the writer's time. It works on
    // the sender's thread and sends commands of its own; the first has the request's id. Its body
    // is checked and normalised. Only store_run_command takes it.
    enum fault_code (*send)(struct store *store, const struct command_request *request,
                            json_t **ret_answer, struct fault *fault);
};

// A running command. Everything in it lives until the command has ended.
struct command {
    const struct command_row *row;
    json_t *body; // an object, checked and normalised; fields that were not given are absent
    struct span payload;
    struct store_actor actor;
    unsigned char id[COMMAND_ID_SIZE];
    int64_t time; // business time, the same for all entries of the command
    struct arena *arena;
    json_t *answer; // an object; the function may add the fields of row->answer
    struct store *store;
    struct store_reader *reader; // state as it is now, earlier commands included
    int64_t first_sequence;      // of the first entry emitted; 0: none yet
    int64_t last_sequence;
    bool has_savepoint; // the writer's own
};

// An entry to be: `body` is an object and is taken over (also on a fault). Part i of n: 0 and 0
// stand for 1 of 1.
struct entry_draft {
    const char *type;
    int form;
    int64_t division;
    json_t *body;
    struct span payload;
    int part, parts;
};

// An entry that is: borrowed, valid during the call it is passed to.
struct entry_view {
    int64_t sequence;
    int64_t time;
    int64_t actor_post;
    int64_t division;
    struct span type;
    int form;
    int part, parts;
    unsigned char command_id[COMMAND_ID_SIZE];
    json_t *body;
    struct span payload;
};

// Appends an entry and applies it. *ret_sequence (may be NULL): its sequence, the id of what it
// made. FAULT_CORRUPT with the apply file's name: the entry does not fit its apply file (our bug).
enum fault_code command_emit(struct command *command, const struct entry_draft *draft,
                             int64_t *ret_sequence, struct fault *fault);
// A named query on the writer's own connection, in the scope of the command's actor, as of now.
// `parameters` is an object or NULL. The caller owns *ret_rows, an array of objects: ids and times
// are integers, json columns are JSON.
enum fault_code command_query(struct command *command, enum query_name name,
                              const json_t *parameters, json_t **ret_rows, struct fault *fault);
// The same as the program itself, whatever the actor may see: for what the command must know and
// the actor need not, such as the token of a ring.
enum fault_code command_query_freely(struct command *command, enum query_name name,
                                     const json_t *parameters, json_t **ret_rows,
                                     struct fault *fault);
// Fields of the body, by name; the table has promised kind and presence.
int64_t command_integer(const struct command *command, const char *field);
struct span command_text(const struct command *command, const char *field);
bool command_has(const struct command *command, const char *field);

// A command to be sent. `body` is borrowed; it may be NULL (no fields). An `id` of zeros: a new one
// is made.
struct command_request {
    const char *name;
    json_t *body;
    struct span payload;
    struct store_actor actor;
    unsigned char id[COMMAND_ID_SIZE];
};

// What became of it. `answer` is an object with "id" ("21-4712"), "sequence" and what the command
// added; NULL on a fault. Borrowed.
struct command_result {
    enum fault_code code;
    const struct fault *fault;
    json_t *answer;
};

// Sends a command and waits until it is durable (or refused). The caller owns *ret_answer; may be
// NULL. Holder and client alike. FAULT_BUSY: the queue is full, or the holder has gone away;
// sending the same id again is safe.
enum fault_code store_run_command(struct store *store, const struct command_request *request,
                                  json_t **ret_answer, struct fault *fault);
// Sends a command and returns at once; `done` is called once on the writer thread, after the
// durable commit, and must not block. The request is copied. A fault returned here: `done` is never
// called. Holder only.
enum fault_code store_post_command(struct store *store, const struct command_request *request,
                                   void (*done)(void *context, const struct command_result *result),
                                   void *context, struct fault *fault);
// The id of the command that follows from entry `sequence`: SHA-256 of ledger, sequence and name.
void store_derive_id(const struct store *store, int64_t sequence, const char *name,
                     unsigned char ret_id[COMMAND_ID_SIZE]);
// The command of that name, NULL when there is none; all of them, the store's own included.
const struct command_row *store_find_command(const struct store *store, const char *name);
size_t store_command_count(const struct store *store);
const struct command_row *store_command_at(const struct store *store, size_t index);

// One link of the chain: after an entry of this type and form is durable, `make` may make the body
// of a follow-up command (NULL in *ret_body: none follows). It sees the cause alone, so that it
// says the same whenever it is asked. The follow-up runs as ROLE_SYSTEM with store_derive_id's id:
// a crash between the two repeats nothing and loses nothing. A follow-up that emits nothing or is
// refused leaves an entry followup.closed.
struct chain_row {
    const char *type;
    int form;
    const char *command;
    enum fault_code (*make)(const struct entry_view *cause, json_t **ret_body, struct fault *fault);
};

#endif
