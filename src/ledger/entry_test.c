// SPDX-License-Identifier: GPL-3.0-or-later
//
// entry_test.c: the bytes of entries, and ids.
#include <string.h>

#include "ledger/ledger_priv.h"
#include "unit.h"

static struct ledger_entry sample(void)
{
    return (struct ledger_entry){.ledger_id = 21000,
                                 .sequence = 4711,
                                 .time = INT64_C(1595458800000000),
                                 .node = 2102000,
                                 .actor = 17,
                                 .division = 9,
                                 .command_id = {1, 2, 3, 255},
                                 .type = span_from("notice.raised"),
                                 .form = 2,
                                 .part = 1,
                                 .parts = 3,
                                 .body = span_from("{\"level\":1}"),
                                 .payload = {"\0\xff", 2}};
}

void test_entry_has_the_bytes_of_its_table(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span bytes = {0};
    const struct ledger_entry entry = sample();
    CHECK_EQUAL(ledger_encode_entry(&entry, &arena, &bytes, &fault), FAULT_NONE);
    static const unsigned char head[] = {
        1,    1,    1,    13,   0,    2,    0,    1,    0,   3, // format .. parts
        0,    0,    0,    0,    0,    0,    0x52, 0x08, 0,   0,
        0,    0,    0,    0,    0x12, 0x67,             // ledger id, sequence
        0x00, 0x05, 0xab, 0x0f, 0xb3, 0x07, 0x1c, 0x00, // time
        0,    0,    0,    0,    0,    0x20, 0x12, 0xf0, // node
        0,    0,    0,    0,    0,    0,    0,    17,   0,   0,
        0,    0,    0,    0,    0,    9, // actor, division
        1,    2,    3,    255,  0,    0,    0,    0,    0,   0,
        0,    0,    0,    0,    0,    0, // command id
        0,    0,    0,    11,   0,    0,    0,    2,    'n', 'o',
        't',  'i',  'c',  'e',  '.',  'r' // sizes, type
    };
    CHECK_EQUAL(bytes.size, LEDGER_HEAD_SIZE + 13 + 11 + 2);
    for (size_t i = 0; i < sizeof head; i++)
        unit_check((unsigned char)bytes.data[i] == head[i], __FILE__, __LINE__,
                   "byte %zu is %02x, wanted %02x", i, (unsigned char)bytes.data[i], head[i]);
    arena_reset(&arena);
}

void test_entry_comes_back_as_it_was(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span bytes = {0}, again = {0};
    const struct ledger_entry entry = sample();
    struct ledger_entry back = {0};
    CHECK_EQUAL(ledger_encode_entry(&entry, &arena, &bytes, &fault), FAULT_NONE);
    CHECK_EQUAL(ledger_decode_entry(bytes, &back, &fault), FAULT_NONE);
    CHECK(back.ledger_id == entry.ledger_id && back.sequence == entry.sequence);
    CHECK(back.time == entry.time && back.node == entry.node && back.actor == entry.actor);
    CHECK(back.division == entry.division && back.form == 2 && back.part == 1 && back.parts == 3);
    CHECK(memcmp(back.command_id, entry.command_id, sizeof back.command_id) == 0);
    CHECK(span_equal(back.type, entry.type) && span_equal(back.body, entry.body));
    CHECK(span_equal(back.payload, entry.payload));
    CHECK_EQUAL(ledger_encode_entry(&back, &arena, &again, &fault), FAULT_NONE);
    CHECK(span_equal(bytes, again));
    arena_reset(&arena);
}

static void refuse(struct ledger_entry entry, const char *field)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span bytes = {0};
    unit_check(ledger_encode_entry(&entry, &arena, &bytes, &fault) == FAULT_INVALID, __FILE__,
               __LINE__, "a bad %s is written", field);
    unit_check(strcmp(fault.argument[0].string, field) == 0, __FILE__, __LINE__,
               "the fault names %s, wanted %s", fault.argument[0].string, field);
    CHECK(bytes.data == NULL);
    arena_reset(&arena);
}

