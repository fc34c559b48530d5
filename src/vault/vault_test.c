// SPDX-License-Identifier: GPL-3.0-or-later
//
// vault_test.c: the key signs and stays; passwords, sessions and throttle; backup.
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/time.h"
#include "unit.h"
#include "vault/vault_priv.h"

static const int64_t noon = INT64_C(1595476800000000);
static const char good[] = "correct horse battery";

static char *path_of(const char *name)
{
    static char path[4][256];
    static int next;
    char *result = path[next++ % 4];
    snprintf(result, sizeof path[0], "%s/%s", unit_folder(), name);
    return result;
}

static struct vault *open_vault(const char *path, enum vault_cost cost)
{
    struct fault fault = {0};
    struct vault *vault = NULL;
    if (!unit_check(vault_open(path, NULL, cost, &vault, &fault) == FAULT_NONE, __FILE__, __LINE__,
                    "%s does not open, fault %d", path, (int)fault.code))
        exit(1);
    return vault;
}

static struct vault *make_vault(const char *name)
{
    struct fault fault = {0};
    char *path = path_of(name);
    CHECK_EQUAL(vault_create(path, NULL, noon, &fault), FAULT_NONE);
    return open_vault(path, VAULT_COST_LOW);
}

static enum fault_code check(struct vault *vault, const char *name, const char *password,
                             int64_t now, int64_t *ret_account)
{
    struct fault fault = {0};
    return vault_check_password(vault, span_from(name), span_from(password), now, ret_account,
                                &fault);
}

static void set(struct vault *vault, const char *name, int64_t account, const char *password)
{
    struct fault fault = {0};
    CHECK_EQUAL(vault_set_password(vault, span_from(name), account, span_from(password), &fault),
                FAULT_NONE);
}

void test_the_key_signs_and_outlives_the_process(void)
{
    struct fault fault = {0}, again = {0};
    struct stat status;
    unsigned char key[VAULT_KEY_SIZE], same[VAULT_KEY_SIZE], signature[VAULT_SIGNATURE_SIZE];
    struct vault *vault = make_vault("key.db");
    vault_public_key(vault, key);
    CHECK_EQUAL(vault_sign(vault, span_from("a head"), signature, &fault), FAULT_NONE);
    CHECK_EQUAL(crypto_sign_verify_detached(signature, (const unsigned char *)"a head", 6, key), 0);
    vault_close(vault);
    vault = open_vault(path_of("key.db"), VAULT_COST_LOW);
    vault_public_key(vault, same);
    CHECK(memcmp(key, same, sizeof key) == 0);
    CHECK_EQUAL(vault_rotate_key(vault, noon, same, &fault), FAULT_NONE);
    CHECK(memcmp(key, same, sizeof key) != 0);
    CHECK_EQUAL(vault_sign(vault, span_from("a head"), signature, &fault), FAULT_NONE);
    CHECK_EQUAL(crypto_sign_verify_detached(signature, (const unsigned char *)"a head", 6, same),
                0);
    vault_close(vault);
    CHECK_EQUAL(stat(path_of("key.db"), &status), 0);
    CHECK_EQUAL(status.st_mode & 0777, 0600);
    CHECK_EQUAL(vault_create(path_of("key.db"), NULL, noon, &again), FAULT_INVALID);
}

void test_a_password_signs_in_and_another_does_not(void)
{
    int64_t account = -1;
    struct vault *vault = make_vault("password.db");
    set(vault, "dalian", 42, good);
    set(vault, "lindi", 43, "another long password");
    CHECK_EQUAL(check(vault, "dalian", good, noon, &account), FAULT_NONE);
    CHECK_EQUAL(account, 42);
    account = -1;
    CHECK_EQUAL(check(vault, "dalian", "correct horse batterz", noon, &account), FAULT_DENIED);
    CHECK_EQUAL(check(vault, "lindi", good, noon, &account), FAULT_DENIED);
    CHECK_EQUAL(check(vault, "nobody", good, noon, &account), FAULT_DENIED);
    CHECK_EQUAL(check(vault, "", good, noon, &account), FAULT_DENIED);
    CHECK_EQUAL(check(vault, "Dalian", good, noon, &account), FAULT_DENIED);
    CHECK_EQUAL(check(vault, "dalian", "", noon, &account), FAULT_DENIED);
    CHECK_EQUAL(account, -1);
    vault_close(vault);
}

