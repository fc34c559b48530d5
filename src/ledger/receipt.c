// SPDX-License-Identifier: GPL-3.0-or-later
//
// receipt.c: proofs as text that can be kept, printed and checked without us.
//
// Of an entry, in the form of C2SP's tlog-proof; "extra" holds the entry's bytes (entry.c), so that
// nothing else is needed but the key:
//
//     c2sp.org/tlog-proof@v1
//     extra AQEBDQAB...                       the entry's bytes, base64
//     index 4711                              its sequence
//     qkZ8...                                 the hashes of the inclusion proof, deepest first
//                                             empty line
//     levee/21/0102...                        the checkpoint (note.c), its signature lines included
//
// Of two heads: that the newer tree begins with the older one:
//
//     levee/consistency@v1
//     ZuQ4...                                 the hashes of the consistency proof
//                                             empty line
//     levee/21/0102...                        the older checkpoint
//                                             empty line
//     levee/21/0102...                        the newer one
//
// Invariant: a receipt that opens was made of an entry, or of a head, that stands under a head
// which the key signed; the proofs are checked by merkle.c, and a hash too many is refused there.
#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "ledger/ledger_priv.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL, HASH_TEXT_SIZE = 45 };
static const char entry_head[] = "c2sp.org/tlog-proof@v1";
static const char consistency_head[] = "levee/consistency@v1";

// ---- Writing

static enum fault_code full(struct fault *fault)
{
    return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
}

// The hashes of a proof, one a line.
static const char *write_hashes(const struct ledger_proof *proof, struct arena *arena)
{
    char *text = arena_allocate(arena, (size_t)proof->count * HASH_TEXT_SIZE + 1);
    for (int i = 0; i < proof->count && text != NULL; i++) {
        char *at = text + i * HASH_TEXT_SIZE;
        sodium_bin2base64(at, HASH_TEXT_SIZE, proof->hash[i].bytes, LEDGER_HASH_SIZE, BASE64);
        at[HASH_TEXT_SIZE - 1] = '\n';
    }
    return text;
}

// The newest checkpoint, and how many entries it covers.
static enum fault_code read_newest(struct ledger *ledger, int64_t size_max, struct arena *arena,
                                   struct span *ret_note, int64_t *ret_size, struct fault *fault)
{
    enum fault_code code = ledger_read_checkpoint(ledger, size_max, arena, ret_note, fault);
    if (code != FAULT_NONE)
        return code;
    struct span rest = *ret_note;
    span_cut(&rest, '\n');
    if (!span_to_integer(span_cut(&rest, '\n'), ret_size))
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_NOTE_MALFORMED, {0});
    return FAULT_NONE;
}

static struct span finish(char *text)
{
    return (struct span){text, text == NULL ? 0 : strlen(text)};
}

enum fault_code ledger_write_receipt(struct ledger *ledger, int64_t sequence, struct arena *arena,
                                     struct span *ret_text, struct fault *fault)
{
    struct ledger_entry entry = {0};
    struct ledger_proof proof = {0};
    struct span note = {0}, bytes = {0};
    int64_t size = 0;
    enum fault_code code = ledger_read_entry(ledger, sequence, arena, &entry, fault);
    if (code == FAULT_NONE)
        code = ledger_encode_entry(&entry, arena, &bytes, fault);
    if (code == FAULT_NONE)
        code = read_newest(ledger, INT64_MAX, arena, &note, &size, fault);
    if (code == FAULT_NONE && sequence >= size)
        code = fault_set(fault, FAULT_MISSING, TEXT_LEDGER_ENTRY_UNSIGNED, text_integer(sequence));
    if (code == FAULT_NONE)
        code = ledger_prove_inclusion(ledger, sequence, size, &proof, fault);
    if (code != FAULT_NONE)
        return code;
    size_t extra_size = sodium_base64_encoded_len(bytes.size, BASE64);
    char *extra = arena_allocate(arena, extra_size);
    const char *hashes = write_hashes(&proof, arena);
    if (extra == NULL || hashes == NULL)
        return full(fault);
    sodium_bin2base64(extra, extra_size, (const unsigned char *)bytes.data, bytes.size, BASE64);
    struct span text =
        finish(arena_print(arena, "%s\nextra %s\nindex %" PRId64 "\n%s\n%.*s", entry_head, extra,
                           sequence, hashes, (int)note.size, note.data));
    if (text.data == NULL)
        return full(fault);
    *ret_text = text;
    return FAULT_NONE;
}

enum fault_code ledger_write_consistency(struct ledger *ledger, int64_t from, struct arena *arena,
                                         struct span *ret_text, struct fault *fault)
{
    struct ledger_proof proof = {0};
    struct span older = {0}, newer = {0};
    int64_t older_size = 0, newer_size = 0;
    enum fault_code code = read_newest(ledger, from, arena, &older, &older_size, fault);
    if (code == FAULT_NONE && older_size != from)
        code = fault_set(fault, FAULT_MISSING, TEXT_LEDGER_CHECKPOINT_UNKNOWN, text_integer(from));
    if (code == FAULT_NONE)
        code = read_newest(ledger, INT64_MAX, arena, &newer, &newer_size, fault);
    if (code == FAULT_NONE)
        code = ledger_prove_consistency(ledger, older_size, newer_size, &proof, fault);
    if (code != FAULT_NONE)
        return code;
    const char *hashes = write_hashes(&proof, arena);
    if (hashes == NULL)
        return full(fault);
    struct span text =
        finish(arena_print(arena, "%s\n%s\n%.*s\n%.*s", consistency_head, hashes, (int)older.size,
                           older.data, (int)newer.size, newer.data));
    if (text.data == NULL)
        return full(fault);
    *ret_text = text;
    return FAULT_NONE;
}

