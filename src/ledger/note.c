// SPDX-License-Identifier: GPL-3.0-or-later
//
// note.c: a checkpoint as text.
//
// The form is C2SP's tlog-checkpoint inside a signed-note, so that any witness or monitor can read
// it. Lines end with a line feed; the signature is over everything up to and with the line feed
// before the empty line.
//
//     levee/21/0102030405060708090a0b0c0d0e0f10        origin: levee, ledger, identity
//     4712                                             entries under this head
//     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=     root, base64
//     ledger 21                                        extension lines, in this order
//     time 1595458800000000                            business time, us
//     hash SHA-256                                     of the tree, RFC 6962
//     signature Ed25519
//                                                      empty line
//     — levee/21/0102...0f10 base64                    key hash (4 bytes) and signature (64)
//
//     key hash    first 4 bytes of SHA-256(name || 0x0A || 0x01 || public key)
//     key text    name+hex of the key hash+base64(0x01 || public key)
//
// Invariant: a note has one form. Reading takes the values out, writes the text again and compares,
// so that nothing is accepted that ledger_write_note would not have written. Lines of other signers
// may stand below ours; who wants them checked has their keys.
//
// To change the form: never this one, as signatures cover it; a new extension line makes a new form
// beside it, and both are read.
#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ledger/ledger_priv.h"

enum {
    KEY_HASH_SIZE = 4,
    ALGORITHM_BYTE = 1, // of Ed25519 in signed notes
    NAME_SIZE = 96,     // "levee/210204001002.999/" and 32 digits
    BASE64 = sodium_base64_VARIANT_ORIGINAL,
};
static_assert(LEDGER_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "the key is Ed25519's");
static_assert(LEDGER_SIGNATURE_SIZE == crypto_sign_BYTES, "the signature is Ed25519's");
#define DASH "\xE2\x80\x94"

static size_t write_name(int64_t id, const unsigned char identity[LEDGER_IDENTITY_SIZE],
                         char name[NAME_SIZE])
{
    char label[LEDGER_ID_TEXT_SIZE], hex[2 * LEDGER_IDENTITY_SIZE + 1];
    ledger_write_id(id, -1, label, sizeof label);
    sodium_bin2hex(hex, sizeof hex, identity, LEDGER_IDENTITY_SIZE);
    int size = snprintf(name, NAME_SIZE, "levee/%s/%s", label, hex);
    assert(size > 0 && size < NAME_SIZE);
    return (size_t)size;
}

size_t ledger_write_note(const struct ledger_checkpoint *checkpoint, char *buffer, size_t size)
{
    char name[NAME_SIZE], label[LEDGER_ID_TEXT_SIZE], root[64];
    write_name(checkpoint->ledger_id, checkpoint->identity, name);
    ledger_write_id(checkpoint->ledger_id, -1, label, sizeof label);
    sodium_bin2base64(root, sizeof root, checkpoint->root.bytes, LEDGER_HASH_SIZE, BASE64);
    int length = snprintf(buffer, size,
                          "%s\n%" PRId64 "\n%s\nledger %s\ntime %" PRId64
                          "\nhash SHA-256\nsignature Ed25519\n",
                          name, checkpoint->size, root, label, checkpoint->time);
    assert(length > 0 && (size_t)length < size);
    return (size_t)length;
}

static void hash_key(const char *name, const unsigned char public_key[LEDGER_KEY_SIZE],
                     unsigned char ret_hash[KEY_HASH_SIZE])
{
    static const unsigned char between[2] = {'\n', ALGORITHM_BYTE};
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)name, strlen(name));
    crypto_hash_sha256_update(&state, between, sizeof between);
    crypto_hash_sha256_update(&state, public_key, LEDGER_KEY_SIZE);
    crypto_hash_sha256_final(&state, hash);
    memcpy(ret_hash, hash, KEY_HASH_SIZE);
}

size_t ledger_write_signature(const struct ledger_checkpoint *checkpoint,
                              const unsigned char public_key[LEDGER_KEY_SIZE],
                              const unsigned char signature[LEDGER_SIGNATURE_SIZE], char *buffer,
                              size_t size)
{
    char name[NAME_SIZE], text[128];
    unsigned char bytes[KEY_HASH_SIZE + LEDGER_SIGNATURE_SIZE];
    write_name(checkpoint->ledger_id, checkpoint->identity, name);
    hash_key(name, public_key, bytes);
    memcpy(bytes + KEY_HASH_SIZE, signature, LEDGER_SIGNATURE_SIZE);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, BASE64);
    int length = snprintf(buffer, size, DASH " %s %s\n", name, text);
    assert(length > 0 && (size_t)length < size);
    return (size_t)length;
}

// ---- Reading

bool ledger_decode_base64(struct span text, unsigned char *ret_bytes, size_t room, size_t *ret_size)
{
    const char *end = NULL;
    // Libsodium 1.0.18 takes a slash with its high bit set for a slash.
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] > 127)
            return false;
    return sodium_base642bin(ret_bytes, room, text.data, text.size, NULL, ret_size, &end, BASE64) ==
               0 &&
           end == text.data + text.size;
}

bool ledger_read_base64(struct span text, unsigned char *ret_bytes, size_t size)
{
    size_t written = 0;
    return ledger_decode_base64(text, ret_bytes, size, &written) && written == size;
}