void test_names_and_passwords_have_limits(void)
{
    struct vault *vault = make_vault("limits.db");
    static const char *const names[] = {"", "Dalian", "a b", "?1", "x'--", "\xE5\xA4\xA7"};
    static char huge[VAULT_PASSWORD_SIZE_MAX + 2];
    memset(huge, 'x', sizeof huge - 1);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct fault fault = {0};
        CHECK_EQUAL(vault_set_password(vault, span_from(names[i]), 1, span_from(good), &fault),
                    FAULT_INVALID);
    }
    struct fault small = {0}, big = {0}, wide = {0};
    CHECK_EQUAL(vault_set_password(vault, span_from("a"), 1, span_from("fourteen chars"), &small),
                FAULT_INVALID);
    CHECK_EQUAL(vault_set_password(vault, span_from("a"), 1, span_from(huge), &big), FAULT_INVALID);
    CHECK_EQUAL(vault_set_password(vault, span_from("a"), 1,
                                   span_from("一二三四五六七八九十一二三四五"), &wide),
                FAULT_NONE);
    vault_close(vault);
}

void test_a_new_password_ends_the_sessions(void)
{
    struct fault fault = {0}, ended = {0}, removed = {0};
    char token[VAULT_TOKEN_SIZE], other[VAULT_TOKEN_SIZE];
    unsigned char session[VAULT_SESSION_SIZE];
    int64_t account = -1;
    struct vault *vault = make_vault("new.db");
    set(vault, "dalian", 42, good);
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    CHECK_EQUAL(vault_open_session(vault, 43, noon, other, &fault), FAULT_NONE);
    set(vault, "dalian", 42, "a wholly new password");
    CHECK_EQUAL(vault_find_session(vault, span_from(token), noon, &account, session, &ended),
                FAULT_DENIED);
    CHECK_EQUAL(vault_find_session(vault, span_from(other), noon, &account, session, &fault),
                FAULT_NONE);
    CHECK_EQUAL(check(vault, "dalian", good, noon, &account), FAULT_DENIED);
    CHECK_EQUAL(check(vault, "dalian", "a wholly new password", noon, &account), FAULT_NONE);
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    CHECK_EQUAL(vault_remove_password(vault, span_from("dalian"), &fault), FAULT_NONE);
    CHECK_EQUAL(vault_remove_password(vault, span_from("dalian"), &fault), FAULT_NONE);
    CHECK_EQUAL(vault_find_session(vault, span_from(token), noon, &account, session, &removed),
                FAULT_DENIED);
    CHECK_EQUAL(check(vault, "dalian", "a wholly new password", noon, &account), FAULT_DENIED);
    vault_close(vault);
}

// At most 100 failures a day reach the hash, under a known name and under an unknown one alike.
void test_failures_are_throttled_by_the_day(void)
{
    static const char *const names[] = {"dalian", "nobody"};
    int64_t account = -1;
    struct vault *vault = make_vault("throttle.db");
    set(vault, "dalian", 42, good);
    for (size_t i = 0; i < 2; i++) {
        for (int guess = 0; guess < VAULT_FAILURES_PER_DAY; guess++)
            CHECK_EQUAL(check(vault, names[i], "wrong wrong wrong", noon, &account), FAULT_DENIED);
        CHECK_EQUAL(check(vault, names[i], "wrong wrong wrong", noon, &account), FAULT_BUSY);
        CHECK_EQUAL(check(vault, names[i], good, noon + TIME_HOUR, &account), FAULT_BUSY);
    }
    CHECK_EQUAL(check(vault, "dalian", good, noon + TIME_DAY, &account), FAULT_NONE);
    CHECK_EQUAL(check(vault, "nobody", good, noon + TIME_DAY, &account), FAULT_DENIED);
    vault_close(vault);
}

void test_a_success_forgives_only_itself(void)
{
    int64_t account = -1;
    struct vault *vault = make_vault("forgive.db");
    set(vault, "dalian", 42, good);
    for (int guess = 0; guess < VAULT_FAILURES_PER_DAY - 1; guess++) {
        CHECK_EQUAL(check(vault, "dalian", "wrong wrong wrong", noon, &account), FAULT_DENIED);
        CHECK_EQUAL(check(vault, "dalian", good, noon, &account), FAULT_NONE);
    }
    CHECK_EQUAL(check(vault, "dalian", "wrong wrong wrong", noon, &account), FAULT_DENIED);
    CHECK_EQUAL(check(vault, "dalian", "wrong wrong wrong", noon, &account), FAULT_BUSY);
    vault_close(vault);
}

