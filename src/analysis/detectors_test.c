// SPDX-License-Identifier: LGPL-3.0-or-later
//
// detectors_test.c: every detector of the table: batch, reference and stream give one answer.
//
// The panels are awkward on purpose: series counts that fill no vector, gaps, late beginnings,
// constants, zeros, huge and under-dispersed counts, a single early case. A new detector is tested
// here by standing in the table.
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis.h"
#include "unit.h"

enum { SERIES_MOST = 21, POINTS_MOST = 420, CELLS = SERIES_MOST * POINTS_MOST };
static double value[CELLS], population[CELLS];
static uint32_t first[SERIES_MOST];
static int32_t day[POINTS_MOST];

struct result {
    uint16_t outcome[CELLS];
    double column[ANALYSIS_COLUMNS][CELLS];
};
static struct result by_batch, by_reference, by_other;

static uint64_t state;
static double random_unit(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) * 0x1p-53;
}

static double random_count(double mean)
{
    double x = 0, product = random_unit(), limit = exp(-fmin(mean, 500));
    for (; product > limit; x += 1)
        product *= random_unit();
    return x;
}

// Ten kinds of series, in turn.
static double make_value(int kind, int t)
{
    double season = 1 + 0.6 * sin(t * 6.283185307 / 52);
    switch (kind) {
    case 0: return random_count(8 * season);
    case 1: return random_count(0.05);
    case 2: return 0;
    case 3: return 7;
    case 4: return t == 30 ? 5 : 0;
    case 5: return floor(200000 * season);
    case 6: return random_unit() < 0.2 ? ANALYSIS_MISSING : random_count(3);
    case 7: return random_count(100 * exp(-t / 60.0));
    case 8: return random_unit() < 0.02 ? random_count(300) : random_count(2 * season);
    default: return random_count(40 + t / 4.0);
    }
}

static void make_panel(struct analysis_panel *panel, size_t series_count, size_t point_count,
                       int frequency, bool is_dated, unsigned seed)
{
    state = 88172645463325252u + seed * 977u;
    *panel = (struct analysis_panel){.series_count = series_count,
                                     .point_count = point_count,
                                     .stride = point_count + 3,
                                     .value = value,
                                     .population = population,
                                     .first = first,
                                     .day = is_dated ? day : NULL,
                                     .frequency = frequency,
                                     .to = point_count};
    for (size_t s = 0; s < series_count; s++) {
        first[s] = s % 7 == 6 ? (uint32_t)(point_count / 5) : 0;
        for (size_t t = 0; t < panel->stride; t++) {
            size_t at = s * panel->stride + t;
            population[at] = 1000 + 3 * (double)t + (double)s;
            value[at] = t < first[s] || t >= point_count
                            ? ANALYSIS_MISSING
                            : make_value((int)((s + seed) % 10), (int)t);
        }
    }
    omp_set_num_threads(1); // threads have a test of their own; here they would wait for each other
    for (size_t t = 0; t < point_count; t++)
        day[t] = 11325 + (int32_t)t * 7; // from Monday 2001-01-03 on, across two years of 53 weeks
}

static struct analysis_output output_of(struct result *result)
{
    struct analysis_output output = {.outcome = result->outcome};
    memset(result, 0, sizeof *result);
    for (int i = 0; i < ANALYSIS_COLUMNS; i++)
        output.column[i] = result->column[i];
    return output;
}

static bool is_same(double a, double b, double tolerance)
{
    return a == b || fabs(a - b) <= tolerance * fmax(fmax(fabs(a), fabs(b)), 0.01);
}

static const char *const column_name[] = {"expected", "upper",         "score",
                                          "pvalue",   "quantile_prob", "mu0",
                                          "phi",      "trend_coef",    "statistic"};

// Counts what differs between two results; tells the first few.
static int compare(const struct analysis_panel *panel, const char *what, const struct result *a,
                   const struct result *b, double tolerance)
{
    int wrong = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t t = panel->from; t < panel->to; t++) {
            size_t at = s * panel->stride + t;
            bool is_equal = a->outcome[at] == b->outcome[at];
            const char *column = "outcome";
            int column_at = 0;
            for (int i = 0; i < ANALYSIS_COLUMNS && is_equal; i++) {
                is_equal = is_same(a->column[i][at], b->column[i][at], tolerance);
                column = column_name[i], column_at = i;
            }
            if (is_equal || wrong++ > 3)
                continue;
            unit_check(false, __FILE__, __LINE__,
                       "%s: series %d point %d (%g): %s %04x %04x %.17g %.17g", what, (int)s,
                       (int)t, value[at], column, a->outcome[at], b->outcome[at],
                       a->column[column_at][at], b->column[column_at][at]);
        }
    return wrong;
}

