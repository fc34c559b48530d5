# SPDX-License-Identifier: GPL-3.0-or-later
"""store.py: data folders for tests: a small live store with a tree of divisions and accounts."""
import atexit
import os
import shutil
import subprocess
import tempfile

from harness import BUILD, PASSWORD

FOLDERS = tempfile.mkdtemp(prefix="levee-api-")
atexit.register(shutil.rmtree, FOLDERS, ignore_errors=True)
_template = None


def template():
    global _template
    if _template is None:
        _template = os.path.join(FOLDERS, "template")
        os.mkdir(_template)
        subprocess.run([os.path.join(BUILD, "tests/api/api_found"), _template, PASSWORD], check=True, timeout=60)
    return _template


def found():
    """A new folder: the province, two cities, accounts admin, leader, dalian, shenyang, guessed."""
    folder = tempfile.mkdtemp(dir=FOLDERS)
    shutil.copytree(template(), folder, dirs_exist_ok=True)
    return folder


def rows(client, path):
    """All rows of a list, page after page."""
    every, after = [], None
    while True:
        answer = client.get(f"/api/v1{path}?limit=1000" + (f"&after={after}" if after else "")).json()
        every += answer["rows"]
        after = answer["next"]
        if after is None:
            return every