static double seconds(struct vault *vault, const char *name)
{
    struct timespec start, end;
    int64_t account = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < 20; i++)
        check(vault, name, "wrong wrong wrong", noon, &account);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

// Both take one hash: a known name may not be told by time. Wide bounds, as the machine is shared.
void test_an_unknown_name_takes_as_long(void)
{
    struct vault *vault = make_vault("time.db");
    set(vault, "dalian", 42, good);
    double known = seconds(vault, "dalian"), unknown = seconds(vault, "nobody");
    CHECK(unknown > known / 3 && known > unknown / 3);
    vault_close(vault);
}

void test_a_cheap_hash_is_renewed_at_sign_in(void)
{
    int64_t account = -1;
    sqlite3_stmt *statement = NULL;
    struct vault *vault = make_vault("renew.db");
    set(vault, "dalian", 42, good);
    vault_close(vault);
    vault = open_vault(path_of("renew.db"), VAULT_COST_FULL);
    CHECK_EQUAL(check(vault, "dalian", good, noon, &account), FAULT_NONE);
    CHECK_EQUAL(check(vault, "dalian", good, noon, &account), FAULT_NONE);
    CHECK_EQUAL(sqlite3_prepare_v2(vault->database.connection, "SELECT hash FROM credential", -1,
                                   &statement, NULL),
                SQLITE_OK);
    int count = 0;
    for (; sqlite3_step(statement) == SQLITE_ROW; count++)
        CHECK(strncmp((const char *)sqlite3_column_text(statement, 0),
                      "$argon2id$v=19$m=65536,t=3,p=1$", 31) == 0);
    CHECK_EQUAL(count, 2);
    sqlite3_finalize(statement);
    vault_close(vault);
}

void test_a_session_ends_by_its_two_clocks(void)
{
    struct fault fault = {0};
    char token[VAULT_TOKEN_SIZE];
    unsigned char session[VAULT_SESSION_SIZE];
    int64_t account = -1;
    struct vault *vault = make_vault("session.db");
#define FIND(at)                                                                                   \
    (fault = (struct fault){0},                                                                    \
     vault_find_session(vault, span_from(token), (at), &account, session, &fault))
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    CHECK_EQUAL(strlen(token), VAULT_TOKEN_SIZE - 1);
    CHECK_EQUAL(FIND(noon + 29 * TIME_MINUTE), FAULT_NONE);
    CHECK_EQUAL(account, 42);
    CHECK_EQUAL(FIND(noon + 58 * TIME_MINUTE), FAULT_NONE);
    CHECK_EQUAL(FIND(noon + 88 * TIME_MINUTE), FAULT_DENIED); // Idle for 30.
    CHECK_EQUAL(FIND(noon + 60 * TIME_MINUTE), FAULT_DENIED); // Ended is ended.
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    int64_t at = noon;
    while (at + 20 * TIME_MINUTE < noon + 12 * TIME_HOUR)
        CHECK_EQUAL(FIND(at += 20 * TIME_MINUTE), FAULT_NONE);
    CHECK_EQUAL(FIND(noon + 12 * TIME_HOUR), FAULT_DENIED);
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    CHECK_EQUAL(FIND(noon - 4 * TIME_MINUTE), FAULT_NONE);
    CHECK_EQUAL(FIND(noon - 6 * TIME_MINUTE), FAULT_DENIED); // The clock went back.
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    CHECK_EQUAL(vault_end_session(vault, span_from(token), &fault), FAULT_NONE);
    CHECK_EQUAL(FIND(noon), FAULT_DENIED);
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    CHECK_EQUAL(vault_end_account(vault, 42, &fault), FAULT_NONE);
    CHECK_EQUAL(FIND(noon), FAULT_DENIED);
    memcpy(token, "nothing", 8);
    CHECK_EQUAL(FIND(noon), FAULT_DENIED);
#undef FIND
    vault_close(vault);
}

void test_watching_a_session_is_no_use(void)
{
    struct fault fault = {0};
    char token[VAULT_TOKEN_SIZE];
    unsigned char session[VAULT_SESSION_SIZE];
    int64_t account = -1;
    struct vault *vault = make_vault("watched.db");
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    for (int minute = 5; minute < 30; minute += 5)
        CHECK_EQUAL(vault_watch_session(vault, span_from(token), noon + minute * TIME_MINUTE,
                                        &account, session, &fault),
                    FAULT_NONE);
    CHECK_EQUAL(account, 42);
    CHECK_EQUAL(vault_watch_session(vault, span_from(token), noon + 30 * TIME_MINUTE, &account,
                                    session, &fault),
                FAULT_DENIED);
    vault_close(vault);
}

