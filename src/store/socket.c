// SPDX-License-Identifier: GPL-3.0-or-later
//
// socket.c: other processes ask the holder of a store, over a socket in its folder.
//
// A frame either way:
//
//     0  size of the JSON (4)   4  size of the payload (4)   8  JSON   then the payload
//
// asked     {"name", "body", "id" (32 hexadecimal digits), "actor": {..}}     little-endian sizes
// answered  {"answer": {..}}  or  {"fault": {"code", "key", "arguments": [..]}}
//
// Who may: processes of the same user as the holder (SO_PEERCRED), since they could open the files
// as well; so the actor that they name is believed. At most LIMIT_CLIENTS are connected; each has a
// thread, which runs one command at a time. Sizes are bounded before anything is read.
//
// The socket's path may be longer than an address holds; it is reached by the folder's descriptor
// (/proc/self/fd).
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/store_priv.h"

enum {
    FRAME_JSON_SIZE = LIMIT_COMMAND_BODY_SIZE + 64 * 1024,
    CONNECT_TRIES = 50, // of 40 ms: a holder that is just opening its store
    CONNECT_WAIT_US = 40000,
};

struct peer {
    struct store *store;
    pthread_t thread;
    int socket; // -1: nobody
    bool is_running, has_ended;
};

struct listener {
    int socket;
    pthread_t thread;
    pthread_mutex_t mutex;
    bool is_stopping;
    struct peer peer[LIMIT_CLIENTS];
};

// ---- Frames ----------------------------------------------------------------------------------

static bool write_all(int socket, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size > 0) {
        ssize_t count = send(socket, from, size, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        from += count;
        size -= (size_t)count;
    }
    return true;
}

