// SPDX-License-Identifier: GPL-3.0-or-later
//
// cluster_test.c: SaTScan's lines and times; names as numbers.
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "cli/cluster.h"
#include "unit.h"

void test_cluster_satscan_times(void)
{
    static const struct {
        const char *text, *written;
        char kind;
    } good[] = {{"2020", "2020", TIME_YEARLY},           {"2020/7", "2020-07", TIME_MONTHLY},
                {"2020/7/22", "2020-07-22", TIME_DAILY}, {"2020-07-22", "2020-07-22", TIME_DAILY},
                {"7/22/2020", "2020-07-22", TIME_DAILY}, {"7/2020", "2020-07", TIME_MONTHLY},
                {"2020.02.29", "2020-02-29", TIME_DAILY}};
    struct cluster_time time;
    char written[32];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(cluster_satscan_time(span_from(good[i].text), &time));
        CHECK_EQUAL(time.kind, good[i].kind);
        time_write_period((enum time_frequency)time.kind, time.moment, written, sizeof written);
        CHECK_TEXT(written, good[i].written);
    }
    CHECK(cluster_satscan_time(span_from("17"), &time));
    CHECK_EQUAL(time.kind, CLUSTER_NUMBER);
    CHECK_EQUAL(time.moment, 17);
    static const char *const bad[] = {"",          "2019/2/29", "2020/13",   "22/7/20",     "20/7",
                                      "2020/7/1/", "1/2020/3",  "2020/7-22", "99999999999", "x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        unit_check(!cluster_satscan_time(span_from(bad[i]), &time), __FILE__, __LINE__,
                   "\"%s\" is taken for a time", bad[i]);
}

void test_cluster_satscan_lines(void)
{
    char data[] = "\n a  1\t2020 \r\n\"b c\" 2 2020 m  50-59\nd \"\" 1";
    struct csv_text text = {data, sizeof data - 1, 0};
    struct cluster_satscan reader;
    cluster_satscan_open(&reader, &text);
    CHECK(cluster_satscan_next(&reader));
    CHECK_EQUAL(reader.field_count, 3);
    CHECK_EQUAL(reader.line, 2);
    CHECK(span_is(reader.field[2], "2020"));
    CHECK(cluster_satscan_next(&reader));
    CHECK(span_is(reader.field[0], "b c"));
    CHECK(span_is(cluster_satscan_join(&reader, 3), "m 50-59"));
    CHECK_EQUAL(cluster_satscan_join(&reader, 5).size, 0);
    CHECK(cluster_satscan_next(&reader));
    CHECK_EQUAL(reader.field_count, 3);
    CHECK_EQUAL(reader.field[1].size, 0);
    CHECK(cluster_satscan_next(&reader));
    CHECK_EQUAL(reader.field_count, 0);
    char open[] = "a \"b 1\n";
    text = (struct csv_text){open, sizeof open - 1, 0};
    cluster_satscan_open(&reader, &text);
    CHECK(!cluster_satscan_next(&reader));
}

void test_cluster_names(void)
{
    struct names names = {0};
    char text[1000][8];
    uint32_t index = 0;
    bool is_new = false;
    CHECK(!names_find(&names, span_from("a"), &index));
    for (uint32_t i = 0; i < 1000; i++) {
        snprintf(text[i], sizeof text[i], "n%u", i);
        CHECK(names_add(&names, span_from(text[i]), &index, &is_new) && is_new && index == i);
    }
    for (uint32_t i = 0; i < 1000; i++)
        CHECK(names_add(&names, span_from(text[i]), &index, &is_new) && !is_new && index == i);
    CHECK(!names_find(&names, span_from("n1000"), &index));
    names_free(&names);
}
