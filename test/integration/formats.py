#!/usr/bin/env python3
"""Holds FORMAT.md of log, chunk, pack and index against what the server writes: a reader that was made from those pages
alone (format_reader.py) finds in its files just what was pushed.

usage: formats.py --server build/release/skald

The last line is 'N passed, N failed', a check each. Standard library only.
"""
import argparse
import collections
import glob
import os
import random
import re
import shutil
import struct
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import format_bytes  # noqa: E402
import format_filter  # noqa: E402
import format_reader  # noqa: E402
from rocksdb_pairs import read_pairs  # noqa: E402
from skald_process import CONFIG, SkaldProcess  # noqa: E402

COMPACTING = CONFIG + "compactor: {compaction_interval: 200ms}\n"
TENANT = "fake"
START = 1_764_020_000 * 10**9  # Two hours before midnight, UTC: streams span two days.
WORDS = "user order payment cache TIMEOUT retry backend commit ошибка 错误超时 Kelvin\u212a lon\u017f".split()


class Lines:
    """Lines of many kinds, so that each way to store tokens is taken."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def hex(self, digits):
        return "%0*x" % (digits, self.random.getrandbits(4 * digits))

    def line(self, kind, ns, i):
        r, t = self.random, time.gmtime(ns // 10**9)
        if kind == "json":
            return '{"ts":"%s.%03dZ","level":"%s","took":%d,"trace":"%s","user":"u-%d","ratio":0.%03d}' % (
                time.strftime("%Y-%m-%dT%H:%M:%S", t), ns // 10**6 % 1000, r.choice(["info", "warn"]), r.randrange(5000),
                self.hex(32), r.randrange(10**9), r.randrange(1000))
        if kind == "access":
            return '10.%d.%d.7 - - [%s +0000] "GET /%s/%d HTTP/1.1" %d %d' % (
                r.randrange(256), r.randrange(256), time.strftime("%d/%b/%Y:%H:%M:%S", t), r.choice(WORDS), r.randrange(10**6),
                r.choice([200, 404, 500]), r.randrange(10**5))
        if kind == "clock":
            return "%s [%s] %s %s: %s" % (time.strftime("%H:%M:%S", t), self.hex(8).upper(), r.choice(WORDS), r.choice(WORDS),
                                          " ".join(r.choice(WORDS) + str(r.randrange(99)) for _ in range(r.randrange(9))))
        if kind == "mixed":
            return self.line(r.choice(["json", "access", "clock", "odd"]), ns, i)
        return ["", "\n", "a\0b", "x" * r.randrange(3000), "two\nlines", "\t", "ß" * r.randrange(40)][i % 7]


def make_streams(seed):
    """{labels: [(ns, line, metadata), ...]}"""
    lines, streams = Lines(seed), collections.OrderedDict()
    for kind in ("json", "access", "clock", "odd", "mixed"):
        for app in range(2):
            ns, entries = START + lines.random.randrange(10**9), []
            for i in range(1500):
                ns += lines.random.choice([0, 1, 10**3, 10**6, 10**9, 60 * 10**9])
                metadata = {}
                if i % 3:
                    metadata["trace_id"] = lines.hex(32)
                if i % 2:
                    metadata["pod"] = "pod-%d" % lines.random.randrange(5)
                if app:
                    metadata["version"] = "1.0"
                entries.append((ns, lines.line(kind, ns, i), metadata))
            streams[(("app", "%s-%d" % (kind, app)), ("env", "тест" if app else "prod"))] = entries
    return streams


def push_all(server, streams):
    """The odd streams as snappy-packed protobuf, whose text the log keeps as it came; those carry no metadata."""
    sent = {}
    for number, (labels, entries) in enumerate(streams.items()):
        packed = number % 4 == 3
        sent[labels] = [(ns, line, {} if packed else metadata) for ns, line, metadata in entries]
        for begin in range(0, len(entries), 500):
            part = sent[labels][begin:begin + 500]
            answer = (server.push_snappy(dict(labels), [e[:2] for e in part]) if packed else server.push(dict(labels), part))
            assert answer[0] == 204, answer
    return sent


def without_level(metadata):
    """The server adds detected_level by itself."""
    return {name: value for name, value in metadata.items() if name != "detected_level"}


def key_of(labels):
    return tuple(sorted((n, v) for n, v in labels.items() if n != "service_name"))


def entry_key(ns, line, metadata):
    return ns, line, tuple(sorted(without_level(metadata).items()))


def expected_of(sent):
    """What is stored once each: an exact duplicate is dropped."""
    return {labels: sorted({entry_key(ns, line.encode(), metadata) for ns, line, metadata in entries})
            for labels, entries in sent.items()}


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, run):
        try:
            run()
        except Exception as error:  # noqa: BLE001: a damaged file must not hide the checks behind it
            self.failed += 1
            print("FAILED %s: %s: %s" % (name, type(error).__name__, str(error)[:2000]))
        else:
            self.passed += 1
            print("ok: " + name)


def same(got, wanted):
    assert got.keys() == wanted.keys(), "streams: %s, want %s" % (sorted(got), sorted(wanted))
    for labels, entries in wanted.items():
        if got[labels] != entries:
            wrong = [pair for pair in zip(got[labels], entries) if pair[0] != pair[1]][:1]
            raise AssertionError("%s: %d entries, want %d; first that differs: %s" % (labels, len(got[labels]), len(entries), wrong))


def check_filter_example():
    """The bytes of FORMAT.md's filter tell of its line, and of no other."""
    with open(os.path.join(HERE, "..", "..", "src", "chunkstore", "format", "FORMAT.md"), encoding="utf-8") as f:
        shown = f.read().split("The filter and the regions of one line, `")[1]
    line, block = shown.split("`")[0].encode(), shown.split("```")[1]
    parts = [bytes.fromhex("".join(re.match(r"((?:[0-9a-f]{2} +)+)", text)[1].split())) for text in block.strip().split("\n")]
    head, regions = b"".join(parts[:-1]), parts[-1]

    def filtered(fingerprint, line):
        return format_filter.check_pack_filter(head, regions, [{"fingerprint": fingerprint, "rows": [(1, 1, line, {})]}])

    assert filtered(32 + 5, line)
    for other in (line.replace(b"user", b"used"), line.replace(b"a6a3ce", b"a6a3cf")):
        try:
            filtered(5, other)
        except format_bytes.Damage:
            continue
        raise AssertionError("does not deny %r" % other)


