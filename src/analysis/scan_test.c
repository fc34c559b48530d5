// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan_test.c: the scan statistic against worked figures, against all zones gone through by hand,
// against its own plain form; its chance against known answers.
#include <math.h>
#include <omp.h>
#include <string.h>

#include "analysis/scan_steps.h"
#include "analysis/wide_kernels.h"
#include "base/memory.h"
#include "unit.h"

enum { PLACES_MOST = 64, PERIODS_MOST = 60 };

// A scan with memory of its own.
struct sample {
    struct analysis_scan scan;
    double cases[PLACES_MOST * PERIODS_MOST], people[PLACES_MOST * PERIODS_MOST];
    double coordinate[2 * PLACES_MOST];
    uint32_t parent[PLACES_MOST];
};

static void begin(struct sample *sample, size_t places, size_t periods, size_t window)
{
    *sample = (struct sample){.scan = {.place_count = places,
                                       .period_count = periods,
                                       .cases = sample->cases,
                                       .expected = sample->people,
                                       .coordinate = sample->coordinate,
                                       .parent = sample->parent,
                                       .share_most = 0.5,
                                       .radius_most = INFINITY,
                                       .sibling_most = 1,
                                       .window_most = window,
                                       .replicate_count = 999,
                                       .seed = 1,
                                       .cluster_most = 10}};
    for (size_t i = 0; i < PLACES_MOST; i++)
        sample->parent[i] = ANALYSIS_NO_PLACE;
}

// Places on a grid, so that many distances are equal; random people and cases.
static void fill(struct sample *sample, uint64_t seed, double mean)
{
    struct scan_chance chance;
    size_t periods = sample->scan.period_count;
    scan_chance_begin(&chance, seed, 0);
    for (size_t i = 0; i < sample->scan.place_count; i++) {
        sample->coordinate[2 * i] = (double)(i % 7);
        sample->coordinate[2 * i + 1] = (double)(i / 7);
        double people = 100 + floor(900 * scan_chance_uniform(&chance));
        for (size_t t = 0; t < periods; t++) {
            sample->people[i * periods + t] = people + 10 * (double)t;
            sample->cases[i * periods + t] =
                scan_chance_binomial(&chance, 1000, mean * people / 550 / 1000);
        }
    }
}

void test_scan_worked_example_of_space(void)
{
    static struct sample sample;
    static const double x[] = {0, 1, 2, 5, 6}, people[] = {100, 150, 120, 300, 200};
    static const double cases[] = {3, 9, 8, 6, 4};
    struct analysis_clusters clusters;
    size_t place = 0;
    begin(&sample, 5, 1, 0);
    for (size_t i = 0; i < 5; i++) {
        sample.coordinate[2 * i] = x[i];
        sample.cases[i] = cases[i];
        sample.people[i] = people[i];
    }
    sample.scan.replicate_count = 9999;
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
    CHECK(clusters.count >= 1);
    CHECK_NEAR(clusters.cluster[0].score, 4.194584575, 1e-9);
    CHECK_NEAR(clusters.cluster[0].expected, 9.310344828, 1e-9);
    CHECK_EQUAL(clusters.cluster[0].cases, 17);
    CHECK_EQUAL(clusters.cluster[0].place_count, 2);
    CHECK_NEAR(clusters.cluster[0].radius, 1, 1e-12);
    CHECK(clusters.cluster[0].p_value > 0.008 && clusters.cluster[0].p_value < 0.016);
    CHECK_NEAR(scan_score(10, 4, 50), 3.572429624, 1e-9);
    CHECK_NEAR(scan_score(10, 4, 10), 9.162907319, 1e-9);
    CHECK_EQUAL(scan_score(4, 4, 10), 0);
    analysis_free_clusters(&clusters);
}

