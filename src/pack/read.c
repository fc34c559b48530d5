// SPDX-License-Identifier: GPL-3.0-or-later
//
// read.c: fills a struct from a table, row by row of its shape, and notes what does not fit.
//
// One reader for every table of a pack: what may stand where is data (shape.c). A mistake leaves
// the field at its default and reading goes on; a pack with any mistake is thrown away as a whole,
// so half-read structs never leave this folder.
//
//     place      indicators[2].bands[1].from       kept as a chain on the stack, for messages
//     unknown    a name that no row has            with the nearest name that there is
//     missing    a required row without a name     at the line of the table
#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pack/pack_priv.h"

enum { PLACE_SIZE = 256, NEAREST_EDITS = 2, NAME_SIZE = 40 };

void *pack_take(struct pack_reader *reader, size_t size)
{
    void *result = arena_allocate(reader->arena, size);
    if (result == NULL)
        reader->is_full = true;
    return result;
}

void pack_note_with(struct pack_reader *reader, int line, enum text_key key,
                    const struct text_argument *argument)
{
    struct pack_report *report = reader->report;
    if (report->count == LIMIT_PACK_MISTAKES) {
        report->dropped++;
        return;
    }
    struct pack_mistake *mistake = &report->mistake[report->count++];
    mistake->line = line;
    mistake->key = key;
    memcpy(mistake->argument, argument, sizeof mistake->argument);
}

static size_t write_place(const struct pack_place *place, char *buffer, size_t size)
{
    if (place == NULL || place->above == NULL)
        return 0; // The pack itself has no name.
    size_t at = write_place(place->above, buffer, size);
    if (at + 1 >= size)
        return at;
    int written = place->name != NULL
                      ? snprintf(buffer + at, size - at, "%s%s", at > 0 ? "." : "", place->name)
                      : snprintf(buffer + at, size - at, "[%lld]", (long long)place->position);
    at += written > 0 ? (size_t)written : 0;
    return at < size ? at : size - 1;
}

struct text_argument pack_place_text(const struct pack_place *place)
{
    char buffer[PLACE_SIZE] = "";
    write_place(place, buffer, sizeof buffer);
    return text_string(buffer);
}

const struct pack_entry *pack_entry_find(const struct pack_value *table, const char *name)
{
    assert(table->kind == PACK_VALUE_TABLE);
    for (size_t i = 0; i < table->entry_count; i++)
        if (table->entries[i].name != NULL && strcmp(table->entries[i].name, name) == 0)
            return &table->entries[i];
    return NULL;
}

struct pack_place pack_place_below(const struct pack_place *place, const struct pack_entry *entry)
{
    return (struct pack_place){place, entry->name, entry->position, entry->line};
}

// The line of a field where it is given, else that of its table.
int pack_line_of(const struct pack_place *place, const struct pack_value *table, const char *name)
{
    const struct pack_entry *entry = pack_entry_find(table, name);
    return entry == NULL ? place->line : entry->line;
}

// ---- single values ----

static bool refuse_type(struct pack_reader *reader, const struct pack_place *place,
                        enum text_key wanted)
{
    pack_note(reader, place->line, wanted, pack_place_text(place));
    return false;
}

static bool is_code(struct span text)
{
    if (text.size == 0 || text.size > 63 || !islower((unsigned char)text.data[0]))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!islower((unsigned char)text.data[i]) && !isdigit((unsigned char)text.data[i]) &&
            strchr("_.-", text.data[i]) == NULL)
            return false;
    return true;
}

static bool read_text(struct pack_reader *reader, const struct pack_place *place,
                      const struct pack_value *value, const char **ret_text)
{
    if (value->kind != PACK_VALUE_STRING || span_trim(value->string).size == 0)
        return refuse_type(reader, place, TEXT_PACK_WANTED_TEXT);
    if (value->string.size > LIMIT_PACK_TEXT_SIZE) {
        pack_note(reader, place->line, TEXT_PACK_TEXT_LONG, pack_place_text(place),
                  text_integer(LIMIT_PACK_TEXT_SIZE));
        return false;
    }
    *ret_text = value->string.data;
    return true;
}

static bool read_code(struct pack_reader *reader, const struct pack_place *place,
                      const struct pack_value *value, const char **ret_code)
{
    if (value->kind != PACK_VALUE_STRING || !is_code(value->string))
        return refuse_type(reader, place, TEXT_PACK_WANTED_CODE);
    *ret_code = value->string.data;
    return true;
}

static void read_words(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_value *value, struct pack_words *ret_words)
{
    static const struct pack_field fields[] = {
        {"zh", PACK_FIELD_TEXT, offsetof(struct pack_words, zh), .is_required = true},
        {"en", PACK_FIELD_TEXT, offsetof(struct pack_words, en), .is_required = true},
        {NULL},
    };
    static const struct pack_shape shape = {sizeof(struct pack_words), fields};
    if (value->kind != PACK_VALUE_TABLE)
        refuse_type(reader, place, TEXT_PACK_WANTED_WORDS);
    else
        pack_read_table(reader, place, value, &shape, ret_words);
}

