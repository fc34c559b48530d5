// SPDX-License-Identifier: GPL-3.0-or-later
//
// backtest.c: `levee backtest FILE.csv`: what a pack's rules and methods would have said.
//
//     levee backtest FILE.csv --pack epidemic [--indicator CODE] [--events FILE.csv]
//     levee backtest FILE.csv --method ears-c1 --method ears-c2 ...
//     levee backtest --data DIR --pack epidemic [--simulated]
//         [--from PERIOD] [--to PERIOD] [--format text|csv] [--list]
//
// Replays a file period by period, each from what lies before it, or the readings of a store, each
// morning as it was known then, and counts: how often each rule
// and method fired; how many firings became a cluster (rules that declare one); how many fell into
// labelled outbreaks, how many outbreaks had none; and how early, against outbreaks and dated
// events only. Shares are written from twenty firings on: below that they say nothing.
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "cli/backtest_table.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "judgement/backtest_store.h"
#include "pack/pack.h"

enum {
    OPTION_PACK,
    OPTION_INDICATOR,
    OPTION_METHOD,
    OPTION_EVENTS,
    OPTION_FROM,
    OPTION_TO,
    OPTION_FORMAT,
    OPTION_LIST,
    OPTION_DATA,
    OPTION_SIMULATED
};
enum { SUBJECTS_MAX = 64, METHODS_MAX = 16, EVENTS_MAX = 256, PERIOD_SIZE = 16 };

static const struct cli_option options[] = {
    {"pack", "NAME|FILE", TEXT_BACKTEST_HELP_PACK},
    {"indicator", "CODE", TEXT_BACKTEST_HELP_INDICATOR},
    {"method", "M[:K=V,...]", TEXT_BACKTEST_HELP_METHOD},
    {"events", "FILE.csv", TEXT_BACKTEST_HELP_EVENTS},
    {"from", "T", TEXT_BACKTEST_HELP_FROM},
    {"to", "T", TEXT_BACKTEST_HELP_TO},
    {"format", "text|csv", TEXT_BACKTEST_HELP_FORMAT},
    {"list", NULL, TEXT_BACKTEST_HELP_LIST},
    {"data", "DIR", TEXT_BACKTEST_HELP_DATA},
    {"simulated", NULL, TEXT_BACKTEST_HELP_SIMULATED},
    {NULL},
};

struct request {
    const char *path, *data, *pack, *indicator, *events, *from, *to;
    const char *method[METHODS_MAX];
    size_t method_count;
    bool is_csv, is_listed, is_simulated;
};

struct subjects {
    struct backtest_subject subject[SUBJECTS_MAX];
    const char *name[SUBJECTS_MAX];
    size_t count;
    struct pack_detector detector[METHODS_MAX]; // of --method
    double settings[METHODS_MAX][ANALYSIS_OPTIONS_MAX];
    const struct pack *pack;                // of --pack
    const struct pack_indicator *indicator; // of it
    int frequency;                          // of the indicator; 0: as the file is written
};

// What `know` and `fired` need of one series.
struct run {
    const struct backtest_table *table;
    const struct subjects *subjects;
    size_t series;
};

static void say(enum text_key key, const struct text_argument *argument)
{
    char sentence[LIMIT_TEXT_SIZE];
    text_write(key, cli_language(), argument, sentence, sizeof sentence);
    printf("  %s\n", sentence);
}

#define say_count(key, ...) say((key), (struct text_argument[LIMIT_TEXT_ARGUMENTS]){__VA_ARGS__})

static int count_per_year(enum time_frequency frequency)
{
    switch (frequency) {
    case TIME_DAILY: return 365;
    case TIME_WEEKLY: return 52;
    case TIME_MONTHLY: return 12;
    case TIME_QUARTERLY: return 4;
    default: return 1;
    }
}

// ---- subjects ----

static void add_subject(struct subjects *subjects, const char *name, const struct pack_rule *rule,
                        const struct pack_detector *detector)
{
    if (subjects->count == SUBJECTS_MAX)
        return;
    subjects->name[subjects->count] = name;
    subjects->subject[subjects->count++] = (struct backtest_subject){rule, detector};
}

// The pack of --pack: one that the program carries, or a file.
static enum fault_code load_pack(const char *name, struct arena *arena,
                                 const struct pack **ret_pack, struct fault *fault)
{
    struct pack_set set = {0};
    struct span source = {NULL, 0};
    enum fault_code code = pack_load_shipped(arena, &set, fault);
    if (code != FAULT_NONE)
        return code;
    *ret_pack = pack_set_find(&set, name);
    if (*ret_pack != NULL)
        return FAULT_NONE;
    code = pack_read_file(name, arena, &source, fault);
    return code != FAULT_NONE ? code : pack_load(name, source, arena, ret_pack, fault);
}

