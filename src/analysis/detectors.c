// SPDX-License-Identifier: LGPL-3.0-or-later
//
// detectors.c: the table of detectors and their options.
//
// Owns: names, options, defaults and limits. `levee judge --help`, the packs' check and the tests
// all read this table; a detector that has no row does not exist. Adding one: a file with its batch
// and its reference, their prototypes in analysis_priv.h, a row here, and the words for its name
// and options where people read them. Option names are part of packs and command lines: they may be
// added, never renamed.
//
// The order of an option table is the order of the values that the detector reads: each detector
// has an enum of its places beside its code, and the static assertions below hold their lengths.
#include <stdlib.h>
#include <string.h>

#include "analysis/analysis_priv.h"
#include "analysis/cusum.h"
#include "analysis/ears.h"
#include "analysis/ewma.h"
#include "analysis/fused.h"
#include "analysis/glr.h"
#include "analysis/holt_winters.h"
#include "analysis/pelt.h"
#include "analysis/reporting.h"
#include "analysis/season.h"
#include "analysis/shewhart.h"
#include "analysis/tail.h"
#include "analysis/window.h"

#define COLUMN(name) (1u << ANALYSIS_##name)

static const struct analysis_option bands_options[] = {
    {"above", ANALYSIS_OPTION_SWITCH, 1, 0, 1, {NULL}},
    {"blue", ANALYSIS_OPTION_REAL, INFINITY, -1e15, 1e15, {NULL}},
    {"yellow", ANALYSIS_OPTION_REAL, INFINITY, -1e15, 1e15, {NULL}},
    {"orange", ANALYSIS_OPTION_REAL, INFINITY, -1e15, 1e15, {NULL}},
    {"red", ANALYSIS_OPTION_REAL, INFINITY, -1e15, 1e15, {NULL}},
};

