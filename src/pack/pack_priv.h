// SPDX-License-Identifier: GPL-3.0-or-later
//
// pack_priv.h: what the files of src/pack share on the way from a text to structs.
//
//     text ─ sandbox.c ─► value tree ─ lines.c ─► lines ─ person.c ─► refused names
//                                                  └──── read.c, by the shapes of shape.c ─► struct
//                                                  pack └──── check.c, detector.c, check_pack.c:
//                                                        what no single field shows
//
// Every step notes mistakes in the one report and goes on, so that a writer sees them all.
#ifndef LEVEE_PACK_PACK_PRIV_H
#define LEVEE_PACK_PACK_PRIV_H

#include "base/arena.h"
#include "pack/pack.h"

enum pack_value_kind {
    PACK_VALUE_BOOLEAN,
    PACK_VALUE_NUMBER,
    PACK_VALUE_STRING,
    PACK_VALUE_TABLE,
    PACK_VALUE_OTHER, // a function, or bytes that are no UTF-8: nothing a pack may hold
};

// A value of the table that the pack returned. Tables list their positions 1, 2, ... first, in
// order, then their names, sorted.
struct pack_value {
    enum pack_value_kind kind;
    bool is_seen; // its key was met in the text (lines.c)
    bool boolean;
    double number;
    struct span string; // closed by NUL
    struct pack_entry *entries;
    size_t entry_count;
};

struct pack_entry {
    const char *name; // NULL: a list item
    int64_t position; // from 1; 0 for names
    int line;         // of the key, or of the item's first token
    struct pack_value value;
};

struct pack_shape;

// Where a mistake stands: "indicators[2].bands[1].from".
struct pack_place {
    const struct pack_place *above; // NULL at the top
    const char *name;               // NULL: an item, by position
    int64_t position;
    int line;
};

// One reading of one pack.
struct pack_reader {
    struct arena *arena;
    struct pack_report *report;
    struct pack *pack;
    size_t memory_most; // what Lua held at its fullest, in bytes
    bool is_full;       // the arena gave out; everything read is void
};

#define pack_note(reader, line, key, ...)                                                          \
    pack_note_with((reader), (line), (key),                                                        \
                   (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})
void pack_note_with(struct pack_reader *reader, int line, enum text_key key,
                    const struct text_argument *argument);
// Zeroed memory of the pack's life; NULL, and is_full set, when the arena is full.
void *pack_take(struct pack_reader *reader, size_t size);
// A place as text, as an argument of a mistake.
struct text_argument pack_place_text(const struct pack_place *place);

// sandbox.c: runs the text. False when it is no pack at all: the reason is noted.
bool pack_run(struct pack_reader *reader, struct span source, struct pack_entry *ret_root);
// lines.c: finds the line of every key and item, and notes keys that are written twice.
void pack_find_lines(struct pack_reader *reader, struct span source, struct pack_entry *root);
// person.c: notes every name that has to do with a person.
void pack_refuse_persons(struct pack_reader *reader, const struct pack_entry *root);
// The denied word in `text`, as a static string, NULL when there is none.
const char *pack_find_person(struct span text);
// read.c: fills reader->pack from the tree.
void pack_read_root(struct pack_reader *reader, const struct pack_entry *root);
// Reads one table into `thing` by its shape; required fields, unknown ones and the shape's own
// check included.
void pack_read_table(struct pack_reader *reader, const struct pack_place *place,
                     const struct pack_value *table, const struct pack_shape *shape, void *thing);
// The place of an entry inside a table.
struct pack_place pack_place_below(const struct pack_place *place, const struct pack_entry *entry);
// The line of a field where it is given, else that of its table.
int pack_line_of(const struct pack_place *place, const struct pack_value *table, const char *name);
// The entry of a name, NULL when there is none.
const struct pack_entry *pack_entry_find(const struct pack_value *table, const char *name);

// formula.c: parses `text`. On a mistake NULL, and *ret_at is the byte where it stands.
struct pack_formula *pack_formula_parse(struct span text, struct arena *arena, size_t *ret_at,
                                        bool *ret_is_full);

// ---- shapes: what a table may hold, as rows (shape.c) ----

enum pack_field_kind {
    PACK_FIELD_CODE,    // lower-case letters, digits, _ . -
    PACK_FIELD_TEXT,    // any text
    PACK_FIELD_WORDS,   // { zh = "...", en = "..." }
    PACK_FIELD_INTEGER, // a whole number
    PACK_FIELD_REAL,
    PACK_FIELD_BOOLEAN,
    PACK_FIELD_CHOICE,  // one of `choices`
    PACK_FIELD_FROM,    // a date: the first day
    PACK_FIELD_UNTIL,   // a date: the last day, kept as the day after
    PACK_FIELD_SOURCE,  // the code of a source
    PACK_FIELD_TABLE,   // a table of `shape`, in place
    PACK_FIELD_LIST,    // a list of tables of `shape`
    PACK_FIELD_STEPS,   // a list of { zh, en }
    PACK_FIELD_ROLES,   // a list of role codes
    PACK_FIELD_OPTIONS, // name = number or word
};

struct pack_choice {
    const char *name; // NULL closes the list
    int value;
};

struct pack_field {
    const char *name; // NULL closes the list
    enum pack_field_kind kind;
    size_t offset;
    size_t count_offset; // of lists
    bool is_required;
    double low;
    double high;
    const struct pack_choice *choices;
    const struct pack_shape *shape;
};

struct pack_shape {
    size_t size;
    const struct pack_field *fields;
    void (*begin)(void *thing); // sets what is not zero by default; may be NULL
    // What one field alone does not show; may be NULL. Fields that could not be read hold their
    // defaults by then, so it notes nothing about what is not there.
    void (*check)(struct pack_reader *reader, const struct pack_place *place,
                  const struct pack_value *table, void *thing);
    bool has_basis;
    size_t basis_offset;
};

extern const struct pack_shape pack_shape_root;
extern const struct pack_choice pack_choice_roles[];

// check.c: the checks that shapes name.
void pack_check_root(struct pack_reader *reader, const struct pack_place *place,
                     const struct pack_value *table, void *thing);
void pack_check_source(struct pack_reader *reader, const struct pack_place *place,
                       const struct pack_value *table, void *thing);
void pack_check_indicator(struct pack_reader *reader, const struct pack_place *place,
                          const struct pack_value *table, void *thing);
void pack_check_band(struct pack_reader *reader, const struct pack_place *place,
                     const struct pack_value *table, void *thing);
void pack_check_detector(struct pack_reader *reader, const struct pack_place *place,
                         const struct pack_value *table, void *thing);
void pack_check_rule(struct pack_reader *reader, const struct pack_place *place,
                     const struct pack_value *table, void *thing);
void pack_check_plausibility(struct pack_reader *reader, const struct pack_place *place,
                             const struct pack_value *table, void *thing);
void pack_check_deadlines(struct pack_reader *reader, const struct pack_place *place,
                          const struct pack_value *table, void *thing);
// detector.c: options that do not work together at the indicator's frequency.
void pack_check_options_together(struct pack_reader *reader, const struct pack_place *place,
                                 const struct pack_value *list,
                                 const struct pack_indicator *indicator);
// Gives a basis the dates it has not, and notes dates that leave no day.
void pack_settle_basis(struct pack_reader *reader, const struct pack_place *place,
                       struct pack_basis *basis);

#endif
