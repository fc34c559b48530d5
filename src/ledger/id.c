// SPDX-License-Identifier: GPL-3.0-or-later
//
// id.c: ledger ids and the ids of things.
//
// A ledger id is label * 1000 + generation. The label is the division's code without closing
// zeros, cut at the levels of GB/T 2260 and GB/T 10114 (2, 4, 6, 9, 12 digits), so that 210000 and
// 21 are one: 21. At most 12 digits, so an id is below 10^15 and exact in JavaScript.
//
//     210000, generation 0        21000      shown as 21          entry 4711: 21-4711
//     210200, generation 1      2102001      shown as 2102.1      entry 4711: 2102.1-4711
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "ledger/ledger_priv.h"

enum { GENERATIONS = 1000 };
static const size_t level_digits[] = {2, 4, 6, 9, 12};
enum { LEVELS = sizeof level_digits / sizeof level_digits[0] };

static bool is_digits(struct span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.size > 0 && text.size <= level_digits[LEVELS - 1] && text.data[0] != '0';
}

static bool is_zeros(struct span text, size_t from)
{
    for (size_t i = from; i < text.size; i++)
        if (text.data[i] != '0')
            return false;
    return true;
}

static bool is_level(size_t digits)
{
    for (int i = 0; i < LEVELS; i++)
        if (level_digits[i] == digits)
            return true;
    return false;
}

enum fault_code ledger_make_id(struct span division_code, int generation, int64_t *ret_ledger_id,
                               struct fault *fault)
{
    if (!is_digits(division_code) || !is_level(division_code.size) || generation < 0 ||
        generation >= GENERATIONS)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_DIVISION_INVALID,
                         text_span(division_code));
    size_t digits = division_code.size;
    for (int i = LEVELS - 1; i >= 0; i--)
        if (level_digits[i] < digits && is_zeros(division_code, level_digits[i]))
            digits = level_digits[i];
    int64_t label = 0;
    bool is_number = span_to_integer((struct span){division_code.data, digits}, &label);
    assert(is_number && label > 0);
    *ret_ledger_id = label * GENERATIONS + generation;
    return is_number ? FAULT_NONE : FAULT_INVALID;
}

int ledger_generation(int64_t ledger_id)
{
    assert(ledger_id > 0);
    return (int)(ledger_id % GENERATIONS);
}

size_t ledger_write_id(int64_t ledger_id, int64_t sequence, char *buffer, size_t size)
{
    assert(ledger_id > 0 && size >= LEDGER_ID_TEXT_SIZE);
    int at = snprintf(buffer, size, "%" PRId64, ledger_id / GENERATIONS);
    if (ledger_generation(ledger_id) > 0)
        at += snprintf(buffer + at, size - (size_t)at, ".%d", ledger_generation(ledger_id));
    if (sequence >= 0)
        at += snprintf(buffer + at, size - (size_t)at, "-%" PRId64, sequence);
    assert(at > 0 && (size_t)at < size);
    return (size_t)at;
}

static bool read_number(struct span text, int64_t limit, int64_t *ret_value)
{
    if (text.size == 0 || text.data[0] < '0' || text.data[0] > '9' ||
        (text.data[0] == '0' && text.size > 1))
        return false;
    return span_to_integer(text, ret_value) && *ret_value < limit;
}

bool ledger_read_id(struct span text, int64_t *ret_ledger_id, int64_t *ret_sequence)
{
    int64_t label = 0, generation = 0, sequence = -1;
    struct span sequence_text = text;
    struct span ledger_text = span_cut(&sequence_text, '-');
    struct span generation_text = ledger_text;
    struct span label_text = span_cut(&generation_text, '.');
    if (!is_digits(label_text) || !span_to_integer(label_text, &label))
        return false;
    bool has_generation = ledger_text.size > label_text.size;
    if (has_generation &&
        (!read_number(generation_text, GENERATIONS, &generation) || generation == 0))
        return false;
    bool has_sequence = text.size > ledger_text.size;
    if (has_sequence && !read_number(sequence_text, INT64_MAX, &sequence))
        return false;
    *ret_ledger_id = label * GENERATIONS + generation;
    *ret_sequence = sequence;
    return true;
}
