// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster_satscan.c: lines and times of SaTScan's .cas, .pop and .geo files (its user guide, "Input
// data").
//
//     .cas    place  cases  [time [covariate ...]]
//     .pop    place  time  population  [covariate ...]
//     .geo    place  latitude  longitude            or, with --cartesian, place  x  y
//
// Fields are divided by blanks and tabs; a name with blanks stands in double quotes. The text is
// read in place; joining fields moves them together where they lie.
#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "cli/cluster.h"

void cluster_satscan_open(struct cluster_satscan *reader, struct csv_text *text)
{
    *reader =
        (struct cluster_satscan){.at = text->data + text->start, .end = text->data + text->size};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

// Reads the fields of the line that ends at `end`. False: too many, or a quote not closed.
static bool read_fields(struct cluster_satscan *reader, char *at, char *end)
{
    while (at < end) {
        if (is_blank(*at)) {
            at++;
            continue;
        }
        if (reader->field_count == CLUSTER_FIELDS_MOST)
            return false;
        char *from = at;
        bool is_quoted = *at == '"';
        if (is_quoted) {
            from++;
            at = memchr(from, '"', (size_t)(end - from));
            if (at == NULL || (at + 1 < end && !is_blank(at[1])))
                return false;
        } else {
            while (at < end && !is_blank(*at))
                at++;
        }
        reader->field[reader->field_count++] = (struct span){from, (size_t)(at - from)};
        at += is_quoted;
    }
    return true;
}

bool cluster_satscan_next(struct cluster_satscan *reader)
{
    reader->field_count = 0;
    while (reader->at < reader->end && reader->field_count == 0) {
        char *line = reader->at;
        char *end = memchr(line, '\n', (size_t)(reader->end - line));
        end = end == NULL ? reader->end : end;
        reader->at = end < reader->end ? end + 1 : end;
        reader->line++;
        if (!read_fields(reader, line, end))
            return false;
    }
    return true;
}

struct span cluster_satscan_join(struct cluster_satscan *reader, size_t from)
{
    if (from >= reader->field_count)
        return (struct span){NULL, 0};
    // The text is ours to change: it came from csv_read_file.
    char *start = (char *)reader->field[from].data, *at = start + reader->field[from].size;
    for (size_t i = from + 1; i < reader->field_count; i++) {
        *at++ = ' ';
        memmove(at, reader->field[i].data, reader->field[i].size);
        at += reader->field[i].size;
    }
    return (struct span){start, (size_t)(at - start)};
}

static bool read_part(struct span text, int64_t *ret_part)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.size >= 1 && text.size <= 4 && span_to_integer(text, ret_part);
}

bool cluster_satscan_time(struct span text, struct cluster_time *ret_time)
{
    int64_t part[3] = {0, 1, 1}, number = 0;
    size_t count = 0, year_size = 0;
    char separator = memchr(text.data, '/', text.size) != NULL   ? '/'
                     : memchr(text.data, '-', text.size) != NULL ? '-'
                                                                 : '.';
    struct span rest = text;
    bool is_number = span_to_integer(text, &number) && number > -1000000000 && number < 1000000000;
    if (is_number && (text.size != 4 || number < 1000)) {
        *ret_time = (struct cluster_time){CLUSTER_NUMBER, (int32_t)number};
        return true;
    }
    while (rest.size > 0 && count < 3) {
        struct span piece = span_cut(&rest, separator);
        if (!read_part(piece, &part[count]))
            return false;
        if (piece.size == 4)
            year_size = count + 1;
        count++;
    }
    // The year, of four digits, comes first or last.
    if (rest.size > 0 || text.size == 0 || text.data[text.size - 1] == separator || year_size == 0 || (year_size != 1 && year_size != count))
        return false;
    if (year_size != 1) {
        int64_t year = part[year_size - 1];
        part[2] = count == 3 ? part[1] : 1;
        part[1] = part[0];
        part[0] = year;
    }
    struct time_date date = {(int)part[0], (int)part[1], (int)part[2]};
    if (date.year < 1 || !time_is_date(date))
        return false;
    static const char kind[] = {TIME_YEARLY, TIME_MONTHLY, TIME_DAILY};
    enum time_frequency frequency = (enum time_frequency)kind[count - 1];
    *ret_time = (struct cluster_time){kind[count - 1],
                                      time_period_from_day(frequency, time_day_from_date(date))};
    return true;
}
