// SPDX-License-Identifier: GPL-3.0-or-later
//
// store.c: a data folder is founded, opened and closed; its facts.
//
// Opening. `lock` is taken with flock and names its holder for whoever comes later:
//
//     lock is free    holder: ledger, state (caught up), leftovers cleared, writer, socket
//     lock is held    client: readers on state.db, commands by the socket
//
// The lock is given up by the kernel when its holder dies, so no stale lock is possible; the file
// itself is never removed.
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/found.h"
#include "store/store_priv.h"
#include "vault/vault.h"

static const char *const kind_names[] = {"live", "replay", "drill"};

// ---- Facts -----------------------------------------------------------------------------------

bool store_is_holder(const struct store *store)
{
    return store->is_holder;
}

const char *store_folder(const struct store *store)
{
    return store->folder;
}

enum store_kind store_kind_of(const struct store *store)
{
    return store->kind;
}

const char *store_name_of(const struct store *store)
{
    return store->name;
}

int64_t store_ledger_id(const struct store *store)
{
    return store->ledger_id;
}

int64_t store_division(const struct store *store)
{
    return store->division;
}

const char *store_division_code(const struct store *store)
{
    return store->division_code;
}

int64_t store_business_time(struct store *store)
{
    int64_t newest = atomic_load(&store->newest_time);
    if (store->kind != STORE_LIVE)
        return newest;
    int64_t now = time_now(&store->options.clock);
    return now > newest ? now : newest;
}

int64_t store_sequence(struct store *store)
{
    return atomic_load(&store->newest_sequence);
}

size_t store_write_id(const struct store *store, int64_t id, char *buffer, size_t size)
{
    return ledger_write_id(store->ledger_id, id, buffer, size);
}

size_t store_write_ledger(const struct store *store, char *buffer, size_t size)
{
    return ledger_write_id(store->ledger_id, -1, buffer, size);
}

bool store_read_id(const struct store *store, struct span text, int64_t *ret_id)
{
    int64_t ledger = 0, sequence = 0;
    if (span_to_integer(text, ret_id))
        return true;
    if (!ledger_read_id(text, &ledger, &sequence) || sequence < 0 || ledger != store->ledger_id)
        return false;
    *ret_id = sequence;
    return true;
}

// ---- Actors ----------------------------------------------------------------------------------

struct store_actor store_system_actor(void)
{
    return (struct store_actor){.role = ROLE_SYSTEM, .low = 0, .high = INT64_MAX};
}

static enum fault_code find_actor(struct store *store, int64_t account, struct span name,
                                  struct store_actor *ret_actor, struct fault *fault)
{
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = store_reader_open(store, &system, 0, &reader, fault);
    if (code == FAULT_NONE)
        code =
            database_prepare(&reader->database, STATE_SQL_READ_SCOPE_OF_ACCOUNT, &statement, fault);
    if (code != FAULT_NONE)
        goto out;
    if (account > 0)
        sqlite3_bind_int64(statement, 1, account);
    else
        sqlite3_bind_text64(statement, 2, name.data, name.size, SQLITE_STATIC, SQLITE_UTF8);
    code = database_step(&reader->database, statement, &is_row, fault);
    if (code == FAULT_NONE && !is_row)
        code = fault_set(fault, FAULT_MISSING, TEXT_STORE_ACCOUNT_UNKNOWN,
                         account > 0 ? text_integer(account) : text_span(name));
    if (code == FAULT_NONE) {
        *ret_actor = (struct store_actor){.account = sqlite3_column_int64(statement, 0),
                                          .role = (enum store_role)sqlite3_column_int(statement, 1),
                                          .division = sqlite3_column_int64(statement, 2),
                                          .post = sqlite3_column_int64(statement, 3),
                                          .unit = sqlite3_column_int64(statement, 4),
                                          .low = sqlite3_column_int64(statement, 5),
                                          .high = sqlite3_column_int64(statement, 6)};
        sqlite3_reset(statement);
    }
out:
    store_reader_close(reader);
    return code;
}

enum fault_code store_find_actor(struct store *store, struct span account_name,
                                 struct store_actor *ret_actor, struct fault *fault)
{
    return find_actor(store, 0, account_name, ret_actor, fault);
}

struct vault *store_vault(struct store *store)
{
    return store->vault;
}