static bool read_number(struct pack_reader *reader, const struct pack_place *place,
                        const struct pack_value *value, const struct pack_field *field,
                        double *ret_number)
{
    bool is_whole = field->kind == PACK_FIELD_INTEGER;
    if (value->kind != PACK_VALUE_NUMBER || !isfinite(value->number) ||
        (is_whole && value->number != floor(value->number)))
        return refuse_type(reader, place,
                           is_whole ? TEXT_PACK_WANTED_INTEGER : TEXT_PACK_WANTED_NUMBER);
    bool has_range = field->low < field->high;
    if (has_range && (value->number < field->low || value->number > field->high)) {
        pack_note(reader, place->line, TEXT_PACK_RANGE, pack_place_text(place),
                  text_real(value->number), text_real(field->low), text_real(field->high));
        return false;
    }
    *ret_number = value->number;
    return true;
}

static void read_choice(struct pack_reader *reader, const struct pack_place *place,
                        const struct pack_value *value, const struct pack_choice *choices,
                        int *ret_choice)
{
    char known[LIMIT_TEXT_ARGUMENT_SIZE] = "";
    size_t at = 0;
    for (const struct pack_choice *choice = choices; choice->name != NULL; choice++) {
        if (value->kind == PACK_VALUE_STRING && span_is(value->string, choice->name)) {
            *ret_choice = choice->value;
            return;
        }
        int written =
            snprintf(known + at, sizeof known - at, "%s%s", at > 0 ? ", " : "", choice->name);
        at += written > 0 && (size_t)written < sizeof known - at ? (size_t)written : 0;
    }
    struct text_argument got =
        value->kind == PACK_VALUE_STRING ? text_span(value->string) : text_string("?");
    pack_note(reader, place->line, TEXT_PACK_CHOICE, pack_place_text(place), got,
              text_string(known));
}

static void read_date(struct pack_reader *reader, const struct pack_place *place,
                      const struct pack_value *value, bool is_last, int32_t *ret_day)
{
    enum time_frequency frequency = TIME_DAILY;
    int32_t day = 0;
    if (value->kind != PACK_VALUE_STRING || !time_read_period(value->string, &frequency, &day) ||
        frequency != TIME_DAILY)
        refuse_type(reader, place, TEXT_PACK_WANTED_DATE);
    else
        *ret_day = is_last ? day + 1 : day;
}

static void read_source(struct pack_reader *reader, const struct pack_place *place,
                        const struct pack_value *value, const struct pack_source **ret_source)
{
    const char *code = "";
    if (!read_code(reader, place, value, &code))
        return;
    for (size_t i = 0; i < reader->pack->source_count; i++)
        if (strcmp(reader->pack->sources[i].code, code) == 0)
            *ret_source = &reader->pack->sources[i];
    if (*ret_source == NULL)
        pack_note(reader, place->line, TEXT_PACK_SOURCE_UNKNOWN, pack_place_text(place),
                  text_string(code));
}

// Text is never NULL, and a validity without dates has no ends.
static void set_defaults(const struct pack_shape *shape, char *thing)
{
    const char *empty = "";
    const struct pack_words words = {"", ""};
    const int32_t first = INT32_MIN;
    const int32_t last = INT32_MAX;
    for (const struct pack_field *field = shape->fields; field->name != NULL; field++) {
        char *to = thing + field->offset;
        switch (field->kind) {
        case PACK_FIELD_CODE:
        case PACK_FIELD_TEXT: memcpy(to, &empty, sizeof empty); break;
        case PACK_FIELD_WORDS: memcpy(to, &words, sizeof words); break;
        case PACK_FIELD_FROM: memcpy(to, &first, sizeof first); break;
        case PACK_FIELD_UNTIL: memcpy(to, &last, sizeof last); break;
        case PACK_FIELD_TABLE: set_defaults(field->shape, to); break;
        default: break;
        }
    }
}

// ---- lists ----

// A list of 1..LIMIT_PACK_ITEMS items without holes. Notes the first thing wrong with it.
static bool check_list(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_value *value)
{
    if (value->kind != PACK_VALUE_TABLE || value->entry_count == 0)
        return refuse_type(reader, place, TEXT_PACK_WANTED_LIST);
    if (value->entry_count > LIMIT_PACK_ITEMS) {
        pack_note(reader, place->line, TEXT_PACK_LIST_LONG, pack_place_text(place),
                  text_integer(LIMIT_PACK_ITEMS));
        return false;
    }
    for (size_t i = 0; i < value->entry_count; i++) {
        const struct pack_entry *entry = &value->entries[i];
        if (entry->name == NULL && entry->position == (int64_t)i + 1)
            continue;
        pack_note(reader, entry->line, TEXT_PACK_LIST_HOLE, pack_place_text(place));
        return false;
    }
    return true;
}

