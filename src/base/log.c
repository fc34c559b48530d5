// SPDX-License-Identifier: LGPL-3.0-or-later
//
// log.c: builds a line in a buffer and writes it at once.
//
// A line that is too long is cut; write(2) of one buffer keeps lines of several threads apart.
#include "base/log.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"

struct line {
    char text[2048];
    size_t size;
};

__attribute__((format(printf, 2, 3))) static void print(struct line *line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    size_t left = sizeof line->text - 1 - line->size; // one place is kept for the line feed
    int size = vsnprintf(line->text + line->size, left, format, list);
    va_end(list);
    if (size > 0)
        line->size += (size_t)size < left ? (size_t)size : left - 1;
}

static void print_argument(struct line *line, struct span name, const struct text_argument *value)
{
    print(line, " %.*s=", (int)name.size, name.data);
    if (value->kind == TEXT_ARGUMENT_INTEGER)
        print(line, "%" PRId64, value->integer);
    else if (value->kind == TEXT_ARGUMENT_REAL)
        print(line, "%.6g", value->real);
    else {
        print(line, "\"");
        for (const char *c = value->string; *c != '\0'; c++) {
            bool is_plain = (unsigned char)*c >= 0x20 && *c != 0x7F && *c != '"' && *c != '\\';
            print(line, is_plain ? "%c" : "\\x%02x", (unsigned char)*c);
        }
        print(line, "\"");
    }
}

static void begin(struct line *line, const char *event)
{
    char instant[40];
    struct time_clock clock = time_clock_machine();
    assert(event != NULL);
    time_write_instant(time_now(&clock), instant, sizeof instant);
    line->size = 0;
    print(line, "%s %s", instant, event);
}

static void end(struct line *line)
{
    line->text[line->size++] = '\n';
    // A log that cannot be written must not stop the service.
    if (write(STDERR_FILENO, line->text, line->size) < 0)
        line->size = 0;
}

void log_write(const char *event, const char *names, const struct text_argument *argument)
{
    struct line line;
    struct span rest = span_from(names);
    begin(&line, event);
    for (int i = 0; i < LIMIT_TEXT_ARGUMENTS && rest.size > 0; i++)
        print_argument(&line, span_cut(&rest, ' '), &argument[i]);
    end(&line);
}

void log_fault(const char *event, const struct fault *fault)
{
    struct line line;
    assert(fault->code != FAULT_NONE);
    const char *file = strrchr(fault->file, '/');
    begin(&line, event);
    print(&line, " code=%d key=%s at=%s:%d", (int)fault->code, text_name(fault->key),
          file == NULL ? fault->file : file + 1, fault->line);
    for (int i = 0; i < LIMIT_TEXT_ARGUMENTS && text_parameter(fault->key, i) != NULL; i++)
        print_argument(&line, span_from(text_parameter(fault->key, i)), &fault->argument[i]);
    end(&line);
}
