// SPDX-License-Identifier: GPL-3.0-or-later
//
// entry.c: the bytes of an entry.
//
// The leaf of the Merkle tree is SHA-256(0x00 || these bytes), all of them and nothing else.
// Numbers are big-endian and not negative; there is no padding and no floating point.
//
//     offset   size   field
//          0      1   format of this table: 1
//          1      1   hash algorithm of the tree: 1 = SHA-256 (2 is kept for SM3)
//          2      1   signature algorithm of checkpoints: 1 = Ed25519 (2 is kept for SM2)
//          3      1   T, size of the type, 1..63
//          4      2   form of the type, 1..65535
//          6      2   part, 1..parts
//          8      2   parts, 1..65535
//         10      8   ledger id
//         18      8   sequence
//         26      8   time, microseconds since 1970-01-01T00:00Z
//         34      8   node: the ledger id of the office at which the actor acted
//         42      8   actor: sequence of the post's entry, 0 = levee itself
//         50      8   division, 0 = none
//         58     16   command id
//         74      4   B, size of the body
//         78      4   P, size of the payload
//         82      T   type: a-z, 0-9, '_' and '.', beginning with a letter
//       82+T      B   body: JSON as json_write makes it (compact, names sorted, UTF-8)
//     82+T+B      P   payload: any bytes
//
// Invariants: the size of the bytes is 82+T+B+P exactly; decode(encode(e)) = e and
// encode(decode(b)) = b, so two different entries never have the same bytes. Whether the body is
// good JSON is not looked at here: its writer made it, and its reader parses it.
//
// To change the table: never this one. A new format number gets a new table beside it; entries of
// format 1 are read by this code as long as a ledger with them exists, because a released byte is
// part of a signed root.
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "ledger/ledger_priv.h"

enum {
    AT_FORMAT = 0,
    AT_HASH_ALGORITHM = 1,
    AT_SIGNATURE_ALGORITHM = 2,
    AT_TYPE_SIZE = 3,
    AT_FORM = 4,
    AT_PART = 6,
    AT_PARTS = 8,
    AT_LEDGER_ID = 10,
    AT_SEQUENCE = 18,
    AT_TIME = 26,
    AT_NODE = 34,
    AT_ACTOR = 42,
    AT_DIVISION = 50,
    AT_COMMAND_ID = 58,
    AT_BODY_SIZE = 74,
    AT_PAYLOAD_SIZE = 78,
    AT_TYPE = LEDGER_HEAD_SIZE,
};
static_assert(AT_COMMAND_ID + LEDGER_COMMAND_SIZE == AT_BODY_SIZE, "command id fills its place");
static_assert(AT_PAYLOAD_SIZE + 4 == LEDGER_HEAD_SIZE, "the head ends with the payload's size");
static_assert(LEDGER_TYPE_SIZE <= UINT8_MAX, "the type's size fits one byte");
static_assert(LIMIT_ENTRY_BODY_SIZE <= INT32_MAX && LIMIT_ENTRY_PAYLOAD_SIZE <= INT32_MAX,
              "sizes fit four bytes");

static void put(unsigned char *bytes, int size, uint64_t value)
{
    for (int i = size - 1; i >= 0; i--, value >>= 8)
        bytes[i] = (unsigned char)value;
    assert(value == 0);
}

