// SPDX-License-Identifier: GPL-3.0-or-later
//
// merkle_test.c: the tree and its proofs against the published probes (transparency-dev/merkle) and
// against RFC 6962 written down a second time, naively and recursively.
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "ledger/ledger_priv.h"
#include "unit.h"

enum { LEAVES = 128 };
static struct ledger_hash leaf[LEAVES];

static void make_leaves(void)
{
    for (unsigned char i = 0; i < LEAVES; i++)
        leaf[i] = ledger_hash_leaf((struct span){(const char *)&i, 1});
}

// ---- RFC 6962, section 2.1, as it stands there.
static size_t naive_split(size_t n)
{
    size_t k = 1;
    while (2 * k < n)
        k *= 2;
    return k;
}

static struct ledger_hash naive_root(const struct ledger_hash *d, size_t n)
{
    if (n == 1)
        return d[0];
    size_t k = naive_split(n);
    struct ledger_hash left = naive_root(d, k), right = naive_root(d + k, n - k);
    return ledger_hash_children(&left, &right);
}

static void naive_path(const struct ledger_hash *d, size_t n, size_t m, struct ledger_proof *out)
{
    if (n == 1)
        return;
    size_t k = naive_split(n);
    if (m < k) {
        naive_path(d, k, m, out);
        out->hash[out->count++] = naive_root(d + k, n - k);
    } else {
        naive_path(d + k, n - k, m - k, out);
        out->hash[out->count++] = naive_root(d, k);
    }
}

static void naive_subproof(const struct ledger_hash *d, size_t n, size_t m, bool b,
                           struct ledger_proof *out)
{
    if (m == n) {
        if (!b)
            out->hash[out->count++] = naive_root(d, n);
        return;
    }
    size_t k = naive_split(n);
    if (m <= k) {
        naive_subproof(d, k, m, b, out);
        out->hash[out->count++] = naive_root(d + k, n - k);
    } else {
        naive_subproof(d + k, n - k, m - k, false, out);
        out->hash[out->count++] = naive_root(d, k);
    }
}

void test_tree_grows_as_the_naive_one(void)
{
    struct ledger_tree tree = {0};
    struct ledger_hash made[LEDGER_LEVELS], root = ledger_tree_root(&tree);
    char hex[65];
    make_leaves();
    sodium_bin2hex(hex, sizeof hex, root.bytes, 32);
    CHECK_TEXT(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t n = 1; n <= LEAVES; n++) {
        int64_t position = ledger_node_count(n - 1);
        int count = ledger_tree_append(&tree, &leaf[n - 1], made);
        CHECK_EQUAL(position + count, ledger_node_count(n));
        for (int level = 0; level < count; level++) {
            size_t size = (size_t)1 << level;
            struct ledger_hash wanted = naive_root(leaf + n - size, size);
            CHECK(ledger_hash_equal(&made[level], &wanted));
            CHECK_EQUAL(ledger_node_position(level, (n >> level) - 1), position + level);
        }
        root = ledger_tree_root(&tree);
        struct ledger_hash wanted = naive_root(leaf, n);
        CHECK(ledger_hash_equal(&root, &wanted));
    }
}

// Every changed bit of one byte per hash, a hash too many, one too few, and a place beside:
// refused.
static void refuse_mutants(size_t m, size_t n, const struct ledger_proof *proof, bool is_inclusion,
                           const struct ledger_hash *first, const struct ledger_hash *root)
{
    struct ledger_proof mutant = *proof;
#define ACCEPTS(index, size, count)                                                                \
    (is_inclusion                                                                                  \
         ? ledger_verify_inclusion((index), (size), first, mutant.hash, (size_t)(count), root)     \
         : ledger_verify_consistency((index), (size), first, root, mutant.hash, (size_t)(count)))
    for (int i = 0; i < proof->count; i++)
        for (int byte = 0; byte < LEDGER_HASH_SIZE; byte++) {
            mutant.hash[i].bytes[byte] ^= (unsigned char)(1 << (i + byte) % 8);
            CHECK(!ACCEPTS(m, n, proof->count));
            mutant.hash[i] = proof->hash[i];
        }
    CHECK(ACCEPTS(m, n, proof->count));
    if (proof->count > 0)
        CHECK(!ACCEPTS(m, n, proof->count - 1));
    mutant.hash[proof->count] = *first;
    CHECK(!ACCEPTS(m, n, proof->count + 1));
    if (is_inclusion) // The leaf belongs at no other place; hashes of leaves all differ here.
        for (size_t other = 0; other < n; other++)
            CHECK(other == m || !ACCEPTS(other, n, proof->count));
    CHECK(!ACCEPTS(n + 1, n, proof->count));
#undef ACCEPTS
}

void test_every_inclusion_proof_up_to_128(void)
{
    make_leaves();
    for (size_t n = 1; n <= LEAVES; n++) {
        struct ledger_hash root = naive_root(leaf, n);
        for (size_t m = 0; m < n; m++) {
            struct ledger_proof proof = {0};
            naive_path(leaf, n, m, &proof);
            CHECK(ledger_verify_inclusion(m, n, &leaf[m], proof.hash, (size_t)proof.count, &root));
            if (n <= 24 || n == LEAVES)
                refuse_mutants(m, n, &proof, true, &leaf[m], &root);
        }
    }
}

void test_every_consistency_proof_up_to_128(void)
{
    make_leaves();
    for (size_t n = 1; n <= LEAVES; n++) {
        struct ledger_hash root = naive_root(leaf, n);
        for (size_t m = 1; m <= n; m++) {
            struct ledger_proof proof = {0};
            struct ledger_hash old_root = naive_root(leaf, m);
            naive_subproof(leaf, n, m, true, &proof);
            CHECK(
                ledger_verify_consistency(m, n, &old_root, &root, proof.hash, (size_t)proof.count));
            if (n <= 24 || n == LEAVES)
                refuse_mutants(m, n, &proof, false, &old_root, &root);
        }
    }
}