static bool read_all(int socket, void *bytes, size_t size)
{
    char *to = bytes;
    while (size > 0) {
        ssize_t count = recv(socket, to, size, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        to += count;
        size -= (size_t)count;
    }
    return true;
}

static bool write_frame(int socket, const json_t *json, struct span payload, struct arena *arena)
{
    struct span text = json_write(json, arena);
    uint32_t sizes[2] = {(uint32_t)text.size, (uint32_t)payload.size};
    unsigned char head[8];
    for (int i = 0; i < 8; i++)
        head[i] = (unsigned char)(sizes[i / 4] >> (8 * (i % 4)));
    return text.data != NULL && text.size <= FRAME_JSON_SIZE &&
           write_all(socket, head, sizeof head) && write_all(socket, text.data, text.size) &&
           (payload.size == 0 || write_all(socket, payload.data, payload.size));
}

// False: the other side has gone, or what it sent is no frame. The caller owns *ret_json.
static bool read_frame(int socket, struct arena *arena, json_t **ret_json, struct span *ret_payload)
{
    unsigned char head[8];
    uint32_t sizes[2] = {0};
    struct fault ignored = {0}; // A frame that is none is answered by hanging up.
    if (!read_all(socket, head, sizeof head))
        return false;
    for (int i = 0; i < 8; i++)
        sizes[i / 4] |= (uint32_t)head[i] << (8 * (i % 4));
    if (sizes[0] > FRAME_JSON_SIZE || sizes[1] > LIMIT_ENTRY_PAYLOAD_SIZE)
        return false;
    char *text = arena_allocate(arena, (size_t)sizes[0] + sizes[1] + 1);
    if (text == NULL || !read_all(socket, text, (size_t)sizes[0] + sizes[1]))
        return false;
    *ret_payload = (struct span){text + sizes[0], sizes[1]};
    return json_read((struct span){text, sizes[0]}, ret_json, &ignored) == FAULT_NONE;
}

static json_t *argument_to_json(const struct text_argument *argument)
{
    switch (argument->kind) {
    case TEXT_ARGUMENT_STRING: return json_string(argument->string);
    case TEXT_ARGUMENT_NAMES:
        return json_pack("{s:s, s:s}", "zh", argument->string, "en", argument->english);
    case TEXT_ARGUMENT_INTEGER: return json_integer(argument->integer);
    case TEXT_ARGUMENT_REAL: return json_real(argument->real);
    case TEXT_ARGUMENT_NONE: break;
    }
    return json_null();
}

static json_t *fault_to_json(const struct fault *fault)
{
    json_t *arguments = json_array();
    for (int i = 0; i < LIMIT_TEXT_ARGUMENTS; i++)
        json_array_append_new(arguments, argument_to_json(&fault->argument[i]));
    return json_pack("{s:{s:i, s:s, s:o}}", "fault", "code", (int)fault->code, "key",
                     text_name(fault->key), "arguments", arguments);
}

static enum fault_code fault_from_json(const json_t *json, struct fault *fault)
{
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {{0}};
    const json_t *arguments = json_object_get(json, "arguments");
    int64_t code = json_integer_or(json, "code", FAULT_IO);
    enum text_key key = TEXT_STORE_HOLDER_GONE;
    text_find_key(json_text_or(json, "key", ""), &key);
    for (size_t i = 0; i < LIMIT_TEXT_ARGUMENTS; i++) {
        const json_t *value = json_array_get(arguments, i);
        if (json_is_string(value))
            argument[i] = text_string(json_string_value(value));
        else if (json_is_object(value))
            argument[i] = text_names(json_text_or(value, "zh", ""), json_text_or(value, "en", ""));
        else if (json_is_integer(value))
            argument[i] = text_integer(json_integer_value(value));
        else if (json_is_real(value))
            argument[i] = text_real(json_real_value(value));
    }
    if (code <= FAULT_NONE || code > FAULT_IO)
        code = FAULT_IO;
    return fault_record(fault, (enum fault_code)code, __FILE__, __LINE__, key, argument);
}

static json_t *actor_to_json(const struct store_actor *actor)
{
    return json_pack("{s:I, s:I, s:I, s:i, s:I, s:I, s:I}", "account", (json_int_t)actor->account,
                     "post", (json_int_t)actor->post, "unit", (json_int_t)actor->unit, "role",
                     (int)actor->role, "division", (json_int_t)actor->division, "low",
                     (json_int_t)actor->low, "high", (json_int_t)actor->high);
}

static struct store_actor actor_from_json(const json_t *json)
{
    int64_t role = json_integer_or(json, "role", ROLE_VIEWER);
    return (struct store_actor){
        .account = json_integer_or(json, "account", 0),
        .post = json_integer_or(json, "post", 0),
        .unit = json_integer_or(json, "unit", 0),
        .role = role < ROLE_VIEWER || role > ROLE_SYSTEM ? ROLE_VIEWER : (enum store_role)role,
        .division = json_integer_or(json, "division", 0),
        .low = json_integer_or(json, "low", 1),
        .high = json_integer_or(json, "high", 0)};
}

static void id_to_text(const unsigned char id[COMMAND_ID_SIZE], char text[2 * COMMAND_ID_SIZE + 1])
{
    for (int i = 0; i < COMMAND_ID_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", id[i]);
}

static bool id_from_text(struct span text, unsigned char id[COMMAND_ID_SIZE])
{
    if (text.size != 2 * COMMAND_ID_SIZE)
        return false;
    for (int i = 0; i < 2 * COMMAND_ID_SIZE; i++) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, text.data[i]);
        if (digit == NULL || text.data[i] == '\0')
            return false;
        id[i / 2] = (unsigned char)(id[i / 2] << 4 | (digit - digits));
    }
    return true;
}

