// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_plot.c: the trade-off of all methods as one picture, SVG.
//
//     lead |        ____---- a         false alarms a year from left to right; above the mean lead,
//          |   __--:                   below the share of events found. A line is a method over all
//          | _-    :  _____- b         thresholds, its dot what came of the threshold that was set
//          |    ___:--                 before the split; dashed: the budget that was asked for.
//          +-------:-----------        A dot right of the dashed line spent more than its budget.
//
// Colours are told apart by eyes that see no red or green (Okabe, Ito 2008), and every method has
// its own dash and is named with its figures below, so that nothing is told by colour alone. A lead
// below zero is an alarm behind the peak.
#include <math.h>
#include <stdio.h>

#include "cli/compare.h"
#include "cli/svg.h"

enum {
    WIDTH = 840,
    LEFT = 70,
    RIGHT = 24,
    TOP = 84,
    PANEL = 240,
    GAP = 70,
    LINE_HEIGHT = 22,
    TICKS_MOST = 6
};
static const double BUDGETS_SHOWN = 5; // the axis reaches to so many budgets

static const struct {
    const char *color, *dash;
} looks[COMPARE_METHODS_MOST] = {{"#0072B2", "none"},     {"#D55E00", "9 3"},    {"#009E73", "3 3"},
                                 {"#CC79A7", "12 3 3 3"}, {"#000000", "1 3"},    {"#56B4E9", "6 2"},
                                 {"#8B6C00", "14 4"},     {"#7A3E9D", "5 2 1 2"}};

// One panel: what it shows of a trade, and its scale.
struct panel {
    FILE *file;
    bool is_recall;
    double top, low, high, step; // of the y axis; top in pixels
    double most, across;         // of the x axis, and its step
};

static double x_of(const struct panel *panel, double value)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * fmin(value / panel->most, 1);
}

static double y_of(const struct panel *panel, double value)
{
    return panel->top + PANEL * (panel->high - value) / (panel->high - panel->low);
}

static double value_of(const struct panel *panel, const struct analysis_trade *trade)
{
    return panel->is_recall ? trade->recall : trade->lead;
}

// The axis holds every curve up to its right end, and every dot.
static struct panel settle(const struct compare_request *request,
                           const struct compare_result *result, bool is_recall)
{
    struct panel panel = {.is_recall = is_recall, .low = 0, .high = 1};
    panel.most = fmax(request->budget, 0.2) * BUDGETS_SHOWN;
    for (size_t i = 0; i < request->method_count; i++)
        panel.most =
            fmax(panel.most, fmin(result[i].all.rating.false_a_year * 1.1, 4 * panel.most));
    panel.across = svg_step(panel.most, TICKS_MOST);
    panel.most = ceil(panel.most / panel.across) * panel.across;
    if (is_recall) {
        panel.step = 0.2;
        return panel;
    }
    panel.low = INFINITY;
    panel.high = -INFINITY;
    for (size_t i = 0; i < request->method_count; i++) {
        const struct analysis_trades *trades = &result[i].trades;
        for (size_t k = 0; k < trades->count && trades->trade[k].false_a_year <= panel.most; k++) {
            panel.low = fmin(panel.low, trades->trade[k].lead);
            panel.high = fmax(panel.high, trades->trade[k].lead);
        }
    }
    panel.low = isfinite(panel.low) ? fmin(panel.low, 0) : 0;
    panel.high = isfinite(panel.high) && panel.high > panel.low ? panel.high : panel.low + 1;
    panel.step = svg_step(panel.high - panel.low, TICKS_MOST);
    panel.low = floor(panel.low / panel.step) * panel.step;
    panel.high = ceil(panel.high / panel.step) * panel.step;
    return panel;
}

static void draw_axes(const struct panel *panel, double budget, enum text_key title)
{
    char number[32];
    int rows = (int)lround((panel->high - panel->low) / panel->step);
    int columns = (int)lround(panel->most / panel->across);
    svg_text(panel->file, LEFT, panel->top - 12, "font-weight=\"bold\"", span_from(cli_say(title)));
    for (int i = 0; i <= rows; i++) {
        double value = panel->low + i * panel->step, y = y_of(panel, value);
        fprintf(panel->file, "<path d=\"M%d %.1fH%d\" stroke=\"%s\" stroke-width=\"0.7\"/>\n", LEFT,
                y, WIDTH - RIGHT, fabs(value) < panel->step / 2 ? "#5B6B63" : "#D5DBD8");
        snprintf(number, sizeof number, "%.6g", fabs(value) < panel->step / 1e6 ? 0 : value);
        svg_text(panel->file, LEFT - 8, y + 4, "text-anchor=\"end\"", span_from(number));
    }
    for (int i = 0; i <= columns; i++) {
        double x = x_of(panel, i * panel->across);
        fprintf(panel->file, "<path d=\"M%.1f %.1fv5\" stroke=\"#5B6B63\"/>\n", x,
                panel->top + PANEL);
        snprintf(number, sizeof number, "%.6g", i * panel->across);
        svg_text(panel->file, x, panel->top + PANEL + 19, "text-anchor=\"middle\"",
                 span_from(number));
    }
    svg_text(panel->file, WIDTH - RIGHT, panel->top + PANEL + 36, "text-anchor=\"end\"",
             span_from(cli_say(TEXT_COMPARE_PLOT_ACROSS)));
    fprintf(panel->file, "<path d=\"M%.2f %.1fv%d\" stroke=\"#333\" stroke-dasharray=\"5 4\"/>\n",
            x_of(panel, budget), panel->top, PANEL);
}

