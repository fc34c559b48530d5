#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill_test.py: the server is killed (SIGKILL) again and again while eight clients write (T-03).

Each client sends commands one after another, each with a key of its own. When the connection breaks it does not
know what became of the last one: it sends it again, with the same key, to the next server. At the end:

    every acknowledged command is in the state and in the ledger, exactly once
    no command acted twice, acknowledged or not
    `levee ledger verify` finds the ledger whole

usage: kill_test.py [KILLS]     (50; the nightly run takes 1000)
"""
import os
import random
import signal
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "api"))
import store  # noqa: E402
from harness import Client, Server, run  # noqa: E402

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
CLIENTS = 8


class Writer(threading.Thread):
    def __init__(self, number, place):
        super().__init__(daemon=True)
        self.number, self.place = number, place
        self.acked, self.sent, self.refused = {}, set(), []
        self.client, self.cookie, self.port = None, None, None

    def connect(self, port):
        self.client = Client(port)
        self.port = port
        if self.cookie is None:
            self.client.sign_in("admin")
            self.cookie = self.client.cookie
        self.client.cookie = self.cookie

    def write(self, code, key):
        """Sends until there is an answer, whichever server gives it."""
        while not self.place["is_over"]:
            try:
                if self.client is None or self.port != self.place["port"]:
                    self.connect(self.place["port"])
                body = {"code": code, "division": "210200", "name_zh": "单位", "name_en": "Unit"}
                answer = self.client.command("unit.add", body, key, timeout=10)
            except (OSError, AssertionError, Exception):  # cut off: nobody knows what became of it
                self.client = None
                time.sleep(0.01)
                continue
            if answer.status == 401:
                self.cookie, self.client = None, None
            elif answer.status == 503:
                time.sleep(0.01)
            else:
                return answer
        return None

    def run(self):
        count = 0
        while not self.place["is_over"]:
            code, key = f"kill-{self.number}-{count}", str(uuid.uuid4())
            count += 1
            self.sent.add(code)
            answer = self.write(code, key)
            if answer is not None and answer.status == 200:
                self.acked[code] = answer.json()["id"]
            elif answer is not None:
                self.refused.append((code, answer))


def main():
    random.seed(3)
    folder = store.found()
    server = Server(folder)
    place = {"port": server.port, "is_over": False}
    writers = [Writer(n, place) for n in range(CLIENTS)]
    for writer in writers:  # a sign-in that is cut off counts as one that failed
        writer.connect(server.port)
    last = server.client().sign_in("admin").cookie
    for writer in writers:
        writer.start()
    ready = []
    for _ in range(KILLS):
        time.sleep(random.uniform(0.02, 0.5))
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
        server.process.stdout.close()
        server = Server(folder)
        ready.append(server.ready_s)
        place["port"] = server.port
    time.sleep(1.0)
    place["is_over"] = True
    for writer in writers:
        writer.join(30)
    there = {}
    client = server.client()
    client.cookie = last
    for row in store.rows(client, "/units"):
        there.setdefault(row["code"], []).append(row["id"])
    server.stop()
    check(writers, there, folder, ready)


def check(writers, there, folder, ready):
    acked = {code: made for writer in writers for code, made in writer.acked.items()}
    sent = {code for writer in writers for code in writer.sent}
    lost = [code for code, made in acked.items() if made not in there.get(code, [])]
    doubled = [code for code, ids in there.items() if len(ids) > 1]
    foreign = [code for code in there if code.startswith("kill-") and code not in sent]
    refused = [item for writer in writers for item in writer.refused]
    words = f"{KILLS} kills, {len(acked)} acknowledged"
    report(not lost and len(acked) > 10 * KILLS / 4, f"no acknowledged command is lost ({words}, {len(lost)} lost)", lost)
    report(not doubled, f"no command acted twice ({len(doubled)} doubled)", doubled)
    report(not foreign and not refused, "nothing else happened", foreign + refused)
    code, out, err = run("ledger", "verify", "--data", folder, check=False)
    report(code == 0, "the ledger is whole", [(code, out, err)])
    print(f"# ready after {sorted(ready)[len(ready) // 2]:.2f} s in the middle, {max(ready):.2f} s at most")
    sys.exit(1 if FAILED else 0)


FAILED = []


def report(is_right, name, detail):
    print(("ok" if is_right else "not ok") + f" - {name}", flush=True)
    if not is_right:
        FAILED.append(name)
        print(f"# {str(detail[:5])[:2000]}", flush=True)


if __name__ == "__main__":
    main()
