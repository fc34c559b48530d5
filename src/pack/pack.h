// SPDX-License-Identifier: GPL-3.0-or-later
//
// pack.h: key areas declared in files: what is watched, judged, by whom and by when.
//
// Owns: reading a pack (packs/*.lua) into plain C structs. A pack is a Lua 5.4 text chunk that
// returns one table; it runs once, in a state without any library, under a cap of instructions,
// memory and time (sandbox.c), and is gone when its table has been read. Nothing here is Lua: not
// even a formula, which is a small expression of its own ("a / b * 100", formula.c).
//
//     pack ── indicators ── bands        static thresholds [from, until) -> level
//          │              ├ detectors    a method of the analysis library and its options
//          │              ├ rules        first_after_quiet, sum_reaches -> level
//          │              └ plausibility improbably_low, sources_differ -> not believed
//          ├ owners       division level -> roles          ├ deadlines  level -> hours
//          ├ plan         level -> what to do              ├ budget     notices a week
//          ├ line         the line that must hold          └ lowering   quiet periods
//          └ sources      where each parameter comes from, and when it holds
//
// Invariants of a loaded pack: every mistake of docs/packs.md is absent; codes are unique inside
// the pack; bands of one indicator are sorted and do not overlap; every basis points to a source;
// strings are UTF-8, closed by NUL, never NULL ("" where the pack says nothing); everything lives
// in the arena that was handed in and is never changed.
//
// It does not detect, own or ring: src/judgement and src/matter do, and read these structs.
#ifndef LEVEE_PACK_PACK_H
#define LEVEE_PACK_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"
#include "base/time.h"

struct analysis_detector;
struct arena;

// levee's own four colours: an internal notice, never the legal act of warning.
enum pack_level { PACK_NONE, PACK_BLUE, PACK_YELLOW, PACK_ORANGE, PACK_RED, PACK_LEVELS };

// Levels of the division tree, with the numbers of the division table.
enum pack_division {
    PACK_NO_DIVISION,
    PACK_PROVINCE,
    PACK_CITY,
    PACK_COUNTY,
    PACK_TOWNSHIP,
    PACK_DIVISIONS
};

// Which movement of an indicator is the bad one.
enum pack_direction { PACK_UP_IS_BAD, PACK_DOWN_IS_BAD, PACK_BOTH_ARE_BAD };

// How the values of a division's parts make its own.
enum pack_aggregation { PACK_AGGREGATION_NONE, PACK_AGGREGATION_SUM, PACK_AGGREGATION_MEAN };

enum pack_rule_kind {
    PACK_FIRST_AFTER_QUIET, // a value above 0 after `quiet` periods, all reported, all 0
    PACK_SUM_REACHES,       // the sum of the last `periods` values is at least `at_least`
    PACK_RULE_KINDS,
};

enum pack_plausibility_kind {
    PACK_IMPROBABLY_LOW, // a value this low has at most probability `limit` after those before it
    PACK_SOURCES_DIFFER, // the sum over `other`'s division differs from `other` by > `tolerance`
    PACK_PLAUSIBILITY_KINDS,
};

// One text in both languages.
struct pack_words {
    const char *zh;
    const char *en;
};

// Where a figure comes from. `is_default`: levee's own or an unconfirmed figure, to be shown as
// "default, confirm locally".
struct pack_source {
    const char *code;
    struct pack_words cite;
    const char *address; // a DOI, document number or URL; "" when there is none
    bool is_default;
    int32_t from_day;  // it holds from this day (INT32_MIN: always did)
    int32_t until_day; // until this day, itself excluded (INT32_MAX: still does)
};

// What every parameter carries: its source, and the days on which it holds [from_day, until_day):
// its own dates, where it has none its source's, and never longer than the pack's.
struct pack_basis {
    const struct pack_source *source;
    int32_t from_day;
    int32_t until_day;
};

