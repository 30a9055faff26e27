"""Hostile pushes in Loki's two formats."""
import json
import zlib

from hostile.payloads import (MIB, deflate_bomb, field, gzip_bomb, lz4_bomb, number, one, packed, proto, snappy,
                              snappy_bomb, stamp,
                              streams, varint, zstd_bomb)
from hostile.rows import JSON, LEGACY_PUSH, NOW_NS, PROTO, push

T = str(NOW_NS)
GOOD = proto()
DEEP = 100_000


def json_rows():
    yield push("nothing", b"")
    yield push("blanks", b"  \n")
    yield push("a number", b"1")
    yield push("a text", b'"streams"')
    yield push("null", b"null", 422, "at least one valid stream")
    yield push("a list", b"[]")
    yield push("an object without streams", b"{}", 422, "at least one valid stream")
    yield push("streams that are none", b'{"streams":[]}', 422, "at least one valid stream")
    yield push("streams null", b'{"streams":null}', 422, "at least one valid stream")
    yield push("streams as an object", b'{"streams":{"a":1}}')
    yield push("streams as a text", b'{"streams":"x"}')
    yield push("streams as a number", b'{"streams":1}')
    yield push("a stream that is a number", b'{"streams":[1]}')
    yield push("a stream that is a list", b'{"streams":[[]]}')
    yield push("labels as a list", b'{"streams":[{"stream":[],"values":[["%s","x"]]}]}' % T.encode())
    yield push("labels as a text", b'{"streams":[{"stream":"{a=1}","values":[["%s","x"]]}]}' % T.encode())
    yield push("no labels", one(labels=None).replace(b'"a": "b"', b""), 400, "at least one label pair")
    yield push("values as an object", b'{"streams":[{"stream":{"a":"b"},"values":{}}]}')
    yield push("values as a text", b'{"streams":[{"stream":{"a":"b"},"values":"x"}]}')
    yield push("a value that is an object", one({"ts": T}))
    yield push("a value that is an empty list", one([]), 400, "no timestamp")
    yield push("a time that is a number", one([NOW_NS, "x"]))
    yield push("a time with a fraction", one([T + ".5", "x"]))
    yield push("a time in words", one(["yesterday", "x"]))
    yield push("a time with a sign in the middle", one(["17-00", "x"]))
    yield push("an empty time", one(["", "x"]))
    yield push("a time in hex", one(["0x18", "x"]))
    yield push("a time beyond 64 bits", one(["9" * 40, "x"]))
    yield push("a time just beyond 64 bits", one(["9223372036854775808", "x"]))
    yield push("a time far in the future", one(["9223372036854775807", "x"]), 400, "too new")
    yield push("a time far in the past", one(["-9223372036854775808", "x"]), 400, "too old")
    yield push("a time of a megabyte", one(["1" * MIB, "x"]))
    yield push("a line that is a number", one([T, 1]))
    yield push("a line that is null", one([T, None]))
    yield push("a line that is an object", one([T, {}]))
    yield push("metadata that is a text", one([T, "x", "y"]))
    yield push("metadata that is a list", one([T, "x", ["a"]]))
    yield push("metadata with a number", one([T, "x", {"n": 1}]))
    yield push("metadata with null", one([T, "x", {"n": None}]))
    yield push("metadata that nests", one([T, "x", {"n": {"a": "b"}}]))
    yield push("metadata of 200 pairs", one([T, "x", {"k%d" % i: "v" for i in range(200)}]), 400,
               "too many structured metadata")
    yield push("metadata of 100 KiB", one([T, "x", {"k": "v" * 100_000}]), 400, "structured metadata too large")
    yield push("a line over the limit", one([T, "x" * (300 << 10)]), 400, "max entry size")
    yield push("a label name that is none", one(labels={"a b": "c"}), 400, "parse error")
    yield push("an empty label name", one(labels={"": "c"}))
    yield push("a label name with a quote", one(labels={'a"b': "c"}))
    yield push("a label name of 2 KiB", one(labels={"a" * 2048: "c"}), 400, "label name too long")
    yield push("a label value of 4 KiB", one(labels={"a": "c" * 4096}), 400, "label value too long")
    yield push("60 labels", one(labels={"l%d" % i: "v" for i in range(60)}), 400, "label names; limit")
    yield push("labels of the backfill", one(labels={"a": "b", "__backfill__": "true"}), 400, "reserved labels")
    yield push("cut off", one()[:-5])
    yield push("cut off within a text", one()[:40])
    yield push("a comma too many", one().replace(b"]]}", b"],]}"))
    yield push("single quotes", one().replace(b'"', b"'"))
    yield push("a control character in a number", one([T, "x", {"n": "TAB"}]).replace(b'"TAB"', b"1\x002"))
    yield push("an escape that is none", one([T, "ESC"]).replace(b"ESC", b"\\x41"))
    yield push("half an escape", one([T, "ESC"]).replace(b"ESC", b"\\u00"))
    yield push("UTF-16", one().decode().encode("utf-16"))
    yield push("a byte order mark", b"\xef\xbb\xbf" + one())
    yield push("NaN", b'{"streams":NaN}')
    yield push("brackets %d deep" % DEEP, b"[" * DEEP)
    yield push("brackets deep and closed", b'{"streams":' + b"[" * DEEP + b"]" * DEEP + b"}")
    yield push("objects deep in what is ignored", b'{"x":' + b'{"x":' * DEEP + b"1" + b"}" * DEEP + b',"streams":[]}',
               422)
    yield push("a label value deep in objects",
               b'{"streams":[{"stream":{"a":' + b"[" * DEEP + b"]" * DEEP + b'},"values":[["%s","x"]]}]}' % T.encode())
    yield push("protobuf that says it is JSON", snappy(GOOD))
    yield push("a line of bad UTF-8 in a broken text",
               b'{"streams":[{"stream":{"a":"\xff\xfe"},"values":[["%s","\xc3"' % T.encode())


