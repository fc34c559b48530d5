// SPDX-License-Identifier: GPL-3.0-or-later
//
// readings.c: a batch of readings is checked, cut into parts and landed.
//
// Rows are sorted by series and period first: then a conflict is two neighbours, the parts go in at
// the end of the table, and one walk over the series in scope shows which row has none. The first
// part's sequence is the batch's id; the other parts name it. Their command ids are derived from
// the first one's, so that a batch that is sent again is the same batch.
//
//     rows ─ sort ─ conflicts? ─ series? ─► part 1 ─► id ─► parts 2..n, a few on the way at a time
//
// A part holds the writer for a few milliseconds; others' commands go in between. When a part is
// refused the batch is dropped, and nobody has seen anything of it.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/store_priv.h"

enum { PARTS_ON_THE_WAY = 4 };

// Drops what stands twice; refuses what contradicts itself.
static enum fault_code drop_doubles(struct ordered_row *rows, size_t *count, struct fault *fault)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        struct ordered_row *before = kept > 0 ? &rows[kept - 1] : NULL;
        if (before == NULL || before->series != rows[i].series || before->period != rows[i].period)
            rows[kept++] = rows[i];
        else if (before->value_scaled != rows[i].value_scaled)
            return fault_set(fault, FAULT_INVALID, TEXT_STORE_READINGS_CONFLICT,
                             text_integer((int64_t)before->index + 1),
                             text_integer((int64_t)rows[i].index + 1),
                             text_integer(rows[i].series));
    }
    *count = kept;
    return FAULT_NONE;
}

static enum fault_code take_rows(const struct reading *given, size_t *count,
                                 struct ordered_row **ret_rows, struct fault *fault)
{
    if (*count > LIMIT_BATCH_ROWS)
        return fault_set(fault, FAULT_FULL, TEXT_STORE_BATCH_TOO_BIG, text_integer((int64_t)*count),
                         text_integer(LIMIT_BATCH_ROWS));
    struct ordered_row *rows = memory_allocate((*count + 1) * sizeof *rows);
    if (rows == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    for (size_t i = 0; i < *count; i++)
        rows[i] = (struct ordered_row){.series = given[i].series,
                                       .value_scaled = given[i].value_scaled,
                                       .period = given[i].period,
                                       .index = (uint32_t)i};
    enum fault_code code = order_rows(rows, *count)
                               ? drop_doubles(rows, count, fault)
                               : fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE)
        *ret_rows = rows;
    else
        memory_free(rows);
    return code;
}

static enum fault_code refuse_row(const struct ordered_row *row, enum text_key key,
                                  struct fault *fault)
{
    return fault_set(fault, FAULT_INVALID, key, text_integer((int64_t)row->index + 1),
                     text_integer(row->series));
}

// Every series is in the reader's scope and of the batch's origin.
static enum fault_code check_series(struct store_reader *reader, const struct ordered_row *rows,
                                    size_t count, bool is_simulated, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = true;
    if (count == 0)
        return FAULT_NONE;
    enum fault_code code =
        database_prepare(&reader->database, STATE_SQL_WALK_SCOPED_SERIES, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, rows[0].series);
    sqlite3_bind_int64(statement, 2, rows[count - 1].series);
    sqlite3_bind_int64(statement, 3, reader->actor.low);
    sqlite3_bind_int64(statement, 4, reader->actor.high);
    for (size_t i = 0; code == FAULT_NONE && i < count;) {
        code = database_step(&reader->database, statement, &is_row, fault);
        if (code != FAULT_NONE)
            break;
        int64_t series = is_row ? sqlite3_column_int64(statement, 0) : INT64_MAX;
        if (rows[i].series < series)
            code = refuse_row(&rows[i], TEXT_STORE_READINGS_SERIES, fault);
        else if (rows[i].series == series &&
                 (sqlite3_column_int(statement, 1) != 0) != is_simulated)
            code = refuse_row(&rows[i], TEXT_STORE_READINGS_ORIGIN, fault);
        while (i < count && rows[i].series == series)
            i++;
    }
    sqlite3_reset(statement);
    return code;
}

static const char *text_or_empty(const char *text)
{
    return text != NULL ? text : "";
}

static json_t *make_body(const struct reading_batch *batch, int64_t division, int64_t known_at)
{
    return json_pack("{s:i, s:I, s:I, s:b, s:s, s:s, s:s}", "batch", 0, "division",
                     (json_int_t)division, "known_at", (json_int_t)known_at, "is_simulated",
                     batch->is_simulated, "source", text_or_empty(batch->source), "source_zh",
                     text_or_empty(batch->source_zh != NULL ? batch->source_zh : batch->source),
                     "note", text_or_empty(batch->note));
}

