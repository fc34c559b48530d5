#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""overload_test.py: T-29: ten times more clients write than the server takes at once. It sheds with 503 and Retry-After,
its memory stays bounded, people still sign in and read, and nothing that it acknowledged is lost.

The clients are raw connections in one event loop, from eight addresses of the loopback (one address may hold 256)."""
import asyncio
import json
import os
import re
import signal
import statistics
import threading
import time
import uuid

import store
from harness import Server, main

API = "/api/v1"
CLIENTS, COMMANDS_AT_ONCE, SECONDS = 960, 96, 5  # LIMIT_HTTP_COMMANDS
MEMORY_MAX = 256 << 20

FOLDER = store.found()
SERVER = Server(FOLDER)


def memory():
    """Resident bytes of the server."""
    text = open(f"/proc/{SERVER.process.pid}/status", encoding="ascii").read()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024


class Storm:
    """Goes on for SECONDS, and on a slow machine until the probe has come three times round."""

    def __init__(self, seen):
        self.started, self.seen = time.monotonic(), seen

    def goes_on(self):
        passed = time.monotonic() - self.started
        return passed < SECONDS or (passed < 8 * SECONDS and len(self.seen["sign in"]) < 3)


class Tally:
    def __init__(self):
        self.acked, self.statuses, self.admitted_s, self.shed_s, self.faults = [], {}, [], [], []


async def read_answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(re.search(rb"Content-Length: (\d+)", head).group(1))
    return head, await reader.readexactly(size)


async def write_on(number, cookie, storm, tally):
    """One client: sends command after command on its connection; reconnects where it was closed."""
    address, stream, count = f"127.0.0.{2 + number % 8}", None, 0
    while storm.goes_on():
        code = f"load-{number}-{count}"
        body = json.dumps({"code": code, "division": "210200", "name_zh": "单位", "name_en": "Unit"}).encode()
        head = (f"POST {API}/commands/unit.add HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nCookie: {cookie}\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
                f"Accept-Language: en\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode()
        started = time.monotonic()
        try:
            if stream is None:
                stream = await asyncio.open_connection("127.0.0.1", SERVER.port, local_addr=(address, 0))
                started = time.monotonic()
            stream[1].write(head + body)
            answer, words = await asyncio.wait_for(read_answer(stream[0]), 20)
        except (OSError, asyncio.IncompleteReadError):
            tally.faults.append("closed")
            stream = None
            await asyncio.sleep(0.05)
            continue
        status = int(answer.split()[1])
        tally.statuses[status] = tally.statuses.get(status, 0) + 1
        if status == 200:
            tally.acked.append(code)
            tally.admitted_s.append(time.monotonic() - started)
            count += 1
        elif status == 503:
            assert b"Retry-After: " in answer and json.loads(words)["error"]["key"] == "web.busy", answer
            tally.shed_s.append(time.monotonic() - started)
        else:
            tally.faults.append((status, words[:200]))
        if b"Connection: close" in answer:
            stream[1].close()
            stream = None


async def write_all(cookie, storm, tally):
    await asyncio.gather(*(write_on(number, cookie, storm, tally) for number in range(CLIENTS)))


def probe(storm, seen):
    """Somebody at another desk: signs in, reads, listens, again and again."""
    while storm.goes_on():
        started = time.monotonic()
        client = SERVER.client().sign_in("leader")
        seen["sign in"].append(time.monotonic() - started)
        for path in ("/divisions", "/units?limit=20", "/session"):
            started = time.monotonic()
            answer = client.get(f"{API}{path}")
            assert answer.status == 200, (path, answer)
            seen["read"].append(time.monotonic() - started)
        client.close()
        time.sleep(0.1)


def test_ten_times_more_than_it_takes():
    cookie = SERVER.client().sign_in("admin").cookie
    before, tally, seen, worst, trouble = memory(), Tally(), {"sign in": [], "read": []}, [0], []
    storm = Storm(seen)

    def guarded(work):
        try:
            work()
        except Exception as error:  # told by the test's own thread
            trouble.append(error)

    def watch():
        after = 20  # a second more
        while after > 0:
            worst[0] = max(worst[0], memory())
            after -= not storm.goes_on()
            time.sleep(0.05)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (watch, lambda: probe(storm, seen))]
    for thread in threads:
        thread.start()
    asyncio.run(write_all(cookie, storm, tally))
    for thread in threads:
        thread.join(30)
    assert not trouble, trouble
    refused = [fault for fault in tally.faults if fault != "closed"]
    assert not refused, refused[:3]
    assert set(tally.statuses) == {200, 503} and tally.statuses[200] > 500 and tally.statuses[503] > CLIENTS - COMMANDS_AT_ONCE, tally.statuses
    assert worst[0] < MEMORY_MAX, worst
    assert len(seen["sign in"]) >= 3 and len(seen["read"]) >= 9 and max(seen["sign in"]) < 5 and max(seen["read"]) < 2, seen
    started = time.monotonic()
    answer = SERVER.client().sign_in("admin").command("unit.add", {"code": "after", "division": "210200", "name_zh": "单位", "name_en": "Unit"})
    recovered = time.monotonic() - started
    assert answer.status == 200 and recovered < 2, (answer, recovered)
    SERVER.stop(signal.SIGKILL)
    again = Server(FOLDER)
    try:
        there = {row["code"] for row in store.rows(again.client().sign_in("admin"), "/units")}
    finally:
        again.stop()
    lost = [code for code in tally.acked + ["after"] if code not in there]
    assert not lost, (len(lost), lost[:5])
    return (f"{tally.statuses[200]} acknowledged, 0 lost; {tally.statuses[503]} shed in {statistics.median(tally.shed_s) * 1000:.0f} ms, admitted in "
            f"{statistics.median(tally.admitted_s) * 1000:.0f} ms (half of them); signed in within {max(seen['sign in']) * 1000:.0f} ms, read within "
            f"{max(seen['read']) * 1000:.0f} ms; {before >> 20} to {worst[0] >> 20} MiB; {len(tally.faults)} closed")


if __name__ == "__main__":
    main(globals())
