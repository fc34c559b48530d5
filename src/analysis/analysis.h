// SPDX-License-Identifier: LGPL-3.0-or-later
//
// analysis.h: detectors, plausibility and rules: pure numerics on arrays that the caller owns.
//
// This is the whole public face of liblevee_analysis. It needs nothing but the C standard library.
//
// Conventions
//   - Points are numbered from 0. A series is a run of equally spaced periods (days, weeks,
//   months);
//     a period that was not reported holds ANALYSIS_MISSING. NaN goes in as "missing"; no NaN and
//     no infinity comes out: "no result" is a state of the point's outcome word, with its reason.
//   - Nothing here depends on a clock, a file or what was asked before. Same input, same bytes,
//     whatever the number of threads: OpenMP runs across series only, each computed alone.
//   - Functions that return bool return false only when there is no memory for their work; then
//     what they wrote is void. Wrong options are found beforehand, by analysis_set_option and
//     analysis_check_options; calling a detector with unchecked options is the caller's bug.
//
// A panel is many series side by side, one after the other in memory:
//
//     value[0 * stride + 0 .. point_count-1]   series 0          outputs have the same shape
//     value[1 * stride + 0 .. point_count-1]   series 1
//
// A detector judges the points from..to-1 of each series from what lies before them:
//
//      points   |<-------- baseline, chosen by the method ------->|   k  the point judged
//                                                   expected ----------- o
//                                                   upper    ----------- x   alarm: value > upper
//
// The outcome word of a point, 16 bits:
//
//      15   12  11        10      9       8        7 ............. 0
//     | reason | silenced | trend | alarm | judged | column c known |
//
// References stand beside each function. Section numbers are those of docs/detectors.
#ifndef LEVEE_ANALYSIS_ANALYSIS_H
#define LEVEE_ANALYSIS_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANALYSIS_MISSING __builtin_nan("")

// --- Detectors ----------------------------------------------------------------------------------

// What a detector can say about a point, beside the alarm. Bit c of the outcome word tells whether
// column c has a value there; where it has none the array holds 0.
enum analysis_column {
    ANALYSIS_EXPECTED,      // the value expected without an outbreak
    ANALYSIS_UPPER,         // the bound: the value alarms when it is above (bands, cusum, glr: at
                            // or above)
    ANALYSIS_SCORE,         // how far towards the bound; above 1 is beyond it (bands: the level;
                            // fused: log odds, the bound where its budget puts it)
    ANALYSIS_PVALUE,        // probability of the value or a larger one
    ANALYSIS_QUANTILE_PROB, // probability of the value or a smaller one, predictive
    ANALYSIS_MU0,           // mean behind the bound
    ANALYSIS_PHI,           // dispersion, at least 1
    ANALYSIS_TREND_COEF,    // slope on the log scale a period; known only where a trend was kept
    ANALYSIS_STATISTIC,     // what a chart adds up; known wherever the point is judged: its bit is
                            // ANALYSIS_JUDGED
    ANALYSIS_COLUMNS
};

enum {
    ANALYSIS_JUDGED = 0x100,   // there is a result; without it see the reason
    ANALYSIS_ALARM = 0x200,    // the value is beyond the bound
    ANALYSIS_TREND = 0x400,    // the model holds a trend
    ANALYSIS_SILENCED = 0x800, // too few cases lately for an alarm (limit_cases in limit_period)
    ANALYSIS_REASON_SHIFT = 12
};

// Why a point has no result.
enum analysis_reason {
    ANALYSIS_REASON_NONE,
    ANALYSIS_REASON_OUTSIDE,  // before the series begins, or outside from..to
    ANALYSIS_REASON_SHORT,    // too few points before it
    ANALYSIS_REASON_MISSING,  // the value itself is missing
    ANALYSIS_REASON_BASELINE, // the baseline has gaps or too few values left
    ANALYSIS_REASON_NO_FIT,   // the model does not converge on this baseline
    ANALYSIS_REASON_RANGE     // the bound is beyond what a number can hold, or has no spread
};

static inline enum analysis_reason analysis_reason_of(uint16_t outcome)
{
    return (enum analysis_reason)(outcome >> ANALYSIS_REASON_SHIFT);
}