// ---- Sending parts ---------------------------------------------------------------------------

struct landing {
    struct store *store;
    const struct reading_batch *batch;
    const struct readings_progress *progress;
    const struct ordered_row *rows;
    size_t count;
    json_t *body;
    struct command_request request;
    int parts;
    unsigned char payload[LANDING_PAYLOAD_SIZE(LIMIT_BATCH_PART_ROWS)];
    // Parts on the way.
    pthread_mutex_t mutex;
    pthread_cond_t has_ended;
    int on_the_way;
    struct fault fault;
};

static size_t rows_of(const struct landing *landing, int part)
{
    size_t from = (size_t)(part - 1) * LIMIT_BATCH_PART_ROWS;
    size_t left = landing->count - from;
    return left < LIMIT_BATCH_PART_ROWS ? left : LIMIT_BATCH_PART_ROWS;
}

static void make_part(struct landing *landing, int part, const unsigned char id[COMMAND_ID_SIZE])
{
    size_t from = (size_t)(part - 1) * LIMIT_BATCH_PART_ROWS;
    size_t size = landing_write(landing->rows + from, rows_of(landing, part), landing->payload);
    // A body of its own: that of the part before may still be read.
    json_t *body = json_copy(landing->body);
    json_object_set_new(body, "part", json_integer(part));
    json_object_set_new(body, "parts", json_integer(landing->parts));
    landing->request.name = "readings.land";
    landing->request.body = body;
    landing->request.payload = (struct span){(const char *)landing->payload, size};
    memcpy(landing->request.id, id, COMMAND_ID_SIZE);
    if (part > 1) {
        unsigned char seed[COMMAND_ID_SIZE + 4];
        memcpy(seed, id, COMMAND_ID_SIZE);
        landing_put(seed + COMMAND_ID_SIZE, (uint64_t)part, 4);
        struct ledger_hash hash = store_hash((struct span){(const char *)seed, sizeof seed});
        memcpy(landing->request.id, hash.bytes, COMMAND_ID_SIZE);
    }
}

static void part_has_ended(void *context, const struct command_result *result)
{
    struct landing *landing = context;
    pthread_mutex_lock(&landing->mutex);
    landing->on_the_way--;
    if (result->code != FAULT_NONE && landing->fault.code == FAULT_NONE)
        landing->fault = *result->fault;
    pthread_cond_signal(&landing->has_ended);
    pthread_mutex_unlock(&landing->mutex);
}

// Waits until fewer than `limit` parts are on the way; returns what went wrong so far.
static enum fault_code wait_for_parts(struct landing *landing, int limit)
{
    pthread_mutex_lock(&landing->mutex);
    while (landing->on_the_way >= limit)
        pthread_cond_wait(&landing->has_ended, &landing->mutex);
    enum fault_code code = landing->fault.code;
    pthread_mutex_unlock(&landing->mutex);
    return code;
}

static enum fault_code send_part(struct landing *landing, int part,
                                 const unsigned char id[COMMAND_ID_SIZE], struct fault *fault)
{
    if (wait_for_parts(landing, PARTS_ON_THE_WAY) != FAULT_NONE)
        return FAULT_NONE; // Told at the end.
    make_part(landing, part, id);
    enum fault_code code = FAULT_NONE;
    if (!landing->store->is_holder) {
        code = store_run_command(landing->store, &landing->request, NULL, fault);
    } else {
        pthread_mutex_lock(&landing->mutex);
        landing->on_the_way++;
        pthread_mutex_unlock(&landing->mutex);
        code = writer_post(landing->store, &landing->request, part_has_ended, landing, fault);
        if (code != FAULT_NONE) {
            pthread_mutex_lock(&landing->mutex);
            landing->on_the_way--;
            pthread_mutex_unlock(&landing->mutex);
        }
    }
    json_decref(landing->request.body);
    return code;
}

static void report(const struct landing *landing, int part)
{
    const struct readings_progress *progress = landing->progress;
    size_t done = (size_t)part * LIMIT_BATCH_PART_ROWS;
    if (progress != NULL && progress->report != NULL)
        progress->report(progress->context, done < landing->count ? done : landing->count,
                         landing->count);
}

