// SPDX-License-Identifier: GPL-3.0-or-later
//
// sql_compile.c: holds every SQL file of the state to its rules, and makes them into C.
//
// usage: sql_compile NAMES.h TABLE.c DEPENDENCIES SOURCE-FOLDER MODULE ...
//
// Reads, for each module in order of the layers: SOURCE-FOLDER/MODULE/schema.sql,
// apply/TYPE.FORM.sql and query/NAME.sql (form of their headers: src/store/query.h,
// src/store/apply.h). It makes all tables and views in memory, prepares every statement there, and
// stops the build with file, line and a sentence when
//
//     a table is not STRICT, a view is not named visible_..., a statement is no SQL;
//     an apply statement is not INSERT, UPDATE or DELETE, or calls a function that is not listed
//         below (no clock, no chance, no floating point);
//     a query names a base table, or its columns, parameters or order differ from its header;
//     two files have one name, or two queries one path.
//
// NAMES.h gets `enum query_name`, TABLE.c the texts (src/store/sql_table.h). Folders are read, not
// listed: DEPENDENCIES names folders and files, so that a new file is noticed. An output that would
// not change is left alone, so that nothing is compiled again for nothing. It is a build tool: it
// exits at the first mistake and frees nothing. sql_write.c writes what this file has read.
#include <ctype.h>
#include <dirent.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sql_compile.h"

struct file schemas[64], apply_files[FILES], query_files[FILES];
struct query queries[FILES];
struct apply applies[FILES];
int schema_count, apply_count, query_count;
char *dependencies[2 * FILES];
int dependency_count;
sqlite3 *database;
enum phase phase;
static char refusal[256]; // why the authorizer said no

// The functions that apply may call: they depend on nothing but their arguments, and are exact.
static const char *const apply_functions[] = {
    "->",           "->>",
    "abs",          "coalesce",
    "count",        "hex",
    "ifnull",       "iif",
    "instr",        "json",
    "json_array",   "json_array_length",
    "json_extract", "json_group_array",
    "json_object",  "json_quote",
    "json_type",    "json_insert",
    "json_set",     "json_patch",
    "json_remove",  "json_valid",
    "length",       "like",
    "glob",         "lower",
    "ltrim",        "max",
    "min",          "nullif",
    "printf",       "format",
    "replace",      "rtrim",
    "substr",       "substring",
    "sum",          "trim",
    "typeof",       "upper",
    "row_number",   "json_group_object",
    "json_each",    "json_replace",
};
static const char *const store_functions[] = {
    "as_of",       "reader_low",      "reader_high", "reader_account",
    "reader_post", "reader_division", "reader_unit", "reader_role",
};
static const char *const kinds[] = {"id",      "text", "integer", "real",
                                    "boolean", "time", "json",    "period"};
static const char *const standard[] = {"after", "limit", "sort"};
static const char *const roles[] = {"viewer", "officer", "administrator", "system"};

// It ends before its memory matters: the sanitizers' build need not count what it leaves.
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

void stop(const char *path, int line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "%s:%d: error: ", path, line);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(1);
}

void *must(void *pointer)
{
    if (pointer == NULL)
        stop("sql_compile", 0, "out of memory");
    return pointer;
}

static int line_of(const char *text, const char *at)
{
    int line = 1;
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    return line;
}

static bool is_listed(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}
#define IS_LISTED(word, list) is_listed((word), (list), sizeof(list) / sizeof(list)[0])

static bool is_word(const char *text, const char *extra)
{
    if (!islower((unsigned char)text[0]))
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && strchr(extra, *c) == NULL)
            return false;
    return true;
}

// ---- Reading folders and files ---------------------------------------------------------------

static void note_dependency(const char *path)
{
    if (dependency_count == 2 * FILES)
        stop(path, 0, "more than %d files: raise FILES", 2 * FILES);
    dependencies[dependency_count++] = must(strdup(path));
}

