// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_commands.c: the store's own commands: office, time, divisions, units, posts, accounts,
// indicators, series, and the parts of a batch of readings. Those of a tree of divisions are in
// divisions.c.
#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "store/store_priv.h"

static enum fault_code find_one(struct command *command, enum query_name name, json_t *parameters,
                                json_t **ret_row, struct fault *fault)
{
    json_t *rows = NULL;
    enum fault_code code = command_query(command, name, parameters, &rows, fault);
    if (code == FAULT_NONE)
        *ret_row = json_incref(json_array_get(rows, 0)); // NULL: there is none
    json_decref(rows);
    json_decref(parameters);
    return code;
}

// The division that the command's field names, by row id or by code.
static enum fault_code find_division(struct command *command, const char *field, int64_t *ret_id,
                                     struct fault *fault)
{
    json_t *row = NULL, *value = json_object_get(command->body, field);
    enum fault_code code =
        json_is_integer(value)
            ? find_one(command, QUERY_DIVISION_BY_ID, json_pack("{s:O}", "id", value), &row, fault)
            : find_one(command, QUERY_DIVISION_BY_CODE, json_pack("{s:O}", "code", value), &row,
                       fault);
    if (code == FAULT_NONE && row == NULL)
        code = fault_set(fault, FAULT_MISSING, TEXT_STORE_DIVISION_UNKNOWN,
                         json_is_integer(value) ? text_integer(json_integer_value(value))
                                                : text_string(json_string_value(value)));
    if (code == FAULT_NONE)
        *ret_id = json_integer_or(row, "id", 0);
    json_decref(row);
    return code;
}

static enum fault_code emit(struct command *command, const char *type, int64_t division,
                            json_t *body, struct fault *fault)
{
    struct entry_draft draft = {.type = type, .form = 1, .division = division, .body = body};
    return command_emit(command, &draft, NULL, fault);
}

// ---- Office and time -------------------------------------------------------------------------

static enum fault_code office_open(struct command *command, struct fault *fault)
{
    return emit(command, "office.opened", 0, json_incref(command->body), fault);
}

static enum fault_code time_advance(struct command *command, struct fault *fault)
{
    int64_t time = command_integer(command, "time");
    if (command->store->kind == STORE_LIVE)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_TIME_IS_LIVE, {0});
    if (time < command->time)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_TIME_BACKWARDS, {0});
    command->time = time;
    return emit(command, "time.advanced", 0, json_pack("{s:I}", "time", (json_int_t)time), fault);
}

// Asks for a signed head over what there is; the writer signs when it can, soon. The answer's
// sequence is the newest entry that the head will cover.
static enum fault_code ledger_sign(struct command *command, struct fault *fault)
{
    (void)fault;
    command->store->writer->is_head_wanted = true;
    return FAULT_NONE;
}

static enum fault_code followup_close(struct command *command, struct fault *fault)
{
    return emit(command, "followup.closed", 0, json_incref(command->body), fault);
}

// ---- Units, posts, accounts ------------------------------------------------------------------

static enum fault_code refuse_taken(const char *kind, struct span name, struct fault *fault)
{
    return fault_set(fault, FAULT_INVALID, TEXT_STORE_NAME_TAKEN, text_string(kind),
                     text_span(name));
}

static json_t *pick(const struct command *command, const char *const *fields)
{
    json_t *body = json_object();
    for (; *fields != NULL; fields++)
        if (json_object_get(command->body, *fields) != NULL)
            json_object_set(body, *fields, json_object_get(command->body, *fields));
    return body;
}