static void drop(struct landing *landing, int64_t batch)
{
    struct fault ignored = {0}; // The next opening of the store clears it away otherwise.
    json_t *body = json_pack("{s:I, s:O}", "batch", (json_int_t)batch, "division",
                             json_object_get(landing->body, "division"));
    struct command_request request = {
        .name = "readings.drop", .body = body, .actor = landing->request.actor};
    store_run_command(landing->store, &request, NULL, &ignored);
    json_decref(body);
}

static enum fault_code send_parts(struct landing *landing, int64_t *ret_batch, struct fault *fault)
{
    unsigned char id[COMMAND_ID_SIZE];
    static const unsigned char none[COMMAND_ID_SIZE];
    json_t *answer = NULL;
    memcpy(id, landing->batch->id, COMMAND_ID_SIZE);
    if (memcmp(id, none, COMMAND_ID_SIZE) == 0)
        store_make_id(id);
    make_part(landing, 1, id);
    enum fault_code code = store_run_command(landing->store, &landing->request, &answer, fault);
    json_decref(landing->request.body);
    if (code != FAULT_NONE)
        return code;
    int64_t batch = json_integer_or(answer, "sequence", 0);
    json_decref(answer);
    json_object_set_new(landing->body, "batch", json_integer(batch));
    report(landing, 1);
    for (int part = 2; part <= landing->parts && code == FAULT_NONE; part++) {
        code = send_part(landing, part, id, fault);
        report(landing, part);
    }
    if (wait_for_parts(landing, 1) != FAULT_NONE && code == FAULT_NONE) {
        *fault = landing->fault;
        code = fault->code;
    }
    if (code != FAULT_NONE)
        drop(landing, batch);
    else if (ret_batch != NULL)
        *ret_batch = batch;
    return code;
}

enum fault_code readings_land(struct store *store, const struct store_actor *actor,
                              const struct reading_batch *batch, const struct reading *rows,
                              size_t count, const struct readings_progress *progress,
                              int64_t *ret_batch, struct fault *fault)
{
    struct store_reader *reader = NULL;
    struct ordered_row *sorted = NULL;
    struct landing *landing = NULL;
    enum fault_code code = FAULT_NONE;
    if (count == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_BATCH_EMPTY, {0});
    code = take_rows(rows, &count, &sorted, fault);
    if (code == FAULT_NONE)
        code = store_reader_open(store, actor, 0, &reader, fault);
    if (code == FAULT_NONE)
        code = check_series(reader, sorted, count, batch->is_simulated, fault);
    store_reader_close(reader);
    if (code == FAULT_NONE && (landing = memory_allocate(sizeof *landing)) == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code != FAULT_NONE)
        goto out;
    *landing = (struct landing){.store = store,
                                .batch = batch,
                                .progress = progress,
                                .rows = sorted,
                                .count = count,
                                .parts = (int)((count - 1) / LIMIT_BATCH_PART_ROWS) + 1,
                                .mutex = PTHREAD_MUTEX_INITIALIZER,
                                .has_ended = PTHREAD_COND_INITIALIZER};
    // Checked in the actor's scope; from here on it is the program that lands the parts.
    landing->request.actor = *actor;
    landing->request.actor.role = ROLE_SYSTEM;
    landing->body = make_body(batch, batch->division != 0 ? batch->division : store->division,
                              batch->known_at != 0 ? batch->known_at : store_business_time(store));
    code = send_parts(landing, ret_batch, fault);
    json_decref(landing->body);
    memory_free(landing);
out:
    memory_free(sorted);
    return code;
}

enum fault_code readings_emit(struct command *command, const struct reading_batch *batch,
                              const struct reading *rows, size_t count, int64_t *ret_batch,
                              struct fault *fault)
{
    struct ordered_row *sorted = NULL;
    assert(count > 0 && count <= LIMIT_BATCH_PART_ROWS);
    enum fault_code code = take_rows(rows, &count, &sorted, fault);
    if (code != FAULT_NONE)
        return code;
    unsigned char *payload = arena_allocate(command->arena, LANDING_PAYLOAD_SIZE(count));
    code = check_series(command->reader, sorted, count, batch->is_simulated, fault);
    if (code == FAULT_NONE && payload == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE) {
        int64_t division = batch->division != 0 ? batch->division : command->store->division;
        json_t *body =
            make_body(batch, division, batch->known_at != 0 ? batch->known_at : command->time);
        json_object_del(body, "division");
        size_t size = landing_write(sorted, count, payload);
        struct entry_draft draft = {.type = "readings.landed",
                                    .form = 1,
                                    .division = division,
                                    .body = body,
                                    .payload = {(const char *)payload, size}};
        code = command_emit(command, &draft, ret_batch, fault);
    }
    memory_free(sorted);
    return code;
}