void test_scan_worked_example_of_space_and_time(void)
{
    static struct sample sample;
    static const double cases[] = {2, 1, 2, 6, 1, 2, 1, 4, 2, 3, 2, 2}, x[] = {0, 1, 5};
    static const double people[] = {100, 100, 200};
    struct analysis_clusters clusters;
    size_t place = 0;
    begin(&sample, 3, 4, 2);
    memcpy(sample.cases, cases, sizeof cases);
    for (size_t i = 0; i < 12; i++) {
        sample.people[i] = people[i / 4];
        sample.coordinate[2 * (i / 4)] = x[i / 4];
    }
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
    CHECK_NEAR(clusters.cluster[0].score, 4.948796771, 1e-9);
    CHECK_NEAR(clusters.cluster[0].expected, 3.5, 1e-12);
    CHECK_EQUAL(clusters.cluster[0].cases, 10);
    CHECK_EQUAL(clusters.cluster[0].period_first, 3);
    CHECK_NEAR(scan_score(6, 1.75, 28), 3.507144303, 1e-9);
    analysis_free_clusters(&clusters);
}

// The best score over all circles, by the definition: for each centre and each radius at which a
// place lies, who is within, how many live there, how many cases there are.
static double search_by_hand(const struct analysis_scan *scan)
{
    double best = 0, total = 0, people = 0;
    size_t periods = scan->period_count, windows = scan->window_most;
    for (size_t i = 0; i < scan->place_count * periods; i++) {
        total += scan->cases[i];
        people += scan->expected[i];
    }
    for (size_t center = 0; center < scan->place_count; center++)
        for (size_t edge = 0; edge < scan->place_count; edge++)
            for (size_t window = 1; window <= (windows == 0 ? 1 : windows); window++) {
                double radius = analysis_scan_distance(scan, center, edge) * (1 + 1e-10);
                double cases = 0, inside = 0, expected = 0;
                for (size_t i = 0; i < scan->place_count; i++)
                    for (size_t t = 0; t < periods; t++) {
                        if (analysis_scan_distance(scan, center, i) > radius)
                            continue;
                        inside += scan->expected[i * periods + t];
                        if (windows > 0 && t < periods - window)
                            continue;
                        cases += scan->cases[i * periods + t];
                        expected += scan->expected[i * periods + t] * total / people;
                    }
                double score =
                    inside <= 0.5 * people && cases > expected
                        ? cases * log(cases / expected) +
                              (cases < total
                                   ? (total - cases) * log((total - cases) / (total - expected))
                                   : 0)
                        : 0;
                best = score > best ? score : best;
            }
    return best;
}

void test_scan_equals_all_circles(void)
{
    static struct sample sample;
    struct analysis_clusters clusters;
    size_t place = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        begin(&sample, 20, seed % 3 == 0 ? 1 : 6, seed % 3 == 0 ? 0 : seed % 3 + 1);
        fill(&sample, seed, 2);
        sample.scan.replicate_count = 0;
        sample.scan.is_geographic = seed % 2 == 0;
        CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
        CHECK_NEAR(clusters.cluster[0].score, search_by_hand(&sample.scan), 1e-11);
        analysis_free_clusters(&clusters);
    }
}

// Windows and sizes on both sides of every way through the search: several replicates a row, rows
// of more than four vectors, lanes of both widths, dealing by table and by halving.
void test_scan_equals_plain_form(void)
{
    static struct sample sample;
    static const struct {
        size_t places, periods, window;
        double mean, share;
    } form[] = {{40, 1, 0, 3, 0.5},   {40, 1, 0, 200, 0.5}, {49, 12, 6, 0.5, 0.5},
                {30, 60, 30, 1, 0.3}, {30, 60, 20, 0, 0.5}, {12, 60, 30, 90, 0.5},
                {1, 4, 2, 3, 0.5},    {64, 40, 17, 40, 0.1}};
    double plain[100];
    for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
        struct analysis_clusters clusters;
        struct scan_zones zones = {0};
        struct scan_table table = {0};
        size_t place = 0;
        begin(&sample, form[i].places, form[i].periods, form[i].window);
        fill(&sample, 7 + i, form[i].mean);
        sample.cases[0]++;
        sample.scan.replicate_count = 100;
        sample.scan.share_most = form[i].share;
        sample.scan.zones = i % 2 == 0 ? ANALYSIS_CIRCLES : ANALYSIS_TREE;
        sample.scan.sibling_most = 2;
        for (uint32_t k = 1; k < form[i].places; k++)
            sample.parent[k] = (k - 1) / 3;
        CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
        CHECK_EQUAL(scan_prepare(&sample.scan, &zones, &table, &place), ANALYSIS_SCAN_DONE);
        CHECK(scan_refer_replicates(&sample.scan, &zones, &table, plain));
        for (size_t k = 0; k < clusters.replicate_count; k++)
            CHECK_NEAR(clusters.replicate[k], plain[k], 1e-12);
        scan_release(&zones, &table);
        analysis_free_clusters(&clusters);
    }
}

