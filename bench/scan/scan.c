// SPDX-License-Identifier: GPL-3.0-or-later
//
// scan.c: how long one scan takes and what memory it needs, against how fast this machine reads the
// same bytes from memory.
//
// usage: bench_scan [SERIES [FOLDER]]        100,000 series unless given; a multiple of 20
//
// A store is founded with twenty weekly indicators in SERIES / 20 divisions, ten years of counts
// each. One series in fifty rises in the newest week. The whole history lands and is folded, then
// the newest week lands: all that in a process of its own, so that its memory is told apart. Then
// one scan reads everything, runs EARS C1 and C2 and a sum rule on every series, and writes what it
// found: signals, notices, situations, rings; what is over the alarm budget (seven a week and
// division, as in packs/epidemic.lua) is counted as held back. Yardstick: a plain sum over as many
// bytes of values and batch numbers as the scan has to read.
//
// With FOLDER the two are taken apart: a folder that is not there gets the history and is kept; one
// that is there is scanned.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/memory.h"
#include "chain/chain.h"
#include "judgement/judgement.h"
#include "judgement/scan.h"
#include "matter/matter.h"
#include "pack/pack.h"
#include "store/command.h"
#include "store/readings.h"

enum { INDICATORS = 20, WEEKS = 520, FIRST_WEEK = 2100, COMMANDS = 64, PER_BATCH = 16000000 };
enum { PER_COMMAND = 500, PACK_SIZE = 16384, RISING_EACH = 50 };

static const char pack_head[] =
    "return { name = 'bench', version = 1, field = 'bench', label = { zh = '试', en = 'bench' },\n"
    "effective_from = '2000-01-01',\n"
    "sources = { { code = 's', default = true, cite = { zh = '试', en = 'bench' } } },\n"
    "line = { label = { zh = '试', en = 'line' }, indicator = 'bench.i0', holds = 'at_most', "
    "figure "
    "= 9, source = 's' },\n"
    "deadlines = { blue = 24, yellow = 12, orange = 4, red = 2, source = 's' },\n"
    "lowering = { quiet = 4, source = 's' }, budget = { notices_per_week = 7, source = 's' },\n"
    "owners = { province = { 'risk_office' }, city = { 'risk_office' }, county = { 'risk_office' "
    "}, "
    "township = { 'risk_office' } },\n"
    "plan = { blue = { { zh = '查', en = 'check' } }, yellow = { { zh = '查', en = 'check' } },\n"
    "orange = { { zh = '查', en = 'check' } }, red = { { zh = '查', en = 'check' } } },\n"
    "indicators = {\n";
static const char pack_indicator_form[] =
    "{ code = 'bench.i%d', label = { zh = '数%d', en = 'count %d' }, unit = { zh = '件', en = "
    "'cases' },\n"
    "frequency = 'W', direction = 'up', aggregation = 'sum', reported_by = 'township', decimals = "
    "0,\n"
    "rules = { { code = 'sum-%d', kind = 'sum_reaches', periods = 1, at_least = 40, level = "
    "'yellow', source = 's', label = { zh = '高', en = 'high' } } },\n"
    "detectors = { { method = 'ears-c1', source = 's' }, { method = 'ears-c2', source = 's' } } "
    "},\n";

struct bench {
    struct store *store;
    struct arena arena;
    struct pack_set packs;
    const struct pack *pack;
    int division_count;
    int64_t *division;
    int64_t *series; // INDICATORS runs of division_count
    const char *folder;
};

static void stop(const struct fault *fault)
{
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    fprintf(stderr, "bench_scan: %s (%s:%d)\n", sentence, fault->file, fault->line);
    exit(1);
}

