#!/usr/bin/env python3
"""Sends the real binary what no client should: the tables in hostile/, some hundreds of requests to all endpoints.

usage: hostile_requests.py --server build/release/skald [--only TEXT]

Each row says which status it wants, always a 4xx but where a connection may simply end, and what the message must say.
After each the server still answers and still has the one good line that was pushed before; at the end it has nothing
else, and its memory has stayed bounded. The last line is 'N passed, N failed'.
"""
import argparse
import concurrent.futures
import json
import os
import re
import select
import shutil
import socket
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
from hostile import every_route, grpc_calls, otlp, others, pushes, queries, rules_deletes, tails, wire  # noqa: E402
from hostile.rows import NOW_NS, TENANT  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402

MAX_PEAK_MB = 400
MAX_CPU_S = 3
MIN_REQUESTS = 500
HEAD = re.compile(rb"HTTP/1\.[01] (\d+).*?\r\n\r\n", re.DOTALL)
GOOD_NS = NOW_NS - 10**10
AUTH = {"X-Scope-OrgID": TENANT}
# Smaller than by default what a push may be, so that the rows need not be large; patience is shorter.
LIMITS = {"auth_enabled: false": "auth_enabled: true", "log_level: info": "log_level: error\n  http_server_read_timeout: 3s",
          "limits_config:": "distributor: {max_recv_msg_size: 8388608, max_decompressed_size: 67108864}\nlimits_config:",
          "reject_old_samples: false": "reject_old_samples: true", "max_query_length: 0": "max_query_length: 721h\n  ruler_max_rules_per_rule_group: 30\n  discover_service_name: []", "common:": "pattern_ingester: {enabled: true}\ncompactor: {retention_enabled: true}\nruler_storage: {backend: filesystem, filesystem: {dir: %(data)s/ruler}}\nquerier: {per_request_limits_enabled: true}\ncommon:"}


def configuration():
    config = CONFIG
    for old, new in LIMITS.items():
        assert old in config, old
        config = config.replace(old, new)
    return config


def encoded(row):
    """The bytes of a row that is a request like any other, whatever is in its path or headers."""
    body = row.body() if callable(row.body) else row.body
    lines = ["%s %s HTTP/1.1" % (row.method, row.target), "Host: x", "Connection: close"]
    lines += ["%s: %s" % pair for pair in row.headers.items()]
    lines += ["Content-Length: %d" % len(body)] if body is not None else []
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + (body or b"")


def send_slowly(s, parts, pause_s):
    """Sends part after part, until something comes back."""
    for part in parts:
        s.sendall(part)
        if select.select([s], [], [], pause_s)[0]:
            return


def converse(s, data):
    """Sends `data`; if it is a list, waits for an answer to each part but the last. Returns what came."""
    answer = b""
    *parts, last = data if isinstance(data, list) else [data]
    for part in parts:
        s.sendall(part)
        answer += s.recv(65536)
    s.sendall(last)
    return answer


def exchange(port, row, timeout_s=20):
    """(status, body) of the first answer; (None, what came) when the connection ends without one."""
    data, answer = encoded(row) if row.raw is None else row.raw, b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as s:
        try:
            if row.pause_s:
                send_slowly(s, data, row.pause_s)
            else:
                answer = converse(s, data)
            if row.want is None and not row.pause_s:
                s.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # The server may have answered and closed before all was sent.
        try:
            while not complete(answer) and (more := s.recv(65536)):
                answer += more
        except ConnectionError:
            pass
    m = HEAD.match(answer)
    return (int(m.group(1)), answer[m.end():]) if m else (None, answer)


def complete(answer):
    """Whether `answer` has the head and the body of a response."""
    m = HEAD.match(answer)
    length = re.search(rb"content-length: (\d+)", m.group(0).lower()) if m else None
    return m and length and len(answer) - m.end() >= int(length.group(1))


def verdict(row, status, body):
    """What is wrong with an answer, or nothing."""
    text = body.decode("utf-8", "replace")
    if status != row.want:
        return "the status is %s, want %s: %s" % (status, row.want, text[:200])
    if row.want is not None and row.says is not None and (row.says not in text or not text.strip()):
        return "the message lacks %r: %s" % (row.says, text[:200])
    return ""


