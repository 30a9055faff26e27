"""Hostile OTLP: protobuf and JSON. Errors are a google.rpc.Status, whose text stands in the bytes as it is."""
import json
import struct

from skald_process import field, varint

from hostile.payloads import MIB, gzip_bomb, lz4_bomb, number, packed, zstd_bomb
from hostile.rows import JSON, NOW_NS, OTLP, PROTO, get, push

DEEP = 20_000


def value(text=b"x"):
    return field(1, text)


def record(body=value(), time_field=b"\x09" + struct.pack("<Q", NOW_NS), more=b""):
    return time_field + field(5, body) + more


def message(one=None):
    service = field(1, field(1, field(1, b"service.name") + field(2, value(b"hostile"))))
    return field(1, service + field(2, field(2, record() if one is None else one)))


def nested(kind, depth):
    """An AnyValue in lists (kind 5) or in maps (kind 6), `depth` deep."""
    data = value()
    for _ in range(depth):
        inner = field(1, data) if kind == 5 else field(1, field(1, b"k") + field(2, data))
        data = field(kind, inner)
    return data


def logs(record_json):
    """The JSON of an export with one record."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "hostile"}}]}
    return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [record_json]}]}]}).encode()


def row(name, body, want=400, says="", kind=PROTO, encoding=None, **headers):
    return push(name, body, want, says, kind, encoding, OTLP, **headers)


def proto_rows():
    good = message()
    yield row("nothing", b"", 422, "at least one valid stream")
    yield row("no record", field(1, field(2, b"")), 422, "at least one valid stream")
    for cut in range(1, len(good), 4):
        yield row("a message cut at %d" % cut, good[:cut])
    yield row("JSON", logs({}))
    yield row("a field of 2^63 bytes", varint(10) + varint(2**63) + b"abc")
    yield row("a varint of 11 bytes", b"\xff" * 11)
    yield row("field number 0", b"\x02\x00")
    yield row("wire type 7", b"\x0f\x00")
    yield row("resources as a number", number(1, 5))
    yield row("a record as a number", field(1, field(2, number(2, 5))))
    yield row("a time of 2^63", message(record(time_field=b"\x09" + struct.pack("<Q", 2**63))))
    yield row("a time of 2^64 - 1", message(record(time_field=b"\x09" + b"\xff" * 8)))
    yield row("a time in the year 2262", message(record(time_field=b"\x09" + struct.pack("<Q", 2**63 - 1))), 400, "too new")
    yield row("a body 2,000 lists deep", message(record(nested(5, 2000))))
    yield row("a body 2,000 maps deep", message(record(nested(6, 2000))))
    yield row("an attribute without a name", message(record(more=field(6, field(2, value())))))
    yield row("an attribute of underscores", message(record(more=field(6, field(1, b"___") + field(2, value())))))
    yield row("a line over the limit", message(record(value(b"x" * (300 << 10)))), 400, "max entry size")
    yield row("200 attributes", message(record(more=b"".join(field(6, field(1, b"k%d" % i) + field(2, value())) for i in range(200)))),
              400, "too many structured metadata")


def json_rows():
    def row_json(name, body, want=400, says=""):
        return row(name, body, want, says, JSON)

    yield row_json("nothing", b"")
    yield row_json("cut off", logs({"body": {"stringValue": "x"}})[:-6])
    yield row_json("a list", b"[]")
    yield row_json("no record", b'{"resourceLogs":[]}', 422, "at least one valid stream")
    yield row_json("resources as a text", b'{"resourceLogs":"x"}')
    yield row_json("records as an object", b'{"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]}')
    for name, of in (
            ("a time in words", {"timeUnixNano": "yesterday"}),
            ("a time beyond 64 bits", {"timeUnixNano": "9" * 30}),
            ("a time of 2^63", {"timeUnixNano": str(2**63)}),
            ("a severity in words that nobody has", {"severityNumber": "LOUD"}),
            ("a severity that is a list", {"severityNumber": []}),
            ("a trace id that is no hex", {"traceId": "zz"}),
            ("a body that is a text", {"body": "x"}),
            ("a number that is none", {"body": {"intValue": "1x"}}),
            ("a truth that is a text", {"body": {"boolValue": "yes"}}),
            ("a list that is none", {"body": {"arrayValue": 5}}),
            ("a map that is none", {"body": {"kvlistValue": []}}),
            ("attributes that are an object", {"attributes": {"a": "b"}}),
            ("an attribute that is a text", {"attributes": ["a"]})):
        yield row_json(name, logs(dict({"timeUnixNano": str(NOW_NS), "body": {"stringValue": "x"}}, **of)))
    deep = b'{"arrayValue":{"values":[' * DEEP + b'{"stringValue":"x"}' + b"]}}" * DEEP
    yield row_json("a body %d lists deep" % DEEP, logs({"body": "DEEP"}).replace(b'"DEEP"', deep))
    yield row_json("brackets 100,000 deep", b"[" * 100_000)


def header_rows():
    good = message()
    for kind in (None, "application/x-protobuf; charset=utf-8", "application/json; charset=utf-8", "text/plain", "application/octet-stream", "", "x"):
        yield row("type %r" % kind, good, 400, "content type", kind)
    for encoding in ("snappy", "deflate", "br", "x-snappy-framed", "zlib", "identity, gzip", "x" * 5000):
        yield row("encoding %s" % encoding[:20], good, 400, "unsupported content encoding", encoding=encoding)
    for encoding in ("gzip", "zstd", "lz4"):
        yield row("%s that is none" % encoding, good, encoding=encoding)
    yield row("gzip cut off", packed(good)[:-15], encoding="gzip")
    yield row("a bomb of gzip", lambda: gzip_bomb(1 << 30), 413, "too large", encoding="gzip")
    yield row("a bomb of zstd", lambda: zstd_bomb(1 << 30), 413, "too large", encoding="zstd")
    yield row("a bomb of lz4", lambda: lz4_bomb(256 * MIB), 413, "too large", encoding="lz4")
    yield row("a body over the limit", lambda: message(record(value(b"x" * (9 * MIB)))), 413, "too large")
    yield row("no tenant", good, 401, "no org id", X_Scope_OrgID=None)
    yield row("a tenant that is none", good, 400, "unsupported character", X_Scope_OrgID="a/b")
    for method in ("GET", "PUT", "DELETE"):
        yield get("a method that it has not", OTLP, {}, 405, None, method)


def rows():
    for of in (proto_rows, json_rows, header_rows):
        yield from of()
