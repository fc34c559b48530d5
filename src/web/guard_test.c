// SPDX-License-Identifier: GPL-3.0-or-later
//
// guard_test.c: heads as the library leaves them in memory, plain and crooked.
//
// A head is written here as it lies in the library's buffer: '|' stands for the NUL that it puts on
// colon, CR and LF. Names and values are found again at their places.
#include <string.h>

#include "unit.h"
#include "web/guard.h"

static char buffer[512];

// Makes a head of "VERSION||name| value||name|value||" and so on. An empty line closes it.
static struct guard_head make_head(const char *drawn)
{
    struct guard_head head = {.version = buffer};
    memset(buffer, 'X', sizeof buffer);
    size_t size = strlen(drawn);
    for (size_t i = 0; i < size; i++)
        buffer[i] = drawn[i] == '|' ? '\0' : drawn[i];
    memcpy(buffer + size, "\r\n", 2);
    for (size_t at = strlen("HTTP/1.1||"); at < size;) {
        struct span name = {buffer + at, strlen(buffer + at)};
        at += name.size + 1;
        at += strspn(buffer + at, " \t");
        struct span value = {buffer + at, strlen(buffer + at)};
        at += value.size + 2;
        guard_add(&head, name, value);
    }
    return head;
}

static bool is_plain(const char *drawn)
{
    struct guard_head head = make_head(drawn);
    return guard_is_plain(&head);
}

static bool is_sound(const char *drawn)
{
    struct guard_head head = make_head(drawn);
    return guard_is_sound(&head);
}

void test_guard_plain_heads(void)
{
    CHECK(is_plain("HTTP/1.1||Host| x||Accept|y||Empty|||"));
    CHECK(is_plain("HTTP/1.1||Host| \t x  ||"));
    CHECK(is_sound("HTTP/1.1||Host| x||Content-Length| 4||"));
    CHECK(is_sound("HTTP/1.1||Host| x||Transfer-Encoding| chunked||"));
}

void test_guard_bare_line_feed(void)
{
    // "Host: x\nA: y\r\n": one NUL only behind the value.
    struct guard_head head = {.version = buffer};
    memcpy(buffer, "HTTP/1.1\0\0Host\0x\0A\0y\0\0\r\n", sizeof "HTTP/1.1\0\0Host\0x\0A\0y\0\0\r\n");
    guard_add(&head, (struct span){buffer + 10, 4}, (struct span){buffer + 15, 1});
    guard_add(&head, (struct span){buffer + 17, 1}, (struct span){buffer + 19, 1});
    CHECK(!guard_is_plain(&head));
}

void test_guard_null_and_fold(void)
{
    struct guard_head head = {.version = buffer};
    // A NUL inside the value: it ends early, and no two NULs stand behind it.
    memcpy(buffer, "HTTP/1.1\0\0Host\0a\0b\0\0\r\n", sizeof "HTTP/1.1\0\0Host\0a\0b\0\0\r\n");
    guard_add(&head, (struct span){buffer + 10, 4}, (struct span){buffer + 15, 1});
    CHECK(!guard_is_plain(&head));
    // A folded line: the library keeps the name elsewhere, so name and value do not touch.
    static char elsewhere[] = "Hostb";
    memcpy(buffer, "HTTP/1.1\0\0Host\0a\0\0\r\n", sizeof "HTTP/1.1\0\0Host\0a\0\0\r\n");
    head = (struct guard_head){.version = buffer};
    guard_add(&head, (struct span){elsewhere, 5}, (struct span){buffer + 15, 1});
    CHECK(!guard_is_plain(&head));
}

void test_guard_framing_said_twice(void)
{
    CHECK(!is_sound("HTTP/1.1||Content-Length|4||content-length|4||"));
    CHECK(!is_sound("HTTP/1.1||Content-Length|4||Transfer-Encoding|chunked||"));
    CHECK(!is_sound("HTTP/1.1||Transfer-Encoding|identity||"));
    CHECK(!is_sound("HTTP/1.1||Transfer-Encoding|gzip, chunked||"));
    CHECK(!is_sound("HTTP/1.1||Host|a||Host|b||"));
}

void test_guard_names_and_values(void)
{
    CHECK(!is_sound("HTTP/1.1||Content-Length |4||"));
    CHECK(!is_sound("HTTP/1.1|| X|4||"));
    CHECK(!is_sound("HTTP/1.1||X(|4||"));
    CHECK(!is_sound("HTTP/1.1||X|a\rb||"));
    CHECK(!is_sound("HTTP/1.1||X|a\x7f||"));
    CHECK(is_sound("HTTP/1.1||X|a\tb \xE5\xA0\xA4||"));
}

void test_guard_limits(void)
{
    struct guard_head head = {.version = buffer};
    for (int i = 0; i < LIMIT_HTTP_HEADERS; i++)
        guard_add(&head, span_from("a"), span_from("b"));
    CHECK(!head.is_too_large);
    guard_add(&head, span_from("a"), span_from("b"));
    CHECK(head.is_too_large);
    head = (struct guard_head){.version = buffer};
    guard_add(&head, span_from("a"), (struct span){buffer, LIMIT_HTTP_HEAD_SIZE});
    CHECK(head.is_too_large);
}

void test_guard_targets(void)
{
    CHECK(guard_is_target(span_from("/")));
    CHECK(guard_is_target(span_from("/api/v1/notices?level=3&as_of=2020-07-26T07:00:00%2B08:00")));
    static const char *const refused[] = {"",      "http://x/a", "//x/a", "*",     "/a b", "/a#b",
                                          "/a\\b", "/a\x80",     "/a\tb", "/a<b>", "x:443"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        CHECK(!guard_is_target(span_from(refused[i])));
}
