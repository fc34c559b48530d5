// SPDX-License-Identifier: LGPL-3.0-or-later
//
// embed.h: files that the program carries inside.
//
// Owns the row type of the tables that tools/embed.c writes. A table is closed by a NULL name; the
// bytes live as long as the program.
#ifndef LEVEE_BASE_EMBED_H
#define LEVEE_BASE_EMBED_H

#include "base/span.h"

struct embed_file {
    const char *name; // the last part of the file's path
    struct span bytes;
};

#endif