static int open_folder(const struct store *store, struct sockaddr_un *address)
{
    int folder = open(store->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/socket", folder);
    return folder;
}

// ---- The holder ------------------------------------------------------------------------------

static void answer(struct peer *peer, const json_t *asked, struct span payload, struct arena *arena)
{
    struct fault fault = {0};
    json_t *given = NULL, *reply = NULL;
    struct command_request request = {.name = json_string_value(json_object_get(asked, "name")),
                                      .body = json_object_get(asked, "body"),
                                      .payload = payload,
                                      .actor = actor_from_json(json_object_get(asked, "actor"))};
    if (request.name == NULL || !id_from_text(json_text_or(asked, "id", ""), request.id))
        fault_set(&fault, FAULT_INVALID, TEXT_STORE_FRAME_MALFORMED, {0});
    else
        store_run_command(peer->store, &request, &given, &fault);
    reply = fault.code != FAULT_NONE ? fault_to_json(&fault) : json_pack("{s:o}", "answer", given);
    if (!write_frame(peer->socket, reply, (struct span){0}, arena))
        shutdown(peer->socket, SHUT_RDWR); // It asks again under the same id, if it still lives.
    json_decref(reply);
}

static void *serve(void *context)
{
    struct peer *peer = context;
    struct listener *listener = peer->store->listener;
    struct arena arena = {0};
    json_t *asked = NULL;
    struct span payload = {0};
    while (read_frame(peer->socket, &arena, &asked, &payload)) {
        answer(peer, asked, payload, &arena);
        json_decref(asked);
        asked = NULL;
        arena_reset(&arena);
    }
    arena_reset(&arena);
    pthread_mutex_lock(&listener->mutex);
    close(peer->socket);
    peer->socket = -1;
    peer->has_ended = true;
    pthread_mutex_unlock(&listener->mutex);
    return NULL;
}

static bool is_same_user(int socket)
{
    struct ucred credentials = {.uid = (uid_t)-1};
    socklen_t size = sizeof credentials;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 &&
           (credentials.uid == geteuid() || credentials.uid == 0);
}

// Gives a connection a place and a thread, or hangs up.
static void admit(struct store *store, int socket)
{
    struct listener *listener = store->listener;
    struct peer *found = NULL;
    pthread_mutex_lock(&listener->mutex);
    for (int i = 0; i < LIMIT_CLIENTS && found == NULL && !listener->is_stopping; i++) {
        struct peer *peer = &listener->peer[i];
        if (peer->is_running && peer->has_ended) {
            pthread_join(peer->thread, NULL);
            peer->is_running = false;
        }
        found = peer->is_running ? NULL : peer;
    }
    if (found != NULL) {
        *found = (struct peer){.store = store, .socket = socket};
        found->is_running = pthread_create(&found->thread, NULL, serve, found) == 0;
    }
    bool is_admitted = found != NULL && found->is_running;
    pthread_mutex_unlock(&listener->mutex);
    if (!is_admitted)
        close(socket);
}

static void *listen_for_peers(void *context)
{
    struct store *store = context;
    struct listener *listener = store->listener;
    for (;;) {
        int socket = accept4(listener->socket, NULL, NULL, SOCK_CLOEXEC);
        if (socket < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (socket < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM)) {
            usleep(CONNECT_WAIT_US); // Until descriptors are free again, without spinning.
            continue;
        }
        if (socket < 0)
            return NULL; // Shut down.
        if (is_same_user(socket))
            admit(store, socket);
        else
            close(socket);
    }
}

enum fault_code listener_start(struct store *store, struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 16];
    struct sockaddr_un address;
    struct listener *listener = memory_allocate(sizeof *listener);
    if (listener == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    store->listener = listener;
    pthread_mutex_init(&listener->mutex, NULL);
    listener->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    store_path(store->folder, "socket", path);
    unlink(path); // We hold the lock: whoever listened there is dead.
    int folder = open_folder(store, &address);
    mode_t mask = umask(0077);
    bool is_bound = bind(listener->socket, (struct sockaddr *)&address, sizeof address) == 0 &&
                    listen(listener->socket, LIMIT_CLIENTS) == 0;
    int reason = errno;
    umask(mask);
    close(folder);
    if (!is_bound)
        return file_unwritable(fault, path, reason);
    if (pthread_create(&listener->thread, NULL, listen_for_peers, store) != 0) {
        close(listener->socket);
        listener->socket = -1;
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    }
    return FAULT_NONE;
}

void listener_stop(struct store *store)
{
    char path[LIMIT_PATH_SIZE + 16];
    struct listener *listener = store->listener;
    if (listener == NULL)
        return;
    pthread_mutex_lock(&listener->mutex);
    listener->is_stopping = true;
    for (int i = 0; i < LIMIT_CLIENTS; i++)
        if (listener->peer[i].is_running && !listener->peer[i].has_ended)
            shutdown(listener->peer[i].socket, SHUT_RD); // It answers what it has begun.
    pthread_mutex_unlock(&listener->mutex);
    if (listener->socket >= 0 && listener->thread != 0) {
        shutdown(listener->socket, SHUT_RDWR);
        pthread_join(listener->thread, NULL);
    }
    for (int i = 0; i < LIMIT_CLIENTS; i++)
        if (listener->peer[i].is_running)
            pthread_join(listener->peer[i].thread, NULL);
    if (listener->socket >= 0)
        close(listener->socket);
    store_path(store->folder, "socket", path);
    unlink(path);
    pthread_mutex_destroy(&listener->mutex);
    memory_free(listener);
    store->listener = NULL;
}

// ---- The client ------------------------------------------------------------------------------

static enum fault_code connect_to_holder(struct store *store, struct fault *fault)
{
    struct sockaddr_un address;
    if (store->client_socket >= 0)
        return FAULT_NONE;
    int folder = open_folder(store, &address);
    for (int i = 0; i < CONNECT_TRIES && store->client_socket < 0; i++) {
        int one = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(one, (struct sockaddr *)&address, sizeof address) == 0) {
            store->client_socket = one;
        } else {
            close(one);
            usleep(CONNECT_WAIT_US);
        }
    }
    close(folder);
    if (store->client_socket < 0)
        return fault_set(fault, FAULT_BUSY, TEXT_STORE_HOLDER_GONE, text_string(store->folder));
    return FAULT_NONE;
}

