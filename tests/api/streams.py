# SPDX-License-Identifier: GPL-3.0-or-later
"""streams.py: requests that two readers could take for different ones, as bytes."""

API = "/api/v1"


def smuggling_streams():
    """T-27: heads that two readers could take for different requests."""
    base = b"Host: x\r\n"
    post = f"POST {API}/session HTTP/1.1\r\n".encode()
    lengths = [b"+4", b"-4", b"0x4", b"4 4", b"4,4", b"4, 5", b"", b" ", b"4.0", b"04x", b"9" * 30, b"\x0b4", b"4\x00", b"4;", b"\xb2"]
    codings = [b"identity", b"gzip", b"gzip, chunked", b"chunked, chunked", b"chunked, identity", b"xchunked", b"chunkedx", b"",
               b"\x0bchunked", b"chunked\x00", b"cow", b"deflate", b"\"chunked\"", b"chunked;q=1"]
    for value in lengths:
        yield post + base + b"Content-Length: " + value + b"\r\n\r\n{}{}"
    for value in codings:
        yield post + base + b"Transfer-Encoding: " + value + b"\r\n\r\n0\r\n\r\n"
    for a in (b"Content-Length: 2", b"content-length: 2", b"Content-Length: 3", b"Transfer-Encoding: chunked"):
        for b in (b"Content-Length: 2", b"CONTENT-LENGTH: 5", b"Transfer-Encoding: chunked", b"transfer-encoding: chunked"):
            yield post + base + a + b"\r\n" + b + b"\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    for name in (b"Content-Length ", b" Content-Length", b"Content-Length\t", b"Content\x00-Length", b"Content-Len\xffgth", b"Content Length",
                 b"\x0bContent-Length", b"(Content-Length", b"Content-Length\r", b"", b"Content-Length\x7f", b"\"Content-Length\""):
        yield post + base + name + b": 2\r\n\r\n{}"
        yield post + base + name + b": 2\r\nAccept: */*\r\n\r\n{}"
    for name in (b"Transfer-Encoding ", b" Transfer-Encoding", b"Transfer-Encoding\t", b"Transfer\x00-Encoding"):
        yield post + base + name + b": chunked\r\n\r\n0\r\n\r\n"
    for fold in (b"\r\n ", b"\r\n\t", b"\n ", b"\r\n  \r\n "):
        for name in (b"Content-Length:", b"X:", b"Transfer-Encoding:", b"Host:"):
            yield f"GET {API}/health HTTP/1.1\r\n".encode() + base + name + fold + b"4\r\n\r\n"
            yield f"GET {API}/health HTTP/1.1\r\n".encode() + base + name + fold + b"4\r\nAccept: */*\r\n\r\n"
    for end in (b"\n", b"\r", b"\n\r", b"\r\r\n"):
        yield b"GET /api/v1/health HTTP/1.1" + end + b"Host: x" + end + b"A: b" + end + end
        yield b"GET /api/v1/health HTTP/1.1\r\nHost: x" + end + b"A: b\r\n\r\n"
        yield b"GET /api/v1/health HTTP/1.1\r\nA: b" + end + b"Host: x\r\nC: d\r\n\r\n"
    for line in (b"GET /api/v1/health", b"GET  /api/v1/health HTTP/1.1", b"GET /api/v1/health  HTTP/1.1", b"GET /api/v1/health HTTP/1.1 ",
                 b"GET\t/api/v1/health\tHTTP/1.1", b"GET /api/v1/health HTTP/2.0", b"GET /api/v1/health HTTP/0.9", b"GET /api/v1/health http/1.1",
                 b"GET /api/v1/health HTTP/1", b"GET /api/v1/health HTTP/1.11", b"GET http://x/api/v1/health HTTP/1.1", b"GET //x/ HTTP/1.1",
                 b"GET api/v1/health HTTP/1.1", b"GET * HTTP/1.1", b"GET /a b HTTP/1.1", b"GET /a\x00b HTTP/1.1", b"GET /\xe5\xa0\xa4 HTTP/1.1",
                 b"GET /a#b HTTP/1.1", b"GET /a\\b HTTP/1.1", b"GET /\"<> HTTP/1.1", b" GET /api/v1/health HTTP/1.1", b"\x00GET / HTTP/1.1"):
        yield line + b"\r\n" + base + b"\r\n"
        yield line + b"\r\n" + base + b"Accept: */*\r\n\r\n"
    for hosts in (b"", b"Host: x\r\nHost: x\r\n", b"Host: x\r\nHost: y\r\n", b"Host : x\r\n", b"Host: x\r\nhost: y\r\n"):
        yield b"GET /api/v1/health HTTP/1.1\r\n" + hosts + b"\r\n"
    for byte in list(range(0, 9)) + list(range(11, 13)) + list(range(14, 32)) + [127]:
        yield b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\nX: a" + bytes([byte]) + b"b\r\nAccept: */*\r\n\r\n"
        yield b"GET /api/v1/health HTTP/1.1\r\nHost: x\r\nX" + bytes([byte]) + b"Y: b\r\nAccept: */*\r\n\r\n"
        yield b"GET /api/v1/health" + bytes([byte]) + b"x HTTP/1.1\r\nHost: x\r\n\r\n"
        yield post + base + b"Content-Length: 2" + bytes([byte]) + b"\r\n\r\n{}"
        yield post + base + b"Transfer-Encoding: chunked" + bytes([byte]) + b"\r\n\r\n0\r\n\r\n"
    for size in (b"-2", b"+2", b"0x2", b"2 2", b"g", b"", b" 2", b"\x0b2", b"f" * 17, b"10000000000000002"):
        origin = f"Origin: http://x\r\nContent-Type: application/json\r\n".encode()
        yield post + base + origin + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n{}\r\n0\r\n\r\n"
    origin = b"Origin: http://x\r\nContent-Type: application/json\r\n"
    for end in (b"\n", b"\r", b"xx", b""):
        yield post + base + origin + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}" + end + b"0\r\n\r\n"