void test_scan_threads_change_nothing(void)
{
    static struct sample sample;
    struct analysis_clusters one, many;
    size_t place = 0;
    int threads = omp_get_max_threads();
    begin(&sample, 49, 30, 15);
    fill(&sample, 3, 1);
    omp_set_num_threads(1);
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &one, &place), ANALYSIS_SCAN_DONE);
    omp_set_num_threads(5);
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &many, &place), ANALYSIS_SCAN_DONE);
    omp_set_num_threads(threads);
    CHECK_EQUAL(one.count, many.count);
    CHECK(memcmp(one.replicate, many.replicate, 999 * sizeof(double)) == 0);
    for (size_t i = 0; i < one.count; i++) {
        CHECK(one.cluster[i].score == many.cluster[i].score);
        CHECK(one.cluster[i].p_value == many.cluster[i].p_value);
        CHECK_EQUAL(one.cluster[i].center, many.cluster[i].center);
    }
    analysis_free_clusters(&one);
    analysis_free_clusters(&many);
}

// Under the null p is uniform: of 400 drawings, each judged by 99 replicates of its own, the share
// with p <= 0.1 and the mean must be what 400 uniform numbers give (4 standard deviations).
void test_scan_p_is_uniform_without_clusters(void)
{
    enum { DRAWINGS = 400 };
    static struct sample sample, drawn;
    struct scan_zones zones = {0};
    struct scan_table table = {0};
    size_t place = 0;
    double mean = 0, low = 0;
    int threads = omp_get_max_threads();
    omp_set_num_threads(1); // many small scans: a second thread would only wait for the first
    begin(&sample, 49, 8, 4);
    fill(&sample, 11, 3);
    CHECK_EQUAL(scan_prepare(&sample.scan, &zones, &table, &place), ANALYSIS_SCAN_DONE);
    struct scan_dealer *dealer = scan_dealer_open(&table);
    for (uint64_t i = 0; i < DRAWINGS; i++) {
        struct analysis_clusters clusters;
        uint32_t count[49 * 4] = {0};
        // Half of the study is dealt; the other half gets the rest in its first period.
        uint32_t left = (uint32_t)table.total - scan_dealer_deal(dealer, 5, i, count);
        drawn = sample;
        drawn.scan.cases = drawn.cases;
        drawn.scan.expected = drawn.people;
        drawn.scan.coordinate = drawn.coordinate;
        drawn.scan.replicate_count = 99;
        drawn.scan.seed = 1000 + i;
        for (size_t k = 0; k < 49; k++)
            for (size_t t = 0; t < 8; t++)
                drawn.cases[k * 8 + t] = t < 4 ? 0 : count[k * 4 + 7 - t];
        drawn.cases[0] = left;
        CHECK_EQUAL(analysis_find_clusters(&drawn.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
        double p = clusters.count == 0 ? 1 : clusters.cluster[0].p_value;
        mean += p / DRAWINGS;
        low += p <= 0.1 ? 1.0 / DRAWINGS : 0;
        analysis_free_clusters(&clusters);
    }
    omp_set_num_threads(threads);
    CHECK(fabs(mean - 0.505) < 4 * sqrt(1.0 / 12 / DRAWINGS));
    CHECK(fabs(low - 0.1) < 4 * sqrt(0.1 * 0.9 / DRAWINGS));
    scan_dealer_close(dealer);
    scan_release(&zones, &table);
}

void test_scan_clusters_do_not_overlap(void)
{
    static struct sample sample;
    struct analysis_clusters clusters;
    size_t place = 0;
    begin(&sample, 49, 10, 5);
    fill(&sample, 21, 2);
    for (size_t t = 7; t < 10; t++) {
        sample.cases[3 * 10 + t] += 40;
        sample.cases[45 * 10 + t] += 25;
    }
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
    bool is_seen[49] = {false};
    CHECK(clusters.count >= 2);
    for (size_t i = 0; i < clusters.count; i++) {
        const struct analysis_cluster *cluster = &clusters.cluster[i];
        for (size_t k = 0; k < cluster->place_count; k++) {
            CHECK(!is_seen[cluster->place[k]]);
            is_seen[cluster->place[k]] = true;
        }
        CHECK(i == 0 || cluster->score <= clusters.cluster[i - 1].score);
        CHECK(cluster->p_value >= 0.001 && cluster->p_value <= 1);
        CHECK(cluster->p_gumbel >= 0 && cluster->p_gumbel <= 1);
    }
    CHECK_EQUAL(clusters.cluster[0].center, 3);
    CHECK_EQUAL(clusters.cluster[0].period_first, 7);
    CHECK_EQUAL(clusters.cluster[1].center, 45);
    CHECK_NEAR(clusters.cluster[0].p_value, 0.001, 1e-12);
    CHECK(clusters.cluster[0].p_gumbel < 1e-6);
    analysis_free_clusters(&clusters);
}

// A province with two cities of three counties each: 0; 1, 2; 3 4 5 under 1, 6 7 8 under 2.
void test_scan_tree_zones(void)
{
    static struct sample sample;
    static const uint32_t parent[] = {ANALYSIS_NO_PLACE, 0, 0, 1, 1, 1, 2, 2, 2};
    static const double cases[] = {0, 0, 0, 9, 8, 9, 3, 2, 3};
    struct analysis_clusters clusters;
    size_t place = 0;
    begin(&sample, 9, 1, 0);
    sample.scan.zones = ANALYSIS_TREE;
    for (size_t i = 0; i < 9; i++) {
        sample.parent[i] = parent[i];
        sample.cases[i] = cases[i];
        sample.people[i] = i < 3 ? 0 : 100;
    }
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
    CHECK_EQUAL(clusters.zone_count, 8); // the province itself is more than half
    CHECK_EQUAL(clusters.cluster[0].center, 1);
    CHECK_EQUAL(clusters.cluster[0].place_count, 4);
    CHECK_NEAR(clusters.cluster[0].score, scan_score(26, 17, 34), 1e-12);
    analysis_free_clusters(&clusters);
    // Two siblings of three: three unions a city, and one of the two cities, which is too large.
    sample.scan.sibling_most = 2;
    sample.cases[4] = 0;
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
    CHECK_EQUAL(clusters.zone_count, 14);
    CHECK_EQUAL(clusters.cluster[0].place_count, 2);
    CHECK_EQUAL(clusters.cluster[0].cases, 18);
    analysis_free_clusters(&clusters);
    sample.parent[0] = 3;
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_PARENT);
    sample.parent[0] = 77;
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_PARENT);
    CHECK_EQUAL(place, 0);
}

