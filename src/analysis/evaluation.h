// SPDX-License-Identifier: LGPL-3.0-or-later
//
// evaluation.h: how good are scores where it is known what happened? Pure numerics.
//
// Public beside analysis.h and as free of everything else. Scores of any detector (larger = more
// unusual) stand beside labels; asked are the threshold that keeps a budget of false alarms, what
// comes of a threshold, the curve over all thresholds, and how much a score made into a
// probability is worth. Whoever tunes on one part of the history and judges on another gives the
// parts as ranges: nothing here looks beyond the range that it is given.
//
//     points   from                                   to
//              | . . . . E E E E . . . ? ? . . . . E E|E      E in an event, . quiet, ? unknown
//     alarms   |     x       x x                   x  |       score > threshold
//                    |       |                     |
//                    false   first alarm           event of two periods: cut at `to`
//
//     event     belongs to the range in which it begins; what reaches into a range from before it
//               is neither event nor quiet there
//     false     an alarm in a quiet period, each period for itself; a year of one series has
//               `frequency` quiet periods with a score
//     delay     from the event's first period to its first alarm, of the events found
//     lead      from the first alarm in the event to its peak; a missed event counts as if the
//               alarm came in the period after its last, so that the mean over all events falls
//               when the threshold rises. Against the beginning, which is labelled with hindsight,
//               no alarm can lead; against the peak it is the time that is left to act.
//     timely    the share of the event's periods gone before the first alarm, 1 where missed
//               (Noufaily et al. 2013, Stat Med 32:1206)
//
// A point without a score never alarms. No function reads a clock, a file or a global.
#ifndef LEVEE_ANALYSIS_EVALUATION_H
#define LEVEE_ANALYSIS_EVALUATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct analysis_event {
    uint32_t series;
    uint32_t from, to; // the points from..to-1, to > from
    uint32_t peak;     // a point of the event, or the point that counts as its peak; any point
};

// What a cell's label says; any other number n is event n - 1.
#define ANALYSIS_LABEL_QUIET 0
#define ANALYSIS_LABEL_UNKNOWN UINT32_MAX

struct analysis_labels {
    size_t series_count;
    size_t point_count;
    size_t stride;         // from a series to the next, >= point_count
    const uint32_t *label; // series x points; each point of an event carries the event's number
    const struct analysis_event *event; // sorted by series
    size_t event_count;
    const int32_t *day; // per point and one more; leads and delays are then in days, else periods
    double frequency;   // periods a year, > 0
};

// Scores beside the labels; the same shape. Not finite: no result.
struct analysis_scored {
    const struct analysis_labels *labels;
    const double *score;
    size_t from, to; // the points from..to-1 count
};

// --- A budget of false alarms -------------------------------------------------------------------

struct analysis_threshold {
    double threshold;   // alarm: score > threshold
    double quiet_count; // quiet periods with a score that it was set on
    double allowed;     // false alarms that the budget gives to them, a whole number
};
// The smallest threshold, one for all series, with at most budget x quiet_count / frequency false
// alarms (rounded down) in the range. Where that is none the threshold is the largest quiet score:
// what it keeps is then not known, only that it is no more than about 1 / years. INFINITY where no
// quiet period has a score. False: no memory.
bool analysis_set_threshold(const struct analysis_scored *scored, double budget,
                            struct analysis_threshold *ret_threshold);

// --- What comes of a threshold ------------------------------------------------------------------

#define ANALYSIS_SERIES_ALL UINT32_MAX

struct analysis_rating {
    double period_count;                          // quiet, or of an event that begins in the range
    double judged_count;                          // of them, those with a score
    double quiet_count;                           // quiet periods with a score
    double event_period_count, event_period_hits; // labelled periods, and those with an alarm
    double event_count, found_count;
    double alarm_count, false_count; // periods
    double false_rate;               // false_count / quiet_count
    double false_a_year;             // false_rate x frequency: of one series
    double precision;                // share of alarm periods that lie in an event
    double recall;                   // share of events with an alarm
    double detection;                // share of labelled periods with an alarm
    double delay;                    // mean over the events found
    double lead_found;               // mean over the events found
    double lead;                     // mean over all events, missed ones as said above
    double timeliness;               // mean over all events, smaller is better
};
// Rates alarms at score > threshold in one series, or in all. A share of nothing is
// ANALYSIS_MISSING (NaN) here: the one place where NaN comes out.
void analysis_rate_threshold(const struct analysis_scored *scored, double threshold,
                             uint32_t series, struct analysis_rating *ret_rating);

