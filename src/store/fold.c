// SPDX-License-Identifier: GPL-3.0-or-later
//
// fold.c: rows of readings become BLOBs, a slice at a time, when nobody waits for the writer.
//
// Folding one day of 100,000 series would rewrite 100,000 BLOBs; so batches wait until there are
// enough of them (LIMIT_UNFOLDED_BATCHES, LIMIT_UNFOLDED_PARTS) and are folded together, series by
// series. The batches of a fold are fixed when it begins (cursor.fold); a slice goes on where the
// rows that are left begin, and deletes the rows that it has folded in the same transaction, so
// that at every moment each row is in exactly one place.
//
//     batch 811   s1 s1 s2 s4 ..          for s = s1, s2, ..: rows of 811, then of 812, then of 815
//     batch 812   s1 s3 s4 ..             into the years of s; what they replace into
//     batch 815   s2 s4 ..                reading_replaced
//
// Within a series batches come in order of completion, so that the outcome does not depend on when
// folding happened: the digest of a state is of the folded one.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "store/store_priv.h"

enum { FOLD_BATCHES = 64, FOLD_CHECK_SERIES = 16 };

bool version_insert(struct version_list *list, const struct version *version)
{
    int at = list->count;
    while (at > 0 && list->version[at - 1].known_at > version->known_at)
        at--;
    if (at > 0 && list->version[at - 1].is_withdrawn == version->is_withdrawn &&
        list->version[at - 1].value == version->value)
        return true;
    if (list->count == VERSIONS)
        return false;
    memmove(&list->version[at + 1], &list->version[at],
            (size_t)(list->count - at) * sizeof list->version[0]);
    list->version[at] = *version;
    list->count++;
    list->is_changed = true;
    return true;
}

// What is stored is taken as it stands: a version may say the same as the one before it, when one
// between them has never stood (two known at one instant).
void version_append(struct version_list *list, const struct version *version)
{
    if (list->count < VERSIONS)
        list->version[list->count++] = *version;
}

struct source {
    sqlite3_stmt *statement;
    struct landing_walk walk;
    int64_t batch;
    int64_t known_at;
};

struct fold {
    struct store *store;
    struct source source[FOLD_BATCHES];
    int source_count;
    // The year at hand.
    int64_t key; // 0: none
    bool is_changed;
    int places;
    double values[366];
    int64_t batches[366];
    // The last known_at that was looked up.
    int64_t known_batch, known_at;
    struct version_list list;
};

static struct database *database_of(struct fold *fold)
{
    return &fold->store->state.database;
}