// Days whose habits are not those of their weekday: holidays, and the weekend days that are worked
// in exchange. A calendar is data of its country and year; the caller brings it.
enum analysis_day_kind {
    ANALYSIS_DAY_USUAL,
    ANALYSIS_DAY_OFF,
    ANALYSIS_DAY_WORKED // a Saturday like a Friday, a Sunday like a Monday
};
struct analysis_special_day {
    int32_t day; // since 1970-01-01
    enum analysis_day_kind kind;
};
struct analysis_calendar {
    const struct analysis_special_day *special; // by day, each once
    size_t count;
};
// The kind of a day; with no calendar (NULL) every day is usual.
enum analysis_day_kind analysis_kind_of_day(const struct analysis_calendar *calendar, int32_t day);

struct analysis_panel {
    size_t series_count;
    size_t point_count;
    size_t stride;            // from a series to the next, >= point_count
    const double *value;      // ANALYSIS_MISSING where not reported; |value| <= 1e15
    const double *population; // same shape, > 0 wherever a value is; NULL: none
    const uint32_t *first;    // per series, the point at which it begins; NULL: 0 for all
    const int32_t *day;       // per point, days since 1970-01-01, rising: reference periods go by
                              // calendar year (date form). NULL: by frequency (index form)
    const struct analysis_calendar *calendar; // of days with `day`, for what reads weekdays (fused,
                                              // breaks); NULL: none
    int frequency;     // periods a year: 365, 52, 12, 4, 1, or any other without `day`
    size_t from, to;   // judge the points from..to-1
    size_t chart_from; // charts that run on from point to point begin here, all before it
                       // being their baseline; 0: after the periods of their baseline option
};

// Each array has the panel's shape; a NULL column is not written. Points outside from..to are left
// alone. `outcome` must be there.
struct analysis_output {
    uint16_t *outcome;
    double *column[ANALYSIS_COLUMNS];
};

enum { ANALYSIS_OPTIONS_MAX = 14, ANALYSIS_CHOICES_MAX = 6 };

enum analysis_option_kind {
    ANALYSIS_OPTION_INTEGER,
    ANALYSIS_OPTION_REAL,
    ANALYSIS_OPTION_SWITCH, // 0 or 1
    ANALYSIS_OPTION_CHOICE  // the value is the index of the word in `choice`
};
// An integer or real option with a word in `choice` takes that word too: its value is infinity.

struct analysis_option {
    const char *name;
    enum analysis_option_kind kind;
    double otherwise; // the default
    double least, most;
    const char *choice[ANALYSIS_CHOICES_MAX];
};

struct chart_method;
struct analysis_detector {
    const char *name;
    const struct analysis_option *option; // option_count rows; values stand in the same order
    size_t option_count;
    unsigned columns; // bit c: the detector can give column c
    bool is_count;    // wants values >= 0
    bool is_seasonal; // reads the frequency; whether it must be there: analysis_needs_frequency
    // The first point (counted from the series' beginning) that can have a result.
    size_t (*start)(const double *option, int frequency);
    // Judges every series of the panel; the fast form.
    bool (*batch)(const struct analysis_panel *panel, const double *option,
                  const struct analysis_output *output);
    // The same numbers by the plain formulas, one point at a time: the test's oracle.
    bool (*reference)(const struct analysis_panel *panel, const double *option,
                      const struct analysis_output *output);
    // How a stream goes on where its state is no window of the past; NULL: it is a window.
    const struct chart_method *stream;
    // Points before the judged one that a result may depend on; NULL: those before its start.
    size_t (*reach)(const double *option, int frequency);
};

// The table of detectors; *ret_count rows.
const struct analysis_detector *analysis_detectors(size_t *ret_count);
// The detector of that name, NULL when there is none.
const struct analysis_detector *analysis_find_detector(const char *name);
// Fills `option` (ANALYSIS_OPTIONS_MAX places) with the detector's defaults.
void analysis_default_options(const struct analysis_detector *detector, double *option);

enum analysis_option_fault {
    ANALYSIS_OPTION_TAKEN,
    ANALYSIS_OPTION_UNKNOWN, // no option of that name
    ANALYSIS_OPTION_VALUE,   // not a number, not a whole number, or not one of the words
    ANALYSIS_OPTION_RANGE    // a number out of least..most
};
// Sets one option from text, as in "b", "3" or "power", "2/3". *ret_row is the option's row where
// the name is known; `option` is left alone on a fault.
enum analysis_option_fault analysis_set_option(const struct analysis_detector *detector,
                                               const char *name, const char *value, double *option,
                                               size_t *ret_row);
// True when the options work together at this frequency (windows do not overlap, periods fit
// between them, the series' past can hold the baseline).
bool analysis_check_options(const struct analysis_detector *detector, const double *option,
                            int frequency);

