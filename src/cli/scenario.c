// SPDX-License-Identifier: GPL-3.0-or-later
//
// scenario.c: `levee scenario`: SEIR in places linked by travel, with and without a measure.
//
//     levee scenario PLACES.csv --reproduction R --latent D --infectious D [--travel TRAVEL.csv]
//                    [--days N] [--measure-day N --contacts F --trips F] [--paths N --seed N]
//                    [--format csv|json] [--plot FILE.svg]
//
// A scenario says what would follow from figures that somebody chose; it is no forecast, and the
// picture says so too.
#include <stdio.h>
#include <string.h>

#include "analysis/analysis.h"
#include "base/memory.h"
#include "cli/commands.h"
#include "cli/curve.h"
#include "cli/filter.h"
#include "cli/manage.h"
#include "cli/scenario_table.h"
#include "cli/sheet.h"

enum {
    OPTION_FORMAT,
    OPTION_PLOT,
    OPTION_TRAVEL,
    OPTION_REPRODUCTION,
    OPTION_LATENT,
    OPTION_INFECTIOUS,
    OPTION_DAYS,
    OPTION_MEASURE_DAY,
    OPTION_CONTACTS,
    OPTION_TRIPS,
    OPTION_PATHS,
    OPTION_SEED
};

static const struct cli_option options[] = {
    {"format", "csv|json", TEXT_JUDGE_HELP_FORMAT},
    {"plot", "FILE.svg", TEXT_FILTER_HELP_PLOT},
    {"travel", "FILE.csv", TEXT_SCENARIO_HELP_TRAVEL},
    {"reproduction", "R", TEXT_SCENARIO_HELP_REPRODUCTION},
    {"latent", "D", TEXT_SCENARIO_HELP_LATENT},
    {"infectious", "D", TEXT_SCENARIO_HELP_INFECTIOUS},
    {"days", "N", TEXT_SCENARIO_HELP_DAYS},
    {"measure-day", "N", TEXT_SCENARIO_HELP_MEASURE_DAY},
    {"contacts", "F", TEXT_SCENARIO_HELP_CONTACTS},
    {"trips", "F", TEXT_SCENARIO_HELP_TRIPS},
    {"paths", "N", TEXT_SCENARIO_HELP_PATHS},
    {"seed", "N", TEXT_SCENARIO_HELP_SEED},
    {NULL},
};
static const char *const columns[] = {"place",   "day",         "susceptible",
                                      "exposed", "infectious",  "recovered",
                                      "onset",   "onset_lower", "onset_upper"};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

struct request {
    struct filter filter;
    struct analysis_epidemic epidemic;
    const char *travel;
    bool is_reproduction_given;
};

static int read_option(struct request *request, int option, const char *value)
{
    struct filter *filter = &request->filter;
    struct analysis_epidemic *e = &request->epidemic;
    double number = 0;
    int code = 0;
    if (option == OPTION_FORMAT || option == CLI_ARGUMENT)
        return filter_read(filter, option == OPTION_FORMAT ? (int)FILTER_FORMAT : option, value);
    if (option == OPTION_PLOT)
        filter->plot = value;
    if (option == OPTION_TRAVEL)
        request->travel = value;
    if (option == OPTION_REPRODUCTION) {
        request->is_reproduction_given = true;
        return filter_number(filter, "reproduction", value, 0, 100, false, &e->reproduction);
    }
    if (option == OPTION_LATENT)
        return filter_number(filter, "latent", value, 0.1, 1000, false, &e->latent_days);
    if (option == OPTION_INFECTIOUS)
        return filter_number(filter, "infectious", value, 0.1, 1000, false, &e->infectious_days);
    if (option == OPTION_CONTACTS)
        return filter_number(filter, "contacts", value, 0, 1, false, &e->contact_factor);
    if (option == OPTION_TRIPS)
        return filter_number(filter, "trips", value, 0, 1, false, &e->travel_factor);
    if (option == OPTION_DAYS) {
        code = filter_number(filter, "days", value, 1, LIMIT_SCENARIO_DAYS, true, &number);
        e->days = (size_t)number;
    }
    if (option == OPTION_MEASURE_DAY) {
        code = filter_number(filter, "measure-day", value, 0, LIMIT_SCENARIO_DAYS, true, &number);
        e->measure_day = (size_t)number;
    }
    if (option == OPTION_PATHS) {
        code = filter_number(filter, "paths", value, 2, LIMIT_SCENARIO_PATHS, true, &number);
        e->paths = (size_t)number;
    }
    if (option == OPTION_SEED) {
        code = filter_number(filter, "seed", value, 0, 1e15, true, &number);
        e->seed = (uint64_t)number;
    }
    return code;
}

static void write_rows(const struct request *request, const struct scenario_table *table,
                       const struct analysis_epidemic_day *day)
{
    struct sheet sheet;
    const struct analysis_epidemic *e = &request->epidemic;
    sheet_open(&sheet, request->filter.is_json, "seir");
    sheet_option(&sheet, "reproduction", e->reproduction);
    sheet_option(&sheet, "latent", e->latent_days);
    sheet_option(&sheet, "infectious", e->infectious_days);
    sheet_option(&sheet, "contacts", e->contact_factor);
    sheet_option(&sheet, "trips", e->travel_factor);
    sheet_option(&sheet, "paths", (double)e->paths);
    sheet_head(&sheet, columns, COLUMN_COUNT);
    for (size_t i = 0; i < e->place_count; i++)
        for (size_t d = 0; d < e->days; d++) {
            const struct analysis_epidemic_day *at = &day[d * e->place_count + i];
            const double value[] = {(double)d + 1,   at->susceptible, at->exposed,
                                    at->infectious,  at->recovered,   at->onset,
                                    at->onset_lower, at->onset_upper};
            sheet_span(&sheet, table->places.name[i]);
            for (size_t k = 0; k < sizeof value / sizeof value[0]; k++)
                sheet_number(&sheet, value[k]);
        }
    sheet_close(&sheet);
}

