// SPDX-License-Identifier: GPL-3.0-or-later
//
// csv.c: any bytes taken for a table end in rows of one width, in order, or in a fault that can be
// written out.
//
// needs: src/base/csv.c src/base/csv_text.c
#include <assert.h>
#include <string.h>

#include "base/csv.h"
#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv_text text = {0};
    struct csv_reader reader = {0};
    struct fault fault = {0};
    char *copy = memory_allocate(size + 1), sentence[LIMIT_TEXT_SIZE];
    memcpy(copy, data, size);
    enum fault_code code = csv_decode(copy, size, &text, &fault);
    if (code == FAULT_NONE) {
        csv_open(&reader, &text);
        size_t width = 0;
        int64_t line = 0;
        while ((code = csv_next(&reader, &fault)) == FAULT_NONE && reader.field_count > 0) {
            assert(width == 0 || reader.field_count == width);
            assert(reader.line > line);
            for (size_t i = 0; i < reader.field_count; i++)
                assert(reader.field[i].data >= text.data &&
                       reader.field[i].data + reader.field[i].size <= text.data + text.size);
            width = reader.field_count;
            line = reader.line;
        }
        csv_close(&reader);
    }
    if (code != FAULT_NONE) {
        fault_write(&fault, TEXT_CHINESE, sentence, sizeof sentence);
        assert(sentence[0] != '\0');
    }
    csv_free(&text);
    return 0;
}
