// SPDX-License-Identifier: GPL-3.0-or-later
//
// speed.c: what the store can do on this disk: durable commands, imports, a day of readings.
//
// usage: speed_store sync FILE SIZE SECONDS           writes with fdatasync, a second: over,
// appended
//        speed_store commands FOLDER WAITING SECONDS  commands of one entry and one row, a second
//        speed_store import FOLDER FILE               seconds in all and of reading, the longest
//                                                     wait of another's command in ms, and how many
//        speed_store daily FOLDER SERIES              seconds, bytes written until a value each was
//                                                     visible, and with their move into the files
//
// One line of numbers on stdout; bench/store/run makes the table. Commands are posted as the web
// posts them: nobody's thread waits, each answer sends the next.
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/csv.h"
#include "store/command.h"
#include "store/import.h"
#include "store/store.h"

enum {
    CITIES = 400,
    WAITING_MAX = 256,
    SYNC_SIZE_MAX = 1024 * 1024,
    SYNC_BLOCKS = 64,
    SYNC_TURNS = 5,
    DAYS = 5,
    IDLE_US = 1500000,
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int compare_reals(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

// Sorts the values.
static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare_reals);
    return values[count / 2];
}

static void stop(const struct fault *fault)
{
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    fprintf(stderr, "speed_store: %s\n", sentence);
    exit(1);
}

// Writes and syncs a second; over a file that is there, or at the end of a new one.
static double count_syncs(const char *path, int size, double seconds, bool is_overwriting)
{
    static char block[SYNC_SIZE_MAX];
    int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    int64_t count = 0, at = 0;
    for (int i = 0; is_overwriting && i < SYNC_BLOCKS; i++)
        if (write(file, block, (size_t)size) != size)
            return 0;
    fsync(file);
    double start = now_s();
    while (file >= 0 && now_s() - start < seconds) {
        if (pwrite(file, block, (size_t)size, at) != size || fdatasync(file) != 0)
            return 0;
        count++;
        at = is_overwriting && count % SYNC_BLOCKS == 0 ? 0 : at + size;
    }
    double rate = (double)count / (now_s() - start);
    close(file);
    unlink(path);
    return rate;
}

static int measure_sync(const char *path, int size, double seconds)
{
    double overwriting[SYNC_TURNS], appending[SYNC_TURNS];
    for (int i = 0; i < SYNC_TURNS; i++) { // Turn by turn: the disk's mood changes.
        overwriting[i] = count_syncs(path, size, seconds / (2 * SYNC_TURNS), true);
        appending[i] = count_syncs(path, size, seconds / (2 * SYNC_TURNS), false);
    }
    printf("%.0f %.0f\n", median(overwriting, SYNC_TURNS), median(appending, SYNC_TURNS));
    return 0;
}

// ---- A store for the measurements ------------------------------------------------------------

static int64_t next_division;

static enum fault_code add(struct command *command, struct fault *fault)
{
    struct entry_draft draft = {.type = "series.added",
                                .form = 1,
                                .division = ++next_division,
                                .body = json_pack("{s:i, s:s, s:b}", "indicator", 1, "stratum",
                                                  "a row of the bench", "is_simulated", 1)};
    return command_emit(command, &draft, NULL, fault);
}

static const struct command_row commands[] = {
    {"bench.add", ROLE_SYSTEM, TEXT_STORE_WHAT_SERIES_ADD, {{NULL}}, add},
};

static struct store *open_store(const char *folder)
{
    struct store_birth birth = {.kind = STORE_REPLAY, .division_code = "210000"};
    struct store_options options = {.folder = folder, .commands = commands, .command_count = 1};
    struct store *store = NULL;
    struct fault fault = {0};
    if (store_create(folder, &birth, &fault) != FAULT_NONE ||
        store_open(&options, &store, &fault) != FAULT_NONE)
        stop(&fault);
    return store;
}

static json_t *run(struct store *store, const char *name, json_t *body)
{
    struct fault fault = {0};
    json_t *answer = NULL;
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    if (store_run_command(store, &request, &answer, &fault) != FAULT_NONE)
        stop(&fault);
    json_decref(body);
    return answer;
}

