// SPDX-License-Identifier: GPL-3.0-or-later
//
// import.h: a table of readings from a file: read, checked row by row, landed whole or not at all.
//
// Two forms, told apart by the first line (names in English or Chinese, in any order):
//
//     tidy    indicator,division,period,value           a reading a row; `indicator` may be left
//     out
//             epidemic.cases,210200,2020-07-22,3        when the caller names one
//     wide    period,210100,210200                      a period a row, a division a column
//             2020-07-22,,3                             an empty cell is no reading
//
// A division is a code, a period has the indicator's frequency, a value is a decimal number with at
// most the indicator's decimals. Every mistake is noted with line, column, value, reason and remedy
// (LIMIT_IMPORT_MISTAKES of them; the rest are counted).
#ifndef LEVEE_STORE_IMPORT_H
#define LEVEE_STORE_IMPORT_H

#include "base/csv.h"
#include "store/readings.h"

struct arena;

struct import_options {
    const char *indicator; // a code; NULL: the column says
    bool is_simulated;
    const char *source;
    const char *note;  // the file's name
    int64_t known_at;  // 0: now
    bool is_rehearsal; // check only, land nothing
    struct span key;   // lands once under it (64 bytes at most); empty: a batch of its own
};

struct import_mistake {
    int64_t line;
    int64_t column; // fields from 1; 0: the row as a whole
    struct text_argument value;
    enum text_key key; // its parameters, in order: value, then `second`
    struct text_argument second;
};

// What a file holds. In the arena, but for the rows.
struct import {
    struct reading *rows; // memory_free
    size_t row_count;
    size_t series_count; // that the file names
    size_t new_series_count;
    struct import_mistake *mistakes; // LIMIT_IMPORT_MISTAKES places
    size_t mistake_count;            // all of them, also those that found no place
    int64_t batch;                   // when landed
    const char *form;                // "tidy", "wide"
};

// Reads and checks. `text` is changed in place. FAULT_INVALID only where no row can be read at all
// (columns missing, broken CSV); mistakes in rows are in ret_import and FAULT_NONE. The caller ends
// it with import_end.
enum fault_code import_read(struct store *store, const struct store_actor *actor,
                            struct csv_text *text, const struct import_options *options,
                            struct arena *arena, struct import *ret_import, struct fault *fault);
// Lands what was read; the import must be without mistakes. What has landed already under the
// options' key is not landed again: its batch is the answer.
enum fault_code import_land(struct store *store, const struct store_actor *actor,
                            const struct import_options *options, struct import *import,
                            const struct readings_progress *progress, struct fault *fault);
// What has become of an import under `key`: *ret_batch is its batch, 0 when it has not landed
// (never sent, refused, or cut short); then *ret_id is the command id under which it may be sent.
enum fault_code import_find(struct store *store, struct span key,
                            unsigned char ret_id[COMMAND_ID_SIZE], int64_t *ret_batch,
                            struct fault *fault);
void import_end(struct import *import);
// Writes a mistake's sentence.
void import_write_mistake(const struct import_mistake *mistake, enum text_language language,
                          char *buffer, size_t size);

#endif
