// SPDX-License-Identifier: LGPL-3.0-or-later
//
// evaluation_test.c: ratings, thresholds, curve, calibration and Brier score against a worked
// example, and against plain references that count everything again for each threshold.
//
// The example, one series, frequency 10, judged from 2 on; an event of 1..2 began before that:
//
//     point   0   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15  16  17  18  19
//     label   .   E1  E1  .   .   .   E2  E2  E2  E2  .   .   ?   .   .   E3  E3  .   .   E4..
//     score   1   9   9   2   7   0   1   3   8   8   1   7   9   -   2   1   2   1   0   9
#include "analysis/evaluation.h"

#include <math.h>
#include <string.h>

#include "analysis/planted.h"
#include "base/memory.h"
#include "unit.h"

enum { POINTS = 20, EVENTS = 4, MANY_SERIES = 7, MANY_POINTS = 90, MANY_EVENTS = 64 };

static const struct analysis_event example_event[EVENTS] = {
    {0, 1, 3, 2}, {0, 6, 10, 9}, {0, 15, 17, 15}, {0, 19, 22, 19}};
static const double example_score[POINTS] = {1, 9, 9, 2,   7, 0, 1, 3, 8, 8,
                                             1, 7, 9, NAN, 2, 1, 2, 1, 0, 9};

static struct analysis_scored example(uint32_t label[POINTS], struct analysis_labels *labels)
{
    memset(label, 0, POINTS * sizeof *label);
    for (uint32_t i = 0; i < EVENTS; i++)
        for (uint32_t t = example_event[i].from; t < example_event[i].to && t < POINTS; t++)
            label[t] = i + 1;
    label[12] = ANALYSIS_LABEL_UNKNOWN;
    *labels = (struct analysis_labels){.series_count = 1,
                                       .point_count = POINTS,
                                       .stride = POINTS,
                                       .label = label,
                                       .event = example_event,
                                       .event_count = EVENTS,
                                       .frequency = 10};
    return (struct analysis_scored){labels, example_score, 2, POINTS};
}

void test_evaluation_example(void)
{
    uint32_t label[POINTS];
    struct analysis_labels labels;
    struct analysis_scored scored = example(label, &labels);
    struct analysis_rating rating;
    analysis_rate_threshold(&scored, 2.5, ANALYSIS_SERIES_ALL, &rating);
    // Quiet: 3 4 5 10 11 13 14 17 18, of them 13 without a score; of events 6..9, 15, 16, 19.
    CHECK_EQUAL(rating.period_count, 16);
    CHECK_EQUAL(rating.judged_count, 15);
    CHECK_EQUAL(rating.quiet_count, 8);
    CHECK_EQUAL(rating.event_count, 3);
    CHECK_EQUAL(rating.found_count, 2);
    CHECK_EQUAL(rating.alarm_count, 6);
    CHECK_EQUAL(rating.false_count, 2);
    CHECK_NEAR(rating.false_a_year, 2.5, 1e-15);
    CHECK_NEAR(rating.precision, 4.0 / 6, 1e-15);
    CHECK_NEAR(rating.recall, 2.0 / 3, 1e-15);
    CHECK_NEAR(rating.detection, 4.0 / 7, 1e-15);
    // Alarms at 7 (begun at 6, peak 9) and 19 (peak 19); missed: 15..16, as if at 17, peak 15.
    CHECK_NEAR(rating.delay, 0.5, 1e-15);
    CHECK_NEAR(rating.lead_found, 1, 1e-15);
    CHECK_NEAR(rating.lead, (2 + 0 - 2) / 3.0, 1e-15);
    CHECK_NEAR(rating.timeliness, (0.25 + 0 + 1) / 3, 1e-15);
    // In days, a period being a week.
    int32_t day[POINTS + 1];
    for (int t = 0; t <= POINTS; t++)
        day[t] = 7 * t;
    labels.day = day;
    analysis_rate_threshold(&scored, 2.5, 0, &rating);
    CHECK_NEAR(rating.delay, 3.5, 1e-15);
    CHECK_NEAR(rating.lead_found, 7, 1e-15);
}

