// SPDX-License-Identifier: GPL-3.0-or-later
//
// work.c: a few threads and a short queue for what takes long and is not the disk.
//
// A password hash takes 86 ms and 64 MiB, an import of 32 MiB some seconds: neither may hold a pool
// thread, which serves many connections. LIMIT_HTTP_WORK_THREADS bounds what runs at once (and so
// the memory), LIMIT_HTTP_WORK_QUEUE what waits; then the answer is 503.
//
// Invariant: a job that was taken is run, also while closing.
#include <assert.h>

#include "base/memory.h"
#include "web/web_priv.h"

struct work_job {
    void (*run)(void *context);
    void *context;
};

struct web_work {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    bool is_closing;
    int first, count;
    struct work_job queue[LIMIT_HTTP_WORK_QUEUE];
    int thread_count;
    pthread_t thread[LIMIT_HTTP_WORK_THREADS];
};

static void *run_worker(void *context)
{
    struct web_work *work = context;
    pthread_mutex_lock(&work->lock);
    for (;;) {
        while (work->count == 0 && !work->is_closing)
            pthread_cond_wait(&work->filled, &work->lock);
        if (work->count == 0)
            break;
        struct work_job job = work->queue[work->first];
        work->first = (work->first + 1) % LIMIT_HTTP_WORK_QUEUE;
        work->count--;
        pthread_mutex_unlock(&work->lock);
        job.run(job.context);
        pthread_mutex_lock(&work->lock);
    }
    pthread_mutex_unlock(&work->lock);
    return NULL;
}

enum fault_code web_work_open(int thread_count, struct web_work **ret_work, struct fault *fault)
{
    assert(thread_count > 0 && thread_count <= LIMIT_HTTP_WORK_THREADS);
    struct web_work *work = memory_allocate(sizeof *work);
    if (work == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    pthread_mutex_init(&work->lock, NULL);
    pthread_cond_init(&work->filled, NULL);
    for (int i = 0; i < thread_count; i++) {
        if (pthread_create(&work->thread[i], NULL, run_worker, work) != 0) {
            web_work_close(work);
            return fault_set(fault, FAULT_IO, TEXT_WEB_THREADS);
        }
        work->thread_count++;
    }
    *ret_work = work;
    return FAULT_NONE;
}

enum fault_code web_work_post(struct web_work *work, void (*run)(void *context), void *context,
                              struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    assert(run != NULL);
    pthread_mutex_lock(&work->lock);
    if (work->count == LIMIT_HTTP_WORK_QUEUE || work->is_closing) {
        code = fault_set(fault, FAULT_BUSY, TEXT_WEB_BUSY);
    } else {
        int last = (work->first + work->count) % LIMIT_HTTP_WORK_QUEUE;
        work->queue[last] = (struct work_job){run, context};
        work->count++;
        pthread_cond_signal(&work->filled);
    }
    pthread_mutex_unlock(&work->lock);
    return code;
}

void web_work_close(struct web_work *work)
{
    if (work == NULL)
        return;
    pthread_mutex_lock(&work->lock);
    work->is_closing = true;
    pthread_cond_broadcast(&work->filled);
    pthread_mutex_unlock(&work->lock);
    for (int i = 0; i < work->thread_count; i++)
        pthread_join(work->thread[i], NULL);
    assert(work->count == 0);
    pthread_cond_destroy(&work->filled);
    pthread_mutex_destroy(&work->lock);
    memory_free(work);
}