void test_scan_refuses_bad_input(void)
{
    static struct sample sample;
    static const struct {
        double cases, people, latitude;
        enum analysis_scan_fault fault;
    } form[] = {{-1, 5, 0, ANALYSIS_SCAN_CASES},        {0.5, 5, 0, ANALYSIS_SCAN_CASES},
                {NAN, 5, 0, ANALYSIS_SCAN_CASES},       {1e15, 5, 0, ANALYSIS_SCAN_CASES},
                {INFINITY, 5, 0, ANALYSIS_SCAN_CASES},  {1, 0, 0, ANALYSIS_SCAN_EXPECTED},
                {1, -1, 0, ANALYSIS_SCAN_EXPECTED},     {1, NAN, 0, ANALYSIS_SCAN_EXPECTED},
                {1, 5, 90.1, ANALYSIS_SCAN_COORDINATE}, {1, 5, NAN, ANALYSIS_SCAN_COORDINATE}};
    struct analysis_clusters clusters;
    size_t place = 0;
    for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
        begin(&sample, 20, 6, 3);
        fill(&sample, 5, 2);
        sample.scan.is_geographic = true;
        sample.cases[7 * 6 + 2] = form[i].cases;
        sample.people[7 * 6 + 2] = form[i].people;
        sample.coordinate[2 * 7] = form[i].latitude;
        CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), form[i].fault);
        CHECK_EQUAL(place, 7);
        CHECK(clusters.cluster == NULL && clusters.replicate == NULL);
    }
    begin(&sample, 20, 6, 4);
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_OPTION);
    begin(&sample, 20, 6, 3);
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_EXPECTED);
    CHECK_EQUAL(place, ANALYSIS_NO_PLACE);
}

