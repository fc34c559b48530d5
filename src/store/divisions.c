// SPDX-License-Identifier: GPL-3.0-or-later
//
// divisions.c: a tree of divisions is checked, numbered, cut into parts and landed.
//
// divisions.load takes the whole tree as rows {code, parent (a code, "" at the root), level,
// name_zh, name_en, is_fictional}, parents before their children. All of it happens on the sender's
// thread; the writer gets parts of LIMIT_DIVISION_PART_ROWS, and others' commands go in between:
//
//     rows ─ check ─ ids ─ positions ─► divisions.land part 1 ─► tree ─► part 2 ─► .. ─► part n
//                                                                   whole, and visible, from here
//
// Ids. A division keeps its id as long as its code is in the tree; a new code gets an id that no
// division ever had. Ids are those of the tree that stands (`base`), so a part is refused once
// another tree has come between.
//
// Positions come from a walk of the tree, children in order of the rows:
//
//     210000  low 0  high 5      210200  low 1  high 3      210202  low 2  high 2 ...
//
// In the state every tree stands by itself, under the sequence of its first part; it has no time
// from which it holds until its last part is there, and the newest tree that has one is the one
// that stands (schema.sql). So the switch is one field of one row, however large the tree is, and a
// past one is read as it was: 5 MB a load of 50,000 divisions.
//
// Sent again under the same id, a load that has landed gives its first answer. One that never ended
// is cleared away in slices (divisions.drop), at the latest when the store is opened, and its id is
// free again.
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "store/store_priv.h"

enum { CODE_SIZE = 12, NAME_SIZE = 200, LEVEL_MAX = 6 };

struct division {
    struct span code, name_zh, name_en; // in the body
    int64_t id;
    int32_t parent; // where it stands among the rows; -1: the root
    int32_t first_child, sibling;
    int32_t low, high;
    int32_t level;
    bool is_fictional;
};

struct tree {
    struct division *row;
    size_t count;
    int64_t base;   // the tree that stands; 0: none
    int64_t id_max; // the highest id that was ever given
};

// ---- Checking --------------------------------------------------------------------------------

static enum fault_code refuse_row(size_t index, struct span value, struct fault *fault)
{
    return fault_set(fault, FAULT_INVALID, TEXT_STORE_DIVISION_ROW,
                     text_integer((int64_t)index + 1), text_span(value));
}

// The tree that stands, and the ids of its codes.
static enum fault_code read_standing(struct store *store, struct tree *tree, json_t *ids,
                                     struct fault *fault)
{
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = store_reader_open(store, &system, 0, &reader, fault);
    if (code == FAULT_NONE)
        code = database_prepare(&reader->database, STATE_SQL_READ_TREE, &statement, fault);
    if (code == FAULT_NONE)
        code = database_step(&reader->database, statement, &is_row, fault);
    if (code != FAULT_NONE)
        goto out;
    tree->base = is_row ? sqlite3_column_int64(statement, 0) : 0;
    tree->id_max = is_row ? sqlite3_column_int64(statement, 1) : 0;
    sqlite3_reset(statement);
    code = database_prepare(&reader->database, STATE_SQL_WALK_TREE, &statement, fault);
    if (code != FAULT_NONE)
        goto out;
    sqlite3_bind_int64(statement, 1, tree->base);
    for (is_row = true; code == FAULT_NONE && is_row;) {
        code = database_step(&reader->database, statement, &is_row, fault);
        if (code == FAULT_NONE && is_row)
            json_object_setn_new_nocheck(ids, (const char *)sqlite3_column_text(statement, 0),
                                         (size_t)sqlite3_column_bytes(statement, 0),
                                         json_integer(sqlite3_column_int64(statement, 1)));
    }
    sqlite3_reset(statement);
out:
    store_reader_close(reader);
    return code;
}

static bool is_name(struct span name)
{
    return name.size <= NAME_SIZE && span_is_text(name);
}