// Quiet scores 7 7 2 2 1 1 0 0 on 0.8 years.
void test_evaluation_budget(void)
{
    uint32_t label[POINTS];
    struct analysis_labels labels;
    struct analysis_scored scored = example(label, &labels);
    struct analysis_threshold found;
    static const struct {
        double budget, allowed, threshold;
    } wanted[] = {{0, 0, 7},   {1.2, 0, 7}, {1.25, 1, 7},
                  {2.5, 2, 2}, {5, 4, 1},   {100, 8, -INFINITY}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        CHECK(analysis_set_threshold(&scored, wanted[i].budget, &found));
        CHECK_EQUAL(found.quiet_count, 8);
        CHECK_EQUAL(found.allowed, wanted[i].allowed);
        CHECK(found.threshold == wanted[i].threshold);
    }
    scored.from = scored.to = 13;
    CHECK(analysis_set_threshold(&scored, 1, &found));
    CHECK(found.threshold == INFINITY && found.quiet_count == 0);
    struct analysis_rating rating;
    analysis_rate_threshold(&scored, 1, ANALYSIS_SERIES_ALL, &rating);
    CHECK(isnan(rating.precision) && isnan(rating.recall) && isnan(rating.lead));
}

void test_evaluation_curve_example(void)
{
    uint32_t label[POINTS];
    struct analysis_labels labels;
    struct analysis_scored scored = example(label, &labels);
    struct analysis_trades trades;
    CHECK(analysis_trace_trades(&scored, &trades));
    // Sums of the leads of the three: -1 -2 -1; 19 found, 6..9 at 8, at 7, 15..16 at 16, both at
    // their beginnings.
    static const double wanted[][4] = {{INFINITY, 0, 0, -4}, {9, 0, 1, -3}, {8, 0, 2, -1},
                                       {3, 2, 2, 0},         {2, 4, 3, 1},  {1, 6, 3, 3}};
    CHECK_EQUAL(trades.count, 6);
    for (size_t i = 0; i < 6 && i < trades.count; i++) {
        CHECK(trades.trade[i].threshold == wanted[i][0]);
        CHECK_EQUAL(trades.trade[i].false_count, wanted[i][1]);
        CHECK_EQUAL(trades.trade[i].found_count, wanted[i][2]);
        CHECK(fabs(trades.trade[i].lead - wanted[i][3] / 3) < 1e-12);
    }
    CHECK(isnan(trades.trade[0].delay) && trades.trade[1].delay == 0);
    CHECK(analysis_find_trade(&trades, 0)->threshold == 8);
    CHECK(analysis_find_trade(&trades, 2.5)->threshold == 3);
    CHECK(analysis_find_trade(&trades, 1000)->threshold == 1);
    analysis_free_trades(&trades);
}

// --- Many planted series against references -----------------------------------------------------

struct many {
    struct analysis_labels labels;
    struct analysis_event event[MANY_EVENTS];
    uint32_t label[MANY_SERIES * MANY_POINTS];
    double score[MANY_SERIES * MANY_POINTS];
    int32_t day[MANY_POINTS + 1];
};

