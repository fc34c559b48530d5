// SPDX-License-Identifier: GPL-3.0-or-later
//
// live.c: GET /api/v1/live: server-sent events that say that something changed, never what.
//
//     event: changed\ndata: {"sequence": 4711}\n\n        at once, and after each durable group
//     :\n\n                                               after 15 s of silence
//
// A listener is a request whose answer never ends. While there is nothing to say its connection is
// suspended and costs nothing but its place; the ticker and web_live_wake resume it. Its session is
// looked at every second, which is no use of it: a listener that was signed out, or whose
// session ran out, is ended, and a page that is merely open does not stay signed in. Beyond
// LIMIT_HTTP_LISTENERS the answer is 503, and the page asks from time to time instead.
//
// Invariant: `is_asleep` is changed under the lock only, and a connection is resumed exactly once
// for each time it was suspended.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "web/web_priv.h"

enum { BEAT_MS = 15 * 1000, CHECK_MS = 900, TICK_MS = 1000, EVENT_SIZE = 96 };

struct listener {
    bool is_used;
    bool is_asleep;
    struct web_live *live;
    struct MHD_Connection *connection;
    char token[VAULT_TOKEN_SIZE];
    int64_t sent; // sequence
    int64_t sent_ms;
    _Atomic int64_t checked_ms; // when its session was last looked at
    char event[EVENT_SIZE];     // being sent
    size_t event_size, event_at;
};

struct web_live {
    pthread_mutex_t lock;
    pthread_cond_t ending;
    pthread_t ticker;
    bool is_ending;
    struct web_server *server;
    struct listener listener[LIMIT_HTTP_LISTENERS];
};

static void wake_locked(struct listener *listener)
{
    if (!listener->is_used || !listener->is_asleep)
        return;
    listener->is_asleep = false;
    MHD_resume_connection(listener->connection);
}

void web_live_wake(struct web_live *live)
{
    pthread_mutex_lock(&live->lock);
    for (int i = 0; i < LIMIT_HTTP_LISTENERS; i++)
        wake_locked(&live->listener[i]);
    pthread_mutex_unlock(&live->lock);
}

// Wakes those whose session is to be looked at; a beat that is due goes out with it.
static void *run_ticker(void *context)
{
    struct web_live *live = context;
    pthread_mutex_lock(&live->lock);
    while (!live->is_ending) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += TICK_MS / 1000;
        pthread_cond_timedwait(&live->ending, &live->lock, &until);
        int64_t now = web_clock_ms();
        for (int i = 0; i < LIMIT_HTTP_LISTENERS; i++)
            if (now - atomic_load(&live->listener[i].checked_ms) >= CHECK_MS || live->is_ending)
                wake_locked(&live->listener[i]);
    }
    pthread_mutex_unlock(&live->lock);
    return NULL;
}

enum fault_code web_live_open(struct web_server *server, struct web_live **ret_live,
                              struct fault *fault)
{
    struct web_live *live = memory_allocate(sizeof *live);
    if (live == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    live->server = server;
    pthread_mutex_init(&live->lock, NULL);
    pthread_cond_init(&live->ending, NULL);
    if (pthread_create(&live->ticker, NULL, run_ticker, live) != 0) {
        memory_free(live);
        return fault_set(fault, FAULT_IO, TEXT_WEB_THREADS);
    }
    *ret_live = live;
    return FAULT_NONE;
}

void web_live_close(struct web_live *live)
{
    if (live == NULL)
        return;
    pthread_mutex_lock(&live->lock);
    live->is_ending = true;
    pthread_cond_signal(&live->ending);
    pthread_mutex_unlock(&live->lock);
    pthread_join(live->ticker, NULL);
    pthread_cond_destroy(&live->ending);
    pthread_mutex_destroy(&live->lock);
    memory_free(live);
}

// Writes the next event into the listener. False: there is nothing to say yet.
static bool write_event(struct listener *listener, int64_t now)
{
    int64_t sequence = atomic_load(&listener->live->server->sequence);
    int size = 0;
    if (sequence > listener->sent)
        size = snprintf(listener->event, sizeof listener->event,
                        "event: changed\ndata: {\"sequence\": %" PRId64 "}\n\n", sequence);
    else if (now - listener->sent_ms >= BEAT_MS)
        size = snprintf(listener->event, sizeof listener->event, ":\n\n");
    if (size == 0)
        return false;
    listener->sent = sequence;
    listener->sent_ms = now;
    listener->event_size = (size_t)size;
    listener->event_at = 0;
    return true;
}

static bool has_ended(struct listener *listener, int64_t now)
{
    struct web_server *server = listener->live->server;
    if (atomic_load(&server->is_stopping))
        return true;
    if (now - atomic_load(&listener->checked_ms) < CHECK_MS)
        return false;
    atomic_store(&listener->checked_ms, now);
    return !web_sessions_holds(server->sessions, listener->token);
}

// The library asks for the next bytes of the answer.
static ssize_t read_events(void *context, uint64_t position, char *buffer, size_t size)
{
    struct listener *listener = context;
    struct web_server *server = listener->live->server;
    (void)position;
    if (listener->event_at == listener->event_size) {
        int64_t now = web_clock_ms();
        if (has_ended(listener, now))
            return MHD_CONTENT_READER_END_OF_STREAM;
        pthread_mutex_lock(&listener->live->lock);
        bool has_event = write_event(listener, now);
        if (!has_event && !atomic_load(&server->is_stopping)) {
            listener->is_asleep = true;
            MHD_suspend_connection(listener->connection);
        }
        pthread_mutex_unlock(&listener->live->lock);
        if (!has_event)
            return 0;
    }
    size_t left = listener->event_size - listener->event_at;
    size_t taken = left < size ? left : size;
    memcpy(buffer, listener->event + listener->event_at, taken);
    listener->event_at += taken;
    return (ssize_t)taken;
}

static void end_listener(void *context)
{
    struct listener *listener = context;
    pthread_mutex_lock(&listener->live->lock);
    assert(listener->is_used && !listener->is_asleep);
    listener->is_used = false;
    pthread_mutex_unlock(&listener->live->lock);
}

static struct listener *take_listener(struct web_live *live, struct web_request *request)
{
    struct listener *found = NULL;
    pthread_mutex_lock(&live->lock);
    for (int i = 0; i < LIMIT_HTTP_LISTENERS && found == NULL; i++)
        if (!live->listener[i].is_used)
            found = &live->listener[i];
    if (found != NULL)
        *found = (struct listener){
            .is_used = true,
            .live = live,
            .connection = request->connection,
            .sent = -1,
            .sent_ms = web_clock_ms(),
            .checked_ms = web_clock_ms(),
        };
    if (found != NULL && web_session_token(request) != NULL)
        snprintf(found->token, sizeof found->token, "%s", web_session_token(request));
    pthread_mutex_unlock(&live->lock);
    return found;
}

void web_live_run(struct web_request *request)
{
    struct listener *listener = take_listener(request->server->live, request);
    if (listener == NULL) {
        web_refuse(request, 503, FAULT_BUSY, TEXT_WEB_BUSY);
        return;
    }
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, 1024, read_events, listener, end_listener);
    if (response == NULL) {
        end_listener(listener);
        web_refuse(request, 503, FAULT_BUSY, TEXT_WEB_BUSY);
        return;
    }
    web_answer_stream(request, response, "text/event-stream");
}
