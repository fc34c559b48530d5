// SPDX-License-Identifier: GPL-3.0-or-later
//
// ledger.h: the append-only ledger of entries, and proofs about it.
//
// Owns: ledger.db. Every act of an office is an entry; entries are leaves of a Merkle tree after
// RFC 6962, section 2.1 (SHA-256); a signed tree head is a checkpoint. "Accepted" means that the
// commit which holds the entry has returned. Who holds a checkpoint and a proof needs neither us
// nor the file to check them.
//
//     writer     begin ─ [savepoint ─ append … ─ release | rollback_to] … ─ commit   one fsync a
//     group reader     read_entry, for_each, read_root, prove_inclusion, prove_consistency signer
//     make_checkpoint: reads the new entries again from the file, then signs auditor ledger_audit:
//     reads everything and names what is damaged anybody    ledger_verify_inclusion,
//     ledger_verify_consistency, ledger_open_checkpoint: pure
//
// Sequence: entries count from 0; entry 0 is `ledger.created`. A thing's id is the ledger id and
// the sequence of the entry that made it, shown as 21-4711. The ledger id is label * 1000 +
// generation: the label is the division's code without its closing zeros (21 for 210000, 2102 for
// 210200), the generation 0 first and one more after each restore or fork. It stays below 2^53.
//
// A `struct ledger` is used by one thread at a time; each reader opens its own. There is one writer
// (FAULT_BUSY for a second). The clock, chance and keys are parameters. Nothing here knows what an
// entry means, except the two types of its own: `ledger.created` and `ledger.continued`.
#ifndef LEVEE_LEDGER_H
#define LEVEE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/span.h"

struct arena;
struct ledger;

enum {
    LEDGER_HASH_SIZE = 32,
    LEDGER_KEY_SIZE = 32,       // an Ed25519 public key
    LEDGER_SIGNATURE_SIZE = 64, // an Ed25519 signature
    LEDGER_COMMAND_SIZE = 16,
    LEDGER_IDENTITY_SIZE = 16,
    LEDGER_TYPE_SIZE = 63,      // the longest type, without a NUL
    LEDGER_ID_TEXT_SIZE = 40,   // "210204001002.999-" and 19 digits
    LEDGER_PROOF_COUNT = 65,    // hashes of the longest proof: 64 levels and the old root
    LEDGER_SAVEPOINTS = 4,      // savepoints inside one another
    LEDGER_NOTE_SIZE = 4096,    // the longest checkpoint that is read, witnesses' lines included
    LEDGER_KEY_TEXT_SIZE = 160, // of a key as text, with its NUL
};

struct ledger_hash {
    unsigned char bytes[LEDGER_HASH_SIZE];
};

struct ledger_proof {
    int count;
    struct ledger_hash hash[LEDGER_PROOF_COUNT];
};

// An entry. entry.c draws its bytes; their hash is the leaf.
struct ledger_entry {
    int64_t ledger_id; // set by ledger_append_entry
    int64_t sequence;  // set by ledger_append_entry
    int64_t time;      // business time, us
    int64_t node;      // the ledger id of the office at which the actor acted
    int64_t actor;     // the post, by the sequence of the entry that made it; 0: levee itself
    int64_t division;  // 0: none
    unsigned char command_id[LEDGER_COMMAND_SIZE];
    struct span type;    // lower-case words, dots between: "notice.raised"
    int form;            // 1..65535
    int part, parts;     // part 1..parts of an act that does not fit one entry; 1 of 1 otherwise
    struct span body;    // canonical JSON of json_write, at most LIMIT_ENTRY_BODY_SIZE
    struct span payload; // bytes, may be empty, at most LIMIT_ENTRY_PAYLOAD_SIZE
};

// Signs checkpoints. `sign` makes the Ed25519 signature of `bytes` with the key that belongs to
// `public_key`; the vault has one.
struct ledger_signer {
    unsigned char public_key[LEDGER_KEY_SIZE];
    enum fault_code (*sign)(void *context, struct span bytes,
                            unsigned char ret_signature[LEDGER_SIGNATURE_SIZE],
                            struct fault *fault);
    void *context;
};

// ---- Ids -------------------------------------------------------------------------------------

// The ledger id of a division's code of 2, 4, 6, 9 or 12 digits, closing zeros as they are printed
// (210200). FAULT_INVALID: no such code, or a generation outside 0..999.
enum fault_code ledger_make_id(struct span division_code, int generation, int64_t *ret_ledger_id,
                               struct fault *fault);
