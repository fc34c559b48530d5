// SPDX-License-Identifier: GPL-3.0-or-later
//
// landing.c: readings as they came, in blocks, until they are folded.
//
// A part of a batch is sorted by series and period, and so are the parts of a batch among each
// other. So state keeps it as it stands in the entry, cut into blocks: a row of table `landing` is
// LIMIT_LANDING_ROWS readings at most, under the series and period of its last one. A batch of
// 100,000 readings is 420 rows of state instead of 100,000, and costs hardly more than its bytes.
//
//     landing   batch   last_series  last_period   rows: 20 bytes each, little-endian
//               811     4711         18462         .. 4709,18461  4709,18462  4711,18462
//               811     4830         18462         4712,18462 ..
//
//     a row     0 series (8)   8 period (4)   12 value (8)
//
// Whoever looks for a series finds its first block by the key and its first row by halving; whoever
// goes through a batch reads block after block. A block is taken out when all of its rows are
// folded, and shortened from the front when some are (fold.c).
//
// Invariants: rows ascend within a batch and none stands twice. It is held when they come in:
// within an entry by apply.c, between the parts of a batch by the command that lands them.
#include <assert.h>

#include "store/store_priv.h"

static int64_t read_integer(const char *bytes, int size)
{
    uint64_t value = 0;
    for (int i = size - 1; i >= 0; i--)
        value = value << 8 | (unsigned char)bytes[i];
    return size == 4 ? (int32_t)(uint32_t)value : (int64_t)value;
}

void landing_put(unsigned char *bytes, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

void landing_encode(const struct landing_row *row, unsigned char *bytes)
{
    landing_put(bytes, (uint64_t)row->series, 8);
    landing_put(bytes + 8, (uint32_t)row->period, 4);
    landing_put(bytes + 12, (uint64_t)row->value_scaled, 8);
}

struct landing_row landing_decode(const char *bytes)
{
    return (struct landing_row){.series = read_integer(bytes, 8),
                                .period = (int32_t)read_integer(bytes + 8, 4),
                                .value_scaled = read_integer(bytes + 12, 8)};
}

bool landing_is_before(const struct landing_row *a, int64_t series, int32_t period)
{
    return a->series < series || (a->series == series && a->period < period);
}

bool landing_is_sorted(struct span rows)
{
    bool is_true = rows.size % READING_SIZE == 0;
    for (size_t at = READING_SIZE; at < rows.size && is_true; at += READING_SIZE) {
        struct landing_row before = landing_decode(rows.data + at - READING_SIZE);
        struct landing_row row = landing_decode(rows.data + at);
        is_true = landing_is_before(&before, row.series, row.period);
    }
    return is_true;
}

// Takes the next block, if there is one.
static enum fault_code take_block(struct landing_walk *walk, struct fault *fault)
{
    enum fault_code code = database_step(walk->database, walk->statement, &walk->is_row, fault);
    if (code != FAULT_NONE || !walk->is_row)
        return code;
    int size = sqlite3_column_bytes(walk->statement, 0);
    walk->at = sqlite3_column_blob(walk->statement, 0);
    walk->end = walk->at + size;
    if (size == 0 || size % READING_SIZE != 0)
        code = fault_set(fault, FAULT_CORRUPT, TEXT_STORE_BLOCK_MALFORMED,
                         text_integer(walk->batch), text_integer(size));
    return code;
}

// Goes forward inside the block to the first row that is not before (series, period).
static void skip(struct landing_walk *walk, int64_t series, int32_t period)
{
    size_t low = 0, high = (size_t)(walk->end - walk->at) / READING_SIZE;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct landing_row row = landing_decode(walk->at + middle * READING_SIZE);
        if (landing_is_before(&row, series, period))
            low = middle + 1;
        else
            high = middle;
    }
    walk->at += low * READING_SIZE;
}

static void take_row(struct landing_walk *walk)
{
    assert(walk->at < walk->end);
    walk->row = landing_decode(walk->at);
    walk->at += READING_SIZE;
}

enum fault_code landing_begin(struct landing_walk *walk, struct database *database,
                              sqlite3_stmt *statement, int64_t batch, int64_t series,
                              int32_t period, struct fault *fault)
{
    *walk = (struct landing_walk){.database = database, .statement = statement, .batch = batch};
    sqlite3_bind_int64(statement, 1, batch);
    sqlite3_bind_int64(statement, 2, series);
    sqlite3_bind_int64(statement, 3, period);
    enum fault_code code = take_block(walk, fault);
    if (code == FAULT_NONE && walk->is_row) {
        skip(walk, series, period);
        take_row(walk); // The last row of the block is not before what was asked for.
    }
    return code;
}

enum fault_code landing_next(struct landing_walk *walk, struct fault *fault)
{
    assert(walk->is_row);
    enum fault_code code = FAULT_NONE;
    if (walk->at == walk->end)
        code = take_block(walk, fault);
    if (code == FAULT_NONE && walk->is_row)
        take_row(walk);
    return code;
}

struct span landing_rest(const struct landing_walk *walk)
{
    if (!walk->is_row)
        return (struct span){NULL, 0};
    const char *row = walk->at - READING_SIZE;
    return (struct span){row, (size_t)(walk->end - row)};
}
