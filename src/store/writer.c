// SPDX-License-Identifier: GPL-3.0-or-later
//
// writer.c: the bounded queue of commands and the one thread that writes.
//
//     wait ─► take up to LIMIT_GROUP_COMMANDS ─► begin ledger, begin state
//                                                 run each (command.c), for LIMIT_GROUP_MS at most
//                                                 commit ledger: one fsync    ── accepted from here
//                                                 commit state                ── visible from here
//                                                 answer everybody
//          ─► follow-ups and deadlines (follow.c), a few at a time
//          ─► nothing waits: fold readings, empty the WALs
//
// The ledger commits first, so state is never ahead. Should the state's commit then fail, the
// commands stand, and state is brought up from the ledger before the next group. When the ledger
// says that a write or sync failed, nothing is written any more: every command is refused with the
// reason, reads go on. A full disk refuses the group at hand and is tried again with the next.
//
// All checkpoints of both WALs happen here and nowhere else (SQLite before 3.51.3 can damage a file
// when two connections checkpoint or write at once).
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "store/store_priv.h"
#include "vault/vault.h"

enum {
    IDLE_WAIT_MS = 1000,
    FOLD_MS = 8,
    FOLD_ANYWAY = 512, // batches; readers take twice as many (values.c)
    HEAD_ENTRIES = 256,
    HEAD_EVERY_MS = 60000,
    BULKY_SIZE = 64 * 1024, // of a payload
};

// ---- The queue -------------------------------------------------------------------------------

static struct job *take_free(struct writer *writer)
{
    struct job *job = writer->free;
    if (job != NULL)
        writer->free = job->next;
    return job;
}

// Puts a finished job back; the mutex is held.
static void recycle(struct writer *writer, struct job *job)
{
    json_decref(job->body);
    json_decref(job->answer);
    memory_free(job->payload);
    *job = (struct job){.next = writer->free};
    writer->free = job;
}

// Time first, so that neighbours in time are neighbours in the table of commands; then chance.
void store_make_id(unsigned char ret_id[COMMAND_ID_SIZE])
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    ssize_t size = getrandom(ret_id, COMMAND_ID_SIZE, 0);
    assert(size == COMMAND_ID_SIZE); // Never short for 16 bytes once the machine is up.
    (void)size;
    for (int i = 0; i < 6; i++)
        ret_id[i] = (unsigned char)(ms >> (40 - 8 * i));
}

