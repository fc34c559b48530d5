// SPDX-License-Identifier: GPL-3.0-or-later
//
// base_test.c: arena, span, fault, text and JSON.
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "unit.h"

void test_arena_refuses_more_than_its_limit(void)
{
    struct arena arena = {.size_limit = 128 * 1024};
    CHECK(arena_allocate(&arena, 1000) != NULL);
    CHECK(arena_allocate(&arena, 64 * 1024 + 1) == NULL);
    CHECK(arena_allocate(&arena, 0) != arena_allocate(&arena, 0));
    CHECK_TEXT(arena_print(&arena, "%d-%s", 7, "x"), "7-x");
    arena_reset(&arena);
    CHECK_EQUAL(arena.size, 0);
}

void test_arena_keeps_one_zeroed_block_when_rewound(void)
{
    struct arena arena = {0};
    arena_rewind(&arena);
    CHECK_EQUAL(arena.size, 0);
    char *first = arena_allocate(&arena, 100);
    memset(first, 7, 100);
    CHECK(arena_allocate(&arena, 2 * LIMIT_ARENA_BLOCK_SIZE) != NULL);
    CHECK(arena_allocate(&arena, LIMIT_ARENA_BLOCK_SIZE) != NULL);
    arena_rewind(&arena);
    CHECK_EQUAL(arena.size, LIMIT_ARENA_BLOCK_SIZE);
    const char *again = arena_allocate(&arena, LIMIT_ARENA_BLOCK_SIZE - 64);
    for (int i = 0; i < LIMIT_ARENA_BLOCK_SIZE - 64; i++)
        CHECK(again[i] == 0);
    arena_reset(&arena);
    CHECK_EQUAL(arena.size, 0);
}

void test_arena_survives_a_failed_allocation(void)
{
    struct arena arena = {0};
    memory_fail_after(1);
    CHECK(arena_allocate(&arena, 10) == NULL);
    CHECK(arena_allocate(&arena, 10) != NULL);
    arena_reset(&arena);
}

void test_span_reads_numbers_strictly(void)
{
    int64_t integer = 7;
    double real = 7;
    CHECK(span_to_integer(span_from("-12"), &integer) && integer == -12);
    CHECK(!span_to_integer(span_from("12x"), &integer) && integer == -12);
    CHECK(!span_to_integer(span_from("99999999999999999999"), &integer));
    CHECK(!span_to_integer(span_from(""), &integer) && !span_to_integer(span_from("+"), &integer));
    CHECK(span_to_real(span_from("1.5e3"), &real) && real == 1500.0);
    CHECK(!span_to_real(span_from("nan"), &real) && !span_to_real(span_from("0x10"), &real));
    CHECK(!span_to_real(span_from("1e999"), &real));
}

void test_span_refuses_text_that_is_not_text(void)
{
    CHECK(span_is_text(span_from("大连 Dalian 𠀀")));
    CHECK(!span_is_text(span_from("\xC0\xAF")));     // Overlong.
    CHECK(!span_is_text(span_from("\xED\xA0\x80"))); // Surrogate.
    CHECK(!span_is_text(span_from("a\xE2\x80\xAE"
                                  "b"))); // Right-to-left override.
    CHECK(!span_is_text((struct span){"a\0b", 3}));
    CHECK(!span_is_text(span_from("\xE5\xA4"))); // Cut short.
}

void test_span_cuts_and_trims(void)
{
    struct span rest = span_from("a,b");
    CHECK(span_is(span_cut(&rest, ','), "a") && span_is(rest, "b"));
    CHECK(span_is(span_cut(&rest, ','), "b") && rest.size == 0);
    CHECK(span_is(span_trim(span_from("\xEF\xBB\xBF x \r\n")), "x"));
}

void test_fault_keeps_the_first_words(void)
{
    struct fault fault = {0};
    char text[256];
    CHECK_EQUAL(fault_set(&fault, FAULT_IO, TEXT_BASE_FILE_UNREADABLE, text_string("/x"),
                          text_string("no such file")),
                FAULT_IO);
    CHECK_EQUAL(fault_set(&fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0}), FAULT_IO);
    fault_write(&fault, TEXT_ENGLISH, text, sizeof text);
    CHECK_TEXT(text,
               "The file /x cannot be read: no such file. Check the path and its permissions.");
    CHECK_EQUAL(fault_exit_code(fault.code), 74);
}

