// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_test.c: no method and no option of the library goes without words in the help.
#include <string.h>

#include "cli/judge.h"
#include "unit.h"

void test_judge_words_complete(void)
{
    size_t count = 0;
    const struct analysis_detector *detector = analysis_detectors(&count);
    CHECK(count > 0);
    for (size_t i = 0; i < count; i++) {
        unit_check(judge_method_text(detector[i].name) != TEXT_JUDGE_NO_WORDS, __FILE__, __LINE__,
                   "method %s has no words", detector[i].name);
        for (size_t k = 0; k < detector[i].option_count; k++)
            unit_check(judge_option_text(detector[i].option[k].name) != TEXT_JUDGE_NO_WORDS,
                       __FILE__, __LINE__, "option %s has no words", detector[i].option[k].name);
    }
    CHECK_EQUAL(judge_option_text("no_such_option"), TEXT_JUDGE_NO_WORDS);
}
