// SPDX-License-Identifier: GPL-3.0-or-later
//
// session.c: who is asking: signing in and out, and the cookie.
//
// The vault holds credentials and sessions (src/vault: Argon2id, tokens of 256 bits as hashes, idle
// 30 minutes, absolute 12 hours). Here is what lies between it and a request:
//
//     POST    name, password ─► throttle ─► work thread: hash ─► new session, cookie
//     any     cookie ─► known (a second at most, and only at the same sequence) ─► actor
//                    └► vault ─► account ─► actor in state ─► known
//     DELETE  the session ends in the vault, and here
//
// What the page asks by itself while nobody touches it (live events, and requests that say
// Levee-Unattended) is no use of the session: an open page does not outlive the idle limit.
// A right that was taken away is gone with the next request: it is an entry, so the sequence has
// moved and the actor is read again. What was known is kept by two secret hashes of the token, not
// by the token. Unknown name and wrong password get the same answer in the same time.
//
// The cookie is __Host-levee with Secure where a proxy speaks TLS, else levee; HttpOnly,
// SameSite=Strict, Path=/.
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"
#include "vault/vault.h"
#include "web/hash.h"
#include "web/throttle.h"
#include "web/web_priv.h"

enum { KNOWN = 1024 };

struct known {
    uint64_t hash[2]; // both 0: unused
    struct web_session session;
    int64_t sequence;
    int64_t checked_at; // of the security clock
    bool is_used;       // its use was noted
};

struct web_sessions {
    pthread_mutex_t lock;
    struct store *store;
    struct vault *vault;
    struct time_clock clock;
    bool is_behind_tls;
    uint64_t secret[4];
    struct throttle throttle;
    struct known known[KNOWN];
};

// A sign-in on its way through the work thread.
struct sign_in {
    char name[LIMIT_TEXT_ARGUMENT_SIZE];
    char password[VAULT_PASSWORD_SIZE_MAX + 1];
    char token[VAULT_TOKEN_SIZE];
};

enum fault_code web_sessions_open(const struct web_options *options,
                                  struct web_sessions **ret_sessions, struct fault *fault)
{
    struct web_sessions *sessions = memory_allocate(sizeof *sessions);
    uint64_t secret[6];
    if (sessions == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret) {
        memory_free(sessions);
        return fault_set(fault, FAULT_IO, TEXT_WEB_CHANCE);
    }
    sessions->store = options->store;
    sessions->vault = options->vault;
    sessions->clock =
        options->security_clock.read == NULL ? time_clock_machine() : options->security_clock;
    sessions->is_behind_tls = options->is_behind_tls;
    memcpy(sessions->secret, secret, sizeof sessions->secret);
    memcpy(sessions->throttle.secret, secret + 4, sizeof sessions->throttle.secret);
    pthread_mutex_init(&sessions->lock, NULL);
    *ret_sessions = sessions;
    return FAULT_NONE;
}

void web_sessions_close(struct web_sessions *sessions)
{
    if (sessions == NULL)
        return;
    pthread_mutex_destroy(&sessions->lock);
    memory_free(sessions);
}

static const char *cookie_name(const struct web_sessions *sessions)
{
    return sessions->is_behind_tls ? "__Host-levee" : "levee";
}

static const char *read_token(const struct web_sessions *sessions,
                              const struct web_request *request)
{
    const char *token =
        MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND, cookie_name(sessions));
    return token == NULL || strlen(token) != VAULT_TOKEN_SIZE - 1 ? NULL : token;
}

static void hash_token(const struct web_sessions *sessions, const char *token, uint64_t ret_hash[2])
{
    for (int i = 0; i < 2; i++) {
        struct hash hash;
        hash_begin(&hash, sessions->secret + (ptrdiff_t)i * 2);
        hash_bytes(&hash, span_from(token));
        ret_hash[i] = hash_end(&hash) | 1;
    }
}

static struct known *place_of(struct web_sessions *sessions, const uint64_t hash[2])
{
    return &sessions->known[hash[0] / 2 % KNOWN];
}

static bool is_at(const struct known *known, const uint64_t hash[2])
{
    return known->hash[0] == hash[0] && known->hash[1] == hash[1];
}

static void forget(struct web_sessions *sessions, const char *token)
{
    uint64_t hash[2];
    hash_token(sessions, token, hash);
    pthread_mutex_lock(&sessions->lock);
    if (is_at(place_of(sessions, hash), hash))
        memset(place_of(sessions, hash), 0, sizeof(struct known));
    pthread_mutex_unlock(&sessions->lock);
}

// Asks the vault whose token it is, and the state what its account may.
static bool look_up(struct web_sessions *sessions, const char *token, bool is_use,
                    struct web_session *session)
{
    struct fault fault = {.code = FAULT_NONE};
    int64_t account = 0, now = time_now(&sessions->clock);
    if (sessions->vault == NULL)
        return false;
    enum fault_code code = is_use ? vault_find_session(sessions->vault, span_from(token), now,
                                                       &account, session->id, &fault)
                                  : vault_watch_session(sessions->vault, span_from(token), now,
                                                        &account, session->id, &fault);
    if (code != FAULT_NONE)
        return false;
    session->is_known =
        store_find_actor_by_id(sessions->store, account, &session->actor, &fault) == FAULT_NONE;
    return session->is_known;
}

