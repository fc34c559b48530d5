// SPDX-License-Identifier: GPL-3.0-or-later
//
// values.c: readings are read: folded and unfolded together, as of any instant.
//
// Of one reading there may be several versions, each known from some instant on. What a reader sees
// as of t is the version known last, not after t. Three places are looked at, in this order:
//
//     reading_year        the newest folded version of each period
//     reading_replaced    only where that one was not yet known at t: what stood then
//     landing             rows of complete batches that are not folded yet, in order of completion:
//                         a row known at t joins unless a version known later stands there already,
//                         or the one before it says the same
//
// The last rule is version_insert of fold.c, seen from t; readings_test.c holds the two together.
// A withdrawn value is a NaN inside this file and fold.c, and a missing one outside.
#include <assert.h>
#include <math.h>
#include <string.h>

#include "store/store_priv.h"

enum { UNFOLDED = 1024 }; // the writer folds, idle or not, before there are so many (writer.c)

// ---- Where a period stands -------------------------------------------------------------------

static int floor_divide(int a, int b)
{
    return a / b - (a % b < 0);
}

struct reading_place reading_place_of(enum time_frequency frequency, int32_t period)
{
    struct reading_place place = {0};
    if (frequency == TIME_DAILY) {
        place.year = time_date_from_day(period).year;
        place.index = period - time_day_from_date((struct time_date){place.year, 1, 1});
    } else if (frequency == TIME_WEEKLY) {
        int32_t day = time_period_first_day(TIME_WEEKLY, period);
        place.index = time_iso_week(day, &place.year) - 1;
    } else {
        int places = reading_places(frequency);
        place.year = 1970 + floor_divide(period, places);
        place.index = period - (place.year - 1970) * places;
    }
    assert(place.index >= 0 && place.index < reading_places(frequency));
    return place;
}

int32_t reading_period_of(enum time_frequency frequency, struct reading_place place)
{
    if (frequency == TIME_DAILY)
        return time_day_from_date((struct time_date){place.year, 1, 1}) + place.index;
    if (frequency == TIME_WEEKLY) // 4 January is always in week 1.
        return time_period_from_day(TIME_WEEKLY,
                                    time_day_from_date((struct time_date){place.year, 1, 4})) +
               place.index;
    return (place.year - 1970) * reading_places(frequency) + place.index;
}

int reading_places(enum time_frequency frequency)
{
    switch (frequency) {
    case TIME_DAILY: return 366;
    case TIME_WEEKLY: return 53;
    case TIME_MONTHLY: return 12;
    case TIME_QUARTERLY: return 4;
    case TIME_YEARLY: return 1;
    }
    assert(false);
    return 1;
}

double reading_value(int64_t value_scaled, int decimals)
{
    static const double power[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    assert(decimals >= 0 && decimals <= 9);
    return value_scaled == READING_WITHDRAWN ? (double)NAN : (double)value_scaled / power[decimals];
}

// ---- Facts of a snapshot ---------------------------------------------------------------------

struct series_facts {
    enum time_frequency frequency;
    int decimals;
};

struct unfolded {
    int64_t batch;
    int64_t known_at;
};

static enum fault_code read_facts(struct store_reader *reader, int64_t series,
                                  struct series_facts *ret_facts, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&reader->database, STATE_SQL_READ_SCOPED_SERIES, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, series);
    sqlite3_bind_int64(statement, 2, reader->actor.low);
    sqlite3_bind_int64(statement, 3, reader->actor.high);
    code = database_step(&reader->database, statement, &is_row, fault);
    if (code == FAULT_NONE && !is_row)
        code = fault_set(fault, FAULT_MISSING, TEXT_STORE_SERIES_UNKNOWN, text_integer(series));
    if (code == FAULT_NONE) {
        ret_facts->frequency =
            (enum time_frequency)((const char *)sqlite3_column_text(statement, 0))[0];
        ret_facts->decimals = sqlite3_column_int(statement, 1);
        sqlite3_reset(statement);
    }
    return code;
}

static enum fault_code read_known_at_max(struct store_reader *reader, struct fault *fault)
{
    if (reader->is_in_memory)
        return FAULT_NONE;
    enum fault_code code = database_read_integer(&reader->database, STATE_SQL_READ_KNOWN_AT_MAX, 0,
                                                 &reader->known_at_max, fault);
    reader->is_in_memory = code == FAULT_NONE;
    return code;
}