// True when the detector cannot work without a frequency, with these options.
bool analysis_needs_frequency(const struct analysis_detector *detector, const double *option);
// True when the options make the detector read the population.
bool analysis_uses_population(const struct analysis_detector *detector, const double *option);

// --- Streams ------------------------------------------------------------------------------------

// One series, one more point at a time; gives what `batch` gives for the same series, bit for bit.
// The state is plain memory that the caller owns: analysis_stream_size bytes, aligned for double.
// It may be copied (a copy is a snapshot) and holds only as much past as the method looks back on.
struct analysis_stream;
size_t analysis_stream_size(const struct analysis_detector *detector, const double *option,
                            int frequency);
// `is_dated`: each point comes with its day.
struct analysis_stream *analysis_stream_begin(void *memory,
                                              const struct analysis_detector *detector,
                                              const double *option, int frequency, bool is_dated);

// From here on the days follow the calendar, which must outlive the stream and its copies.
void analysis_stream_follow(struct analysis_stream *stream,
                            const struct analysis_calendar *calendar);

struct analysis_point {
    uint16_t outcome;
    double column[ANALYSIS_COLUMNS];
};
// Adds a period and judges it. `population` is read only by options that use it; `day` only by a
// dated stream.
bool analysis_stream_add(struct analysis_stream *stream, double value, double population,
                         int32_t day, struct analysis_point *ret_point);

// --- Design of a CUSUM ---------------------------------------------------------------------------

// The mean number of observations, normal with mean `mu` and variance 1, until a one-sided CUSUM
// with reference value k and limit h > 0 alarms from a start at 0 (Page 1954; Gauss-Legendre, 50
// nodes).
double analysis_cusum_run_length(double k, double h, double mu);
// The h with a run length of `arl` > 1 in control. With a finite `arl_shifted` also the k: run
// length arl_shifted when the mean is 2 k; else *k is given. What no k in 0.1..6 and no h up to 24
// give is answered with the nearest of them.
void analysis_cusum_design(double arl, double arl_shifted, double *k, double *ret_h);

// --- Plausibility -------------------------------------------------------------------------------

enum { ANALYSIS_LOW_VALUES = 3 };
// Is `value` improbably low after what came just before it? `believed` holds the last `count`
// values that were reported and believed, oldest first; the newest three are used, their mean taken
// as the mean of a Poisson law. *ret_probability is P(X <= value): after 1, 2, 9 a zero has exp(-4)
// = 0.018, "about 2 of 100 such days". False, and nothing written, where nothing can be said: fewer
// than three values, a missing or negative one.
bool analysis_probability_low(const double *believed, size_t count, double value,
                              double *ret_probability);
// The same as a verdict: P < limit after a rise. A rise: the newest believed value is above the one
// two before it. Zeros after zeros are no surprise and never doubted.
bool analysis_is_improbably_low(const double *believed, size_t count, double value, double limit);

// --- Rules --------------------------------------------------------------------------------------

// What is known about each period of a series, oldest first.
enum analysis_belief {
    ANALYSIS_UNREPORTED, // no reading
    ANALYSIS_DOUBTED,    // a reading that is not believed
    ANALYSIS_BELIEVED
};
struct analysis_history {
    const double *value;         // read only where a reading is
    const unsigned char *belief; // enum analysis_belief
    size_t count;
    size_t first;      // the period of the series' very first reading
    double quiet_most; // a period with no more than this is quiet; 0 for cases
};

// "First case after N quiet periods": the value of period `at` is above quiet_most and the `quiet`
// periods before it were each reported, believed and quiet. The series' very first reading is never
// a case: what went before it is not known. A doubted case counts: up at once.
bool analysis_is_first_case(const struct analysis_history *history, size_t at, size_t quiet);
// Quiet periods (reported, believed, no more than quiet_most) in a row just before period `at`.
size_t analysis_count_quiet(const struct analysis_history *history, size_t at);

// "The sum of the last K periods reaches M": a ladder of `count` steps, weakest first.
struct analysis_step {
    size_t periods; // K >= 1, the period `at` included
    double sum;     // M: reached when the sum is equal or more
    int level;      // 1..4
};
// The highest level whose step is reached at period `at`, 0 when none is. Unreported periods add
// nothing; doubted ones add their value: up at once. *ret_step (may be NULL) is that step's index.
int analysis_level_reached(const struct analysis_history *history, size_t at,
                           const struct analysis_step *step, size_t count, size_t *ret_step);