// No NaN, and nothing in a column that is not known.
static void check_clean(const struct analysis_panel *panel, const char *what,
                        const struct result *result)
{
    int wrong = 0;
    for (size_t s = 0; s < panel->series_count; s++)
        for (size_t t = panel->from; t < panel->to; t++) {
            size_t at = s * panel->stride + t;
            uint16_t outcome = result->outcome[at];
            // Judged with the reason "short": by what a short series allows.
            enum analysis_reason reason = analysis_reason_of(outcome);
            wrong += (outcome & ANALYSIS_JUDGED) != 0
                         ? reason != ANALYSIS_REASON_NONE && reason != ANALYSIS_REASON_SHORT
                         : reason == ANALYSIS_REASON_NONE;
            for (int i = 0; i < ANALYSIS_COLUMNS; i++) {
                double x = result->column[i][at];
                wrong += isnan(x) || (isinf(x) && i != ANALYSIS_MU0);
                wrong += (outcome >> i & 1) == 0 && x != 0;
            }
        }
    unit_check(wrong == 0, __FILE__, __LINE__, "%s: %d unclean places", what, wrong);
}

static void check_stream(const struct analysis_panel *panel,
                         const struct analysis_detector *detector, const double *option)
{
    double *memory =
        malloc(analysis_stream_size(detector, option, panel->frequency) + sizeof(double));
    struct analysis_output output = output_of(&by_other);
    for (size_t s = 0; s < panel->series_count; s++) {
        struct analysis_stream *stream =
            analysis_stream_begin(memory, detector, option, panel->frequency, panel->day != NULL);
        for (size_t t = panel->from; t < panel->to; t++) {
            size_t at = s * panel->stride + t;
            struct analysis_point point = {.outcome = by_batch.outcome[at]};
            if (t >= first[s])
                CHECK(analysis_stream_add(stream, value[at], population[at],
                                          panel->day == NULL ? 0 : panel->day[t], &point));
            output.outcome[at] = point.outcome;
            for (int i = 0; i < ANALYSIS_COLUMNS; i++)
                output.column[i][at] = point.column[i];
        }
    }
    unit_check(compare(panel, detector->name, &by_batch, &by_other, 0) == 0, __FILE__, __LINE__,
               "%s: stream differs from batch", detector->name);
    free(memory);
}

// Batch against stream, or against reference.
static void check_settings(const struct analysis_panel *panel, const char *method,
                           const char *settings, bool is_streamed)
{
    const struct analysis_detector *detector = analysis_find_detector(method);
    double option[ANALYSIS_OPTIONS_MAX];
    char copy[256] = "", *rest = copy, *word;
    size_t row;
    analysis_default_options(detector, option);
    snprintf(copy, sizeof copy, "%s", settings);
    while (copy[0] != '\0' && (word = strsep(&rest, " ")) != NULL) {
        char *name = strsep(&word, "=");
        CHECK_EQUAL(analysis_set_option(detector, name, word, option, &row), ANALYSIS_OPTION_TAKEN);
    }
    CHECK(analysis_check_options(detector, option, panel->frequency));
    struct analysis_output batch = output_of(&by_batch), plain = output_of(&by_reference);
    CHECK(detector->batch(panel, option, &batch));
    check_clean(panel, method, &by_batch);
    if (is_streamed) {
        check_stream(panel, detector, option);
        return;
    }
    CHECK(detector->reference(panel, option, &plain));
    // A smoothed season of large counts without noise leaves errors of rounding, which are its
    // score.
    double tolerance = strcmp(method, "holt-winters") == 0 ? 1e-5 : 2e-7;
    unit_check(compare(panel, method, &by_batch, &by_reference, tolerance) == 0, __FILE__, __LINE__,
               "%s %s: batch differs from reference", method, settings);
}

