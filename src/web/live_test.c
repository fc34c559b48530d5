// SPDX-License-Identifier: GPL-3.0-or-later
//
// live_test.c: an open page that nobody touches is no use of its session.
//
// A whole server over a store of its own, and a clock that the test turns. The page is a socket
// that listens to the live events.
#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/command.h"
#include "store/store.h"
#include "unit.h"
#include "vault/vault.h"
#include "web/web.h"

enum { WAIT_MS = 6000, ANSWER_SIZE = 8192 };

static _Atomic int64_t instant = INT64_C(1595372400000000);
static struct store *store;
static struct web_server *server;
static char token[VAULT_TOKEN_SIZE];

static int64_t read_instant(void *context)
{
    (void)context;
    return atomic_load(&instant);
}

static void turn_minutes(int minutes)
{
    atomic_fetch_add(&instant, minutes * TIME_MINUTE);
}

static enum fault_code run(const char *name, json_t *body, int64_t *ret_id, struct fault *fault)
{
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    json_t *answer = NULL;
    enum fault_code code = store_run_command(store, &request, &answer, fault);
    if (code == FAULT_NONE && !store_read_id(store, json_text_or(answer, "id", ""), ret_id))
        *ret_id = 0;
    json_decref(answer);
    json_decref(body);
    return code;
}

static bool open_server(const char *name)
{
    struct fault fault = {.code = FAULT_NONE};
    char folder[256];
    int64_t account = 0, ignored = 0;
    snprintf(folder, sizeof folder, "%s/%s", unit_folder(), name);
    struct store_birth birth = {.kind = STORE_LIVE, .division_code = "210000", .name = "test"};
    struct store_options options = {.folder = folder, .must_hold = true, .must_not_settle = true};
    bool is_made =
        store_create(folder, &birth, &fault) == FAULT_NONE &&
        store_open(&options, &store, &fault) == FAULT_NONE &&
        run("divisions.load",
            json_pack("{s:[{s:s,s:s,s:i,s:s,s:s}]}", "rows", "code", "210000", "parent", "",
                      "level", 1, "name_zh", "省", "name_en", "Province"),
            &ignored, &fault) == FAULT_NONE &&
        run("account.add",
            json_pack("{s:s,s:s,s:s}", "name", "leader", "division", "210000", "role", "viewer"),
            &account, &fault) == FAULT_NONE;
    struct web_options web = {.store = store,
                              .vault = is_made ? store_vault(store) : NULL,
                              .listen = "127.0.0.1:0",
                              .security_clock = {read_instant, NULL}};
    is_made =
        is_made && web_start(&web, &server, &fault) == FAULT_NONE &&
        vault_open_session(web.vault, account, read_instant(NULL), token, &fault) == FAULT_NONE;
    return CHECK(is_made);
}

static void close_server(void)
{
    web_stop(server);
    store_close(store);
}

static int ask(const char *path, const char *more)
{
    char request[512];
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *port = strrchr(web_address(server), ':');
    address.sin_port = htons((uint16_t)strtol(port + 1, NULL, 10));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQUAL(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    int size = snprintf(request, sizeof request,
                        "GET /api/v1%s HTTP/1.1\r\nHost: x\r\nCookie: levee=%s\r\n%s\r\n", path,
                        token, more);
    CHECK_EQUAL(send(descriptor, request, (size_t)size, 0), size);
    return descriptor;
}

// Reads until `mark` was there or nothing came for WAIT_MS.
static bool reads(int descriptor, const char *mark)
{
    char text[ANSWER_SIZE] = "";
    size_t size = 0;
    struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
    while (strstr(text, mark) == NULL && size < sizeof text - 1 && poll(&wanted, 1, WAIT_MS) == 1) {
        ssize_t got = recv(descriptor, text + size, sizeof text - 1 - size, 0);
        if (got <= 0)
            break;
        size += (size_t)got;
        text[size] = '\0';
    }
    return strstr(text, mark) != NULL;
}

static bool answers(const char *path, const char *more, const char *status)
{
    int descriptor = ask(path, more);
    bool is_found = reads(descriptor, status);
    close(descriptor);
    return is_found;
}

// Turns the clock by twice twenty minutes, with a look at the session between, and then listens.
void test_an_open_page_does_not_outlive_the_idle_limit(void)
{
    if (!open_server("live"))
        return;
    int page = ask("/live", "");
    CHECK(reads(page, "changed"));
    turn_minutes(20);
    sleep(2);
    CHECK(answers("/session", "Levee-Unattended: 1\r\n", "200 OK"));
    turn_minutes(9);
    CHECK(answers("/session", "Levee-Unattended: 1\r\n", "200 OK"));
    turn_minutes(2);
    CHECK(reads(page, "0\r\n\r\n"));
    CHECK(answers("/session", "", "401 Unauthorized"));
    close(page);
    close_server();
}

// The same page with somebody before it: each request of his is a use, up to twelve hours.
void test_a_page_in_use_ends_after_twelve_hours(void)
{
    if (!open_server("used"))
        return;
    int page = ask("/live", "");
    CHECK(reads(page, "changed"));
    for (int minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
        turn_minutes(20);
        CHECK(answers("/session", minutes % 40 == 0 ? "" : "X: y\r\n", "200 OK"));
        web_announce(server, minutes + 1000);
        CHECK(reads(page, "changed"));
    }
    turn_minutes(20);
    CHECK(reads(page, "0\r\n\r\n"));
    CHECK(answers("/session", "", "401 Unauthorized"));
    close(page);
    close_server();
}