// One row: what it says, its id, its parent (which must have come before it). `places`: code ->
// where it stands among the rows.
static enum fault_code take_row(struct tree *tree, size_t index, const json_t *given,
                                const json_t *ids, json_t *places, struct fault *fault)
{
    struct division *row = &tree->row[index];
    struct span parent = json_text_or(given, "parent", "");
    int64_t level = json_integer_or(given, "level", -1);
    if (json_read_text(given, "code", &row->code, fault) != FAULT_NONE ||
        json_read_text(given, "name_zh", &row->name_zh, fault) != FAULT_NONE ||
        json_read_text(given, "name_en", &row->name_en, fault) != FAULT_NONE)
        return fault->code;
    if (row->code.size == 0 || row->code.size > CODE_SIZE || !span_is_text(row->code) ||
        level < 0 || level > LEVEL_MAX || !is_name(row->name_zh) || !is_name(row->name_en) ||
        json_object_getn(places, row->code.data, row->code.size) != NULL)
        return refuse_row(index, row->code, fault);
    json_t *above = json_object_getn(places, parent.data, parent.size);
    if (parent.size > 0 && above == NULL)
        return refuse_row(index, parent, fault);
    if (parent.size == 0 && index > 0)
        return refuse_row(index, row->code, fault);
    const json_t *id = json_object_getn(ids, row->code.data, row->code.size);
    row->id = id != NULL ? json_integer_value(id) : ++tree->id_max;
    row->parent = above != NULL ? (int32_t)json_integer_value(above) : -1;
    row->level = (int32_t)level;
    row->is_fictional = json_is_true(json_object_get(given, "is_fictional")) ||
                        json_integer_or(given, "is_fictional", 0) == 1;
    json_object_setn_new_nocheck(places, row->code.data, row->code.size,
                                 json_integer((json_int_t)index));
    return FAULT_NONE;
}

// Each division takes the next position; its interval ends with its last descendant. Each row is
// entered once and left once.
static void set_positions(struct tree *tree)
{
    struct division *row = tree->row;
    for (size_t i = 0; i < tree->count; i++)
        row[i].first_child = row[i].sibling = -1;
    for (size_t i = tree->count; i-- > 1;) {
        assert(row[i].parent >= 0 && (size_t)row[i].parent < i);
        row[i].sibling = row[row[i].parent].first_child;
        row[row[i].parent].first_child = (int32_t)i;
    }
    int32_t position = 0, at = 0;
    while (at >= 0) {
        row[at].low = position++;
        if (row[at].first_child >= 0) {
            at = row[at].first_child;
            continue;
        }
        row[at].high = position - 1;
        while (at >= 0 && row[at].sibling < 0) {
            at = row[at].parent;
            if (at >= 0)
                row[at].high = position - 1;
        }
        at = at >= 0 ? row[at].sibling : -1;
    }
    assert((size_t)position == tree->count);
}

static enum fault_code take_rows(struct store *store, const json_t *given, struct tree *tree,
                                 struct fault *fault)
{
    json_t *ids = json_object(), *places = json_object();
    tree->count = json_array_size(given);
    enum fault_code code = FAULT_NONE;
    if (tree->count == 0)
        code = refuse_row(0, (struct span){0}, fault);
    else if (tree->count > LIMIT_DIVISIONS)
        code = fault_set(fault, FAULT_FULL, TEXT_STORE_DIVISIONS_TOO_MANY,
                         text_integer((int64_t)tree->count), text_integer(LIMIT_DIVISIONS));
    if (code == FAULT_NONE)
        code = read_standing(store, tree, ids, fault);
    if (code == FAULT_NONE &&
        (tree->row = memory_allocate(tree->count * sizeof *tree->row)) == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    for (size_t i = 0; code == FAULT_NONE && i < tree->count; i++)
        code = take_row(tree, i, json_array_get(given, i), ids, places, fault);
    if (code == FAULT_NONE && json_has_lost_memory())
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE)
        set_positions(tree);
    json_decref(ids);
    json_decref(places);
    return code;
}

// ---- Sending parts ---------------------------------------------------------------------------

static json_t *make_row(const struct tree *tree, size_t index)
{
    const struct division *row = &tree->row[index];
    int64_t parent = row->parent >= 0 ? tree->row[row->parent].id : 0;
    return json_pack("{s:I, s:s%, s:I, s:i, s:i, s:i, s:s%, s:s%, s:i}", "id", (json_int_t)row->id,
                     "code", row->code.data, row->code.size, "parent", (json_int_t)parent, "level",
                     (int)row->level, "low", (int)row->low, "high", (int)row->high, "name_zh",
                     row->name_zh.data, row->name_zh.size, "name_en", row->name_en.data,
                     row->name_en.size, "is_fictional", (int)row->is_fictional);
}

