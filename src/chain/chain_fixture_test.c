// SPDX-License-Identifier: GPL-3.0-or-later
//
// chain_fixture_test.c: founds and turns the small province of chain_fixture.h.
#include "chain/chain_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain/chain.h"
#include "judgement/judgement.h"
#include "matter/matter.h"
#include "unit.h"

enum { COMMANDS = 64 };

static const char *const codes[PLACES] = {"210000", "210200", "210202", "211200",
                                          "219900", "219901", "219902"};

static void stop(const struct fault *fault, const char *what)
{
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    printf("# %s: %s (%s:%d)\n", what, sentence, fault->file, fault->line);
    CHECK(fault->code == FAULT_NONE);
    exit(1);
}

static json_t *run_system(struct province *province, const char *name, json_t *body)
{
    struct fault fault = {0};
    json_t *answer = NULL;
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    if (store_run_command(province->store, &request, &answer, &fault) != FAULT_NONE)
        stop(&fault, name);
    json_decref(body);
    return answer;
}

static int64_t make(struct province *province, const char *name, json_t *body)
{
    json_t *answer = run_system(province, name, body);
    int64_t sequence = json_integer_or(answer, "sequence", 0);
    json_decref(answer);
    return sequence;
}

static void load_tree(struct province *province)
{
    static const int parents[PLACES] = {-1, PROVINCE, DALIAN, PROVINCE, PROVINCE, LINDI, LINDI};
    static const char *const names[PLACES] = {"Liaoning", "Dalian", "Port", "Tieling",
                                              "Lindi",    "East",   "West"};
    static const int levels[PLACES] = {1, 2, 3, 2, 2, 3, 3};
    json_t *rows = json_array();
    for (int i = 0; i < PLACES; i++)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:i, s:s, s:s, s:b}", "code", codes[i],
                                              "parent", parents[i] < 0 ? "" : codes[parents[i]],
                                              "level", levels[i], "name_zh", names[i], "name_en",
                                              names[i], "is_fictional", i >= LINDI));
    json_decref(run_system(province, "divisions.load", json_pack("{s:o}", "rows", rows)));
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    json_t *divisions = NULL, *all = json_pack("{s:i}", "level", 3), *row = NULL;
    size_t at = 0;
    for (int level = 1; level <= 3; level++) {
        json_object_set_new(all, "level", json_integer(level));
        if (store_query(province->store, QUERY_DIVISIONS, &system, 0, all, &divisions, &fault))
            stop(&fault, "divisions");
        json_array_foreach(divisions, at, row)
        {
            for (int i = 0; i < PLACES; i++)
                if (span_is(json_text_or(row, "code", ""), codes[i]))
                    province->division[i] = json_integer_or(row, "id", 0);
        }
        json_decref(divisions);
    }
    json_decref(all);
}

static void add_office(struct province *province, enum place place, const char *role,
                       const char *account, const char *right)
{
    char code[64];
    snprintf(code, sizeof code, "%s-%s", codes[place], role);
    int64_t unit = make(province, "unit.add",
                        json_pack("{s:s, s:s, s:s, s:s}", "code", code, "division", codes[place],
                                  "name_zh", code, "name_en", code));
    int64_t post = make(province, "post.add",
                        json_pack("{s:I, s:s, s:s, s:s}", "unit", (json_int_t)unit, "code", "duty",
                                  "name_zh", "值班", "name_en", "duty"));
    json_t *duty = json_pack("{s:s, s:s, s:I, s:I, s:I}", "field", "*", "role", role, "division",
                             (json_int_t)province->division[place], "unit", (json_int_t)unit,
                             "post", (json_int_t)post);
    if (place == DALIAN && strcmp(role, "health") == 0) {
        json_object_set_new(duty, "deputy_unit", json_integer(province->unit[PORT]));
        json_object_set_new(duty, "deputy_post", json_integer(province->post[PORT]));
    }
    json_decref(run_system(province, "duty.assign", duty));
    province->unit[place] = unit;
    province->post[place] = post;
    if (account != NULL)
        json_decref(run_system(province, "account.add",
                               json_pack("{s:s, s:s, s:s, s:I}", "name", account, "division",
                                         codes[place], "role", right, "post", (json_int_t)post)));
}

static int64_t add_series(struct province *province, const char *indicator, bool is_simulated,
                          enum place place)
{
    const struct pack *pack = NULL;
    const struct pack_indicator *declared =
        pack_set_find_indicator(&province->packs, indicator, &pack);
    char frequency[2] = {(char)declared->frequency, '\0'};
    json_t *known = province_ask(province, "system", QUERY_INDICATOR_BY_CODE,
                                 json_pack("{s:s}", "code", indicator), 0);
    int64_t id = row_integer(known, 0, "id");
    json_decref(known);
    if (id == 0)
        id = make(province, "indicator.declare",
                  json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "pack",
                            pack->name, "code", indicator, "field", pack->field, "unit",
                            declared->unit.en, "frequency", frequency, "direction", "up",
                            "aggregation", "sum", "decimals", declared->decimals, "name_zh",
                            declared->label.zh, "name_en", declared->label.en));
    json_t *answer = run_system(province, "series.add",
                                json_pack("{s:I, s:b, s:[{s:I}]}", "indicator", (json_int_t)id,
                                          "is_simulated", is_simulated, "rows", "division",
                                          (json_int_t)province->division[place]));
    int64_t series = json_integer_value(json_array_get(json_object_get(answer, "series"), 0));
    json_decref(answer);
    return series;
}

