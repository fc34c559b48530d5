// SPDX-License-Identifier: GPL-3.0-or-later
//
// route.c: the table of routes: what is not in it does not exist.
//
// Three sources make it, once, at start:
//
//     own_routes below                        sessions, live events, imports, proofs, documents
//     the table of queries (store/query.h)    GET /api/v1/PATH, and GET /api/v1/export/PATH.csv
//                                             for every query that does not end in a brace
//     the table of commands (store/command.h) POST /api/v1/commands/NAME
//
// Queries and commands of the program itself (ROLE_SYSTEM) are left out. A path of no API
// (everything outside /api) is the page's affair: page.c answers it with a file or with the page.
//
//     /api/v1/export/notices/{id}.csv     {id} takes one segment, up to what stands behind the
//     brace
//
// Invariant: a request is served by exactly one row, and the row's access was checked before.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "web/web_priv.h"

#define API "/api/v1"

static const char type_json[] = "application/json";
static const char type_csv[] = "text/csv";

static const struct web_route own_routes[] = {
    {WEB_GET, API "/health", WEB_PUBLIC, 0, NULL, TEXT_WEB_ROUTE_HEALTH, web_health_run},
    {WEB_POST, API "/session", WEB_PUBLIC, LIMIT_HTTP_SIGN_IN_SIZE, type_json,
     TEXT_WEB_ROUTE_SIGN_IN, web_session_run_open},
    {WEB_GET, API "/session", WEB_VIEWER, 0, NULL, TEXT_WEB_ROUTE_SESSION, web_session_run_show},
    {WEB_DELETE, API "/session", WEB_VIEWER, 0, NULL, TEXT_WEB_ROUTE_SIGN_OUT,
     web_session_run_close},
    {WEB_GET, API "/live", WEB_VIEWER, 0, NULL, TEXT_WEB_ROUTE_LIVE, web_live_run},
    {WEB_GET, API "/openapi.json", WEB_VIEWER, 0, NULL, TEXT_WEB_ROUTE_DOCUMENT, web_document_run},
    {WEB_GET, API "/entries/{sequence}", WEB_VIEWER, 0, NULL, TEXT_WEB_ROUTE_ENTRY, web_entry_run},
    {WEB_GET, API "/rings/{token}", WEB_PUBLIC, 0, NULL, TEXT_WEB_ROUTE_RING, web_ring_show_run},
    {WEB_POST, API "/rings/{token}", WEB_PUBLIC, LIMIT_HTTP_SIGN_IN_SIZE, type_json,
     TEXT_WEB_ROUTE_RING_ANSWER, web_ring_answer_run},
    {WEB_POST, API "/import/preview", WEB_OFFICER, LIMIT_HTTP_BODY_SIZE, type_csv,
     TEXT_WEB_ROUTE_IMPORT_PREVIEW, web_import_preview_run},
    {WEB_POST, API "/import", WEB_OFFICER, LIMIT_HTTP_BODY_SIZE, type_csv, TEXT_WEB_ROUTE_IMPORT,
     web_import_start_run},
    {WEB_GET, API "/import/{import}", WEB_OFFICER, 0, NULL, TEXT_WEB_ROUTE_IMPORT_SHOW,
     web_import_show_run},
};
enum { OWN_COUNT = sizeof own_routes / sizeof own_routes[0] };

static const struct web_route page_route = {
    WEB_GET, "/", WEB_PUBLIC, 0, NULL, TEXT_WEB_ROUTE_PAGE, web_page_run};

struct web_routes {
    struct arena arena; // of the paths
    size_t count;
    struct web_route row[];
};

static enum web_access access_of(enum store_role role)
{
    static const enum web_access access[] = {
        [ROLE_VIEWER] = WEB_VIEWER,
        [ROLE_OFFICER] = WEB_OFFICER,
        [ROLE_ADMINISTRATOR] = WEB_ADMINISTRATOR,
    };
    assert(role < ROLE_SYSTEM);
    return access[role];
}

const char *web_method_name(enum web_method method)
{
    static const char *const name[] = {"GET", "POST", "DELETE"};
    assert(method < WEB_METHODS);
    return name[method];
}

static bool is_own_path(const char *path)
{
    for (int i = 0; i < OWN_COUNT; i++)
        if (strcmp(own_routes[i].path, path) == 0)
            return true;
    return false;
}

