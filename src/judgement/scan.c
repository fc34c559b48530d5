// SPDX-License-Identifier: GPL-3.0-or-later
//
// scan.c: one scan from the first question to the last entry.
//
//     declare packs ─► which batches are new ─► each indicator: walk, say ─► scan.record .. ─►
//     scan.finish
//
// A scan is done again from the start when it was cut off: scan.finish alone moves the mark up to
// which batches are known, and every command before it checks what is there already.
#include "judgement/scan.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/time.h"
#include "judgement/pack_say.h"
#include "judgement/scan_priv.h"

// Between two questions anything may take its time: judging, a command that waits its turn.
enum fault_code scan_query(struct scan *scan, enum query_name name, json_t *parameters,
                           json_t **ret_rows, struct fault *fault)
{
    enum fault_code code = store_reader_renew(scan->reader, fault);
    if (code == FAULT_NONE)
        code = store_reader_query(scan->reader, name, parameters, ret_rows, fault);
    json_decref(parameters);
    return code;
}

static enum fault_code send(struct scan *scan, const char *name, json_t *body, json_t **ret_answer,
                            struct fault *fault)
{
    struct command_request request = {.name = name, .body = body, .actor = store_system_actor()};
    enum fault_code code = body == NULL
                               ? fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL)
                               : store_run_command(scan->store, &request, ret_answer, fault);
    json_decref(body);
    return code;
}

static enum fault_code send_findings(struct scan *scan, struct fault *fault)
{
    if (json_array_size(scan->findings) == 0)
        return FAULT_NONE;
    json_t *answer = NULL;
    enum fault_code code =
        send(scan, "scan.record", json_pack("{s:o}", "findings", scan->findings), &answer, fault);
    scan->findings = json_array();
    scan->weight = 0;
    scan->counts.signals += json_integer_or(answer, "signals", 0);
    scan->counts.raised += json_integer_or(answer, "raised", 0);
    scan->counts.updated += json_integer_or(answer, "updated", 0);
    scan->counts.doubted += json_integer_or(answer, "doubted", 0);
    scan->counts.answered += json_integer_or(answer, "answered", 0);
    scan->counts.held_back += json_integer_or(answer, "held_back", 0);
    json_decref(answer);
    // What was asked for before is in hand; no snapshot is held while others write.
    return code == FAULT_NONE ? store_reader_renew(scan->reader, fault) : code;
}

enum fault_code scan_add(struct scan *scan, json_t *finding, struct fault *fault)
{
    if (finding == NULL || json_array_append_new(scan->findings, finding) != 0)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    scan->weight += 1 + json_array_size(json_object_get(finding, "rows")) / SCAN_ROWS_WEIGHT;
    return scan->weight >= SCAN_PART_WEIGHT ? send_findings(scan, fault) : FAULT_NONE;
}

// Declares a pack that the store has not met in this form.
static enum fault_code declare_pack(struct scan *scan, const struct pack *pack, struct fault *fault)
{
    json_t *declared = pack_say(pack), *rows = NULL;
    struct store_actor system = store_system_actor();
    json_t *parameters = json_pack("{s:s}", "pack", pack->name);
    enum fault_code code =
        store_query(scan->store, QUERY_PACK_KNOWN, &system, 0, parameters, &rows, fault);
    if (code == FAULT_NONE &&
        !json_equal(json_object_get(json_array_get(rows, 0), "body"), declared))
        code = send(scan, "pack.declare",
                    json_pack("{s:s, s:i, s:s, s:O}", "pack", pack->name, "version", pack->version,
                              "field", pack->field, "declared", declared),
                    NULL, fault);
    json_decref(parameters);
    json_decref(rows);
    json_decref(declared);
    return code;
}

static enum fault_code find_batches(struct scan *scan, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code = scan_query(scan, QUERY_SCAN_LAST, NULL, &rows, fault);
    if (code != FAULT_NONE)
        return code;
    scan->through = json_integer_or(json_array_get(rows, 0), "through", 0);
    json_decref(rows);
    rows = NULL;
    code = scan_query(scan, QUERY_BATCHES_SINCE,
                      json_pack("{s:I}", "through", (json_int_t)scan->through), &rows, fault);
    if (code != FAULT_NONE)
        return code;
    scan->batch_count = json_array_size(rows);
    scan->batch = memory_allocate((scan->batch_count + 1) * sizeof *scan->batch);
    for (size_t i = 0; scan->batch != NULL && i < scan->batch_count; i++) {
        const json_t *row = json_array_get(rows, i);
        int64_t completed = json_integer_or(row, "completed", 0);
        scan->batch[i] = json_integer_or(row, "id", 0);
        if (completed > scan->through)
            scan->through = completed;
    }
    json_decref(rows);
    scan->counts.batches = (int64_t)scan->batch_count;
    return scan->batch == NULL ? fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL) : FAULT_NONE;
}