enum fault_code store_set_password(struct store *store, struct span account_name,
                                   struct span password, struct fault *fault)
{
    struct store_actor actor = {0};
    if (store->vault == NULL)
        return fault_set(fault, FAULT_DENIED, TEXT_STORE_PASSWORD_NOWHERE,
                         text_string(store->folder));
    enum fault_code code = store_find_actor(store, account_name, &actor, fault);
    if (code == FAULT_NONE)
        code = vault_set_password(store->vault, account_name, actor.account, password, fault);
    return code;
}

enum fault_code store_find_actor_by_id(struct store *store, int64_t account,
                                       struct store_actor *ret_actor, struct fault *fault)
{
    assert(account > 0);
    return find_actor(store, account, (struct span){0}, ret_actor, fault);
}

// ---- Opening ---------------------------------------------------------------------------------

static enum fault_code name_holder(const struct store *store, struct fault *fault)
{
    char holder[64] = "levee";
    ssize_t size = pread(store->lock_file, holder, sizeof holder - 1, 0);
    holder[size > 0 ? size : 0] = '\0';
    return fault_set(fault, FAULT_BUSY, TEXT_STORE_HELD, text_string(store->folder),
                     text_string(holder));
}

// Takes the lock if it is free; store->is_holder says so.
static enum fault_code take_lock(struct store *store, struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 16], holder[64];
    store_path(store->folder, "ledger.db", path);
    if (access(path, F_OK) != 0)
        return fault_set(fault, FAULT_MISSING,
                         store_has_leftovers(store->folder) ? TEXT_STORE_FOUNDING_CUT_OFF
                                                            : TEXT_STORE_NO_STORE,
                         text_string(store->folder));
    store_path(store->folder, "lock", path);
    store->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock_file < 0)
        return file_unwritable(fault, path, errno);
    store->is_holder = flock(store->lock_file, LOCK_EX | LOCK_NB) == 0;
    if (!store->is_holder)
        return store->options.must_hold ? name_holder(store, fault) : FAULT_NONE;
    int size =
        snprintf(holder, sizeof holder, "%s (%d)", program_invocation_short_name, (int)getpid());
    if (ftruncate(store->lock_file, 0) != 0 ||
        pwrite(store->lock_file, holder, (size_t)size, 0) != size)
        return file_unwritable(fault, path, errno);
    return FAULT_NONE;
}

static enum fault_code make_writer(struct store *store, struct fault *fault)
{
    struct writer *writer = memory_allocate(sizeof *writer);
    pthread_condattr_t attributes;
    if (writer == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->has_work, &attributes);
    pthread_condattr_destroy(&attributes);
    for (int i = 0; i < LIMIT_QUEUE_COMMANDS; i++) {
        writer->pool[i].next = writer->free;
        writer->free = &writer->pool[i];
    }
    writer->held_at = -1;
    writer->due_checked = -1;
    store->writer = writer;
    return FAULT_NONE;
}

// Trees of divisions that never ended, a slice at a time.
static enum fault_code drop_incomplete_trees(struct store *store, struct fault *fault)
{
    for (;;) {
        int64_t tree = 0;
        enum fault_code code = database_read_integer(
            &store->state.database, STATE_SQL_READ_INCOMPLETE_TREE, 0, &tree, fault);
        if (code != FAULT_NONE || tree == 0)
            return code;
        json_t *body = json_pack("{s:I}", "tree", (json_int_t)tree);
        code = writer_run_now(store, "divisions.drop", body, NULL, fault);
        json_decref(body);
        if (code != FAULT_NONE)
            return code;
    }
}

// Batches that never ended are never seen; they are cleared away by an entry, as all is.
static enum fault_code drop_incomplete(struct store *store, struct fault *fault)
{
    for (;;) {
        sqlite3_stmt *statement = NULL;
        bool is_row = false;
        enum fault_code code = database_prepare(&store->state.database,
                                                STATE_SQL_READ_INCOMPLETE_BATCH, &statement, fault);
        if (code == FAULT_NONE)
            code = database_step(&store->state.database, statement, &is_row, fault);
        if (code != FAULT_NONE || !is_row)
            return code;
        json_t *body = json_pack("{s:I, s:I}", "batch", sqlite3_column_int64(statement, 0),
                                 "division", sqlite3_column_int64(statement, 1));
        sqlite3_reset(statement);
        code = writer_run_now(store, "readings.drop", body, NULL, fault);
        json_decref(body);
        if (code != FAULT_NONE)
            return code;
    }
}

// Passwords of a replay are shown to everybody: hashing them dearly would only slow the sign-in.
static enum fault_code open_vault(struct store *store, struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 16];
    store_path(store->folder, "vault.db", path);
    if (access(path, F_OK) != 0)
        return fault_set(fault, FAULT_MISSING, TEXT_STORE_VAULT_MISSING, text_string(path));
    return vault_open(path, NULL, store->kind == STORE_LIVE ? VAULT_COST_FULL : VAULT_COST_LOW,
                      &store->vault, fault);
}

