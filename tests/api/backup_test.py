#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""backup_test.py: a backup is made while the server runs and four clients write (T-16).

    the server goes on: commands are acknowledged before, while and after
    the backup restores elsewhere, its ledger verifies, its state is built anew alike
    what it holds is the ledger up to the signed head: every command that was acknowledged before the backup began
    the restored state is that of the original cut off at the same head, which is done here, with SQL alone
"""
import os
import shutil
import sqlite3
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import store  # noqa: E402
from harness import Server, run  # noqa: E402

CLIENTS = 4


class Writer(threading.Thread):
    def __init__(self, server, number, place):
        super().__init__(daemon=True)
        self.client = server.client()
        self.client.sign_in("admin")
        self.number, self.place, self.acked, self.refused = number, place, [], []

    def run(self):
        count = 0
        while not self.place["is_over"]:
            code = f"backup-{self.number}-{count}"
            count += 1
            body = {"code": code, "division": "210200", "name_zh": "单位", "name_en": "Unit"}
            answer = self.client.command("unit.add", body, str(uuid.uuid4()), timeout=20)
            if answer.status == 200:
                self.acked.append((code, answer.json()["sequence"]))
            else:
                self.refused.append((code, answer.status))


def wait_for(writers, count):
    until = time.monotonic() + 60
    while min(len(writer.acked) for writer in writers) < count and time.monotonic() < until:
        time.sleep(0.02)
    return [sequence for writer in writers for _, sequence in writer.acked]


def cut_off(folder, size):
    """The same store as it was when its ledger had `size` entries."""
    ledger = sqlite3.connect(os.path.join(folder, "ledger.db"))
    triggers = ledger.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        ledger.execute(f"DROP TRIGGER {name}")
    nodes = 2 * size - bin(size).count("1")  # of a Merkle tree of `size` leaves, complete subtrees only
    ledger.execute("DELETE FROM entry WHERE sequence >= ?", (size,))
    ledger.execute("DELETE FROM node WHERE position >= ?", (nodes,))
    ledger.execute("DELETE FROM checkpoint WHERE size > ?", (size,))
    for _, sql in triggers:
        ledger.execute(sql)
    ledger.commit()
    ledger.close()
    for name in os.listdir(folder):
        if name.startswith("state.db"):
            os.unlink(os.path.join(folder, name))


def digest(folder):
    code, out, err = run("rebuild", "--data", folder, check=False)
    assert code == 0, (code, out, err)
    before, after = [line.split()[1] for line in out.splitlines()]
    assert before == after
    return after


def entries(folder):
    ledger = sqlite3.connect(os.path.join(folder, "ledger.db"))
    rows = ledger.execute("SELECT bytes FROM entry ORDER BY sequence").fetchall()
    ledger.close()
    return rows


def test_backup_while_the_server_runs():
    folder = store.found()
    top = os.path.dirname(folder)
    words, copy, restored, reference = (os.path.join(top, f"backup-{uuid.uuid4()}-{name}")
                                        for name in ("words", "copy", "restored", "reference"))
    with open(words, "w") as out:
        out.write("correct horse battery staple\n")
    server = Server(folder)
    place = {"is_over": False}
    writers = [Writer(server, n, place) for n in range(CLIENTS)]
    for writer in writers:
        writer.start()
    before = wait_for(writers, 20)
    code, out, err = run("backup", copy, "--data", folder, "--passphrase-file", words, check=False)
    after = len(wait_for(writers, 0))
    wait_for(writers, after // CLIENTS + 10)
    place["is_over"] = True
    for writer in writers:
        writer.join(30)
    log = server.stderr()
    stopped = server.stop()
    assert code == 0, (code, out, err)
    assert stopped == 0, log
    assert not [item for writer in writers for item in writer.refused]
    assert after > len(before), "nobody could write while the backup was made"
    assert not os.path.exists(os.path.join(folder, "backup")), "the work folder stays"

    run("restore", copy, "--data", restored, "--passphrase-file", words)
    run("ledger", "verify", "--data", restored)
    original, held = entries(folder), entries(restored)
    size = len(held) - 1  # the last entry of the restored one is its own: ledger.continued
    assert original[:size] == held[:size] and len(original) >= size > max(before)
    shutil.copytree(folder, reference)
    cut_off(reference, size)
    same = digest(restored)
    assert digest(reference) == same
    acked = sum(len(writer.acked) for writer in writers)
    for path in (copy, words):
        os.unlink(path)
    return f"{acked} commands acknowledged, {after - len(before)} while it was made; {size} of {len(original)} entries"


def test_backup_needs_a_store_and_a_passphrase():
    folder = store.found()
    words = os.path.join(folder, "words")
    with open(words, "w") as out:
        out.write("too short\n")
    code, _, err = run("backup", os.path.join(folder, "copy"), "--data", folder, "--passphrase-file", words, check=False)
    assert code == 65 and not os.path.exists(os.path.join(folder, "copy")), (code, err)
    code, _, err = run("backup", os.path.join(folder, "copy"), "--data", folder + "-absent", "--passphrase-file", words,
                       check=False)
    assert code == 66, (code, err)


if __name__ == "__main__":
    harness.main(globals())
