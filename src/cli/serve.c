// SPDX-License-Identifier: GPL-3.0-or-later
//
// serve.c: `levee serve`: the store's holder, the HTTP server, the ways out, the mornings.
//
//     writer thread ── changed ──► live events, ports, mornings      (told, never waited for)
//     mornings thread              replay: demo_morning when business time moved; live: the scan
//     main thread                  waits for SIGTERM or SIGINT, tells systemd that all is well
//
// It starts from below (store, ports, web, mornings) and ends from above: no new request, what was
// accepted is finished, ports and mornings stop, the store empties its queue and lets go of the
// folder. A second `levee serve` on the folder, or a taken port, is FAULT_BUSY: exit 75.
//
// stdout: the address, once, when it can be used. stderr: the log (base/log.h).
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "demo/demo.h"
#include "judgement/declare.h"
#include "judgement/scan.h"
#include "ports/ports.h"
#include "store/store.h"
#include "web/web.h"

enum { OPTION_DATA, OPTION_LISTEN, OPTION_URL, OPTION_PACKS, OPTION_TLS, OPTION_OPEN };
enum { WATCHDOG_S = 10, BREATH_MS = 100 };

static const struct cli_option table[] = {
    {"data", "DIR", TEXT_SERVE_OPTION_DATA},
    {"listen", "ADDRESS:PORT", TEXT_SERVE_OPTION_LISTEN},
    {"url", "URL", TEXT_SERVE_OPTION_URL},
    {"packs", "DIR", TEXT_SERVE_OPTION_PACKS},
    {"tls-in-front", NULL, TEXT_SERVE_OPTION_TLS},
    {"open", NULL, TEXT_SERVE_OPTION_OPEN},
    {NULL},
};

struct request {
    const char *folder;
    const char *packs_folder;
    const char *listen;
    const char *url; // NULL: as the server says
    bool is_behind_tls;
    bool is_opened;
};

// What runs. `lock` guards the pointers and what the mornings are told.
struct serve {
    struct program program;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct web_server *server;
    struct ports *ports;
    pthread_t mornings;
    bool has_moved, is_ending;
};

// On the writer thread, after each durable group.
static void tell(void *context, int64_t sequence)
{
    struct serve *serve = context;
    pthread_mutex_lock(&serve->lock);
    if (serve->server != NULL)
        web_announce(serve->server, sequence);
    if (serve->ports != NULL)
        ports_wake(serve->ports);
    serve->has_moved = true;
    pthread_cond_signal(&serve->moved);
    pthread_mutex_unlock(&serve->lock);
}

// What has become due: in a replay the morning, where business time is another than it was; in
// service the scan of what has landed. Both do nothing where nothing is new.
static void turn_morning(struct serve *serve, int64_t *seen)
{
    struct fault fault = {.code = FAULT_NONE};
    struct store *store = serve->program.store;
    int64_t now = store_business_time(store);
    enum fault_code code = FAULT_NONE;
    if (store_kind_of(store) == STORE_LIVE)
        code = judgement_scan(store, &serve->program.packs, 0, NULL, &fault);
    else if (store_kind_of(store) == STORE_REPLAY && now != *seen)
        code = demo_morning(store, &serve->program.packs, &fault);
    *seen = now;
    if (code != FAULT_NONE)
        log_fault("serve.morning", &fault);
}

// At start, and after every change; many changes at once are one.
static void *run_mornings(void *context)
{
    struct serve *serve = context;
    int64_t seen = -1;
    pthread_mutex_lock(&serve->lock);
    while (!serve->is_ending) {
        serve->has_moved = false;
        pthread_mutex_unlock(&serve->lock);
        turn_morning(serve, &seen);
        nanosleep(&(struct timespec){0, BREATH_MS * 1000000L}, NULL);
        pthread_mutex_lock(&serve->lock);
        while (!serve->has_moved && !serve->is_ending)
            pthread_cond_wait(&serve->moved, &serve->lock);
    }
    pthread_mutex_unlock(&serve->lock);
    return NULL;
}

// Tells systemd (sd_notify: one datagram to the socket that it names), when it asked to be told.
static void notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || strlen(path) >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, strlen(path));
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    (void)sendto(descriptor, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    close(descriptor);
}

static void open_browser(const char *url)
{
    extern char **environ;
    static char program[] = "xdg-open";
    char address[256];
    pid_t process = 0;
    snprintf(address, sizeof address, "%s", url);
    char *argv[] = {program, address, NULL};
    (void)posix_spawnp(&process, program, NULL, NULL, argv, environ);
}

