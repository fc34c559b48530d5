// SPDX-License-Identifier: GPL-3.0-or-later
//
// entry.c: GET /api/v1/entries/{sequence}: an entry and the proof that it is in the ledger.
//
// The answer holds what a stranger needs to check it: the head's fields, the body, the leaf hash,
// the size and root of the tree as it is now, and the hashes from the leaf to the root (RFC
// 6962, 2.1.1). The entry is read from the ledger itself, through a reader of our own, not from
// state.
//
// Who may see it: an entry's division must be in the reader's scope; entries of no division (the
// tree, units, indicators) are everybody's. Out of scope and not there look the same. The body of
// an entry that starts a ring holds the token which acknowledges it, so it is withheld from
// everybody but the post that it rings; the hashes are shown all the same.
//
// Invariant: the ledger's reader is used by one thread at a time, under the lock.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "ledger/ledger.h"
#include "web/web_priv.h"

struct web_proofs {
    pthread_mutex_t lock;
    struct ledger *ledger;
};

enum fault_code web_proofs_open(const struct store *store, struct web_proofs **ret_proofs,
                                struct fault *fault)
{
    struct arena arena = {NULL, 0, 0};
    struct web_proofs *proofs = memory_allocate(sizeof *proofs);
    if (proofs == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    char *path = arena_print(&arena, "%s/ledger.db", store_folder(store));
    struct ledger_options options = {.path = path, .is_writer = false, .vfs = NULL};
    enum fault_code code = path == NULL ? fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL)
                                        : ledger_open(&options, &proofs->ledger, fault);
    arena_reset(&arena);
    if (code != FAULT_NONE) {
        memory_free(proofs);
        return code;
    }
    pthread_mutex_init(&proofs->lock, NULL);
    *ret_proofs = proofs;
    return FAULT_NONE;
}

void web_proofs_close(struct web_proofs *proofs)
{
    if (proofs == NULL)
        return;
    ledger_close(proofs->ledger);
    pthread_mutex_destroy(&proofs->lock);
    memory_free(proofs);
}

// An entry with its proof, as read in one go.
struct proof {
    struct ledger_entry entry;
    struct ledger_hash leaf, root;
    struct ledger_proof inclusion;
    int64_t size;
};

static enum fault_code read_proof(struct web_proofs *proofs, int64_t sequence, struct arena *arena,
                                  struct proof *ret_proof, struct fault *fault)
{
    pthread_mutex_lock(&proofs->lock);
    struct ledger *ledger = proofs->ledger;
    enum fault_code code = ledger_read_size(ledger, &ret_proof->size, fault);
    if (code == FAULT_NONE)
        code = ledger_read_entry(ledger, sequence, arena, &ret_proof->entry, fault);
    if (code == FAULT_NONE)
        code = ledger_read_leaf(ledger, sequence, &ret_proof->leaf, fault);
    if (code == FAULT_NONE)
        code = ledger_read_root(ledger, ret_proof->size, &ret_proof->root, fault);
    if (code == FAULT_NONE)
        code =
            ledger_prove_inclusion(ledger, sequence, ret_proof->size, &ret_proof->inclusion, fault);
    pthread_mutex_unlock(&proofs->lock);
    return code;
}

static json_t *write_hex(const unsigned char *bytes, size_t size)
{
    char text[2 * LEDGER_HASH_SIZE + 1] = "";
    assert(size <= LEDGER_HASH_SIZE);
    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return json_string(text);
}

static json_t *write_place(const json_t *place, const char *column)
{
    json_t *value = json_object_get(place, column);
    return value == NULL ? json_null() : json_incref(value);
}

// True when only the post that is rung may see the body.
static bool is_withheld(const struct web_request *request, const json_t *body)
{
    int64_t post = request->session.actor.post;
    bool is_rung = post != 0 && json_integer_or(body, "post", -1) == post;
    return json_object_get(body, "token") != NULL && !is_rung;
}

