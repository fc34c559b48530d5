// SPDX-License-Identifier: GPL-3.0-or-later
//
// sql_order.c: a SELECT becomes a page of a list.
//
// Pages go by key, never by offset: the page behind a row holds what is greater than that row's
// key,
//
//     SELECT * FROM ( the file's SELECT )
//     WHERE (:after_1 IS NULL OR a > :after_1 OR (a = :after_1 AND b > :after_2) ...)
//     ORDER BY a, b ... LIMIT :limit
//
// so no row comes twice and none is lost while others are added. A column of `order:` is never
// NULL. One of `sort:` may be: NULL then stands for what is greater than every value
// (QUERY_LAST_NUMBER, QUERY_LAST_TEXT in store/query.h), so what has no deadline comes behind all
// deadlines.
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sql_compile.h"

static char *append(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static char *append(char *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char *more = sqlite3_vmprintf(format, list);
    va_end(list);
    char *both = must(sqlite3_mprintf("%z%z", text, more));
    return both;
}

// The i-th column of the order as it is compared.
static char *expression(const struct query *query, const struct order *order, int i)
{
    const char *name = query->column[order->column[i]],
               *kind = query->column_kind[order->column[i]];
    if (order->name == NULL)
        return must(sqlite3_mprintf("\"%s\"", name));
    return must(sqlite3_mprintf("ifnull(\"%s\", %s)", name,
                                strcmp(kind, "text") == 0 ? "char(1114111)" : "9000000000000000"));
}

char *wrap_with_order(const struct query *query, const struct order *order, bool is_turned,
                      const char *sql)
{
    size_t size = strlen(sql);
    while (size > 0 && (isspace((unsigned char)sql[size - 1]) || sql[size - 1] == ';'))
        size--;
    char *column[KEYS];
    for (int i = 0; i < order->count; i++)
        column[i] = expression(query, order, i);
    char *text =
        must(sqlite3_mprintf("SELECT * FROM (\n%.*s\n)\nWHERE (:after_1 IS NULL", (int)size, sql));
    for (int i = 0; i < order->count; i++) {
        text = append(text, "\n  OR (");
        for (int k = 0; k < i; k++)
            text = append(text, "%s = :after_%d AND ", column[k], k + 1);
        text = append(text, "%s %s :after_%d)", column[i],
                      order->is_falling[i] != is_turned ? "<" : ">", i + 1);
    }
    text = append(text, ")\nORDER BY ");
    for (int i = 0; i < order->count; i++) {
        text = append(text, "%s%s%s", i == 0 ? "" : ", ", column[i],
                      order->is_falling[i] != is_turned ? " DESC" : "");
        sqlite3_free(column[i]);
    }
    return append(text, "\nLIMIT :limit");
}