void test_the_file_holds_no_token_and_no_password(void)
{
    static unsigned char bytes[1 << 20];
    struct fault fault = {0};
    char token[VAULT_TOKEN_SIZE];
    struct vault *vault = make_vault("canary.db");
    set(vault, "dalian", 42, good);
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    static const char *const ends[] = {"", "-wal"};
    size_t sum = 0;
    for (size_t i = 0; i < 2; i++) {
        char name[64];
        snprintf(name, sizeof name, "canary.db%s", ends[i]);
        FILE *file = fopen(path_of(name), "rb");
        size_t size = file == NULL ? 0 : fread(bytes, 1, sizeof bytes, file);
        CHECK(memmem(bytes, size, token, sizeof token - 1) == NULL);
        CHECK(memmem(bytes, size, good, sizeof good - 1) == NULL);
        sum += size;
        if (file != NULL)
            fclose(file);
    }
    CHECK(sum > 0);
    vault_close(vault);
}

static struct vault *shared_vault;

static void *sign_in_often(void *context)
{
    int *failed = context;
    for (int i = 0; i < 15; i++) {
        struct fault fault = {0};
        char token[VAULT_TOKEN_SIZE];
        unsigned char session[VAULT_SESSION_SIZE], signature[VAULT_SIGNATURE_SIZE];
        int64_t account = 0;
        *failed += check(shared_vault, "dalian", good, noon, &account) != FAULT_NONE;
        *failed += vault_open_session(shared_vault, account, noon, token, &fault) != FAULT_NONE;
        *failed += vault_find_session(shared_vault, span_from(token), noon, &account, session,
                                      &fault) != FAULT_NONE;
        *failed += vault_sign(shared_vault, span_from("x"), signature, &fault) != FAULT_NONE;
        *failed += account != 42;
    }
    return NULL;
}

void test_many_threads_use_one_vault(void)
{
    enum { THREADS = 8 };
    pthread_t thread[THREADS];
    int failed[THREADS] = {0};
    shared_vault = make_vault("threads.db");
    set(shared_vault, "dalian", 42, good);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQUAL(pthread_create(&thread[i], NULL, sign_in_often, &failed[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(thread[i], NULL);
        CHECK_EQUAL(failed[i], 0);
    }
    vault_close(shared_vault);
}

void test_a_backup_opens_with_its_passphrase_only(void)
{
    struct fault fault = {0}, wrong = {0}, changed = {0}, weak = {0};
    char token[VAULT_TOKEN_SIZE];
    unsigned char key[VAULT_KEY_SIZE], same[VAULT_KEY_SIZE], session[VAULT_SESSION_SIZE];
    int64_t account = -1;
    struct vault *vault = make_vault("source.db");
    set(vault, "dalian", 42, good);
    CHECK_EQUAL(vault_open_session(vault, 42, noon, token, &fault), FAULT_NONE);
    vault_public_key(vault, key);
    CHECK_EQUAL(vault_backup(vault, span_from("weak"), path_of("weak"), &weak), FAULT_INVALID);
    CHECK_EQUAL(
        vault_backup(vault, span_from("three words of recovery"), path_of("sealed"), &fault),
        FAULT_NONE);
    vault_close(vault);
    CHECK_EQUAL(vault_restore(path_of("sealed"), span_from("three words of recoverx"),
                              path_of("back.db"), &wrong),
                FAULT_DENIED);
    CHECK_EQUAL(vault_restore(path_of("sealed"), span_from("three words of recovery"),
                              path_of("back.db"), &fault),
                FAULT_NONE);
    vault = open_vault(path_of("back.db"), VAULT_COST_LOW);
    vault_public_key(vault, same);
    CHECK(memcmp(key, same, sizeof key) == 0);
    CHECK_EQUAL(check(vault, "dalian", good, noon, &account), FAULT_NONE);
    struct fault ended = {0};
    CHECK_EQUAL(vault_find_session(vault, span_from(token), noon, &account, session, &ended),
                FAULT_DENIED);
    vault_close(vault);
    FILE *file = fopen(path_of("sealed"), "r+b");
    fseek(file, 1000, SEEK_SET);
    fputc('x', file);
    fclose(file);
    CHECK_EQUAL(vault_restore(path_of("sealed"), span_from("three words of recovery"),
                              path_of("other.db"), &changed),
                FAULT_DENIED);
}