static void load_cities(struct store *store)
{
    json_t *rows = json_array();
    for (int i = 0; i <= CITIES; i++) {
        char code[16] = "210000";
        if (i > 0)
            snprintf(code, sizeof code, "21%04d", i);
        json_array_append_new(rows, json_pack("{s:s, s:s, s:i, s:s, s:s}", "code", code, "parent",
                                              i > 0 ? "210000" : "", "level", i > 0 ? 2 : 1,
                                              "name_zh", code, "name_en", code));
    }
    json_decref(run(store, "divisions.load", json_pack("{s:o}", "rows", rows)));
}

static int64_t declare(struct store *store, int number)
{
    char code[32];
    snprintf(code, sizeof code, "bench.i%d", number);
    json_t *answer =
        run(store, "indicator.declare",
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "pack", "bench", "code",
                      code, "field", "bench", "unit", "one", "frequency", "D", "direction", "up",
                      "aggregation", "sum", "decimals", 2, "name_zh", code, "name_en", code));
    int64_t id = json_integer_value(json_object_get(answer, "indicator"));
    json_decref(answer);
    return id;
}

// ---- Durable commands ------------------------------------------------------------------------

struct clients {
    struct store *store;
    pthread_mutex_t mutex;
    pthread_cond_t has_ended;
    double until;
    int64_t count;
    int waiting;
};

static void next(void *context, const struct command_result *result);

static bool post(struct clients *clients)
{
    struct fault fault = {0};
    struct command_request request = {.name = "bench.add", .actor = store_system_actor()};
    if (store_post_command(clients->store, &request, next, clients, &fault) != FAULT_NONE)
        stop(&fault);
    return true;
}

static void next(void *context, const struct command_result *result)
{
    struct clients *clients = context;
    if (result->code != FAULT_NONE)
        stop(result->fault);
    clients->count++; // On the writer thread alone.
    if (now_s() < clients->until && post(clients))
        return;
    pthread_mutex_lock(&clients->mutex);
    clients->waiting--;
    pthread_cond_signal(&clients->has_ended);
    pthread_mutex_unlock(&clients->mutex);
}

static int measure_commands(const char *folder, int waiting, double seconds)
{
    struct clients clients = {.store = open_store(folder),
                              .mutex = PTHREAD_MUTEX_INITIALIZER,
                              .has_ended = PTHREAD_COND_INITIALIZER,
                              .until = now_s() + seconds,
                              .waiting = waiting};
    double start = now_s();
    for (int i = 0; i < waiting; i++)
        post(&clients);
    pthread_mutex_lock(&clients.mutex);
    while (clients.waiting > 0)
        pthread_cond_wait(&clients.has_ended, &clients.mutex);
    pthread_mutex_unlock(&clients.mutex);
    printf("%.0f\n", (double)clients.count / (now_s() - start));
    store_close(clients.store);
    return 0;
}

// ---- Import ----------------------------------------------------------------------------------

// Somebody else who sends one command after another meanwhile.
struct bystander {
    struct store *store;
    _Atomic bool is_stopping;
    double longest_s;
    int64_t count;
};

static void *stand_by(void *context)
{
    struct bystander *bystander = context;
    while (!bystander->is_stopping) {
        struct fault fault = {0};
        struct command_request request = {.name = "bench.add", .actor = store_system_actor()};
        double start = now_s();
        if (store_run_command(bystander->store, &request, NULL, &fault) != FAULT_NONE)
            stop(&fault);
        double wait_s = now_s() - start;
        bystander->longest_s = wait_s > bystander->longest_s ? wait_s : bystander->longest_s;
        bystander->count++;
        usleep(2000);
    }
    return NULL;
}

