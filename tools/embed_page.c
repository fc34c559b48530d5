// SPDX-License-Identifier: GPL-3.0-or-later
//
// embed_page.c: makes the files of a folder part of the program.
//
// usage: embed_page TABLE.c BLOB FOLDER OTHER-FOLDER
//
// Takes FOLDER, or OTHER-FOLDER where FOLDER has no index.html. BLOB gets the bytes of all files,
// one after another, each followed by its gzip form (a sibling NAME.gz is taken when there is one,
// else it is made here; none where it does not pay). TABLE.c draws the blob in with .incbin, which
// is quick to compile, and lists the files (src/web/embedded.h) in strcmp order. Both outputs are
// left untouched when they would not change, so that nothing is built again for nothing.
//
// It is a build tool, beside tools/embed for single files: it exits at the first mistake and frees
// nothing.
#include <dirent.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { FILES = 1024, NAME_SIZE = 512, PATH_SIZE = 4096 };

struct bytes {
    unsigned char *data;
    size_t size;
};

struct file {
    char name[NAME_SIZE];
    size_t at, size, gzip_at, gzip_size;
};

static struct file files[FILES];
static int file_count;
static struct bytes blob;

__attribute__((format(printf, 1, 2), noreturn)) static void stop(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("embed_page: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    exit(1);
}

static void append(struct bytes *bytes, const void *data, size_t size)
{
    bytes->data = realloc(bytes->data, bytes->size + size + 1);
    if (bytes->data == NULL)
        stop("no memory");
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    bytes->data[bytes->size] = '\0';
}

__attribute__((format(printf, 2, 3))) static void print(struct bytes *bytes, const char *format,
                                                        ...)
{
    char line[2 * PATH_SIZE];
    va_list list;
    va_start(list, format);
    int size = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    append(bytes, line, (size_t)size);
}

static int read_file(const char *path, struct bytes *ret_bytes)
{
    struct bytes bytes = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    unsigned char part[65536];
    size_t size;
    append(&bytes, "", 0);
    while ((size = fread(part, 1, sizeof part, file)) > 0)
        append(&bytes, part, size);
    fclose(file);
    *ret_bytes = bytes;
    return 1;
}

static void write_file(const char *path, struct bytes bytes)
{
    struct bytes old = {NULL, 0};
    if (read_file(path, &old) && old.size == bytes.size &&
        memcmp(old.data, bytes.data, bytes.size) == 0)
        return;
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes.data, 1, bytes.size, file) != bytes.size || fclose(file) != 0)
        stop("%s cannot be written", path);
}

static void list_files(const char *folder, const char *prefix)
{
    DIR *stream = opendir(folder);
    struct dirent *entry;
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        char path[PATH_SIZE], name[NAME_SIZE];
        struct stat about;
        size_t size = strlen(entry->d_name);
        if (entry->d_name[0] == '.' || (size > 3 && strcmp(entry->d_name + size - 3, ".gz") == 0))
            continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path ||
            snprintf(name, sizeof name, "%s%s", prefix, entry->d_name) >= (int)sizeof name - 1 ||
            stat(path, &about) != 0)
            stop("%s/%s cannot be read", folder, entry->d_name);
        if (S_ISDIR(about.st_mode)) {
            strcat(name, "/");
            list_files(path, name);
            continue;
        }
        if (file_count == FILES)
            stop("more than %d files", FILES);
        strcpy(files[file_count++].name, name);
    }
    if (stream != NULL)
        closedir(stream);
}

static struct bytes squeeze(struct bytes plain)
{
    z_stream stream = {.next_in = plain.data, .avail_in = (uInt)plain.size};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        stop("no memory");
    size_t bound = deflateBound(&stream, plain.size);
    struct bytes packed = {malloc(bound), 0};
    if (packed.data == NULL)
        stop("no memory");
    stream.next_out = packed.data;
    stream.avail_out = (uInt)bound;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        stop("deflate failed");
    packed.size = stream.total_out;
    deflateEnd(&stream);
    return packed;
}

static void take_file(const char *folder, struct file *file)
{
    char path[PATH_SIZE];
    struct bytes plain, packed;
    int size = snprintf(path, sizeof path - sizeof ".gz", "%s/%s", folder, file->name);
    if (size < 0 || size >= (int)(sizeof path - sizeof ".gz") || !read_file(path, &plain))
        stop("%s cannot be read", path);
    memcpy(path + size, ".gz", sizeof ".gz");
    if (!read_file(path, &packed))
        packed = squeeze(plain);
    file->at = blob.size;
    file->size = plain.size;
    append(&blob, plain.data, plain.size);
    file->gzip_at = blob.size;
    file->gzip_size = packed.size < plain.size * 9 / 10 ? packed.size : 0;
    append(&blob, packed.data, file->gzip_size);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        stop("usage: embed_page TABLE.c BLOB FOLDER OTHER-FOLDER");
    char index[PATH_SIZE], blob_path[PATH_SIZE];
    struct stat about;
    snprintf(index, sizeof index, "%s/index.html", argv[3]);
    const char *folder = stat(index, &about) == 0 ? argv[3] : argv[4];
    list_files(folder, "");
    qsort(files, (size_t)file_count, sizeof files[0], compare_names);
    append(&blob, "", 0);
    for (int i = 0; i < file_count; i++)
        take_file(folder, &files[i]);
    write_file(argv[2], blob);
    if (realpath(argv[2], blob_path) == NULL)
        stop("%s cannot be found", argv[2]);
    struct bytes table = {NULL, 0};
    print(&table, "// Made by tools/embed_page; do not edit. Checksum of the blob: %08lx.\n",
          crc32(0, blob.data, (uInt)blob.size));
    print(&table, "#include \"web/embedded.h\"\n");
    print(&table, "__asm__(\".section .rodata\\nembedded_blob:\\n.incbin \\\"%s\\\"\\n\"\n",
          blob_path);
    print(&table, "        \".byte 0\\n.previous\");\n");
    print(&table, "extern const unsigned char embedded_blob[]\n");
    print(&table, "    __attribute__((visibility(\"hidden\")));\n");
    print(&table, "const struct embedded_file embedded_files[] = {\n");
    for (int i = 0; i < file_count; i++)
        print(&table, "    {\"%s\", embedded_blob + %zu, %zu, embedded_blob + %zu, %zu},\n",
              files[i].name, files[i].at, files[i].size, files[i].gzip_at, files[i].gzip_size);
    print(&table, "};\nconst int embedded_file_count = %d;\n", file_count);
    write_file(argv[1], table);
    return 0;
}
