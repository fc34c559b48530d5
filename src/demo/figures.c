// SPDX-License-Identifier: GPL-3.0-or-later
//
// figures.c: walks the lines of demo/epidemic.csv and takes differences.
//
// The file has some 200 lines, so each day is read from its beginning: 320 days x 200 lines is
// nothing, and there is no state to keep. Lines of one source and division stand together, in order
// of day. `row` follows the total as the walk goes on: what stood on the day before the wanted one
// (or the last row before a gap), and what stands on the day itself.
#include "demo/figures.h"

#include <assert.h>
#include <string.h>

#include "base/embed.h"
#include "base/time.h"

extern const struct embed_file demo_files[];

struct span demo_file(const char *name)
{
    for (const struct embed_file *file = demo_files; file->name != NULL; file++)
        if (strcmp(file->name, name) == 0)
            return file->bytes;
    assert(!"the build embeds every file that is asked for");
    return (struct span){NULL, 0};
}

int demo_read_cells(struct span *rest, struct span *cells, int capacity)
{
    if (rest->size == 0)
        return 0;
    struct span line = span_cut(rest, '\n');
    int count = 0;
    while (count < capacity) {
        bool is_last = line.size == 0 || memchr(line.data, ',', line.size) == NULL;
        cells[count++] = span_cut(&line, ',');
        if (is_last)
            break;
    }
    return count;
}

// What is known of one source and division while its lines go by.
struct walk {
    struct span source, division;
    int64_t before, now; // totals; `before`: of the last row before the day
    bool is_before, is_now;
};

static void see_line(struct walk *walk, int32_t day, int32_t line_day, struct span total)
{
    int64_t value = 0;
    bool is_row = span_to_integer(total, &value);
    if (line_day > day)
        return;
    if (line_day < day && is_row) {
        walk->before = value;
        walk->is_before = true;
    }
    walk->now = value;
    walk->is_now = is_row;
}

static int take_figure(const struct walk *walk, struct demo_figure *figures, int count)
{
    if (!walk->is_now || !walk->is_before)
        return count;
    assert(count < DEMO_FIGURES);
    figures[count] = (struct demo_figure){.division = walk->division,
                                          .is_second = span_is(walk->source, "second"),
                                          .value = walk->now - walk->before};
    return count + 1;
}

int demo_figures_read(int32_t day, struct demo_figure ret_figures[DEMO_FIGURES])
{
    struct span rest = demo_file("epidemic.csv"), cells[4];
    struct walk walk = {0};
    int count = 0;
    (void)span_cut(&rest, '\n');
    while (demo_read_cells(&rest, cells, 4) == 4) {
        enum time_frequency frequency;
        int32_t line_day = 0;
        bool is_day = time_read_period(cells[2], &frequency, &line_day);
        assert(is_day && frequency == TIME_DAILY);
        if (!span_equal(cells[0], walk.source) || !span_equal(cells[1], walk.division)) {
            count = take_figure(&walk, ret_figures, count);
            walk = (struct walk){.source = cells[0], .division = cells[1]};
        }
        see_line(&walk, day, line_day, cells[3]);
    }
    return take_figure(&walk, ret_figures, count);
}
