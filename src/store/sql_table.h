// SPDX-License-Identifier: GPL-3.0-or-later
//
// sql_table.h: the shape of the tables that tools/sql_compile.c writes.
//
// Owns the row types and nothing else. sql_schema are the scripts that make the state's tables and
// views, in order of the layers. sql_applies are sorted by type and form; two modules may both have
// a file for one entry, then the lower one runs first. Their statements lie one after another in
// sql_statements.
#ifndef LEVEE_STORE_SQL_TABLE_H
#define LEVEE_STORE_SQL_TABLE_H

#include "store/query.h"

struct apply_statement {
    bool is_per_block; // "-- blocks: readings": run once for each block of the payload's readings
    const char *sql;
};

struct apply_row {
    const char *type;
    int form;
    const char *path; // "judgement/apply/notice.raised.1.sql", for messages
    int first, count; // in sql_statements
};

struct digest_row {
    const char *table;
    const char *sql; // all its rows in key order
};

extern const char *const sql_schema[];
extern const int sql_schema_count;
extern const struct apply_statement sql_statements[];
extern const int sql_statement_count;
extern const struct apply_row sql_applies[];
extern const int sql_apply_count;
extern const struct digest_row sql_digests[];
extern const int sql_digest_count;
extern const struct query_row sql_queries[];
extern const int sql_query_count;

#endif