void test_scan_without_cases_or_zones(void)
{
    static struct sample sample;
    struct analysis_clusters clusters;
    size_t place = 0;
    begin(&sample, 20, 6, 3);
    fill(&sample, 5, 0);
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
    CHECK_EQUAL(clusters.count, 0);
    CHECK_EQUAL(clusters.replicate_count, 0);
    analysis_free_clusters(&clusters);
    begin(&sample, 1, 6, 3);
    fill(&sample, 5, 2);
    CHECK_EQUAL(analysis_find_clusters(&sample.scan, &clusters, &place), ANALYSIS_SCAN_DONE);
    CHECK_EQUAL(clusters.count, 0);
    CHECK_EQUAL(clusters.zone_count, 0);
    analysis_free_clusters(&clusters);
}

// Every allocation fails once; what was taken is given back, which the sanitizers watch.
void test_scan_without_memory(void)
{
    static struct sample sample;
    struct analysis_clusters clusters;
    size_t place = 0;
    begin(&sample, 20, 6, 3);
    fill(&sample, 5, 2);
    sample.scan.replicate_count = 40;
    int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    for (int zones = 0; zones < 2; zones++) {
        sample.scan.zones = zones == 0 ? ANALYSIS_CIRCLES : ANALYSIS_TREE;
        for (uint64_t countdown = 1;; countdown++) {
            memory_fail_after(countdown);
            enum analysis_scan_fault fault =
                analysis_find_clusters(&sample.scan, &clusters, &place);
            bool has_failed = memory_has_failed();
            memory_fail_after(0);
            CHECK_EQUAL(fault, has_failed ? ANALYSIS_SCAN_MEMORY : ANALYSIS_SCAN_DONE);
            analysis_free_clusters(&clusters);
            if (!has_failed)
                break;
        }
    }
    omp_set_num_threads(threads);
}

// The known answers that the authors of Philox publish with it.
void test_scan_chance_known_answers(void)
{
    struct scan_chance chance;
    scan_chance_begin(&chance, 0, 0);
    CHECK(scan_chance_next(&chance) == 0xe169c58d6627e8d5u);
    CHECK(scan_chance_next(&chance) == 0x9b00dbd8bc57ac4cu);
    scan_chance_begin(&chance, UINT64_MAX, UINT64_MAX);
    chance.block = UINT64_MAX;
    CHECK(scan_chance_next(&chance) == 0x41c83b0e408f276du);
    CHECK(scan_chance_next(&chance) == 0x6d5451fda20bc7c6u);
}

