// SPDX-License-Identifier: GPL-3.0-or-later
//
// found.c: fills a new replay store: who is where, who answers for what, what is watched.
//
// Everything comes from small tables that the program carries inside (demo/*.csv). Offices are made
// for the province, each city and each county of Lindi, one of each row of offices.csv, with one
// post; a duty row then says that this office answers in its division for its role in every field.
// There is no person in it: offices and posts only.
//
// Ids are known when a command has been answered, so that it goes in rounds: units, then posts,
// then duties and accounts.
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/time.h"
#include "demo/demo.h"
#include "demo/demo_priv.h"
#include "demo/figures.h"
#include "demo/sender.h"
#include "pack/pack.h"

enum { ROLES = 6, PLACES = 32, OFFICES = ROLES * PLACES + 1 };

// An office: its unit, its one post and the division in which it answers.
struct office {
    struct span division, role;
    int64_t place; // the id of the division
    char code[48];
    const char *unit_zh, *unit_en; // in the arena
    struct span post_zh, post_en;
    int64_t unit, post;
};

struct founding {
    struct store *store;
    struct demo_sender sender;
    struct arena arena;
    json_t *divisions; // rows of query replay_division
    struct office office[OFFICES];
    int count;
};

static json_t *text_of(struct span span)
{
    return json_stringn(span.data == NULL ? "" : span.data, span.size);
}

static const char *name_of(struct founding *founding, struct span place, const char *between,
                           struct span role)
{
    return arena_print(&founding->arena, "%.*s%s%.*s", (int)place.size, place.data, between,
                       (int)role.size, role.data);
}

static void add_office(struct founding *founding, const struct span *place, const struct span *role)
{
    assert(founding->count < OFFICES);
    struct office *office = &founding->office[founding->count++];
    *office = (struct office){.division = place[0],
                              .role = role[0],
                              .place = demo_find_id(founding->divisions, "code", place[0])};
    snprintf(office->code, sizeof office->code, "%.*s-%.*s", (int)place[0].size, place[0].data,
             (int)role[0].size, role[0].data);
    office->unit_zh = name_of(founding, place[3], "", role[1]);
    office->unit_en = name_of(founding, place[4], " ", role[2]);
    office->post_zh = role[3];
    office->post_en = role[4];
}

// Which divisions have offices: province, cities, and the counties of the fictional city.
static bool has_offices(const struct span *division)
{
    return span_is(division[2], "1") || span_is(division[2], "2") ||
           (span_is(division[2], "3") && span_is(division[5], "1"));
}

static void plan_offices(struct founding *founding)
{
    struct span divisions = demo_file("divisions.csv"), place[6], role[5];
    (void)span_cut(&divisions, '\n');
    while (demo_read_cells(&divisions, place, 6) == 6) {
        if (!has_offices(place))
            continue;
        struct span roles = demo_file("offices.csv");
        (void)span_cut(&roles, '\n');
        while (demo_read_cells(&roles, role, 5) == 5)
            add_office(founding, place, role);
        if (span_is(place[2], "1")) {
            struct span feed = demo_file("feed_keeper.csv");
            (void)span_cut(&feed, '\n');
            if (demo_read_cells(&feed, role, 5) == 5)
                add_office(founding, place, role);
        }
    }
}

static enum fault_code send_units(struct founding *founding, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (int i = 0; i < founding->count && code == FAULT_NONE; i++) {
        struct office *office = &founding->office[i];
        json_t *body = json_pack("{s:s, s:I, s:s, s:s}", "code", office->code, "division",
                                 (json_int_t)office->place, "name_zh", office->unit_zh, "name_en",
                                 office->unit_en);
        code = demo_sender_send(&founding->sender, "unit.add", body, &office->unit, fault);
    }
    return code != FAULT_NONE ? code : demo_sender_wait(&founding->sender, fault);
}

static enum fault_code send_posts(struct founding *founding, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (int i = 0; i < founding->count && code == FAULT_NONE; i++) {
        struct office *office = &founding->office[i];
        json_t *body =
            json_pack("{s:I, s:s, s:o, s:o}", "unit", (json_int_t)office->unit, "code", "duty",
                      "name_zh", text_of(office->post_zh), "name_en", text_of(office->post_en));
        code = demo_sender_send(&founding->sender, "post.add", body, &office->post, fault);
    }
    return code != FAULT_NONE ? code : demo_sender_wait(&founding->sender, fault);
}

