#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""embed.py: levee's detectors from Python, through the library's C interface; no module to build.

Reads weekly counts from standard input, one number a line, and writes the weeks of the last year that alarm, with the
bound. The weeks are given one by one, as they would come in: a stream gives the numbers that a batch gives, bit for bit.

    grep ^south weeks.csv | cut -d, -f3 | python3 embed.py

LEVEE_ANALYSIS may name the library's file; else the system looks for it.
"""
import ctypes
import os
import sys

OPTIONS_MOST, COLUMNS, UPPER, ALARM, WEEKS_A_YEAR = 14, 9, 1, 0x200, 52  # as in <levee/analysis.h>


class Point(ctypes.Structure):  # struct analysis_point
    _fields_ = [("outcome", ctypes.c_uint16), ("column", ctypes.c_double * COLUMNS)]


def open_library():
    library = ctypes.CDLL(os.environ.get("LEVEE_ANALYSIS", "liblevee_analysis.so.0"))
    library.analysis_find_detector.restype = ctypes.c_void_p
    library.analysis_find_detector.argtypes = [ctypes.c_char_p]
    library.analysis_default_options.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_double)]
    library.analysis_set_option.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_double), ctypes.POINTER(ctypes.c_size_t)]
    library.analysis_stream_size.restype = ctypes.c_size_t
    library.analysis_stream_size.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_double), ctypes.c_int]
    library.analysis_stream_begin.restype = ctypes.c_void_p
    library.analysis_stream_begin.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_double), ctypes.c_int, ctypes.c_bool]
    library.analysis_stream_add.restype = ctypes.c_bool
    library.analysis_stream_add.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_double, ctypes.c_int32, ctypes.POINTER(Point)]
    return library


def judge(values, method, settings):
    """Yields a Point for each value."""
    library = open_library()
    detector = library.analysis_find_detector(method.encode())
    if detector is None:
        sys.exit(f"no method {method}")
    option, row = (ctypes.c_double * OPTIONS_MOST)(), ctypes.c_size_t()
    library.analysis_default_options(detector, option)
    for name, value in settings.items():
        if library.analysis_set_option(detector, name.encode(), value.encode(), option, ctypes.byref(row)) != 0:
            sys.exit(f"{method} takes no {name}={value}")
    size = library.analysis_stream_size(detector, option, WEEKS_A_YEAR)
    memory = (ctypes.c_double * (size // 8 + 1))()
    stream = library.analysis_stream_begin(memory, detector, option, WEEKS_A_YEAR, False)
    for value in values:
        point = Point()
        if not library.analysis_stream_add(stream, value, float("nan"), 0, ctypes.byref(point)):
            sys.exit("no memory")
        yield point


counts = [float(line) for line in sys.stdin]
for week, (count, point) in enumerate(zip(counts, judge(counts, "farrington-flexible", {"b": "4"})), 1):
    if week > len(counts) - WEEKS_A_YEAR and point.outcome & ALARM:
        print(f"week {week}: {count:g} cases, bound {point.column[UPPER]:g}")