static enum fault_code read_known_at(struct store_reader *reader, int64_t batch,
                                     int64_t *ret_known_at, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&reader->database, STATE_SQL_READ_KNOWN_AT, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, batch);
    code = database_step(&reader->database, statement, &is_row, fault);
    if (code == FAULT_NONE && !is_row)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_STORE_BATCH_UNKNOWN, text_integer(batch));
    if (code == FAULT_NONE)
        *ret_known_at = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return code;
}

// Complete batches that wait to be folded and were known by the reader's instant.
static enum fault_code read_unfolded(struct store_reader *reader, struct unfolded list[UNFOLDED],
                                     int *ret_count, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = true;
    int count = 0;
    enum fault_code code =
        database_prepare(&reader->database, STATE_SQL_READ_UNFOLDED, &statement, fault);
    while (code == FAULT_NONE && is_row) {
        code = database_step(&reader->database, statement, &is_row, fault);
        if (code != FAULT_NONE || !is_row || sqlite3_column_int64(statement, 1) > reader->as_of)
            continue;
        if (count == UNFOLDED) {
            sqlite3_reset(statement);
            return fault_set(fault, FAULT_BUSY, TEXT_STORE_FOLDING, text_integer(UNFOLDED));
        }
        list[count++] = (struct unfolded){sqlite3_column_int64(statement, 0),
                                          sqlite3_column_int64(statement, 1)};
    }
    *ret_count = count;
    return code;
}

// ---- Cells: a run of periods of one series ---------------------------------------------------

struct cells {
    struct store_reader *reader;
    int64_t series;
    enum time_frequency frequency;
    int decimals;
    int32_t from;
    size_t count;
    double *values;
    int64_t *batches;
};

static void copy_year(struct cells *cells, int year, const double *values, const int64_t *batches)
{
    int places = reading_places(cells->frequency);
    int64_t first = reading_period_of(cells->frequency, (struct reading_place){year, 0});
    for (int i = 0; i < places; i++) {
        int64_t at = first + i - cells->from;
        // The 53rd week or 366th day of a shorter year is the next one's first: it stays empty.
        if (at >= 0 && at < (int64_t)cells->count && batches[i] != 0) {
            cells->values[at] = values[i];
            cells->batches[at] = batches[i];
        }
    }
}

