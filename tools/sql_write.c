// SPDX-License-Identifier: GPL-3.0-or-later
//
// sql_write.c: makes C of the SQL files that sql_compile.c has read and found right.
//
// Three outputs: the names of the queries as an enum, the tables of schemas, applies and queries
// with their texts (their types: src/store/sql_table.h), and the list of files and folders on which
// both depend, in the form that ninja reads.
#include "sql_compile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void write_string(FILE *out, const char *text)
{
    if (text == NULL) {
        fputs("NULL", out);
        return;
    }
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n')
            fputs(c[1] == '\0' ? "\\n" : "\\n\"\n        \"", out);
        else if (*c == '"' || *c == '\\' || (*c == '?' && c[1] == '?'))
            fprintf(out, "\\%c", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void write_upper(FILE *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        fputc(toupper((unsigned char)*c), out);
}

void write_names(FILE *out)
{
    fputs("// Made from src/*/query/*.sql; do not edit.\n#ifndef LEVEE_QUERY_NAMES_H\n#define "
          "LEVEE_QUERY_NAMES_H\nenum query_name {\n",
          out);
    for (int i = 0; i < query_count; i++) {
        fputs("    QUERY_", out);
        write_upper(out, queries[i].file->name);
        fprintf(out, ",%s%s\n", queries[i].path == NULL ? "" : " // ",
                queries[i].path == NULL ? "" : queries[i].path);
    }
    int sort_count = 0;
    for (int i = 0; i < query_count; i++)
        sort_count += queries[i].sort_count;
    fprintf(out, "    QUERY_NAMES\n};\nenum { QUERY_SORT_STATEMENTS = %d };\n#endif\n",
            2 * sort_count);
}

static void write_key(FILE *out, const struct order *order)
{
    for (int i = 0; i < order->count; i++)
        fprintf(out, "%s%d", i == 0 ? "" : ", ", order->column[i]);
    if (order->count == 0)
        fprintf(out, "0");
}

static void write_sort(FILE *out, const struct order *order)
{
    static int place; // of its prepared statements, two a sort, in a reader
    fprintf(out, "{\"%s\", {", order->name);
    write_key(out, order);
    fprintf(out, "}, %d, %d, {", order->count, place);
    place += 2;
    write_string(out, order->sql[0]);
    fprintf(out, ", ");
    write_string(out, order->sql[1]);
    fprintf(out, "}}, ");
}

static void write_query(FILE *out, const struct query *query)
{
    fprintf(out, "    {.name = \"%s\", .module = \"%s\", .path = ", query->file->name,
            query->file->module);
    write_string(out, query->path);
    fputs(", .what = ", out);
    write_string(out, query->what);
    fputs(", .who = ROLE_", out);
    write_upper(out, query->who);
    fputs(", .then = ", out);
    write_string(out, query->then);
    fprintf(out, ", .limit = %d, .parameter = {", query->limit);
    for (int i = 0; i < query->parameter_count; i++) {
        fprintf(out, "{\"%s\", QUERY_", query->parameter[i]);
        write_upper(out, query->parameter_kind[i]);
        fprintf(out, ", %s}, ", query->is_required[i] ? "true" : "false");
    }
    fputs("{NULL, QUERY_TEXT, false}}, .column = {", out);
    for (int i = 0; i < query->column_count; i++) {
        fprintf(out, "{\"%s\", QUERY_", query->column[i]);
        write_upper(out, query->column_kind[i]);
        fputs("}, ", out);
    }
    fputs("{NULL, QUERY_TEXT}}, .order = {", out);
    write_key(out, &query->order);
    fprintf(out, "}, .order_count = %d, .sort = {", query->order.count);
    for (int i = 0; i < query->sort_count; i++)
        write_sort(out, &query->sort[i]);
    fprintf(out, "{NULL}}, .sql =\n        ");
    write_string(out, query->sql);
    fputs("},\n", out);
}

static void write_apply(FILE *out, const struct apply *apply, int *at)
{
    fprintf(out,
            "    {.type = \"%s\", .form = %d, .path = \"%s/apply/%s.sql\", .first = %d, .count = "
            "%d},\n",
            apply->type, apply->form, apply->file->module, apply->file->name, *at,
            apply->statement_count);
    *at += apply->statement_count;
}

// For each table of the state that counts: all its rows in key order.
static void write_digests(FILE *out)
{
    sqlite3_stmt *tables = NULL;
    int count = 0;
    phase = AT_SCHEMA;
    sqlite3_prepare_v2(
        database,
        "SELECT t.name, coalesce((SELECT group_concat('\"' || name || '\"', ', ') FROM "
        "(SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)), 'rowid') "
        "FROM sqlite_schema t WHERE t.type = 'table' AND t.name NOT LIKE 'local\\_%' ESCAPE '\\' "
        "AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name",
        -1, &tables, NULL);
    fputs("const struct digest_row sql_digests[] = {\n", out);
    for (; sqlite3_step(tables) == SQLITE_ROW; count++) {
        const char *name = (const char *)sqlite3_column_text(tables, 0);
        char *sql = sqlite3_mprintf("SELECT * FROM \"%w\" ORDER BY %s", name,
                                    (const char *)sqlite3_column_text(tables, 1));
        fprintf(out, "    {\"%s\", ", name);
        write_string(out, sql);
        fputs("},\n", out);
        sqlite3_free(sql);
    }
    fprintf(out, "};\nconst int sql_digest_count = %d;\n\n", count);
    sqlite3_finalize(tables);
}

void write_table(FILE *out)
{
    fputs("// Made from src/*/schema.sql, apply/*.sql and query/*.sql; do not edit.\n#include "
          "\"store/sql_table.h\"\n\nconst char *const sql_schema[] = {\n",
          out);
    for (int i = 0; i < schema_count; i++) {
        fprintf(out, "    // %s\n    ", schemas[i].module);
        write_string(out, schemas[i].text);
        fputs(",\n", out);
    }
    fprintf(out, "};\nconst int sql_schema_count = %d;\n\n", schema_count);
    write_digests(out);
    fputs("const struct apply_statement sql_statements[] = {\n", out);
    int total = 0, at = 0;
    for (int i = 0; i < apply_count; i++)
        for (int k = 0; k < applies[i].statement_count; k++, total++) {
            fprintf(out, "    {%s,\n        ",
                    applies[i].statement[k].blocks == NULL ? "false" : "true");
            write_string(out, applies[i].statement[k].sql);
            fputs("},\n", out);
        }
    fprintf(out,
            "};\nconst int sql_statement_count = %d;\n\nconst struct apply_row "
            "sql_applies[] = {\n",
            total);
    for (int i = 0; i < apply_count; i++)
        write_apply(out, &applies[i], &at);
    fprintf(out,
            "};\nconst int sql_apply_count = %d;\n\nconst struct query_row sql_queries[] = {\n",
            apply_count);
    for (int i = 0; i < query_count; i++)
        write_query(out, &queries[i]);
    fprintf(out, "};\nconst int sql_query_count = %d;\n", query_count);
}

// Writes through `write`, unless the file holds the same already.
void write_output(const char *path, void (*write)(FILE *out))
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = must(open_memstream(&text, &size));
    write(out);
    fclose(out);
    FILE *old = fopen(path, "r");
    if (old != NULL) {
        char *before = must(calloc(1, size + 2));
        size_t before_size = fread(before, 1, size + 1, old);
        fclose(old);
        if (before_size == size && memcmp(before, text, size) == 0)
            return;
    }
    FILE *file = fopen(path, "w");
    if (file == NULL || fwrite(text, 1, size, file) != size || fclose(file) != 0)
        stop(path, 0, "cannot be written");
}

void write_dependencies(const char *path, const char *target)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        stop(path, 0, "cannot be written");
    fprintf(out, "%s:", target);
    for (int i = 0; i < dependency_count; i++)
        fprintf(out, " \\\n  %s", dependencies[i]);
    fputc('\n', out);
    fclose(out);
}