// The indicator of --indicator, or the first that has rules or detectors.
static const struct pack_indicator *choose_indicator(const struct pack *pack, const char *code)
{
    if (code != NULL)
        return pack_find_indicator(pack, code);
    for (size_t i = 0; i < pack->indicator_count; i++)
        if (pack->indicators[i].rule_count + pack->indicators[i].detector_count > 0)
            return &pack->indicators[i];
    return NULL;
}

static enum fault_code choose_from_pack(const struct request *request, struct arena *arena,
                                        struct subjects *subjects, struct fault *fault)
{
    const struct pack *pack = NULL;
    enum fault_code code = load_pack(request->pack, arena, &pack, fault);
    if (code != FAULT_NONE)
        return code;
    const struct pack_indicator *indicator = choose_indicator(pack, request->indicator);
    if (indicator == NULL)
        return fault_set(fault, FAULT_MISSING, TEXT_BACKTEST_NO_INDICATOR,
                         text_string(request->pack),
                         text_string(request->indicator == NULL ? "-" : request->indicator));
    subjects->pack = pack;
    subjects->indicator = indicator;
    subjects->frequency = (int)indicator->frequency;
    for (size_t i = 0; i < indicator->rule_count; i++)
        add_subject(subjects, indicator->rules[i].code, &indicator->rules[i], NULL);
    for (size_t i = 0; i < indicator->detector_count; i++)
        add_subject(subjects, indicator->detectors[i].method, NULL, &indicator->detectors[i]);
    return FAULT_NONE;
}

