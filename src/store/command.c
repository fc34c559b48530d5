// SPDX-License-Identifier: GPL-3.0-or-later
//
// command.c: one command: may it, is it well-formed, has it acted already; then run it.
//
// The body is rebuilt by the row's fields: what comes out has exactly the declared fields, each in
// the form its kind promises. A savepoint in ledger and state is opened with the first entry, so
// that a refusal costs nothing; a command that is refused after it has emitted is rolled back in
// both, and the others of its group do not notice.
//
// Invariants: entries of one command have one id, one time, consecutive sequences; whatever emits
// is applied in the same breath; an id that has acted never acts again.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "store/store_priv.h"

static enum fault_code refuse_field(const struct command_field *field, struct fault *fault)
{
    static const char *const kinds[] = {
        [COMMAND_TEXT] = "text",
        [COMMAND_INTEGER] = "integer",
        [COMMAND_REAL_TEXT] = "number, \"12.50\"",
        [COMMAND_TIME] = "2020-07-22T07:00:00+08:00",
        [COMMAND_PERIOD] = "2020-07-22, 2020-W30, 2020-07, 2020-Q3, 2020",
        [COMMAND_ID] = "id, 21-4711",
        [COMMAND_BOOLEAN] = "true, false",
        [COMMAND_JSON] = "JSON",
    };
    return fault_set(fault, FAULT_INVALID, TEXT_STORE_FIELD_INVALID, text_string(field->name),
                     text_string(kinds[field->kind]));
}

static json_t *read_text(const struct command_field *field, const json_t *value)
{
    enum time_frequency frequency = TIME_DAILY;
    int32_t ordinal = 0;
    double real = 0;
    struct span text = {json_string_value(value), json_string_length(value)};
    size_t limit = field->limit > 0 ? (size_t)field->limit : LIMIT_TEXT_SIZE;
    if (field->kind == COMMAND_REAL_TEXT && json_is_number(value)) {
        char number[40];
        // As it was written: 15 digits are what every double keeps.
        int size = json_is_integer(value)
                       ? snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
                                  json_integer_value(value))
                       : snprintf(number, sizeof number, "%.15g", json_real_value(value));
        return json_stringn(number, (size_t)size);
    }
    if (!json_is_string(value) || text.size == 0 || text.size > limit || !span_is_text(text))
        return NULL;
    if (field->kind == COMMAND_PERIOD && !time_read_period(text, &frequency, &ordinal))
        return NULL;
    if (field->kind == COMMAND_REAL_TEXT && !span_to_real(text, &real))
        return NULL;
    return json_stringn(text.data, text.size);
}

static json_t *read_whole(const struct store *store, const struct command_field *field,
                          const json_t *value)
{
    int64_t whole = 0;
    struct span text = {json_string_value(value), json_string_length(value)};
    if (json_is_integer(value))
        whole = json_integer_value(value);
    else if (!json_is_string(value) || field->kind == COMMAND_INTEGER)
        return NULL;
    else if (!(field->kind == COMMAND_ID ? store_read_id(store, text, &whole)
                                         : time_read_instant(text, &whole)))
        return NULL;
    if (field->kind == COMMAND_INTEGER && field->limit > 0 && (whole < 0 || whole > field->limit))
        return NULL;
    return json_integer(whole);
}

// The value in its promised form, a new reference; NULL: it is not of the field's kind.
static json_t *read_field(const struct store *store, const struct command_field *field,
                          json_t *value)
{
    switch (field->kind) {
    case COMMAND_TEXT:
    case COMMAND_REAL_TEXT:
    case COMMAND_PERIOD: return read_text(field, value);
    case COMMAND_INTEGER:
    case COMMAND_ID:
    case COMMAND_TIME: return read_whole(store, field, value);
    case COMMAND_BOOLEAN: return json_is_boolean(value) ? json_incref(value) : NULL;
    case COMMAND_IDS:
    case COMMAND_JSON: break;
    }
    size_t limit = field->limit > 0 ? (size_t)field->limit : LIMIT_COMMAND_BODY_SIZE;
    return json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY) <= limit ? json_incref(value)
                                                                               : NULL;
}