static const struct {
    const char *method, *settings;
    size_t streams_most; // 0: a stream for every series; else each stream takes long
} cases[] = {
    {"bands", "blue=3 orange=10"},
    {"bands", "above=0 blue=3 red=1"},
    {"ears-c1", ""},
    {"ears-c1", "baseline=14 min_sigma=0.5"},
    {"ears-c2", ""},
    {"ears-c3", ""},
    {"ears-c3", "baseline=3 min_sigma=1"},
    {"farrington", "b=3"},
    {"farrington", "b=2 power=1/2 reweight=0 limit_cases=0"},
    {"farrington", "b=4 w=0 power=none trend=0"},
    {"farrington-flexible", "b=3"},
    {"farrington-flexible", "b=5 trend_p=0.05 threshold=muan alpha=0.01 limit_cases=0"},
    {"farrington-flexible", "b=3 periods=1 exclude_recent=1 threshold=delta weights_threshold=1"},
    {"farrington-flexible", "b=3 population_offset=1 trend_p=0.05"},
    {"farrington-flexible", "b=3 reweight=0 periods=4 w=5"},
    {"fused", "", 2},
    {"fused", "b=3 budget=5 side=both", 2},
    {"fused", "b=4 kind=amount side=below", 2},
    {"rki", ""},
    {"rki", "b=0 w=6 current_year=1"},
    {"rki", "b=1 w=6 current_year=1"},
    {"bayes", ""},
    {"bayes", "b=1 alpha=0.001"},
    {"bayes", "b=2 w=4 current_year=0"},
    {"cusum", ""},
    {"cusum", "transform=standard reset=1"},
    {"cusum", "transform=anscombe k=1 h=3 mean=glm"},
    {"cusum", "transform=anscombe2 target=2.5"},
    {"cusum", "transform=negbin alpha_nb=0.3 baseline=10 population_offset=1"},
    {"cusum", "transform=none k=1.5 h=4 mean=glm population_offset=1"},
    {"cusum", "arl=500 arl_shifted=7", 1},
    {"ewma", ""},
    {"ewma", "two_sided=1 steady=1 spread=poisson"},
    {"ewma", "reflect=1 target=3 sigma=1.5 lambda=0.3 limit=2.7"},
    {"ewma", "population_offset=1 spread=poisson lambda=0.05"},
    {"ewma", "population_offset=1 baseline=10"},
    {"glr", "alpha_nb=0"},
    {"glr", "alpha_nb=0.2 window=12 limit=3 baseline=60"},
    {"glr", "window=9 min_window=3 trend=1 harmonics=2 search=safe"},
    {"glr", "alpha_nb=0 window=10 min_window=2 harmonics=0 baseline=20 limit=2"},
    {"glr", "theta=0.7 population_offset=1 limit=2"},
    {"glr", "theta=0.7 alpha_nb=0 target=4 min_window=4"},
    {"pelt", "window=40"},
    {"pelt", "cost=poisson window=60 two_sided=1 segment=2"},
    {"pelt", "cost=mean_variance window=30 penalty=8 recent=20"},
    {"pelt", "cost=slope window=24 segment=4 variance=3"},
    {"holt-winters", ""},
    {"holt-winters", "period=7 damping=1 scale=root clip=0"},
    {"holt-winters", "period=1 scale=log alpha=0.1 baseline=9"},
    {"reporting", ""},
    {"reporting", "window=20 cycle=7 alpha=0.2"},
    {"tail", "depth=20 baseline=60"},
    {"tail", "depth=5 memory=40 baseline=1 share=0.1 two_sided=0 alpha=0.05"},
    {"shewhart", ""},
    {"shewhart", "chart=counts rules=1"},
    {"shewhart", "chart=exact baseline=40 target=4.5"},
    {"shewhart", "chart=shares two_sided=1"},
    {"shewhart", "chart=overdispersed population_offset=1 rules=1 two_sided=1"},
};
// The cases from here on take values beyond the panel's promise too.
enum { CASE_COUNT = sizeof cases / sizeof cases[0], FIRST_OF_ALL_VALUES = 15 };

// The streams of the panel's first series, at most so many of them, against its batch.
static void check_streams(const struct analysis_panel *panel, int at, size_t most)
{
    struct analysis_panel few = *panel;
    size_t own = cases[at].streams_most;
    most = own != 0 && own < most ? own : most;
    few.series_count = few.series_count < most ? few.series_count : most;
    check_settings(&few, cases[at].method, cases[at].settings, true);
}

void test_batch_is_reference_index_form(void)
{
    struct analysis_panel panel;
    make_panel(&panel, 13, 337, 52, false, 10);
    panel.from = 320;
    for (int i = 0; i < CASE_COUNT; i++)
        check_settings(&panel, cases[i].method, cases[i].settings, false);
}

void test_batch_is_reference_date_form(void)
{
    struct analysis_panel panel;
    make_panel(&panel, 11, 401, 52, true, 20);
    panel.from = 380;
    for (int i = 0; i < CASE_COUNT; i++)
        check_settings(&panel, cases[i].method, cases[i].settings, false);
}

