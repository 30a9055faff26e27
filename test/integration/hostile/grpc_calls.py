"""Hostile calls over gRPC, on a connection that is spelt out frame by frame. A row wants a status code of gRPC."""
import gzip
import re
import socket
import struct
import zlib

from skald_process import field, varint

from hostile.otlp import message as otlp_message
from hostile.payloads import zstd_bomb
from hostile.rows import TENANT, Row

PUSHER, EXPORT = "/logproto.Pusher/Push", "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, END_HEADERS = 1, 4
MAX_FRAME = 16384
INVALID, EXHAUSTED, UNIMPLEMENTED, UNAVAILABLE, UNAUTHENTICATED = 3, 8, 12, 14, 16
STATUS = re.compile(rb"grpc-status.(\d+)", re.DOTALL)
SAID = re.compile(rb"grpc-message.{1,3}?([ -~]+)", re.DOTALL)


def frame(kind, flags, payload, stream=1):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(text):
    """A string of HPACK, as it is. Those of 127 bytes and more have a longer length."""
    data = text.encode("latin-1")
    head = bytes([len(data)]) if len(data) < 127 else b"\x7f" + varint(len(data) - 127)
    return head + data


def headers(method, tenant, more=()):
    fields = [(":method", "POST"), (":scheme", "http"), (":path", method), (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers")]
    fields += ([("x-scope-orgid", tenant)] if tenant is not None else []) + list(more)
    return b"".join(b"\x00" + literal(name) + literal(text) for name, text in fields)


def prefixed(message, flag=0):
    return bytes([flag]) + struct.pack(">I", len(message)) + message


def call(name, want, body, says="", method=PUSHER, tenant=TENANT, more=()):
    """`body`: with its prefix. None: the call ends before it."""
    block = headers(method, tenant, more)
    parts = [PREFACE, frame(SETTINGS, 0, b"", 0), frame(HEADERS, END_HEADERS | (END_STREAM if body is None else 0), block)]
    if body is not None:
        pieces = [body[i:i + MAX_FRAME] for i in range(0, len(body), MAX_FRAME)] or [b""]
        parts += [frame(DATA, 0, piece) for piece in pieces[:-1]] + [frame(DATA, END_STREAM, pieces[-1])]
    return Row(name, want, says, "gRPC", method, raw=b"".join(parts))


def half(port):
    """A connection with a call whose message of 1 MiB stops after some bytes."""
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(PREFACE + frame(SETTINGS, 0, b"", 0) + frame(HEADERS, END_HEADERS, headers(PUSHER, TENANT)) +
              frame(DATA, 0, b"\x00" + struct.pack(">I", 1 << 20) + b"x" * 1000))
    return s


def exchange(port, row, timeout_s=20):
    """(status, message) of a call; (None, what came) when the connection ends without one."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as s:
        try:
            s.sendall(row.raw)
            if row.want is None:
                s.shutdown(socket.SHUT_WR)
            while not STATUS.search(answer) and (more := s.recv(65536)):
                answer += more
        except ConnectionError:
            pass
    status, said = STATUS.search(answer), SAID.search(answer)
    return (int(status.group(1)), said.group(1) if said else b"") if status else (None, answer)


def stream(labels, entry=field(1, b"\x08\x01") + field(2, b"line")):
    return field(1, field(1, labels) + field(2, entry))


def rows():
    good = prefixed(stream(b'{app="hostile"}'))
    for method, message in ((PUSHER, stream(b'{app="hostile"}')), (EXPORT, otlp_message())):
        yield call("no tenant", UNAUTHENTICATED, prefixed(message), "no", method, None)
        yield call("an empty tenant", UNAUTHENTICATED, prefixed(message), "no", method, "")
        yield call("a tenant of a path", INVALID, prefixed(message), "unsupported", method, "../x")
        yield call("a tenant that is too long", INVALID, prefixed(message), "too long", method, "x" * 151)
        yield call("no message", INVALID, None, "", method)
        yield call("a message that is none", INVALID, prefixed(b"\xff" * 40), "", method)
        yield call("a message cut short", INVALID, prefixed(message[:-3]), "", method)
        yield call("a bomb in gzip", EXHAUSTED, prefixed(gzip.compress(bytes(60 << 20)), 1), "larger than max", method, more=[("grpc-encoding", "gzip")])
        yield call("a message that says it has 4 GiB", INVALID, b"\x00\xff\xff\xff\xff" + message, "", method)
        yield call("gzip that the headers do not name", INVALID, prefixed(gzip.compress(message)[:-9], 1), "decompress", method)
        for codec, pack in (("gzip", gzip.compress), ("deflate", zlib.compress)):
            named, packed = [("grpc-encoding", codec)], pack(message)
            yield call(f"{codec} cut short", INVALID, prefixed(packed[:-5], 1), "decompress", method, more=named)
            yield call(f"{codec} that is damaged", INVALID, prefixed(packed[:10] + b"\xff" * 9 + packed[19:], 1), "decompress", method, more=named)
            yield call(f"{codec} of what is no message", INVALID, prefixed(pack(b"\xff" * 40), 1), "", method, more=named)
        for codec, magic in (("snappy", b"\xff\x06\x00\x00sNaPpY"), ("zstd", b"\x28\xb5\x2f\xfd")):
            yield call(f"{codec} that is damaged", INVALID, prefixed(magic + message, 1), "decompress", method, more=[("grpc-encoding", codec)])
        yield call("a bomb in zstd", EXHAUSTED, prefixed(zstd_bomb(1 << 30), 1), "larger than max", method, more=[("grpc-encoding", "zstd")])
    yield call("labels that are none", INVALID, prefixed(stream(b"{app=")), "labels")
    yield call("labels that are no UTF-8", INVALID, prefixed(stream(b'{app="\xff"}')), "")
    yield call("no labels", INVALID, prefixed(stream(b"{}")), "label")
    for method in ("/logproto.Pusher/Pull", "/logproto.Querier/Query", "/", "/" + "x" * 2000, "/../etc/passwd"):
        yield call("a method that nobody has", UNIMPLEMENTED, good, "", method)
    for name, data in (("bytes that are no HTTP/2", b"\x16\x03\x01\x02\x00" + b"\xff" * 500),
                       ("HTTP/1.1", b"POST /logproto.Pusher/Push HTTP/1.1\r\nHost: x\r\n\r\n"),
                       ("a frame before the settings", PREFACE + frame(DATA, 0, b"x" * 100)),
                       ("a frame that is too large", PREFACE + frame(SETTINGS, 0, b"", 0) + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01")):
        yield Row(name, None, "", "gRPC", "", raw=data)
    yield Row("headers that are no HPACK", UNAVAILABLE, "", "gRPC", "", raw=PREFACE + frame(SETTINGS, 0, b"", 0) + frame(HEADERS, END_HEADERS, b"\xff" * 50))
