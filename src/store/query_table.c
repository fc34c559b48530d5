// SPDX-License-Identifier: GPL-3.0-or-later
//
// query_table.c: finds a query by name or by the path under which it is asked.
//
// Idea: the table is made by tools/sql_compile.c, sorted by name; enum query_name counts its rows.
// A path is matched piece by piece: a piece in braces takes whatever stands there, but a query
// whose path has the plain word wins ("/notices/open" before "/notices/{id}").
#include <assert.h>
#include <string.h>

#include "store/query.h"
#include "store/sql_table.h"

const struct query_row *query_row_at(enum query_name name)
{
    assert((int)name >= 0 && (int)name < sql_query_count);
    return &sql_queries[name];
}

int query_row_count(void)
{
    return sql_query_count;
}

bool query_find(struct span name, enum query_name *ret_name)
{
    for (int i = 0; i < sql_query_count; i++)
        if (span_is(name, sql_queries[i].name)) {
            *ret_name = (enum query_name)i;
            return true;
        }
    return false;
}

// 0: they differ; 1: equal up to names at braces; 2: equal word by word.
static int match(struct span pattern, struct span path, json_t *parameters)
{
    int result = 2;
    while (pattern.size > 0 && path.size > 0) {
        struct span wanted = span_cut(&pattern, '/'), given = span_cut(&path, '/');
        if (wanted.size > 2 && wanted.data[0] == '{') {
            if (given.size == 0)
                return 0;
            result = 1;
            if (parameters != NULL)
                json_object_setn_new_nocheck(parameters, wanted.data + 1, wanted.size - 2,
                                             json_stringn(given.data, given.size));
        } else if (!span_equal(wanted, given)) {
            return 0;
        }
    }
    return pattern.size == 0 && path.size == 0 ? result : 0;
}

bool query_find_path(struct span path, enum query_name *ret_name, json_t **ret_parameters)
{
    int best = -1, best_match = 0;
    if (path.size < 2 || path.data[0] != '/' || path.data[path.size - 1] == '/')
        return false;
    for (int i = 0; i < sql_query_count; i++) {
        int found =
            sql_queries[i].path == NULL ? 0 : match(span_from(sql_queries[i].path), path, NULL);
        if (found > best_match) {
            best = i;
            best_match = found;
        }
    }
    if (best < 0)
        return false;
    json_t *parameters = json_object();
    match(span_from(sql_queries[best].path), path, parameters);
    *ret_parameters = parameters;
    *ret_name = (enum query_name)best;
    return true;
}