#define EARS_OPTIONS(alpha)                                                                        \
    {"baseline", ANALYSIS_OPTION_INTEGER, 7, EARS_BASELINE_LEAST, EARS_BASELINE_MOST, {NULL}},     \
        {"min_sigma", ANALYSIS_OPTION_REAL, 0, 0, 1e15, {NULL}},                                   \
    {                                                                                              \
        "alpha", ANALYSIS_OPTION_REAL, alpha, 1e-12, 0.5,                                          \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
static const struct analysis_option ears_mean_options[] = {EARS_OPTIONS(0.001)};
static const struct analysis_option ears_excess_options[] = {EARS_OPTIONS(0.025)};

#define POWERS                                                                                     \
    {                                                                                              \
        "2/3", "1/2", "none"                                                                       \
    }
static const struct analysis_option farrington_options[] = {
    {"b", ANALYSIS_OPTION_INTEGER, 5, 1, SEASON_YEARS_MOST, {NULL}},
    {"w", ANALYSIS_OPTION_INTEGER, 3, 0, 180, {NULL}},
    {"reweight", ANALYSIS_OPTION_SWITCH, 1, 0, 1, {NULL}},
    {"alpha", ANALYSIS_OPTION_REAL, 0.05, 1e-12, 0.5, {NULL}},
    {"trend", ANALYSIS_OPTION_SWITCH, 1, 0, 1, {NULL}},
    {"power", ANALYSIS_OPTION_CHOICE, POWER_TWO_THIRDS, 0, 2, POWERS},
    {"limit_cases", ANALYSIS_OPTION_REAL, 5, 0, 1e15, {NULL}},
    {"limit_period", ANALYSIS_OPTION_INTEGER, 4, 1, 366, {NULL}},
};

static const struct analysis_option flexible_options[] = {
    {"b", ANALYSIS_OPTION_INTEGER, 5, 1, SEASON_YEARS_MOST, {NULL}},
    {"w", ANALYSIS_OPTION_INTEGER, 3, 0, 180, {NULL}},
    {"reweight", ANALYSIS_OPTION_SWITCH, 1, 0, 1, {NULL}},
    {"weights_threshold", ANALYSIS_OPTION_REAL, 2.58, 0.1, 100, {NULL}},
    {"alpha", ANALYSIS_OPTION_REAL, 0.05, 1e-12, 0.5, {NULL}},
    {"trend", ANALYSIS_OPTION_SWITCH, 1, 0, 1, {NULL}},
    {"trend_p", ANALYSIS_OPTION_REAL, 1, 0, 1, {NULL}},
    {"periods", ANALYSIS_OPTION_INTEGER, 10, 1, 100, {NULL}},
    {"exclude_recent", ANALYSIS_OPTION_INTEGER, 26, 0, 366, {NULL}},
    {"threshold", ANALYSIS_OPTION_CHOICE, THRESHOLD_NB, 0, 2, {"delta", "nb", "muan"}},
    {"power", ANALYSIS_OPTION_CHOICE, POWER_TWO_THIRDS, 0, 2, POWERS},
    {"limit_cases", ANALYSIS_OPTION_REAL, 5, 0, 1e15, {NULL}},
    {"limit_period", ANALYSIS_OPTION_INTEGER, 4, 1, 366, {NULL}},
    {"population_offset", ANALYSIS_OPTION_SWITCH, 0, 0, 1, {NULL}},
};

static const struct analysis_option rki_options[] = {
    {"b", ANALYSIS_OPTION_INTEGER, 2, 0, SEASON_YEARS_MOST, {NULL}},
    {"w", ANALYSIS_OPTION_INTEGER, 4, 0, 180, {NULL}},
    {"current_year", ANALYSIS_OPTION_SWITCH, 0, 0, 1, {NULL}},
};

static const struct analysis_option bayes_options[] = {
    {"b", ANALYSIS_OPTION_INTEGER, 0, 0, SEASON_YEARS_MOST, {NULL}},
    {"w", ANALYSIS_OPTION_INTEGER, 6, 0, 180, {NULL}},
    {"current_year", ANALYSIS_OPTION_SWITCH, 1, 0, 1, {NULL}},
    {"alpha", ANALYSIS_OPTION_REAL, 0.05, 1e-12, 0.5, {NULL}},
};

// Options that charts have in common: how long the baseline is, and what is known in its place.
#define CHART_BASELINE                                                                             \
    {                                                                                              \
        "baseline", ANALYSIS_OPTION_INTEGER, 26, 1, 3660,                                          \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }
#define KNOWN(name, least)                                                                         \
    {                                                                                              \
        name, ANALYSIS_OPTION_REAL, INFINITY, least, 1e15,                                         \
        {                                                                                          \
            "baseline"                                                                             \
        }                                                                                          \
    }
#define SWITCH(name, otherwise)                                                                    \
    {                                                                                              \
        name, ANALYSIS_OPTION_SWITCH, otherwise, 0, 1,                                             \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

static const struct analysis_option cusum_options[] = {
    {"k", ANALYSIS_OPTION_REAL, 1.04, 0, 1e6, {NULL}},
    {"h", ANALYSIS_OPTION_REAL, 2.26, 1e-6, 1e9, {NULL}},
    {"mean", ANALYSIS_OPTION_CHOICE, CUSUM_AVERAGE, 0, 1, {"average", "glm"}},
    {"transform",
     ANALYSIS_OPTION_CHOICE,
     TRANSFORM_ROSSI,
     0,
     5,
     {"standard", "rossi", "anscombe", "anscombe2", "negbin", "none"}},
    {"alpha_nb", ANALYSIS_OPTION_REAL, 0.1, 0, 1000, {NULL}},
    {"arl", ANALYSIS_OPTION_REAL, INFINITY, 2, 1e6, {"none"}},
    {"arl_shifted", ANALYSIS_OPTION_REAL, INFINITY, 1, 1000, {"none"}},
    SWITCH("reset", 0),
    CHART_BASELINE,
    KNOWN("target", 0),
    SWITCH("population_offset", 0),
};

static const struct analysis_option ewma_options[] = {
    {"lambda", ANALYSIS_OPTION_REAL, 0.2, 0.001, 1, {NULL}},
    {"limit", ANALYSIS_OPTION_REAL, 2.962, 0.1, 100, {NULL}},
    SWITCH("two_sided", 0),
    SWITCH("steady", 0),
    SWITCH("reflect", 0),
    {"spread", ANALYSIS_OPTION_CHOICE, SPREAD_DEVIATION, 0, 1, {"deviation", "poisson"}},
    CHART_BASELINE,
    KNOWN("target", -1e15),
    KNOWN("sigma", 0),
    SWITCH("population_offset", 0),
};

static const struct analysis_option shewhart_options[] = {
    {"chart",
     ANALYSIS_OPTION_CHOICE,
     SHEWHART_INDIVIDUALS,
     0,
     4,
     {"individuals", "counts", "exact", "shares", "overdispersed"}},
    {"limit", ANALYSIS_OPTION_REAL, 3, 0.1, 7, {NULL}},
    SWITCH("two_sided", 0),
    SWITCH("rules", 0),
    CHART_BASELINE,
    KNOWN("target", -1e15),
    KNOWN("sigma", 0),
    SWITCH("population_offset", 0),
};

static const struct analysis_option glr_options[] = {
    {"limit", ANALYSIS_OPTION_REAL, 5, 1e-6, 1e6, {NULL}},
    {"harmonics", ANALYSIS_OPTION_INTEGER, 1, 0, HARMONICS_MOST, {NULL}},
    SWITCH("trend", 0),
    {"alpha_nb", ANALYSIS_OPTION_REAL, INFINITY, 0, 1000, {"estimate"}},
    {"change", ANALYSIS_OPTION_CHOICE, GLR_INTERCEPT, 0, 0, {"intercept"}},
    {"min_window", ANALYSIS_OPTION_INTEGER, 1, 1, GLR_MIN_WINDOW_MOST, {NULL}},
    {"window", ANALYSIS_OPTION_INTEGER, INFINITY, 1, GLR_WINDOW_MOST, {"all"}},
    {"theta", ANALYSIS_OPTION_REAL, INFINITY, 1e-6, 20, {"estimate"}},
    {"baseline", ANALYSIS_OPTION_INTEGER, 104, 1, 3660, {NULL}},
    KNOWN("target", 1e-9),
    SWITCH("population_offset", 0),
    {"search", ANALYSIS_OPTION_CHOICE, SEARCH_PUBLISHED, 0, 1, {"published", "safe"}},
};

static const struct analysis_option pelt_options[] = {
    {"cost",
     ANALYSIS_OPTION_CHOICE,
     PELT_MEAN,
     0,
     3,
     {"mean", "mean_variance", "poisson", "slope"}},
    {"window", ANALYSIS_OPTION_INTEGER, 104, 8, PELT_WINDOW_MOST, {NULL}},
    {"penalty", ANALYSIS_OPTION_REAL, INFINITY, 1e-6, 1e9, {"bic"}},
    {"segment", ANALYSIS_OPTION_INTEGER, 3, 2, 365, {NULL}},
    {"recent", ANALYSIS_OPTION_INTEGER, 6, 1, PELT_WINDOW_MOST, {NULL}},
    SWITCH("two_sided", 0),
    {"variance", ANALYSIS_OPTION_REAL, INFINITY, 1e-12, 1e30, {"robust"}},
};

static const struct analysis_option holt_options[] = {
    {"level", ANALYSIS_OPTION_REAL, 0.3, 0, 1, {NULL}},
    {"slope", ANALYSIS_OPTION_REAL, 0.05, 0, 1, {NULL}},
    {"season", ANALYSIS_OPTION_REAL, 0.1, 0, 1, {NULL}},
    {"damping", ANALYSIS_OPTION_REAL, 0.98, 0, 1, {NULL}},
    SWITCH("fit", 0),
    {"period", ANALYSIS_OPTION_INTEGER, INFINITY, 1, 366, {"year"}},
    {"scale", ANALYSIS_OPTION_CHOICE, HOLT_PLAIN, 0, 2, {"plain", "root", "log"}},
    {"alpha", ANALYSIS_OPTION_REAL, 0.01, 1e-12, 0.5, {NULL}},
    SWITCH("clip", 1),
    CHART_BASELINE,
};

static const struct analysis_option reporting_options[] = {
    {"window", ANALYSIS_OPTION_INTEGER, 56, 1, REPORTING_WINDOW_MOST, {NULL}},
    {"cycle", ANALYSIS_OPTION_INTEGER, 1, 1, REPORTING_CYCLE_MOST, {NULL}},
    {"alpha", ANALYSIS_OPTION_REAL, 0.01, 1e-12, 0.5, {NULL}},
};
static const struct analysis_option tail_options[] = {
    {"depth", ANALYSIS_OPTION_INTEGER, INFINITY, 1, TAIL_DEPTH_MOST, {"year"}},
    {"memory", ANALYSIS_OPTION_INTEGER, 4000, 20, TAIL_MEMORY_MOST, {NULL}},
    {"baseline", ANALYSIS_OPTION_INTEGER, 200, 1, 3660, {NULL}},
    {"share", ANALYSIS_OPTION_REAL, 0.02, 0.001, 0.5, {NULL}},
    {"alpha", ANALYSIS_OPTION_REAL, 0.001, 1e-12, 0.5, {NULL}},
    {"two_sided", ANALYSIS_OPTION_SWITCH, 1, 0, 1, {NULL}},
};
#define LENGTH(table) ((int)(sizeof table / sizeof table[0]))
static_assert(LENGTH(cusum_options) == CUSUM_OPTIONS, "one row an option");
static_assert(LENGTH(ewma_options) == EWMA_OPTIONS, "one row an option");
static_assert(LENGTH(glr_options) == GLR_OPTIONS, "one row an option");
static_assert(LENGTH(pelt_options) == PELT_OPTIONS, "one row an option");
static_assert(LENGTH(holt_options) == HOLT_OPTIONS, "one row an option");
static_assert(LENGTH(reporting_options) == REPORTING_OPTIONS, "one row an option");
static_assert(LENGTH(tail_options) == TAIL_OPTIONS, "one row an option");
static_assert(LENGTH(shewhart_options) == SHEWHART_OPTIONS, "one row an option");

static const struct analysis_option fused_options[] = {
    {"b", ANALYSIS_OPTION_INTEGER, 12, 1, SEASON_YEARS_MOST, {NULL}},
    {"budget", ANALYSIS_OPTION_REAL, 0.5, 1e-6, 366, {NULL}},
    {"kind", ANALYSIS_OPTION_CHOICE, FUSED_KIND_AUTO, 0, 2, {"auto", "count", "amount"}},
    {"side", ANALYSIS_OPTION_CHOICE, FUSED_ABOVE, 0, 2, {"above", "below", "both"}},
};
static_assert(sizeof fused_options / sizeof fused_options[0] == FUSED_OPTIONS, "one row an option");
static_assert(sizeof farrington_options / sizeof farrington_options[0] == FARRINGTON_OPTIONS,
              "one row an option");
static_assert(sizeof flexible_options / sizeof flexible_options[0] == FLEXIBLE_OPTIONS,
              "one row an option");
static_assert(FLEXIBLE_OPTIONS <= (int)ANALYSIS_OPTIONS_MAX, "callers hold ANALYSIS_OPTIONS_MAX");

static size_t start_bands(const double *option, int frequency)
{
    (void)option;
    (void)frequency;
    return 0;
}

static size_t start_ears_c1(const double *option, int frequency)
{
    (void)frequency;
    return (size_t)option[EARS_BASELINE];
}

static size_t start_ears_c2(const double *option, int frequency)
{
    return start_ears_c1(option, frequency) + EARS_LAG;
}

static size_t start_ears_c3(const double *option, int frequency)
{
    return start_ears_c2(option, frequency) + EARS_MEMORY;
}

static size_t start_farrington(const double *option, int frequency)
{
    return (size_t)frequency * (size_t)option[FARRINGTON_B] + (size_t)option[FARRINGTON_W];
}

static size_t start_flexible(const double *option, int frequency)
{
    return (size_t)frequency * (size_t)option[FLEXIBLE_B] + (size_t)option[FLEXIBLE_W];
}

#define OPTIONS(table) table, sizeof table / sizeof table[0]
static const struct analysis_detector detectors[] = {
    {"bands", OPTIONS(bands_options), COLUMN(UPPER) | COLUMN(SCORE), false, false, start_bands,
     bands_judge, bands_judge},
    {"ears-c1", OPTIONS(ears_mean_options), COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE), false,
     false, start_ears_c1, ears_judge_c1, ears_refer_c1},
    {"ears-c2", OPTIONS(ears_mean_options), COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE), false,
     false, start_ears_c2, ears_judge_c2, ears_refer_c2},
    {"ears-c3", OPTIONS(ears_excess_options), COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE),
     false, false, start_ears_c3, ears_judge_c3, ears_refer_c3},
    {"farrington", OPTIONS(farrington_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(MU0) | COLUMN(PHI) |
         COLUMN(TREND_COEF) | COLUMN(QUANTILE_PROB),
     true, true, start_farrington, farrington_judge, farrington_refer},
    {"farrington-flexible", OPTIONS(flexible_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(MU0) | COLUMN(PHI) |
         COLUMN(TREND_COEF) | COLUMN(PVALUE),
     true, true, start_flexible, flexible_judge, flexible_refer},
    {"fused", OPTIONS(fused_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(MU0) | COLUMN(PHI) |
         COLUMN(TREND_COEF),
     false, true, fused_start, fused_judge, fused_refer, .reach = fused_reach},
    {"rki", OPTIONS(rki_options), COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE), true, true,
     window_start, rki_judge, rki_refer},
    {"bayes", OPTIONS(bayes_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(PVALUE), true, true, window_start,
     bayes_judge, bayes_refer},
    {"cusum", OPTIONS(cusum_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(STATISTIC), true, true, cusum_start,
     cusum_judge, cusum_refer, &cusum_method},
    {"ewma", OPTIONS(ewma_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(STATISTIC), false, false, ewma_start,
     ewma_judge, ewma_refer, &ewma_method},
    {"glr", OPTIONS(glr_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(MU0) | COLUMN(STATISTIC), true, true,
     glr_start, glr_judge, glr_refer, &glr_method},
    {"shewhart", OPTIONS(shewhart_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(STATISTIC), false, false,
     shewhart_start, shewhart_judge, shewhart_refer, &shewhart_method},
    {"pelt", OPTIONS(pelt_options),
     COLUMN(EXPECTED) | COLUMN(SCORE) | COLUMN(MU0) | COLUMN(STATISTIC), false, false, pelt_start,
     pelt_judge, pelt_refer},
    {"holt-winters", OPTIONS(holt_options),
     COLUMN(EXPECTED) | COLUMN(UPPER) | COLUMN(SCORE) | COLUMN(PVALUE), false, true, holt_start,
     holt_judge, holt_refer, &holt_method},
    {"reporting", OPTIONS(reporting_options),
     COLUMN(EXPECTED) | COLUMN(SCORE) | COLUMN(PVALUE) | COLUMN(STATISTIC), false, false,
     reporting_start, reporting_judge, reporting_refer, &reporting_method},
    {"tail", OPTIONS(tail_options),
     COLUMN(EXPECTED) | COLUMN(SCORE) | COLUMN(PVALUE) | COLUMN(STATISTIC), false, false,
     tail_start, tail_judge, tail_refer, &tail_method},
};
enum { DETECTOR_COUNT = sizeof detectors / sizeof detectors[0] };

const struct analysis_detector *analysis_detectors(size_t *ret_count)
{
    *ret_count = DETECTOR_COUNT;
    return detectors;
}

const struct analysis_detector *analysis_find_detector(const char *name)
{
    for (size_t i = 0; i < DETECTOR_COUNT; i++)
        if (strcmp(detectors[i].name, name) == 0)
            return &detectors[i];
    return NULL;
}

void analysis_default_options(const struct analysis_detector *detector, double *option)
{
    assert(detector->option_count <= ANALYSIS_OPTIONS_MAX);
    for (size_t i = 0; i < ANALYSIS_OPTIONS_MAX; i++)
        option[i] = i < detector->option_count ? detector->option[i].otherwise : 0;
}

// A plain decimal number and nothing else: no blanks, hexadecimal, infinity or NaN.
static bool read_number(const char *text, double *ret_value)
{
    char *end = NULL;
    if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text))
        return false;
    *ret_value = strtod(text, &end);
    return *end == '\0' && isfinite(*ret_value);
}

enum analysis_option_fault analysis_set_option(const struct analysis_detector *detector,
                                               const char *name, const char *value, double *option,
                                               size_t *ret_row)
{
    size_t row = 0;
    while (row < detector->option_count && strcmp(detector->option[row].name, name) != 0)
        row++;
    if (row == detector->option_count)
        return ANALYSIS_OPTION_UNKNOWN;
    const struct analysis_option *rule = &detector->option[row];
    *ret_row = row;
    if (rule->kind == ANALYSIS_OPTION_CHOICE) {
        for (int i = 0; i < ANALYSIS_CHOICES_MAX && rule->choice[i] != NULL; i++)
            if (strcmp(rule->choice[i], value) == 0) {
                option[row] = i;
                return ANALYSIS_OPTION_TAKEN;
            }
        return ANALYSIS_OPTION_VALUE;
    }
    if (rule->choice[0] != NULL && strcmp(rule->choice[0], value) == 0) {
        option[row] = INFINITY;
        return ANALYSIS_OPTION_TAKEN;
    }
    double number = 0;
    if (!read_number(value, &number))
        return ANALYSIS_OPTION_VALUE;
    if (rule->kind != ANALYSIS_OPTION_REAL && number != floor(number))
        return ANALYSIS_OPTION_VALUE;
    if (number < rule->least || number > rule->most)
        return ANALYSIS_OPTION_RANGE;
    option[row] = number;
    return ANALYSIS_OPTION_TAKEN;
}

bool analysis_check_options(const struct analysis_detector *detector, const double *option,
                            int frequency)
{
    assert(frequency >= 0);
    if (detector->option == farrington_options || detector->option == flexible_options) {
        struct season_plan plan = detector->option == farrington_options
                                      ? season_plan_farrington(option, frequency, NULL)
                                      : season_plan_flexible(option, frequency, NULL);
        return season_plan_is_sound(&plan);
    }
    if (detector->option == rki_options || detector->option == bayes_options)
        return window_is_sound(option, frequency);
    if (detector->option == cusum_options)
        return option[CUSUM_MEAN] != CUSUM_GLM || frequency > 1;
    if (detector->option == pelt_options)
        return option[PELT_WINDOW] >= 2 * option[PELT_SEGMENT] + 1 &&
               (option[PELT_COST] != PELT_SLOPE || option[PELT_SEGMENT] > 2);
    if (detector->option == glr_options)
        return (option[GLR_HARMONICS] == 0 || frequency > 2 * option[GLR_HARMONICS]) &&
               option[GLR_WINDOW] >= option[GLR_MIN_WINDOW];
    return true;
}

// The option of that name, `otherwise` where the detector has none.
static double find_option(const struct analysis_detector *detector, const double *option,
                          const char *name, double otherwise)
{
    for (size_t i = 0; i < detector->option_count; i++)
        if (strcmp(detector->option[i].name, name) == 0)
            return option[i];
    return otherwise;
}

bool analysis_needs_frequency(const struct analysis_detector *detector, const double *option)
{
    // What the season comes in by: years looked back on, or a mean that follows it.
    return detector->is_seasonal && find_option(detector, option, "b", 1) != 0 &&
           find_option(detector, option, "mean", 1) != 0 &&
           find_option(detector, option, "harmonics", 1) != 0 &&
           !isfinite(find_option(detector, option, "period", INFINITY));
}

bool analysis_uses_population(const struct analysis_detector *detector, const double *option)
{
    bool is_share =
        detector->option == shewhart_options && option[SHEWHART_CHART] == SHEWHART_SHARES;
    return is_share || find_option(detector, option, "population_offset", 0) != 0;
}
