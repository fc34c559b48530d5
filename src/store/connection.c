// SPDX-License-Identifier: GPL-3.0-or-later
//
// connection.c: a connection to state.db: its functions, and who may touch what.
//
// Functions. Views ask as_of(), reader_low() and so on; the answers are fields of the connection,
// set before a read begins and unchanged while it lasts, so that SQLite may take them for
// constants.
//
// Authorizer. It looks while a statement is prepared, under the authority that was named for it:
//
//     AUTHORITY_STORE   our own statements (state.sql)          everything
//     AUTHORITY_APPLY   apply/TYPE.FORM.sql                     INSERT, UPDATE, DELETE; listed
//     functions AUTHORITY_QUERY   query/NAME.sql                          visible_ views, and what
//     these read
//
// tools/sql_compile.c has held the files to the same rules when the program was built; here they
// hold against a mistake in that tool. The lists must agree. A read past LIMIT_READ_MS is given up
// by the progress handler.
#include <assert.h>
#include <string.h>
#include <time.h>

#include "store/store_priv.h"

enum { PROGRESS_STEPS = 4000 }; // of SQLite's machine: about 0.1 ms

static const char *const apply_functions[] = {
    "->",
    "->>",
    "abs",
    "coalesce",
    "count",
    "format",
    "glob",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_each",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_patch",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_type",
    "json_valid",
    "length",
    "like",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "printf",
    "replace",
    "row_number",
    "rtrim",
    "substr",
    "substring",
    "sum",
    "trim",
    "typeof",
    "upper",
};

static bool is_apply_function(const char *name)
{
    for (size_t i = 0; i < sizeof apply_functions / sizeof apply_functions[0]; i++)
        if (strcmp(apply_functions[i], name) == 0)
            return true;
    return false;
}

static bool is_visible(const char *name)
{
    return name != NULL && strncmp(name, "visible_", 8) == 0;
}

static int authorize(void *context, int action, const char *first, const char *second,
                     const char *schema, const char *view)
{
    const struct store_reader *connection = context;
    (void)schema;
    if (connection->authority == AUTHORITY_STORE || action == SQLITE_SELECT ||
        action == SQLITE_RECURSIVE)
        return SQLITE_OK;
    bool is_apply = connection->authority == AUTHORITY_APPLY;
    if (action == SQLITE_FUNCTION)
        return !is_apply || is_apply_function(second) ? SQLITE_OK : SQLITE_DENY;
    if (first == NULL || strncmp(first, "sqlite_", 7) == 0)
        return SQLITE_DENY;
    if (is_apply)
        return action == SQLITE_READ || action == SQLITE_INSERT || action == SQLITE_UPDATE ||
                       action == SQLITE_DELETE
                   ? SQLITE_OK
                   : SQLITE_DENY;
    // A query: a column of a view, of a table by way of a view, of json_each; a table of which no
    // column is read has an empty column.
    if (action != SQLITE_READ)
        return SQLITE_DENY;
    return is_visible(first) || is_visible(view) || strncmp(first, "json_", 5) == 0 ||
                   second == NULL || second[0] == '\0'
               ? SQLITE_OK
               : SQLITE_DENY;
}

// Each function returns one field of the connection.
static void as_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count, (void)values;
    sqlite3_result_int64(context, ((struct store_reader *)sqlite3_user_data(context))->as_of);
}

#define READER_FUNCTION(function, field)                                                           \
    static void function(sqlite3_context *context, int count, sqlite3_value **values)              \
    {                                                                                              \
        (void)count, (void)values;                                                                 \
        struct store_reader *reader = sqlite3_user_data(context);                                  \
        sqlite3_result_int64(context, reader->actor.field);                                        \
    }
READER_FUNCTION(reader_low, low)
READER_FUNCTION(reader_high, high)
READER_FUNCTION(reader_account, account)
READER_FUNCTION(reader_post, post)
READER_FUNCTION(reader_unit, unit)
READER_FUNCTION(reader_division, division)
READER_FUNCTION(reader_role, role)

static int register_functions(struct store_reader *connection)
{
    static const struct {
        const char *name;
        void (*run)(sqlite3_context *context, int count, sqlite3_value **values);
    } functions[] = {
        {"as_of", as_of},
        {"reader_low", reader_low},
        {"reader_high", reader_high},
        {"reader_account", reader_account},
        {"reader_post", reader_post},
        {"reader_unit", reader_unit},
        {"reader_division", reader_division},
        {"reader_role", reader_role},
    };
    int result = SQLITE_OK;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0] && result == SQLITE_OK; i++)
        result = sqlite3_create_function(connection->database.connection, functions[i].name, 0,
                                         SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
                                         connection, functions[i].run, NULL, NULL);
    return result;
}

int64_t steady_ms(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int give_up_when_late(void *context)
{
    const struct store_reader *connection = context;
    return connection->deadline_ms != 0 && steady_ms() > connection->deadline_ms;
}

enum fault_code connection_open(struct store *store, enum database_mode mode,
                                struct store_reader *connection, struct fault *fault)
{
    char path[LIMIT_PATH_SIZE + 16];
    store_path(store->folder, "state.db", path);
    bool is_writer = mode == DATABASE_WRITER || mode == DATABASE_CREATOR;
    struct database_options options = {
        .path = path, .mode = mode, .sql = state_sql, .sql_count = STATE_SQL_COUNT};
    *connection = (struct store_reader){.store = store, .is_writer = is_writer};
    enum fault_code code = database_open(&options, &connection->database, fault);
    if (code != FAULT_NONE)
        return code;
    int result = register_functions(connection);
    if (result != SQLITE_OK)
        code = database_fault(&connection->database, result, fault);
    if (code == FAULT_NONE)
        code = database_run_script(
            &connection->database,
            is_writer ? STATE_SQL_SETTINGS_WRITER : STATE_SQL_SETTINGS_READER, fault);
    // The first use of json_each declares it, which the authorizer would refuse.
    if (code == FAULT_NONE)
        code = database_run(&connection->database, STATE_SQL_DECLARE_JSON, fault);
    if (code == FAULT_NONE) {
        sqlite3_set_authorizer(connection->database.connection, authorize, connection);
        if (!is_writer)
            sqlite3_progress_handler(connection->database.connection, PROGRESS_STEPS,
                                     give_up_when_late, connection);
    } else {
        connection_close(connection);
    }
    return code;
}

void connection_close(struct store_reader *connection)
{
    for (int i = 0; i < QUERY_NAMES; i++) {
        sqlite3_finalize(connection->query[i]);
        connection->query[i] = NULL;
    }
    for (int i = 0; i < QUERY_SORT_STATEMENTS; i++) {
        sqlite3_finalize(connection->sorted[i]);
        connection->sorted[i] = NULL;
    }
    if (connection->database.connection != NULL)
        database_close(&connection->database);
}

enum fault_code connection_prepare(struct store_reader *connection, enum store_authority authority,
                                   const char *sql, sqlite3_stmt **ret_statement,
                                   struct fault *fault)
{
    assert(connection->authority == AUTHORITY_STORE);
    connection->authority = authority;
    int result = sqlite3_prepare_v3(connection->database.connection, sql, -1,
                                    SQLITE_PREPARE_PERSISTENT, ret_statement, NULL);
    connection->authority = AUTHORITY_STORE;
    if (result == SQLITE_OK)
        return FAULT_NONE;
    if (result == SQLITE_AUTH)
        return fault_set(fault, FAULT_DENIED, TEXT_STORE_STATEMENT_REFUSED,
                         text_string(sqlite3_errmsg(connection->database.connection)));
    return database_fault(&connection->database, result, fault);
}