static char *read_text(const char *path)
{
    FILE *in = fopen(path, "r");
    if (in == NULL)
        stop(path, 0, "cannot be read");
    size_t size = 0, space = 1 << 20;
    char *text = must(malloc(space));
    size = fread(text, 1, space - 1, in);
    if (size == space - 1)
        stop(path, 0, "is larger than 1 MiB");
    text[size] = '\0';
    fclose(in);
    return text;
}

static void take_file(struct file *file, const char *module, const char *path)
{
    const char *slash = strrchr(path, '/');
    file->module = module;
    file->path = must(strdup(path));
    file->name = must(strdup(slash + 1));
    file->name[strlen(file->name) - 4] = '\0';
    file->text = read_text(path);
    note_dependency(path);
}

static int is_sql(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return size > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + size - 4, ".sql") == 0;
}

static int take_folder(struct file *files, int count, const char *root, const char *module,
                       const char *folder)
{
    char path[PATH_SIZE];
    struct dirent **entries = NULL;
    snprintf(path, sizeof path, "%s/%s/%s", root, module, folder);
    int found = scandir(path, &entries, is_sql, alphasort);
    if (found < 0)
        return count;
    note_dependency(path);
    for (int i = 0; i < found; i++) {
        snprintf(path, sizeof path, "%s/%s/%s/%s", root, module, folder, entries[i]->d_name);
        if (count == FILES)
            stop(path, 0, "more than %d files: raise FILES", FILES);
        take_file(&files[count++], module, path);
    }
    return count;
}

static void take_module(const char *root, const char *module)
{
    char path[PATH_SIZE];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", root, module);
    if (stat(path, &status) != 0)
        return;
    note_dependency(path);
    snprintf(path, sizeof path, "%s/%s/schema.sql", root, module);
    if (stat(path, &status) == 0)
        take_file(&schemas[schema_count++], module, path);
    apply_count = take_folder(apply_files, apply_count, root, module, "apply");
    query_count = take_folder(query_files, query_count, root, module, "query");
}

// ---- What SQLite may do ----------------------------------------------------------------------

static int refuse(const char *sentence, const char *name)
{
    // A refusal is one sentence; where `name` belongs in it stands an asterisk.
    size_t before = strcspn(sentence, "*");
    if (refusal[0] == '\0')
        snprintf(refusal, sizeof refusal, "%.*s%s%s", (int)before, sentence,
                 sentence[before] == '*' ? name : "",
                 sentence + before + (sentence[before] == '*'));
    return SQLITE_DENY;
}

static int authorize_apply(int action, const char *first, const char *second)
{
    switch (action) {
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_READ:
        if (strncmp(first, "sqlite_", 7) == 0)
            return refuse("apply may not touch *", first);
        return SQLITE_OK;
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION:
        if (IS_LISTED(second, apply_functions))
            return SQLITE_OK;
        return refuse("apply may not call *(): it only stores (the list is in "
                      "tools/sql_compile.c and src/store/apply.c)",
                      second);
    default: return refuse("apply may only INSERT, UPDATE and DELETE", "");
    }
}

static int authorize_query(int action, const char *first, const char *second, const char *view)
{
    static const char *const banned[] = {
        "load_extension",    "random",  "randomblob",   "sqlite_version",
        "last_insert_rowid", "changes", "total_changes"};
    switch (action) {
    case SQLITE_READ:
        if (strncmp(first, "visible_", 8) == 0 || strncmp(first, "json_", 5) == 0 ||
            (view != NULL && strncmp(view, "visible_", 8) == 0) || second[0] == '\0')
            return SQLITE_OK;
        return refuse("a query may read visible_ views only, not *", first);
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION:
        return IS_LISTED(second, banned) ? refuse("a query may not call *()", second) : SQLITE_OK;
    default: return refuse("a query may only SELECT", "");
    }
}

static int authorize(void *context, int action, const char *first, const char *second,
                     const char *schema, const char *view)
{
    (void)context, (void)schema;
    if (phase == AT_APPLY)
        return authorize_apply(action, first == NULL ? "" : first, second == NULL ? "" : second);
    if (phase == AT_QUERY)
        return authorize_query(action, first == NULL ? "" : first, second == NULL ? "" : second,
                               view);
    return SQLITE_OK;
}

