// SPDX-License-Identifier: GPL-3.0-or-later
//
// landing.c: readings as they came, in blocks, until they are folded.
//
// A part of a batch is sorted by series and period, and so are the parts of a batch among each
// other. So a reading is written as what differs from the one before it: 2 or 3 bytes where its
// fields have 20, in the entry, in its log and in state's log alike. The payload of an entry is cut
// into blocks that can be read without those before them, and state keeps them as they stand: a row
// of table `landing` is a block, under the series and period of its last reading.
//
//     payload   │ size (2) │ block │ size (2) │ block │ ..        a block: rows, the first after
//                                                                 series 0, period 0, at most
//     landing   batch   last_series  last_period   rows           LIMIT_LANDING_BLOCK_SIZE bytes
//               811     4711         18462         block
//               811     4830         18462         block
//
//     a row of the same series   period - period before, twice (even)          value
//     a row of a later series    series - series before, twice and one (odd)   period    value
//                                                     (difference, may be negative)
//
// Numbers are written seven bits a byte, the lowest first, the last byte below 0x80, in as few
// bytes as they need; those that may be negative as 0, -1, 1, -2, 2 .. -> 0, 1, 2, 3, 4 .. The
// value is written whole: counts are small, and their differences are not smaller.
//
// Whoever looks for a series finds its block by the key and its first row by reading on from the
// block's beginning: a block is a thousand rows of 3 ns. A block is taken out when all of its rows
// are folded, and shortened from the front when some are (fold.c).
//
// Invariants: rows ascend within a batch and none stands twice. It is held when they come in:
// within an entry by apply.c, between the parts of a batch by the command that lands them. Bytes
// that are no rows are found wherever they are read.
#include <assert.h>
#include <string.h>

#include "store/store_priv.h"

// ---- Numbers ---------------------------------------------------------------------------------

void landing_put(unsigned char *bytes, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
}

static unsigned char *write_number(unsigned char *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *at++ = (unsigned char)(value | 0x80);
    *at++ = (unsigned char)value;
    return at;
}

