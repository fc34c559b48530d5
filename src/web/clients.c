// SPDX-License-Identifier: GPL-3.0-or-later
//
// clients.c: the connections: how many there may be, and how long each may take.
//
// The library's own timeout counts idle time, so that one byte every nine seconds holds a
// connection for ever (slowloris). Here every connection has an instant by which it must have got
// on:
//
//     a head       10 s from accept, or from the end of the last answer, to its last byte
//     a body       10 s, and then at least 500 bytes a second, 10 minutes at most
//     an answer    no bound while we are at work; 5 minutes to be sent; live events have no bound
//
// A sweep once a second shuts down the sockets of those whose instant has passed, and says 408
// before where a request was being read; the library then sees the end and closes. Shutting down is
// done under the lock that the library's closing notice takes too, and that notice comes before the
// descriptor is closed, so no other connection can get hit.
//
// Addresses are counted when no proxy stands in front: an IPv4 address, an IPv6 /64.
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "web/web_priv.h"

enum {
    HEAD_ALLOWED_MS = 10 * 1000,
    BODY_ALLOWED_MS = 10 * 1000,
    BODY_ALLOWED_MS_MAX = 10 * 60 * 1000,
    BODY_BYTES_A_SECOND = 500,
    SWEEP_MS = 500,
    // Beyond this requests get 503, so that the rest is still answered.
    MANY = LIMIT_HTTP_CONNECTIONS - LIMIT_HTTP_CONNECTIONS / 16,
};

// Who may write to the socket: whoever turns CLIENT_READING into the other two.
enum client_turn { CLIENT_READING, CLIENT_ANSWERING, CLIENT_REFUSED };

struct web_client {
    bool is_used;
    bool is_behind_tls;
    int descriptor;
    uint64_t address;
    _Atomic int64_t until_ms; // 0: no bound
    _Atomic int turn;
    _Atomic int language;
    _Atomic bool is_expected; // a head is being read: the first, or one whose first line came
};

struct web_clients {
    pthread_mutex_t lock;
    pthread_t sweeper;
    pthread_cond_t ending;
    bool is_ending;
    bool counts_addresses;
    _Atomic int count;
    struct web_client client[LIMIT_HTTP_CONNECTIONS];
};

int64_t web_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t read_address(const struct sockaddr *address)
{
    uint64_t value = 0;
    if (address == NULL)
        return 0;
    if (address->sa_family == AF_INET)
        return 1 + (uint64_t)((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr;
    if (address->sa_family == AF_INET6)
        memcpy(&value, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
               sizeof value);
    return value;
}

static bool take_turn(struct web_client *client, enum client_turn turn)
{
    int reading = CLIENT_READING;
    return atomic_compare_exchange_strong(&client->turn, &reading, turn);
}

void web_client_refuse(struct web_client *client, unsigned status, int language)
{
    if (client != NULL && take_turn(client, CLIENT_REFUSED))
        web_refuse_socket(client->descriptor, status, client->is_behind_tls, language);
}

void web_client_speaks(struct web_client *client, enum text_language language)
{
    if (client != NULL)
        atomic_store(&client->language, (int)language);
}

void web_client_begin(struct web_client *client)
{
    if (client != NULL)
        atomic_store(&client->is_expected, true);
}

bool web_client_answer(struct web_client *client)
{
    return client == NULL || take_turn(client, CLIENT_ANSWERING);
}

void web_client_end(struct web_client *client)
{
    int answering = CLIENT_ANSWERING;
    if (client == NULL)
        return;
    atomic_store(&client->is_expected, false);
    atomic_store(&client->language, WEB_LANGUAGE_UNKNOWN);
    (void)atomic_compare_exchange_strong(&client->turn, &answering, CLIENT_READING);
}

static void sweep(struct web_clients *clients)
{
    int64_t now = web_clock_ms();
    for (int i = 0; i < LIMIT_HTTP_CONNECTIONS; i++) {
        struct web_client *client = &clients->client[i];
        int64_t until = client->is_used ? atomic_load(&client->until_ms) : 0;
        if (until != 0 && now > until) {
            if (atomic_load(&client->is_expected))
                web_client_refuse(client, 408, atomic_load(&client->language));
            shutdown(client->descriptor, SHUT_RDWR);
            atomic_store(&client->until_ms, 0);
        }
    }
}

static void *run_sweeper(void *context)
{
    struct web_clients *clients = context;
    pthread_mutex_lock(&clients->lock);
    while (!clients->is_ending) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += SWEEP_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&clients->ending, &clients->lock, &until);
        sweep(clients);
    }
    pthread_mutex_unlock(&clients->lock);
    return NULL;
}

