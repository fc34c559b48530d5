// SPDX-License-Identifier: GPL-3.0-or-later
//
// divisions_test.c: a tree of any size lands in parts: whole or not at all, ids kept, replayed
// alike.
#include <stdio.h>
#include <string.h>

#include "store/store_fixture.h"
#include "unit.h"

enum { WIDTHS = 4 };

static void add(json_t *tree, const char *code, const char *parent, int level, const char *name)
{
    json_array_append_new(tree,
                          json_pack("{s:s, s:s, s:i, s:s, s:s}", "code", code, "parent", parent,
                                    "level", level, "name_zh", name, "name_en", name));
}

// Children of `parent` down to the last width, parents first. Codes are 2, 2a, 2ab, ...
static void add_below(json_t *tree, const char *parent, const int widths[WIDTHS], int depth)
{
    char code[16];
    for (int i = 0; depth < WIDTHS && i < widths[depth]; i++) {
        snprintf(code, sizeof code, "%s%c%c", parent, 'a' + i / 26, 'a' + i % 26);
        add(tree, code, parent, depth + 1, code);
        add_below(tree, code, widths, depth + 1);
    }
}

static json_t *make_tree(const int widths[WIDTHS])
{
    json_t *tree = json_array();
    add(tree, "2", "", 0, "root");
    add_below(tree, "2", widths, 0);
    return tree;
}

static json_t *ask(struct store *store, int64_t as_of)
{
    struct store_actor system = store_system_actor();
    struct store_reader *reader = NULL;
    struct fault fault = {0};
    json_t *rows = NULL;
    CHECK_EQUAL(store_reader_open(store, &system, as_of, &reader, &fault), FAULT_NONE);
    reader->deadline_ms = 0; // 50,000 rows, and the machine may have other things to do.
    CHECK_EQUAL(store_reader_query(reader, QUERY_DIVISIONS_IN_SCOPE, NULL, &rows, &fault),
                FAULT_NONE);
    store_reader_close(reader);
    return rows;
}

static int count_divisions(struct store *store, int64_t as_of)
{
    json_t *rows = ask(store, as_of);
    int count = (int)json_array_size(rows);
    json_decref(rows);
    return count;
}

static json_t *find(struct store *store, const char *code)
{
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    json_t *rows = NULL, *parameters = json_pack("{s:s}", "code", code);
    CHECK_EQUAL(store_query(store, QUERY_DIVISION_BY_CODE, &system, 0, parameters, &rows, &fault),
                FAULT_NONE);
    json_t *row = json_incref(json_array_get(rows, 0));
    json_decref(parameters);
    json_decref(rows);
    return row;
}

static int64_t field(struct store *store, const char *code, const char *name)
{
    json_t *row = find(store, code);
    int64_t value = json_integer_or(row, name, -1);
    json_decref(row);
    return value;
}

static int load(struct store *store, json_t *tree)
{
    return fixture_run(store, "divisions.load", json_pack("{s:o}", "rows", tree));
}

static json_t *make_part(int64_t tree, int64_t base, int part, int parts)
{
    char code[16];
    snprintf(code, sizeof code, "9%d", part);
    json_t *row = json_pack("{s:i, s:s, s:i, s:i, s:i, s:i, s:s, s:s, s:i}", "id", 900 + part,
                            "code", code, "parent", 0, "level", 0, "low", part, "high", part,
                            "name_zh", "x", "name_en", "x", "is_fictional", 0);
    return json_pack("{s:I, s:I, s:i, s:i, s:i, s:[o]}", "tree", (json_int_t)tree, "base",
                     (json_int_t)base, "id_max", 999, "part", part, "parts", parts, "rows", row);
}

static int land_part(struct store *store, int64_t tree, int64_t base, int part, int parts)
{
    return fixture_run(store, "divisions.land", make_part(tree, base, part, parts));
}

static int64_t standing_tree(struct store *store)
{
    struct store_reader *reader = NULL;
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    int64_t tree = 0;
    CHECK_EQUAL(store_reader_open(store, &system, 0, &reader, &fault), FAULT_NONE);
    CHECK_EQUAL(database_read_integer(&reader->database, STATE_SQL_READ_TREE, 0, &tree, &fault),
                FAULT_NONE);
    store_reader_close(reader);
    return tree;
}

static int64_t open_tree(struct store *store)
{
    struct store_reader *reader = NULL;
    struct store_actor system = store_system_actor();
    struct fault fault = {0};
    int64_t tree = 0;
    CHECK_EQUAL(store_reader_open(store, &system, 0, &reader, &fault), FAULT_NONE);
    CHECK_EQUAL(
        database_read_integer(&reader->database, STATE_SQL_READ_INCOMPLETE_TREE, 0, &tree, &fault),
        FAULT_NONE);
    store_reader_close(reader);
    return tree;
}

