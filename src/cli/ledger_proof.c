// SPDX-License-Identifier: GPL-3.0-or-later
//
// ledger_proof.c: receipts made and checked, entries shown.
//
// show writes the table of src/ledger/entry.c filled in: for each field its place in the bytes, so
// that somebody with the file and a hash function can follow by hand. A payload is shown by its
// size only; --format json has all bytes.
#include <inttypes.h>
#include <stdio.h>

#include "base/time.h"
#include "cli/ledger.h"

static int read_sequence(const struct cli_ledger_request *request, int64_t *ret_sequence)
{
    const char *text = request->argument == NULL ? "" : request->argument;
    int64_t ledger = 0, sequence = -1;
    // Both 4711 and 21-4711 are taken.
    if ((span_to_integer(span_from(text), &sequence) ||
         ledger_read_id(span_from(text), &ledger, &sequence)) &&
        sequence >= 0) {
        *ret_sequence = sequence;
        return 0;
    }
    return cli_refuse("ledger", TEXT_LEDGER_NUMBER_WANTED, text_string(text));
}

// ---- prove

int cli_ledger_prove(struct cli_ledger_request *request)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span text = {0};
    struct ledger *ledger = NULL;
    int64_t sequence = 0;
    int exit_code = request->from > 0 ? 0 : read_sequence(request, &sequence);
    if (exit_code != 0)
        return exit_code;
    enum fault_code code = cli_ledger_open(request, &ledger, &fault);
    if (code == FAULT_NONE && request->from > 0)
        code = ledger_write_consistency(ledger, request->from, &arena, &text, &fault);
    else if (code == FAULT_NONE)
        code = ledger_write_receipt(ledger, sequence, &arena, &text, &fault);
    if (code != FAULT_NONE) {
        exit_code = cli_fail(&fault);
    } else if (request->is_json) {
        json_t *answer = json_object();
        json_object_set_new(answer, "receipt", json_stringn(text.data, text.size));
        exit_code = cli_ledger_write_json(answer);
    } else {
        printf("%.*s", (int)text.size, text.data);
    }
    ledger_close(ledger);
    arena_reset(&arena);
    return exit_code;
}

// ---- verify --proof

// The key of the command line, or the one that the ledger in the data folder names.
static enum fault_code find_key(struct cli_ledger_request *request, struct fault *fault)
{
    struct ledger *ledger = NULL;
    struct fault opening = {0};
    if (request->has_key)
        return FAULT_NONE;
    if (cli_ledger_open(request, &ledger, &opening) != FAULT_NONE)
        return fault_set(fault, FAULT_INVALID, TEXT_LEDGER_KEY_WANTED, text_string(request->path));
    for (int i = 0; i < LEDGER_KEY_SIZE; i++)
        request->key[i] = ledger_public_key(ledger)[i];
    ledger_close(ledger);
    return FAULT_NONE;
}

static int write_checked(const struct cli_ledger_request *request,
                         const struct ledger_receipt *receipt)
{
    const struct ledger_entry *entry = &receipt->entry;
    char id[LEDGER_ID_TEXT_SIZE];
    ledger_write_id(receipt->is_consistency ? receipt->newer.ledger_id : entry->ledger_id,
                    receipt->is_consistency ? -1 : entry->sequence, id, sizeof id);
    if (request->is_json) {
        json_t *answer = json_object();
        json_object_set_new(answer, "is_good", json_true());
        json_object_set_new(answer, "id", json_string(id));
        json_object_set_new(answer, "size", json_integer(receipt->newer.size));
        if (receipt->is_consistency)
            json_object_set_new(answer, "from", json_integer(receipt->older.size));
        else
            json_object_set_new(answer, "type", json_stringn(entry->type.data, entry->type.size));
        return cli_ledger_write_json(answer);
    }
    char signed_at[64];
    time_write_instant(receipt->newer.time, signed_at, sizeof signed_at);
    if (receipt->is_consistency)
        cli_ledger_say(TEXT_LEDGER_PROVED_HEADS, text_string(id), text_integer(receipt->older.size),
                       text_integer(receipt->newer.size), text_string(signed_at));
    else
        cli_ledger_say(TEXT_LEDGER_PROVED_ENTRY, text_string(id), text_span(entry->type),
                       text_integer(receipt->newer.size), text_string(signed_at));
    return 0;
}

int cli_ledger_check(struct cli_ledger_request *request)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct span text = {0};
    struct ledger_receipt receipt = {0};
    enum fault_code code = cli_ledger_read_text(request->proof, &arena, &text, &fault);
    if (code == FAULT_NONE)
        code = find_key(request, &fault);
    if (code == FAULT_NONE)
        code = ledger_open_receipt(text, request->key, &arena, &receipt, &fault);
    int exit_code = code == FAULT_NONE ? write_checked(request, &receipt) : cli_fail(&fault);
    arena_reset(&arena);
    return exit_code;
}

// ---- show

static void write_line(int offset, int size, const char *field, const char *value)
{
    printf("%8d  %6d  %-12s  %s\n", offset, size, field, value);
}

static void write_number(int offset, int size, const char *field, int64_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, number);
    write_line(offset, size, field, text);
}

static void write_id(int offset, const char *field, int64_t ledger_id)
{
    char text[LEDGER_ID_TEXT_SIZE] = "-";
    if (ledger_id > 0)
        ledger_write_id(ledger_id, -1, text, sizeof text);
    write_line(offset, 8, field, text);
}

