// SPDX-License-Identifier: GPL-3.0-or-later
//
// embed.c: writes files into a C table, so that the program carries them inside.
//
// usage: embed OUTPUT.c TABLE FILE ...
//
// The table is `const struct embed_file TABLE[]` (base/embed.h), in the order of the arguments,
// named by the last part of each path and closed by a NULL name. Bytes go out as one string literal
// a line of 64 bytes: three-digit octal for all that is not plain ASCII, so that no digit after an
// escape can be swallowed by it. It is a build tool: it exits at the first mistake.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 64 };

static void stop(const char *path, const char *what)
{
    fprintf(stderr, "embed: %s: %s\n", path, what);
    exit(1);
}

static void write_byte(FILE *out, int byte)
{
    if (isprint(byte) && byte != '"' && byte != '\\' && byte != '?')
        fputc(byte, out);
    else
        fprintf(out, "\\%03o", (unsigned)byte);
}

static void write_file(FILE *out, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        stop(path, "cannot be read");
    const char *slash = strrchr(path, '/');
    fprintf(out, "    {\"%s\", {\"\"", slash == NULL ? path : slash + 1);
    long size = 0;
    for (int byte = fgetc(in); byte != EOF; byte = fgetc(in)) {
        if (size % LINE_BYTES == 0)
            fputs(size == 0 ? "\n        \"" : "\"\n        \"", out);
        write_byte(out, byte);
        size++;
    }
    fprintf(out, "%s, %ld}},\n", size > 0 ? "\"" : "", size);
    fclose(in);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: embed OUTPUT.c TABLE FILE ...\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "w");
    if (out == NULL)
        stop(argv[1], "cannot be written");
    fputs("// Made by tools/embed.c; do not edit.\n#include \"base/embed.h\"\n", out);
    fprintf(out, "extern const struct embed_file %s[];\nconst struct embed_file %s[] = {\n",
            argv[2], argv[2]);
    for (int i = 3; i < argc; i++)
        write_file(out, argv[i]);
    fputs("    {NULL, {NULL, 0}},\n};\n", out);
    if (fclose(out) != 0)
        stop(argv[1], "cannot be written");
    return 0;
}