static enum fault_code unit_add(struct command *command, struct fault *fault)
{
    static const char *const fields[] = {"code", "name_zh", "name_en", NULL};
    int64_t division = 0;
    json_t *row = NULL;
    enum fault_code code = find_division(command, "division", &division, fault);
    if (code == FAULT_NONE)
        code = find_one(command, QUERY_UNIT_BY_CODE,
                        json_pack("{s:O}", "code", json_object_get(command->body, "code")), &row,
                        fault);
    if (code == FAULT_NONE && row != NULL)
        code = refuse_taken("unit", command_text(command, "code"), fault);
    if (code == FAULT_NONE)
        code = emit(command, "unit.added", division, pick(command, fields), fault);
    json_decref(row);
    return code;
}

static enum fault_code post_add(struct command *command, struct fault *fault)
{
    static const char *const fields[] = {"unit", "code", "name_zh", "name_en", NULL};
    json_t *row = NULL, *unit = NULL;
    json_t *unit_id = json_object_get(command->body, "unit");
    enum fault_code code =
        find_one(command, QUERY_UNIT_BY_ID, json_pack("{s:O}", "id", unit_id), &unit, fault);
    if (code == FAULT_NONE && unit == NULL)
        code = fault_set(fault, FAULT_MISSING, TEXT_STORE_UNIT_UNKNOWN,
                         text_integer(json_integer_value(unit_id)));
    if (code == FAULT_NONE)
        code = find_one(command, QUERY_POST_BY_CODE,
                        json_pack("{s:O, s:O}", "unit", unit_id, "code",
                                  json_object_get(command->body, "code")),
                        &row, fault);
    if (code == FAULT_NONE && row != NULL)
        code = refuse_taken("post", command_text(command, "code"), fault);
    if (code == FAULT_NONE)
        code = emit(command, "post.added", json_integer_or(unit, "division", 0),
                    pick(command, fields), fault);
    json_decref(row);
    json_decref(unit);
    return code;
}

static enum fault_code account_add(struct command *command, struct fault *fault)
{
    static const char *const roles[] = {"viewer", "officer", "administrator"};
    struct span role = command_text(command, "role");
    int64_t division = 0;
    json_t *row = NULL, *body = NULL;
    int rank = -1;
    for (int i = 0; i < 3; i++)
        rank = span_is(role, roles[i]) ? i : rank;
    if (rank < 0)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_ROLE_UNKNOWN, text_span(role));
    enum fault_code code = find_division(command, "division", &division, fault);
    if (code == FAULT_NONE)
        code = find_one(command, QUERY_ACCOUNT_BY_NAME,
                        json_pack("{s:O}", "name", json_object_get(command->body, "name")), &row,
                        fault);
    if (code == FAULT_NONE && row != NULL)
        code = refuse_taken("account", command_text(command, "name"), fault);
    if (code == FAULT_NONE) {
        body = json_pack("{s:O, s:i, s:I}", "name", json_object_get(command->body, "name"), "role",
                         rank, "post", (json_int_t)command_integer(command, "post"));
        code = emit(command, "account.added", division, body, fault);
    }
    json_decref(row);
    return code;
}

// ---- Indicators and series -------------------------------------------------------------------

static enum fault_code indicator_declare(struct command *command, struct fault *fault)
{
    struct span frequency = command_text(command, "frequency");
    int64_t decimals = command_integer(command, "decimals");
    json_t *row = NULL;
    if (frequency.size != 1 || strchr("DWMQY", frequency.data[0]) == NULL)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_FREQUENCY_UNKNOWN, text_span(frequency));
    enum fault_code code =
        find_one(command, QUERY_INDICATOR_BY_CODE,
                 json_pack("{s:O}", "code", json_object_get(command->body, "code")), &row, fault);
    if (code == FAULT_NONE && row != NULL &&
        (!span_equal(json_text_or(row, "frequency", ""), frequency) ||
         json_integer_or(row, "decimals", -1) != decimals))
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_INDICATOR_FIXED,
                         text_span(command_text(command, "code")));
    if (code == FAULT_NONE)
        code = emit(command, "indicator.declared", 0, json_incref(command->body), fault);
    if (code == FAULT_NONE && row != NULL)
        json_object_set(command->answer, "indicator", json_object_get(row, "id"));
    else if (code == FAULT_NONE)
        json_object_set_new(command->answer, "indicator", json_integer(command->first_sequence));
    json_decref(row);
    return code;
}