static enum fault_code open_as_holder(struct store *store, struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 16];
    store_path(store->folder, "ledger.db", path);
    struct ledger_options options = {
        .path = path, .is_writer = true, .log_size = LIMIT_LEDGER_LOG_SIZE};
    enum fault_code code = make_writer(store, fault);
    if (code == FAULT_NONE)
        code = ledger_open(&options, &store->ledger, fault);
    if (code != FAULT_NONE)
        return code;
    store->ledger_id = ledger_id(store->ledger);
    memcpy(store->identity, ledger_identity(store->ledger), LEDGER_IDENTITY_SIZE);
    code = state_open(store, fault);
    if (code != FAULT_NONE)
        return code;
    struct span kind = ledger_kind(store->ledger);
    for (int i = 0; i < 3; i++)
        if (span_is(kind, kind_names[i]))
            store->kind = (enum store_kind)i;
    code = state_read_office(&store->state, fault);
    if (code == FAULT_NONE && store->kind != STORE_DRILL)
        code = open_vault(store, fault);
    store->writer->last_cause = store->cursor.applied - 1; // To be looked at from cursor.chain on.
    atomic_store(&store->newest_time, store->cursor.time);
    atomic_store(&store->newest_sequence, store->cursor.applied - 1);
    if (code == FAULT_NONE && !store->options.must_not_settle)
        code = drop_incomplete(store, fault);
    if (code == FAULT_NONE && !store->options.must_not_settle)
        code = drop_incomplete_trees(store, fault);
    if (code == FAULT_NONE)
        store_remove_place(store->folder);
    return code;
}

static enum fault_code start_as_holder(struct store *store, struct fault *fault)
{
    enum fault_code code = writer_start(store, fault);
    if (code == FAULT_NONE)
        code = listener_start(store, fault);
    return code;
}

static enum fault_code open_as_client(struct store *store, struct fault *fault)
{
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = store_reader_open(store, &system, 1, &reader, fault);
    if (code == FAULT_NONE)
        code = database_prepare(&reader->database, STATE_SQL_READ_TEXT, &statement, fault);
    if (code != FAULT_NONE)
        goto out;
    sqlite3_bind_text(statement, 1, "ledger", -1, SQLITE_STATIC);
    code = database_step(&reader->database, statement, &is_row, fault);
    if (code == FAULT_NONE && is_row)
        store->ledger_id = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    int64_t time = 0;
    if (code == FAULT_NONE)
        code = state_read_office(reader, fault);
    if (code == FAULT_NONE)
        code = database_read_integer(&reader->database, STATE_SQL_READ_TIME, 0, &time, fault);
    atomic_store(&store->newest_time, time);
    atomic_store(&store->newest_sequence, reader->sequence);
out:
    store_reader_close(reader);
    return code;
}

