// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster.c: any three files given to `levee cluster`, SaTScan's or CSV, end in a fault that can be
// written out, or in a grid from which the scan gives clusters with figures that are numbers.
//
// The input is cut into three by lines that hold "===" alone: places, population, cases. Its size
// decides whether they are SaTScan's files (even) or CSV (odd).
//
// needs: src/cli/cluster_table.c src/cli/cluster_satscan.c src/cli/cluster_lay.c src/cli/names.c
// needs: src/base/csv.c src/base/csv_text.c build/src/liblevee_analysis.a -lgomp
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/cluster.h"

enum { CELLS_MOST = 4000 };
static const char DIVIDER[] = "===\n";

// Writes a part to a file in memory under a name that ends as it should.
static int write_part(struct span part, const char *suffix, char *path, size_t size)
{
    char own[64];
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    assert(write(file, part.data, part.size) == (ssize_t)part.size);
    snprintf(own, sizeof own, "/proc/self/fd/%d", file);
    snprintf(path, size, "/tmp/levee-fuzz-%d-%d%s", (int)getpid(), file, suffix);
    unlink(path);
    int linked = symlink(own, path);
    assert(linked == 0);
    return file;
}

static void scan_table(const struct cluster_table *table)
{
    struct analysis_clusters clusters;
    size_t place = 0;
    struct analysis_scan scan = {
        .place_count = table->places.count,
        .period_count = table->period_count,
        .cases = table->case_count,
        .expected = table->expected,
        .population = table->people,
        .zones = table->has_coordinates ? ANALYSIS_CIRCLES : ANALYSIS_TREE,
        .coordinate = table->coordinate,
        .is_geographic = table->is_geographic,
        .parent = table->parent,
        .sibling_most = 2,
        .share_most = 0.5,
        .radius_most = INFINITY,
        .window_most = table->period_count / 2,
        .replicate_count = 9,
        .cluster_most = 5,
    };
    enum analysis_scan_fault fault = analysis_find_clusters(&scan, &clusters, &place);
    assert(fault == ANALYSIS_SCAN_DONE || fault == ANALYSIS_SCAN_PARENT ||
           fault == ANALYSIS_SCAN_EXPECTED);
    for (size_t i = 0; i < clusters.count; i++) {
        const struct analysis_cluster *cluster = &clusters.cluster[i];
        assert(isfinite(cluster->score) && cluster->score > 0 && isfinite(cluster->ratio));
        assert(isfinite(cluster->relative_risk) && isfinite(cluster->radius));
        assert(cluster->p_value > 0 && cluster->p_value <= 1);
        assert(cluster->p_gumbel >= 0 && cluster->p_gumbel <= 1);
        assert(cluster->period_first < table->period_count);
    }
    analysis_free_clusters(&clusters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const suffix[CLUSTER_FILES] = {".cas", ".pop", ".geo"};
    static const enum cluster_file order[] = {CLUSTER_PLACES, CLUSTER_POPULATION, CLUSTER_CASES};
    struct cluster_request request = {.is_cartesian = size % 4 == 2};
    struct cluster_table table = {0};
    struct fault fault = {0};
    struct span rest = {(const char *)data, size};
    char path[CLUSTER_FILES][96], sentence[LIMIT_TEXT_SIZE];
    int file[CLUSTER_FILES];
    for (int i = 0; i < CLUSTER_FILES; i++) {
        struct span part = rest;
        const char *end = memmem(rest.data, rest.size, DIVIDER, sizeof DIVIDER - 1);
        if (end != NULL && i + 1 < CLUSTER_FILES) {
            part.size = (size_t)(end - rest.data);
            rest = (struct span){end + sizeof DIVIDER - 1,
                                 rest.size - part.size - (sizeof DIVIDER - 1)};
        } else {
            rest.size = 0;
        }
        enum cluster_file which = order[i];
        file[which] = write_part(part, size % 2 == 0 ? suffix[which] : ".csv", path[which],
                                 sizeof path[which]);
        request.path[which] = path[which];
    }
    enum fault_code code = cluster_table_read(&table, &request, &fault);
    if (code == FAULT_NONE)
        code = cluster_table_lay_out(&table, &request, &fault);
    if (code != FAULT_NONE) {
        fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
        assert(sentence[0] != '\0');
    } else if (table.places.count * table.period_count <= CELLS_MOST) {
        scan_table(&table);
    }
    cluster_table_close(&table);
    for (int i = 0; i < CLUSTER_FILES; i++) {
        unlink(path[i]);
        close(file[i]);
    }
    return 0;
}