void web_sessions_identify(struct web_sessions *sessions, struct web_request *request)
{
    const char *token = read_token(sessions, request);
    bool is_use = request->route->run != web_live_run &&
                  web_request_header(request, "Levee-Unattended") == NULL;
    uint64_t hash[2];
    if (token == NULL)
        return;
    hash_token(sessions, token, hash);
    int64_t sequence = store_sequence(sessions->store), now = time_now(&sessions->clock);
    pthread_mutex_lock(&sessions->lock);
    const struct known *known = place_of(sessions, hash);
    int64_t age = now - known->checked_at;
    if (is_at(known, hash) && known->sequence == sequence && age >= 0 && age < TIME_SECOND &&
        (known->is_used || !is_use))
        request->session = known->session;
    pthread_mutex_unlock(&sessions->lock);
    if (request->session.is_known || !look_up(sessions, token, is_use, &request->session))
        return;
    pthread_mutex_lock(&sessions->lock);
    *place_of(sessions, hash) =
        (struct known){{hash[0], hash[1]}, request->session, sequence, now, is_use};
    pthread_mutex_unlock(&sessions->lock);
}

bool web_sessions_holds(struct web_sessions *sessions, const char *token)
{
    struct web_session session = {.is_known = false};
    return look_up(sessions, token, false, &session);
}

const char *web_session_token(const struct web_request *request)
{
    return read_token(request->server->sessions, request);
}

// ---- Signing in ------------------------------------------------------------------------------

static void set_cookie(struct web_request *request, const char *token)
{
    const struct web_sessions *sessions = request->server->sessions;
    char cookie[256];
    snprintf(cookie, sizeof cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
             cookie_name(sessions), token, sessions->is_behind_tls ? "; Secure" : "",
             token[0] == '\0' ? "; Max-Age=0" : "");
    web_answer_header(request, "Set-Cookie", cookie);
}

static json_t *list_permissions(const struct web_request *request)
{
    const struct store *store = request->server->options.store;
    json_t *list = json_array();
    for (size_t i = 0; i < store_command_count(store); i++) {
        const struct command_row *command = store_command_at(store, i);
        if (command->who <= request->session.actor.role)
            json_array_append_new(list, json_string(command->name));
    }
    return list;
}

static json_t *describe_store(struct store *store)
{
    static const char *const kinds[] = {
        [STORE_LIVE] = "live", [STORE_REPLAY] = "replay", [STORE_DRILL] = "drill"};
    char time[40], ledger[40];
    time_write_instant(store_business_time(store), time, sizeof time);
    store_write_id(store, -1, ledger, sizeof ledger);
    return json_pack("{s:s,s:s,s:s,s:s,s:s}", "kind", kinds[store_kind_of(store)], "time", time,
                     "ledger", ledger, "name", store_name_of(store), "division_code",
                     store_division_code(store));
}

// What the page needs to know of who is signed in.
static void answer_session(struct web_request *request)
{
    static const char *const roles[] = {"viewer", "officer", "administrator"};
    struct store *store = request->server->options.store;
    struct fault fault = {.code = FAULT_NONE};
    struct span text = {NULL, 0};
    json_t *answer = NULL;
    enum fault_code code = store_query_write(store, QUERY_SESSION_ACCOUNT, &request->session.actor,
                                             0, NULL, &request->arena, &text, &fault);
    if (code == FAULT_NONE)
        code = json_read(text, &answer, &fault);
    if (code != FAULT_NONE) {
        web_answer_fault(request, &fault);
        return;
    }
    json_t *row = json_incref(json_array_get(json_object_get(answer, "rows"), 0));
    json_decref(answer);
    if (row == NULL) {
        web_answer_missing(request);
        return;
    }
    enum store_role role = request->session.actor.role;
    assert(role < sizeof roles / sizeof roles[0]);
    json_object_set_new(row, "role", json_string(roles[role]));
    json_object_set_new(row, "store", describe_store(store));
    json_object_set_new(row, "permissions", list_permissions(request));
    web_answer_json(request, 200, row);
}

// On a work thread: the hash, and the new session.
static void check_sign_in(void *context)
{
    struct web_request *request = context;
    struct web_sessions *sessions = request->server->sessions;
    struct sign_in *sign_in = request->job;
    uint64_t address = sessions->is_behind_tls ? 0 : web_client_address(request->client);
    struct span name = span_from(sign_in->name);
    int64_t account = 0;
    enum fault_code code =
        vault_check_password(sessions->vault, name, span_from(sign_in->password),
                             time_now(&sessions->clock), &account, &request->fault);
    explicit_bzero(sign_in->password, sizeof sign_in->password);
    if (code == FAULT_NONE || code == FAULT_DENIED) {
        pthread_mutex_lock(&sessions->lock);
        throttle_note(&sessions->throttle, name, address, code == FAULT_NONE, web_clock_ms());
        pthread_mutex_unlock(&sessions->lock);
    }
    if (code == FAULT_NONE)
        code = vault_open_session(sessions->vault, account, time_now(&sessions->clock),
                                  sign_in->token, &request->fault);
    web_request_wake(request);
}

