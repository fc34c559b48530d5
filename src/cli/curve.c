// SPDX-License-Identifier: GPL-3.0-or-later
//
// curve.c: draws the panels of curve.h.
//
// Places are spread evenly over the width; a value's height is linear. Bands are drawn run by run:
// where a bound is not known the band ends, it is not bridged. Colours are the page's blue and
// grey, with text dark enough to be read; nothing is told by colour alone.
#include "cli/curve.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "cli/output.h"
#include "cli/svg.h"

enum { WIDTH = 840, LEFT = 70, RIGHT = 20, TOP = 64, PANEL = 170, GAP = 62, TICKS_MOST = 5 };
#define BLUE "#1F5FA8"
#define GREY "#5B6B63"
#define RED "#B42318"

// A panel's scale.
struct scale {
    FILE *file;
    const struct curve_panel *panel;
    double top; // of the panel, in pixels
    double low, high, step;
};

static double x_of(const struct scale *scale, double at)
{
    double span = WIDTH - LEFT - RIGHT;
    return LEFT + span * (at + 0.5) / (double)scale->panel->count;
}

static double y_of(const struct scale *scale, double value)
{
    return scale->top + PANEL * (scale->high - value) / (scale->high - scale->low);
}

static void widen(struct scale *scale, const double *value)
{
    for (size_t i = 0; value != NULL && i < scale->panel->count; i++)
        if (isfinite(value[i])) {
            scale->low = fmin(scale->low, value[i]);
            scale->high = fmax(scale->high, value[i]);
        }
}

// Five steps at most; both ends are whole steps.
static void settle_scale(struct scale *scale)
{
    const struct curve_panel *panel = scale->panel;
    const double *all[] = {panel->observed, panel->line,        panel->lower,
                           panel->upper,    panel->inner_lower, panel->inner_upper};
    scale->low = 0;
    scale->high = isfinite(panel->reference) ? panel->reference : 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        widen(scale, all[i]);
    if (scale->high <= scale->low)
        scale->high = scale->low + 1;
    scale->step = svg_step(scale->high - scale->low, TICKS_MOST);
    scale->low = floor(scale->low / scale->step) * scale->step;
    scale->high = ceil(scale->high / scale->step) * scale->step;
}

static void draw_axes(const struct scale *scale)
{
    const struct curve_panel *panel = scale->panel;
    FILE *file = scale->file;
    int ticks = (int)((scale->high - scale->low) / scale->step + 0.5);
    svg_text(file, LEFT, scale->top - 10, "font-weight=\"bold\"", panel->name);
    for (int i = 0; i <= ticks; i++) {
        double value = scale->low + i * scale->step, y = y_of(scale, value);
        fprintf(file, "<path d=\"M%d %.1fH%d\" stroke=\"%s\" stroke-width=\"0.6\"/>\n", LEFT, y,
                WIDTH - RIGHT, fabs(value) < scale->step / 2 ? GREY : "#D5DBD8");
        fprintf(file, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n", LEFT - 8,
                y + 4, fabs(value) < scale->step / 1e6 ? 0 : value);
    }
    static const char *const anchor[3] = {"start", "middle", "end"};
    for (int i = 0; i < 3 && (i == 0 || panel->count > (size_t)i); i++) {
        char label[CURVE_LABEL_SIZE];
        size_t at = i == 0 ? 0 : i == 1 ? panel->count / 2 : panel->count - 1;
        panel->label(panel->context, at, label);
        fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x_of(scale, (double)at),
                scale->top + PANEL + 18, anchor[i]);
        output_xml_text(file, span_from(label));
        fputs("</text>\n", file);
    }
}