static enum fault_code fill_job(struct job *job, const struct command_row *row,
                                const struct command_request *request, struct fault *fault)
{
    static const unsigned char none[COMMAND_ID_SIZE];
    job->next = NULL;
    job->row = row;
    job->body = json_incref(request->body);
    job->actor = request->actor;
    memcpy(job->id, request->id, COMMAND_ID_SIZE);
    if (memcmp(job->id, none, COMMAND_ID_SIZE) == 0)
        store_make_id(job->id);
    if (request->payload.size == 0)
        return FAULT_NONE;
    job->payload = memory_allocate(request->payload.size);
    if (job->payload == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    memcpy(job->payload, request->payload.data, request->payload.size);
    job->payload_size = request->payload.size;
    return FAULT_NONE;
}

enum fault_code writer_post(struct store *store, const struct command_request *request,
                            void (*done)(void *context, const struct command_result *result),
                            void *context, struct fault *fault)
{
    struct writer *writer = store->writer;
    const struct command_row *row = NULL;
    if (request->payload.size > LIMIT_ENTRY_PAYLOAD_SIZE)
        return fault_set(fault, FAULT_FULL, TEXT_STORE_PAYLOAD_TOO_BIG, text_string(request->name),
                         text_integer(LIMIT_ENTRY_PAYLOAD_SIZE));
    enum fault_code code = command_find(store, request->name, &request->actor, &row, fault);
    if (code != FAULT_NONE)
        return code;
    assert(row->run != NULL); // Others are sent in parts.
    pthread_mutex_lock(&writer->mutex);
    struct job *job = writer->is_stopping ? NULL : take_free(writer);
    if (job == NULL)
        code =
            fault_set(fault, FAULT_BUSY, TEXT_STORE_QUEUE_FULL, text_integer(LIMIT_QUEUE_COMMANDS));
    else
        code = fill_job(job, row, request, fault);
    if (job != NULL && code != FAULT_NONE)
        recycle(writer, job);
    if (code == FAULT_NONE) {
        job->done = done;
        job->context = context;
        if (writer->last == NULL)
            writer->first = job;
        else
            writer->last->next = job;
        writer->last = job;
        pthread_cond_signal(&writer->has_work);
    }
    pthread_mutex_unlock(&writer->mutex);
    return code;
}

enum fault_code store_post_command(struct store *store, const struct command_request *request,
                                   void (*done)(void *context, const struct command_result *result),
                                   void *context, struct fault *fault)
{
    assert(store->is_holder && done != NULL);
    return writer_post(store, request, done, context, fault);
}

struct waiter {
    pthread_mutex_t mutex;
    pthread_cond_t is_done;
    bool has_ended;
    struct fault fault;
    json_t *answer;
};

static void wake(void *context, const struct command_result *result)
{
    struct waiter *waiter = context;
    pthread_mutex_lock(&waiter->mutex);
    if (result->code != FAULT_NONE)
        waiter->fault = *result->fault;
    waiter->answer = json_incref(result->answer);
    waiter->has_ended = true;
    pthread_cond_signal(&waiter->is_done);
    pthread_mutex_unlock(&waiter->mutex);
}

static enum fault_code run_in_parts(struct store *store, const struct command_request *request,
                                    json_t **ret_answer, struct fault *fault)
{
    struct command_request checked = *request;
    const struct command_row *row = NULL;
    enum fault_code code = command_find(store, request->name, &request->actor, &row, fault);
    if (code == FAULT_NONE)
        code = command_check_body(store, row, request->body, &checked.body, fault);
    if (code != FAULT_NONE)
        return code;
    code = row->send(store, &checked, ret_answer, fault);
    json_decref(checked.body);
    return code;
}

enum fault_code store_run_command(struct store *store, const struct command_request *request,
                                  json_t **ret_answer, struct fault *fault)
{
    const struct command_row *row = store_find_command(store, request->name);
    if (row != NULL && row->send != NULL)
        return run_in_parts(store, request, ret_answer, fault);
    if (!store->is_holder)
        return client_run_command(store, request, ret_answer, fault);
    // A command that waits for a command on the writer's own thread would wait for ever.
    assert(!pthread_equal(pthread_self(), store->writer->thread));
    struct waiter waiter = {.mutex = PTHREAD_MUTEX_INITIALIZER,
                            .is_done = PTHREAD_COND_INITIALIZER};
    enum fault_code code = writer_post(store, request, wake, &waiter, fault);
    if (code != FAULT_NONE)
        return code;
    pthread_mutex_lock(&waiter.mutex);
    while (!waiter.has_ended)
        pthread_cond_wait(&waiter.is_done, &waiter.mutex);
    pthread_mutex_unlock(&waiter.mutex);
    if (waiter.fault.code != FAULT_NONE)
        *fault = waiter.fault;
    else if (ret_answer != NULL)
        *ret_answer = json_incref(waiter.answer);
    json_decref(waiter.answer);
    return waiter.fault.code;
}

// ---- A group ---------------------------------------------------------------------------------

static void rollback_state(struct store *store)
{
    sqlite3 *connection = store->state.database.connection;
    if (!sqlite3_get_autocommit(connection))
        sqlite3_exec(connection, state_sql[STATE_SQL_ROLLBACK], NULL, NULL, NULL);
}

static enum fault_code begin(struct store *store, struct fault *fault)
{
    struct writer *writer = store->writer;
    if (writer->stopped.code != FAULT_NONE) {
        *fault = writer->stopped;
        return fault->code;
    }
    enum fault_code code = FAULT_NONE;
    // A commit that gave a fault may have come about all the same: the file says how far it is.
    if (writer->is_state_behind)
        code = state_read_cursor(store, fault);
    if (code == FAULT_NONE && writer->is_state_behind)
        code = state_apply_from_ledger(store, fault);
    if (code != FAULT_NONE)
        return code;
    writer->is_state_behind = false;
    writer->is_group_lost = writer->has_folded = false;
    code = ledger_begin(store->ledger, fault);
    if (code == FAULT_NONE)
        code = database_run(&store->state.database, STATE_SQL_BEGIN, fault);
    return code;
}

// Ends the group: durable and visible, or gone. *ret_is_behind: durable, but not yet in state.
static enum fault_code commit(struct store *store, const struct state_cursor *before,
                              struct fault *fault)
{
    struct writer *writer = store->writer;
    struct fault second = {0};
    enum fault_code code = FAULT_NONE;
    if (store->cursor.applied == before->applied) {
        ledger_abort(store->ledger);
        if (store->cursor.chain == before->chain && !writer->has_folded) {
            rollback_state(store);
            return FAULT_NONE;
        }
    } else {
        code = ledger_commit(store->ledger, fault);
    }
    if (code != FAULT_NONE)
        return code;
    code = state_write_cursor(store, &second);
    if (code == FAULT_NONE)
        code = database_run(&store->state.database, STATE_SQL_COMMIT, &second);
    if (code != FAULT_NONE) {
        rollback_state(store);
        store->cursor = *before;
        writer->is_state_behind = true;
    }
    return FAULT_NONE;
}

static void fail_group(struct store *store, struct job **jobs, int count,
                       const struct state_cursor *before, const struct fault *fault)
{
    struct writer *writer = store->writer;
    ledger_abort(store->ledger);
    rollback_state(store);
    store->cursor = *before;
    writer->last_cause = writer->last_cause >= before->applied ? -1 : writer->last_cause;
    if (fault->code == FAULT_IO)
        writer->stopped = *fault;
    for (int i = 0; i < count; i++) {
        json_decref(jobs[i]->answer);
        jobs[i]->answer = NULL;
        jobs[i]->fault = *fault; // Also of those that were refused: they may be judged anew.
    }
}

// A command that holds the writer longer than any before it, and longer than any should, is said in
// the log: by its name, since it ought to land in parts.
static void note_hold(struct writer *writer, const char *name, int64_t hold_ms)
{
    if (hold_ms <= writer->longest_hold_ms)
        return;
    writer->longest_hold_ms = hold_ms;
    if (hold_ms > LIMIT_HOLD_MS)
        log_event("store.hold", "command ms", text_string(name), text_integer(hold_ms));
}

// Runs jobs until one fails the whole group or the time is up; returns how many it has run.
static int run_jobs(struct store *store, struct job **jobs, int count, struct fault *fault)
{
    int64_t until = steady_ms() + LIMIT_GROUP_MS;
    int done = 0;
    while (done < count && fault->code == FAULT_NONE && (done == 0 || steady_ms() < until)) {
        int64_t from = steady_ms();
        command_run_job(store, jobs[done]);
        note_hold(store->writer, jobs[done]->row->name, steady_ms() - from);
        command_check_transaction(store, &jobs[done]->fault);
        if (store->writer->is_group_lost)
            *fault = jobs[done]->fault;
        done++;
    }
    return done;
}

static int run_slice(struct store *store, struct job **jobs, int count)
{
    struct fault fault = {0};
    struct state_cursor before = store->cursor;
    int done = 0;
    enum fault_code code = begin(store, &fault);
    if (code == FAULT_NONE)
        done = run_jobs(store, jobs, count, &fault);
    code = fault.code;
    if (code == FAULT_NONE)
        code = commit(store, &before, &fault);
    if (code != FAULT_NONE) {
        done = done == 0 ? count : done;
        fail_group(store, jobs, done, &before, &fault);
    }
    arena_rewind(&store->writer->arena);
    if (!store->writer->is_state_behind) {
        atomic_store(&store->newest_time, store->cursor.time);
        atomic_store(&store->newest_sequence, store->cursor.applied - 1);
    }
    return done;
}

static void answer(struct store *store, struct job **jobs, int count)
{
    for (int i = 0; i < count; i++) {
        struct command_result result = {
            .code = jobs[i]->fault.code, .fault = &jobs[i]->fault, .answer = jobs[i]->answer};
        if (jobs[i]->done != NULL)
            jobs[i]->done(jobs[i]->context, &result);
    }
    if (store->options.changed != NULL)
        store->options.changed(store->options.changed_context,
                               atomic_load(&store->newest_sequence));
}

void writer_run_group(struct store *store, struct job **jobs, int count)
{
    for (int at = 0; at < count;) {
        int done = run_slice(store, jobs + at, count - at);
        assert(done > 0);
        answer(store, jobs + at, done);
        at += done;
    }
}

enum fault_code writer_run_now(struct store *store, const char *name, json_t *body,
                               json_t **ret_answer, struct fault *fault)
{
    struct job job = {.body = body, .actor = store_system_actor()};
    struct job *jobs[] = {&job};
    enum fault_code code = command_find(store, name, &job.actor, &job.row, fault);
    if (code != FAULT_NONE)
        return code;
    store_make_id(job.id);
    writer_run_group(store, jobs, 1);
    if (job.fault.code != FAULT_NONE)
        *fault = job.fault;
    else if (ret_answer != NULL)
        *ret_answer = json_incref(job.answer);
    json_decref(job.answer);
    return job.fault.code;
}

// ---- The thread ------------------------------------------------------------------------------

// Moves what is in one of the WALs into its file, so that nobody waits for both. PASSIVE: it waits
// for no reader. The ledger's is never let grow past its length. State's may, `factor` times, as
// pages that commands write again and again are then moved once; not with a batch, of which every
// page is another one: moving 16 MiB holds everybody up.
static void empty_logs(struct store *store, int factor)
{
    struct writer *writer = store->writer;
    struct fault fault = {0};
    enum fault_code code = FAULT_NONE;
    if (writer->stopped.code != FAULT_NONE)
        return;
    if (ledger_log_used(store->ledger) > LIMIT_WAL_SIZE)
        code = ledger_checkpoint_wal(store->ledger, &fault);
    else if (store->state.database.log_used > (int64_t)LIMIT_WAL_SIZE * factor)
        code = database_move_log(&store->state.database, &fault);
    if (code == FAULT_IO)
        writer->stopped = fault;
}

// Signs the ledger's head when enough has come together, or the last signing is a while ago, or
// somebody asks. The ledger reads what is new again from the file first, a slice at a time, so that
// commands go in between.
static void sign_head(struct store *store, bool is_idle)
{
    struct writer *writer = store->writer;
    struct fault fault = {0};
    int64_t news = store->cursor.applied - writer->checkpoint_size;
    int64_t now_ms = steady_ms();
    bool is_due = writer->is_signing || writer->is_head_wanted ||
                  now_ms - writer->checkpoint_ms >= HEAD_EVERY_MS ||
                  (is_idle && news >= HEAD_ENTRIES);
    writer->is_signing = false;
    if (store->vault == NULL || (news == 0 && !writer->is_head_wanted) || !is_due ||
        writer->stopped.code != FAULT_NONE)
        return;
    struct ledger_signer signer = {.sign = vault_sign, .context = store->vault};
    bool is_signed = false;
    vault_public_key(store->vault, signer.public_key);
    // A head that cannot be signed (a damaged entry) is said by `levee ledger verify`, and tried
    // again; nothing that was accepted depends on it.
    enum fault_code code =
        ledger_advance_checkpoint(store->ledger, &signer, store->cursor.time, &is_signed, &fault);
    if (code == FAULT_IO)
        writer->stopped = fault;
    writer->is_signing = code == FAULT_NONE && !is_signed;
    if (writer->is_signing)
        return;
    writer->is_head_wanted = false;
    writer->checkpoint_ms = now_ms;
    writer->checkpoint_size = store->cursor.applied;
}

// Waits for work, or until something is due. Returns the jobs taken; 0: the time was up.
static int take_jobs(struct store *store, struct job **jobs, int64_t wait_ms)
{
    struct writer *writer = store->writer;
    struct timespec until = {0};
    int count = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += wait_ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&writer->mutex);
    int result = 0;
    while (wait_ms > 0 && writer->first == NULL && !writer->is_stopping && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&writer->has_work, &writer->mutex, &until);
    while (writer->first != NULL && count < LIMIT_GROUP_COMMANDS) {
        jobs[count++] = writer->first;
        writer->first = writer->first->next;
    }
    if (writer->first == NULL)
        writer->last = NULL;
    pthread_mutex_unlock(&writer->mutex);
    return count;
}

