// SPDX-License-Identifier: GPL-3.0-or-later
//
// scenario.c: any pair of files given to `levee scenario` ends in a fault that can be written out,
// or in places that the library takes and plays through with finite numbers.
//
// The input is both files: what stands before the first byte '|' is the places, the rest the
// travel.
//
// needs: src/cli/scenario_table.c src/cli/names.c src/base/csv.c src/base/csv_text.c
// needs: build/src/liblevee_analysis.a -lgomp
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/analysis.h"
#include "base/memory.h"
#include "cli/scenario_table.h"

enum { DAYS = 10, PLACES_MOST = 20 };

static int hold(const uint8_t *data, size_t size, char *path, size_t path_size)
{
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    assert(write(file, data, size) == (ssize_t)size);
    snprintf(path, path_size, "/proc/self/fd/%d", file);
    return file;
}

static void play(const struct scenario_table *table, size_t paths)
{
    struct analysis_epidemic_day day[DAYS * PLACES_MOST];
    struct analysis_epidemic epidemic = {.place_count = table->places.count,
                                         .population = table->population,
                                         .exposed = table->exposed,
                                         .infectious = table->infectious,
                                         .recovered = table->recovered,
                                         .travel = table->travel,
                                         .reproduction = 2,
                                         .latent_days = 3,
                                         .infectious_days = 5,
                                         .days = DAYS,
                                         .measure_day = 5,
                                         .contact_factor = 0.5,
                                         .travel_factor = 0.5,
                                         .paths = paths};
    assert(analysis_check_epidemic(&epidemic));
    bool is_run = analysis_run_epidemic(&epidemic, NULL, NULL, day);
    assert(is_run);
    for (size_t i = 0; i < DAYS * table->places.count; i++)
        assert(isfinite(day[i].onset_upper) && day[i].infectious >= 0 && day[i].susceptible >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scenario_table table = {0};
    struct fault fault = {0};
    char places_path[64], travel_path[64], sentence[LIMIT_TEXT_SIZE];
    const uint8_t *cut = size == 0 ? NULL : memchr(data, '|', size);
    size_t places_size = cut == NULL ? size : (size_t)(cut - data);
    int places = hold(data, places_size, places_path, sizeof places_path);
    int travel =
        cut == NULL ? -1 : hold(cut + 1, size - places_size - 1, travel_path, sizeof travel_path);
    if (scenario_table_read(&table, places_path, cut == NULL ? NULL : travel_path, &fault) !=
        FAULT_NONE) {
        fault_write(&fault, TEXT_ENGLISH, sentence, sizeof sentence);
        assert(sentence[0] != '\0');
    } else if (table.places.count <= PLACES_MOST) {
        play(&table, 0);
        play(&table, 2);
    }
    scenario_table_close(&table);
    close(places);
    if (travel >= 0)
        close(travel);
    return 0;
}
