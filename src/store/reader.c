// SPDX-License-Identifier: GPL-3.0-or-later
//
// reader.c: a pool of read-only connections, each a snapshot while it is held.
//
// A reader opens a transaction, so that everything it asks sees the same state; it gives up after
// LIMIT_READ_MS, so that no page holds the WAL for long; a scan, which needs longer, takes a new
// snapshot now and then and goes on by key. Connections are opened when first needed
// and kept. When all LIMIT_READERS are busy, the next waits as long as one read may last, then is
// refused.
#include <assert.h>
#include <errno.h>
#include <time.h>

#include "base/memory.h"
#include "store/store_priv.h"

void reader_pool_init(struct reader_pool *pool)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->is_free, &attributes);
    pthread_condattr_destroy(&attributes);
}

void reader_pool_close(struct reader_pool *pool)
{
    for (int i = 0; i < pool->open_count; i++) {
        assert(!pool->reader[i].is_busy);
        connection_close(&pool->reader[i]);
    }
    pool->open_count = 0;
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->is_free);
}

static struct store_reader *find_free(struct reader_pool *pool)
{
    for (int i = 0; i < pool->open_count; i++)
        if (!pool->reader[i].is_busy)
            return &pool->reader[i];
    return NULL;
}

// Takes a reader out of the pool. The mutex is held while a connection is opened: that is once in
// the life of each.
static enum fault_code take(struct store *store, struct store_reader **ret_reader,
                            struct fault *fault)
{
    struct reader_pool *pool = &store->pool;
    struct timespec until = {0};
    enum fault_code code = FAULT_NONE;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += LIMIT_READ_MS / 1000;
    pthread_mutex_lock(&pool->mutex);
    struct store_reader *reader = find_free(pool);
    if (reader == NULL && pool->open_count < LIMIT_READERS) {
        reader = &pool->reader[pool->open_count];
        code = connection_open(store, DATABASE_READER, reader, fault);
        pool->open_count += code == FAULT_NONE;
    }
    while (code == FAULT_NONE && reader == NULL) {
        int result = pthread_cond_timedwait(&pool->is_free, &pool->mutex, &until);
        reader = find_free(pool);
        if (reader == NULL && result == ETIMEDOUT)
            code = fault_set(fault, FAULT_BUSY, TEXT_STORE_READERS_BUSY, {0});
    }
    if (code == FAULT_NONE) {
        reader->is_busy = true;
        *ret_reader = reader;
    }
    pthread_mutex_unlock(&pool->mutex);
    return code;
}

static void give_back(struct store_reader *reader)
{
    struct reader_pool *pool = &reader->store->pool;
    pthread_mutex_lock(&pool->mutex);
    reader->is_busy = false;
    pthread_cond_signal(&pool->is_free);
    pthread_mutex_unlock(&pool->mutex);
}

static enum fault_code take_snapshot(struct store_reader *reader, struct fault *fault)
{
    int64_t applied = 0;
    reader->deadline_ms = steady_ms() + LIMIT_READ_MS;
    reader->is_in_memory = false;
    enum fault_code code = database_run(&reader->database, STATE_SQL_BEGIN_READING, fault);
    if (code == FAULT_NONE) // This read is what takes the snapshot.
        code = database_read_integer(&reader->database, STATE_SQL_READ_APPLIED, 0, &applied, fault);
    reader->sequence = applied - 1;
    return code;
}

enum fault_code store_reader_open(struct store *store, const struct store_actor *actor,
                                  int64_t as_of, struct store_reader **ret_reader,
                                  struct fault *fault)
{
    struct store_reader *reader = NULL;
    enum fault_code code = take(store, &reader, fault);
    if (code != FAULT_NONE)
        return code;
    reader->actor = *actor;
    code = take_snapshot(reader, fault);
    reader->as_of = as_of != 0 ? as_of : store_business_time(store);
    if (code == FAULT_NONE)
        *ret_reader = reader;
    else
        store_reader_close(reader);
    return code;
}

enum fault_code store_reader_renew(struct store_reader *reader, struct fault *fault)
{
    assert(!reader->is_writer && reader->is_busy);
    reader->deadline_ms = 0;
    enum fault_code code = database_run(&reader->database, STATE_SQL_COMMIT, fault);
    return code == FAULT_NONE ? take_snapshot(reader, fault) : code;
}

void store_reader_close(struct store_reader *reader)
{
    if (reader == NULL)
        return;
    assert(!reader->is_writer && reader->is_busy);
    reader->deadline_ms = 0;
    if (!sqlite3_get_autocommit(reader->database.connection))
        sqlite3_exec(reader->database.connection, state_sql[STATE_SQL_COMMIT], NULL, NULL, NULL);
    give_back(reader);
}

const struct store_actor *store_reader_actor(const struct store_reader *reader)
{
    return &reader->actor;
}

int64_t store_reader_as_of(const struct store_reader *reader)
{
    return reader->as_of;
}

int64_t store_reader_sequence(const struct store_reader *reader)
{
    return reader->sequence;
}

struct store *store_reader_store(const struct store_reader *reader)
{
    return reader->store;
}