void test_a_tree_of_fifty_thousand_divisions_lands(void)
{
    // 1 + 15 + 15 x 10 + 15 x 10 x 13 + 15 x 10 x 13 x 25.
    static const int widths[WIDTHS] = {15, 10, 13, 25};
    struct store *store = fixture_open(STORE_REPLAY);
    json_t *tree = make_tree(widths);
    int count = (int)json_array_size(tree);
    CHECK_EQUAL(count, 50866);
    CHECK_EQUAL(load(store, json_incref(tree)), 0);
    printf("# %d divisions in parts of %d, longest hold %lld ms\n", count, LIMIT_DIVISION_PART_ROWS,
           (long long)store->writer->longest_hold_ms);
    CHECK_EQUAL(count_divisions(store, 0), count);
    CHECK_EQUAL(field(store, "2", "low"), 0);
    CHECK_EQUAL(field(store, "2", "high"), count - 1);
    // A city of 1 + 10 + 130 + 3,250; the last village of the last one is the last of all.
    CHECK_EQUAL(field(store, "2ab", "low"), 1 + 3391);
    CHECK_EQUAL(field(store, "2ab", "high"), 2 * 3391);
    CHECK_EQUAL(field(store, "2aoajamay", "low"), count - 1);
    CHECK_EQUAL(field(store, "2aoajamay", "high"), count - 1);
    CHECK_EQUAL(field(store, "2aoajamay", "parent"), field(store, "2aoajam", "id"));
    json_decref(tree);
    fixture_close(store);
}

void test_divisions_keep_their_ids_from_tree_to_tree(void)
{
    static const int wide[WIDTHS] = {4, 20, 12, 0}, narrow[WIDTHS] = {4, 20, 5, 0};
    struct store *store = fixture_open(STORE_REPLAY);
    int64_t before = store_business_time(store);
    CHECK_EQUAL(load(store, make_tree(wide)), 0);
    int wide_count = count_divisions(store, 0);
    int64_t kept = field(store, "2adatae", "id"), root = field(store, "2", "id");
    CHECK_EQUAL(root, 2); // 1 was that of the founding.
    CHECK(kept > LIMIT_DIVISION_PART_ROWS);
    CHECK_EQUAL(fixture_run(store, "time.advance", json_pack("{s:I}", "time", before + TIME_DAY)),
                0);
    CHECK_EQUAL(load(store, make_tree(narrow)), 0);
    CHECK_EQUAL(field(store, "2adatae", "id"), kept);
    CHECK_EQUAL(field(store, "2adatal", "id"), -1); // No longer there.
    CHECK(count_divisions(store, 0) < wide_count);
    // What came to an end gives its id to nobody.
    json_t *tree = make_tree(narrow);
    add(tree, "2zz", "2", 1, "new");
    CHECK_EQUAL(load(store, tree), 0);
    CHECK_EQUAL(field(store, "2zz", "id"), wide_count + 2);
    CHECK_EQUAL(field(store, "2adatae", "id"), kept);
    fixture_close(store);
}

void test_a_tree_is_seen_whole_or_not_at_all(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    fixture_load_cities(store);
    int64_t base = standing_tree(store);
    CHECK_EQUAL(land_part(store, 0, base, 1, 3), 0);
    int64_t tree = open_tree(store);
    CHECK_EQUAL(land_part(store, tree, base, 2, 3), 0);
    CHECK_EQUAL(count_divisions(store, 0), 5);
    CHECK_EQUAL(field(store, "91", "id"), -1);
    CHECK_EQUAL(standing_tree(store), base);
    // Not twice, not out of turn, not without end.
    CHECK_EQUAL(land_part(store, tree, base, 2, 3), TEXT_STORE_PART_MALFORMED);
    CHECK_EQUAL(land_part(store, tree, base, 4, 3), TEXT_STORE_PART_MALFORMED);
    CHECK_EQUAL(land_part(store, tree, base, 3, 3), 0);
    CHECK_EQUAL(count_divisions(store, 0), 3);
    CHECK_EQUAL(standing_tree(store), tree);
    CHECK_EQUAL(land_part(store, tree, base, 4, 4), TEXT_STORE_PART_MALFORMED);
    CHECK_EQUAL(fixture_run(store, "divisions.drop", json_pack("{s:I}", "tree", tree)),
                TEXT_STORE_BATCH_CLOSED);
    fixture_close(store);
}

