// SPDX-License-Identifier: GPL-3.0-or-later
//
// ports.c: the thread that brings rings out, port by port, and records what became of them.
//
// It sleeps until something was committed (ports_wake) or a message is to be tried again. For each
// port it asks which rings that port has not sent, so its place is in the state and not in memory;
// only the pauses between tries are in memory, and a restart forgets them, which does no harm.
//
// Log lines name port, ring and outcome, and no person.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "ports/ports_priv.h"
#include "store/command.h"
#include "store/query.h"
#include "store/store.h"

enum { TRIES = 8, PAUSE_MS = 5 * 1000, PAUSE_MS_MAX = 10 * 60 * 1000, IDLE_MS = 60 * 1000 };

struct retry {
    int64_t ring; // 0: unused
    int port;
    int count;
    int64_t next_ms;
};

struct ports {
    struct store *store;
    const char *url;
    struct arena arena; // of the table
    struct port port[LIMIT_PORTS];
    int count;
    struct retry retry[LIMIT_PORT_RETRIES];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_awake, is_ending;
};

static int64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct retry *find_retry(struct ports *ports, int port, int64_t ring)
{
    for (int i = 0; i < LIMIT_PORT_RETRIES; i++)
        if (ports->retry[i].ring == ring && ports->retry[i].port == port)
            return &ports->retry[i];
    return NULL;
}

static void record(struct ports *ports, int port, const json_t *row, const char *outcome)
{
    struct fault fault = {.code = FAULT_NONE};
    struct command_request request = {
        .name = "ring.record",
        .body = json_pack("{s:O,s:s,s:s}", "ring", json_object_get(row, "ring"), "port",
                          ports->port[port].name, "outcome", outcome),
        .actor = store_system_actor(),
    };
    if (store_run_command(ports->store, &request, NULL, &fault) != FAULT_NONE)
        log_fault("port.record", &fault);
    json_decref(request.body);
}

// Notes a failure. True: it was the last try.
static bool note_failure(struct ports *ports, int port, int64_t ring)
{
    struct retry *retry = find_retry(ports, port, ring);
    if (retry == NULL)
        retry = find_retry(ports, 0, 0);
    if (retry == NULL)
        return true; // no place to remember it: the record must say so now
    if (retry->ring == 0)
        *retry = (struct retry){.ring = ring, .port = port};
    int64_t pause = (int64_t)PAUSE_MS << retry->count;
    retry->next_ms = clock_ms() + (pause < PAUSE_MS_MAX ? pause : PAUSE_MS_MAX);
    return ++retry->count >= TRIES;
}

static void forget(struct ports *ports, int port, int64_t ring)
{
    struct retry *retry = find_retry(ports, port, ring);
    if (retry != NULL)
        *retry = (struct retry){.ring = 0};
}

static void send_ring(struct ports *ports, int index, const json_t *row, struct arena *arena)
{
    const struct port *port = &ports->port[index];
    struct fault fault = {.code = FAULT_NONE};
    int64_t ring = json_integer_or(row, "ring", 0);
    char id[48];
    store_write_id(ports->store, ring, id, sizeof id);
    struct span message = port_message(row, id, ports->url, arena);
    if (port->kind->send(port, message, &fault) == FAULT_NONE) {
        forget(ports, index, ring);
        record(ports, index, row, port->kind->outcome);
        return;
    }
    log_fault("port.send", &fault);
    if (note_failure(ports, index, ring)) {
        forget(ports, index, ring);
        record(ports, index, row, "failed");
    }
}

static bool is_ending(struct ports *ports)
{
    pthread_mutex_lock(&ports->lock);
    bool is_ending = ports->is_ending;
    pthread_mutex_unlock(&ports->lock);
    return is_ending;
}

// Everything that one port has not sent.
static void send_all(struct ports *ports, int index, struct arena *arena)
{
    struct fault fault = {.code = FAULT_NONE};
    struct store_actor actor = store_system_actor();
    json_t *parameters = json_pack("{s:s}", "port", ports->port[index].name), *rows = NULL;
    if (store_query(ports->store, QUERY_RING_PENDING, &actor, 0, parameters, &rows, &fault) !=
        FAULT_NONE)
        log_fault("port.read", &fault);
    for (size_t i = 0; i < json_array_size(rows) && !is_ending(ports); i++) {
        const json_t *row = json_array_get(rows, i);
        const struct retry *retry = find_retry(ports, index, json_integer_or(row, "ring", 0));
        if (retry == NULL || retry->next_ms <= clock_ms())
            send_ring(ports, index, row, arena);
        arena_reset(arena);
    }
    json_decref(rows);
    json_decref(parameters);
}

