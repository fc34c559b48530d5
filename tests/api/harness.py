# SPDX-License-Identifier: GPL-3.0-or-later
"""harness.py: runs the real program on a folder of its own and talks to it like any client.

Owns: the server process (own port, own data folder, killed at the end), a small HTTP client with
cookies, raw sockets, and TAP lines. Python's standard library only; only the loopback is used; every
wait has an end. A test program imports this, defines functions named test_*, and calls main().

    BUILD            folder of the build (build)
    LEVEE_SHARED     reference data; tests that need it skip where it is absent
"""
import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import uuid

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build"))
PROGRAM = os.path.join(BUILD, "levee")
PASSWORD = "levee-demo-2020"
WAIT_S = 60


class Skip(Exception):
    """Raised to leave a test with a reason."""


def run(*arguments, timeout=600, language="C", check=True):
    """Runs the program to its end and returns (code, stdout, stderr)."""
    environment = dict(os.environ, LC_ALL=language)
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, timeout=timeout, env=environment)
    if check and done.returncode != 0:
        raise AssertionError(f"levee {' '.join(arguments)}: {done.returncode}: {done.stderr.decode()[:2000]}")
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def key(self):
        return self.json()["error"]["key"]

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class Client:
    """One browser: a connection, a cookie."""

    def __init__(self, port, language="en", host="127.0.0.1"):
        self.port, self.host, self.language, self.cookie, self.connection = port, host, language, None, None

    def request(self, method, path, body=None, headers=None, origin=True, timeout=WAIT_S):
        headers = dict(headers or {})
        headers.setdefault("Accept-Language", self.language)
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        if origin and method not in ("GET", "HEAD"):
            headers.setdefault("Origin", f"http://{self.host}:{self.port}")
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        for attempt in (0, 1):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
            try:
                self.connection.request(method, path, body.encode() if isinstance(body, str) else body, headers)
                response = self.connection.getresponse()
                data = response.read()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()  # a connection that was kept alive too long
                if attempt or method != "GET":
                    raise
        if response.will_close:
            self.close()
        for key, value in response.getheaders():
            if key.lower() == "set-cookie":
                self.cookie = value.split(";")[0]
        return Answer(response.status, response.getheaders(), data)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def command(self, name, body, key=None, **more):
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        headers.update(more.pop("headers", {}))
        return self.post(f"/api/v1/commands/{name}", body, headers=headers, **more)

    def sign_in(self, name, password=PASSWORD):
        answer = self.post("/api/v1/session", {"name": name, "password": password})
        assert answer.status == 200, answer
        return self

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Server:
    """`levee serve` on a folder."""

    def __init__(self, folder, *options, listen="127.0.0.1:0"):
        self.folder = folder
        self.log = tempfile.TemporaryFile()
        environment = dict(os.environ, LC_ALL="C")
        self.started = time.monotonic()
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", folder, "--listen", listen, *options],
                                        stdout=subprocess.PIPE, stderr=self.log, env=environment)
        self.port = self.read_port()
        self.ready_s = time.monotonic() - self.started

    def read_port(self):
        text = b""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.5)
            if ready:
                piece = os.read(self.process.stdout.fileno(), 4096)
                text += piece
                found = re.search(rb"http://[^ ]*:(\d+)/", text)
                if found:
                    return int(found.group(1))
                if not piece:
                    break
        self.process.kill()
        raise AssertionError(f"levee serve did not start: {text!r} {self.stderr()}")

    def stderr(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def client(self, **more):
        return Client(self.port, **more)

    def stop(self, how=signal.SIGTERM, timeout=30):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("levee serve did not stop")
        self.process.stdout.close()
        return code

    def raw(self, data, timeout=3.0, pause=0.0):
        """Sends bytes as they are; returns all that comes back and whether the connection was closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as stream:
            pieces, closed = [], False
            try:
                if pause:
                    for i in range(len(data)):
                        stream.sendall(data[i:i + 1])
                        time.sleep(pause)
                else:
                    stream.sendall(data)
                while True:
                    piece = stream.recv(65536)
                    if not piece:
                        closed = True
                        break
                    pieces.append(piece)
            except (socket.timeout, TimeoutError):
                pass
            except (ConnectionResetError, BrokenPipeError):
                closed = True
            return b"".join(pieces), closed


def end_server(server, *folders):
    """Ends the server that a module's tests shared, as the last of them, and removes their folders."""
    code = server.stop()
    print("ok - the server ends" if code == 0 else f"not ok - the server ends (exit {code})")
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def main(namespace):
    """Runs the test_ functions of a module in their order; TAP on stdout."""
    wanted = sys.argv[1:]
    failed = 0
    for name, function in list(namespace.items()):
        if not name.startswith("test_") or (wanted and not any(word in name for word in wanted)):
            continue
        started = time.monotonic()
        try:
            note = function() or ""
            print(f"ok - {name[5:].replace('_', ' ')}" + (f" ({note})" if note else ""), flush=True)
        except Skip as reason:
            print(f"ok - {name[5:].replace('_', ' ')} # SKIP {reason}", flush=True)
        except Exception:  # a test must not take the others down
            failed += 1
            print(f"not ok - {name[5:].replace('_', ' ')} ({time.monotonic() - started:.1f} s)", flush=True)
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), flush=True)
    end = namespace.get("end")
    if end:
        end()
    sys.exit(1 if failed else 0)