static bool is_stopping(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    bool is_true = writer->is_stopping && writer->first == NULL;
    pthread_mutex_unlock(&writer->mutex);
    return is_true;
}

// Puts readings in order: when nobody waits, or when it cannot wait any more. True: nothing is
// left.
static bool fold(struct store *store, bool is_idle)
{
    struct writer *writer = store->writer;
    struct fault fault = {0};
    bool is_done = true;
    if (writer->stopped.code != FAULT_NONE || writer->is_state_behind ||
        (!is_idle && writer->unfolded_count < FOLD_ANYWAY))
        return is_idle;
    enum fault_code code = fold_slice(store, FOLD_MS, false, &is_done, &fault);
    if (code == FAULT_NONE && is_done)
        writer->unfolded_count = LIMIT_UNFOLDED_BATCHES; // At most so many are left.
    return code != FAULT_NONE || is_done;
}

static void *run(void *context)
{
    struct store *store = context;
    struct writer *writer = store->writer;
    struct job *jobs[LIMIT_GROUP_COMMANDS];
    bool is_settled = false, is_folded = false;
    while (!is_stopping(writer) || !is_settled) {
        int count = take_jobs(store, jobs,
                              is_settled && is_folded && !writer->is_signing ? IDLE_WAIT_MS : 0);
        bool is_bulky = false;
        for (int i = 0; i < count; i++)
            is_bulky |= jobs[i]->payload_size > BULKY_SIZE;
        writer_run_group(store, jobs, count);
        is_bulky |= writer->has_folded;
        pthread_mutex_lock(&writer->mutex);
        for (int i = 0; i < count; i++)
            recycle(writer, jobs[i]);
        pthread_mutex_unlock(&writer->mutex);
        is_settled = true;
        if (!store->options.must_not_settle && writer->stopped.code == FAULT_NONE)
            follow_settle(store, &is_settled);
        is_folded = fold(store, count == 0 && is_settled);
        empty_logs(store, count == 0 || is_bulky ? 1 : 4);
        sign_head(store, count == 0 && is_settled);
    }
    return NULL;
}

enum fault_code writer_start(struct store *store, struct fault *fault)
{
    struct writer *writer = store->writer;
    if (pthread_create(&writer->thread, NULL, run, store) != 0)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    writer->is_running = true;
    return FAULT_NONE;
}

void writer_stop(struct store *store)
{
    struct writer *writer = store->writer;
    if (writer == NULL)
        return;
    if (writer->is_running) {
        pthread_mutex_lock(&writer->mutex);
        writer->is_stopping = true;
        pthread_cond_signal(&writer->has_work);
        pthread_mutex_unlock(&writer->mutex);
        pthread_join(writer->thread, NULL);
    }
    assert(writer->first == NULL);
    arena_reset(&writer->arena);
    pthread_mutex_destroy(&writer->mutex);
    pthread_cond_destroy(&writer->has_work);
    memory_free(writer);
    store->writer = NULL;
}