// On a pool thread: the answer. An old session of this browser ends: the token is a new one.
static void finish_sign_in(struct web_request *request)
{
    struct web_sessions *sessions = request->server->sessions;
    struct sign_in *sign_in = request->job;
    struct fault ignored = {.code = FAULT_NONE};
    const char *old = read_token(sessions, request);
    if (request->fault.code == FAULT_DENIED) {
        web_refuse(request, 401, FAULT_DENIED, TEXT_WEB_SIGN_IN_WRONG);
        return;
    }
    if (request->fault.code != FAULT_NONE) {
        bool is_busy = request->fault.code == FAULT_BUSY;
        bool is_often = is_busy && request->fault.key == TEXT_VAULT_TOO_MANY_FAILURES;
        web_answer_fault_as(request, is_often ? 429 : is_busy ? 503 : 500, &request->fault);
        return;
    }
    if (old != NULL) {
        forget(sessions, old);
        (void)vault_end_session(sessions->vault, span_from(old), &ignored);
    }
    if (!look_up(sessions, sign_in->token, true, &request->session)) {
        web_refuse(request, 401, FAULT_DENIED, TEXT_WEB_SIGN_IN_WRONG);
        return;
    }
    answer_session(request);
    set_cookie(request, sign_in->token);
}

static enum fault_code read_sign_in(struct web_request *request, struct sign_in *sign_in,
                                    struct fault *fault)
{
    json_t *body = NULL;
    struct span name = {NULL, 0}, password = {NULL, 0};
    enum fault_code code = web_request_read_json(request, &body, fault);
    if (code == FAULT_NONE)
        code = json_read_text(body, "name", &name, fault);
    if (code == FAULT_NONE)
        code = json_read_text(body, "password", &password, fault);
    if (code == FAULT_NONE && (name.size >= sizeof sign_in->name || name.size == 0 ||
                               password.size >= sizeof sign_in->password))
        code = fault_set(fault, FAULT_INVALID, TEXT_WEB_SIGN_IN_SIZE);
    if (code == FAULT_NONE) {
        memcpy(sign_in->name, name.data, name.size);
        memcpy(sign_in->password, password.data, password.size);
    }
    json_decref(body);
    return code;
}

static bool admit(struct web_request *request, const struct sign_in *sign_in)
{
    struct web_sessions *sessions = request->server->sessions;
    uint64_t address = sessions->is_behind_tls ? 0 : web_client_address(request->client);
    int64_t wait_s = 0;
    char seconds[24];
    pthread_mutex_lock(&sessions->lock);
    bool is_admitted = throttle_admit(&sessions->throttle, span_from(sign_in->name), address,
                                      web_clock_ms(), &wait_s);
    pthread_mutex_unlock(&sessions->lock);
    if (is_admitted)
        return true;
    web_refuse(request, 429, FAULT_BUSY, TEXT_WEB_SIGN_IN_OFTEN, text_integer((wait_s + 59) / 60));
    snprintf(seconds, sizeof seconds, "%lld", (long long)wait_s);
    web_answer_header(request, "Retry-After", seconds);
    return false;
}

void web_session_run_open(struct web_request *request)
{
    struct web_sessions *sessions = request->server->sessions;
    struct fault fault = {.code = FAULT_NONE};
    struct sign_in *sign_in = arena_allocate(&request->arena, sizeof *sign_in);
    if (sign_in == NULL || sessions->vault == NULL) {
        web_refuse(request, 503, FAULT_BUSY, TEXT_WEB_BUSY);
        return;
    }
    if (read_sign_in(request, sign_in, &fault) != FAULT_NONE) {
        web_answer_fault(request, &fault);
        return;
    }
    if (!admit(request, sign_in))
        return;
    request->job = sign_in;
    web_request_park(request, finish_sign_in);
    if (web_work_post(request->server->work, check_sign_in, request, &request->fault) != FAULT_NONE)
        web_request_wake(request);
}

void web_session_run_show(struct web_request *request)
{
    answer_session(request);
}

void web_session_run_close(struct web_request *request)
{
    struct web_sessions *sessions = request->server->sessions;
    struct fault fault = {.code = FAULT_NONE};
    const char *token = read_token(sessions, request);
    assert(token != NULL && request->session.is_known);
    forget(sessions, token);
    if (vault_end_session(sessions->vault, span_from(token), &fault) != FAULT_NONE) {
        web_answer_fault(request, &fault);
        return;
    }
    web_answer_json(request, 200, json_pack("{s:b}", "is_closed", 1));
    set_cookie(request, "");
    web_answer_header(request, "Clear-Site-Data", "\"cache\", \"storage\"");
}
