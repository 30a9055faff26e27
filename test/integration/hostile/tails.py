"""Hostile tails: requests that must not become a WebSocket, and frames that no client should send."""
import struct
import urllib.parse

from hostile.rows import TENANT, get, raw

TAIL = "/loki/api/v1/tail"
GOOD = {"query": '{app="good"}'}
UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


def tail(name, params, want=400, says="", path=TAIL, **headers):
    row = get(name, path, params, want, says, **headers)
    row.headers = dict(UPGRADE, **row.headers)
    return row


def frames(name, data):
    """What comes after a good upgrade. The server must end the connection."""
    lines = ["GET %s?%s HTTP/1.1" % (TAIL, urllib.parse.urlencode(GOOD)), "Host: x", "X-Scope-OrgID: " + TENANT]
    lines += ["%s: %s" % pair for pair in UPGRADE.items()]
    return raw("a tail, then " + name, ["\r\n".join(lines).encode() + b"\r\n\r\n", data], 101, None)


def frame(opcode, payload, final=True, masked=True, more=0):
    size = len(payload)
    head = bytes([(0x80 if final else 0) | more | opcode])
    bit = 0x80 if masked else 0
    head += bytes([bit | size]) if size < 126 else bytes([bit | 126]) + struct.pack(">H", size)
    return head + (b"\0\0\0\0" if masked else b"") + payload


def request_rows():
    yield tail("no query", {})
    yield tail("half a query", {"query": "{app="}, 400, "parse error")
    yield tail("a start that is none", dict(GOOD, start="x"), 400, "could not parse 'start'")
    yield tail("a limit of 0", dict(GOOD, limit="0"), 400, "limit must be a positive value")
    yield tail("a limit that is none", dict(GOOD, limit="x"))
    yield tail("a delay of a minute", dict(GOOD, delay_for="60"), 400, "delay_for can't be greater than 5")
    yield tail("a delay that is none", dict(GOOD, delay_for="x"))
    yield tail("parentheses 10,000 deep", {"query": "(" * 10_000}, 400, "parse error")
    yield tail("no tenant", GOOD, 401, "no org id", X_Scope_OrgID=None)
    yield tail("two tenants", GOOD, 400, "multiple org IDs", X_Scope_OrgID="a|b")
    yield tail("a tenant that is none", GOOD, 400, "unsupported character", X_Scope_OrgID="a/b")
    yield tail("half a query at the legacy path", {"query": "{app="}, 400, "parse error", "/api/prom/tail")
    yield get("no upgrade", TAIL, GOOD, 400, "")
    yield tail("an upgrade to something else", GOOD, Upgrade="h2c")
    yield tail("an upgrade without a key", GOOD, Sec_WebSocket_Key="")
    yield tail("an upgrade with a key that is none", GOOD, Sec_WebSocket_Key="x")
    yield tail("an upgrade of version 99", GOOD, 400, "", Sec_WebSocket_Version="99")


def frame_rows():
    yield frames("a frame that is not masked", frame(1, b"x", masked=False))
    yield frames("a reserved bit", frame(1, b"x", more=0x40))
    yield frames("an opcode that is none", frame(5, b"x"))
    yield frames("a ping of 200 bytes", frame(9, b"x" * 200))
    yield frames("a ping in pieces", frame(9, b"x", final=False))
    yield frames("a piece without a beginning", frame(0, b"x"))
    yield frames("a close of one byte", frame(8, b"x"))
    yield frames("a close with a code that is none", frame(8, struct.pack(">H", 5)))
    yield frames("a frame of 1 TiB", b"\x81\xff" + struct.pack(">Q", 1 << 40) + b"\0\0\0\0")
    yield frames("HTTP", b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
    yield frames("a close, then more", frame(8, struct.pack(">H", 1000)) + frame(1, b"x" * 60_000))
    yield frames("10,000 pings, then a close", frame(9, b"x") * 10_000 + frame(8, struct.pack(">H", 1000)))


def rows():
    for of in (request_rows, frame_rows):
        yield from of()
