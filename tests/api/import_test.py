#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""import_test.py: tables of readings over HTTP: looked at first, told row by row, landed whole, landed once."""
import concurrent.futures
import signal
import time
import uuid

import store
from harness import Server, Skip, end_server, main, run

SERVER = Server(store.found())
API = "/api/v1"


def declare(client):
    """An indicator to import into; True when this store has one."""
    return any(row["code"] == "epidemic.cases" for row in client.get(f"{API}/indicators").json()["rows"])


def post_csv(client, path, text, key=None, **more):
    headers = {"Content-Type": "text/csv; charset=utf-8", "Idempotency-Key": key or str(uuid.uuid4())}
    return client.post(f"{API}{path}", text, headers=headers, **more)


def finish_import(client, number):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        answer = client.get(f"{API}/import/{number}").json()
        if answer["state"] in ("done", "refused"):
            return answer
        time.sleep(0.05)
    raise AssertionError(answer)


GOOD = "indicator,division,period,value\n" + "".join(f"epidemic.cases,210200,2020-07-{day:02d},{day % 5}\n" for day in range(1, 29))
BAD = "indicator,division,period,value\nepidemic.cases,210200,2020-07-01,1\nepidemic.cases,999999,2020-07-01,1\nepidemic.cases,210200,yesterday,1\nepidemic.cases,210200,2020-07-02,x\n"


def test_import_preview_and_landing():
    client = SERVER.client().sign_in("dalian")
    if not declare(client):
        raise Skip("the store has no indicators")
    answer = post_csv(client, "/import/preview?origin=simulated&source=test", GOOD)
    assert answer.status == 200, answer
    seen = answer.json()
    assert seen["columns"] == ["indicator", "division", "period", "value"] and len(seen["sample"]) == 10, seen
    assert seen["row_count"] == 28 and seen["faults"] == [], seen
    before = client.get(f"{API}/divisions").json()["sequence"]
    started = post_csv(client, "/import?origin=simulated&source=test", GOOD)
    assert started.status == 202, started
    ended = finish_import(client, started.json()["import"])
    assert ended["state"] == "done" and ended["done"] == ended["total"] == 28 and ended["batch"], ended
    assert client.get(f"{API}/divisions").json()["sequence"] > before
    assert SERVER.client().sign_in("shenyang").get(f"{API}/import/{started.json()['import']}").json()["state"] == "unknown"


def test_import_says_what_is_wrong_row_by_row():
    client = SERVER.client().sign_in("dalian")
    if not declare(client):
        raise Skip("the store has no indicators")
    seen = post_csv(client, "/import/preview?origin=real&source=test", BAD).json()
    lines = [fault["line"] for fault in seen["faults"]]
    assert lines == [3, 4, 5] and all(fault["text"] and fault["key"] for fault in seen["faults"]), seen
    chinese = post_csv(SERVER.client(language="zh-CN").sign_in("dalian"), "/import/preview?origin=real&source=test", BAD).json()
    assert chinese["faults"][0]["text"] != seen["faults"][0]["text"]
    before = client.get(f"{API}/divisions").json()["sequence"]
    ended = finish_import(client, post_csv(client, "/import?origin=real&source=test", BAD).json()["import"])
    assert ended["state"] == "refused" and [fault["line"] for fault in ended["faults"]] == [3, 4, 5], ended
    assert client.get(f"{API}/divisions").json()["sequence"] == before
    foreign = GOOD.replace("210200", "210100")
    ended = finish_import(client, post_csv(client, "/import?origin=real&source=test", foreign).json()["import"])
    assert ended["state"] == "refused", ended


def declare_by_hand(client, code):
    """An indicator of this test's own, so that imports land although the store has no packs."""
    answer = client.command("indicator.declare", {"pack": "test", "code": code, "field": "epidemic", "unit": "case", "frequency": "D",
                                                  "direction": "up", "aggregation": "sum", "decimals": 0, "name_zh": "测试", "name_en": "Test"})
    assert answer.status == 200, answer