static void stub(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count, (void)values;
    sqlite3_result_int64(context, 0);
}

static void open_database(void)
{
    if (sqlite3_open(":memory:", &database) != SQLITE_OK)
        stop("sql_compile", 0, "no database in memory");
    sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    for (size_t i = 0; i < sizeof store_functions / sizeof store_functions[0]; i++)
        sqlite3_create_function(database, store_functions[i], 0,
                                SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, NULL, stub,
                                NULL, NULL);
    // The first use of json_each and json_tree declares them, which the authorizer would refuse.
    sqlite3_exec(database, "SELECT 1 FROM json_each('[]'), json_tree('[]')", NULL, NULL, NULL);
    sqlite3_set_authorizer(database, authorize, NULL);
}

// Prepares the statement at `at`. `file` and `start` are for the message.
static sqlite3_stmt *prepare(const struct file *file, const char *sql, const char *start,
                             const char **ret_tail)
{
    sqlite3_stmt *statement = NULL;
    refusal[0] = '\0';
    int result = sqlite3_prepare_v3(database, sql, -1, 0, &statement, ret_tail);
    if (result == SQLITE_OK)
        return statement;
    int offset = sqlite3_error_offset(database);
    int line = line_of(file->text, start) + (offset > 0 ? line_of(sql, sql + offset) - 1 : 0);
    stop(file->path, line, "%s", refusal[0] != '\0' ? refusal : sqlite3_errmsg(database));
}

// ---- Schema ----------------------------------------------------------------------------------

static void check_tables(const struct file *file)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(database,
                       "SELECT l.name, l.type, l.strict FROM pragma_table_list l "
                       "WHERE l.schema = 'main' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
                       -1, &statement, NULL);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        bool is_view = strcmp((const char *)sqlite3_column_text(statement, 1), "view") == 0;
        bool is_visible = strncmp(name, "visible_", 8) == 0;
        const char *place = strstr(file->text, name);
        int line = place == NULL ? 0 : line_of(file->text, place);
        if (is_view != is_visible)
            stop(file->path, line, "%s: views are named visible_..., and only they", name);
        if (!is_view && !sqlite3_column_int(statement, 2))
            stop(file->path, line, "table %s is not STRICT", name);
    }
    sqlite3_finalize(statement);
}

static void compile_schema(const struct file *file)
{
    phase = AT_SCHEMA;
    for (const char *at = file->text, *tail = NULL; *at != '\0'; at = tail) {
        sqlite3_stmt *statement = prepare(file, at, at, &tail);
        if (statement != NULL && sqlite3_step(statement) != SQLITE_DONE)
            stop(file->path, line_of(file->text, at), "%s", sqlite3_errmsg(database));
        sqlite3_finalize(statement);
    }
    check_tables(file);
}

// A view that names a missing column is noticed when it is read.
static void check_views(void)
{
    sqlite3_stmt *views = NULL;
    sqlite3_prepare_v2(database, "SELECT name FROM sqlite_schema WHERE type = 'view'", -1, &views,
                       NULL);
    while (sqlite3_step(views) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(views, 0);
        char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", name);
        sqlite3_stmt *statement = NULL;
        phase = AT_SCHEMA;
        if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
            for (int i = 0; i < schema_count; i++)
                if (strstr(schemas[i].text, name) != NULL)
                    stop(schemas[i].path, line_of(schemas[i].text, strstr(schemas[i].text, name)),
                         "view %s: %s", name, sqlite3_errmsg(database));
        sqlite3_finalize(statement);
        sqlite3_free(sql);
    }
    sqlite3_finalize(views);
}

// ---- Apply -----------------------------------------------------------------------------------