static void write_command_id(const struct ledger_entry *entry)
{
    char text[2 * LEDGER_COMMAND_SIZE + 1];
    for (int i = 0; i < LEDGER_COMMAND_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", entry->command_id[i]);
    write_line(58, LEDGER_COMMAND_SIZE, "command_id", text);
}

// The offsets are those of the table in src/ledger/entry.c.
static void write_table(const struct ledger_entry *entry, struct span bytes)
{
    char instant[64], text[96];
    int type_size = (int)entry->type.size, body_size = (int)entry->body.size;
    write_number(0, 1, "format", bytes.data[0]);
    write_number(1, 1, "hash", bytes.data[1]);
    write_number(2, 1, "signature", bytes.data[2]);
    write_number(3, 1, "type_size", type_size);
    write_number(4, 2, "form", entry->form);
    write_number(6, 2, "part", entry->part);
    write_number(8, 2, "parts", entry->parts);
    write_id(10, "ledger", entry->ledger_id);
    write_number(18, 8, "sequence", entry->sequence);
    time_write_instant(entry->time, instant, sizeof instant);
    snprintf(text, sizeof text, "%" PRId64 "  %s", entry->time, instant);
    write_line(26, 8, "time", text);
    write_id(34, "node", entry->node);
    write_number(42, 8, "actor", entry->actor);
    write_number(50, 8, "division", entry->division);
    write_command_id(entry);
    write_number(74, 4, "body_size", body_size);
    write_number(78, 4, "payload_size", (int64_t)entry->payload.size);
    printf("%8d  %6d  %-12s  %.*s\n", 82, type_size, "type", type_size, entry->type.data);
    printf("%8d  %6d  %-12s  %.*s\n", 82 + type_size, body_size, "body", body_size,
           entry->body.data);
    printf("%8d  %6d  %-12s\n", 82 + type_size + body_size, (int)entry->payload.size, "payload");
}

static int write_entry_json(const struct ledger_entry *entry, struct span bytes,
                            const struct ledger_hash *leaf)
{
    struct fault fault = {0};
    json_t *answer = json_object(), *body = NULL;
    char id[LEDGER_ID_TEXT_SIZE];
    ledger_write_id(entry->ledger_id, entry->sequence, id, sizeof id);
    json_object_set_new(answer, "id", json_string(id));
    json_object_set_new(answer, "ledger_id", json_integer(entry->ledger_id));
    json_object_set_new(answer, "sequence", json_integer(entry->sequence));
    json_object_set_new(answer, "time", json_integer(entry->time));
    json_object_set_new(answer, "node", json_integer(entry->node));
    json_object_set_new(answer, "actor", json_integer(entry->actor));
    json_object_set_new(answer, "division", json_integer(entry->division));
    cli_ledger_set_hex(answer, "command_id", entry->command_id, LEDGER_COMMAND_SIZE);
    json_object_set_new(answer, "type", json_stringn(entry->type.data, entry->type.size));
    json_object_set_new(answer, "form", json_integer(entry->form));
    json_object_set_new(answer, "part", json_integer(entry->part));
    json_object_set_new(answer, "parts", json_integer(entry->parts));
    if (json_read(entry->body, &body, &fault) == FAULT_NONE)
        json_object_set_new(answer, "body", body);
    json_object_set_new(answer, "payload_size", json_integer((json_int_t)entry->payload.size));
    cli_ledger_set_hex(answer, "leaf", leaf->bytes, LEDGER_HASH_SIZE);
    cli_ledger_set_hex(answer, "bytes", bytes.data, bytes.size);
    return cli_ledger_write_json(answer);
}

int cli_ledger_show(struct cli_ledger_request *request)
{
    struct arena arena = {0};
    struct fault fault = {0};
    struct ledger_entry entry = {0};
    struct span bytes = {0};
    struct ledger *ledger = NULL;
    int64_t sequence = 0;
    int exit_code = read_sequence(request, &sequence);
    if (exit_code != 0)
        return exit_code;
    enum fault_code code = cli_ledger_open(request, &ledger, &fault);
    if (code == FAULT_NONE)
        code = ledger_read_entry(ledger, sequence, &arena, &entry, &fault);
    if (code == FAULT_NONE)
        code = ledger_encode_entry(&entry, &arena, &bytes, &fault);
    struct ledger_hash leaf = ledger_hash_leaf(bytes);
    if (code != FAULT_NONE) {
        exit_code = cli_fail(&fault);
    } else if (request->is_json) {
        exit_code = write_entry_json(&entry, bytes, &leaf);
    } else {
        printf("%8s  %6s  %-12s  %s\n", cli_say(TEXT_LEDGER_SHOW_OFFSET),
               cli_say(TEXT_LEDGER_SHOW_SIZE), cli_say(TEXT_LEDGER_SHOW_FIELD),
               cli_say(TEXT_LEDGER_SHOW_VALUE));
        write_table(&entry, bytes);
        printf("%s", cli_say(TEXT_LEDGER_SHOW_LEAF));
        for (int i = 0; i < LEDGER_HASH_SIZE; i++)
            printf("%s%02x", i == 0 ? " " : "", leaf.bytes[i]);
        printf("\n");
    }
    ledger_close(ledger);
    arena_reset(&arena);
    return exit_code;
}