// Down slowly: the level at period `at`, given the level before it. It rises at once with
// `reached`, and falls (to `reached`) only when the last `quiet` periods, `at` included, were each
// reported, believed and quiet.
int analysis_level_held(const struct analysis_history *history, size_t at, int level_before,
                        int reached, size_t quiet);
// The level a band gives: the number of `bound`s, weakest first, that the value has met (>= when
// is_above, <= otherwise). A missing value has level 0.
int analysis_level_of_band(double value, const double *bound, size_t count, bool is_above);

// --- Reproduction number -------------------------------------------------------------------------

// Cori, Ferguson, Fraser, Cauchemez 2013: how many others one case infects, by sliding windows.
struct analysis_reproduction_options {
    double interval_mean, interval_sd; // of the serial interval, in periods: mean > 1, sd > 0
    double prior_mean, prior_sd;       // of the gamma prior, > 0; the paper's: 5 and 5
    size_t window;                     // periods of a window, >= 1
    double cases_least;                // fewer in the window: the number is withheld; 12
};

enum analysis_reproduction_reason {
    ANALYSIS_REPRODUCTION_GIVEN,
    ANALYSIS_REPRODUCTION_START, // the window reaches back to the first period, or before it
    ANALYSIS_REPRODUCTION_EARLY, // it begins less than a mean serial interval after the first case
    ANALYSIS_REPRODUCTION_FEW,   // fewer cases in it than cases_least
    ANALYSIS_REPRODUCTION_GAP    // a period of it, or one that bears on it, was not reported
};

// Of the posterior, as the published software has them: .025 .05 .25 .5 .75 .95 .975.
enum { ANALYSIS_REPRODUCTION_QUANTILES = 7, ANALYSIS_REPRODUCTION_MEDIAN = 3 };
extern const double analysis_reproduction_probability[ANALYSIS_REPRODUCTION_QUANTILES];

struct analysis_reproduction {
    enum analysis_reproduction_reason reason;
    bool is_known; // the numbers below hold; they may be known and yet withheld, by `reason`
    double cases;  // local ones in the window
    double mean, sd, quantile[ANALYSIS_REPRODUCTION_QUANTILES];
};

// True when the options are within what is said beside them, and finite.
bool analysis_check_reproduction(const struct analysis_reproduction_options *options);
// Estimates for each window that ends at from..to-1, into `ret_result` of the panel's shape.
// Missing values count as 0 in what bears on others and make the windows that they touch GAP; so do
// negative ones. `imported` (same shape, NULL: none) says how many of the values were infected
// elsewhere: they infect others and were infected by none. What is above the value itself is cut.
bool analysis_estimate_reproduction(const struct analysis_panel *panel, const double *imported,
                                    const struct analysis_reproduction_options *options,
                                    struct analysis_reproduction *ret_result);
// The same by the plain formulas, window by window: the test's oracle.
bool analysis_refer_reproduction(const struct analysis_panel *panel, const double *imported,
                                 const struct analysis_reproduction_options *options,
                                 struct analysis_reproduction *ret_result);
// The probabilities that the serial interval, a gamma law shifted by one period, is 0, 1, ..
// count-1 periods; they are not scaled to the sum 1.
void analysis_discretise_interval(double mean, double sd, size_t count, double *ret_weight);

// Growth a period by quasi-Poisson regression of `count` values on time, with the interval of
// Student's t at `level`: cases(t) ~ exp(rate t). Cases double in ln 2 / rate periods. Missing
// values take no part. False, nothing written, with fewer than three values or 1 case, no
// convergence, or no memory.
struct analysis_growth {
    double rate, lower, upper;
};
bool analysis_estimate_growth(const double *value, size_t count, double level,
                              struct analysis_growth *ret_growth);

// --- Nowcast -------------------------------------------------------------------------------------