// The value of a header line "-- NAME: value" between `from` and `to`, NULL when there is none.
static char *header_between(const char *from, const char *to, const char *name)
{
    char start[64];
    int size = snprintf(start, sizeof start, "-- %s: ", name);
    for (const char *at = from; at != NULL && at < to; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, start, (size_t)size) == 0) {
            const char *end = at + strcspn(at, "\n");
            while (end > at && isspace((unsigned char)end[-1]))
                end--;
            return must(strndup(at + size, (size_t)(end - at) - (size_t)size));
        }
    }
    return NULL;
}

static void check_block_parameters(const struct file *file, const struct statement *part,
                                   sqlite3_stmt *statement, const char *at)
{
    static const char *const columns[] = {":last_series", ":last_period", ":rows"};
    if (part->blocks == NULL)
        return;
    if (strcmp(part->blocks, "readings") != 0)
        stop(file->path, line_of(file->text, at), "blocks: %s: there are only readings",
             part->blocks);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (sqlite3_bind_parameter_index(statement, columns[i]) == 0)
            stop(file->path, line_of(file->text, at), "a blocks: statement must take %s",
                 columns[i]);
}

static void compile_apply(struct apply *apply, const struct file *file)
{
    apply->file = file;
    char *dot = strrchr(file->name, '.');
    apply->form = dot == NULL ? 0 : atoi(dot + 1);
    if (apply->form < 1)
        stop(file->path, 1,
             "an apply file is named TYPE.FORM.sql, for example notice.raised.1.sql");
    apply->type = must(strndup(file->name, (size_t)(dot - file->name)));
    if (!is_word(apply->type, "._"))
        stop(file->path, 1, "%s is not a type of lower-case words", apply->type);
    phase = AT_APPLY;
    for (const char *at = file->text, *tail = NULL; *at != '\0'; at = tail) {
        sqlite3_stmt *statement = prepare(file, at, at, &tail);
        if (statement == NULL)
            continue;
        if (sqlite3_stmt_readonly(statement))
            stop(file->path, line_of(file->text, at), "apply may only INSERT, UPDATE and DELETE");
        if (apply->statement_count == STATEMENTS)
            stop(file->path, line_of(file->text, at), "more than %d statements", STATEMENTS);
        struct statement *part = &apply->statement[apply->statement_count++];
        part->sql = must(strndup(at, (size_t)(tail - at)));
        part->blocks = header_between(at, tail, "blocks");
        check_block_parameters(file, part, statement, at);
        for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++)
            if (sqlite3_bind_parameter_name(statement, i) == NULL ||
                sqlite3_bind_parameter_name(statement, i)[0] != ':')
                stop(file->path, line_of(file->text, at), "parameters are written :name");
        sqlite3_finalize(statement);
    }
}

static int compare_applies(const void *a, const void *b)
{
    const struct apply *left = a, *right = b;
    int order = strcmp(left->type, right->type);
    if (order == 0)
        order = left->form - right->form;
    // Modules of one type run in order of the layers, as they were read.
    return order != 0 ? order : (left->file > right->file) - (left->file < right->file);
}

// ---- Query -----------------------------------------------------------------------------------

static int find_column(const struct query *query, const char *name)
{
    for (int i = 0; i < query->column_count; i++)
        if (strcmp(query->column[i], name) == 0)
            return i;
    return -1;
}

static void take_parameter(struct query *query, char *value, int line)
{
    const char *path = query->file->path;
    char *name = strtok(value, " "), *kind = strtok(NULL, " "), *need = strtok(NULL, " ");
    if (need == NULL || strtok(NULL, " ") != NULL || !is_word(name, "_") ||
        !IS_LISTED(kind, kinds) || (strcmp(need, "required") != 0 && strcmp(need, "optional") != 0))
        stop(path, line,
             "write -- param: NAME KIND required|optional; kinds: text integer time id "
             "boolean period");
    if (IS_LISTED(name, standard))
        stop(path, line, "the parameter %s comes with order: or sort: by itself", name);
    if (query->parameter_count == PARAMETERS)
        stop(path, line, "more than %d parameters", PARAMETERS);
    query->parameter[query->parameter_count] = name;
    query->parameter_kind[query->parameter_count] = kind;
    query->is_required[query->parameter_count++] = strcmp(need, "required") == 0;
}

