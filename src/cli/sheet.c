// SPDX-License-Identifier: GPL-3.0-or-later
//
// sheet.c: writes the cells of sheet.h one after another.
#include "cli/sheet.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "cli/output.h"

void sheet_open(struct sheet *sheet, bool is_json, const char *method)
{
    *sheet = (struct sheet){.is_json = is_json};
    if (is_json)
        printf("{\"method\":\"%s\",\"options\":{", method);
}

void sheet_option(struct sheet *sheet, const char *name, double value)
{
    char buffer[OUTPUT_NUMBER_SIZE];
    if (sheet->is_json)
        printf("%s\"%s\":%s", sheet->option_count > 0 ? "," : "", name,
               output_number(value, buffer));
    sheet->option_count++;
}

void sheet_head(struct sheet *sheet, const char *const *column, size_t count)
{
    assert(count > 0);
    sheet->column = column;
    sheet->column_count = count;
    if (sheet->is_json) {
        fputs("},\"rows\":[", stdout);
        return;
    }
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i > 0 ? "," : "", column[i]);
    putchar('\n');
}

static void begin_cell(struct sheet *sheet)
{
    assert(sheet->column != NULL);
    if (sheet->is_json) {
        if (sheet->at == 0)
            fputs(sheet->row_count > 0 ? ",\n{" : "\n{", stdout);
        printf("%s\"%s\":", sheet->at > 0 ? "," : "", sheet->column[sheet->at]);
    } else if (sheet->at > 0) {
        putchar(',');
    }
}

static void end_cell(struct sheet *sheet)
{
    if (++sheet->at < sheet->column_count)
        return;
    putchar(sheet->is_json ? '}' : '\n');
    sheet->at = 0;
    sheet->row_count++;
}

void sheet_span(struct sheet *sheet, struct span text)
{
    begin_cell(sheet);
    if (!sheet->is_json)
        output_csv_text(stdout, text);
    else if (text.size > 0)
        output_json_text(stdout, text);
    else
        fputs("null", stdout);
    end_cell(sheet);
}

void sheet_word(struct sheet *sheet, const char *word)
{
    sheet_span(sheet, span_from(word));
}

void sheet_number(struct sheet *sheet, double value)
{
    char buffer[OUTPUT_NUMBER_SIZE];
    begin_cell(sheet);
    if (isfinite(value))
        fputs(output_number(value, buffer), stdout);
    else if (sheet->is_json)
        fputs("null", stdout);
    end_cell(sheet);
}

void sheet_close(struct sheet *sheet)
{
    assert(sheet->at == 0);
    if (sheet->is_json)
        fputs("\n]}\n", stdout);
}