// The part's id: derived from that of the load, the tree, and what it says, so that two senders of
// one id never mix two trees.
static bool derive_id(const json_t *body, const unsigned char id[COMMAND_ID_SIZE],
                      unsigned char ret_id[COMMAND_ID_SIZE])
{
    unsigned char seed[COMMAND_ID_SIZE + LEDGER_HASH_SIZE];
    struct arena arena = {0};
    struct span text = json_write(body, &arena);
    bool is_derived = text.data != NULL;
    if (is_derived) {
        struct ledger_hash hash = store_hash(text);
        memcpy(seed, id, COMMAND_ID_SIZE);
        memcpy(seed + COMMAND_ID_SIZE, hash.bytes, LEDGER_HASH_SIZE);
        hash = store_hash((struct span){(const char *)seed, sizeof seed});
        memcpy(ret_id, hash.bytes, COMMAND_ID_SIZE);
    }
    arena_reset(&arena);
    return is_derived;
}

// Part 1 (`landed` 0) has the id of the load and makes the tree.
static enum fault_code send_part(struct store *store, const struct command_request *load,
                                 const struct tree *tree, int part, int64_t landed,
                                 json_t **ret_answer, struct fault *fault)
{
    size_t from = (size_t)(part - 1) * LIMIT_DIVISION_PART_ROWS,
           to = from + LIMIT_DIVISION_PART_ROWS;
    int parts = (int)((tree->count - 1) / LIMIT_DIVISION_PART_ROWS) + 1;
    json_t *rows = json_array();
    for (size_t i = from; i < to && i < tree->count; i++)
        json_array_append_new(rows, make_row(tree, i));
    json_t *body = json_pack("{s:I, s:I, s:I, s:i, s:i, s:o}", "tree", (json_int_t)landed, "base",
                             (json_int_t)tree->base, "id_max", (json_int_t)tree->id_max, "part",
                             part, "parts", parts, "rows", rows);
    struct command_request request = {.name = "divisions.land", .body = body, .actor = load->actor};
    request.actor.role = ROLE_SYSTEM; // Who may was asked of the load.
    memcpy(request.id, load->id, COMMAND_ID_SIZE);
    enum fault_code code = FAULT_NONE;
    if (body == NULL || json_has_lost_memory() ||
        (part > 1 && !derive_id(body, load->id, request.id)))
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE)
        code = store_run_command(store, &request, ret_answer, fault);
    json_decref(body);
    return code;
}

static void drop(struct store *store, const struct store_actor *actor, int64_t tree)
{
    struct fault ignored = {0}; // The next opening of the store clears it away otherwise.
    json_t *body = json_pack("{s:I}", "tree", (json_int_t)tree);
    struct command_request request = {.name = "divisions.drop", .body = body, .actor = *actor};
    request.actor.role = ROLE_SYSTEM;
    for (int i = 0; i <= LIMIT_DIVISIONS / LIMIT_DIVISION_DROP_ROWS + 1; i++)
        if (store_run_command(store, &request, NULL, &ignored) != FAULT_NONE)
            break; // It is gone.
    json_decref(body);
}

static enum fault_code send_parts(struct store *store, const struct command_request *load,
                                  const struct tree *tree, json_t **ret_answer, struct fault *fault)
{
    int parts = (int)((tree->count - 1) / LIMIT_DIVISION_PART_ROWS) + 1;
    json_t *answer = NULL;
    enum fault_code code = send_part(store, load, tree, 1, 0, &answer, fault);
    if (code != FAULT_NONE)
        return code;
    int64_t landed = json_integer_or(answer, "sequence", 0);
    for (int part = 2; part <= parts && code == FAULT_NONE; part++)
        code = send_part(store, load, tree, part, landed, NULL, fault);
    if (code != FAULT_NONE)
        drop(store, &load->actor, landed);
    else if (ret_answer != NULL)
        *ret_answer = json_incref(answer);
    json_decref(answer);
    return code;
}

