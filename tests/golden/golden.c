// SPDX-License-Identifier: GPL-3.0-or-later
//
// golden.c: a ledger with an entry of every type and form, and the state that it must give.
//
// usage: golden_store FOLDER            TAP lines; FOLDER is tests/golden
//        golden_store --digest FOLDER   prints the digest alone
//
// FOLDER/entries.jsonl has an entry a line (tests/golden/make writes it), FOLDER/digest the digest
// of the state. Ids and times are fixed, so the digest is. A released apply file is never edited:
// when this fails after a change there, the change belongs into a new form. A changed schema is
// allowed to change the digest: run tests/golden/make, look at what else has changed, commit both.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/store_priv.h"

enum { LINE_SIZE = 65536, TIME = 1595372400 };

static int failure_count;

static bool say(bool is_good, const char *name, const char *remark)
{
    if (!is_good && remark[0] != '\0')
        printf("# %s\n", remark);
    printf("%sok - golden %s\n", is_good ? "" : "not ", name);
    failure_count += !is_good;
    return is_good;
}

static void stop(const struct fault *fault)
{
    char sentence[LIMIT_TEXT_SIZE];
    fault_write(fault, TEXT_ENGLISH, sentence, sizeof sentence);
    printf("# %s:%d: %s\nnot ok - golden ledger\n", fault->file, fault->line, sentence);
    exit(1);
}

static struct span read_payload(const json_t *entry, struct arena *arena)
{
    struct span hex = json_text_or(entry, "payload", "");
    char *bytes = arena_allocate(arena, hex.size / 2 + 1);
    for (size_t i = 0; i < hex.size / 2; i++) {
        char digits[3] = {hex.data[2 * i], hex.data[2 * i + 1], '\0'};
        bytes[i] = (char)strtol(digits, NULL, 16);
    }
    return (struct span){bytes, hex.size / 2};
}

static enum fault_code append(struct ledger *ledger, const char *line, int64_t number,
                              struct fault *fault)
{
    struct arena arena = {0};
    json_t *json = NULL;
    int64_t sequence = 0;
    enum fault_code code = json_read(span_from(line), &json, fault);
    if (code != FAULT_NONE)
        return code;
    struct ledger_entry entry = {.time = (TIME + number) * TIME_SECOND,
                                 .node = 21000,
                                 .actor = json_integer_or(json, "actor", 0),
                                 .division = json_integer_or(json, "division", 1),
                                 .type = json_text_or(json, "type", ""),
                                 .form = (int)json_integer_or(json, "form", 1),
                                 .part = (int)json_integer_or(json, "part", 1),
                                 .parts = (int)json_integer_or(json, "parts", 1),
                                 .body = json_write(json_object_get(json, "body"), &arena),
                                 .payload = read_payload(json, &arena)};
    entry.command_id[0] = 1;
    for (int i = 0; i < 8; i++)
        entry.command_id[COMMAND_ID_SIZE - 1 - i] = (unsigned char)(number >> (8 * i));
    code = ledger_append_entry(ledger, &entry, &sequence, fault);
    json_decref(json);
    arena_reset(&arena);
    return code;
}

static enum fault_code write_ledger(const char *folder, FILE *entries, struct fault *fault)
{
    static char line[LINE_SIZE];
    static const unsigned char identity[LEDGER_IDENTITY_SIZE] = {2};
    static const unsigned char key[LEDGER_KEY_SIZE] = {0};
    char path[LIMIT_PATH_SIZE + 16];
    struct ledger *ledger = NULL;
    int64_t number = 0;
    store_path(folder, "ledger.db", path);
    struct ledger_birth birth = {.path = path,
                                 .ledger_id = 21000,
                                 .identity = {1},
                                 .kind = "drill",
                                 .time = TIME * TIME_SECOND};
    struct ledger_options options = {.path = path, .is_writer = true};
    enum fault_code code = ledger_create(&birth, fault);
    if (code == FAULT_NONE)
        code = ledger_open(&options, &ledger, fault);
    if (code == FAULT_NONE)
        code = ledger_begin(ledger, fault);
    while (code == FAULT_NONE && fgets(line, sizeof line, entries) != NULL)
        code = append(ledger, line, ++number, fault);
    if (code == FAULT_NONE)
        code = ledger_commit(ledger, fault);
    if (code == FAULT_NONE)
        code = ledger_continue(ledger, "drill", (TIME + number + 1) * TIME_SECOND, identity, key,
                               fault);
    ledger_close(ledger);
    return code;
}