static void draw_observed(const struct scale *scale)
{
    const struct curve_panel *panel = scale->panel;
    double width = fmax(0.5, 0.7 * (WIDTH - LEFT - RIGHT) / (double)panel->count);
    for (size_t i = 0; panel->observed != NULL && i < panel->count; i++) {
        if (!isfinite(panel->observed[i]))
            continue;
        double x = x_of(scale, (double)i);
        double y = y_of(scale, panel->observed[i]), zero = y_of(scale, 0);
        if (panel->is_marked != NULL && panel->is_marked[i])
            fprintf(scale->file, "<path d=\"M%.2f %.2fl5 9h-10z\" fill=\"" RED "\"/>\n", x, y - 6);
        else if (panel->is_bars)
            fprintf(scale->file,
                    "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"" GREY
                    "\" fill-opacity=\"0.55\"/>\n",
                    x - width / 2, fmin(y, zero), width, fabs(zero - y));
        else
            fprintf(scale->file, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"2.2\" fill=\"" GREY "\"/>\n",
                    x, y);
    }
}

static void draw_band(const struct scale *scale, const double *lower, const double *upper,
                      const char *opacity)
{
    size_t count = scale->panel->count;
    for (size_t i = 0; lower != NULL && upper != NULL && i < count;) {
        size_t end = i;
        while (end < count && isfinite(lower[end]) && isfinite(upper[end]))
            end++;
        if (end == i) {
            i++;
            continue;
        }
        // A band of one place is as wide as the place.
        double half = end - i == 1 ? 0.3 : 0;
        fputs("<path d=\"", scale->file);
        for (size_t k = i; k < end; k++)
            fprintf(scale->file, "%c%.2f %.2f", k == i ? 'M' : 'L', x_of(scale, (double)k - half),
                    y_of(scale, upper[k]));
        for (size_t k = end; k-- > i;)
            fprintf(scale->file, "L%.2f %.2f", x_of(scale, (double)k + half),
                    y_of(scale, lower[k]));
        fprintf(scale->file, "Z\" fill=\"" BLUE "\" fill-opacity=\"%s\"/>\n", opacity);
        i = end;
    }
}

static void draw_line(const struct scale *scale)
{
    const double *line = scale->panel->line;
    bool is_open = false;
    if (isfinite(scale->panel->reference))
        fprintf(scale->file, "<path d=\"M%d %.2fH%d\" stroke=\"#333\" stroke-dasharray=\"5 4\"/>\n",
                LEFT, y_of(scale, scale->panel->reference), WIDTH - RIGHT);
    if (line == NULL)
        return;
    fputs("<path fill=\"none\" stroke=\"" BLUE
          "\" stroke-width=\"1.8\" stroke-linecap=\"round\" d=\"",
          scale->file);
    for (size_t i = 0; i < scale->panel->count; i++) {
        if (isfinite(line[i]))
            fprintf(scale->file, "%c%.2f %.2f", is_open ? 'L' : 'M', x_of(scale, (double)i),
                    y_of(scale, line[i]));
        // A place alone is a dot: a line to itself.
        if (isfinite(line[i]) && !is_open)
            fputs("h0", scale->file);
        is_open = isfinite(line[i]);
    }
    fputs("\"/>\n", scale->file);
}

enum fault_code curve_write(const char *path, const char *title, const char *caption,
                            const struct curve_panel *panel, size_t panel_count,
                            struct fault *fault)
{
    size_t count = panel_count < CURVE_PANELS_MOST ? panel_count : CURVE_PANELS_MOST;
    int height = TOP + (int)count * (PANEL + GAP) + 12;
    FILE *file = svg_open(path, WIDTH, height, fault);
    if (file == NULL)
        return fault->code;
    svg_text(file, LEFT, 22, "font-size=\"16\" font-weight=\"bold\"", span_from(title));
    svg_text(file, LEFT, 40, "", span_from(caption));
    for (size_t i = 0; i < count; i++) {
        struct scale scale = {
            .file = file, .panel = &panel[i], .top = TOP + 16 + (double)i * (PANEL + GAP)};
        assert(panel[i].count > 0);
        settle_scale(&scale);
        draw_axes(&scale);
        draw_band(&scale, panel[i].lower, panel[i].upper, "0.18");
        draw_band(&scale, panel[i].inner_lower, panel[i].inner_upper, "0.28");
        draw_observed(&scale);
        draw_line(&scale);
    }
    return svg_close(file, path, fault);
}
