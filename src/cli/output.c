// SPDX-License-Identifier: GPL-3.0-or-later
//
// output.c: numbers and names as CSV, JSON and XML take them.
#include "cli/output.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *output_number(double value, char buffer[static OUTPUT_NUMBER_SIZE])
{
    assert(isfinite(value));
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(buffer, OUTPUT_NUMBER_SIZE, "%.*g", precision, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    return buffer;
}

void output_csv_text(FILE *file, struct span text)
{
    bool is_quoted = false;
    for (size_t i = 0; i < text.size; i++)
        is_quoted = is_quoted || strchr(",;\t\"\r\n", text.data[i]) != NULL;
    if (is_quoted)
        fputc('"', file);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"')
            fputc('"', file);
        fputc(text.data[i], file);
    }
    if (is_quoted)
        fputc('"', file);
}

void output_json_text(FILE *file, struct span text)
{
    fputc('"', file);
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == 0x7F)
            fprintf(file, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

void output_xml_text(FILE *file, struct span text)
{
    static const struct {
        char sign;
        const char *said;
    } known[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
    for (size_t i = 0; i < text.size; i++) {
        const char *said = NULL;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            said = text.data[i] == known[k].sign ? known[k].said : said;
        if (said != NULL)
            fputs(said, file);
        else if ((unsigned char)text.data[i] >= 0x20)
            fputc(text.data[i], file);
    }
}