// Mean and variance of binomial numbers by both ways, within 5 standard errors.
void test_scan_chance_binomial(void)
{
    enum { NUMBERS = 20000 };
    static const struct {
        uint32_t count;
        double probability;
    } form[] = {{10, 0.3}, {1000, 0.002}, {1000, 0.4}, {1000, 0.9}, {2000000000, 0.1}, {3, 1}};
    struct scan_chance chance;
    scan_chance_begin(&chance, 9, 9);
    for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
        double mean = 0, squares = 0, wanted = form[i].count * form[i].probability;
        double variance = wanted * (1 - form[i].probability);
        for (int k = 1; k <= NUMBERS; k++) {
            double x = scan_chance_binomial(&chance, form[i].count, form[i].probability) - wanted;
            double step = x - mean;
            mean += step / k;
            squares += step * (x - mean);
        }
        CHECK(fabs(mean) <= 5 * sqrt(variance / NUMBERS));
        CHECK(fabs(squares / (NUMBERS - 1) - variance) <= 5 * variance * sqrt(2.2 / NUMBERS));
    }
}

// Each cell gets its share by both ways of dealing, and one without expectation nothing.
void test_scan_deal_shares(void)
{
    static struct sample sample;
    for (int way = 0; way < 2; way++) {
        struct scan_zones zones = {0};
        struct scan_table table = {0};
        size_t place = 0;
        double got[30] = {0}, all = 0;
        begin(&sample, 10, 6, 3);
        fill(&sample, 13, 0);
        sample.cases[0] = way == 0 ? 100 : 5000;
        for (size_t t = 0; t < 6; t++)
            sample.people[4 * 6 + t] = 0;
        CHECK_EQUAL(scan_prepare(&sample.scan, &zones, &table, &place), ANALYSIS_SCAN_DONE);
        struct scan_dealer *dealer = scan_dealer_open(&table);
        uint64_t deals = way == 0 ? 5000 : 100;
        for (uint64_t i = 0; i < deals; i++) {
            uint32_t count[30] = {0};
            all += scan_dealer_deal(dealer, 1, i, count);
            for (size_t k = 0; k < 30; k++)
                got[k] += count[k];
        }
        for (size_t k = 0; k < 30; k++) {
            double mean =
                (double)deals * (table.expected[k] - (k % 3 == 0 ? 0 : table.expected[k - 1]));
            CHECK(fabs(got[k] - mean) <= 5 * sqrt(mean));
        }
        CHECK(all > 0.4 * 5e5 && all < 0.6 * 5e5);
        scan_dealer_close(dealer);
        scan_release(&zones, &table);
    }
}

// A chain of places with random counts in lanes of each width, cut into steps, walked by every set
// of kernels: hits and the sums before them must be those of plain additions.
enum { WALK_PLACES = 40, WALK_STEPS = 6, WALK_ROW = 5 * SCAN_ROW_STEP };
struct walked {
    _Alignas(64) unsigned char count[WALK_PLACES * WALK_ROW];
    _Alignas(64) unsigned char least[WALK_STEPS * SCAN_WINDOWS * sizeof(uint32_t)];
    struct scan_hit hit[WALK_STEPS * WALK_ROW / 16];
    uint32_t place[WALK_PLACES], until[WALK_STEPS];
};

static void fill_walk(struct walked *walked, enum scan_lanes lanes)
{
    struct scan_chance chance;
    size_t width = WALK_ROW / scan_lane_size(lanes);
    scan_chance_begin(&chance, 17, lanes);
    for (size_t i = 0; i < WALK_PLACES * width; i++)
        scan_set_lane(walked->count, lanes, i, (uint32_t)(scan_chance_next(&chance) % 60));
    for (uint32_t i = 0; i < WALK_PLACES; i++)
        walked->place[i] = ((i * 7) % WALK_PLACES) | SCAN_CUT;
    for (uint32_t i = 0; i < WALK_STEPS; i++)
        walked->until[i] = i * 4 + 4; // what is expected at its end: 30 a place
    for (size_t i = 0; i < WALK_STEPS * SCAN_WINDOWS; i++)
        scan_set_lane(walked->least, lanes == SCAN_BROAD ? SCAN_BROAD : SCAN_NARROW, i,
                      (uint32_t)(120 * (i / SCAN_WINDOWS + 1) + 8 * (i % 7)));
}