// Reads "farrington:b=2,alpha=0.01" into a detector.
static enum fault_code read_method(const char *text, struct arena *arena,
                                   struct pack_detector *detector, double *settings,
                                   struct fault *fault)
{
    struct span rest = span_from(text);
    const char *name = span_to_string(span_cut(&rest, ':'), arena);
    if (name == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    *detector = (struct pack_detector){
        .method = text, .analysis = analysis_find_detector(name), .settings = settings};
    if (detector->analysis == NULL)
        return fault_set(fault, FAULT_INVALID, TEXT_BACKTEST_NO_METHOD, text_string(name));
    analysis_default_options(detector->analysis, settings);
    while (rest.size > 0) {
        struct span value = span_cut(&rest, ',');
        const char *option = span_to_string(span_cut(&value, '='), arena);
        const char *given = span_to_string(value, arena);
        size_t row = 0;
        if (option == NULL || given == NULL)
            return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        if (analysis_set_option(detector->analysis, option, given, settings, &row) !=
            ANALYSIS_OPTION_TAKEN)
            return fault_set(fault, FAULT_INVALID, TEXT_BACKTEST_OPTION, text_string(name),
                             text_string(option), text_string(given));
    }
    return FAULT_NONE;
}

static enum fault_code choose_methods(const struct request *request, struct arena *arena,
                                      struct subjects *subjects, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (size_t i = 0; i < request->method_count && code == FAULT_NONE; i++) {
        code = read_method(request->method[i], arena, &subjects->detector[i], subjects->settings[i],
                           fault);
        add_subject(subjects, request->method[i], NULL, &subjects->detector[i]);
    }
    return code;
}

// Windows that overlap at this frequency, or reach too far back, are refused before they are run.
static enum fault_code check_methods(const struct subjects *subjects, enum time_frequency frequency,
                                     struct fault *fault)
{
    for (size_t i = 0; i < subjects->count; i++) {
        const struct pack_detector *detector = subjects->subject[i].detector;
        if (detector != NULL && !analysis_check_options(detector->analysis, detector->settings,
                                                        count_per_year(frequency)))
            return fault_set(fault, FAULT_INVALID, TEXT_BACKTEST_OPTIONS_TOGETHER,
                             text_string(subjects->name[i]));
    }
    return FAULT_NONE;
}

// ---- the replay ----

static enum fault_code know(void *context, size_t at, struct analysis_history *ret_history,
                            struct fault *fault)
{
    (void)fault;
    const struct run *run = context;
    size_t row = run->series * run->table->period_count;
    *ret_history = (struct analysis_history){.value = run->table->value + row,
                                             .belief = run->table->belief + row,
                                             .count = at + 1,
                                             .first = run->table->first[run->series]};
    return FAULT_NONE;
}

static void list_firing(void *context, size_t subject, size_t at, double value)
{
    const struct run *run = context;
    char period[PERIOD_SIZE];
    time_write_period(run->table->frequency, run->table->from + (int32_t)at, period, sizeof period);
    printf("%s,%.*s,%s,%.15g\n", run->subjects->name[subject],
           (int)run->table->series[run->series].size, run->table->series[run->series].data, period,
           value);
}

// An event's division may lie inside the city that reports: 210211 in 210200.
static bool is_event_of(struct span event, struct span series)
{
    return span_equal(event, series) ||
           (event.size == 6 && series.size == 6 && memcmp(event.data, series.data, 4) == 0 &&
            memcmp(series.data + 4, "00", 2) == 0);
}

static size_t find_events(const struct backtest_table *events, const struct backtest_table *table,
                          size_t series, size_t found[EVENTS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < events->row_count && count < EVENTS_MAX; i++) {
        int64_t point = (int64_t)events->row[i].period - table->from;
        if (point < 0 || point >= (int64_t)table->period_count ||
            !is_event_of(events->row[i].series, table->series[series]))
            continue;
        size_t at = count;
        for (; at > 0 && found[at - 1] > (size_t)point; at--)
            found[at] = found[at - 1];
        found[at] = (size_t)point;
        count++;
    }
    return count;
}

static enum fault_code replay_all(const struct request *request, const struct subjects *subjects,
                                  const struct backtest_table *table,
                                  const struct backtest_table *events, size_t from, size_t to,
                                  struct backtest_tally *tallies, struct fault *fault)
{
    size_t found[EVENTS_MAX];
    struct run run = {table, subjects, 0};
    struct backtest_watch watch = {list_firing, &run};
    enum fault_code code = FAULT_NONE;
    for (run.series = 0; run.series < table->series_count && code == FAULT_NONE; run.series++) {
        struct backtest_series series = {
            .count = table->period_count,
            .from = from,
            .to = to,
            .frequency = count_per_year(table->frequency),
            .know = know,
            .context = &run,
            .label = table->has_label ? table->label + run.series * table->period_count : NULL,
            .event = found,
            .event_count = find_events(events, table, run.series, found)};
        code = backtest_replay(&series, subjects->subject, subjects->count, tallies,
                               request->is_listed ? &watch : NULL, fault);
    }
    return code;
}

// ---- results ----

static void write_csv(const struct subjects *subjects, const struct backtest_tally *tallies)
{
    printf("subject,series,judged,fired,came_true,undecided,in_outbreak,outbreaks,missed,"
           "outbreak_lead_median,events,events_met,event_lead_median\n");
    for (size_t i = 0; i < subjects->count; i++) {
        const struct backtest_tally *tally = &tallies[i];
        int32_t lead = 0;
        printf("%s,%zu,%zu,%zu,", subjects->name[i], tally->series, tally->judged, tally->fired);
        const struct pack_rule *rule = subjects->subject[i].rule;
        if (rule != NULL && rule->cluster_periods > 0)
            printf("%zu,%zu,", tally->came_true, tally->undecided);
        else
            printf(",,");
        printf("%zu,%zu,%zu,", tally->in_outbreak, tally->outbreaks, tally->missed);
        if (backtest_median(&tally->outbreak_lead, &lead))
            printf("%" PRId32, lead);
        printf(",%zu,%zu,", tally->events, tally->event_lead.count);
        if (backtest_median(&tally->event_lead, &lead))
            printf("%" PRId32, lead);
        printf("\n");
    }
}

static void write_leads(enum text_key key, const struct backtest_lead *leads)
{
    int32_t median = 0;
    if (backtest_median(leads, &median))
        say_count(key, text_integer((int64_t)leads->count), text_integer(median),
                  text_integer(leads->lead[0]), text_integer(leads->lead[leads->kept - 1]));
}

static void write_share(enum text_key key, size_t part, size_t whole)
{
    if (whole >= BACKTEST_PERCENT_LEAST)
        say_count(key, text_integer((int64_t)(100 * part / whole)));
}

static void write_text(const struct subjects *subjects, const struct backtest_tally *tallies,
                       bool has_label, bool has_events)
{
    for (size_t i = 0; i < subjects->count; i++) {
        const struct backtest_tally *tally = &tallies[i];
        const struct pack_rule *rule = subjects->subject[i].rule;
        printf("%s\n", subjects->name[i]);
        say_count(TEXT_BACKTEST_FIRED, text_integer((int64_t)tally->fired),
                  text_integer((int64_t)tally->judged), text_integer((int64_t)tally->series));
        if (rule != NULL && rule->cluster_periods > 0) {
            say_count(TEXT_BACKTEST_CLUSTER, text_integer((int64_t)tally->came_true),
                      text_integer(rule->cluster_periods), text_real(rule->cluster_at_least),
                      text_integer((int64_t)tally->undecided));
            write_share(TEXT_BACKTEST_SHARE, tally->came_true, tally->fired);
        }
        if (has_label) {
            say_count(TEXT_BACKTEST_OUTBREAKS, text_integer((int64_t)tally->in_outbreak),
                      text_integer((int64_t)tally->outbreaks),
                      text_integer((int64_t)tally->missed));
            write_share(TEXT_BACKTEST_SHARE_OUTBREAK, tally->in_outbreak, tally->fired);
            write_leads(TEXT_BACKTEST_OUTBREAK_LEAD, &tally->outbreak_lead);
        }
        if (tally->events > 0)
            say_count(TEXT_BACKTEST_EVENTS, text_integer((int64_t)tally->events),
                      text_integer((int64_t)tally->event_lead.count));
        write_leads(TEXT_BACKTEST_EVENT_LEAD, &tally->event_lead);
        if (!has_label && !has_events)
            say_count(TEXT_BACKTEST_NO_LEAD);
    }
}

// ---- the command ----

static int settle(struct request *request, int at, const char *value)
{
    switch (at) {
    case CLI_ARGUMENT:
        if (request->path != NULL)
            return cli_refuse("backtest", TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        request->path = value;
        return 0;
    case OPTION_PACK: request->pack = value; return 0;
    case OPTION_INDICATOR: request->indicator = value; return 0;
    case OPTION_METHOD:
        if (request->method_count == METHODS_MAX)
            return cli_refuse("backtest", TEXT_CLI_ARGUMENT_UNWANTED, text_string(value));
        request->method[request->method_count++] = value;
        return 0;
    case OPTION_EVENTS: request->events = value; return 0;
    case OPTION_FROM: request->from = value; return 0;
    case OPTION_TO: request->to = value; return 0;
    case OPTION_FORMAT:
        request->is_csv = strcmp(value, "csv") == 0;
        if (!request->is_csv && strcmp(value, "text") != 0)
            return cli_refuse("backtest", TEXT_BACKTEST_FORMAT, text_string(value));
        return 0;
    case OPTION_LIST: request->is_listed = true; return 0;
    case OPTION_DATA: request->data = value; return 0;
    case OPTION_SIMULATED: request->is_simulated = true; return 0;
    default: return cli_exit(at);
    }
}

static enum fault_code find_ends(const struct request *request, const struct backtest_table *table,
                                 size_t *ret_from, size_t *ret_to, struct fault *fault)
{
    *ret_from = 0;
    *ret_to = table->period_count;
    if (request->from != NULL && !backtest_table_find(table, request->from, false, ret_from))
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_DATE_MALFORMED,
                         text_string(request->from));
    if (request->to != NULL && !backtest_table_find(table, request->to, true, ret_to))
        return fault_set(fault, FAULT_INVALID, TEXT_BASE_DATE_MALFORMED, text_string(request->to));
    if (*ret_to < *ret_from)
        *ret_to = *ret_from;
    return FAULT_NONE;
}

static enum fault_code run_backtest(const struct request *request, struct subjects *subjects,
                                    struct fault *fault)
{
    static struct backtest_tally tallies[SUBJECTS_MAX];
    struct arena arena = {0};
    struct backtest_table table = {0};
    struct backtest_table events = {0};
    size_t from = 0;
    size_t to = 0;
    enum fault_code code = FAULT_NONE;
    if (request->pack != NULL)
        code = choose_from_pack(request, &arena, subjects, fault);
    if (code == FAULT_NONE)
        code = choose_methods(request, &arena, subjects, fault);
    if (code == FAULT_NONE)
        code = backtest_table_read(&table, request->path, subjects->frequency, fault);
    if (code == FAULT_NONE)
        code = check_methods(subjects, table.frequency, fault);
    if (code == FAULT_NONE && request->events != NULL)
        code = backtest_table_read_events(&events, request->events, table.frequency, fault);
    if (code == FAULT_NONE)
        code = find_ends(request, &table, &from, &to, fault);
    if (code == FAULT_NONE)
        code = replay_all(request, subjects, &table, &events, from, to, tallies, fault);
    if (code == FAULT_NONE && request->is_csv)
        write_csv(subjects, tallies);
    else if (code == FAULT_NONE)
        write_text(subjects, tallies, table.has_label, events.row_count > 0);
    if (code == FAULT_NONE && table.skipped > 0) {
        char sentence[LIMIT_TEXT_SIZE];
        struct text_argument count[LIMIT_TEXT_ARGUMENTS] = {text_integer((int64_t)table.skipped)};
        text_write(TEXT_BACKTEST_SKIPPED, cli_language(), count, sentence, sizeof sentence);
        fprintf(stderr, "levee: %s\n", sentence);
    }
    backtest_table_close(&events);
    backtest_table_close(&table);
    arena_reset(&arena);
    return code;
}

// ---- a store ----

// What the list of firings needs of the series that is being replayed.
struct store_run {
    const struct subjects *subjects;
    enum time_frequency frequency;
    int32_t from;
    char division[LIMIT_TEXT_ARGUMENT_SIZE];
};

static void begin_division(void *context, const char *division_zh, const char *division_en,
                           int32_t period)
{
    struct store_run *run = context;
    snprintf(run->division, sizeof run->division, "%s",
             cli_language() == TEXT_CHINESE ? division_zh : division_en);
    run->from = period;
}

static void list_store_firing(void *context, size_t subject, size_t at, double value)
{
    const struct store_run *run = context;
    char period[PERIOD_SIZE];
    time_write_period(run->frequency, run->from + (int32_t)at, period, sizeof period);
    printf("%s,%s,%s,%.15g\n", run->subjects->name[subject], run->division, period, value);
}

static bool read_end(const char *text, enum time_frequency frequency, int32_t *ret_period)
{
    enum time_frequency written = frequency;
    if (text == NULL)
        return true;
    return time_read_period(span_from(text), &written, ret_period) && written == frequency;
}

static enum fault_code run_on_store(const struct request *request, struct subjects *subjects,
                                    struct fault *fault)
{
    static struct backtest_tally tallies[SUBJECTS_MAX];
    struct arena arena = {0};
    struct program program = {0};
    size_t events = 0;
    enum fault_code code = choose_from_pack(request, &arena, subjects, fault);
    if (code == FAULT_NONE)
        code = program_open(&(struct program_request){.folder = request->data}, &program, fault);
    if (code != FAULT_NONE)
        goto out;
    struct store_run run = {.subjects = subjects, .frequency = subjects->indicator->frequency};
    struct backtest_watch watch = {list_store_firing, &run};
    struct backtest_store replayed = {.store = program.store,
                                      .actor = store_system_actor(),
                                      .field = subjects->pack->field,
                                      .indicator = subjects->indicator,
                                      .is_simulated = request->is_simulated,
                                      .from = INT32_MIN,
                                      .to = INT32_MAX,
                                      .subjects = subjects->subject,
                                      .subject_count = subjects->count,
                                      .begin = begin_division,
                                      .begin_context = &run};
    if (!read_end(request->from, run.frequency, &replayed.from) ||
        !read_end(request->to, run.frequency, &replayed.to)) {
        code = fault_set(fault, FAULT_INVALID, TEXT_BASE_DATE_MALFORMED,
                         text_string(request->from == NULL ? request->to : request->from));
        goto out;
    }
    code = backtest_replay_store(&replayed, tallies, request->is_listed ? &watch : NULL, fault);
    for (size_t i = 0; i < subjects->count; i++)
        events += tallies[i].events;
    if (code == FAULT_NONE && request->is_csv)
        write_csv(subjects, tallies);
    else if (code == FAULT_NONE)
        write_text(subjects, tallies, false, events > 0);
out:
    program_close(&program);
    arena_reset(&arena);
    return code;
}

int cli_run_backtest(int argc, char **argv)
{
    static struct subjects subjects;
    struct cli_reader reader = {argc, argv, options, TEXT_BACKTEST_USAGE};
    struct request request = {0};
    struct fault fault = {.code = FAULT_NONE};
    const char *value = NULL;
    for (int at = cli_next(&reader, &value); at != CLI_END; at = cli_next(&reader, &value)) {
        if (at == CLI_WRONG || at == CLI_HELP)
            return cli_exit(at);
        int code = settle(&request, at, value);
        if (code != 0)
            return code;
    }
    bool is_store = request.data != NULL;
    if (is_store ? request.path != NULL || request.pack == NULL || request.method_count > 0 ||
                       request.events != NULL
                 : request.path == NULL || (request.pack == NULL && request.method_count == 0))
        return cli_refuse("backtest", TEXT_BACKTEST_INCOMPLETE);
    if (is_store && run_on_store(&request, &subjects, &fault) != FAULT_NONE)
        return cli_fail(&fault);
    if (!is_store && run_backtest(&request, &subjects, &fault) != FAULT_NONE)
        return cli_fail(&fault);
    return 0;
}
