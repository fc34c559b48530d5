// SPDX-License-Identifier: GPL-3.0-or-later
//
// entry.c: bytes that are read as an entry are written as the same bytes; all others are refused.
//
// needs: src/ledger/entry.c
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ledger_entry entry = {0};
    struct fault fault = {0};
    struct arena arena = {0};
    struct span bytes = {(const char *)data, size}, again = {0};
    enum fault_code code = ledger_decode_entry(bytes, &entry, &fault);
    assert(code == FAULT_NONE || code == FAULT_CORRUPT);
    if (code == FAULT_NONE) {
        code = ledger_encode_entry(&entry, &arena, &again, &fault);
        assert(code == FAULT_NONE && again.size == size && memcmp(again.data, data, size) == 0);
    }
    arena_reset(&arena);
    return 0;
}