int32_t province_day(int month, int day)
{
    return time_day_from_date((struct time_date){2020, month, day});
}

// Deadlines pass on the writer thread, soon after business time has moved.
static void settle(struct province *province)
{
    for (int wait = 0; wait < 200; wait++) {
        json_t *due = province_ask(
            province, "system", QUERY_DEADLINES_DUE,
            json_pack("{s:I}", "until", (json_int_t)store_business_time(province->store)), 0);
        size_t left = json_array_size(due);
        json_decref(due);
        if (left == 0)
            break;
        usleep(50000);
    }
    usleep(100000); // what follows the last of them
}

void province_advance(struct province *province, int month, int day, int minute)
{
    int64_t time = time_from_local(province_day(month, day), minute);
    json_decref(run_system(province, "time.advance", json_pack("{s:I}", "time", (json_int_t)time)));
    settle(province);
}

static void land(struct province *province, const struct reading *rows, size_t count,
                 bool is_simulated)
{
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    struct reading_batch batch = {.division = province->division[PROVINCE],
                                  .is_simulated = is_simulated,
                                  .source = "city feed",
                                  .source_zh = "城市数据"};
    if (readings_land(province->store, &system, &batch, rows, count, NULL, NULL, &fault))
        stop(&fault, "readings_land");
}

void province_land(struct province *province, enum watch watch, int32_t period, int64_t value)
{
    struct reading row = {province->series[watch], value, period};
    land(province, &row, 1, watch >= WAGES_EAST);
}

void province_scan(struct province *province)
{
    struct fault fault = {0};
    if (judgement_scan(province->store, &province->packs, 0, &province->counts, &fault))
        stop(&fault, "scan");
}

void province_morning(struct province *province, int day, int64_t dalian, int64_t tieling,
                      int64_t second)
{
    province_advance(province, 7, day, 7 * 60);
    int32_t period = province_day(7, day) - 1;
    province_land(province, CASES_DALIAN, period, dalian);
    province_land(province, CASES_TIELING, period, tieling);
    if (second >= 0)
        province_land(province, CASES_SECOND, period, second);
    province_scan(province);
}

// Quiet since 22 January, but for one case of 2 April that was withdrawn on the 7th.
static void land_past(struct province *province)
{
    int32_t first = province_day(1, 22), last = province_day(7, 21);
    struct reading rows[600];
    size_t count = 0;
    for (int32_t day = first; day <= last; day++) {
        int64_t dalian = day == province_day(4, 2) ? 1 : day == province_day(4, 7) ? -1 : 0;
        rows[count++] = (struct reading){province->series[CASES_DALIAN], dalian, day};
        rows[count++] = (struct reading){province->series[CASES_TIELING], 0, day};
        rows[count++] = (struct reading){province->series[CASES_SECOND], dalian > 0, day};
    }
    land(province, rows, count, false);
}

void province_open(struct province *province)
{
    static struct command_row commands[COMMANDS];
    char folder[256];
    struct fault fault = {0};
    *province = (struct province){0};
    snprintf(folder, sizeof folder, "%s/province", unit_folder());
    memcpy(commands, matter_command_table, matter_command_count * sizeof *commands);
    memcpy(commands + matter_command_count, judgement_command_table,
           judgement_command_count * sizeof *commands);
    struct store_birth birth = {.kind = STORE_REPLAY,
                                .division_code = "210000",
                                .name = "Liaoning",
                                .time = time_from_local(province_day(7, 21), 7 * 60)};
    struct store_options options = {.folder = folder,
                                    .commands = commands,
                                    .command_count = matter_command_count + judgement_command_count,
                                    .chain = chain_table,
                                    .chain_count = chain_count,
                                    .finishers = judgement_finisher_table,
                                    .finisher_count = judgement_finisher_count,
                                    .due = chain_due};
    if (store_create(folder, &birth, &fault) || store_open(&options, &province->store, &fault) ||
        pack_load_shipped(&province->arena, &province->packs, &fault))
        stop(&fault, "open");
    load_tree(province);
    add_office(province, PORT, "health", NULL, "");
    add_office(province, LINDI, "labour", "lindi", "officer");
    add_office(province, PROVINCE, "feed_keeper", "feed", "officer");
    add_office(province, PROVINCE, "health", "leader", "viewer");
    add_office(province, PROVINCE, "risk_office", "province", "officer");
    add_office(province, TIELING, "health", "tieling", "officer");
    add_office(province, DALIAN, "health", "dalian", "officer");
    province->series[CASES_DALIAN] = add_series(province, "epidemic.cases", false, DALIAN);
    province->series[CASES_TIELING] = add_series(province, "epidemic.cases", false, TIELING);
    province->series[CASES_SECOND] = add_series(province, "epidemic.cases.second", false, PROVINCE);
    province->series[WAGES_EAST] = add_series(province, "petition.wages", true, LINDI_EAST);
    province->series[WAGES_WEST] = add_series(province, "petition.wages", true, LINDI_WEST);
    province->series[CASH_EAST] = add_series(province, "finance.cash_cover", true, LINDI_EAST);
    province_advance(province, 7, 22, 7 * 60);
    land_past(province);
    province_scan(province);
}