// ---- Reading

static enum fault_code malformed(struct fault *fault)
{
    return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_RECEIPT_MALFORMED, {0});
}

// Reads hashes, one a line, up to the empty line.
static bool read_hashes(struct span *rest, struct ledger_proof *ret_proof)
{
    ret_proof->count = 0;
    while (rest->size > 0) {
        struct span line = span_cut(rest, '\n');
        if (line.size == 0)
            return true;
        if (ret_proof->count == LEDGER_PROOF_COUNT ||
            !ledger_read_base64(line, ret_proof->hash[ret_proof->count++].bytes, LEDGER_HASH_SIZE))
            return false;
    }
    return false;
}

// Reads "word value" and gives the value.
static bool read_word(struct span *rest, const char *word, struct span *ret_value)
{
    *ret_value = span_cut(rest, '\n');
    return span_is(span_cut(ret_value, ' '), word);
}

static enum fault_code open_entry(struct span rest, const unsigned char public_key[LEDGER_KEY_SIZE],
                                  struct arena *arena, struct ledger_receipt *receipt,
                                  struct fault *fault)
{
    struct span extra = {0}, index_text = {0};
    struct ledger_proof proof;
    struct fault decoding = {0};
    int64_t index = -1;
    size_t size = 0;
    if (!read_word(&rest, "extra", &extra) || !read_word(&rest, "index", &index_text) ||
        !span_to_integer(index_text, &index) || index < 0 || !read_hashes(&rest, &proof))
        return malformed(fault);
    unsigned char *bytes = arena_allocate(arena, extra.size);
    if (bytes == NULL)
        return full(fault);
    if (!ledger_decode_base64(extra, bytes, extra.size, &size))
        return malformed(fault);
    struct span entry_bytes = {(const char *)bytes, size};
    enum fault_code code = ledger_open_checkpoint(rest, public_key, &receipt->newer, fault);
    if (code != FAULT_NONE)
        return code;
    struct ledger_hash leaf = ledger_hash_leaf(entry_bytes);
    if (!ledger_verify_inclusion((uint64_t)index, (uint64_t)receipt->newer.size, &leaf, proof.hash,
                                 (size_t)proof.count, &receipt->newer.root) ||
        ledger_decode_entry(entry_bytes, &receipt->entry, &decoding) != FAULT_NONE ||
        receipt->entry.sequence != index)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_RECEIPT_REFUSED, {0});
    return FAULT_NONE;
}

static enum fault_code open_consistency(struct span rest,
                                        const unsigned char public_key[LEDGER_KEY_SIZE],
                                        struct ledger_receipt *receipt, struct fault *fault)
{
    struct ledger_proof proof;
    if (!read_hashes(&rest, &proof))
        return malformed(fault);
    // A checkpoint has one empty line inside; the second one ends it.
    const char *inside = rest.size == 0 ? NULL : memmem(rest.data, rest.size, "\n\n", 2);
    const char *between =
        inside == NULL
            ? NULL
            : memmem(inside + 2, rest.size - (size_t)(inside + 2 - rest.data), "\n\n", 2);
    if (between == NULL)
        return malformed(fault);
    struct span older = {rest.data, (size_t)(between + 1 - rest.data)};
    struct span newer = {between + 2, rest.size - older.size - 1};
    enum fault_code code = ledger_open_checkpoint(older, public_key, &receipt->older, fault);
    if (code == FAULT_NONE)
        code = ledger_open_checkpoint(newer, public_key, &receipt->newer, fault);
    if (code != FAULT_NONE)
        return code;
    if (!ledger_verify_consistency((uint64_t)receipt->older.size, (uint64_t)receipt->newer.size,
                                   &receipt->older.root, &receipt->newer.root, proof.hash,
                                   (size_t)proof.count))
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_RECEIPT_REFUSED, {0});
    return FAULT_NONE;
}

enum fault_code ledger_open_receipt(struct span text,
                                    const unsigned char public_key[LEDGER_KEY_SIZE],
                                    struct arena *arena, struct ledger_receipt *ret_receipt,
                                    struct fault *fault)
{
    struct ledger_receipt receipt = {0};
    struct span rest = text;
    struct span head = span_cut(&rest, '\n');
    enum fault_code code = FAULT_NONE;
    receipt.is_consistency = span_is(head, consistency_head);
    if (receipt.is_consistency)
        code = open_consistency(rest, public_key, &receipt, fault);
    else if (span_is(head, entry_head))
        code = open_entry(rest, public_key, arena, &receipt, fault);
    else
        code = malformed(fault);
    if (code == FAULT_NONE)
        *ret_receipt = receipt;
    return code;
}