// Scores of few levels, so that many are equal; every ninth is missing; events score higher.
static struct analysis_scored plant(struct many *many, uint64_t seed, size_t from, size_t to)
{
    size_t events = 0;
    planted_seed(seed);
    memset(many, 0, sizeof *many);
    for (int t = 0; t <= MANY_POINTS; t++)
        many->day[t] = 7 * t + t / 5;
    for (uint32_t s = 0; s < MANY_SERIES; s++)
        for (uint32_t t = 3 + (uint32_t)(planted_unit() * 9); t < MANY_POINTS - 6;) {
            uint32_t last = t + 1 + (uint32_t)(planted_unit() * 5);
            uint32_t peak = t + (uint32_t)(planted_unit() * (last - t));
            many->event[events++] = (struct analysis_event){s, t, last, peak};
            for (; t < last; t++)
                many->label[s * MANY_POINTS + t] = (uint32_t)events;
            t += (uint32_t)(planted_unit() * 30);
        }
    for (size_t i = 0; i < MANY_SERIES * MANY_POINTS; i++) {
        many->score[i] = floor(planted_unit() * 12 + (many->label[i] != 0 ? 4 : 0));
        if (planted_unit() < 1.0 / 9)
            many->score[i] = planted_unit() < 0.5 ? NAN : INFINITY;
        if (planted_unit() < 0.05 && many->label[i] == 0)
            many->label[i] = ANALYSIS_LABEL_UNKNOWN;
    }
    many->labels = (struct analysis_labels){MANY_SERIES, MANY_POINTS, MANY_POINTS, many->label,
                                            many->event, events,      many->day,   52};
    return (struct analysis_scored){&many->labels, many->score, from, to};
}

// Everything counted again, plainly: 1 alarm at score >= threshold.
struct plain {
    double quiet, false_count, events, found, lead, late;
};
static struct plain count_plainly(const struct many *many, const struct analysis_scored *scored,
                                  double threshold)
{
    struct plain plain = {0};
    for (size_t s = 0; s < MANY_SERIES; s++)
        for (size_t t = scored->from; t < scored->to; t++) {
            size_t at = s * MANY_POINTS + t;
            if (many->label[at] == 0 && isfinite(many->score[at])) {
                plain.quiet++;
                plain.false_count += many->score[at] >= threshold;
            }
        }
    for (size_t i = 0; i < many->labels.event_count; i++) {
        const struct analysis_event *event = &many->event[i];
        if (event->from < scored->from || event->from >= scored->to)
            continue;
        size_t end = event->to > scored->to ? scored->to : event->to, first = end;
        for (size_t t = end; t-- > event->from;)
            if (isfinite(many->score[event->series * MANY_POINTS + t]) &&
                many->score[event->series * MANY_POINTS + t] >= threshold)
                first = t;
        plain.events++;
        plain.found += first < end;
        plain.lead += many->day[event->peak] - many->day[first];
        plain.late += (double)(first - event->from) / (double)(end - event->from);
    }
    return plain;
}

void test_evaluation_curve_reference(void)
{
    static struct many many;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct analysis_scored scored = plant(&many, seed, seed % 30, MANY_POINTS - seed % 7);
        struct analysis_trades trades;
        struct analysis_rating rating;
        CHECK(analysis_trace_trades(&scored, &trades));
        for (size_t i = 1; i < trades.count; i++) {
            const struct analysis_trade *trade = &trades.trade[i];
            CHECK(trade->threshold < trade[-1].threshold && trade->lead > trade[-1].lead);
        }
        for (double threshold = 17; threshold >= 0; threshold--) {
            struct plain plain = count_plainly(&many, &scored, threshold);
            double a_year = plain.false_count / plain.quiet * 52;
            // The last corner at or above the threshold: nothing is found between the two.
            const struct analysis_trade *trade = &trades.trade[0];
            for (size_t i = 0; i < trades.count && trades.trade[i].threshold >= threshold; i++)
                trade = &trades.trade[i];
            CHECK_EQUAL(trade->found_count, plain.found);
            CHECK(fabs(trade->lead - plain.lead / plain.events) < 1e-9);
            CHECK(fabs(trade->timeliness - plain.late / plain.events) < 1e-9);
            if (trade->threshold == threshold)
                CHECK_EQUAL(trade->false_count, plain.false_count);
            CHECK(analysis_find_trade(&trades, a_year)->lead >= trade->lead);
            analysis_rate_threshold(&scored, threshold - 0.5, ANALYSIS_SERIES_ALL, &rating);
            CHECK_EQUAL(rating.found_count, plain.found);
            CHECK_EQUAL(rating.false_count, plain.false_count);
            CHECK(fabs(rating.false_a_year - a_year) < 1e-9);
            CHECK(fabs(rating.lead - plain.lead / plain.events) < 1e-9);
            CHECK(fabs(rating.timeliness - plain.late / plain.events) < 1e-9);
        }
        analysis_free_trades(&trades);
    }
}