enum fault_code web_clients_open(bool counts_addresses, struct web_clients **ret_clients,
                                 struct fault *fault)
{
    struct web_clients *clients = memory_allocate(sizeof *clients);
    if (clients == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    clients->counts_addresses = counts_addresses;
    pthread_mutex_init(&clients->lock, NULL);
    pthread_cond_init(&clients->ending, NULL);
    if (pthread_create(&clients->sweeper, NULL, run_sweeper, clients) != 0) {
        memory_free(clients);
        return fault_set(fault, FAULT_IO, TEXT_WEB_THREADS);
    }
    *ret_clients = clients;
    return FAULT_NONE;
}

void web_clients_close(struct web_clients *clients)
{
    if (clients == NULL)
        return;
    pthread_mutex_lock(&clients->lock);
    clients->is_ending = true;
    pthread_cond_signal(&clients->ending);
    pthread_mutex_unlock(&clients->lock);
    pthread_join(clients->sweeper, NULL);
    pthread_cond_destroy(&clients->ending);
    pthread_mutex_destroy(&clients->lock);
    memory_free(clients);
}

enum MHD_Result web_clients_admit(void *context, const struct sockaddr *address, socklen_t size)
{
    struct web_clients *clients = context;
    (void)size;
    if (!clients->counts_addresses)
        return MHD_YES;
    uint64_t wanted = read_address(address);
    int count = 0;
    pthread_mutex_lock(&clients->lock);
    for (int i = 0; i < LIMIT_HTTP_CONNECTIONS; i++)
        count += clients->client[i].is_used && clients->client[i].address == wanted;
    pthread_mutex_unlock(&clients->lock);
    return count < LIMIT_HTTP_CONNECTIONS_ADDRESS ? MHD_YES : MHD_NO;
}

static void take_client(struct web_clients *clients, struct MHD_Connection *connection,
                        void **socket_context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    uint64_t address = info == NULL ? 0 : read_address(info->client_addr);
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    for (int i = 0; info != NULL && i < LIMIT_HTTP_CONNECTIONS; i++) {
        struct web_client *client = &clients->client[i];
        if (client->is_used)
            continue;
        client->is_used = true;
        client->descriptor = info->connect_fd;
        client->address = address;
        client->is_behind_tls = !clients->counts_addresses;
        atomic_store(&client->turn, CLIENT_READING);
        atomic_store(&client->language, WEB_LANGUAGE_UNKNOWN);
        atomic_store(&client->is_expected, true);
        atomic_store(&client->until_ms, web_clock_ms() + HEAD_ALLOWED_MS);
        *socket_context = client;
        break;
    }
}

void web_clients_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                        enum MHD_ConnectionNotificationCode code)
{
    struct web_clients *clients = context;
    pthread_mutex_lock(&clients->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        take_client(clients, connection, socket_context);
        atomic_fetch_add(&clients->count, 1);
    } else {
        struct web_client *client = *socket_context;
        if (client != NULL)
            client->is_used = false;
        atomic_fetch_sub(&clients->count, 1);
    }
    pthread_mutex_unlock(&clients->lock);
}

void web_client_expect(struct web_client *client, int64_t allowed_ms)
{
    if (client != NULL)
        atomic_store(&client->until_ms, allowed_ms == 0 ? 0 : web_clock_ms() + allowed_ms);
}

void web_client_received(struct web_client *client, int64_t since_ms, size_t size)
{
    int64_t allowed = BODY_ALLOWED_MS + (int64_t)size * 1000 / BODY_BYTES_A_SECOND;
    if (allowed > BODY_ALLOWED_MS_MAX)
        allowed = BODY_ALLOWED_MS_MAX;
    if (client != NULL)
        atomic_store(&client->until_ms, since_ms + allowed);
}

uint64_t web_client_address(const struct web_client *client)
{
    return client == NULL ? 0 : client->address;
}

bool web_clients_are_many(const struct web_clients *clients)
{
    return atomic_load(&clients->count) > MANY;
}