class Suite:
    def __init__(self, server):
        self.server, self.passed, self.failed = server, 0, 0
        self.requests, self.endpoints, self.most_cpu_s = 0, set(), 0.0

    def count(self, name, problem):
        self.passed, self.failed = self.passed + (not problem), self.failed + bool(problem)
        if problem:
            print("FAIL %s: %s" % (name, problem))

    def alive(self):
        """What is wrong with the server now, or nothing."""
        params = {"query": '{app="good"}', "start": GOOD_NS - 10**9, "end": GOOD_NS + 10**9}
        try:
            status, body = self.server.request("/loki/api/v1/query_range", params, headers=AUTH, timeout=20)
        except OSError as e:
            return "then the server did not answer: %r" % e
        return "" if status == 200 and b"the good line" in body else "then the good line was not found: %s %r" % (status, body[:200])

    def send(self, row):
        self.requests += 1
        self.endpoints.add(row.target.split("?")[0])
        try:
            if row.method == "gRPC":
                return verdict(row, *grpc_calls.exchange(self.server.grpc, row))
            return verdict(row, *exchange(self.server.http, row))
        except OSError as e:
            return "no answer: %r" % e

    def row(self, row):
        begin = cpu_s(self.server.process.pid)
        problem = self.send(row) or self.alive()
        took = cpu_s(self.server.process.pid) - begin
        self.most_cpu_s = max(self.most_cpu_s, took)
        self.count(row.label(), problem or ("it took %.1f CPU s" % took if took > MAX_CPU_S else ""))

    def only_the_good_line(self):
        """What else is stored, of all tenants that were named: nothing but the one line."""
        status, body = self.server.request("/loki/api/v1/series", {"start": str(NOW_NS - 7 * 86400 * 10**9), "end": str(NOW_NS + 10**12)}, headers=AUTH)
        stored = json.loads(body)["data"] if status == 200 else body
        self.count("nothing else is stored", "" if stored == [{"app": "good"}] else "there is %r" % stored)


def cpu_s(pid):
    """Of a process, by its clock, which no other process slows down."""
    return time.clock_gettime(~pid << 3 | 2)


def peak_mb(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)) / 1000


def run(suite, only):
    headers = dict(AUTH, **{"Content-Type": "application/json"})
    good = {"streams": [{"stream": {"app": "good"}, "values": [[str(GOOD_NS), "the good line"]]}]}
    status, body = suite.server.request("/loki/api/v1/push", body=json.dumps(good).encode(), headers=headers)
    assert status == 204, (status, body)
    with concurrent.futures.ThreadPoolExecutor(max_workers=16) as pool:
        slow = [(r, pool.submit(suite.send, r)) for r in wire.slow_rows() if only in r.label()]
        for table in (pushes, otlp, queries, tails, rules_deletes, others, every_route, wire, grpc_calls):
            for row in table.rows():
                if only in row.label():
                    suite.row(row)
        for row, answer in slow:
            suite.count(row.label(), answer.result())
    idle = [socket.create_connection(("127.0.0.1", suite.server.http)) for _ in range(500)]
    suite.count("500 silent connections", suite.alive())
    halves = [grpc_calls.half(suite.server.grpc) for _ in range(500)]
    suite.count("500 calls whose message stops", suite.alive() or suite.send(next(grpc_calls.rows())))
    for s in idle + halves:
        s.close()
    suite.only_the_good_line()
    peak = peak_mb(suite.server.process.pid)
    suite.count("bounded memory", "the peak was %.0f MB" % peak if peak > MAX_PEAK_MB else "")
    suite.server.stop()
    return peak


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    p.add_argument("--only", default="", help="rows whose name contains this")
    a = p.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-hostile-")
    server = SkaldProcess(a.server, folder, configuration()).start()
    suite, begin = Suite(server), time.monotonic()
    try:
        peak = run(suite, a.only)
        print("%d hostile requests over %d endpoints" % (suite.requests, len(suite.endpoints)))
        assert a.only or suite.requests >= MIN_REQUESTS, suite.requests
        print("%.0f s, at most %.2f CPU s of the server for one, peak memory %.0f MB" % (
            time.monotonic() - begin, suite.most_cpu_s, peak))
    finally:
        if server.process.poll() is None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (suite.passed, suite.failed))
    sys.exit(1 if suite.failed or not suite.passed else 0)


if __name__ == "__main__":
    main()