// --- The trade-off over all thresholds ----------------------------------------------------------

struct analysis_trade {
    double threshold;    // alarm: score >= threshold
    double false_count;  // quiet periods that alarm
    double false_a_year; // of one series
    double found_count, recall;
    double lead, timeliness; // means over all events
    double delay;            // mean over the events found; NaN where none is
};
struct analysis_trades {
    struct analysis_trade *trade;
    size_t count;
};
// The corners of the curve, from the strictest threshold on: the first has threshold INFINITY and
// no alarm; then one for each threshold at which an event is found or found sooner. Between two
// corners only false alarms are added. n log n in the points. The caller frees *ret_trades. False:
// no memory.
bool analysis_trace_trades(const struct analysis_scored *scored,
                           struct analysis_trades *ret_trades);
// The best corner with at most `false_a_year`.
const struct analysis_trade *analysis_find_trade(const struct analysis_trades *trades,
                                                 double false_a_year);
void analysis_free_trades(struct analysis_trades *trades);

// --- From score to probability ------------------------------------------------------------------

enum analysis_calibration_kind {
    ANALYSIS_CALIBRATE_ISOTONIC, // rising steps; Ayer et al. 1955, Ann Math Stat 26:641; of scores:
                                 // Zadrozny, Elkan 2002, KDD, 694
    ANALYSIS_CALIBRATE_LOGISTIC  // Platt 1999, Adv large margin classifiers, 61
};
struct analysis_calibration {
    enum analysis_calibration_kind kind;
    double base_rate; // labelled share of all periods of the range: where there is no score
    size_t count;     // periods that it was fitted to
    size_t hits;      // of them, labelled
    // Isotonic: step i has `probability` from score `bound` on, rising; below the first, the first.
    double *bound, *probability;
    size_t step_count;
    double center, scale, intercept, slope; // logistic: of (score - center) / scale
};
// Fits P(labelled | score) on the range: on the part before the judged one, never on it. Labelled
// periods are those of events that begin in the range. The caller frees *ret_calibration. False: no
// memory.
bool analysis_calibrate(const struct analysis_scored *scored, enum analysis_calibration_kind kind,
                        struct analysis_calibration *ret_calibration);
// The probability of a score; of one that is not finite, the base rate.
double analysis_probability(const struct analysis_calibration *calibration, double score);
void analysis_free_calibration(struct analysis_calibration *calibration);

// Brier 1950, Mon Weather Rev 78:1; decomposed by Murphy 1973, J Appl Meteorol 12:595; the terms
// within bins by Stephenson, Coelho, Jolliffe 2008, Weather Forecast 23:752:
//     score = reliability - resolution + uncertainty + within_variance - within_covariance
struct analysis_brier {
    double count;
    double score; // mean (p - o)^2
    double reliability, resolution, uncertainty;
    double within_variance, within_covariance;
};
// With `bin_count` > 0 the bins are equally wide, 0..1; with 0 each distinct probability is a bin
// of its own and nothing varies within. *ret_brier is all NaN for no periods. False: no memory.
bool analysis_decompose_brier(const double *probability, const unsigned char *outcome, size_t count,
                              size_t bin_count, struct analysis_brier *ret_brier);
// The same of the scores of a range through a calibration, in one series or in all: quiet periods
// and those of events that begin in the range, without a score too. Bins: each distinct probability
// for isotonic steps, ten for the logistic curve.
bool analysis_rate_probability(const struct analysis_scored *scored,
                               const struct analysis_calibration *calibration, uint32_t series,
                               struct analysis_brier *ret_brier);

#endif