void test_batch_is_reference_months(void)
{
    struct analysis_panel panel;
    make_panel(&panel, 10, 131, 12, false, 30);
    for (int streamed = 0; streamed < 2; streamed++) {
        check_settings(&panel, "farrington", "b=5 w=1", streamed);
        check_settings(&panel, "farrington-flexible", "b=5 w=1 periods=3 exclude_recent=3",
                       streamed);
        check_settings(&panel, "farrington-flexible", "b=5 w=3 periods=10", streamed);
    }
}

void test_stream_is_batch(void)
{
    struct analysis_panel panel;
    for (int dated = 0; dated < 2; dated++) {
        make_panel(&panel, 4, 331, 52, dated, 5);
        for (int i = 0; i < CASE_COUNT; i++)
            check_streams(&panel, i, 4);
    }
}

// The same bits whatever the number of threads, and whoever the neighbours are.
void test_threads_and_neighbours_do_not_show(void)
{
    struct analysis_panel panel;
    make_panel(&panel, 21, 300, 52, false, 5);
    panel.from = 220;
    for (int i = 0; i < CASE_COUNT; i++) {
        const struct analysis_detector *detector = analysis_find_detector(cases[i].method);
        double option[ANALYSIS_OPTIONS_MAX];
        analysis_default_options(detector, option);
        if (strcmp(detector->option[0].name, "b") == 0)
            option[0] = 3;
        struct analysis_output batch = output_of(&by_batch), other = output_of(&by_other);
        omp_set_num_threads(1);
        CHECK(detector->batch(&panel, option, &batch));
        omp_set_num_threads(5);
        CHECK(detector->batch(&panel, option, &other));
        CHECK(memcmp(&by_batch, &by_other, sizeof by_batch) == 0);
        struct analysis_panel alone = panel;
        alone.series_count = 1;
        alone.first = first + 13;
        alone.value = value + 13 * panel.stride;
        alone.population = population + 13 * panel.stride;
        other = output_of(&by_other);
        CHECK(detector->batch(&alone, option, &other));
        CHECK(memcmp(by_batch.column[ANALYSIS_UPPER] + 13 * panel.stride,
                     by_other.column[ANALYSIS_UPPER], panel.point_count * sizeof(double)) == 0);
    }
}

// What no method may stumble over: infinities, the largest values, values below zero, all at once.
void test_absurd_values(void)
{
    static const double absurd[] = {INFINITY, -INFINITY, 1e15, 0, 1e-300, -7, ANALYSIS_MISSING};
    struct analysis_panel panel;
    for (int kind = 0; kind < 3; kind++)
        for (int i = FIRST_OF_ALL_VALUES; i < CASE_COUNT; i++) {
            // The values of kind 1 hardly differ, and kind 2 is kind 0 with dates.
            make_panel(&panel, kind == 0 ? 9 : 2, 210, 52, kind == 2, 8);
            for (size_t at = 0; at < panel.series_count * panel.stride; at++)
                if (at % 7 < 3 && kind != 1)
                    value[at] = absurd[at % 11 % 7];
                else if (kind == 1)
                    value[at] = 1e15 - (double)(at % 5);
            check_streams(&panel, i, 3);
            // Where all digits are used up a difference has none: no two ways agree on it. (In
            // "fused" two scores of the same capped ratio are told apart by their last bit.)
            static const char *const sums[] = {"glr", "pelt", "holt-winters", "fused"};
            bool has_digits = kind != 1;
            for (int k = 0; k < 4; k++)
                has_digits = has_digits && strcmp(cases[i].method, sums[k]) != 0;
            if (has_digits)
                check_settings(&panel, cases[i].method, cases[i].settings, false);
        }
}

