// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge.c: any file given to `levee judge` ends in a fault that can be written out, or in a grid on
// which every detector that takes it gives numbers or nothing, never NaN or infinity.
//
// needs: src/cli/judge_table.c src/cli/judge_axis.c src/base/csv.c src/base/csv_text.c
// needs: build/src/liblevee_analysis.a -lgomp
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/judge_table.h"

enum { CELLS_MOST = 20000 }; // A wide gap makes a long axis; time goes into other inputs.

static void judge(const struct judge_table *table, const struct analysis_detector *detector)
{
    size_t cells = table->series_count * table->axis.position_count;
    double option[ANALYSIS_OPTIONS_MAX];
    struct analysis_output output = {.outcome = memory_allocate(cells * sizeof *output.outcome)};
    struct analysis_panel panel = {.series_count = table->series_count,
                                   .point_count = table->axis.position_count,
                                   .stride = table->axis.position_count,
                                   .value = table->value,
                                   .population = table->population,
                                   .first = table->first,
                                   .day = table->day,
                                   .frequency = table->axis.frequency,
                                   .to = table->axis.position_count};
    analysis_default_options(detector, option);
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        if (detector->columns >> column & 1)
            output.column[column] = memory_allocate(cells * sizeof(double));
    if (analysis_check_options(detector, option, table->axis.frequency) &&
        (!analysis_needs_frequency(detector, option) || table->axis.frequency > 0) &&
        !(analysis_uses_population(detector, option) && !table->has_population)) {
        bool is_judged = detector->batch(&panel, option, &output);
        assert(is_judged);
        for (int column = 0; column < ANALYSIS_COLUMNS; column++)
            for (size_t i = 0; output.column[column] != NULL && i < cells; i++)
                assert(isfinite(output.column[column][i]));
    }
    memory_free(output.outcome);
    for (int column = 0; column < ANALYSIS_COLUMNS; column++)
        memory_free(output.column[column]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct judge_table table = {0};
    struct fault fault = {0};
    char path[64], sentence[LIMIT_TEXT_SIZE];
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    assert(write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    enum fault_code code = judge_table_read(&table, path, size % 2 == 0 ? 52 : 0, &fault);
    if (code == FAULT_NONE)
        code = judge_table_lay_out(&table, &fault);
    if (code != FAULT_NONE) {
        fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
        assert(sentence[0] != '\0');
    } else if (table.series_count * table.axis.position_count <= CELLS_MOST) {
        size_t count = 0;
        const struct analysis_detector *detector = analysis_detectors(&count);
        bool is_counts = judge_table_check_counts(&table, "", &fault) == FAULT_NONE;
        for (size_t i = 0; i < count; i++)
            if (is_counts || !detector[i].is_count)
                judge(&table, &detector[i]);
    }
    judge_table_close(&table);
    close(file);
    return 0;
}
