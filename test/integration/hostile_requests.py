#!/usr/bin/env python3
"""Sends the real binary what no client should: truncated, oversized, malformed, endless and half-sent requests.

usage: hostile_requests.py --server build/release/skald

Each case wants a clear 4xx (never a 5xx or a hang); after each the server still answers, still has the one good line that
was pushed before and nothing else. At the end its memory must have stayed bounded. The last line is 'N passed, N failed'.
"""
import argparse
import gzip
import json
import os
import re
import shutil
import socket
import sys
import tempfile
import time
import urllib.parse
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from skald_process import SkaldProcess  # noqa: E402

MAX_PEAK_MB = 900
GOOD_NS = time.time_ns() - 10**10
PUSH = "/loki/api/v1/push"
JSON_TYPE = {"Content-Type": "application/json"}
PROTO_TYPE = {"Content-Type": "application/x-protobuf"}


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, body):
    return varint(number << 3 | 2) + varint(len(body)) + body


def snappy(raw):
    """Raw snappy of literals only."""
    out = varint(len(raw))
    for i in range(0, len(raw), 60):
        part = raw[i:i + 60]
        out += bytes([(len(part) - 1) << 2]) + part
    return out


def proto(labels=b'{a="b"}', line=b"x", ns=None):
    seconds, nanos = divmod(ns or time.time_ns(), 10**9)
    stamp = varint(8) + varint(seconds) + varint(16) + varint(nanos)
    return field(1, field(1, labels) + field(2, field(1, stamp) + field(2, line)))


def json_push(stream=None, values=None):
    return json.dumps({"streams": [{"stream": stream or {"a": "b"}, "values": values or [[str(time.time_ns()), "x"]]}]}).encode()