static enum fault_code add_series(struct command *command, int64_t indicator, bool is_simulated,
                                  const json_t *given, json_t *ids, struct fault *fault)
{
    json_t *row = NULL, *stratum = json_object_get(given, "stratum");
    int64_t division = json_integer_or(given, "division", 0), id = 0;
    json_t *parameters = json_pack("{s:I, s:I, s:b}", "indicator", (json_int_t)indicator,
                                   "division", (json_int_t)division, "is_simulated", is_simulated);
    if (json_is_string(stratum))
        json_object_set(parameters, "stratum", stratum);
    enum fault_code code = find_one(command, QUERY_SERIES_OF, parameters, &row, fault);
    if (code == FAULT_NONE && row == NULL) {
        json_t *body = json_pack("{s:I, s:s, s:b}", "indicator", (json_int_t)indicator, "stratum",
                                 json_is_string(stratum) ? json_string_value(stratum) : "",
                                 "is_simulated", is_simulated);
        struct entry_draft draft = {
            .type = "series.added", .form = 1, .division = division, .body = body};
        code = command_emit(command, &draft, &id, fault);
    } else if (code == FAULT_NONE) {
        id = json_integer_or(row, "id", 0);
    }
    json_array_append_new(ids, json_integer(id));
    json_decref(row);
    return code;
}

// Adds the series that are missing; answers with the ids of all, in the order of the rows.
static enum fault_code series_add(struct command *command, struct fault *fault)
{
    json_t *rows = json_object_get(command->body, "rows"), *row = NULL, *ids = json_array();
    json_t *known = NULL, *division = NULL;
    size_t index = 0;
    int64_t indicator = command_integer(command, "indicator");
    enum fault_code code = find_one(command, QUERY_INDICATOR_BY_ID,
                                    json_pack("{s:I}", "id", (json_int_t)indicator), &known, fault);
    if (code == FAULT_NONE && known == NULL)
        code =
            fault_set(fault, FAULT_MISSING, TEXT_STORE_INDICATOR_UNKNOWN, text_integer(indicator));
    if (code == FAULT_NONE && json_array_size(rows) > LIMIT_SERIES_ROWS)
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_SERIES_TOO_MANY,
                         text_integer((int64_t)json_array_size(rows)),
                         text_integer(LIMIT_SERIES_ROWS));
    json_array_foreach(rows, index, row)
    {
        json_t *division_id = json_object_get(row, "division");
        if (code == FAULT_NONE && !json_is_integer(division_id))
            code = fault_set(fault, FAULT_INVALID, TEXT_STORE_DIVISION_ROW,
                             text_integer((int64_t)index + 1), text_string(""));
        if (code == FAULT_NONE)
            code = find_one(command, QUERY_DIVISION_BY_ID, json_pack("{s:O}", "id", division_id),
                            &division, fault);
        if (code == FAULT_NONE && division == NULL)
            code = fault_set(fault, FAULT_MISSING, TEXT_STORE_DIVISION_UNKNOWN,
                             text_integer(json_integer_value(division_id)));
        if (code == FAULT_NONE)
            code = add_series(command, indicator,
                              json_is_true(json_object_get(command->body, "is_simulated")), row,
                              ids, fault);
        json_decref(division);
        division = NULL;
    }
    json_object_set_new(command->answer, "series", ids);
    json_decref(known);
    return code;
}

// ---- Readings --------------------------------------------------------------------------------