void test_text_is_cut_at_a_character(void)
{
    char buffer[256];
    memset(buffer, 'x', sizeof buffer);
    memcpy(buffer + 154, "大连", 6);
    buffer[200] = '\0';
    struct text_argument argument = text_string(buffer);
    CHECK(span_is_text(span_from(argument.string)));
    CHECK(strstr(argument.string, "…") != NULL);
}

void test_text_name_in_the_language_of_its_sentence(void)
{
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {
        text_names(span_from("辽宁省"), span_from("Liaoning"))};
    char zh[256], en[256];
    text_write(TEXT_BASE_JSON_FIELD_MISSING, TEXT_CHINESE, argument, zh, sizeof zh);
    text_write(TEXT_BASE_JSON_FIELD_MISSING, TEXT_ENGLISH, argument, en, sizeof en);
    CHECK(strstr(zh, "辽宁省") != NULL && strstr(zh, "Liaoning") == NULL);
    CHECK(strstr(en, "Liaoning") != NULL && strstr(en, "辽宁省") == NULL);
}

void test_text_finds_keys_by_name(void)
{
    enum text_key key = 0;
    CHECK(text_find_key(span_from("base.date_malformed"), &key) && key == TEXT_BASE_DATE_MALFORMED);
    CHECK(!text_find_key(span_from("base.date"), &key) && !text_find_key(span_from("zz"), &key));
    CHECK_TEXT(text_parameter(TEXT_BASE_DATE_MALFORMED, 0), "value");
}

void test_json_is_strict_and_sorted(void)
{
    struct fault fault = {0};
    struct arena arena = {0};
    json_t *value = NULL;
    CHECK_EQUAL(json_read(span_from("{\"a\":1,\"a\":2}"), &value, &fault), FAULT_INVALID);
    CHECK_EQUAL(json_read(span_from("[1] x"), &value, &(struct fault){0}), FAULT_INVALID);
    CHECK_EQUAL(json_read(span_from(""), &value, &(struct fault){0}), FAULT_INVALID);
    CHECK_EQUAL(
        json_read(span_from("{\"b\":1,\"a\":[true,null,\"大\"]}"), &value, &(struct fault){0}),
        FAULT_NONE);
    CHECK(span_is(json_write(value, &arena), "{\"a\":[true,null,\"大\"],\"b\":1}"));
    json_decref(value);
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    CHECK_EQUAL(json_read((struct span){deep, 200}, &value, &(struct fault){0}), FAULT_INVALID);
    arena_reset(&arena);
}

void test_file_folder_of_a_path(void)
{
    static const char *const cases[][2] = {{"a", "."},       {"a/b", "a"},      {"/a", "/"},
                                           {"a/b/", "a"},    {"a//", "."},      {"/a/b/c", "/a/b"},
                                           {"./store", "."}, {"../a/b", "../a"}};
    char folder[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        file_folder_of(cases[i][0], folder, sizeof folder);
        CHECK_TEXT(folder, cases[i][1]);
    }
}

void test_file_unwritable_says_when_there_is_no_room(void)
{
    struct fault fault = {.code = FAULT_NONE};
    CHECK_EQUAL(file_unwritable(&fault, "/x", ENOSPC), FAULT_FULL);
    CHECK_EQUAL(file_code(EDQUOT), FAULT_FULL);
    CHECK_EQUAL(file_code(EACCES), FAULT_IO);
    struct fault absent = {.code = FAULT_NONE};
    CHECK_EQUAL(file_sync_folder("/absent/folder", &absent), FAULT_IO);
    CHECK_TEXT(absent.argument[0].string, "/absent/folder");
}

void test_memory_grows_by_doubling(void)
{
    enum { COUNT = 1000 };
    int *array = NULL;
    size_t capacity = 0;
    uint64_t before = memory_allocation_count();
    for (int i = 0; i < COUNT; i++) {
        CHECK(memory_grow((void **)&array, (size_t)i, &capacity, sizeof *array));
        array[i] = i;
    }
    for (int i = 0; i < COUNT; i++)
        CHECK_EQUAL(array[i], i);
    CHECK(capacity >= COUNT && memory_allocation_count() - before <= 6);
    int *held = array;
    size_t room = capacity;
    memory_fail_after(1);
    CHECK(!memory_grow((void **)&array, capacity, &capacity, sizeof *array));
    memory_fail_after(0);
    CHECK(array == held && capacity == room && array[COUNT - 1] == COUNT - 1);
    memory_free(array);
}
