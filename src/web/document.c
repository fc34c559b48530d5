// SPDX-License-Identifier: GPL-3.0-or-later
//
// document.c: the OpenAPI 3.1 document, made from the route table; and the health route.
//
// A query's parameters and columns and a command's fields are in their tables, so the document
// cannot drift from the program: `levee openapi` and GET /api/v1/openapi.json are this function.
// What a kind looks like outside:
//
//     id "21-4711"    time RFC 3339    period "2020-07-22"    json anything    boolean, integer,
//     real
#include <assert.h>
#include <string.h>

#include "web/web_priv.h"

static json_t *type_of_query(enum query_kind kind)
{
    switch (kind) {
    case QUERY_INTEGER: return json_pack("{s:[s,s]}", "type", "integer", "null");
    case QUERY_REAL: return json_pack("{s:[s,s]}", "type", "number", "null");
    case QUERY_BOOLEAN: return json_pack("{s:[s,s]}", "type", "boolean", "null");
    case QUERY_TIME:
        return json_pack("{s:[s,s],s:s}", "type", "string", "null", "format", "date-time");
    case QUERY_ID: return json_pack("{s:[s,s],s:s}", "type", "string", "null", "format", "id");
    case QUERY_PERIOD:
        return json_pack("{s:[s,s],s:s}", "type", "string", "null", "format", "period");
    case QUERY_JSON: return json_object();
    case QUERY_TEXT: break;
    }
    return json_pack("{s:[s,s]}", "type", "string", "null");
}

static json_t *type_of_field(const struct command_field *field)
{
    switch (field->kind) {
    case COMMAND_INTEGER: return json_pack("{s:s}", "type", "integer");
    case COMMAND_BOOLEAN: return json_pack("{s:s}", "type", "boolean");
    case COMMAND_TIME: return json_pack("{s:s,s:s}", "type", "string", "format", "date-time");
    case COMMAND_ID: return json_pack("{s:s,s:s}", "type", "string", "format", "id");
    case COMMAND_PERIOD: return json_pack("{s:s,s:s}", "type", "string", "format", "period");
    case COMMAND_IDS:
        return json_pack("{s:s,s:{s:s,s:s}}", "type", "array", "items", "type", "string", "format",
                         "id");
    case COMMAND_JSON: return json_object();
    case COMMAND_REAL_TEXT: return json_pack("{s:s,s:s}", "type", "string", "format", "decimal");
    case COMMAND_TEXT: break;
    }
    return json_pack("{s:s,s:I}", "type", "string", "maxLength",
                     (json_int_t)(field->limit > 0 ? field->limit : 4096));
}

static json_t *describe_parameter(const char *name, const char *place, bool is_required,
                                  json_t *schema)
{
    return json_pack("{s:s,s:s,s:b,s:o}", "name", name, "in", place, "required", is_required,
                     "schema", schema);
}

static bool is_in_path(const struct web_route *route, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = strchr(route->path, '{'); at != NULL; at = strchr(at + 1, '{'))
        if (strncmp(at + 1, name, size) == 0 && at[1 + size] == '}')
            return true;
    return false;
}

// Each sort, and the same turned round.
static json_t *type_of_sort(const struct query_row *query)
{
    json_t *names = json_array();
    for (int i = 0; query->sort[i].name != NULL; i++) {
        json_array_append_new(names, json_string(query->sort[i].name));
        json_array_append_new(names, json_sprintf("-%s", query->sort[i].name));
    }
    return json_pack("{s:s,s:o}", "type", "string", "enum", names);
}

static json_t *describe_query_parameters(const struct web_route *route,
                                         const struct query_row *query)
{
    json_t *list = json_array();
    for (int i = 0; query->parameter[i].name != NULL; i++) {
        const struct query_parameter *parameter = &query->parameter[i];
        bool is_path = is_in_path(route, parameter->name);
        json_array_append_new(list, describe_parameter(parameter->name, is_path ? "path" : "query",
                                                       is_path || parameter->is_required,
                                                       type_of_query(parameter->kind)));
    }
    json_array_append_new(list,
                          describe_parameter("as_of", "query", false, type_of_query(QUERY_TIME)));
    if (query->sort[0].name != NULL)
        json_array_append_new(list,
                              describe_parameter("sort", "query", false, type_of_sort(query)));
    if (query->order_count > 0 && route->run == web_query_run) {
        json_array_append_new(
            list, describe_parameter("after", "query", false, type_of_query(QUERY_TEXT)));
        json_array_append_new(
            list, describe_parameter("limit", "query", false, type_of_query(QUERY_INTEGER)));
    }
    return list;
}

static json_t *describe_rows(const struct query_row *query)
{
    json_t *properties = json_object(), *required = json_array();
    for (int i = 0; query->column[i].name != NULL; i++) {
        json_object_set_new(properties, query->column[i].name,
                            type_of_query(query->column[i].kind));
        json_array_append_new(required, json_string(query->column[i].name));
    }
    json_t *row = json_pack("{s:s,s:o,s:o}", "type", "object", "properties", properties, "required",
                            required);
    return json_pack("{s:s,s:[s,s,s,s],s:{s:{s:s,s:o},s:o,s:o,s:{s:s}}}", "type", "object",
                     "required", "rows", "next", "as_of", "sequence", "properties", "rows", "type",
                     "array", "items", row, "next", type_of_query(QUERY_TEXT), "as_of",
                     type_of_query(QUERY_TIME), "sequence", "type", "integer");
}

static json_t *describe_fields(const struct command_row *command)
{
    json_t *properties = json_object(), *required = json_array();
    for (int i = 0; i < COMMAND_FIELDS && command->field[i].name != NULL; i++) {
        json_object_set_new(properties, command->field[i].name, type_of_field(&command->field[i]));
        if (command->field[i].is_required)
            json_array_append_new(required, json_string(command->field[i].name));
    }
    return json_pack("{s:s,s:o,s:o}", "type", "object", "properties", properties, "required",
                     required);
}

