#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""replay_test.py: the replay over HTTP: mornings turn, rings ring, and nothing leaves the machine.

The store is the demo's. Its rings go to a recorder (a replay has no way out); what would have been sent is read from
recorded.jsonl, and its link acknowledges without a session."""
import csv
import io
import json
import os
import tempfile
import time
import uuid

from harness import Server, end_server, main, run

ROOT = tempfile.mkdtemp(prefix="levee-replay-")
FOLDER = os.path.join(ROOT, "data")
run("demo", "--data", FOLDER)
SERVER = Server(FOLDER)
API = "/api/v1"


def rings():
    path = os.path.join(FOLDER, "recorded.jsonl")
    return [json.loads(line) for line in open(path, encoding="utf-8")] if os.path.exists(path) else []


def turn(client):
    """The next morning; waits until it is finished. Returns its seconds."""
    started = time.monotonic()
    answer = client.command("replay.next", {})
    assert answer.status == 200, answer
    while time.monotonic() - started < 60:
        row = client.get(f"{API}/replay").json()["rows"][0]
        if row["is_ready"] and row["time"] == answer.json()["time"]:
            return time.monotonic() - started
        time.sleep(0.02)
    raise AssertionError("the morning is not finished")


def test_mornings_turn_and_rings_are_recorded():
    client = SERVER.client().sign_in("province")
    before = len(rings())
    seconds = [turn(client) for _ in range(2)]  # 23 and 24 July: the first case, and two more
    until = time.monotonic() + 20
    while len(rings()) == before and time.monotonic() < until:
        time.sleep(0.05)
    new = rings()[before:]
    assert new and all(ring["link"].startswith(f"http://127.0.0.1:{SERVER.port}/r/") for ring in new), new
    assert any("Dalian" in ring["title_en"] and "大连" in ring["title_zh"] for ring in new), new
    assert all(ring["ring"].startswith("21-") and ring["why_en"] and ring["due_at"] for ring in new), new
    return f"a morning took {max(seconds):.2f} s at most, {len(new)} rings"


def test_a_ring_is_acknowledged_by_its_link():
    stranger = SERVER.client()
    waiting = None
    for ring in reversed(rings()):
        token = ring["link"].rsplit("/", 1)[1]
        answer = stranger.get(f"{API}/rings/{token}")
        assert answer.status == 200, answer
        if answer.json()["is_waiting"]:
            waiting = token
            break
    assert waiting, rings()
    assert stranger.get(f"/r/{waiting}").header("Content-Type").startswith("text/html")
    assert stranger.post(f"{API}/rings/{waiting}", {}, origin=False).status == 403
    answer = stranger.post(f"{API}/rings/{waiting}", {})
    assert answer.status == 200 and answer.json()["acknowledged_at"] and not answer.json()["is_waiting"], answer
    again = stranger.post(f"{API}/rings/{waiting}", {})
    assert again.status == 409, again
    for token in ("x", "0" * 16, "0" * 32, "0" * 64, "%00" * 8, "a" * 65, waiting[:-1] + ("0" if waiting[-1] != "0" else "1")):
        for answer in (stranger.get(f"{API}/rings/{token}"), stranger.post(f"{API}/rings/{token}", {})):
            assert answer.status == 404 and answer.key == "web.missing", (token, answer)


def test_the_token_is_shown_to_nobody():
    """The entry that starts a ring holds the token: its body is withheld from all but the post that is rung."""
    client = SERVER.client().sign_in("leader")
    last = client.get(f"{API}/divisions").json()["sequence"]
    found = 0
    for sequence in range(last, last - 60, -1):
        answer = client.get(f"{API}/entries/{sequence}")
        if answer.status != 200:
            continue
        row = answer.json()["rows"][0]
        if row["type"] == "ring.started":
            found += 1
            assert row["is_withheld"] and row["body"] is None and row["leaf_hash"], row
        assert b'"token"' not in answer.body
    assert found > 0


def test_scope_of_a_city():
    dalian, lindi = SERVER.client().sign_in("dalian"), SERVER.client().sign_in("lindi")
    mine = dalian.get(f"{API}/notices").json()["rows"]
    theirs = lindi.get(f"{API}/notices").json()["rows"]
    assert mine and all(row["division_code"].startswith("2102") for row in mine), mine
    assert all(row["division_code"].startswith("2199") for row in theirs), theirs
    foreign = lindi.get(f"{API}/notices/{mine[0]['id']}")
    absent = lindi.get(f"{API}/notices/21-9999999")
    assert foreign.status == absent.status == 404 and foreign.body == absent.body
    for path in ("timeline",):
        answer = lindi.get(f"{API}/notices/{mine[0]['id']}/{path}")
        assert answer.status == 404 or answer.json()["rows"] == [], answer
    taken = lindi.command("notice.take_over", {"notice": mine[0]["id"]})
    assert taken.status in (403, 404), taken
    series = [row["id"] for row in dalian.get(f"{API}/series").json()["rows"]]
    assert series
    for path in ("", "/points", "/acts"):
        answer = lindi.get(f"{API}/series/{series[0]}{path}")
        assert answer.status == 404 or answer.json()["rows"] == [], (path, answer)
    answer = lindi.get(f"{API}/export/series/{series[0]}/points.csv")
    assert answer.status == 404 or len(answer.body.decode("utf-8-sig").splitlines()) == 1, answer


def test_the_command_turns_a_morning_of_the_server():
    """levee demo next beside a server: the server turns it, and the command says what time it is there."""
    client = SERVER.client().sign_in("province")
    before = client.get(f"{API}/replay").json()["rows"][0]["time"]
    said = run("demo", "next", "--data", FOLDER)[2]
    until = time.monotonic() + 60
    row = {"is_ready": False}
    while not row["is_ready"] and time.monotonic() < until:
        row = client.get(f"{API}/replay").json()["rows"][0]
    assert row["is_ready"] and row["time"] > before, row
    assert row["time"] in said and before not in said, said


def test_points_as_csv_and_as_known_then():
    client = SERVER.client().sign_in("dalian")
    series = client.get(f"{API}/series").json()["rows"][0]["id"]
    rows = client.get(f"{API}/series/{series}/points").json()["rows"]
    table = list(csv.DictReader(io.StringIO(client.get(f"{API}/export/series/{series}/points.csv").body.decode("utf-8-sig"))))
    assert [row["period"] for row in rows] == [row["period"] for row in table]
    assert [row["value"] for row in rows] == [float(row["value"]) if row["value"] else None for row in table]
    then = client.get(f"{API}/series/{series}/points?as_of=2020-07-22T07:00:00%2B08:00").json()
    assert then["as_of"] == "2020-07-22T07:00:00+08:00"
    assert len(then["rows"]) < len(rows) or [row["value"] for row in then["rows"]] != [row["value"] for row in rows]


def test_a_step_over_http():
    """The officer takes the notice over: one entry, seen by the province at once."""
    client, province = SERVER.client().sign_in("dalian"), SERVER.client().sign_in("province")
    notice = next(row for row in client.get(f"{API}/notices").json()["rows"] if row["state"] == "raised")
    key = str(uuid.uuid4())
    first = client.command("notice.take_over", {"notice": notice["id"]}, key)
    assert first.status == 200, first
    assert client.command("notice.take_over", {"notice": notice["id"]}, key).json()["id"] == first.json()["id"]
    assert province.get(f"{API}/notices/{notice['id']}").json()["rows"][0]["state"] == "taken_over"
    steps = [step["type"] for step in province.get(f"{API}/notices/{notice['id']}/timeline").json()["rows"]]
    assert steps.count("notice.taken_over") == 1, steps
    assert SERVER.client().sign_in("leader").command("notice.take_over", {"notice": notice["id"]}).status == 403


def test_the_overview_is_there_at_once():
    client = SERVER.client().sign_in("leader")
    slow = {}
    for path in ("situations", "divisions", "fields", "foot"):
        started = time.monotonic()
        assert client.get(f"{API}/overview/{path}").status == 200
        slow[path] = time.monotonic() - started
    assert max(slow.values()) < 1.0, slow
    return f"{max(slow.values()) * 1000:.0f} ms at most"


def end():
    end_server(SERVER, ROOT)


if __name__ == "__main__":
    main(globals())