static enum fault_code read_years(struct cells *cells, struct fault *fault)
{
    struct database *database = &cells->reader->database;
    int32_t to = cells->from + (int32_t)cells->count - 1;
    sqlite3_stmt *statement = NULL;
    bool is_row = true;
    enum fault_code code = database_prepare(database, STATE_SQL_READ_YEARS, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(
        statement, 1, cells->series * 10000 + reading_place_of(cells->frequency, cells->from).year);
    sqlite3_bind_int64(statement, 2,
                       cells->series * 10000 + reading_place_of(cells->frequency, to).year);
    int size = reading_places(cells->frequency) * 8;
    while (code == FAULT_NONE && is_row) {
        double values[366];
        int64_t batches[366];
        code = database_step(database, statement, &is_row, fault);
        if (code != FAULT_NONE || !is_row)
            continue;
        if (sqlite3_column_bytes(statement, 1) != size ||
            sqlite3_column_bytes(statement, 2) != size) {
            sqlite3_reset(statement);
            return fault_set(fault, FAULT_CORRUPT, TEXT_STORE_YEAR_MALFORMED,
                             text_integer(cells->series));
        }
        memcpy(values, sqlite3_column_blob(statement, 1), (size_t)size);
        memcpy(batches, sqlite3_column_blob(statement, 2), (size_t)size);
        copy_year(cells, (int)(sqlite3_column_int64(statement, 0) % 10000), values, batches);
    }
    return code;
}

// Where the newest version was not yet known, what stood then.
static enum fault_code go_back(struct cells *cells, struct fault *fault)
{
    struct store_reader *reader = cells->reader;
    int64_t last_batch = 0, known_at = 0;
    bool is_any_later = false, is_row = true;
    enum fault_code code = FAULT_NONE;
    for (size_t i = 0; i < cells->count && code == FAULT_NONE; i++) {
        if (cells->batches[i] == 0)
            continue;
        if (cells->batches[i] != last_batch)
            code = read_known_at(reader, cells->batches[i], &known_at, fault);
        last_batch = cells->batches[i];
        if (known_at > reader->as_of) {
            cells->batches[i] = 0;
            cells->values[i] = 0;
            is_any_later = true;
        }
    }
    sqlite3_stmt *statement = NULL;
    if (code != FAULT_NONE || !is_any_later)
        return code;
    code = database_prepare(&reader->database, STATE_SQL_READ_REPLACED, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, cells->series);
    sqlite3_bind_int64(statement, 2, cells->from);
    sqlite3_bind_int64(statement, 3, cells->from + (int64_t)cells->count - 1);
    sqlite3_bind_int64(statement, 4, reader->as_of);
    while (code == FAULT_NONE && is_row) {
        code = database_step(&reader->database, statement, &is_row, fault);
        if (code != FAULT_NONE || !is_row)
            continue;
        int64_t at = sqlite3_column_int64(statement, 0) - cells->from;
        bool is_withdrawn = sqlite3_column_type(statement, 1) == SQLITE_NULL;
        cells->values[at] = is_withdrawn ? (double)NAN : sqlite3_column_double(statement, 1);
        cells->batches[at] = sqlite3_column_int64(statement, 2);
    }
    return code;
}

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

// A row of an unfolded batch joins.
static enum fault_code merge(struct cells *cells, int32_t period, int64_t value_scaled,
                             const struct unfolded *batch, struct fault *fault)
{
    int64_t at = (int64_t)period - cells->from, known_at = 0;
    if (at < 0 || at >= (int64_t)cells->count)
        return FAULT_NONE;
    double value = reading_value(value_scaled, cells->decimals);
    if (cells->batches[at] != 0) {
        enum fault_code code = read_known_at(cells->reader, cells->batches[at], &known_at, fault);
        if (code != FAULT_NONE)
            return code;
        if (batch->known_at < known_at || is_same(cells->values[at], value))
            return FAULT_NONE;
    }
    cells->values[at] = value;
    cells->batches[at] = batch->batch;
    return FAULT_NONE;
}

static enum fault_code merge_landed(struct cells *cells, const struct unfolded *batch,
                                    struct fault *fault)
{
    struct database *database = &cells->reader->database;
    int64_t after = cells->from + (int64_t)cells->count;
    struct landing_walk walk;
    sqlite3_stmt *statement = NULL;
    enum fault_code code = database_prepare(database, STATE_SQL_WALK_LANDED, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    code =
        landing_begin(&walk, database, statement, batch->batch, cells->series, cells->from, fault);
    while (code == FAULT_NONE && walk.is_row && walk.row.series == cells->series &&
           walk.row.period < after) {
        code = merge(cells, walk.row.period, walk.row.value_scaled, batch, fault);
        if (code == FAULT_NONE)
            code = landing_next(&walk, fault);
    }
    sqlite3_reset(statement);
    return code;
}

static enum fault_code read_folded(struct cells *cells, struct fault *fault)
{
    memset(cells->values, 0, cells->count * sizeof *cells->values);
    memset(cells->batches, 0, cells->count * sizeof *cells->batches);
    enum fault_code code = read_known_at_max(cells->reader, fault);
    if (code == FAULT_NONE)
        code = read_years(cells, fault);
    if (code == FAULT_NONE && cells->reader->as_of < cells->reader->known_at_max)
        code = go_back(cells, fault);
    return code;
}

static void hide_withdrawn(struct cells *cells)
{
    for (size_t i = 0; i < cells->count; i++)
        if (isnan(cells->values[i])) {
            cells->values[i] = 0;
            cells->batches[i] = 0;
        }
}

// ---- Public ----------------------------------------------------------------------------------

enum fault_code readings_load(struct store_reader *reader, int64_t series, int32_t from, int32_t to,
                              double *values, int64_t *batches, struct fault *fault)
{
    struct series_facts facts = {0};
    struct unfolded unfolded[UNFOLDED];
    int unfolded_count = 0;
    assert(from <= to && (int64_t)to - from < LIMIT_SERIES_POINTS);
    assert(values != NULL && batches != NULL);
    enum fault_code code = read_facts(reader, series, &facts, fault);
    if (code != FAULT_NONE)
        return code;
    struct cells cells = {.reader = reader,
                          .series = series,
                          .frequency = facts.frequency,
                          .decimals = facts.decimals,
                          .from = from,
                          .count = (size_t)(to - from) + 1,
                          .values = values,
                          .batches = batches};
    code = read_folded(&cells, fault);
    if (code == FAULT_NONE)
        code = read_unfolded(reader, unfolded, &unfolded_count, fault);
    for (int i = 0; i < unfolded_count && code == FAULT_NONE; i++)
        code = merge_landed(&cells, &unfolded[i], fault);
    hide_withdrawn(&cells);
    return code;
}

// Widens the extent by the rows of the series in one unfolded batch.
static enum fault_code add_landed_extent(struct store_reader *reader, int64_t batch, int64_t series,
                                         int64_t *first, int64_t *last, struct fault *fault)
{
    struct landing_walk walk;
    sqlite3_stmt *statement = NULL;
    enum fault_code code =
        database_prepare(&reader->database, STATE_SQL_WALK_LANDED, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    code = landing_begin(&walk, &reader->database, statement, batch, series, INT32_MIN, fault);
    while (code == FAULT_NONE && walk.is_row && walk.row.series == series) {
        *first = walk.row.period < *first ? walk.row.period : *first;
        *last = walk.row.period > *last ? walk.row.period : *last;
        code = landing_next(&walk, fault);
    }
    sqlite3_reset(statement);
    return code;
}

// The outermost periods that any version or row of the series names.
static enum fault_code read_extent(struct store_reader *reader, int64_t series,
                                   enum time_frequency frequency, int64_t *ret_first,
                                   int64_t *ret_last, struct fault *fault)
{
    struct unfolded unfolded[UNFOLDED];
    int unfolded_count = 0;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&reader->database, STATE_SQL_READ_EXTENT, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, series);
    code = database_step(&reader->database, statement, &is_row, fault);
    if (code != FAULT_NONE)
        return code;
    *ret_first = INT32_MAX;
    *ret_last = INT32_MIN;
    if (sqlite3_column_type(statement, 0) != SQLITE_NULL) {
        struct reading_place first = {sqlite3_column_int(statement, 0), 0};
        struct reading_place after = {sqlite3_column_int(statement, 1) + 1, 0};
        *ret_first = reading_period_of(frequency, first);
        *ret_last = reading_period_of(frequency, after) - 1;
    }
    sqlite3_reset(statement);
    code = read_unfolded(reader, unfolded, &unfolded_count, fault);
    for (int i = 0; i < unfolded_count && code == FAULT_NONE; i++)
        code = add_landed_extent(reader, unfolded[i].batch, series, ret_first, ret_last, fault);
    return code;
}

enum fault_code readings_span(struct store_reader *reader, int64_t series, int32_t *ret_first,
                              int32_t *ret_last, size_t *ret_count, struct fault *fault)
{
    enum { CHUNK = 512 };
    struct series_facts facts = {0};
    double values[CHUNK];
    int64_t batches[CHUNK], first = 0, last = 0;
    size_t count = 0;
    int32_t found_first = 0, found_last = 0;
    enum fault_code code = read_facts(reader, series, &facts, fault);
    if (code == FAULT_NONE)
        code = read_extent(reader, series, facts.frequency, &first, &last, fault);
    for (int64_t at = first; code == FAULT_NONE && at <= last; at += CHUNK) {
        int64_t to = at + CHUNK - 1 < last ? at + CHUNK - 1 : last;
        code = readings_load(reader, series, (int32_t)at, (int32_t)to, values, batches, fault);
        for (int64_t i = 0; code == FAULT_NONE && i <= to - at; i++) {
            if (batches[i] == 0)
                continue;
            found_first = count == 0 ? (int32_t)(at + i) : found_first;
            found_last = (int32_t)(at + i);
            count++;
        }
    }
    if (code == FAULT_NONE) {
        *ret_first = found_first;
        *ret_last = found_last;
        *ret_count = count;
    }
    return code;
}

static enum fault_code read_stored_versions(struct cells *cells, struct version_list *list,
                                            struct fault *fault)
{
    struct database *database = &cells->reader->database;
    sqlite3_stmt *statement = NULL;
    bool is_row = true;
    enum fault_code code = database_prepare(database, STATE_SQL_READ_VERSIONS, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, cells->series);
    sqlite3_bind_int64(statement, 2, cells->from);
    while (code == FAULT_NONE && is_row) {
        code = database_step(database, statement, &is_row, fault);
        if (code != FAULT_NONE || !is_row)
            continue;
        struct version version = {.value = sqlite3_column_double(statement, 0),
                                  .is_withdrawn = sqlite3_column_type(statement, 0) == SQLITE_NULL,
                                  .batch = sqlite3_column_int64(statement, 1),
                                  .known_at = sqlite3_column_int64(statement, 2)};
        version_append(list, &version);
    }
    code = code == FAULT_NONE ? read_years(cells, fault) : code;
    if (code != FAULT_NONE || cells->batches[0] == 0)
        return code;
    struct version newest = {.value = isnan(cells->values[0]) ? 0 : cells->values[0],
                             .is_withdrawn = isnan(cells->values[0]),
                             .batch = cells->batches[0]};
    code = read_known_at(cells->reader, newest.batch, &newest.known_at, fault);
    if (code == FAULT_NONE)
        version_append(list, &newest);
    return code;
}

static enum fault_code add_landed_version(struct cells *cells, const struct unfolded *batch,
                                          struct version_list *list, struct fault *fault)
{
    cells->batches[0] = 0;
    enum fault_code code = merge_landed(cells, batch, fault);
    if (code != FAULT_NONE || cells->batches[0] == 0)
        return code;
    bool is_withdrawn = isnan(cells->values[0]);
    struct version version = {.value = is_withdrawn ? 0 : cells->values[0],
                              .is_withdrawn = is_withdrawn,
                              .batch = batch->batch,
                              .known_at = batch->known_at};
    version_insert(list, &version);
    return FAULT_NONE;
}

enum fault_code readings_history(struct store_reader *reader, int64_t series, int32_t period,
                                 struct reading_version *versions, size_t capacity,
                                 size_t *ret_count, struct fault *fault)
{
    struct series_facts facts = {0};
    struct unfolded unfolded[UNFOLDED];
    struct version_list list = {.count = 0};
    int unfolded_count = 0;
    double value = 0;
    int64_t batch = 0;
    enum fault_code code = read_facts(reader, series, &facts, fault);
    if (code != FAULT_NONE)
        return code;
    struct cells cells = {.reader = reader,
                          .series = series,
                          .frequency = facts.frequency,
                          .decimals = facts.decimals,
                          .from = period,
                          .count = 1,
                          .values = &value,
                          .batches = &batch};
    code = read_stored_versions(&cells, &list, fault);
    if (code == FAULT_NONE)
        code = read_unfolded(reader, unfolded, &unfolded_count, fault);
    for (int i = 0; i < unfolded_count && code == FAULT_NONE; i++)
        code = add_landed_version(&cells, &unfolded[i], &list, fault);
    size_t count = 0;
    for (int i = 0; i < list.count && code == FAULT_NONE; i++) {
        const struct version *version = &list.version[i];
        int64_t until = i + 1 < list.count ? list.version[i + 1].known_at : TIME_NEVER;
        if (version->known_at > reader->as_of || until == version->known_at || count == capacity)
            continue;
        versions[count++] = (struct reading_version){.value = version->value,
                                                     .is_withdrawn = version->is_withdrawn,
                                                     .batch = version->batch,
                                                     .from_time = version->known_at,
                                                     .until_time = until};
    }
    if (code == FAULT_NONE)
        *ret_count = count;
    return code;
}

// ---- Walking over an indicator ---------------------------------------------------------------

// The rows of one unfolded batch, in order of series.
struct landed {
    struct unfolded batch;
    sqlite3_stmt *statement;
    struct landing_walk walk;
};

struct walk {
    int64_t indicator;
    struct cells cells; // of the last series
    struct arena arena;
    struct landed *landed;
    int landed_count;
    sqlite3_stmt *series;
};

static enum fault_code open_landed(struct walk *walk, struct fault *fault)
{
    struct unfolded unfolded[UNFOLDED];
    struct store_reader *reader = walk->cells.reader;
    int count = 0;
    enum fault_code code = read_unfolded(reader, unfolded, &count, fault);
    if (code != FAULT_NONE)
        return code;
    walk->landed = arena_allocate(&walk->arena, (size_t)count * sizeof *walk->landed);
    if (walk->landed == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    for (int i = 0; i < count && code == FAULT_NONE; i++) {
        struct landed *landed = &walk->landed[i];
        landed->batch = unfolded[i];
        code = connection_prepare(reader, AUTHORITY_STORE, state_sql[STATE_SQL_WALK_LANDED],
                                  &landed->statement, fault);
        walk->landed_count += code == FAULT_NONE;
        if (code == FAULT_NONE)
            code = landing_begin(&landed->walk, &reader->database, landed->statement,
                                 unfolded[i].batch, walk->cells.series + 1, INT32_MIN, fault);
    }
    return code;
}

static enum fault_code merge_walk(struct walk *walk, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    int64_t series = walk->cells.series;
    for (int i = 0; i < walk->landed_count && code == FAULT_NONE; i++) {
        struct landed *landed = &walk->landed[i];
        while (code == FAULT_NONE && landed->walk.is_row && landed->walk.row.series <= series) {
            if (landed->walk.row.series == series)
                code = merge(&walk->cells, landed->walk.row.period, landed->walk.row.value_scaled,
                             &landed->batch, fault);
            if (code == FAULT_NONE)
                code = landing_next(&landed->walk, fault);
        }
    }
    return code;
}

static enum fault_code read_indicator(struct walk *walk, struct fault *fault)
{
    struct database *database = &walk->cells.reader->database;
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code = database_prepare(database, STATE_SQL_READ_INDICATOR, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, walk->indicator);
    code = database_step(database, statement, &is_row, fault);
    if (code == FAULT_NONE && !is_row)
        code = fault_set(fault, FAULT_MISSING, TEXT_STORE_INDICATOR_UNKNOWN,
                         text_integer(walk->indicator));
    if (code != FAULT_NONE)
        return code;
    walk->cells.frequency =
        (enum time_frequency)((const char *)sqlite3_column_text(statement, 0))[0];
    walk->cells.decimals = sqlite3_column_int(statement, 1);
    sqlite3_reset(statement);
    return FAULT_NONE;
}

static void close_walk(struct walk *walk)
{
    for (int i = 0; i < walk->landed_count; i++)
        sqlite3_finalize(walk->landed[i].statement);
    sqlite3_finalize(walk->series);
    walk->landed_count = 0;
    walk->series = NULL;
    arena_reset(&walk->arena);
}

// Opens the walk behind the last series.
static enum fault_code open_walk(struct walk *walk, struct fault *fault)
{
    struct store_reader *reader = walk->cells.reader;
    walk->cells.values = arena_allocate(&walk->arena, walk->cells.count * sizeof(double));
    walk->cells.batches = arena_allocate(&walk->arena, walk->cells.count * sizeof(int64_t));
    if (walk->cells.values == NULL || walk->cells.batches == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    enum fault_code code = open_landed(walk, fault);
    if (code == FAULT_NONE)
        code = connection_prepare(reader, AUTHORITY_STORE, state_sql[STATE_SQL_WALK_SERIES],
                                  &walk->series, fault);
    if (code == FAULT_NONE) {
        sqlite3_bind_int64(walk->series, 1, walk->indicator);
        sqlite3_bind_int64(walk->series, 2, reader->actor.low);
        sqlite3_bind_int64(walk->series, 3, reader->actor.high);
        sqlite3_bind_int64(walk->series, 4, walk->cells.series);
    }
    return code;
}

// Where rows stood in the old snapshot, the new one may have them folded: all is asked anew.
static enum fault_code renew_walk(struct walk *walk, struct fault *fault)
{
    close_walk(walk);
    enum fault_code code = store_reader_renew(walk->cells.reader, fault);
    return code == FAULT_NONE ? open_walk(walk, fault) : code;
}

enum fault_code readings_walk(struct store_reader *reader, int64_t indicator, int32_t from,
                              int32_t to,
                              enum fault_code (*each)(void *context, const struct readings_row *row,
                                                      struct fault *fault),
                              void *context, struct fault *fault)
{
    assert(from <= to && (int64_t)to - from < LIMIT_SERIES_POINTS);
    struct walk walk = {
        .indicator = indicator,
        .cells = {
            .reader = reader, .series = INT64_MIN, .from = from, .count = (size_t)(to - from) + 1}};
    bool is_row = true;
    enum fault_code code = read_indicator(&walk, fault);
    if (code == FAULT_NONE)
        code = open_walk(&walk, fault);
    while (code == FAULT_NONE && is_row) {
        if (reader->deadline_ms != 0 && steady_ms() > reader->deadline_ms - LIMIT_READ_MS / 2)
            code = renew_walk(&walk, fault);
        if (code == FAULT_NONE)
            code = database_step(&reader->database, walk.series, &is_row, fault);
        if (code != FAULT_NONE || !is_row)
            continue;
        walk.cells.series = sqlite3_column_int64(walk.series, 0);
        struct readings_row row = {.series = walk.cells.series,
                                   .division = sqlite3_column_int64(walk.series, 1),
                                   .is_simulated = sqlite3_column_int(walk.series, 2) != 0,
                                   .from = from,
                                   .count = walk.cells.count,
                                   .values = walk.cells.values,
                                   .batches = walk.cells.batches};
        code = read_folded(&walk.cells, fault);
        if (code == FAULT_NONE)
            code = merge_walk(&walk, fault);
        hide_withdrawn(&walk.cells);
        if (code == FAULT_NONE)
            code = each(context, &row, fault);
    }
    close_walk(&walk);
    return code;
}
