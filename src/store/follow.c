// SPDX-License-Identifier: GPL-3.0-or-later
//
// follow.c: what follows by itself: the chain's commands, and deadlines that pass.
//
// After a group is durable, each of its entries that has rows in the chain may have follow-ups.
// They are commands like any other, with an id derived from their cause, so that it does not matter
// how often a crash makes us look at a cause again:
//
//     ledger    .. 811 812 813 814 ..        cursor.chain = 812: everything before it is settled
//                      │
//                      └─ make ─► command, id = H(ledger, 812, "notice.raise") ─► acts once
//
// A follow-up that is refused or has nothing to do leaves an entry followup.closed under its id, so
// that every follow-up has its outcome in the ledger and is not tried again later, when it might be
// wrong. Only when the files cannot take it is it put off.
//
// A deadline is a row of the query that the options name, with due_at in the past; its command gets
// the row as its body and an id derived from the row's id and due_at: each deadline passes once.
#include <assert.h>
#include <string.h>

#include "store/store_priv.h"

enum { DUE_EVERY_MS = 500 };

bool follow_is_cause(const struct store *store, struct span type, int form)
{
    for (size_t i = 0; i < store->options.chain_count; i++)
        if (store->options.chain[i].form == form && span_is(type, store->options.chain[i].type))
            return true;
    return false;
}

// The first 16 bytes of a hash over the ledger's identity, two numbers and a name.
static void derive_id(const struct store *store, int64_t first, int64_t second, const char *name,
                      unsigned char ret_id[COMMAND_ID_SIZE])
{
    unsigned char bytes[LEDGER_IDENTITY_SIZE + 16 + 128];
    size_t size = strlen(name);
    assert(size <= 128);
    memcpy(bytes, store->identity, LEDGER_IDENTITY_SIZE);
    for (int i = 0; i < 8; i++) {
        bytes[LEDGER_IDENTITY_SIZE + i] = (unsigned char)((uint64_t)first >> (8 * i));
        bytes[LEDGER_IDENTITY_SIZE + 8 + i] = (unsigned char)((uint64_t)second >> (8 * i));
    }
    memcpy(bytes + LEDGER_IDENTITY_SIZE + 16, name, size);
    struct ledger_hash hash =
        store_hash((struct span){(const char *)bytes, LEDGER_IDENTITY_SIZE + 16 + size});
    memcpy(ret_id, hash.bytes, COMMAND_ID_SIZE);
}

void store_derive_id(const struct store *store, int64_t sequence, const char *name,
                     unsigned char ret_id[COMMAND_ID_SIZE])
{
    derive_id(store, sequence, 0, name, ret_id);
}

// A list of follow-ups that are to be run together.
struct batch {
    struct job job[LIMIT_FOLLOW_UPS];
    int count;
};

static void release(struct batch *batch)
{
    for (int i = 0; i < batch->count; i++) {
        json_decref(batch->job[i].body);
        json_decref(batch->job[i].answer);
    }
    batch->count = 0;
}

static enum fault_code add(struct store *store, struct batch *batch, const char *name,
                           const unsigned char id[COMMAND_ID_SIZE], int64_t cause, json_t *body,
                           struct fault *fault)
{
    struct job *job = &batch->job[batch->count];
    assert(batch->count < LIMIT_FOLLOW_UPS);
    *job = (struct job){.body = body, .actor = store_system_actor(), .cause = cause};
    memcpy(job->id, id, COMMAND_ID_SIZE);
    enum fault_code code = command_find(store, name, &job->actor, &job->row, fault);
    batch->count += code == FAULT_NONE;
    if (code != FAULT_NONE)
        json_decref(body);
    return code;
}

// Says in the ledger that a follow-up came to nothing.
static enum fault_code close_follow_up(struct store *store, const struct job *job)
{
    // Nothing to do is no fault, and then there is no key.
    const char *key = job->fault.code == FAULT_NONE ? NULL : text_name(job->fault.key);
    json_t *body = json_pack("{s:I, s:s, s:s*}", "cause", (json_int_t)job->cause, "command",
                             job->row->name, "key", key);
    struct job closing = {.body = body, .actor = store_system_actor()};
    struct job *jobs[] = {&closing};
    closing.row = store_find_command(store, "followup.close");
    assert(closing.row != NULL);
    memcpy(closing.id, job->id, COMMAND_ID_SIZE);
    writer_run_group(store, jobs, 1);
    json_decref(body);
    json_decref(closing.answer);
    return closing.fault.code;
}

// True when every job has its outcome in the ledger.
static bool run_batch(struct store *store, struct batch *batch)
{
    struct job *jobs[LIMIT_FOLLOW_UPS];
    bool is_done = true;
    for (int i = 0; i < batch->count; i++)
        jobs[i] = &batch->job[i];
    writer_run_group(store, jobs, batch->count);
    for (int i = 0; i < batch->count && is_done; i++) {
        enum fault_code code = batch->job[i].fault.code;
        if (code == FAULT_IO || code == FAULT_FULL)
            is_done = false;
        else if (!command_has_acted(store, batch->job[i].id))
            is_done = close_follow_up(store, &batch->job[i]) == FAULT_NONE;
    }
    return is_done;
}

// ---- The chain -------------------------------------------------------------------------------