// Waits for the signal to end. Signals are blocked in all threads, so they come here.
static int wait_for_signal(void)
{
    sigset_t set;
    struct timespec step = {WATCHDOG_S, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    for (;;) {
        int number = sigtimedwait(&set, NULL, &step);
        if (number > 0)
            return number;
        notify("WATCHDOG=1");
    }
}

static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignored, NULL);
    sigaction(SIGHUP, &ignored, NULL);
}

static enum fault_code start(struct serve *serve, const struct request *request,
                             struct fault *fault)
{
    struct program_request open = {.folder = request->folder,
                                   .packs_folder = request->packs_folder,
                                   .must_hold = true,
                                   .runs_on = true,
                                   .changed = tell,
                                   .changed_context = serve};
    struct web_server *server = NULL;
    struct ports *ports = NULL;
    enum fault_code code = program_open(&open, &serve->program, fault);
    if (code == FAULT_NONE && store_kind_of(serve->program.store) == STORE_LIVE)
        code = judgement_declare(serve->program.store, &serve->program.packs, fault);
    if (code != FAULT_NONE)
        return code;
    struct web_options web = {.store = serve->program.store,
                              .vault = store_vault(serve->program.store),
                              .listen = request->listen,
                              .is_behind_tls = request->is_behind_tls};
    code = web_start(&web, &server, fault);
    if (code != FAULT_NONE)
        return code;
    struct ports_options out = {.store = serve->program.store,
                                .url = request->url != NULL ? request->url : web_address(server)};
    code = ports_start(&out, &ports, fault);
    pthread_mutex_lock(&serve->lock);
    serve->server = server;
    serve->ports = ports;
    pthread_mutex_unlock(&serve->lock);
    return code;
}

// Returns how many requests were cut off.
static int stop(struct serve *serve, bool has_mornings)
{
    pthread_mutex_lock(&serve->lock);
    struct web_server *server = serve->server;
    struct ports *ports = serve->ports;
    serve->server = NULL;
    serve->ports = NULL;
    serve->is_ending = true;
    pthread_cond_signal(&serve->moved);
    pthread_mutex_unlock(&serve->lock);
    int cut_off = web_stop(server);
    ports_stop(ports);
    if (has_mornings)
        pthread_join(serve->mornings, NULL);
    program_close(&serve->program);
    return cut_off;
}

static enum fault_code run(const struct request *request, struct fault *fault)
{
    struct serve serve = {.has_moved = true};
    pthread_mutex_init(&serve.lock, NULL);
    pthread_cond_init(&serve.moved, NULL);
    enum fault_code code = start(&serve, request, fault);
    bool has_mornings = false;
    if (code == FAULT_NONE) {
        has_mornings = pthread_create(&serve.mornings, NULL, run_mornings, &serve) == 0;
        printf("%s\n", web_address(serve.server));
        fflush(stdout);
        log_event("serve.ready", "url sequence ports", text_string(web_address(serve.server)),
                  text_integer(store_sequence(serve.program.store)),
                  text_integer(ports_count(serve.ports)));
        notify("READY=1");
        if (request->is_opened)
            open_browser(web_address(serve.server));
        int number = wait_for_signal();
        notify("STOPPING=1");
        log_event("serve.stopping", "signal", text_integer(number));
    }
    int cut_off = stop(&serve, has_mornings);
    if (code == FAULT_NONE)
        log_event("serve.stopped", "cut_off", text_integer(cut_off));
    pthread_cond_destroy(&serve.moved);
    pthread_mutex_destroy(&serve.lock);
    return code;
}

int cli_run_serve(int argc, char **argv)
{
    struct request request = {.folder = PROGRAM_FOLDER, .listen = "127.0.0.1:8080"};
    struct cli_reader reader = {argc, argv, table, TEXT_SERVE_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        switch (at) {
        case OPTION_DATA: request.folder = value; break;
        case OPTION_LISTEN: request.listen = value; break;
        case OPTION_URL: request.url = value; break;
        case OPTION_PACKS: request.packs_folder = value; break;
        case OPTION_TLS: request.is_behind_tls = true; break;
        case OPTION_OPEN: request.is_opened = true; break;
        case CLI_ARGUMENT:
            return cli_refuse(argv[0], TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        default: return cli_exit(at);
        }
    }
    struct fault fault = {.code = FAULT_NONE};
    block_signals();
    return run(&request, &fault) == FAULT_NONE ? 0 : cli_fail(&fault);
}
