// SPDX-License-Identifier: GPL-3.0-or-later
//
// session.c: sessions by token.
//
// A token is 32 random bytes as base64url; the vault keeps BLAKE2b of it and not the token, so that
// a copy of the vault opens no session. A session ends 30 minutes after its last noted use, 12
// hours after it was opened, when it is ended, when its account's password is set anew, and when
// the clock has gone back by more than five minutes (it must not live longer because a clock was
// set). Use is noted once a minute, to spare the disk; so the idle time is exact to a minute.
// Watching is no use: an open page that only waits for news keeps no session alive.
//
// An answer never says which of these it was.
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/time.h"
#include "vault/vault_priv.h"
#include "vault_sql.h"

static const int64_t idle_max = 30 * TIME_MINUTE, life_max = 12 * TIME_HOUR,
                     note_every = TIME_MINUTE, step_back_max = 5 * TIME_MINUTE;
enum { TOKEN_BYTES = 32, BASE64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
static_assert(VAULT_TOKEN_SIZE == sodium_base64_ENCODED_LEN(TOKEN_BYTES, BASE64), "a token fits");

static void hash_token(struct span token, unsigned char ret_hash[VAULT_SESSION_SIZE])
{
    crypto_generichash(ret_hash, VAULT_SESSION_SIZE, (const unsigned char *)token.data, token.size,
                       NULL, 0);
}

static struct vault_value blob(const unsigned char hash[VAULT_SESSION_SIZE])
{
    return (struct vault_value){.text = {(const char *)hash, VAULT_SESSION_SIZE}, .is_blob = true};
}

enum fault_code vault_open_session(struct vault *vault, int64_t account, int64_t now,
                                   char ret_token[VAULT_TOKEN_SIZE], struct fault *fault)
{
    unsigned char chance[TOKEN_BYTES], hash[VAULT_SESSION_SIZE];
    char token[VAULT_TOKEN_SIZE];
    assert(account > 0);
    randombytes_buf(chance, sizeof chance);
    sodium_bin2base64(token, sizeof token, chance, sizeof chance, BASE64);
    hash_token(span_from(token), hash);
    struct vault_value row[] = {blob(hash), {.number = account}, {.number = now}};
    struct vault_value old[] = {{.number = now - life_max}, {.number = now - idle_max}};
    pthread_mutex_lock(&vault->lock);
    enum fault_code code = vault_begin(vault, fault);
    if (code == FAULT_NONE) {
        code = vault_run(vault, VAULT_SQL_DELETE_OLD_SESSIONS, old, 2, NULL, NULL, fault);
        if (code == FAULT_NONE)
            code = vault_run(vault, VAULT_SQL_INSERT_SESSION, row, 3, NULL, NULL, fault);
        code = vault_end(vault, code, fault);
    }
    pthread_mutex_unlock(&vault->lock);
    if (code == FAULT_NONE)
        memcpy(ret_token, token, sizeof token);
    sodium_memzero(chance, sizeof chance);
    sodium_memzero(token, sizeof token);
    return code;
}

static enum fault_code find(struct vault *vault, const unsigned char hash[VAULT_SESSION_SIZE],
                            int64_t now, bool is_use, int64_t *ret_account, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    struct vault_value key[] = {blob(hash)}, note[] = {blob(hash), {.number = now}};
    enum fault_code code =
        vault_run(vault, VAULT_SQL_READ_SESSION, key, 1, &statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    int64_t account = 0, opened_at = 0, used_at = 0;
    if (is_row) {
        account = sqlite3_column_int64(statement, 0);
        opened_at = sqlite3_column_int64(statement, 1);
        used_at = sqlite3_column_int64(statement, 2);
    }
    sqlite3_reset(statement);
    bool is_ended =
        now - opened_at >= life_max || now - used_at >= idle_max || used_at - now > step_back_max;
    if (is_row && is_ended)
        code = vault_run(vault, VAULT_SQL_DELETE_SESSION, key, 1, NULL, NULL, fault);
    else if (is_row && is_use && now - used_at >= note_every)
        code = vault_run(vault, VAULT_SQL_NOTE_SESSION, note, 2, NULL, NULL, fault);
    if (code != FAULT_NONE)
        return code;
    if (!is_row || is_ended)
        return fault_set(fault, FAULT_DENIED, TEXT_VAULT_NO_SESSION, {0});
    *ret_account = account;
    return FAULT_NONE;
}

static enum fault_code look_up(struct vault *vault, struct span token, int64_t now, bool is_use,
                               int64_t *ret_account, unsigned char ret_session[VAULT_SESSION_SIZE],
                               struct fault *fault)
{
    unsigned char hash[VAULT_SESSION_SIZE];
    if (token.size != VAULT_TOKEN_SIZE - 1)
        return fault_set(fault, FAULT_DENIED, TEXT_VAULT_NO_SESSION, {0});
    hash_token(token, hash);
    pthread_mutex_lock(&vault->lock);
    enum fault_code code = find(vault, hash, now, is_use, ret_account, fault);
    pthread_mutex_unlock(&vault->lock);
    if (code == FAULT_NONE)
        memcpy(ret_session, hash, VAULT_SESSION_SIZE);
    return code;
}

enum fault_code vault_find_session(struct vault *vault, struct span token, int64_t now,
                                   int64_t *ret_account,
                                   unsigned char ret_session[VAULT_SESSION_SIZE],
                                   struct fault *fault)
{
    return look_up(vault, token, now, true, ret_account, ret_session, fault);
}

enum fault_code vault_watch_session(struct vault *vault, struct span token, int64_t now,
                                    int64_t *ret_account,
                                    unsigned char ret_session[VAULT_SESSION_SIZE],
                                    struct fault *fault)
{
    return look_up(vault, token, now, false, ret_account, ret_session, fault);
}

enum fault_code vault_end_session(struct vault *vault, struct span token, struct fault *fault)
{
    unsigned char hash[VAULT_SESSION_SIZE];
    hash_token(token, hash);
    struct vault_value key[] = {blob(hash)};
    pthread_mutex_lock(&vault->lock);
    enum fault_code code = vault_run(vault, VAULT_SQL_DELETE_SESSION, key, 1, NULL, NULL, fault);
    pthread_mutex_unlock(&vault->lock);
    return code;
}

enum fault_code vault_end_account(struct vault *vault, int64_t account, struct fault *fault)
{
    struct vault_value key[] = {{.number = account}};
    pthread_mutex_lock(&vault->lock);
    enum fault_code code =
        vault_run(vault, VAULT_SQL_DELETE_ACCOUNT_SESSIONS, key, 1, NULL, NULL, fault);
    pthread_mutex_unlock(&vault->lock);
    return code;
}