enum fault_code command_check_body(const struct store *store, const struct command_row *row,
                                   const json_t *given, json_t **ret_body, struct fault *fault)
{
    json_t *body = json_object();
    size_t known = 0;
    enum fault_code code = FAULT_NONE;
    if (given != NULL && !json_is_object(given))
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_BODY_NO_OBJECT, text_string(row->name));
    for (const struct command_field *field = row->field;
         code == FAULT_NONE && field < row->field + COMMAND_FIELDS && field->name != NULL;
         field++) {
        json_t *value = json_object_get(given, field->name);
        known += value != NULL;
        if (value == NULL || json_is_null(value)) {
            if (field->is_required)
                code = fault_set(fault, FAULT_INVALID, TEXT_STORE_FIELD_MISSING,
                                 text_string(field->name), text_string(row->name));
            continue;
        }
        json_t *normal = read_field(store, field, value);
        if (normal == NULL)
            code = refuse_field(field, fault);
        else
            json_object_set_new_nocheck(body, field->name, normal);
    }
    const char *name = NULL;
    json_t *value = NULL;
    bool has_more = code == FAULT_NONE && json_object_size(given) > known;
    json_object_foreach(has_more ? (json_t *)given : NULL, name, value)
    {
        bool is_field = false;
        for (int i = 0; i < COMMAND_FIELDS && row->field[i].name != NULL; i++)
            is_field |= strcmp(row->field[i].name, name) == 0;
        if (!is_field)
            code = fault_set(fault, FAULT_INVALID, TEXT_STORE_FIELD_UNKNOWN, text_string(name),
                             text_string(row->name));
    }
    if (code == FAULT_NONE)
        *ret_body = body;
    else
        json_decref(body);
    return code;
}

enum fault_code command_find(const struct store *store, const char *name,
                             const struct store_actor *actor, const struct command_row **ret_row,
                             struct fault *fault)
{
    const struct command_row *row = store_find_command(store, name);
    if (row == NULL)
        return fault_set(fault, FAULT_MISSING, TEXT_STORE_COMMAND_UNKNOWN, text_string(name));
    if (actor->role < row->who)
        return fault_set(fault, FAULT_DENIED, TEXT_STORE_COMMAND_DENIED, text_string(name));
    *ret_row = row;
    return FAULT_NONE;
}

const struct command_row *store_find_command(const struct store *store, const char *name)
{
    for (size_t i = 0; i < store_command_count(store); i++)
        if (strcmp(store_command_at(store, i)->name, name) == 0)
            return store_command_at(store, i);
    return NULL;
}

size_t store_command_count(const struct store *store)
{
    return store_command_total + (store == NULL ? 0 : store->options.command_count);
}

const struct command_row *store_command_at(const struct store *store, size_t index)
{
    assert(index < store_command_count(store));
    return index < store_command_total ? &store_commands[index]
                                       : &store->options.commands[index - store_command_total];
}

// ---- Has it acted? ---------------------------------------------------------------------------

static enum fault_code find_acted(struct store *store, const unsigned char id[COMMAND_ID_SIZE],
                                  int64_t *ret_first, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&store->state.database, STATE_SQL_FIND_COMMAND, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_blob(statement, 1, id, COMMAND_ID_SIZE, SQLITE_STATIC);
    code = database_step(&store->state.database, statement, &is_row, fault);
    *ret_first = code == FAULT_NONE && is_row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return code;
}

bool command_has_acted(struct store *store, const unsigned char id[COMMAND_ID_SIZE])
{
    int64_t first = 0;
    struct fault ignored = {0}; // Not known to have acted: the command itself will meet the fault.
    return find_acted(store, id, &first, &ignored) == FAULT_NONE && first > 0;
}

