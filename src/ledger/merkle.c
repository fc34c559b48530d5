// SPDX-License-Identifier: GPL-3.0-or-later
//
// merkle.c: the tree of RFC 6962, section 2.1, as it grows, and proofs checked.
//
//     leaf    SHA-256(0x00 || bytes of the entry)
//     node    SHA-256(0x01 || left || right)
//     root    of n > 1 leaves: node(root of the first k, root of the rest), k the largest power of
//             two below n; of one leaf: the leaf; of none: SHA-256 of the empty string
//
// A tree only grows at its right edge, so that the roots of its complete subtrees never change, and
// they are what is stored: in the order in which they are completed. Leaf i completes its own node
// and one subtree for each bit that closes i; before it stand 2i - popcount(i) nodes.
//
//     position        2           6              leaf      0  1  2  3  4
//                   /   \       /   \            position  0  1  3  4  7
//                  0     1     2     5           the parent of leaves 2, 3 has position 5,
//                                   / \          the root of the first four position 6
//                                  3   4
//
// So appending writes at the end of one table only, a whole check reads it front to back, and any
// subtree is found by arithmetic. Sizes up to 2^63. Everything here is pure: no file, no clock, no
// allocation; the verifying functions take any numbers and any bytes.
#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "ledger/ledger_priv.h"

static_assert(LEDGER_HASH_SIZE == crypto_hash_sha256_BYTES, "the hash is SHA-256");
enum { LEAF_PREFIX = 0x00, NODE_PREFIX = 0x01 };

struct ledger_hash ledger_hash_leaf(struct span bytes)
{
    const unsigned char prefix = LEAF_PREFIX;
    struct ledger_hash hash;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &prefix, 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)bytes.data, bytes.size);
    crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}

struct ledger_hash ledger_hash_children(const struct ledger_hash *left,
                                        const struct ledger_hash *right)
{
    unsigned char bytes[1 + 2 * LEDGER_HASH_SIZE] = {NODE_PREFIX};
    struct ledger_hash hash;
    memcpy(bytes + 1, left->bytes, LEDGER_HASH_SIZE);
    memcpy(bytes + 1 + LEDGER_HASH_SIZE, right->bytes, LEDGER_HASH_SIZE);
    crypto_hash_sha256(hash.bytes, bytes, sizeof bytes);
    return hash;
}

bool ledger_hash_equal(const struct ledger_hash *a, const struct ledger_hash *b)
{
    return memcmp(a->bytes, b->bytes, LEDGER_HASH_SIZE) == 0;
}

int ledger_tree_append(struct ledger_tree *tree, const struct ledger_hash *leaf,
                       struct ledger_hash made[LEDGER_LEVELS])
{
    assert(tree->size < UINT64_C(1) << 62);
    int level = 0;
    made[0] = *leaf;
    for (; (tree->size >> level & 1) == 1; level++)
        made[level + 1] = ledger_hash_children(&tree->hash[level], &made[level]);
    tree->hash[level] = made[level];
    tree->size++;
    assert(level < LEDGER_LEVELS && (tree->size >> level & 1) == 1);
    return level + 1;
}

struct ledger_hash ledger_tree_root(const struct ledger_tree *tree)
{
    struct ledger_hash root;
    bool has_root = false;
    crypto_hash_sha256(root.bytes, NULL, 0);
    for (int level = 0; level < LEDGER_LEVELS; level++) {
        if ((tree->size >> level & 1) == 0)
            continue;
        root = has_root ? ledger_hash_children(&tree->hash[level], &root) : tree->hash[level];
        has_root = true;
    }
    assert(has_root == (tree->size > 0));
    return root;
}

int64_t ledger_node_count(uint64_t size)
{
    assert(size < UINT64_C(1) << 62);
    return (int64_t)(2 * size) - __builtin_popcountll(size);
}

int64_t ledger_node_position(int level, uint64_t number)
{
    assert(level >= 0 && level < LEDGER_LEVELS);
    uint64_t last_leaf = ((number + 1) << level) - 1;
    return ledger_node_count(last_leaf) + level;
}

uint64_t ledger_split(uint64_t size)
{
    assert(size >= 2);
    return UINT64_C(1) << (63 - __builtin_clzll(size - 1));
}

bool ledger_verify_inclusion(uint64_t index, uint64_t size, const struct ledger_hash *leaf,
                             const struct ledger_hash *proof, size_t proof_count,
                             const struct ledger_hash *root)
{
    if (index >= size)
        return false;
    uint64_t node = index, last = size - 1;
    struct ledger_hash hash = *leaf;
    for (size_t i = 0; i < proof_count; i++) {
        if (last == 0)
            return false;
        if ((node & 1) == 1 || node == last) {
            hash = ledger_hash_children(&proof[i], &hash);
            for (; (node & 1) == 0 && node != 0; node >>= 1)
                last >>= 1;
        } else {
            hash = ledger_hash_children(&hash, &proof[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && ledger_hash_equal(&hash, root);
}

bool ledger_verify_consistency(uint64_t from, uint64_t to, const struct ledger_hash *from_root,
                               const struct ledger_hash *to_root, const struct ledger_hash *proof,
                               size_t proof_count)
{
    if (from == 0 || from > to)
        return false;
    if (from == to)
        return proof_count == 0 && ledger_hash_equal(from_root, to_root);
    if (proof_count == 0)
        return false;
    // A complete old tree is itself the first node; the proof then leaves it out.
    bool is_complete = (from & (from - 1)) == 0;
    struct ledger_hash old_hash = is_complete ? *from_root : proof[0];
    struct ledger_hash new_hash = old_hash;
    uint64_t node = from - 1, last = to - 1;
    for (; (node & 1) == 1; node >>= 1)
        last >>= 1;
    for (size_t i = is_complete ? 0 : 1; i < proof_count; i++) {
        if (last == 0)
            return false;
        if ((node & 1) == 1 || node == last) {
            old_hash = ledger_hash_children(&proof[i], &old_hash);
            new_hash = ledger_hash_children(&proof[i], &new_hash);
            for (; (node & 1) == 0 && node != 0; node >>= 1)
                last >>= 1;
        } else {
            new_hash = ledger_hash_children(&new_hash, &proof[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && ledger_hash_equal(&old_hash, from_root) &&
           ledger_hash_equal(&new_hash, to_root);
}
