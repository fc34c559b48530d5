// SPDX-License-Identifier: GPL-3.0-or-later
//
// import.c: a table of readings comes in over HTTP: looked at first, then landed.
//
//     POST /import/preview   columns, the first rows, what is wrong row by row; nothing is changed
//     POST /import           202 and its key; read, checked and landed behind the request
//     GET  /import/{import}  reading | landing | done | refused, how far, what was wrong; unknown
//
// The text is CSV as store/import.h takes it; what the query string says (indicator, origin,
// source) is the import's. Both forms check the same way, by the same function as `levee import`.
// An import is landed whole or not at all. One is landed at a time, on a thread of its own, so that
// a long one keeps nobody from signing in; others wait in its queue, and 503 is said when that is
// full.
//
// The header Idempotency-Key (a UUID made by the sender) names the import. Sent again while it is
// on its way, it is the same import; sent again after it has landed, it lands no second time,
// because its batch's id comes from the key and the account (store/import.h); sent again after it
// was refused or cut short, it is tried anew. How far it is and what was wrong is remembered until
// LIMIT_HTTP_IMPORTS younger ones came or the server restarts. After that the ledger says whether
// it is done, and of all others: unknown, send it again. An import is shown only to the account
// that sent it.
//
// Lock: `lock` of struct web_imports guards the jobs' states; a job's rows and mistakes belong to
// the landing thread until its state is done or refused, and are only read from then on.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/import.h"
#include "web/web_priv.h"

enum { SAMPLE_ROWS = 10, SAMPLE_SIZE = 16 * 1024, OPTION_SIZE = 200, KEY_TEXT_SIZE = 37 };
enum import_state { IMPORT_READING, IMPORT_LANDING, IMPORT_DONE, IMPORT_REFUSED };

// What the query string says.
struct import_wish {
    char indicator[OPTION_SIZE];
    char source[OPTION_SIZE];
    char note[OPTION_SIZE];
    bool is_simulated;
};

// What names an import in the store: the sender's key, and whose it is.
struct import_key {
    unsigned char uuid[WEB_KEY_SIZE];
    int64_t account;
};

struct import_job {
    int64_t number; // in order of coming; 0: unused
    struct import_key key;
    enum import_state state;
    struct store_actor actor;
    struct import_wish wish;
    struct csv_text text;
    size_t done, total;
    struct fault fault;
    struct arena arena; // of the mistakes
    struct import_mistake *mistakes;
    size_t mistake_count;
    int64_t batch;
    struct web_imports *imports;
};

struct web_imports {
    pthread_mutex_t lock;
    struct store *store;
    struct web_work *landing;
    int64_t last_number;
    struct import_job job[LIMIT_HTTP_IMPORTS];
};