static void read_list(struct pack_reader *reader, const struct pack_place *place,
                      const struct pack_value *value, const struct pack_field *field, char *thing)
{
    const struct pack_shape *shape = field->shape;
    if (!check_list(reader, place, value))
        return;
    char *items = pack_take(reader, value->entry_count * shape->size);
    if (items == NULL)
        return;
    // The list is in place before its items are read: an item may look at those before it.
    const void *list = items;
    memcpy(thing + field->offset, &list, sizeof list);
    for (size_t i = 0; i < value->entry_count; i++) {
        struct pack_place below = pack_place_below(place, &value->entries[i]);
        size_t count = i + 1;
        set_defaults(shape, items + i * shape->size);
        if (value->entries[i].value.kind != PACK_VALUE_TABLE)
            refuse_type(reader, &below, TEXT_PACK_WANTED_TABLE);
        else
            pack_read_table(reader, &below, &value->entries[i].value, shape,
                            items + i * shape->size);
        memcpy(thing + field->count_offset, &count, sizeof count);
    }
}

static void read_steps(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_value *value, struct pack_plan *ret_plan)
{
    if (!check_list(reader, place, value))
        return;
    struct pack_words *steps = pack_take(reader, value->entry_count * sizeof *steps);
    if (steps == NULL)
        return;
    for (size_t i = 0; i < value->entry_count; i++) {
        struct pack_place below = pack_place_below(place, &value->entries[i]);
        read_words(reader, &below, &value->entries[i].value, &steps[i]);
    }
    *ret_plan = (struct pack_plan){steps, value->entry_count};
}

static void read_roles(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_value *value, struct pack_owner *ret_owner)
{
    if (!check_list(reader, place, value))
        return;
    const char **roles = pack_take(reader, value->entry_count * sizeof *roles);
    if (roles == NULL)
        return;
    for (size_t i = 0; i < value->entry_count; i++) {
        struct pack_place below = pack_place_below(place, &value->entries[i]);
        int role = -1;
        read_choice(reader, &below, &value->entries[i].value, pack_choice_roles, &role);
        roles[i] = role < 0 ? "" : pack_choice_roles[role].name;
        for (size_t j = 0; j < i && role >= 0; j++)
            if (strcmp(roles[j], roles[i]) == 0)
                pack_note(reader, below.line, TEXT_PACK_TWICE, pack_place_text(&below),
                          text_string(roles[i]));
    }
    *ret_owner = (struct pack_owner){roles, value->entry_count};
}

// Values stay text: the analysis library reads and checks them (check.c).
static void read_options(struct pack_reader *reader, const struct pack_place *place,
                         const struct pack_value *value, const struct pack_field *field,
                         char *thing)
{
    if (value->kind != PACK_VALUE_TABLE) {
        refuse_type(reader, place, TEXT_PACK_WANTED_TABLE);
        return;
    }
    struct pack_option *options = pack_take(reader, value->entry_count * sizeof *options);
    size_t count = 0;
    for (size_t i = 0; i < value->entry_count && options != NULL; i++) {
        const struct pack_entry *entry = &value->entries[i];
        const struct pack_value *given = &entry->value;
        struct pack_place below = pack_place_below(place, entry);
        const char *text = given->string.data;
        if (given->kind == PACK_VALUE_NUMBER)
            text = arena_print(reader->arena, "%.15g", given->number);
        if (given->kind == PACK_VALUE_BOOLEAN)
            text = given->boolean ? "1" : "0";
        if (entry->name == NULL || given->kind == PACK_VALUE_TABLE ||
            given->kind == PACK_VALUE_OTHER)
            refuse_type(reader, &below, TEXT_PACK_WANTED_OPTION);
        else if (text == NULL)
            reader->is_full = true;
        else
            options[count++] = (struct pack_option){entry->name, text};
    }
    const struct pack_option *list = options;
    memcpy(thing + field->offset, &list, sizeof list);
    memcpy(thing + field->count_offset, &count, sizeof count);
}

// ---- tables ----

