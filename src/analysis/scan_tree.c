// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_tree.c: the zones of a division tree: every node with all below it, and unions of siblings.
//
// Kulldorff, Fang, Walsh 2003, Biometrics 59:323, whose tree is of diagnoses; here it is of
// divisions. A node's zone is its own place and those of all divisions under it.
//
// Idea. The zones on the way from a leaf to the root lie one in the other, so they are one chain.
// Each node belongs to one chain only: a chain goes up as long as the node is its parent's largest
// child (heavy paths, Sleator and Tarjan 1983), so all chains together are n log n places at most.
//
//          root             chains   e | d b | a c root |         (a is larger than c, d than e)
//         /    \                     c |
//        b      c                    e |   ...
//
// In preorder a subtree is a run, so joining it is a copy. A union of siblings has a chain with one
// cut, at its end; with N children under one parent there are N(N-1)/2 unions of two.
#include <assert.h>
#include <string.h>

#include "analysis/scan.h"
#include "base/limits.h"
#include "base/memory.h"

struct tree {
    size_t count;
    const uint32_t *parent;
    uint32_t *order; // nodes, every child before its parent
    uint32_t *size;  // of the subtree
    uint32_t *start; // of the subtree in `run`
    uint32_t *run;   // the places in preorder
    uint32_t *heavy; // the largest child, ANALYSIS_NO_PLACE: a leaf
    uint32_t *child; // the children, parent after parent
    uint32_t *first; // count + 1: where a node's children begin in `child`
    double *share;   // of the subtree's population
};

static bool take_tree(struct tree *tree)
{
    size_t size = (tree->count + 1) * sizeof(uint32_t);
    uint32_t **part[] = {&tree->order, &tree->size,  &tree->start, &tree->run,
                         &tree->heavy, &tree->child, &tree->first};
    bool is_taken = true;
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        is_taken = (*part[i] = memory_allocate(size)) != NULL && is_taken;
    tree->share = memory_allocate(tree->count * sizeof *tree->share);
    return is_taken && tree->share != NULL;
}

static void free_tree(struct tree *tree)
{
    memory_free(tree->order);
    memory_free(tree->size);
    memory_free(tree->start);
    memory_free(tree->run);
    memory_free(tree->heavy);
    memory_free(tree->child);
    memory_free(tree->first);
    memory_free(tree->share);
}

// Lists each node's children, in the order of the places.
static void list_children(struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->parent[i] != ANALYSIS_NO_PLACE)
            tree->first[tree->parent[i] + 1]++;
    for (size_t i = 0; i < tree->count; i++)
        tree->first[i + 1] += tree->first[i];
    for (size_t i = 0; i < tree->count; i++)
        if (tree->parent[i] != ANALYSIS_NO_PLACE)
            tree->child[tree->first[tree->parent[i]] + tree->start[tree->parent[i]]++] =
                (uint32_t)i;
}

// Orders the nodes, children first. Returns a node that is above itself, or ANALYSIS_NO_PLACE.
static uint32_t order_nodes(struct tree *tree)
{
    size_t done = 0, count = 0;
    uint32_t *left = tree->start; // children not yet ordered: their number stands here
    for (size_t i = 0; i < tree->count; i++)
        if (left[i] == 0)
            tree->order[count++] = (uint32_t)i;
    for (; done < count; done++) {
        uint32_t parent = tree->parent[tree->order[done]];
        if (parent != ANALYSIS_NO_PLACE && --left[parent] == 0)
            tree->order[count++] = parent;
    }
    for (uint32_t i = 0; i < tree->count && count < tree->count; i++)
        if (left[i] > 0)
            return i;
    return ANALYSIS_NO_PLACE;
}

// Sizes from below, places in the run from above.
static void measure_nodes(struct tree *tree, const double *share)
{
    for (size_t i = 0; i < tree->count; i++) {
        tree->size[i] = 1;
        tree->share[i] = share[i];
        tree->heavy[i] = ANALYSIS_NO_PLACE;
    }
    for (size_t i = 0; i < tree->count; i++) {
        uint32_t node = tree->order[i], parent = tree->parent[node];
        if (parent == ANALYSIS_NO_PLACE)
            continue;
        tree->size[parent] += tree->size[node];
        tree->share[parent] += tree->share[node];
        uint32_t heavy = tree->heavy[parent];
        if (heavy == ANALYSIS_NO_PLACE || tree->size[node] > tree->size[heavy] ||
            (tree->size[node] == tree->size[heavy] && node < heavy))
            tree->heavy[parent] = node;
    }
    uint32_t free_at = 0;
    for (size_t i = tree->count; i-- > 0;) {
        uint32_t node = tree->order[i];
        if (tree->parent[node] == ANALYSIS_NO_PLACE) {
            tree->start[node] = free_at;
            free_at += tree->size[node];
        }
        tree->run[tree->start[node]] = node;
        uint32_t at = tree->start[node] + 1;
        for (uint32_t k = tree->first[node]; k < tree->first[node + 1]; k++) {
            tree->start[tree->child[k]] = at;
            at += tree->size[tree->child[k]];
        }
    }
}

