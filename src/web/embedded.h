// SPDX-License-Identifier: GPL-3.0-or-later
//
// embedded.h: the shape of the table of files that tools/embed_page writes.
//
// Owns the row type and nothing else. Rows are in strcmp order of their names; names have no
// leading slash. gzip_size is 0 where compression does not pay.
#ifndef LEVEE_WEB_EMBEDDED_H
#define LEVEE_WEB_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name;
    const unsigned char *bytes;
    size_t size;
    const unsigned char *gzip;
    size_t gzip_size;
};

extern const struct embedded_file embedded_files[];
extern const int embedded_file_count;

#endif
