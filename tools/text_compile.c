// SPDX-License-Identifier: GPL-3.0-or-later
//
// text_compile.c: makes the catalogue text/*.text into C and JSON.
//
// usage: text_compile KEYS.h TABLE.c ZH.json EN.json FILE.text ...
//
// A catalogue file holds blocks; a line that starts with # is a comment, a blank line closes a
// block:
//
//     ledger.locked holder                       the key, then the names of its parameters
//     zh 存证日志正被 {holder} 占用……              one line a language; \n stands for a line break
//     en The ledger is in use by {holder}. ...
//
// Refused, each with file and line: a key twice, a language missing or twice, a placeholder that is
// no parameter, a parameter that one language uses and the other does not, a malformed name. The
// JSON is what the page's i18n library reads: {{name}} for {name}. A key is the number of
// its name (text_number.h); rows come out sorted by key, to be found by halving. It is a build
// tool: it exits at the first mistake and frees nothing.
#include "../src/base/text_number.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 8192, KEYS = 8192, PARAMETERS = 8, LANGUAGES = 2 };

struct block {
    uint32_t number; // its key
    char *name;
    char *parameter[PARAMETERS];
    char *sentence[LANGUAGES];
    const char *file;
    int line;
};

static struct block blocks[KEYS];
static int block_count;
static const char *const language_name[LANGUAGES] = {"zh", "en"};

__attribute__((format(printf, 3, 4), noreturn)) static void stop(const char *file, int line,
                                                                 const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "%s:%d: ", file, line);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(1);
}

static int is_name(const char *name, const char *extra)
{
    if (!islower((unsigned char)name[0]))
        return 0;
    for (const char *c = name; *c != '\0'; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && strchr(extra, *c) == NULL)
            return 0;
    return 1;
}

static void open_block(char *line, const char *file, int number)
{
    if (block_count == KEYS)
        stop(file, number, "more than %d keys: raise KEYS", KEYS);
    struct block *block = &blocks[block_count++];
    block->file = file;
    block->line = number;
    int count = -1;
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
        if (!is_name(word, count < 0 ? "._" : "_"))
            stop(file, number, "'%s' is not a name of lower-case words", word);
        if (count < 0)
            block->name = strdup(word);
        else if (count == PARAMETERS)
            stop(file, number, "more than %d parameters", PARAMETERS);
        else
            block->parameter[count] = strdup(word);
        count++;
    }
}

static int find_parameter(const struct block *block, const char *name, size_t size)
{
    for (int i = 0; i < PARAMETERS && block->parameter[i] != NULL; i++)
        if (strlen(block->parameter[i]) == size && strncmp(block->parameter[i], name, size) == 0)
            return i;
    return -1;
}

static unsigned parameters_used(const struct block *block, int language)
{
    unsigned used = 0;
    for (const char *at = block->sentence[language]; (at = strchr(at, '{')) != NULL; at++) {
        const char *end = strchr(at, '}');
        int index = end == NULL ? -1 : find_parameter(block, at + 1, (size_t)(end - at) - 1);
        if (index < 0)
            stop(block->file, block->line,
                 "%s: the %s sentence has a placeholder that is no parameter: %.20s", block->name,
                 language_name[language], at);
        used |= 1u << index;
    }
    return used;
}

static void close_block(void)
{
    struct block *block = &blocks[block_count - 1];
    for (int i = 0; i < LANGUAGES; i++)
        if (block->sentence[i] == NULL)
            stop(block->file, block->line, "%s: no %s sentence", block->name, language_name[i]);
    unsigned used = parameters_used(block, 0), declared = 0;
    for (int i = 0; i < PARAMETERS && block->parameter[i] != NULL; i++)
        declared |= 1u << i;
    if (used != parameters_used(block, 1) || used != declared)
        stop(block->file, block->line, "%s: both sentences must use every parameter", block->name);
}