// No smaller threshold keeps the budget, and this one does.
void test_evaluation_budget_reference(void)
{
    static struct many many;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct analysis_scored scored = plant(&many, seed, 5, 80);
        struct analysis_threshold found;
        double budget = (double)seed * 0.7;
        CHECK(analysis_set_threshold(&scored, budget, &found));
        struct plain above = count_plainly(&many, &scored, found.threshold + 0.5);
        struct plain at = count_plainly(&many, &scored, found.threshold - 0.5);
        struct analysis_rating rating;
        analysis_rate_threshold(&scored, found.threshold, ANALYSIS_SERIES_ALL, &rating);
        CHECK(rating.false_count <= found.allowed);
        CHECK_EQUAL(rating.false_count, above.false_count);
        CHECK_EQUAL(above.quiet, found.quiet_count);
        CHECK(above.false_count * 52 / above.quiet <= budget);
        CHECK(at.false_count * 52 / at.quiet > budget);
    }
}

// What is changed outside of a range changes nothing inside: no look at the judged weeks.
void test_evaluation_range(void)
{
    static struct many many;
    struct analysis_scored scored = plant(&many, 3, 0, 50);
    struct analysis_threshold before, after;
    struct analysis_calibration first, second;
    CHECK(analysis_set_threshold(&scored, 2, &before));
    CHECK(analysis_calibrate(&scored, ANALYSIS_CALIBRATE_ISOTONIC, &first));
    for (size_t s = 0; s < MANY_SERIES; s++)
        for (size_t t = 50; t < MANY_POINTS; t++)
            many.score[s * MANY_POINTS + t] = 100 - (double)t;
    CHECK(analysis_set_threshold(&scored, 2, &after));
    CHECK(analysis_calibrate(&scored, ANALYSIS_CALIBRATE_ISOTONIC, &second));
    CHECK(before.threshold == after.threshold);
    CHECK_EQUAL(first.step_count, second.step_count);
    CHECK(memcmp(first.probability, second.probability, first.step_count * sizeof(double)) == 0);
    analysis_free_calibration(&first);
    analysis_free_calibration(&second);
}

// --- Probabilities ------------------------------------------------------------------------------

// The isotonic fit at a level: the largest over a <= i of the least over b >= i of the mean of the
// levels a..b (Barlow et al. 1972).
static double refer_isotonic(const double *count, const double *hits, int levels, int at)
{
    double largest = -1;
    for (int a = 0; a <= at; a++) {
        double least = 2;
        for (int b = at; b < levels; b++) {
            double total = 0, sum = 0;
            for (int i = a; i <= b; i++) {
                total += count[i];
                sum += hits[i];
            }
            least = total > 0 ? fmin(least, sum / total) : least;
        }
        largest = fmax(largest, least == 2 ? -1 : least);
    }
    return largest;
}

