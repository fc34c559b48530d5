// SPDX-License-Identifier: GPL-3.0-or-later
//
// quality.c: any file given to `levee quality`, `levee rt` or `levee trend` (the columns known_at,
// parent and imported beside those of judge) ends in a fault that can be written out, or in
// questions, breaks and reproduction numbers that are finite and lie within the file.
//
// needs: src/cli/judge_table.c src/cli/judge_axis.c src/cli/quality_table.c src/base/csv.c
// needs: src/base/csv_text.c build/src/liblevee_analysis.a -lgomp
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/quality_table.h"

enum { CELLS_MOST = 20000 }; // A wide gap makes a long axis; time goes into other inputs.

static void ask(const struct quality_table *quality, double target)
{
    const struct analysis_panel *panel = &quality->panel;
    struct analysis_quality_options options;
    struct analysis_questions questions = {0};
    analysis_default_quality(&options);
    options.level = 1; // all that can be asked
    options.target = target;
    options.due_days = quality->known_day == NULL ? -1 : 5;
    bool is_asked = analysis_ask_quality(&quality->data, &options, &questions);
    assert(is_asked);
    for (size_t i = 0; i < questions.count; i++) {
        const struct analysis_question *question = &questions.question[i];
        assert(question->from <= question->to && question->to <= panel->point_count);
        assert(question->series == ANALYSIS_SERIES_NONE || question->series < panel->series_count);
        assert(isfinite(question->size) && isfinite(question->expected));
        assert(isfinite(question->count) && isfinite(question->total));
        assert(!question->is_tested || (question->p >= 0 && question->q <= 1));
    }
    analysis_free_questions(&questions);
}

static void find_breaks(struct analysis_panel panel)
{
    struct analysis_break *found =
        memory_allocate(panel.series_count * ANALYSIS_BREAKS * sizeof *found);
    panel.from = panel.point_count / 2;
    bool is_found = analysis_find_breaks(&panel, 0, found);
    assert(is_found);
    for (size_t i = 0; i < panel.series_count * ANALYSIS_BREAKS; i++)
        if (found[i].is_tested)
            assert(isfinite(found[i].size) && isfinite(found[i].low) && isfinite(found[i].high) &&
                   found[i].p >= 0 && found[i].p <= 1);
    memory_free(found);
}

static void estimate(struct analysis_panel panel, const double *imported)
{
    const struct analysis_reproduction_options options = {4.7, 2.9, 5, 5, 7, 12};
    size_t cells = panel.series_count * panel.stride;
    struct analysis_reproduction *result = memory_allocate(cells * sizeof *result);
    bool is_estimated = analysis_estimate_reproduction(&panel, imported, &options, result);
    assert(is_estimated);
    for (size_t i = 0; i < cells; i++)
        if (result[i].is_known)
            assert(isfinite(result[i].mean) && isfinite(result[i].sd) &&
                   isfinite(result[i].quantile[ANALYSIS_REPRODUCTION_QUANTILES - 1]));
    memory_free(result);
}

// The file as one of the commands reads it. Returns its fault's code.
static enum fault_code read_as(struct judge_table *table, bool takes_sources, const char *path,
                               int frequency, struct fault *fault)
{
    *table = (struct judge_table){.takes_sources = takes_sources, .takes_imported = !takes_sources};
    enum fault_code code = judge_table_read(table, path, frequency, fault);
    if (code == FAULT_NONE)
        code = judge_table_lay_out(table, fault);
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64], sentence[LIMIT_TEXT_SIZE];
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    assert(write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    for (int takes_sources = 0; takes_sources < 2; takes_sources++) {
        struct judge_table table;
        struct quality_table quality = {.parent = NULL};
        struct fault fault = {0};
        lseek(file, 0, SEEK_SET);
        enum fault_code code = read_as(&table, takes_sources, path, size % 2 == 0 ? 52 : 0, &fault);
        bool is_small = table.series_count * table.axis.position_count <= CELLS_MOST;
        if (code == FAULT_NONE && is_small)
            code = quality_table_fill(&quality, &table, &fault);
        if (code != FAULT_NONE) {
            fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
            assert(sentence[0] != '\0');
        } else if (is_small && takes_sources) {
            ask(&quality, size % 3 == 0 ? 95 : ANALYSIS_MISSING);
            find_breaks(quality.panel);
        } else if (is_small) {
            estimate(quality.panel, table.imported);
        }
        quality_table_close(&quality);
        judge_table_close(&table);
    }
    close(file);
    return 0;
}
