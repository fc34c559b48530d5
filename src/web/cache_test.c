// SPDX-License-Identifier: GPL-3.0-or-later
//
// cache_test.c: an answer is found by its whole key, outlives its place while held, and makes way.
#include <stdio.h>
#include <string.h>

#include "unit.h"
#include "web/web_priv.h"

static const struct web_server server = {.daemon = NULL};

static struct web_cache_key make_key(const char *target, int64_t sequence, int64_t low)
{
    return (struct web_cache_key){
        .actor = {.account = 1, .low = low, .high = 9},
        .sequence = sequence,
        .target = span_from(target),
    };
}

void test_cache_finds_by_whole_key(void)
{
    struct web_cache *cache = NULL;
    struct fault fault = {.code = FAULT_NONE};
    CHECK_EQUAL(web_cache_open(&cache, &fault), FAULT_NONE);
    struct web_cache_key key = make_key("/a", 1, 0);
    CHECK(web_cache_find(cache, &key) == NULL);
    struct web_cached *made = web_cache_put(cache, &server, &key, "text/plain", span_from("x"));
    CHECK(made != NULL);
    struct web_cached *found = web_cache_find(cache, &key);
    CHECK(found == made);
    const struct web_cache_key others[] = {make_key("/b", 1, 0), make_key("/a", 2, 0),
                                           make_key("/a", 1, 1)};
    for (int i = 0; i < 3; i++)
        CHECK(web_cache_find(cache, &others[i]) == NULL);
    CHECK(strlen(web_cached_etag(made)) == 34);
    web_cache_release(cache, found);
    web_cache_release(cache, made);
    web_cache_close(cache);
}

void test_cache_is_bounded(void)
{
    struct web_cache *cache = NULL;
    struct fault fault = {.code = FAULT_NONE};
    char target[32];
    CHECK_EQUAL(web_cache_open(&cache, &fault), FAULT_NONE);
    struct web_cache_key first = make_key("/first", 1, 0);
    struct web_cached *held = web_cache_put(cache, &server, &first, "text/plain", span_from("x"));
    for (int i = 0; i < LIMIT_HTTP_CACHE_ENTRIES; i++) {
        snprintf(target, sizeof target, "/%d", i);
        struct web_cache_key key = make_key(target, 1, 0);
        struct web_cached *made = web_cache_put(cache, &server, &key, "text/plain", span_from("x"));
        web_cache_release(cache, made);
    }
    CHECK(web_cache_find(cache, &first) == NULL);
    CHECK(web_cached_response(held, false, false) != NULL); // pushed out, and still whole
    web_cache_release(cache, held);
    struct web_cache_key last = make_key(target, 1, 0);
    struct web_cached *found = web_cache_find(cache, &last);
    CHECK(found != NULL);
    web_cache_release(cache, found);
    web_cache_close(cache);
}

void test_cache_compresses_what_pays(void)
{
    struct web_cache *cache = NULL;
    struct fault fault = {.code = FAULT_NONE};
    static char long_text[4096];
    memset(long_text, 'a', sizeof long_text - 1);
    CHECK_EQUAL(web_cache_open(&cache, &fault), FAULT_NONE);
    struct web_cache_key a = make_key("/a", 1, 0), b = make_key("/b", 1, 0);
    struct web_cached *small = web_cache_put(cache, &server, &a, "text/plain", span_from("x"));
    struct web_cached *large =
        web_cache_put(cache, &server, &b, "text/plain", span_from(long_text));
    CHECK(web_cached_response(small, true, false) == web_cached_response(small, false, false));
    CHECK(web_cached_response(large, true, false) != web_cached_response(large, false, false));
    CHECK(web_cached_response(large, true, true) != web_cached_response(large, true, false));
    web_cache_release(cache, small);
    web_cache_release(cache, large);
    web_cache_close(cache);
}