static void read_field(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_value *value, const struct pack_field *field, char *thing)
{
    void *to = thing + field->offset;
    double number = 0;
    switch (field->kind) {
    case PACK_FIELD_CODE: read_code(reader, place, value, to); break;
    case PACK_FIELD_TEXT: read_text(reader, place, value, to); break;
    case PACK_FIELD_WORDS: read_words(reader, place, value, to); break;
    case PACK_FIELD_INTEGER:
        if (read_number(reader, place, value, field, &number))
            *(int *)to = (int)number;
        break;
    case PACK_FIELD_REAL: read_number(reader, place, value, field, to); break;
    case PACK_FIELD_BOOLEAN:
        if (value->kind == PACK_VALUE_BOOLEAN)
            *(bool *)to = value->boolean;
        else
            refuse_type(reader, place, TEXT_PACK_WANTED_BOOLEAN);
        break;
    case PACK_FIELD_CHOICE: read_choice(reader, place, value, field->choices, to); break;
    case PACK_FIELD_FROM: read_date(reader, place, value, false, to); break;
    case PACK_FIELD_UNTIL: read_date(reader, place, value, true, to); break;
    case PACK_FIELD_SOURCE: read_source(reader, place, value, to); break;
    case PACK_FIELD_TABLE:
        if (value->kind == PACK_VALUE_TABLE)
            pack_read_table(reader, place, value, field->shape, to);
        else
            refuse_type(reader, place, TEXT_PACK_WANTED_TABLE);
        break;
    case PACK_FIELD_LIST: read_list(reader, place, value, field, thing); break;
    case PACK_FIELD_STEPS: read_steps(reader, place, value, to); break;
    case PACK_FIELD_ROLES: read_roles(reader, place, value, to); break;
    case PACK_FIELD_OPTIONS: read_options(reader, place, value, field, thing); break;
    }
}

// Levenshtein's distance of two short names, one row at a time.
static size_t count_edits(const char *a, const char *b)
{
    size_t row[NAME_SIZE + 1];
    size_t size_a = strlen(a);
    size_t size_b = strlen(b);
    if (size_a > NAME_SIZE || size_b > NAME_SIZE)
        return NAME_SIZE;
    for (size_t j = 0; j <= size_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= size_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= size_b; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t moved = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = replaced < moved ? replaced : moved;
        }
    }
    return row[size_b];
}

static void refuse_unknown(struct pack_reader *reader, const struct pack_place *place,
                           const struct pack_shape *shape)
{
    char known[LIMIT_TEXT_ARGUMENT_SIZE] = "";
    size_t at = 0;
    const char *nearest = NULL;
    size_t edits_least = NEAREST_EDITS + 1;
    for (const struct pack_field *field = shape->fields; field->name != NULL; field++) {
        size_t edits = place->name == NULL ? NAME_SIZE : count_edits(place->name, field->name);
        if (edits < edits_least) {
            edits_least = edits;
            nearest = field->name;
        }
        int written =
            snprintf(known + at, sizeof known - at, "%s%s", at > 0 ? ", " : "", field->name);
        at += written > 0 && (size_t)written < sizeof known - at ? (size_t)written : 0;
    }
    if (nearest != NULL)
        pack_note(reader, place->line, TEXT_PACK_FIELD_NEAR, pack_place_text(place),
                  text_string(nearest));
    else
        pack_note(reader, place->line, TEXT_PACK_FIELD_UNKNOWN, pack_place_text(place),
                  text_string(known));
}

static bool has_field(const struct pack_shape *shape, const char *name)
{
    for (const struct pack_field *field = shape->fields; name != NULL && field->name != NULL;
         field++)
        if (strcmp(field->name, name) == 0)
            return true;
    return false;
}

void pack_read_table(struct pack_reader *reader, const struct pack_place *place,
                     const struct pack_value *table, const struct pack_shape *shape, void *thing)
{
    assert(table->kind == PACK_VALUE_TABLE && shape->size > 0);
    set_defaults(shape, thing);
    if (shape->begin != NULL)
        shape->begin(thing);
    for (const struct pack_field *field = shape->fields; field->name != NULL; field++) {
        const struct pack_entry *entry = pack_entry_find(table, field->name);
        if (entry != NULL) {
            struct pack_place below = pack_place_below(place, entry);
            read_field(reader, &below, &entry->value, field, thing);
        } else if (field->is_required) {
            struct pack_place below = {place, field->name, 0, place->line};
            pack_note(reader, place->line, TEXT_PACK_FIELD_MISSING, pack_place_text(&below));
        }
    }
    for (size_t i = 0; i < table->entry_count; i++) {
        struct pack_place below = pack_place_below(place, &table->entries[i]);
        if (!has_field(shape, table->entries[i].name))
            refuse_unknown(reader, &below, shape);
    }
    if (shape->has_basis)
        pack_settle_basis(reader, place,
                          (struct pack_basis *)((char *)thing + shape->basis_offset));
    if (shape->check != NULL)
        shape->check(reader, place, table, thing);
}

void pack_read_root(struct pack_reader *reader, const struct pack_entry *root)
{
    struct pack_place place = {NULL, NULL, 0, root->line};
    pack_read_table(reader, &place, &root->value, &pack_shape_root, reader->pack);
}
