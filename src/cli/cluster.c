// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster.c: `levee cluster`: where, and since when, are there more cases than chance explains?
//
//     levee cluster --cases F --population F --places F [--scan spatial|prospective]
//                   [--zones circles|tree] [--window N] [--replicates N] [--seed N] ...
//
// Kulldorff's scan statistic as a Unix filter: three files in, a row a cluster out, the likeliest
// first. What is not said follows from the files: prospective where cases have times, circles where
// places have coordinates. The same input and seed give the same bytes on every run.
//
// Exit codes: 0 also when there is no cluster (a note on stderr says why); 64 the command line; 65
// a file's contents; 66 no such file; 73 too large.
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/cli.h"
#include "cli/cluster.h"
#include "cli/commands.h"

enum {
    OPTION_CASES,
    OPTION_POPULATION,
    OPTION_PLACES,
    OPTION_SCAN,
    OPTION_ZONES,
    OPTION_WINDOW,
    OPTION_SHARE,
    OPTION_RADIUS,
    OPTION_SIBLINGS,
    OPTION_PERIOD,
    OPTION_FROM,
    OPTION_TO,
    OPTION_CARTESIAN,
    OPTION_REPLICATES,
    OPTION_SEED,
    OPTION_CLUSTERS,
    OPTION_FORMAT,
    OPTION_PLOT
};
enum { CLUSTERS_USUAL = 10, CLUSTERS_MOST = 100000, REPLICATES_USUAL = 999, WINDOW_MOST = 100000 };
static const double SHARE_USUAL = 0.5, RADIUS_LIMIT = 1e9;

static const struct cli_option options[] = {
    {"cases", "FILE", TEXT_CLUSTER_HELP_CASES},
    {"population", "FILE", TEXT_CLUSTER_HELP_POPULATION},
    {"places", "FILE", TEXT_CLUSTER_HELP_PLACES},
    {"scan", "spatial|prospective", TEXT_CLUSTER_HELP_SCAN},
    {"zones", "circles|tree", TEXT_CLUSTER_HELP_ZONES},
    {"window", "N", TEXT_CLUSTER_HELP_WINDOW},
    {"share", "PERCENT", TEXT_CLUSTER_HELP_SHARE},
    {"radius", "R", TEXT_CLUSTER_HELP_RADIUS},
    {"siblings", "N", TEXT_CLUSTER_HELP_SIBLINGS},
    {"period", "D|W|M|Q|Y", TEXT_CLUSTER_HELP_PERIOD},
    {"from", "T", TEXT_CLUSTER_HELP_FROM},
    {"to", "T", TEXT_CLUSTER_HELP_TO},
    {"cartesian", NULL, TEXT_CLUSTER_HELP_CARTESIAN},
    {"replicates", "N", TEXT_CLUSTER_HELP_REPLICATES},
    {"seed", "N", TEXT_CLUSTER_HELP_SEED},
    {"clusters", "N", TEXT_CLUSTER_HELP_CLUSTERS},
    {"format", "csv|json", TEXT_CLUSTER_HELP_FORMAT},
    {"plot", "FILE.svg", TEXT_CLUSTER_HELP_PLOT},
    {NULL},
};

static int refuse_value(int option, const char *value)
{
    return cli_refuse("cluster", TEXT_CLUSTER_VALUE, text_string(options[option].name),
                      text_string(value));
}

// A whole number least..most.
static int read_count(int option, const char *value, int64_t least, int64_t most, int64_t *ret)
{
    if (!span_to_integer(span_from(value), ret))
        return refuse_value(option, value);
    if (*ret < least || *ret > most)
        return cli_refuse("cluster", TEXT_CLUSTER_VALUE_RANGE, text_string(options[option].name),
                          text_string(value), text_integer(least), text_integer(most));
    return 0;
}

// A number above 0, `most` at most.
static int read_real(int option, const char *value, double most, double *ret)
{
    if (!span_to_real(span_from(value), ret))
        return refuse_value(option, value);
    if (!(*ret > 0 && *ret <= most))
        return cli_refuse("cluster", TEXT_CLUSTER_VALUE_ABOVE, text_string(options[option].name),
                          text_string(value), text_real(most));
    return 0;
}

// One of two words; *ret_is_second tells which.
static int read_word(int option, const char *value, const char *first, const char *second,
                     int *ret_is_second)
{
    if (strcmp(value, first) != 0 && strcmp(value, second) != 0)
        return refuse_value(option, value);
    *ret_is_second = strcmp(value, second) == 0;
    return 0;
}