// Lawless 1994, Mack 1993: what will still be reported for the last periods, from a triangle.
//
//     count[t * (delay_most + 1) + d]     cases of period t reported d periods later, known
//                                         when t + d <= period_count - 1, which is "now"; the
//                                         others are not read. Missing and negative cells count as
//                                         0.
enum analysis_nowcast_interval {
    ANALYSIS_NOWCAST_AUTO,     // Mack's variance where it is above the Poisson law's, else KNOWN
    ANALYSIS_NOWCAST_KNOWN,    // delays taken as known: negative binomial, Jeffreys prior
    ANALYSIS_NOWCAST_ESTIMATED // delays estimated, truncation ignored: beta negative binomial
};
struct analysis_triangle {
    size_t period_count, delay_most;
    const double *count;
};
struct analysis_nowcast_options {
    enum analysis_nowcast_interval interval;
    size_t window; // periods behind the delays' estimate, the last ones; 0: all
    double level;  // of the interval, 0..1
};
enum analysis_nowcast_reason {
    ANALYSIS_NOWCAST_GIVEN,
    ANALYSIS_NOWCAST_COMPLETE, // delay_most has passed: nothing is missing
    ANALYSIS_NOWCAST_NOTHING,  // nothing reported yet, or next to nothing is known of such delays
};
struct analysis_nowcast {
    enum analysis_nowcast_reason reason;
    bool is_overdispersed; // the interval is Mack's
    double reported;       // so far
    double completeness;   // share of all that is reported by now
    double estimate;       // reported / completeness; NOTHING: 0, as all below
    double lower, median, upper;
};
// Writes period_count results and, where ret_hazard is not NULL, g(0..delay_most): of those
// reported within d periods, the share with a delay of d. False: no memory.
bool analysis_make_nowcast(const struct analysis_triangle *triangle,
                           const struct analysis_nowcast_options *options,
                           struct analysis_nowcast *ret_nowcast, double *ret_hazard);

// --- Forecasts -----------------------------------------------------------------------------------

enum analysis_forecast_method {
    ANALYSIS_FORECAST_ETS, // exponential smoothing with trend and season
    ANALYSIS_FORECAST_NB   // negative binomial autoregression with season, paths drawn from it
};
struct analysis_forecast_options {
    enum analysis_forecast_method method;
    int season;         // periods of the season; 0: none
    size_t ahead;       // periods to forecast, >= 1
    double level;       // of the outer interval; the inner one is always one half
    bool is_count;      // values are counts: nothing below 0, bounds whole numbers
    bool is_calibrated; // widths are set by the errors that past forecasts made
    uint64_t seed;      // NB only
};
enum analysis_forecast_reason {
    ANALYSIS_FORECAST_GIVEN,
    ANALYSIS_FORECAST_SHORT, // too few values, or none lately
    ANALYSIS_FORECAST_NO_FIT
};
struct analysis_forecast {
    enum analysis_forecast_reason reason;
    double median, lower, upper;     // the bounds of `level`
    double inner_lower, inner_upper; // of one half
};
// What came of a series as a whole.
struct analysis_forecast_fit {
    int season;        // used; 0 where the series is too short for the one asked for
    size_t calibrated; // past forecasts behind the widths; 0: the model's own widths
};
// The values that a series must have, at least.
enum { ANALYSIS_FORECAST_LEAST = 10 };
// Forecasts the `ahead` periods behind the `count` values, into as many results. Missing values are
// bridged. False: no memory.
bool analysis_make_forecast(const double *value, size_t count,
                            const struct analysis_forecast_options *options,
                            struct analysis_forecast *ret_forecast,
                            struct analysis_forecast_fit *ret_fit);

// --- Scenarios -----------------------------------------------------------------------------------

// SEIR in places linked by travel (docs/outlook.md). Deterministic: fourth-order Runge-Kutta, four
// steps a day. Stochastic: chain binomial, four steps a day, path by path from the seed.
struct analysis_epidemic {
    size_t place_count;
    const double *population;                       // > 0, residents
    const double *exposed, *infectious, *recovered; // at the start; their sum <= population
    const double *travel; // place_count^2: [i * place_count + j], the share of their time that
                          // residents of i spend in j; rows sum to 1. NULL: nobody travels
    double reproduction;  // that one case infects when all are susceptible, >= 0
    double latent_days, infectious_days; // > 0
    size_t days;
    // From day measure_day on contacts are times contact_factor, travel away from home times
    // travel_factor, both 0..1.
    size_t measure_day;
    double contact_factor, travel_factor;
    uint64_t seed;
    size_t paths; // 0: deterministic
};
struct analysis_epidemic_day {
    double susceptible, exposed, infectious, recovered;
    double onset;                    // became infectious on that day
    double onset_lower, onset_upper; // of 95 % of the paths; equal to onset when deterministic
};
// True when what is said above holds.
bool analysis_check_epidemic(const struct analysis_epidemic *epidemic);
// Writes days x place_count results, day by day: the state at the end of day 1, 2, ..; of paths,
// the mean. `report` (may be NULL) hears of each path that is done. False: no memory.
bool analysis_run_epidemic(const struct analysis_epidemic *epidemic,
                           void (*report)(void *context, size_t done), void *context,
                           struct analysis_epidemic_day *ret_day);
