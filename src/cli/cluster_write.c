// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster_write.c: writes the clusters as CSV or JSON, the likeliest first.
//
//     cluster,center,places,from,to,cases,expected,ratio,relative_risk,population,radius,score,p,
//     p_gumbel,recurrence,members
//
// What does not apply is empty (JSON: null): times of a spatial scan, the radius of a tree's zone,
// the relative risk where no case is outside, p without replicates. recurrence is 1/p, in periods:
// how often a scan repeated each period would show as much by chance. members are the codes of the
// places, in CSV divided by blanks; a code with a blank in it stands as it is, JSON keeps them
// apart.
#include <stdio.h>

#include "cli/cluster.h"
#include "cli/output.h"

struct writer {
    const struct cluster_request *request;
    const struct cluster_table *table;
    const struct analysis_scan *scan;
    const struct analysis_clusters *clusters;
};

static const char HEAD[] = "cluster,center,places,from,to,cases,expected,ratio,relative_risk,"
                           "population,radius,score,p,p_gumbel,recurrence,members\n";
enum { PERIOD_SIZE = 32, NUMBERS = 10 };

// The numbers of a cluster in the order of the head, from `cases` on.
static const char *const number_name[NUMBERS] = {
    "cases",  "expected", "ratio", "relative_risk", "population",
    "radius", "score",    "p",     "p_gumbel",      "recurrence"};

// Fills the numbers; is_known tells which apply.
static void list_numbers(const struct writer *writer, const struct analysis_cluster *cluster,
                         double number[static NUMBERS], bool is_known[static NUMBERS])
{
    bool is_tested = writer->clusters->replicate_count > 0;
    const double all[NUMBERS] = {cluster->cases,         cluster->expected,   cluster->ratio,
                                 cluster->relative_risk, cluster->population, cluster->radius,
                                 cluster->score,         cluster->p_value,    cluster->p_gumbel,
                                 1 / cluster->p_value};
    const bool known[NUMBERS] = {true,      true,
                                 true,      cluster->relative_risk > 0,
                                 true,      writer->scan->zones == ANALYSIS_CIRCLES,
                                 true,      is_tested,
                                 is_tested, is_tested && writer->scan->window_most > 0};
    for (int i = 0; i < NUMBERS; i++) {
        number[i] = all[i];
        is_known[i] = known[i];
    }
}

static void write_ends(const struct writer *writer, const struct analysis_cluster *cluster,
                       char from[static PERIOD_SIZE], char to[static PERIOD_SIZE])
{
    cluster_write_period(writer->table, cluster->period_first, from, PERIOD_SIZE);
    cluster_write_period(writer->table, writer->table->period_count - 1, to, PERIOD_SIZE);
}

static void write_csv(const struct writer *writer, size_t index)
{
    const struct analysis_cluster *cluster = &writer->clusters->cluster[index];
    const struct span *name = writer->table->places.name;
    char from[PERIOD_SIZE], to[PERIOD_SIZE], buffer[OUTPUT_NUMBER_SIZE];
    double number[NUMBERS];
    bool is_known[NUMBERS];
    list_numbers(writer, cluster, number, is_known);
    write_ends(writer, cluster, from, to);
    printf("%zu,", index + 1);
    output_csv_text(stdout, name[cluster->center]);
    printf(",%zu,%s,%s", cluster->place_count, from, to);
    for (int i = 0; i < NUMBERS; i++)
        printf(",%s", is_known[i] ? output_number(number[i], buffer) : "");
    putchar(',');
    for (size_t i = 0; i < cluster->place_count; i++) {
        if (i > 0)
            putchar(' ');
        output_csv_text(stdout, name[cluster->place[i]]);
    }
    putchar('\n');
}

static void write_json(const struct writer *writer, size_t index)
{
    const struct analysis_cluster *cluster = &writer->clusters->cluster[index];
    const struct span *name = writer->table->places.name;
    char from[PERIOD_SIZE], to[PERIOD_SIZE], buffer[OUTPUT_NUMBER_SIZE];
    double number[NUMBERS];
    bool is_known[NUMBERS];
    list_numbers(writer, cluster, number, is_known);
    write_ends(writer, cluster, from, to);
    printf("%s\n{\"cluster\":%zu,\"center\":", index > 0 ? "," : "", index + 1);
    output_json_text(stdout, name[cluster->center]);
    printf(",\"places\":%zu", cluster->place_count);
    if (from[0] == '\0')
        printf(",\"from\":null,\"to\":null");
    else
        printf(",\"from\":\"%s\",\"to\":\"%s\"", from, to);
    for (int i = 0; i < NUMBERS; i++)
        printf(",\"%s\":%s", number_name[i],
               is_known[i] ? output_number(number[i], buffer) : "null");
    fputs(",\"members\":[", stdout);
    for (size_t i = 0; i < cluster->place_count; i++) {
        if (i > 0)
            putchar(',');
        output_json_text(stdout, name[cluster->place[i]]);
    }
    fputs("]}", stdout);
}

void cluster_write(const struct cluster_request *request, const struct cluster_table *table,
                   const struct analysis_scan *scan, const struct analysis_clusters *clusters)
{
    struct writer writer = {request, table, scan, clusters};
    char buffer[OUTPUT_NUMBER_SIZE];
    if (!request->is_json)
        fputs(HEAD, stdout);
    else
        printf("{\"scan\":\"%s\",\"zones\":\"%s\",\"cases\":%s,\"zone_count\":%llu,"
               "\"replicates\":%zu,\"seed\":%llu,\"clusters\":[",
               scan->window_most > 0 ? "prospective" : "spatial",
               scan->zones == ANALYSIS_TREE ? "tree" : "circles",
               output_number(clusters->total, buffer), (unsigned long long)clusters->zone_count,
               scan->replicate_count, (unsigned long long)scan->seed);
    for (size_t i = 0; i < clusters->count; i++) {
        if (request->is_json)
            write_json(&writer, i);
        else
            write_csv(&writer, i);
    }
    if (request->is_json)
        fputs("\n]}\n", stdout);
}
