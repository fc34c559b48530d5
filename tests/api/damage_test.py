#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""damage_test.py: a file of a store is foreign, cut, empty or gone, or its folder cannot be written.

    state.db             is built anew: nobody notices
    ledger.db, vault.db  a sentence that names the file and the remedy, and the exit code that operations.md gives
    a read-only folder   the same
"""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness  # noqa: E402
import store  # noqa: E402
from harness import Server, Skip, run  # noqa: E402


def foreign(path):
    with open(path, "wb") as out:
        out.write(b"not a database, but a letter\n" * 2000)


def cut(path):
    os.truncate(path, os.path.getsize(path) // 2)


def empty(path):
    os.truncate(path, 0)


def other(path):
    os.unlink(path)
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE thing (name TEXT)")
    database.commit()
    database.close()


def damaged(name, harm):
    folder = store.found()
    path = os.path.join(folder, name)
    harm(path)
    return folder, path


def test_state_is_built_anew():
    for harm in (foreign, cut, empty, other, os.unlink):
        folder, path = damaged("state.db", harm)
        code, out, err = run("query", "divisions", "--data", folder, check=False)
        assert code == 0 and "210200" in out, (harm.__name__, code, err)


def test_ledger_and_vault_are_named_with_the_remedy():
    for name in ("ledger.db", "vault.db"):
        for harm in (foreign, cut, empty, other, os.unlink):
            folder, path = damaged(name, harm)
            code, _, err = run("query", "divisions", "--data", folder, check=False)
            is_gone = harm is os.unlink and name == "ledger.db"
            assert code == (76 if harm in (foreign, cut) else 66), (name, harm.__name__, code, err)
            assert (folder if is_gone else path) in err, (name, harm.__name__, err)
            assert is_gone or "backup" in err, (name, harm.__name__, err)


def test_copied_ledger_in_a_folder_that_cannot_be_written():
    folder = store.found()
    server = Server(folder)
    client = server.client()
    client.sign_in("admin")
    body = {"code": "u", "division": "210200", "name_zh": "单位", "name_en": "Unit"}
    assert client.command("unit.add", body, str(uuid.uuid4())).status == 200
    disk = tempfile.mkdtemp(prefix="levee-read-only-")
    try:
        if subprocess.run(["mount", "-t", "tmpfs", "levee-test", disk], capture_output=True).returncode != 0:
            raise Skip("no file system can be mounted here (root is needed)")
        for name in ("ledger.db", "ledger.db-wal"):
            shutil.copy(os.path.join(folder, name), disk)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        code, _, err = run("ledger", "verify", "--data", disk, check=False)
        assert code == 74 and disk in err and "Copy" in err, (code, err)
    finally:
        server.stop()
        subprocess.run(["umount", disk], capture_output=True)
        os.rmdir(disk)


if __name__ == "__main__":
    harness.main(globals())
