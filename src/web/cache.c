// SPDX-License-Identifier: GPL-3.0-or-later
//
// cache.c: answers kept ready, so that a page which everybody opens in the morning is made once.
//
// An answer to a query is a function of who asks (the actor with its scope), what is asked (route
// and target, byte for byte), the ledger's sequence and, where no instant was asked for, the minute
// of business time. These together are the key, and a hash of them is the ETag; so an entry needs
// no invalidation, only room: the oldest makes way. The bytes are compressed once.
//
//     bucket ──► cached ──► cached        age list: oldest ... newest
//                  plain, gzip, not modified: three responses of the library, shared by all
//                  connections; counted by the library and by holders
//
// The hash (hash.h) has secrets of this process, so that nobody can aim at a bucket or at an ETag.
// The whole key is compared.
//
// Invariants: size <= LIMIT_HTTP_CACHE_SIZE, count <= LIMIT_HTTP_CACHE_ENTRIES; an entry that is
// held outlives its place in the cache.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <zlib.h>

#include "base/memory.h"
#include "web/hash.h"
#include "web/web_priv.h"

enum {
    BUCKETS = 2048,
    ETAG_SIZE = 40,
    GZIP_SIZE_MIN = 256,                         // below, the headers weigh more
    CACHED_SIZE_MAX = LIMIT_HTTP_CACHE_SIZE / 8, // one answer may not push out all others
};
enum { PLAIN, GZIP, UNCHANGED, RESPONSES };

struct web_cached {
    struct web_cached *next;          // of the bucket
    struct web_cached *older, *newer; // of the age list
    int holders;                      // the cache itself is one
    struct web_cache_key key;
    uint64_t hash;
    size_t size;
    char etag[ETAG_SIZE];
    struct MHD_Response *response[RESPONSES];
    char target[];
};

struct web_cache {
    pthread_mutex_t lock;
    uint64_t secret[4];
    size_t size;
    int count;
    struct web_cached *oldest, *newest;
    struct web_cached *bucket[BUCKETS];
};

// Actor and numbers first, then the target.
static uint64_t hash_key(const uint64_t secret[2], const struct web_cache_key *key)
{
    struct hash hash;
    const struct store_actor *actor = &key->actor;
    const int64_t words[] = {actor->account,  actor->post,
                             actor->unit,     (int64_t)actor->role,
                             actor->division, actor->low,
                             actor->high,     key->sequence,
                             key->minute,     (int64_t)(uintptr_t)key->route};
    hash_begin(&hash, secret);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        hash_word(&hash, (uint64_t)words[i]);
    hash_bytes(&hash, key->target);
    return hash_end(&hash);
}

static bool is_same_key(const struct web_cache_key *a, const struct web_cache_key *b)
{
    const struct store_actor *x = &a->actor, *y = &b->actor;
    return a->route == b->route && a->sequence == b->sequence && a->minute == b->minute &&
           x->account == y->account && x->post == y->post && x->unit == y->unit &&
           x->role == y->role && x->division == y->division && x->low == y->low &&
           x->high == y->high && span_equal(a->target, b->target);
}

