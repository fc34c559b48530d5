// SPDX-License-Identifier: GPL-3.0-or-later
//
// ports_test.c: the table is read strictly, a message is written in both languages, and each kind
// arrives, fails and ends in time.
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ports/ports_priv.h"
#include "unit.h"

static struct port ports[LIMIT_PORTS];

static enum fault_code read_table(const char *text, bool is_recorded, struct arena *arena,
                                  int *ret_count)
{
    struct fault fault = {.code = FAULT_NONE};
    return ports_read(span_from(text), "/data", is_recorded, arena, ports, ret_count, &fault);
}

void test_ports_table(void)
{
    struct arena arena = {NULL, 0, 0};
    int count = 0;
    CHECK_EQUAL(read_table("", false, &arena, &count), FAULT_NONE);
    CHECK_EQUAL(count, 0);
    static const char table[] =
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"webhook\",\"url\":\"https://x/y\"},"
        "{\"name\":\"b\",\"kind\":\"command\",\"argv\":[\"/bin/x\",\"--y\"],\"timeout_s\":3},"
        "{\"name\":\"c\",\"kind\":\"file\",\"path\":\"z\"}]}";
    CHECK_EQUAL(read_table(table, false, &arena, &count), FAULT_NONE);
    CHECK_EQUAL(count, 3);
    CHECK_TEXT(ports[0].target, "https://x/y");
    CHECK_TEXT(ports[1].argument[1], "--y");
    CHECK_EQUAL(ports[1].allowed_ms, 3000);
    CHECK_TEXT(ports[2].target, "/data/z");
    arena_reset(&arena);
}

void test_ports_table_refused(void)
{
    static const char *const tables[] = {
        "{}",
        "{\"ports\":[{}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"pigeon\"}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"webhook\"}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"webhook\",\"url\":\"http://example.org/\"}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"webhook\",\"url\":\"http://127.0.0.1.evil/\"}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"webhook\",\"url\":\"file:///etc/passwd\"}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"command\",\"argv\":[]}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"command\",\"argv\":[\"sh\"]}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"file\",\"path\":\"x\",\"timeout_s\":0}]}",
        "{\"ports\":[{\"name\":\"a\",\"kind\":\"file\",\"path\":\"x\"},"
        "{\"name\":\"a\",\"kind\":\"file\",\"path\":\"y\"}]}",
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct arena arena = {NULL, 0, 0};
        int count = 0;
        CHECK_EQUAL(read_table(tables[i], false, &arena, &count), FAULT_INVALID);
        arena_reset(&arena);
    }
}

void test_ports_of_a_drill_only_record(void)
{
    struct arena arena = {NULL, 0, 0};
    int count = 0;
    CHECK_EQUAL(read_table("", true, &arena, &count), FAULT_NONE);
    CHECK_EQUAL(count, 1);
    CHECK(ports[0].kind == &port_recorder);
    CHECK_EQUAL(
        read_table("{\"ports\":[{\"name\":\"a\",\"kind\":\"webhook\",\"url\":\"https://x/\"}]}",
                   true, &arena, &count),
        FAULT_NONE);
    CHECK_EQUAL(count, 1);
    CHECK(ports[0].kind == &port_recorder);
    CHECK_TEXT(ports[0].name, "a");
    CHECK_TEXT(ports[0].target, "/data/recorded.jsonl");
    arena_reset(&arena);
}

void test_ports_sentence(void)
{
    char text[256];
    json_t *sentence = json_pack("{s:s,s:{s:{s:s,s:{s:i}},s:{s:s,s:s}}}", "key", "ports.failed",
                                 "arguments", "port", "key", "ports.many", "arguments", "limit", 3,
                                 "reason", "zh", "大连", "en", "Dalian");
    port_write_sentence(sentence, TEXT_ENGLISH, text, sizeof text);
    CHECK(strstr(text, "more than 3 ports") != NULL);
    CHECK(strstr(text, "could not send: Dalian.") != NULL);
    port_write_sentence(sentence, TEXT_CHINESE, text, sizeof text);
    CHECK(strstr(text, "发送失败：大连") != NULL);
    char tiny[24];
    port_write_sentence(sentence, TEXT_CHINESE, tiny, sizeof tiny);
    CHECK(strlen(tiny) > 0 && span_is_text(span_from(tiny)));
    json_decref(sentence);
}

