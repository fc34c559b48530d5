#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""schema_test.py: every answer is what the OpenAPI document says of it: no field more, none less, each in its form.

A client asks as people do: it reads every query and list of the replay, acts, imports, follows a ring. All that comes
back goes through one check by the document; so a route that drifts from its description fails here, whichever it is. Two
rules hold for all answers, described or not: an instant is RFC 3339 text and never bare microseconds, and an id is
21-4711."""
import json
import os
import re
import tempfile
import time
import uuid

import store
from harness import Client, Server, end_server, main, run

ROOT = tempfile.mkdtemp(prefix="levee-schema-")
FOLDER = os.path.join(ROOT, "data")
run("demo", "--data", FOLDER)
SERVER = Server(FOLDER)
API = "/api/v1"
DOCUMENT = SERVER.client().sign_in("province").get(f"{API}/openapi.json").json()
ID = re.compile(r"\d+(\.\d+)?-\d+")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+0[89]:00")
PERIOD = re.compile(r"\d{4}(-\d\d-\d\d|-W\d\d|-\d\d|-Q\d)?")
FORMS = {"id": ID, "date-time": TIME, "period": PERIOD}
KINDS = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list, "null": type(None)}
ASKED = {"indicator": "epidemic.cases"}  # what a query must be told, by the name of its parameter
SEEN = {}  # (method, path) of the document -> how many answers were checked


def is_kind(value, kind):
    if kind in ("integer", "number") and isinstance(value, bool):
        return False
    return isinstance(value, KINDS[kind])


def check(value, schema, place):
    kinds = schema.get("type")
    if kinds is None:
        return check_anything(value, place)
    kinds = kinds if isinstance(kinds, list) else [kinds]
    assert any(is_kind(value, kind) for kind in kinds), (place, value, kinds)
    if isinstance(value, str) and schema.get("format") in FORMS:
        assert FORMS[schema["format"]].fullmatch(value), (place, value, schema["format"])
    if isinstance(value, dict):
        known = schema.get("properties", {})
        assert set(value) <= set(known), (place, "not in the document", set(value) - set(known))
        assert set(schema.get("required", ())) <= set(value), (place, "missing", set(schema["required"]) - set(value))
        for name, inner in value.items():
            check(inner, known[name], f"{place}.{name}")
    if isinstance(value, list):
        for inner in value:
            check(inner, schema["items"], f"{place}[]")
    check_anything(value, place)


def check_anything(value, place):
    """What holds of every value, also where the document says nothing."""
    if place.endswith(".body"):
        return  # an entry's body is shown as it stands in the ledger
    if isinstance(value, int) and not isinstance(value, bool):
        assert abs(value) < 10**14, (place, value, "bare microseconds")
    for inner_place, inner in (value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()):
        check_anything(inner, f"{place}.{inner_place}")


def declared(method, path):
    """The path of the document that serves this address: one written out before one with braces."""
    bare = path.split("?")[0]
    found = [pattern for pattern, operations in DOCUMENT["paths"].items()
             if method.lower() in operations and re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(pattern)), bare)]
    assert found, (method, path)
    return min(found, key=lambda pattern: pattern.count("{"))


class Checked(Client):
    """A client that believes no answer."""

    def request(self, method, path, body=None, **more):
        answer = super().request(method, path, body, **more)
        pattern = declared(method, path)
        if answer.status >= 400:
            error = answer.json()["error"]
            assert set(error) == {"code", "key", "text", "arguments"} and error["text"], (path, error)
            return answer
        content = DOCUMENT["paths"][pattern][method.lower()]["responses"]["200"]["content"]
        schema = content.get("application/json", {}).get("schema")
        if schema is not None and answer.header("Content-Type").startswith("application/json"):
            if pattern != f"{API}/openapi.json":
                check(answer.json(), schema, f"{method} {pattern}")
            SEEN[method, pattern] = SEEN.get((method, pattern), 0) + 1
        return answer


def client(name, **more):
    return Checked(SERVER.port, **more).sign_in(name)


def test_the_check_can_fail():
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "id"}, "at": {"type": ["string", "null"], "format": "date-time"}}}
    check({"id": "21-7", "at": None}, schema, "x")
    for wrong in ({}, {"id": 7}, {"id": "7"}, {"id": "21-7", "at": "2020-07-22"}, {"id": "21-7", "more": 1}, {"id": "21-7", "at": 1595372400000000}, []):
        try:
            check(wrong, schema, "x")
        except AssertionError:
            continue
        raise AssertionError(wrong)


def test_queries():
    """Every query that has a path, with the ids of things that are there, at two mornings and in the past."""
    officer, answers = client("province"), 0
    turn(officer)
    ids = {"notices": [], "situations": [], "series": []}
    for name in ids:
        ids[name] = [row["id"] for row in officer.get(f"{API}/{name}?limit=8").json()["rows"]]
        assert ids[name], name
    for pattern, operations in DOCUMENT["paths"].items():
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "application/json" not in content or "/import/" in pattern or "/rings/" in pattern:
            continue
        root = pattern[len(API) + 1:].split("/")[0]
        wanted = "".join(f"&{one['name']}={ASKED[one['name']]}" for one in operations["get"]["parameters"] if one["in"] == "query" and one["required"])
        for one in (ids.get(root, ["21-2", "21-40"])[:3] if "{" in pattern else [""]):
            for query in ("?" + wanted[1:] if wanted else "", "?as_of=2020-07-22T07:00:00%2B08:00" + wanted):
                answer = officer.get(re.sub(r"{[^}]*}", one, pattern) + ("" if pattern.endswith(("session", "openapi.json", "health")) else query))
                assert answer.status in (200, 404), (pattern, one, answer)
                answers += 1
    missed = [pattern for pattern, operations in DOCUMENT["paths"].items() if "get" in operations and ("GET", pattern) not in SEEN
              and "application/json" in operations["get"]["responses"]["200"]["content"] and "/import/" not in pattern and "/rings/" not in pattern]
    assert not missed, missed
    return f"{answers} answers"


def turn(officer):
    answer = officer.command("replay.next", {})
    assert answer.status == 200 and TIME.fullmatch(answer.json()["time"]), answer
    until = time.monotonic() + 60
    while time.monotonic() < until:
        row = officer.get(f"{API}/replay").json()["rows"][0]
        if row["is_ready"] and row["time"] == answer.json()["time"]:
            return
        time.sleep(0.05)
    raise AssertionError("the morning is not finished")


def notice(who, state=None):
    rows = who.get(f"{API}/notices?is_open=true").json()["rows"]
    return next(row for row in rows if state is None or row["state"] == state)


def test_commands():
    """What people do; each answer by the document, and again from a second sending of the same key."""
    dalian, province = client("dalian"), client("province")
    mine = notice(dalian)["id"]
    situation = province.get(f"{API}/situations?limit=1").json()["rows"][0]
    unit = province.get(f"{API}/units").json()["rows"][0]["id"]
    acts = [
        (dalian, "notice.take_over", {"notice": mine}), (dalian, "notice.judge", {"notice": mine, "verdict": "upheld", "reason": "checked"}),
        (dalian, "notice.raise", {"notice": mine, "level": 3, "reason": "more"}), (dalian, "notice.ask_lower", {"notice": mine, "level": 2, "reason": "quiet"}),
        (province, "measure.add", {"situation": situation["id"], "text_zh": "措施", "text_en": "Measure", "text": "Measure", "unit": unit, "due_at": "2020-08-01T00:00:00+08:00"}),
        (province, "replay.next", {}),
    ]
    done, refused = [], []
    for who, name, body in acts:
        known = DOCUMENT["paths"][f"{API}/commands/{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
        key, body = str(uuid.uuid4()), {field: value for field, value in body.items() if field in known}
        answer = who.command(name, body, key)
        (done if answer.status == 200 else refused).append((name, answer.status))
        if answer.status == 200:
            again = who.command(name, body, key)
            assert again.json() == answer.json(), (answer, again)
    assert len(done) >= 4, (done, refused)
    return f"{len(done)} acts"


def test_commands_of_an_administrator():
    """On a store of its own, because the replay has no administrator: each command that makes something."""
    server = Server(store.found())
    try:
        one = Checked(server.port).sign_in("admin")
        unit = one.command("unit.add", {"code": "u", "division": "210200", "name_zh": "单位", "name_en": "Unit"})
        post = one.command("post.add", {"unit": unit.json()["id"], "code": "p", "name_zh": "岗位", "name_en": "Post"})
        account = one.command("account.add", {"name": "new", "division": "210200", "role": "officer", "post": post.json()["id"]})
        body = {"pack": "test", "code": "test.x", "field": "epidemic", "unit": "case", "frequency": "D", "direction": "up", "aggregation": "sum",
                "decimals": 0, "name_zh": "测试", "name_en": "Test"}
        indicator = one.command("indicator.declare", body)
        division = next(row["id"] for row in one.get(f"{API}/divisions").json()["rows"] if row["code"] == "210200")
        series = one.command("series.add", {"indicator": indicator.json()["indicator"], "is_simulated": False, "rows": [{"division": division}]})
        again = one.command("series.add", {"indicator": indicator.json()["indicator"], "is_simulated": False, "rows": [{"division": division}]})
        many = one.command("series.add", {"indicator": indicator.json()["indicator"], "is_simulated": True, "rows": [{"division": division}] * 501})
        assert many.status == 400 and many.json()["error"]["key"] == "store.series_too_many", many
        assert again.json()["id"] is None and again.json()["series"] == series.json()["series"], again  # nothing new: no entry, so no id
        assert {answer.status for answer in (unit, post, account, indicator, series)} == {200}, (unit, post, account, indicator, series)
        assert ID.fullmatch(series.json()["series"][0]) and ID.fullmatch(indicator.json()["indicator"]), (series, indicator)
        sent = str(uuid.uuid4())
        headers = {"Content-Type": "text/csv", "Idempotency-Key": sent}
        table = "indicator,division,period,value\ntest.x,210200,2020-07-01,1\n"
        assert one.post(f"{API}/import/preview?origin=real&source=x", table, headers=headers).status == 200
        assert one.post(f"{API}/import/preview?origin=real&source=x", table + "test.x,1,2,3\n", headers=headers).status == 200
        assert one.post(f"{API}/import?origin=real&source=x", table, headers=headers).status == 202
        until = time.monotonic() + 20
        while one.get(f"{API}/import/{sent}").json()["state"] != "done" and time.monotonic() < until:
            time.sleep(0.05)
        assert one.get(f"{API}/import/{sent}").json()["batch"]
        assert one.get(f"{API}/import/{uuid.uuid4()}").json()["state"] == "unknown"
        assert one.request("DELETE", f"{API}/session").status == 200
    finally:
        server.stop()


def test_a_ring():
    """What a link shows before and after "I have it"."""
    path = os.path.join(FOLDER, "recorded.jsonl")
    until = time.monotonic() + 20
    while not os.path.exists(path) and time.monotonic() < until:
        time.sleep(0.1)
    stranger = Checked(SERVER.port)
    for line in reversed(open(path, encoding="utf-8").readlines()):
        token = json.loads(line)["link"].rsplit("/", 1)[1]
        shown = stranger.get(f"{API}/rings/{token}")
        assert shown.status == 200, shown
        if shown.json()["is_waiting"]:
            assert stranger.post(f"{API}/rings/{token}", {}).json()["acknowledged_at"]
            return
    raise AssertionError("no ring waits")


def test_no_route_is_left_out():
    """Each answer of JSON is described, and each route of our own was asked."""
    plain = [(method, path) for path, operations in DOCUMENT["paths"].items() for method, operation in operations.items()
             if operation["responses"]["200"]["content"].get("application/json", {}).get("schema") == {} and not path.endswith("openapi.json")]
    assert not plain, plain
    own = [(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations
           if not path.startswith((f"{API}/commands/", f"{API}/export/")) and path != f"{API}/live"]
    missed = [one for one in own if one not in SEEN]
    assert not missed, missed
    return f"{sum(SEEN.values())} answers of {len(SEEN)} routes"


def end():
    end_server(SERVER, ROOT)


if __name__ == "__main__":
    main(globals())