// Counts the hits of lanes that the plain sums confirm; one that they do not counts as a thousand.
static size_t count_confirmed(const struct walked *walked, const struct scan_walk *walk)
{
    size_t confirmed = 0, width = WALK_ROW / scan_lane_size(walk->lanes);
    bool is_byte = walk->lanes == SCAN_BYTES;
    for (size_t i = 0; i < walk->hit_count; i++)
        for (size_t bit = 0; bit < 64; bit++) {
            const struct scan_hit *hit = &walk->hit[i];
            size_t lane = hit->offset / scan_lane_size(walk->lanes);
            if ((scan_hit_bits(hit) >> bit & 1) == 0)
                continue;
            lane += is_byte ? 2 * (bit % 32) + bit / 32 : bit;
            uint32_t before = 0, sum = 0;
            for (size_t k = 0; k < walked->until[hit->step]; k++) {
                size_t place = walked->place[k] & ~SCAN_CUT;
                sum += scan_lane(walked->count, walk->lanes, place * width + lane);
                before = k + 1 == walked->until[hit->step] - 4 ? sum : before;
            }
            uint32_t bound =
                scan_step_bound(walked->least, walk->lanes, hit->step, lane % SCAN_WINDOWS);
            enum scan_lanes sums = walk->lanes == SCAN_BROAD ? SCAN_BROAD : SCAN_NARROW;
            bool is_right = sum > bound && before == scan_lane(hit->before, sums, bit);
            confirmed += is_right ? 1 : 1000;
        }
    return confirmed;
}

static size_t count_plain(const struct walked *walked, enum scan_lanes lanes)
{
    size_t count = 0, width = WALK_ROW / scan_lane_size(lanes);
    for (size_t lane = 0; lane < width; lane++)
        for (size_t step = 0, at = 0, sum = 0; step < WALK_STEPS; step++) {
            for (; at < walked->until[step]; at++)
                sum +=
                    scan_lane(walked->count, lanes, (walked->place[at] & ~SCAN_CUT) * width + lane);
            count += sum > scan_step_bound(walked->least, lanes, step, lane % SCAN_WINDOWS);
        }
    return count;
}

void test_scan_walk_notes_every_hit(void)
{
    static struct walked walked;
    size_t level_count;
    const struct wide_kernels *level = wide_kernels_all(&level_count);
    for (size_t i = 0; i < level_count; i++)
        for (enum scan_lanes lanes = SCAN_BYTES; lanes <= SCAN_BROAD; lanes++)
            for (size_t vectors = 1; vectors <= 5; vectors++) {
                fill_walk(&walked, lanes);
                // Fewer vectors: the others are empty.
                for (size_t at = 0; at < sizeof walked.count; at++)
                    walked.count[at] =
                        at % WALK_ROW < vectors * SCAN_ROW_STEP ? walked.count[at] : 0;
                struct scan_walk walk = {walked.place, walked.until, walked.least, walked.count,
                                         WALK_STEPS,   WALK_ROW,     lanes,        walked.hit};
                level[i].scan_walk_chain(&walk);
                CHECK(count_plain(&walked, lanes) > 10);
                CHECK_EQUAL(count_confirmed(&walked, &walk), count_plain(&walked, lanes));
                CHECK(!walk.is_full);
                // One lane of one step that a byte cannot hold.
                walked.count[(walked.place[9] & ~SCAN_CUT) * WALK_ROW + vectors] = 250;
                walked.count[(walked.place[10] & ~SCAN_CUT) * WALK_ROW + vectors] = 250;
                level[i].scan_walk_chain(&walk);
                CHECK_EQUAL(walk.is_full, lanes == SCAN_BYTES);
            }
}