// The first answer of a load that has landed; NULL: there was none.
static enum fault_code find_landed(struct store *store, const unsigned char id[COMMAND_ID_SIZE],
                                   json_t **ret_answer, struct fault *fault)
{
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = store_reader_open(store, &system, 0, &reader, fault);
    if (code == FAULT_NONE)
        code = database_prepare(&reader->database, STATE_SQL_FIND_TREE, &statement, fault);
    if (code != FAULT_NONE)
        goto out;
    sqlite3_bind_blob(statement, 1, id, COMMAND_ID_SIZE, SQLITE_STATIC);
    code = database_step(&reader->database, statement, &is_row, fault);
    if (code == FAULT_NONE && is_row && sqlite3_column_int(statement, 1) == 0)
        code = fault_set(fault, FAULT_BUSY, TEXT_STORE_DIVISIONS_UNDER_WAY, {0});
    else if (code == FAULT_NONE && is_row)
        *ret_answer = command_make_answer(store, sqlite3_column_int64(statement, 0), NULL);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
out:
    store_reader_close(reader);
    return code;
}

enum fault_code divisions_send(struct store *store, const struct command_request *request,
                               json_t **ret_answer, struct fault *fault)
{
    static const unsigned char none[COMMAND_ID_SIZE];
    struct command_request load = *request;
    struct tree tree = {0};
    json_t *answer = NULL;
    if (memcmp(load.id, none, COMMAND_ID_SIZE) == 0)
        store_make_id(load.id);
    json_watch_memory();
    enum fault_code code = find_landed(store, load.id, &answer, fault);
    if (code == FAULT_NONE && answer == NULL) {
        code = take_rows(store, json_object_get(load.body, "rows"), &tree, fault);
        if (code == FAULT_NONE)
            code = send_parts(store, &load, &tree, &answer, fault);
    }
    memory_free(tree.row);
    if (code == FAULT_NONE && ret_answer != NULL)
        *ret_answer = json_incref(answer);
    json_decref(answer);
    return code;
}

// ---- On the writer ---------------------------------------------------------------------------

// What the state knows of a tree. `standing`: the newest whole one.
struct tree_state {
    int64_t standing, landed;
    bool is_open;
};

static enum fault_code read_tree_state(struct command *command, int64_t tree,
                                       struct tree_state *ret_state, struct fault *fault)
{
    struct database *database = &command->store->state.database;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = database_prepare(database, STATE_SQL_READ_TREE_STATE, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, tree);
    code = database_step(database, statement, &is_row, fault);
    if (code == FAULT_NONE && is_row)
        *ret_state = (struct tree_state){.standing = sqlite3_column_int64(statement, 0),
                                         .landed = sqlite3_column_int64(statement, 1),
                                         .is_open = sqlite3_column_int(statement, 2) != 0};
    sqlite3_reset(statement);
    return code;
}

enum fault_code divisions_land(struct command *command, struct fault *fault)
{
    int64_t tree = command_integer(command, "tree"), part = command_integer(command, "part"),
            parts = command_integer(command, "parts");
    json_t *rows = json_object_get(command->body, "rows");
    struct tree_state state = {0};
    enum fault_code code = read_tree_state(command, tree, &state, fault);
    if (code != FAULT_NONE)
        return code;
    bool is_next = part == 1 ? tree == 0 : state.is_open && state.landed == part - 1;
    if (!is_next || part > parts || json_array_size(rows) == 0 ||
        json_array_size(rows) > LIMIT_DIVISION_PART_ROWS)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_PART_MALFORMED, text_integer(part),
                         text_integer(parts));
    if (state.standing != command_integer(command, "base"))
        return fault_set(fault, FAULT_BUSY, TEXT_STORE_DIVISIONS_CHANGED, {0});
    json_t *body = json_copy(command->body);
    json_object_del(body, "part"); // They stand in the head.
    json_object_del(body, "parts");
    struct entry_draft draft = {.type = "divisions.loaded",
                                .form = 1,
                                .body = body,
                                .part = (int)part,
                                .parts = (int)parts};
    return command_emit(command, &draft, NULL, fault);
}

enum fault_code divisions_drop(struct command *command, struct fault *fault)
{
    int64_t tree = command_integer(command, "tree");
    struct tree_state state = {0};
    enum fault_code code = read_tree_state(command, tree, &state, fault);
    if (code == FAULT_NONE && !state.is_open)
        code = fault_set(fault, FAULT_MISSING, TEXT_STORE_BATCH_CLOSED, text_integer(tree));
    if (code != FAULT_NONE)
        return code;
    struct entry_draft draft = {.type = "divisions.dropped",
                                .form = 1,
                                .body = json_pack("{s:I}", "tree", (json_int_t)tree)};
    return command_emit(command, &draft, NULL, fault);
}