json_t *command_make_answer(const struct store *store, int64_t first, json_t *added)
{
    char id[LEDGER_ID_TEXT_SIZE];
    json_t *answer = added != NULL ? added : json_object();
    if (first > 0) {
        store_write_id(store, first, id, sizeof id);
        json_object_set_new(answer, "id", json_string(id));
        json_object_set_new(answer, "sequence", json_integer(first));
    } else {
        json_object_set_new(answer, "id", json_null());
        json_object_set_new(answer, "sequence", json_integer(store->cursor.applied - 1));
    }
    return answer;
}

// The first answer again: id and sequence, and what was added, if that was kept.
static json_t *repeat_answer(struct store *store, const unsigned char id[COMMAND_ID_SIZE],
                             int64_t first)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    struct fault ignored = {0};
    json_t *added = NULL;
    if (database_prepare(&store->state.database, STATE_SQL_READ_ANSWER, &statement, &ignored) ==
        FAULT_NONE) {
        sqlite3_bind_blob(statement, 1, id, COMMAND_ID_SIZE, SQLITE_STATIC);
        if (database_step(&store->state.database, statement, &is_row, &ignored) == FAULT_NONE &&
            is_row)
            added = json_loads((const char *)sqlite3_column_text(statement, 0), 0, NULL);
        sqlite3_reset(statement);
    }
    return command_make_answer(store, first, added);
}

