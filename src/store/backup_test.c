// SPDX-License-Identifier: GPL-3.0-or-later
//
// backup_test.c: a backup restores to the same state; a damaged, mixed or foreign one is refused.
#include "store/backup.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_fixture.h"
#include "unit.h"

static const char passphrase[] = "correct horse battery staple";

static const char *path_of(const char *name)
{
    static char path[4][256];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", unit_folder(), name);
    return path[next];
}

static enum fault_code restore(const char *words, enum text_key *ret_key)
{
    struct fault fault = {0};
    enum fault_code code =
        backup_read(path_of("backup"), path_of("restored"), span_from(words), NULL, &fault);
    *ret_key = fault.key;
    return code;
}

static void make_backup(void)
{
    struct store *store = fixture_open(STORE_REPLAY);
    struct fault fault = {0};
    fixture_load_cities(store);
    store_close(store);
    CHECK_EQUAL(
        backup_write(fixture_folder(), path_of("backup"), span_from(passphrase), NULL, &fault),
        FAULT_NONE);
}

void test_backup_restores_the_same_state(void)
{
    char before[65] = "", after[65] = "";
    enum text_key key = 0;
    struct fault fault = {0};
    make_backup();
    struct store *store = fixture_reopen();
    CHECK_EQUAL(store_digest(store, before, &fault), FAULT_NONE);
    int64_t sequence = store_sequence(store);
    store_close(store);
    CHECK_EQUAL(restore(passphrase, &key), FAULT_NONE);
    struct store_options options = {.folder = path_of("restored")};
    CHECK_EQUAL(store_open(&options, &store, &fault), FAULT_NONE);
    CHECK_EQUAL(store_ledger_id(store), 21001); // The next generation.
    CHECK_EQUAL(store_sequence(store), sequence + 1);
    CHECK_EQUAL(store_digest(store, after, &fault), FAULT_NONE);
    CHECK_TEXT(before, after);
    // An id of the old generation is not this ledger's.
    int64_t id = 0;
    CHECK(!store_read_id(store, span_from("21-1"), &id));
    CHECK(store_read_id(store, span_from("21.1-1"), &id));
    store_close(store);
    // It is not restored over something.
    CHECK_EQUAL(restore(passphrase, &key), FAULT_INVALID);
    CHECK_EQUAL(key, TEXT_STORE_FOLDER_NOT_EMPTY);
}

static void flip(long at)
{
    FILE *file = fopen(path_of("backup"), "r+");
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
}

// Where `text` stands in the backup, -1: nowhere.
static long find_in_backup(const char *text)
{
    static char bytes[1 << 20];
    FILE *file = fopen(path_of("backup"), "r");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    const char *at = memmem(bytes, size, text, strlen(text));
    return at == NULL ? -1 : at - bytes;
}

static int count_files(const char *folder)
{
    int count = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

void test_backup_that_was_changed_is_refused(void)
{
    enum text_key key = 0;
    struct stat status;
    make_backup();
    CHECK_EQUAL(restore("another passphrase, long enough", &key), FAULT_DENIED);
    long at = find_in_backup("Dalian");
    CHECK(at > 0);
    flip(at); // One bit of an entry.
    CHECK_EQUAL(restore(passphrase, &key), FAULT_CORRUPT);
    CHECK_EQUAL(count_files(path_of("restored")), 0);
    flip(at);
    stat(path_of("backup"), &status);
    flip(status.st_size - 100); // One bit of the vault.
    CHECK_EQUAL(restore(passphrase, &key), FAULT_DENIED);
    flip(status.st_size - 100);
    flip(3);
    CHECK_EQUAL(restore(passphrase, &key), FAULT_INVALID);
    CHECK_EQUAL(key, TEXT_STORE_BACKUP_NONE);
    flip(3);
    CHECK_EQUAL(truncate(path_of("backup"), status.st_size - 1), 0);
    CHECK_EQUAL(restore(passphrase, &key), FAULT_CORRUPT);
    CHECK_EQUAL(key, TEXT_STORE_BACKUP_CUT);
}
