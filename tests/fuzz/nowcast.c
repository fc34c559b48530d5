// SPDX-License-Identifier: GPL-3.0-or-later
//
// nowcast.c: any file given to `levee nowcast` ends in a fault that can be written out, or in
// triangles whose nowcast is finite, whatever the interval.
//
// needs: src/cli/nowcast_table.c src/cli/names.c src/base/csv.c src/base/csv_text.c
// needs: build/src/liblevee_analysis.a -lgomp
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "base/memory.h"
#include "cli/nowcast_table.h"

enum { CELLS_MOST = 20000 }; // A wide gap makes a long triangle; time goes into other inputs.

static void estimate(const struct nowcast_table *table)
{
    struct analysis_nowcast *now = memory_allocate(table->period_count * sizeof *now);
    for (size_t s = 0; s < table->series.count; s++)
        for (int interval = 0; interval <= ANALYSIS_NOWCAST_ESTIMATED; interval++) {
            struct analysis_triangle triangle = {table->period_count, table->delay_most,
                                                 table->count + s * table->period_count *
                                                                    (table->delay_most + 1)};
            struct analysis_nowcast_options options = {(enum analysis_nowcast_interval)interval, 0,
                                                       0.95};
            bool is_made = analysis_make_nowcast(&triangle, &options, now, NULL);
            assert(is_made);
            for (size_t t = 0; t < table->period_count; t++)
                assert(isfinite(now[t].estimate) && isfinite(now[t].upper) &&
                       now[t].lower <= now[t].median && now[t].median <= now[t].upper);
        }
    memory_free(now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nowcast_table table = {0};
    struct fault fault = {0};
    char path[64], sentence[LIMIT_TEXT_SIZE];
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    assert(write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    enum fault_code code = nowcast_table_read(&table, path, &fault);
    if (code == FAULT_NONE)
        code = nowcast_table_lay_out(&table, size % 3 == 0 ? "2020-01-20" : NULL, size % 5, &fault);
    if (code != FAULT_NONE) {
        fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
        assert(sentence[0] != '\0');
    } else if (table.series.count * table.period_count * (table.delay_most + 1) <= CELLS_MOST) {
        estimate(&table);
    }
    nowcast_table_close(&table);
    close(file);
    return 0;
}