static enum fault_code mark(void *context, const struct ledger_entry *entry, struct fault *fault)
{
    (void)fault;
    bool *is_there = context;
    int count = 0;
    const struct apply_row *row = apply_find(entry->type, entry->form, &count);
    for (int i = 0; i < count; i++)
        is_there[row - sql_applies + i] = true;
    return FAULT_NONE;
}

// Every apply file has an entry here.
static void check_coverage(const char *folder)
{
    char path[LIMIT_PATH_SIZE + 16], missing[8192] = "";
    size_t size = 0;
    bool *is_there = calloc((size_t)sql_apply_count, sizeof *is_there);
    struct ledger *ledger = NULL;
    struct fault fault = {0};
    store_path(folder, "ledger.db", path);
    struct ledger_options options = {.path = path};
    if (ledger_open(&options, &ledger, &fault) != FAULT_NONE ||
        ledger_for_each(ledger, 0, INT64_MAX, mark, is_there, &fault) != FAULT_NONE)
        stop(&fault);
    ledger_close(ledger);
    for (int i = 0; i < sql_apply_count && size < sizeof missing; i++)
        if (!is_there[i])
            size +=
                (size_t)snprintf(missing + size, size < sizeof missing ? sizeof missing - size : 0,
                                 " %s", sql_applies[i].path);
    char remark[8400];
    snprintf(remark, sizeof remark, "no entry for%s: add it to tests/golden/make and run it",
             missing);
    say(missing[0] == '\0', "ledger has an entry of every type and form", remark);
    free(is_there);
}

static void read_digest(const char *folder, char digest[65])
{
    char path[LIMIT_PATH_SIZE + 16];
    store_path(folder, "digest", path);
    FILE *in = fopen(path, "r");
    if (in == NULL || fscanf(in, "%64s", digest) != 1)
        digest[0] = '\0';
    if (in != NULL)
        fclose(in);
}

int main(int argc, char **argv)
{
    bool is_bare = argc == 3 && strcmp(argv[1], "--digest") == 0;
    if (argc != 2 + is_bare) {
        fprintf(stderr, "usage: golden_store [--digest] FOLDER\n");
        return 64;
    }
    const char *golden = argv[argc - 1];
    char folder[] = "/tmp/levee-golden-XXXXXX", path[LIMIT_PATH_SIZE + 16];
    char before[65] = "", after[65] = "", wanted[65] = "", remark[200], command[64];
    struct fault fault = {0};
    store_path(golden, "entries.jsonl", path);
    FILE *entries = fopen(path, "r");
    if (entries == NULL || mkdtemp(folder) == NULL)
        return say(false, "ledger", "tests/golden/entries.jsonl cannot be read") ? 0 : 1;
    if (write_ledger(folder, entries, &fault) != FAULT_NONE ||
        store_rebuild(folder, before, after, &fault) != FAULT_NONE)
        stop(&fault);
    fclose(entries);
    if (is_bare) {
        printf("%s\n", after);
    } else {
        read_digest(golden, wanted);
        check_coverage(folder);
        say(strcmp(before, after) == 0, "state is the same each time", after);
        snprintf(remark, sizeof remark, "is %s, wanted %s", after, wanted);
        say(strcmp(after, wanted) == 0, "state has the known digest", remark);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command) != 0 || failure_count > 0;
}