static int read_number_option(struct cluster_request *request, int option, const char *value)
{
    struct analysis_scan *scan = &request->scan;
    int64_t count = 0;
    double percent = 0;
    int code = 0;
    if (option == OPTION_SHARE) {
        code = read_real(option, value, 50, &percent);
        scan->share_most = percent / 100;
    }
    if (option == OPTION_RADIUS)
        return read_real(option, value, RADIUS_LIMIT, &scan->radius_most);
    if (option == OPTION_WINDOW) {
        code = read_count(option, value, 1, WINDOW_MOST, &count);
        request->window_most = (size_t)count;
    }
    if (option == OPTION_SIBLINGS) {
        code = read_count(option, value, 1, ANALYSIS_SIBLINGS_MOST, &count);
        scan->sibling_most = (size_t)count;
    }
    if (option == OPTION_REPLICATES) {
        code = read_count(option, value, 0, ANALYSIS_REPLICATES_MOST, &count);
        scan->replicate_count = (size_t)count;
    }
    if (option == OPTION_SEED) {
        code = read_count(option, value, 0, INT64_MAX, &count);
        scan->seed = (uint64_t)count;
    }
    if (option == OPTION_CLUSTERS) {
        code = read_count(option, value, 1, CLUSTERS_MOST, &count);
        scan->cluster_most = (size_t)count;
    }
    return code;
}