def check_wal(data, sent):
    got = collections.defaultdict(list)
    for path in sorted(glob.glob(data + "/wal/*.wal")):
        with open(path, "rb") as f:
            for tenant, labels, _, ns, line, metadata in format_reader.read_wal_segment(f.read(), int(os.path.basename(path)[:-4])):
                assert tenant == TENANT, tenant
                got[key_of(labels)].append(entry_key(ns, line, metadata))
    same({k: sorted(set(v)) for k, v in got.items()}, expected_of(sent))


def read_packs(data):
    packs = {}
    for path in sorted(glob.glob(data + "/chunks/packs/*/*")):
        with open(path, "rb") as f:
            packs[os.path.relpath(path, data + "/chunks")] = format_reader.read_pack(f.read())
    return packs


def check_packs(packs, sent):
    got = collections.defaultdict(list)
    for chunks in packs.values():
        for chunk in chunks:
            assert chunk["tenant"] == TENANT
            got[key_of(chunk["labels"])] += [entry_key(ns, line, metadata) for _, ns, line, metadata in chunk["rows"]]
    same({k: sorted(v) for k, v in got.items()}, expected_of(sent))


def check_index(data, packs):
    index = format_reader.read_index(read_pairs(data + "/index"))
    named = {(c["pack"], c["offset"]): c for c in index["chunks"]}
    counts = collections.Counter(pack for pack, _ in named)
    assert counts == index["packs"], (counts, index["packs"])
    of_packs = {(pack, c["offset"]): c for pack, chunks in packs.items() for c in chunks}
    assert named.keys() == of_packs.keys(), named.keys() ^ of_packs.keys()
    for place, chunk in of_packs.items():
        for field in ("bytes", "head_bytes", "min_time", "max_time", "max_seq", "entries", "line_bytes", "metadata_bytes",
                      "metadata_volume"):
            assert named[place][field] == chunk[field], (place, field)
        series = named[place]["series"]
        assert index["series"][series] == chunk["labels"], series
        assert series[0] == (TENANT, chunk["min_time"] // format_reader.DAY_NS), series
        assert series[1] in index["fingerprints"][series[0], chunk["fingerprint"]]
        assert chunk["fingerprint"] in {fingerprint for _, fingerprint in index["watermarks"]}
    check_series(index)
    highest = max(c["max_seq"] for c in index["chunks"])
    assert struct.unpack("<Q", index["facts"]["highest_seq"])[0] >= highest
    assert index["facts"]["format"] == b"2"
    check_day_packs(index)


def check_day_packs(index):
    expected = collections.defaultdict(list)
    for chunk in index["chunks"]:
        expected[chunk["series"][0], chunk["pack"]].append(chunk)
    assert expected.keys() == index["day_packs"].keys(), index["day_packs"]
    for place, chunks in expected.items():
        count, first, last = index["day_packs"][place]
        assert count == len(chunks), place
        assert first <= min(c["min_time"] for c in chunks) and max(c["max_time"] for c in chunks) <= last, place


def check_series(index):
    names, values, postings, presence = set(), set(), collections.defaultdict(set), collections.defaultdict(set)
    for (day, number), labels in index["series"].items():
        assert number < index["days"][day]
        presence[day, ""].add(number)
        for name, value in labels.items():
            names.add((day, name))
            values.add((day, name, value))
            presence[day, name].add(number)
            postings[day, (name, value)].add(number)
    assert names == index["names"] and values == index["values"]
    assert postings == index["postings"] and presence == index["presence"]


def wait_for_compaction(data, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        names = [os.path.basename(path) for path in glob.glob(data + "/chunks/packs/*/*")]
        if names and all("-" in name for name in names):
            return
        time.sleep(0.1)
    raise AssertionError("not compacted after %s s: %s" % (seconds, names))


def run(binary, folder, checks):
    data = os.path.join(folder, "data")
    server = SkaldProcess(binary, folder)
    try:
        sent = push_all(server.start(), make_streams(1))
        server.kill()
        checks.check("the write-ahead log", lambda: check_wal(data, sent))
        server.start()
        server.flush()
        server.stop()
        packs = read_packs(data)
        checks.check("fresh packs", lambda: check_packs(packs, sent))
        assert any(c["parted"] for chunks in packs.values() for c in chunks), "no filter in parts"
        checks.check("the index of fresh packs", lambda: check_index(data, packs))
        server = SkaldProcess(binary, folder, COMPACTING).start()
        wait_for_compaction(data)
        server.stop()
        packs = read_packs(data)
        chunks = [chunk for chunks in packs.values() for chunk in chunks]
        checks.check("compacted packs", lambda: check_packs(packs, sent))
        checks.check("the index of compacted packs", lambda: check_index(data, packs))
        assert any(c["split"] for c in chunks) and any(c["filtered"] for c in chunks), "no split lines, or no filter"
        assert all(c["pack_filtered"] for c in chunks), "a compacted pack without a filter"
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()


def main():
    p = argparse.ArgumentParser(usage=__doc__)
    p.add_argument("--server", required=True)
    a = p.parse_args()
    folder = tempfile.mkdtemp(prefix="skald-formats-")
    checks = Checks()
    try:
        checks.check("the filter that FORMAT.md shows", check_filter_example)
        run(a.server, folder, checks)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (checks.passed, checks.failed))
    sys.exit(1 if checks.failed or not checks.passed else 0)


if __name__ == "__main__":
    main()
