#!/usr/bin/env python3
"""Follows the live tail of a real server: many at once, slow ones, what ends one, and what is refused.

usage: live_tail.py --server build/release/skald

The last line is 'N passed, N failed', a check each.
"""
import argparse
import json
import os
import shutil
import struct
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402
from websocket_client import WebSocket, WebSocketRefused  # noqa: E402

FOLLOWERS = 200
LINES = 600
STREAMS = 3
PATIENCE_S = 60

checks = Checks()


def tail(server, query, path="/loki/api/v1/tail", headers=None, **params):
    target = path + "?" + urllib.parse.urlencode(dict(params, query=query))
    return WebSocket("127.0.0.1", server.http, target, headers)


def entries_of(frame):
    return [(int(value[0]), value[1]) for stream in frame["streams"] for value in stream["values"]]


def read_lines(socket, count, timeout_s=PATIENCE_S):
    """The first `count` lines of a tail, or as many as come in time; a close ends them as ("close", code, reason)."""
    got, end = [], time.monotonic() + timeout_s
    while len(got) < count and time.monotonic() < end:
        kind, payload = socket.receive(end - time.monotonic())
        if kind == "close":
            return got + [("close", *payload)]
        got += [line for _, line in entries_of(json.loads(payload))]
    return got


def wait_for(socket, server, app):
    """Returns when the tail is live: what is pushed comes through."""
    server.push({"app": app}, [(time.time_ns(), "marker")])
    return read_lines(socket, 1)


def gauge(server, name):
    for line in server.request("/metrics")[1].decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return None


def wait_for_gauge(server, name, want):
    end = time.monotonic() + PATIENCE_S
    while gauge(server, name) != want and time.monotonic() < end:
        time.sleep(0.05)
    return gauge(server, name)


def check_many(server):
    """Followers join while lines are pushed: past and present meet without a gap and without a double."""
    first_ns = time.time_ns()
    expected = ["%d line %d" % (s, i) for s in range(STREAMS) for i in range(LINES)]
    answers = [None] * FOLLOWERS

    def follow(i):
        with tail(server, '{app="many"} != "noise"', start=first_ns, limit=5000) as socket:
            answers[i] = read_lines(socket, len(expected))
            try:
                answers[i] += read_lines(socket, 1, timeout_s=0.5)  # Nothing may follow.
            except OSError:
                pass

    def push(stream):
        for i in range(LINES):
            text = "%d line %d" % (stream, i)
            entries = [(time.time_ns(), text)] + ([(time.time_ns(), "noise %d" % i)] if i % 5 == 0 else [])
            status, body = server.push({"app": "many", "stream": str(stream)}, entries)
            assert status == 204, (status, body)

    pushers = [threading.Thread(target=push, args=(s,)) for s in range(STREAMS)]
    followers = [threading.Thread(target=follow, args=(i,)) for i in range(FOLLOWERS)]
    for thread in pushers:
        thread.start()
    for thread in followers:
        thread.start()
        time.sleep(0.005)
    for thread in pushers + followers:
        thread.join()
    checks.equal("each follower gets each line once", [], [i for i in range(FOLLOWERS) if sorted(answers[i]) != sorted(expected)])
    by_stream = {str(s): [line for line in expected if line.startswith("%d " % s)] for s in range(STREAMS)}
    in_order = [all([line for line in answer if line.startswith(s + " ")] == lines for s, lines in by_stream.items())
                for answer in answers]
    checks.equal("in the order of each stream", FOLLOWERS, sum(in_order))
    checks.equal("all have left", 0, wait_for_gauge(server, "loki_querier_tail_active", 0))
    checks.equal("no stream is followed", 0, gauge(server, "loki_querier_tail_active_streams"))


