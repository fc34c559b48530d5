// SPDX-License-Identifier: GPL-3.0-or-later
//
// begin.c: see begin.h.
#include "begin.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int crash_begin(int argc, char **argv, const struct crash_option *options)
{
    if (argc % 2 == 0)
        return 64;
    for (int i = 1; i < argc; i += 2) {
        const struct crash_option *option = options;
        while (option->name != NULL && strcmp(option->name, argv[i]) != 0)
            option++;
        if (option->name == NULL)
            return 64;
        *option->value = strtoll(argv[i + 1], NULL, 10);
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    return sodium_init() < 0 ? 1 : 0;
}
