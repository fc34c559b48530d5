// SPDX-License-Identifier: GPL-3.0-or-later
//
// proof.c: proofs made from the stored subtrees.
//
// Both proofs of RFC 6962 (2.1.1, 2.1.2) walk from the root of the tree over leaves 0..size-1 down
// to one place and name the sibling on each level, the deepest first. At every step one half is
// left behind: the left one is complete and stored as it is; the right one is complete too, except
// once, where it is the right edge and is put together from its complete parts. So a proof takes at
// most 2 log2(size) reads, for any size up to the ledger's.
#include <assert.h>

#include "ledger/ledger_priv.h"

enum fault_code ledger_read_range(struct ledger *ledger, uint64_t lo, uint64_t hi,
                                  struct ledger_hash *ret_hash, struct fault *fault)
{
    assert(lo < hi);
    struct ledger_hash hash[LEDGER_LEVELS];
    int count = 0;
    while (lo < hi) {
        // The largest complete subtree that begins at lo and ends by hi.
        uint64_t size = hi - lo == 1 ? 1 : UINT64_C(1) << (63 - __builtin_clzll(hi - lo));
        int level = __builtin_ctzll(size);
        assert(lo % size == 0 && count < LEDGER_LEVELS);
        enum fault_code code =
            ledger_read_node(ledger, ledger_node_position(level, lo / size), &hash[count++], fault);
        if (code != FAULT_NONE)
            return code;
        lo += size;
    }
    while (count > 1) {
        hash[count - 2] = ledger_hash_children(&hash[count - 2], &hash[count - 1]);
        count--;
    }
    *ret_hash = hash[0];
    return FAULT_NONE;
}

static enum fault_code check_range(struct ledger *ledger, int64_t from, int64_t to,
                                   struct fault *fault)
{
    int64_t size = 0;
    enum fault_code code = ledger_read_size(ledger, &size, fault);
    if (code != FAULT_NONE)
        return code;
    if (from < 0 || from > to || to > size)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_RANGE_INVALID, text_integer(from),
                         text_integer(to), text_integer(size));
    return FAULT_NONE;
}

enum fault_code ledger_read_root(struct ledger *ledger, int64_t size, struct ledger_hash *ret_root,
                                 struct fault *fault)
{
    enum fault_code code = check_range(ledger, 0, size, fault);
    if (code != FAULT_NONE)
        return code;
    if (size > 0)
        return ledger_read_range(ledger, 0, (uint64_t)size, ret_root, fault);
    *ret_root = ledger_tree_root(&(struct ledger_tree){0});
    return FAULT_NONE;
}

struct part { // of the tree, leaves lo..hi-1
    uint64_t lo, hi;
};

// Reads the parts from the last, which lies deepest, to the first.
static enum fault_code read_parts(struct ledger *ledger, const struct part *part, int count,
                                  struct ledger_proof *ret_proof, struct fault *fault)
{
    struct ledger_proof proof = {0};
    assert(count <= LEDGER_PROOF_COUNT);
    while (count > 0) {
        count--;
        enum fault_code code = ledger_read_range(ledger, part[count].lo, part[count].hi,
                                                 &proof.hash[proof.count], fault);
        if (code != FAULT_NONE)
            return code;
        proof.count++;
    }
    *ret_proof = proof;
    return FAULT_NONE;
}

enum fault_code ledger_prove_inclusion(struct ledger *ledger, int64_t sequence, int64_t size,
                                       struct ledger_proof *ret_proof, struct fault *fault)
{
    enum fault_code code = check_range(ledger, sequence, size, fault);
    if (code != FAULT_NONE)
        return code;
    if (sequence == size)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_RANGE_INVALID, text_integer(sequence),
                         text_integer(size), text_integer(size));
    struct part part[LEDGER_PROOF_COUNT];
    int count = 0;
    uint64_t leaf = (uint64_t)sequence, lo = 0, hi = (uint64_t)size;
    while (hi - lo > 1) {
        uint64_t middle = lo + ledger_split(hi - lo);
        bool is_left = leaf < middle;
        part[count++] = is_left ? (struct part){middle, hi} : (struct part){lo, middle};
        lo = is_left ? lo : middle;
        hi = is_left ? middle : hi;
    }
    assert(lo == leaf);
    return read_parts(ledger, part, count, ret_proof, fault);
}

enum fault_code ledger_prove_consistency(struct ledger *ledger, int64_t from, int64_t to,
                                         struct ledger_proof *ret_proof, struct fault *fault)
{
    enum fault_code code = check_range(ledger, from, to, fault);
    if (code != FAULT_NONE)
        return code;
    if (from == 0)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_RANGE_INVALID, text_integer(from),
                         text_integer(to), text_integer(to));
    struct part part[LEDGER_PROOF_COUNT];
    int count = 0;
    uint64_t old_end = (uint64_t)from, lo = 0, hi = (uint64_t)to;
    while (old_end != hi) {
        uint64_t middle = lo + ledger_split(hi - lo);
        bool is_left = old_end <= middle;
        part[count++] = is_left ? (struct part){middle, hi} : (struct part){lo, middle};
        lo = is_left ? lo : middle;
        hi = is_left ? middle : hi;
    }
    // The old tree's last subtree; it is left out where it is the whole old tree.
    if (lo > 0)
        part[count++] = (struct part){lo, hi};
    return read_parts(ledger, part, count, ret_proof, fault);
}
