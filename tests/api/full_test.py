#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""full_test.py: the disk is really full (a tmpfs of a few MiB), and then it is not (T-05).

    an HTTP command      507 and a sentence that names the place and the remedy; the next page is still read
    levee import         the same sentence, exit code 73
    room again           the same server takes the same command, with the same key, once
    no room for a name   opening, founding and the demo say so, exit code 73: no vague fault of the disk
"""
import errno
import os
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import store  # noqa: E402
from harness import Server, Skip, run  # noqa: E402


class Disk:
    """A small file system of its own, with a ballast that fills it up."""

    def __init__(self, mebibytes, names=0):
        """`names`: how many files there can be; 0: as many as the system gives."""
        self.folder = tempfile.mkdtemp(prefix="levee-full-")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,nr_inodes={names}", "levee-test", self.folder],
                              capture_output=True)
        if done.returncode != 0:
            os.rmdir(self.folder)
            raise Skip("no file system can be mounted here (root is needed)")
        self.data, self.ballast = os.path.join(self.folder, "data"), os.path.join(self.folder, "ballast")

    def fill(self):
        with open(self.ballast, "ab", buffering=0) as out:
            try:
                while True:
                    out.write(b"\0" * 4096)
            except OSError:
                out.truncate(max(0, out.tell() - 256 * 1024))  # room for a few commands more

    def free(self):
        os.unlink(self.ballast)

    def end(self):
        subprocess.run(["umount", self.folder], check=True)
        os.rmdir(self.folder)


def unit(number):
    # 200 bytes a name: the log has little room left in pages that it has already.
    return {"code": f"full-{number}", "division": "210200", "name_zh": "单" * 60, "name_en": "Unit " + "x" * 100}


def until_full(client):
    """Commands until one finds no room; returns its number and answer."""
    for number in range(20000):
        answer = client.command("unit.add", unit(number), str(uuid.uuid4()), timeout=20)
        if answer.status != 200:
            return number, answer
    raise AssertionError("the disk never fills up")


def declare(client):
    body = {"pack": "test", "code": "test.full", "field": "epidemic", "unit": "case", "frequency": "D", "direction": "up",
            "aggregation": "sum", "decimals": 0, "name_zh": "测试", "name_en": "test"}
    answer = client.command("indicator.declare", body, str(uuid.uuid4()))
    assert answer.status == 200, answer.body


def write_table(disk):
    path = disk.folder + "-table.csv"
    with open(path, "w") as out:
        out.write("division,period,value\n")
        for month in range(1, 13):
            for day in range(1, 29):
                for city in ("210200", "210100"):
                    out.write(f"{city},2020-{month:02}-{day:02},{day}\n")
    return path


def check_server(disk):
    server = Server(disk.data)
    try:
        return check_commands(disk, server)
    finally:
        server.process.kill()  # Where the check has not stopped it.


def check_commands(disk, server):
    client = server.client()
    client.sign_in("admin")
    declare(client)
    disk.fill()
    number, answer = until_full(client)
    assert answer.status == 507, (answer.status, answer.body)
    text = answer.json()["error"]["text"]
    assert disk.data in text and "Free some space" in text, text
    there = {row["code"] for row in store.rows(client, "/units")}
    accepted = {f"full-{n}" for n in range(number)}
    assert there <= accepted, there  # pages are read; the newest may wait for room in the state
    table = write_table(disk)
    code, _, err = run("import", "readings", table, "--data", disk.data, "--indicator", "test.full", check=False)
    assert code == 73 and disk.data in err and "Free some space" in err, (code, err)
    key = str(uuid.uuid4())
    again = client.command("unit.add", unit(number), key, timeout=20)
    assert again.status == 507, again.status
    disk.free()
    for _ in range(2):
        again = client.command("unit.add", unit(number), key, timeout=20)
        assert again.status == 200, (again.status, again.body, server.stderr())
    run("import", "readings", table, "--data", disk.data, "--indicator", "test.full")
    os.unlink(table)
    codes = [row["code"] for row in store.rows(client, "/units")]
    assert sorted(codes) == sorted(accepted | {f"full-{number}"}), "something is lost or doubled"
    assert server.stop() == 0, server.stderr()
    return number, text


def test_disk_is_full_and_then_it_is_not():
    disk = Disk(24)
    try:
        subprocess.run(["cp", "-a", store.found(), disk.data], check=True)
        number, text = check_server(disk)
        run("ledger", "verify", "--data", disk.data)
        # A second program on a full disk: founding is refused in words, and leaves nothing.
        disk.fill()
        other = os.path.join(disk.folder, "other")
        code, _, err = run("init", "--data", other, "--division", "210000", check=False)
        assert code == 73 and other in err, (code, err)
        disk.free()
        run("init", "--data", other, "--division", "210000")
    finally:
        disk.end()
    return f"{number} commands before it; {text!r}"


def take_names(folder):
    """Makes files until there is no name left; returns how many."""
    for number in range(1000):
        try:
            open(os.path.join(folder, f"name-{number}"), "w").close()
        except OSError as reason:
            assert reason.errno == errno.ENOSPC, reason
            return number
    raise AssertionError("there is no end of names")


def test_no_room_for_a_name_is_said_as_that():
    disk = Disk(24, names=64)
    try:
        subprocess.run(["cp", "-a", store.found(), disk.data], check=True)
        for name in os.listdir(disk.data):
            if name == "lock" or name.endswith(("-lock", "-wal", "-shm")):
                os.unlink(os.path.join(disk.data, name))
        take_names(disk.folder)
        tried = 0
        # Each time one name more is there: the lock, those of the files, the files of the log, the socket.
        while True:
            code, _, err = run("rebuild", "--data", disk.data, check=False)
            if code == 0:
                break
            assert code == 73 and disk.data in err, (tried, code, err)
            os.unlink(os.path.join(disk.folder, f"name-{tried}"))
            tried += 1
        assert tried > 2, tried
        take_names(disk.folder)
        code, _, err = run("demo", "--data", os.path.join(disk.folder, "a", "b"), check=False)
        assert code == 73 and os.path.join(disk.folder, "a") in err, (code, err)
    finally:
        disk.end()
    return f"opened with {tried} names more"


if __name__ == "__main__":
    harness.main(globals())