static enum fault_code add_follow_ups(struct store *store, const struct ledger_entry *entry,
                                      struct batch *batch, struct fault *fault)
{
    struct entry_view view = {0};
    json_watch_memory();
    enum fault_code code = apply_view(entry, &view, fault);
    for (size_t i = 0; i < store->options.chain_count && code == FAULT_NONE; i++) {
        const struct chain_row *row = &store->options.chain[i];
        unsigned char id[COMMAND_ID_SIZE];
        json_t *body = NULL;
        if (row->form != view.form || !span_is(view.type, row->type))
            continue;
        store_derive_id(store, view.sequence, row->command, id);
        if (!command_has_acted(store, id))
            code = row->make(&view, &body, fault);
        // A follow-up that seems to be none must not be passed over.
        if (code == FAULT_NONE && json_has_lost_memory()) {
            json_decref(body);
            code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
        }
        if (code == FAULT_NONE && body != NULL)
            code = add(store, batch, row->command, id, view.sequence, body, fault);
    }
    json_decref(view.body);
    return code;
}

// Gathers the follow-ups of the entries from the cursor on. *ret_next: where the cursor may go.
static enum fault_code gather(struct store *store, struct batch *batch, int64_t *ret_next,
                              struct fault *fault)
{
    struct arena arena = {0};
    enum fault_code code = FAULT_NONE;
    int64_t at = store->cursor.chain;
    int room = LIMIT_FOLLOW_UPS - (int)store->options.chain_count;
    assert(room > 0);
    while (code == FAULT_NONE && at <= store->writer->last_cause && batch->count <= room) {
        struct ledger_entry entry = {0};
        code = ledger_read_entry(store->ledger, at, &arena, &entry, fault);
        if (code == FAULT_NONE && follow_is_cause(store, entry.type, entry.form))
            code = add_follow_ups(store, &entry, batch, fault);
        arena_reset(&arena);
        at += code == FAULT_NONE;
    }
    *ret_next = at > store->writer->last_cause ? store->cursor.applied : at;
    return code;
}

// False: put off.
static bool settle_chain(struct store *store, bool *ret_is_done)
{
    struct batch batch = {.count = 0};
    struct fault fault = {0};
    int64_t next = 0;
    if (store->cursor.chain > store->writer->last_cause) {
        store->cursor.chain = store->cursor.applied;
        return true;
    }
    bool is_done = gather(store, &batch, &next, &fault) == FAULT_NONE && run_batch(store, &batch);
    release(&batch);
    if (is_done)
        store->cursor.chain = next;
    *ret_is_done = store->cursor.chain > store->writer->last_cause;
    return is_done;
}

enum fault_code follow_find_cursor(struct store *store, struct fault *fault)
{
    struct arena arena = {0};
    enum fault_code code = FAULT_NONE;
    bool is_found = store->options.chain_count == 0;
    // Causes are settled in order: the last one with an outcome is the last that was looked at.
    for (int64_t at = store->cursor.applied - 1; at >= 0 && !is_found && code == FAULT_NONE; at--) {
        struct ledger_entry entry = {0};
        code = ledger_read_entry(store->ledger, at, &arena, &entry, fault);
        for (size_t i = 0; i < store->options.chain_count && code == FAULT_NONE; i++) {
            unsigned char id[COMMAND_ID_SIZE];
            store_derive_id(store, at, store->options.chain[i].command, id);
            is_found |=
                span_is(entry.type, store->options.chain[i].type) && command_has_acted(store, id);
        }
        if (is_found)
            store->cursor.chain = at;
        arena_reset(&arena);
    }
    return code;
}

// ---- Deadlines -------------------------------------------------------------------------------

static enum fault_code gather_due(struct store *store, int64_t now, struct batch *batch,
                                  struct fault *fault)
{
    json_t *parameters = json_pack("{s:I}", "until", (json_int_t)now), *rows = NULL, *row = NULL;
    size_t index = 0;
    store->state.actor = store_system_actor();
    store->state.as_of = now;
    store->state.is_in_memory = false;
    json_watch_memory();
    enum fault_code code = store_reader_query(
        &store->state, (enum query_name)store->options.due.query, parameters, &rows, fault);
    if (code == FAULT_NONE && json_has_lost_memory())
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    json_array_foreach(rows, index, row)
    {
        unsigned char id[COMMAND_ID_SIZE];
        int64_t thing = json_integer_or(row, "id", 0), due_at = json_integer_or(row, "due_at", 0);
        derive_id(store, thing, due_at, store->options.due.command, id);
        if (code == FAULT_NONE && due_at <= now && batch->count < LIMIT_FOLLOW_UPS &&
            !command_has_acted(store, id))
            code =
                add(store, batch, store->options.due.command, id, thing, json_incref(row), fault);
    }
    json_decref(rows);
    json_decref(parameters);
    return code;
}

// False: put off.
static bool settle_due(struct store *store, bool *ret_is_done)
{
    struct writer *writer = store->writer;
    struct batch batch = {.count = 0};
    struct fault fault = {0};
    int64_t now_ms = steady_ms();
    if (store->options.due.command == NULL || (writer->due_checked == store->cursor.applied &&
                                               now_ms - writer->due_checked_ms < DUE_EVERY_MS))
        return true;
    writer->due_checked = store->cursor.applied;
    writer->due_checked_ms = now_ms;
    bool is_done = gather_due(store, store_business_time(store), &batch, &fault) == FAULT_NONE;
    if (is_done && batch.count > 0) {
        is_done = run_batch(store, &batch);
        *ret_is_done = false; // What has passed may let others fall due.
    }
    release(&batch);
    return is_done;
}

void follow_settle(struct store *store, bool *ret_is_done)
{
    struct writer *writer = store->writer;
    *ret_is_done = true;
    if (writer->held_at == store->cursor.applied)
        return;
    bool is_done = settle_chain(store, ret_is_done);
    if (is_done && *ret_is_done)
        is_done = settle_due(store, ret_is_done);
    writer->held_at = is_done ? -1 : store->cursor.applied;
    *ret_is_done |= !is_done;
}