int ledger_generation(int64_t ledger_id);
// Writes "21-4711" or "21.1-4711", or "21" where sequence is negative. Returns the length.
size_t ledger_write_id(int64_t ledger_id, int64_t sequence, char *buffer, size_t size);
// Reads the same; *ret_sequence is -1 where only the ledger is named. False on anything else.
bool ledger_read_id(struct span text, int64_t *ret_ledger_id, int64_t *ret_sequence);

// ---- Opening ---------------------------------------------------------------------------------

struct ledger_options {
    const char *path; // .../ledger.db
    bool is_writer;
    const char *vfs;  // NULL: the system's. Tests inject faults through their own.
    int64_t log_size; // of the writer's WAL when it is in use, in bytes; 0: it grows as it goes
};

struct ledger_birth {
    const char *path;
    int64_t ledger_id;
    unsigned char identity[LEDGER_IDENTITY_SIZE]; // 16 bytes of chance
    unsigned char public_key[LEDGER_KEY_SIZE];    // of the key that will sign checkpoints
    const char *kind;                             // "live", "replay", "drill"
    int64_t time;                                 // business time, us
    const char *vfs;
};

// Makes the file with its genesis entry `ledger.created`, durably, and closes it. A file that a
// power cut left without entries is completed. FAULT_INVALID: a ledger is there already.
enum fault_code ledger_create(const struct ledger_birth *birth, struct fault *fault);
// FAULT_MISSING: no file. FAULT_BUSY: another writer. FAULT_INVALID: made by a newer levee.
// FAULT_CORRUPT: the file's tail does not hold together. The caller closes *ret_ledger.
enum fault_code ledger_open(const struct ledger_options *options, struct ledger **ret_ledger,
                            struct fault *fault);
// Bytes of the WAL that are in use since ledger_checkpoint_wal last emptied it.
int64_t ledger_log_used(const struct ledger *ledger);
// NULL is allowed. A group that is still open is dropped.
void ledger_close(struct ledger *ledger);

// What the genesis and later `ledger.continued` entries say, as of opening.
int64_t ledger_id(const struct ledger *ledger);
const unsigned char *ledger_public_key(const struct ledger *ledger);
const unsigned char *ledger_identity(const struct ledger *ledger);
struct span ledger_kind(const struct ledger *ledger);

// ---- Writing: the writer only ----------------------------------------------------------------

// Begins a group of entries that become durable together.
enum fault_code ledger_begin(struct ledger *ledger, struct fault *fault);
// Appends an entry to the group. draft->ledger_id and draft->sequence are not read; the spans are
// copied. FAULT_INVALID: a field outside its limits. FAULT_FULL, FAULT_IO: the group is lost and
// must be ended with ledger_abort.
enum fault_code ledger_append_entry(struct ledger *ledger, const struct ledger_entry *draft,
                                    int64_t *ret_sequence, struct fault *fault);
// One command is all or nothing inside its group. Savepoints nest up to LEDGER_SAVEPOINTS.
// rollback_to undoes what was appended since the newest savepoint and removes it; the Merkle tree
// goes back with it.
enum fault_code ledger_savepoint(struct ledger *ledger, struct fault *fault);
enum fault_code ledger_release(struct ledger *ledger, struct fault *fault);
enum fault_code ledger_rollback_to(struct ledger *ledger, struct fault *fault);
// Makes the group durable: when it returns FAULT_NONE, the entries survive a power cut. On any
// fault the group is gone as far as this process can say, and nothing was acknowledged. After
// FAULT_IO the writer has stopped: close, mend the disk, open again. After FAULT_FULL it goes on.
enum fault_code ledger_commit(struct ledger *ledger, struct fault *fault);
// Drops the group. Safe after any fault and without a group.
void ledger_abort(struct ledger *ledger);
// Moves committed entries from the WAL into the file; to be called when the writer is idle, and
// before the WAL grows past what a restart should read again. Not inside a group.
enum fault_code ledger_checkpoint_wal(struct ledger *ledger, struct fault *fault);
// After a restore or a fork: appends `ledger.continued`, from which on entries bear the next
// generation's id, `identity` and `public_key`. Durable at return. Not inside a group.
enum fault_code ledger_continue(struct ledger *ledger, const char *kind, int64_t time,
                                const unsigned char identity[LEDGER_IDENTITY_SIZE],
                                const unsigned char public_key[LEDGER_KEY_SIZE],
                                struct fault *fault);