// Adds what the query table gives. A path that a row of ours has already is that row's.
static bool add_queries(struct web_routes *routes)
{
    for (int i = 0; i < query_row_count(); i++) {
        const struct query_row *query = query_row_at((enum query_name)i);
        if (query->path == NULL || query->who == ROLE_SYSTEM)
            continue;
        char *path = arena_print(&routes->arena, API "%s", query->path);
        char *export = arena_print(&routes->arena, API "/export%s.csv", query->path);
        if (path == NULL || export == NULL)
            return false;
        if (is_own_path(path))
            continue;
        struct web_route row = {WEB_GET,
                                path,
                                access_of(query->who),
                                0,
                                NULL,
                                TEXT_WEB_ROUTE_QUERY,
                                web_query_run,
                                (enum query_name)i,
                                NULL};
        routes->row[routes->count++] = row;
        if (path[strlen(path) - 1] == '}')
            continue; // one thing is no list
        row.path = export;
        row.what = TEXT_WEB_ROUTE_EXPORT;
        row.run = web_export_run;
        routes->row[routes->count++] = row;
    }
    return true;
}

static bool add_commands(struct web_routes *routes, const struct store *store)
{
    for (size_t i = 0; i < store_command_count(store); i++) {
        const struct command_row *command = store_command_at(store, i);
        if (command->who == ROLE_SYSTEM)
            continue;
        char *path = arena_print(&routes->arena, API "/commands/%s", command->name);
        if (path == NULL)
            return false;
        size_t limit = command->send != NULL ? LIMIT_HTTP_BODY_SIZE : LIMIT_COMMAND_BODY_SIZE;
        routes->row[routes->count++] = (struct web_route){
            WEB_POST,  path,          access_of(command->who), limit,
            type_json, command->what, web_command_run,         (enum query_name)0,
            command,
        };
    }
    return true;
}

enum fault_code web_routes_open(const struct store *store, struct web_routes **ret_routes,
                                struct fault *fault)
{
    size_t most = OWN_COUNT + 2 * (size_t)query_row_count() + store_command_count(store);
    struct web_routes *routes = memory_allocate(sizeof *routes + most * sizeof routes->row[0]);
    if (routes == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    memcpy(routes->row, own_routes, sizeof own_routes);
    routes->count = OWN_COUNT;
    if (!add_queries(routes) || !add_commands(routes, store)) {
        web_routes_close(routes);
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    }
    assert(routes->count <= most);
    *ret_routes = routes;
    return FAULT_NONE;
}

void web_routes_close(struct web_routes *routes)
{
    if (routes == NULL)
        return;
    arena_reset(&routes->arena);
    memory_free(routes);
}

size_t web_routes_count(const struct web_routes *routes)
{
    return routes->count;
}

const struct web_route *web_routes_at(const struct web_routes *routes, size_t index)
{
    assert(index < routes->count);
    return &routes->row[index];
}

// One brace of a pattern takes the segment up to what stands behind the brace in the pattern.
static bool capture_segment(const char **pattern, struct span *rest, struct web_request *request)
{
    const char *close = strchr(*pattern, '}');
    assert(close != NULL && request->capture_count < WEB_CAPTURES);
    const char *behind = close + 1;
    size_t suffix = strcspn(behind, "/{");
    const char *slash = memchr(rest->data, '/', rest->size);
    size_t segment = slash == NULL ? rest->size : (size_t)(slash - rest->data);
    if (segment <= suffix)
        return false;
    size_t taken = segment - suffix;
    request->capture[request->capture_count].name =
        (struct span){*pattern + 1, (size_t)(close - *pattern) - 1};
    request->capture[request->capture_count].text = (struct span){rest->data, taken};
    request->capture_count++;
    *rest = (struct span){rest->data + taken, rest->size - taken};
    *pattern = behind;
    return true;
}

static bool match_path(const char *pattern, struct web_request *request)
{
    struct span rest = request->path;
    request->capture_count = 0;
    while (*pattern != '\0') {
        if (*pattern == '{') {
            if (!capture_segment(&pattern, &rest, request))
                return false;
            continue;
        }
        if (rest.size == 0 || rest.data[0] != *pattern)
            return false;
        rest = (struct span){rest.data + 1, rest.size - 1};
        pattern++;
    }
    return rest.size == 0;
}

static bool has_brace(const char *pattern)
{
    return strchr(pattern, '{') != NULL;
}

const struct web_route *web_routes_find(const struct web_routes *routes, enum web_method method,
                                        struct web_request *request, unsigned *ret_allowed)
{
    *ret_allowed = 0;
    if (!span_starts(request->path, "/api/") && !span_is(request->path, "/api")) {
        *ret_allowed = 1U << WEB_GET;
        request->capture_count = 0;
        return method == WEB_GET ? &page_route : NULL;
    }
    // A path written out goes before one with braces: /import/preview before /import/{import}.
    const struct web_route *found = NULL;
    for (size_t i = 0; i < routes->count; i++) {
        const struct web_route *row = &routes->row[i];
        if (!match_path(row->path, request))
            continue;
        bool is_better = found == NULL || (has_brace(found->path) && !has_brace(row->path));
        *ret_allowed |= 1U << row->method;
        if (row->method == method && is_better)
            found = row;
    }
    if (found != NULL)
        (void)match_path(found->path, request);
    return found;
}