// {id, sequence} and what the command's row says.
static json_t *describe_receipt(const struct command_row *command)
{
    json_t *properties =
        json_pack("{s:o,s:{s:s}}", "id", type_of_query(QUERY_ID), "sequence", "type", "integer");
    json_t *required = json_pack("[s,s]", "id", "sequence");
    for (int i = 0; i < COMMAND_ANSWERS && command->answer[i].name != NULL; i++) {
        json_object_set_new(properties, command->answer[i].name,
                            type_of_field(&command->answer[i]));
        json_array_append_new(required, json_string(command->answer[i].name));
    }
    return json_pack("{s:s,s:o,s:o}", "type", "object", "properties", properties, "required",
                     required);
}

static json_t *describe_answer(const struct web_route *route)
{
    const char *type = "application/json";
    json_t *schema = NULL;
    if (route->run == web_query_run)
        schema = describe_rows(query_row_at(route->query));
    else if (route->command != NULL)
        schema = describe_receipt(route->command);
    else
        schema = web_document_own(route);
    if (route->run == web_export_run)
        type = "text/csv";
    if (route->run == web_live_run)
        type = "text/event-stream";
    return json_pack("{s:s,s:{s:{s:o}}}", "description", "OK", "content", type, "schema", schema);
}

static json_t *describe_plain_parameters(const struct web_route *route)
{
    json_t *list = json_array();
    for (const char *at = strchr(route->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
        size_t size = strcspn(at + 1, "}");
        json_array_append_new(list, json_pack("{s:s%,s:s,s:b,s:{s:s}}", "name", at + 1, size, "in",
                                              "path", "required", 1, "schema", "type", "string"));
    }
    if (route->command != NULL || route->run == web_import_start_run)
        json_array_append_new(
            list, describe_parameter("Idempotency-Key", "header", true,
                                     json_pack("{s:s,s:s}", "type", "string", "format", "uuid")));
    return list;
}

static json_t *describe_route(const struct web_route *route, enum text_language language)
{
    static const char *const access[] = {"public", "viewer", "officer", "administrator"};
    bool is_query = route->run == web_query_run || route->run == web_export_run;
    const struct query_row *query = is_query ? query_row_at(route->query) : NULL;
    json_t *operation = json_pack(
        "{s:s,s:s,s:o,s:{s:o,s:{s:s}}}", "summary",
        query != NULL ? query->what : text_sentence(route->what, language), "x-who",
        access[route->access], "parameters",
        query != NULL ? describe_query_parameters(route, query) : describe_plain_parameters(route),
        "responses", "200", describe_answer(route), "default", "$ref",
        "#/components/responses/fault");
    if (route->access == WEB_PUBLIC)
        json_object_set_new(operation, "security", json_array());
    json_t *body = NULL;
    if (route->command != NULL)
        body = describe_fields(route->command);
    else if (route->body_type != NULL)
        body = json_object();
    if (body != NULL)
        json_object_set_new(operation, "requestBody",
                            json_pack("{s:b,s:{s:{s:o}}}", "required", 1, "content",
                                      route->body_type, "schema", body));
    return operation;
}

static json_t *describe_frame(void)
{
    json_t *fault =
        json_pack("{s:s,s:{s:{s:{s:s,s:[s],s:{s:{s:s,s:{s:{s:s},s:{s:s},s:{s:s},s:{s:s}}}}}}}}", //
                  "description", "A fault, in the reader's language", "content", "application/json",
                  "schema", "type", "object", "required", "error", "properties", "error", "type",
                  "object", "properties", "code", "type", "string", "key", "type", "string", "text",
                  "type", "string", "arguments", "type", "object");
    return json_pack("{s:s,s:{s:s,s:s},s:[{s:[]}],s:{s:{s:{s:s,s:s,s:s}},s:{s:o}},s:{}}", "openapi",
                     "3.1.0", "info", "title", "levee", "version", "1", "security", "session",
                     "components", "securitySchemes", "session", "type", "apiKey", "in", "cookie",
                     "name", "levee", "responses", "fault", fault, "paths");
}

enum fault_code web_describe(const struct store *store, enum text_language language,
                             json_t **ret_document, struct fault *fault)
{
    static const char *const verb[] = {"get", "post", "delete"};
    struct web_routes *routes = NULL;
    enum fault_code code = web_routes_open(store, &routes, fault);
    if (code != FAULT_NONE)
        return code;
    json_t *document = describe_frame();
    assert(document != NULL);
    json_t *paths = json_object_get(document, "paths");
    for (size_t i = 0; i < web_routes_count(routes); i++) {
        const struct web_route *route = web_routes_at(routes, i);
        json_t *path = json_object_get(paths, route->path);
        if (path == NULL) {
            path = json_object();
            json_object_set_new(paths, route->path, path);
        }
        json_t *operation = describe_route(route, language);
        assert(operation != NULL);
        json_object_set_new(path, verb[route->method], operation);
    }
    web_routes_close(routes);
    *ret_document = document;
    return FAULT_NONE;
}

void web_document_run(struct web_request *request)
{
    struct fault fault = {.code = FAULT_NONE};
    json_t *document = NULL;
    if (web_describe(request->server->options.store, request->language, &document, &fault) !=
        FAULT_NONE)
        web_answer_fault(request, &fault);
    else
        web_answer_json(request, 200, document);
}

void web_health_run(struct web_request *request)
{
    web_answer_json(request, 200, json_pack("{s:b}", "is_ready", 1));
}
