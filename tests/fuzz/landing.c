// SPDX-License-Identifier: GPL-3.0-or-later
//
// landing.c: any bytes handed over as the payload of readings are refused, or rows in order; one row
// alone, written anew, is the same bytes.
//
// needs: src/store/landing.c src/base/file.c src/base/json.c -Ibuild/src/store -Ibuild/src
// needs: build/src/liblevee_database.a -lsqlite3
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "store/store_priv.h"

enum { ROWS = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char bytes[LANDING_PAYLOAD_SIZE(ROWS)];
    struct landing_payload payload = {.left = {(const char *)data, size}};
    struct ordered_row last = {0};
    while (payload.left.size > 0) {
        size_t before = payload.count;
        if (!landing_take_block(&payload))
            return 0;
        assert(payload.count > before && payload.last.series > 0);
        assert(!landing_is_before(&payload.last, last.series, last.period));
        last = (struct ordered_row){.series = payload.last.series,
                                    .period = payload.last.period,
                                    .value_scaled = payload.last.value_scaled};
    }
    if (payload.count == 1) {
        assert(landing_write(&last, 1, bytes) == size);
        assert(memcmp(bytes, data, size) == 0);
    }
    return 0;
}