enum fault_code web_imports_open(struct store *store, struct web_imports **ret_imports,
                                 struct fault *fault)
{
    struct web_imports *imports = memory_allocate(sizeof *imports);
    if (imports == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    enum fault_code code = web_work_open(1, &imports->landing, fault);
    if (code != FAULT_NONE) {
        memory_free(imports);
        return code;
    }
    imports->store = store;
    pthread_mutex_init(&imports->lock, NULL);
    *ret_imports = imports;
    return FAULT_NONE;
}

void web_imports_close(struct web_imports *imports)
{
    if (imports == NULL)
        return;
    web_work_close(imports->landing);
    for (int i = 0; i < LIMIT_HTTP_IMPORTS; i++)
        arena_reset(&imports->job[i].arena);
    pthread_mutex_destroy(&imports->lock);
    memory_free(imports);
}

static bool copy_option(const json_t *parameters, const char *name, char buffer[OPTION_SIZE])
{
    struct span text = json_text_or(parameters, name, "");
    if (text.size >= OPTION_SIZE)
        return false;
    memcpy(buffer, text.data, text.size);
    buffer[text.size] = '\0';
    return true;
}

static enum fault_code read_wish(struct web_request *request, struct import_wish *ret_wish,
                                 struct fault *fault)
{
    json_t *parameters = NULL;
    int64_t as_of = 0;
    enum fault_code code = web_request_parameters(request, &parameters, &as_of, fault);
    if (code != FAULT_NONE)
        return code;
    struct span origin = json_text_or(parameters, "origin", "");
    ret_wish->is_simulated = span_is(origin, "simulated");
    if (!ret_wish->is_simulated && !span_is(origin, "real"))
        code = fault_set(fault, FAULT_INVALID, TEXT_WEB_IMPORT_ORIGIN, text_span(origin));
    else if (!copy_option(parameters, "indicator", ret_wish->indicator) ||
             !copy_option(parameters, "source", ret_wish->source) ||
             !copy_option(parameters, "note", ret_wish->note))
        code = fault_set(fault, FAULT_INVALID, TEXT_WEB_IMPORT_OPTION, text_integer(OPTION_SIZE));
    json_decref(parameters);
    return code;
}

static struct span span_of(const struct import_key *key)
{
    static_assert(sizeof *key == WEB_KEY_SIZE + sizeof key->account, "no padding");
    return (struct span){(const char *)key, sizeof *key};
}

static bool is_same(const struct import_key *a, const struct import_key *b)
{
    return a->account == b->account && memcmp(a->uuid, b->uuid, sizeof a->uuid) == 0;
}

static void write_key(const struct import_key *key, char buffer[KEY_TEXT_SIZE])
{
    static const bool has_dash[WEB_KEY_SIZE] = {[4] = true, [6] = true, [8] = true, [10] = true};
    for (size_t i = 0, at = 0; i < WEB_KEY_SIZE; i++)
        at += (size_t)snprintf(buffer + at, KEY_TEXT_SIZE - at, "%s%02x", has_dash[i] ? "-" : "",
                               key->uuid[i]);
}

static struct import_options options_of(const struct import_wish *wish, bool is_rehearsal)
{
    return (struct import_options){
        .indicator = wish->indicator[0] == '\0' ? NULL : wish->indicator,
        .is_simulated = wish->is_simulated,
        .source = wish->source,
        .note = wish->note,
        .is_rehearsal = is_rehearsal,
    };
}

// Takes the request's body, brought to UTF-8.
static enum fault_code take_text(struct web_request *request, struct csv_text *ret_text,
                                 struct fault *fault)
{
    char *moved = memory_resize(request->body, request->body_size + 1);
    if (moved == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    moved[request->body_size] = '\0';
    request->body = NULL; // csv_decode takes it over, also when it fails
    return csv_decode(moved, request->body_size, ret_text, fault);
}

static size_t written_count(size_t mistake_count)
{
    return mistake_count < LIMIT_IMPORT_MISTAKES ? mistake_count : LIMIT_IMPORT_MISTAKES;
}

static json_t *write_mistakes(const struct import_mistake *mistakes, size_t count,
                              enum text_language language)
{
    json_t *list = json_array();
    for (size_t i = 0; i < written_count(count); i++) {
        char sentence[LIMIT_TEXT_SIZE];
        const struct import_mistake *mistake = &mistakes[i];
        import_write_mistake(mistake, language, sentence, sizeof sentence);
        json_array_append_new(
            list, json_pack("{s:I,s:I,s:s,s:s,s:s}", "line", (json_int_t)mistake->line, "column",
                            (json_int_t)mistake->column, "value", mistake->value.string, "key",
                            text_name(mistake->key), "text", sentence));
    }
    return list;
}

// ---- Preview ---------------------------------------------------------------------------------

struct preview {
    struct import_wish wish;
    struct csv_text text;
    json_t *answer;
};

// The first line and the first rows, read from a copy, because reading changes the text.
static void sample_text(const struct csv_text *text, json_t *answer)
{
    struct fault ignored = {.code = FAULT_NONE};
    size_t size = text->size - text->start;
    if (size > SAMPLE_SIZE)
        size = SAMPLE_SIZE;
    while (size < text->size - text->start && size > 0 &&
           text->data[text->start + size - 1] != '\n')
        size--; // whole lines only
    char *copy = memory_allocate(size + 1);
    json_t *columns = json_array(), *rows = json_array();
    if (copy != NULL) {
        memcpy(copy, text->data + text->start, size);
        struct csv_text part = {copy, size, 0};
        struct csv_reader reader = {0};
        csv_open(&reader, &part);
        for (int at = 0; at <= SAMPLE_ROWS; at++) {
            if (csv_next(&reader, &ignored) != FAULT_NONE || reader.field_count == 0)
                break;
            json_t *row = at == 0 ? json_incref(columns) : json_array();
            for (size_t i = 0; i < reader.field_count; i++)
                json_array_append_new(row,
                                      json_stringn(reader.field[i].data, reader.field[i].size));
            if (at == 0)
                json_decref(row);
            else
                json_array_append_new(rows, row);
        }
        csv_close(&reader);
    }
    memory_free(copy);
    json_object_set_new(answer, "columns", columns);
    json_object_set_new(answer, "sample", rows);
}

// On a work thread.
static void run_preview(void *context)
{
    struct web_request *request = context;
    struct preview *preview = request->job;
    struct import import = {.rows = NULL};
    struct import_options options = options_of(&preview->wish, true);
    preview->answer = json_object();
    sample_text(&preview->text, preview->answer);
    if (import_read(request->server->options.store, &request->session.actor, &preview->text,
                    &options, &request->arena, &import, &request->fault) == FAULT_NONE) {
        json_object_set_new(preview->answer, "row_count",
                            json_integer((json_int_t)import.row_count));
        json_object_set_new(preview->answer, "series_count",
                            json_integer((json_int_t)import.series_count));
        json_object_set_new(preview->answer, "new_series_count",
                            json_integer((json_int_t)import.new_series_count));
        json_object_set_new(preview->answer, "fault_count",
                            json_integer((json_int_t)import.mistake_count));
        json_object_set_new(preview->answer, "form", json_string(import.form));
        json_object_set_new(
            preview->answer, "faults",
            write_mistakes(import.mistakes, import.mistake_count, request->language));
        import_end(&import);
    }
    csv_free(&preview->text);
    web_request_wake(request);
}

static void finish_preview(struct web_request *request)
{
    struct preview *preview = request->job;
    if (request->fault.code == FAULT_BUSY) {
        web_answer_fault_as(request, 503, &request->fault);
    } else if (request->fault.code != FAULT_NONE) {
        web_answer_fault(request, &request->fault);
    } else {
        web_answer_json(request, 200, json_incref(preview->answer));
    }
    json_decref(preview->answer);
    csv_free(&preview->text);
}

void web_import_preview_run(struct web_request *request)
{
    struct fault fault = {.code = FAULT_NONE};
    struct preview *preview = arena_allocate(&request->arena, sizeof *preview);
    enum fault_code code = preview == NULL ? fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL)
                                           : read_wish(request, &preview->wish, &fault);
    if (code == FAULT_NONE)
        code = take_text(request, &preview->text, &fault);
    if (code != FAULT_NONE) {
        web_answer_fault(request, &fault);
        return;
    }
    request->job = preview;
    web_request_park(request, finish_preview);
    if (web_work_post(request->server->work, run_preview, request, &request->fault) != FAULT_NONE)
        web_request_wake(request);
}

// ---- Landing ---------------------------------------------------------------------------------

static void set_state(struct import_job *job, enum import_state state)
{
    pthread_mutex_lock(&job->imports->lock);
    job->state = state;
    pthread_mutex_unlock(&job->imports->lock);
}

static void report(void *context, size_t done, size_t total)
{
    struct import_job *job = context;
    pthread_mutex_lock(&job->imports->lock);
    job->done = done;
    job->total = total;
    pthread_mutex_unlock(&job->imports->lock);
}

// On the landing thread.
static void run_import(void *context)
{
    struct import_job *job = context;
    struct store *store = job->imports->store;
    struct import import = {.rows = NULL};
    struct import_options options = options_of(&job->wish, false);
    options.key = span_of(&job->key);
    struct readings_progress progress = {report, job};
    enum fault_code code =
        import_read(store, &job->actor, &job->text, &options, &job->arena, &import, &job->fault);
    bool is_read = code == FAULT_NONE;
    if (is_read) {
        report(job, 0, import.row_count);
        job->mistakes = import.mistakes;
        job->mistake_count = import.mistake_count;
    }
    if (is_read && import.mistake_count == 0) {
        set_state(job, IMPORT_LANDING);
        code = import_land(store, &job->actor, &options, &import, &progress, &job->fault);
    }
    bool is_landed = code == FAULT_NONE && import.mistake_count == 0;
    job->batch = import.batch;
    if (is_read)
        import_end(&import);
    csv_free(&job->text);
    if (job->fault.code != FAULT_NONE)
        log_fault("web.import", &job->fault);
    set_state(job, is_landed ? IMPORT_DONE : IMPORT_REFUSED);
}

// The job of `key`; NULL: none is remembered. The caller has the lock.
static struct import_job *find_job(struct web_imports *imports, const struct import_key *key)
{
    for (int i = 0; i < LIMIT_HTTP_IMPORTS; i++)
        if (imports->job[i].number != 0 && is_same(&imports->job[i].key, key))
            return &imports->job[i];
    return NULL;
}

// A place for a new job: the one of the same key that was refused, else that of the oldest import
// that has ended; NULL: all are at work. The caller has the lock.
static struct import_job *take_job(struct web_imports *imports, const struct import_key *key)
{
    struct import_job *found = find_job(imports, key);
    for (int i = 0; found == NULL && i < LIMIT_HTTP_IMPORTS; i++)
        if (imports->job[i].number == 0)
            found = &imports->job[i];
    for (int i = 0; found == NULL && i < LIMIT_HTTP_IMPORTS; i++) {
        struct import_job *job = &imports->job[i];
        if (job->state >= IMPORT_DONE && (found == NULL || job->number < found->number))
            found = job;
    }
    if (found != NULL) {
        arena_reset(&found->arena);
        *found =
            (struct import_job){.number = ++imports->last_number, .key = *key, .imports = imports};
    }
    return found;
}

static enum fault_code find_landed(struct web_request *request, const struct import_key *key,
                                   int64_t *ret_batch, struct fault *fault)
{
    unsigned char id[COMMAND_ID_SIZE];
    return import_find(request->server->options.store, span_of(key), id, ret_batch, fault);
}

static void answer_started(struct web_request *request, const struct import_key *key)
{
    char text[KEY_TEXT_SIZE];
    write_key(key, text);
    web_answer_json(request, 202, json_pack("{s:s}", "import", text));
}

// Takes the text over, and starts the import unless it is on its way already.
static void start_job(struct web_request *request, const struct import_key *key,
                      const struct import_wish *wish, struct csv_text *text)
{
    struct web_imports *imports = request->server->imports;
    struct fault fault = {.code = FAULT_NONE};
    pthread_mutex_lock(&imports->lock);
    struct import_job *job = find_job(imports, key);
    bool is_known = job != NULL && job->state != IMPORT_REFUSED;
    if (!is_known && (job = take_job(imports, key)) != NULL) {
        job->actor = request->session.actor;
        job->wish = *wish;
        job->text = *text;
    }
    pthread_mutex_unlock(&imports->lock);
    bool is_started = !is_known && job != NULL &&
                      web_work_post(imports->landing, run_import, job, &fault) == FAULT_NONE;
    if (!is_started)
        csv_free(text);
    if (is_started || is_known) {
        answer_started(request, key);
        return;
    }
    if (job != NULL)
        set_state(job, IMPORT_REFUSED);
    web_refuse(request, 503, FAULT_BUSY, TEXT_WEB_BUSY);
}

void web_import_start_run(struct web_request *request)
{
    struct fault fault = {.code = FAULT_NONE};
    struct import_key key = {.account = request->session.actor.account};
    struct import_wish wish = {.is_simulated = false};
    struct csv_text text = {NULL, 0, 0};
    int64_t batch = 0;
    if (!web_read_key(span_from(web_request_header(request, "Idempotency-Key")), key.uuid)) {
        web_refuse(request, 400, FAULT_INVALID, TEXT_WEB_KEY);
        return;
    }
    enum fault_code code = read_wish(request, &wish, &fault);
    if (code == FAULT_NONE)
        code = find_landed(request, &key, &batch, &fault);
    if (code == FAULT_NONE && batch == 0)
        code = take_text(request, &text, &fault);
    if (code != FAULT_NONE)
        web_answer_fault_as(request, code == FAULT_BUSY ? 503 : web_status_of(code), &fault);
    else if (batch != 0)
        answer_started(request, &key);
    else
        start_job(request, &key, &wish, &text);
}

static json_t *write_job(const struct web_request *request, const struct import_job *job)
{
    static const char *const states[] = {"reading", "landing", "done", "refused"};
    bool has_ended = job->state >= IMPORT_DONE;
    char batch[40] = "";
    json_t *faults = has_ended
                         ? write_mistakes(job->mistakes, job->mistake_count, request->language)
                         : json_array();
    if (has_ended && job->fault.code != FAULT_NONE) {
        char sentence[LIMIT_TEXT_SIZE];
        fault_write(&job->fault, request->language, sentence, sizeof sentence);
        json_array_append_new(faults,
                              json_pack("{s:i,s:i,s:s,s:s,s:s}", "line", 0, "column", 0, "value",
                                        "", "key", text_name(job->fault.key), "text", sentence));
    }
    if (job->state == IMPORT_DONE)
        store_write_id(request->server->options.store, job->batch, batch, sizeof batch);
    return json_pack("{s:s,s:I,s:I,s:s?,s:I,s:o,s:n}", "state", states[job->state], "done",
                     (json_int_t)job->done, "total", (json_int_t)job->total, "batch",
                     batch[0] == '\0' ? NULL : batch, "fault_count",
                     (json_int_t)(job->mistake_count + (job->fault.code != FAULT_NONE)), "faults",
                     faults, "text");
}

// What the ledger knows of an import that nobody remembers.
static void answer_forgotten(struct web_request *request, const struct import_key *key)
{
    struct fault fault = {.code = FAULT_NONE};
    int64_t batch = 0;
    char id[40] = "";
    if (find_landed(request, key, &batch, &fault) != FAULT_NONE) {
        web_answer_fault_as(request, fault.code == FAULT_BUSY ? 503 : web_status_of(fault.code),
                            &fault);
        return;
    }
    if (batch != 0)
        store_write_id(request->server->options.store, batch, id, sizeof id);
    enum text_key text = batch != 0 ? TEXT_WEB_IMPORT_LANDED : TEXT_WEB_IMPORT_UNKNOWN;
    web_answer_json(request, 200,
                    json_pack("{s:s,s:n,s:n,s:s?,s:i,s:[],s:s}", "state",
                              batch != 0 ? "done" : "unknown", "done", "total", "batch",
                              batch != 0 ? id : NULL, "fault_count", 0, "faults", "text",
                              text_sentence(text, request->language)));
}

void web_import_show_run(struct web_request *request)
{
    struct web_imports *imports = request->server->imports;
    struct import_key key = {.account = request->session.actor.account};
    json_t *answer = NULL;
    if (!web_read_key(request->capture[0].text, key.uuid)) {
        web_answer_missing(request);
        return;
    }
    pthread_mutex_lock(&imports->lock);
    const struct import_job *job = find_job(imports, &key);
    if (job != NULL)
        answer = write_job(request, job);
    pthread_mutex_unlock(&imports->lock);
    if (answer == NULL)
        answer_forgotten(request, &key);
    else
        web_answer_json(request, 200, answer);
}
