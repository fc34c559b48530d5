// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster_plot.c: the clusters as a plain map: a dot a place, a ring a circle, a line of words
// each.
//
// Latitude and longitude are drawn as a plane with the scale true at the middle latitude, which
// will do for a province. A ring goes through the place farthest from its centre on the picture.
// Colours by p: red at most 0.01, orange at most 0.05, blue above; all told from grey by number and
// ring as well. The picture needs no fonts, scripts or files besides itself.
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/cluster.h"
#include "cli/output.h"
#include "cli/svg.h"

enum { WIDTH = 800, MARGIN = 30, LINE_HEIGHT = 20 };
static const double HEIGHT_MOST = 900, RING_LEAST = 6, DOT = 2.2, DOT_MEMBER = 3.2;
static const double RADIANS = 3.14159265358979323846 / 180;

struct map {
    const struct cluster_table *table;
    double left, top, stretch, scale, height; // of the plane, in pixels
};

static double x_of(const struct map *map, size_t place)
{
    const double *at = map->table->coordinate + 2 * place;
    double x = map->table->is_geographic ? at[1] * map->stretch : at[0];
    return MARGIN + (x - map->left) * map->scale;
}

static double y_of(const struct map *map, size_t place)
{
    const double *at = map->table->coordinate + 2 * place;
    double y = map->table->is_geographic ? at[0] : at[1];
    return MARGIN + (map->top - y) * map->scale;
}

// Fits the places into the width, and into the greatest height.
static struct map fit(const struct cluster_table *table)
{
    struct map map = {.table = table, .stretch = 1, .scale = 1};
    double least[2] = {INFINITY, INFINITY}, most[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < table->places.count; i++)
        for (int axis = 0; axis < 2; axis++) {
            least[axis] = fmin(least[axis], table->coordinate[2 * i + (size_t)axis]);
            most[axis] = fmax(most[axis], table->coordinate[2 * i + (size_t)axis]);
        }
    int across = table->is_geographic ? 1 : 0;
    if (table->is_geographic)
        map.stretch = fmax(0.05, cos((least[0] + most[0]) / 2 * RADIANS));
    double width = (most[across] - least[across]) * map.stretch;
    double height = most[1 - across] - least[1 - across];
    double room = WIDTH - 2 * MARGIN, by_width = width > 0 ? room / width : INFINITY;
    map.scale = fmin(by_width, height > 0 ? HEIGHT_MOST / height : INFINITY);
    map.scale = isfinite(map.scale) ? map.scale : 1;
    map.left = least[across] * map.stretch - (room / map.scale - width) / 2;
    map.top = most[1 - across];
    map.height = height * map.scale;
    return map;
}

static const char *color_of(const struct analysis_clusters *clusters, size_t index)
{
    double p = clusters->cluster[index].p_value;
    if (clusters->replicate_count == 0 || p > 0.05)
        return "#2f6fb0";
    return p > 0.01 ? "#d9822b" : "#c0392b";
}

static void draw_places(FILE *file, const struct map *map)
{
    fputs("<g fill=\"#9aa3ab\">\n", file);
    for (size_t i = 0; i < map->table->places.count; i++) {
        fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"><title>", x_of(map, i),
                y_of(map, i), DOT);
        output_xml_text(file, map->table->places.name[i]);
        fputs("</title></circle>\n", file);
    }
    fputs("</g>\n", file);
}

static void draw_cluster(FILE *file, const struct map *map, const struct analysis_scan *scan,
                         const struct analysis_clusters *clusters, size_t index)
{
    const struct analysis_cluster *cluster = &clusters->cluster[index];
    double x = x_of(map, cluster->center), y = y_of(map, cluster->center), radius = RING_LEAST;
    fprintf(file, "<g fill=\"%s\" stroke=\"none\">\n", color_of(clusters, index));
    for (size_t i = 0; i < cluster->place_count; i++) {
        double member_x = x_of(map, cluster->place[i]), member_y = y_of(map, cluster->place[i]);
        radius = fmax(radius, hypot(member_x - x, member_y - y) + DOT_MEMBER);
        fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n", member_x, member_y,
                DOT_MEMBER);
    }
    if (scan->zones == ANALYSIS_CIRCLES)
        fprintf(file,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill-opacity=\"0.1\" stroke=\"%s\" "
                "stroke-width=\"1.5\"/>\n",
                x, y, radius, color_of(clusters, index));
    fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" font-weight=\"bold\">%zu</text>\n</g>\n", x + 5,
            y - 5, index + 1);
}

static void write_words(FILE *file, const struct analysis_clusters *clusters, size_t index,
                        double y)
{
    const struct analysis_cluster *cluster = &clusters->cluster[index];
    char sentence[LIMIT_TEXT_SIZE], ratio[32], p[32];
    snprintf(ratio, sizeof ratio, "%.3g", cluster->ratio);
    snprintf(p, sizeof p, "%.2g", cluster->p_value);
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {
        text_integer((int64_t)index + 1), text_integer((int64_t)cluster->place_count),
        text_string(ratio), text_string(clusters->replicate_count > 0 ? p : "-")};
    text_write(TEXT_CLUSTER_PLOT_LINE, cli_language(), argument, sentence, sizeof sentence);
    fprintf(file, "<text x=\"%d\" y=\"%.0f\" fill=\"%s\">", MARGIN, y, color_of(clusters, index));
    output_xml_text(file, span_from(sentence));
    fputs("</text>\n", file);
}

enum fault_code cluster_plot(const char *path, const struct cluster_table *table,
                             const struct analysis_scan *scan,
                             const struct analysis_clusters *clusters, struct fault *fault)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return file_unwritable(fault, path, errno);
    struct map map = fit(table);
    double below = 2 * MARGIN + map.height, lines = (double)(clusters->count + 1) * LINE_HEIGHT;
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" "
            "font-family=\"sans-serif\" font-size=\"13\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
            WIDTH, below + lines + MARGIN / 2);
    draw_places(file, &map);
    for (size_t i = clusters->count; i-- > 0;)
        draw_cluster(file, &map, scan, clusters, i);
    fprintf(file, "<text x=\"%d\" y=\"%.0f\">", MARGIN, below);
    output_xml_text(file, span_from(cli_say(clusters->count == 0 ? TEXT_CLUSTER_PLOT_NONE
                                                                 : TEXT_CLUSTER_PLOT_HEAD)));
    fputs("</text>\n", file);
    for (size_t i = 0; i < clusters->count; i++)
        write_words(file, clusters, i, below + (double)(i + 1) * LINE_HEIGHT);
    return svg_close(file, path, fault);
}