def legacy_rows():
    entry = '{"streams":[{"labels":"%s","entries":[{"ts":"%s","line":"x"}]}]}'
    for name, labels, ts in (
            ("labels without braces", "a=1", "2024-01-01T00:00:00Z"),
            ("labels cut off", "{a=", "2024-01-01T00:00:00Z"),
            ("a time in ns", '{a=\\"b\\"}', T),
            ("a month of 13", '{a=\\"b\\"}', "2024-13-01T00:00:00Z"),
            ("a time without a zone", '{a=\\"b\\"}', "2024-01-01T00:00:00"),
            ("a fraction of 100 digits", '{a=\\"b\\"}', "2024-01-01T00:00:00." + "1" * 100 + "X"),
            ("the year 99999", '{a=\\"b\\"}', "99999-01-01T00:00:00Z")):
        yield push(name, (entry % (labels, ts)).encode(), path=LEGACY_PUSH)
    yield push("no streams", b"{}", 422, path=LEGACY_PUSH)
    yield push("entries as a text", b'{"streams":[{"labels":"{a=\\"b\\"}","entries":"x"}]}', path=LEGACY_PUSH)


def entry(time_field):
    """A push of one entry with this for its time."""
    return field(1, field(1, b'{a="b"}') + field(2, time_field + field(2, b"x")))


def proto_rows():
    def row(name, message, want=400, says="", encoding=None):
        return push(name, message, want, says, PROTO, encoding)

    yield row("nothing, not even snappy", b"")
    yield row("not snappy", GOOD)
    yield row("no streams", snappy(b"") if snappy(b"") else b"\x00", 422, "at least one valid stream")
    for cut in range(1, len(snappy(GOOD)), 5):
        yield row("snappy cut at %d" % cut, snappy(GOOD)[:cut])
    for cut in range(1, len(GOOD), 9):
        yield row("a message cut at %d" % cut, snappy(GOOD[:cut]))
    yield row("snappy and more", snappy(GOOD) + b"\x00a")
    yield row("snappy that declares less than there is", varint(3) + snappy(GOOD)[1:])
    yield row("snappy that declares 4 GiB", varint(2**32 - 1) + b"\x00a", 413, "too large")
    yield row("snappy that declares 2^63", varint(2**63) + b"\x00a")
    yield row("snappy that declares a varint of 11 bytes", b"\xff" * 11)
    yield row("snappy that copies from before its start", varint(8) + b"\x00a\x1d\xff")
    yield row("snappy that copies from offset 0", varint(8) + b"\x00a\x0d\x00")
    yield row("a field longer than the body", snappy(varint(10) + varint(2**31) + b"abc"))
    yield row("a field of 2^63 bytes", snappy(varint(10) + varint(2**63) + b"abc"))
    yield row("a varint of 11 bytes", snappy(b"\xff" * 11))
    yield row("field number 0", snappy(b"\x02\x00"))
    yield row("wire type 7", snappy(b"\x0f\x00"))
    yield row("a group that never ends", snappy(b"\x0b" * 1000))
    yield row("groups 100,000 deep", snappy(b"\x7b" * DEEP + b"\x7c" * DEEP), 422)
    yield row("streams as a number", snappy(number(1, 5)))
    yield row("labels as a number", snappy(field(1, number(1, 5))))
    yield row("entries as a number", snappy(field(1, field(1, b'{a="b"}') + number(2, 5))))
    yield row("a line as a number", snappy(field(1, field(1, b'{a="b"}') + field(2, number(2, 5)))))
    yield row("a time as a text longer than it", snappy(entry(varint(10) + varint(99) + b"x")))
    yield row("a time of nanoseconds beyond a second", snappy(entry(field(1, number(1, 1) + number(2, 2**31 - 1)))))
    yield row("a time of 2^62 seconds", snappy(entry(field(1, number(1, 2**62)))))
    yield row("a time of -2^63 seconds", snappy(entry(field(1, number(1, 2**63)))))
    yield row("no time at all", snappy(entry(b"")), 400,
              "without a timestamp")
    yield row("a time in the year 2262", snappy(proto(ns=2**63 - 1)), 400, "too new")
    for name, labels in (
            ("without end", b'{a="b'),
            ("without braces", b'a="b"'),
            ("of braces", b"{" * MIB),
            ("with a bare value", b"{a=b}"),
            ("with a matcher", b'{a=~"b"}'),
            ("with a second selector", b'{a="b"}{c="d"}'),
            ("with an escape that is none", b'{a="\\q"}'),
            ("that are a query", b'{a="b"} |= "x"'),
            ("with a NUL in a name", b'{a\x00b="c"}'),
            ("with a name of digits", b'{1a="b"}'),
            ("of commas", b"{,,,}"),
            ("of bytes that are no UTF-8", b"{\xff\xfe=\"b\"}")):
        yield row("labels " + name, snappy(proto(labels)))
    yield row("labels that are missing", snappy(field(1, field(2, field(1, stamp(NOW_NS)) + field(2, b"x")))))
    yield row("no labels", snappy(proto(b"{}")), 400, "at least one label pair")
    yield row("a label that repeats", snappy(proto(b'{a="b", a="c"}')))
    yield row("a line over the limit", snappy(proto(line=b"x" * (300 << 10))), 400, "max entry size")
    yield row("metadata over the limit", snappy(proto(metadata=[(b"k%d" % i, b"v") for i in range(200)])), 400,
              "too many structured metadata")
    yield row("2,000 streams of which none is good", snappy(b"".join(proto(b'{a="%d' % i) for i in range(2000))))