static size_t join(const struct tree *tree, uint32_t node, uint32_t *place, size_t at)
{
    memcpy(place + at, tree->run + tree->start[node], tree->size[node] * sizeof *place);
    return at + tree->size[node];
}

// Makes room for one more chain of `length` places; NULL: no memory or too many (*ret_fault).
static uint32_t *take_chain(struct scan_zones *zones, size_t length, size_t *capacity,
                            enum analysis_scan_fault *ret_fault)
{
    *ret_fault = ANALYSIS_SCAN_MEMORY;
    if (zones->length + length > LIMIT_SCAN_PLACES || zones->chain_count == LIMIT_SCAN_CHAINS) {
        *ret_fault = ANALYSIS_SCAN_LARGE;
        return NULL;
    }
    if (!memory_grow((void **)&zones->chain, zones->chain_count, capacity, sizeof *zones->chain))
        return NULL;
    return memory_take(length * sizeof(uint32_t));
}

// The chain that begins at a leaf and goes up while the node is its parent's largest child.
static enum analysis_scan_fault add_path(const struct tree *tree, uint32_t leaf, double most,
                                         struct scan_zones *zones, size_t *capacity)
{
    enum analysis_scan_fault fault;
    uint32_t top = leaf;
    while (tree->parent[top] != ANALYSIS_NO_PLACE && tree->heavy[tree->parent[top]] == top &&
           tree->share[tree->parent[top]] <= most)
        top = tree->parent[top];
    uint32_t *place = take_chain(zones, tree->size[top], capacity, &fault);
    if (place == NULL)
        return fault;
    size_t at = 0, length = 0;
    for (uint32_t node = leaf, below = ANALYSIS_NO_PLACE;;
         below = node, node = tree->parent[node]) {
        place[at++] = node;
        for (uint32_t k = tree->first[node]; k < tree->first[node + 1]; k++)
            if (tree->child[k] != below)
                at = join(tree, tree->child[k], place, at);
        if (tree->share[node] <= most) {
            place[at - 1] |= SCAN_CUT;
            length = at;
        }
        if (node == top)
            break;
    }
    assert(at == tree->size[top]);
    scan_add_chain(zones, place, length, leaf);
    return ANALYSIS_SCAN_DONE;
}

// The unions of 2..`most` children of a node, in the order of their places.
static enum analysis_scan_fault add_unions(const struct tree *tree, uint32_t node, size_t most,
                                           double share_most, struct scan_zones *zones,
                                           size_t *capacity)
{
    enum analysis_scan_fault fault;
    uint32_t first = tree->first[node], count = tree->first[node + 1] - first;
    uint32_t pick[ANALYSIS_SIBLINGS_MOST] = {0};
    for (size_t depth = 1; depth > 0;) {
        if (pick[depth - 1] >= count) {
            depth--; // this place is through: the one before it moves on
            if (depth > 0)
                pick[depth - 1]++;
            continue;
        }
        size_t length = 0, at = 0;
        double share = 0;
        for (size_t i = 0; i < depth; i++) {
            length += tree->size[tree->child[first + pick[i]]];
            share += tree->share[tree->child[first + pick[i]]];
        }
        // The union of all children is the parent's own zone unless that has cases itself.
        if (depth > 1 && share <= share_most) {
            uint32_t *place = take_chain(zones, length, capacity, &fault);
            if (place == NULL)
                return fault;
            for (size_t i = 0; i < depth; i++)
                at = join(tree, tree->child[first + pick[i]], place, at);
            place[at - 1] |= SCAN_CUT;
            scan_add_chain(zones, place, length, tree->child[first + pick[0]]);
        }
        if (depth < most && share <= share_most) {
            pick[depth] = pick[depth - 1] + 1;
            depth++;
        } else {
            pick[depth - 1]++;
        }
    }
    return ANALYSIS_SCAN_DONE;
}

enum analysis_scan_fault scan_build_tree(const struct analysis_scan *scan, const double *share,
                                         struct scan_zones *zones, size_t *ret_place)
{
    struct tree tree = {.count = scan->place_count, .parent = scan->parent};
    size_t capacity = 0;
    enum analysis_scan_fault fault = ANALYSIS_SCAN_MEMORY;
    double most = scan->share_most * (1 + SCAN_TOLERANCE);
    if (take_tree(&tree)) {
        list_children(&tree);
        uint32_t turning = order_nodes(&tree);
        *ret_place = turning;
        fault = turning == ANALYSIS_NO_PLACE ? ANALYSIS_SCAN_DONE : ANALYSIS_SCAN_PARENT;
    }
    if (fault == ANALYSIS_SCAN_DONE)
        measure_nodes(&tree, share);
    for (uint32_t i = 0; i < tree.count && fault == ANALYSIS_SCAN_DONE; i++) {
        if (tree.heavy[i] == ANALYSIS_NO_PLACE)
            fault = add_path(&tree, i, most, zones, &capacity);
        if (fault == ANALYSIS_SCAN_DONE && scan->sibling_most > 1)
            fault = add_unions(&tree, i, scan->sibling_most, most, zones, &capacity);
    }
    free_tree(&tree);
    return fault;
}
