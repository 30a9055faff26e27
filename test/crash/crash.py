#!/usr/bin/env python3
"""Pushes, kills the server with SIGKILL at random moments, restarts it, and looks for every acknowledged line.

usage: crash.py --server build/release/skald [--cycles N] [--megabytes N] [--servers N] [--seed N] [--retention] [--deletes]

Each cycle pushes new lines over several connections, some while memory is being flushed, until the kill. After the restart
every line whose push was answered with 204 must be there exactly once; a line whose push got no answer may be there, but
not twice; no other line may. The same is asked again after a flush, and of all cycles together at the end. In two of three
cycles the server has a fault point armed (common/fault_point.h) and kills itself when it comes by, if it does in time;
how often that was is printed for each, and none may be left out where there are MET_CYCLES or more. Several servers run side
by side, each with its share of the cycles.
With --retention the lines of earlier cycles expire meanwhile (retention_mix.py): these must not be seen again, all others must.
With --deletes lines are deleted in every other cycle (delete_mix.py), of which the same holds; no point on the way of a
request may be left out. With both, both happen to
the same lines: what is asked to be deleted may expire first, and what a rule keeps for long may be deleted.
SKALD_CRASH_CYCLES (200) and SKALD_CRASH_MEGABYTES (2) scale it. The last line is 'N passed, N failed', a check each.
"""
import argparse
import collections
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from delete_mix import ON_THE_WAY, DeleteMix  # noqa: E402
from mix import Mixes  # noqa: E402
from retention_mix import RetentionMix  # noqa: E402
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
"""
COMPACTOR = {"compaction_interval": "50ms"}

# Where the server kills itself, and at which pass at the latest.
FAULT_POINTS = {
    "wal.frame_written": 6, "wal.segment_begun": 2, "wal.segment_removal": 1, "seal.block": 6, "flush.sealed": 2,
    "store.packs_written": 2, "index.before_commit": 3, "index.committed": 3, "flush.stored": 2,
    "compact.pack_planned": 2, "compact.pack_written": 2, "compact.committed": 2, "compact.pack_removal": 4,
}

# What only a flush of entries from before a start passes: armed for the restart after the kill.
AFTER_RESTART = {"wal.segment_removal"}
# So many cycles meet each point several times.
MET_CYCLES = 200


class Pusher(threading.Thread):
    """One connection's pushes of a cycle: what was acknowledged, and what got no answer."""

    def __init__(self, server, cycle, number, pushes, seed):
        super().__init__()
        self.server, self.cycle, self.number, self.pushes = server, cycle, number, pushes
        self.random = random.Random(seed)
        self.acknowledged, self.unanswered, self.refused = [], [], []

    def run(self):
        for push in range(self.pushes):
            stream = self.random.randrange(STREAMS)
            entries = [self.entry(stream, push * LINES_A_PUSH + i) for i in range(LINES_A_PUSH)]
            labels = {"job": "crash", "cycle": str(self.cycle), "stream": str(stream)}
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

    def entry(self, stream, i):
        place = i * CONNECTIONS + self.number
        if self.cycle % 2 == 1:  # In no order, but distinct: modulo a prime.
            place = place * 7919 % 1_000_003
        time_ns = START_NS + self.cycle * CYCLE_NS + place * 1000
        filler = "%032x" % self.random.getrandbits(128)
        line = "cycle=%d stream=%d connection=%d line=%d %s" % (
            self.cycle, stream, self.number, i, filler * (LINE_BYTES // 32))
        return time_ns, line


def check(server, mix, cycle, acknowledged, unanswered, when):
    """Whether the lines of a cycle are what they must be; prints what is wrong."""
    acknowledged, unanswered = ([e for e in lines if mix.keeps(cycle, e)] for lines in (acknowledged, unanswered))
    start = START_NS + cycle * CYCLE_NS
    got = collections.Counter(server.read_all('{job="crash",cycle="%d"}' % cycle, start, start + CYCLE_NS))
    lost = [e for e in acknowledged if got[e] == 0]
    doubled = [e for e, n in got.items() if n > 1]
    strange = got.keys() - set(acknowledged) - set(unanswered)
    if lost or doubled or strange:
        print("cycle %d, %s: %d lost, %d doubled, %d never pushed, of %d acknowledged; the first: %s" % (
            cycle, when, len(lost), len(doubled), len(strange), len(acknowledged), ((lost or doubled or list(strange))[0])))
    return not (lost or doubled or strange)


def start_armed(server, rng, point):
    """Starts the server with the point armed; whether it is still there."""
    try:
        server.start(env={"SKALD_FAULT_POINT": "%s:%d" % (point, rng.randint(1, FAULT_POINTS[point]))})
    except (AssertionError, OSError):
        if server.process.poll() != -9:
            raise
        server.start()  # It came by while it replayed its log: that was it.
        return False
    return True


def flush_armed(server, rng, point):
    """Starts the server after a kill with the point armed, has it flush, and kills it; whether the point did."""
    met = not start_armed(server, rng, point)
    try:
        server.request("/flush", method="POST", timeout=30)
    except OSError:
        pass
    try:  # It may come after the answer.
        met |= server.process.wait(2) == -9
    except subprocess.TimeoutExpired:
        pass
    server.kill()
    return met


def run_cycle(server, cycle, pushes, rng, hits):
    # The one met least so far, so that none is left out.
    point = min(FAULT_POINTS, key=lambda p: (hits[p], rng.random())) if rng.random() < 2 / 3 else None
    later = point if point in AFTER_RESTART else None
    if later is not None:
        point = None
    if point is not None:
        server.kill()
        if not start_armed(server, rng, point):
            hits[point] += 1
            point = None
    pushers = [Pusher(server, cycle, n, pushes, rng.random()) for n in range(CONNECTIONS)]
    for p in pushers:
        p.start()
    end = time.monotonic() + rng.uniform(0.02, 0.4)
    if point is not None or rng.random() < 0.5:
        time.sleep(rng.uniform(0, 0.2))
        try:
            server.request("/flush", method="POST", timeout=5)
        except OSError:
            pass
    time.sleep(max(0, end - time.monotonic()))
    if point is not None:
        grace = time.monotonic() + 0.4
        while server.process.poll() is None and time.monotonic() < grace:
            time.sleep(0.02)
        if server.process.poll() == -9:
            hits[point] += 1
    server.kill()
    for p in pushers:
        p.join()
    for p in pushers:
        assert not p.refused, p.refused[0]
    if later is not None and flush_armed(server, rng, later):
        hits[later] += 1
    server.start()
    return [e for p in pushers for e in p.acknowledged], [e for p in pushers for e in p.unanswered]


class Worker(threading.Thread):
    """One server and its share of the cycles."""

    def __init__(self, options, number, cycles, hits):
        super().__init__()
        self.options, self.number, self.wanted, self.hits = options, number, cycles, hits
        self.results, self.cycles, self.error = [], {}, None
        self.mix = Mixes([])

    def run(self):
        folder = tempfile.mkdtemp(prefix="skald-crash-")
        mixes = []
        if self.options.retention:
            mixes.append(RetentionMix(folder, START_NS, CYCLE_NS))
        if self.options.deletes:
            mixes.append(DeleteMix(START_NS, CYCLE_NS, CONNECTIONS))
        self.mix = Mixes(mixes)
        compactor = ", ".join("%s: %s" % item for item in {**COMPACTOR, **self.mix.compactor}.items())
        config = SMALL + "compactor: {%s}\n" % compactor + self.mix.sections
        server = SkaldProcess(self.options.server, folder, config)
        try:
            self.run_cycles(server.start(), random.Random("%d %d" % (self.options.seed, self.number)))
        except (AssertionError, OSError) as e:
            self.error = e
        finally:
            if server.process is not None and server.process.poll() is None:
                server.kill()
        if self.error is None and all(self.results):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print("data and log are kept in %s; %s" % (folder, self.error or ""))

    def run_cycles(self, server, rng):
        pushes = max(1, int(self.options.megabytes * 1e6 / CONNECTIONS / LINES_A_PUSH / LINE_BYTES))
        for cycle in range(self.wanted):
            self.mix.before(cycle)
            lines = self.cycles[cycle] = run_cycle(server, cycle, pushes, rng, self.hits)
            self.results.append(check(server, self.mix, cycle, *lines, "after the kill"))
            if self.mix.after(server, cycle, rng):
                self.results.append(check(server, self.mix, cycle, *lines, "after a delete"))
            server.flush()
            self.results.append(check(server, self.mix, cycle, *lines, "after a flush"))
            if self.mix.mixes and cycle > 0:
                earlier = rng.randrange(cycle)
                self.results.append(check(server, self.mix, earlier, *self.cycles[earlier], "some cycles later"))
        self.mix.at_end(server, list(self.cycles), rng, self.hits)
        server.stop()
        server.start()
        self.results += [check(server, self.mix, cycle, *lines, "at the end") for cycle, lines in self.cycles.items()]
        server.stop()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    p.add_argument("--cycles", type=int, default=int(os.environ.get("SKALD_CRASH_CYCLES", "200")))
    p.add_argument("--megabytes", type=float, default=float(os.environ.get("SKALD_CRASH_MEGABYTES", "2")))
    p.add_argument("--servers", type=int, default=4)
    p.add_argument("--retention", action="store_true")
    p.add_argument("--deletes", action="store_true")
    p.add_argument("--seed", type=int, default=int(time.time()))
    a = p.parse_args()
    print("seed %d" % a.seed)
    begin = time.monotonic()
    hits = collections.Counter()  # By point; of all workers.
    workers = [Worker(a, n, a.cycles // a.servers + (n < a.cycles % a.servers), hits) for n in range(a.servers)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    results = [r for w in workers for r in w.results] + [False for w in workers if w.error is not None]
    print("killed at " + ", ".join("%s %d" % (point, hits[point]) for point in sorted({*FAULT_POINTS, *hits})))
    expected = set(ON_THE_WAY if a.deletes else ()) | (FAULT_POINTS.keys() if a.cycles >= MET_CYCLES else set())
    never_met = sorted(expected - hits.keys())
    if never_met:
        print("never met: " + ", ".join(never_met))
        results.append(False)
    lines = [sum(len(c[i]) for w in workers for c in w.cycles.values()) for i in (0, 1)]
    print("%d cycles in %.0f s, %d of them ended by a fault point; %d lines acknowledged, %d without an answer" % (
        sum(len(w.cycles) for w in workers), time.monotonic() - begin, sum(hits.values()), *lines))
    print("%d passed, %d failed" % (sum(results), len(results) - sum(results)))
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