def test_an_import_lands_once_under_its_key():
    """Sent again at once, after it has landed, and after a restart: one batch. Cut short: unknown, and then it lands."""
    folder = store.found()
    server = Server(folder)
    client, key, path = server.client().sign_in("admin"), str(uuid.uuid4()), "/import?origin=simulated&source=test"
    declare_by_hand(client, "test.once")
    text = "indicator,division,period,value\n" + "".join(f"test.once,210200,2020-07-{day:02d},{day}\n" for day in range(1, 29))
    assert client.get(f"{API}/import/{key}").json()["state"] == "unknown"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        clients = [server.client().sign_in("admin") for _ in range(4)]
        answers = list(pool.map(lambda one: post_csv(one, path, text, key), clients))
    assert {answer.status for answer in answers} == {202} and {answer.json()["import"] for answer in answers} == {key}, answers
    first = finish_import(client, key)
    assert first["state"] == "done" and first["done"] == 28, first
    sequence = client.get(f"{API}/divisions").json()["sequence"]
    assert post_csv(client, path, text, key).status == 202
    assert finish_import(client, key)["batch"] == first["batch"]
    assert client.get(f"{API}/divisions").json()["sequence"] == sequence
    assert server.client().sign_in("leader").get(f"{API}/import/{key}").status == 403
    assert server.client().sign_in("dalian").get(f"{API}/import/{key}").json()["state"] == "unknown"
    refused = str(uuid.uuid4())
    post_csv(client, path, text.replace("210200", "999999"), refused)
    assert finish_import(client, refused)["state"] == "refused"
    assert server.stop(signal.SIGKILL) != 0
    server = Server(folder)
    try:
        client = server.client().sign_in("admin")
        again = client.get(f"{API}/import/{key}").json()
        assert again["state"] == "done" and again["batch"] == first["batch"] and "will not land twice" in again["text"], again
        before = client.get(f"{API}/divisions").json()["sequence"]
        assert post_csv(client, path, text, key).status == 202
        assert finish_import(client, key)["batch"] == first["batch"]
        assert client.get(f"{API}/divisions").json()["sequence"] == before
        lost = client.get(f"{API}/import/{refused}").json()
        assert lost["state"] == "unknown" and lost["batch"] is None and "Send it again" in lost["text"], lost
        chinese = server.client(language="zh-CN").sign_in("admin").get(f"{API}/import/{refused}").json()["text"]
        assert "请原样重发" in chinese, chinese
        assert post_csv(client, path, text.replace(",2020-07-", ",2020-06-"), refused).status == 202
        assert finish_import(client, refused)["batch"] not in (None, first["batch"])
        for wrong in ("", "7", str(uuid.UUID(int=0)), key + "0"):
            answer = client.post(f"{API}{path}", text, headers={"Content-Type": "text/csv", "Idempotency-Key": wrong})
            assert answer.status == 400 and answer.key == "web.key", (wrong, answer)
    finally:
        server.stop()


def test_an_import_cut_short_by_a_kill_lands_whole_when_sent_again():
    """60,000 rows are eight parts; the server is killed while they land. Sent again under the same key: all, once."""
    folder = store.found()
    path, total, killed = "/import?origin=simulated&source=test", 60000, 0
    days = [time.strftime("%Y-%m-%d", time.gmtime(day * 86400)) for day in range(0, 20000)]
    text = "indicator,division,period,value\n" + "".join(f"test.cut,{code},{day},{i % 9}\n" for code in ("210000", "210100", "210200") for i, day in enumerate(days))
    server = Server(folder)
    declare_by_hand(server.client().sign_in("admin"), "test.cut")
    key = str(uuid.uuid4())
    for _ in range(3):
        client = server.client().sign_in("admin")
        assert post_csv(client, path, text, key).status == 202
        until = time.monotonic() + 30
        while time.monotonic() < until:
            seen = client.get(f"{API}/import/{key}").json()
            if seen["state"] == "landing" and 0 < (seen["done"] or 0) < total:
                break
            if seen["state"] == "done":
                break
        server.stop(signal.SIGKILL)
        server = Server(folder)
        state = server.client().sign_in("admin").get(f"{API}/import/{key}").json()["state"]
        killed += state == "unknown"
        assert state in ("unknown", "done"), state
    try:
        client = server.client().sign_in("admin")
        assert post_csv(client, path, text, key).status == 202
        ended = finish_import(client, key)
        assert ended["state"] == "done" and ended["batch"], ended
        assert post_csv(client, path, text, key).status == 202
        assert finish_import(client, key)["batch"] == ended["batch"]
    finally:
        server.stop()
    code, out, _ = run("ledger", "verify", "--data", folder)
    assert code == 0
    return f"cut short {killed} times of 3"


def test_import_refused_at_the_door():
    client = SERVER.client().sign_in("dalian")
    assert post_csv(client, "/import/preview?source=x", GOOD).status == 400
    assert post_csv(client, "/import/preview?origin=invented&source=x", GOOD).status == 400
    assert client.post(f"{API}/import?origin=real", GOOD, headers={"Content-Type": "application/json"}).status == 415
    assert post_csv(client, "/import/preview?origin=real&source=x", "").status == 400
    assert post_csv(client, "/import/preview?origin=real&source=x", "a,b\n1,\"").status == 400
    assert post_csv(client, "/import/preview?origin=real&source=x", "no,such,columns\n1,2,3\n").status == 400
    for number in ("0", "999", "x", "-1", "1e3", str(uuid.UUID(int=0))):
        assert client.get(f"{API}/import/{number}").status == 404, number


def end():
    end_server(SERVER)


if __name__ == "__main__":
    main(globals())
