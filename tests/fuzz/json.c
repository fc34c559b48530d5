// SPDX-License-Identifier: GPL-3.0-or-later
//
// json.c: what json_read takes, json_write gives back as bytes that read to the same bytes again.
//
// needs: src/base/json.c
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct fault fault = {0};
    json_t *value = NULL, *again = NULL;
    if (json_read((struct span){(const char *)data, size}, &value, &fault) == FAULT_NONE) {
        struct span first = json_write(value, &arena);
        enum fault_code code = json_read(first, &again, &fault);
        assert(code == FAULT_NONE);
        struct span second = json_write(again, &arena);
        assert(span_equal(first, second));
    }
    json_decref(value);
    json_decref(again);
    arena_reset(&arena);
    return 0;
}
