// SPDX-License-Identifier: LGPL-3.0-or-later
//
// scan.c: clusters in space and time: checks the input, runs the parts, gives p-values.
//
// Kulldorff 1997 and 2001; docs/methods "Clusters". With c cases of C in a zone and mu expected,
//
//     score = c ln(c/mu) + (C-c) ln((C-c)/(C-mu))   where c > mu, else 0
//
// Expected cases are the caller's, scaled to C in all. The p-value of a zone is (1 + replicates
// whose highest score reaches its own) / (replicates + 1), for the first cluster and for those
// after it alike, which is conservative for the latter. Where no or hardly any replicate reaches
// it, the Gumbel law tells more (Abrams, Kulldorff, Kleinman 2010, "Gumbel based p-value
// approximations for spatial scan statistics", Int J Health Geogr 9:61), fitted by moments:
//
//     scale = sd sqrt(6)/pi,  location = mean - 0.5772.. scale,
//     p = 1 - exp(-exp(-(score - location)/scale))
#include <assert.h>
#include <string.h>

#include "analysis/scan.h"
#include "base/limits.h"
#include "base/memory.h"

static const double EULER = 0.57721566490153286, PI = 3.14159265358979324;

static enum analysis_scan_fault check_options(const struct analysis_scan *scan)
{
    bool is_right = scan->place_count >= 1 && scan->place_count < SCAN_CUT &&
                    scan->period_count >= 1 && scan->share_most > 0 && scan->share_most <= 0.5 &&
                    scan->cluster_most >= 1 && 2 * scan->window_most <= scan->period_count &&
                    scan->replicate_count <= ANALYSIS_REPLICATES_MOST;
    if (is_right && scan->zones == ANALYSIS_CIRCLES)
        is_right = scan->coordinate != NULL && scan->radius_most >= 0;
    if (is_right && scan->zones == ANALYSIS_TREE)
        is_right = scan->parent != NULL && scan->sibling_most >= 1 &&
                   scan->sibling_most <= ANALYSIS_SIBLINGS_MOST;
    size_t windows = scan->window_most > 1 ? scan->window_most : 1;
    if (!is_right)
        return ANALYSIS_SCAN_OPTION;
    return scan->place_count > LIMIT_SCAN_CELLS / windows ? ANALYSIS_SCAN_LARGE
                                                          : ANALYSIS_SCAN_DONE;
}

static bool is_located(const struct analysis_scan *scan, size_t place)
{
    double first = scan->coordinate[2 * place], second = scan->coordinate[2 * place + 1];
    if (!isfinite(first) || !isfinite(second))
        return false;
    return scan->is_geographic ? fabs(first) <= 90 && fabs(second) <= 180
                               : fabs(first) <= 1e150 && fabs(second) <= 1e150;
}

static enum analysis_scan_fault check_place(const struct analysis_scan *scan, size_t place,
                                            double *cases, double *expected)
{
    double own_cases = 0, own_expected = 0;
    for (size_t i = place * scan->period_count; i < (place + 1) * scan->period_count; i++) {
        if (!(scan->cases[i] >= 0 && scan->cases[i] == floor(scan->cases[i])))
            return ANALYSIS_SCAN_CASES;
        if (!(scan->expected[i] >= 0 && scan->expected[i] <= 1e300))
            return ANALYSIS_SCAN_EXPECTED;
        if (scan->cases[i] > 0 && scan->expected[i] == 0)
            return ANALYSIS_SCAN_EXPECTED;
        own_cases += scan->cases[i];
        own_expected += scan->expected[i];
    }
    *cases += own_cases;
    *expected += own_expected;
    if (*cases > SCAN_CASES_MOST)
        return ANALYSIS_SCAN_CASES;
    if (scan->population != NULL &&
        !(scan->population[place] >= 0 && scan->population[place] <= 1e300))
        return ANALYSIS_SCAN_EXPECTED;
    if (scan->zones == ANALYSIS_CIRCLES)
        return is_located(scan, place) ? ANALYSIS_SCAN_DONE : ANALYSIS_SCAN_COORDINATE;
    uint32_t parent = scan->parent[place];
    return parent == ANALYSIS_NO_PLACE || parent < scan->place_count ? ANALYSIS_SCAN_DONE
                                                                     : ANALYSIS_SCAN_PARENT;
}

// The highest possible sums, so that nothing overflows on the way to a share.
static enum analysis_scan_fault check(const struct analysis_scan *scan, double *ret_cases,
                                      double *ret_expected, size_t *ret_place)
{
    enum analysis_scan_fault fault = check_options(scan);
    double cases = 0, expected = 0;
    for (size_t place = 0; place < scan->place_count && fault == ANALYSIS_SCAN_DONE; place++) {
        fault = check_place(scan, place, &cases, &expected);
        *ret_place = place;
    }
    if (fault == ANALYSIS_SCAN_DONE && !(expected > 0 && isfinite(expected))) {
        fault = ANALYSIS_SCAN_EXPECTED;
        *ret_place = ANALYSIS_NO_PLACE;
    }
    *ret_cases = cases;
    *ret_expected = expected;
    return fault;
}

