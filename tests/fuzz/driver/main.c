// SPDX-License-Identifier: GPL-3.0-or-later
//
// main.c: gives the files named to a fuzzer's function, one after another; for compilers that have
// no fuzzer of their own. What they once broke stays mended.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIZE_MOST = 1 << 20 };

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (file == NULL) {
            perror(argv[i]);
            return 1;
        }
        // As large as the input, so that the sanitizer sees a read behind its end.
        uint8_t *whole = malloc(SIZE_MOST);
        size_t size = fread(whole, 1, SIZE_MOST, file);
        if (size > 0)
            whole = realloc(whole, size);
        LLVMFuzzerTestOneInput(whole, size);
        free(whole);
        fclose(file);
    }
    return argc > 1 ? 0 : 64;
}
