// SPDX-License-Identifier: GPL-3.0-or-later
//
// calendar.c: any file given as a calendar ends in a fault that can be written out, or in days that
// rise, each of a kind that is known.
//
// needs: src/cli/calendar_table.c src/analysis/calendar.c src/base/csv.c src/base/csv_text.c
#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/embed.h"
#include "cli/calendar_table.h"

const struct embed_file calendar_files[] = {{0}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct calendar_table calendar;
    struct fault fault = {0};
    char path[64], sentence[LIMIT_TEXT_SIZE];
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    assert(write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (calendar_table_load(&calendar, path, &fault) != FAULT_NONE) {
        fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
        assert(sentence[0] != '\0');
    }
    for (size_t i = 0; i < calendar.view.count; i++) {
        const struct analysis_special_day *special = &calendar.view.special[i];
        assert(i == 0 || special[-1].day < special->day);
        assert(analysis_kind_of_day(&calendar.view, special->day) == special->kind);
    }
    calendar_table_close(&calendar);
    close(file);
    return 0;
}
