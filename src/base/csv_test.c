// SPDX-License-Identifier: LGPL-3.0-or-later
//
// csv_test.c: every form of CSV that is read, and every fault with its line.
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/memory.h"
#include "unit.h"

// Reads `size` bytes and writes the rows as "a|b/c|d/"; on a fault "!", its key and its line.
static const char *parse(const char *bytes, size_t size)
{
    static char result[4096];
    struct fault fault = {.code = FAULT_NONE};
    struct csv_text text = {0};
    char *data = memory_allocate(size + 1);
    size_t at = 0;
    memcpy(data, bytes, size);
    result[0] = '\0';
    if (csv_decode(data, size, &text, &fault) == FAULT_NONE) {
        struct csv_reader reader;
        csv_open(&reader, &text);
        while (csv_next(&reader, &fault) == FAULT_NONE && reader.field_count > 0)
            for (size_t i = 0; i < reader.field_count; i++)
                at += (size_t)snprintf(result + at, sizeof result - at, "%.*s%c",
                                       (int)reader.field[i].size, reader.field[i].data,
                                       i + 1 < reader.field_count ? '|' : '/');
        csv_close(&reader);
        csv_free(&text);
    }
    if (fault.code != FAULT_NONE)
        snprintf(result + at, sizeof result - at, "!%s %d", text_name(fault.key),
                 (int)fault.argument[0].integer);
    return result;
}

#define PARSE(string) parse((string), sizeof(string) - 1)

void test_csv_forms(void)
{
    CHECK_TEXT(PARSE(""), "");
    CHECK_TEXT(PARSE("\n\n"), "");
    CHECK_TEXT(PARSE("a"), "a/");
    CHECK_TEXT(PARSE("a,b\n1,2"), "a|b/1|2/");
    CHECK_TEXT(PARSE("a,b\r\n1,2\r\n\r\n3,\r\n"), "a|b/1|2/3|/");
    CHECK_TEXT(PARSE("a;b,c\td;e\n1;2;3\n"), "a|b,c\td|e/1|2|3/");
    CHECK_TEXT(PARSE("a\tb\n1\t2\n"), "a|b/1|2/");
    CHECK_TEXT(PARSE("\"a;;;\",b\n1,2\n"), "a;;;|b/1|2/");
    CHECK_TEXT(PARSE("a,b\n\"x\"\"y\",\"\"\n\"1,\n2\",\"\"\"\"\n"), "a|b/x\"y|/1,\n2|\"/");
    CHECK_TEXT(PARSE("a,b\n1,\"2\""), "a|b/1|2/");
}

void test_csv_encodings(void)
{
    CHECK_TEXT(PARSE("\xEF\xBB\xBF序列,值\n大连,1\n"), "序列|值/大连|1/");
    // The same in GB18030.
    CHECK_TEXT(PARSE("\xD0\xF2\xC1\xD0,\xD6\xB5\n\xB4\xF3\xC1\xAC,1\n"), "序列|值/大连|1/");
    CHECK_TEXT(PARSE("\xFF\xFE"
                     "a\0,\0b\0\n\0"
                     "1\0,\0"
                     "2\0"),
               "a|b/1|2/");
    CHECK_TEXT(PARSE("a,b\n1,\xFF\xFF\n"), "!csv.encoding 2");
    CHECK_TEXT(PARSE("a,b\n1,\0\n"), "!csv.binary 2");
    CHECK_TEXT(PARSE("a,b\n1,2\n1,\xE2\x80\xAE"
                     "2\n"),
               "!csv.control 3");
}

void test_csv_faults(void)
{
    CHECK_TEXT(PARSE("a,b\n1\n"), "a|b/!csv.width 2");
    CHECK_TEXT(PARSE("a,b\n\n1,2,3\n"), "a|b/!csv.width 3");
    CHECK_TEXT(PARSE("a,b\n1,2\"\n"), "a|b/!csv.quote_stray 2");
    CHECK_TEXT(PARSE("a,b\n1,\"2\"3\n"), "a|b/!csv.quote_after 2");
    CHECK_TEXT(PARSE("a,b\n\"1\n\n,2"), "a|b/!csv.quote_open 2");
    CHECK_TEXT(PARSE("a,b\n1,\""), "a|b/!csv.quote_open 2");
    CHECK_TEXT(PARSE("a,b\n1\r,2\n"), "a|b/!csv.carriage 2");
    CHECK_TEXT(PARSE("a\r1\r"), "!csv.carriage 1");
    CHECK_TEXT(PARSE("a,b\n\"1\n2\",3\n4\n"), "a|b/1\n2|3/!csv.width 4");
}

// Whatever bytes come, the reader ends, and no field leaves the text. Run under the sanitizers too.
void test_csv_any_bytes(void)
{
    static const char letters[] = ",;\t\"\n\ra1\xE4";
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        size_t size = 0;
        for (; size < sizeof bytes && (seed = seed * 1664525u + 1013904223u) >> 28 != 0; size++)
            bytes[size] = letters[(seed >> 16) % (sizeof letters - 1)];
        CHECK(strlen(parse(bytes, size)) < 512);
    }
}

static enum fault_code read_code(const char *path)
{
    struct fault fault = {.code = FAULT_NONE};
    struct csv_text text = {0};
    enum fault_code code = csv_read_file(path, &text, &fault);
    csv_free(&text);
    return code;
}

void test_csv_file_faults(void)
{
    enum fault_code code = read_code("/nonexistent/a.csv");
    CHECK_EQUAL(code, FAULT_MISSING);
    code = read_code("/");
    CHECK_EQUAL(code, FAULT_IO);
    memory_fail_after(1);
    code = read_code("/dev/null");
    CHECK_EQUAL(code, FAULT_FULL);
    code = read_code("/dev/null");
    CHECK_EQUAL(code, FAULT_NONE);
}