// Shares of the population, 1 in all; where there is none, of what is expected.
static void fill_shares(const struct analysis_scan *scan, double expected, double *share)
{
    double population = 0;
    for (size_t place = 0; scan->population != NULL && place < scan->place_count; place++)
        population += scan->population[place];
    bool is_given = population > 0 && isfinite(population);
    for (size_t place = 0; place < scan->place_count; place++) {
        double own = 0;
        for (size_t i = place * scan->period_count; i < (place + 1) * scan->period_count; i++)
            own += scan->expected[i];
        share[place] = is_given ? scan->population[place] / population : own / expected;
    }
}

static bool open_table(const struct analysis_scan *scan, double total, double expected,
                       struct scan_table *table)
{
    size_t windows = scan->window_most > 1 ? scan->window_most : 1, periods = scan->period_count;
    *table = (struct scan_table){scan->place_count, windows, total};
    size_t cells = scan->place_count * windows;
    table->expected = memory_take(cells * sizeof *table->expected);
    table->cases = memory_take(cells * sizeof *table->cases);
    table->share = memory_take(scan->place_count * sizeof *table->share);
    if (table->expected == NULL || table->cases == NULL || table->share == NULL)
        return false;
    fill_shares(scan, expected, table->share);
    for (size_t place = 0; place < scan->place_count; place++) {
        double cases = 0, share = 0;
        // From the last period back; a purely spatial scan takes them all at once.
        for (size_t i = 0; i < (scan->window_most == 0 ? periods : windows); i++) {
            size_t at = place * periods + periods - 1 - i, window = scan->window_most ? i : 0;
            cases += scan->cases[at];
            share += scan->expected[at] / expected;
            table->cases[place * windows + window] = (int32_t)cases;
            table->expected[place * windows + window] = total * share;
        }
    }
    return true;
}

enum analysis_scan_fault scan_prepare(const struct analysis_scan *scan, struct scan_zones *zones,
                                      struct scan_table *table, size_t *ret_place)
{
    double cases = 0, expected = 0;
    enum analysis_scan_fault fault = check(scan, &cases, &expected, ret_place);
    if (fault == ANALYSIS_SCAN_DONE && !open_table(scan, cases, expected, table))
        fault = ANALYSIS_SCAN_MEMORY;
    if (fault == ANALYSIS_SCAN_DONE)
        fault = scan->zones == ANALYSIS_TREE ? scan_build_tree(scan, table->share, zones, ret_place)
                                             : scan_build_circles(scan, table->share, zones);
    return fault;
}

void scan_release(struct scan_zones *zones, struct scan_table *table)
{
    scan_free_zones(zones);
    memory_free(table->expected);
    memory_free(table->cases);
    memory_free(table->share);
    *table = (struct scan_table){0};
}

struct gumbel {
    double location, scale; // 0: the replicates have no spread
};

static struct gumbel fit_gumbel(const double *replicate, size_t count)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        double step = replicate[i] - mean;
        mean += step / (double)(i + 1);
        squares += step * (replicate[i] - mean);
    }
    double scale = count < 2 ? 0 : sqrt(squares / (double)(count - 1)) * sqrt(6) / PI;
    return (struct gumbel){mean - EULER * scale, scale};
}

static void give_p_values(struct analysis_clusters *clusters)
{
    size_t count = clusters->replicate_count;
    struct gumbel gumbel = fit_gumbel(clusters->replicate, count);
    for (size_t i = 0; i < clusters->count; i++) {
        struct analysis_cluster *cluster = &clusters->cluster[i];
        size_t reached = 0;
        for (size_t k = 0; k < count; k++)
            reached += clusters->replicate[k] >= cluster->score * (1 - SCAN_TOLERANCE);
        cluster->p_value = (double)(1 + reached) / (double)(count + 1);
        cluster->p_gumbel = gumbel.scale > 0
                                ? -expm1(-exp((gumbel.location - cluster->score) / gumbel.scale))
                                : cluster->p_value;
    }
}

static double population_of(const struct analysis_scan *scan, uint32_t place)
{
    if (scan->population != NULL)
        return scan->population[place];
    double sum = 0;
    for (size_t i = 0; i < scan->period_count; i++)
        sum += scan->expected[place * scan->period_count + i];
    return sum;
}

