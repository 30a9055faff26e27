"""Hostile HTTP: framing that two servers would read in two ways, floods, half requests, slow ones."""
from hostile.rows import PUSH, raw

POST = b"POST " + PUSH.encode() + b" HTTP/1.1\r\nHost: x\r\nX-Scope-OrgID: good\r\nContent-Type: application/json\r\n"
GET = b"GET /ready HTTP/1.1\r\nHost: x\r\n"
HIDDEN = b"POST /flush HTTP/1.1\r\nHost: x\r\n\r\n"
MIB = 1 << 20


def smuggling_rows():
    yield raw("both lengths", POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN)
    yield raw("both lengths, the other way round",
              POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN)
    yield raw("two lengths that differ", POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")
    yield raw("a list of lengths", POST + b"Content-Length: 3, 4\r\n\r\nabcd")
    for name, value in (
            ("negative", b"-1"),
            ("with a sign", b"+3"),
            ("in hex", b"0x3"),
            ("with a fraction", b"3.0"),
            ("of words", b"three"),
            ("of nothing", b""),
            ("with a blank inside", b"1 2"),
            ("of 2^64", b"18446744073709551616"),
            ("of 100 digits", b"1" * 100),
            ("with a comma", b"3,")):
        yield raw("a length " + name, POST + b"Content-Length: " + value + b"\r\n\r\nabc")
    yield raw("a length of 2^63 - 1", POST + b"Content-Length: 9223372036854775807\r\n\r\nabc", 413, "too large")
    yield raw("a length of 100 GB", POST + b"Content-Length: 100000000000\r\n\r\n", 413, "too large")
    for name, value in (
            ("gzip", b"gzip"),
            ("chunked twice", b"chunked, chunked"),
            ("gzip, chunked", b"gzip, chunked"),
            ("chunked, identity", b"chunked, identity"),
            ("with a vertical tab", b"\x0bchunked"),
            ("quoted", b'"chunked"'),
            ("xchunked", b"xchunked")):
        want = 400 if name.startswith("with") else 501  # What RFC 9112 has for a coding that is not known.
        yield raw("transfer encoding " + name, POST + b"Transfer-Encoding: " + value + b"\r\n\r\n0\r\n\r\n" + HIDDEN,
                  want)
    yield raw("two transfer encodings",
              POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n")
    yield raw("a blank before the colon", POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN)
    yield raw("a folded header", POST + b"X: a\r\n b\r\nContent-Length: x\r\n\r\n")
    yield raw("transfer encoding in HTTP/1.0", POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    yield raw("bare line feeds", GET.replace(b"\r\n", b"\n") + b"\n")
    yield raw("a bare carriage return", GET + b"X: a\rTransfer-Encoding: chunked\r\n\r\n")
    yield raw("two hosts", GET + b"Host: y\r\n\r\n")
    yield raw("no host", b"GET /ready HTTP/1.1\r\n\r\n")
    yield raw("a NUL in a header", GET + b"X: a\x00b\r\n\r\n")
    yield raw("a NUL in a header's name", GET + b"X\x00: a\r\n\r\n")
    yield raw("a header without a colon", GET + b"X\r\n\r\n")
    yield raw("a header without a name", GET + b": a\r\n\r\n")


def chunk_rows():
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    for name, body in (
            ("of a size that is none", b"zz\r\nabc\r\n0\r\n\r\n"),
            ("of a negative size", b"-3\r\nabc\r\n"),
            ("of 2^64", b"10000000000000000\r\nabc"),
            ("of 20 digits", b"f" * 20 + b"\r\n"),
            ("without a size", b"\r\nabc\r\n0\r\n\r\n"),
            ("longer than it says", b"3\r\nabcdef\r\n0\r\n\r\n"),
            ("with 0x", b"0x3\r\nabc\r\n0\r\n\r\n"),
            ("with a blank for a size", b" \r\nabc\r\n"),
            ("with an extension of 1 MiB", b"3;" + b"x" * MIB + b"\r\nabc\r\n0\r\n\r\n")):
        yield raw("a chunk " + name, chunked + body)
    yield raw("a chunk with bare line feeds, which never ends", chunked + b"3\nabc\n0\n\n", None)
    yield raw("a chunk of 2^60", chunked + b"1000000000000000\r\nabc", 413, "too large")
    yield raw("chunks over the limit", chunked + (b"100000\r\n" + b"x" * MIB + b"\r\n") * 9 + b"0\r\n\r\n", 413,
              "too large")
    yield raw("trailers of 1 MiB", chunked + b"0\r\nX: " + b"x" * (2 * MIB) + b"\r\n\r\n")
    yield raw("chunks of one byte that are no JSON", chunked + b"1\r\n{\r\n" * 20_000 + b"0\r\n\r\n")


def request_line_rows():
    yield raw("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10)
    yield raw("HTTP/2 from the start", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    yield raw("HTTP/0.9", b"GET /ready\r\n\r\n")
    for name, line in (
            ("HTTP/3.7", b"GET /ready HTTP/3.7"),
            ("a version in words", b"GET /ready HTTP/one"),
            ("no version", b"GET /ready "),
            ("a blank in the target", b"GET /re ady HTTP/1.1"),
            ("a NUL in the target", b"GET /re\x00ady HTTP/1.1"),
            ("no target", b"GET  HTTP/1.1"),
            ("a tab for a blank", b"GET\t/ready\tHTTP/1.1"),
            ("a method with a blank before it", b" GET /ready HTTP/1.1"),
            ("a NUL for a method", b"\x00 / HTTP/1.1")):
        yield raw(name, line + b"\r\nHost: x\r\n\r\n")
    yield raw("a target without a slash", b"GET ready HTTP/1.1\r\nHost: x\r\n\r\n", 400)
    yield raw("a target of bytes that are no ASCII", b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", 404,
              "page not found")
    yield raw("another host in the target", b"GET http://other/nope HTTP/1.1\r\nHost: x\r\n\r\n", 404)
    yield raw("CONNECT", b"CONNECT other:80 HTTP/1.1\r\nHost: x\r\n\r\n", 400)
    yield raw("a method of 64 KiB", b"A" * 65536 + b" / HTTP/1.1\r\nHost: x\r\n\r\n", 404, "page not found")


def flood_rows():
    yield raw("a header of 2 MiB", GET + b"X: " + b"a" * (2 * MIB) + b"\r\n\r\n", 431, "header too large")
    yield raw("a header's name of 2 MiB", GET + b"a" * (2 * MIB) + b": x\r\n\r\n", 431, "header too large")
    yield raw("100,000 headers", GET + b"".join(b"X%d: y\r\n" % i for i in range(100_000)) + b"\r\n", 431,
              "header too large")
    yield raw("100,000 headers of one name", GET + b"X: y\r\n" * 100_000 + b"\r\n", 431, "header too large")
    yield raw("a URL of 2 MiB", b"GET /" + b"a" * (2 * MIB) + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431, "header too large")
    yield raw("a header without end", GET + b"X: " + b"a" * (3 * MIB), 431, "header too large")
    yield raw("empty lines without end", b"\r\n" * (2 * MIB), None)
    yield raw("a half request", POST + b"Content-Length: 1000\r\n\r\nabc", None)
    yield raw("a half header", GET + b"X: ab", None)
    yield raw("a half chunk", POST + b"Transfer-Encoding: chunked\r\n\r\nff\r\nabc", None)
    yield raw("2,000 requests at once, the last one bad", GET + b"\r\n" + (GET + b"\r\n") * 2000 + b"BAD\r\n\r\n", 200)


def slow_rows():
    """Sent side by side, as each waits for the server's patience to end."""
    body = b'{"streams":[{"stream":{"a":"b"},"values":['
    yield raw("a body a byte at a time", [POST + b"Content-Length: 1000\r\n\r\n"] + [b"x"] * 60, 408, "timed out", 0.25)
    yield raw("a body that stops", [POST + b"Content-Length: 1000\r\n\r\n" + body, b""], 408, "timed out", 30)
    yield raw("chunks that stop", [POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\n{  \r\n", b""], 408, "timed out", 30)
    yield raw("a chunk a byte at a time", [POST + b"Transfer-Encoding: chunked\r\n\r\nff\r\n"] + [b"x"] * 60, 408,
              "timed out", 0.25)
    yield raw("a header a byte at a time", [GET + b"X: "] + [b"x"] * 100, 408, "timed out", 0.25)
    yield raw("a header that stops", [GET + b"X: ", b""], 408, "timed out", 30)
    yield raw("a request line that stops", [b"GE", b""], 408, "timed out", 30)
    yield raw("nothing is sent", [b"", b""], None, "", 30)


def rows():
    for of in (smuggling_rows, chunk_rows, request_line_rows, flood_rows):
        yield from of()
