// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_once.c: an import that is sent again under the same key lands once.
//
// The key is the sender's (src/web: Idempotency-Key and account). The command id of the batch's
// first part is derived from it, so whether it has landed is asked of the state, and a restart
// forgets nothing:
//
//     id of attempt n = hash(key, n)      n = 0, 1, ...
//     no such command                     free: the batch may be sent under this id
//     its batch is complete               landed: nothing is sent any more
//     its batch is gone or open           that attempt was cut short and is cleared away; the next
//
// Invariant: one import of a key runs at a time. The holder of the store sees to it; an attempt
// that another process still sends would be taken for one that was cut short.
#include <assert.h>
#include <string.h>

#include "store/import.h"
#include "store/store_priv.h"

enum { ATTEMPTS_MAX = 64, KEY_SIZE_MAX = 64 };

enum fate { FATE_FREE, FATE_LANDED, FATE_CUT_SHORT };

static void derive_id(struct span key, int attempt, unsigned char ret_id[COMMAND_ID_SIZE])
{
    char seed[KEY_SIZE_MAX + 1];
    assert(key.size > 0 && key.size <= KEY_SIZE_MAX);
    memcpy(seed, key.data, key.size);
    seed[key.size] = (char)attempt;
    struct ledger_hash hash = store_hash((struct span){seed, key.size + 1});
    memcpy(ret_id, hash.bytes, COMMAND_ID_SIZE);
}

static enum fault_code read_fate(struct store_reader *reader,
                                 const unsigned char id[COMMAND_ID_SIZE], enum fate *ret_fate,
                                 int64_t *ret_batch, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(&reader->database, STATE_SQL_FIND_BATCH, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_blob(statement, 1, id, COMMAND_ID_SIZE, SQLITE_STATIC);
    code = database_step(&reader->database, statement, &is_row, fault);
    if (code == FAULT_NONE && is_row) {
        *ret_batch = sqlite3_column_int64(statement, 0);
        *ret_fate = sqlite3_column_int(statement, 1) != 0 ? FATE_LANDED : FATE_CUT_SHORT;
    } else if (code == FAULT_NONE) {
        *ret_fate = FATE_FREE;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code;
}

enum fault_code import_find(struct store *store, struct span key,
                            unsigned char ret_id[COMMAND_ID_SIZE], int64_t *ret_batch,
                            struct fault *fault)
{
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    enum fate fate = FATE_CUT_SHORT;
    int64_t batch = 0;
    unsigned char id[COMMAND_ID_SIZE];
    enum fault_code code = store_reader_open(store, &system, 0, &reader, fault);
    for (int i = 0; code == FAULT_NONE && fate == FATE_CUT_SHORT && i < ATTEMPTS_MAX; i++) {
        derive_id(key, i, id);
        code = read_fate(reader, id, &fate, &batch, fault);
    }
    store_reader_close(reader);
    if (code == FAULT_NONE && fate == FATE_CUT_SHORT)
        code = fault_set(fault, FAULT_FULL, TEXT_STORE_IMPORT_ATTEMPTS, text_integer(ATTEMPTS_MAX));
    if (code != FAULT_NONE)
        return code;
    memcpy(ret_id, id, COMMAND_ID_SIZE);
    *ret_batch = fate == FATE_LANDED ? batch : 0;
    return FAULT_NONE;
}