static void take_column(struct query *query, char *value, int line)
{
    const char *path = query->file->path;
    char *name = strtok(value, " "), *kind = strtok(NULL, " ");
    if (kind == NULL || strtok(NULL, " ") != NULL || !is_word(name, "_") ||
        !IS_LISTED(kind, kinds) || strcmp(kind, "period") == 0)
        stop(path, line,
             "write -- column: NAME KIND; kinds: id text integer real boolean time "
             "json");
    if (find_column(query, name) >= 0)
        stop(path, line, "the column %s stands twice", name);
    if (query->column_count == COLUMNS)
        stop(path, line, "more than %d columns", COLUMNS);
    query->column[query->column_count] = name;
    query->column_kind[query->column_count++] = kind;
}

static void take_order(struct query *query, struct order *order, char *value, int line)
{
    const char *path = query->file->path;
    for (char *word = strtok(value, ", "); word != NULL; word = strtok(NULL, ", ")) {
        if (strcmp(word, "desc") == 0 && order->count > 0) {
            order->is_falling[order->count - 1] = true;
            continue;
        }
        int column = find_column(query, word);
        if (column < 0)
            stop(path, line, "order: %s is none of the columns above it", word);
        if (strcmp(query->column_kind[column], "json") == 0)
            stop(path, line, "order: %s is JSON and has no order", word);
        if (order->count == KEYS)
            stop(path, line, "more than %d columns in order:", KEYS);
        order->column[order->count++] = column;
    }
}

// sort: NAME: COLUMN [desc], ...
static void take_sort(struct query *query, char *value, int line)
{
    const char *path = query->file->path;
    char *colon = strchr(value, ':');
    if (colon == NULL || query->order.count == 0)
        stop(path, line, "write -- sort: NAME: COLUMN [desc], ...; below order:");
    *colon = '\0';
    if (!is_word(value, "_"))
        stop(path, line, "sort: %s is not a name in lower-case words", value);
    for (int i = 0; i < query->sort_count; i++)
        if (strcmp(query->sort[i].name, value) == 0)
            stop(path, line, "sort: %s stands twice", value);
    if (query->sort_count == SORTS)
        stop(path, line, "more than %d sort:", SORTS);
    struct order *order = &query->sort[query->sort_count++];
    order->name = value;
    take_order(query, order, colon + 1, line);
    if (order->count == 0)
        stop(path, line, "sort: %s names no column", value);
}

static void take_header(struct query *query, const char *name, char *value, int line)
{
    const char *path = query->file->path;
    if (strcmp(name, "path") == 0)
        query->path = strcmp(value, "none") == 0 ? NULL : value;
    else if (strcmp(name, "what") == 0)
        query->what = value;
    else if (strcmp(name, "who") == 0)
        query->who = value;
    else if (strcmp(name, "then") == 0)
        query->then = value;
    else if (strcmp(name, "limit") == 0)
        query->limit = atoi(value);
    else if (strcmp(name, "param") == 0)
        take_parameter(query, value, line);
    else if (strcmp(name, "column") == 0)
        take_column(query, value, line);
    else if (strcmp(name, "order") == 0)
        take_order(query, &query->order, value, line);
    else if (strcmp(name, "sort") == 0)
        take_sort(query, value, line);
    else
        stop(path, line, "there is no header line %s:", name);
}

// Reads "-- name: value" lines up to the first that is none; returns where the SQL begins.
static const char *read_headers(struct query *query)
{
    const char *at = query->file->text;
    int line = 0;
    while (strncmp(at, "--", 2) == 0 || *at == '\n') {
        const char *end = at + strcspn(at, "\n");
        line++;
        char *text = must(strndup(at, (size_t)(end - at)));
        char *colon = strchr(text, ':');
        size_t size = strlen(text);
        while (size > 0 && isspace((unsigned char)text[size - 1]))
            text[--size] = '\0';
        if (colon != NULL && strncmp(text, "-- ", 3) == 0) {
            *colon = '\0';
            if (is_word(text + 3, "_"))
                take_header(query, text + 3, colon + 1 + strspn(colon + 1, " "), line);
        }
        at = *end == '\n' ? end + 1 : end;
    }
    return at;
}