// With the bound alone RKI, CUSUM, EWMA and EARS go shorter ways where all is ordinary: they say
// the same to the bit.
void test_bound_alone_is_the_same(void)
{
    static const char *const methods[] = {"ears-c1",
                                          "rki",
                                          "cusum",
                                          "cusum transform=standard reset=1",
                                          "cusum mean=glm transform=negbin",
                                          "cusum transform=none",
                                          "ewma",
                                          "ewma two_sided=1 steady=1 spread=poisson",
                                          "ewma reflect=1 lambda=0.5",
                                          "bayes"};
    struct analysis_panel panel;
    make_panel(&panel, 21, 400, 52, false, 3);
    for (size_t s = 0; s < 21; s++)
        for (size_t t = 0; t < 400; t++) {
            double *at = &value[s * panel.stride + t];
            // Eights of series: small counts; large ones and no counts; all that can go wrong.
            *at = s < 8 ? random_count(3) : s < 16 ? random_count(40) + 0.3 * (double)(s % 2) : *at;
            if (s < 16 && t % 97 == 96)
                *at = s % 5 == 0   ? 1e200
                      : s % 5 == 1 ? INFINITY
                      : s % 5 == 2 ? -3
                                   : ANALYSIS_MISSING;
            if (s % 8 == 3 && t < 26)
                *at = 0.125;
        }
    memset(first, 0, sizeof first);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        char copy[64], *rest = copy;
        double option[ANALYSIS_OPTIONS_MAX];
        size_t row;
        snprintf(copy, sizeof copy, "%s", methods[i]);
        const struct analysis_detector *detector = analysis_find_detector(strsep(&rest, " "));
        analysis_default_options(detector, option);
        for (char *word; (word = strsep(&rest, " ")) != NULL;) {
            char *name = strsep(&word, "=");
            CHECK_EQUAL(analysis_set_option(detector, name, word, option, &row),
                        ANALYSIS_OPTION_TAKEN);
        }
        struct analysis_output all = output_of(&by_batch), bound = output_of(&by_other);
        for (int column = 0; column < ANALYSIS_COLUMNS; column++)
            if (column != ANALYSIS_UPPER)
                bound.column[column] = NULL;
        CHECK(detector->batch(&panel, option, &all));
        CHECK(detector->batch(&panel, option, &bound));
        unit_check(memcmp(by_batch.outcome, by_other.outcome, sizeof by_batch.outcome) == 0,
                   __FILE__, __LINE__, "%s: other words", methods[i]);
        unit_check(memcmp(by_batch.column[ANALYSIS_UPPER], by_other.column[ANALYSIS_UPPER],
                          sizeof by_batch.column[0]) == 0,
                   __FILE__, __LINE__, "%s: other bounds", methods[i]);
    }
}

void test_one_point_and_none(void)
{
    struct analysis_panel panel;
    make_panel(&panel, 3, 1, 52, false, 6);
    for (int i = 0; i < CASE_COUNT; i++) {
        check_streams(&panel, i, 3);
        check_settings(&panel, cases[i].method, cases[i].settings, false);
    }
    panel.to = 0;
    for (int i = 0; i < CASE_COUNT; i++)
        check_settings(&panel, cases[i].method, cases[i].settings, false);
    panel.series_count = 0;
    for (int i = 0; i < CASE_COUNT; i++)
        check_settings(&panel, cases[i].method, cases[i].settings, false);
}

void test_options_from_text(void)
{
    const struct analysis_detector *detector = analysis_find_detector("farrington-flexible");
    double option[ANALYSIS_OPTIONS_MAX];
    size_t row = 99;
    static const struct {
        const char *name, *value;
        enum analysis_option_fault fault;
    } rows[] = {
        {"b", "4", ANALYSIS_OPTION_TAKEN},         {"b", "4.5", ANALYSIS_OPTION_VALUE},
        {"b", "0", ANALYSIS_OPTION_RANGE},         {"b", "", ANALYSIS_OPTION_VALUE},
        {"b", "nan", ANALYSIS_OPTION_VALUE},       {"b", "1e400", ANALYSIS_OPTION_VALUE},
        {"b", "4 ", ANALYSIS_OPTION_VALUE},        {"alpha", "0.01", ANALYSIS_OPTION_TAKEN},
        {"alpha", "0x1", ANALYSIS_OPTION_VALUE},   {"alpha", "0.9", ANALYSIS_OPTION_RANGE},
        {"power", "2/3", ANALYSIS_OPTION_TAKEN},   {"power", "2", ANALYSIS_OPTION_VALUE},
        {"trend", "2", ANALYSIS_OPTION_RANGE},     {"trend", "yes", ANALYSIS_OPTION_VALUE},
        {"nothing", "1", ANALYSIS_OPTION_UNKNOWN}, {"", "1", ANALYSIS_OPTION_UNKNOWN},
    };
    analysis_default_options(detector, option);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        unit_check(analysis_set_option(detector, rows[i].name, rows[i].value, option, &row) ==
                       rows[i].fault,
                   __FILE__, __LINE__, "%s=%s", rows[i].name, rows[i].value);
    CHECK(option[0] == 4);
    CHECK(analysis_find_detector("farringto") == NULL);
    CHECK(analysis_check_options(detector, option, 52));
    CHECK(!analysis_check_options(detector, option, 6));
    CHECK(!analysis_check_options(detector, option, 0));
}