// --- Clusters in space and time -----------------------------------------------------------------

// Kulldorff's scan statistic for counts that follow a Poisson law: of all zones (and, prospective,
// of all last periods), which has more cases than the population explains, and how often would
// chance alone do as much somewhere? Kulldorff 1997, Commun Stat Theory Methods 26:1481 (spatial);
// 2001, J R Stat Soc A 164:61 (prospective); docs/methods "Clusters".

enum analysis_zones {
    ANALYSIS_CIRCLES, // around each place, places equally far together
    ANALYSIS_TREE     // each node of a division tree with all below it, and unions of siblings
};
enum { ANALYSIS_SIBLINGS_MOST = 4, ANALYSIS_REPLICATES_MOST = 99999 };
#define ANALYSIS_NO_PLACE UINT32_MAX
#define ANALYSIS_EARTH_KM 6371.0088

struct analysis_scan {
    size_t place_count;       // >= 1
    size_t period_count;      // >= 1
    const double *cases;      // place after place, period_count each: whole numbers >= 0
    const double *expected;   // same shape, >= 0, on any scale: population, or standardised by age
    const double *population; // per place, >= 0, for the limit; NULL: the sum of `expected`
    enum analysis_zones zones;
    const double *coordinate; // circles: two a place, x and y, or latitude and longitude in degrees
    bool is_geographic;       // the latter
    const uint32_t *parent;   // tree: the place above, ANALYSIS_NO_PLACE for a root
    size_t sibling_most;      // tree: so many siblings at most are one zone; 1: none are joined
    double share_most;        // of the population that a zone may hold, above 0 and at most 0.5
    double radius_most;       // circles: in km or in the unit of x and y; INFINITY: no limit
    // 0: purely spatial, all periods together. Else zones x the last 1..window_most periods, only
    // those that end now; at most half of period_count.
    size_t window_most;
    size_t replicate_count; // of Monte Carlo, 0..ANALYSIS_REPLICATES_MOST; 999 is usual
    uint64_t seed;          // the same seed gives the same bytes, whatever the number of threads
    size_t cluster_most;    // >= 1
    // Called now and then, by one thread at a time; NULL: never.
    void (*progress)(void *context, size_t done, size_t count);
    void *progress_context;
};

struct analysis_cluster {
    const uint32_t *place; // its places, nearest first or node by node
    size_t place_count;
    uint32_t center;     // the circle's centre; the topmost node, or the first of joined siblings
    double radius;       // circles: to the place farthest off; else 0
    size_t period_first; // it goes from here to the last period
    double cases, expected, population;
    double ratio;         // cases / expected
    double relative_risk; // the ratio inside over that outside; 0 where no case is outside
    double score;         // log likelihood ratio
    double p_value;       // (1 + replicates that score as much) / (replicates + 1)
    double p_gumbel;      // by a Gumbel law fitted to the replicates: for p below 1 / replicates
};

struct analysis_clusters {
    struct analysis_cluster *cluster; // the likeliest first; none shares a place with one before
    size_t count;
    uint32_t *place;   // behind the clusters' places
    double *replicate; // the highest score of each replicate
    size_t replicate_count;
    uint64_t zone_count;
    double total; // cases
};

enum analysis_scan_fault {
    ANALYSIS_SCAN_DONE,
    ANALYSIS_SCAN_MEMORY,     // no memory
    ANALYSIS_SCAN_OPTION,     // a limit or number out of its range
    ANALYSIS_SCAN_CASES,      // negative, not whole or not a number; or more than 2^31-1 in all
    ANALYSIS_SCAN_EXPECTED,   // negative or not a number, or 0 where there are cases; or 0 in all
    ANALYSIS_SCAN_COORDINATE, // not a number, latitude beyond 90, longitude beyond 180
    ANALYSIS_SCAN_PARENT,     // no such place, or a place above itself
    ANALYSIS_SCAN_LARGE       // more than 2^28 places in all circles: set radius_most or share_most
};

// Finds the clusters. On ANALYSIS_SCAN_CASES, _EXPECTED, _COORDINATE and _PARENT *ret_place is a
// place at fault (ANALYSIS_NO_PLACE: all of them together). No cases: no clusters. The caller
// frees *ret_clusters, which is empty on a fault.
enum analysis_scan_fault analysis_find_clusters(const struct analysis_scan *scan,
                                                struct analysis_clusters *ret_clusters,
                                                size_t *ret_place);
