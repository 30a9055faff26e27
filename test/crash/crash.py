#!/usr/bin/env python3
"""Pushes, kills the server with SIGKILL at random moments, restarts it, and looks for every acknowledged line.

usage: crash.py --server build/release/skald [--cycles N] [--megabytes N] [--seed N]

Each cycle pushes new lines over several connections, some while memory is being flushed, until the kill. After the restart
every line whose push was answered with 204 must be there exactly once; a line whose push got no answer may be there, but
not twice; no other line may. The same is asked again after a flush, and of all cycles together at the end.
SKALD_CRASH_CYCLES (20) and SKALD_CRASH_MEGABYTES (5) scale it. The last line is 'N passed, N failed', a check each.
"""
import argparse
import collections
import os
import random
import shutil
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from skald_process import CONFIG, SkaldProcess  # noqa: E402

START_NS = 1_750_000_000 * 10**9
CYCLE_NS = 3600 * 10**9
CONNECTIONS = 4
STREAMS = 8
LINES_A_PUSH = 250
LINE_BYTES = 500

# So small and quick that blocks fill, memory must be flushed, segments of the log end and packs are compacted while a
# cycle lasts.
SMALL = CONFIG + """
ingester:
  chunk_block_size: 8000
  chunk_target_size: 30000
  memory_bytes: 1MB
  flush_check_period: 200ms
  wal: {checkpoint_duration: 1s}
compactor: {compaction_interval: 50ms}
"""


class Pusher(threading.Thread):
    """One connection's pushes of a cycle: what was acknowledged, and what got no answer."""

    def __init__(self, server, cycle, number, pushes, seed):
        super().__init__()
        self.server, self.cycle, self.number, self.pushes = server, cycle, number, pushes
        self.random = random.Random(seed)
        self.acknowledged, self.unanswered, self.refused = [], [], []

    def run(self):
        for push in range(self.pushes):
            entries = [self.entry(push * LINES_A_PUSH + i) for i in range(LINES_A_PUSH)]
            labels = {"job": "crash", "cycle": str(self.cycle), "stream": str(self.random.randrange(STREAMS))}
            try:
                send = self.server.push_snappy if push % 2 else self.server.push
                status, body = send(labels, entries, timeout=30)
            except OSError:
                self.unanswered += entries
                return
            if status == 204:
                self.acknowledged += entries
            elif status == 503:  # The store has to catch up first.
                self.unanswered += entries
                time.sleep(0.02)
            else:
                self.refused.append((status, body[:200]))
                self.unanswered += entries

    def entry(self, i):
        place = i * CONNECTIONS + self.number
        if self.cycle % 2 == 1:  # In no order, but distinct: modulo a prime.
            place = place * 7919 % 1_000_003
        time_ns = START_NS + self.cycle * CYCLE_NS + place * 1000
        filler = "%032x" % self.random.getrandbits(128)
        line = "cycle=%d connection=%d line=%d %s" % (self.cycle, self.number, i, filler * (LINE_BYTES // 32))
        return time_ns, line


def check(server, cycle, acknowledged, unanswered, when):
    """Whether the lines of a cycle are what they must be; prints what is wrong."""
    start = START_NS + cycle * CYCLE_NS
    got = collections.Counter(server.read_all('{job="crash",cycle="%d"}' % cycle, start, start + CYCLE_NS))
    lost = [e for e in acknowledged if got[e] == 0]
    doubled = [e for e, n in got.items() if n > 1]
    strange = got.keys() - set(acknowledged) - set(unanswered)
    if lost or doubled or strange:
        print("cycle %d, %s: %d lost, %d doubled, %d never pushed, of %d acknowledged; the first: %s" % (
            cycle, when, len(lost), len(doubled), len(strange), len(acknowledged), ((lost or doubled or list(strange))[0])))
    return not (lost or doubled or strange)


def run_cycle(server, cycle, pushes, rng):
    pushers = [Pusher(server, cycle, n, pushes, rng.random()) for n in range(CONNECTIONS)]
    for p in pushers:
        p.start()
    end = time.monotonic() + rng.uniform(0.02, 0.6)
    if rng.random() < 0.5:
        time.sleep(rng.uniform(0, 0.3))
        try:
            server.request("/flush", method="POST", timeout=5)
        except OSError:
            pass
    time.sleep(max(0, end - time.monotonic()))
    server.kill()
    for p in pushers:
        p.join()
    for p in pushers:
        assert not p.refused, p.refused[0]
    server.start()
    return [e for p in pushers for e in p.acknowledged], [e for p in pushers for e in p.unanswered]


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    p.add_argument("--cycles", type=int, default=int(os.environ.get("SKALD_CRASH_CYCLES", "20")))
    p.add_argument("--megabytes", type=float, default=float(os.environ.get("SKALD_CRASH_MEGABYTES", "5")))
    p.add_argument("--seed", type=int, default=int(time.time()))
    a = p.parse_args()
    print("seed %d" % a.seed)
    rng = random.Random(a.seed)
    pushes = max(1, int(a.megabytes * 1e6 / CONNECTIONS / LINES_A_PUSH / LINE_BYTES))
    folder = tempfile.mkdtemp(prefix="skald-crash-")
    server = SkaldProcess(a.server, folder, SMALL).start()
    results, cycles = [], {}
    try:
        for cycle in range(a.cycles):
            cycles[cycle] = run_cycle(server, cycle, pushes, rng)
            results.append(check(server, cycle, *cycles[cycle], "after the kill"))
            server.flush()
            results.append(check(server, cycle, *cycles[cycle], "after a flush"))
        server.stop()
        server.start()
        results += [check(server, cycle, *lines, "at the end") for cycle, lines in cycles.items()]
        server.stop()
    finally:
        if server.process.poll() is None:
            server.kill()
        if all(results):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print("data and log are kept in " + folder)
    print("%d lines acknowledged, %d without an answer" % tuple(sum(len(c[i]) for c in cycles.values()) for i in (0, 1)))
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
