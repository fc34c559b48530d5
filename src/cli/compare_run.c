// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_run.c: scores of every method, its threshold and calibration before the split, its rating
// after it.
//
// A method judges each period from what lies before it, as it would have on that day; only the
// threshold and the map from score to probability are learnt, and both from `from` to the split.
// The series go through a method in blocks, so that there is progress to show and no method needs
// more than the scores of all and the outcome words of one block.
#include <assert.h>
#include <math.h>

#include "base/memory.h"
#include "cli/compare.h"
#include "cli/manage.h"

enum { BLOCKS = 50, BLOCK_LEAST = 64 };

struct run {
    const struct compare_request *request;
    const struct judge_table *table;
    const struct compare_labels *labels;
    struct compare_span span;
    double *score;
    int64_t done, total; // series, over all methods
};

static enum fault_code lack(struct fault *fault)
{
    return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
}

// What the outcome words of a block say, as scores: no result is no number.
static void keep_scores(const struct analysis_output *output, size_t cells, double *score)
{
    for (size_t i = 0; i < cells; i++) {
        bool is_known = (output->outcome[i] & ANALYSIS_JUDGED) != 0 &&
                        (output->outcome[i] >> ANALYSIS_SCORE & 1) != 0;
        if (!is_known)
            score[i] = ANALYSIS_MISSING;
    }
}

static bool score_block(const struct run *run, const struct compare_method *method, size_t first,
                        size_t count)
{
    const struct judge_table *table = run->table;
    size_t stride = table->axis.position_count, at = first * stride;
    struct analysis_panel panel = {
        .series_count = count,
        .point_count = stride,
        .stride = stride,
        .value = table->value + at,
        .population = table->population == NULL ? NULL : table->population + at,
        .first = table->first + first,
        .day = table->day,
        .frequency = table->axis.frequency,
        .from = run->span.from,
        .to = run->span.to,
    };
    struct analysis_output output = {.outcome =
                                         memory_allocate(count * stride * sizeof *output.outcome),
                                     .column[ANALYSIS_SCORE] = run->score + at};
    bool is_complete =
        output.outcome != NULL && method->detector->batch(&panel, method->option, &output);
    if (is_complete)
        keep_scores(&output, count * stride, run->score + at);
    memory_free(output.outcome);
    return is_complete;
}

static bool score_all(struct run *run, const struct compare_method *method)
{
    size_t count = run->table->series_count, block = count / BLOCKS;
    block = block < BLOCK_LEAST ? BLOCK_LEAST : block;
    for (size_t first = 0; first < count; first += block) {
        size_t size = count - first < block ? count - first : block;
        if (!score_block(run, method, first, size))
            return false;
        run->done += (int64_t)size;
        manage_progress(NULL, run->done, run->total);
    }
    return true;
}

// Rates one series, or all. Without a calibration the Brier score is nothing's.
static bool rate(const struct analysis_scored *judged, const struct analysis_threshold *threshold,
                 const struct analysis_calibration *calibration, uint32_t series,
                 struct compare_rating *ret_rating)
{
    analysis_rate_threshold(judged, threshold->threshold, series, &ret_rating->rating);
    if (calibration->hits == 0)
        return analysis_decompose_brier(NULL, NULL, 0, 0, &ret_rating->brier);
    return analysis_rate_probability(judged, calibration, series, &ret_rating->brier);
}

static bool rate_method(const struct run *run, struct compare_result *result)
{
    const struct compare_span *span = &run->span;
    const struct analysis_labels *labels = &run->labels->labels;
    const struct compare_request *request = run->request;
    struct analysis_scored tuned = {labels, run->score, span->from, span->split};
    struct analysis_scored judged = {labels, run->score, span->split, span->to};
    struct analysis_calibration calibration = {0};
    bool is_complete =
        analysis_set_threshold(&tuned, request->budget, &result->threshold) &&
        analysis_calibrate(&tuned, request->calibration, &calibration) &&
        rate(&judged, &result->threshold, &calibration, ANALYSIS_SERIES_ALL, &result->all) &&
        analysis_trace_trades(&judged, &result->trades);
    if (is_complete && request->is_detailed) {
        result->series = memory_take(labels->series_count * sizeof *result->series);
        is_complete = result->series != NULL;
        for (uint32_t s = 0; is_complete && s < labels->series_count; s++)
            is_complete = rate(&judged, &result->threshold, &calibration, s, &result->series[s]);
    }
    analysis_free_calibration(&calibration);
    return is_complete;
}

enum fault_code compare_run(const struct compare_request *request, const struct judge_table *table,
                            const struct compare_labels *labels, struct compare_span span,
                            struct compare_result *result, struct fault *fault)
{
    struct run run = {request, table, labels, span, NULL, 0, 0};
    size_t cells = table->series_count * table->axis.position_count;
    assert(span.from <= span.split && span.split < span.to);
    run.score = memory_allocate(cells * sizeof *run.score);
    run.total = (int64_t)(table->series_count * request->method_count);
    bool is_complete = run.score != NULL;
    for (size_t i = 0; is_complete && i < request->method_count; i++)
        is_complete = score_all(&run, &request->method[i]) && rate_method(&run, &result[i]);
    memory_free(run.score);
    return is_complete ? FAULT_NONE : lack(fault);
}

void compare_free_results(struct compare_result *result, size_t count)
{
    for (size_t i = 0; result != NULL && i < count; i++) {
        memory_free(result[i].series);
        analysis_free_trades(&result[i].trades);
    }
    memory_free(result);
}