void test_a_tree_lands_on_the_one_that_it_was_checked_against(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    fixture_load_cities(store);
    int64_t base = standing_tree(store);
    CHECK_EQUAL(land_part(store, 0, base, 1, 2), 0);
    int64_t tree = open_tree(store);
    fixture_load_cities(store);
    CHECK_EQUAL(land_part(store, tree, base, 2, 2), TEXT_STORE_DIVISIONS_CHANGED);
    CHECK_EQUAL(land_part(store, 0, base, 1, 2), TEXT_STORE_DIVISIONS_CHANGED);
    CHECK_EQUAL(count_divisions(store, 0), 5);
    fixture_close(store);
}

// On the writer thread: after the third part of a load another tree comes in, whole.
struct intruder {
    struct store *store;
    int64_t base;
    int groups;
};

static void come_between(void *context, int64_t sequence)
{
    struct intruder *intruder = context;
    struct fault fault = {0};
    (void)sequence;
    if (++intruder->groups != 3)
        return;
    json_t *body = make_part(0, intruder->base, 1, 1);
    CHECK_EQUAL(writer_run_now(intruder->store, "divisions.land", body, NULL, &fault), FAULT_NONE);
    json_decref(body);
}

void test_a_tree_that_never_ended_is_cleared_away(void)
{
    static const int widths[WIDTHS] = {10, 12, 12, 0};
    struct store *store = fixture_open(STORE_REPLAY);
    struct fault fault = {0};
    fixture_load_cities(store);
    struct intruder intruder = {store, standing_tree(store), 0};
    struct command_request request = {.name = "divisions.load",
                                      .body = json_pack("{s:o}", "rows", make_tree(widths)),
                                      .actor = store_system_actor(),
                                      .id = {7}};
    store->options.changed_context = &intruder;
    store->options.changed = come_between;
    CHECK_EQUAL(store_run_command(store, &request, NULL, &fault), FAULT_BUSY);
    CHECK_EQUAL(fault.key, TEXT_STORE_DIVISIONS_CHANGED);
    store->options.changed = NULL;
    CHECK_EQUAL(open_tree(store), 0);
    CHECK_EQUAL(count_divisions(store, 0), 1);
    // The same in another life: the process has ended before it could clear away.
    CHECK_EQUAL(land_part(store, 0, standing_tree(store), 1, 2), 0);
    CHECK(open_tree(store) != 0);
    store_close(store);
    store = fixture_reopen();
    CHECK_EQUAL(open_tree(store), 0);
    CHECK_EQUAL(count_divisions(store, 0), 1);
    // Sent again under its id it acts; a second time it gives the first answer.
    json_t *first = NULL, *second = NULL;
    fault = (struct fault){0};
    CHECK_EQUAL(store_run_command(store, &request, &first, &fault), FAULT_NONE);
    CHECK_EQUAL(count_divisions(store, 0), 1 + 10 + 120 + 1440);
    int64_t sequence = store_sequence(store);
    CHECK_EQUAL(store_run_command(store, &request, &second, &fault), FAULT_NONE);
    CHECK_EQUAL(store_sequence(store), sequence);
    CHECK(json_equal(first, second));
    json_decref(first);
    json_decref(second);
    json_decref(request.body);
    fixture_close(store);
}

void test_a_tree_is_checked_before_anything_is_written(void)
{
    static const int widths[WIDTHS] = {4, 20, 12, 0};
    static const struct {
        const char *code, *parent, *name;
        int level;
    } bad[] = {
        {"2aa", "2", "twice", 1}, {"2zz", "nobody", "no parent", 1}, {"2zz", "", "another root", 1},
        {"", "2", "no code", 1},  {"2zzzzzzzzzzzz", "2", "long", 1}, {"2zz", "2", "level", 7},

    };
    char name[202];
    struct store *store = fixture_open(STORE_REPLAY);
    int64_t before = store_sequence(store);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *tree = make_tree(widths);
        add(tree, bad[i].code, bad[i].parent, bad[i].level, bad[i].name);
        CHECK_EQUAL(load(store, tree), TEXT_STORE_DIVISION_ROW);
    }
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    json_t *tree = make_tree(widths);
    add(tree, "2zz", "2", 1, name);
    CHECK_EQUAL(load(store, tree), TEXT_STORE_DIVISION_ROW);
    CHECK_EQUAL(load(store, json_array()), TEXT_STORE_DIVISION_ROW);
    CHECK_EQUAL(store_sequence(store), before);
    fixture_close(store);
}