// How far back a series is read: eleven years of days, twelve of weeks, thirty of anything longer.
static int32_t periods_back(enum time_frequency frequency)
{
    switch (frequency) {
    case TIME_DAILY: return LIMIT_SERIES_POINTS - 1;
    case TIME_WEEKLY: return 626;
    case TIME_MONTHLY: return 360;
    case TIME_QUARTERLY: return 120;
    case TIME_YEARLY: return 30;
    }
    return 30;
}

static enum fault_code scan_indicator(struct scan *scan, const json_t *row, struct fault *fault)
{
    const struct pack *pack = NULL;
    const char *code_of = json_string_value(json_object_get(row, "code"));
    const struct pack_indicator *declared = pack_set_find_indicator(scan->packs, code_of, &pack);
    if (declared == NULL)
        return FAULT_NONE;
    struct scan_walk walk = {
        .scan = scan,
        .indicator = {pack, declared},
        .indicator_id = json_integer_or(row, "id", 0),
        .decimals = (int)json_integer_or(row, "decimals", 0),
    };
    int32_t today = time_local_day(store_reader_as_of(scan->reader));
    walk.to = time_period_from_day(declared->frequency, today);
    walk.from = walk.to - periods_back(declared->frequency);
    enum fault_code code = scan_walk_run(&walk, fault);
    if (code == FAULT_NONE)
        code = scan_say_all(&walk, fault);
    scan->counts.series += (int64_t)walk.series_count;
    scan_walk_free(&walk);
    return code;
}

static enum fault_code scan_indicators(struct scan *scan, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code = scan_query(scan, QUERY_INDICATORS_FOR_SCAN, NULL, &rows, fault);
    for (size_t i = 0; code == FAULT_NONE && i < json_array_size(rows); i++)
        code = scan_indicator(scan, json_array_get(rows, i), fault);
    json_decref(rows);
    return code == FAULT_NONE ? send_findings(scan, fault) : code;
}

static enum fault_code finish(struct scan *scan, struct fault *fault)
{
    const struct judgement_scan_counts *counts = &scan->counts;
    return send(scan, "scan.finish",
                json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "through",
                          (json_int_t)scan->through, "series", (json_int_t)counts->series,
                          "signals", (json_int_t)counts->signals, "raised",
                          (json_int_t)counts->raised, "updated", (json_int_t)counts->updated,
                          "doubted", (json_int_t)counts->doubted, "held_back",
                          (json_int_t)counts->held_back),
                NULL, fault);
}

static enum fault_code load_place(struct scan *scan, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code = scan_query(
        scan, QUERY_DIVISION_PLACE,
        json_pack("{s:I}", "division", (json_int_t)store_division(scan->store)), &rows, fault);
    if (code == FAULT_NONE)
        scan->place = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    return code;
}

enum fault_code judgement_scan(struct store *store, const struct pack_set *packs, int64_t as_of,
                               struct judgement_scan_counts *ret_counts, struct fault *fault)
{
    assert(store != NULL);
    struct scan scan = {.store = store, .packs = packs, .findings = json_array()};
    struct store_actor system = store_system_actor();
    enum fault_code code = FAULT_NONE;
    for (size_t i = 0; code == FAULT_NONE && i < packs->count; i++)
        code = declare_pack(&scan, packs->packs[i], fault);
    if (code == FAULT_NONE)
        code = store_reader_open(store, &system, as_of, &scan.reader, fault);
    if (code == FAULT_NONE)
        code = load_place(&scan, fault);
    if (code == FAULT_NONE)
        code = find_batches(&scan, fault);
    if (code == FAULT_NONE && scan.batch_count > 0)
        code = scan_indicators(&scan, fault);
    if (code == FAULT_NONE && scan.batch_count > 0)
        code = finish(&scan, fault);
    if (code == FAULT_NONE && ret_counts != NULL)
        *ret_counts = scan.counts;
    store_reader_close(scan.reader);
    memory_free(scan.batch);
    json_decref(scan.findings);
    json_decref(scan.place);
    return code;
}