static uint64_t get(const unsigned char *bytes, int size)
{
    assert(size <= 8);
    uint64_t value = 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

static bool is_type(struct span type)
{
    if (type.size < 1 || type.size > LEDGER_TYPE_SIZE || type.data[0] < 'a' || type.data[0] > 'z')
        return false;
    for (size_t i = 0; i < type.size; i++) {
        char c = type.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.')
            return false;
    }
    return true;
}

// The name of the first field outside its limits, NULL when all are within.
static const char *find_bad_field(const struct ledger_entry *entry)
{
    if (!is_type(entry->type))
        return "type";
    if (entry->form < 1 || entry->form > UINT16_MAX)
        return "form";
    if (entry->parts < 1 || entry->parts > UINT16_MAX)
        return "parts";
    if (entry->part < 1 || entry->part > entry->parts)
        return "part";
    if (entry->ledger_id <= 0)
        return "ledger_id";
    if (entry->sequence < 0)
        return "sequence";
    if (entry->time < 0)
        return "time";
    if (entry->node < 0)
        return "node";
    if (entry->actor < 0)
        return "actor";
    if (entry->division < 0)
        return "division";
    if (entry->body.size > LIMIT_ENTRY_BODY_SIZE)
        return "body";
    if (entry->payload.size > LIMIT_ENTRY_PAYLOAD_SIZE)
        return "payload";
    return NULL;
}

static void write_head(const struct ledger_entry *entry, unsigned char *bytes)
{
    put(bytes + AT_FORMAT, 1, LEDGER_FORMAT);
    put(bytes + AT_HASH_ALGORITHM, 1, LEDGER_SHA256);
    put(bytes + AT_SIGNATURE_ALGORITHM, 1, LEDGER_ED25519);
    put(bytes + AT_TYPE_SIZE, 1, entry->type.size);
    put(bytes + AT_FORM, 2, (uint64_t)entry->form);
    put(bytes + AT_PART, 2, (uint64_t)entry->part);
    put(bytes + AT_PARTS, 2, (uint64_t)entry->parts);
    put(bytes + AT_LEDGER_ID, 8, (uint64_t)entry->ledger_id);
    put(bytes + AT_SEQUENCE, 8, (uint64_t)entry->sequence);
    put(bytes + AT_TIME, 8, (uint64_t)entry->time);
    put(bytes + AT_NODE, 8, (uint64_t)entry->node);
    put(bytes + AT_ACTOR, 8, (uint64_t)entry->actor);
    put(bytes + AT_DIVISION, 8, (uint64_t)entry->division);
    memcpy(bytes + AT_COMMAND_ID, entry->command_id, LEDGER_COMMAND_SIZE);
    put(bytes + AT_BODY_SIZE, 4, entry->body.size);
    put(bytes + AT_PAYLOAD_SIZE, 4, entry->payload.size);
}

enum fault_code ledger_encode_entry(const struct ledger_entry *entry, struct arena *arena,
                                    struct span *ret_bytes, struct fault *fault)
{
    const char *bad = find_bad_field(entry);
    if (bad != NULL)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_FIELD_INVALID, text_string(bad),
                         text_span(entry->type));
    size_t size = AT_TYPE + entry->type.size + entry->body.size + entry->payload.size;
    assert(size <= LEDGER_ENTRY_SIZE);
    unsigned char *bytes = arena_allocate(arena, size);
    if (bytes == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    write_head(entry, bytes);
    unsigned char *at = bytes + AT_TYPE;
    const struct span *const tail[] = {&entry->type, &entry->body, &entry->payload};
    for (size_t i = 0; i < sizeof tail / sizeof tail[0]; i++) {
        if (tail[i]->size > 0)
            memcpy(at, tail[i]->data, tail[i]->size);
        at += tail[i]->size;
    }
    assert(at == bytes + size);
    *ret_bytes = (struct span){(const char *)bytes, size};
    // The other half of the pair: what is written can be read, before anybody depends on it.
    struct ledger_entry check = {0};
    enum fault_code code = ledger_decode_entry(*ret_bytes, &check, fault);
    assert(code == FAULT_NONE && check.sequence == entry->sequence);
    return code;
}

static bool decode_head(const unsigned char *bytes, size_t size, struct ledger_entry *entry)
{
    if (size < LEDGER_HEAD_SIZE || bytes[AT_FORMAT] != LEDGER_FORMAT ||
        bytes[AT_HASH_ALGORITHM] != LEDGER_SHA256 ||
        bytes[AT_SIGNATURE_ALGORITHM] != LEDGER_ED25519)
        return false;
    *entry = (struct ledger_entry){
        .ledger_id = (int64_t)get(bytes + AT_LEDGER_ID, 8),
        .sequence = (int64_t)get(bytes + AT_SEQUENCE, 8),
        .time = (int64_t)get(bytes + AT_TIME, 8),
        .node = (int64_t)get(bytes + AT_NODE, 8),
        .actor = (int64_t)get(bytes + AT_ACTOR, 8),
        .division = (int64_t)get(bytes + AT_DIVISION, 8),
        .form = (int)get(bytes + AT_FORM, 2),
        .part = (int)get(bytes + AT_PART, 2),
        .parts = (int)get(bytes + AT_PARTS, 2),
    };
    memcpy(entry->command_id, bytes + AT_COMMAND_ID, LEDGER_COMMAND_SIZE);
    return true;
}

enum fault_code ledger_decode_entry(struct span bytes, struct ledger_entry *ret_entry,
                                    struct fault *fault)
{
    struct ledger_entry entry = {0};
    const unsigned char *head = (const unsigned char *)bytes.data;
    if (!decode_head(head, bytes.size, &entry))
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_MALFORMED, text_string("head"));
    uint64_t type_size = get(head + AT_TYPE_SIZE, 1), body_size = get(head + AT_BODY_SIZE, 4),
             payload_size = get(head + AT_PAYLOAD_SIZE, 4);
    if (AT_TYPE + type_size + body_size + payload_size != bytes.size)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_MALFORMED, text_string("size"));
    const char *at = bytes.data + AT_TYPE;
    entry.type = (struct span){at, type_size};
    entry.body = (struct span){at + type_size, body_size};
    entry.payload = (struct span){at + type_size + body_size, payload_size};
    const char *bad = find_bad_field(&entry);
    if (bad != NULL)
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_ENTRY_MALFORMED, text_string(bad));
    *ret_entry = entry;
    return FAULT_NONE;
}
