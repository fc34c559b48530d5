// SPDX-License-Identifier: GPL-3.0-or-later
//
// svg.c: opens, closes and labels the files of svg.h.
#include "cli/svg.h"

#include <errno.h>
#include <math.h>

#include "base/file.h"
#include "cli/output.h"

FILE *svg_open(const char *path, double width, double height, struct fault *fault)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        file_unwritable(fault, path, errno);
        return NULL;
    }
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
            "height=\"%.0f\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            width, height, width, height);
    return file;
}

void svg_text(FILE *file, double x, double y, const char *attributes, struct span text)
{
    fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, attributes);
    output_xml_text(file, text);
    fputs("</text>\n", file);
}

enum fault_code svg_close(FILE *file, const char *path, struct fault *fault)
{
    fputs("</svg>\n", file);
    bool is_written = fflush(file) == 0 && ferror(file) == 0;
    int reason = errno;
    if (fclose(file) != 0 && is_written) {
        is_written = false;
        reason = errno;
    }
    return is_written ? FAULT_NONE : file_unwritable(fault, path, reason);
}

double svg_step(double span, int ticks)
{
    double rough = span / ticks, ten = pow(10, floor(log10(rough)));
    return rough <= ten ? ten : rough <= 2 * ten ? 2 * ten : rough <= 5 * ten ? 5 * ten : 10 * ten;
}
