// SPDX-License-Identifier: GPL-3.0-or-later
//
// newest.h: the newest figures of a series, for pages that show one line a series.
#ifndef LEVEE_JUDGEMENT_NEWEST_H
#define LEVEE_JUDGEMENT_NEWEST_H

#include "base/time.h"
#include "store/readings.h"

struct newest_figure {
    bool is_there;
    int32_t period;
    double value;
    int64_t batch;
    int64_t known_at;
    char source_zh[200], source_en[200];
};

// The newest reported figure of a series as of the reader's instant.
enum fault_code newest_load(struct store_reader *reader, int64_t series,
                            struct newest_figure *ret_figure, struct fault *fault);
// One query of a reader with one integer parameter. The caller owns *ret_rows.
enum fault_code newest_query(struct store_reader *reader, enum query_name name,
                             const char *parameter, int64_t value, json_t **ret_rows,
                             struct fault *fault);
// The same with a text.
enum fault_code newest_query_text(struct store_reader *reader, enum query_name name,
                                  const char *parameter, const char *value, json_t **ret_rows,
                                  struct fault *fault);
// The frequency in a row's field `frequency`.
enum time_frequency newest_frequency(const json_t *row);

#endif