static uint64_t fold_sign(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unfold_sign(uint64_t number)
{
    return (int64_t)(number >> 1 ^ (0 - (number & 1)));
}

// False: the bytes end before the number does, it is longer than it need be or than 64 bits.
static bool read_number(const char **at, const char *end, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (int shift = 0; *at < end && shift < 64; shift += 7) {
        unsigned char byte = (unsigned char)*(*at)++;
        if (shift == 63 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return byte != 0 || shift == 0;
        }
    }
    return false;
}

// ---- Rows ------------------------------------------------------------------------------------

bool landing_is_before(const struct landing_row *a, int64_t series, int32_t period)
{
    return a->series < series || (a->series == series && a->period < period);
}

static unsigned char *write_row(unsigned char *at, const struct landing_row *row,
                                const struct landing_row *before)
{
    assert(landing_is_before(before, row->series, row->period) && before->series >= 0);
    int64_t step = (int64_t)row->period - before->period;
    if (row->series == before->series) {
        at = write_number(at, (uint64_t)step << 1);
    } else {
        at = write_number(at, (uint64_t)(row->series - before->series) << 1 | 1);
        at = write_number(at, fold_sign(step));
    }
    return write_number(at, fold_sign(row->value_scaled));
}

// Turns the row before into the row that stands at *at. False: no such row.
static bool read_row(const char **at, const char *end, struct landing_row *row)
{
    uint64_t step = 0, number = 0, value = 0;
    if (!read_number(at, end, &step))
        return false;
    int64_t period = (int64_t)(step >> 1);
    if ((step & 1) != 0) {
        if (step >> 1 == 0 || (int64_t)(step >> 1) > INT64_MAX - row->series ||
            !read_number(at, end, &number))
            return false;
        row->series += (int64_t)(step >> 1);
        period = unfold_sign(number);
    } else if (period == 0 || row->series == 0) {
        return false;
    }
    if (__builtin_add_overflow(period, (int64_t)row->period, &period) || period < INT32_MIN ||
        period > INT32_MAX || !read_number(at, end, &value))
        return false;
    row->period = (int32_t)period;
    row->value_scaled = unfold_sign(value);
    return true;
}

// ---- Payloads --------------------------------------------------------------------------------

size_t landing_write(const struct ordered_row *rows, size_t count, unsigned char *bytes)
{
    unsigned char *at = bytes;
    for (size_t i = 0; i < count;) {
        unsigned char *start = at + LANDING_BLOCK_HEAD_SIZE;
        struct landing_row before = {0};
        unsigned char *size = at;
        for (at = start; i < count && at - start <= LIMIT_LANDING_BLOCK_SIZE - LANDING_ROW_SIZE;
             i++) {
            struct landing_row row = {rows[i].series, rows[i].value_scaled, rows[i].period};
            at = write_row(at, &row, &before);
            before = row;
        }
        landing_put(size, (uint64_t)(at - start), LANDING_BLOCK_HEAD_SIZE);
    }
    assert((size_t)(at - bytes) <= LANDING_PAYLOAD_SIZE(count));
    return (size_t)(at - bytes);
}

bool landing_take_block(struct landing_payload *payload)
{
    if (payload->left.size < LANDING_BLOCK_HEAD_SIZE)
        return false;
    const unsigned char *head = (const unsigned char *)payload->left.data;
    size_t size = head[0] | (size_t)head[1] << 8, whole = LANDING_BLOCK_HEAD_SIZE + size;
    if (size == 0 || size > LIMIT_LANDING_BLOCK_SIZE || whole > payload->left.size)
        return false;
    payload->rows = (struct span){payload->left.data + LANDING_BLOCK_HEAD_SIZE, size};
    payload->left = (struct span){payload->left.data + whole, payload->left.size - whole};
    const char *at = payload->rows.data, *end = at + size;
    struct landing_row row = {0};
    for (bool is_first = true; at < end; is_first = false, payload->count++) {
        if (!read_row(&at, end, &row) ||
            (is_first && payload->count > 0 &&
             !landing_is_before(&payload->last, row.series, row.period)))
            return false;
        if (payload->count == 0)
            payload->first = row;
    }
    payload->last = row;
    return true;
}

// ---- Walks -----------------------------------------------------------------------------------

static enum fault_code refuse_block(const struct landing_walk *walk, struct fault *fault)
{
    return fault_set(fault, FAULT_CORRUPT, TEXT_STORE_BLOCK_MALFORMED, text_integer(walk->batch),
                     text_integer(walk->end - walk->block));
}

static enum fault_code take_row(struct landing_walk *walk, struct fault *fault)
{
    walk->row_at = walk->at;
    return read_row(&walk->at, walk->end, &walk->row) ? FAULT_NONE : refuse_block(walk, fault);
}

// Takes the next block, if there is one, and its first row.
static enum fault_code take_block(struct landing_walk *walk, struct fault *fault)
{
    enum fault_code code = database_step(walk->database, walk->statement, &walk->is_row, fault);
    if (code != FAULT_NONE || !walk->is_row)
        return code;
    walk->block = walk->at = sqlite3_column_blob(walk->statement, 0);
    walk->end = walk->at + sqlite3_column_bytes(walk->statement, 0);
    walk->row = (struct landing_row){0};
    return take_row(walk, fault);
}

enum fault_code landing_next(struct landing_walk *walk, struct fault *fault)
{
    assert(walk->is_row);
    return walk->at == walk->end ? take_block(walk, fault) : take_row(walk, fault);
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
    while (code == FAULT_NONE && walk->is_row && landing_is_before(&walk->row, series, period))
        code = landing_next(walk, fault);
    return code;
}

struct landing_rest landing_rest(const struct landing_walk *walk, unsigned char *bytes)
{
    struct landing_rest rest = {.is_whole = !walk->is_row || walk->row_at == walk->block};
    if (rest.is_whole)
        return rest;
    unsigned char *at = write_row(bytes, &walk->row, &(struct landing_row){0});
    memcpy(at, walk->at, (size_t)(walk->end - walk->at));
    rest.size = (size_t)(at - bytes) + (size_t)(walk->end - walk->at);
    rest.last_series = sqlite3_column_int64(walk->statement, 1);
    rest.last_period = sqlite3_column_int(walk->statement, 2);
    return rest;
}
