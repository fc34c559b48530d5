// SPDX-License-Identifier: GPL-3.0-or-later
//
// document_own.c: what the routes that are neither query nor command answer, for the OpenAPI
// document.
//
// Queries and commands describe themselves by their tables; these few routes are written by hand in
// C, so their answers are listed here, beside the function that gives them. A type is one of JSON's
// words, "id" or "time" (text in that form); one that ends in '?' may be null, "json" is anything,
// "strings" a list of strings, and "rows" makes the whole list of fields a row of the answer that
// all queries give. tests/api/schema_test.py holds the routes to it, field by field.
#include <assert.h>
#include <string.h>

#include "web/web_priv.h"

struct own_field {
    const char *name, *type;
};

static const struct own_field session_fields[] = {{"account", "id"},
                                                  {"name", "string"},
                                                  {"role", "string"},
                                                  {"division", "id"},
                                                  {"division_code", "string"},
                                                  {"division_zh", "string"},
                                                  {"division_en", "string"},
                                                  {"unit", "id?"},
                                                  {"unit_zh", "string?"},
                                                  {"unit_en", "string?"},
                                                  {"post", "id?"},
                                                  {"post_zh", "string?"},
                                                  {"post_en", "string?"},
                                                  {"store", "store"},
                                                  {"permissions", "strings"},
                                                  {NULL, NULL}};
static const struct own_field store_fields[] = {{"kind", "string"},          {"time", "time"},
                                                {"ledger", "string"},        {"name", "string"},
                                                {"division_code", "string"}, {NULL, NULL}};
static const struct own_field signed_out_fields[] = {{"is_closed", "boolean"}, {NULL, NULL}};
static const struct own_field health_fields[] = {{"is_ready", "boolean"}, {NULL, NULL}};
static const struct own_field entry_fields[] = {{"sequence", "id"},
                                                {"index", "integer"},
                                                {"ledger", "string"},
                                                {"time", "time"},
                                                {"type", "string"},
                                                {"form", "integer"},
                                                {"part", "integer"},
                                                {"parts", "integer"},
                                                {"division", "string?"},
                                                {"division_zh", "string?"},
                                                {"division_en", "string?"},
                                                {"post_zh", "string?"},
                                                {"post_en", "string?"},
                                                {"unit_zh", "string?"},
                                                {"unit_en", "string?"},
                                                {"command_id", "string"},
                                                {"body", "json"},
                                                {"is_withheld", "boolean"},
                                                {"payload_bytes", "integer"},
                                                {"leaf_hash", "string"},
                                                {"tree_size", "integer"},
                                                {"root", "string"},
                                                {"inclusion", "strings"},
                                                {NULL, NULL}};
static const struct own_field ring_fields[] = {{"ring", "id"},
                                               {"kind", "string"},
                                               {"level", "integer"},
                                               {"origin", "string"},
                                               {"title", "json"},
                                               {"why", "json"},
                                               {"division_zh", "string?"},
                                               {"division_en", "string?"},
                                               {"unit", "id?"},
                                               {"post", "id?"},
                                               {"started_at", "time"},
                                               {"due_at", "time?"},
                                               {"is_waiting", "boolean"},
                                               {"acknowledged_at", "time?"},
                                               {NULL, NULL}};
static const struct own_field import_started_fields[] = {{"import", "string"}, {NULL, NULL}};
static const struct own_field import_fields[] = {
    {"state", "string"},        {"done", "integer?"}, {"total", "integer?"}, {"batch", "id?"},
    {"fault_count", "integer"}, {"faults", "json"},   {"text", "string?"},   {NULL, NULL}};
static const struct own_field preview_fields[] = {{"columns", "strings"},
                                                  {"sample", "json"},
                                                  {"row_count", "integer"},
                                                  {"series_count", "integer"},
                                                  {"new_series_count", "integer"},
                                                  {"fault_count", "integer"},
                                                  {"form", "string"},
                                                  {"faults", "json"},
                                                  {NULL, NULL}};

static const struct own_answer {
    void (*run)(struct web_request *request);
    const struct own_field *field;
    bool is_rows;
} answers[] = {
    {web_health_run, health_fields, false},
    {web_session_run_show, session_fields, false},
    {web_session_run_open, session_fields, false},
    {web_session_run_close, signed_out_fields, false},
    {web_entry_run, entry_fields, true},
    {web_ring_show_run, ring_fields, false},
    {web_ring_answer_run, ring_fields, false},
    {web_import_preview_run, preview_fields, false},
    {web_import_start_run, import_started_fields, false},
    {web_import_show_run, import_fields, false},
};

static json_t *describe_object(const struct own_field *field);

static json_t *describe_type(const char *type)
{
    size_t size = strcspn(type, "?");
    bool may_be_null = type[size] == '?';
    assert(size > 0);
    if (strcmp(type, "json") == 0)
        return json_object();
    if (strcmp(type, "store") == 0)
        return describe_object(store_fields);
    if (strcmp(type, "strings") == 0)
        return json_pack("{s:s,s:{s:s}}", "type", "array", "items", "type", "string");
    const char *format = strncmp(type, "id", size) == 0     ? "id"
                         : strncmp(type, "time", size) == 0 ? "date-time"
                                                            : NULL;
    json_t *name = format != NULL ? json_string("string") : json_stringn(type, size);
    json_t *schema = may_be_null ? json_pack("{s:[o,s]}", "type", name, "null")
                                 : json_pack("{s:o}", "type", name);
    if (format != NULL)
        json_object_set_new(schema, "format", json_string(format));
    return schema;
}

static json_t *describe_object(const struct own_field *field)
{
    json_t *properties = json_object(), *required = json_array();
    assert(field != NULL);
    for (; field->name != NULL; field++) {
        json_object_set_new(properties, field->name, describe_type(field->type));
        json_array_append_new(required, json_string(field->name));
    }
    return json_pack("{s:s,s:o,s:o}", "type", "object", "properties", properties, "required",
                     required);
}

json_t *web_document_own(const struct web_route *route)
{
    assert(route != NULL);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (answers[i].run != route->run)
            continue;
        json_t *answer = describe_object(answers[i].field);
        if (!answers[i].is_rows)
            return answer;
        return json_pack("{s:s,s:[s,s,s,s],s:{s:{s:s,s:o},s:{s:[s,s]},s:{s:[s,s]},s:{s:s}}}",
                         "type", "object", "required", "rows", "next", "as_of", "sequence",
                         "properties", "rows", "type", "array", "items", answer, "next", "type",
                         "string", "null", "as_of", "type", "string", "null", "sequence", "type",
                         "integer");
    }
    return json_object();
}