// A later part finds its batch still open, as it may have been cleared away meanwhile, and goes on
// behind its last row.
static enum fault_code check_batch(struct command *command, const struct landing_row *first,
                                   struct fault *fault)
{
    struct database *database = &command->store->state.database;
    int64_t batch = command_integer(command, "batch");
    sqlite3_stmt *statement = NULL;
    bool is_row = false;
    enum fault_code code =
        database_prepare(database, STATE_SQL_READ_BATCH_STATE, &statement, fault);
    if (code != FAULT_NONE)
        return code;
    sqlite3_bind_int64(statement, 1, batch);
    code = database_step(database, statement, &is_row, fault);
    bool is_open = is_row && sqlite3_column_int(statement, 0) != 0;
    struct landing_row last = {.series = is_row ? sqlite3_column_int64(statement, 1) : 0,
                               .period = is_row ? sqlite3_column_int(statement, 2) : 0};
    sqlite3_reset(statement);
    if (code == FAULT_NONE && !is_open)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_BATCH_CLOSED, text_integer(batch));
    if (code == FAULT_NONE && !landing_is_before(&last, first->series, first->period))
        code = fault_set(fault, FAULT_INVALID, TEXT_STORE_PART_MALFORMED,
                         text_integer(command_integer(command, "part")),
                         text_integer(command_integer(command, "parts")));
    return code;
}

static enum fault_code readings_land_part(struct command *command, struct fault *fault)
{
    static const char *const fields[] = {"batch", "known_at", "is_simulated", "source", "source_zh",
                                         "note",  NULL};
    int part = (int)command_integer(command, "part"),
        parts = (int)command_integer(command, "parts");
    struct landing_payload payload = {.left = command->payload};
    bool is_sound = part >= 1 && part <= parts;
    while (is_sound && payload.left.size > 0)
        is_sound = landing_take_block(&payload);
    if (!is_sound || payload.count == 0 || payload.count > LIMIT_BATCH_PART_ROWS)
        return fault_set(fault, FAULT_INVALID, TEXT_STORE_PART_MALFORMED, text_integer(part),
                         text_integer(parts));
    enum fault_code code = part == 1 ? FAULT_NONE : check_batch(command, &payload.first, fault);
    if (code != FAULT_NONE)
        return code;
    struct entry_draft draft = {.type = "readings.landed",
                                .form = 1,
                                .division = command_integer(command, "division"),
                                .body = pick(command, fields),
                                .payload = command->payload,
                                .part = part,
                                .parts = parts};
    return command_emit(command, &draft, NULL, fault);
}

static enum fault_code readings_drop(struct command *command, struct fault *fault)
{
    return emit(command, "readings.dropped", command_integer(command, "division"),
                json_pack("{s:O}", "batch", json_object_get(command->body, "batch")), fault);
}

// ---- The table -------------------------------------------------------------------------------

