// SPDX-License-Identifier: GPL-3.0-or-later
//
// hash.h: SipHash-2-4 (Aumasson and Bernstein, 2012), fed word by word.
//
// A hash for tables whose keys come from outside: without the secret nobody can make two keys meet.
// Words and runs of bytes may be mixed; a run is closed by its size, so ("a", "bc") and ("ab", "c")
// differ. It is not a message digest: those are in src/ledger.
#ifndef LEVEE_WEB_HASH_H
#define LEVEE_WEB_HASH_H

#include <stdint.h>

#include "base/span.h"

struct hash {
    uint64_t v[4];
    uint64_t word_count;
};

void hash_begin(struct hash *hash, const uint64_t secret[2]);
void hash_word(struct hash *hash, uint64_t word);
void hash_bytes(struct hash *hash, struct span bytes);
uint64_t hash_end(struct hash *hash);

#endif
