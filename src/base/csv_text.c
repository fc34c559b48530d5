// SPDX-License-Identifier: LGPL-3.0-or-later
//
// csv_text.c: takes a file into memory and brings it to UTF-8.
//
// Idea: what is UTF-8 stays where it is. A text with a UTF-16 mark, or one that is not UTF-8, is
// converted once by iconv; GB18030 is tried only then, since almost any bytes pass for GB18030 but
// hardly any GB18030 text passes for UTF-8. What passes for neither is refused with the line of the
// first byte that does not fit. Bidirectional controls and zero bytes are refused as such: they
// would show a reader something else than what is counted.
#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/csv.h"
#include "base/memory.h"

enum { READ_SIZE = 1 << 16 };

static int64_t line_of(const char *data, size_t offset)
{
    int64_t line = 1;
    for (const char *at = data; (at = memchr(at, '\n', offset - (size_t)(at - data))) != NULL; at++)
        line++;
    return line;
}

// Converts all of data; returns NULL with *ret_bad the offset that does not fit, SIZE_MAX for want
// of memory.
static char *convert(const char *encoding, char *data, size_t size, size_t *ret_size,
                     size_t *ret_bad)
{
    // A character grows at most from two bytes to three, or keeps its four.
    size_t room = size / 2 * 3 + 4, left = room, input_left = size;
    char *converted = memory_allocate(room + 1), *in = data, *out = converted;
    iconv_t door = converted == NULL ? (iconv_t)-1 : iconv_open("UTF-8", encoding);
    *ret_bad = SIZE_MAX;
    if (door != (iconv_t)-1) {
        size_t result = iconv(door, &in, &input_left, &out, &left);
        *ret_bad = result == (size_t)-1 ? size - input_left : 0;
        iconv_close(door);
        if (result != (size_t)-1) {
            *ret_size = room - left;
            return converted;
        }
    }
    memory_free(converted);
    return NULL;
}

// Names what is wrong at `offset`, where the text stops being acceptable UTF-8.
static enum text_key name_trouble(const char *data, size_t size, size_t offset)
{
    struct span rest = {data + offset, size - offset};
    if (rest.size > 0 && rest.data[0] == '\0')
        return TEXT_CSV_BINARY;
    if (span_starts(rest, "\xE2\x80") || span_starts(rest, "\xE2\x81"))
        return TEXT_CSV_CONTROL;
    return TEXT_CSV_ENCODING;
}

enum fault_code csv_decode(char *data, size_t size, struct csv_text *ret_text, struct fault *fault)
{
    struct span all = {data, size};
    bool is_wide = span_starts(all, "\xFF\xFE") || span_starts(all, "\xFE\xFF");
    size_t good = is_wide ? 0 : span_text_size(all), converted_size = 0, bad = 0;
    char *converted = NULL;
    if (good < size || is_wide) {
        enum text_key key = is_wide ? TEXT_CSV_ENCODING : name_trouble(data, size, good);
        if (key == TEXT_CSV_ENCODING)
            converted = convert(is_wide ? "UTF-16" : "GB18030", data, size, &converted_size, &bad);
        if (converted != NULL &&
            span_text_size((struct span){converted, converted_size}) < converted_size) {
            memory_free(converted);
            converted = NULL;
        }
        if (converted == NULL) {
            enum fault_code code =
                bad == SIZE_MAX
                    ? fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL)
                    : fault_set(fault, FAULT_INVALID, key, text_integer(line_of(data, good)));
            memory_free(data);
            return code;
        }
        memory_free(data);
        data = converted;
        size = converted_size;
    }
    size_t start = span_starts((struct span){data, size}, "\xEF\xBB\xBF") ? 3 : 0;
    *ret_text = (struct csv_text){data, size, start};
    return FAULT_NONE;
}

// Reads the stream to its end into memory that grows by doubling, a byte always to spare.
// As much room as the file says it needs, so that what was read is not moved again and again.
static size_t guess_room(FILE *in)
{
    struct stat status;
    bool is_known = fstat(fileno(in), &status) == 0 && S_ISREG(status.st_mode);
    if (!is_known || status.st_size < READ_SIZE)
        return READ_SIZE;
    return status.st_size < LIMIT_IMPORT_SIZE ? (size_t)status.st_size + 1 : LIMIT_IMPORT_SIZE;
}

static enum fault_code read_all(FILE *in, const char *path, char **ret_data, size_t *ret_size,
                                struct fault *fault)
{
    size_t size = 0, room = guess_room(in);
    char *data = memory_allocate(room + 1);
    while (data != NULL) {
        size += fread(data + size, 1, room - size, in);
        if (size < room)
            break;
        char *larger = room >= LIMIT_IMPORT_SIZE ? NULL : memory_resize(data, room * 2 + 1);
        if (larger == NULL) {
            memory_free(data);
            data = NULL;
        } else {
            data = larger;
            room *= 2;
        }
    }
    if (data == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_CSV_TOO_LARGE, text_string(path),
                         text_integer(LIMIT_IMPORT_SIZE >> 20));
    if (ferror(in)) {
        memory_free(data);
        return fault_set(fault, FAULT_IO, TEXT_BASE_FILE_UNREADABLE, text_string(path),
                         text_string(strerror(errno)));
    }
    *ret_data = data;
    *ret_size = size;
    return FAULT_NONE;
}

enum fault_code csv_read_file(const char *path, struct csv_text *ret_text, struct fault *fault)
{
    assert(path != NULL);
    bool is_standard = strcmp(path, "-") == 0;
    FILE *in = is_standard ? stdin : fopen(path, "rb");
    if (in == NULL)
        return fault_set(fault, errno == ENOENT ? FAULT_MISSING : FAULT_IO,
                         TEXT_BASE_FILE_UNREADABLE, text_string(path),
                         text_string(strerror(errno)));
    char *data = NULL;
    size_t size = 0;
    enum fault_code code = read_all(in, path, &data, &size, fault);
    if (!is_standard)
        fclose(in);
    return code == FAULT_NONE ? csv_decode(data, size, ret_text, fault) : code;
}
