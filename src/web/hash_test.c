// SPDX-License-Identifier: GPL-3.0-or-later
//
// hash_test.c: the published vectors of SipHash-2-4, for inputs of whole words.
#include <string.h>

#include "unit.h"
#include "web/hash.h"

// Key 00 01 .. 0f, input 00 01 .. (8 * words - 1): appendix A of the paper and its reference code.
static uint64_t hash_of_words(int words)
{
    unsigned char bytes[16];
    uint64_t secret[2], word;
    struct hash hash;
    for (int i = 0; i < 16; i++)
        bytes[i] = (unsigned char)i;
    memcpy(secret, bytes, sizeof secret);
    hash_begin(&hash, secret);
    for (int i = 0; i < words; i++) {
        memcpy(&word, bytes + 8 * i, sizeof word);
        hash_word(&hash, word);
    }
    return hash_end(&hash);
}

void test_hash_vectors(void)
{
    CHECK(hash_of_words(0) == 0x726fdb47dd0e0e31);
    CHECK(hash_of_words(1) == 0x93f5f5799a932462);
    CHECK(hash_of_words(2) == 0x3f2acc7f57c29bdb);
}

void test_hash_keeps_runs_apart(void)
{
    static const char *const pairs[][2] = {{"a", "bc"}, {"ab", "c"}, {"abc", ""}, {"", "abc"}};
    const uint64_t secret[2] = {1, 2};
    uint64_t value[4];
    for (int i = 0; i < 4; i++) {
        struct hash hash;
        hash_begin(&hash, secret);
        hash_bytes(&hash, span_from(pairs[i][0]));
        hash_bytes(&hash, span_from(pairs[i][1]));
        value[i] = hash_end(&hash);
        for (int j = 0; j < i; j++)
            CHECK(value[i] != value[j]);
    }
}
