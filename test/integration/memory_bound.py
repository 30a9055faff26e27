#!/usr/bin/env python3
"""Asks a server with little memory for far more than it may hold, several times at once, beside pushes.

usage: memory_bound.py --server build/release/skald

Such a query fails, and the error names the setting; pushes and small queries go on all the while, what was pushed is all
there in the end, and the peak of memory stays near what is set: without the bound it is several times as much.
"""
import argparse
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, serving  # noqa: E402

MEMORY_MB = 256
# What is counted by nobody comes on top: requests under way, the index, packs being written.
MAX_PEAK_MB = 2 * MEMORY_MB
SETTINGS = CONFIG.replace("common:", "common:\n  memory_bytes: %dMB" % MEMORY_MB) + """
  max_entries_limit_per_query: 0
  max_query_held_bytes: 0
  max_line_size: 0
"""
LINES, LINE_BYTES, LINES_A_PUSH, STREAMS = 200_000, 2_000, 1_000, 4
QUERIES = 3
SECOND_NS = 10**9


def peak_mb(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read()).group(1)) / 1000


def bulk_pushes(start_ns):
    """(labels, entries) of each push: lines that are large in memory and small on disk."""
    for first in range(0, LINES, LINES_A_PUSH):
        stream = first // LINES_A_PUSH % STREAMS
        entries = [(start_ns + i * 1000, ("line %d " % i).ljust(LINE_BYTES, "abcdefgh"[i % 8]))
                   for i in range(first, first + LINES_A_PUSH)]
        yield {"app": "bulk", "part": str(stream)}, entries


class Beside(threading.Thread):
    """Pushes a line at a time, and asks for it, until it is told to end."""

    def __init__(self, server, start_ns):
        super().__init__()
        self.server, self.start_ns = server, start_ns
        self.ended, self.pushed, self.faults = threading.Event(), 0, []

    def run(self):
        while not self.ended.is_set():
            at = self.start_ns + self.pushed * 1000
            status, body = self.server.push({"app": "beside"}, [(at, "line %d" % self.pushed)])
            if status != 204:
                self.faults.append(("push", status, body))
                return
            self.pushed += 1
            params = {"query": '{app="beside"}', "start": at, "end": at + 1, "limit": 10}
            status, body = self.server.request("/loki/api/v1/query_range", params)
            if status != 200 or b"line %d" % (self.pushed - 1) not in body:
                self.faults.append(("query", status, body))
                return


def ask_for_all(server, start_ns, answers):
    params = {"query": '{app="bulk"}', "start": start_ns, "end": start_ns + 3600 * SECOND_NS, "limit": LINES}
    answers.append(server.request("/loki/api/v1/query_range", params, timeout=200))


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    checks = Checks()
    start_ns = (int(time.time()) - 1800) * SECOND_NS
    with serving(a.server, SETTINGS) as server:
        for labels, entries in bulk_pushes(start_ns):
            status, body = server.push_snappy(labels, entries)
            assert status == 204, (status, body)
        server.flush()
        before = peak_mb(server.process.pid)
        beside = Beside(server, start_ns)
        beside.start()
        answers = []
        queries = [threading.Thread(target=ask_for_all, args=(server, start_ns, answers)) for _ in range(QUERIES)]
        for query in queries:
            query.start()
        for query in queries:
            query.join()
        beside.ended.set()
        beside.join()
        for status, body in answers:
            checks.check("a query for more than there is memory fails", status in (429, 503), (status, body[:200]))
            checks.check("its error names the setting", b"common.memory_bytes" in body, body[:200])
        checks.equal("all queries have an answer", QUERIES, len(answers))
        checks.equal("pushes and small queries beside it", [], beside.faults)
        checks.check("some of them", beside.pushed > 0)
        read = server.read_all('{app="beside"}', start_ns, start_ns + 3600 * SECOND_NS)
        checks.equal("every line that was acknowledged", beside.pushed, len(read))
        count = {"query": 'sum(count_over_time({app="bulk"}[1h]))', "time": start_ns + 1800 * SECOND_NS}
        status, body = server.request("/loki/api/v1/query", count)
        checks.check("a query that holds little", status == 200 and b'"%d"' % LINES in body, (status, body[:200]))
        peak = peak_mb(server.process.pid)
        checks.check("bounded memory", peak <= MAX_PEAK_MB, "the peak was %.0f MB" % peak)
        print("peak %.0f MB, %.0f before the queries; %d pushes beside them" % (peak, before, beside.pushed))
    sys.exit(checks.finish())


if __name__ == "__main__":
    main()