static json_t *write_row(const struct web_request *request, const struct proof *proof,
                         const json_t *place, json_t *body)
{
    static const char *const places[] = {"division", "division_zh", "division_en", "post_zh",
                                         "post_en",  "unit_zh",     "unit_en"};
    const struct ledger_entry *entry = &proof->entry;
    char id[LEDGER_ID_TEXT_SIZE + 24], ledger[LEDGER_ID_TEXT_SIZE], time[40];
    ledger_write_id(entry->ledger_id, entry->sequence, id, sizeof id);
    ledger_write_id(entry->ledger_id, -1, ledger, sizeof ledger);
    time_write_instant(entry->time, time, sizeof time);
    bool is_hidden = is_withheld(request, body);
    json_t *inclusion = json_array();
    for (int i = 0; i < proof->inclusion.count; i++)
        json_array_append_new(inclusion,
                              write_hex(proof->inclusion.hash[i].bytes, LEDGER_HASH_SIZE));
    json_t *row = json_pack(
        "{s:s,s:s,s:s,s:s%,s:i,s:i,s:i,s:I,s:b,s:O?,s:o}", "sequence", id, "ledger", ledger, "time",
        time, "type", entry->type.data, entry->type.size, "form", entry->form, "part", entry->part,
        "parts", entry->parts, "payload_bytes", (json_int_t)entry->payload.size, "is_withheld",
        is_hidden, "body", is_hidden ? NULL : body, "inclusion", inclusion);
    json_object_set_new(row, "command_id", write_hex(entry->command_id, LEDGER_COMMAND_SIZE));
    json_object_set_new(row, "leaf_hash", write_hex(proof->leaf.bytes, LEDGER_HASH_SIZE));
    json_object_set_new(row, "root", write_hex(proof->root.bytes, LEDGER_HASH_SIZE));
    json_object_set_new(row, "tree_size", json_integer(proof->size));
    json_object_set_new(row, "index", json_integer(entry->sequence));
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        json_object_set_new(row, places[i], write_place(place, places[i]));
    return row;
}

static void answer_proof(struct web_request *request, const struct proof *proof)
{
    struct store *store = request->server->options.store;
    struct fault fault = {.code = FAULT_NONE};
    json_t *rows = NULL, *body = NULL;
    json_t *parameters = json_pack("{s:I,s:I}", "division", (json_int_t)proof->entry.division,
                                   "post", (json_int_t)proof->entry.actor);
    enum fault_code code = store_query(store, QUERY_ENTRY_PLACE, &request->session.actor, 0,
                                       parameters, &rows, &fault);
    json_decref(parameters);
    if (code == FAULT_NONE)
        code = json_read(proof->entry.body, &body, &fault);
    const json_t *place = json_array_get(rows, 0);
    if (code != FAULT_NONE) {
        web_answer_fault(request, &fault);
    } else if (!json_is_true(json_object_get(place, "is_in_scope"))) {
        web_answer_missing(request);
    } else {
        char now[40];
        time_write_instant(store_business_time(store), now, sizeof now);
        web_answer_json(request, 200,
                        json_pack("{s:[o],s:n,s:s,s:I}", "rows",
                                  write_row(request, proof, place, body), "next", "as_of", now,
                                  "sequence", (json_int_t)store_sequence(store)));
    }
    json_decref(rows);
    json_decref(body);
}

void web_entry_run(struct web_request *request)
{
    struct fault fault = {.code = FAULT_NONE};
    struct proof proof = {.size = 0};
    int64_t sequence = -1;
    if (!store_read_id(request->server->options.store, request->capture[0].text, &sequence) ||
        sequence < 0) {
        web_answer_missing(request);
        return;
    }
    enum fault_code code =
        read_proof(request->server->proofs, sequence, &request->arena, &proof, &fault);
    if (code == FAULT_MISSING)
        web_answer_missing(request);
    else if (code != FAULT_NONE)
        web_answer_fault(request, &fault);
    else
        answer_proof(request, &proof);
}