def encoding_rows():
    good, snapped = one(), snappy(GOOD)
    for name in ("br", "zstd", "lz4", "compress", "identity, gzip", "gzip, gzip", "x" * 5000):
        yield push("encoding %s" % name[:20], good, 400, "not supported", encoding=name)
    yield push("gzip that is none", good, encoding="gzip")
    yield push("gzip that is nothing", b"", encoding="gzip")
    yield push("gzip cut off", packed(good)[:-20], encoding="gzip")
    yield push("gzip cut in its header", packed(good)[:5], encoding="gzip")
    yield push("gzip of gzip", packed(packed(good)), encoding="gzip")
    yield push("gzip around gzip around nothing", packed(packed(b"")), encoding="gzip")
    yield push("gzip with a byte turned", packed(good)[:15] + b"\xff" + packed(good)[16:], encoding="gzip")
    yield push("deflate that is none", good, encoding="deflate")
    yield push("deflate cut off", zlib.compress(good)[2:-20], encoding="deflate")
    yield push("gzip around snappy cut off", packed(snapped[:-3]), kind=PROTO, encoding="gzip")
    yield push("gzip around no snappy", packed(GOOD), kind=PROTO, encoding="gzip")
    yield push("snappy in its frame format", b"\xff\x06\x00\x00sNaPpY" + snapped, kind=PROTO, encoding="snappy")
    yield push("a bomb of gzip, 1 GiB", lambda: gzip_bomb(1 << 30), 413, "too large", encoding="gzip")
    yield push("a bomb of gzip around protobuf", lambda: packed(b"\x00" * (256 * MIB)), 413, "too large", PROTO, "gzip")
    yield push("a bomb of deflate", lambda: deflate_bomb(1 << 30), 413, "too large", encoding="deflate")
    yield push("a bomb of snappy", lambda: snappy_bomb(120 * MIB), 413, "too large", PROTO)
    yield push("a bomb of snappy in a bomb of gzip", lambda: packed(snappy_bomb(1 << 30)), 413, "too large", PROTO,
               "gzip")
    yield push("a bomb of snappy below the limit, of fields that nobody knows", lambda: snappy_bomb(60 * MIB), 400, "",
               PROTO)
    yield push("a bomb of zstd", lambda: zstd_bomb(1 << 30), 400, "not supported", encoding="zstd")
    yield push("a bomb of lz4", lambda: lz4_bomb(256 * MIB), 400, "not supported", encoding="lz4")
    yield push("a body over the limit", lambda: one([T, "x" * (9 * MIB)]), 413, "too large")
    yield push("2,000,000 empty streams are skipped", lambda: b'{"streams":[' + b"{}," * 2_000_000 + b"{}]}", 204, None)


def type_rows():
    for kind in (None, "", "/", "application/", "/json", "text plain", "application/json; x", "application/json; =x",
                 "application/json;;", ";",
                 "a" * 60_000, "application/j\x7fson"):
        yield push("type %s" % ("missing" if kind is None else repr(kind[:24])), one(), 400, "", kind)
    yield push("JSON that says it is CSV", one(), 400, "", "text/csv")
    yield push("a form", b"streams=1", 400, "", "application/x-www-form-urlencoded")


def rows():
    for of in (json_rows, legacy_rows, proto_rows, encoding_rows, type_rows):
        yield from of()