void analysis_free_clusters(struct analysis_clusters *clusters);
// The distance of two places of a scan with coordinates, in km or in the unit of x and y.
double analysis_scan_distance(const struct analysis_scan *scan, size_t a, size_t b);

// --- Many tests at once -------------------------------------------------------------------------

enum analysis_adjustment {
    ANALYSIS_ADJUST_FALSE_DISCOVERY, // Benjamini, Hochberg 1995: the expected share of false finds
    ANALYSIS_ADJUST_FAMILY           // Holm 1979: the probability of any false find
};
// Corrects `count` probabilities for each other. One that is missing was no test: it counts for
// nothing and its *ret_q is 1. A find at level a is a q <= a. False: no memory.
bool analysis_adjust(enum analysis_adjustment adjustment, const double *p, size_t count,
                     double *ret_q);

// --- Trends: what broke since a date ------------------------------------------------------------

enum analysis_break_kind {
    ANALYSIS_BREAK_LEVEL,  // a step at the date
    ANALYSIS_BREAK_SLOPE,  // another growth from the date on
    ANALYSIS_BREAK_SEASON, // another swing of the year
    ANALYSIS_BREAK_SPREAD, // another scatter about what is expected
    ANALYSIS_BREAKS
};

struct analysis_break {
    bool is_tested;
    bool is_ratio;               // size, low, high are ratios after : before; else differences
    enum analysis_reason reason; // why not tested
    // The change and its 95 % interval. Level: at the date. Slope: what it has added up to by the
    // last period. Season: peak to trough, after against before. Spread: the dispersion.
    double size, low, high;
    double before, after; // what the change stands between, in the series' own measure
    double p;             // two-sided
    double q;             // corrected over all tests of the panel (false discovery); 1: not tested
    double certain;       // the end of the interval nearest to "no change", on one scale for all
};

// Tests each series of the panel for four breaks at panel->from: the points before it are the
// baseline (of the newest `years` years, 0: all), those from..to-1 what is asked about. ret_break
// has ANALYSIS_BREAKS places a series. Series that never fall below 0 get a quasi-Poisson
// regression with log link, the others a linear one; both hold level, trend and season where the
// baseline is long enough, weigh outliers down, and widen their errors by the autocorrelation that
// is left. docs/trends. `population` is not read. False: no memory.
bool analysis_find_breaks(const struct analysis_panel *panel, int years,
                          struct analysis_break *ret_break);
// Orders the `count` breaks for reading: those with q <= level first, by `certain`, largest first;
// then the other tests by q; then what was not tested. *ret_broken is the number of the first.
bool analysis_rank_breaks(const struct analysis_break *breaks, size_t count, double level,
                          uint32_t *ret_order, size_t *ret_broken);

// --- Data quality: questions, never verdicts ----------------------------------------------------

enum analysis_digit_law {
    ANALYSIS_DIGIT_FIRST,  // Benford, 1..9
    ANALYSIS_DIGIT_SECOND, // Benford, 0..9
    ANALYSIS_DIGIT_TWO,    // Benford, 10..99
    ANALYSIS_DIGIT_LAST    // uniform, 0..9
};
enum { ANALYSIS_DIGITS_MOST = 90 };
struct analysis_digit_fit {
    double total, chi_square, p;
    double mad;                     // mean |share - law|
    double z[ANALYSIS_DIGITS_MOST]; // a digit, with Nigrini's correction for continuity
    int conformity; // 0 close, 1 acceptable, 2 marginal, 3 none; 0 for the last digit
};
// How far the counts of digits (9, 10, 90 or 10 of them, smallest digit first) are from their law.
// False, and nothing written, when they are all 0.
bool analysis_fit_digits(enum analysis_digit_law law, const double *count,
                         struct analysis_digit_fit *ret_fit);
// P(X >= k) of a binomial law, 0 <= k <= n.
double analysis_binomial_upper(double k, double n, double probability);

enum analysis_question_kind {
    ANALYSIS_ASK_MISSING,    // periods without a report
    ANALYSIS_ASK_ENDED,      // no report since
    ANALYSIS_ASK_LATE,       // reports behind their due day
    ANALYSIS_ASK_SLOWER,     // reports take longer than they did
    ANALYSIS_ASK_EARLY,      // known before the period was over
    ANALYSIS_ASK_BULK,       // many periods reported on one day
    ANALYSIS_ASK_REVISED,    // corrections go one way
    ANALYSIS_ASK_NEGATIVE,   // below zero in a series that else is not
    ANALYSIS_ASK_HEAPED,     // too many end in 0 or 5
    ANALYSIS_ASK_LAST_DIGIT, // last digits are not even
    ANALYSIS_ASK_BENFORD,    // first digits do not follow Benford's law
    ANALYSIS_ASK_SMOOTH,     // counts scatter less than chance does
    ANALYSIS_ASK_REPEATED,   // one value again and again
    ANALYSIS_ASK_ZEROS,      // abruptly nothing
    ANALYSIS_ASK_COPIED,     // the same run of values twice
    ANALYSIS_ASK_TARGET,     // values crowd on one side of a target
    ANALYSIS_ASK_LEVELS,     // the whole is not the sum of its parts
    ANALYSIS_QUESTIONS
};