// A static threshold: from <= value < until. -HUGE_VAL and HUGE_VAL stand for "no end".
struct pack_band {
    double from;
    double until;
    enum pack_level level;
    struct pack_words label; // "tight", "severe"
    struct pack_basis basis;
};

// An option of a detector as the analysis library names it, and its value as text.
struct pack_option {
    const char *name;
    const char *value;
};

struct pack_detector {
    const char *method;                       // name in the analysis library's table: "ears-c1"
    const struct analysis_detector *analysis; // its row there
    const double *settings; // all its options, defaults filled in, for batch and stream
    enum pack_level level;  // of the notice that its alarm raises; PACK_NONE: evidence only
    const struct pack_option *options; // those that the pack sets
    size_t option_count;
    struct pack_basis basis;
};

struct pack_rule {
    const char *code; // unique in the pack; a record of hits is kept under it
    enum pack_rule_kind kind;
    int quiet;       // FIRST_AFTER_QUIET: periods
    int periods;     // SUM_REACHES: length of the sum, the judged period included
    double at_least; // SUM_REACHES
    enum pack_level level;
    struct pack_words label;
    // When a firing counts as come true: the sum of the `cluster_periods` from it on, itself
    // included, is at least `cluster_at_least`. 0: no record is kept.
    int cluster_periods;
    double cluster_at_least;
    struct pack_basis basis;
};

struct pack_plausibility {
    enum pack_plausibility_kind kind;
    double limit;      // IMPROBABLY_LOW: probability
    const char *other; // SOURCES_DIFFER: code of the other indicator, of this pack
    double tolerance;  // SOURCES_DIFFER: absolute difference that is still believed
    struct pack_basis basis;
};

struct pack_formula;

struct pack_indicator {
    const char *code; // "epidemic.cases"
    struct pack_words label;
    struct pack_words unit;
    enum time_frequency frequency;
    enum pack_direction direction;
    enum pack_aggregation aggregation;
    enum pack_division reported_by; // the division level at which readings land
    int decimals;                   // digits behind the point that are kept, 0..9
    int due_hours;                  // an office types it, due so long after the period; 0: a feed
    // Notices of one event code, one origin and one tree, raised within event_days of each other,
    // make one situation. "": the indicator's own.
    const char *event;
    struct pack_words event_label;
    int event_days;
    // A figure that says for how many periods after its own something lasts: what lasts until then,
    // in words ("cash covers wages until"). zh "": it says no such thing.
    struct pack_words covers;
    bool is_second;                     // a second source for checks: raises nothing by itself
    const char *formula_text;           // "" : readings land; else computed from others
    const struct pack_formula *formula; // NULL when there is none
    const struct pack_band *bands;      // sorted by `from`, no overlap
    size_t band_count;
    const struct pack_detector *detectors;
    size_t detector_count;
    const struct pack_rule *rules; // as declared; every rule that holds counts, the worst decides
    size_t rule_count;
    const struct pack_plausibility *plausibility;
    size_t plausibility_count;
};

// A notice falls only after `quiet` complete and believed periods below its level.
struct pack_lowering {
    int quiet;
    struct pack_basis basis;
};

struct pack_budget {
    int notices_per_week; // per division; what is over is held back and counted
    struct pack_basis basis;
};

enum pack_side { PACK_AT_MOST, PACK_AT_LEAST };

// The line that must hold: the indicator stays at most, or at least, at `figure`.
struct pack_line {
    struct pack_words label;
    const char *indicator;
    double figure;
    enum pack_side holds;
    struct pack_basis basis;
};

struct pack_owner {
    const char *const *roles; // codes of the duty table, the answering one first
    size_t role_count;        // 0: the pack names nobody at this level
};

// Hours until a notice of each level must be judged and answered; 0: no deadline.
struct pack_deadlines {
    int hours[PACK_LEVELS];
    struct pack_basis basis;
};

// What to do at a level, in order.
struct pack_plan {
    const struct pack_words *steps;
    size_t step_count;
};