void test_entry_with_a_field_outside_its_limits_is_refused(void)
{
    static char long_type[LEDGER_TYPE_SIZE + 2];
    memset(long_type, 'a', LEDGER_TYPE_SIZE + 1);
    const struct ledger_entry good = sample();
#define WITH(change, field)                                                                        \
    do {                                                                                           \
        struct ledger_entry bad = good;                                                            \
        bad.change;                                                                                \
        refuse(bad, field);                                                                        \
    } while (0)
    WITH(type = span_from(""), "type");
    WITH(type = span_from("Notice.raised"), "type");
    WITH(type = span_from(".raised"), "type");
    WITH(type = span_from(long_type), "type");
    WITH(form = 0, "form");
    WITH(form = 65536, "form");
    WITH(part = 0, "part");
    WITH(part = 4, "part");
    WITH(parts = 65536, "parts");
    WITH(ledger_id = 0, "ledger_id");
    WITH(sequence = -1, "sequence");
    WITH(time = -1, "time");
    WITH(node = -1, "node");
    WITH(actor = -1, "actor");
    WITH(division = -1, "division");
    WITH(body.size = LIMIT_ENTRY_BODY_SIZE + 1, "body");
    WITH(payload.size = LIMIT_ENTRY_PAYLOAD_SIZE + 1, "payload");
#undef WITH
}

// Every cut and every changed byte either is refused or reads as another entry with other bytes.
void test_entry_decoding_takes_no_other_bytes(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span bytes = {0}, again = {0};
    const struct ledger_entry entry = sample();
    struct ledger_entry back = {0};
    CHECK_EQUAL(ledger_encode_entry(&entry, &arena, &bytes, &fault), FAULT_NONE);
    for (size_t size = 0; size < bytes.size; size++) {
        struct fault cut = {0};
        CHECK_EQUAL(ledger_decode_entry((struct span){bytes.data, size}, &back, &cut),
                    FAULT_CORRUPT);
    }
    char *copy = arena_allocate(&arena, bytes.size);
    for (size_t i = 0; i < bytes.size * 8; i++) {
        memcpy(copy, bytes.data, bytes.size);
        copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
        struct span damaged = {copy, bytes.size};
        struct fault ignored = {0};
        if (ledger_decode_entry(damaged, &back, &ignored) != FAULT_NONE)
            continue;
        CHECK_EQUAL(ledger_encode_entry(&back, &arena, &again, &fault), FAULT_NONE);
        CHECK(span_equal(again, damaged) && !span_equal(again, bytes));
    }
    arena_reset(&arena);
}

static void check_id(const char *code, int generation, int64_t sequence, const char *wanted)
{
    struct fault fault = {0};
    char text[LEDGER_ID_TEXT_SIZE];
    int64_t id = 0, id_back = 0, sequence_back = 0;
    CHECK_EQUAL(ledger_make_id(span_from(code), generation, &id, &fault), FAULT_NONE);
    CHECK_EQUAL(ledger_write_id(id, sequence, text, sizeof text), strlen(wanted));
    CHECK_TEXT(text, wanted);
    CHECK(ledger_read_id(span_from(text), &id_back, &sequence_back));
    CHECK_EQUAL(id_back, id);
    CHECK_EQUAL(sequence_back, sequence);
    CHECK(id < INT64_C(1) << 53);
}

void test_ids_are_written_and_read(void)
{
    check_id("210000", 0, 4711, "21-4711");
    check_id("210000", 1, 4711, "21.1-4711");
    check_id("210200", 0, 0, "2102-0");
    check_id("211000", 0, 5, "2110-5");
    check_id("210203", 12, 1, "210203.12-1");
    check_id("210204001002", 999, INT64_MAX - 1, "210204001002.999-9223372036854775806");
    check_id("210204001000", 0, -1, "210204001");
    check_id("21", 0, -1, "21");
}

void test_ids_that_are_none_are_refused(void)
{
    static const char *const codes[] = {"", "2", "210", "02", "2102x4", "2102040010021", "-21"};
    static const char *const texts[] = {
        "",      "21-",   "21.-1", "21.0-1", "21.1000-1",
        "21-01", "21--1", "x-1",   "21-1 ",  "21.1.1-1",
        "-1",    "021-1", "21.",   "21-1-",  "21-9223372036854775807"};
    int64_t id = 7, sequence = 7;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct fault fault = {0};
        CHECK_EQUAL(ledger_make_id(span_from(codes[i]), 0, &id, &fault), FAULT_INVALID);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        unit_check(!ledger_read_id(span_from(texts[i]), &id, &sequence), __FILE__, __LINE__,
                   "\"%s\" is read as an id", texts[i]);
    CHECK(id == 7 && sequence == 7);
}
