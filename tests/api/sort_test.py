#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""sort_test.py: every list that can be sorted, by each sort that the OpenAPI document names for it, in both directions:
page after page no row comes twice, none is lost, all are in order, also while a morning adds rows between two pages."""
import os
import tempfile
import time

from harness import Server, end_server, main, run

ROOT = tempfile.mkdtemp(prefix="levee-sort-")
FOLDER = os.path.join(ROOT, "data")
run("demo", "--data", FOLDER)
SERVER = Server(FOLDER)
API = "/api/v1"
CLIENT = SERVER.client().sign_in("province")
# The column that a sort is by, where it is not called so.
COLUMNS = {"division": "division_code", "series": "division_code", "raised": "raised_at", "deadline": "deadline_at", "opened": "opened_at",
           "grade": "incident_grade", "response": "response_level", "open": "is_open"}
LAST = (1, "")


def lists():
    """(path, [sorts]) of the document."""
    paths = CLIENT.get(f"{API}/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["name"] == "sort" and not path.startswith(f"{API}/export/"):
                yield path, parameter["schema"]["enum"]


def pages(path, query, between=None):
    rows, after = [], None
    while True:
        answer = CLIENT.get(f"{path}?{query}" + (f"&after={after}" if after else ""))
        assert answer.status == 200, answer
        rows += answer.json()["rows"]
        after = answer.json()["next"]
        if between:
            between()
            between = None
        if after is None:
            return rows


def key(row, column):
    value = row[column]
    return LAST if value is None else (0, value)


def turn():
    assert CLIENT.command("replay.next", {}).status == 200
    until = time.monotonic() + 60
    while not CLIENT.get(f"{API}/replay").json()["rows"][0]["is_ready"]:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_every_list_by_every_sort():
    for _ in range(2):
        turn()
    found, count = dict(lists()), 0
    assert {f"{API}/notices", f"{API}/situations", f"{API}/series"} <= set(found), found
    for path, sorts in found.items():
        whole = {row["id"] for row in pages(path, "limit=1000")}
        assert len(whole) > 1, (path, whole)
        forward = {}
        for sort in sorts:
            column = COLUMNS.get(sort.lstrip("-"), sort.lstrip("-"))
            rows = pages(path, f"sort={sort}&limit={3 if len(whole) < 60 else 17}")
            ids = [row["id"] for row in rows]
            assert len(ids) == len(set(ids)) and set(ids) == whole, (path, sort, len(ids), len(whole))
            keys = [key(row, column) for row in rows]
            assert keys == sorted(keys, reverse=sort.startswith("-")), (path, sort, keys[:20])
            assert ids == [row["id"] for row in CLIENT.get(f"{path}?sort={sort}&limit=1000").json()["rows"]][:len(ids)]
            forward[sort] = ids
            count += 1
        for sort in sorts:
            if not sort.startswith("-"):
                assert forward["-" + sort] == forward[sort][::-1], (path, sort)
    return f"{count} orders of {len(found)} lists"


def test_rows_that_come_between_two_pages():
    """What was there before is met exactly once; what came may be met once."""
    for sort in ("raised", "-raised", "level", "-deadline"):
        before = {row["id"] for row in pages(f"{API}/notices", "limit=1000")}
        rows = pages(f"{API}/notices", f"sort={sort}&limit=2", turn if sort in ("raised", "-raised") else None)
        ids = [row["id"] for row in rows]
        assert len(ids) == len(set(ids)), (sort, ids)
        if sort in ("raised", "-raised"):  # a key that does not change
            assert before <= set(ids), (sort, before - set(ids))


def test_a_sort_that_is_none():
    for path, sorts in lists():
        for wrong in ("nothing", "--" + sorts[0], "-", "level desc", sorts[0] + "%00", "title"):
            answer = CLIENT.get(f"{path}?sort={wrong.replace(' ', '%20')}")
            assert answer.status == 400, (path, wrong, answer)
        english = CLIENT.get(f"{path}?sort=nothing").json()["error"]
        assert english["key"] == "store.sort_unknown" and sorts[0] in english["text"] and '"nothing"' in english["text"], english
        chinese = SERVER.client(language="zh-CN").sign_in("province").get(f"{path}?sort=nothing").json()["error"]["text"]
        assert "不能按" in chinese and sorts[0] in chinese, chinese
        assert CLIENT.get(f"{path}?sort=").json()["rows"] == CLIENT.get(path).json()["rows"]
    assert CLIENT.get(f"{API}/divisions?sort=name").status == 400
    # A place in one order is none in another.
    after = CLIENT.get(f"{API}/notices?sort=level&limit=1").json()["next"]
    for other in ("sort=-level&", "sort=state&", ""):
        assert CLIENT.get(f"{API}/notices?{other}after={after}").status == 400, other
    assert CLIENT.get(f"{API}/notices?sort=level&after={after}").status == 200


def test_the_export_keeps_the_order():
    import csv
    import io
    rows = [row["id"] for row in pages(f"{API}/notices", "sort=-raised&limit=1000")]
    table = csv.DictReader(io.StringIO(CLIENT.get(f"{API}/export/notices.csv?sort=-raised").body.decode("utf-8-sig")))
    assert [row["id"] for row in table] == rows


def end():
    end_server(SERVER, ROOT)


if __name__ == "__main__":
    main(globals())