static void check_headers(const struct query *query)
{
    const char *path = query->file->path;
    if (!is_word(query->file->name, "_"))
        stop(path, 1, "a query file is named in lower-case words with _ between");
    if (query->what == NULL || query->who == NULL || query->column_count == 0)
        stop(path, 1, "the header needs what:, who: and at least one column:");
    if (!IS_LISTED(query->who, roles))
        stop(path, 1, "who: viewer, officer, administrator or system");
    if (query->then != NULL && !is_word(query->then, "_"))
        stop(path, 1, "then: is not the name of a C function");
    if (query->limit < 1 || query->limit > 100000)
        stop(path, 1, "limit: between 1 and 100000");
    if (query->path != NULL && query->path[0] != '/')
        stop(path, 1, "path: begins with /, or is none");
    for (const char *at = query->path; at != NULL && (at = strchr(at, '{')) != NULL; at++) {
        size_t size = strcspn(at + 1, "}");
        bool is_known = false;
        for (int i = 0; i < query->parameter_count; i++)
            is_known |= strlen(query->parameter[i]) == size && query->is_required[i] &&
                        strncmp(query->parameter[i], at + 1, size) == 0;
        if (!is_known)
            stop(path, 1, "path: {%.*s} is no required param:", (int)size, at + 1);
    }
}

static bool is_table(const char *name, size_t size)
{
    static sqlite3_stmt *statement;
    if (statement == NULL)
        sqlite3_prepare_v2(database,
                           "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", -1,
                           &statement, NULL);
    sqlite3_reset(statement);
    sqlite3_bind_text(statement, 1, name, (int)size, SQLITE_STATIC);
    return sqlite3_step(statement) == SQLITE_ROW;
}

// The authorizer sees columns; this sees tables of which no column is read, and false names.
static void check_names(const struct query *query, const char *sql)
{
    const struct file *file = query->file;
    char last[16] = "";
    for (const char *at = sql; *at != '\0';) {
        if (strncmp(at, "--", 2) == 0) {
            at += strcspn(at, "\n");
        } else if (*at == '\'') {
            at += 1 + strcspn(at + 1, "'");
            at += *at == '\'';
        } else if (isalpha((unsigned char)*at) || *at == '_') {
            size_t size = 0;
            while (isalnum((unsigned char)at[size]) || at[size] == '_')
                size++;
            bool is_source = strcasecmp(last, "from") == 0 || strcasecmp(last, "join") == 0;
            phase = AT_SCHEMA;
            if (is_source && is_table(at, size))
                stop(file->path, line_of(file->text, at),
                     "a query may read visible_ views only, "
                     "not %.*s",
                     (int)size, at);
            bool is_naming = strcasecmp(last, "as") == 0 || strcasecmp(last, "with") == 0;
            if (is_naming && strncmp(at, "visible_", 8) == 0)
                stop(file->path, line_of(file->text, at),
                     "nothing but a view is named visible_...");
            snprintf(last, sizeof last, "%.*s", (int)size, at);
            at += size;
        } else {
            if (!isspace((unsigned char)*at))
                last[0] = '\0';
            at++;
        }
    }
}

static void check_parameters(const struct query *query, sqlite3_stmt *statement)
{
    const char *path = query->file->path;
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement); i++) {
        const char *name = sqlite3_bind_parameter_name(statement, i);
        bool is_known = name != NULL &&
                        (strncmp(name, ":after_", 7) == 0 || strcmp(name, ":limit") == 0) &&
                        query->order.count > 0;
        for (int k = 0; k < query->parameter_count && name != NULL; k++)
            is_known |= name[0] == ':' && strcmp(name + 1, query->parameter[k]) == 0;
        if (!is_known)
            stop(path, 1, "the SQL takes %s, which is no param:", name == NULL ? "?" : name);
    }
    for (int k = 0; k < query->parameter_count; k++) {
        char name[80];
        snprintf(name, sizeof name, ":%s", query->parameter[k]);
        // A finisher may read a parameter that the SQL does not.
        if (sqlite3_bind_parameter_index(statement, name) == 0 && query->then == NULL)
            stop(path, 1, "param: %s is not used by the SQL", query->parameter[k]);
    }
}