void test_evaluation_isotonic_reference(void)
{
    enum { LEVELS = 17 };
    static struct many many;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct analysis_scored scored = plant(&many, seed, 0, MANY_POINTS);
        struct analysis_calibration fit;
        double count[LEVELS] = {0}, hits[LEVELS] = {0};
        for (size_t i = 0; i < MANY_SERIES * MANY_POINTS; i++)
            if (isfinite(many.score[i]) && many.label[i] != ANALYSIS_LABEL_UNKNOWN) {
                count[(int)many.score[i]]++;
                hits[(int)many.score[i]] += many.label[i] != 0;
            }
        CHECK(analysis_calibrate(&scored, ANALYSIS_CALIBRATE_ISOTONIC, &fit));
        for (int i = 0; i < LEVELS; i++)
            if (count[i] > 0) {
                double wanted = refer_isotonic(count, hits, LEVELS, i);
                CHECK(fabs(analysis_probability(&fit, i) - wanted) < 1e-12);
                CHECK(fabs(analysis_probability(&fit, i + 0.5) - wanted) < 1e-12);
            }
        CHECK(analysis_probability(&fit, -5) == fit.probability[0]);
        CHECK(analysis_probability(&fit, 99) == fit.probability[fit.step_count - 1]);
        CHECK(analysis_probability(&fit, NAN) == fit.base_rate);
        analysis_free_calibration(&fit);
    }
}

// At the fit both sums of target less probability are 0; scores that part the labels have a fit.
void test_evaluation_logistic(void)
{
    static struct many many;
    struct analysis_scored scored = plant(&many, 5, 0, MANY_POINTS);
    struct analysis_calibration fit;
    for (int is_parted = 0; is_parted < 2; is_parted++) {
        for (size_t i = 0; is_parted && i < MANY_SERIES * MANY_POINTS; i++)
            many.score[i] = many.label[i] != 0 ? 1e9 : -1e9;
        CHECK(analysis_calibrate(&scored, ANALYSIS_CALIBRATE_LOGISTIC, &fit));
        double hits = (double)fit.hits, misses = (double)(fit.count - fit.hits), g0 = 0, g1 = 0;
        for (size_t i = 0; i < MANY_SERIES * MANY_POINTS; i++)
            if (isfinite(many.score[i]) && many.label[i] != ANALYSIS_LABEL_UNKNOWN) {
                double target = many.label[i] != 0 ? (hits + 1) / (hits + 2) : 1 / (misses + 2);
                double apart = target - analysis_probability(&fit, many.score[i]);
                g0 += apart;
                g1 += apart * (many.score[i] - fit.center) / fit.scale;
            }
        CHECK(fabs(g0) < 1e-5 && fabs(g1) < 1e-5);
        CHECK(fit.slope > 0);
        CHECK(analysis_probability(&fit, 1e300) <= 1 && analysis_probability(&fit, -1e300) >= 0);
    }
}

// Murphy's terms by hand: p .2 .2 .2 .6 .6, o 0 0 1 1 0; means 1/3 and 1/2, of all 2/5.
void test_evaluation_brier_example(void)
{
    const double p[5] = {0.2, 0.6, 0.2, 0.6, 0.2};
    const unsigned char o[5] = {0, 1, 1, 0, 0};
    struct analysis_brier brier;
    CHECK(analysis_decompose_brier(p, o, 5, 0, &brier));
    CHECK_NEAR(brier.score, (2 * 0.04 + 0.64 + 0.16 + 0.36) / 5, 1e-14);
    CHECK_NEAR(brier.reliability, (3 * (0.4 / 3) * (0.4 / 3) + 2 * 0.01) / 5, 1e-12);
    CHECK_NEAR(brier.resolution, (3 * (0.2 / 3) * (0.2 / 3) + 2 * 0.01) / 5, 1e-12);
    CHECK_NEAR(brier.uncertainty, 0.24, 1e-14);
    CHECK(brier.within_variance == 0 && brier.within_covariance == 0);
    // In one bin: no resolution, the terms within make up for it.
    CHECK(analysis_decompose_brier(p, o, 5, 1, &brier));
    CHECK_NEAR(brier.reliability, 0.04 * 0.04, 1e-12);
    CHECK(fabs(brier.resolution) < 1e-15);
    CHECK_NEAR(brier.within_variance, (3 * 0.16 * 0.16 + 2 * 0.24 * 0.24) / 5, 1e-12);
    CHECK(analysis_decompose_brier(NULL, NULL, 0, 10, &brier));
    CHECK(isnan(brier.score) && brier.count == 0);
}