#define ANALYSIS_SERIES_NONE UINT32_MAX
#define ANALYSIS_DAY_UNKNOWN INT32_MIN

struct analysis_question {
    enum analysis_question_kind kind;
    bool is_tested;      // p and q hold; else it is a plain fact
    uint32_t series;     // ANALYSIS_SERIES_NONE: the whole panel
    uint32_t other;      // the series that it is copied from
    uint32_t from, to;   // the points from..to-1 that it is about
    double count, total; // so many of so many
    double size;         // kind's own measure, see docs/trends
    double expected;     // what it was to be expected, in the same measure
    double p, q;         // q: corrected over all looks of the call (false discovery)
};

// The panel and what is known about its values; arrays of the panel's shape but for `parent`.
struct analysis_quality_data {
    const struct analysis_panel *panel;
    const int32_t *known_day;  // when first known, ANALYSIS_DAY_UNKNOWN; NULL: none
    const int32_t *ready_day;  // per point: the first day after the period; with known_day
    const double *first_value; // as first known, where it was corrected since; NULL: none
    const uint32_t *parent;    // per series: the series it is a part of, or SERIES_NONE; NULL
};

struct analysis_quality_options {
    double level;         // of q, 0.05
    double missing_share; // from this share on, missing and late periods are asked about, 0.05
    double tolerance;     // relative difference of levels that is let pass, 0.01
    double due_days;      // reports are due so many days after the period; negative: no due day
    double target;        // ANALYSIS_MISSING: none
};
void analysis_default_quality(struct analysis_quality_options *ret_options);

struct analysis_questions {
    struct analysis_question *question; // facts first, then by q
    size_t count;
    size_t look_count; // tests made, over which q is corrected
};
// Looks at every series, and at the panel as a whole. The caller frees the questions with
// analysis_free_questions, also after false: no memory.
bool analysis_ask_quality(const struct analysis_quality_data *data,
                          const struct analysis_quality_options *options,
                          struct analysis_questions *ret_questions);
void analysis_free_questions(struct analysis_questions *questions);

// --- Distributions ------------------------------------------------------------------------------

// Arguments are finite; probabilities 0..1. Relative accuracy about 1e-13, tails included; 1e-11
// where a parameter exceeds 1e5.

// Regularised incomplete beta I_x(a, b) and its complement, a, b > 0.
double analysis_beta_lower(double a, double b, double x);
double analysis_beta_upper(double a, double b, double x);
// Regularised incomplete gamma P(a, x) and Q(a, x), a > 0, x >= 0.
double analysis_gamma_lower(double a, double x);
double analysis_gamma_upper(double a, double x);
double analysis_normal_cdf(double x);
double analysis_normal_upper(double x);
// Inverse of the normal cdf, 0 < p < 1 (Wichura 1988, AS 241).
double analysis_normal_quantile(double p);
// P(|T| > |t|) for Student's t with df > 0; the t >= 0 with P(|T| > t) = p, 0 < p < 1.
double analysis_student_two_sided(double t, double df);
double analysis_student_bound(double p, double df);
// The x with P(shape, x) = p, the gamma law's quantile at scale 1; 0 < p < 1, shape > 0.
double analysis_gamma_quantile(double p, double shape);
// P(X <= x), P(X >= x) and the smallest x with P(X <= x) >= q (1 - 64 eps), for x a whole number:
// Poisson with mean mu >= 0 ...
double analysis_poisson_cdf(double x, double mu);
double analysis_poisson_upper(double x, double mu);
double analysis_poisson_quantile(double q, double mu);
// ... and negative binomial with size > 0 and 0 < probability <= 1, mean size (1-p)/p.
double analysis_negative_binomial_cdf(double x, double size, double probability);
double analysis_negative_binomial_upper(double x, double size, double probability);
double analysis_negative_binomial_quantile(double q, double size, double probability);

#endif
