// SPDX-License-Identifier: GPL-3.0-or-later
//
// unit.h: what a unit test needs, and no more.
//
// A test is `void test_something(void)` in a file named *_test.c beside the code. tools/test_list
// finds it by its name; nothing is registered. CHECK notes a failure and goes on; SKIP says why and
// leaves the test.
#ifndef LEVEE_UNIT_H
#define LEVEE_UNIT_H

#include <stdbool.h>

// Notes a failure with its place; the test goes on. Returns `is_true`.
bool unit_check(bool is_true, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// Notes a failure unless the two are equal. Each argument of CHECK_EQUAL is evaluated once.
bool unit_check_equal(long long a, long long b, const char *a_text, const char *b_text,
                      const char *file, int line);
void unit_skip(const char *reason);
// The path of a file of the shared reference data, NULL where that folder is absent (then SKIP).
const char *unit_shared(const char *path);
// A folder of this process's own, in memory where there is room, else under /tmp; removed at the end.
const char *unit_folder(void);

#define CHECK(condition) unit_check((condition), __FILE__, __LINE__, "%s", #condition)
#define CHECK_EQUAL(a, b)                                                                          \
    unit_check_equal((long long)(a), (long long)(b), #a, #b, __FILE__, __LINE__)
#define CHECK_TEXT(a, b)                                                                           \
    unit_check(strcmp((a), (b)) == 0, __FILE__, __LINE__, "%s is \"%s\", wanted \"%s\"", #a, (a),  \
               (b))
#define CHECK_NEAR(a, b, tolerance)                                                                \
    unit_check(__builtin_fabs((double)(a) - (double)(b)) <=                                        \
                   (tolerance)*__builtin_fmax(1e-300, __builtin_fabs((double)(b))),                \
               __FILE__, __LINE__, "%s is %.12g, wanted %.12g", #a, (double)(a), (double)(b))
#define SKIP(reason)                                                                               \
    do {                                                                                           \
        unit_skip((reason));                                                                       \
        return;                                                                                    \
    } while (0)

#endif