// Steps: between two corners only false alarms are added.
static void draw_curve(const struct panel *panel, const struct compare_result *result, size_t look)
{
    const struct analysis_trades *trades = &result->trades;
    if (!isfinite(value_of(panel, &trades->trade[0])))
        return;
    fprintf(panel->file,
            "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" d=\"",
            looks[look].color, looks[look].dash);
    for (size_t k = 0; k < trades->count; k++) {
        const struct analysis_trade *trade = &trades->trade[k];
        if (trade->false_a_year > panel->most)
            break;
        double x = x_of(panel, trade->false_a_year), y = y_of(panel, value_of(panel, trade));
        if (k == 0)
            fprintf(panel->file, "M%.2f %.2f", x, y);
        else
            fprintf(panel->file, "H%.2fV%.2f", x, y);
    }
    fprintf(panel->file, "H%d\"/>\n", WIDTH - RIGHT);
    const struct analysis_rating *rating = &result->all.rating;
    double held = panel->is_recall ? rating->recall : rating->lead;
    if (isfinite(rating->false_a_year) && isfinite(held))
        fprintf(panel->file,
                "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"5.5\" fill=\"%s\" stroke=\"#fff\" "
                "stroke-width=\"1.5\"/>\n",
                x_of(panel, rating->false_a_year),
                fmin(fmax(y_of(panel, held), panel->top), panel->top + PANEL), looks[look].color);
}

static const char *say_number(double value, char buffer[32])
{
    if (isfinite(value))
        snprintf(buffer, 32, "%.3g", value);
    else
        snprintf(buffer, 32, "-");
    return buffer;
}

// A method's line below the panels: how it looks, what it is called, what came of it.
static void write_method(FILE *file, const struct compare_method *method,
                         const struct compare_result *result, size_t look, double y)
{
    const struct analysis_rating *rating = &result->all.rating;
    char sentence[LIMIT_TEXT_SIZE], false_text[32], lead_text[32], found_text[64];
    snprintf(found_text, sizeof found_text, "%.0f/%.0f", rating->found_count, rating->event_count);
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {
        text_span(method->name), text_string(say_number(rating->false_a_year, false_text)),
        text_string(found_text), text_string(say_number(rating->lead, lead_text))};
    text_write(TEXT_COMPARE_PLOT_LINE, cli_language(), argument, sentence, sizeof sentence);
    fprintf(file,
            "<path d=\"M%d %.1fh46\" stroke=\"%s\" stroke-width=\"2.5\" stroke-dasharray=\"%s\"/>\n"
            "<circle cx=\"%d\" cy=\"%.1f\" r=\"5.5\" fill=\"%s\"/>\n",
            LEFT, y - 4, looks[look].color, looks[look].dash, LEFT + 58, y - 4, looks[look].color);
    svg_text(file, LEFT + 72, y, "", span_from(sentence));
}

static void draw_panels(FILE *file, const struct compare_request *request, bool is_in_days,
                        const struct compare_result *result)
{
    static const enum text_key titles[2][2] = {
        {TEXT_COMPARE_PLOT_LEAD_PERIODS, TEXT_COMPARE_PLOT_LEAD_DAYS},
        {TEXT_COMPARE_PLOT_FOUND, TEXT_COMPARE_PLOT_FOUND}};
    for (int i = 0; i < 2; i++) {
        struct panel panel = settle(request, result, i == 1);
        panel.file = file;
        panel.top = TOP + i * (PANEL + GAP);
        draw_axes(&panel, request->budget, titles[i][is_in_days]);
        for (size_t k = request->method_count; k-- > 0;)
            draw_curve(&panel, &result[k], k);
    }
}

enum fault_code compare_plot(const struct compare_request *request, bool is_in_days,
                             const struct compare_result *result, struct fault *fault)
{
    double below = TOP + 2 * (PANEL + GAP) + 4;
    double height = below + LINE_HEIGHT * (double)request->method_count;
    FILE *file = svg_open(request->filter.plot, WIDTH, height, fault);
    if (file == NULL)
        return fault->code;
    char caption[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {text_real(request->budget)};
    text_write(TEXT_COMPARE_PLOT_CAPTION, cli_language(), argument, caption, sizeof caption);
    svg_text(file, LEFT, 24, "font-size=\"16\" font-weight=\"bold\"",
             span_from(cli_say(TEXT_COMPARE_PLOT_TITLE)));
    svg_text(file, LEFT, 44, "", span_from(caption));
    draw_panels(file, request, is_in_days, result);
    for (size_t i = 0; i < request->method_count; i++)
        write_method(file, &request->method[i], &result[i], i, below + LINE_HEIGHT * (double)i);
    return svg_close(file, request->filter.plot, fault);
}
