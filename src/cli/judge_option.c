// SPDX-License-Identifier: GPL-3.0-or-later
//
// judge_option.c: an option of a method as it is written on a command line, name=value.
#include <string.h>

#include "cli/judge.h"

enum { NAME_SIZE = 64 };

int judge_set_option(const char *command, const struct analysis_detector *detector,
                     const char *setting, double *option)
{
    struct span value = span_from(setting), name = span_cut(&value, '=');
    char name_text[NAME_SIZE], takes[NAME_SIZE];
    size_t row = 0;
    if (strchr(setting, '=') == NULL || name.size == 0 || name.size >= sizeof name_text)
        return cli_refuse(command, TEXT_JUDGE_OPTION_MALFORMED, text_string(setting));
    memcpy(name_text, name.data, name.size);
    name_text[name.size] = '\0';
    enum analysis_option_fault trouble =
        analysis_set_option(detector, name_text, value.data, option, &row);
    if (trouble == ANALYSIS_OPTION_TAKEN)
        return 0;
    if (trouble == ANALYSIS_OPTION_UNKNOWN)
        return cli_refuse(command, TEXT_JUDGE_OPTION_UNKNOWN, text_string(name_text),
                          text_string(detector->name));
    judge_describe_option(&detector->option[row], takes, sizeof takes);
    return cli_refuse(command,
                      trouble == ANALYSIS_OPTION_RANGE ? TEXT_JUDGE_OPTION_RANGE
                                                       : TEXT_JUDGE_OPTION_VALUE,
                      text_string(name_text), text_string(value.data), text_string(takes));
}
