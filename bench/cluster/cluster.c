// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster.c: the space-time scan of a province: 3,000 divisions x 90 days, 999 replicates.
//
//     bench_cluster [CASES]      60000 unless said otherwise
//
// The whole of analysis_find_clusters is timed, sorting of the circles and observed clusters
// included. Beside it stand, from the same run:
//
//     yardstick   the plain form (scan_reference.c: each zone and window, a logarithm where there
//                 are more cases than expected), two replicates on one core; held to the same
//                 scores, and given as if it ran on all cores without loss
//     limit       the additions alone: as many rows of counts, a byte each, as the circles hold,
//                 four replicates side by side, summed in order from the second cache on all cores
//
// Places lie at random on a plane, populations differ by a factor of a hundred, the cases follow
// the population but for one outbreak in the last week.
#include <assert.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/scan.h"

enum { PLACES = 3000, DAYS = 90, REPLICATES = 999, PLAIN = 2, LANES = 192, ABREAST = 4 };

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void *take(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);
    if (memory == NULL)
        exit(73);
    return memset(memory, 0, size);
}

static void fill(double *coordinate, double *cases, double *population, size_t count)
{
    struct scan_chance chance;
    double sum = 0, until[PLACES];
    scan_chance_begin(&chance, 20200722, UINT64_MAX);
    for (size_t i = 0; i < PLACES; i++) {
        coordinate[2 * i] = 1000 * scan_chance_uniform(&chance);
        coordinate[2 * i + 1] = 1000 * scan_chance_uniform(&chance);
        double people = floor(exp(log(3000) + log(100) * scan_chance_uniform(&chance)));
        for (size_t day = 0; day < DAYS; day++)
            population[i * DAYS + day] = people;
        until[i] = sum += people;
    }
    for (size_t i = 0; i < count; i++) {
        double at = sum * scan_chance_uniform(&chance);
        size_t place = 0, day = (size_t)(DAYS * scan_chance_uniform(&chance));
        while (until[place] < at)
            place++;
        cases[place * DAYS + day]++;
    }
    for (size_t day = DAYS - 7; day < DAYS; day++)
        cases[100 * DAYS + day] += 8;
}

// Rows summed in order, as many as the circles hold, for every replicate.
static double time_additions(uint64_t length)
{
    typedef uint8_t lanes __attribute__((vector_size(64)));
    uint8_t *row = take(PLACES * LANES);
    int64_t proof = 0;
    double start = now_s();
#pragma omp parallel for reduction(+ : proof) schedule(static)
    for (int replicate = 0; replicate < REPLICATES; replicate += ABREAST) {
        lanes sum[3] = {{0}};
        for (uint64_t done = 0; done < length; done += PLACES)
            for (size_t i = 0; i < PLACES; i++)
                for (int v = 0; v < 3; v++)
                    sum[v] += *(const lanes *)(row + i * LANES + 64 * v);
        proof += sum[0][0] + sum[1][0] + sum[2][0];
    }
    double taken = now_s() - start;
    assert(proof == 0);
    free(row);
    return taken;
}

// The plain form for the first replicates; their scores must be those of the fast form.
static double time_plain(const struct analysis_scan *scan, const double *replicate,
                         uint64_t *ret_length)
{
    struct analysis_scan few = *scan;
    struct scan_zones zones = {0};
    struct scan_table table = {0};
    double best[PLAIN] = {0};
    size_t at;
    few.replicate_count = PLAIN;
    if (scan_prepare(&few, &zones, &table, &at) != ANALYSIS_SCAN_DONE)
        exit(73);
    *ret_length = zones.length;
    double start = now_s();
    if (!scan_refer_replicates(&few, &zones, &table, best))
        exit(73);
    double taken = now_s() - start;
    for (int i = 0; i < PLAIN; i++)
        if (fabs(best[i] - replicate[i]) > 1e-9 * best[i]) {
            printf("# replicate %d: %.15g, plain form %.15g\n", i, replicate[i], best[i]);
            exit(1);
        }
    scan_release(&zones, &table);
    return taken / PLAIN;
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 60000, at;
    struct analysis_scan scan = {.place_count = PLACES,
                                 .period_count = DAYS,
                                 .zones = ANALYSIS_CIRCLES,
                                 .share_most = 0.5,
                                 .radius_most = INFINITY,
                                 .window_most = DAYS / 2,
                                 .replicate_count = REPLICATES,
                                 .seed = 1,
                                 .cluster_most = 10};
    double *coordinate = take(2 * PLACES * sizeof(double));
    double *cases = take(PLACES * DAYS * sizeof(double));
    double *population = take(PLACES * DAYS * sizeof(double));
    fill(coordinate, cases, population, count);
    scan.coordinate = coordinate;
    scan.cases = cases;
    scan.expected = population;
    struct analysis_clusters clusters;
    double start = now_s();
    if (analysis_find_clusters(&scan, &clusters, &at) != ANALYSIS_SCAN_DONE)
        return 73;
    double taken = now_s() - start;
    uint64_t length = 0;
    double plain = time_plain(&scan, clusters.replicate, &length);
    int threads = omp_get_max_threads();
    printf(
        "# %.0f cases, %llu circles x %d windows; first cluster: score %.6g, p %.4g, %zu places\n",
        clusters.total, (unsigned long long)clusters.zone_count, DAYS / 2,
        clusters.cluster[0].score, clusters.cluster[0].p_value, clusters.cluster[0].place_count);
    printf("space-time scan, 3,000 divisions x 90 days, 999 replicates, %d cores\t%.2f\ts\t"
           "plain form, s (goal: 10)\t%.0f\n",
           threads, taken, plain * (REPLICATES + 1) / threads);
    printf("the same\t%.1f\tbillion zones/s\tlimit: additions alone, s\t%.2f\n",
           1e-9 * (double)clusters.zone_count * (DAYS / 2) * REPLICATES / taken,
           time_additions(length));
    analysis_free_clusters(&clusters);
    return 0;
}
