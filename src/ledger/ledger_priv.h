// SPDX-License-Identifier: GPL-3.0-or-later
//
// ledger_priv.h: what the files of src/ledger share. Nobody else includes it, tests excepted.
//
// Owns: the shape of an open ledger and of the growing Merkle tree.
//
//     entry.c       bytes of an entry              merkle.c       the tree, and proofs checked:
//     pure id.c          21-4711                        proof.c        proofs made from stored
//     nodes ledger.c      opening, groups, appending     checkpoint.c   signed heads read.c entries
//     and nodes read back    audit.c        everything checked, damage named
#ifndef LEVEE_LEDGER_PRIV_H
#define LEVEE_LEDGER_PRIV_H

#include "base/arena.h"
#include "base/limits.h"
#include "database/database.h"
#include "ledger/ledger.h"

enum {
    LEDGER_FORMAT = 1,  // entry.c
    LEDGER_SHA256 = 1,  // hash algorithm
    LEDGER_ED25519 = 1, // signature algorithm
    LEDGER_HEAD_SIZE = 82,
    LEDGER_ENTRY_SIZE =
        LEDGER_HEAD_SIZE + LEDGER_TYPE_SIZE + LIMIT_ENTRY_BODY_SIZE + LIMIT_ENTRY_PAYLOAD_SIZE,
    LEDGER_SCHEMA_VERSION = 1,
    LEDGER_LEVELS = 64,        // of a tree of up to 2^63 leaves
    LEDGER_KIND_SIZE = 15,     // "live", "replay", "drill"
    LEDGER_SLICE_COUNT = 1024, // entries of one read transaction of a long walk
};

// The right edge of the tree: hash[l] is the root of the complete subtree of 2^l leaves that ends
// the tree at level l, and means something only where bit l of `size` is set.
struct ledger_tree {
    uint64_t size;
    struct ledger_hash hash[LEDGER_LEVELS];
};

struct ledger_birth_facts { // what the newest ledger.created or ledger.continued says
    int64_t ledger_id;
    unsigned char identity[LEDGER_IDENTITY_SIZE];
    unsigned char public_key[LEDGER_KEY_SIZE];
    char kind[LEDGER_KIND_SIZE + 1];
};

struct ledger {
    struct database database;
    struct ledger_birth_facts facts;
    struct ledger_tree tree;                         // the writer's; a reader's stays empty
    struct ledger_tree saved[1 + LEDGER_SAVEPOINTS]; // [0] at begin, then one a savepoint
    int saved_count;                                 // 0: no group is open
    bool is_lost;                                    // the open group cannot be committed any more
    struct arena arena;                              // for one append
    struct ledger_tree reread; // of the entries that were read again, to be signed
    int64_t signed_size;       // under the newest checkpoint; with has_reread
    bool has_reread;
    const char *vfs;
};

// ---- merkle.c
struct ledger_hash ledger_hash_children(const struct ledger_hash *left,
                                        const struct ledger_hash *right);
bool ledger_hash_equal(const struct ledger_hash *a, const struct ledger_hash *b);
// Appends a leaf. made[0] is the leaf, then come the subtrees that it completes, lowest first;
// returns how many, at most LEDGER_LEVELS.
int ledger_tree_append(struct ledger_tree *tree, const struct ledger_hash *leaf,
                       struct ledger_hash made[LEDGER_LEVELS]);
struct ledger_hash ledger_tree_root(const struct ledger_tree *tree);
// Where the complete subtree `number` of 2^level leaves stands in table node, and how many rows a
// tree of `size` leaves has there.
int64_t ledger_node_position(int level, uint64_t number);
int64_t ledger_node_count(uint64_t size);
// The largest power of two below `size`; size >= 2.
uint64_t ledger_split(uint64_t size);

// ---- ledger.c
// FAULT_INVALID: made by a newer levee, or made already where a new file is wanted; FAULT_MISSING:
// not made yet where a ledger is wanted.
enum fault_code ledger_check_version(struct database *database, bool is_new_wanted,
                                     struct fault *fault);

// Appends an entry that another file of this ledger holds, as it is, to the open group.
enum fault_code ledger_append_stored(struct ledger *ledger, const struct ledger_entry *entry,
                                     struct fault *fault);

// ---- read.c
// The hash at `position`. FAULT_CORRUPT: no such row, though the tree must have it.
enum fault_code ledger_read_node(struct ledger *ledger, int64_t position,
                                 struct ledger_hash *ret_hash, struct fault *fault);
// The right edge of the tree of `size` leaves, from the stored nodes.
enum fault_code ledger_read_tree(struct ledger *ledger, int64_t size, struct ledger_tree *ret_tree,
                                 struct fault *fault);
// Reads the body of ledger.created or ledger.continued.
enum fault_code ledger_read_facts(const struct ledger_entry *entry,
                                  struct ledger_birth_facts *ret_facts, struct fault *fault);
// The same of the newest birth entry before `size`.
enum fault_code ledger_read_facts_before(struct ledger *ledger, int64_t size,
                                         struct ledger_birth_facts *ret_facts, struct fault *fault);
enum fault_code ledger_open_database(const char *path, const char *vfs, enum database_mode mode,
                                     struct database *ret_database, struct fault *fault);

// ---- proof.c
// The hash of leaves lo..hi-1, a subtree of RFC 6962 (a complete one, or the right edge).
enum fault_code ledger_read_range(struct ledger *ledger, uint64_t lo, uint64_t hi,
                                  struct ledger_hash *ret_hash, struct fault *fault);

// ---- walk.c
// Reads entries and nodes front to back and holds one against the other.
struct ledger_walk {
    struct ledger *ledger;
    struct ledger_tree tree; // of the entries walked so far
    sqlite3_stmt *entries;
    sqlite3_stmt *nodes;
};
// Begins after the entries of `tree`. ledger_walk_end is safe after any fault.
enum fault_code ledger_walk_begin(struct ledger_walk *walk, struct ledger *ledger,
                                  const struct ledger_tree *tree, struct fault *fault);
// The next entry, checked against its leaf and the subtrees that it completes; valid until the next
// call. *ret_is_entry false: the end. FAULT_CORRUPT names what is damaged.
enum fault_code ledger_walk_next(struct ledger_walk *walk, bool *ret_is_entry,
                                 struct ledger_entry *ret_entry, struct fault *fault);
void ledger_walk_end(struct ledger_walk *walk);

// ---- note.c
// Reads base64 into at most `room` bytes, or exactly `size` bytes; false on anything else.
bool ledger_decode_base64(struct span text, unsigned char *ret_bytes, size_t room,
                          size_t *ret_size);
bool ledger_read_base64(struct span text, unsigned char *ret_bytes, size_t size);
// Writes the text of a checkpoint that is signed (with its closing line feed), and the line of a
// signature under it. Both return the length.
size_t ledger_write_note(const struct ledger_checkpoint *checkpoint, char *buffer, size_t size);
size_t ledger_write_signature(const struct ledger_checkpoint *checkpoint,
                              const unsigned char public_key[LEDGER_KEY_SIZE],
                              const unsigned char signature[LEDGER_SIGNATURE_SIZE], char *buffer,
                              size_t size);

#endif