static int measure_import(const char *folder, const char *path)
{
    struct store *store = open_store(folder);
    struct store_actor actor = store_system_actor();
    struct import_options options = {
        .indicator = "bench.i1", .source = "bench", .is_simulated = true};
    struct fault fault = {0};
    struct csv_text text = {0};
    struct arena arena = {0};
    struct import import = {0};
    struct bystander bystander = {.store = store};
    pthread_t thread;
    load_cities(store);
    declare(store, 1);
    pthread_create(&thread, NULL, stand_by, &bystander);
    double start = now_s();
    if (csv_read_file(path, &text, &fault) != FAULT_NONE ||
        import_read(store, &actor, &text, &options, &arena, &import, &fault) != FAULT_NONE)
        stop(&fault);
    if (import.mistake_count > 0)
        return 1;
    double read_s = now_s() - start;
    if (import_land(store, &actor, &options, &import, NULL, &fault) != FAULT_NONE)
        stop(&fault);
    double total_s = now_s() - start;
    bystander.is_stopping = true;
    pthread_join(thread, NULL);
    printf("%.3f %.3f %.1f %" PRId64 "\n", total_s, read_s, bystander.longest_s * 1000,
           bystander.count);
    import_end(&import);
    csv_free(&text);
    arena_reset(&arena);
    store_close(store);
    return 0;
}

// ---- A day -----------------------------------------------------------------------------------

// All bytes that this process has handed to the system for writing.
static double written_bytes(void)
{
    char line[128];
    long long bytes = 0;
    FILE *file = fopen("/proc/self/io", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        sscanf(line, "wchar: %lld", &bytes);
    if (file != NULL)
        fclose(file);
    return (double)bytes;
}

static int measure_daily(const char *folder, int series_count)
{
    struct store *store = open_store(folder);
    struct store_actor actor = store_system_actor();
    struct reading *rows = calloc((size_t)series_count, sizeof *rows);
    struct fault fault = {0};
    int count = 0;
    load_cities(store);
    for (int i = 1; count < series_count; i++) {
        int64_t indicator = declare(store, i);
        json_t *given = json_array();
        for (int k = 0; k < CITIES && count + k < series_count; k++)
            json_array_append_new(given, json_pack("{s:i}", "division", 2 + k));
        json_t *answer = run(store, "series.add",
                             json_pack("{s:I, s:b, s:o}", "indicator", (json_int_t)indicator,
                                       "is_simulated", 1, "rows", given));
        json_t *ids = json_object_get(answer, "series");
        for (size_t k = 0; k < json_array_size(ids); k++)
            rows[count++].series = json_integer_value(json_array_get(ids, k));
        json_decref(answer);
    }
    double took_s[DAYS], log[DAYS], total[DAYS];
    usleep(IDLE_US);
    for (int day = 0; day < DAYS; day++) {
        struct reading_batch batch = {.is_simulated = true, .source = "bench"};
        for (int i = 0; i < count; i++) {
            rows[i].period = 18000 + day;
            rows[i].value_scaled = 100 * i + day;
        }
        double before = written_bytes(), start = now_s();
        if (readings_land(store, &actor, &batch, rows, (size_t)count, NULL, NULL, &fault) !=
            FAULT_NONE)
            stop(&fault);
        took_s[day] = now_s() - start;
        log[day] = written_bytes() - before;
        usleep(IDLE_US); // The WALs are emptied meanwhile.
        total[day] = written_bytes() - before;
    }
    printf("%.3f %.0f %.0f\n", median(took_s, DAYS), median(log, DAYS), median(total, DAYS));
    free(rows);
    store_close(store);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "sync") == 0 && atoi(argv[3]) <= SYNC_SIZE_MAX)
        return measure_sync(argv[2], atoi(argv[3]), atof(argv[4]));
    if (argc == 5 && strcmp(argv[1], "commands") == 0 && atoi(argv[3]) <= WAITING_MAX)
        return measure_commands(argv[2], atoi(argv[3]), atof(argv[4]));
    if (argc == 4 && strcmp(argv[1], "import") == 0)
        return measure_import(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "daily") == 0)
        return measure_daily(argv[2], atoi(argv[3]));
    fprintf(stderr,
            "usage: speed_store sync|commands|import|daily ... (see bench/store/speed.c)\n");
    return 64;
}