void test_ports_message(void)
{
    struct arena arena = {NULL, 0, 0};
    struct fault fault = {.code = FAULT_NONE};
    json_t *row = json_pack("{s:i,s:s,s:i,s:s,s:{s:s},s:{s:s},s:I,s:s}", "ring", 7, "kind",
                            "notice", "level", 3, "origin", "real", "title", "key", "ports.thread",
                            "why", "key", "no.such", "due_at", (json_int_t)0, "token", "TOKEN");
    struct span text = port_message(row, "21-7", "http://h/", &arena);
    json_t *message = NULL;
    CHECK_EQUAL(json_read(text, &message, &fault), FAULT_NONE);
    CHECK(memchr(text.data, '\n', text.size) == NULL);
    CHECK(span_is(json_text_or(message, "link", ""), "http://h/r/TOKEN"));
    CHECK(span_is(json_text_or(message, "ring", ""), "21-7"));
    CHECK(span_starts(json_text_or(message, "title_en", ""), "The system refuses"));
    CHECK(span_is(json_text_or(message, "why_en", "x"), ""));
    json_decref(message);
    json_decref(row);
    arena_reset(&arena);
}

void test_ports_file(void)
{
    char path[256], bytes[64] = "";
    struct fault fault = {.code = FAULT_NONE};
    snprintf(path, sizeof path, "%s/rings.jsonl", unit_folder());
    struct port port = {.name = "f", .target = path, .allowed_ms = 1000};
    CHECK_EQUAL(port_send_file(&port, span_from("{\"a\":1}"), &fault), FAULT_NONE);
    CHECK_EQUAL(port_send_file(&port, span_from("{\"a\":2}"), &fault), FAULT_NONE);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL && fread(bytes, 1, sizeof bytes - 1, file) == 16);
    CHECK_TEXT(bytes, "{\"a\":1}\n{\"a\":2}\n");
    if (file != NULL)
        fclose(file);
    port.target = "/dev/full";
    CHECK_EQUAL(port_send_file(&port, span_from("x"), &fault), FAULT_FULL);
}

void test_ports_command(void)
{
    char path[256], bytes[64] = "";
    struct fault fault = {.code = FAULT_NONE}, second = {.code = FAULT_NONE};
    struct timespec from, to;
    snprintf(path, sizeof path, "%s/told", unit_folder());
    struct port port = {.name = "c", .allowed_ms = 5000, .argument = {"/usr/bin/tee", path}};
    CHECK_EQUAL(port_send_command(&port, span_from("hello"), &fault), FAULT_NONE);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL && fread(bytes, 1, sizeof bytes - 1, file) == 5);
    CHECK_TEXT(bytes, "hello");
    if (file != NULL)
        fclose(file);
    struct port wrong = {.name = "w", .allowed_ms = 5000, .argument = {"/bin/false"}};
    CHECK_EQUAL(port_send_command(&wrong, span_from("x"), &fault), FAULT_IO);
    struct port slow = {.name = "s", .allowed_ms = 200, .argument = {"/bin/sleep", "60"}};
    clock_gettime(CLOCK_MONOTONIC, &from);
    CHECK_EQUAL(port_send_command(&slow, span_from("x"), &second), FAULT_IO);
    clock_gettime(CLOCK_MONOTONIC, &to);
    CHECK(to.tv_sec - from.tv_sec < 60); // It did not sleep to its end.
}

// Answers one request with a status; notes what it got.
struct peer {
    int listener;
    const char *status;
    char got[4096];
};

static void *answer_once(void *context)
{
    struct peer *peer = context;
    int stream = accept(peer->listener, NULL, NULL);
    char answer[128];
    size_t size = 0;
    while (size < sizeof peer->got - 1 && strstr(peer->got, "{\"a\":1}") == NULL) {
        ssize_t taken = recv(stream, peer->got + size, sizeof peer->got - 1 - size, 0);
        if (taken <= 0)
            break;
        size += (size_t)taken;
    }
    int length =
        snprintf(answer, sizeof answer, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", peer->status);
    CHECK(send(stream, answer, (size_t)length, MSG_NOSIGNAL) == length);
    close(stream);
    return NULL;
}

static enum fault_code post_to(struct peer *peer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    struct fault fault = {.code = FAULT_NONE};
    char url[64];
    pthread_t thread;
    peer->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(peer->listener, (struct sockaddr *)&address, size) == 0);
    CHECK(listen(peer->listener, 1) == 0);
    CHECK(getsockname(peer->listener, (struct sockaddr *)&address, &size) == 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/x", ntohs(address.sin_port));
    struct port port = {.name = "w", .target = url, .allowed_ms = 5000};
    pthread_create(&thread, NULL, answer_once, peer);
    enum fault_code code = port_send_webhook(&port, span_from("{\"a\":1}"), &fault);
    pthread_join(thread, NULL);
    close(peer->listener);
    return code;
}

void test_ports_webhook(void)
{
    struct peer good = {.status = "204 No Content"}, bad = {.status = "500 No"};
    struct peer moved = {.status = "302 Found\r\nLocation: http://127.0.0.1:1/"};
    CHECK_EQUAL(post_to(&good), FAULT_NONE);
    CHECK(strstr(good.got, "POST /x HTTP/1.1") != NULL);
    CHECK(strstr(good.got, "Content-Type: application/json") != NULL);
    CHECK_EQUAL(post_to(&bad), FAULT_IO);
    CHECK_EQUAL(post_to(&moved), FAULT_IO);
}
