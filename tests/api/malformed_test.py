#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""malformed_test.py: what is no request, too large, too slow, cut short or no JSON gets a fitting status and a sentence in
the reader's language, with the headers that every answer has, and the server lives on.

Raw sockets only: a client library would mend what this test breaks."""
import json
import re
import socket
import time
import uuid

import store
from harness import Server, main

SERVER = Server(store.found())
API = "/api/v1"
HOST = b"Host: x\r\n"
CONTINUED = ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
             "Permissions-Policy", "Content-Security-Policy", "Cache-Control")
CHINESE, ENGLISH = b"Accept-Language: zh-CN\r\n", b"Accept-Language: en\r\n"


def split(data):
    """(status, headers, body) of the one answer in `data`."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0].startswith("HTTP/1.1 "), data[:200]
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        assert name not in headers and " " not in name, (name, head)
        headers[name] = value
    assert re.search(rb"HTTP/1.1 \d", body) is None, data[:2000]
    return int(lines[0].split()[1]), headers, body


def is_chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def check(data, closed, status, language=None, must_close=True):
    """One refusal: its status, headers, JSON, sentence. `language` None: it could not be known, so both are there."""
    got, headers, body = split(data)
    assert got == status, (got, status, data[:300])
    for name in CONTINUED:
        assert name in headers, (name, data[:600])
    assert int(headers["Content-Length"]) == len(body) and headers["Content-Type"].startswith("application/json"), headers
    error = json.loads(body)["error"]
    assert set(error) == {"code", "key", "text", "arguments"} and error["text"], error
    words = error["text"]
    has_english = "." in words and any(letter.isascii() and letter.isalpha() for letter in words)
    if language is None:
        assert is_chinese(words) and has_english and headers["Content-Language"] == "zh-CN, en", (words, headers)
    else:
        assert is_chinese(words) == (language == "zh-CN") and headers["Content-Language"] == language, (words, headers)
    assert closed or not must_close, data[:200]
    return error


def both(make, status, **more):
    """The same stream with either language in its head."""
    for line, language in ((CHINESE, "zh-CN"), (ENGLISH, "en")):
        data, closed = SERVER.raw(make(line))
        check(data, closed, status, language, **more)


def alive():
    assert SERVER.client().get(f"{API}/health").status == 200


def test_lines_that_are_no_request():
    refused = [b"GET /a HTTP/9\r\n", b"GET /a HTTX/1.1\r\n", b"GET /a http/1.1\r\n", b"GET /a\r\n", b"GET \r\n", b"GET /a HTTP/1.11\r\n"]
    for line in refused:
        data, closed = SERVER.raw(line + HOST + b"\r\n")
        check(data, closed, 400)
    for version in (b"HTTP/2.0", b"HTTP/3.1", b"HTTP/0.9"):
        data, closed = SERVER.raw(b"GET /a " + version + b"\r\n" + HOST + b"\r\n")
        assert check(data, closed, 505)["key"] == "web.version"
    for target in (b"/a b", b"/a#b", b"http://x/a", b"*", b"/\xe5\xa0\xa4", b"/\"<>"):
        both(lambda line, target=target: b"GET " + target + b" HTTP/1.1\r\n" + HOST + line + b"\r\n", 400)
    # One word, and the client says no more: there is nobody to be answered.
    data, closed = SERVER.raw(b"\x16\x03\x01\x02\x00\r\n\r\n")
    assert closed and data == b"", data
    alive()


def test_headers_that_are_none():
    for wrong in (b"no colon\r\n", b": nameless\r\n", b"A b: c\r\n", b"X: a\x00b\r\n", b"X : y\r\n", b"X:\r\n y\r\n"):
        data, closed = SERVER.raw(b"GET /api/v1/health HTTP/1.1\r\n" + HOST + wrong + b"\r\n")
        got, headers, body = split(data)
        assert got == 400 and closed and json.loads(body)["error"]["text"], (wrong, data[:300])
        for name in CONTINUED:
            assert name in headers, (wrong, name)
    both(lambda line: b"GET /api/v1/health HTTP/1.1\r\n" + line + b"\r\n", 400)
    data, closed = SERVER.raw(b"GET /api/v1/health HTTP/1.0\r\n\r\n")
    assert data.startswith(b"HTTP/1.") and b" 200 " in data[:20], data[:100]