def push_cases():
    """(name, headers, body, wanted statuses)"""
    good, deep = proto(), 100_000
    bomb = gzip.compress(b'{"streams":[{"stream":{"a":"b"},"values":[["1","' + b"x" * (400 << 20) + b'"]]}]}', 1)
    yield "empty protobuf body that is no snappy", PROTO_TYPE, b"", {400, 204}
    yield "protobuf cut in half", PROTO_TYPE, snappy(good[:len(good) // 2]), {400}
    for cut in range(1, len(snappy(good)), 7):
        yield "snappy cut at %d" % cut, PROTO_TYPE, snappy(good)[:cut], {400}
    yield "snappy that declares 4 GiB", PROTO_TYPE, varint(2**32 - 1) + b"\x00a", {400, 413}
    yield "snappy that declares 2^63", PROTO_TYPE, varint(2**63) + b"\x00a", {400, 413}
    yield "field longer than the body", PROTO_TYPE, snappy(varint(10) + varint(2**31) + b"abc"), {400}
    yield "varint of eleven bytes", PROTO_TYPE, snappy(b"\xff" * 11), {400}
    yield "label string without end", PROTO_TYPE, snappy(proto(b'{a="b')), {400}
    yield "label string of 1 MiB of braces", PROTO_TYPE, snappy(proto(b"{" * (1 << 20))), {400}
    yield "label names that repeat", PROTO_TYPE, snappy(proto(b'{a="b", a="c"}')), {400, 204}
    yield "time of year 292277026596", PROTO_TYPE, snappy(proto(ns=2**62)), {400}
    yield "JSON cut off", JSON_TYPE, json_push()[:-5], {400}
    yield "JSON 100,000 deep", JSON_TYPE, b"[" * deep, {400}
    yield "JSON 100,000 deep and closed", JSON_TYPE, b'{"streams":' + b"[" * deep + b"]" * deep + b"}", {400}
    yield "JSON of another shape", JSON_TYPE, b'{"streams":{"a":1}}', {400}
    yield "JSON with a number for a line", JSON_TYPE, json_push(values=[[str(time.time_ns()), 1]]), {400}
    yield "JSON with words for a time", JSON_TYPE, json_push(values=[["yesterday", "x"]]), {400}
    yield "JSON with a time beyond 64 bits", JSON_TYPE, json_push(values=[["9" * 40, "x"]]), {400}
    yield "JSON that is UTF-16", JSON_TYPE, json_push().decode().encode("utf-16"), {400}
    yield "a label name that is none", JSON_TYPE, json_push({"a b": "c"}), {400}
    yield "a line over the limit", JSON_TYPE, json_push(values=[[str(time.time_ns()), "x" * (300 << 10)]]), {400}
    yield "a gzip bomb", dict(JSON_TYPE, **{"Content-Encoding": "gzip"}), bomb, {400, 413}
    yield "gzip cut off", dict(JSON_TYPE, **{"Content-Encoding": "gzip"}), gzip.compress(json_push())[:-20], {400}
    yield "gzip that is none", dict(JSON_TYPE, **{"Content-Encoding": "gzip"}), json_push(), {400}
    yield "deflate cut off", dict(JSON_TYPE, **{"Content-Encoding": "deflate"}), zlib.compress(json_push())[:-7], {400}
    yield "an unknown encoding", dict(JSON_TYPE, **{"Content-Encoding": "br"}), json_push(), {400, 415}
    yield "an unknown type", {"Content-Type": "text/csv"}, b"a,b", {400, 415}


def query_cases():
    """(name, query, wanted statuses)"""
    yield "no query", "", {400}
    yield "100,000 parentheses", "(" * 100_000, {400}
    yield "100,000 closed parentheses", "(" * 100_000 + "1" + ")" * 100_000, {400}
    yield "a chain of 20,000 additions", "1" + "+1" * 20_000, {200, 400}
    yield "a regex that repeats repeats", '{a="b"} |~ "' + "(" * 50 + "x" + "{1,1000})" * 50 + '"', {400}
    yield "a label filter 10,000 deep", '{a="b"} | json | ' + "(" * 10_000 + "x=1" + ")" * 10_000, {200, 400}
    yield "a template that loops", '{a="b"} | line_format `{{range $i := until 1000000000}}x{{end}}`', {400}
    yield "a template that nests", '{a="b"} | line_format `' + "{{if true}}" * 5000 + "`", {400}
    yield "bytes that are no UTF-8", b'{a="\xff\xfe"}', {200, 400}
    yield "a NUL", "{a=\"\0\"}", {200, 400}
    yield "a range of 10^300 years", 'count_over_time({a="b"}[' + "9" * 300 + "y])", {400}


def raw_cases():
    """(name, bytes, wanted statuses; None: the connection may simply be closed)"""
    head = b"GET /ready HTTP/1.1\r\nHost: x\r\n"
    yield "no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10, {400, None}
    yield "a header of 2 MiB", head + b"X: " + b"a" * (2 << 20) + b"\r\n\r\n", {400, 431, None}
    yield "100,000 headers", head + b"".join(b"X%d: y\r\n" % i for i in range(100_000)) + b"\r\n", {400, 431, None}
    yield "a URL of 2 MiB", b"GET /" + b"a" * (2 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n", {400, 414, 431, None}
    yield "two lengths", b"POST " + PUSH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", {400, None}
    yield "a negative length", b"POST " + PUSH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", {400, None}
    yield "a length of 2^63", b"POST " + PUSH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\n", {400, 413, None}
    yield "a length of 100 GB", b"POST " + PUSH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n", {413, None}
    yield "a chunk of 2^64", b"POST " + PUSH.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", {400, 413, None}
    yield "a chunk that is no number", b"POST " + PUSH.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", {400, None}
    yield "a method of 64 KiB", b"A" * 65536 + b" / HTTP/1.1\r\nHost: x\r\n\r\n", {400, 404, 405, None}
    yield "a half request", b"POST " + PUSH.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc", {None}


def send_raw(server, data):
    """The status of the answer; None if the connection ends without one."""
    with socket.create_connection(("127.0.0.1", server.http), timeout=10) as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            answer = s.recv(4096)
        except ConnectionError:
            return None
    m = re.match(rb"HTTP/1\.[01] (\d+)", answer)
    return int(m.group(1)) if m else None


class Suite:
    def __init__(self, server):
        self.server, self.passed, self.failed = server, 0, 0

    def count(self, name, ok, detail):
        self.passed, self.failed = self.passed + ok, self.failed + (not ok)
        if not ok:
            print("FAIL %s: %s" % (name, detail))

    def alive(self):
        """What is wrong with the server now, or nothing."""
        params = {"query": '{app="good"}', "start": GOOD_NS - 10**9, "end": GOOD_NS + 10**9}
        status, body = self.server.request("/loki/api/v1/query_range", params, timeout=20)
        if status != 200 or b"the good line" not in body:
            return "then the good line was not found: %s %r" % (status, body[:200])
        return ""

    def http(self, name, wanted, path, params=None, body=None, headers=None):
        try:
            status, answer = self.server.request(path, params, body, headers, timeout=30)
        except OSError as e:
            status, answer = None, repr(e).encode()
        said = status in (200, 204) or bool(answer.strip())
        after = self.alive()
        self.count(name, status in wanted and said and not after, "%s %r %s" % (status, answer[:200], after))

    def raw(self, name, wanted, data):
        try:
            status = send_raw(self.server, data)
        except OSError as e:
            status = repr(e)
        after = self.alive()
        self.count(name, status in wanted and not after, "%s %s" % (status, after))


def peak_mb(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)) / 1000


def run(suite):
    status, body = suite.server.push({"app": "good"}, [(GOOD_NS, "the good line")])
    assert status == 204, (status, body)
    for name, headers, body, wanted in push_cases():
        suite.http("push: " + name, wanted, PUSH, body=body, headers=headers)
    for name, query, wanted in query_cases():
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urllib.parse.urlencode({"query": query, "start": GOOD_NS - 10**9, "end": GOOD_NS + 10**9}).encode()
        suite.http("query: " + name, wanted, "/loki/api/v1/query_range", body=body, headers=form)
    for name, data, wanted in raw_cases():
        suite.raw("http: " + name, wanted, data)
    idle = [socket.create_connection(("127.0.0.1", suite.server.http)) for _ in range(500)]
    suite.count("500 silent connections", not suite.alive(), "the server does not answer beside them")
    for s in idle:
        s.close()
    peak = peak_mb(suite.server.process.pid)
    suite.count("bounded memory", peak < MAX_PEAK_MB, "the peak was %.0f MB" % peak)
    suite.server.stop()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-hostile-")
    server = SkaldProcess(a.server, folder).start()
    suite = Suite(server)
    try:
        run(suite)
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (suite.passed, suite.failed))
    sys.exit(1 if suite.failed or not suite.passed else 0)


if __name__ == "__main__":
    main()
