// SPDX-License-Identifier: GPL-3.0-or-later
//
// receipt_test.c: receipts open as they were written, and no changed one does.
#include "test_ledger.h"

enum { ENTRIES = 11 };

static struct ledger *make(const char *name)
{
    struct fault fault = {0};
    struct ledger *ledger = test_create(test_path(name));
    test_append_group(ledger, 1, 3);
    CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    test_append_group(ledger, 4, ENTRIES - 4);
    CHECK_EQUAL(test_checkpoint(ledger, &fault), FAULT_NONE);
    return ledger;
}

static enum fault_code open_with(struct ledger *ledger, struct span text,
                                 struct ledger_receipt *ret_receipt, struct arena *arena)
{
    struct fault fault = {0};
    return ledger_open_receipt(text, ledger_public_key(ledger), arena, ret_receipt, &fault);
}

void test_a_receipt_of_every_entry_opens(void)
{
    struct arena arena = {0};
    struct ledger *ledger = make("receipts.db");
    for (int64_t sequence = 0; sequence < ENTRIES; sequence++) {
        struct fault fault = {0};
        struct span text = {0};
        struct ledger_receipt receipt = {0};
        CHECK_EQUAL(ledger_write_receipt(ledger, sequence, &arena, &text, &fault), FAULT_NONE);
        CHECK_EQUAL(open_with(ledger, text, &receipt, &arena), FAULT_NONE);
        CHECK(receipt.entry.sequence == sequence && receipt.newer.size == ENTRIES);
        CHECK(!receipt.is_consistency);
    }
    struct fault unsigned_yet = {0}, missing = {0};
    struct span text = {0};
    test_append_group(ledger, ENTRIES, 1);
    CHECK_EQUAL(ledger_write_receipt(ledger, ENTRIES, &arena, &text, &unsigned_yet), FAULT_MISSING);
    CHECK_EQUAL(unsigned_yet.key, TEXT_LEDGER_ENTRY_UNSIGNED);
    CHECK_EQUAL(ledger_write_receipt(ledger, ENTRIES + 1, &arena, &text, &missing), FAULT_MISSING);
    ledger_close(ledger);
    arena_reset(&arena);
}

void test_a_receipt_of_two_heads_opens(void)
{
    struct arena arena = {0};
    struct fault fault = {0}, unknown = {0};
    struct span text = {0};
    struct ledger_receipt receipt = {0};
    struct ledger *ledger = make("heads.db");
    CHECK_EQUAL(ledger_write_consistency(ledger, 4, &arena, &text, &fault), FAULT_NONE);
    CHECK_EQUAL(open_with(ledger, text, &receipt, &arena), FAULT_NONE);
    CHECK(receipt.is_consistency && receipt.older.size == 4 && receipt.newer.size == ENTRIES);
    CHECK_EQUAL(ledger_write_consistency(ledger, 5, &arena, &text, &unknown), FAULT_MISSING);
    CHECK_EQUAL(ledger_write_consistency(ledger, ENTRIES, &arena, &text, &fault), FAULT_NONE);
    CHECK_EQUAL(open_with(ledger, text, &receipt, &arena), FAULT_NONE);
    ledger_close(ledger);
    arena_reset(&arena);
}

// Every bit but the closing line feed of either kind, every cut, and another key.
static void refuse_changes(struct ledger *ledger, struct span text)
{
    struct arena arena = {0};
    struct ledger_receipt receipt = {0};
    char *copy = arena_allocate(&arena, text.size);
    for (size_t bit = 0; bit < (text.size - 1) * 8; bit++) {
        struct arena scratch = {0};
        memcpy(copy, text.data, text.size);
        copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
        unit_check(
            open_with(ledger, (struct span){copy, text.size}, &receipt, &scratch) != FAULT_NONE,
            __FILE__, __LINE__, "bit %zu may change, at \"%.20s\"", bit, text.data + bit / 8);
        arena_reset(&scratch);
    }
    for (size_t size = 0; size + 1 < text.size; size++)
        CHECK(open_with(ledger, (struct span){text.data, size}, &receipt, &arena) != FAULT_NONE);
    struct fault fault = {0};
    const unsigned char other[LEDGER_KEY_SIZE] = {1};
    CHECK_EQUAL(ledger_open_receipt(text, other, &arena, &receipt, &fault), FAULT_CORRUPT);
    arena_reset(&arena);
}

void test_no_changed_receipt_opens(void)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span text = {0};
    struct ledger *ledger = make("changed-receipt.db");
    CHECK_EQUAL(ledger_write_receipt(ledger, 6, &arena, &text, &fault), FAULT_NONE);
    refuse_changes(ledger, text);
    CHECK_EQUAL(ledger_write_consistency(ledger, 4, &arena, &text, &fault), FAULT_NONE);
    refuse_changes(ledger, text);
    ledger_close(ledger);
    arena_reset(&arena);
}
