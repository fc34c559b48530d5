// SPDX-License-Identifier: GPL-3.0-or-later
//
// import.c: reads a table of readings and lands it.
//
// Idea: divisions and indicators of the reader's scope are taken into two sorted tables once; then
// a row costs two lookups (mostly the same as in the row before) and two conversions. While the
// file is read, a reading's series is only a place: indicator * divisions + division. Real series
// are looked up, or added, when the whole file has turned out to be good.
//
// Invariants: nothing is written before every row was checked; values are exact (digits, not
// floating point).
#include "store/import.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "store/store_priv.h"

enum { COLUMNS = 4096 };

struct named {
    struct span code;
    int64_t id;
    enum time_frequency frequency; // of an indicator
    int decimals;
};

struct table {
    struct named *row;
    size_t count;
    size_t last; // found last
};

struct reading_file {
    const struct import_options *options;
    struct import *import;
    struct arena *arena;
    struct table divisions, indicators;
    size_t indicator;  // of the options; SIZE_MAX: none
    size_t line_count; // of the text
    // The period of the row before: files go by periods.
    struct span period;
    enum time_frequency frequency;
    int32_t ordinal;
    // Columns of a tidy file; -1: not there.
    int at_indicator, at_division, at_period, at_value;
    size_t *wide; // division of each column
    uint32_t *lines;
    size_t capacity;
};

// ---- Tables ----------------------------------------------------------------------------------

static int compare_spans(struct span a, struct span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_named(const void *a, const void *b)
{
    return compare_spans(((const struct named *)a)->code, ((const struct named *)b)->code);
}

// SIZE_MAX: not there. Mostly it is the one found last, or the one behind it.
static size_t find(struct table *table, struct span code)
{
    for (size_t at = table->last; at < table->count && at <= table->last + 1; at++)
        if (span_equal(table->row[at].code, code))
            return table->last = at;
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_spans(table->row[middle].code, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == table->count || !span_equal(table->row[low].code, code))
        return SIZE_MAX;
    table->last = low;
    return low;
}

static enum fault_code load_table(struct store *store, const struct store_actor *actor,
                                  enum query_name query, struct arena *arena, struct table *table,
                                  struct fault *fault)
{
    json_t *rows = NULL, *row = NULL;
    size_t index = 0;
    enum fault_code code = store_query(store, query, actor, 0, NULL, &rows, fault);
    if (code != FAULT_NONE)
        return code;
    table->count = json_array_size(rows);
    table->row = arena_allocate(arena, table->count * sizeof *table->row);
    json_array_foreach(rows, index, row)
    {
        struct span text = json_text_or(row, "code", "");
        char *copy = table->row == NULL ? NULL : span_to_string(text, arena);
        if (copy == NULL) {
            code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
            break;
        }
        struct span frequency = json_text_or(row, "frequency", "D");
        table->row[index] = (struct named){.code = {copy, text.size},
                                           .id = json_integer_or(row, "id", 0),
                                           .frequency = (enum time_frequency)frequency.data[0],
                                           .decimals = (int)json_integer_or(row, "decimals", 0)};
    }
    if (code == FAULT_NONE)
        qsort(table->row, table->count, sizeof *table->row, compare_named);
    json_decref(rows);
    return code;
}

// ---- Mistakes and values ---------------------------------------------------------------------

static void note(struct reading_file *file, int64_t line, int64_t column, struct span value,
                 enum text_key key, struct text_argument second)
{
    struct import *import = file->import;
    if (import->mistake_count < LIMIT_IMPORT_MISTAKES)
        import->mistakes[import->mistake_count] = (struct import_mistake){.line = line,
                                                                          .column = column,
                                                                          .value = text_span(value),
                                                                          .key = key,
                                                                          .second = second};
    import->mistake_count++;
}

// Digits with at most one point, scaled by 10^decimals. 0: read; 1: no number; 2: too many
// decimals.
static int read_decimal(struct span text, int decimals, int64_t *ret_value)
{
    size_t i = text.size > 0 && (text.data[0] == '-' || text.data[0] == '+');
    int64_t value = 0;
    int behind = -1, digits = 0;
    for (; i < text.size; i++) {
        char c = text.data[i];
        if (c == '.' && behind < 0) {
            behind = 0;
            continue;
        }
        if (c < '0' || c > '9')
            return 1;
        digits++;
        if (behind >= decimals && c == '0')
            continue; // 3.00 is 3.
        if (behind >= decimals)
            return 2;
        behind += behind >= 0;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, c - '0', &value))
            return 1;
    }
    for (int k = behind < 0 ? 0 : behind; k < decimals; k++)
        if (__builtin_mul_overflow(value, 10, &value))
            return 1;
    *ret_value = text.data[0] == '-' ? -value : value;
    return digits == 0;
}

