// SPDX-License-Identifier: GPL-3.0-or-later
//
// receipt.c: any text handed over as a receipt is refused with a sentence, unless it is one that
// the key of the input has signed.
//
// The first 32 bytes of the input are the key, so that the corpus can hold receipts that open.
//
// needs: src/base/file.c src/base/json.c
// needs: build/src/liblevee_ledger.a build/src/liblevee_database.a -lsqlite3 -lsodium
#include <assert.h>
#include <sodium.h>

#include "base/arena.h"
#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ledger_receipt receipt = {0};
    struct fault fault = {0};
    struct arena arena = {0};
    char sentence[LIMIT_TEXT_SIZE];
    if (size < LEDGER_KEY_SIZE || sodium_init() < 0)
        return 0;
    struct span text = {(const char *)data + LEDGER_KEY_SIZE, size - LEDGER_KEY_SIZE};
    enum fault_code code = ledger_open_receipt(text, data, &arena, &receipt, &fault);
    if (code == FAULT_NONE) {
        assert(receipt.newer.size > 0);
        assert(receipt.is_consistency || receipt.entry.sequence < receipt.newer.size);
    } else {
        assert(code == FAULT_INVALID || code == FAULT_CORRUPT);
        fault_write(&fault, TEXT_CHINESE, sentence, sizeof sentence);
        assert(sentence[0] != '\0');
    }
    arena_reset(&arena);
    return 0;
}