static enum fault_code keep_answer(struct store *store, const struct command *command,
                                   struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    if (json_object_size(command->answer) == 0)
        return FAULT_NONE;
    struct span text = json_write(command->answer, command->arena);
    if (text.data == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    enum fault_code code =
        database_prepare(&store->state.database, STATE_SQL_WRITE_ANSWER, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_blob(statement, 1, command->id, COMMAND_ID_SIZE, SQLITE_STATIC);
    sqlite3_bind_text64(statement, 2, text.data, text.size, SQLITE_STATIC, SQLITE_UTF8);
    return database_step(&store->state.database, statement, &is_row, fault);
}

// ---- Running ---------------------------------------------------------------------------------

enum fault_code command_check_transaction(struct store *store, struct fault *fault)
{
    if (!sqlite3_get_autocommit(store->state.database.connection))
        return FAULT_NONE;
    store->writer->is_group_lost = true;
    return fault->code != FAULT_NONE ? fault->code
                                     : fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
}

// Whatever fails here or in the two files leaves the group in doubt: it is given up as a whole.
static enum fault_code open_savepoints(struct command *command, struct fault *fault)
{
    struct store *store = command->store;
    enum fault_code code = command_check_transaction(store, fault);
    if (code == FAULT_NONE)
        code = ledger_savepoint(store->ledger, fault);
    if (code == FAULT_NONE)
        code = database_run(&store->state.database, STATE_SQL_SAVEPOINT, fault);
    command->has_savepoint = code == FAULT_NONE;
    store->writer->is_group_lost |= code != FAULT_NONE;
    return code;
}

// True when no real number is inside: entries hold integers and text (DESIGN.md, Entry).
static bool is_exact(const json_t *value)
{
    const char *name = NULL;
    json_t *inner = NULL;
    size_t index = 0;
    bool is_true = !json_is_real(value);
    json_object_foreach((json_t *)value, name, inner) is_true = is_true && is_exact(inner);
    json_array_foreach(value, index, inner) is_true = is_true && is_exact(inner);
    return is_true;
}

static enum fault_code append(struct command *command, const struct entry_draft *draft,
                              struct entry_view *ret_view, struct fault *fault)
{
    struct store *store = command->store;
    struct span body = json_write(draft->body, command->arena);
    if (body.data == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    struct ledger_entry entry = {.time = command->time,
                                 .node = store->ledger_id,
                                 .actor = command->actor.post,
                                 .division = draft->division,
                                 .type = span_from(draft->type),
                                 .form = draft->form,
                                 .part = draft->part == 0 ? 1 : draft->part,
                                 .parts = draft->parts == 0 ? 1 : draft->parts,
                                 .body = body,
                                 .payload = draft->payload};
    memcpy(entry.command_id, command->id, COMMAND_ID_SIZE);
    enum fault_code code = ledger_append_entry(store->ledger, &entry, &entry.sequence, fault);
    store->writer->is_group_lost |= code != FAULT_NONE && code != FAULT_INVALID;
    *ret_view = (struct entry_view){.sequence = entry.sequence,
                                    .time = entry.time,
                                    .actor_post = entry.actor,
                                    .division = entry.division,
                                    .type = entry.type,
                                    .form = entry.form,
                                    .part = entry.part,
                                    .parts = entry.parts,
                                    .body = draft->body,
                                    .payload = entry.payload};
    memcpy(ret_view->command_id, command->id, COMMAND_ID_SIZE);
    return code;
}

enum fault_code command_emit(struct command *command, const struct entry_draft *draft,
                             int64_t *ret_sequence, struct fault *fault)
{
    struct store *store = command->store;
    struct entry_view view = {0};
    enum fault_code code = FAULT_NONE;
    if (json_has_lost_memory()) { // Then the body may lack parts, or be none.
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
        goto out;
    }
    assert(json_is_object(draft->body));
    assert(is_exact(draft->body)); // Depth is that of our own bodies: LIMIT_JSON_DEPTH at most.
    // Only a replay or drill sets its time, and only forward.
    assert(command->time >= store->cursor.time);
    if (!command->has_savepoint)
        code = open_savepoints(command, fault);
    if (code == FAULT_NONE)
        code = append(command, draft, &view, fault);
    if (code != FAULT_NONE)
        goto out;
    assert(view.sequence == store->cursor.applied);
    if (command->first_sequence == 0)
        command->first_sequence = view.sequence;
    command->last_sequence = view.sequence;
    code = apply_entry(store, &view, command->arena, fault);
    store->writer->is_group_lost |= code != FAULT_NONE && code != FAULT_CORRUPT;
    if (code != FAULT_NONE)
        goto out;
    store->cursor.applied = view.sequence + 1;
    store->cursor.time = view.time;
    if (follow_is_cause(store, view.type, view.form))
        store->writer->last_cause = view.sequence;
    store->writer->unfolded_count +=
        view.part == view.parts && strcmp(draft->type, "readings.landed") == 0;
    if (ret_sequence != NULL)
        *ret_sequence = view.sequence;
out:
    json_decref(draft->body);
    return code;
}

static enum fault_code close_savepoints(struct store *store, bool is_kept, struct fault *fault)
{
    struct fault ignored = {0}; // When undoing, the command's own fault stands.
    struct fault *own = is_kept ? fault : &ignored;
    enum fault_code code =
        is_kept ? ledger_release(store->ledger, own) : ledger_rollback_to(store->ledger, own);
    if (code == FAULT_NONE && !is_kept)
        code = database_run(&store->state.database, STATE_SQL_ROLLBACK_TO, own);
    if (code == FAULT_NONE)
        code = database_run(&store->state.database, STATE_SQL_RELEASE, own);
    store->writer->is_group_lost |= code != FAULT_NONE;
    return code;
}

// What a command adds to its answer is in its row, so that the documents can say it.
static void check_answer(const struct command *command)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(command->answer, name, value)
    {
        bool is_declared = false;
        for (int i = 0; i < COMMAND_ANSWERS && command->row->answer[i].name != NULL; i++)
            is_declared |= strcmp(command->row->answer[i].name, name) == 0;
        assert(is_declared);
    }
}

// What was built or asked with too little memory is not what it seems, and a refusal neither.
static enum fault_code refuse_without_memory(enum fault_code code, struct fault *fault)
{
    if (!json_has_lost_memory() || code == FAULT_IO)
        return code;
    *fault = (struct fault){.code = FAULT_NONE};
    return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
}

static void run(struct store *store, struct job *job, struct command *command)
{
    struct state_cursor before = store->cursor;
    int64_t last_cause = store->writer->last_cause;
    struct fault *fault = &job->fault;
    enum fault_code code = command_check_body(store, job->row, job->body, &command->body, fault);
    if (code == FAULT_NONE)
        code = job->row->run(command, fault);
    if (code == FAULT_NONE)
        check_answer(command);
    if (code == FAULT_NONE && command->first_sequence > 0)
        code = keep_answer(store, command, fault);
    if (code == FAULT_NONE)
        job->answer =
            command_make_answer(store, command->first_sequence, json_incref(command->answer));
    code = refuse_without_memory(code, fault);
    if (command->has_savepoint && !store->writer->is_group_lost) {
        enum fault_code closed = close_savepoints(store, code == FAULT_NONE, fault);
        code = code != FAULT_NONE ? code : closed;
    }
    if (code != FAULT_NONE) {
        store->cursor = before;
        store->writer->last_cause = last_cause;
        assert(fault->code != FAULT_NONE);
        json_decref(job->answer);
        job->answer = NULL;
    }
}

// When a command happens. In a replay whose day runs on, an act of a person comes as long after the
// newest entry's time as really passed since, at most until its local day ends: a replay's day
// turns only when somebody turns it. What the program does stands at the newest time itself.
static int64_t time_of(struct store *store, const struct job *job)
{
    int64_t time = store_business_time(store);
    if (time < store->cursor.time)
        time = store->cursor.time;
    if (store->kind != STORE_REPLAY || !store->options.runs_on)
        return time;
    int64_t now = time_now(&store->options.clock);
    struct writer *writer = store->writer;
    bool is_same_day = time_local_day(time) == time_local_day(writer->day_time);
    int64_t since = is_same_day ? writer->day_since + (time - writer->day_time) : now;
    writer->day_since = since < now ? since : now;
    writer->day_time = time;
    if (job->actor.role == ROLE_SYSTEM)
        return time;
    int64_t end = time_from_local(time_local_day(time) + 1, 0) - 1;
    int64_t passed = time + (now - writer->day_since);
    assert(passed >= time);
    return passed < end ? passed : end;
}

void command_run_job(struct store *store, struct job *job)
{
    int64_t acted = 0;
    json_watch_memory();
    if (find_acted(store, job->id, &acted, &job->fault) != FAULT_NONE)
        return;
    if (acted > 0) {
        job->answer = repeat_answer(store, job->id, acted);
        refuse_without_memory(FAULT_NONE, &job->fault);
        return;
    }
    struct command command = {.row = job->row,
                              .payload = {job->payload, job->payload_size},
                              .actor = job->actor,
                              .time = time_of(store, job),
                              .arena = &store->writer->arena,
                              .answer = json_object(),
                              .store = store,
                              .reader = &store->state};
    memcpy(command.id, job->id, COMMAND_ID_SIZE);
    store->state.actor = job->actor;
    store->state.as_of = command.time;
    store->state.sequence = store->cursor.applied - 1;
    store->state.is_in_memory = false;
    run(store, job, &command);
    json_decref(command.answer);
    json_decref(command.body);
}

enum fault_code command_query(struct command *command, enum query_name name,
                              const json_t *parameters, json_t **ret_rows, struct fault *fault)
{
    return store_reader_query(command->reader, name, parameters, ret_rows, fault);
}

enum fault_code command_query_freely(struct command *command, enum query_name name,
                                     const json_t *parameters, json_t **ret_rows,
                                     struct fault *fault)
{
    struct store_actor actor = command->reader->actor;
    command->reader->actor = store_system_actor();
    enum fault_code code = store_reader_query(command->reader, name, parameters, ret_rows, fault);
    command->reader->actor = actor;
    return code;
}

int64_t command_integer(const struct command *command, const char *field)
{
    return json_integer_or(command->body, field, 0);
}

struct span command_text(const struct command *command, const char *field)
{
    return json_text_or(command->body, field, "");
}

bool command_has(const struct command *command, const char *field)
{
    return json_object_get(command->body, field) != NULL;
}