// The terms add up exactly, whatever the bins; the score is the plain mean.
void test_evaluation_brier_sums(void)
{
    enum { COUNT = 500 };
    double p[COUNT], plain = 0;
    unsigned char o[COUNT];
    planted_seed(11);
    for (int i = 0; i < COUNT; i++) {
        p[i] = planted_unit() < 0.1 ? floor(planted_unit() * 2) : planted_unit() * planted_unit();
        o[i] = planted_unit() < p[i] * 0.8 + 0.1;
        plain += (p[i] - o[i]) * (p[i] - o[i]) / COUNT;
    }
    static const size_t bins[] = {0, 1, 2, 10, 1000};
    for (size_t i = 0; i < sizeof bins / sizeof bins[0]; i++) {
        struct analysis_brier brier;
        CHECK(analysis_decompose_brier(p, o, COUNT, bins[i], &brier));
        double sum = brier.reliability - brier.resolution + brier.uncertainty +
                     brier.within_variance - brier.within_covariance;
        CHECK_NEAR(brier.score, plain, 1e-12);
        CHECK_NEAR(sum, plain, 1e-12);
    }
}

// On the range that it was fitted to, the steps are perfectly reliable.
void test_evaluation_brier_of_steps(void)
{
    static struct many many;
    struct analysis_scored scored = plant(&many, 8, 0, MANY_POINTS);
    for (size_t i = 0; i < MANY_SERIES * MANY_POINTS; i++)
        many.score[i] = isfinite(many.score[i]) ? many.score[i] : 3;
    struct analysis_calibration fit;
    struct analysis_brier brier, one;
    CHECK(analysis_calibrate(&scored, ANALYSIS_CALIBRATE_ISOTONIC, &fit));
    CHECK(analysis_rate_probability(&scored, &fit, ANALYSIS_SERIES_ALL, &brier));
    CHECK(brier.reliability < 1e-25 && brier.resolution > 0 && brier.score < brier.uncertainty);
    double count = 0, sum = 0;
    for (uint32_t s = 0; s < MANY_SERIES; s++) {
        CHECK(analysis_rate_probability(&scored, &fit, s, &one));
        count += one.count;
        sum += one.score * one.count;
    }
    CHECK_EQUAL(count, brier.count);
    CHECK_NEAR(sum / count, brier.score, 1e-12);
    analysis_free_calibration(&fit);
}

// --- Memory -------------------------------------------------------------------------------------

static bool run_all(const struct analysis_scored *scored)
{
    struct analysis_threshold threshold;
    struct analysis_trades trades = {0};
    struct analysis_calibration steps = {0}, curve = {0};
    struct analysis_brier brier;
    bool is_complete = analysis_set_threshold(scored, 1, &threshold) &&
                       analysis_trace_trades(scored, &trades) &&
                       analysis_calibrate(scored, ANALYSIS_CALIBRATE_ISOTONIC, &steps) &&
                       analysis_calibrate(scored, ANALYSIS_CALIBRATE_LOGISTIC, &curve) &&
                       analysis_rate_probability(scored, &steps, 0, &brier);
    analysis_free_trades(&trades);
    analysis_free_calibration(&steps);
    analysis_free_calibration(&curve);
    return is_complete;
}

void test_evaluation_memory(void)
{
    static struct many many;
    struct analysis_scored scored = plant(&many, 2, 0, MANY_POINTS);
    for (uint64_t n = 1; n < 100; n++) {
        memory_fail_after(n);
        bool is_complete = run_all(&scored), has_failed = memory_has_failed();
        memory_fail_after(0);
        CHECK(is_complete == !has_failed);
        if (!has_failed) {
            CHECK(n > 8);
            return;
        }
    }
    CHECK(!"allocations end");
}