static double read_clock_s(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double now_s(void)
{
    return read_clock_s(CLOCK_MONOTONIC);
}

static json_t *run(struct bench *bench, const char *name, json_t *body)
{
    struct fault fault = {0};
    json_t *answer = NULL;
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    if (store_run_command(bench->store, &request, &answer, &fault) != FAULT_NONE)
        stop(&fault);
    json_decref(body);
    return answer;
}

static void load_pack(struct bench *bench)
{
    static char text[PACK_SIZE];
    struct fault fault = {0};
    size_t size = (size_t)snprintf(text, sizeof text, "%s", pack_head);
    for (int i = 0; i < INDICATORS; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, pack_indicator_form, i, i, i, i);
    snprintf(text + size, sizeof text - size, "} }\n");
    if (pack_load("bench.lua", span_from(text), &bench->arena, &bench->pack, &fault) != FAULT_NONE)
        stop(&fault);
    bench->packs = (struct pack_set){&bench->pack, 1};
}

static void open_store(struct bench *bench, bool is_new)
{
    static struct command_row commands[COMMANDS];
    struct fault fault = {0};
    memcpy(commands, matter_command_table, matter_command_count * sizeof *commands);
    memcpy(commands + matter_command_count, judgement_command_table,
           judgement_command_count * sizeof *commands);
    int32_t day = time_period_last_day(TIME_WEEKLY, FIRST_WEEK + WEEKS - 1);
    struct store_birth birth = {
        .kind = STORE_REPLAY, .division_code = "990000", .time = time_from_local(day, 0)};
    struct store_options options = {.folder = bench->folder,
                                    .commands = commands,
                                    .command_count = matter_command_count + judgement_command_count,
                                    .chain = chain_table,
                                    .chain_count = chain_count,
                                    .finishers = judgement_finisher_table,
                                    .finisher_count = judgement_finisher_count,
                                    .due = chain_due};
    if ((is_new && store_create(bench->folder, &birth, &fault) != FAULT_NONE) ||
        store_open(&options, &bench->store, &fault) != FAULT_NONE)
        stop(&fault);
}

// A province, a city for each hundred, and the rest beneath them.
static void load_divisions(struct bench *bench)
{
    json_t *rows = json_array();
    json_array_append_new(rows, json_pack("{s:s, s:s, s:i, s:s, s:s, s:b}", "code", "990000",
                                          "parent", "", "level", 1, "name_zh", "省", "name_en",
                                          "Province", "is_fictional", 1));
    char code[16], parent[16];
    for (int i = 0; i < bench->division_count; i++) {
        bool is_city = i % 100 == 0;
        snprintf(code, sizeof code, "%d", 100000000 + i);
        snprintf(parent, sizeof parent, "%d", is_city ? 990000 : 100000000 + i / 100 * 100);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:i, s:s, s:s, s:b}", "code", code,
                                              "parent", parent, "level", is_city ? 2 : 3, "name_zh",
                                              code, "name_en", code, "is_fictional", 1));
    }
    json_decref(run(bench, "divisions.load", json_pack("{s:o}", "rows", rows)));
    for (int i = 0; i < bench->division_count; i++)
        bench->division[i] = i + 2; // ids go by order: the root is 1
}

static void add_duty(struct bench *bench)
{
    json_t *unit = run(bench, "unit.add",
                       json_pack("{s:s, s:s, s:s, s:s}", "code", "office", "division", "990000",
                                 "name_zh", "办", "name_en", "office"));
    json_t *post = run(bench, "post.add",
                       json_pack("{s:O, s:s, s:s, s:s}", "unit", json_object_get(unit, "sequence"),
                                 "code", "duty", "name_zh", "岗", "name_en", "duty"));
    json_decref(run(bench, "duty.assign",
                    json_pack("{s:s, s:s, s:i, s:O, s:O}", "field", "*", "role", "risk_office",
                              "division", 1, "unit", json_object_get(unit, "sequence"), "post",
                              json_object_get(post, "sequence"))));
    json_decref(unit);
    json_decref(post);
}

static void add_series(struct bench *bench)
{
    for (int i = 0; i < INDICATORS; i++) {
        char code[32];
        snprintf(code, sizeof code, "bench.i%d", i);
        json_t *made = run(bench, "indicator.declare",
                           json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "pack",
                                     "bench", "code", code, "field", "bench", "unit", "cases",
                                     "frequency", "W", "direction", "up", "aggregation", "sum",
                                     "decimals", 0, "name_zh", code, "name_en", code));
        for (int from = 0; from < bench->division_count; from += PER_COMMAND) {
            json_t *rows = json_array();
            for (int k = from; k < bench->division_count && k < from + PER_COMMAND; k++)
                json_array_append_new(
                    rows, json_pack("{s:I}", "division", (json_int_t)bench->division[k]));
            json_t *answer =
                run(bench, "series.add",
                    json_pack("{s:O, s:b, s:o}", "indicator", json_object_get(made, "indicator"),
                              "is_simulated", 1, "rows", rows));
            const json_t *ids = json_object_get(answer, "series");
            for (size_t k = 0; k < json_array_size(ids); k++)
                bench->series[i * bench->division_count + from + (int)k] =
                    json_integer_value(json_array_get(ids, k));
            json_decref(answer);
        }
        json_decref(made);
    }
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void land(struct bench *bench, const struct reading *rows, size_t count)
{
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    struct reading_batch batch = {.division = 1, .is_simulated = true, .source = "bench"};
    if (readings_land(bench->store, &system, &batch, rows, count, NULL, NULL, &fault) != FAULT_NONE)
        stop(&fault);
}

// Everything at rest, as it is after a quiet night: a digest folds first.
static void fold(struct bench *bench)
{
    struct fault fault = {0};
    char digest[65];
    if (store_digest(bench->store, digest, &fault) != FAULT_NONE)
        stop(&fault);
}