enum fault_code web_cache_open(struct web_cache **ret_cache, struct fault *fault)
{
    struct web_cache *cache = memory_allocate(sizeof *cache);
    if (cache == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    if (getrandom(cache->secret, sizeof cache->secret, 0) != (ssize_t)sizeof cache->secret) {
        memory_free(cache);
        return fault_set(fault, FAULT_IO, TEXT_WEB_CHANCE);
    }
    pthread_mutex_init(&cache->lock, NULL);
    *ret_cache = cache;
    return FAULT_NONE;
}

static void free_cached(struct web_cached *cached)
{
    for (int i = 0; i < RESPONSES; i++)
        if (cached->response[i] != NULL)
            MHD_destroy_response(cached->response[i]);
    memory_free(cached);
}

// Takes it out of bucket and age list. The caller has the lock and lets go of the cache's hold.
static void unlink_cached(struct web_cache *cache, struct web_cached *cached)
{
    struct web_cached **link = &cache->bucket[cached->hash % BUCKETS];
    while (*link != cached)
        link = &(*link)->next;
    *link = cached->next;
    *(cached->older != NULL ? &cached->older->newer : &cache->oldest) = cached->newer;
    *(cached->newer != NULL ? &cached->newer->older : &cache->newest) = cached->older;
    cache->size -= cached->size;
    cache->count--;
}

void web_cache_close(struct web_cache *cache)
{
    if (cache == NULL)
        return;
    while (cache->oldest != NULL) {
        struct web_cached *cached = cache->oldest;
        assert(cached->holders == 1);
        unlink_cached(cache, cached);
        free_cached(cached);
    }
    pthread_mutex_destroy(&cache->lock);
    memory_free(cache);
}

static struct web_cached *find_locked(struct web_cache *cache, const struct web_cache_key *key,
                                      uint64_t hash)
{
    struct web_cached *cached = cache->bucket[hash % BUCKETS];
    while (cached != NULL && (cached->hash != hash || !is_same_key(&cached->key, key)))
        cached = cached->next;
    if (cached != NULL)
        cached->holders++;
    return cached;
}

struct web_cached *web_cache_find(struct web_cache *cache, const struct web_cache_key *key)
{
    uint64_t hash = hash_key(cache->secret, key);
    pthread_mutex_lock(&cache->lock);
    struct web_cached *cached = find_locked(cache, key, hash);
    pthread_mutex_unlock(&cache->lock);
    return cached;
}

void web_cache_release(struct web_cache *cache, struct web_cached *cached)
{
    pthread_mutex_lock(&cache->lock);
    assert(cached->holders > 0);
    bool is_last = --cached->holders == 0;
    pthread_mutex_unlock(&cache->lock);
    if (is_last)
        free_cached(cached);
}

// gzip of `bytes`, or NULL where it is not worth it or there is no memory.
static void *compress_bytes(struct span bytes, size_t *ret_size)
{
    z_stream stream = {.next_in = (z_const Bytef *)bytes.data, .avail_in = (uInt)bytes.size};
    if (bytes.size < GZIP_SIZE_MIN ||
        deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    size_t bound = deflateBound(&stream, bytes.size);
    unsigned char *packed = memory_allocate(bound);
    stream.next_out = packed;
    stream.avail_out = (uInt)bound;
    bool is_done = packed != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END;
    *ret_size = stream.total_out;
    deflateEnd(&stream);
    if (is_done && *ret_size < bytes.size)
        return packed;
    memory_free(packed);
    return NULL;
}

static void add_cached_headers(struct web_cached *cached, int which)
{
    struct MHD_Response *response = cached->response[which];
    web_response_header(response, "ETag", cached->etag);
    web_response_header(response, "Cache-Control", "private, no-cache");
    web_response_header(response, "Vary", "Accept-Encoding, Cookie");
    web_response_header(response, "Content-Security-Policy",
                        "default-src 'none'; base-uri 'none'; form-action 'none'; "
                        "frame-ancestors 'none'; require-trusted-types-for 'script'");
    if (which == GZIP)
        web_response_header(response, "Content-Encoding", "gzip");
}

static struct web_cached *make_cached(const struct web_server *server,
                                      const struct web_cache_key *key, const char *type,
                                      struct span bytes)
{
    struct web_cached *cached = memory_allocate(sizeof *cached + key->target.size + 1);
    char *copy = memory_allocate(bytes.size + 1);
    if (cached == NULL || copy == NULL) {
        memory_free(cached);
        memory_free(copy);
        return NULL;
    }
    memcpy(copy, bytes.data, bytes.size);
    memcpy(cached->target, key->target.data, key->target.size);
    cached->key = *key;
    cached->key.target.data = cached->target;
    size_t packed_size = 0;
    void *packed = compress_bytes(bytes, &packed_size);
    cached->size = sizeof *cached + key->target.size + bytes.size + packed_size;
    cached->response[PLAIN] = web_response(server, type, copy, bytes.size);
    if (packed != NULL)
        cached->response[GZIP] = web_response(server, type, packed, packed_size);
    cached->response[UNCHANGED] = web_response_of(server, type, span_from(""));
    if (cached->response[PLAIN] == NULL || cached->response[UNCHANGED] == NULL) {
        free_cached(cached);
        return NULL;
    }
    return cached;
}

// Puts it at the young end. The caller has the lock.
static void link_cached(struct web_cache *cache, struct web_cached *cached)
{
    cached->holders++;
    cached->next = cache->bucket[cached->hash % BUCKETS];
    cache->bucket[cached->hash % BUCKETS] = cached;
    cached->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = cached;
    cache->newest = cached;
    cache->size += cached->size;
    cache->count++;
}

// Makes room and returns a list, by `next`, of what nobody holds any more. The caller has the lock.
static struct web_cached *evict_cached(struct web_cache *cache)
{
    struct web_cached *list = NULL;
    while (cache->count > LIMIT_HTTP_CACHE_ENTRIES || cache->size > LIMIT_HTTP_CACHE_SIZE) {
        struct web_cached *oldest = cache->oldest;
        unlink_cached(cache, oldest);
        if (--oldest->holders > 0)
            continue;
        oldest->next = list;
        list = oldest;
    }
    return list;
}

struct web_cached *web_cache_put(struct web_cache *cache, const struct web_server *server,
                                 const struct web_cache_key *key, const char *type,
                                 struct span bytes)
{
    struct web_cached *cached = make_cached(server, key, type, bytes);
    if (cached == NULL)
        return NULL;
    cached->hash = hash_key(cache->secret, key);
    snprintf(cached->etag, sizeof cached->etag, "\"%016" PRIx64 "%016" PRIx64 "\"", cached->hash,
             hash_key(cache->secret + 2, key));
    for (int i = 0; i < RESPONSES; i++)
        if (cached->response[i] != NULL)
            add_cached_headers(cached, i);
    cached->holders = 1; // the caller's
    pthread_mutex_lock(&cache->lock);
    struct web_cached *first = find_locked(cache, key, cached->hash);
    if (first == NULL && cached->size <= CACHED_SIZE_MAX)
        link_cached(cache, cached);
    struct web_cached *dropped = evict_cached(cache);
    pthread_mutex_unlock(&cache->lock);
    while (dropped != NULL) {
        struct web_cached *next = dropped->next;
        free_cached(dropped);
        dropped = next;
    }
    if (first == NULL)
        return cached;
    free_cached(cached);
    return first;
}

const char *web_cached_etag(const struct web_cached *cached)
{
    return cached->etag;
}

struct MHD_Response *web_cached_response(struct web_cached *cached, bool is_gzip, bool is_known)
{
    assert(cached->holders > 0);
    if (is_known)
        return cached->response[UNCHANGED];
    if (is_gzip && cached->response[GZIP] != NULL)
        return cached->response[GZIP];
    return cached->response[PLAIN];
}