static int read_option(struct cluster_request *request, int option, const char *value)
{
    int is_json = 0;
    switch (option) {
    case CLI_ARGUMENT: return cli_refuse("cluster", TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
    case OPTION_CASES: request->path[CLUSTER_CASES] = value; return 0;
    case OPTION_POPULATION: request->path[CLUSTER_POPULATION] = value; return 0;
    case OPTION_PLACES: request->path[CLUSTER_PLACES] = value; return 0;
    case OPTION_FROM: request->from = value; return 0;
    case OPTION_TO: request->to = value; return 0;
    case OPTION_PLOT: request->plot = value; return 0;
    case OPTION_CARTESIAN: request->is_cartesian = true; return 0;
    case OPTION_SCAN:
        return read_word(option, value, "spatial", "prospective", &request->is_prospective);
    case OPTION_ZONES: return read_word(option, value, "circles", "tree", &request->is_tree);
    case OPTION_FORMAT:
        if (read_word(option, value, "csv", "json", &is_json) != 0)
            return CLI_EXIT_USAGE;
        request->is_json = is_json == 1;
        return 0;
    case OPTION_PERIOD:
        if (strlen(value) != 1 || strchr("DWMQY", value[0]) == NULL)
            return refuse_value(option, value);
        request->period = value[0];
        return 0;
    default: return read_number_option(request, option, value);
    }
}

static int check_request(const struct cluster_request *request)
{
    int standard = 0;
    for (int i = 0; i < CLUSTER_FILES; i++) {
        if (request->path[i] == NULL)
            return cli_refuse("cluster", TEXT_CLUSTER_FILE_MISSING, text_string(options[i].name));
        standard += strcmp(request->path[i], "-") == 0;
    }
    if (standard > 1)
        return cli_refuse("cluster", TEXT_CLUSTER_STANDARD_TWICE);
    return 0;
}

// What the files decide: kind of scan, kind of zones, longest window. Returns 0 or an exit code.
static int settle_scan(struct cluster_request *request, struct cluster_table *table)
{
    struct analysis_scan *scan = &request->scan;
    bool is_timed = table->period != CLUSTER_TIMELESS;
    if (request->is_prospective == 1 && !is_timed && table->cases.count > 0)
        return cli_refuse("cluster", TEXT_CLUSTER_TIMES_WANTED,
                          text_string(request->path[CLUSTER_CASES]));
    bool is_prospective = request->is_prospective == -1 ? is_timed && table->period_count > 1
                                                        : request->is_prospective == 1;
    bool is_tree = request->is_tree == -1 ? !table->has_coordinates : request->is_tree == 1;
    if (is_tree ? !table->has_parents : !table->has_coordinates)
        return cli_refuse("cluster",
                          is_tree ? TEXT_CLUSTER_PARENTS_WANTED : TEXT_CLUSTER_COORDINATES_WANTED,
                          text_string(request->path[CLUSTER_PLACES]));
    if (request->plot != NULL && !table->has_coordinates)
        return cli_refuse("cluster", TEXT_CLUSTER_PLOT_WANTS, text_string(request->plot));
    if (is_prospective && table->cases.count > 0) {
        size_t most = table->period_count / 2;
        if (most == 0)
            return cli_refuse("cluster", TEXT_CLUSTER_PERIODS_FEW);
        if (request->window_most > most)
            return cli_refuse(
                "cluster", TEXT_CLUSTER_WINDOW_LONG, text_integer((int64_t)request->window_most),
                text_integer((int64_t)table->period_count), text_integer((int64_t)most));
        scan->window_most = request->window_most > 0 ? request->window_most : most;
    }
    scan->zones = is_tree ? ANALYSIS_TREE : ANALYSIS_CIRCLES;
    scan->is_geographic = table->is_geographic;
    scan->place_count = table->places.count;
    scan->period_count = table->period_count;
    scan->cases = table->case_count;
    scan->expected = table->expected;
    scan->population = table->people;
    scan->coordinate = table->coordinate;
    scan->parent = table->parent;
    return 0;
}

static void show_progress(void *context, size_t done, size_t count)
{
    (void)context;
    char sentence[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_integer((int64_t)done),
                                                           text_integer((int64_t)count)};
    text_write(TEXT_CLUSTER_PROGRESS, cli_language(), argument, sentence, sizeof sentence);
    fprintf(stderr, done == count ? "\r\033[K" : "\r\033[K%s", sentence);
}

static void note(enum text_key key, int64_t first, int64_t second)
{
    char sentence[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_integer(first),
                                                           text_integer(second)};
    text_write(key, cli_language(), argument, sentence, sizeof sentence);
    fprintf(stderr, "levee: %s\n", sentence);
}

static void write_notes(const struct cluster_table *table, const struct analysis_clusters *clusters)
{
    if (table->left_out > 0)
        note(TEXT_CLUSTER_NOTE_LEFT_OUT, (int64_t)table->left_out, 0);
    if (table->unpeopled > 0)
        note(TEXT_CLUSTER_NOTE_UNPEOPLED, (int64_t)table->unpeopled, 0);
    if (clusters->total == 0)
        note(TEXT_CLUSTER_NOTE_NO_CASES, 0, 0);
    else if (clusters->zone_count == 0)
        note(TEXT_CLUSTER_NOTE_NO_ZONES, (int64_t)table->places.count, 0);
    else if (clusters->count == 0)
        note(TEXT_CLUSTER_NOTE_NONE, (int64_t)clusters->zone_count, 0);
}

// What only the library finds out; everything else is refused where the files are read.
static enum fault_code fail_scan(enum analysis_scan_fault trouble,
                                 const struct cluster_table *table, size_t place,
                                 struct fault *fault)
{
    if (trouble == ANALYSIS_SCAN_PARENT && place < table->places.count)
        return fault_set(fault, FAULT_INVALID, TEXT_CLUSTER_PARENT_TURNS,
                         text_string(table->path[CLUSTER_PLACES]),
                         text_integer(table->place[place].line),
                         text_span(table->places.name[place]));
    if (trouble == ANALYSIS_SCAN_LARGE)
        return fault_set(fault, FAULT_FULL, TEXT_CLUSTER_LARGE,
                         text_integer((int64_t)table->places.count));
    return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
}

static int run_scan(struct cluster_request *request, struct cluster_table *table)
{
    struct fault fault = {.code = FAULT_NONE};
    struct analysis_clusters clusters = {0};
    size_t place = 0;
    int code = settle_scan(request, table);
    if (code != 0)
        return code;
    if (isatty(STDERR_FILENO))
        request->scan.progress = show_progress;
    enum analysis_scan_fault trouble = analysis_find_clusters(&request->scan, &clusters, &place);
    if (trouble != ANALYSIS_SCAN_DONE)
        fail_scan(trouble, table, place, &fault);
    else if (request->plot != NULL)
        cluster_plot(request->plot, table, &request->scan, &clusters, &fault);
    if (fault.code != FAULT_NONE) {
        code = cli_fail(&fault);
    } else {
        cluster_write(request, table, &request->scan, &clusters);
        write_notes(table, &clusters);
    }
    analysis_free_clusters(&clusters);
    return code;
}

int cli_run_cluster(int argc, char **argv)
{
    struct cluster_request request = {
        .is_prospective = -1,
        .is_tree = -1,
        .scan = {.share_most = SHARE_USUAL,
                 .radius_most = INFINITY,
                 .sibling_most = 1,
                 .replicate_count = REPLICATES_USUAL,
                 .seed = 1,
                 .cluster_most = CLUSTERS_USUAL},
    };
    struct cli_reader reader = {argc, argv, options, TEXT_CLUSTER_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&request, at, value);
        if (code != 0)
            return code;
    }
    int code = check_request(&request);
    if (code != 0)
        return code;
    struct fault fault = {.code = FAULT_NONE};
    struct cluster_table table = {0};
    if (cluster_table_read(&table, &request, &fault) != FAULT_NONE ||
        cluster_table_lay_out(&table, &request, &fault) != FAULT_NONE)
        code = cli_fail(&fault);
    else
        code = run_scan(&request, &table);
    cluster_table_close(&table);
    return code;
}
