// SPDX-License-Identifier: GPL-3.0-or-later
//
// page.c: the files of the page, which are part of the program.
//
// tools/embed_page puts what the page's build made (ui/dist) into the program, each file also as
// gzip; where nothing was built, src/web/page stands in: one small page that says how to build it.
// There is no file system behind a path, so there is nothing to traverse: a path is a name in a
// table.
//
//     /assets/NAME-HASH.js    from the table, immutable for a year
//     /notices/21-12          no such name: the page itself, which shows that address
//     /assets/unknown.js      404: an address of the page has no dot in its last part
//
// The page's policy: scripts and fonts from here, nothing inline. Ant Design writes style elements
// at run time; so style-src has a nonce, 16 bytes of chance, new in each answer and put in place of
// the 22 letters that the page keeps for it. 'unsafe-inline' is not needed.
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"
#include "web/embedded.h"
#include "web/web_priv.h"

enum { NONCE_LETTERS = 22, NONCE_BYTES = 16 };
static const char nonce_mark[] = "LEVEE_NONCE_22_LETTERS";
static_assert(sizeof nonce_mark - 1 == NONCE_LETTERS, "the nonce is put in place");

static void add_policy(struct web_request *request, const char *nonce)
{
    char policy[512];
    snprintf(policy, sizeof policy,
             "default-src 'none'; script-src 'self'; style-src 'self'%s%s%s; img-src 'self'; "
             "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
             "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
             "require-trusted-types-for 'script'",
             nonce[0] == '\0' ? "" : " 'nonce-", nonce, nonce[0] == '\0' ? "" : "'");
    web_answer_header(request, "Content-Security-Policy", policy);
}

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

static const struct embedded_file *find_file(struct span name)
{
    int low = 0, high = embedded_file_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        const char *at = embedded_files[middle].name;
        int order = strncmp(at, name.data, name.size);
        if (order == 0 && at[name.size] == '\0')
            return &embedded_files[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool write_nonce(char nonce[NONCE_LETTERS + 1])
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char bytes[NONCE_BYTES + 2] = {0};
    if (getrandom(bytes, NONCE_BYTES, 0) != NONCE_BYTES)
        return false;
    for (int i = 0; i < NONCE_LETTERS; i++) {
        int bit = i * 6;
        unsigned two = (unsigned)bytes[bit / 8] << 8 | bytes[bit / 8 + 1];
        nonce[i] = letters[two >> (10 - bit % 8) & 63];
    }
    nonce[NONCE_LETTERS] = '\0';
    return true;
}

// The page itself, with a nonce of its own.
static void answer_index(struct web_request *request)
{
    const struct embedded_file *file = find_file(span_from("index.html"));
    char nonce[NONCE_LETTERS + 1];
    assert(file != NULL);
    char *copy = arena_allocate(&request->arena, file->size + 1);
    if (copy == NULL || !write_nonce(nonce)) {
        web_refuse(request, 503, FAULT_BUSY, TEXT_WEB_BUSY);
        return;
    }
    memcpy(copy, file->bytes, file->size);
    char *place = strstr(copy, nonce_mark);
    if (place != NULL)
        memcpy(place, nonce, NONCE_LETTERS);
    web_answer_page(request, (struct span){copy, file->size});
    add_policy(request, place != NULL ? nonce : "");
}

static void answer_file(struct web_request *request, const struct embedded_file *file)
{
    bool is_gzip = request->accepts_gzip && file->gzip_size > 0;
    struct span bytes = {(const char *)file->bytes, file->size};
    if (is_gzip)
        bytes = (struct span){(const char *)file->gzip, file->gzip_size};
    request->response = web_response_of(request->server, type_of(file->name), bytes);
    request->status = 200;
    if (request->response == NULL) {
        web_refuse(request, 503, FAULT_BUSY, TEXT_WEB_BUSY);
        return;
    }
    bool is_hashed = strncmp(file->name, "assets/", strlen("assets/")) == 0;
    web_answer_header(request, "Cache-Control",
                      is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
    web_answer_header(request, "Vary", "Accept-Encoding");
    if (is_gzip)
        web_answer_header(request, "Content-Encoding", "gzip");
    add_policy(request, "");
}

// An address of the page: parts without dots, so that a missing file stays a missing file.
static bool is_page_address(struct span path)
{
    return memchr(path.data, '.', path.size) == NULL && memchr(path.data, '%', path.size) == NULL;
}

void web_page_run(struct web_request *request)
{
    struct span name = {request->path.data + 1, request->path.size - 1};
    const struct embedded_file *file = find_file(name);
    if (file != NULL && !span_is(name, "index.html"))
        answer_file(request, file);
    else if (file != NULL || is_page_address(request->path))
        answer_index(request);
    else
        web_answer_missing(request);
}
