// SPDX-License-Identifier: GPL-3.0-or-later
//
// sql_compile.h: what tools/sql_compile has read, shared by its reading and its writing half.
//
// Owns the types and names the tables. sql_compile.c fills and checks them; sql_write.c makes C of
// them and changes nothing.
#ifndef LEVEE_TOOLS_SQL_COMPILE_H
#define LEVEE_TOOLS_SQL_COMPILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>

enum {
    FILES = 2048,
    PATH_SIZE = 512,
    PARAMETERS = 16,
    COLUMNS = 48,
    KEYS = 4,
    SORTS = 8,
    STATEMENTS = 64
};

struct file {
    const char *module;
    char *path; // as given, for messages
    char *name; // without folder and .sql
    char *text;
};

// A key by which pages go. A sort has a name and goes both ways: sql[1] is the order turned round.
struct order {
    const char *name;
    int column[KEYS];
    bool is_falling[KEYS];
    int count;
    char *sql[2];
};

struct query {
    const struct file *file;
    char *path, *what, *who, *then;
    int limit;
    char *parameter[PARAMETERS], *parameter_kind[PARAMETERS];
    bool is_required[PARAMETERS];
    int parameter_count;
    char *column[COLUMNS], *column_kind[COLUMNS];
    int column_count;
    struct order order, sort[SORTS];
    int sort_count;
    char *sql; // as it is prepared by the program
};

struct statement {
    char *sql;
    char *blocks; // NULL, or what they hold
};

struct apply {
    const struct file *file;
    char *type;
    int form;
    struct statement statement[STATEMENTS];
    int statement_count;
};

// What the authorizer lets pass just now.
enum phase { AT_SCHEMA, AT_APPLY, AT_QUERY };

extern struct file schemas[64], apply_files[FILES], query_files[FILES];
extern struct query queries[FILES];
extern struct apply applies[FILES];
extern int schema_count, apply_count, query_count;
extern char *dependencies[2 * FILES];
extern int dependency_count;
extern sqlite3 *database;
extern enum phase phase;

// Ends the build with place and sentence.
__attribute__((format(printf, 3, 4), noreturn)) void stop(const char *path, int line,
                                                          const char *format, ...);
// The pointer, or the end of the build when there is none.
void *must(void *pointer);

// The SELECT `sql` as a page in that order (turned round: every direction reversed), behind the key
// that :after_1.. hold.
char *wrap_with_order(const struct query *query, const struct order *order, bool is_turned,
                      const char *sql);

// Writes an output through one of the writers below; one that would not change is left alone.
void write_output(const char *path, void (*write)(FILE *out));
void write_names(FILE *out);
void write_table(FILE *out);
void write_dependencies(const char *path, const char *target);

#endif