def test_lengths_that_are_none():
    head = f"POST {API}/session HTTP/1.1\r\n".encode() + HOST + b"Origin: http://x\r\n"
    for length in (b"x", b"-1", b"+2", b"0x2", b"2 2", b"", b"1e3"):
        both(lambda line, length=length: head + line + b"Content-Length: " + length + b"\r\n\r\n{}", 400)
    both(lambda line: head + line + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n{}", 413)
    both(lambda line: head + line + b"Content-Length: 99999999\r\n\r\n", 413)
    both(lambda line: head + line + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 411)
    both(lambda line: head + line + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n", 411)


def test_heads_that_are_too_large():
    for size in (20_000, 70_000, 200_000):
        data, closed = SERVER.raw(b"GET /" + b"a" * size + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        check(data, closed, 414, None if b"zh-CN, en" in data else "en")
        for line, language in ((CHINESE, "zh-CN"), (ENGLISH, "en")):
            stream = b"GET /api/v1/health HTTP/1.1\r\n" + HOST + line + b"X: " + b"a" * size + b"\r\n\r\n"
            data, closed = SERVER.raw(stream)
            check(data, closed, 431, None if b"zh-CN, en" in data and size > 60_000 else language)
            stream = b"GET /api/v1/health HTTP/1.1\r\n" + HOST + line + b"X: y\r\n" * (size // 6) + b"\r\n"
            data, closed = SERVER.raw(stream)
            check(data, closed, 431, None if b"zh-CN, en" in data and size > 60_000 else language)
    alive()


def posting(client, body, length=None, language=ENGLISH, name="unit.add"):
    host = f"127.0.0.1:{SERVER.port}"
    head = (f"POST {API}/commands/{name} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {client.cookie}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {uuid.uuid4()}\r\nConnection: close\r\n"
            f"Content-Length: {len(body) if length is None else length}\r\n").encode()
    return head + language + b"\r\n" + body


def test_bodies_that_are_no_json():
    client = SERVER.client().sign_in("admin")
    deep = b"[" * 100_000 + b"]" * 100_000
    bodies = {
        "bad UTF-8": b'{"code":"\xff\xfe"}', "overlong UTF-8": b'{"code":"\xc0\xaf"}', "a surrogate": b'{"code":"\xed\xa0\x80"}',
        "an escaped surrogate": b'{"code":"\\ud800"}', "NUL": b'{"code":"\\u0000"}', "a key twice": b'{"code":"a","code":"b"}',
        "a key twice, escaped": b'{"code":"a","c\\u006fde":"b"}', "deep": b'{"code":' + deep + b"}", "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
        "a huge integer": b'{"code":' + b"9" * 400 + b"}", "a huge real": b'{"code":1e999}', "no value": b'{"code":}',
        "cut off": b'{"code":"a', "two values": b"{} {}", "a list": b"[1]", "a word": b"null", "infinity": b'{"code":Infinity}',
        "a comment": b'{/*x*/"code":"a"}', "single quotes": b"{'code':'a'}", "a byte order mark": b"\xef\xbb\xbf{}", "rubbish": bytes(range(256)),
    }
    size = client.get(f"{API}/divisions").json()["sequence"]
    for name, body in bodies.items():
        for line, language in ((CHINESE, "zh-CN"), (ENGLISH, "en")):
            started = time.monotonic()
            data, closed = SERVER.raw(posting(client, body, language=line))
            error = check(data, closed, 400, language)
            assert error["code"] == "invalid" and time.monotonic() - started < 1.0, (name, error)
    assert client.get(f"{API}/divisions").json()["sequence"] == size
    for number in (b"1e308", b"-0.0", b"123456789012345678901234567890", b"9223372036854775808"):
        data, closed = SERVER.raw(posting(client, b'{"level":' + number + b"}", name="notice.raise"))
        assert data.startswith(b"HTTP/1.1 400"), data[:200]
    return f"{len(bodies)} kinds"


def test_a_body_cut_short():
    client = SERVER.client().sign_in("admin")
    size = client.get(f"{API}/divisions").json()["sequence"]
    for line, language in ((CHINESE, "zh-CN"), (ENGLISH, "en")):
        with socket.create_connection(("127.0.0.1", SERVER.port), timeout=5) as stream:
            stream.sendall(posting(client, b'{"code":"cut"', length=4000, language=line))
            time.sleep(0.2)
            stream.shutdown(socket.SHUT_WR)
            data = b""
            while piece := stream.recv(65536):
                data += piece
        check(data, True, 400, language)
    for _ in range(20):  # and the client that is simply gone
        with socket.create_connection(("127.0.0.1", SERVER.port), timeout=5) as stream:
            stream.sendall(posting(client, b'{"code":"gone"', length=4000))
    assert client.get(f"{API}/divisions").json()["sequence"] == size
    alive()


def read_to_end(stream, seconds):
    stream.settimeout(seconds)
    data = b""
    try:
        while piece := stream.recv(65536):
            data += piece
    except (socket.timeout, TimeoutError):
        return data, False
    except ConnectionResetError:
        pass
    return data, True


def test_the_slow_are_told():
    """T-28: a head without end, and a body that trickles: each is told so and cut off within its time."""
    client = SERVER.client().sign_in("admin")
    started = time.monotonic()
    heads = {None: b"GET /api/v1/hea", "en": b"GET /api/v1/health HTTP/1.1\r\n" + HOST + b"X: y\r\n"}
    streams = {}
    for name, start in heads.items():
        streams[name] = socket.create_connection(("127.0.0.1", SERVER.port), timeout=20)
        streams[name].sendall(start)
    body = socket.create_connection(("127.0.0.1", SERVER.port), timeout=20)
    body.sendall(posting(client, b"{", length=4000, language=CHINESE))
    for _ in range(16):
        time.sleep(0.5)
        alive()
    for language, stream in ((None, streams[None]), (None, streams["en"]), ("zh-CN", body)):
        data, closed = read_to_end(stream, 8)
        assert check(data, closed, 408, language)["key"] == "web.slow"
        stream.close()
    took = time.monotonic() - started
    assert 9 < took < 14, took
    return f"after {took:.1f} s"


def test_a_refusal_reaches_who_still_sends():
    """A body of 3 MiB is on its way when its head is refused: the refusal is read all the same."""
    head = f"POST {API}/session HTTP/1.1\r\n".encode() + HOST + ENGLISH
    reached = 0
    for _ in range(10):
        with socket.create_connection(("127.0.0.1", SERVER.port), timeout=5) as stream:
            stream.sendall(head + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n")
            time.sleep(0.05)
            try:
                stream.sendall(b"x" * 3_000_000)
            except OSError:
                pass
            try:
                reached += b" 413 " in stream.recv(65536)
            except OSError:
                pass
    alive()
    return f"{reached} of 10"


def end():
    code = SERVER.stop()
    words = SERVER.stderr()
    print("ok - the server ends" if code == 0 and "cut_off=0" in words else f"not ok - the server ends (exit {code})\n# {words[-300:]}")


if __name__ == "__main__":
    main(globals())
