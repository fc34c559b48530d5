// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare.c: any labels given to `levee compare` end in a fault that can be written out, or in
// events that lie inside their series, sorted and apart, each cell of them numbered, and that can
// be rated.
//
// The input is two files, the series and the labels, parted by a line "%"; without that line the
// labels are a column of the series.
//
// needs: src/cli/compare_labels.c src/cli/judge_table.c src/cli/judge_axis.c src/base/csv.c
// needs: src/base/csv_text.c build/src/liblevee_analysis.a -lgomp
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/compare.h"

enum { CELLS_MOST = 20000, PATH_SIZE = 64 };

static int write_file(const uint8_t *data, size_t size, char path[PATH_SIZE])
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    assert(write(file, data, size) == (ssize_t)size);
    snprintf(path, PATH_SIZE, "/proc/self/fd/%d", file);
    return file;
}

static void check_events(const struct compare_labels *laid, const struct judge_table *table)
{
    const struct analysis_labels *labels = &laid->labels;
    size_t points = table->axis.position_count, numbered = 0;
    assert(labels->event_count > 0);
    for (size_t i = 0; i < labels->event_count; i++) {
        const struct analysis_event *event = &labels->event[i];
        assert(event->series < table->series_count && event->from < event->to);
        assert(event->to <= points && event->from >= table->first[event->series]);
        assert(event->peak >= event->from && event->peak < event->to);
        if (i > 0 && event[-1].series == event->series)
            assert(event[-1].to <= event->from);
        if (i > 0)
            assert(event[-1].series <= event->series);
        for (size_t t = event->from; t < event->to; t++)
            assert(labels->label[event->series * points + t] == i + 1);
        numbered += event->to - event->from;
    }
    for (size_t i = 0; i < table->series_count * points; i++)
        numbered -=
            labels->label[i] != ANALYSIS_LABEL_QUIET && labels->label[i] != ANALYSIS_LABEL_UNKNOWN;
    assert(numbered == 0);
}

// The values themselves as scores.
static void rate(const struct compare_labels *laid, const struct judge_table *table)
{
    struct analysis_scored scored = {&laid->labels, table->value, 0, table->axis.position_count};
    struct analysis_threshold threshold;
    struct analysis_trades trades;
    struct analysis_rating rating;
    bool is_done =
        analysis_set_threshold(&scored, 1, &threshold) && analysis_trace_trades(&scored, &trades);
    assert(is_done);
    analysis_rate_threshold(&scored, threshold.threshold, ANALYSIS_SERIES_ALL, &rating);
    assert(rating.event_count == (double)laid->labels.event_count);
    assert(rating.false_count <= threshold.allowed);
    analysis_free_trades(&trades);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *part = memmem(data, size, "\n%\n", 3);
    size_t series_size = part == NULL ? size : (size_t)(part - data) + 1;
    char path[PATH_SIZE], labels_path[PATH_SIZE], sentence[LIMIT_TEXT_SIZE];
    int file = write_file(data, series_size, path), labels_file = -1;
    struct judge_table table = {.label_column = "label"};
    struct compare_labels labels = {0};
    struct compare_request request = {0};
    struct fault fault = {0};
    if (part != NULL) {
        labels_file = write_file(part + 3, size - series_size - 2, labels_path);
        request.labels_path = labels_path;
    }
    enum fault_code code = judge_table_read(&table, path, 52, &fault);
    if (code == FAULT_NONE)
        code = judge_table_lay_out(&table, &fault);
    if (code == FAULT_NONE && (part != NULL || table.has_label) &&
        table.series_count * table.axis.position_count <= CELLS_MOST) {
        code = compare_labels_read(&labels, &request, &table, &fault);
        if (code == FAULT_NONE) {
            check_events(&labels, &table);
            rate(&labels, &table);
        }
    }
    if (code != FAULT_NONE) {
        fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
        assert(sentence[0] != '\0');
    }
    compare_labels_close(&labels);
    judge_table_close(&table);
    close(file);
    if (labels_file >= 0)
        close(labels_file);
    return 0;
}