struct pack {
    const char *name; // "epidemic"
    const char *file; // as handed to pack_load
    int version;
    const char *field; // field code of notices and pages
    struct pack_words label;
    int32_t from_day; // the pack holds on [from_day, until_day)
    int32_t until_day;
    const struct pack_source *sources;
    size_t source_count;
    const struct pack_indicator *indicators;
    size_t indicator_count;
    struct pack_owner owners[PACK_DIVISIONS]; // by division level
    struct pack_deadlines deadlines;
    struct pack_lowering lowering;
    struct pack_budget budget;
    struct pack_line line;
    struct pack_plan plan[PACK_LEVELS]; // [PACK_NONE] is empty
};

// One mistake of a pack, as `levee pack check` reports it.
struct pack_mistake {
    int line; // of the file, from 1
    enum text_key key;
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS];
};

struct pack_report {
    struct pack_mistake mistake[LIMIT_PACK_MISTAKES]; // by line
    size_t count;
    size_t dropped; // mistakes beyond the limit
};

// Packs that were loaded together: no name and no indicator code twice. Rule codes are unique
// inside their pack.
struct pack_set {
    const struct pack *const *packs;
    size_t count;
};

// Reads a pack from its source text. `file` is for messages. FAULT_INVALID when it has mistakes:
// the fault counts them and gives the line of the first; FAULT_FULL when the arena is full.
enum fault_code pack_load(const char *file, struct span source, struct arena *arena,
                          const struct pack **ret_pack, struct fault *fault);
// Like pack_load, but finds every mistake. *ret_pack is NULL when there are any. FAULT_NONE even
// then: a fault means that checking itself failed.
enum fault_code pack_check(const char *file, struct span source, struct arena *arena,
                           struct pack_report *report, const struct pack **ret_pack,
                           struct fault *fault);
// Reads the whole file into `arena`. FAULT_IO when it cannot be read, FAULT_FULL when it is larger
// than LIMIT_PACK_SIZE.
enum fault_code pack_read_file(const char *path, struct arena *arena, struct span *ret_source,
                               struct fault *fault);
// Loads every *.lua file of a folder, sorted by name. FAULT_INVALID when one has a mistake or two
// collide.
enum fault_code pack_load_folder(const char *folder, struct arena *arena, struct pack_set *ret_set,
                                 struct fault *fault);

// Loads the packs that the program carries inside: those of the folder packs when it was built.
enum fault_code pack_load_shipped(struct arena *arena, struct pack_set *ret_set,
                                  struct fault *fault);

// The pack's or set's indicator of that code, NULL when there is none. *ret_pack (may be NULL) is
// its pack.
const struct pack_indicator *pack_find_indicator(const struct pack *pack, const char *code);
const struct pack_indicator *pack_set_find_indicator(const struct pack_set *set, const char *code,
                                                     const struct pack **ret_pack);
const struct pack *pack_set_find(const struct pack_set *set, const char *name);
// True when a parameter holds on that day.
bool pack_basis_holds(const struct pack_basis *basis, int32_t day);
// The level of a value by the bands that hold on `day`; *ret_band (may be NULL) is the band, NULL
// when the value is in none.
enum pack_level pack_band_level(const struct pack_indicator *indicator, double value, int32_t day,
                                const struct pack_band **ret_band);
// "none", "blue", ...; "province", ...
const char *pack_level_name(enum pack_level level);
const char *pack_division_name(enum pack_division division);

// Formulas. The operands are codes of the pack's indicators.
size_t pack_formula_operand_count(const struct pack_formula *formula);
const char *pack_formula_operand(const struct pack_formula *formula, size_t index);
// The source text of the expression.
const char *pack_formula_text(const struct pack_formula *formula);
// Computes it from one value per operand. False, *ret_value untouched, when the result is no finite
// number (a division by zero, a missing operand handed in as NaN).
bool pack_formula_value(const struct pack_formula *formula, const double *operands,
                        double *ret_value);

#endif
