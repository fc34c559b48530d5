#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries the real figures of Liaoning over into demo/epidemic.csv: run once, its output is committed.

usage: demo/carry_epidemic.py FOLDER >demo/epidemic.csv          FOLDER holds 03_epidemic (demo/SOURCES.md)
       demo/carry_epidemic.py FOLDER dalian >demo/dalian.csv   the new cases of one city, day by day, for levee judge

Each line says what the source's rows carry from that day on, until the next line of the same source and
division: only days with a change are written. A blank total means that the source has no row from that
day on. Nothing is mended: the feed's day of standing still, its missing rows, its withdrawals and the
late first row of Fushun come through as they were reported.
"""
import csv
import datetime
import gzip
import sys

FIRST, LAST = datetime.date(2020, 1, 22), datetime.date(2020, 12, 8)


def days():
    day = FIRST
    while day <= LAST:
        yield day.isoformat()
        day += datetime.timedelta(days=1)


def changes(totals):
    """The (day, total) pairs at which `totals`, day -> text, changes; blank where there is no row."""
    last = ""
    for day in days():
        total = totals.get(day, "")
        if total != last:
            yield day, total
        last = total
    yield (LAST + datetime.timedelta(days=1)).isoformat(), ""


def read_feed(path):
    cities = {}
    with open(path, encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["city_code"].isdigit():  # 2100y0 imported and 2100xx not attributed are no cities
                cities.setdefault(row["city_code"], {})[row["date"]] = row["confirmed"]
    return cities


def read_second(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return {row["date"]: row["cum_confirmed"] for row in csv.DictReader(lines) if row["province_code"] == "210000"}


def write_dalian(out, totals):
    """The differences of the city's rows from 1 June to 6 August 2020, the days of the wave and before."""
    out.writerow(["series", "time", "value"])
    last = None
    for day in days():
        if last is not None and "2020-06-01" <= day <= "2020-08-06":
            out.writerow(["dalian", day, int(totals[day]) - last])
        last = int(totals[day])


def main():
    folder = sys.argv[1] + "/03_epidemic/"
    out = csv.writer(sys.stdout, lineterminator="\n")
    if sys.argv[2:] == ["dalian"]:
        return write_dalian(out, read_feed(folder + "cn_liaoning_city_daily_2020.csv")["210200"])
    out.writerow(["source", "division", "day", "total"])
    for code, totals in sorted(read_feed(folder + "cn_liaoning_city_daily_2020.csv").items()):
        out.writerows(["feed", code, day, total] for day, total in changes(totals))
    second = read_second(folder + "jhu_cn_province_daily_2020_2023.csv.gz")
    out.writerows(["second", "210000", day, total] for day, total in changes(second))


if __name__ == "__main__":
    main()