static enum fault_code send_duties(struct founding *founding, struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    for (int i = 0; i < founding->count && code == FAULT_NONE; i++) {
        struct office *office = &founding->office[i];
        json_t *body =
            json_pack("{s:s, s:o, s:I, s:I, s:I}", "field", "*", "role", text_of(office->role),
                      "division", (json_int_t)office->place, "unit", (json_int_t)office->unit,
                      "post", (json_int_t)office->post);
        code = demo_sender_send(&founding->sender, "duty.assign", body, NULL, fault);
    }
    return code;
}

static const struct office *find_office(const struct founding *founding, struct span code)
{
    for (int i = 0; i < founding->count; i++)
        if (span_is(code, founding->office[i].code))
            return &founding->office[i];
    return NULL;
}

static enum fault_code send_accounts(struct founding *founding, struct fault *fault)
{
    struct span rest = demo_file("accounts.csv"), cell[6];
    enum fault_code code = FAULT_NONE;
    (void)span_cut(&rest, '\n');
    while (code == FAULT_NONE && demo_read_cells(&rest, cell, 6) == 6) {
        const struct office *office = find_office(founding, cell[3]);
        json_t *body = json_pack("{s:o, s:o, s:o}", "name", text_of(cell[0]), "role",
                                 text_of(cell[1]), "division", text_of(cell[2]));
        if (office != NULL)
            json_object_set_new(body, "post", json_integer((json_int_t)office->post));
        code = demo_sender_send(&founding->sender, "account.add", body, NULL, fault);
    }
    return code;
}

static enum fault_code found_offices(struct founding *founding, struct fault *fault)
{
    plan_offices(founding);
    enum fault_code code = send_units(founding, fault);
    if (code == FAULT_NONE)
        code = send_posts(founding, fault);
    if (code == FAULT_NONE)
        code = send_duties(founding, fault);
    if (code == FAULT_NONE)
        code = send_accounts(founding, fault);
    return code != FAULT_NONE ? code : demo_sender_wait(&founding->sender, fault);
}

// The tree: rows of divisions.csv as the command wants them.
static enum fault_code load_divisions(struct store *store, struct fault *fault)
{
    static const struct span nothing;
    struct span rest = demo_file("divisions.csv"), cell[6];
    json_t *rows = json_array();
    (void)span_cut(&rest, '\n');
    while (demo_read_cells(&rest, cell, 6) == 6)
        json_array_append_new(rows,
                              json_pack("{s:o, s:o, s:i, s:o, s:o, s:b}", "code", text_of(cell[0]),
                                        "parent", text_of(cell[1]), "level", cell[2].data[0] - '0',
                                        "name_zh", text_of(cell[3]), "name_en", text_of(cell[4]),
                                        "is_fictional", span_is(cell[5], "1")));
    return demo_send(store, "divisions.load", 0, json_pack("{s:o}", "rows", rows), nothing, fault);
}

static enum fault_code found_all(struct founding *founding, const struct pack_set *packs,
                                 int64_t seed, struct fault *fault)
{
    static const struct span nothing;
    enum fault_code code = load_divisions(founding->store, fault);
    if (code == FAULT_NONE)
        code = demo_ask(founding->store, QUERY_REPLAY_DIVISION, NULL, &founding->divisions, fault);
    if (code == FAULT_NONE)
        code = found_offices(founding, fault);
    if (code == FAULT_NONE)
        code = demo_declare(founding->store, packs, founding->divisions, fault);
    if (code == FAULT_NONE)
        code = demo_send(founding->store, "replay.found", 0,
                         json_pack("{s:I}", "seed", (json_int_t)seed), nothing, fault);
    return code;
}

enum fault_code demo_found(struct store *store, const struct pack_set *packs, int64_t seed,
                           struct fault *fault)
{
    struct founding *founding = memory_allocate(sizeof *founding);
    if (founding == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL, {0});
    founding->store = store;
    demo_sender_open(&founding->sender, store);
    enum fault_code code = found_all(founding, packs, seed, fault);
    demo_sender_close(&founding->sender);
    json_decref(founding->divisions);
    arena_reset(&founding->arena);
    memory_free(founding);
    return code;
}

int demo_accounts(struct demo_account ret_accounts[DEMO_ACCOUNTS])
{
    struct span rest = demo_file("accounts.csv"), cell[6];
    int count = 0;
    (void)span_cut(&rest, '\n');
    while (count < DEMO_ACCOUNTS && demo_read_cells(&rest, cell, 6) == 6)
        ret_accounts[count++] = (struct demo_account){
            .name = cell[0], .words = {[TEXT_CHINESE] = cell[4], [TEXT_ENGLISH] = cell[5]}};
    return count;
}
