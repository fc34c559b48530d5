// SPDX-License-Identifier: GPL-3.0-or-later
//
// hash.c: the rounds of SipHash. For whole words of input it is the published function, whose last
// word holds the number of bytes modulo 256 in its top byte.
#include "web/hash.h"

#include <assert.h>
#include <string.h>

static uint64_t rotate(uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

static void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static void absorb(struct hash *hash, uint64_t word)
{
    hash->v[3] ^= word;
    mix(hash->v);
    mix(hash->v);
    hash->v[0] ^= word;
}

void hash_begin(struct hash *hash, const uint64_t secret[2])
{
    *hash = (struct hash){{secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d,
                           secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573},
                          0};
}

void hash_word(struct hash *hash, uint64_t word)
{
    hash->word_count++;
    absorb(hash, word);
}

void hash_bytes(struct hash *hash, struct span bytes)
{
    assert(bytes.size == 0 || bytes.data != NULL);
    for (size_t at = 0; at < bytes.size; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = bytes.size - at;
        memcpy(&word, bytes.data + at, left < sizeof word ? left : sizeof word);
        hash_word(hash, word);
    }
    hash_word(hash, bytes.size);
}

uint64_t hash_end(struct hash *hash)
{
    absorb(hash, hash->word_count * sizeof(uint64_t) << 56);
    hash->v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        mix(hash->v);
    return hash->v[0] ^ hash->v[1] ^ hash->v[2] ^ hash->v[3];
}