// The topmost of the nodes: the one whose parent is not in the zone; of several the first.
static uint32_t find_top(const struct analysis_scan *scan, const uint32_t *place, size_t count,
                         bool *is_inside)
{
    uint32_t top = place[0];
    for (size_t i = 0; i < count; i++)
        is_inside[place[i]] = true;
    while (scan->parent[top] != ANALYSIS_NO_PLACE && is_inside[scan->parent[top]])
        top = scan->parent[top];
    for (size_t i = 0; i < count; i++)
        is_inside[place[i]] = false;
    return top;
}

static void describe(const struct analysis_scan *scan, const struct scan_table *table,
                     const struct scan_zones *zones, const struct scan_find *find, uint32_t *place,
                     bool *is_inside, struct analysis_cluster *cluster)
{
    const struct scan_chain *chain = &zones->chain[find->chain];
    double inside = find->cases / find->expected, outside = table->total - find->expected;
    double rest = table->total - find->cases;
    *cluster = (struct analysis_cluster){.place = place,
                                         .place_count = find->length,
                                         .center = chain->center,
                                         .cases = find->cases,
                                         .expected = find->expected,
                                         .ratio = inside,
                                         .relative_risk = rest > 0 ? inside / (rest / outside) : 0,
                                         .score = find->score};
    for (uint32_t i = 0; i < find->length; i++) {
        place[i] = chain->place[i] & ~SCAN_CUT;
        cluster->population += population_of(scan, place[i]);
    }
    if (scan->zones == ANALYSIS_TREE)
        cluster->center = find_top(scan, place, find->length, is_inside);
    for (uint32_t i = 0; scan->zones == ANALYSIS_CIRCLES && i < find->length; i++)
        cluster->radius =
            fmax(cluster->radius, analysis_scan_distance(scan, chain->center, place[i]));
    if (scan->window_most > 0)
        cluster->period_first = scan->period_count - 1 - find->window;
}

// Turns what was found into clusters.
static bool keep_clusters(const struct analysis_scan *scan, const struct scan_table *table,
                          const struct scan_zones *zones, const struct scan_find *find,
                          size_t count, struct analysis_clusters *clusters)
{
    size_t places = 0;
    bool *is_inside = memory_allocate(scan->place_count * sizeof *is_inside);
    for (size_t i = 0; i < count; i++)
        places += find[i].length;
    clusters->cluster = memory_allocate((count + 1) * sizeof *clusters->cluster);
    clusters->place = memory_take((places + 1) * sizeof *clusters->place);
    bool is_kept = is_inside != NULL && clusters->cluster != NULL && clusters->place != NULL;
    uint32_t *place = clusters->place;
    for (size_t i = 0; is_kept && i < count; i++) {
        describe(scan, table, zones, &find[i], place, is_inside, &clusters->cluster[i]);
        place += find[i].length;
        clusters->count++;
    }
    memory_free(is_inside);
    return is_kept;
}

static bool run(const struct analysis_scan *scan, const struct scan_table *table,
                const struct scan_zones *zones, struct analysis_clusters *clusters)
{
    size_t most = scan->cluster_most < scan->place_count ? scan->cluster_most : scan->place_count;
    size_t count = 0;
    struct scan_find *find = memory_take(most * sizeof *find);
    clusters->replicate = memory_take((scan->replicate_count + 1) * sizeof(double));
    bool is_complete =
        find != NULL && clusters->replicate != NULL &&
        scan_find_observed(zones, table, most, find, &count) &&
        keep_clusters(scan, table, zones, find, count, clusters) &&
        (count == 0 || scan_search_replicates(scan, zones, table, clusters->replicate));
    clusters->replicate_count = count == 0 ? 0 : scan->replicate_count;
    if (is_complete)
        give_p_values(clusters);
    memory_free(find);
    return is_complete;
}

enum analysis_scan_fault analysis_find_clusters(const struct analysis_scan *scan,
                                                struct analysis_clusters *ret_clusters,
                                                size_t *ret_place)
{
    struct scan_table table = {0};
    struct scan_zones zones = {0};
    *ret_clusters = (struct analysis_clusters){0};
    enum analysis_scan_fault fault = scan_prepare(scan, &zones, &table, ret_place);
    ret_clusters->total = table.total;
    ret_clusters->zone_count = zones.zone_count;
    if (fault == ANALYSIS_SCAN_DONE && table.total > 0 && !run(scan, &table, &zones, ret_clusters))
        fault = ANALYSIS_SCAN_MEMORY;
    if (fault != ANALYSIS_SCAN_DONE)
        analysis_free_clusters(ret_clusters);
    scan_release(&zones, &table);
    return fault;
}

void analysis_free_clusters(struct analysis_clusters *clusters)
{
    memory_free(clusters->cluster);
    memory_free(clusters->place);
    memory_free(clusters->replicate);
    *clusters = (struct analysis_clusters){0};
}