static json_t *make_request(const struct command_request *request,
                            const unsigned char id[COMMAND_ID_SIZE])
{
    char text[2 * COMMAND_ID_SIZE + 1];
    id_to_text(id, text);
    json_t *json = json_pack("{s:s, s:s, s:o}", "name", request->name, "id", text, "actor",
                             actor_to_json(&request->actor));
    if (request->body != NULL)
        json_object_set(json, "body", request->body);
    return json;
}

enum fault_code client_run_command(struct store *store, const struct command_request *request,
                                   json_t **ret_answer, struct fault *fault)
{
    static const unsigned char none[COMMAND_ID_SIZE];
    unsigned char id[COMMAND_ID_SIZE];
    struct arena arena = {0};
    struct span payload = {0};
    json_t *asked = NULL, *reply = NULL;
    memcpy(id, request->id, COMMAND_ID_SIZE);
    if (memcmp(id, none, COMMAND_ID_SIZE) == 0)
        store_make_id(id);
    asked = make_request(request, id);
    pthread_mutex_lock(&store->client_mutex);
    enum fault_code code = connect_to_holder(store, fault);
    if (code == FAULT_NONE &&
        (!write_frame(store->client_socket, asked, request->payload, &arena) ||
         !read_frame(store->client_socket, &arena, &reply, &payload))) {
        client_close(store);
        code = fault_set(fault, FAULT_BUSY, TEXT_STORE_HOLDER_GONE, text_string(store->folder));
    }
    pthread_mutex_unlock(&store->client_mutex);
    if (code == FAULT_NONE && json_object_get(reply, "fault") != NULL)
        code = fault_from_json(json_object_get(reply, "fault"), fault);
    else if (code == FAULT_NONE && ret_answer != NULL)
        *ret_answer = json_incref(json_object_get(reply, "answer"));
    json_decref(reply);
    json_decref(asked);
    arena_reset(&arena);
    return code;
}

void client_close(struct store *store)
{
    if (store->client_socket >= 0)
        close(store->client_socket);
    store->client_socket = -1;
}