// Weeks from..to of every series, in batches.
static void land_weeks(struct bench *bench, int from, int to)
{
    size_t total = (size_t)bench->division_count * INDICATORS, count = 0;
    size_t weeks = (size_t)(to - from), space = PER_BATCH;
    struct reading *rows = memory_allocate(space * sizeof *rows);
    uint64_t state = 88172645463325252U + (uint64_t)from;
    for (size_t i = 0; i < total; i++) {
        if (count + weeks > space) {
            land(bench, rows, count);
            count = 0;
        }
        for (int week = from; week < to; week++) {
            bool is_rising = week == WEEKS - 1 && i % RISING_EACH == 0;
            rows[count++] =
                (struct reading){.series = bench->series[i],
                                 .value_scaled = is_rising ? 60 : (int64_t)(next(&state) % 8),
                                 .period = FIRST_WEEK + week};
        }
    }
    land(bench, rows, count);
    memory_free(rows);
}

// Seconds in which this machine sums up as many bytes as the scan reads.
static double read_memory(size_t bytes)
{
    size_t count = bytes / sizeof(double);
    double *values = memory_allocate(count * sizeof *values), sum = 0;
    for (size_t i = 0; i < count; i++)
        values[i] = (double)(i & 7);
    double start = now_s();
#pragma omp parallel for reduction(+ : sum)
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    double taken = now_s() - start;
    memory_free(values);
    return sum < 0 ? -1 : taken;
}

// Makes the store and lands its history.
static void prepare(struct bench *bench)
{
    size_t total = (size_t)bench->division_count * INDICATORS;
    bench->division = memory_allocate((size_t)bench->division_count * sizeof *bench->division);
    bench->series = memory_allocate(total * sizeof *bench->series);
    open_store(bench, true);
    load_divisions(bench);
    add_duty(bench);
    add_series(bench);
    double start = now_s();
    land_weeks(bench, 0, WEEKS - 1);
    double landed = now_s();
    fold(bench);
    double folded = now_s();
    land_weeks(bench, WEEKS - 1, WEEKS);
    fprintf(stderr, "# %zu readings landed in %.1f s, were folded in %.1f s\n", total * (WEEKS - 1),
            landed - start, folded - landed);
    store_close(bench->store);
}

// The same in a process of its own, whose memory ends with it.
static void prepare_apart(struct bench *bench)
{
    int status = 0;
    struct rusage usage;
    pid_t child = fork();
    if (child == 0) {
        prepare(bench);
        exit(0);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child || status != 0)
        exit(1);
    fprintf(stderr, "# memory at most while landing: %.2f GiB\n",
            (double)usage.ru_maxrss / 1048576);
}

// Opening a store drops its files from the machine's cache; a scan of a program that runs all day
// finds them there. By another program: closing a file drops the locks that this one holds on it.
static void read_file(const struct bench *bench)
{
    char command[128];
    double start = now_s();
    snprintf(command, sizeof command, "cat '%s'/state.db* >/dev/null", bench->folder);
    if (system(command) != 0)
        exit(1);
    fprintf(stderr, "# the state's files read once in %.2f s\n", now_s() - start);
}

static void scan(struct bench *bench)
{
    struct judgement_scan_counts counts = {0};
    struct fault fault = {0};
    struct rusage usage;
    open_store(bench, false);
    read_file(bench);
    double processor = read_clock_s(CLOCK_PROCESS_CPUTIME_ID), start = now_s();
    if (judgement_scan(bench->store, &bench->packs, 0, &counts, &fault) != FAULT_NONE)
        stop(&fault);
    double taken = now_s() - start;
    processor = read_clock_s(CLOCK_PROCESS_CPUTIME_ID) - processor;
    getrusage(RUSAGE_SELF, &usage);
    store_close(bench->store);
    double memory = read_memory((size_t)counts.series * WEEKS * 2 * sizeof(double));
    fprintf(stderr,
            "# %lld series, %lld signals, %lld notices, %lld held back; %.2f s of processor\n",
            (long long)counts.series, (long long)counts.signals, (long long)counts.raised,
            (long long)counts.held_back, processor);
    printf("scan of %lld weekly series x 10 years, notices written\t%.2f\ts\t"
           "reading the same bytes from memory\t%.2f s\n",
           (long long)counts.series, taken, memory);
    printf("memory at most while scanning\t%.2f\tGiB\tlimit\t2 GiB\n",
           (double)usage.ru_maxrss / 1048576);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/levee-bench-XXXXXX", path[64], command[128];
    struct bench bench = {.division_count = (argc > 1 ? atoi(argv[1]) : 100000) / INDICATORS};
    load_pack(&bench);
    if (argc > 2) {
        bench.folder = argv[2];
        access(bench.folder, F_OK) != 0 ? prepare_apart(&bench) : scan(&bench);
        return 0;
    }
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/store", folder);
    bench.folder = path;
    prepare_apart(&bench);
    scan(&bench);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) != 0;
}