static enum fault_code grow(struct reading_file *file, struct fault *fault)
{
    struct import *import = file->import;
    if (import->row_count < file->capacity)
        return FAULT_NONE;
    // A tidy file has a reading a line; a wide one needs more.
    size_t capacity = file->capacity == 0 ? file->line_count + 1 : 2 * file->capacity;
    capacity = capacity < LIMIT_BATCH_ROWS ? capacity : LIMIT_BATCH_ROWS;
    if (import->row_count >= LIMIT_BATCH_ROWS)
        return fault_set(fault, FAULT_FULL, TEXT_STORE_BATCH_TOO_BIG,
                         text_integer((int64_t)import->row_count + 1),
                         text_integer(LIMIT_BATCH_ROWS));
    struct reading *rows = memory_resize(import->rows, capacity * sizeof *rows);
    import->rows = rows != NULL ? rows : import->rows;
    uint32_t *lines = rows == NULL ? NULL : memory_resize(file->lines, capacity * sizeof *lines);
    file->lines = lines != NULL ? lines : file->lines;
    if (lines == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    file->capacity = capacity;
    return FAULT_NONE;
}

static bool read_period(struct reading_file *file, struct span period)
{
    if (file->period.size > 0 && span_equal(file->period, period))
        return true;
    if (!time_read_period(period, &file->frequency, &file->ordinal))
        return false;
    file->period = period;
    return true;
}

static size_t count_lines(const struct csv_text *text)
{
    const char *at = text->data + text->start, *end = text->data + text->size;
    size_t count = 1;
    for (; at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        count++;
    return count;
}

// One reading from its texts. Columns are for messages, from 1.
static enum fault_code take(struct reading_file *file, const struct csv_reader *csv,
                            size_t indicator, size_t division, int at_period, int at_value,
                            struct fault *fault)
{
    const struct named *named = &file->indicators.row[indicator];
    struct span period = csv->field[at_period], value = csv->field[at_value];
    int64_t scaled = 0;
    size_t mistakes = file->import->mistake_count;
    if (!read_period(file, period))
        note(file, csv->line, at_period + 1, period, TEXT_STORE_IMPORT_PERIOD,
             (struct text_argument){0});
    else if (file->frequency != named->frequency)
        note(file, csv->line, at_period + 1, period, TEXT_STORE_IMPORT_FREQUENCY,
             text_string((char[]){(char)named->frequency, '\0'}));
    int wrong = read_decimal(value, named->decimals, &scaled);
    if (wrong == 1)
        note(file, csv->line, at_value + 1, value, TEXT_STORE_IMPORT_VALUE,
             (struct text_argument){0});
    else if (wrong == 2)
        note(file, csv->line, at_value + 1, value, TEXT_STORE_IMPORT_DECIMALS,
             text_integer(named->decimals));
    if (file->import->mistake_count > mistakes)
        return FAULT_NONE;
    enum fault_code code = grow(file, fault);
    if (code != FAULT_NONE)
        return code;
    file->lines[file->import->row_count] = (uint32_t)csv->line;
    file->import->rows[file->import->row_count++] =
        (struct reading){.series = (int64_t)(indicator * file->divisions.count + division),
                         .value_scaled = scaled,
                         .period = file->ordinal};
    return FAULT_NONE;
}

// ---- Rows ------------------------------------------------------------------------------------

static int find_column(const struct csv_reader *csv, const char *const *names)
{
    for (size_t i = 0; i < csv->field_count; i++)
        for (const char *const *name = names; *name != NULL; name++)
            if (span_is(span_trim(csv->field[i]), *name))
                return (int)i;
    return -1;
}

static enum fault_code read_head(struct reading_file *file, struct csv_reader *csv,
                                 struct fault *fault)
{
    static const char *const indicator[] = {"indicator", "指标", "指标代码", NULL};
    static const char *const division[] = {"division", "division_code", "code",
                                           "区划",     "区划代码",      NULL};
    static const char *const period[] = {"period", "date", "day",  "month", "week",
                                         "时期",   "日期", "月份", NULL};
    static const char *const value[] = {"value", "数值", "值", NULL};
    enum fault_code code = csv_next(csv, fault);
    if (code != FAULT_NONE)
        return code;
    file->at_indicator = find_column(csv, indicator);
    file->at_division = find_column(csv, division);
    file->at_period = find_column(csv, period);
    file->at_value = find_column(csv, value);
    bool is_tidy = file->at_division >= 0 && file->at_value >= 0;
    file->import->form = is_tidy ? "tidy" : "wide";
    if (file->at_period < 0 || csv->field_count > COLUMNS ||
        (file->indicator == SIZE_MAX && (file->at_indicator < 0 || !is_tidy)))
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_IMPORT_COLUMNS, {0});
    if (is_tidy)
        return FAULT_NONE;
    file->wide = arena_allocate(file->arena, csv->field_count * sizeof *file->wide);
    if (file->wide == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    for (size_t i = 0; i < csv->field_count; i++) {
        file->wide[i] = find(&file->divisions, span_trim(csv->field[i]));
        if (file->wide[i] == SIZE_MAX && (int)i != file->at_period)
            note(file, csv->line, (int64_t)i + 1, csv->field[i], TEXT_STORE_IMPORT_DIVISION,
                 (struct text_argument){0});
    }
    return FAULT_NONE;
}

static enum fault_code read_tidy(struct reading_file *file, const struct csv_reader *csv,
                                 struct fault *fault)
{
    struct span division_code = span_trim(csv->field[file->at_division]);
    size_t division = find(&file->divisions, division_code), indicator = file->indicator;
    if (division == SIZE_MAX)
        note(file, csv->line, file->at_division + 1, division_code, TEXT_STORE_IMPORT_DIVISION,
             (struct text_argument){0});
    if (file->at_indicator >= 0) {
        struct span code = span_trim(csv->field[file->at_indicator]);
        indicator = find(&file->indicators, code);
        if (indicator == SIZE_MAX)
            note(file, csv->line, file->at_indicator + 1, code, TEXT_STORE_IMPORT_INDICATOR,
                 (struct text_argument){0});
    }
    if (division == SIZE_MAX || indicator == SIZE_MAX)
        return FAULT_NONE;
    return take(file, csv, indicator, division, file->at_period, file->at_value, fault);
}

static enum fault_code read_wide(struct reading_file *file, const struct csv_reader *csv,
                                 struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (size_t i = 0; i < csv->field_count && code == FAULT_NONE; i++)
        if ((int)i != file->at_period && file->wide[i] != SIZE_MAX && csv->field[i].size > 0)
            code = take(file, csv, file->indicator, file->wide[i], file->at_period, (int)i, fault);
    return code;
}

static enum fault_code read_rows(struct reading_file *file, struct csv_reader *csv,
                                 struct fault *fault)
{
    enum fault_code code = csv_next(csv, fault);
    while (code == FAULT_NONE && csv->field_count > 0) {
        code = file->wide == NULL ? read_tidy(file, csv, fault) : read_wide(file, csv, fault);
        if (code == FAULT_NONE)
            code = csv_next(csv, fault);
    }
    return code;
}

// ---- Conflicts -------------------------------------------------------------------------------

// Sorts the rows, drops what stands twice and notes what contradicts itself.
static enum fault_code settle_rows(struct reading_file *file, struct fault *fault)
{
    struct import *import = file->import;
    size_t kept = 0;
    struct ordered_row *sorted = memory_allocate((import->row_count + 1) * sizeof *sorted);
    for (size_t i = 0; sorted != NULL && i < import->row_count; i++)
        sorted[i] = (struct ordered_row){.series = import->rows[i].series,
                                         .value_scaled = import->rows[i].value_scaled,
                                         .period = import->rows[i].period,
                                         .index = file->lines[i]};
    if (sorted == NULL || !order_rows(sorted, import->row_count)) {
        memory_free(sorted);
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    }
    for (size_t i = 0; i < import->row_count; i++) {
        const struct ordered_row *row = &sorted[i];
        const struct reading *before = kept > 0 ? &import->rows[kept - 1] : NULL;
        bool is_same =
            before != NULL && before->series == row->series && before->period == row->period;
        if (is_same && before->value_scaled != row->value_scaled)
            note(file, row->index, 0,
                 file->divisions.row[(size_t)row->series % file->divisions.count].code,
                 TEXT_STORE_IMPORT_CONFLICT, text_integer(sorted[i - 1].index));
        import->series_count += before == NULL || before->series != row->series;
        if (!is_same)
            import->rows[kept++] = (struct reading){
                .series = row->series, .value_scaled = row->value_scaled, .period = row->period};
    }
    import->row_count = kept;
    memory_free(sorted);
    return FAULT_NONE;
}

// ---- Series ----------------------------------------------------------------------------------

struct known_series {
    int64_t division;
    int64_t id;
};

static int compare_known(const void *a, const void *b)
{
    const struct known_series *left = a, *right = b;
    return (left->division > right->division) - (left->division < right->division);
}

static enum fault_code add_series(struct store *store, const struct store_actor *actor,
                                  const struct import_options *options, int64_t indicator,
                                  struct known_series *missing, size_t count, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (size_t from = 0; from < count && code == FAULT_NONE; from += LIMIT_SERIES_ROWS) {
        json_t *rows = json_array(), *answer = NULL;
        size_t to = from + LIMIT_SERIES_ROWS < count ? from + LIMIT_SERIES_ROWS : count;
        for (size_t i = from; i < to; i++)
            json_array_append_new(rows,
                                  json_pack("{s:I}", "division", (json_int_t)missing[i].division));
        json_t *body = json_pack("{s:I, s:b, s:o}", "indicator", (json_int_t)indicator,
                                 "is_simulated", options->is_simulated, "rows", rows);
        struct command_request request = {.name = "series.add", .body = body, .actor = *actor};
        code = store_run_command(store, &request, &answer, fault);
        for (size_t i = from; i < to && code == FAULT_NONE; i++)
            missing[i].id =
                json_integer_value(json_array_get(json_object_get(answer, "series"), i - from));
        json_decref(answer);
        json_decref(body);
    }
    return code;
}

// Series of one indicator that the file names: `wanted` has their divisions; ids are filled in.
static enum fault_code find_series(struct store *store, const struct store_actor *actor,
                                   const struct import_options *options, int64_t indicator,
                                   struct known_series *wanted, size_t count, struct import *import,
                                   struct fault *fault)
{
    json_t *parameters = json_pack("{s:I, s:b}", "indicator", (json_int_t)indicator, "is_simulated",
                                   options->is_simulated);
    json_t *rows = NULL, *row = NULL;
    size_t index = 0, missing = 0;
    enum fault_code code =
        store_query(store, QUERY_SERIES_OF_INDICATOR, actor, 0, parameters, &rows, fault);
    json_decref(parameters);
    if (code != FAULT_NONE)
        return code;
    json_array_foreach(rows, index, row)
    {
        struct known_series key = {json_integer_or(row, "division", 0), 0};
        struct known_series *found = bsearch(&key, wanted, count, sizeof key, compare_known);
        if (found != NULL)
            found->id = json_integer_or(row, "id", 0);
    }
    json_decref(rows);
    struct known_series *lacking = memory_allocate((count + 1) * sizeof *lacking);
    if (lacking == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    for (size_t i = 0; i < count; i++)
        if (wanted[i].id == 0)
            lacking[missing++] = wanted[i];
    import->new_series_count += missing;
    if (!options->is_rehearsal)
        code = add_series(store, actor, options, indicator, lacking, missing, fault);
    for (size_t i = 0, k = 0; i < count && code == FAULT_NONE; i++)
        if (wanted[i].id == 0)
            wanted[i].id = lacking[k++].id;
    memory_free(lacking);
    return code;
}

// Turns places into series ids, indicator by indicator. Rows are sorted by place.
static enum fault_code resolve(struct store *store, const struct store_actor *actor,
                               const struct import_options *options, struct import *import,
                               struct table *indicators, struct table *divisions,
                               struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    struct known_series *wanted = memory_allocate((import->series_count + 1) * sizeof *wanted);
    if (wanted == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    for (size_t from = 0, to = 0; from < import->row_count && code == FAULT_NONE; from = to) {
        size_t indicator = (size_t)import->rows[from].series / divisions->count, count = 0;
        for (to = from; to < import->row_count &&
                        (size_t)import->rows[to].series / divisions->count == indicator;
             to++) {
            int64_t division =
                divisions->row[(size_t)import->rows[to].series % divisions->count].id;
            if (to == from || import->rows[to].series != import->rows[to - 1].series)
                wanted[count++] = (struct known_series){division, 0};
        }
        qsort(wanted, count, sizeof *wanted, compare_known);
        code = find_series(store, actor, options, indicators->row[indicator].id, wanted, count,
                           import, fault);
        int64_t place = -1, id = 0;
        for (size_t i = from; i < to && code == FAULT_NONE; i++) {
            if (import->rows[i].series != place) {
                place = import->rows[i].series;
                struct known_series key = {divisions->row[(size_t)place % divisions->count].id, 0};
                const struct known_series *found =
                    bsearch(&key, wanted, count, sizeof key, compare_known);
                assert(found != NULL);
                id = found->id;
            }
            import->rows[i].series = id;
        }
    }
    memory_free(wanted);
    return code;
}

// ---- Public ----------------------------------------------------------------------------------

enum fault_code import_read(struct store *store, const struct store_actor *actor,
                            struct csv_text *text, const struct import_options *options,
                            struct arena *arena, struct import *ret_import, struct fault *fault)
{
    struct import import = {0};
    struct csv_reader csv = {0};
    struct reading_file file = {
        .options = options, .import = &import, .arena = arena, .indicator = SIZE_MAX};
    file.line_count = count_lines(text);
    import.mistakes = arena_allocate(arena, LIMIT_IMPORT_MISTAKES * sizeof *import.mistakes);
    csv_open(&csv, text);
    enum fault_code code =
        load_table(store, actor, QUERY_DIVISIONS_IN_SCOPE, arena, &file.divisions, fault);
    if (code == FAULT_NONE)
        code = load_table(store, actor, QUERY_INDICATORS, arena, &file.indicators, fault);
    if (code == FAULT_NONE && import.mistakes == NULL)
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    if (code == FAULT_NONE && options->indicator != NULL) {
        file.indicator = find(&file.indicators, span_from(options->indicator));
        if (file.indicator == SIZE_MAX)
            code = fault_set(fault, FAULT_MISSING, TEXT_STORE_INDICATOR_UNKNOWN,
                             text_string(options->indicator));
    }
    if (code == FAULT_NONE)
        code = read_head(&file, &csv, fault);
    if (code == FAULT_NONE)
        code = read_rows(&file, &csv, fault);
    if (code == FAULT_NONE)
        code = settle_rows(&file, fault);
    if (code == FAULT_NONE && import.mistake_count == 0)
        code = resolve(store, actor, options, &import, &file.indicators, &file.divisions, fault);
    csv_close(&csv);
    memory_free(file.lines);
    if (code == FAULT_NONE)
        *ret_import = import;
    else
        import_end(&import);
    return code;
}

enum fault_code import_land(struct store *store, const struct store_actor *actor,
                            const struct import_options *options, struct import *import,
                            const struct readings_progress *progress, struct fault *fault)
{
    assert(import->mistake_count == 0 && !options->is_rehearsal);
    struct reading_batch batch = {.division = actor->division,
                                  .known_at = options->known_at,
                                  .is_simulated = options->is_simulated,
                                  .source = options->source,
                                  .note = options->note};
    if (options->key.size > 0) {
        enum fault_code code = import_find(store, options->key, batch.id, &import->batch, fault);
        if (code != FAULT_NONE || import->batch != 0)
            return code;
    }
    return readings_land(store, actor, &batch, import->rows, import->row_count, progress,
                         &import->batch, fault);
}

void import_end(struct import *import)
{
    memory_free(import->rows);
    import->rows = NULL;
}

void import_write_mistake(const struct import_mistake *mistake, enum text_language language,
                          char *buffer, size_t size)
{
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {mistake->value, mistake->second};
    text_write(mistake->key, language, argument, buffer, size);
}
