// SPDX-License-Identifier: LGPL-3.0-or-later
//
// text_table.h: the shape of the table that tools/text_compile.c writes.
//
// Owns the row type and nothing else. Included by text.c and by the generated table only.
#ifndef LEVEE_BASE_TEXT_TABLE_H
#define LEVEE_BASE_TEXT_TABLE_H

#include "base/text.h"

struct text_row {
    enum text_key key; // text_number of the name
    const char *name;
    const char *sentence[TEXT_LANGUAGES];
    const char *parameter[8]; // sentences for pages may name up to eight; faults use the first four
};

extern const struct text_row text_table[];
extern const int text_table_count; // rows are in order of their keys

#endif