static enum fault_code write_year(struct fold *fold, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    if (fold->key == 0 || !fold->is_changed)
        return FAULT_NONE;
    enum fault_code code =
        database_prepare(database_of(fold), STATE_SQL_WRITE_YEAR, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    int size = fold->places * 8;
    sqlite3_bind_int64(statement, 1, fold->key);
    sqlite3_bind_blob(statement, 2, fold->values, size, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 3, fold->batches, size, SQLITE_STATIC);
    fold->is_changed = false;
    return database_step(database_of(fold), statement, &is_row, fault);
}

static enum fault_code take_year(struct fold *fold, int64_t key, int places, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    if (fold->key == key)
        return FAULT_NONE;
    enum fault_code code = write_year(fold, fault);
    if (code == FAULT_NONE)
        code = database_prepare(database_of(fold), STATE_SQL_READ_YEAR, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, key);
    code = database_step(database_of(fold), statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    memset(fold->values, 0, sizeof fold->values);
    memset(fold->batches, 0, sizeof fold->batches);
    size_t size = (size_t)places * 8;
    if (is_row && (sqlite3_column_bytes(statement, 0) != (int)size ||
                   sqlite3_column_bytes(statement, 1) != (int)size))
        code =
            fault_set(fault, FAULT_CORRUPT, TEXT_STORE_YEAR_MALFORMED, text_integer(key / 10000));
    if (is_row && code == FAULT_NONE) {
        memcpy(fold->values, sqlite3_column_blob(statement, 0), size);
        memcpy(fold->batches, sqlite3_column_blob(statement, 1), size);
    }
    sqlite3_reset(statement);
    fold->key = code == FAULT_NONE ? key : 0;
    fold->places = places;
    return code;
}

static enum fault_code find_known_at(struct fold *fold, int64_t batch, int64_t *ret_known_at,
                                     struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = FAULT_NONE;
    if (fold->known_batch != batch) {
        code = database_prepare(database_of(fold), STATE_SQL_READ_KNOWN_AT, &statement, fault);
        if (code != FAULT_NONE)
            return code;
        sqlite3_bind_int64(statement, 1, batch);
        code = database_step(database_of(fold), statement, &is_row, fault);
        fold->known_at = is_row ? sqlite3_column_int64(statement, 0) : 0;
        fold->known_batch = batch;
        sqlite3_reset(statement);
    }
    *ret_known_at = fold->known_at;
    return code;
}

static enum fault_code read_versions(struct fold *fold, int64_t series, int32_t period,
                                     struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = true;
    fold->list.count = 0;
    enum fault_code code =
        database_prepare(database_of(fold), STATE_SQL_READ_VERSIONS, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, series);
    sqlite3_bind_int64(statement, 2, period);
    while (code == FAULT_NONE && is_row) {
        code = database_step(database_of(fold), statement, &is_row, fault);
        if (code != FAULT_NONE || !is_row)
            continue;
        struct version version = {.value = sqlite3_column_double(statement, 0),
                                  .is_withdrawn = sqlite3_column_type(statement, 0) == SQLITE_NULL,
                                  .batch = sqlite3_column_int64(statement, 1),
                                  .known_at = sqlite3_column_int64(statement, 2)};
        version_append(&fold->list, &version);
    }
    return code;
}

static enum fault_code write_version(struct fold *fold, int64_t series, int32_t period, int index,
                                     struct fault *fault)
{
    const struct version *version = &fold->list.version[index];
    int64_t until = fold->list.version[index + 1].known_at;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    if (until == version->known_at)
        return FAULT_NONE; // It never stood.
    enum fault_code code =
        database_prepare(database_of(fold), STATE_SQL_WRITE_VERSION, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, series);
    sqlite3_bind_int64(statement, 2, period);
    sqlite3_bind_int64(statement, 3, version->known_at);
    sqlite3_bind_int64(statement, 4, until);
    if (!version->is_withdrawn)
        sqlite3_bind_double(statement, 5, version->value);
    sqlite3_bind_int64(statement, 6, version->batch);
    return database_step(database_of(fold), statement, &is_row, fault);
}

static enum fault_code rewrite_versions(struct fold *fold, int64_t series, int32_t period,
                                        int index, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(database_of(fold), STATE_SQL_DELETE_VERSIONS, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, series);
    sqlite3_bind_int64(statement, 2, period);
    code = database_step(database_of(fold), statement, &is_row, fault);
    for (int i = 0; i + 1 < fold->list.count && code == FAULT_NONE; i++)
        code = write_version(fold, series, period, i, fault);
    const struct version *newest = &fold->list.version[fold->list.count - 1];
    fold->values[index] = newest->is_withdrawn ? (double)NAN : newest->value;
    fold->batches[index] = newest->batch;
    fold->is_changed = true;
    return code;
}

// A row meets a value that stands already.
static enum fault_code replace(struct fold *fold, int64_t series, int32_t period, int index,
                               const struct version *version, struct fault *fault)
{
    bool is_withdrawn = isnan(fold->values[index]);
    struct version standing = {.value = is_withdrawn ? 0 : fold->values[index],
                               .is_withdrawn = is_withdrawn,
                               .batch = fold->batches[index]};
    enum fault_code code = find_known_at(fold, standing.batch, &standing.known_at, fault);
    if (code != FAULT_NONE)
        return code;
    if (version->known_at >= standing.known_at && version->value == standing.value &&
        version->is_withdrawn == standing.is_withdrawn)
        return FAULT_NONE;
    code = read_versions(fold, series, period, fault);
    if (code != FAULT_NONE)
        return code;
    version_append(&fold->list, &standing);
    fold->list.is_changed = false;
    if (!version_insert(&fold->list, version)) {
        // More corrections than are kept: the oldest gives way. The ledger has them all.
        memmove(&fold->list.version[0], &fold->list.version[1],
                (size_t)--fold->list.count * sizeof fold->list.version[0]);
        version_insert(&fold->list, version);
    }
    return fold->list.is_changed ? rewrite_versions(fold, series, period, index, fault)
                                 : FAULT_NONE;
}

static enum fault_code fold_row(struct fold *fold, const struct source *source, int64_t series,
                                enum time_frequency frequency, int decimals, struct fault *fault)
{
    int32_t period = source->walk.row.period;
    struct reading_place place = reading_place_of(frequency, period);
    double value = reading_value(source->walk.row.value_scaled, decimals);
    enum fault_code code =
        take_year(fold, series * 10000 + place.year, reading_places(frequency), fault);
    if (code != FAULT_NONE)
        return code;
    if (fold->batches[place.index] == 0) {
        fold->values[place.index] = value;
        fold->batches[place.index] = source->batch;
        fold->is_changed = true;
        return FAULT_NONE;
    }
    struct version version = {.value = isnan(value) ? 0 : value,
                              .is_withdrawn = isnan(value),
                              .batch = source->batch,
                              .known_at = source->known_at};
    return replace(fold, series, period, place.index, &version, fault);
}

// Frequency and decimals of a series. A series that is unknown cannot be: it is checked when rows
// come in; its rows would be dropped.
static enum fault_code read_series(struct fold *fold, int64_t series,
                                   enum time_frequency *ret_frequency, int *ret_decimals,
                                   bool *ret_is_known, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    enum fault_code code =
        database_prepare(database_of(fold), STATE_SQL_READ_SERIES, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, series);
    code = database_step(database_of(fold), statement, ret_is_known, fault);
    if (code == FAULT_NONE && *ret_is_known) {
        *ret_frequency = (enum time_frequency)((const char *)sqlite3_column_text(statement, 0))[0];
        *ret_decimals = sqlite3_column_int(statement, 1);
        sqlite3_reset(statement);
    }
    return code;
}

static enum fault_code fold_series(struct fold *fold, int64_t series, struct fault *fault)
{
    enum time_frequency frequency = TIME_DAILY;
    int decimals = 0;
    bool is_known = false;
    enum fault_code code = read_series(fold, series, &frequency, &decimals, &is_known, fault);
    for (int i = 0; i < fold->source_count; i++) {
        struct source *source = &fold->source[i];
        while (code == FAULT_NONE && source->walk.is_row && source->walk.row.series == series) {
            if (is_known)
                code = fold_row(fold, source, series, frequency, decimals, fault);
            if (code == FAULT_NONE)
                code = landing_next(&source->walk, fault);
        }
    }
    if (code == FAULT_NONE)
        code = write_year(fold, fault);
    fold->key = 0;
    return code;
}

static enum fault_code open_sources(struct fold *fold, struct fault *fault)
{
    struct store_reader *state = &fold->store->state;
    sqlite3_stmt *list = NULL;
    bool is_row = true;
    enum fault_code code =
        database_prepare(&state->database, STATE_SQL_READ_UNFOLDED, &list, fault);
    while (code == FAULT_NONE && is_row && fold->source_count < FOLD_BATCHES) {
        struct source *source = &fold->source[fold->source_count];
        code = database_step(&state->database, list, &is_row, fault);
        if (code != FAULT_NONE || !is_row ||
            (fold->store->cursor.fold != 0 &&
             sqlite3_column_int64(list, 2) > fold->store->cursor.fold))
            break;
        source->batch = sqlite3_column_int64(list, 0);
        source->known_at = sqlite3_column_int64(list, 1);
        int64_t completed = sqlite3_column_int64(list, 2);
        code = connection_prepare(state, AUTHORITY_STORE, state_sql[STATE_SQL_WALK_LANDED],
                                  &source->statement, fault);
        if (code != FAULT_NONE)
            break;
        fold->source_count++;
        code = landing_begin(&source->walk, &state->database, source->statement, source->batch, 0,
                             INT32_MIN, fault);
        if (fold->source_count == FOLD_BATCHES && fold->store->cursor.fold == 0)
            fold->store->cursor.fold = completed;
    }
    sqlite3_reset(list);
    if (fold->store->cursor.fold == 0 && fold->source_count > 0)
        fold->store->cursor.fold = fold->store->cursor.applied - 1;
    return code;
}

// The lowest series that has rows left; false: none has.
static bool find_series(const struct fold *fold, int64_t *ret_series)
{
    bool is_found = false;
    for (int i = 0; i < fold->source_count; i++) {
        if (!fold->source[i].walk.is_row)
            continue;
        int64_t series = fold->source[i].walk.row.series;
        if (!is_found || series < *ret_series)
            *ret_series = series;
        is_found = true;
    }
    return is_found;
}

// The block at which a batch stands keeps the rows that are not folded yet.
static enum fault_code shorten_block(struct fold *fold, const struct source *source,
                                     struct fault *fault)
{
    unsigned char rows[LANDING_REST_SIZE];
    struct landing_rest rest = landing_rest(&source->walk, rows);
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    if (rest.is_whole)
        return FAULT_NONE;
    sqlite3_reset(source->statement);
    enum fault_code code =
        database_prepare(database_of(fold), STATE_SQL_SHORTEN_LANDED, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, source->batch);
    sqlite3_bind_int64(statement, 2, rest.last_series);
    sqlite3_bind_int64(statement, 3, rest.last_period);
    sqlite3_bind_blob64(statement, 4, rows, rest.size, SQLITE_STATIC);
    return database_step(database_of(fold), statement, &is_row, fault);
}

// Deletes what is folded: rows up to and including series `last` of every batch of this fold.
static enum fault_code delete_folded(struct fold *fold, int64_t last, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (int i = 0; i < fold->source_count && code == FAULT_NONE; i++)
        code = shorten_block(fold, &fold->source[i], fault);
    for (int i = 0; i < fold->source_count; i++)
        sqlite3_reset(fold->source[i].statement);
    for (int i = 0; i < fold->source_count && code == FAULT_NONE; i++) {
        sqlite3_stmt *statement = NULL;
        bool is_row = false;
        code = database_prepare(database_of(fold), STATE_SQL_DELETE_LANDED, &statement, fault);
        if (code != FAULT_NONE)
            break;
        sqlite3_bind_int64(statement, 1, fold->source[i].batch);
        sqlite3_bind_int64(statement, 2, last);
        code = database_step(database_of(fold), statement, &is_row, fault);
    }
    return code;
}

static enum fault_code close_fold(struct fold *fold, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(database_of(fold), STATE_SQL_NOTE_FOLDED, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, fold->store->cursor.fold);
    fold->store->cursor.fold = 0;
    return database_step(database_of(fold), statement, &is_row, fault);
}

static enum fault_code run_slice(struct fold *fold, int64_t until_ms, bool *ret_is_done,
                                 struct fault *fault)
{
    int64_t series = 0, last = INT64_MIN;
    enum fault_code code = open_sources(fold, fault);
    bool has_more = code == FAULT_NONE && find_series(fold, &series);
    for (int count = 1; code == FAULT_NONE && has_more; count++) {
        code = fold_series(fold, series, fault);
        last = series;
        has_more = find_series(fold, &series);
        if (count % FOLD_CHECK_SERIES == 0 && steady_ms() >= until_ms)
            break;
    }
    if (code == FAULT_NONE && last != INT64_MIN)
        code = delete_folded(fold, last, fault);
    if (code == FAULT_NONE && !has_more && fold->source_count > 0)
        code = close_fold(fold, fault);
    if (code == FAULT_NONE)
        code = state_write_cursor(fold->store, fault);
    *ret_is_done = !has_more;
    return code;
}

static enum fault_code is_worthwhile(struct store *store, bool is_all, bool *ret_is_true,
                                     struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&store->state.database, STATE_SQL_COUNT_UNFOLDED, &statement, fault);
    if (code == FAULT_NONE)
        code = database_step(&store->state.database, statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    int64_t batches = sqlite3_column_int64(statement, 0),
            parts = sqlite3_column_int64(statement, 1);
    sqlite3_reset(statement);
    *ret_is_true =
        batches > 0 && (is_all || store->cursor.fold != 0 || batches >= LIMIT_UNFOLDED_BATCHES ||
                        parts >= LIMIT_UNFOLDED_PARTS);
    return FAULT_NONE;
}

enum fault_code fold_slice(struct store *store, int budget_ms, bool is_all, bool *ret_is_done,
                           struct fault *fault)
{
    struct fold fold = {.store = store};
    struct state_cursor before = store->cursor;
    sqlite3 *connection = store->state.database.connection;
    // The command state.fold folds inside its group, the idle writer between groups.
    bool is_inside = !sqlite3_get_autocommit(connection);
    bool is_slice_done = true, is_wanted = false;
    enum fault_code code = is_worthwhile(store, is_all, &is_wanted, fault);
    *ret_is_done = true;
    if (code != FAULT_NONE || !is_wanted)
        return code;
    if (!is_inside)
        code = database_run(&store->state.database, STATE_SQL_BEGIN, fault);
    if (code != FAULT_NONE)
        return code;
    code = run_slice(&fold, steady_ms() + budget_ms, &is_slice_done, fault);
    for (int i = 0; i < fold.source_count; i++)
        sqlite3_finalize(fold.source[i].statement);
    store->writer->has_folded = is_inside;
    if (code == FAULT_NONE && !is_inside)
        code = database_run(&store->state.database, STATE_SQL_COMMIT, fault);
    if (code != FAULT_NONE) {
        if (!is_inside && !sqlite3_get_autocommit(connection))
            sqlite3_exec(connection, state_sql[STATE_SQL_ROLLBACK], NULL, NULL, NULL);
        store->writer->is_group_lost |= is_inside;
        store->cursor = before;
    }
    *ret_is_done = code != FAULT_NONE;
    return code;
}
