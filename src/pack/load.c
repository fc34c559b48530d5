// SPDX-License-Identifier: GPL-3.0-or-later
//
// load.c: from a file or a folder to packs, and from mistakes to a fault.
//
// The one road in: text -> sandbox -> lines -> persons -> fields -> cross checks, all noting into
// one report, which is sorted by line at the end. pack_load makes one fault of it; pack_check gives
// it as it is.
//
// Packs of a folder are read in the order of their names, so that messages and ids come out the
// same everywhere.
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "pack/pack_priv.h"

extern const struct embed_file pack_files[]; // made from packs/*.lua

static int compare_mistakes(const void *a, const void *b)
{
    const struct pack_mistake *left = a;
    const struct pack_mistake *right = b;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    int order = strcmp(text_name(left->key), text_name(right->key));
    return order != 0 ? order : strcmp(left->argument[0].string, right->argument[0].string);
}

enum fault_code pack_check(const char *file, struct span source, struct arena *arena,
                           struct pack_report *report, const struct pack **ret_pack,
                           struct fault *fault)
{
    assert(file != NULL && report != NULL);
    struct pack_reader reader = {.arena = arena, .report = report};
    struct pack_entry root = {.line = 1};
    report->count = 0;
    report->dropped = 0;
    *ret_pack = NULL;
    reader.pack = pack_take(&reader, sizeof *reader.pack);
    char *name = span_to_string(span_from(file), arena);
    if (reader.pack == NULL || name == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    reader.pack->file = name;
    reader.pack->from_day = INT32_MIN;
    reader.pack->until_day = INT32_MAX;
    if (pack_run(&reader, source, &root)) {
        pack_find_lines(&reader, source, &root);
        pack_refuse_persons(&reader, &root);
        pack_read_root(&reader, &root);
    }
    if (reader.is_full)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    qsort(report->mistake, report->count, sizeof report->mistake[0], compare_mistakes);
    if (report->count == 0)
        *ret_pack = reader.pack;
    return FAULT_NONE;
}

enum fault_code pack_load(const char *file, struct span source, struct arena *arena,
                          const struct pack **ret_pack, struct fault *fault)
{
    const struct pack *pack = NULL;
    struct pack_report *report = arena_allocate(arena, sizeof *report);
    if (report == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    enum fault_code code = pack_check(file, source, arena, report, &pack, fault);
    if (code != FAULT_NONE)
        return code;
    if (pack == NULL)
        return fault_set(fault, FAULT_INVALID, TEXT_PACK_MISTAKEN, text_string(file),
                         text_integer((int64_t)(report->count + report->dropped)),
                         text_integer(report->mistake[0].line));
    *ret_pack = pack;
    return FAULT_NONE;
}

enum fault_code pack_read_file(const char *path, struct arena *arena, struct span *ret_source,
                               struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    FILE *file = fopen(path, "rbe");
    // One byte more than the limit tells a file that is too large from one that just fits.
    char *data = arena_allocate(arena, LIMIT_PACK_SIZE + 1);
    size_t size = 0;
    if (file == NULL) {
        code =
            fault_set(fault, errno == ENOENT ? FAULT_MISSING : FAULT_IO, TEXT_BASE_FILE_UNREADABLE,
                      text_string(path), text_string(strerror(errno)));
        goto out;
    }
    if (data == NULL) {
        code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
        goto out;
    }
    size = fread(data, 1, LIMIT_PACK_SIZE + 1, file);
    if (ferror(file) != 0)
        code = fault_set(fault, FAULT_IO, TEXT_BASE_FILE_UNREADABLE, text_string(path),
                         text_string(strerror(errno)));
    else if (size > LIMIT_PACK_SIZE)
        code = fault_set(fault, FAULT_FULL, TEXT_PACK_FILE_BIG, text_string(path),
                         text_integer(LIMIT_PACK_SIZE >> 10));
    else
        *ret_source = (struct span){data, size};
out:
    if (file != NULL)
        fclose(file);
    return code;
}

static bool is_pack_file(const char *name)
{
    size_t size = strlen(name);
    return name[0] != '.' && size > 4 && strcmp(name + size - 4, ".lua") == 0;
}

// The pack files of a folder, sorted by name.
static enum fault_code list_files(const char *folder, struct arena *arena,
                                  const char *names[LIMIT_PACKS], size_t *ret_count,
                                  struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    DIR *opened = opendir(folder);
    size_t count = 0;
    if (opened == NULL) {
        code =
            fault_set(fault, errno == ENOENT ? FAULT_MISSING : FAULT_IO, TEXT_BASE_FILE_UNREADABLE,
                      text_string(folder), text_string(strerror(errno)));
        goto out;
    }
    for (struct dirent *entry = readdir(opened); entry != NULL; entry = readdir(opened)) {
        if (!is_pack_file(entry->d_name))
            continue;
        if (count == LIMIT_PACKS) {
            code = fault_set(fault, FAULT_FULL, TEXT_PACK_FOLDER_FULL, text_string(folder),
                             text_integer(LIMIT_PACKS));
            goto out;
        }
        const char *name = arena_print(arena, "%s", entry->d_name);
        if (name == NULL) {
            code = fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
            goto out;
        }
        size_t at = count++;
        for (; at > 0 && strcmp(names[at - 1], name) > 0; at--)
            names[at] = names[at - 1];
        names[at] = name;
    }
    *ret_count = count;
out:
    if (opened != NULL)
        closedir(opened);
    return code;
}

// Two packs of one name, or with one code between them.
static enum fault_code refuse_collision(const struct pack *pack, const struct pack_set *set,
                                        struct fault *fault)
{
    const struct pack *other = pack_set_find(set, pack->name);
    if (other != NULL)
        return fault_set(fault, FAULT_INVALID, TEXT_PACK_COLLIDES, text_string(pack->file),
                         text_string(other->file), text_string(pack->name));
    for (size_t i = 0; i < pack->indicator_count; i++)
        if (pack_set_find_indicator(set, pack->indicators[i].code, &other) != NULL)
            return fault_set(fault, FAULT_INVALID, TEXT_PACK_COLLIDES, text_string(pack->file),
                             text_string(other->file), text_string(pack->indicators[i].code));
    return FAULT_NONE;
}

static enum fault_code load_file(const char *folder, const char *name, struct arena *arena,
                                 const struct pack **ret_pack, struct fault *fault)
{
    struct span source = {NULL, 0};
    const char *path = arena_print(arena, "%s/%s", folder, name);
    if (path == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    enum fault_code code = pack_read_file(path, arena, &source, fault);
    return code != FAULT_NONE ? code : pack_load(path, source, arena, ret_pack, fault);
}

// Adds a pack to the set, whose list has LIMIT_PACKS places.
static enum fault_code add_pack(const struct pack *pack, const struct pack **packs,
                                struct pack_set *set, struct fault *fault)
{
    enum fault_code code = refuse_collision(pack, set, fault);
    assert(set->packs == packs && set->count < LIMIT_PACKS);
    if (code == FAULT_NONE)
        packs[set->count++] = pack;
    return code;
}

enum fault_code pack_load_shipped(struct arena *arena, struct pack_set *ret_set,
                                  struct fault *fault)
{
    enum fault_code code = FAULT_NONE;
    const struct pack **packs = arena_allocate(arena, LIMIT_PACKS * sizeof(struct pack *));
    struct pack_set set = {packs, 0};
    if (packs == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    for (const struct embed_file *file = pack_files; file->name != NULL && code == FAULT_NONE;
         file++) {
        const struct pack *pack = NULL;
        code = pack_load(file->name, file->bytes, arena, &pack, fault);
        if (code == FAULT_NONE)
            code = add_pack(pack, packs, &set, fault);
    }
    if (code == FAULT_NONE)
        *ret_set = set;
    return code;
}

enum fault_code pack_load_folder(const char *folder, struct arena *arena, struct pack_set *ret_set,
                                 struct fault *fault)
{
    const char *names[LIMIT_PACKS];
    size_t count = 0;
    const struct pack **packs = arena_allocate(arena, LIMIT_PACKS * sizeof(struct pack *));
    struct pack_set set = {packs, 0};
    if (packs == NULL)
        return fault_set(fault, FAULT_FULL, TEXT_BASE_MEMORY_FULL);
    enum fault_code code = list_files(folder, arena, names, &count, fault);
    for (size_t i = 0; i < count && code == FAULT_NONE; i++) {
        const struct pack *pack = NULL;
        code = load_file(folder, names[i], arena, &pack, fault);
        if (code == FAULT_NONE)
            code = add_pack(pack, packs, &set, fault);
    }
    if (code == FAULT_NONE)
        *ret_set = set;
    return code;
}