enum fault_code store_open(const struct store_options *options, struct store **ret_store,
                           struct fault *fault)
{
    struct store *store = memory_allocate(sizeof *store);
    if (store == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    store->options = *options;
    if (options->clock.read == NULL)
        store->options.clock = time_clock_machine();
    store->lock_file = store->client_socket = -1;
    pthread_mutex_init(&store->client_mutex, NULL);
    reader_pool_init(&store->pool);
    enum fault_code code = FAULT_NONE;
    size_t size = strlen(options->folder);
    if (size == 0 || size >= sizeof store->folder)
        code = fault_set(fault, FAULT_INVALID, TEXT_DATABASE_PATH_TOO_LONG,
                         text_string(options->folder), text_integer(LIMIT_PATH_SIZE - 1));
    else
        memcpy(store->folder, options->folder, size + 1);
    if (code == FAULT_NONE)
        code = take_lock(store, fault);
    if (code == FAULT_NONE)
        code = store->is_holder ? open_as_holder(store, fault) : open_as_client(store, fault);
    if (code == FAULT_NONE && store->is_holder)
        code = start_as_holder(store, fault);
    if (code == FAULT_NONE)
        *ret_store = store;
    else
        store_close(store);
    return code;
}

// Writes where the chain stands, so that the next opening need not look again.
static void keep_cursor(struct store *store)
{
    struct fault ignored = {0}; // What is not kept is only looked at once more.
    if (store->writer->is_state_behind || store->state.database.connection == NULL)
        return;
    if (database_run(&store->state.database, STATE_SQL_BEGIN, &ignored) == FAULT_NONE &&
        state_write_cursor(store, &ignored) == FAULT_NONE)
        database_run(&store->state.database, STATE_SQL_COMMIT, &ignored);
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    listener_stop(store);
    bool was_running = store->writer != NULL && store->writer->is_running;
    if (was_running) {
        struct writer *writer = store->writer;
        pthread_mutex_lock(&writer->mutex);
        writer->is_stopping = true;
        pthread_cond_signal(&writer->has_work);
        pthread_mutex_unlock(&writer->mutex);
        pthread_join(writer->thread, NULL);
        writer->is_running = false;
        keep_cursor(store);
    }
    writer_stop(store);
    reader_pool_close(&store->pool);
    apply_close(store);
    connection_close(&store->state);
    ledger_close(store->ledger);
    vault_close(store->vault);
    client_close(store);
    pthread_mutex_destroy(&store->client_mutex);
    if (store->lock_file >= 0)
        close(store->lock_file);
    memory_free(store);
}

// ---- Founding --------------------------------------------------------------------------------

// A drill has no vault, so its heads are never signed: its key is all zeros.
static enum fault_code make_vault(const char *folder, enum store_kind kind,
                                  unsigned char ret_key[LEDGER_KEY_SIZE], struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 16];
    struct time_clock clock = time_clock_machine();
    struct vault *vault = NULL;
    if (kind == STORE_DRILL)
        return FAULT_NONE;
    store_path(folder, "vault.db", path);
    enum fault_code code = vault_create(path, NULL, time_now(&clock), fault);
    if (code == FAULT_NONE)
        code = vault_open(path, NULL, VAULT_COST_LOW, &vault, fault);
    if (code == FAULT_NONE)
        vault_public_key(vault, ret_key);
    vault_close(vault);
    return code;
}

static enum fault_code make_ledger(const char *folder, const struct store_birth *birth,
                                   int64_t time, struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 16];
    struct ledger_birth ledger = {.path = path, .kind = kind_names[birth->kind], .time = time};
    store_path(folder, "ledger.db", path);
    enum fault_code code =
        ledger_make_id(span_from(birth->division_code), 0, &ledger.ledger_id, fault);
    if (code == FAULT_NONE)
        code = make_vault(folder, birth->kind, ledger.public_key, fault);
    if (code != FAULT_NONE)
        return code;
    ssize_t size = getrandom(ledger.identity, sizeof ledger.identity, 0);
    assert(size == (ssize_t)sizeof ledger.identity);
    (void)size;
    return ledger_create(&ledger, fault);
}

static enum fault_code open_office(struct store *store, const struct store_birth *birth,
                                   struct fault *fault)
{
    const char *name = birth->name != NULL ? birth->name : birth->division_code;
    json_t *body = json_pack("{s:s, s:s, s:s}", "kind", kind_names[birth->kind], "division_code",
                             birth->division_code, "name", name);
    json_t *tree =
        json_pack("{s:[{s:s, s:s, s:i, s:s, s:s}]}", "rows", "code", birth->division_code, "parent",
                  "", "level", 0, "name_zh", name, "name_en", name);
    struct command_request office = {
        .name = "office.open", .body = body, .actor = store_system_actor()};
    struct command_request divisions = {
        .name = "divisions.load", .body = tree, .actor = store_system_actor()};
    enum fault_code code = store_run_command(store, &office, NULL, fault);
    if (code == FAULT_NONE)
        code = store_run_command(store, &divisions, NULL, fault);
    json_decref(body);
    json_decref(tree);
    return code;
}

enum fault_code store_create(const char *folder, const struct store_birth *birth,
                             struct fault *fault)
{
    struct time_clock clock = time_clock_machine();
    int64_t time = birth->time != 0 ? birth->time : time_now(&clock);
    struct store_founding founding = {.lock = -1};
    struct store *store = NULL;
    enum fault_code code = store_begin_founding(folder, &founding, fault);
    if (code != FAULT_NONE)
        return code;
    struct store_options options = {
        .folder = founding.place, .must_hold = true, .must_not_settle = true};
    code = make_ledger(founding.place, birth, time, fault);
    if (code == FAULT_NONE)
        code = store_open(&options, &store, fault);
    if (code == FAULT_NONE)
        code = open_office(store, birth, fault);
    store_close(store);
    if (code == FAULT_NONE)
        code = store_end_founding(&founding, fault);
    else
        store_abandon_founding(&founding);
    return code;
}