void province_close(struct province *province)
{
    char folder[256], before[65], after[65];
    struct fault fault = {0};
    snprintf(folder, sizeof folder, "%s/province", unit_folder());
    store_close(province->store);
    if (store_rebuild(folder, before, after, &fault) != FAULT_NONE)
        stop(&fault, "rebuild");
    CHECK_TEXT(before, after);
    arena_reset(&province->arena);
}

struct store_actor province_actor(struct province *province, const char *account)
{
    struct store_actor actor = store_system_actor();
    struct fault fault = {0};
    if (strcmp(account, "system") != 0 &&
        store_find_actor(province->store, span_from(account), &actor, &fault) != FAULT_NONE)
        stop(&fault, account);
    return actor;
}

int province_run(struct province *province, const char *account, const char *command, json_t *body)
{
    struct fault fault = {0};
    struct command_request request = {
        .name = command, .body = body, .actor = province_actor(province, account)};
    enum fault_code code = store_run_command(province->store, &request, NULL, &fault);
    json_decref(body);
    return code == FAULT_NONE ? -1 : (int)fault.key;
}

json_t *province_ask(struct province *province, const char *account, enum query_name query,
                     json_t *parameters, int64_t as_of)
{
    struct fault fault = {0};
    json_t *rows = NULL;
    struct store_actor actor = province_actor(province, account);
    if (store_query(province->store, query, &actor, as_of, parameters, &rows, &fault))
        stop(&fault, query_row_at(query)->name);
    json_decref(parameters);
    return rows;
}

int64_t row_integer(const json_t *rows, size_t index, const char *field)
{
    return json_integer_or(json_array_get(rows, index), field, 0);
}

const char *row_text(const json_t *rows, size_t index, const char *field)
{
    const char *text = json_string_value(json_object_get(json_array_get(rows, index), field));
    return text == NULL ? "" : text;
}

static json_t *open_notices(struct province *province, enum watch watch)
{
    json_t *rows =
        province_ask(province, "province", QUERY_NOTICES, json_pack("{s:b}", "is_open", 1), 0);
    for (size_t i = json_array_size(rows); i > 0; i--)
        if (row_integer(rows, i - 1, "series") != province->series[watch])
            json_array_remove(rows, i - 1);
    CHECK(json_array_size(rows) <= 1);
    return rows;
}

int64_t province_notice(struct province *province, enum watch watch)
{
    json_t *rows = open_notices(province, watch);
    int64_t id = row_integer(rows, 0, "id");
    json_decref(rows);
    return id;
}

int64_t province_level(struct province *province, enum watch watch)
{
    json_t *rows = open_notices(province, watch);
    int64_t level = row_integer(rows, 0, "level");
    json_decref(rows);
    return level;
}

static void write_value(const json_t *value, char *buffer, size_t size)
{
    if (json_is_integer(value))
        snprintf(buffer, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_string(value))
        snprintf(buffer, size, "%s", json_string_value(value));
    else if (json_is_string(json_object_get(value, "en")))
        snprintf(buffer, size, "%s", json_string_value(json_object_get(value, "en")));
    else
        snprintf(buffer, size, "%s", province_sentence(value));
}

const char *province_sentence(const json_t *sentence)
{
    static char ring[4][2048];
    static int turn;
    char *text = ring[turn++ % 4], value[1024], *out = text;
    enum text_key key;
    const char *name = json_string_value(json_object_get(sentence, "key"));
    if (name == NULL || !text_find_key(span_from(name), &key))
        return "(no sentence)";
    for (const char *at = text_sentence(key, TEXT_ENGLISH); *at != '\0'; at++) {
        const char *end = *at == '{' ? strchr(at, '}') : NULL;
        if (end == NULL) {
            *out++ = *at;
            continue;
        }
        char parameter[64];
        snprintf(parameter, sizeof parameter, "%.*s", (int)(end - at - 1), at + 1);
        write_value(json_object_get(json_object_get(sentence, "arguments"), parameter), value,
                    sizeof value);
        out += snprintf(out, (size_t)(text + sizeof ring[0] - out), "%s", value);
        at = end;
    }
    *out = '\0';
    return text;
}