static bool read_origin(struct span origin, struct ledger_checkpoint *checkpoint)
{
    int64_t none = 0;
    size_t written = 0;
    struct span rest = origin;
    if (!span_is(span_cut(&rest, '/'), "levee"))
        return false;
    struct span label = span_cut(&rest, '/');
    return ledger_read_id(label, &checkpoint->ledger_id, &none) && none == -1 &&
           sodium_hex2bin(checkpoint->identity, LEDGER_IDENTITY_SIZE, rest.data, rest.size, NULL,
                          &written, NULL) == 0 &&
           written == LEDGER_IDENTITY_SIZE;
}

// Takes the values of the text above the empty line; true when writing them gives the text again.
static bool read_text(struct span text, struct ledger_checkpoint *checkpoint)
{
    char again[LEDGER_NOTE_SIZE];
    struct span rest = text;
    if (!read_origin(span_cut(&rest, '\n'), checkpoint) ||
        !span_to_integer(span_cut(&rest, '\n'), &checkpoint->size) || checkpoint->size <= 0 ||
        !ledger_read_base64(span_cut(&rest, '\n'), checkpoint->root.bytes, LEDGER_HASH_SIZE))
        return false;
    span_cut(&rest, '\n'); // "ledger 21": the comparison below holds it to the origin.
    struct span time = span_cut(&rest, '\n');
    if (!span_starts(time, "time "))
        return false;
    span_cut(&time, ' ');
    if (!span_to_integer(time, &checkpoint->time) || checkpoint->time < 0)
        return false;
    size_t size = ledger_write_note(checkpoint, again, sizeof again);
    return span_equal(text, (struct span){again, size});
}

static bool is_signed(struct span text, struct span lines,
                      const struct ledger_checkpoint *checkpoint,
                      const unsigned char public_key[LEDGER_KEY_SIZE])
{
    char name[NAME_SIZE];
    unsigned char wanted[KEY_HASH_SIZE], bytes[KEY_HASH_SIZE + LEDGER_SIGNATURE_SIZE];
    size_t name_size = write_name(checkpoint->ledger_id, checkpoint->identity, name);
    hash_key(name, public_key, wanted);
    while (lines.size > 0) {
        struct span rest = span_cut(&lines, '\n');
        struct span dash = span_cut(&rest, ' '), signer = span_cut(&rest, ' ');
        if (span_is(dash, DASH) && span_equal(signer, (struct span){name, name_size}) &&
            ledger_read_base64(rest, bytes, sizeof bytes) &&
            memcmp(bytes, wanted, KEY_HASH_SIZE) == 0)
            return crypto_sign_verify_detached(bytes + KEY_HASH_SIZE,
                                               (const unsigned char *)text.data, text.size,
                                               public_key) == 0;
    }
    return false;
}

enum fault_code ledger_open_checkpoint(struct span note,
                                       const unsigned char public_key[LEDGER_KEY_SIZE],
                                       struct ledger_checkpoint *ret_checkpoint,
                                       struct fault *fault)
{
    struct ledger_checkpoint checkpoint = {0};
    const char *empty_line = note.size == 0 || note.size > LEDGER_NOTE_SIZE
                                 ? NULL
                                 : memmem(note.data, note.size, "\n\n", 2);
    struct span text = {note.data, empty_line == NULL ? 0 : (size_t)(empty_line + 1 - note.data)};
    if (empty_line == NULL || !read_text(text, &checkpoint))
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_NOTE_MALFORMED, {0});
    struct span lines = {note.data + text.size + 1, note.size - text.size - 1};
    if (!is_signed(text, lines, &checkpoint, public_key))
        return fault_set(fault, FAULT_CORRUPT, TEXT_LEDGER_NOTE_UNSIGNED,
                         text_integer(checkpoint.size));
    *ret_checkpoint = checkpoint;
    return FAULT_NONE;
}

// ---- Keys

size_t ledger_write_key(const struct ledger *ledger, char *buffer, size_t size)
{
    char name[NAME_SIZE], text[64], hex[2 * KEY_HASH_SIZE + 1];
    unsigned char hash[KEY_HASH_SIZE], bytes[1 + LEDGER_KEY_SIZE] = {ALGORITHM_BYTE};
    write_name(ledger->facts.ledger_id, ledger->facts.identity, name);
    hash_key(name, ledger->facts.public_key, hash);
    memcpy(bytes + 1, ledger->facts.public_key, LEDGER_KEY_SIZE);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, BASE64);
    int length = snprintf(buffer, size, "%s+%s+%s", name, hex, text);
    assert(length > 0 && (size_t)length < size);
    return (size_t)length;
}

bool ledger_read_key(struct span text, unsigned char ret_public_key[LEDGER_KEY_SIZE])
{
    char name[NAME_SIZE], hex[2 * KEY_HASH_SIZE + 1];
    unsigned char hash[KEY_HASH_SIZE], bytes[1 + LEDGER_KEY_SIZE];
    struct span key = text; // Base64 may hold a plus of its own, a name may not.
    struct span name_text = span_cut(&key, '+'), hash_text = span_cut(&key, '+');
    if (name_text.size == 0 || name_text.size >= sizeof name ||
        !ledger_read_base64(key, bytes, sizeof bytes) || bytes[0] != ALGORITHM_BYTE)
        return false;
    memcpy(name, name_text.data, name_text.size);
    name[name_text.size] = '\0';
    hash_key(name, bytes + 1, hash);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    if (!span_is(hash_text, hex))
        return false;
    memcpy(ret_public_key, bytes + 1, LEDGER_KEY_SIZE);
    return true;
}