// ---- Reading ---------------------------------------------------------------------------------

// How many entries there are: for the writer with those of its open group, for a reader those that
// are committed now.
enum fault_code ledger_read_size(struct ledger *ledger, int64_t *ret_size, struct fault *fault);
// Reads an entry and checks it against its leaf hash. The spans live in `arena`. FAULT_MISSING:
// there is none. FAULT_CORRUPT: its bytes are not what was written.
enum fault_code ledger_read_entry(struct ledger *ledger, int64_t sequence, struct arena *arena,
                                  struct ledger_entry *ret_entry, struct fault *fault);
// Calls `visit` for the entries from `from` up to, not including, `to`, in order, each checked as
// above and valid during the call only. A fault of `visit` ends it and is returned. A `to` behind
// the end is the end. `visit` must not use `ledger`.
enum fault_code ledger_for_each(struct ledger *ledger, int64_t from, int64_t to,
                                enum fault_code (*visit)(void *context,
                                                         const struct ledger_entry *entry,
                                                         struct fault *fault),
                                void *context, struct fault *fault);

// The leaf hash of an entry, as stored.
enum fault_code ledger_read_leaf(struct ledger *ledger, int64_t sequence,
                                 struct ledger_hash *ret_hash, struct fault *fault);
// The root of the tree over the first `size` entries; of none, the hash of the empty string.
enum fault_code ledger_read_root(struct ledger *ledger, int64_t size, struct ledger_hash *ret_root,
                                 struct fault *fault);
// RFC 6962, 2.1.1 and 2.1.2, in at most 2 log2(size) reads. FAULT_INVALID: not sequence < size, or
// not 1 <= from <= to, or past the end.
enum fault_code ledger_prove_inclusion(struct ledger *ledger, int64_t sequence, int64_t size,
                                       struct ledger_proof *ret_proof, struct fault *fault);
enum fault_code ledger_prove_consistency(struct ledger *ledger, int64_t from, int64_t to,
                                         struct ledger_proof *ret_proof, struct fault *fault);

// ---- Signed heads ----------------------------------------------------------------------------

// A checkpoint says: the first `size` entries of this ledger have this root.
struct ledger_checkpoint {
    int64_t ledger_id;
    unsigned char identity[LEDGER_IDENTITY_SIZE];
    int64_t size;
    int64_t time; // business time at signing, us
    struct ledger_hash root;
};

// Signs the head over all committed entries and stores it; the writer only, not inside a group.
// Before that the entries since the newest checkpoint are read again from the file, through a
// connection of its own and with the system's cache dropped, and hashed again. FAULT_CORRUPT names
// the entry at which file and memory differ: then nothing is signed. Where nothing was appended
// since, the newest checkpoint stands. Durable at return.
enum fault_code ledger_make_checkpoint(struct ledger *ledger, const struct ledger_signer *signer,
                                       int64_t time, struct fault *fault);
// The same, a slice at a time, so that nobody waits for it: reads a bounded number of entries
// again, and signs when it has come to the end. *ret_is_signed says whether it has: then the newest
// checkpoint covers every committed entry.
enum fault_code ledger_advance_checkpoint(struct ledger *ledger, const struct ledger_signer *signer,
                                          int64_t time, bool *ret_is_signed, struct fault *fault);
// The newest checkpoint over at most `size_max` entries, as a note in `arena`; FAULT_MISSING: none.
enum fault_code ledger_read_checkpoint(struct ledger *ledger, int64_t size_max, struct arena *arena,
                                       struct span *ret_note, struct fault *fault);
// Reads a note and checks the signature made with the key that belongs to `public_key`; signatures
// of others (witnesses) are passed over. Pure. FAULT_INVALID: not a checkpoint; FAULT_CORRUPT: no
// such signature, or a wrong one.
enum fault_code ledger_open_checkpoint(struct span note,
                                       const unsigned char public_key[LEDGER_KEY_SIZE],
                                       struct ledger_checkpoint *ret_checkpoint,
                                       struct fault *fault);
// The key with which this ledger's checkpoints are checked, as C2SP signed notes write it
// ("name+hash+key"), and back. ledger_write_key returns the length; false: not a key.
size_t ledger_write_key(const struct ledger *ledger, char *buffer, size_t size);
bool ledger_read_key(struct span text, unsigned char ret_public_key[LEDGER_KEY_SIZE]);