const struct command_row store_commands[] = {
    {"office.open",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_OFFICE_OPEN,
     {{"kind", COMMAND_TEXT, 16, true},
      {"division_code", COMMAND_TEXT, 12, true},
      {"name", COMMAND_TEXT, 200, true}},
     office_open},
    {"time.advance",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_TIME_ADVANCE,
     {{"time", COMMAND_TIME, 0, true}},
     time_advance},
    {"followup.close",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_FOLLOWUP_CLOSE,
     {{"cause", COMMAND_ID, 0, true},
      {"command", COMMAND_TEXT, 100, true},
      {"key", COMMAND_TEXT, 100, false}},
     followup_close},
    {"divisions.load",
     ROLE_ADMINISTRATOR,
     TEXT_STORE_WHAT_DIVISIONS_LOAD,
     {{"rows", COMMAND_JSON, LIMIT_HTTP_BODY_SIZE, true}},
     .send = divisions_send},
    {"divisions.land",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_DIVISIONS_LAND,
     {{"tree", COMMAND_INTEGER, 0, true},
      {"base", COMMAND_INTEGER, 0, true},
      {"id_max", COMMAND_INTEGER, 0, true},
      {"part", COMMAND_INTEGER, 1000000, true},
      {"parts", COMMAND_INTEGER, 1000000, true},
      {"rows", COMMAND_JSON, 0, true}},
     divisions_land},
    {"divisions.drop",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_DIVISIONS_DROP,
     {{"tree", COMMAND_INTEGER, 0, true}},
     divisions_drop},
    {"unit.add",
     ROLE_ADMINISTRATOR,
     TEXT_STORE_WHAT_UNIT_ADD,
     {{"code", COMMAND_TEXT, 64, true},
      {"division", COMMAND_JSON, 64, true},
      {"name_zh", COMMAND_TEXT, 200, true},
      {"name_en", COMMAND_TEXT, 200, true}},
     unit_add},
    {"post.add",
     ROLE_ADMINISTRATOR,
     TEXT_STORE_WHAT_POST_ADD,
     {{"unit", COMMAND_ID, 0, true},
      {"code", COMMAND_TEXT, 64, true},
      {"name_zh", COMMAND_TEXT, 200, true},
      {"name_en", COMMAND_TEXT, 200, true}},
     post_add},
    {"account.add",
     ROLE_ADMINISTRATOR,
     TEXT_STORE_WHAT_ACCOUNT_ADD,
     {{"name", COMMAND_TEXT, 64, true},
      {"division", COMMAND_JSON, 64, true},
      {"role", COMMAND_TEXT, 32, true},
      {"post", COMMAND_ID, 0, false}},
     account_add},
    {"indicator.declare",
     ROLE_ADMINISTRATOR,
     TEXT_STORE_WHAT_INDICATOR_DECLARE,
     {{"pack", COMMAND_TEXT, 64, true},
      {"code", COMMAND_TEXT, 64, true},
      {"field", COMMAND_TEXT, 64, true},
      {"unit", COMMAND_TEXT, 64, true},
      {"frequency", COMMAND_TEXT, 1, true},
      {"direction", COMMAND_TEXT, 64, true},
      {"aggregation", COMMAND_TEXT, 64, true},
      {"decimals", COMMAND_INTEGER, 9, true},
      {"name_zh", COMMAND_TEXT, 200, true},
      {"name_en", COMMAND_TEXT, 200, true},
      {"detail", COMMAND_JSON, 65536, false}},
     indicator_declare,
     {{"indicator", COMMAND_ID, 0, true}}},
    {"series.add",
     ROLE_OFFICER,
     TEXT_STORE_WHAT_SERIES_ADD,
     {{"indicator", COMMAND_ID, 0, true},
      {"is_simulated", COMMAND_BOOLEAN, 0, true},
      {"rows", COMMAND_JSON, 0, true}},
     series_add,
     {{"series", COMMAND_IDS, 0, true}}},
    {"readings.land",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_READINGS_LAND,
     {{"batch", COMMAND_ID, 0, true},
      {"division", COMMAND_INTEGER, 0, true},
      {"known_at", COMMAND_TIME, 0, true},
      {"is_simulated", COMMAND_BOOLEAN, 0, true},
      {"source", COMMAND_JSON, 1000, true},
      {"source_zh", COMMAND_JSON, 1000, true},
      {"note", COMMAND_JSON, 4000, true},
      {"part", COMMAND_INTEGER, 1000000, true},
      {"parts", COMMAND_INTEGER, 1000000, true}},
     readings_land_part},
    {"readings.drop",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_READINGS_DROP,
     {{"batch", COMMAND_ID, 0, true}, {"division", COMMAND_INTEGER, 0, true}},
     readings_drop},
    {"ledger.sign", ROLE_SYSTEM, TEXT_STORE_WHAT_LEDGER_SIGN, {{NULL}}, ledger_sign},
    {"state.fold",
     ROLE_SYSTEM,
     TEXT_STORE_WHAT_STATE_FOLD,
     {{NULL}},
     digest_fold,
     {{"is_done", COMMAND_BOOLEAN, 0, true}}},
};
const size_t store_command_total = sizeof store_commands / sizeof store_commands[0];