static void label(const void *context, size_t at, char buffer[CURVE_LABEL_SIZE])
{
    (void)context;
    snprintf(buffer, CURVE_LABEL_SIZE, "%zu", at + 1);
}

static enum fault_code draw(const struct request *request, const struct scenario_table *table,
                            const struct analysis_epidemic_day *day, struct fault *fault)
{
    const struct analysis_epidemic *e = &request->epidemic;
    struct curve_panel panel[CURVE_PANELS_MOST];
    size_t shown = e->place_count < CURVE_PANELS_MOST ? e->place_count : CURVE_PANELS_MOST;
    double *memory = memory_allocate(shown * 3 * e->days * sizeof *memory);
    if (memory == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (size_t i = 0; i < shown; i++) {
        double *line = memory + i * 3 * e->days;
        for (size_t d = 0; d < e->days; d++) {
            const struct analysis_epidemic_day *at = &day[d * e->place_count + i];
            line[d] = at->onset;
            line[e->days + d] = at->onset_lower;
            line[2 * e->days + d] = at->onset_upper;
        }
        panel[i] = (struct curve_panel){.name = table->places.name[i],
                                        .count = e->days,
                                        .line = line,
                                        .lower = line + e->days,
                                        .upper = line + 2 * e->days,
                                        .reference = ANALYSIS_MISSING,
                                        .label = label};
    }
    char caption[LIMIT_TEXT_SIZE];
    struct text_argument argument[LIMIT_TEXT_ARGUMENTS] = {
        text_real(e->reproduction), text_real(e->latent_days), text_real(e->infectious_days)};
    text_write(TEXT_SCENARIO_PLOT_CAPTION, cli_language(), argument, caption, sizeof caption);
    enum fault_code code = curve_write(request->filter.plot, cli_say(TEXT_SCENARIO_PLOT_TITLE),
                                       caption, panel, shown, fault);
    memory_free(memory);
    if (code == FAULT_NONE && shown < e->place_count)
        filter_note(TEXT_FILTER_PLOT_CUT, text_integer((int64_t)shown));
    return code;
}

static void report(void *context, size_t done)
{
    const struct analysis_epidemic *epidemic = context;
    manage_progress(NULL, (int64_t)done, (int64_t)epidemic->paths);
}

static enum fault_code run(struct request *request, const struct scenario_table *table,
                           struct fault *fault)
{
    struct analysis_epidemic *e = &request->epidemic;
    e->place_count = table->places.count;
    e->population = table->population;
    e->exposed = table->exposed;
    e->infectious = table->infectious;
    e->recovered = table->recovered;
    e->travel = table->travel;
    size_t cells = e->days * e->place_count;
    if ((double)cells * (double)(e->paths + 1) > LIMIT_SCENARIO_CELLS)
        return fault_set(fault, FAULT_FULL, TEXT_SCENARIO_LARGE,
                         text_integer((int64_t)e->place_count), text_integer((int64_t)e->days),
                         text_integer((int64_t)e->paths), text_integer(LIMIT_SCENARIO_CELLS));
    double sick = 0;
    for (size_t i = 0; i < e->place_count; i++)
        sick += e->exposed[i] + e->infectious[i];
    if (sick == 0)
        filter_note(TEXT_SCENARIO_NOTE_NOBODY);
    struct analysis_epidemic_day *day = memory_allocate(cells * sizeof *day);
    enum fault_code code = FAULT_NONE;
    if (day == NULL || !analysis_run_epidemic(e, report, e, day)) {
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    } else {
        write_rows(request, table, day);
        if (request->filter.plot != NULL)
            code = draw(request, table, day, fault);
    }
    memory_free(day);
    return code;
}

int cli_run_scenario(int argc, char **argv)
{
    struct request request = {.filter.command = "scenario",
                              .epidemic = {.days = 120,
                                           .measure_day = SIZE_MAX,
                                           .contact_factor = 1,
                                           .travel_factor = 1,
                                           .seed = 1}};
    struct cli_reader reader = {argc, argv, options, TEXT_SCENARIO_USAGE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_HELP || at == CLI_WRONG)
            return cli_exit(at);
        int code = read_option(&request, at, value);
        if (code != 0)
            return code;
    }
    const struct analysis_epidemic *e = &request.epidemic;
    if (request.filter.path == NULL)
        return cli_refuse("scenario", TEXT_SCENARIO_FILE_MISSING);
    if (!request.is_reproduction_given || e->latent_days == 0 || e->infectious_days == 0)
        return cli_refuse("scenario", TEXT_SCENARIO_DISEASE_MISSING);
    if (e->measure_day == SIZE_MAX && (e->contact_factor < 1 || e->travel_factor < 1))
        return cli_refuse("scenario", TEXT_SCENARIO_MEASURE_MISSING);
    struct fault fault = {.code = FAULT_NONE};
    struct scenario_table table = {0};
    enum fault_code code = scenario_table_read(&table, request.filter.path, request.travel, &fault);
    if (code == FAULT_NONE)
        code = run(&request, &table, &fault);
    scenario_table_close(&table);
    return code == FAULT_NONE ? 0 : cli_fail(&fault);
}