static void read_file(const char *file)
{
    char line[LINE_SIZE];
    int number = 0, is_open = 0;
    FILE *in = fopen(file, "r");
    if (in == NULL)
        stop(file, 0, "cannot be read");
    while (fgets(line, sizeof line, in) != NULL) {
        number++;
        size_t size = strlen(line);
        while (size > 0 && isspace((unsigned char)line[size - 1]))
            line[--size] = '\0';
        if (line[0] == '#')
            continue;
        if (size == 0) {
            if (is_open)
                close_block();
            is_open = 0;
        } else if (!is_open) {
            open_block(line, file, number);
            is_open = 1;
        } else {
            struct block *block = &blocks[block_count - 1];
            int language = strncmp(line, "zh ", 3) == 0 ? 0 : strncmp(line, "en ", 3) == 0 ? 1 : -1;
            if (language < 0 || block->sentence[language] != NULL)
                stop(file, number, "expected one 'zh ' and one 'en ' line under %s", block->name);
            block->sentence[language] = strdup(line + 3);
        }
    }
    fclose(in);
    if (is_open)
        close_block();
}

static int compare(const void *a, const void *b)
{
    uint32_t left = ((const struct block *)a)->number, right = ((const struct block *)b)->number;
    return (left > right) - (left < right);
}

static void write_string(FILE *out, const char *text, int is_page)
{
    fputc('"', out);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || (*c == '\\' && c[1] != 'n'))
            fputc('\\', out);
        if (is_page && (*c == '{' || *c == '}'))
            fputc(*c, out);
        fputc(*c, out);
    }
    fputc('"', out);
}

static FILE *open_output(const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        stop(path, 0, "cannot be written");
    return out;
}

static void write_keys(const char *path)
{
    FILE *out = open_output(path);
    fputs("// Made from text/*.text; do not edit.\n#ifndef LEVEE_TEXT_KEYS_H\n#define "
          "LEVEE_TEXT_KEYS_H\nenum text_key { TEXT_KEY_NONE, TEXT_KEY_LAST = 0x7FFFFFFF };\n",
          out);
    for (int i = 0; i < block_count; i++) {
        fputs("#define TEXT_", out);
        for (const char *c = blocks[i].name; *c != '\0'; c++)
            fputc(*c == '.' ? '_' : toupper((unsigned char)*c), out);
        fprintf(out, " ((enum text_key)0x%08X)\n", (unsigned)blocks[i].number);
    }
    fputs("#endif\n", out);
    fclose(out);
}

static void write_table(const char *path)
{
    FILE *out = open_output(path);
    fputs("// Made from text/*.text; do not edit.\n#include \"base/text_table.h\"\nconst struct "
          "text_row text_table[] = {\n",
          out);
    for (int i = 0; i < block_count; i++) {
        fprintf(out, "    {(enum text_key)0x%08X, \"%s\", {", (unsigned)blocks[i].number,
                blocks[i].name);
        write_string(out, blocks[i].sentence[0], 0);
        fputs(", ", out);
        write_string(out, blocks[i].sentence[1], 0);
        fputs("}, {", out);
        for (int k = 0; k < PARAMETERS && blocks[i].parameter[k] != NULL; k++)
            fprintf(out, "\"%s\", ", blocks[i].parameter[k]);
        fputs("NULL}},\n", out);
    }
    fprintf(out, "};\nconst int text_table_count = %d;\n", block_count);
    fclose(out);
}

static void write_page_file(const char *path, int language)
{
    FILE *out = open_output(path);
    fputs("{\n", out);
    for (int i = 0; i < block_count; i++) {
        write_string(out, blocks[i].name, 0);
        fputs(": ", out);
        write_string(out, blocks[i].sentence[language], 1);
        fputs(i + 1 < block_count ? ",\n" : "\n", out);
    }
    fputs("}\n", out);
    fclose(out);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: text_compile KEYS.h TABLE.c ZH.json EN.json FILE.text ...\n");
        return 2;
    }
    for (int i = 5; i < argc; i++)
        read_file(argv[i]);
    for (int i = 0; i < block_count; i++)
        blocks[i].number = text_number(blocks[i].name, strlen(blocks[i].name));
    qsort(blocks, (size_t)block_count, sizeof blocks[0], compare);
    for (int i = 1; i < block_count; i++)
        if (blocks[i - 1].number == blocks[i].number)
            stop(blocks[i].file, blocks[i].line, "%s stands at %s:%d already, or %s has its number",
                 blocks[i].name, blocks[i - 1].file, blocks[i - 1].line, blocks[i - 1].name);
    write_keys(argv[1]);
    write_table(argv[2]);
    write_page_file(argv[3], 0);
    write_page_file(argv[4], 1);
    return 0;
}