// When the thread must look again although nothing was committed.
static int64_t next_look_ms(const struct ports *ports)
{
    int64_t next = clock_ms() + IDLE_MS;
    for (int i = 0; i < LIMIT_PORT_RETRIES; i++)
        if (ports->retry[i].ring != 0 && ports->retry[i].next_ms < next)
            next = ports->retry[i].next_ms;
    return next;
}

static void *run_ports(void *context)
{
    struct ports *ports = context;
    struct arena arena = {NULL, 0, 0};
    while (!is_ending(ports)) {
        for (int i = 0; i < ports->count; i++)
            send_all(ports, i, &arena);
        int64_t next = next_look_ms(ports);
        struct timespec until = {next / 1000, next % 1000 * 1000000};
        pthread_mutex_lock(&ports->lock);
        int outcome = 0;
        while (!ports->is_awake && !ports->is_ending && outcome != ETIMEDOUT)
            outcome = pthread_cond_timedwait(&ports->changed, &ports->lock, &until);
        ports->is_awake = false;
        pthread_mutex_unlock(&ports->lock);
    }
    arena_reset(&arena);
    return NULL;
}

// Reads ports.json; a file that is not there is an empty table.
static enum fault_code read_file(const char *folder, struct arena *arena, struct span *ret_text,
                                 struct fault *fault)
{
    struct stat about;
    const char *path = arena_print(arena, "%s/ports.json", folder);
    int descriptor = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && path != NULL && errno == ENOENT) {
        *ret_text = span_from("");
        return FAULT_NONE;
    }
    char *bytes = NULL;
    ssize_t size = -1;
    if (descriptor >= 0 && fstat(descriptor, &about) == 0 &&
        about.st_size <= LIMIT_COMMAND_BODY_SIZE)
        bytes = arena_allocate(arena, (size_t)about.st_size + 1);
    if (bytes != NULL)
        size = read(descriptor, bytes, (size_t)about.st_size);
    int reason = errno;
    if (descriptor >= 0)
        close(descriptor);
    if (size < 0)
        return fault_set(fault, FAULT_IO, TEXT_BASE_FILE_UNREADABLE, text_string("ports.json"),
                         text_string(strerror(reason)));
    *ret_text = (struct span){bytes, (size_t)size};
    return FAULT_NONE;
}

enum fault_code ports_start(const struct ports_options *options, struct ports **ret_ports,
                            struct fault *fault)
{
    struct span text = {NULL, 0};
    struct ports *ports = memory_allocate(sizeof *ports);
    if (ports == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    const char *folder = store_folder(options->store);
    ports->store = options->store;
    ports->url = span_to_string(span_from(options->url), &ports->arena);
    bool is_recorded = store_kind_of(options->store) != STORE_LIVE;
    enum fault_code code = read_file(folder, &ports->arena, &text, fault);
    if (code == FAULT_NONE)
        code =
            ports_read(text, folder, is_recorded, &ports->arena, ports->port, &ports->count, fault);
    if (code == FAULT_NONE) {
        pthread_mutex_init(&ports->lock, NULL);
        pthread_cond_init(&ports->changed, NULL);
        if (pthread_create(&ports->thread, NULL, run_ports, ports) != 0)
            code = fault_set(fault, FAULT_IO, TEXT_PORTS_THREAD);
    }
    if (code != FAULT_NONE) {
        arena_reset(&ports->arena);
        memory_free(ports);
        return code;
    }
    *ret_ports = ports;
    return FAULT_NONE;
}

void ports_wake(struct ports *ports)
{
    pthread_mutex_lock(&ports->lock);
    ports->is_awake = true;
    pthread_cond_signal(&ports->changed);
    pthread_mutex_unlock(&ports->lock);
}

int ports_count(const struct ports *ports)
{
    return ports->count;
}

void ports_stop(struct ports *ports)
{
    if (ports == NULL)
        return;
    pthread_mutex_lock(&ports->lock);
    ports->is_ending = true;
    pthread_cond_signal(&ports->changed);
    pthread_mutex_unlock(&ports->lock);
    pthread_join(ports->thread, NULL);
    pthread_cond_destroy(&ports->changed);
    pthread_mutex_destroy(&ports->lock);
    arena_reset(&ports->arena);
    memory_free(ports);
}