def check_slow(server):
    """A reader that stops reading costs pushes nothing, and is told what it has missed."""
    line = "x" * 20000
    slow = tail(server, '{app="slow"}')
    checks.equal("slow: live", ["marker"], wait_for(slow, server, "slow"))
    slowest_s, pushed = 0, 0
    for _ in range(150):
        now = time.time_ns()
        begin = time.monotonic()
        status, _ = server.push({"app": "slow"}, [(now + i, "%d %s" % (pushed + i, line)) for i in range(20)])
        slowest_s = max(slowest_s, time.monotonic() - begin)
        assert status == 204, status
        pushed += 20
    checks.equal("slow: no push waits for it", True, slowest_s < 5)
    got, dropped, bad_labels = 0, 0, 0
    while True:
        try:
            kind, payload = slow.receive(4)
        except OSError:
            break
        checks.equal("slow: stays open", "text", kind)
        frame = json.loads(payload)
        got += len(entries_of(frame))
        for entry in frame.get("dropped_entries", []):
            dropped += 1
            bad_labels += entry["labels"].get("app") != "slow" or not entry["timestamp"].isdigit()
    checks.equal("slow: some came, some were dropped", (True, True, 0), (0 < got < pushed, dropped > 0, bad_labels))
    checks.equal("slow: goes on", ["marker"], wait_for(slow, server, "slow"))
    slow.socket.close()  # Without a word.
    checks.equal("slow: gone without a word", 0, wait_for_gauge(server, "loki_querier_tail_active", 0))


def check_frames(server):
    now = time.time_ns()
    server.push({"app": "frames"}, [(now - 3, "level=info a=1", {"trace": "t"}), (now - 2, "level=error a=2", {}), (now - 1, "no")])
    with tail(server, '{app="frames"} | logfmt | a != ""', headers={"X-Loki-Response-Encoding-Flags": "categorize-labels"}) as socket:
        frame = json.loads(socket.receive(PATIENCE_S)[1])
        checks.equal("frames: flags", ["categorize-labels"], frame["encodingFlags"])
        values = [v for s in frame["streams"] for v in s["values"]]
        checks.equal("frames: what the pipeline drops is not there", ["level=info a=1", "level=error a=2"], [v[1] for v in values])
        checks.equal("frames: categories", ("t", "1"), (values[0][2]["structuredMetadata"]["trace"], values[0][2]["parsed"]["a"]))
        checks.equal("frames: labels of the stream", "frames", frame["streams"][0]["stream"]["app"])
    with tail(server, '{app="frames"}', limit=2) as socket:
        checks.equal("frames: the newest of the past", ["level=error a=2", "no"], read_lines(socket, 2))
        begin = time.monotonic()
        while socket.pings < 2 and time.monotonic() < begin + 10:
            try:
                socket.receive(0.5)
            except OSError:
                pass
        checks.equal("frames: pings", True, socket.pings >= 2)
        socket.send(1, b"text that nobody reads")
        socket.send(9, b"echo")
        end = time.monotonic() + 10
        pong = None
        while pong is None and time.monotonic() < end:
            _, opcode, payload = socket.frame()
            if opcode == 9:
                socket.send(10, payload)
            pong = payload if opcode == 10 else None
        checks.equal("frames: pong", b"echo", pong)
        socket.send(8, struct.pack(">H", 1000))
        checks.equal("frames: a close is answered", 1000, socket.receive(10)[1][0])
    with tail(server, '{app="frames"}', path="/api/prom/tail", limit=1, regexp="error|info") as socket:
        frame = json.loads(socket.receive(PATIENCE_S)[1])
        checks.equal("legacy: members", (["dropped_entries", "streams"], None), (sorted(frame), frame["dropped_entries"]))
        checks.equal("legacy: entry", (["line", "ts"], "level=error a=2"),
              (sorted(frame["streams"][0]["entries"][0]), frame["streams"][0]["entries"][0]["line"]))
        checks.equal("legacy: labels", True, frame["streams"][0]["labels"].startswith('{app="frames"'))


def check_delay(server):
    """Entries wait for older ones."""
    with tail(server, '{app="delay"}', delay_for=2) as socket:
        time.sleep(0.5)
        begin, now = time.monotonic(), time.time_ns()
        server.push({"app": "delay", "s": "b"}, [(now, "second")])
        server.push({"app": "delay", "s": "a"}, [(now - 10**6, "first")])
        checks.equal("delay: in order", ["first", "second"], read_lines(socket, 2))
        checks.equal("delay: waits", True, time.monotonic() - begin >= 1.5)


def check_starts(server):
    """All forms of a time say where the past begins."""
    now_s = int(time.time())
    server.push({"app": "starts"}, [((now_s - 60) * 10**9, "early"), ((now_s - 20) * 10**9, "late")])
    at = now_s - 30
    for what, start in (("seconds", str(at)), ("a fraction", "%d.5" % at), ("nanoseconds", str(at * 10**9)),
                        ("RFC3339", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)))):
        with tail(server, '{app="starts"}', start=start) as socket:
            checks.equal("start: " + what, ["late"], read_lines(socket, 1))
    with tail(server, '{app="starts"}') as socket:
        checks.equal("start: an hour ago", ["early", "late"], read_lines(socket, 2))


