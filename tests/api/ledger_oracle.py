#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""ledger_oracle.py: the ledger seen from outside, by a second implementation that shares no code with it.

usage: tests/api/ledger_oracle.py          BUILD (default build) names the build folder

Written from the byte table of src/ledger/entry.c, the forms drawn in note.c and receipt.c, RFC 6962 and
RFC 8032. It reads ledger.db with Python's own sqlite3, hashes every entry, builds the tree naively, checks
each stored node, every checkpoint's signature and every receipt that the program writes, and compares its
reading of each entry with `levee ledger show --format json`. Then it damages copies and demands that
`levee ledger verify` names what was damaged.
"""
import base64
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
LEVEE = os.path.join(BUILD, "levee")
MAKE = os.path.join(BUILD, "tests/crash/make_ledger")
ENTRIES = 45
failed = 0


def check(name, is_good, note=""):
    global failed
    failed += not is_good
    print(("ok - " if is_good else "not ok - ") + name + ("" if is_good or not note else f"\n# {note}"))


def run(folder, *words, language="C"):
    environment = dict(os.environ, LC_ALL=language, LEVEE_DATA=folder)
    return subprocess.run([LEVEE, "ledger", *words], env=environment, capture_output=True)


# ---- RFC 6962, section 2.1

def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split(count):
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def root_of(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


def path_of(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return path_of(m, leaves[:k]) + [root_of(leaves[k:])]
    return path_of(m - k, leaves[k:]) + [root_of(leaves[:k])]


def subproof(m, leaves, is_whole):
    if m == len(leaves):
        return [] if is_whole else [root_of(leaves)]
    k = split(len(leaves))
    if m <= k:
        return subproof(m, leaves[:k], is_whole) + [root_of(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [root_of(leaves[:k])]


def nodes_of(leaves):
    """The complete subtrees in the order in which appending completes them."""
    nodes = []
    for i in range(len(leaves)):
        size = 1
        while (i + 1) % size == 0:
            nodes.append(root_of(leaves[i + 1 - size:i + 1]))
            size *= 2
    return nodes


# ---- RFC 8032, section 5.1, verification only

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    g, h = 2 * t1 * t2 * D, 2 * z1 * z2
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def recover(data):
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * I % P
    if (x * x - square) % P:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = recover((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, message, signature):
    a, r = recover(key), recover(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- The forms of levee

def decode(data):
    """The byte table of src/ledger/entry.c."""
    number = lambda at, size: int.from_bytes(data[at:at + size], "big")
    type_size, body_size, payload_size = data[3], number(74, 4), number(78, 4)
    assert data[:3] == b"\1\1\1" and len(data) == 82 + type_size + body_size + payload_size
    body_at = 82 + type_size
    return {
        "form": number(4, 2), "part": number(6, 2), "parts": number(8, 2), "ledger_id": number(10, 8),
        "sequence": number(18, 8), "time": number(26, 8), "node": number(34, 8), "actor": number(42, 8),
        "division": number(50, 8), "command_id": data[58:74].hex(), "type": data[82:body_at].decode(),
        "body": json.loads(data[body_at:body_at + body_size]), "payload_size": payload_size,
    }


def open_note(note, key, origin):
    """(size, root) of a checkpoint with a good signature, else None."""
    text, _, lines = note.partition("\n\n")
    text += "\n"
    words = text.split("\n")
    name = origin.encode()
    key_hash = hashlib.sha256(name + b"\n\x01" + key).digest()[:4]
    for line in lines.splitlines():
        dash, signer, value = line.split(" ")
        value = base64.b64decode(value)
        if dash == "\u2014" and signer == origin and value[:4] == key_hash and words[0] == origin:
            return (int(words[1]), base64.b64decode(words[2])) if is_signed(key, text.encode(), value[4:]) else None
    return None


def read_file(folder):
    connection = sqlite3.connect(f"file:{folder}/ledger.db?mode=ro", uri=True)
    rows = lambda sql: connection.execute(sql).fetchall()
    entries = [bytes(row[0]) for row in rows("SELECT bytes FROM entry ORDER BY sequence")]
    nodes = [bytes(row[0]) for row in rows("SELECT hash FROM node ORDER BY position")]
    notes = rows("SELECT size, note FROM checkpoint ORDER BY size")
    connection.close()
    return entries, nodes, notes


def test_whole(folder):
    entries, nodes, notes = read_file(folder)
    leaves = [leaf_hash(entry) for entry in entries]
    check("the file holds the entries that were made", len(entries) == ENTRIES)
    check("every stored node is the naive one", nodes == nodes_of(leaves))
    birth = decode(entries[0])["body"]
    key, origin = bytes.fromhex(birth["public_key"]), f"levee/{birth['ledger']}/{birth['identity']}"
    check("every checkpoint is signed and fits the tree",
          len(notes) == 6 and all(open_note(note, key, origin) == (size, root_of(leaves[:size])) for size, note in notes))
    check("a changed checkpoint is not signed", open_note(notes[2][1].replace("time 1", "time 2"), key, origin) is None)
    for sequence, entry in enumerate(entries):
        shown = json.loads(run(folder, "show", str(sequence), "--format", "json").stdout)
        wanted = dict(decode(entry), id=f"21-{sequence}", bytes=entry.hex(), leaf=leaves[sequence].hex())
        if shown != wanted:
            check(f"entry {sequence} is read alike", False, f"{shown}\n# {wanted}")
            break
    else:
        check("every entry is read alike", True)
    return leaves, entries, key, origin, notes


def test_receipts(folder, leaves, entries, key, origin, notes):
    signed = notes[-1][0]
    good = 0
    for sequence in range(signed):
        lines = run(folder, "prove", str(sequence)).stdout.decode().split("\n")
        end = lines.index("")
        size, root = open_note("\n".join(lines[end + 1:]), key, origin)
        good += (lines[0] == "c2sp.org/tlog-proof@v1" and base64.b64decode(lines[1].split(" ")[1]) == entries[sequence]
                 and lines[2] == f"index {sequence}" and size == signed and root == root_of(leaves[:size])
                 and [base64.b64decode(line) for line in lines[3:end]] == path_of(sequence, leaves[:size]))
    check("every receipt is the naive proof", good == signed, f"{good} of {signed}")
    good = 0
    for size, _ in notes:
        lines = run(folder, "prove", "--from", str(size)).stdout.decode().split("\n")
        hashes = [base64.b64decode(line) for line in lines[1:lines.index("")]]
        good += lines[0] == "levee/consistency@v1" and hashes == subproof(size, leaves[:signed], True)
    check("every proof between heads is the naive one", good == len(notes))
    receipt = os.path.join(folder, "receipt")
    public = json.loads(run(folder, "checkpoint", "--format", "json").stdout)["key"]
    with open(receipt, "wb") as file:
        file.write(run(folder, "prove", "21-5").stdout)
    with tempfile.TemporaryDirectory() as nowhere:
        check("a receipt is checked without the ledger",
              run(nowhere, "verify", "--proof", receipt, "--key", public).returncode == 0)
        check("without the ledger a key is needed", run(nowhere, "verify", "--proof", receipt).returncode == 65)
    check("beside the ledger no key is needed", run(folder, "verify", "--proof", receipt).returncode == 0)
    text = open(receipt).read()
    with open(receipt, "w") as file:
        file.write(text.replace("index 5", "index 6"))
    check("a changed receipt is refused", run(folder, "verify", "--proof", receipt, "--key", public).returncode == 76)
    check("an entry that is not signed has no receipt", run(folder, "prove", str(ENTRIES - 1)).returncode == 66)
    check("an entry that is not there has none", run(folder, "prove", "999").returncode == 66)


def copy_with(folder, target, change):
    shutil.rmtree(target, ignore_errors=True)
    os.mkdir(target)
    data = bytearray(open(f"{folder}/ledger.db", "rb").read())
    change(data)
    open(f"{target}/ledger.db", "wb").write(data)


def test_damage(folder, entries):
    target = folder + "-copy"
    result = run(folder, "verify", "--format", "json")
    check("a whole ledger is said to be whole", result.returncode == 0 and json.loads(result.stdout)["entries"] == ENTRIES)
    found = 0
    for sequence in range(0, ENTRIES, 4):
        def flip(data):
            at = data.find(entries[sequence][:200])
            assert at > 0
            data[at + 20 + sequence] ^= 1 << sequence % 8
        copy_with(folder, target, flip)
        result = run(target, "verify", "--format", "json")
        answer = json.loads(result.stdout)
        found += result.returncode == 76 and answer["arguments"]["sequence"] == sequence
    check("one flipped bit: verify names the entry", found == len(range(0, ENTRIES, 4)), str(found))
    for language, wanted in (("C", "Entry 44"), ("zh_CN.UTF-8", "第 44 条")):
        check(f"the sentence is there in {language}", wanted in run(target, "verify", language=language).stderr.decode())
    held = os.path.join(folder, "held")
    open(held, "wb").write(run(folder, "checkpoint").stdout)
    check("a held checkpoint fits", run(folder, "verify", "--held", held).returncode == 0)
    other = folder + "-other"
    os.mkdir(other)
    subprocess.run([MAKE, other, "20"], check=True)
    result = run(other, "verify", "--held", held)
    check("an old copy does not fit a held checkpoint", result.returncode == 76 and b"20" in result.stderr)
    check("a folder without a ledger is said so", run(folder + "-none", "verify").returncode == 66)
    check("an unknown action is a wrong command line", run(folder, "mend").returncode == 64)


def main():
    with tempfile.TemporaryDirectory() as parent:
        folder = os.path.join(parent, "data")
        os.mkdir(folder)
        subprocess.run([MAKE, folder, str(ENTRIES)], check=True)
        leaves, entries, key, origin, notes = test_whole(folder)
        test_receipts(folder, leaves, entries, key, origin, notes)
        test_damage(folder, entries)
    return failed > 0


sys.exit(main())
