// SPDX-License-Identifier: GPL-3.0-or-later
//
// pack.c: any bytes handed to the pack loader end in a pack or in mistakes that can be written out.
//
// needs: src/pack/check.c src/pack/check_pack.c src/pack/detector.c src/pack/find.c src/pack/formula.c src/pack/lines.c src/pack/load.c
// needs: src/pack/person.c src/pack/read.c src/pack/sandbox.c src/pack/shape.c build/src/pack/pack_files.c -I/usr/include/lua5.4 -llua5.4
// needs: build/src/liblevee_analysis.a -lgomp
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "pack/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pack_report report;
    struct arena arena = {0};
    struct fault fault = {0};
    const struct pack *pack = NULL;
    enum fault_code code = pack_check("fuzz.lua", (struct span){(const char *)data, size}, &arena,
                                      &report, &pack, &fault);
    assert(code == FAULT_NONE && (pack != NULL) == (report.count == 0));
    for (size_t i = 0; i < report.count; i++) {
        char sentence[LIMIT_TEXT_SIZE];
        text_write(report.mistake[i].key, TEXT_CHINESE, report.mistake[i].argument, sentence,
                   sizeof sentence);
        assert(report.mistake[i].line >= 1 && sentence[0] != '\0');
    }
    arena_reset(&arena);
    return 0;
}