def check_refusals(server):
    good = '{app="x"}'
    for what, query, params, text in (("no query", "", {}, b"parse error"), ("syntax", "{", {}, b"parse error at line 1, col 2"),
                                      ("limit", good, {"limit": "x"}, b'strconv.Atoi: parsing "x": invalid syntax'),
                                      ("limit zero", good, {"limit": "0"}, b"limit must be a positive value"),
                                      ("start", good, {"start": "x"}, b"could not parse 'start' parameter"),
                                      ("delay", good, {"delay_for": "6"}, b"delay_for can't be greater than 5"),
                                      ("delay text", good, {"delay_for": "1s"}, b"strconv.Atoi"),
                                      ("json path", good + ' | json a="["', {}, b"parse error : stage '| json a=\"[\"' : "),
                                      ("template", good + ' | line_format "{{"', {}, b"parse error : stage"),
                                      ("regex", good + ' |~ "("', {}, b"parse error"),
                                      ("regexp", good + ' | regexp "(?P<a>"', {}, b"parse error"),
                                      ("pattern", good + ' | pattern "<a><b>"', {}, b"parse error"),
                                      ("address", good + ' | a=ip("x")', {}, b"parse error"),
                                      ("needs an end", good + ' | limit 3', {}, b"parse error : stage")):
        try:
            tail(server, query, **params).socket.close()
            checks.equal("refused: " + what, "a refusal", "an upgrade")
        except WebSocketRefused as refusal:
            checks.equal("refused: " + what, (400, True), (refusal.status, text in refusal.body))
    checks.equal("refused: no upgrade", (400, b"Bad Request\n"), server.request("/loki/api/v1/tail", {"query": good}))
    for what, query, params, text in (("metric query", 'rate({app="x"}[1m])', {}, "only log queries"),
                                      ("entries", good, {"limit": "5001"}, "max entries limit per query exceeded")):
        try:
            with tail(server, query, **params) as socket:
                kind, payload = socket.receive(PATIENCE_S)
                checks.equal("closed: " + what, ("close", 1011, True), (kind, payload[0], text in payload[1]))
        except WebSocketRefused as refusal:
            checks.equal("closed: " + what, "an upgrade", refusal.body)


def check_ends(server, ended):
    """Limits on how many and how long, and the end of the server."""
    sockets = [tail(server, '{app="x"}') for _ in range(3)]
    kind, payload = sockets[2].receive(PATIENCE_S)
    checks.equal("too many", ("close", (1011, "max concurrent tail requests limit exceeded, count > limit (3 > 2)")), (kind, payload))
    checks.equal("long enough", ("close", (1011, "reached tail max duration limit")), sockets[0].receive(PATIENCE_S))
    last = tail(server, '{app="x"}')
    time.sleep(0.3)
    begin = time.monotonic()
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    checks.equal("stop", ("close", (1001, "the server is stopping")), last.receive(PATIENCE_S))
    last.send(8, struct.pack(">H", 1001))
    for socket in sockets + [last]:
        socket.socket.close()
    stopping.join()
    checks.equal("stop: soon", True, time.monotonic() - begin < 15)
    ended.append(True)


def check_ingester_stop(server):
    with tail(server, '{app="x"}') as socket:
        time.sleep(0.3)
        server.request("/ingester/shutdown", {"terminate": "false", "flush": "false"}, method="POST")
        checks.equal("ingester gone", ("close", (1011, "all ingesters closed the connection")), socket.receive(PATIENCE_S))


def run(binary, folder, config, *checks):
    os.mkdir(folder)
    server = SkaldProcess(binary, folder, config).start()
    ended = []
    try:
        for one in checks:
            one(server) if one is not check_ends else one(server, ended)
    finally:
        if not ended:
            server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-tail-")
    try:
        many = CONFIG + "  max_concurrent_tail_requests: 500\n"
        few = CONFIG + "  max_concurrent_tail_requests: 2\nquerier: {tail_max_duration: 2s}\n"
        run(args.server, os.path.join(folder, "many"), many, check_many, check_slow, check_frames, check_delay, check_starts, check_refusals,
            check_ingester_stop)
        run(args.server, os.path.join(folder, "few"), few, check_ends)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(checks.finish())


main()