static void compile_query(struct query *query, const struct file *file)
{
    query->file = file;
    query->limit = 1000; // LIMIT_QUERY_ROWS
    const char *sql = read_headers(query), *tail = NULL;
    check_headers(query);
    check_names(query, sql);
    phase = AT_QUERY;
    sqlite3_stmt *statement = prepare(file, sql, sql, &tail);
    if (statement == NULL || tail[strspn(tail, " \n\t;")] != '\0')
        stop(file->path, line_of(file->text, sql), "a query file holds one SELECT");
    if (sqlite3_column_count(statement) != query->column_count)
        stop(file->path, 1, "the SELECT gives %d columns, the header names %d",
             sqlite3_column_count(statement), query->column_count);
    for (int i = 0; i < query->column_count; i++)
        if (strcmp(sqlite3_column_name(statement, i), query->column[i]) != 0)
            stop(file->path, 1, "column %d is %s in the SELECT and %s in the header", i + 1,
                 sqlite3_column_name(statement, i), query->column[i]);
    sqlite3_finalize(statement);
    query->sql = query->order.count > 0 ? wrap_with_order(query, &query->order, false, sql)
                                        : must(strdup(sql));
    statement = prepare(file, query->sql, sql, &tail);
    check_parameters(query, statement);
    sqlite3_finalize(statement);
    for (int i = 0; i < query->sort_count; i++)
        for (int k = 0; k < 2; k++) {
            struct order *order = &query->sort[i];
            order->sql[k] = wrap_with_order(query, order, k == 1, sql);
            sqlite3_finalize(prepare(file, order->sql[k], sql, &tail));
        }
}

static int compare_queries(const void *a, const void *b)
{
    return strcmp(((const struct query *)a)->file->name, ((const struct query *)b)->file->name);
}

// Two paths are one when they differ in the names at the braces only.
static bool is_same_path(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        if (*a == '{') {
            a += strcspn(a, "}");
            b += strcspn(b, "}");
        }
        a += *a != '\0';
        b += *b != '\0';
    }
    return *a == *b;
}

static void check_queries(void)
{
    for (int i = 0; i < query_count; i++) {
        const struct query *query = &queries[i];
        if (i > 0 && strcmp(queries[i - 1].file->name, query->file->name) == 0)
            stop(query->file->path, 1, "the name %s is taken by %s", query->file->name,
                 queries[i - 1].file->path);
        for (int k = 0; k < i && query->path != NULL; k++)
            if (queries[k].path != NULL && is_same_path(queries[k].path, query->path))
                stop(query->file->path, 1, "the path %s is taken by %s", query->path,
                     queries[k].file->path);
    }
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr,
                "usage: sql_compile NAMES.h TABLE.c DEPENDENCIES SOURCE-FOLDER MODULE ...\n");
        return 2;
    }
    note_dependency(argv[4]);
    for (int i = 5; i < argc; i++)
        take_module(argv[4], argv[i]);
    open_database();
    for (int i = 0; i < schema_count; i++)
        compile_schema(&schemas[i]);
    check_views();
    for (int i = 0; i < apply_count; i++)
        compile_apply(&applies[i], &apply_files[i]);
    qsort(applies, (size_t)apply_count, sizeof applies[0], compare_applies);
    for (int i = 0; i < query_count; i++)
        compile_query(&queries[i], &query_files[i]);
    qsort(queries, (size_t)query_count, sizeof queries[0], compare_queries);
    check_queries();
    write_output(argv[1], write_names);
    write_output(argv[2], write_table);
    write_dependencies(argv[3], argv[1]);
    return 0;
}