void test_proofs_survive_absurd_numbers(void)
{
    struct ledger_proof proof = {.count = 64};
    make_leaves();
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       UINT64_C(1) << 32,
                                       (UINT64_C(1) << 63) - 1,
                                       UINT64_C(1) << 63,
                                       UINT64_MAX - 1,
                                       UINT64_MAX};
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j < 8; j++)
            for (size_t count = 0; count <= 64; count += 32) {
                CHECK(!ledger_verify_inclusion(numbers[i], numbers[j], &leaf[0], proof.hash, count,
                                               &leaf[1]));
                CHECK(!ledger_verify_consistency(numbers[i], numbers[j], &leaf[0], &leaf[1],
                                                 proof.hash, count));
            }
}

// ---- The published probes.
// A probe may hold a hash of another size, which our types cannot: it clears *is_good.
static struct ledger_hash from_base64(const json_t *value, bool *is_good)
{
    struct ledger_hash hash = {{0}};
    size_t size = 0;
    const char *text = json_string_value(value);
    if (text == NULL ||
        sodium_base642bin(hash.bytes, sizeof hash.bytes, text, strlen(text), NULL, &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        size != LEDGER_HASH_SIZE)
        *is_good = false;
    return hash;
}

static uint64_t number(const json_t *probe, const char *field)
{
    return (uint64_t)json_integer_value(json_object_get(probe, field));
}

static bool verify_probe(const json_t *probe)
{
    struct ledger_proof proof = {0};
    json_t *hashes = json_object_get(probe, "proof");
    bool is_good = json_array_size(hashes) < LEDGER_PROOF_COUNT;
    proof.count = (int)json_array_size(hashes);
    for (int i = 0; i < proof.count && is_good; i++)
        proof.hash[i] = from_base64(json_array_get(hashes, (size_t)i), &is_good);
    if (json_object_get(probe, "leafHash") != NULL) {
        struct ledger_hash root = from_base64(json_object_get(probe, "root"), &is_good),
                           start = from_base64(json_object_get(probe, "leafHash"), &is_good);
        return is_good &&
               ledger_verify_inclusion(number(probe, "leafIdx"), number(probe, "treeSize"), &start,
                                       proof.hash, (size_t)proof.count, &root);
    }
    struct ledger_hash root1 = from_base64(json_object_get(probe, "root1"), &is_good),
                       root2 = from_base64(json_object_get(probe, "root2"), &is_good);
    return is_good && ledger_verify_consistency(number(probe, "size1"), number(probe, "size2"),
                                                &root1, &root2, proof.hash, (size_t)proof.count);
}

static int run_probes(const char *path)
{
    static char line[65536];
    int count = 0;
    FILE *file = fopen(path, "r");
    while (fgets(line, sizeof line, file) != NULL) {
        // Jansson has no unsigned integers: the one that overflows is written as -1.
        char *huge = strstr(line, "18446744073709551615");
        if (huge != NULL)
            memcpy(huge, "-1                  ", 20);
        struct fault fault = {0};
        json_t *probe = NULL;
        CHECK_EQUAL(json_read(span_from(line), &probe, &fault), FAULT_NONE);
        bool wanted = !json_is_true(json_object_get(probe, "wantErr"));
        unit_check(verify_probe(probe) == wanted, __FILE__, __LINE__, "%s: wanted %s",
                   json_string_value(json_object_get(probe, "case")),
                   wanted ? "accepted" : "refused");
        json_decref(probe);
        count++;
    }
    fclose(file);
    return count;
}

void test_published_inclusion_probes(void)
{
    const char *path = unit_shared("data/10_merkle/inclusion.jsonl");
    if (path == NULL)
        SKIP("the shared reference data is not here");
    CHECK_EQUAL(run_probes(path), 53);
}

void test_published_consistency_probes(void)
{
    const char *path = unit_shared("data/10_merkle/consistency.jsonl");
    if (path == NULL)
        SKIP("the shared reference data is not here");
    CHECK_EQUAL(run_probes(path), 43);
}

void test_published_roots(void)
{
    const char *path = unit_shared("data/10_merkle/rfc6962_leaves_roots.json");
    if (path == NULL)
        SKIP("the shared reference data is not here");
    static char text[8192];
    FILE *file = fopen(path, "r");
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    struct fault fault = {0};
    json_t *published = NULL, *value;
    CHECK_EQUAL(json_read((struct span){text, size}, &published, &fault), FAULT_NONE);
    struct ledger_tree tree = {0};
    size_t index;
    json_array_foreach(json_object_get(published, "leaf_inputs_hex"), index, value)
    {
        unsigned char bytes[64];
        struct ledger_hash made[LEDGER_LEVELS];
        char hex[65];
        sodium_hex2bin(bytes, sizeof bytes, json_string_value(value), json_string_length(value),
                       NULL, &size, NULL);
        struct ledger_hash hash = ledger_hash_leaf((struct span){(const char *)bytes, size});
        ledger_tree_append(&tree, &hash, made);
        struct ledger_hash root = ledger_tree_root(&tree);
        sodium_bin2hex(hex, sizeof hex, root.bytes, sizeof root.bytes);
        CHECK_TEXT(hex, json_string_value(json_array_get(
                            json_object_get(published, "roots_by_size_1_to_8"), index)));
    }
    CHECK_EQUAL(tree.size, 8);
    json_decref(published);
}
