// SPDX-License-Identifier: GPL-3.0-or-later
//
// time.c: a period or instant that was read is written in a form that reads to the same.
//

#include <assert.h>

#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    enum time_frequency frequency, frequency_again;
    int32_t ordinal = 0, ordinal_again = 0;
    int64_t instant = 0, instant_again = 0;
    char buffer[64];
    if (time_read_period(text, &frequency, &ordinal)) {
        time_write_period(frequency, ordinal, buffer, sizeof buffer);
        bool is_read = time_read_period(span_from(buffer), &frequency_again, &ordinal_again);
        assert(is_read && frequency == frequency_again && ordinal == ordinal_again);
    }
    if (time_read_instant(text, &instant)) {
        time_write_instant(instant, buffer, sizeof buffer);
        bool is_read = time_read_instant(span_from(buffer), &instant_again);
        assert(is_read && instant == instant_again);
    }
    return 0;
}
