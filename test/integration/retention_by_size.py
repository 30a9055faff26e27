#!/usr/bin/env python3
"""Pushes more than a bounded server may keep, and looks all the while at what is on disk and what queries see.

usage: retention_by_size.py --server build/release/skald

Twice the bound (as stored) is pushed within SKALD_RETENTION_SECONDS (20). What must hold: the data folder never takes more
than the bound and one pack; what is newer than the oldest line that is seen is there, each line once; what has gone stays
away, also after a kill in the middle of it going; streams of which nothing is left are not listed. The last line is 'N passed, N failed', a check
each. Standard library only.
"""
import argparse
import base64
import collections
import json
import os
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from checks import Checks  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402

CONNECTIONS = 2
STREAMS = 6
LINES_A_PUSH = 250
LINE_BYTES = 400
STORED_SHARE = 0.75  # Of random base64, which no codec packs tighter.

BOUNDED = CONFIG + """
ingester:
  chunk_block_size: 64000
  memory_bytes: 2MB
  flush_check_period: 200ms
  wal: {checkpoint_duration: 1s}
compactor: {compaction_interval: 1s, retention_max_bytes: %%BOUND%%}
"""


def lines_of(entries):
    return collections.Counter(entries)


class Pusher(threading.Thread):
    """Pushes lines at a steady rate; `acked` grows after each answer. Times are distinct, near the clock's, in no order."""

    def __init__(self, server, number, bytes_a_second, seconds):
        super().__init__()
        self.server, self.number = server, number
        self.pushes = int(bytes_a_second * seconds / LINES_A_PUSH / LINE_BYTES)
        self.pause = seconds / max(self.pushes, 1)
        self.acked, self.unanswered, self.failure, self.late = [], [], None, 0.0

    def run(self):
        begin = time.monotonic()
        try:
            for push in range(self.pushes):
                self.late = time.monotonic() - begin - push * self.pause
                time.sleep(max(0, -self.late))
                now = time.time_ns() // 1000 * 1000 - 20_000_000 * (push % 3)
                place = push % 100 * 10 + self.number  # Apart from those of other pushes near it.
                entries = [(now + i * 1000 + place, self.line()) for i in range(LINES_A_PUSH)]
                labels = {"job": "bounded", "stream": str(push % STREAMS)}
                if push < 4:
                    labels["early"] = "yes"
                self.unanswered = entries
                status, body = self.server.push_snappy(labels, entries)
                while status == 503:  # The store has to catch up first.
                    time.sleep(0.05)
                    status, body = self.server.push_snappy(labels, entries)
                assert status == 204, (status, body[:200])
                self.acked += entries
                self.unanswered = []
        except Exception as error:  # noqa: BLE001: reported by the main thread
            self.failure = error

    @staticmethod
    def line():
        return base64.b64encode(os.urandom(LINE_BYTES * 3 // 4)).decode()


def folder_bytes(folder):
    """What `du` says, and the largest pack."""
    total, pack = 0, 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                bytes_ = os.lstat(os.path.join(root, name)).st_blocks * 512
            except OSError:
                continue
            total += bytes_
            if "/packs/" in root + "/":
                pack = max(pack, bytes_)
    return total, pack


class Watcher(threading.Thread):
    """Looks at the folder again and again."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.most, self.pack, self.looks, self.stopping = folder, 0, 0, 0, False

    def run(self):
        while not self.stopping:
            total, pack = folder_bytes(self.folder)
            self.most, self.pack, self.looks = max(self.most, total), max(self.pack, pack), self.looks + 1
            time.sleep(0.1)


def oldest_seen(server):
    """Time of the oldest line that a query sees."""
    params = {"query": '{job="bounded"}', "start": 1, "end": time.time_ns(), "limit": 1, "direction": "forward"}
    status, body = server.request("/loki/api/v1/query_range", params)
    assert status == 200, (status, body[:200])
    return min((int(v[0]) for s in json.loads(body)["data"]["result"] for v in s["values"]), default=None)


def border_fault(server, pushers, span_ns):
    """What is wrong with the lines of a while from the oldest on; None if nothing is. They may go while they are read."""
    oldest = oldest_seen(server)
    if oldest is None:
        return None
    acked = [e for p in pushers for e in list(p.acked)]
    end = oldest + span_ns
    seen = lines_of(server.read_all('{job="bounded"}', oldest, end))
    begin = max(oldest_seen(server) or oldest, min((t for t, _ in seen), default=end))
    wanted = {e for e in acked if begin <= e[0] < end}
    lost = [e for e in wanted if seen[e] == 0]
    doubled = [e for e, n in seen.items() if n > 1]
    if not lost and not doubled:
        return None
    return "%d of %d lost, %d doubled from %d on; the first: %s" % (
        len(lost), len(wanted), len(doubled), begin, min(lost or doubled)[0])


def listed(server):
    """Names of labels and how many series there are."""
    params = {"start": time.time_ns() - 3600 * 10**9, "end": time.time_ns()}
    names = json.loads(server.request("/loki/api/v1/labels", params)[1]).get("data") or []
    series = json.loads(server.request("/loki/api/v1/series", {**params, "match[]": '{early="yes"}'})[1])["data"]
    return names, len(series)


def metric(server, name):
    text = server.request("/metrics")[1].decode()
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


def run(server, folder, bound, seconds, checks):
    rate = 2 * bound / STORED_SHARE / seconds
    watcher = Watcher(os.path.join(folder, "data"))
    pushers = [Pusher(server, n, rate / CONNECTIONS, seconds) for n in range(CONNECTIONS)]
    watcher.start()
    for p in pushers:
        p.start()
    borders = 0
    while any(p.is_alive() for p in pushers):
        time.sleep(1)
        fault = border_fault(server, pushers, 10**9)
        checks.check("the border while lines come", fault is None, fault)
        borders += 1
    for p in pushers:
        p.join()
        checks.check("all pushes are taken", p.failure is None, p.failure)
    acked = [e for p in pushers for e in p.acked]
    server.flush()
    time.sleep(3)
    watcher.stopping = True
    watcher.join()
    print("%.1f MB in %d lines pushed, %d s late; bound %.1f MB, at most %.1f MB on disk in %d looks, largest pack %.2f MB; "
          "%d borders looked at" % (
              len(acked) * LINE_BYTES / 1e6, len(acked), max(p.late for p in pushers), bound / 1e6, watcher.most / 1e6,
              watcher.looks, watcher.pack / 1e6, borders))
    checks.check("the folder fits", watcher.most <= bound + watcher.pack, watcher.most)

    oldest = oldest_seen(server)
    check_kept(server, acked, oldest, "in the end", checks)
    kept = sum(t >= oldest for t, _ in acked)
    print("%d of %d lines are kept, %.0f%% of the bound" % (kept, len(acked), kept * LINE_BYTES * STORED_SHARE / bound * 100))
    checks.check("some went, and much is kept", len(acked) > kept > 0.25 * bound / LINE_BYTES / STORED_SHARE, kept)
    status, body = server.push({"job": "bounded"}, [(oldest - 3600 * 10**9, "from before the floor")])
    checks.check("what is older than all that is kept is refused", status == 400 and b"retention_max_bytes" in body, (status, body))
    names, series = listed(server)
    checks.check("streams of which nothing is left are not listed", "early" not in names and series == 0, (names, series))
    checks.check("what went is counted", metric(server, 'skald_retention_dropped_chunks_total{reason="room"}') > 0)
    with open(server.log) as log:
        checks.check("what went is logged", "to make room" in log.read())

    server.kill()
    server.start()
    again = oldest_seen(server)
    checks.check("nothing comes back after a kill", again >= oldest, (again, oldest))
    check_kept(server, acked, again, "after a kill", checks)
    unanswered = []
    for point in "retention.floor_raised", "retention.forgotten":
        die_at(server, point, acked, unanswered, again, rate, checks)


def check_kept(server, acked, oldest, when, checks, unanswered=()):
    """Reads all from `oldest` on. More may go while it is read: the lines between then are seen or not, those behind are."""
    seen = lines_of(server.read_all('{job="bounded"}', oldest, time.time_ns()))
    pushed = {e for e in acked if e[0] >= oldest}
    floor = max(oldest, oldest_seen(server))
    lost = {e for e in pushed if e[0] >= floor} - seen.keys()
    strange = seen.keys() - pushed - set(unanswered)
    checks.check("each line once %s" % when, not lost and not strange and max(seen.values()) == 1,
                 "%d seen of %d pushed from %d on; %d lost from the floor %d on, at %s; %d never pushed" % (
                     sum(seen.values()), len(pushed), oldest, len(lost), floor, sorted(t for t, _ in lost)[:3], len(strange)))
    checks.check("the newest line is there %s" % when, max(acked) in seen)


def die_at(server, point, acked, unanswered, oldest, rate, checks):
    """Pushes on until the server kills itself at a fault point; adds to `acked` what was taken, and what may have been to
    `unanswered`."""
    server.kill()
    server.start(env={"SKALD_FAULT_POINT": point + ":2"})
    pusher = Pusher(server, 0, rate, 60)
    pusher.start()
    end = time.monotonic() + 60
    while server.process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    checks.check("the server dies at %s" % point, server.process.poll() == -9, server.process.poll())
    pusher.join()
    acked += pusher.acked
    unanswered += pusher.unanswered
    server.start()
    again = oldest_seen(server)
    checks.check("nothing comes back after %s" % point, again >= oldest, (again, oldest))
    check_kept(server, acked, again, "after " + point, checks, unanswered)


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    p.add_argument("--seconds", type=float, default=float(os.environ.get("SKALD_RETENTION_SECONDS", "20")))
    p.add_argument("--megabytes", type=int, default=int(os.environ.get("SKALD_RETENTION_MEGABYTES", "48")))
    a = p.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-retention-")
    server = SkaldProcess(a.server, folder, BOUNDED.replace("%%BOUND%%", "%dMB" % a.megabytes))
    checks = Checks()
    try:
        server.start()
        run(server, folder, a.megabytes << 20, a.seconds, checks)
        server.stop()
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
    if checks.failed == 0:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print("data and log are kept in %s" % folder)
    sys.exit(checks.finish())


if __name__ == "__main__":
    main()
