// SPDX-License-Identifier: LGPL-3.0-or-later
//
// csv.h: tables as text: RFC 4180 with comma, tab or semicolon, read in place at memory speed.
//
// Owns: the one reading of CSV from outside. A file is taken into memory whole, brought to UTF-8
// (from UTF-8 with or without a byte order mark, UTF-16 with one, or GB18030) and cut into rows;
// fields are spans into that memory, quotes resolved in place, nothing copied.
//
//     struct csv_text text = {0};
//     csv_read_file(path, &text, fault);                 "-" is standard input
//     struct csv_reader reader = {0};
//     csv_open(&reader, &text);
//     while ((code = csv_next(&reader, fault)) == FAULT_NONE && reader.field_count > 0)
//         ... reader.field[0 .. field_count-1], reader.line ...
//     csv_close(&reader); csv_free(&text);
//
// Strict: every row has as many fields as the first; a quote inside an unquoted field, text behind
// a closing quote, a quote never closed, a lone carriage return, a zero byte are refused with line
// and column. Lines are counted from 1 as an editor counts them, columns are fields from 1. The
// separator is the one of the three that occurs most in the first line. Empty lines are skipped.
#ifndef LEVEE_BASE_CSV_H
#define LEVEE_BASE_CSV_H

#include "base/fault.h"
#include "base/span.h"

// `data` has a writable byte behind `size`. `start` is where the text begins (behind the mark).
struct csv_text {
    char *data;
    size_t size;
    size_t start;
};

struct csv_reader {
    struct span *field; // the row read last; valid until the text is freed
    size_t field_count; // 0: no row is left
    int64_t line;       // on which that row begins
    char separator;     // , tab or ;
    // The reader's own.
    char *at, *end;
    int64_t line_next;
    size_t width, capacity;
};

// Reads the file, or standard input for "-", and brings it to UTF-8. FAULT_MISSING, FAULT_IO,
// FAULT_FULL (above LIMIT_IMPORT_SIZE or no memory), FAULT_INVALID (not text; names the line). The
// caller frees it.
enum fault_code csv_read_file(const char *path, struct csv_text *ret_text, struct fault *fault);
// The same for bytes in memory: takes over `data` (from memory_allocate, one byte larger than
// `size`), also when it fails.
enum fault_code csv_decode(char *data, size_t size, struct csv_text *ret_text, struct fault *fault);
void csv_free(struct csv_text *text);

// Starts reading; changes the text in place, so it can be read once.
void csv_open(struct csv_reader *reader, struct csv_text *text);
// Reads the next row into reader->field; field_count is 0 at the end. FAULT_INVALID names line and
// column; reading cannot go on after it.
enum fault_code csv_next(struct csv_reader *reader, struct fault *fault);
void csv_close(struct csv_reader *reader);

#endif