// Copies the entries under `head`, a checkpoint of this ledger that was opened
// (ledger_open_checkpoint), and the checkpoints up to it into a new file, durably. `source` is a
// reader's; its writer goes on meanwhile. FAULT_CORRUPT: an entry is not what was written, or the
// root is not the signed one. After a fault the file is useless. `report` (may be NULL) counts
// entries.
enum fault_code ledger_copy(struct ledger *source, const struct ledger_checkpoint *head,
                            const char *path,
                            void (*report)(void *context, int64_t done, int64_t total),
                            void *context, struct fault *fault);

// ---- Receipts: proofs as text, to be kept and checked by anybody (receipt.c draws them) ---------

struct ledger_receipt {
    bool is_consistency;            // else of one entry
    struct ledger_entry entry;      // where not is_consistency; its spans live in the arena
    struct ledger_checkpoint older; // where is_consistency
    struct ledger_checkpoint newer; // the head under which the entry, or the older head, stands
};

// The receipt of an entry: its bytes, its place, and the newest checkpoint, in `arena`.
// FAULT_MISSING: no such entry, or none signed yet.
enum fault_code ledger_write_receipt(struct ledger *ledger, int64_t sequence, struct arena *arena,
                                     struct span *ret_text, struct fault *fault);
// The receipt that the newest checkpoint extends the one over `from` entries.
enum fault_code ledger_write_consistency(struct ledger *ledger, int64_t from, struct arena *arena,
                                         struct span *ret_text, struct fault *fault);
// Reads and checks a receipt of either kind. Pure. FAULT_INVALID: not a receipt; FAULT_CORRUPT: it
// proves nothing under this key.
enum fault_code ledger_open_receipt(struct span text,
                                    const unsigned char public_key[LEDGER_KEY_SIZE],
                                    struct arena *arena, struct ledger_receipt *ret_receipt,
                                    struct fault *fault);

// ---- Auditing --------------------------------------------------------------------------------

struct ledger_audit_options {
    const char *path;
    const char *vfs;
    // The key that the auditor holds; NULL: the one that the ledger itself names.
    const unsigned char *public_key;
    // A checkpoint that the auditor holds; the ledger must extend it. Empty: none.
    struct span held_note;
    // Called now and then with entries done and in all; NULL: not.
    void (*progress)(void *context, int64_t done, int64_t size);
    void *context;
};

struct ledger_report {
    int64_t ledger_id;
    int64_t entry_count;
    int64_t checkpoint_count;
    int64_t signed_size; // entries under the newest checkpoint
    struct ledger_hash root;
};

// Reads everything: each entry is hashed and compared with its leaf, each subtree with its stored
// hash, each checkpoint with the tree and its signature, the tables with their definition, the
// pages with SQLite's own rules. FAULT_CORRUPT: the sentence names the first entry (sequence and
// type), node, checkpoint or page that is damaged.
enum fault_code ledger_audit(const struct ledger_audit_options *options,
                             struct ledger_report *ret_report, struct fault *fault);

// ---- Bytes and proofs: pure, for anybody -----------------------------------------------------

// The bytes of an entry, in `arena`. FAULT_INVALID: a field outside its limits.
enum fault_code ledger_encode_entry(const struct ledger_entry *entry, struct arena *arena,
                                    struct span *ret_bytes, struct fault *fault);
// Reads bytes; the spans point into them. FAULT_CORRUPT: not the bytes of an entry.
enum fault_code ledger_decode_entry(struct span bytes, struct ledger_entry *ret_entry,
                                    struct fault *fault);
// SHA-256(0x00 || bytes), RFC 6962, 2.1.
struct ledger_hash ledger_hash_leaf(struct span bytes);

// True when `proof` shows that `leaf` is number `index` of the `size` leaves under `root`
// (RFC 9162, 2.1.3.2). Any numbers and any proof may be given.
bool ledger_verify_inclusion(uint64_t index, uint64_t size, const struct ledger_hash *leaf,
                             const struct ledger_hash *proof, size_t proof_count,
                             const struct ledger_hash *root);
// True when `proof` shows that the tree of `to` leaves under `to_root` begins with the tree of
// `from` leaves under `from_root` (RFC 9162, 2.1.4.2; from >= 1).
bool ledger_verify_consistency(uint64_t from, uint64_t to, const struct ledger_hash *from_root,
                               const struct ledger_hash *to_root, const struct ledger_hash *proof,
                               size_t proof_count);

#endif
